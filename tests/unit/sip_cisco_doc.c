/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies of Cisco's phones: those that the guide prints, what else is offered, and bodies that
 * are broken, too big or meant to do harm.
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

#include "tests/lib/cisco_text.h"
#include "userspace/sip/sip.h"
#include "userspace/sip/sip_cisco_doc.h"

#define ALL_KNOWN (CISCO_COMBINE_STATUS | CISCO_COMBINE_CONTROL | CISCO_SHARED_UNOT | \
		   CISCO_SHARED_SUB | CISCO_BLF_UNOT | CISCO_BLF_SUB)

/* The body lies in memory of its own, so that who reads past its end is caught. */
static int read_as(struct cisco_message *m, const char *type, const char *body)
{
	size_t len = strlen(body);
	char *copy = malloc(len ? len : 1);
	const char *why;
	int err;

	assert_non_null(copy);
	memcpy(copy, body, len);
	err = td_cisco_read(m, (struct td_str){ copy, len }, type, TD_STR("uniqueBoundary"), &why);
	assert_true(!err || why);
	free(copy);
	return err;
}

static int read_parts(struct cisco_message *m, const char *body)
{
	return read_as(m, "multipart/mixed", body);
}

static int read_one(struct cisco_message *m, const char *body)
{
	return read_as(m, CISCO_REQUEST_TYPE, body);
}

static const char *text_of(struct td_buf *b, uint8_t *room)
{
	assert_int_equal(b->err, 0);
	room[b->pos] = '\0';
	return (const char *)room;
}

/* ---- registering ---- */

static void the_guides_register(void **state)
{
	struct cisco_message m;

	(void)state;
	assert_int_equal(read_parts(&m, GUIDE_REGISTER_BODY(BOTH_WAYS)), 0);
	assert_true(m.bulk.given);
	assert_true(m.bulk.add == UINT64_MAX);
	assert_true(m.bulk.remove == 0);
	assert_true(m.has_offer);
	assert_int_equal(m.offer.combine_max, 6);
	assert_int_equal(m.offer.set, ALL_KNOWN | CISCO_HOOK_UNOT | CISCO_HOOK_SUB | CISCO_JOIN);
}

static void ranges_of_lines(void **state)
{
	struct cisco_message m;

	(void)state;
	assert_int_equal(read_one(&m, "<x-cisco-remotecc-request><bulkregisterreq>"
		"<contact low=\"2\" high=\" 4\"><register/></contact>"
		"<contact line=\"64\"><register/></contact><contact line=\"65\"><register/></contact>"
		"<contact low=\"0\" high=\"9\"><register/></contact>"
		"<contact line=\"3\"><unregister/></contact>"
		"<x all=\"true\"><register/></x></bulkregisterreq></x-cisco-remotecc-request>"), 0);
	assert_true(m.bulk.add == (1ull << 63 | 0x0a));
	assert_true(m.bulk.remove == 0x04);
}

static void what_is_granted(void **state)
{
	struct cisco_options offer = { ALL_KNOWN | CISCO_HOOK_UNOT | CISCO_JOIN, 5 }, g;
	struct cisco_message m;
	uint8_t room[2048];
	struct td_buf b;

	(void)state;
	td_cisco_grant(&offer, 6, ALL_KNOWN, &g);	/* one way of each, the phone's number */
	assert_int_equal(g.set, CISCO_COMBINE_STATUS | CISCO_COMBINE_CONTROL | CISCO_SHARED_UNOT |
				CISCO_BLF_UNOT);
	assert_int_equal(g.combine_max, 5);
	td_cisco_grant(&offer, 4, ALL_KNOWN, &g);
	assert_int_equal(g.combine_max, 4);
	td_cisco_grant(&offer, 0, ALL_KNOWN, &g);
	assert_int_equal(g.set, CISCO_SHARED_UNOT | CISCO_BLF_UNOT);
	assert_int_equal(read_parts(&m, GUIDE_REGISTER_BODY(SUB_ONLY)), 0);
	td_cisco_grant(&m.offer, 6, ALL_KNOWN, &g);
	td_buf_init(&b, room, sizeof(room) - 1);
	td_cisco_write_grant(&b, &g);
	assert_string_equal(text_of(&b, room), "--uniqueBoundary\r\nContent-Type: "
			    CISCO_RESPONSE_TYPE "\r\n\r\n" GUIDE_GRANT "\r\n--uniqueBoundary--\r\n");
	assert_int_equal(read_as(&m, CISCO_RESPONSE_TYPE, GUIDE_GRANT), 0);
	assert_int_equal(m.response, 200);
}

