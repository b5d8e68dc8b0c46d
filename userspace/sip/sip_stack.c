/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver's life: sofia's agent, its listeners, start, reload, stop. Each address of
 * ours is a listener of its own, named to sofia, so that a phone always hears us from the
 * address that it talks to (sip_leg*.c pass td_sip_tport()).
 */
#include "userspace/sip/sip_priv.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <sofia-sip/su_log.h>
#include <sofia-sip/su_tagarg.h>
#include <sofia-sip/tport_tag.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/loop_su.h"
#include "userspace/sip/sip_cluster.h"
#include "userspace/sip/sip_dns.h"
#include "userspace/sip/sip_subscribe.h"

#define MAX_MESSAGE	 65535		/* larger: 413, or the connection is closed */
#define PRELOAD		 1500		/* one block of memory per message instead of many */
#define SEND_QUEUE	 1000		/* also sofia's listen backlog: 64 loses bursts of connects */
#define HALF_MESSAGE_MS	 30000
#define SWEEP_MS	 1000
#define NO_CONTACT	 ((url_string_t *)-1)	/* nta_agent_create(): no listener yet */

/* ---- addresses ---- */

static const struct sip_listener *listener_of(const struct td_sip *sip, const struct td_addr *local)
{
	for (size_t i = 0; i < sip->n_listeners; i++)
		if (td_addr_same_ip(&sip->listeners[i].addr, local))
			return &sip->listeners[i];
	return NULL;
}

/* Any of that family, of that device unless it is 0. */
static const struct sip_listener *listener_at(const struct td_sip *sip, const struct td_addr *like,
					      int ifindex)
{
	for (size_t i = 0; i < sip->n_listeners; i++)
		if (td_addr_is_v4(&sip->listeners[i].addr) == td_addr_is_v4(like) &&
		    (!ifindex || sip->listeners[i].ifindex == ifindex))
			return &sip->listeners[i];
	return NULL;
}

tport_t *td_sip_tport(const struct td_sip *sip, const struct td_addr *local,
		      enum sip_transport transport)
{
	const struct sip_listener *li = listener_of(sip, local);

	return li ? li->tport[transport] : NULL;
}

bool td_sip_local_towards(const struct td_sip *sip, const struct td_addr *peer,
			  struct td_addr *local)
{
	const struct sip_listener *li = NULL;
	struct td_nl_hop hop;

	if (sip->nl && td_nl_resolve(sip->nl, peer, NULL, &hop) == 0) {
		li = listener_of(sip, &hop.src);
		if (!li)
			li = listener_at(sip, peer, hop.ifindex);
	}
	if (!li)
		li = listener_at(sip, peer, 0);
	if (li)
		*local = li->addr;
	return li != NULL;
}

void td_sip_msg_addrs(struct td_sip *sip, msg_t *msg, struct td_addr *source,
		      struct td_addr *local, enum sip_transport *transport)
{
	tport_t *tp = tport_delivered_by(nta_agent_tports(sip->agent), msg);
	const tport_t *primary = tp ? tport_parent(tp) : NULL;

	if (td_addr_from_sockaddr(source, &msg_addr(msg)->su_sa))
		memset(source, 0, sizeof(*source));
	*transport = SIP_UDP;
	memset(local, 0, sizeof(*local));
	for (size_t i = 0; tp && i < sip->n_listeners * SIP_TRANSPORTS; i++) {
		const struct sip_listener *li = &sip->listeners[i / SIP_TRANSPORTS];

		if (primary != li->tport[i % SIP_TRANSPORTS])
			continue;
		*local = li->addr;
		*transport = (enum sip_transport)(i % SIP_TRANSPORTS);
		break;
	}
}

static uint16_t port_of(const struct td_sip *sip, enum sip_transport transport)
{
	return (uint16_t)(transport == SIP_TLS ? sip->config->sip.tls_port : sip->config->sip.port);
}

