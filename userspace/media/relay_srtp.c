// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SRTP that ends here (RFC 3711 by libsrtp2): what a party sends is opened before any rule
 * looks inside, what goes to it is sealed as the last thing before it leaves. A flow names by
 * number (td_flow.srtp) the keys that its packets need, and where the relay does not have just
 * those, because they are still on their way in its ring, the packet is dropped: nothing leaves
 * in clear, and nothing is heard that was not authentic.
 *
 * The roll-over counter is not in the packets. Whoever has not heard a stream from its beginning
 * (XDP carried it, or an earlier process) finds it by trying: authentication says which one is
 * right. For what we send, signalling keeps where we were (TD_EVENT_SEALED), for the receiver
 * cannot guess for us.
 *
 * Signalling's thread makes keys ready, the relay's uses and frees them.
 */
#include "userspace/media/relay_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <srtp2/srtp.h>

#include "bpf/td_rtp_stat.h"
#include "userspace/base/mem.h"

#define WINDOW		128		/* packets that may come late */
#define SEARCHES	64		/* roll-overs: a day of 20 ms packets */
#define SEARCH_EVERY_NS	100000000u
#define IDLE_NS		1000000000u	/* others may have carried the stream meanwhile */
#define HALF_ROUND	0x8000u		/* packets between two marks */
#define RTCP_MARGIN	1024u		/* more reports than can be sent between two marks */
#define RTCP_MAX	100000u
#define RTCP_LEAST	8
#define MAX_PACKET	(RELAY_PACKET + RELAY_SEAL_ROOM)

struct relay_seal {
	uint8_t id;
	srtp_t rx, tx;			/* NULL: in clear */
	struct td_srtp_key in, out;
	uint64_t rx_ns, search_ns;	/* when a packet was opened, and searched for */
	uint32_t rx_ssrc;		/* of that packet ... */
	uint64_t rx_index;		/* ... and of its stream the highest, with the roll-overs */
	struct td_srtp_mark was;	/* of an earlier process, until its stream goes on */
	struct td_srtp_mark mark;	/* told last */
	uint32_t rtcp;			/* sealed */
};

/* ---- libsrtp's words ---- */

static void set_policy(srtp_policy_t *p, const struct td_srtp_key *k, srtp_ssrc_type_t type,
		       uint32_t ssrc)
{
	memset(p, 0, sizeof(*p));
	switch ((enum td_srtp_suite)k->suite) {
	case TD_SUITE_CM_32:		/* RFC 4568 6.2.2: reports have the long tag */
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&p->rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p->rtcp);
		break;
	case TD_SUITE_GCM_128:
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtcp);
		break;
	case TD_SUITE_GCM_256:
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtp);
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtcp);
		break;
	default:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p->rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p->rtcp);
	}
	p->ssrc.type = type;
	p->ssrc.value = ssrc;
	p->key = (unsigned char *)(uintptr_t)k->key;	/* copied, not written */
	p->window_size = WINDOW;
}

static int make_session(srtp_t *out, const struct td_srtp_key *k, srtp_ssrc_type_t type)
{
	srtp_policy_t p;
	srtp_err_status_t err;

	if (!k->tag)
		return 0;
	set_policy(&p, k, type, 0);
	err = srtp_create(out, &p);
	return err == srtp_err_status_ok ? 0 : err == srtp_err_status_alloc_fail ? -ENOMEM : -EINVAL;
}

/* One stream with its roll-over counter set. */
static bool set_stream(srtp_t session, const struct td_srtp_key *k, uint32_t ssrc, uint32_t roc)
{
	srtp_policy_t p;

	set_policy(&p, k, ssrc_specific, ssrc);
	srtp_remove_stream(session, htonl(ssrc));
	return srtp_add_stream(session, &p) == srtp_err_status_ok &&
	       srtp_set_stream_roc(session, ssrc, roc) == srtp_err_status_ok;
}

static bool has_stream(srtp_t session, uint32_t ssrc, uint32_t *roc)
{
	return srtp_get_stream_roc(session, ssrc, roc) == srtp_err_status_ok;
}

/* ---- making and changing ---- */

static void seal_free(struct relay_seal *s)
{
	if (!s)
		return;
	if (s->rx)
		srtp_dealloc(s->rx);
	if (s->tx)
		srtp_dealloc(s->tx);
	explicit_bzero(s, sizeof(*s));
	td_free(s);
}

/* Reports that an earlier process has sealed must not be sealed over: their numbers are used up. */
static void skip_reports(struct relay_seal *s)
{
	uint32_t n = s->was.rtcp < RTCP_MAX ? s->was.rtcp + RTCP_MARGIN : RTCP_MAX;
	uint8_t report[RTCP_LEAST + RELAY_SEAL_ROOM];

	if (!s->tx || !s->was.ssrc || !set_stream(s->tx, &s->out, s->was.ssrc, s->was.seq >> 16))
		return;
	for (s->rtcp = 0; s->rtcp < n; s->rtcp++) {
		uint32_t ssrc = htonl(s->was.ssrc);
		int len = RTCP_LEAST;

		memcpy(report, (const uint8_t[]){ 0x80, 201, 0, 1 }, 4);
		memcpy(report + 4, &ssrc, sizeof(ssrc));
		srtp_protect_rtcp(s->tx, report, &len);
	}
}

