// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sound files: what is read of them, what is refused, and in which words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "userspace/base/buf.h"
#include "userspace/base/mem.h"
#include "userspace/media/audio/clip.h"
#include "userspace/media/audio/wav.h"

struct riff {
	uint16_t tag, channels, bits;
	uint32_t rate, data_len;	/* data_len: as the header claims */
	bool junk, extensible;
};

static uint8_t file[512];
static const char *why;

/* A file with eight bytes of data: 1 2 3 4 5 6 7 8. */
static size_t make(const struct riff *r)
{
	struct td_buf b;

	td_buf_init(&b, file, sizeof(file));
	td_buf_put_bytes(&b, "RIFF\xff\xff\xff\xffWAVE", 12);
	if (r->junk) {
		td_buf_put_bytes(&b, "LIST", 4);
		td_buf_put_le32(&b, 3);
		td_buf_put_bytes(&b, "abc\0", 4);	/* padded to even */
	}
	td_buf_put_bytes(&b, "fmt ", 4);
	td_buf_put_le32(&b, r->extensible ? 40 : 16);
	td_buf_put_le16(&b, r->extensible ? 0xfffe : r->tag);
	td_buf_put_le16(&b, r->channels);
	td_buf_put_le32(&b, r->rate);
	td_buf_put_bytes(&b, "\0\0\0\0\0\0", 6);
	td_buf_put_le16(&b, r->bits);
	if (r->extensible) {
		td_buf_put_bytes(&b, "\x16\0\0\0\0\0\0\0", 8);
		td_buf_put_le16(&b, r->tag);
		td_buf_put_bytes(&b, "\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71", 14);
	}
	td_buf_put_bytes(&b, "data", 4);
	td_buf_put_le32(&b, r->data_len);
	td_buf_put_bytes(&b, "\1\2\3\4\5\6\7\10", 8);
	assert_int_equal(td_buf_err(&b), 0);
	return b.pos;
}

static int parse(const struct riff *r, struct td_wav *w)
{
	return td_wav_parse(w, file, make(r), &why);
}

static void good_ones(void **state)
{
	static const struct riff pcm = { 1, 1, 16, 8000, 8, false, false };
	struct riff r = pcm;
	int16_t out[8];
	struct td_wav w;

	(void)state;
	assert_int_equal(parse(&r, &w), 0);
	assert_int_equal(w.frames, 4);
	td_wav_read(&w, file, 1, out, 3);
	assert_int_equal(out[0], 0x0403);
	assert_int_equal(out[2], 0x0807);

	r.junk = r.extensible = true;
	r.rate = 16000;
	assert_int_equal(parse(&r, &w), 0);
	assert_int_equal(w.frames, 4);
	assert_int_equal(w.rate, 16000);

	r = pcm;
	r.channels = 2;
	assert_int_equal(parse(&r, &w), 0);
	assert_int_equal(w.frames, 2);
	td_wav_read(&w, file, 1, out, 1);
	assert_int_equal(out[0], (0x0605 + 0x0807) / 2);

	r = (struct riff){ 7, 1, 8, 8000, 8, false, false };
	assert_int_equal(parse(&r, &w), 0);
	assert_int_equal(w.coding, TD_WAV_ULAW);
	assert_int_equal(w.frames, 8);
	r.tag = 6;
	assert_int_equal(parse(&r, &w), 0);
	assert_int_equal(w.coding, TD_WAV_ALAW);
	r.tag = 1;
	assert_int_equal(parse(&r, &w), 0);
	td_wav_read(&w, file, 0, out, 1);
	assert_int_equal(out[0], (1 - 128) * 256);
}

/* A data chunk of nothing or of too much reaches to the end. */
static void unfinished_ones(void **state)
{
	struct riff r = { 1, 1, 16, 8000, 0, false, false };
	struct td_wav w;

	(void)state;
	assert_int_equal(parse(&r, &w), 0);
	assert_int_equal(w.frames, 4);
	r.data_len = 0xffffffff;
	assert_int_equal(parse(&r, &w), 0);
	assert_int_equal(w.frames, 4);
	r.data_len = 4;
	assert_int_equal(parse(&r, &w), 0);
	assert_int_equal(w.frames, 2);
}

