// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The office's telephone book, as phones' directories key fetches it: pages of names in the order
 * of the alphabet, all of them and by the keys that their first letters are on. Plain files of the
 * table like any other; only what a search finds is computed for who asks (book.c). The elements are those of Cisco's phone services (CiscoIPPhoneMenu and -Directory).
 */
#include "userspace/prov/files_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/prov/book.h"

#define FIRST_PAGE	"directory.xml"
#define URL_LEN		192

struct book {
	struct td_book_entry *v;
	size_t n;
	char base[URL_LEN - TD_NAME_MAX];	/* "http://192.0.2.1:6970/" */
};

/* As letters are on the keys of a telephone; the last takes what is on none. */
static const struct group {
	const char *letters, *file, *title;
} groups[] = {
	{ "abc", "directory-2", "ABC" }, { "def", "directory-3", "DEF" },
	{ "ghi", "directory-4", "GHI" }, { "jkl", "directory-5", "JKL" },
	{ "mno", "directory-6", "MNO" }, { "pqrs", "directory-7", "PQRS" },
	{ "tuv", "directory-8", "TUV" }, { "wxyz", "directory-9", "WXYZ" },
	{ NULL, "directory-0", "Other" },
};
#define N_GROUPS (sizeof(groups) / sizeof(groups[0]))

static const struct group *group_of(const char *name)
{
	char first = *name >= 'A' && *name <= 'Z' ? (char)(*name | 0x20) : *name;
	const struct group *g = groups;

	while (g->letters && !strchr(g->letters, first))
		g++;
	return g;
}

/* ---- who is in it ---- */

static int by_name(const void *a, const void *b)
{
	const struct td_book_entry *x = a, *y = b;
	int order = strcasecmp(x->name, y->name);

	return order ? order : strcmp(x->number, y->number);
}

/* A number without a name has that of the only phone that it is on. */
static void name_after_phones(const struct td_maker *m, struct td_book_entry *of_dn)
{
	const struct td_config *cfg = m->cfg;

	for (size_t i = 0; i < cfg->n_phones; i++)
		for (size_t k = 0; k < cfg->phones[i].n_lines; k++) {
			uint32_t dn = cfg->phones[i].lines[k].dn;

			if (!of_dn[dn].name[0] && m->n_phones_of_dn[dn] == 1)
				of_dn[dn].name = cfg->phones[i].name;
		}
}

static bool collect(const struct td_maker *m, struct book *b)
{
	const struct td_config *cfg = m->cfg;

	b->v = td_calloc(cfg->n_dns + 1, sizeof(*b->v));
	if (!b->v)
		return false;
	for (size_t i = 0; i < cfg->n_dns; i++)
		b->v[i] = (struct td_book_entry){ cfg->dns[i].name, cfg->dns[i].number };
	name_after_phones(m, b->v);
	for (size_t i = 0; i < cfg->n_dns; i++)
		if (b->v[i].name[0] && !cfg->dns[i].intercom && !cfg->dns[i].intercom_number[0])
			b->v[b->n++] = b->v[i];
	qsort(b->v, b->n, sizeof(*b->v), by_name);
	return true;
}

/* ---- pages ---- */

static void page_name(char dst[TD_NAME_MAX], const char *file, size_t page)
{
	if (page)
		snprintf(dst, TD_NAME_MAX, "%s-p%zu.xml", file, page + 1);
	else
		snprintf(dst, TD_NAME_MAX, "%s.xml", file);
}

static void url_of(const struct book *b, char dst[URL_LEN], const char *file, size_t page)
{
	char name[TD_NAME_MAX];

	page_name(name, file, page);
	snprintf(dst, URL_LEN, "%s%s", b->base, name);
}

/* One page; entries are those of the group from the first one on. */
static void make_page(struct td_maker *m, const struct book *b, const struct td_book_entry *const *v,
		      size_t n, const char *file, const char *title, size_t page)
{
	size_t from = page * TD_BOOK_PAGE, to = from + TD_BOOK_PAGE < n ? from + TD_BOOK_PAGE : n, len = 0;
	char name[TD_NAME_MAX], url[URL_LEN], prompt[48];
	struct td_xml x;
	char *text;

	td_xml_begin(&x);
	td_xml_open(&x, "CiscoIPPhoneDirectory");
	td_xml_text(&x, "Title", title);
	snprintf(prompt, sizeof(prompt), "%zu - %zu / %zu", from + 1, to, n);
	td_xml_text(&x, "Prompt", prompt);
	for (size_t i = from; i < to; i++) {
		td_xml_open(&x, "DirectoryEntry");
		td_xml_text(&x, "Name", v[i]->name);
		td_xml_text(&x, "Telephone", v[i]->number);
		td_xml_close(&x);
	}
	td_book_key(&x, 1, "Dial", "SoftKey:Dial");
	td_book_key(&x, 2, "EditDial", "SoftKey:EditDial");
	td_book_key(&x, 3, "Exit", "SoftKey:Exit");
	if (to < n) {
		url_of(b, url, file, page + 1);
		td_book_key(&x, 4, "Next", url);
	}
	text = td_xml_end(&x, &len);
	page_name(name, file, page);
	td_maker_add(m, name, text, len, NULL, "text/xml");
}

