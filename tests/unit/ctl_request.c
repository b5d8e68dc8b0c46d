/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the bytes of a request to the bytes of its answer: what is understood, what is
 * refused and how, and that an answer is always one whole JSON object, whatever came in,
 * whatever run() did and whenever memory ended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/ctl/ctl_priv.h"

static char heard[2048];

static int echo(struct td_ctl_request *req, void *arg)
{
	struct td_json *j = td_ctl_data(req);

	assert_string_equal(arg, "the table's");
	heard[0] = '\0';
	td_json_array(j, "data");
	for (size_t i = 0; td_ctl_arg(req, i); i++) {
		td_json_str(j, NULL, td_ctl_arg(req, i));
		snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard), "%s|",
			 td_ctl_arg(req, i));
	}
	td_json_end_array(j);
	assert_null(td_ctl_arg(req, td_ctl_argc(req)));
	assert_ptr_equal(td_ctl_of(req)->tables[0].arg, arg);
	return TD_CTL_OK;
}

/* stops in the middle of its answer */
static int fails(struct td_ctl_request *req, void *arg)
{
	(void)arg;
	td_json_object(td_ctl_data(req), "data");
	td_json_array(td_ctl_data(req), "half");
	return td_ctl_refuse(req, "no %s '%s'", "thing", td_ctl_arg(req, 0));
}

static int silent(struct td_ctl_request *req, void *arg)
{
	(void)req;
	(void)arg;
	return TD_CTL_REFUSED;
}

static int root_or_not(struct td_ctl_request *req, void *arg)
{
	(void)arg;
	td_json_bool(td_ctl_data(req), "data", td_ctl_is_root(req));
	return TD_CTL_OK;
}

static int streams(struct td_ctl_request *req, void *arg)
{
	(void)arg;
	return td_ctl_stream(req, NULL, NULL) ? TD_CTL_OK : td_ctl_refuse(req, "no stream here");
}

static const struct td_ctl_command table[] = {
	{ .words = "echo", .args = "[WORD...]", .run = echo, .help = "h", .columns = "a,b" },
	{ .words = "fails", .args = "THING", .run = fails, .help = "h" },
	{ .words = "silent", .run = silent, .help = "h" },
	{ .words = "secret", .run = silent, .help = "h", .root_only = true },
	{ .words = "who", .run = root_or_not, .help = "h" },
	{ .words = "follow", .run = streams, .help = "h" },
};

static struct td_ctl ctl = {
	.tables = { { table, sizeof(table) / sizeof(table[0]), (void *)(uintptr_t)"the table's" } },
	.n_tables = 1,
};

static void serve(const char *text, size_t len, bool root, const char *want, const char *file,
		  int at)
{
	struct td_json j;

	td_json_init(&j);
	td_ctl_serve(&ctl, NULL, root, text, len, &j);
	if (j.err || strcmp(j.text, want) != 0)
		print_error("%s:%d: %.*s\n  gave %s\n  not  %s\n", file, at, (int)len, text,
			    j.text, want);
	_assert_int_equal(j.err, 0, file, at);
	_assert_string_equal(j.text, want, file, at);
	td_json_fini(&j);
}
#define asks(text, want)      serve((text), strlen(text), true, (want), __FILE__, __LINE__)
#define group_asks(text, want) serve((text), strlen(text), false, (want), __FILE__, __LINE__)
#define usage(text, error)    asks((text), "{\"v\":1,\"rc\":2,\"error\":\"" error "\"}")

static void good(void **state)
{
	(void)state;
	asks("{\"v\":1,\"words\":[\"echo\",\"a b\",\"\\u00e4\"]}",
	     "{\"data\":[\"a b\",\"ä\"],\"v\":1,\"rc\":0,\"command\":\"echo\","
	     "\"columns\":\"a,b\"}");
	assert_string_equal(heard, "a b|ä|");
	asks(" { \"words\" : [ \"ec\" ] , \"v\" : 1 , \"more\" : null } ",
	     "{\"data\":[],\"v\":1,\"rc\":0,\"command\":\"echo\",\"columns\":\"a,b\"}");
	/* words that mean something to a shell or a terminal are only words */
	asks("{\"v\":1,\"words\":[\"echo\",\"$(reboot)\",\"\\u001b[2J\"]}",
	     "{\"data\":[\"$(reboot)\",\"\\u001b[2J\"],\"v\":1,\"rc\":0,\"command\":\"echo\","
	     "\"columns\":\"a,b\"}");
}

static void refusals(void **state)
{
	(void)state;
	asks("{\"v\":1,\"words\":[\"fails\",\"x\"]}",
	     "{\"v\":1,\"rc\":1,\"error\":\"no thing 'x'\"}");
	asks("{\"v\":1,\"words\":[\"silent\"]}",
	     "{\"v\":1,\"rc\":1,\"error\":\"'silent' failed\"}");
	usage("{\"v\":1,\"words\":[\"fails\"]}", "usage: fails THING");
	usage("{\"v\":1,\"words\":[\"silent\",\"now\"]}", "usage: silent");
	asks("{\"v\":1,\"words\":[\"follow\"]}", "{\"v\":1,\"rc\":1,\"error\":\"no stream here\"}");
}

static void rights(void **state)
{
	(void)state;
	group_asks("{\"v\":1,\"words\":[\"secret\"]}",
		   "{\"v\":1,\"rc\":1,\"error\":\"'secret' is for root only\"}");
	asks("{\"v\":1,\"words\":[\"secret\"]}",
	     "{\"v\":1,\"rc\":1,\"error\":\"'secret' failed\"}");
	group_asks("{\"v\":1,\"words\":[\"who\"]}",
		   "{\"data\":false,\"v\":1,\"rc\":0,\"command\":\"who\"}");
	asks("{\"v\":1,\"words\":[\"who\"]}",
	     "{\"data\":true,\"v\":1,\"rc\":0,\"command\":\"who\"}");
}

