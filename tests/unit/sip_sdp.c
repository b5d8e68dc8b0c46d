/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDP both ways: texts of real phones, golden texts of ours, hostile texts.
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

#include "userspace/base/str.h"
#include "userspace/sip/sip_sdp.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"

static int parse(const char *text, struct sip_sdp *s)
{
	return td_sip_sdp_parse(text, strlen(text), true, s);
}

static const char *addr(const struct td_addr *a)
{
	static char text[TD_ADDR_STRLEN];

	return td_addr_str(a, text);
}

/* Cisco 7970 firmware 9.x, shortened */
static const char cisco[] =
	"v=0\r\n"
	"o=Cisco-SIPUA 1234 7 IN IP4 192.0.2.70\r\n"
	"s=SIP Call\r\n"
	"t=0 0\r\n"
	"m=audio 18234 RTP/AVP 0 8 18 102 116 101\r\n"
	"c=IN IP4 192.0.2.70\r\n"
	"a=rtpmap:0 PCMU/8000\r\n"
	"a=rtpmap:8 PCMA/8000\r\n"
	"a=rtpmap:18 G729/8000\r\n"
	"a=fmtp:18 annexb=no\r\n"
	"a=rtpmap:102 L16/16000\r\n"
	"a=rtpmap:116 iLBC/8000\r\n"
	"a=fmtp:116 mode=20\r\n"
	"a=rtpmap:101 telephone-event/8000\r\n"
	"a=fmtp:101 0-15\r\n"
	"a=sendrecv\r\n";

static void a_phone(void **state)
{
	struct sip_sdp s;

	(void)state;
	assert_int_equal(parse(cisco, &s), 0);
	assert_int_equal(s.id, 1234);
	assert_int_equal(s.version, 7);
	assert_int_equal(s.lines.n, 1);
	assert_string_equal(addr(&s.audio.rtp), "192.0.2.70:18234");
	assert_false(td_addr_is_set(&s.audio.rtcp));
	assert_int_equal(s.audio.dir, TD_DIR_BOTH);
	assert_int_equal(s.audio.dtmf_pt, 101);
	assert_int_equal(s.audio.n_codecs, 5);
	assert_string_equal(s.audio.codec[0].name, "PCMU");
	assert_string_equal(s.audio.codec[2].name, "G729");
	assert_string_equal(s.audio.codec[2].fmtp, "annexb=no");
	assert_string_equal(s.audio.codec[4].name, "ILBC");
	assert_int_equal(s.audio.codec[4].pt, 116);
	assert_int_equal(s.audio.codec[3].rate, 16000);
}

static void static_types_need_no_rtpmap(void **state)
{
	struct sip_sdp s;

	(void)state;
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 8 0 9 18 77\r\n", &s), 0);
	assert_int_equal(s.audio.n_codecs, 4);	/* 77 has no name */
	assert_string_equal(s.audio.codec[2].name, "G722");
	assert_int_equal(s.audio.codec[2].rate, 8000);
	assert_int_equal(s.audio.codec[3].pt, 18);
}

static void attributes(void **state)
{
	struct sip_sdp s;

	(void)state;
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n"
			       "a=ptime:30\r\na=rtcp:5555\r\na=recvonly\r\n", &s), 0);
	assert_string_equal(s.audio.codec[0].name, "OPUS");
	assert_int_equal(s.audio.codec[0].channels, 2);
	assert_int_equal(s.audio.ptime_ms, 30);
	assert_string_equal(addr(&s.audio.rtcp), "10.0.0.1:5555");
	assert_int_equal(s.audio.dir, TD_DIR_RECV);

	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 0\r\na=rtcp:5555 IN IP4 10.9.9.9\r\n"
			       "a=ptime:999999\r\n", &s), 0);
	assert_string_equal(addr(&s.audio.rtcp), "10.9.9.9:5555");
	assert_int_equal(s.audio.ptime_ms, 0);

	/* what the rule says anyway is not worth a word */
	assert_false(s.audio.rtcp_mux);
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 0\r\na=rtcp-mux\r\n", &s), 0);
	assert_true(s.audio.rtcp_mux);
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 0\r\na=rtcp:4001\r\n", &s), 0);
	assert_false(td_addr_is_set(&s.audio.rtcp));
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 0\r\na=rtcp:99999\r\n", &s), 0);
	assert_false(td_addr_is_set(&s.audio.rtcp));
}

