/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where phones have sent the calls of their numbers, on disk: whatever kind of phone it was, and
 * whether by a key or by dialling a code. What a phone has taken back stays as an empty row, as it
 * wins over the configuration's cfwd_all.
 */
#include <errno.h>
#include <string.h>

#include "userspace/app/app_priv.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/core/core.h"
#include "userspace/store/store.h"

enum column { NUMBER, TARGET, COLUMNS };

static const struct td_store_column columns[COLUMNS] = {
	[NUMBER] = { "number", TD_STORE_TEXT },
	[TARGET] = { "all_to", TD_STORE_TEXT },
};

static const struct td_store_table table = { "forward", columns, COLUMNS };

struct td_forwards {
	struct tandem *t;
	int table;
};

static void on_forward(void *arg, const char *number, const char *to)
{
	struct td_forwards *f = arg;
	struct td_store_value row[COLUMNS] = { [NUMBER] = { .text = number },
					       [TARGET] = { .text = to } };
	int64_t ticket = td_store_put(f->t->store, f->table, row);

	if (ticket < 0)
		td_log_limited(TD_LOG_APP, TD_ERR, "number=%s its forwarding is not kept: %s", number,
			       strerror((int)-ticket));
}

/* Of a number that is no longer there: it may come again, with another configuration. */
static void on_row(void *arg, const struct td_store_value *row)
{
	struct td_forwards *f = arg;

	td_core_forward_all(f->t->core, row[NUMBER].text, row[TARGET].text);
}

int td_forwards_start(struct tandem *t)
{
	struct td_forwards *f = td_zalloc(sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	t->forwards = f;
	f->t = t;
	f->table = td_store_keep(t->store, &table, NULL, f);
	if (f->table < 0)
		return f->table;
	err = td_store_read(t->store, f->table, on_row, f);
	td_core_watch_forwards(t->core, on_forward, f);
	return err;
}

void td_forwards_stop(struct tandem *t)
{
	if (t->forwards)
		td_store_leave(t->store, t->forwards->table);
	td_free(t->forwards);
	t->forwards = NULL;
}
