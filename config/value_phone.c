// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Buttons, vendor elements, time zones, changes of the clock, URLs and folders: what phones are
 * told by their files. See value.h.
 */
#include "config/value_phone.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/schema.h"
#include "config/time_zone.h"
#include "userspace/base/str.h"

static bool is_printable(const char *text)
{
	while (*text > ' ' && *text < 0x7f && !strchr("\"<>\\^`{|}", *text))
		text++;
	return !*text;
}

int td_value_read_zone(const struct schema_option *o, const struct uci_value *v, void *dst,
		       struct value_fault *fault)
{
	if (*v->text && !td_config_zone(v->text)) {
		if (is_printable(v->text) &&
		    td_zone_nearest(v->text, fault->near, sizeof(fault->near)))
			fault->hint = fault->near;
		return td_value_refuse(fault, v->text,
				       "is no time zone: an IANA name as Europe/Berlin, or a "
				       "number of CME's time-zone, 1..%zu", td_zone_count());
	}
	return td_value_store(o, v->text, dst, fault);
}

/* ---- places ---- */

int td_value_read_url(const struct schema_option *o, const struct uci_value *v, void *dst,
		      struct value_fault *fault)
{
	const char *host = NULL;

	if (!*v->text)
		return td_value_store(o, v->text, dst, fault);
	for (size_t i = 0; o->words[i] && !host; i++)
		if (!strncasecmp(v->text, o->words[i], strlen(o->words[i])))
			host = v->text + strlen(o->words[i]);
	if (!host)
		return td_value_refuse(fault, v->text, "does not begin with %s%s%s", o->words[0],
				       o->words[1] ? " or " : "", o->words[1] ? o->words[1] : "");
	if (!*host || *host == '/' || !is_printable(v->text))
		return td_value_refuse(fault, v->text, "is no URL");
	return td_value_store(o, v->text, dst, fault);
}

/* Folders whose content is nobody else's business, with all that is below them. */
static const char *const private_folders[] = {
	"/boot", "/dev", "/etc", "/proc", "/root", "/run", "/sys", "/var/lib/tandem", "/var/run",
	NULL,
};
/* Folders that hold such ones, or the programs: not as a whole. */
static const char *const wide_folders[] = {
	"/", "/bin", "/home", "/lib", "/lib64", "/overlay", "/rom", "/sbin", "/tmp", "/usr", "/var",
	"/var/lib", NULL,
};

static bool is_in(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return !strncmp(path, folder, len) && (!path[len] || path[len] == '/'); /* NOLINT(*uninitialized*) */
}

/* Phones may ask for what is there, and phones have no names. */
int td_value_read_folder(const struct schema_option *o, const struct uci_value *v, void *dst,
			 struct value_fault *fault)
{
	char path[CFG_PATH_LEN];
	size_t len = 0;

	if (!*v->text)
		return td_value_store(o, v->text, dst, fault);
	if (*v->text != '/')
		return td_value_refuse(fault, v->text, "is no absolute path");
	if (strstr(v->text, "/.."))
		return td_value_refuse(fault, v->text, "goes up: write the folder itself");
	for (const char *p = v->text; *p; p++) {
		if ((uint8_t)*p < ' ' || *p == 0x7f)
			return td_value_refuse(fault, v->text, "holds control characters");
		if (p[0] == '/' && (p[1] == '/' || (p[1] == '.' && (p[2] == '/' || !p[2])))) {
			p += p[1] == '.';	/* "//" and "/./" are "/" */
			continue;
		}
		if (len + 1 < sizeof(path))
			path[len++] = *p;
	}
	while (len > 1 && path[len - 1] == '/')
		len--;
	if (!len)
		path[len++] = '/';
	path[len] = '\0';
	for (size_t i = 0; private_folders[i]; i++)
		if (is_in(path, private_folders[i]))
			return td_value_refuse(fault, v->text,
					       "is in %s, which nobody may fetch from: use a "
					       "folder of its own", private_folders[i]);
	for (size_t i = 0; wide_folders[i]; i++)
		if (!strcmp(path, wide_folders[i]))
			return td_value_refuse(fault, v->text,
					       "would open everything in %s: use a folder of its "
					       "own", path);
	if (strlen(v->text) >= sizeof(path))
		return td_value_store(o, v->text, dst, fault);	/* too long: a fault */
	return td_value_store(o, path, dst, fault);
}

