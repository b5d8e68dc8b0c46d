/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_TANDEM_FXO_H
#define _UAPI_TANDEM_FXO_H

/**
 * DOC: Telephone lines (FXO ports)
 *
 * An FXO port is the telephone's end of an analogue line: it is rung, it goes off hook. The
 * kernel keeps what has to be exact to the millisecond (ringing, battery, pulses); tones,
 * digits as tones and caller id are sound and the daemon's business.
 *
 * Control is the generic netlink family %TDFXO_FAMILY. Each request names its port by
 * %TDFXO_A_PORT. Unknown attributes and values out of range are refused, with the offending
 * attribute and a sentence in the extended ack. Who may only look needs no
 * privilege; everything else, the events too, takes CAP_NET_ADMIN.
 *
 *	command		needs					errors beside EINVAL, ERANGE
 *	PORT_GET	PORT; or a dump of all			ENODEV
 *	PORT_SET	PORT, CONFIG				EBUSY another's port, or signalling
 *								changed in a call
 *	CLAIM		PORT, [WATCHDOG]			EBUSY another's port
 *	RELEASE		PORT					EPERM not the owner
 *	SEIZE		PORT					EBUSY ENOLINK EALREADY
 *	ANSWER		PORT					ENOTCONN EALREADY
 *	HANG_UP		PORT					EALREADY
 *	FLASH		PORT, [FLASH]				ENOTCONN EAGAIN EALREADY
 *	DIAL		PORT, DIGITS				ENOTCONN EAGAIN
 *
 * A port is moved by its owner only: the socket that claimed it. When that socket is closed,
 * by whatever death of its process, the line goes on hook: at once, or after the WATCHDOG
 * time of the claim, in which another socket may claim it and find the call as it was.
 *
 * Events come by the multicast group %TDFXO_GROUP in every network namespace, as messages
 * %TDFXO_CMD_EVENT with PORT, EVENT, VALUE, SEQ, TIME, STATE, RINGS, MILLIVOLTS, OWNED. SEQ
 * counts per port without a gap; a gap, or ENOBUFS, means: dump all ports again.
 *
 * Sound is the character device of %TDFXO_A_DEVICE, opened by one process at a time. Each
 * read gives one or more struct tdfxo_frame, the line's 20 ms at a time, also on hook; each
 * write takes one or more blocks of %TDFXO_FRAME_SAMPLES samples (16 bit, signed, in the
 * machine's order, 8000 a second). poll(2) says when. A removed port reads as ENODEV.
 */

#include <linux/types.h>

#define TDFXO_FAMILY		"tandem_fxo"
#define TDFXO_VERSION		1
#define TDFXO_GROUP		"events"
#define TDFXO_MAX_PORTS		1024
#define TDFXO_MAX_DIGITS	64
#define TDFXO_NAME_LEN		32
#define TDFXO_FRAME_SAMPLES	160
#define TDFXO_MAX_WATCHDOG	60000	/* ms */

/**
 * enum tdfxo_cmd - commands of the family
 * @TDFXO_CMD_UNSPEC: not used
 * @TDFXO_CMD_PORT_GET: what a port is and does; the answer has all attributes that concern it
 * @TDFXO_CMD_PORT_SET: change settings; those that are not named stay
 * @TDFXO_CMD_CLAIM: make the sending socket the owner
 * @TDFXO_CMD_RELEASE: give the port back; a call on it ends
 * @TDFXO_CMD_SEIZE: off hook for a call of ours
 * @TDFXO_CMD_ANSWER: off hook for the call that rings
 * @TDFXO_CMD_HANG_UP: on hook
 * @TDFXO_CMD_FLASH: hook flash
 * @TDFXO_CMD_DIAL: dial by pulses
 * @TDFXO_CMD_EVENT: an event (from the kernel only)
 * @__TDFXO_CMD_MAX: one more than the last
 */
enum tdfxo_cmd {
	TDFXO_CMD_UNSPEC,
	TDFXO_CMD_PORT_GET,
	TDFXO_CMD_PORT_SET,
	TDFXO_CMD_CLAIM,
	TDFXO_CMD_RELEASE,
	TDFXO_CMD_SEIZE,
	TDFXO_CMD_ANSWER,
	TDFXO_CMD_HANG_UP,
	TDFXO_CMD_FLASH,
	TDFXO_CMD_DIAL,
	TDFXO_CMD_EVENT,
	__TDFXO_CMD_MAX,
};

#define TDFXO_CMD_MAX (__TDFXO_CMD_MAX - 1)

/**
 * enum tdfxo_attr - attributes of all messages
 * @TDFXO_A_UNSPEC: not used
 * @TDFXO_A_PORT: u32, number of the port
 * @TDFXO_A_NAME: string, as its board calls it
 * @TDFXO_A_BOARD: string, name of the driver
 * @TDFXO_A_DEVICE: u64, number of the character device (as dev_t of userspace, stat(2))
 * @TDFXO_A_STATE: u32, enum tdfxo_state
 * @TDFXO_A_RINGS: u32, rings of this call so far
 * @TDFXO_A_MILLIVOLTS: s32, tip against ring; the sign is the polarity
 * @TDFXO_A_OWNED: u32, 1: somebody has claimed it
 * @TDFXO_A_CONFIG: nest of enum tdfxo_cfg
 * @TDFXO_A_STATS: nest of enum tdfxo_stat
 * @TDFXO_A_EVENT: u32, enum tdfxo_event
 * @TDFXO_A_VALUE: u32, what the event says
 * @TDFXO_A_SEQ: u32, number of the port's last event
 * @TDFXO_A_TIME: of an event: u64, nanoseconds of CLOCK_MONOTONIC
 * @TDFXO_A_WATCHDOG: u32, milliseconds
 * @TDFXO_A_FLASH: u32, milliseconds of a hook flash
 * @TDFXO_A_DIGITS: string, 0-9 and ',' for a pause of a second
 * @TDFXO_A_PAD: for alignment
 * @__TDFXO_A_MAX: one more than the last
 */