void td_sip_contact(struct td_sip *sip, const struct td_addr *local, enum sip_transport transport,
		    const char *user, char dst[SIP_URI_LEN])
{
	static const char *const params[] = { "", ";transport=tcp", ";transport=tls" };
	char addr[TD_ADDR_STRLEN];
	struct td_addr a = *local;

	a.port = port_of(sip, transport);
	a.scope = 0;
	snprintf(dst, SIP_URI_LEN, "sip:%s%s%s%s", user ? user : "", user ? "@" : "",
		 td_addr_str(&a, addr), params[transport]);
}

/* ---- listeners ---- */

static tport_t *bound_as(struct td_sip *sip, const char *ident, enum sip_transport transport)
{
	tport_t *tp;

	for (tp = tport_primaries(nta_agent_tports(sip->agent)); tp; tp = tport_next(tp))
		if (tport_ident(tp) && !strcmp(tport_ident(tp), ident) &&
		    (transport == SIP_TLS ? tport_has_tls(tp) :
		     !tport_has_tls(tp) && tport_is_tcp(tp) == (transport == SIP_TCP)))
			return tp;
	return NULL;
}

static int bind_one(struct td_sip *sip, struct sip_listener *li, enum sip_transport transport,
		    char *why, size_t len)
{
	const struct cfg_sip *cfg = &sip->config->sip;
	const char *proto = td_sip_transport_name(transport);
	char url[TD_ADDR_STRLEN + 32], text[TD_ADDR_STRLEN];
	struct td_addr addr = li->addr;

	addr.port = port_of(sip, transport);
	snprintf(url, sizeof(url), "%s:%s;transport=%s", transport == SIP_TLS ? "sips" : "sip",
		 td_addr_str(&addr, text), proto);
	if (nta_agent_add_tport(sip->agent, URL_STRING_MAKE(url), TPTAG_IDENT(li->ident),
				TPTAG_QUEUESIZE(SEND_QUEUE), TPTAG_TIMEOUT(HALF_MESSAGE_MS),
				TPTAG_IDLE(cfg->tcp_idle_timeout * 1000), TPTAG_PONG2PING(1),
				/* what TLS needs comes from sip_tls.c */
				TPTAG_CERTIFICATE("/nonexistent"),
				/* sofia's own answers anybody, and leaks with each */
				TPTAG_STUN_SERVER(0), TAG_END()) < 0) {
		int err = errno ? errno : EIO;

		snprintf(why, len, "%s/%s: %s%s", text, proto, strerror(err),
			 err == EADDRINUSE ? "; another program holds it, see: ss -lnptu 'sport = " : "");
		if (err == EADDRINUSE)
			snprintf(why + strlen(why), len - strlen(why), ":%u'", addr.port);
		else if (err == EACCES)
			snprintf(why + strlen(why), len - strlen(why),
				 "; ports below 1024 are not for SIP, set sip.%s",
				 transport == SIP_TLS ? "tls_port" : "port");
		return -err;
	}
	li->tport[transport] = bound_as(sip, li->ident, transport);
	return li->tport[transport] ? 0 : -EIO;
}

static int listen_on(struct td_sip *sip, const struct td_addr *addr, int ifindex, char *why,
		     size_t len)
{
	const struct cfg_sip *cfg = &sip->config->sip;
	struct sip_listener *li = &sip->listeners[sip->n_listeners];
	int err = 0;

	if (sip->n_listeners == SIP_MAX_LISTENERS) {
		snprintf(why, len, "more than %d addresses; name those to use in sip.source_address",
			 SIP_MAX_LISTENERS);
		return -E2BIG;
	}
	memset(li, 0, sizeof(*li));
	li->addr = *addr;
	li->addr.port = (uint16_t)cfg->port;
	li->ifindex = ifindex;
	li->fd[SIP_UDP] = li->fd[SIP_TCP] = li->fd[SIP_TLS] = -1;
	td_addr_str(&li->addr, li->ident);
	if (cfg->udp)
		err = bind_one(sip, li, SIP_UDP, why, len);
	if (!err && cfg->tcp)
		err = bind_one(sip, li, SIP_TCP, why, len);
	if (!err && cfg->tls)
		err = bind_one(sip, li, SIP_TLS, why, len);
	if (err)
		return err;
	sip->n_listeners++;
	td_sip_sockets_adopt(sip, li);
	td_log_info(TD_LOG_SIP, "listening address=%s udp=%d tcp=%d tls=%d", li->ident,
		    li->tport[SIP_UDP] != NULL, li->tport[SIP_TCP] != NULL,
		    li->tport[SIP_TLS] != NULL);
	return 0;
}

