/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ephone, ephone-dn, ephone-template; voice register pool, dn, template; hunt groups. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tools/import/ios.h"
#include "userspace/base/str.h"

/* ---- dn ---- */

static void take_number(struct ios *in, const char *const *arg, size_t n)
{
	const char *secondary = td_ios_after(arg, n, "secondary");
	const char *no_reg = td_ios_after(arg, n, "no-reg");

	if (!n)
		return;
	td_ios_set(in, NULL, NULL, "number", arg[0]);
	if (no_reg && !td_ios_is(no_reg, "secondary"))
		td_ios_set(in, NULL, NULL, "no_register", "1");
	if (secondary)
		td_ios_not_supported(in, "the second number %s needs a dn of its own, or a "
				     "translation", secondary);
}

static void take_text(struct ios *in, const char *option, const char *const *arg, size_t n)
{
	char text[128];

	if (n)
		td_ios_set(in, NULL, NULL, option, td_ios_rest(text, sizeof(text), arg, n));
}

static void take_name(struct ios *in, const char *const *arg, size_t n)
{
	take_text(in, "name", arg, n);
}

static void take_label(struct ios *in, const char *const *arg, size_t n)
{
	take_text(in, "label", arg, n);
}

static void take_preference(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, NULL, NULL, "preference", arg[0]);
}

static void take_huntstop(struct ios *in, const char *const *arg, size_t n)
{
	if (n && td_ios_is(arg[0], "channel"))
		td_ios_set(in, NULL, NULL, "huntstop_channel", n > 1 ? arg[1] : "1");
	else
		td_ios_set(in, NULL, NULL, "huntstop", in->line->negated ? "0" : "1");
}

/* "call-forward noan 1234 timeout 20", "call-forward b2bua busy 1234" */
static void take_forward(struct ios *in, const char *const *arg, size_t n)
{
	const char *timeout = td_ios_after(arg, n, "timeout");

	if (n && td_ios_is(arg[0], "b2bua")) {
		arg++;
		n--;
	}
	if (n < 2) {
		td_ios_not_supported(in, "where to?");
	} else if (td_ios_is(arg[0], "all")) {
		td_ios_set(in, NULL, NULL, "cfwd_all", arg[1]);
	} else if (td_ios_is(arg[0], "busy")) {
		td_ios_set(in, NULL, NULL, "cfwd_busy", arg[1]);
	} else if (td_ios_is(arg[0], "noan")) {
		td_ios_set(in, NULL, NULL, "cfwd_noan", arg[1]);
		if (timeout)
			td_ios_set(in, NULL, NULL, "cfwd_noan_timeout", timeout);
	} else if (td_ios_is(arg[0], "unreachable") || td_ios_is(arg[0], "mailbox")) {
		td_ios_set(in, NULL, NULL, "cfwd_unreachable", arg[1]);
	} else if (td_ios_is(arg[0], "night-service")) {
		td_ios_set(in, NULL, NULL, "cfwd_night", arg[1]);
	} else {
		td_ios_not_supported(in, "no such kind of forwarding");
	}
}

static void take_corlist(struct ios *in, const char *const *arg, size_t n)
{
	char name[64];

	/* "corlist incoming user", "cor incoming user 1" */
	if (n < 2)
		return;
	td_ios_name(name, sizeof(name), "", arg[1]);
	if (strcmp(in->type, "dn") || td_ios_is(arg[0], "outgoing")) {
		td_ios_set(in, NULL, NULL,
			   td_ios_is(arg[0], "incoming") ? "cor_incoming" : "cor_outgoing", name);
		return;
	}
	td_ios_taken(in, "cor_incoming of the phones that have the number");
	td_ios_later(in, IOS_LATE_RESTRICTION, in->name, name, NULL);
}

static void take_no_reg(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	td_ios_set(in, NULL, NULL, "no_register", "1");
}

static void take_pickup_group(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, NULL, NULL, "pickup_group", arg[0]);
}

