/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands that keep talking: monitor sends the table of calls every second, debug sends a
 * room's lines as they come. A room has one listener; this file is it, and hands each line to
 * every operator who follows the topic. The room stops working for it when the last one goes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "userspace/app/app_priv.h"
#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"
#include "userspace/base/mem.h"
#include "userspace/base/timerdef.h"

static const struct td_timerdef tick_def = {
	"monitor", 1000, "how often a live table is sent"
};

/* A reader with this much unread gets the next table when it has caught up. */
#define SKIP_BACKLOG (256 * 1024)

struct listener {
	struct td_list node;
	struct td_commands *c;
	struct td_ctl_stream *stream;
	int topic;			/* debug only */
};

static struct listener *listen_to(struct td_commands *c, struct td_ctl_request *req,
				  struct td_list *list, void (*closed)(void *arg))
{
	struct listener *l = td_zalloc(sizeof(*l));

	if (!l)
		return NULL;
	l->c = c;
	l->stream = td_ctl_stream(req, closed, l);
	if (!l->stream) {
		td_free(l);
		return NULL;
	}
	td_list_append(list, &l->node);
	return l;
}

/* ---- debug ---- */

static const char *const topics[TD_TOPICS + 1] = {
	[TD_TOPIC_SIP] = "sip", [TD_TOPIC_SCCP] = "sccp", [TD_TOPIC_MEDIA] = "media",
	[TD_TOPIC_FXO] = "fxo", [TD_TOPIC_FILES] = "hfs",
};

static void on_line(void *arg, const char *line)
{
	struct td_list *list = arg;
	struct listener *l;

	td_list_for_each(l, list, struct listener, node)
		td_ctl_stream_line(l->stream, line);
}

static void switch_topic(struct td_commands *c, int topic, bool on)
{
	void (*fn)(void *arg, const char *line) = on ? on_line : NULL;

	if (topic == TD_TOPIC_SIP)
		td_sip_debug(c->t->sip, fn, &c->debuggers[topic]);
	else if (topic == TD_TOPIC_SCCP)
		td_sccp_debug(c->t->sccp, fn, &c->debuggers[topic]);
	else if (topic == TD_TOPIC_FXO)
		td_voice_debug(c->t->voice, fn, &c->debuggers[topic]);
	else if (topic == TD_TOPIC_FILES)
		td_fetches_debug(c->t, fn, &c->debuggers[topic]);
	else
		td_media_debug(c->t->media, fn, &c->debuggers[topic]);
}

static void debug_gone(struct listener *l)
{
	struct td_commands *c = l->c;
	int topic = l->topic;

	td_list_del(&l->node);
	td_free(l);
	if (td_list_empty(&c->debuggers[topic]))
		switch_topic(c, topic, false);
}

static void on_debug_closed(void *arg)
{
	debug_gone(arg);
}

static int debug_off(struct td_commands *c, struct td_ctl_request *req, int topic)
{
	struct listener *l, *tmp;
	unsigned int ended = 0;

	td_list_for_each_safe(l, tmp, &c->debuggers[topic], struct listener, node) {
		td_ctl_stream_end(l->stream);
		debug_gone(l);
		ended++;
	}
	td_json_object(td_ctl_data(req), "data");
	td_json_str(td_ctl_data(req), "topic", topics[topic]);
	td_json_u64(td_ctl_data(req), "ended", ended);
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
}

int td_commands_debug(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const char *name = td_ctl_arg(req, 0), *off = td_ctl_arg(req, 1);
	struct listener *l;
	int topic;

	for (topic = 0; topic < TD_TOPICS; topic++)
		if (!strcmp(topics[topic], name))
			break;
	if (topic == TD_TOPICS)
		return td_ctl_refuse(req, "no debug topic '%s'; there are: sip, sccp, media, fxo, hfs", name);
	/* whole messages: the digits that people press are in them */
	if (topic != TD_TOPIC_MEDIA && topic != TD_TOPIC_FILES && !td_ctl_is_root(req))
		return td_ctl_refuse(req, "'debug %s' shows dialled digits: it is for root only",
				     topics[topic]);
	if (off && strcmp(off, "off") != 0)
		return td_ctl_usage(req, "usage: debug TOPIC [off]");
	if (off)
		return debug_off(c, req, topic);
	l = listen_to(c, req, &c->debuggers[topic], on_debug_closed);
	if (!l)
		return td_ctl_refuse(req, "no stream: out of memory");
	l->topic = topic;
	switch_topic(c, topic, true);
	return TD_CTL_OK;
}

/* ---- monitor ---- */

static void on_tick(void *arg)
{
	struct td_commands *c = arg;
	struct listener *l;
	struct td_json j;

	if (td_list_empty(&c->monitors))
		return;
	td_json_init(&j);
	td_core_show_calls(c->t->core, &j, NULL);
	td_list_for_each(l, &c->monitors, struct listener, node)
		if (!j.err && td_ctl_stream_backlog(l->stream) < SKIP_BACKLOG)
			td_ctl_stream_data(l->stream, j.text);
	td_json_fini(&j);
	td_loop_timer_start(c->t->loop, &c->tick, tick_def.ms, on_tick, c);
}

static void on_monitor_closed(void *arg)
{
	struct listener *l = arg;

	td_list_del(&l->node);
	td_free(l);
}

int td_commands_monitor(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	if (!listen_to(c, req, &c->monitors, on_monitor_closed))
		return td_ctl_refuse(req, "no stream: out of memory");
	td_core_show_calls(c->t->core, td_ctl_data(req), "data");
	if (!td_timer_is_armed(&c->tick))
		td_loop_timer_start(c->t->loop, &c->tick, tick_def.ms, on_tick, c);
	return TD_CTL_OK;
}

void td_commands_live_init(struct td_commands *c)
{
	int i;

	for (i = 0; i < TD_TOPICS; i++)
		td_list_init(&c->debuggers[i]);
	td_list_init(&c->monitors);
	td_list_init(&c->captures);
}

void td_commands_live_fini(struct td_commands *c)
{
	td_loop_timer_stop(c->t->loop, &c->tick);
	td_loop_timer_stop(c->t->loop, &c->capture_tick);
}
