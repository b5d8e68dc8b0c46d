/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call back (CME: CallBack; ETSI: CCBS and CCNR): a phone waits until a number of the house can be
 * reached. Who was busy is free when its last call is over; who did not answer is there when a call
 * of its own is over. Then the waiting phone is told, when its own line is free too; a phone that
 * cannot be told is rung, and the call goes on to the number when it answers.
 *
 * A phone waits for one number at a time, for so long (global.timeout_callback), and not across a
 * restart of the worker.
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"
#include "userspace/core/watch.h"

struct td_call_back {
	struct td_core *core;
	struct td_endpoint *ep;		/* who waits */
	char from[CFG_NUMBER_LEN];	/* on this line */
	char number[CFG_NUMBER_LEN];
	bool unseen;			/* nobody has answered: a call there must end first */
	struct td_watch there, here;
	struct td_deferred look_soon;
	struct td_timer expiry;
};

static void drop(struct td_call_back *w)
{
	td_watch_stop(w->core, &w->there);
	td_watch_stop(w->core, &w->here);
	td_loop_undefer(w->core->loop, &w->look_soon);
	td_loop_timer_stop(w->core->loop, &w->expiry);
	w->ep->call_back = NULL;
	td_free(w);
}

void td_core_call_back_cancel(struct td_endpoint *ep)
{
	if (ep->call_back)
		drop(ep->call_back);
}

const char *td_core_call_back_to(const struct td_endpoint *ep)
{
	return ep->call_back ? ep->call_back->number : "";
}

static void on_expiry(void *arg)
{
	struct td_call_back *w = arg;

	td_log_info(TD_LOG_CORE, "phone=%s waits no more for number=%s", w->ep->id, w->number);
	drop(w);
}

/* 0: it is told, or rung. Else it is not reached now. */
static int tell(struct td_call_back *w)
{
	const struct td_driver_ops *ops = w->ep->ops;

	if (ops->call_back && !ops->call_back(w->ep->driver, w->ep, w->number))
		return 0;
	return td_call_ring_back(w->core, w->ep, w->from, w->number);
}

static void look(void *arg)
{
	struct td_call_back *w = arg;
	const struct td_endpoint_line *line = td_endpoint_line_at(w->ep, w->from);
	enum td_line_state state = td_line_state(w->core, w->number);

	if (state == TD_LINE_BUSY || state == TD_LINE_HELD)
		w->unseen = false;
	if (!line)
		drop(w);		/* taken away by a reload */
	else if (state == TD_LINE_IDLE && !w->unseen && !line->n_calls && !tell(w)) {
		td_log_info(TD_LOG_CORE, "phone=%s number=%s is free", w->ep->id, w->number);
		drop(w);
	}
}

static void on_change(void *arg)
{
	struct td_call_back *w = arg;

	td_loop_defer(w->core->loop, &w->look_soon, look, w);
}

void td_call_back_rests(struct td_endpoint *ep)
{
	if (ep->call_back)
		on_change(ep->call_back);
}

static int wait_for(struct td_core *core, struct td_endpoint *ep, const char *from,
		    const char *number, bool unseen)
{
	struct td_call_back *w = td_zalloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->core = core;
	w->ep = ep;
	w->unseen = unseen;
	td_strlcpy(w->from, from, sizeof(w->from));
	td_strlcpy(w->number, number, sizeof(w->number));
	td_core_call_back_cancel(ep);
	ep->call_back = w;
	if (td_watch_start(core, w->number, &w->there, on_change, w) ||
	    td_watch_start(core, w->from, &w->here, on_change, w) ||
	    td_loop_timer_start(core->loop, &w->expiry, core->call_back_ms, on_expiry, w)) {
		drop(w);
		return -ENOMEM;
	}
	on_change(w);
	return 0;
}

int td_core_call_back(struct td_core *core, struct td_endpoint *ep, const char *from,
		      const char *number, bool unseen)
{
	const struct td_unreached *last = &ep->unreached;
	int err;

	if (!number[0]) {
		unseen = !last->busy;
		number = last->number;
		from = last->from;
	}
	if (!td_number_find(core, number) || !td_endpoint_line_at(ep, from) ||
	    td_endpoint_line_at(ep, number))
		return -ENOENT;
	if (!td_line_may_watch(core, number, ep))
		return -EACCES;
	err = wait_for(core, ep, from, number, unseen);
	if (!err)
		td_log_info(TD_LOG_CORE, "phone=%s waits for number=%s after=%s", ep->id, number,
			    unseen ? "no-answer" : "busy");
	return err;
}

/* ---- whom a phone has called in vain ---- */

static struct td_endpoint *caller(const struct td_call *call)
{
	return call->a && call->a->ep && call->a->ep->kind == TD_EP_PHONE ? call->a->ep : NULL;
}

void td_call_back_note(const struct td_call *call)
{
	struct td_endpoint *ep = caller(call);

	if (!ep || !td_number_find(call->core, call->to.number))
		return;
	ep->unreached.busy = false;
	td_strlcpy(ep->unreached.number, call->to.number, sizeof(ep->unreached.number));
	td_strlcpy(ep->unreached.from, call->from.number, sizeof(ep->unreached.from));
}

void td_call_back_failed(const struct td_call *call, enum td_cause cause)
{
	struct td_endpoint *ep = caller(call);

	if (ep && cause == TD_CAUSE_BUSY && !strcmp(ep->unreached.number, call->to.number))
		ep->unreached.busy = true;
}

void td_call_back_reached(const struct td_call *call)
{
	struct td_endpoint *ep = caller(call);

	if (!ep)
		return;
	if (!strcmp(ep->unreached.number, call->to.number))
		ep->unreached.number[0] = '\0';
	if (!strcmp(td_core_call_back_to(ep), call->to.number))
		td_core_call_back_cancel(ep);
}
