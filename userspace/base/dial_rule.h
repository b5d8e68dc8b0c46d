/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One rule of a number translation, as Cisco's "voice translation-rule" writes it:
 *
 *	/MATCH/ /REPLACE/	the part of the number that fits is replaced, the rest stays
 *	reject /MATCH/		the call is refused
 *
 * MATCH: . any character, [ ] [^ ] sets, * + ? repeat what is before, ^ and $ the ends,
 * \( \) a group, \ before any other character: that character. REPLACE: digits, \1 to \9 the
 * groups, \0 or & all that fitted. (IOS Voice Translation Rules, document 61083.)
 */
#ifndef TD_BASE_DIAL_RULE_H
#define TD_BASE_DIAL_RULE_H

#include <stdbool.h>
#include <stddef.h>

#define TD_DIAL_RULE_GROUPS 9

struct td_dial_rule;

enum td_dial_verdict {
	TD_DIAL_UNTOUCHED,		/* the rule does not fit */
	TD_DIAL_TRANSLATED,
	TD_DIAL_REJECTED
};

/** Heap. -EINVAL with *why (a static text) and *at, the offset of what is wrong; -ENOMEM. */
int td_dial_rule_new(struct td_dial_rule **out, const char *text, const char **why, size_t *at);
void td_dial_rule_free(struct td_dial_rule *rule);	/* NULL is fine */
/** Apply it to number; out (size bytes) is written when TRANSLATED. A result that would not fit
 * leaves the number as it is. */
enum td_dial_verdict td_dial_rule_apply(const struct td_dial_rule *rule, const char *number,
					char *out, size_t size);

#endif
