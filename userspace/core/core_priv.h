/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared inside userspace/core and nowhere else: the insides of core, call and leg, and
 * who calls whom:
 *
 *   driver -> td_leg_post (leg.c: queue) -> td_call_event (call_fsm.c: the table)
 *               -> actions: call_setup.c (from SETUP to UP), call_media.c (offer and
 *                  answer; call_around.c: past us or not; call_marks.c: marked how; call_plane.c: the media session), call.c (end of a call), originate.c (third-party calls)
 *               -> ops of the legs, and the media port
 */
#ifndef TD_CORE_PRIV_H
#define TD_CORE_PRIV_H

#include <time.h>
#include "userspace/base/clock.h"
#include "userspace/base/fsm.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/snapshot.h"
#include "userspace/base/str.h"
#include "userspace/base/timerdef.h"
#include "userspace/core/cdr.h"
#include "userspace/core/core.h"
#include "userspace/core/dialplan.h"
#include "userspace/core/route.h"

/* ---- named timers (call.c has the table) ---- */

enum td_call_timer {
	TD_TIMER_SETUP, TD_TIMER_NO_ANSWER, TD_TIMER_MEDIA, TD_TIMER_GOODBYE,
	TD_TIMER_CALL_BACK, TD_CALL_TIMERS
};

extern const struct td_timerdef td_call_timerdefs[TD_CALL_TIMERS];

/* ---- core.c ---- */

struct td_core_stats {
	uint64_t calls, answered, failed, refused_full, refused_events, goodbye_played;
	uint64_t no_memory;
};

struct td_core {
	struct td_loop *loop;
	struct td_media_port media;
	struct td_map calls;		/* struct td_call.node, by id */
	struct td_list call_list;	/* oldest first, for show */
	struct td_map endpoints;	/* struct td_endpoint.node */
	struct td_list endpoint_list;	/* struct td_endpoint.list_node, as configured */
	struct td_route *routes;	/* digits -> struct td_target */
	struct td_map numbers;		/* struct td_number.node, by its digits */
	struct td_map targets;		/* struct td_target.node, by serial */
	uint32_t last_target;
	struct td_dialplan *plan;
	size_t n_phones;
	size_t n_registered;
	uint32_t last_call_id, last_leg_id;
	uint32_t timer_ms[TD_CALL_TIMERS];
	uint32_t interdigit_ms;		/* how long a digit more is waited for */
	uint32_t max_calls;
	char codec[CFG_MAX_CODECS][CFG_TEXT_LEN];
	size_t n_codec;
	struct td_addr media_forking;	/* of calls whose parties have none of their own */
	uint8_t phone_media, trunk_media;	/* enum cfg_media_mode */
	bool prefers_ipv6;		/* where two parties have both families */
	struct td_core_stats n;
	struct snapshot *keep;		/* NULL: calls end with the process */
	void (*kept_watch)(void *arg, uint32_t place);
	void *kept_watch_arg;
	bool (*ours)(void *arg, const struct td_addr *a);	/* NULL: every address */
	void *ours_arg;
	struct td_list unsaved;		/* struct td_call.unsaved */
	struct td_deferred write_soon;
	struct td_map lines;		/* watch.c: struct td_line.node, by its number */
	struct td_list dirty_lines;
	struct td_deferred tell_soon;
	td_call_watch_fn watch;
	void *watch_arg;
	td_number_watch_fn number_watch;
	void *number_watch_arg;
	td_night_watch_fn night_watch;
	void *night_watch_arg;
	uint32_t recall_ms;		/* a transferred call comes back after that; 0 = never */
	uint32_t call_back_ms;		/* how long a phone waits for a number */
	bool no_consult;		/* transfers are blind only */
	struct cfg_fac fac;
	char hide_code[CFG_NUMBER_LEN];	/* caller_id_block_code */
	struct cfg_nightservice night;
	int8_t night_by_hand;		/* 1 on, -1 off, 0 as the hours say */
	struct td_after_hours *after_hours;
	bool held_is_private;		/* privacy is for what a phone holds, too */
	uint32_t max_conferences;
	int8_t conference_gain_db;
	struct cfg_park *parks;
	size_t n_parks;
	struct td_map parked;		/* struct td_call.parked, by slot */
	struct cfg_conference *meetings;
	size_t n_meetings;
	struct cfg_paging *pagings;
	size_t n_pagings;
	struct td_list conferences;	/* struct conference, feat_conference.c */
	uint32_t last_conference;
	bool has_music;
	struct td_media_desc house;	/* what the house itself takes: music, conferences */
	td_cdr_fn on_cdr;
	void *cdr_arg;
	void (*phone_fn)(void *arg, const struct td_endpoint *ep, const struct td_addr *address);
	void *phone_arg;
};

/* ---- endpoint.c ---- */

