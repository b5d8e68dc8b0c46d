// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The status page: tables made of the JSON that the rooms write for "tandem show ...". Names come
 * from phones and callers: all text goes out through put_text(), whatever it is, and the page's
 * policy allows no script but its own file. It is readable without that script, too; the script
 * only puts in what the router says next.
 */
#include "userspace/manage/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "userspace/base/str.h"
#include "userspace/manage/json_way.h"

#define UNIX_MS_MIN 100000000000LL	/* larger values of *_ms are dates, not durations */
#define MAX_ROWS    500			/* of a table; the rest is counted */

struct column {
	const char *path, *title;
};

struct table {
	const char *title, *key;
	bool has_pages;			/* the first column names a phone's page */
	const char *none;		/* without rows: what to say; NULL: no table at all */
	struct column col[12];
};

static const struct table status_tables[] = {
	{ "Calls", "calls", false, "no call",
	  { { "id", "Call" }, { "state", "State" }, { "from", "From" }, { "to", "To" },
	    { "legs.codec", "Codec" }, { "legs.path", "Path" }, { "legs.rx_packets", "Packets" },
	    { "legs.lost", "Lost" }, { "legs.jitter_ms", "Jitter ms" }, { "legs.mos", "MOS" },
	    { "duration_ms", "For" } } },
	{ "Trunks", "trunks", false, NULL,
	  { { "id", "Trunk" }, { "state", "State" }, { "address", "Address" },
	    { "transport", "Via" }, { "calls", "Calls" } } },
	{ "Telephone lines", "voice_ports", false, NULL,
	  { { "id", "Port" }, { "line", "Line" }, { "state", "State" }, { "millivolts", "mV" },
	    { "calls_in", "In" }, { "calls_out", "Out" } } },
	{ "Phones", "phones", true, "no phone is configured",
	  { { "id", "Phone" }, { "state", "State" }, { "lines.number", "Lines" },
	    { "lines.name", "Name" },
	    { "type", "Type" }, { "protocol", "Protocol" }, { "address", "Address" },
	    { "registered_ms", "Since" } } },
	{ "Last events", "events", true, "none yet",
	  { { "phone", "Phone" }, { "what", "Event" }, { "at_ms", "When" }, { "host", "Host" },
	    { "text", "" } } },
	{ "Last calls", "records", false, "none yet",
	  { { "id", "Call" }, { "from", "From" }, { "to", "To" }, { "started_ms", "Began" },
	    { "duration_ms", "Took" }, { "cause", "End" }, { "legs.mos", "MOS" } } },
};

static const struct table phone_tables[] = {
	{ "Faults", "diagnosis.faults", false, "no fault",
	  { { "fault", "Fault" }, { "step", "Step" }, { "why", "Why" }, { "remedy", "Remedy" } } },
	{ "Its way up", "diagnosis.steps", false, NULL,
	  { { "step", "Step" }, { "state", "State" }, { "detail", "" } } },
	{ "Lines", "phone.lines", false, NULL,
	  { { "number", "Number" }, { "name", "Name" } } },
	{ "What was seen of it", "diagnosis.seen", false, "nothing",
	  { { "what", "Event" }, { "at_ms", "When" }, { "count", "Times" }, { "host", "Host" },
	    { "text", "" } } },
};

static const char style[] =
	":root{color-scheme:light dark;font:15px/1.4 system-ui,sans-serif}"
	"body{margin:0 auto;max-width:75rem;padding:.7rem}"
	"h1{font-size:1.3rem;margin:.2rem 0}h2{font-size:1.05rem;margin:1.2rem 0 .3rem}"
	"div.t{overflow-x:auto}table{border-collapse:collapse;width:100%}"
	"th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #8886;"
	"white-space:nowrap;font-variant-numeric:tabular-nums}"
	"th{font-weight:600;opacity:.7}p{margin:.2rem 0}dl{display:grid;"
	"grid-template-columns:max-content 1fr;gap:.1rem .8rem;margin:0}dd{margin:0}"
	".good{color:#187a2f}.bad{color:#c22}.off{opacity:.6}"
	"#stale{display:none;background:#c22;color:#fff;padding:.2rem .6rem}"
	"body.stale #stale{display:block}"
	"@media(prefers-color-scheme:dark){.good{color:#5d6}.bad{color:#f77}}"
	"@media(max-width:40rem){div.t table,div.t tbody,div.t tr,div.t td{display:block}"
	"div.t thead{display:none}div.t tr{border-bottom:1px solid #8886;padding:.3rem 0}"
	"div.t td{border:0;padding:.05rem .2rem;white-space:normal;overflow-wrap:anywhere}"
	"div.t td::before{content:attr(data-t) ' ';opacity:.6}}\n";

static const char script[] =
	"'use strict';\n"
	"const main = document.querySelector('main');\n"
	"const phone = main.dataset.phone;\n"
	"const events = new EventSource('/events' + (phone ? '?phone=' + encodeURIComponent(phone)"
	" : ''));\n"
	"events.onmessage = e => { main.innerHTML = e.data; main.dataset.updates ="
	" 1 + Number(main.dataset.updates || 0); document.body.classList.remove('stale'); };\n"
	"events.onerror = () => document.body.classList.add('stale');\n";

