/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model's router-wide parts, its interfaces and its directory numbers, and the rules
 * that join options of one section. See build.h; phones are built in build_phones.c.
 */
#include "config/build.h"

#include <errno.h>
#include <string.h>

#include "config/config.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

/* ---- sections by type ---- */

static void check_sections(struct build *b)
{
	const struct uci_section *s, *first[TD_SCHEMA_MAX] = { NULL };
	char cited[FAULT_CITE_LEN + 8];

	td_list_for_each(s, &b->file->sections, struct uci_section, node) {
		const struct schema_section *schema = td_schema_find(s->type);
		size_t i = schema ? td_schema_place(schema) : 0;

		if (!schema)
			td_fault_add(b->faults, s->pos, "config",
				     td_str_nearest(s->type, td_schema_types),
				     "unknown section type %s", td_fault_cite(cited, s->type));
		else if (schema->needs_name && !*s->name)
			td_fault_add(b->faults, s->pos, s->type, NULL,
				     "it needs a name: %s", schema->form);
		else if (strlen(s->name) >= CFG_ID_LEN)
			td_fault_add(b->faults, s->name_pos, s->type, NULL,
				     "the name %s is longer than %d characters",
				     td_fault_cite(cited, s->name), CFG_ID_LEN - 1);
		else if (schema->single && first[i])
			td_fault_add(b->faults, s->pos, s->type, NULL,
				     "there can be only one section %s, and one stands at line %u",
				     s->type, first[i]->pos.line);
		else
			first[i] = s;
	}
}

/* The only section of its type, or NULL. */
static const struct uci_section *single(const struct build *b, const char *type)
{
	const struct uci_section *s;

	td_list_for_each(s, &b->file->sections, struct uci_section, node)
		if (!strcmp(s->type, type))
			return s;
	return NULL;
}

static void read_single(struct build *b, const char *type, void *obj, struct section *s)
{
	s->uci = single(b, type);
	s->schema = td_schema_find(type);
	s->set = 0;
	if (s->uci)
		td_section_read(s, obj, b->faults);
}

/* ---- rules within a section ---- */

/* A fault of two options that do not fit: told at the first that stands in the file. */
static void fault_pair(struct build *b, const struct section *s, const char *option,
		       const char *other, const char *reason)
{
	const struct uci_option *o = td_uci_option(s->uci, option);

	if (!o)
		o = td_uci_option(s->uci, other);
	td_section_fault(b->faults, s->uci, o, o ? td_uci_value(o, 0)->pos : SECTION_HERE, NULL,
			 "%s", reason);
}

static void check_rtp_ports(struct build *b)
{
	const struct cfg_global *g = &b->cfg->global;
	char reason[160];

	/* an even port and the next one: see td_pairs_set_range() in media_ports.c */
	if ((g->rtp_port_min + 1) / 2 <= (g->rtp_port_max - 1) / 2)
		return;
	snprintf(reason, sizeof(reason),
		 "no pair of ports lies in %u..%u: an even one and the next", g->rtp_port_min,
		 g->rtp_port_max);
	fault_pair(b, &b->global, "rtp_port_max", "rtp_port_min", reason);
}

static void check_port(struct build *b)
{
	const struct cfg_global *g = &b->cfg->global;
	const struct cfg_sip *sip = &b->cfg->sip;
	char reason[160];

	if (!sip->udp || sip->port < g->rtp_port_min || sip->port > g->rtp_port_max)
		return;
	snprintf(reason, sizeof(reason), "SIP's port %u lies in the media's range %u..%u",
		 sip->port, g->rtp_port_min, g->rtp_port_max);
	if (td_section_has(&b->sip, "port"))
		fault_pair(b, &b->sip, "port", "port", reason);
	else
		fault_pair(b, &b->global, "rtp_port_min", "rtp_port_max", reason);
}

static void check_expires(struct build *b)
{
	struct cfg_sip *sip = &b->cfg->sip;
	uint32_t min = sip->register_expires_min, max = sip->register_expires_max;
	char reason[160];

	if (min > max) {
		snprintf(reason, sizeof(reason),
			 "register_expires_min %u is more than register_expires_max %u", min, max);
		fault_pair(b, &b->sip, "register_expires_min", "register_expires_max", reason);
	} else if (!td_section_has(&b->sip, "register_expires")) {
		sip->register_expires = sip->register_expires > max ? max :
					sip->register_expires < min ? min : sip->register_expires;
	} else if (sip->register_expires < min || sip->register_expires > max) {
		snprintf(reason, sizeof(reason),
			 "'%u' is not within register_expires_min %u and _max %u",
			 sip->register_expires, min, max);
		fault_pair(b, &b->sip, "register_expires", "register_expires_max", reason);
	}
}

