// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line machine of the FXO module against a scripted exchange: every state with every
 * input, for loop start and ground start; cadences of the world; battery drops by the
 * millisecond; pulses read back by a decoder of its own; hostile scripts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/fxo_line.h"

#define BATTERY		(-48000)
#define LONG		200000

struct seen {
	int64_t at;
	unsigned int event, value;
};

/* a line, the exchange's wires and what came out */
static struct bench {
	struct tdfxo_line l;
	struct tdfxo_measure m;
	int64_t now;
	struct seen seen[4096];
	unsigned int n;
} b;

static void take(const struct tdfxo_actions *out)
{
	assert_true(out->n <= TDFXO_MAX_ACTIONS);
	for (unsigned int i = 0; i < out->n; i++) {
		assert_true(b.n < sizeof(b.seen) / sizeof(b.seen[0]));
		b.seen[b.n++] = (struct seen){ out->a[i].at, out->a[i].event, out->a[i].value };
	}
}

static void wait_until(int64_t t)
{
	while (tdfxo_line_next(&b.l) <= t) {
		struct tdfxo_actions out = { 0 };
		int64_t due = tdfxo_line_next(&b.l);

		b.now = due > b.now ? due : b.now;
		tdfxo_line_run(&b.l, b.now, &out);
		take(&out);
	}
	b.now = t;
}

static void wait_ms(int64_t ms) { wait_until(b.now + ms); }

static void wires(void)
{
	struct tdfxo_actions out = { 0 };

	tdfxo_line_measure(&b.l, &b.m, b.now, &out);
	take(&out);
}

static void battery(int mv) { b.m.mv = mv; wires(); }
static void ringing(unsigned int dhz) { b.m.ring_dhz = dhz; wires(); }
static void tip(bool on) { b.m.tip_ground = on; wires(); }

static int order(enum tdfxo_input in, unsigned int ms, const char *digits)
{
	struct tdfxo_actions out = { 0 };
	int err = tdfxo_line_order(&b.l, in, ms, digits, b.now, &out);

	take(&out);
	return err;
}

static void set(enum tdfxo_cfg c, unsigned int value)
{
	struct tdfxo_line_config cfg = b.l.cfg;

	assert_in_range(value, tdfxo_cfg_ranges[c].min, tdfxo_cfg_ranges[c].max);
	cfg.value[c] = value;
	assert_int_equal(tdfxo_line_configure(&b.l, &cfg), 0);
}

static void fresh(bool ground)
{
	memset(&b, 0, sizeof(b));
	b.now = 100000;
	tdfxo_line_init(&b.l, b.now);
	set(TDFXO_CFG_GROUND_START, ground);
	b.m.mv = ground ? 0 : BATTERY;
	wires();
	wait_ms(5000);
	b.n = 0;
}

static unsigned int count(unsigned int event)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < b.n; i++)
		n += b.seen[i].event == event;
	return n;
}

static const struct seen *find(unsigned int event)
{
	for (unsigned int i = 0; i < b.n; i++)
		if (b.seen[i].event == event)
			return &b.seen[i];
	fail_msg("event %u did not come", event);
	return NULL;
}

#define equal(a, b) assert_int_equal((int64_t)(a), (int64_t)(b))

/* ---- every state with every input ---- */

/* how to get there, from rest */
static void reach(bool ground, unsigned int state)
{
	fresh(ground);
	switch (state) {
	case TDFXO_STATE_IDLE:
		break;
	case TDFXO_STATE_NO_LINE:
		battery(0);
		wait_ms(1000);
		break;
	case TDFXO_STATE_SEIZED:
		tip(true);
		wait_ms(40);
		break;
	case TDFXO_STATE_RINGING:
		if (ground)
			tip(true);
		ringing(250);
		wait_ms(1000);
		ringing(0);
		wait_ms(200);
		break;
	case TDFXO_STATE_SEIZING:
		equal(order(TDFXO_IN_SEIZE, 0, NULL), 0);
		break;
	default:
		equal(order(TDFXO_IN_SEIZE, 0, NULL), 0);
		if (ground) {
			tip(true);
			wait_ms(40);
		}
		battery(-8000);
		if (state == TDFXO_STATE_SETTLING)
			break;
		wait_ms(2000);
		if (state == TDFXO_STATE_DIALLING)
			equal(order(TDFXO_IN_DIAL, 0, ","), 0);
		if (state == TDFXO_STATE_FLASHING)
			equal(order(TDFXO_IN_FLASH, 0, NULL), 0);
		if (state == TDFXO_STATE_RELEASED) {
			battery(0);
			wait_ms(350);
			battery(-8000);
		}
		if (state == TDFXO_STATE_GUARD) {
			equal(order(TDFXO_IN_HANGUP, 0, NULL), 0);
			b.m.tip_ground = false;
			battery(ground ? 0 : BATTERY);
			wait_ms(700);
		}
	}
	equal(b.l.state, state);
	b.n = 0;
}

