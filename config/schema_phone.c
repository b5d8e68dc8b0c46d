// SPDX-License-Identifier: GPL-2.0-or-later
/* Phones and their numbers. Rows as schema.c says. */
#include "config/schema_parts.h"

static const char *const protocol_words[] = {
	[CFG_PROTO_SIP] = "sip", [CFG_PROTO_SCCP] = "sccp", NULL,
};
static const char *const dnd_words[] = {
	[CFG_DND_REJECT] = "reject", [CFG_DND_SILENT] = "silent", NULL,
};

static const char *const phone_family_words[] = {
	[CFG_FAMILY_AUTO] = "auto", [CFG_FAMILY_IPV4] = "ipv4", [CFG_FAMILY_IPV6] = "ipv6",
	[CFG_FAMILY_DUAL] = "dual", NULL,
};

static const char *const idle_keys[] = { "redial", "newcall", "cfwdall", "pickup", "gpickup", "dnd",
					 NULL };
static const char *const seized_keys[] = { "redial", "endcall", "cfwdall", "pickup", "gpickup",
					   NULL };
static const char *const alerting_keys[] = { "endcall", "trnsfer", "callback", NULL };
static const char *const ringing_keys[] = { "answer", "idivert", "dnd", "endcall", NULL };
static const char *const connected_keys[] = { "hold", "endcall", "trnsfer", "confrn", "park",
					      "private", NULL };
static const char *const hold_keys[] = { "resume", "newcall", NULL };
static const char *const remote_keys[] = { "newcall", "cbarge", NULL };

#define KEYS(when, of, list, moment) \
	{ "softkeys_" of, VALUE_KEYS, AT(struct cfg_phone_draft, phone.softkeys[when]), \
	  .words = (list), .def_help = "what such phones have anyway", \
	  .help = "Keys under the display " moment ", in their order, with blanks between.", \
	  .cisco = "softkeys " of }

