/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phones that are told unasked (CME 9.0's Unsolicited Notify): what they watch stands in their
 * configuration. Lines that other phones have too, and keys that show whether somebody is busy.
 * It lasts as long as the registration in which it was negotiated, and is not refreshed.
 */
#include "userspace/sip/sip_cisco.h"
#include "userspace/sip/sip_subscribe.h"

#include "userspace/base/log.h"

static void begin(struct sip_phone *phone, enum sip_event event, const char *number)
{
	struct sip_sub *sub = td_sip_sub_new(phone, event, number);

	if (sub)
		td_sip_sub_notify(sub);
	else
		td_log_limited(TD_LOG_SIP, TD_WARN, "phone=%s is not told of %s: no memory", phone->id,
			       number);
}

void td_sip_subs_implicit(struct sip_phone *phone)
{
	uint32_t granted = phone->cisco ? phone->cisco->granted.set : 0;

	td_sip_subs_drop(phone, true);
	for (uint32_t i = 1; granted & CISCO_SHARED_UNOT && i <= phone->n_numbers; i++)
		if (td_sip_phone_shares(phone, i))
			begin(phone, SIP_EVENT_DIALOG, td_sip_phone_number(phone, i));
	for (size_t i = 0; granted & CISCO_BLF_UNOT && i < phone->n_lamps; i++)
		if (td_line_may_watch(phone->sip->core, phone->lamps[i], phone->ep))
			begin(phone, SIP_EVENT_PRESENCE, phone->lamps[i]);
}
