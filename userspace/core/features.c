/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers that are nobody's: feature access codes, park slots, conferences. Any phone can use
 * them that can dial or transfer; what comes from outside cannot. Which number means what is
 * here, what it does is in the feat_*.c.
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"

/* ---- configuration ---- */

static void *copy(const void *from, size_t n, size_t size)
{
	void *to = td_calloc(n ? n : 1, size);

	if (to && n)
		memcpy(to, from, n * size);
	return to;
}

static const struct td_media_desc *make_house(struct td_media_desc *d)
{
	static const char codecs[][CFG_TEXT_LEN] = { "pcmu", "pcma", "g722" };

	td_media_offer_own(d, codecs, sizeof(codecs) / sizeof(codecs[0]));
	d->dir = TD_DIR_BOTH;
	return d;
}

int td_features_configure(struct td_core *core, const struct td_config *config)
{
	static const int8_t gains[] = {
		[CFG_GAIN_0] = 0, [CFG_GAIN_MINUS_6] = -6, [CFG_GAIN_3] = 3, [CFG_GAIN_6] = 6,
	};
	struct cfg_park *parks = copy(config->parks, config->n_parks, sizeof(*parks));
	struct cfg_conference *meetings =
		copy(config->conferences, config->n_conferences, sizeof(*meetings));
	struct cfg_paging *pagings = copy(config->pagings, config->n_pagings, sizeof(*pagings));

	if (!parks || !meetings || !pagings) {
		td_free(parks);
		td_free(meetings);
		td_free(pagings);
		return -ENOMEM;
	}
	td_free(core->parks);
	td_free(core->meetings);
	td_free(core->pagings);
	core->pagings = pagings;
	core->n_pagings = config->n_pagings;
	core->parks = parks;
	core->n_parks = config->n_parks;
	core->meetings = meetings;
	core->n_meetings = config->n_conferences;
	core->fac = config->fac;
	core->recall_ms = config->global.timeout_transfer_recall * 1000;
	core->call_back_ms = config->global.timeout_callback * 1000;
	core->no_consult = config->global.transfer_mode == CFG_TRANSFER_BLIND;
	core->has_music = config->moh.file[0];
	td_strlcpy(core->hide_code, config->global.caller_id_block_code, sizeof(core->hide_code));
	core->max_conferences = config->global.max_conferences;
	core->held_is_private = config->global.privacy_on_hold;
	core->conference_gain_db = gains[config->global.conference_gain];
	make_house(&core->house);
	return td_hours_configure(core, config);
}

void td_features_fini(struct td_core *core)
{
	td_free(core->parks);
	td_free(core->meetings);
	td_free(core->pagings);
	td_hours_fini(core);
	td_map_fini(&core->parked);
}

/* ---- codes ---- */

enum code { CODE_NONE, CFWD_ALL, CFWD_CANCEL, PICKUP_LOCAL, PICKUP_GROUP, PICKUP, PARK, HLOG,
	    CALL_BACK, CALL_BACK_CANCEL, NIGHT, CODES };

static const char *text_of(const struct td_core *core, enum code code)
{
	const struct cfg_fac *fac = &core->fac;

	if (code == NIGHT)
		return core->night.code;	/* CME has it without fac */
	if (!fac->enable)
		return "";
	switch (code) {
	case CFWD_ALL:
		return fac->cfwd_all;
	case CFWD_CANCEL:
		return fac->cfwd_cancel;
	case PICKUP_LOCAL:
		return fac->pickup_local;
	case PICKUP_GROUP:
		return fac->pickup_group;
	case PICKUP:
		return fac->pickup;
	case PARK:
		return fac->park;
	case HLOG:
		return fac->hlog;
	case CALL_BACK:
		return fac->callback;
	case CALL_BACK_CANCEL:
		return fac->callback_cancel;
	default:
		return "";
	}
}

enum takes { TAKES_NOTHING, TAKES_NUMBER, MAY_TAKE_NUMBER };

static enum takes takes(enum code code)
{
	if (code == PARK || code == CALL_BACK)
		return MAY_TAKE_NUMBER;
	return code == CFWD_ALL || code == PICKUP_GROUP || code == PICKUP ? TAKES_NUMBER :
									    TAKES_NOTHING;
}

static bool fits(enum code code, const char *rest)
{
	return takes(code) == MAY_TAKE_NUMBER || (takes(code) == TAKES_NUMBER) == (*rest != '\0');
}

/* The longest code that the digits begin with; what is behind it must be a number, or nothing. */
static enum code code_of(const struct td_core *core, const char *digits, const char **rest)
{
	enum code best = CODE_NONE;
	size_t len = 0;

	for (enum code c = CFWD_ALL; c < CODES; c++) {
		const char *text = text_of(core, c);
		size_t n = strlen(text);

		if (n > len && !strncmp(digits, text, n) && fits(c, digits + n)) {
			best = c;
			len = n;
		}
	}
	*rest = digits + len;
	return best;
}

static const struct cfg_conference *meeting_of(const struct td_core *core, const char *digits)
{
	for (size_t i = 0; i < core->n_meetings; i++)
		if (!strcmp(core->meetings[i].number, digits))
			return &core->meetings[i];
	return NULL;
}

static bool begins(const char *number, const char *digits)
{
	return !strncmp(number, digits, strlen(digits));
}

static bool begins_prefix(const struct td_core *core, const char *digits)
{
	const char *override = td_hours_override_code(core);

	return (core->hide_code[0] && begins(core->hide_code, digits)) ||
	       (override[0] && begins(override, digits));
}

