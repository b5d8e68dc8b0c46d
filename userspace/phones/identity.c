// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which host is which phone. See identity.h.
 *
 * A host of our own network that the kernel knows by another MAC is another one, whatever a lease
 * says: a DHCP client may claim any hardware address, a neighbour is answered at its own.
 */
#include "userspace/phones/identity.h"

#include <errno.h>
#include <string.h>

#include "netlink/nl.h"
#include "userspace/base/mem.h"
#include "userspace/phones/leases.h"

struct td_identity {
	struct td_nl *nl;
	struct td_leases *leases;
};

/* dnsmasq's on Debian and on OpenWrt, odhcpd's */
static const char *const usual[] = {
	"/var/lib/misc/dnsmasq.leases", "/tmp/dhcp.leases", "/tmp/hosts/odhcpd",
};

#define N_USUAL (sizeof(usual) / sizeof(usual[0]))

static int open_leases(struct td_leases **out, const struct cfg_provision *p)
{
	const char *files[CFG_MAX_LEASE_FILES];

	if (!p->n_lease_file)
		return td_leases_open(out, usual, N_USUAL);
	for (size_t i = 0; i < p->n_lease_file; i++)
		files[i] = p->lease_file[i];
	return td_leases_open(out, files, p->n_lease_file);
}

int td_identity_open(struct td_identity **out, const struct td_config *config)
{
	struct td_identity *id = td_zalloc(sizeof(*id));
	int err;

	if (!id)
		return -ENOMEM;
	err = td_nl_open(&id->nl, NULL, NULL, NULL);
	if (!err)
		err = open_leases(&id->leases, &config->provision);
	if (err) {
		td_identity_close(id);
		return err;
	}
	*out = id;
	return 0;
}

void td_identity_close(struct td_identity *id)
{
	if (!id)
		return;
	td_leases_close(id->leases);
	td_nl_close(id->nl);
	td_free(id);
}

int td_identity_configure(struct td_identity *id, const struct td_config *config)
{
	struct td_leases *fresh;
	int err = open_leases(&fresh, &config->provision);

	if (err)
		return err;
	td_leases_close(id->leases);
	id->leases = fresh;
	return 0;
}

static enum td_identity_is by_lease(struct td_identity *id, const struct td_addr *host,
				    const uint8_t mac[6])
{
	const struct td_lease *lease = td_leases_by_addr(id->leases, host);

	return lease && !memcmp(lease->mac, mac, sizeof(lease->mac)) ? TD_IS_HOLDER : TD_IS_NOT;
}

enum td_identity_is td_identity_is(struct td_identity *id, const struct td_addr *host,
				   const uint8_t mac[6], const struct td_addr *fixed)
{
	static const uint8_t none[6];
	struct td_nl_hop hop;

	if (fixed && td_addr_is_set(fixed))
		return td_addr_same_ip(fixed, host) ? TD_IS_HOLDER : TD_IS_NOT;
	if (!id || !memcmp(mac, none, sizeof(none)) || td_nl_resolve(id->nl, host, NULL, &hop) ||
	    hop.local)
		return TD_IS_NOT;
	if (!hop.ethernet || !td_addr_same_ip(&hop.via, host))
		return by_lease(id, host, mac);
	if (hop.has_mac)
		return memcmp(hop.dst_mac, mac, sizeof(hop.dst_mac)) ? TD_IS_NOT : TD_IS_HOLDER;
	td_nl_neigh_probe(id->nl, hop.ifindex, &hop.via);
	return TD_IS_UNKNOWN;
}

int td_identity_mac(struct td_identity *id, const struct td_addr *host, uint8_t mac[6])
{
	const struct td_lease *lease;
	struct td_nl_hop hop;

	if (td_nl_resolve(id->nl, host, NULL, &hop) || hop.local)
		return -ENOENT;
	if (hop.ethernet && td_addr_same_ip(&hop.via, host)) {
		memcpy(mac, hop.dst_mac, sizeof(hop.dst_mac));
		return hop.has_mac ? 0 : -ENOENT;
	}
	lease = td_leases_by_addr(id->leases, host);
	if (!lease)
		return -ENOENT;
	memcpy(mac, lease->mac, sizeof(lease->mac));
	return 0;
}

int td_identity_lease(struct td_identity *id, const uint8_t mac[6], struct td_addr *addr)
{
	const struct td_lease *lease = td_leases_by_mac(id->leases, mac);

	if (!lease)
		return -ENOENT;
	*addr = lease->addr;
	return 0;
}

bool td_identity_has_leases(struct td_identity *id)
{
	return td_leases_any(id->leases);
}
