/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTP of a phone: it is told to open a receive channel for one codec, says at which port,
 * and is then told where to send. So a phone has no address before a codec is agreed: as
 * caller it tells the core "later" and makes an offer of its own when the port is open; as
 * called party it answers when the port is open.
 *
 * call->dir is the core's description of our side: SEND means that this phone hears.
 */
#include "userspace/sccp/sccp_priv.h"

#include <errno.h>

#include "bpf/td_map.h"

#define DEFAULT_MS 20
/* Told to the other party, so that it can be sent the keys that come here as messages, and sends
 * its own; the phone itself never sees one. */
#define DTMF_PT 101

/* ---- codecs ---- */

static const struct {
	uint8_t payload;
	const char *name;
} codecs[] = {
	{ SCCP_PT_PCMU, "pcmu" },   { SCCP_PT_PCMA, "pcma" },	{ SCCP_PT_G722, "g722" },
	{ SCCP_PT_G729A, "g729" },  { SCCP_PT_G729, "g729" },	{ SCCP_PT_G729AB, "g729" },
	{ SCCP_PT_G729B, "g729" },  { SCCP_PT_G723, "g723" },	{ SCCP_PT_GSM, "gsm" },
};
#define N_CODECS (sizeof(codecs) / sizeof(codecs[0]))

bool td_sccp_channel_has(const struct sccp_phone *phone, uint8_t payload)
{
	for (size_t i = 0; i < phone->n_caps; i++)
		if (phone->cap[i] == payload)
			return true;
	return false;
}

/* The phone's own number for a codec; 0: it has it not. */
static uint8_t payload_of(const struct sccp_phone *phone, const struct td_codec *c)
{
	struct td_codec known;

	for (size_t i = 0; i < N_CODECS; i++)
		if (td_sccp_channel_has(phone, codecs[i].payload) &&
		    td_codec_by_name(&known, codecs[i].name, 0) && td_codec_same(&known, c))
			return codecs[i].payload;
	return 0;
}

void td_sccp_channel_caps(struct sccp_phone *phone, const struct sccp_msg *m)
{
	phone->n_caps = 0;
	for (uint32_t i = 0; i < m->caps.n; i++)
		if (m->caps.cap[i].payload && m->caps.cap[i].payload < 256)
			phone->cap[phone->n_caps++] = (uint8_t)m->caps.cap[i].payload;
	td_sccp_keep_changed(phone->session);
}

static void add_codec(const struct sccp_phone *phone, struct td_media_desc *d, const char *name)
{
	struct td_codec c;

	if (d->n_codecs < TD_MAX_CODECS && td_codec_by_name(&c, name, 0) && !td_media_find(d, &c) &&
	    payload_of(phone, &c))
		d->codec[d->n_codecs++] = c;
}

void td_sccp_channel_offer(const struct sccp_phone *phone, struct td_media_desc *d)
{
	const struct cfg_global *g = &phone->sccp->config->global;

	memset(d, 0, sizeof(*d));
	for (size_t i = 0; i < g->n_codec; i++)
		add_codec(phone, d, g->codec[i]);
	for (size_t i = 0; i < N_CODECS; i++)
		add_codec(phone, d, codecs[i].name);
	d->dir = TD_DIR_BOTH;
	d->dtmf_pt = DTMF_PT;
	d->rtp_later = true;
}

/* What this phone says of itself, when its port is open. */
static void describe(const struct sccp_call *call, struct td_media_desc *d, uint8_t dir)
{
	memset(d, 0, sizeof(*d));
	d->rtp = call->rtp;
	d->dir = dir;
	d->ptime_ms = call->ms;
	d->dtmf_pt = DTMF_PT;
	d->n_codecs = 1;
	d->codec[0] = call->codec;
}

int td_sccp_channel_set(struct sccp_call *call, const struct td_media_desc *d, bool asked)
{
	uint8_t payload = 0;
	size_t i;

	for (i = 0; i < d->n_codecs && !payload; i++)
		payload = payload_of(call->phone, &d->codec[i]);
	if (!payload)
		return -ENOENT;
	call->payload = payload;
	call->codec = d->codec[i - 1];
	call->ms = d->ptime_ms ? d->ptime_ms : DEFAULT_MS;
	call->remote = d->rtp;
	call->dir = d->dir;
	if (asked)
		call->owes_answer = true;
	else if (call->rx == SCCP_RX_CLOSED && call->phase != SCCP_HELD)
		call->owes_offer = true;	/* the caller's port, which was to come later */
	return 0;
}

/* ---- orders to the phone ---- */

static void send_stop(const struct sccp_call *call, uint32_t id, uint32_t party)
{
	struct sccp_msg m = { .id = id, .media_stop = {
		.conference = call->ref, .party = party, .ref = call->ref } };

	if (call->phone->session)
		td_sccp_send(call->phone->session, &m);
}

static void open_rx(struct sccp_call *call)
{
	struct sccp_session *s = call->phone->session;
	struct sccp_msg m = { .id = SCCP_OPEN_RECEIVE_CHANNEL };

	call->rx = SCCP_RX_OPENING;
	call->rx_payload = call->payload;
	call->rx_party = ++s->sccp->last_party;
	m.media.conference = call->ref;
	m.media.ref = call->ref;
	m.media.party = call->rx_party;
	m.media.ms = call->ms;
	m.media.payload = call->payload;
	m.media.echo_cancel = 1;
	m.media.wants_ip6 = !td_addr_is_v4(&s->local);
	td_sccp_send(s, &m);
}

