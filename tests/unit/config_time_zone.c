/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cisco's 56 time zones: each one's rule against the system's time zone data, hour by hour at
 * both changes of the clock; and every IANA zone finds a name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config/time_zone.h"

#define ZONEINFO "/usr/share/zoneinfo"

static void use(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

static long offset_at(time_t when)
{
	struct tm tm;

	localtime_r(&when, &tm);
	return tm.tm_gmtoff;
}

static time_t year_begin(int year)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mday = 1 };

	return timegm(&tm);
}

/* Offsets of every half hour of a year. */
static size_t curve(const char *tz, int year, long **v)
{
	time_t from = year_begin(year), to = year_begin(year + 1);
	size_t n = (size_t)(to - from) / 1800;

	*v = calloc(n, sizeof(**v));
	use(tz);
	for (size_t i = 0; i < n; i++)
		(*v)[i] = offset_at(from + (time_t)i * 1800);
	return n;
}

static int present_year(void)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	return tm.tm_year + 1900;
}

static void same_edges(const struct cfg_zone *z, int year)
{
	char path[128];
	long *want, *have;
	size_t n;

	snprintf(path, sizeof(path), ":%s", z->iana);
	n = curve(path, year, &want);
	curve(z->posix, year, &have);
	for (size_t i = 0; i < n; i++)
		if (want[i] != have[i])
			fail_msg("zone %u, %s, %d: half hour %zu is %ld by %s, %ld by the system",
				 z->number, z->name, year, i, have[i], z->posix, want[i]);
	free(want);
	free(have);
}

static void every_zone_by_the_system(void **state)
{
	(void)state;
	assert_int_equal(td_zone_count(), 56);
	for (uint32_t i = 1; i <= td_zone_count(); i++) {
		const struct cfg_zone *z = td_zone_by_number(i);

		assert_int_equal(z->number, i);
		if (z->year) {
			same_edges(z, (int)z->year);
			continue;
		}
		for (int y = 0; y < 3; y++)
			same_edges(z, present_year() + y);
	}
}

/* The minute before a change the clock has the old offset, at it the new one. */
static void edge(const struct cfg_zone *z, const struct cfg_change *c, int year, long before,
		 long after)
{
	/* days are few: find the change and compare day and minute by the clock before it */
	time_t at = 0;
	struct tm tm;

	for (time_t t = year_begin(year) - 86400; t < year_begin(year + 1) + 86400 && !at; t += 60)
		if (offset_at(t - 60) == before * 60 && offset_at(t) == after * 60)
			at = t;
	assert_true(at != 0);
	at += before * 60;
	gmtime_r(&at, &tm);
	if (tm.tm_mon + 1 != (int)c->month || tm.tm_hour * 60 + tm.tm_min != (int)c->minute)
		fail_msg("%s %d: %d-%d %02d:%02d is not the rule's month %u minute %u", z->name, year,
			 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, c->month, c->minute);
	if (c->day)
		assert_int_equal(tm.tm_mday, c->day);
	else
		assert_int_equal(tm.tm_wday, c->weekday);
	if (c->week == CFG_LAST_WEEK)
		assert_true(tm.tm_mday > 21);
}

/* What phones that know no names are told, taken from the rule, is what the system does. */
static void rules_name_the_edges(void **state)
{
	unsigned int with_summer = 0;

	(void)state;
	for (uint32_t i = 1; i <= td_zone_count(); i++) {
		const struct cfg_zone *z = td_zone_by_number(i);
		int year = z->year ? (int)z->year : present_year();
		struct cfg_zone_rule r;

		td_config_zone_rule(z, &r);
		use(z->posix);
		if (!r.dst_offset) {
			assert_int_equal(offset_at(year_begin(year)), r.offset * 60);
			assert_int_equal(offset_at(year_begin(year) + 180 * 86400), r.offset * 60);
			continue;
		}
		with_summer++;
		edge(z, &r.start, year, r.offset, r.offset + r.dst_offset);
		edge(z, &r.stop, year, r.offset + r.dst_offset, r.offset);
	}
	assert_true(with_summer > 20);
}

