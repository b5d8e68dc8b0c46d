/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that outlive the process: what one core kept, another takes over. A "crash" here is
 * a copy of the file at that moment.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/fakes/world.h"
#include "tests/lib/kept_calls.h"
#include "userspace/base/mem.h"
#include "userspace/base/snapshot.h"

#define RECORD_LEN 8176

static const struct snapshot_shape shape = { 8192, RECORD_LEN };	/* as call_keep.c has it */
static void first_life(struct world *w)
{
	unlink(kept_now);
	world_init(w);
	assert_int_equal(td_core_keep(w->core, kept_now), 0);
}

static void end_life(struct world *w)
{
	fake_hangs_up(&w->a, TD_CAUSE_NORMAL);
	world_fini(w);
}

/* A core that finds what was there at the crash. */
static size_t next_life(struct world *w)
{
	world_init(w);
	assert_int_equal(td_core_keep(w->core, kept_crash), 0);
	return td_core_restore(w->core);
}

static void an_answered_call(void **state)
{
	struct world w, v;

	(void)state;
	first_life(&w);
	world_call(&w);
	kept_copy();
	end_life(&w);

	assert_int_equal(next_life(&v), 1);
	EXPECT_LADDER(&v,
		"core > media  adopt 20000 20002\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > media  adopted\n");
	EXPECT_SHOWN(&v, "\"id\":1,\"state\":\"up\"");
	EXPECT_SHOWN(&v, "\"codec\":\"PCMU\"");
	/* and it goes on as if nothing had been */
	fake_offers(&v.b, "PCMU,PCMA", TD_DIR_SEND);
	EXPECT_SHOWN(&v, "\"state\":\"held\"");
	fake_hangs_up(&v.b, TD_CAUSE_NORMAL);
	EXPECT_SHOWN(&v, "[]");
	world_fini(&v);
}

static bool no_address(void *arg, const struct td_addr *a)
{
	(void)arg;
	(void)a;
	return false;
}

/* The record of the first call, as another router gets it. */
static size_t take_record(struct world *w, uint8_t *record, struct td_call_name *name)
{
	struct td_buf b;

	td_core_flush(w->core);
	assert_true(td_core_kept(w->core, 1, &b));
	assert_in_range(b.len, 1, RECORD_LEN);
	memcpy(record, b.p, b.len);
	assert_int_equal(td_core_kept_name(record, b.len, name), 0);
	return b.len;
}

/* Another router goes on with it; ours ends without a word to the parties. */
static void to_another_router(void **state)
{
	static uint8_t record[RECORD_LEN];
	struct td_call_name name, other;
	struct world w, v;
	struct td_buf b;
	size_t len;

	(void)state;
	first_life(&w);
	world_call(&w);
	len = take_record(&w, record, &name);
	world_forget(&w);
	other = name;
	other.created_ms++;
	assert_int_equal(td_core_give_up(w.core, &other), -ENOENT);
	assert_int_equal(td_core_give_up(w.core, &name), 0);
	assert_int_equal(td_core_give_up(w.core, &name), -ENOENT);
	assert_null(strstr(w.ladder, "release"));
	EXPECT_SHOWN(&w, "[]");
	assert_false(td_core_kept(w.core, 1, &b));
	world_fini(&w);

	world_init(&v);
	td_core_own_addresses(v.core, no_address, NULL);
	assert_int_equal(td_core_adopt(v.core, record, len), -EADDRNOTAVAIL);
	assert_int_equal(td_core_adopt(v.core, record, 5), -EBADMSG);
	EXPECT_LADDER(&v, "");
	td_core_own_addresses(v.core, NULL, NULL);
	assert_int_equal(td_core_adopt(v.core, record, len), 0);
	EXPECT_LADDER(&v,
		"core > media  adopt 20000 20002\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n");
	EXPECT_SHOWN(&v, "\"id\":1,\"state\":\"up\"");
	/* the address moves away again */
	assert_int_equal(td_core_give_up_foreign(v.core), 0);
	td_core_own_addresses(v.core, no_address, NULL);
	assert_int_equal(td_core_give_up_foreign(v.core), 1);
	EXPECT_SHOWN(&v, "[]");
	world_fini(&v);
}

static void ids_do_not_come_twice(void **state)
{
	struct world w, v;

	(void)state;
	first_life(&w);
	world_call(&w);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_call(&w);
	kept_copy();
	end_life(&w);

	assert_int_equal(next_life(&v), 1);
	world_forget(&v);
	EXPECT_SHOWN(&v, "\"id\":2");
	assert_int_equal(fake_dials(&v.c, "1001"), 0);
	EXPECT_SHOWN(&v, "\"id\":3");
	fake_hangs_up(&v.c, TD_CAUSE_NORMAL);
	fake_hangs_up(&v.b, TD_CAUSE_NORMAL);
	world_fini(&v);
}