static uint8_t direction(const char *session, const char *media)
{
	struct sip_sdp s;
	char text[512];

	snprintf(text, sizeof(text), HEAD "%sm=audio 4000 RTP/AVP 0\r\n%s", session, media);
	assert_int_equal(parse(text, &s), 0);
	return s.audio.dir;
}

static void hold_in_both_styles(void **state)
{
	struct sip_sdp s;

	(void)state;
	assert_int_equal(direction("", ""), TD_DIR_BOTH);
	assert_int_equal(direction("", "a=sendonly\r\n"), TD_DIR_SEND);
	assert_int_equal(direction("", "a=inactive\r\n"), TD_DIR_INACTIVE);
	assert_int_equal(direction("a=sendonly\r\n", ""), TD_DIR_SEND);
	assert_int_equal(direction("a=sendonly\r\n", "a=sendrecv\r\n"), TD_DIR_BOTH);
	assert_int_equal(parse("v=0\r\no=- 1 2 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 0.0.0.0\r\n"
			       "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", &s), 0);
	assert_true(td_addr_is_any(&s.audio.rtp));
	assert_int_equal(s.audio.rtp.port, 4000);
	assert_true(td_media_is_held(&s.audio));
}

static void ipv6(void **state)
{
	struct sip_sdp s;

	(void)state;
	assert_int_equal(parse("v=0\r\no=- 1 1 IN IP6 2001:db8::1\r\ns=-\r\n"
			       "c=IN IP6 2001:db8::1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", &s), 0);
	assert_string_equal(addr(&s.audio.rtp), "[2001:db8::1]:4000");
}

static void other_lines_are_remembered(void **state)
{
	struct sip_sdp s;

	(void)state;
	assert_int_equal(parse(HEAD "m=video 5000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
			       "m=audio 4000 RTP/AVP 8\r\n"
			       "m=image 6000 udptl t38\r\n"
			       "m=audio 7000 RTP/AVP 0\r\n", &s), 0);
	assert_int_equal(s.lines.n, 4);
	assert_int_equal(s.lines.audio, 1);
	assert_int_equal(s.audio.rtp.port, 4000);
	assert_string_equal(s.lines.line[0].type, "video");
	assert_string_equal(s.lines.line[0].format, "96");
	assert_string_equal(s.lines.line[2].proto, "udptl");
	assert_string_equal(s.lines.line[2].format, "t38");
}

static void plain_rtp_is_chosen(void **state)
{
	struct sip_sdp s;

	(void)state;
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/SAVP 8\r\nm=audio 4002 RTP/AVP 8\r\n", &s),
			 0);
	assert_int_equal(s.lines.audio, 1);
	assert_int_equal(s.audio.rtp.port, 4002);
	assert_int_equal(parse(HEAD "m=audio 0 RTP/AVP 8\r\nm=audio 4002 RTP/AVP 8\r\n", &s), 0);
	assert_int_equal(s.lines.audio, 1);
}

static void refused(void **state)
{
	struct sip_sdp s;

	(void)state;
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/SAVP 8\r\n", &s), -ENOTSUP);
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVPF 8\r\n", &s), -ENOTSUP);
	assert_int_equal(parse(HEAD "m=video 4000 RTP/AVP 96\r\n", &s), -ENOTSUP);
	assert_int_equal(parse(HEAD, &s), -ENOTSUP);
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 101\r\n"
			       "a=rtpmap:101 telephone-event/8000\r\n", &s), -ENOTSUP);
	assert_int_equal(parse("v=0\r\no=- 1 1 IN IP4 a.example\r\ns=-\r\nc=IN IP4 a.example\r\n"
			       "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", &s), -ENOTSUP);
	assert_int_equal(parse("v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 224.2.1.1/127\r\n"
			       "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", &s), -ENOTSUP);
	/* port 0 is not an error: the party has switched audio off */
	assert_int_equal(parse(HEAD "m=audio 0 RTP/AVP 8\r\n", &s), 0);
	assert_int_equal(s.audio.rtp.port, 0);
}

