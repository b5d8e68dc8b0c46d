// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * XMLDefault.cnf.xml: root "Default", for phones that have no file of their own: where the
 * routers are and which firmware each type runs. No secrets are ever in it.
 * XMLDefault<type>[-N].cnf.xml: root "device", one per type and language, as CME makes them when
 * files are per type.
 */
#include "userspace/prov/files_priv.h"

#include <stdio.h>
#include <string.h>

static void make_routers(struct td_maker *m, struct td_xml *x)
{
	char routers[2][64];
	size_t n = td_maker_routers(m, CFG_PROTO_SCCP, routers);

	td_xml_open(x, "callManagerGroup");
	td_xml_open(x, "members");
	for (size_t i = 0; i < n; i++) {
		td_xml_open(x, "member");
		td_xml_attr_u32(x, "priority", (uint32_t)i);
		td_xml_open(x, "callManager");
		td_xml_open(x, "ports");
		td_xml_u32(x, "ethernetPhonePort", m->cfg->sccp.port);
		td_xml_u32(x, "sipPort", m->cfg->sip.port);
		td_xml_close(x);
		td_xml_text(x, "processNodeName", routers[i]);
		td_xml_close(x);
		td_xml_close(x);
	}
	td_xml_close(x);
	td_xml_close(x);
}

/* A type's firmware: SCCP's, since only such phones come without a file of their own. */
static void make_loads(struct td_maker *m, struct td_xml *x)
{
	char name[40], model[CFG_TEXT_LEN + 16], load[CFG_TEXT_LEN];

	for (size_t i = 0; i < m->cfg->n_phonetypes; i++) {
		const struct cfg_phonetype *t = &m->cfg->phonetypes[i];

		td_maker_load(m->cfg, NULL, t, CFG_PROTO_SCCP, load);
		if (!t->device || !load[0])
			continue;
		snprintf(name, sizeof(name), "loadInformation%05u", t->device);
		snprintf(model, sizeof(model), "IP Phone %s", t->name);
		td_xml_open(x, name);
		td_xml_attr(x, "model", model);
		td_xml_string(x, load);
		td_xml_close(x);
	}
}

static void make_default(struct td_maker *m)
{
	const struct cfg_provision *p = &m->cfg->provision;
	char directory[CFG_URL_LEN];
	struct td_xml x;
	size_t len = 0;
	char *text;

	td_maker_directory_url(m, directory);
	td_xml_begin(&x);
	td_xml_open(&x, "Default");
	make_routers(m, &x);
	make_loads(m, &x);
	td_xml_text(&x, "authenticationURL", p->url_authentication);
	td_xml_text(&x, "directoryURL", directory);
	td_xml_text(&x, "idleURL", p->url_idle);
	td_xml_text(&x, "informationURL", p->url_information);
	td_xml_text(&x, "messagesURL", p->url_messages);
	td_xml_text(&x, "servicesURL", p->url_services);
	text = td_xml_end(&x, &len);
	td_maker_add(m, "XMLDefault.cnf.xml", text, len, NULL, "text/xml");
}

void td_maker_type_file(const struct td_config *cfg, const char *type,
			const struct cfg_locale *user, char dst[TD_NAME_MAX])
{
	size_t n = user ? (size_t)(user - cfg->locales) : 0;

	if (n)
		snprintf(dst, TD_NAME_MAX, "XMLDefault%s-%zu.cnf.xml", type, n);
	else
		snprintf(dst, TD_NAME_MAX, "XMLDefault%s.cnf.xml", type);
}

static void make_type(struct td_maker *m, const struct cfg_phonetype *type, size_t locale)
{
	const struct td_config *cfg = m->cfg;
	const struct cfg_locale *l = cfg->n_locales ? &cfg->locales[locale] : NULL;
	struct td_device d = {
		.type = type, .protocol = CFG_PROTO_SCCP, .user = l,
		/* the tones are the type's, the language is the file's */
		.network = type->network_locale[0] ?
			   td_config_locale(cfg, type->network_locale) : l,
	};
	char name[TD_NAME_MAX];
	size_t len = 0;
	char *text;

	td_maker_type_file(cfg, type->name, l, name);
	text = td_make_device(m, &d, &len);
	td_maker_add(m, name, text, len, NULL, "text/xml");
}

/* Types that some phone has, or that the operator wrote a section for. */
static bool is_used(const struct td_config *cfg, const struct cfg_phonetype *type)
{
	if (type->line)
		return true;
	for (size_t i = 0; i < cfg->n_phones; i++)
		if (cfg->phones[i].protocol == CFG_PROTO_SCCP &&
		    !strcmp(cfg->phones[i].type, type->name))
			return true;
	return false;
}

void td_make_defaults(struct td_maker *m)
{
	const struct td_config *cfg = m->cfg;
	size_t languages = cfg->n_locales ? cfg->n_locales : 1;

	make_default(m);
	if (cfg->provision.scope != CFG_SCOPE_TYPE)
		return;
	for (size_t i = 0; i < cfg->n_phonetypes; i++) {
		if (!cfg->phonetypes[i].sccp || !is_used(cfg, &cfg->phonetypes[i]))
			continue;
		for (size_t k = 0; k < languages; k++)
			make_type(m, &cfg->phonetypes[i], k);
	}
}
