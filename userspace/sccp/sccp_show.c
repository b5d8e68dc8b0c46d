/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "show phones summary": what each phone does now, with the items of CME's "show ephone summary".
 */
#include "userspace/sccp/sccp_priv.h"

#include <stdio.h>

/* What it said of itself; after a restart of ours only the one that it talks by is known. */
static void show_address(const struct sccp_session *s, bool v6, struct td_json *j)
{
	char text[TD_ADDR_STRLEN];
	const struct td_addr *a = NULL;

	if (s && td_addr_is_v4(&s->peer) != v6)
		a = &s->peer;
	else if (s && td_addr_is_set(&s->told[v6]) && td_addr_is_v4(&s->told[v6]) != v6)
		a = &s->told[v6];
	td_json_str(j, v6 ? "ipv6" : "ipv4", a ? td_addr_ip(a, text) : NULL);
}

static void show_buttons(const struct sccp_phone *phone, struct td_json *j)
{
	char text[CFG_NUMBER_LEN + 16];

	td_json_array(j, "buttons");
	for (size_t i = 0; i < phone->ep->n_lines; i++) {
		snprintf(text, sizeof(text), "%u:%s", phone->ep->lines[i].button,
			 phone->ep->lines[i].number);
		td_json_str(j, NULL, text);
	}
	td_json_end_array(j);
	td_json_array(j, "speed_dials");
	for (size_t i = 0; i < phone->n_buttons; i++) {
		const struct sccp_key_button *b = &phone->buttons[i];

		if (!b->target[0])
			continue;
		snprintf(text, sizeof(text), "%u:%s", b->button, b->target);
		td_json_str(j, NULL, text);
	}
	td_json_end_array(j);
}

/* Whose callers hear music: it holds them. */
static unsigned int count_held(const struct sccp_phone *phone)
{
	const struct sccp_call *call;
	unsigned int n = 0;

	td_list_for_each(call, &phone->calls, const struct sccp_call, node)
		n += call->phase == SCCP_HELD;
	return n;
}

static void show_activity(struct sccp_phone *phone, struct td_json *j)
{
	const struct sccp_call *active = phone->active;

	td_json_u64(j, "active_line", active ? active->line : 0);
	td_json_u64(j, "whisper_line", active && active->whispers ? active->line : 0);
	td_json_bool(j, "media_active", active && active->tx);
	td_json_bool(j, "offhook", active != NULL);
	td_json_bool(j, "ringing", td_sccp_call_in_phase(phone, SCCP_RINGING_IN) != NULL);
	td_json_bool(j, "reset", phone->reset != 0);
	td_json_bool(j, "debug", phone->sccp->debug != NULL);
	td_json_bool(j, "privacy", td_endpoint_is_private(phone->ep));
	td_json_u64(j, "music", count_held(phone));
}

static void show_phone(struct sccp_phone *phone, struct td_json *j)
{
	static const char *const states[] = { "unregistered", "registering", "registered", "rejected" };
	const struct sccp_session *s = phone->session;
	const struct td_endpoint *ep = phone->ep;
	char mac[13];

	td_hex(mac, phone->mac, sizeof(phone->mac));
	td_json_object(j, NULL);
	td_json_str(j, "id", phone->id);
	if (ep->tag)
		td_json_u64(j, "tag", ep->tag);
	else
		td_json_null(j, "tag");
	td_json_str(j, "mac", mac);
	td_json_int(j, "socket", s ? s->fd : -1);
	td_json_str(j, "state", states[ep->state]);
	show_activity(phone, j);
	td_json_str(j, "primary_dn", ep->n_lines ? ep->lines[0].number : NULL);
	show_address(s, true, j);
	show_address(s, false, j);
	td_json_str(j, "active", s ? td_addr_is_v4(&s->peer) ? "ipv4" : "ipv6" : NULL);
	td_json_str(j, "type", ep->type[0] ? ep->type : NULL);
	td_json_u64(j, "keepalive", s ? s->keepalives : 0);
	show_buttons(phone, j);
	td_json_end_object(j);
}

void td_sccp_show_summary(struct td_sccp *sccp, struct td_json *j, const char *key)
{
	struct td_map_node *n, *next;

	td_json_array(j, key);
	td_map_for_each_safe(n, next, &sccp->phones_by_id)
		show_phone(td_container_of(n, struct sccp_phone, by_id), j);
	td_json_end_array(j);
}
