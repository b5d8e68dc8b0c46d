/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SUBSCRIBE (RFC 6665) to what goes on at a number: Event presence (RFC 3856) and dialog
 * (RFC 4235). Who may: phones of ours, for numbers of the house. A subscription ends with its
 * time, with the word of its phone, or when that does not know it any more.
 *
 * What one phone may have open at once is limited; how many watch one number is not.
 */
#include "userspace/sip/sip_cisco.h"
#include "userspace/sip/sip_subscribe.h"

#include <stdio.h>
#include <string.h>

#include <sofia-sip/sip_extra.h>
#include <sofia-sip/su_tagarg.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MIN_S	      60
#define MAX_S	      7200
#define DEFAULT_S     3600
#define MAX_PER_PHONE 160		/* 64 lines and as many keys, and room to begin anew */

static const struct {
	const char *name, *type;
} events[SIP_EVENTS] = {
	[SIP_EVENT_PRESENCE] = { "presence", "application/pidf+xml" },
	[SIP_EVENT_DIALOG] = { "dialog", "application/dialog-info+xml" },
};

void td_sip_subs_init(struct td_sip *sip)
{
	td_list_init(&sip->subs.all);
	sip->subs.last_implicit_id = SIP_SUB_FIRST_IMPLICIT - 1;
}

/* ---- life ---- */

static void on_change(void *arg)
{
	td_sip_sub_notify(arg);
}

static uint32_t next_id(struct sip_subs *subs, bool implicit)
{
	if (implicit)
		return ++subs->last_implicit_id;
	if (++subs->last_id == SIP_SUB_FIRST_IMPLICIT)
		subs->last_id = 1;
	return subs->last_id;
}

static struct sip_sub *sub_new(struct sip_phone *phone, enum sip_event event, const char *number,
			       bool implicit)
{
	struct sip_sub *sub = td_zalloc(sizeof(*sub));
	struct td_sip *sip = phone->sip;

	if (!sub)
		return NULL;
	sub->sip = sip;
	sub->phone = phone;
	sub->event = event;
	td_strlcpy(sub->event_text, events[event].name, sizeof(sub->event_text));
	td_strlcpy(sub->number, number, sizeof(sub->number));
	if (td_watch_start(sip->core, number, &sub->watch, on_change, sub)) {
		td_free(sub);
		return NULL;
	}
	sub->id = next_id(&sip->subs, implicit);
	td_list_append(&sip->subs.all, &sub->node);
	td_list_append(&phone->subs, &sub->of_phone);
	sip->subs.count++;
	phone->n_subs++;
	return sub;
}

struct sip_sub *td_sip_sub_new(struct sip_phone *phone, enum sip_event event, const char *number)
{
	return sub_new(phone, event, number, true);
}

void td_sip_sub_free(struct sip_sub *sub)
{
	struct td_sip *sip = sub->sip;

	td_loop_timer_stop(sip->loop, &sub->expiry);
	td_watch_stop(sip->core, &sub->watch);
	if (sub->orq)
		nta_outgoing_destroy(sub->orq);
	if (sub->dialog)
		nta_leg_destroy(sub->dialog);
	else
		td_cisco_forget_orders(sub->phone, sub);
	td_list_del(&sub->node);
	td_list_del(&sub->of_phone);
	sip->subs.count--;
	sub->phone->n_subs--;
	td_free(sub);
}

void td_sip_subs_drop(struct sip_phone *phone, bool implicit)
{
	struct sip_sub *sub, *next;

	td_list_for_each_safe(sub, next, &phone->subs, struct sip_sub, of_phone)
		if (!implicit || !sub->dialog)
			td_sip_sub_free(sub);
}

void td_sip_subs_fini(struct td_sip *sip)
{
	struct sip_sub *sub;

	while ((sub = td_list_first(&sip->subs.all, struct sip_sub, node)))
		td_sip_sub_free(sub);
}

static void on_expiry(void *arg)
{
	struct sip_sub *sub = arg;

	td_sip_sub_goodbye(sub, "timeout");
	td_sip_sub_free(sub);
}

