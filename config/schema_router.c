// SPDX-License-Identifier: GPL-2.0-or-later
/* The router itself: section global, its interfaces, the other router of two. Rows as schema.c says. */
#include "config/schema_parts.h"

#include "bpf/td_map.h"

static const char *const xdp_words[] = {
	[CFG_XDP_AUTO] = "auto", [CFG_XDP_NATIVE] = "native", [CFG_XDP_GENERIC] = "generic",
	[CFG_XDP_OFF] = "off", NULL,
};
static const char *const checksum_words[] = {
	[CFG_CHECKSUM_AUTO] = "auto", [CFG_CHECKSUM_FULL] = "full",
	[CFG_CHECKSUM_PARTIAL] = "partial", NULL,
};
static const char *const date_words[] = {
	[CFG_DATE_MDY] = "mm-dd-yy", [CFG_DATE_DMY] = "dd-mm-yy", [CFG_DATE_YMD] = "yy-mm-dd",
	[CFG_DATE_YDM] = "yy-dd-mm", NULL,
};
static const char *const clock_words[] = { [CFG_CLOCK_12] = "12", [CFG_CLOCK_24] = "24", NULL };
static const char *const transfer_words[] = {
	[CFG_TRANSFER_CONSULT] = "full-consult", [CFG_TRANSFER_BLIND] = "full-blind", NULL,
};
static const char *const gain_words[] = {
	[CFG_GAIN_0] = "0", [CFG_GAIN_MINUS_6] = "-6", [CFG_GAIN_3] = "3", [CFG_GAIN_6] = "6", NULL,
};
static const char *const media_words[] = {
	[CFG_MEDIA_THROUGH] = "through", [CFG_MEDIA_AROUND] = "around", NULL,
};

static const char *const srtp_words[] = {
	[CFG_SRTP_OFF] = "off", [CFG_SRTP_FALLBACK] = "fallback", [CFG_SRTP_REQUIRED] = "required",
	NULL,
};

static const struct schema_option global_options[] = {
	{ "hostname", VALUE_HOST, AT(struct cfg_global, hostname), .def = "tandem",
	  .help = "Name of this router; the digest realm is taken from it.",
	  .cisco = "hostname" },
	{ "system_message", VALUE_TEXT, AT(struct cfg_global, system_message),
	  .def_help = "what the phone says itself",
	  .help = "Stands on the display of SCCP phones while nothing else does.",
	  .cisco = "system message" },
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
	  .help = "Way of the media between two phones: through this router, or around it, from phone "
		  "to phone, where both have an address of one family, a codec in common and the "
		  "same way to tell keys, nothing is recorded, and neither is behind a NAT or has "
		  "mtp. What the house has to say (music, conferences) goes through again.",
	  .cisco = "mtp, media flow-around" },
	{ "media", VALUE_CHOICE, AT(struct cfg_global, media), .words = media_words,
	  .def = "through",
	  .help = "Way of the media between two trunks: through this router, or around it under the "
		  "same conditions. Options of the trunk and of the dial peer come before it; both "
		  "trunks of a call must say around.",
	  .cisco = "media flow-through, media flow-around" },
	{ "media_forking", VALUE_RTP, AT(struct cfg_global, media_forking), .def_help = "none",
	  .help = "A recorder, as 192.0.2.9:30000: the RTP of all calls is copied there, by the "
		  "kernel where its interface is one of ours. What the caller sends goes to this "
		  "port, what the called one sends to the second after it, RTCP to the ports in "
		  "between; each from the port of ours that the party sends to. A running call takes "
		  "a change of it with its next own one, as hold or resume.",
	  .cisco = "media forking, recorder" },
	{ "srtp", VALUE_CHOICE, AT(struct cfg_global, srtp), .words = srtp_words,
	  .def = "fallback",
	  .help = "Encrypted media (SRTP) with parties whose signalling is encrypted: off; used with "
		  "who takes it, else plain (fallback); or no call without it (required). Phones, "
		  "trunks and dial peers may have another. Where both parties have it the keys pass "
		  "from one to the other; where one has it, it ends in this router.",
	  .cisco = "srtp, srtp fallback" },
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
	{ "timeout_callback", VALUE_UINT, AT(struct cfg_global, timeout_callback), .min = 10,
	  .max = 86400, .def = "2700",
	  .help = "Seconds for which a phone waits until a number that was busy, or did not answer, "
		  "can be reached (call back).",
	  .cisco = "CallBack soft key" },
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
	{ "privacy", VALUE_BOOL, AT(struct cfg_global, privacy), .def = "0",
	  .help = "What phones have that do not say (option privacy of a phone).",
	  .cisco = "privacy (telephony-service, voice register global)" },
	{ "privacy_on_hold", VALUE_BOOL, AT(struct cfg_global, privacy_on_hold), .def = "1",
	  .help = "Privacy is also for a call that the phone holds: others on the line see neither who "
		  "it is nor can resume it. 0: what is held they see and take.",
	  .cisco = "privacy-on-hold" },
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
	{ "codec", VALUE_CODEC, LIST(struct cfg_global, codec, n_codec), .words = td_codec_words,
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
		  "media, prov and fxo. The command line's --log-level wins.",
	  .cisco = "logging trap, debug" },
};
_Static_assert(N(global_options) <= 64, "sets of options are 64 bits");