/** One place where a number is: a line of an endpoint. */
struct td_number_ref {
	struct td_list node;		/* in the number */
	struct td_number *number;
	struct td_endpoint *ep;
	uint32_t line;			/* index into ep->lines */
};

struct td_number {
	struct td_target target;	/* first */
	struct td_map_node node;	/* by digits */
	char digits[CFG_NUMBER_LEN];
	char cor_outgoing[CFG_ID_LEN];
	uint8_t preference;
	bool huntstop;
	struct td_forward forward;
	bool forward_set;		/* forward.all is what a phone has set, not the configuration */
	uint32_t messages;		/* that wait */
	char pickup_group[CFG_NUMBER_LEN];
	bool logged_out;		/* hunt groups leave it out */
	bool unwatched;			/* other phones may not see what goes on there */
	uint64_t idle_since_ms;		/* loop time when its last call ended */
	struct td_list refs;
};

void td_endpoint_init(struct td_core *core);
void td_endpoint_fini(struct td_core *core);
void td_endpoint_get(struct td_endpoint *ep);	/* a leg begins; NULL is fine */
void td_endpoint_put(struct td_endpoint *ep);	/* it ended: frees one that is gone */
const struct td_number *td_number_find(struct td_core *core, const char *digits);
/** Its phone has logged it out of hunt groups, or in again. -ENOENT. */
int td_number_hlog(struct td_core *core, const char *digits);
/** A call with this number has ended. */
void td_number_rests(struct td_core *core, const char *digits);
/** The line with that number; NULL: it is on none. */
struct td_endpoint_line *td_endpoint_line_at(const struct td_endpoint *ep, const char *number);
/** The same, else line 1, else NULL. */
const struct td_endpoint_line *td_endpoint_line_of(const struct td_endpoint *ep,
						   const char *number);
/** The name to show for a line: its own, else the phone's. */
const char *td_endpoint_line_name(const struct td_endpoint *ep,
				  const struct td_endpoint_line *line);

/* ---- line_calls.c ---- */

/** A reload: the new lines have the calls of the old ones. */
void td_line_keep_counts(const struct td_endpoint *old, struct td_endpoint_line *lines, size_t n);
/** The leg is a call on that line of its phone until td_line_leave(). Several legs to one phone are
 * one call. */
void td_line_take(struct td_leg *leg, const char *number);
void td_line_leave(struct td_leg *leg);
/** A call for that line would be too many. */
bool td_line_is_full(const struct td_endpoint *ep, uint32_t line);

/* ---- call.c ---- */

enum td_call_state {
	TD_CALL_NULL,			/* A is there, SETUP is not */
	TD_CALL_CALLING,		/* third-party call: A is rung first */
	TD_CALL_SETUP,			/* B is called */
	TD_CALL_ALERTING,		/* B rings, or sends early media */
	TD_CALL_UP,
	TD_CALL_ALONE,			/* A talks to nobody: parked, or in a conference */
	TD_CALL_CLEARING,		/* every leg is released or being released */
	TD_CALL_STATES
};

enum td_call_event {
	TD_EV_SETUP, TD_EV_A_MEDIA, TD_EV_A_RELEASED, TD_EV_B_ALERTING, TD_EV_B_ANSWERED,
	TD_EV_B_MEDIA, TD_EV_B_RELEASED, TD_EV_HOLD, TD_EV_RESUME, TD_EV_DIGIT, TD_EV_INFO,
	TD_EV_TRANSFER, TD_EV_CONFERENCE, TD_EV_REDIRECT, TD_EV_ASIDE_MEDIA, TD_EV_ASIDE_RELEASED, TD_EV_TIMER,
	TD_EV_SILENCE, TD_EV_HANGUP, TD_EV_NO_MEMORY, TD_EV_UNEXPECTED,
	TD_CALL_EVENTS
};

