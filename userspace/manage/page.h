/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room-private, PURE but for the clock: pages as text, from the JSON that rooms write. */
#ifndef TD_MANAGE_PAGE_H
#define TD_MANAGE_PAGE_H

#include <stddef.h>

#include "userspace/manage/manage.h"

/** The counters, Prometheus text format 0.0.4. malloc'ed; NULL: out of memory, or no JSON. */
char *td_metrics_text(const char *json, size_t *len);
/** The changing part of a page: HTML without a line feed; every text in it is escaped. */
char *td_page_body(enum td_manage_ask what, const char *json, size_t *len);
/** That in a whole document; phone: whose page it is, or NULL. */
char *td_page_whole(enum td_manage_ask what, const char *phone, const char *json, size_t *len);
/** A file that pages name: NULL when there is none such. */
const char *td_page_file(const char *name, const char **type);

#endif
