/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of calls on telephone lines, without lines: the kernel (netlink/fxo.h) and the sound's
 * thread are this file. K is the kernel, S the sound.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/fakes/world.h"
#include "tests/lib/kept_calls.h"
#include "userspace/base/str.h"
#include "userspace/fxo/voice_priv.h"

#define PORT(more) "config voiceport 'fxo'\n\toption port '3'\n\toption connection_plar '1001'\n" more
#define PEER "config dialpeer 'out'\n\toption destination_pattern '9T'\n" \
	"\toption voiceport 'fxo'\n\toption strip_digits '1'\n"

/* ---- the kernel, and the sound's thread ---- */

struct td_fxo { struct td_fxo_listener l; void *arg; };
struct sound { void (*fn)(void *arg, const struct sound_news *n); void *arg; };

static struct {
	struct world *w;
	struct td_fxo fxo;
	struct sound sound;
	struct td_voice *voice;
	bool there;			/* port 3 */
	uint32_t state, rings, seq, watchdog;
	uint32_t value[__TDFXO_CFG_MAX];
	int refuse;			/* errno of the next order */
} k;

static void say(const char *line)
{
	struct world *w = k.w;

	w->ladder_len += (size_t)snprintf(w->ladder + w->ladder_len,
					  sizeof(w->ladder) - w->ladder_len, "%s\n", line);
}

int td_fxo_open(struct td_fxo **out, struct td_loop *loop, const struct td_fxo_listener *l,
		void *arg)
{
	(void)loop;
	k.fxo.l = *l;
	k.fxo.arg = arg;
	*out = &k.fxo;
	return 0;
}

void td_fxo_close(struct td_fxo *f) { (void)f; }
bool td_fxo_is_there(const struct td_fxo *f) { return f; }
const char *td_fxo_why(const struct td_fxo *f) { (void)f; return ""; }
const char *td_fxo_state_name(uint32_t state) { return state ? "busy" : "idle"; }
const char *td_fxo_event_name(uint32_t event) { (void)event; return "event"; }

int td_fxo_get(struct td_fxo *f, uint32_t port, struct td_fxo_port *out)
{
	(void)f;
	memset(out, 0, sizeof(*out));
	out->index = 3;
	out->state = k.state;
	return port == 3 && k.there ? 0 : -ENODEV;
}

int td_fxo_dump(struct td_fxo *f, void (*fn)(void *arg, const struct td_fxo_port *p), void *arg)
{
	struct td_fxo_port p;

	if (!td_fxo_get(f, 3, &p))
		fn(arg, &p);
	return 0;
}

int td_fxo_configure(struct td_fxo *f, uint32_t port, const uint32_t *value, uint32_t which)
{
	(void)f;
	for (unsigned int i = 0; i < __TDFXO_CFG_MAX; i++)
		if (which & 1u << i)
			k.value[i] = value[i];
	return port == 3 ? 0 : -ENODEV;
}

int td_fxo_claim(struct td_fxo *f, uint32_t port, uint32_t watchdog_ms)
{
	(void)f;
	k.watchdog = watchdog_ms;
	return port == 3 ? 0 : -ENODEV;
}

int td_fxo_order(struct td_fxo *f, uint32_t port, enum tdfxo_cmd cmd)
{
	static const char *const words[__TDFXO_CMD_MAX] = {
		[TDFXO_CMD_SEIZE] = "fxo > K  seize", [TDFXO_CMD_ANSWER] = "fxo > K  answer",
		[TDFXO_CMD_HANG_UP] = "fxo > K  hang up", [TDFXO_CMD_RELEASE] = "fxo > K  release",
	};
	int err = k.refuse;

	(void)f;
	(void)port;
	say(words[cmd]);
	k.refuse = 0;
	return err;
}

int td_fxo_dial(struct td_fxo *f, uint32_t port, const char *digits)
{
	char line[64];

	(void)f;
	(void)port;
	snprintf(line, sizeof(line), "fxo > K  pulses %s", digits);
	say(line);
	return 0;
}

int td_sound_new(struct sound **out, struct td_loop *loop,
		 void (*fn)(void *arg, const struct sound_news *n), void *arg)
{
	(void)loop;
	k.sound.fn = fn;
	k.sound.arg = arg;
	*out = &k.sound;
	return 0;
}

void td_sound_free(struct sound *s) { (void)s; }

bool td_sound_order(struct sound *s, const struct sound_order *o)
{
	char line[96], at[TD_ADDR_STRLEN];

	(void)s;
	if (o->op == SOUND_TALK)
		snprintf(line, sizeof(line), "fxo > S  talk to %s %s", td_addr_str(&o->peer, at),
			 o->alaw ? "PCMA" : "PCMU");
	else if (o->op == SOUND_DIAL)
		snprintf(line, sizeof(line), "fxo > S  press %s", o->text);
	else if (o->op == SOUND_RINGBACK)
		snprintf(line, sizeof(line), "fxo > S  ringing %s", o->on ? "on" : "off");
	else
		return true;
	say(line);
	return true;
}

