/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buttons of phones. CME says what there is in the order of its kinds (lines by button, speed dials
 * and functions by their own numbers), here every button has its place. So lines get theirs at once,
 * and all others when everything has been read: where button-layout has a place for their kind, else
 * behind what is there. A template's are those of every phone that has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/model.h"
#include "tools/import/ios.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MAX_BUTTON CFG_MAX_BUTTONS

/* ---- lines ---- */

/* "1:2" or "3s5" or "4o5,6": button, separator, dn tags. How it rings (s, b, f) is the phone's; a
 * line that is watched (m, w) is a lamp here; of an overlay (o, c) the first dn is taken. */
static void take_button(struct ios *in, const char *word)
{
	size_t digits = strspn(word, "0123456789"), tag = strspn(word + digits + 1, "0123456789");
	char kind = word[digits], line[64], value[96];

	if (!digits || digits > 2 || !kind || !strchr(":sbfmwoc", kind) || !tag) {
		td_ios_not_supported(in, kind == 'x' ? "%s: an overlay's second button" :
				     "no button: %s", word);
		return;
	}
	snprintf(line, sizeof(line), "dn%.*s", tag < 20 ? (int)tag : 20, word + digits + 1);
	snprintf(value, sizeof(value), "%.*s", (int)digits, word);
	if (strchr("mw", kind)) {
		td_ios_taken(in, "a lamp for %s", line);
		td_ios_later(in, IOS_LATE_WATCH, in->name, value, line);
		return;
	}
	snprintf(value, sizeof(value), "%.*s:%s", (int)digits, word, line);
	td_ios_add(in, NULL, NULL, "line", value);
	if (word[digits + 1 + tag])
		td_ios_not_supported(in, "taken, but an overlay has one dn here: %s", line);
}

void td_ios_take_buttons(struct ios *in, const char *const *arg, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		take_button(in, arg[i]);
}

/* voice register pool: "number 1 dn 3" */
void td_ios_take_pool_number(struct ios *in, const char *const *arg, size_t n)
{
	const char *tag = td_ios_after(arg, n, "dn");
	char value[64];

	if (!n || !tag) {
		td_ios_not_supported(in, "which dn? number BUTTON dn TAG");
		return;
	}
	snprintf(value, sizeof(value), "%.8s:sdn%.16s", arg[0], tag);
	td_ios_add(in, NULL, NULL, "line", value);
}

/* ---- speed dials, lamps, functions ---- */

static void take_dial_button(struct ios *in, enum ios_late_kind kind, const char *const *arg,
			     size_t n)
{
	char label[64] = "";

	if (n < 2) {
		td_ios_not_supported(in, "which number?");
		return;
	}
	for (size_t i = 2; i + 1 < n; i++)
		if (td_ios_is(arg[i], "label"))
			td_ios_rest(label, sizeof(label), arg + i + 1, n - i - 1);
	for (char *p = label; *p; p++)
		if (*p == ':')
			*p = ' ';
	td_ios_taken(in, "a button for %s", arg[1]);
	td_ios_later(in, kind, in->name, arg[1], label);
}

/* "speed-dial 1 90301234 label Lieferant" */
void td_ios_take_speed_dial(struct ios *in, const char *const *arg, size_t n)
{
	take_dial_button(in, IOS_LATE_SPEED_DIAL, arg, n);
}

/* "blf-speed-dial 2 1001 label Laden" */
void td_ios_take_blf(struct ios *in, const char *const *arg, size_t n)
{
	take_dial_button(in, IOS_LATE_BLF, arg, n);
}

/* Cisco's words for functions, and ours. NULL: no button here. */
static const struct {
	const char *cme, *name;
} functions[] = {
	{ "CallBack", "callback" },	{ "CfwdAll", "cfwdall" },	{ "Confrn", "conference" },
	{ "Dnd", "dnd" },		{ "Gpickup", "gpickup" },	{ "HLog", "hlog" },
	{ "Hold", "hold" },		{ "MCID", "mcid" },		{ "MeetMe", "meetme" },
	{ "NewCall", "newcall" },	{ "Park", "park" },		{ "PickUp", "pickup" },
	{ "Redial", "redial" },		{ "RmLstC", "rmlastconf" },	{ "Trnsfer", "transfer" },
	{ "EndCall", NULL },		{ "Join", NULL },		{ "Select", NULL },
};

