/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "userspace/app/call_records.h"

#include <errno.h>
#include <string.h>

#include "userspace/app/app_priv.h"
#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"
#include "userspace/base/list.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/core/cdr.h"
#include "userspace/store/store.h"

#define RECENT	  200			/* kept in memory, for show */
#define SHOWN	  20
#define DAY_MS	  86400000ull
#define KEYS_A_MS 1000			/* keys per millisecond */

struct record {
	struct td_list node;
	struct td_cdr cdr;
};

struct td_call_records {
	struct tandem *t;
	int table;
	int64_t last_key;
	uint64_t swept_ms;		/* when old rows were deleted last */
	struct td_list recent;		/* latest first */
	size_t n_recent;
};

/* ---- a record as a row: of the call, then of each side ---- */

enum {
	KEY, CALL, CALLER, CALLER_NAME, CALLED, STARTED, ANSWERED, ENDED, CAUSE, RELEASED_BY,
	N_CALL
};
enum {
	LEG, ENDPOINT, PROTOCOL, PARTY, CODEC, REMOTE, PATH, RX, TX, LOST, JITTER_US, RTT_US,
	MOS_CENTI, N_SIDE
};

#define SIDE(p) \
	{ p "leg", TD_STORE_INT }, { p "endpoint", TD_STORE_TEXT }, \
	{ p "protocol", TD_STORE_TEXT }, { p "party", TD_STORE_TEXT }, \
	{ p "codec", TD_STORE_TEXT }, { p "remote_media", TD_STORE_TEXT }, \
	{ p "path", TD_STORE_INT }, { p "rx_packets", TD_STORE_INT }, \
	{ p "tx_packets", TD_STORE_INT }, { p "lost", TD_STORE_INT }, \
	{ p "jitter_us", TD_STORE_INT }, { p "rtt_us", TD_STORE_INT }, \
	{ p "mos_centi", TD_STORE_INT }

static const struct td_store_column columns[] = {
	{ "id", TD_STORE_INT }, { "call", TD_STORE_INT }, { "caller", TD_STORE_TEXT },
	{ "caller_name", TD_STORE_TEXT }, { "called", TD_STORE_TEXT },
	{ "started_ms", TD_STORE_INT }, { "answered_ms", TD_STORE_INT },
	{ "ended_ms", TD_STORE_INT }, { "cause", TD_STORE_INT },
	{ "released_by", TD_STORE_TEXT }, SIDE("a_"), SIDE("b_"),
};

static const struct td_store_table table = { "cdr", columns, N_CALL + 2 * N_SIDE };

_Static_assert(sizeof(columns) / sizeof(columns[0]) == N_CALL + 2 * N_SIDE, "a column is missing");

static void side_to_row(const struct td_cdr_side *s, struct td_store_value *v,
			char text[TD_ADDR_STRLEN])
{
	v[LEG].num = s->leg_id;
	v[ENDPOINT].text = s->endpoint;
	v[PROTOCOL].text = s->protocol;
	v[PARTY].text = s->party;
	v[CODEC].text = s->codec;
	if (td_addr_is_set(&s->remote_media))
		v[REMOTE].text = td_addr_str(&s->remote_media, text);
	v[PATH].num = s->stats.path;
	v[RX].num = (int64_t)s->stats.rx_packets;
	v[TX].num = (int64_t)s->stats.tx_packets;
	v[LOST].num = (int64_t)s->stats.lost;
	v[JITTER_US].num = (int64_t)(s->stats.jitter_ms * 1000);
	v[RTT_US].num = s->stats.rtt_ms > 0 ? (int64_t)(s->stats.rtt_ms * 1000) : 0;
	v[MOS_CENTI].num = (int64_t)(s->stats.mos * 100 + 0.5);
}

