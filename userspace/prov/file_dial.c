// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dial templates of SIP phones: when what was dialled is complete, so that nobody waits who
 * dials a number of the house, and somebody who dials outside has time.
 */
#include "userspace/prov/files_priv.h"

#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define DIGITS "0123456789"

/* What begins with a digit: one length of numbers, several (0), or none (-1). */
struct plan {
	int length[10];
	bool outside[10];		/* a dial peer may begin with it too */
};

static void note(struct plan *plan, const char *number)
{
	int len = (int)strlen(number), *known;

	if (number[strspn(number, DIGITS)] || !len)
		return;			/* it has a * or +: by the last rule */
	known = &plan->length[number[0] - '0'];
	*known = *known == -1 || *known == len ? len : 0;
}

static bool is_exact(const char *pattern, char dst[CFG_PATTERN_LEN])
{
	size_t len = strspn(pattern, DIGITS);

	td_str_copy(dst, CFG_PATTERN_LEN, (struct td_str){ pattern, len });
	return len && (!pattern[len] || !strcmp(pattern + len, "$"));
}

static void note_peer(struct plan *plan, const char *pattern)
{
	for (int d = 0; d < 10; d++)
		/* '.', '[', '(' ... may stand for any */
		if (!strchr(DIGITS, pattern[0]) || pattern[0] == '0' + d)
			plan->outside[d] = true;
}

static void template(struct td_xml *x, bool old, const char *match, uint32_t seconds)
{
	td_xml_open(x, "TEMPLATE");
	td_xml_attr(x, old ? "MATCH" : "match", match);
	td_xml_attr_u32(x, old ? "Timeout" : "timeout", seconds);
	td_xml_close(x);
}

static void make_templates(struct td_maker *m, struct td_xml *x, bool old)
{
	const struct td_config *cfg = m->cfg;
	uint32_t wait = cfg->global.timeout_interdigit;
	char match[CFG_PATTERN_LEN];
	struct plan plan;

	memset(&plan, 0, sizeof(plan));
	for (int d = 0; d < 10; d++)
		plan.length[d] = -1;
	for (size_t i = 0; i < cfg->n_dialpeers; i++) {
		const char *pattern = cfg->dialpeers[i].destination_pattern;

		if (cfg->dialpeers[i].emergency && is_exact(pattern, match))
			template(x, old, match, 0);
		else if (!cfg->dialpeers[i].emergency)
			note_peer(&plan, pattern);
	}
	for (size_t i = 0; i < cfg->n_dns; i++)
		note(&plan, cfg->dns[i].number);
	for (size_t i = 0; i < cfg->n_huntgroups; i++)
		note(&plan, cfg->huntgroups[i].number);
	for (int d = 0; d < 10; d++) {
		if (plan.length[d] < 1 || plan.outside[d])
			continue;
		memset(match, '.', (size_t)plan.length[d]);
		match[0] = (char)('0' + d);
		match[plan.length[d]] = '\0';
		template(x, old, match, 0);
	}
	template(x, old, "*", wait);
}

enum dial_file { DIAL_NUMBERS, DIAL_KEYS, DIAL_OLD };

static void make_file(struct td_maker *m, const char *name, enum dial_file kind,
		      char stamp[TD_STAMP_LEN])
{
	bool old = kind == DIAL_OLD;
	struct td_xml x;
	size_t len = 0;
	char *text;

	td_xml_begin(&x);
	td_xml_open(&x, old ? "DIALTEMPLATE" : "dialTemplate");
	if (!old)
		td_xml_text(&x, "versionStamp", STAMP_HERE);
	if (kind == DIAL_KEYS)
		template(&x, false, ".", 0);	/* the router knows when there are enough */
	else
		make_templates(m, &x, old);
	text = td_xml_end(&x, &len);
	if (text)
		td_maker_stamp(m, name, text, len, stamp);
	td_maker_add(m, name, text, len, NULL, "text/xml");
}

void td_make_dial(struct td_maker *m)
{
	char unused[TD_STAMP_LEN];
	bool keys = false;

	for (size_t i = 0; i < m->cfg->n_phones && !keys; i++)
		keys = m->cfg->phones[i].overlap_signal;
	make_file(m, TD_FILE_DIAL, DIAL_NUMBERS, m->dial_stamp);
	if (keys)
		make_file(m, TD_FILE_KEYS, DIAL_KEYS, m->keys_stamp);
	make_file(m, "dialplan.xml", DIAL_OLD, unused);
}