/* ---- status ---- */

static void the_guides_status(void **state)
{
	static const struct td_sip_versions v = { .config = "0106514225374329",
						  .softkey = "0106514225374329" };
	struct cisco_status st = { .forward = "", .privacy = true, .lamps = 0x05 };
	uint8_t room[4096];
	struct td_buf b;

	(void)state;
	td_buf_init(&b, room, sizeof(room) - 1);
	td_cisco_write_parts(&b, td_cisco_status_parts(&st) | CISCO_PART_CONTROL, &st,
			     "001b2a89-3698011e-280209a4-567e339c@28.18.88.33", &v);
	assert_string_equal(text_of(&b, room), GUIDE_STATUS);
	td_buf_init(&b, room, 100);			/* no room: said, not cut */
	td_cisco_write_parts(&b, CISCO_PART_LAMPS, &st, "", &v);
	assert_int_equal(b.err, -ENOSPC);
}

/* Table 2 */
static void send_or_omit(void **state)
{
	struct cisco_status st = { .forward = "" };

	(void)state;
	assert_int_equal(td_cisco_status_parts(&st), CISCO_PART_FORWARD | CISCO_PART_LAMPS);
	st.dnd = true;
	assert_int_equal(td_cisco_status_parts(&st),
			 CISCO_PART_FORWARD | CISCO_PART_LAMPS | CISCO_PART_DND);
	st.privacy = true;
	assert_int_equal(td_cisco_status_parts(&st), CISCO_PART_FORWARD | CISCO_PART_LAMPS |
			 CISCO_PART_DND | CISCO_PART_PRIVACY);
}

static void values_are_escaped(void **state)
{
	struct cisco_status st = { .forward = "<1&2>" };
	uint8_t room[1024];
	struct td_buf b;

	(void)state;
	td_buf_init(&b, room, sizeof(room) - 1);
	td_cisco_write_part(&b, CISCO_PART_FORWARD, &st);
	assert_non_null(strstr(text_of(&b, room), "<fwdaddress>&lt;1&amp;2&gt;</fwdaddress>"));
}

static void service_control(void **state)
{
	static const struct td_sip_versions v = { "1", "2", "3", "4" };
	uint8_t room[1024];
	struct td_buf b;

	(void)state;
	td_buf_init(&b, room, sizeof(room) - 1);
	td_cisco_write_control(&b, CISCO_ACT_APPLY, "id", &v);
	assert_string_equal(text_of(&b, room), "action=apply-config\r\nRegisterCallId={id}\r\n"
			    "ConfigVersionStamp={1}\r\nDialplanVersionStamp={2}\r\n"
			    "SoftkeyVersionStamp={3}\r\nFeatureControlVersionStamp={4}\r\n"
			    "CUCMResult={config_applied}\r\n");
}

/* ---- soft keys ---- */

static void soft_keys(void **state)
{
	struct cisco_message m;

	(void)state;
	assert_int_equal(read_one(&m, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		"<x-cisco-remotecc-request><softkeyeventmsg>"
		"<softkeyevent>Conference</softkeyevent><dialogid><callid>a@b</callid>"
		"<localtag>1</localtag><remotetag>2</remotetag></dialogid>"
		"<linenumber>3</linenumber><consultdialogid><callid>c</callid>"
		"<localtag>x</localtag><remotetag>y</remotetag></consultdialogid>"
		"<joindialogid><callid/></joindialogid></softkeyeventmsg>"
		"</x-cisco-remotecc-request>"), 0);
	assert_int_equal(m.request.key, CISCO_KEY_CONFERENCE);
	assert_int_equal(m.request.line, 3);
	assert_true(m.request.dialog.given && m.request.consult.given && !m.request.join.given);
	assert_string_equal(m.request.dialog.call_id, "a@b");
	assert_string_equal(m.request.dialog.local_tag, "1");
	assert_string_equal(m.request.consult.remote_tag, "y");
	assert_int_equal(read_one(&m, "<x-cisco-remotecc-request><softkeyeventmsg>"
		"<softkeyevent>Dance</softkeyevent></softkeyeventmsg></x-cisco-remotecc-request>"), 0);
	assert_int_equal(m.request.key, CISCO_KEY_UNKNOWN);
	assert_string_equal(m.request.name, "Dance");
}

