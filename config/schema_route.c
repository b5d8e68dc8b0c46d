// SPDX-License-Identifier: GPL-2.0-or-later
/* Where calls go: the dial plan and trunks. Rows as schema.c says. */
#include "config/schema_parts.h"

static const char *const media_words[] = {
	[CFG_MEDIA_THROUGH] = "through", [CFG_MEDIA_AROUND] = "around",
	[CFG_MEDIA_INHERIT] = "inherit", NULL,
};
static const char *const register_words[] = { "account", "numbers", "bulk", NULL };

static const struct schema_option corlist_options[] = {
	{ "member", VALUE_NAME, LIST(struct cfg_corlist, member, n_member),
	  .help = "A name of restriction, made up by its use. All corlists together have up to 64.",
	  .cisco = "dial-peer cor custom, member" },
};

const struct schema_section td_section_corlist = {
	.type = "corlist", .needs_name = true, .size = sizeof(struct cfg_corlist),
	OPTIONS(corlist_options), .form = "config corlist 'NAME'",
	.help = "A class of restriction: locks where it is a cor_outgoing, keys where it is a "
		"cor_incoming.",
};

static const struct schema_option translation_options[] = {
	{ "rule", VALUE_RULE, LIST(struct cfg_translation, rule, n_rule),
	  .help = "What becomes of a number: /MATCH/ /REPLACE/. In MATCH a '.' is any digit, [2-9] "
		  "one of some, * + and ? repeat what is before, ^ and $ are the ends, \\( \\) a "
		  "group; \\1 in REPLACE is the first group, & all that fitted. What is around it "
		  "stays. reject /MATCH/ refuses the call. Only the first rule that fits counts.",
	  .cisco = "voice translation-rule, rule" },
};

const struct schema_section td_section_translation = {
	.type = "translation", .needs_name = true, .size = sizeof(struct cfg_translation),
	OPTIONS(translation_options), .form = "config translation 'NAME'",
	.help = "How numbers are rewritten.",
};

static const struct schema_option profile_options[] = {
	{ "called", VALUE_NAME, AT(struct cfg_profile, called), .def_help = "unchanged",
	  .help = "Translation of the number that is called.", .cisco = "translate called" },
	{ "calling", VALUE_NAME, AT(struct cfg_profile, calling), .def_help = "unchanged",
	  .help = "Translation of the caller's number.", .cisco = "translate calling" },
	{ "redirecting", VALUE_NAME, AT(struct cfg_profile, redirecting), .def_help = "unchanged",
	  .help = "Translation of the number that forwarded the call.",
	  .cisco = "translate redirect-called" },
};

const struct schema_section td_section_translationprofile = {
	.type = "translationprofile", .needs_name = true, .size = sizeof(struct cfg_profile),
	OPTIONS(profile_options), .form = "config translationprofile 'NAME'",
	.help = "Which numbers of a call are rewritten, and how.",
};