/* Link-local IPv6 addresses are for who names them: a Contact cannot name their interface. */
static bool is_wanted(const struct cfg_sip *cfg, const struct td_addr *addr)
{
	for (size_t i = 0; i < cfg->n_listen; i++)
		if (td_addr_same_ip(&cfg->listen[i], addr))
			return true;
	return !cfg->n_listen && !td_addr_is_link_local(addr);
}

/* Every address of this host that is wanted and has no listener yet. */
static int listen_all(struct td_sip *sip, char *why, size_t len)
{
	struct ifaddrs *all, *ifa;
	struct td_addr addr;
	int err = 0;

	if (getifaddrs(&all))
		return -errno;
	for (ifa = all; ifa && !err; ifa = ifa->ifa_next) {
		if (!ifa->ifa_addr || !(ifa->ifa_flags & IFF_UP) ||
		    td_addr_from_sockaddr(&addr, ifa->ifa_addr) ||
		    !is_wanted(&sip->config->sip, &addr) || listener_of(sip, &addr))
			continue;
		err = listen_on(sip, &addr, (int)if_nametoindex(ifa->ifa_name), why, len);
		if (err == -EADDRNOTAVAIL) {	/* duplicate address detection: its end is an event */
			td_log_dbg(TD_LOG_SIP, "not yet: %s", why);
			err = 0;
		}
	}
	freeifaddrs(all);
	return err;
}

/* An address may come later: with VRRP it is at the other router. */
static int listen_first(struct td_sip *sip, char *why, size_t len)
{
	const struct cfg_sip *cfg = &sip->config->sip;
	char text[TD_ADDR_STRLEN];
	int err = listen_all(sip, why, len);

	for (size_t i = 0; i < cfg->n_listen && !err; i++)
		if (!listener_of(sip, &cfg->listen[i]))
			td_log_warn(TD_LOG_SIP, "address=%s is not here yet: sip.source_address",
				    td_addr_str(&cfg->listen[i], text));
	if (!err && !sip->n_listeners && !cfg->n_listen) {
		snprintf(why, len, "no address to listen on: no interface is up");
		err = -EADDRNOTAVAIL;
	}
	return err;
}

void td_sip_addresses_changed(struct td_sip *sip)
{
	char why[256];

	if (sip->stopping)
		return;
	if (listen_all(sip, why, sizeof(why)))
		td_log_limited(TD_LOG_SIP, TD_WARN, "cannot listen on a new address: %s", why);
	td_sip_cluster_configure(sip);
}

/* ---- start and stop ---- */

static void on_sweep(void *arg)
{
	struct td_sip *sip = arg;

	td_sip_sockets_sweep(sip);
	td_sip_tls_sweep(sip);
	td_loop_timer_start(sip->loop, &sip->sweep, SWEEP_MS, on_sweep, sip);
}

static int make_agent(struct td_sip *sip)
{
	sip->agent = nta_agent_create(
		sip->root, NO_CONTACT, td_sip_on_message, sip,
		NTATAG_UA(1), NTATAG_MERGE_482(1), NTATAG_MAXSIZE(MAX_MESSAGE),
		NTATAG_PRELOAD(PRELOAD),
		NTATAG_CANCEL_487(0),		/* sip_leg_in.c answers, or a 200 would follow it */
		NTATAG_USE_NAPTR(0), NTATAG_USE_SRV(0),	/* phones have addresses, not names */
		NTATAG_UDP_MTU(65535),		/* never to TCP by size: phones listen on UDP only */
		NTATAG_SERVER_RPORT(2), TAG_END());
	return sip->agent ? 0 : -ENOMEM;
}

