/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a board offers, and what it calls. A board owns the wires: it moves relays, measures,
 * and clocks 20 ms of sound; everything that is telephony is in the core.
 */
#ifndef TDFXO_OPS_H
#define TDFXO_OPS_H

#include <linux/types.h>
#include "fxo_line.h"

struct device;
struct tdfxo_port;

/**
 * struct tdfxo_ops - a kind of board; both run under the port's lock in atomic context, so
 *	a board whose bus sleeps remembers and wakes its thread
 * @name: of the driver
 * @relays: Req. Set TDFXO_RELAY_*
 * @measure: Req. What is on the wires as last seen
 * @configure: Opt. Country, impedance and gains, whenever they may be others
 */
struct tdfxo_ops {
	const char *name;
	void (*relays)(void *board, u8 relays);
	void (*measure)(void *board, struct tdfxo_measure *m);
	void (*configure)(void *board, const struct tdfxo_line_config *cfg);
};

/**
 * tdfxo_port_add() - another port; may sleep
 * @ops: the kind of board, there as long as the port
 * @board: for @ops
 * @parent: the board's device, may be NULL
 * @name: how people know the port
 *
 * @ops may be called before this returns. Return: the port or an ERR_PTR.
 */
struct tdfxo_port *tdfxo_port_add(const struct tdfxo_ops *ops, void *board,
				  struct device *parent, const char *name);

/**
 * tdfxo_port_remove() - a port goes, with any call on it; may sleep
 * @port: not to be used any more
 *
 * The board hears a last time to open its relays and then nothing more. All callers of
 * tdfxo_port_changed() and tdfxo_port_frame() must have ended.
 */
void tdfxo_port_remove(struct tdfxo_port *port);

/**
 * tdfxo_port_changed() - the board sees something else on the wires; process or softirq
 * @port: the port
 */
void tdfxo_port_changed(struct tdfxo_port *port);

/**
 * tdfxo_port_frame() - 20 ms of sound have passed; process or softirq
 * @port: the port
 * @from_line: what the line said
 * @to_line: is set to what to say
 */
void tdfxo_port_frame(struct tdfxo_port *port, const s16 *from_line, s16 *to_line);

#endif
