// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store: see store_files.h. A file in a folder is written beside and renamed, so that a
 * reader has the old one or the new one. On another server nothing can be removed; what is sent
 * again overwrites.
 */
#include "userspace/prov/store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define STORED_LEN (TD_NAME_MAX + 16)

static void failed(struct td_storing *s, const char *name, int err)
{
	if (s->err)
		return;
	s->err = err;
	snprintf(s->why, sizeof(s->why), "%s: %s", name, strerror(-err));
}

/*
 * The name in the store; false: it has no place there. Files in memory lie under vrfN/, and
 * here they begin with vrfN_. Files of the operator's are where he put them. An alias is needed
 * only where nobody but a name leads to the content.
 */
static bool stored_name(const struct td_storing *s, const struct td_name *f, char dst[STORED_LEN])
{
	char prefix[16] = "";
	size_t len;

	if (s->vrf)
		snprintf(prefix, sizeof(prefix), "vrf%u/", s->vrf);
	len = strlen(prefix);
	if (!f->data)
		return false;
	if (f->alias_of && (s->store == CFG_FILES_PATH ||
			    (len && !strcmp(f->alias_of + len, f->name))))
		return false;
	snprintf(dst, STORED_LEN, "%s%s", prefix, strncmp(f->name, prefix, len) ? f->name :
		 f->name + len);
	if (len)
		dst[len - 1] = '_';
	return true;
}

static bool is_stored(const struct td_names *old, const struct td_name *f)
{
	const struct td_name *was = old ? td_names_find(old, f->name, strlen(f->name)) : NULL;

	return was && was->data && was->stamp == f->stamp && was->len == f->len;
}

/* ---- a folder ---- */

static bool is_on_disk(int dirfd, const char *name, const struct td_name *f)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char *have = fd >= 0 ? td_zalloc(f->len + 1) : NULL;
	bool same = false;

	if (have)
		same = read(fd, have, f->len + 1) == (ssize_t)f->len &&
		       !memcmp(have, f->data, f->len);
	if (fd >= 0)
		close(fd);
	td_free(have);
	return same;
}

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_file(int dirfd, const char *name, const struct td_name *f)
{
	char fresh[STORED_LEN + 8];
	int fd, err;

	snprintf(fresh, sizeof(fresh), ".%s.new", name);
	/* passwords stand in it */
	fd = openat(dirfd, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return -errno;
	err = write_all(fd, f->data, f->len);
	if (close(fd) && !err)
		err = -errno;
	if (!err && renameat(dirfd, fresh, dirfd, name))
		err = -errno;
	if (err)
		unlinkat(dirfd, fresh, 0);
	return err;
}

/* What stood in the last table and stands in this one no more. */
static void remove_gone(struct td_storing *s, int dirfd)
{
	char name[STORED_LEN];

	for (size_t i = 0; s->old && i < td_names_count(s->old); i++) {
		const struct td_name *f = td_names_at(s->old, i);
		const struct td_name *now = td_names_find(s->names, f->name, strlen(f->name));

		if (stored_name(s, f, name) && (!now || now->alias_of) &&
		    !unlinkat(dirfd, name, 0))
			atomic_fetch_add(&s->removed, 1);
	}
}

static void to_folder(struct td_storing *s)
{
	int dirfd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;
	char name[STORED_LEN];

	if (dirfd < 0) {
		failed(s, s->path, -errno);
		return;
	}
	for (size_t i = 0; i < td_names_count(s->names) && !atomic_load(&s->stop); i++) {
		const struct td_name *f = td_names_at(s->names, i);

		if (!stored_name(s, f, name))
			continue;
		/* looked at even when it should be there: somebody may have removed it */
		if (is_on_disk(dirfd, name, f)) {
			atomic_fetch_add(&s->unchanged, 1);
			continue;
		}
		err = write_file(dirfd, name, f);
		if (err)
			failed(s, name, err);
		else
			atomic_fetch_add(&s->written, 1);
	}
	remove_gone(s, dirfd);
	close(dirfd);
}

/* ---- another server ---- */

/* "tftp://HOST[:PORT]/FOLDER": FOLDER with a "/" at its end, or empty */
static int parse_url(const char *url, struct td_addr *server, char folder[CFG_URL_LEN])
{
	const char *host = url + strlen("tftp://"), *slash = strchr(host, '/');
	char name[CFG_URL_LEN];
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM }, *found = NULL;
	size_t len;

	td_str_copy(name, sizeof(name),
		    (struct td_str){ host, slash ? (size_t)(slash - host) : strlen(host) });
	td_strlcpy(folder, slash ? slash + 1 : "", CFG_URL_LEN);
	len = strlen(folder);
	if (len && folder[len - 1] != '/' && len + 1 < CFG_URL_LEN)
		td_strlcpy(folder + len, "/", CFG_URL_LEN - len);
	if (td_addr_parse(server, name)) {
		if (getaddrinfo(name, NULL, &hints, &found) || !found)
			return -EHOSTUNREACH;
		td_addr_from_sockaddr(server, found->ai_addr);
		freeaddrinfo(found);
	}
	if (!server->port)
		server->port = 69;
	return 0;
}

static void to_server(struct td_storing *s)
{
	char name[STORED_LEN], folder[CFG_URL_LEN], path[STORED_LEN + CFG_URL_LEN];
	struct td_addr server = { 0 };
	int err = parse_url(s->url, &server, folder);

	if (err) {
		failed(s, s->url, err);
		return;
	}
	for (size_t i = 0; i < td_names_count(s->names) && !atomic_load(&s->stop); i++) {
		const struct td_name *f = td_names_at(s->names, i);

		if (!stored_name(s, f, name))
			continue;
		if (is_stored(s->old, f)) {
			atomic_fetch_add(&s->unchanged, 1);
			continue;
		}
		snprintf(path, sizeof(path), "%s%s", folder, name);
		err = td_tftp_put(&server, path, f->data, f->len);
		if (err)
			failed(s, path, err);
		else
			atomic_fetch_add(&s->written, 1);
		if (err == -ETIMEDOUT)
			return;		/* nobody is there: not each file has to find out */
	}
}

void td_store_files(struct td_storing *s)
{
	if (s->store == CFG_FILES_PATH)
		to_folder(s);
	else if (s->store == CFG_FILES_TFTP)
		to_server(s);
}