static void refused(void **state)
{
	static const struct { struct riff r; int err; const char *words; } bad[] = {
		{ { 1, 1, 16, 44100, 8, false, false }, -ENOTSUP, "8000 or 16000" },
		{ { 1, 3, 16, 8000, 8, false, false }, -ENOTSUP, "mono" },
		{ { 1, 256 + 1, 16, 8000, 8, false, false }, -ENOTSUP, "mono" },
		{ { 1, 0, 16, 8000, 8, false, false }, -ENOTSUP, "mono" },
		{ { 1, 1, 24, 8000, 8, false, false }, -ENOTSUP, "coding" },
		{ { 0x55, 1, 16, 8000, 8, false, false }, -ENOTSUP, "coding" },
	};
	struct td_wav w;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(&bad[i].r, &w), bad[i].err);
		assert_non_null(strstr(why, bad[i].words));
	}
	len = make(&(struct riff){ 1, 1, 16, 8000, 8, true, false });
	for (size_t cut = 0; cut < len - 7; cut++)
		assert_int_equal(td_wav_parse(&w, file, cut, &why), -EBADMSG);
}

static void au(void **state)
{
	static const uint8_t sun[] = ".snd\0\0\0\x1c\xff\xff\xff\xff\0\0\0\1\0\0\x1f\x40\0\0\0\1note"
		"\x80\xff\x00";
	struct td_wav w;
	int16_t out[3];

	(void)state;
	assert_int_equal(td_wav_parse(&w, sun, sizeof(sun) - 1, &why), 0);
	assert_int_equal(w.frames, 3);
	td_wav_read(&w, sun, 0, out, 3);
	assert_int_equal(out[0], 32124);
	assert_int_equal(out[1], 0);
	assert_int_equal(out[2], -32124);
	for (size_t cut = 0; cut < 29; cut++)
		assert_int_equal(td_wav_parse(&w, sun, cut, &why), -EBADMSG);
}

static void header(void **state)
{
	uint8_t h[TD_WAV_HEADER + 4] = { 0 };
	struct td_wav w;

	(void)state;
	td_wav_header(h, 16000, 4);
	assert_int_equal(td_wav_parse(&w, h, sizeof(h), &why), 0);
	assert_int_equal(w.data, TD_WAV_HEADER);
	assert_int_equal(w.frames, 2);
	assert_int_equal(w.rate, 16000);
}

static void clips(void **state)
{
	char path[] = "/tmp/td_clip_XXXXXX";
	struct td_clip *c, *d;
	long live = td_mem_live();
	size_t len = make(&(struct riff){ 1, 1, 16, 8000, 8, false, false });
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(td_clip_load(&c, path, &why), -EBADMSG);
	assert_int_equal(write(fd, file, len), len);
	close(fd);
	assert_int_equal(td_clip_load(&c, path, &why), 0);
	assert_int_equal(c->wav.frames, 4);
	assert_ptr_equal(td_clip_get(c), c);
	td_clip_put(c);
	td_clip_put(c);
	unlink(path);
	assert_int_equal(td_clip_load(&c, path, &why), -ENOENT);
	assert_int_equal(td_clip_load(&c, "/tmp", &why), -EINVAL);
	assert_int_equal(td_clip_load(&c, "/dev/zero", &why), -EINVAL);
	td_mem_fail_nth(1);
	assert_int_equal(td_clip_from_bytes(&d, file, len, &why), -ENOMEM);
	td_mem_fail_nth(0);
	assert_int_equal(td_clip_from_bytes(&d, file, 20, &why), -EBADMSG);
	assert_int_equal(td_mem_live(), live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones), cmocka_unit_test(unfinished_ones),
		cmocka_unit_test(refused), cmocka_unit_test(au), cmocka_unit_test(header),
		cmocka_unit_test(clips),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_wav", tests, NULL, NULL);
}
