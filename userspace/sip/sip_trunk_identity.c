/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who calls, between us and a trunk (RFC 3323, RFC 3325): the trunk's "identity" says whether
 * P-Asserted-Identity is told and believed, "privacy" that our callers are not named to the called
 * party. What anybody else asserts is never looked at.
 */
#include "userspace/sip/sip_leg.h"
#include "userspace/sip/sip_trunk.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

/* A header that sofia has no class for. */
static const char *unknown_header(const sip_t *s, const char *name)
{
	for (const sip_unknown_t *un = s->sip_unknown; un; un = un->un_next)
		if (un->un_name && !strcasecmp(un->un_name, name))
			return un->un_value;
	return NULL;
}

/* ---- calls to it ---- */

bool td_sip_trunk_hides(const struct td_sip *sip, const struct td_endpoint *ep)
{
	const struct sip_trunk *t = ep->kind == TD_EP_TRUNK ? td_sip_trunk_find(sip, ep->id) : NULL;

	return t && t->privacy;
}

char *td_sip_trunk_asserts(const struct td_sip *sip, const struct td_endpoint *ep,
			   const char *user, const char *host, bool hidden)
{
	const struct sip_trunk *t = ep->kind == TD_EP_TRUNK ? td_sip_trunk_find(sip, ep->id) : NULL;
	bool pai = t && t->identity && user[0];

	if (!t || (!pai && !hidden))
		return NULL;
	return td_asprintf("%s%s%s%s%s%s%s", pai ? "P-Asserted-Identity: <sip:" : "",
			   pai ? user : "", pai ? "@" : "", pai ? host : "", pai ? ">" : "",
			   pai && hidden ? "\r\n" : "", hidden ? "Privacy: id" : "");
}

/* ---- calls from it ---- */

/* The number of the first sip: or tel: identity. */
static bool asserted(const char *text, char dst[TD_NUMBER_LEN])
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	char first[SIP_URI_LEN];
	bool good = false;
	sip_from_t *a;

	td_strlcpy(first, text, sizeof(first));
	if (strchr(first, '>'))
		strchr(first, '>')[1] = '\0';
	a = sip_from_make(home, first);		/* name-addr, as in From */
	if (a && (a->a_url->url_type == url_sip || a->a_url->url_type == url_sips ||
		  a->a_url->url_type == url_tel))
		good = td_sip_dialled(a->a_url->url_user ? a->a_url->url_user :
				      a->a_url->url_host, dst) == 0;
	su_home_deinit(home);
	return good;
}

static bool wants_privacy(const sip_t *s)
{
	const msg_param_t *v = s->sip_privacy ? s->sip_privacy->priv_values : NULL;

	for (; v && *v; v++)
		if (!strcasecmp(*v, "id") || !strcasecmp(*v, "user"))
			return true;
	return false;
}

void td_sip_trunk_caller(const struct td_sip *sip, const struct td_endpoint *ep, const sip_t *s,
			 struct td_party *from)
{
	const struct sip_trunk *t = ep->kind == TD_EP_TRUNK ? td_sip_trunk_find(sip, ep->id) : NULL;
	const char *pai;
	char number[TD_NUMBER_LEN];

	if (!t || !t->identity)
		return;
	pai = unknown_header(s, "P-Asserted-Identity");
	if (pai && strlen(pai) < SIP_URI_LEN && asserted(pai, number))
		td_strlcpy(from->number, number, sizeof(from->number));
	/* RFC 3323 4.2: phones are beyond the domain that may know */
	if (wants_privacy(s)) {
		memset(from, 0, sizeof(*from));
		td_strlcpy(from->name, "Anonymous", sizeof(from->name));
	}
}
