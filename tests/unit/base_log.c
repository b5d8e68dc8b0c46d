/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log lines as a reader of stderr gets them. Stderr is a SOCK_SEQPACKET socket here: one
 * write() is one record, so a line in two pieces would be seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userspace/base/log.h"

#define N_THREADS 4
#define N_LINES	  2000

static int reader = -1, real_stderr = -1;

static int redirect(void **state)
{
	const struct timeval patience = { .tv_sec = 10 };
	int sv[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) ||
	    setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		return -1;
	real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (real_stderr < 0 || dup2(sv[1], STDERR_FILENO) < 0)
		return -1;
	close(sv[1]);
	reader = sv[0];
	unsetenv("JOURNAL_STREAM");
	return td_log_set_levels("info");
}

static int restore(void **state)
{
	(void)state;
	td_log_set_tap(NULL, NULL);
	unsetenv("JOURNAL_STREAM");
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	close(reader);
	return 0;
}

/* The next record, or "" when none is waiting. */
static const char *heard(void)
{
	static char text[8192];
	ssize_t n = recv(reader, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void form(void **state)
{
	(void)state;
	td_log_warn(TD_LOG_SIP, "leg=%d INVITE refused", 7);
	assert_string_equal(heard(), "level=warn room=sip leg=7 INVITE refused\n");
	td_log_err(TD_LOG_APP, "x");
	assert_string_equal(heard(), "level=error room=app x\n");
	td_log_info(TD_LOG_NETLINK, "%s", "");
	assert_string_equal(heard(), "level=info room=netlink \n");
	td_log_set_levels("debug");
	td_log_dbg(TD_LOG_CORE, "call=%u", 1u);
	assert_string_equal(heard(), "level=debug room=core call=1\n");
	assert_string_equal(heard(), "");
}

static void room_names(void **state)
{
	static const char *const names[] = {
		"app", "base", "config", "ctl", "netlink", "core", "sip", "sccp", "media",
		"prov", "fxo", "cluster",
	};
	char want[64];
	int i;

	(void)state;
	assert_int_equal(sizeof(names) / sizeof(names[0]), TD_LOG_ROOMS);
	for (i = 0; i < TD_LOG_ROOMS; i++) {
		assert_string_equal(td_log_room_name(i), names[i]);
		td_log_info(i, "x");
		snprintf(want, sizeof(want), "level=info room=%s x\n", names[i]);
		assert_string_equal(heard(), want);
	}
}

/* ---- levels ---- */

static void expect_levels(int sip, int core, int base)
{
	int level;

	for (level = TD_ERR; level <= TD_DBG; level++) {
		assert_int_equal(td_log_enabled(TD_LOG_SIP, level), level <= sip);
		assert_int_equal(td_log_enabled(TD_LOG_CORE, level), level <= core);
		assert_int_equal(td_log_enabled(TD_LOG_BASE, level), level <= base);
	}
}

static void levels(void **state)
{
	static const struct {
		const char *spec;
		int sip, core, base;
	} rows[] = {
		{ "error", TD_ERR, TD_ERR, TD_ERR },
		{ "warn", TD_WARN, TD_WARN, TD_WARN },
		{ "info", TD_INFO, TD_INFO, TD_INFO },
		{ "debug", TD_DBG, TD_DBG, TD_DBG },
		{ "sip=debug,info", TD_DBG, TD_INFO, TD_INFO },
		{ "warn,sip=debug", TD_DBG, TD_WARN, TD_WARN },
		{ "sip=error,core=debug,warn", TD_ERR, TD_DBG, TD_WARN },
		{ "sip=debug", TD_DBG, TD_INFO, TD_INFO },	/* the rest as if never set */
		{ "sip=debug,sip=warn", TD_WARN, TD_INFO, TD_INFO },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(td_log_set_levels(rows[i].spec), 0);
		expect_levels(rows[i].sip, rows[i].core, rows[i].base);
	}
}

static void level_words_refused(void **state)
{
	static const char *const rows[] = {
		"", ",", "info,", ",info", "inf", "infos", "INFO", "info sip=debug", "sip", "sip=",
		"=info", "nowhere=info", "sip=loud", "sip=debug,,info", "sip=debug=info", "debug,x",
	};
	size_t i;

	(void)state;
	td_log_set_levels("sip=debug,warn");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (td_log_set_levels(rows[i]) != -EINVAL)
			fail_msg("'%s' was taken", rows[i]);
		expect_levels(TD_DBG, TD_WARN, TD_WARN);	/* nothing has changed */
	}
}

static void quiet_below_the_level(void **state)
{
	int evaluated = 0;

	(void)state;
	td_log_set_levels("sip=error,info");
	td_log_warn(TD_LOG_SIP, "x");
	td_log_dbg(TD_LOG_CORE, "x%d", evaluated++);
	assert_string_equal(heard(), "");
	assert_int_equal(evaluated, 0);
	td_log_warn(TD_LOG_CORE, "x");
	assert_string_equal(heard(), "level=warn room=core x\n");
}

/* ---- the text ---- */

static void no_second_line(void **state)
{
	(void)state;
	td_log_info(TD_LOG_SIP, "from=%s", "eve\nlevel=error room=core call=1\r\x1b[2J\t\x7f.");
	assert_string_equal(heard(), "level=info room=sip from=eve?level=error room=core call=1?"
				     "?[2J??.\n");
	td_log_info(TD_LOG_SIP, "%s", "J\xc3\xb6rg \xc2\x9b" "31m \xc2\xa0");
	assert_string_equal(heard(), "level=info room=sip J\xc3\xb6rg ??31m \xc2\xa0\n");
	td_log_info(TD_LOG_SIP, "%s", "\xc2");
	assert_string_equal(heard(), "level=info room=sip \xc2\n");
}

static void long_lines_are_cut(void **state)
{
	char text[3000];
	const char *line;
	size_t len;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	td_log_info(TD_LOG_SIP, "%s", text);
	line = heard();
	len = strlen(line);
	assert_in_range(len, 1000, 1024);
	assert_string_equal(line + len - 5, "x...\n");
	assert_string_equal(heard(), "");
	text[950] = '\0';
	td_log_info(TD_LOG_SIP, "%s", text);
	line = heard();
	assert_string_equal(line + strlen(line) - 4, "xxx\n");
}

static void errno_survives(void **state)
{
	(void)state;
	errno = ENOENT;
	td_log_info(TD_LOG_SIP, "why=%m");
	assert_int_equal(errno, ENOENT);
	assert_string_equal(heard(), "level=info room=sip why=No such file or directory\n");
	shutdown(STDERR_FILENO, SHUT_WR);
	signal(SIGPIPE, SIG_IGN);
	errno = ENOENT;
	td_log_info(TD_LOG_SIP, "nobody reads this");
	assert_int_equal(errno, ENOENT);
}

/* ---- journald ---- */

static void set_stream(uintmax_t dev, uintmax_t ino)
{
	char stream[64];

	snprintf(stream, sizeof(stream), "%" PRIuMAX ":%" PRIuMAX, dev, ino);
	setenv("JOURNAL_STREAM", stream, 1);
}

static void journald(void **state)
{
	static const char *const want[] = {
		"<3>room=sip x\n", "<4>room=sip x\n", "<6>room=sip x\n", "<7>room=sip x\n",
	};
	struct stat st;
	int level;

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	set_stream(st.st_dev, st.st_ino);
	td_log_set_levels("debug");
	for (level = TD_ERR; level <= TD_DBG; level++) {
		td_log(TD_LOG_SIP, level, "x");
		assert_string_equal(heard(), want[level]);
	}
}

/* Started by systemd, but stderr goes to a file: no prefix belongs there. */
static void another_stream(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	set_stream(st.st_dev, st.st_ino + 1);
	td_log_info(TD_LOG_SIP, "x");
	assert_string_equal(heard(), "level=info room=sip x\n");
	set_stream(st.st_dev + 1, st.st_ino);
	td_log_info(TD_LOG_SIP, "x");
	assert_string_equal(heard(), "level=info room=sip x\n");
	setenv("JOURNAL_STREAM", "nonsense", 1);
	td_log_info(TD_LOG_SIP, "x");
	assert_string_equal(heard(), "level=info room=sip x\n");
}

/* ---- tap ---- */

struct tapped {
	char text[512];
	int level, n;
};

static void on_line(void *arg, enum td_log_level level, const char *line)
{
	struct tapped *t = arg;

	snprintf(t->text, sizeof(t->text), "%s", line);
	t->level = level;
	t->n++;
}

static void tap(void **state)
{
	struct tapped t = { .n = 0 };

	(void)state;
	td_log_set_tap(on_line, &t);
	td_log_warn(TD_LOG_MEDIA, "port=%d", 4000);
	assert_string_equal(t.text, "level=warn room=media port=4000");
	assert_int_equal(t.level, TD_WARN);
	assert_string_equal(heard(), "level=warn room=media port=4000\n");
	td_log(TD_LOG_MEDIA, TD_DBG, "not printed, not told");
	assert_int_equal(t.n, 1);
	td_log_set_tap(NULL, NULL);
	td_log_warn(TD_LOG_MEDIA, "x");
	assert_int_equal(t.n, 1);
}

/* ---- rate limit ---- */

static void limit(void **state)
{
	struct td_ratelimit r = { 0 };
	uint32_t left_out = 99, i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_true(td_ratelimit_ok(&r, 3, &left_out));
		assert_int_equal(left_out, 0);
	}
	for (i = 0; i < 5; i++)
		assert_false(td_ratelimit_ok(&r, 3, &left_out));
	assert_int_equal(left_out, 0);
	r.window_ms -= 9000;			/* as if nine seconds went by */
	assert_false(td_ratelimit_ok(&r, 3, &left_out));
	r.window_ms -= 1000;
	assert_true(td_ratelimit_ok(&r, 3, &left_out));
	assert_int_equal(left_out, 6);
	assert_true(td_ratelimit_ok(&r, 3, &left_out));
	assert_int_equal(left_out, 0);		/* told once */
	assert_true(td_ratelimit_ok(&r, 3, &left_out));
	assert_false(td_ratelimit_ok(&r, 3, &left_out));
	r.window_ms -= 10000;
	assert_true(td_ratelimit_ok(&r, 3, &left_out));
	assert_int_equal(left_out, 1);
}

