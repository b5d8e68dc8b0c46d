// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An RTP party as a node. In: header, jitter buffer, decoder, concealment, a short store of
 * samples from which each tick takes 20 ms (packets may be of any length). Out: rtp_out.c.
 */
#include "userspace/media/audio/audio_priv.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/media/audio/codec.h"
#include "userspace/media/audio/conceal.h"
#include "userspace/media/audio/jitter.h"
#include "userspace/media/audio/rtp_out.h"

#define MOST_DECODED	1920		/* samples in a packet: 120 ms at 16000 */
#define RTP_HEADER	12

/* Written by the media thread, read by signalling. */
struct rtp_figures {
	_Atomic uint64_t rx_packets, rx_refused, tx_packets;
	_Atomic uint32_t lost, late, duplicate, skipped, restarts, concealed;
	_Atomic uint32_t delay_ms, target_ms;
};

struct rtp_party {
	struct audio_node node;
	uint32_t slot;
	uint8_t pt_in;
	enum audio_law law;		/* AUDIO_LAWS: neither */
	struct td_audio_codec codec;
	uint32_t conceal_unit;		/* samples: concealment comes in multiples */
	struct td_conceal conceal;
	uint32_t n_ready;
	int16_t ready[MOST_DECODED + AUDIO_MOST];	/* decoded, not yet said */
	uint64_t refused;
	uint32_t concealed;		/* frames, or parts of one */
	struct rtp_figures figures;
	struct td_rtp_out out;
	struct td_jitter jitter;
};

static struct rtp_party *party_of(const struct audio_node *n)
{
	return td_container_of(n, struct rtp_party, node);
}

/* ---- packets in ---- */

struct rtp_header {
	uint8_t pt;
	struct td_jitter_packet packet;
};

/* RFC 3550 5.1 and 5.3.1; false: not one. */
static bool read_header(struct rtp_header *h, const uint8_t *data, size_t len)
{
	size_t at = RTP_HEADER, padding = 0;

	memset(h, 0, sizeof(*h));
	if (len < RTP_HEADER || data[0] >> 6 != 2)
		return false;
	at += 4u * (data[0] & 15);
	if (data[0] & 0x10) {
		if (len < at + 4)
			return false;
		at += 4 + 4u * (unsigned int)(data[at + 2] << 8 | data[at + 3]);
	}
	if (data[0] & 0x20)
		padding = data[len - 1];
	if (len < at || len - at < padding)
		return false;
	h->pt = data[1] & 0x7f;
	h->packet.seq = (uint16_t)(data[2] << 8 | data[3]);
	h->packet.ts = (uint32_t)data[4] << 24 | (uint32_t)data[5] << 16 | (uint32_t)data[6] << 8 |
		       data[7];
	h->packet.ssrc = (uint32_t)data[8] << 24 | (uint32_t)data[9] << 16 |
			 (uint32_t)data[10] << 8 | data[11];
	h->packet.data = data + at;
	h->packet.len = len - at - padding;
	return true;
}

/* Events, comfort noise and what else comes under another payload type have a place in the
 * sequence but no sound. */
static bool read_sound(const struct rtp_party *p, struct rtp_header *h)
{
	int n;

	if (h->pt != p->pt_in) {
		h->packet.len = 0;
		return true;
	}
	n = td_audio_codec_samples(&p->codec, h->packet.data, h->packet.len);
	if (n < 0 || n > MOST_DECODED)
		return false;
	h->packet.ticks = (uint32_t)((uint64_t)n * p->codec.clock / p->codec.rate);
	return h->packet.ticks;
}

void td_audio_rtp_put(struct audio_node *n, const uint8_t *data, size_t len, uint64_t now_ns)
{
	struct rtp_party *p = party_of(n);
	struct rtp_header h;

	if (!read_header(&h, data, len) || !read_sound(p, &h)) {
		p->refused++;
		return;
	}
	if (td_jitter_put(&p->jitter, &h.packet, (int64_t)now_ns) == TD_JITTER_NEW_STREAM)
		td_audio_codec_restart(&p->codec);
}