static const struct schema_option trunk_options[] = {
	{ "name", VALUE_TEXT, AT(struct cfg_trunk, name), .def_help = "the section's name",
	  .help = "What lists call it.", .cisco = "description" },
	{ "host", VALUE_PEER, AT(struct cfg_trunk, host),
	  .help = "Address of the other side.", .cisco = "session target, sip-server" },
	{ "port", VALUE_UINT, AT(struct cfg_trunk, port), .min = 1, .max = 65535,
	  .def_help = "5060, with TLS 5061; with a name what its SRV records say",
	  .help = "Its port.", .cisco = "session target" },
	{ "transport", VALUE_CHOICE, AT(struct cfg_trunk, transport), .words = td_transport_words,
	  .def = "any", .help = "Transport of calls to it; any is UDP.", .cisco = "session transport" },
	{ "tls_name", VALUE_PEER, AT(struct cfg_trunk, tls_name), .def_help = "host",
	  .help = "With transport 'tls': the name that its certificate must have (RFC 5922).",
	  .cisco = "crypto signaling remote-addr" },
	{ "source", VALUE_PREFIX, LIST(struct cfg_trunk, source, n_source),
	  .def_help = "the host alone",
	  .help = "A host or network, beside host itself, from which its calls come. They need no "
		  "password. No two trunks can have the same source.",
	  .cisco = "ip address trusted list" },
	{ "translation_incoming", VALUE_NAME, AT(struct cfg_trunk, translation_incoming),
	  .def_help = "none", .help = "A translationprofile for calls from it, before they are "
	  "routed.", .cisco = "translation-profile incoming" },
	{ "translation_outgoing", VALUE_NAME, AT(struct cfg_trunk, translation_outgoing),
	  .def_help = "none", .help = "A translationprofile for calls to it, after the one of the "
	  "dial peer.", .cisco = "translation-profile outgoing" },
	{ "cor_incoming", VALUE_NAME, AT(struct cfg_trunk, cor_incoming),
	  .def_help = "everything inside",
	  .help = "A corlist: what its calls may reach.", .cisco = "corlist incoming" },
	{ "allow_transit", VALUE_BOOL, AT(struct cfg_trunk, allow_transit), .def = "0",
	  .help = "Calls from it may leave again by a trunk. Who calls from outside at your cost "
		  "does so by this.",
	  .cisco = "allow-connections sip to sip" },
	{ "max_calls", VALUE_UINT, AT(struct cfg_trunk, max_calls), .min = 0, .max = 100000,
	  .def = "0", .help = "Calls by it at the same time, both ways; 0 means no limit.",
	  .cisco = "max-conn" },
	{ "identity", VALUE_BOOL, AT(struct cfg_trunk, identity), .def = "0",
	  .help = "It is told who calls by P-Asserted-Identity (RFC 3325), and believed what it "
		  "says so; with its Privacy: id a caller is anonymous to phones.",
	  .cisco = "asserted-id pai" },
	{ "privacy", VALUE_BOOL, AT(struct cfg_trunk, privacy), .def = "0",
	  .help = "Calls to it are anonymous (From, and Privacy: id). With identity the trunk itself "
		  "is told who calls.",
	  .cisco = "clid restrict, privacy pstn" },
	{ "mwi", VALUE_BOOL, AT(struct cfg_trunk, mwi), .def = "0",
	  .help = "It is a voicemail: its NOTIFY of message-summary (RFC 3842) lights and clears the "
		  "message lamp of the number that it names. Its media come through this router, "
		  "whatever media says elsewhere.",
	  .cisco = "mwi-server ... unsolicited, mwi relay" },
	{ "max_cps", VALUE_UINT, AT(struct cfg_trunk, max_cps), .min = 0, .max = 10000, .def = "0",
	  .help = "Calls by it in a second, both ways; 0 means no limit. What is more goes to the "
		  "next dial peer, or is refused with 503.",
	  .cisco = "call threshold, call spike" },
	{ "answer_timeout", VALUE_UINT, AT(struct cfg_trunk, answer_timeout), .min = 1, .max = 32,
	  .def = "6", .help = "Seconds until an INVITE must have any answer; then the next dial peer "
	  "is tried.", .cisco = "retry invite" },
	{ "keepalive", VALUE_UINT, AT(struct cfg_trunk, keepalive), .min = 1, .max = 1200,
	  .or_zero = true, .def = "0",
	  .help = "Seconds between OPTIONS requests that ask whether it is there; 0 sends none. A "
		  "trunk that is down gets no calls: the next dial peer is tried at once.",
	  .cisco = "voice-class sip options-keepalive up-interval" },
	{ "keepalive_down", VALUE_UINT, AT(struct cfg_trunk, keepalive_down), .min = 1, .max = 1200,
	  .def = "30", .help = "Seconds between them while it is down.",
	  .cisco = "options-keepalive down-interval" },
	{ "keepalive_retry", VALUE_UINT, AT(struct cfg_trunk, keepalive_retry), .min = 1, .max = 10,
	  .def = "3", .help = "So many without answer, one right after the other, and it is down.",
	  .cisco = "options-keepalive retry" },
	{ "media_forking", VALUE_RTP, AT(struct cfg_trunk, media_forking),
	  .def_help = "media_forking of section global",
	  .help = "A recorder of its calls (see section global).",
	  .cisco = "media forking, recorder" },
	{ "media", VALUE_CHOICE, AT(struct cfg_trunk, media), .words = media_words, .def = "inherit",
	  .help = "Way of the media of its calls with another trunk; inherit: as section global says.",
	  .cisco = "media flow-through, media flow-around" },
	{ "srtp", VALUE_CHOICE, AT(struct cfg_trunk, srtp), .words = td_srtp_words,
	  .def = "inherit", .help = "Encrypted media with it: off, fallback or required; inherit is srtp of "
		  "section global.",
	  .cisco = "srtp, srtp fallback" },
	{ "dtmf_relay", VALUE_CHOICE, AT(struct cfg_trunk, dtmf_relay), .words = td_dtmf_words,
	  .def = "rtp-nte",
	  .help = "How it is told of keys: in the media (RFC 4733), in SIP INFO, in Cisco's NOTIFY, or "
		  "in NOTIFYs that it subscribes to (KPML, RFC 4730), as we do to its keys.",
	  .cisco = "dtmf-relay" },
	{ "overlap_signal", VALUE_BOOL, AT(struct cfg_trunk, overlap_signal), .def = "0",
	  .help = "Numbers come and go digit by digit (RFC 3578): a phone with overlap_signal calls "
		  "as soon as nothing else begins like what was dialled, and each digit more is an "
		  "INVITE more with the longer number, until the trunk takes one of them. What it "
		  "calls here with too few digits is answered 484.",
	  .cisco = "overlap-signal" },
	{ "codec", VALUE_CODEC, LIST(struct cfg_trunk, codec, n_codec), .words = td_codec_words,
	  .def_help = "all", .help = "Codecs that are used with it.", .cisco = "voice-class codec" },
	{ "username", VALUE_USER, AT(struct cfg_trunk, username), .def_help = "none",
	  .help = "Our account there, when it asks for a password.", .cisco = "authentication username" },
	{ "password", VALUE_SECRET, AT(struct cfg_trunk, password), .def_help = "none",
	  .help = "Password of that account. It needs a username and a realm.",
	  .cisco = "authentication ... password" },
	{ "realm", VALUE_REALM, AT(struct cfg_trunk, realm), .def_help = "none",
	  .help = "The realm that it asks with. A challenge of any other realm is not answered; the "
		  "log tells which one came.",
	  .cisco = "authentication ... realm" },
};