static void hostile(void **state)
{
	static const char *const bad[] = {
		"", "v=0", "v=1\r\n", "hello", "m=audio 1 RTP/AVP 0\r\n", "\r\n\r\n", "v=0\r\no=\r\n",
		HEAD "m=audio\r\n", HEAD "m=audio 4000\r\n", HEAD "m=audio -1 RTP/AVP 0\r\n",
		HEAD "m=audio 4000 RTP/AVP 128\r\n", HEAD "m=audio 4000 RTP/AVP x\r\n",
		HEAD "m=audio 99999999999999999999 RTP/AVP 0\r\n", HEAD "m=audio 65536 RTP/AVP 0\r\n",
		HEAD "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 /8000\r\n",
		HEAD "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus\r\n",
		HEAD "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/0\r\n",
		HEAD "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/4294967297\r\n",
		HEAD "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 \x01\x02/8000\r\n",
		HEAD "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 a-name-that-is-too-long/8000\r\n",
	};
	struct sip_sdp s;
	char *big;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(parse(bad[i], &s) < 0);
	big = calloc(1, SIP_SDP_MAX_BYTES + 2);
	memset(big, 'a', SIP_SDP_MAX_BYTES + 1);
	assert_int_equal(td_sip_sdp_parse(big, SIP_SDP_MAX_BYTES + 1, true, &s), -E2BIG);
	strcpy(big, HEAD);
	for (int i = 0; i < SIP_SDP_MAX_LINES + 1; i++)
		strcat(big, "m=audio 4000 RTP/AVP 0\r\n");
	assert_int_equal(parse(big, &s), -E2BIG);
	free(big);
}

static void many_codecs(void **state)
{
	char text[8192] = HEAD "m=audio 4000 RTP/AVP";
	struct sip_sdp s;

	(void)state;
	for (int i = 96; i < 128; i++)
		snprintf(text + strlen(text), 16, " %d", i);
	strcat(text, "\r\n");
	for (int i = 96; i < 128; i++)
		snprintf(text + strlen(text), 48, "a=rtpmap:%d X%d/8000\r\n", i, i);
	assert_int_equal(parse(text, &s), 0);
	assert_int_equal(s.audio.n_codecs, TD_MAX_CODECS);
	/* the same type twice counts once */
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 0 0 0 8\r\n", &s), 0);
	assert_int_equal(s.audio.n_codecs, 2);
}

static void long_parameters(void **state)
{
	struct sip_sdp s;

	(void)state;
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 96 97 0\r\n"
			       "a=rtpmap:96 opus/48000/2\r\n"
			       "a=fmtp:96 maxplaybackrate=48000;sprop-maxcapturerate=48000;stereo=1\r\n"
			       "a=rtpmap:97 AMR/8000\r\n"
			       "a=fmtp:97 octet-align=1;mode-set=0,1,2,3,4,5,6,7;mode-change-period=2\r\n",
			       &s), 0);
	assert_int_equal(s.audio.n_codecs, 2);
	assert_string_equal(s.audio.codec[0].name, "OPUS");
	assert_string_equal(s.audio.codec[0].fmtp, "");
	assert_string_equal(s.audio.codec[1].name, "PCMU");
}

static struct td_media_desc ours(void)
{
	struct td_media_desc d = {
		.dir = TD_DIR_BOTH, .n_codecs = 2, .dtmf_pt = 101,
		.codec = { { .name = "PCMA", .rate = 8000, .channels = 1, .pt = 8 },
			   { .name = "OPUS", .rate = 48000, .channels = 2, .pt = 96,
			     .fmtp = "useinbandfec=1" } },
	};

	assert_int_equal(td_addr_parse(&d.rtp, "192.0.2.1:16384"), 0);
	return d;
}

static void golden(void **state)
{
	struct sip_sdp_origin o = { 77, 3 };
	struct td_media_desc d = ours();
	char text[SIP_SDP_OUT_BYTES];
	static const char want[] =
		"v=0\r\n"
		"o=- 77 3 IN IP4 192.0.2.1\r\n"
		"s=-\r\n"
		"c=IN IP4 192.0.2.1\r\n"
		"t=0 0\r\n"
		"m=audio 16384 RTP/AVP 8 96 101\r\n"
		"a=rtpmap:8 PCMA/8000\r\n"
		"a=rtpmap:96 OPUS/48000/2\r\n"
		"a=fmtp:96 useinbandfec=1\r\n"
		"a=rtpmap:101 telephone-event/8000\r\n"
		"a=fmtp:101 0-16\r\n"
		"a=sendrecv\r\n";

	(void)state;
	assert_int_equal(td_sip_sdp_write(text, sizeof(text), &o, &d, NULL), sizeof(want) - 1);
	assert_string_equal(text, want);
	d.dir = TD_DIR_SEND;
	d.ptime_ms = 20;
	assert_true(td_sip_sdp_write(text, sizeof(text), &o, &d, NULL) > 0);
	assert_non_null(strstr(text, "a=ptime:20\r\na=sendonly\r\n"));
	assert_null(strstr(text, "a=rtcp"));
	d.rtcp = d.rtp;
	d.rtcp.port = 16385;
	assert_true(td_sip_sdp_write(text, sizeof(text), &o, &d, NULL) > 0);
	assert_null(strstr(text, "a=rtcp"));
	d.rtcp.port = 20000;
	assert_true(td_sip_sdp_write(text, sizeof(text), &o, &d, NULL) > 0);
	assert_non_null(strstr(text, "a=rtcp:20000\r\n"));
	assert_null(strstr(text, "a=rtcp-mux"));
	d.rtcp_mux = true;
	assert_true(td_sip_sdp_write(text, sizeof(text), &o, &d, NULL) > 0);
	assert_non_null(strstr(text, "a=rtcp-mux\r\n"));
}