static void side_from_row(const struct td_store_value *v, struct td_cdr_side *s)
{
	s->leg_id = (uint32_t)v[LEG].num;
	td_strlcpy(s->endpoint, v[ENDPOINT].text, sizeof(s->endpoint));
	td_strlcpy(s->protocol, v[PROTOCOL].text, sizeof(s->protocol));
	td_strlcpy(s->party, v[PARTY].text, sizeof(s->party));
	td_strlcpy(s->codec, v[CODEC].text, sizeof(s->codec));
	if (td_addr_parse(&s->remote_media, v[REMOTE].text))
		memset(&s->remote_media, 0, sizeof(s->remote_media));
	s->stats.path = (enum td_media_path)v[PATH].num;
	s->stats.rx_packets = (uint64_t)v[RX].num;
	s->stats.tx_packets = (uint64_t)v[TX].num;
	s->stats.lost = (uint64_t)v[LOST].num;
	s->stats.jitter_ms = (double)v[JITTER_US].num / 1000;
	s->stats.rtt_ms = (double)v[RTT_US].num / 1000;
	s->stats.mos = (double)v[MOS_CENTI].num / 100;
}

static int64_t put_row(struct td_call_records *r, const struct td_cdr *cdr)
{
	struct td_store_value v[N_CALL + 2 * N_SIDE] = { 0 };
	char text[2][TD_ADDR_STRLEN];
	int64_t key = (int64_t)(cdr->ended_ms * KEYS_A_MS);

	if (key <= r->last_key)
		key = r->last_key + 1;
	r->last_key = key;
	v[KEY].num = key;
	v[CALL].num = cdr->call_id;
	v[CALLER].text = cdr->from.number;
	v[CALLER_NAME].text = cdr->from.name;
	v[CALLED].text = cdr->to.number;
	v[STARTED].num = (int64_t)cdr->started_ms;
	v[ANSWERED].num = (int64_t)cdr->answered_ms;
	v[ENDED].num = (int64_t)cdr->ended_ms;
	v[CAUSE].num = cdr->cause;
	v[RELEASED_BY].text = cdr->released_by;
	side_to_row(&cdr->sides[0], &v[N_CALL], text[0]);
	side_to_row(&cdr->sides[1], &v[N_CALL + N_SIDE], text[1]);
	return td_store_put(r->t->store, r->table, v);
}

static const char *known_word(const char *released_by)
{
	static const char *const words[] = { "caller", "called" };
	size_t i;

	for (i = 0; i < 2; i++)
		if (!strcmp(words[i], released_by))
			return words[i];
	return "router";
}

static void from_row(const struct td_store_value *v, struct td_cdr *cdr)
{
	cdr->call_id = (uint32_t)v[CALL].num;
	td_strlcpy(cdr->from.number, v[CALLER].text, sizeof(cdr->from.number));
	td_strlcpy(cdr->from.name, v[CALLER_NAME].text, sizeof(cdr->from.name));
	td_strlcpy(cdr->to.number, v[CALLED].text, sizeof(cdr->to.number));
	cdr->started_ms = (uint64_t)v[STARTED].num;
	cdr->answered_ms = (uint64_t)v[ANSWERED].num;
	cdr->ended_ms = (uint64_t)v[ENDED].num;
	cdr->cause = (enum td_cause)v[CAUSE].num;
	cdr->released_by = known_word(v[RELEASED_BY].text);
	side_from_row(&v[N_CALL], &cdr->sides[0]);
	side_from_row(&v[N_CALL + N_SIDE], &cdr->sides[1]);
}

/* ---- the latest ---- */

static void forget(struct td_call_records *r, struct record *rec)
{
	td_list_del(&rec->node);
	r->n_recent--;
	td_free(rec);
}

static void remember(struct td_call_records *r, const struct td_cdr *cdr)
{
	struct record *rec = td_zalloc(sizeof(*rec));

	if (!rec)
		return;
	rec->cdr = *cdr;
	td_list_push(&r->recent, &rec->node);
	if (++r->n_recent > RECENT)
		forget(r, td_container_of(r->recent.prev, struct record, node));
}

