/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sip_cluster.h. */
#include "userspace/sip/sip_cluster.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sofia-sip/su_tagarg.h>

#include "userspace/base/log.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_clock.h"

#define HEADER	  "X-Tandem-Config"
#define PROBE_S	  30
#define ANSWER_S  5
#define SOON_MS	  2000			/* two who answer questions with questions */

static void probe(void *arg);

/* ---- who we are ---- */

static bool is_ours(const struct td_sip *sip, const struct td_addr *addr)
{
	for (size_t i = 0; td_addr_is_set(addr) && i < sip->n_listeners; i++)
		if (td_addr_same_ip(&sip->listeners[i].addr, addr))
			return true;
	return false;
}

enum sip_role td_sip_role(const struct td_sip *sip)
{
	const struct cfg_cluster *c = &sip->config->cluster;

	if (!td_addr_is_set(&c->secondary))
		return SIP_ROLE_ALONE;
	return is_ours(sip, &c->secondary) ? SIP_ROLE_SECONDARY : SIP_ROLE_PRIMARY;
}

/* ---- leave to return ---- */

/* One each 1/rate s, and a second's worth at once. Who has to wait is told a time of his own, so
 * that those who wait do not come together either. */
int td_sip_cluster_token(struct td_sip *sip)
{
	const struct cfg_sip *cfg = &sip->config->sip;
	struct sip_cluster *c = &sip->cluster;
	uint64_t now = td_loop_now_ms(sip->loop), wait;
	uint32_t step = cfg->token_rate ? 1000 / cfg->token_rate : 0;

	if (td_sip_role(sip) == SIP_ROLE_SECONDARY)
		return -1;
	if (c->free_ms < now)
		c->free_ms = now;
	if (cfg->token_accept && c->free_ms <= now + 1000) {
		c->free_ms += step;
		c->n_accepted++;
		return 0;
	}
	if (c->promised_ms < c->free_ms)
		c->promised_ms = c->free_ms;
	c->promised_ms += step;
	c->n_put_off++;
	wait = (c->promised_ms - now + 999) / 1000;
	if (wait < cfg->token_retry_after)
		wait = cfg->token_retry_after;
	return wait < 1 ? 1 : wait > 3600 ? 3600 : (int)wait;
}

/* ---- the other router ---- */

static void our_stamp(const struct td_sip *sip, char dst[17])
{
	snprintf(dst, 17, "%016" PRIx64, sip->config->stamp);
}

const char *td_sip_cluster_stamp(struct td_sip *sip, const struct td_addr *source, char dst[48])
{
	char stamp[17];

	if (!td_addr_is_set(&sip->cluster.other) || !td_addr_same_ip(&sip->cluster.other, source))
		return NULL;
	our_stamp(sip, stamp);
	snprintf(dst, 48, HEADER ": %s", stamp);
	return dst;
}

/* It is there, perhaps with another configuration: ask it, too, and wait for its own answer. */
void td_sip_cluster_asked(struct td_sip *sip, const struct td_addr *source)
{
	struct sip_cluster *c = &sip->cluster;

	if (!td_addr_is_set(&c->other) || !td_addr_same_ip(&c->other, source) || c->orq ||
	    td_loop_now_ms(sip->loop) < c->asked_ms + SOON_MS)
		return;
	td_loop_timer_start(sip->loop, &c->timer, 0, probe, sip);
}

static bool is_stamp(const char *s)
{
	return strlen(s) == 16 && strspn(s, "0123456789abcdef") == 16;
}

static void read_stamp(struct sip_cluster *c, const sip_t *s)
{
	const sip_unknown_t *u;

	c->stamp[0] = '\0';
	for (u = s->sip_unknown; u; u = u->un_next)
		if (su_casematch(u->un_name, HEADER) && is_stamp(u->un_value))
			td_strlcpy(c->stamp, u->un_value, sizeof(c->stamp));
}

static void note(struct td_sip *sip, const sip_t *s)
{
	struct sip_cluster *c = &sip->cluster;
	bool was = c->heard, differed = c->differs;
	char text[TD_ADDR_STRLEN], ours[17];

	c->heard = s != NULL;
	if (s) {
		read_stamp(c, s);
		c->heard_ms = td_sip_clock_wall_ms();
	}
	our_stamp(sip, ours);
	c->differs = c->stamp[0] && strcmp(c->stamp, ours) != 0;
	if (was != c->heard)
		td_log(TD_LOG_SIP, c->heard ? TD_INFO : TD_WARN, "other router %s is %s",
		       td_addr_ip(&c->other, text), c->heard ? "there" : "not there");
	if (c->heard && c->differs && !differed)
		td_log_warn(TD_LOG_SIP, "other router %s has another configuration (%s, not %s): phones "
			    "that change over will start again", td_addr_ip(&c->other, text), c->stamp,
			    ours);
}

static void drop(struct sip_cluster *c)
{
	if (c->orq)
		nta_outgoing_destroy(c->orq);
	c->orq = NULL;
}

static int on_answer(struct sip_leg *magic, nta_outgoing_t *orq, const sip_t *s)
{
	struct td_sip *sip = (struct td_sip *)(void *)magic;
	int status = s && s->sip_status ? s->sip_status->st_status : nta_outgoing_status(orq);

	if (orq != sip->cluster.orq || status < 200)
		return 0;
	sip->cluster.orq = NULL;
	note(sip, status == 503 || status == 408 ? NULL : s);	/* these two nta says itself, too */
	nta_outgoing_destroy(orq);	/* s was its */
	td_loop_timer_start(sip->loop, &sip->cluster.timer, PROBE_S * 1000, probe, sip);
	return 0;
}

