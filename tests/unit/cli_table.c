/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people see: tables that fit the terminal, units, times, and that nothing a phone
 * calls itself can steer a terminal. And the client's side of the treaty against a daemon
 * that says odd things.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "tools/tandem/cli.h"
#include "userspace/base/mem.h"

#define NOW 1700000000000LL	/* 2023-11-14 22:13:20 UTC */

static void expect_(const char *json, const struct cli_layout *l, const char *want,
		    const char *file, int line)
{
	json_object *data = json_tokener_parse(json);
	char *text = NULL;
	size_t len;
	FILE *mem = open_memstream(&text, &len);

	td_cli_print(mem, data, l);
	fclose(mem);
	if (strcmp(text, want) != 0)
		print_error("%s:%d: printed\n%s-- not\n%s", file, line, text, want);
	_assert_string_equal(text, want, file, line);
	free(text);
	json_object_put(data);
}
#define expect(json, layout, want) expect_((json), (layout), (want), __FILE__, __LINE__)

static const struct cli_layout plain = { .now_ms = NOW };

static void a_table(void **state)
{
	struct cli_layout l = {
		.columns = "id,from,legs.path=path,legs.rx_packets=packets,duration_ms",
		.now_ms = NOW,
	};

	(void)state;
	expect("[{\"id\":7,\"from\":\"1001\",\"legs\":[{\"path\":\"xdp\",\"rx_packets\":500},"
	       "{\"path\":\"xdp\",\"rx_packets\":499}],\"duration_ms\":61000},"
	       "{\"id\":12,\"from\":\"\",\"legs\":[{\"path\":null,\"rx_packets\":0}],"
	       "\"duration_ms\":0}]", &l,
	       "ID  FROM  PATH  PACKETS   DURATION\n"
	       " 7  1001  xdp   500, 499     1m01s\n"
	       "12  -     -     0               0s\n");
}

static void no_columns(void **state)
{
	struct cli_layout l = { .command = "show flows", .now_ms = NOW };

	(void)state;
	expect("[{\"class\":\"media\",\"dscp\":46,\"more\":{\"x\":1}}]", &l,
	       "CLASS  DSCP\nmedia    46\n");
	expect("[]", &l, "no flows\n");
	expect("[]", &plain, "no data\n");
	expect("null", &l, "");
	expect("\"text\\nlines\"", &l, "text\nlines\n");
	expect("\"with its end\\n\"", &l, "with its end\n");
	expect("[1,\"two\"]", &l, "[1]: 1\n[2]: two\n");
}

static void units_of_columns(void **state)
{
	struct cli_layout l = { .columns = "bytes,bytes_per_s=rate,expires_s", .now_ms = NOW };

	(void)state;
	expect("[{\"bytes\":2048,\"bytes_per_s\":8600,\"expires_s\":60},"
	       "{\"bytes\":1,\"bytes_per_s\":0,\"expires_s\":1}]", &l,
	       "  BYTES       RATE  EXPIRES\n"
	       "2.0 KiB  8.4 KiB/s    1m00s\n"
	       "    1 B      0 B/s       1s\n");
}

static void an_object(void **state)
{
	(void)state;
	expect("{\"id\":\"alice\",\"tag\":null,\"mac\":\"\",\"up\":true,"
	       "\"lines\":[{\"number\":\"1001\"},{\"number\":\"1100\"}],"
	       "\"names\":[\"a\",\"b\"],\"core\":{\"calls\":3}}", &plain,
	       "id: alice\ntag: -\nmac: -\nup: yes\nlines:\n  [1]:\n    number: 1001\n  [2]:\n"
	       "    number: 1100\nnames: a, b\ncore:\n  calls: 3\n");
}

static void fits_the_terminal(void **state)
{
	struct cli_layout l = {
		.columns = "id,contact", .width = 20, .ascii = true, .now_ms = NOW,
	};
	const char *json = "[{\"id\":\"alice\",\"contact\":\"sip:1001@192.0.2.17:5060\"},"
			   "{\"id\":\"bob\",\"contact\":\"short\"}]";

	(void)state;
	expect(json, &l, "ID     CONTACT\nalice  sip:1001@192~\nbob    short\n");
	l.ascii = false;
	expect(json, &l, "ID     CONTACT\nalice  sip:1001@192\u2026\nbob    short\n");
	l.width = 5;			/* narrower than any sense: it wraps, it does not crash */
	expect(json, &l, "ID    CON\u2026\nali\u2026  sip\u2026\nbob   sho\u2026\n");
	l.width = 0;
	expect(json, &l, "ID     CONTACT\nalice  sip:1001@192.0.2.17:5060\nbob    short\n");
}

