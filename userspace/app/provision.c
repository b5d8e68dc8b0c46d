// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of phones, joined with the rest: what they call this router, and that a phone whose file
 * has changed starts again, and no other.
 */
#include "userspace/app/app_priv.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/prov/files.h"

/* How well an address may stand for this router: 0 = not at all. */
static int rank(const struct td_config *cfg, const struct ifaddrs *i, const struct td_addr *a)
{
	if (!(i->ifa_flags & IFF_UP) || (i->ifa_flags & IFF_LOOPBACK) || a->scope ||
	    (!td_addr_is_v4(a) && a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80))
		return 0;
	for (size_t k = 0; k < cfg->global.n_interface; k++)
		if (!strcmp(cfg->global.interface[k], i->ifa_name))
			return 2;
	return 1;
}

/* An address of each family, of the phones' own networks when they are configured. */
static void our_addresses(const struct td_config *cfg, struct td_addr ours[2])
{
	struct ifaddrs *all, *i;
	int best[2] = { 0 };

	memset(ours, 0, 2 * sizeof(*ours));
	if (getifaddrs(&all))
		return;
	for (i = all; i; i = i->ifa_next) {
		struct td_addr a;
		int r, six;

		if (!i->ifa_addr || td_addr_from_sockaddr(&a, i->ifa_addr))
			continue;
		six = !td_addr_is_v4(&a);
		r = rank(cfg, i, &a);
		if (r <= best[six])
			continue;
		best[six] = r;
		ours[six] = a;
		ours[six].port = 0;
	}
	freeifaddrs(all);
}

static void on_changed(void *arg, const struct cfg_phone *phone)
{
	struct tandem *t = arg;
	int n = 0;

	if (phone->protocol == CFG_PROTO_SCCP)
		n = td_sccp_reset(t->sccp, phone->id, false);
	td_log_info(TD_LOG_APP, "phone=%s file changed%s", phone->id,
		    n > 0 ? ", it restarts" : ", it is read at its next start");
}

int td_provision_start(struct tandem *t)
{
	struct td_files_args args = {
		.loop = t->loop, .config = t->config, .changed = on_changed, .arg = t,
	};

	our_addresses(t->config, args.ours);
	return td_files_start(&t->files, &args);
}
