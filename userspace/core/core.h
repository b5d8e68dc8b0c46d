/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core's main face: create it, tell it who can be called, ask it what is going on.
 * Call control without a protocol: calls, legs, endpoints, numbers. See leg.h for the
 * drivers' side and media_port.h for the media plane's.
 */
#ifndef TD_CORE_CORE_H
#define TD_CORE_CORE_H

#include <stdbool.h>
#include <stdint.h>
#include "config/model.h"
#include "userspace/base/buf.h"
#include "userspace/base/json.h"
#include "userspace/base/loop.h"
#include "userspace/base/map.h"
#include "userspace/core/leg.h"
#include "userspace/core/media_port.h"

struct td_core;

struct td_core_args {
	struct td_loop *loop;
	struct td_media_port media;
	const struct td_config *config;
};

struct td_core *td_core_new(const struct td_core_args *args);
/** Releases every call first (drivers must still be there), waits for nothing. */
void td_core_free(struct td_core *core);
/** A new model: codecs, timers, limits. Running calls keep what they have. Endpoints are
 * changed separately by the driver's owner (td_endpoint_*). */
void td_core_configure(struct td_core *core, const struct td_config *config);
size_t td_core_calls(const struct td_core *core);

/* ---- calls that outlive the process (call_keep.c) ---- */

/** Keep answered calls in this file from now on. -errno: they end with the process. */
int td_core_keep(struct td_core *core, const char *path);
/** Put together what an earlier process kept; its endpoints must be there, and no message may
 * have been heard yet. Returns how many calls. Also tells the media plane that no more come. */
size_t td_core_restore(struct td_core *core);
/** Write what has changed in this turn of the loop: the process is about to go. */
void td_core_flush(struct td_core *core);

/* ---- calls that change to another router (call_move.c) ---- */

#define TD_KEPT_PLACES 8192u		/* places are 1 .. TD_KEPT_PLACES */
#define TD_KEPT_LEN    8176u		/* bytes of the longest record */

/** What a call is called on every router that knows it. */
struct td_call_name {
	uint32_t id;			/* on the router where it began */
	uint64_t created_ms;		/* Unix time there */
};

/** fn is told of each place whose record is another one now, or is empty. */
void td_core_watch_kept(struct td_core *core, void (*fn)(void *arg, uint32_t place), void *arg);
/** The record at this place into b; false: it is empty. Valid until the next change there. */
bool td_core_kept(const struct td_core *core, uint32_t place, struct td_buf *b);
/** Whose record this is. -EBADMSG: of nobody that this version knows. */
int td_core_kept_name(const void *record, size_t len, struct td_call_name *name);
/** Which addresses this router has: a call whose parties talk to another one is not ours (any
 * more), and is neither put together nor told goodbye. NULL: all. */
void td_core_own_addresses(struct td_core *core, bool (*ours)(void *arg, const struct td_addr *a),
			   void *arg);
/** Go on with a call of another router, from its record: first the media, then the signalling.
 * -EADDRNOTAVAIL: its address is not here. Other errors: its parties are told goodbye. */
int td_core_adopt(struct td_core *core, const void *record, size_t len);
/** Another router goes on with this call: here it ends without a word. -ENOENT. */
int td_core_give_up(struct td_core *core, const struct td_call_name *name);
/** The same for all calls whose addresses are not here any more. Returns how many. */
size_t td_core_give_up_foreign(struct td_core *core);

/* ---- endpoints ---- */

struct td_endpoint;

/** Who is told of each state that a phone gets (again); NULL: nobody any more. */
void td_core_watch_phones(struct td_core *core,
			  void (*fn)(void *arg, const struct td_endpoint *ep,
				     const struct td_addr *address), void *arg);

enum td_ep_state { TD_EP_UNREGISTERED, TD_EP_REGISTERING, TD_EP_REGISTERED, TD_EP_REJECTED };

#define TD_MAX_FORKS 16

