/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cursor: both byte orders, the ends, and that the first error stays. The data is on
 * the heap in its exact size, so that the sanitizer sees one byte too much.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "userspace/base/buf.h"
#include "userspace/base/mem.h"

static void decode(void **state)
{
	static const uint8_t bytes[] = { 0x01, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef, 0x34, 0x12,
					 0xef, 0xbe, 0xad, 0xde, 'a', 'b' };
	uint8_t *data = td_zalloc(sizeof(bytes));
	struct td_buf b;
	struct td_str s;

	(void)state;
	memcpy(data, bytes, sizeof(bytes));
	td_buf_init(&b, data, sizeof(bytes));
	assert_int_equal(td_buf_left(&b), sizeof(bytes));
	assert_int_equal(td_buf_get_u8(&b), 1);
	assert_int_equal(td_buf_get_be16(&b), 0x1234);
	assert_int_equal(td_buf_get_be32(&b), 0xdeadbeef);
	assert_int_equal(td_buf_get_le16(&b), 0x1234);
	assert_int_equal(td_buf_get_le32(&b), 0xdeadbeef);
	s = td_buf_get_bytes(&b, 2);
	assert_ptr_equal(s.p, data + 13);		/* a view, no copy */
	assert_true(td_str_eq_c(s, "ab"));
	assert_int_equal(td_buf_left(&b), 0);
	assert_int_equal(td_buf_get_bytes(&b, 0).len, 0);
	assert_int_equal(td_buf_err(&b), 0);
	td_free(data);
}

static void read_past_the_end(void **state)
{
	uint8_t *data = td_zalloc(3);
	struct td_buf b;

	(void)state;
	memset(data, 0xff, 3);
	td_buf_init(&b, data, 3);
	assert_int_equal(td_buf_get_be32(&b), 0);
	assert_int_equal(td_buf_err(&b), -EBADMSG);
	/* what would still fit is not given any more */
	assert_int_equal(td_buf_left(&b), 0);
	assert_int_equal(td_buf_get_u8(&b), 0);
	assert_int_equal(td_buf_get_be16(&b), 0);
	assert_int_equal(td_buf_get_le16(&b), 0);
	assert_int_equal(td_buf_get_le32(&b), 0);
	assert_int_equal(td_buf_get_bytes(&b, 1).len, 0);
	assert_non_null(td_buf_get_bytes(&b, 1).p);
	assert_int_equal(td_buf_err(&b), -EBADMSG);
	td_free(data);
}

static void each_getter_at_the_end(void **state)
{
	uint8_t *data = td_zalloc(3);
	struct td_buf b;

	(void)state;
	memset(data, 0xff, 3);
	td_buf_init(&b, data, 0);
	assert_int_equal(td_buf_get_u8(&b), 0);
	assert_int_equal(td_buf_err(&b), -EBADMSG);
	td_buf_init(&b, data + 2, 1);
	assert_int_equal(td_buf_get_be16(&b), 0);
	assert_int_equal(td_buf_err(&b), -EBADMSG);
	td_buf_init(&b, data + 2, 1);
	assert_int_equal(td_buf_get_le16(&b), 0);
	assert_int_equal(td_buf_err(&b), -EBADMSG);
	td_buf_init(&b, data, 3);
	assert_int_equal(td_buf_get_le32(&b), 0);
	assert_int_equal(td_buf_err(&b), -EBADMSG);
	td_buf_init(&b, data, 3);
	td_buf_get_u8(&b);
	assert_int_equal(td_buf_get_bytes(&b, SIZE_MAX).len, 0);	/* pos + n would wrap */
	assert_int_equal(td_buf_err(&b), -EBADMSG);
	td_free(data);
}

static void encode(void **state)
{
	static const uint8_t want[] = { 0x01, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef, 0x34, 0x12,
					0xef, 0xbe, 0xad, 0xde, 'a', 'b' };
	uint8_t *data = td_zalloc(sizeof(want));
	struct td_buf b;

	(void)state;
	td_buf_init(&b, data, sizeof(want));
	td_buf_put_u8(&b, 1);
	td_buf_put_be16(&b, 0x1234);
	td_buf_put_be32(&b, 0xdeadbeef);
	td_buf_put_le16(&b, 0x1234);
	td_buf_put_le32(&b, 0xdeadbeef);
	td_buf_put_bytes(&b, "ab", 2);
	td_buf_put_bytes(&b, NULL, 0);
	assert_int_equal(td_buf_err(&b), 0);
	assert_int_equal(b.pos, sizeof(want));
	assert_memory_equal(data, want, sizeof(want));
	td_buf_put_u8(&b, 1);
	assert_int_equal(td_buf_err(&b), -ENOSPC);
	td_free(data);
}

