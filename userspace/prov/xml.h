/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: XML into memory, by libxml2's writer, which escapes. The first error sticks and
 * is asked for once, at the end.
 */
#ifndef TD_PROV_XML_H
#define TD_PROV_XML_H

#include <stddef.h>
#include <stdint.h>

struct td_xml {
	void *buffer, *writer;
	int err;			/* 0 or -ENOMEM */
};

void td_xml_begin(struct td_xml *x);
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

#endif
