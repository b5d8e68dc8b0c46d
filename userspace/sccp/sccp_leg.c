/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver behind core/leg.h. A leg is the core's end of a call, struct sccp_call the
 * user's; either may be gone before the other. Orders are done at once and nothing here
 * waits: what the user does comes back as events.
 */
#include "userspace/sccp/sccp_priv.h"

#include <errno.h>

#define FRESH_HOPS 70

static struct sccp_leg *own(struct td_leg *leg)
{
	return td_container_of(leg, struct sccp_leg, leg);
}

static uint32_t line_of(const struct sccp_phone *phone, const char *number)
{
	for (size_t i = 0; i < phone->ep->n_lines; i++)
		if (!strcmp(phone->ep->lines[i].number, number))
			return (uint32_t)i + 1;
	return 1;
}

/* ---- orders ---- */

/* Where the dn does not say how many: two, as a dual-line. */
static size_t calls_for(const struct sccp_phone *phone, uint32_t instance)
{
	const struct td_endpoint_line *line = td_sccp_phone_line(phone, instance);

	return line && line->channels ? line->channels : 2;
}

static bool may_answer(const struct sccp_phone *phone, const struct td_setup *s)
{
	return !phone->active || (s->auto_first && phone->active->phase == SCCP_TALKING);
}

/* The phone may have gone since new_legs(). */
static int leg_setup(struct td_leg *leg, const struct td_setup *s)
{
	struct sccp_leg *l = own(leg);
	struct sccp_phone *phone = l->phone;
	struct sccp_call *call;
	uint32_t line = line_of(phone, s->to.number);

	l->phone = NULL;
	if (!phone->session)
		return td_leg_post_released(leg, TD_CAUSE_ABSENT);
	if ((phone->dnd && !phone->dnd_silent) ||
	    td_sccp_calls_on_line(phone, line) >= calls_for(phone, line))
		return td_leg_post_released(leg, TD_CAUSE_BUSY);
	call = td_sccp_call_new(phone, line, false);
	if (!call)
		return -ENOMEM;
	call->leg = l;
	l->call = call;
	call->peer = s->from;
	if (td_sccp_channel_set(call, &s->media, true)) {
		l->call = NULL;
		call->leg = NULL;
		td_sccp_call_drop(call, TD_CAUSE_NO_MEDIA_MATCH);
		return td_leg_post_released(leg, TD_CAUSE_NO_MEDIA_MATCH);
	}
	td_sccp_call_incoming(call);
	td_leg_post_simple(leg, TD_LEG_ALERTING);
	if (s->auto_answer && !phone->dnd && may_answer(phone, s))
		td_sccp_call_answer_itself(call, s->auto_heard);
	return 0;
}

static int leg_alert(struct td_leg *leg)
{
	if (own(leg)->call)
		td_sccp_call_alerting(own(leg)->call);
	return 0;
}

static int leg_connect(struct td_leg *leg)
{
	if (own(leg)->call)
		td_sccp_call_connected(own(leg)->call);
	return 0;
}

static int leg_media(struct td_leg *leg, const struct td_media_desc *local)
{
	struct sccp_call *call = own(leg)->call;
	bool asked;

	if (!call)	/* an orphan's phone cannot be told: as it was before */
		return local && leg->orphaned ? td_leg_post_media(leg, TD_MEDIA_REFUSED, NULL) : 0;
	asked = !call->offer_open;
	call->offer_open = false;
	if (!local)		/* our offer was refused: as it was before */
		return 0;
	if (td_sccp_channel_set(call, local, asked)) {
		if (asked)
			return td_leg_post_media(leg, TD_MEDIA_REFUSED, NULL);
		td_sccp_call_failed(call, TD_CAUSE_NO_MEDIA_MATCH);
		return 0;
	}
	td_sccp_channel_run(call);
	return 0;
}

/* The other party's name; keys need nothing: the phone's user hears them, or not. */
static int leg_info(struct td_leg *leg, const struct td_info *info)
{
	struct sccp_call *call = own(leg)->call;

	if (call && info->kind == TD_INFO_TRANSFER)
		td_sccp_feature_told(call, info);
	if (!call || info->kind != TD_INFO_PARTY)
		return 0;
	call->peer = info->party;
	td_sccp_send_info(call);
	td_leg_changed(leg);
	return 0;
}

