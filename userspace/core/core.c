/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core itself: it receives its loop, its media plane and its drivers as arguments and
 * looks for nothing, so a test hands it fakes. A new configuration is copied, never kept:
 * calls that run go on with what they have.
 *
 * Read next: call_fsm.c (the table), leg.c (the drivers' side).
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"

void td_core_configure(struct td_core *core, const struct td_config *config)
{
	const struct cfg_global *g = &config->global;

	core->phone_media = (uint8_t)config->global.phone_media;
	core->trunk_media = (uint8_t)config->global.media;
	core->prefers_ipv6 = config->sccp.ip_preference == CFG_IPV6;
	core->max_calls = g->max_calls;
	memcpy(core->codec, g->codec, sizeof(core->codec));
	core->n_codec = g->n_codec;
	core->media_forking = g->media_forking;
	core->interdigit_ms = g->timeout_interdigit * 1000;
	core->timer_ms[TD_TIMER_NO_ANSWER] =
		g->timeout_ringing ? g->timeout_ringing * 1000 :
				     td_call_timerdefs[TD_TIMER_NO_ANSWER].ms;
	td_dialplan_configure(core, config);
	td_features_configure(core, config);
	td_core_remark_calls(core);
}

struct td_core *td_core_new(const struct td_core_args *args)
{
	struct td_core *core = td_zalloc(sizeof(*core));
	size_t i;

	if (!core)
		return NULL;
	core->routes = td_route_new();
	if (!core->routes) {
		td_free(core);
		return NULL;
	}
	core->loop = args->loop;
	core->media = args->media;
	td_map_init(&core->calls);
	td_list_init(&core->call_list);
	td_list_init(&core->unsaved);
	td_map_init(&core->targets);
	td_map_init(&core->parked);
	td_list_init(&core->conferences);
	td_watch_init(core);
	td_endpoint_init(core);
	for (i = 0; i < TD_CALL_TIMERS; i++)
		core->timer_ms[i] = td_call_timerdefs[i].ms;
	td_core_configure(core, args->config);
	if (!core->plan || !core->parks) {
		td_features_fini(core);
		td_endpoint_fini(core);
		td_dialplan_fini(core);
		td_route_free(core->routes);
		td_watch_fini(core);
		td_free(core);
		return NULL;
	}
	core->media.ops->watch(core->media.plane, td_call_media_event, core);
	return core;
}

/* Nobody waits for the drivers' RELEASED any more: they are told, then taken apart. */
static void end_call(struct td_call *call)
{
	struct td_leg *leg;

	if (call->state != TD_CALL_CLEARING)
		call->state = td_call_clear(call, TD_CAUSE_OUT_OF_ORDER);
	td_call_drop_queue(call);
	while ((leg = td_list_first(&call->legs, struct td_leg, node))) {
		leg->released = true;
		td_leg_destroy(leg);
	}
	td_call_free(call);
}

void td_core_free(struct td_core *core)
{
	struct td_call *call;

	if (!core)
		return;
	while ((call = td_list_first(&core->call_list, struct td_call, list_node)))
		end_call(call);
	td_loop_undefer(core->loop, &core->write_soon);
	td_snapshot_close(core->keep);
	core->media.ops->watch(core->media.plane, NULL, NULL);
	td_features_fini(core);
	td_endpoint_fini(core);
	td_dialplan_fini(core);
	td_route_free(core->routes);
	td_watch_fini(core);
	td_map_fini(&core->calls);
	td_free(core);
}

size_t td_core_calls(const struct td_core *core)
{
	return core->calls.count;
}

int td_core_hangup(struct td_core *core, uint32_t call_id)
{
	struct td_call *call = td_call_find(core, call_id);

	if (!call)
		return -ENOENT;
	td_call_event(call, TD_EV_HANGUP, NULL, NULL);
	return 0;
}

void td_core_watch_calls(struct td_core *core, td_call_watch_fn fn, void *arg)
{
	core->watch = fn;
	core->watch_arg = arg;
}
