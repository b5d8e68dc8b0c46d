// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that phones fetch. Rows as schema.c says. */
#include "config/schema_parts.h"

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
	{ "tftp", VALUE_CHOICE, AT(struct cfg_provision, tftp), .words = td_enable_words,
	  .def = "auto",
	  .help = "Whether this daemon is a TFTP server (port 69), from which phones fetch their "
		  "files; auto means: when a phone of the configuration has a mac.",
	  .cisco = "tftp-server" },
	{ "http_enable", VALUE_CHOICE, AT(struct cfg_provision, http_enable), .words = td_enable_words,
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
	{ "trust", VALUE_BOOL, AT(struct cfg_provision, trust), .def = "0",
	  .help = "Phones that ask for a list of certificates get one (ITLFile.tlv; CTL files for phones "
		  "with TLS): that of this router's own key, made at the first time and kept in the state "
		  "folder (trust.pem), and those that its TLS shows. From then on they ask for signed files "
		  "(.sgn) and take no others, also after this was switched off: their list must be erased "
		  "on the phone then. Both routers of a cluster need the same trust.pem.",
	  .cisco = "ctl-client, device-security-mode" },
	{ "directory", VALUE_BOOL, AT(struct cfg_provision, directory), .def = "1",
	  .help = "The directories key of phones shows the numbers of the house that have a name, by "
		  "HTTP; who may fetch files may read it.",
	  .cisco = "service local-directory" },
	{ "url_services", VALUE_URL, AT(struct cfg_provision, url_services), .words = web_words,
	  .def_help = "none", .help = "What the services key fetches.", .cisco = "url services" },
	{ "url_directories", VALUE_URL, AT(struct cfg_provision, url_directories),
	  .words = web_words, .def_help = "the directory of the house",
	  .help = "What the directories key fetches.",
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

const struct schema_section td_section_provision = {
	.type = "provision", .single = true, .size = sizeof(struct cfg_provision),
	OPTIONS(provision_options), .form = "config provision 'provision'",
	.help = "Files that phones fetch when they start: made from this configuration.",
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

const struct schema_section td_section_phonetype = {
	.type = "phonetype", .size = sizeof(struct cfg_phonetype_draft),
	OPTIONS(phonetype_options), .form = "config phonetype 'TYPE'",
	.help = "What all phones of a type have in common.",
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

const struct schema_section td_section_locale = {
	.type = "locale", .needs_name = true, .size = sizeof(struct cfg_locale),
	OPTIONS(locale_options), .form = "config locale 'NAME'",
	.help = "A language and tones. The first section is for all phones that name no other; "
		"there can be five. Their files are Cisco's and lie in home_path.",
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

const struct schema_section td_section_vpnprofile = {
	.type = "vpnprofile", .needs_name = true, .size = sizeof(struct cfg_vpn),
	OPTIONS(vpn_options), .form = "config vpnprofile 'NAME'",
	.help = "How phones outside come in.",
};
