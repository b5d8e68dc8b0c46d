// SPDX-License-Identifier: GPL-2.0-only
/*
 * A board made of software: lines without wires, for tests and for machines without hardware.
 * The exchange at the other end is scripted by files in debugfs, tandem_fxo_sim/N/:
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
#include <linux/err.h>
#include <linux/kfifo.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include "fxo_compat.h"
#include "fxo_ops.h"

#define FIFO		8192		/* samples: a second */
#define FRAME		TDFXO_FRAME_SAMPLES
#define LOOP_MV		8000		/* what is left of the battery when current flows */
#define HUNG_UP		700		/* a loop open for longer is no pulse and no flash */
#define RELEASE		500		/* battery drop that tells a release */

static unsigned int lines = 2;
module_param(lines, uint, 0444);
MODULE_PARM_DESC(lines, "how many (1.." __stringify(TDFXO_MAX_PORTS) ")");

enum call { FREE, CALLING, CALLED, TALKING };

struct sim_line {
	struct tdfxo_port *port;	/* NULL: unplugged */
	unsigned int number;
	bool there;
	/* under wires */
	u8 relays;
	s32 battery;
	u32 dhz;
	bool dropped, reversed, ground, tip, seizable, ringing, burst, reversal;
	unsigned int cadence[4], steps, step;
	s64 opened, closed;		/* when the loop was, ms */
	unsigned int pulses;
	char dialled[TDFXO_MAX_DIGITS + 1];
	enum call call;
	struct sim_line *peer, *twin;	/* who is called; behind the same splitter */
	s16 said[FRAME];		/* the last frame from the port */
	unsigned int echo;
	u32 country, impedance, gain_in, gain_out;	/* the gains as factors, 1024 is 1 */
	DECLARE_KFIFO_PTR(to_port, s16);
	DECLARE_KFIFO_PTR(from_port, s16);
	/* clocks */
	struct hrtimer ring_timer, drop_timer;
	struct delayed_work exchange;
};

static struct sim_line *line;
static struct dentry *folder;
static struct hrtimer tick_timer;
static DECLARE_WAIT_QUEUE_HEAD(sound_wait);
static DEFINE_MUTEX(control_lock);	/* who scripts */
static DEFINE_SPINLOCK(wires);		/* taken inside a port's lock, never around one */
static bool going;

static s64 now_ms(void)
{
	return ktime_to_ms(ktime_get());
}

static void changed(struct sim_line *l)
{
	struct tdfxo_port *port = READ_ONCE(l->port);

	if (port)
		tdfxo_port_changed(port);
}

/* under wires: current flows, through whichever telephone */
static bool is_loop_closed(const struct sim_line *l)
{
	return ((l->relays | (l->twin ? l->twin->relays : 0)) & TDFXO_RELAY_LOOP);
}

/* ---- what the board does ---- */

