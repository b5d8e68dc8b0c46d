/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From text to model: defaults, templates, numbers and dns, merged interfaces; what is
 * printed reads as the same; five thousand phones; and memory that runs out anywhere.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "bpf/td_map.h"
#include "config/config.h"
#include "userspace/base/mem.h"

static struct td_config *parse(const char *text)
{
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;
	int err = td_config_parse(&cfg, "f", text, strlen(text), &faults);

	for (size_t i = 0; i < faults.n; i++)
		td_config_fault_print(stderr, &faults.v[i]);
	assert_int_equal(err, 0);
	assert_int_equal(faults.n, 0);
	assert_non_null(cfg);
	return cfg;
}

static char *printed(const struct td_config *cfg, bool with_secrets)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	td_config_print(out, cfg, with_secrets);
	fclose(out);
	return text;
}

static const struct cfg_phone *phone_of(const struct td_config *cfg, const char *id)
{
	const struct cfg_phone *p = td_config_phone(cfg, id);

	if (!p)
		fail_msg("no phone %s", id);
	return p;
}

static const struct cfg_dn *dn_at(const struct td_config *cfg, const struct cfg_phone *p, size_t i)
{
	assert_true(i < p->n_lines);
	assert_true(p->lines[i].dn < cfg->n_dns);
	return &cfg->dns[p->lines[i].dn];
}

static void defaults(void **state)
{
	struct td_config *cfg = td_config_defaults(), *empty = parse("");

	(void)state;
	assert_non_null(cfg);
	assert_memory_equal(&cfg->global, &empty->global, sizeof(cfg->global));
	assert_memory_equal(&cfg->sip, &empty->sip, sizeof(cfg->sip));
	assert_string_equal(cfg->global.hostname, "tandem");
	assert_string_equal(cfg->sip.realm, "tandem");
	assert_int_equal(cfg->global.dscp[TD_DSCP_MEDIA], 46);
	assert_int_equal(cfg->global.dscp[TD_DSCP_SIGNALING], 24);
	assert_int_equal(cfg->global.dscp[TD_DSCP_VIDEO], 34);
	assert_int_equal(cfg->global.dscp[TD_DSCP_SERVICE], 0);
	assert_int_equal(cfg->global.n_interface, 0);
	assert_int_equal(cfg->global.rtp_port_min, 16384);
	assert_int_equal(cfg->global.rtp_port_max, 32767);
	assert_int_equal(cfg->global.timeout_ringing, 180);
	assert_int_equal(cfg->sip.port, 5060);
	assert_int_equal(cfg->sip.n_listen, 0);
	assert_true(cfg->sip.udp && cfg->sip.tcp);
	assert_int_equal(cfg->sip.authenticate, CFG_AUTH_ALL);
	assert_int_equal(cfg->sip.digest, CFG_DIGEST_MD5);
	assert_int_equal(cfg->sip.register_expires_max, 3600);
	assert_int_equal(cfg->sip.register_expires_min, 60);
	assert_int_equal(cfg->sip.register_expires, 3600);
	assert_int_equal(cfg->sip.tcp_idle_timeout, 6000);
	assert_int_equal(cfg->n_phones + cfg->n_dns + cfg->n_interfaces, 0);
	td_config_put(cfg);
	td_config_put(empty);
	td_config_put(NULL);
}

static void derived(void **state)
{
	struct td_config *cfg = parse(
		"config global\n option hostname 'branch1'\n"
		"config sip 'sip'\n option port 5070\n list source_address 192.0.2.1\n"
		" list source_address 2001:db8::1\n option register_expires_max 1200\n"
		" option register_expires_min 300\n");

	(void)state;
	assert_string_equal(cfg->sip.realm, "branch1");
	assert_int_equal(cfg->sip.register_expires, 1200);	/* held within the limits */
	assert_int_equal(cfg->sip.n_listen, 2);
	assert_int_equal(cfg->sip.listen[0].port, 5070);
	assert_int_equal(cfg->sip.listen[1].port, 5070);
	td_config_put(cfg);

	cfg = parse("config sip\n option realm 'x'\n option register_expires_min 7200\n"
		    " option register_expires_max 86400\n");
	assert_string_equal(cfg->sip.realm, "x");
	assert_int_equal(cfg->sip.register_expires, 7200);
	td_config_put(cfg);
}