const struct schema_section td_section_trunk = {
	.type = "trunk", .needs_name = true, .size = sizeof(struct cfg_trunk),
	OPTIONS(trunk_options), .form = "config trunk 'NAME'",
	.help = "Another switch, or a carrier. Calls to it go by dial peers.",
};

static const struct schema_option registrar_options[] = {
	{ "trunk", VALUE_NAME, AT(struct cfg_registrar, trunk),
	  .help = "The trunk whose account, transport and calls these are.", .cisco = "registrar" },
	{ "address", VALUE_ADDRESS, AT(struct cfg_registrar, address),
	  .def_help = "the trunk's host and port", .help = "Where to register.",
	  .cisco = "registrar ipv4:" },
	{ "secondary", VALUE_ADDRESS, AT(struct cfg_registrar, secondary), .def_help = "none",
	  .help = "Where to register when the first does not answer or cannot. The first is asked "
		  "again with every renewal.",
	  .cisco = "registrar ... secondary" },
	{ "expires", VALUE_UINT, AT(struct cfg_registrar, expires), .min = 60, .max = 65535,
	  .def = "3600", .help = "Seconds that we ask for; the registrar may shorten them.",
	  .cisco = "registrar ... expires" },
	{ "register", VALUE_CHOICE, AT(struct cfg_registrar, what), .words = register_words,
	  .def = "account",
	  .help = "What is registered: the trunk's username (account), each number of a dn without "
		  "no_register (numbers), or nothing but bulk_number (bulk).",
	  .cisco = "registrar" },
	{ "bulk_number", VALUE_WORD, LIST(struct cfg_registrar, bulk_number, n_bulk_number),
	  .def_help = "none",
	  .help = "A block of numbers that is registered as one: 408526.... is ten thousand.",
	  .cisco = "bulk" },
};

