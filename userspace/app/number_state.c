/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has been set for numbers while we run, on disk: where a phone has sent its calls, by a key
 * or a code and whatever kind of phone it is, whether messages wait, and whether hunt groups leave it
 * out. A forwarding that was taken back is kept, too: it wins over the configuration's cfwd_all.
 * And the one switch of the whole house: night service by its code.
 */
#include <errno.h>
#include <string.h>

#include "userspace/app/app_priv.h"
#include "userspace/app/commands_priv.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/core/core.h"
#include "userspace/store/store.h"

enum column { NUMBER, FORWARD_SET, ALL_TO, MESSAGES, LOGGED_OUT, COLUMNS };

static const struct td_store_column columns[COLUMNS] = {
	[NUMBER] = { "number", TD_STORE_TEXT },
	[FORWARD_SET] = { "forward_set", TD_STORE_INT },
	[ALL_TO] = { "all_to", TD_STORE_TEXT },
	[MESSAGES] = { "messages", TD_STORE_INT },
	[LOGGED_OUT] = { "logged_out", TD_STORE_INT },
};

static const struct td_store_table table = { "number_state", columns, COLUMNS };

enum switch_column { SWITCH, POSITION, SWITCH_COLUMNS };

static const struct td_store_column switch_columns[SWITCH_COLUMNS] = {
	[SWITCH] = { "switch", TD_STORE_TEXT },
	[POSITION] = { "position", TD_STORE_INT },
};

static const struct td_store_table switches = { "house_state", switch_columns, SWITCH_COLUMNS };
#define NIGHT_SERVICE "night_service"

struct td_number_states {
	struct tandem *t;
	int table, switches;
};

static void on_change(void *arg, const struct td_number_state *st)
{
	struct td_number_states *n = arg;
	struct td_store_value row[COLUMNS] = {
		[NUMBER] = { .text = st->number }, [FORWARD_SET] = { .num = st->forward_set },
		[ALL_TO] = { .text = st->forward_all }, [MESSAGES] = { .num = st->messages },
		[LOGGED_OUT] = { .num = st->logged_out },
	};
	int64_t ticket = td_store_put(n->t->store, n->table, row);

	if (ticket < 0)
		td_log_limited(TD_LOG_APP, TD_ERR, "number=%s its state is not kept: %s",
			       st->number, strerror((int)-ticket));
}

/* A number that is no longer there may come again with another configuration: its row stays. */
static void on_row(void *arg, const struct td_store_value *row)
{
	struct td_number_states *n = arg;

	if (row[FORWARD_SET].num)
		td_core_forward_all(n->t->core, row[NUMBER].text, row[ALL_TO].text);
	if (row[MESSAGES].num > 0)
		td_core_set_messages(n->t->core, row[NUMBER].text, (uint32_t)row[MESSAGES].num);
	if (row[LOGGED_OUT].num)
		td_core_log_out(n->t->core, row[NUMBER].text, true);
}

static void on_night(void *arg, int by_hand)
{
	struct td_number_states *n = arg;
	struct td_store_value row[SWITCH_COLUMNS] = {
		[SWITCH] = { .text = NIGHT_SERVICE }, [POSITION] = { .num = by_hand },
	};
	int64_t ticket = td_store_put(n->t->store, n->switches, row);

	if (ticket < 0)
		td_log_limited(TD_LOG_APP, TD_ERR, "night service as switched is not kept: %s",
			       strerror((int)-ticket));
}

static void on_switch(void *arg, const struct td_store_value *row)
{
	struct td_number_states *n = arg;

	if (!strcmp(row[SWITCH].text, NIGHT_SERVICE))
		td_core_set_night(n->t->core, (int)row[POSITION].num);
}

int td_number_states_start(struct tandem *t)
{
	struct td_number_states *n = td_zalloc(sizeof(*n));
	int err;

	if (!n)
		return -ENOMEM;
	t->number_states = n;
	n->t = t;
	n->table = td_store_keep(t->store, &table, NULL, n);
	if (n->table < 0)
		return n->table;
	n->switches = td_store_keep(t->store, &switches, NULL, n);
	if (n->switches < 0)
		return n->switches;
	err = td_store_read(t->store, n->table, on_row, n);
	if (!err)
		err = td_store_read(t->store, n->switches, on_switch, n);
	td_core_watch_numbers(t->core, on_change, n);
	td_core_watch_night(t->core, on_night, n);
	return err;
}

void td_number_states_stop(struct tandem *t)
{
	if (t->number_states) {
		td_store_leave(t->store, t->number_states->table);
		td_store_leave(t->store, t->number_states->switches);
	}
	td_free(t->number_states);
	t->number_states = NULL;
}

/* ---- tandem mwi NUMBER [COUNT|on|off] ---- */

static int read_count(const char *word, uint32_t *count)
{
	if (!strcmp(word, "on"))
		*count = 1;
	else if (!strcmp(word, "off"))
		*count = 0;
	else
		return td_parse_u32(td_str_of(word), count);
	return 0;
}

int td_commands_mwi(struct td_ctl_request *req, void *arg)
{
	struct td_core *core = ((struct td_commands *)arg)->t->core;
	const char *number = td_ctl_arg(req, 0), *word = td_ctl_arg(req, 1);
	struct td_number_state st;
	uint32_t count;

	if (word && read_count(word, &count))
		return td_ctl_usage(req, "how many messages? '%s' is neither a number nor on or off",
				    word);
	if ((word && td_core_set_messages(core, number, count)) ||
	    td_core_number_state(core, number, &st))
		return td_ctl_refuse(req, "no phone has the number '%s'", number);
	td_json_object(td_ctl_data(req), "data");
	td_json_str(td_ctl_data(req), "number", number);
	td_json_u64(td_ctl_data(req), "messages", st.messages);
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
}
