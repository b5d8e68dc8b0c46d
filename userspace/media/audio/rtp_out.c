// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets to one party. The time stamp counts on through pauses, so that the listener's
 * jitter buffer knows how long they were.
 */
#include "userspace/media/audio/rtp_out.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "userspace/base/buf.h"

#define HEADER		12
#define MOST_BYTES	(HEADER + 2 * TD_RTP_OUT_MOST)
#define FRAME_MS	20
#define MARKER		0x80
#define EVENT_VOLUME	10		/* -10 dBm0 */
#define EVENT_END	0x80
#define END_PACKETS	3		/* RFC 4733 2.5.1.4: the end is told three times */
#define KEY_PAUSE_MS	60
#define REPORT_NS	5000000000ull
#define NTP_1970	2208988800u	/* seconds from 1900 */
#define RTCP_SR		200
#define RTCP_SDES	202
#define SDES_CNAME	1
#define CNAME_BYTES	8

void td_rtp_out_init(struct td_rtp_out *o, const struct td_rtp_out_args *args,
		     const struct td_audio_codec *codec)
{
	uint32_t ms = args->ptime_ms ? args->ptime_ms : FRAME_MS;

	memset(o, 0, sizeof(*o));
	o->send = args->send;
	o->send_arg = args->send_arg;
	o->pt = args->pt;
	o->dtmf_pt = args->dtmf_pt;
	o->rate = codec->rate;
	o->clock = codec->clock;
	o->packet = ms * codec->rate / 1000;
	if (ms < 10 || o->packet > TD_RTP_OUT_MOST || o->packet % codec->unit)
		o->packet = FRAME_MS * codec->rate / 1000;
	/* 20 ms are whole units of every codec */
	if (getrandom(&o->ssrc, sizeof(o->ssrc), 0) != (ssize_t)sizeof(o->ssrc) ||
	    getrandom(&o->ts, sizeof(o->ts), 0) != (ssize_t)sizeof(o->ts) ||
	    getrandom(&o->seq, sizeof(o->seq), 0) != (ssize_t)sizeof(o->seq))
		o->ssrc ^= (uint32_t)(uintptr_t)o;
}

static uint32_t ticks_of(const struct td_rtp_out *o, uint32_t n)
{
	return (uint32_t)((uint64_t)n * o->clock / o->rate);
}

static void put_header(struct td_rtp_out *o, struct td_buf *b, uint8_t pt, uint32_t ts, bool marker)
{
	td_buf_put_u8(b, 2 << 6);
	td_buf_put_u8(b, (uint8_t)(pt | (marker ? MARKER : 0)));
	td_buf_put_be16(b, o->seq++);
	td_buf_put_be32(b, ts);
	td_buf_put_be32(b, o->ssrc);
}

static void send(struct td_rtp_out *o, uint8_t *data, size_t len)
{
	o->packets++;
	o->octets += (uint32_t)(len - HEADER);
	o->send(o->send_arg, &o->way, false, data, (unsigned int)len);
}

/* ---- voice ---- */

static void send_voice(struct td_rtp_out *o, struct td_audio_codec *codec, const int16_t *pcm,
		       const uint8_t *coded, uint32_t ts)
{
	uint8_t data[MOST_BYTES];
	struct td_buf b;
	size_t len;

	td_buf_init(&b, data, sizeof(data));
	put_header(o, &b, o->pt, ts, !o->talking);
	if (coded) {
		len = o->packet;	/* a byte per sample */
		memcpy(data + HEADER, coded, len);
	} else {
		len = td_audio_codec_encode(codec, data + HEADER, pcm, o->packet);
	}
	o->talking = true;
	send(o, data, HEADER + len);
}

bool td_rtp_out_takes_coded(const struct td_rtp_out *o)
{
	return !o->n_held && o->packet == FRAME_MS * o->rate / 1000;
}

static void voice(struct td_rtp_out *o, struct td_audio_codec *codec, const int16_t *pcm,
		  const uint8_t *coded)
{
	uint32_t n = FRAME_MS * o->rate / 1000, ts;

	if (td_rtp_out_takes_coded(o)) {
		send_voice(o, codec, pcm, coded, o->ts);
		return;
	}
	ts = o->ts - ticks_of(o, o->n_held);
	memcpy(o->held + o->n_held, pcm, n * sizeof(*pcm));
	o->n_held += n;
	while (o->n_held >= o->packet) {
		send_voice(o, codec, o->held, NULL, ts);
		ts += ticks_of(o, o->packet);
		o->n_held -= o->packet;
		memmove(o->held, o->held + o->packet, o->n_held * sizeof(*o->held));
	}
}