/* bring one input about; those that the state cannot meet are tried as near as can be */
static int inject(unsigned int in, int64_t timer)
{
	int mv = b.m.mv;

	switch (in) {
	case TDFXO_IN_BATTERY_LOST:
		battery(0);
		wait_ms(tdfxo_line_off_hook(&b.l) ? 350 : 1000);
		return 0;
	case TDFXO_IN_BATTERY_BACK:
		if (mv) {
			battery(0);
			wait_ms(40);
		}
		battery(mv ? mv : BATTERY);
		wait_ms(64);
		return 0;
	case TDFXO_IN_REVERSAL:
		if (!mv)
			battery(8000);
		else
			battery(-mv);
		wait_ms(64);
		return 0;
	case TDFXO_IN_RING_ON:
		ringing(200);
		wait_ms(100);
		return 0;
	case TDFXO_IN_RING_OFF:
		ringing(200);
		wait_ms(b.l.state == TDFXO_STATE_RINGING ? 100 : 60);
		ringing(0);
		wait_ms(128);
		return 0;
	case TDFXO_IN_TIP_GROUND:
		tip(true);
		wait_ms(40);
		return 0;
	case TDFXO_IN_TIP_OPEN:
		if (!b.m.tip_ground) {
			tip(true);
			wait_ms(20);
		}
		tip(false);
		wait_ms(40);
		return 0;
	case TDFXO_IN_TIMER:
		if (timer != TDFXO_NEVER)
			wait_until(timer);
		else
			wait_ms(LONG);
		return 0;
	case TDFXO_IN_DIAL:
		return order(in, 0, "1");
	default:
		return order(in, 0, NULL);
	}
}

/*
 * The next state, or the error, for each input, in the order of enum tdfxo_input:
 * lost back reversal | ring-on ring-off tip-ground tip-open | timer | seize answer hangup flash dial
 * I idle  N no line  G guard  S seized  R ringing  Z seizing  T settling  L loop  D dialling
 * F flashing  X released;  b busy  a already  w again  c no call  k no line;  . as before
 */
static const char letters[] = "INGSRZTLDFX";
static const char *const loop_table[__TDFXO_STATE_MAX] = {
	[TDFXO_STATE_IDLE]	= "N..R...." "Tcacc",
	[TDFXO_STATE_NO_LINE]	= ".IIR...." "kcacc",
	[TDFXO_STATE_GUARD]	= "...R...I" "bcacc",
	[TDFXO_STATE_RINGING]	= ".......I" "bTacc",
	[TDFXO_STATE_SETTLING]	= "X......L" "aaGww",
	[TDFXO_STATE_LOOP]	= "X......." "aaGFD",
	[TDFXO_STATE_DIALLING]	= "X......L" "aaGww",
	[TDFXO_STATE_FLASHING]	= ".......T" "aaGww",
	[TDFXO_STATE_RELEASED]	= ".......G" "baGcc",
};
static const char *const ground_table[__TDFXO_STATE_MAX] = {
	[TDFXO_STATE_IDLE]	= "...R.S.." "Zcacc",
	[TDFXO_STATE_GUARD]	= "...R...I" "bcacc",
	[TDFXO_STATE_SEIZED]	= "...R..I." "bTacc",
	[TDFXO_STATE_RINGING]	= "......II" "bTacc",
	[TDFXO_STATE_SEIZING]	= "...R.T.G" "acGww",
	[TDFXO_STATE_SETTLING]	= "X.....XL" "aaGww",
	[TDFXO_STATE_LOOP]	= "X.....X." "aaGFD",
	[TDFXO_STATE_DIALLING]	= "X.....XL" "aaGww",
	[TDFXO_STATE_FLASHING]	= ".......T" "aaGww",
	[TDFXO_STATE_RELEASED]	= ".......G" "baGcc",
};

