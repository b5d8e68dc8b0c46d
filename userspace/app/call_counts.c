// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the counters tell of calls that have ended: counted as each ends, so that asking costs the
 * same however many there were.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>

#include "userspace/base/mem.h"
#include "userspace/core/cause.h"
#include "userspace/core/cdr.h"

#define CAUSES	   128			/* of Q.850 */
#define MAX_BOUNDS 10

struct histogram {
	const double *bounds;
	size_t n;
	int decimals;			/* of the bounds as text */
	uint64_t counts[MAX_BOUNDS + 1];
	double sum;
};

struct td_call_counts {
	uint64_t causes[CAUSES];
	struct histogram duration_s, mos, loss;
};

/* MOS: G.107 Annex B: 3.6 and more is what most are content with, below 3.1 hardly anybody is. */
static const double duration_bounds[] = { 1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600 };
static const double mos_bounds[] = { 1.5, 2, 2.6, 3.1, 3.6, 4, 4.2, 4.3, 4.4 };
static const double loss_bounds[] = { 0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3 };

#define HISTOGRAM(b, d) { .bounds = (b), .n = sizeof(b) / sizeof((b)[0]), .decimals = (d) }

int td_call_counts_start(struct tandem *t)
{
	t->counts = td_zalloc(sizeof(*t->counts));
	if (!t->counts)
		return -ENOMEM;
	t->counts->duration_s = (struct histogram)HISTOGRAM(duration_bounds, 0);
	t->counts->mos = (struct histogram)HISTOGRAM(mos_bounds, 1);
	t->counts->loss = (struct histogram)HISTOGRAM(loss_bounds, 3);
	return 0;
}

void td_call_counts_stop(struct tandem *t)
{
	td_free(t->counts);
	t->counts = NULL;
}

static void observe(struct histogram *h, double v)
{
	size_t i = 0;

	while (i < h->n && v > h->bounds[i])
		i++;
	h->counts[i]++;
	h->sum += v;
}

void td_call_counts_note(struct tandem *t, const struct td_cdr *cdr)
{
	struct td_call_counts *c = t->counts;

	c->causes[cdr->cause < CAUSES ? cdr->cause : TD_CAUSE_UNSPECIFIED]++;
	if (!cdr->answered_ms)
		return;
	observe(&c->duration_s, (double)(cdr->ended_ms - cdr->answered_ms) / 1000);
	for (int i = 0; i < 2; i++) {
		const struct td_media_stats *s = &cdr->sides[i].stats;

		if (s->mos > 0)
			observe(&c->mos, s->mos);
		if (s->rx_packets)
			observe(&c->loss, (double)s->lost / (double)(s->rx_packets + s->lost));
	}
}

static void show(const struct histogram *h, struct td_json *j, const char *key)
{
	td_json_object(j, key);
	td_json_array(j, "bounds");
	for (size_t i = 0; i < h->n; i++)
		td_json_fixed(j, NULL, h->bounds[i], h->decimals);
	td_json_end_array(j);
	td_json_array(j, "counts");
	for (size_t i = 0; i <= h->n; i++)
		td_json_u64(j, NULL, h->counts[i]);
	td_json_end_array(j);
	td_json_fixed(j, "sum", h->sum, 6);
	td_json_end_object(j);
}

void td_call_counts_show(const struct tandem *t, struct td_json *j, const char *key)
{
	const struct td_call_counts *c = t->counts;

	td_json_object(j, key);
	td_json_object(j, "causes");
	for (int i = 0; i < CAUSES; i++)
		if (c->causes[i])
			td_json_u64(j, td_cause_word((enum td_cause)i), c->causes[i]);
	td_json_end_object(j);
	show(&c->duration_s, j, "duration_s");
	show(&c->mos, j, "mos");
	show(&c->loss, j, "loss");
	td_json_end_object(j);
}
