/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any packets at any times to an RTP party of the media thread: header, jitter buffer,
 * decoder, concealment. Its sound goes to a party of another codec.
 *
 * First byte: which codec. Then records: a byte b; below 0x40, some ticks of nothing; else a
 * packet: the next byte is its length, its bytes follow, and b says
 * how it is made to look right (so that more than noise gets through).
 */
#include <stdlib.h>
#include <string.h>

#include "userspace/media/audio/audio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const codecs[] = { "PCMU", "G722", "G726-24", "GSM", "G729", "L16", "PCMA" };

static void on_send(void *arg, const struct td_flow *way, bool rtcp, uint8_t *data,
		    unsigned int len)
{
	(void)arg;
	(void)way;
	if (!rtcp && (len < 13 || data[0] != 0x80))
		abort();
}

static uint32_t add_party(struct td_audio *a, const char *codec, uint32_t slot)
{
	struct td_audio_rtp_args args = {
		.slot = slot, .codec = td_str_of(codec), .pt_in = 96, .pt_out = 96,
		.way = { .new_dst_port = 1, .new_dst_rtcp_port = 2 },
	};
	uint32_t id;

	if (td_audio_rtp(a, &args, &id))
		abort();
	return id;
}

static void play(struct td_audio *a, const uint8_t *data, size_t size)
{
	uint64_t now = 1000000000;
	uint16_t seq = 0;
	uint32_t ts = 0;

	while (size) {
		uint8_t b = *data++, packet[256];
		size_t len;

		size--;
		if (b < 0x40) {
			for (int i = 0; i <= (b & 3); i++, now += 20000000)
				td_audio_tick(a, now);
			continue;
		}
		len = size ? *data : 0;
		len = len < size ? len : size;
		memcpy(packet, data, len);
		data += len;
		size -= len;
		if (len >= 12 && b & 1) {
			packet[0] = 0x80;
			packet[1] = 96;
			memset(packet + 8, 0, 4);
		}
		if (len >= 12 && b & 2) {	/* in order, 20 ms each */
			packet[2] = (uint8_t)(++seq >> 8);
			packet[3] = (uint8_t)seq;
			ts += 160;
			packet[4] = (uint8_t)(ts >> 24);
			packet[5] = (uint8_t)(ts >> 16);
			packet[6] = (uint8_t)(ts >> 8);
			packet[7] = (uint8_t)ts;
		}
		td_audio_receive(a, 1, packet, len, now);
		if (b & 4) {
			td_audio_tick(a, now);
			now += 20000000;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_audio_args args = { .send = on_send };
	struct td_audio_stats s;
	struct td_audio *a;
	uint32_t from, to;

	if (size < 1 || size > 4096)
		return 0;
	args.loop = td_loop_new_epoll();
	if (td_audio_new(&a, &args))
		abort();
	from = add_party(a, codecs[data[0] % 7], 1);
	to = add_party(a, codecs[(data[0] / 7 + 1) % 7], 2);
	if (td_audio_connect(a, from, to, 0))
		abort();
	play(a, data + 1, size - 1);
	if (!td_audio_stats(a, from, &s) || s.jitter_target_ms > 300)
		abort();
	td_audio_free(a);
	td_loop_free(args.loop);
	return 0;
}
