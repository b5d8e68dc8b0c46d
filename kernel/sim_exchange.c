// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulated lines: the exchange at the other end. Its bell and battery, pulses that it counts, and
 * calls between two lines.
 */
#include <linux/string.h>
#include "fxo_compat.h"
#include "fxo_sim.h"

#define RELEASE		500	/* ms; battery drop that tells a release */

/* An exchange reads digits off the loop: breaks up to 200 ms, a pause of 300 ms ends one. */
void sim_exchange_hook(struct sim_line *l, bool was_closed)
{
	s64 now = sim_now();
	size_t n = strlen(l->dialled);

	if (was_closed) {
		l->opened = now;
		return;
	}
	if (l->opened && now - l->opened <= 200 && n < TDFXO_MAX_DIGITS) {
		if (l->opened - l->closed >= 300 || !n) {
			l->pulses = 0;
			n++;
		}
		l->dialled[n - 1] = '0' + ++l->pulses % 10;
		l->dialled[n] = '\0';
	} else if (now - l->opened >= HUNG_UP) {
		l->dialled[0] = '\0';
	}
	l->closed = now;
}

static enum hrtimer_restart ring_step(struct hrtimer *timer)
{
	struct sim_line *l = container_of(timer, struct sim_line, ring_timer);
	enum hrtimer_restart again = HRTIMER_NORESTART;

	spin_lock_bh(&sim_wires);
	if (l->ringing) {
		l->step = (l->step + 1) % l->steps;
		l->burst = l->step % 2 == 0;
		hrtimer_forward_now(timer, ms_to_ktime(l->cadence[l->step]));
		again = HRTIMER_RESTART;
	}
	spin_unlock_bh(&sim_wires);
	sim_changed(l);
	return again;
}

static enum hrtimer_restart drop_over(struct hrtimer *timer)
{
	struct sim_line *l = container_of(timer, struct sim_line, drop_timer);

	spin_lock_bh(&sim_wires);
	l->dropped = false;
	spin_unlock_bh(&sim_wires);
	sim_changed(l);
	return HRTIMER_NORESTART;
}

void sim_set_ringing(struct sim_line *l, const unsigned int *cadence, unsigned int steps)
{
	memcpy(l->cadence, cadence, steps * sizeof(*cadence));
	l->steps = steps;
	l->step = 0;
	l->burst = true;
	l->ringing = steps;
}

void sim_start_ringing(struct sim_line *l)
{
	if (l->ringing)
		hrtimer_start(&l->ring_timer, ms_to_ktime(l->cadence[0]), HRTIMER_MODE_REL_SOFT);
}

void sim_start_drop(struct sim_line *l, unsigned int ms)
{
	spin_lock_bh(&sim_wires);
	l->dropped = true;
	spin_unlock_bh(&sim_wires);
	hrtimer_start(&l->drop_timer, ms_to_ktime(ms), HRTIMER_MODE_REL_SOFT);
	sim_changed(l);
}

/* One end has moved its hook: what the exchange does to both. True: the peer's battery drops. */
static bool connect(struct sim_line *l, struct sim_line *p)
{
	static const unsigned int cadence[] = { 2000, 4000 };
	bool off_hook = l->relays & TDFXO_RELAY_LOOP, drop = false;

	if (off_hook && l->call == FREE && p && p->call == FREE &&
	    !(p->relays & TDFXO_RELAY_LOOP)) {
		l->call = CALLING;
		p->call = CALLED;
		p->tip = p->ground;
		sim_set_ringing(p, cadence, 2);
	} else if (off_hook && l->call == CALLED) {
		l->call = TALKING;
		p->call = TALKING;
		p->reversed ^= p->reversal;
	} else if (!off_hook && l->call != FREE && sim_now() - l->opened >= HUNG_UP) {
		p->reversed ^= p->reversal && p->call == TALKING && l->call == TALKING;
		drop = (p->relays & TDFXO_RELAY_LOOP) && !p->ground;
		p->tip = false;
		p->ringing = false;
		l->call = FREE;
		p->call = FREE;
	}
	if (l->ground && (l->relays & TDFXO_RELAY_RING_GROUND))
		l->tip = l->tip || l->seizable;
	else if (l->ground && !off_hook && l->call == FREE && sim_now() - l->opened >= HUNG_UP)
		l->tip = l->tip && l->ringing;
	return drop;
}

static void exchange(struct work_struct *work)
{
	struct sim_line *l = container_of(to_delayed_work(work), struct sim_line, exchange);
	struct sim_line *p, *twin;
	bool drop, ring;

	spin_lock_bh(&sim_wires);
	p = l->peer;
	twin = l->twin;
	ring = p && !p->ringing;
	drop = (p || l->ground) && connect(l, p ? p : l);
	ring = ring && p->ringing;
	spin_unlock_bh(&sim_wires);
	if (ring)
		sim_start_ringing(p);
	if (drop)
		sim_start_drop(p, RELEASE);
	sim_changed(l);
	if (p)
		sim_changed(p);
	if (twin)
		sim_changed(twin);
}

void sim_exchange_init(struct sim_line *l)
{
	l->battery = -48000;
	l->dhz = 250;
	l->seizable = true;
	hrtimer_setup(&l->ring_timer, ring_step, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	hrtimer_setup(&l->drop_timer, drop_over, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	INIT_DELAYED_WORK(&l->exchange, exchange);
}

void sim_exchange_stop(struct sim_line *l)
{
	hrtimer_cancel(&l->ring_timer);
	hrtimer_cancel(&l->drop_timer);
	cancel_delayed_work_sync(&l->exchange);
}
