// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What td_mark marks on its way out (td_map.h): ports of ours, media that this router only
 * routes, and which interfaces' marks are trusted. Sockets that can name their own mark do so
 * and need no entry here; this is for what they cannot (docs/packet-path.md).
 */
#include "userspace/media/media_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#define PORTS_BYTES (TD_MAX_PORTS * sizeof(struct td_port_cell))

/* ---- open, close ---- */

static void clear_flows(int fd)
{
	struct td_mark_key key;

	while (!bpf_map_get_next_key(fd, NULL, &key))
		if (bpf_map_delete_elem(fd, &key))
			return;
}

int td_marks_open(struct td_marks *m, const struct td_xdp_fds *fds, bool keep)
{
	void *p;

	m->flows_fd = m->ifs_fd = -1;
	if (!fds || fds->mark_ports < 0)
		return 0;
	p = mmap(NULL, PORTS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fds->mark_ports, 0);
	if (p == MAP_FAILED)
		return -errno;
	m->ports = p;
	m->flows_fd = fds->mark_flows;
	m->ifs_fd = fds->mark_ifs;
	memset(m->ports, 0, PORTS_BYTES);
	if (!keep)
		clear_flows(m->flows_fd);
	return 0;
}

void td_marks_close(struct td_marks *m)
{
	if (m->ports)
		munmap(m->ports, PORTS_BYTES);
	memset(m, 0, sizeof(*m));
}

/* ---- ports ---- */

void td_media_mark_port(struct td_media *m, uint16_t port, uint32_t class, uint32_t protocols)
{
	uint32_t value = protocols ? TD_MARK_PORT(class, protocols) : 0;

	if (m->marks.ports)
		__atomic_store_n(&m->marks.ports[port].value, value, __ATOMIC_RELAXED);
}

static void mark_signalling(struct td_media *m, uint16_t *marked, uint16_t port, uint32_t protocols)
{
	if (*marked && *marked != port)
		td_media_mark_port(m, *marked, 0, 0);
	*marked = port;
	if (port)
		td_media_mark_port(m, port, TD_DSCP_SIGNALING, protocols);
}

/* ---- routed media ---- */

static struct td_mark_key key_of(const struct td_addr *src, const struct td_addr *dst)
{
	struct td_mark_key key = { .sport = htons(src->port), .dport = htons(dst->port) };

	memcpy(key.src, src->ip, sizeof(key.src));
	memcpy(key.dst, dst->ip, sizeof(key.dst));
	return key;
}

int td_media_mark_flow(struct td_media *m, const struct td_addr *src, const struct td_addr *dst,
		       uint32_t dscp_class)
{
	struct td_mark_key key = key_of(src, dst);

	if (m->marks.flows_fd < 0)
		return -EOPNOTSUPP;
	return bpf_map_update_elem(m->marks.flows_fd, &key, &dscp_class, BPF_ANY) ? -errno : 0;
}

void td_media_unmark_flow(struct td_media *m, const struct td_addr *src, const struct td_addr *dst)
{
	struct td_mark_key key = key_of(src, dst);

	if (m->marks.flows_fd >= 0)
		bpf_map_delete_elem(m->marks.flows_fd, &key);
}

static void mark(struct td_media *m, const struct media_passing *p)
{
	struct td_addr from = p->from, to = p->to;

	if (!td_addr_is_set(&from))
		return;
	td_media_mark_flow(m, &from, &to, p->dscp_class);
	from.port++;
	to.port++;
	td_media_mark_flow(m, &from, &to, p->dscp_class);
}

static void unmark(struct td_media *m, const struct media_passing *p)
{
	struct td_addr from = p->from, to = p->to;

	if (!td_addr_is_set(&from))
		return;
	td_media_unmark_flow(m, &from, &to);
	from.port++;
	to.port++;
	td_media_unmark_flow(m, &from, &to);
}

/* A party sends from where it hears (RFC 4961), or nobody can tell. */
void td_marks_passing(struct td_media_session *s)
{
	for (int from = 0; from < 2; from++) {
		const struct td_media_end *a = &s->end[from], *b = &s->end[!from];
		struct media_passing *old = &s->side[from].passing, now = { .dscp_class = 0 };

		if (td_addr_is_set(&a->around) && td_addr_is_set(&b->around))
			now = (struct media_passing){ a->around, b->around, b->dscp_class };
		if (td_addr_equal(&now.from, &old->from) && td_addr_equal(&now.to, &old->to) &&
		    now.dscp_class == old->dscp_class)
			continue;
		unmark(s->m, old);
		*old = now;
		mark(s->m, old);
	}
}

/* What an earlier process marked and nobody wants now goes, with all the others for a moment. */
void td_marks_adopted(struct td_media *m)
{
	struct td_media_session *s;

	if (m->marks.flows_fd < 0)
		return;
	clear_flows(m->marks.flows_fd);
	td_list_for_each(s, &m->sessions, struct td_media_session, node)
		for (int i = 0; i < 2; i++)
			mark(m, &s->side[i].passing);
}

/* ---- interfaces ---- */

void td_marks_port_changed(struct td_media *m, const struct td_xdp_port *port)
{
	uint32_t key = (uint32_t)port->ifindex, flags = TD_MARK_TRUST;

	if (m->marks.ifs_fd < 0 || !port->ifindex)
		return;
	if (port->trust_dscp)
		bpf_map_update_elem(m->marks.ifs_fd, &key, &flags, BPF_ANY);
	else
		bpf_map_delete_elem(m->marks.ifs_fd, &key);
}

void td_marks_configure(struct td_media *m, const struct td_config *config)
{
	mark_signalling(m, &m->marks.tls_port,
			config->sip.tls ? (uint16_t)config->sip.tls_port : 0, TD_MARK_TCP);
	mark_signalling(m, &m->marks.sip_port, (uint16_t)config->sip.port,
			TD_MARK_UDP | TD_MARK_TCP);
}
