/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake driver. Descriptions are shown as "PCMU,PCMA sendrecv, video 96 97 sendrecv"; addresses are in the
 * lines of the fake media plane. release() is answered from the loop, as on a real wire,
 * unless the phone is silent. Memory is plain malloc (see fake_media.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/fakes/fake_leg.h"
#include "userspace/base/str.h"

static struct fake_leg *fake_of(struct td_leg *leg)
{
	return td_container_of(leg, struct fake_leg, leg);
}

static void say(struct fake_phone *p, const char *line)
{
	p->say(p->arg, line);
}

static void name_leg(const struct fake_leg *l, char *dst, size_t len)
{
	if (l->index)
		snprintf(dst, len, "%s%u", l->phone->name, l->index + 1);
	else
		snprintf(dst, len, "%s", l->phone->name);
}

static void ordered(struct td_leg *leg, const char *what)
{
	struct fake_leg *l = fake_of(leg);
	char line[480], name[16];

	name_leg(l, name, sizeof(name));
	snprintf(line, sizeof(line), "core > %s  %s", name, what);
	say(l->phone, line);
}

static void told(struct fake_leg *l, const char *what)
{
	char line[480], name[16];

	name_leg(l, name, sizeof(name));
	snprintf(line, sizeof(line), "%s > core  %s", name, what);
	say(l->phone, line);
}

static void show_desc(char *dst, size_t len, const struct td_media_desc *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->n_codecs; i++)
		n += snprintf(dst + n, len - n, "%s%s", i ? "," : "", d->codec[i].name);
	n += snprintf(dst + n, len - n, " %s", td_dir_name(d->dir));
	if (d->video.rtp.port)
		snprintf(dst + n, len - n, ", video %.*s %s", (int)strcspn(d->video.text, "\n"),
			 d->video.text, td_dir_name(d->video.dir));
}

void fake_desc(const struct fake_phone *p, struct td_media_desc *d, const char *codecs,
	       uint8_t dir)
{
	char list[96], *save = NULL, *word;

	memset(d, 0, sizeof(*d));
	d->rtp = p->rtp;
	d->dir = dir;
	d->dtmf_pt = 101;
	d->rtcp_mux = p->rtcp_mux;
	if (p->video) {
		d->video.rtp = p->rtp;
		d->video.rtp.port += 100;
		d->video.dir = p->video_dir ? p->video_dir : dir;
		d->video.kbit_s = 512;
		d->video.text = p->video;
	}
	if (!strcmp(codecs, TD_CODEC_T38)) {
		d->dtmf_pt = 0;
		td_media_set_fax(d, &(struct td_fax){ .max_bit_rate = 14400 });
		return;
	}
	td_strlcpy(list, codecs, sizeof(list));
	for (word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save))
		if (td_codec_by_name(&d->codec[d->n_codecs], word, 96 + d->n_codecs))
			d->n_codecs++;
}

/* ---- orders of the core ---- */

static int leg_setup(struct td_leg *leg, const struct td_setup *s)
{
	struct fake_leg *l = fake_of(leg);
	char desc[128], line[400], by[TD_NUMBER_LEN + 16] = "";

	show_desc(desc, sizeof(desc), &s->media);
	if (s->diverted.count)
		snprintf(by, sizeof(by), " by=%s,%u", s->diverted.by, s->diverted.reason);
	snprintf(line, sizeof(line), "setup from=%s to=%s%s%s%s %s", s->from.number, s->to.number,
		 by, s->hidden ? " hidden" : "", s->auto_answer ? " auto" : "", desc);
	ordered(leg, line);
	l->told = s->media;
	l->has_told = true;
	l->phone->hops = s->hops;
	l->phone->setups++;
	return l->phone->setup_err;
}

static int leg_alert(struct td_leg *leg)
{
	ordered(leg, "alert");
	return 0;
}

static int leg_connect(struct td_leg *leg)
{
	ordered(leg, "connect");
	return 0;
}

static int leg_media(struct td_leg *leg, const struct td_media_desc *local)
{
	struct fake_leg *l = fake_of(leg);
	char desc[128], line[200];

	if (!local) {
		ordered(leg, "media refused");
		return 0;
	}
	show_desc(desc, sizeof(desc), local);
	snprintf(line, sizeof(line), "media %s", desc);
	ordered(leg, line);
	l->told = *local;
	l->has_told = true;
	return l->phone->media_err;
}

