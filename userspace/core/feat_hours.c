/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What depends on the hour: numbers that phones may not dial when the office is closed (CME:
 * "after-hours"), and the night service, to which calls go then. The hours are local ones; the C
 * library knows one zone a process, and it is the office's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "userspace/core/core_priv.h"

struct td_after_hours {
	struct cfg_afterhours cfg;
	struct td_route *block, *always;
};

/* ---- hours ---- */

static bool is_day(const struct cfg_hours *h, const struct tm *tm)
{
	if (h->month)
		return (uint32_t)tm->tm_mon + 1 == h->month && (uint32_t)tm->tm_mday == h->day;
	return h->weekdays & 1u << tm->tm_wday;
}

bool td_hours_are(const struct cfg_hours *hours, size_t n, time_t now)
{
	struct tm today, yesterday;
	uint32_t minute;

	localtime_r(&now, &today);
	minute = (uint32_t)(today.tm_hour * 60 + today.tm_min);
	yesterday = today;
	yesterday.tm_mday--;
	yesterday.tm_hour = 12;
	yesterday.tm_isdst = -1;
	mktime(&yesterday);
	for (size_t i = 0; i < n; i++) {
		const struct cfg_hours *h = &hours[i];
		bool over_night = h->stop <= h->start;

		if (is_day(h, &today) && minute >= h->start && (over_night || minute < h->stop))
			return true;
		if (over_night && is_day(h, &yesterday) && minute < h->stop)
			return true;
	}
	return false;
}

static time_t now_s(void)
{
	return (time_t)(td_clock_ms(CLOCK_REALTIME) / 1000);
}

/* ---- configuration ---- */

static void set_zone(const char *zone)
{
	char tz[CFG_TEXT_LEN + 1];

	if (!*zone)
		return;
	snprintf(tz, sizeof(tz), ":%s", zone);
	setenv("TZ", tz, 1);
	tzset();
}

static void after_hours_free(struct td_after_hours *a)
{
	if (!a)
		return;
	td_route_free(a->block);
	td_route_free(a->always);
	td_free(a);
}

static int add_all(struct td_route *route, const char (*patterns)[CFG_PATTERN_LEN], size_t n)
{
	struct td_dial_pattern p;
	const char *why;
	int err = 0;
	size_t at;

	for (size_t i = 0; !err && i < n; i++) {
		err = td_dial_parse(&p, patterns[i], &why, &at);
		if (!err)
			err = td_route_add(route, &p, route, 0, (uint32_t)i);
	}
	return err;
}

int td_hours_configure(struct td_core *core, const struct td_config *config)
{
	struct td_after_hours *now = td_zalloc(sizeof(*now));
	int err = -ENOMEM;

	set_zone(config->global.timezone);
	core->night = config->nightservice;
	if (!now)
		return err;
	now->cfg = config->afterhours;
	now->block = td_route_new();
	now->always = td_route_new();
	if (now->block && now->always)
		err = add_all(now->block, now->cfg.block, now->cfg.n_block);
	if (!err)
		err = add_all(now->always, now->cfg.block_always, now->cfg.n_block_always);
	if (err) {
		after_hours_free(now);
		return err;
	}
	after_hours_free(core->after_hours);
	core->after_hours = now;
	return 0;
}

void td_hours_fini(struct td_core *core)
{
	after_hours_free(core->after_hours);
	core->after_hours = NULL;
}

/* ---- after hours ---- */

static bool fits(const struct td_route *route, const char *digits)
{
	struct td_route_result r;

	td_route_match(route, digits, &r);
	return r.kind == TD_ROUTE_MATCH;
}

bool td_hours_block(const struct td_core *core, const struct td_endpoint *from, const char *digits,
		    bool overrides)
{
	const struct td_after_hours *a = core->after_hours;

	if (!a || !from || from->kind != TD_EP_PHONE)
		return false;
	if (a->cfg.n_block_always && fits(a->always, digits))
		return true;
	return a->cfg.n_block && !overrides && !from->after_hours_exempt && fits(a->block, digits) &&
	       td_hours_are(a->cfg.hours, a->cfg.n_hours, now_s());
}

const char *td_hours_override_code(const struct td_core *core)
{
	return core->after_hours ? core->after_hours->cfg.override_code : "";
}

/* ---- night service ---- */

static void set_by_hand(struct td_core *core, int by_hand)
{
	if (core->night_by_hand == by_hand)
		return;
	core->night_by_hand = (int8_t)by_hand;
	if (core->night_watch)
		core->night_watch(core->night_watch_arg, by_hand);
}

bool td_night_service(struct td_core *core)
{
	bool hours = td_hours_are(core->night.hours, core->night.n_hours, now_s());

	if (core->night_by_hand == (hours ? 1 : -1))
		set_by_hand(core, 0);
	return core->night_by_hand ? core->night_by_hand > 0 : hours;
}

void td_night_toggle(struct td_core *core)
{
	bool was = td_night_service(core);

	set_by_hand(core, was ? -1 : 1);
	td_log_info(TD_LOG_CORE, "night service %s by its code", was ? "off" : "on");
}

int td_core_night_by_hand(const struct td_core *core)
{
	return core->night_by_hand;
}

void td_core_set_night(struct td_core *core, int by_hand)
{
	set_by_hand(core, by_hand > 0 ? 1 : by_hand < 0 ? -1 : 0);
}

void td_core_watch_night(struct td_core *core, td_night_watch_fn fn, void *arg)
{
	core->night_watch = fn;
	core->night_watch_arg = arg;
}
