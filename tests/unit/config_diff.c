/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reload tells the rooms: everything that changed, nothing that did not, first what
 * is gone. Each row changes one line of the same office.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "config/config.h"
#include "userspace/base/mem.h"

#define GLOBAL   "config global 'global'\n option hostname 'h'\n list interface lan0\n" \
		 " list interface wan0\n"
#define SIP      "config sip 'sip'\n option realm 'r'\n"
#define TEMPLATE "config template 'office'\n option type '7970'\n"
#define DN       "config dn 'sales'\n option number '1100'\n option name 'Sales'\n"
#define ALICE    "config phone 'alice'\n option template 'office'\n option password 'p'\n" \
		 " list line '1:1001'\n list line '2:sales'\n"
#define BOB      "config phone 'bob'\n option password 'p'\n option number '1002'\n"
#define CAROL    "config phone 'carol'\n option password 'p'\n option number '1003'\n"
#define OFFICE   GLOBAL SIP TEMPLATE DN ALICE BOB CAROL

/* What was told, one word per call: "-carol ~alice +dora global sip ~if:wan0". */
struct told {
	char text[512];
};

static void say(struct told *t, const char *fmt, const char *a, const char *b)
{
	size_t used = strlen(t->text);

	snprintf(t->text + used, sizeof(t->text) - used, "%s", used ? " " : "");
	used = strlen(t->text);
	snprintf(t->text + used, sizeof(t->text) - used, "%s%s%s", fmt, a, b);
}

static const char *sign(enum td_change what)
{
	return what == TD_GONE ? "-" : what == TD_CHANGED ? "~" : "+";
}

static void on_phone(void *arg, enum td_change what, const struct cfg_phone *old,
		     const struct cfg_phone *now)
{
	assert_true(!old == (what == TD_ADDED));
	assert_true(!now == (what == TD_GONE));
	if (old && now)
		assert_string_equal(old->id, now->id);
	say(arg, sign(what), (old ? old : now)->id, "");
}

static void on_interface(void *arg, enum td_change what, const struct cfg_interface *old,
			 const struct cfg_interface *now)
{
	assert_true(!old == (what == TD_ADDED));
	assert_true(!now == (what == TD_GONE));
	say(arg, sign(what), "if:", (old ? old : now)->id);
}

static void on_global(void *arg, const struct cfg_global *old, const struct cfg_global *now)
{
	assert_true(old && now && old != now);
	say(arg, "global", "", "");
}

static void on_sip(void *arg, const struct cfg_sip *old, const struct cfg_sip *now)
{
	assert_true(old && now && old != now);
	say(arg, "sip", "", "");
}

static const struct td_config_diff_ops ops = {
	.phone = on_phone, .interface = on_interface, .global = on_global, .sip = on_sip,
};

static struct td_config *parse(const char *text)
{
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;

	td_config_parse(&cfg, "f", text, strlen(text), &faults);
	for (size_t i = 0; i < faults.n; i++)
		td_config_fault_print(stderr, &faults.v[i]);
	td_config_faults_fini(&faults);
	assert_non_null(cfg);
	return cfg;
}

static void expect(const char *before, const char *after, const char *want)
{
	struct td_config *old = parse(before), *now = parse(after);
	struct told t = { "" };
	unsigned int n = td_config_diff(old, now, &ops, &t), words = *want != '\0';

	if (strcmp(t.text, want))
		fail_msg("told '%s', wanted '%s', for\n%s", t.text, want, after);
	for (const char *p = want; *p; p++)
		words += *p == ' ';
	assert_int_equal(n, words);
	assert_int_equal(td_config_diff(old, now, &(struct td_config_diff_ops){ 0 }, NULL), n);
	td_config_put(old);
	td_config_put(now);
}

static void nothing(void **state)
{
	(void)state;
	expect("", "", "");
	expect(OFFICE, OFFICE, "");
	/* another place in the file, another order, comments, templates written out, defaults */
	expect(OFFICE, "# new\n\n" OFFICE, "");
	expect(OFFICE, CAROL BOB DN TEMPLATE SIP GLOBAL ALICE, "");
	expect(OFFICE, OFFICE "config template unused\n option type 1\n", "");
	expect(OFFICE, OFFICE "config dn unused\n option number 99\n", "");
	expect(OFFICE, GLOBAL SIP DN "config phone 'alice'\n option type '7970'\n"
	       " option password 'p'\n list line '1:1001'\n list line '2:sales'\n" BOB CAROL, "");
	expect(OFFICE, OFFICE "config interface wan0\n option xdp auto\n", "");
	expect(OFFICE, OFFICE "config sip sip\n option port 5060\n", "");
	expect(OFFICE, OFFICE "config phone bob\n option username 1002\n option digest md5\n", "");
}