static void refused_lines_keep_their_place(void **state)
{
	struct sip_sdp_origin o = { 1, 1 };
	struct td_media_desc d = ours();
	char text[SIP_SDP_OUT_BYTES];
	struct sip_sdp s;

	(void)state;
	assert_int_equal(parse(HEAD "m=video 5000 RTP/AVP 96\r\nm=audio 4000 RTP/AVP 8\r\n"
			       "m=image 6000 udptl t38\r\n", &s), 0);
	assert_true(td_sip_sdp_write(text, sizeof(text), &o, &d, &s.lines) > 0);
	assert_non_null(strstr(text, "t=0 0\r\nm=video 0 RTP/AVP 96\r\nm=audio 16384 RTP/AVP 8 "));
	assert_non_null(strstr(text, "a=sendrecv\r\nm=image 0 udptl t38\r\n"));
}

/* Cisco 8845 firmware 12.x, shortened; and what must not be repeated. */
static const char video_lines[] =
	"m=video 24306 RTP/AVP 100 126\r\n"
	"b=TIAS:1000000\r\n"
	"a=candidate:1 1 UDP 1 10.0.0.1 24306 typ host\r\n"
	"a=rtpmap:100 H264/90000\r\n"
	"a=fmtp:100 profile-level-id=640C16;packetization-mode=1;level-asymmetry-allowed=1;"
	"max-mbps=108000;max-fs=3600;max-rcmd-nal-unit-size=32000;max-smbps=108000;max-fps=3000;"
	"sprop-parameter-sets=Z2QMFqw7UFAX/LgLUBAQFAAAAwAEAAADAPI8WLZY,aOuPLA==;max-br=2400;"
	"uc-mode=1;max-cpb=2400;max-dpb=12150;use-level-src-parameter-sets=1;in-band-parameter-sets=1\r\n"
	"a=imageattr:* recv [x=800,y=480,q=0.60]\r\n"
	"a=rtpmap:126 H264/90000\r\n"
	"a=rtcp-fb:* nack pli\r\n"
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
	"a=content:main\r\n"
	"a=rtcp:24400\r\n"
	"a=sendonly\r\n";

