/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conference: parties of several calls meet in one mixer of the media thread. Either they dial
 * a number, or a phone joins two calls of its own, or comes to one on a line that it shares
 * (Cisco: cBarge). Who is left when others go stays; without a number the last two talk as in any
 * call, and need no mixer.
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"

#define MAX_PARTIES 8

struct conference {
	struct td_list node;
	uint32_t id;			/* of the mixer */
	uint32_t max;
	unsigned int calls;
	uint32_t speaker;		/* id of the call that is heard, 0 = all are; who pages */
	char number[CFG_NUMBER_LEN];	/* empty: a phone has made it of its calls */
};

static struct conference *find(const struct td_core *core, uint32_t id)
{
	struct conference *c;

	td_list_for_each(c, &core->conferences, struct conference, node)
		if (c->id == id)
			return c;
	return NULL;
}

static struct conference *find_number(const struct td_core *core, const char *number)
{
	struct conference *c;

	td_list_for_each(c, &core->conferences, struct conference, node)
		if (!strcmp(c->number, number))
			return c;
	return NULL;
}

static struct conference *make(struct td_core *core, uint32_t id, const char *number)
{
	struct conference *c = td_zalloc(sizeof(*c));

	if (!c)
		return NULL;
	c->id = id ? id : ++core->last_conference;
	c->max = MAX_PARTIES;
	td_strlcpy(c->number, number, sizeof(c->number));
	td_list_append(&core->conferences, &c->node);
	if (core->last_conference < c->id)
		core->last_conference = c->id;
	return c;
}

/* Of those that phones have made. */
static bool too_many(const struct td_core *core)
{
	const struct conference *c;
	uint32_t n = 0;

	td_list_for_each(c, &core->conferences, struct conference, node)
		n += !c->number[0];
	return core->max_conferences && n >= core->max_conferences;
}

static unsigned int parties_of(const struct td_core *core, uint32_t id)
{
	const struct td_call *call;
	unsigned int n = 0;

	td_list_for_each(call, &core->call_list, struct td_call, list_node)
		if (call->conference == id)
			n += (call->a && td_leg_is_live(call->a)) +
			     (call->b && td_leg_is_live(call->b));
	return n;
}

static void enter(struct td_call *call, struct conference *c)
{
	call->conference = c->id;
	c->calls++;
}

int td_conference_enter(struct td_call *call, uint32_t id, const char *number)
{
	struct conference *c = find(call->core, id);

	if (!c)
		c = make(call->core, id, number);
	if (!c)
		return -ENOMEM;
	enter(call, c);
	return 0;
}

const char *td_conference_number(const struct td_call *call)
{
	const struct conference *c = call->conference ? find(call->core, call->conference) : NULL;

	return c ? c->number : "";
}

/* The last one of a conference that a phone has made has nobody to talk to. */
static void end_last(struct td_core *core, uint32_t id)
{
	struct td_call *call;

	if (parties_of(core, id) != 1)
		return;
	td_list_for_each(call, &core->call_list, struct td_call, list_node) {
		if (call->conference != id)
			continue;
		td_call_event(call, TD_EV_HANGUP, NULL, NULL);
		return;
	}
}

/* Who paged has gone: whoever hears it, or is called to. */
static void end_page(struct td_core *core, uint32_t id, const char *number)
{
	struct td_call *call, *next;

	td_list_for_each_safe(call, next, &core->call_list, struct td_call, list_node)
		if (call->state != TD_CALL_CLEARING &&
		    (call->conference == id || (call->paged && !strcmp(call->to.number, number))))
			td_call_event(call, TD_EV_HANGUP, NULL, NULL);
}

/* Each of the two came in a call of its own: the guest goes on in the host's, and leaves its own one
 * with nobody. */
static bool pair(struct conference *c, struct td_call *host, struct td_call *guest,
		 struct td_leg *leg)
{
	host->conference = guest->conference = 0;
	if (td_call_take(host, leg)) {		/* nothing has changed: they have no common codec */
		host->conference = guest->conference = c->id;
		return false;
	}
	td_list_del(&c->node);
	td_free(c);
	return true;
}

static bool is_alone(const struct td_call *call)
{
	return call->state == TD_CALL_ALONE && call->a && td_leg_is_live(call->a);
}

