/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a call's packets are marked (DSCP). Each party's have the class of their kind, whose value
 * section global names; the dial peer by which a party was called may have a value of its own, which
 * comes before that (CME: "ip qos dscp" of a dial peer). Which peer that was is kept by its name, so
 * that a new configuration counts for calls that run.
 */
#include <string.h>
#include "bpf/td_map.h"
#include "userspace/core/core_priv.h"

void td_call_marks_begin(const struct td_call *call, const struct td_leg *leg)
{
	const struct td_target *t = td_leg_core(leg)->outbound ? td_call_tried_last(call) : NULL;

	if (t && t->kind == TD_TARGET_PEER)
		td_strlcpy(td_leg_core(leg)->peer, td_container_of(t, const struct td_peer, target)->cfg.id,
			   sizeof(td_leg_core(leg)->peer));
}

uint32_t td_call_mark(const struct td_call *call, const struct td_leg *leg, uint32_t class)
{
	const struct td_peer *peer = td_dialplan_peer(call->core, td_leg_core(leg)->peer);
	uint32_t own = CFG_DSCP_INHERIT;

	if (peer)
		own = class == TD_DSCP_VIDEO ? peer->cfg.dscp_video : peer->cfg.dscp_media;
	return own != CFG_DSCP_INHERIT ? TD_DSCP_EXPLICIT(own) : class;
}

static void remark(struct td_call *call, struct td_media_session *s, struct td_media_end now[2],
		   uint32_t class)
{
	const struct td_leg *leg[2] = { call->a, call->a ? td_call_other(call, call->a) : NULL };
	struct td_media_end ends[2];

	memcpy(ends, now, sizeof(ends));
	for (int i = 0; i < 2; i++)
		if (leg[i] && ends[td_leg_core(leg[i])->side].leg_id == leg[i]->id)
			ends[td_leg_core(leg[i])->side].dscp_class = td_call_mark(call, leg[i], class);
	if (memcmp(ends, now, sizeof(ends)) != 0 && !call->core->media.ops->connect(s, ends))
		memcpy(now, ends, sizeof(ends));
}

void td_core_remark_calls(struct td_core *core)
{
	struct td_call *call;

	td_list_for_each(call, &core->call_list, struct td_call, list_node) {
		if (call->media)
			remark(call, call->media, call->ends, TD_DSCP_MEDIA);
		if (call->video)
			remark(call, call->video->media, call->video->ends, TD_DSCP_VIDEO);
	}
}