struct td_driver_ops {
	const char *name;
	/** Make legs for every place where the endpoint can be reached now (ops, ep, local filled).
	 * Returns how many; 0 = not registered; negative errno. */
	int (*new_legs)(void *driver, struct td_endpoint *ep, struct td_leg **legs, size_t max);
	/** Opt: an answered leg again, from what its save() wrote in an earlier process. local is
	 * td_leg.local as it was. NULL: it cannot be. */
	struct td_leg *(*restore)(void *driver, struct td_endpoint *ep, const struct td_addr *local,
				  struct td_buf *state);
	/** Opt: listen to a page from now on (while no call is in the ear); NULL: it is over. Negative:
	 * it cannot, and is called instead. */
	int (*page)(void *driver, struct td_endpoint *ep, const struct cfg_paging *page);
	/** Opt: the number that this phone waits for is free; the phone says so, and its user dials.
	 * Negative: it cannot, and is rung instead. */
	int (*call_back)(void *driver, struct td_endpoint *ep, const char *number);
};

/** Where calls for a number go instead; empty = nowhere. */
struct td_forward {
	char all[CFG_NUMBER_LEN], busy[CFG_NUMBER_LEN], no_answer[CFG_NUMBER_LEN];
	char night[CFG_NUMBER_LEN];
	char unreachable[CFG_NUMBER_LEN];
	uint32_t no_answer_ms;
	/* called as well, after the delay, for so long; empty = nobody (CME: snr) */
	char reach[CFG_NUMBER_LEN];
	uint32_t reach_delay_ms, reach_ms;
	bool reach_local;		/* it is shown our number instead of the caller's */
};

struct td_endpoint_line {
	uint32_t button;
	char number[CFG_NUMBER_LEN];
	char name[CFG_TEXT_LEN];
	char cor_outgoing[CFG_ID_LEN];
	uint8_t preference;
	bool huntstop;
	struct td_forward forward;
	char pickup_group[CFG_NUMBER_LEN];
	uint8_t channels;		/* calls on it, 0 = no limit ... */
	uint8_t incoming;		/* ... for those that come in */
	bool caller_id_block, unwatched;
	bool intercom;			/* calls of phones are answered without being asked ... */
	bool intercom_no_mute, intercom_barge_in;	/* ... and heard at once; during another call, too */
	char intercom_number[CFG_NUMBER_LEN];	/* its button calls this one; or empty */
	uint32_t n_calls;		/* now; the core's */
	char label[CFG_TEXT_LEN];	/* beside the button; empty = the number */
};

enum td_ep_kind { TD_EP_PHONE, TD_EP_TRUNK };

/** The number of the house that a phone has called last and that has not answered. */
struct td_unreached {
	char number[CFG_NUMBER_LEN];	/* empty = none */
	char from[CFG_NUMBER_LEN];	/* the phone's own */
	bool busy;
};

struct td_call_back;

/** Somebody who can call and be called: a phone or a trunk, ports later. The core owns it,
 * the driver looks it up and keeps its own state in driver_priv. */
struct td_endpoint {
	struct td_map_node node;	/* by id */
	struct td_list list_node;	/* in the core's list, as configured */
	char id[CFG_ID_LEN];
	char name[CFG_TEXT_LEN];
	uint8_t kind;			/* enum td_ep_kind */
	const struct td_driver_ops *ops;
	void *driver;
	void *driver_priv;
	struct td_endpoint_line *lines;
	size_t n_lines;
	char codec[CFG_MAX_CODECS][CFG_TEXT_LEN];	/* allowed; n_codec 0 = all */
	size_t n_codec;
	uint32_t n_legs;		/* in calls now */
	uint32_t max_legs;		/* 0 = no limit */
	char cor_incoming[CFG_ID_LEN];
	char translation_incoming[CFG_ID_LEN], translation_outgoing[CFG_ID_LEN];
	bool allow_transit;		/* a trunk: its calls may leave by one */
	struct td_addr media_forking;	/* copies of its calls' media go there; unset = not */
	uint8_t srtp;			/* enum cfg_srtp; for its driver */
	bool nat;			/* its media come from the host that it signals from */
	bool call_waiting;		/* a call comes to it during another one */
	bool privacy;			/* other phones with its numbers have nothing to do with its calls ... */
	int8_t privacy_by_hand;		/* ... as its user wants it: 1 yes, -1 no, 0 as privacy says */
	bool after_hours_exempt;
	bool automatic;			/* not configured, has registered by itself: calls the house
					 * only */
	uint8_t dtmf;			/* enum cfg_dtmf: it hears of digits in its media, or by info() */
	bool mtp;			/* its media never go around: a phone, or a voicemail */
	uint8_t media_mode;		/* enum cfg_media_mode; of a trunk */
	uint8_t family;			/* enum cfg_phone_family, of its media */
	bool overlap;			/* a phone that dials key by key; a trunk that takes a call before
					 * its number is complete */

