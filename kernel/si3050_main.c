// SPDX-License-Identifier: GPL-2.0-only
/*
 * Silicon Labs Si3050 with a Si3018 or Si3019: up to 16 chips in a chain on one chip select of an
 * SPI bus, their sound on a PCM highway. Written by the data sheet and tested against a model of
 * its registers (tests/kernel/si3050_model): no card was seen yet.
 *
 * An SPI bus sleeps, and the core's orders come in atomic context. So one thread for each chain
 * does all that is said on the bus: it looks at every chip each 4 ms, and is woken when a
 * relay has to move. What it saw is what the core measures.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/gpio/consumer.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/property.h>
#include <linux/spi/spi.h>
#include <linux/wait.h>
#include "fxo_highway.h"
#include "si3050.h"

#define LOOK_MS		4
#define LINK_LOOKS	16		/* ... until the link to the line's side is looked at */

/**
 * struct si3050_line - a chip
 * @chain: where it is
 * @port: what the core calls it
 * @place: in the chain, 0 is next to the host
 * @slot: on the highway
 * @lock: guards what follows; taken inside the port's lock
 * @relays: as the core wants them
 * @cfg: as well
 * @move: the relays are others
 * @set: the configuration is another
 * @seen: what was on the wires
 * @link: the line's side answers; the thread's
 * @looks: until the link is looked at; the thread's
 * @ring: the thread's
 */
struct si3050_line {
	struct si3050_chain *chain;
	struct tdfxo_port *port;
	u32 place, slot;
	spinlock_t lock;		/* see above */
	u8 relays;
	struct tdfxo_line_config cfg;
	bool move, set;
	struct tdfxo_measure seen;
	bool link;
	unsigned int looks;
	struct si3050_ring ring;
};

/**
 * struct si3050_chain - chips on one chip select
 * @spi: the device
 * @highway: their sound
 * @thread: who speaks on the bus, when ports are there
 * @wait: where it sleeps
 * @wake: something is to do
 * @n: chips
 * @tx: what the bus sends
 * @rx: what it got
 * @line: chips
 */
struct si3050_chain {
	struct spi_device *spi;
	struct tdfxo_highway *highway;
	struct task_struct *thread;
	wait_queue_head_t wait;
	bool wake;
	unsigned int n;
	u8 tx[3] ____cacheline_aligned;
	u8 rx[3] ____cacheline_aligned;
	struct si3050_line line[];
};

/* ---- the bus: probe, then the thread alone ---- */

/* Each byte has a chip select of its own: who, which register, what. */
static int access(struct si3050_line *l, u8 control, u8 reg, u8 value)
{
	struct si3050_chain *c = l->chain;
	struct spi_transfer t[3] = { };
	unsigned int i;
	int err;

	/* the place goes lowest bit first; each chip counts it down, and 0 is the one */
	c->tx[0] = control | (l->place & 1) << 3 | (l->place & 2) << 1 | (l->place & 4) >> 1 |
		   (l->place & 8) >> 3;
	c->tx[1] = reg;
	c->tx[2] = value;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		t[i].tx_buf = &c->tx[i];
		t[i].rx_buf = &c->rx[i];
		t[i].len = 1;
		t[i].cs_change = i + 1 < ARRAY_SIZE(t);
		t[i].cs_change_delay.value = 1;
		t[i].cs_change_delay.unit = SPI_DELAY_UNIT_USECS;
	}
	err = spi_sync_transfer(c->spi, t, ARRAY_SIZE(t));
	if (err)
		dev_err_ratelimited(&c->spi->dev, "register %u: %d\n", reg, err);
	return err ? err : c->rx[2];
}

static int get(struct si3050_line *l, u8 reg)
{
	return access(l, 0x60, reg, 0);
}

static int put(struct si3050_line *l, u8 reg, u8 value)
{
	return access(l, 0x20, reg, value);
}

