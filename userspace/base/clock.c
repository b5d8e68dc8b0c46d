/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "userspace/base/clock.h"

uint64_t td_clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t td_clock_ms(clockid_t id)
{
	return td_clock_ns(id) / 1000000u;
}
