// SPDX-License-Identifier: GPL-2.0-only
/* Sound: 20 ms frames between a board and the one process that has the port's device open. */
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "fxo_compat.h"
#include "fxo_core.h"

static dev_t first;
static struct cdev cdev;

/* The privilege that a claim takes is asked for in open(), so that no udev rule is needed. */
static char *devnode(TDFXO_DEVNODE_CONST struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0666;
	return NULL;
}

static struct class class = { .name = "tandem_fxo", .devnode = devnode };

void tdfxo_port_frame(struct tdfxo_port *port, const s16 *from_line, s16 *to_line)
{
	struct tdfxo_frame frame = { .time_ns = ktime_get_ns() };
	struct tdfxo_block block = { 0 };
	bool heard;

	memcpy(frame.sample, from_line, sizeof(frame.sample));
	spin_lock_bh(&port->lock);
	frame.seq = ++port->frame_seq;
	frame.state = port->line.state;
	heard = port->open && !port->gone;
	if (heard && kfifo_is_full(&port->rx)) {
		kfifo_skip(&port->rx);
		port->line.stats[TDFXO_STAT_RX_OVERRUN]++;
	}
	if (heard)
		kfifo_put(&port->rx, frame);
	if (port->open && !kfifo_get(&port->tx, &block) && port->line.state == TDFXO_STATE_LOOP)
		port->line.stats[TDFXO_STAT_TX_UNDERRUN]++;
	spin_unlock_bh(&port->lock);
	memcpy(to_line, block.sample, sizeof(block.sample));
	if (heard)
		wake_up_interruptible_poll(&port->wait, EPOLLIN | EPOLLOUT);
}
EXPORT_SYMBOL_GPL(tdfxo_port_frame);

static int pcm_open(struct inode *inode, struct file *file)
{
	struct tdfxo_port *port;
	int err = 0;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	port = tdfxo_port_get(iminor(inode) - MINOR(first));
	if (!port)
		return -ENODEV;
	spin_lock_bh(&port->lock);
	if (port->open) {
		err = -EBUSY;
	} else {
		port->open = true;
		kfifo_reset(&port->rx);
		kfifo_reset(&port->tx);
	}
	spin_unlock_bh(&port->lock);
	if (err) {
		tdfxo_port_put(port);
		return err;
	}
	file->private_data = port;
	return stream_open(inode, file);
}

static int pcm_release(struct inode *inode, struct file *file)
{
	struct tdfxo_port *port = file->private_data;

	spin_lock_bh(&port->lock);
	port->open = false;
	spin_unlock_bh(&port->lock);
	tdfxo_port_put(port);
	return 0;
}

/* One frame out of the ring: 1, or 0 when there is none, or -ENODEV. */
static int take(struct tdfxo_port *port, struct tdfxo_frame *frame)
{
	int n;

	spin_lock_bh(&port->lock);
	n = kfifo_get(&port->rx, frame);
	if (!n && port->gone)
		n = -ENODEV;
	spin_unlock_bh(&port->lock);
	return n;
}

static ssize_t pcm_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	struct tdfxo_port *port = file->private_data;
	struct tdfxo_frame frame;
	size_t done = 0;
	int err;

	if (size < sizeof(frame))
		return -EINVAL;
	while (size - done >= sizeof(frame)) {
		err = take(port, &frame);
		if (err < 0 || (!err && done))
			return done ? done : err;
		if (!err) {
			if (file->f_flags & O_NONBLOCK)
				return -EAGAIN;
			err = wait_event_interruptible(port->wait,
						       !kfifo_is_empty(&port->rx) ||
						       READ_ONCE(port->gone));
			if (err)
				return err;
			continue;
		}
		if (copy_to_user(to + done, &frame, sizeof(frame)))
			return done ? done : -EFAULT;
		done += sizeof(frame);
	}
	return done;
}

/* One block into the ring: 1, or 0 when there is no room, or -ENODEV. */
static int give(struct tdfxo_port *port, const struct tdfxo_block *block)
{
	int n;

	spin_lock_bh(&port->lock);
	n = port->gone ? -ENODEV : kfifo_put(&port->tx, *block);
	spin_unlock_bh(&port->lock);
	return n;
}

static ssize_t pcm_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	struct tdfxo_port *port = file->private_data;
	struct tdfxo_block block;
	size_t done = 0;
	int err;

	if (!size || size % sizeof(block))
		return -EINVAL;
	while (done < size) {
		if (copy_from_user(&block, from + done, sizeof(block)))
			return done ? done : -EFAULT;
		while (!(err = give(port, &block))) {
			if (done || (file->f_flags & O_NONBLOCK))
				return done ? done : -EAGAIN;
			err = wait_event_interruptible(port->wait,
						       !kfifo_is_full(&port->tx) ||
						       READ_ONCE(port->gone));
			if (err)
				return err;
		}
		if (err < 0)
			return done ? done : err;
		done += sizeof(block);
	}
	return done;
}

static __poll_t pcm_poll(struct file *file, poll_table *wait)
{
	struct tdfxo_port *port = file->private_data;
	__poll_t events = 0;

	poll_wait(file, &port->wait, wait);
	spin_lock_bh(&port->lock);
	if (port->gone)
		events |= EPOLLERR | EPOLLHUP;
	if (!kfifo_is_empty(&port->rx))
		events |= EPOLLIN | EPOLLRDNORM;
	if (!kfifo_is_full(&port->tx))
		events |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock_bh(&port->lock);
	return events;
}

static const struct file_operations pcm_fops = {
	.owner = THIS_MODULE,
	.open = pcm_open,
	.release = pcm_release,
	.read = pcm_read,
	.write = pcm_write,
	.poll = pcm_poll,
};

dev_t tdfxo_pcm_devt(const struct tdfxo_port *port)
{
	return MKDEV(MAJOR(first), MINOR(first) + port->index);
}

int tdfxo_pcm_add(struct tdfxo_port *port, struct device *parent)
{
	return PTR_ERR_OR_ZERO(device_create(&class, parent, tdfxo_pcm_devt(port), NULL,
					     "tandem_fxo%u", port->index));
}

void tdfxo_pcm_remove(struct tdfxo_port *port)
{
	device_destroy(&class, tdfxo_pcm_devt(port));
}

int tdfxo_pcm_init(void)
{
	int err = alloc_chrdev_region(&first, 0, TDFXO_MAX_PORTS, "tandem_fxo");

	if (err)
		return err;
	cdev_init(&cdev, &pcm_fops);
	cdev.owner = THIS_MODULE;
	err = cdev_add(&cdev, first, TDFXO_MAX_PORTS);
	if (err)
		goto err_region;
	err = class_register(&class);
	if (err)
		goto err_cdev;
	return 0;

err_cdev:
	cdev_del(&cdev);
err_region:
	unregister_chrdev_region(first, TDFXO_MAX_PORTS);
	return err;
}

void tdfxo_pcm_exit(void)
{
	class_unregister(&class);
	cdev_del(&cdev);
	unregister_chrdev_region(first, TDFXO_MAX_PORTS);
}
