/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: phones' files by HTTP (CME's HFS: the newer SIP phones ask port 6970 first, and TFTP
 * when nobody answers there). The same table of names as TFTP; a thread of its own.
 */
#ifndef TD_PROV_HTTP_H
#define TD_PROV_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "config/model.h"
#include "userspace/base/addr.h"
#include "userspace/phones/identity.h"
#include "userspace/prov/fetch.h"
#include "userspace/prov/trust.h"

struct td_http;

struct td_http_args {
	uint16_t port;
	uint32_t dscp;			/* of what we send */
	const struct cfg_prefix *allow;	/* who may connect; copied. n_allow 0: anybody */
	size_t n_allow;
	/* As those of td_tftp_args; on the server's thread. */
	enum td_identity_is (*holds)(void *arg, const struct td_addr *host,
				     const struct td_name *file);
	void *arg;
	const struct td_trust *trust;	/* signs files; NULL: nobody does */
	td_fetch_fn fetched;
	void *fetched_arg;
};

struct td_http_stats {
	uint64_t requests, served, bytes, not_found, not_holder, refused, limited;
	uint32_t running;		/* requests whose answers are not out yet */
};

/** 0; -EADDRINUSE and other negative errno. */
int td_http_start(struct td_http **out, const struct td_http_args *args);
void td_http_post(struct td_http *h, const struct td_names *names);
void td_http_stats(const struct td_http *h, struct td_http_stats *out);
/** Connections end. NULL is fine. */
void td_http_stop(struct td_http *h);

#endif
