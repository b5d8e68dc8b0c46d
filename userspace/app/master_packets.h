/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The master's packet programs: loaded, pinned, and attached to what the configured
 * interfaces' packets come in by.
 */
#ifndef TD_APP_MASTER_PACKETS_H
#define TD_APP_MASTER_PACKETS_H

#include "userspace/media/media.h"

struct td_master_packets {
	struct td_xdp *xdp;		/* NULL: no packet programs here */
	struct td_xdp_fds fds;
	struct td_nl *nl;
	char untouched[TD_MAX_DEVS][16];	/* devices whose VLAN offload we turned off */
	char blind[TD_MAX_DEVS][16];	/* devices whose VLAN tags generic XDP does not see */
};

/** Load, and attach to all interfaces of the configuration. What fails is logged with the
 * remedy; -errno. */
int td_master_packets_start(struct td_master_packets *p, const char *pin_dir,
			    const struct td_config *cfg);
/** One device, not a bridge or VLAN on top of it. mode OFF detaches; so may AUTO, where XDP is of
 * no use: port->mode tells. */
int td_master_attach(struct td_master_packets *p, const char *ifname, enum cfg_xdp mode,
		     struct td_xdp_port *port, char *why, size_t len);
/** All programs off. Not attached is as good as detached. */
int td_master_detach(struct td_master_packets *p, const char *ifname);
/** Detach everything, remove the pins. */
void td_master_packets_stop(struct td_master_packets *p);

#endif