struct td_call {
	struct td_map_node node;	/* by id */
	struct td_list list_node;
	struct td_core *core;
	uint32_t id;
	uint8_t state;			/* enum td_call_state */
	uint8_t hops;
	bool no_memory;			/* an event was lost: end the call */
	uint8_t rekeys;			/* call_srtp.c: new keys of parties that were passed on */
	bool wait_media;		/* B answered, its address is not known yet */
	bool again;			/* call_around.c: who was called last is called once more */
	bool no_video;			/* ... and without video (call_video.c) */
	bool rings;			/* who is called now has given a sign of ringing */
	/* call_hunt.c: */
	bool tried_stops, tried_peer;	/* the last one: is a huntstop, is no number of the house */
	uint8_t n_tried;
	uint32_t tried[TD_ROUTE_HITS];	/* serials of targets */
	char target[TD_NUMBER_LEN];	/* what is looked for now: to, translated or forwarded */
	char calling[TD_NUMBER_LEN];	/* from, translated */
	bool called_back;		/* rings because the number that it waits for is free */
	bool streams;			/* feat_paging.c: what it says goes to a multicast group */
	bool paged;			/* rings to hear who pages: call->to */
	bool overrides;			/* section afterhours does not hold this call */
	bool emergency;			/* who is called now hears who calls */
	char acts_for[CFG_NUMBER_LEN];	/* whose rights count, once it was forwarded */
	char redirect_to[TD_NUMBER_LEN];	/* what a phone wants that is called now */
	struct td_diversion diversion;
	uint32_t group;			/* serial of the hunt group that is gone through, 0 = none */
	uint8_t group_at, group_n;
	uint8_t group_order[CFG_MAX_MEMBERS];
	bool told_held;			/* what the watcher was told last */
	enum td_cause cause;		/* why it ended; before that the best failure of a fork */
	enum td_media_path path;	/* kept for the last line when media is closed */
	struct td_list legs;
	struct td_leg *a;		/* caller; NULL while a third-party call rings it */
	struct td_leg *b;		/* who answered */
	struct td_leg *early;		/* whose early media A hears before that */
	struct td_leg *aside;		/* transfer.c: who wants the call to go elsewhere, waiting */
	bool aside_was_a;
	struct td_party before[2];	/* from and to as they were before the transfer */
	char recall_to[CFG_NUMBER_LEN];	/* feat_recall.c: who transferred it here, and is gone */
	bool recalling;			/* who rings now is that one */
	bool recall_first;		/* it comes back before anything else is tried */
	uint8_t recalls;
	struct {
		char number[CFG_NUMBER_LEN];	/* feat_reach.c: the desk's, or empty */
		uint32_t leg;		/* of who is called as well, or has answered; 0 = not yet */
		struct td_timer timer;
	} reach;
	bool alone;			/* A has nobody opposite, and is the house's guest */
	uint32_t conference;		/* feat_conference.c: its number, 0 = in none */
	struct td_map_node parked;	/* feat_park.c: by slot, while the slot is taken */
	char slot[CFG_NUMBER_LEN];
	char parked_by[CFG_NUMBER_LEN];
	uint16_t reminders;		/* that have been */
	struct td_media_place placed[2];	/* as told to the plane last, by side */
	struct td_party from, to;
	uint8_t use;			/* enum td_use: what A wants with the number */
	bool overlap;			/* A's number may go on until somebody answers */
	struct td_list queue;		/* struct td_post, see leg.c */
	struct td_deferred run;
	struct td_timer timer;
	struct td_media_session *media;
	struct td_media_end ends[2];	/* as told to the plane last */
	struct td_call_video *video;	/* call_video.c; NULL: nobody has spoken of any */
	struct td_list unsaved;		/* in the core's list when its record is out of date */
	uint32_t place;			/* of its record, 0 = none */
	uint64_t created_ms;		/* Unix time */
	uint64_t answered_ms, ended_ms;	/* loop time, 0 = not */
};

/** What an action is told about the event it serves. */
struct td_call_input {
	struct td_leg *leg;		/* NULL: timer, hangup, no memory */
	const struct td_leg_event *ev;
};

struct td_call *td_call_new(struct td_core *core);
/** A call of an earlier process, under its old id. NULL: no memory, or the id is taken. */
struct td_call *td_call_again(struct td_core *core, uint32_t id);
void td_call_free(struct td_call *call);
struct td_call *td_call_find(struct td_core *core, uint32_t id);
/** Run one event through the table; refused ones are counted and logged. */
void td_call_event(struct td_call *call, enum td_call_event event, struct td_leg *leg,
		   const struct td_leg_event *ev);
void td_call_timer(struct td_call *call, enum td_call_timer which);
/** The same with another time. */
void td_call_timer_ms(struct td_call *call, uint32_t ms);
void td_call_timer_stop(struct td_call *call);
/** Tell every leg goodbye and close the media. Returns TD_CALL_CLEARING, for actions. */
int td_call_clear(struct td_call *call, enum td_cause cause);
void td_call_born(struct td_call *call);	/* the info line of its birth */
void td_call_changed(struct td_call *call);	/* tells the watcher */
bool td_call_is_held(const struct td_call *call);
const char *td_call_state_word(const struct td_call *call);
uint64_t td_call_duration_ms(const struct td_call *call);

