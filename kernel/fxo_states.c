// SPDX-License-Identifier: GPL-2.0-only
/*
 * PURE. The states of a line and what each makes of each input: loop start, ground start,
 * glare, pulses, hook flash. Called by fxo_line.c, which knows signals and time.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <string.h>
#endif
#include "fxo_line.h"

#define DIAL_PAUSE	1000	/* ',' */

static void act(struct tdfxo_step *s, __u8 event, __u32 value)
{
	if (s->out->n < TDFXO_MAX_ACTIONS)
		s->out->a[s->out->n++] = (struct tdfxo_action) {
			.at = s->now, .event = event, .value = value,
		};
}

static void enter(struct tdfxo_step *s, __u8 state, __s64 timer)
{
	s->l->state = state;
	s->l->until = timer == TDFXO_NEVER ? TDFXO_NEVER : s->now + timer;
}

static void relays(struct tdfxo_step *s, __u8 relays)
{
	s->l->relays = relays;
	s->l->hook_at = s->now;
	act(s, 0, relays);
}

/* From now on battery is judged anew: what was missing on an open loop says nothing. */
static void close_loop(struct tdfxo_step *s)
{
	struct tdfxo_line *l = s->l;

	relays(s, TDFXO_RELAY_LOOP);
	l->signal[TDFXO_SIG_BATTERY].counts = true;
	if (!l->signal[TDFXO_SIG_BATTERY].raw)
		l->signal[TDFXO_SIG_BATTERY].since = s->now;
}

static void end_call(struct tdfxo_line *l)
{
	l->rings = 0;
	l->outgoing = false;
	l->fresh = false;
	l->answered = false;
	l->offered = false;
	l->digits[0] = '\0';
}

static void on_hook(struct tdfxo_step *s, bool watchdog)
{
	bool off = tdfxo_line_off_hook(s->l);

	if (watchdog)
		s->l->stats[TDFXO_STAT_WATCHDOG]++;
	relays(s, 0);
	end_call(s->l);
	enter(s, TDFXO_STATE_GUARD, tdfxo_cfg(s->l, TDFXO_CFG_GUARD));
	if (off)
		act(s, TDFXO_EVENT_ON_HOOK, watchdog);
}

static int line_down(struct tdfxo_step *s)
{
	s->l->stats[TDFXO_STAT_ALARMS]++;
	enter(s, TDFXO_STATE_NO_LINE, TDFXO_NEVER);
	act(s, TDFXO_EVENT_LINE_DOWN, 0);
	return 0;
}

/* On hook and at rest; what is on the wires tells which rest. */
static void rest(struct tdfxo_step *s)
{
	struct tdfxo_line *l = s->l;

	end_call(l);
	if (tdfxo_cfg(l, TDFXO_CFG_GROUND_START) || l->signal[TDFXO_SIG_BATTERY].counts)
		enter(s, TDFXO_STATE_IDLE, TDFXO_NEVER);
	else
		line_down(s);
}

static void released(struct tdfxo_step *s, enum tdfxo_reason reason)
{
	s->l->stats[TDFXO_STAT_DISCONNECTS]++;
	if (s->l->state == TDFXO_STATE_DIALLING || s->l->state == TDFXO_STATE_FLASHING)
		close_loop(s);
	enter(s, TDFXO_STATE_RELEASED, tdfxo_cfg(s->l, TDFXO_CFG_WAIT_RELEASE));
	act(s, TDFXO_EVENT_DISCONNECT, reason);
}

static void offer(struct tdfxo_step *s)
{
	if (s->l->offered)
		return;
	s->l->offered = true;
	act(s, TDFXO_EVENT_INCOMING, s->l->rings);
}

/* ---- rules: each is one cell of the table ---- */

static int line_up(struct tdfxo_step *s)
{
	enter(s, TDFXO_STATE_IDLE, TDFXO_NEVER);
	act(s, TDFXO_EVENT_LINE_UP, 0);
	return 0;
}

