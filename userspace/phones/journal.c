// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happened to phones. See journal.h.
 */
#include "userspace/phones/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/base/clock.h"
#include "userspace/base/list.h"
#include "userspace/base/map.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define STRANGERS 16
#define LATEST	  24			/* events of all phones that are kept in order */

struct td_phone_log {
	struct td_map_node by_id, by_mac, by_host;
	char id[CFG_ID_LEN];
	uint8_t mac[6];
	bool has_mac, has_host, stays;
	struct td_addr host;
	struct td_seen_event last[TD_SEEN_KINDS];
};

struct latest {
	char id[CFG_ID_LEN];
	enum td_seen what;
	uint64_t unix_ms;
	struct td_addr host;
	char text[64];
};

struct td_journal {
	struct td_map by_id, by_mac, by_host;
	uint64_t seq;
	struct td_stranger strangers[STRANGERS];
	unsigned int n_strangers, next_stranger;
	struct latest latest[LATEST];	/* a ring */
	unsigned int n_latest, next_latest;
};

static const char *const words[TD_SEEN_KINDS] = {
	[TD_SEEN_FILE] = "file", [TD_SEEN_FILE_BROKEN] = "file-broken",
	[TD_SEEN_FILE_FOREIGN] = "file-refused", [TD_SEEN_FILE_OTHER] = "file-of-another-type",
	[TD_SEEN_SHARED] = "shared-file", [TD_SEEN_LOAD_MISSING] = "no-firmware",
	[TD_SEEN_LOCALE_MISSING] = "no-language", [TD_SEEN_CHALLENGED] = "challenged",
	[TD_SEEN_PASSWORD] = "wrong-password", [TD_SEEN_REFUSED] = "refused",
	[TD_SEEN_REGISTERED] = "registered", [TD_SEEN_GONE] = "gone",
	[TD_SEEN_NO_CODEC] = "no-codec", [TD_SEEN_CALL] = "call",
};

int td_journal_open(struct td_journal **out)
{
	struct td_journal *j = td_zalloc(sizeof(*j));

	if (!j)
		return -ENOMEM;
	td_map_init(&j->by_id);
	td_map_init(&j->by_mac);
	td_map_init(&j->by_host);
	*out = j;
	return 0;
}

/* ---- phones ---- */

static void leave_host(struct td_journal *j, struct td_phone_log *log)
{
	if (log->has_host)
		td_map_remove(&j->by_host, &log->by_host);
	log->has_host = false;
}

static void leave_mac(struct td_journal *j, struct td_phone_log *log)
{
	if (log->has_mac)
		td_map_remove(&j->by_mac, &log->by_mac);
	log->has_mac = false;
}

static void log_free(struct td_journal *j, struct td_phone_log *log)
{
	leave_host(j, log);
	leave_mac(j, log);
	td_map_remove(&j->by_id, &log->by_id);
	td_free(log);
}

void td_journal_close(struct td_journal *j)
{
	struct td_map_node *n, *next;

	if (!j)
		return;
	td_map_for_each_safe(n, next, &j->by_id)
		log_free(j, td_container_of(n, struct td_phone_log, by_id));
	td_map_fini(&j->by_id);
	td_map_fini(&j->by_mac);
	td_map_fini(&j->by_host);
	td_free(j);
}

static struct td_phone_log *log_for(struct td_journal *j, const char *id)
{
	struct td_phone_log *log = td_journal_by_id(j, id);

	if (log)
		return log;
	log = td_zalloc(sizeof(*log));
	if (!log)
		return NULL;
	td_strlcpy(log->id, id, sizeof(log->id));
	if (td_map_insert_str(&j->by_id, &log->by_id, log->id)) {
		td_free(log);
		return NULL;
	}
	return log;
}

/* A phone with another MAC is another device: what was seen of the old one says nothing. */
static int set_mac(struct td_journal *j, struct td_phone_log *log, const struct cfg_phone *phone)
{
	if (log->has_mac == (bool)phone->has_mac &&
	    (!log->has_mac || !memcmp(log->mac, phone->mac, sizeof(log->mac))))
		return 0;
	leave_mac(j, log);
	leave_host(j, log);
	memset(log->last, 0, sizeof(log->last));
	if (!phone->has_mac)
		return 0;
	memcpy(log->mac, phone->mac, sizeof(log->mac));
	if (td_map_insert(&j->by_mac, &log->by_mac, log->mac, sizeof(log->mac)))
		return -ENOMEM;
	log->has_mac = true;
	return 0;
}

