/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See kept_calls.h. */
#include "tests/lib/kept_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/td-kept.XXXXXX";
char kept_now[64], kept_crash[64];

int kept_set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(kept_now, sizeof(kept_now), "%s/now", folder);
	snprintf(kept_crash, sizeof(kept_crash), "%s/crash", folder);
	return 0;
}

int kept_tear_down(void **state)
{
	(void)state;
	unlink(kept_now);
	unlink(kept_crash);
	return rmdir(folder);
}

void kept_copy(void)
{
	char command[200];

	snprintf(command, sizeof(command), "cp --sparse=always %s %s", kept_now, kept_crash);
	assert_int_equal(system(command), 0);
}