static void event(enum tdfxo_event what, uint32_t value, uint32_t state)
{
	struct td_fxo_event ev = { .port = 3, .event = what, .value = value, .seq = ++k.seq,
				   .state = state, .rings = k.rings };

	k.state = state;
	k.fxo.l.event(k.fxo.arg, &ev);
	fake_run(&k.w->a);
}

static void ring(uint32_t n)
{
	k.rings = n;
	event(TDFXO_EVENT_RING, n, TDFXO_STATE_RINGING);
}

static void news(enum sound_news_type type, const char *text)
{
	struct sound_news n = { .type = type, .port = 3, .call = k.voice->calls };

	td_strlcpy(n.text, text, sizeof(n.text));
	k.sound.fn(k.sound.arg, &n);
	fake_run(&k.w->a);
}

/* ---- the house ---- */

/* keep: the file of calls, or NULL. What is k outlives it. */
static void begin(struct world *w, const char *port, const char *keep)
{
	struct td_voice_args args;
	char text[1024], why[64];

	k.w = w;
	world_init(w);
	if (keep)
		assert_int_equal(td_core_keep(w->core, keep), 0);
	snprintf(text, sizeof(text), "%s" PEER, port);
	world_plan(w, text);
	args = (struct td_voice_args){ .loop = w->loop, .core = w->core, .config = w->parsed };
	assert_int_equal(td_voice_start(&k.voice, &args, why, sizeof(why)), 0);
	world_forget(w);
}

static void start(struct world *w, const char *port)
{
	memset(&k, 0, sizeof(k));
	k.there = true;
	begin(w, port, NULL);
	td_voice_restored(k.voice);
}

static void stop(struct world *w)
{
	td_voice_stop(k.voice);
	fake_run(&w->a);
	world_forget(w);
	world_fini(w);
}

#define EXPECT(text) EXPECT_LADDER(k.w, text)

/* ---- from the line ---- */

static void incoming(void **state)
{
	struct world w;

	(void)state;
	start(&w, PORT("\toption ring_number '2'\n\toption station_number '0555'\n"));
	assert_int_equal(k.value[TDFXO_CFG_RING_NUMBER], 2);
	ring(1);
	EXPECT("");
	ring(2);
	EXPECT("fxo > K  answer\n"
	       "core > A  setup from=0555 to=1001 PCMU,PCMA sendrecv\n");
	fake_rings(&w.a);
	EXPECT("A > core  alerting\nfxo > S  ringing on\n");
	fake_answers(&w.a);
	event(TDFXO_EVENT_DISCONNECT, TDFXO_REASON_BATTERY, TDFXO_STATE_RELEASED);
	assert_int_equal(td_core_calls(w.core), 0);
	stop(&w);
}

static void opx(void **state)
{
	struct world w;

	(void)state;
	start(&w, PORT("\toption plar_opx '1'\n"));
	ring(1);
	EXPECT("core > A  setup from= to=1001 PCMU,PCMA sendrecv\n");
	fake_rings(&w.a);
	EXPECT("A > core  alerting\n");
	event(TDFXO_EVENT_ABANDONED, 0, TDFXO_STATE_IDLE);	/* the caller gives up */
	EXPECT("core > media  close\ncore > A  release normal\nA > core  released\n");
	assert_int_equal(td_core_calls(w.core), 0);
	ring(1);
	assert_int_equal(td_core_calls(w.core), 1);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	stop(&w);
}

static void caller_id(void **state)
{
	struct world w;

	(void)state;
	start(&w, PORT("\toption caller_id '1'\n\toption plar_opx '1'\n"));
	ring(1);
	EXPECT("");
	ring(2);		/* no number came */
	EXPECT("core > A  setup from= to=1001 PCMU,PCMA sendrecv\n");
	stop(&w);
}

static void nobody_answers(void **state)
{
	struct world w;

	(void)state;
	start(&w, PORT("\toption timeout_ringing '10'\n"));
	ring(1);
	world_forget(&w);
	world_advance_ms(&w, 9999);
	assert_int_equal(td_core_calls(w.core), 1);
	world_advance_ms(&w, 2);
	EXPECT("fxo > K  hang up\ncore > media  close\ncore > A  release normal\n"
	       "A > core  released\n");
	stop(&w);
}

/* ---- to the line ---- */

