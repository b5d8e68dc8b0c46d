// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Why does this phone not come up? The steps of its way in order: an address, its file, the
 * registration, then what it misses and what its calls miss. What each room saw of it stands in the
 * journal (phones/journal.h); here it is joined with the lease files, the table of files, the bans
 * and the configuration. Each fault has a word for programs, a sentence, and what to do.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "userspace/app/commands_priv.h"
#include "userspace/phones/journal.h"
#include "userspace/prov/files.h"

#define MAX_FAULTS 12

struct fault {
	const char *word, *step;
	char why[224], remedy[224];
};

struct diagnosis {
	struct tandem *t;
	const struct cfg_phone *phone;
	const struct td_phone_log *log;
	const struct td_endpoint *ep;
	char name[TD_NAME_MAX];		/* of its file; empty: it has none */
	struct td_addr address;		/* where it is, as far as anybody knows; may be unset */
	bool leased, has_leases;
	struct fault faults[MAX_FAULTS];
	size_t n;
};

static struct fault *add(struct diagnosis *d, const char *step, const char *word)
{
	struct fault *f = &d->faults[d->n < MAX_FAULTS ? d->n : MAX_FAULTS - 1];

	if (d->n < MAX_FAULTS)
		d->n++;
	f->step = step;
	f->word = word;
	return f;
}

__attribute__((format(printf, 2, 3))) static void why(struct fault *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->why, sizeof(f->why), fmt, ap);
	va_end(ap);
}

__attribute__((format(printf, 2, 3))) static void remedy(struct fault *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->remedy, sizeof(f->remedy), fmt, ap);
	va_end(ap);
}

static uint64_t when(const struct diagnosis *d, enum td_seen what)
{
	return td_journal_last(d->log, what)->seq;
}

static const char *text_of(const struct diagnosis *d, enum td_seen what)
{
	return td_journal_last(d->log, what)->text;
}

/* One with a fixed address can be called without. */
static bool is_registered(const struct diagnosis *d)
{
	return (d->ep && d->ep->state == TD_EP_REGISTERED) ||
	       (d->phone->protocol == CFG_PROTO_SIP && td_addr_is_set(&d->phone->address));
}

/* ---- the steps ---- */

static void check_ban(struct diagnosis *d)
{
	char text[TD_ADDR_STRLEN], reason[64];
	struct fault *f;

	if (!d->t->nft || !td_addr_is_set(&d->address) ||
	    !td_nft_is_banned(d->t->nft, &d->address, reason, sizeof(reason)))
		return;
	f = add(d, "address", "banned");
	td_addr_ip(&d->address, text);
	why(f, "its address %s is banned: %s", text, reason);
	remedy(f, "tandem unban %s, when that is over", text);
}

/* Nobody with its MAC: is there somebody who calls himself otherwise? */
static void not_seen(struct diagnosis *d)
{
	const struct td_stranger *s = td_journal_stranger_at(d->t->journal, 0);
	char text[TD_ADDR_STRLEN], mac[13];
	struct fault *f;

	if (s) {
		f = add(d, "address", "wrong_mac");
		td_hex(mac, s->mac, sizeof(s->mac));
		why(f, "nobody with its MAC was seen, and %s calls itself SEP%s, which no phone has",
		    td_addr_ip(&s->host, text), mac);
		remedy(f, "if that is the phone: option mac '%s' in section phone '%s'", mac,
		       d->phone->id);
		return;
	}
	f = add(d, "address", "not_seen");
	why(f, "nobody with its MAC was seen%s", d->has_leases ? ", and it has no DHCP lease" : "");
	remedy(f, "look at its cable, power and VLAN, and that a DHCP server hears it");
}

static void not_asked(struct diagnosis *d)
{
	char text[TD_ADDR_STRLEN];
	struct fault *f = add(d, "file", "no_option_150");

	why(f, "it has the address %s, but has not asked here for a file",
	    td_addr_ip(&d->address, text));
	remedy(f, "the DHCP server must tell it this router by option 150 (option dhcp of section "
	       "provision writes that); then start the phone again");
}

