/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What scripts of VRRP and operators say when addresses move between two routers: takeover,
 * standby, show replication.
 */
#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"

int td_commands_show_replication(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_cluster_show(c->t->cluster, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

int td_commands_takeover(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	struct td_json *j = td_ctl_data(req);
	struct td_cluster_moved moved;

	td_sip_addresses_changed(c->t->sip);	/* the message of the kernel may come later */
	td_cluster_take_over(c->t->cluster, &moved);
	td_json_object(j, "data");
	td_json_u64(j, "taken_over", moved.taken);
	td_json_u64(j, "failed", moved.failed);
	td_json_u64(j, "address_not_here", moved.elsewhere);
	td_json_u64(j, "registrations", moved.things);
	td_json_end_object(j);
	return TD_CTL_OK;
}

int td_commands_standby(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	struct td_json *j = td_ctl_data(req);

	td_cluster_stand_by(c->t->cluster);
	td_sip_addresses_changed(c->t->sip);
	td_json_object(j, "data");
	td_json_u64(j, "given_up", td_core_give_up_foreign(c->t->core));
	td_json_u64(j, "registrations_given_up", td_sip_move_leave(c->t->sip));
	td_json_end_object(j);
	return TD_CTL_OK;
}