static int polarity(struct tdfxo_step *s)
{
	act(s, TDFXO_EVENT_POLARITY, s->l->signal[TDFXO_SIG_REVERSED].counts);
	return 0;
}

/* A burst has lasted long enough. Which ring it belongs to: see the silence before it. */
static int ring_on(struct tdfxo_step *s)
{
	struct tdfxo_line *l = s->l;
	__s64 silence = l->signal[TDFXO_SIG_RING].since - l->burst_end;

	if (!l->rings || silence > tdfxo_cfg(l, TDFXO_CFG_RING_GAP)) {
		if (l->rings < 255)
			l->rings++;
		l->stats[TDFXO_STAT_RINGS]++;
		act(s, TDFXO_EVENT_RING, l->rings);
	}
	enter(s, TDFXO_STATE_RINGING, TDFXO_NEVER);
	if (l->rings >= tdfxo_cfg(l, TDFXO_CFG_RING_NUMBER))
		offer(s);
	return 0;
}

static int ring_off(struct tdfxo_step *s)
{
	struct tdfxo_line *l = s->l;

	l->burst_end = l->signal[TDFXO_SIG_RING].since;
	l->until = l->burst_end + tdfxo_cfg(l, TDFXO_CFG_RING_TIMEOUT);
	act(s, TDFXO_EVENT_PAUSE, l->rings);
	return 0;
}

static int abandoned(struct tdfxo_step *s)
{
	act(s, TDFXO_EVENT_ABANDONED, 0);
	rest(s);
	return 0;
}

static int tip_ground(struct tdfxo_step *s)
{
	if (!tdfxo_cfg(s->l, TDFXO_CFG_GROUND_START))
		return 0;
	enter(s, TDFXO_STATE_SEIZED, TDFXO_NEVER);
	act(s, TDFXO_EVENT_SEIZED, 0);
	if (!tdfxo_cfg(s->l, TDFXO_CFG_RING_ONLY))
		offer(s);
	return 0;
}

/* Ground start: the end of an unanswered call is plain to see. */
static int tip_open(struct tdfxo_step *s)
{
	return tdfxo_cfg(s->l, TDFXO_CFG_GROUND_START) ? abandoned(s) : 0;
}

static int seize(struct tdfxo_step *s)
{
	struct tdfxo_line *l = s->l;
	__s32 mv = l->mv < 0 ? -l->mv : l->mv;

	if (l->ring_raw)
		return -EBUSY;
	if (tdfxo_cfg(l, TDFXO_CFG_GROUND_START)) {
		if (l->signal[TDFXO_SIG_TIP].raw || l->signal[TDFXO_SIG_TIP].counts)
			return -EBUSY;
		relays(s, TDFXO_RELAY_RING_GROUND);
		enter(s, TDFXO_STATE_SEIZING, tdfxo_cfg(l, TDFXO_CFG_SEIZE));
	} else {
		if (!l->signal[TDFXO_SIG_BATTERY].raw)
			return -ENOLINK;
		if (mv < (__s32)tdfxo_cfg(l, TDFXO_CFG_IN_USE))
			return -EBUSY;
		close_loop(s);
		enter(s, TDFXO_STATE_SETTLING, tdfxo_cfg(l, TDFXO_CFG_SETTLE));
		act(s, TDFXO_EVENT_OFF_HOOK, 0);
	}
	l->outgoing = true;
	l->fresh = true;
	l->stats[TDFXO_STAT_SEIZURES]++;
	return 0;
}

/* The loop is closed before the ground is taken away, so that the exchange sees no gap. */
static int seized(struct tdfxo_step *s)
{
	relays(s, TDFXO_RELAY_LOOP | TDFXO_RELAY_RING_GROUND);
	close_loop(s);
	enter(s, TDFXO_STATE_SETTLING, tdfxo_cfg(s->l, TDFXO_CFG_SETTLE));
	act(s, TDFXO_EVENT_OFF_HOOK, 0);
	return 0;
}