/* ---- keys ---- */

void td_rtp_out_key(struct td_rtp_out *o, char digit, uint16_t duration_ms)
{
	if (o->n_keys < TD_RTP_OUT_KEYS)
		o->keys[o->n_keys++] = (struct td_rtp_key){ digit, duration_ms };
}

static void send_event(struct td_rtp_out *o, bool end, bool first)
{
	static const char events[] = "0123456789*#ABCD";
	const char *at = strchr(events, o->keys[0].digit);
	uint8_t data[HEADER + 4];
	struct td_buf b;

	td_buf_init(&b, data, sizeof(data));
	put_header(o, &b, o->dtmf_pt, o->key_ts, first);
	td_buf_put_u8(&b, (uint8_t)(at ? at - events : 0));
	td_buf_put_u8(&b, EVENT_VOLUME | (end ? EVENT_END : 0));
	td_buf_put_be16(&b, (uint16_t)o->key_ticks);
	send(o, data, sizeof(data));
}

static void next_key(struct td_rtp_out *o)
{
	o->n_keys--;
	memmove(o->keys, o->keys + 1, o->n_keys * sizeof(o->keys[0]));
	o->key_ticks = 0;
	o->pause_ticks = KEY_PAUSE_MS * o->clock / 1000;
}

/* This frame belongs to a key: no voice in it. */
static bool key(struct td_rtp_out *o, uint32_t ticks)
{
	uint32_t most, first = !o->key_ticks;

	if (o->pause_ticks) {
		o->pause_ticks -= o->pause_ticks < ticks ? o->pause_ticks : ticks;
		return false;
	}
	if (!o->n_keys)
		return false;
	if (o->ends_left) {
		send_event(o, true, false);
		if (!--o->ends_left)
			next_key(o);
		return true;
	}
	if (first)
		o->key_ts = o->ts;
	/* what fits the field; longer keys than eight seconds nobody means */
	most = (uint32_t)((uint64_t)o->keys[0].duration_ms * o->clock / 1000);
	most = most > UINT16_MAX ? UINT16_MAX : most;
	o->key_ticks = o->key_ticks + ticks < most ? o->key_ticks + ticks : most;
	send_event(o, o->key_ticks == most, first);
	if (o->key_ticks == most)
		o->ends_left = END_PACKETS - 1;
	return true;
}

/* ---- reports ---- */

static void report(struct td_rtp_out *o, uint64_t now_ns)
{
	uint8_t data[28 + 24] = { 0 };
	char cname[CNAME_BYTES + 1];
	struct timespec t;
	struct td_buf b;

	o->report_ns = now_ns + REPORT_NS;
	clock_gettime(CLOCK_REALTIME, &t);
	td_buf_init(&b, data, sizeof(data));
	td_buf_put_u8(&b, 2 << 6);
	td_buf_put_u8(&b, RTCP_SR);
	td_buf_put_be16(&b, 6);
	td_buf_put_be32(&b, o->ssrc);
	td_buf_put_be32(&b, (uint32_t)t.tv_sec + NTP_1970);
	td_buf_put_be32(&b, (uint32_t)(((uint64_t)t.tv_nsec << 32) / 1000000000u));
	td_buf_put_be32(&b, o->ts);
	td_buf_put_be32(&b, o->packets);
	td_buf_put_be32(&b, o->octets);
	/* RFC 7022: a name that says nothing about the host */
	snprintf(cname, sizeof(cname), "%08x", o->ssrc);
	td_buf_put_u8(&b, 2 << 6 | 1);
	td_buf_put_u8(&b, RTCP_SDES);
	td_buf_put_be16(&b, 5);
	td_buf_put_be32(&b, o->ssrc);
	td_buf_put_u8(&b, SDES_CNAME);
	td_buf_put_u8(&b, CNAME_BYTES);
	td_buf_put_bytes(&b, cname, CNAME_BYTES);
	o->send(o->send_arg, &o->way, true, data, sizeof(data));
}

void td_rtp_out_frame(struct td_rtp_out *o, struct td_audio_codec *codec, const int16_t *pcm,
		      const uint8_t *coded, uint64_t now_ns)
{
	uint32_t ticks = FRAME_MS * o->clock / 1000;

	if (o->way.new_dst_port && !key(o, ticks) && pcm) {
		voice(o, codec, pcm, coded);
	} else {
		o->talking = false;
		o->n_held = 0;
	}
	o->ts += ticks;
	if (o->packets && o->way.new_dst_rtcp_port && now_ns >= o->report_ns)
		report(o, now_ns);
}
