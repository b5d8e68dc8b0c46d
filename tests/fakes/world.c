/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The office of the ladders. See world.h; the parts that phones play are in fake_leg.h.
 */
#include <stdio.h>
#include <string.h>
#include "config/config.h"
#include "tests/fakes/world.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

static void say(void *arg, const char *line)
{
	struct world *w = arg;
	size_t left = sizeof(w->ladder) - w->ladder_len;
	int n = snprintf(w->ladder + w->ladder_len, left, "%s\n", line);

	assert_true(n > 0 && (size_t)n < left);
	w->ladder_len += n;
}

void world_forget(struct world *w)
{
	w->ladder_len = 0;
	w->ladder[0] = '\0';
}

void world_expect(struct world *w, const char *ladder, const char *file, int line)
{
	if (strcmp(w->ladder, ladder))
		print_error("%s:%d: expected\n%s-- but heard\n%s", file, line, ladder, w->ladder);
	_assert_string_equal(w->ladder, ladder, file, line);
	world_forget(w);
}

void world_expect_shown(struct world *w, const char *text, const char *file, int line)
{
	struct td_json j;

	td_json_init(&j);
	td_core_show_calls(w->core, &j, NULL);
	if (!strstr(j.text, text)) {
		print_error("%s:%d: no %s in\n%s\n", file, line, text, j.text);
		td_json_fini(&j);
		_fail(file, line);
	}
	td_json_fini(&j);
}

static void make_fake(struct world *w, unsigned int i, struct fake_phone *p, char name)
{
	char addr[32];

	td_strlcpy(p->name, (const char[2]){ name, '\0' }, sizeof(p->name));
	p->loop = w->loop;
	p->core = w->core;
	p->say = say;
	p->arg = w;
	p->bindings = 1;
	p->hops = 70;
	td_strlcpy(p->codecs, "PCMU,PCMA", sizeof(p->codecs));
	snprintf(addr, sizeof(addr), "10.0.%u.1:4000", i + 1);
	td_addr_parse(&p->rtp, addr);
	snprintf(addr, sizeof(addr), "10.0.%u.254:5060", i + 1);
	td_addr_parse(&p->local, addr);
}

static void make_phone(struct world *w, unsigned int i, struct fake_phone *p, const char *id,
		       const char *number, const char *name)
{
	struct cfg_phone *phone = &w->phones[i];

	td_strlcpy(w->dns[i].id, number, sizeof(w->dns[i].id));
	td_strlcpy(w->dns[i].number, number, sizeof(w->dns[i].number));
	td_strlcpy(w->dns[i].name, name, sizeof(w->dns[i].name));
	w->dns[i].allow_watch = 1;
	td_strlcpy(phone->id, id, sizeof(phone->id));
	td_strlcpy(phone->name, name, sizeof(phone->name));
	phone->call_waiting = 1;
	td_strlcpy(phone->type, "7965", sizeof(phone->type));
	w->lines[i][0] = (struct cfg_line){ .button = 1, .dn = i };
	w->lines[i][1] = (struct cfg_line){ .button = 2, .dn = 3 };
	phone->lines = w->lines[i];
	phone->n_lines = i ? 2 : 1;	/* B and C share 1100 */

	make_fake(w, i, p, (char)('A' + i));
}

void world_reload(struct world *w)
{
	td_core_configure(w->core, &w->config);
	w->a.ep = td_endpoint_set(w->core, &w->config, &w->phones[0], &fake_driver, &w->a);
	w->b.ep = td_endpoint_set(w->core, &w->config, &w->phones[1], &fake_driver, &w->b);
	w->c.ep = td_endpoint_set(w->core, &w->config, &w->phones[2], &fake_driver, &w->c);
	assert_non_null(w->a.ep);
	assert_non_null(w->b.ep);
	assert_non_null(w->c.ep);
	if (!w->config.n_trunks)
		return;
	w->t.ep = td_endpoint_set_trunk(w->core, &w->config.trunks[0], &fake_driver, &w->t);
	w->u.ep = td_endpoint_set_trunk(w->core, &w->config.trunks[1], &fake_driver, &w->u);
	assert_non_null(w->t.ep);
	assert_non_null(w->u.ep);
}

