// SPDX-License-Identifier: GPL-2.0-only
/*
 * PURE. One analogue line: what is on the wires, debounced and in order of time, becomes inputs
 * of the state table (fxo_states.c). The facts are common to all exchanges: a ring is a
 * cadence, not a burst; battery that fails for a moment is normal, for longer it is the
 * exchange's goodbye.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <string.h>
#endif
#include "fxo_line.h"

#define BATTERY_MV	3000	/* less is no battery */

const struct tdfxo_cfg_range tdfxo_cfg_ranges[__TDFXO_CFG_MAX] = {
	[TDFXO_CFG_GROUND_START]   = { 0, 1, 0 },
	[TDFXO_CFG_RING_ONLY]      = { 0, 1, 0 },
	[TDFXO_CFG_RING_NUMBER]    = { 1, 10, 1 },
	[TDFXO_CFG_REVERSAL]       = { 0, 1, 1 },
	[TDFXO_CFG_RING_ON]        = { 20, 1000, 100 },
	[TDFXO_CFG_RING_OFF]       = { 20, 1000, 128 },
	[TDFXO_CFG_RING_GAP]       = { 200, 5000, 1000 },
	[TDFXO_CFG_RING_TIMEOUT]   = { 2000, 20000, 6000 },
	[TDFXO_CFG_RING_MIN]       = { 100, 1000, 150 },
	[TDFXO_CFG_RING_MAX]       = { 150, 1000, 680 },
	[TDFXO_CFG_BATTERY]        = { 1, 1000, 64 },
	[TDFXO_CFG_ALARM]          = { 100, 60000, 1000 },
	[TDFXO_CFG_DISCONNECT]     = { 0, 1500, 350 },
	[TDFXO_CFG_POLARITY]       = { 1, 1000, 64 },
	[TDFXO_CFG_REVERSAL_GUARD] = { 0, 5000, 600 },
	[TDFXO_CFG_TIP]            = { 1, 1000, 40 },
	[TDFXO_CFG_SEIZE]          = { 100, 30000, 5000 },
	[TDFXO_CFG_SETTLE]         = { 20, 5000, 500 },
	[TDFXO_CFG_GUARD]          = { 200, 10000, 2000 },
	[TDFXO_CFG_WAIT_RELEASE]   = { 100, 600000, 30000 },
	[TDFXO_CFG_FLASH]          = { 50, TDFXO_FLASH_MAX, 400 },
	[TDFXO_CFG_PULSE_BREAK]    = { 20, 200, 60 },
	[TDFXO_CFG_PULSE_MAKE]     = { 20, 200, 40 },
	[TDFXO_CFG_INTERDIGIT]     = { 100, 5000, 800 },
	[TDFXO_CFG_IN_USE]         = { BATTERY_MV, 40000, 18000 },
	[TDFXO_CFG_COUNTRY]        = { 16705, 23130, 'U' << 8 | 'S' },	/* AA..ZZ */
	[TDFXO_CFG_IMPEDANCE]      = { 0, 7, TDFXO_IMPEDANCE_COUNTRY },
	[TDFXO_CFG_GAIN_IN]        = { 0, 40, TDFXO_GAIN_0 },
	[TDFXO_CFG_GAIN_OUT]       = { 0, 40, TDFXO_GAIN_0 },
};

/* How long a signal must keep its new value before it counts. */
static __s64 debounce(const struct tdfxo_line *l, enum tdfxo_signal sig)
{
	bool raw = l->signal[sig].raw;
	__u32 ms;

	switch (sig) {
	case TDFXO_SIG_RING:
		return tdfxo_cfg(l, raw ? TDFXO_CFG_RING_ON : TDFXO_CFG_RING_OFF);
	case TDFXO_SIG_REVERSED:
		return tdfxo_cfg(l, TDFXO_CFG_POLARITY);
	case TDFXO_SIG_TIP:
		return tdfxo_cfg(l, TDFXO_CFG_TIP);
	default:
		break;
	}
	if (raw)
		return tdfxo_cfg(l, TDFXO_CFG_BATTERY);
	if (tdfxo_line_off_hook(l)) {
		ms = tdfxo_cfg(l, TDFXO_CFG_DISCONNECT);
		return ms ? ms : TDFXO_NEVER;
	}
	/* ground start has nothing between tip and ring while it rests */
	return tdfxo_cfg(l, TDFXO_CFG_GROUND_START) ? TDFXO_NEVER : tdfxo_cfg(l, TDFXO_CFG_ALARM);
}

/* When this signal's new value will count. */
static __s64 due(const struct tdfxo_line *l, enum tdfxo_signal sig)
{
	__s64 ms;

	if (l->signal[sig].raw == l->signal[sig].counts)
		return TDFXO_NEVER;
	ms = debounce(l, sig);
	return ms == TDFXO_NEVER ? TDFXO_NEVER : l->signal[sig].since + ms;
}

static enum tdfxo_input input_of(enum tdfxo_signal sig, bool on)
{
	switch (sig) {
	case TDFXO_SIG_BATTERY:
		return on ? TDFXO_IN_BATTERY_BACK : TDFXO_IN_BATTERY_LOST;
	case TDFXO_SIG_RING:
		return on ? TDFXO_IN_RING_ON : TDFXO_IN_RING_OFF;
	case TDFXO_SIG_TIP:
		return on ? TDFXO_IN_TIP_GROUND : TDFXO_IN_TIP_OPEN;
	default:
		return TDFXO_IN_REVERSAL;
	}
}