/* What is read there, or no bit at all when the bus fails */
static u8 bits(struct si3050_line *l, u8 reg, u8 mask)
{
	int value = get(l, reg);

	return value < 0 ? 0 : value & mask;
}

/* ---- orders; false: the bus failed ---- */

static bool move_relays(struct si3050_line *l, u8 relays, bool ground_start)
{
	u8 hook = relays & TDFXO_RELAY_LOOP ? DAA1_OH : DAA1_ONHM;
	u8 ring = relays & TDFXO_RELAY_RING_GROUND ? 0 : GROUND_RG;

	return put(l, SI3050_DAA1, hook) >= 0 &&
	       put(l, SI3050_GROUND, ring | (ground_start ? 0 : GROUND_TGOE)) >= 0;
}

static bool set_up(struct si3050_line *l, const struct tdfxo_line_config *cfg)
{
	struct si3050_settings s;

	si3050_settings(&s, cfg);
	return put(l, SI3050_INTL1, s.intl1) >= 0 &&
	       put(l, SI3050_INTL3, INTL3_RFWE) >= 0 &&
	       put(l, SI3050_DC, s.dc) >= 0 &&
	       put(l, SI3050_ACIM, s.acim) >= 0 &&
	       put(l, SI3050_DAA3, s.daa3) >= 0 &&
	       put(l, SI3050_SPARK, s.spark) >= 0 &&
	       put(l, SI3050_TX_GAIN, s.tx_gain) >= 0 &&
	       put(l, SI3050_RX_GAIN, s.rx_gain) >= 0;
}

/* What the bus did not take is tried again at the next look. */
static void obey(struct si3050_line *l)
{
	struct tdfxo_line_config cfg;
	bool move, set;
	u8 relays;

	if (!l->link)
		return;
	spin_lock_bh(&l->lock);
	move = l->move || l->set;
	set = l->set;
	relays = l->relays;
	cfg = l->cfg;
	l->move = false;
	l->set = false;
	spin_unlock_bh(&l->lock);
	if (move)
		move = !move_relays(l, relays, cfg.value[TDFXO_CFG_GROUND_START]);
	if (set)
		set = !set_up(l, &cfg);
	spin_lock_bh(&l->lock);
	l->move |= move;
	l->set |= set;
	spin_unlock_bh(&l->lock);
}

/* ---- what is on the wires ---- */

/*
 * The line's side is fed over the isolation. When it does not answer (at first, or after a
 * surge), it is switched off and at the next look on again; then all its registers are as new.
 * A bus that fails says nothing of it.
 */
static void look_at_link(struct si3050_line *l)
{
	int status = get(l, SI3050_LINK);
	bool up = status & LINK_FDT;

	if (status < 0)
		return;
	if (!up)
		put(l, SI3050_DAA2, l->link ? DAA2_PDL : 0);
	if (up == l->link)
		return;
	dev_info(&l->chain->spi->dev, "line %u: line side is %s\n", l->place, up ? "up" : "down");
	spin_lock_bh(&l->lock);
	l->set = true;
	spin_unlock_bh(&l->lock);
	l->link = up;
	l->ring.n = 0;
}

static void look(struct si3050_line *l, struct tdfxo_measure *m, bool off_hook, bool ground_start)
{
	int volts = get(l, SI3050_LVS);

	*m = (struct tdfxo_measure) { .mv = volts < 0 ? 0 : (s8)volts * 1000 };
	if (off_hook) {
		/* ground start: an exchange that opens tip takes the current */
		m->tip_ground = volts >= 0 && !bits(l, SI3050_INTL4, INTL4_DOD);
		if (!m->tip_ground)
			m->mv = 0;
		l->ring.n = 0;
		return;
	}
	m->ring_dhz = si3050_ring(&l->ring, bits(l, SI3050_DAA1, DAA1_RDTP), ktime_get_ns() / 1000);
	if (l->ring.n)		/* between tip and ring it swings */
		m->mv = l->seen.mv;
	m->tip_ground = ground_start && bits(l, SI3050_GROUND, GROUND_TGD);
}