static int add_endpoints(struct td_sip *sip)
{
	int err = 0;

	for (size_t i = 0; i < sip->config->n_phones && !err; i++)
		if (sip->config->phones[i].protocol == CFG_PROTO_SIP)
			err = td_sip_phone_set(sip, &sip->config->phones[i]);
	for (size_t i = 0; i < sip->config->n_trunks && !err; i++)
		err = td_sip_trunk_set(sip, &sip->config->trunks[i]);
	return err;
}

int td_sip_start(struct td_sip **out, const struct td_sip_args *args, char *why, size_t why_len)
{
	struct td_sip *sip = td_zalloc(sizeof(*sip));
	int err = -ENOMEM;

	if (!sip)
		return -ENOMEM;
	why[0] = '\0';
	signal(SIGPIPE, SIG_IGN);
	td_sip_debug_init();
	sip->loop = args->loop;
	sip->root = td_sip_loop_root(args->loop);
	sip->core = args->core;
	sip->nl = args->nl;
	sip->identity = args->identity;
	sip->config = args->config;
	sip->guard = args->guard;
	sip->guard_arg = args->guard_arg;
	sip->versions = args->versions;
	sip->versions_arg = args->versions_arg;
	td_list_init(&sip->legs);
	td_map_init(&sip->held);
	td_sip_phones_init(sip);
	td_sip_subs_init(sip);
	td_sip_trunks_init(sip);
	td_sip_registrars_init(sip);
	td_sip_mwi_init(sip);
	sip->home = su_home_new(sizeof(*sip->home));
	if (!sip->home)
		goto fail;
	sip->dns = td_dns_new(sip->loop, sip->config->global.nameserver,
			      sip->config->global.n_nameserver);
	if (!sip->dns)
		goto fail;
	err = td_sip_auth_init(sip);
	if (!err)
		err = td_sip_tls_start(sip, why, why_len);
	if (!err)
		err = make_agent(sip);
	if (!err)
		err = add_endpoints(sip);
	if (!err)
		err = td_sip_register_start(sip, args->store, why, why_len);
	if (!err)
		err = listen_first(sip, why, why_len);
	if (err)
		goto fail;
	td_sip_registrars_configure(sip);
	td_sip_cluster_configure(sip);
	on_sweep(sip);
	*out = sip;
	return 0;
fail:
	td_sip_stop(sip);
	return err;
}

void td_sip_stop(struct td_sip *sip)
{
	sip->stopping = true;
	td_loop_timer_stop(sip->loop, &sip->sweep);
	td_loop_timer_stop(sip->loop, &sip->relief);
	td_sip_cluster_stop(sip);
	td_sip_legs_stop(sip);
	td_map_fini(&sip->held);
	td_sip_subs_fini(sip);
	td_sip_register_stop(sip);
	td_sip_registrars_fini(sip);
	td_sip_mwi_fini(sip);
	td_sip_debug_stop(sip);
	/* these have requests and legs of their own in the agent, which frees what it still has */
	td_sip_phones_fini(sip);
	td_sip_trunks_fini(sip);
	if (sip->agent)
		nta_agent_destroy(sip->agent);
	td_sip_tls_stop(sip);
	td_dns_free(sip->dns);
	td_sip_auth_fini(sip);
	if (sip->home)
		su_home_unref(sip->home);
	td_free(sip);
}

int td_sip_configure(struct td_sip *sip, const struct td_config *config)
{
	const struct td_config *old = sip->config;
	char realm[CFG_TEXT_LEN];
	bool idle_changed = old->sip.tcp_idle_timeout != config->sip.tcp_idle_timeout;

	td_strlcpy(realm, td_sip_realm(sip), sizeof(realm));
	sip->config = config;
	if (strcmp(realm, td_sip_realm(sip)) != 0)
		td_sip_phones_rekey(sip);
	for (size_t i = 0; i < sip->n_listeners && idle_changed; i++)
		for (int k = SIP_TCP; k <= SIP_TLS; k++)
			if (sip->listeners[i].tport[k])
				tport_set_params(sip->listeners[i].tport[k],
						 TPTAG_IDLE(config->sip.tcp_idle_timeout * 1000),
						 TAG_END());
	td_sip_tls_reload(sip);
	td_sip_sockets_mark(sip);
	td_sip_cluster_configure(sip);
	return 0;
}