static int seize_failed(struct tdfxo_step *s)
{
	act(s, TDFXO_EVENT_SEIZE_FAILED, 0);
	on_hook(s, false);
	return 0;
}

/* Ground start: it rings although we asked for the line: the exchange was first. */
static int seizing_rings(struct tdfxo_step *s)
{
	relays(s, 0);
	end_call(s->l);
	s->l->stats[TDFXO_STAT_GLARES]++;
	act(s, TDFXO_EVENT_GLARE, 0);
	return ring_on(s);
}

/* Our loop met a ring: we have answered a stranger. */
static int settling_rings(struct tdfxo_step *s)
{
	struct tdfxo_line *l = s->l;

	if (!l->fresh)
		return 0;
	l->fresh = false;
	l->outgoing = false;
	l->stats[TDFXO_STAT_GLARES]++;
	act(s, TDFXO_EVENT_GLARE, 0);
	return 0;
}

static int answer(struct tdfxo_step *s)
{
	s->l->stats[TDFXO_STAT_ANSWERS]++;
	close_loop(s);
	enter(s, TDFXO_STATE_SETTLING, tdfxo_cfg(s->l, TDFXO_CFG_SETTLE));
	act(s, TDFXO_EVENT_OFF_HOOK, 0);
	return 0;
}

static int ready(struct tdfxo_step *s)
{
	s->l->fresh = false;
	enter(s, TDFXO_STATE_LOOP, TDFXO_NEVER);
	act(s, TDFXO_EVENT_READY, 0);
	return 0;
}

static int hang_up(struct tdfxo_step *s)
{
	on_hook(s, s->ms);
	return 0;
}

static int wait_release_over(struct tdfxo_step *s)
{
	on_hook(s, true);
	return 0;
}

static int battery_drop(struct tdfxo_step *s)
{
	released(s, TDFXO_REASON_BATTERY);
	return 0;
}

static int tip_drop(struct tdfxo_step *s)
{
	if (tdfxo_cfg(s->l, TDFXO_CFG_GROUND_START))
		released(s, TDFXO_REASON_TIP);
	return 0;
}

/*
 * Exchanges that reverse tell the answer so and end the call by turning back; a call from
 * there has no answer to tell. Shortly after our own hook moved it means nothing.
 */
static int reversal(struct tdfxo_step *s)
{
	struct tdfxo_line *l = s->l;

	if (l->signal[TDFXO_SIG_REVERSED].since <
	    l->hook_at + tdfxo_cfg(l, TDFXO_CFG_REVERSAL_GUARD))
		return 0;
	polarity(s);
	if (!tdfxo_cfg(l, TDFXO_CFG_REVERSAL))
		return 0;
	if (l->outgoing && !l->answered) {
		l->answered = true;
		act(s, TDFXO_EVENT_ANSWERED, 0);
	} else {
		released(s, TDFXO_REASON_REVERSAL);
	}
	return 0;
}

static int guard_over(struct tdfxo_step *s)
{
	struct tdfxo_line *l = s->l;

	rest(s);
	if (l->state == TDFXO_STATE_IDLE)
		act(s, TDFXO_EVENT_IDLE, 0);
	return l->signal[TDFXO_SIG_TIP].counts ? tip_ground(s) : 0;
}

static int flash(struct tdfxo_step *s)
{
	__u32 ms = s->ms ? s->ms : tdfxo_cfg(s->l, TDFXO_CFG_FLASH);

	if (ms > TDFXO_FLASH_MAX)
		return -EINVAL;
	relays(s, 0);
	enter(s, TDFXO_STATE_FLASHING, ms);
	return 0;
}

static int flash_over(struct tdfxo_step *s)
{
	close_loop(s);
	enter(s, TDFXO_STATE_SETTLING, tdfxo_cfg(s->l, TDFXO_CFG_SETTLE));
	return 0;
}