/* actions of the table: td_fsm_action */
int td_call_on_setup(void *obj, const void *in);
int td_call_on_alerting(void *obj, const void *in);
int td_call_on_early_media(void *obj, const void *in);
int td_call_on_answered(void *obj, const void *in);
int td_call_on_fork_released(void *obj, const void *in);
int td_call_on_a_gone(void *obj, const void *in);
int td_call_on_gone(void *obj, const void *in);
int td_call_on_no_response(void *obj, const void *in);
int td_call_on_no_answer(void *obj, const void *in);
int td_call_on_no_media(void *obj, const void *in);
int td_call_on_silence(void *obj, const void *in);
int td_call_on_hangup(void *obj, const void *in);
int td_call_on_no_memory(void *obj, const void *in);
int td_call_on_media(void *obj, const void *in);
int td_call_on_hold(void *obj, const void *in);
int td_call_on_resume(void *obj, const void *in);
int td_call_on_digit(void *obj, const void *in);
int td_call_on_info(void *obj, const void *in);
int td_call_on_left(void *obj, const void *in);
int td_call_on_transfer(void *obj, const void *in);
int td_call_on_alone_timer(void *obj, const void *in);
int td_call_on_aside_media(void *obj, const void *in);
int td_call_on_aside_released(void *obj, const void *in);
int td_call_on_redirect(void *obj, const void *in);
int td_call_on_origin_media(void *obj, const void *in);
int td_call_on_origin_alerting(void *obj, const void *in);
int td_call_on_origin_answered(void *obj, const void *in);
int td_call_on_origin_timeout(void *obj, const void *in);
int td_call_on_origin_released(void *obj, const void *in);

/* ---- call_setup.c ---- */

/** Everybody who was called is out, for this reason. Returns the next state. */
int td_call_failed(struct td_call *call, enum td_cause cause);
/** Attach and call the fresh legs; those that fail have posted RELEASED or are destroyed.
 * Returns how many were called; the reason for none in *cause. */
size_t td_call_ring(struct td_call *call, struct td_leg **legs, size_t n,
		    const struct td_party *from, enum td_cause *cause);
/** Reserve ports unless done. False when there are none left. */
bool td_call_open_media(struct td_call *call);
/** Who is called now must give a sign in time, which begins with the last digit. */
void td_call_wait_for_sign(struct td_call *call);
/** Remember why a fork failed; the most telling reason stays. */
void td_call_note_cause(struct td_call *call, enum td_cause cause);
bool td_call_has_live_forks(const struct td_call *call);
/** Hang up on who was called, but for winner (or NULL). */
void td_call_release_forks(struct td_call *call, const struct td_leg *winner, enum td_cause cause);

/* ---- call_hunt.c ---- */

/** Find who can be reached by call->to and ring the first of them. Returns the next state. */
int td_call_route(struct td_call *call);
/** Who comes after those that have failed, for this reason: the next of a hunt group, whom the
 * number is forwarded to, the next that fits. False: nobody; else they ring. */
bool td_call_hunt_on(struct td_call *call, enum td_cause cause);
/** The same for a call that leads its present A to another number, with the rights of the number
 * acts_for. False: nobody rings, and why is in call->cause. */
bool td_call_route_to(struct td_call *call, const char *number, const char *acts_for);
/** The same, and it is told who sent the call there: call->diversion. */
bool td_call_route_back(struct td_call *call, const char *number, const char *acts_for);
/** Call a number beside those who ring, with the rights of the number whose call it is, which it is
 * shown instead of the caller when local. NULL: nobody is called. */
struct td_leg *td_call_ring_also(struct td_call *call, const struct td_number *number, const char *to,
				 bool local);
/** How long those who are called now may ring, in ms. */
uint32_t td_call_patience_ms(const struct td_call *call);
/** What it rings now or rang last; NULL: nothing yet, or a reload took it. */
const struct td_target *td_call_tried_last(const struct td_call *call);

/* ---- cdr.c ---- */

/** The call ends, its legs and media are still there: tell the one who keeps records. */
void td_call_record(struct td_call *call);

/* ---- watch.c ---- */

void td_watch_init(struct td_core *core);
void td_watch_fini(struct td_core *core);
/** An event of the call has been served: see what is another thing now at its numbers. */
void td_watch_call(struct td_call *call);
/** The leg leaves its call. */
void td_watch_leg_gone(struct td_leg *leg);
/** Something else has changed at a number; at all numbers of a phone. */
void td_watch_touch(struct td_core *core, const char *number);
void td_watch_endpoint(struct td_core *core, const struct td_endpoint *ep);

/* ---- call_house.c: parties that talk to nobody else ---- */

/** What a leg is to hear now. */
enum td_media_house td_call_house_of(const struct td_leg *leg);
/** Tell the plane where both parties belong, if that is another place than before. */
void td_call_place(struct td_call *call);
/** A, who is up or has called, has nobody opposite from now on: answered if need be, with media of
 * the house. Nonzero: it cannot be, the call has to end. */
enum td_cause td_call_stay_alone(struct td_call *call);
/** leg, which called or is up in a call of its own, becomes B of this one and is answered; what
 * rings here stops. Its own call is left behind with nobody. */
enum td_cause td_call_take(struct td_call *call, struct td_leg *leg);

/** A party is shown another one, as far as its driver can. leg may be NULL. */
void td_call_tell_party(struct td_leg *leg, const struct td_party *party);
/** A and B, both there, are shown each other. */
void td_call_tell_parties(struct td_call *call);

