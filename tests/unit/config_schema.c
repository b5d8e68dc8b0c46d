/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of options is sound in itself, the kinds of values take what they promise and
 * nothing else, and the manual knows every row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "config/schema.h"
#include "userspace/core/media_desc.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static union {
	struct cfg_global global;
	struct cfg_sip sip;
	struct cfg_dn dn;
	struct cfg_interface_draft interface;
	struct cfg_phone_draft phone;
	struct cfg_corlist corlist;
	struct cfg_translation translation;
	struct cfg_trunk trunk;
	struct cfg_huntgroup huntgroup;
} room;

static const struct schema_option *option_of(const char *section, const char *name)
{
	const struct schema_section *s = td_schema_find(section);
	const struct schema_option *o = s ? td_schema_option(s, name) : NULL;

	if (!o)
		fail_msg("no option %s in section %s", name, section);
	return o;
}

static void for_each_option(void (*fn)(const struct schema_section *, const struct schema_option *))
{
	for (size_t i = 0; i < td_schema_sections; i++)
		for (size_t k = 0; k < td_schema[i]->n_options; k++)
			fn(td_schema[i], &td_schema[i]->options[k]);
}

/* ---- the table ---- */

static void is_complete(const struct schema_section *s, const struct schema_option *o)
{
	size_t len = strlen(o->help);

	assert_ptr_equal(td_schema_option(s, o->name), o);	/* no second one of this name */
	assert_true(td_value_is_name(o->name));
	if (!len || o->help[len - 1] != '.')
		fail_msg("the help of %s.%s is no sentence", s->type, o->name);
	assert_true(o->size > 0 && o->offset + o->size <= s->size);
	assert_true(s->size <= sizeof(room));
	if (o->is_list) {
		assert_true(o->max_items > 1 && o->size % o->max_items == 0);
		assert_true(o->count_offset + sizeof(size_t) <= s->size);
	}
	if (o->kind == VALUE_UINT)
		assert_true(o->min < o->max);
	if (o->kind == VALUE_CHOICE || o->kind == VALUE_CODEC)
		assert_non_null(o->words);
}

static void overlaps_none(const struct schema_section *s, const struct schema_option *o)
{
	for (size_t i = 0; i < s->n_options; i++) {
		const struct schema_option *x = &s->options[i];

		if (x != o && x->offset < o->offset + o->size && o->offset < x->offset + x->size)
			fail_msg("%s.%s and %s lie on each other", s->type, o->name, x->name);
	}
}

static void has_good_default(const struct schema_section *s, const struct schema_option *o)
{
	char copy[128], *rest = copy, *word;
	struct value_fault fault;

	if (!o->def)
		return;
	snprintf(copy, sizeof(copy), "%s", o->def);
	while ((word = o->is_list ? strsep(&rest, " ") : rest)) {
		struct uci_value v = { .text = word };

		if (td_value_read(o, &v, &room, &fault))
			fail_msg("default of %s.%s: %s", s->type, o->name, fault.reason);
		if (!o->is_list)
			break;
	}
}

static void table(void **state)
{
	(void)state;
	for_each_option(is_complete);
	for_each_option(overlaps_none);
	for_each_option(has_good_default);
	for (size_t i = 0; i < td_schema_sections; i++)
		assert_string_equal(td_schema_types[i], td_schema[i]->type);
	assert_null(td_schema_types[td_schema_sections]);
	assert_null(td_schema_find("frobnicate"));
	assert_string_equal(td_schema_nearest(td_schema_find("phone"), "pasword"), "password");
	assert_null(td_schema_nearest(td_schema_find("phone"), "quite_something_else"));
}

/* ---- the kinds ---- */

struct value_row {
	const char *section, *option, *text;
	const char *want;		/* as printed again; NULL: refused */
	const char *hint;
};

