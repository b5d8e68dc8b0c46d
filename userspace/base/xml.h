/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XML into memory, by libxml2's writer, which escapes. The first error sticks and is asked for
 * once, at the end. And small documents of strangers, read: see td_xml_read().
 */
#ifndef TD_BASE_XML_H
#define TD_BASE_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "userspace/base/str.h"

struct td_xml {
	void *buffer, *writer;
	int err;			/* 0 or -ENOMEM */
};

void td_xml_begin(struct td_xml *x);
/** The same without the line <?xml ...?>, as bodies of messages are written. */
void td_xml_begin_bare(struct td_xml *x);
void td_xml_open(struct td_xml *x, const char *name);
/** After td_xml_open and before what is in the element. */
void td_xml_attr(struct td_xml *x, const char *name, const char *value);
void td_xml_attr_u32(struct td_xml *x, const char *name, uint32_t value);
void td_xml_close(struct td_xml *x);
/** <name>value</name>; an empty element for NULL or "". */
void td_xml_text(struct td_xml *x, const char *name, const char *value);
void td_xml_u32(struct td_xml *x, const char *name, uint32_t value);
/** Text of the open element. */
void td_xml_string(struct td_xml *x, const char *value);
/** true or false */
void td_xml_bool(struct td_xml *x, const char *name, int value);
/**
 * td_xml_end - the document, in memory of td_zalloc() that is the caller's; NULL: -ENOMEM.
 * Every open element is closed.
 */
char *td_xml_end(struct td_xml *x, size_t *len);

/* ---- reading ---- */

#define TD_XML_MAX_READ 16384		/* bytes of a document that is read */

struct td_xml_doc;
struct td_xml_node;			/* an element; lives as long as its document */

/**
 * td_xml_read - a document that may come from anybody. No DTD, no entities beyond XML's own five,
 * nothing is fetched; at most TD_XML_MAX_READ bytes of UTF-8, elements at most 16 deep.
 * NULL: it is not read, and *why says so in a word or two.
 */
struct td_xml_doc *td_xml_read(struct td_str text, const char **why);
void td_xml_free(struct td_xml_doc *doc);	/* NULL is fine */
const struct td_xml_node *td_xml_root(const struct td_xml_doc *doc);
/** Elements only; NULL: no more. node NULL gives NULL, so that ways can be written in one line. */
const struct td_xml_node *td_xml_first(const struct td_xml_node *node);
const struct td_xml_node *td_xml_next(const struct td_xml_node *node);
/** The first child of this name; names are compared without their namespace's prefix. */
const struct td_xml_node *td_xml_child(const struct td_xml_node *node, const char *name);
bool td_xml_is(const struct td_xml_node *node, const char *name);
/** Copy without blanks at the ends; "" when there is none. False: it does not fit and is cut. */
bool td_xml_value(const struct td_xml_node *node, char *dst, size_t size);
bool td_xml_attr_value(const struct td_xml_node *node, const char *name, char *dst, size_t size);

#endif