/* ---- bad ones ---- */

static void broken(void **state)
{
	static const char bomb[] = "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">"
		"]><x-cisco-remotecc-request>&b;</x-cisco-remotecc-request>";
	static const char outside[] = "<?xml version=\"1.0\"?><!DOCTYPE r SYSTEM \"file:///etc/passwd\">"
		"<x-cisco-remotecc-request/>";
	char deep[20 * 8 + 1] = "", big[20000];
	struct cisco_message m;

	(void)state;
	assert_int_equal(read_one(&m, ""), -EBADMSG);
	assert_int_equal(read_one(&m, "hello"), -EBADMSG);
	assert_int_equal(read_one(&m, "<x-cisco-remotecc-request>"), -EBADMSG);
	assert_int_equal(read_one(&m, "<a>\x80\xff</a>"), -EBADMSG);
	assert_int_equal(read_one(&m, bomb), -EBADMSG);
	assert_int_equal(read_one(&m, outside), -EBADMSG);
	assert_int_equal(read_one(&m, "<a>&nothing;</a>"), -EBADMSG);
	for (int i = 0; i < 17; i++)
		strcat(deep, "<a>");
	for (int i = 0; i < 17; i++)
		strcat(deep, "</a>");
	assert_int_equal(read_one(&m, deep), -EBADMSG);
	memset(big, ' ', sizeof(big));
	memcpy(big, "<a>", 3);
	memcpy(big + sizeof(big) - 5, "</a>", 5);
	assert_int_equal(read_one(&m, big), -EBADMSG);
	assert_int_equal(read_parts(&m, GUIDE_PART GUIDE_BULK), -EBADMSG);	/* cut */
	assert_int_equal(read_parts(&m, "--other\r\n\r\n--other--\r\n"), -EBADMSG);
	assert_int_equal(read_parts(&m, GUIDE_PART "<a>\r\n--uniqueBoundary--\r\n"), -EBADMSG);
	/* what is not ours says nothing, and is no fault */
	assert_int_equal(read_as(&m, "text/plain", "<<<"), 0);
	assert_int_equal(read_one(&m, "<something-else><bulkregisterreq/></something-else>"), 0);
	assert_false(m.bulk.given);
	assert_int_equal(read_parts(&m, "--uniqueBoundary\r\nContent-Type: text/plain\r\n\r\n<<<\r\n"
				    GUIDE_PART GUIDE_BULK "--uniqueBoundary--"), 0);
	assert_true(m.bulk.given);
}

static void too_many_parts(void **state)
{
	static const char part[] = "--uniqueBoundary\r\n\r\nx\r\n";
	/* a good one first: the reason is not that it was well-formed */
	char body[1024] = "--uniqueBoundary\r\nContent-Type: " CISCO_REQUEST_TYPE "\r\n\r\n"
			  "<x-cisco-remotecc-request/>\r\n";
	struct cisco_message m;

	(void)state;
	for (int i = 0; i < 16; i++)
		strcat(body, part);
	strcat(body, "--uniqueBoundary--\r\n");
	assert_int_equal(read_parts(&m, body), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_guides_register),
		cmocka_unit_test(ranges_of_lines),
		cmocka_unit_test(what_is_granted),
		cmocka_unit_test(the_guides_status),
		cmocka_unit_test(send_or_omit),
		cmocka_unit_test(values_are_escaped),
		cmocka_unit_test(service_control),
		cmocka_unit_test(soft_keys),
		cmocka_unit_test(broken),
		cmocka_unit_test(too_many_parts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
