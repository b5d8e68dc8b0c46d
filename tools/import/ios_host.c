/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The global mode: what opens voice's modes, and all that the host does now. */
#include <stdio.h>
#include <string.h>

#include "tools/import/ios.h"
#include "userspace/base/str.h"

static void take_hostname(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, "global", "global", "hostname", arg[0]);
}

static void take_banner(struct ios *in, const char *const *arg, size_t n)
{
	const char *text = in->line->out->text, *end;

	td_ios_not_needed(in, "a banner");
	if (!n)
		return;
	/* "banner motd ^CHello^C": until the delimiter comes again, perhaps in this line */
	end = strchr(text, arg[n > 1 ? 1 : 0][0]);
	in->banner_end = arg[n > 1 ? 1 : 0][0];
	if (end && strchr(end + 1, in->banner_end))
		in->banner_end = '\0';
}

static void take_tftp_server(struct ios *in, const char *const *arg, size_t n)
{
	td_ios_set(in, "provision", "provision", "home_path", IOS_HOME_PATH);
	if (n && in->decided)
		td_ios_not_supported(in, "copy %s to " IOS_HOME_PATH ", which is home_path of "
				     "section provision", arg[0]);
}

static void take_http_port(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, "management", "management", "port", arg[0]);
}

/* ---- the XML interface ---- */

static void set_ixi(struct ios *in, const char *option, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, "cluster", "cluster", option, arg[0]);
}

static void take_response_size(struct ios *in, const char *const *arg, size_t n)
{
	set_ixi(in, "ixi_response_size", arg, n);
}

static void take_outstanding(struct ios *in, const char *const *arg, size_t n)
{
	set_ixi(in, "ixi_outstanding", arg, n);
}

static void take_request_timeout(struct ios *in, const char *const *arg, size_t n)
{
	set_ixi(in, "ixi_timeout", arg, n);
}

/* -1: none beside that of the transport */
static void take_response_timeout(struct ios *in, const char *const *arg, size_t n)
{
	static const char *const none[] = { "0" };

	set_ixi(in, "ixi_app_timeout", n && !strcmp(arg[0], "-1") ? none : arg, n);
}

static const struct ios_rule ixi[] = {
	IOS_TAKE("response size", take_response_size),
	IOS_TAKE("request outstanding", take_outstanding),
	IOS_TAKE("request timeout", take_request_timeout),
	IOS_TAKE("response timeout", take_response_timeout),
	IOS_NOT_NEEDED("shutdown", "the interface is there when xml_user of section cluster is set"),
};
const struct ios_rules td_ios_ixi = IOS_RULES(ixi, NULL);

static void take_clock(struct ios *in, const char *const *arg, size_t n)
{
	td_ios_not_supported(in, "zone %s: write the name of the place, as option timezone "
			     "'Europe/Berlin' in section global", n ? arg[0] : "");
}

/* ---- what opens a section ---- */

static void open_ephone(struct ios *in, const char *const *arg, size_t n)
{
	if (!n)
		return;
	td_ios_section(in, "phone", "ephone%s", arg[0]);
	td_ios_set(in, NULL, NULL, "protocol", "sccp");
	td_ios_set(in, NULL, NULL, "tag", arg[0]);
}

static void open_pool(struct ios *in, const char *const *arg, size_t n)
{
	if (!n)
		return;
	td_ios_section(in, "phone", "pool%s", arg[0]);
	td_ios_set(in, NULL, NULL, "protocol", "sip");
	td_ios_set(in, NULL, NULL, "tag", arg[0]);
	/* CME knows its phones by MAC unless "authenticate register" says otherwise */
	if (!td_uci_out_get(td_uci_out_find(&in->out, "sip", "sip"), "authenticate"))
		td_ios_set(in, "sip", "sip", "authenticate", "auto");
}