static void limited_lines(void **state)
{
	int i;

	(void)state;
	for (i = 1; i <= 100; i++)
		td_log_limited(TD_LOG_SIP, TD_WARN, "n=%d", i);
	for (i = 1; i <= 5; i++)
		assert_true(strstr(heard(), " n="));
	assert_string_equal(heard(), "");
}

/* ---- threads ---- */

static void *write_lines(void *arg)
{
	char text[300];
	int i;

	memset(text, *(char *)arg, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < N_LINES; i++)
		td_log_info(TD_LOG_MEDIA, "%s", text);
	return NULL;
}

static bool is_whole(const char *record, ssize_t n)
{
	static const char head[] = "level=info room=media ";
	const size_t at = sizeof(head) - 1;
	size_t i;

	if (n != (ssize_t)at + 300 || memcmp(record, head, at) != 0 || record[n - 1] != '\n')
		return false;
	for (i = at; i < (size_t)n - 1; i++)
		if (record[i] != record[at])
			return false;
	return true;
}

static void threads(void **state)
{
	static char letters[N_THREADS] = { 'a', 'b', 'c', 'd' };
	unsigned int count[N_THREADS] = { 0 };
	pthread_t thread[N_THREADS];
	char record[4096];
	int i;

	(void)state;
	for (i = 0; i < N_THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, write_lines, &letters[i]), 0);
	for (i = 0; i < N_THREADS * N_LINES; i++) {
		ssize_t n = recv(reader, record, sizeof(record), 0);

		assert_true(is_whole(record, n));
		count[record[n - 2] - 'a']++;
	}
	for (i = 0; i < N_THREADS; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(count[i], N_LINES);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, redirect, restore)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(form),
		TEST(room_names),
		TEST(levels),
		TEST(level_words_refused),
		TEST(quiet_below_the_level),
		TEST(no_second_line),
		TEST(long_lines_are_cut),
		TEST(errno_survives),
		TEST(journald),
		TEST(another_stream),
		TEST(tap),
		TEST(limit),
		TEST(limited_lines),
		TEST(threads),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
