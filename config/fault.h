/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: the faults of one reading, collected with their places. All are kept up
 * to a limit, in the order of the file; what a file says is shown cleaned, so that it can
 * do nothing to a terminal.
 */
#ifndef TD_CONFIG_FAULT_H
#define TD_CONFIG_FAULT_H

#include "config/config.h"

#define FAULTS_MAX	100	/* beyond it they are only counted */
#define FAULT_CITE_LEN	52	/* of an offending text: enough to know it again */

/** A place in the file. Both count from 1; a column is a byte, a tab is one. */
struct uci_pos {
	uint32_t line, column;
};

struct fault_list {
	struct td_config_faults *out;
	const char *file;
	size_t found;			/* more than out->n when there are too many */
	int err;			/* 0 or -ENOMEM */
};

/**
 * td_fault_add - one fault. @where says what it is about ("phone alice, option mac"), @hint is
 * the nearest valid word or NULL.
 */
void td_fault_add(struct fault_list *l, struct uci_pos pos, const char *where, const char *hint,
		  const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/** No more are listed: a caller can save itself the search for a hint. */
bool td_fault_full(const struct fault_list *l);
/** Bring them into the order of the file. 0 without faults, -EINVAL, or -ENOMEM. */
int td_fault_end(struct fault_list *l);

/** The offending text in quotes, shortened when it is long. Returns dst. */
const char *td_fault_cite(char dst[FAULT_CITE_LEN + 8], const char *text);
/** Bytes of the printable UTF-8 character at p (terminated text), 0 when it is none. */
size_t td_fault_printable(const char *p);

#endif
