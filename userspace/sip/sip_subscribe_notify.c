/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NOTIFY: one at a time for each subscription. What changes meanwhile is told when that one is
 * answered, as it is then, so a slow watcher costs no queue.
 */
#include "userspace/sip/sip_cisco.h"
#include "userspace/sip/sip_subscribe.h"

#include <stdio.h>

#include <sofia-sip/su_tagarg.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_event_body.h"

#define BODY_LEN    8192
#define MAX_DIALOGS 16			/* more calls of one number are not told of */

/* Both enumerations are in the same order; the driver's own keeps the body pure. */
static enum event_state state_of(const struct sip_sub *sub)
{
	switch (td_line_state(sub->sip->core, sub->number)) {
	case TD_LINE_IDLE:    return EVENT_IDLE;
	case TD_LINE_RINGING: return EVENT_RINGING;
	case TD_LINE_HELD:    return EVENT_HELD;
	case TD_LINE_BUSY:    return EVENT_BUSY;
	case TD_LINE_OFFLINE: break;
	}
	return EVENT_OFFLINE;
}

/* With whom somebody talks is for those who have the number themselves, unless the phone that talks
 * has privacy. A phone's own calls on a line that it shares are no news to it. */
static size_t read_dialogs(const struct sip_sub *sub, struct td_line_dialog *line,
			   struct event_dialog *d)
{
	bool owns = td_sip_phone_owns(sub->phone, sub->number);
	size_t n = td_line_dialogs(sub->sip->core, sub->number, line, MAX_DIALOGS), k = 0;

	for (size_t i = 0; i < n; i++) {
		if (line[i].ep == sub->phone->ep)
			continue;
		d[k++] = (struct event_dialog){
			.call_id = line[i].call_id, .leg_id = line[i].leg_id,
			.called = line[i].called, .up = line[i].up, .alerting = line[i].alerting,
			.held = line[i].held,
			.remote_number = owns && !line[i].secret ? line[i].remote.number : NULL,
			.remote_name = line[i].remote.name,
		};
	}
	return k;
}

static const char *write_body(struct sip_sub *sub, const struct td_addr *local, struct td_buf *out)
{
	struct td_line_dialog line[MAX_DIALOGS];
	struct event_dialog d[MAX_DIALOGS];
	char ip[TD_ADDR_STRLEN], host[TD_ADDR_STRLEN + 2];

	td_addr_ip(local, ip);
	snprintf(host, sizeof(host), td_addr_is_v4(local) ? "%s" : "[%s]", ip);
	if (sub->event == SIP_EVENT_PRESENCE) {
		td_event_write_pidf(out, sub->number, host, state_of(sub), sub->phone->cisco != NULL);
		return EVENT_PIDF_TYPE;
	}
	td_event_write_dialogs(out, sub->number, host, sub->version++, d,
			       read_dialogs(sub, line, d));
	return EVENT_DIALOG_TYPE;
}

/* True: the subscription is still there. */
static bool settle(struct sip_sub *sub, int status)
{
	sub->in_flight = false;
	if (sub->dialog && (status == 481 || status == 408 || status == 489 || status == 404)) {
		td_log_limited(TD_LOG_SIP, TD_INFO, "phone=%s does not know its subscription of %s "
			       "any more: status=%d", sub->phone->id, sub->number, status);
		td_sip_sub_free(sub);
		return false;
	}
	if (sub->again)
		td_sip_sub_notify(sub);
	return true;
}

static int on_answer(struct sip_leg *magic, nta_outgoing_t *orq, const sip_t *s)
{
	struct sip_sub *sub = (struct sip_sub *)(void *)magic;
	int status = s && s->sip_status ? s->sip_status->st_status : nta_outgoing_status(orq);

	if (status < 200 || orq != sub->orq)
		return 0;
	sub->orq = NULL;
	nta_outgoing_destroy(orq);
	settle(sub, status);
	return 0;
}

static nta_outgoing_t *send_in_dialog(struct sip_sub *sub, const char *state, const char *type,
				      const struct td_buf *body, bool listen)
{
	char route[TD_ADDR_STRLEN + 32], addr[TD_ADDR_STRLEN];
	sip_payload_t pl[1];

	snprintf(route, sizeof(route), "sip:%s;transport=%s", td_addr_str(&sub->peer, addr),
		 td_sip_transport_name(sub->transport));
	sip_payload_init(pl);
	pl->pl_data = (char *)body->p;
	pl->pl_len = body->pos;
	return nta_outgoing_tcreate(
		sub->dialog, listen ? on_answer : NULL,
		listen ? (struct sip_leg *)(void *)sub : NULL, URL_STRING_MAKE(route),
		SIP_METHOD_NOTIFY, NULL, NTATAG_TPORT(td_sip_tport(sub->sip, &sub->local, sub->transport)),
		SIPTAG_CONTACT_STR(sub->contact), SIPTAG_EVENT_STR(sub->event_text),
		SIPTAG_SUBSCRIPTION_STATE_STR(state), SIPTAG_CONTENT_TYPE_STR(type),
		SIPTAG_PAYLOAD(pl), TAG_END());
}

static void notify_in_dialog(struct sip_sub *sub)
{
	uint64_t now = td_loop_now_ms(sub->sip->loop);
	uint8_t room[BODY_LEN];
	struct td_buf body;
	const char *type;
	char state[40];

	td_buf_init(&body, room, sizeof(room));
	type = write_body(sub, &sub->local, &body);
	snprintf(state, sizeof(state), "active;expires=%u",
		 (uint32_t)(sub->until_ms > now ? (sub->until_ms - now + 999) / 1000 : 0));
	if (!body.err)
		sub->orq = send_in_dialog(sub, state, type, &body, true);
	sub->in_flight = sub->orq != NULL;
}

static void on_implicit_answer(void *arg, struct sip_phone *phone, int status)
{
	(void)phone;
	settle(arg, status);
}

static void notify_unasked(struct sip_sub *sub)
{
	struct cisco_order o = { .event = sub->event_text, .done = on_implicit_answer, .arg = sub };
	struct sip_target t;
	uint8_t room[BODY_LEN];
	struct td_buf body;

	if (!td_sip_targets(sub->phone, &t, 1))
		return;
	td_buf_init(&body, room, sizeof(room));
	o.type = write_body(sub, &t.local, &body);
	o.body = (const char *)body.p;
	o.len = body.pos;
	sub->in_flight = !body.err && !td_cisco_send(sub->phone, &o);
}

void td_sip_sub_notify(struct sip_sub *sub)
{
	if (sub->sip->stopping)
		return;
	sub->again = sub->in_flight;
	if (sub->in_flight)
		return;
	sub->n_notified++;
	if (sub->dialog)
		notify_in_dialog(sub);
	else
		notify_unasked(sub);
}

void td_sip_sub_goodbye(struct sip_sub *sub, const char *reason)
{
	uint8_t room[BODY_LEN];
	struct td_buf body;
	const char *type;
	char state[64];

	if (!sub->dialog)
		return;
	td_buf_init(&body, room, sizeof(room));
	type = write_body(sub, &sub->local, &body);
	snprintf(state, sizeof(state), "terminated;reason=%s", reason);
	nta_outgoing_destroy(send_in_dialog(sub, state, type, &body, false));
}
