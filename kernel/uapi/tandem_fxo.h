/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_TANDEM_FXO_H
#define _UAPI_TANDEM_FXO_H

#include <linux/types.h>

#define TDFXO_MAX_DIGITS	64

/**
 * enum tdfxo_state - where a line is
 * @TDFXO_STATE_IDLE: on hook, can be seized
 * @TDFXO_STATE_NO_LINE: on hook and without battery: unplugged or broken (loop start)
 * @TDFXO_STATE_GUARD: on hook, too short ago for another seizure
 * @TDFXO_STATE_SEIZED: the exchange has grounded tip and does not ring yet (ground start)
 * @TDFXO_STATE_RINGING: the exchange rings, or its last ring is less than
 *	%TDFXO_CFG_RING_TIMEOUT ago
 * @TDFXO_STATE_SEIZING: we ground ring and wait for the exchange to ground tip (ground start)
 * @TDFXO_STATE_SETTLING: the loop has just been closed
 * @TDFXO_STATE_LOOP: off hook
 * @TDFXO_STATE_DIALLING: off hook, pulses are being sent
 * @TDFXO_STATE_FLASHING: the loop is open for the time of a hook flash
 * @TDFXO_STATE_RELEASED: the exchange has released the call, the loop is still closed
 */
enum tdfxo_state {
	TDFXO_STATE_IDLE,
	TDFXO_STATE_NO_LINE,
	TDFXO_STATE_GUARD,
	TDFXO_STATE_SEIZED,
	TDFXO_STATE_RINGING,
	TDFXO_STATE_SEIZING,
	TDFXO_STATE_SETTLING,
	TDFXO_STATE_LOOP,
	TDFXO_STATE_DIALLING,
	TDFXO_STATE_FLASHING,
	TDFXO_STATE_RELEASED,
	/* private: */
	__TDFXO_STATE_MAX,
};

/**
 * enum tdfxo_event - what has happened to a line
 * @TDFXO_EVENT_ADDED: a port is there; sent by the core
 * @TDFXO_EVENT_REMOVED: the port is gone, with every call on it; sent by the core
 * @TDFXO_EVENT_CHANGED: owner or settings are others; sent by the core
 * @TDFXO_EVENT_LINE_DOWN: no battery for %TDFXO_CFG_ALARM
 * @TDFXO_EVENT_LINE_UP: battery is back
 * @TDFXO_EVENT_SEIZED: the exchange has grounded tip
 * @TDFXO_EVENT_RING: another ring begins; value: which, from 1
 * @TDFXO_EVENT_PAUSE: a burst of ringing has ended (caller id may follow)
 * @TDFXO_EVENT_INCOMING: a call for us: it has rung %TDFXO_CFG_RING_NUMBER times, or, with
 *	ground start and without %TDFXO_CFG_RING_ONLY, tip is grounded. Once per call
 * @TDFXO_EVENT_ABANDONED: the caller has given up before an answer
 * @TDFXO_EVENT_POLARITY: the battery is reversed (value 1) or as at first (0)
 * @TDFXO_EVENT_OFF_HOOK: the loop is closed
 * @TDFXO_EVENT_READY: the loop has settled: listen for dial tone, dial
 * @TDFXO_EVENT_ANSWERED: the exchange tells by reversal that the called party has answered
 * @TDFXO_EVENT_GLARE: both ends seized the line: the call that is up is the exchange's
 * @TDFXO_EVENT_SEIZE_FAILED: no tip ground within %TDFXO_CFG_SEIZE
 * @TDFXO_EVENT_DIALLED: the last pulse is sent
 * @TDFXO_EVENT_DISCONNECT: the exchange has released; value: enum tdfxo_reason
 * @TDFXO_EVENT_ON_HOOK: the loop is open; value 1: by the watchdog, not by the owner
 * @TDFXO_EVENT_IDLE: the guard time is over
 */
enum tdfxo_event {
	TDFXO_EVENT_UNSPEC,
	TDFXO_EVENT_ADDED,
	TDFXO_EVENT_REMOVED,
	TDFXO_EVENT_CHANGED,
	TDFXO_EVENT_LINE_DOWN,
	TDFXO_EVENT_LINE_UP,
	TDFXO_EVENT_SEIZED,
	TDFXO_EVENT_RING,
	TDFXO_EVENT_PAUSE,
	TDFXO_EVENT_INCOMING,
	TDFXO_EVENT_ABANDONED,
	TDFXO_EVENT_POLARITY,
	TDFXO_EVENT_OFF_HOOK,
	TDFXO_EVENT_READY,
	TDFXO_EVENT_ANSWERED,
	TDFXO_EVENT_GLARE,
	TDFXO_EVENT_SEIZE_FAILED,
	TDFXO_EVENT_DIALLED,
	TDFXO_EVENT_DISCONNECT,
	TDFXO_EVENT_ON_HOOK,
	TDFXO_EVENT_IDLE,
	/* private: */
	__TDFXO_EVENT_MAX,
};

/**
 * enum tdfxo_reason - how the exchange released the call
 * @TDFXO_REASON_BATTERY: it took the battery away (power denial)
 * @TDFXO_REASON_REVERSAL: it reversed the battery
 * @TDFXO_REASON_TIP: it opened tip (ground start)
 */
enum tdfxo_reason {
	TDFXO_REASON_NONE,
	TDFXO_REASON_BATTERY,
	TDFXO_REASON_REVERSAL,
	TDFXO_REASON_TIP,
};

