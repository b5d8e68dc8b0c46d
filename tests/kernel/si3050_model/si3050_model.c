// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests: an SPI controller and a PCM highway that exist in software, with a chain of Si3050 on
 * them, and the telephone line of each. What the chips do is the data sheet's; the numbers
 * are written here again, so that a wrong one in the driver is seen. Scripts by debugfs,
 * si3050_model/N/:
 *
 * control (write), one command a line:
 *	battery VOLTS		between tip and ring, on hook; off hook it is 8, or nothing
 *	ring DHZ		rings at so many tenths of a hertz; 0: does not
 *	tip 0|1			grounds tip
 *	link 0|1		the line's side can work
 *	fail N			the bus fails N times
 * state (read): relays and what they did, registers that were written
 *
 * A line says what it heard 20 ms ago.
 */
#include <linux/debugfs.h>
#include <linux/hrtimer.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/property.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spi/spi.h>
#include <linux/uaccess.h>
#include "fxo_compat.h"
#include "fxo_highway.h"

#define CHIPS		3
#define SLOTS		8
#define REGISTERS	60
#define FRAME		TDFXO_FRAME_SAMPLES

struct chip {
	u8 reg[REGISTERS];
	s32 volts;
	u32 dhz, tip, link;
	s64 ring_at, opened_at, closed_at;	/* microseconds */
	unsigned int breaks, shortest, longest;	/* of the loop, microseconds */
	s16 heard[FRAME];
};

static struct chip chips[CHIPS];
static DEFINE_SPINLOCK(lock);		/* guards all of the model */
static struct {				/* the bus: bytes of this access, and what is wrong */
	unsigned int n, fail, bad;
	u8 byte[3];
	bool selected;
	unsigned int in_select;
} bus;
static struct spi_controller *controller;
static struct spi_device *device;
static struct dentry *folder;
static struct hrtimer clock;
static struct tdfxo_highway highway = { .slots = SLOTS };
static s16 from_lines[FRAME * SLOTS], to_lines[FRAME * SLOTS];

static s64 now_us(void)
{
	return ktime_to_us(ktime_get());
}

/* ---- a chip ---- */

static void power_on(struct chip *c)
{
	memset(c->reg, 0, sizeof(c->reg));
	c->reg[2] = 0x03;
	c->reg[6] = 0x10;
	c->reg[31] = 0x20;
	c->reg[32] = 0x03;
}

/* The line's side works when it has power (PDL, register 6) and is not broken. */
static bool linked(const struct chip *c)
{
	return c->link && !(c->reg[6] & 0x10);
}

static bool off_hook(const struct chip *c)
{
	return linked(c) && (c->reg[5] & 1);
}

static u8 line_status(const struct chip *c)
{
	s64 half;

	if (!linked(c) || !c->dhz || off_hook(c))
		return 0;
	half = div64_s64(now_us() - c->ring_at, 5000000 / c->dhz);
	return half % 2 ? 0x40 : 0x20;
}

static u8 read(const struct chip *c, u8 reg)
{
	if (reg >= REGISTERS)
		return 0;
	switch (reg) {
	case 5:		/* OH, ONHM; RDTP and RDTN follow the ringing */
		return (c->reg[5] & 0x09) | line_status(c);
	case 11:	/* a Si3019 */
		return linked(c) ? 0x35 : 0x05;
	case 12:	/* FDT */
		return linked(c) ? 0x40 : 0;
	case 19:	/* DOD: no current off hook */
		return off_hook(c) && !c->volts ? 0x02 : 0;
	case 29:	/* LVS */
		return !linked(c) ? 0 : !off_hook(c) ? c->volts : clamp(c->volts, -8, 8);
	case 32:	/* TGD, when TGOE lets it */
		return (c->reg[32] & 0x03) | (c->tip && !(c->reg[32] & 0x02) ? 0x04 : 0);
	default:	/* registers of the line's side are behind the link */
		return c->reg[reg];
	}
}

static void hook_moved(struct chip *c, bool closed)
{
	s64 now = now_us();
	unsigned int took = now - c->opened_at;

	if (!closed) {
		c->opened_at = now;
	} else if (c->opened_at && took < 200000) {
		c->breaks++;
		c->shortest = min(c->shortest ?: took, took);
		c->longest = max(c->longest, took);
	}
}

