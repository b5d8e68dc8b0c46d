/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the core share. Boards see fxo_ops.h. */
#ifndef TDFXO_CORE_H
#define TDFXO_CORE_H

#include <linux/cdev.h>
#include <linux/hrtimer.h>
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
 * @portid: the owner's socket, 0: nobody's
 * @net: and its network namespace
 * @watchdog: ms that the line outlives its owner
 * @orphan_until: when the watchdog bites, ms; TDFXO_NEVER
 * @open: somebody hears it
 * @frame_seq: number of the last frame
 * @rx: frames from the line
 * @rx_head: frames that came, ever
 * @rx_tail: frames that were fetched or lost, ever
 * @tx: frames to the line
 * @tx_head: frames that were written, ever
 * @tx_tail: frames that were said, ever
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
	u32 portid;
	const struct net *net;
	u32 watchdog;
	s64 orphan_until;
	bool open;
	u32 frame_seq;
	struct tdfxo_frame rx[TDFXO_RX_FRAMES];
	unsigned int rx_head, rx_tail;
	s16 tx[TDFXO_TX_FRAMES][TDFXO_FRAME_SAMPLES];
	unsigned int tx_head, tx_tail;
};

extern struct xarray tdfxo_ports;	/* by index; changed under tdfxo_mutex */
extern struct mutex tdfxo_mutex;

/* The port with this number and a reference to it, or NULL. */
struct tdfxo_port *tdfxo_port_get(u32 index);
void tdfxo_port_put(struct tdfxo_port *port);

/* The owner's orders; the errors are those of tdfxo_line_order(), -EPERM, -ENODEV. */
int tdfxo_port_order(struct tdfxo_port *port, u32 portid, const struct net *net,
		     enum tdfxo_input order, u32 ms, const char *digits);
int tdfxo_port_claim(struct tdfxo_port *port, u32 portid, const struct net *net, u32 watchdog);
int tdfxo_port_release(struct tdfxo_port *port, u32 portid, const struct net *net);
int tdfxo_port_configure(struct tdfxo_port *port, u32 portid, const struct net *net,
			 const struct tdfxo_line_config *cfg);
/* A socket was closed: what it owned is an orphan. */
void tdfxo_owner_gone(u32 portid, const struct net *net);
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
