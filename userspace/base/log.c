/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log lines. A line is made on the stack and goes out by one write(), so lines of several
 * threads never mix; levels, tap and rate limits are atomic, nothing locks.
 *
 *	level=warn room=sip leg=7 INVITE from another host refused
 *	<4>room=sip leg=7 ...			when journald reads stderr (sd-daemon(3))
 *
 * Lines quote peers: control characters are replaced, so nobody forges a second line or
 * talks to the reader's terminal.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "userspace/base/log.h"
#include "userspace/base/clock.h"
#include "userspace/base/str.h"

#define LINE_MAX_LEN	1024		/* longer lines are cut and end with "..." */
#define LIMIT_WINDOW_MS 10000

static const char *const room_names[TD_LOG_ROOMS] = {
	[TD_LOG_APP] = "app",         [TD_LOG_BASE] = "base", [TD_LOG_CONFIG] = "config",
	[TD_LOG_CTL] = "ctl",         [TD_LOG_CORE] = "core", [TD_LOG_SIP] = "sip",
	[TD_LOG_NETLINK] = "netlink", [TD_LOG_MEDIA] = "media",
	[TD_LOG_SCCP] = "sccp",
	[TD_LOG_PROV] = "prov",       [TD_LOG_FXO] = "fxo",
	[TD_LOG_CLUSTER] = "cluster",
};

static const struct {
	const char *name;
	int syslog;			/* severity, RFC 5424 section 6.2.1 */
} levels[] = {
	[TD_ERR] = { "error", 3 },
	[TD_WARN] = { "warn", 4 },
	[TD_INFO] = { "info", 6 },
	[TD_DBG] = { "debug", 7 },
};

#define N_LEVELS (sizeof(levels) / sizeof(levels[0]))

static atomic_int room_level[TD_LOG_ROOMS] = {
	[0 ... TD_LOG_ROOMS - 1] = TD_INFO,
};

static void (*_Atomic tap_fn)(void *arg, enum td_log_level level, const char *line);
static void *_Atomic tap_arg;

const char *td_log_room_name(enum td_log_room room)
{
	return room_names[room];
}

bool td_log_enabled(enum td_log_room room, enum td_log_level level)
{
	return (int)level <= atomic_load_explicit(&room_level[room], memory_order_relaxed);
}

void td_log_set_tap(void (*fn)(void *arg, enum td_log_level level, const char *line), void *arg)
{
	atomic_store(&tap_fn, NULL);	/* the old listener never sees the new argument */
	atomic_store(&tap_arg, arg);
	atomic_store(&tap_fn, fn);
}

/* ---- levels ---- */

static int find_level(struct td_str word)
{
	size_t i;

	for (i = 0; i < N_LEVELS; i++)
		if (td_str_eq_c(word, levels[i].name))
			return (int)i;
	return -1;
}

static int find_room(struct td_str word)
{
	int i;

	for (i = 0; i < TD_LOG_ROOMS; i++)
		if (td_str_eq_c(word, room_names[i]))
			return i;
	return -1;
}

/* "info" or "sip=debug" into want[]; a room of -1 in want[] has no word of its own. */
static bool read_item(struct td_str item, int want[TD_LOG_ROOMS], int *all)
{
	const char *equals = memchr(item.p, '=', item.len);
	struct td_str name = item;
	int room, level;

	if (!equals) {
		*all = find_level(item);
		return *all >= 0;
	}
	name.len = (size_t)(equals - item.p);
	room = find_room(name);
	level = find_level((struct td_str){ equals + 1, item.len - name.len - 1 });
	if (room < 0 || level < 0)
		return false;
	want[room] = level;
	return true;
}

/* The whole state is in the words, whatever was set before: a room without a word of its
 * own gets the general one, in whichever order they stand, or "info". */