int td_journal_configure(struct td_journal *j, const struct td_config *config)
{
	struct td_map_node *n, *next;
	int err = 0;

	td_map_for_each_safe(n, next, &j->by_id)
		td_container_of(n, struct td_phone_log, by_id)->stays = false;
	for (size_t i = 0; i < config->n_phones; i++) {
		struct td_phone_log *log = log_for(j, config->phones[i].id);

		if (log)
			log->stays = true;
		else
			err = -ENOMEM;
	}
	td_map_for_each_safe(n, next, &j->by_id) {
		struct td_phone_log *log = td_container_of(n, struct td_phone_log, by_id);

		if (!log->stays)
			log_free(j, log);
	}
	/* two phones may have changed their MACs: first all are given up, then taken */
	for (size_t i = 0; i < config->n_phones; i++) {
		struct td_phone_log *log = td_journal_by_id(j, config->phones[i].id);

		if (log && log->has_mac && memcmp(log->mac, config->phones[i].mac, sizeof(log->mac)))
			leave_mac(j, log);
	}
	for (size_t i = 0; i < config->n_phones; i++) {
		struct td_phone_log *log = td_journal_by_id(j, config->phones[i].id);

		if (log && set_mac(j, log, &config->phones[i]))
			err = -ENOMEM;
	}
	return err;
}

struct td_phone_log *td_journal_by_id(const struct td_journal *j, const char *id)
{
	struct td_map_node *n = td_map_find_str(&j->by_id, id);

	return n ? td_container_of(n, struct td_phone_log, by_id) : NULL;
}

struct td_phone_log *td_journal_by_mac(const struct td_journal *j, const uint8_t mac[6])
{
	struct td_map_node *n = td_map_find(&j->by_mac, mac, 6);

	return n ? td_container_of(n, struct td_phone_log, by_mac) : NULL;
}

struct td_phone_log *td_journal_by_host(const struct td_journal *j, const struct td_addr *host)
{
	struct td_map_node *n = td_map_find(&j->by_host, host->ip, sizeof(host->ip));

	return n ? td_container_of(n, struct td_phone_log, by_host) : NULL;
}

/* ---- events ---- */

/* The newest owner of an address has it. */
static void move_to(struct td_journal *j, struct td_phone_log *log, const struct td_addr *host)
{
	struct td_phone_log *other = td_journal_by_host(j, host);

	if (other == log)
		return;
	if (other)
		leave_host(j, other);
	leave_host(j, log);
	log->host = *host;
	log->host.port = 0;
	log->has_host = !td_map_insert(&j->by_host, &log->by_host, log->host.ip,
				       sizeof(log->host.ip));
}

/* A phone that says the same again and again, as with every keep-alive, does not push out others. */
static void note_latest(struct td_journal *j, const struct td_phone_log *log, enum td_seen what,
			const struct td_seen_event *e)
{
	struct latest *l = &j->latest[j->next_latest];

	if (e->count > 1)
		return;
	td_strlcpy(l->id, log->id, sizeof(l->id));
	l->what = what;
	l->unix_ms = e->unix_ms;
	l->host = e->host;
	td_strlcpy(l->text, e->text, sizeof(l->text));
	j->next_latest = (j->next_latest + 1) % LATEST;
	if (j->n_latest < LATEST)
		j->n_latest++;
}

void td_journal_note(struct td_journal *j, struct td_phone_log *log, enum td_seen what,
		     const struct td_addr *host, bool is_there, const char *text)
{
	struct td_seen_event *e;

	if (!log)
		return;
	e = &log->last[what];
	if (host && td_addr_is_set(host) && is_there)
		move_to(j, log, host);
	if (strncmp(e->text, text ? text : "", sizeof(e->text) - 1))
		e->count = 0;
	e->count++;
	e->seq = ++j->seq;
	e->unix_ms = td_clock_ms(CLOCK_REALTIME);
	if (host)
		e->host = *host;
	else
		memset(&e->host, 0, sizeof(e->host));
	td_strlcpy(e->text, text ? text : "", sizeof(e->text));
	note_latest(j, log, what, e);
}