void world_init(struct world *w)
{
	struct td_core_args args;

	memset(w, 0, sizeof(*w));
	w->live_before = td_mem_live();
	w->loop = td_loop_new_fake();
	assert_non_null(w->loop);
	fake_media_init(&w->media, say, w);
	w->config.global.timeout_ringing = 180;
	w->config.global.privacy_on_hold = 1;
	w->config.dns = w->dns;
	w->config.n_dns = 4;
	w->config.phones = w->phones;
	w->config.n_phones = 3;
	args = (struct td_core_args){ .loop = w->loop, .media = fake_media_port(&w->media),
				      .config = &w->config };
	w->core = td_core_new(&args);
	assert_non_null(w->core);
	td_strlcpy(w->dns[3].id, "team", sizeof(w->dns[3].id));
	td_strlcpy(w->dns[3].number, "1100", sizeof(w->dns[3].number));
	make_phone(w, 0, &w->a, "alice", "1001", "Alice");
	make_phone(w, 1, &w->b, "bob", "1002", "Bob");
	make_phone(w, 2, &w->c, "carol", "1003", "Carol");
	world_reload(w);
}

void world_fini(struct world *w)
{
	assert_int_equal(td_core_calls(w->core), 0);
	assert_int_equal(w->media.n_open, 0);
	assert_int_equal(td_loop_timers_armed(w->loop), 0);
	td_core_free(w->core);
	td_config_put(w->parsed);
	fake_media_fini(&w->media);
	td_loop_free(w->loop);
	assert_int_equal(td_mem_live(), w->live_before);
}

static const char trunks[] =
	"config trunk 'carrier'\n\toption host '192.0.2.10'\n"
	"config trunk 'other'\n\toption host '192.0.2.11'\n";

void world_plan(struct world *w, const char *sections)
{
	struct td_config_faults faults = { 0 };
	char text[8192];

	snprintf(text, sizeof(text), "%s%s", trunks, sections);
	td_config_put(w->parsed);
	if (td_config_parse(&w->parsed, "plan", text, strlen(text), &faults)) {
		td_config_fault_print(stderr, &faults.v[0]);
		fail();
	}
	w->config.corlists = w->parsed->corlists;
	w->config.n_corlists = w->parsed->n_corlists;
	w->config.translations = w->parsed->translations;
	w->config.n_translations = w->parsed->n_translations;
	w->config.profiles = w->parsed->profiles;
	w->config.n_profiles = w->parsed->n_profiles;
	w->config.trunks = w->parsed->trunks;
	w->config.n_trunks = w->parsed->n_trunks;
	w->config.parks = w->parsed->parks;
	w->config.n_parks = w->parsed->n_parks;
	w->config.conferences = w->parsed->conferences;
	w->config.n_conferences = w->parsed->n_conferences;
	w->config.pagings = w->parsed->pagings;
	w->config.n_pagings = w->parsed->n_pagings;
	w->config.fac = w->parsed->fac;
	w->config.moh = w->parsed->moh;
	w->config.afterhours = w->parsed->afterhours;
	w->config.nightservice = w->parsed->nightservice;
	w->config.dialpeers = w->parsed->dialpeers;
	w->config.n_dialpeers = w->parsed->n_dialpeers;
	make_fake(w, 3, &w->t, 'T');
	make_fake(w, 4, &w->u, 'U');
	world_reload(w);
}

void world_advance_ms(struct world *w, uint64_t ms)
{
	td_loop_fake_advance_ms(w->loop, ms);
	fake_run(&w->a);
}

void world_call(struct world *w)
{
	assert_int_equal(fake_dials(&w->a, "1002"), 0);
	assert_int_equal(fake_rings(&w->b), 0);
	assert_int_equal(fake_answers(&w->b), 0);
	world_forget(w);
}