/* "snr 90170123 delay 5 timeout 30 cfwd-noan 500", "snr calling-number local" */
static void take_snr(struct ios *in, const char *const *arg, size_t n)
{
	const char *delay = td_ios_after(arg, n, "delay"), *timeout = td_ios_after(arg, n, "timeout");
	const char *noan = td_ios_after(arg, n, "cfwd-noan");

	if (n && td_ios_is(arg[0], "calling-number")) {
		td_ios_set(in, NULL, NULL, "snr_calling_local", "1");
		return;
	}
	if (!n || strspn(arg[0], "0123456789+*#") != strlen(arg[0])) {
		td_ios_not_supported(in, "of single number reach there are number, delay, timeout, "
				     "cfwd-noan and calling-number local");
		return;
	}
	td_ios_set(in, NULL, NULL, "snr", arg[0]);
	if (delay)
		td_ios_set(in, NULL, NULL, "snr_delay", delay);
	if (timeout)
		td_ios_set(in, NULL, NULL, "snr_timeout", timeout);
	if (noan)
		td_ios_set(in, NULL, NULL, "cfwd_noan", noan);
}

static const struct ios_rule dn[] = {
	IOS_TAKE("number", take_number),
	IOS_TAKE("name", take_name),
	IOS_TAKE("label", take_label),
	IOS_TAKE("description", take_label),
	IOS_TAKE("preference", take_preference),
	IOS_TAKE("huntstop", take_huntstop),
	IOS_TAKE("call-forward", take_forward),
	IOS_TAKE("corlist", take_corlist),
	IOS_TAKE("cor", take_corlist),
	IOS_NOT_NEEDED("allow watch", "phones of the house may watch each other"),
	IOS_TAKE("no-reg", take_no_reg),
	IOS_TAKE("pickup-group", take_pickup_group),
	IOS_NOT_SUPPORTED("pickup-call", "see the pickup options of the configuration reference"),
	IOS_TAKE("park-slot", td_ios_take_park_slot),
	IOS_TAKE("intercom", td_ios_take_intercom),
	IOS_TAKE("paging", td_ios_take_paging),
	IOS_NOT_SUPPORTED("mwi", "message waiting by a dn is not there yet"),
	IOS_NOT_SUPPORTED("moh", "make it a section moh"),
	IOS_NOT_SUPPORTED("feed ip", "make it a section moh"),
	IOS_TAKE("conference", td_ios_take_dn_conference),
	IOS_NOT_SUPPORTED("translation-profile", "name it in the phone or the trunk"),
	IOS_NOT_SUPPORTED("translate", "use translationprofile"),
	IOS_TAKE("caller-id", td_ios_take_caller_id),
	IOS_NOT_SUPPORTED("hold-alert", "the phone itself reminds of a held call"),
	IOS_NOT_SUPPORTED("ring", "phones ring as they are set"),
	IOS_NOT_SUPPORTED("shared-line", "a dn on the buttons of several phones is shared"),
	IOS_NOT_NEEDED("mobility", "option snr of the dn is enough"),
	IOS_TAKE("snr", take_snr),
	IOS_NOT_SUPPORTED("night-service bell", "see the admin guide for night service"),
	IOS_NOT_SUPPORTED("transfer-recall", "see timeout_transfer_recall of section global"),
	IOS_NOT_SUPPORTED("transfer-mode", "see transfer_mode of section global"),
	IOS_NOT_NEEDED("loopback-dn", "translations do this"),
};
const struct ios_rules td_ios_ephone_dn = IOS_RULES(dn, NULL);
const struct ios_rules td_ios_register_dn = IOS_RULES(dn, NULL);

/* ---- phones ---- */

static void take_mac(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, NULL, NULL, "mac", arg[0]);
}

const char *td_ios_phone_type(const char *type)
{
	static const char *const words[][2] = {
		{ "7941GE", "7941G-GE" }, { "7961GE", "7961G-GE" }, { "ata", "ATA186" },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(type, words[i][0]))
			return words[i][1];
	return type;
}

/* "type 7965 addon 1 CP-7914" */
static void take_type(struct ios *in, const char *const *arg, size_t n)
{
	const char *addon = td_ios_after(arg, n, "addon");

	if (!n)
		return;
	td_ios_set(in, NULL, NULL, "type", td_ios_phone_type(arg[0]));
	if (addon)
		td_ios_not_supported(in, "taken: type %s; the expansion module is not", arg[0]);
}

