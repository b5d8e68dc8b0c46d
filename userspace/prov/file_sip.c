// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sipProfile of a SIP phone's file: proxies, timers, media, and its buttons. The proxy
 * USECALLMANAGER lets a Cisco phone register in bulk, probe the second router and take orders;
 * with an address it would be a plain SIP phone.
 */
#include "userspace/prov/files_priv.h"

#include <stdio.h>
#include <string.h>

#include "bpf/td_map.h"
#include "userspace/base/map.h"
#include "userspace/base/str.h"

#define LABEL_ON_TOP	 12		/* characters beside the clock */
#define CALLS_PER_LINE	 4
#define BUSY_TRIGGER	 2
#define MOST_KEEPALIVE	 7200		/* phones take no more */

/* As much as fits, and no half of a character at the end (UTF-8, which src is). */
static void cut(char *dst, const char *src, size_t size)
{
	size_t len = td_strlcpy(dst, src, size);

	if (len < size)
		return;
	for (len = size - 1; len && ((uint8_t)src[len] & 0xc0) == 0x80; len--)
		;
	dst[len] = '\0';
}

const char *td_make_label(const struct cfg_dn *dn)
{
	return dn->label[0] ? dn->label : dn->number;
}

uint32_t td_make_expires(const struct td_config *cfg, const struct cfg_phone *phone)
{
	static const uint8_t key[16] = "registration";
	const struct cfg_sip *sip = &cfg->sip;
	uint32_t spread = sip->register_expires / 10 + 1, expires = sip->register_expires;

	/* up to a tenth earlier, the same after each start */
	expires -= (uint32_t)(td_siphash(key, phone->mac, sizeof(phone->mac)) % spread);
	return expires < sip->register_expires_min ? sip->register_expires_min : expires;
}

const char *td_make_codec(const struct cfg_phone *phone)
{
	static const struct { const char *ours, *theirs; } names[] = {
		{ "pcmu", "g711ulaw" }, { "g711u", "g711ulaw" }, { "pcma", "g711alaw" },
		{ "g711a", "g711alaw" }, { "g729", "g729a" },
	};

	for (size_t i = 0; phone->n_codec && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(phone->codec[0], names[i].ours))
			return names[i].theirs;
	return "none";
}

static bool is_plain(const struct td_device *d)
{
	return d->type && !strcmp(d->type->name, "generic");
}

static void make_proxies(struct td_maker *m, struct td_xml *x, const struct td_device *d)
{
	bool plain = is_plain(d);
	char routers[2][64];
	size_t n = td_maker_routers(m, CFG_PROTO_SIP, routers);
	const char *cisco = "USECALLMANAGER";

	td_xml_open(x, "sipProxies");
	td_xml_text(x, "backupProxy", !plain ? cisco : n > 1 ? routers[1] : NULL);
	td_xml_u32(x, "backupProxyPort", m->cfg->sip.port);
	td_xml_text(x, "emergencyProxy", !plain ? cisco : NULL);
	td_xml_u32(x, "emergencyProxyPort", m->cfg->sip.port);
	td_xml_text(x, "outboundProxy", !plain ? cisco : NULL);
	td_xml_u32(x, "outboundProxyPort", m->cfg->sip.port);
	td_xml_bool(x, "registerWithProxy", true);
	td_xml_close(x);
}

static void make_features(struct td_xml *x)
{
	td_xml_open(x, "sipCallFeatures");
	td_xml_bool(x, "cnfJoinEnabled", true);
	td_xml_text(x, "callForwardURI", "x-cisco-serviceuri-cfwdall");
	td_xml_text(x, "callPickupURI", "x-cisco-serviceuri-pickup");
	td_xml_text(x, "callPickupListURI", "x-cisco-serviceuri-opickup");
	td_xml_text(x, "callPickupGroupURI", "x-cisco-serviceuri-gpickup");
	td_xml_text(x, "meetMeServiceURI", "x-cisco-serviceuri-meetme");
	td_xml_text(x, "abbreviatedDialURI", "x-cisco-serviceuri-abbrdial");
	td_xml_bool(x, "rfc2543Hold", false);
	td_xml_u32(x, "callHoldRingback", 2);
	td_xml_bool(x, "localCfwdEnable", true);
	td_xml_bool(x, "semiAttendedTransfer", true);
	td_xml_u32(x, "anonymousCallBlock", 2);
	td_xml_u32(x, "callerIdBlocking", 2);
	td_xml_u32(x, "dndControl", 0);
	td_xml_bool(x, "remoteCcEnable", true);
	td_xml_bool(x, "retainForwardInformation", false);
	td_xml_u32(x, "uriDialingDisplayPreference", 1);
	td_xml_close(x);
}

