/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sip_dns.h. A lookup has one question open at a time:
 *
 *	NAPTR (transport open, no port) -> SRV (no port) -> A and AAAA of each host
 *
 * What is missing on the way is left out (RFC 3263 4.1, 4.2): without NAPTR the first transport that
 * is on, without SRV the host itself.
 */
#include "userspace/sip/sip_dns.h"

#include <arpa/nameser.h>
#include <ares.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/select.h>

#include "userspace/base/list.h"
#include "userspace/base/loop.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define TIMEOUT_MS 2000			/* of one question to one server */
#define TRIES	   2
#define HOSTS	   SIP_DNS_TARGETS

struct td_dns {
	struct td_loop *loop;
	ares_channel channel;
	struct td_timer timer;
	struct td_list lookups;
};

enum stage { STAGE_NAPTR, STAGE_SRV, STAGE_A, STAGE_AAAA };

struct host {
	char name[256];
	uint16_t port;
};

struct td_dns_lookup {
	struct td_list node;
	struct td_dns *dns;
	struct td_dns_ask ask;
	td_dns_fn fn;			/* NULL: cancelled */
	void *arg;
	enum stage stage;
	enum sip_transport transport;
	char srv[300];
	struct host host[HOSTS];
	size_t n_hosts, at;
	struct td_dns_answer answer;
	int failure;			/* of c-ares, the last that was none of "it does not exist" */
	struct td_deferred start;
};

static const struct {
	const char *service, *srv;
	uint16_t port;
} kinds[] = {
	[SIP_UDP] = { "SIP+D2U", "_sip._udp.", 5060 },
	[SIP_TCP] = { "SIP+D2T", "_sip._tcp.", 5060 },
	[SIP_TLS] = { "SIPS+D2T", "_sips._tcp.", 5061 },
};

static void next(struct td_dns_lookup *l);

/* ---- c-ares on our loop ---- */

static void on_timer(void *arg);

static void arm(struct td_dns *dns)
{
	struct timeval tv, *left = ares_timeout(dns->channel, NULL, &tv);

	if (left)
		td_loop_timer_start(dns->loop, &dns->timer,
				    (uint64_t)left->tv_sec * 1000 + (uint64_t)left->tv_usec / 1000 + 1,
				    on_timer, dns);
	else
		td_loop_timer_stop(dns->loop, &dns->timer);
}

static void on_timer(void *arg)
{
	struct td_dns *dns = arg;

	ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm(dns);
}

static void on_ready(void *arg, int fd, unsigned int events)
{
	struct td_dns *dns = arg;

	ares_process_fd(dns->channel, events & TD_READ ? fd : ARES_SOCKET_BAD,
			events & TD_WRITE ? fd : ARES_SOCKET_BAD);
	arm(dns);
}

static void on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct td_dns *dns = arg;

	if (readable || writable)
		td_loop_watch(dns->loop, fd, (readable ? TD_READ : 0) | (writable ? TD_WRITE : 0),
			      on_ready, dns);
	else
		td_loop_unwatch(dns->loop, fd);
}

struct td_dns *td_dns_new(struct td_loop *loop, const struct td_addr *server, size_t n)
{
	struct td_dns *dns = td_zalloc(sizeof(*dns));
	char list[8 * (TD_ADDR_STRLEN + 1)] = "", ip[TD_ADDR_STRLEN];
	struct ares_options options = { .timeout = TIMEOUT_MS, .tries = TRIES,
					.sock_state_cb = on_socket, .sock_state_cb_data = dns };