static const char office[] =
	"config global 'global'\n"
	"	list interface 'lan0'\n"
	"	list interface 'br-lan'\n"
	"	list interface 'wan0'\n"
	"config interface 'wan0'\n"
	"	option xdp 'off'\n"
	"config interface\n"
	"	option device 'br-lan'\n"
	"	option xdp 'generic'\n"
	"config sip 'sip'\n"
	"	option digest 'sha256'\n"
	"	option authenticate 'auto'\n"
	"config template 'base'\n"
	"	option type '7965'\n"
	"	option password 'of-the-template'\n"
	"	list codec 'pcma'\n"
	"	list codec 'pcmu'\n"
	"config template 'office'\n"
	"	option template 'base'\n"
	"	option type '7970'\n"
	"	option digest 'md5'\n"
	"config dn 'sales'\n"
	"	option number '1100'\n"
	"	option name 'Sales'\n"
	"	option label 'Sales team'\n"
	"config phone 'alice'\n"
	"	option template 'office'\n"
	"	option number '1001'\n"
	"	option name 'Alice'\n"
	"	option mac '00:11:22:33:44:55'\n"
	"	option tag '7'\n"
	"config phone '1002'\n"
	"	option template 'base'\n"
	"	option type '8845'\n"
	"	list codec 'opus'\n"
	"	option username 'bob'\n"
	"	option password 'its own'\n"
	"	list line '3:*98#'\n"
	"	list line '2:sales'\n"
	"	list line '1:1002'\n"
	"config phone 'carol'\n"
	"	list line '5:1100'\n"
	"	option number '+493012'\n"
	"	option address '[2001:db8::7]:5080'\n"
	"	option transport 'tcp'\n";

static void templates(void **state)
{
	struct td_config *cfg = parse(office);
	const struct cfg_phone *p = phone_of(cfg, "alice");

	(void)state;
	assert_int_equal(cfg->n_phones, 3);
	assert_string_equal(p->type, "7970");		/* the nearer template wins */
	assert_string_equal(p->password, "of-the-template");
	assert_int_equal(p->digest, CFG_DIGEST_MD5);
	assert_int_equal(p->n_codec, 2);
	assert_string_equal(p->codec[0], "pcma");
	assert_string_equal(p->codec[1], "pcmu");
	assert_string_equal(p->username, "1001");
	assert_int_equal(p->tag, 7);
	assert_true(p->has_mac && p->mac[0] == 0 && p->mac[5] == 0x55);
	assert_int_equal(p->line, 26);

	p = phone_of(cfg, "1002");
	assert_string_equal(p->type, "8845");		/* the phone itself before both */
	assert_int_equal(p->digest, CFG_DIGEST_SHA256);	/* nobody says it: section sip */
	assert_int_equal(p->n_codec, 1);		/* a list is taken as a whole */
	assert_string_equal(p->codec[0], "opus");
	assert_string_equal(p->codec[1], "");
	assert_string_equal(p->username, "bob");
	assert_string_equal(p->password, "its own");

	p = phone_of(cfg, "carol");
	assert_string_equal(p->type, "");
	assert_int_equal(p->n_codec, 0);
	assert_int_equal(p->transport, CFG_TRANSPORT_TCP);
	assert_int_equal(p->address.port, 5080);
	assert_string_equal(p->password, "");
	assert_null(td_config_phone(cfg, "office"));
	td_config_put(cfg);
}