static void file_refused(struct diagnosis *d)
{
	const struct td_seen_event *e = td_journal_last(d->log, TD_SEEN_FILE_FOREIGN);
	char text[TD_ADDR_STRLEN];
	struct fault *f = add(d, "file", "wrong_host");

	why(f, "%s asked for %s, and is not the host with that MAC", td_addr_ip(&e->host, text),
	    d->name);
	remedy(f, "behind a router: list lease_file of section provision, or option address of the "
	       "phone; else somebody else asked");
}

static void file_broken(struct diagnosis *d)
{
	const struct td_seen_event *e = td_journal_last(d->log, TD_SEEN_FILE_BROKEN);
	char text[TD_ADDR_STRLEN];
	struct fault *f = add(d, "file", "file_not_fetched");

	why(f, "it asked for %s from %s and never acknowledged it", e->text,
	    td_addr_ip(&e->host, text));
	remedy(f, "a firewall on the way must let UDP from this router's port 69 and above 1023 pass, "
	       "both ways");
}

static void file_other(struct diagnosis *d)
{
	struct fault *f = add(d, "file", "unknown_type");

	why(f, "it asks for %s, which phones of type %s do not have",
	    text_of(d, TD_SEEN_FILE_OTHER), d->phone->type[0] ? d->phone->type : "(none)");
	remedy(f, "option type of section phone '%s' must be what is printed on its back",
	       d->phone->id);
}

static void check_file(struct diagnosis *d)
{
	uint64_t got = when(d, TD_SEEN_FILE);
	size_t before = d->n;

	if (is_registered(d) && got)
		return;
	if (when(d, TD_SEEN_FILE_BROKEN) > got)
		file_broken(d);
	if (when(d, TD_SEEN_FILE_FOREIGN) > got)
		file_refused(d);
	if (when(d, TD_SEEN_FILE_OTHER) > got)
		file_other(d);
	if (d->n == before && !got && !is_registered(d) && !when(d, TD_SEEN_CHALLENGED) &&
	    !when(d, TD_SEEN_REFUSED) && !when(d, TD_SEEN_PASSWORD) && d->phone->has_mac)
		td_addr_is_set(&d->address) ? not_asked(d) : not_seen(d);
}

static const char *protocol_name(const struct diagnosis *d)
{
	return d->phone->protocol == CFG_PROTO_SCCP ? "SCCP" : "SIP";
}

/* Its file names no router that is this one. */
static bool check_where(struct diagnosis *d)
{
	char router[2][64];
	struct td_addr a;
	struct fault *f;
	size_t n = td_files_routers(d->t->files, d->phone->protocol, router);

	for (size_t i = 0; i < n; i++)
		if (td_addr_parse(&a, router[i]) || td_nl_is_local(d->t->nl, &a))
			return true;
	f = add(d, "registration", "wrong_address");
	why(f, "its file sends it to %s, which is no address of this router", router[0]);
	remedy(f, "source_address of section %s, or primary of section cluster, must be one",
	       d->phone->protocol == CFG_PROTO_SCCP ? "sccp" : "sip");
	return false;
}

/* It has its file, nothing came, and nothing that was seen says why. */
static void nothing_came(struct diagnosis *d)
{
	char router[2][64];
	struct fault *f = add(d, "registration", "no_registration");

	td_files_routers(d->t->files, d->phone->protocol, router);
	why(f, "it has its file, and no %s came from it since", protocol_name(d));
	remedy(f, "does it run %s firmware? A firewall on the way must let it pass to %s",
	       protocol_name(d), router[0]);
}