enum tdfxo_attr {
	TDFXO_A_UNSPEC,
	TDFXO_A_PORT,
	TDFXO_A_NAME,
	TDFXO_A_BOARD,
	TDFXO_A_DEVICE,
	TDFXO_A_STATE,
	TDFXO_A_RINGS,
	TDFXO_A_MILLIVOLTS,
	TDFXO_A_OWNED,
	TDFXO_A_CONFIG,
	TDFXO_A_STATS,
	TDFXO_A_EVENT,
	TDFXO_A_VALUE,
	TDFXO_A_SEQ,
	TDFXO_A_TIME,
	TDFXO_A_WATCHDOG,
	TDFXO_A_FLASH,
	TDFXO_A_DIGITS,
	TDFXO_A_PAD,
	__TDFXO_A_MAX,
};

#define TDFXO_A_MAX (__TDFXO_A_MAX - 1)

/**
 * struct tdfxo_frame - 20 ms of the line
 * @time_ns: when the last sample was there, CLOCK_MONOTONIC
 * @seq: counts without a gap; a gap means frames that were not fetched in time
 * @state: enum tdfxo_state then
 * @sample: linear, 8000 a second
 */
struct tdfxo_frame {
	__u64 time_ns;
	__u32 seq;
	__u32 state;
	__s16 sample[TDFXO_FRAME_SAMPLES];
};

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
 * @__TDFXO_STATE_MAX: one more than the last
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
	__TDFXO_STATE_MAX,
};

/**
 * enum tdfxo_event - what has happened to a line
 * @TDFXO_EVENT_UNSPEC: not used
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
 * @__TDFXO_EVENT_MAX: one more than the last
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
	__TDFXO_EVENT_MAX,
};

/**
 * enum tdfxo_reason - how the exchange released the call
 * @TDFXO_REASON_NONE: not used
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
 * @TDFXO_CFG_UNSPEC: not used
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
 * @TDFXO_CFG_COUNTRY: whose rules the board follows: ISO 3166 letters, 'U' << 8 | 'S'
 * @TDFXO_CFG_IMPEDANCE: enum tdfxo_impedance
 * @TDFXO_CFG_GAIN_IN: decibels that the line is made louder for us, from %TDFXO_GAIN_0 on
 * @TDFXO_CFG_GAIN_OUT: decibels that we are made louder for the line, the same
 * @__TDFXO_CFG_MAX: one more than the last
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
	TDFXO_CFG_COUNTRY,
	TDFXO_CFG_IMPEDANCE,
	TDFXO_CFG_GAIN_IN,
	TDFXO_CFG_GAIN_OUT,
	__TDFXO_CFG_MAX,
};

#define TDFXO_CFG_MAX (__TDFXO_CFG_MAX - 1)
#define TDFXO_GAIN_0	20

/**
 * enum tdfxo_impedance - what the line is terminated with, ohms
 * @TDFXO_IMPEDANCE_600R: 600
 * @TDFXO_IMPEDANCE_600C: 600 and 2.16 uF
 * @TDFXO_IMPEDANCE_900R: 900
 * @TDFXO_IMPEDANCE_900C: 900 and 2.16 uF
 * @TDFXO_IMPEDANCE_COMPLEX1: 220 and (820 parallel to 115 nF), or the board's nearest
 * @TDFXO_IMPEDANCE_COMPLEX2: 270 and (750 parallel to 150 nF), the same
 * @TDFXO_IMPEDANCE_COMPLEX3: 370 and (620 parallel to 310 nF), the same
 * @TDFXO_IMPEDANCE_COUNTRY: what the rules of %TDFXO_CFG_COUNTRY ask for
 * @__TDFXO_IMPEDANCE_MAX: one more than the last
 */
enum tdfxo_impedance {
	TDFXO_IMPEDANCE_600R,
	TDFXO_IMPEDANCE_600C,
	TDFXO_IMPEDANCE_900R,
	TDFXO_IMPEDANCE_900C,
	TDFXO_IMPEDANCE_COMPLEX1,
	TDFXO_IMPEDANCE_COMPLEX2,
	TDFXO_IMPEDANCE_COMPLEX3,
	TDFXO_IMPEDANCE_COUNTRY,
	__TDFXO_IMPEDANCE_MAX,
};

/**
 * enum tdfxo_stat - counters of a line, all u32, inside %TDFXO_A_STATS
 * @TDFXO_STAT_UNSPEC: not used
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
 * @__TDFXO_STAT_MAX: one more than the last
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
	__TDFXO_STAT_MAX,
};

#define TDFXO_STAT_MAX (__TDFXO_STAT_MAX - 1)

#endif