static const struct schema_option phone_options[] = {
	{ "template", VALUE_NAME, AT(struct cfg_phone_draft, template),
	  .help = "A template whose options count where the phone has none of its own. A list is "
		  "taken as a whole.",
	  .cisco = "ephone-template, voice register template" },
	{ "tag", VALUE_UINT, AT(struct cfg_phone_draft, phone.tag), .min = 1, .max = 1000,
	  .def_help = "none",
	  .help = "A number by which commands can name the phone, as in CME.",
	  .cisco = "voice register pool TAG, ephone TAG" },
	{ "protocol", VALUE_CHOICE, AT(struct cfg_phone_draft, phone.protocol),
	  .words = protocol_words, .def = "sip",
	  .help = "How the phone signals. One with 'sccp' needs a mac: its name is SEP and those "
		  "twelve digits. It is recognised by the host that holds the mac, or by address; "
		  "it has no password." },
	{ "type", VALUE_WORD, AT(struct cfg_phone_draft, phone.type),
	  .help = "Model of the phone, as 7970; 'generic' for one that is not Cisco's. With a mac it "
		  "makes the files that the phone fetches.",
	  .cisco = "type" },
	{ "load", VALUE_WORD, AT(struct cfg_phone_draft, phone.load),
	  .def_help = "what it has",
	  .help = "Firmware that the phone is told to run, instead of its phonetype's. Capital and "
		  "small letters count.",
	  .cisco = "load" },
	{ "mac", VALUE_MAC, .offset = offsetof(struct cfg_phone_draft, phone.mac),
	  .size = SIZE(struct cfg_phone, mac) + SIZE(struct cfg_phone, has_mac),
	  .help = "MAC address; written 001122334455, 00:11:22:33:44:55 or 0011.2233.4455. With "
		  "authenticate 'auto' the host that holds it needs no password.",
	  .cisco = "id mac, mac-address" },
	{ "name", VALUE_TEXT, AT(struct cfg_phone_draft, phone.name),
	  .help = "Name that called people see, unless the dn has one.",
	  .cisco = "name (voice register dn), description" },
	{ "username", VALUE_USER, AT(struct cfg_phone_draft, phone.username),
	  .def_help = "the number of the first line",
	  .help = "User of the digest.", .cisco = "username" },
	{ "password", VALUE_SECRET, AT(struct cfg_phone_draft, phone.password),
	  .help = "Password of the digest. With authenticate 'all' a phone needs one, unless it "
		  "has an address: then it can be called, but its own calls and registrations are "
		  "refused. With 'auto' a phone without password needs a mac or an address.",
	  .cisco = "username ... password" },
	{ "digest", VALUE_CHOICE, AT(struct cfg_phone_draft, phone.digest), .words = td_digest_words,
	  .def_help = "digest of section sip",
	  .help = "Algorithm of the phone's digest challenge." },
	{ "transport", VALUE_CHOICE, AT(struct cfg_phone_draft, phone.transport),
	  .words = td_transport_words, .def = "any",
	  .help = "Transport of requests to the phone: the one it registered with (any), or "
		  "always this.",
	  .cisco = "session-transport" },
	{ "address", VALUE_ADDRESS, AT(struct cfg_phone_draft, phone.address),
	  .def_help = "what the phone registers",
	  .help = "Fixed address of the phone; SIP port 5060 unless one is given (192.0.2.7:5080, "
		  "[2001:db8::7]:5080). It can be called without registration.",
	  .cisco = "id network, session target" },
	{ "nat", VALUE_BOOL, AT(struct cfg_phone_draft, phone.nat), .def = "0",
	  .help = "The phone is behind a NAT: its media are taken from the host that it signals "
		  "from, whatever it says, and the port that its first packet comes from is then "
		  "the only one." },
	{ "mtp", VALUE_BOOL, AT(struct cfg_phone_draft, phone.mtp), .def = "0",
	  .help = "Media of the phone's calls never go around this router.", .cisco = "mtp" },
	{ "protocol_mode", VALUE_CHOICE, AT(struct cfg_phone_draft, phone.protocol_mode),
	  .words = phone_family_words, .def = "auto",
	  .help = "Address families in which the phone can have media, to know whether they can go "
		  "around this router; auto: the one that it signals by.",
	  .cisco = "protocol mode" },
	{ "media_forking", VALUE_RTP, AT(struct cfg_phone_draft, phone.media_forking),
	  .def_help = "media_forking of section global",
	  .help = "A recorder of this phone's calls (see section global). When both parties have "
		  "one, the caller's counts.",
	  .cisco = "media forking, recorder" },
	{ "srtp", VALUE_CHOICE, AT(struct cfg_phone_draft, phone.srtp), .words = td_srtp_words,
	  .def = "inherit", .help = "Encrypted media with it: off, fallback or required; inherit is srtp of "
		  "section global.",
	  .cisco = "srtp, srtp fallback" },
	{ "dtmf_relay", VALUE_CHOICE, AT(struct cfg_phone_draft, phone.dtmf_relay),
	  .words = td_dtmf_words, .def = "rtp-nte",
	  .help = "How the phone is told of keys that the other party presses: in the media "
		  "(rtp-nte, RFC 4733), in SIP INFO, or in NOTIFY as Cisco's gateways agree on it by "
		  "Call-Info (sip-notify).",
	  .cisco = "dtmf-relay" },
	{ "codec", VALUE_CODEC, LIST(struct cfg_phone_draft, phone.codec, phone.n_codec),
	  .words = td_codec_words, .def_help = "all",
	  .help = "Codecs that the phone may use; others are taken out of what it offers.",
	  .cisco = "codec, voice-class codec" },
	{ "call_waiting", VALUE_BOOL, AT(struct cfg_phone_draft, phone.call_waiting), .def = "1",
	  .help = "A call comes to the phone while it is in another one. Without, it is busy.",
	  .cisco = "call-waiting" },
	{ "privacy", VALUE_BOOL, AT(struct cfg_phone_draft, phone.privacy),
	  .def_help = "privacy of section global",
	  .help = "Other phones that share a line with this one see that it is in use, but not with "
		  "whom; they can neither take what this phone holds nor barge in. The key Private of an "
		  "SCCP phone, or its button '3:privacy', switches it also for the call that is on.",
	  .cisco = "privacy (ephone, voice register pool)" },
	{ "after_hours_exempt", VALUE_BOOL, AT(struct cfg_phone_draft, phone.after_hours_exempt),
	  .def = "0",
	  .help = "The phone may dial what section afterhours blocks, but for block_always.",
	  .cisco = "after-hour exempt" },
	{ "multicast_paging", VALUE_BOOL, AT(struct cfg_phone_draft, phone.multicast_paging),
	  .def = "0",
	  .help = "A SIP phone that listens to the multicast groups of section paging by itself: it "
		  "is set so in the phone, and is not called to hear who pages." },
	{ "overlap_signal", VALUE_BOOL, AT(struct cfg_phone_draft, phone.overlap_signal),
	  .def_help = "overlap_signal of section sip or sccp",
	  .help = "A SIP phone sends each key as it is pressed (KPML, RFC 4730), and the router "
		  "knows when the number is complete; else the number comes as a whole. Of an SCCP "
		  "phone the keys go on to a telephone line, or a trunk with overlap_signal, as they "
		  "come, from the moment that nothing else begins like what was dialled; those of a "
		  "SIP phone, too.",
	  .cisco = "overlap-signal (voice register pool, ephone, template)" },
	{ "cor_incoming", VALUE_NAME, AT(struct cfg_phone_draft, phone.cor_incoming),
	  .def_help = "everything",
	  .help = "A corlist: what the phone may call. It reaches a dn or dial peer whose "
		  "cor_outgoing has no other members than these; emergency numbers always.",
	  .cisco = "cor incoming" },
	{ "number", VALUE_NUMBER, AT(struct cfg_phone_draft, number),
	  .help = "Short for list line '1:NUMBER': a number of its own on button 1.",
	  .cisco = "number (voice register dn)" },
	{ "line", VALUE_LINE, LIST(struct cfg_phone_draft, line, n_line),
	  .help = "What a button is: '1:1001' is the number 1001, '2:sales' is the dn sales. A "
		  "number that more than one phone has must be that of a dn. Buttons are 1..64.",
	  .cisco = "number TAG dn TAG, button" },
	{ "dnd", VALUE_CHOICE, AT(struct cfg_phone_draft, phone.dnd), .words = dnd_words,
	  .def = "reject",
	  .help = "Do not disturb, which the phone's key switches on and off: calls find it busy "
		  "(reject), or are shown and do not ring (silent).",
	  .cisco = "dnd" },
	{ "button", VALUE_BUTTON, LIST(struct cfg_phone_draft, button, n_button),
	  .help = "What else a button is: '3:speed-dial:1002:Bob' dials, '4:blf:1003' "
		  "also shows whether the other one is busy, '5:park' is a function. Others are "
		  "blf-park, intercom, redial, hold, transfer, cfwdall, conference, meetme, pickup, "
		  "gpickup, opickup, dnd, callback, record, mcid, qrt, hlog, newcall, answer, "
		  "allcalls, alertingcalls, rmlastconf, services, messages, directories, "
		  "applications, headset, privacy and settings; SCCP phones have speed-dial, blf, "
		  "redial, hold, transfer, cfwdall, conference, park, pickup, gpickup, dnd, "
		  "privacy and newcall.",
	  .cisco = "speed-dial, blf-speed-dial, feature-button, privacy-button" },
	{ "vendor", VALUE_VENDOR, LIST(struct cfg_phone_draft, vendor, n_vendor),
	  .help = "An element of vendorConfig in the phone's file, as 'settingsAccess 1'. It wins "
		  "over the phonetype's of the same name.",
	  .cisco = "service phone NAME VALUE" },
	{ "user_locale", VALUE_NAME, AT(struct cfg_phone_draft, phone.user_locale),
	  .def_help = "that of the phonetype, or the first locale",
	  .help = "A section locale: language of the phone's screen.", .cisco = "user-locale" },
	{ "network_locale", VALUE_NAME, AT(struct cfg_phone_draft, phone.network_locale),
	  .def_help = "that of the phonetype, or the first locale",
	  .help = "A section locale: tones of the phone.", .cisco = "network-locale" },
	KEYS(CFG_KEYS_IDLE, "idle", idle_keys, "while there is no call"),
	KEYS(CFG_KEYS_SEIZED, "seized", seized_keys, "before a number is dialled"),
	KEYS(CFG_KEYS_ALERTING, "alerting", alerting_keys, "while it rings at the other end"),
	KEYS(CFG_KEYS_RINGING, "ringing", ringing_keys, "while it rings here"),
	KEYS(CFG_KEYS_CONNECTED, "connected", connected_keys, "in a call"),
	KEYS(CFG_KEYS_HOLD, "hold", hold_keys, "of a call that is held"),
	KEYS(CFG_KEYS_REMOTE_IN_USE, "remote_in_use", remote_keys,
	     "of a call that another phone has on a shared line (SCCP phones)"),
	{ "vpn", VALUE_NAME, AT(struct cfg_phone_draft, phone.vpn), .def_help = "none",
	  .help = "A section vpnprofile: how the phone comes in from outside.",
	  .cisco = "vpn-group, vpn-profile" },
};
_Static_assert(N(phone_options) <= 64, "sets of options are 64 bits");

