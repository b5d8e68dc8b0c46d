// SPDX-License-Identifier: GPL-2.0-only
/*
 * A board made of software: lines without wires, for tests and for machines without hardware. Here
 * they come and go. What is on the wires: sim_board.c; the exchange: sim_exchange.c; how it is
 * scripted: the head of sim_files.c.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "fxo_compat.h"
#include "fxo_sim.h"

#define FIFO	8192	/* samples: a second */

static unsigned int lines = 2;
module_param(lines, uint, 0444);
MODULE_PARM_DESC(lines, "how many (1.." __stringify(TDFXO_MAX_PORTS) ")");

DEFINE_SPINLOCK(sim_wires);
DECLARE_WAIT_QUEUE_HEAD(sim_sound);
bool sim_going;

static struct sim_line *line;
static struct hrtimer tick_timer;

s64 sim_now(void)
{
	return ktime_to_ms(ktime_get());
}

void sim_changed(struct sim_line *l)
{
	struct tdfxo_port *port = READ_ONCE(l->port);

	if (port)
		tdfxo_port_changed(port);
}

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	unsigned int i;

	for (i = 0; i < lines; i++)
		sim_frame(&line[i]);
	wake_up_interruptible(&sim_sound);
	hrtimer_forward_now(timer, ms_to_ktime(20));
	return HRTIMER_RESTART;
}

/* Nothing of ours may run into a port that goes: it is out of sight first, then all clocks that
 * may have seen it end, and what the last move of its relays starts does not find it.
 */
void sim_unplug(struct sim_line *l)
{
	struct tdfxo_port *port = l->port;

	WRITE_ONCE(l->port, NULL);
	hrtimer_cancel(&tick_timer);
	if (l->peer)
		sim_exchange_stop(l->peer);
	if (l->twin)
		sim_exchange_stop(l->twin);
	sim_exchange_stop(l);
	if (port)
		tdfxo_port_remove(port);
	if (!sim_going)
		hrtimer_start(&tick_timer, ms_to_ktime(20), HRTIMER_MODE_REL_SOFT);
}

int sim_plug(struct sim_line *l)
{
	struct tdfxo_port *port;
	char name[16];

	snprintf(name, sizeof(name), "sim%u", l->number);
	port = tdfxo_port_add(&sim_ops, l, NULL, name);
	if (IS_ERR(port))
		return PTR_ERR(port);
	WRITE_ONCE(l->port, port);
	return 0;
}

static struct sim_line **other(struct sim_line *l, bool twin)
{
	return twin ? &l->twin : &l->peer;
}

int sim_pair(struct sim_line *l, int n, bool twin)
{
	struct sim_line *p = n >= 0 ? &line[n] : NULL;

	if (n >= (int)lines || p == l)
		return -EINVAL;
	spin_lock_bh(&sim_wires);
	if (*other(l, twin))
		*other(*other(l, twin), twin) = NULL;
	if (p && *other(p, twin))
		*other(*other(p, twin), twin) = NULL;
	*other(l, twin) = p;
	if (p)
		*other(p, twin) = l;
	spin_unlock_bh(&sim_wires);
	return 0;
}

static int add_line(struct sim_line *l, unsigned int number)
{
	int err;

	l->number = number;
	l->there = true;
	sim_exchange_init(l);
	err = kfifo_alloc(&l->to_port, FIFO, GFP_KERNEL);
	if (!err)
		err = kfifo_alloc(&l->from_port, FIFO, GFP_KERNEL);
	if (!err)
		err = sim_plug(l);
	if (!err)
		sim_files_add(l);
	return err;
}

static void remove_lines(void)
{
	unsigned int i;

	sim_going = true;
	sim_files_exit();
	for (i = 0; i < lines && line[i].there; i++)
		sim_unplug(&line[i]);
	for (i = 0; i < lines && line[i].there; i++) {
		sim_exchange_stop(&line[i]);
		kfifo_free(&line[i].to_port);
		kfifo_free(&line[i].from_port);
	}
	kvfree(line);
}

static int __init sim_init(void)
{
	unsigned int i;
	int err = 0;

	if (!lines || lines > TDFXO_MAX_PORTS)
		return -ERANGE;
	line = kvcalloc(lines, sizeof(*line), GFP_KERNEL);
	if (!line)
		return -ENOMEM;
	sim_files_init();
	hrtimer_setup(&tick_timer, tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	for (i = 0; i < lines && !err; i++)
		err = add_line(&line[i], i);
	if (err) {
		remove_lines();
		return err;
	}
	hrtimer_start(&tick_timer, ms_to_ktime(20), HRTIMER_MODE_REL_SOFT);
	return 0;
}

static void __exit sim_exit(void)
{
	remove_lines();
}

module_init(sim_init);
module_exit(sim_exit);

MODULE_DESCRIPTION("Simulated telephone lines for tandem_fxo");
MODULE_LICENSE("GPL");
