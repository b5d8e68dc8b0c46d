/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: the telephone book for who searches it, beside the pages that are files. It belongs
 * to a table of names, lives as long, and never changes.
 */
#ifndef TD_PROV_BOOK_H
#define TD_PROV_BOOK_H

#include <stddef.h>
#include "userspace/base/xml.h"

#define TD_BOOK_PAGE 31			/* of 32 entries that a phone takes: the last would have no key */
#define TD_FILE_SEARCH "directory-search.xml"	/* a form, which asks for: */
#define TD_FILE_FIND   "directory-find.xml"	/* ?n=NAME&t=NUMBER&p=PAGE */

struct td_book_entry {
	const char *name, *number;
};

struct td_book {
	struct td_book_entry *v;	/* in the order of the alphabet */
	size_t n;
	char base[128];			/* "http://192.0.2.1:6970/" */
	char *texts;
};

/** A copy, with all texts. NULL: out of memory. */
struct td_book *td_book_new(const struct td_book_entry *v, size_t n, const char *base);
/** NULL is fine. */
void td_book_free(struct td_book *b);
/**
 * td_book_find - a page (from 0) of those whose name has name in it and whose number begins with
 * number; either may be NULL or "". The document, in memory of td_zalloc(); NULL: out of memory.
 */
char *td_book_find(const struct td_book *b, const char *name, const char *number, size_t page,
		   size_t *len);
/** The form. */
char *td_book_form(const struct td_book *b, size_t *len);
/** A key of a document for phones. */
void td_book_key(struct td_xml *x, unsigned int position, const char *name, const char *url);

#endif