static void wide_characters(void **state)
{
	struct cli_layout l = { .columns = "name,n", .now_ms = NOW };

	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	expect("[{\"name\":\"J\u00f6rg\",\"n\":1},{\"name\":\"\u7530\u4e2d\",\"n\":22}]", &l,
	       "NAME   N\nJ\u00f6rg   1\n\u7530\u4e2d  22\n");
	l.width = 7;
	expect("[{\"name\":\"\u7530\u4e2d\u7530\u4e2d\",\"n\":1}]", &l,
	       "NAME  N\n\u7530\u2026   1\n");
	setlocale(LC_CTYPE, "C");
}

/* a phone's display name arrives here */
static void hostile_text(void **state)
{
	struct cli_layout l = { .columns = "name", .now_ms = NOW };
	char *text = NULL;
	size_t len;
	FILE *mem = open_memstream(&text, &len);

	(void)state;
	expect("[{\"name\":\"\\u001b[2Jgone\\u0007\"}]", &l, "NAME\n?[2Jgone?\n");
	expect("[{\"name\":\"a\\nb\\tc\\rd\\u007f\"}]", &l, "NAME\na?b?c?d?\n");
	expect("[{\"name\":\"\\u009b31m\"}]", &l, "NAME\n??31m\n");	/* C1 in UTF-8 */
	td_cli_print_safe(mem, "INVITE\r\nx\033[31m\ty\xc2\x9bz\x7f\r\n");
	fclose(mem);
	assert_string_equal(text, "INVITE\nx?[31m\ty?z?\n");
	free(text);
}

static void long_cells(void **state)
{
	struct cli_layout l = { .columns = "x", .width = 80, .ascii = true, .now_ms = NOW };
	char *json = malloc(70000), *text = NULL;
	size_t len;
	FILE *mem = open_memstream(&text, &len);
	json_object *data;

	(void)state;
	strcpy(json, "[{\"x\":\"");
	memset(json + strlen(json), 'y', 60000);
	strcpy(json + 7 + 60000, "\"}]");
	data = json_tokener_parse(json);
	assert_non_null(data);
	td_cli_print(mem, data, &l);
	fclose(mem);
	assert_int_equal(strlen(text), 2 + 81);
	free(text);
	free(json);
	json_object_put(data);
}

/* more columns than a table has, empty ones, paths that lead nowhere */
static void odd_columns(void **state)
{
	struct cli_layout l = { .columns = "a.b.c,,=x,zz.y", .now_ms = NOW };
	char many[400] = "";
	char *text = NULL;
	size_t len;
	FILE *mem = open_memstream(&text, &len);
	json_object *row = json_tokener_parse("[{\"a\":1}]");

	(void)state;
	expect("[{\"a\":5},7,null,[]]", &l,
	       "C           X        Y\n5  {\"a\":5}  {\"a\":5}  -\n7  7        7        7\n"
	       "-  -        -        -\n-  -        -        -\n");
	for (int i = 0; i < 60; i++)
		strcat(many, "a,");
	l.columns = many;
	td_cli_print(mem, row, &l);
	fclose(mem);
	assert_int_equal(strlen(text), 2 * (32 + 31 * 2 + 1));
	free(text);
	json_object_put(row);
}

static void human(const char *key, const char *json, const char *want)
{
	json_object *v = json_tokener_parse(json);
	char text[128];

	td_cli_human(text, sizeof(text), key, v, NOW);
	assert_string_equal(text, want);
	json_object_put(v);
}

