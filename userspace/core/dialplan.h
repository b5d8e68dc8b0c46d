/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: who can be reached by what was dialled, in which order, and why not. The
 * same answer serves calls (call_hunt.c) and "tandem route" (dialplan_show.c).
 */
#ifndef TD_CORE_DIALPLAN_H
#define TD_CORE_DIALPLAN_H

#include "config/model.h"
#include "userspace/base/map.h"
#include "userspace/core/leg.h"
#include "userspace/core/route.h"

struct td_endpoint;
struct td_dialplan;

enum td_target_kind { TD_TARGET_NUMBER, TD_TARGET_PEER, TD_TARGET_GROUP };

/** What digits lead to; at the head of its object. Calls keep serials: a target may go. */
struct td_target {
	struct td_map_node node;	/* in td_core.targets, by serial */
	uint32_t serial;
	uint8_t kind;			/* enum td_target_kind */
};

struct td_peer {
	struct td_target target;
	struct td_map_node by_name;
	struct cfg_dialpeer cfg;
	uint8_t media;			/* enum cfg_media_mode: of its mediaclass, else its own */
	struct td_dial_pattern pattern;
};

struct td_group {
	struct td_target target;
	struct cfg_huntgroup cfg;
	uint8_t last;			/* member that the last call began with, for mode peer */
};

enum td_route_why {
	TD_WHY_OK,
	TD_WHY_RESTRICTED,		/* cor */
	TD_WHY_TRANSIT,			/* from outside to outside */
	TD_WHY_AUTOMATIC,		/* the caller is nobody's phone yet */
	TD_WHY_REJECTED,		/* by a translation */
	TD_WHY_AFTER_HOURS,
	TD_WHY_NO_TRUNK			/* its driver has not brought it up */
};

struct td_route_choice {
	const struct td_target *target;
	enum td_route_why why;
	uint8_t literal, preference, matched;
	bool huntstop;			/* what comes behind is not tried */
	char called[TD_NUMBER_LEN], calling[TD_NUMBER_LEN];	/* as they leave */
};

struct td_route_plan {
	enum td_route_kind kind;
	bool longer, other, cut, emergency;	/* as td_route_result; it is an emergency number */
	size_t n;
	struct td_route_choice choice[TD_ROUTE_HITS];		/* best first */
};

/** Build the dial plan of a configuration and put it in the place of the one in force. -ENOMEM:
 * that one stays. */
int td_dialplan_configure(struct td_core *core, const struct td_config *config);
void td_dialplan_fini(struct td_core *core);
/** The groups in the order of the file. */
size_t td_dialplan_groups(const struct td_core *core, const struct td_group **groups);
/** The peers in the order of the file. */
size_t td_dialplan_peers(const struct td_core *core, const struct td_peer **peers);
/** The peer with this name, NULL: there is none. */
const struct td_peer *td_dialplan_peer(const struct td_core *core, const char *name);
/** What the endpoint's incoming translation makes of both numbers, in place. False: it rejects
 * the call. */
bool td_dialplan_enter(const struct td_core *core, const struct td_endpoint *from,
		       char called[TD_NUMBER_LEN], char calling[TD_NUMBER_LEN]);
/** Who can be reached. from NULL: the operator, who may everything. overrides: after hours too. */
void td_dialplan_choose(const struct td_core *core, const struct td_endpoint *from,
			const char *called, const char *calling, bool overrides,
			struct td_route_plan *plan);
/** The digits after these go to the trunk of this choice as they come. */
bool td_dialplan_overlaps(const struct td_core *core, const struct td_route_choice *c);
/** A target that is still there, or NULL. */
struct td_target *td_target_find(const struct td_core *core, uint32_t serial);
/** Give it a serial and a place. -ENOMEM. */
int td_target_add(struct td_core *core, struct td_target *target, enum td_target_kind kind);
void td_target_remove(struct td_core *core, struct td_target *target);

#endif
