/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens elsewhere and is shown on a phone: all calls of its line go to another number,
 * messages wait, who is behind a busy lamp talks, another phone with the same line uses it
 * (sccp_shared.c).
 */
#include "userspace/sccp/sccp_priv.h"

struct sccp_watch {
	struct td_watch watch;
	struct sccp_phone *phone;
	uint32_t instance;		/* of the line, or of the button */
	/* as the phone was told last */
	bool forwarded, messages;
	uint8_t state;			/* enum td_line_state */
};

static void send_messages(struct sccp_phone *phone, uint32_t line, bool on)
{
	struct sccp_msg m = { .id = SCCP_SET_LAMP, .lamp = { SCCP_ST_VOICE_MAIL, line,
			      on ? SCCP_LAMP_ON : SCCP_LAMP_OFF } };

	td_sccp_send(phone->session, &m);
}

static void tell_messages(struct sccp_watch *w, const struct td_number_state *st)
{
	if (w->messages == (st->messages != 0))
		return;
	w->messages = st->messages != 0;
	send_messages(w->phone, w->instance, w->messages);
}

static void tell_forward(struct sccp_watch *w, const struct td_number_state *st)
{
	struct sccp_phone *phone = w->phone;

	if (!st->forward_all[0] && !w->forwarded)
		return;
	w->forwarded = st->forward_all[0];
	td_sccp_send_forward(phone->session, w->instance);
	if (w->instance != 1)
		return;
	td_sccp_show_idle_prompt(phone);
	td_sccp_send_functions(phone);
}

static void on_line(void *arg)
{
	struct sccp_watch *w = arg;
	struct td_number_state st;

	if (td_core_number_state(w->phone->sccp->core,
				 td_sccp_phone_line(w->phone, w->instance)->number, &st))
		return;
	tell_messages(w, &st);
	tell_forward(w, &st);
	td_sccp_shared_update(w->phone, w->instance);
}

static void on_button(void *arg)
{
	struct sccp_watch *w = arg;
	struct sccp_phone *phone = w->phone;
	uint8_t now = (uint8_t)td_line_state(phone->sccp->core,
					     td_sccp_button(phone, w->instance)->target);

	if (now == w->state)
		return;
	w->state = now;
	td_sccp_send_feature(phone->session, w->instance);
}

static struct sccp_watch *add(struct sccp_phone *phone, uint32_t instance, const char *number,
			      void (*changed)(void *arg))
{
	struct sccp_watch *w = &phone->watches[phone->n_watches++];

	w->phone = phone;
	w->instance = instance;
	td_watch_start(phone->sccp->core, number, &w->watch, changed, w);
	return w;
}

static void watch_line(struct sccp_phone *phone, uint32_t instance)
{
	const char *number = td_sccp_phone_line(phone, instance)->number;
	struct sccp_watch *w = add(phone, instance, number, on_line);
	struct td_number_state st;

	if (td_core_number_state(phone->sccp->core, number, &st))
		return;
	w->forwarded = st.forward_all[0];	/* that it has asked for itself */
	tell_messages(w, &st);
	td_sccp_shared_update(phone, instance);
}

static void watch_button(struct sccp_phone *phone, uint32_t instance)
{
	const struct sccp_key_button *b = td_sccp_button(phone, instance);
	struct sccp_watch *w;

	if (b->stimulus != SCCP_ST_BLF ||
	    !td_line_may_watch(phone->sccp->core, b->target, phone->ep))
		return;
	w = add(phone, instance, b->target, on_button);
	w->state = (uint8_t)td_line_state(phone->sccp->core, b->target);
	td_sccp_send_feature(phone->session, instance);
}

void td_sccp_watch_start(struct sccp_phone *phone)
{
	size_t lines = phone->ep->n_lines, n = lines + phone->n_buttons;

	td_sccp_watch_stop(phone);
	phone->watches = td_calloc(n ? n : 1, sizeof(*phone->watches));
	if (!phone->watches)
		return;			/* its lamps stay as they are */
	for (uint32_t i = 1; i <= lines; i++)
		watch_line(phone, i);
	for (uint32_t i = 1; i <= phone->n_buttons; i++)
		watch_button(phone, i);
}

void td_sccp_watch_stop(struct sccp_phone *phone)
{
	for (size_t i = 0; i < phone->n_watches; i++)
		td_watch_stop(phone->sccp->core, &phone->watches[i].watch);
	td_sccp_shared_forget(phone);
	td_free(phone->watches);
	phone->watches = NULL;
	phone->n_watches = 0;
}