static int error_of(char c)
{
	switch (c) {
	case 'b': return -EBUSY;
	case 'a': return -EALREADY;
	case 'w': return -EAGAIN;
	case 'c': return -ENOTCONN;
	case 'k': return -ENOLINK;
	default: return 0;
	}
}

static unsigned int relays_of(unsigned int state)
{
	if (state == TDFXO_STATE_SEIZING)
		return TDFXO_RELAY_RING_GROUND;
	return state >= TDFXO_STATE_SETTLING && state != TDFXO_STATE_FLASHING ?
	       TDFXO_RELAY_LOOP : 0;
}

static void pair(bool ground, unsigned int state, unsigned int in, char want)
{
	const char *next = strchr(letters, want);
	unsigned int end = next ? (unsigned int)(next - letters) : state;
	unsigned int relays;
	int err;

	reach(ground, state);
	relays = b.l.relays;
	err = inject(in, b.l.until);
	if (err != error_of(want) || b.l.state != end)
		fail_msg("%s, state %c, input %u: error %d, state %c; expected '%c'",
			 ground ? "ground start" : "loop start", letters[state], in, err,
			 letters[b.l.state], want);
	if (end == TDFXO_STATE_DIALLING)	/* in a break, or between digits */
		relays = want == '.' || error_of(want) ? relays : 0;
	else
		relays = relays_of(end);
	equal(b.l.relays, relays);
	if (err)
		equal(b.n, 0);			/* what is refused does nothing */
	for (unsigned int i = b.n; i-- > 0;)	/* the board was told */
		if (!b.seen[i].event) {
			equal(b.seen[i].value, b.l.relays);
			break;
		}
}

static void every_pair(bool ground, const char *const *table)
{
	unsigned int pairs = 0;

	for (unsigned int state = 0; state < __TDFXO_STATE_MAX; state++) {
		if (!table[state])
			continue;
		equal(strlen(table[state]), TDFXO_N_INPUTS);
		for (unsigned int in = 0; in < TDFXO_N_INPUTS; in++, pairs++)
			pair(ground, state, in, table[state][in]);
	}
	equal(pairs, ground ? 130 : 117);
}

static void test_pairs_loop(void **state)
{
	(void)state;
	every_pair(false, loop_table);
}

static void test_pairs_ground(void **state)
{
	(void)state;
	every_pair(true, ground_table);
}

/* ---- cadences ---- */

static const struct {
	int ms[4];		/* on, off, on, off */
} cadences[] = {
	{ { 2000, 4000, 0, 0 } }, { { 1000, 4000, 0, 0 } }, { { 1500, 3500, 0, 0 } },
	{ { 1000, 2000, 0, 0 } }, { { 1000, 5000, 0, 0 } }, { { 1000, 3000, 0, 0 } },
	{ { 800, 3200, 0, 0 } }, { { 1500, 3000, 0, 0 } }, { { 1200, 3700, 0, 0 } },
	{ { 1200, 4700, 0, 0 } }, { { 400, 200, 400, 2000 } }, { { 400, 200, 400, 2600 } },
};

/* one ring as this exchange does it, with its pause */
static void one_ring(unsigned int cadence, unsigned int dhz)
{
	for (int i = 0; i < 4 && cadences[cadence].ms[i]; i++) {
		ringing(i % 2 ? 0 : dhz);
		wait_ms(cadences[cadence].ms[i]);
	}
}

