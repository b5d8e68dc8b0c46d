// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Small XML documents of strangers. See xml.h. What libxml2 could be talked into (entities that
 * grow, files and hosts that are asked) begins with a DTD, so a text that has one is not even
 * given to it; its own limits come after that.
 */
#include "userspace/base/xml.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#define MAX_DEPTH 16

static const xmlNode *raw(const struct td_xml_node *node)
{
	return (const xmlNode *)(const void *)node;
}

static const struct td_xml_node *wrapped(const xmlNode *n)
{
	while (n && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return (const struct td_xml_node *)(const void *)n;
}

/* "<!" begins a comment, a CDATA section or part of a DTD. */
static bool has_dtd(struct td_str text)
{
	const char *p = text.p, *end = text.p + text.len;

	while ((p = memmem(p, (size_t)(end - p), "<!", 2))) {
		p += 2;
		if ((end - p >= 2 && !memcmp(p, "--", 2)) ||
		    (end - p >= 7 && !memcmp(p, "[CDATA[", 7)))
			continue;
		return true;
	}
	return false;
}

static bool is_deeper(const xmlNode *n, int most)
{
	for (n = n->children; n; n = n->next)
		if (n->type == XML_ELEMENT_NODE && (!most || is_deeper(n, most - 1)))
			return true;
	return false;
}

struct td_xml_doc *td_xml_read(struct td_str text, const char **why)
{
	xmlDocPtr doc;
	xmlNode *root;

	*why = NULL;
	while (text.len && (unsigned char)text.p[0] <= ' ') {	/* phones put an empty line there */
		text.p++;
		text.len--;
	}
	if (text.len > TD_XML_MAX_READ)
		*why = "too long";
	else if (has_dtd(text))
		*why = "has a DTD";
	if (*why)
		return NULL;
	doc = xmlReadMemory(text.p, (int)text.len, NULL, "UTF-8",
			    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
			    XML_PARSE_NOCDATA);
	root = doc ? xmlDocGetRootElement(doc) : NULL;
	if (!root)
		*why = "not well-formed";
	else if (doc->intSubset || doc->extSubset)
		*why = "has a DTD";
	else if (is_deeper(root, MAX_DEPTH - 1))
		*why = "too deep";
	if (!*why)
		return (struct td_xml_doc *)(void *)doc;
	if (doc)
		xmlFreeDoc(doc);
	return NULL;
}

void td_xml_free(struct td_xml_doc *doc)
{
	if (doc)
		xmlFreeDoc((xmlDocPtr)(void *)doc);
}

const struct td_xml_node *td_xml_root(const struct td_xml_doc *doc)
{
	return wrapped(xmlDocGetRootElement((const xmlDoc *)(const void *)doc));
}

const struct td_xml_node *td_xml_first(const struct td_xml_node *node)
{
	return node ? wrapped(raw(node)->children) : NULL;
}

const struct td_xml_node *td_xml_next(const struct td_xml_node *node)
{
	return node ? wrapped(raw(node)->next) : NULL;
}

/* A prefix that nobody has declared stays in the name. */
bool td_xml_is(const struct td_xml_node *node, const char *name)
{
	const char *own = node ? (const char *)raw(node)->name : NULL, *prefix;

	if (!own)
		return false;
	prefix = strrchr(own, ':');
	return !strcmp(prefix ? prefix + 1 : own, name);
}

const struct td_xml_node *td_xml_child(const struct td_xml_node *node, const char *name)
{
	const struct td_xml_node *n;

	for (n = td_xml_first(node); n && !td_xml_is(n, name); n = td_xml_next(n))
		;
	return n;
}

static bool copy_trimmed(char *dst, size_t size, const char *text)
{
	struct td_str s = td_str_of(text);

	while (s.len && (unsigned char)s.p[0] <= ' ') {
		s.p++;
		s.len--;
	}
	while (s.len && (unsigned char)s.p[s.len - 1] <= ' ')
		s.len--;
	return td_str_copy(dst, size, s) < size;
}

bool td_xml_value(const struct td_xml_node *node, char *dst, size_t size)
{
	xmlChar *text = node ? xmlNodeGetContent(raw(node)) : NULL;
	bool fits = copy_trimmed(dst, size, (const char *)text);

	if (text)
		xmlFree(text);
	return fits;
}

bool td_xml_attr_value(const struct td_xml_node *node, const char *name, char *dst, size_t size)
{
	xmlChar *text = node ? xmlGetNoNsProp(raw(node), BAD_CAST name) : NULL;
	bool fits = copy_trimmed(dst, size, (const char *)text);

	if (text)
		xmlFree(text);
	return fits;
}