/* ... and that RTCP comes with A's RTP */
static void hold_is_kept(void **state)
{
	struct world w, v;

	const struct td_media_end *e;

	(void)state;
	first_life(&w);
	w.a.rtcp_mux = true;
	world_call(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_SEND);
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_RECV);
	kept_copy();
	end_life(&w);

	assert_int_equal(next_life(&v), 1);
	EXPECT_SHOWN(&v, "\"state\":\"held\"");
	e = fake_media_last(&v.media)->ends;
	assert_true(td_addr_equal(&e[0].remote_rtcp, &e[0].remote));
	assert_false(td_addr_is_set(&e[1].remote_rtcp));
	fake_offers(&v.a, "PCMU,PCMA", TD_DIR_BOTH);
	fake_sends_answer(&v.b, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_SHOWN(&v, "\"state\":\"up\"");
	fake_hangs_up(&v.b, TD_CAUSE_NORMAL);
	world_fini(&v);
}

#define HOUSE "config park 'lot'\n\toption number '800'\n\toption timeout '60'\n" \
	      "config conference 'room'\n\toption number '6000'\n"

/* One parked, who can be taken from the slot, and whose parker is reminded again. */
static void a_parked_call(void **state)
{
	struct world w, v;

	(void)state;
	first_life(&w);
	world_plan(&w, HOUSE);
	world_call(&w);
	fake_transfers(&w.b, "800");
	world_advance_ms(&w, 60000);	/* B is rung */
	kept_copy();
	end_life(&w);

	world_init(&v);
	world_plan(&v, HOUSE);
	assert_int_equal(td_core_keep(v.core, kept_crash), 0);
	assert_int_equal(td_core_restore(v.core), 1);
	EXPECT_LADDER(&v,
		"core > media  adopt 20000 20002\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, - inactive\n"
		"core > media  adopted\n");
	EXPECT_SHOWN(&v, "\"id\":1,\"state\":\"parked\"");
	world_advance_ms(&v, 60000);
	EXPECT_LADDER(&v, "core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n");
	fake_dials(&v.c, "800");
	EXPECT_SHOWN(&v, "\"id\":1,\"state\":\"up\"");
	fake_hangs_up(&v.a, TD_CAUSE_NORMAL);
	world_fini(&v);
}

/* Two who meet, and two of a call that has become a conference with a third one. */
static void a_conference(void **state)
{
	struct world w, v;

	(void)state;
	first_life(&w);
	world_plan(&w, HOUSE);
	world_call(&w);
	fake_dials(&w.b, "1003");
	fake_rings(&w.c);
	fake_answers(&w.c);
	fake_use(&w.b, 1);
	fake_confers(&w.b, &w.b.leg[1]->leg);
	kept_copy();
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	end_life(&w);

	world_init(&v);
	world_plan(&v, HOUSE);
	assert_int_equal(td_core_keep(v.core, kept_crash), 0);
	assert_int_equal(td_core_restore(v.core), 2);
	assert_non_null(strstr(v.ladder, "side 0 mixer 1 PCMU\ncore > media  side 1 mixer 1 PCMU\n"));
	EXPECT_SHOWN(&v, "\"state\":\"up\"");
	EXPECT_SHOWN(&v, "\"state\":\"conference\"");
	fake_hangs_up(&v.b, TD_CAUSE_NORMAL);
	assert_int_equal(td_core_calls(v.core), 1);	/* the two who are left talk in one */
	fake_hangs_up(&v.a, TD_CAUSE_NORMAL);
	assert_int_equal(td_core_calls(v.core), 0);
	world_fini(&v);
}

/* Ringing calls are not kept, and those that ended do not rise. */
static void what_is_not_kept(void **state)
{
	struct world w, v;

	(void)state;
	first_life(&w);
	assert_int_equal(fake_dials(&w.a, "1002"), 0);
	assert_int_equal(fake_rings(&w.b), 0);
	kept_copy();
	assert_int_equal(next_life(&v), 0);
	world_fini(&v);
	assert_int_equal(fake_answers(&w.b), 0);
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	kept_copy();
	assert_int_equal(next_life(&v), 0);
	EXPECT_LADDER(&v, "core > media  adopted\n");
	world_fini(&v);
	world_fini(&w);
}