static void test_cadences(void **state)
{
	(void)state;
	for (unsigned int c = 0; c < 12; c++)
		for (unsigned int number = 1; number <= 10; number++) {
			int64_t start[13], end;
			unsigned int n = 0;

			fresh(false);
			set(TDFXO_CFG_RING_NUMBER, number);
			for (unsigned int r = 1; r <= 12; r++) {
				start[r] = b.now;
				one_ring(c, 167 + 40 * (c % 3));
				/* the last pause belongs to nobody */
				equal(count(TDFXO_EVENT_RING), r);
				equal(count(TDFXO_EVENT_INCOMING), r >= number);
			}
			equal(find(TDFXO_EVENT_INCOMING)->at, start[number] + 100);
			equal(find(TDFXO_EVENT_INCOMING)->value, number);
			for (unsigned int i = 0; i < b.n; i++)
				if (b.seen[i].event == TDFXO_EVENT_RING) {
					equal(b.seen[i].value, ++n);
					equal(b.seen[i].at, start[n] + 100);
				}
			end = b.now - (cadences[c].ms[3] ? cadences[c].ms[3] : cadences[c].ms[1]);
			wait_ms(10000);
			equal(find(TDFXO_EVENT_ABANDONED)->at, end + 6000);
			equal(b.l.state, TDFXO_STATE_IDLE);
			/* the next caller is counted from one */
			b.n = 0;
			one_ring(c, 250);
			equal(find(TDFXO_EVENT_RING)->value, 1);
		}
}

static void test_ring_window(void **state)
{
	(void)state;
	for (unsigned int dhz = 0; dhz <= 1200; dhz++) {
		fresh(false);
		ringing(dhz);
		wait_ms(2000);
		equal(count(TDFXO_EVENT_RING), dhz >= 150 && dhz <= 680);
		equal(b.l.stats[TDFXO_STAT_RING_FREQ], dhz && (dhz < 150 || dhz > 680));
	}
	for (unsigned int ms = 1; ms <= 300; ms++) {
		fresh(false);
		ringing(250);
		wait_ms(ms);
		ringing(0);
		wait_ms(2000);
		equal(count(TDFXO_EVENT_RING), ms >= 100);
		equal(b.l.stats[TDFXO_STAT_RING_SHORT], ms < 100);
	}
	/* the voltage swings with the ringing: neither reversals nor a broken line */
	fresh(false);
	for (unsigned int i = 0; i < 300; i++) {
		static const int swing[] = { -90000, 0, 60000, 0 };

		b.m.mv = swing[i % 4];
		ringing(200);
		wait_ms(i % 4 == 1 ? 1100 : 100);
	}
	equal(b.n, 2);
	equal(count(TDFXO_EVENT_RING) + count(TDFXO_EVENT_INCOMING), 2);
	/* a hole in a burst is none; no second ring, no pause */
	fresh(false);
	for (unsigned int i = 0; i < 10; i++) {
		ringing(250);
		wait_ms(150);
		ringing(0);
		wait_ms(127);
	}
	equal(count(TDFXO_EVENT_RING), 1);
	equal(count(TDFXO_EVENT_PAUSE), 0);
}

/* ---- battery ---- */

static void test_drops(void **state)
{
	static const unsigned int thresholds[] = { 0, 50, 350, 600, 1500 };

	(void)state;
	for (unsigned int i = 0; i < 5; i++)
		for (unsigned int ms = 0; ms <= 1500; ms++) {
			unsigned int limit = thresholds[i];
			bool release = limit && ms >= limit;
			int64_t at;

			fresh(false);
			set(TDFXO_CFG_DISCONNECT, limit);
			order(TDFXO_IN_SEIZE, 0, NULL);
			battery(-8000);
			wait_ms(3000);
			b.n = 0;
			at = b.now;
			if (ms) {
				battery(0);
				wait_ms(ms);
				battery(-8000);
			}
			wait_ms(2000);
			equal(count(TDFXO_EVENT_DISCONNECT), release);
			equal(b.l.state, release ? TDFXO_STATE_RELEASED : TDFXO_STATE_LOOP);
			if (release) {
				equal(find(TDFXO_EVENT_DISCONNECT)->at, at + limit);
				equal(find(TDFXO_EVENT_DISCONNECT)->value, TDFXO_REASON_BATTERY);
			}
		}
	/* on hook it is an alarm, later */
	for (unsigned int ms = 1; ms <= 1500; ms++) {
		fresh(false);
		battery(0);
		wait_ms(ms);
		battery(BATTERY);
		wait_ms(63);
		equal(count(TDFXO_EVENT_LINE_DOWN), ms >= 1000);
		equal(count(TDFXO_EVENT_LINE_UP), 0);
		wait_ms(1);
		equal(count(TDFXO_EVENT_LINE_UP), ms >= 1000);
	}
}