static void lines(void **state)
{
	struct td_config *cfg = parse(office);
	const struct cfg_phone *p = phone_of(cfg, "alice");
	const struct cfg_dn *sales;

	(void)state;
	assert_int_equal(p->n_lines, 1);
	assert_int_equal(p->lines[0].button, 1);
	assert_string_equal(dn_at(cfg, p, 0)->number, "1001");
	assert_string_equal(dn_at(cfg, p, 0)->id, "1001");

	p = phone_of(cfg, "1002");			/* in the order of the buttons */
	assert_int_equal(p->n_lines, 3);
	assert_int_equal(p->lines[0].button, 1);
	assert_int_equal(p->lines[1].button, 2);
	assert_int_equal(p->lines[2].button, 3);
	assert_string_equal(dn_at(cfg, p, 0)->number, "1002");
	sales = dn_at(cfg, p, 1);
	assert_string_equal(sales->id, "sales");
	assert_string_equal(sales->number, "1100");
	assert_string_equal(sales->label, "Sales team");
	assert_string_equal(dn_at(cfg, p, 2)->number, "*98#");

	p = phone_of(cfg, "carol");			/* by the dn's number: the same dn */
	assert_int_equal(p->n_lines, 2);
	assert_string_equal(dn_at(cfg, p, 0)->number, "+493012");
	assert_int_equal(p->lines[1].button, 5);
	assert_ptr_equal(dn_at(cfg, p, 1), sales);
	assert_string_equal(p->username, "+493012");
	assert_int_equal(cfg->n_dns, 5);
	td_config_put(cfg);
}

static void interfaces(void **state)
{
	struct td_config *cfg = parse(office);

	(void)state;
	assert_int_equal(cfg->n_interfaces, 3);
	assert_string_equal(cfg->interfaces[0].id, "lan0");
	assert_int_equal(cfg->interfaces[0].xdp, CFG_XDP_AUTO);
	assert_string_equal(cfg->interfaces[1].id, "br-lan");
	assert_int_equal(cfg->interfaces[1].xdp, CFG_XDP_GENERIC);
	assert_string_equal(cfg->interfaces[2].id, "wan0");
	assert_int_equal(cfg->interfaces[2].xdp, CFG_XDP_OFF);
	td_config_put(cfg);
}

/* Sections of one name are one section, wherever they stand. */
static void merged_sections(void **state)
{
	struct td_config *cfg = parse(
		"config global 'global'\n option hostname a\n list interface lan0\n"
		"config phone x\n option number 1\n option password p\n"
		"config global 'global'\n option hostname b\n list interface wan0\n"
		"config phone x\n option name X\n option number 2\n");

	(void)state;
	assert_string_equal(cfg->global.hostname, "b");
	assert_int_equal(cfg->n_interfaces, 2);
	assert_int_equal(cfg->n_phones, 1);
	assert_string_equal(cfg->phones[0].username, "2");
	assert_string_equal(cfg->phones[0].name, "X");
	td_config_put(cfg);
}

/* What is printed is a file that means the same. */
static void reads_back(const char *text)
{
	struct td_config *cfg = parse(text), *again;
	char *first = printed(cfg, true), *second;

	again = parse(first);
	second = printed(again, true);
	assert_string_equal(first, second);
	assert_int_equal(cfg->n_dns, again->n_dns);
	assert_int_equal(td_config_diff(cfg, again, &(struct td_config_diff_ops){ 0 }, NULL), 0);
	free(first);
	free(second);
	td_config_put(cfg);
	td_config_put(again);
}

static void printing(void **state)
{
	struct td_config *cfg = parse(office);
	char *text = printed(cfg, false);

	(void)state;
	assert_null(strstr(text, "of-the-template"));
	assert_null(strstr(text, "its own"));
	assert_non_null(strstr(text, "\toption password '********'\n"));
	assert_non_null(strstr(text, "\nconfig dn 'sales'\n\toption number '1100'\n"));
	assert_non_null(strstr(text, "\tlist line '2:sales'\n"));
	assert_null(strstr(text, "config dn '1001'"));
	free(text);
	td_config_put(cfg);

	reads_back("");
	reads_back(office);
	/* a dn that looks like a number of a phone's own, but is shared */
	reads_back("config dn '1100'\n option number '1100'\n"
		   "config phone a\n list line 1:1001\n list line 2:1100\n option password p\n"
		   "config phone b\n list line 1:1002\n list line 2:1100\n option password p\n");
	/* all that needs quoting */
	reads_back("config phone a\n option number 1\n option password \"a'b\\\"c\\\\ #;\"\n"
		   " option name \"it's 'me'\"\n");
	reads_back("config global\n list interface eth0.5\n list interface global\n"
		   "config interface\n option device eth0.5\n option xdp off\n"
		   "config interface\n option device global\n option xdp off\n");
}

