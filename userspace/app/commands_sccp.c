/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What operators ask of the SCCP room: connections, refused phones; and phones of either protocol
 * that start again.
 */
#include <errno.h>
#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"

int td_commands_sccp_sockets(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_sccp_show_sockets(c->t->sccp, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

int td_commands_sccp_summary(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_sccp_show_summary(c->t->sccp, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

int td_commands_sccp_attempts(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_sccp_show_attempts(c->t->sccp, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

int td_commands_sccp_clear(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_sccp_clear_attempts(c->t->sccp);
	td_json_object(td_ctl_data(req), "data");
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
}

int td_commands_sccp_adopt(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const char *which = td_ctl_arg(req, 0);

	if (td_sccp_adopt(c->t->sccp, which, td_ctl_data(req), "data"))
		return td_ctl_refuse(req, "no phone '%s' has registered by itself", which);
	return TD_CTL_OK;
}

int td_commands_sccp_forget(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const char *which = td_ctl_arg(req, 0);

	if (td_sccp_forget(c->t->sccp, which))
		return td_ctl_refuse(req, "no phone '%s' has registered by itself", which);
	td_json_object(td_ctl_data(req), "data");
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
}

static int start_again(struct td_ctl_request *req, struct td_commands *c, bool hard)
{
	const char *which = td_ctl_arg(req, 0);
	int n = td_sccp_reset(c->t->sccp, which, hard), sip = td_sip_reset(c->t->sip, which, hard);

	if (n < 0 && sip < 0)
		return td_ctl_refuse(req, "no phone and no type '%s'", which);
	n = (n > 0 ? n : 0) + (sip > 0 ? sip : 0);
	if (!n)
		return td_ctl_refuse(req, "'%s' is not registered, or does not take such orders", which);
	td_json_object(td_ctl_data(req), "data");
	td_json_u64(td_ctl_data(req), "phones", (uint64_t)n);
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
}

int td_commands_sccp_reset(struct td_ctl_request *req, void *arg)
{
	return start_again(req, arg, true);
}

int td_commands_sccp_restart(struct td_ctl_request *req, void *arg)
{
	return start_again(req, arg, false);
}
