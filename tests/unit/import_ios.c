/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IOS importer: every line of every configuration in tests/vectors/ios gets one verdict, the
 * result is a configuration that the daemon takes, and what it says is what CME meant.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "tools/import/import.h"
#include "userspace/base/mem.h"

struct imported {
	struct td_import *im;
	struct td_config *cfg;
	long live;
};

static void begin(struct imported *i, const char *text, size_t len)
{
	struct td_config_faults faults = { 0 };
	size_t k;

	i->live = td_mem_live();
	assert_int_equal(td_import_ios(&i->im, text, len), 0);
	assert_int_equal(i->im->count[0] + i->im->count[1] + i->im->count[2], i->im->n_lines);
	for (k = 0; k < i->im->n_lines; k++) {
		assert_int_equal(i->im->lines[k].number, k + 1);
		assert_non_null(i->im->lines[k].note);
	}
	td_config_parse(&i->cfg, "import", i->im->uci, strlen(i->im->uci), &faults);
	for (k = 0; k < faults.n; k++)
		td_config_fault_print(stderr, &faults.v[k]);
	assert_int_equal(faults.n, 0);
	assert_non_null(i->cfg);
	td_config_faults_fini(&faults);
}

static void end(struct imported *i)
{
	td_config_put(i->cfg);
	td_import_free(i->im);
	assert_int_equal(td_mem_live(), i->live);
}

static void begin_file(struct imported *i, const char *name)
{
	char path[512], *text;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "tests/vectors/ios/%s", name);
	f = fopen(path, "r");
	assert_non_null(f);
	text = malloc(1 << 20);
	assert_non_null(text);
	len = fread(text, 1, 1 << 20, f);
	fclose(f);
	begin(i, text, len);
	free(text);
}

static void begin_text(struct imported *i, const char *text)
{
	begin(i, text, strlen(text));
}

/* The verdict of the line that holds text. */
static enum td_import_verdict verdict(const struct imported *i, const char *text)
{
	size_t k;

	for (k = 0; k < i->im->n_lines; k++)
		if (strstr(i->im->lines[k].text, text))
			return i->im->lines[k].verdict;
	fail_msg("no line with '%s'", text);
	return TD_IMPORT_VERDICTS;
}

static const struct cfg_dn *dn(const struct imported *i, const char *number)
{
	size_t k;

	for (k = 0; k < i->cfg->n_dns; k++)
		if (!strcmp(i->cfg->dns[k].number, number))
			return &i->cfg->dns[k];
	fail_msg("no dn %s", number);
	return NULL;
}

/* ---- all of them ---- */

static void every_line_has_a_verdict(void **state)
{
	struct imported i;
	struct dirent *e;
	DIR *d = opendir("tests/vectors/ios");
	int n = 0;

	(void)state;
	assert_non_null(d);
	while ((e = readdir(d))) {
		if (!strstr(e->d_name, ".txt"))
			continue;
		begin_file(&i, e->d_name);
		end(&i);
		n++;
	}
	closedir(d);
	assert_true(n >= 14);
}

/* ---- a branch office ---- */

static void branch(void **state)
{
	const struct cfg_phone *phone;
	struct imported i;

	(void)state;
	begin_file(&i, "branch.txt");
	assert_int_equal(i.cfg->n_phones, 3);
	assert_int_equal(i.cfg->n_dns, 4);
	assert_string_equal(i.cfg->global.hostname, "BRANCH-CME");
	assert_int_equal(i.cfg->global.timeout_interdigit, 6);
	assert_int_equal(i.cfg->global.timeout_ringing, 120);
	assert_int_equal(i.cfg->sip.register_expires_max, 600);
	assert_int_equal(i.cfg->sip.tcp_idle_timeout, 6000);
	assert_string_equal(i.cfg->sip.realm, "branch");
	assert_int_equal(i.cfg->sccp.max_phones, 24);
	assert_true(i.cfg->sccp.strict_match);

	phone = td_config_phone(i.cfg, "ephone1");
	assert_non_null(phone);
	assert_int_equal(phone->protocol, CFG_PROTO_SCCP);
	assert_string_equal(phone->type, "7965");
	assert_int_equal(phone->n_lines, 2);
	assert_string_equal(phone->codec[0], "pcma");		/* by its template */
	assert_int_equal(phone->mac[5], 0xaa);
	phone = td_config_phone(i.cfg, "pool1");
	assert_non_null(phone);
	assert_int_equal(phone->protocol, CFG_PROTO_SIP);
	assert_string_equal(phone->username, "erna");
	assert_string_equal(i.cfg->dns[phone->lines[0].dn].number, "1201");

	assert_string_equal(dn(&i, "1001")->cfwd_busy, "1002");
	assert_int_equal(dn(&i, "1001")->cfwd_noan_timeout, 12);
	assert_string_equal(dn(&i, "1201")->cfwd_noan, "1100");
	assert_int_equal(dn(&i, "1002")->preference, 2);
	assert_false(dn(&i, "1002")->huntstop);

	assert_int_equal(i.cfg->n_dialpeers, 3);
	assert_int_equal(i.cfg->n_trunks, 2);
	assert_string_equal(i.cfg->trunks[0].host, "203.0.113.10");
	assert_int_equal(i.cfg->trunks[0].port, 5080);
	assert_int_equal(i.cfg->n_huntgroups, 1);
	assert_int_equal(i.cfg->huntgroups[0].n_member, 3);

	assert_int_equal(verdict(&i, "ephone 99"), TD_IMPORT_NOT_NEEDED);	/* in the banner */
	assert_int_equal(verdict(&i, "duplex auto"), TD_IMPORT_NOT_NEEDED);
	assert_int_equal(verdict(&i, "option 150"), TD_IMPORT_NOT_NEEDED);
	assert_int_equal(verdict(&i, "secondary 030123"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "session target sip-server"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "destination-pattern 9[2-9].."), TD_IMPORT_NOT_SUPPORTED);
	end(&i);
}

