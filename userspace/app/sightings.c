// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each room tells of phones, brought to the journal: requests for files by the name's MAC or
 * by the host's, registrations by the phone's id, calls by their records.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/core/cdr.h"
#include "userspace/phones/journal.h"
#include "userspace/prov/fetch.h"
#include "userspace/prov/files.h"

/* ---- files ---- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "SEP001122334455.cnf.xml", "SIP001122334455.cnf", "ata001122334455" ...: whose is it? Not of
 * certificates and signed files, which phones ask for and can do without. */
static bool mac_of(const char *name, uint8_t mac[6])
{
	static const char *const prefixes[] = { "SEP", "SIP", "ata", "ATA", "gk", "ld", NULL };
	static const char *const endings[] = { "", ".cnf", ".cnf.xml", ".txt", NULL };
	size_t i, len = 0;

	for (i = 0; prefixes[i] && !len; i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			len = strlen(prefixes[i]);
	if (!len)
		return false;
	name += len;
	for (i = 0; i < 12; i++) {
		int v = digit(name[i]);

		if (v < 0)
			return false;
		mac[i / 2] = (uint8_t)(i & 1 ? mac[i / 2] | v : v << 4);
	}
	for (i = 0; endings[i]; i++)
		if (!strcmp(name + 12, endings[i]))
			return true;
	return false;
}

static struct td_phone_log *at_host(struct tandem *t, const struct td_addr *host)
{
	struct td_phone_log *log = td_journal_by_host(t->journal, host);
	uint8_t mac[6];

	if (!log && !td_identity_mac(t->identity, host, mac))
		log = td_journal_by_mac(t->journal, mac);
	return log;
}

static bool is_firmware(struct tandem *t, const struct td_phone_log *log, const char *name)
{
	static const char *const endings[] = { ".loads", ".sbn", ".sebn", ".sb2", ".sbin", ".bin",
					       ".zup", NULL };
	const struct cfg_phone *phone = td_config_phone(t->config, td_journal_id(log));
	const char *dot = strrchr(name, '.');
	char load[CFG_TEXT_LEN] = "";

	if (phone)
		td_files_load(t->config, phone, load);
	if (load[0] && !strncmp(name, load, strlen(load)))
		return true;
	for (size_t i = 0; dot && endings[i]; i++)
		if (!strcmp(dot, endings[i]))
			return true;
	return false;
}

static void note_missing(struct tandem *t, const struct td_fetch *f)
{
	struct td_phone_log *log;
	uint8_t mac[6];

	if (mac_of(f->name, mac)) {
		log = td_journal_by_mac(t->journal, mac);
		if (log)
			td_journal_note(t->journal, log, TD_SEEN_FILE_OTHER, &f->host, false, f->name);
		else
			td_journal_stranger(t->journal, mac, &f->host);
		return;
	}
	log = at_host(t, &f->host);
	if (!log)
		return;
	if (strchr(f->name, '/'))
		td_journal_note(t->journal, log, TD_SEEN_LOCALE_MISSING, &f->host, true, f->name);
	else if (is_firmware(t, log, f->name))
		td_journal_note(t->journal, log, TD_SEEN_LOAD_MISSING, &f->host, true, f->name);
}

/* A shared file under a phone's own name may be had by anybody: then the host must be it. */
static struct td_phone_log *own_file(struct tandem *t, const struct td_fetch *f)
{
	uint8_t mac[6], at[6];

	if (f->phone[0])
		return td_journal_by_id(t->journal, f->phone);
	if (!mac_of(f->name, mac) || td_identity_mac(t->identity, &f->host, at) ||
	    memcmp(mac, at, sizeof(mac)))
		return NULL;
	return td_journal_by_mac(t->journal, mac);
}

static void note_sent(struct tandem *t, const struct td_fetch *f)
{
	struct td_phone_log *log = own_file(t, f);

	if (log) {
		td_journal_note(t->journal, log, TD_SEEN_FILE, &f->host, true, f->name);
		return;
	}
	log = at_host(t, &f->host);
	td_journal_note(t->journal, log, TD_SEEN_SHARED, &f->host, true, f->name);
	td_journal_clear(log, TD_SEEN_LOAD_MISSING, f->name);
	td_journal_clear(log, TD_SEEN_LOCALE_MISSING, f->name);
}

void td_sightings_fetch(struct tandem *t, const struct td_fetch *f)
{
	switch ((enum td_fetch_end)f->end) {
	case TD_FETCH_SENT:
		note_sent(t, f);
		break;
	case TD_FETCH_BROKEN:
		td_journal_note(t->journal, own_file(t, f), TD_SEEN_FILE_BROKEN, &f->host, true,
				f->name);
		break;
	case TD_FETCH_MISSING:
		note_missing(t, f);
		break;
	case TD_FETCH_FOREIGN:
		td_journal_note(t->journal, td_journal_by_id(t->journal, f->phone),
				TD_SEEN_FILE_FOREIGN, &f->host, false, f->name);
		break;
	case TD_FETCH_GUESSES:
		break;
	}
}

/* ---- registrations ---- */

void td_sightings_challenged(void *arg, const struct td_addr *host, const char *phone)
{
	struct tandem *t = arg;

	td_journal_note(t->journal, td_journal_by_id(t->journal, phone), TD_SEEN_CHALLENGED, host,
			false, NULL);
}

void td_sightings_wrong(void *arg, const struct td_addr *host, const char *phone, const char *user)
{
	struct tandem *t = arg;
	struct td_phone_log *log = phone ? td_journal_by_id(t->journal, phone) : at_host(t, host);

	td_journal_note(t->journal, log, TD_SEEN_PASSWORD, host, false, user);
}

void td_sightings_refused(void *arg, const struct td_addr *host, const char *device,
			  const char *reason)
{
	struct tandem *t = arg;
	struct td_phone_log *log;
	uint8_t mac[6];

	if (!mac_of(device, mac))
		return;
	log = td_journal_by_mac(t->journal, mac);
	if (log)
		td_journal_note(t->journal, log, TD_SEEN_REFUSED, host, false, reason);
	else
		td_journal_stranger(t->journal, mac, host);
}

static void on_state(void *arg, const struct td_endpoint *ep, const struct td_addr *address)
{
	struct tandem *t = arg;
	struct td_phone_log *log = td_journal_by_id(t->journal, ep->id);

	if (ep->state == TD_EP_REGISTERED)
		td_journal_note(t->journal, log, TD_SEEN_REGISTERED, address, true, ep->transport);
	else if (ep->state == TD_EP_UNREGISTERED)
		td_journal_note(t->journal, log, TD_SEEN_GONE, NULL, false, NULL);
}

/* ---- calls ---- */

void td_sightings_call(struct tandem *t, const struct td_cdr *cdr)
{
	for (int i = 0; i < 2; i++) {
		struct td_phone_log *log = td_journal_by_id(t->journal, cdr->sides[i].endpoint);
		const char *other = i ? cdr->from.number : cdr->to.number;

		if (!log)
			continue;
		if (cdr->cause == TD_CAUSE_NO_MEDIA_MATCH)
			td_journal_note(t->journal, log, TD_SEEN_NO_CODEC, NULL, false, other);
		else if (cdr->answered_ms)
			td_journal_note(t->journal, log, TD_SEEN_CALL, NULL, false, other);
	}
}

/* ---- start and stop ---- */

void td_sightings_configure(struct tandem *t)
{
	if (td_journal_configure(t->journal, t->config))
		td_log_err(TD_LOG_APP, "memory is short: diagnose does not know all phones");
}

int td_sightings_start(struct tandem *t)
{
	int err = td_journal_open(&t->journal);

	if (err)
		return err;
	td_sightings_configure(t);
	td_core_watch_phones(t->core, on_state, t);
	return 0;
}

void td_sightings_stop(struct tandem *t)
{
	td_journal_close(t->journal);
	t->journal = NULL;
}
