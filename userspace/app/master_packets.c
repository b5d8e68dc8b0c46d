// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The packet programs in the master's hand. At start every fault is fatal and says what to
 * do. A program must see the VLAN tags of what comes in: on a device that carries VLANs the
 * hardware is asked to leave them on, and gets its way back at the end; where that does not
 * help, XDP stays away.
 */
#include "userspace/app/master_packets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/str.h"

/* ---- VLAN tags ---- */

static char *place_of(char list[TD_MAX_DEVS][16], const char *ifname)
{
	for (size_t i = 0; i < TD_MAX_DEVS; i++)
		if (!strcmp(list[i], ifname))
			return list[i];
	return NULL;
}

static void remember(char list[TD_MAX_DEVS][16], const char *ifname)
{
	char *place = place_of(list, ifname) ? NULL : place_of(list, "");

	if (place)
		td_strlcpy(place, ifname, sizeof(list[0]));
}

/* Ask the hardware to. False: it does not. */
static bool leave_tags_on(struct td_master_packets *p, const char *ifname)
{
	int changed = td_nl_rx_vlan(ifname, false);

	if (changed <= 0)
		return !changed;
	remember(p->untouched, ifname);
	td_log_info(TD_LOG_APP, "interface=%s rx VLAN offload off, for XDP to see the tags", ifname);
	return true;
}

static void take_tags_off(struct td_master_packets *p, const char *ifname)
{
	char *place = ifname[0] ? place_of(p->untouched, ifname) : NULL;

	if (!place)
		return;
	td_nl_rx_vlan(ifname, true);
	place[0] = '\0';
}

/* A tag that stands beside the frame stays with it through generic XDP, and would leave with it
 * in front of our own. A driver's XDP has the frame alone: a tag that the card took off is gone.
 * On a veth the sender decides where tags stand. */
static bool tags_are_right(struct td_master_packets *p, const struct td_xdp_port *port)
{
	struct td_nl_link link;
	bool left_on;

	if (!td_nl_carries_tags(p->nl, port->ifindex))
		return true;
	left_on = leave_tags_on(p, port->ifname);
	if (port->mode == CFG_XDP_NATIVE)
		return true;
	return left_on && !td_nl_link_by_index(p->nl, port->ifindex, &link) &&
	       strcmp(link.kind, "veth") != 0;
}

/* Generic XDP was wrong here, and VLANs are still there. */
static bool is_blind(struct td_master_packets *p, const char *ifname, enum cfg_xdp mode)
{
	char *place = mode == CFG_XDP_NATIVE ? NULL : place_of(p->blind, ifname);
	struct td_nl_link link;

	if (!place)
		return false;
	if (!td_nl_link_by_name(p->nl, ifname, &link) && td_nl_carries_tags(p->nl, link.ifindex))
		return true;
	place[0] = '\0';
	return false;
}

/* ---- attach, detach ---- */

int td_master_detach(struct td_master_packets *p, const char *ifname)
{
	int err = p->xdp ? td_xdp_detach(p->xdp, ifname) : 0;

	take_tags_off(p, ifname);
	return err == -ENOENT ? 0 : err;
}

/* PPP, tunnels: no Ethernet header that XDP could rewrite. */
static bool is_bare(struct td_master_packets *p, const char *ifname)
{
	struct td_nl_link link;

	return !td_nl_link_by_name(p->nl, ifname, &link) && !link.has_mac;
}

int td_master_attach(struct td_master_packets *p, const char *ifname, enum cfg_xdp mode,
		     struct td_xdp_port *port, char *why, size_t len)
{
	int err;

