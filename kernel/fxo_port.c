// SPDX-License-Identifier: GPL-2.0-only
/*
 * A port: its life, its owner, its clock. All that the line machine says is done here: relays
 * of the board, events for userspace.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include "fxo_compat.h"
#include "fxo_core.h"

DEFINE_XARRAY_ALLOC(tdfxo_ports);
DEFINE_MUTEX(tdfxo_mutex);	/* who is in tdfxo_ports */

static s64 now_ms(void)
{
	return ktime_to_ms(ktime_get());
}

static void port_free(struct kref *ref)
{
	kfree(container_of(ref, struct tdfxo_port, ref));
}

void tdfxo_port_put(struct tdfxo_port *port)
{
	kref_put(&port->ref, port_free);
}

struct tdfxo_port *tdfxo_port_get(u32 index)
{
	struct tdfxo_port *port;

	mutex_lock(&tdfxo_mutex);
	port = xa_load(&tdfxo_ports, index);
	if (port)
		kref_get(&port->ref);
	mutex_unlock(&tdfxo_mutex);
	return port;
}

/* ---- under the port's lock ---- */

/* Do what the machine said. Relays that moved change what is on the wires, which may say more. */
static void apply(struct tdfxo_port *port, struct tdfxo_actions *out)
{
	struct tdfxo_measure m;
	unsigned int i;
	bool moved;

	do {
		moved = false;
		for (i = 0; i < out->n; i++) {
			if (out->a[i].event) {
				tdfxo_genl_event(port, out->a[i].event, out->a[i].value,
						 out->a[i].at);
				continue;
			}
			port->ops->relays(port->board, out->a[i].value);
			moved = true;
		}
		out->n = 0;
		if (moved) {
			port->ops->measure(port->board, &m);
			tdfxo_line_measure(&port->line, &m, now_ms(), out);
		}
	} while (out->n);
}

static void arm(struct tdfxo_port *port)
{
	s64 next = min_t(s64, tdfxo_line_next(&port->line), port->orphan_until);

	if (next != TDFXO_NEVER)
		hrtimer_start(&port->timer, ms_to_ktime(next), HRTIMER_MODE_ABS_SOFT);
}

static int order(struct tdfxo_port *port, enum tdfxo_input what, u32 ms, const char *digits)
{
	struct tdfxo_actions out = { 0 };
	int err = tdfxo_line_order(&port->line, what, ms, digits, now_ms(), &out);

	apply(port, &out);
	arm(port);
	return err;
}

static void disown(struct tdfxo_port *port)
{
	port->owner = (struct tdfxo_owner) { 0 };
	port->orphan_until = TDFXO_NEVER;
	order(port, TDFXO_IN_HANGUP, 1, NULL);
	tdfxo_genl_event(port, TDFXO_EVENT_CHANGED, 0, now_ms());
}

static bool owns(const struct tdfxo_port *port, struct tdfxo_owner who)
{
	return port->owner.portid == who.portid && port->owner.net == who.net;
}

/* ---- time ---- */

static enum hrtimer_restart due(struct hrtimer *timer)
{
	struct tdfxo_port *port = container_of(timer, struct tdfxo_port, timer);
	struct tdfxo_actions out = { 0 };

	spin_lock_bh(&port->lock);
	if (!port->gone) {
		if (port->orphan_until <= now_ms())
			disown(port);
		tdfxo_line_run(&port->line, now_ms(), &out);
		apply(port, &out);
		arm(port);
	}
	spin_unlock_bh(&port->lock);
	return HRTIMER_NORESTART;
}

void tdfxo_port_changed(struct tdfxo_port *port)
{
	struct tdfxo_actions out = { 0 };
	struct tdfxo_measure m;

	spin_lock_bh(&port->lock);
	if (!port->gone) {
		port->ops->measure(port->board, &m);
		tdfxo_line_measure(&port->line, &m, now_ms(), &out);
		apply(port, &out);
		arm(port);
	}
	spin_unlock_bh(&port->lock);
}
EXPORT_SYMBOL_GPL(tdfxo_port_changed);

/* ---- the owner ---- */

/* Both under the port's lock. May this socket move the port; may it claim or configure it? */
static int may_move(const struct tdfxo_port *port, struct tdfxo_owner who)
{
	return port->gone ? -ENODEV : owns(port, who) ? 0 : -EPERM;
}

static int may_claim(const struct tdfxo_port *port, struct tdfxo_owner who)
{
	return port->gone ? -ENODEV : !port->owner.portid || owns(port, who) ? 0 : -EBUSY;
}

int tdfxo_port_order(struct tdfxo_port *port, struct tdfxo_owner who, enum tdfxo_input what, u32 ms,
		     const char *digits)
{
	int err;

	spin_lock_bh(&port->lock);
	err = may_move(port, who);
	if (!err)
		err = order(port, what, ms, digits);
	spin_unlock_bh(&port->lock);
	return err;
}