const char *td_build_transport_off(const struct cfg_sip *sip, uint32_t transport)
{
	switch (transport) {
	case CFG_TRANSPORT_UDP: return sip->udp ? NULL : "udp";
	case CFG_TRANSPORT_TCP: return sip->tcp ? NULL : "tcp";
	case CFG_TRANSPORT_TLS: return sip->tls ? NULL : "tls";
	default: return NULL;
	}
}

static void check_sip(struct build *b)
{
	const struct cfg_sip *sip = &b->cfg->sip;
	char reason[160];

	check_port(b);
	check_expires(b);
	if (sip->session_expires && sip->session_expires < sip->min_se) {
		snprintf(reason, sizeof(reason), "session_expires %u is less than min_se %u",
			 sip->session_expires, sip->min_se);
		fault_pair(b, &b->sip, "session_expires", "min_se", reason);
	}
	if (!sip->udp && !sip->tcp && !sip->tls)
		fault_pair(b, &b->sip, "tcp", "udp",
			   "udp, tcp and tls are all off: no phone could register");
	if (sip->tls && !sip->tls_certificate[0])
		fault_pair(b, &b->sip, "tls", "tls_certificate", "tls needs a tls_certificate");
	if (sip->tls && sip->tcp && sip->tls_port == sip->port)
		fault_pair(b, &b->sip, "tls_port", "port", "tls_port is the port of SIP over TCP");
}

/* The last one has as many digits as the first. */
static void check_auto(struct build *b, const struct cfg_sccp *sccp)
{
	size_t len = strlen(sccp->auto_number);
	uint64_t first, most = 1;

	if (!len)
		return;
	if (strspn(sccp->auto_number, "0123456789") != len || len > 15 ||
	    td_parse_u64(td_str_of(sccp->auto_number), &first)) {
		fault_pair(b, &b->sccp, "auto_number", "auto_numbers",
			   "auto_number must be 1 to 15 digits");
		return;
	}
	while (len--)
		most *= 10;
	if (first + sccp->auto_numbers > most)
		fault_pair(b, &b->sccp, "auto_numbers", "auto_number",
			   "the last of them has more digits than auto_number");
}

/* Source addresses: one a family, and of a family that the mode has. */
static void check_sccp(struct build *b)
{
	const struct cfg_sccp *sccp = &b->cfg->sccp;
	size_t n[2] = { 0 };

	for (size_t i = 0; i < sccp->n_source; i++) {
		uint32_t family = td_addr_is_v4(&sccp->source[i]) ? CFG_IPV4 : CFG_IPV6;

		if (sccp->protocol_mode != CFG_DUAL && sccp->protocol_mode != family)
			fault_pair(b, &b->sccp, "source_address", "protocol_mode",
				   family == CFG_IPV4 ?
				   "an IPv4 address needs protocol_mode 'ipv4' or 'dual'" :
				   "an IPv6 address needs protocol_mode 'ipv6' or 'dual'");
		if (++n[family] == 2)
			fault_pair(b, &b->sccp, "source_address", "protocol_mode",
				   "only one address of each family");
	}
	if (sccp->strict_match && !sccp->n_source)
		fault_pair(b, &b->sccp, "strict_match", "source_address",
			   "strict_match needs a source_address");
	check_auto(b, sccp);
	if (sccp->security_mode != CFG_SECURITY_NONE && !sccp->certificate[0])
		fault_pair(b, &b->sccp, "security_mode", "certificate",
			   "TLS needs a certificate");
	if (sccp->security_mode != CFG_SECURITY_NONE && !sccp->private_key[0])
		fault_pair(b, &b->sccp, "security_mode", "private_key",
			   "TLS needs the certificate's private_key");
	if (sccp->security_mode == CFG_SECURITY_MIXED && sccp->tls_port == sccp->port)
		fault_pair(b, &b->sccp, "tls_port", "port", "tls_port and port are the same");
}

/* CME's number of a zone stands for its name. */
static void use_iana(char timezone[CFG_TEXT_LEN])
{
	const struct cfg_zone *zone = td_config_zone(timezone);

	if (zone && *timezone >= '0' && *timezone <= '9') {
		memset(timezone, 0, CFG_TEXT_LEN);
		td_strlcpy(timezone, zone->iana, CFG_TEXT_LEN);
	}
}

void td_build_derive(struct td_config *cfg)
{
	struct cfg_sip *sip = &cfg->sip;

	for (size_t i = 0; i < sip->n_listen; i++)
		sip->listen[i].port = (uint16_t)sip->port;
	use_iana(cfg->global.timezone);
	use_iana(sip->timezone);
	if (!sip->realm[0])
		td_strlcpy(sip->realm, cfg->global.hostname, sizeof(sip->realm));
}