/* "feature-button 2 Park" */
void td_ios_take_feature_button(struct ios *in, const char *const *arg, size_t n)
{
	for (size_t i = 0; n > 1 && i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (!td_ios_is(arg[1], functions[i].cme))
			continue;
		if (functions[i].name) {
			td_ios_taken(in, "a button '%s'", functions[i].name);
			td_ios_later(in, IOS_LATE_FEATURE, in->name, functions[i].name, arg[0]);
		} else {
			td_ios_not_supported(in, "%s is a soft key here, not a button", arg[1]);
		}
		return;
	}
	td_ios_not_supported(in, "there is no such function: %s", n > 1 ? arg[1] : "");
}

static const char *const layout_kinds[] = { "line", "speed-dial", "blf-speed-dial", "feature" };
enum { FOR_LINE, FOR_SPEED_DIAL, FOR_BLF, FOR_FEATURE, FOR_KINDS, FOR_ANY };

static int layout_kind(const char *word)
{
	for (int i = 0; i < FOR_KINDS; i++)
		if (td_ios_is(word, layout_kinds[i]))
			return i;
	return FOR_ANY;
}

/* "button-layout 2-4,6 speed-dial" */
void td_ios_take_layout(struct ios *in, const char *const *arg, size_t n)
{
	if (n != 2 || arg[0][strspn(arg[0], "0123456789,-")]) {
		td_ios_not_supported(in, "name the buttons: list line, list button of the phone");
		return;
	}
	if (layout_kind(arg[1]) == FOR_ANY) {
		td_ios_not_supported(in, "a button cannot be for %s", arg[1]);
		return;
	}
	td_ios_taken(in, "where buttons are");
	td_ios_later(in, IOS_LATE_LAYOUT, in->name, arg[0], arg[1]);
}

/* ---- places ---- */

/* A phone's buttons while they get their places. */
struct panel {
	struct uci_section *phone;
	const char *template;
	uint8_t kind[MAX_BUTTON + 1];	/* what the layout keeps it for */
	bool used[MAX_BUTTON + 1];
};

static bool is_of(const struct panel *p, const struct ios_late *l)
{
	return !strcmp(l->name, p->phone->name) || (p->template && !strcmp(l->name, p->template));
}

/* "2-4,6" */
static void lay_out(struct panel *p, const char *ranges, int kind)
{
	while (*ranges) {
		char *end;
		unsigned long from = strtoul(ranges, &end, 10), to = from;

		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		for (unsigned long i = from; i && i <= to && i <= MAX_BUTTON; i++)
			p->kind[i] = (uint8_t)kind;
		if (end == ranges || !*end)
			return;
		ranges = end + 1;
	}
}

static unsigned long number_at(const char *value)
{
	unsigned long n = strtoul(value, NULL, 10);

	return n <= MAX_BUTTON ? n : 0;
}

/* The nth that the layout keeps for lines; nth when it keeps none, or not so many. */
static unsigned long line_place(const struct panel *p, unsigned long nth)
{
	unsigned long seen = 0;

	for (unsigned long i = 1; i <= MAX_BUTTON; i++)
		if (p->kind[i] == FOR_LINE && ++seen == nth)
			return i;
	return nth;
}

/* Where the layout has one, else behind all that is there; 0: the phone is full. */
static unsigned long place(const struct panel *p, int kind)
{
	unsigned long last = 0;

	for (unsigned long i = 1; i <= MAX_BUTTON; i++) {
		if (p->kind[i] == kind && !p->used[i])
			return i;
		if (p->used[i] || p->kind[i] != FOR_ANY)
			last = i;
	}
	return last < MAX_BUTTON ? last + 1 : 0;
}

static void put(struct ios *in, struct panel *p, unsigned long button, const char *what,
		const struct ios_late *l)
{
	char value[256];

	if (!button) {
		td_ios_blame(in, l->source, "button", "the phone has no more");
		return;
	}
	snprintf(value, sizeof(value), "%lu:%s", button, what);
	p->used[button] = true;
	in->no_memory |= td_uci_out_put(p->phone, "button", value, true, l->source);
}

