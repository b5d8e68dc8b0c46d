/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What operators ask of phones' files.
 */
#include <errno.h>
#include <string.h>

#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"
#include "userspace/prov/files.h"

int td_commands_provision(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_files_show(c->t->files, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

int td_commands_provision_files(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_files_show_names(c->t->files, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

/* The run goes on after the answer; "show provision" says how far it is. */
int td_commands_create_profile(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	int err = td_files_create(c->t->files, NULL, NULL);

	if (err)
		return td_ctl_refuse(req, "%s", err == -EBUSY ? "files are being written already" :
				     strerror(-err));
	td_files_show(c->t->files, td_ctl_data(req), "data");
	return TD_CTL_OK;
}