static void outgoing(void **state)
{
	struct world w;

	(void)state;
	start(&w, PORT(""));
	fake_dials(&w.a, "95551234");
	EXPECT("A > core  setup to=95551234 PCMU,PCMA sendrecv\nfxo > K  seize\n");
	event(TDFXO_EVENT_READY, 0, TDFXO_STATE_LOOP);
	world_advance_ms(&w, 299);
	EXPECT("");
	world_advance_ms(&w, 1);
	news(SOUND_DIALLED, "");
	assert_int_equal(td_core_calls(w.core), 1);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	world_forget(&w);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	EXPECT("A > core  released normal\ncore > media  close\nfxo > K  hang up\n");
	stop(&w);
}

/* What is dialled after the beginning goes out as it comes, in order, and not before it can. */
static void overlap(void **state)
{
	struct world w;

	(void)state;
	start(&w, PORT(""));
	w.a.overlap = true;
	fake_dials(&w.a, "9");
	EXPECT("A > core  setup to=9 PCMU,PCMA sendrecv\nfxo > K  seize\n");
	fake_presses(&w.a, '5');
	event(TDFXO_EVENT_READY, 0, TDFXO_STATE_LOOP);
	world_forget(&w);
	world_advance_ms(&w, 300);
	assert_non_null(strstr(w.ladder, "fxo > S  press 5\n"));
	world_forget(&w);
	fake_presses(&w.a, '1');
	fake_presses(&w.a, '2');
	EXPECT("A > core  digit 1\nA > core  digit 2\n");
	news(SOUND_DIALLED, "");
	EXPECT("fxo > S  press 12\n");
	news(SOUND_DIALLED, "");
	EXPECT_SHOWN(&w, "\"to\":\"9512\"");
	world_advance_ms(&w, 9999);
	EXPECT_SHOWN(&w, "\"state\":\"alerting\"");
	world_advance_ms(&w, 2);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	world_forget(&w);
	fake_presses(&w.a, '7');	/* no part of the number any more */
	EXPECT("A > core  digit 7\nfxo > S  press 7\n");
	EXPECT_SHOWN(&w, "\"to\":\"9512\"");
	stop(&w);
}

static void overlap_ends(void **state)
{
	struct world w;

	(void)state;
	start(&w, PORT("\toption dial_type 'pulse'\n"));
	w.a.overlap = true;
	fake_dials(&w.a, "90");
	event(TDFXO_EVENT_READY, 0, TDFXO_STATE_LOOP);
	world_forget(&w);
	world_advance_ms(&w, 300);
	assert_non_null(strstr(w.ladder, "fxo > K  pulses 0\n"));
	fake_presses(&w.a, '7');
	world_forget(&w);
	event(TDFXO_EVENT_DIALLED, 0, TDFXO_STATE_LOOP);
	EXPECT("fxo > K  pulses 7\n");
	fake_presses(&w.a, '#');
	event(TDFXO_EVENT_DIALLED, 0, TDFXO_STATE_LOOP);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	stop(&w);
}

/* The line must not take what may become another number. */
static void when_to_begin(void **state)
{
	static const struct { const char *digits; bool may; } cases[] = {
		{ "", false }, { "9", false }, { "91", false }, { "911", false }, { "92", true },
		{ "912", true }, { "1", false }, { "1001", false },
	};
	struct world w;

	(void)state;
	start(&w, "config dialpeer 'help'\n\toption destination_pattern '911'\n"
		  "\toption voiceport 'fxo'\n\toption emergency '1'\n" PORT(""));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(td_core_overlaps(w.core, w.a.ep, cases[i].digits), cases[i].may);
	stop(&w);
}

static void prefix_and_pause(void **state)
{
	struct world w;

	(void)state;
	start(&w, PORT("") "config dialpeer 'far'\n\toption destination_pattern '8T'\n"
		  "\toption voiceport 'fxo'\n\toption strip_digits '1'\n\toption prefix '0,,1'\n");
	fake_dials(&w.a, "8555");
	event(TDFXO_EVENT_READY, 0, TDFXO_STATE_LOOP);
	world_forget(&w);
	world_advance_ms(&w, 300);
	assert_non_null(strstr(w.ladder, "fxo > S  press 0,,1555\n"));
	stop(&w);
}

static void silence(void **state)
{
	struct world w;

	(void)state;
	start(&w, PORT(""));
	ring(1);
	fake_answers(&w.a);
	world_forget(&w);
	news(SOUND_SILENT, "");
	assert_non_null(strstr(w.ladder, "fxo > K  hang up\n"));
	assert_int_equal(td_core_calls(w.core), 0);
	stop(&w);
}

static void reversal_and_pulses(void **state)
{
	struct world w;

	(void)state;
	start(&w, PORT("\toption answer 'reversal'\n\toption dial_type 'pulse'\n"));
	fake_dials(&w.a, "907");
	event(TDFXO_EVENT_READY, 0, TDFXO_STATE_LOOP);
	world_advance_ms(&w, 300);
	event(TDFXO_EVENT_DIALLED, 0, TDFXO_STATE_LOOP);
	EXPECT_SHOWN(&w, "\"state\":\"alerting\"");
	event(TDFXO_EVENT_ANSWERED, 0, TDFXO_STATE_LOOP);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	event(TDFXO_EVENT_REMOVED, 0, TDFXO_STATE_IDLE);	/* unplugged in the call */
	assert_int_equal(td_core_calls(w.core), 0);
	fake_dials(&w.a, "907");
	assert_int_equal(td_core_calls(w.core), 0);
	stop(&w);
}

