/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What operators ask of the packet filter: show firewall, ban, unban.
 */
#include <errno.h>
#include <string.h>
#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"
#include "userspace/base/log.h"
#include "userspace/base/str.h"

#define MAX_BAN_S 2592000u	/* as sip.ban_time */

int td_commands_show_firewall(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	if (!c->t->nft)
		return td_ctl_refuse(req, "no packet filter: the log says why");
	td_nft_show(c->t->nft, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

/* A host's address in *host, or the refusal. */
static int read_host(struct td_ctl_request *req, struct td_addr *host)
{
	const char *text = td_ctl_arg(req, 0);

	if (td_addr_parse(host, text) || host->port || host->scope || td_addr_is_any(host))
		return td_ctl_usage(req, "'%s' is no address of a host", text);
	return TD_CTL_OK;
}

static int refuse(struct td_ctl_request *req, const struct td_commands *c, int err,
		  const struct td_addr *host)
{
	char text[TD_ADDR_STRLEN];

	td_addr_ip(host, text);
	switch (err) {
	case -EPERM:
		return td_ctl_refuse(req, "%s is registered, trusted or the address of a phone: such "
				     "hosts are never banned", text);
	case -ENOTCONN:
		return td_ctl_refuse(req, "there is no table inet tandem: %s",
				     !c->t->nft ? "the log says why" :
				     c->t->config->sip.firewall ? "see show firewall" :
				     "sip.firewall is off");
	case -ENOENT:
		return td_ctl_refuse(req, "%s is not banned", text);
	default:
		return td_ctl_refuse(req, "%s: %s", text, strerror(-err));
	}
}

int td_commands_ban(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	uint32_t seconds = c->t->config->sip.ban_time;
	const char *given = td_ctl_arg(req, 1);
	struct td_addr host;
	char text[TD_ADDR_STRLEN];
	int err = read_host(req, &host);

	if (err != TD_CTL_OK)
		return err;
	if (given && (td_parse_u32(td_str_of(given), &seconds) || !seconds || seconds > MAX_BAN_S))
		return td_ctl_usage(req, "'%s' is no time: 1..%u seconds", given, MAX_BAN_S);
	if (td_nl_is_local(c->t->nl, &host))
		return td_ctl_refuse(req, "%s is an address of this host",
				     td_addr_ip(&host, text));
	err = c->t->nft ? td_nft_ban(c->t->nft, &host, seconds, "by the operator") : -ENOTCONN;
	if (err)
		return refuse(req, c, err, &host);
	td_log_info(TD_LOG_CTL, "banned address=%s seconds=%u: by the operator",
		    td_addr_ip(&host, text), seconds);
	td_json_object(td_ctl_data(req), "data");
	td_json_str(td_ctl_data(req), "address", text);
	td_json_u64(td_ctl_data(req), "seconds", seconds);
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
}

int td_commands_unban(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	struct td_addr host;
	char text[TD_ADDR_STRLEN];
	int err = read_host(req, &host);

	if (err != TD_CTL_OK)
		return err;
	err = c->t->nft ? td_nft_unban(c->t->nft, &host) : -ENOTCONN;
	if (err)
		return refuse(req, c, err, &host);
	td_log_info(TD_LOG_CTL, "ban ended address=%s: by the operator", td_addr_ip(&host, text));
	td_json_object(td_ctl_data(req), "data");
	td_json_str(td_ctl_data(req), "address", text);
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
}