/* ---- features.c: numbers that are not somebody's ---- */

/** 0, or -ENOMEM. */
int td_features_configure(struct td_core *core, const struct td_config *config);
void td_features_fini(struct td_core *core);
/** Do these digits, dialled by a phone, use a feature? */
enum td_dial td_feature_dial(const struct td_core *core, const char *digits);
/** The call's A, which has called or is up, has dialled this, or who transfers it has (by, a
 * number). False: it is no feature. Else *cause is 0 and the call is alone, or A has gone from it;
 * or why not. */
bool td_feature_use(struct td_call *call, const char *digits, const char *by, enum td_cause *cause);
/** A has called with this (enum td_use), and not to call. 0, or why not. */
enum td_cause td_feature_key(struct td_call *call, uint8_t use, const char *digits);

/** What a phone may dial before a number: the number, and what it wants. */
struct td_dialled {
	bool hides, overrides;
};
const char *td_feature_prefix(const struct td_core *core, const char *digits,
			      struct td_dialled *how);
/** What others are shown of a party. */
const struct td_party *td_leg_shown(const struct td_leg *leg);

/* ---- feat_hours.c ---- */

/** Does the time lie in one of these? In the zone of the process. */
bool td_hours_are(const struct cfg_hours *hours, size_t n, time_t now);
/** -ENOMEM: what was in force stays. */
int td_hours_configure(struct td_core *core, const struct td_config *config);
void td_hours_fini(struct td_core *core);
/** May this phone not dial this now? */
bool td_hours_block(const struct td_core *core, const struct td_endpoint *from, const char *digits,
		    bool overrides);
const char *td_hours_override_code(const struct td_core *core);
bool td_night_service(struct td_core *core);
void td_night_toggle(struct td_core *core);

/* ---- feat_park.c ---- */

#define TD_PARK_ANYWHERE "park"	/* in the place of a slot: the first that is free */

enum td_dial td_park_dial(const struct td_core *core, const char *digits);
/** A slot that is free, or "". */
void td_park_free_slot(const struct td_core *core, char slot[CFG_NUMBER_LEN]);
/** A is parked there by a number. */
enum td_cause td_park(struct td_call *call, const char *slot, const char *by);
/** A takes who is parked there. */
enum td_cause td_park_retrieve(struct td_call *call, const char *slot);
/** The call is not parked any more. */
void td_park_leave(struct td_call *call);
/** Who was reminded does not answer. True: parked again. */
bool td_park_again(struct td_call *call);
/** Restored. -EEXIST: another one is there. */
int td_park_enter(struct td_call *call);
int td_call_on_park_timer(struct td_call *call);

/* ---- feat_pickup.c ---- */

/** A takes a call that rings at a number; in a group; in the group of A's own number. */
enum td_cause td_pickup(struct td_call *call, const char *number);
enum td_cause td_pickup_group(struct td_call *call, const char *group);
enum td_cause td_pickup_local(struct td_call *call);

/* ---- feat_conference.c ---- */

/** A goes where those meet who dial that number. */
enum td_cause td_conference_meet(struct td_call *call, const struct cfg_conference *c);
/** A comes to the two who talk in the other call: a conference of all three. */
enum td_cause td_conference_barge(struct td_call *call, struct td_call *into);
void td_conference_leave(struct td_call *call);
/** Restored; number "" is one without. -ENOMEM. */
int td_conference_enter(struct td_call *call, uint32_t id, const char *number);
const char *td_conference_number(const struct td_call *call);
/** Somebody has gone. True: who is left stays. */
bool td_conference_goes_on(struct td_call *call, struct td_leg *gone);
int td_call_on_conference(void *obj, const void *in);

/* ---- feat_recall.c ---- */

/** Who has this number transfers the call: it comes back there when nobody takes it. */
void td_recall_set(struct td_call *call, const char *number);
void td_recall_forget(struct td_call *call);
/** How long who is called now may ring, when it could be so long without transfer. */
uint32_t td_recall_patience_ms(struct td_call *call, uint32_t ms);
/** Nobody takes the call. True: who transferred it is rung, or will be. */
bool td_recall(struct td_call *call);
int td_call_on_recall_timer(struct td_call *call);

/* ---- feat_callback.c ---- */

/** A calls; it was busy there; somebody has answered. */
void td_call_back_note(const struct td_call *call);
void td_call_back_failed(const struct td_call *call, enum td_cause cause);
void td_call_back_reached(const struct td_call *call);
/** A call of this phone is over on one of its lines. */
void td_call_back_rests(struct td_endpoint *ep);

/* ---- feat_reach.c ---- */