	if (!dns)
		return NULL;
	dns->loop = loop;
	td_list_init(&dns->lookups);
	if (ares_init_options(&dns->channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
			      ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS) {
		td_free(dns);
		return NULL;
	}
	for (size_t i = 0; i < n && i < 8; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? "," : "",
			 td_addr_ip(&server[i], ip));
	if (n)
		ares_set_servers_csv(dns->channel, list);
	return dns;
}

void td_dns_free(struct td_dns *dns)
{
	struct td_dns_lookup *l, *after;

	if (!dns)
		return;
	td_loop_timer_stop(dns->loop, &dns->timer);
	td_list_for_each_safe(l, after, &dns->lookups, struct td_dns_lookup, node)
		td_dns_cancel(l);
	ares_destroy(dns->channel);	/* calls back for what is open: it is freed there */
	td_free(dns);
}

/* ---- questions ---- */

static void lookup_free(struct td_dns_lookup *l)
{
	td_loop_undefer(l->dns->loop, &l->start);
	td_list_del(&l->node);
	td_free(l);
}

void td_dns_cancel(struct td_dns_lookup *l)
{
	if (!l)
		return;
	l->fn = NULL;
	if (l->start.queued)
		lookup_free(l);
}

static void finish(struct td_dns_lookup *l)
{
	struct td_dns_answer *a = &l->answer;
	td_dns_fn fn = l->fn;
	void *arg = l->arg;
	struct td_dns_answer copy;

	a->transport = l->transport;
	a->absent = !a->n && !l->failure;
	a->why = a->n ? NULL : l->failure ? ares_strerror(l->failure) : "no such name";
	copy = *a;
	lookup_free(l);
	if (fn)
		fn(arg, &copy);
}

static void note_ttl(struct td_dns_lookup *l, const uint8_t *msg, int len)
{
	uint32_t ttl = msg && len > 0 ? td_dns_ttl(msg, (size_t)len) : 0;

	if (ttl && (!l->answer.ttl_s || ttl < l->answer.ttl_s))
		l->answer.ttl_s = ttl;
}

static void use_host(struct td_dns_lookup *l, const char *name, uint16_t port)
{
	struct host *h = &l->host[l->n_hosts];

	if (l->n_hosts == HOSTS || td_strlcpy(h->name, name, sizeof(h->name)) >= sizeof(h->name))
		return;
	h->port = port;
	l->n_hosts++;
}

/* ---- answers ---- */

static bool suits(const struct td_dns_lookup *l, const char *service, enum sip_transport *t)
{
	for (int i = SIP_UDP; i <= SIP_TLS; i++)
		if (l->ask.may[i] && !strcasecmp(service, kinds[i].service)) {
			*t = (enum sip_transport)i;
			return true;
		}
	return false;
}

static void take_naptr(struct td_dns_lookup *l, const uint8_t *msg, int len)
{
	struct ares_naptr_reply *all = NULL, *best = NULL;
	enum sip_transport t;

	if (ares_parse_naptr_reply(msg, len, &all) != ARES_SUCCESS)
		return;
	for (struct ares_naptr_reply *r = all; r; r = r->next)
		if (!strcasecmp((const char *)r->flags, "s") &&
		    suits(l, (const char *)r->service, &t) &&
		    (!best || r->order < best->order ||
		     (r->order == best->order && r->preference < best->preference))) {
			best = r;
			l->transport = t;
		}
	if (best)
		td_strlcpy(l->srv, best->replacement, sizeof(l->srv));
	ares_free_data(all);
}

/* RFC 2782: by priority, and among equals by chance, the heavier the sooner. */
static struct ares_srv_reply *choose_srv(struct ares_srv_reply *all, const bool *used)
{
	uint32_t sum = 0, random = 0, i = 0;
	int priority = -1;