static void no_requests(void **state)
{
	static const char json[] = "no request: not valid JSON";
	static const char *const broken[] = {
		"", " ", "{", "}", "{\"v\":1,\"words\":[\"echo\"]",
		"{\"v\":1,\"words\":[\"echo\"]}x",
		"{\"v\":1,\"words\":[\"echo\"]}{\"v\":1,\"words\":[\"echo\"]}", "nul",
		"{\"v\":1,\"words\":[\"\xff\xfe\"]}", "{\"v\":1,\"words\":[\"echo\",]}",
		"{\"v\":1,\"words\":[[[[[[[[[[]]]]]]]]]]}", "\"unended",
	};
	char want[128];

	(void)state;
	snprintf(want, sizeof(want), "{\"v\":1,\"rc\":2,\"error\":\"%s\"}", json);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		asks(broken[i], want);
	usage("null", "no request: not valid JSON");
	usage("[]", "no request: not a JSON object");
	usage("\"text\"", "no request: not a JSON object");
	usage("{}", "no request: daemon and client are of different versions");
	usage("{\"v\":2,\"words\":[\"echo\"]}",
	      "no request: daemon and client are of different versions");
	usage("{\"v\":\"1\",\"words\":[\"echo\"]}",
	      "no request: daemon and client are of different versions");
	usage("{\"v\":4294967297,\"words\":[\"echo\"]}",
	      "no request: daemon and client are of different versions");
	usage("{\"v\":1}", "no request: no words");
	usage("{\"v\":1,\"words\":\"echo\"}", "no request: no words");
	usage("{\"v\":1,\"words\":[7]}", "no request: a word is no string");
	usage("{\"v\":1,\"words\":[null]}", "no request: a word is no string");
	usage("{\"v\":1,\"words\":[\"ec\\u0000ho\"]}", "no request: a word holds a zero byte");
	usage("{\"v\":1,\"words\":[]}", "what? One of: echo, fails, silent, secret, who, follow");
	usage("{\"v\":1,\"words\":[\"\"]}",
	      "unknown word ''; known are: echo, fails, silent, secret, who, follow");
}

static void limits(void **state)
{
	char text[2048];
	struct td_json j;
	size_t len;

	(void)state;
	len = (size_t)snprintf(text, sizeof(text), "{\"v\":1,\"words\":[\"echo\",\"%0*d\"]}",
			       CTL_MAX_WORD, 0);
	serve(text, len, true, "{\"v\":1,\"rc\":2,\"error\":\"a word is too long\"}", __FILE__,
	      __LINE__);
	len = (size_t)snprintf(text, sizeof(text), "{\"v\":1,\"words\":[\"echo\"");
	for (int i = 0; i < CTL_MAX_WORDS - 1; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, ",\"w\"");
	strcpy(text + len, "]}");
	td_json_init(&j);
	td_ctl_serve(&ctl, NULL, true, text, strlen(text), &j);
	td_json_fini(&j);
	assert_int_equal(strlen(heard), 2 * (CTL_MAX_WORDS - 1));
	strcpy(text + len, ",\"one more\"]}");
	asks(text, "{\"v\":1,\"rc\":2,\"error\":\"too many words\"}");
}

/* an unknown word of 255 bytes, three of them in the message */
static void long_messages(void **state)
{
	char text[1024];
	struct td_json j;

	(void)state;
	snprintf(text, sizeof(text), "{\"v\":1,\"words\":[\"%0*d\",\"%0*d\",\"%0*d\"]}",
		 CTL_MAX_WORD - 1, 0, CTL_MAX_WORD - 1, 0, CTL_MAX_WORD - 1, 0);
	td_json_init(&j);
	td_ctl_serve(&ctl, NULL, true, text, strlen(text), &j);
	assert_non_null(strstr(j.text, "\"rc\":2"));
	assert_int_equal(j.text[j.len - 1], '}');
	td_json_fini(&j);
}

/* the Nth allocation fails: an answer that is whole, or none and -ENOMEM */
static void out_of_memory(void **state)
{
	unsigned long nth, failed = 0;
	char text[4096];
	int len;

	(void)state;
	/* long enough for the answer to grow several times */
	len = snprintf(text, sizeof(text), "{\"v\":1,\"words\":[\"echo\"");
	for (int i = 0; i < 9; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len, ",\"%0200d\"", i);
	strcpy(text + len, "]}");
	for (nth = 1; nth < 20; nth++) {
		struct td_json j;
		long live = td_mem_live();

		td_json_init(&j);
		td_mem_fail_nth(nth);
		td_ctl_serve(&ctl, NULL, true, text, strlen(text), &j);
		td_mem_fail_nth(0);
		if (!j.err)
			assert_int_equal(j.text[j.len - 1], '}');
		failed += j.err || strstr(j.text, "out of memory");
		td_json_fini(&j);
		assert_int_equal(td_mem_live(), live);
	}
	assert_true(failed > 0);
}

static int quiet(void **state)
{
	(void)state;
	td_log_set_levels("error");	/* every refusal is logged, rate-limited */
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),		 cmocka_unit_test(refusals),
		cmocka_unit_test(rights),	 cmocka_unit_test(no_requests),
		cmocka_unit_test(limits),	 cmocka_unit_test(long_messages),
		cmocka_unit_test(out_of_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, quiet, NULL);
}
