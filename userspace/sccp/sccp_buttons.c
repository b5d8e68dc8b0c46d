/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the buttons beside the display are: lines, speed dials, those that also show whether the
 * other one talks (BLF), functions. Lines are numbered by themselves wherever their buttons are;
 * all others share one numbering, so that every question about one has one answer.
 */
#include "userspace/sccp/sccp_priv.h"

#include <errno.h>

#define FROM_BLF 15		/* versions that know of busy lamps beside speed dials */

/* Features of Cisco's configuration files, as buttons here. */
static const struct {
	uint32_t feature;
	uint8_t stimulus;
	const char *label;
} functions[] = {
	{ 1, SCCP_ST_REDIAL, "Redial" },	{ 3, SCCP_ST_HOLD, "Hold" },
	{ 4, SCCP_ST_TRANSFER, "Transfer" },	{ 5, SCCP_ST_FORWARD_ALL, "Forward all" },
	{ 102, SCCP_ST_CONFERENCE, "Conference" }, { 126, SCCP_ST_PARK, "Park" },
	{ 127, SCCP_ST_PICKUP, "Pickup" },	{ 128, SCCP_ST_GROUP_PICKUP, "Group pickup" },
	{ 130, SCCP_ST_DND, "Do not disturb" },	{ 137, SCCP_ST_NEW_CALL, "New call" },
	{ 194, SCCP_ST_VOICE_MAIL, "Messages" }, { 19, SCCP_ST_PRIVACY, "Privacy" },
};

enum { FEATURE_SPEED_DIAL = 2, FEATURE_BLF = 21, FEATURE_BLF_PARK = 22 };

static uint8_t stimulus_of(const struct cfg_button *b, const char **label)
{
	if (b->feature == FEATURE_SPEED_DIAL)
		return SCCP_ST_SPEED_DIAL;
	if (b->feature == FEATURE_BLF || b->feature == FEATURE_BLF_PARK)
		return SCCP_ST_BLF;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (functions[i].feature != b->feature)
			continue;
		*label = functions[i].label;
		return functions[i].stimulus;
	}
	return SCCP_ST_EMPTY;
}

int td_sccp_buttons_set(struct sccp_phone *phone, const struct cfg_phone *cfg)
{
	struct sccp_key_button *all = td_calloc(cfg->n_buttons ? cfg->n_buttons : 1, sizeof(*all));
	size_t n = 0;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < cfg->n_buttons; i++) {
		const struct cfg_button *b = &cfg->buttons[i];
		const char *label = b->target;

		all[n].stimulus = stimulus_of(b, &label);
		if (all[n].stimulus == SCCP_ST_EMPTY)
			continue;	/* a function that these phones do not have */
		all[n].button = b->button;
		td_strlcpy(all[n].target, b->target, sizeof(all[n].target));
		td_strlcpy(all[n].label, b->label[0] ? b->label : label, sizeof(all[n].label));
		n++;
	}
	td_free(phone->buttons);
	phone->buttons = all;
	phone->n_buttons = n;
	return 0;
}

const struct sccp_key_button *td_sccp_button(const struct sccp_phone *phone, uint32_t instance)
{
	return instance && instance <= phone->n_buttons ? &phone->buttons[instance - 1] : NULL;
}

/* ---- the template ---- */

static uint32_t last_button(const struct sccp_phone *phone)
{
	const struct td_endpoint *ep = phone->ep;
	uint32_t n = td_sccp_type(phone->session->type)->buttons;

	if (ep->n_lines && ep->lines[ep->n_lines - 1].button > n)
		n = ep->lines[ep->n_lines - 1].button;
	if (phone->n_buttons && phone->buttons[phone->n_buttons - 1].button > n)
		n = phone->buttons[phone->n_buttons - 1].button;
	return n < SCCP_BUTTONS ? n : SCCP_BUTTONS;
}

/* Old phones have speed dials only. */
static uint8_t type_for(const struct sccp_session *s, const struct sccp_key_button *b)
{
	return b->stimulus == SCCP_ST_BLF && s->version < FROM_BLF ? SCCP_ST_SPEED_DIAL : b->stimulus;
}