static void leg_release(struct td_leg *leg, enum td_cause cause)
{
	struct sccp_leg *l = own(leg);
	struct sccp_call *call = l->call;

	l->call = NULL;
	if (call) {
		call->leg = NULL;
		if (cause == TD_CAUSE_ELSEWHERE)
			td_sccp_show_not_missed(call);
		td_sccp_call_released(call, cause);
	}
	td_leg_post_released(leg, cause);
}

static void leg_destroy(struct td_leg *leg)
{
	struct sccp_leg *l = own(leg);

	if (l->call) {		/* the core goes without a word */
		l->call->leg = NULL;
		td_sccp_call_drop(l->call, TD_CAUSE_OUT_OF_ORDER);
	}
	td_list_del(&l->orphan_node);
	td_free(l);
}

static const struct td_leg_ops leg_ops = {
	.protocol = "sccp",
	.around = true,
	.keys_apart = true,
	.setup = leg_setup,
	.alert = leg_alert,
	.connect = leg_connect,
	.media = leg_media,
	.info = leg_info,
	.release = leg_release,
	.save = td_sccp_leg_save,
	.destroy = leg_destroy,
};

/* ---- legs are born ---- */

struct sccp_leg *td_sccp_leg_new(struct sccp_phone *phone, const struct td_addr *local)
{
	struct sccp_leg *l = td_zalloc(sizeof(*l));

	if (!l)
		return NULL;
	l->sccp = phone->sccp;
	l->leg.ops = &leg_ops;
	l->leg.ep = phone->ep;
	l->leg.local = *local;
	td_list_init(&l->orphan_node);
	return l;
}

static int new_legs(void *driver, struct td_endpoint *ep, struct td_leg **legs, size_t max)
{
	struct sccp_phone *phone = ep->driver_priv;
	struct sccp_leg *l;

	(void)driver;
	if (!max || !phone->session || !phone->session->booted)
		return 0;
	l = td_sccp_leg_new(phone, &phone->session->local);
	if (!l)
		return -ENOMEM;
	l->phone = phone;
	legs[0] = &l->leg;
	return 1;
}

const struct td_driver_ops td_sccp_driver = { .name = "sccp", .new_legs = new_legs,
					     .restore = td_sccp_leg_restore,
					     .page = td_sccp_page,
					     .call_back = td_sccp_call_back };

static uint8_t use_of(uint8_t purpose, const char *number)
{
	if (purpose == SCCP_FOR_GROUP_PICKUP)
		return strcmp(number, "*") ? TD_USE_PICKUP_GROUP : TD_USE_PICKUP_LOCAL;
	return purpose == SCCP_FOR_PICKUP ? TD_USE_PICKUP : TD_USE_CALL;
}

int td_sccp_leg_dial(struct sccp_call *call, const char *number)
{
	struct sccp_phone *phone = call->phone;
	struct td_leg_event ev = { .type = TD_LEG_SETUP };
	const struct td_endpoint_line *line = td_sccp_phone_line(phone, call->line);
	struct sccp_leg *l = td_sccp_leg_new(phone, &phone->session->local);
	int err;

	if (!l)
		return -ENOMEM;
	err = td_core_incoming(phone->sccp->core, &l->leg);
	if (err) {
		td_free(l);
		return err;
	}
	l->call = call;
	call->leg = l;
	phone->sccp->n.calls_out++;
	if (line)
		td_strlcpy(ev.setup.from.number, line->number, sizeof(ev.setup.from.number));
	td_strlcpy(ev.setup.to.number, number, sizeof(ev.setup.to.number));
	ev.setup.use = use_of(call->purpose, number);
	ev.setup.replaces_call = call->takes_call;
	ev.setup.replaces_leg = call->takes_leg;
	ev.setup.barge = call->barges;
	ev.setup.hops = FRESH_HOPS;
	ev.setup.overlap = call->overlap;
	ev.setup.has_media = true;
	td_sccp_channel_offer(phone, &ev.setup.media);
	call->offer_open = true;
	return td_leg_post(&l->leg, &ev);
}
