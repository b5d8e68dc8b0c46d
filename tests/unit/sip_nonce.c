/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nonces: ours and nobody else's, for a time; each count of each nonce once, whatever else
 * the phone answers meanwhile, with a retransmission told from a replay.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "userspace/sip/nonce.h"

#define LIFETIME 300
static const struct td_addr host = { .ip = { [10] = 0xff, 0xff, 192, 0, 2, 7 }, .port = 5060 };

#define REQUEST	 0x1122334455667788	/* of the hash of a request */

static void maker(struct td_nonce *n, uint8_t seed)
{
	uint8_t key[32];

	memset(key, seed, sizeof(key));
	key[16] ^= 0x5a;		/* two different halves */
	td_nonce_init(n, key);
}

/* ---- making and checking ---- */

static void ours(void **state)
{
	char text[TD_NONCE_LEN];
	struct td_nonce_id id;
	struct td_nonce n;

	(void)state;
	maker(&n, 1);
	td_nonce_make(&n, &host, 1000, text);
	assert_int_equal(strlen(text), 48);
	assert_int_equal(strspn(text, "0123456789abcdef"), 48);
	assert_int_equal(td_nonce_check(&n, &host, text, 1000, LIFETIME, &id), 0);
	assert_int_equal(id.time_s, 1000);
	assert_int_equal(id.serial, 1);
	td_nonce_make(&n, &host, 1000, text);
	assert_int_equal(td_nonce_check(&n, &host, text, 1000, LIFETIME, &id), 0);
	assert_int_equal(id.serial, 2);
}

/* An answer from elsewhere proves nothing of the host that it names. The port may change. */
static void of_one_host(void **state)
{
	struct td_addr other = host, same = host;
	char text[TD_NONCE_LEN];
	struct td_nonce_id id;
	struct td_nonce n;

	(void)state;
	maker(&n, 1);
	td_nonce_make(&n, &host, 1000, text);
	other.ip[15]++;
	same.port++;
	assert_int_equal(td_nonce_check(&n, &other, text, 1000, LIFETIME, &id), -EBADMSG);
	assert_int_equal(td_nonce_check(&n, &same, text, 1000, LIFETIME, &id), 0);
}

static void never_twice(void **state)
{
	char text[TD_NONCE_LEN], last[TD_NONCE_LEN] = "";
	struct td_nonce n;
	int i;

	(void)state;
	maker(&n, 1);
	for (i = 0; i < 1000; i++) {
		td_nonce_make(&n, &host, 7, text);
		assert_string_not_equal(text, last);
		strcpy(last, text);
	}
}

static void stale(void **state)
{
	char text[TD_NONCE_LEN];
	struct td_nonce_id id;
	struct td_nonce n;

	(void)state;
	maker(&n, 1);
	td_nonce_make(&n, &host, 1000, text);
	assert_int_equal(td_nonce_check(&n, &host, text, 1300, LIFETIME, &id), 0);
	assert_int_equal(td_nonce_check(&n, &host, text, 1301, LIFETIME, &id), -ESTALE);
	assert_int_equal(id.serial, 1);
	assert_int_equal(td_nonce_check(&n, &host, text, 999, LIFETIME, &id), -ESTALE);	/* not yet */
	td_nonce_make(&n, &host, UINT32_MAX - 5, text);		/* seconds run over */
	assert_int_equal(td_nonce_check(&n, &host, text, 10, LIFETIME, &id), 0);
}

static void foreign(void **state)
{
	char text[TD_NONCE_LEN], upper[TD_NONCE_LEN];
	struct td_nonce a, b;
	struct td_nonce_id id;
	size_t i;

	(void)state;
	maker(&a, 1);
	maker(&b, 2);
	td_nonce_make(&a, &host, 1000, text);
	assert_int_equal(td_nonce_check(&b, &host, text, 1000, LIFETIME, &id), -EBADMSG);
	for (i = 0; i < 48; i++)
		upper[i] = (char)(text[i] >= 'a' ? text[i] - 32 : text[i]);
	upper[48] = '\0';
	assert_int_equal(td_nonce_check(&a, &host, upper, 1000, LIFETIME, &id), 0);
}