static void take_id(struct ios *in, const char *const *arg, size_t n)
{
	if (n > 1 && td_ios_is(arg[0], "mac"))
		td_ios_set(in, NULL, NULL, "mac", arg[1]);
	else if (n > 1 && (td_ios_is(arg[0], "ip") ||
			   (n == 4 && td_ios_is(arg[0], "network") &&
			    !strcmp(arg[3], "255.255.255.255"))))
		td_ios_set(in, NULL, NULL, "address", arg[1]);
	else
		td_ios_not_supported(in, "phones are known by MAC, by address or by password");
}

/* "username alice password 0 secret" */
static void take_username(struct ios *in, const char *const *arg, size_t n)
{
	char secret[IOS_SECRET];
	const char *password = td_ios_password(secret, arg, n);

	if (n)
		td_ios_set(in, NULL, NULL, "username", arg[0]);
	if (password)
		td_ios_set(in, NULL, NULL, "password", password);
	else if (td_ios_after(arg, n, "password"))
		td_ios_not_supported(in, "the password cannot be read: write it in clear");
}

static void take_template(struct ios *in, const char *const *arg, size_t n)
{
	char name[64];

	if (!n)
		return;
	td_ios_name(name, sizeof(name), strcmp(in->type, "phone") || in->mode == IOS_EPHONE ?
		    "template" : "stemplate", arg[0]);
	td_ios_set(in, NULL, NULL, "template", name);
}

static void take_description(struct ios *in, const char *const *arg, size_t n)
{
	take_text(in, "name", arg, n);
}

const char *td_ios_codec_name(const char *word)
{
	static const char *const names[][2] = {
		{ "g711ulaw", "pcmu" }, { "g711alaw", "pcma" }, { "g722r64", "g722" },
		{ "g722-64k", "g722" }, { "g722", "g722" }, { "g729r8", "g729" },
		{ "g729br8", "g729" }, { "g729", "g729" }, { "ilbc", "ilbc" },
		{ "g726r32", "g726-32" }, { "gsmfr", "gsm" }, { "opus", "opus" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(word, names[i][0]))
			return names[i][1];
	return NULL;
}

static void take_codec(struct ios *in, const char *const *arg, size_t n)
{
	const char *codec = n ? td_ios_codec_name(arg[0]) : NULL;

	if (codec)
		td_ios_add(in, NULL, NULL, "codec", codec);
	else
		td_ios_not_supported(in, "codec %s is not known here", n ? arg[0] : "");
}

static void take_dtmf(struct ios *in, const char *const *arg, size_t n)
{
	static const char *const known[] = { "rtp-nte", "sip-notify", "sip-kpml", "sip-info" };
	size_t i;

	for (i = 0; n && i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(arg[0], known[i]) != 0)
			continue;
		td_ios_set(in, NULL, NULL, "dtmf_relay", !strcmp(known[i], "sip-info") ? "info" :
			   known[i]);
		return;
	}
	td_ios_not_supported(in, "keys go in the media (rtp-nte) or in SIP INFO");
}

static void take_transport(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, NULL, NULL, "transport", arg[0]);
}

static void take_bool(struct ios *in, const char *option)
{
	td_ios_set(in, NULL, NULL, option, in->line->negated ? "0" : "1");
}

static void take_mtp(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	take_bool(in, "mtp");
}

static void take_overlap(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	take_bool(in, "overlap_signal");
}

/* "privacy off"; "no privacy": as all phones */
static void take_privacy(struct ios *in, const char *const *arg, size_t n)
{
	if (in->line->negated)
		td_ios_not_needed(in, "as privacy of section global says");
	else
		td_ios_set(in, NULL, NULL, "privacy", n && td_ios_is(arg[0], "off") ? "0" : "1");
}

static void take_security(struct ios *in, const char *const *arg, size_t n)
{
	if (!n || td_ios_is(arg[0], "none"))
		td_ios_not_needed(in, "a phone without TLS");
	else
		td_ios_not_supported(in, "all phones or none: security_mode and certificate of "
				     "section sccp");
}

static void take_softkeys(struct ios *in, const char *const *arg, size_t n)
{
	char option[48], text[160];

	if (n < 2)
		return;
	/* SIP phones' templates spell it otherwise */
	td_ios_name(option, sizeof(option), "softkeys_",
		    td_ios_is(arg[0], "ringIn") ? "ringing" : arg[0]);
	td_ios_set(in, NULL, NULL, option, td_ios_rest(text, sizeof(text), arg + 1, n - 1));
}