/* Something came, and was not good. */
static bool check_refused(struct diagnosis *d)
{
	uint64_t refused = when(d, TD_SEEN_REFUSED), password = when(d, TD_SEEN_PASSWORD);
	uint64_t challenged = when(d, TD_SEEN_CHALLENGED), since = when(d, TD_SEEN_REGISTERED);
	struct fault *f;

	if (refused > since && refused > password) {
		f = add(d, "registration", "registration_rejected");
		why(f, "its registration was refused: %s", text_of(d, TD_SEEN_REFUSED));
		remedy(f, "tandem show sccp attempts; the reason names what does not fit");
	} else if (password > since) {
		f = add(d, "registration", "digest_wrong");
		why(f, "it registers as '%s' with a wrong password", text_of(d, TD_SEEN_PASSWORD));
		remedy(f, "it must fetch its file again (restart it), or be given the password of "
		       "section phone '%s'", d->phone->id);
	} else if (challenged > since) {
		f = add(d, "registration", "no_password");
		why(f, "it was asked for its password and has not answered");
		remedy(f, "give it user and password of section phone '%s'", d->phone->id);
	} else {
		return false;
	}
	return true;
}

/* What was seen counts beside faults of earlier steps; that nothing was seen follows from them. */
static void check_registration(struct diagnosis *d)
{
	bool failed = d->n != 0, has_file = when(d, TD_SEEN_FILE) != 0;
	struct fault *f;

	if (is_registered(d))
		return;
	failed |= has_file && !check_where(d);
	failed |= check_refused(d);
	if (failed)
		return;
	if (has_file) {
		nothing_came(d);
	} else if (!d->phone->has_mac) {
		f = add(d, "registration", "not_seen");
		why(f, "it has not registered, and without its MAC nothing else is known of it");
		remedy(f, "option mac in section phone '%s'", d->phone->id);
	}
}

static int32_t offset_in(int month)
{
	time_t now = time(NULL);
	struct tm day = { 0 };

	gmtime_r(&now, &day);
	day = (struct tm){ .tm_year = day.tm_year, .tm_mon = month, .tm_mday = 1, .tm_isdst = -1 };
	now = timegm(&day);
	return localtime_r(&now, &day) ? (int32_t)(day.tm_gmtoff / 60) : 0;
}

void td_diagnose_clock(struct tandem *t)
{
	tzset();
	t->own_offset[0] = offset_in(0);
	t->own_offset[1] = offset_in(6);
}

/* Nobody can be asked what time it is in the office; but where this machine's own clock is set to
 * another zone than UTC, phones that never show the time that it shows are a mistake. */
static bool other_time(const struct tandem *t, const char *iana)
{
	const struct cfg_zone *zone = td_config_zone(iana);
	struct cfg_zone_rule rule;

	if (!zone || (!t->own_offset[0] && !t->own_offset[1]))
		return false;
	td_config_zone_rule(zone, &rule);
	for (int i = 0; i < 2; i++)
		if (t->own_offset[i] == rule.offset ||
		    t->own_offset[i] == rule.offset + rule.dst_offset)
			return false;
	return true;
}

static void check_parts(struct diagnosis *d)
{
	const struct td_config *cfg = d->t->config;
	const char *zone = d->phone->protocol == CFG_PROTO_SIP && cfg->sip.timezone[0] ?
			   cfg->sip.timezone : cfg->global.timezone;
	struct fault *f;

	if (when(d, TD_SEEN_LOAD_MISSING)) {
		f = add(d, "firmware", "missing_load");
		why(f, "it asks for the firmware %s, which is not there",
		    text_of(d, TD_SEEN_LOAD_MISSING));
		remedy(f, "put all its files into home_path and tandem create profile, or correct the "
		       "load");
	}
	if (when(d, TD_SEEN_LOCALE_MISSING)) {
		f = add(d, "language", "bad_locale");
		why(f, "it asks for %s of its language, which is not there",
		    text_of(d, TD_SEEN_LOCALE_MISSING));
		remedy(f, "put Cisco's locale files into folders of home_path and tandem create "
		       "profile, or use another section locale");
	}
	if (d->phone->has_mac && other_time(d->t, zone)) {
		f = add(d, "time", "wrong_zone");
		why(f, "it shows the time of %s, and this machine's is UTC%+d:%02d", zone,
		    d->t->own_offset[0] / 60, abs(d->t->own_offset[0]) % 60);
		remedy(f, "option timezone of section global (or sip)");
	}
}

