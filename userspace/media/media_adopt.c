// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Taking over from an earlier process: its flows stand in the kernel's tables, and packets
 * run along them while we start. A session is adopted by its ports; its slots, and with
 * them the counters, are left as they are until the core connects it, which writes only
 * what differs. When all are adopted, what belongs to nobody is taken away.
 */
#include "userspace/media/media_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"

void td_media_session_ports(struct td_media_session *s, uint16_t port[2])
{
	port[0] = s->side[0].port;
	port[1] = s->side[1].port;
}

static int take_pair(struct td_media *m, uint16_t port)
{
	uint16_t busy;
	int err = td_pairs_take(&m->pairs, port);

	if (err)
		return err;
	err = td_relay_open_pair(m->relay, port, &busy);
	if (err) {
		td_log_warn(TD_LOG_MEDIA, "port=%u of a running call not usable: %s", busy,
			    strerror(-err));
		td_pairs_put(&m->pairs, port, td_loop_now_ms(m->loop));
	}
	return err;
}

/* The ports that were learned of a party behind a NAT stand in the flow. */
static void adopt_learned(struct media_side *side)
{
	const struct td_media *m = side->owner->m;
	const struct td_flow *f = &m->tables.flows[TD_SLOT_OF_PORT(side->port)];
	struct media_learn *l = &side->learn;

	if (!(f->flags & TD_FLOW_ACTIVE))
		return;
	l->on = true;
	memcpy(l->told.ip, f->peer_addr, sizeof(l->told.ip));
	if (!(f->flags & TD_FLOW_LEARN))
		l->rtp = ntohs(f->peer_port);
	if (!(f->flags & TD_FLOW_LEARN_RTCP))
		l->rtcp = ntohs(f->peer_rtcp_port);
}

int td_media_adopt(void *plane, uint32_t call_id, const uint16_t port[2],
		   struct td_media_session **out)
{
	struct td_media_session *s = td_zalloc(sizeof(*s));
	struct td_media *m = plane;
	int err;

	if (!s)
		return -ENOMEM;
	s->m = m;
	s->call_id = call_id;
	err = take_pair(m, port[0]);
	if (err)
		goto free_session;
	err = take_pair(m, port[1]);
	if (err)
		goto put_first;
	for (int i = 0; i < 2; i++)
		s->side[i].port = port[i];
	td_media_enter(s);
	for (int i = 0; i < 2; i++) {
		adopt_learned(&s->side[i]);
		td_media_adopt_fork(&s->side[i], &m->tables.flows[td_media_slot(s, i)]);
	}
	*out = s;
	return 0;
put_first:
	td_pairs_put(&m->pairs, port[0], td_loop_now_ms(m->loop));
free_session:
	td_free(s);
	return err;
}

static void sweep_pair(struct td_media *m, uint16_t port)
{
	static const struct td_flow none;
	uint32_t slot = TD_SLOT_OF_PORT(port);
	struct td_flow *f = &m->tables.flows[slot];

	if (td_pairs_is_used(&m->pairs, port))
		return;
	if (m->tables.ports[port].value)
		td_ports_point(&m->tables, port, 0);
	if (f->flags || f->call_id) {
		td_flow_write(f, &none);
		memset(&m->tables.stats[slot], 0, sizeof(m->tables.stats[slot]));
	}
}

void td_media_adopted(void *plane)
{
	struct td_media *m = plane;

	for (uint32_t port = 2; port < TD_MAX_PORTS; port += 2)
		sweep_pair(m, (uint16_t)port);
	td_media_forks_adopted(m);
	td_nh_adopted(m->nexthops);
	td_marks_adopted(m);
}
