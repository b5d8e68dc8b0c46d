/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of a call: what may happen in which state, and what is done then. "A" is the
 * caller, "B" everybody who is called. Read it as the specification; the actions are in
 * call.c, call_setup.c, call_media.c and originate.c. An event without a row is refused,
 * counted, and logged by name.
 */
#include "userspace/core/core_priv.h"

static const char *const state_names[TD_CALL_STATES] = {
	"null", "calling", "setup", "alerting", "up", "alone", "clearing"
};

static const char *const event_names[TD_CALL_EVENTS] = {
	"setup", "a-media", "a-released", "b-alerting", "b-answered", "b-media", "b-released",
	"hold", "resume", "digit", "info", "transfer", "conference", "redirect",
	"aside-media", "aside-released", "timer", "silence", "hangup",
	"no-memory", "unexpected"
};

#define NUL	 TD_CALL_NULL
#define CALLING	 TD_CALL_CALLING
#define SETUP	 TD_CALL_SETUP
#define ALERTING TD_CALL_ALERTING
#define UP	 TD_CALL_UP
#define ALONE	 TD_CALL_ALONE
#define CLEARING TD_CALL_CLEARING

/* An action that says so (-1 = no) leads elsewhere than "next". */
static const struct td_fsm_rule rules[] = {
	/* state    event             action                       next */
	{ NUL,      TD_EV_SETUP,      td_call_on_setup,            SETUP },
	{ NUL,      TD_EV_A_RELEASED, td_call_on_a_gone,           CLEARING },
	{ NUL,      TD_EV_HANGUP,     td_call_on_hangup,           CLEARING },
	{ NUL,      TD_EV_NO_MEMORY,  td_call_on_no_memory,        CLEARING },

	/* third-party call: A's phone rings first */
	{ CALLING,  TD_EV_B_ALERTING, td_call_on_origin_alerting,  CALLING },
	{ CALLING,  TD_EV_B_MEDIA,    td_call_on_origin_media,     CALLING },
	{ CALLING,  TD_EV_A_MEDIA,    td_call_on_origin_media,     CALLING },
	{ CALLING,  TD_EV_B_ANSWERED, td_call_on_origin_answered,  CALLING },
	{ CALLING,  TD_EV_B_RELEASED, td_call_on_origin_released,  CALLING },
	{ CALLING,  TD_EV_A_RELEASED, td_call_on_a_gone,           CLEARING },
	{ CALLING,  TD_EV_TIMER,      td_call_on_origin_timeout,   CLEARING },
	{ CALLING,  TD_EV_SILENCE,    NULL,                        CALLING },
	{ CALLING,  TD_EV_HANGUP,     td_call_on_hangup,           CLEARING },
	{ CALLING,  TD_EV_NO_MEMORY,  td_call_on_no_memory,        CLEARING },

	{ SETUP,    TD_EV_B_ALERTING, td_call_on_alerting,         ALERTING },
	{ SETUP,    TD_EV_B_MEDIA,    td_call_on_early_media,      SETUP },
	{ SETUP,    TD_EV_B_ANSWERED, td_call_on_answered,         UP },
	{ SETUP,    TD_EV_REDIRECT,   td_call_on_redirect,         SETUP },
	{ SETUP,    TD_EV_B_RELEASED, td_call_on_fork_released,    SETUP },
	{ SETUP,    TD_EV_A_MEDIA,    td_call_on_media,            SETUP },
	{ SETUP,    TD_EV_A_RELEASED, td_call_on_a_gone,           CLEARING },
	{ SETUP,    TD_EV_DIGIT,      td_call_on_digit,            SETUP },
	{ SETUP,    TD_EV_INFO,       NULL,                        SETUP },
	{ SETUP,    TD_EV_ASIDE_MEDIA, td_call_on_aside_media,     SETUP },
	{ SETUP,    TD_EV_ASIDE_RELEASED, td_call_on_aside_released, SETUP },
	{ SETUP,    TD_EV_TRANSFER,   td_call_on_transfer,         SETUP },
	{ SETUP,    TD_EV_CONFERENCE, td_call_on_conference,       SETUP },
	{ SETUP,    TD_EV_TIMER,      td_call_on_no_response,      CLEARING },
	{ SETUP,    TD_EV_SILENCE,    NULL,                        SETUP },
	{ SETUP,    TD_EV_HANGUP,     td_call_on_hangup,           CLEARING },
	{ SETUP,    TD_EV_NO_MEMORY,  td_call_on_no_memory,        CLEARING },

	{ ALERTING, TD_EV_B_ALERTING, td_call_on_alerting,         ALERTING },
	{ ALERTING, TD_EV_B_MEDIA,    td_call_on_early_media,      ALERTING },
	{ ALERTING, TD_EV_B_ANSWERED, td_call_on_answered,         UP },
	{ ALERTING, TD_EV_REDIRECT,   td_call_on_redirect,         ALERTING },
	{ ALERTING, TD_EV_B_RELEASED, td_call_on_fork_released,    ALERTING },
	{ ALERTING, TD_EV_A_MEDIA,    td_call_on_media,            ALERTING },
	{ ALERTING, TD_EV_A_RELEASED, td_call_on_a_gone,           CLEARING },
	{ ALERTING, TD_EV_DIGIT,      td_call_on_digit,            ALERTING },
	{ ALERTING, TD_EV_INFO,       td_call_on_info,             ALERTING },
	{ ALERTING, TD_EV_ASIDE_MEDIA, td_call_on_aside_media,     ALERTING },
	{ ALERTING, TD_EV_ASIDE_RELEASED, td_call_on_aside_released, ALERTING },
	{ ALERTING, TD_EV_TRANSFER,   td_call_on_transfer,         ALERTING },
	{ ALERTING, TD_EV_CONFERENCE, td_call_on_conference,       ALERTING },
	{ ALERTING, TD_EV_TIMER,      td_call_on_no_answer,        CLEARING },
	{ ALERTING, TD_EV_SILENCE,    NULL,                        ALERTING },
	{ ALERTING, TD_EV_HANGUP,     td_call_on_hangup,           CLEARING },
	{ ALERTING, TD_EV_NO_MEMORY,  td_call_on_no_memory,        CLEARING },

	{ UP,       TD_EV_A_MEDIA,    td_call_on_media,            UP },
	{ UP,       TD_EV_B_MEDIA,    td_call_on_media,            UP },
	{ UP,       TD_EV_HOLD,       td_call_on_hold,             UP },
	{ UP,       TD_EV_RESUME,     td_call_on_resume,           UP },
	{ UP,       TD_EV_DIGIT,      td_call_on_digit,            UP },
	{ UP,       TD_EV_INFO,       td_call_on_info,             UP },
	{ UP,       TD_EV_TRANSFER,   td_call_on_transfer,         UP },
	{ UP,       TD_EV_CONFERENCE, td_call_on_conference,       UP },
	{ UP,       TD_EV_A_RELEASED, td_call_on_gone,             UP },
	{ UP,       TD_EV_B_RELEASED, td_call_on_gone,             UP },
	{ UP,       TD_EV_TIMER,      td_call_on_no_media,         CLEARING },
	{ UP,       TD_EV_SILENCE,    td_call_on_silence,          CLEARING },
	{ UP,       TD_EV_HANGUP,     td_call_on_hangup,           CLEARING },
	{ UP,       TD_EV_NO_MEMORY,  td_call_on_no_memory,        CLEARING },

	/* A waits in a slot, or is in a conference; others may be on their way out */
	{ ALONE,    TD_EV_A_MEDIA,    td_call_on_media,            ALONE },
	{ ALONE,    TD_EV_HOLD,       td_call_on_hold,             ALONE },
	{ ALONE,    TD_EV_RESUME,     td_call_on_resume,           ALONE },
	{ ALONE,    TD_EV_DIGIT,      td_call_on_digit,            ALONE },
	{ ALONE,    TD_EV_INFO,       NULL,                        ALONE },
	{ ALONE,    TD_EV_TRANSFER,   td_call_on_transfer,         ALONE },
	{ ALONE,    TD_EV_CONFERENCE, td_call_on_conference,       ALONE },
	{ ALONE,    TD_EV_A_RELEASED, td_call_on_a_gone,           CLEARING },
	{ ALONE,    TD_EV_B_RELEASED, NULL,                        ALONE },
	{ ALONE,    TD_EV_TIMER,      td_call_on_alone_timer,      ALONE },
	{ ALONE,    TD_EV_SILENCE,    td_call_on_silence,          CLEARING },
	{ ALONE,    TD_EV_HANGUP,     td_call_on_hangup,           CLEARING },
	{ ALONE,    TD_EV_NO_MEMORY,  td_call_on_no_memory,        CLEARING },

	{ CLEARING, TD_EV_A_RELEASED, NULL,                        CLEARING },
	{ CLEARING, TD_EV_B_RELEASED, NULL,                        CLEARING },
	{ CLEARING, TD_EV_ASIDE_RELEASED, NULL,                    CLEARING },
	{ CLEARING, TD_EV_HANGUP,     NULL,                        CLEARING },
	{ CLEARING, TD_EV_NO_MEMORY,  NULL,                        CLEARING },
};

static const struct td_fsm_table call_table = {
	.name = "call",
	.states = state_names,
	.events = event_names,
	.rules = rules,
	.n_rules = sizeof(rules) / sizeof(rules[0]),
	.n_states = TD_CALL_STATES,
	.n_events = TD_CALL_EVENTS,
};

void td_call_event(struct td_call *call, enum td_call_event event, struct td_leg *leg,
		   const struct td_leg_event *ev)
{
	struct td_call_input in = { .leg = leg, .ev = ev };
	uint8_t before = call->state;

	if (td_fsm_run(&call_table, &call->state, event, call, &in)) {
		call->core->n.refused_events++;
		td_log_limited(TD_LOG_CORE, TD_WARN, "call=%u leg=%u refused event=%s state=%s",
			       call->id, leg ? leg->id : 0, event_names[event],
			       state_names[before]);
		return;
	}
	td_watch_call(call);
	if (call->state != before || call->told_held != td_call_is_held(call))
		td_call_changed(call);
	if (call->state == TD_CALL_UP || call->state == TD_CALL_ALONE || call->state != before)
		td_call_keep(call);
}
