/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks and options of pcapng: each is a type, a length and a body padded to 32 bits.
 * draft-ietf-opsawg-pcapng, sections 3 and 4.
 */
#include <string.h>
#include "tools/tandem/pcapng.h"

#define BLOCK_SECTION	 0x0a0d0d0au
#define BLOCK_INTERFACE	 1u
#define BLOCK_STATISTICS 5u
#define BLOCK_PACKET	 6u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define SNAP_LEN	 0x40000u

enum { OPT_END, OPT_COMMENT, OPT_IF_NAME, OPT_IF_DESCRIPTION, OPT_SHB_APPLICATION,
	OPT_IF_TSRESOL = 9, OPT_ISB_IFRECV = 4, OPT_ISB_IFDROP = 5 };

struct option {
	uint16_t code;
	uint16_t len;
	const void *value;
};

static uint32_t padded(uint32_t n)
{
	return (n + 3) & ~3u;
}

static void put(FILE *out, const void *data, size_t n)
{
	fwrite(data, 1, n, out);
}

static void put_padded(FILE *out, const void *data, uint32_t n)
{
	static const uint8_t zero[4];

	put(out, data, n);
	put(out, zero, padded(n) - n);
}

static struct option text(uint16_t code, const char *s)
{
	return (struct option){ code, (uint16_t)strlen(s), s };
}

static uint32_t options_len(const struct option *o, size_t n)
{
	uint32_t sum = 4;		/* the end's */

	for (size_t i = 0; i < n; i++)
		sum += 4 + padded(o[i].len);
	return sum;
}

static void put_options(FILE *out, const struct option *o, size_t n)
{
	static const struct option end;

	for (size_t i = 0; i < n; i++) {
		put(out, &o[i].code, 2);
		put(out, &o[i].len, 2);
		put_padded(out, o[i].value, o[i].len);
	}
	put(out, &end.code, 2);
	put(out, &end.len, 2);
}

/* head_len and data_len are what stands between the length and the options. */
static void put_block(FILE *out, uint32_t type, const void *head, uint32_t head_len,
		      const void *data, uint32_t data_len, const struct option *o, size_t n)
{
	uint32_t len = 12 + head_len + padded(data_len) + options_len(o, n);

	put(out, &type, 4);
	put(out, &len, 4);
	put(out, head, head_len);
	put_padded(out, data, data_len);
	put_options(out, o, n);
	put(out, &len, 4);
}

void td_pcapng_begin(FILE *out, const char *application)
{
	const struct option o[] = { text(OPT_SHB_APPLICATION, application) };
	const struct {
		uint32_t magic;
		uint16_t major, minor;
		uint64_t section_len;	/* not known */
	} head = { BYTE_ORDER_MAGIC, 1, 0, UINT64_MAX };

	put_block(out, BLOCK_SECTION, &head, sizeof(head), "", 0, o, 1);
}

void td_pcapng_interface(FILE *out, uint16_t link_type, const char *name,
			 const char *description)
{
	const uint8_t nanoseconds = 9;
	const struct option o[] = {
		text(OPT_IF_NAME, name), text(OPT_IF_DESCRIPTION, description),
		{ OPT_IF_TSRESOL, 1, &nanoseconds },
	};
	const struct {
		uint16_t link_type, reserved;
		uint32_t snap_len;
	} head = { link_type, 0, SNAP_LEN };

	put_block(out, BLOCK_INTERFACE, &head, sizeof(head), "", 0, o, 3);
}

void td_pcapng_packet(FILE *out, const struct pcapng_packet *p)
{
	const struct option o[] = { text(OPT_COMMENT, p->comment ? p->comment : "") };
	const struct {
		uint32_t interface, time_high, time_low, copied, len;
	} head = { p->interface, (uint32_t)(p->time_ns >> 32), (uint32_t)p->time_ns, p->copied,
		   p->len };

	put_block(out, BLOCK_PACKET, &head, sizeof(head), p->data, p->copied, o,
		  p->comment ? 1 : 0);
}

void td_pcapng_statistics(FILE *out, uint32_t interface, uint64_t time_ns, uint64_t received,
			  uint64_t lost)
{
	const struct option o[] = {
		{ OPT_ISB_IFRECV, sizeof(received), &received },
		{ OPT_ISB_IFDROP, sizeof(lost), &lost },
	};
	const struct {
		uint32_t interface, time_high, time_low;
	} head = { interface, (uint32_t)(time_ns >> 32), (uint32_t)time_ns };

	put_block(out, BLOCK_STATISTICS, &head, sizeof(head), "", 0, o, 2);
}