/** The number rings at its phones: it is looked for elsewhere too, when it wants that. */
void td_reach_begin(struct td_call *call, const struct td_number *number);
/** No phone of the number is there. True: it is looked for elsewhere. */
bool td_reach_at_once(struct td_call *call, const struct td_number *number);
/** B has answered. */
void td_reach_stop(struct td_call *call);
/** The call is another's affair now, or over. */
void td_reach_end(struct td_call *call);
/** A, at a phone of the number, takes the call that was answered elsewhere. 0, or why not. */
enum td_cause td_reach_pull(struct td_call *call, const char *number);

/* ---- feat_replace.c ---- */

/** leg, of another call, talks on in this one in the place of old, which is released. 0, or why not
 * (then nothing has changed). */
enum td_cause td_call_go_on(struct td_call *to, struct td_leg *old, struct td_leg *leg);

/** The call's A takes the place of a leg in another call, or joins it (td_setup.replaces_call,
 * .barge). Returns the next state. */
int td_call_replace(struct td_call *call, const struct td_setup *s);

/** A conference where only this call's party is heard, until it goes: then all others go too. */
enum td_cause td_conference_speak(struct td_call *call, const char *number);
/** Who hears it. TD_CAUSE_NO_ROUTE: nobody speaks there. */
enum td_cause td_conference_listen(struct td_call *call, const char *number);
/** Is the call's party not heard there? */
bool td_conference_is_mute(const struct td_call *call);
bool td_conference_is_page(const struct td_call *call);

/* ---- feat_paging.c ---- */

const struct cfg_paging *td_paging_of(const struct td_core *core, const char *digits);
enum td_cause td_page(struct td_call *call, const struct cfg_paging *p);
/** Who speaks there is going. */
void td_page_end(struct td_call *call, uint32_t conference);

/* ---- originate.c ---- */

/** td_core_originate(): the phone answers by itself, to hear who pages. */
int td_call_page_phone(struct td_core *core, const char *from, const char *to);
/** The same at that phone, on its line: the number that it waits for is free. It rings shortly. */
int td_call_ring_back(struct td_core *core, struct td_endpoint *ep, const char *line,
		      const char *to);

/* ---- feat_transfer.c ---- */

/** The new party rings, or has answered: tell who transferred the call, and let it go. */
void td_call_transfer_rings(struct td_call *call);
void td_call_transfer_done(struct td_call *call);
/** The asker's leg in another call that t names: the same phone's, talking, or waiting for
 * somebody who is rung. NULL: there is none. */
struct td_leg *td_call_leg(struct td_call *call, uint32_t id);
struct td_leg *td_call_consulting(const struct td_call *call, const struct td_leg *leg,
				  const struct td_transfer *t);
/** Nobody takes the call. True: it is again as it was before the transfer. */
bool td_call_transfer_failed(struct td_call *call, enum td_cause cause);

/* ---- call_media.c ---- */

/** Other parties than before: program the media, and tell both what they do not know. */
int td_call_rejoin_media(struct td_call *call);

/** Answer the open offer of a leg that is new opposite of the other one, or make ours. */
int td_call_answer_leg(struct td_call *call, struct td_leg *leg);
/** Our codecs are agreed and our answer is on its way: let the caller know that it is up. */
void td_call_connect_leg(struct td_leg *leg);
/** The party A or B opposite of leg: whom it hears now; may be NULL. */
struct td_leg *td_call_other(const struct td_call *call, const struct td_leg *leg);
/** Prepare our first offer to a leg that is about to be called, in its pending slot.
 * -ENOENT: no codec is left; -ENOMEM. */
int td_call_offer_first(struct td_call *call, struct td_leg *leg);
/** The caller's offer of SETUP. Same errors. */
int td_call_take_offer(struct td_leg *leg, const struct td_media_desc *d);
int td_call_take_answer(struct td_call *call, struct td_leg *leg, const struct td_media_desc *d);
/** B has answered: A hears so, with an answer, our late offer, or what has changed. */
int td_call_finish_media(struct td_call *call);
/** Our offer to the leg is refused: what was agreed before stays. */
void td_call_drop_offer(struct td_leg *leg);
/** It hears of digits by info(). */
bool td_leg_by_info(const struct td_leg *leg);
/** leg->dtmf, from its endpoint and its dial peer. */
void td_leg_set_dtmf(struct td_leg *leg);
/** The direction that a party is to be told, TD_DIR_*. */
uint8_t td_leg_told(const struct td_leg *leg, const struct td_leg *other);
/** What both legs had said and agreed before; connects the media. */
int td_call_restore_media(struct td_call *call, const struct td_media_desc *a_remote,
			  const struct td_media_desc *a_local,
			  const struct td_media_desc *b_remote,
			  const struct td_media_desc *b_local);

/* ---- call_video.c ---- */

struct td_call_video {
	struct td_media_session *media;
	struct td_media_end ends[2];	/* as told to the plane last */
	uint64_t packets;		/* when the sound fell silent last */
	uint8_t turns;			/* offers for the sake of video alone */
};