static bool is_begun(const struct td_core *core, const char *digits)
{
	for (enum code c = CFWD_ALL; c < CODES; c++)
		if (text_of(core, c)[0] && begins(text_of(core, c), digits))
			return true;
	for (size_t i = 0; i < core->n_meetings; i++)
		if (begins(core->meetings[i].number, digits))
			return true;
	for (size_t i = 0; i < core->n_pagings; i++)
		if (begins(core->pagings[i].number, digits))
			return true;
	return begins_prefix(core, digits);
}

const char *td_feature_prefix(const struct td_core *core, const char *digits,
			      struct td_dialled *how)
{
	const struct {
		const char *code;
		bool *is;
	} codes[] = {
		{ core->hide_code, &how->hides },
		{ td_hours_override_code(core), &how->overrides },
	};

	for (size_t i = 0; i < 2 * sizeof(codes) / sizeof(codes[0]); i++) {
		const char *code = codes[i % 2].code;
		size_t n = strlen(code);

		if (!n || strncmp(digits, code, n) || !digits[n])
			continue;
		*codes[i % 2].is = true;
		digits += n;
	}
	return digits;
}

const struct td_party *td_leg_shown(const struct td_leg *leg)
{
	static const struct td_party nobody = { .name = "Private" };

	return td_leg_core(leg)->hides ? &nobody : &leg->party;
}

enum td_dial td_feature_dial(const struct td_core *core, const char *digits)
{
	const char *rest;
	enum code code = code_of(core, digits, &rest);

	if (code == PARK && *rest)
		return td_park_dial(core, rest);
	if (code != CODE_NONE)
		return takes(code) == TAKES_NOTHING ? TD_DIAL_MATCH : TD_DIAL_MATCH_LONGER;
	if (meeting_of(core, digits) || td_paging_of(core, digits))
		return TD_DIAL_MATCH;
	return is_begun(core, digits) ? TD_DIAL_MORE : td_park_dial(core, digits);
}

/* ---- use ---- */

/* Heard as a call that is answered and over at once. */
static enum td_cause done(struct td_call *call)
{
	return td_call_stay_alone(call) ? TD_CAUSE_TEMPORARY : TD_CAUSE_NORMAL;
}

static enum td_cause set_forward(struct td_call *call, const char *to)
{
	return td_core_forward_all(call->core, call->from.number, to) ? TD_CAUSE_UNALLOCATED :
									done(call);
}

/* Of that number, or of the last one that was busy or has not answered. */
static enum td_cause wait_for(struct td_call *call, const char *number)
{
	int err = td_core_call_back(call->core, call->a->ep, call->from.number, number, false);

	if (err)
		return err == -ENOENT ? TD_CAUSE_UNALLOCATED : err == -EACCES ? TD_CAUSE_BARRED :
									       TD_CAUSE_TEMPORARY;
	return done(call);
}

static enum td_cause wait_no_more(struct td_call *call)
{
	td_core_call_back_cancel(call->a->ep);
	return done(call);
}

static enum td_cause use_code(struct td_call *call, enum code code, const char *rest)
{
	switch (code) {
	case CFWD_ALL:
		return set_forward(call, rest);
	case CFWD_CANCEL:
		return set_forward(call, "");
	case PICKUP_LOCAL:
		return td_pickup_local(call);
	case PICKUP_GROUP:
		return td_pickup_group(call, rest);
	case PICKUP:
		return td_pickup(call, rest);
	case CALL_BACK:
		return wait_for(call, rest);
	case CALL_BACK_CANCEL:
		return wait_no_more(call);
	case NIGHT:
		td_night_toggle(call->core);
		return done(call);
	case HLOG:
		return td_number_hlog(call->core, call->from.number) ? TD_CAUSE_UNALLOCATED : done(call);
	default:
		return TD_CAUSE_FACILITY_REJECTED;
	}
}

static enum td_cause use_park(struct td_call *call, const char *slot, const char *by)
{
	char free_slot[CFG_NUMBER_LEN];

	if (!by)
		return slot ? td_park_retrieve(call, slot) : TD_CAUSE_FACILITY_REJECTED;
	if (slot)
		return td_park(call, slot, by);
	td_park_free_slot(call->core, free_slot);
	return free_slot[0] ? td_park(call, free_slot, by) : TD_CAUSE_CONGESTION;
}

bool td_feature_use(struct td_call *call, const char *digits, const char *by, enum td_cause *cause)
{
	const struct cfg_conference *meeting = meeting_of(call->core, digits);
	const struct cfg_paging *page = td_paging_of(call->core, digits);
	const char *rest;
	enum code code = code_of(call->core, digits, &rest);

	if (td_park_dial(call->core, digits) == TD_DIAL_MATCH)
		*cause = use_park(call, digits, by);
	else if (code == PARK && *rest)
		*cause = td_park_dial(call->core, rest) == TD_DIAL_MATCH ?
			 use_park(call, rest, by) : TD_CAUSE_UNALLOCATED;
	else if (code == PARK || (by && !strcmp(digits, TD_PARK_ANYWHERE)))
		*cause = use_park(call, NULL, by);
	else if (page)
		*cause = by ? TD_CAUSE_FACILITY_REJECTED : td_page(call, page);
	else if (meeting)
		*cause = td_conference_meet(call, meeting);
	else if (code != CODE_NONE)
		*cause = by ? TD_CAUSE_FACILITY_REJECTED : use_code(call, code, rest);
	else
		return false;
	return true;
}

enum td_cause td_feature_key(struct td_call *call, uint8_t use, const char *digits)
{
	switch (use) {
	case TD_USE_PICKUP:
		return td_pickup(call, digits);
	case TD_USE_PICKUP_GROUP:
		return td_pickup_group(call, digits);
	default:
		return td_pickup_local(call);
	}
}
