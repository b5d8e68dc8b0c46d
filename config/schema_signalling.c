// SPDX-License-Identifier: GPL-2.0-or-later
/* What phones and lines speak: sections sip, sccp, voiceport. Rows as schema.c says. */
#include "config/schema_parts.h"

static const char *const security_words[] = {
	[CFG_SECURITY_NONE] = "none", [CFG_SECURITY_MIXED] = "mixed",
	[CFG_SECURITY_ENCRYPTED] = "encrypted", NULL,
};
static const char *const family_words[] = {
	[CFG_IPV4] = "ipv4", [CFG_IPV6] = "ipv6", [CFG_DUAL] = "dual", NULL,
};
static const char *const preference_words[] = { [CFG_IPV4] = "ipv4", [CFG_IPV6] = "ipv6", NULL };
static const char *const auth_words[] = {
	[CFG_AUTH_ALL] = "all", [CFG_AUTH_AUTO] = "auto", NULL,
};
static const char *const sip_date_words[] = {
	[CFG_SIPDATE_GLOBAL] = "global", [CFG_SIPDATE_DMY] = "d/m/y", [CFG_SIPDATE_MDY] = "m/d/y",
	[CFG_SIPDATE_YDM_DASH] = "y-d-m", [CFG_SIPDATE_YDM] = "y/d/m", [CFG_SIPDATE_YMD] = "y/m/d",
	[CFG_SIPDATE_YYMD_DASH] = "yy-m-d", NULL,
};
static const char *const sip_clock_words[] = {
	[CFG_SIPCLOCK_GLOBAL] = "global", [CFG_SIPCLOCK_12] = "12", [CFG_SIPCLOCK_24] = "24", NULL,
};
static const char *const ntp_words[] = {
	[CFG_NTP_UNICAST] = "unicast", [CFG_NTP_DIRECTEDBROADCAST] = "directedbroadcast",
	[CFG_NTP_MULTICAST] = "multicast", [CFG_NTP_ANYCAST] = "anycast", NULL,
};
static const char *const fxo_signal_words[] = { "loop", "ground", NULL };
static const char *const fxo_alerting_words[] = { "any", "ring", NULL };
static const char *const fxo_dial_words[] = { "dtmf", "pulse", NULL };
static const char *const fxo_answer_words[] = { "time", "reversal", NULL };
static const char *const fxo_caller_words[] = {
	[CFG_FXO_CALLER_RING] = "ring", [CFG_FXO_CALLER_REVERSAL] = "line-reversal",
	[CFG_FXO_CALLER_PRE_RING] = "pre-ring", NULL,
};
static const char *const fxo_country_words[] = {
	[CFG_FXO_US] = "us", [CFG_FXO_GB] = "gb", [CFG_FXO_DE] = "de", [CFG_FXO_FR] = "fr",
	[CFG_FXO_IT] = "it", [CFG_FXO_JP] = "jp", [CFG_FXO_AU] = "au", NULL,
};
static const char *const fxo_impedance_words[] = {	/* enum tdfxo_impedance */
	"600r", "600c", "900r", "900c", "complex1", "complex2", "complex3",
	"country", NULL,
};
static const char *const fxo_gain_words[] = {	/* from -CFG_FXO_GAIN_0 on */
	"-6", "-5", "-4", "-3", "-2", "-1", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10",
	"11", "12", "13", "14", NULL,
};

