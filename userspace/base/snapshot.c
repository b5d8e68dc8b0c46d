/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records that survive the process: a file in the run directory, mapped into memory, so
 * that keeping a record is a copy and no system call, and a kill loses nothing that was
 * copied. It lives as long as the machine's present boot.
 *
 * A place holds two halves. A new record goes into the older half; its sequence number,
 * stored last, makes it the valid one. A half whose checksum is wrong was being written
 * when the process died: then the other one counts. This file knows bytes and places, what
 * the records say is their owners' affair.
 */
#include "userspace/base/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userspace/base/map.h"
#include "userspace/base/mem.h"

#define MAGIC	0x74646b32u		/* "tdk2": another layout, another number */
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

struct half {
	uint32_t seq;			/* 0 = never written */
	uint32_t len;			/* 0 = empty */
	uint64_t sum;
	uint8_t data[];			/* shape.record bytes */
};

/* Behind it lie the bytes "this place is in use" (only those places are looked at: to read a hole
 * would fill it), then the places, two halves each. */
struct file {
	uint32_t magic;
	struct snapshot_shape shape;
	char boot[40];
	uint8_t pad[4096 - 52];
	uint8_t in_use[];
};

struct snapshot {
	struct file *f;
	struct snapshot_shape shape;
	size_t size;
	uint32_t free_from;		/* no free place below */
};

_Static_assert(sizeof(struct file) == 4096, "the first page");

static size_t half_size(const struct snapshot *s)
{
	return sizeof(struct half) + s->shape.record;
}

static struct half *half_of(const struct snapshot *s, uint32_t index, int which)
{
	return (struct half *)(s->f->in_use + s->shape.places +
			       (2 * (size_t)index + (size_t)which) * half_size(s));
}

static uint64_t sum_of(const struct half *h)
{
	static const uint8_t key[16] = "snapshot";	/* against accidents, not against people */

	return td_siphash(key, h->data, h->len) + h->seq;
}

static bool is_valid(const struct snapshot *s, const struct half *h)
{
	return h->seq && h->len <= s->shape.record && h->sum == sum_of(h);
}

/* Which half of the place counts, -1 = none. */
static int current(const struct snapshot *s, uint32_t index)
{
	const struct half *a = half_of(s, index, 0), *b = half_of(s, index, 1);
	bool a_is = is_valid(s, a), b_is = is_valid(s, b);

	if (a_is && b_is)
		return (int32_t)(b->seq - a->seq) > 0;
	return a_is ? 0 : b_is ? 1 : -1;
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
	if (f->magic == MAGIC && !memcmp(&f->shape, &s->shape, sizeof(f->shape)) &&
	    !memcmp(f->boot, boot, sizeof(boot)))
		return;
	/* cutting it to nothing and back is the cheapest way to zero it */
	if (ftruncate(fd, 0) || ftruncate(fd, (off_t)s->size))
		memset(f, 0, s->size);
	memcpy(f->boot, boot, sizeof(boot));
	f->shape = s->shape;
	f->magic = MAGIC;
}

int td_snapshot_open(struct snapshot **out, const char *path, const struct snapshot_shape *shape)
{
	struct snapshot *s = td_zalloc(sizeof(*s));
	int fd, err = 0;

	if (!s)
		return -ENOMEM;
	s->shape = *shape;
	s->size = sizeof(*s->f) + shape->places + 2 * (size_t)shape->places * half_size(s);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)s->size)) {
		err = -errno;
		goto fail;
	}
	s->f = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
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
		munmap(s->f, s->size);
	td_free(s);
}

uint32_t td_snapshot_take(struct snapshot *s)
{
	for (uint32_t i = s->free_from; i < s->shape.places; i++) {
		if (s->f->in_use[i])
			continue;
		s->f->in_use[i] = 1;
		s->free_from = i + 1;
		return i + 1;
	}
	s->free_from = s->shape.places;
	return 0;
}

int td_snapshot_write(struct snapshot *s, uint32_t place, const void *data, uint32_t len)
{
	int now = current(s, place - 1);
	struct half *h = half_of(s, place - 1, now == 0);
	uint32_t seq = now < 0 ? 1 : half_of(s, place - 1, now)->seq + 1;

	if (len > s->shape.record)
		return -ENOSPC;
	h->seq = 0;
	atomic_thread_fence(memory_order_seq_cst);
	h->len = len;
	memcpy(h->data, data, len);
	h->sum = 0;
	atomic_thread_fence(memory_order_seq_cst);
	h->seq = seq ? seq : 1;
	h->sum = sum_of(h);
	return 0;
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

bool td_snapshot_read(const struct snapshot *s, uint32_t place, struct td_buf *b)
{
	bool used = place && place <= s->shape.places && s->f->in_use[place - 1];
	int now = used ? current(s, place - 1) : -1;
	struct half *h = now < 0 ? NULL : half_of(s, place - 1, now);

	if (!h || !h->len)
		return false;
	td_buf_init(b, h->data, h->len);
	return true;
}

uint32_t td_snapshot_next(struct snapshot *s, uint32_t place, struct td_buf *b)
{
	for (uint32_t i = place; i < s->shape.places; i++) {
		int now = s->f->in_use[i] ? current(s, i) : -1;
		struct half *h = now < 0 ? NULL : half_of(s, i, now);

		if (!h || !h->len) {
			if (s->f->in_use[i])
				s->f->in_use[i] = 0;	/* taken, and then the process died */
			continue;
		}
		td_buf_init(b, h->data, h->len);
		return i + 1;
	}
	return 0;
}
