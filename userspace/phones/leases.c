// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lease files. See leases.h. Servers write a new file and rename it, or write in place: so
 * the folder is watched, and the name tells.
 */
#include "userspace/phones/leases.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userspace/base/clock.h"
#include "userspace/base/list.h"
#include "userspace/base/log.h"
#include "userspace/base/map.h"
#include "userspace/base/mem.h"

#define MAX_FILES  8
#define MAX_LEASES 65536
#define MAX_BYTES  (16u << 20)
#define SYSTEM_UID 1000			/* accounts of people begin here */

/* While a thousand phones get their leases, the file changes all the time. */
#define REST_MS	   100

struct entry {
	struct td_lease lease;
	struct td_map_node by_addr, by_mac;
};

struct file {
	char path[PATH_MAX];
	const char *name;		/* in path */
	int watch;			/* -1: its folder is not there */
};

struct td_leases {
	struct file files[MAX_FILES];
	size_t n_files;
	int fd;				/* inotify */
	bool changed;
	uint64_t read_ms;
	bool any;
	struct entry *v;
	size_t n, cap;
	struct td_map by_addr, by_mac;
};

/* ---- the table ---- */

static void forget(struct td_leases *l)
{
	td_map_fini(&l->by_addr);
	td_map_fini(&l->by_mac);
	td_map_init(&l->by_addr);
	td_map_init(&l->by_mac);
	l->n = 0;
}

static void add(struct td_leases *l, const struct td_lease *lease)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 256;
		struct entry *v = cap <= MAX_LEASES ? td_realloc(l->v, cap * sizeof(*v)) : NULL;

		if (!v)
			return;
		l->v = v;
		l->cap = cap;
	}
	memset(&l->v[l->n], 0, sizeof(l->v[l->n]));
	l->v[l->n++].lease = *lease;
}

/* From the last to the first: who comes first keeps the key. */
static void index_all(struct td_leases *l)
{
	for (size_t i = l->n; i-- > 0;) {
		struct entry *e = &l->v[i];

		if (td_map_insert(&l->by_addr, &e->by_addr, e->lease.addr.ip,
				  sizeof(e->lease.addr.ip)) == 0)
			td_map_insert(&l->by_mac, &e->by_mac, e->lease.mac, sizeof(e->lease.mac));
	}
}

/* ---- reading ---- */

/* Where anybody may put files, one that a person put there says nothing. */
static bool is_trusted(const struct file *f, const struct stat *st)
{
	char folder[PATH_MAX];
	struct stat above;
	size_t len = (size_t)(f->name - f->path);

	if (!S_ISREG(st->st_mode) || (st->st_mode & S_IWOTH))
		return false;
	memcpy(folder, f->path, len);
	folder[len] = '\0';
	return !stat(folder, &above) && (!(above.st_mode & S_IWOTH) || st->st_uid < SYSTEM_UID);
}

static void read_text(struct td_leases *l, const struct file *f, struct td_str text)
{
	struct td_lease lease;
	struct td_str line;
	unsigned int bad = 0;

	while (td_lease_next_line(&text, &line)) {
		int err = td_lease_read(line, &lease);

		if (!err)
			add(l, &lease);
		bad += err == -EBADMSG;
	}
	if (bad)
		td_log_limited(TD_LOG_PROV, TD_WARN, "lease file %s: %u lines are no leases",
			       f->path, bad);
}

static void read_file(struct td_leases *l, const struct file *f)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *text = NULL;
	struct stat st;
	size_t n = 0;
	ssize_t got;

	if (fd < 0)
		return;
	if (fstat(fd, &st) || !is_trusted(f, &st) || st.st_size > MAX_BYTES) {
		td_log_limited(TD_LOG_PROV, TD_WARN, "lease file %s is not read: not a plain file "
			       "of the system, or too long", f->path);
		goto out;
	}
	text = td_zalloc((size_t)st.st_size + 1);
	if (!text)
		goto out;
	while (n < (size_t)st.st_size && (got = read(fd, text + n, (size_t)st.st_size - n)) > 0)
		n += (size_t)got;
	l->any = true;
	read_text(l, f, (struct td_str){ text, n });