static void check_calls(struct diagnosis *d)
{
	struct fault *f;

	if (when(d, TD_SEEN_NO_CODEC) <= when(d, TD_SEEN_CALL))
		return;
	f = add(d, "call", "codec_clash");
	why(f, "its last call, with %s, found no codec that both have",
	    text_of(d, TD_SEEN_NO_CODEC));
	remedy(f, "list codec of section phone '%s', or of the other side", d->phone->id);
}

/* ---- the answer ---- */

static void find_address(struct diagnosis *d)
{
	d->has_leases = td_identity_has_leases(d->t->identity);
	d->leased = d->phone->has_mac &&
		    !td_identity_lease(d->t->identity, d->phone->mac, &d->address);
	if (td_addr_is_set(td_journal_host(d->log)))
		d->address = *td_journal_host(d->log);
	if (td_addr_is_set(&d->phone->address))
		d->address = d->phone->address;
	d->address.port = 0;
}

static void show_step(struct td_json *j, const struct diagnosis *d, const char *step, bool is_done,
		      const char *detail)
{
	const char *state = is_done ? "ok" : "waiting";

	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->faults[i].step, step))
			state = "failed";
	td_json_object(j, NULL);
	td_json_str(j, "step", step);
	td_json_str(j, "state", state);
	td_json_str(j, "detail", detail && detail[0] ? detail : NULL);
	td_json_end_object(j);
}

static void show(const struct diagnosis *d, struct td_json *j, const char *key)
{
	const struct fault *first = d->n ? &d->faults[0] : NULL;
	char text[TD_ADDR_STRLEN] = "";
	bool up = is_registered(d);

	if (td_addr_is_set(&d->address))
		td_addr_ip(&d->address, text);
	td_json_object(j, key);
	td_json_str(j, "phone", d->phone->id);
	td_json_str(j, "verdict", first ? first->word : "no fault");
	td_json_str(j, "why", first ? first->why : NULL);
	td_json_str(j, "remedy", first ? first->remedy : NULL);
	td_json_array(j, "steps");
	show_step(j, d, "address", text[0] != '\0', text);
	show_step(j, d, "file", when(d, TD_SEEN_FILE) != 0, d->name);
	show_step(j, d, "registration", up, d->ep ? d->ep->transport : NULL);
	show_step(j, d, "firmware", up, d->ep ? d->ep->load : NULL);
	show_step(j, d, "language", up, NULL);
	show_step(j, d, "time", up, NULL);
	show_step(j, d, "call", when(d, TD_SEEN_CALL) != 0, NULL);
	td_json_end_array(j);
	td_json_array(j, "faults");
	for (size_t i = 0; i < d->n; i++) {
		td_json_object(j, NULL);
		td_json_str(j, "fault", d->faults[i].word);
		td_json_str(j, "step", d->faults[i].step);
		td_json_str(j, "why", d->faults[i].why);
		td_json_str(j, "remedy", d->faults[i].remedy);
		td_json_end_object(j);
	}
	td_json_end_array(j);
	td_journal_show(d->log, j, "seen");
	td_json_end_object(j);
}

int td_diagnose(struct tandem *t, const struct cfg_phone *phone, struct td_json *j, const char *key)
{
	struct diagnosis d = { .t = t, .phone = phone };

	d.log = td_journal_by_id(t->journal, phone->id);
	if (!d.log)
		return -ENOENT;
	d.ep = td_endpoint_find(t->core, phone->id);
	if (phone->has_mac)
		td_files_name_of(t->config, phone, d.name);
	find_address(&d);
	check_ban(&d);
	check_file(&d);
	check_registration(&d);
	check_parts(&d);
	check_calls(&d);
	show(&d, j, key);
	return 0;
}

int td_commands_diagnose(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const struct cfg_phone *phone = td_commands_phone(c->t->config, td_ctl_arg(req, 0));

	if (!phone)
		return td_commands_refuse_phone(req, c->t->config, td_ctl_arg(req, 0));
	if (td_diagnose(c->t, phone, td_ctl_data(req), "data"))
		return td_ctl_refuse(req, "nothing is known of '%s'", phone->id);
	return TD_CTL_OK;
}
