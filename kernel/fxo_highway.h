/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PCM highway: the wires on which chips with analogue lines say and hear one 16-bit sample each,
 * 8000 times a second, each in a slot of its own. Whoever drives this machine's end (a TDM port
 * of the SoC) registers it; a chip names it by the property "pcm-highway" of its node.
 */
#ifndef TDFXO_HIGHWAY_H
#define TDFXO_HIGHWAY_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include "fxo_ops.h"

#define TDFXO_HIGHWAY_SLOTS	32

struct fwnode_handle;

/**
 * struct tdfxo_highway - this machine's end of a highway
 * @dev: who drives it; its driver is bound, and clocks run, from register to unregister
 * @slots: in each frame, at most TDFXO_HIGHWAY_SLOTS
 * @node: of all highways
 * @lock: guards @port
 * @port: whose slot it is
 */
struct tdfxo_highway {
	struct device *dev;
	unsigned int slots;
	/* private: */
	struct list_head node;
	spinlock_t lock;		/* see above */
	struct tdfxo_port *port[TDFXO_HIGHWAY_SLOTS];
};

/**
 * tdfxo_highway_register() - chips may come; may sleep
 * @highway: with @dev and @slots
 *
 * Return: 0, or -EINVAL for too many slots.
 */
int tdfxo_highway_register(struct tdfxo_highway *highway);

/**
 * tdfxo_highway_unregister() - the driver core has unbound all chips before; may sleep
 * @highway: the highway
 */
void tdfxo_highway_unregister(struct tdfxo_highway *highway);

/**
 * tdfxo_highway_run() - 20 ms have passed; softirq or process
 * @highway: the highway
 * @from_lines: 160 frames of @slots samples that came
 * @to_lines: as many, which go; set to silence where nobody speaks
 */
void tdfxo_highway_run(struct tdfxo_highway *highway, const s16 *from_lines, s16 *to_lines);

/*
 * For chips. The highway that a device's node names; it stays as long as the device's driver.
 * -EPROBE_DEFER until it is there.
 */
struct tdfxo_highway *tdfxo_highway_find(struct device *dev);
/* -EBUSY: the slot is another's, -EINVAL: there is none */
int tdfxo_highway_join(struct tdfxo_highway *highway, unsigned int slot, struct tdfxo_port *port);
/* When this returns, no frame of the port is on its way. */
void tdfxo_highway_leave(struct tdfxo_highway *highway, const struct tdfxo_port *port);

#endif