static int seal_new(struct relay_seal **out, uint8_t id, const struct td_relay_keys *k)
{
	struct relay_seal *s = td_zalloc(sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->id = id;
	s->in = k->in;
	s->out = k->out;
	s->was = k->was;
	err = make_session(&s->rx, &k->in, ssrc_any_inbound);
	if (!err)
		err = make_session(&s->tx, &k->out, ssrc_any_outbound);
	if (err) {
		seal_free(s);
		return err;
	}
	skip_reports(s);
	*out = s;
	return 0;
}

int td_relay_seal(struct td_relay *r, uint32_t slot, uint8_t id, const struct td_relay_keys *keys)
{
	struct relay_command c = { .type = RELAY_SEAL, .slot = slot };
	int err = id ? seal_new(&c.seal, id, keys) : 0;

	if (err)
		return err;
	while (!td_ring_push(&r->commands, &c))
		usleep(100);
	return 0;
}

void td_relay_take_seal(struct td_relay *r, uint32_t slot, struct relay_seal *s)
{
	seal_free(r->seals[slot]);
	r->seals[slot] = s;
}

int td_relay_srtp_start(void)
{
	return srtp_init() == srtp_err_status_ok ? 0 : -EIO;
}

void td_relay_srtp_stop(struct td_relay *r)
{
	for (uint32_t slot = 0; slot < TD_MAX_SLOTS; slot++)
		seal_free(r->seals[slot]);
	srtp_shutdown();	/* a second srtp_init() fails: one relay in a process at a time */
}

/* ---- opening ---- */

static uint32_t ssrc_of(const uint8_t *rtp)
{
	return td_relay_be32(rtp + 8);
}

static uint16_t seq_of(const uint8_t *rtp)
{
	return (uint16_t)(rtp[2] << 8 | rtp[3]);
}

static bool unprotect(srtp_t session, struct relay_packet *p, bool rtcp)
{
	int len = (int)p->len;

	if ((rtcp ? srtp_unprotect_rtcp(session, p->data, &len) :
		    srtp_unprotect(session, p->data, &len)) != srtp_err_status_ok)
		return false;
	p->len = (uint32_t)len;
	return true;
}

/* Every roll-over that a stream of an office may have. At most so often: who is not who it says
 * it is must not make us count for it. A stream that we have heard before goes on, never back:
 * what was recorded then would be heard again. A session of its own, so that a stranger's packet
 * leaves the streams that are there as they were. */
static bool search(struct relay_seal *s, uint64_t from, const uint8_t *copy,
		   struct relay_packet *p)
{
	uint32_t ssrc = ssrc_of(copy), len = p->len, roc;
	srtp_t probe = NULL;
	bool found = false;

	s->search_ns = p->now_ns;
	if (make_session(&probe, &s->in, ssrc_any_inbound))
		return false;
	for (roc = (uint32_t)(from >> 16); roc < (from >> 16) + SEARCHES && !found; roc++) {
		if (((uint64_t)roc << 16 | seq_of(copy)) < from)
			continue;
		memcpy(p->data, copy, len);
		found = set_stream(probe, &s->in, ssrc, roc) && unprotect(probe, p, false);
	}
	srtp_dealloc(probe);
	if (!found)
		return false;
	/* once more, in the session that goes on */
	p->len = len;
	memcpy(p->data, copy, len);
	return set_stream(s->rx, &s->in, ssrc, roc - 1) && unprotect(s->rx, p, false);
}

/* The first number that a search may find. */
static uint64_t not_before(const struct relay_seal *s, uint32_t ssrc, bool known, uint32_t roc)
{
	if (!known)
		return 0;
	return ssrc == s->rx_ssrc ? s->rx_index + 1 : ((uint64_t)roc + 1) << 16;
}

static void note_opened(struct relay_seal *s, const struct relay_packet *p)
{
	uint32_t ssrc = ssrc_of(p->data), roc = 0;
	uint64_t index;

	has_stream(s->rx, ssrc, &roc);
	index = (uint64_t)roc << 16 | seq_of(p->data);
	if (ssrc != s->rx_ssrc || index > s->rx_index)
		s->rx_index = index;
	s->rx_ssrc = ssrc;
	s->rx_ns = p->now_ns;
}

static bool open_rtp(struct relay_seal *s, struct relay_packet *p)
{
	uint32_t ssrc = ssrc_of(p->data), roc = 0;
	bool known = has_stream(s->rx, ssrc, &roc);
	bool unsure = (!known || p->now_ns - s->rx_ns > IDLE_NS) &&
		      p->now_ns - s->search_ns > SEARCH_EVERY_NS;
	uint8_t copy[RELAY_PACKET];	/* AES-GCM overwrites before it knows */

	if (unsure)
		memcpy(copy, p->data, p->len);
	if (!unprotect(s->rx, p, false) &&
	    !(unsure && search(s, not_before(s, ssrc, known, roc), copy, p)))
		return false;
	note_opened(s, p);
	return true;
}

bool td_relay_open(struct td_relay *r, const struct td_flow *f, struct relay_packet *p, bool rtcp)
{
	struct relay_seal *s = r->seals[p->slot];
	uint8_t id = TD_SRTP_OPENS(f->srtp);

	if (!id)
		return true;
	if (!s || s->id != id || !s->rx || p->len > RELAY_PACKET ||
	    p->len < (rtcp ? RTCP_LEAST : TD_RTP_HEADER_LEN))
		return false;
	return rtcp ? unprotect(s->rx, p, true) : open_rtp(s, p);
}

/* ---- sealing ---- */

/* Where the stream that goes on was: with its sender, or with the process before us. */
static uint32_t first_roc(struct td_relay *r, struct relay_seal *s, const struct td_flow *way,
			  uint32_t ssrc, uint16_t seq)
{
	const struct relay_seal *from = r->seals[TD_SLOT_OF_PORT(ntohs(way->local_port))];
	uint16_t last = (uint16_t)s->was.seq;
	uint32_t roc = 0;

	if (TD_SRTP_OPENS(way->srtp) && from && from->rx && has_stream(from->rx, ssrc, &roc))
		return roc;
	if (s->was.ssrc != ssrc)
		return 0;
	s->was.ssrc = 0;
	roc = s->was.seq >> 16;
	/* marks are half a round apart: what lies before it has gone round */
	return last >= HALF_ROUND && seq < HALF_ROUND ? roc + 1 : roc;
}

static void mark(struct td_relay *r, struct relay_seal *s, uint32_t slot, const struct td_flow *way,
		 uint32_t ssrc, uint16_t seq)
{
	struct td_event ev = { .type = TD_EVENT_SEALED, .slot = slot, .call_id = way->call_id };
	struct td_srtp_mark now = { .ssrc = ssrc, .rtcp = s->rtcp };
	uint32_t roc;

	if (!has_stream(s->tx, ssrc, &roc))
		return;
	now.seq = roc << 16 | seq;
	if (now.ssrc == s->mark.ssrc && now.seq / HALF_ROUND <= s->mark.seq / HALF_ROUND)
		return;
	memcpy(ev.data, &now, sizeof(now));
	if (td_relay_tell(r, &ev))
		s->mark = now;
}

static bool seal_rtp(struct td_relay *r, struct relay_seal *s, uint32_t slot,
		     const struct td_flow *way, uint8_t *data, int *len)
{
	uint32_t ssrc, roc;
	uint16_t seq;

	if (*len < TD_RTP_HEADER_LEN)
		return false;
	ssrc = ssrc_of(data);
	seq = seq_of(data);
	if (!has_stream(s->tx, ssrc, &roc) || s->was.ssrc == ssrc) {
		roc = first_roc(r, s, way, ssrc, seq);
		if (roc && (has_stream(s->tx, ssrc, &(uint32_t){ 0 }) ?
			    srtp_set_stream_roc(s->tx, ssrc, roc) != srtp_err_status_ok :
			    !set_stream(s->tx, &s->out, ssrc, roc)))
			return false;
	}
	if (srtp_protect(s->tx, data, len) != srtp_err_status_ok)
		return false;
	mark(r, s, slot, way, ssrc, seq);
	return true;
}

/* The buffer has RELAY_SEAL_ROOM behind the packet. */
static bool seal(struct td_relay *r, const struct td_flow *way, bool rtcp, struct iovec *iov)
{
	uint32_t slot = TD_SLOT_OF_PORT(ntohs(way->new_src_port));
	struct relay_seal *s = r->seals[slot];
	int len = (int)iov->iov_len;

	if (!s || s->id != TD_SRTP_SEALS(way->srtp) || !s->tx)
		return false;
	if (rtcp) {
		if (len < RTCP_LEAST || srtp_protect_rtcp(s->tx, iov->iov_base, &len) !=
						srtp_err_status_ok)
			return false;
		s->rtcp++;
	} else if (!seal_rtp(r, s, slot, way, iov->iov_base, &len)) {
		return false;
	}
	iov->iov_len = (size_t)len;
	return true;
}

unsigned int td_relay_seal_batch(struct td_relay *r, const struct td_flow *way, bool rtcp,
				 unsigned int n)
{
	struct iovec *iov = r->batch.tx_iov;
	unsigned int kept = 0;

	if (!TD_SRTP_SEALS(way->srtp))
		return n;
	for (unsigned int i = 0; i < n; i++) {
		if (!seal(r, way, rtcp, &iov[i])) {
			td_relay_count(&r->counts.not_sealed);
			continue;
		}
		r->batch.tx_tos[kept] = r->batch.tx_tos[i];
		iov[kept++] = iov[i];
	}
	return kept;
}