static const char *name_of(const char *iana)
{
	const struct cfg_zone *z = td_config_zone(iana);

	return z ? z->name : "none";
}

static void known_places(void **state)
{
	(void)state;
	assert_string_equal(name_of("Europe/Berlin"), "W. Europe Standard/Daylight Time");
	assert_string_equal(name_of("Europe/Paris"), "Romance Standard/Daylight Time");
	assert_string_equal(name_of("Europe/Warsaw"), "Central Europe Standard/Daylight Time");
	assert_string_equal(name_of("Europe/London"), "GMT Standard/Daylight Time");
	assert_string_equal(name_of("UTC"), "Greenwich Standard Time");
	assert_string_equal(name_of("America/New_York"), "Eastern Standard/Daylight Time");
	assert_string_equal(name_of("Asia/Kolkata"), "India Standard Time");
	assert_string_equal(name_of("5"), "Pacific Standard/Daylight Time");
	assert_string_equal(name_of("56"), "Pacific SA Standard Time");
	/* summer time was given up there: a name whose firmware still has it would be wrong */
	assert_string_equal(name_of("Europe/Moscow"), "Saudi Arabia Standard Time");
	assert_string_equal(name_of("America/Mexico_City"), "Canada Central Standard Time");
	assert_string_equal(name_of("America/Caracas"), "SA Western Standard Time");
	assert_null(td_config_zone("0"));
	assert_null(td_config_zone("57"));
	assert_null(td_config_zone("Europe/Berlim"));
	assert_null(td_config_zone(""));
	assert_null(td_config_zone("Europe"));
}

static void has_near_ones(void **state)
{
	char near[64];

	(void)state;
	assert_true(td_zone_nearest("Europe/Berlim", near, sizeof(near)));
	assert_string_equal(near, "Europe/Berlin");
	assert_true(td_zone_nearest("europe/zurich", near, sizeof(near)));
	assert_string_equal(near, "Europe/Zurich");
	assert_false(td_zone_nearest("xyzzy", near, sizeof(near)));
}

/* Names of the table's lists that the system knows behave as the row they are in. */
static void lists_behave_as_their_rows(void **state)
{
	int year = present_year();
	unsigned int seen = 0;

	(void)state;
	for (uint32_t i = 1; i <= td_zone_count(); i++) {
		const struct cfg_zone *z = td_zone_by_number(i);
		char list[4096], *rest = list, *word, path[160];
		long *want, *have;
		size_t n, differ;

		snprintf(list, sizeof(list), "%s", z->same ? z->same : "");
		n = curve(z->posix, year, &want);
		while (z->same && (word = strsep(&rest, " "))) {
			snprintf(path, sizeof(path), ZONEINFO "/%s", word);
			if (!*word || access(path, R_OK))
				continue;
			snprintf(path, sizeof(path), ":%s", word);
			curve(path, year, &have);
			differ = 0;
			for (size_t k = 0; k < n; k++)
				differ += want[k] != have[k];
			free(have);
			/* Moldova changes an hour earlier; Morocco's Ramadan is in no rule */
			if (differ > 4)
				fail_msg("%s is another than %s: %zu half hours", word, z->name,
					 differ);
			seen++;
		}
		free(want);
	}
	assert_true(seen > 400);
}

static void every_system_zone_has_a_name(void **state)
{
	FILE *f = fopen(ZONEINFO "/zone1970.tab", "r");
	char line[512], zone[128];
	unsigned int n = 0;

	(void)state;
	if (!f)
		skip();
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == '#' || sscanf(line, "%*s %*s %127s", zone) != 1)
			continue;
		if (!td_config_zone(zone))
			fail_msg("%s has no name", zone);
		n++;
	}
	fclose(f);
	assert_true(n > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_zone_by_the_system),
		cmocka_unit_test(rules_name_the_edges),
		cmocka_unit_test(known_places),
		cmocka_unit_test(has_near_ones),
		cmocka_unit_test(lists_behave_as_their_rows),
		cmocka_unit_test(every_system_zone_has_a_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