	memset(port, 0, sizeof(*port));
	port->mode = CFG_XDP_OFF;
	td_strlcpy(port->ifname, ifname, sizeof(port->ifname));
	if (mode != CFG_XDP_OFF && mode != CFG_XDP_AUTO && is_bare(p, ifname)) {
		snprintf(why, len, "'%s' is no Ethernet, XDP cannot forward there; set option xdp "
			 "'auto' or 'off'", ifname);
		return -EOPNOTSUPP;
	}
	if (mode != CFG_XDP_OFF && (is_bare(p, ifname) || is_blind(p, ifname, mode)))
		mode = CFG_XDP_OFF;
	if (!p->xdp) {
		snprintf(why, len, "packet programs are not loaded");
		return mode == CFG_XDP_OFF ? 0 : -ENODEV;
	}
	err = td_xdp_attach(p->xdp, ifname, mode, port, why, len);
	if (!err && port->mode != CFG_XDP_OFF && !tags_are_right(p, port)) {
		td_log_warn(TD_LOG_APP, "interface=%s generic XDP would not see its VLAN tags, its "
			    "media goes by the relay", ifname);
		remember(p->blind, ifname);
		err = td_xdp_attach(p->xdp, ifname, CFG_XDP_OFF, port, why, len);
	}
	if (err || port->mode == CFG_XDP_OFF)
		take_tags_off(p, ifname);
	return err;
}

static int attach_one(struct td_master_packets *p, const char *ifname, enum cfg_xdp mode)
{
	struct td_xdp_port port;
	char why[256] = "";
	int err = td_master_attach(p, ifname, mode, &port, why, sizeof(why));

	if (err)
		td_log_err(TD_LOG_APP, "interface=%s start failed: %s", ifname,
			   why[0] ? why : strerror(-err));
	else if (port.mode == CFG_XDP_OFF && mode != CFG_XDP_OFF && is_bare(p, ifname))
		td_log_info(TD_LOG_APP, "interface=%s is no Ethernet, its media goes by the relay",
			    ifname);
	return err;
}

static bool has_own_section(const struct td_config *cfg, const char *ifname)
{
	for (size_t i = 0; i < cfg->n_interfaces; i++)
		if (!strcmp(cfg->interfaces[i].id, ifname))
			return true;
	return false;
}

static int attach_all(struct td_master_packets *p, const struct td_config *cfg)
{
	for (size_t i = 0; i < cfg->n_interfaces; i++) {
		const struct cfg_interface *ifc = &cfg->interfaces[i];
		struct td_nl_link link[TD_MAX_DEVS];
		int n = td_nl_carriers(p->nl, ifc->id, link, TD_MAX_DEVS);
		int err = 0;

		if (n < 0)	/* not there: let the loader say so */
			err = attach_one(p, ifc->id, (enum cfg_xdp)ifc->xdp);
		for (int j = 0; j < n && !err; j++)
			if (!strcmp(link[j].name, ifc->id) || !has_own_section(cfg, link[j].name))
				err = attach_one(p, link[j].name, (enum cfg_xdp)ifc->xdp);
		if (err)
			return err;
	}
	return 0;
}

/* ---- start, stop ---- */

static bool wants_xdp(const struct td_config *cfg)
{
	for (size_t i = 0; i < cfg->n_interfaces; i++)
		if (cfg->interfaces[i].xdp != CFG_XDP_OFF)
			return true;
	return false;
}

static int load(struct td_master_packets *p, const char *pin_dir, const struct td_config *cfg)
{
	char why[256] = "";
	int err;

	if (!wants_xdp(cfg))
		td_log_info(TD_LOG_APP, "no interface uses XDP: media goes by the relay");
	err = td_xdp_load(&p->xdp, pin_dir, &p->fds, why, sizeof(why));
	if (!err)
		return 0;
	p->xdp = NULL;
	if (!wants_xdp(cfg)) {
		td_log_warn(TD_LOG_APP, "packet programs not loaded: %s", why);
		return 0;
	}
	td_log_err(TD_LOG_APP, "packet programs not loaded: %s; or set option xdp 'off' on every "
		   "interface", why);
	return err;
}

int td_master_packets_start(struct td_master_packets *p, const char *pin_dir,
			    const struct td_config *cfg)
{
	int err = td_nl_open(&p->nl, NULL, NULL, NULL);

	if (err) {
		td_log_err(TD_LOG_APP, "no netlink: %s", strerror(-err));
		return err;
	}
	err = load(p, pin_dir, cfg);
	return err ? err : attach_all(p, cfg);
}

void td_master_packets_stop(struct td_master_packets *p)
{
	td_xdp_unload(p->xdp, true);
	for (size_t i = 0; i < TD_MAX_DEVS; i++)
		take_tags_off(p, p->untouched[i]);
	td_nl_close(p->nl);
}