/** Restored, with these ports. */
int td_video_adopt(struct td_call *call, const uint16_t port[2]);
void td_video_close(struct td_call *call);

/** What the party wants of video, as its offer says. */
void td_video_wish(struct td_leg *leg, const struct td_media_desc *d);
/** Video for an offer of ours to the leg; text is room for its formats, as below. */
void td_video_offer(struct td_call *call, const struct td_leg *leg, struct td_video *v,
		    char text[TD_VIDEO_TEXT]);
/** Does what the leg was told need no other word? */
bool td_video_is_told(const struct td_video *want, const struct td_video *now);
/** May a party get an offer for nothing but video? Counted, until a party wants something: two that
 * do not come to terms end. */
bool td_video_may_turn(struct td_call *call);
void td_video_turns_again(struct td_call *call);
/** The party's answer to our offer: what of it is agreed. */
void td_video_agree(struct td_leg *leg, const struct td_video *offer, const struct td_video *said,
		    struct td_video *agreed, char text[TD_VIDEO_TEXT]);
/** Video for our answer to leg->remote. */
void td_video_answer(struct td_call *call, const struct td_leg *leg, struct td_video *v,
		     char text[TD_VIDEO_TEXT]);
/** Its offer has video that only the other party can answer? */
bool td_video_has_to_ask(const struct td_call *call, const struct td_leg *leg,
			 const struct td_media_desc *offer);
/** What it was told of video is not the other party's, which has to answer first. */
bool td_video_waits(const struct td_leg *leg);
/** The leg refused the whole call, which had video. True: it is to be called again, without. */
bool td_video_refused(struct td_call *call, const struct td_leg *leg, enum td_cause cause);
/** What the party says now, after old. */
void td_video_merge(struct td_video *now, const struct td_video *old, bool answer);
/** The leg has agreed to the other one's video. */
bool td_video_is_up(const struct td_leg *leg, const struct td_leg *other);
/** (Re)program its packets; inactive when one of the two has none. */
void td_video_connect(struct td_call *call);
/** Has any come since this was asked last? */
bool td_video_has_come(struct td_call *call);

/* ---- call_marks.c ---- */

/** The leg is new in the call: by which dial peer? */
void td_call_marks_begin(const struct td_call *call, const struct td_leg *leg);
/** The mark of packets to the leg's party, as td_media_end.dscp_class; class is TD_DSCP_MEDIA or
 * TD_DSCP_VIDEO. */
uint32_t td_call_mark(const struct td_call *call, const struct td_leg *leg, uint32_t class);
/** There are other dial peers now: calls that run get their marks. */
void td_core_remark_calls(struct td_core *core);

/* ---- call_around.c ---- */

/** Where the other party sends what the leg's party hears, past us; NULL: to us. */
const struct td_addr *td_call_around_address(const struct td_call *call, const struct td_leg *leg);
/** The leg is new in the call: may its media go around? What the configuration says then counts
 * for all of the call. */
void td_call_around_begin(const struct td_call *call, const struct td_leg *leg);
/** Which address of the other party the leg is told, past us; NULL: it is told ours. */
const struct td_addr *td_call_around_told(const struct td_call *call, const struct td_leg *leg);
/** Do media of this leg go from and to the other party, past us? */
bool td_call_is_around(const struct td_call *call, const struct td_leg *leg);
/** Put the other party's address and payload types into d, which is for this leg. False, and d is
 * as it was: its media go through. */
bool td_call_tell_around(const struct td_call *call, const struct td_leg *leg,
			 struct td_media_desc *d);
/** The leg refused the other one's media. True: it is to be called again, with ours. */
bool td_call_around_refused(struct td_call *call, const struct td_leg *leg, enum td_cause cause);

/* ---- call_srtp.c ---- */

/** Keys for our offer, which the leg's codecs are in. anew: not what it was told before. 0; -ENOENT:
 * it may not be called without SRTP, nor be told a key. */
int td_srtp_offer(const struct td_call *call, struct td_leg *leg, struct td_media_desc *d,
		  bool anew);
/** Would the leg be offered the other party's keys? */
bool td_srtp_passes(const struct td_call *call, const struct td_leg *leg);
/** The party's offer: what we do not want of it is taken out. -ENOENT: to be refused. */
int td_srtp_take_offer(const struct td_leg *leg, struct td_media_desc *offer);
/** Keys for our answer to leg->remote, of which the chosen one is left. 0 or -EIO. */
int td_srtp_answer(const struct td_call *call, struct td_leg *leg, struct td_media_desc *d);
/** The party's answer: what of our offer is agreed, what it said is cleared of the rest. -ENOENT. */
int td_srtp_take_answer(const struct td_media_desc *offer, struct td_media_desc *said,
			struct td_media_desc *agreed);
