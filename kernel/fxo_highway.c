// SPDX-License-Identifier: GPL-2.0-only
/* PCM highways: who is there, and samples of slots sorted into frames of ports. */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/property.h>
#include "fxo_highway.h"

#define FRAME	TDFXO_FRAME_SAMPLES

static LIST_HEAD(highways);
static DEFINE_MUTEX(highways_lock);

int tdfxo_highway_register(struct tdfxo_highway *highway)
{
	if (!highway->slots || highway->slots > TDFXO_HIGHWAY_SLOTS)
		return -EINVAL;
	spin_lock_init(&highway->lock);
	memset(highway->port, 0, sizeof(highway->port));
	mutex_lock(&highways_lock);
	list_add(&highway->node, &highways);
	mutex_unlock(&highways_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(tdfxo_highway_register);

void tdfxo_highway_unregister(struct tdfxo_highway *highway)
{
	mutex_lock(&highways_lock);
	list_del(&highway->node);
	mutex_unlock(&highways_lock);
}
EXPORT_SYMBOL_GPL(tdfxo_highway_unregister);

void tdfxo_highway_run(struct tdfxo_highway *highway, const s16 *from_lines, s16 *to_lines)
{
	const unsigned int slots = highway->slots;
	s16 in[FRAME], out[FRAME];
	unsigned int slot, i;

	memset(to_lines, 0, FRAME * slots * sizeof(*to_lines));
	spin_lock_bh(&highway->lock);
	for (slot = 0; slot < slots; slot++) {
		if (!highway->port[slot])
			continue;
		for (i = 0; i < FRAME; i++)
			in[i] = from_lines[i * slots + slot];
		tdfxo_port_frame(highway->port[slot], in, out);
		for (i = 0; i < FRAME; i++)
			to_lines[i * slots + slot] = out[i];
	}
	spin_unlock_bh(&highway->lock);
}
EXPORT_SYMBOL_GPL(tdfxo_highway_run);

/* A device link has the driver core unbind the chip before the highway's driver. */
static struct tdfxo_highway *link(struct device *dev, const struct fwnode_handle *node)
{
	struct tdfxo_highway *highway;

	list_for_each_entry(highway, &highways, node) {
		if (dev_fwnode(highway->dev) != node)
			continue;
		if (!device_link_add(dev, highway->dev, DL_FLAG_AUTOREMOVE_CONSUMER))
			return ERR_PTR(-EINVAL);
		return highway;
	}
	return ERR_PTR(-EPROBE_DEFER);
}

struct tdfxo_highway *tdfxo_highway_find(struct device *dev)
{
	struct fwnode_handle *node = fwnode_find_reference(dev_fwnode(dev), "pcm-highway", 0);
	struct tdfxo_highway *highway;

	if (IS_ERR(node))
		return ERR_CAST(node);
	mutex_lock(&highways_lock);
	highway = link(dev, node);
	mutex_unlock(&highways_lock);
	fwnode_handle_put(node);
	return highway;
}

int tdfxo_highway_join(struct tdfxo_highway *highway, unsigned int slot, struct tdfxo_port *port)
{
	int err = 0;

	if (slot >= highway->slots)
		return -EINVAL;
	spin_lock_bh(&highway->lock);
	if (highway->port[slot])
		err = -EBUSY;
	else
		highway->port[slot] = port;
	spin_unlock_bh(&highway->lock);
	return err;
}

void tdfxo_highway_leave(struct tdfxo_highway *highway, const struct tdfxo_port *port)
{
	unsigned int slot;

	spin_lock_bh(&highway->lock);
	for (slot = 0; slot < highway->slots; slot++)
		if (highway->port[slot] == port)
			highway->port[slot] = NULL;
	spin_unlock_bh(&highway->lock);
}
