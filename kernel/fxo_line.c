// SPDX-License-Identifier: GPL-2.0-only
/*
 * PURE. One analogue line: debouncing, ring counting, the state table of loop start and ground
 * start, pulses and hook flash. The facts are common to all exchanges: a ring is a cadence, not
 * a burst; a caller who gives up is silent; battery that fails for a moment is normal, for
 * longer it is the exchange's goodbye.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <string.h>
#endif
#include "fxo_line.h"

#define BATTERY_MV	3000	/* less is no battery */
#define DIAL_PAUSE	1000	/* ',' */
#define FLASH_MAX	1500	/* longer would be a hang-up */

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
	[TDFXO_CFG_FLASH]          = { 50, FLASH_MAX, 400 },
	[TDFXO_CFG_PULSE_BREAK]    = { 20, 200, 60 },
	[TDFXO_CFG_PULSE_MAKE]     = { 20, 200, 40 },
	[TDFXO_CFG_INTERDIGIT]     = { 100, 5000, 800 },
	[TDFXO_CFG_IN_USE]         = { BATTERY_MV, 40000, 18000 },
};

/* what one step works with */
struct step {
	struct tdfxo_line *l;
	struct tdfxo_actions *out;
	__s64 now;
	__u32 ms;
	const char *digits;
};

static __u32 cfg(const struct tdfxo_line *l, enum tdfxo_cfg c)
{
	return l->cfg.value[c];
}

static void act(struct step *s, __u8 event, __u32 value)
{
	if (s->out->n < TDFXO_MAX_ACTIONS)
		s->out->a[s->out->n++] = (struct tdfxo_action) {
			.at = s->now, .event = event, .value = value,
		};
}

static void enter(struct step *s, __u8 state, __s64 timer)
{
	s->l->state = state;
	s->l->until = timer == TDFXO_NEVER ? TDFXO_NEVER : s->now + timer;
}

static void relays(struct step *s, __u8 relays)
{
	s->l->relays = relays;
	s->l->hook_at = s->now;
	act(s, 0, relays);
}

/* From now on battery is judged anew: what was missing on an open loop says nothing. */
static void close_loop(struct step *s)
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

static void on_hook(struct step *s, bool watchdog)
{
	bool off = tdfxo_line_off_hook(s->l);

	relays(s, 0);
	end_call(s->l);
	enter(s, TDFXO_STATE_GUARD, cfg(s->l, TDFXO_CFG_GUARD));
	if (off)
		act(s, TDFXO_EVENT_ON_HOOK, watchdog);
}

static int line_down(struct step *s)
{
	s->l->stats[TDFXO_STAT_ALARMS]++;
	enter(s, TDFXO_STATE_NO_LINE, TDFXO_NEVER);
	act(s, TDFXO_EVENT_LINE_DOWN, 0);
	return 0;
}

/* On hook and at rest; what is on the wires tells which rest. */
static void rest(struct step *s)
{
	struct tdfxo_line *l = s->l;

	end_call(l);
	if (cfg(l, TDFXO_CFG_GROUND_START) || l->signal[TDFXO_SIG_BATTERY].counts)
		enter(s, TDFXO_STATE_IDLE, TDFXO_NEVER);
	else
		line_down(s);
}

static void released(struct step *s, enum tdfxo_reason reason)
{
	s->l->stats[TDFXO_STAT_DISCONNECTS]++;
	if (s->l->state == TDFXO_STATE_DIALLING || s->l->state == TDFXO_STATE_FLASHING)
		close_loop(s);
	enter(s, TDFXO_STATE_RELEASED, cfg(s->l, TDFXO_CFG_WAIT_RELEASE));
	act(s, TDFXO_EVENT_DISCONNECT, reason);
}

static void offer(struct step *s)
{
	if (s->l->offered)
		return;
	s->l->offered = true;
	act(s, TDFXO_EVENT_INCOMING, s->l->rings);
}

/* ---- rules: each is one cell of the table ---- */

static int line_up(struct step *s)
{
	enter(s, TDFXO_STATE_IDLE, TDFXO_NEVER);
	act(s, TDFXO_EVENT_LINE_UP, 0);
	return 0;
}

static int polarity(struct step *s)
{
	act(s, TDFXO_EVENT_POLARITY, s->l->signal[TDFXO_SIG_REVERSED].counts);
	return 0;
}