static const char *const transfer_words[] = {
	[TD_TRANSFER_TRYING] = "trying", [TD_TRANSFER_RINGING] = "ringing",
	[TD_TRANSFER_DONE] = "done", [TD_TRANSFER_FAILED] = "failed",
};

static int leg_info(struct td_leg *leg, const struct td_info *info)
{
	char line[TD_NUMBER_LEN + 32];

	switch (info->kind) {
	case TD_INFO_DIGIT:
		snprintf(line, sizeof(line), "info digit=%c", info->digit);
		break;
	case TD_INFO_PARTY:
		snprintf(line, sizeof(line), "info party=%s", info->party.number);
		break;
	case TD_INFO_TRANSFER:
		snprintf(line, sizeof(line), "info transfer %s%s%s",
			 transfer_words[info->transfer],
			 info->cause || info->party.number[0] ? " " : "",
			 info->cause ? td_cause_word(info->cause) : info->party.number);
		break;
	}
	ordered(leg, line);
	return 0;
}

static void say_bye(void *arg)
{
	struct fake_leg *l = arg;

	told(l, "released");
	td_leg_post_released(&l->leg, l->cause);
}

static void leg_release(struct td_leg *leg, enum td_cause cause)
{
	struct fake_leg *l = fake_of(leg);
	char line[64];

	snprintf(line, sizeof(line), "release %s", td_cause_word(cause));
	ordered(leg, line);
	l->cause = cause;
	if (!l->phone->silent)
		td_loop_defer(l->phone->loop, &l->bye, say_bye, l);
}

static void leg_destroy(struct td_leg *leg)
{
	struct fake_leg *l = fake_of(leg);

	td_loop_undefer(l->phone->loop, &l->bye);
	l->phone->leg[l->index] = NULL;
	l->phone->destroyed++;
	free(l);
}

/* All that it takes to be somebody again: a name that must come back. */
static void leg_save(struct td_leg *leg, struct td_buf *out)
{
	td_buf_put_bytes(out, fake_of(leg)->phone->name, sizeof(fake_of(leg)->phone->name));
}

static const struct td_leg_ops fake_ops = {
	.protocol = "fake",
	.udptl = true,
	.video = true,
	.setup = leg_setup,
	.alert = leg_alert,
	.connect = leg_connect,
	.media = leg_media,
	.info = leg_info,
	.save = leg_save,
	.release = leg_release,
	.destroy = leg_destroy,
};

static struct fake_leg *new_leg(struct fake_phone *p)
{
	struct fake_leg *l;
	unsigned int i;

	for (i = 0; i < FAKE_MAX_LEGS && p->leg[i]; i++)
		;
	if (i == FAKE_MAX_LEGS)
		return NULL;
	l = calloc(1, sizeof(*l));
	if (!l)
		abort();
	l->leg.ops = &fake_ops;
	l->leg.ep = p->ep;
	l->leg.local = p->local;
	l->phone = p;
	l->index = i;
	p->leg[i] = l;
	return l;
}

static int new_legs(void *driver, struct td_endpoint *ep, struct td_leg **legs, size_t max)
{
	struct fake_phone *p = driver;
	struct fake_leg *l;
	size_t n;

	(void)ep;
	if (p->new_legs_err)
		return p->new_legs_err;
	for (n = 0; n < p->bindings && n < max; n++) {
		l = new_leg(p);
		if (!l)
			break;
		legs[n] = &l->leg;
	}
	return n;
}

static struct td_leg *restore(void *driver, struct td_endpoint *ep, const struct td_addr *local,
			      struct td_buf *state)
{
	struct fake_phone *p = driver;
	struct td_str name = td_buf_get_bytes(state, sizeof(p->name));
	struct fake_leg *l;

	(void)ep;
	if (td_buf_err(state) || memcmp(name.p, p->name, name.len) != 0 || p->setup_err)
		return NULL;
	l = new_leg(p);
	if (!l)
		return NULL;
	l->leg.local = *local;
	return &l->leg;
}

