/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media descriptions: the one negotiation, directions, and the codec table. Causes too,
 * which are a table of the same kind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/core/cause.h"
#include "userspace/core/media_desc.h"

static void add(struct td_media_desc *d, const char *name, uint8_t pt)
{
	assert_true(td_codec_by_name(&d->codec[d->n_codecs], name, pt));
	d->codec[d->n_codecs++].pt = pt;
}

static void codecs_by_name(void **state)
{
	struct td_codec c, o;

	(void)state;
	assert_true(td_codec_by_name(&c, "pcmu", 96));
	assert_string_equal(c.name, "PCMU");
	assert_int_equal(c.pt, 0);
	assert_true(td_codec_by_name(&c, "G722", 96));
	assert_int_equal(c.rate, 8000);		/* RFC 3551 4.5.2: the RTP clock */
	assert_int_equal(c.pt, 9);
	assert_true(td_codec_by_name(&o, "opus", 111));
	assert_int_equal(o.pt, 111);
	assert_int_equal(o.rate, 48000);
	assert_false(td_codec_by_name(&c, "pcm", 96));
	assert_false(td_codec_by_name(&c, "", 96));
	c = o;
	td_strlcpy(c.name, "opus", sizeof(c.name));
	td_strlcpy(c.fmtp, "useinbandfec=1", sizeof(c.fmtp));
	assert_true(td_codec_same(&c, &o));
	c.rate = 8000;
	assert_false(td_codec_same(&c, &o));
	c = o;
	c.channels = 1;
	assert_false(td_codec_same(&c, &o));
}

static void own_offer(void **state)
{
	static const char names[][64] = { "opus", "pcma", "nonsense", "ilbc", "PCMA" };
	struct td_media_desc d;

	(void)state;
	td_media_offer_own(&d, names, 5);
	assert_int_equal(d.n_codecs, 3);
	assert_int_equal(d.codec[0].pt, 96);
	assert_string_equal(d.codec[1].name, "PCMA");
	assert_int_equal(d.codec[2].pt, 97);
	assert_int_equal(d.dir, TD_DIR_BOTH);
	assert_int_not_equal(d.dtmf_pt, 0);
	td_media_offer_own(&d, NULL, 0);
	assert_string_equal(d.codec[0].name, "G722");
	assert_int_equal(d.n_codecs, 4);
}

static void filter(void **state)
{
	static const char names[][64] = { "g711a", "opus" };
	struct td_media_desc d = { .dir = TD_DIR_BOTH };

	(void)state;
	add(&d, "pcmu", 0);
	add(&d, "opus", 107);
	add(&d, "pcma", 8);
	assert_int_equal(td_media_filter(&d, NULL, 0), 3);
	assert_int_equal(td_media_filter(&d, names, 2), 2);
	assert_string_equal(d.codec[0].name, "OPUS");
	assert_string_equal(d.codec[1].name, "PCMA");
	assert_int_equal(d.codec[2].name[0], 0);
	assert_int_equal(td_media_filter(&d, names, 1), 1);
}

static void common(void **state)
{
	struct td_media_desc a = { .dtmf_pt = 101, .ptime_ms = 20 }, out;
	struct td_media_desc b = { .dtmf_pt = 96, .ptime_ms = 30 };

	(void)state;
	add(&a, "pcmu", 0);
	add(&a, "opus", 107);
	add(&a, "pcma", 8);
	add(&b, "opus", 111);
	add(&b, "pcma", 8);
	add(&b, "g729", 18);
	td_strlcpy(b.codec[0].fmtp, "maxplaybackrate=16000", sizeof(b.codec[0].fmtp));
	/* What a is told: b's order and b's parameters, in a's numbers. */
	assert_int_equal(td_media_common(&out, &a, &b), 2);
	assert_string_equal(out.codec[0].name, "OPUS");
	assert_int_equal(out.codec[0].pt, 107);
	assert_string_equal(out.codec[0].fmtp, "maxplaybackrate=16000");
	assert_int_equal(out.codec[1].pt, 8);
	assert_int_equal(out.dtmf_pt, 101);
	assert_int_equal(out.ptime_ms, 30);
	assert_int_equal(td_media_common(&out, &b, &a), 2);
	assert_int_equal(out.codec[0].pt, 111);
	b.dtmf_pt = 0;
	td_media_common(&out, &a, &b);
	assert_int_equal(out.dtmf_pt, 0);
	b.n_codecs = 0;
	assert_int_equal(td_media_common(&out, &a, &b), 0);
}

/* A hostile offer of one codec ten times does not overflow or repeat the answer. */
static void common_of_repetitions(void **state)
{
	struct td_media_desc a = { 0 }, out;
	int i;

	(void)state;
	for (i = 0; i < TD_MAX_CODECS; i++)
		add(&a, "pcmu", 0);
	assert_int_equal(td_media_common(&out, &a, &a), 1);
}