/* ---- sound out of them ---- */

static size_t play(struct rtp_party *p, const struct td_jitter_out *out, int16_t *pcm, size_t room)
{
	int n = td_audio_codec_decode(&p->codec, pcm, room, out->data, out->len);

	if (n < 0)
		return 0;		/* its length was checked when it came: cannot be */
	if (out->cut)
		td_conceal_cut(&p->conceal);
	td_conceal_good(&p->conceal, pcm, (size_t)n);
	return out->shrink ? td_conceal_shrink(pcm, (size_t)n, p->codec.rate) : (size_t)n;
}

static void fill(struct rtp_party *p, int16_t *pcm, size_t n, bool lost)
{
	p->concealed += lost;
	if (!lost || !td_audio_codec_conceals(&p->codec)) {
		td_conceal_fill(&p->conceal, pcm, n);
		return;
	}
	td_audio_codec_conceal(&p->codec, pcm, n);
	td_conceal_good(&p->conceal, pcm, n);
}

static void publish(struct rtp_party *p)
{
	const struct td_jitter_stats *s = &p->jitter.stats;
	struct rtp_figures *f = &p->figures;

#define SET(field, value) atomic_store_explicit(&f->field, value, memory_order_relaxed)
	SET(rx_packets, s->received);
	SET(rx_refused, p->refused);
	SET(tx_packets, p->out.packets);
	SET(lost, s->lost);
	SET(late, s->late);
	SET(duplicate, s->duplicate);
	SET(skipped, s->skipped);
	SET(restarts, s->restarts);
	SET(concealed, p->concealed);
	SET(delay_ms, s->delay_ms);
	SET(target_ms, s->target_ms);
#undef SET
}

static void say(struct audio_node *n, int16_t *pcm, uint64_t now_ns)
{
	struct rtp_party *p = party_of(n);
	uint32_t frame = (uint32_t)td_audio_samples(n->rate), unit = p->conceal_unit;

	while (p->n_ready < frame) {
		uint32_t need = (frame - p->n_ready + unit - 1) / unit * unit;
		int64_t need_ns = (int64_t)need * 1000000000 / n->rate;
		int16_t *at = p->ready + p->n_ready;
		struct td_jitter_out out;
		enum td_jitter_get what = td_jitter_get(&p->jitter, (int64_t)now_ns, need_ns, &out);

		if (what == TD_JITTER_PLAY) {
			p->n_ready += (uint32_t)play(p, &out, at, MOST_DECODED);
			continue;
		}
		fill(p, at, need, what == TD_JITTER_CONCEAL);
		p->n_ready += need;
	}
	memcpy(pcm, p->ready, frame * sizeof(*pcm));
	p->n_ready -= frame;
	memmove(p->ready, p->ready + frame, p->n_ready * sizeof(*pcm));
	publish(p);
}

/* ---- the other way ---- */

static void hear(struct audio_node *n, const int16_t *pcm, struct audio_node *same_for_all,
		 uint64_t now_ns)
{
	struct rtp_party *p = party_of(n);
	const uint8_t *coded = NULL;

	if (same_for_all && p->law != AUDIO_LAWS && td_rtp_out_takes_coded(&p->out))
		coded = td_audio_coded(same_for_all, p->law);
	td_rtp_out_frame(&p->out, &p->codec, pcm, coded, now_ns);
}

void td_audio_rtp_set_way(struct audio_node *n, const struct td_flow *way)
{
	party_of(n)->out.way = *way;
}

void td_audio_rtp_key(struct audio_node *n, char digit, uint16_t duration_ms)
{
	td_rtp_out_key(&party_of(n)->out, digit, duration_ms);
}

bool td_audio_rtp_takes_keys(const struct audio_node *n)
{
	return party_of(n)->out.dtmf_pt;
}

uint32_t td_audio_rtp_slot(const struct audio_node *n)
{
	return party_of(n)->slot;
}

/* ---- signalling ---- */

