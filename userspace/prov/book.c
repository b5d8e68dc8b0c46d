// SPDX-License-Identifier: GPL-2.0-or-later
/* Searching the telephone book. See book.h. The elements are those of Cisco's phone services. */
#include "userspace/prov/book.h"

#include <stdio.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MOST_ASKED 64			/* bytes of what is looked for */
#define URL_LEN	   (128 + 2 * 3 * MOST_ASKED + 64)

struct td_book *td_book_new(const struct td_book_entry *v, size_t n, const char *base)
{
	struct td_book *b = td_zalloc(sizeof(*b));
	size_t room = 1;
	char *at;

	if (!b)
		return NULL;
	for (size_t i = 0; i < n; i++)
		room += strlen(v[i].name) + strlen(v[i].number) + 2;
	b->v = td_calloc(n + 1, sizeof(*b->v));
	b->texts = at = td_zalloc(room);
	if (!b->v || !at) {
		td_book_free(b);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		b->v[i].name = memcpy(at, v[i].name, strlen(v[i].name) + 1);
		at += strlen(at) + 1;
		b->v[i].number = memcpy(at, v[i].number, strlen(v[i].number) + 1);
		at += strlen(at) + 1;
	}
	b->n = n;
	td_strlcpy(b->base, base, sizeof(b->base));
	return b;
}

void td_book_free(struct td_book *b)
{
	if (!b)
		return;
	td_free(b->v);
	td_free(b->texts);
	td_free(b);
}

void td_book_key(struct td_xml *x, unsigned int position, const char *name, const char *url)
{
	td_xml_open(x, "SoftKeyItem");
	td_xml_text(x, "Name", name);
	td_xml_text(x, "URL", url);
	td_xml_u32(x, "Position", position);
	td_xml_close(x);
}

static bool fits(const struct td_book_entry *e, const char *name, const char *number)
{
	return (!name || !*name || strcasestr(e->name, name)) &&
	       (!number || !strncmp(e->number, number, strlen(number)));
}

/* What is no letter or digit is written as %XX: the page's own text says nothing of what was asked. */
static size_t put_escaped(char *dst, size_t at, const char *text)
{
	for (const char *p = text ? text : ""; *p && p < text + MOST_ASKED; p++) {
		bool plain = (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
			     (*p >= 'A' && *p <= 'Z');

		at += (size_t)snprintf(dst + at, URL_LEN - at, plain ? "%c" : "%%%02X", (uint8_t)*p);
	}
	return at;
}

static void put_next(struct td_xml *x, const struct td_book *b, const char *name, const char *number,
		     size_t page)
{
	char url[URL_LEN];
	size_t at = (size_t)snprintf(url, sizeof(url), "%s" TD_FILE_FIND "?n=", b->base);

	at = put_escaped(url, at, name);
	at += (size_t)snprintf(url + at, sizeof(url) - at, "&t=");
	at = put_escaped(url, at, number);
	snprintf(url + at, sizeof(url) - at, "&p=%zu", page + 1);
	td_book_key(x, 4, "Next", url);
}

static char *nobody(size_t *len)
{
	struct td_xml x;

	td_xml_begin(&x);
	td_xml_open(&x, "CiscoIPPhoneText");
	td_xml_text(&x, "Title", "Search");
	td_xml_text(&x, "Text", "Nobody is called like that.");
	return td_xml_end(&x, len);
}

char *td_book_find(const struct td_book *b, const char *name, const char *number, size_t page,
		   size_t *len)
{
	size_t n = 0, from = page * TD_BOOK_PAGE, to = from + TD_BOOK_PAGE;
	char prompt[80];
	struct td_xml x;

	for (size_t i = 0; i < b->n; i++)
		n += fits(&b->v[i], name, number);
	if (from >= n)
		return nobody(len);
	if (to > n)
		to = n;
	td_xml_begin(&x);
	td_xml_open(&x, "CiscoIPPhoneDirectory");
	td_xml_text(&x, "Title", "Search");
	snprintf(prompt, sizeof(prompt), "%zu - %zu / %zu", from + 1, to, n);
	td_xml_text(&x, "Prompt", prompt);
	for (size_t i = 0, k = 0; i < b->n && k < to; i++) {
		if (!fits(&b->v[i], name, number) || k++ < from)
			continue;
		td_xml_open(&x, "DirectoryEntry");
		td_xml_text(&x, "Name", b->v[i].name);
		td_xml_text(&x, "Telephone", b->v[i].number);
		td_xml_close(&x);
	}
	td_book_key(&x, 1, "Dial", "SoftKey:Dial");
	td_book_key(&x, 2, "EditDial", "SoftKey:EditDial");
	td_book_key(&x, 3, "Exit", "SoftKey:Exit");
	if (to < n)
		put_next(&x, b, name, number, page + 1);
	return td_xml_end(&x, len);
}

static void put_field(struct td_xml *x, const char *label, const char *parameter, const char *flags)
{
	td_xml_open(x, "InputItem");
	td_xml_text(x, "DisplayName", label);
	td_xml_text(x, "QueryStringParam", parameter);
	td_xml_text(x, "DefaultValue", NULL);
	td_xml_text(x, "InputFlags", flags);
	td_xml_close(x);
}

char *td_book_form(const struct td_book *b, size_t *len)
{
	char url[sizeof(b->base) + sizeof(TD_FILE_FIND)];
	struct td_xml x;

	snprintf(url, sizeof(url), "%s" TD_FILE_FIND, b->base);
	td_xml_begin(&x);
	td_xml_open(&x, "CiscoIPPhoneInput");
	td_xml_text(&x, "Title", "Search");
	td_xml_text(&x, "Prompt", "A part is enough");
	td_xml_text(&x, "URL", url);
	put_field(&x, "Name", "n", "A");	/* any text */
	put_field(&x, "Number", "t", "T");	/* of a telephone */
	return td_xml_end(&x, len);
}
