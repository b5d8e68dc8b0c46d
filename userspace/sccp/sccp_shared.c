/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared lines: a number that several phones have. What one of them does there is seen at the
 * others ("In Use Remote"); what it holds can be resumed there, and who talks can be joined
 * (barge). Other phones may be of any kind: the core tells what is going on at a number.
 *
 * The reference that the phone knows such a call by is made of the core's number of the leg, so a
 * next process goes on with the same one.
 */
#include "userspace/sccp/sccp_priv.h"

#define REF_OF_OTHERS	0x40000000u	/* this phone's own calls count from 1 */
#define MAX_SHOWN	16		/* on one line */

static struct sccp_shared *find_leg(const struct sccp_phone *phone, uint32_t line, uint32_t leg_id)
{
	struct sccp_shared *s;

	td_list_for_each(s, &phone->shared, struct sccp_shared, node)
		if (s->line == line && s->leg_id == leg_id)
			return s;
	return NULL;
}

/* Who only rings is seen by what rings here. */
static bool is_shown(const struct sccp_phone *phone, const struct td_line_dialog *d)
{
	return d->ep != phone->ep && (d->up || !d->called);
}

static void show(struct sccp_phone *phone, uint32_t line, const struct td_line_dialog *d)
{
	struct sccp_shared *s = find_leg(phone, line, d->leg_id);
	bool new = !s;

	if (new) {
		s = td_zalloc(sizeof(*s));
		if (!s)
			return;
		s->ref = REF_OF_OTHERS | d->leg_id;
		s->leg_id = d->leg_id;
		s->line = (uint8_t)line;
		td_list_append(&phone->shared, &s->node);
	}
	s->there = true;
	if (!new && s->held == d->held && s->secret == d->secret && s->call_id == d->call_id &&
	    !strcmp(s->peer.number, d->remote.number) && !strcmp(s->peer.name, d->remote.name))
		return;
	s->call_id = d->call_id;
	s->called = d->called;
	s->held = d->held;
	s->secret = d->secret;
	s->peer = d->remote;
	td_sccp_show_shared(phone, s);
}

void td_sccp_shared_update(struct sccp_phone *phone, uint32_t line)
{
	struct td_line_dialog d[MAX_SHOWN];
	struct sccp_shared *s, *next;
	size_t n = td_line_dialogs(phone->sccp->core, td_sccp_phone_line(phone, line)->number, d,
				   MAX_SHOWN);

	td_list_for_each(s, &phone->shared, struct sccp_shared, node)
		s->there = s->line != line;
	for (size_t i = 0; i < n; i++)
		if (is_shown(phone, &d[i]))
			show(phone, line, &d[i]);
	td_list_for_each_safe(s, next, &phone->shared, struct sccp_shared, node) {
		if (s->there)
			continue;
		td_list_del(&s->node);
		td_sccp_show_shared_ended(phone, s);
		td_free(s);
	}
}

void td_sccp_shared_forget(struct sccp_phone *phone)
{
	struct sccp_shared *s, *next;

	td_list_for_each_safe(s, next, &phone->shared, struct sccp_shared, node) {
		td_list_del(&s->node);
		td_free(s);
	}
}

struct sccp_shared *td_sccp_shared_find(struct sccp_phone *phone, uint32_t ref)
{
	struct sccp_shared *s;

	td_list_for_each(s, &phone->shared, struct sccp_shared, node)
		if (s->ref == ref)
			return s;
	return NULL;
}

struct sccp_shared *td_sccp_shared_held(struct sccp_phone *phone, uint32_t line)
{
	struct sccp_shared *s;

	td_list_for_each(s, &phone->shared, struct sccp_shared, node)
		if (s->line == line && s->held && !s->secret)
			return s;
	return NULL;
}

void td_sccp_shared_key(struct sccp_phone *phone, const struct sccp_shared *s, uint32_t key)
{
	if (key == SCCP_KEY_NEW_CALL)
		td_sccp_call_start(phone, s->line);
	else if (!s->secret && key == (s->held ? SCCP_KEY_RESUME : SCCP_KEY_BARGE))
		td_sccp_call_take(phone, s, key == SCCP_KEY_BARGE);
	else
		td_sccp_show_refused_key(phone, NULL);
}

bool td_sccp_is_shared(const struct sccp_phone *phone, uint32_t line)
{
	const struct td_endpoint_line *l = td_sccp_phone_line(phone, line);

	return l && td_core_number_phones(phone->sccp->core, l->number) > 1;
}

enum sccp_lamp td_sccp_shared_lamp(const struct sccp_phone *phone, uint32_t line)
{
	enum sccp_lamp lamp = SCCP_LAMP_OFF;
	const struct sccp_shared *s;

	td_list_for_each(s, &phone->shared, const struct sccp_shared, node) {
		if (s->line != line)
			continue;
		if (!s->held)
			return SCCP_LAMP_ON;
		lamp = SCCP_LAMP_WINK;
	}
	return lamp;
}
