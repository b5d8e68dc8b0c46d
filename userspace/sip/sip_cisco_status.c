/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The status update: what a phone that has just registered must know and cannot. One REFER with
 * everything in it where that was negotiated (as many as it takes, if the phone takes fewer
 * parts in one); else a message for each thing: REFERs for the device when line 1 is there, a
 * NOTIFY for the lamp of each line.
 *
 * Without combining, the check of versions is left out for a phone that says it has just
 * started: it has read its files a moment ago. Combined it costs nothing.
 */
#include "userspace/sip/sip_cisco.h"

#include <stdio.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/str.h"

#define BODY_LEN 12288			/* 64 lamps are 4 KB */

static void read_status(const struct sip_phone *phone, struct cisco_status *st)
{
	struct td_number_state n;

	*st = (struct cisco_status){ .forward = "", .privacy = td_endpoint_is_private(phone->ep) };
	for (uint32_t i = 1; i <= phone->n_numbers && i <= CISCO_MAX_LINES; i++) {
		if (td_core_number_state(phone->sip->core, td_sip_phone_number(phone, i), &n))
			continue;
		if (n.messages)
			st->lamps |= 1ull << (i - 1);
		if (i == 1)
			st->forward = n.forward_all;
	}
}

void td_cisco_versions(const struct sip_phone *phone, struct td_sip_versions *v)
{
	const struct td_sip *sip = phone->sip;

	memset(v, 0, sizeof(*v));
	if (sip->versions && phone->has_mac)
		sip->versions(sip->versions_arg, phone->mac, v);
}

static void on_status_answer(void *arg, struct sip_phone *phone, int status)
{
	struct sip_cisco *c = phone->cisco;

	(void)arg;
	if (!c || !c->n_status)
		return;
	c->n_status--;
	c->status_failed |= status >= 300;
	if (c->n_status || c->status_failed || c->method != CISCO_BULK_PROGRESS)
		return;
	c->method = CISCO_BULK_DONE;
	td_sip_phone_show_state(phone);
}

static void send_one(struct sip_phone *phone, struct cisco_order *o, const struct td_buf *body)
{
	int err;

	o->body = (const char *)body->p;
	o->len = body->pos;
	o->done = on_status_answer;
	err = body->err ? body->err : td_cisco_send(phone, o);
	if (!err) {
		phone->cisco->n_status++;
		return;
	}
	phone->cisco->status_failed = true;
	td_log_limited(TD_LOG_SIP, TD_WARN, "phone=%s status update: %s", phone->id,
		       strerror(-err));
}

/* As few REFERs as combine_max allows. */
static void combined(struct sip_phone *phone, uint32_t parts, const struct cisco_status *st,
		     const struct td_sip_versions *v)
{
	const struct sip_cisco *c = phone->cisco;
	struct cisco_order o = { .refer = true, .type = CISCO_MULTIPART };
	uint8_t room[BODY_LEN];

	while (parts) {
		uint32_t now = 0, n = 0;
		struct td_buf body;

		for (uint32_t i = 0; i < CISCO_PARTS && n < c->granted.combine_max; i++) {
			n += parts >> i & 1;
			now |= parts & 1u << i;
		}
		parts &= ~now;
		td_buf_init(&body, room, sizeof(room));
		td_cisco_write_parts(&body, now, st, c->call_id, v);
		send_one(phone, &o, &body);
	}
}

static void single(struct sip_phone *phone, uint32_t part, const struct cisco_status *st)
{
	struct cisco_order o = { .refer = true, .type = CISCO_REQUEST_TYPE };
	uint8_t room[BODY_LEN];
	struct td_buf body;

	td_buf_init(&body, room, sizeof(room));
	td_cisco_write_part(&body, part, st);
	send_one(phone, &o, &body);
}

/* RFC 3842 */
static void lamp(struct sip_phone *phone, uint32_t line, bool on)
{
	struct cisco_order o = { .event = "message-summary", .line = line,
				 .type = "application/simple-message-summary" };
	uint8_t room[128];
	struct td_buf body;

	td_buf_init(&body, room, sizeof(room));
	td_buf_printf(&body, "Messages-Waiting: %s\r\n", on ? "yes" : "no");
	send_one(phone, &o, &body);
}

static void device(struct sip_phone *phone, const struct cisco_status *st)
{
	single(phone, CISCO_PART_FORWARD, st);
	single(phone, CISCO_PART_PRIVACY, st);
	single(phone, CISCO_PART_DND, st);
	if (!phone->cisco->has_restarted)
		td_cisco_control(phone, CISCO_ACT_CHECK);
}

void td_cisco_tell_status(struct sip_phone *phone, uint64_t lines)
{
	struct sip_cisco *c = phone->cisco;
	struct td_sip_versions v;
	struct cisco_status st;

	read_status(phone, &st);
	if (c->granted.set & CISCO_COMBINE_STATUS) {
		uint32_t parts = td_cisco_status_parts(&st);
		bool check = c->takes_control && c->granted.set & CISCO_COMBINE_CONTROL;

		td_cisco_versions(phone, &v);
		combined(phone, parts | (check && v.config[0] ? CISCO_PART_CONTROL : 0), &st, &v);
		if (!check)
			td_cisco_control(phone, CISCO_ACT_CHECK);
		return;
	}
	if (lines & 1)
		device(phone, &st);
	for (uint32_t i = 0; i < CISCO_MAX_LINES; i++)
		if (lines >> i & 1)
			lamp(phone, i + 1, st.lamps >> i & 1);
}