static void units(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	human("duration_ms", "0", "0s");
	human("duration_ms", "59999", "59s");
	human("duration_ms", "3600000", "1h00m");
	human("uptime_ms", "90061000", "1d01h");
	human("duration_ms", "-5", "-");
	human("jitter_ms", "1.25", "1.25");
	human("expires_s", "125", "2m05s");
	human("rx_bytes", "1023", "1023 B");
	human("rx_bytes", "1024", "1.0 KiB");
	human("rx_bytes", "123456789", "118 MiB");
}

static void times(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	human("registered_ms", "1700000000000", "22:13:20");
	human("registered_ms", "1690000000000", "2023-07-22 04:26:40");
	human("registered_ms", "0", "-");
	human("last_seen_ms", "0", "-");
	human("registered_ms", "null", "-");
	human("x", "true", "yes");
	human("x", "{\"a\":\"/\"}", "{\"a\":\"/\"}");
}

/* ---- the client ---- */

static int pair[2];

static void daemon_says(const char *text, uint32_t len)
{
	uint32_t be = htonl(len);

	assert_int_equal(send(pair[1], &be, 4, 0), 4);
	assert_int_equal(send(pair[1], text, strlen(text), 0), (ssize_t)strlen(text));
}

static int make_pair(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

static int close_pair(void **state)
{
	(void)state;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static void answers(void **state)
{
	json_object *o;

	(void)state;
	daemon_says("{\"v\":1,\"rc\":0,\"data\":[]}", 24);
	assert_int_equal(td_cli_receive(pair[0], &o), 1);
	assert_int_equal(td_cli_rc(o), 0);
	assert_null(td_cli_text(o, "data"));
	json_object_put(o);
	daemon_says("{\"error\":\"e\"}", 13);
	assert_int_equal(td_cli_receive(pair[0], &o), 1);
	assert_int_equal(td_cli_rc(o), TD_CTL_REFUSED);		/* no rc is no success */
	assert_string_equal(td_cli_text(o, "error"), "e");
	json_object_put(o);
	shutdown(pair[1], SHUT_WR);
	assert_int_equal(td_cli_receive(pair[0], &o), 0);
}

static void no_answers(void **state)
{
	static const struct {
		const char *text;
		uint32_t len;
	} bad[] = {
		{ "", 0 }, { "", 0xffffffff }, { "", TD_CTL_MAX_ANSWER + 1 }, { "[1]", 3 },
		{ "nonsense", 8 }, { "{\"v\":1", 6 },
	};
	json_object *o;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		daemon_says(bad[i].text, bad[i].len);
		assert_int_equal(td_cli_receive(pair[0], &o), -EBADMSG);
		assert_null(o);
	}
	daemon_says("{\"v\":1", 100);
	shutdown(pair[1], SHUT_WR);
	assert_int_equal(td_cli_receive(pair[0], &o), -EBADMSG);
}

static void requests(void **state)
{
	const char *words[] = { "show", "a \"b\"" };
	char text[128] = "", *large = malloc(TD_CTL_MAX_REQUEST + 1);

	(void)state;
	assert_int_equal(td_cli_send(pair[0], words, 2), 0);
	assert_int_equal(recv(pair[1], text, sizeof(text), 0), 4 + 34);
	assert_string_equal(text + 4, "{\"v\":1,\"words\":[\"show\",\"a \\\"b\\\"\"]}");
	memset(large, 'x', TD_CTL_MAX_REQUEST);
	large[TD_CTL_MAX_REQUEST] = '\0';
	words[1] = large;
	assert_int_equal(td_cli_send(pair[0], words, 2), -EMSGSIZE);
	free(large);
	assert_int_equal(td_cli_connect("/nonexistent/ctl"), -ENOENT);
	assert_int_equal(td_mem_live(), 0);
}

#define with_pair(fn) cmocka_unit_test_setup_teardown(fn, make_pair, close_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table),	  cmocka_unit_test(no_columns),
		cmocka_unit_test(units_of_columns),
		cmocka_unit_test(an_object),	  cmocka_unit_test(fits_the_terminal),
		cmocka_unit_test(wide_characters), cmocka_unit_test(hostile_text),
		cmocka_unit_test(long_cells),	  cmocka_unit_test(odd_columns),
		cmocka_unit_test(units),	  cmocka_unit_test(times),
		with_pair(answers),		  with_pair(no_answers),
		with_pair(requests),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
