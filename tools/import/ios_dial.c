/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dial peers, translations, restrictions, codec classes, voice ports. */
#include <stdio.h>
#include <string.h>

#include "tools/import/ios.h"
#include "userspace/base/str.h"

static void take_option(struct ios *in, const char *option, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, NULL, NULL, option, arg[0]);
}

static void take_pattern(struct ios *in, const char *const *arg, size_t n)
{
	take_option(in, "destination_pattern", arg, n);
}

static void take_preference(struct ios *in, const char *const *arg, size_t n)
{
	take_option(in, "preference", arg, n);
}

static void take_prefix(struct ios *in, const char *const *arg, size_t n)
{
	take_option(in, "prefix", arg, n);
}

static void take_forward_digits(struct ios *in, const char *const *arg, size_t n)
{
	if (n && td_ios_is(arg[0], "all"))
		td_ios_set(in, NULL, NULL, "strip_digits", "0");
	else
		take_option(in, "forward_digits", arg, n);
}

static void take_huntstop(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	td_ios_set(in, NULL, NULL, "huntstop", in->line->negated ? "0" : "1");
}

/* The trunk of a target: one for each host and port, whoever names it first. */
void td_ios_trunk_of(struct ios *in, const char *host, const char *port, const char *transport)
{
	char name[64], text[96];

	if (port && !strcmp(port, "5060"))
		port = NULL;
	snprintf(text, sizeof(text), "%s%s%s", host, port ? "_" : "", port ? port : "");
	td_ios_name(name, sizeof(name), "trunk_", text);
	td_ios_set(in, "trunk", name, "host", host);
	if (port)
		td_ios_set(in, "trunk", name, "port", port);
	if (transport)
		td_ios_set(in, "trunk", name, "transport", transport);
	td_strlcpy(in->host, name, sizeof(in->host));
	td_ios_set(in, NULL, NULL, "trunk", name);
}

/* "session target ipv4:192.0.2.1:5060", "dns:sip.example.net", "ipv6:[2001:db8::1]:5060" */
static void take_target(struct ios *in, const char *const *arg, size_t n)
{
	char host[64];
	const char *p, *port = NULL;
	size_t len;

	if (!n)
		return;
	if (!strcmp(arg[0], "sip-server") || !strcmp(arg[0], "registrar")) {
		td_ios_not_supported(in, "name the host in a trunk, and the trunk here");
		return;
	}
	p = strchr(arg[0], ':');
	if (!p || (strncmp(arg[0], "ipv4", 4) && strncmp(arg[0], "ipv6", 4) &&
		   strncmp(arg[0], "dns", 3))) {
		td_ios_not_supported(in, "a target is ipv4:ADDRESS, ipv6:[ADDRESS] or dns:NAME");
		return;
	}
	p++;
	if (*p == '[') {
		len = strcspn(++p, "]");
		port = p[len] && p[len + 1] == ':' ? p + len + 2 : NULL;
	} else {
		len = strcspn(p, ":");
		port = p[len] == ':' ? p + len + 1 : NULL;
	}
	td_str_copy(host, sizeof(host), (struct td_str){ p, len });
	td_ios_trunk_of(in, host, port, NULL);
}

static void take_transport(struct ios *in, const char *const *arg, size_t n)
{
	if (!in->host[0])
		td_ios_not_supported(in, "write transport into the trunk");
	else if (n)
		td_ios_set(in, "trunk", in->host, "transport", arg[0]);
}

static void take_protocol(struct ios *in, const char *const *arg, size_t n)
{
	if (n && td_ios_is(arg[0], "sipv2"))
		td_ios_not_needed(in, "trunks speak SIP");
	else
		td_ios_not_supported(in, "trunks speak SIP only");
}

static void take_profile(struct ios *in, const char *const *arg, size_t n)
{
	char name[64];

	if (n < 2)
		return;
	td_ios_name(name, sizeof(name), "", arg[1]);
	if (td_ios_is(arg[0], "outgoing"))
		td_ios_set(in, NULL, NULL, "translation_outgoing", name);
	else if (in->host[0])
		td_ios_set(in, "trunk", in->host, "translation_incoming", name);
	else
		td_ios_not_supported(in, "write translation_incoming '%s' into the trunk or phone that "
				     "the calls come from", name);
}

static void take_corlist(struct ios *in, const char *const *arg, size_t n)
{
	char name[64];

	if (n < 2)
		return;
	td_ios_name(name, sizeof(name), "", arg[1]);
	if (td_ios_is(arg[0], "outgoing"))
		td_ios_set(in, NULL, NULL, "cor_outgoing", name);
	else if (in->host[0])
		td_ios_set(in, "trunk", in->host, "cor_incoming", name);
	else
		td_ios_not_supported(in, "write cor_incoming '%s' into the trunk or phone that the "
				     "calls come from", name);
}

