/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room itself: start, stop, a new configuration, and what it tells about itself.
 */
#include "userspace/sccp/sccp_priv.h"

#include <errno.h>
#include <string.h>

const struct td_timerdef td_sccp_timerdefs[SCCP_TIMERS] = {
	[SCCP_T_STRANGER] = { "stranger", 60000,
			      "how long a connection may say nothing before it has registered" },
	[SCCP_T_PART] = { "part", 10000, "how long the rest of a message may take" },
	[SCCP_T_PROBE] = { "probe", 2000,
			   "how long a phone's old connection may take to show that it lives" },
	[SCCP_T_BOOT] = { "boot", 15000,
			  "after that a phone counts as started that never asked for the time" },
	[SCCP_T_LINGER] = { "linger", 2000, "how long a last message may wait to be sent" },
	[SCCP_T_CHANNEL] = { "channel", 5000, "how long a phone may take to open its port" },
};

static int add_phones(struct td_sccp *sccp)
{
	int err = 0;

	for (size_t i = 0; i < sccp->config->n_phones && !err; i++)
		if (sccp->config->phones[i].protocol == CFG_PROTO_SCCP)
			err = td_sccp_phone_set(sccp, &sccp->config->phones[i]);
	return err;
}

int td_sccp_start(struct td_sccp **out, const struct td_sccp_args *args, char *why, size_t why_len)
{
	struct td_sccp *sccp = td_zalloc(sizeof(*sccp));
	int err;

	if (!sccp)
		return -ENOMEM;
	why[0] = '\0';
	sccp->loop = args->loop;
	sccp->core = args->core;
	sccp->identity = args->identity;
	sccp->refused = args->refused;
	sccp->refused_arg = args->refused_arg;
	sccp->config = args->config;
	sccp->holder = args->holder;
	sccp->holder_arg = args->holder_arg;
	sccp->store = args->store;
	sccp->auto_table = -1;
	for (int i = 0; i < SCCP_LISTENERS; i++)
		sccp->listener[i].fd = -1;
	td_list_init(&sccp->sessions);
	td_list_init(&sccp->attempts);
	td_map_init(&sccp->hosts);
	td_sccp_phones_init(sccp);
	err = add_phones(sccp);
	if (!err)
		err = td_sccp_auto_start(sccp);
	if (!err && args->holder && !td_sccp_keep_open(sccp, args->keep_path))
		td_sccp_keep_restore(sccp);
	td_sccp_tls_configure(sccp);
	if (!err)
		err = td_sccp_listen(sccp, why, why_len);
	if (err) {
		td_sccp_stop(sccp);
		return err;
	}
	*out = sccp;
	return 0;
}

void td_sccp_stop(struct td_sccp *sccp)
{
	struct sccp_session *s;

	if (!sccp)
		return;
	td_sccp_unlisten(sccp);
	td_loop_timer_stop(sccp->loop, &sccp->reset_tick);
	td_sccp_auto_stop(sccp);
	td_sccp_phones_fini(sccp);
	while ((s = td_list_first(&sccp->sessions, struct sccp_session, node)))
		td_sccp_session_free(s);
	td_sccp_clear_attempts(sccp);
	td_map_fini(&sccp->hosts);
	td_sccp_tls_fini(sccp);
	td_snapshot_close(sccp->keep);
	td_free(sccp);
}

static void show_message(struct td_sccp *sccp)
{
	struct sccp_session *s;

	td_list_for_each(s, &sccp->sessions, struct sccp_session, node)
		if (s->phone && s->booted && !s->phone->active)
			td_sccp_show_idle_prompt(s->phone);
}

int td_sccp_configure(struct td_sccp *sccp, const struct td_config *config)
{
	bool other = strcmp(sccp->config->global.system_message, config->global.system_message) != 0;
	char why[128] = "";
	int err;

	sccp->config = config;
	if (other)
		show_message(sccp);
	td_sccp_auto_configure(sccp);
	td_sccp_tls_configure(sccp);
	err = td_sccp_listen(sccp, why, sizeof(why));
	if (err)
		td_log_err(TD_LOG_SCCP, "not listening: %s", why);
	return err;
}

void td_sccp_leave(struct td_sccp *sccp)
{
	struct sccp_session *s;

	td_list_for_each(s, &sccp->sessions, struct sccp_session, node)
		if (s->fd >= 0 && s->place) {
			td_sccp_session_flush(s);
			td_sccp_keep_write(s);
		}
}

