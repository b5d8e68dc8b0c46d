// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Legs on telephone lines. The core sees a party at a loopback address that speaks G.711; behind
 * it sound.c turns packets into the line's frames.
 *
 *	in	INCOMING: SETUP to connection_plar; the line is answered at once, or (plar_opx) when
 *		that one answers. Nobody for timeout_ringing: given up, or the line hangs for ever
 *	out	SEIZE, READY, dialout delay, digits; answered when they are sent, or when the exchange
 *		reverses the battery. Overlap: digits that come later are sent as they come, until
 *		"#" or timeout_interdigit without one
 */
#include "userspace/fxo/voice_priv.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define FRESH_HOPS 70		/* as SIP has it; the exchange counts none */

static const struct td_leg_ops leg_ops;

static struct voice_leg *own(struct td_leg *leg)
{
	return td_container_of(leg, struct voice_leg, leg);
}

struct voice_leg *td_voice_leg_new(struct voice_port *p, bool incoming, const struct td_addr *at)
{
	struct voice_leg *l = td_zalloc(sizeof(*l));

	if (!l)
		return NULL;
	if (at)
		l->at = *at;
	l->rtp = td_voice_socket(&l->at);
	if (l->rtp < 0) {
		td_free(l);
		return NULL;
	}
	l->leg.ops = &leg_ops;
	l->leg.ep = p->ep;
	l->leg.local = l->at;
	l->port = p;
	l->v = p->v;
	l->call = ++p->v->calls;
	l->incoming = incoming;
	p->leg = l;
	return l;
}

static void sound(struct voice_leg *l, struct sound_order *o)
{
	if (!l->port)
		return;
	o->port = l->port->cfg.port;
	o->call = l->call;
	if (!td_sound_order(l->v->sound, o))
		td_log_limited(TD_LOG_FXO, TD_WARN, "voiceport=%s sound is behind",
			       l->port->cfg.id);
}

static void ringback(struct voice_leg *l, bool on)
{
	struct sound_order o = { .op = SOUND_RINGBACK, .on = on };

	sound(l, &o);
}

/* ---- the end ---- */

/* The line is free for the next call; whoever is called from now on finds no line here. */
static void let_go(struct voice_leg *l, bool hang_up)
{
	struct sound_order close_it = { .op = SOUND_CLOSE };
	struct voice_port *p = l->port;

	if (!p)
		return;
	td_loop_timer_stop(l->v->loop, &l->timer);
	sound(l, &close_it);
	if (hang_up && p->off_hook)
		td_voice_order(p, TDFXO_CMD_HANG_UP);
	p->off_hook = false;
	p->hearing = false;
	p->leg = NULL;
	l->port = NULL;
	if (l->stage == VOICE_UP && p->ours)
		td_voice_claim(p);
}

static void end(struct voice_leg *l, enum td_cause cause, bool hang_up)
{
	let_go(l, hang_up);
	if (!l->leg.released)
		td_leg_post_released(&l->leg, cause);
}

void td_voice_leg_lost(struct voice_leg *l, enum td_cause cause)
{
	end(l, cause, true);
}

static void on_no_answer(void *arg)
{
	struct voice_leg *l = arg;

	td_log_info(TD_LOG_FXO, "voiceport=%s nobody answers, given up", l->port->cfg.id);
	end(l, TD_CAUSE_NO_ANSWER, true);
}

/* ---- media ---- */

static void own_desc(const struct voice_leg *l, struct td_media_desc *d)
{
	memset(d, 0, sizeof(*d));
	d->rtp = l->at;
	d->dir = TD_DIR_BOTH;
	d->ptime_ms = 20;
	if (l->codec.name[0]) {
		d->codec[d->n_codecs++] = l->codec;
		return;
	}
	td_codec_by_name(&d->codec[d->n_codecs++], "PCMU", 0);
	td_codec_by_name(&d->codec[d->n_codecs++], "PCMA", 0);
}

/* Of what the other side takes, what a line has: G.711. False: nothing. */
static bool choose(struct voice_leg *l, const struct td_media_desc *d)
{
	for (size_t i = 0; i < d->n_codecs; i++)
		if (td_codec_is(&d->codec[i], "PCMU") || td_codec_is(&d->codec[i], "PCMA")) {
			l->codec = d->codec[i];
			return true;
		}
	return false;
}

