// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that the operator put there: firmware, languages, rings, in home_path and by tftp_file.
 * They are listed when the table is built; what comes later is seen by the next one. Each is
 * found by its place below home_path and by its last name. Links are not followed. The list of
 * rings is made from the sounds that are there.
 */
#include "userspace/prov/files_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MAX_DEPTH 6
#define MAX_FILES 20000

static const char *type_of(const char *name)
{
	const char *end = strrchr(name, '.');

	if (end && !strcmp(end, ".xml"))
		return "text/xml";
	return end && !strcmp(end, ".txt") ? "text/plain" : "application/octet-stream";
}

static void offer(struct td_maker *m, int root, const char *path, const struct stat *st)
{
	const char *last = strrchr(path, '/');
	struct td_name f = {
		.name = path, .root = root, .path = path, .len = (size_t)st->st_size,
		.type = type_of(path),
		.stamp = (uint64_t)st->st_mtim.tv_sec * 1000003u ^
			 (uint64_t)st->st_mtim.tv_nsec ^ (uint64_t)st->st_size << 40,
	};
	int err = td_names_add(m->names, &f);

	if (err == -EEXIST) {
		td_log_warn(TD_LOG_PROV, "file=%s is made from the configuration: the one of "
			    "that name in home_path is not offered", path);
	} else if (err) {
		m->failed++;
	} else if (last) {
		/* the first one of that name wins, as a search through folders would find it */
		td_names_alias(m->names, last + 1, path);
	}
}

static void walk(struct td_maker *m, int root, int dirfd, const char *below, unsigned int depth)
{
	DIR *dir = fdopendir(dirfd);
	struct dirent *e;

	if (!dir) {
		close(dirfd);
		return;
	}
	while ((e = readdir(dir)) && td_names_count(m->names) < MAX_FILES) {
		char path[TD_NAME_MAX];
		struct stat st;
		int sub;

		if (e->d_name[0] == '.' ||	/* also what editors leave */
		    (size_t)snprintf(path, sizeof(path), "%s%s%s", below, *below ? "/" : "",
				     e->d_name) >= sizeof(path) ||
		    fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (S_ISREG(st.st_mode)) {
			offer(m, root, path, &st);
		} else if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH) {
			sub = openat(dirfd, e->d_name,
				     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (sub >= 0)
				walk(m, root, sub, path, depth + 1);
		}
	}
	closedir(dir);
}

static void make_home_path(struct td_maker *m, const char *home)
{
	int fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC), root;

	if (fd < 0 && errno == ENOENT && !mkdir(home, 0755))
		fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		td_log_warn(TD_LOG_PROV, "home_path %s: %s", home, strerror(errno));
		return;
	}
	root = td_names_root(m->names, dup(fd));
	if (root < 0)
		close(fd);
	else
		walk(m, root, fd, "", 0);
}

static void make_single(struct td_maker *m, const char *path)
{
	const char *last = strrchr(path, '/') + 1;
	char folder[CFG_PATH_LEN];
	struct stat st;
	int fd;

	td_str_copy(folder, sizeof(folder), (struct td_str){ path, (size_t)(last - path) });
	errno = 0;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstatat(fd, last, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode)) {
		td_log_warn(TD_LOG_PROV, "tftp_file %s: %s", path,
			    fd >= 0 && !errno ? "no plain file" : strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	offer(m, td_names_root(m->names, fd), last, &st);
}

/* ---- rings ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len > n && !strcmp(text + len - n, end);
}

/* Names of another alphabet cannot be told apart by phones, nor trusted to be UTF-8. */
static bool is_ascii(const char *text)
{
	while (*text && !(*text & 0x80))
		text++;
	return !*text;
}

static bool is_ring(const struct td_name *f)
{
	return f->path && is_ascii(f->name) && !strchr(f->name, '/') &&
	       (ends_with(f->name, ".raw") || ends_with(f->name, ".pcm") ||
		ends_with(f->name, ".rwb"));
}

/* "Chime.raw" is called Chime */
static void ring_name(const char *file, char *dst, size_t size)
{
	td_str_copy(dst, size, (struct td_str){ file, strcspn(file, ".") });
}

static void make_ring_list(struct td_maker *m, const char *name, bool wideband)
{
	struct td_xml x;
	size_t len = 0, n = td_names_count(m->names);
	char label[64], *text;

	td_xml_begin(&x);
	td_xml_open(&x, "CiscoIPPhoneRingList");
	for (size_t i = 0; i < n; i++) {
		const struct td_name *f = td_names_at(m->names, i);

		if (!is_ring(f) || ends_with(f->name, ".rwb") != wideband)
			continue;
		ring_name(f->name, label, sizeof(label));
		td_xml_open(&x, "Ring");
		td_xml_text(&x, "DisplayName", label);
		td_xml_text(&x, "FileName", f->name);
		td_xml_close(&x);
	}
	text = td_xml_end(&x, &len);
	td_maker_add(m, name, text, len, NULL, "text/xml");
}

/* "Chime<TAB>Chime.raw", of the first generation */
static void make_old_rings(struct td_maker *m)
{
	size_t n = td_names_count(m->names), room = 1, len = 0;
	char label[64], *text;

	for (size_t i = 0; i < n; i++)
		if (is_ring(td_names_at(m->names, i)))
			room += 2 * TD_NAME_MAX;
	text = td_zalloc(room);
	for (size_t i = 0; text && i < n; i++) {
		const struct td_name *f = td_names_at(m->names, i);

		if (!is_ring(f) || ends_with(f->name, ".rwb"))
			continue;
		ring_name(f->name, label, sizeof(label));
		len += (size_t)snprintf(text + len, room - len, "%s\t%s\n", label, f->name);
	}
	td_maker_add(m, "RINGLIST.DAT", text, len, NULL, "text/plain");
}

static bool is_there(const struct td_maker *m, const char *name)
{
	return td_names_find(m->names, name, strlen(name)) != NULL;
}

/* Phones compare the version of such a file with what they are told. It stands near the top. */
static bool read_version(struct td_maker *m, const char *name, char dst[64])
{
	const struct td_name *file = td_names_find(m->names, name, strlen(name));
	char head[4096];
	ssize_t n;
	int fd;

	dst[0] = '\0';
	if (!file)
		return false;
	fd = td_name_open(m->names, file);
	n = fd < 0 ? 0 : pread(fd, head, sizeof(head), 0);
	if (fd >= 0)
		close(fd);
	if (n > 0)
		td_maker_version_in((struct td_str){ head, (size_t)n }, dst);
	return true;
}

void td_make_home(struct td_maker *m)
{
	const struct cfg_provision *p = &m->cfg->provision;

	if (p->home_path[0])
		make_home_path(m, p->home_path);
	for (size_t i = 0; i < p->n_tftp_file; i++)
		make_single(m, p->tftp_file[i]);
	/* lists of the operator's own count */
	if (!is_there(m, "Ringlist.xml"))
		make_ring_list(m, "Ringlist.xml", false);
	if (!is_there(m, "DistinctiveRingList.xml"))
		make_ring_list(m, "DistinctiveRingList.xml", false);
	if (!is_there(m, "Ringlist-wb.xml"))
		make_ring_list(m, "Ringlist-wb.xml", true);
	if (!is_there(m, "RINGLIST.DAT"))
		make_old_rings(m);
	m->has_softkeys = read_version(m, TD_FILE_SOFTKEY, m->softkey_stamp);
	m->has_policy = read_version(m, TD_FILE_POLICY, m->policy_stamp);
}