static void test_no_loop_current(void **state)
{
	int64_t at;

	(void)state;
	/* the wire breaks as we go off hook */
	fresh(false);
	at = b.now;
	equal(order(TDFXO_IN_SEIZE, 0, NULL), 0);
	battery(0);
	wait_ms(5000);
	equal(find(TDFXO_EVENT_DISCONNECT)->at, at + 350);
	equal(order(TDFXO_IN_HANGUP, 0, NULL), 0);
	wait_ms(5000);
	equal(count(TDFXO_EVENT_LINE_DOWN), 1);
	equal(order(TDFXO_IN_SEIZE, 0, NULL), -ENOLINK);
	/* another telephone is on the line */
	fresh(false);
	battery(-9000);
	wait_ms(100);
	equal(order(TDFXO_IN_SEIZE, 0, NULL), -EBUSY);
	battery(24000);
	equal(order(TDFXO_IN_SEIZE, 0, NULL), 0);
}

static void up(bool outgoing)
{
	fresh(false);
	if (!outgoing)
		one_ring(0, 200);
	equal(order(outgoing ? TDFXO_IN_SEIZE : TDFXO_IN_ANSWER, 0, NULL), 0);
	battery(-8000);
	wait_ms(2000);
	equal(b.l.state, TDFXO_STATE_LOOP);
	b.n = 0;
}

static void test_reversal(void **state)
{
	int64_t at;

	(void)state;
	up(true);
	at = b.now;
	battery(8000);
	wait_ms(3000);
	equal(find(TDFXO_EVENT_ANSWERED)->at, at + 64);
	battery(-8000);
	wait_ms(63);
	equal(count(TDFXO_EVENT_DISCONNECT), 0);
	wait_ms(1);
	equal(find(TDFXO_EVENT_DISCONNECT)->value, TDFXO_REASON_REVERSAL);

	up(false);
	battery(8000);
	wait_ms(64);
	equal(count(TDFXO_EVENT_ANSWERED), 0);
	equal(find(TDFXO_EVENT_DISCONNECT)->value, TDFXO_REASON_REVERSAL);

	/* not wanted */
	up(true);
	set(TDFXO_CFG_REVERSAL, 0);
	battery(8000);
	wait_ms(64);
	equal(count(TDFXO_EVENT_POLARITY), 1);
	equal(count(TDFXO_EVENT_ANSWERED), 0);

	/* too short, or by our own hook */
	up(true);
	battery(8000);
	wait_ms(63);
	battery(-8000);
	wait_ms(1000);
	equal(b.n, 0);
	fresh(false);
	order(TDFXO_IN_SEIZE, 0, NULL);
	wait_ms(599);
	battery(8000);
	wait_ms(3000);
	equal(count(TDFXO_EVENT_ANSWERED) + count(TDFXO_EVENT_POLARITY), 0);
	battery(-8000);
	wait_ms(64);
	equal(count(TDFXO_EVENT_ANSWERED), 1);
}

/* ---- both ends at once, ground start ---- */

