/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys under the display. A phone is told all of them and their order in each set when it
 * starts; later which set it shows, and which keys of that: only those that do something now.
 */
#include "userspace/sccp/sccp_priv.h"

/* Labels of the phone itself, in its language. The first 18 keys have their own number. */
static const uint8_t labels[SCCP_KEYS + 1] = {
	[SCCP_KEY_MONITOR] = 0x0c, [SCCP_KEY_CALL_BACK] = 0x41, [SCCP_KEY_BARGE] = 0x51 /* cBarge: all meet in a mixer */,
	[SCCP_KEY_DND] = 0x3f, [SCCP_KEY_CONF_LIST] = 0x4f, [SCCP_KEY_SELECT] = 0x4e,
	[SCCP_KEY_PRIVATE] = 0x36, [SCCP_KEY_TRANSFER_VM] = 0x3e,
	[SCCP_KEY_DIRECT_TRANSFER] = 0x4c, [SCCP_KEY_DIVERT] = 0x50,
};

void td_sccp_send_soft_keys(struct sccp_session *s)
{
	struct sccp_msg m = { .id = SCCP_SOFT_KEY_TEMPLATE_RES };

	m.soft_keys.n = SCCP_KEY_DIVERT;
	for (uint32_t i = 0; i < m.soft_keys.n; i++) {
		uint32_t key = i + 1;

		m.soft_keys.key[i].label[0] = (char)0x80;
		m.soft_keys.key[i].label[1] = (char)(labels[key] ? labels[key] : key);
		m.soft_keys.key[i].event = key;
	}
	td_sccp_send(s, &m);
}

/* Unless the phone's configuration says otherwise. */
static const uint8_t sets[SCCP_SETS][SCCP_SET_KEYS] = {
	[SCCP_SET_ON_HOOK] = { SCCP_KEY_REDIAL, SCCP_KEY_NEW_CALL, SCCP_KEY_FORWARD_ALL,
			       SCCP_KEY_PICKUP, SCCP_KEY_GROUP_PICKUP, SCCP_KEY_DND },
	[SCCP_SET_CONNECTED] = { SCCP_KEY_HOLD, SCCP_KEY_END_CALL, SCCP_KEY_TRANSFER,
				 SCCP_KEY_CONFERENCE, SCCP_KEY_PARK, SCCP_KEY_PRIVATE },
	[SCCP_SET_ON_HOLD] = { SCCP_KEY_RESUME, SCCP_KEY_NEW_CALL },
	[SCCP_SET_RING_IN] = { SCCP_KEY_ANSWER, SCCP_KEY_DIVERT, SCCP_KEY_DND, SCCP_KEY_END_CALL },
	[SCCP_SET_OFF_HOOK] = { SCCP_KEY_REDIAL, SCCP_KEY_END_CALL, SCCP_KEY_FORWARD_ALL,
				SCCP_KEY_PICKUP, SCCP_KEY_GROUP_PICKUP },
	[SCCP_SET_CONNECTED_TRANSFER] = { SCCP_KEY_HOLD, SCCP_KEY_END_CALL, SCCP_KEY_TRANSFER },
	[SCCP_SET_DIGITS] = { SCCP_KEY_BACK_SPACE, SCCP_KEY_END_CALL },
	[SCCP_SET_CONNECTED_CONFERENCE] = { SCCP_KEY_HOLD, SCCP_KEY_END_CALL, SCCP_KEY_CONFERENCE },
	[SCCP_SET_RING_OUT] = { SCCP_KEY_END_CALL, SCCP_KEY_TRANSFER, SCCP_KEY_CALL_BACK },
	[SCCP_SET_OFF_HOOK_FEATURE] = { SCCP_KEY_REDIAL, SCCP_KEY_END_CALL },
	[SCCP_SET_IN_USE_HINT] = { SCCP_KEY_NEW_CALL, SCCP_KEY_BARGE },
};

void td_sccp_keys_set(struct sccp_phone *phone, const struct cfg_phone *cfg)
{
	static const uint8_t key_of[CFG_SOFTKEYS] = {
		[CFG_KEY_REDIAL] = SCCP_KEY_REDIAL, [CFG_KEY_NEWCALL] = SCCP_KEY_NEW_CALL,
		[CFG_KEY_HOLD] = SCCP_KEY_HOLD, [CFG_KEY_TRANSFER] = SCCP_KEY_TRANSFER,
		[CFG_KEY_CFWDALL] = SCCP_KEY_FORWARD_ALL, [CFG_KEY_ENDCALL] = SCCP_KEY_END_CALL,
		[CFG_KEY_RESUME] = SCCP_KEY_RESUME, [CFG_KEY_ANSWER] = SCCP_KEY_ANSWER,
		[CFG_KEY_CONFERENCE] = SCCP_KEY_CONFERENCE, [CFG_KEY_PARK] = SCCP_KEY_PARK,
		[CFG_KEY_PICKUP] = SCCP_KEY_PICKUP, [CFG_KEY_GPICKUP] = SCCP_KEY_GROUP_PICKUP,
		[CFG_KEY_CALLBACK] = SCCP_KEY_CALL_BACK, [CFG_KEY_DND] = SCCP_KEY_DND,
		[CFG_KEY_DIVERT] = SCCP_KEY_DIVERT, [CFG_KEY_BARGE] = SCCP_KEY_BARGE,
		[CFG_KEY_PRIVATE] = SCCP_KEY_PRIVATE,
	};
	static const uint8_t set_when[CFG_KEYS_WHEN] = {
		[CFG_KEYS_IDLE] = SCCP_SET_ON_HOOK, [CFG_KEYS_SEIZED] = SCCP_SET_OFF_HOOK,
		[CFG_KEYS_ALERTING] = SCCP_SET_RING_OUT, [CFG_KEYS_RINGING] = SCCP_SET_RING_IN,
		[CFG_KEYS_CONNECTED] = SCCP_SET_CONNECTED, [CFG_KEYS_HOLD] = SCCP_SET_ON_HOLD,
		[CFG_KEYS_REMOTE_IN_USE] = SCCP_SET_IN_USE_HINT,
	};

	memcpy(phone->keys, sets, sizeof(phone->keys));
	for (size_t i = 0; i < CFG_KEYS_WHEN; i++) {
		const struct cfg_softkeys *keys = &cfg->softkeys[i];

		if (keys->n)
			memset(phone->keys[set_when[i]], 0, SCCP_SET_KEYS);
		for (uint8_t k = 0; k < keys->n; k++)
			phone->keys[set_when[i]][k] = key_of[keys->key[k]];
	}
}