/* A burst has lasted long enough. Which ring it belongs to: see the silence before it. */
static int ring_on(struct step *s)
{
	struct tdfxo_line *l = s->l;
	__s64 silence = l->signal[TDFXO_SIG_RING].since - l->burst_end;

	if (!l->rings || silence > cfg(l, TDFXO_CFG_RING_GAP)) {
		if (l->rings < 255)
			l->rings++;
		l->stats[TDFXO_STAT_RINGS]++;
		act(s, TDFXO_EVENT_RING, l->rings);
	}
	enter(s, TDFXO_STATE_RINGING, TDFXO_NEVER);
	if (l->rings >= cfg(l, TDFXO_CFG_RING_NUMBER))
		offer(s);
	return 0;
}

static int ring_off(struct step *s)
{
	struct tdfxo_line *l = s->l;

	l->burst_end = l->signal[TDFXO_SIG_RING].since;
	l->until = l->burst_end + cfg(l, TDFXO_CFG_RING_TIMEOUT);
	act(s, TDFXO_EVENT_PAUSE, l->rings);
	return 0;
}

static int abandoned(struct step *s)
{
	act(s, TDFXO_EVENT_ABANDONED, 0);
	rest(s);
	return 0;
}

static int tip_ground(struct step *s)
{
	if (!cfg(s->l, TDFXO_CFG_GROUND_START))
		return 0;
	enter(s, TDFXO_STATE_SEIZED, TDFXO_NEVER);
	act(s, TDFXO_EVENT_SEIZED, 0);
	if (!cfg(s->l, TDFXO_CFG_RING_ONLY))
		offer(s);
	return 0;
}

/* Ground start: the end of an unanswered call is plain to see. */
static int tip_open(struct step *s)
{
	return cfg(s->l, TDFXO_CFG_GROUND_START) ? abandoned(s) : 0;
}

static int seize(struct step *s)
{
	struct tdfxo_line *l = s->l;
	__s32 mv = l->mv < 0 ? -l->mv : l->mv;

	if (l->ring_raw)
		return -EBUSY;
	if (cfg(l, TDFXO_CFG_GROUND_START)) {
		if (l->signal[TDFXO_SIG_TIP].raw || l->signal[TDFXO_SIG_TIP].counts)
			return -EBUSY;
		relays(s, TDFXO_RELAY_RING_GROUND);
		enter(s, TDFXO_STATE_SEIZING, cfg(l, TDFXO_CFG_SEIZE));
	} else {
		if (!l->signal[TDFXO_SIG_BATTERY].raw)
			return -ENOLINK;
		if (mv < (__s32)cfg(l, TDFXO_CFG_IN_USE))
			return -EBUSY;
		close_loop(s);
		enter(s, TDFXO_STATE_SETTLING, cfg(l, TDFXO_CFG_SETTLE));
		act(s, TDFXO_EVENT_OFF_HOOK, 0);
	}
	l->outgoing = true;
	l->fresh = true;
	l->stats[TDFXO_STAT_SEIZURES]++;
	return 0;
}

/* The loop is closed before the ground is taken away, so that the exchange sees no gap. */
static int seized(struct step *s)
{
	relays(s, TDFXO_RELAY_LOOP | TDFXO_RELAY_RING_GROUND);
	close_loop(s);
	enter(s, TDFXO_STATE_SETTLING, cfg(s->l, TDFXO_CFG_SETTLE));
	act(s, TDFXO_EVENT_OFF_HOOK, 0);
	return 0;
}

static int seize_failed(struct step *s)
{
	act(s, TDFXO_EVENT_SEIZE_FAILED, 0);
	on_hook(s, false);
	return 0;
}

/* Ground start: it rings although we asked for the line: the exchange was first. */
static int seizing_rings(struct step *s)
{
	relays(s, 0);
	end_call(s->l);
	s->l->stats[TDFXO_STAT_GLARES]++;
	act(s, TDFXO_EVENT_GLARE, 0);
	return ring_on(s);
}

/* Our loop met a ring: we have answered a stranger. */
static int settling_rings(struct step *s)
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

static int answer(struct step *s)
{
	s->l->stats[TDFXO_STAT_ANSWERS]++;
	close_loop(s);
	enter(s, TDFXO_STATE_SETTLING, cfg(s->l, TDFXO_CFG_SETTLE));
	act(s, TDFXO_EVENT_OFF_HOOK, 0);
	return 0;
}

static int ready(struct step *s)
{
	s->l->fresh = false;
	enter(s, TDFXO_STATE_LOOP, TDFXO_NEVER);
	act(s, TDFXO_EVENT_READY, 0);
	return 0;
}

