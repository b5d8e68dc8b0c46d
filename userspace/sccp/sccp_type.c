/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The table of models. IPv6: the models of CME's list (7911, 7931, 7941 ... 7975).
 */
#include <stddef.h>
#include "userspace/sccp/sccp_type.h"

static const struct sccp_type types[] = {
	{ 1, "30SP+", 26, false, 0 },	   { 2, "12SP+", 12, false, 0 },
	{ 3, "12SP", 12, false, 0 },	   { 4, "12", 12, false, 0 },
	{ 5, "30VIP", 26, false, 0 },	   { 6, "7910", 3, false, 0 },
	{ 7, "7960", 6, false, 0 },	   { 8, "7940", 2, false, 0 },
	{ 9, "7935", 2, false, 0 },	   { 10, "VGC", 1, false, 0 },
	{ 12, "ATA186", 1, false, 3 },	   { 13, "ATA188", 1, false, 3 },
	{ 100, "loadsim", 6, true, 0 },	   { 115, "7941", 2, true, 0 },
	{ 118, "7971G-GE", 8, true, 0 },   { 119, "7971", 8, true, 0 },
	{ 275, "Nokia-E", 1, false, 0 },   { 302, "7985", 1, false, 0 },
	{ 307, "7911", 1, true, 0 },	   { 308, "7961G-GE", 6, true, 0 },
	{ 309, "7941G-GE", 2, true, 0 },   { 348, "7931", 20, true, 0 },
	{ 365, "7921", 6, false, 0 },	   { 369, "7906", 1, false, 0 },
	{ 376, "Nokia-ICC", 1, false, 0 }, { 404, "7962", 6, true, 0 },
	{ 431, "7937", 2, false, 0 },	   { 434, "7942", 2, true, 0 },
	{ 435, "7945", 2, true, 0 },	   { 436, "7965", 6, true, 0 },
	{ 437, "7975", 8, true, 0 },	   { 484, "7925", 6, false, 0 },
	{ 495, "6921", 2, false, 0 },	   { 496, "6941", 4, false, 0 },
	{ 497, "6961", 12, false, 0 },	   { 547, "6901", 1, false, 0 },
	{ 548, "6911", 1, false, 0 },	   { 564, "6945", 4, false, 0 },
	{ 577, "7926", 6, false, 0 },	   { 585, "8945", 4, false, 0 },
	{ 586, "8941", 4, false, 0 },	   { 20000, "7905", 1, false, 0 },
	{ 30002, "7920", 6, false, 0 },	   { 30006, "7970", 8, true, 0 },
	{ 30007, "7912", 1, false, 0 },	   { 30008, "7902", 1, false, 0 },
	{ 30016, "CIPC", 8, false, 0 },	   { 30018, "7961", 6, true, 0 },
	{ 30019, "7936", 2, false, 0 },	   { 30027, "analog", 1, true, 0 },
	{ 30028, "bri", 1, false, 0 },	   { 80000, "521S", 1, false, 0 },
	{ 80001, "524SG", 4, false, 0 },   { 80003, "502", 1, false, 0 },
	{ 80004, "504", 4, false, 0 },	   { 80005, "525G", 5, false, 0 },
	{ 80006, "508", 8, false, 0 },	   { 80007, "509", 12, false, 0 },
	{ 80009, "525G2", 5, false, 0 },   { 80011, "303", 3, false, 0 },
	{ 80012, "512", 1, false, 0 },	   { 80013, "514", 4, false, 0 },
};

const struct sccp_type *td_sccp_type(uint32_t id)
{
	static const struct sccp_type unknown = { 0, "unknown", 2, false, 0 };
	size_t lo = 0, hi = sizeof(types) / sizeof(types[0]);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (types[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < sizeof(types) / sizeof(types[0]) && types[lo].id == id ? &types[lo] : &unknown;
}