static void take_dtmf(struct ios *in, const char *const *arg, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!in->host[0])
			break;
		if (!strcmp(arg[i], "rtp-nte") || !strcmp(arg[i], "sip-info") ||
		    !strcmp(arg[i], "sip-notify") || !strcmp(arg[i], "sip-kpml")) {
			td_ios_set(in, "trunk", in->host, "dtmf_relay",
				   strcmp(arg[i], "sip-info") ? arg[i] : "info");
			return;
		}
	}
	td_ios_not_supported(in, "keys go in the media (rtp-nte), in SIP INFO, NOTIFY or KPML: "
			     "dtmf_relay of the trunk");
}

static void take_max_conn(struct ios *in, const char *const *arg, size_t n)
{
	if (n && in->host[0])
		td_ios_set(in, "trunk", in->host, "max_calls", arg[0]);
	else
		td_ios_not_supported(in, "write max_calls into the trunk");
}

static void take_media(struct ios *in, const char *const *arg, size_t n)
{
	bool forking = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (strstr(arg[i], "around"))
			td_ios_set(in, NULL, NULL, "media", "around");
		else if (strstr(arg[i], "through"))
			td_ios_set(in, NULL, NULL, "media", "through");
		forking |= td_ios_is(arg[i], "forking");
	}
	if (forking)
		td_ios_not_supported(in, "write media_forking 'ADDRESS:PORT', the recorder's, into the "
				     "dial peer");
}

static void uses_codecs(struct ios *in, const char *class)
{
	if (!in->host[0]) {
		td_ios_not_needed(in, "calls that come in have the codecs of their trunk");
		return;
	}
	td_ios_taken(in, "codecs of trunk %s", in->host);
	td_ios_later(in, IOS_LATE_USES_CODECS, in->host, class, NULL);
}

static void take_class(struct ios *in, const char *const *arg, size_t n)
{
	char name[64];

	if (n > 1 && td_ios_is(arg[0], "media")) {
		td_ios_name(name, sizeof(name), "media", arg[1]);
		td_ios_set(in, NULL, NULL, "mediaclass", name);
	} else if (n > 1 && td_ios_is(arg[0], "codec")) {
		td_ios_name(name, sizeof(name), "class", arg[1]);
		uses_codecs(in, name);
	} else {
		td_ios_not_supported(in, "there are classes of media and of codecs");
	}
}

/* "codec g711ulaw", of a dial peer: a class of one */
static void take_peer_codec(struct ios *in, const char *const *arg, size_t n)
{
	const char *codec = n ? td_ios_codec_name(arg[0]) : NULL;

	if (!codec)
		td_ios_not_supported(in, "codec %s is not known here", n ? arg[0] : "");
	else if (!in->host[0])
		td_ios_not_supported(in, "list the codec in the trunk");
	else if (!td_uci_out_get(td_uci_out_find(&in->out, "trunk", in->host), "codec"))
		td_ios_add(in, "trunk", in->host, "codec", codec);
	else
		td_ios_not_needed(in, "the trunk has its codecs from another dial peer");
}

static void take_dscp(struct ios *in, const char *const *arg, size_t n)
{
	if (n > 1 && td_ios_is(arg[1], "media"))
		take_option(in, "dscp_media", arg, 1);
	else if (n > 1 && td_ios_is(arg[1], "video"))
		take_option(in, "dscp_video", arg, 1);
	else
		td_ios_not_supported(in, "a dial peer has marks of its own for voice and video; the others "
				     "are in section global");
}

#define FOR_ALL_PEERS \
	IOS_TAKE("destination-pattern", take_pattern), IOS_TAKE("preference", take_preference), \
	IOS_TAKE("prefix", take_prefix), IOS_TAKE("forward-digits", take_forward_digits), \
	IOS_TAKE("huntstop", take_huntstop), IOS_TAKE("translation-profile", take_profile), \
	IOS_TAKE("corlist", take_corlist), IOS_TAKE("max-conn", take_max_conn), \
	IOS_NOT_NEEDED("description", "a remark"), \
	IOS_NOT_NEEDED("incoming called-number", "calls are known by the trunk they come from"), \
	IOS_NOT_NEEDED("direct-inward-dial", "numbers from outside are routed as they come"), \
	IOS_NOT_SUPPORTED("answer-address", "calls are known by the trunk they come from"), \
	IOS_NOT_SUPPORTED("shutdown", "leave the dial peer out"), \
	IOS_NOT_SUPPORTED("permission", "see the corlists"), \
	IOS_NOT_SUPPORTED("clid", "use a translationprofile with option calling"), \
	IOS_NOT_NEEDED("call-block", "see reject in section translation"), \
	IOS_NOT_NEEDED("no", "nothing")