void td_sccp_send_buttons(struct sccp_session *s)
{
	struct sccp_msg m = { .id = SCCP_BUTTON_TEMPLATE };
	const struct sccp_phone *phone = s->phone;
	const struct td_endpoint *ep = phone->ep;
	uint32_t at;

	m.buttons.n = last_button(phone);
	for (uint32_t b = 0; b < m.buttons.n; b++)
		m.buttons.button[b].type = SCCP_ST_EMPTY;
	for (size_t i = 0; i < phone->n_buttons; i++) {
		at = phone->buttons[i].button - 1;
		if (at >= m.buttons.n)
			continue;
		m.buttons.button[at].instance = (uint8_t)(i + 1);
		m.buttons.button[at].type = type_for(s, &phone->buttons[i]);
	}
	for (size_t i = 0; i < ep->n_lines; i++) {
		at = ep->lines[i].button - 1;
		if (at >= m.buttons.n)
			continue;
		m.buttons.button[at].instance = (uint8_t)(i + 1);
		m.buttons.button[at].type = SCCP_ST_LINE;
	}
	td_sccp_send(s, &m);
}

/* ---- one of them ---- */

void td_sccp_send_speed_dial(struct sccp_session *s, uint32_t index)
{
	const struct sccp_key_button *b = td_sccp_button(s->phone, index);
	struct sccp_msg m = { .id = SCCP_SPEED_DIAL_STAT, .speed_dial = { .index = index } };

	if (b && b->target[0]) {
		td_sccp_text(s, m.speed_dial.number, sizeof(m.speed_dial.number), b->target);
		td_sccp_text(s, m.speed_dial.label, sizeof(m.speed_dial.label), b->label);
	}
	td_sccp_send(s, &m);
}

enum { BLF_UNKNOWN, BLF_IDLE, BLF_IN_USE, BLF_DND, BLF_ALERTING };

static uint32_t busy_state(enum td_line_state state)
{
	switch (state) {
	case TD_LINE_IDLE:
		return BLF_IDLE;
	case TD_LINE_RINGING:
		return BLF_ALERTING;
	case TD_LINE_HELD:
	case TD_LINE_BUSY:
		return BLF_IN_USE;
	default:
		return BLF_UNKNOWN;
	}
}

static bool is_on(const struct sccp_phone *phone, const struct sccp_key_button *b)
{
	const struct td_endpoint_line *line = td_sccp_phone_line(phone, 1);

	if (b->stimulus == SCCP_ST_DND)
		return phone->dnd;
	if (b->stimulus == SCCP_ST_PRIVACY)
		return td_endpoint_is_private(phone->ep);
	return b->stimulus == SCCP_ST_FORWARD_ALL && line &&
	       td_core_forwarded_to(phone->sccp->core, line->number)[0];
}

/* Phones that know no busy lamps have plain ones. */
static void send_old_lamp(struct sccp_session *s, uint32_t index, enum td_line_state state)
{
	struct sccp_msg m = { .id = SCCP_SET_LAMP, .lamp = { SCCP_ST_SPEED_DIAL, index,
			      state == TD_LINE_RINGING ? SCCP_LAMP_BLINK :
			      state > TD_LINE_RINGING ? SCCP_LAMP_ON : SCCP_LAMP_OFF } };

	td_sccp_send(s, &m);
}

void td_sccp_send_feature(struct sccp_session *s, uint32_t index)
{
	const struct sccp_key_button *b = td_sccp_button(s->phone, index);
	struct sccp_msg m = { .id = SCCP_FEATURE_STAT, .feature = { .index = index } };
	enum td_line_state state;

	if (b) {
		m.feature.type = type_for(s, b);
		m.feature.state = is_on(s->phone, b);
		td_sccp_text(s, m.feature.label, sizeof(m.feature.label), b->label);
	}
	if (b && b->stimulus == SCCP_ST_BLF) {
		state = td_line_may_watch(s->sccp->core, b->target, s->phone->ep) ?
				td_line_state(s->sccp->core, b->target) : TD_LINE_OFFLINE;
		m.feature.state = busy_state(state);
		if (s->version < FROM_BLF)
			send_old_lamp(s, index, state);
	}
	td_sccp_send(s, &m);
}

/* Keys that show whether they are on. */
void td_sccp_send_functions(struct sccp_phone *phone)
{
	for (size_t i = 0; i < phone->n_buttons; i++)
		if (phone->buttons[i].stimulus == SCCP_ST_DND ||
		    phone->buttons[i].stimulus == SCCP_ST_PRIVACY ||
		    phone->buttons[i].stimulus == SCCP_ST_FORWARD_ALL)
			td_sccp_send_feature(phone->session, (uint32_t)i + 1);
}