static void video(void **state)
{
	struct sip_sdp_origin o = { 1, 1 };
	char text[SIP_SDP_OUT_BYTES], in[2048], longer[1200];
	struct sip_sdp s, again;
	struct td_video *v = &s.audio.video;

	(void)state;
	snprintf(in, sizeof(in), HEAD "m=audio 4000 RTP/AVP 8\r\n%s", video_lines);
	assert_int_equal(parse(in, &s), 0);
	assert_string_equal(addr(&v->rtp), "10.0.0.1:24306");
	assert_string_equal(addr(&v->rtcp), "10.0.0.1:24400");
	assert_int_equal(v->dir, TD_DIR_SEND);
	assert_int_equal(s.audio.dir, TD_DIR_BOTH);
	assert_int_equal(v->kbit_s, 1000);
	assert_string_equal(v->codec, "H264");
	assert_memory_equal(v->text, "100 126\nb=TIAS:1000000\na=rtpmap:100 H264/90000\na=fmtp:100 ",
			    strlen("100 126\nb=TIAS:1000000\na=rtpmap:100 H264/90000\na=fmtp:100 "));
	assert_non_null(strstr(v->text, "in-band-parameter-sets=1\na=rtpmap:126 H264/90000\n"
					"a=imageattr:* recv [x=800,y=480,q=0.60]\n"
					"a=rtcp-fb:* nack pli\na=content:main\n"));
	assert_null(strstr(v->text, "candidate"));
	assert_null(strstr(v->text, "crypto"));
	assert_null(strstr(v->text, "rtcp:"));
	assert_true(td_sip_sdp_write(text, sizeof(text), &o, &s.audio, &s.lines) > 0);
	assert_non_null(strstr(text, "\r\nm=video 24306 RTP/AVP 100 126\r\nb=TIAS:1000000\r\n"));
	assert_non_null(strstr(text, "\r\na=rtcp:24400\r\na=sendonly\r\n"));
	assert_int_equal(parse(text, &again), 0);
	assert_true(td_media_equal(&s.audio, &again.audio));
	assert_int_equal(td_sip_sdp_fingerprint(&s), td_sip_sdp_fingerprint(&again));
	v->dir = TD_DIR_BOTH;
	assert_int_not_equal(td_sip_sdp_fingerprint(&s), td_sip_sdp_fingerprint(&again));
	/* refused in its place */
	memset(v, 0, sizeof(*v));
	assert_true(td_sip_sdp_write(text, sizeof(text), &o, &s.audio, &s.lines) > 0);
	assert_non_null(strstr(text, "\r\nm=video 0 RTP/AVP 100\r\n"));
	/* an address of its own, and feedback */
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 8\r\nm=video 5000 RTP/AVPF 34\r\n"
			       "c=IN IP4 10.0.0.9\r\n", &s), 0);
	assert_true(v->avpf);
	assert_string_equal(v->codec, "H263");
	assert_true(td_sip_sdp_write(text, sizeof(text), &o, &s.audio, &s.lines) > 0);
	assert_non_null(strstr(text, "m=video 5000 RTP/AVPF 34\r\nc=IN IP4 10.0.0.9\r\n"));
	/* what cannot be passed on whole is none; what is not needed is left out */
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	snprintf(in, sizeof(in), HEAD "m=audio 4000 RTP/AVP 8\r\nm=video 5000 RTP/AVP 96\r\n"
		 "a=fmtp:96 %s\r\n", longer);
	assert_int_equal(parse(in, &s), 0);
	assert_int_equal(v->rtp.port, 0);
	snprintf(in, sizeof(in), HEAD "m=audio 4000 RTP/AVP 8\r\nm=video 5000 RTP/AVP 96\r\n"
		 "a=imageattr:96 %s\r\na=rtpmap:96 VP8/90000\r\n", longer);
	assert_int_equal(parse(in, &s), 0);
	assert_string_equal(v->text, "96\na=rtpmap:96 VP8/90000\n");
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 8\r\nm=video 5000 RTP/AVP x\r\n", &s), 0);
	assert_int_equal(v->rtp.port, 0);
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 8\r\nm=video 5000 RTP/SAVP 96\r\n", &s), 0);
	assert_int_equal(v->rtp.port, 0);
}

static const char t38[] =
	HEAD "m=audio 0 RTP/AVP 8\r\nm=image 4002 udptl t38\r\n"
	"a=T38FaxVersion:3\r\na=T38MaxBitRate:14400\r\na=T38FaxFillBitRemoval\r\n"
	"a=T38FaxTranscodingMMR:0\r\na=T38FaxRateManagement:transferredTCF\r\n"
	"a=T38FaxMaxBuffer:2000\r\na=T38FaxMaxDatagram:400\r\n"
	"a=T38FaxUdpEC:t38UDPFEC\r\na=nonsense:1\r\n";

static void fax(void **state)
{
	struct sip_sdp_origin o = { 1, 1 };
	char text[SIP_SDP_OUT_BYTES];
	struct sip_sdp s, other;

	(void)state;
	assert_int_equal(parse(t38, &s), 0);
	assert_true(s.audio.udptl);
	assert_int_equal(s.lines.audio, 1);
	assert_string_equal(addr(&s.audio.rtp), "10.0.0.1:4002");
	assert_int_equal(s.audio.fax.version, 3);
	assert_int_equal(s.audio.fax.max_bit_rate, 14400);
	assert_true(s.audio.fax.fill_bit_removal);
	assert_false(s.audio.fax.transcoding_mmr);
	assert_int_equal(s.audio.fax.error_correction, 2);
	assert_true(td_sip_sdp_write(text, sizeof(text), &o, &s.audio, &s.lines) > 0);
	assert_non_null(strstr(text, "t=0 0\r\nm=audio 0 RTP/AVP 8\r\nm=image 4002 udptl t38\r\n"
				     "a=T38FaxVersion:3\r\na=T38MaxBitRate:14400\r\n"
				     "a=T38FaxFillBitRemoval:1\r\n"
				     "a=T38FaxRateManagement:transferredTCF\r\n"
				     "a=T38FaxMaxBuffer:2000\r\na=T38FaxMaxDatagram:400\r\n"
				     "a=T38FaxUdpEC:t38UDPFEC\r\n"));
	assert_int_equal(parse(text, &other), 0);
	assert_memory_equal(&s.audio, &other.audio, sizeof(s.audio));
	/* sound is preferred, a fax that is switched off is none */
	assert_int_equal(parse(HEAD "m=image 4002 udptl t38\r\nm=audio 4000 RTP/AVP 8\r\n", &s), 0);
	assert_false(s.audio.udptl);
	assert_int_equal(parse(HEAD "m=image 0 udptl t38\r\n", &s), 0);
	assert_int_equal(s.audio.rtp.port, 0);
	assert_int_equal(parse(HEAD "m=image 4002 tcp t38\r\n", &s), -ENOTSUP);
	assert_int_equal(parse(HEAD "m=image 4002 udptl t38\r\na=T38FaxVersion:99999999999999\r\n"
				    "a=T38FaxUdpEC:\r\na=T38FaxMaxDatagram:-1\r\n", &s), 0);
	assert_int_equal(s.audio.fax.error_correction, 0);
	assert_int_equal(s.audio.fax.max_datagram, 0);
}

