// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of our table. Every change is one transaction on the socket that owns the table
 * (the master's, see nft.h); questions go over another one.
 *
 * The whole table is written at the start of a worker and when the configuration changes
 * it: over what is there, so that bans, buckets and counters stay. If the kernel refuses
 * that (a table of that name that is not ours, sets of another version) it is deleted and
 * made anew, in one transaction again. In between single elements come and go.
 */
#include "netlink/nft_priv.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "userspace/base/list.h"
#include "userspace/base/log.h"
#include "userspace/base/map.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/base/timerdef.h"

static const struct td_timerdef retry_def = {
	"nft_retry", 30000, "how long after a refusal the kernel is asked for the table again"
};

/** A host that is known. It stays until the kernel's set has forgotten it too. */
struct host {
	struct td_map_node node;	/* key: addr.ip */
	struct td_list change;		/* in td_nft.changes while the kernel has to hear of it */
	struct td_addr addr;
	unsigned int users;
	bool changed, placed;		/* in that list; in the kernel's set */
};

struct td_nft {
	struct td_loop *loop;
	struct mnl_socket *owner, *ask;
	uint32_t seq;
	struct nft_rules rules;
	struct td_map hosts;
	struct td_list changes;
	struct td_deferred later;
	struct td_timer retry;
	bool there;			/* the table is, as far as we know */
	char fault[192];		/* why it is not */
};

/* ---- transactions ---- */

static int commit(struct td_nft *nft, struct nft_batch *b, uint16_t *type)
{
	int err = td_nft_batch_send(b, nft->owner, type);

	nft->seq = b->seq;
	td_nft_batch_fini(b);
	return err;
}

static const char *advice(int err)
{
	switch (err) {
	case -EPERM:
		return "; another program owns a table inet tandem, see: nft list tables";
	case -EPROTONOSUPPORT:
	case -EOPNOTSUPP:
	case -ENOENT:
		return "; the kernel lacks nf_tables or a part of it (Linux 5.12 or newer, modules "
		       "nf_tables and nft_limit)";
	default:
		return "";
	}
}

static void on_retry(void *arg)
{
	td_nft_apply(arg);
}

static void failed(struct td_nft *nft, int err, uint16_t type)
{
	char fault[sizeof(nft->fault)];

	nft->there = false;
	td_loop_timer_start(nft->loop, &nft->retry, retry_def.ms, on_retry, nft);
	snprintf(fault, sizeof(fault), "%s (message %u)%s", strerror(-err), type, advice(err));
	if (strcmp(fault, nft->fault) != 0)	/* not with every try */
		td_log_err(TD_LOG_NETLINK, "table inet tandem not set: %s; hosts are neither "
			   "limited nor banned", fault);
	td_strlcpy(nft->fault, fault, sizeof(nft->fault));
}

static struct td_addr *placed_hosts(struct td_nft *nft, size_t *n)
{
	struct td_addr *v = td_calloc(nft->hosts.count + 1, sizeof(*v));
	struct td_map_node *node, *next;

	*n = 0;
	if (!v)
		return NULL;
	td_map_for_each_safe(node, next, &nft->hosts) {
		const struct host *h = td_container_of(node, struct host, node);

		if (h->users)
			v[(*n)++] = h->addr;
	}
	return v;
}

static int write_table(struct td_nft *nft, bool anew, uint16_t *type)
{
	struct nft_batch b;
	struct td_addr *hosts;
	size_t n;

	td_nft_batch_init(&b, nft->seq);
	if (anew)
		td_nft_put_delete(&b);
	td_nft_put_table(&b, &nft->rules);
	hosts = placed_hosts(nft, &n);
	if (!hosts)
		b.err = -ENOMEM;
	else
		td_nft_put_hosts(&b, NFT_MSG_NEWSETELEM, SET_KNOWN4, hosts, n, 0, NULL);
	td_free(hosts);
	return commit(nft, &b, type);
}

static void host_free(struct td_nft *nft, struct host *h)
{
	if (h->changed)
		td_list_del(&h->change);
	td_map_remove(&nft->hosts, &h->node);
	td_free(h);
}

/* After a whole table: nothing is left to be told. */
static void settle_hosts(struct td_nft *nft)
{
	struct td_map_node *node, *next;

	td_map_for_each_safe(node, next, &nft->hosts) {
		struct host *h = td_container_of(node, struct host, node);

		if (h->changed)
			td_list_del(&h->change);
		h->changed = false;
		h->placed = h->users && nft->there;
		if (!h->users)
			host_free(nft, h);
	}
}

static int remove_table(struct td_nft *nft, uint16_t *type)
{
	struct nft_batch b;
	int err;

	td_nft_batch_init(&b, nft->seq);
	td_nft_put_delete(&b);
	err = commit(nft, &b, type);
	return err == -ENOENT ? 0 : err;
}

int td_nft_apply(struct td_nft *nft)
{
	uint16_t type = 0;
	int err;

	td_loop_undefer(nft->loop, &nft->later);
	td_loop_timer_stop(nft->loop, &nft->retry);
	if (!nft->rules.on) {
		err = remove_table(nft, &type);
		nft->there = false;
		nft->fault[0] = '\0';
		settle_hosts(nft);
		return err;
	}
	err = write_table(nft, false, &type);
	if (err && err != -ENOMEM) {
		td_log_dbg(TD_LOG_NETLINK, "table inet tandem cannot be completed error=%d "
			   "message=%u, made anew", -err, type);
		err = write_table(nft, true, &type);
	}
	if (err) {
		failed(nft, err, type);
	} else {
		nft->there = true;
		nft->fault[0] = '\0';
	}
	settle_hosts(nft);
	return err;
}

/* ---- known hosts ---- */

static struct host *host_find(const struct td_nft *nft, const struct td_addr *addr)
{
	struct td_map_node *n = td_map_find(&nft->hosts, addr->ip, sizeof(addr->ip));

	return n ? td_container_of(n, struct host, node) : NULL;
}

static struct host *host_new(struct td_nft *nft, const struct td_addr *addr)
{
	struct host *h = td_zalloc(sizeof(*h));

	if (!h)
		return NULL;
	memcpy(h->addr.ip, addr->ip, sizeof(h->addr.ip));
	if (td_map_insert(&nft->hosts, &h->node, h->addr.ip, sizeof(h->addr.ip))) {
		td_free(h);
		return NULL;
	}
	return h;
}

static size_t changed_hosts(const struct td_nft *nft, bool in, struct td_addr *v)
{
	const struct host *h;
	size_t n = 0;

	td_list_for_each(h, &nft->changes, const struct host, change)
		if (in ? h->users && !h->placed : !h->users && h->placed)
			v[n++] = h->addr;
	return n;
}

/* All that came and went since the last turn of the loop. */
static void on_later(void *arg)
{
	struct td_nft *nft = arg;
	struct td_addr *v = td_calloc(nft->hosts.count + 1, sizeof(*v));
	struct nft_batch b;
	struct host *h, *next;
	uint16_t type;
	size_t in, out;

	td_nft_batch_init(&b, nft->seq);
	if (!v)
		b.err = -ENOMEM;
	in = v ? changed_hosts(nft, true, v) : 0;
	if (in)
		td_nft_put_hosts(&b, NFT_MSG_NEWSETELEM, SET_KNOWN4, v, in, 0, NULL);
	out = v ? changed_hosts(nft, false, v) : 0;
	if (out)
		td_nft_put_hosts(&b, NFT_MSG_DELSETELEM, SET_KNOWN4, v, out, 0, NULL);
	td_free(v);
	if (nft->there && (in || out || b.err)) {
		if (commit(nft, &b, &type))
			td_nft_apply(nft);	/* the set is not what we thought: all of it again */
	} else {
		td_nft_batch_fini(&b);
	}
	td_list_for_each_safe(h, next, &nft->changes, struct host, change) {
		td_list_del(&h->change);
		h->changed = false;
		h->placed = h->users && nft->there;
		if (!h->users)
			host_free(nft, h);
	}
}

int td_nft_known(struct td_nft *nft, const struct td_addr *addr, bool known)
{
	struct host *h = host_find(nft, addr);

	if (!h && known)
		h = host_new(nft, addr);
	if (!h || (!known && !h->users))
		return known ? -ENOMEM : -ENOENT;
	h->users += known ? 1 : -1u;
	if (!h->users && !h->placed && !h->changed) {
		host_free(nft, h);
	} else if (!h->changed && h->placed != (h->users > 0)) {
		h->changed = true;
		td_list_append(&nft->changes, &h->change);
		td_loop_defer(nft->loop, &nft->later, on_later, nft);
	}
	return 0;
}

bool td_nft_is_exempt(const struct td_nft *nft, const struct td_addr *addr)
{
	const struct host *h = host_find(nft, addr);

	for (size_t i = 0; i < nft->rules.n_trusted; i++)
		if (td_addr_in_net(addr, &nft->rules.trusted[i].addr, nft->rules.trusted[i].len))
			return true;
	return h && h->users;
}

/* ---- bans ---- */

static int change_ban(struct td_nft *nft, const struct td_addr *host, bool out, bool in,
		      uint32_t seconds, const char *reason)
{
	struct nft_batch b;
	uint16_t type;

	td_nft_batch_init(&b, nft->seq);
	if (out)
		td_nft_put_hosts(&b, NFT_MSG_DELSETELEM, SET_BANNED4, host, 1, 0, NULL);
	if (in)
		td_nft_put_hosts(&b, NFT_MSG_NEWSETELEM, SET_BANNED4, host, 1, seconds, reason);
	return commit(nft, &b, &type);
}

int td_nft_ban(struct td_nft *nft, const struct td_addr *host, uint32_t seconds, const char *reason)
{
	int err;

	if (!nft->there)
		return -ENOTCONN;
	if (td_nft_is_exempt(nft, host))
		return -EPERM;
	err = change_ban(nft, host, false, true, seconds, reason);
	if (err == -EEXIST)
		err = change_ban(nft, host, true, true, seconds, reason);
	else if (err == -ENOENT && !td_nft_apply(nft))	/* the table had gone */
		err = change_ban(nft, host, false, true, seconds, reason);
	return err;
}

int td_nft_unban(struct td_nft *nft, const struct td_addr *host)
{
	return nft->there ? change_ban(nft, host, true, false, 0, NULL) : -ENOTCONN;
}

struct search {
	const struct td_addr *host;
	char *why;
	size_t len;
	bool found;
};

static void compare_ban(void *arg, const struct nft_ban *ban)
{
	struct search *s = arg;

	if (!td_addr_same_ip(&ban->host, s->host))
		return;
	s->found = true;
	td_strlcpy(s->why, ban->reason, s->len);
}

bool td_nft_is_banned(struct td_nft *nft, const struct td_addr *host, char *why, size_t len)
{
	struct search s = { .host = host, .why = why, .len = len };

	if (nft->there)
		td_nft_each_ban(nft->ask, compare_ban, &s);
	return s.found;
}

/* ---- show ---- */

static void show_ban(void *arg, const struct nft_ban *ban)
{
	struct td_json *j = arg;
	char text[TD_ADDR_STRLEN];

	td_json_object(j, NULL);
	td_json_str(j, "address", td_addr_ip(&ban->host, text));
	td_json_u64(j, "left_s", (ban->left_ms + 999) / 1000);
	td_json_u64(j, "seconds", ban->whole_ms / 1000);
	td_json_str(j, "reason", ban->reason);
	td_json_end_object(j);
}

static void show_trusted(const struct td_nft *nft, struct td_json *j)
{
	char text[TD_ADDR_STRLEN], net[TD_ADDR_STRLEN + 8];

	td_json_array(j, "trusted");
	for (size_t i = 0; i < nft->rules.n_trusted; i++) {
		snprintf(net, sizeof(net), "%s/%u", td_addr_ip(&nft->rules.trusted[i].addr, text),
			 nft->rules.trusted[i].len);	/* hosts too: one form for programs */
		td_json_str(j, NULL, net);
	}
	td_json_end_array(j);
}

static void show_known(const struct td_nft *nft, struct td_json *j)
{
	struct td_map_node *node, *next;
	char text[TD_ADDR_STRLEN];

	td_json_array(j, "known");
	td_map_for_each_safe(node, next, &nft->hosts) {
		const struct host *h = td_container_of(node, struct host, node);

		if (h->users)
			td_json_str(j, NULL, td_addr_ip(&h->addr, text));
	}
	td_json_end_array(j);
}

static void show_counters(struct td_nft *nft, struct td_json *j)
{
	struct nft_count counts[N_COUNTERS] = { { 0, 0 } };

	if (nft->there)
		td_nft_counters(nft->ask, counts);
	td_json_object(j, "counters");
	for (int i = 0; i < N_COUNTERS; i++) {
		td_json_object(j, td_nft_counter_names[i]);
		td_json_u64(j, "packets", counts[i].packets);
		td_json_u64(j, "bytes", counts[i].bytes);
		td_json_end_object(j);
	}
	td_json_end_object(j);
}

void td_nft_show(struct td_nft *nft, struct td_json *j, const char *key)
{
	td_json_object(j, key);
	td_json_str(j, "state", nft->there ? "active" : nft->rules.on ? "failed" : "off");
	td_json_str(j, "reason", nft->fault);
	td_json_u64(j, "rate_limit", nft->rules.rate);
	td_json_u64(j, "rate_burst", nft->rules.burst);
	show_trusted(nft, j);
	show_known(nft, j);
	td_json_array(j, "banned");
	if (nft->there)
		td_nft_each_ban(nft->ask, show_ban, j);
	td_json_end_array(j);
	show_counters(nft, j);
	td_json_end_object(j);
}

/* ---- open, close ---- */

static void trust(struct nft_rules *r, const struct cfg_prefix *p, const char *trunk)
{
	if (r->n_trusted == NFT_MAX_TRUSTED)
		td_log_limited(TD_LOG_NETLINK, TD_WARN,
			       "trunk=%s is not trusted: %d networks are the most", trunk,
			       NFT_MAX_TRUSTED);
	else
		r->trusted[r->n_trusted++] = *p;
}

/* Where calls of a trunk come from is neither limited nor banned. */
static void trust_trunks(struct nft_rules *r, const struct td_config *cfg)
{
	for (size_t i = 0; i < cfg->n_trunks; i++) {
		const struct cfg_trunk *t = &cfg->trunks[i];
		struct cfg_prefix host = { .len = 0 };

		if (!td_addr_parse(&host.addr, t->host)) {
			host.len = td_addr_is_v4(&host.addr) ? 32 : 128;
			trust(r, &host, t->id);
		}
		for (size_t k = 0; k < t->n_source; k++)
			trust(r, &t->source[k], t->id);
	}
	for (size_t i = 0; i < cfg->n_registrars; i++) {
		const struct td_addr *at[] = { &cfg->registrars[i].address,
					       &cfg->registrars[i].secondary };

		for (size_t k = 0; k < 2; k++) {
			struct cfg_prefix host = { .addr = *at[k], .len = 32 };

			if (!td_addr_is_set(at[k]))
				continue;
			host.addr.port = 0;
			if (!td_addr_is_v4(at[k]))
				host.len = 128;
			trust(r, &host, cfg->registrars[i].trunk);
		}
	}
}

static void take_rules(struct nft_rules *r, const struct td_config *cfg)
{
	memset(r, 0, sizeof(*r));	/* compared as bytes */
	r->on = cfg->sip.firewall;
	r->udp = cfg->sip.udp;
	r->tcp = cfg->sip.tcp;
	r->sip_port = cfg->sip.port;
	r->tls_port = cfg->sip.tls ? cfg->sip.tls_port : 0;
	r->rtp_min = cfg->global.rtp_port_min;
	r->rtp_max = cfg->global.rtp_port_max;
	r->http_port = cfg->provision.http_enable == CFG_ENABLE_OFF ? 0 : cfg->provision.http_port;
	r->rate = cfg->sip.rate_limit;
	r->trusted_only = cfg->sip.trusted_only;
	r->burst = cfg->sip.rate_burst;
	memcpy(r->trusted, cfg->sip.trusted, sizeof(cfg->sip.trusted));
	r->n_trusted = cfg->sip.n_trusted;
	trust_trunks(r, cfg);
}

int td_nft_configure(struct td_nft *nft, const struct td_config *config)
{
	struct nft_rules now;

	take_rules(&now, config);
	if (!memcmp(&now, &nft->rules, sizeof(now)) && nft->there == (bool)now.on)
		return 0;
	nft->rules = now;
	return td_nft_apply(nft);
}

int td_nft_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), err;
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };

	if (fd < 0)
		return -errno;
	if (!bind(fd, (struct sockaddr *)&any, sizeof(any)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int open_ask(struct td_nft *nft)
{
	struct timeval second = { .tv_sec = 1 };	/* a lost answer must not stop the loop */

	nft->ask = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!nft->ask || mnl_socket_bind(nft->ask, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	setsockopt(mnl_socket_get_fd(nft->ask), SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	return 0;
}

int td_nft_open(struct td_nft **out, struct td_loop *loop, int owner_fd,
		const struct td_config *config)
{
	struct td_nft *nft = td_zalloc(sizeof(*nft));
	int err = -ENOMEM;

	if (!nft) {
		close(owner_fd);
		return err;
	}
	nft->loop = loop;
	nft->seq = (uint32_t)time(NULL) << 8;	/* not the numbers of an earlier worker */
	td_map_init(&nft->hosts);
	td_list_init(&nft->changes);
	take_rules(&nft->rules, config);
	nft->owner = mnl_socket_fdopen(owner_fd);
	if (!nft->owner) {
		err = -errno;
		close(owner_fd);
	} else {
		err = open_ask(nft);
	}
	if (err) {
		td_nft_close(nft);
		return err;
	}
	*out = nft;
	return 0;
}

void td_nft_close(struct td_nft *nft)
{
	struct td_map_node *node, *next;

	if (!nft)
		return;
	td_loop_undefer(nft->loop, &nft->later);
	td_loop_timer_stop(nft->loop, &nft->retry);
	td_map_for_each_safe(node, next, &nft->hosts)
		host_free(nft, td_container_of(node, struct host, node));
	td_map_fini(&nft->hosts);
	if (nft->ask)
		mnl_socket_close(nft->ask);
	if (nft->owner)
		mnl_socket_close(nft->owner);
	td_free(nft);
}
