/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Multipart bodies: the part that is asked for, to the byte; and bodies that only look like
 * ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/sip/sip_body.h"

/* The part as text, or NULL. The body lies in memory of its own, so that who reads past its
 * end is caught. */
static const char *part_of(const char *body, const char *boundary)
{
	static char text[256];
	size_t len = strlen(body);
	char *copy = malloc(len ? len : 1);
	struct td_str part;
	bool found;

	assert_non_null(copy);
	memcpy(copy, body, len);
	found = td_sip_body_part((struct td_str){ copy, len }, td_str_of(boundary),
				 "application/sdp", &part);
	if (found) {
		assert_true(part.p >= copy && part.p + part.len <= copy + len);
		snprintf(text, sizeof(text), "%.*s", (int)part.len, part.p);
	}
	free(copy);
	return found ? text : NULL;
}

#define SDP "Content-Type: application/sdp\r\n\r\n"

static void found(void **state)
{
	(void)state;
	assert_string_equal(part_of("--b\r\n" SDP "v=0\r\n\r\n--b--\r\n", "b"), "v=0\r\n");
	assert_string_equal(part_of("\r\n--b\r\n" SDP "v=0\r\n--b--", "b"), "v=0");
	assert_string_equal(part_of("Preamble\r\n--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
				    "--b  \r\n" SDP "v=0\r\n--b--\r\nepilogue", "\"b\""), "v=0");
	assert_string_equal(part_of("--b\n" SDP "v=0\n--b--\n", "b"), "v=0");
	assert_string_equal(part_of("--b\r\n" SDP "v=0\r\n--b\r\nContent-Type: a/b\r\n\r\n"
				    "\r\n--b--", "b"), "v=0");
	assert_string_equal(part_of("--b\r\n" SDP "\r\n--b--", "b"), "");
	assert_string_equal(part_of("--b\r\n" SDP "--c\r\n --b\r\n--bc\r\n--b--", "b"),
			    "--c\r\n --b\r\n--bc");
}

static void headers(void **state)
{
	(void)state;
	assert_string_equal(part_of("--b\r\nc:APPLICATION/SDP;x=y\r\n\r\nv\r\n--b--", "b"), "v");
	assert_string_equal(part_of("--b\r\nContent-ID: <1>\r\ncontent-type : application/sdp \r\n"
				    "\r\nv\r\n--b--", "b"), "v");
	assert_string_equal(part_of("--b\r\nContent-Type:\r\n\tapplication/sdp\r\n\r\nv\r\n"
				    "--b--", "b"), "v");
	assert_null(part_of("--b\r\nContent-Type: application/sdpx\r\n\r\nv\r\n--b--", "b"));
	assert_null(part_of("--b\r\nContent-Type:\r\n\r\nv\r\n--b--", "b"));
	assert_null(part_of("--b\r\nX: application/sdp\r\n\r\nv\r\n--b--", "b"));
	assert_null(part_of("--b\r\n\r\nContent-Type: application/sdp\r\n\r\nv\r\n--b--", "b"));
}

static void broken(void **state)
{
	char longer[80];

	(void)state;
	assert_null(part_of("", "b"));
	assert_null(part_of("--b", "b"));
	assert_null(part_of("--b--", "b"));
	assert_null(part_of("--b\r\n" SDP "v=0\r\n", "b"));		/* cut off */
	assert_null(part_of("--b\r\n" SDP "v=0\r\n--b-", "b"));
	assert_null(part_of("--b\r\n" SDP "v=0--b--\r\n", "b"));	/* not at a line's start */
	assert_null(part_of("--a\r\n" SDP "v=0\r\n--a--", "b"));
	assert_null(part_of("--b--\r\n" SDP "v=0\r\n--b--", "b"));	/* after the end */
	assert_null(part_of("--\r\n" SDP "v=0\r\n----\r\n", ""));
	assert_null(part_of("--\r\n" SDP "v=0\r\n----\r\n", "\"\""));
	assert_null(part_of("--a\"b\r\n" SDP "v=0\r\n--a\"b--\r\n", "\"a\\\"b\""));
	memset(longer, 'b', sizeof(longer));
	longer[71] = '\0';
	assert_null(part_of("--b", longer));
	/* what aborted sofia's reader */
	assert_null(part_of("--zz\r\nContent-Type: text/plain\r\n\r\nhi\r\n--zz\r\n"
			    "Content-Type: application/sdp\r*\r\nv=0\r\no=-\r\n\r\n--zz--\r\n",
			    "zz"));
}

/* Every beginning of a good body is no body, except those that lack the last line end only. */
static void cut_off_anywhere(void **state)
{
	static const char body[] = "--b\r\nX: y\r\n\r\nhi\r\n--b\r\n" SDP "v=0\r\n--b--\r\n";
	char text[sizeof(body)];

	(void)state;
	for (size_t n = 0; n < sizeof(body); n++) {
		snprintf(text, sizeof(text), "%.*s", (int)n, body);
		/* "--b" alone is a delimiter too, of a next part that never comes */
		if (part_of(text, "b"))
			assert_true(n >= sizeof(body) - 1 - 4);
		else
			assert_true(n < sizeof(body) - 1 - 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found),
		cmocka_unit_test(headers),
		cmocka_unit_test(broken),
		cmocka_unit_test(cut_off_anywhere),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