static void test_glare(void **state)
{
	(void)state;
	/* loop start: no seizure between two rings, nor in the first moment of one */
	fresh(false);
	one_ring(0, 200);
	equal(order(TDFXO_IN_SEIZE, 0, NULL), -EBUSY);
	fresh(false);
	ringing(200);
	wait_ms(5);
	equal(order(TDFXO_IN_SEIZE, 0, NULL), -EBUSY);
	/* and if it starts right after */
	fresh(false);
	equal(order(TDFXO_IN_SEIZE, 0, NULL), 0);
	ringing(200);
	wait_ms(200);
	ringing(0);
	wait_ms(5000);
	equal(count(TDFXO_EVENT_GLARE), 1);
	equal(b.l.state, TDFXO_STATE_LOOP);
	equal(b.l.outgoing, false);
	/* our own answer trips the ring: no glare */
	fresh(false);
	ringing(200);
	wait_ms(300);
	equal(order(TDFXO_IN_ANSWER, 0, NULL), 0);
	wait_ms(200);
	ringing(0);
	battery(-8000);
	wait_ms(2000);
	equal(count(TDFXO_EVENT_GLARE), 0);
	/* ground start: tip is grounded already */
	fresh(true);
	tip(true);
	wait_ms(1);
	equal(order(TDFXO_IN_SEIZE, 0, NULL), -EBUSY);
	/* or it rings instead of grounding tip for us */
	fresh(true);
	equal(order(TDFXO_IN_SEIZE, 0, NULL), 0);
	ringing(200);
	wait_ms(100);
	equal(count(TDFXO_EVENT_GLARE), 1);
	equal(count(TDFXO_EVENT_INCOMING), 1);
	equal(b.l.relays, 0);
}

static void test_ground_start(void **state)
{
	int64_t at;

	(void)state;
	/* out: ground ring, see tip, close the loop, let go of ring */
	fresh(true);
	equal(order(TDFXO_IN_SEIZE, 0, NULL), 0);
	wait_ms(300);
	tip(true);
	at = b.now;
	wait_ms(40);
	equal(b.n, 4);
	equal(b.seen[0].value, TDFXO_RELAY_RING_GROUND);
	equal(b.seen[1].value, TDFXO_RELAY_RING_GROUND | TDFXO_RELAY_LOOP);
	equal(b.seen[2].value, TDFXO_RELAY_LOOP);
	equal(b.seen[3].event, TDFXO_EVENT_OFF_HOOK);
	equal(b.seen[3].at, at + 40);
	battery(-8000);
	wait_ms(5000);
	/* and the exchange opens tip: at once */
	at = b.now;
	b.m.mv = 0;
	tip(false);
	wait_ms(1000);
	equal(find(TDFXO_EVENT_DISCONNECT)->value, TDFXO_REASON_TIP);
	equal(find(TDFXO_EVENT_DISCONNECT)->at, at + 40);

	/* nobody grounds tip */
	fresh(true);
	at = b.now;
	order(TDFXO_IN_SEIZE, 0, NULL);
	wait_ms(9000);
	equal(find(TDFXO_EVENT_SEIZE_FAILED)->at, at + 5000);
	equal(b.l.state, TDFXO_STATE_IDLE);
	equal(b.l.relays, 0);

	/* in: tip ground is a call; with ring-only it is none before it rings */
	for (unsigned int ring_only = 0; ring_only < 2; ring_only++) {
		fresh(true);
		set(TDFXO_CFG_RING_ONLY, ring_only);
		set(TDFXO_CFG_RING_NUMBER, 3);
		at = b.now;
		tip(true);
		wait_ms(1000);
		equal(find(TDFXO_EVENT_SEIZED)->at, at + 40);
		equal(count(TDFXO_EVENT_INCOMING), !ring_only);
		one_ring(0, 200);
		one_ring(0, 200);
		equal(count(TDFXO_EVENT_INCOMING), !ring_only);
		at = b.now;
		one_ring(0, 200);
		equal(count(TDFXO_EVENT_INCOMING), 1);
		if (ring_only)
			equal(find(TDFXO_EVENT_INCOMING)->at, at + 100);
		at = b.now;
		tip(false);
		wait_ms(1000);
		equal(find(TDFXO_EVENT_ABANDONED)->at, at + 40);
	}
	/* tip that is still, or again, grounded when the guard time is over is the next call */
	reach(true, TDFXO_STATE_GUARD);
	tip(true);
	wait_ms(5000);
	equal(b.l.state, TDFXO_STATE_SEIZED);
	equal(count(TDFXO_EVENT_INCOMING), 1);
	/* signalling changes at rest only */
	up(true);
	b.l.cfg.value[TDFXO_CFG_GROUND_START] = 0;
	struct tdfxo_line_config cfg = b.l.cfg;
	cfg.value[TDFXO_CFG_GROUND_START] = 1;
	equal(tdfxo_line_configure(&b.l, &cfg), -EBUSY);
}

