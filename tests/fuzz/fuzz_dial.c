/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as a dial pattern and as a translation rule, any digits against them: two lines,
 * the pattern or rule, and the number.
 */
#include <stdlib.h>
#include <string.h>

#include "userspace/base/dial_pattern.h"
#include "userspace/base/dial_rule.h"
#include "userspace/core/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_pattern(const char *text, const char *number)
{
	struct td_route *r = td_route_new();
	struct td_route_result got;
	struct td_dial_pattern p;
	const char *why = NULL;
	size_t at = 0;

	if (td_dial_parse(&p, text, &why, &at)) {
		if (!why || at > strlen(text))
			abort();
		td_route_free(r);
		return;
	}
	if (p.n > TD_DIAL_MAX || p.plain > p.n || p.literal > p.n || p.literal + p.ranges > p.n)
		abort();
	if (td_route_add(r, &p, r, 0, 0))
		abort();
	td_route_match(r, number, &got);
	if (got.n > 1 || (got.n && got.hit[0].matched > strlen(number)) ||
	    (got.kind == TD_ROUTE_MATCH) != (got.n == 1))
		abort();
	if (!td_route_remove(r, &p, r) || td_route_count(r))
		abort();
	td_route_match(r, number, &got);
	if (got.kind != TD_ROUTE_NONE)
		abort();
	td_route_free(r);
}

static void as_rule(const char *text, const char *number)
{
	struct td_dial_rule *rule;
	const char *why = NULL;
	char out[64] = "";
	size_t at = 0;
	int err = td_dial_rule_new(&rule, text, &why, &at);

	if (err) {
		if (!why || at > strlen(text))
			abort();
		return;
	}
	td_dial_rule_apply(rule, number, out, sizeof(out));
	if (strlen(out) >= sizeof(out))
		abort();
	td_dial_rule_free(rule);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[200], *number;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	number = strchr(text, '\n');
	if (number)
		*number++ = '\0';
	else
		number = text + strlen(text);
	as_pattern(text, number);
	as_rule(text, number);
	return 0;
}