static void write(struct chip *c, u8 reg, u8 value)
{
	bool was = off_hook(c);

	if (reg >= REGISTERS)
		return;
	/* what lies behind the link is lost without it */
	if (!linked(c) && (reg == 5 || reg == 16 || reg == 26 || reg == 30 || reg == 31))
		return;
	c->reg[reg] = value;
	if (reg == 6 && (value & 0x10)) {
		c->reg[5] = 0;
		c->reg[16] = 0;
		c->reg[26] = 0;
		c->reg[30] = 0;
	}
	if (off_hook(c) != was)
		hook_moved(c, !was);
}

/* ---- the bus ---- */

/* Which chip: BRCT, R/W, 1, 0, CID[0..3]. */
static u8 clock_byte(u8 value)
{
	static const u8 cid[16] = { 0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15 };
	struct chip *c;
	u8 answer = 0xff;

	bus.byte[bus.n++] = value;
	if (bus.n < 3)
		return answer;
	bus.n = 0;
	if ((bus.byte[0] & 0xb0) != 0x20 || bus.byte[1] >= REGISTERS)
		bus.bad++;
	if (cid[bus.byte[0] & 15] >= CHIPS)
		return answer;
	c = &chips[cid[bus.byte[0] & 15]];
	if (bus.byte[0] & 0x40)
		answer = read(c, bus.byte[1]);
	else
		write(c, bus.byte[1], value);
	return answer;
}

static void set_cs(struct spi_device *spi, bool high)
{
	spin_lock_bh(&lock);
	if (bus.selected && bus.in_select > 1)
		bus.bad++;
	bus.selected = !high;
	bus.in_select = 0;
	spin_unlock_bh(&lock);
}

static int transfer_one(struct spi_controller *ctlr, struct spi_device *spi, struct spi_transfer *t)
{
	const u8 *tx = t->tx_buf;
	u8 *rx = t->rx_buf;
	unsigned int i;
	int err = 0;

	spin_lock_bh(&lock);
	if (bus.fail) {
		bus.fail--;
		bus.n = 0;
		err = -EIO;
	}
	for (i = 0; i < t->len && !err; i++) {
		bus.in_select++;
		rx[i] = clock_byte(tx[i]);
	}
	spin_unlock_bh(&lock);
	return err;
}

/* ---- the highway: a chip is where its own registers say ---- */

static int slot_of(const struct chip *c, unsigned int reg)
{
	unsigned int at = c->reg[reg] | c->reg[reg + 1] << 8;

	return (c->reg[33] & 0x38) == 0x38 && linked(c) && at % 16 == 0 && at / 16 < SLOTS ?
	       (int)(at / 16) : -1;
}

static enum hrtimer_restart frame(struct hrtimer *timer)
{
	unsigned int i, n;
	int slot;

	spin_lock_bh(&lock);
	memset(from_lines, 0, sizeof(from_lines));
	for (n = 0; n < CHIPS; n++) {
		slot = slot_of(&chips[n], 34);
		for (i = 0; slot >= 0 && i < FRAME; i++)
			from_lines[i * SLOTS + slot] = chips[n].heard[i];
	}
	spin_unlock_bh(&lock);
	tdfxo_highway_run(&highway, from_lines, to_lines);
	spin_lock_bh(&lock);
	for (n = 0; n < CHIPS; n++) {
		slot = slot_of(&chips[n], 36);
		for (i = 0; i < FRAME; i++)
			chips[n].heard[i] = slot >= 0 ? to_lines[i * SLOTS + slot] : 0;
	}
	spin_unlock_bh(&lock);
	hrtimer_forward_now(timer, ms_to_ktime(20));
	return HRTIMER_RESTART;
}

/* ---- scripts ---- */

static int command(struct chip *c, const char *text)
{
	char word[16];
	int v;

	if (sscanf(text, "%15s %d", word, &v) != 2)
		return -EINVAL;
	if (!strcmp(word, "battery")) {
		c->volts = v;
	} else if (!strcmp(word, "ring")) {
		c->dhz = v;
		c->ring_at = now_us();
	} else if (!strcmp(word, "tip")) {
		c->tip = v;
	} else if (!strcmp(word, "link")) {
		c->link = v;
	} else if (!strcmp(word, "fail")) {
		bus.fail = v;
	} else {
		return -EINVAL;
	}
	return 0;
}

static ssize_t control_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	char *text, *rest, *one;
	int err = 0;

	if (size > 1024)
		return -E2BIG;
	text = memdup_user_nul(from, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	spin_lock_bh(&lock);
	for (rest = text; !err && (one = strsep(&rest, "\n"));)
		if (*one)
			err = command(file_inode(file)->i_private, one);
	spin_unlock_bh(&lock);
	kfree(text);
	return err ? err : size;
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = control_write,
};

