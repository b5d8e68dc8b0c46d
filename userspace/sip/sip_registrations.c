/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is registered: what registrar.c has decided goes to the store, to the packet filter and to
 * the other router (sip_move.c), and comes back from the store at the start.
 *
 * A binding that came over TCP holds a reference to its connection, which also keeps
 * sofia from closing it as idle; the reference goes with the binding.
 */
#include "userspace/sip/sip_registrations.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/reg_store.h"
#include "userspace/sip/sip_cisco.h"
#include "userspace/sip/sip_clock.h"

/* ---- changes ---- */

static uint64_t wall_end_ms(const struct td_sip *sip, const struct sip_binding *b)
{
	return td_sip_clock_wall_ms() + (b->expires_ms - td_loop_now_ms(sip->loop));
}

static void hold_connection(struct sip_binding *b, tport_t *tport)
{
	tport_t *old = b->conn;

	b->conn = b->transport && tport ? tport_ref(tport) : NULL;
	if (old)
		tport_unref(old);
}

/* The packet filter lets a registered host through. One that moved is told of as both. */
static void tell_guard(const struct td_sip *sip, struct sip_binding *b, bool known)
{
	struct td_addr old = b->told;

	if (!sip->guard || (known && td_addr_same_ip(&old, &b->peer)))
		return;
	memset(&b->told, 0, sizeof(b->told));
	if (known) {
		b->told = b->peer;
		sip->guard->known(sip->guard_arg, &b->told, true);
	}
	if (td_addr_is_set(&old))
		sip->guard->known(sip->guard_arg, &old, false);
}

static void log_change(enum reg_change what, const struct sip_binding *b)
{
	static const char *const words[] = { "registered", "refreshed", "deregistered", "expired" };
	const struct sip_phone *phone = b->owner;
	char peer[TD_ADDR_STRLEN];

	if (what == REG_REFRESHED && !td_log_enabled(TD_LOG_SIP, TD_DBG))
		return;
	td_log(TD_LOG_SIP, what == REG_REFRESHED ? TD_DBG : TD_INFO,
	       "phone=%s %s line=%s peer=%s transport=%s", phone->id, words[what], b->aor,
	       td_addr_str(&b->peer, peer), td_sip_transport_name(b->transport));
}

static int64_t forget_row(struct sip_registrations *reg, uint64_t id)
{
	return td_store_delete(reg->store, reg->table,
			       &(struct td_store_value){ .num = (int64_t)id });
}

void td_sip_reg_note(void *arg, enum reg_change what, struct sip_binding *b)
{
	struct reg_changes *c = arg;
	struct sip_registrations *reg = c->sip->reg;
	struct sip_phone *phone = b->owner;
	int64_t ticket;

	td_sip_reg_tell_other(c->sip, what, b);
	if (what == REG_ADDED || what == REG_REFRESHED) {
		hold_connection(b, c->tport);
		tell_guard(c->sip, b, true);
		ticket = td_reg_row_put(reg->store, reg->table, phone->id, b,
					wall_end_ms(c->sip, b));
	} else {
		hold_connection(b, NULL);
		tell_guard(c->sip, b, false);
		ticket = forget_row(reg, b->id);
	}
	log_change(what, b);
	c->first_or_last |= what != REG_REFRESHED;
	c->added |= what == REG_ADDED;
	if (ticket < 0)
		td_log_limited(TD_LOG_SIP, TD_ERR, "phone=%s registration is not kept on disk: %s",
			       phone->id, strerror((int)-ticket));
	else
		c->ticket = ticket;
}

static void on_expiry(void *arg);

void td_sip_reg_arm(struct td_sip *sip)
{
	struct registrar *r = &sip->reg->registrar;
	uint64_t now = td_loop_now_ms(sip->loop);

	if (!r->n_heap)
		td_loop_timer_stop(sip->loop, &sip->reg->expiry);
	else
		td_loop_timer_start(sip->loop, &sip->reg->expiry,
				    r->heap[1]->expires_ms > now ? r->heap[1]->expires_ms - now : 0,
				    on_expiry, sip);
}

static void on_expired(void *arg, enum reg_change what, struct sip_binding *b)
{
	td_sip_reg_note(arg, what, b);
	td_cisco_settle(b->owner);
	td_sip_phone_show_state(b->owner);
}

static void on_expiry(void *arg)
{
	struct td_sip *sip = arg;
	struct reg_changes c = { .sip = sip };

	td_registrar_expire(&sip->reg->registrar, td_loop_now_ms(sip->loop), on_expired, &c);
	td_sip_reg_arm(sip);
}

void td_sip_register_prune(struct sip_phone *phone, bool all)
{
	struct td_sip *sip = phone->sip;
	struct reg_changes c = { .sip = sip };
	struct sip_binding *b, *next;

	if (!sip->reg)
		return;
	td_list_for_each_safe(b, next, &phone->bindings, struct sip_binding, node)
		if (all || !td_sip_phone_owns(phone, b->aor))
			td_registrar_remove(&sip->reg->registrar, b, td_sip_reg_note, &c);
	td_cisco_settle(phone);
	td_sip_reg_arm(sip);
	if (all)
		td_sip_register_forget(phone);
}

