// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interfaces as the worker sees them: it may not attach programs itself, so it asks
 * the master and tells the media plane what came of it. At run time a failure is a
 * warning: that interface's calls go by the relay.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "userspace/base/log.h"
#include "userspace/base/str.h"

static const struct cfg_interface *configured(const struct td_config *cfg, const char *ifname)
{
	for (size_t i = 0; i < cfg->n_interfaces; i++)
		if (!strcmp(cfg->interfaces[i].id, ifname))
			return &cfg->interfaces[i];
	return NULL;
}

static void on_answer(struct tandem *t, const struct td_master_msg *msg)
{
	struct td_xdp_port off = { .mode = CFG_XDP_OFF };

	if (msg->type == TD_MASTER_ATTACH && !msg->rc) {
		td_media_set_port(t->media, &msg->port);
		return;
	}
	snprintf(off.ifname, sizeof(off.ifname), "%s", msg->ifname);
	off.ifindex = msg->port.ifindex;
	td_media_set_port(t->media, &off);
	if (msg->rc)
		td_log_warn(TD_LOG_APP, "interface=%s without XDP, its media goes by the relay: %s",
			    msg->ifname, msg->why[0] ? msg->why : strerror(-msg->rc));
}

static void on_master(void *arg, int fd, unsigned int events)
{
	struct tandem *t = arg;
	struct td_master_msg msg;
	int err;

	(void)events;
	while (!(err = td_master_recv(fd, &msg, NULL, MSG_DONTWAIT)))
		on_answer(t, &msg);
	if (err == -EPIPE)
		td_app_leave(t);	/* the master has died, and takes us with it in a moment */
}

static int ask(struct tandem *t, uint32_t type, const char *ifname, enum cfg_xdp mode)
{
	struct td_master_msg msg = { .type = type, .mode = mode };

	if (td_strlcpy(msg.ifname, ifname, sizeof(msg.ifname)) >= sizeof(msg.ifname))
		return -ENODEV;		/* no device has a name that long */
	return td_master_send(t->master_fd, &msg, -1);
}

int td_interfaces_start(struct tandem *t)
{
	const struct td_config *cfg = t->config;

	for (size_t i = 0; i < cfg->n_interfaces; i++) {
		struct td_master_msg msg;
		int err = ask(t, TD_MASTER_ATTACH, cfg->interfaces[i].id,
			      (enum cfg_xdp)cfg->interfaces[i].xdp);

		if (!err)
			err = td_master_recv(t->master_fd, &msg, NULL, 0);
		if (err)
			return err;
		on_answer(t, &msg);
	}
	return td_loop_watch(t->loop, t->master_fd, TD_READ, on_master, t);
}

void td_interfaces_change(struct tandem *t, const char *ifname, enum cfg_xdp mode)
{
	int err = ask(t, TD_MASTER_ATTACH, ifname, mode);

	if (err)
		td_log_err(TD_LOG_APP, "interface=%s master not reached error=%d", ifname, err);
}

void td_interfaces_removed(struct tandem *t, const char *ifname)
{
	int err = ask(t, TD_MASTER_DETACH, ifname, CFG_XDP_OFF);

	if (err)
		td_log_err(TD_LOG_APP, "interface=%s master not reached error=%d", ifname, err);
}

void td_interfaces_appeared(struct tandem *t, const char *ifname)
{
	const struct cfg_interface *ifc = t->config ? configured(t->config, ifname) : NULL;

	if (ifc)
		td_interfaces_change(t, ifname, (enum cfg_xdp)ifc->xdp);
}