/* Another call of the conference whose party is alone in it; NULL: there is none, or they are more. */
static struct td_call *only_other(const struct conference *c, const struct td_call *call)
{
	struct td_call *other, *found = NULL;

	td_list_for_each(other, &call->core->call_list, struct td_call, list_node) {
		if (other == call || other->conference != c->id)
			continue;
		if (found || !is_alone(other))
			return NULL;
		found = other;
	}
	return found;
}

/* Two calls with one party each are left. */
static bool reconnect(struct td_core *core, struct conference *c)
{
	struct td_call *call, *other;

	td_list_for_each(call, &core->call_list, struct td_call, list_node) {
		if (call->conference != c->id)
			continue;
		other = is_alone(call) ? only_other(c, call) : NULL;
		if (!other || !pair(c, call, other, other->a))
			return false;
		td_call_event(other, TD_EV_HANGUP, NULL, NULL);
		td_call_wake(other);	/* it has no leg whose end would end it */
		return true;
	}
	return false;
}

/* One call is left, with both its parties: they need no mixer. */
static bool dissolve(struct td_core *core, struct conference *c)
{
	struct td_call *call;

	td_list_for_each(call, &core->call_list, struct td_call, list_node) {
		if (call->conference != c->id)
			continue;
		if (call->state != TD_CALL_UP || !td_call_other(call, call->a) ||
		    !td_leg_is_live(call->a) || !td_leg_is_live(call->b))
			return false;
		call->conference = 0;
		td_list_del(&c->node);
		td_free(c);
		td_call_rejoin_media(call);
		td_call_tell_parties(call);
		td_call_changed(call);
		td_call_keep(call);
		return true;
	}
	return false;
}

static bool needs_no_mixer(struct td_core *core, struct conference *c)
{
	return c->calls == 1 ? dissolve(core, c) : c->calls == 2 && reconnect(core, c);
}

void td_conference_leave(struct td_call *call)
{
	struct conference *c = call->conference ? find(call->core, call->conference) : NULL;
	uint32_t id = call->conference;
	char number[CFG_NUMBER_LEN];

	call->conference = 0;
	if (!c)
		return;
	if (c->speaker == call->id) {
		memcpy(number, c->number, sizeof(number));
		c->number[0] = '\0';	/* nobody comes any more */
		td_page_end(call, id);
		end_page(call->core, id, number);
	}
	if (--c->calls) {
		if (!c->number[0] && !c->speaker && !needs_no_mixer(call->core, c))
			end_last(call->core, id);
		return;
	}
	td_list_del(&c->node);
	td_free(c);
}

bool td_conference_goes_on(struct td_call *call, struct td_leg *gone)
{
	struct td_leg *left = gone == call->a ? call->b : call->a;
	struct conference *c = call->conference ? find(call->core, call->conference) : NULL;
	struct td_call *other;

	if (!c || !left || !td_leg_is_live(left) ||
	    (!c->number[0] && parties_of(call->core, c->id) <= 1))
		return false;
	other = c->number[0] || c->speaker ? NULL : only_other(c, call);
	if (other && pair(c, other, call, left))
		return false;
	call->a = left;
	call->b = NULL;
	call->alone = true;
	call->from = left->party;
	return true;
}

/* ---- by number ---- */

enum td_cause td_conference_meet(struct td_call *call, const struct cfg_conference *cfg)
{
	struct conference *c = find_number(call->core, cfg->number);
	enum td_cause cause;

	if (c && parties_of(call->core, c->id) >= cfg->max_parties)
		return TD_CAUSE_BUSY;
	if (!c)
		c = make(call->core, 0, cfg->number);
	if (!c)
		return TD_CAUSE_TEMPORARY;
	enter(call, c);
	cause = td_call_stay_alone(call);
	if (cause)
		td_conference_leave(call);
	else
		td_log_info(TD_LOG_CORE, "call=%u in conference=%s", call->id, cfg->number);
	return cause;
}

/* ---- paging ---- */

static enum td_cause stay(struct td_call *call, struct conference *c)
{
	enum td_cause cause;

	enter(call, c);
	cause = td_call_stay_alone(call);
	if (cause)
		td_conference_leave(call);
	return cause;
}

enum td_cause td_conference_speak(struct td_call *call, const char *number)
{
	struct conference *c = find_number(call->core, number);