/* B cannot come back: A is told goodbye and nothing is left. */
static void one_side_is_gone(void **state)
{
	struct world w, v;

	(void)state;
	first_life(&w);
	world_call(&w);
	kept_copy();
	end_life(&w);

	world_init(&v);
	v.b.setup_err = -1;
	assert_int_equal(td_core_keep(v.core, kept_crash), 0);
	assert_int_equal(td_core_restore(v.core), 0);
	fake_run(&v.a);
	EXPECT_LADDER(&v,
		"core > media  adopt 20000 20002\n"
		"core > media  close\n"
		"core > A  release normal\n"
		"core > media  adopted\n"
		"A > core  released\n");
	EXPECT_SHOWN(&v, "[]");
	world_fini(&v);
}

static void any_bytes(void **state)
{
	struct snapshot *s;
	uint8_t record[RECORD_LEN];
	struct world w;
	unsigned int seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		uint32_t place;

		unlink(kept_crash);
		assert_int_equal(td_snapshot_open(&s, kept_crash, &shape), 0);
		for (size_t i = 0; i < sizeof(record); i++)
			record[i] = (uint8_t)(rand_r(&seed) % (round % 3 ? 256 : 4));
		record[0] = 1;		/* the format, else nothing is read at all */
		place = td_snapshot_take(s);
		td_snapshot_write(s, place, record, (uint32_t)(rand_r(&seed) % sizeof(record)));
		td_snapshot_close(s);
		assert_int_equal(next_life(&w), 0);
		fake_run(&w.a);
		world_fini(&w);
	}
}

/* Every length of a good record, cut. */
static void cut_records(void **state)
{
	struct snapshot *s;
	struct world w, v;
	struct td_buf b;
	uint8_t record[RECORD_LEN];
	size_t len;

	(void)state;
	first_life(&w);
	world_call(&w);
	kept_copy();
	end_life(&w);
	assert_int_equal(td_snapshot_open(&s, kept_crash, &shape), 0);
	assert_int_equal(td_snapshot_next(s, 0, &b), 1);
	len = b.len;
	memcpy(record, b.p, len);
	td_snapshot_close(s);
	assert_true(len > 100);
	for (size_t cut = 0; cut < len; cut += 7) {
		assert_int_equal(td_snapshot_open(&s, kept_crash, &shape), 0);
		td_snapshot_write(s, 1, record, (uint32_t)cut);
		td_snapshot_close(s);
		assert_int_equal(next_life(&v), 0);
		fake_run(&v.a);
		world_fini(&v);
	}
}

/* The process dies while it writes: the record before is still there. */
static void torn_write(void **state)
{
	struct snapshot *s;
	struct td_buf b;
	FILE *f;

	(void)state;
	unlink(kept_crash);
	assert_int_equal(td_snapshot_open(&s, kept_crash, &shape), 0);
	assert_int_equal(td_snapshot_take(s), 1);
	td_snapshot_write(s, 1, "old", 3);
	td_snapshot_write(s, 1, "newer", 5);
	assert_int_equal(td_snapshot_next(s, 0, &b), 1);
	assert_int_equal(b.len, 5);
	td_snapshot_close(s);
	/* spoil a byte of the newer half: the head, the list of places, the first half, its head */
	f = fopen(kept_crash, "r+");
	assert_non_null(f);
	fseek(f, 4096 + 8192 + 8192 + 16, SEEK_SET);
	fputc('X', f);
	fclose(f);
	assert_int_equal(td_snapshot_open(&s, kept_crash, &shape), 0);
	assert_int_equal(td_snapshot_next(s, 0, &b), 1);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.p, "old", 3);
	td_snapshot_drop(s, 1);
	assert_int_equal(td_snapshot_next(s, 0, &b), 0);
	td_snapshot_close(s);
}

static void places_run_out(void **state)
{
	struct snapshot *s;
	uint32_t n = 0, place;

	(void)state;
	unlink(kept_crash);
	assert_int_equal(td_snapshot_open(&s, kept_crash, &shape), 0);
	while ((place = td_snapshot_take(s)))
		assert_int_equal(place, ++n);
	assert_true(n >= 5000);
	td_snapshot_drop(s, 17);
	assert_int_equal(td_snapshot_take(s), 17);
	td_snapshot_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answered_call), cmocka_unit_test(ids_do_not_come_twice),
		cmocka_unit_test(hold_is_kept),	    cmocka_unit_test(what_is_not_kept),
		cmocka_unit_test(one_side_is_gone), cmocka_unit_test(any_bytes),
		cmocka_unit_test(cut_records),	    cmocka_unit_test(torn_write),
		cmocka_unit_test(places_run_out),   cmocka_unit_test(a_parked_call),
		cmocka_unit_test(a_conference),	    cmocka_unit_test(to_another_router),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, kept_set_up, kept_tear_down);
}