static void try_value(const struct value_row *r)
{
	const struct schema_option *o = option_of(r->section, r->option);
	struct uci_value v = { .text = r->text, .pos = { 1, 1 } };
	struct value_fault fault;
	char got[256];
	int err;

	memset(&room, 0, sizeof(room));
	err = td_value_read(o, &v, td_schema_item(o, &room, 0), &fault);
	if (!r->want) {
		if (!err)
			fail_msg("%s took '%s'", r->option, r->text);
		assert_true(fault.reason[0] != '\0');
		if ((r->hint == NULL) != (fault.hint == NULL) ||
		    (r->hint && strcmp(r->hint, fault.hint)))
			fail_msg("%s '%s': hint '%s', wanted '%s'", r->option, r->text,
				 fault.hint ? fault.hint : "", r->hint ? r->hint : "");
		return;
	}
	if (err)
		fail_msg("%s refused '%s': %s", r->option, r->text, fault.reason);
	td_value_print(o, td_schema_item(o, &room, 0), got, sizeof(got));
	if (strcmp(got, r->want))
		fail_msg("%s '%s' became '%s', not '%s'", r->option, r->text, got, r->want);
}

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void numbers(void **state)
{
	static const struct value_row rows[] = {
		{ "sip", "port", "1", "1", NULL },
		{ "sip", "port", "65535", "65535", NULL },
		{ "sip", "port", "0", NULL, NULL },
		{ "sip", "port", "65536", NULL, NULL },
		{ "sip", "port", "4294967297", NULL, NULL },
		{ "sip", "port", "99999999999999999999999", NULL, NULL },
		{ "sip", "port", "-1", NULL, NULL },
		{ "sip", "port", "+1", NULL, NULL },
		{ "sip", "port", "0x10", NULL, NULL },
		{ "sip", "port", " 5060", NULL, NULL },
		{ "sip", "port", "5060 ", NULL, NULL },
		{ "sip", "port", "", NULL, NULL },
		{ "sip", "port", "005060", "5060", NULL },
		{ "sip", "session_expires", "0", "0", NULL },
		{ "sip", "session_expires", "89", NULL, NULL },
		{ "sip", "session_expires", "90", "90", NULL },
		{ "sip", "tcp_idle_timeout", "60", "60", NULL },
		{ "sip", "tcp_idle_timeout", "59", NULL, NULL },
		{ "sip", "tcp_idle_timeout", "86401", NULL, NULL },
		{ "global", "max_calls", "0", "0", NULL },
		{ "phone", "tag", "1000", "1000", NULL },
		{ "phone", "tag", "1001", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		try_value(&rows[i]);
}

static void groups(void **state)
{
	static const struct value_row rows[] = {
		{ "paging", "multicast", "239.0.1.20:2000", "239.0.1.20:2000", NULL },
		{ "moh", "multicast", "224.0.1.0:20480", "224.0.1.0:20480", NULL },
		{ "paging", "multicast", "224.0.0.251:20480", NULL, NULL },
		{ "paging", "multicast", "192.0.2.1:20480", NULL, NULL },
		{ "paging", "multicast", "255.255.255.255:20480", NULL, NULL },
		{ "paging", "multicast", "[ff05::1]:20480", NULL, NULL },
		{ "paging", "multicast", "239.0.1.20", NULL, NULL },
		{ "paging", "multicast", "239.0.1.20:20481", NULL, NULL },
		{ "moh", "multicast", "music", NULL, NULL },
		{ "moh", "ttl", "0", NULL, NULL },
		{ "moh", "ttl", "255", "255", NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		try_value(&rows[i]);
}

static void words(void **state)
{
	static const struct value_row rows[] = {
		{ "interface", "xdp", "native", "native", NULL },
		{ "interface", "xdp", "OFF", "off", NULL },
		{ "interface", "xdp", "natife", NULL, "native" },
		{ "interface", "xdp", "x", NULL, NULL },
		{ "interface", "xdp", "nat", NULL, NULL },
		{ "sip", "digest", "sha256", "sha256", NULL },
		{ "sip", "digest", "sha-256", NULL, "sha256" },
		{ "sip", "udp", "1", "1", NULL },
		{ "sip", "udp", "on", "1", NULL },
		{ "sip", "udp", "True", "1", NULL },
		{ "sip", "udp", "disabled", "0", NULL },
		{ "sip", "udp", "no", "0", NULL },
		{ "sip", "udp", "2", NULL, "0" },
		{ "sip", "udp", "ture", NULL, "true" },
		{ "phone", "codec", "G711U", "g711u", NULL },
		{ "phone", "codec", "pmca", NULL, "pcma" },
		{ "phone", "protocol", "sccp", "sccp", NULL },
		{ "phone", "protocol", "scpp", NULL, "sccp" },
		{ "global", "phone_media", "around", "around", NULL },
		{ "global", "media", "arround", NULL, "around" },
		{ "global", "media", "inherit", NULL, NULL },
		{ "dialpeer", "media", "inherit", "inherit", NULL },
		{ "global", "log_level", "debug", "debug", NULL },
		{ "global", "log_level", "info,sip=debug,media=warn", "info,sip=debug,media=warn",
		  NULL },
		{ "global", "log_level", "inof", NULL, "info" },
		{ "global", "log_level", "spi=debug", NULL, "sip" },
		{ "global", "log_level", "sip=debgu", NULL, "debug" },
		{ "global", "log_level", "sip=", NULL, NULL },
		{ "global", "log_level", "info,", NULL, NULL },
		{ "global", "log_level", ",", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		try_value(&rows[i]);
}

static void dial_plan(void **state)
{
	static const struct value_row rows[] = {
		{ "dialpeer", "destination_pattern", "9[2-9]......$", "9[2-9]......$", NULL },
		{ "dialpeer", "destination_pattern", "9T1", NULL, NULL },
		{ "dialpeer", "destination_pattern", "", NULL, NULL },
		{ "dialpeer", "prefix", "00,49", "00,49", NULL },
		{ "dialpeer", "prefix", "0-49", NULL, NULL },
		{ "dialpeer", "tag", "1073741823", "1073741823", NULL },
		{ "dialpeer", "tag", "1073741824", NULL, NULL },
		{ "translation", "rule", "/^9/ /0/", "/^9/ /0/", NULL },
		{ "translation", "rule", "/^9/", NULL, NULL },
		{ "trunk", "host", "192.0.2.1", "192.0.2.1", NULL },
		{ "trunk", "host", "2001:db8::1", "2001:db8::1", NULL },
		{ "trunk", "host", "192.0.2.1:5060", NULL, NULL },
		{ "trunk", "host", "192.0.2", NULL, NULL },
		{ "trunk", "host", "a b", NULL, NULL },
		{ "trunk", "source", "192.0.2.0/24", "192.0.2.0/24", NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		try_value(&rows[i]);
}

/* RFC 2474, 2597, 3246: the names and their code points */
static void dscp(void **state)
{
	static const struct { const char *text; uint32_t value; const char *shown; } rows[] = {
		{ "default", 0, "default" }, { "0", 0, "default" }, { "cs0", 0, "default" },
		{ "cs1", 8, "cs1" }, { "cs2", 16, "cs2" }, { "cs3", 24, "cs3" },
		{ "cs4", 32, "cs4" }, { "cs5", 40, "cs5" }, { "cs6", 48, "cs6" },
		{ "cs7", 56, "cs7" }, { "af11", 10, "af11" }, { "af12", 12, "af12" },
		{ "af13", 14, "af13" }, { "af21", 18, "af21" }, { "af22", 20, "af22" },
		{ "af23", 22, "af23" }, { "af31", 26, "af31" }, { "af32", 28, "af32" },
		{ "af33", 30, "af33" }, { "af41", 34, "af41" }, { "af42", 36, "af42" },
		{ "af43", 38, "af43" }, { "ef", 46, "ef" }, { "EF", 46, "ef" }, { "46", 46, "ef" },
		{ "63", 63, "63" }, { "1", 1, "1" },
	};
	static const struct value_row bad[] = {
		{ "global", "dscp_media", "64", NULL, NULL },
		{ "global", "dscp_media", "-1", NULL, NULL },
		{ "global", "dscp_media", "af44", NULL, "af41" },
		{ "global", "dscp_media", "cs8", NULL, "cs1" },
		{ "global", "dscp_media", "eff", NULL, "ef" },
		{ "global", "dscp_media", "defualt", NULL, "default" },
		{ "global", "dscp_media", "0x2e", NULL, NULL },
		{ "global", "dscp_media", "", NULL, NULL },
		{ "global", "dscp_media", "inherit", NULL, NULL },
		{ "dialpeer", "dscp_media", "64", NULL, NULL },
		{ "dialpeer", "dscp_media", "inherit", "inherit", NULL },
		{ "dialpeer", "dscp_media", "af31", "af31", NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		try_value(&(struct value_row){ "global", "dscp_media", rows[i].text, rows[i].shown,
					       NULL });
		assert_int_equal(room.global.dscp[0], rows[i].value);
	}
	for (size_t i = 0; i < N(bad); i++)
		try_value(&bad[i]);
}

static void macs(void **state)
{
	static const struct value_row rows[] = {
		{ "phone", "mac", "00112233445A", "00112233445a", NULL },
		{ "phone", "mac", "00:11:22:33:44:5a", "00112233445a", NULL },
		{ "phone", "mac", "00-11-22-33-44-5A", "00112233445a", NULL },
		{ "phone", "mac", "0011.2233.445a", "00112233445a", NULL },
		{ "phone", "mac", "00112233445", NULL, NULL },
		{ "phone", "mac", "00112233445g", NULL, NULL },
		{ "phone", "mac", "0011223344556", NULL, NULL },
		{ "phone", "mac", "00:11:22:33:44-55", NULL, NULL },
		{ "phone", "mac", "00.11.22.33.44.55", NULL, NULL },
		{ "phone", "mac", "0011:2233:4455", NULL, NULL },
		{ "phone", "mac", "0:11:22:33:44:55:", NULL, NULL },
		{ "phone", "mac", "00:11:22:33:44:5", NULL, NULL },
		{ "phone", "mac", "SEP001122334455", NULL, NULL },
		{ "phone", "mac", "000000000000", NULL, NULL },
		{ "phone", "mac", "ffffffffffff", NULL, NULL },
		{ "phone", "mac", "01005e000001", NULL, NULL },
		{ "phone", "mac", "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		try_value(&rows[i]);
	try_value(&rows[1]);
	assert_int_equal(room.phone.phone.has_mac, 1);
	assert_int_equal(room.phone.phone.mac[5], 0x5a);
}

static void addresses(void **state)
{
	static const struct value_row rows[] = {
		{ "phone", "address", "192.0.2.7", "192.0.2.7:5060", NULL },
		{ "phone", "address", "192.0.2.7:5080", "192.0.2.7:5080", NULL },
		{ "phone", "address", "2001:db8::7", "[2001:db8::7]:5060", NULL },
		{ "phone", "address", "[2001:db8::7]:5080", "[2001:db8::7]:5080", NULL },
		{ "phone", "address", "phone.example.net", NULL, NULL },
		{ "phone", "address", "192.0.2", NULL, NULL },
		{ "phone", "address", "192.0.2.256", NULL, NULL },
		{ "phone", "address", "192.0.2.7:65536", NULL, NULL },
		{ "phone", "address", "0.0.0.0", NULL, NULL },
		{ "phone", "address", "::", NULL, NULL },
		{ "phone", "address", "224.0.1.75", NULL, NULL },
		{ "phone", "address", "255.255.255.255", NULL, NULL },
		{ "phone", "address", "ff02::1", NULL, NULL },
		{ "sip", "source_address", "192.0.2.1", "192.0.2.1", NULL },
		{ "sip", "source_address", "2001:db8::1", "2001:db8::1", NULL },
		{ "sip", "source_address", "fe80::1%2", "fe80::1%2", NULL },
		{ "sip", "source_address", "192.0.2.1:5060", NULL, NULL },
		{ "sip", "source_address", "192.0.2.0/24", NULL, NULL },
		{ "sip", "source_address", "::", NULL, NULL },
		{ "sip", "trusted", "192.0.2.7", "192.0.2.7", NULL },
		{ "sip", "trusted", "192.0.2.7/32", "192.0.2.7", NULL },
		{ "sip", "trusted", "10.0.0.0/8", "10.0.0.0/8", NULL },
		{ "sip", "trusted", "0.0.0.0/0", "0.0.0.0/0", NULL },
		{ "sip", "trusted", "2001:db8::/32", "2001:db8::/32", NULL },
		{ "sip", "trusted", "2001:DB8:0::1/128", "2001:db8::1", NULL },
		{ "sip", "trusted", "10.1.0.0/8", NULL, NULL },		/* a slip in the bits */
		{ "sip", "trusted", "2001:db8::1/64", NULL, NULL },
		{ "sip", "trusted", "10.0.0.0/33", NULL, NULL },
		{ "sip", "trusted", "2001:db8::/129", NULL, NULL },
		{ "sip", "trusted", "10.0.0.0/", NULL, NULL },
		{ "sip", "trusted", "10.0.0.0/-1", NULL, NULL },
		{ "sip", "trusted", "10.0.0.0/8/8", NULL, NULL },
		{ "sip", "trusted", "10.0.0.0:5060/8", NULL, NULL },
		{ "sip", "trusted", "[10.0.0.0]/8", NULL, NULL },
		{ "sip", "trusted", "fe80::%2/64", NULL, NULL },
		{ "sip", "trusted", "224.0.0.0/4", NULL, NULL },
		{ "sip", "trusted", "ff00::/8", NULL, NULL },
		{ "sip", "trusted", "office/8", NULL, NULL },
		{ "sip", "trusted", "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		try_value(&rows[i]);
}

static void texts(void **state)
{
	static const struct value_row rows[] = {
		{ "phone", "name", "J\xc3\xbcrgen 'O' \"K\"", "J\xc3\xbcrgen 'O' \"K\"", NULL },
		{ "phone", "name", "a\nb", NULL, NULL },
		{ "phone", "name", "a\x7f", NULL, NULL },
		{ "phone", "name", "\xc2\x85", NULL, NULL },		/* a control character */
		{ "phone", "name", "\xff", NULL, NULL },
		{ "phone", "name", "\xc0\xaf", NULL, NULL },		/* overlong */
		{ "phone", "name", "\xed\xa0\x80", NULL, NULL },	/* a surrogate */
		{ "phone", "name", "\xf4\x90\x80\x80", NULL, NULL },	/* above U+10FFFF */
		{ "phone", "name", "\xe2\x82", NULL, NULL },		/* cut */
		{ "phone", "name", "\xf0\x9f\x93\x9e", "\xf0\x9f\x93\x9e", NULL },
		{ "phone", "name", SIXTY "123", SIXTY "123", NULL },
		{ "phone", "name", SIXTY "1234", NULL, NULL },
		{ "phone", "password", SIXTY SIXTY "12345678", SIXTY SIXTY "12345678", NULL },
		{ "phone", "password", SIXTY SIXTY "123456789", NULL, NULL },
		{ "phone", "password", "a\tb", NULL, NULL },
		{ "phone", "username", "alice@office", "alice@office", NULL },
		{ "phone", "username", "al ice", NULL, NULL },
		{ "phone", "username", "al:ice", NULL, NULL },
		{ "phone", "type", "CP-8845", "CP-8845", NULL },
		{ "phone", "type", "79 70", NULL, NULL },
		{ "phone", "number", "1001", "1001", NULL },
		{ "phone", "number", "+4930123", "+4930123", NULL },
		{ "phone", "number", "*98#", "*98#", NULL },
		{ "phone", "number", "10+01", NULL, NULL },
		{ "phone", "number", "+", NULL, NULL },
		{ "phone", "number", "10x1", NULL, NULL },
		{ "phone", "number", "", NULL, NULL },
		{ "phone", "number", TEN TEN TEN "12", TEN TEN TEN "12", NULL },
		{ "phone", "number", TEN TEN TEN "123", NULL, NULL },
		{ "phone", "template", "of-fice", NULL, NULL },
		{ "phone", "line", "1:1001", "1:1001", NULL },
		{ "phone", "line", "64:sales", "64:sales", NULL },
		{ "phone", "line", "65:sales", NULL, NULL },
		{ "phone", "line", "0:sales", NULL, NULL },
		{ "phone", "line", "2s:sales", NULL, NULL },
		{ "phone", "line", "1001", NULL, NULL },
		{ "phone", "line", "1:", NULL, NULL },
		{ "phone", "line", ":1001", NULL, NULL },
		{ "phone", "line", "1:a,b", NULL, NULL },
		{ "global", "hostname", "branch-1.example", "branch-1.example", NULL },
		{ "global", "hostname", "branch_1", NULL, NULL },
		{ "global", "timezone", "America/Argentina/Ushuaia", "America/Argentina/Ushuaia",
		  NULL },
		{ "global", "timezone", "Europe Berlin", NULL, NULL },
		{ "global", "interface", "eth0.100", "eth0.100", NULL },
		{ "global", "interface", "br-lan", "br-lan", NULL },
		{ "global", "interface", "lan 0", NULL, NULL },
		{ "global", "interface", "eth0/1", NULL, NULL },
		{ "global", "interface", "0123456789abcdef", NULL, NULL },
		{ "global", "interface", "..", NULL, NULL },
		{ "global", "interface", "", NULL, NULL },
		{ "sip", "realm", "voice of the office", "voice of the office", NULL },
		{ "sip", "realm", "a\"b", NULL, NULL },
		{ "sip", "realm", "a\\b", NULL, NULL },
		{ "sip", "user_agent", "Tandem (lab)", "Tandem (lab)", NULL },
		{ "sip", "user_agent", "T\xc3\xa4ndem", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		try_value(&rows[i]);
}

/* A password is never in a reason, whatever is wrong with it. */
static void secrets_are_not_told(void **state)
{
	static const char *const bad[] = { "geheim\x01", "geheim" SIXTY SIXTY "123", "geheim\xff" };
	const struct schema_option *o = option_of("phone", "password");
	struct value_fault fault;

	(void)state;
	for (size_t i = 0; i < N(bad); i++) {
		struct uci_value v = { .text = bad[i] };

		assert_int_not_equal(td_value_read(o, &v, td_schema_item(o, &room, 0), &fault), 0);
		assert_null(strstr(fault.reason, "geheim"));
	}
}

/* ---- what others must agree with ---- */

/* The core knows the codecs, but it lies above us: so the words stand twice. */
static void codecs_are_the_cores(void **state)
{
	const struct schema_option *o = option_of("global", "codec");
	struct td_media_desc built_in = { 0 }, ours = { 0 };
	struct td_codec codec;

	(void)state;
	for (size_t i = 0; o->words[i]; i++)
		if (!td_codec_by_name(&codec, o->words[i], 96))
			fail_msg("the core does not know the codec %s", o->words[i]);
	td_schema_defaults(td_schema_find("global"), &room.global);
	td_media_offer_own(&built_in, NULL, 0);
	td_media_offer_own(&ours, (const char (*)[64])room.global.codec, room.global.n_codec);
	assert_true(td_media_equal(&built_in, &ours));
	assert_true(built_in.n_codecs > 0);
}

static char *printed(void (*fn)(FILE *out))
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	fn(out);
	fclose(out);
	return text;
}

static char *md, *man, *json;

static void is_in_the_manual(const struct schema_section *s, const struct schema_option *o)
{
	char text[128];

	(void)s;
	snprintf(text, sizeof(text), "| `%s` | ", o->name);
	assert_non_null(strstr(md, text));
	snprintf(text, sizeof(text), ".B %s\n", o->name);
	assert_non_null(strstr(man, text));
	snprintf(text, sizeof(text), "\"name\":\"%s\"", o->name);
	assert_non_null(strstr(json, text));
}

static void example_is_good(void)
{
	char *text = strstr(md, "```\n"), *end = text ? strstr(text + 4, "```\n") : NULL;
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;

	assert_non_null(end);
	assert_int_equal(td_config_parse(&cfg, "f", text + 4, (size_t)(end - text - 4), &faults),
			 0);
	assert_int_equal(cfg->n_phones, 2);
	td_config_put(cfg);
}

static void manual(void **state)
{
	(void)state;
	md = printed(td_config_print_reference_md);
	man = printed(td_config_print_reference_man);
	json = printed(td_config_print_schema_json);
	for_each_option(is_in_the_manual);
	assert_non_null(strstr(md, "| `tcp_idle_timeout` | 60..86400 | 6000 | "));
	assert_non_null(strstr(md, "| `session_expires` | 90..86400, or 0 | 1800 | "));
	assert_non_null(strstr(md, "| `digest` | md5 or sha256 | md5 | "));
	assert_non_null(strstr(md, "## dn\n\n`config dn 'NAME'`\n"));
	assert_non_null(strstr(man, ".SH SECTION PHONE\n"));
	example_is_good();
	free(md);
	free(man);
	free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(numbers),
		cmocka_unit_test(groups),
		cmocka_unit_test(words),
		cmocka_unit_test(dial_plan),
		cmocka_unit_test(dscp),
		cmocka_unit_test(macs),
		cmocka_unit_test(addresses),
		cmocka_unit_test(texts),
		cmocka_unit_test(secrets_are_not_told),
		cmocka_unit_test(codecs_are_the_cores),
		cmocka_unit_test(manual),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
