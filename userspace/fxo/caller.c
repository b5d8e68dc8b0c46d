// SPDX-License-Identifier: GPL-2.0-or-later
/* Who calls (spandsp); see caller.h. */
#include "userspace/fxo/caller.h"

#include <string.h>

#include <spandsp.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define GAP	(8000 * 2)	/* samples after which a key begins another message */

struct caller {
	void (*fn)(void *arg, struct sound_news *n);
	void *arg;
	adsi_rx_state_t *id[2];		/* Bell 202 (GR-30), V.23 (EN 300 659) */
	dtmf_rx_state_t *key;
	char keys[SOUND_TEXT_LEN];
	size_t n_keys, since;		/* samples since the last one */
};

/* ---- FSK ---- */

static void copy(char *to, const uint8_t *from, int n)
{
	int used = 0;

	for (int i = 0; i < n && used < SOUND_TEXT_LEN - 1; i++)
		if (from[i] >= ' ' && from[i] < 0x7f)
			to[used++] = (char)from[i];
	to[used] = '\0';
}

/* The parameters that name the caller have the same numbers in both standards (GR-30 MDMF,
 * EN 300 659-3); a single message (SDMF) has eight digits of date before the number. */
static void read_caller(struct caller *c, adsi_rx_state_t *s, const uint8_t *msg, int len)
{
	struct sound_news news = { .type = SOUND_CALLER };
	const uint8_t *body;
	uint8_t field;
	int n, pos = adsi_next_field(s, msg, len, -1, &field, &body, &n);
	bool single = field == CLASS_SDMF_CALLERID;

	while (pos > 0 && (pos = adsi_next_field(s, msg, len, pos, &field, &body, &n)) > 0) {
		if (!body)
			continue;
		if (single && n > 8)
			copy(news.text, body + 8, n - 8);
		else if (!single && field == MCLASS_CALLER_NUMBER)
			copy(news.text, body, n);
		else if (!single && field == MCLASS_CALLER_NAME)
			copy(news.name, body, n);
	}
	if (news.text[0] || news.name[0])
		c->fn(c->arg, &news);
}

static void on_bell202(void *arg, const uint8_t *msg, int len)
{
	struct caller *c = arg;

	read_caller(c, c->id[0], msg, len);
}

static void on_v23(void *arg, const uint8_t *msg, int len)
{
	struct caller *c = arg;

	read_caller(c, c->id[1], msg, len);
}

/* ---- keys ---- */

/* A: a number until the next letter; D: the same, but before # why there is none; and a bare
 * number before #, where one short enough to be noise is none. */
void td_caller_of_keys(const char *keys, char *number, size_t size)
{
	size_t n = strlen(keys);
	char end = n ? keys[n - 1] : '\0';
	const char *from = strchr(keys, 'A');

	*number = '\0';
	if (!from && end == 'C')
		from = strchr(keys, 'D');
	if (!from && end == '#' && strspn(keys, "0123456789") == n - 1 && n > 3)
		from = keys - 1;
	if (!from)
		return;
	n = strspn(from + 1, "0123456789");
	if (n < size) {
		memcpy(number, from + 1, n);
		number[n] = '\0';
	}
}

static void on_key(void *arg, const char *keys, int n)
{
	struct sound_news news = { .type = SOUND_CALLER };
	struct caller *c = arg;

	for (int i = 0; i < n; i++) {
		if (c->since > GAP || c->n_keys == sizeof(c->keys) - 1)
			c->n_keys = 0;
		c->since = 0;
		c->keys[c->n_keys++] = keys[i];
		if (keys[i] != 'C' && keys[i] != '#')
			continue;
		c->keys[c->n_keys] = '\0';
		c->n_keys = 0;
		td_caller_of_keys(c->keys, news.text, sizeof(news.text));
		if (news.text[0])
			c->fn(c->arg, &news);
	}
}

/* ---- life ---- */

void td_caller_hear(struct caller *c, const int16_t *sample, size_t n)
{
	c->since += n;
	adsi_rx(c->id[0], sample, (int)n);
	adsi_rx(c->id[1], sample, (int)n);
	dtmf_rx(c->key, sample, (int)n);
}

struct caller *td_caller_new(void (*fn)(void *arg, struct sound_news *n), void *arg)
{
	struct caller *c = td_zalloc(sizeof(*c));

	if (!c)
		return NULL;
	c->fn = fn;
	c->arg = arg;
	c->id[0] = adsi_rx_init(NULL, ADSI_STANDARD_CLASS, on_bell202, c);
	c->id[1] = adsi_rx_init(NULL, ADSI_STANDARD_CLIP, on_v23, c);
	c->key = dtmf_rx_init(NULL, on_key, c);
	if (c->id[0] && c->id[1] && c->key)
		return c;
	td_caller_free(c);
	return NULL;
}

void td_caller_free(struct caller *c)
{
	if (!c)
		return;
	for (int i = 0; i < 2; i++)
		if (c->id[i])
			adsi_rx_free(c->id[i]);
	if (c->key)
		dtmf_rx_free(c->key);
	td_free(c);
}