/* "1:dn5" stands there: where the layout has its first line */
static void place_lines(struct ios *in, struct panel *p)
{
	for (size_t i = 0; i < p->phone->n_options; i++) {
		struct uci_option *o = &p->phone->options[i];
		unsigned long n = strcmp(o->name, "line") ? 0 : number_at(o->value), at;
		char value[128];

		if (!n)
			continue;
		at = line_place(p, n);
		p->used[at] = true;
		if (at == n)
			continue;
		snprintf(value, sizeof(value), "%lu%s", at, o->value + strspn(o->value, "0123456789"));
		td_free(o->value);
		o->value = td_strdup(value);
		in->no_memory |= !o->value;
	}
}

/* A line that is only looked at: "2m4" */
static void place_watch(struct ios *in, struct panel *p, const struct ios_late *l)
{
	const char *number = td_ios_number_of_dn(in, l->label);
	char what[160];

	if (!number) {
		td_ios_blame(in, l->source, l->label, "there is no such dn");
		return;
	}
	snprintf(what, sizeof(what), "blf:%s", number);
	put(in, p, line_place(p, number_at(l->what)), what, l);
}

static void place_dial(struct ios *in, struct panel *p, const struct ios_late *l)
{
	bool blf = l->kind == IOS_LATE_BLF;
	char what[224];

	snprintf(what, sizeof(what), "%s:%s%s%s", blf ? "blf" : "speed-dial", l->what,
		 l->label[0] ? ":" : "", l->label);
	put(in, p, place(p, blf ? FOR_BLF : FOR_SPEED_DIAL), what, l);
}

static void place_kind(struct ios *in, struct panel *p, enum ios_late_kind kind,
		       void (*fn)(struct ios *in, struct panel *p, const struct ios_late *l))
{
	for (size_t i = 0; i < in->n_late && !in->no_memory; i++)
		if (in->late[i].kind == kind && is_of(p, &in->late[i]))
			fn(in, p, &in->late[i]);
}

/* In the order of their own numbers. */
static void place_functions(struct ios *in, struct panel *p)
{
	size_t left = 0;

	for (size_t i = 0; i < in->n_late; i++)
		left += in->late[i].kind == IOS_LATE_FEATURE && is_of(p, &in->late[i]);
	for (unsigned long nth = 0; nth <= MAX_BUTTON && left; nth++)
		for (size_t i = 0; i < in->n_late && !in->no_memory; i++) {
			const struct ios_late *l = &in->late[i];

			if (l->kind != IOS_LATE_FEATURE || !is_of(p, l) ||
			    number_at(l->label) != nth)
				continue;
			put(in, p, place(p, FOR_FEATURE), l->what, l);
			left--;
		}
}

static void settle_phone(struct ios *in, struct uci_section *phone)
{
	struct panel p = { .phone = phone, .template = td_uci_out_get(phone, "template") };

	memset(p.kind, FOR_ANY, sizeof(p.kind));
	for (size_t i = 0; i < in->n_late; i++)
		if (in->late[i].kind == IOS_LATE_LAYOUT && is_of(&p, &in->late[i]))
			lay_out(&p, in->late[i].what, layout_kind(in->late[i].label));
	place_lines(in, &p);
	place_kind(in, &p, IOS_LATE_WATCH, place_watch);
	place_kind(in, &p, IOS_LATE_SPEED_DIAL, place_dial);
	place_kind(in, &p, IOS_LATE_BLF, place_dial);
	place_functions(in, &p);
}

static bool is_button(const struct ios_late *l)
{
	return l->kind == IOS_LATE_SPEED_DIAL || l->kind == IOS_LATE_BLF ||
	       l->kind == IOS_LATE_FEATURE || l->kind == IOS_LATE_LAYOUT;
}

/* Of templates that nobody has. */
static void excuse_unused(struct ios *in)
{
	for (size_t i = 0; i < in->n_late; i++) {
		const struct ios_late *l = &in->late[i];
		bool used = !is_button(l);

		for (size_t k = 0; k < in->out.n_sections && !used; k++) {
			struct uci_section *s = &in->out.sections[k];
			struct panel p = { .phone = s, .template = td_uci_out_get(s, "template") };

			used = !strcmp(s->type, "phone") && is_of(&p, l);
		}
		if (!used)
			td_ios_excuse(in, l->source, "no phone has this template");
	}
}

void td_ios_settle_buttons(struct ios *in)
{
	for (size_t i = 0; i < in->out.n_sections && !in->no_memory; i++)
		if (!strcmp(in->out.sections[i].type, "phone"))
			settle_phone(in, &in->out.sections[i]);
	excuse_unused(in);
}