const struct schema_section td_section_registrar = {
	.type = "registrar", .needs_name = true, .size = sizeof(struct cfg_registrar),
	OPTIONS(registrar_options), .form = "config registrar 'NAME'",
	.help = "Where this router registers itself, so that a carrier finds it.",
};

static const struct schema_option mwi_options[] = {
	{ "server", VALUE_NAME, AT(struct cfg_mwi, server),
	  .help = "The trunk that is asked, with its account; its host has an IPv4 address.",
	  .cisco = "mwi-server, mwi relay" },
	{ "number", VALUE_NUMBER, LIST(struct cfg_mwi, number, n_number),
	  .def_help = "all dn",
	  .help = "A number of the house whose mailbox is watched.", .cisco = "mwi sip" },
	{ "expires", VALUE_UINT, AT(struct cfg_mwi, expires), .min = 60, .max = 99999,
	  .def = "3600", .help = "Seconds that we ask for; the voicemail may shorten them.",
	  .cisco = "mwi-server ... expires" },
};

const struct schema_section td_section_mwi = {
	.type = "mwi", .needs_name = true, .size = sizeof(struct cfg_mwi), OPTIONS(mwi_options),
	.form = "config mwi 'NAME'",
	.help = "A voicemail that is asked how many messages wait (SUBSCRIBE of message-summary, RFC "
		"3842); lamps of phones follow. One that tells without being asked needs option mwi "
		"of its trunk only.",
};

static const struct schema_option mediaclass_options[] = {
	{ "tag", VALUE_UINT, AT(struct cfg_mediaclass, tag), .min = 1, .max = 10000,
	  .def_help = "none", .help = "Its number in IOS.", .cisco = "voice class media TAG" },
	{ "mode", VALUE_CHOICE, AT(struct cfg_mediaclass, mode), .words = media_words,
	  .def = "inherit",
	  .help = "Way of the media between two trunks, where a dial peer names this class; it comes "
		  "before option media of the dial peer.",
	  .cisco = "media flow-through, media flow-around" },
};

const struct schema_section td_section_mediaclass = {
	.type = "mediaclass", .needs_name = true, .size = sizeof(struct cfg_mediaclass),
	OPTIONS(mediaclass_options), .form = "config mediaclass 'NAME'",
	.help = "How media go, for all dial peers that name it.",
};

/* those of a trunk behind the first */
static const char *const peer_dtmf_words[] = {
	"inherit", [1 + CFG_DTMF_RTP] = "rtp-nte", [1 + CFG_DTMF_INFO] = "info",
	[1 + CFG_DTMF_NOTIFY] = "sip-notify", [1 + CFG_DTMF_KPML] = "sip-kpml", NULL,
};

