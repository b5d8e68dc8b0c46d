/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text to typed value and back, one row per kind. See value.h. A reader says what is
 * wrong with the offending text in it; where it stands is the caller's knowledge.
 */
#include "config/value.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "config/schema.h"
#include "config/value_addr.h"
#include "config/value_phone.h"
#include "userspace/base/dial_pattern.h"
#include "userspace/base/dial_rule.h"
#include "userspace/base/log.h"
#include "userspace/base/str.h"

#define DEVICE_LEN	15		/* IFNAMSIZ without the end */

struct kind {
	const char *type;		/* for machines */
	const char *takes;		/* for people; NULL: made from the option's limits */
	/* text: letters, digits and these; or printable ASCII without these; or any UTF-8 */
	const char *with, *without;
	int (*read)(const struct schema_option *o, const struct uci_value *v, void *dst,
		    struct value_fault *fault);
	void (*print)(const struct schema_option *o, const void *src, char *dst, size_t size);
};

static const struct kind kinds[];

/* What is wrong with it, behind the offending text; NULL: nobody shall read that. */
int td_value_refuse(struct value_fault *fault, const char *text, const char *fmt, ...)
{
	char cited[FAULT_CITE_LEN + 8];
	size_t used;
	va_list ap;

	used = (size_t)snprintf(fault->reason, sizeof(fault->reason), "%s ",
				text ? td_fault_cite(cited, text) : "the value");
	va_start(ap, fmt);
	vsnprintf(fault->reason + used, sizeof(fault->reason) - used, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- texts ---- */

static size_t char_len(const struct kind *k, const char *p)
{
	if (k->with)
		return is_alnum(*p) || strchr(k->with, *p) ? 1 : 0;
	if (k->without)
		return *p >= ' ' && *p < 0x7f && !strchr(k->without, *p) ? 1 : 0;
	return td_fault_printable(p);
}

static int refuse_char(const struct kind *k, const char *text, struct value_fault *fault)
{
	if (k->with)
		return td_value_refuse(fault, text, "holds more than letters, digits and '%s'",
				       k->with);
	if (k->without && *k->without)
		return td_value_refuse(fault, text, "holds more than ASCII text without '%s'",
				       k->without);
	if (k->without)
		return td_value_refuse(fault, text, "holds more than ASCII text");
	return td_value_refuse(fault, text,
			       "holds control characters, or bytes that are not UTF-8");
}

static uint32_t item_size(const struct schema_option *o)
{
	return o->is_list ? o->size / o->max_items : o->size;
}

int td_value_store(const struct schema_option *o, const char *text, void *dst,
		   struct value_fault *fault)
{
	uint32_t size = item_size(o);

	if (strlen(text) >= size)
		return td_value_refuse(fault, o->kind == VALUE_SECRET ? NULL : text,
				       "is longer than %u bytes", size - 1);
	/* the rest too: models are compared as bytes */
	memset(dst, 0, size);
	memcpy(dst, text, strlen(text));
	return 0;
}

static int read_text(const struct schema_option *o, const struct uci_value *v, void *dst,
		     struct value_fault *fault)
{
	const struct kind *k = &kinds[o->kind];

	for (const char *p = v->text; *p; p += char_len(k, p)) {
		if (char_len(k, p))
			continue;
		return refuse_char(k, o->kind == VALUE_SECRET ? NULL : v->text, fault);
	}
	return td_value_store(o, v->text, dst, fault);
}

static void print_text(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	(void)o;
	td_strlcpy(dst, src, size);
}

bool td_value_is_name(const char *text)
{
	const char *p = text;

	while (is_alnum(*p) || *p == '_')
		p++;
	return *text && !*p;
}

bool td_value_is_number(const char *text)
{
	size_t len = strlen(text), plus = *text == '+';

	return len > plus && len < CFG_NUMBER_LEN &&
	       strspn(text + plus, "0123456789*#") == len - plus;
}

/* Keys A to D are on no phone: what has them only buttons and routers dial. */
static bool is_dialled(const char *text)
{
	size_t len = strlen(text), plus = *text == '+';

	return len > plus && len < CFG_NUMBER_LEN &&
	       strspn(text + plus, "0123456789*#ABCD") == len - plus;
}

static int read_number(const struct schema_option *o, const struct uci_value *v, void *dst,
		       struct value_fault *fault)
{
	if (!is_dialled(v->text))
		return td_value_refuse(fault, v->text, "cannot be dialled: up to %d digits, A to D, '*' "
				       "or '#', '+' in front only", CFG_NUMBER_LEN - 1);
	return td_value_store(o, v->text, dst, fault);
}

/* Where in the value it is: the value itself may be long. */
static int refuse_at(struct value_fault *fault, const char *text, size_t at, const char *why)
{
	return td_value_refuse(fault, text, "at character %zu: %s", at + 1, why);
}

static int read_pattern(const struct schema_option *o, const struct uci_value *v, void *dst,
			struct value_fault *fault)
{
	struct td_dial_pattern p;
	const char *why;
	size_t at;

	if (td_dial_parse(&p, v->text, &why, &at))
		return refuse_at(fault, v->text, at, why);
	return td_value_store(o, v->text, dst, fault);
}

static int read_rule(const struct schema_option *o, const struct uci_value *v, void *dst,
		     struct value_fault *fault)
{
	struct td_dial_rule *rule;
	const char *why = "out of memory";
	size_t at = 0;

	if (td_dial_rule_new(&rule, v->text, &why, &at))
		return refuse_at(fault, v->text, at, why);
	td_dial_rule_free(rule);
	return td_value_store(o, v->text, dst, fault);
}

static int read_digits(const struct schema_option *o, const struct uci_value *v, void *dst,
		       struct value_fault *fault)
{
	size_t len = strspn(v->text, "0123456789*#+ABCD,");

	if (v->text[len])
		return refuse_at(fault, v->text, len, "this is no key of a phone");
	return td_value_store(o, v->text, dst, fault);
}

/* What the kernel takes for a device (dev_valid_name() in net/core/dev.c). */
static int read_device(const struct schema_option *o, const struct uci_value *v, void *dst,
		       struct value_fault *fault)
{
	const char *p = v->text;

	while (*p > ' ' && *p < 0x7f && *p != '/' && *p != ':')
		p++;
	if (*p || !*v->text || p - v->text > DEVICE_LEN || !strcmp(v->text, ".") ||
	    !strcmp(v->text, ".."))
		return td_value_refuse(fault, v->text, "cannot be a network device: up to %d "
				       "characters, no blank, '/' or ':'", DEVICE_LEN);
	return td_value_store(o, v->text, dst, fault);
}

static int read_path(const struct schema_option *o, const struct uci_value *v, void *dst,
		     struct value_fault *fault)
{
	if (*v->text && *v->text != '/')
		return td_value_refuse(fault, v->text, "is no absolute path");
	return read_text(o, v, dst, fault);
}

/* ---- words ---- */

static const char *const level_words[] = { "error", "warn", "info", "debug", NULL };

static int refuse_word(struct value_fault *fault, const char *text, const char *const *words)
{
	char list[128] = "";
	size_t used = 0;

	for (size_t i = 0; words[i] && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "",
					 words[i]);
	fault->hint = td_str_nearest(text, words);
	return td_value_refuse(fault, text, words[1] ? "is none of %s" : "is not possible, only %s",
			       list);
}

/* Written in any case, as in IOS. -1 when it is none. */
static int find_word(const char *text, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (!strcasecmp(text, words[i]))
			return i;
	return -1;
}

static int read_choice(const struct schema_option *o, const struct uci_value *v, void *dst,
		       struct value_fault *fault)
{
	int i = find_word(v->text, o->words);

	if (i < 0)
		return refuse_word(fault, v->text, o->words);
	*(uint32_t *)dst = (uint32_t)i;
	return 0;
}

static void print_choice(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	td_strlcpy(dst, o->words[*(const uint32_t *)src], size);
}

static int read_codec(const struct schema_option *o, const struct uci_value *v, void *dst,
		      struct value_fault *fault)
{
	int i = find_word(v->text, o->words);

	if (i < 0)
		return refuse_word(fault, v->text, o->words);
	return td_value_store(o, o->words[i], dst, fault);
}

/* The words that uci's own users write; 0 and 1 are preferred. */
static int read_bool(const struct schema_option *o, const struct uci_value *v, void *dst,
		     struct value_fault *fault)
{
	static const char *const words[] = { "0", "1", "off", "on", "no", "yes", "false", "true",
					     "disabled", "enabled", NULL };
	int i = find_word(v->text, words);

	(void)o;
	if (i < 0)
		return refuse_word(fault, v->text, words);
	*(uint32_t *)dst = (uint32_t)i & 1;
	return 0;
}

static bool is_room(const char *word)
{
	for (unsigned int i = 0; i < TD_LOG_ROOMS; i++)
		if (!strcmp(word, td_log_room_name((enum td_log_room)i)))
			return true;
	return false;
}

static int refuse_room(struct value_fault *fault, const char *room)
{
	const char *words[TD_LOG_ROOMS + 1] = { NULL };

	for (unsigned int i = 0; i < TD_LOG_ROOMS; i++)
		words[i] = td_log_room_name((enum td_log_room)i);
	return refuse_word(fault, room, words);
}

static int read_levels(const struct schema_option *o, const struct uci_value *v, void *dst,
		       struct value_fault *fault)
{
	char copy[CFG_TEXT_LEN], *rest = copy, *item, *level;
	int err = td_value_store(o, v->text, dst, fault);

	if (err)
		return err;
	td_strlcpy(copy, v->text, sizeof(copy));
	while ((item = strsep(&rest, ","))) {
		level = strchr(item, '=');
		if (level) {
			*level++ = '\0';
			if (!is_room(item))
				return refuse_room(fault, item);
		} else {
			level = item;
		}
		if (find_word(level, level_words) < 0)
			return refuse_word(fault, level, level_words);
	}
	return 0;
}

/* ---- numbers ---- */

static int read_uint(const struct schema_option *o, const struct uci_value *v, void *dst,
		     struct value_fault *fault)
{
	uint32_t n = 0;
	int err = td_parse_u32(td_str_of(v->text), &n);

	if (err == -EINVAL)
		return td_value_refuse(fault, v->text, "is no number: %u..%u", o->min, o->max);
	if (err || ((n < o->min || n > o->max) && !(o->or_zero && n == 0)))
		return td_value_refuse(fault, v->text, "is out of range: %u..%u%s", o->min, o->max,
				       o->or_zero ? ", or 0" : "");
	*(uint32_t *)dst = n;
	return 0;
}

static void print_uint(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	(void)o;
	snprintf(dst, size, "%u", *(const uint32_t *)src);
}

/* RFC 2474 (class selectors), RFC 2597 (assured), RFC 3246 (expedited forwarding) */
static const struct { const char *name; uint32_t value; } dscp_names[] = {
	{ "default", 0 }, { "ef", 46 },
	{ "cs1", 8 },  { "cs2", 16 }, { "cs3", 24 }, { "cs4", 32 },
	{ "cs5", 40 }, { "cs6", 48 }, { "cs7", 56 }, { "cs0", 0 },
	{ "af11", 10 }, { "af12", 12 }, { "af13", 14 }, { "af21", 18 }, { "af22", 20 },
	{ "af23", 22 }, { "af31", 26 }, { "af32", 28 }, { "af33", 30 }, { "af41", 34 },
	{ "af42", 36 }, { "af43", 38 },
};
#define N_DSCP_NAMES (sizeof(dscp_names) / sizeof(dscp_names[0]))

static int read_dscp(const struct schema_option *o, const struct uci_value *v, void *dst,
		     struct value_fault *fault)
{
	const char *words[N_DSCP_NAMES + 1] = { NULL };
	uint32_t n;

	if (o->def && !strcmp(o->def, "inherit") && !strcasecmp(v->text, o->def)) {
		*(uint32_t *)dst = CFG_DSCP_INHERIT;
		return 0;
	}
	for (size_t i = 0; i < N_DSCP_NAMES; i++) {
		words[i] = dscp_names[i].name;
		if (!strcasecmp(v->text, words[i])) {
			*(uint32_t *)dst = dscp_names[i].value;
			return 0;
		}
	}
	if (!td_parse_u32(td_str_of(v->text), &n) && n < 64) {
		*(uint32_t *)dst = n;
		return 0;
	}
	fault->hint = is_digit(v->text[0]) ? NULL : td_str_nearest(v->text, words);
	return td_value_refuse(fault, v->text, "is no DSCP: 0..63, afXY, csN, ef or default");
}

const char *td_config_dscp_name(uint32_t dscp)
{
	for (size_t i = 0; i < N_DSCP_NAMES; i++)
		if (dscp_names[i].value == dscp)
			return dscp_names[i].name;
	return NULL;
}

static void print_dscp(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	uint32_t dscp = *(const uint32_t *)src;
	const char *name = dscp == CFG_DSCP_INHERIT ? "inherit" : td_config_dscp_name(dscp);

	if (name)
		td_strlcpy(dst, name, size);
	else
		print_uint(o, src, dst, size);
}

/* ---- buttons ---- */

static int read_line(const struct schema_option *o, const struct uci_value *v, void *dst,
		     struct value_fault *fault)
{
	struct value_line *line = dst;
	const char *colon = strchr(v->text, ':');
	struct td_str button = { v->text, colon ? (size_t)(colon - v->text) : 0 };

	(void)o;
	if (!colon || !colon[1])
		return td_value_refuse(fault, v->text,
				       "is no line: BUTTON:NUMBER or BUTTON:DN, as '1:1001'");
	if (td_parse_u32(button, &line->button) || line->button < 1 ||
	    line->button > VALUE_MAX_BUTTON)
		return td_value_refuse(fault, v->text, "names no button: a number 1..%d stands "
				       "before the colon", VALUE_MAX_BUTTON);
	if (!td_value_is_name(colon + 1) && !td_value_is_number(colon + 1))
		return td_value_refuse(fault, v->text, "has neither a number nor a dn behind the "
				       "colon");
	line->target = colon + 1;
	line->pos = v->pos;
	return 0;
}

static void print_line(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	const struct value_line *line = src;

	(void)o;
	snprintf(dst, size, "%u:%s", line->button, line->target);
}

/* ---- the kinds ---- */

static const struct kind kinds[] = {
	[VALUE_TEXT] = { .type = "string", .takes = "text", .read = read_text,
			 .print = print_text },
	[VALUE_SECRET] = { .type = "secret", .takes = "text", .read = read_text,
			   .print = print_text },
	[VALUE_WORD] = { .type = "string", .takes = "a word", .with = "._+-", .read = read_text,
			 .print = print_text },
	[VALUE_HOST] = { .type = "string", .takes = "a host name", .with = ".-",
			 .read = read_text, .print = print_text },
	[VALUE_PEER] = { .type = "peer", .takes = "a host name or an IP address",
			 .read = td_value_read_peer, .print = print_text },
	[VALUE_ZONE] = { .type = "timezone", .takes = "an IANA time zone, or CME's number of one",
			 .read = td_value_read_zone, .print = print_text },
	[VALUE_REALM] = { .type = "string", .takes = "text", .without = "\"\\",
			  .read = read_text, .print = print_text },
	[VALUE_PRODUCT] = { .type = "string", .takes = "text", .without = "",
			    .read = read_text, .print = print_text },
	[VALUE_USER] = { .type = "string", .takes = "a name", .without = " \"\\:<>",
			 .read = read_text, .print = print_text },
	[VALUE_NUMBER] = { .type = "number", .takes = "a number to dial", .read = read_number,
			   .print = print_text },
	[VALUE_NAME] = { .type = "reference", .takes = "the name of a section", .with = "_",
			 .read = read_text, .print = print_text },
	[VALUE_DEVICE] = { .type = "device", .takes = "a network device", .read = read_device,
			   .print = print_text },
	[VALUE_PATH] = { .type = "path", .takes = "an absolute path", .read = read_path,
			 .print = print_text },
	[VALUE_LEVELS] = { .type = "levels",
			   .takes = "error, warn, info or debug; also per room: info,sip=debug",
			   .read = read_levels, .print = print_text },
	[VALUE_CODEC] = { .type = "enum", .read = read_codec, .print = print_text },
	[VALUE_PATTERN] = { .type = "pattern", .takes = "a dial pattern", .read = read_pattern,
			    .print = print_text },
	[VALUE_RULE] = { .type = "rule", .takes = "/MATCH/ /REPLACE/ or reject /MATCH/",
			 .read = read_rule, .print = print_text },
	[VALUE_DIGITS] = { .type = "digits", .takes = "digits", .read = read_digits,
			   .print = print_text },
	[VALUE_UINT] = { .type = "integer", .read = read_uint, .print = print_uint },
	[VALUE_BOOL] = { .type = "boolean", .takes = "0 or 1", .read = read_bool,
			 .print = print_uint },
	[VALUE_CHOICE] = { .type = "enum", .read = read_choice, .print = print_choice },
	[VALUE_DSCP] = { .type = "dscp", .takes = "0..63, afXY, csN, ef or default",
			 .read = read_dscp, .print = print_dscp },
	[VALUE_IP] = { .type = "ip", .takes = "an IP address", .read = td_value_read_ip,
		       .print = td_value_print_ip },
	[VALUE_ADDRESS] = { .type = "address", .takes = "an IP address, with or without port",
			    .read = td_value_read_address, .print = td_value_print_address },
	[VALUE_RTP] = { .type = "media address", .takes = "an IP address with an even port",
			.read = td_value_read_rtp, .print = td_value_print_address },
	[VALUE_GROUP] = { .type = "multicast address",
			  .takes = "an IPv4 multicast address with an even port",
			  .read = td_value_read_group, .print = td_value_print_address },
	[VALUE_PREFIX] = { .type = "prefix", .takes = "an IP address or network",
			   .read = td_value_read_prefix, .print = td_value_print_prefix },
	[VALUE_MAC] = { .type = "mac", .takes = "a MAC address", .read = td_value_read_mac,
			.print = td_value_print_mac },
	[VALUE_LINE] = { .type = "line", .takes = "BUTTON:NUMBER or BUTTON:DN",
			 .read = read_line, .print = print_line },
	[VALUE_URL] = { .type = "url", .takes = "a URL", .read = td_value_read_url,
			.print = print_text },
	[VALUE_FOLDER] = { .type = "path", .takes = "an absolute path",
			   .read = td_value_read_folder, .print = print_text },
	[VALUE_BUTTON] = { .type = "button", .takes = "BUTTON:FEATURE[:NUMBER[:LABEL]]",
			   .read = td_value_read_button, .print = td_value_print_button },
	[VALUE_VENDOR] = { .type = "vendor", .takes = "NAME VALUE", .read = td_value_read_vendor,
			   .print = td_value_print_vendor },
	[VALUE_HOURS] = { .type = "hours", .takes = "DAY HH:MM HH:MM",
			  .read = td_value_read_hours, .print = td_value_print_hours },
	[VALUE_KEYS] = { .type = "soft keys", .read = td_value_read_keys,
			 .print = td_value_print_keys },
	[VALUE_CHANGE] = { .type = "change",
			   .takes = "MONTH WEEK WEEKDAY HH:MM, or MONTH DAY HH:MM",
			   .read = td_value_read_change, .print = td_value_print_change },
};

int td_value_read(const struct schema_option *o, const struct uci_value *v, void *dst,
		  struct value_fault *fault)
{
	fault->reason[0] = '\0';
	fault->hint = NULL;
	return kinds[o->kind].read(o, v, dst, fault);
}

void td_value_print(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	kinds[o->kind].print(o, src, dst, size);
}

void td_value_takes(const struct schema_option *o, char *dst, size_t size)
{
	const struct kind *k = &kinds[o->kind];
	size_t used = 0;

	if (k->takes) {
		td_strlcpy(dst, k->takes, size);
	} else if (o->kind == VALUE_UINT) {
		snprintf(dst, size, "%u..%u%s", o->min, o->max, o->or_zero ? ", or 0" : "");
	} else {
		dst[0] = '\0';
		for (size_t i = 0; o->words[i] && used < size; i++)
			used += (size_t)snprintf(dst + used, size - used, "%s%s",
						 !i ? "" : o->words[i + 1] ? ", " : " or ",
						 o->words[i]);
	}
}

const char *td_value_type(const struct schema_option *o)
{
	return kinds[o->kind].type;
}