/* ---- interfaces ---- */

static void make_interfaces(struct build *b)
{
	const struct cfg_global *g = &b->cfg->global;
	struct cfg_interface *v = td_calloc(g->n_interface + 1, sizeof(*v));

	if (!v) {
		b->faults->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < g->n_interface; i++) {
		td_strlcpy(v[i].id, g->interface[i], sizeof(v[i].id));
		v[i].xdp = CFG_XDP_AUTO;
	}
	b->cfg->interfaces = v;
	b->cfg->n_interfaces = g->n_interface;
}

static struct cfg_interface *find_interface(const struct build *b, const char *device)
{
	for (size_t i = 0; i < b->cfg->n_interfaces; i++)
		if (!strcmp(b->cfg->interfaces[i].id, device))
			return &b->cfg->interfaces[i];
	return NULL;
}

static void fault_not_listed(struct build *b, const struct uci_section *s,
			     const struct uci_option *o, const char *device)
{
	const char *words[CFG_MAX_IFACES + 1] = { NULL };
	char cited[FAULT_CITE_LEN + 8];

	for (size_t i = 0; i < b->cfg->n_interfaces; i++)
		words[i] = b->cfg->interfaces[i].id;
	td_section_fault(b->faults, s, o, o ? td_uci_value(o, 0)->pos : SECTION_HERE,
			 td_str_nearest(device, words),
			 "%s is not in the list interface of section global",
			 td_fault_cite(cited, device));
}

/* "config interface" says what is special about a device of the list. */
static void merge_interface(struct build *b, const struct uci_section *uci,
			    const struct uci_section **seen)
{
	struct section s = { .uci = uci, .schema = td_schema_find("interface") };
	const struct uci_option *o = td_uci_option(uci, "device");
	struct cfg_interface_draft d;
	struct cfg_interface *ifc;
	size_t i;

	td_schema_defaults(s.schema, &d);
	td_section_read(&s, &d, b->faults);
	if (o && !d.device[0])
		return;			/* it was faulty */
	if (!d.device[0])
		td_strlcpy(d.device, uci->name, sizeof(d.device));
	if (!d.device[0]) {
		td_section_fault(b->faults, uci, NULL, SECTION_HERE, NULL,
				 "it needs a name or option device");
		return;
	}
	ifc = find_interface(b, d.device);
	if (!ifc) {
		fault_not_listed(b, uci, o, d.device);
		return;
	}
	i = (size_t)(ifc - b->cfg->interfaces);
	if (seen[i])
		td_section_fault(b->faults, uci, o,
				 o ? td_uci_value(o, 0)->pos : SECTION_HERE, NULL,
				 "'%s' has a section already (line %u)", d.device,
				 seen[i]->pos.line);
	seen[i] = uci;
	ifc->xdp = d.interface.xdp;
	ifc->checksum = d.interface.checksum;
	ifc->dscp_trust = d.interface.dscp_trust;
}

static void read_interfaces(struct build *b)
{
	const struct uci_section *seen[CFG_MAX_IFACES] = { NULL }, *s;

	make_interfaces(b);
	td_list_for_each(s, &b->file->sections, struct uci_section, node)
		if (!b->faults->err && !strcmp(s->type, "interface"))
			merge_interface(b, s, seen);
}

/* ---- directory numbers ---- */

int td_build_dn(struct build *b, const struct cfg_dn *dn)
{
	struct td_config *cfg = b->cfg;
	struct cfg_dn *v = td_one_more(cfg->dns, cfg->n_dns, sizeof(*v));

	if (!v) {
		b->faults->err = -ENOMEM;
		return -ENOMEM;
	}
	cfg->dns = v;
	v[cfg->n_dns] = *dn;
	return (int)cfg->n_dns++;
}

static bool is_all_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