/* ---- text ---- */

/* Everything that is not markup of ours, in elements and in attributes. A cell is one line. */
static void put_text(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '&': fputs("&amp;", out); break;
		case '"': fputs("&quot;", out); break;
		case '\'': fputs("&#39;", out); break;
		default: fputc((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text, out);
		}
}

/* A segment of a path, percent-encoded: letters and digits stay. */
static void put_url(FILE *out, const char *text)
{
	for (; *text; text++)
		if ((*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z') ||
		    (*text >= 'a' && *text <= 'z') || *text == '-' || *text == '_')
			fputc(*text, out);
		else
			fprintf(out, "%%%02X", (unsigned char)*text);
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), k = strlen(end);

	return n >= k && !strcmp(text + n - k, end);
}

static void put_time(FILE *out, long long ms)
{
	time_t s = (time_t)(ms / 1000);
	char text[32];
	struct tm tm;

	if (localtime_r(&s, &tm) && strftime(text, sizeof(text), "%F %T", &tm))
		put_text(out, text);
}

static void put_duration(FILE *out, long long s)
{
	if (s >= 86400)
		fprintf(out, "%lld d %02lld:%02lld", s / 86400, s / 3600 % 24, s / 60 % 60);
	else
		fprintf(out, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
}

static void put_scalar(FILE *out, const char *key, json_object *v)
{
	long long n;

	switch (json_object_get_type(v)) {
	case json_type_null:
		fputs("-", out);
		return;
	case json_type_boolean:
		fputs(json_object_get_boolean(v) ? "yes" : "no", out);
		return;
	case json_type_double:
		fprintf(out, "%.*f", ends_with(key, "mos") ? 2 : 1, json_object_get_double(v));
		return;
	case json_type_int:
		n = json_object_get_int64(v);
		if (ends_with(key, "_ms") && n >= UNIX_MS_MIN)
			put_time(out, n);
		else if (ends_with(key, "registered_ms") && !n)
			fputs("-", out);
		else if (ends_with(key, "_ms"))
			put_duration(out, n / 1000);
		else if (ends_with(key, "_s"))
			put_duration(out, n);
		else
			fprintf(out, "%lld", n);
		return;
	default:
		put_text(out, json_object_get_string(v));
	}
}

/* What path names below v; of a list, each item's, with " / " between them. */
static void put_path(FILE *out, json_object *v, const char *path, const char *last)
{
	size_t n = strcspn(path, ".");
	char key[64];

	if (json_object_is_type(v, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(v); i++) {
			if (i)
				fputs(" / ", out);
			put_path(out, json_object_array_get_idx(v, i), path, last);
		}
		return;
	}
	if (!*path || !json_object_is_type(v, json_type_object)) {
		put_scalar(out, last, v);
		return;
	}
	td_str_copy(key, sizeof(key), (struct td_str){ path, n });
	json_object_object_get_ex(v, key, &v);
	put_path(out, v, path + n + (path[n] == '.'), path);
}

/* ---- tables ---- */

static const char *class_of(const char *word)
{
	static const struct {
		const char *word, *attribute;
	} classes[] = {
		{ "registered", " class=good" }, { "up", " class=good" }, { "ok", " class=good" },
		{ "there", " class=good" }, { "idle", " class=good" },
		{ "rejected", " class=bad" }, { "failed", " class=bad" }, { "down", " class=bad" },
		{ "not there", " class=bad" }, { "orphaned", " class=bad" },
		{ "unregistered", " class=off" }, { "waiting", " class=off" },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (!strcmp(word, classes[i].word))
			return classes[i].attribute;
	return "";
}

static const char *word_of(json_object *row, const char *key)
{
	json_object *v = NULL;

	json_object_object_get_ex(row, key, &v);
	return json_object_is_type(v, json_type_string) ? json_object_get_string(v) : "";
}

static void put_cell(FILE *out, const struct table *t, size_t i, json_object *row)
{
	const struct column *c = &t->col[i];
	bool links = !i && t->has_pages;

	fprintf(out, "<td data-t=\"%s\"%s>", c->title,
		!strcmp(c->path, "state") ? class_of(word_of(row, "state")) : "");
	if (links) {
		fputs("<a href=\"/phone/", out);
		put_url(out, word_of(row, c->path));
		fputs("\">", out);
	}
	put_path(out, row, c->path, c->path);
	fputs(links ? "</a></td>" : "</td>", out);
}

static void put_table(FILE *out, const struct table *t, json_object *root)
{
	json_object *rows = td_json_way(root, t->key);
	size_t n = json_object_is_type(rows, json_type_array) ? json_object_array_length(rows) : 0;

	if (!n && !t->none)
		return;
	fprintf(out, "<section id=\"%s\"><h2>%s%s", t->key, t->title, n ? "" : "</h2>");
	if (!n) {
		fprintf(out, "<p class=off>%s</p></section>", t->none);
		return;
	}
	fprintf(out, " (%zu)</h2><div class=t><table><thead><tr>", n);
	for (size_t i = 0; t->col[i].path; i++)
		fprintf(out, "<th>%s</th>", t->col[i].title);
	fputs("</tr></thead><tbody>", out);
	for (size_t k = 0; k < n && k < MAX_ROWS; k++) {
		fputs("<tr>", out);
		for (size_t i = 0; t->col[i].path; i++)
			put_cell(out, t, i, json_object_array_get_idx(rows, k));
		fputs("</tr>", out);
	}
	fputs("</tbody></table></div>", out);
	if (n > MAX_ROWS)
		fprintf(out, "<p>and %zu more: tandem show %s</p>", n - MAX_ROWS, t->key);
	fputs("</section>", out);
}

static void put_list(FILE *out, const char *title, const char *id, json_object *v)
{
	if (!json_object_is_type(v, json_type_object))
		return;
	fprintf(out, "<section id=\"%s\"><h2>%s</h2><dl>", id, title);
	json_object_object_foreach(v, key, item) {
		if (json_object_is_type(item, json_type_null) ||
		    json_object_is_type(item, json_type_array))
			continue;
		fputs("<dt>", out);
		for (const char *p = key; *p; p++)
			fputc(*p == '_' ? ' ' : *p, out);
		fputs("</dt><dd>", out);
		put_path(out, item, "", key);
		fputs("</dd>", out);
	}
	fputs("</dl></section>", out);
}

/* ---- pages ---- */

static void put_status(FILE *out, json_object *root)
{
	json_object *about = td_json_way(root, "about"), *cluster = td_json_way(root, "cluster");

	fputs("<h1>", out);
	put_path(out, about, "hostname", "hostname");
	fputs("</h1><p>Tandem ", out);
	put_path(out, about, "version", "version");
	fputs(", up for ", out);
	put_path(out, about, "uptime_ms", "uptime_ms");
	fputs(", <b id=registered>", out);
	put_path(out, root, "core.phones_registered", "phones_registered");
	fputs("</b> of ", out);
	put_path(out, root, "core.phones", "phones");
	fputs(" phones registered, <b id=ncalls>", out);
	put_path(out, root, "core.calls", "calls");
	fputs("</b> calls</p>", out);
	for (size_t i = 0; i < sizeof(status_tables) / sizeof(status_tables[0]); i++) {
		if (!strcmp(status_tables[i].key, "events") && strcmp(word_of(cluster, "role"), "alone"))
			put_list(out, "Cluster", "cluster", cluster);
		put_table(out, &status_tables[i], root);
	}
}

static void put_phone(FILE *out, json_object *root)
{
	json_object *remedy = td_json_way(root, "diagnosis.remedy");

	fputs("<p><a href=\"/\">all</a></p><h1>", out);
	put_path(out, root, "phone.id", "id");
	fputs("</h1><p id=verdict>", out);
	put_path(out, root, "diagnosis.verdict", "verdict");
	if (json_object_is_type(remedy, json_type_string)) {
		fputs(": ", out);
		put_text(out, json_object_get_string(remedy));
	}
	fputs("</p>", out);
	for (size_t i = 0; i < sizeof(phone_tables) / sizeof(phone_tables[0]); i++)
		put_table(out, &phone_tables[i], root);
	put_list(out, "Phone", "phone", td_json_way(root, "phone"));
}

static void put_body(FILE *out, enum td_manage_ask what, json_object *root)
{
	if (what == TD_ASK_PHONE)
		put_phone(out, root);
	else
		put_status(out, root);
}

char *td_page_body(enum td_manage_ask what, const char *json, size_t *len)
{
	json_object *root = json_tokener_parse(json);
	char *text = NULL;
	FILE *out = root ? open_memstream(&text, len) : NULL;

	if (out) {
		put_body(out, what, root);
		if (fclose(out)) {
			free(text);
			text = NULL;
		}
	}
	json_object_put(root);
	return text;
}

char *td_page_whole(enum td_manage_ask what, const char *phone, const char *json, size_t *len)
{
	char *body = td_page_body(what, json, len), *text = NULL;
	FILE *out = body ? open_memstream(&text, len) : NULL;

	if (out) {
		fputs("<!DOCTYPE html><html lang=en><meta charset=utf-8>"
		      "<meta name=viewport content=\"width=device-width,initial-scale=1\">"
		      "<title>Tandem</title><link rel=stylesheet href=/tandem.css>"
		      "<noscript><meta http-equiv=refresh content=5></noscript>"
		      "<body><div id=stale>the router does not answer</div><main data-phone=\"", out);
		put_text(out, what == TD_ASK_PHONE ? phone : "");
		fprintf(out, "\">%s</main><script src=/tandem.js></script></body></html>\n", body);
		if (fclose(out)) {
			free(text);
			text = NULL;
		}
	}
	free(body);
	return text;
}

const char *td_page_file(const char *name, const char **type)
{
	if (!strcmp(name, "/tandem.css")) {
		*type = "text/css; charset=utf-8";
		return style;
	}
	if (!strcmp(name, "/tandem.js")) {
		*type = "text/javascript; charset=utf-8";
		return script;
	}
	return NULL;
}