static void glare(void **state)
{
	struct world w;

	(void)state;
	start(&w, PORT(""));
	k.refuse = -EBUSY;		/* it rings already */
	fake_dials(&w.a, "907");
	assert_int_equal(td_core_calls(w.core), 0);
	world_forget(&w);
	fake_dials(&w.b, "907");
	event(TDFXO_EVENT_GLARE, 0, TDFXO_STATE_SETTLING);	/* or just now */
	assert_int_equal(td_core_calls(w.core), 1);
	EXPECT("B > core  setup to=907 PCMU,PCMA sendrecv\n"
	       "fxo > K  seize\n"
	       "core > media  close\n"
	       "core > B  release no-circuit\n"
	       "core > A  setup from= to=1001 PCMU,PCMA sendrecv\n"
	       "B > core  released\n");
	stop(&w);
}

/* ---- another process ---- */

/* A call from A on the line, and the file of calls as it is then. */
static void first_life(void)
{
	struct world w;

	memset(&k, 0, sizeof(k));
	k.there = true;
	unlink(kept_now);
	begin(&w, PORT(""), kept_now);
	td_voice_restored(k.voice);
	fake_dials(&w.a, "907");
	event(TDFXO_EVENT_READY, 0, TDFXO_STATE_LOOP);
	world_advance_ms(&w, 300);
	assert_int_equal(k.watchdog, 0);	/* nobody has answered: a death ends it at once */
	news(SOUND_DIALLED, "");
	assert_int_equal(k.watchdog, 10000);
	kept_copy();
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_int_equal(k.watchdog, 0);
	stop(&w);
}

static void survives(void **state)
{
	struct world w;

	(void)state;
	first_life();
	k.state = TDFXO_STATE_LOOP;
	begin(&w, PORT(""), kept_crash);
	assert_int_equal(k.watchdog, 10000);
	EXPECT("");
	assert_int_equal(td_core_restore(w.core), 1);
	td_voice_restored(k.voice);
	assert_non_null(strstr(w.ladder, "fxo > S  talk to "));
	assert_null(strstr(w.ladder, "hang up"));
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	assert_int_equal(k.watchdog, 10000);
	world_forget(&w);
	event(TDFXO_EVENT_DISCONNECT, TDFXO_REASON_BATTERY, TDFXO_STATE_RELEASED);
	assert_non_null(strstr(w.ladder, "fxo > K  hang up\n"));
	assert_non_null(strstr(w.ladder, "core > A  release normal\n"));
	assert_int_equal(td_core_calls(w.core), 0);
	assert_int_equal(k.watchdog, 0);
	stop(&w);
}

/* Released by the exchange, or put on hook, while nobody was there: the other party is told. */
static void too_late(void **state)
{
	static const uint32_t states[] = { TDFXO_STATE_RELEASED, TDFXO_STATE_IDLE };
	struct world w;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		first_life();
		k.state = states[i];
		begin(&w, PORT(""), kept_crash);
		assert_int_equal(td_core_restore(w.core), 0);
		td_voice_restored(k.voice);
		fake_run(&w.a);
		assert_int_equal(td_core_calls(w.core), 0);
		assert_non_null(strstr(w.ladder, "core > A  release"));
		assert_int_equal(!!strstr(w.ladder, "fxo > K  hang up\n"), i == 0);
		assert_int_equal(k.watchdog, 0);
		stop(&w);
	}
}

static void nobodys_line(void **state)
{
	struct world w;

	(void)state;
	memset(&k, 0, sizeof(k));
	k.there = true;
	k.state = TDFXO_STATE_LOOP;
	begin(&w, PORT(""), NULL);
	td_voice_restored(k.voice);
	EXPECT("fxo > K  hang up\n");
	assert_int_equal(k.watchdog, 0);
	stop(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(incoming),
		cmocka_unit_test(opx),
		cmocka_unit_test(caller_id),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(outgoing),
		cmocka_unit_test(reversal_and_pulses),
		cmocka_unit_test(glare),
		cmocka_unit_test(overlap),
		cmocka_unit_test(overlap_ends),
		cmocka_unit_test(when_to_begin),
		cmocka_unit_test(prefix_and_pause),
		cmocka_unit_test(silence),
		cmocka_unit_test(survives),
		cmocka_unit_test(too_late),
		cmocka_unit_test(nobodys_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, kept_set_up, kept_tear_down);
}
