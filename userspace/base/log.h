/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line per event on stderr (syslog's "<N>" prefix when journald reads it), level
 * per room, changed live. Lines are an event plus keys: "call=7 leg=B sip: answered".
 * Safe from any thread: a line is one write().
 */
#ifndef TD_BASE_LOG_H
#define TD_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum td_log_room {
	TD_LOG_APP, TD_LOG_BASE, TD_LOG_CONFIG, TD_LOG_CTL, TD_LOG_NETLINK, TD_LOG_CORE,
	TD_LOG_SIP, TD_LOG_SCCP, TD_LOG_MEDIA, TD_LOG_PROV, TD_LOG_FXO, TD_LOG_CLUSTER,
	TD_LOG_ROOMS
};

enum td_log_level { TD_ERR, TD_WARN, TD_INFO, TD_DBG };

void td_log(enum td_log_room room, enum td_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool td_log_enabled(enum td_log_room room, enum td_log_level level);

#define td_log_err(room, ...)  td_log((room), TD_ERR, __VA_ARGS__)
#define td_log_warn(room, ...) td_log((room), TD_WARN, __VA_ARGS__)
#define td_log_info(room, ...) td_log((room), TD_INFO, __VA_ARGS__)
#define td_log_dbg(room, ...) \
	do { if (td_log_enabled((room), TD_DBG)) td_log((room), TD_DBG, __VA_ARGS__); } while (0)

/** "debug", "info", "sip=debug,info": -EINVAL names nothing it knows. */
int td_log_set_levels(const char *spec);
const char *td_log_room_name(enum td_log_room room);
/** A test or a debug session listens: called with every line that is printed, without newline. */
void td_log_set_tap(void (*fn)(void *arg, enum td_log_level level, const char *line), void *arg);

/** Lines that a peer can cause: at most burst lines per 10 seconds, then one line that counts
 * what was left out. Zero-initialise; one per place. */
struct td_ratelimit {
	uint64_t window_ms;
	uint32_t printed, left_out;
};

bool td_ratelimit_ok(struct td_ratelimit *r, uint32_t burst, uint32_t *left_out);

#define td_log_limited(room, level, ...) \
	do { \
		static struct td_ratelimit _rl; \
		uint32_t _out; \
		if (td_ratelimit_ok(&_rl, 5, &_out)) { \
			if (_out) \
				td_log((room), (level), "left_out=%u similar lines", _out); \
			td_log((room), (level), __VA_ARGS__); \
		} \
	} while (0)

#endif