static const struct ios_rule peer_voip[] = {
	IOS_TAKE("session target", take_target),
	IOS_TAKE("session transport", take_transport),
	IOS_TAKE("session protocol", take_protocol),
	IOS_TAKE("dtmf-relay", take_dtmf),
	IOS_TAKE("media", take_media),
	IOS_TAKE("voice-class", take_class),
	IOS_TAKE("ip qos dscp", take_dscp),
	FOR_ALL_PEERS,
	IOS_TAKE("codec", take_peer_codec),
	IOS_NOT_NEEDED("vad", "silence is a matter of the parties"),
	IOS_NOT_NEEDED("digit-strip", "VoIP peers send what was dialled"),
	IOS_NOT_NEEDED("fax", "T.38 and G.711 fax pass through as the parties agree"),
	IOS_NOT_NEEDED("req-qos", "marks are in section global"),
	IOS_NOT_NEEDED("acc-qos", "marks are in section global"),
	IOS_NOT_NEEDED("b2bua", "Tandem always is"),
	IOS_NOT_NEEDED("playout-delay", "the jitter buffer adapts"),
	IOS_NOT_NEEDED("monitor probe", "trunks are asked by OPTIONS"),
};
const struct ios_rules td_ios_peer_voip = IOS_RULES(peer_voip, NULL);

/* "port 0/0/0": the name of an FXO line here */
static void take_port(struct ios *in, const char *const *arg, size_t n)
{
	char name[64];

	if (!n)
		return;
	td_ios_name(name, sizeof(name), "fxo", arg[0]);
	td_ios_set(in, NULL, NULL, "voiceport", name);
	if (!in->line->negated && strchr(arg[0], ':'))
		td_ios_not_supported(in, "there is no ISDN: use a SIP gateway and a trunk");
}

static void take_digit_strip(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	if (in->line->negated)
		td_ios_set(in, NULL, NULL, "strip_digits", "0");
	else
		td_ios_not_supported(in, "strip_digits says how many: the digits that the pattern "
				     "fixes");
}

static const struct ios_rule peer_pots[] = {
	IOS_TAKE("port", take_port),
	IOS_TAKE("digit-strip", take_digit_strip),
	FOR_ALL_PEERS,
	IOS_NOT_SUPPORTED("trunkgroup", "use a hunt over several dial peers"),
	IOS_NOT_SUPPORTED("application", "call control has one application"),
	IOS_NOT_SUPPORTED("service", "call control has one application"),
};
const struct ios_rules td_ios_peer_pots = IOS_RULES(peer_pots, NULL);

/* ---- translations ---- */

/* "rule 1 /^9/ //", "rule 2 reject /^900/", "rule 3 /x/ /y/ type any national" */
static void take_rule(struct ios *in, const char *const *arg, size_t n)
{
	char value[128];

	if (n >= 3 && !strcmp(arg[1], "reject"))
		snprintf(value, sizeof(value), "reject %s", arg[2]);
	else if (n >= 3)
		snprintf(value, sizeof(value), "%s %s", arg[1], arg[2]);
	else
		return;
	td_ios_add(in, NULL, NULL, "rule", value);
	if (n > 3)
		td_ios_not_supported(in, "taken, but for '%s': numbers have no type or plan in SIP",
				     arg[3]);
}

static const struct ios_rule translation[] = {
	IOS_TAKE("rule", take_rule),
};
const struct ios_rules td_ios_translation = IOS_RULES(translation, NULL);

static void take_translate(struct ios *in, const char *const *arg, size_t n)
{
	static const char *const kinds[][2] = {
		{ "called", "called" }, { "calling", "calling" },
		{ "redirect-called", "redirecting" }, { "redirect-target", "redirecting" },
	};
	char name[64];
	size_t i;

	for (i = 0; n > 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(arg[0], kinds[i][0]) != 0)
			continue;
		td_ios_name(name, sizeof(name), "rule", arg[1]);
		td_ios_set(in, NULL, NULL, kinds[i][1], name);
		return;
	}
	td_ios_not_supported(in, "called, calling or redirect-called?");
}

static const struct ios_rule profile[] = {
	IOS_TAKE("translate", take_translate),
};
const struct ios_rules td_ios_profile = IOS_RULES(profile, NULL);

/* ---- restrictions ---- */

static const struct ios_rule cor_names[] = {
	IOS_NOT_NEEDED("name", "names of restriction are made up by their use"),
};
const struct ios_rules td_ios_cor_names = IOS_RULES(cor_names, NULL);

static void take_member(struct ios *in, const char *const *arg, size_t n)
{
	char name[64];

	if (!n)
		return;
	td_ios_name(name, sizeof(name), "", arg[0]);
	td_ios_add(in, NULL, NULL, "member", name);
}

static const struct ios_rule cor_list[] = {
	IOS_TAKE("member", take_member),
};
const struct ios_rules td_ios_cor_list = IOS_RULES(cor_list, NULL);

/* ---- voice class codec ---- */

/* "codec preference 1 g711alaw": in this order */
static void take_class_codec(struct ios *in, const char *const *arg, size_t n)
{
	const char *codec = n > 1 ? td_ios_codec_name(arg[1]) : NULL;

	if (!codec) {
		td_ios_not_supported(in, "codec %s is not known here", n > 1 ? arg[1] : "");
		return;
	}
	td_ios_taken(in, "list codec of the trunks that have the class");
	td_ios_later(in, IOS_LATE_CODEC, in->name, codec, NULL);
}

static const struct ios_rule codec[] = {
	IOS_TAKE("codec preference", take_class_codec),
};
const struct ios_rules td_ios_codec = IOS_RULES(codec, NULL);