void td_voice_leg_talk(struct voice_leg *l)
{
	struct sound_order o = { .op = SOUND_TALK, .peer = l->peer, .pt = l->codec.pt,
				 .alaw = td_codec_is(&l->codec, "PCMA") };

	sound(l, &o);
}

static void talk(struct voice_leg *l, const struct td_media_desc *d)
{
	if (!d->rtp.port)
		return;
	l->peer = d->rtp;
	td_voice_leg_talk(l);
	td_leg_changed(&l->leg);
}

static int leg_media(struct td_leg *leg, const struct td_media_desc *d)
{
	struct voice_leg *l = own(leg);
	struct td_media_desc mine;

	if (!d)
		return 0;
	if (!choose(l, d)) {
		if (!l->open_offer)
			td_leg_post_media(leg, TD_MEDIA_REFUSED, NULL);
		l->open_offer = false;
		return 0;
	}
	talk(l, d);
	if (!l->open_offer) {
		own_desc(l, &mine);
		mine.dir = td_dir_answer(d->dir, TD_DIR_BOTH);
		td_leg_post_media(leg, TD_MEDIA_ANSWER, &mine);
	}
	l->open_offer = false;
	return 0;
}

/* From here on the call outlives this process. */
static void up(struct voice_leg *l)
{
	l->stage = VOICE_UP;
	td_voice_claim(l->port);
	td_leg_changed(&l->leg);
}

/* ---- from the line ---- */

void td_voice_leg_in(struct voice_port *p, bool off_hook)
{
	struct td_leg_event ev = { .type = TD_LEG_SETUP };
	struct voice_leg *l;

	p->offered = true;
	if (!p->cfg.connection_plar[0]) {
		td_log_info(TD_LOG_FXO, "voiceport=%s rings, and connection_plar names nobody",
			    p->cfg.id);
		return;
	}
	l = td_voice_leg_new(p, true, NULL);
	if (!l || td_core_incoming(p->v->core, &l->leg)) {
		td_log_limited(TD_LOG_FXO, TD_WARN, "voiceport=%s call cannot be taken", p->cfg.id);
		if (l) {
			let_go(l, false);
			close(l->rtp);
			td_free(l);
		}
		return;
	}
	p->calls_in++;
	p->off_hook = off_hook;
	l->stage = off_hook ? VOICE_UP : VOICE_RINGING;
	l->open_offer = true;
	td_strlcpy(ev.setup.from.number, p->number[0] ? p->number : p->cfg.station_number,
		   sizeof(ev.setup.from.number));
	td_strlcpy(ev.setup.from.name, p->name[0] ? p->name : p->ep->name,
		   sizeof(ev.setup.from.name));
	p->told_ms = 0;
	td_strlcpy(ev.setup.to.number, p->cfg.connection_plar, sizeof(ev.setup.to.number));
	ev.setup.hops = FRESH_HOPS;
	ev.setup.has_media = true;
	own_desc(l, &ev.setup.media);
	td_log_info(TD_LOG_FXO, "voiceport=%s call from=%s rings=%u to=%s", p->cfg.id,
		    ev.setup.from.number, p->rings, p->cfg.connection_plar);
	if (!td_voice_hear(p, l->call, l->rtp))
		l->rtp = -1;
	if (!off_hook && !p->cfg.plar_opx && !td_voice_order(p, TDFXO_CMD_ANSWER))
		p->off_hook = true;
	td_loop_timer_start(p->v->loop, &l->timer, (uint64_t)p->cfg.timeout_ringing * 1000,
			    on_no_answer, l);
	td_leg_post(&l->leg, &ev);
}

static int leg_alert(struct td_leg *leg)
{
	struct voice_leg *l = own(leg);

	if (l->port && l->port->off_hook)
		ringback(l, true);
	return 0;
}

static int leg_connect(struct td_leg *leg)
{
	struct voice_leg *l = own(leg);

	if (!l->port)
		return 0;
	td_loop_timer_stop(l->v->loop, &l->timer);
	ringback(l, false);
	if (!l->port->off_hook) {
		if (td_voice_order(l->port, TDFXO_CMD_ANSWER)) {
			end(l, TD_CAUSE_NORMAL, true);	/* the caller has just given up */
			return 0;
		}
		l->port->off_hook = true;
	}
	up(l);
	return 0;
}

/* ---- to the line ---- */