int td_log_set_levels(const char *spec)
{
	int want[TD_LOG_ROOMS], all = TD_INFO, i;

	for (i = 0; i < TD_LOG_ROOMS; i++)
		want[i] = -1;
	for (;;) {
		size_t len = strcspn(spec, ",");

		if (!read_item((struct td_str){ spec, len }, want, &all))
			return -EINVAL;
		if (!spec[len])
			break;
		spec += len + 1;
	}
	for (i = 0; i < TD_LOG_ROOMS; i++)
		atomic_store(&room_level[i], want[i] < 0 ? all : want[i]);
	return 0;
}

/* ---- lines ---- */

/* Journald says which stream it reads: a stderr that was redirected since is not it. */
static bool journald_reads(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%ju:%ju", &dev, &ino) == 2 &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == dev && st.st_ino == ino;
}

static size_t put_head(char *line, enum td_log_room room, enum td_log_level level)
{
	int n;

	if (journald_reads())
		n = snprintf(line, LINE_MAX_LEN, "<%d>room=%s ", levels[level].syslog,
			     room_names[room]);
	else
		n = snprintf(line, LINE_MAX_LEN, "level=%s room=%s ", levels[level].name,
			     room_names[room]);
	return (size_t)n;
}

/* C0, DEL, and C1 as UTF-8 (U+0080..U+009F), which some terminals obey too. */
static void disarm(char *p)
{
	for (; *p; p++) {
		unsigned char c = (unsigned char)p[0], next = (unsigned char)p[1];

		if (c < 0x20 || c == 0x7f)
			*p = '?';
		else if (c == 0xc2 && next >= 0x80 && next < 0xa0)
			p[0] = p[1] = '?';
	}
}

static size_t put_text(char *dst, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static size_t put_text(char *dst, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(dst, size, fmt, ap);

	if (n < 0)
		return 0;
	if ((size_t)n >= size) {
		n = (int)size - 1;
		memset(dst + n - 3, '.', 3);
	}
	disarm(dst);
	return (size_t)n;
}

static void tell_tap(enum td_log_level level, const char *line)
{
	void (*fn)(void *arg, enum td_log_level level, const char *line) = atomic_load(&tap_fn);

	if (fn)
		fn(atomic_load(&tap_arg), level, line);
}

void td_log(enum td_log_room room, enum td_log_level level, const char *fmt, ...)
{
	char line[LINE_MAX_LEN + 1];	/* and the newline */
	int saved_errno = errno;
	size_t len;
	va_list ap;

	if (!td_log_enabled(room, level))
		return;
	len = put_head(line, room, level);
	va_start(ap, fmt);
	errno = saved_errno;		/* for %m */
	len += put_text(line + len, LINE_MAX_LEN - len, fmt, ap);
	va_end(ap);
	tell_tap(level, line);
	line[len] = '\n';
	if (write(STDERR_FILENO, line, len + 1) < 0) {
		/* nobody is left to tell */
	}
	errno = saved_errno;
}

/* ---- rate limit ---- */

/* One of several threads that find the window over opens the next one. The first window of
 * a process begins at 0 and is over at once. */
bool td_ratelimit_ok(struct td_ratelimit *r, uint32_t burst, uint32_t *left_out)
{
	uint64_t now = td_clock_ms(CLOCK_MONOTONIC), start = __atomic_load_n(&r->window_ms, __ATOMIC_RELAXED);

	*left_out = 0;
	if ((!start || now - start >= LIMIT_WINDOW_MS) &&
	    __atomic_compare_exchange_n(&r->window_ms, &start, now, false, __ATOMIC_RELAXED,
					__ATOMIC_RELAXED)) {
		__atomic_store_n(&r->printed, 0, __ATOMIC_RELAXED);
		*left_out = __atomic_exchange_n(&r->left_out, 0, __ATOMIC_RELAXED);
	}
	if (__atomic_fetch_add(&r->printed, 1, __ATOMIC_RELAXED) < burst)
		return true;
	__atomic_fetch_add(&r->left_out, 1, __ATOMIC_RELAXED);
	return false;
}