static const struct schema_option sip_options[] = {
	{ "source_address", VALUE_IP, LIST(struct cfg_sip, listen, n_listen),
	  .def_help = "every address",
	  .help = "An address of this router where SIP is heard, and from which it is spoken. It "
		  "may come later: name the virtual addresses of two routers with VRRP.",
	  .cisco = "source-address (voice register global), bind control" },
	{ "port", VALUE_UINT, AT(struct cfg_sip, port), .min = 1, .max = 65535, .def = "5060",
	  .help = "Port of SIP, UDP and TCP.", .cisco = "source-address ... port" },
	{ "udp", VALUE_BOOL, AT(struct cfg_sip, udp), .def = "1", .help = "SIP over UDP.",
	  .cisco = "transport udp" },
	{ "tcp", VALUE_BOOL, AT(struct cfg_sip, tcp), .def = "1", .help = "SIP over TCP.",
	  .cisco = "transport tcp" },
	{ "tls", VALUE_BOOL, AT(struct cfg_sip, tls), .def = "0",
	  .help = "SIP over TLS, for phones and for trunks with transport 'tls'.",
	  .cisco = "transport tcp tls" },
	{ "tls_port", VALUE_UINT, AT(struct cfg_sip, tls_port), .min = 1, .max = 65535,
	  .def = "5061", .help = "Port of SIP over TLS." },
	{ "tls_certificate", VALUE_PATH, AT(struct cfg_sip, tls_certificate), .def_help = "none",
	  .help = "File with our certificate, and after it those between it and its authority "
		  "(PEM). It must be readable for user tandem; a reload reads it again.",
	  .cisco = "crypto signaling ... trustpoint" },
	{ "tls_key", VALUE_PATH, AT(struct cfg_sip, tls_key), .def_help = "tls_certificate",
	  .help = "File with the private key (PEM, without a passphrase), readable for user tandem "
		  "and nobody else." },
	{ "tls_ca", VALUE_PATH, AT(struct cfg_sip, tls_ca),
	  .def = "/etc/ssl/certs/ca-certificates.crt",
	  .help = "File with the authorities (PEM) of which one must have signed a trunk's "
		  "certificate.", .cisco = "crypto pki trustpoint" },
	{ "srtp_clear", VALUE_BOOL, AT(struct cfg_sip, srtp_clear), .def = "0",
	  .help = "Keys of SRTP are told and taken by UDP and TCP, too, where who listens to the "
		  "signalling can read them.",
	  .cisco = "srtp" },
	{ "tls_legacy", VALUE_BOOL, AT(struct cfg_sip, tls_legacy), .def = "0",
	  .help = "TLS 1.0 and 1.1, short keys and old ciphers too, for phones that know nothing "
		  "better. Without it TLS 1.2 is the least.", .cisco = "transport tcp tls v1.0" },
	{ "authenticate", VALUE_CHOICE, AT(struct cfg_sip, authenticate), .words = auth_words,
	  .def = "all",
	  .help = "Who must prove by digest who he is: all, or (auto) only who does not come from "
		  "the host that holds the phone's mac or address.",
	  .cisco = "authenticate (voice register global)" },
	{ "realm", VALUE_REALM, AT(struct cfg_sip, realm), .def_help = "the hostname",
	  .help = "Realm of the digest challenge; many phones show it.",
	  .cisco = "authenticate realm" },
	{ "digest", VALUE_CHOICE, AT(struct cfg_sip, digest), .words = td_digest_words, .def = "md5",
	  .help = "Algorithm of the one challenge that a phone gets, unless it has its own. Many "
		  "phones know md5 only; who is not known is asked with md5." },
	{ "register_expires_max", VALUE_UINT, AT(struct cfg_sip, register_expires_max), .min = 60,
	  .max = 86400, .def = "3600",
	  .help = "Longest registration in seconds; a phone that asks for more gets this.",
	  .cisco = "registrar server expires max" },
	{ "register_expires_min", VALUE_UINT, AT(struct cfg_sip, register_expires_min), .min = 60,
	  .max = 86400, .def = "60",
	  .help = "Shortest registration in seconds; a phone that asks for less is refused with "
		  "423 and told this.",
	  .cisco = "registrar server expires min" },
	{ "register_expires", VALUE_UINT, AT(struct cfg_sip, register_expires), .min = 60,
	  .max = 86400, .def = "3600",
	  .def_help = "3600, held within register_expires_min and _max",
	  .help = "Registration in seconds of a phone that asks for no time.",
	  .cisco = "registrar server expires" },
	{ "tcp_idle_timeout", VALUE_UINT, AT(struct cfg_sip, tcp_idle_timeout), .min = 60,
	  .max = 86400, .def = "6000",
	  .help = "Seconds after which a silent TCP connection is closed. It must be longer than "
		  "the refresh of registrations: some phones restart when their connection "
		  "closes.",
	  .cisco = "timers connection aging" },
	{ "nonce_lifetime", VALUE_UINT, AT(struct cfg_sip, nonce_lifetime), .min = 10,
	  .max = 86400, .def = "300",
	  .help = "Seconds for which a digest challenge may be answered." },
	{ "max_setups", VALUE_UINT, AT(struct cfg_sip, max_setups), .min = 1, .max = 100000,
	  .def = "1000",
	  .help = "Calls that may be in set-up or ringing at the same time; beyond it a new one is "
		  "refused with 503 and a time to try again.",
	  .cisco = "call spike" },
	{ "session_expires", VALUE_UINT, AT(struct cfg_sip, session_expires), .min = 90,
	  .max = 86400, .or_zero = true, .def = "1800",
	  .help = "Seconds in which both ends of a call must have shown that they are still there "
		  "(RFC 4028); 0 means that we do not ask for it.",
	  .cisco = "session refresh" },
	{ "min_se", VALUE_UINT, AT(struct cfg_sip, min_se), .min = 90, .max = 86400, .def = "90",
	  .help = "Least session_expires in seconds that a party may ask for.",
	  .cisco = "min-se" },
	{ "max_bindings", VALUE_UINT, AT(struct cfg_sip, max_bindings), .min = 1, .max = 16,
	  .def = "4", .help = "Contacts that a phone may have registered at the same time." },
	{ "user_agent", VALUE_PRODUCT, AT(struct cfg_sip, user_agent), .def = "Tandem",
	  .help = "What we call ourselves in SIP messages." },
	{ "firewall", VALUE_BOOL, AT(struct cfg_sip, firewall), .def = "1",
	  .help = "Keep the nftables table inet tandem in the kernel: it drops what comes to SIP's "
		  "port from banned hosts, and from others what is over rate_limit. It accepts "
		  "nothing for other tables and touches none of them." },
	{ "trusted", VALUE_PREFIX, LIST(struct cfg_sip, trusted, n_trusted), .def_help = "none",
	  .help = "A host or network that is never limited and never banned. Registered phones and "
		  "fixed addresses of phones are not either.",
	  .cisco = "ip address trusted list" },
	{ "trusted_only", VALUE_BOOL, AT(struct cfg_sip, trusted_only), .def = "0",
	  .help = "SIP is heard from trusted hosts, trunks, registrars and fixed addresses of phones "
		  "alone; the packet filter drops the rest, and without it the daemon does. Phones that "
		  "register must be within trusted.",
	  .cisco = "ip address trusted authenticate" },
	{ "rate_limit", VALUE_UINT, AT(struct cfg_sip, rate_limit), .min = 1, .max = 1000000,
	  .or_zero = true, .def = "100",
	  .help = "Packets in a second that a host which is not registered may send to SIP's port; "
		  "the kernel drops the rest. 0 means no limit." },
	{ "rate_burst", VALUE_UINT, AT(struct cfg_sip, rate_burst), .min = 1, .max = 1000000,
	  .def = "200",
	  .help = "Packets that such a host may send at once before rate_limit counts." },
	{ "ban_after", VALUE_UINT, AT(struct cfg_sip, ban_after), .min = 1, .max = 10000,
	  .or_zero = true, .def = "10",
	  .help = "Wrong passwords within ban_window after which a host is banned. Only answers to a "
		  "challenge that went to this very host count, so nobody can have another one "
		  "banned. 0 means never." },
	{ "ban_window", VALUE_UINT, AT(struct cfg_sip, ban_window), .min = 1, .max = 86400,
	  .def = "60", .help = "Seconds in which wrong passwords are counted together." },
	{ "ban_time", VALUE_UINT, AT(struct cfg_sip, ban_time), .min = 1, .max = 2592000,
	  .def = "600", .help = "Seconds for which a host is banned." },
	{ "timezone", VALUE_ZONE, AT(struct cfg_sip, timezone),
	  .def_help = "timezone of section global",
	  .help = "Time zone of SIP phones, in their files.",
	  .cisco = "timezone (voice register global)" },
	{ "date_format", VALUE_CHOICE, AT(struct cfg_sip, date_format), .words = sip_date_words,
	  .def = "global",
	  .help = "How SIP phones show the date; global is date_format of that section.",
	  .cisco = "date-format (voice register global)" },
	{ "time_format", VALUE_CHOICE, AT(struct cfg_sip, time_format), .words = sip_clock_words,
	  .def = "global",
	  .help = "Hours of the clock of SIP phones; global is time_format of that section.",
	  .cisco = "time-format (voice register global)" },
	{ "dst_auto", VALUE_BOOL, AT(struct cfg_sip, dst_auto), .def = "1",
	  .help = "7940 and 7960 with SIP change to summer time, by section dst or else the rule of "
		  "the time zone. Other phones know the rule of their zone.",
	  .cisco = "dst auto-adjust" },
	{ "ntp_server", VALUE_PEER, AT(struct cfg_sip, ntp_server),
	  .def_help = "none: phones take the time from our answers",
	  .help = "Where SIP phones ask for the time.", .cisco = "ntp-server" },
	{ "ntp_mode", VALUE_CHOICE, AT(struct cfg_sip, ntp_mode), .words = ntp_words,
	  .def = "unicast", .help = "How SIP phones ask it.", .cisco = "ntp-server ... mode" },
	{ "keepalive", VALUE_UINT, AT(struct cfg_sip, keepalive), .min = 120, .max = 65535,
	  .def = "120",
	  .help = "Seconds between two signs of life of a SIP phone towards the router that it is not "
		  "registered with. Phones do not go beyond 7200.",
	  .cisco = "keepalive (voice register global)" },
	{ "token_accept", VALUE_BOOL, AT(struct cfg_sip, token_accept), .def = "1",
	  .help = "SIP phones that are registered with the secondary router may come back; without it "
		  "they are told to ask again." },
	{ "token_retry_after", VALUE_UINT, AT(struct cfg_sip, token_retry_after), .min = 0,
	  .max = 3600, .def = "0",
	  .help = "Seconds, at least, after which a phone that may not come back yet asks again." },
	{ "token_rate", VALUE_UINT, AT(struct cfg_sip, token_rate), .min = 1, .max = 1000,
	  .or_zero = true, .def = "50",
	  .help = "Phones a second that may come back; the others are given times of their own. 0 "
		  "means all at once." },
	{ "status_combine", VALUE_BOOL, AT(struct cfg_sip, status_combine), .def = "1",
	  .help = "A Cisco phone that registers in bulk and offers it is told its status (call "
		  "forwarding, privacy, do not disturb, lamps, versions of its files) in one message "
		  "instead of one for each." },
	{ "status_combine_max", VALUE_UINT, AT(struct cfg_sip, status_combine_max), .min = 1,
	  .max = 16, .def = "6",
	  .help = "How many things are told in such a message; a phone may take fewer." },
	{ "overlap_signal", VALUE_BOOL, AT(struct cfg_sip, overlap_signal), .def = "0",
	  .help = "Of SIP phones that do not say themselves: each key is sent as it is pressed "
		  "(KPML, RFC 4730), instead of the number as a whole.",
	  .cisco = "overlap-signal (voice register global)" },
};
_Static_assert(N(sip_options) <= 64, "sets of options are 64 bits");

