/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registrations as rows of the store (userspace/store): what a binding is on disk. */
#ifndef TD_SIP_REG_STORE_H
#define TD_SIP_REG_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "userspace/sip/registrar.h"
#include "userspace/store/store.h"

struct reg_row {
	char phone[64];
	uint64_t expires_wall_ms;
	struct sip_binding b;		/* plain members; expires_ms is filled by the reader */
};

extern const struct td_store_table td_reg_table;

/** False: a row that makes no sense, left alone until its phone registers again. */
bool td_reg_row_read(struct reg_row *row, const struct td_store_value *values);
/** Insert or update the row of b; returns what td_store_put does. expires_wall_ms is Unix time. */
int64_t td_reg_row_put(struct td_store *st, int table, const char *phone,
		       const struct sip_binding *b, uint64_t expires_wall_ms);

#endif
