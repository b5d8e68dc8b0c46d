/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Service control: Cisco's phones start again, or compare the versions of their files with ours
 * and do so if they differ. A phone in a call does it when that has ended.
 */
#include "userspace/sip/sip_cisco.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/log.h"

bool td_cisco_control(struct sip_phone *phone, enum cisco_action action)
{
	struct cisco_order o = { .event = "service-control", .type = "text/plain" };
	struct td_sip_versions v;
	uint8_t room[1024];
	struct td_buf body;
	int err;

	if (!phone->cisco || !phone->cisco->takes_control)
		return false;
	td_cisco_versions(phone, &v);
	if (action == CISCO_ACT_CHECK && !v.config[0])
		return false;		/* a version that is not the file's would be no end of starts */
	td_buf_init(&body, room, sizeof(room));
	td_cisco_write_control(&body, action, phone->cisco->call_id, &v);
	o.body = (const char *)room;
	o.len = body.pos;
	err = body.err ? body.err : td_cisco_send(phone, &o);
	if (err)
		td_log_limited(TD_LOG_SIP, TD_WARN, "phone=%s cannot be told to start again: %s",
			       phone->id, strerror(-err));
	return !err;
}

int td_sip_reset(struct td_sip *sip, const char *which, bool hard)
{
	enum cisco_action action = hard ? CISCO_ACT_RESET : CISCO_ACT_RESTART;
	struct sip_phone *phone = td_sip_phone_by_id(sip, which);
	bool all = !strcmp(which, "all"), known = false;
	struct td_map_node *n;
	int count = 0;

	if (phone)
		return td_cisco_control(phone, action);
	for (n = td_map_next(&sip->phones_by_id, NULL); n; n = td_map_next(&sip->phones_by_id, n)) {
		phone = td_container_of(n, struct sip_phone, by_id);
		if (!all && strcmp(phone->ep->type, which) != 0)
			continue;
		known = true;
		count += td_cisco_control(phone, action);
	}
	return all || known ? count : -ENOENT;
}

bool td_sip_file_changed(struct td_sip *sip, const char *id)
{
	struct sip_phone *phone = td_sip_phone_by_id(sip, id);

	return phone && td_cisco_control(phone, CISCO_ACT_CHECK);
}
