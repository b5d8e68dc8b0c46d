// SPDX-License-Identifier: GPL-2.0-only
/* Simulated lines: the board. Relays, what is on the wires, gains, frames of sound. */
#include <linux/minmax.h>
#include <linux/string.h>
#include "fxo_sim.h"

#define LOOP_MV	8000	/* what is left of the battery when current flows */

/* under sim_wires: current flows, through whichever telephone */
static bool is_loop_closed(const struct sim_line *l)
{
	return ((l->relays | (l->twin ? l->twin->relays : 0)) & TDFXO_RELAY_LOOP);
}

static void relays(void *board, u8 relays)
{
	struct sim_line *l = board;
	unsigned long delay = 0;

	spin_lock(&sim_wires);
	if ((l->relays ^ relays) & TDFXO_RELAY_LOOP) {
		sim_exchange_hook(l, l->relays & TDFXO_RELAY_LOOP);
		if (!(relays & TDFXO_RELAY_LOOP))
			delay = HUNG_UP;
		else if (l->twin)
			l->twin->ringing = false;
		if (relays & TDFXO_RELAY_LOOP)
			l->ringing = false;
	} else if (relays & TDFXO_RELAY_RING_GROUND) {
		delay = 20;
	}
	l->relays = relays;
	spin_unlock(&sim_wires);
	mod_delayed_work(system_wq, &l->exchange, msecs_to_jiffies(delay));
}

static void measure(void *board, struct tdfxo_measure *m)
{
	struct sim_line *l = board;
	s32 mv;

	spin_lock(&sim_wires);
	mv = is_loop_closed(l) ? clamp(l->battery, -LOOP_MV, LOOP_MV) : l->battery;
	if (l->dropped || (l->ground && !l->tip))
		mv = 0;
	m->mv = l->reversed ? -mv : mv;
	m->ring_dhz = l->ringing && l->burst ? l->dhz : 0;
	m->tip_ground = l->tip;
	spin_unlock(&sim_wires);
}

/* A decibel is a factor of 1149 / 1024. */
static u32 factor(u32 gain)
{
	u32 f = 1024;

	for (; gain > TDFXO_GAIN_0; gain--)
		f = f * 1149 / 1024;
	for (; gain < TDFXO_GAIN_0; gain++)
		f = f * 1024 / 1149;
	return f;
}

static void configure(void *board, const struct tdfxo_line_config *cfg)
{
	struct sim_line *l = board;

	spin_lock(&sim_wires);
	l->country = cfg->value[TDFXO_CFG_COUNTRY];
	l->impedance = cfg->value[TDFXO_CFG_IMPEDANCE];
	l->gain_in = factor(cfg->value[TDFXO_CFG_GAIN_IN]);
	l->gain_out = factor(cfg->value[TDFXO_CFG_GAIN_OUT]);
	spin_unlock(&sim_wires);
}

const struct tdfxo_ops sim_ops = {
	.name = "tandem_fxo_sim",
	.relays = relays,
	.measure = measure,
	.configure = configure,
};

static s16 mix(int a, int b)
{
	return clamp(a + b, -32768, 32767);
}

static s16 scaled(s16 sample, u32 factor)
{
	return clamp(sample * (int)factor / 1024, -32768, 32767);
}

void sim_frame(struct sim_line *l)
{
	struct tdfxo_port *port = READ_ONCE(l->port);
	s16 in[FRAME], out[FRAME];
	unsigned int i;

	if (!port)
		return;
	spin_lock_bh(&sim_wires);
	i = kfifo_out(&l->to_port, in, FRAME);
	memset(in + i, 0, (FRAME - i) * sizeof(*in));
	for (i = 0; i < FRAME; i++) {
		if (l->call == TALKING && l->peer)
			in[i] = mix(in[i], l->peer->said[i]);
		in[i] = mix(in[i], l->said[i] * (int)l->echo / 100);
		in[i] = scaled(in[i], l->gain_in);
	}
	spin_unlock_bh(&sim_wires);
	tdfxo_port_frame(port, in, out);
	spin_lock_bh(&sim_wires);
	for (i = 0; i < FRAME; i++)
		l->said[i] = scaled(out[i], l->gain_out);
	kfifo_in(&l->from_port, l->said, FRAME);
	spin_unlock_bh(&sim_wires);
}