/* A burst may also end while we are off hook, or unseen: remember when. */
static void burst_over(struct tdfxo_line *l)
{
	if (l->state != TDFXO_STATE_RINGING)
		l->burst_end = l->signal[TDFXO_SIG_RING].since;
}

void tdfxo_line_run(struct tdfxo_line *l, __s64 now, struct tdfxo_actions *out)
{
	/* no step has more than four actions, and an order always fits; what does not is done
	 * at the next call, which is due at once
	 */
	while (out->n <= TDFXO_MAX_ACTIONS / 2) {
		struct tdfxo_step s = { .l = l, .out = out, .now = tdfxo_line_next(l) };
		unsigned int sig;

		if (s.now > now)
			return;
		for (sig = 0; sig < TDFXO_N_SIGNALS; sig++)
			if (due(l, sig) == s.now)
				break;
		if (sig == TDFXO_N_SIGNALS) {
			l->until = TDFXO_NEVER;
			tdfxo_line_step(&s, TDFXO_IN_TIMER);
			continue;
		}
		l->signal[sig].counts = l->signal[sig].raw;
		if (sig == TDFXO_SIG_RING && !l->signal[sig].raw)
			burst_over(l);
		tdfxo_line_step(&s, input_of(sig, l->signal[sig].raw));
	}
}

static void set_raw(struct tdfxo_line *l, enum tdfxo_signal sig, bool on, __s64 now)
{
	if (l->signal[sig].raw == on)
		return;
	if (sig == TDFXO_SIG_RING && !on && !l->signal[sig].counts)
		l->stats[TDFXO_STAT_RING_SHORT]++;
	l->signal[sig].raw = on;
	l->signal[sig].since = now;
}

void tdfxo_line_measure(struct tdfxo_line *l, const struct tdfxo_measure *m, __s64 now,
			struct tdfxo_actions *out)
{
	bool ring = m->ring_dhz && m->ring_dhz >= tdfxo_cfg(l, TDFXO_CFG_RING_MIN) &&
		    m->ring_dhz <= tdfxo_cfg(l, TDFXO_CFG_RING_MAX);

	tdfxo_line_run(l, now, out);
	if (m->ring_dhz && !ring && !l->ring_raw)
		l->stats[TDFXO_STAT_RING_FREQ]++;
	l->ring_raw = m->ring_dhz;
	set_raw(l, TDFXO_SIG_RING, ring, now);
	set_raw(l, TDFXO_SIG_TIP, m->tip_ground, now);
	/* ringing swings through zero: no voltage to be had then */
	if (!m->ring_dhz) {
		l->mv = m->mv;
		set_raw(l, TDFXO_SIG_BATTERY, m->mv >= BATTERY_MV || m->mv <= -BATTERY_MV, now);
		if (l->signal[TDFXO_SIG_BATTERY].raw)
			set_raw(l, TDFXO_SIG_REVERSED, m->mv > 0, now);
	}
	tdfxo_line_run(l, now, out);
}

int tdfxo_line_order(struct tdfxo_line *l, enum tdfxo_input order, __u32 ms, const char *digits,
		     __s64 now, struct tdfxo_actions *out)
{
	struct tdfxo_step s = { .l = l, .out = out, .now = now, .ms = ms, .digits = digits };

	tdfxo_line_run(l, now, out);
	return tdfxo_line_step(&s, order);
}

__s64 tdfxo_line_next(const struct tdfxo_line *l)
{
	__s64 next = l->until;
	unsigned int sig;

	for (sig = 0; sig < TDFXO_N_SIGNALS; sig++)
		if (due(l, sig) < next)
			next = due(l, sig);
	return next;
}

bool tdfxo_line_off_hook(const struct tdfxo_line *l)
{
	return l->state >= TDFXO_STATE_SETTLING;
}

int tdfxo_line_configure(struct tdfxo_line *l, const struct tdfxo_line_config *c)
{
	if (c->value[TDFXO_CFG_RING_MIN] > c->value[TDFXO_CFG_RING_MAX])
		return -EINVAL;
	if (c->value[TDFXO_CFG_GROUND_START] != tdfxo_cfg(l, TDFXO_CFG_GROUND_START) &&
	    l->state != TDFXO_STATE_IDLE && l->state != TDFXO_STATE_NO_LINE)
		return -EBUSY;
	l->cfg = *c;
	if (c->value[TDFXO_CFG_GROUND_START] && l->state == TDFXO_STATE_NO_LINE)
		l->state = TDFXO_STATE_IDLE;
	return 0;
}

void tdfxo_line_init(struct tdfxo_line *l, __s64 now)
{
	unsigned int i;

	memset(l, 0, sizeof(*l));
	for (i = 0; i < __TDFXO_CFG_MAX; i++)
		l->cfg.value[i] = tdfxo_cfg_ranges[i].usual;
	l->until = TDFXO_NEVER;
	l->hook_at = now;
	l->burst_end = now;
	l->mv = -48000;
	for (i = 0; i < TDFXO_N_SIGNALS; i++)
		l->signal[i].since = now;
	l->signal[TDFXO_SIG_BATTERY].raw = true;
	l->signal[TDFXO_SIG_BATTERY].counts = true;
}
