/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Work on whole payloads: the full checksum, G.711 from one law to the other, copies for
 * "tandem capture". Bounded loops over what is linear; global functions, so the verifier
 * walks each of them once whatever calls it.
 */
#ifndef TD_BPF_PAYLOAD_BPF_H
#define TD_BPF_PAYLOAD_BPF_H

#include "bpf/td_flow.bpf.h"
#include "bpf/td_g711.h"

#define TD_MAX_HEADERS	128	/* no RTP payload begins behind this ... */
#define TD_SUM_BLOCK	32
#define TD_LAW_BLOCK	16

/* A last odd byte as the word it stands for, with a zero behind it. */
static __always_inline __u16 td_last_byte(__u8 byte)
{
	return bpf_htons((__u16)byte << 8);
}

/* The sum of the words from at on, not folded to 16 bits. The rest behind the last whole
 * block is found anew from len: to the verifier all ways out of the loop are one, then. */
__noinline __u64 td_sum_bytes(struct xdp_md *ctx, __u32 at, __u32 len)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 rest = len % TD_SUM_BLOCK, left = len;
	__u64 sum = 0;
	__u32 *p;

	if (at > TD_MAX_HEADERS || len > TD_MAX_LINEAR)
		return 0;
	p = data + at;
	for (int i = 0; i < TD_MAX_LINEAR / TD_SUM_BLOCK; i++) {
		if (left < TD_SUM_BLOCK || (void *)p + TD_SUM_BLOCK > end)
			break;
		for (int k = 0; k < TD_SUM_BLOCK / 4; k++)
			sum += p[k];
		p = (void *)p + TD_SUM_BLOCK;
		left -= TD_SUM_BLOCK;
	}
	p = data + at + (len - rest);
	for (int i = 0; i < TD_SUM_BLOCK / 4; i++) {
		if (rest < 4 || (void *)(p + 1) > end)
			break;
		sum += *p++;
		rest -= 4;
	}
	if (rest >= 2 && (void *)p + 2 <= end) {
		sum += *(__u16 *)p;
		p = (void *)p + 2;
		rest -= 2;
	}
	if (rest && (void *)p + 1 <= end)
		sum += td_last_byte(*(__u8 *)p);
	return sum;
}

static __always_inline __u32 td_law_word(const __u8 law[256], __u32 w)
{
	return (__u32)law[w & 0xff] | (__u32)law[(w >> 8) & 0xff] << 8 |
	       (__u32)law[(w >> 16) & 0xff] << 16 | (__u32)law[w >> 24] << 24;
}

/* at is even to the UDP header, so the words here are the checksum's words. */
static __always_inline __u64 td_transcode_by(struct xdp_md *ctx, __u32 at, __u32 len,
					     const __u8 law[256])
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 rest = len % TD_LAW_BLOCK, left = len;
	__u64 diff = 0;
	__u8 *p;

	if (at > TD_MAX_LINEAR || len > TD_MAX_LINEAR)
		return 0;
	p = data + at;
	for (int i = 0; i < TD_MAX_LINEAR / TD_LAW_BLOCK; i++) {
		__u32 *w = (__u32 *)p;

		if (left < TD_LAW_BLOCK || (void *)(p + TD_LAW_BLOCK) > end)
			break;
		for (int k = 0; k < TD_LAW_BLOCK / 4; k++) {
			__u32 neu = td_law_word(law, w[k]);

			diff += (__u64)(__u32)~w[k] + neu;
			w[k] = neu;
		}
		p += TD_LAW_BLOCK;
		left -= TD_LAW_BLOCK;
	}
	p = data + at + (len - rest);
	for (int i = 0; i < TD_LAW_BLOCK - 1; i++) {
		__u16 old;

		if (!rest || (void *)(p + 1) > end)
			break;
		old = *p;
		*p = law[old];
		diff += (__u16)~(i & 1 ? bpf_htons(old) : td_last_byte((__u8)old));
		diff += i & 1 ? bpf_htons(*p) : td_last_byte(*p);
		p++;
		rest--;
	}
	return diff;
}

/* Rewrites the bytes; returns the checksum's difference. */
__noinline __u64 td_u2a(struct xdp_md *ctx, __u32 at, __u32 len)
{
	return td_transcode_by(ctx, at, len, td_g711_u2a);
}

__noinline __u64 td_a2u(struct xdp_md *ctx, __u32 at, __u32 len)
{
	return td_transcode_by(ctx, at, len, td_g711_a2u);
}

/* The frame as it is now. */
__noinline int td_capture_frame(struct xdp_md *ctx, __u32 call_id, __u32 leg_id)
{
	struct td_captured *c = bpf_ringbuf_reserve(&td_capture, sizeof(*c), 0);
	__u64 len;

	if (!c)
		return 0;
	len = bpf_xdp_get_buff_len(ctx);
	c->time_ns = bpf_ktime_get_ns();
	c->call_id = call_id;
	c->leg_id = leg_id;
	c->len = (__u32)len;
	if (len > TD_CAPTURE_BYTES)
		len = TD_CAPTURE_BYTES;
	c->copied = (__u32)len;
	if (TD_IN_RANGE(len, TD_CAPTURE_BYTES) &&
	    bpf_xdp_load_bytes(ctx, 0, c->data, (__u32)len))
		c->copied = 0;
	bpf_ringbuf_submit(c, 0);
	return 0;
}

#endif