const struct schema_section td_section_global = {
	.type = "global", .single = true, .size = sizeof(struct cfg_global),
	OPTIONS(global_options), .form = "config global 'global'",
	.help = "What belongs to the router as a whole.",
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

const struct schema_section td_section_interface = {
	.type = "interface", .size = sizeof(struct cfg_interface_draft),
	OPTIONS(interface_options), .form = "config interface 'DEVICE'",
	.help = "Only for devices that are to be treated otherwise than the rest. The device "
		"must also stand in the list interface of section global.",
};

static const struct schema_option dst_options[] = {
	{ "start", VALUE_CHANGE, AT(struct cfg_dst, start), .def = "apr first sun 02:00",
	  .help = "When clocks go forward.", .cisco = "dst start" },
	{ "stop", VALUE_CHANGE, AT(struct cfg_dst, stop), .def = "oct last sun 02:00",
	  .help = "When they go back.", .cisco = "dst stop" },
};

const struct schema_section td_section_dst = {
	.type = "dst", .single = true, .size = sizeof(struct cfg_dst), OPTIONS(dst_options),
	.form = "config dst 'dst'",
	.help = "Summer time of 7940 and 7960 with SIP, when it is not the time zone's own. The "
		"defaults are CME's.",
};

static const struct schema_option cluster_options[] = {
	{ "primary", VALUE_IP, AT(struct cfg_cluster, primary), .def_help = "this router",
	  .help = "Address of the router that phones use.", .cisco = "ip source-address" },
	{ "secondary", VALUE_IP, AT(struct cfg_cluster, secondary), .def_help = "none",
	  .help = "Address of the router that they use when the first one is gone.",
	  .cisco = "ip source-address ... secondary" },
	{ "replicate_secret", VALUE_SECRET, AT(struct cfg_cluster, replicate_secret),
	  .def_help = "none: calls end with their router",
	  .help = "Each router keeps copies of the other one's calls, and goes on with them when their "
		  "address has moved to it (tandem takeover). Both prove that they know this secret "
		  "of 16 characters or more, with which what they send is encrypted, too." },
	{ "replicate_port", VALUE_UINT, AT(struct cfg_cluster, replicate_port), .min = 1024,
	  .max = 65535, .def = "5079",
	  .help = "TCP port at which a router gives copies to the other "
		  "one, at its address above." },
	{ "redis", VALUE_IP, LIST(struct cfg_cluster, redis, n_redis), .def_help = "none",
	  .help = "Where more than two routers meet: each stores its calls and registrations in this "
		  "Redis, encrypted by replicate_secret, and keeps copies of all others. Each has its "
		  "own global.hostname. Several are tried in turn." },
	{ "redis_port", VALUE_UINT, AT(struct cfg_cluster, redis_port), .min = 1, .max = 65535,
	  .or_zero = true, .def = "0", .def_help = "6379; with redis_sentinel 26379",
	  .help = "TCP port at these addresses; 0 is the usual one." },
	{ "redis_sentinel", VALUE_WORD, AT(struct cfg_cluster, redis_sentinel), .def_help = "none",
	  .help = "These addresses are those of sentinels, and this is the name by which they know "
		  "the master." },
	{ "redis_password", VALUE_SECRET, AT(struct cfg_cluster, redis_password), .def_help = "none",
	  .help = "Password of the Redis servers." },
	{ "standby_user", VALUE_USER, AT(struct cfg_cluster, standby_user),
	  .def_help = "none: versions are not told",
	  .help = "The primary tells the secondary the versions of phones' files at its XML interface, "
		  "as this user: phones that change over find the versions that they have, and need "
		  "not start again.", .cisco = "standby username" },
	{ "standby_password", VALUE_SECRET, AT(struct cfg_cluster, standby_password),
	  .help = "Its password: xml_password of the secondary.",
	  .cisco = "standby username ... password" },
	{ "xml_user", VALUE_USER, AT(struct cfg_cluster, xml_user), .def_help = "none: there is no XML "
		  "interface",
	  .help = "Who may use the XML interface, http://ADDRESS:xml_port/ios_xml_app/cme at this "
		  "router's address above. Only the other router may connect, and whom section "
		  "management allows. The password crosses the network in the clear, as CME's does.",
	  .cisco = "xml user" },
	{ "xml_password", VALUE_SECRET, AT(struct cfg_cluster, xml_password),
	  .help = "The password of xml_user.", .cisco = "xml user ... password" },
	{ "xml_level", VALUE_UINT, AT(struct cfg_cluster, xml_level), .max = 15, .def = "15",
	  .help = "What that user may do: from 1 on show, route, diagnose and help; at 15 everything "
		  "that is not for root only, and tell versions.", .cisco = "xml user ... level" },
	{ "xml_port", VALUE_UINT, AT(struct cfg_cluster, xml_port), .min = 1024, .max = 65535,
	  .def = "5078", .help = "TCP port of the XML interface, the same on both routers.",
	  .cisco = "ip http port" },
	{ "ixi_response_size", VALUE_UINT, AT(struct cfg_cluster, ixi_response_size), .min = 1,
	  .max = 1024, .def = "64",
	  .help = "The longest answer of the XML interface, KB. Who asks for more is told to ask for "
		  "less.", .cisco = "ixi transport http, response size" },
	{ "ixi_outstanding", VALUE_UINT, AT(struct cfg_cluster, ixi_outstanding), .min = 1, .max = 10,
	  .def = "2", .help = "Requests at a time there; one more is answered by 503.",
	  .cisco = "ixi transport http, request outstanding" },
	{ "ixi_timeout", VALUE_UINT, AT(struct cfg_cluster, ixi_timeout), .min = 1, .max = 60,
	  .def = "30", .help = "Seconds that a request there may take, from its first byte on.",
	  .cisco = "ixi transport http, request timeout" },
	{ "ixi_app_timeout", VALUE_UINT, AT(struct cfg_cluster, ixi_app_timeout), .min = 1, .max = 60,
	  .or_zero = true, .def = "0",
	  .help = "The same, and wins over ixi_timeout; 0: there is none beside it.",
	  .cisco = "ixi application cme, response timeout (-1: none)" },
};

const struct schema_section td_section_cluster = {
	.type = "cluster", .single = true, .size = sizeof(struct cfg_cluster),
	OPTIONS(cluster_options), .form = "config cluster 'cluster'",
	.help = "Several routers for the same phones.",
};

static const struct schema_option management_options[] = {
	{ "address", VALUE_IP, AT(struct cfg_management, address), .def = "127.0.0.1",
	  .help = "Address of this router where the status page and the counters are served. Not one "
		  "that phones or strangers reach." },
	{ "port", VALUE_UINT, AT(struct cfg_management, port), .min = 1, .max = 65535,
	  .or_zero = true, .def = "0",
	  .help = "TCP port of the status page (/) and of the counters for Prometheus (/metrics); 0 "
		  "serves neither.", .cisco = "ip http server, ip http port" },
	{ "allow", VALUE_PREFIX, LIST(struct cfg_management, allow, n_allow), .def_help = "anybody",
	  .help = "A host or network that may connect there. From others no byte is read.",
	  .cisco = "ip http access-class" },
	{ "web_admin_name", VALUE_USER, AT(struct cfg_management, web_admin_name),
	  .def_help = "nobody is asked",
	  .help = "Who may see them: the browser, or Prometheus, is asked for this name and "
		  "web_admin_password (HTTP Basic: a network that others hear is no place for it).",
	  .cisco = "web admin system name" },
	{ "web_admin_password", VALUE_SECRET, AT(struct cfg_management, web_admin_password),
	  .def_help = "none", .help = "The password of that name.",
	  .cisco = "web admin system ... password" },
	{ "web_admin_customer_name", VALUE_USER, AT(struct cfg_management, web_admin_customer_name),
	  .def_help = "none", .help = "A second name. Pages are only read here, so it sees the same.",
	  .cisco = "web admin customer name" },
	{ "web_admin_customer_password", VALUE_SECRET,
	  AT(struct cfg_management, web_admin_customer_password), .def_help = "none",
	  .help = "The password of that name.", .cisco = "web admin customer ... password" },
};

const struct schema_section td_section_management = {
	.type = "management", .single = true, .size = sizeof(struct cfg_management),
	OPTIONS(management_options), .form = "config management 'management'",
	.help = "What people and their monitoring see of this router: see docs/observability.md.",
};
