/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the core share. Boards see fxo_ops.h. */
#ifndef TDFXO_CORE_H
#define TDFXO_CORE_H

#include <linux/cdev.h>
#include <linux/hrtimer.h>
#include <linux/kfifo.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <linux/xarray.h>
#include <net/genetlink.h>
#include "fxo_ops.h"

#define TDFXO_RX_FRAMES		16	/* 320 ms that a reader may be late */
#define TDFXO_TX_FRAMES		8

/**
 * struct tdfxo_owner - a netlink socket
 * @portid: its number, 0: nobody
 * @net: its network namespace
 */
struct tdfxo_owner {
	u32 portid;
	const struct net *net;
};

struct tdfxo_block {
	s16 sample[TDFXO_FRAME_SAMPLES];
};

/**
 * struct tdfxo_port - a port
 * @ref: the registry's, and one for an open file
 * @index: its number, which is its minor, too
 * @name: how people know it
 * @ops: its kind of board
 * @board: for @ops
 * @timer: when the line machine, or the watchdog, is due
 * @wait: readers and writers of sound
 * @lock: guards all below; taken before any lock of a board
 * @line: the line machine
 * @gone: removed: @ops are not to be called any more
 * @seq: number of the last event
 * @owner: who claimed it
 * @watchdog: ms that the line outlives its owner
 * @orphan_until: when the watchdog bites, ms; TDFXO_NEVER
 * @open: somebody hears it
 * @frame_seq: number of the last frame
 * @rx: frames from the line
 * @tx: frames to the line
 */
struct tdfxo_port {
	struct kref ref;
	u32 index;
	char name[TDFXO_NAME_LEN];
	const struct tdfxo_ops *ops;
	void *board;
	struct hrtimer timer;
	wait_queue_head_t wait;
	spinlock_t lock;		/* guards what follows */
	struct tdfxo_line line;
	bool gone;
	u32 seq;
	struct tdfxo_owner owner;
	u32 watchdog;
	s64 orphan_until;
	bool open;
	u32 frame_seq;
	DECLARE_KFIFO(rx, struct tdfxo_frame, TDFXO_RX_FRAMES);
	DECLARE_KFIFO(tx, struct tdfxo_block, TDFXO_TX_FRAMES);
};

extern struct xarray tdfxo_ports;	/* by index; changed under tdfxo_mutex */
extern struct mutex tdfxo_mutex;

/* The port with this number and a reference to it, or NULL. */
struct tdfxo_port *tdfxo_port_get(u32 index);
void tdfxo_port_put(struct tdfxo_port *port);

/* The owner's orders; the errors are those of tdfxo_line_order(), -EPERM, -ENODEV. */
int tdfxo_port_order(struct tdfxo_port *port, struct tdfxo_owner who, enum tdfxo_input order,
		     u32 ms, const char *digits);
int tdfxo_port_claim(struct tdfxo_port *port, struct tdfxo_owner who, u32 watchdog);
int tdfxo_port_release(struct tdfxo_port *port, struct tdfxo_owner who);
int tdfxo_port_configure(struct tdfxo_port *port, struct tdfxo_owner who,
			 const struct tdfxo_line_config *cfg);
/* A socket was closed: what it owned is an orphan. */
void tdfxo_owner_gone(struct tdfxo_owner who);
/* The machine goes down: every line on hook. */
void tdfxo_all_on_hook(void);

/* fxo_genl.c; events are sent under the port's lock, so that they leave in order */
void tdfxo_genl_event(struct tdfxo_port *port, u32 event, u32 value, s64 at_ms);
int tdfxo_genl_init(void);
void tdfxo_genl_exit(void);

/* fxo_pcm.c */
int tdfxo_pcm_init(void);
void tdfxo_pcm_exit(void);
int tdfxo_pcm_add(struct tdfxo_port *port, struct device *parent);
void tdfxo_pcm_remove(struct tdfxo_port *port);
dev_t tdfxo_pcm_devt(const struct tdfxo_port *port);

#endif
