/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trunks as SIP sees them: where calls to one are sent, and from which hosts its calls come.
 * Those hosts are its identity: a request from one needs no digest, and nobody else is taken
 * for the trunk. Calls themselves are ordinary legs (sip_leg_in.c, sip_leg_out.c).
 */
#include "userspace/sip/sip_trunk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sofia-sip/su_uniqueid.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

struct sip_trunk *td_sip_trunk_find(const struct td_sip *sip, const char *id)
{
	struct td_map_node *n = td_map_find_str(&sip->trunks_by_id, id);

	return n ? td_container_of(n, struct sip_trunk, by_id) : NULL;
}

void td_sip_trunks_init(struct td_sip *sip)
{
	td_map_init(&sip->trunks_by_id);
	td_list_init(&sip->trunks);
}

static void trunk_free(struct sip_trunk *t)
{
	td_sip_trunk_alive_stop(t);
	td_sip_trunk_where_stop(t);
	if (t->ep)
		td_endpoint_remove(t->sip->core, t->ep);
	td_map_remove(&t->sip->trunks_by_id, &t->by_id);
	td_list_del(&t->node);
	td_free(t->source);
	td_free(t);
}

void td_sip_trunks_fini(struct td_sip *sip)
{
	struct sip_trunk *t, *next;

	td_list_for_each_safe(t, next, &sip->trunks, struct sip_trunk, node)
		trunk_free(t);
	td_map_fini(&sip->trunks_by_id);
}

static struct sip_trunk *trunk_new(struct td_sip *sip, const char *id)
{
	struct sip_trunk *t = td_zalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->sip = sip;
	td_strlcpy(t->id, id, sizeof(t->id));
	if (td_map_insert_str(&sip->trunks_by_id, &t->by_id, t->id)) {
		td_free(t);
		return NULL;
	}
	td_list_append(&sip->trunks, &t->node);
	return t;
}

void td_sip_trunk_show_state(struct sip_trunk *t)
{
	enum td_ep_state state = TD_EP_REGISTERED;

	if (t->down || !td_addr_is_set(&t->addr))
		state = TD_EP_UNREGISTERED;
	else if (t->n_registered < t->n_registrations)
		state = t->n_rejected ? TD_EP_REJECTED : TD_EP_REGISTERING;
	td_endpoint_set_state(t->sip->core, t->ep, state, &t->addr, td_sip_transport_name(t->transport));
}

static enum sip_transport transport_of(const struct cfg_trunk *cfg)
{
	return cfg->transport == CFG_TRANSPORT_TLS ? SIP_TLS :
	       cfg->transport == CFG_TRANSPORT_TCP ? SIP_TCP : SIP_UDP;
}

/* When memory runs out, a trunk that is there stays as it was. */
int td_sip_trunk_set(struct td_sip *sip, const struct cfg_trunk *cfg)
{
	struct sip_trunk *t = td_sip_trunk_find(sip, cfg->id);
	struct cfg_prefix *source = td_calloc(cfg->n_source + 1, sizeof(*source));
	bool is_new = !t;
	struct td_endpoint *ep;

	if (!source)
		return -ENOMEM;
	if (is_new)
		t = trunk_new(sip, cfg->id);
	ep = t ? td_endpoint_set_trunk(sip->core, cfg, &td_sip_driver, sip) : NULL;
	if (!ep) {
		td_free(source);
		if (t && is_new)
			trunk_free(t);
		return -ENOMEM;
	}
	t->ep = ep;
	memcpy(source, cfg->source, cfg->n_source * sizeof(*source));
	td_free(t->source);
	t->source = source;
	t->n_source = cfg->n_source;
	if (!t->wants_any || cfg->transport != CFG_TRANSPORT_ANY)
		t->transport = transport_of(cfg);
	td_strlcpy(t->tls_name, cfg->tls_name[0] ? cfg->tls_name : cfg->host, sizeof(t->tls_name));
	td_sip_trunk_where_set(t, cfg);
	td_strlcpy(t->username, cfg->username, sizeof(t->username));
	td_strlcpy(t->password, cfg->password, sizeof(t->password));
	td_strlcpy(t->realm, cfg->realm, sizeof(t->realm));
	t->answer_ms = cfg->answer_timeout * 1000;
	t->max_cps = cfg->max_cps;
	t->identity = cfg->identity;
	t->privacy = cfg->privacy;
	t->mwi = cfg->mwi;
	td_sip_trunk_alive_set(t, cfg);
	td_sip_trunk_show_state(t);
	return 0;
}

void td_sip_trunk_remove(struct td_sip *sip, const char *id)
{
	struct sip_trunk *t = td_sip_trunk_find(sip, id);

	if (t)
		trunk_free(t);
}

/* ---- calls from it ---- */

/* How well the host fits: 0 = not at all, 129 = it is the trunk's host itself. */
static uint32_t fit(const struct sip_trunk *t, const struct td_addr *source)
{
	uint32_t best = 0;

	if (td_sip_trunk_is_at(t, source) || td_sip_registrar_is_at(t->sip, t->id, source))
		return 129;
	for (size_t i = 0; i < t->n_source; i++) {
		uint32_t len = t->source[i].len + (td_addr_is_v4(source) ? 96 : 0);

		if (td_addr_in_net(source, &t->source[i].addr, t->source[i].len) && len >= best)
			best = len ? len : 1;
	}
	return best;
}

