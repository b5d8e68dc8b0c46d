// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of names. See name_table.h.
 */
#include "userspace/prov/name_table.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "userspace/base/list.h"
#include "userspace/base/map.h"
#include "userspace/base/mem.h"
#include "userspace/prov/book.h"

#define MAX_ROOTS 32

struct entry {
	struct td_map_node node;
	struct td_name file;
	char *texts;			/* every text of the file, one behind the other */
};

struct td_names {
	atomic_uint refs;
	struct td_map by_name;
	struct entry **v;		/* in the order of adding */
	size_t n, cap, n_aliases;
	int roots[MAX_ROOTS];
	size_t n_roots;
	struct td_book *book;
};

struct td_names *td_names_begin(void)
{
	struct td_names *names = td_zalloc(sizeof(*names));

	if (!names)
		return NULL;
	atomic_init(&names->refs, 1);
	td_map_init(&names->by_name);
	return names;
}

int td_names_root(struct td_names *names, int dirfd)
{
	if (names->n_roots == MAX_ROOTS) {
		close(dirfd);
		return -ENOMEM;
	}
	names->roots[names->n_roots] = dirfd;
	return (int)names->n_roots++;
}

/* ---- adding ---- */

/* 64-bit FNV-1a: a change must show, nobody chooses the content who could gain by a collision */
static uint64_t hash(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	return h;
}

/* A name that could mean a way through folders would be asked for only by somebody who tries. */
static bool is_askable(const char *name)
{
	size_t len = strnlen(name, TD_NAME_MAX);

	if (!len || len == TD_NAME_MAX || name[0] == '/' || strstr(name, ".."))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)name[i] < ' ' || name[i] == 0x7f || name[i] == '\\')
			return false;
	return true;
}

static const char *keep(char **at, const char *text)
{
	char *dst = *at;

	if (!text)
		return NULL;
	memcpy(dst, text, strlen(text) + 1);
	*at += strlen(text) + 1;
	return dst;
}

static size_t room(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static struct entry *entry_new(const struct td_name *f)
{
	struct entry *e = td_zalloc(sizeof(*e));
	char *at;

	if (!e)
		return NULL;
	e->texts = td_zalloc(room(f->name) + room(f->phone) + room(f->type) + room(f->alias_of) +
			     room(f->path));
	if (!e->texts) {
		td_free(e);
		return NULL;
	}
	at = e->texts;
	e->file = *f;
	e->file.name = keep(&at, f->name);
	e->file.phone = keep(&at, f->phone);
	e->file.type = keep(&at, f->type);
	e->file.alias_of = keep(&at, f->alias_of);
	e->file.path = keep(&at, f->path);
	return e;
}

static void entry_free(struct entry *e)
{
	if (!e->file.alias_of)
		td_free((void *)(uintptr_t)e->file.data);
	td_free(e->texts);
	td_free(e);
}

static int make_room(struct td_names *names)
{
	size_t cap = names->cap ? 2 * names->cap : 64;
	struct entry **v;

	if (names->n < names->cap)
		return 0;
	v = td_realloc(names->v, cap * sizeof(*v));
	if (!v)
		return -ENOMEM;
	names->v = v;
	names->cap = cap;
	return 0;
}

static int insert(struct td_names *names, const struct td_name *f)
{
	struct entry *e;
	int err = is_askable(f->name) ? make_room(names) : -EINVAL;

	if (err)
		return err;
	e = entry_new(f);
	if (!e)
		return -ENOMEM;
	err = td_map_insert_str(&names->by_name, &e->node, e->file.name);
	if (err) {
		e->file.data = NULL;	/* the caller's yet */
		entry_free(e);
		return err;
	}
	names->v[names->n++] = e;
	return 0;
}

int td_names_add(struct td_names *names, const struct td_name *file)
{
	struct td_name f = *file;
	int err;

	f.alias_of = NULL;
	if (f.data)
		f.stamp = hash(f.data, f.len);
	err = insert(names, &f);
	if (err)
		td_free((void *)(uintptr_t)file->data);
	return err;
}

int td_names_alias(struct td_names *names, const char *alias, const char *of)
{
	const struct td_name *f = td_names_find(names, of, strlen(of));
	struct td_name copy;
	int err;

	if (!f)
		return -ENOENT;
	copy = *f;
	copy.name = alias;
	if (!copy.alias_of)
		copy.alias_of = f->name;
	err = insert(names, &copy);
	if (!err)
		names->n_aliases++;
	return err;
}

void td_names_set_book(struct td_names *names, struct td_book *book)
{
	td_book_free(names->book);
	names->book = book;
}

const struct td_book *td_names_book(const struct td_names *names)
{
	return names->book;
}

void td_names_finish(struct td_names *names)
{
	/* what was written here is seen by whoever gets the table from us */
	atomic_thread_fence(memory_order_release);
	(void)names;
}

/* ---- reading ---- */

const struct td_name *td_names_find(const struct td_names *names, const char *name, size_t len)
{
	struct td_map_node *node = td_map_find(&names->by_name, name, len);

	return node ? &td_container_of(node, struct entry, node)->file : NULL;
}

size_t td_names_count(const struct td_names *names)
{
	return names->n;
}

size_t td_names_aliases(const struct td_names *names)
{
	return names->n_aliases;
}

const struct td_name *td_names_at(const struct td_names *names, size_t i)
{
	return &names->v[i]->file;
}

int td_name_open(const struct td_names *names, const struct td_name *file)
{
	/* no way out of the root, whatever became of the folders since they were read */
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	struct stat st;
	int fd, err = 0;

	if (!file->path)
		return -EINVAL;
	fd = (int)syscall(SYS_openat2, names->roots[file->root], file->path, &how, sizeof(how));
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		err = -ENOENT;
	else if ((uint64_t)st.st_size != file->len)
		err = -ESTALE;
	if (err)
		close(fd);
	return err ? err : fd;
}

/* ---- references ---- */

const struct td_names *td_names_ref(const struct td_names *names)
{
	atomic_fetch_add_explicit(&((struct td_names *)(uintptr_t)names)->refs, 1,
				  memory_order_relaxed);
	return names;
}

void td_names_unref(const struct td_names *shared)
{
	struct td_names *names = (struct td_names *)(uintptr_t)shared;

	if (!names || atomic_fetch_sub_explicit(&names->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < names->n; i++)
		entry_free(names->v[i]);
	for (size_t i = 0; i < names->n_roots; i++)
		close(names->roots[i]);
	td_map_fini(&names->by_name);
	td_book_free(names->book);
	td_free(names->v);
	td_free(names);
}

void td_names_post(struct td_names_box *box, const struct td_names *names)
{
	td_names_unref(atomic_exchange_explicit(&box->fresh, td_names_ref(names),
						memory_order_acq_rel));
}

const struct td_names *td_names_take(struct td_names_box *box)
{
	return atomic_exchange_explicit(&box->fresh, NULL, memory_order_acq_rel);
}
