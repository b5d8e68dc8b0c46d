/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moving in: what another system was configured with becomes a uci file of ours, and a report
 * that says for every line what became of it. Nothing is dropped silently.
 */
#ifndef TD_IMPORT_IMPORT_H
#define TD_IMPORT_IMPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum td_import_verdict {
	TD_IMPORT_TAKEN,		/* note: which option it became */
	TD_IMPORT_NOT_NEEDED,		/* note: why */
	TD_IMPORT_NOT_SUPPORTED,	/* note: what to do instead */
	TD_IMPORT_VERDICTS
};

struct td_import_line {
	uint32_t number;		/* from 1 */
	char *text;			/* as it was read, without control characters */
	enum td_import_verdict verdict;
	char *note;
};

struct td_import {
	struct td_import_line *lines;	/* every line of the input, in order */
	size_t n_lines;
	size_t count[TD_IMPORT_VERDICTS];
	char *uci;			/* the file; passes td_config_parse */
};

/**
 * td_import_ios - read a Cisco IOS running-config, a part of one, or the log of a terminal on which
 * one was typed or shown. Any bytes are accepted.
 * 0, or -ENOMEM.
 */
int td_import_ios(struct td_import **out, const char *text, size_t len);
void td_import_free(struct td_import *im);
/** "taken", "not needed", "not supported" */
const char *td_import_verdict_word(enum td_import_verdict v);

struct td_config;

/**
 * td_import_csv - phones from a table; the first row names the columns: id, mac, type, number, name,
 * template, protocol, username, password, tag, line, address.
 * @uci: sections of the phones, td_free() frees them; NULL unless 0 is returned
 * @name: the table's, for faults @base: the configuration that the phones will be added to
 * @report: faults, as "NAME:LINE:COLUMN: what: reason"
 * 0, the number of faults, or -ENOMEM.
 */
int td_import_csv(char **uci, const char *name, const char *text, size_t len, const char *base,
		  FILE *report);
/** The phones of a configuration as such a table; no passwords. */
void td_export_csv(FILE *out, const struct td_config *cfg);

#endif