	/* for show; written by the driver through td_endpoint_set_state */
	uint32_t tag;
	char type[CFG_TEXT_LEN];
	uint8_t mac[6];
	bool has_mac;
	enum td_ep_state state;
	struct td_addr address;
	char transport[8];
	char registration_method[32];
	char load[CFG_TEXT_LEN];
	uint64_t registered_ms;		/* Unix time in ms, 0 = not */
	bool gone;			/* removed by a reload, freed when n_legs is 0 */
	/* feat_callback.c: */
	struct td_unreached unreached;
	struct td_call_back *call_back;	/* what it waits for; NULL = nothing */
	uint32_t hears_page;		/* feat_paging.c: conference whose group it listens to; 0 = none */
};

/** Add, or change in place, the endpoint of a phone: lines, names, codecs. Never touches its
 * registration or calls. NULL on -ENOMEM. */
struct td_endpoint *td_endpoint_set(struct td_core *core, const struct td_config *cfg,
				    const struct cfg_phone *phone,
				    const struct td_driver_ops *ops, void *driver);
/** The same for a trunk, which has no lines and is not registered with us. */
struct td_endpoint *td_endpoint_set_trunk(struct td_core *core, const struct cfg_trunk *trunk,
					  const struct td_driver_ops *ops, void *driver);
/** The same for a telephone line: a trunk that carries one call. */
struct td_endpoint *td_endpoint_set_voiceport(struct td_core *core,
					      const struct cfg_voiceport *port,
					      const struct td_driver_ops *ops, void *driver);
void td_endpoint_remove(struct td_core *core, struct td_endpoint *ep);
struct td_endpoint *td_endpoint_find(struct td_core *core, const char *id);
void td_endpoint_set_state(struct td_core *core, struct td_endpoint *ep, enum td_ep_state state,
			   const struct td_addr *address, const char *transport);

/** Has it privacy now? */
bool td_endpoint_is_private(const struct td_endpoint *ep);
/** Its user wants it, or wants it no more; also for calls that it has. */
void td_endpoint_set_private(struct td_core *core, struct td_endpoint *ep, bool on);

/* ---- numbers, for parties that dial digit by digit ---- */

enum td_dial {
	TD_DIAL_NONE,			/* nothing begins like this: no use to go on */
	TD_DIAL_MORE,			/* more digits are needed */
	TD_DIAL_MATCH,			/* complete */
	TD_DIAL_MATCH_LONGER		/* complete, but a longer number begins like this */
};

/** All calls of a number go to another one ("" = no more), as its phone wants; until the process
 * ends, whatever the configuration says. -ENOENT. */
int td_core_forward_all(struct td_core *core, const char *number, const char *to);
/** Where they go now; "" = nowhere else. */
const char *td_core_forwarded_to(struct td_core *core, const char *number);
/** The phone waits, with this line of its own, until a number of the house is free; number "": the
 * one that it has called last in vain. unseen: nobody has answered there, so a call of its own must
 * end first. An earlier wish is forgotten. -ENOENT: no such number, or its own; -EACCES: it may not
 * be watched; -ENOMEM. */
int td_core_call_back(struct td_core *core, struct td_endpoint *ep, const char *from,
		      const char *number, bool unseen);
void td_core_call_back_cancel(struct td_endpoint *ep);
/** What it waits for, or "". */
const char *td_core_call_back_to(const struct td_endpoint *ep);
/** So many messages wait for who has the number: lamps. Until the process ends. -ENOENT. */
int td_core_set_messages(struct td_core *core, const char *number, uint32_t count);

