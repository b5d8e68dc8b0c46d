/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registrations that change to another router, as calls do (core/call_move.c): it has copies of
 * them and goes on with them when their address has moved to it, so that a phone can be called
 * there at once and need not know. Only of UDP: a connection does not move, and a phone that loses
 * it registers again by itself.
 *
 * What is to be told hangs in a list, not in messages: whoever is slow gets the newest state. Of
 * what has gone a few ids are remembered; when these are too many, everything is told anew.
 */
#include <errno.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/str.h"
#include "userspace/sip/reg_store.h"
#include "userspace/sip/sip_clock.h"
#include "userspace/sip/sip_registrations.h"

#define RECORD_FORMAT 1

void td_sip_reg_tell_other(struct td_sip *sip, enum reg_change what, struct sip_binding *b)
{
	struct sip_registrations *reg = sip->reg;

	if (what == REG_ADDED)
		td_list_init(&b->unsent);
	if (!reg->changed || b->transport != SIP_UDP)
		return;
	td_list_del(&b->unsent);
	if (what == REG_ADDED || what == REG_REFRESHED)
		td_list_append(&reg->unsent, &b->unsent);
	else if (reg->n_gone < REG_GONE)
		reg->gone[reg->n_gone++] = b->id;
	else
		reg->lost_count = true;
	reg->changed(reg->changed_arg);
}

/* ---- told ---- */

/* Clocks of two routers differ: how long it is valid from now on. */
static void put_binding(const struct td_sip *sip, const struct sip_binding *b, struct td_buf *out)
{
	const struct sip_phone *phone = b->owner;

	td_buf_put_u8(out, RECORD_FORMAT);
	td_buf_put_text(out, phone->id);
	td_buf_put_text(out, b->aor);
	td_buf_put_text(out, b->uri);
	td_buf_put_text(out, b->instance);
	td_buf_put_text(out, b->call_id);
	td_buf_put_be64(out, b->call_hash);
	td_buf_put_be32(out, b->cseq);
	td_keep_put_addr(out, &b->peer);
	td_keep_put_addr(out, &b->local);
	td_buf_put_be32(out, td_registrar_left_s(b, td_loop_now_ms(sip->loop)));
	td_buf_put_be64(out, b->registered_ms);
}

bool td_sip_move_next(struct td_sip *sip, uint64_t *id, struct td_buf *record)
{
	struct sip_registrations *reg = sip->reg;
	struct sip_binding *b;

	if (!reg)			/* stopping */
		return false;
	if (reg->n_gone) {
		*id = reg->gone[--reg->n_gone];
		return true;
	}
	b = td_list_first(&reg->unsent, struct sip_binding, unsent);
	if (!b)
		return false;
	td_list_del(&b->unsent);
	*id = b->id;
	put_binding(sip, b, record);
	return true;
}

void td_sip_move_all(struct td_sip *sip)
{
	struct sip_registrations *reg = sip->reg;

	reg->n_gone = 0;
	reg->lost_count = false;
	td_list_init(&reg->unsent);
	for (size_t i = 1; i <= reg->registrar.n_heap; i++) {
		struct sip_binding *b = reg->registrar.heap[i];

		td_list_init(&b->unsent);
		if (b->transport == SIP_UDP)
			td_list_append(&reg->unsent, &b->unsent);
	}
}

bool td_sip_move_lost_count(const struct td_sip *sip)
{
	return sip->reg && sip->reg->lost_count;
}

void td_sip_move_watch(struct td_sip *sip, void (*fn)(void *arg), void *arg)
{
	sip->reg->changed = fn;
	sip->reg->changed_arg = arg;
}

/* ---- taken ---- */

int td_sip_move_read(struct td_buf *in, char phone[CFG_ID_LEN], struct sip_binding *b,
		     uint32_t *left_s)
{
	memset(b, 0, sizeof(*b));
	if (td_buf_get_u8(in) != RECORD_FORMAT)
		return -EPROTO;
	td_buf_get_text(in, phone, CFG_ID_LEN);
	td_buf_get_text(in, b->aor, sizeof(b->aor));
	td_buf_get_text(in, b->uri, sizeof(b->uri));
	td_buf_get_text(in, b->instance, sizeof(b->instance));
	td_buf_get_text(in, b->call_id, sizeof(b->call_id));
	b->call_hash = td_buf_get_be64(in);
	b->cseq = td_buf_get_be32(in);
	td_keep_get_addr(in, &b->peer);
	td_keep_get_addr(in, &b->local);
	*left_s = td_buf_get_be32(in);
	b->registered_ms = td_buf_get_be64(in);
	b->transport = SIP_UDP;
	return td_buf_err(in) || !td_sip_reg_is_clean(b->uri) ? -EBADMSG : 0;
}

/* The one that it is a newer, or an older, state of. */
static struct sip_binding *same_contact(struct sip_phone *phone, const struct sip_binding *like)
{
	struct sip_binding *b;

	td_list_for_each(b, &phone->bindings, struct sip_binding, node)
		if (!strcmp(b->aor, like->aor) && !strcmp(b->uri, like->uri))
			return b;
	return NULL;
}

int td_sip_move_adopt(struct td_sip *sip, struct td_buf *record, uint32_t age_s)
{
	struct registrar *r = &sip->reg->registrar;
	struct reg_changes c = { .sip = sip };
	struct sip_binding got, *b;
	char id[CFG_ID_LEN];
	struct sip_phone *phone;
	uint32_t left_s;

	if (td_sip_move_read(record, id, &got, &left_s))
		return -EBADMSG;
	if (!td_sip_tport(sip, &got.local, got.transport))
		return -EADDRNOTAVAIL;
	phone = td_sip_phone_by_id(sip, id);
	if (!phone || !td_sip_phone_owns(phone, got.aor) || left_s <= age_s)
		return -ENOENT;
	left_s -= age_s;
	if (left_s > sip->config->sip.register_expires_max)
		left_s = sip->config->sip.register_expires_max;
	got.expires_ms = td_loop_now_ms(sip->loop) + left_s * 1000ull;
	b = same_contact(phone, &got);
	if (b && b->expires_ms >= got.expires_ms)
		return 0;
	if (b)
		td_registrar_remove(r, b, td_sip_reg_note, &c);
	got.id = r->last_id + 1;
	b = td_registrar_restore(r, &phone->bindings, phone, &got);
	if (!b)
		return -ENOMEM;
	td_sip_reg_note(&c, REG_ADDED, b);
	td_sip_reg_arm(sip);
	td_sip_phone_show_state(phone);
	return 0;
}

size_t td_sip_move_leave(struct td_sip *sip)
{
	struct registrar *r = &sip->reg->registrar;
	struct reg_changes c = { .sip = sip };
	struct sip_phone *phone;
	struct td_map_node *n, *n_next;
	struct sip_binding *b, *next;
	size_t left = 0, before;

	td_map_for_each_safe(n, n_next, &sip->phones_by_id) {
		phone = td_container_of(n, struct sip_phone, by_id);
		before = left;
		td_list_for_each_safe(b, next, &phone->bindings, struct sip_binding, node) {
			if (b->transport != SIP_UDP || td_sip_tport(sip, &b->local, b->transport))
				continue;
			td_registrar_remove(r, b, td_sip_reg_note, &c);
			left++;
		}
		if (left > before)
			td_sip_phone_show_state(phone);
	}
	td_sip_reg_arm(sip);
	return left;
}
