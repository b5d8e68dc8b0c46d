/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock on the phones: the office's local time as it is (core/feat_hours.c sets the zone),
 * since a phone shows what it is told.
 */
#include "userspace/sccp/sccp_priv.h"

#include <stdio.h>
#include <time.h>

void td_sccp_send_time(struct sccp_session *s)
{
	struct sccp_msg m = { .id = SCCP_DEFINE_TIME_DATE };
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	m.time.year = (uint32_t)tm.tm_year + 1900;
	m.time.month = (uint32_t)tm.tm_mon + 1;
	m.time.weekday = (uint32_t)tm.tm_wday;
	m.time.day = (uint32_t)tm.tm_mday;
	m.time.hour = (uint32_t)tm.tm_hour;
	m.time.minute = (uint32_t)tm.tm_min;
	m.time.second = (uint32_t)tm.tm_sec;
	m.time.ms = (uint32_t)(now.tv_nsec / 1000000);
	m.time.unix_s = (uint32_t)now.tv_sec;
	td_sccp_send(s, &m);
}

/* "M/D/YA": the A stands for a clock of twelve hours. */
void td_sccp_date_template(const struct td_config *config, char dst[7])
{
	static const char *const orders[] = {
		[CFG_DATE_MDY] = "M/D/Y", [CFG_DATE_DMY] = "D/M/Y", [CFG_DATE_YMD] = "Y/M/D",
		[CFG_DATE_YDM] = "Y/D/M",
	};

	snprintf(dst, 7, "%s%s", orders[config->global.date_format],
		 config->global.time_format == CFG_CLOCK_12 ? "A" : "");
}
