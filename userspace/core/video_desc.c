/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a line of video (media_desc.h, struct td_video). Of its formats only this is
 * looked at: the numbers, and the names that they have. Two formats are one when both agree;
 * what a number means does not change in a session (RFC 3264 8.3.2).
 */
#include <string.h>
#include <strings.h>
#include "userspace/base/buf.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/core/media_desc.h"

#define NO_NUMBER UINT32_MAX

/* Cut off what stands before sep, or all. */
static struct td_str cut(struct td_str *rest, char sep)
{
	const char *end = rest->len ? memchr(rest->p, sep, rest->len) : NULL;
	struct td_str w = { rest->p, end ? (size_t)(end - rest->p) : rest->len };
	size_t n = w.len + (end ? 1 : 0);

	rest->p += n;
	rest->len -= n;
	return w;
}

static struct td_str numbers_of(const char *text)
{
	struct td_str all = td_str_of(text);

	return cut(&all, '\n');
}

static uint32_t next_number(struct td_str *rest)
{
	uint32_t n;

	return td_parse_u32(cut(rest, ' '), &n) ? NO_NUMBER : n;
}

struct td_media_desc *td_media_dup(const struct td_media_desc *d)
{
	size_t len = d->video.rtp.port ? strlen(d->video.text) + 1 : 0;
	struct td_media_desc *copy = td_zalloc(sizeof(*copy) + len);

	if (!copy)
		return NULL;
	*copy = *d;
	copy->video.text = len ? memcpy(copy + 1, d->video.text, len) : NULL;
	return copy;
}

static bool is_line(struct td_str line, const char *name, struct td_str *value)
{
	size_t n = strlen(name);

	if (line.len <= n || memcmp(line.p, name, n) != 0)
		return false;
	*value = (struct td_str){ line.p + n, line.len - n };
	return true;
}

/* The format that a line belongs to: "a=fmtp:97 ...". NO_NUMBER: to all of them. */
static uint32_t format_of(struct td_str line)
{
	static const char *const names[] = { "a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=imageattr:" };
	struct td_str value;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_line(line, names[i], &value))
			return next_number(&value);
	return NO_NUMBER;
}

/* "H264/90000"; empty for a number that has its meaning by RFC 3551. */
static struct td_str map_of(const char *text, uint32_t number)
{
	struct td_str rest = td_str_of(text), value;

	while (rest.len) {
		struct td_str line = cut(&rest, '\n');

		if (is_line(line, "a=rtpmap:", &value) && next_number(&value) == number)
			return value;
	}
	return (struct td_str){ "", 0 };
}

static bool has_number(struct td_str numbers, uint32_t number)
{
	while (numbers.len)
		if (next_number(&numbers) == number)
			return true;
	return false;
}

static bool has_format(const char *text, uint32_t number, struct td_str map)
{
	struct td_str mine = map_of(text, number);

	return number != NO_NUMBER && has_number(numbers_of(text), number) && mine.len == map.len &&
	       !strncasecmp(mine.p, map.p, map.len);
}

bool td_video_within(const char *text, const char *others)
{
	struct td_str numbers = numbers_of(text);

	while (numbers.len) {
		uint32_t n = next_number(&numbers);

		if (!has_format(others, n, map_of(text, n)))
			return false;
	}
	return true;
}

/* The numbers of the formats that both have. */
static size_t put_numbers(struct td_buf *b, const char *takes, const char *told)
{
	struct td_str numbers = numbers_of(takes);
	size_t kept = 0;

	while (numbers.len) {
		uint32_t n = next_number(&numbers);

		if (has_format(told, n, map_of(takes, n)))
			td_buf_printf(b, "%s%u", kept++ ? " " : "", n);
	}
	td_buf_put_u8(b, '\n');
	return kept;
}

size_t td_video_common(char out[TD_VIDEO_TEXT], const char *takes, const char *told)
{
	struct td_str rest = td_str_of(takes);
	char text[TD_VIDEO_TEXT] = "";
	struct td_buf b;
	size_t kept;

	td_buf_init(&b, text, sizeof(text) - 1);
	kept = put_numbers(&b, takes, told);
	cut(&rest, '\n');
	while (kept && rest.len) {
		struct td_str line = cut(&rest, '\n');
		uint32_t n = format_of(line);

		if (n != NO_NUMBER && !has_number(numbers_of(text), n))
			continue;
		td_buf_put_bytes(&b, line.p, line.len);
		td_buf_put_u8(&b, '\n');
	}
	/* it is never longer than what it was made of */
	text[td_buf_err(&b) || !kept ? 0 : b.pos] = '\0';
	memcpy(out, text, sizeof(text));
	return kept;
}