int tdfxo_port_claim(struct tdfxo_port *port, struct tdfxo_owner who, u32 watchdog)
{
	int err;

	spin_lock_bh(&port->lock);
	err = may_claim(port, who);
	if (!err) {
		port->owner = who;
		port->watchdog = watchdog;
		port->orphan_until = TDFXO_NEVER;
		tdfxo_genl_event(port, TDFXO_EVENT_CHANGED, 0, now_ms());
	}
	spin_unlock_bh(&port->lock);
	return err;
}

int tdfxo_port_release(struct tdfxo_port *port, struct tdfxo_owner who)
{
	int err;

	spin_lock_bh(&port->lock);
	err = may_move(port, who);
	if (!err)
		disown(port);
	spin_unlock_bh(&port->lock);
	return err;
}

int tdfxo_port_configure(struct tdfxo_port *port, struct tdfxo_owner who,
			 const struct tdfxo_line_config *cfg)
{
	int err;

	spin_lock_bh(&port->lock);
	err = may_claim(port, who);
	if (!err)
		err = tdfxo_line_configure(&port->line, cfg);
	if (!err) {
		if (port->ops->configure)
			port->ops->configure(port->board, cfg);
		tdfxo_genl_event(port, TDFXO_EVENT_CHANGED, 0, now_ms());
		arm(port);
	}
	spin_unlock_bh(&port->lock);
	return err;
}

void tdfxo_owner_gone(struct tdfxo_owner who)
{
	struct tdfxo_port *port;
	unsigned long index;

	mutex_lock(&tdfxo_mutex);
	xa_for_each(&tdfxo_ports, index, port) {
		spin_lock_bh(&port->lock);
		if (owns(port, who)) {
			if (port->watchdog && tdfxo_line_off_hook(&port->line)) {
				port->owner = (struct tdfxo_owner) { 0 };
				port->orphan_until = now_ms() + port->watchdog;
				arm(port);
			} else {
				disown(port);
			}
		}
		spin_unlock_bh(&port->lock);
	}
	mutex_unlock(&tdfxo_mutex);
}

void tdfxo_all_on_hook(void)
{
	struct tdfxo_port *port;
	unsigned long index;

	mutex_lock(&tdfxo_mutex);
	xa_for_each(&tdfxo_ports, index, port) {
		spin_lock_bh(&port->lock);
		order(port, TDFXO_IN_HANGUP, 1, NULL);
		spin_unlock_bh(&port->lock);
	}
	mutex_unlock(&tdfxo_mutex);
}

/* ---- life ---- */

struct tdfxo_port *tdfxo_port_add(const struct tdfxo_ops *ops, void *board,
				  struct device *parent, const char *name)
{
	struct tdfxo_port *port = kzalloc(sizeof(*port), GFP_KERNEL);
	int err;

	if (!port)
		return ERR_PTR(-ENOMEM);
	kref_init(&port->ref);
	port->ops = ops;
	port->board = board;
	strscpy(port->name, name, sizeof(port->name));
	spin_lock_init(&port->lock);
	init_waitqueue_head(&port->wait);
	INIT_KFIFO(port->rx);
	INIT_KFIFO(port->tx);
	hrtimer_setup(&port->timer, due, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	port->orphan_until = TDFXO_NEVER;
	tdfxo_line_init(&port->line, now_ms());

	mutex_lock(&tdfxo_mutex);
	err = xa_alloc(&tdfxo_ports, &port->index, port,
		       XA_LIMIT(0, TDFXO_MAX_PORTS - 1), GFP_KERNEL);
	if (!err) {
		err = tdfxo_pcm_add(port, parent);
		if (err)
			xa_erase(&tdfxo_ports, port->index);
	}
	mutex_unlock(&tdfxo_mutex);
	if (err) {
		tdfxo_port_put(port);
		return ERR_PTR(err);
	}
	spin_lock_bh(&port->lock);
	ops->relays(board, 0);
	if (ops->configure)
		ops->configure(board, &port->line.cfg);
	tdfxo_genl_event(port, TDFXO_EVENT_ADDED, 0, now_ms());
	spin_unlock_bh(&port->lock);
	tdfxo_port_changed(port);
	return port;
}
EXPORT_SYMBOL_GPL(tdfxo_port_add);

void tdfxo_port_remove(struct tdfxo_port *port)
{
	mutex_lock(&tdfxo_mutex);
	xa_erase(&tdfxo_ports, port->index);
	mutex_unlock(&tdfxo_mutex);

	spin_lock_bh(&port->lock);
	order(port, TDFXO_IN_HANGUP, 1, NULL);
	port->gone = true;
	tdfxo_genl_event(port, TDFXO_EVENT_REMOVED, 0, now_ms());
	spin_unlock_bh(&port->lock);

	hrtimer_cancel(&port->timer);
	tdfxo_pcm_remove(port);
	wake_up_interruptible_poll(&port->wait, EPOLLIN | EPOLLERR | EPOLLHUP);
	tdfxo_port_put(port);
}
EXPORT_SYMBOL_GPL(tdfxo_port_remove);
