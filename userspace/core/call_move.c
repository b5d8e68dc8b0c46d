/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that change to another router. What a router keeps of its calls for its own next process
 * (call_keep.c) is all that another one needs: it gets the records while the calls last, and puts
 * the calls together when their address has moved to it. The router that they left drops them
 * without a word: to the parties nothing has happened.
 */
#include <errno.h>
#include <string.h>

#include "userspace/core/core_priv.h"

void td_core_watch_kept(struct td_core *core, void (*fn)(void *arg, uint32_t place), void *arg)
{
	core->kept_watch = fn;
	core->kept_watch_arg = arg;
}

bool td_core_kept(const struct td_core *core, uint32_t place, struct td_buf *b)
{
	return core->keep && td_snapshot_read(core->keep, place, b);
}

void td_core_own_addresses(struct td_core *core, bool (*ours)(void *arg, const struct td_addr *a),
			   void *arg)
{
	core->ours = ours;
	core->ours_arg = arg;
}

bool td_core_has_address(const struct td_core *core, const struct td_addr *a)
{
	return !core->ours || !td_addr_is_set(a) || core->ours(core->ours_arg, a);
}

int td_core_adopt(struct td_core *core, const void *record, size_t len)
{
	struct td_buf b;
	uint32_t id = 0;
	int err;

	td_buf_init(&b, (void *)(uintptr_t)record, len);
	err = td_call_restore(core, &b, 0, &id);
	if (err)
		td_log_warn(TD_LOG_CORE, "call=%u of the other router not taken over: %s", id,
			    strerror(-err));
	return err;
}

/* As end_call() of core.c, but nobody hears of it. */
static void give_up(struct td_call *call)
{
	struct td_leg *leg;

	td_log_info(TD_LOG_CORE, "call=%u is another router's now", call->id);
	call->state = TD_CALL_CLEARING;
	td_call_drop_queue(call);
	while ((leg = td_list_first(&call->legs, struct td_leg, node))) {
		if (leg->ops->abandon)
			leg->ops->abandon(leg);
		leg->released = true;
		td_leg_destroy(leg);
	}
	td_call_free(call);
}

int td_core_give_up(struct td_core *core, const struct td_call_name *name)
{
	struct td_call *call = td_call_find(core, name->id);

	if (!call || call->created_ms != name->created_ms)
		return -ENOENT;
	give_up(call);
	return 0;
}

static bool is_foreign(const struct td_call *call)
{
	return (call->a && !td_core_has_address(call->core, &call->a->local)) ||
	       (call->b && !td_core_has_address(call->core, &call->b->local));
}

size_t td_core_give_up_foreign(struct td_core *core)
{
	struct td_call *call, *next;
	size_t n = 0;

	td_list_for_each_safe(call, next, &core->call_list, struct td_call, list_node) {
		if (!is_foreign(call))
			continue;
		give_up(call);
		n++;
	}
	return n;
}
