/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "show phone" (CME: show voice register pool TAG, show ephone): what it does now, then all that is
 * configured for it, passwords masked, and what it is told by its file.
 */
#include <string.h>

#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"
#include "userspace/prov/files.h"

struct shown {
	struct tandem *t;
	const struct cfg_phone *phone;
	struct td_json *j;
	const char *list;		/* the array that is open; NULL: none */
};

static void close_list(struct shown *s)
{
	if (s->list)
		td_json_end_array(s->j);
	s->list = NULL;
}

static void on_value(void *arg, const char *option, bool is_list, const char *value)
{
	struct shown *s = arg;

	if (s->list != option)
		close_list(s);
	if (is_list && !s->list) {
		td_json_array(s->j, option);
		s->list = option;
	}
	td_json_str(s->j, is_list ? NULL : option, value);
}

static void show_file(struct shown *s)
{
	struct td_file_versions v = { 0 };
	char name[TD_NAME_MAX] = "", router[2][64];
	size_t n = td_files_routers(s->t->files, s->phone->protocol, router);

	if (s->phone->has_mac) {
		td_files_name_of(s->t->config, s->phone, name);
		td_files_versions(s->t->files, s->phone->mac, &v);
	}
	td_json_str(s->j, "file", name[0] ? name : NULL);
	td_json_str(s->j, "file_version", v.config[0] ? v.config : NULL);
	td_json_array(s->j, "proxies");
	for (size_t i = 0; i < n; i++)
		td_json_str(s->j, NULL, router[i]);
	td_json_end_array(s->j);
}

static void more(void *arg, struct td_json *j)
{
	struct shown *s = arg;

	s->j = j;
	if (!s->phone)
		return;			/* it has registered by itself */
	show_file(s);
	td_json_object(j, "settings");
	td_config_phone_values(s->t->config, s->phone, on_value, s);
	close_list(s);
	td_json_end_object(j);
}

int td_commands_show_phone(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const char *name = td_ctl_arg(req, 0);
	struct shown s = { .t = c->t, .phone = td_commands_phone(c->t->config, name) };

	if (td_core_show_phone_with(c->t->core, s.phone ? s.phone->id : name, td_ctl_data(req), "data",
				    more, &s))
		return td_commands_refuse_phone(req, c->t->config, name);
	return TD_CTL_OK;
}
