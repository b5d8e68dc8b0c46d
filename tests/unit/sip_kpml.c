/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports of keys: as RFC 4730 section 9 prints them, as Cisco's phones send them, and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
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
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sip_kpml", tests, NULL, NULL);
}
