/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XML interface of a pair of routers, as CME's (IXI): the primary tells the secondary the
 * versions of phones' files, and both hear in which sections their configurations differ. Others who
 * know the password may run commands there. HTTP on the loop, requests one by one.
 * See docs/redundancy.md.
 */
#ifndef TD_CLUSTER_SYNC_H
#define TD_CLUSTER_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include "config/config.h"
#include "userspace/base/json.h"
#include "userspace/base/loop.h"

struct td_sync;

/** Files' names and versions are shorter than this; others are not told of. */
#define TD_SYNC_TEXT 64

struct td_sync_args {
	struct td_loop *loop;
	const struct td_config *config;	/* stays until td_sync_configure() */
	bool (*is_local)(void *arg, const struct td_addr *a);	/* an address of this host */
	/* Our files: how many, and the i-th's version; false: it has none. */
	size_t (*n_files)(void *arg);
	bool (*file)(void *arg, size_t i, const char **name, char version[TD_SYNC_TEXT]);
	/* The primary's version of a file is another one now; NULL: it has no such file. To be kept. */
	void (*heard)(void *arg, const char *name, const char *version);
	/* That was all: files are to be made anew. */
	void (*all_heard)(void *arg);
	/* Run a command for a user of this level; its answer is a JSON value with key "data". 0, or
	 * a negative errno and *why. */
	int (*run)(void *arg, uint32_t level, const char *const *words, size_t n,
		   struct td_json *answer, char *why, size_t why_len);
	void *arg;
};

/** 0 or -ENOMEM; an interface that cannot be opened is tried again. */
int td_sync_start(struct td_sync **out, const struct td_sync_args *args);
void td_sync_configure(struct td_sync *s, const struct td_config *config);
void td_sync_stop(struct td_sync *s);	/* NULL is fine */
/** Of an earlier process: what was heard then. Before the first files are made. */
void td_sync_restore(struct td_sync *s, const char *name, const char *version);
/** Our files have been made. */
void td_sync_files_made(struct td_sync *s);
/** The primary's version of a file, when we are the secondary; NULL. */
const char *td_sync_version_of(const struct td_sync *s, const char *name);
/** An address has come or gone. */
void td_sync_addresses_changed(struct td_sync *s);
/** Members of the open object. */
void td_sync_show(const struct td_sync *s, struct td_json *j);

#endif