/* Each digit counts: the time and the serial as well as the seal. */
static void tampered(void **state)
{
	char text[TD_NONCE_LEN], bad[TD_NONCE_LEN + 2];
	struct td_nonce_id id;
	struct td_nonce n;
	size_t i;

	(void)state;
	maker(&n, 3);
	td_nonce_make(&n, &host, 1000, text);
	for (i = 0; i < 48; i++) {
		strcpy(bad, text);
		bad[i] = bad[i] == '0' ? '1' : '0';
		assert_int_equal(td_nonce_check(&n, &host, bad, 1000, LIFETIME, &id), -EBADMSG);
		bad[i] = 'g';
		assert_int_equal(td_nonce_check(&n, &host, bad, 1000, LIFETIME, &id), -EBADMSG);
	}
	assert_int_equal(td_nonce_check(&n, &host, "", 1000, LIFETIME, &id), -EBADMSG);
	strcpy(bad, text);
	bad[47] = '\0';
	assert_int_equal(td_nonce_check(&n, &host, bad, 1000, LIFETIME, &id), -EBADMSG);
	snprintf(bad, sizeof(bad), "%s0", text);
	assert_int_equal(td_nonce_check(&n, &host, bad, 1000, LIFETIME, &id), -EBADMSG);
}

/* A seal whose halves are the same would be half as strong. */
static void both_keys_count(void **state)
{
	char text[TD_NONCE_LEN];
	struct td_nonce_id id;
	struct td_nonce n;

	(void)state;
	maker(&n, 4);
	td_nonce_make(&n, &host, 1000, text);
	assert_memory_not_equal(text + 16, text + 32, 16);
	n.key[1][3] ^= 1;
	assert_int_equal(td_nonce_check(&n, &host, text, 1000, LIFETIME, &id), -EBADMSG);
	n.key[1][3] ^= 1;
	n.key[0][3] ^= 1;
	assert_int_equal(td_nonce_check(&n, &host, text, 1000, LIFETIME, &id), -EBADMSG);
}

/* ---- spending ---- */

static struct td_nonce_id id_of(uint32_t time_s, uint32_t serial)
{
	return (struct td_nonce_id){ time_s, serial };
}

static void counts(void **state)
{
	struct td_nonce_window w = { 0 };
	struct td_nonce_id id = id_of(1000, 1);
	uint32_t nc;

	(void)state;
	for (nc = 1; nc <= 200; nc++)
		assert_int_equal(td_nonce_use(&w, &id, nc, nc), 0);
	for (nc = 1; nc < 200; nc++)
		assert_int_equal(td_nonce_use(&w, &id, nc, nc), -ESTALE);
}

static void out_of_order(void **state)
{
	struct td_nonce_window w = { 0 };
	struct td_nonce_id id = id_of(1000, 1);

	(void)state;
	assert_int_equal(td_nonce_use(&w, &id, 5, 5), 0);
	assert_int_equal(td_nonce_use(&w, &id, 3, 3), 0);	/* overtaken on the way */
	assert_int_equal(td_nonce_use(&w, &id, 3, 3), -ESTALE);
	assert_int_equal(td_nonce_use(&w, &id, 68, 68), 0);
	assert_int_equal(td_nonce_use(&w, &id, 5, 9), -ESTALE);	/* still in sight: 63 behind */
	assert_int_equal(td_nonce_use(&w, &id, 6, 6), 0);
	assert_int_equal(td_nonce_use(&w, &id, 4, 4), -ESTALE);	/* 64 behind: cannot be told */
	assert_int_equal(td_nonce_use(&w, &id, 1000000, 7), 0);	/* a jump forgets the rest */
	assert_int_equal(td_nonce_use(&w, &id, 999999, 8), 0);
	assert_int_equal(td_nonce_use(&w, &id, 68, 68), -ESTALE);
	assert_int_equal(td_nonce_use(&w, &id, UINT32_MAX, 1), 0);
	assert_int_equal(td_nonce_use(&w, &id, UINT32_MAX, 2), -ESTALE);
}

