/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports of keys: as RFC 4730 section 9 prints them, as Cisco's phones send them, and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/sip/sip_kpml.h"

/* The body lies in memory of its own, so that who reads past its end is caught. */
static int read_of(struct sip_kpml *k, const char *body)
{
	size_t len = strlen(body);
	char *copy = malloc(len ? len : 1);
	const char *why = NULL;
	int err;

	assert_non_null(copy);
	memcpy(copy, body, len);
	err = td_kpml_read(k, (struct td_str){ copy, len }, &why);
	assert_true(!err || why);
	free(copy);
	return err;
}

static void reports(void **state)
{
	struct sip_kpml k;

	(void)state;
	assert_int_equal(read_of(&k, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
				     "<kpml-response xmlns=\"urn:ietf:params:xml:ns:kpml-response\" "
				     "version=\"1.0\" code=\"200\" text=\"OK\" digits=\"12#\"/>"), 0);
	assert_int_equal(k.code, SIP_KPML_OK);
	assert_string_equal(k.keys, "12#");
	assert_false(k.backspace);
	assert_int_equal(read_of(&k, "<kpml-response version=\"1.0\" code=\"200\" text=\"OK\" "
				     "suppressed=\"false\" forced_flush=\"false\" digits=\"bs\" "
				     "tag=\"key\"/>"), 0);
	assert_true(k.backspace);
	assert_string_equal(k.keys, "");
	assert_int_equal(read_of(&k, "<kpml-response version=\"1.0\" code=\"423\" "
				     "text=\"Timer Expired\"/>"), 0);
	assert_int_equal(k.code, SIP_KPML_TIMER);
	assert_string_equal(k.keys, "");
}

static void nonsense(void **state)
{
	struct sip_kpml k;

	(void)state;
	assert_int_equal(read_of(&k, ""), -EBADMSG);
	assert_int_equal(read_of(&k, "5"), -EBADMSG);
	assert_int_equal(read_of(&k, "<kpml-request/>"), -EBADMSG);
	assert_int_equal(read_of(&k, "<!DOCTYPE a [<!ENTITY b \"5\">]>"
				     "<kpml-response code=\"200\" digits=\"&b;\"/>"), -EBADMSG);
	assert_int_equal(read_of(&k, "<kpml-response code=\"99999\" digits=\"x1y2\"/>"), 0);
	assert_int_equal(k.code, 0);
	assert_string_equal(k.keys, "12");
	/* more than any phone says: what fits */
	assert_int_equal(read_of(&k, "<kpml-response code=\"200\" "
				     "digits=\"123456789012345678901234567890\"/>"), 0);
	assert_int_equal(strlen(k.keys), sizeof(k.keys) - 1);
}

static int wants_of(struct td_kpml_wish *w, const char *regex, const char *persist)
{
	char text[512];
	const char *why = NULL;
	int err;

	snprintf(text, sizeof(text), "<kpml-request version=\"1.0\"><pattern%s><regex tag=\"t\">%s"
		 "</regex></pattern></kpml-request>", persist, regex);
	err = td_kpml_read_request(w, td_str_of(text), &why);
	assert_true(!err || why);
	return err;
}

/* What the patterns of one key take, out of all keys. */
static void wishes(void **state)
{
	static const struct { const char *regex, *takes; } good[] = {
		{ "x", "0123456789" }, { "[x#*+]|bs", "0123456789*#" }, { "[x#*ABCD]", "0123456789*#ABCD" },
		{ "5", "5" }, { "[2-4]", "234" }, { "[^0-9]", "*#ABCD" }, { "x{1}|#", "0123456789#" },
		{ "[17#]|bs", "17#" }, { "*", "*" }, { "A{1,1}", "A" }, { "xx", NULL }, { "x{2}", NULL },
		{ "", NULL }, { "[", NULL }, { "[^", NULL }, { "[4-2]", NULL }, { "5|", NULL },
		{ "L5", NULL }, { "[5-", NULL }, { "x.", NULL },
	};
	const char *tag, *why;
	struct td_kpml_wish w;
	char taken[17];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (wants_of(&w, good[i].regex, "") != (good[i].takes ? 0 : -ENOTSUP))
			fail_msg("pattern %s", good[i].regex);
		if (!good[i].takes)
			continue;
		n = 0;
		for (const char *p = "0123456789*#ABCD"; *p; p++)
			if (td_kpml_wants(&w, *p, &tag))
				taken[n++] = *p;
		taken[n] = '\0';
		assert_string_equal(taken, good[i].takes);
	}
	assert_int_equal(wants_of(&w, "x", " persist=\"persist\""), 0);
	assert_false(w.once);
	assert_true(td_kpml_wants(&w, '7', &tag));
	assert_string_equal(tag, "t");
	assert_int_equal(wants_of(&w, "x", ""), 0);
	assert_true(w.once);
	assert_int_equal(wants_of(&w, "x", " longrepeat=\"500\""), -ENOTSUP);
	assert_int_equal(td_kpml_read_request(&w, td_str_of("<kpml-request><pattern/></kpml-request>"),
					      &why), -EBADMSG);
	assert_int_equal(td_kpml_read_request(&w, td_str_of("<kpml-response/>"), &why), -EBADMSG);
	assert_int_equal(td_kpml_read_request(&w, td_str_of("5"), &why), -EBADMSG);
}

/* Read by who reads reports. */
static void reported(void **state)
{
	char *text = td_kpml_report(SIP_KPML_OK, "OK", "5", "a<b");
	struct sip_kpml k;

	(void)state;
	assert_non_null(text);
	assert_int_equal(read_of(&k, text), 0);
	assert_int_equal(k.code, SIP_KPML_OK);
	assert_string_equal(k.keys, "5");
	td_free(text);
}

static void request(void **state)
{
	char *text = td_kpml_write(15000);

	(void)state;
	assert_non_null(text);
	assert_non_null(strstr(text, "<kpml-request xmlns=\"urn:ietf:params:xml:ns:kpml-request\""));
	assert_non_null(strstr(text, "persist=\"persist\""));
	assert_non_null(strstr(text, "interdigittimer=\"15000\""));
	assert_non_null(strstr(text, ">[x#*+]|bs</regex>"));
	td_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(request),
		cmocka_unit_test(wishes),
		cmocka_unit_test(reported),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sip_kpml", tests, NULL, NULL);
}
