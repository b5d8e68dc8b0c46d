/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: the table of time zones, beside what config.h says of it.
 */
#ifndef TD_CONFIG_TIME_ZONE_H
#define TD_CONFIG_TIME_ZONE_H

#include "config/config.h"

size_t td_zone_count(void);
/** 1..56, as in CME; NULL: there is none. */
const struct cfg_zone *td_zone_by_number(uint32_t number);
/** The IANA zone most like a word, into dst; false: none is near. */
bool td_zone_nearest(const char *word, char *dst, size_t size);

#endif