static void lasts(struct sip_sub *sub, uint32_t s)
{
	sub->until_ms = td_loop_now_ms(sub->sip->loop) + s * 1000ull;
	td_loop_timer_start(sub->sip->loop, &sub->expiry, s * 1000ull, on_expiry, sub);
}

/* ---- the request ---- */

static bool accepts(const sip_t *s, const char *type)
{
	const sip_accept_t *a;

	for (a = s->sip_accept; a; a = a->ac_next)
		if (su_casematch(a->ac_type, type) || su_casematch(a->ac_type, "*/*") ||
		    /* what Cisco's phones ask for, and mean */
		    (su_casematch(a->ac_type, "application/cpim-pidf+xml") && strstr(type, "pidf")))
			return true;
	return !s->sip_accept;
}

/* 0, or the status to refuse with. */
static int read_event(const sip_t *s, enum sip_event *event)
{
	if (!s->sip_event || !s->sip_event->o_type)
		return 489;
	for (*event = 0; *event < SIP_EVENTS; (*event)++)
		if (su_casematch(s->sip_event->o_type, events[*event].name))
			return accepts(s, events[*event].type) ? 0 : 406;
	return 489;
}

/* False: too short. */
static bool read_expires(const sip_t *s, uint32_t *seconds)
{
	unsigned long v = s->sip_expires ? s->sip_expires->ex_delta : DEFAULT_S;

	*seconds = v > MAX_S ? MAX_S : (uint32_t)v;
	return !v || v >= MIN_S;
}

static const char *phrase_of(int status)
{
	switch (status) {
	case 403: return sip_403_Forbidden;
	case 404: return sip_404_Not_found;
	case 406: return sip_406_Not_acceptable;
	case 423: return sip_423_Interval_too_brief;
	case 489: return sip_489_Bad_event;
	default:  return sip_500_Internal_server_error;
	}
}

static void refuse(nta_incoming_t *irq, int status)
{
	nta_incoming_treply(irq, status, phrase_of(status),
			    TAG_IF(status == 489, SIPTAG_ALLOW_EVENTS_STR("presence, dialog")),
			    TAG_IF(status == 423, SIPTAG_MIN_EXPIRES_STR("60")), TAG_END());
}

static void accept_for(nta_incoming_t *irq, const struct sip_sub *sub, uint32_t seconds)
{
	sip_expires_t ex[1];

	sip_expires_init(ex);
	ex->ex_delta = seconds;
	nta_incoming_treply(irq, SIP_200_OK, SIPTAG_CONTACT_STR(sub->contact), SIPTAG_EXPIRES(ex),
			    TAG_END());
}

/* In the dialog: refreshed, or ended. */
static int on_request(struct sip_leg *magic, nta_leg_t *leg, nta_incoming_t *irq, const sip_t *s)
{
	struct sip_sub *sub = (struct sip_sub *)(void *)magic;
	struct td_addr source;
	enum sip_event event;
	uint32_t seconds;
	int status;

	(void)leg;
	if (s->sip_request->rq_method != sip_method_subscribe)
		return 405;
	if (td_addr_from_sockaddr(&source, &msg_addr(nta_incoming_getrequest(irq))->su_sa) ||
	    !td_addr_same_ip(&source, &sub->peer)) {
		sub->sip->n_wrong_source++;
		return 403;
	}
	status = read_event(s, &event);
	if (!status && event != sub->event)
		status = 489;
	if (!status && !read_expires(s, &seconds))
		status = 423;
	if (status) {
		refuse(irq, status);
		return status;
	}
	accept_for(irq, sub, seconds);
	if (seconds) {
		lasts(sub, seconds);
		td_sip_sub_notify(sub);
	} else {
		td_sip_sub_goodbye(sub, "timeout");
		td_sip_sub_free(sub);
	}
	return 200;
}