const struct td_driver_ops fake_driver = {
	.name = "fake", .new_legs = new_legs, .restore = restore,
};

/* ---- parts ---- */

void fake_run(struct fake_phone *p)
{
	while (td_loop_dispatch_due(p->loop) == 0)
		;
}

void fake_use(struct fake_phone *p, unsigned int index)
{
	struct fake_leg *l = p->leg[0];

	p->leg[0] = p->leg[index];
	p->leg[index] = l;
	if (p->leg[0])
		p->leg[0]->index = 0;
	if (l)
		l->index = index;
}

static int post(struct fake_phone *p, const char *what, const struct td_leg_event *ev)
{
	int err;

	if (!p->leg[0])
		return -ENOTCONN;
	told(p->leg[0], what);
	err = td_leg_post(&p->leg[0]->leg, ev);
	fake_run(p);
	return err;
}

static int dials(struct fake_phone *p, const char *to, bool late, bool portless,
		 const struct td_leg *replaced, bool barge)
{
	struct td_leg_event ev = { .type = TD_LEG_SETUP };
	struct fake_leg *l = new_leg(p);
	char desc[128], line[256];
	int err;

	if (!l)
		return -EBUSY;
	err = td_core_incoming(p->core, &l->leg);
	if (err) {
		p->leg[l->index] = NULL;
		free(l);
		return err;
	}
	fake_use(p, l->index);
	td_strlcpy(ev.setup.from.number, "4711", sizeof(ev.setup.from.number));
	td_strlcpy(ev.setup.from.name, "Mallory", sizeof(ev.setup.from.name));
	td_strlcpy(ev.setup.to.number, to, sizeof(ev.setup.to.number));
	ev.setup.hops = p->hops;
	ev.setup.has_media = !late;
	ev.setup.overlap = p->overlap;
	if (replaced) {
		ev.setup.replaces_call = td_leg_call_id(replaced);
		ev.setup.replaces_leg = replaced->id;
		ev.setup.barge = barge;
	}
	if (late) {
		snprintf(line, sizeof(line), "setup to=%s late", to);
	} else {
		fake_desc(p, &ev.setup.media, p->codecs, TD_DIR_BOTH);
		show_desc(desc, sizeof(desc), &ev.setup.media);
		snprintf(line, sizeof(line), "setup to=%s %s%s", to, desc,
			 portless ? " port=later" : "");
		if (portless)
			memset(&ev.setup.media.rtp, 0, sizeof(ev.setup.media.rtp));
		ev.setup.media.rtp_later = portless;
	}
	return post(p, line, &ev);
}

int fake_dials(struct fake_phone *p, const char *to)
{
	return dials(p, to, false, false, NULL, false);
}

int fake_replaces(struct fake_phone *p, const struct td_leg *leg)
{
	return dials(p, "-", false, false, leg, false);
}

int fake_barges(struct fake_phone *p, const struct td_leg *leg)
{
	return dials(p, "-", false, false, leg, true);
}

int fake_dials_late(struct fake_phone *p, const char *to)
{
	return dials(p, to, true, false, NULL, false);
}

int fake_dials_portless(struct fake_phone *p, const char *to)
{
	return dials(p, to, false, true, NULL, false);
}

int fake_rings(struct fake_phone *p)
{
	struct td_leg_event ev = { .type = TD_LEG_ALERTING };

	return post(p, "alerting", &ev);
}

static int post_media(struct fake_phone *p, enum td_media_kind kind, const char *codecs,
		      uint8_t dir, bool run)
{
	static const char *const words[] = { "offer", "answer", "need-offer", "refused" };
	struct td_leg_event ev = { .type = TD_LEG_MEDIA, .media_kind = kind };
	char desc[128], line[200];
	int err;

	if (!p->leg[0])
		return -ENOTCONN;
	if (codecs) {
		fake_desc(p, &ev.media, codecs, dir);
		show_desc(desc, sizeof(desc), &ev.media);
		snprintf(line, sizeof(line), "%s %s", words[kind], desc);
	} else {
		snprintf(line, sizeof(line), "%s", words[kind]);
	}
	told(p->leg[0], line);
	err = td_leg_post(&p->leg[0]->leg, &ev);
	if (run)
		fake_run(p);
	return err;
}