const struct schema_section td_section_sip = {
	.type = "sip", .single = true, .size = sizeof(struct cfg_sip), OPTIONS(sip_options),
	.form = "config sip 'sip'", .help = "SIP: where it is heard, and the registrar.",
};

static const struct schema_option sccp_options[] = {
	{ "enable", VALUE_CHOICE, AT(struct cfg_sccp, enable), .words = td_enable_words, .def = "auto",
	  .help = "Whether SCCP (Skinny) phones are heard; auto means: when a phone of the "
		  "configuration has protocol 'sccp'." },
	{ "source_address", VALUE_IP, LIST(struct cfg_sccp, source, n_source),
	  .def_help = "any address of this router",
	  .help = "The address, one for each family at most, that phones are given for this "
		  "router.",
	  .cisco = "ip source-address (telephony-service)" },
	{ "port", VALUE_UINT, AT(struct cfg_sccp, port), .min = 2000, .max = 9999, .def = "2000",
	  .help = "TCP port where SCCP phones are heard.",
	  .cisco = "ip source-address ... port" },
	{ "security_mode", VALUE_CHOICE, AT(struct cfg_sccp, security_mode),
	  .words = security_words, .def = "none",
	  .help = "none: phones are heard by TCP; encrypted: by TLS only; mixed: by both.",
	  .cisco = "device-security-mode" },
	{ "tls_port", VALUE_UINT, AT(struct cfg_sccp, tls_port), .min = 2000, .max = 9999,
	  .def = "2443", .help = "TCP port where SCCP phones are heard by TLS." },
	{ "certificate", VALUE_PATH, AT(struct cfg_sccp, certificate), .def_help = "none",
	  .help = "This router's certificate and those above it, a file in PEM that the daemon's "
		  "user can read.", .cisco = "secure-signaling trustpoint" },
	{ "private_key", VALUE_PATH, AT(struct cfg_sccp, private_key), .def_help = "none",
	  .help = "Its key, a file in PEM that nobody but the daemon's user should read." },
	{ "tls_legacy", VALUE_BOOL, AT(struct cfg_sccp, tls_legacy), .def = "0",
	  .help = "Also TLS 1.0 and 1.1, and ciphers that are not safe any more: for phones whose "
		  "firmware has nothing else." },
	{ "protocol_mode", VALUE_CHOICE, AT(struct cfg_sccp, protocol_mode), .words = family_words,
	  .def = "ipv4", .help = "Which families SCCP phones may use.", .cisco = "protocol mode" },
	{ "ip_preference", VALUE_CHOICE, AT(struct cfg_sccp, ip_preference),
	  .words = preference_words, .def = "ipv4",
	  .help = "Family of the media of phones that have both, in mode dual.",
	  .cisco = "protocol mode dual-stack preference" },
	{ "keepalive", VALUE_UINT, AT(struct cfg_sccp, keepalive), .min = 10, .max = 65535,
	  .def = "30",
	  .help = "Seconds between two signs of life of a phone. It tries another router after "
		  "three that nobody answered, and is taken for gone after three that did not "
		  "come.",
	  .cisco = "keepalive" },
	{ "max_phones", VALUE_UINT, AT(struct cfg_sccp, max_phones), .min = 0, .max = 10000,
	  .def = "0",
	  .help = "SCCP phones that may be registered at the same time; 0 means no limit. When it "
		  "is lowered nobody is thrown out.",
	  .cisco = "max-ephones" },
	{ "max_dn", VALUE_UINT, AT(struct cfg_sccp, max_dn), .min = 0, .max = 10000, .def = "0",
	  .help = "Numbers that SCCP phones may have together; more are an error. 0 means no limit.",
	  .cisco = "max-dn" },
	{ "preference", VALUE_UINT, AT(struct cfg_sccp, preference), .min = 0, .max = 10, .def = "0",
	  .help = "Of numbers of SCCP phones whose dn has no preference.",
	  .cisco = "max-dn ... preference" },
	{ "no_register", VALUE_BOOL, AT(struct cfg_sccp, no_register), .def = "0",
	  .help = "Numbers of SCCP phones whose dn does not say no_register are not registered with a "
		  "carrier.",
	  .cisco = "max-dn ... no-reg" },
	{ "max_per_host", VALUE_UINT, AT(struct cfg_sccp, max_per_host), .min = 1, .max = 100000,
	  .def = "128",
	  .help = "Connections from one address at the same time: more than a gateway for analogue "
		  "phones has lines." },
	{ "auto_register", VALUE_BOOL, AT(struct cfg_sccp, auto_register), .def = "1",
	  .help = "Let in phones that are not configured, when their host holds their MAC on a "
		  "network of this router: with the next free number of auto_number, and for "
		  "calls inside the house only. 'tandem adopt' prints the lines that make them "
		  "configured ones. Off, or without an auto_number, they are refused and listed by "
		  "'tandem show sccp attempts'.",
	  .cisco = "auto-reg-ephone" },
	{ "auto_number", VALUE_NUMBER, AT(struct cfg_sccp, auto_number), .def_help = "none",
	  .help = "The first number for phones that register by themselves.",
	  .cisco = "auto assign" },
	{ "auto_numbers", VALUE_UINT, AT(struct cfg_sccp, auto_numbers), .min = 1, .max = 10000,
	  .def = "100", .help = "How many: the numbers from the first one on.",
	  .cisco = "auto assign ... to" },
	{ "strict_match", VALUE_BOOL, AT(struct cfg_sccp, strict_match), .def = "0",
	  .help = "Refuse phones that connect to another address of this router than "
		  "source_address.",
	  .cisco = "ip source-address ... any-match, strict-match" },
	{ "overlap_signal", VALUE_BOOL, AT(struct cfg_sccp, overlap_signal), .def = "0",
	  .help = "Of SCCP phones that do not say themselves: digits to a telephone line, or a trunk "
		  "with overlap_signal, go out as they are dialled, from the moment that nothing else begins like what was dialled; "
		  "otherwise the number goes as a whole.",
	  .cisco = "overlap-signal" },
};