/* An exchange reads digits off the loop: breaks up to 200 ms, a pause of 300 ms ends one. */
static void read_pulse(struct sim_line *l, bool was_closed)
{
	s64 now = now_ms();
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

static void relays(void *board, u8 relays)
{
	struct sim_line *l = board;
	unsigned long delay = 0;

	spin_lock(&wires);
	if ((l->relays ^ relays) & TDFXO_RELAY_LOOP) {
		read_pulse(l, l->relays & TDFXO_RELAY_LOOP);
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
	spin_unlock(&wires);
	mod_delayed_work(system_wq, &l->exchange, msecs_to_jiffies(delay));
}

static void measure(void *board, struct tdfxo_measure *m)
{
	struct sim_line *l = board;
	s32 mv;

	spin_lock(&wires);
	mv = is_loop_closed(l) ? clamp(l->battery, -LOOP_MV, LOOP_MV) : l->battery;
	if (l->dropped || (l->ground && !l->tip))
		mv = 0;
	m->mv = l->reversed ? -mv : mv;
	m->ring_dhz = l->ringing && l->burst ? l->dhz : 0;
	m->tip_ground = l->tip;
	spin_unlock(&wires);
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

	spin_lock(&wires);
	l->country = cfg->value[TDFXO_CFG_COUNTRY];
	l->impedance = cfg->value[TDFXO_CFG_IMPEDANCE];
	l->gain_in = factor(cfg->value[TDFXO_CFG_GAIN_IN]);
	l->gain_out = factor(cfg->value[TDFXO_CFG_GAIN_OUT]);
	spin_unlock(&wires);
}

static const struct tdfxo_ops ops = {
	.name = "tandem_fxo_sim",
	.relays = relays,
	.measure = measure,
	.configure = configure,
};

/* ---- clocks ---- */

static enum hrtimer_restart ring_step(struct hrtimer *timer)
{
	struct sim_line *l = container_of(timer, struct sim_line, ring_timer);
	enum hrtimer_restart again = HRTIMER_NORESTART;

	spin_lock_bh(&wires);
	if (l->ringing) {
		l->step = (l->step + 1) % l->steps;
		l->burst = l->step % 2 == 0;
		hrtimer_forward_now(timer, ms_to_ktime(l->cadence[l->step]));
		again = HRTIMER_RESTART;
	}
	spin_unlock_bh(&wires);
	changed(l);
	return again;
}

static enum hrtimer_restart drop_over(struct hrtimer *timer)
{
	struct sim_line *l = container_of(timer, struct sim_line, drop_timer);

	spin_lock_bh(&wires);
	l->dropped = false;
	spin_unlock_bh(&wires);
	changed(l);
	return HRTIMER_NORESTART;
}

static s16 mix(int a, int b)
{
	return clamp(a + b, -32768, 32767);
}

static s16 scaled(s16 sample, u32 factor)
{
	return clamp(sample * (int)factor / 1024, -32768, 32767);
}

static void frame(struct sim_line *l)
{
	struct tdfxo_port *port = READ_ONCE(l->port);
	s16 in[FRAME], out[FRAME];
	unsigned int i;

	if (!port)
		return;
	spin_lock_bh(&wires);
	i = kfifo_out(&l->to_port, in, FRAME);
	memset(in + i, 0, (FRAME - i) * sizeof(*in));
	for (i = 0; i < FRAME; i++) {
		if (l->call == TALKING && l->peer)
			in[i] = mix(in[i], l->peer->said[i]);
		in[i] = mix(in[i], l->said[i] * (int)l->echo / 100);
		in[i] = scaled(in[i], l->gain_in);
	}
	spin_unlock_bh(&wires);
	tdfxo_port_frame(port, in, out);
	spin_lock_bh(&wires);
	for (i = 0; i < FRAME; i++)
		l->said[i] = scaled(out[i], l->gain_out);
	kfifo_in(&l->from_port, l->said, FRAME);
	spin_unlock_bh(&wires);
}

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	unsigned int i;

	for (i = 0; i < lines; i++)
		frame(&line[i]);
	wake_up_interruptible(&sound_wait);
	hrtimer_forward_now(timer, ms_to_ktime(20));
	return HRTIMER_RESTART;
}

/* ---- the exchange ---- */

/* under wires; the timer is started by the caller */
static void set_ringing(struct sim_line *l, const unsigned int *cadence, unsigned int steps)
{
	memcpy(l->cadence, cadence, steps * sizeof(*cadence));
	l->steps = steps;
	l->step = 0;
	l->burst = true;
	l->ringing = steps;
}

static void start_ringing(struct sim_line *l)
{
	if (l->ringing)
		hrtimer_start(&l->ring_timer, ms_to_ktime(l->cadence[0]), HRTIMER_MODE_REL_SOFT);
}

static void start_drop(struct sim_line *l, unsigned int ms)
{
	spin_lock_bh(&wires);
	l->dropped = true;
	spin_unlock_bh(&wires);
	hrtimer_start(&l->drop_timer, ms_to_ktime(ms), HRTIMER_MODE_REL_SOFT);
	changed(l);
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
		set_ringing(p, cadence, 2);
	} else if (off_hook && l->call == CALLED) {
		l->call = TALKING;
		p->call = TALKING;
		p->reversed ^= p->reversal;
	} else if (!off_hook && l->call != FREE && now_ms() - l->opened >= HUNG_UP) {
		p->reversed ^= p->reversal && p->call == TALKING && l->call == TALKING;
		drop = (p->relays & TDFXO_RELAY_LOOP) && !p->ground;
		p->tip = false;
		p->ringing = false;
		l->call = FREE;
		p->call = FREE;
	}
	if (l->ground && (l->relays & TDFXO_RELAY_RING_GROUND))
		l->tip = l->tip || l->seizable;
	else if (l->ground && !off_hook && l->call == FREE && now_ms() - l->opened >= HUNG_UP)
		l->tip = l->tip && l->ringing;
	return drop;
}

static void exchange(struct work_struct *work)
{
	struct sim_line *l = container_of(to_delayed_work(work), struct sim_line, exchange);
	struct sim_line *p, *twin;
	bool drop, ring;

	spin_lock_bh(&wires);
	p = l->peer;
	twin = l->twin;
	ring = p && !p->ringing;
	drop = (p || l->ground) && connect(l, p ? p : l);
	ring = ring && p->ringing;
	spin_unlock_bh(&wires);
	if (ring)
		start_ringing(p);
	if (drop)
		start_drop(p, RELEASE);
	changed(l);
	if (p)
		changed(p);
	if (twin)
		changed(twin);
}

/* ---- scripts ---- */

static void stop_line(struct sim_line *l)
{
	hrtimer_cancel(&l->ring_timer);
	hrtimer_cancel(&l->drop_timer);
	cancel_delayed_work_sync(&l->exchange);
}

/* Nothing of ours may run into a port that goes: it is out of sight first, then all clocks that
 * may have seen it end, and what the last move of its relays starts does not find it.
 */
static void unplug(struct sim_line *l)
{
	struct tdfxo_port *port = l->port;

	WRITE_ONCE(l->port, NULL);
	hrtimer_cancel(&tick_timer);
	if (l->peer)
		stop_line(l->peer);
	if (l->twin)
		stop_line(l->twin);
	stop_line(l);
	if (port)
		tdfxo_port_remove(port);
	if (!going)
		hrtimer_start(&tick_timer, ms_to_ktime(20), HRTIMER_MODE_REL_SOFT);
}