/* The first character of what is left to dial. */
static void begin_digit(struct tdfxo_step *s)
{
	struct tdfxo_line *l = s->l;
	char c = l->digits[0];

	l->pulses = c == ',' ? 0 : c == '0' ? 10 : c - '0';
	if (l->pulses)
		relays(s, 0);
	enter(s, TDFXO_STATE_DIALLING,
	      l->pulses ? tdfxo_cfg(l, TDFXO_CFG_PULSE_BREAK) : DIAL_PAUSE);
}

static int dial(struct tdfxo_step *s)
{
	size_t n = s->digits ? strlen(s->digits) : 0;

	if (!n || n > TDFXO_MAX_DIGITS || strspn(s->digits, "0123456789,") != n)
		return -EINVAL;
	memcpy(s->l->digits, s->digits, n + 1);
	begin_digit(s);
	return 0;
}

static int dial_timer(struct tdfxo_step *s)
{
	struct tdfxo_line *l = s->l;
	size_t n = strlen(l->digits);
	bool last = n <= 1;

	if (l->pulses && !l->relays) {		/* a break is over */
		l->pulses--;
		close_loop(s);
		enter(s, TDFXO_STATE_DIALLING, l->pulses || last ?
		      tdfxo_cfg(l, TDFXO_CFG_PULSE_MAKE) : tdfxo_cfg(l, TDFXO_CFG_INTERDIGIT));
	} else if (l->pulses) {
		relays(s, 0);
		enter(s, TDFXO_STATE_DIALLING, tdfxo_cfg(l, TDFXO_CFG_PULSE_BREAK));
	} else if (!last) {
		memmove(l->digits, l->digits + 1, n);
		begin_digit(s);
	} else {
		l->digits[0] = '\0';
		enter(s, TDFXO_STATE_LOOP, TDFXO_NEVER);
		act(s, TDFXO_EVENT_DIALLED, 0);
	}
	return 0;
}

/* What a state makes of an input. Nothing, where there is none; an order is refused then. */
static int (*const rules[__TDFXO_STATE_MAX][TDFXO_N_INPUTS])(struct tdfxo_step *s) = {
	[TDFXO_STATE_IDLE] = {
		[TDFXO_IN_BATTERY_LOST] = line_down,
		[TDFXO_IN_REVERSAL] = polarity,
		[TDFXO_IN_RING_ON] = ring_on,
		[TDFXO_IN_TIP_GROUND] = tip_ground,
		[TDFXO_IN_SEIZE] = seize,
	},
	[TDFXO_STATE_NO_LINE] = {
		[TDFXO_IN_BATTERY_BACK] = line_up,
		[TDFXO_IN_REVERSAL] = polarity,
		[TDFXO_IN_RING_ON] = ring_on,
	},
	[TDFXO_STATE_GUARD] = {
		[TDFXO_IN_REVERSAL] = polarity,
		[TDFXO_IN_RING_ON] = ring_on,
		[TDFXO_IN_TIMER] = guard_over,
	},
	[TDFXO_STATE_SEIZED] = {
		[TDFXO_IN_REVERSAL] = polarity,
		[TDFXO_IN_RING_ON] = ring_on,
		[TDFXO_IN_TIP_OPEN] = tip_open,
		[TDFXO_IN_ANSWER] = answer,
	},
	[TDFXO_STATE_RINGING] = {
		[TDFXO_IN_REVERSAL] = polarity,
		[TDFXO_IN_RING_ON] = ring_on,
		[TDFXO_IN_RING_OFF] = ring_off,
		[TDFXO_IN_TIP_OPEN] = tip_open,
		[TDFXO_IN_TIMER] = abandoned,
		[TDFXO_IN_ANSWER] = answer,
	},
	[TDFXO_STATE_SEIZING] = {
		[TDFXO_IN_RING_ON] = seizing_rings,
		[TDFXO_IN_TIP_GROUND] = seized,
		[TDFXO_IN_TIMER] = seize_failed,
		[TDFXO_IN_HANGUP] = hang_up,
	},
	[TDFXO_STATE_SETTLING] = {
		[TDFXO_IN_BATTERY_LOST] = battery_drop,
		[TDFXO_IN_REVERSAL] = reversal,
		[TDFXO_IN_RING_ON] = settling_rings,
		[TDFXO_IN_TIP_OPEN] = tip_drop,
		[TDFXO_IN_TIMER] = ready,
		[TDFXO_IN_HANGUP] = hang_up,
	},
	[TDFXO_STATE_LOOP] = {
		[TDFXO_IN_BATTERY_LOST] = battery_drop,
		[TDFXO_IN_REVERSAL] = reversal,
		[TDFXO_IN_TIP_OPEN] = tip_drop,
		[TDFXO_IN_HANGUP] = hang_up,
		[TDFXO_IN_FLASH] = flash,
		[TDFXO_IN_DIAL] = dial,
	},
	[TDFXO_STATE_DIALLING] = {
		[TDFXO_IN_BATTERY_LOST] = battery_drop,
		[TDFXO_IN_TIP_OPEN] = tip_drop,
		[TDFXO_IN_TIMER] = dial_timer,
		[TDFXO_IN_HANGUP] = hang_up,
	},
	[TDFXO_STATE_FLASHING] = {
		[TDFXO_IN_TIMER] = flash_over,
		[TDFXO_IN_HANGUP] = hang_up,
	},
	[TDFXO_STATE_RELEASED] = {
		[TDFXO_IN_TIMER] = wait_release_over,
		[TDFXO_IN_HANGUP] = hang_up,
	},
};