/* ---- buttons ---- */

static const struct {
	const char *name;
	uint32_t id;			/* featureID */
	bool target;			/* it needs one */
} features[] = {
	{ "speed-dial", 2, true }, { "blf", 21, true }, { "blf-park", 22, true },
	{ "intercom", 23, true }, { "redial", 1, false }, { "hold", 3, false },
	{ "transfer", 4, false }, { "cfwdall", 5, false }, { "settings", 18, false },
	{ "mcid", 27, false }, { "conference", 102, false }, { "meetme", 123, false },
	{ "park", 126, false }, { "pickup", 127, false }, { "gpickup", 128, false },
	{ "dnd", 130, false }, { "rmlastconf", 132, false }, { "qrt", 133, false },
	{ "callback", 134, false }, { "opickup", 135, false }, { "newcall", 137, false },
	{ "hlog", 139, false }, { "allcalls", 140, false }, { "answer", 141, false },
	{ "alertingcalls", 142, false }, { "record", 159, false }, { "services", 192, false },
	{ "messages", 194, false }, { "directories", 195, false }, { "applications", 197, false },
	{ "headset", 198, false }, { "privacy", 19, false },
};
#define N_FEATURES (sizeof(features) / sizeof(features[0]))

const char *td_value_feature(uint32_t feature)
{
	for (size_t i = 0; i < N_FEATURES; i++)
		if (features[i].id == feature)
			return features[i].name;
	return NULL;
}

static int read_feature(const char *text, struct td_str word, struct value_fault *fault,
			size_t *which)
{
	const char *words[N_FEATURES + 1] = { NULL };
	char copy[CFG_TEXT_LEN];

	for (*which = 0; *which < N_FEATURES; (*which)++) {
		words[*which] = features[*which].name;
		if (td_str_caseeq_c(word, words[*which]))
			return 0;
	}
	td_str_copy(copy, sizeof(copy), word);
	fault->hint = td_str_nearest(copy, words);
	return td_value_refuse(fault, text,
			       "has no feature that a button can have, as speed-dial, blf, park, "
			       "behind its number");
}

/* The part before the next colon; the rest moves on. */
static struct td_str part(const char **p)
{
	struct td_str s = { *p, strcspn(*p, ":") };

	*p += s.len + (s.p[s.len] == ':');
	return s;
}

int td_value_read_button(const struct schema_option *o, const struct uci_value *v, void *dst,
			 struct value_fault *fault)
{
	struct cfg_button *b = dst;
	const char *p = v->text;
	struct td_str s;
	size_t which;

	(void)o;
	memset(b, 0, sizeof(*b));
	if (td_parse_u32(part(&p), &b->button) || !b->button || b->button > CFG_MAX_BUTTONS)
		return td_value_refuse(fault, v->text,
				       "names no button: a number 1..%d stands before the colon",
				       CFG_MAX_BUTTONS);
	if (read_feature(v->text, part(&p), fault, &which))
		return -EINVAL;
	b->feature = features[which].id;
	s = part(&p);
	if (s.len >= sizeof(b->target))
		return td_value_refuse(fault, v->text, "has a target of more than %zu characters",
				       sizeof(b->target) - 1);
	memcpy(b->target, s.p, s.len);
	if (features[which].target ? !td_value_is_number(b->target) :
				     s.len && !td_value_is_number(b->target))
		return td_value_refuse(fault, v->text, "has no number to dial behind the feature");
	if (strlen(p) >= sizeof(b->label))
		return td_value_refuse(fault, v->text, "has a label of more than %zu bytes",
				       sizeof(b->label) - 1);
	memcpy(b->label, p, strlen(p));
	for (size_t n; *p; p += n) {
		n = td_fault_printable(p);
		if (!n)
			return td_value_refuse(fault, v->text,
					       "holds control characters, or bytes that are not "
					       "UTF-8");
	}
	return 0;
}

