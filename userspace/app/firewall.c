// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The packet filter and the rooms that have something to tell it: who is registered, which
 * phones have a fixed address, who guesses passwords. The socket that owns the table is the
 * master's (netlink/nft.h says why).
 *
 * The filter protects calls, they do not depend on it: without it the daemon goes on and
 * says so.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "userspace/base/log.h"

static void know_phones(struct tandem *t, const struct td_config *cfg, bool known)
{
	for (size_t i = 0; i < cfg->n_phones; i++)
		if (td_addr_is_set(&cfg->phones[i].address))
			td_nft_known(t->nft, &cfg->phones[i].address, known);
}

int td_firewall_start(struct tandem *t)
{
	struct td_master_msg msg = { 0 };
	int fd = -1, err = td_app_ask_master(t, TD_MASTER_FIREWALL, &msg, &fd);

	if (!err && fd < 0)
		err = -EPROTO;
	if (!err)
		err = td_nft_open(&t->nft, t->loop, fd, t->config);
	if (err) {
		td_log_err(TD_LOG_APP, "no packet filter, hosts are neither limited nor banned: %s",
			   strerror(-err));
		return 0;
	}
	know_phones(t, t->config, true);
	return 0;
}

void td_firewall_arm(struct tandem *t)
{
	if (t->nft && !td_nft_apply(t->nft) && t->config->sip.firewall)
		td_log_info(TD_LOG_APP, "table inet tandem is in place rate_limit=%u ban_after=%u",
			    t->config->sip.rate_limit, t->config->sip.ban_after);
}

void td_firewall_stop(struct tandem *t)
{
	td_nft_close(t->nft);
	t->nft = NULL;
}

void td_firewall_configure(struct tandem *t, const struct td_config *old,
			   const struct td_config *now)
{
	if (!t->nft)
		return;
	know_phones(t, now, true);
	know_phones(t, old, false);
	td_nft_configure(t->nft, now);
}

/* ---- what SIP tells ---- */

static void on_known(void *arg, const struct td_addr *host, bool known)
{
	struct tandem *t = arg;

	if (t->nft)
		td_nft_known(t->nft, host, known);
}

void td_firewall_ban(struct tandem *t, const struct td_addr *host, const char *reason)
{
	uint32_t seconds = t->config->sip.ban_time;
	char text[TD_ADDR_STRLEN];
	int err;

	if (!t->nft)
		return;
	err = td_nft_ban(t->nft, host, seconds, reason);
	td_addr_ip(host, text);
	if (!err)
		td_log_warn(TD_LOG_APP, "banned address=%s seconds=%u: %s", text, seconds, reason);
	else if (err == -EPERM)
		td_log_limited(TD_LOG_APP, TD_WARN, "not banned address=%s: %s, but it is "
			       "registered or trusted", text, reason);
	else
		td_log_limited(TD_LOG_APP, TD_WARN, "not banned address=%s: %s, and no packet "
			       "filter (%s)", text, reason, strerror(-err));
}

static void on_failing(void *arg, const struct td_addr *host, uint32_t failures)
{
	char reason[64];

	snprintf(reason, sizeof(reason), "%u wrong passwords", failures);
	td_firewall_ban(arg, host, reason);
}

const struct td_sip_guard td_firewall_guard = {
	.known = on_known, .failing = on_failing,
	.challenged = td_sightings_challenged, .wrong = td_sightings_wrong,
};