static void directions(void **state)
{
	(void)state;
	/* RFC 3264 6.1, the table */
	assert_int_equal(td_dir_answer(TD_DIR_BOTH, TD_DIR_BOTH), TD_DIR_BOTH);
	assert_int_equal(td_dir_answer(TD_DIR_SEND, TD_DIR_BOTH), TD_DIR_RECV);
	assert_int_equal(td_dir_answer(TD_DIR_RECV, TD_DIR_BOTH), TD_DIR_SEND);
	assert_int_equal(td_dir_answer(TD_DIR_SEND, TD_DIR_SEND), TD_DIR_INACTIVE);
	assert_int_equal(td_dir_answer(TD_DIR_BOTH, TD_DIR_SEND), TD_DIR_SEND);
	assert_int_equal(td_dir_answer(TD_DIR_INACTIVE, TD_DIR_BOTH), TD_DIR_INACTIVE);
	assert_int_equal(td_dir_flip(TD_DIR_SEND), TD_DIR_RECV);
	assert_int_equal(td_dir_flip(TD_DIR_BOTH), TD_DIR_BOTH);
	assert_string_equal(td_dir_name(TD_DIR_SEND), "sendonly");
	assert_string_equal(td_dir_name(TD_DIR_RECV), "recvonly");
	assert_string_equal(td_dir_name(TD_DIR_INACTIVE), "inactive");
	assert_string_equal(td_dir_name(TD_DIR_BOTH), "sendrecv");
}

static void held(void **state)
{
	struct td_media_desc d = { .dir = TD_DIR_BOTH };

	(void)state;
	td_addr_set_v4(&d.rtp, 0x0a000001, 4000);
	assert_false(td_media_is_held(&d));
	d.dir = TD_DIR_RECV;
	assert_false(td_media_is_held(&d));
	d.dir = TD_DIR_SEND;
	assert_true(td_media_is_held(&d));
	d.dir = TD_DIR_BOTH;
	td_addr_set_v4(&d.rtp, 0, 4000);
	assert_true(td_media_is_held(&d));
}

static void equal(void **state)
{
	struct td_media_desc a = { .dir = TD_DIR_BOTH, .ptime_ms = 20 }, b;

	(void)state;
	add(&a, "pcmu", 0);
	b = a;
	assert_true(td_media_equal(&a, &b));
	b.dir = TD_DIR_SEND;
	assert_false(td_media_equal(&a, &b));
	b = a;
	b.rtp.port = 1;
	assert_false(td_media_equal(&a, &b));
	b = a;
	b.codec[0].pt = 100;
	assert_false(td_media_equal(&a, &b));
}

static void causes(void **state)
{
	(void)state;
	assert_string_equal(td_cause_text(TD_CAUSE_BUSY), "User busy");
	assert_string_equal(td_cause_word(TD_CAUSE_NO_ANSWER), "no-answer");
	assert_string_equal(td_cause_text(77), "Cause 77");
	assert_string_equal(td_cause_text(5), "Cause 5");
	assert_string_equal(td_cause_text(123), "Cause 123");
	assert_string_equal(td_cause_text(119), "Cause 119");
	assert_string_equal(td_cause_word(77), "other");
	assert_string_equal(td_cause_text(4000), "Cause unknown");
}

static void formats_of_video(void **state)
{
	static const char both[] = "96 97\nb=AS:1\na=rtpmap:96 VP8/90000\na=rtpmap:97 H264/90000\n"
				   "a=fmtp:97 x\na=rtcp-fb:97 nack\na=rtcp-fb:* pli\n";
	struct td_media_desc d = { .n_codecs = 1 }, *copy;
	char out[TD_VIDEO_TEXT];

	(void)state;
	assert_int_equal(td_video_common(out, both, "97\na=rtpmap:97 h264/90000\n"), 1);
	assert_string_equal(out, "97\nb=AS:1\na=rtpmap:97 H264/90000\na=fmtp:97 x\n"
				 "a=rtcp-fb:97 nack\na=rtcp-fb:* pli\n");
	/* the same number for something else */
	assert_int_equal(td_video_common(out, both, "97\na=rtpmap:97 VP8/90000\n"), 0);
	assert_string_equal(out, "");
	assert_int_equal(td_video_common(out, both, both), 2);
	assert_int_equal(td_video_common(out, out, "96\na=rtpmap:96 VP8/90000\n"), 1);
	assert_true(td_video_within(out, both));
	assert_false(td_video_within(both, out));
	/* numbers without a name have one by themselves; others are none */
	assert_int_equal(td_video_common(out, "34\n", "31 34\n"), 1);
	assert_int_equal(td_video_common(out, "34 y\n", "y 31\n"), 0);
	assert_false(td_video_within("y\n", "y\n"));
	d.video.rtp.port = 5;
	d.video.text = out;
	strcpy(out, both);
	copy = td_media_dup(&d);
	memset(out, 0, sizeof(out));
	assert_string_equal(copy->video.text, both);
	td_free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codecs_by_name),
		cmocka_unit_test(own_offer),
		cmocka_unit_test(filter),
		cmocka_unit_test(common),
		cmocka_unit_test(common_of_repetitions),
		cmocka_unit_test(directions),
		cmocka_unit_test(held),
		cmocka_unit_test(equal),
		cmocka_unit_test(causes),
		cmocka_unit_test(formats_of_video),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
