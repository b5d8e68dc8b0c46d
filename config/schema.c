/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every section and option, one row each: what it takes, its default, what it means and
 * what Cisco calls it. A new option is a row here and a field in model.h; reading,
 * checking, printing and the manual (make docs) follow from them.
 */
#include "config/schema.h"

#include <stdlib.h>
#include <string.h>

#include "bpf/td_map.h"
#include "userspace/base/str.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE(type, member) sizeof(((type *)0)->member)

/* where a member lies */
#define AT(type, member) \
	.offset = offsetof(type, member), .size = SIZE(type, member)
#define LIST(type, member, count) \
	AT(type, member), .is_list = true, .count_offset = offsetof(type, count), \
	.max_items = N(((type *)0)->member)

static const char *const xdp_words[] = {
	[CFG_XDP_AUTO] = "auto", [CFG_XDP_NATIVE] = "native", [CFG_XDP_GENERIC] = "generic",
	[CFG_XDP_OFF] = "off", NULL,
};
static const char *const checksum_words[] = {
	[CFG_CHECKSUM_AUTO] = "auto", [CFG_CHECKSUM_FULL] = "full",
	[CFG_CHECKSUM_PARTIAL] = "partial", NULL,
};
static const char *const dtmf_words[] = {
	[CFG_DTMF_RTP] = "rtp-nte", [CFG_DTMF_INFO] = "info", NULL,
};
static const char *const protocol_words[] = {
	[CFG_PROTO_SIP] = "sip", [CFG_PROTO_SCCP] = "sccp", NULL,
};
static const char *const date_words[] = {
	[CFG_DATE_MDY] = "mm-dd-yy", [CFG_DATE_DMY] = "dd-mm-yy", [CFG_DATE_YMD] = "yy-mm-dd",
	[CFG_DATE_YDM] = "yy-dd-mm", NULL,
};
static const char *const clock_words[] = { [CFG_CLOCK_12] = "12", [CFG_CLOCK_24] = "24", NULL };
static const char *const enable_words[] = {
	[CFG_ENABLE_AUTO] = "auto", [CFG_ENABLE_ON] = "on", [CFG_ENABLE_OFF] = "off", NULL,
};
static const char *const family_words[] = {
	[CFG_IPV4] = "ipv4", [CFG_IPV6] = "ipv6", [CFG_DUAL] = "dual", NULL,
};
static const char *const preference_words[] = { [CFG_IPV4] = "ipv4", [CFG_IPV6] = "ipv6", NULL };
static const char *const transport_words[] = {
	[CFG_TRANSPORT_ANY] = "any", [CFG_TRANSPORT_UDP] = "udp", [CFG_TRANSPORT_TCP] = "tcp",
	[CFG_TRANSPORT_TLS] = "tls", NULL,
};
static const char *const hunt_words[] = {
	[CFG_HUNT_SEQUENTIAL] = "sequential", [CFG_HUNT_PEER] = "peer",
	[CFG_HUNT_LONGEST_IDLE] = "longest-idle", [CFG_HUNT_PARALLEL] = "parallel", NULL,
};
static const char *const digest_words[] = {
	[CFG_DIGEST_MD5] = "md5", [CFG_DIGEST_SHA256] = "sha256", NULL,
};
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
static const char *const scope_words[] = {
	[CFG_SCOPE_SYSTEM] = "system", [CFG_SCOPE_TYPE] = "phonetype", [CFG_SCOPE_PHONE] = "phone",
	NULL,
};
static const char *const dhcp_words[] = { "off", "dnsmasq", "uci", NULL };
static const char *const files_words[] = {
	[CFG_FILES_MEMORY] = "memory", [CFG_FILES_PATH] = "path", [CFG_FILES_TFTP] = "tftp", NULL,
};
static const char *const vpn_auth_words[] = {
	[CFG_VPN_BOTH] = "both", [CFG_VPN_PASSWORD] = "password",
	[CFG_VPN_CERTIFICATE] = "certificate", NULL,
};
static const char *const web_words[] = { "http://", "https://", NULL };
static const char *const tftp_words[] = { "tftp://", NULL };
/* what config/locales.c has rows for; build_provision.c looks them up there */
static const char *const country_words[] = {
	"US", "DE", "DK", "ES", "FR", "GB", "IT", "JP", "NL", "NO", "PT", "RU", "SE", "AT", "CA", "CH",
	NULL,
};
static const char *const dnd_words[] = {
	[CFG_DND_REJECT] = "reject", [CFG_DND_SILENT] = "silent", NULL,
};
static const char *const transfer_words[] = {
	[CFG_TRANSFER_CONSULT] = "full-consult", [CFG_TRANSFER_BLIND] = "full-blind", NULL,
};
static const char *const gain_words[] = {
	[CFG_GAIN_0] = "0", [CFG_GAIN_MINUS_6] = "-6", [CFG_GAIN_3] = "3", [CFG_GAIN_6] = "6", NULL,
};
static const char *const media_words[] = { [CFG_MEDIA_THROUGH] = "through", NULL };
/* what td_codec_by_name() of core/media_desc.c knows; tests/unit/config_schema.c compares */
static const char *const codec_words[] = {
	"pcmu", "g711u", "pcma", "g711a", "g722", "g729", "g723", "gsm", "l16", "ilbc", "g726-32",
	"opus", "speex", "amr", "amr-wb", NULL,
};