/* As a SIP 200: the description and the answer arrive in one message. It takes the first
 * codec of its own that it was offered. */
int fake_answers(struct fake_phone *p)
{
	struct td_media_desc mine, common;
	char codecs[96];
	size_t i, n = 0;

	if (!p->leg[0])
		return -ENOTCONN;
	fake_desc(p, &mine, p->codecs, TD_DIR_BOTH);
	td_media_common(&common, &p->leg[0]->told, &mine);
	codecs[0] = '\0';
	for (i = 0; i < common.n_codecs; i++)
		n += snprintf(codecs + n, sizeof(codecs) - n, "%s%s", i ? "," : "",
			      common.codec[i].name);
	post_media(p, TD_MEDIA_ANSWER, codecs, td_dir_flip(p->leg[0]->told.dir), false);
	return fake_answers_bare(p);
}

int fake_answers_bare(struct fake_phone *p)
{
	struct td_leg_event ev = { .type = TD_LEG_ANSWERED };

	return post(p, "answered", &ev);
}

int fake_sends_answer(struct fake_phone *p, const char *codecs, uint8_t dir)
{
	return post_media(p, TD_MEDIA_ANSWER, codecs, dir, true);
}

int fake_offers(struct fake_phone *p, const char *codecs, uint8_t dir)
{
	return post_media(p, TD_MEDIA_OFFER, codecs, dir, true);
}

int fake_refuses(struct fake_phone *p)
{
	return post_media(p, TD_MEDIA_REFUSED, NULL, 0, true);
}

int fake_needs_offer(struct fake_phone *p)
{
	return post_media(p, TD_MEDIA_NEED_OFFER, NULL, 0, true);
}

int fake_says(struct fake_phone *p, enum td_leg_event_type type)
{
	struct td_leg_event ev = { .type = type };
	const char *word = type == TD_LEG_HOLD ? "hold" : type == TD_LEG_PARK ? "park" :
			   "resume";

	return post(p, word, &ev);
}

int fake_presses(struct fake_phone *p, char digit)
{
	struct td_leg_event ev = { .type = TD_LEG_DIGIT, .digit = digit, .duration_ms = 160 };
	char line[32];

	snprintf(line, sizeof(line), "digit %c", digit);
	return post(p, line, &ev);
}

int fake_hangs_up(struct fake_phone *p, enum td_cause cause)
{
	struct td_leg_event ev = { .type = TD_LEG_RELEASED, .cause = cause };
	char line[64];

	snprintf(line, sizeof(line), "released %s", td_cause_word(cause));
	return post(p, line, &ev);
}

int fake_transfers(struct fake_phone *p, const char *to)
{
	struct td_leg_event ev = { .type = TD_LEG_TRANSFER };
	char line[TD_NUMBER_LEN + 16];

	td_strlcpy(ev.transfer.to, to, sizeof(ev.transfer.to));
	snprintf(line, sizeof(line), "transfer %s", to);
	return post(p, line, &ev);
}

static int names_call(struct fake_phone *p, const struct td_leg *leg, const char *what,
		      enum td_leg_event_type type)
{
	struct td_leg_event ev = { .type = type };

	ev.transfer.call_id = td_leg_call_id(leg);
	ev.transfer.leg_id = leg->id;
	return post(p, what, &ev);
}

int fake_joins(struct fake_phone *p, const struct td_leg *leg)
{
	return names_call(p, leg, "transfer to a call", TD_LEG_TRANSFER);
}

int fake_confers(struct fake_phone *p, const struct td_leg *leg)
{
	return names_call(p, leg, "conference", TD_LEG_CONFERENCE);
}

int fake_redirects(struct fake_phone *p, const char *to, enum td_cause cause)
{
	struct td_leg_event ev = { .type = TD_LEG_REDIRECT };
	char line[TD_NUMBER_LEN + 16];

	td_strlcpy(ev.redirect_to, to, sizeof(ev.redirect_to));
	snprintf(line, sizeof(line), "redirect %s", to);
	post(p, line, &ev);
	return fake_hangs_up(p, cause);
}
