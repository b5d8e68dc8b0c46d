/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PURE. One analogue line seen from the telephone's end: what a board measures and what the
 * owner orders go in with the time, relay positions and events come out. No clock, no memory,
 * no locks of its own; the caller serialises.
 *
 *	tdfxo_line_measure()	the board saw something change
 *	tdfxo_line_order()	the owner wants something
 *	tdfxo_line_run()	time has passed; due no later than tdfxo_line_next()
 *
 * A signal counts only when it has kept its value for its time (debouncing), and then it is
 * dated at the moment that time was over: a caller that comes late gets the same results.
 * The states and what each means are in uapi/tandem_fxo.h.
 */
#ifndef TDFXO_LINE_H
#define TDFXO_LINE_H

#ifndef __KERNEL__
#include <stdbool.h>
#endif
#include "uapi/tandem_fxo.h"

#define TDFXO_NEVER		__INT64_MAX__
#define TDFXO_MAX_ACTIONS	16
#define TDFXO_FLASH_MAX		1500	/* ms; longer would be a hang-up */

/* relays of a board; the exchange sees a loop, or ground on the ring wire */
#define TDFXO_RELAY_LOOP	1
#define TDFXO_RELAY_RING_GROUND	2

/**
 * struct tdfxo_measure - what a board sees on the wires now
 * @mv: tip against ring in millivolts; the sign is the polarity
 * @ring_dhz: frequency of ringing in tenths of a hertz, 0 when there is none
 * @tip_ground: the exchange has grounded tip (ground start)
 */
struct tdfxo_measure {
	__s32 mv;
	__u32 ring_dhz;
	bool tip_ground;
};

/**
 * struct tdfxo_line_config - how the line behaves; the values of TDFXO_CFG_*, times in ms
 * @value: by enum tdfxo_cfg; [0] is unused
 */
struct tdfxo_line_config {
	__u32 value[__TDFXO_CFG_MAX];
};

enum tdfxo_signal {
	TDFXO_SIG_BATTERY, TDFXO_SIG_REVERSED, TDFXO_SIG_RING, TDFXO_SIG_TIP, TDFXO_N_SIGNALS
};

/* Inputs of the state table: signals after debouncing, the state's timer, orders. */
enum tdfxo_input {
	TDFXO_IN_BATTERY_LOST, TDFXO_IN_BATTERY_BACK, TDFXO_IN_REVERSAL,
	TDFXO_IN_RING_ON, TDFXO_IN_RING_OFF, TDFXO_IN_TIP_GROUND, TDFXO_IN_TIP_OPEN,
	TDFXO_IN_TIMER,
	TDFXO_IN_SEIZE, TDFXO_IN_ANSWER, TDFXO_IN_HANGUP, TDFXO_IN_FLASH, TDFXO_IN_DIAL,
	TDFXO_N_INPUTS
};

/**
 * struct tdfxo_action - one thing to do, in order
 * @at: when it was due, ms
 * @event: an event for the owner, or 0: set the board's relays
 * @value: what the event carries, or TDFXO_RELAY_*
 */
struct tdfxo_action {
	__s64 at;
	__u8 event;
	__u32 value;
};

struct tdfxo_actions {
	unsigned int n;
	struct tdfxo_action a[TDFXO_MAX_ACTIONS];
};

/**
 * struct tdfxo_line - the line
 * @cfg: how it behaves
 * @state: enum tdfxo_state
 * @relays: TDFXO_RELAY_*
 * @rings: rings of this call so far
 * @outgoing: we seized it
 * @fresh: seized and not settled: ringing now means glare
 * @answered: the exchange reversed the battery after our seizure
 * @offered: this call was reported (INCOMING)
 * @ring_raw: any ringing is on the wires, whatever its frequency
 * @mv: the last voltage
 * @signal: per signal what the wires say, what counts, and since when they say so
 * @until: when the state's timer ends
 * @burst_end: when the last burst of ringing ended
 * @hook_at: when our relays last moved
 * @digits: what is left to dial
 * @pulses: breaks left of this digit
 * @stats: counters, by enum tdfxo_stat
 */
struct tdfxo_line {
	struct tdfxo_line_config cfg;
	__u8 state;
	__u8 relays;
	__u8 rings;
	bool outgoing, fresh, answered, offered, ring_raw;
	__s32 mv;
	struct {
		bool raw, counts;
		__s64 since;
	} signal[TDFXO_N_SIGNALS];
	__s64 until, burst_end, hook_at;
	char digits[TDFXO_MAX_DIGITS + 1];
	__u8 pulses;
	__u32 stats[__TDFXO_STAT_MAX];
};

/**
 * struct tdfxo_cfg_range - what a value may be
 * @min: the least
 * @max: the most
 * @usual: the default
 */
struct tdfxo_cfg_range {
	__u32 min, max, usual;
};

extern const struct tdfxo_cfg_range tdfxo_cfg_ranges[__TDFXO_CFG_MAX];

/* A line on hook, with the usual values, battery taken for granted until it is measured. */
void tdfxo_line_init(struct tdfxo_line *l, __s64 now);

/*
 * Another configuration. -EBUSY: signalling changes only on a line that is at rest. The
 * values must be in range; -EINVAL: a window of frequencies that is upside down.
 */
int tdfxo_line_configure(struct tdfxo_line *l, const struct tdfxo_line_config *cfg);

/* These three add their actions to @out, which the caller has emptied. */
void tdfxo_line_measure(struct tdfxo_line *l, const struct tdfxo_measure *m, __s64 now,
			struct tdfxo_actions *out);
void tdfxo_line_run(struct tdfxo_line *l, __s64 now, struct tdfxo_actions *out);

/*
 * An order: SEIZE, ANSWER, HANGUP (ms not 0: the owner is gone), FLASH (ms, 0: as configured),
 * DIAL (pulses; digits and ',' for a pause of a second). 0, or why not:
 * -EBUSY	the line rings, is guarded, or another telephone is on it
 * -ENOLINK	no battery
 * -EALREADY	the hook is so
 * -EAGAIN	the loop is not settled yet, or a dial or flash runs
 * -ENOTCONN	there is no call to answer, to flash or to dial in
 * -EINVAL	not a digit, too many, too long a flash
 */
int tdfxo_line_order(struct tdfxo_line *l, enum tdfxo_input order, __u32 ms, const char *digits,
		     __s64 now, struct tdfxo_actions *out);

/* When tdfxo_line_run() has to be called at the latest; TDFXO_NEVER. */
__s64 tdfxo_line_next(const struct tdfxo_line *l);

/* Is the loop closed, or about to be? */
bool tdfxo_line_off_hook(const struct tdfxo_line *l);

/* ---- between fxo_line.c and fxo_states.c ---- */

/**
 * struct tdfxo_step - what one input works with
 * @l: the line
 * @out: what it does
 * @now: when it counts, ms
 * @ms: of an order
 * @digits: of DIAL
 */
struct tdfxo_step {
	struct tdfxo_line *l;
	struct tdfxo_actions *out;
	__s64 now;
	__u32 ms;
	const char *digits;
};

static inline __u32 tdfxo_cfg(const struct tdfxo_line *l, enum tdfxo_cfg c)
{
	return l->cfg.value[c];
}

/* One input, at most four actions; the error of a refused order. */
int tdfxo_line_step(struct tdfxo_step *s, enum tdfxo_input in);

#endif