static int new_legs(void *driver, struct td_endpoint *ep, struct td_leg **legs, size_t max)
{
	struct voice_port *p = ep->driver_priv;
	struct voice_leg *l;

	(void)driver;
	if (!max || !p || !p->ours || p->leg || p->state != TDFXO_STATE_IDLE)
		return 0;
	l = td_voice_leg_new(p, false, NULL);
	if (!l)
		return -ENOMEM;
	legs[0] = &l->leg;
	return 1;
}

static int leg_setup(struct td_leg *leg, const struct td_setup *s)
{
	struct voice_leg *l = own(leg);
	struct voice_port *p = l->port;

	if (!p || !choose(l, &s->media)) {
		end(l, p ? TD_CAUSE_NO_MEDIA_MATCH : TD_CAUSE_NO_CIRCUIT, false);
		return 0;
	}
	l->out = *s;
	l->stage = VOICE_SEIZING;
	if (td_voice_order(p, TDFXO_CMD_SEIZE)) {
		end(l, TD_CAUSE_NO_CIRCUIT, false);
		return 0;
	}
	p->off_hook = true;
	p->calls_out++;
	td_log_info(TD_LOG_FXO, "voiceport=%s seized for=%s", p->cfg.id, s->to.number);
	if (!td_voice_hear(p, l->call, l->rtp))
		l->rtp = -1;
	return 0;
}

static void post_answer(struct voice_leg *l)
{
	struct td_media_desc mine;

	own_desc(l, &mine);
	td_leg_post_media(&l->leg, TD_MEDIA_ANSWER, &mine);
}

/* What the caller hears says the rest. */
static void number_over(void *arg)
{
	struct voice_leg *l = arg;

	if (l->port->cfg.answer == CFG_FXO_ANSWER_REVERSAL) {
		l->stage = VOICE_WAITING;
		td_leg_post_simple(&l->leg, TD_LEG_ALERTING);
		return;
	}
	up(l);
	td_leg_post_simple(&l->leg, TD_LEG_ANSWERED);
}

static void press(struct voice_leg *l, const char *keys)
{
	const struct cfg_voiceport *cfg = &l->port->cfg;
	struct sound_order o = { .op = SOUND_DIAL, .on_ms = (uint16_t)cfg->timing_digit,
				 .off_ms = (uint16_t)cfg->timing_interdigit };

	td_strlcpy(o.text, keys, sizeof(o.text));
	td_voice_trace(l->port, "> press %s", keys);
	sound(l, &o);
}

static void pulse(struct voice_leg *l, const char *digits)
{
	const struct cfg_voiceport *cfg = &l->port->cfg;
	int err = td_fxo_dial(l->v->fxo, cfg->port, digits);

	td_voice_trace(l->port, "> pulses %s", digits);
	if (!err)
		return;
	td_log_warn(TD_LOG_FXO, "voiceport=%s cannot dial '%s': %s", cfg->id, digits,
		    strerror(-err));
	end(l, TD_CAUSE_BAD_NUMBER, true);
}

/* What is there and was not sent. */
static void send_digits(struct voice_leg *l)
{
	const char *rest = l->out.to.number + l->sent;

	if (l->sending)
		return;
	if (*rest) {
		l->sent += strlen(rest);
		l->sending = true;
		if (l->port->cfg.dial_type == CFG_FXO_DTMF)
			press(l, rest);
		else
			pulse(l, rest);
	} else if (l->out.overlap) {
		td_loop_timer_start(l->v->loop, &l->timer, l->v->interdigit_ms, number_over, l);
	} else {
		number_over(l);
	}
}

static void on_sent(struct voice_leg *l)
{
	l->sending = false;
	if (l->stage == VOICE_DIALLING)
		send_digits(l);
}

static void add_digit(struct voice_leg *l, char digit)
{
	size_t n = strlen(l->out.to.number);

	if (digit == '#' && l->out.overlap) {
		l->out.overlap = false;
	} else if (n + 1 < sizeof(l->out.to.number)) {
		l->out.to.number[n] = digit;
		l->out.to.number[n + 1] = '\0';
	}
	if (l->stage == VOICE_DIALLING) {
		td_loop_timer_stop(l->v->loop, &l->timer);
		send_digits(l);
	}
}

static void dial(void *arg)
{
	struct voice_leg *l = arg;

	l->stage = VOICE_DIALLING;
	talk(l, &l->out.media);
	post_answer(l);
	send_digits(l);
}

/* ---- what happens ---- */