static void read_dn(struct build *b, const struct uci_section *uci)
{
	struct section s = { .uci = uci, .schema = td_schema_find("dn") };
	const struct uci_option *o = td_uci_option(uci, "number");
	const struct index_entry *other;
	char label[SECTION_LABEL_LEN];
	struct cfg_dn dn;
	int i;

	td_schema_defaults(s.schema, &dn);
	td_section_read(&s, &dn, b->faults);
	td_strlcpy(dn.id, uci->name, sizeof(dn.id));
	dn.line = uci->pos.line;
	i = td_build_dn(b, &dn);
	if (i < 0)
		return;
	td_index_add(&b->dn_by_name, uci->name, strlen(uci->name), uci, (uint32_t)i,
		     &b->faults->err);
	td_build_check_name(b, uci, td_uci_option(uci, "cor_outgoing"), &b->corlist_by_name,
			    "corlist", dn.cor_outgoing);
	if (!o && !s.has_unknown)
		td_section_fault(b->faults, uci, NULL, SECTION_HERE, NULL,
				 "it has no number: option number 'DIGITS'");
	if (!dn.number[0])
		return;
	if (is_all_digits(dn.id) && strcmp(dn.id, dn.number))
		td_section_fault(b->faults, uci, o, td_uci_value(o, 0)->pos, dn.id,
				 "'%s' in a dn that is named like another number", dn.number);
	other = td_index_add(&b->dn_by_number, td_uci_value(o, 0)->text, strlen(dn.number), uci,
			     (uint32_t)i, &b->faults->err);
	if (other)
		td_section_fault(b->faults, uci, o, td_uci_value(o, 0)->pos, NULL,
				 "'%s' is the number of %s already (line %u)", dn.number,
				 td_section_label(other->owner, label), other->owner->pos.line);
}

static void read_dns(struct build *b)
{
	const struct uci_section *s;

	td_list_for_each(s, &b->file->sections, struct uci_section, node)
		if (!b->faults->err && !strcmp(s->type, "dn") && *s->name)
			read_dn(b, s);
}

size_t td_build_count(const struct build *b, const char *type)
{
	const struct uci_section *s;
	size_t n = 0;

	td_list_for_each(s, &b->file->sections, struct uci_section, node)
		n += !strcmp(s->type, type) && *s->name;
	return n;
}

/* ---- the whole ---- */

static void for_each_index(struct build *b, void (*fn)(struct index *ix))
{
	fn(&b->template_by_name);
	fn(&b->dn_by_name);
	fn(&b->dn_by_number);
	fn(&b->phone_by_username);
	fn(&b->phone_by_mac);
	fn(&b->phone_by_tag);
	fn(&b->phone_by_address);
	fn(&b->corlist_by_name);
	fn(&b->cor_members);
	fn(&b->translation_by_name);
	fn(&b->profile_by_name);
	fn(&b->trunk_by_name);
	fn(&b->trunk_by_source);
	fn(&b->peer_by_tag);
	fn(&b->mediaclass_by_name);
	fn(&b->voiceport_by_name);
	fn(&b->voiceport_by_port);
	fn(&b->locale_by_name);
	fn(&b->vpn_by_name);
}

/* A name without a password would let in who knows the name. */
static void check_management(struct build *b)
{
	const struct cfg_management *m = &b->cfg->management;
	const struct {
		const char *option, *name, *password;
	} pairs[] = {
		{ "web_admin_name", m->web_admin_name, m->web_admin_password },
		{ "web_admin_customer_name", m->web_admin_customer_name,
		  m->web_admin_customer_password },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct uci_option *o = b->management.uci ?
			td_uci_option(b->management.uci, pairs[i].option) : NULL;

		if (o && pairs[i].name[0] && !pairs[i].password[0])
			td_section_fault(b->faults, b->management.uci, o, td_uci_value(o, 0)->pos,
					 NULL, "'%s' needs a password", pairs[i].name);
	}
}

void td_build(struct td_config *cfg, const struct uci_file *file, struct fault_list *faults)
{
	struct build b = { .file = file, .cfg = cfg, .faults = faults };

	for_each_index(&b, td_index_init);
	check_sections(&b);
	read_single(&b, "global", &cfg->global, &b.global);
	read_single(&b, "sip", &cfg->sip, &b.sip);
	read_single(&b, "sccp", &cfg->sccp, &b.sccp);
	read_single(&b, "moh", &cfg->moh, &b.moh);
	read_single(&b, "fac", &cfg->fac, &b.fac);
	read_single(&b, "afterhours", &cfg->afterhours, &b.afterhours);
	read_single(&b, "nightservice", &cfg->nightservice, &b.nightservice);
	read_single(&b, "provision", &cfg->provision, &b.provision);
	read_single(&b, "cluster", &cfg->cluster, &b.cluster);
	read_single(&b, "dst", &cfg->dst, &b.dst);
	read_single(&b, "management", &cfg->management, &b.management);
	check_management(&b);
	check_rtp_ports(&b);
	check_sip(&b);
	check_sccp(&b);
	td_build_derive(cfg);
	read_interfaces(&b);
	td_build_restrictions(&b);
	read_dns(&b);
	if (!faults->err)
		td_build_provision(&b);
	if (!faults->err)
		td_build_phones(&b);
	if (!faults->err)
		td_build_dialplan(&b);
	td_free(b.templates);
	td_free(b.source_keys);
	for_each_index(&b, td_index_fini);
}
