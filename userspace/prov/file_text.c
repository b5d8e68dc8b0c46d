// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of 7940 and 7960 with SIP firmware: lines of "key: value", SIPDefault.cnf for all and
 * SIP<MAC>.cnf for each. Such phones read about 8 KB.
 */
#include "userspace/prov/files_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bpf/td_map.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define TEXT_LEN 8192
#define TEXT_LINES 6			/* that the firmware can have */

/* ---- writing ---- */

struct text {
	char *p;
	size_t len;
};

static void text_begin(struct text *t)
{
	*t = (struct text){ .p = td_zalloc(TEXT_LEN) };
}

static void line(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void line(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!t->p)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->p + t->len, TEXT_LEN - t->len, fmt, ap);
	va_end(ap);
	t->len += n > 0 && (size_t)n < TEXT_LEN - t->len ? (size_t)n : 0;
}

/* Quoted: blanks, and the ; that begins a comment, may stand in it. A quote cannot. */
static void pair(struct text *t, const char *key, const char *value)
{
	char safe[CFG_SECRET_LEN];

	td_strlcpy(safe, value, sizeof(safe));
	for (char *p = safe; *p; p++)
		if (*p == '"')
			*p = '\'';
	line(t, "%s: \"%s\"\n", key, safe);
}

static void pair_n(struct text *t, const char *prefix, size_t n, const char *key,
		   const char *value)
{
	char name[48];

	snprintf(name, sizeof(name), "%s%zu_%s", prefix, n, key);
	pair(t, name, value);
}

static void number(struct text *t, const char *key, uint32_t value)
{
	line(t, "%s: %u\n", key, value);
}

static void text_end(struct td_maker *m, struct text *t, const char *name,
		     const struct cfg_phone *phone)
{
	td_maker_add(m, name, t->p, t->len, phone, "text/plain");
}

/* ---- the clock ---- */

static void make_change(struct text *t, const char *which, const struct cfg_change *c)
{
	line(t, "dst_%s_month: %u\n", which, c->month);
	line(t, "dst_%s_day: %u\n", which, c->day);
	line(t, "dst_%s_day_of_week: %u\n", which, c->day ? 0 : c->weekday + 1);
	line(t, "dst_%s_week_of_month: %u\n", which, c->day ? 0 : c->week);
	line(t, "dst_%s_time: %02u/%02u\n", which, c->minute / 60, c->minute % 60);
}

/* The firmware's names are abbreviations, as the zone's own rule begins with: CET, PST. Where
 * a zone has none, the firmware has none either. */
