/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON of calls and phones, whole: scripts rely on these keys. And the state of an
 * endpoint as its driver reports it.
 */
#include <errno.h>
#include <string.h>
#include "tests/fakes/world.h"

static void expect_json(struct td_json *j, const char *want)
{
	assert_int_equal(j->err, 0);
	assert_string_equal(j->text, want);
	td_json_fini(j);
}

static void a_call(void **state)
{
	struct td_json j;
	struct world w;
	char *stamp;

	(void)state;
	world_init(&w);
	world_call(&w);
	td_json_init(&j);
	assert_int_equal(td_core_show_call(w.core, 1, &j, NULL), 0);
	stamp = strstr(j.text, "\"created_ms\":");
	assert_non_null(stamp);
	/* The only number that is not known beforehand. */
	for (stamp += strlen("\"created_ms\":"); *stamp >= '0' && *stamp <= '9'; stamp++)
		*stamp = '0';
	expect_json(&j,
		"{\"id\":1,\"state\":\"up\",\"created_ms\":0000000000000,"
		"\"from\":\"1001\",\"to\":\"1002\",\"legs\":["
		"{\"id\":1,\"protocol\":\"fake\",\"party\":\"1001\",\"state\":\"up\","
		"\"codec\":\"PCMU\",\"srtp\":null,\"srtp_keys\":null,\"remote_media\":\"10.0.1.1:4000\","
		"\"local_media\":\"10.0.1.254:20000\",\"path\":\"xdp\",\"dscp\":46,"
		"\"rx_packets\":100,\"tx_packets\":101,\"lost\":0,\"jitter_ms\":1.500,"
		"\"rtt_ms\":null,\"mos\":null,\"far_loss_percent\":null,"
		"\"far_jitter_ms\":null,\"largest_gap_ms\":21.00,\"digits\":\"\",\"media_forking\":null,\"forked_packets\":0,\"forks_missed\":0,\"video\":null},"
		"{\"id\":2,\"protocol\":\"fake\",\"party\":\"1002\",\"state\":\"up\","
		"\"codec\":\"PCMU\",\"srtp\":null,\"srtp_keys\":null,\"remote_media\":\"10.0.2.1:4000\","
		"\"local_media\":\"10.0.2.254:20002\",\"path\":\"xdp\",\"dscp\":46,"
		"\"rx_packets\":101,\"tx_packets\":100,\"lost\":0,\"jitter_ms\":1.500,"
		"\"rtt_ms\":null,\"mos\":null,\"far_loss_percent\":null,"
		"\"far_jitter_ms\":null,\"largest_gap_ms\":21.00,\"digits\":\"\",\"media_forking\":null,\"forked_packets\":0,\"forks_missed\":0,\"video\":null}],\"duration_ms\":0}");
	td_json_init(&j);
	assert_int_equal(td_core_show_call(w.core, 2, &j, NULL), -ENOENT);
	td_json_fini(&j);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void a_call_that_rings(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	EXPECT_SHOWN(&w, "\"party\":\"1002\",\"state\":\"alerting\",\"codec\":null,\"srtp\":null,\"srtp_keys\":null,"
			 "\"remote_media\":null,\"local_media\":\"10.0.2.254:20002\","
			 "\"path\":null,\"dscp\":null,\"rx_packets\":0");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void a_phone(void **state)
{
	struct td_addr addr;
	struct td_json j;
	struct world w;

	(void)state;
	world_init(&w);
	td_json_init(&j);
	assert_int_equal(td_core_show_phone(w.core, "alice", &j, NULL), 0);
	expect_json(&j,
		"{\"id\":\"alice\",\"tag\":null,\"protocol\":\"fake\",\"type\":\"7965\","
		"\"mac\":null,\"state\":\"unregistered\",\"address\":null,\"transport\":null,"
		"\"lines\":[{\"button\":1,\"number\":\"1001\",\"name\":\"Alice\"}],"
		"\"auto\":false,\"registration_method\":null,\"load\":null,\"call_back\":null,"
		"\"registered_ms\":null}");
	w.phones[0].tag = 7;
	w.phones[0].has_mac = 1;
	memcpy(w.phones[0].mac, "\x00\x11\x22\x33\x44\x55", 6);
	world_reload(&w);
	td_addr_parse(&addr, "10.0.1.1:5060");
	td_endpoint_set_state(w.core, w.a.ep, TD_EP_REGISTERED, &addr, "udp");
	assert_true(w.a.ep->registered_ms > 0);
	w.a.ep->registered_ms = 1234;
	td_json_init(&j);
	assert_int_equal(td_core_show_phone(w.core, "alice", &j, NULL), 0);
	expect_json(&j,
		"{\"id\":\"alice\",\"tag\":7,\"protocol\":\"fake\",\"type\":\"7965\","
		"\"mac\":\"001122334455\",\"state\":\"registered\","
		"\"address\":\"10.0.1.1:5060\",\"transport\":\"udp\","
		"\"lines\":[{\"button\":1,\"number\":\"1001\",\"name\":\"Alice\"}],"
		"\"auto\":false,\"registration_method\":null,\"load\":null,\"call_back\":null,"
		"\"registered_ms\":1234}");
	/* A reload does not touch what the driver reported. */
	world_reload(&w);
	assert_int_equal(w.a.ep->state, TD_EP_REGISTERED);
	td_json_init(&j);
	td_core_show_stats(w.core, &j, NULL);
	assert_non_null(strstr(j.text, "\"phones\":3,\"phones_registered\":1,\"numbers\":4"));
	td_json_fini(&j);
	td_endpoint_set_state(w.core, w.a.ep, TD_EP_UNREGISTERED, NULL, NULL);
	assert_int_equal(w.a.ep->registered_ms, 0);
	td_json_init(&j);
	assert_int_equal(td_core_show_phone(w.core, "nobody", &j, NULL), -ENOENT);
	td_json_fini(&j);
	world_fini(&w);
}

static void phones_in_order(void **state)
{
	struct td_json j;
	struct world w;
	char *alice, *bob, *carol;

	(void)state;
	world_init(&w);
	td_json_init(&j);
	td_core_show_phones(w.core, &j, NULL);
	alice = strstr(j.text, "\"alice\"");
	bob = strstr(j.text, "\"bob\"");
	carol = strstr(j.text, "\"carol\"");
	assert_true(alice && alice < bob && bob < carol);
	td_json_fini(&j);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call),
		cmocka_unit_test(a_call_that_rings),
		cmocka_unit_test(a_phone),
		cmocka_unit_test(phones_in_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
