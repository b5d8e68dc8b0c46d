// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the parties' RTCP says, read as it passes (RFC 3550 6.4). A party's report speaks of
 * the stream that it hears, which is what the other party sends. The round trip between us
 * and a party is that of the other one's sender report: it passed us on its way there, and
 * the party's report tells how long it lay before it was answered.
 */
#include "userspace/media/media_priv.h"

#include "userspace/media/rtcp.h"

void td_media_reports_init(struct media_reports *r)
{
	*r = (struct media_reports){ .rtt_ms = -1, .far_loss_percent = -1, .far_jitter_ms = -1 };
}

static void keep_sender_report(struct media_reports *r, uint32_t ntp_mid, uint64_t time_ns)
{
	r->sr[r->next_sr].ntp_mid = ntp_mid;
	r->sr[r->next_sr].time_ns = time_ns;
	r->next_sr = (r->next_sr + 1) % MEDIA_KEPT_SRS;
}

/* The newest one wins: a sender may have sent the same report twice. */
static uint64_t passed_at(const struct media_reports *sender, uint32_t ntp_mid)
{
	uint64_t best = 0;

	for (int i = 0; i < MEDIA_KEPT_SRS; i++)
		if (sender->sr[i].ntp_mid == ntp_mid && sender->sr[i].time_ns > best)
			best = sender->sr[i].time_ns;
	return best;
}

static void take_block(struct media_reports *r, const struct media_reports *sender,
		       const struct td_rtcp_block *b, uint32_t rate, uint64_t now_ns)
{
	uint64_t sr_ns = b->lsr ? passed_at(sender, b->lsr) : 0;
	double rtt = sr_ns ? td_rtcp_round_trip_ms(sr_ns, now_ns, b->dlsr) : -1;

	r->far_loss_percent = b->fraction_lost * 100.0 / 256;
	r->far_jitter_ms = b->jitter * 1000.0 / rate;
	if (rtt >= 0)
		r->rtt_ms = rtt;
}

void td_media_rtcp(struct media_side *side, const struct td_event *ev)
{
	struct td_media_session *s = side->owner;
	int of = (int)(side - s->side);
	size_t len = ev->len < TD_EVENT_DATA ? ev->len : TD_EVENT_DATA;
	uint32_t rate = s->end[!of].rate ? s->end[!of].rate : 8000;
	struct td_rtcp r;
	uint64_t lost;
	uint32_t heard;

	if (td_rtcp_parse(ev->data, len, &r))
		return;
	if (r.has_sr)
		keep_sender_report(&side->reports, r.ntp_mid, ev->time_ns);
	heard = td_media_flow_stats(s->m, td_media_slot(s, !of), &lost).ssrc;
	for (uint32_t i = 0; i < r.n_blocks; i++)
		if (r.block[i].ssrc == heard)
			take_block(&side->reports, &s->side[!of].reports, &r.block[i], rate,
				   ev->time_ns);
}
