// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counters in Prometheus' text exposition format 0.0.4, from the JSON of "show stats" and its
 * neighbours: one table says which value becomes which metric. Values that are not there (a room
 * that is switched off) are left out, not zero.
 */
#include "userspace/manage/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/base/str.h"
#include "userspace/manage/json_way.h"

enum shape {
	ONE,				/* a number */
	KEYS,				/* an object of numbers: each key is a label's value */
	PACKETS,			/* the same, of keys that say what became of packets */
	ROWS,				/* an array of objects: the label is their "id" */
	HISTOGRAM			/* an object {bounds, counts, sum} */
};

struct metric {
	const char *name, *type, *help;
	const char *path;		/* keys with dots between them */
	enum shape shape;
	const char *label;		/* of KEYS and ROWS */
	const char *value;		/* ROWS: key of the number, or of the word that is 1 when it
					 * is this: "state=up" */
	const char *fixed;		/* label="value", beside others; metrics of one name follow
					 * each other and are told once */
	double scale;			/* 0: as it is */
};

static const struct metric metrics[] = {
	{ "tandem_build_info", "gauge", "Version of the daemon.", .path = "version",
	  .shape = KEYS, .label = "version" },
	{ "tandem_start_time_seconds", "gauge", "When the daemon started, Unix time.",
	  .path = "started_ms", .scale = 1e-3 },
	{ "tandem_config_reloads_total", "counter",
	  "Configurations that were applied while running.", .path = "reloads" },
	{ "tandem_calls", "gauge", "Calls that are there now.", .path = "core.calls" },
	{ "tandem_calls_total", "counter", "Calls begun.", .path = "core.calls_total" },
	{ "tandem_calls_answered_total", "counter", "Calls answered.", .path = "core.answered" },
	{ "tandem_calls_failed_total", "counter", "Calls that nobody answered.",
	  .path = "core.failed" },
	{ "tandem_calls_refused_total", "counter",
	  "Calls refused because of a limit of the router.", .path = "core.refused_full",
	  .fixed = "reason=\"full\"" },
	{ "tandem_calls_refused_total", "counter", "", .path = "core.out_of_memory",
	  .fixed = "reason=\"memory\"" },
	{ "tandem_calls_ended_total", "counter",
	  "Calls that ended, by cause as in their records.", .path = "ended.causes",
	  .shape = KEYS, .label = "cause" },
	{ "tandem_call_duration_seconds", "histogram", "How long answered calls took.",
	  .path = "ended.duration_s", .shape = HISTOGRAM },
	{ "tandem_call_mos", "histogram",
	  "Quality of each side of ended calls: mean opinion score (E-model), 1 to 4.5.",
	  .path = "ended.mos", .shape = HISTOGRAM },
	{ "tandem_call_loss_ratio", "histogram",
	  "Share of packets lost of each side of ended calls.", .path = "ended.loss",
	  .shape = HISTOGRAM },
	{ "tandem_phones", "gauge",
	  "Phones that are configured or have registered by themselves.", .path = "core.phones" },
	{ "tandem_phones_registered", "gauge", "Phones that are registered now.",
	  .path = "core.phones_registered" },
	{ "tandem_sip_registrations_total", "counter",
	  "REGISTER requests, by what became of them.", .path = "sip.register_ok",
	  .fixed = "result=\"ok\"" },
	{ "tandem_sip_registrations_total", "counter", "", .path = "sip.register_challenged",
	  .fixed = "result=\"challenged\"" },
	{ "tandem_sip_registrations_total", "counter", "", .path = "sip.register_refused",
	  .fixed = "result=\"refused\"" },
	{ "tandem_sip_registrations_total", "counter", "", .path = "sip.register_shed",
	  .fixed = "result=\"shed\"" },
	{ "tandem_sip_invites_total", "counter", "INVITE requests that begin a call.",
	  .path = "sip.invites_in", .fixed = "direction=\"in\"" },
	{ "tandem_sip_invites_total", "counter", "", .path = "sip.invites_out",
	  .fixed = "direction=\"out\"" },
	{ "tandem_sip_refused_total", "counter", "SIP requests that were not served.",
	  .path = "sip.invites_overload", .fixed = "reason=\"overload\"" },
	{ "tandem_sip_refused_total", "counter", "", .path = "sip.trunk_over_rate",
	  .fixed = "reason=\"trunk_rate\"" },
	{ "tandem_sip_refused_total", "counter", "", .path = "sip.gate_refused",
	  .fixed = "reason=\"not_allowed\"" },
	{ "tandem_sip_refused_total", "counter", "", .path = "sip.strangers",
	  .fixed = "reason=\"stranger\"" },
	{ "tandem_sip_refused_total", "counter", "", .path = "sip.malformed",
	  .fixed = "reason=\"malformed\"" },
	{ "tandem_sip_refused_total", "counter", "", .path = "sip.wrong_source",
	  .fixed = "reason=\"wrong_source\"" },
	{ "tandem_sip_setups", "gauge", "SIP calls that are being set up now.",
	  .path = "sip.setups_now" },
	{ "tandem_sccp_connections", "gauge", "Connections of SCCP phones.",
	  .path = "sccp.connections" },
	{ "tandem_sccp_registrations_total", "counter",
	  "Registrations of SCCP phones, by what became of them.", .path = "sccp.registered",
	  .fixed = "result=\"ok\"" },
	{ "tandem_sccp_registrations_total", "counter", "", .path = "sccp.rejected",
	  .fixed = "result=\"refused\"" },
	{ "tandem_sccp_messages_total", "counter", "Messages of SCCP phones.",
	  .path = "sccp.frames" },
	{ "tandem_sccp_refused_total", "counter", "What SCCP peers sent and was not served.",
	  .path = "sccp.refused_host", .fixed = "reason=\"host\"" },
	{ "tandem_sccp_refused_total", "counter", "", .path = "sccp.malformed",
	  .fixed = "reason=\"malformed\"" },
	{ "tandem_sccp_refused_total", "counter", "", .path = "sccp.unknown",
	  .fixed = "reason=\"unknown\"" },
	{ "tandem_media_sessions", "gauge", "Calls with media.", .path = "media.sessions" },
	{ "tandem_media_sessions_total", "counter", "Calls that had media.",
	  .path = "media.sessions_opened" },
	{ "tandem_media_sessions_refused_total", "counter",
	  "Calls without media because ports or descriptors were used up.",
	  .path = "media.sessions_refused" },
	{ "tandem_media_port_pairs_free", "gauge", "Pairs of ports for media that are free.",
	  .path = "media.port_pairs_free" },
	{ "tandem_media_xdp_packets_total", "counter",
	  "Packets to media ports in XDP; dropped_...: nobody had them, up_...: the relay.",
	  .path = "media.xdp", .shape = PACKETS, .label = "reason" },
	{ "tandem_media_relay_packets_total", "counter",
	  "Packets to media ports as the relay saw them; result: forwarded, local, dropped_...",
	  .path = "media.relay", .shape = PACKETS, .label = "result" },
	{ "tandem_media_events_lost_total", "counter",
	  "Notes of the packet program that found no room; the packets went on.",
	  .path = "media.xdp.events_lost" },
	{ "tandem_trunk_up", "gauge", "Is the trunk there?", .path = "trunks", .shape = ROWS,
	  .label = "trunk", .value = "state=up" },
	{ "tandem_trunk_calls", "gauge", "Calls of the trunk now.", .path = "trunks",
	  .shape = ROWS, .label = "trunk", .value = "calls" },
	{ "tandem_fxo_calls_total", "counter", "Calls of a telephone line.",
	  .path = "voice_ports", .shape = ROWS, .label = "port", .value = "calls_in",
	  .fixed = "direction=\"in\"" },
	{ "tandem_fxo_calls_total", "counter", "", .path = "voice_ports", .shape = ROWS,
	  .label = "port", .value = "calls_out", .fixed = "direction=\"out\"" },
	{ "tandem_files_served_total", "counter", "Files of phones that were sent.",
	  .path = "http.served", .fixed = "protocol=\"http\"" },
	{ "tandem_files_served_total", "counter", "", .path = "tftp.served",
	  .fixed = "protocol=\"tftp\"" },
	{ "tandem_files_refused_total", "counter",
	  "Requests for files that were not served: not there, another phone's, too many.",
	  .path = "http.refused", .fixed = "protocol=\"http\"" },
	{ "tandem_files_refused_total", "counter", "", .path = "tftp.refused",
	  .fixed = "protocol=\"tftp\"" },
	{ "tandem_memory_blocks", "gauge", "Blocks of memory that are in use.",
	  .path = "memory_blocks" },
};

