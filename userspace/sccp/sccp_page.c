/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A phone that listens to a page by multicast: it is told to hear the group, on its loudspeaker,
 * and nobody hears it. A call in its ear comes first: then it listens no more.
 */
#include <errno.h>

#include "userspace/sccp/sccp_priv.h"

#define PACKET_MS 20

static void send_start(struct sccp_phone *phone, const struct cfg_paging *page)
{
	struct sccp_msg m = { .id = SCCP_START_MULTICAST_RECEPTION };

	phone->page = ++phone->sccp->last_party;
	m.media.conference = phone->page;
	m.media.party = phone->page;
	m.media.addr = page->multicast.group;
	m.media.ms = PACKET_MS;
	m.media.payload = SCCP_PT_PCMU;
	td_sccp_send(phone->session, &m);
}

static void send_stop(struct sccp_phone *phone)
{
	struct sccp_msg m = { .id = SCCP_STOP_MULTICAST_RECEPTION };

	m.media_stop.conference = phone->page;
	m.media_stop.party = phone->page;
	phone->page = 0;
	td_sccp_send(phone->session, &m);
}

static int may_listen(const struct sccp_phone *phone)
{
	if (!phone->session || !phone->session->booted)
		return -EHOSTUNREACH;
	if (phone->active)
		return -EBUSY;
	if (!td_addr_is_v4(&phone->session->local) || phone->ep->family == CFG_FAMILY_IPV6)
		return -EAFNOSUPPORT;
	return td_sccp_channel_has(phone, SCCP_PT_PCMU) ? 0 : -ENOTSUP;
}

int td_sccp_page(void *driver, struct td_endpoint *ep, const struct cfg_paging *page)
{
	struct sccp_phone *phone = ep->driver_priv;
	int err;

	(void)driver;
	if (!page) {
		if (phone->page) {
			td_sccp_page_leave(phone);
			td_sccp_show_paged(phone, NULL);
		}
		return 0;
	}
	err = may_listen(phone);
	if (err)
		return err;
	td_sccp_show_paged(phone, page);
	send_start(phone, page);
	return 0;
}

void td_sccp_page_leave(struct sccp_phone *phone)
{
	if (phone->page && phone->session)
		send_stop(phone);
	phone->page = 0;
}

void td_sccp_page_on_ack(struct sccp_phone *phone, const struct sccp_msg *m)
{
	if (m->media_ack.status && m->media_ack.party == phone->page)
		td_log_limited(TD_LOG_SCCP, TD_WARN, "phone=%s cannot hear the page's group status=%u",
			       phone->id, m->media_ack.status);
}