void td_sccp_send_key_sets(struct sccp_session *s)
{
	struct sccp_msg m = { .id = SCCP_SOFT_KEY_SET_RES };

	m.key_sets.n = SCCP_SETS;
	for (uint32_t i = 0; i < SCCP_SETS; i++)
		for (int k = 0; k < SCCP_SET_KEYS; k++) {
			m.key_sets.set[i].key[k] = s->phone->keys[i][k];
			m.key_sets.set[i].info[k] = s->phone->keys[i][k] ?
				(uint16_t)(300 + s->phone->keys[i][k]) : 0;
		}
	td_sccp_send(s, &m);
}

/* ---- which set, which keys ---- */

static enum sccp_key_set_number talking_set(const struct sccp_call *call)
{
	if (!td_sccp_feature_first(call))
		return SCCP_SET_CONNECTED;
	return call->purpose == SCCP_FOR_TRANSFER ? SCCP_SET_CONNECTED_TRANSFER :
						    SCCP_SET_CONNECTED_CONFERENCE;
}

static enum sccp_key_set_number set_of(const struct sccp_call *call)
{
	if (!call)
		return SCCP_SET_ON_HOOK;
	switch (call->phase) {
	case SCCP_DIALLING:
		if (call->digits[0])
			return SCCP_SET_DIGITS;
		return call->purpose ? SCCP_SET_OFF_HOOK_FEATURE : SCCP_SET_OFF_HOOK;
	case SCCP_RINGING_IN:
		return SCCP_SET_RING_IN;
	case SCCP_TALKING:
		return talking_set(call);
	case SCCP_HELD:
		return SCCP_SET_ON_HOLD;
	default:
		return SCCP_SET_RING_OUT;
	}
}

static bool works(const struct sccp_phone *phone, const struct sccp_call *call, uint8_t key)
{
	const struct td_endpoint_line *line = td_sccp_phone_line(phone, call ? call->line : 1);

	switch (key) {
	case 0:
		return false;
	case SCCP_KEY_REDIAL:
		return phone->redial[0] && (!call || !call->purpose || call->phase != SCCP_DIALLING ||
					    td_sccp_feature_first(call));
	case SCCP_KEY_NEW_CALL:
	case SCCP_KEY_FORWARD_ALL:
	case SCCP_KEY_PICKUP:
		return line != NULL;
	case SCCP_KEY_GROUP_PICKUP:
		return line && line->pickup_group[0];
	case SCCP_KEY_DIVERT:
		return td_sccp_divert_to(call)[0] != '\0';
	case SCCP_KEY_CALL_BACK:
		return td_sccp_may_call_back(call);
	case SCCP_KEY_PRIVATE:
		return td_sccp_is_shared(phone, call->line);
	case SCCP_KEY_PARK:
		return phone->sccp->config->n_parks != 0;
	case SCCP_KEY_TRANSFER:
		/* a call that is not answered can be the second one of a transfer only */
		return call->leg && (call->phase == SCCP_TALKING ||
				     (call->purpose == SCCP_FOR_TRANSFER && td_sccp_feature_first(call)));
	default:
		return true;
	}
}

void td_sccp_select_keys(struct sccp_phone *phone, const struct sccp_call *call)
{
	enum sccp_key_set_number set = set_of(call);
	struct sccp_msg m = { .id = SCCP_SELECT_SOFT_KEYS };

	m.select.line = call ? call->line : 0;
	m.select.ref = call ? call->ref : 0;
	m.select.set = set;
	for (int k = 0; k < SCCP_SET_KEYS; k++)
		if (works(phone, call, phone->keys[set][k]))
			m.select.mask |= 1u << k;
	td_sccp_send(phone->session, &m);
}

void td_sccp_select_shared_keys(struct sccp_phone *phone, const struct sccp_shared *s)
{
	bool held = s->held && !s->secret;
	enum sccp_key_set_number set = held ? SCCP_SET_ON_HOLD : SCCP_SET_IN_USE_HINT;
	struct sccp_msg m = { .id = SCCP_SELECT_SOFT_KEYS };

	m.select.line = s->line;
	m.select.ref = s->ref;
	m.select.set = set;
	for (int k = 0; k < SCCP_SET_KEYS; k++)
		if (phone->keys[set][k] &&
		    !(s->secret && phone->keys[set][k] == SCCP_KEY_BARGE))
			m.select.mask |= 1u << k;
	td_sccp_send(phone->session, &m);
}