static int plug(struct sim_line *l)
{
	struct tdfxo_port *port;
	char name[16];

	snprintf(name, sizeof(name), "sim%u", l->number);
	port = tdfxo_port_add(&ops, l, NULL, name);
	if (IS_ERR(port))
		return PTR_ERR(port);
	WRITE_ONCE(l->port, port);
	return 0;
}

static struct sim_line **other(struct sim_line *l, bool twin)
{
	return twin ? &l->twin : &l->peer;
}

/* Line n, or nobody (-1), becomes the line's twin or peer; who was that before is alone. */
static int pair(struct sim_line *l, int n, bool twin)
{
	struct sim_line *p = n >= 0 ? &line[n] : NULL;

	if (n >= (int)lines || p == l)
		return -EINVAL;
	spin_lock_bh(&wires);
	if (*other(l, twin))
		*other(*other(l, twin), twin) = NULL;
	if (p && *other(p, twin))
		*other(*other(p, twin), twin) = NULL;
	*other(l, twin) = p;
	if (p)
		*other(p, twin) = l;
	spin_unlock_bh(&wires);
	return 0;
}

static int set_flag(struct sim_line *l, const char *word, int v)
{
	bool *flag = !strcmp(word, "ground") ? &l->ground : !strcmp(word, "tip") ? &l->tip :
		     !strcmp(word, "seizable") ? &l->seizable :
		     !strcmp(word, "reversal") ? &l->reversal : NULL;

	if (!flag)
		return -EINVAL;
	spin_lock_bh(&wires);
	*flag = v;
	spin_unlock_bh(&wires);
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
		spin_lock_bh(&wires);
		set_ringing(l, c, c[0] ? n : 0);
		spin_unlock_bh(&wires);
		start_ringing(l);
		changed(l);
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
		unplug(l);
	} else if (n == 1 && !strcmp(word, "plug") && !l->port) {
		err = plug(l);
	} else if (n == 1 && !strcmp(word, "reverse")) {
		spin_lock_bh(&wires);
		l->reversed = !l->reversed;
		spin_unlock_bh(&wires);
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
		start_drop(l, clamp(v, 1, 60000));
	} else if (!strcmp(word, "peer")) {
		err = pair(l, v, false);
	} else if (!strcmp(word, "split")) {
		err = pair(l, v, true);
	} else {
		err = set_flag(l, word, v);
	}
	changed(l);
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
	measure(l, &m);
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
		err = wait_event_interruptible(sound_wait, going || !kfifo_is_empty(&l->from_port));
		if (err || going)
			return err;
		spin_lock_bh(&wires);
		n = kfifo_out(&l->from_port, block, min_t(size_t, FRAME, size / sizeof(s16)));
		spin_unlock_bh(&wires);
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
	err = wait_event_interruptible(sound_wait, going || kfifo_avail(&l->to_port) >= n);
	if (err || going)
		return err ? err : -ENODEV;
	spin_lock_bh(&wires);
	n = kfifo_in(&l->to_port, block, n);
	spin_unlock_bh(&wires);
	return n * sizeof(s16);
}

/* Who comes to listen hears what is said from now on. */
static int sound_open(struct inode *inode, struct file *file)
{
	struct sim_line *l = inode->i_private;

	if (file->f_mode & FMODE_READ) {
		spin_lock_bh(&wires);
		kfifo_reset_out(&l->from_port);
		spin_unlock_bh(&wires);
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

/* ---- load and unload ---- */

static int add_line(struct sim_line *l, unsigned int number)
{
	struct dentry *dir;
	char name[8];
	int err;

	l->number = number;
	l->there = true;
	l->battery = -48000;
	l->dhz = 250;
	l->seizable = true;
	hrtimer_setup(&l->ring_timer, ring_step, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	hrtimer_setup(&l->drop_timer, drop_over, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	INIT_DELAYED_WORK(&l->exchange, exchange);
	err = kfifo_alloc(&l->to_port, FIFO, GFP_KERNEL);
	if (!err)
		err = kfifo_alloc(&l->from_port, FIFO, GFP_KERNEL);
	if (!err)
		err = plug(l);
	if (err)
		return err;
	snprintf(name, sizeof(name), "%u", number);
	dir = debugfs_create_dir(name, folder);
	debugfs_create_file("control", 0200, dir, l, &control_fops);
	debugfs_create_file("state", 0400, dir, l, &state_fops);
	debugfs_create_file("sound", 0600, dir, l, &sound_fops);
	return 0;
}

static void remove_lines(void)
{
	unsigned int i;

	going = true;
	wake_up_interruptible(&sound_wait);
	debugfs_remove(folder);
	for (i = 0; i < lines && line[i].there; i++)
		unplug(&line[i]);
	for (i = 0; i < lines && line[i].there; i++) {
		stop_line(&line[i]);
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
	folder = debugfs_create_dir("tandem_fxo_sim", NULL);
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
