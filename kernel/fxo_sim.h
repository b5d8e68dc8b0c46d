/* SPDX-License-Identifier: GPL-2.0-only */
/* A board made of software: its lines, and what its files do for each other. */
#ifndef TDFXO_SIM_H
#define TDFXO_SIM_H

#include <linux/hrtimer.h>
#include <linux/kfifo.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "fxo_ops.h"

#define FRAME		TDFXO_FRAME_SAMPLES
#define HUNG_UP		700	/* ms; a loop open for longer is no pulse and no flash */

enum sim_call { FREE, CALLING, CALLED, TALKING };

/**
 * struct sim_line - a line, its exchange included
 * @port: what the core calls it; NULL: unplugged
 * @number: of the line
 * @there: it was made
 * @relays: of the port
 * @battery: on hook, millivolts
 * @dhz: of ringing
 * @dropped: no battery for a while
 * @reversed: the other polarity
 * @ground: ground start
 * @tip: is grounded
 * @seizable: tip is grounded when ring is
 * @ringing: rings, or pauses in between
 * @burst: rings
 * @reversal: its exchange reverses the battery while two talk
 * @cadence: ms of bursts and pauses
 * @steps: of the cadence
 * @step: which of them it is now
 * @opened: when the loop was, ms
 * @closed: when the loop was, ms
 * @pulses: of the digit that is being dialled
 * @dialled: digits
 * @call: with @peer
 * @peer: who is called
 * @twin: who is behind the same splitter
 * @said: the last frame from the port
 * @echo: so much of it comes back, percent
 * @country: of the configuration
 * @impedance: of the configuration
 * @gain_in: a factor, 1024 is 1
 * @gain_out: the same
 * @to_port: what the exchange says
 * @from_port: what it may hear
 * @ring_timer: the next step of the cadence
 * @drop_timer: battery comes back
 * @exchange: when the exchange has noticed the hook
 */
struct sim_line {
	struct tdfxo_port *port;
	unsigned int number;
	bool there;
	/* under sim_wires */
	u8 relays;
	s32 battery;
	u32 dhz;
	bool dropped, reversed, ground, tip, seizable, ringing, burst, reversal;
	unsigned int cadence[4], steps, step;
	s64 opened, closed;
	unsigned int pulses;
	char dialled[TDFXO_MAX_DIGITS + 1];
	enum sim_call call;
	struct sim_line *peer, *twin;
	s16 said[FRAME];
	unsigned int echo;
	u32 country, impedance, gain_in, gain_out;
	DECLARE_KFIFO_PTR(to_port, s16);
	DECLARE_KFIFO_PTR(from_port, s16);
	/* clocks */
	struct hrtimer ring_timer, drop_timer;
	struct delayed_work exchange;
};

extern spinlock_t sim_wires;		/* taken inside a port's lock, never around one */
extern wait_queue_head_t sim_sound;	/* who speaks and hears at the exchange's end */
extern bool sim_going;			/* the module is unloaded */

/* fxo_sim.c */
s64 sim_now(void);
/* Something is else on the wires: the port looks. */
void sim_changed(struct sim_line *l);
int sim_plug(struct sim_line *l);
void sim_unplug(struct sim_line *l);
/* Line n, or nobody (-1), becomes the line's twin or peer; who was that before is alone. */
int sim_pair(struct sim_line *l, int n, bool twin);

/* sim_board.c */
extern const struct tdfxo_ops sim_ops;
/* 20 ms have passed. */
void sim_frame(struct sim_line *l);

/* sim_exchange.c */
void sim_exchange_init(struct sim_line *l);
void sim_exchange_stop(struct sim_line *l);
/* under sim_wires: the loop was opened or closed */
void sim_exchange_hook(struct sim_line *l, bool was_closed);
/* under sim_wires, then without: another cadence, none with 0 steps */
void sim_set_ringing(struct sim_line *l, const unsigned int *cadence, unsigned int steps);
void sim_start_ringing(struct sim_line *l);
void sim_start_drop(struct sim_line *l, unsigned int ms);

/* sim_files.c */
void sim_files_add(struct sim_line *l);
void sim_files_init(void);
void sim_files_exit(void);

#endif