static void no_room(void **state)
{
	struct sip_sdp_origin o = { 1, 1 };
	struct td_media_desc d = ours();
	char text[64];

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++)
		assert_int_equal(td_sip_sdp_write(text, n, &o, &d, NULL), -ENOSPC);
}

static void round_trip(void **state)
{
	struct sip_sdp_origin o = { 1, 1 };
	struct td_media_desc d = ours();
	char text[SIP_SDP_OUT_BYTES];
	struct sip_sdp s;

	(void)state;
	for (uint8_t dir = TD_DIR_INACTIVE; dir <= TD_DIR_BOTH; dir++) {
		d.dir = dir;
		assert_true(td_sip_sdp_write(text, sizeof(text), &o, &d, NULL) > 0);
		assert_int_equal(parse(text, &s), 0);
		assert_true(td_media_equal(&s.audio, &d));
		assert_int_equal(s.audio.dtmf_pt, d.dtmf_pt);
	}
	assert_int_equal(td_addr_parse(&d.rtp, "[2001:db8::5]:4000"), 0);
	assert_true(td_sip_sdp_write(text, sizeof(text), &o, &d, NULL) > 0);
	assert_int_equal(parse(text, &s), 0);
	assert_true(td_media_equal(&s.audio, &d));
	d.rtp.port = 0;
	assert_true(td_sip_sdp_write(text, sizeof(text), &o, &d, NULL) > 0);
	assert_int_equal(parse(text, &s), 0);
	assert_int_equal(s.audio.rtp.port, 0);
}

static void fingerprints(void **state)
{
	struct sip_sdp a, b;
	char text[sizeof(cisco) + 16];

	(void)state;
	assert_int_equal(parse(cisco, &a), 0);
	assert_int_equal(parse(cisco, &b), 0);
	assert_true(td_sip_sdp_fingerprint(&a) == td_sip_sdp_fingerprint(&b));
	b.version++;			/* a phone that counts although nothing changed */
	assert_true(td_sip_sdp_fingerprint(&a) == td_sip_sdp_fingerprint(&b));
	b.audio.rtp.port++;
	assert_true(td_sip_sdp_fingerprint(&a) != td_sip_sdp_fingerprint(&b));
	snprintf(text, sizeof(text), "%s", cisco);
	memcpy(strstr(text, "sendrecv"), "sendonly", 8);
	assert_int_equal(parse(text, &b), 0);
	assert_true(td_sip_sdp_fingerprint(&a) != td_sip_sdp_fingerprint(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phone), cmocka_unit_test(static_types_need_no_rtpmap),
		cmocka_unit_test(attributes), cmocka_unit_test(hold_in_both_styles),
		cmocka_unit_test(ipv6), cmocka_unit_test(other_lines_are_remembered),
		cmocka_unit_test(plain_rtp_is_chosen), cmocka_unit_test(refused),
		cmocka_unit_test(hostile), cmocka_unit_test(many_codecs),
		cmocka_unit_test(long_parameters), cmocka_unit_test(golden),
		cmocka_unit_test(refused_lines_keep_their_place), cmocka_unit_test(fax), cmocka_unit_test(video), cmocka_unit_test(no_room),
		cmocka_unit_test(round_trip), cmocka_unit_test(fingerprints),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sip_sdp", tests, NULL, NULL);
}