/* ---- forms ---- */

static void abbreviations(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "tele\n max-e 7\n!\nephone-dn 3\n num 1003\nephone 4\n mac 0011.2233.4466\n"
		       " button 1:3\n ty 7960\nvoice reg p 2\n id m 0011.2233.4477\n nu 1 dn 3\nvo re dn 3\n nu 5\n"
		       "ephone-d 9\n");
	assert_int_equal(i.cfg->sccp.max_phones, 7);
	assert_int_equal(td_config_phone(i.cfg, "ephone4")->n_lines, 1);
	assert_int_equal(verdict(&i, "voice reg p 2"), TD_IMPORT_TAKEN);
	/* it may be ephone-dn or ephone-dn-template */
	assert_int_equal(verdict(&i, "ephone-d 9"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(i.cfg->n_phones, 2);
	end(&i);
}

static void a_terminal(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "cme#show clock\r\n10:00:00\r\ntelephony-service\r\n"
		       "cme#conf t\r\nEnter configuration commands, one per line.\r\n"
		       "cme(config)#ephone-dn 5\r\ncme(config-ephone-dn)#number 15x\b05\r\n"
		       " --More-- \b\b\b\b\b\b\b\b\b\bcme(config-ephone-dn)#name \"A 'B' C\"\r\n"
		       "cme(config-ephone-dn)#exit\r\ncme(config)#do show run\r\nnumber 9999\r\n"
		       "cme(config)#tele\r\ncme(config-telephony)#max-ephones 3\r\n");
	assert_int_equal(i.cfg->n_dns, 1);
	assert_string_equal(dn(&i, "1505")->name, "A 'B' C");
	assert_int_equal(i.cfg->sccp.max_phones, 3);
	assert_int_equal(i.im->lines[2].verdict, TD_IMPORT_NOT_NEEDED);	/* output of show */
	end(&i);
}

static void no_forms_and_modes(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "ephone-dn 1\n number 1\n huntstop\nno ephone-dn 2\n number 2\nephone-dn 3\n"
		       " no huntstop\n number 3\n frobnicate all\nno ip http server\n");
	assert_int_equal(i.cfg->n_dns, 2);
	assert_true(dn(&i, "1")->huntstop);
	assert_false(dn(&i, "3")->huntstop);
	assert_int_equal(verdict(&i, "frobnicate"), TD_IMPORT_NOT_SUPPORTED);
	end(&i);
}

/* What the daemon would refuse is taken out, and said. */
static void single_number_reach(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "ephone-dn 1\n number 1001\n mobility\n snr 90170123 delay 3 timeout 20 "
		       "cfwd-noan 500\n snr calling-number local\n snr ring-stop\n"
		       "ephone 1\n mac-address 0011.2233.4455\n button 1:1\n");
	assert_string_equal(i.cfg->dns[0].snr, "90170123");
	assert_int_equal(i.cfg->dns[0].snr_delay, 3);
	assert_int_equal(i.cfg->dns[0].snr_timeout, 20);
	assert_int_equal(i.cfg->dns[0].snr_calling_local, 1);
	assert_string_equal(i.cfg->dns[0].cfwd_noan, "500");
	assert_int_equal(i.im->lines[5].verdict, TD_IMPORT_NOT_SUPPORTED);
	end(&i);
}

static void what_is_refused(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "ephone-dn 1\n number 10O1\nephone 1\n mac-address 12\n button 1:1 2:77\n"
		       "telephony-service\n max-ephones 99999\n time-format 13\n"
		       "ephone-dn 2\n number 1002\n name \x01\xff\xfe\n");
	assert_int_equal(verdict(&i, "10O1"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "mac-address 12"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "max-ephones"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "time-format"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(i.cfg->n_dns, 1);
	end(&i);
}

static void nothing(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "");
	assert_int_equal(i.im->n_lines, 0);
	end(&i);
	begin(&i, "\0\0\n\xff\n\"\n\"\"\nno\nbanner\nrule\n", 25);
	assert_int_equal(i.im->n_lines, 7);
	end(&i);
}

static void without_memory(void **state)
{
	static const char text[] = "hostname a\nephone-dn 1\n number 1\ndial-peer voice 1 voip\n"
				   " session target ipv4:1.2.3.4\n destination-pattern 9\n";
	struct td_import *im;
	long live = td_mem_live();
	unsigned long nth;
	int err = -1;

	(void)state;
	for (nth = 1; err && nth < 2000; nth++) {
		td_mem_fail_nth(nth);
		err = td_import_ios(&im, text, sizeof(text) - 1);
		td_mem_fail_nth(0);
		if (err)
			assert_int_equal(td_mem_live(), live);
	}
	assert_true(nth > 10 && !err);
	td_import_free(im);
	assert_int_equal(td_mem_live(), live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_has_a_verdict),
		cmocka_unit_test(branch),
		cmocka_unit_test(abbreviations),
		cmocka_unit_test(a_terminal),
		cmocka_unit_test(no_forms_and_modes),
		cmocka_unit_test(single_number_reach),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(nothing),
		cmocka_unit_test(without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