/* Why an order is refused, where it has no rule. */
static const __s16 refusals[__TDFXO_STATE_MAX][5] = {
	/* SEIZE, ANSWER, HANGUP, FLASH, DIAL */
	[TDFXO_STATE_IDLE] = { 0, -ENOTCONN, -EALREADY, -ENOTCONN, -ENOTCONN },
	[TDFXO_STATE_NO_LINE] = { -ENOLINK, -ENOTCONN, -EALREADY, -ENOTCONN, -ENOTCONN },
	[TDFXO_STATE_GUARD] = { -EBUSY, -ENOTCONN, -EALREADY, -ENOTCONN, -ENOTCONN },
	[TDFXO_STATE_SEIZED] = { -EBUSY, 0, -EALREADY, -ENOTCONN, -ENOTCONN },
	[TDFXO_STATE_RINGING] = { -EBUSY, 0, -EALREADY, -ENOTCONN, -ENOTCONN },
	[TDFXO_STATE_SEIZING] = { -EALREADY, -ENOTCONN, 0, -EAGAIN, -EAGAIN },
	[TDFXO_STATE_SETTLING] = { -EALREADY, -EALREADY, 0, -EAGAIN, -EAGAIN },
	[TDFXO_STATE_LOOP] = { -EALREADY, -EALREADY, 0, 0, 0 },
	[TDFXO_STATE_DIALLING] = { -EALREADY, -EALREADY, 0, -EAGAIN, -EAGAIN },
	[TDFXO_STATE_FLASHING] = { -EALREADY, -EALREADY, 0, -EAGAIN, -EAGAIN },
	[TDFXO_STATE_RELEASED] = { -EBUSY, -EALREADY, 0, -ENOTCONN, -ENOTCONN },
};

int tdfxo_line_step(struct tdfxo_step *s, enum tdfxo_input in)
{
	int (*run)(struct tdfxo_step *s) = rules[s->l->state][in];

	if (run)
		return run(s);
	return in < TDFXO_IN_SEIZE ? 0 : refusals[s->l->state][in - TDFXO_IN_SEIZE];
}
