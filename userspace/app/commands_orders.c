/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Orders: reload, call, upgrade, hangup, and the question where a number would go. Who may give
 * which is in the table of commands.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "userspace/app/app_priv.h"
#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"
#include "userspace/base/log.h"
#include "userspace/base/str.h"

int td_commands_reload(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	char report[1600] = "";
	int err = td_app_reload(c->t, report, sizeof(report));

	if (err)
		return td_ctl_refuse(req, "the old configuration stays in force:\n%s%s",
				     *report ? report : strerror(-err),
				     strlen(report) + 1 < sizeof(report) ? "" :
				     " ...\nThe log has all faults.");
	td_json_object(td_ctl_data(req), "data");
	td_json_str(td_ctl_data(req), "report", *report ? report : "nothing changed");
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
}

int td_commands_call(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const char *from = td_ctl_arg(req, 0), *to = td_ctl_arg(req, 1);
	uint32_t id = 0;
	int err = td_core_originate(c->t->core, from, to, &id);

	switch (err) {
	case 0:
		break;
	case -ENOENT:
		return td_commands_refuse_phone(req, c->t->config, from);
	case -EHOSTUNREACH:
		return td_ctl_refuse(req, "phone '%s' is not registered", from);
	case -EBUSY:
		return td_ctl_refuse(req, "no more calls: the limit is reached");
	default:
		return td_ctl_refuse(req, "cannot call from '%s': %s", from, strerror(-err));
	}
	td_log_info(TD_LOG_CTL, "call=%" PRIu32 " ctl: ordered from=%s to=%s", id, from, to);
	td_json_object(td_ctl_data(req), "data");
	td_json_u64(td_ctl_data(req), "id", id);
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
}

int td_commands_upgrade(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	char why[256] = "";

	if (td_app_upgrade(c->t, why, sizeof(why)))
		return td_ctl_refuse(req, "this version stays: %s", why);
	td_json_object(td_ctl_data(req), "data");
	td_json_str(td_ctl_data(req), "report", "the new version takes over now");
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
}

int td_commands_hangup(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const char *name = td_ctl_arg(req, 0);
	uint32_t id;

	if (td_parse_u32(td_str_of(name), &id))
		return td_ctl_usage(req, "a call has a number, '%s' is none", name);
	if (td_core_hangup(c->t->core, id))
		return td_ctl_refuse(req, "no call %" PRIu32, id);
	td_log_info(TD_LOG_CTL, "call=%" PRIu32 " ctl: hang-up ordered", id);
	td_json_object(td_ctl_data(req), "data");
	td_json_u64(td_ctl_data(req), "id", id);
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
}

/* NUMBER [from X] */
int td_commands_route(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const char *number = td_ctl_arg(req, 0), *word = td_ctl_arg(req, 1);
	const char *from = word ? td_ctl_arg(req, 2) : NULL;

	if (word && (strcmp(word, "from") != 0 || !from))
		return td_ctl_usage(req, "route NUMBER [from PHONE-OR-TRUNK]");
	if (td_core_route(c->t->core, number, from, td_ctl_data(req), "data"))
		return td_commands_refuse_phone(req, c->t->config, from);
	return TD_CTL_OK;
}