static int hang_up(struct step *s)
{
	on_hook(s, false);
	return 0;
}

static int wait_release_over(struct step *s)
{
	s->l->stats[TDFXO_STAT_WATCHDOG]++;
	on_hook(s, true);
	return 0;
}

static int battery_drop(struct step *s)
{
	released(s, TDFXO_REASON_BATTERY);
	return 0;
}

static int tip_drop(struct step *s)
{
	if (cfg(s->l, TDFXO_CFG_GROUND_START))
		released(s, TDFXO_REASON_TIP);
	return 0;
}

/*
 * Exchanges that reverse tell the answer so and end the call by turning back; a call from
 * there has no answer to tell. Shortly after our own hook moved it means nothing.
 */
static int reversal(struct step *s)
{
	struct tdfxo_line *l = s->l;

	if (l->signal[TDFXO_SIG_REVERSED].since <
	    l->hook_at + cfg(l, TDFXO_CFG_REVERSAL_GUARD))
		return 0;
	polarity(s);
	if (!cfg(l, TDFXO_CFG_REVERSAL))
		return 0;
	if (l->outgoing && !l->answered) {
		l->answered = true;
		act(s, TDFXO_EVENT_ANSWERED, 0);
	} else {
		released(s, TDFXO_REASON_REVERSAL);
	}
	return 0;
}

static int guard_over(struct step *s)
{
	struct tdfxo_line *l = s->l;

	rest(s);
	if (l->state == TDFXO_STATE_IDLE)
		act(s, TDFXO_EVENT_IDLE, 0);
	return l->signal[TDFXO_SIG_TIP].counts ? tip_ground(s) : 0;
}

static int flash(struct step *s)
{
	__u32 ms = s->ms ? s->ms : cfg(s->l, TDFXO_CFG_FLASH);

	if (ms > FLASH_MAX)
		return -EINVAL;
	relays(s, 0);
	enter(s, TDFXO_STATE_FLASHING, ms);
	return 0;
}

static int flash_over(struct step *s)
{
	close_loop(s);
	enter(s, TDFXO_STATE_SETTLING, cfg(s->l, TDFXO_CFG_SETTLE));
	return 0;
}

/* The first character of what is left to dial. */
static void begin_digit(struct step *s)
{
	struct tdfxo_line *l = s->l;
	char c = l->digits[0];

	l->pulses = c == ',' ? 0 : c == '0' ? 10 : c - '0';
	if (l->pulses)
		relays(s, 0);
	enter(s, TDFXO_STATE_DIALLING, l->pulses ? cfg(l, TDFXO_CFG_PULSE_BREAK) : DIAL_PAUSE);
}

static int dial(struct step *s)
{
	size_t n = s->digits ? strlen(s->digits) : 0;

	if (!n || n > TDFXO_MAX_DIGITS || strspn(s->digits, "0123456789,") != n)
		return -EINVAL;
	memcpy(s->l->digits, s->digits, n + 1);
	begin_digit(s);
	return 0;
}