/* ---- pulses and flash ---- */

/* reads relay moves as an exchange would: breaks of 40..80 ms, 300 ms closed ends a digit */
static void decode(char *digits)
{
	int64_t opened = 0, closed = 0;
	int pulses = 0;

	for (unsigned int i = 0; i < b.n; i++) {
		if (b.seen[i].event)
			continue;
		if (!b.seen[i].value) {
			opened = b.seen[i].at;
			if (pulses && opened - closed >= 300) {
				*digits++ = '0' + pulses % 10;
				pulses = 0;
			}
		} else {
			closed = b.seen[i].at;
			equal(closed - opened, 60);
			pulses++;
		}
	}
	if (pulses)
		*digits++ = '0' + pulses % 10;
	*digits = '\0';
}

static void test_pulses(void **state)
{
	static const char *const numbers[] = { "1", "0", "1234567890", "00", "9,5551234", ",,1" };
	char too_long[TDFXO_MAX_DIGITS + 2];

	(void)state;
	for (unsigned int i = 0; i < 6; i++) {
		char want[64] = "", got[64];
		int64_t at, ms = 0;

		for (const char *p = numbers[i]; *p; p++) {
			if (*p != ',')
				strncat(want, p, 1);
			ms += *p == ',' ? 1000 : (*p == '0' ? 10 : *p - '0') * 100 +
			      (p[1] ? 800 - 40 : 0);
		}
		up(true);
		at = b.now;
		equal(order(TDFXO_IN_DIAL, 0, numbers[i]), 0);
		equal(order(TDFXO_IN_DIAL, 0, "1"), -EAGAIN);
		wait_ms(60000);
		decode(got);
		assert_string_equal(got, want);
		equal(find(TDFXO_EVENT_DIALLED)->at, at + ms);
		equal(b.l.state, TDFXO_STATE_LOOP);
	}
	memset(too_long, '1', sizeof(too_long));
	too_long[TDFXO_MAX_DIGITS + 1] = '\0';
	up(true);
	equal(order(TDFXO_IN_DIAL, 0, too_long), -EINVAL);
	equal(order(TDFXO_IN_DIAL, 0, ""), -EINVAL);
	equal(order(TDFXO_IN_DIAL, 0, NULL), -EINVAL);
	equal(order(TDFXO_IN_DIAL, 0, "12#"), -EINVAL);
	/* a hang-up in the middle of a digit */
	equal(order(TDFXO_IN_DIAL, 0, "5555"), 0);
	wait_ms(130);
	equal(order(TDFXO_IN_HANGUP, 0, NULL), 0);
	b.n = 0;
	battery(BATTERY);
	wait_ms(5000);
	equal(b.n, 1);
	equal(b.seen[0].event, TDFXO_EVENT_IDLE);
	/* the exchange goes while we dial */
	up(true);
	equal(order(TDFXO_IN_DIAL, 0, "555555"), 0);
	wait_ms(130);
	battery(0);
	wait_ms(5000);
	equal(count(TDFXO_EVENT_DISCONNECT), 1);
	equal(count(TDFXO_EVENT_DIALLED), 0);
	equal(b.l.relays, TDFXO_RELAY_LOOP);
}

static void test_flash(void **state)
{
	(void)state;
	up(true);
	int64_t at = b.now;
	equal(order(TDFXO_IN_FLASH, 0, NULL), 0);
	wait_ms(2000);
	equal(b.seen[0].value, 0);
	equal(b.seen[0].at, at);
	equal(b.seen[1].value, TDFXO_RELAY_LOOP);
	equal(b.seen[1].at, at + 400);
	equal(find(TDFXO_EVENT_READY)->at, at + 900);
	equal(count(TDFXO_EVENT_ON_HOOK), 0);
	equal(order(TDFXO_IN_FLASH, 1501, NULL), -EINVAL);
	equal(order(TDFXO_IN_FLASH, 90, NULL), 0);
}

/* ---- a released line nobody cares for; scripts out of hell ---- */