static void make_stack(struct td_maker *m, struct td_xml *x, const struct td_device *d)
{
	uint32_t keepalive = m->cfg->sip.keepalive;

	td_xml_open(x, "sipStack");
	td_xml_u32(x, "sipInviteRetx", 6);
	td_xml_u32(x, "sipRetx", 10);
	td_xml_u32(x, "timerInviteExpires", 180);
	td_xml_u32(x, "timerRegisterExpires", td_make_expires(m->cfg, d->phone));
	td_xml_u32(x, "timerRegisterDelta", 5);
	td_xml_u32(x, "timerKeepAliveExpires",
		   keepalive > MOST_KEEPALIVE ? MOST_KEEPALIVE : keepalive);
	td_xml_u32(x, "timerSubscribeExpires", 120);
	td_xml_u32(x, "timerSubscribeDelta", 5);
	td_xml_u32(x, "timerT1", 500);
	td_xml_u32(x, "timerT2", 4000);
	td_xml_u32(x, "maxRedirects", 70);
	td_xml_bool(x, "remotePartyID", true);
	td_xml_text(x, "userInfo", "None");
	td_xml_close(x);
}

static void make_media(struct td_maker *m, struct td_xml *x, const struct td_device *d)
{
	const struct td_config *cfg = m->cfg;

	td_xml_bool(x, "enableVad", false);
	td_xml_text(x, "preferredCodec", td_make_codec(d->phone));
	td_xml_u32(x, "dtmfAvtPayload", 101);
	td_xml_u32(x, "dtmfDbLevel", 3);
	td_xml_text(x, "dtmfOutofBand", "avt");
	td_xml_u32(x, "startMediaPort", 16384);
	td_xml_u32(x, "stopMediaPort", 32766);
	td_xml_u32(x, "dscpForAudio", cfg->global.dscp[TD_DSCP_MEDIA] << 2);
	td_xml_u32(x, "dscpVideo", cfg->global.dscp[TD_DSCP_VIDEO] << 2);
	td_xml_u32(x, "DscpCallControl", cfg->global.dscp[TD_DSCP_SIGNALING] << 2);
	td_xml_bool(x, "natEnabled", false);
	td_xml_bool(x, "natReceivedProcessing", false);
	td_xml_text(x, "natAddress", NULL);
}

static void make_dialling(struct td_maker *m, struct td_xml *x, const struct td_device *d)
{
	const struct cfg_phone *p = d->phone;
	char top[LABEL_ON_TOP + 1];
	const char *softkeys;

	cut(top, p->name[0] ? p->name : p->n_lines ? m->cfg->dns[p->lines[0].dn].number : p->id,
	    sizeof(top));
	td_xml_u32(x, "kpml", p->overlap_signal ? 1 : 0);
	td_xml_text(x, "dialTemplate", p->overlap_signal ? TD_FILE_KEYS : TD_FILE_DIAL);
	td_xml_u32(x, "offhookToFirstDigitTimer", 15000);
	td_xml_u32(x, "T302Timer", m->cfg->global.timeout_interdigit * 1000);
	td_xml_text(x, "phoneLabel", top);
	td_xml_bool(x, "alwaysUsePrimeLine", false);
	td_xml_bool(x, "alwaysUsePrimeLineVoiceMail", false);
	td_xml_u32(x, "autoAnswerTimer", 1);
	td_xml_bool(x, "autoAnswerAltBehavior", false);
	td_xml_bool(x, "autoAnswerOverride", true);
	td_xml_bool(x, "transferOnhookEnabled", false);
	td_xml_u32(x, "stutterMsgWaiting", 1);
	td_xml_bool(x, "callStats", true);
	td_xml_u32(x, "silentPeriodBetweenCallWaitingBursts", 10);
	td_xml_u32(x, "ringSettingBusyStationPolicy", 0);
	td_xml_bool(x, "disableLocalSpeedDialConfig", false);
	td_xml_u32(x, "voipControlPort", 5060);
	softkeys = td_make_softkeys(m, p);
	if (softkeys)
		td_xml_text(x, "softKeyFile", softkeys);
	if (m->has_policy && d->type && d->type->policy)
		td_xml_text(x, "featurePolicyFile", TD_FILE_POLICY);
}