static int dial_timer(struct step *s)
{
	struct tdfxo_line *l = s->l;
	size_t n = strlen(l->digits);
	bool last = n <= 1;

	if (l->pulses && !l->relays) {		/* a break is over */
		l->pulses--;
		close_loop(s);
		enter(s, TDFXO_STATE_DIALLING, l->pulses || last ?
		      cfg(l, TDFXO_CFG_PULSE_MAKE) : cfg(l, TDFXO_CFG_INTERDIGIT));
	} else if (l->pulses) {
		relays(s, 0);
		enter(s, TDFXO_STATE_DIALLING, cfg(l, TDFXO_CFG_PULSE_BREAK));
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

/* An empty cell does nothing. Orders that a state refuses have their error instead of a rule. */
struct rule {
	int (*run)(struct step *s);
	int error;
};

static const struct rule rules[__TDFXO_STATE_MAX][TDFXO_N_INPUTS] = {
	[TDFXO_STATE_IDLE] = {
		[TDFXO_IN_BATTERY_LOST] = { line_down },
		[TDFXO_IN_REVERSAL] = { polarity },
		[TDFXO_IN_RING_ON] = { ring_on },
		[TDFXO_IN_TIP_GROUND] = { tip_ground },
		[TDFXO_IN_SEIZE] = { seize },
		[TDFXO_IN_ANSWER] = { .error = -ENOTCONN },
		[TDFXO_IN_HANGUP] = { .error = -EALREADY },
		[TDFXO_IN_FLASH] = { .error = -ENOTCONN },
		[TDFXO_IN_DIAL] = { .error = -ENOTCONN },
	},
	[TDFXO_STATE_NO_LINE] = {
		[TDFXO_IN_BATTERY_BACK] = { line_up },
		[TDFXO_IN_REVERSAL] = { polarity },
		[TDFXO_IN_RING_ON] = { ring_on },
		[TDFXO_IN_SEIZE] = { .error = -ENOLINK },
		[TDFXO_IN_ANSWER] = { .error = -ENOTCONN },
		[TDFXO_IN_HANGUP] = { .error = -EALREADY },
		[TDFXO_IN_FLASH] = { .error = -ENOTCONN },
		[TDFXO_IN_DIAL] = { .error = -ENOTCONN },
	},
	[TDFXO_STATE_GUARD] = {
		[TDFXO_IN_REVERSAL] = { polarity },
		[TDFXO_IN_RING_ON] = { ring_on },
		[TDFXO_IN_TIMER] = { guard_over },
		[TDFXO_IN_SEIZE] = { .error = -EBUSY },
		[TDFXO_IN_ANSWER] = { .error = -ENOTCONN },
		[TDFXO_IN_HANGUP] = { .error = -EALREADY },
		[TDFXO_IN_FLASH] = { .error = -ENOTCONN },
		[TDFXO_IN_DIAL] = { .error = -ENOTCONN },
	},
	[TDFXO_STATE_SEIZED] = {
		[TDFXO_IN_REVERSAL] = { polarity },
		[TDFXO_IN_RING_ON] = { ring_on },
		[TDFXO_IN_TIP_OPEN] = { tip_open },
		[TDFXO_IN_SEIZE] = { .error = -EBUSY },
		[TDFXO_IN_ANSWER] = { answer },
		[TDFXO_IN_HANGUP] = { .error = -EALREADY },
		[TDFXO_IN_FLASH] = { .error = -ENOTCONN },
		[TDFXO_IN_DIAL] = { .error = -ENOTCONN },
	},
	[TDFXO_STATE_RINGING] = {
		[TDFXO_IN_REVERSAL] = { polarity },
		[TDFXO_IN_RING_ON] = { ring_on },
		[TDFXO_IN_RING_OFF] = { ring_off },
		[TDFXO_IN_TIP_OPEN] = { tip_open },
		[TDFXO_IN_TIMER] = { abandoned },
		[TDFXO_IN_SEIZE] = { .error = -EBUSY },
		[TDFXO_IN_ANSWER] = { answer },
		[TDFXO_IN_HANGUP] = { .error = -EALREADY },
		[TDFXO_IN_FLASH] = { .error = -ENOTCONN },
		[TDFXO_IN_DIAL] = { .error = -ENOTCONN },
	},
	[TDFXO_STATE_SEIZING] = {
		[TDFXO_IN_RING_ON] = { seizing_rings },
		[TDFXO_IN_TIP_GROUND] = { seized },
		[TDFXO_IN_TIMER] = { seize_failed },
		[TDFXO_IN_SEIZE] = { .error = -EALREADY },
		[TDFXO_IN_ANSWER] = { .error = -ENOTCONN },
		[TDFXO_IN_HANGUP] = { hang_up },
		[TDFXO_IN_FLASH] = { .error = -EAGAIN },
		[TDFXO_IN_DIAL] = { .error = -EAGAIN },
	},
	[TDFXO_STATE_SETTLING] = {
		[TDFXO_IN_BATTERY_LOST] = { battery_drop },
		[TDFXO_IN_REVERSAL] = { reversal },
		[TDFXO_IN_RING_ON] = { settling_rings },
		[TDFXO_IN_TIP_OPEN] = { tip_drop },
		[TDFXO_IN_TIMER] = { ready },
		[TDFXO_IN_SEIZE] = { .error = -EALREADY },
		[TDFXO_IN_ANSWER] = { .error = -EALREADY },
		[TDFXO_IN_HANGUP] = { hang_up },
		[TDFXO_IN_FLASH] = { .error = -EAGAIN },
		[TDFXO_IN_DIAL] = { .error = -EAGAIN },
	},
	[TDFXO_STATE_LOOP] = {
		[TDFXO_IN_BATTERY_LOST] = { battery_drop },
		[TDFXO_IN_REVERSAL] = { reversal },
		[TDFXO_IN_TIP_OPEN] = { tip_drop },
		[TDFXO_IN_SEIZE] = { .error = -EALREADY },
		[TDFXO_IN_ANSWER] = { .error = -EALREADY },
		[TDFXO_IN_HANGUP] = { hang_up },
		[TDFXO_IN_FLASH] = { flash },
		[TDFXO_IN_DIAL] = { dial },
	},
	[TDFXO_STATE_DIALLING] = {
		[TDFXO_IN_BATTERY_LOST] = { battery_drop },
		[TDFXO_IN_TIP_OPEN] = { tip_drop },
		[TDFXO_IN_TIMER] = { dial_timer },
		[TDFXO_IN_SEIZE] = { .error = -EALREADY },
		[TDFXO_IN_ANSWER] = { .error = -EALREADY },
		[TDFXO_IN_HANGUP] = { hang_up },
		[TDFXO_IN_FLASH] = { .error = -EAGAIN },
		[TDFXO_IN_DIAL] = { .error = -EAGAIN },
	},
	[TDFXO_STATE_FLASHING] = {
		[TDFXO_IN_TIMER] = { flash_over },
		[TDFXO_IN_SEIZE] = { .error = -EALREADY },
		[TDFXO_IN_ANSWER] = { .error = -EALREADY },
		[TDFXO_IN_HANGUP] = { hang_up },
		[TDFXO_IN_FLASH] = { .error = -EAGAIN },
		[TDFXO_IN_DIAL] = { .error = -EAGAIN },
	},
	[TDFXO_STATE_RELEASED] = {
		[TDFXO_IN_TIMER] = { wait_release_over },
		[TDFXO_IN_SEIZE] = { .error = -EBUSY },
		[TDFXO_IN_ANSWER] = { .error = -EALREADY },
		[TDFXO_IN_HANGUP] = { hang_up },
		[TDFXO_IN_FLASH] = { .error = -ENOTCONN },
		[TDFXO_IN_DIAL] = { .error = -ENOTCONN },
	},
};

static int step(struct step *s, enum tdfxo_input in)
{
	const struct rule *r = &rules[s->l->state][in];

	return r->run ? r->run(s) : r->error;
}

/* ---- signals and time ---- */

/* How long a signal must keep its new value before it counts. */
static __s64 debounce(const struct tdfxo_line *l, enum tdfxo_signal sig)
{
	bool raw = l->signal[sig].raw;
	__u32 ms;

	switch (sig) {
	case TDFXO_SIG_RING:
		return cfg(l, raw ? TDFXO_CFG_RING_ON : TDFXO_CFG_RING_OFF);
	case TDFXO_SIG_REVERSED:
		return cfg(l, TDFXO_CFG_POLARITY);
	case TDFXO_SIG_TIP:
		return cfg(l, TDFXO_CFG_TIP);
	default:
		break;
	}
	if (raw)
		return cfg(l, TDFXO_CFG_BATTERY);
	if (tdfxo_line_off_hook(l)) {
		ms = cfg(l, TDFXO_CFG_DISCONNECT);
		return ms ? ms : TDFXO_NEVER;
	}
	/* ground start has nothing between tip and ring while it rests */
	return cfg(l, TDFXO_CFG_GROUND_START) ? TDFXO_NEVER : cfg(l, TDFXO_CFG_ALARM);
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
		struct step s = { .l = l, .out = out, .now = tdfxo_line_next(l) };
		unsigned int sig;

		if (s.now > now)
			return;
		for (sig = 0; sig < TDFXO_N_SIGNALS; sig++)
			if (due(l, sig) == s.now)
				break;
		if (sig == TDFXO_N_SIGNALS) {
			l->until = TDFXO_NEVER;
			step(&s, TDFXO_IN_TIMER);
			continue;
		}
		l->signal[sig].counts = l->signal[sig].raw;
		if (sig == TDFXO_SIG_RING && !l->signal[sig].raw)
			burst_over(l);
		step(&s, input_of(sig, l->signal[sig].raw));
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
	bool ring = m->ring_dhz && m->ring_dhz >= cfg(l, TDFXO_CFG_RING_MIN) &&
		    m->ring_dhz <= cfg(l, TDFXO_CFG_RING_MAX);

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
	struct step s = { .l = l, .out = out, .now = now, .ms = ms, .digits = digits };

	tdfxo_line_run(l, now, out);
	return step(&s, order);
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
	if (c->value[TDFXO_CFG_GROUND_START] != cfg(l, TDFXO_CFG_GROUND_START) &&
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
