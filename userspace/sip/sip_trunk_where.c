/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a trunk is: an address, or a name that the DNS knows hosts of (RFC 3263), which are tried
 * one after the other. What the DNS said is true as long as it said; then it is asked again, and
 * while it does not answer the old hosts stay. A name that no longer exists has none.
 */
#include "userspace/sip/sip_trunk.h"

#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/str.h"

#define TTL_MIN_S	 5		/* whatever the DNS says */
#define TTL_MAX_S	 86400
#define ABSENT_S	 60		/* until a name that does not exist is asked for again */
#define SILENT_S	 15		/* ... the servers, after they did not answer */
#define KEEP_OTHER_MS	 300000		/* a host that failed is passed over so long */

static void ask(void *arg);

static void know(struct sip_trunk *t, const struct td_addr *a, size_t n, bool known)
{
	const struct td_sip_guard *guard = t->sip->guard;

	for (size_t i = 0; guard && t->named && i < n; i++)
		guard->known(t->sip->guard_arg, &a[i], known);
}

static size_t index_of(const struct td_addr *a, size_t n, const struct td_addr *one)
{
	for (size_t i = 0; i < n; i++)
		if (td_addr_equal(&a[i], one))
			return i;
	return n;
}

/* What depends on the address: registrations. Not below the callback of one. */
static void on_moved(void *arg)
{
	struct sip_trunk *t = arg;

	td_sip_trunk_show_state(t);
	td_sip_registrars_configure(t->sip);
}

static void move_to(struct sip_trunk *t, size_t at)
{
	t->at = at;
	memset(&t->addr, 0, sizeof(t->addr));
	if (at < t->n_targets)
		t->addr = t->target[at];
	td_loop_defer(t->sip->loop, &t->moved, on_moved, t);
}

static void take(struct sip_trunk *t, const struct td_addr *a, size_t n)
{
	uint64_t now = td_loop_now_ms(t->sip->loop);
	struct td_addr was[SIP_DNS_TARGETS];
	size_t n_was = t->n_targets, at = 0;

	memcpy(was, t->target, sizeof(was));
	know(t, a, n, true);
	memcpy(t->target, a, n * sizeof(*a));
	t->n_targets = n;
	know(t, was, n_was, false);
	if (t->turned_ms && now - t->turned_ms < KEEP_OTHER_MS)
		at = index_of(t->target, n, &t->addr) % (n ? n : 1);
	if (!n || !td_addr_equal(&t->addr, &t->target[at]))
		move_to(t, at);
	else
		t->at = at;
}

static void on_answer(void *arg, const struct td_dns_answer *a)
{
	struct sip_trunk *t = arg;
	uint64_t wait_s = a->ttl_s;
	char text[TD_ADDR_STRLEN];

	t->lookup = NULL;
	if (a->n) {
		if (t->wants_any)
			t->transport = a->transport;
		if (!t->n_targets || index_of(a->target, a->n, &t->addr) == a->n)
			td_log_info(TD_LOG_SIP, "trunk=%s host=%s is at %s transport=%s hosts=%zu ttl=%u",
				    t->id, t->host, td_addr_str(&a->target[0], text),
				    td_sip_transport_name(a->transport), a->n, a->ttl_s);
		take(t, a->target, a->n);
	} else {
		td_log_limited(TD_LOG_SIP, TD_WARN, "trunk=%s host=%s not found: %s%s", t->id, t->host,
			       a->why, t->n_targets && !a->absent ? "; its old hosts stay" : "");
		if (a->absent)
			take(t, a->target, 0);
		wait_s = !a->absent ? SILENT_S : a->ttl_s && a->ttl_s < ABSENT_S ? a->ttl_s : ABSENT_S;
	}
	wait_s = wait_s < TTL_MIN_S ? TTL_MIN_S : wait_s > TTL_MAX_S ? TTL_MAX_S : wait_s;
	td_loop_timer_start(t->sip->loop, &t->dns_timer, wait_s * 1000, ask, t);
}

static void ask(void *arg)
{
	struct sip_trunk *t = arg;
	const struct cfg_sip *cfg = &t->sip->config->sip;
	struct td_dns_ask q = {
		.port = (uint16_t)t->port, .any = t->wants_any, .transport = t->transport,
		.may = { [SIP_UDP] = cfg->udp, [SIP_TCP] = cfg->tcp, [SIP_TLS] = cfg->tls },
	};

	td_strlcpy(q.host, t->host, sizeof(q.host));
	t->lookup = td_dns_lookup(t->sip->dns, &q, on_answer, t);
	if (!t->lookup)
		td_loop_timer_start(t->sip->loop, &t->dns_timer, SILENT_S * 1000, ask, t);
}

void td_sip_trunk_where_set(struct sip_trunk *t, const struct cfg_trunk *cfg)
{
	struct td_addr addr;
	bool literal = td_addr_parse(&addr, cfg->host) == 0;

	if (t->named && !literal && !strcmp(t->host, cfg->host) && t->port == cfg->port &&
	    t->wants_any == (cfg->transport == CFG_TRANSPORT_ANY))
		return;			/* what is known of it stays */
	td_sip_trunk_where_stop(t);
	td_strlcpy(t->host, cfg->host, sizeof(t->host));
	t->port = cfg->port;
	t->named = !literal;
	t->wants_any = t->named && cfg->transport == CFG_TRANSPORT_ANY;
	if (literal) {
		addr.port = (uint16_t)cfg->port;
		take(t, &addr, 1);
	} else {
		ask(t);
	}
}

void td_sip_trunk_where_stop(struct sip_trunk *t)
{
	td_dns_cancel(t->lookup);
	t->lookup = NULL;
	td_loop_timer_stop(t->sip->loop, &t->dns_timer);
	td_loop_undefer(t->sip->loop, &t->moved);
	know(t, t->target, t->n_targets, false);
	t->n_targets = 0;
	t->turned_ms = 0;
	memset(&t->addr, 0, sizeof(t->addr));
}

bool td_sip_trunk_turn(struct sip_trunk *t, const struct td_addr *failed)
{
	char from[TD_ADDR_STRLEN], to[TD_ADDR_STRLEN];

	if (t->n_targets < 2)
		return false;
	if (!td_addr_equal(&t->addr, failed))
		return true;		/* another call has found it out */
	t->turned_ms = td_loop_now_ms(t->sip->loop);
	move_to(t, (t->at + 1) % t->n_targets);
	td_log_limited(TD_LOG_SIP, TD_WARN, "trunk=%s host %s fails, next is %s", t->id,
		       td_addr_str(failed, from), td_addr_str(&t->addr, to));
	return true;
}

bool td_sip_trunk_is_at(const struct sip_trunk *t, const struct td_addr *host)
{
	for (size_t i = 0; i < t->n_targets; i++)
		if (td_addr_same_ip(&t->target[i], host))
			return true;
	return false;
}
