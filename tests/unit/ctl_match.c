/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which command a line of words means: abbreviations, CME's own words, the longest match,
 * what is said when nothing fits; help lists and completion from the same tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "userspace/base/mem.h"
#include "userspace/ctl/ctl_priv.h"

static int run(struct td_ctl_request *req, void *arg)
{
	(void)req;
	(void)arg;
	return TD_CTL_OK;
}

enum { PHONES, REGISTERED, PHONE, CALLS, CALL, DIAL, HANGUP, DEBUG, HELP, N };

static const struct td_ctl_command table[N] = {
	[PHONES] = { .words = "show phones", .run = run, .help = "all phones",
		     .alias = "show voice register pool|show ephone|show ephone summary" },
	[REGISTERED] = { .words = "show phones registered", .alias = "show ephone registered",
			 .run = run, .help = "registered phones" },
	[PHONE] = { .words = "show phone", .alias = "show voice register pool|show ephone",
		    .args = "PHONE", .run = run, .help = "one phone" },
	[CALLS] = { .words = "show calls", .alias = "show call active voice brief", .run = run,
		    .help = "calls" },
	[CALL] = { .words = "show call", .args = "CALL", .run = run, .help = "one call" },
	[DIAL] = { .words = "call", .args = "FROM TO", .run = run, .help = "dial",
		   .root_only = true },
	[HANGUP] = { .words = "hangup", .args = "CALL", .run = run, .help = "end a call" },
	[DEBUG] = { .words = "debug", .args = "TOPIC [on|off]", .run = run, .help = "follow" },
	[HELP] = { .words = "help", .args = "[VERB...]", .run = run },
};

static struct td_ctl ctl = { .tables = { { table, N, NULL } }, .n_tables = 1 };

/* "show phone alice" -> words */
static size_t split(const char *line, const char *words[CTL_MAX_WORDS])
{
	static char copy[512];
	size_t n = 0;
	char *save = NULL;

	assert_true(strlen(line) < sizeof(copy));
	strcpy(copy, line);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	return n;
}

static int match(const char *line, struct ctl_match *m, char error[512])
{
	const char *words[CTL_MAX_WORDS];
	size_t n = split(line, words);

	memset(m, 0, sizeof(*m));
	error[0] = '\0';
	return td_ctl_match(&ctl, words, n, m, error, 512);
}

static void expect_(const char *line, int row, size_t n_own, const char *file, int at)
{
	struct ctl_match m;
	char error[512];

	if (match(line, &m, error) != TD_CTL_OK || m.command != &table[row] || m.n_own != n_own) {
		print_error("%s:%d: '%s' is '%s' with %zu own words (%s)\n", file, at, line,
			    m.command ? m.command->words : "nothing", m.n_own, error);
		_fail(file, at);
	}
}
#define expect(line, row, n_own) expect_((line), (row), (n_own), __FILE__, __LINE__)

static void refuse_(const char *line, const char *says, const char *file, int at)
{
	struct ctl_match m;
	char error[512];
	int rc = match(line, &m, error);

	if (rc != TD_CTL_USAGE || !strstr(error, says)) {
		print_error("%s:%d: '%s': rc=%d, it says '%s', not '%s'\n", file, at, line, rc,
			    error, says);
		_fail(file, at);
	}
}
#define refuse(line, says) refuse_((line), (says), __FILE__, __LINE__)

static void whole_words(void **state)
{
	(void)state;
	expect("show phones", PHONES, 2);
	expect("show phone alice", PHONE, 2);
	expect("show calls", CALLS, 2);
	expect("show call 7", CALL, 2);		/* a whole word is never the longer one */
	expect("call 1001 1002", DIAL, 1);
	expect("debug sip off", DEBUG, 1);
	expect("help show phones", HELP, 1);
}

static void abbreviations(void **state)
{
	(void)state;
	expect("sh phones", PHONES, 2);
	expect("sh ph", PHONES, 2);		/* no word follows: the list */
	expect("sh ph alice", PHONE, 2);	/* one does: that phone */
	expect("s ca", CALLS, 2);
	expect("s ca 7", CALL, 2);
	expect("ha 7", HANGUP, 1);
	expect("d sip", DEBUG, 1);
	refuse("h 7", "ambiguous: hangup, help");
}

static void cisco_words(void **state)
{
	(void)state;
	expect("show voice register pool", PHONES, 4);
	expect("show voice register pool 3", PHONE, 4);
	expect("sh voi reg po", PHONES, 4);
	expect("show ephone", PHONES, 2);
	expect("show ephone summary", PHONES, 3);
	expect("show ephone registered", REGISTERED, 3);
	expect("show ephone SEP001122334455", PHONE, 2);
	expect("show call active voice brief", CALLS, 5);
}

static void longest_match(void **state)
{
	(void)state;
	expect("show phones registered", REGISTERED, 3);
	expect("sh phones reg", REGISTERED, 3);
	/* the words of a longer form that is not complete are arguments of the shorter one */
	expect("show call active", CALL, 2);
}

