/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake media plane. Ports count up from 20000, four per call, those of its video from 30000,
 * so a ladder can name them; memory is plain malloc, so that a test which lets the Nth allocation fail meets
 * the code under test and not its surroundings.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/fakes/fake_media.h"
#include "userspace/core/media_desc.h"

struct td_media_session {
	struct fake_media *m;
	uint32_t call_id;
	uint16_t port;
	bool video;			/* the second session that was opened for the call */
};

void fake_media_init(struct fake_media *m, void (*say)(void *arg, const char *line), void *arg)
{
	memset(m, 0, sizeof(*m));
	m->say = say;
	m->arg = arg;
	m->path = TD_PATH_XDP;
	m->rtt_ms = -1;
	m->press_err = -ENOTCONN;
	td_list_init(&m->wishes);
}

void fake_media_fini(struct fake_media *m)
{
	struct fake_media_wish *w, *next;

	td_list_for_each_safe(w, next, &m->wishes, struct fake_media_wish, node) {
		td_list_del(&w->node);
		free(w);
	}
}

const struct fake_media_wish *fake_media_last(const struct fake_media *m)
{
	return td_list_empty(&m->wishes) ? NULL :
		td_container_of(m->wishes.prev, struct fake_media_wish, node);
}

static int media_open(void *plane, uint32_t call_id, struct td_media_session **out)
{
	struct fake_media *m = plane;
	struct td_media_session *s;

	if (m->open_err)
		return m->open_err;
	s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	s->m = m;
	s->call_id = call_id;
	s->video = m->last_call == call_id;
	s->port = (s->video ? 30000 : 20000) + 4 * (call_id - 1) % 40000;
	m->last_call = call_id;
	m->n_open++;
	m->n_opened++;
	m->last = s;
	*out = s;
	return 0;
}

static void media_ports(struct td_media_session *s, uint16_t port[2])
{
	port[0] = s->port;
	port[1] = s->port + 2;
}

static int media_adopt(void *plane, uint32_t call_id, const uint16_t port[2],
		       struct td_media_session **out)
{
	struct fake_media *m = plane;
	char line[80];
	int err;

	snprintf(line, sizeof(line), "core > media  adopt %u %u", port[0], port[1]);
	m->say(m->arg, line);
	err = media_open(plane, call_id, out);
	if (!err)
		(*out)->port = port[0];
	return err;
}

static void media_adopted(void *plane)
{
	struct fake_media *m = plane;

	m->say(m->arg, "core > media  adopted");
}

static void media_local(struct td_media_session *s, int side, const struct td_addr *via,
			struct td_addr *out)
{
	*out = *via;
	out->port = s->port + 2 * side;
}

static void say_end(char *dst, size_t len, const struct td_media_end *e)
{
	char addr[TD_ADDR_STRLEN] = "-";

	if (td_addr_is_set(&e->remote))
		td_addr_str(&e->remote, addr);
	snprintf(dst, len, "%s %s", addr, td_dir_name(e->dir));
}

static int media_connect(struct td_media_session *s, const struct td_media_end ends[2])
{
	struct fake_media_wish *w = calloc(1, sizeof(*w));
	char a[128], b[128], line[300];

	if (!w)
		abort();
	w->call_id = s->call_id;
	memcpy(w->ends, ends, sizeof(w->ends));
	td_list_append(&s->m->wishes, &w->node);
	s->m->n_connects++;
	say_end(a, sizeof(a), &ends[0]);
	say_end(b, sizeof(b), &ends[1]);
	snprintf(line, sizeof(line), "core > media  %s %s, %s", s->video ? "video" : "connect", a, b);
	s->m->say(s->m->arg, line);
	return s->m->connect_err;
}

static int media_stream(void *plane, uint32_t mixer, const struct cfg_multicast *to)
{
	struct fake_media *m = plane;
	char text[TD_ADDR_STRLEN], line[128];

	snprintf(line, sizeof(line), "core > media  stream mixer %u to %s", mixer,
		 to ? td_addr_str(&to->group, text) : "nowhere");
	m->say(m->arg, line);
	return m->stream_err;
}

static int media_place(struct td_media_session *s, int side, const struct td_media_place *p)
{
	static const char *const words[] = { "through", "music", "mixer" };
	char line[96], gain[16] = "";

	if (p->mute)
		snprintf(gain, sizeof(gain), " mute");
	else if (p->gain_db)
		snprintf(gain, sizeof(gain), " gain=%d", p->gain_db);
	if (p->house == TD_HOUSE_NONE)
		snprintf(line, sizeof(line), "core > media  side %d through", side);
	else
		snprintf(line, sizeof(line), "core > media  side %d %s %u %s%s", side,
			 words[p->house], p->mixer, p->codec, gain);
	s->m->say(s->m->arg, line);
	return 0;
}

static void media_stats(struct td_media_session *s, int side, struct td_media_stats *out)
{
	memset(out, 0, sizeof(*out));
	out->path = s->m->n_connects ? s->m->path : TD_PATH_NONE;
	out->rx_packets = 100 + side;
	out->tx_packets = 101 - side;
	out->jitter_ms = 1.5;
	out->dscp = 46;
	out->rtt_ms = s->m->rtt_ms;
	out->far_loss_percent = out->far_jitter_ms = -1;
	out->mos = s->m->mos;
	out->largest_gap_ms = 21;
}

static int media_press(struct td_media_session *s, int side, uint8_t pt, char digit,
		       uint16_t duration_ms)
{
	char line[80];

	if (s->m->press_err)
		return s->m->press_err;
	snprintf(line, sizeof(line), "core > media  press %c for %c pt=%u ms=%u", digit,
		 'A' + side, pt, duration_ms);
	s->m->say(s->m->arg, line);
	return 0;
}

static void media_close(struct td_media_session *s)
{
	if (!s)
		return;
	s->m->n_open--;
	s->m->say(s->m->arg, s->video ? "core > media  close video" : "core > media  close");
	free(s);
}

static void media_watch(void *plane, td_media_event_fn fn, void *arg)
{
	struct fake_media *m = plane;

	m->event = fn;
	m->event_arg = arg;
}

void fake_media_tells(struct fake_media *m, const struct td_media_event *ev)
{
	m->event(m->event_arg, ev);
}

static const struct td_media_ops fake_media_ops = {
	.open = media_open,
	.local = media_local,
	.connect = media_connect,
	.place = media_place,
	.stream = media_stream,
	.stats = media_stats,
	.press = media_press,
	.ports = media_ports,
	.adopt = media_adopt,
	.adopted = media_adopted,
	.close = media_close,
	.watch = media_watch,
};

struct td_media_port fake_media_port(struct fake_media *m)
{
	return (struct td_media_port){ .ops = &fake_media_ops, .plane = m };
}
