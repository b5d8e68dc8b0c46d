// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interfaces as the worker sees them. What the configuration names may not be what packets
 * come in by: below a bridge those are its ports, below a VLAN the device that it lies on.
 * So the names become a plan of carriers, anew whenever links change, and the difference to
 * the last plan goes to the master, for the worker may not attach programs itself; the media
 * plane is told what came of it. At run time a failure is a warning: that interface's calls
 * go by the relay.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "userspace/base/log.h"
#include "userspace/base/str.h"

#define SETTLE_MS 20	/* links change in bursts */

/* ---- the plan ---- */

static struct td_carrier *find_carrier(struct td_carriers *c, const char *ifname)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].ifname, ifname))
			return &c->v[i];
	return NULL;
}

/* Senders on this machine (containers, virtual machines) leave the checksum to a card that a
 * veth or tap does not have. */
static bool has_no_card(const char *kind)
{
	return !strcmp(kind, "veth") || !strcmp(kind, "tun");
}

/* A device that has a section of its own keeps to that. */
static void add_carrier(struct td_carriers *c, const struct cfg_interface *ifc, const char *ifname,
			const char *kind)
{
	struct td_carrier *one = find_carrier(c, ifname);

	if (one && strcmp(ifc->id, ifname) != 0)
		return;
	if (!one && c->n == TD_MAX_DEVS) {
		td_log_limited(TD_LOG_APP, TD_WARN, "interface=%s is one too many for XDP, limit=%d",
			       ifname, TD_MAX_DEVS);
		return;
	}
	if (!one)
		one = &c->v[c->n++];
	td_strlcpy(one->ifname, ifname, sizeof(one->ifname));
	one->mode = (enum cfg_xdp)ifc->xdp;
	one->full_checksum = ifc->checksum == CFG_CHECKSUM_FULL ||
			     (ifc->checksum == CFG_CHECKSUM_AUTO && has_no_card(kind));
	one->trust_dscp = ifc->dscp_trust;
}

/* missing: one that is not there is in the plan, too, for the master to say so */
static void make_plan(struct tandem *t, struct td_carriers *c, bool missing)
{
	const struct td_config *cfg = t->config;

	c->n = 0;
	for (size_t i = 0; i < cfg->n_interfaces; i++) {
		const struct cfg_interface *ifc = &cfg->interfaces[i];
		struct td_nl_link link[TD_MAX_DEVS];
		int n = td_nl_carriers(t->nl, ifc->id, link, TD_MAX_DEVS);

		for (int j = 0; j < n; j++)
			add_carrier(c, ifc, link[j].name, link[j].kind);
		if (n < 0 && missing)
			add_carrier(c, ifc, ifc->id, "");
	}
}

/* ---- the master ---- */

void td_interfaces_answer(struct tandem *t, struct td_master_msg *msg)
{
	const struct td_carrier *c = find_carrier(&t->carriers, msg->ifname);
	struct td_xdp_port *port = &msg->port;

	if (msg->type != TD_MASTER_ATTACH || msg->rc || !c) {
		*port = (struct td_xdp_port){ .mode = CFG_XDP_OFF, .ifindex = port->ifindex };
		td_strlcpy(port->ifname, msg->ifname, sizeof(port->ifname));
	}
	port->full_checksum = c && c->full_checksum;
	port->trust_dscp = c && c->trust_dscp;
	td_media_set_port(t->media, port);
	if (msg->rc)
		td_log_limited(TD_LOG_APP, TD_WARN, "interface=%s without XDP, its media goes by the "
			       "relay: %s", msg->ifname,
			       msg->why[0] ? msg->why : strerror(-msg->rc));
}

static void on_master(void *arg, int fd, unsigned int events)
{
	struct tandem *t = arg;
	struct td_master_msg msg;
	int err;

	(void)events;
	while (!(err = td_master_recv(fd, &msg, NULL, MSG_DONTWAIT)))
		td_interfaces_answer(t, &msg);
	if (err == -EPIPE)
		td_app_leave(t);	/* the master has died, and takes us with it in a moment */
}

static int ask(struct tandem *t, enum td_master_type type, const char *ifname, enum cfg_xdp mode)
{
	struct td_master_msg msg = { .type = type, .mode = mode };

	if (td_strlcpy(msg.ifname, ifname, sizeof(msg.ifname)) >= sizeof(msg.ifname))
		return -ENODEV;		/* no device has a name that long */
	return td_master_send(t->master_fd, &msg, -1, 0);
}

/* ---- start and change ---- */

int td_interfaces_start(struct tandem *t)
{
	make_plan(t, &t->carriers, true);
	for (size_t i = 0; i < t->carriers.n; i++) {
		struct td_master_msg msg;
		int err = ask(t, TD_MASTER_ATTACH, t->carriers.v[i].ifname, t->carriers.v[i].mode);

		if (!err)
			err = td_master_recv(t->master_fd, &msg, NULL, 0);
		if (err)
			return err;
		td_interfaces_answer(t, &msg);
	}
	return td_loop_watch(t->loop, t->master_fd, TD_READ, on_master, t);
}

static void apply(void *arg)
{
	struct tandem *t = arg;
	struct td_carriers old = t->carriers;
	int err = 0;

	make_plan(t, &t->carriers, old.configured);
	t->carriers.configured = false;
	for (size_t i = 0; i < old.n; i++)
		if (!find_carrier(&t->carriers, old.v[i].ifname) && !err)
			err = ask(t, TD_MASTER_DETACH, old.v[i].ifname, CFG_XDP_OFF);
	/* the master knows best what runs already */
	for (size_t i = 0; i < t->carriers.n && !err; i++)
		err = ask(t, TD_MASTER_ATTACH, t->carriers.v[i].ifname, t->carriers.v[i].mode);
	if (err)
		td_log_err(TD_LOG_APP, "master not reached about interfaces: %s", strerror(-err));
}

void td_interfaces_changed(struct tandem *t)
{
	if (t->config && t->media && !td_timer_is_armed(&t->carriers.settle))
		td_loop_timer_start(t->loop, &t->carriers.settle, SETTLE_MS, apply, t);
}

void td_interfaces_configure(struct tandem *t)
{
	t->carriers.configured = true;
	td_interfaces_changed(t);
}

void td_interfaces_stop(struct tandem *t)
{
	if (t->loop)
		td_loop_timer_stop(t->loop, &t->carriers.settle);
}