/* ---- buttons ---- */

static void button_open(struct td_xml *x, uint32_t button, uint32_t feature, const char *label)
{
	td_xml_open(x, "line");
	td_xml_attr_u32(x, "button", button);
	td_xml_u32(x, "featureID", feature);
	td_xml_text(x, "featureLabel", label);
}

static void make_line(struct td_maker *m, struct td_xml *x, const struct td_device *d, size_t i)
{
	const struct cfg_phone *p = d->phone;
	const struct cfg_line *line = &p->lines[i];
	const struct cfg_dn *dn = &m->cfg->dns[line->dn];
	uint32_t most = d->type ? d->type->max_calls : CALLS_PER_LINE;
	char routers[2][64], label[CFG_LABEL_LEN];

	td_maker_routers(m, CFG_PROTO_SIP, routers);
	cut(label, td_make_label(dn), sizeof(label));
	td_xml_open(x, "line");
	td_xml_attr_u32(x, "button", line->button);
	td_xml_attr_u32(x, "lineIndex", (uint32_t)i + 1);
	td_xml_u32(x, "featureID", 9);
	td_xml_text(x, "featureLabel", label);
	td_xml_text(x, "proxy", is_plain(d) ? routers[0] : "USECALLMANAGER");
	td_xml_u32(x, "port", m->cfg->sip.port);
	td_xml_text(x, "name", dn->number);
	td_xml_text(x, "displayName", dn->name[0] ? dn->name : p->name);
	td_xml_open(x, "autoAnswer");
	td_xml_u32(x, "autoAnswerEnabled", 2);
	td_xml_close(x);
	td_xml_u32(x, "callWaiting", 3);
	/* the other lines prove themselves by the first one's name and password */
	if (!i) {
		td_xml_text(x, "authName", p->username);
		td_xml_text(x, "authPassword", p->password);
	}
	td_xml_text(x, "contact", dn->number);
	td_xml_bool(x, "sharedLine", m->n_phones_of_dn[line->dn] > 1);
	td_xml_u32(x, "messageWaitingLampPolicy", 3);
	td_xml_u32(x, "messageWaitingAMWI", 0);
	td_xml_text(x, "messagesNumber", NULL);
	td_xml_u32(x, "ringSettingIdle", 4);
	td_xml_u32(x, "ringSettingActive", 5);
	td_xml_open(x, "forwardCallInfoDisplay");
	td_xml_bool(x, "callerName", true);
	td_xml_bool(x, "callerNumber", true);
	td_xml_bool(x, "redirectedNumber", true);
	td_xml_bool(x, "dialedNumber", true);
	td_xml_close(x);
	td_xml_u32(x, "maxNumCalls", most < CALLS_PER_LINE ? most : CALLS_PER_LINE);
	td_xml_u32(x, "busyTrigger", BUSY_TRIGGER);
	td_xml_text(x, "recordingOption", "disable");
	td_xml_close(x);
}

static void make_button(struct td_xml *x, const struct cfg_button *b)
{
	button_open(x, b->button, b->feature, b->label[0] ? b->label : b->target);
	if (b->target[0])
		td_xml_text(x, "speedDialNumber", b->target);
	if (b->feature == 21)		/* pressed while it rings there: take the call */
		td_xml_u32(x, "featureOptionMask", 1);
	td_xml_close(x);
}

static void make_lines(struct td_maker *m, struct td_xml *x, const struct td_device *d)
{
	td_xml_open(x, "sipLines");
	for (size_t i = 0; i < d->phone->n_lines; i++)
		make_line(m, x, d, i);
	for (size_t i = 0; i < d->phone->n_buttons; i++)
		make_button(x, &d->phone->buttons[i]);
	td_xml_close(x);
}

void td_make_sip_profile(struct td_maker *m, struct td_xml *x, const struct td_device *d)
{
	td_xml_open(x, "sipProfile");
	make_proxies(m, x, d);
	make_features(x);
	make_stack(m, x, d);
	make_media(m, x, d);
	make_dialling(m, x, d);
	make_lines(m, x, d);
	td_xml_close(x);
}