void td_value_print_button(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	const struct cfg_button *b = src;

	(void)o;
	snprintf(dst, size, "%u:%s%s%s%s%s", b->button, td_value_feature(b->feature),
		 b->target[0] || b->label[0] ? ":" : "", b->target, b->label[0] ? ":" : "",
		 b->label);
}

/* ---- vendorConfig ---- */

int td_value_read_vendor(const struct schema_option *o, const struct uci_value *v, void *dst,
			 struct value_fault *fault)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char more[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	struct cfg_vendor *w = dst;
	size_t name = strspn(v->text, more);
	const char *value = v->text + name;

	(void)o;
	memset(w, 0, sizeof(*w));
	value += strspn(value, " ");
	if (!name || !strchr(letters, v->text[0]) || (v->text[name] && v->text[name] != ' ') ||
	    !*value)
		return td_value_refuse(fault, v->text, "is no NAME VALUE, as 'settingsAccess 1'");
	if (name >= sizeof(w->name) || strlen(value) >= sizeof(w->value))
		return td_value_refuse(fault, v->text, "is longer than phones read");
	for (const char *p = value; *p;) {
		size_t n = td_fault_printable(p);

		if (!n)
			return td_value_refuse(fault, v->text,
					       "holds control characters, or bytes that are not "
					       "UTF-8");
		p += n;
	}
	memcpy(w->name, v->text, name);
	memcpy(w->value, value, strlen(value));
	return 0;
}

void td_value_print_vendor(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	const struct cfg_vendor *w = src;

	(void)o;
	snprintf(dst, size, "%s %s", w->name, w->value);
}

/* ---- changes of the clock ---- */

static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug",
				      "sep", "oct", "nov", "dec", NULL };
static const char *const weekdays[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL };

/* By its first three letters. */
static bool find(const char *const *words, const char *word, uint32_t *i)
{
	for (*i = 0; words[*i]; (*i)++)
		if (!strncasecmp(word, words[*i], 3))
			return true;
	return false;
}

int td_value_read_change(const struct schema_option *o, const struct uci_value *v, void *dst,
			 struct value_fault *fault)
{
	char month[12] = "", a[12] = "", b[12] = "", c[12] = "", rest[2];
	struct cfg_change *ch = dst;
	unsigned int hour, minute;
	int n = sscanf(v->text, "%11s %11s %11s %11s %1s", month, a, b, c, rest);

	(void)o;
	memset(ch, 0, sizeof(*ch));
	if (n < 3 || n > 4 || !find(months, month, &ch->month) ||
	    sscanf(n == 4 ? c : b, "%2u:%2u%1s", &hour, &minute, rest) != 2 || hour > 23 ||
	    minute > 59)
		return td_value_refuse(fault, v->text,
				       "is no time of a year: MONTH WEEK WEEKDAY HH:MM as 'mar "
				       "last sun 02:00', or MONTH DAY HH:MM as 'oct 1 02:00'");
	ch->month++;
	ch->minute = hour * 60 + minute;
	if (n == 3) {
		if (td_parse_u32(td_str_of(a), &ch->day) || !ch->day || ch->day > 31)
			return td_value_refuse(fault, v->text, "has no day 1..31");
		return 0;
	}
	if (!strcasecmp(a, "last"))
		ch->week = CFG_LAST_WEEK;
	else if (!strcasecmp(a, "first"))
		ch->week = 1;
	else if (td_parse_u32(td_str_of(a), &ch->week) || !ch->week || ch->week > 5)
		return td_value_refuse(fault, v->text, "has no week: first, 1..5 or last");
	if (!find(weekdays, b, &ch->weekday))
		return td_value_refuse(fault, v->text, "has no day of the week: sun, mon ...");
	return 0;
}