static const struct schema_option global_options[] = {
	{ "hostname", VALUE_HOST, AT(struct cfg_global, hostname), .def = "tandem",
	  .help = "Name of this router; the digest realm is taken from it.",
	  .cisco = "hostname" },
	{ "timezone", VALUE_ZONE, AT(struct cfg_global, timezone), .def = "UTC",
	  .help = "Time zone of the office, as Europe/Berlin.",
	  .cisco = "clock timezone, time-zone" },
	{ "date_format", VALUE_CHOICE, AT(struct cfg_global, date_format), .words = date_words,
	  .def = "mm-dd-yy", .help = "How phones show the date.", .cisco = "date-format" },
	{ "time_format", VALUE_CHOICE, AT(struct cfg_global, time_format), .words = clock_words,
	  .def = "12", .help = "Hours of the clock that phones show.", .cisco = "time-format" },
	{ "interface", VALUE_DEVICE, LIST(struct cfg_global, interface, n_interface),
	  .help = "A network device behind which phones or other voice peers are. The packet "
		  "program is attached to it, so media between two of these devices never reaches "
		  "user space. Without any, the relay forwards all media.",
	  .cisco = "interface" },
	{ "nameserver", VALUE_IP, LIST(struct cfg_global, nameserver, n_nameserver),
	  .def_help = "those of /etc/resolv.conf",
	  .help = "A DNS server that is asked where trunks with names are.", .cisco = "ip name-server" },
	{ "dscp_media", VALUE_DSCP, AT(struct cfg_global, dscp[TD_DSCP_MEDIA]), .def = "ef",
	  .help = "Mark of voice packets.", .cisco = "ip qos dscp ... media" },
	{ "dscp_signaling", VALUE_DSCP, AT(struct cfg_global, dscp[TD_DSCP_SIGNALING]),
	  .def = "cs3", .help = "Mark of signalling packets.",
	  .cisco = "ip qos dscp ... signaling" },
	{ "dscp_video", VALUE_DSCP, AT(struct cfg_global, dscp[TD_DSCP_VIDEO]), .def = "af41",
	  .help = "Mark of video packets.", .cisco = "ip qos dscp ... video" },
	{ "dscp_service", VALUE_DSCP, AT(struct cfg_global, dscp[TD_DSCP_SERVICE]),
	  .def = "default", .help = "Mark of services to phones, as files and directories.",
	  .cisco = "service dscp" },
	{ "phone_media", VALUE_CHOICE, AT(struct cfg_global, phone_media), .words = media_words,
	  .def = "through",
	  .help = "Way of the media between two phones: through this router.",
	  .cisco = "mtp, media flow-around" },
	{ "media", VALUE_CHOICE, AT(struct cfg_global, media), .words = media_words,
	  .def = "through",
	  .help = "Way of the media between two trunks: through this router.",
	  .cisco = "media flow-through, media flow-around" },
	{ "media_forking", VALUE_RTP, AT(struct cfg_global, media_forking), .def_help = "none",
	  .help = "A recorder, as 192.0.2.9:30000: the RTP of all calls is copied there, by the "
		  "kernel where its interface is one of ours. What the caller sends goes to this "
		  "port, what the called one sends to the second after it, RTCP to the ports in "
		  "between; each from the port of ours that the party sends to. A running call takes "
		  "a change of it with its next own one, as hold or resume.",
	  .cisco = "media forking, recorder" },
	{ "rtp_port_min", VALUE_UINT, AT(struct cfg_global, rtp_port_min), .min = 1024,
	  .max = 65535, .def = "16384",
	  .help = "First UDP port for media. Each side of a call takes a pair, an even port and "
		  "the next.",
	  .cisco = "rtp-port range" },
	{ "rtp_port_max", VALUE_UINT, AT(struct cfg_global, rtp_port_max), .min = 1024,
	  .max = 65535, .def = "32767",
	  .help = "Last UDP port for media. The firewall must let the range in.",
	  .cisco = "rtp-port range" },
	{ "timeout_ringing", VALUE_UINT, AT(struct cfg_global, timeout_ringing), .min = 5,
	  .max = 60000, .def = "180",
	  .help = "Seconds that a call may ring before the caller is told that nobody answers.",
	  .cisco = "timeouts ringing" },
	{ "timeout_interdigit", VALUE_UINT, AT(struct cfg_global, timeout_interdigit), .min = 2,
	  .max = 120, .def = "10",
	  .help = "Seconds that a phone which dials digit by digit may wait before the next one. "
		  "Then what was dialled is called, or the caller hears that it is no number.",
	  .cisco = "timeouts interdigit" },
	{ "timeout_busy", VALUE_UINT, AT(struct cfg_global, timeout_busy), .min = 0, .max = 30,
	  .def = "10",
	  .help = "Seconds for which a caller hears why a call failed, as the busy tone; then the "
		  "phone is quiet again.",
	  .cisco = "timeouts busy" },
	{ "timeout_transfer_recall", VALUE_UINT, AT(struct cfg_global, timeout_transfer_recall),
	  .min = 1, .max = 1800, .or_zero = true, .def = "0",
	  .help = "Seconds that a transferred call may ring; then it comes back to who transferred "
		  "it, as it does when that number is busy. Who is on the phone then is tried three "
		  "times, every 15 seconds. A number whose calls are forwarded earlier is left to its "
		  "forwarding. 0: calls do not come back to who has hung up.",
	  .cisco = "timeouts transfer-recall" },
	{ "transfer_mode", VALUE_CHOICE, AT(struct cfg_global, transfer_mode),
	  .words = transfer_words, .def = "full-consult",
	  .help = "A phone may talk to somebody first and then transfer a call there (full-consult), "
		  "or transfers go to a number without asking only (full-blind).",
	  .cisco = "transfer-system" },
	{ "max_conferences", VALUE_UINT, AT(struct cfg_global, max_conferences), .min = 1,
	  .max = 10000, .or_zero = true, .def = "0",
	  .help = "How many conferences phones may make of their calls at the same time; 0 means no "
		  "limit.",
	  .cisco = "max-conferences" },
	{ "conference_gain", VALUE_CHOICE, AT(struct cfg_global, conference_gain),
	  .words = gain_words, .def = "0",
	  .help = "What is made of the volume of each party of a conference, in dB.",
	  .cisco = "max-conferences ... gain" },
	{ "caller_id_block_code", VALUE_NUMBER, AT(struct cfg_global, caller_id_block_code),
	  .def_help = "none",
	  .help = "A phone that dials this code before a number hides who it is for that call, as "
		  "'*67'. Emergency calls hide nothing.",
	  .cisco = "caller-id block code" },
	{ "rtp_timeout", VALUE_UINT, AT(struct cfg_global, rtp_timeout), .min = 5, .max = 86400,
	  .or_zero = true, .def = "1200",
	  .help = "Seconds without any media packet, RTP or RTCP, from either party after which a "
		  "call is ended; 0 means never. A call on hold in both directions is left alone.",
	  .cisco = "gateway: timer receive-rtp" },
	{ "codec", VALUE_CODEC, LIST(struct cfg_global, codec, n_codec), .words = codec_words,
	  .def = "g722 pcma pcmu g729",
	  .help = "Codecs, best first, that are offered to a party which asks for our offer. "
		  "What two phones offer to each other is passed on whatever stands here.",
	  .cisco = "voice class codec, codec preference" },
	{ "max_calls", VALUE_UINT, AT(struct cfg_global, max_calls), .min = 0, .max = 100000,
	  .def = "0",
	  .help = "Calls at the same time; 0 means that only ports and memory set the limit.",
	  .cisco = "call threshold global total-calls" },
	{ "cdr_days", VALUE_UINT, AT(struct cfg_global, cdr_days), .min = 1, .max = 3650,
	  .or_zero = true, .def = "90",
	  .help = "Days for which the record of a call is kept in the state folder's database "
		  "(show cdr); 0 means that none is kept.",
	  .cisco = "gw-accounting file" },
	{ "cdr_file", VALUE_PATH, AT(struct cfg_global, cdr_file),
	  .def_help = "none",
	  .help = "A text file to which each call's record is appended as one line of JSON, for "
		  "programs that collect them. Its folder must be writable for user tandem. It may "
		  "be renamed or removed at any time: the next record makes it anew.",
	  .cisco = "gw-accounting file, primary ifs" },
	{ "log_level", VALUE_LEVELS, AT(struct cfg_global, log_level), .def = "info",
	  .help = "How much is logged. Rooms are app, base, config, ctl, netlink, core, sip, sccp, "
		  "media and prov. The command line's --log-level wins.",
	  .cisco = "logging trap, debug" },
};

