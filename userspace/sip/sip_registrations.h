/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/sip: the bindings of all phones, and what follows from a change of them.
 *
 *   sip_register.c       the request and its answer
 *   sip_registrations.c  store, packet filter, ends; start and stop
 *   sip_move.c           the other router's copies
 */
#ifndef TD_SIP_REGISTRATIONS_H
#define TD_SIP_REGISTRATIONS_H

#include "userspace/sip/registrar.h"
#include "userspace/sip/sip_priv.h"

#define REG_GONE 64

struct sip_registrations {
	struct registrar registrar;
	struct td_store *store;
	int table;
	struct td_timer expiry;
	struct td_list held;		/* answers that wait for the store (sip_register.c) */
	uint64_t last_ticket;
	/* sip_move.c: what the other router has not been told yet */
	struct td_list unsent;		/* struct sip_binding.unsent */
	uint64_t gone[REG_GONE];
	size_t n_gone;
	bool lost_count;		/* more has gone than that */
	void (*changed)(void *arg);	/* NULL: nobody wants to know */
	void *changed_arg;
};

/** What became of the bindings in one go; filled by td_sip_reg_note(). */
struct reg_changes {
	struct td_sip *sip;
	tport_t *tport;			/* over which the request came; NULL: no request */
	int64_t ticket;			/* of the last thing written, 0 = none */
	bool first_or_last;		/* the phone came, or went */
	bool added;			/* a binding that was not there */
};

/** reg_change_fn; arg is a struct reg_changes. */
void td_sip_reg_note(void *arg, enum reg_change what, struct sip_binding *b);
/** The timer of the next end. */
void td_sip_reg_arm(struct td_sip *sip);

/* ---- sip_register.c ---- */

/** What was written with that ticket, or before, is on disk: its answers go out. */
void td_sip_register_stored(struct td_sip *sip, uint64_t ticket);
/** May it stand in a Request-URI and between < and >? */
bool td_sip_reg_is_clean(const char *uri);
/** The phone is removed. */
void td_sip_register_forget(struct sip_phone *phone);

/* ---- sip_move.c ---- */

void td_sip_reg_tell_other(struct td_sip *sip, enum reg_change what, struct sip_binding *b);
/** A record of the other router's: whose it is, what stays of it by itself, seconds left. 0, -EPROTO
 * (another format) or -EBADMSG. */
int td_sip_move_read(struct td_buf *in, char phone[CFG_ID_LEN], struct sip_binding *b,
		     uint32_t *left_s);

#endif
