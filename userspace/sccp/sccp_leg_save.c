/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answered leg that outlives the process: which call of the phone it is, and what its
 * channels are. The connection is sccp_keep.c's. Where that was lost (the master died, too) the
 * phone talks on, but can be told nothing: its leg is an orphan until the phone, which comes
 * again only when its user has hung up, is there, or the other party goes.
 */
#include "userspace/sccp/sccp_priv.h"

#include <errno.h>

#define FORMAT 1

enum flag { FLAG_RX = 1 << 0, FLAG_TX = 1 << 1, FLAG_OUT = 1 << 2, FLAG_HELD = 1 << 3 };

/* Each value once, for both ways. */
static void u8(struct td_buf *b, bool out, uint8_t *v)
{
	if (out)
		td_buf_put_u8(b, *v);
	else
		*v = td_buf_get_u8(b);
}

static void u16(struct td_buf *b, bool out, uint16_t *v)
{
	if (out)
		td_buf_put_be16(b, *v);
	else
		*v = td_buf_get_be16(b);
}

static void u32(struct td_buf *b, bool out, uint32_t *v)
{
	if (out)
		td_buf_put_be32(b, *v);
	else
		*v = td_buf_get_be32(b);
}

static void addr(struct td_buf *b, bool out, struct td_addr *a)
{
	if (out)
		td_keep_put_addr(b, a);
	else
		td_keep_get_addr(b, a);
}

static void text(struct td_buf *b, bool out, char *s, size_t size)
{
	if (out) {
		size_t len = strlen(s);

		td_buf_put_u8(b, (uint8_t)len);
		td_buf_put_bytes(b, s, len);
	} else if (td_str_copy(s, size, td_buf_get_bytes(b, td_buf_get_u8(b))) >= size) {
		b->err = -EBADMSG;
	}
}

static void fields(struct td_buf *b, bool out, struct sccp_call *call)
{
	u8(b, out, &call->line);
	u8(b, out, &call->dir);
	u32(b, out, &call->rx_party);
	u32(b, out, &call->tx_party);
	u8(b, out, &call->payload);
	u8(b, out, &call->rx_payload);
	u8(b, out, &call->tx_payload);
	u16(b, out, &call->ms);
	text(b, out, call->codec.name, sizeof(call->codec.name));
	text(b, out, call->codec.fmtp, sizeof(call->codec.fmtp));
	u32(b, out, &call->codec.rate);
	u8(b, out, &call->codec.channels);
	u8(b, out, &call->codec.pt);
	addr(b, out, &call->rtp);
	addr(b, out, &call->remote);
	addr(b, out, &call->tx_remote);
	text(b, out, call->digits, sizeof(call->digits));
	text(b, out, call->peer.number, sizeof(call->peer.number));
	text(b, out, call->peer.name, sizeof(call->peer.name));
}

/* Between an order to the phone and its answer nothing is settled. */
static bool is_settled(const struct sccp_call *call)
{
	return (call->phase == SCCP_TALKING || call->phase == SCCP_HELD) &&
	       call->rx != SCCP_RX_OPENING && !call->owes_answer && !call->owes_offer &&
	       !call->offer_open;
}

void td_sccp_leg_save(struct td_leg *leg, struct td_buf *b)
{
	struct sccp_call *call = td_container_of(leg, struct sccp_leg, leg)->call;

	if (!call ? !leg->orphaned : !is_settled(call)) {
		b->err = -EAGAIN;
		return;
	}
	td_buf_put_u8(b, FORMAT);
	td_buf_put_be32(b, call ? call->ref : 0);
	if (!call)
		return;
	td_buf_put_u8(b, (uint8_t)((call->rx == SCCP_RX_OPEN ? FLAG_RX : 0) |
				   (call->tx ? FLAG_TX : 0) | (call->outbound ? FLAG_OUT : 0) |
				   (call->phase == SCCP_HELD ? FLAG_HELD : 0)));
	fields(b, true, call);
}

/* The phone shows a call of that reference: put it together again. */
static int restore_call(struct sccp_call *call, struct td_buf *b)
{
	uint8_t flags = td_buf_get_u8(b);

	fields(b, false, call);
	if (td_buf_err(b))
		return td_buf_err(b);
	call->rx = flags & FLAG_RX ? SCCP_RX_OPEN : SCCP_RX_CLOSED;
	call->tx = flags & FLAG_TX;
	call->outbound = flags & FLAG_OUT;
	call->phase = flags & FLAG_HELD ? SCCP_HELD : SCCP_TALKING;
	call->kept = false;
	if (call->phase == SCCP_TALKING)
		call->phone->active = call;
	return 0;
}

struct td_leg *td_sccp_leg_restore(void *driver, struct td_endpoint *ep, const struct td_addr *local,
				   struct td_buf *state)
{
	struct sccp_phone *phone = ep->driver_priv;
	struct sccp_leg *l = td_sccp_leg_new(phone, local);
	struct sccp_call *call;

	(void)driver;
	if (!l)
		return NULL;
	if (td_buf_get_u8(state) != FORMAT) {
		td_free(l);
		return NULL;
	}
	call = td_sccp_call_find(phone, td_buf_get_be32(state));
	if (phone->session && (!call || !call->kept || restore_call(call, state))) {
		td_free(l);		/* its phone does not show it */
		return NULL;
	}
	if (!phone->session) {
		l->leg.orphaned = true;
		td_list_append(&phone->orphans, &l->orphan_node);
		return &l->leg;
	}
	l->call = call;
	call->leg = l;
	return &l->leg;
}

void td_sccp_leg_end_orphans(struct sccp_phone *phone)
{
	struct sccp_leg *l;

	while ((l = td_list_first(&phone->orphans, struct sccp_leg, orphan_node))) {
		td_list_del(&l->orphan_node);
		td_leg_post_released(&l->leg, TD_CAUSE_NORMAL);
	}
}
