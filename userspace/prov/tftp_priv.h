/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tftp_server.c hears requests and decides; tftp_wait.c keeps those that cannot be decided yet;
 * tftp_transfer.c sends one file. */
#ifndef TD_PROV_TFTP_PRIV_H
#define TD_PROV_TFTP_PRIV_H

#include <pthread.h>

#include "userspace/base/list.h"
#include "userspace/base/loop.h"
#include "userspace/prov/guesses.h"
#include "userspace/prov/signed.h"
#include "userspace/prov/tftp.h"
#include "userspace/prov/tftp_codec.h"

#define TFTP_HOSTS 1024			/* slots that hosts are counted in */

/* Two hosts may share a slot: then they share the limits, too. */
struct tftp_host {
	uint32_t running;		/* transfers */
	uint32_t waiting;		/* requests of tftp_wait.c */
};

struct tftp_packet {
	int fd;				/* that it came by */
	struct td_addr from;
	struct td_addr local;		/* our address that was asked */
	unsigned int tries;		/* how often it was heard */
	size_t len;
	uint8_t data[TFTP_REQUEST_MAX];
};

struct td_tftp {
	struct td_tftp_args args;
	struct td_loop *loop;
	pthread_t thread;
	int stop_fd;
	struct td_names_box box;
	const struct td_names *names;	/* the thread's; NULL: nothing yet */
	struct td_list transfers;
	struct td_list waiting;
	unsigned int n_waiting;
	struct td_guesses guesses;
	struct td_signed signed_files;
	uint8_t hash_key[16];
	struct tftp_host hosts[TFTP_HOSTS];
	struct {
		_Atomic uint64_t requests, served, bytes, not_found, refused, not_holder, limited,
			given_up;
		_Atomic uint32_t running;
	} n;
};

struct tftp_ask {
	struct td_addr from;
	struct td_addr local;		/* our address that was asked */
	struct tftp_request request;
	const struct td_name *file;
	bool is_signed;			/* with a header in front of it */
};

struct tftp_host *td_tftp_host(struct td_tftp *t, const struct td_addr *host);
/** Begin to send. 0, or a negative errno: nothing was begun. */
int td_tftp_send(struct td_tftp *t, const struct tftp_ask *ask);
/** End all transfers. */
void td_tftp_end_all(struct td_tftp *t);

/** Decide about a request (again). */
void td_tftp_hear(struct td_tftp *t, const struct tftp_packet *p);
/** Hear it again soon. False: it has waited long enough, or too many do. */
bool td_tftp_wait(struct td_tftp *t, const struct tftp_packet *p);
void td_tftp_forget_waiting(struct td_tftp *t);

#endif