	for (struct ares_srv_reply *r = all; r && i < 64; r = r->next, i++)
		if (!used[i] && (priority < 0 || r->priority < priority))
			priority = r->priority;
	i = 0;
	for (struct ares_srv_reply *r = all; r && i < 64; r = r->next, i++)
		if (!used[i] && r->priority == priority)
			sum += r->weight + 1u;
	if (!sum || getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = 0;
	random = sum ? random % sum : 0;
	i = 0;
	for (struct ares_srv_reply *r = all; r && i < 64; r = r->next, i++) {
		if (used[i] || r->priority != priority)
			continue;
		if (random < r->weight + 1u)
			return r;
		random -= r->weight + 1u;
	}
	return NULL;
}

static void take_srv(struct td_dns_lookup *l, const uint8_t *msg, int len)
{
	struct ares_srv_reply *all = NULL, *r;
	bool used[64] = { false };
	uint32_t i;

	if (ares_parse_srv_reply(msg, len, &all) != ARES_SUCCESS)
		return;
	while ((r = choose_srv(all, used))) {
		i = 0;
		for (struct ares_srv_reply *s = all; s != r; s = s->next)
			i++;
		used[i] = true;
		if (strcmp(r->host, ".") != 0 && r->host[0])	/* "." is: not here */
			use_host(l, r->host, r->port);
	}
	ares_free_data(all);
}

static void take_addresses(struct td_dns_lookup *l, const uint8_t *msg, int len)
{
	const struct host *h = &l->host[l->at];
	struct hostent *he = NULL;
	int status = l->stage == STAGE_A ? ares_parse_a_reply(msg, len, &he, NULL, NULL) :
					   ares_parse_aaaa_reply(msg, len, &he, NULL, NULL);

	if (status != ARES_SUCCESS)
		return;
	for (char **p = he->h_addr_list; *p && l->answer.n < SIP_DNS_TARGETS; p++) {
		struct sockaddr_in6 s6 = { .sin6_family = AF_INET6, .sin6_port = htons(h->port) };
		struct sockaddr_in s4 = { .sin_family = AF_INET, .sin_port = htons(h->port) };
		const struct sockaddr *sa = (const struct sockaddr *)&s6;

		if (he->h_addrtype == AF_INET) {
			memcpy(&s4.sin_addr, *p, sizeof(s4.sin_addr));
			sa = (const struct sockaddr *)&s4;
		} else {
			memcpy(&s6.sin6_addr, *p, sizeof(s6.sin6_addr));
		}
		if (td_addr_from_sockaddr(&l->answer.target[l->answer.n], sa) == 0 &&
		    !td_addr_is_any(&l->answer.target[l->answer.n]))
			l->answer.n++;
	}
	ares_free_hostent(he);
}

static void on_reply(void *arg, int status, int timeouts, unsigned char *msg, int len)
{
	struct td_dns_lookup *l = arg;

	(void)timeouts;
	if (!l->fn) {
		lookup_free(l);
		return;
	}
	if (status != ARES_SUCCESS && status != ARES_ENOTFOUND && status != ARES_ENODATA)
		l->failure = status;
	note_ttl(l, msg, len);
	if (status == ARES_SUCCESS) {
		static void (*const takes[])(struct td_dns_lookup *, const uint8_t *, int) = {
			[STAGE_NAPTR] = take_naptr, [STAGE_SRV] = take_srv,
			[STAGE_A] = take_addresses, [STAGE_AAAA] = take_addresses,
		};
		takes[l->stage](l, msg, len);
	}
	next(l);
}

static void ask(struct td_dns_lookup *l, const char *name, int type)
{
	struct td_dns *dns = l->dns;

	ares_query(dns->channel, name, C_IN, type, on_reply, l);
	arm(dns);
}

static void ask_srv(struct td_dns_lookup *l)
{
	l->stage = STAGE_SRV;
	if (!l->srv[0])
		snprintf(l->srv, sizeof(l->srv), "%s%s", kinds[l->transport].srv, l->ask.host);
	ask(l, l->srv, T_SRV);
}

static void ask_address(struct td_dns_lookup *l, enum stage stage)
{
	l->stage = stage;
	ask(l, l->host[l->at].name, stage == STAGE_A ? T_A : T_AAAA);
}

/* A question has its answer, or none. */
static void next(struct td_dns_lookup *l)
{
	switch (l->stage) {
	case STAGE_NAPTR:
		ask_srv(l);
		return;
	case STAGE_SRV:
		/* a server that did not answer is not "there is no SRV" */
		if (!l->n_hosts && !l->failure)
			use_host(l, l->ask.host, kinds[l->transport].port);
		if (l->n_hosts)
			ask_address(l, STAGE_A);
		else
			finish(l);
		return;
	case STAGE_A:
		ask_address(l, STAGE_AAAA);
		return;
	case STAGE_AAAA:
		if (++l->at < l->n_hosts && l->answer.n < SIP_DNS_TARGETS)
			ask_address(l, STAGE_A);
		else
			finish(l);
	}
}

static void on_start(void *arg)
{
	struct td_dns_lookup *l = arg;
	uint16_t port = l->ask.port;

	l->transport = l->ask.transport;
	for (int i = SIP_TLS; i >= SIP_UDP && l->ask.any; i--)
		if (l->ask.may[i])
			l->transport = (enum sip_transport)i;
	if (port) {
		use_host(l, l->ask.host, port);
		ask_address(l, STAGE_A);
	} else if (l->ask.any) {
		l->stage = STAGE_NAPTR;
		ask(l, l->ask.host, T_NAPTR);
	} else {
		ask_srv(l);
	}
}

struct td_dns_lookup *td_dns_lookup(struct td_dns *dns, const struct td_dns_ask *ask, td_dns_fn fn,
				    void *arg)
{
	struct td_dns_lookup *l = td_zalloc(sizeof(*l));

	if (!l)
		return NULL;
	l->dns = dns;
	l->ask = *ask;
	l->fn = fn;
	l->arg = arg;
	td_list_append(&dns->lookups, &l->node);
	td_loop_defer(dns->loop, &l->start, on_start, l);
	return l;
}