static const struct schema_option interface_options[] = {
	{ "device", VALUE_DEVICE, AT(struct cfg_interface_draft, device),
	  .def_help = "the section's name",
	  .help = "The device, when its name cannot be the section's: 'br-lan', 'eth0.100'." },
	{ "xdp", VALUE_CHOICE, AT(struct cfg_interface_draft, interface.xdp), .words = xdp_words,
	  .def = "auto",
	  .help = "How the packet program is attached: native (in the driver), generic (works "
		  "with every driver, slower), auto (native where the driver can), off (the relay "
		  "forwards; right for shaped and tunnelled uplinks)." },
	{ "checksum", VALUE_CHOICE, AT(struct cfg_interface_draft, interface.checksum),
	  .words = checksum_words, .def = "auto",
	  .help = "What to think of the UDP checksums of packets that come in here: partial (they "
		  "are right and are adapted to what changes), full (they may be unfinished, as "
		  "from a container or a virtual machine on this host: computed anew), auto "
		  "(full on veth and tap devices, partial elsewhere)." },
	{ "dscp_trust", VALUE_BOOL, AT(struct cfg_interface_draft, interface.dscp_trust),
	  .def = "0",
	  .help = "Leave the mark of packets that come in here marked already.",
	  .cisco = "mls qos trust dscp" },
};