static void phones(void **state)
{
	(void)state;
	expect("", OFFICE, "global sip +if:lan0 +if:wan0 +alice +bob +carol");
	expect(OFFICE, GLOBAL SIP TEMPLATE DN ALICE BOB, "-carol");
	expect(OFFICE, OFFICE "config phone bob\n option name B\n", "~bob");
	expect(OFFICE, OFFICE "config phone bob\n option password q\n", "~bob");
	expect(OFFICE, OFFICE "config phone bob\n option number 1009\n", "~bob");
	expect(OFFICE, OFFICE "config phone bob\n list line '2:sales'\n", "~bob");
	expect(OFFICE, OFFICE "config phone bob\n list codec opus\n", "~bob");
	expect(OFFICE, OFFICE "config phone bob\n option mac 020000000001\n", "~bob");
	expect(OFFICE, OFFICE "config phone bob\n option address 192.0.2.1\n", "~bob");
	expect(OFFICE, OFFICE "config phone bob\n option transport tcp\n", "~bob");
	expect(OFFICE, OFFICE "config phone bob\n option tag 1\n", "~bob");
	/* one is gone, its number goes to another, a third is new: in this order */
	expect(OFFICE, GLOBAL SIP TEMPLATE DN ALICE BOB
	       "config phone bob\n option number 1003\n"
	       "config phone dora\n option number 1002\n option password p\n",
	       "-carol ~bob +dora");
}

/* Who uses it hears of a change in a template, a dn, or section sip. */
static void through_others(void **state)
{
	(void)state;
	expect(OFFICE, OFFICE "config template office\n option type 8845\n", "~alice");
	expect(OFFICE, OFFICE "config dn sales\n option name Sales2\n", "~alice");
	expect(OFFICE, OFFICE "config dn sales\n option label L\n", "~alice");
	expect(OFFICE, OFFICE "config dn sales\n option number 1199\n", "~alice");
	expect(OFFICE, OFFICE "config sip sip\n option digest sha256\n",
	       "sip ~alice ~bob ~carol");
}

static void router(void **state)
{
	(void)state;
	expect(OFFICE, OFFICE "config global global\n option dscp_media af41\n", "global");
	expect(OFFICE, OFFICE "config sip sip\n option tcp_idle_timeout 600\n", "sip");
	expect(OFFICE, OFFICE "config interface wan0\n option xdp off\n", "~if:wan0");
	expect(OFFICE, OFFICE "config global global\n list interface dmz0\n", "global +if:dmz0");
	expect(OFFICE, "config global 'global'\n option hostname 'h'\n list interface wan0\n"
	       " list interface dmz0\n" SIP TEMPLATE DN ALICE BOB CAROL,
	       "global -if:lan0 +if:dmz0");
	/* the hostname is the realm where none is given */
	expect(GLOBAL, "config global\n option hostname x\n list interface lan0\n"
	       " list interface wan0\n", "global sip");
	/* shorter text over longer: what is left behind does not count */
	expect("config global\n option hostname long-name\n option hostname h\n"
	       "config sip\n option realm r\n",
	       "config global\n option hostname h\nconfig sip\n option realm r\n", "");
}

static void phone_differs(void **state)
{
	struct td_config *a = parse(OFFICE), *b = parse("\n\n" CAROL OFFICE),
			 *c = parse(OFFICE "config dn sales\n option label L\n");
	const struct cfg_phone *alice = td_config_phone(a, "alice");

	(void)state;
	assert_false(td_config_phone_differs(a, alice, b, td_config_phone(b, "alice")));
	assert_true(td_config_phone_differs(a, alice, c, td_config_phone(c, "alice")));
	assert_true(td_config_phone_differs(a, alice, a, td_config_phone(a, "bob")));
	td_config_put(a);
	td_config_put(b);
	td_config_put(c);
}

static long live_before;

static int remember(void **state)
{
	(void)state;
	live_before = td_mem_live();
	return 0;
}

static int leaks_nothing(void **state)
{
	(void)state;
	return td_mem_live() == live_before ? 0 : -1;
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, remember, leaks_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing),
		T(phones),
		T(through_others),
		T(router),
		T(phone_differs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
