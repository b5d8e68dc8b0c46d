/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SIP driver with a real core, a fake media plane and real sockets on the loopback, in one
 * thread: phones are plain sockets that say prepared text, and everything is awaited with a
 * limit.
 *
 *	alice 1001 "secret"	bob 1002 "hidden", SHA-256	carol 1003, at 127.0.0.3, no password
 */
#ifndef TD_TESTS_SIP_HOUSE_H
#define TD_TESTS_SIP_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/fakes/fake_media.h"
#include "userspace/sip/sip.h"
#include "userspace/store/store.h"

#define HOUSE_TEXT  16384
#define HOUSE_REALM "tandem.test"

struct house {
	struct td_loop *loop;
	struct td_core *core;
	struct td_store *store;
	struct td_sip *sip;
	struct fake_media media;
	struct td_config config;
	struct cfg_dn dns[3];
	struct cfg_line lines[3];
	struct cfg_phone phones[3];
	char dir[64], why[256];
	char guard[512];		/* what the driver told: "+HOST", "-HOST", "!HOST/FAILURES" */
	long live_before;
	td_sip_versions_fn versions;	/* NULL: phones have no files */
};

/** A phone's end of the wire. */
struct wire {
	struct house *h;
	int fd;
	bool tcp;
	uint16_t port;
	char ip[16];
	char in[HOUSE_TEXT];		/* what came and was not read yet (TCP) */
	size_t n_in;
	char message[HOUSE_TEXT];	/* the last one, cut from it */
};

void house_start(struct house *h);
void house_stop(struct house *h);
/** Stop the driver and start it anew, with the same folder. */
void house_restart(struct house *h);
/** Let the loop run until fn says so; fails the test after some seconds. */
void house_wait(struct house *h, bool (*fn)(void *arg), void *arg);
/** "show registrations" and "show stats" as text; valid until the next call. */
const char *house_registrations(struct house *h);
const char *house_stats(struct house *h);

void wire_open(struct wire *w, struct house *h, const char *ip, bool tcp);
void wire_close(struct wire *w);
void wire_send(struct wire *w, const char *text);
void wire_send_n(struct wire *w, const char *text, size_t n);
/** The next message that comes; NULL never: the test fails. */
const char *wire_next(struct wire *w);
/** Nothing but the answer to a question of ours comes: what was sent before has none (yet). */
void wire_expect_silence(struct wire *w);
/** The other end has closed the connection. */
void wire_expect_closed(struct wire *w);

/**
 * wire_say - a request, its answer awaited (not of ACK).
 * @more: further header lines, each with \r\n; Contact and credentials among them
 * Returns its status. To, From and Call-ID are made of user; CSeq counts.
 */
int wire_say(struct wire *w, const char *method, const char *user, const char *more);
/** The text of such a request, without sending it. */
const char *wire_text(struct wire *w, const char *method, const char *user, const char *more,
		      const char *body);
int wire_status(const struct wire *w);
/** Value of a header of the last message; NULL without it. */
const char *wire_header(struct wire *w, const char *name);

/** Answer the request in the last message: "200 OK", with further header lines and a body. */
void wire_reply(struct wire *w, const char *status, const char *more, const char *body);
/** The same without any. */
void wire_answer(struct wire *w, const char *status);
/** Carol's request in the dialog that the 200 in the last message has made. */
void wire_inside(struct wire *w, const char *method, const char *more, const char *body);

/** text contains part. */
void wire_expect(const char *text, const char *part);
/** text with the first old replaced, which must be there; valid until the next call. */
const char *wire_changed(const char *text, const char *old, const char *now);

/** The credentials for the challenge in the last message, as a header line. */
const char *wire_digest(struct wire *w, const char *method, const char *username,
			const char *password, unsigned int nc);
/** REGISTER, challenged and answered. Returns the last status. */
int wire_register(struct wire *w, const char *user, const char *password, const char *more);

#endif