void td_voice_leg_event(struct voice_leg *l, const struct td_fxo_event *ev)
{
	struct voice_port *p = l->port;

	switch (ev->event) {
	case TDFXO_EVENT_READY:
		if (l->stage == VOICE_SEIZING)
			td_loop_timer_start(l->v->loop, &l->timer, p->cfg.timing_dialout_delay, dial,
					    l);
		break;
	case TDFXO_EVENT_DIALLED:
		on_sent(l);
		break;
	case TDFXO_EVENT_ANSWERED:
		if (l->stage == VOICE_DIALLING || l->stage == VOICE_WAITING) {
			td_loop_timer_stop(l->v->loop, &l->timer);
			up(l);
			td_leg_post_simple(&l->leg, TD_LEG_ANSWERED);
		}
		break;
	case TDFXO_EVENT_GLARE:		/* whoever it is gets what calls from here get */
		td_log_info(TD_LOG_FXO, "voiceport=%s glare", p->cfg.id);
		end(l, TD_CAUSE_NO_CIRCUIT, false);
		if (ev->state == TDFXO_STATE_SETTLING || ev->state == TDFXO_STATE_LOOP)
			td_voice_leg_in(p, true);
		break;
	case TDFXO_EVENT_SEIZE_FAILED:
		p->off_hook = false;
		end(l, TD_CAUSE_NO_CIRCUIT, false);
		break;
	case TDFXO_EVENT_ABANDONED:
		if (l->stage == VOICE_RINGING && !p->off_hook)
			end(l, TD_CAUSE_NORMAL, false);
		break;
	case TDFXO_EVENT_DISCONNECT:
		td_log_info(TD_LOG_FXO, "voiceport=%s released by the exchange reason=%u", p->cfg.id,
			    ev->value);
		end(l, TD_CAUSE_NORMAL, true);
		break;
	case TDFXO_EVENT_ON_HOOK:
		p->off_hook = false;
		end(l, TD_CAUSE_OUT_OF_ORDER, false);
		break;
	}
}

void td_voice_leg_news(struct voice_leg *l, const struct sound_news *n)
{
	struct td_leg_event ev = { .type = TD_LEG_DIGIT, .digit = n->text[0], .duration_ms = 100 };

	switch (n->type) {
	case SOUND_DIALLED:
		on_sent(l);
		break;
	case SOUND_KEY:
		if (l->stage == VOICE_UP)
			td_leg_post(&l->leg, &ev);
		break;
	case SOUND_TONE:
		if (l->stage == VOICE_SEIZING || l->stage == VOICE_RINGING)
			break;
		td_log_info(TD_LOG_FXO, "voiceport=%s busy tone", l->port->cfg.id);
		end(l, l->stage == VOICE_UP && l->incoming ? TD_CAUSE_NORMAL : TD_CAUSE_BUSY, true);
		break;
	case SOUND_SILENT:
		td_log_info(TD_LOG_FXO, "voiceport=%s nobody says anything, given up", l->port->cfg.id);
		end(l, TD_CAUSE_TIMER, true);
		break;
	case SOUND_GONE:
		end(l, TD_CAUSE_OUT_OF_ORDER, true);
		break;
	default:
		break;
	}
}

/* ---- the core's other verbs ---- */

static int leg_info(struct td_leg *leg, const struct td_info *info)
{
	const char key[] = { info->digit, '\0' };
	struct voice_leg *l = own(leg);

	if (info->kind != TD_INFO_DIGIT || !l->port)
		return 0;
	if (l->stage == VOICE_SEIZING || l->stage == VOICE_DIALLING)
		add_digit(l, info->digit);
	else
		press(l, key);
	return 0;
}

static void leg_release(struct td_leg *leg, enum td_cause cause)
{
	end(own(leg), cause, true);
}

static void leg_destroy(struct td_leg *leg)
{
	struct voice_leg *l = own(leg);

	let_go(l, true);
	if (l->rtp >= 0)
		close(l->rtp);
	td_free(l);
}

static const struct td_leg_ops leg_ops = {
	.protocol = "fxo", .setup = leg_setup, .alert = leg_alert, .connect = leg_connect,
	.media = leg_media, .info = leg_info, .release = leg_release, .destroy = leg_destroy,
	.save = td_voice_leg_save,
};

const struct td_driver_ops td_voice_driver = {
	.name = "fxo", .new_legs = new_legs, .restore = td_voice_leg_restore,
};
