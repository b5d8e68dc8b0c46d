/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What operators ask of phones' files.
 */
#include <errno.h>
#include <string.h>

#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"
#include "userspace/prov/files.h"
#include "userspace/prov/http.h"
#include "userspace/prov/tftp.h"

int td_commands_provision(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_files_show(c->t->files, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

int td_commands_provision_tftp(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	struct td_json *j = td_ctl_data(req);
	struct td_tftp_stats s;

	if (!c->t->tftp)
		return td_ctl_refuse(req, "there is no TFTP server here: option tftp of section "
				     "provision, or somebody else has port 69");
	td_tftp_stats(c->t->tftp, &s);
	td_json_object(j, "data");
	td_json_u64(j, "running", s.running);
	td_json_u64(j, "requests", s.requests);
	td_json_u64(j, "served", s.served);
	td_json_u64(j, "bytes", s.bytes);
	td_json_u64(j, "not_found", s.not_found);
	td_json_u64(j, "not_holder", s.not_holder);
	td_json_u64(j, "limited", s.limited);
	td_json_u64(j, "refused", s.refused);
	td_json_u64(j, "given_up", s.given_up);
	td_json_end_object(j);
	return TD_CTL_OK;
}

int td_commands_provision_http(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	struct td_json *j = td_ctl_data(req);
	const struct td_names *names = td_files_names(c->t->files);
	size_t aliases = names ? td_names_aliases(names) : 0;
	struct td_http_stats s = { 0 };

	if (c->t->http)
		td_http_stats(c->t->http, &s);
	td_json_object(j, "data");
	td_json_bool(j, "enabled", c->t->http != NULL);
	td_json_u64(j, "port", c->t->config->provision.http_port);
	td_json_u64(j, "default_port", 6970);
	td_json_str(j, "home_path", c->t->config->provision.home_path);
	td_json_u64(j, "fetching", s.running);
	td_json_u64(j, "bindings", names ? td_names_count(names) - aliases : 0);
	td_json_u64(j, "aliases", aliases);
	td_json_u64(j, "requests", s.requests);
	td_json_u64(j, "served", s.served);
	td_json_u64(j, "bytes", s.bytes);
	td_json_u64(j, "not_found", s.not_found);
	td_json_u64(j, "not_holder", s.not_holder);
	td_json_u64(j, "limited", s.limited);
	td_json_u64(j, "refused", s.refused);
	td_json_end_object(j);
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