/* "ephone-dn 1 dual-line", "... octo-line" */
static void open_ephone_dn(struct ios *in, const char *const *arg, size_t n)
{
	if (!n)
		return;
	td_ios_section(in, "dn", "dn%s", arg[0]);
	if (n > 1 && td_ios_is(arg[1], "dual-line"))
		td_ios_set(in, NULL, NULL, "channels", "2");
	else if (n > 1 && td_ios_is(arg[1], "octo-line"))
		td_ios_set(in, NULL, NULL, "channels", "8");
}

static void open_register_dn(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_section(in, "dn", "sdn%s", arg[0]);
}

static void open_template(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_section(in, "template", "template%s", arg[0]);
}

static void open_register_template(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_section(in, "template", "stemplate%s", arg[0]);
}

/* "voice hunt-group 1 sequential", "ephone-hunt 2 longest-idle" */
static void open_hunt(struct ios *in, const char *const *arg, size_t n)
{
	if (!n)
		return;
	td_ios_section(in, "huntgroup", "hunt%s", arg[0]);
	if (n > 1)
		td_ios_set(in, NULL, NULL, "mode", arg[1]);
}

static void open_peer(struct ios *in, const char *const *arg, size_t n)
{
	if (n < 2)
		return;
	if (td_ios_is(arg[1], "pots"))
		in->mode = IOS_PEER_POTS;
	else if (!td_ios_is(arg[1], "voip"))
		in->mode = IOS_UNKNOWN;
	if (in->mode == IOS_UNKNOWN) {
		td_ios_not_supported(in, "dial peers lead to SIP trunks and FXO lines");
		return;
	}
	td_ios_section(in, "dialpeer", "dp%s", arg[0]);
	td_ios_set(in, NULL, NULL, "tag", arg[0]);
}

static void open_named(struct ios *in, const char *type, const char *prefix,
		       const char *const *arg, size_t n)
{
	char name[64];

	if (!n)
		return;
	td_ios_name(name, sizeof(name), prefix, arg[0]);
	td_ios_section(in, type, "%s", name);
}

static void open_translation(struct ios *in, const char *const *arg, size_t n)
{
	open_named(in, "translation", "rule", arg, n);
}

static void open_profile(struct ios *in, const char *const *arg, size_t n)
{
	open_named(in, "translationprofile", "", arg, n);
}

static void open_cor_list(struct ios *in, const char *const *arg, size_t n)
{
	open_named(in, "corlist", "", arg, n);
}

/* It is no section: the trunks of dial peers that name it have its codecs. */
static void open_codecs(struct ios *in, const char *const *arg, size_t n)
{
	td_ios_name(in->name, sizeof(in->name), "class", n ? arg[0] : "");
	td_ios_taken(in, "codecs of the trunks that have the class");
}

static void open_media(struct ios *in, const char *const *arg, size_t n)
{
	open_named(in, "mediaclass", "media", arg, n);
	if (n)
		td_ios_set(in, NULL, NULL, "tag", arg[0]);
}

/* Slots have no order that we know: the ports are numbered as they come, from 0. */
static void open_voice_port(struct ios *in, const char *const *arg, size_t n)
{
	char number[16];
	size_t lines = 0;

	if (n && strchr(arg[0], ':')) {
		in->mode = IOS_UNKNOWN;
		td_ios_not_supported(in, "there is no ISDN: use a SIP gateway and a trunk");
		return;
	}
	open_named(in, "voiceport", "fxo", arg, n);
	for (size_t i = 0; n && i < in->out.n_sections; i++) {
		const struct uci_section *s = &in->out.sections[i];

		if (!strcmp(s->type, "voiceport") && !strcmp(s->name, in->name))
			break;
		lines += !strcmp(s->type, "voiceport");
	}
	snprintf(number, sizeof(number), "%zu", lines);
	td_ios_set(in, NULL, NULL, "port", number);
}

#define OPENS(words, take, mode) { words, take, mode, TD_IMPORT_NOT_NEEDED, "opens a mode" }
#define HOST(words) { words, NULL, IOS_HOST, TD_IMPORT_NOT_NEEDED, \
		      "the host's: Linux and its network configuration do this" }