static void make_zone(struct text *t, const struct cfg_zone *zone)
{
	size_t len = zone ? strspn(zone->posix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;

	if (len)
		line(t, "time_zone: \"%.*s\"\n", (int)len, zone->posix);
}

static void make_time(struct td_maker *m, struct text *t)
{
	static const char *const global[] = {
		[CFG_DATE_MDY] = "M/D/Y", [CFG_DATE_DMY] = "D/M/Y", [CFG_DATE_YMD] = "Y/M/D",
		[CFG_DATE_YDM] = "Y/D/M",
	};
	static const char *const own[] = {
		[CFG_SIPDATE_DMY] = "D/M/Y", [CFG_SIPDATE_MDY] = "M/D/Y",
		[CFG_SIPDATE_YDM_DASH] = "Y-D-M", [CFG_SIPDATE_YDM] = "Y/D/M",
		[CFG_SIPDATE_YMD] = "Y/M/D", [CFG_SIPDATE_YYMD_DASH] = "YY-M-D",
	};
	static const char *const modes[] = {
		[CFG_NTP_UNICAST] = "unicast", [CFG_NTP_DIRECTEDBROADCAST] = "directedbroadcast",
		[CFG_NTP_MULTICAST] = "multicast", [CFG_NTP_ANYCAST] = "anycast",
	};
	const struct td_config *cfg = m->cfg;
	struct cfg_zone_rule rule = { 0 };
	bool summer;

	pair(t, "date_format", cfg->sip.date_format == CFG_SIPDATE_GLOBAL ?
	     global[cfg->global.date_format] : own[cfg->sip.date_format]);
	number(t, "time_format_24hr", cfg->sip.time_format == CFG_SIPCLOCK_GLOBAL ?
	       cfg->global.time_format == CFG_CLOCK_24 : cfg->sip.time_format == CFG_SIPCLOCK_24);
	make_zone(t, m->sip_zone);
	if (m->sip_zone)
		td_config_zone_rule(m->sip_zone, &rule);
	if (cfg->dst.given) {
		rule.start = cfg->dst.start;
		rule.stop = cfg->dst.stop;
		rule.dst_offset = 60;
	}
	summer = cfg->sip.dst_auto && rule.dst_offset;
	number(t, "dst_auto_adjust", summer);
	if (summer) {
		line(t, "dst_offset: %02d/%02d\n", rule.dst_offset / 60, rule.dst_offset % 60);
		make_change(t, "start", &rule.start);
		make_change(t, "stop", &rule.stop);
	}
	if (cfg->sip.ntp_server[0]) {
		pair(t, "sntp_server", cfg->sip.ntp_server);
		pair(t, "sntp_mode", modes[cfg->sip.ntp_mode]);
	}
}

/* ---- files ---- */

/* Firmware of all of them: the file OS79XX.TXT knows only one. */
static void image(const struct td_config *cfg, char dst[CFG_TEXT_LEN])
{
	dst[0] = '\0';
	for (size_t i = 0; i < cfg->n_phonetypes && !dst[0]; i++)
		if (cfg->phonetypes[i].sip_text)
			td_maker_load(cfg, NULL, &cfg->phonetypes[i], CFG_PROTO_SIP, dst);
}

static bool has_text_phones(const struct td_config *cfg)
{
	for (size_t i = 0; i < cfg->n_phones; i++)
		if (td_maker_is_text(cfg, &cfg->phones[i]))
			return true;
	return false;
}

static void make_sip_default(struct td_maker *m, const char *load)
{
	const struct td_config *cfg = m->cfg;
	char routers[2][64], directory[CFG_URL_LEN];
	size_t n = td_maker_routers(m, CFG_PROTO_SIP, routers);
	struct text t;

	text_begin(&t);
	if (*load)
		pair(&t, "image_version", load);
	pair(&t, "proxy1_address", routers[0]);
	number(&t, "proxy1_port", cfg->sip.port);
	if (n > 1) {
		pair(&t, "proxy_backup", routers[1]);
		number(&t, "proxy_backup_port", cfg->sip.port);
	}
	number(&t, "proxy_register", 1);
	number(&t, "timer_register_expires", cfg->sip.register_expires);
	pair(&t, "dtmf_outofband", "avt");
	number(&t, "dtmf_avt_payload", 101);
	make_time(m, &t);
	if (cfg->provision.url_services[0])
		pair(&t, "services_url", cfg->provision.url_services);
	td_maker_directory_url(m, directory);
	if (directory[0])
		pair(&t, "directory_url", directory);
	number(&t, "dscpForAudio", cfg->global.dscp[TD_DSCP_MEDIA] << 2);
	number(&t, "telnet_level", 0);
	text_end(m, &t, "SIPDefault.cnf", NULL);
}

void td_make_text_defaults(struct td_maker *m)
{
	char load[CFG_TEXT_LEN];
	struct text t;

	if (!has_text_phones(m->cfg))
		return;
	image(m->cfg, load);
	make_sip_default(m, load);
	if (!load[0])
		return;
	text_begin(&t);
	line(&t, "%s\n", load);
	text_end(m, &t, "OS79XX.TXT", NULL);
}

void td_make_text_phone(struct td_maker *m, const struct cfg_phone *phone)
{
	const struct td_config *cfg = m->cfg;
	char name[TD_NAME_MAX], load[CFG_TEXT_LEN];
	struct text t;

	text_begin(&t);
	td_maker_load(cfg, phone, td_config_phonetype(cfg, phone->type), CFG_PROTO_SIP, load);
	if (load[0])
		pair(&t, "image_version", load);
	for (size_t i = 0; i < phone->n_lines; i++) {
		const struct cfg_dn *dn = &cfg->dns[phone->lines[i].dn];
		size_t n = phone->lines[i].button;

		if (n > TEXT_LINES)
			continue;
		pair_n(&t, "line", n, "name", dn->number);
		pair_n(&t, "line", n, "shortname", td_make_label(dn));
		pair_n(&t, "line", n, "displayname", dn->name[0] ? dn->name : phone->name);
		pair_n(&t, "line", n, "authname", phone->username);
		pair_n(&t, "line", n, "password", phone->password);
	}
	number(&t, "timer_register_expires", td_make_expires(cfg, phone));
	if (strcmp(td_make_codec(phone), "none"))
		pair(&t, "preferred_codec", td_make_codec(phone));
	pair(&t, "phone_label", phone->name);
	td_maker_file_name(cfg, phone, name);
	text_end(m, &t, name, phone);
}
