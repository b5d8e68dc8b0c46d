/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the files of trunks, and nowhere else:
 *
 *   sip_trunk.c		 who they are: where calls go to and come from
 *   sip_trunk_where.c	 its hosts, when it has a name, and which is used
 *   sip_trunk_register.c	 we register with a carrier
 *   sip_trunk_again.c		 when it is asked again, whatever for
 *   sip_trunk_alive.c		 is it there, and does it call too often
 *   sip_trunk_identity.c	 who calls: what is told, hidden and believed
 *   sip_trunk_digest.c		 answers to challenges (pure)
 */
#ifndef TD_SIP_TRUNK_H
#define TD_SIP_TRUNK_H

#include "userspace/base/loop.h"
#include "userspace/sip/sip_dns.h"
#include "userspace/sip/sip_priv.h"
#include "userspace/sip/sip_trunk_digest.h"

struct sip_trunk {
	struct td_map_node by_id;
	struct td_list node;		/* in td_sip.trunks, as configured */
	struct td_sip *sip;
	struct td_endpoint *ep;
	char id[CFG_ID_LEN];
	char host[CFG_TEXT_LEN];
	struct td_addr addr;		/* of the host that is used; unset: none is known */
	enum sip_transport transport;
	char tls_name[CFG_TEXT_LEN];	/* that its certificate must have */
	struct cfg_prefix *source;
	size_t n_source;
	char username[CFG_TEXT_LEN], password[CFG_SECRET_LEN], realm[CFG_TEXT_LEN];
	/* sip_trunk_where.c */
	bool named, wants_any;		/* host is a name; the DNS tells its transport, too */
	uint32_t port;			/* as configured; 0: the DNS tells */
	struct td_addr target[SIP_DNS_TARGETS];
	size_t n_targets, at;
	uint64_t turned_ms;		/* when the one before failed */
	struct td_dns_lookup *lookup;
	struct td_timer dns_timer;
	struct td_deferred moved;
	uint32_t n_registrations, n_registered, n_rejected;	/* sip_trunk_register.c counts */
	bool identity, privacy;		/* sip_trunk_identity.c */
	bool mwi;			/* sip_mwi.c */
	uint32_t answer_ms;		/* for a first sign that it has an INVITE */

	/* sip_trunk_alive.c */
	uint32_t keepalive_s, keepalive_down_s, keepalive_retry;	/* 0 = never asked */
	bool down;
	uint32_t n_lost;		/* in a row */
	uint32_t n_turned;		/* hosts that did not answer, in a row */
	nta_leg_t *probe_leg;
	nta_outgoing_t *probe;
	struct td_timer probe_timer;
	uint32_t max_cps;		/* 0 = no limit */
	uint64_t credit, credit_ms;	/* thousandths of a call, and when that was true */
};

struct sip_trunk *td_sip_trunk_find(const struct td_sip *sip, const char *id);
/** Something that its state depends on has changed: tell the core. */
void td_sip_trunk_show_state(struct sip_trunk *t);
/**
 * td_sip_trunk_answer - credentials for the challenges in s (401 or 407), for the request again.
 * 0, or negative: there is nothing to answer with; why not is logged.
 */
int td_sip_trunk_answer(const struct td_account *account, const char *trunk, struct td_challenge *c,
			const sip_t *s, const char *method, const char *uri,
			char dst[SIP_CREDENTIALS_LEN]);

/* ---- sip_trunk_again.c ---- */

#define SIP_BACK_OFF_MAX_MS 1800000ull
/** What has failed so many times in a row (1 ..) is tried again in that many ms, not before a
 * Retry-After (0: none was told) has passed. */
uint64_t td_sip_back_off_ms(uint32_t failures, uint32_t retry_after_s);
/** What was granted for so long is renewed in that many ms. */
uint64_t td_sip_renew_ms(uint32_t granted_s);

/* ---- sip_trunk_where.c ---- */

/** Find out where it is, from now on. */
void td_sip_trunk_where_set(struct sip_trunk *t, const struct cfg_trunk *cfg);
void td_sip_trunk_where_stop(struct sip_trunk *t);
/** A host of it has failed: the next one is used. False: there is no other. */
bool td_sip_trunk_turn(struct sip_trunk *t, const struct td_addr *failed);
/** Is this one of its hosts? */
bool td_sip_trunk_is_at(const struct sip_trunk *t, const struct td_addr *host);

/* ---- sip_trunk_alive.c ---- */

/** Ask from now on as cfg has it; what is known of the trunk stays until the first answer. */
void td_sip_trunk_alive_set(struct sip_trunk *t, const struct cfg_trunk *cfg);
void td_sip_trunk_alive_stop(struct sip_trunk *t);
/** One more call, in or out: is that within max_cps? */
bool td_sip_trunk_take(struct sip_trunk *t);

#endif