	if (c)
		return TD_CAUSE_BUSY;
	c = make(call->core, 0, number);
	if (!c)
		return TD_CAUSE_TEMPORARY;
	c->speaker = call->id;
	return stay(call, c);
}

enum td_cause td_conference_listen(struct td_call *call, const char *number)
{
	struct conference *c = find_number(call->core, number);

	return c && c->speaker ? stay(call, c) : TD_CAUSE_NO_ROUTE;
}

bool td_conference_is_page(const struct td_call *call)
{
	const struct conference *c = call->conference ? find(call->core, call->conference) : NULL;

	return c && c->speaker;
}

bool td_conference_is_mute(const struct td_call *call)
{
	const struct conference *c = call->conference ? find(call->core, call->conference) : NULL;

	return c && c->speaker && c->speaker != call->id;
}

/* ---- on a shared line ---- */

enum td_cause td_conference_barge(struct td_call *call, struct td_call *into)
{
	struct conference *c = into->conference ? find(call->core, into->conference) : NULL;
	const struct td_party all = { .name = "Conference" };
	bool made = !c;
	enum td_cause cause;

	if (c && parties_of(call->core, c->id) >= MAX_PARTIES)
		return TD_CAUSE_BUSY;
	if (!c && too_many(call->core))
		return TD_CAUSE_NO_RESOURCE;
	if (!c)
		c = make(call->core, 0, "");
	if (!c)
		return TD_CAUSE_TEMPORARY;
	if (made)
		enter(into, c);
	td_log_info(TD_LOG_CORE, "call=%u barged in on by=%s", into->id, call->a->ep->id);
	cause = stay(call, c);		/* or the two are without a mixer again */
	if (cause)
		return cause;
	td_call_rejoin_media(into);
	td_call_tell_party(call->a, &all);
	td_call_tell_party(into->a, &all);
	td_call_tell_party(into->b, &all);
	td_call_changed(into);
	td_call_keep(into);
	return TD_CAUSE_NONE;
}

/* ---- of a phone's two calls ---- */

static void tell(struct td_leg *leg, enum td_transfer_state state, enum td_cause cause)
{
	struct td_info info = { .kind = TD_INFO_TRANSFER, .transfer = state, .cause = cause };

	if (leg->ops->info)
		leg->ops->info(leg, &info);
}

/* The phone is in the first call: of the second one only the other party stays. */
static void bring(struct td_call *second, struct td_leg *mine, struct td_leg *theirs,
		  struct conference *c)
{
	second->a = theirs;
	second->b = NULL;
	second->alone = true;
	second->state = TD_CALL_ALONE;
	if (!second->conference)
		enter(second, c);
	td_leg_release(mine, TD_CAUSE_NORMAL);
	td_call_rejoin_media(second);
	td_call_changed(second);
	td_call_keep(second);
}

int td_call_on_conference(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_call *call = obj;
	struct td_leg *leg = input->leg, *mine, *theirs;
	struct conference *c = NULL;

	mine = td_call_consulting(call, leg, &input->ev->transfer);
	theirs = mine ? td_call_other(mine->call, mine) : NULL;
	if (!theirs || mine->call->state != TD_CALL_UP || mine->call->conference ||
	    (!call->conference && !td_call_other(call, leg)) ||
	    (call->conference && parties_of(call->core, call->conference) >= MAX_PARTIES)) {
		tell(leg, TD_TRANSFER_FAILED, TD_CAUSE_FACILITY_REJECTED);
		return -1;
	}
	if (call->conference)
		c = find(call->core, call->conference);
	if (!c && too_many(call->core)) {
		tell(leg, TD_TRANSFER_FAILED, TD_CAUSE_NO_RESOURCE);
		return -1;
	}
	if (!c) {
		c = make(call->core, 0, "");
		if (c)
			enter(call, c);
	}
	if (!c) {
		tell(leg, TD_TRANSFER_FAILED, TD_CAUSE_TEMPORARY);
		return -1;
	}
	td_log_info(TD_LOG_CORE, "call=%u conference with call=%u by=%s", call->id,
		    mine->call->id, leg->party.number);
	bring(mine->call, mine, theirs, c);
	td_call_rejoin_media(call);
	tell(leg, TD_TRANSFER_DONE, TD_CAUSE_NONE);
	return -1;
}