static void look_at(struct si3050_line *l)
{
	struct tdfxo_measure m = { 0 };
	bool off_hook, ground_start, changed;

	if (l->looks++ % LINK_LOOKS == 0)
		look_at_link(l);
	spin_lock_bh(&l->lock);
	off_hook = l->relays & TDFXO_RELAY_LOOP;
	ground_start = l->cfg.value[TDFXO_CFG_GROUND_START];
	spin_unlock_bh(&l->lock);
	if (l->link)
		look(l, &m, off_hook, ground_start);
	spin_lock_bh(&l->lock);
	changed = m.mv != l->seen.mv || m.ring_dhz != l->seen.ring_dhz ||
		  m.tip_ground != l->seen.tip_ground;
	l->seen = m;
	spin_unlock_bh(&l->lock);
	if (changed)
		tdfxo_port_changed(l->port);
}

static int work(void *data)
{
	struct si3050_chain *c = data;
	unsigned int i;

	while (!kthread_should_stop()) {
		WRITE_ONCE(c->wake, false);
		for (i = 0; i < c->n; i++)
			obey(&c->line[i]);
		for (i = 0; i < c->n; i++)
			look_at(&c->line[i]);
		wait_event_interruptible_hrtimeout(c->wait,
						   READ_ONCE(c->wake) || kthread_should_stop(),
						   ms_to_ktime(LOOK_MS));
	}
	return 0;
}

/* ---- for the core, in atomic context ---- */

static void wake(struct si3050_line *l)
{
	WRITE_ONCE(l->chain->wake, true);
	wake_up_interruptible(&l->chain->wait);
}

static void relays(void *board, u8 relays)
{
	struct si3050_line *l = board;

	spin_lock(&l->lock);
	l->relays = relays;
	l->move = true;
	spin_unlock(&l->lock);
	wake(l);
}

static void measure(void *board, struct tdfxo_measure *m)
{
	struct si3050_line *l = board;

	spin_lock(&l->lock);
	*m = l->seen;
	spin_unlock(&l->lock);
}

static void configure(void *board, const struct tdfxo_line_config *cfg)
{
	struct si3050_line *l = board;

	spin_lock(&l->lock);
	l->cfg = *cfg;
	l->set = true;
	spin_unlock(&l->lock);
	wake(l);
}

static const struct tdfxo_ops ops = {
	.name = "tandem_fxo_si3050",
	.relays = relays,
	.measure = measure,
	.configure = configure,
};

/* ---- life ---- */

/* The registers of the highway are of the system's side: they are there at once. */
static int find_chip(struct si3050_line *l)
{
	u32 start = l->slot * SI3050_SLOT_BITS;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		put(l, SI3050_TX_START + i, start >> (8 * i));
		put(l, SI3050_RX_START + i, start >> (8 * i));
	}
	if (get(l, SI3050_TX_START) != (start & 0xff) || get(l, SI3050_TX_START + 1) != start >> 8)
		return dev_err_probe(&l->chain->spi->dev, -ENODEV, "line %u: no chip\n", l->place);
	put(l, SI3050_PCM, PCM_LINEAR | PCM_PCME);
	return 0;
}

static int add_line(struct si3050_line *l, struct fwnode_handle *node)
{
	struct device *dev = &l->chain->spi->dev;
	const char *name = NULL;
	char usual[TDFXO_NAME_LEN];
	int err;

	if (fwnode_property_read_u32(node, "reg", &l->place) || l->place >= SI3050_MAX_CHAIN ||
	    fwnode_property_read_u32(node, "silabs,pcm-slot", &l->slot) ||
	    l->slot >= l->chain->highway->slots)
		return dev_err_probe(dev, -EINVAL, "%pfw: reg or silabs,pcm-slot\n", node);
	snprintf(usual, sizeof(usual), "%s.%u", dev_name(dev), l->place);
	if (fwnode_property_read_string(node, "label", &name))
		name = usual;
	err = find_chip(l);
	if (err)
		return err;
	l->port = tdfxo_port_add(&ops, l, dev, name);
	if (IS_ERR(l->port)) {
		err = PTR_ERR(l->port);
		l->port = NULL;
		return err;
	}
	return tdfxo_highway_join(l->chain->highway, l->slot, l->port);
}