void td_journal_clear(struct td_phone_log *log, enum td_seen what, const char *text)
{
	if (log && (!text || !strncmp(log->last[what].text, text, sizeof(log->last[what].text) - 1)))
		memset(&log->last[what], 0, sizeof(log->last[what]));
}

const struct td_seen_event *td_journal_last(const struct td_phone_log *log, enum td_seen what)
{
	return &log->last[what];
}

const char *td_journal_id(const struct td_phone_log *log)
{
	return log->id;
}

const struct td_addr *td_journal_host(const struct td_phone_log *log)
{
	static const struct td_addr none;

	return log->has_host ? &log->host : &none;
}

/* ---- strangers ---- */

void td_journal_stranger(struct td_journal *j, const uint8_t mac[6], const struct td_addr *host)
{
	struct td_stranger *s = NULL;

	for (unsigned int i = 0; i < j->n_strangers && !s; i++)
		if (!memcmp(j->strangers[i].mac, mac, 6))
			s = &j->strangers[i];
	if (!s) {
		s = &j->strangers[j->next_stranger];
		j->next_stranger = (j->next_stranger + 1) % STRANGERS;
		if (j->n_strangers < STRANGERS)
			j->n_strangers++;
	}
	s->unix_ms = td_clock_ms(CLOCK_REALTIME);
	memcpy(s->mac, mac, sizeof(s->mac));
	s->host = *host;
}

const struct td_stranger *td_journal_stranger_at(const struct td_journal *j, unsigned int i)
{
	if (i >= j->n_strangers)
		return NULL;
	return &j->strangers[(j->next_stranger + STRANGERS - 1 - i) % STRANGERS];
}

/* ---- show ---- */

static int by_seq(const void *a, const void *b)
{
	const struct td_seen_event *const *x = a, *const *y = b;

	return (*x)->seq < (*y)->seq ? -1 : (*x)->seq > (*y)->seq;
}

void td_journal_show(const struct td_phone_log *log, struct td_json *j, const char *key)
{
	const struct td_seen_event *sorted[TD_SEEN_KINDS];
	char text[TD_ADDR_STRLEN];
	size_t n = 0;

	for (size_t i = 0; i < TD_SEEN_KINDS; i++)
		if (log->last[i].seq)
			sorted[n++] = &log->last[i];
	qsort(sorted, n, sizeof(sorted[0]), by_seq);
	td_json_array(j, key);
	for (size_t i = 0; i < n; i++) {
		const struct td_seen_event *e = sorted[i];

		td_json_object(j, NULL);
		td_json_str(j, "what", words[e - log->last]);
		td_json_u64(j, "at_ms", e->unix_ms);
		td_json_u64(j, "count", e->count);
		td_json_str(j, "host", td_addr_is_set(&e->host) ? td_addr_ip(&e->host, text) : NULL);
		td_json_str(j, "text", e->text[0] ? e->text : NULL);
		td_json_end_object(j);
	}
	td_json_end_array(j);
}

void td_journal_show_latest(const struct td_journal *j, struct td_json *out, const char *key)
{
	char text[TD_ADDR_STRLEN];

	td_json_array(out, key);
	for (unsigned int i = 0; i < j->n_latest; i++) {
		const struct latest *l = &j->latest[(j->next_latest + LATEST - 1 - i) % LATEST];

		td_json_object(out, NULL);
		td_json_str(out, "phone", l->id);
		td_json_str(out, "what", words[l->what]);
		td_json_u64(out, "at_ms", l->unix_ms);
		td_json_str(out, "host", td_addr_is_set(&l->host) ? td_addr_ip(&l->host, text) : NULL);
		td_json_str(out, "text", l->text[0] ? l->text : NULL);
		td_json_end_object(out);
	}
	td_json_end_array(out);
}
