// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulated lines: files in debugfs, tandem_fxo_sim/N/, by which the exchange is scripted.
 *
 * control (write), one command a line:
 *	ring ON OFF [ON OFF]	ring with this cadence, ms, until it is answered; ring 0: stop
 *	frequency DHZ		of the ringing, tenths of a hertz
 *	battery MV		voltage on hook; the sign is the polarity; 0: none
 *	drop MS			no battery for so long
 *	reverse			the other polarity
 *	ground 0|1		this end does ground start
 *	tip 0|1			ground tip, or open it
 *	seizable 0|1		ground start: ground tip when ring is grounded (1)
 *	peer N			an exchange between this line and line N: who goes off hook rings
 *				the other; peer -1: none
 *	reversal 0|1		that exchange reverses the caller's battery while they talk
 *	echo PERCENT		so much of what we say comes back 20 ms later
 *	split N			a splitter: this line and line N are one; split -1: none
 *	unplug, plug		the port goes, comes back
 * state (read): relays, voltage, the digits that were dialled by pulses, the port's settings
 * sound (read): what the line hears from us, 16 bit samples; (write): what it says to us
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "fxo_sim.h"

static struct dentry *folder;
static DEFINE_MUTEX(control_lock);	/* who scripts */

static int set_flag(struct sim_line *l, const char *word, int v)
{
	bool *flag = !strcmp(word, "ground") ? &l->ground : !strcmp(word, "tip") ? &l->tip :
		     !strcmp(word, "seizable") ? &l->seizable :
		     !strcmp(word, "reversal") ? &l->reversal : NULL;

	if (!flag)
		return -EINVAL;
	spin_lock_bh(&sim_wires);
	*flag = v;
	spin_unlock_bh(&sim_wires);
	return 0;
}

static int ring_command(struct sim_line *l, const char *arguments)
{
	struct sim_line *last = l->twin ? l->twin : l;
	unsigned int c[4] = { 0 }, i;
	int n = sscanf(arguments, "%u %u %u %u", &c[0], &c[1], &c[2], &c[3]);

	if (n < 1 || (c[0] && n % 2))
		return -EINVAL;
	for (i = 0; c[0] && i < n; i++)
		if (!c[i] || c[i] > 60000)
			return -ERANGE;
	for (;; l = l->twin) {
		hrtimer_cancel(&l->ring_timer);
		spin_lock_bh(&sim_wires);
		sim_set_ringing(l, c, c[0] ? n : 0);
		spin_unlock_bh(&sim_wires);
		sim_start_ringing(l);
		sim_changed(l);
		if (l == last)
			return 0;
	}
}

static int command(struct sim_line *l, const char *text)
{
	char word[16];
	int v = 0, n, err = 0;

	n = sscanf(text, "%15s %d", word, &v);
	if (n == 1 && !strcmp(word, "unplug") && l->port) {
		sim_unplug(l);
	} else if (n == 1 && !strcmp(word, "plug") && !l->port) {
		err = sim_plug(l);
	} else if (n == 1 && !strcmp(word, "reverse")) {
		spin_lock_bh(&sim_wires);
		l->reversed = !l->reversed;
		spin_unlock_bh(&sim_wires);
	} else if (n < 2) {
		err = -EINVAL;
	} else if (!strcmp(word, "ring")) {
		err = ring_command(l, text + 4);
	} else if (!strcmp(word, "frequency")) {
		l->dhz = v;
	} else if (!strcmp(word, "echo")) {
		l->echo = clamp(v, 0, 100);
	} else if (!strcmp(word, "battery")) {
		l->battery = v;
	} else if (!strcmp(word, "drop")) {
		sim_start_drop(l, clamp(v, 1, 60000));
	} else if (!strcmp(word, "peer")) {
		err = sim_pair(l, v, false);
	} else if (!strcmp(word, "split")) {
		err = sim_pair(l, v, true);
	} else {
		err = set_flag(l, word, v);
	}
	sim_changed(l);
	return err;
}

static ssize_t control_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	struct sim_line *l = file_inode(file)->i_private;
	char *text, *rest, *one;
	int err = 0;

	if (size > 1024)
		return -E2BIG;
	text = memdup_user_nul(from, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&control_lock);
	for (rest = text; !err && (one = strsep(&rest, "\n"));)
		if (*one)
			err = command(l, one);
	mutex_unlock(&control_lock);
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
	static const char *const calls[] = { "free", "calling", "called", "talking" };
	struct sim_line *l = s->private;
	struct tdfxo_measure m;

	local_bh_disable();
	sim_ops.measure(l, &m);
	local_bh_enable();
	seq_printf(s, "relays %u\nmillivolts %d\nringing %u\ntip %d\ndialled %s\ncall %s\n",
		   l->relays, m.mv, m.ring_dhz, m.tip_ground, l->dialled, calls[l->call]);
	seq_printf(s, "country %c%c\nimpedance %u\n", l->country >> 8, l->country & 0xff,
		   l->impedance);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static ssize_t sound_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	struct sim_line *l = file->private_data;
	s16 block[FRAME];
	unsigned int n;
	int err;

	do {
		err = wait_event_interruptible(sim_sound,
					       sim_going || !kfifo_is_empty(&l->from_port));
		if (err || sim_going)
			return err;
		spin_lock_bh(&sim_wires);
		n = kfifo_out(&l->from_port, block, min_t(size_t, FRAME, size / sizeof(s16)));
		spin_unlock_bh(&sim_wires);
	} while (!n && size >= sizeof(s16));
	return copy_to_user(to, block, n * sizeof(s16)) ? -EFAULT : n * sizeof(s16);
}

static ssize_t sound_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	struct sim_line *l = file->private_data;
	s16 block[FRAME];
	unsigned int n = min_t(size_t, FRAME, size / sizeof(s16));
	int err;

	if (copy_from_user(block, from, n * sizeof(s16)))
		return -EFAULT;
	err = wait_event_interruptible(sim_sound, sim_going || kfifo_avail(&l->to_port) >= n);
	if (err || sim_going)
		return err ? err : -ENODEV;
	spin_lock_bh(&sim_wires);
	n = kfifo_in(&l->to_port, block, n);
	spin_unlock_bh(&sim_wires);
	return n * sizeof(s16);
}

/* Who comes to listen hears what is said from now on. */
static int sound_open(struct inode *inode, struct file *file)
{
	struct sim_line *l = inode->i_private;

	if (file->f_mode & FMODE_READ) {
		spin_lock_bh(&sim_wires);
		kfifo_reset_out(&l->from_port);
		spin_unlock_bh(&sim_wires);
	}
	file->private_data = l;
	return stream_open(inode, file);
}

static const struct file_operations sound_fops = {
	.owner = THIS_MODULE,
	.open = sound_open,
	.read = sound_read,
	.write = sound_write,
};

void sim_files_add(struct sim_line *l)
{
	struct dentry *dir;
	char name[8];

	snprintf(name, sizeof(name), "%u", l->number);
	dir = debugfs_create_dir(name, folder);
	debugfs_create_file("control", 0200, dir, l, &control_fops);
	debugfs_create_file("state", 0400, dir, l, &state_fops);
	debugfs_create_file("sound", 0600, dir, l, &sound_fops);
}

void sim_files_init(void)
{
	folder = debugfs_create_dir("tandem_fxo_sim", NULL);
}

/* Who waits in a file goes first. */
void sim_files_exit(void)
{
	wake_up_interruptible(&sim_sound);
	debugfs_remove(folder);
}
