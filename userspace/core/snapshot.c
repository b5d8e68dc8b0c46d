/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records that survive the process: a file in the run directory, mapped into memory, so
 * that keeping a record is a copy and no system call, and a kill loses nothing that was
 * copied. It lives as long as the machine's present boot.
 *
 * A place holds two halves. A new record goes into the older half; its sequence number,
 * stored last, makes it the valid one. A half whose checksum is wrong was being written
 * when the process died: then the other one counts. This file knows bytes and places, the
 * records are call_keep.c's.
 */
#include "userspace/core/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userspace/base/map.h"
#include "userspace/base/mem.h"

#define MAGIC	0x74646b31u		/* "tdk1": another layout, another number */
#define PLACES	8192
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

struct half {
	uint32_t seq;			/* 0 = never written */
	uint32_t len;			/* 0 = empty */
	uint64_t sum;
	uint8_t data[SNAPSHOT_RECORD];
};

struct place {
	struct half half[2];
};

struct file {
	uint32_t magic, places;
	char boot[40];
	uint8_t pad[4096 - 48];
	uint8_t in_use[PLACES];		/* only these are looked at: to read a hole would fill it */
	struct place place[PLACES];
};

struct snapshot {
	struct file *f;
	uint32_t free_from;		/* no free place below */
};

_Static_assert(PLACES % 4096 == 0 && sizeof(struct half) == 8192, "whole pages: an untouched half costs nothing");

static uint64_t sum_of(const struct half *h)
{
	static const uint8_t key[16] = "snapshot";	/* against accidents, not against people */

	return td_siphash(key, h->data, h->len) + h->seq;
}

static bool is_valid(const struct half *h)
{
	return h->seq && h->len <= SNAPSHOT_RECORD && h->sum == sum_of(h);
}

/* Index of the half that counts, -1 = none. */
static int current(const struct place *p)
{
	bool a = is_valid(&p->half[0]), b = is_valid(&p->half[1]);

	if (a && b)
		return (int32_t)(p->half[1].seq - p->half[0].seq) > 0;
	return a ? 0 : b ? 1 : -1;
}

static void read_boot(char boot[40])
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	memset(boot, 0, 40);
	if (fd < 0)
		return;
	n = read(fd, boot, 36);
	if (n < 36)
		memset(boot, 0, 40);
	close(fd);
}

static void prepare(struct snapshot *s, int fd)
{
	struct file *f = s->f;
	char boot[40];

	read_boot(boot);
	if (f->magic == MAGIC && f->places == PLACES && !memcmp(f->boot, boot, sizeof(boot)))
		return;
	/* cutting it to nothing and back is the cheapest way to zero it */
	if (ftruncate(fd, 0) || ftruncate(fd, sizeof(*f)))
		memset(f, 0, sizeof(*f));
	memcpy(f->boot, boot, sizeof(boot));
	f->places = PLACES;
	f->magic = MAGIC;
}

int td_snapshot_open(struct snapshot **out, const char *path)
{
	struct snapshot *s = td_zalloc(sizeof(*s));
	int fd, err = 0;

	if (!s)
		return -ENOMEM;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*s->f))) {
		err = -errno;
		goto fail;
	}
	s->f = mmap(NULL, sizeof(*s->f), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (s->f == MAP_FAILED) {
		err = -errno;
		s->f = NULL;
		goto fail;
	}
	prepare(s, fd);
	close(fd);
	*out = s;
	return 0;
fail:
	if (fd >= 0)
		close(fd);
	td_snapshot_close(s);
	return err;
}

void td_snapshot_close(struct snapshot *s)
{
	if (!s)
		return;
	if (s->f)
		munmap(s->f, sizeof(*s->f));
	td_free(s);
}

uint32_t td_snapshot_take(struct snapshot *s)
{
	for (uint32_t i = s->free_from; i < PLACES; i++) {
		if (s->f->in_use[i])
			continue;
		s->f->in_use[i] = 1;
		s->free_from = i + 1;
		return i + 1;
	}
	s->free_from = PLACES;
	return 0;
}

void td_snapshot_write(struct snapshot *s, uint32_t place, const void *data, uint32_t len)
{
	struct place *p = &s->f->place[place - 1];
	int now = current(p);
	struct half *h = &p->half[now == 0];
	uint32_t seq = now < 0 ? 1 : p->half[now].seq + 1;

	h->seq = 0;
	atomic_thread_fence(memory_order_seq_cst);
	h->len = len;
	memcpy(h->data, data, len);
	h->sum = 0;
	atomic_thread_fence(memory_order_seq_cst);
	h->seq = seq ? seq : 1;
	h->sum = sum_of(h);
}

void td_snapshot_drop(struct snapshot *s, uint32_t place)
{
	if (!place)
		return;
	td_snapshot_write(s, place, "", 0);
	s->f->in_use[place - 1] = 0;
	if (place - 1 < s->free_from)
		s->free_from = place - 1;
}

uint32_t td_snapshot_next(struct snapshot *s, uint32_t place, struct td_buf *b)
{
	for (uint32_t i = place; i < PLACES; i++) {
		struct place *p = &s->f->place[i];
		int now = s->f->in_use[i] ? current(p) : -1;

		if (now < 0 || !p->half[now].len) {
			s->f->in_use[i] = 0;	/* taken, and then the process died */
			continue;
		}
		td_buf_init(b, p->half[now].data, p->half[now].len);
		return i + 1;
	}
	return 0;
}