void td_audio_rtp_stats(struct audio_node *n, struct td_audio_stats *out)
{
	struct rtp_figures *f = &party_of(n)->figures;

	*out = (struct td_audio_stats){
		.rx_packets = atomic_load(&f->rx_packets), .rx_refused = atomic_load(&f->rx_refused),
		.tx_packets = atomic_load(&f->tx_packets), .lost = atomic_load(&f->lost),
		.late = atomic_load(&f->late), .duplicate = atomic_load(&f->duplicate),
		.skipped = atomic_load(&f->skipped), .restarts = atomic_load(&f->restarts),
		.concealed = atomic_load(&f->concealed),
		.jitter_delay_ms = atomic_load(&f->delay_ms),
		.jitter_target_ms = atomic_load(&f->target_ms),
	};
}

static void show(struct audio_node *n, struct td_json *j)
{
	struct rtp_party *p = party_of(n);
	struct td_audio_stats s;

	td_audio_rtp_stats(n, &s);
	td_json_str(j, "codec", td_audio_codec_name(&p->codec));
	td_json_u64(j, "rx_packets", s.rx_packets);
	td_json_u64(j, "tx_packets", s.tx_packets);
	td_json_u64(j, "refused", s.rx_refused);
	td_json_u64(j, "lost", s.lost);
	td_json_u64(j, "late", s.late);
	td_json_u64(j, "duplicate", s.duplicate);
	td_json_u64(j, "skipped", s.skipped);
	td_json_u64(j, "concealed", s.concealed);
	td_json_u64(j, "jitter_delay_ms", s.jitter_delay_ms);
	td_json_u64(j, "jitter_target_ms", s.jitter_target_ms);
}

static void free_party(struct audio_node *n)
{
	struct rtp_party *p = party_of(n);

	td_audio_codec_close(&p->codec);
	td_free(p);
}

const struct audio_ops td_audio_rtp_ops = {
	.name = "rtp", .says = true, .hears = true, .say = say, .hear = hear, .free = free_party,
	.show = show,
};

static enum audio_law law_of(const char *codec)
{
	return !strcmp(codec, "PCMU") ? AUDIO_ULAW : !strcmp(codec, "PCMA") ? AUDIO_ALAW :
	       AUDIO_LAWS;
}

static bool is_sane(const struct td_audio_rtp_args *args)
{
	return args->slot && args->slot < TD_MAX_SLOTS && args->pt_in < 128 && args->pt_out < 128 &&
	       args->dtmf_out < 128 && args->jitter_max_ms <= 300 &&
	       (!args->jitter_max_ms || args->jitter_min_ms <= args->jitter_max_ms);
}

/* Asked for each packet anew: at the end td_audio_free() plays on without a network. */
static void send(void *arg, const struct td_flow *way, bool rtcp, uint8_t *data, unsigned int len)
{
	struct td_audio *a = arg;

	a->args.send(a->args.send_arg, way, rtcp, data, len);
}

int td_audio_rtp(struct td_audio *a, const struct td_audio_rtp_args *args, uint32_t *id)
{
	struct td_rtp_out_args out = {
		.send = send, .send_arg = a, .pt = args->pt_out,
		.dtmf_pt = args->dtmf_out, .ptime_ms = args->ptime_ms,
	};
	struct rtp_party *p;
	int err;

	if (!is_sane(args))
		return -EINVAL;
	p = td_zalloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	err = td_audio_codec_open(&p->codec, args->codec, args->clock);
	if (err) {
		td_free(p);
		return err;
	}
	td_audio_node_init(&p->node, a, &td_audio_rtp_ops, p->codec.rate);
	p->slot = args->slot;
	p->pt_in = args->pt_in;
	p->law = law_of(td_audio_codec_name(&p->codec));
	p->conceal_unit = td_audio_codec_conceals(&p->codec) ? p->codec.unit : 1;
	td_conceal_init(&p->conceal, p->codec.rate);
	td_jitter_init(&p->jitter, p->codec.clock, args->jitter_min_ms, args->jitter_max_ms);
	td_rtp_out_init(&p->out, &out, &p->codec);
	p->out.way = args->way;
	return td_audio_add(a, &p->node, id);
}