const struct schema_section td_section_sccp = {
	.type = "sccp", .single = true, .size = sizeof(struct cfg_sccp), OPTIONS(sccp_options),
	.form = "config sccp 'sccp'",
	.help = "SCCP, Cisco's older protocol (Skinny): where it is heard, and who may "
		"register.",
};

static const struct schema_option voiceport_options[] = {
	{ "name", VALUE_TEXT, AT(struct cfg_voiceport, name), .def_help = "the section's name",
	  .help = "What lists call it.", .cisco = "description" },
	{ "port", VALUE_UINT, AT(struct cfg_voiceport, port), .min = 0, .max = 1023, .def = "0",
	  .help = "Number of the line in the kernel, as show voice-port lists it.",
	  .cisco = "voice-port SLOT/PORT" },
	{ "signal", VALUE_CHOICE, AT(struct cfg_voiceport, signal), .words = fxo_signal_words,
	  .def = "loop", .help = "How the line is seized: loop start, or ground start, which knows no "
	  "glare and tells the other end's release.", .cisco = "signal loop-start, ground-start" },
	{ "alerting", VALUE_CHOICE, AT(struct cfg_voiceport, alerting), .words = fxo_alerting_words,
	  .def = "any", .help = "What is a call from the exchange: ring, ringing alone; any, tip ground, "
	  "too (ground start).", .cisco = "incoming alerting ring-only" },
	{ "ring_number", VALUE_UINT, AT(struct cfg_voiceport, ring_number), .min = 1, .max = 10,
	  .def = "1", .help = "Rings until a call is taken. Of two routers on one line the secondary has "
	  "more: 3.", .cisco = "ring number" },
	{ "connection_plar", VALUE_DIGITS, AT(struct cfg_voiceport, connection_plar),
	  .def_help = "nobody", .help = "Who gets the calls from this line. Without it they are left "
	  "ringing.", .cisco = "connection plar" },
	{ "plar_opx", VALUE_BOOL, AT(struct cfg_voiceport, plar_opx), .def = "0",
	  .help = "The line is answered when that one answers, not before: the exchange goes on with "
		  "its own forwarding, and nobody pays for ringing.",
	  .cisco = "connection plar opx" },
	{ "dial_type", VALUE_CHOICE, AT(struct cfg_voiceport, dial_type), .words = fxo_dial_words,
	  .def = "dtmf", .help = "How digits are sent.", .cisco = "dial-type" },
	{ "answer", VALUE_CHOICE, AT(struct cfg_voiceport, answer), .words = fxo_answer_words,
	  .def = "time", .help = "When a call by the line counts as answered: when the digits are sent "
	  "(time), or when the exchange tells by reversing the battery.",
	  .cisco = "supervisory answer, battery-reversal answer" },
	{ "battery_reversal", VALUE_BOOL, AT(struct cfg_voiceport, battery_reversal), .def = "1",
	  .help = "A reversal of the battery means answer, and release.", .cisco = "battery-reversal" },
	{ "caller_id", VALUE_BOOL, AT(struct cfg_voiceport, caller_id), .def = "0",
	  .help = "The caller's number is read while the line is on hook: FSK (Bell 202, V.23) or keys. "
		  "The call is taken at its second ring at the latest.",
	  .cisco = "caller-id enable" },
	{ "caller_id_alerting", VALUE_CHOICE, AT(struct cfg_voiceport, caller_id_alerting),
	  .words = fxo_caller_words, .def = "ring",
	  .help = "When the exchange tells it: after the first ring; before it and behind a reversal of "
		  "the battery; or before it without any warning, for which an idle line is listened "
		  "to all the time.", .cisco = "caller-id alerting" },
	{ "cptone", VALUE_CHOICE, AT(struct cfg_voiceport, cptone), .words = fxo_country_words,
	  .def = "us", .help = "Whose line it is: the ringing that callers hear, and what the board makes "
	  "of it.", .cisco = "cptone" },
	{ "impedance", VALUE_CHOICE, AT(struct cfg_voiceport, impedance),
	  .words = fxo_impedance_words, .def = "country",
	  .help = "What the line is terminated with; country: what the rules of cptone ask for.",
	  .cisco = "impedance" },
	{ "input_gain", VALUE_CHOICE, AT(struct cfg_voiceport, input_gain), .words = fxo_gain_words,
	  .def = "0", .help = "How much louder what comes from the line is made, dB.",
	  .cisco = "input gain" },
	{ "output_attenuation", VALUE_CHOICE, AT(struct cfg_voiceport, output_attenuation),
	  .words = fxo_gain_words, .def = "3",
	  .help = "How much softer what goes to the line is made, dB.",
	  .cisco = "output attenuation" },
	{ "echo_cancel", VALUE_BOOL, AT(struct cfg_voiceport, echo_cancel), .def = "1",
	  .help = "What the line returns of our own voice is taken out.",
	  .cisco = "echo-cancel enable" },
	{ "echo_coverage", VALUE_UINT, AT(struct cfg_voiceport, echo_coverage), .min = 8, .max = 128,
	  .def = "64", .help = "How late an echo may come, ms.", .cisco = "echo-cancel coverage" },
	{ "station_number", VALUE_DIGITS, AT(struct cfg_voiceport, station_number), .def_help = "none",
	  .help = "Who calls when the line does not tell.", .cisco = "station-id number" },
	{ "timing_digit", VALUE_UINT, AT(struct cfg_voiceport, timing_digit), .min = 50, .max = 500,
	  .def = "100", .help = "Length of a tone, ms.", .cisco = "timing digit" },
	{ "timing_interdigit", VALUE_UINT, AT(struct cfg_voiceport, timing_interdigit), .min = 50,
	  .max = 500, .def = "100", .help = "Pause between tones, ms.", .cisco = "timing interdigit" },
	{ "timing_dialout_delay", VALUE_UINT, AT(struct cfg_voiceport, timing_dialout_delay), .min = 0,
	  .max = 5000, .def = "300", .help = "From the settled loop to the first digit, ms.",
	  .cisco = "timing dialout-delay" },
	{ "timing_sup_disconnect", VALUE_UINT, AT(struct cfg_voiceport, timing_sup_disconnect), .min = 50,
	  .max = 1500, .or_zero = true, .def = "350",
	  .help = "Battery that is missing for so long, ms, means that the other end has released; 0: "
		  "it never does.",
	  .cisco = "timing sup-disconnect, supervisory disconnect" },
	{ "timing_hookflash_out", VALUE_UINT, AT(struct cfg_voiceport, timing_hookflash_out), .min = 50,
	  .max = 1500, .def = "400", .help = "A hook flash, ms.", .cisco = "timing hookflash-out" },
	{ "timing_guard_out", VALUE_UINT, AT(struct cfg_voiceport, timing_guard_out), .min = 300,
	  .max = 3000, .def = "2000", .help = "From a call's end to the next one by us, ms.",
	  .cisco = "timing guard-out" },
	{ "timeout_ringing", VALUE_UINT, AT(struct cfg_voiceport, timeout_ringing), .min = 5,
	  .max = 60000, .def = "180", .help = "A call from the line that nobody answers is given up "
	  "after so many seconds, so that it does not hang for ever.", .cisco = "timeouts ringing" },
	{ "timeout_call_disconnect", VALUE_UINT, AT(struct cfg_voiceport, timeout_call_disconnect),
	  .min = 1, .max = 120, .def = "60", .help = "A line that was released and is not hung up goes "
	  "on hook by itself after so many seconds.", .cisco = "timeouts call-disconnect" },
	{ "timeout_silence", VALUE_UINT, AT(struct cfg_voiceport, timeout_silence), .min = 10,
	  .max = 86400, .or_zero = true, .def = "1200",
	  .help = "A call in which neither end makes a sound for so many seconds has been left hanging, "
		  "and ends; 0: it goes on." },
	{ "cor_incoming", VALUE_NAME, AT(struct cfg_voiceport, cor_incoming),
	  .def_help = "everything inside", .help = "A corlist: what its calls may reach.",
	  .cisco = "corlist incoming" },
	{ "translation_incoming", VALUE_NAME, AT(struct cfg_voiceport, translation_incoming),
	  .def_help = "none", .help = "A translationprofile for calls from it.",
	  .cisco = "translation-profile incoming" },
	{ "translation_outgoing", VALUE_NAME, AT(struct cfg_voiceport, translation_outgoing),
	  .def_help = "none", .help = "A translationprofile for calls by it.",
	  .cisco = "translation-profile outgoing" },
};

const struct schema_section td_section_voiceport = {
	.type = "voiceport", .needs_name = true, .size = sizeof(struct cfg_voiceport),
	OPTIONS(voiceport_options), .form = "config voiceport 'NAME'",
	.help = "A telephone line (FXO port of the module tandem_fxo). Calls to it go by dial "
		"peers.",
};
