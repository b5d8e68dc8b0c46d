// SPDX-License-Identifier: GPL-2.0-or-later
/* Soft keys, written as CME's command softkeys does: "Redial Newcall Cfwdall". See value.h. */
#include "config/value_phone.h"

#include <string.h>

#include "config/schema.h"
#include "userspace/base/str.h"

static const char *const names[CFG_SOFTKEYS] = {
	[CFG_KEY_REDIAL] = "redial", [CFG_KEY_NEWCALL] = "newcall", [CFG_KEY_HOLD] = "hold",
	[CFG_KEY_TRANSFER] = "trnsfer", [CFG_KEY_CFWDALL] = "cfwdall",
	[CFG_KEY_ENDCALL] = "endcall", [CFG_KEY_RESUME] = "resume", [CFG_KEY_ANSWER] = "answer",
	[CFG_KEY_CONFERENCE] = "confrn", [CFG_KEY_PARK] = "park",
	[CFG_KEY_PICKUP] = "pickup", [CFG_KEY_GPICKUP] = "gpickup",
	[CFG_KEY_CALLBACK] = "callback", [CFG_KEY_DND] = "dnd", [CFG_KEY_DIVERT] = "idivert",
	[CFG_KEY_BARGE] = "cbarge", [CFG_KEY_PRIVATE] = "private",
};

const char *td_value_softkey(uint8_t key)
{
	return key < CFG_SOFTKEYS ? names[key] : NULL;
}

/* Only words of the option are keys that can be there. */
static uint8_t find(const struct schema_option *o, struct td_str word)
{
	for (size_t i = 0; o->words[i]; i++)
		if (td_str_caseeq_c(word, o->words[i]))
			for (uint8_t k = 1; k < CFG_SOFTKEYS; k++)
				if (!strcmp(names[k], o->words[i]))
					return k;
	return CFG_KEY_NONE;
}

int td_value_read_keys(const struct schema_option *o, const struct uci_value *v, void *dst,
		       struct value_fault *fault)
{
	struct cfg_softkeys *keys = dst;
	const char *p = v->text;

	memset(keys, 0, sizeof(*keys));
	for (p += strspn(p, " "); *p; p += strspn(p, " ")) {
		struct td_str word = { p, strcspn(p, " ") };
		uint8_t key = find(o, word);

		p += word.len;
		if (!key) {
			char copy[16], all[128];

			td_str_copy(copy, sizeof(copy), word);
			fault->hint = td_str_nearest(copy, o->words);
			td_value_takes(o, all, sizeof(all));
			return td_value_refuse(fault, v->text, "has a key that is none of %s", all);
		}
		if (memchr(keys->key, key, keys->n))
			return td_value_refuse(fault, v->text, "has %s twice", names[key]);
		keys->key[keys->n++] = key;
	}
	return 0;
}

void td_value_print_keys(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	const struct cfg_softkeys *keys = src;
	size_t used = 0;

	(void)o;
	dst[0] = '\0';
	for (uint8_t i = 0; i < keys->n && used < size; i++) {
		if (i)
			used += td_strlcpy(dst + used, " ", size - used);
		if (used < size)
			used += td_strlcpy(dst + used, names[keys->key[i]], size - used);
	}
}