struct sip_phone *td_sip_registered_at(const struct td_sip *sip, const struct td_addr *source)
{
	const struct sip_binding *b = td_registrar_by_peer(&sip->reg->registrar, source);

	return b ? b->owner : NULL;
}

/* ---- start and stop ---- */

static void on_row(void *arg, const struct td_store_value *values)
{
	struct td_sip *sip = arg;
	uint64_t wall = td_sip_clock_wall_ms(), left_ms;
	struct sip_binding *restored;
	struct sip_phone *phone;
	struct reg_row row;

	if (!td_reg_row_read(&row, values))
		return;
	if (row.expires_wall_ms <= wall) {	/* its phone is gone: nobody else deletes it */
		forget_row(sip->reg, row.b.id);
		return;
	}
	phone = td_sip_phone_by_id(sip, row.phone);
	if (!phone || !td_sip_phone_owns(phone, row.b.aor))
		return;
	/* A host without a clock of its own starts in the past: no end is further off than any
	 * that was granted. */
	left_ms = row.expires_wall_ms - wall;
	if (left_ms > sip->config->sip.register_expires_max * 1000ull)
		left_ms = sip->config->sip.register_expires_max * 1000ull;
	row.b.expires_ms = td_loop_now_ms(sip->loop) + left_ms;
	restored = td_registrar_restore(&sip->reg->registrar, &phone->bindings, phone, &row.b);
	if (!restored)
		return;
	td_list_init(&restored->unsent);
	tell_guard(sip, restored, true);
	td_sip_phone_show_state(phone);
}

static void on_stored(void *arg, uint64_t seq, int err)
{
	if (err)
		td_log_limited(TD_LOG_SIP, TD_ERR, "registrations are not kept over a restart: %s",
			       strerror(-err));
	td_sip_register_stored(arg, seq);
}

int td_sip_register_start(struct td_sip *sip, struct td_store *store, char *why, size_t why_len)
{
	struct sip_registrations *reg;
	int err;

	reg = sip->reg = td_zalloc(sizeof(*sip->reg));
	if (!reg)
		return -ENOMEM;
	td_registrar_init(&reg->registrar);
	td_list_init(&reg->held);
	td_list_init(&reg->unsent);
	reg->store = store;
	reg->table = td_store_keep(store, &td_reg_table, on_stored, sip);
	err = reg->table < 0 ? reg->table : td_store_read(store, reg->table, on_row, sip);
	if (err) {
		snprintf(why, why_len, "registrations cannot be read: %s", strerror(-err));
		return err;
	}
	td_sip_reg_arm(sip);
	td_log_info(TD_LOG_SIP, "registrations taken over n=%zu", reg->registrar.n_heap);
	return 0;
}

static void forget(void *arg, enum reg_change what, struct sip_binding *b)
{
	(void)arg;
	(void)what;
	hold_connection(b, NULL);
}

void td_sip_register_stop(struct td_sip *sip)
{
	struct sip_registrations *reg = sip->reg;
	struct td_map_node *n, *next;

	if (!reg)
		return;
	td_store_flush(reg->store);
	td_store_leave(reg->store, reg->table);
	td_sip_register_stored(sip, UINT64_MAX);
	td_map_for_each_safe(n, next, &sip->phones_by_id)
		td_registrar_drop(&reg->registrar,
				  &td_container_of(n, struct sip_phone, by_id)->bindings, forget,
				  NULL);
	td_loop_timer_stop(sip->loop, &reg->expiry);
	td_registrar_fini(&reg->registrar);
	td_free(reg);
	sip->reg = NULL;
}

/* ---- show ---- */

static void show_binding(const struct td_sip *sip, struct td_json *j, const struct sip_binding *b)
{
	const struct sip_phone *phone = b->owner;
	char peer[TD_ADDR_STRLEN];

	td_json_object(j, NULL);
	td_json_str(j, "line", b->aor);
	td_json_str(j, "phone", phone->id);
	td_json_str(j, "contact", b->uri);
	td_json_str(j, "transport", td_sip_transport_name(b->transport));
	td_json_str(j, "peer", td_addr_str(&b->peer, peer));
	td_json_u64(j, "expires_s", td_registrar_left_s(b, td_loop_now_ms(sip->loop)));
	td_json_str(j, "call_id", b->call_id);
	td_json_u64(j, "registered_ms", b->registered_ms);
	td_json_end_object(j);
}

void td_sip_show_registrations(struct td_sip *sip, struct td_json *j, const char *key)
{
	const struct sip_binding *b;

	td_json_array(j, key);
	for (size_t i = 0; i < sip->config->n_phones; i++) {
		struct sip_phone *phone = td_sip_phone_by_id(sip, sip->config->phones[i].id);

		if (phone)
			td_list_for_each(b, &phone->bindings, const struct sip_binding, node)
				show_binding(sip, j, b);
	}
	td_json_end_array(j);
}
