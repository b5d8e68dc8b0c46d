/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CME does with calls: night service, hours in which not everything may be dialled, feature
 * codes; and the directory numbers that are nobody's: park slots, paging, meet-me conferences.
 * In CME those are an ephone-dn, here they are sections of their own.
 */
#include <stdio.h>
#include <string.h>

#include "tools/import/ios.h"
#include "userspace/base/str.h"

/* ---- hours ---- */

/* "day mon 19:00 07:00", "date dec 25 00:00 00:00", "everyday 20:00 08:00", also weekday, weekend.
 * False: it speaks of something else. */
static bool take_hours(struct ios *in, const char *section, const char *const *arg, size_t n)
{
	static const char *const words[] = { "everyday", "weekday", "weekend" };
	char text[64];

	if (n == 4 && td_ios_is(arg[0], "day")) {
		snprintf(text, sizeof(text), "%.3s %s %s", arg[1], arg[2], arg[3]);
	} else if (n == 5 && td_ios_is(arg[0], "date")) {
		snprintf(text, sizeof(text), "%.3s %s %s %s", arg[1], arg[2], arg[3], arg[4]);
	} else {
		size_t i = 0;

		while (i < 3 && !(n == 3 && td_ios_is(arg[0], words[i])))
			i++;
		if (i == 3)
			return false;
		snprintf(text, sizeof(text), "%s %s %s", words[i], arg[1], arg[2]);
	}
	for (char *p = text; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	/* IOS ends a day at 00:00 */
	if (!strcmp(strrchr(text, ' '), " 00:00"))
		memcpy(strrchr(text, ' ') + 1, "24:00", 5);
	td_ios_add(in, section, section, "hours", text);
	return true;
}

void td_ios_take_night(struct ios *in, const char *const *arg, size_t n)
{
	if (n == 2 && td_ios_is(arg[0], "code"))
		td_ios_set(in, "nightservice", "nightservice", "code", arg[1]);
	else if (!take_hours(in, "nightservice", arg, n))
		td_ios_not_supported(in, "of night service there are its hours and its code");
}

void td_ios_take_after_hours(struct ios *in, const char *const *arg, size_t n)
{
	if (n == 2 && td_ios_is(arg[0], "override-code")) {
		td_ios_set(in, "afterhours", "afterhours", "override_code", arg[1]);
	} else if (n >= 4 && td_ios_is(arg[0], "block") && td_ios_is(arg[1], "pattern")) {
		td_ios_add(in, "afterhours", "afterhours",
			   n > 4 && !strcmp(arg[4], "7-24") ? "block_always" : "block", arg[3]);
	} else if (!take_hours(in, "afterhours", arg, n)) {
		td_ios_not_supported(in, "of after-hours there are day, date, block pattern and "
				     "override-code");
	}
}

/* ---- codes ---- */

/* "fac standard", "fac custom callfwd all *77" */
void td_ios_take_fac(struct ios *in, const char *const *arg, size_t n)
{
	static const char *const codes[][3] = {
		{ "callfwd", "all", "cfwd_all" }, { "callfwd", "cancel", "cfwd_cancel" },
		{ "pickup", "local", "pickup_local" }, { "pickup", "group", "pickup_group" },
		{ "pickup", "direct", "pickup" }, { "ephone-hunt", "hlog", "hlog" },
	};

	if (n == 1 && td_ios_is(arg[0], "standard")) {
		td_ios_set(in, "fac", "fac", "enable", "1");
		return;
	}
	if (n < 3 || !td_ios_is(arg[0], "custom")) {
		td_ios_not_supported(in, "standard, or custom and a code?");
		return;
	}
	td_ios_set(in, "fac", "fac", "enable", "1");
	if (td_ios_is(arg[1], "park") && n == 3) {
		td_ios_set(in, "fac", "fac", "park", arg[2]);
		return;
	}
	for (size_t i = 0; n == 4 && i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (td_ios_is(arg[1], codes[i][0]) && td_ios_is(arg[2], codes[i][1])) {
			td_ios_set(in, "fac", "fac", codes[i][2], arg[3]);
			return;
		}
	}
	td_ios_not_supported(in, "taken as fac, but there is no such code");
}

/* ---- numbers that are nobody's ---- */

static bool is_kept(const char *option, const char *const *keep)
{
	for (; *keep; keep++)
		if (!strcmp(option, *keep))
			return true;
	return false;
}

/* The dn at hand is a section of another type from now on; it keeps these options (ends with NULL).
 * name NULL: its own. False: it has no number yet, or no memory. */
static bool becomes(struct ios *in, const char *type, const char *name, const char *const *keep)
{
	struct uci_section *dn = td_uci_out_find(&in->out, in->type, in->name), *s;
	const char *number = td_uci_out_get(dn, "number");
	size_t place;

	if (!number || strcmp(in->type, "dn") != 0) {
		td_ios_not_supported(in, "its number must stand before");
		return false;
	}
	place = (size_t)(dn - in->out.sections);
	s = td_uci_out_section(&in->out, type, name ? name : in->name, dn->source);
	dn = &in->out.sections[place];		/* the table may have moved */
	in->no_memory |= !s;
	for (size_t i = 0; s && i < dn->n_options; i++) {
		struct uci_option *o = &dn->options[i];

		if (is_kept(o->name, keep))
			in->no_memory |= td_uci_out_put(s, o->name, o->value, o->is_list, o->source);
	}
	dn->dropped = true;
	td_strlcpy(in->name, s ? s->name : "", sizeof(in->name));
	td_strlcpy(in->type, type, sizeof(in->type));
	return s != NULL;
}

/* "park-slot timeout 60 limit 5 transfer 1001" */
void td_ios_take_park_slot(struct ios *in, const char *const *arg, size_t n)
{
	static const char *const keep[] = { "number", NULL };
	const char *timeout = td_ios_after(arg, n, "timeout"), *limit = td_ios_after(arg, n, "limit");
	const char *transfer = td_ios_after(arg, n, "transfer");

	if (!becomes(in, "park", NULL, keep))
		return;
	td_ios_set(in, NULL, NULL, "slots", "1");
	if (timeout)
		td_ios_set(in, NULL, NULL, "timeout", timeout);
	if (limit)
		td_ios_set(in, NULL, NULL, "limit", limit);
	if (transfer)
		td_ios_set(in, NULL, NULL, "transfer", transfer);
}

/* "paging", "paging ip 239.1.1.10 port 2000": members come later, by paging-dn of the phones */
void td_ios_take_paging(struct ios *in, const char *const *arg, size_t n)
{
	static const char *const keep[] = { "number", "name", NULL };

	bool group = n > 1 && td_ios_is(arg[0], "group");
	char list[128], to[64];

	if (!becomes(in, "paging", NULL, keep))
		return;
	if (group)
		td_ios_later(in, IOS_LATE_GROUP, in->name,
			     td_ios_rest(list, sizeof(list), arg + 1, n - 1), NULL);
	if (n > 3 && td_ios_is(arg[0], "ip") && td_ios_is(arg[2], "port")) {
		snprintf(to, sizeof(to), "%s:%s", arg[1], arg[3]);
		td_ios_set(in, NULL, NULL, "multicast", to);
	}
	td_ios_set(in, NULL, NULL, "number",
		   td_uci_out_get(td_uci_out_find(&in->out, "paging", in->name), "number"));
}

/* "conference meetme"; several dns of one number are its legs in CME */
void td_ios_take_dn_conference(struct ios *in, const char *const *arg, size_t n)
{
	static const char *const keep[] = { "number", NULL };
	struct uci_section *dn = td_uci_out_find(&in->out, in->type, in->name);
	const char *number = td_uci_out_get(dn, "number");
	char name[64];

	if (!n || !td_ios_is(arg[0], "meetme")) {
		td_ios_not_needed(in, "a phone's own conference needs no dn");
		return;
	}
	td_ios_name(name, sizeof(name), "meet", number ? number : "");
	if (becomes(in, "conference", name, keep))
		td_ios_set(in, NULL, NULL, "number", number);
}

/* "intercom 1002 barge-in no-mute label Bob", "intercom 1002 no-auto-answer" */
void td_ios_take_intercom(struct ios *in, const char *const *arg, size_t n)
{
	static const char *const words[][3] = {
		{ "barge-in", "intercom_barge_in", "1" }, { "no-mute", "intercom_no_mute", "1" },
		{ "no-auto-answer", "intercom", "0" },
	};

	if (!n)
		return;
	td_ios_set(in, NULL, NULL, "intercom", "1");
	td_ios_set(in, NULL, NULL, "intercom_number", arg[0]);
	for (size_t i = 1; i < n; i++) {
		if (td_ios_is(arg[i], "label") && i + 1 < n) {
			td_ios_set(in, NULL, NULL, "label", arg[i + 1]);
			break;
		}
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (td_ios_is(arg[i], words[k][0]))
				td_ios_set(in, NULL, NULL, words[k][1], words[k][2]);
	}
}

void td_ios_take_caller_id(struct ios *in, const char *const *arg, size_t n)
{
	if (n && td_ios_is(arg[0], "block"))
		td_ios_set(in, NULL, NULL, "caller_id_block", in->line->negated ? "0" : "1");
	else
		td_ios_not_supported(in, "of caller-id there is block");
}

/* "paging-dn 20 unicast", of a phone */
void td_ios_take_paging_dn(struct ios *in, const char *const *arg, size_t n)
{
	char name[64];

	if (!n || strspn(arg[0], "0123456789") != strlen(arg[0])) {
		td_ios_not_supported(in, "which dn?");
		return;
	}
	td_ios_name(name, sizeof(name), "dn", arg[0]);
	td_ios_taken(in, "a member of paging %s", name);
	td_ios_later(in, IOS_LATE_PAGE, in->name, name, NULL);
}
