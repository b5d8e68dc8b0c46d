/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole house in one call: virtual clock, core, fake media, and an office of three:
 *
 *	A 1001 Alice	B 1002 Bob	C 1003 Carol	1100 rings B and C
 *
 * and, for tests that ask for them (world_plan), two trunks: T "carrier" and U "other".
 *
 * world_fini() fails the test on leaks, armed timers and open media.
 */
#ifndef TD_TESTS_WORLD_H
#define TD_TESTS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/fakes/fake_leg.h"
#include "tests/fakes/fake_media.h"
#include "tests/fakes/loop_fake.h"
#include "userspace/core/core.h"

struct world {
	struct td_loop *loop;
	struct td_core *core;
	struct fake_media media;
	struct fake_phone a, b, c, t, u;
	struct td_config config;
	struct cfg_dn dns[4];
	struct cfg_phone phones[3];
	struct cfg_line lines[3][2];
	struct td_config *parsed;	/* of world_plan */
	char ladder[16384];
	size_t ladder_len;
	long live_before;
};

void world_init(struct world *w);
void world_fini(struct world *w);
/** The core hears of a changed w->config and w->phones. */
void world_reload(struct world *w);
/** The trunks, and a dial plan: sections of a configuration as text. */
void world_plan(struct world *w, const char *sections);
void world_advance_ms(struct world *w, uint64_t ms);
/** A dials B, B rings and answers; the ladder is empty afterwards. */
void world_call(struct world *w);
/** What was said since the last look; forgets it. */
void world_expect(struct world *w, const char *ladder, const char *file, int line);
void world_forget(struct world *w);
/** "show calls" contains this text. */
void world_expect_shown(struct world *w, const char *text, const char *file, int line);

#define EXPECT_LADDER(w, text) world_expect((w), (text), __FILE__, __LINE__)
#define EXPECT_SHOWN(w, text) world_expect_shown((w), (text), __FILE__, __LINE__)

#endif