out:
	td_free(text);
	close(fd);
}

/* ---- noticing ---- */

static void watch_folders(struct td_leases *l)
{
	for (size_t i = 0; i < l->n_files; i++) {
		struct file *f = &l->files[i];
		char folder[PATH_MAX];
		size_t len = (size_t)(f->name - f->path);

		if (f->watch >= 0)
			continue;
		memcpy(folder, f->path, len);
		folder[len] = '\0';
		f->watch = inotify_add_watch(l->fd, folder, IN_MODIFY | IN_MOVED_TO | IN_CREATE |
					     IN_DELETE | IN_MOVED_FROM | IN_ATTRIB | IN_ONLYDIR);
		if (f->watch >= 0)
			l->changed = true;
	}
}

static void hear_event(struct td_leases *l, const struct inotify_event *ev)
{
	if (ev->mask & IN_Q_OVERFLOW)
		l->changed = true;
	for (size_t i = 0; i < l->n_files; i++) {
		struct file *f = &l->files[i];

		if (f->watch != ev->wd)
			continue;
		if (ev->mask & IN_IGNORED) {
			f->watch = -1;
			l->changed = true;
		} else if (ev->len && !strcmp(ev->name, f->name)) {
			l->changed = true;
		}
	}
}

static void hear(struct td_leases *l)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	while ((n = read(l->fd, buf, sizeof(buf))) > 0)
		for (char *p = buf; p < buf + n;) {
			const struct inotify_event *ev = (const void *)p;

			hear_event(l, ev);
			p += sizeof(*ev) + ev->len;
		}
}

static void refresh(struct td_leases *l)
{
	uint64_t now = td_clock_ms(CLOCK_MONOTONIC);

	hear(l);
	watch_folders(l);
	if (!l->changed || (l->read_ms && now - l->read_ms < REST_MS))
		return;
	l->changed = false;
	l->read_ms = now;
	l->any = false;
	forget(l);
	for (size_t i = 0; i < l->n_files; i++)
		read_file(l, &l->files[i]);
	index_all(l);
}

/* ---- the face ---- */

static const struct td_lease *valid(const struct td_lease *lease)
{
	return !lease->until || lease->until > (uint64_t)time(NULL) ? lease : NULL;
}

const struct td_lease *td_leases_by_addr(struct td_leases *l, const struct td_addr *addr)
{
	struct td_map_node *n;

	refresh(l);
	n = td_map_find(&l->by_addr, addr->ip, sizeof(addr->ip));
	return n ? valid(&td_container_of(n, struct entry, by_addr)->lease) : NULL;
}

const struct td_lease *td_leases_by_mac(struct td_leases *l, const uint8_t mac[6])
{
	struct td_map_node *n;

	refresh(l);
	n = td_map_find(&l->by_mac, mac, 6);
	return n ? valid(&td_container_of(n, struct entry, by_mac)->lease) : NULL;
}

bool td_leases_any(struct td_leases *l)
{
	refresh(l);
	return l->any;
}

int td_leases_open(struct td_leases **out, const char *const *files, size_t n_files)
{
	struct td_leases *l = td_zalloc(sizeof(*l));

	if (!l)
		return -ENOMEM;
	td_map_init(&l->by_addr);
	td_map_init(&l->by_mac);
	l->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (l->fd < 0) {
		int err = -errno;

		td_free(l);
		return err;
	}
	l->changed = true;
	for (size_t i = 0; i < n_files && l->n_files < MAX_FILES; i++) {
		struct file *f = &l->files[l->n_files];
		const char *slash = strrchr(files[i], '/');

		if (!slash || td_strlcpy(f->path, files[i], sizeof(f->path)) >= sizeof(f->path))
			continue;
		f->name = f->path + (slash + 1 - files[i]);
		f->watch = -1;
		l->n_files++;
	}
	*out = l;
	return 0;
}

void td_leases_close(struct td_leases *l)
{
	if (!l)
		return;
	td_map_fini(&l->by_addr);
	td_map_fini(&l->by_mac);
	td_free(l->v);
	close(l->fd);
	td_free(l);
}