static void take_phone_load(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, NULL, NULL, "load", arg[n - 1]);
}

static void take_exempt(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	td_ios_set(in, NULL, NULL, "after_hours_exempt", in->line->negated ? "0" : "1");
}

static void take_call_waiting(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	td_ios_set(in, NULL, NULL, "call_waiting", in->line->negated ? "0" : "1");
}

#define FOR_ALL_PHONES \
	IOS_TAKE("description", take_description), IOS_TAKE("codec", take_codec), \
	IOS_TAKE("speed-dial", td_ios_take_speed_dial), \
	IOS_NOT_SUPPORTED("fastdial", "personal speed dials of a menu are not there yet"), \
	IOS_TAKE("blf-speed-dial", td_ios_take_blf), IOS_TAKE("mtp", take_mtp), IOS_TAKE("cor", take_corlist), \
	IOS_TAKE("overlap-signal", take_overlap), IOS_TAKE("softkeys", take_softkeys), \
	IOS_TAKE("feature-button", td_ios_take_feature_button), IOS_TAKE("button-layout", td_ios_take_layout), \
	IOS_TAKE("username", take_username), IOS_TAKE("load", take_phone_load), \
	IOS_NOT_NEEDED("vad", "silence is a matter of the parties"), \
	IOS_NOT_NEEDED("no-reg", "there is no gatekeeper"), \
	IOS_NOT_SUPPORTED("park", "phones may all park"), \
	IOS_NOT_SUPPORTED("transfer", "phones may all transfer"), \
	IOS_NOT_SUPPORTED("conference", "phones may all confer"), \
	IOS_NOT_SUPPORTED("night-service bell", "see the admin guide for night service"), \
	IOS_TAKE("after-hours exempt", take_exempt), IOS_TAKE("after-hour exempt", take_exempt), \
	IOS_NOT_SUPPORTED("pin", "extension mobility is not there yet"), \
	IOS_NOT_SUPPORTED("logout-profile", "extension mobility is not there yet"), \
	IOS_NOT_SUPPORTED("emadmin", "extension mobility is not there yet"), \
	IOS_NOT_SUPPORTED("lpcor", "logical partitioning is done by corlists"), \
	IOS_TAKE("paging-dn", td_ios_take_paging_dn), \
	IOS_TAKE("vpn-group", td_ios_take_phone_vpn_group), \
	IOS_TAKE("vpn-profile", td_ios_take_phone_vpn_profile), \
	IOS_TAKE("privacy", take_privacy), \
	IOS_NOT_SUPPORTED("privacy-button", "which button? list button 'N:privacy' of the phone"), \
	IOS_NOT_SUPPORTED("busy-trigger-per-button", "see option channels of section dn"), \
	IOS_NOT_SUPPORTED("max-calls-per-button", "see option channels of section dn"), \
	IOS_NOT_SUPPORTED("keep-conference", "a conference goes on until two are left"), \
	IOS_NOT_SUPPORTED("user-locale", "see section locale"), \
	IOS_NOT_SUPPORTED("network-locale", "see section locale"), \
	IOS_NOT_SUPPORTED("service", "services of phones are named in section provision"), \
	IOS_NOT_SUPPORTED("provision-tag", "name the phone by its tag")

static const struct ios_rule ephone[] = {
	IOS_TAKE("mac-address", take_mac),
	IOS_TAKE("type", take_type),
	IOS_TAKE("button", td_ios_take_buttons),
	IOS_TAKE("ephone-template", take_template),
	IOS_TAKE("device-security-mode", take_security),
	FOR_ALL_PHONES,
	IOS_NOT_NEEDED("keepalive", "see keepalive of section sccp"),
	IOS_NOT_SUPPORTED("auto-line", "the first line is taken when the handset is lifted"),
	IOS_NOT_SUPPORTED("mwi-line", "the lamp follows every line"),
	IOS_NOT_SUPPORTED("capf-auth-str", "certificates come from files"),
	IOS_NOT_SUPPORTED("cert-oper", "certificates come from files"),
	IOS_NOT_SUPPORTED("dnd", "do not disturb is set on the phone"),
};
const struct ios_rules td_ios_ephone = IOS_RULES(ephone, NULL);

