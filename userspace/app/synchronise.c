// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The XML interface of two routers, joined with the rest: the versions of our files, commands that
 * come by it, and what the primary has told, on disk: a secondary that starts while the primary is
 * away gives its files the versions that phones have.
 */
#include <errno.h>
#include <string.h>

#include "userspace/app/app_priv.h"
#include "userspace/base/log.h"
#include "userspace/ctl/ctl.h"
#include "userspace/prov/files.h"
#include "userspace/store/store.h"

#define LEVEL_ALL 15

enum column { FILE_NAME, VERSION, COLUMNS };

static const struct td_store_column columns[COLUMNS] = {
	[FILE_NAME] = { "file", TD_STORE_TEXT },
	[VERSION] = { "version", TD_STORE_TEXT },
};

static const struct td_store_table table = { "primary_versions", columns, COLUMNS };

static bool is_local(void *arg, const struct td_addr *a)
{
	return td_nl_is_local(((struct tandem *)arg)->nl, a);
}

static size_t n_files(void *arg)
{
	const struct tandem *t = arg;
	const struct td_names *names = t->files ? td_files_names(t->files) : NULL;

	return names ? td_names_count(names) : 0;
}

static bool file(void *arg, size_t i, const char **name, char version[TD_SYNC_TEXT])
{
	return td_files_version_at(((struct tandem *)arg)->files, i, name, version);
}

static void heard(void *arg, const char *name, const char *version)
{
	struct tandem *t = arg;
	struct td_store_value row[COLUMNS] = {
		[FILE_NAME] = { .text = name }, [VERSION] = { .text = version },
	};
	int64_t ticket = version ? td_store_put(t->store, t->versions_table, row) :
				   td_store_delete(t->store, t->versions_table, row);

	if (ticket < 0)
		td_log_limited(TD_LOG_APP, TD_ERR, "file=%s the primary's version is not kept: %s",
			       name, strerror((int)-ticket));
}

static void all_heard(void *arg)
{
	struct tandem *t = arg;

	if (t->files)
		td_files_adopt(t->files);
}

static int run(void *arg, uint32_t level, const char *const *words, size_t n,
	       struct td_json *answer, char *why, size_t why_len)
{
	struct tandem *t = arg;
	int rc = TD_CTL_REFUSED;

	td_strlcpy(why, "this router is starting", why_len);
	if (t->ctl && !level)
		td_strlcpy(why, "level 0 may do nothing", why_len);
	td_json_object(answer, NULL);
	if (t->ctl && level)
		rc = td_ctl_ask(t->ctl, level < LEVEL_ALL, words, n, answer, why, why_len);
	td_json_end_object(answer);
	return rc == TD_CTL_OK ? 0 : -EPERM;
}

static void on_row(void *arg, const struct td_store_value *row)
{
	td_sync_restore(arg, row[FILE_NAME].text, row[VERSION].text);
}

/* Before the store starts, and before files are made. */
int td_synchronise_start(struct tandem *t)
{
	struct td_sync_args args = {
		.loop = t->loop, .config = t->config, .is_local = is_local, .n_files = n_files,
		.file = file, .heard = heard, .all_heard = all_heard, .run = run, .arg = t,
	};
	int err;

	t->versions_table = td_store_keep(t->store, &table, NULL, t);
	if (t->versions_table < 0)
		return t->versions_table;
	err = td_sync_start(&t->sync, &args);
	if (!err)
		err = td_store_read(t->store, t->versions_table, on_row, t->sync);
	return err;
}

void td_synchronise_stop(struct tandem *t)
{
	td_sync_stop(t->sync);
	t->sync = NULL;
}

void td_synchronise_show(struct tandem *t, struct td_json *j, const char *key)
{
	td_json_object(j, key);
	td_sip_show_cluster(t->sip, j);
	td_sync_show(t->sync, j);
	td_json_u64(j, "versions_of_primary",
		    t->files ? td_files_with_versions_of_primary(t->files) : 0);
	td_json_end_object(j);
}