/** The other party, whose key it was told, has another one; only so many times. */
bool td_srtp_is_stale(struct td_call *call, const struct td_leg *leg);

/* ---- call_plane.c ---- */

/** Where the call is recorded, or unset. */
struct td_addr td_call_forking(const struct td_call *call);

/** (Re)program both directions, once both parties are known and when anything differs. */
int td_call_connect_media(struct td_call *call);
void td_call_close_media(struct td_call *call);
/** Behind a NAT: where its host is, and that its port has to be learned. */
void td_call_fill_nat(const struct td_leg *leg, struct td_media_end *e);
/** Let a party hear a key in its media, if that is how it wants them and somebody is sending to
 * it. Negative: it has to be told otherwise. */
int td_call_press(struct td_call *call, const struct td_leg *to, const struct td_info *info);
/** What the media plane tells: td_media_event_fn, arg is the core. */
void td_call_media_event(void *arg, const struct td_media_event *ev);

/* ---- call_keep.c ---- */

/** The call has changed: write its record soon, or drop it when it is not up any more. */
void td_call_keep(struct td_call *call);
void td_call_forget(struct td_call *call);
/** Put a call together from its record at that place; 0: it comes from another router, and gets
 * another id when it must. id: of the call, also when it failed. */
int td_call_restore(struct td_core *core, struct td_buf *record, uint32_t place, uint32_t *id);

/* ---- call_move.c ---- */

bool td_core_has_address(const struct td_core *core, const struct td_addr *a);

/* ---- leg.c ---- */

enum td_leg_state {
	TD_LEGST_IDLE, TD_LEGST_CALLING, TD_LEGST_ALERTING, TD_LEGST_UP, TD_LEGST_RELEASING,
	TD_LEGST_GONE
};

struct td_post;

#define TD_DIGITS_SHOWN 32

/** The core's own part of a leg, leg->core_priv. */
struct td_leg_core {
	struct td_leg *leg;
	struct td_post *bye;		/* reserved, so that RELEASED can always be queued */
	struct td_timer goodbye;
	struct td_media_desc *pending;	/* our open offer */
	struct td_media_desc *other_kind;	/* its open offer of a fax instead of sound, or back, or
						 * of video: the other party is being asked */
	enum td_cause released_with;	/* the cause we gave */
	uint8_t wish;			/* TD_DIR_* that the party itself wants */
	uint8_t video_wish;		/* the same for video */
	bool offer_open;		/* the party's offer waits for our answer */
	bool offer_asked;		/* the party asked for our open offer */
	bool outbound;			/* we called it */
	bool alerted;			/* it was told that the other one rings */
	struct td_line *on;		/* watch.c: whose leg this is, NULL = nobody's yet */
	struct td_list on_line;
	uint8_t seen;			/* ... and what of it was looked at last */
	bool moved;			/* from another call: our address for it is another one now; or
					 * whom it hears has another key */
	bool around;			/* its media may go around, if the other one's may */
	char peer[CFG_ID_LEN];		/* the dial peer by which it was called, or empty */
	bool hides;			/* nobody is told who it is */
	char channel[CFG_NUMBER_LEN];	/* the number of its phone that it is counted on; or empty */
	uint8_t side;			/* of the media session, 0 or 1 */
	struct td_srtp_mark sealed, sealed_before;	/* what it hears, now and in an earlier process */
	struct td_srtp_key srtp_key[TD_SUITES];	/* ours for what it hears; tag 0 = not made yet */
	char digits[TD_DIGITS_SHOWN + 1];	/* pressed during the call, the last ones */
};

static inline struct td_leg_core *td_leg_core(const struct td_leg *leg)
{
	return leg->core_priv;
}

/** Make the leg part of the call. -ENOMEM leaves it untouched. */
int td_leg_attach(struct td_call *call, struct td_leg *leg, bool outbound);
/** Hang up once; nothing when it is on its way out already. */
void td_leg_release(struct td_leg *leg, enum td_cause cause);
/** After RELEASED: out of the call and back to its driver, which frees it. */
void td_leg_destroy(struct td_leg *leg);
bool td_leg_is_live(const struct td_leg *leg);
/** Its party has put the other one on hold. */
bool td_leg_holds(const struct td_leg *leg);
/** Other phones with its number have nothing to do with it: its phone has privacy. */
bool td_leg_is_secret(const struct td_leg *leg);
/** Into another call, on that side of its media. The leg is up. */
void td_leg_move(struct td_leg *leg, struct td_call *to, uint8_t side);
void td_leg_note_digit(struct td_leg *leg, char digit);
/** Is the leg's next word in the queue its ANSWERED? (Then its media is not early.) */
bool td_leg_answer_follows(const struct td_leg *leg);
void td_call_drop_queue(struct td_call *call);
void td_call_wake(struct td_call *call);
const char *td_leg_state_word(const struct td_leg *leg);

#endif
