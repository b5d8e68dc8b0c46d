/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Models of phones by the number that they register with.
 */
#ifndef TD_SCCP_TYPE_H
#define TD_SCCP_TYPE_H

#include <stdbool.h>
#include <stdint.h>

struct sccp_type {
	uint32_t id;
	const char *name;
	uint8_t buttons;		/* programmable ones; modules come on top */
	bool ip6;			/* of the models that have IPv6 */
	uint8_t most_version;		/* what it claims is wrong: never more than this; 0 = believe it */
};

/** Never NULL: an unknown number is a phone with a name of "unknown" and two buttons. */
const struct sccp_type *td_sccp_type(uint32_t id);

#endif
