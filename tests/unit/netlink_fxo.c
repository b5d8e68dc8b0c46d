// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of the family tandem_fxo, whole and broken, into the structs of netlink/fxo.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "netlink/fxo_priv.h"

static char buf[1024];

static struct nlmsghdr *message(uint8_t cmd)
{
	struct nlmsghdr *h;
	struct genlmsghdr *g;

	memset(buf, 0, sizeof(buf));
	h = mnl_nlmsg_put_header(buf);
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->cmd = cmd;
	return h;
}

static struct nlmsghdr *event(uint32_t port)
{
	struct nlmsghdr *h = message(TDFXO_CMD_EVENT);

	mnl_attr_put_u32(h, TDFXO_A_PORT, port);
	mnl_attr_put_u32(h, TDFXO_A_STATE, TDFXO_STATE_RINGING);
	mnl_attr_put_u32(h, TDFXO_A_MILLIVOLTS, (uint32_t)-48000);
	mnl_attr_put_u32(h, TDFXO_A_SEQ, 7);
	mnl_attr_put_u32(h, TDFXO_A_EVENT, TDFXO_EVENT_RING);
	mnl_attr_put_u32(h, TDFXO_A_VALUE, 3);
	mnl_attr_put_u64(h, TDFXO_A_TIME, 1234567890123456789ull);
	return h;
}

static void test_event(void **state)
{
	struct td_fxo_event ev;

	(void)state;
	assert_int_equal(td_fxo_read_event(event(5), &ev), 0);
	assert_int_equal(ev.port, 5);
	assert_int_equal(ev.mv, -48000);
	assert_int_equal(ev.seq, 7);
	assert_int_equal(ev.value, 3);
	assert_int_equal(ev.time_ns, 1234567890123456789ull);
	assert_string_equal(td_fxo_event_name(ev.event), "ring");
	assert_string_equal(td_fxo_state_name(ev.state), "ringing");
	assert_string_equal(td_fxo_event_name(999), "unknown");
}

static void test_not_ours(void **state)
{
	struct td_fxo_event ev;
	struct td_fxo_port p;
	struct nlmsghdr *h;

	(void)state;
	assert_int_equal(td_fxo_read_event(event(TDFXO_MAX_PORTS), &ev), -EBADMSG);
	assert_int_equal(td_fxo_read_port(event(5), &p), -EBADMSG);
	h = event(5);
	h->nlmsg_len = NLMSG_HDRLEN + 2;		/* shorter than its head */
	assert_int_equal(td_fxo_read_event(h, &ev), -EBADMSG);
	h = message(TDFXO_CMD_EVENT);			/* numbers of a wrong size are not seen */
	mnl_attr_put(h, TDFXO_A_PORT, 2, "xx");
	mnl_attr_put_u32(h, TDFXO_A_EVENT, 1);
	mnl_attr_put_u32(h, TDFXO_A_SEQ, 1);
	assert_int_equal(td_fxo_read_event(h, &ev), -EBADMSG);
}

static void test_port(void **state)
{
	struct nlmsghdr *h = message(TDFXO_CMD_PORT_GET);
	struct td_fxo_port p;
	struct nlattr *nest;

	(void)state;
	mnl_attr_put_u32(h, TDFXO_A_PORT, 1);
	mnl_attr_put_u32(h, TDFXO_A_STATE, TDFXO_STATE_IDLE);
	mnl_attr_put(h, TDFXO_A_NAME, 3, "abc");	/* no end: not read beyond */
	mnl_attr_put_strz(h, TDFXO_A_BOARD, "a name that is longer than any board may have it");
	nest = mnl_attr_nest_start(h, TDFXO_A_CONFIG);
	mnl_attr_put_u32(h, TDFXO_CFG_RING_NUMBER, 4);
	mnl_attr_put_u32(h, 1000, 4);
	mnl_attr_nest_end(h, nest);
	assert_int_equal(td_fxo_read_port(h, &p), 0);
	assert_string_equal(p.name, "abc");
	assert_int_equal(strlen(p.board), sizeof(p.board) - 1);
	assert_int_equal(p.config[TDFXO_CFG_RING_NUMBER], 4);
}

/* found by tests/fuzz/fuzz_fxo */
static void test_whole(void **state)
{
	struct nlmsghdr h = { .nlmsg_len = 0xee95957e };

	(void)state;
	assert_false(td_fxo_whole(&h, sizeof(h) + 1));
	h.nlmsg_len = sizeof(h) + 1;
	assert_true(td_fxo_whole(&h, sizeof(h) + 1));
	assert_false(td_fxo_whole(&h, sizeof(h)));
}

static void test_why(void **state)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *e;
	char why[64];

	(void)state;
	memset(buf, 0, sizeof(buf));
	h = mnl_nlmsg_put_header(buf);
	h->nlmsg_flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
	e = mnl_nlmsg_put_extra_header(h, sizeof(*e));
	e->msg.nlmsg_len = 40;
	mnl_attr_put_strz(h, NLMSGERR_ATTR_MSG, "no call");
	td_fxo_read_why(h, why, sizeof(why));
	assert_string_equal(why, "no call");
	h->nlmsg_flags = NLM_F_ACK_TLVS;		/* the request, it says, lies between */
	e->msg.nlmsg_len = 0xfffffff0;
	td_fxo_read_why(h, why, sizeof(why));
	assert_string_equal(why, "");
	h->nlmsg_flags = 0;
	td_fxo_read_why(h, why, sizeof(why));
	assert_string_equal(why, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_port),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_why),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