const struct schema_section td_section_phone = {
	.type = "phone", .needs_name = true, .size = sizeof(struct cfg_phone_draft),
	OPTIONS(phone_options), .form = "config phone 'NAME'",
	.help = "A phone. It needs at least one number: option number, or list line.",
};

const struct schema_section td_section_template = {
	.type = "template", .needs_name = true, .size = sizeof(struct cfg_phone_draft),
	OPTIONS(phone_options), .form = "config template 'NAME'",
	.help = "Options that several phones share. Every option of a phone may stand in it, "
		"also another template.",
};

static const struct schema_option dn_options[] = {
	{ "number", VALUE_NUMBER, AT(struct cfg_dn, number),
	  .help = "The number that is dialled; every dn needs one.",
	  .cisco = "number" },
	{ "name", VALUE_TEXT, AT(struct cfg_dn, name), .def_help = "the phone's name",
	  .help = "Name that called people see.", .cisco = "name" },
	{ "label", VALUE_TEXT, AT(struct cfg_dn, label),
	  .help = "What a phone shows beside the button.", .cisco = "label" },
	{ "allow_watch", VALUE_BOOL, AT(struct cfg_dn, allow_watch), .def = "1",
	  .help = "Other phones may see whether somebody rings or talks there, by busy lamps and "
		  "subscriptions.",
	  .cisco = "allow watch" },
	{ "preference", VALUE_UINT, AT(struct cfg_dn, preference), .min = 0, .max = 10, .def = "0",
	  .help = "Order among what fits a dialled number equally well: 0 is tried first.",
	  .cisco = "preference" },
	{ "huntstop", VALUE_BOOL, AT(struct cfg_dn, huntstop), .def = "1",
	  .help = "When the number is busy or does not answer, the dial peers that also fit what "
		  "was dialled are not tried.",
	  .cisco = "huntstop" },
	{ "cfwd_all", VALUE_NUMBER, AT(struct cfg_dn, cfwd_all), .def_help = "nowhere",
	  .help = "Every call goes on to this number. What is restricted or costs is the forwarding "
		  "phone's affair, as if it had called.",
	  .cisco = "call-forward all" },
	{ "cfwd_busy", VALUE_NUMBER, AT(struct cfg_dn, cfwd_busy), .def_help = "nowhere",
	  .help = "Where a call goes when the number is busy.", .cisco = "call-forward busy" },
	{ "cfwd_noan", VALUE_NUMBER, AT(struct cfg_dn, cfwd_noan), .def_help = "nowhere",
	  .help = "Where a call goes when nobody answers within cfwd_noan_timeout; also when no phone "
		  "of the number is there, unless cfwd_unreachable is set.",
	  .cisco = "call-forward noan" },
	{ "cfwd_noan_timeout", VALUE_UINT, AT(struct cfg_dn, cfwd_noan_timeout), .min = 3,
	  .max = 60000, .def = "20", .help = "Seconds of ringing before cfwd_noan.",
	  .cisco = "call-forward noan ... timeout" },
	{ "cfwd_night", VALUE_NUMBER, AT(struct cfg_dn, cfwd_night), .def_help = "nowhere",
	  .help = "Where every call goes during night service (section nightservice).",
	  .cisco = "call-forward night-service" },
	{ "snr", VALUE_NUMBER, AT(struct cfg_dn, snr), .def_help = "nobody",
	  .help = "Single number reach: a number that is called as well when the dn is, by a dial peer "
		  "and with the rights of the dn's phone; who answers first has the call. A phone of "
		  "the dn takes the call back by pickup of its own number.",
	  .cisco = "snr" },
	{ "snr_delay", VALUE_UINT, AT(struct cfg_dn, snr_delay), .max = 30, .def = "5",
	  .help = "Seconds that the dn's phones ring before. When none is registered: at once.",
	  .cisco = "snr ... delay" },
	{ "snr_timeout", VALUE_UINT, AT(struct cfg_dn, snr_timeout), .min = 5, .max = 60, .def = "30",
	  .help = "Seconds that it rings.", .cisco = "snr ... timeout" },
	{ "snr_calling_local", VALUE_BOOL, AT(struct cfg_dn, snr_calling_local), .def = "0",
	  .help = "It is shown the dn's number instead of the caller's, for carriers that let no other "
		  "pass.",
	  .cisco = "snr calling-number local" },
	{ "channels", VALUE_UINT, AT(struct cfg_dn, channels), .min = 1, .max = 8, .or_zero = true,
	  .def = "0",
	  .help = "Calls that one phone may have on the number, in both directions; one more is "
		  "busy. 0: as many as the phone takes.",
	  .cisco = "ephone-dn ... dual-line, octo-line, busy-trigger" },
	{ "huntstop_channel", VALUE_UINT, AT(struct cfg_dn, huntstop_channel), .min = 1, .max = 8,
	  .or_zero = true, .def = "0",
	  .help = "A call to the number is busy when one phone has so many calls on it; the other "
		  "channels are kept for calls that the phone makes, as to transfer one. 0: all are "
		  "for both.",
	  .cisco = "huntstop channel" },
	{ "intercom", VALUE_BOOL, AT(struct cfg_dn, intercom), .def = "0",
	  .help = "Phones answer calls to the number by themselves, on the loudspeaker "
		  "(SIP: Call-Info: answer-after=0; an SCCP phone with its microphone off); only "
		  "when a phone of the house calls.",
	  .cisco = "intercom" },
	{ "intercom_number", VALUE_NUMBER, AT(struct cfg_dn, intercom_number), .def_help = "none",
	  .help = "The button of an SCCP phone calls this number and no other, as soon as it is pressed: "
		  "two dns that call each other, both with intercom '1', are CME's intercom; without "
		  "intercom the other one rings (no-auto-answer). One phone only may have such a dn. A "
		  "number with A..D keeps others from dialling it.",
	  .cisco = "intercom NUMBER" },
	{ "intercom_no_mute", VALUE_BOOL, AT(struct cfg_dn, intercom_no_mute), .def = "0",
	  .help = "An SCCP phone that answers by itself is heard at once; else its microphone is off until "
		  "its user wants it on.",
	  .cisco = "intercom ... no-mute" },
	{ "intercom_barge_in", VALUE_BOOL, AT(struct cfg_dn, intercom_barge_in), .def = "0",
	  .help = "An SCCP phone that talks holds that call and answers the intercom; else it only "
		  "rings.",
	  .cisco = "intercom ... barge-in" },
	{ "caller_id_block", VALUE_BOOL, AT(struct cfg_dn, caller_id_block), .def = "0",
	  .help = "Who is called from this number is not told who calls. Emergency calls hide "
		  "nothing.",
	  .cisco = "caller-id block" },
	{ "no_register", VALUE_BOOL, AT(struct cfg_dn, no_register), .def = "0",
	  .help = "The number is not registered with a carrier (section registrar).",
	  .cisco = "number ... no-reg" },
	{ "cfwd_unreachable", VALUE_NUMBER, AT(struct cfg_dn, cfwd_unreachable),
	  .def_help = "cfwd_noan",
	  .help = "Where a call goes when no phone of the number is registered or reacts.",
	  .cisco = "call-forward b2bua unreachable" },
	{ "pickup_group", VALUE_NUMBER, AT(struct cfg_dn, pickup_group), .def_help = "none",
	  .help = "The group whose ringing calls its phones may take by the short code, as the "
		  "others may take its calls.",
	  .cisco = "pickup-group" },
	{ "cor_outgoing", VALUE_NAME, AT(struct cfg_dn, cor_outgoing), .def_help = "anybody",
	  .help = "A corlist: who calls the number must have all its members in his cor_incoming.",
	  .cisco = "cor outgoing" },
};

const struct schema_section td_section_dn = {
	.type = "dn", .needs_name = true, .size = sizeof(struct cfg_dn), OPTIONS(dn_options),
	.form = "config dn 'NAME'",
	.help = "A directory number that is shared by phones, or that has a name or label of its "
		"own. A dn whose name is all digits must have that number.",
};