static bool make_dialog(struct sip_sub *sub, nta_incoming_t *irq, const sip_t *s)
{
	sub->dialog = nta_leg_tcreate(sub->sip->agent, on_request, (struct sip_leg *)(void *)sub,
				      SIPTAG_CALL_ID(s->sip_call_id), SIPTAG_FROM(s->sip_to),
				      SIPTAG_TO(s->sip_from),
				      NTATAG_REMOTE_CSEQ(s->sip_cseq->cs_seq), TAG_END());
	if (!sub->dialog || !nta_leg_tag(sub->dialog, nta_incoming_tag(irq, NULL)))
		return false;
	nta_leg_server_route(sub->dialog, s->sip_record_route, s->sip_contact);
	return true;
}

static void subscribe(struct sip_phone *phone, nta_incoming_t *irq, const sip_t *s,
		      const struct td_addr *source, const struct td_addr *local, enum sip_transport transport)
{
	char uri[SIP_URI_LEN];
	enum sip_event event;
	struct sip_sub *sub;
	uint32_t seconds = 0;
	const char *number = s->sip_request->rq_url->url_user;
	int status = read_event(s, &event);

	if (!status && (!number || !td_line_exists(phone->sip->core, number)))
		status = 404;
	if (!status && (!s->sip_contact || phone->n_subs >= MAX_PER_PHONE ||
			!td_line_may_watch(phone->sip->core, number, phone->ep)))
		status = 403;
	if (!status && !read_expires(s, &seconds))
		status = 423;
	sub = status ? NULL : sub_new(phone, event, number, false);
	if (!sub || !make_dialog(sub, irq, s)) {
		refuse(irq, status ? status : 500);
		if (sub)
			td_sip_sub_free(sub);
		return;
	}
	sub->peer = *source;
	sub->local = *local;
	sub->transport = transport;
	td_sip_contact(phone->sip, local, transport, number, uri);
	snprintf(sub->contact, sizeof(sub->contact), "<%s>", uri);
	if (s->sip_event->o_id)
		snprintf(sub->event_text, sizeof(sub->event_text), "%s;id=%.32s", events[event].name,
			 s->sip_event->o_id);
	accept_for(irq, sub, seconds);
	if (seconds) {
		lasts(sub, seconds);
		td_sip_sub_notify(sub);
	} else {			/* a look, no more */
		td_sip_sub_goodbye(sub, "timeout");
		td_sip_sub_free(sub);
	}
}

void td_sip_on_subscribe(struct td_sip *sip, msg_t *msg, sip_t *s)
{
	struct td_addr source, local;
	struct sip_phone *phone;
	nta_incoming_t *irq;
	enum sip_transport transport;

	td_sip_msg_addrs(sip, msg, &source, &local, &transport);
	phone = td_sip_gate_registered(sip, msg, s, &source, transport != SIP_UDP);
	if (!phone)
		return;
	irq = nta_incoming_create(sip->agent, NULL, msg, s, TAG_END());
	if (!irq)
		return;
	subscribe(phone, irq, s, &source, &local, transport);
	nta_incoming_destroy(irq);
}

/* ---- show ---- */

void td_sip_show_subscriptions(struct td_sip *sip, struct td_json *j, const char *key)
{
	static const char *const words[] = {
		[TD_LINE_OFFLINE] = "offline", [TD_LINE_IDLE] = "idle",
		[TD_LINE_RINGING] = "ringing", [TD_LINE_HELD] = "held", [TD_LINE_BUSY] = "busy",
	};
	uint64_t now = td_loop_now_ms(sip->loop);
	const struct sip_sub *sub;

	td_json_array(j, key);
	td_list_for_each(sub, &sip->subs.all, const struct sip_sub, node) {
		td_json_object(j, NULL);
		td_json_u64(j, "id", sub->id);
		td_json_str(j, "kind", sub->dialog ? "subscribed" : "unsolicited");
		td_json_str(j, "event", events[sub->event].name);
		td_json_str(j, "watcher", sub->phone->id);
		td_json_str(j, "number", sub->number);
		td_json_str(j, "state", words[td_line_state(sip->core, sub->number)]);
		if (sub->dialog)
			td_json_u64(j, "expires_s", sub->until_ms > now ? (sub->until_ms - now) / 1000 : 0);
		else
			td_json_null(j, "expires_s");
		td_json_u64(j, "notified", sub->n_notified);
		td_json_end_object(j);
	}
	td_json_end_array(j);
}