/* Nobody may run into a port that goes; then the lines are put on hook, whatever happens. */
static void remove_lines(struct si3050_chain *c)
{
	struct si3050_line *l;

	if (!IS_ERR_OR_NULL(c->thread))
		kthread_stop(c->thread);
	c->thread = NULL;
	for (l = c->line; l < c->line + c->n; l++) {
		if (!l->port)
			continue;
		tdfxo_highway_leave(c->highway, l->port);
		tdfxo_port_remove(l->port);
		l->port = NULL;
		move_relays(l, 0, false);
		put(l, SI3050_PCM, 0);
		put(l, SI3050_DAA2, DAA2_PDL);
	}
}

static int add_lines(struct si3050_chain *c)
{
	struct device *dev = &c->spi->dev;
	struct fwnode_handle *node;
	int err;

	device_for_each_child_node(dev, node) {
		struct si3050_line *l = &c->line[c->n++];

		l->chain = c;
		spin_lock_init(&l->lock);
		err = add_line(l, node);
		if (err) {
			fwnode_handle_put(node);
			return err;
		}
	}
	c->thread = kthread_run(work, c, "fxo-%s", dev_name(dev));
	if (IS_ERR(c->thread))
		return PTR_ERR(c->thread);
	sched_set_fifo_low(c->thread);
	return 0;
}

static int reset(struct device *dev)
{
	struct gpio_desc *line = devm_gpiod_get_optional(dev, "reset", GPIOD_OUT_HIGH);

	if (IS_ERR(line))
		return PTR_ERR(line);
	if (line) {
		usleep_range(1000, 2000);
		gpiod_set_value_cansleep(line, 0);
		usleep_range(10000, 12000);
	}
	return 0;
}

static int probe(struct spi_device *spi)
{
	struct device *dev = &spi->dev;
	unsigned int n = device_get_child_node_count(dev);
	struct si3050_chain *c;
	int err;

	if (!n || n > SI3050_MAX_CHAIN)
		return dev_err_probe(dev, -EINVAL, "%u lines\n", n);
	c = devm_kzalloc(dev, struct_size(c, line, n), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	c->spi = spi;
	init_waitqueue_head(&c->wait);
	spi_set_drvdata(spi, c);
	c->highway = tdfxo_highway_find(dev);
	if (IS_ERR(c->highway))
		return dev_err_probe(dev, PTR_ERR(c->highway), "pcm-highway\n");
	spi->bits_per_word = 8;
	err = spi_setup(spi);
	if (!err)
		err = reset(dev);
	if (!err)
		err = add_lines(c);
	if (err)
		remove_lines(c);
	return err;
}

static void remove(struct spi_device *spi)
{
	remove_lines(spi_get_drvdata(spi));
}

static const struct of_device_id of_ids[] = {
	{ .compatible = "silabs,si3050" },
	{ }
};
MODULE_DEVICE_TABLE(of, of_ids);

static const struct spi_device_id spi_ids[] = {
	{ .name = "si3050" },
	{ }
};
MODULE_DEVICE_TABLE(spi, spi_ids);

/* The machine goes down: as if it were unplugged. */
static struct spi_driver si3050_driver = {
	.driver = { .name = "tandem_fxo_si3050", .of_match_table = of_ids },
	.id_table = spi_ids,
	.probe = probe,
	.remove = remove,
	.shutdown = remove,
};
module_spi_driver(si3050_driver);

MODULE_DESCRIPTION("Silicon Labs Si3050 telephone lines for tandem_fxo");
MODULE_LICENSE("GPL");
