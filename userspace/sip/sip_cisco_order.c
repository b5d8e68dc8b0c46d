/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * REFER and NOTIFY to a phone outside all dialogs: out of its own registration, over the
 * connection that it came by. No To tag, and a Call-ID of their own: else phones take an
 * unsolicited NOTIFY for one of a subscription that they do not have, and answer 481.
 */
#include "userspace/sip/sip_cisco.h"

#include <errno.h>
#include <stdio.h>

#include <sofia-sip/su_tagarg.h>
#include <sofia-sip/su_uniqueid.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"

struct order {
	struct td_list node;		/* in sip_phone.orders */
	struct sip_phone *phone;
	nta_outgoing_t *orq;
	void (*done)(void *arg, struct sip_phone *phone, int status);
	void *arg;
};

static void drop(struct order *o)
{
	td_list_del(&o->node);
	nta_outgoing_destroy(o->orq);
	td_free(o);
}

/* The magic of nta's transactions is typed for calls, and only carried. */
static int on_answer(struct sip_leg *magic, nta_outgoing_t *orq, const sip_t *s)
{
	struct order *o = (struct order *)(void *)magic;
	int status = s && s->sip_status ? s->sip_status->st_status : nta_outgoing_status(orq);
	void (*done)(void *arg, struct sip_phone *phone, int status) = o->done;
	struct sip_phone *phone = o->phone;
	void *arg = o->arg;

	if (status < 200)
		return 0;
	drop(o);
	if (status >= 300)
		td_log_limited(TD_LOG_SIP, TD_INFO, "phone=%s refused what it was told: status=%d",
			       phone->id, status);
	if (done)
		done(arg, phone, status);
	return 0;
}

static int on_stray(struct sip_leg *unused, nta_leg_t *leg, nta_incoming_t *irq, const sip_t *s)
{
	(void)unused;
	(void)leg;
	(void)irq;
	(void)s;
	return 481;
}

static const char *uri_of(const struct sip_phone *phone, const struct sip_target *t, uint32_t line,
			  char dst[SIP_URI_LEN])
{
	if (line && line <= phone->n_numbers &&
	    td_sip_contact_of(phone, &t->peer, td_sip_phone_number(phone, line), dst))
		return dst;
	return t->uri;
}

static nta_outgoing_t *send_in(nta_leg_t *leg, struct order *o, const struct cisco_order *what,
			       const struct sip_target *t, const char *uri, const char *us)
{
	struct td_sip *sip = o->phone->sip;
	char route[TD_ADDR_STRLEN + 32], addr[TD_ADDR_STRLEN], contact[SIP_URI_LEN + 2];
	char refer_to[40], content_id[40], referred_by[SIP_URI_LEN + 20];
	sip_payload_t pl[1];
	uint32_t cid;

	su_randmem(&cid, sizeof(cid));
	snprintf(route, sizeof(route), "sip:%s;transport=%s", td_addr_str(&t->peer, addr),
		 td_sip_transport_name(t->transport));
	snprintf(contact, sizeof(contact), "<%s>", us);
	snprintf(refer_to, sizeof(refer_to), "Refer-To: cid:%08x", cid);
	snprintf(content_id, sizeof(content_id), "Content-Id: <%08x>", cid);
	snprintf(referred_by, sizeof(referred_by), "Referred-By: <%s>", us);
	sip_payload_init(pl);
	pl->pl_data = (char *)what->body;
	pl->pl_len = what->len;
	return nta_outgoing_tcreate(
		leg, on_answer, (struct sip_leg *)(void *)o, URL_STRING_MAKE(route),
		what->refer ? sip_method_refer : sip_method_notify,
		what->refer ? "REFER" : "NOTIFY", URL_STRING_MAKE(uri),
		NTATAG_TPORT(td_sip_tport(sip, &t->local, t->transport)), SIPTAG_CONTACT_STR(contact),
		TAG_IF(what->refer, SIPTAG_HEADER_STR(refer_to)),
		TAG_IF(what->refer, SIPTAG_HEADER_STR(content_id)),
		TAG_IF(what->refer, SIPTAG_HEADER_STR(referred_by)),
		TAG_IF(what->refer, SIPTAG_REQUIRE_STR("norefersub")),
		TAG_IF(!what->refer, SIPTAG_EVENT_STR(what->event)),
		TAG_IF(!what->refer, SIPTAG_SUBSCRIPTION_STATE_STR("active")),
		TAG_IF(sip->config->sip.user_agent[0],
		       SIPTAG_USER_AGENT_STR(sip->config->sip.user_agent)),
		TAG_IF(what->type, SIPTAG_MIME_VERSION_STR("1.0")),
		TAG_IF(what->type, SIPTAG_CONTENT_TYPE_STR(what->type)),
		TAG_IF(what->type, SIPTAG_PAYLOAD(pl)), TAG_END());
}

int td_cisco_send(struct sip_phone *phone, const struct cisco_order *what)
{
	char us[SIP_URI_LEN], from[SIP_URI_LEN + 2], to[SIP_URI_LEN + 2], own[SIP_URI_LEN];
	struct td_sip *sip = phone->sip;
	struct sip_target t;
	struct order *o;
	nta_leg_t *leg;
	const char *uri;

	if (sip->stopping || !td_sip_targets(phone, &t, 1))
		return -EHOSTUNREACH;
	o = td_zalloc(sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->phone = phone;
	o->done = what->done;
	o->arg = what->arg;
	uri = uri_of(phone, &t, what->line, own);
	td_sip_contact(sip, &t.local, t.transport, NULL, us);
	snprintf(from, sizeof(from), "<%s>", us);
	snprintf(to, sizeof(to), "<%s>", uri);
	leg = nta_leg_tcreate(sip->agent, on_stray, NULL, SIPTAG_FROM_STR(from), SIPTAG_TO_STR(to),
			      TAG_END());
	if (leg && nta_leg_tag(leg, NULL))
		o->orq = send_in(leg, o, what, &t, uri, us);
	if (leg)
		nta_leg_destroy(leg);
	if (!o->orq) {
		td_free(o);
		return -ENOMEM;
	}
	td_list_append(&phone->orders, &o->node);
	return 0;
}

void td_cisco_forget_orders(struct sip_phone *phone, const void *arg)
{
	struct order *o;

	td_list_for_each(o, &phone->orders, struct order, node)
		if (o->arg == arg)
			o->done = NULL;
}

void td_cisco_drop_orders(struct sip_phone *phone)
{
	struct order *o;

	while ((o = td_list_first(&phone->orders, struct order, node)))
		drop(o);
}