static void what_is_said(void **state)
{
	(void)state;
	refuse("", "what? One of: show, call, hangup, debug");
	refuse("show", "show what? One of: phones, phone, calls, call");
	refuse("shwo phones", "unknown word 'shwo'; did you mean 'show'?");
	refuse("show phoens", "unknown word 'phoens' after 'show'; did you mean 'phones'?");
	refuse("show zzzzzzzzzz", "known are: phones, phone, calls, call");
	refuse("frobnicate", "known are: show");
}

static void number_of_words(void **state)
{
	(void)state;
	assert_true(td_ctl_args_fit(NULL, 0));
	assert_false(td_ctl_args_fit(NULL, 1));
	assert_true(td_ctl_args_fit("FROM TO", 2));
	assert_false(td_ctl_args_fit("FROM TO", 1));
	assert_false(td_ctl_args_fit("FROM TO", 3));
	assert_true(td_ctl_args_fit("TOPIC [off]", 1));
	assert_true(td_ctl_args_fit("TOPIC [off]", 2));
	assert_false(td_ctl_args_fit("TOPIC [off]", 0));
	assert_false(td_ctl_args_fit("TOPIC [off]", 3));
	assert_true(td_ctl_args_fit("[VERB...]", 0));
	assert_true(td_ctl_args_fit("[VERB...]", 30));
	assert_true(td_ctl_args_fit("[A] B", 0));	/* all behind an optional one is optional */
}

static void endless_lines(void **state)
{
	const char *words[CTL_MAX_WORDS];
	struct ctl_match m = { 0 };
	char error[64];

	(void)state;
	/* as many words as a request may hold, and a buffer that is too small for the message */
	for (size_t i = 0; i < CTL_MAX_WORDS; i++)
		words[i] = i ? "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" : "show";
	assert_int_equal(td_ctl_match(&ctl, words, CTL_MAX_WORDS, &m, error, sizeof(error)),
			 TD_CTL_USAGE);
	assert_int_equal(strlen(error), sizeof(error) - 1);
	words[0] = "";
	assert_int_equal(td_ctl_match(&ctl, words, 1, &m, error, sizeof(error)), TD_CTL_USAGE);
}

/* ---- completion ---- */

static char offered[1024];

static void on_word(void *arg, const char *word, bool placeholder)
{
	(void)arg;
	strcat(offered, *offered ? " " : "");
	strcat(offered, placeholder ? "<" : "");
	strcat(offered, word);
	strcat(offered, placeholder ? ">" : "");
}

/* the last word is the one that is being typed; "show |" ends with nothing typed yet */
static const char *complete(const char *line, bool open)
{
	const char *words[CTL_MAX_WORDS];
	size_t n = split(line, words);

	if (open)
		words[n++] = "";
	offered[0] = '\0';
	td_ctl_complete(&ctl, words, n, on_word, NULL);
	return offered;
}

static void completion(void **state)
{
	(void)state;
	assert_string_equal(complete("", true), "show call hangup debug");
	assert_string_equal(complete("sh", false), "show");
	assert_string_equal(complete("show", true), "phones phone calls call");
	assert_string_equal(complete("show ph", false), "phones phone");
	/* Cisco's words only once a letter of them is there */
	assert_string_equal(complete("show v", false), "voice");
	assert_string_equal(complete("show voice register", true), "pool");
	assert_string_equal(complete("show phone", true), "<PHONE>");
	assert_string_equal(complete("call", true), "<FROM>");
	assert_string_equal(complete("call 1001", true), "<TO>");
	assert_string_equal(complete("call 1001 1002", true), "");
	assert_string_equal(complete("debug sip", true), "on off");
	assert_string_equal(complete("debug sip of", false), "off");
	assert_string_equal(complete("nonsense", true), "");
	/* not listed in the help, so not offered */
	assert_string_equal(complete("he", false), "");
}

static void help_list(void **state)
{
	const char *words[] = { "show", "call" };
	struct td_json j;

	(void)state;
	td_json_init(&j);
	assert_int_equal(td_ctl_show_commands(&ctl, &j, NULL, words, 2), 2);
	assert_string_equal(j.text,
		"[{\"words\":\"show calls\",\"args\":\"\","
		"\"alias\":\"show call active voice brief\",\"help\":\"calls\","
		"\"root_only\":false},"
		"{\"words\":\"show call\",\"args\":\"CALL\",\"alias\":null,\"help\":\"one call\","
		"\"root_only\":false}]");
	td_json_fini(&j);
	td_json_init(&j);
	assert_int_equal(td_ctl_show_commands(&ctl, &j, NULL, NULL, 0), N - 1);
	assert_non_null(strstr(j.text, "\"root_only\":true"));
	td_json_fini(&j);
	assert_int_equal(td_mem_live(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_words),	  cmocka_unit_test(abbreviations),
		cmocka_unit_test(cisco_words),	  cmocka_unit_test(longest_match),
		cmocka_unit_test(what_is_said),	  cmocka_unit_test(number_of_words),
		cmocka_unit_test(endless_lines),  cmocka_unit_test(completion),
		cmocka_unit_test(help_list),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