/* ---- values ---- */

static bool is_number(json_object *v)
{
	return json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double);
}

/* Label values: backslash, quote and line feed are escaped (exposition format 0.0.4). */
static void put_label(FILE *out, const char *text)
{
	for (; *text; text++)
		if (*text == '\\' || *text == '"')
			fprintf(out, "\\%c", *text);
		else if (*text == '\n')
			fputs("\\n", out);
		else
			fputc(*text, out);
}

static void put_value(FILE *out, const struct metric *m, double v)
{
	v *= m->scale ? m->scale : 1;
	if (v == floor(v) && fabs(v) < 1e15)
		fprintf(out, " %.0f\n", v);
	else
		fprintf(out, " %.15g\n", v);
}

static void put(FILE *out, const struct metric *m, const char *suffix, const char *label,
		const char *value, double v)
{
	fprintf(out, "%s%s", m->name, suffix);
	if (label || m->fixed) {
		fprintf(out, "{%s", m->fixed ? m->fixed : "");
		if (label) {
			fprintf(out, "%s%s=\"", m->fixed ? "," : "", label);
			put_label(out, value);
			fputc('"', out);
		}
		fputc('}', out);
	}
	put_value(out, m, v);
}

/* ---- shapes ---- */

static bool is_of_packets(const char *key)
{
	static const char *const begins[] = { "forwarded", "local", "dropped_", "up_" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (!strncmp(key, begins[i], strlen(begins[i])))
			return true;
	return false;
}

static void put_keys(FILE *out, const struct metric *m, json_object *v)
{
	json_object_object_foreach(v, key, item) {
		if (m->shape == PACKETS && !is_of_packets(key))
			continue;
		if (is_number(item))
			put(out, m, "", m->label, key, json_object_get_double(item));
		else if (json_object_is_type(item, json_type_boolean) &&
			 json_object_get_boolean(item) && !strcmp(m->type, "gauge"))
			put(out, m, "", m->label, key, 1);
	}
}

static void put_row(FILE *out, const struct metric *m, json_object *row)
{
	const char *equals = strchr(m->value, '=');
	char key[32];
	json_object *id = td_json_way(row, "id"), *v;

	td_str_copy(key, sizeof(key),
		    (struct td_str){ m->value, equals ? (size_t)(equals - m->value)
						      : strlen(m->value) });
	v = td_json_way(row, key);
	if (!id || !v)
		return;
	if (equals)
		put(out, m, "", m->label, json_object_get_string(id),
		    !strcmp(json_object_get_string(v), equals + 1));
	else if (is_number(v))
		put(out, m, "", m->label, json_object_get_string(id), json_object_get_double(v));
}

static void put_histogram(FILE *out, const struct metric *m, json_object *v)
{
	json_object *bounds = td_json_way(v, "bounds"), *sum = td_json_way(v, "sum");
	json_object *counts = td_json_way(v, "counts");
	double total = 0;

	if (!bounds || !counts || !sum)
		return;
	for (size_t i = 0; i < json_object_array_length(counts); i++) {
		total += json_object_get_double(json_object_array_get_idx(counts, i));
		put(out, m, "_bucket", "le",
		    i < json_object_array_length(bounds) ?
		    json_object_get_string(json_object_array_get_idx(bounds, i)) : "+Inf", total);
	}
	put(out, m, "_sum", NULL, NULL, json_object_get_double(sum));
	put(out, m, "_count", NULL, NULL, total);
}

static void put_metric(FILE *out, const struct metric *m, json_object *v)
{
	switch (m->shape) {
	case ONE:
		if (is_number(v))
			put(out, m, "", NULL, NULL, json_object_get_double(v));
		break;
	case KEYS:
	case PACKETS:
		if (json_object_is_type(v, json_type_object))
			put_keys(out, m, v);
		break;
	case ROWS:
		if (json_object_is_type(v, json_type_array))
			for (size_t i = 0; i < json_object_array_length(v); i++)
				put_row(out, m, json_object_array_get_idx(v, i));
		break;
	case HISTOGRAM:
		put_histogram(out, m, v);
		break;
	}
}

char *td_metrics_text(const char *json, size_t *len)
{
	json_object *root = json_tokener_parse(json);
	const char *told = "";
	char *text = NULL;
	FILE *out = root ? open_memstream(&text, len) : NULL;

	for (size_t i = 0; out && i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		const struct metric *m = &metrics[i];
		json_object *v = td_json_way(root, m->path);

		if (!v)
			continue;
		if (strcmp(told, m->name))
			fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name,
				m->type);
		told = m->name;
		put_metric(out, m, v);
	}
	if (out && fclose(out)) {
		free(text);
		text = NULL;
	}
	json_object_put(root);
	return text;
}