static size_t pick(const struct book *b, const struct td_book_entry **v, const struct group *group)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (!group || group_of(b->v[i].name) == group)
			v[n++] = &b->v[i];
	return n;
}

static void menu_item(struct td_xml *x, const char *title, const char *url)
{
	td_xml_open(x, "MenuItem");
	td_xml_text(x, "Name", title);
	td_xml_text(x, "URL", url);
	td_xml_close(x);
}

/* group NULL: everybody. An empty one is not there. */
static void make_group(struct td_maker *m, const struct book *b, const struct td_book_entry **v,
		       const struct group *group, struct td_xml *menu)
{
	const char *file = group ? group->file : "directory-all", *title = group ? group->title : "All";
	size_t n = pick(b, v, group);
	char url[URL_LEN];

	for (size_t page = 0; page * TD_BOOK_PAGE < n; page++)
		make_page(m, b, v, n, file, title, page);
	url_of(b, url, file, 0);
	if (n)
		menu_item(menu, title, url);
}

static void make_search(struct td_maker *m, const struct book *b, struct td_xml *menu)
{
	struct td_book *book = td_book_new(b->v, b->n, b->base);
	char url[URL_LEN], *text = NULL;
	size_t len = 0;

	if (book)
		text = td_book_form(book, &len);
	td_names_set_book(m->names, book);
	td_maker_add(m, TD_FILE_SEARCH, text, len, NULL, "text/xml");
	snprintf(url, sizeof(url), "%s" TD_FILE_SEARCH, b->base);
	menu_item(menu, "Search", url);
}

static void make_all(struct td_maker *m, const struct book *b, const struct td_book_entry **v)
{
	struct td_xml x;
	size_t len = 0;
	char *text;

	td_xml_begin(&x);
	td_xml_open(&x, "CiscoIPPhoneMenu");
	td_xml_text(&x, "Title", m->cfg->global.hostname);
	td_xml_text(&x, "Prompt", "Local directory");
	make_group(m, b, v, NULL, &x);
	for (size_t i = 0; i < N_GROUPS; i++)
		make_group(m, b, v, &groups[i], &x);
	make_search(m, b, &x);
	text = td_xml_end(&x, &len);
	td_maker_add(m, FIRST_PAGE, text, len, NULL, "text/xml");
}

/* ---- where it is ---- */

static bool base_url(const struct td_maker *m, char *dst, size_t size)
{
	const struct cfg_provision *p = &m->cfg->provision;
	char routers[2][64];

	if (!p->directory || p->http_enable == CFG_ENABLE_OFF)
		return false;
	td_maker_routers(m, CFG_PROTO_SIP, routers);
	snprintf(dst, size, strchr(routers[0], ':') ? "http://[%s]:%u/" : "http://%s:%u/",
		 routers[0], p->http_port);
	return true;
}

void td_maker_directory_url(const struct td_maker *m, char dst[CFG_URL_LEN])
{
	char base[CFG_URL_LEN - sizeof(FIRST_PAGE)];

	if (m->cfg->provision.url_directories[0])
		td_strlcpy(dst, m->cfg->provision.url_directories, CFG_URL_LEN);
	else if (base_url(m, base, sizeof(base)))
		snprintf(dst, CFG_URL_LEN, "%s%s", base, FIRST_PAGE);
	else
		dst[0] = '\0';
}

void td_make_directory(struct td_maker *m)
{
	const struct td_book_entry **v;
	struct book b = { 0 };

	if (!base_url(m, b.base, sizeof(b.base)))
		return;
	v = td_calloc(m->cfg->n_dns + 1, sizeof(struct td_book_entry *));
	if (v && collect(m, &b))
		make_all(m, &b, v);
	else
		m->failed++;
	td_free(v);
	td_free(b.v);
}