static void stamp(void **state)
{
	struct td_config *a = parse(office), *b = parse(office), *c = parse("config global\n");

	(void)state;
	assert_true(a->stamp != 0);
	assert_true(a->stamp == b->stamp);
	assert_true(a->stamp != c->stamp);
	td_config_put(a);
	td_config_put(b);
	td_config_put(c);
	/* two routers on one telephone line */
	a = parse("config voiceport 'l'\n\toption ring_number '1'\n\toption connection_plar '1001'\n");
	b = parse("config voiceport 'l'\n\toption connection_plar '1001'\n# the secondary\n\toption ring_number '3'\n");
	c = parse("config voiceport 'l'\n\toption connection_plar '1002'\n\toption ring_number '1'\n");
	assert_true(a->stamp == b->stamp);
	assert_true(a->stamp != c->stamp);
	td_config_put(a);
	td_config_put(b);
	td_config_put(c);
}

/* What the phone says, or its template, or the section of its protocol. */
static void overlap_signal_of_phones(void **state)
{
	struct td_config *c = parse(
		"config sccp\n option overlap_signal 1\n"
		"config template off\n option overlap_signal 0\n"
		"config template on\n option overlap_signal 1\n"
		"config phone a\n option protocol sccp\n option mac 000000000001\n option number 1\n"
		"config phone b\n option protocol sccp\n option mac 000000000002\n option number 2\n"
		" option template off\n"
		"config phone c\n option password p\n option number 3\n"
		"config phone d\n option password p\n option number 4\n option template on\n");

	(void)state;
	assert_true(td_config_phone(c, "a")->overlap_signal);
	assert_false(td_config_phone(c, "b")->overlap_signal);
	assert_false(td_config_phone(c, "c")->overlap_signal);
	assert_true(td_config_phone(c, "d")->overlap_signal);
	td_config_put(c);
}

/* ---- size ---- */

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#define PHONES 5000u

static char *many_phones(unsigned int n, const char *secret)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	fprintf(out, "config template 'office'\n\toption type '7970'\n\tlist codec 'pcma'\n");
	fprintf(out, "config dn 'all'\n\toption number '999'\n");
	for (unsigned int i = 0; i < n; i++)
		fprintf(out, "config phone 'p%u'\n\toption template 'office'\n\toption mac "
			"'02000000%04x'\n\toption password '%s%u'\n\tlist line '1:%u'\n"
			"\tlist line '2:%u'\n\tlist line '3:%u'\n\tlist line '4:all'\n",
			i, i, secret, i, 100000 + i, 200000 + i, 300000 + i);
	fclose(out);
	return text;
}

/* Work that grows with the square would take a hundred times as long as for a tenth of them. */
static void does_not_grow_with_the_square(double many, double tenth)
{
	print_message("# %.3f s, for a tenth %.3f s\n", many, tenth);
	assert_true(many < 50 * tenth + 0.1);
}

static double time_to_parse(unsigned int n, const char *broken)
{
	char *text = many_phones(n, broken ? broken : "a");
	struct td_config_faults faults = { 0 };
	struct td_config *cfg;
	double start = cpu_seconds();

	if (!td_config_parse(&cfg, "f", text, strlen(text), &faults))
		td_config_put(cfg);
	td_config_faults_fini(&faults);
	free(text);
	return cpu_seconds() - start;
}

