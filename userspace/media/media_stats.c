// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The figures of a flow and of a party: what XDP and the relay counted, added up; what RTCP
 * told; how it sounds. Reads the tables while packets are counted into them; a figure may be
 * one packet old, never torn.
 */
#include "userspace/media/media_priv.h"

#include <string.h>

#include "bpf/td_rtp_stat.h"
#include "userspace/media/mos.h"

#define SAME_STREAM_NS	600000000000ULL	/* 16-bit numbers tell apart ten minutes at 50 pps */
#define PACKET_MS	20

/* ---- adding the two paths up ---- */

/* One stream that both paths saw parts of: what one path misses the other may have. */
static uint64_t lost_together(const struct td_flow_stats *a, const struct td_flow_stats *b)
{
	int64_t shift = (int16_t)(b->max_seq - a->max_seq);
	/* b's numbers on a's scale */
	int64_t b_max = (int64_t)a->max_seq + shift;
	int64_t b_base = b_max - ((int64_t)b->max_seq - b->base_seq);
	int64_t max = b_max > a->max_seq ? b_max : a->max_seq;
	int64_t base = b_base < a->base_seq ? b_base : a->base_seq;
	int64_t lost = max - base + 1 - (int64_t)(a->stream_packets + b->stream_packets);

	return (lost > 0 ? (uint64_t)lost : 0) + a->lost_before + b->lost_before;
}

static uint64_t lost_of_both(const struct td_flow_stats *a, const struct td_flow_stats *b)
{
	uint64_t apart = a->last_seen_ns > b->last_seen_ns ? a->last_seen_ns - b->last_seen_ns :
							     b->last_seen_ns - a->last_seen_ns;

	if (a->stream_packets && b->stream_packets && a->ssrc == b->ssrc &&
	    apart < SAME_STREAM_NS)
		return lost_together(a, b);
	return (uint64_t)td_rtp_stat_lost(a) + td_rtp_stat_lost(b);
}

struct td_flow_stats td_media_flow_stats(const struct td_media *m, uint32_t slot, uint64_t *lost)
{
	struct td_flow_stats x = m->tables.stats[slot];
	const struct td_flow_stats r = *td_relay_stats(m->relay, slot);

	*lost = lost_of_both(&x, &r);
	/* the jitter is that of the path that saw the newest packet */
	if (r.last_seen_ns > x.last_seen_ns) {
		x.jitter_ns = r.jitter_ns;
		x.last_seen_ns = r.last_seen_ns;
		x.ssrc = r.ssrc;
	}
	if (r.largest_gap_ns > x.largest_gap_ns)
		x.largest_gap_ns = r.largest_gap_ns;
	x.packets += r.packets;
	x.bytes += r.bytes;
	x.rtcp_packets += r.rtcp_packets;
	x.wrong_source += r.wrong_source;
	x.bad_rtp += r.bad_rtp;
	x.muted += r.muted;
	x.policed += r.policed;
	x.held_dtmf += r.held_dtmf;
	x.dtmf_events += r.dtmf_events;
	x.transcoded += r.transcoded;
	x.out_of_order += r.out_of_order;
	x.duplicates += r.duplicates;
	x.ssrc_changes += r.ssrc_changes;
	return x;
}

/* ---- how it sounds ---- */

/* One way from mouth to ear, as far as we see it: half the way to the party and back, its
 * packet's length, and the jitter buffer that it takes to hear it without gaps. */
static double delay_ms(const struct td_media_stats *s)
{
	return (s->rtt_ms > 0 ? s->rtt_ms / 2 : 0) + PACKET_MS + 2 * s->jitter_ms;
}

static double mos(const char *codec, const struct td_media_stats *s)
{
	struct td_mos_codec c;

	if (!s->rx_packets || td_mos_codec(codec, &c))
		return 0;
	return td_mos_of_rating(td_mos_rating(&c, 100.0 * (double)s->lost /
						  (double)(s->rx_packets + s->lost),
					      delay_ms(s)));
}

void td_media_side_stats(struct td_media_session *s, int side, struct td_media_stats *out)
{
	uint32_t slot = td_media_slot(s, side), class = s->end[side].dscp_class;
	const struct media_reports *reports = &s->side[side].reports;
	uint64_t lost, unused;
	struct td_flow_stats rx = td_media_flow_stats(s->m, slot, &lost);
	struct td_flow_stats tx = td_media_flow_stats(s->m, td_media_slot(s, !side), &unused);

	memset(out, 0, sizeof(*out));
	out->path = td_media_flow_path(s->m, slot);
	out->rx_packets = rx.packets;
	out->rx_bytes = rx.bytes;
	out->tx_packets = tx.packets;
	out->tx_bytes = tx.bytes;
	out->rx_rtcp = rx.rtcp_packets;
	out->lost = lost;
	out->out_of_order = rx.out_of_order;
	out->wrong_source = rx.wrong_source;
	out->bad_rtp = rx.bad_rtp;
	out->jitter_ms = (double)rx.jitter_ns / 1e6;
	out->last_seen_ms = rx.last_seen_ns / 1000000;
	out->largest_gap_ms = (double)rx.largest_gap_ns / 1e6;
	out->rtt_ms = reports->rtt_ms;
	out->far_loss_percent = reports->far_loss_percent;
	out->far_jitter_ms = reports->far_jitter_ms;
	out->mos = mos(s->end[side].codec, out);
	out->forked = s->m->tables.forks[s->side[side].fork.index].packets;
	out->fork_missed = s->m->tables.forks[s->side[side].fork.index].missed;
	out->dscp = class & TD_DSCP_EXPLICIT(0) ? class & 63 :
		    s->m->tables.dscp[class < TD_DSCP_CLASSES ? class : 0].entry.dscp;
}
