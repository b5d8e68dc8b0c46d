// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A line in the log when a configured interface gets its first address of a family, at start or
 * later, and when its last one goes (CME: %EDSP-6-IPV6_ENABLED). Link-local addresses do not count:
 * no call uses them beyond the link.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <ifaddrs.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define SETTLE_MS 20	/* addresses come in bursts */

enum { IP4, IP6, N_FAMILIES };

static const char *const word[N_FAMILIES] = { "ipv4", "ipv6" };

/** What an interface has, and what was told of it. */
struct family_state {
	char ifname[CFG_ID_LEN];
	bool told[N_FAMILIES];
	struct td_addr has[N_FAMILIES];	/* the first one, unset = none */
};

struct td_families {
	struct td_timer settle;
	struct family_state *v;
	size_t n;
};

static struct family_state *find(struct family_state *v, size_t n, const char *ifname)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i].ifname, ifname))
			return &v[i];
	return NULL;
}

static bool is_of_the_link(const struct td_addr *a)
{
	return td_addr_is_v4(a) ? a->ip[12] == 169 && a->ip[13] == 254 :
				  td_addr_is_link_local(a);
}

static void note(struct family_state *v, size_t n, const struct ifaddrs *ifa)
{
	struct family_state *one = ifa->ifa_addr ? find(v, n, ifa->ifa_name) : NULL;
	struct td_addr a = { 0 };

	if (!one || td_addr_from_sockaddr(&a, ifa->ifa_addr) || is_of_the_link(&a))
		return;
	a.port = 0;
	if (!td_addr_is_set(&one->has[td_addr_is_v4(&a) ? IP4 : IP6]))
		one->has[td_addr_is_v4(&a) ? IP4 : IP6] = a;
}

static void tell(struct family_state *s)
{
	char text[TD_ADDR_STRLEN];

	for (int f = 0; f < N_FAMILIES; f++) {
		bool has = td_addr_is_set(&s->has[f]);

		if (has && !s->told[f])
			td_log_info(TD_LOG_APP, "event=%s_enabled interface=%s address=%s", word[f],
				    s->ifname, td_addr_ip(&s->has[f], text));
		else if (!has && s->told[f])
			td_log_info(TD_LOG_APP, "event=%s_disabled interface=%s", word[f],
				    s->ifname);
		s->told[f] = has;
	}
}

static void look(void *arg)
{
	struct tandem *t = arg;
	struct td_families *f = t->families;
	struct ifaddrs *all;

	if (getifaddrs(&all))
		return;
	for (size_t i = 0; i < f->n; i++)
		memset(f->v[i].has, 0, sizeof(f->v[i].has));
	for (const struct ifaddrs *ifa = all; ifa; ifa = ifa->ifa_next)
		note(f->v, f->n, ifa);
	freeifaddrs(all);
	for (size_t i = 0; i < f->n; i++)
		tell(&f->v[i]);
}

int td_families_configure(struct tandem *t)
{
	const struct td_config *cfg = t->config;
	struct td_families *f = t->families;
	struct family_state *v = td_calloc(cfg->n_interfaces + 1, sizeof(*v));

	if (!f)
		f = t->families = td_zalloc(sizeof(*f));
	if (!v || !f) {
		td_free(v);
		return -ENOMEM;
	}
	for (size_t i = 0; i < cfg->n_interfaces; i++) {
		const struct family_state *old = find(f->v, f->n, cfg->interfaces[i].id);

		if (old)
			v[i] = *old;
		td_strlcpy(v[i].ifname, cfg->interfaces[i].id, sizeof(v[i].ifname));
	}
	td_free(f->v);
	f->v = v;
	f->n = cfg->n_interfaces;
	look(t);
	return 0;
}

void td_families_changed(struct tandem *t)
{
	if (t->families && !td_timer_is_armed(&t->families->settle))
		td_loop_timer_start(t->loop, &t->families->settle, SETTLE_MS, look, t);
}

void td_families_stop(struct tandem *t)
{
	if (!t->families)
		return;
	td_loop_timer_stop(t->loop, &t->families->settle);
	td_free(t->families->v);
	td_free(t->families);
	t->families = NULL;
}
