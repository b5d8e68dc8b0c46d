/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IOS has modes: "telephony-service" opens one, and what follows belongs to it. A running-config
 * shows that by a blank in front; a document or a typed log may not. So a line is looked for in
 * the mode it stands in, and in the global mode, in the order that its indentation suggests.
 *
 * Words may be abbreviated as far as one command remains: "tele" opens telephony-service.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "tools/import/ios.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

/* ---- words ---- */

bool td_ios_is(const char *word, const char *full)
{
	return word && *word && !strncasecmp(word, full, strlen(word));
}

const char *td_ios_after(const char *const *arg, size_t n, const char *keyword)
{
	size_t i;

	for (i = 0; i + 1 < n; i++)
		if (!strcmp(arg[i], keyword))
			return arg[i + 1];
	return NULL;
}

const char *td_ios_rest(char *dst, size_t size, const char *const *arg, size_t n)
{
	size_t i, used = 0;

	dst[0] = '\0';
	for (i = 0; i < n && used < size; i++)
		used += (size_t)snprintf(dst + used, size - used, "%s%s", i ? " " : "", arg[i]);
	return dst;
}

void td_ios_name(char *dst, size_t size, const char *prefix, const char *text)
{
	size_t n = td_strlcpy(dst, prefix, size);

	for (; *text && n + 1 < size; text++)
		dst[n++] = (*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') ||
			   (*text >= 'A' && *text <= 'Z') ? *text : '_';
	dst[n < size ? n : size - 1] = '\0';
}

/* ---- verdicts ---- */

static void decide(struct ios *in, enum td_import_verdict v, const char *note)
{
	struct td_import_line *l = in->line->out;

	if (in->decided && v == TD_IMPORT_TAKEN)
		return;			/* the first thing it became is named */
	td_free(l->note);
	l->note = td_strdup(note);
	in->no_memory |= !l->note;
	l->verdict = v;
	in->decided = true;
}

static void decide_fmt(struct ios *in, enum td_import_verdict v, const char *fmt, va_list ap)
{
	char note[256];

	vsnprintf(note, sizeof(note), fmt, ap);
	decide(in, v, note);
}

void td_ios_taken(struct ios *in, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	decide_fmt(in, TD_IMPORT_TAKEN, fmt, ap);
	va_end(ap);
}

void td_ios_not_needed(struct ios *in, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	decide_fmt(in, TD_IMPORT_NOT_NEEDED, fmt, ap);
	va_end(ap);
}

void td_ios_not_supported(struct ios *in, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	decide_fmt(in, TD_IMPORT_NOT_SUPPORTED, fmt, ap);
	va_end(ap);
}

/* ---- sections ---- */

static size_t source(const struct ios *in)
{
	return (size_t)(in->line->out - in->im->lines);
}

static void put(struct ios *in, const char *type, const char *name, const char *option,
		const char *value, bool is_list)
{
	struct uci_section *s;
	char note[128];

	if (!type) {
		type = in->type;
		name = in->name;
	}
	if (!td_config_has_option(type, option)) {
		td_ios_not_supported(in, "%sthis version of Tandem has no option %s in section %s",
				     in->decided ? "taken, but " : "", option, type);
		return;
	}
	s = td_uci_out_section(&in->out, type, name, source(in));
	if (!s || td_uci_out_put(s, option, value, is_list, source(in))) {
		in->no_memory = true;
		return;
	}
	snprintf(note, sizeof(note), "%s %s, %s %s", type, name, is_list ? "list" : "option", option);
	decide(in, TD_IMPORT_TAKEN, note);
}

void td_ios_set(struct ios *in, const char *type, const char *name, const char *option,
		const char *value)
{
	put(in, type, name, option, value, false);
}

void td_ios_add(struct ios *in, const char *type, const char *name, const char *option,
		const char *value)
{
	put(in, type, name, option, value, true);
}

void td_ios_section(struct ios *in, const char *type, const char *fmt, ...)
{
	char note[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(in->name, sizeof(in->name), fmt, ap);
	va_end(ap);
	td_strlcpy(in->type, type, sizeof(in->type));
	if (!td_config_has_option(type, NULL)) {
		td_ios_not_supported(in, "this version of Tandem has no section %s", type);
		return;
	}
	in->no_memory |= !td_uci_out_section(&in->out, in->type, in->name, source(in));
	snprintf(note, sizeof(note), "section %s %s", in->type, in->name);
	decide(in, TD_IMPORT_TAKEN, note);
}

/* ---- finding the rule ---- */

const struct ios_rules td_ios_rules[IOS_MODES] = {
	[IOS_HOST] = { NULL, 0, "the host's: Linux and its network configuration do this" },
};

static const struct ios_rules *rules_of(enum ios_mode mode)
{
	static const struct ios_rules *const all[IOS_MODES] = {
		[IOS_GLOBAL] = &td_ios_global, [IOS_TELEPHONY] = &td_ios_service,
		[IOS_REGISTER] = &td_ios_register, [IOS_POOL] = &td_ios_pool,
		[IOS_REGISTER_DN] = &td_ios_register_dn, [IOS_EPHONE] = &td_ios_ephone,
		[IOS_EPHONE_DN] = &td_ios_ephone_dn, [IOS_TEMPLATE] = &td_ios_template,
		[IOS_HUNT] = &td_ios_hunt, [IOS_VOIP] = &td_ios_voip, [IOS_SIP] = &td_ios_sip,
		[IOS_SIPUA] = &td_ios_sipua, [IOS_PEER_VOIP] = &td_ios_peer_voip,
		[IOS_PEER_POTS] = &td_ios_peer_pots, [IOS_TRANSLATION] = &td_ios_translation,
		[IOS_PROFILE] = &td_ios_profile, [IOS_COR_NAMES] = &td_ios_cor_names,
		[IOS_COR_LIST] = &td_ios_cor_list, [IOS_CODEC] = &td_ios_codec,
		[IOS_MEDIA] = &td_ios_media, [IOS_VOICE_PORT] = &td_ios_voice_port,
		[IOS_GATEWAY] = &td_ios_gateway, [IOS_IXI] = &td_ios_ixi,
	};

	return all[mode] ? all[mode] : &td_ios_rules[mode];
}

/* How many words of the line the rule's words take; 0: it does not fit. exact: none of them is
 * abbreviated. */
static size_t fits(const char *words, const struct ios_line *line, bool *exact)
{
	size_t n = 0, len;

	*exact = true;
	for (;; n++) {
		words += strspn(words, " ");
		if (!*words)
			return n;
		len = strcspn(words, " ");
		if (n == line->n_words || !*line->words[n] || strlen(line->words[n]) > len ||
		    strncasecmp(words, line->words[n], strlen(line->words[n])) != 0)
			return 0;
		*exact &= strlen(line->words[n]) == len;
		words += len;
	}
}

struct found {
	const struct ios_rule *rule;
	size_t taken;			/* words */
	bool exact;
	const struct ios_rule *other;	/* fits as well: the abbreviation says too little */
};

/* The rule with the most words; among those one that is spelt out. */
static struct found find(const struct ios_rules *rules, const struct ios_line *line)
{
	struct found best = { 0 };
	size_t i, n;
	bool exact;

	for (i = 0; i < rules->n; i++) {
		n = fits(rules->v[i].words, line, &exact);
		if (!n || n < best.taken || (n == best.taken && best.exact))
			continue;
		best.other = n == best.taken && !exact ? best.rule : NULL;
		best.rule = &rules->v[i];
		best.taken = n;
		best.exact = exact;
	}
	return best;
}

static void run(struct ios *in, const struct found *f, enum ios_mode mode)
{
	const struct ios_line *line = in->line;
	const struct ios_rule *rule = f->rule;

	if (f->other) {
		td_ios_not_supported(in, "it may be '%s' or '%s': write it out", f->other->words,
				     rule->words);
		return;
	}
	if (rule->enter) {
		in->parent = mode == IOS_VOIP ? IOS_VOIP : IOS_GLOBAL;
		in->mode = line->negated ? in->parent : rule->enter;
		in->type[0] = in->name[0] = in->host[0] = '\0';
	} else if (mode == IOS_GLOBAL && in->indented) {	/* else who knows whether it left */
		in->mode = in->parent = IOS_GLOBAL;
	}
	if (line->negated && rule->enter) {
		td_ios_not_needed(in, "it is not there");
		return;
	}
	if (rule->take)
		rule->take(in, line->words + f->taken, line->n_words - f->taken);
	else
		decide(in, rule->verdict, rule->note);
	if (!in->decided)
		td_ios_not_needed(in, "it is how Tandem does it anyway");
}

static bool is_noise(struct ios *in, const struct ios_line *line)
{
	static const char *const noise[] = { "Building", "Current", "Using", "Enter", "Created",
					     "%", "end", ".", "...", "WORD", "<cr>" };
	const char *first = line->words[0];
	size_t i;

	if (!line->n_words || first[0] == '!') {
		td_ios_not_needed(in, line->n_words ? "a comment" : "an empty line");
		return true;
	}
	for (i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
		if (strcmp(first, noise[i]) != 0)
			continue;
		td_ios_not_needed(in, "not a command");
		return true;
	}
	return false;
}

/* "banner motd ^ ... ^" */
static bool in_banner(struct ios *in)
{
	if (!in->banner_end)
		return false;
	td_ios_not_needed(in, "a banner");
	if (strchr(in->line->out->text, in->banner_end))
		in->banner_end = '\0';
	return true;
}

/* What is typed at "Router#": "show running-config" prints what we want, the rest is talk. */
static bool is_executed(struct ios *in, const struct ios_line *line)
{
	if (!in->executed && line->prompted &&
	    (!strcmp(line->words[0], "do") || !strcmp(line->words[0], "sh") ||
	     !strcmp(line->words[0], "show")))
		in->executed = true;
	if (!in->executed)
		return false;
	if (td_ios_is(line->words[0], "configure") ||
	    (td_ios_is(line->words[0], "show") && line->n_words > 1 &&
	     strlen(line->words[1]) >= 3 && td_ios_is(line->words[1], "running-config")))
		in->executed = false;
	td_ios_not_needed(in, "said at a prompt, not configured");
	return true;
}

static bool leaves(struct ios *in, const struct ios_line *line)
{
	if (strcmp(line->words[0], "exit") != 0 && strcmp(line->words[0], "quit") != 0)
		return false;
	in->mode = in->parent;
	in->parent = IOS_GLOBAL;
	td_ios_not_needed(in, "leaves the mode");
	return true;
}

/* Three places in which a line may be at home: its mode, the one around it, the global one. */
static void interpret(struct ios *in, const struct ios_line *line)
{
	enum ios_mode where[3] = { in->mode, in->parent, IOS_GLOBAL };
	size_t i, n = 3;
	struct found f;

	if (line->indent)
		in->indented = true;
	if (line->indent && in->mode != IOS_GLOBAL)	/* a blank in front: not of the global mode */
		n = in->parent == IOS_GLOBAL ? 1 : 2;
	if (!line->indent && in->indented) {	/* as a running-config writes it */
		where[0] = IOS_GLOBAL;
		where[1] = in->mode;
		where[2] = in->parent;
	}
	for (i = 0; i < n; i++) {
		f = find(rules_of(where[i]), line);
		if (f.rule) {
			run(in, &f, where[i]);
			return;
		}
	}
	if (in->mode == IOS_UNKNOWN)
		td_ios_not_supported(in, "a part of what is not supported above");
	else if (rules_of(in->mode)->others)
		td_ios_not_needed(in, "%s", rules_of(in->mode)->others);
	else
		td_ios_not_supported(in, "not known here: look at the manual for what it did");
}

void td_ios_interpret(struct ios *in, const struct ios_line *line)
{
	in->line = line;
	in->decided = false;
	if (in_banner(in) || is_noise(in, line) || is_executed(in, line) || leaves(in, line))
		return;
	interpret(in, line);
}