struct td_endpoint *td_sip_trunk_at(const struct td_sip *sip, const struct td_addr *source)
{
	const struct sip_trunk *t, *found = NULL;
	uint32_t best = 0, f;

	td_list_for_each(t, &sip->trunks, const struct sip_trunk, node) {
		f = fit(t, source);
		/* two trunks to one host: the port it speaks from tells them apart, if any does */
		if (f > best || (f == best && f && t->addr.port == source->port)) {
			best = f;
			found = t;
		}
	}
	return found ? found->ep : NULL;
}

bool td_sip_trunk_may_call(struct td_sip *sip, const struct td_endpoint *ep)
{
	struct sip_trunk *t = td_sip_trunk_find(sip, ep->id);

	return !t || td_sip_trunk_take(t);
}

/* ---- calls to it ---- */

uint32_t td_sip_trunk_answer_ms(const struct td_sip *sip, const char *id)
{
	const struct sip_trunk *t = td_sip_trunk_find(sip, id);

	return t ? t->answer_ms : 0;
}

const char *td_sip_trunk_tls_name(const struct td_sip *sip, const struct td_addr *host)
{
	const struct sip_trunk *t;

	td_list_for_each(t, &sip->trunks, const struct sip_trunk, node)
		if (t->transport == SIP_TLS && (td_sip_trunk_is_at(t, host) ||
						td_sip_registrar_is_at(sip, t->id, host)))
			return t->tls_name;
	return NULL;
}

bool td_sip_trunk_target(struct td_sip *sip, const char *id, struct sip_target *target)
{
	struct sip_trunk *t = td_sip_trunk_find(sip, id);

	if (!t || t->down || !td_addr_is_set(&t->addr) || !td_sip_trunk_take(t))
		return false;
	memset(target, 0, sizeof(*target));
	target->peer = t->addr;
	target->transport = t->transport;
	return td_sip_local_towards(sip, &t->addr, &target->local);
}

/* "carrier.example", "[2001:db8::1]:5070" */
static void domain_of(const struct sip_trunk *t, char dst[SIP_URI_LEN])
{
	if (!t->named)
		td_addr_str(&t->addr, dst);
	else if (t->port)
		snprintf(dst, SIP_URI_LEN, "%s:%u", t->host, t->port);
	else
		td_strlcpy(dst, t->host, SIP_URI_LEN);
}

void td_sip_trunk_uri(struct td_sip *sip, const char *id, const char *user, char dst[SIP_URI_LEN])
{
	const struct sip_trunk *t = td_sip_trunk_find(sip, id);
	char domain[SIP_URI_LEN] = "invalid";

	if (t)
		domain_of(t, domain);
	if (snprintf(dst, SIP_URI_LEN, "sip:%s@%s%s", user, domain,
		     !t || t->transport == SIP_UDP ? "" :
		     t->transport == SIP_TLS ? ";transport=tls" : ";transport=tcp") >= SIP_URI_LEN)
		td_strlcpy(dst, "sip:too-long.invalid", SIP_URI_LEN);
}

const char *td_sip_trunk_domain(const struct td_sip *sip, const char *id)
{
	const struct sip_trunk *t = td_sip_trunk_find(sip, id);

	return t && t->named ? t->host : NULL;
}

bool td_sip_trunk_other(struct td_sip *sip, const char *id, uint32_t tried,
			const struct td_addr *failed, struct sip_target *target)
{
	struct sip_trunk *t = td_sip_trunk_find(sip, id);

	if (!t || t->down || !td_sip_trunk_turn(t, failed) || tried >= t->n_targets)
		return false;
	memset(target, 0, sizeof(*target));
	target->peer = t->addr;
	target->transport = t->transport;
	return td_sip_local_towards(sip, &t->addr, &target->local);
}

/* ---- its challenges ---- */

int td_sip_trunk_answer(const struct td_account *account, const char *trunk, struct td_challenge *c,
			const sip_t *s, const char *method, const char *uri,
			char dst[SIP_CREDENTIALS_LEN])
{
	bool proxy = s->sip_status->st_status == 407;
	const msg_auth_t *list = proxy ? s->sip_proxy_authenticate : s->sip_www_authenticate;
	char other[CFG_TEXT_LEN] = "", cnonce[17];
	uint8_t random[8];
	int err = -EACCES;

	if (account->password[0])
		err = td_challenge_read(c, list, proxy, account->realm, other);
	if (!err) {
		su_randmem(random, sizeof(random));
		td_hex(cnonce, random, sizeof(random));
		err = td_challenge_answer(c, account, method, uri, cnonce, dst);
	}
	if (err)
		td_log_limited(TD_LOG_SIP, TD_WARN, "trunk=%s asks for a password: %s%s", trunk,
			       err == -EACCES ? "it has none here" :
			       other[0] ? "not for our realm but for " :
			       "in a way that is not known here", other);
	return err;
}

/* RFC 3261 22.2, 22.3 */
char *td_sip_trunk_credentials(struct td_sip *sip, const char *id, const sip_t *s,
			       const char *method, const char *uri, bool again)
{
	const struct sip_trunk *t = td_sip_trunk_find(sip, id);
	char text[SIP_CREDENTIALS_LEN];
	struct td_challenge c;

	if (!t || td_sip_trunk_answer(&(struct td_account){ t->username, t->password, t->realm },
				      id, &c, s, method, uri, text) || (again && !c.stale))
		return NULL;
	return td_strdup(text);
}
