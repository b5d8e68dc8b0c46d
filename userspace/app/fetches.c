// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests for files, from the servers' threads to the loop: who guesses names by HTTP is banned.
 * By TFTP nobody is: the source of a datagram is whatever its sender wrote.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <stdio.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/ring.h"
#include "userspace/prov/fetch.h"

#define RING 1024			/* requests of each server that may wait */

struct td_fetches {
	struct td_ring tftp, http;
	void (*debug)(void *arg, const char *line);
	void *debug_arg;
};

static void push(struct td_ring *ring, const struct td_fetch *fetch)
{
	if (!td_ring_push(ring, fetch))
		td_log_limited(TD_LOG_APP, TD_WARN, "requests for files come faster than they are "
			       "told: diagnose does not know them all");
}

void td_fetches_tftp(void *arg, const struct td_fetch *fetch)
{
	push(&((struct tandem *)arg)->fetches->tftp, fetch);
}

void td_fetches_http(void *arg, const struct td_fetch *fetch)
{
	push(&((struct tandem *)arg)->fetches->http, fetch);
}

/* "debug hfs" */
static void trace(const struct td_fetches *fs, const struct td_fetch *f)
{
	static const char *const ends[] = {
		[TD_FETCH_SENT] = "sent", [TD_FETCH_BROKEN] = "broken off",
		[TD_FETCH_MISSING] = "not found", [TD_FETCH_FOREIGN] = "another phone's",
		[TD_FETCH_GUESSES] = "too many guesses",
	};
	char line[TD_NAME_MAX + CFG_ID_LEN + 160], host[TD_ADDR_STRLEN];

	if (!fs->debug)
		return;
	snprintf(line, sizeof(line), "%s host=%s file=%s%s%s %s bytes=%llu", f->http ? "http" : "tftp",
		 td_addr_ip(&f->host, host), f->name, f->phone[0] ? " phone=" : "", f->phone,
		 ends[f->end], (unsigned long long)f->bytes);
	fs->debug(fs->debug_arg, line);
}

void td_fetches_debug(struct tandem *t, void (*fn)(void *arg, const char *line), void *arg)
{
	if (!t->fetches)
		return;
	t->fetches->debug = fn;
	t->fetches->debug_arg = arg;
}

static void hear(struct tandem *t, const struct td_fetch *f)
{
	char reason[TD_NAME_MAX + 64];

	trace(t->fetches, f);
	td_sightings_fetch(t, f);
	if (f->end != TD_FETCH_GUESSES || !f->http)
		return;
	snprintf(reason, sizeof(reason), "it asks for many files that are not its own, as %s",
		 f->name);
	td_firewall_ban(t, &f->host, reason);
}

static void drain(struct tandem *t, struct td_ring *ring)
{
	struct td_fetch f;

	td_ring_clear_wake(ring);
	while (td_ring_pop(ring, &f))
		hear(t, &f);
}

static void on_tftp(void *arg, int fd, unsigned int events)
{
	struct tandem *t = arg;

	(void)fd;
	(void)events;
	drain(t, &t->fetches->tftp);
}

static void on_http(void *arg, int fd, unsigned int events)
{
	struct tandem *t = arg;

	(void)fd;
	(void)events;
	drain(t, &t->fetches->http);
}

int td_fetches_start(struct tandem *t)
{
	struct td_fetches *f = td_zalloc(sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	err = td_ring_init(&f->tftp, RING, sizeof(struct td_fetch));
	if (err)
		goto no_tftp;
	err = td_ring_init(&f->http, RING, sizeof(struct td_fetch));
	if (err)
		goto no_http;
	t->fetches = f;
	err = td_loop_watch(t->loop, f->tftp.event_fd, TD_READ, on_tftp, t);
	if (!err)
		err = td_loop_watch(t->loop, f->http.event_fd, TD_READ, on_http, t);
	if (err)
		td_fetches_stop(t);
	return err;
no_http:
	td_ring_fini(&f->tftp);
no_tftp:
	td_free(f);
	return err;
}

void td_fetches_stop(struct tandem *t)
{
	struct td_fetches *f = t->fetches;

	if (!f)
		return;
	td_loop_unwatch(t->loop, f->tftp.event_fd);
	td_loop_unwatch(t->loop, f->http.event_fd);
	td_ring_fini(&f->tftp);
	td_ring_fini(&f->http);
	td_free(f);
	t->fetches = NULL;
}
