// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * XML into memory. See xml.h. Documents begin without an indent: some phones have 8 KB for it.
 */
#include "userspace/base/xml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libxml/xmlwriter.h>

#include "userspace/base/mem.h"

static void begin(struct td_xml *x, int room)
{
	xmlBufferPtr buffer = xmlBufferCreateSize((size_t)room);

	*x = (struct td_xml){ .buffer = buffer };
	if (buffer)
		x->writer = xmlNewTextWriterMemory(buffer, 0);
	if (!x->writer)
		x->err = -ENOMEM;
}

void td_xml_begin(struct td_xml *x)
{
	begin(x, 8192);
	if (!x->err && xmlTextWriterStartDocument(x->writer, NULL, "UTF-8", NULL) < 0)
		x->err = -ENOMEM;
}

void td_xml_begin_bare(struct td_xml *x)
{
	begin(x, 512);
}

static void keep_error(struct td_xml *x, int rc)
{
	if (rc < 0)
		x->err = -ENOMEM;
}

void td_xml_open(struct td_xml *x, const char *name)
{
	if (!x->err)
		keep_error(x, xmlTextWriterStartElement(x->writer, BAD_CAST name));
}

void td_xml_attr(struct td_xml *x, const char *name, const char *value)
{
	if (!x->err)
		keep_error(x, xmlTextWriterWriteAttribute(x->writer, BAD_CAST name,
							  BAD_CAST value));
}

void td_xml_attr_u32(struct td_xml *x, const char *name, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	td_xml_attr(x, name, text);
}

void td_xml_close(struct td_xml *x)
{
	if (!x->err)
		keep_error(x, xmlTextWriterEndElement(x->writer));
}

void td_xml_string(struct td_xml *x, const char *value)
{
	if (!x->err)
		keep_error(x, xmlTextWriterWriteString(x->writer, BAD_CAST value));
}

void td_xml_text(struct td_xml *x, const char *name, const char *value)
{
	td_xml_open(x, name);
	if (value && *value)
		td_xml_string(x, value);
	td_xml_close(x);
}

void td_xml_u32(struct td_xml *x, const char *name, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	td_xml_text(x, name, text);
}

void td_xml_bool(struct td_xml *x, const char *name, int value)
{
	td_xml_text(x, name, value ? "true" : "false");
}

char *td_xml_end(struct td_xml *x, size_t *len)
{
	xmlBufferPtr buffer = x->buffer;
	char *text = NULL;

	if (x->writer) {
		keep_error(x, xmlTextWriterEndDocument(x->writer));
		xmlFreeTextWriter(x->writer);
	}
	if (!x->err)
		text = td_strndup((const char *)xmlBufferContent(buffer),
				  (size_t)xmlBufferLength(buffer));
	if (text)
		*len = (size_t)xmlBufferLength(buffer);
	if (buffer)
		xmlBufferFree(buffer);
	*x = (struct td_xml){ .err = -ENOMEM };
	return text;
}
