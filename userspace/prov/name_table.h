/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: what phones can have, by name. A snapshot: built once on the signalling thread,
 * then never changed, shared by whoever counts a reference (the servers' threads, transfers that
 * still run when the next snapshot is there). No path ever comes from the network: a name is
 * found here, exactly as it was asked for, or there is no such file.
 *
 *	names = td_names_begin();
 *	td_names_add(names, &(struct td_name){ .name = "XMLDefault.cnf.xml", ... });
 *	td_names_finish(names);
 *	td_names_post(&server->box, names);			the server's thread:
 *								if ((fresh = td_names_take(&box))) ...
 */
#ifndef TD_PROV_NAME_TABLE_H
#define TD_PROV_NAME_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "userspace/base/addr.h"

#define TD_NAME_MAX 128			/* bytes of a name, with the end */

struct td_names;
struct td_book;

/** One file. Everything lives as long as the snapshot. */
struct td_name {
	const char *name;		/* as phones ask for it; case counts */
	const char *phone;		/* id of the only phone that may have it; NULL: anyone may */
	uint8_t mac[6];			/* of that phone; zero: not known */
	struct td_addr address;		/* fixed one of that phone; unset: none */
	const void *data;		/* the content; NULL: a file of this machine, td_name_open() */
	size_t len;			/* bytes */
	uint64_t stamp;			/* hash of the content (of a file: of size and time) */
	const char *type;		/* content type, "text/xml" */
	const char *alias_of;		/* the name it was added by first; NULL: this one */
	int root;			/* of files: number of td_names_root() */
	const char *path;		/* of files: below that root */
};

/** An empty table, being built. NULL: out of memory. */
struct td_names *td_names_begin(void);

/**
 * td_names_root - a folder that files are in.
 * @dirfd: taken over (closed with the table), whatever comes back.
 * Its number for td_name.root, or -ENOMEM.
 */
int td_names_root(struct td_names *names, int dirfd);

/**
 * td_names_add - one file: name, phone, mac, type and either data and len, or root, path, len
 * and stamp.
 * Texts are copied; data (from td_zalloc() and friends) is taken over, also when this fails.
 * The stamp of data is computed here. -EEXIST: that name is there; -EINVAL: a name that no phone
 * may ask for (empty, too long, control characters, "..", "/" in front); -ENOMEM.
 */
int td_names_add(struct td_names *names, const struct td_name *file);
/** Another name for the same content and owner. -ENOENT, -EEXIST, -EINVAL, -ENOMEM. */
int td_names_alias(struct td_names *names, const char *alias, const char *of);
/** A telephone book that belongs to the table from now on; NULL: none. */
void td_names_set_book(struct td_names *names, struct td_book *book);
const struct td_book *td_names_book(const struct td_names *names);
/** No more additions: from here on any thread may read it. The builder holds one reference. */
void td_names_finish(struct td_names *names);

/** NULL: there is no such file. len: bytes of the name, which needs no end. */
const struct td_name *td_names_find(const struct td_names *names, const char *name, size_t len);
size_t td_names_count(const struct td_names *names);
size_t td_names_aliases(const struct td_names *names);
/** In the order of adding, i below the count. */
const struct td_name *td_names_at(const struct td_names *names, size_t i);

/**
 * td_name_open - a descriptor of a file that has no data in memory, which the caller closes.
 * May wait for the disk. -ENOENT: it went away or is no plain file; -ESTALE: its size is another
 * than the table says; other negative errno of open.
 */
int td_name_open(const struct td_names *names, const struct td_name *file);

/** Count a reference, from any thread. Returns names. */
const struct td_names *td_names_ref(const struct td_names *names);
/** The last one frees. NULL is fine. */
void td_names_unref(const struct td_names *shared);

/** The way to one other thread: holds the newest snapshot that it has not taken yet. */
struct td_names_box {
	_Atomic(const struct td_names *) fresh;
};

/** Leave a snapshot for the reader, with a reference of its own; an unread one is dropped. */
void td_names_post(struct td_names_box *box, const struct td_names *names);
/** The newest one since the last time, now the caller's to unref; NULL: nothing new. */
const struct td_names *td_names_take(struct td_names_box *box);

#endif
