/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Call records: in the store, in a file of JSON lines, and the latest ones in memory for show. */
#ifndef TD_APP_CALL_RECORDS_H
#define TD_APP_CALL_RECORDS_H

#include <stdint.h>

#include "userspace/base/json.h"

struct tandem;
struct td_ctl_request;

/** Between td_store_open and td_store_start. 0 or -errno. */
int td_call_records_start(struct tandem *t);
void td_call_records_stop(struct tandem *t);
/** The n latest ones, an array. */
void td_call_records_show(const struct tandem *t, uint32_t n, struct td_json *j, const char *key);
/** "show cdr [N]"; arg: struct td_commands. */
int td_commands_show_cdr(struct td_ctl_request *req, void *arg);

#endif
