// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two nodes whose other end is no network: a recorder, and a port that gives and takes
 * samples (a telephone line).
 */
#include "userspace/media/audio/audio_priv.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"

/* ---- recorder ---- */

struct recorder {
	struct audio_node node;
	struct td_recording *recording;
};

static void record(struct audio_node *n, const int16_t *pcm, struct audio_node *same_for_all,
		   uint64_t now_ns)
{
	static const int16_t silence[AUDIO_MOST];
	struct recorder *r = td_container_of(n, struct recorder, node);

	(void)same_for_all;
	(void)now_ns;
	td_recording_put(r->recording, pcm ? pcm : silence);
}

static void end_recorder(struct audio_node *n)
{
	td_recording_end(td_container_of(n, struct recorder, node)->recording);
}

static void free_recorder(struct audio_node *n)
{
	struct recorder *r = td_container_of(n, struct recorder, node);

	td_recording_release(r->recording);
	td_free(r);
}

static const struct audio_ops recorder_ops = {
	.name = "recorder", .hears = true, .hear = record, .end = end_recorder,
	.free = free_recorder,
};

int td_audio_record(struct td_audio *a, struct td_recording *recording, uint32_t *id)
{
	struct recorder *r = td_zalloc(sizeof(*r));

	if (!r)
		return -ENOMEM;
	td_audio_node_init(&r->node, a, &recorder_ops, td_recording_rate(recording));
	r->recording = recording;
	td_recording_hold(recording);
	return td_audio_add(a, &r->node, id);
}

/* ---- samples ---- */

struct pcm_port {
	struct audio_node node;
	const struct td_audio_pcm_ops *ops;
	void *arg;
};

static void pcm_say(struct audio_node *n, int16_t *pcm, uint64_t now_ns)
{
	struct pcm_port *p = td_container_of(n, struct pcm_port, node);

	(void)now_ns;
	p->ops->said(p->arg, pcm, td_audio_samples(n->rate));
}

static void pcm_hear(struct audio_node *n, const int16_t *pcm, struct audio_node *same_for_all,
		     uint64_t now_ns)
{
	static const int16_t silence[AUDIO_MOST];
	struct pcm_port *p = td_container_of(n, struct pcm_port, node);

	(void)same_for_all;
	(void)now_ns;
	p->ops->hear(p->arg, pcm ? pcm : silence, td_audio_samples(n->rate));
}

static void free_pcm(struct audio_node *n)
{
	struct pcm_port *p = td_container_of(n, struct pcm_port, node);

	if (p->ops->gone)
		p->ops->gone(p->arg);
	td_free(p);
}

static const struct audio_ops pcm_ops = {
	.name = "pcm", .says = true, .hears = true, .say = pcm_say, .hear = pcm_hear,
	.free = free_pcm,
};

int td_audio_pcm(struct td_audio *a, const struct td_audio_pcm_ops *ops, void *arg, uint32_t rate,
		 uint32_t *id)
{
	struct pcm_port *p;

	if (rate != 8000 && rate != 16000)
		return -EINVAL;
	p = td_zalloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	td_audio_node_init(&p->node, a, &pcm_ops, rate);
	p->ops = ops;
	p->arg = arg;
	return td_audio_add(a, &p->node, id);
}