static const struct schema_option dialpeer_options[] = {
	{ "tag", VALUE_UINT, AT(struct cfg_dialpeer, tag), .min = 1, .max = 1073741823,
	  .def_help = "none", .help = "A number by which commands can name it, as in IOS.",
	  .cisco = "dial-peer voice TAG" },
	{ "destination_pattern", VALUE_PATTERN, AT(struct cfg_dialpeer, destination_pattern),
	  .help = "The numbers that it is for: '.' is any key, [2-9] one of some, T up to 32 more, "
		  "'?' '%' and '+' repeat the key or ( ) before, $ ends the number; '+' in front is "
		  "itself. Without $ or T the pattern is compared with the beginning of what was "
		  "dialled. Of all that fit, the one with most keys spelled out is tried first, then "
		  "the one with the lowest preference.",
	  .cisco = "destination-pattern" },
	{ "preference", VALUE_UINT, AT(struct cfg_dialpeer, preference), .min = 0, .max = 10,
	  .def = "0", .help = "Order among equally good ones: 0 is tried first.",
	  .cisco = "preference" },
	{ "trunk", VALUE_NAME, AT(struct cfg_dialpeer, trunk),
	  .help = "Where the calls go.", .cisco = "session target" },
	{ "voiceport", VALUE_NAME, AT(struct cfg_dialpeer, voiceport),
	  .help = "The telephone line by which they go, in the place of a trunk.", .cisco = "port" },
	{ "strip_digits", VALUE_UINT, AT(struct cfg_dialpeer, strip_digits), .min = 0, .max = 32,
	  .def = "0", .help = "Digits that are taken off in front: 1 takes the 9 for the outside line.",
	  .cisco = "digit-strip" },
	{ "forward_digits", VALUE_UINT, AT(struct cfg_dialpeer, forward_digits), .min = 1, .max = 32,
	  .def_help = "all", .help = "As many digits, the last ones, are sent.",
	  .cisco = "forward-digits" },
	{ "prefix", VALUE_DIGITS, AT(struct cfg_dialpeer, prefix), .def_help = "none",
	  .help = "Digits that are put in front after that.", .cisco = "prefix" },
	{ "translation_outgoing", VALUE_NAME, AT(struct cfg_dialpeer, translation_outgoing),
	  .def_help = "none", .help = "A translationprofile that is applied last.",
	  .cisco = "translation-profile outgoing" },
	{ "cor_outgoing", VALUE_NAME, AT(struct cfg_dialpeer, cor_outgoing), .def_help = "anybody",
	  .help = "A corlist: who calls this way must have all its members in his cor_incoming.",
	  .cisco = "corlist outgoing" },
	{ "srtp", VALUE_CHOICE, AT(struct cfg_dialpeer, srtp), .words = td_srtp_words,
	  .def = "inherit", .help = "Encrypted media of calls that go this way: off, fallback or required; "
		  "inherit is srtp of the trunk.",
	  .cisco = "srtp, srtp fallback" },
	{ "dtmf_relay", VALUE_CHOICE, AT(struct cfg_dialpeer, dtmf_relay), .words = peer_dtmf_words,
	  .def = "inherit",
	  .help = "How who is called this way is told of keys; inherit is dtmf_relay of the trunk.",
	  .cisco = "dtmf-relay" },
	{ "huntstop", VALUE_BOOL, AT(struct cfg_dialpeer, huntstop), .def = "0",
	  .help = "When the call fails here, no other dial peer is tried.", .cisco = "huntstop" },
	{ "media", VALUE_CHOICE, AT(struct cfg_dialpeer, media), .words = media_words,
	  .def = "inherit",
	  .help = "Way of the media of calls from a trunk that leave by this peer: through this "
		  "router or around it (see media of section global); inherit: as the trunk says.",
	  .cisco = "media flow-through, media flow-around" },
	{ "media_forking", VALUE_RTP, AT(struct cfg_dialpeer, media_forking),
	  .def_help = "media_forking of the trunk",
	  .help = "A recorder of calls that leave by this peer (see section global).",
	  .cisco = "media forking" },
	{ "mediaclass", VALUE_NAME, AT(struct cfg_dialpeer, mediaclass), .def_help = "none",
	  .help = "A mediaclass, which comes before media.", .cisco = "voice-class media" },
	{ "dscp_media", VALUE_DSCP, AT(struct cfg_dialpeer, dscp_media), .def = "inherit",
	  .help = "Mark of voice packets to where it leads, in the place of dscp_media of section "
		  "global and of what dscp_trust leaves; a change counts for running calls, too.",
	  .cisco = "ip qos dscp ... media" },
	{ "dscp_video", VALUE_DSCP, AT(struct cfg_dialpeer, dscp_video), .def = "inherit",
	  .help = "The same for video packets.", .cisco = "ip qos dscp ... video" },
	{ "overlap_signal", VALUE_BOOL, AT(struct cfg_dialpeer, overlap_signal), .def = "1",
	  .help = "With a trunk that has it, or a telephone line, digits go this way one by one; 0 "
		  "waits for the whole number.",
	  .cisco = "overlap-signal" },
	{ "emergency", VALUE_BOOL, AT(struct cfg_dialpeer, emergency), .def = "0",
	  .help = "Emergency numbers: who dials exactly this is connected before any other number is "
		  "looked at, and no restriction counts.",
	  .cisco = "emergency response" },
};

const struct schema_section td_section_dialpeer = {
	.type = "dialpeer", .needs_name = true, .size = sizeof(struct cfg_dialpeer),
	OPTIONS(dialpeer_options), .form = "config dialpeer 'NAME'",
	.help = "Which dialled numbers leave by a trunk, and what is sent. Numbers of phones are "
		"found without any.",
};