static void close_rx(struct sccp_call *call)
{
	if (call->rx != SCCP_RX_CLOSED)
		send_stop(call, SCCP_CLOSE_RECEIVE_CHANNEL, call->rx_party);
	call->rx = SCCP_RX_CLOSED;
}

static void stop_tx(struct sccp_call *call)
{
	if (call->tx)
		send_stop(call, SCCP_STOP_MEDIA_TRANSMISSION, call->tx_party);
	call->tx = false;
}

static void start_tx(struct sccp_call *call)
{
	struct sccp_session *s = call->phone->session;
	struct sccp_msg m = { .id = SCCP_START_MEDIA_TRANSMISSION };

	call->tx = true;
	call->tx_party = call->rx_party;
	call->tx_payload = call->payload;
	call->tx_remote = call->remote;
	m.media.conference = call->ref;
	m.media.ref = call->ref;
	m.media.party = call->tx_party;
	m.media.addr = call->remote;
	m.media.ms = call->ms;
	m.media.payload = call->payload;
	m.media.precedence = s->sccp->config->global.dscp[TD_DSCP_MEDIA] << 2;
	td_sccp_send(s, &m);
}

/* A next process has to know. */
static void note_change(struct sccp_call *call)
{
	td_sccp_keep_changed(call->phone->session);
	if (call->leg)
		td_leg_changed(&call->leg->leg);
}

/* ---- what is wanted against what there is ---- */

static void on_no_ack(void *arg)
{
	struct sccp_call *call = arg;

	td_log_limited(TD_LOG_SCCP, TD_WARN, "phone=%s did not open its port, call ended",
		       call->phone->id);
	td_sccp_call_failed(call, TD_CAUSE_NO_RESOURCE);
}

static bool wants_media(const struct sccp_call *call)
{
	return call->leg && call->payload && call->phone->session &&
	       (call->phase == SCCP_TALKING || call->phase == SCCP_PROCEEDING ||
		call->phase == SCCP_RINGING_OUT);
}

static void tell_core(struct sccp_call *call)
{
	struct td_media_desc d;

	if (call->owes_answer) {
		describe(call, &d, td_dir_flip(call->dir));
		call->owes_answer = call->owes_offer = false;
		td_leg_post_media(&call->leg->leg, TD_MEDIA_ANSWER, &d);
	} else if (call->owes_offer) {
		describe(call, &d, TD_DIR_BOTH);
		call->owes_offer = false;
		call->offer_open = true;
		td_leg_post_media(&call->leg->leg, TD_MEDIA_OFFER, &d);
	}
}

void td_sccp_channel_run(struct sccp_call *call)
{
	bool want = wants_media(call), send;

	if (call->rx != SCCP_RX_CLOSED && (!want || call->rx_payload != call->payload)) {
		if (want && !call->owes_answer)
			call->owes_offer = true;	/* the port may be another one then */
		close_rx(call);
	}
	if (want && call->rx == SCCP_RX_CLOSED) {
		open_rx(call);
		td_loop_timer_start(call->phone->sccp->loop, &call->timer,
				    td_sccp_timerdefs[SCCP_T_CHANNEL].ms, on_no_ack, call);
	}
	send = want && call->rx == SCCP_RX_OPEN && (call->dir & TD_DIR_RECV) &&
	       td_addr_is_set(&call->remote) && call->remote.port;
	if (call->tx && (!send || call->tx_payload != call->payload ||
			 !td_addr_equal(&call->tx_remote, &call->remote)))
		stop_tx(call);
	if (send && !call->tx)
		start_tx(call);
	if ((want && call->rx == SCCP_RX_OPEN) ||
	    (call->phase == SCCP_HELD && call->owes_answer && call->leg && call->rtp.port))
		tell_core(call);
	note_change(call);
}

void td_sccp_channel_close(struct sccp_call *call)
{
	close_rx(call);
	stop_tx(call);
	note_change(call);
}

/* ---- the phone's answers ---- */

/* By the party id first: some firmware leaves the reference out, some the party. */
static struct sccp_call *find(const struct sccp_phone *phone, const struct sccp_msg *m)
{
	struct sccp_call *call;

	td_list_for_each(call, &phone->calls, struct sccp_call, node)
		if (m->media_ack.party ? call->rx_party == m->media_ack.party :
					 call->ref == m->media_ack.ref)
			return call;
	return NULL;
}

void td_sccp_channel_on_ack(struct sccp_phone *phone, const struct sccp_msg *m)
{
	struct sccp_call *call = find(phone, m);

	if (!call || call->rx != SCCP_RX_OPENING)
		return;			/* of a channel that was closed meanwhile */
	td_loop_timer_stop(phone->sccp->loop, &call->timer);
	if (m->media_ack.status || !m->media_ack.addr.port ||
	    td_addr_is_any(&m->media_ack.addr)) {
		td_log_limited(TD_LOG_SCCP, TD_WARN, "phone=%s cannot open its port status=%u",
			       phone->id, m->media_ack.status);
		call->rx = SCCP_RX_CLOSED;
		td_sccp_call_failed(call, TD_CAUSE_NO_RESOURCE);
		return;
	}
	call->rx = SCCP_RX_OPEN;
	call->rtp = m->media_ack.addr;
	td_sccp_channel_run(call);
}

void td_sccp_channel_on_failure(struct sccp_phone *phone, const struct sccp_msg *m)
{
	struct sccp_call *call = find(phone, m);

	if (!call || !call->tx)
		return;
	td_log_limited(TD_LOG_SCCP, TD_WARN, "phone=%s cannot send media status=%u", phone->id,
		       m->media_ack.status);
	call->tx = false;
	td_sccp_call_failed(call, TD_CAUSE_NO_RESOURCE);
}
