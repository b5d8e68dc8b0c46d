/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of a running-config, or of a terminal's log: pagers ("--More--" and the backspaces that
 * wipe it out), prompts and control characters go. Whatever it is, it becomes words.
 */
#include <ctype.h>
#include <string.h>

#include "tools/import/ios.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

/* One character of UTF-8; what is none becomes "?". Returns how many bytes it took. */
static size_t take_utf8(char *dst, size_t *n, const char *src, size_t len)
{
	unsigned char c = (unsigned char)*src;
	size_t want = c >= 0xf0 && c < 0xf5 ? 4 : c >= 0xe0 && c < 0xf0 ? 3 :
		      c >= 0xc2 && c < 0xe0 ? 2 : 0, i;

	for (i = 1; i < want && i < len && ((unsigned char)src[i] & 0xc0) == 0x80; i++)
		;
	if (!want || i != want) {
		dst[(*n)++] = '?';
		return 1;
	}
	memcpy(dst + *n, src, want);
	*n += want;
	return want;
}

/* One line without its end; backspaces take back what they stand behind. */
static size_t clean(char *dst, const char *src, size_t len)
{
	size_t n = 0, i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)src[i];

		if (c == '\b')
			n -= n > 0;
		else if (c == '\t')
			dst[n++] = ' ';
		else if (c == 3)	/* ^C, which ends banners */
			dst[n++] = '^';
		else if (c >= 0x80)
			i += take_utf8(dst, &n, src + i, len - i) - 1;
		else if (c >= ' ' && c != 0x7f)
			dst[n++] = (char)c;
		if (n > IOS_LINE_LEN - 4)
			break;
	}
	while (n && dst[n - 1] == ' ')
		n--;
	dst[n] = '\0';
	return n;
}

static char *without_pager(char *text)
{
	char *more = strstr(text, "--More--");

	if (!more)
		return text;
	more += strlen("--More--");
	return more;
}

/* "Router#", "Router (config-telephony)#": its length, and whether it is a configuring one. */
static size_t prompt_len(const char *text, bool *configures)
{
	size_t n = 0, open;

	while (isalnum((unsigned char)text[n]) || text[n] == '-' || text[n] == '_' || text[n] == '.')
		n++;
	if (!n)
		return 0;
	*configures = false;
	open = n;
	if (text[open] == ' ')
		open++;
	if (text[open] == '(') {
		n = open + 1 + strcspn(text + open + 1, ")#");
		if (text[n] != ')')
			return 0;
		n++;
		*configures = !strncmp(text + open, "(conf", 5);
	}
	if (text[n] != '#' && text[n] != '>')
		return 0;
	n++;
	return n + strspn(text + n, " ");
}

/* The prompt names the mode, for a log that does not show how it was opened. */
static void follow_prompt(struct ios *in, const char *prompt)
{
	static const struct {
		const char *word;
		enum ios_mode mode;
	} modes[] = {
		{ "(config-telephony)", IOS_TELEPHONY }, { "(config-register-global)", IOS_REGISTER },
		{ "(config-sip-ua)", IOS_SIPUA }, { "(conf-voi-serv)", IOS_VOIP },
		{ "(conf-serv-sip)", IOS_SIP }, { "(config)", IOS_GLOBAL },
	};
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!strstr(prompt, modes[i].word))
			continue;
		in->mode = modes[i].mode;
		in->parent = in->mode == IOS_SIP ? IOS_VOIP : IOS_GLOBAL;
	}
}

/* Quotes hold words together and are taken off. Cuts text in place. */
static void split(struct ios_line *line, char *text)
{
	line->n_words = 0;
	while (line->n_words < IOS_WORDS) {
		char end = ' ';

		text += strspn(text, " ");
		if (!*text)
			return;
		if (*text == '"') {
			end = '"';
			text++;
		}
		line->words[line->n_words++] = text;
		text = strchr(text, end);
		if (!text)
			return;
		*text++ = '\0';
	}
}

static bool add_line(struct ios *in, const char *text, size_t number)
{
	struct td_import *im = in->im;
	struct td_import_line *l = td_one_more(im->lines, im->n_lines, sizeof(*l));

	if (!l)
		return false;
	im->lines = l;
	l = &im->lines[im->n_lines];
	memset(l, 0, sizeof(*l));
	l->text = td_strdup(text);
	if (!l->text)
		return false;
	l->number = (uint32_t)number;
	l->verdict = TD_IMPORT_NOT_SUPPORTED;
	im->n_lines++;
	return true;
}

bool td_ios_read_line(struct ios *in, const char *text, size_t len, size_t *at,
		      struct ios_line *line)
{
	const char *end;
	size_t n, prompt;
	bool configures;
	char *p;

	if (*at >= len)
		return false;
	end = memchr(text + *at, '\n', len - *at);
	n = end ? (size_t)(end - (text + *at)) : len - *at;
	clean(line->read, text + *at, n);
	*at += n + (end ? 1 : 0);
	if (!add_line(in, line->read, in->im->n_lines + 1)) {
		in->no_memory = true;
		return false;
	}
	line->out = &in->im->lines[in->im->n_lines - 1];
	p = without_pager(line->read);
	line->indent = strspn(p, " ");
	prompt = prompt_len(p + line->indent, &configures);
	line->prompted = prompt;
	if (prompt) {
		in->executed = !configures;
		follow_prompt(in, p + line->indent);
		line->indent = 0;
		p += prompt;
	}
	td_strlcpy(line->cut, p, sizeof(line->cut));
	split(line, line->cut);
	line->negated = line->n_words && !strcmp(line->words[0], "no");
	if (line->negated)
		memmove(line->words, line->words + 1, --line->n_words * sizeof(line->words[0]));
	return true;
}