static const struct ios_rule pool[] = {
	IOS_TAKE("id", take_id),
	IOS_TAKE("type", take_type),
	IOS_TAKE("number", td_ios_take_pool_number),
	IOS_TAKE("template", take_template),
	IOS_TAKE("session-transport", take_transport),
	IOS_TAKE("dtmf-relay", take_dtmf),
	FOR_ALL_PHONES,
	IOS_NOT_NEEDED("presence", "see option allow_watch of section dn"),
	IOS_NOT_SUPPORTED("call-forward b2bua", "set it at the dn"),
	IOS_NOT_SUPPORTED("application", "call control has one application"),
	IOS_NOT_SUPPORTED("camera", "phones keep their own setting"),
	IOS_NOT_SUPPORTED("video", "phones keep their own setting"),
	IOS_NOT_SUPPORTED("dialplan", "phones may dial digit by digit"),
	IOS_NOT_SUPPORTED("proxy", "the secondary router stands in section cluster"),
	IOS_TAKE("call-waiting", take_call_waiting),
	IOS_NOT_SUPPORTED("dnd-control", "do not disturb is set on the phone"),
	IOS_NOT_SUPPORTED("translation-profile", "name it in the dial peer or the trunk"),
	IOS_NOT_SUPPORTED("voice-class codec", "list the codecs in the phone"),
};
const struct ios_rules td_ios_pool = IOS_RULES(pool, NULL);

static const struct ios_rule template[] = {
	FOR_ALL_PHONES,
	IOS_TAKE("type", take_type),
	IOS_TAKE("device-security-mode", take_security),
	IOS_TAKE("session-transport", take_transport),
	IOS_TAKE("dtmf-relay", take_dtmf),
	IOS_NOT_SUPPORTED("features blocked", "see the softkeys options"),
	IOS_NOT_SUPPORTED("dnd", "do not disturb is set on the phone"),
	IOS_NOT_SUPPORTED("voicemail", "forward to the mailbox with cfwd_noan of each dn"),
	IOS_NOT_SUPPORTED("anonymous block", "see the corlists"),
	IOS_NOT_SUPPORTED("caller-id block", "see caller_id_block of section dn"),
};
const struct ios_rules td_ios_template = IOS_RULES(template, NULL);

/* ---- hunt groups ---- */

static void take_pilot(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, NULL, NULL, "number", arg[0]);
}

/* "list 1001, 1002,1003" */
static void take_list(struct ios *in, const char *const *arg, size_t n)
{
	char member[40];
	size_t i;

	for (i = 0; i < n; i++) {
		const char *p = arg[i];

		while (*p) {
			size_t len = strcspn(p, ", ");

			if (len) {
				td_str_copy(member, sizeof(member), (struct td_str){ p, len });
				td_ios_add(in, NULL, NULL, "member", member);
			}
			p += len + (p[len] != '\0');
		}
	}
}

static void take_hunt_timeout(struct ios *in, const char *const *arg, size_t n)
{
	char seconds[16];

	/* "timeout 10, 10, 8": one for each member in CME, one for all here */
	if (!n)
		return;
	td_str_copy(seconds, sizeof(seconds), (struct td_str){ arg[0], strcspn(arg[0], ",") });
	td_ios_set(in, NULL, NULL, "timeout", seconds);
}

static void take_final(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, NULL, NULL, "final", arg[0]);
}

static const struct ios_rule hunt[] = {
	IOS_TAKE("pilot", take_pilot),
	IOS_TAKE("list", take_list),
	IOS_TAKE("timeout", take_hunt_timeout),
	IOS_TAKE("final", take_final),
	IOS_TAKE("name", take_name),
	IOS_TAKE("description", take_name),
	IOS_NOT_SUPPORTED("hops", "each member is called once"),
	IOS_NOT_SUPPORTED("preference", "a pilot number stands alone"),
	IOS_NOT_SUPPORTED("auto logout", "members do not leave by themselves"),
	IOS_NOT_SUPPORTED("max-redirect", "calls are forwarded as often as hops are left"),
	IOS_NOT_SUPPORTED("statistics", "see show cdr"),
	IOS_NOT_SUPPORTED("no-reg", "see no_register of section dn"),
	IOS_NOT_SUPPORTED("present-call", "the next member is called when the time is over"),
	IOS_NOT_SUPPORTED("secondary", "make it a hunt group of its own"),
};
const struct ios_rules td_ios_hunt = IOS_RULES(hunt, NULL);