/** What was set for a number while we run. */
struct td_number_state {
	const char *number, *forward_all;	/* live as long as the number */
	bool forward_set;		/* forward_all is what a phone has set, not the configuration */
	uint32_t messages;
	bool logged_out;		/* hunt groups leave it out */
};

/** -ENOENT: no phone has it. */
int td_core_number_state(struct td_core *core, const char *number, struct td_number_state *st);
/** Hunt groups leave the number out, or no more. -ENOENT. */
int td_core_log_out(struct td_core *core, const char *number, bool out);
/** Night service as its code has set it: 1 on, -1 off, 0 as the hours say. */
int td_core_night_by_hand(const struct td_core *core);
void td_core_set_night(struct td_core *core, int by_hand);
/** fn is told of each change of that. */
typedef void (*td_night_watch_fn)(void *arg, int by_hand);
void td_core_watch_night(struct td_core *core, td_night_watch_fn fn, void *arg);
/** fn is told of each change of that; NULL: nobody any more. */
typedef void (*td_number_watch_fn)(void *arg, const struct td_number_state *st);
void td_core_watch_numbers(struct td_core *core, td_number_watch_fn fn, void *arg);
/** How many phones have this number; more than one share a line. */
size_t td_core_number_phones(struct td_core *core, const char *number);
/** What these digits are so far, dialled by ep: numbers, feature codes, slots, conferences. Of a
 * trunk: as it calls them. */
enum td_dial td_core_dial(const struct td_core *core, const struct td_endpoint *ep,
			  const char *digits);
/** May a call with these digits begin now, and the rest follow one by one (td_setup.overlap)? When
 * they lead to a trunk that takes them so, and more digits lead nowhere else. */
bool td_core_overlaps(const struct td_core *core, const struct td_endpoint *ep,
		      const char *digits);

/* ---- orders and questions from the control socket ---- */

/** Third-party call: ring FROM (endpoint id or one of its numbers), then connect TO (number).
 * *call_id on success; -ENOENT, -EBUSY, -EHOSTUNREACH (not registered). */
int td_core_originate(struct td_core *core, const char *from, const char *to, uint32_t *call_id);
int td_core_hangup(struct td_core *core, uint32_t call_id);	/* -ENOENT */
/** Arrays and objects of design section 3, appended as value of key. */
void td_core_show_calls(struct td_core *core, struct td_json *j, const char *key);
/** fn hears the id of every call, oldest first; it must not end one. */
void td_core_each_call(struct td_core *core, void (*fn)(void *arg, uint32_t id), void *arg);
/** Is it there, and (endpoint not NULL) does this endpoint take part in it? */
bool td_core_has_call(struct td_core *core, uint32_t id, const char *endpoint);
int td_core_show_call(struct td_core *core, uint32_t id, struct td_json *j, const char *key);
void td_core_show_phones(struct td_core *core, struct td_json *j, const char *key);
int td_core_show_phone(struct td_core *core, const char *id, struct td_json *j, const char *key);
/** ... and what more() adds to the object. */
int td_core_show_phone_with(struct td_core *core, const char *id, struct td_json *j, const char *key,
			    void (*more)(void *arg, struct td_json *j), void *arg);
/** Each phone of a number that several have, and what it does there: an object per call. */
void td_core_show_shared_lines(struct td_core *core, struct td_json *j, const char *key);
void td_core_show_trunks(struct td_core *core, struct td_json *j, const char *key);
/** All peers, or the one with this tag or name. -ENOENT. */
int td_core_show_dialpeers(struct td_core *core, const char *which, struct td_json *j,
			   const char *key);
void td_core_show_huntgroups(struct td_core *core, struct td_json *j, const char *key);
/** Where would this number go, and why? from: an endpoint's id or number, or NULL. -ENOENT when
 * there is no such caller. */
int td_core_route(struct td_core *core, const char *number, const char *from, struct td_json *j,
		  const char *key);
void td_core_show_stats(struct td_core *core, struct td_json *j, const char *key);

/** Notified of each call's changes (for "monitor" and the log of events); may be NULL. */
typedef void (*td_call_watch_fn)(void *arg, uint32_t call_id, const char *state);
void td_core_watch_calls(struct td_core *core, td_call_watch_fn fn, void *arg);

#endif