static void five_thousand_phones(void **state)
{
	double tenth = time_to_parse(PHONES / 10, NULL), start = cpu_seconds();
	char *text = many_phones(PHONES, "a"), *changed = many_phones(PHONES, "b");
	struct td_config *cfg = parse(text), *now = parse(changed);

	(void)state;
	does_not_grow_with_the_square((cpu_seconds() - start) / 2, tenth);
	assert_int_equal(cfg->n_phones, PHONES);
	assert_int_equal(cfg->n_dns, 3 * PHONES + 1);
	assert_string_equal(cfg->phones[PHONES - 1].username, "104999");
	assert_int_equal(td_config_diff(cfg, now, &(struct td_config_diff_ops){ 0 }, NULL), PHONES);
	td_config_put(cfg);
	td_config_put(now);
	free(text);
	free(changed);
}

/* As many mistakes as phones: found fast, listed up to the limit, the rest counted. */
static void five_thousand_faults(void **state)
{
	char *text = many_phones(PHONES, "\x01");
	struct td_config_faults faults = { 0 };
	struct td_config *cfg;
	double tenth = time_to_parse(PHONES / 10, "\x01"), start;

	(void)state;
	for (char *p = text; (p = strstr(p, "4:all")); p += 5)
		memcpy(p, "4:alo", 5);
	start = cpu_seconds();
	assert_int_equal(td_config_parse(&cfg, "f", text, strlen(text), &faults), -EINVAL);
	does_not_grow_with_the_square(cpu_seconds() - start, tenth);
	assert_null(cfg);
	assert_int_equal(faults.n, 101);
	assert_string_equal(faults.v[1].hint, "all");
	assert_string_equal(faults.v[100].option, "further faults");
	assert_string_equal(faults.v[100].reason, "9900 more are not listed; mend these first");
	td_config_faults_fini(&faults);
	free(text);
}

/* ---- memory ---- */

/* Whichever allocation fails: no crash, no leak, and the answer says so. */
static void without_memory(void **state)
{
	char faulty[sizeof(office) + 64];
	const char *const texts[] = { "", office, faulty };

	(void)state;
	snprintf(faulty, sizeof(faulty), "%sconfig phone x\noption nmber 1\nconfig x\nx", office);
	for (size_t i = 0; i < 3; i++) {
		unsigned long n = 0;
		int err = -ENOMEM;

		while (err == -ENOMEM) {
			struct td_config_faults faults = { 0 };
			struct td_config *cfg = NULL;
			long before = td_mem_live();

			td_mem_fail_nth(++n);
			err = td_config_parse(&cfg, "f", texts[i], strlen(texts[i]), &faults);
			td_mem_fail_nth(0);
			assert_true(!cfg == !!err);
			td_config_put(cfg);
			td_config_faults_fini(&faults);
			assert_int_equal(td_mem_live(), before);
			assert_true(n < 10000);
		}
		assert_int_equal(err, i == 2 ? -EINVAL : 0);
		assert_true(n > (i ? 50 : 1));
	}
}

/* Printing and comparing without memory: less is printed, nothing is wrong. */
static void output_without_memory(void **state)
{
	const struct td_config_diff_ops no_ops = { 0 };
	struct td_config *cfg = parse(office);
	char *text;

	(void)state;
	for (unsigned long n = 1; n < 8; n++) {
		td_mem_fail_nth(n);
		text = printed(cfg, true);
		assert_int_equal(td_config_diff(cfg, cfg, &no_ops, NULL), 0);
		td_mem_fail_nth(0);
		free(text);
	}
	assert_null((td_mem_fail_nth(1), td_config_defaults()));
	td_mem_fail_nth(0);
	td_config_put(cfg);
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
		T(defaults),
		T(derived),
		T(templates),
		T(lines),
		T(interfaces),
		T(merged_sections),
		T(printing),
		T(stamp),
		T(overlap_signal_of_phones),
		T(five_thousand_phones),
		T(five_thousand_faults),
		T(without_memory),
		T(output_without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