static void test_wait_release(void **state)
{
	(void)state;
	up(true);
	battery(0);
	wait_ms(350);
	int64_t at = b.now;
	battery(-8000);
	wait_ms(60000);
	equal(find(TDFXO_EVENT_ON_HOOK)->at, at + 30000);
	equal(find(TDFXO_EVENT_ON_HOOK)->value, 1);
	equal(b.l.relays, 0);
}

static void random_step(struct tdfxo_line *l, struct tdfxo_measure *m, int64_t now,
			unsigned int r, struct tdfxo_actions *out)
{
	static const char *const dials[] = { "1", "90,1", "x", "" };

	switch (r % 8) {
	case 0: m->mv = (int)(r >> 8) % 50000 - 25000; break;
	case 1: m->ring_dhz = (r >> 8) % 3 ? 0 : (r >> 8) % 900; break;
	case 2: m->tip_ground = !m->tip_ground; break;
	case 3: m->mv = 0; break;
	case 4: m->mv = -48000; break;
	default:
		tdfxo_line_order(l, TDFXO_IN_SEIZE + (r >> 8) % 5, (r >> 11) % 2000,
				 dials[(r >> 12) % 4], now, out);
		return;
	}
	tdfxo_line_measure(l, m, now, out);
}

/* Whoever calls late gets the same events with the same dates as who calls in time. */
static void test_random(void **state)
{
	unsigned int rnd = 1;

	(void)state;
	for (unsigned int round = 0; round < 400; round++) {
		struct tdfxo_line lazy;
		struct tdfxo_measure m = { .mv = BATTERY }, m2 = m;
		struct seen late[4096];
		unsigned int n = 0;

		fresh(round % 2);
		m.mv = m2.mv = b.m.mv;
		lazy = b.l;
		for (unsigned int i = 0; i < 400; i++) {
			struct tdfxo_actions a = { 0 };

			rnd = rnd * 1664525u + 1013904223u;
			wait_ms((rnd >> 10) % (rnd & 1 ? 100 : 900));
			do {		/* until nothing of the past is left */
				struct tdfxo_actions c = { 0 };

				tdfxo_line_run(&lazy, b.now, &c);
				for (unsigned int k = 0; k < c.n; k++)
					late[n++] = (struct seen){ c.a[k].at, c.a[k].event, c.a[k].value };
			} while (tdfxo_line_next(&lazy) <= b.now);
			rnd = rnd * 1664525u + 1013904223u;
			random_step(&b.l, &m, b.now, rnd >> 4, &a);
			take(&a);
			a.n = 0;
			random_step(&lazy, &m2, b.now, rnd >> 4, &a);
			for (unsigned int k = 0; k < a.n; k++)
				late[n++] = (struct seen){ a.a[k].at, a.a[k].event, a.a[k].value };
			assert_true(b.l.state < __TDFXO_STATE_MAX);
			assert_true(tdfxo_line_next(&b.l) > b.now);
			if (b.l.state != TDFXO_STATE_DIALLING)
				equal(b.l.relays, relays_of(b.l.state));
		}
		equal(n, b.n);
		assert_memory_equal(late, b.seen, n * sizeof(late[0]));
		assert_memory_equal(&lazy.signal, &b.l.signal, sizeof(lazy.signal));
		/* and wherever it is, the exchange gone and the owner too, it comes to rest */
		b.n = 0;
		order(TDFXO_IN_HANGUP, 0, NULL);
		b.m = (struct tdfxo_measure){ .mv = round % 2 ? 0 : BATTERY };
		wires();
		wait_ms(LONG);
		equal(b.l.state, TDFXO_STATE_IDLE);
		equal(b.l.relays, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs_loop),
		cmocka_unit_test(test_pairs_ground),
		cmocka_unit_test(test_cadences),
		cmocka_unit_test(test_ring_window),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_no_loop_current),
		cmocka_unit_test(test_reversal),
		cmocka_unit_test(test_glare),
		cmocka_unit_test(test_ground_start),
		cmocka_unit_test(test_pulses),
		cmocka_unit_test(test_flash),
		cmocka_unit_test(test_wait_release),
		cmocka_unit_test(test_random),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
