/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of phones: what spreadsheets write, what people get wrong, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "tools/import/import.h"
#include "userspace/base/mem.h"

static const char base[] = "config template 'office'\n\toption protocol 'sccp'\n"
			   "\toption type '7965'\nconfig phone 'old'\n\toption number '1000'\n"
			   "\toption template 'office'\n\toption mac '0011.2233.4400'\n";

struct result {
	char *uci, *said;
	size_t said_len;
	int rc;
};

static void import(struct result *r, const char *text)
{
	FILE *f = open_memstream(&r->said, &r->said_len);

	assert_non_null(f);
	r->rc = td_import_csv(&r->uci, "t.csv", text, strlen(text), base, f);
	fclose(f);
}

static void forget(struct result *r)
{
	td_free(r->uci);
	free(r->said);
}

static void expect_fault(const char *text, const char *fault)
{
	struct result r;

	import(&r, text);
	assert_true(r.rc > 0);
	assert_null(r.uci);
	if (!strstr(r.said, fault))
		fail_msg("'%s' is not in:\n%s", fault, r.said);
	forget(&r);
}

static void phones(void **state)
{
	struct result r;

	(void)state;
	import(&r, "\xef\xbb\xbfMAC;number;Name;template\r\n"
		   "0011.2233.4455;1001;\"Berg; \"\"Anna\"\"\";office\r\n\r\n"
		   "00:11:22:33:44:56;1002;Bert O'Hara;office");
	assert_int_equal(r.rc, 0);
	assert_string_equal(r.uci,
		"config phone 'sep001122334455'\n\toption mac '0011.2233.4455'\n"
		"\toption number '1001'\n\toption name 'Berg; \"Anna\"'\n\toption template 'office'\n\n"
		"config phone 'sep001122334456'\n\toption mac '00:11:22:33:44:56'\n"
		"\toption number '1002'\n\toption name 'Bert O'\\''Hara'\n\toption template 'office'\n\n");
	forget(&r);
}

static void faults(void **state)
{
	(void)state;
	expect_fault("", "t.csv:1:1: file: the first line must name the columns");
	expect_fault("mac,nummer\n", "t.csv:1:5: nummer: no such column");
	expect_fault("mac,number,template\n001122334455,1001,office\n0011,1002,office\n",
		     "t.csv:3:1: mac: '0011' is no MAC address");
	expect_fault("number,template,mac\n10x1,office,001122334455\n", "t.csv:2:1: number: '10x1'");
	expect_fault("number,mac,template\n1,001122334455,nowhere\n",
		     "t.csv:2:16: template: there is no template 'nowhere'");
	expect_fault("number,mac,template\n1,001122334455,office,more\n", "t.csv:2:23: row: more");
	/* a phone that is there, in the table or in the configuration */
	expect_fault("id,number,template,mac\na,1,office,001122334455\na,2,office,001122334456\n",
		     "t.csv:3:1: a: this phone stands further up");
	expect_fault("mac,number,template\n001122334400,1001,office\n", "t.csv:2:1: mac: ");
	/* a row over two lines does not confuse the count */
	expect_fault("mac,number,name,template\n001122334455,1,\"a\nb\",office\n0011,2,c,office\n",
		     "t.csv:4:1: mac: '0011'");
}

static void way_back(void **state)
{
	struct td_config_faults faults_found = { 0 };
	struct td_config *cfg = NULL;
	char *text = NULL;
	size_t len;
	FILE *f;

	(void)state;
	assert_int_equal(td_config_parse(&cfg, "base", base, strlen(base), &faults_found), 0);
	f = open_memstream(&text, &len);
	td_export_csv(f, cfg);
	fclose(f);
	assert_string_equal(text, "id,protocol,type,mac,number,name\nold,sccp,7965,001122334400,1000,\n");
	free(text);
	td_config_put(cfg);
	td_config_faults_fini(&faults_found);
}

static void without_memory(void **state)
{
	static const char text[] = "mac,number,template\n001122334455,1001,office\n";
	long live = td_mem_live();
	FILE *null = fopen("/dev/null", "w");
	char *uci = NULL;
	unsigned long nth;
	int rc = -1;

	(void)state;
	assert_non_null(null);
	for (nth = 1; rc && nth < 500; nth++) {
		td_mem_fail_nth(nth);
		rc = td_import_csv(&uci, "t.csv", text, sizeof(text) - 1, base, null);
		td_mem_fail_nth(0);
		if (rc)
			assert_int_equal(td_mem_live(), live);
	}
	assert_true(nth > 5 && !rc);
	td_free(uci);
	fclose(null);
	assert_int_equal(td_mem_live(), live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phones),
		cmocka_unit_test(faults),
		cmocka_unit_test(way_back),
		cmocka_unit_test(without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
