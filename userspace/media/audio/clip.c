// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole file into memory, at once: a page fault in the media thread would be a gap that
 * all listeners hear.
 */
#include "userspace/media/audio/clip.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userspace/base/mem.h"

static int make(struct td_clip **out, size_t len)
{
	struct td_clip *c = td_zalloc(sizeof(*c) + len);

	if (!c)
		return -ENOMEM;
	c->refs = 1;
	c->len = len;
	*out = c;
	return 0;
}

static int read_all(int fd, uint8_t *data, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = read(fd, data + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EBADMSG;	/* it became shorter */
		done += (size_t)n;
	}
	return 0;
}

static int open_file(const char *path, size_t *len, const char **why)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*why = "cannot be read";
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		*why = "not a file";
		return -EINVAL;
	}
	if ((uint64_t)st.st_size > TD_CLIP_MAX_BYTES) {
		close(fd);
		*why = "longer than 64 MByte";
		return -EFBIG;
	}
	*len = (size_t)st.st_size;
	return fd;
}

int td_clip_load(struct td_clip **out, const char *path, const char **why)
{
	struct td_clip *c;
	size_t len = 0;
	int fd = open_file(path, &len, why), err;

	if (fd < 0)
		return fd;
	err = make(&c, len);
	if (!err) {
		err = read_all(fd, c->file, len);
		if (!err)
			err = td_wav_parse(&c->wav, c->file, len, why);
		if (err)
			td_free(c);
		else
			*out = c;
	}
	close(fd);
	return err;
}

int td_clip_from_bytes(struct td_clip **out, const uint8_t *file, size_t len, const char **why)
{
	struct td_clip *c;
	int err = make(&c, len);

	if (err) {
		*why = "no memory";
		return err;
	}
	memcpy(c->file, file, len);
	err = td_wav_parse(&c->wav, c->file, len, why);
	if (err)
		td_free(c);
	else
		*out = c;
	return err;
}

struct td_clip *td_clip_get(struct td_clip *c)
{
	c->refs++;
	return c;
}

void td_clip_put(struct td_clip *c)
{
	if (c && !--c->refs)
		td_free(c);
}
