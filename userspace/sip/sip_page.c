/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIP phones that hear a page by multicast. A phone of Cisco's dialect is told to (an Execute in a
 * REFER; Cisco's Services Application Development Notes: RTPMRx); another one may listen to its
 * groups by itself, which is known from its configuration. All others are called.
 */
#include "userspace/sip/sip_cisco.h"

#include <errno.h>
#include <stdio.h>

#include "userspace/base/log.h"
#include "userspace/sip/sip_leg.h"

#define LOWEST	20480			/* ports that phones take for it */
#define HIGHEST	32768

static int execute(struct sip_phone *phone, const char *url)
{
	struct cisco_order o = { .refer = true, .type = CISCO_MULTIPART };
	uint8_t room[2048];
	struct td_buf body;

	td_buf_init(&body, room, sizeof(room));
	td_cisco_write_execute(&body, url);
	o.body = (const char *)room;
	o.len = body.pos;
	return body.err ? body.err : td_cisco_send(phone, &o);
}

static int listen_to(struct sip_phone *phone, const struct td_addr *group)
{
	char url[64], ip[TD_ADDR_STRLEN];
	struct sip_target t;

	if (!phone->cisco || group->port < LOWEST || group->port > HIGHEST)
		return -ENOTSUP;
	if (!td_sip_targets(phone, &t, 1))
		return -EHOSTUNREACH;
	if (!td_addr_is_v4(&t.peer) || phone->ep->family == CFG_FAMILY_IPV6)
		return -EAFNOSUPPORT;
	snprintf(url, sizeof(url), "RTPMRx:%s:%u", td_addr_ip(group, ip), group->port);
	return execute(phone, url);
}

int td_sip_page(void *driver, struct td_endpoint *ep, const struct cfg_paging *page)
{
	struct sip_phone *phone = td_sip_phone_by_id(driver, ep->id);
	int err = 0;

	if (!phone)
		return -ENOTSUP;
	if (phone->listens_itself)
		return 0;
	if (page)
		return listen_to(phone, &page->multicast.group);
	if (phone->cisco)
		err = execute(phone, "RTPRx:Stop");
	if (err)
		td_log_limited(TD_LOG_SIP, TD_INFO, "phone=%s is not told that the page is over",
			       phone->id);
	return 0;
}