static void retransmission(void **state)
{
	struct td_nonce_window w = { 0 };
	struct td_nonce_id id = id_of(1000, 1);

	(void)state;
	assert_int_equal(td_nonce_use(&w, &id, 1, REQUEST), 0);
	assert_int_equal(td_nonce_use(&w, &id, 1, REQUEST), 0);
	assert_int_equal(td_nonce_use(&w, &id, 1, REQUEST + 1), -ESTALE);
	assert_int_equal(td_nonce_use(&w, &id, 2, REQUEST + 2), 0);
	assert_int_equal(td_nonce_use(&w, &id, 1, REQUEST), -ESTALE);	/* not the last any more */
}

static void without_qop(void **state)
{
	struct td_nonce_window w = { 0 };
	struct td_nonce_id id = id_of(1000, 1), other = id_of(1000, 2);

	(void)state;
	assert_int_equal(td_nonce_use(&w, &id, 0, REQUEST), 0);
	assert_int_equal(td_nonce_use(&w, &id, 0, REQUEST), 0);		/* its retransmission */
	assert_int_equal(td_nonce_use(&w, &id, 0, REQUEST + 1), -ESTALE);
	assert_int_equal(td_nonce_use(&w, &id, 1, REQUEST + 1), -ESTALE);	/* never mixed */
	assert_int_equal(td_nonce_use(&w, &other, 1, REQUEST), 0);
	assert_int_equal(td_nonce_use(&w, &other, 0, REQUEST), -ESTALE);
}

/* ---- more nonces than the window holds ---- */

static void forgotten_ones_are_refused(void **state)
{
	struct td_nonce_window w = { 0 };
	struct td_nonce_id id;
	uint32_t i;

	(void)state;
	for (i = 1; i <= 100; i++) {
		id = id_of(1000, i);
		assert_int_equal(td_nonce_use(&w, &id, 1, i), 0);
	}
	for (i = 1; i <= 100 - TD_NONCE_WINDOW; i++) {
		id = id_of(1000, i);
		assert_int_equal(td_nonce_use(&w, &id, 1, i), -ESTALE);
		assert_int_equal(td_nonce_use(&w, &id, 2, i), -ESTALE);
	}
	for (; i <= 100; i++) {			/* those of the window go on */
		id = id_of(1000, i);
		assert_int_equal(td_nonce_use(&w, &id, 2, i), 0);
	}
}

/* An old nonce, never seen, when the window is full of younger ones: nothing is pushed out for
 * it, and it stays refused. */
static void older_than_all(void **state)
{
	struct td_nonce_window w = { 0 };
	struct td_nonce_id id;
	uint32_t i;

	(void)state;
	for (i = 0; i < TD_NONCE_WINDOW; i++) {
		id = id_of(2000, i + 10);
		assert_int_equal(td_nonce_use(&w, &id, 1, i), 0);
	}
	id = id_of(1999, 9);
	assert_int_equal(td_nonce_use(&w, &id, 1, 1), -ESTALE);
	for (i = 0; i < TD_NONCE_WINDOW; i++) {
		id = id_of(2000, i + 10);
		assert_int_equal(td_nonce_use(&w, &id, 1, 77), -ESTALE);
		assert_int_equal(td_nonce_use(&w, &id, 2, 78), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours),
		cmocka_unit_test(of_one_host),
		cmocka_unit_test(never_twice),
		cmocka_unit_test(stale),
		cmocka_unit_test(foreign),
		cmocka_unit_test(tampered),
		cmocka_unit_test(both_keys_count),
		cmocka_unit_test(counts),
		cmocka_unit_test(out_of_order),
		cmocka_unit_test(retransmission),
		cmocka_unit_test(without_qop),
		cmocka_unit_test(forgotten_ones_are_refused),
		cmocka_unit_test(older_than_all),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