/**
 * enum tdfxo_cfg - settings of a line, all u32, inside %TDFXO_A_CONFIG; times are milliseconds
 * @TDFXO_CFG_GROUND_START: 1: ground start, 0: loop start. Only on a line at rest
 * @TDFXO_CFG_RING_ONLY: 1: a call is recognised by its ringing, not by tip ground
 * @TDFXO_CFG_RING_NUMBER: rings until a call is reported, 1..10
 * @TDFXO_CFG_REVERSAL: 1: a reversal of the battery means answer and release
 * @TDFXO_CFG_RING_ON: ringing shorter than this is none
 * @TDFXO_CFG_RING_OFF: a pause shorter than this is none
 * @TDFXO_CFG_RING_GAP: after a longer pause a burst is another ring, not the rest of this one
 * @TDFXO_CFG_RING_TIMEOUT: after a longer pause the caller has given up
 * @TDFXO_CFG_RING_MIN: lowest frequency of ringing, tenths of a hertz
 * @TDFXO_CFG_RING_MAX: highest
 * @TDFXO_CFG_BATTERY: battery counts again after this
 * @TDFXO_CFG_ALARM: on hook, battery is reported missing after this
 * @TDFXO_CFG_DISCONNECT: off hook, missing battery means release after this; 0: never
 * @TDFXO_CFG_POLARITY: a reversal counts after this
 * @TDFXO_CFG_REVERSAL_GUARD: reversals this soon after our own hook moved mean nothing
 * @TDFXO_CFG_TIP: tip ground counts after this
 * @TDFXO_CFG_SEIZE: the exchange must ground tip within this
 * @TDFXO_CFG_SETTLE: from closing the loop to READY
 * @TDFXO_CFG_GUARD: from opening the loop to the next seizure
 * @TDFXO_CFG_WAIT_RELEASE: the line goes on hook by itself this long after a release
 * @TDFXO_CFG_FLASH: a hook flash
 * @TDFXO_CFG_PULSE_BREAK: loop open in a pulse
 * @TDFXO_CFG_PULSE_MAKE: loop closed between pulses
 * @TDFXO_CFG_INTERDIGIT: loop closed between digits
 * @TDFXO_CFG_IN_USE: on hook, less voltage (millivolts) means another telephone is off hook
 */
enum tdfxo_cfg {
	TDFXO_CFG_UNSPEC,
	TDFXO_CFG_GROUND_START,
	TDFXO_CFG_RING_ONLY,
	TDFXO_CFG_RING_NUMBER,
	TDFXO_CFG_REVERSAL,
	TDFXO_CFG_RING_ON,
	TDFXO_CFG_RING_OFF,
	TDFXO_CFG_RING_GAP,
	TDFXO_CFG_RING_TIMEOUT,
	TDFXO_CFG_RING_MIN,
	TDFXO_CFG_RING_MAX,
	TDFXO_CFG_BATTERY,
	TDFXO_CFG_ALARM,
	TDFXO_CFG_DISCONNECT,
	TDFXO_CFG_POLARITY,
	TDFXO_CFG_REVERSAL_GUARD,
	TDFXO_CFG_TIP,
	TDFXO_CFG_SEIZE,
	TDFXO_CFG_SETTLE,
	TDFXO_CFG_GUARD,
	TDFXO_CFG_WAIT_RELEASE,
	TDFXO_CFG_FLASH,
	TDFXO_CFG_PULSE_BREAK,
	TDFXO_CFG_PULSE_MAKE,
	TDFXO_CFG_INTERDIGIT,
	TDFXO_CFG_IN_USE,
	/* private: */
	__TDFXO_CFG_MAX,
};

#define TDFXO_CFG_MAX (__TDFXO_CFG_MAX - 1)

/**
 * enum tdfxo_stat - counters of a line, all u32, inside %TDFXO_A_STATS
 * @TDFXO_STAT_RINGS: rings
 * @TDFXO_STAT_RING_SHORT: bursts too short to be a ring
 * @TDFXO_STAT_RING_FREQ: bursts outside of the window of frequencies
 * @TDFXO_STAT_SEIZURES: seizures by us
 * @TDFXO_STAT_ANSWERS: calls that we answered
 * @TDFXO_STAT_DISCONNECTS: releases by the exchange
 * @TDFXO_STAT_GLARES: seizures by both
 * @TDFXO_STAT_ALARMS: times without battery
 * @TDFXO_STAT_WATCHDOG: times the line was put on hook for an owner that was gone
 * @TDFXO_STAT_RX_OVERRUN: frames from the line that nobody fetched
 * @TDFXO_STAT_TX_UNDERRUN: frames to the line that were not there in time, off hook
 */
enum tdfxo_stat {
	TDFXO_STAT_UNSPEC,
	TDFXO_STAT_RINGS,
	TDFXO_STAT_RING_SHORT,
	TDFXO_STAT_RING_FREQ,
	TDFXO_STAT_SEIZURES,
	TDFXO_STAT_ANSWERS,
	TDFXO_STAT_DISCONNECTS,
	TDFXO_STAT_GLARES,
	TDFXO_STAT_ALARMS,
	TDFXO_STAT_WATCHDOG,
	TDFXO_STAT_RX_OVERRUN,
	TDFXO_STAT_TX_UNDERRUN,
	/* private: */
	__TDFXO_STAT_MAX,
};

#define TDFXO_STAT_MAX (__TDFXO_STAT_MAX - 1)

#endif