static void on_silence(void *arg)
{
	struct td_sip *sip = arg;

	drop(&sip->cluster);
	note(sip, NULL);
	td_loop_timer_start(sip->loop, &sip->cluster.timer, PROBE_S * 1000, probe, sip);
}

static int on_stray(struct sip_leg *unused, nta_leg_t *leg, nta_incoming_t *irq, const sip_t *s)
{
	(void)unused;
	(void)leg;
	(void)irq;
	(void)s;
	return 481;
}

static nta_outgoing_t *send_options(struct td_sip *sip)
{
	struct sip_cluster *c = &sip->cluster;
	char us[SIP_URI_LEN], from[SIP_URI_LEN + 2], to[TD_ADDR_STRLEN + 32], line[TD_ADDR_STRLEN + 34];
	char text[TD_ADDR_STRLEN], stamp[48];
	struct td_addr local;

	if (!td_sip_local_towards(sip, &c->other, &local) || !sip->config->sip.udp)
		return NULL;
	td_sip_contact(sip, &local, false, NULL, us);
	snprintf(from, sizeof(from), "<%s>", us);
	snprintf(to, sizeof(to), "sip:%s;transport=udp", td_addr_str(&c->other, text));
	snprintf(line, sizeof(line), "<%s>", to);
	if (!c->leg)
		c->leg = nta_leg_tcreate(sip->agent, on_stray, NULL, SIPTAG_FROM_STR(from),
					 SIPTAG_TO_STR(line), TAG_END());
	if (!c->leg || !nta_leg_tag(c->leg, NULL))
		return NULL;
	return nta_outgoing_tcreate(c->leg, on_answer, (struct sip_leg *)(void *)sip,
				    URL_STRING_MAKE(to), SIP_METHOD_OPTIONS, URL_STRING_MAKE(to),
				    NTATAG_TPORT(td_sip_tport(sip, &local, false)),
				    SIPTAG_CONTACT_STR(from),
				    SIPTAG_HEADER_STR(td_sip_cluster_stamp(sip, &c->other, stamp)),
				    TAG_END());
}

static void probe(void *arg)
{
	struct td_sip *sip = arg;

	sip->cluster.asked_ms = td_loop_now_ms(sip->loop);
	sip->cluster.orq = send_options(sip);
	td_loop_timer_start(sip->loop, &sip->cluster.timer, ANSWER_S * 1000, on_silence, sip);
}

/* ---- life ---- */

void td_sip_cluster_stop(struct td_sip *sip)
{
	struct sip_cluster *c = &sip->cluster;

	td_loop_timer_stop(sip->loop, &c->timer);
	drop(c);
	if (c->leg)
		nta_leg_destroy(c->leg);
	c->leg = NULL;
}

void td_sip_cluster_configure(struct td_sip *sip)
{
	const struct cfg_cluster *cfg = &sip->config->cluster;
	struct sip_cluster *c = &sip->cluster;
	struct td_addr other = { 0 };

	if (td_sip_role(sip) == SIP_ROLE_SECONDARY)
		other = cfg->primary;
	else if (td_sip_role(sip) == SIP_ROLE_PRIMARY)
		other = cfg->secondary;
	if (td_addr_is_set(&other))
		other.port = (uint16_t)sip->config->sip.port;
	td_sip_cluster_stop(sip);
	if (!td_addr_equal(&c->other, &other))
		c->heard = c->differs = false;
	c->other = other;
	if (td_addr_is_set(&other))
		probe(sip);
}

void td_sip_show_cluster(struct td_sip *sip, struct td_json *j)
{
	static const char *const roles[] = { "alone", "primary", "secondary" };
	const struct sip_cluster *c = &sip->cluster;
	const struct td_config *cfg = sip->config;
	char text[TD_ADDR_STRLEN], stamp[17];

	our_stamp(sip, stamp);
	td_json_str(j, "role", roles[td_sip_role(sip)]);
	td_json_str(j, "primary", td_addr_is_set(&cfg->cluster.primary) ?
				  td_addr_ip(&cfg->cluster.primary, text) : NULL);
	td_json_str(j, "secondary", td_addr_is_set(&cfg->cluster.secondary) ?
				    td_addr_ip(&cfg->cluster.secondary, text) : NULL);
	td_json_str(j, "config_version", stamp);
	td_json_str(j, "other", !td_addr_is_set(&c->other) ? NULL : c->heard ? "there" : "not there");
	td_json_str(j, "other_config_version", c->stamp[0] ? c->stamp : NULL);
	if (c->stamp[0])
		td_json_bool(j, "configurations_agree", !c->differs);
	else
		td_json_null(j, "configurations_agree");
	if (c->heard_ms)
		td_json_u64(j, "heard_ms", c->heard_ms);
	else
		td_json_null(j, "heard_ms");
	td_json_u64(j, "sip_keepalive_s", cfg->sip.keepalive);
	td_json_u64(j, "sccp_keepalive_s", cfg->sccp.keepalive);
	td_json_u64(j, "probes", sip->n.register_probes);
	td_json_u64(j, "returns_accepted", c->n_accepted);
	td_json_u64(j, "returns_put_off", c->n_put_off);
}