/* From an earlier process, latest first; calls may have ended here meanwhile. */
static void on_found(void *arg, const struct td_store_value *row, int err)
{
	struct td_call_records *r = arg;
	struct record *rec;

	if (!row) {
		if (err)
			td_log_err(TD_LOG_APP, "earlier call records cannot be read: %s",
				   strerror(-err));
		return;
	}
	if (r->last_key < row[KEY].num)
		r->last_key = row[KEY].num;
	rec = r->n_recent < RECENT ? td_zalloc(sizeof(*rec)) : NULL;
	if (!rec)
		return;
	from_row(row, &rec->cdr);
	td_list_append(&r->recent, &rec->node);
	r->n_recent++;
}

/* ---- a call has ended ---- */

static void sweep(struct td_call_records *r, uint64_t now_ms)
{
	uint64_t keep_ms = r->t->config->global.cdr_days * DAY_MS;

	if (now_ms < r->swept_ms + DAY_MS || now_ms < keep_ms)
		return;
	r->swept_ms = now_ms;
	td_store_delete_below(r->t->store, r->table, (int64_t)((now_ms - keep_ms) * KEYS_A_MS));
}

static void write_line(struct td_call_records *r, const struct td_cdr *cdr)
{
	struct td_json j;

	td_json_init(&j);
	td_cdr_show(cdr, &j, NULL);
	if (!j.err)
		td_store_append(r->t->store, r->t->config->global.cdr_file, j.text);
	td_json_fini(&j);
}

static void on_cdr(void *arg, const struct td_cdr *cdr)
{
	struct td_call_records *r = arg;
	const struct cfg_global *g = &r->t->config->global;
	int64_t ticket;

	td_sightings_call(r->t, cdr);
	td_call_counts_note(r->t, cdr);
	if (g->cdr_days) {
		remember(r, cdr);
		ticket = put_row(r, cdr);
		if (ticket < 0)
			td_log_limited(TD_LOG_APP, TD_ERR, "call=%u its record is lost: %s",
				       cdr->call_id, strerror((int)-ticket));
		sweep(r, cdr->ended_ms);
	}
	if (g->cdr_file[0])
		write_line(r, cdr);
}

int td_call_records_start(struct tandem *t)
{
	struct td_call_records *r = td_zalloc(sizeof(*r));

	if (!r)
		return -ENOMEM;
	t->records = r;
	r->t = t;
	td_list_init(&r->recent);
	r->table = td_store_keep(t->store, &table, NULL, r);
	if (r->table < 0)
		return r->table;
	td_store_find(t->store, r->table, 0, RECENT, on_found, r);
	td_core_watch_cdrs(t->core, on_cdr, r);
	return 0;
}

void td_call_records_stop(struct tandem *t)
{
	struct td_call_records *r = t->records;
	struct record *rec;

	if (!r)
		return;
	td_store_leave(t->store, r->table);
	while ((rec = td_list_first(&r->recent, struct record, node)))
		forget(r, rec);
	td_free(r);
	t->records = NULL;
}

/* ---- show ---- */

void td_call_records_show(const struct tandem *t, uint32_t n, struct td_json *j, const char *key)
{
	const struct record *rec;

	td_json_array(j, key);
	td_list_for_each(rec, &t->records->recent, struct record, node) {
		if (!n--)
			break;
		td_cdr_show(&rec->cdr, j, NULL);
	}
	td_json_end_array(j);
}

int td_commands_show_cdr(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const char *word = td_ctl_arg(req, 0);
	uint32_t n = SHOWN;

	if (word && (td_parse_u32(td_str_of(word), &n) || !n))
		return td_ctl_usage(req, "how many records? '%s' is no number", word);
	td_call_records_show(c->t, n, td_ctl_data(req), "data");
	return TD_CTL_OK;
}