static int state_show(struct seq_file *s, void *unused)
{
	struct chip *c = s->private, now;
	unsigned int i, bad, fail;

	spin_lock_bh(&lock);
	now = *c;
	bad = bus.bad;
	fail = bus.fail;
	spin_unlock_bh(&lock);
	seq_printf(s, "bad %u\nfail %u\noff_hook %u\nring_grounded %u\n", bad, fail,
		   off_hook(&now), !(now.reg[32] & 1));
	seq_printf(s, "breaks %u\nshortest %u\nlongest %u\n", now.breaks, now.shortest,
		   now.longest);
	for (i = 0; i < REGISTERS; i++)
		seq_printf(s, "r%u %u\n", i, now.reg[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

/* ---- the board, as a device tree would have it ---- */

static const struct software_node highway_node = { .name = "si3050-model" };

static const struct property_entry chain_properties[] = {
	PROPERTY_ENTRY_REF("pcm-highway", &highway_node),
	{ }
};

static const struct software_node chain_node = {
	.name = "si3050-chain", .properties = chain_properties,
};

#define LINE(n, slot, called)							\
static const struct property_entry line ## n ## _properties[] = {		\
	PROPERTY_ENTRY_U32("reg", n),						\
	PROPERTY_ENTRY_U32("silabs,pcm-slot", slot),				\
	PROPERTY_ENTRY_STRING("label", called),					\
	{ }									\
};										\
static const struct software_node line ## n ## _node = {			\
	.name = "line" #n, .parent = &chain_node,				\
	.properties = line ## n ## _properties,					\
}

LINE(0, 0, "lobby");
LINE(1, 3, "fax");
LINE(2, 7, "door");

static const struct software_node *nodes[] = {
	&highway_node, &chain_node, &line0_node, &line1_node, &line2_node, NULL
};

static int probe(struct platform_device *pdev)
{
	struct spi_board_info info = {
		.modalias = "si3050", .max_speed_hz = 4000000, .swnode = &chain_node,
	};
	int err;

	controller = devm_spi_alloc_master(&pdev->dev, 0);
	if (!controller)
		return -ENOMEM;
	controller->bus_num = -1;
	controller->num_chipselect = 1;
	controller->set_cs = set_cs;
	controller->transfer_one = transfer_one;
	err = devm_spi_register_controller(&pdev->dev, controller);
	if (err)
		return err;
	highway.dev = &pdev->dev;
	err = tdfxo_highway_register(&highway);
	if (err)
		return err;
	hrtimer_start(&clock, ms_to_ktime(20), HRTIMER_MODE_REL_SOFT);
	device = spi_new_device(controller, &info);
	return device ? 0 : -ENODEV;
}

/* The chain's driver is unbound already: the highway is its supplier. */
static int remove(struct platform_device *pdev)
{
	hrtimer_cancel(&clock);
	tdfxo_highway_unregister(&highway);
	return 0;
}

static struct platform_driver driver = {
	.driver = { .name = "si3050_model" },
	.probe = probe,
	.remove = remove,
};

static struct platform_device *pdev;

static int __init model_init(void)
{
	struct platform_device_info info = { .name = "si3050_model" };
	struct dentry *dir;
	unsigned int i;
	char name[8];
	int err;

	hrtimer_setup(&clock, frame, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	folder = debugfs_create_dir("si3050_model", NULL);
	for (i = 0; i < CHIPS; i++) {
		power_on(&chips[i]);
		chips[i].volts = -48;
		chips[i].link = 1;
		snprintf(name, sizeof(name), "%u", i);
		dir = debugfs_create_dir(name, folder);
		debugfs_create_file("control", 0200, dir, &chips[i], &control_fops);
		debugfs_create_file("state", 0400, dir, &chips[i], &state_fops);
	}
	err = software_node_register_node_group(nodes);
	if (err)
		goto err_folder;
	err = platform_driver_register(&driver);
	if (err)
		goto err_nodes;
	info.fwnode = software_node_fwnode(&highway_node);
	pdev = platform_device_register_full(&info);
	if (!IS_ERR(pdev))
		return 0;
	err = PTR_ERR(pdev);
	platform_driver_unregister(&driver);
err_nodes:
	software_node_unregister_node_group(nodes);
err_folder:
	debugfs_remove(folder);
	return err;
}

static void __exit model_exit(void)
{
	platform_device_unregister(pdev);
	platform_driver_unregister(&driver);
	software_node_unregister_node_group(nodes);
	debugfs_remove(folder);
}

module_init(model_init);
module_exit(model_exit);

MODULE_DESCRIPTION("A model of Si3050 chips, for tests");
MODULE_LICENSE("GPL");
