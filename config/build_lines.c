/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all phones together make of the directory numbers: which may not be shared, how many SCCP
 * phones may have, and what theirs have that do not say. See build.h.
 */
#include "config/build.h"

#include <errno.h>

#include "userspace/base/mem.h"

/* Where a dn is. */
struct place {
	uint32_t n_lines;		/* buttons that it is on */
	bool sccp;			/* one of them of an SCCP phone */
};

/* Its own section; NULL: a phone has its number as such. */
static const struct uci_section *section_of(const struct build *b, const struct cfg_dn *dn)
{
	const struct index_entry *e = td_index_find(&b->dn_by_name, dn->id);

	return e ? e->owner : NULL;
}

/* Cisco: intercom lines cannot be shared. */
static void check_intercom(struct build *b, const struct cfg_dn *dn, const struct place *p)
{
	const struct uci_section *s = section_of(b, dn);
	const struct uci_option *o = s ? td_uci_option(s, "intercom_number") : NULL;

	if (o && dn->intercom_number[0] && p->n_lines > 1)
		td_section_fault(b->faults, s, o, td_uci_value(o, 0)->pos, NULL,
				 "an intercom has one button, and '%s' is on %u", dn->id, p->n_lines);
}

static void take_defaults(struct build *b, struct cfg_dn *dn)
{
	const struct uci_section *s = section_of(b, dn);

	if (!s || !td_uci_option(s, "preference"))
		dn->preference = b->cfg->sccp.preference;
	if (!s || !td_uci_option(s, "no_register"))
		dn->no_register = b->cfg->sccp.no_register;
}

static void check_max_dn(struct build *b, uint32_t n)
{
	const struct uci_option *o = b->sccp.uci ? td_uci_option(b->sccp.uci, "max_dn") : NULL;

	if (o && b->cfg->sccp.max_dn && n > b->cfg->sccp.max_dn)
		td_section_fault(b->faults, b->sccp.uci, o, td_uci_value(o, 0)->pos, NULL,
				 "SCCP phones have %u numbers, and that is more", n);
}

static struct place *find_places(const struct td_config *cfg)
{
	struct place *places = td_calloc(cfg->n_dns + 1, sizeof(*places));

	for (size_t i = 0; places && i < cfg->n_phones; i++) {
		const struct cfg_phone *p = &cfg->phones[i];

		for (size_t k = 0; k < p->n_lines; k++) {
			places[p->lines[k].dn].n_lines++;
			places[p->lines[k].dn].sccp |= p->protocol == CFG_PROTO_SCCP;
		}
	}
	return places;
}

void td_build_lines(struct build *b)
{
	struct place *places = find_places(b->cfg);
	uint32_t n = 0;

	if (!places) {
		b->faults->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < b->cfg->n_dns; i++) {
		check_intercom(b, &b->cfg->dns[i], &places[i]);
		if (!places[i].sccp)
			continue;
		take_defaults(b, &b->cfg->dns[i]);
		n++;
	}
	check_max_dn(b, n);
	td_free(places);
}
