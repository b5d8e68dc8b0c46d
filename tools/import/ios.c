/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole way: read each line, let its rule speak, print the file, and have the daemon's own
 * reader check it. What that refuses is taken out again, and the line it came from says why; so
 * the result always passes "tandemd --check".
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "tools/import/ios.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define ROUNDS 64			/* a fault may hide another */

static const char *const words[TD_IMPORT_VERDICTS] = { "taken", "not needed", "not supported" };

const char *td_import_verdict_word(enum td_import_verdict v)
{
	return words[v];
}

/* ---- what the reader refuses ---- */

static void judge(struct ios *in, size_t source, enum td_import_verdict v, const char *note)
{
	struct td_import_line *l = &in->im->lines[source];

	td_free(l->note);
	l->note = td_strdup(note);
	in->no_memory |= !l->note;
	l->verdict = v;
}

void td_ios_blame(struct ios *in, size_t source, const char *what, const char *reason)
{
	char note[400];

	snprintf(note, sizeof(note), "%s: %s", what, reason);
	judge(in, source, TD_IMPORT_NOT_SUPPORTED, note);
}

void td_ios_excuse(struct ios *in, size_t source, const char *reason)
{
	judge(in, source, TD_IMPORT_NOT_NEEDED, reason);
}

/* What is wrong with a line already may be why its section cannot be: that stays. */
static void blame_once(struct ios *in, size_t source, const char *what, const char *reason)
{
	if (in->im->lines[source].verdict != TD_IMPORT_NOT_SUPPORTED)
		td_ios_blame(in, source, what, reason);
}

/* All that came from a section that cannot be. */
static void drop_section(struct ios *in, struct uci_section *s, const char *reason)
{
	char what[CFG_TEXT_LEN * 2];
	size_t i;

	snprintf(what, sizeof(what), "%s %s cannot be", s->type, s->name);
	s->dropped = true;
	blame_once(in, s->source, what, reason);
	for (i = 0; i < s->n_options; i++)
		if (!s->options[i].dropped)
			blame_once(in, s->options[i].source, what, reason);
}

static bool drop_at(struct ios *in, uint32_t line, const char *reason)
{
	char what[CFG_TEXT_LEN * 3];
	size_t i, k;

	for (i = 0; i < in->out.n_sections; i++) {
		struct uci_section *s = &in->out.sections[i];

		if (s->dropped)
			continue;
		if (s->at == line) {
			drop_section(in, s, reason);
			return true;
		}
		for (k = 0; k < s->n_options; k++) {
			if (s->options[k].dropped || s->options[k].at != line)
				continue;
			s->options[k].dropped = true;
			if (s->options[k].source == s->source)
				snprintf(what, sizeof(what), "taken as %s %s, but %s", s->type,
					 s->name, s->options[k].name);
			else
				td_strlcpy(what, s->options[k].name, sizeof(what));
			td_ios_blame(in, s->options[k].source, what, reason);
			return true;
		}
	}
	return false;
}

/* One round: print, read, take out. Returns how many faults there were, or -ENOMEM. */
static int check(struct ios *in)
{
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;
	size_t i, n;

	td_free(in->im->uci);
	in->im->uci = td_uci_out_print(&in->out);
	if (!in->im->uci)
		return -ENOMEM;
	td_config_parse(&cfg, "import", in->im->uci, strlen(in->im->uci), &faults);
	n = faults.n;
	for (i = 0; i < n; i++)
		drop_at(in, faults.v[i].line, faults.v[i].reason);
	td_config_put(cfg);
	td_config_faults_fini(&faults);
	return (int)n;
}

static int settle(struct ios *in)
{
	int round, n = 1;

	for (round = 0; n && round < ROUNDS; round++) {
		n = check(in);
		if (n < 0)
			return n;
	}
	return 0;
}

/* ---- the whole ---- */

static void count(struct td_import *im)
{
	size_t i;

	for (i = 0; i < im->n_lines; i++)
		im->count[im->lines[i].verdict]++;
}

int td_import_ios(struct td_import **out, const char *text, size_t len)
{
	struct ios_line *line = td_zalloc(sizeof(*line));
	struct ios *in = td_zalloc(sizeof(*in));
	struct td_import *im = td_zalloc(sizeof(*im));
	size_t at = 0;
	int err = -ENOMEM;

	if (line && in && im) {
		in->im = im;
		while (!in->no_memory && td_ios_read_line(in, text, len, &at, line))
			td_ios_interpret(in, line);
		td_ios_settle_late(in);
		err = in->no_memory ? -ENOMEM : settle(in);
		if (in->no_memory)
			err = -ENOMEM;
		td_uci_out_fini(&in->out);
		td_free(in->late);
	}
	td_free(in);
	td_free(line);
	if (err) {
		td_import_free(im);
		return err;
	}
	count(im);
	*out = im;
	return 0;
}

void td_import_free(struct td_import *im)
{
	size_t i;

	if (!im)
		return;
	for (i = 0; i < im->n_lines; i++) {
		td_free(im->lines[i].text);
		td_free(im->lines[i].note);
	}
	td_free(im->lines);
	td_free(im->uci);
	td_free(im);
}