/* What outlives a process or goes to the other router. */
static void numbers_and_texts_of_records(void **state)
{
	static const uint8_t want[] = { 1, 2, 3, 4, 5, 6, 7, 8, 0, 2, 'a', 'b', 0, 0 };
	uint8_t *data = td_zalloc(sizeof(want));
	char text[3];
	struct td_buf b;

	(void)state;
	td_buf_init(&b, data, sizeof(want));
	td_buf_put_be64(&b, 0x0102030405060708);
	td_buf_put_text(&b, "ab");
	td_buf_put_text(&b, "");
	assert_int_equal(td_buf_err(&b), 0);
	assert_int_equal(b.pos, sizeof(want));
	assert_memory_equal(data, want, sizeof(want));
	td_buf_init(&b, data, sizeof(want));
	assert_int_equal(td_buf_get_be64(&b), 0x0102030405060708);
	td_buf_get_text(&b, text, sizeof(text));
	assert_string_equal(text, "ab");
	td_buf_get_text(&b, text, sizeof(text));
	assert_string_equal(text, "");
	assert_int_equal(td_buf_err(&b), 0);
	/* it must fit, and be a text */
	td_buf_init(&b, data + 8, 4);
	td_buf_get_text(&b, text, 2);
	assert_int_equal(td_buf_err(&b), -EBADMSG);
	data[11] = 0;
	td_buf_init(&b, data + 8, 4);
	td_buf_get_text(&b, text, sizeof(text));
	assert_int_equal(td_buf_err(&b), -EBADMSG);
	td_free(data);
}

/* Half a number is not written, and nothing after it. */
static void write_past_the_end(void **state)
{
	uint8_t *data = td_zalloc(3);
	struct td_buf b;

	(void)state;
	td_buf_init(&b, data, 3);
	td_buf_put_be32(&b, 0x01020304);
	assert_int_equal(td_buf_err(&b), -ENOSPC);
	td_buf_put_u8(&b, 9);
	td_buf_printf(&b, "x");
	assert_int_equal(td_buf_err(&b), -ENOSPC);
	assert_int_equal(b.pos, 0);
	assert_memory_equal(data, "\0\0\0", 3);
	td_free(data);
}

static void text(void **state)
{
	char *data = td_zalloc(8);
	struct td_buf b;

	(void)state;
	td_buf_init(&b, data, 8);
	td_buf_printf(&b, "a=%d", 7);
	assert_int_equal(b.pos, 3);
	td_buf_printf(&b, "%s", "");
	td_buf_printf(&b, "%s", "bcde");
	assert_int_equal(td_buf_err(&b), 0);
	assert_int_equal(b.pos, 7);
	assert_string_equal(data, "a=7bcde");
	td_buf_printf(&b, "f");		/* the terminator has no room */
	assert_int_equal(td_buf_err(&b), -ENOSPC);
	assert_int_equal(b.pos, 7);
	td_free(data);
}

static void text_too_long(void **state)
{
	char *data = td_zalloc(4);
	struct td_buf b;

	(void)state;
	td_buf_init(&b, data, 4);
	td_buf_printf(&b, "%s", "much too long");
	assert_int_equal(td_buf_err(&b), -ENOSPC);
	assert_int_equal(b.pos, 0);
	td_buf_init(&b, data, 0);
	td_buf_printf(&b, "%s", "");
	assert_int_equal(td_buf_err(&b), -ENOSPC);
	td_free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode),
		cmocka_unit_test(read_past_the_end),
		cmocka_unit_test(each_getter_at_the_end),
		cmocka_unit_test(encode),
		cmocka_unit_test(numbers_and_texts_of_records),
		cmocka_unit_test(write_past_the_end),
		cmocka_unit_test(text),
		cmocka_unit_test(text_too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
