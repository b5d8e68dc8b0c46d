// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Soft key files of SIP phones (root "softKeyCfg"): which keys are under the display when, as the
 * softkeys options of a phone say. A file's name is made of its content, so that phones with the
 * same keys share one, and a phone with other keys finds another name in its own file. Numbers of
 * keys are those of Cisco's firmware; a key that is not defined in the file cannot be in a set.
 */
#include "userspace/prov/files_priv.h"

#include <stdio.h>
#include <string.h>

#include "userspace/base/mem.h"

#define HELP_OF(event) (300 + (event))
#define BACKSPACE CFG_SOFTKEYS		/* in no option: always where digits are */

/* "tag" is the text in the phone's own language. */
static const struct key {
	const char *name;
	uint32_t tag, event;
} keys[CFG_SOFTKEYS + 1] = {
	[CFG_KEY_NONE] = { "Undefined", 0, 0 },
	[CFG_KEY_REDIAL] = { "Redial", 1, 1 }, [CFG_KEY_NEWCALL] = { "NewCall", 2, 2 },
	[CFG_KEY_HOLD] = { "Hold", 3, 3 }, [CFG_KEY_TRANSFER] = { "Transfer", 4, 4 },
	[CFG_KEY_CFWDALL] = { "CFwdAll", 5, 5 }, [CFG_KEY_ENDCALL] = { "EndCall", 9, 9 },
	[CFG_KEY_RESUME] = { "Resume", 10, 10 }, [CFG_KEY_ANSWER] = { "Answer", 11, 11 },
	[CFG_KEY_CONFERENCE] = { "Confrn", 13, 13 }, [CFG_KEY_PARK] = { "Park", 14, 14 },
	[CFG_KEY_PICKUP] = { "PickUp", 17, 17 }, [CFG_KEY_GPICKUP] = { "GPickUp", 18, 18 },
	[CFG_KEY_CALLBACK] = { "CallBack", 65, 20 }, [CFG_KEY_DND] = { "DND", 63, 69 },
	[CFG_KEY_DIVERT] = { "iDivert", 80, 31 }, [BACKSPACE] = { "<<", 8, 8 },
	/* CFG_KEY_BARGE: in no file, phones that share a line have it by themselves */
};

/* All sets must be there. Those that cannot be configured, and the others unless they are. */
#define NOT_CONFIGURED CFG_KEYS_WHEN
static const struct set {
	const char *id;
	uint32_t when;			/* enum cfg_keys_when */
	uint8_t key[8];			/* up to the first 0 */
} sets[] = {
	{ "On Hook", CFG_KEYS_IDLE, { CFG_KEY_REDIAL, CFG_KEY_NEWCALL, CFG_KEY_CFWDALL, CFG_KEY_PICKUP,
				      CFG_KEY_GPICKUP, CFG_KEY_DND } },
	{ "Connected", CFG_KEYS_CONNECTED, { CFG_KEY_HOLD, CFG_KEY_ENDCALL, CFG_KEY_TRANSFER,
					     CFG_KEY_CONFERENCE, CFG_KEY_PARK } },
	{ "On Hold", CFG_KEYS_HOLD, { CFG_KEY_RESUME, CFG_KEY_NEWCALL } },
	{ "Ring In", CFG_KEYS_RINGING, { CFG_KEY_ANSWER, CFG_KEY_DIVERT, CFG_KEY_DND } },
	{ "Off Hook", CFG_KEYS_SEIZED, { CFG_KEY_REDIAL, CFG_KEY_ENDCALL, CFG_KEY_CFWDALL,
					 CFG_KEY_PICKUP, CFG_KEY_GPICKUP } },
	{ "Connected Transfer", NOT_CONFIGURED, { CFG_KEY_ENDCALL, CFG_KEY_TRANSFER } },
	{ "Digits After First", NOT_CONFIGURED, { BACKSPACE, CFG_KEY_ENDCALL } },
	{ "Connected Conference", NOT_CONFIGURED, { CFG_KEY_ENDCALL, CFG_KEY_CONFERENCE } },
	{ "Ring Out", CFG_KEYS_ALERTING, { CFG_KEY_ENDCALL } },
	{ "Off Hook With Feature", NOT_CONFIGURED, { CFG_KEY_REDIAL, CFG_KEY_ENDCALL } },
	{ "Remote In Use", CFG_KEYS_REMOTE_IN_USE, { CFG_KEY_NEWCALL } },
	{ "Connected No Feature", NOT_CONFIGURED, { CFG_KEY_ENDCALL } },
};

static void define(struct td_xml *x, const struct key *key)
{
	td_xml_open(x, "softKeyDef");
	td_xml_attr(x, "keyID", key->name);
	td_xml_u32(x, "tag", key->tag);
	td_xml_u32(x, "eventID", key->event);
	td_xml_u32(x, "helpID", key->event ? HELP_OF(key->event) : 0);
	td_xml_close(x);
}

static void make_set(struct td_xml *x, const struct set *set, const struct cfg_softkeys *given)
{
	const uint8_t *key = given && given->n ? given->key : set->key;
	size_t n = given && given->n ? given->n : strnlen((const char *)set->key, sizeof(set->key));

	td_xml_open(x, "softKeySet");
	td_xml_attr(x, "id", set->id);
	for (size_t i = 0; i < n; i++) {
		if (!keys[key[i]].name)
			continue;
		td_xml_open(x, "softKey");
		td_xml_attr(x, "keyID", keys[key[i]].name);
		td_xml_close(x);
	}
	td_xml_close(x);
}

static char *make(struct td_maker *m, const struct cfg_softkeys *given, size_t *len,
		  char stamp[TD_STAMP_LEN])
{
	struct td_xml x;
	char *text;

	td_xml_begin(&x);
	td_xml_open(&x, "softKeyCfg");
	td_xml_text(&x, "versionStamp", STAMP_HERE);
	td_xml_open(&x, "typeSoftKey");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].name)
			define(&x, &keys[i]);
	td_xml_close(&x);
	td_xml_open(&x, "softKeySets");
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		make_set(&x, &sets[i], sets[i].when == NOT_CONFIGURED ? NULL : &given[sets[i].when]);
	text = td_xml_end(&x, len);
	if (text)
		td_maker_stamp(m, NULL, text, *len, stamp);
	return text;
}

static bool has_own(const struct cfg_phone *phone)
{
	for (size_t i = 0; i < CFG_KEYS_WHEN; i++)
		if (phone->softkeys[i].n)
			return true;
	return false;
}

const char *td_make_softkeys(struct td_maker *m, const struct cfg_phone *phone)
{
	char stamp[TD_STAMP_LEN], *text;
	size_t len = 0;

	if (!has_own(phone))
		return m->has_softkeys ? TD_FILE_SOFTKEY : NULL;
	/* most phones have those of their template, as the one before */
	if (m->keyed && !memcmp(m->keyed->softkeys, phone->softkeys, sizeof(phone->softkeys)))
		return m->keyed_file;
	text = make(m, phone->softkeys, &len, stamp);
	if (!text) {
		m->failed++;
		return NULL;
	}
	m->keyed = phone;
	snprintf(m->keyed_file, sizeof(m->keyed_file), TD_FILE_SOFTKEYS_OF "%s.xml", stamp);
	if (td_names_find(m->names, m->keyed_file, strlen(m->keyed_file)))
		td_free(text);
	else
		td_maker_add(m, m->keyed_file, text, len, NULL, "text/xml");
	return m->keyed_file;
}