static const struct schema_option sip_options[] = {
	{ "source_address", VALUE_IP, LIST(struct cfg_sip, listen, n_listen),
	  .def_help = "every address",
	  .help = "An address of this router where SIP is heard.",
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
	{ "digest", VALUE_CHOICE, AT(struct cfg_sip, digest), .words = digest_words, .def = "md5",
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
	  .help = "SIP phones send each digit as it is dialled (KPML), instead of the number as a "
		  "whole.",
	  .cisco = "overlap-signal" },
};

static const struct schema_option sccp_options[] = {
	{ "enable", VALUE_CHOICE, AT(struct cfg_sccp, enable), .words = enable_words, .def = "auto",
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
};

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
	{ "digest", VALUE_CHOICE, AT(struct cfg_phone_draft, phone.digest), .words = digest_words,
	  .def_help = "digest of section sip",
	  .help = "Algorithm of the phone's digest challenge." },
	{ "transport", VALUE_CHOICE, AT(struct cfg_phone_draft, phone.transport),
	  .words = transport_words, .def = "any",
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
	{ "media_forking", VALUE_RTP, AT(struct cfg_phone_draft, phone.media_forking),
	  .def_help = "media_forking of section global",
	  .help = "A recorder of this phone's calls (see section global). When both parties have "
		  "one, the caller's counts.",
	  .cisco = "media forking, recorder" },
	{ "dtmf_relay", VALUE_CHOICE, AT(struct cfg_phone_draft, phone.dtmf_relay),
	  .words = dtmf_words, .def = "rtp-nte",
	  .help = "How the phone is told of keys that the other party presses: in the media "
		  "(rtp-nte, RFC 4733) or in SIP INFO.",
	  .cisco = "dtmf-relay" },
	{ "codec", VALUE_CODEC, LIST(struct cfg_phone_draft, phone.codec, phone.n_codec),
	  .words = codec_words, .def_help = "all",
	  .help = "Codecs that the phone may use; others are taken out of what it offers.",
	  .cisco = "codec, voice-class codec" },
	{ "call_waiting", VALUE_BOOL, AT(struct cfg_phone_draft, phone.call_waiting), .def = "1",
	  .help = "A call comes to the phone while it is in another one. Without, it is busy.",
	  .cisco = "call-waiting" },
	{ "after_hours_exempt", VALUE_BOOL, AT(struct cfg_phone_draft, phone.after_hours_exempt),
	  .def = "0",
	  .help = "The phone may dial what section afterhours blocks, but for block_always.",
	  .cisco = "after-hour exempt" },
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
		  "applications, headset and settings; SCCP phones have speed-dial, blf, "
		  "redial, hold, transfer, cfwdall, conference, park, pickup, gpickup, dnd "
		  "and newcall.",
	  .cisco = "speed-dial, blf-speed-dial, feature-button" },
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
	{ "vpn", VALUE_NAME, AT(struct cfg_phone_draft, phone.vpn), .def_help = "none",
	  .help = "A section vpnprofile: how the phone comes in from outside.",
	  .cisco = "vpn-group, vpn-profile" },
};

static const struct schema_option provision_options[] = {
	{ "scope", VALUE_CHOICE, AT(struct cfg_provision, scope), .words = scope_words,
	  .def = "system",
	  .help = "Files of SCCP phones: one for all (system), one for each type of phone (phonetype) "
		  "or one for each phone (phone). The last two need store 'path' or 'tftp'. A SIP "
		  "phone always has its own, since its lines stand in it.",
	  .cisco = "cnf-file" },
	{ "store", VALUE_CHOICE, AT(struct cfg_provision, store), .words = files_words,
	  .def = "memory",
	  .help = "Where files are kept besides in this daemon, which serves them from memory in any "
		  "case: nowhere (memory), in the folder path, or on another TFTP server (url), to "
		  "which changed files are sent. With memory there is one language for all.",
	  .cisco = "cnf-file location" },
	{ "tftp", VALUE_CHOICE, AT(struct cfg_provision, tftp), .words = enable_words,
	  .def = "auto",
	  .help = "Whether this daemon is a TFTP server (port 69), from which phones fetch their "
		  "files; auto means: when a phone of the configuration has a mac.",
	  .cisco = "tftp-server" },
	{ "http_enable", VALUE_CHOICE, AT(struct cfg_provision, http_enable), .words = enable_words,
	  .def = "auto",
	  .help = "Whether phones can fetch the same files by HTTP; those that know it ask there "
		  "first. auto is as for tftp.",
	  .cisco = "hfs enable" },
	{ "http_port", VALUE_UINT, AT(struct cfg_provision, http_port), .min = 1024, .max = 65535,
	  .def = "6970",
	  .help = "Its port. Phones are made for 6970 and ask no other.",
	  .cisco = "hfs enable port" },
	{ "http_allow", VALUE_PREFIX, LIST(struct cfg_provision, http_allow, n_http_allow),
	  .def_help = "anybody",
	  .help = "A host or network that may connect there. From others no byte is read.",
	  .cisco = "ip http access-class" },
	{ "path", VALUE_FOLDER, AT(struct cfg_provision, path),
	  .help = "The folder for store 'path'; it must be writable for user tandem.",
	  .cisco = "cnf-file location flash:, tftp-path" },
	{ "url", VALUE_URL, AT(struct cfg_provision, url), .words = tftp_words,
	  .help = "The server and folder for store 'tftp': tftp://HOST/FOLDER.",
	  .cisco = "cnf-file location tftp://, tftp-path tftp://" },
	{ "home_path", VALUE_FOLDER, AT(struct cfg_provision, home_path), .def_help = "none",
	  .help = "A folder with firmware, languages and ring tones. All files in it and below can be "
		  "fetched by phones, by their name alone or with their folder. It is made when it is "
		  "missing and the folder above is writable for user tandem.",
	  .cisco = "hfs home-path" },
	{ "tftp_file", VALUE_FOLDER, LIST(struct cfg_provision, tftp_file, n_tftp_file),
	  .help = "A single file that phones can fetch, by its name without folders.",
	  .cisco = "tftp-server flash:FILE" },
	{ "lease_file", VALUE_PATH, LIST(struct cfg_provision, lease_file, n_lease_file),
	  .def_help = "those of dnsmasq and odhcpd, where Debian and OpenWrt have them",
	  .help = "A lease file of dnsmasq or odhcpd: it tells which phone has an address behind a "
		  "router, where its MAC cannot be seen. In a folder where anybody may write, the file "
		  "must be an account's of the system." },
	{ "dhcp", VALUE_CHOICE, AT(struct cfg_provision, dhcp), .words = dhcp_words, .def = "off",
	  .help = "Write what the DHCP server has to tell phones to dhcp_file: for dnsmasq a file in "
		  "the folder that its dhcp-optsdir names, which it reads by itself when it changes; "
		  "for OpenWrt a batch of uci (uci batch FILE; uci commit dhcp). It holds option 150 with "
		  "the address of this router, or of both routers of section cluster, 66, 42 "
		  "(ntp_server of section sip, when that is an address) and the voice_vlan.",
	  .cisco = "option 150 ip" },
	{ "dhcp_file", VALUE_PATH, AT(struct cfg_provision, dhcp_file),
	  .help = "That file. Its folder must be there and writable for user tandem." },
	{ "dhcp_tag", VALUE_WORD, AT(struct cfg_provision, dhcp_tag), .def_help = "all clients",
	  .help = "Only clients with this tag of dnsmasq are told, as with dhcp-vendorclass=set:TAG,Cisco "
		  "Systems. With uci it is the name of the tag, ciscophone when none is given." },
	{ "voice_vlan", VALUE_UINT, AT(struct cfg_provision, voice_vlan), .min = 1, .max = 4094,
	  .def_help = "none",
	  .help = "VLAN of the phones, told by DHCP option 132. Cisco's phones learn it from the switch "
		  "(CDP, LLDP-MED); others ask here." },
	{ "vrf", VALUE_UINT, AT(struct cfg_provision, vrf), .min = 1, .max = 65535,
	  .def_help = "none",
	  .help = "Stored files are told from those of other VRFs: their names begin with vrfN_ in a "
		  "store, and with vrfN/ in memory. Phones ask for them as ever.",
	  .cisco = "cnf-file location (VRF)" },
	{ "version_stamp", VALUE_PRODUCT, AT(struct cfg_provision, version_stamp),
	  .def_help = "made of each file's content",
	  .help = "Version of SCCP phones' files, as 'Jan 01 2002 00:00:00'. With the default only "
		  "phones whose file has changed start again.",
	  .cisco = "create cnf-files version-stamp" },
	{ "url_services", VALUE_URL, AT(struct cfg_provision, url_services), .words = web_words,
	  .def_help = "none", .help = "What the services key fetches.", .cisco = "url services" },
	{ "url_directories", VALUE_URL, AT(struct cfg_provision, url_directories),
	  .words = web_words, .def_help = "none", .help = "What the directories key fetches.",
	  .cisco = "url directories" },
	{ "url_authentication", VALUE_URL, AT(struct cfg_provision, url_authentication),
	  .words = web_words, .def_help = "none",
	  .help = "Whom phones ask about those who want something of them.",
	  .cisco = "url authentication" },
	{ "url_information", VALUE_URL, AT(struct cfg_provision, url_information),
	  .words = web_words, .def_help = "none", .help = "What the help key fetches.",
	  .cisco = "url information" },
	{ "url_messages", VALUE_URL, AT(struct cfg_provision, url_messages), .words = web_words,
	  .def_help = "none", .help = "What the messages key fetches.", .cisco = "url messages" },
	{ "url_idle", VALUE_URL, AT(struct cfg_provision, url_idle), .words = web_words,
	  .def_help = "none", .help = "What an idle phone shows.", .cisco = "url idle" },
	{ "idle_timeout", VALUE_UINT, AT(struct cfg_provision, idle_timeout), .min = 0,
	  .max = 86400, .def = "0",
	  .help = "Seconds after which a phone shows url_idle; 0 means never.",
	  .cisco = "url idle ... idle-timeout" },
	{ "url_proxy", VALUE_PRODUCT, AT(struct cfg_provision, url_proxy), .def_help = "none",
	  .help = "HTTP proxy of the phones, HOST:PORT.", .cisco = "url proxy-server" },
};

static const struct schema_option phonetype_options[] = {
	{ "type", VALUE_WORD, AT(struct cfg_phonetype_draft, type.name),
	  .def_help = "the section's name",
	  .help = "The type, when its name cannot be the section's: '7941G-GE'.", .cisco = "type" },
	{ "like", VALUE_WORD, AT(struct cfg_phonetype_draft, like),
	  .help = "For a type that is not built in: the one that it resembles." },
	{ "load_sccp", VALUE_WORD, AT(struct cfg_phonetype_draft, type.load_sccp),
	  .def_help = "what they have",
	  .help = "Firmware of all SCCP phones of the type. Capital and small letters count; the "
		  "ending .loads may be left out.",
	  .cisco = "load (telephony-service)" },
	{ "load_sip", VALUE_WORD, AT(struct cfg_phonetype_draft, type.load_sip),
	  .def_help = "what they have", .help = "Firmware of all SIP phones of the type.",
	  .cisco = "load (voice register global)" },
	{ "user_locale", VALUE_NAME, AT(struct cfg_phonetype_draft, type.user_locale),
	  .def_help = "the first locale", .help = "A section locale: language of their screens.",
	  .cisco = "user-locale" },
	{ "network_locale", VALUE_NAME, AT(struct cfg_phonetype_draft, type.network_locale),
	  .def_help = "the first locale", .help = "A section locale: their tones.",
	  .cisco = "network-locale" },
	{ "vendor", VALUE_VENDOR, LIST(struct cfg_phonetype_draft, vendor, n_vendor),
	  .help = "An element of vendorConfig in their files, as 'spanToPCPort 0'.",
	  .cisco = "service phone NAME VALUE" },
};

static const struct schema_option locale_options[] = {
	{ "country", VALUE_CODEC, AT(struct cfg_locale, country), .words = country_words,
	  .def_help = "none",
	  .help = "CME's code of a language and the tones of its country; the other options are then "
		  "known.",
	  .cisco = "user-locale CODE, network-locale CODE" },
	{ "user", VALUE_WORD, AT(struct cfg_locale, user), .def_help = "that of the country",
	  .help = "Folder of the texts, as German_Germany.",
	  .cisco = "user-locale ... user-defined-code" },
	{ "language", VALUE_WORD, AT(struct cfg_locale, language), .def_help = "that of the country",
	  .help = "Code of the language, as de." },
	{ "network", VALUE_WORD, AT(struct cfg_locale, network), .def_help = "that of the country",
	  .help = "Folder of the tones, as Germany.", .cisco = "network-locale" },
	{ "version", VALUE_WORD, AT(struct cfg_locale, version), .def_help = "none",
	  .help = "Version of the files: phones fetch them again when it changes." },
};

static const struct schema_option vpn_options[] = {
	{ "url", VALUE_URL, LIST(struct cfg_vpn, url, n_url), .words = web_words,
	  .help = "A gateway, https://HOST/GROUP.", .cisco = "vpn-gateway" },
	{ "cert_hash", VALUE_PRODUCT, LIST(struct cfg_vpn, cert_hash, n_cert_hash),
	  .def_help = "none", .help = "Hash (SHA-1, base64) of a certificate that a gateway may show.",
	  .cisco = "vpn-trustpoint" },
	{ "mtu", VALUE_UINT, AT(struct cfg_vpn, mtu), .min = 256, .max = 1406, .def = "1290",
	  .help = "Bytes of a packet.", .cisco = "mtu" },
	{ "fail_connect_time", VALUE_UINT, AT(struct cfg_vpn, fail_connect_time), .min = 0,
	  .max = 600, .def = "30", .help = "Seconds that a phone waits for its tunnel.",
	  .cisco = "fail-connect-time" },
	{ "keepalive", VALUE_UINT, AT(struct cfg_vpn, keepalive), .min = 0, .max = 120,
	  .def = "60", .help = "Seconds between two signs of life of the tunnel.",
	  .cisco = "keepalive (vpn-profile)" },
	{ "auth", VALUE_CHOICE, AT(struct cfg_vpn, auth), .words = vpn_auth_words, .def = "both",
	  .help = "What a phone shows the gateway: user and password (both), password alone, or its "
		  "certificate.",
	  .cisco = "authen-method" },
	{ "password_persistent", VALUE_BOOL, AT(struct cfg_vpn, password_persistent), .def = "0",
	  .help = "The phone keeps the password.", .cisco = "password-persistent" },
	{ "auto_network_detect", VALUE_BOOL, AT(struct cfg_vpn, auto_network_detect), .def = "0",
	  .help = "The phone finds out whether it is outside.", .cisco = "auto-network-detect" },
	{ "host_id_check", VALUE_BOOL, AT(struct cfg_vpn, host_id_check), .def = "1",
	  .help = "The certificate must name the gateway.", .cisco = "host-id-check" },
};

static const struct schema_option dst_options[] = {
	{ "start", VALUE_CHANGE, AT(struct cfg_dst, start), .def = "apr first sun 02:00",
	  .help = "When clocks go forward.", .cisco = "dst start" },
	{ "stop", VALUE_CHANGE, AT(struct cfg_dst, stop), .def = "oct last sun 02:00",
	  .help = "When they go back.", .cisco = "dst stop" },
};

static const struct schema_option cluster_options[] = {
	{ "primary", VALUE_IP, AT(struct cfg_cluster, primary), .def_help = "this router",
	  .help = "Address of the router that phones use.", .cisco = "ip source-address" },
	{ "secondary", VALUE_IP, AT(struct cfg_cluster, secondary), .def_help = "none",
	  .help = "Address of the router that they use when the first one is gone.",
	  .cisco = "ip source-address ... secondary" },
};

static const struct schema_option dn_options[] = {
	{ "number", VALUE_NUMBER, AT(struct cfg_dn, number),
	  .help = "The number that is dialled; every dn needs one.",
	  .cisco = "number" },
	{ "name", VALUE_TEXT, AT(struct cfg_dn, name), .def_help = "the phone's name",
	  .help = "Name that called people see.", .cisco = "name" },
	{ "label", VALUE_TEXT, AT(struct cfg_dn, label),
	  .help = "What a phone shows beside the button.", .cisco = "label" },
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
	  .help = "Phones answer calls to the number by themselves and are heard at once "
		  "(Call-Info: answer-after=0); only when a phone of the house calls.",
	  .cisco = "intercom" },
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

static const struct schema_option moh_options[] = {
	{ "file", VALUE_PATH, AT(struct cfg_moh, file), .def_help = "silence",
	  .help = "Music for who is on hold or parked: a WAV file (16-bit, G.711 a or u law; mono, "
		  "8 or 16 kHz), played over and over, the same to all.",
	  .cisco = "moh" },
};

static const struct schema_option fac_options[] = {
	{ "enable", VALUE_BOOL, AT(struct cfg_fac, enable), .def = "0",
	  .help = "Phones may dial the codes below. The defaults are CME's fac standard.",
	  .cisco = "fac standard, fac custom" },
	{ "cfwd_all", VALUE_NUMBER, AT(struct cfg_fac, cfwd_all), .def = "**1",
	  .help = "With a number behind it: all calls of the phone's line go there.",
	  .cisco = "fac callfwd all" },
	{ "cfwd_cancel", VALUE_NUMBER, AT(struct cfg_fac, cfwd_cancel), .def = "**2",
	  .help = "Calls come to the phone again.", .cisco = "fac callfwd cancel" },
	{ "pickup_local", VALUE_NUMBER, AT(struct cfg_fac, pickup_local), .def = "**3",
	  .help = "Take a call that rings in the own pickup_group.", .cisco = "fac pickup local" },
	{ "pickup_group", VALUE_NUMBER, AT(struct cfg_fac, pickup_group), .def = "**4",
	  .help = "With a pickup_group behind it: take a call that rings there.",
	  .cisco = "fac pickup group" },
	{ "pickup", VALUE_NUMBER, AT(struct cfg_fac, pickup), .def = "**5",
	  .help = "With a number behind it: take the call that rings there.",
	  .cisco = "fac pickup direct" },
	{ "park", VALUE_NUMBER, AT(struct cfg_fac, park), .def = "**6",
	  .help = "Transfer a call to this code, and it is parked in the first free slot; with a slot "
		  "behind it, there.",
	  .cisco = "fac park" },
	{ "hlog", VALUE_NUMBER, AT(struct cfg_fac, hlog), .def = "*4",
	  .help = "Hunt groups leave the phone's number out; dialled again, they call it again.",
	  .cisco = "fac ephone-hunt hlog" },
};

static const struct schema_option afterhours_options[] = {
	{ "hours", VALUE_HOURS, LIST(struct cfg_afterhours, hours, n_hours),
	  .help = "When: 'mon 19:00 07:00' ends on the next day, 'weekend 00:00 24:00', a date is "
		  "'dec 25 00:00 24:00'. Local time (timezone of section global).",
	  .cisco = "after-hours day, after-hours date" },
	{ "block", VALUE_PATTERN, LIST(struct cfg_afterhours, block, n_block),
	  .help = "A number that begins like this cannot be dialled then.",
	  .cisco = "after-hours block pattern" },
	{ "block_always", VALUE_PATTERN, LIST(struct cfg_afterhours, block_always, n_block_always),
	  .help = "Nor can this at any hour, not even by phones with after_hours_exempt or by the "
		  "code.",
	  .cisco = "after-hours block pattern ... 7-24" },
	{ "override_code", VALUE_NUMBER, AT(struct cfg_afterhours, override_code),
	  .def_help = "none",
	  .help = "Who dials it before a blocked number is connected. Call records do not hold it.",
	  .cisco = "after-hours override-code" },
};

static const struct schema_option nightservice_options[] = {
	{ "hours", VALUE_HOURS, LIST(struct cfg_nightservice, hours, n_hours),
	  .help = "When calls go to cfwd_night of their dn; as hours of section afterhours.",
	  .cisco = "night-service day, date, everyday, weekday, weekend" },
	{ "code", VALUE_NUMBER, AT(struct cfg_nightservice, code), .def_help = "none",
	  .help = "A phone that dials it switches night service on or off, until the hours say the "
		  "same.",
	  .cisco = "night-service code" },
};

static const struct schema_option park_options[] = {
	{ "number", VALUE_NUMBER, AT(struct cfg_park, number),
	  .help = "The first slot. Transfer a call to a slot to park it, dial the slot to take it "
		  "from there; phones only.", .cisco = "number, park-slot" },
	{ "slots", VALUE_UINT, AT(struct cfg_park, slots), .min = 1, .max = 100, .def = "1",
	  .help = "How many slots: the numbers from the first one on." },
	{ "timeout", VALUE_UINT, AT(struct cfg_park, timeout), .min = 0, .max = 65535, .def = "0",
	  .help = "Seconds after which who parked the call is rung; who answers has it back. "
		  "0: never.", .cisco = "park-slot timeout" },
	{ "limit", VALUE_UINT, AT(struct cfg_park, limit), .min = 1, .max = 65535, .def = "10",
	  .help = "How many such reminders.", .cisco = "park-slot timeout ... limit" },
	{ "transfer", VALUE_NUMBER, AT(struct cfg_park, transfer), .def_help = "the call ends",
	  .help = "Where the call goes when nobody has come after the last one.",
	  .cisco = "park-slot transfer" },
};

static const struct schema_option conference_options[] = {
	{ "number", VALUE_NUMBER, AT(struct cfg_conference, number),
	  .help = "Who dials it, or is transferred to it by a phone, meets the others.",
	  .cisco = "meetme, number" },
	{ "max_parties", VALUE_UINT, AT(struct cfg_conference, max_parties), .min = 3, .max = 8,
	  .def = "8", .help = "How many may meet there.", .cisco = "conference add-mode, max" },
};

static const struct schema_option paging_options[] = {
	{ "number", VALUE_NUMBER, AT(struct cfg_paging, number),
	  .help = "A phone that dials it is heard at once by all members that are not in a call. It "
		  "does not hear them.", .cisco = "paging-dn, number" },
	{ "name", VALUE_TEXT, AT(struct cfg_paging, name), .def_help = "none",
	  .help = "What members see.", .cisco = "name" },
	{ "member", VALUE_NUMBER, LIST(struct cfg_paging, member, n_member),
	  .help = "A number of the house whose phone answers by itself.",
	  .cisco = "paging-dn ... unicast, paging group" },
};

static const struct schema_option huntgroup_options[] = {
	{ "number", VALUE_NUMBER, AT(struct cfg_huntgroup, number),
	  .help = "The number that is dialled.", .cisco = "pilot" },
	{ "name", VALUE_TEXT, AT(struct cfg_huntgroup, name), .def_help = "none",
	  .help = "What it is called.", .cisco = "name, description" },
	{ "member", VALUE_NUMBER, LIST(struct cfg_huntgroup, member, n_member),
	  .help = "A number of the house that is called, in this order.", .cisco = "list" },
	{ "mode", VALUE_CHOICE, AT(struct cfg_huntgroup, mode), .words = hunt_words,
	  .def = "sequential",
	  .help = "Who is called first: always the first of the list (sequential), the one behind "
		  "whom the last call began with (peer), who has been off the phone for longest "
		  "(longest-idle); or all at once (parallel).",
	  .cisco = "ephone-hunt, voice hunt-group" },
	{ "timeout", VALUE_UINT, AT(struct cfg_huntgroup, timeout), .min = 3, .max = 60000,
	  .def = "20", .help = "Seconds that each may ring before the next one is called.",
	  .cisco = "timeout" },
	{ "final", VALUE_NUMBER, AT(struct cfg_huntgroup, final), .def_help = "nowhere",
	  .help = "Where the call goes when none of them takes it.", .cisco = "final" },
};

static const struct schema_option corlist_options[] = {
	{ "member", VALUE_NAME, LIST(struct cfg_corlist, member, n_member),
	  .help = "A name of restriction, made up by its use. All corlists together have up to 64.",
	  .cisco = "dial-peer cor custom, member" },
};

static const struct schema_option translation_options[] = {
	{ "rule", VALUE_RULE, LIST(struct cfg_translation, rule, n_rule),
	  .help = "What becomes of a number: /MATCH/ /REPLACE/. In MATCH a '.' is any digit, [2-9] "
		  "one of some, * + and ? repeat what is before, ^ and $ are the ends, \\( \\) a "
		  "group; \\1 in REPLACE is the first group, & all that fitted. What is around it "
		  "stays. reject /MATCH/ refuses the call. Only the first rule that fits counts.",
	  .cisco = "voice translation-rule, rule" },
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

static const struct schema_option trunk_options[] = {
	{ "name", VALUE_TEXT, AT(struct cfg_trunk, name), .def_help = "the section's name",
	  .help = "What lists call it.", .cisco = "description" },
	{ "host", VALUE_PEER, AT(struct cfg_trunk, host),
	  .help = "Address of the other side.", .cisco = "session target, sip-server" },
	{ "port", VALUE_UINT, AT(struct cfg_trunk, port), .min = 1, .max = 65535,
	  .def_help = "5060, with TLS 5061; with a name what its SRV records say",
	  .help = "Its port.", .cisco = "session target" },
	{ "transport", VALUE_CHOICE, AT(struct cfg_trunk, transport), .words = transport_words,
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
	{ "dtmf_relay", VALUE_CHOICE, AT(struct cfg_trunk, dtmf_relay), .words = dtmf_words,
	  .def = "rtp-nte", .help = "How it is told of keys: in the media (RFC 4733) or in SIP INFO.",
	  .cisco = "dtmf-relay" },
	{ "codec", VALUE_CODEC, LIST(struct cfg_trunk, codec, n_codec), .words = codec_words,
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

static const char *const register_words[] = { "account", "numbers", "bulk", NULL };

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

static const char *const fxo_signal_words[] = { "loop", "ground", NULL };
static const char *const fxo_alerting_words[] = { "any", "ring", NULL };
static const char *const fxo_dial_words[] = { "dtmf", "pulse", NULL };
static const char *const fxo_answer_words[] = { "time", "reversal", NULL };

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
	  .help = "The caller's number is read between the first two rings (FSK, Bell 202 or V.23). The "
		  "call is taken at its second ring at the latest.",
	  .cisco = "caller-id enable" },
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
	{ "huntstop", VALUE_BOOL, AT(struct cfg_dialpeer, huntstop), .def = "0",
	  .help = "When the call fails here, no other dial peer is tried.", .cisco = "huntstop" },
	{ "emergency", VALUE_BOOL, AT(struct cfg_dialpeer, emergency), .def = "0",
	  .help = "Emergency numbers: who dials exactly this is connected before any other number is "
		  "looked at, and no restriction counts.",
	  .cisco = "emergency response" },
};

#define OPTIONS(rows) .options = (rows), .n_options = N(rows)

const struct schema_section td_schema[] = {
	{ .type = "global", .single = true, .size = sizeof(struct cfg_global),
	  OPTIONS(global_options), .form = "config global 'global'",
	  .help = "What belongs to the router as a whole." },
	{ .type = "interface", .size = sizeof(struct cfg_interface_draft),
	  OPTIONS(interface_options), .form = "config interface 'DEVICE'",
	  .help = "Only for devices that are to be treated otherwise than the rest. The device "
		  "must also stand in the list interface of section global." },
	{ .type = "sip", .single = true, .size = sizeof(struct cfg_sip), OPTIONS(sip_options),
	  .form = "config sip 'sip'", .help = "SIP: where it is heard, and the registrar." },
	{ .type = "sccp", .single = true, .size = sizeof(struct cfg_sccp), OPTIONS(sccp_options),
	  .form = "config sccp 'sccp'",
	  .help = "SCCP, Cisco's older protocol (Skinny): where it is heard, and who may "
		  "register." },
	{ .type = "phone", .needs_name = true, .size = sizeof(struct cfg_phone_draft),
	  OPTIONS(phone_options), .form = "config phone 'NAME'",
	  .help = "A phone. It needs at least one number: option number, or list line." },
	{ .type = "template", .needs_name = true, .size = sizeof(struct cfg_phone_draft),
	  OPTIONS(phone_options), .form = "config template 'NAME'",
	  .help = "Options that several phones share. Every option of a phone may stand in it, "
		  "also another template." },
	{ .type = "dn", .needs_name = true, .size = sizeof(struct cfg_dn), OPTIONS(dn_options),
	  .form = "config dn 'NAME'",
	  .help = "A directory number that is shared by phones, or that has a name or label of its "
		  "own. A dn whose name is all digits must have that number." },
	{ .type = "huntgroup", .needs_name = true, .size = sizeof(struct cfg_huntgroup),
	  OPTIONS(huntgroup_options), .form = "config huntgroup 'NAME'",
	  .help = "One number for several people: they are called one after the other, or all "
		  "together." },
	{ .type = "moh", .single = true, .size = sizeof(struct cfg_moh), OPTIONS(moh_options),
	  .form = "config moh 'moh'", .help = "Music on hold." },
	{ .type = "fac", .single = true, .size = sizeof(struct cfg_fac), OPTIONS(fac_options),
	  .form = "config fac 'fac'",
	  .help = "Feature access codes: what any phone can dial to use a feature." },
	{ .type = "afterhours", .single = true, .size = sizeof(struct cfg_afterhours),
	  OPTIONS(afterhours_options), .form = "config afterhours 'afterhours'",
	  .help = "What phones cannot dial when nobody should be in the office. Emergency numbers "
		  "(section dialpeer) are never blocked." },
	{ .type = "nightservice", .single = true, .size = sizeof(struct cfg_nightservice),
	  OPTIONS(nightservice_options), .form = "config nightservice 'nightservice'",
	  .help = "When calls go elsewhere because the office is closed." },
	{ .type = "park", .needs_name = true, .size = sizeof(struct cfg_park),
	  OPTIONS(park_options), .form = "config park 'NAME'",
	  .help = "Slots where calls wait until somebody dials the slot." },
	{ .type = "conference", .needs_name = true, .size = sizeof(struct cfg_conference),
	  OPTIONS(conference_options), .form = "config conference 'NAME'",
	  .help = "A number where up to eight parties meet." },
	{ .type = "paging", .needs_name = true, .size = sizeof(struct cfg_paging),
	  OPTIONS(paging_options), .form = "config paging 'NAME'",
	  .help = "One who speaks to many phones at once." },
	{ .type = "corlist", .needs_name = true, .size = sizeof(struct cfg_corlist),
	  OPTIONS(corlist_options), .form = "config corlist 'NAME'",
	  .help = "A class of restriction: locks where it is a cor_outgoing, keys where it is a "
		  "cor_incoming." },
	{ .type = "translation", .needs_name = true, .size = sizeof(struct cfg_translation),
	  OPTIONS(translation_options), .form = "config translation 'NAME'",
	  .help = "How numbers are rewritten." },
	{ .type = "translationprofile", .needs_name = true, .size = sizeof(struct cfg_profile),
	  OPTIONS(profile_options), .form = "config translationprofile 'NAME'",
	  .help = "Which numbers of a call are rewritten, and how." },
	{ .type = "trunk", .needs_name = true, .size = sizeof(struct cfg_trunk),
	  OPTIONS(trunk_options), .form = "config trunk 'NAME'",
	  .help = "Another switch, or a carrier. Calls to it go by dial peers." },
	{ .type = "registrar", .needs_name = true, .size = sizeof(struct cfg_registrar),
	  OPTIONS(registrar_options), .form = "config registrar 'NAME'",
	  .help = "Where this router registers itself, so that a carrier finds it." },
	{ .type = "voiceport", .needs_name = true, .size = sizeof(struct cfg_voiceport),
	  OPTIONS(voiceport_options), .form = "config voiceport 'NAME'",
	  .help = "A telephone line (FXO port of the module tandem_fxo). Calls to it go by dial "
		  "peers." },
	{ .type = "dialpeer", .needs_name = true, .size = sizeof(struct cfg_dialpeer),
	  OPTIONS(dialpeer_options), .form = "config dialpeer 'NAME'",
	  .help = "Which dialled numbers leave by a trunk, and what is sent. Numbers of phones are "
		  "found without any." },
	{ .type = "provision", .single = true, .size = sizeof(struct cfg_provision),
	  OPTIONS(provision_options), .form = "config provision 'provision'",
	  .help = "Files that phones fetch when they start: made from this configuration." },
	{ .type = "phonetype", .size = sizeof(struct cfg_phonetype_draft),
	  OPTIONS(phonetype_options), .form = "config phonetype 'TYPE'",
	  .help = "What all phones of a type have in common." },
	{ .type = "locale", .needs_name = true, .size = sizeof(struct cfg_locale),
	  OPTIONS(locale_options), .form = "config locale 'NAME'",
	  .help = "A language and tones. The first section is for all phones that name no other; "
		  "there can be five. Their files are Cisco's and lie in home_path." },
	{ .type = "vpnprofile", .needs_name = true, .size = sizeof(struct cfg_vpn),
	  OPTIONS(vpn_options), .form = "config vpnprofile 'NAME'",
	  .help = "How phones outside come in." },
	{ .type = "dst", .single = true, .size = sizeof(struct cfg_dst), OPTIONS(dst_options),
	  .form = "config dst 'dst'",
	  .help = "Summer time of 7940 and 7960 with SIP, when it is not the time zone's own. The "
		  "defaults are CME's." },
	{ .type = "cluster", .single = true, .size = sizeof(struct cfg_cluster),
	  OPTIONS(cluster_options), .form = "config cluster 'cluster'",
	  .help = "Two routers for the same phones." },
};
const size_t td_schema_sections = N(td_schema);

const char *const td_schema_types[] = { "global", "interface", "sip", "sccp", "phone", "template",
					"dn", "huntgroup", "moh", "fac", "afterhours",
					"nightservice", "park", "conference", "paging", "corlist",
					"translation", "translationprofile",
					"trunk", "registrar", "voiceport", "dialpeer", "provision",
					"phonetype",
					"locale", "vpnprofile", "dst", "cluster", NULL };

_Static_assert(N(td_schema_types) == N(td_schema) + 1, "a type is missing in td_schema_types");
_Static_assert(N(phone_options) <= 64 && N(sip_options) <= 64 && N(global_options) <= 64,
	       "sets of options are 64 bits");
/* VALUE_MAC writes both as one */
_Static_assert(offsetof(struct cfg_phone, has_mac) == offsetof(struct cfg_phone, mac) + 6,
	       "has_mac follows mac");

const struct schema_section *td_schema_find(const char *type)
{
	for (size_t i = 0; i < N(td_schema); i++)
		if (!strcmp(td_schema[i].type, type))
			return &td_schema[i];
	return NULL;
}

const struct schema_option *td_schema_option(const struct schema_section *s, const char *name)
{
	for (size_t i = 0; i < s->n_options; i++)
		if (!strcmp(s->options[i].name, name))
			return &s->options[i];
	return NULL;
}

const char *td_schema_nearest(const struct schema_section *s, const char *name)
{
	const char *words[65] = { NULL };

	for (size_t i = 0; i < s->n_options; i++)
		words[i] = s->options[i].name;
	return td_str_nearest(name, words);
}

size_t td_schema_count(const struct schema_option *o, const void *obj)
{
	size_t n = 1;

	if (o->is_list)
		memcpy(&n, (const char *)obj + o->count_offset, sizeof(n));
	return n;
}

void *td_schema_item(const struct schema_option *o, void *obj, size_t i)
{
	return (char *)obj + o->offset + (o->is_list ? i * (o->size / o->max_items) : 0);
}

/* A default goes the way of what a file says; tests/unit/config_schema.c tries them all. */
static void set_default(const struct schema_option *o, void *dst)
{
	char copy[128], *rest = copy, *word;
	struct value_fault fault;
	struct uci_value v = { .text = o->def };
	size_t n = 0;

	if (!o->is_list) {
		td_value_read(o, &v, td_schema_item(o, dst, 0), &fault);
		return;
	}
	td_strlcpy(copy, o->def, sizeof(copy));
	while ((word = strsep(&rest, " "))) {
		v.text = word;
		td_value_read(o, &v, td_schema_item(o, dst, n++), &fault);
	}
	memcpy((char *)dst + o->count_offset, &n, sizeof(n));
}

void td_schema_defaults(const struct schema_section *s, void *dst)
{
	memset(dst, 0, s->size);
	for (size_t i = 0; i < s->n_options; i++)
		if (s->options[i].def)
			set_default(&s->options[i], dst);
}

bool td_config_has_option(const char *type, const char *option)
{
	const struct schema_section *s = td_schema_find(type);

	return s && (!option || td_schema_option(s, option));
}