/* Ringing and dialling do not outlive the process, and the phone still shows them. */
static void end_what_is_left(struct sccp_phone *phone)
{
	struct sccp_call *call, *next;

	td_list_for_each_safe(call, next, &phone->calls, struct sccp_call, node)
		if (call->kept)
			td_sccp_call_hang_up(call);
}

void td_sccp_restored(struct td_sccp *sccp)
{
	struct sccp_session *s;

	td_list_for_each(s, &sccp->sessions, struct sccp_session, node)
		if (s->phone)
			end_what_is_left(s->phone);
}

void td_sccp_debug(struct td_sccp *sccp, void (*fn)(void *arg, const char *line), void *arg)
{
	sccp->debug = fn;
	sccp->debug_arg = arg;
}

/* ---- show ---- */

static const char *state_of(const struct sccp_session *s)
{
	if (s->leaving)
		return "leaving";
	if (!s->phone)
		return s->wants ? "waiting" : "open";
	return s->booted ? "registered" : "registering";
}

static void show_session(const struct sccp_session *s, struct td_json *j)
{
	uint64_t now = td_loop_now_ms(s->sccp->loop);
	char peer[TD_ADDR_STRLEN];

	td_json_object(j, NULL);
	td_json_int(j, "socket", s->fd);
	td_json_str(j, "address", td_addr_str(&s->peer, peer));
	td_json_str(j, "family", td_addr_is_v4(&s->peer) ? "ipv4" : "ipv6");
	td_json_str(j, "device", s->device[0] ? s->device : NULL);
	td_json_str(j, "phone", s->phone ? s->phone->id : NULL);
	td_json_bool(j, "tls", s->tls != NULL);
	td_json_str(j, "state", state_of(s));
	td_json_u64(j, "version", s->version);
	td_json_u64(j, "unread", s->in.len);
	td_json_u64(j, "unsent", s->out_len);
	td_json_u64(j, "heard_s", (now - s->heard_ms) / 1000);
	td_json_end_object(j);
}

static void show_listener(const struct td_sccp *sccp, int i, struct td_json *j)
{
	const struct sccp_listener *l = &sccp->listener[i];

	td_json_object(j, NULL);
	td_json_int(j, "socket", l->fd);
	td_json_null(j, "address");
	td_json_str(j, "family", i & 1 ? "ipv6" : "ipv4");
	td_json_null(j, "device");
	td_json_null(j, "phone");
	td_json_bool(j, "tls", i > 1);
	td_json_str(j, "state", l->fd < 0 ? "closed" : "listening");
	td_json_end_object(j);
}

/* As CME: the listeners first, -1 for a family that is off. */
void td_sccp_show_sockets(struct td_sccp *sccp, struct td_json *j, const char *key)
{
	struct sccp_session *s;

	td_json_array(j, key);
	show_listener(sccp, 0, j);
	show_listener(sccp, 1, j);
	for (int i = 2; i < SCCP_LISTENERS; i++)
		if (sccp->listener[i].fd >= 0)
			show_listener(sccp, i, j);
	td_list_for_each(s, &sccp->sessions, struct sccp_session, node)
		if (s->fd >= 0)
			show_session(s, j);
	td_json_end_array(j);
}

void td_sccp_show_stats(struct td_sccp *sccp, struct td_json *j, const char *key)
{
	const struct sccp_stats *n = &sccp->n;

	td_json_object(j, key);
	td_json_u64(j, "connections", sccp->n_sessions);
	td_json_u64(j, "phones_registered", sccp->n_registered);
	td_json_u64(j, "accepted", n->accepted);
	td_json_u64(j, "refused_host", n->refused_host);
	td_json_u64(j, "registered", n->registered);
	td_json_u64(j, "rejected", n->rejected);
	td_json_u64(j, "replaced", n->replaced);
	td_json_u64(j, "frames", n->frames);
	td_json_u64(j, "unknown", n->unknown);
	td_json_u64(j, "malformed", n->malformed);
	td_json_u64(j, "unexpected", n->unexpected);
	td_json_u64(j, "closed_bad_frame", n->closed_bad_frame);
	td_json_u64(j, "closed_silent", n->closed_silent);
	td_json_u64(j, "closed_slow", n->closed_slow);
	td_json_u64(j, "closed_tls", n->closed_tls);
	td_json_u64(j, "calls_out", n->calls_out);
	td_json_u64(j, "calls_in", n->calls_in);
	td_json_end_object(j);
}