void td_value_print_change(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	const struct cfg_change *c = src;
	char week[12] = "last";

	(void)o;
	*dst = '\0';
	if (!c->month)
		return;
	if (c->day) {
		snprintf(dst, size, "%s %u %02u:%02u", months[c->month - 1], c->day,
			 c->minute / 60, c->minute % 60);
		return;
	}
	if (c->week != CFG_LAST_WEEK)
		snprintf(week, sizeof(week), "%u", c->week);
	snprintf(dst, size, "%s %s %s %02u:%02u", months[c->month - 1], week,
		 weekdays[c->weekday % 7], c->minute / 60, c->minute % 60);
}

/* ---- hours ---- */

static const struct {
	const char *word;
	uint32_t weekdays;
} some_days[] = { { "everyday", 0x7f }, { "weekday", 0x3e }, { "weekend", 0x41 } };

static bool read_days(const char *word, uint32_t *days)
{
	uint32_t day;

	for (size_t i = 0; i < sizeof(some_days) / sizeof(some_days[0]); i++) {
		if (!strcasecmp(word, some_days[i].word)) {
			*days = some_days[i].weekdays;
			return true;
		}
	}
	if (!find(weekdays, word, &day))
		return false;
	*days = 1u << day;
	return true;
}

/* "24:00" is the end of a day. */
static bool read_minute(const char *text, uint32_t *minute)
{
	unsigned int hour, min;
	char rest[2];

	if (sscanf(text, "%2u:%2u%1s", &hour, &min, rest) != 2 || min > 59 ||
	    hour * 60 + min > 24 * 60)
		return false;
	*minute = hour * 60 + min;
	return true;
}

int td_value_read_hours(const struct schema_option *o, const struct uci_value *v, void *dst,
			struct value_fault *fault)
{
	static const uint32_t days_of[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	char word[4][12] = { "", "", "", "" }, rest[2];
	struct cfg_hours *h = dst;
	int n = sscanf(v->text, "%11s %11s %11s %11s %1s", word[0], word[1], word[2], word[3], rest);
	bool date = n == 4;

	(void)o;
	memset(h, 0, sizeof(*h));
	if (n < 3 || n > 4 || (date ? !find(months, word[0], &h->month) :
			       !read_days(word[0], &h->weekdays)) ||
	    !read_minute(word[n - 2], &h->start) || !read_minute(word[n - 1], &h->stop))
		return td_value_refuse(fault, v->text,
				       "is no time: DAY HH:MM HH:MM, where DAY is sun, mon ..., "
				       "everyday, weekday, weekend or a date, as 'dec 25'");
	if (!date)
		return 0;
	h->month++;
	if (td_parse_u32(td_str_of(word[1]), &h->day) || !h->day || h->day > days_of[h->month - 1])
		return td_value_refuse(fault, v->text, "has no day of that month");
	return 0;
}

void td_value_print_hours(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	const struct cfg_hours *h = src;
	char days[24] = "";
	uint32_t day = 0;

	(void)o;
	if (h->month)
		snprintf(days, sizeof(days), "%s %u", months[(h->month - 1) % 12], h->day);
	for (size_t i = 0; i < sizeof(some_days) / sizeof(some_days[0]); i++)
		if (h->weekdays == some_days[i].weekdays)
			td_strlcpy(days, some_days[i].word, sizeof(days));
	while (!days[0] && day < 7) {
		if (h->weekdays == 1u << day)
			td_strlcpy(days, weekdays[day], sizeof(days));
		day++;
	}
	snprintf(dst, size, "%s %02u:%02u %02u:%02u", days, h->start / 60, h->start % 60,
		 h->stop / 60, h->stop % 60);
}