#define HOST_LINE(words) IOS_NOT_NEEDED(words, \
		      "the host's: Linux and its network configuration do this")

static const struct ios_rule global[] = {
	OPENS("telephony-service", NULL, IOS_TELEPHONY),
	OPENS("voice register global", NULL, IOS_REGISTER),
	OPENS("voice register pool", open_pool, IOS_POOL),
	OPENS("voice register dn", open_register_dn, IOS_REGISTER_DN),
	OPENS("voice register template", open_register_template, IOS_TEMPLATE),
	{ "voice register dialplan", NULL, IOS_UNKNOWN, TD_IMPORT_NOT_SUPPORTED,
	  "phones may dial digit by digit; the router's dial plan decides" },
	OPENS("ephone", open_ephone, IOS_EPHONE),
	OPENS("ephone-dn", open_ephone_dn, IOS_EPHONE_DN),
	OPENS("ephone-template", open_template, IOS_TEMPLATE),
	{ "ephone-dn-template", NULL, IOS_UNKNOWN, TD_IMPORT_NOT_SUPPORTED,
	  "write its options into each dn" },
	OPENS("ephone-hunt", open_hunt, IOS_HUNT),
	OPENS("voice hunt-group", open_hunt, IOS_HUNT),
	OPENS("voice service voip", NULL, IOS_VOIP),
	OPENS("sip-ua", NULL, IOS_SIPUA),
	OPENS("gateway", NULL, IOS_GATEWAY),
	OPENS("dial-peer voice", open_peer, IOS_PEER_VOIP),
	OPENS("dial-peer cor custom", NULL, IOS_COR_NAMES),
	OPENS("dial-peer cor list", open_cor_list, IOS_COR_LIST),
	OPENS("voice translation-rule", open_translation, IOS_TRANSLATION),
	OPENS("voice translation-profile", open_profile, IOS_PROFILE),
	OPENS("voice class codec", open_codecs, IOS_CODEC),
	OPENS("voice class media", open_media, IOS_MEDIA),
	{ "voice class", NULL, IOS_UNKNOWN, TD_IMPORT_NOT_SUPPORTED, "no such class here" },
	OPENS("voice-port", open_voice_port, IOS_VOICE_PORT),
	{ "voice logout-profile", NULL, IOS_UNKNOWN, TD_IMPORT_NOT_SUPPORTED,
	  "extension mobility is not there yet" },
	{ "voice user-profile", NULL, IOS_UNKNOWN, TD_IMPORT_NOT_SUPPORTED,
	  "extension mobility is not there yet" },
	{ "voice source-group", NULL, IOS_UNKNOWN, TD_IMPORT_NOT_SUPPORTED,
	  "list the sources in the trunk" },
	{ "voice moh-group", NULL, IOS_UNKNOWN, TD_IMPORT_NOT_SUPPORTED, "make it a section moh" },
	{ "trunk group", NULL, IOS_UNKNOWN, TD_IMPORT_NOT_SUPPORTED,
	  "hunt over several dial peers" },
	{ "dspfarm profile", NULL, IOS_HOST, TD_IMPORT_NOT_NEEDED,
	  "conferences are mixed and codecs converted in the daemon" },
	{ "voice-card", NULL, IOS_HOST, TD_IMPORT_NOT_NEEDED, "there are no DSP cards" },
	{ "sccp ccm group", NULL, IOS_HOST, TD_IMPORT_NOT_NEEDED,
	  "conferences are mixed and codecs converted in the daemon" },
	IOS_NOT_NEEDED("sccp", "conferences are mixed and codecs converted in the daemon"),
	IOS_NOT_NEEDED("dspfarm", "conferences are mixed and codecs converted in the daemon"),
	IOS_NOT_NEEDED("mgcp", "there is no MGCP"),
	OPENS("ixi transport http", NULL, IOS_IXI),
	OPENS("ixi application cme", NULL, IOS_IXI),
	{ "ixi", NULL, IOS_HOST, TD_IMPORT_NOT_NEEDED, "the XML interface is CME's, by HTTP" },
	IOS_NOT_SUPPORTED("num-exp", "write a translation"),
	IOS_NOT_SUPPORTED("call threshold", "see max_calls of section global"),
	IOS_NOT_NEEDED("presence", "phones of the house may watch each other"),
	IOS_NOT_SUPPORTED("voice call", "see show calls and debug sip"),
	IOS_NOT_SUPPORTED("voice", "no such voice command here"),
	{ "application", NULL, IOS_UNKNOWN, TD_IMPORT_NOT_SUPPORTED,
	  "call control has one application" },
	IOS_TAKE("hostname", take_hostname),
	IOS_TAKE("banner", take_banner),
	IOS_TAKE("tftp-server", take_tftp_server),
	IOS_NOT_NEEDED("ip http server", "http_enable of section provision is for phones' files, port "
		       "of section management for the status page"),
	IOS_TAKE("ip http port", take_http_port),
	IOS_NOT_SUPPORTED("ip http access-class", "list the networks in option allow of section "
			  "http"),
	IOS_NOT_NEEDED("ip http", "see section management"),
	IOS_TAKE("clock timezone", take_clock),
	IOS_NOT_NEEDED("clock", "the time zone knows when summer time begins and ends"),
	IOS_NOT_SUPPORTED("ntp", "the host keeps its clock: chrony or systemd-timesyncd"),
	{ "ip dhcp pool", NULL, IOS_HOST, TD_IMPORT_NOT_NEEDED,
	  "the host's DHCP server: Tandem writes its options for phones" },
	HOST("interface"), HOST("router"), HOST("line"), HOST("controller"), HOST("crypto"),
	HOST("class-map"), HOST("policy-map"), HOST("route-map"), HOST("vlan"), HOST("key chain"),
	HOST("aaa group"), HOST("archive"), HOST("event manager"), HOST("ip access-list"),
	HOST("ipv6 access-list"), HOST("vrf definition"), HOST("ip vrf"), HOST("redundancy"),
	HOST("zone"), HOST("zone-pair"), HOST("control-plane"), HOST("track"), HOST("ip sla"),
	HOST("flow"), HOST("object-group"), HOST("call-home"),
	HOST_LINE("version"), HOST_LINE("service"), HOST_LINE("boot-start-marker"),
	HOST_LINE("boot-end-marker"), HOST_LINE("boot"), HOST_LINE("enable"), HOST_LINE("aaa"),
	HOST_LINE("username"), HOST_LINE("logging"), HOST_LINE("ip"), HOST_LINE("ipv6"),
	HOST_LINE("memory-size"), HOST_LINE("mmi"), HOST_LINE("card"), HOST_LINE("network-clock"),
	HOST_LINE("license"), HOST_LINE("spanning-tree"), HOST_LINE("multilink"),
	HOST_LINE("isdn"), HOST_LINE("snmp-server"), HOST_LINE("access-list"),
	HOST_LINE("dialer-list"), HOST_LINE("cdp"), HOST_LINE("lldp"), HOST_LINE("scheduler"),
	HOST_LINE("privilege"), HOST_LINE("alias"), HOST_LINE("password"), HOST_LINE("tacacs-server"),
	HOST_LINE("radius-server"), HOST_LINE("process"), HOST_LINE("platform"),
	HOST_LINE("login"), HOST_LINE("subscriber"), HOST_LINE("diagnostic"), HOST_LINE("bridge"),
	HOST_LINE("standby"), HOST_LINE("exception"), HOST_LINE("parser"), HOST_LINE("security"),
	HOST_LINE("file"), HOST_LINE("errdisable"), HOST_LINE("vtp"), HOST_LINE("nls"),
	HOST_LINE("tclsh"), HOST_LINE("resource"), HOST_LINE("mac-address-table"),
	HOST_LINE("shutdown"), HOST_LINE("wsma"), HOST_LINE("crypto"),
};
const struct ios_rules td_ios_global = IOS_RULES(global, NULL);
