/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PURE. See sip_kpml.h. */
#include "userspace/sip/sip_kpml.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/xml.h"

char *td_kpml_write(uint32_t interdigit_ms)
{
	struct td_xml x;
	size_t len;

	td_xml_begin(&x);
	td_xml_open(&x, "kpml-request");
	td_xml_attr(&x, "xmlns", "urn:ietf:params:xml:ns:kpml-request");
	td_xml_attr(&x, "version", "1.0");
	td_xml_open(&x, "pattern");
	td_xml_attr(&x, "persist", "persist");
	td_xml_attr_u32(&x, "interdigittimer", interdigit_ms);
	td_xml_attr_u32(&x, "criticaldigittimer", 1000);
	td_xml_attr_u32(&x, "extradigittimer", 500);
	td_xml_open(&x, "regex");
	td_xml_attr(&x, "tag", "key");
	td_xml_string(&x, "[x#*+]|bs");
	return td_xml_end(&x, &len);
}

int td_kpml_read(struct sip_kpml *k, struct td_str body, const char **why)
{
	struct td_xml_doc *doc;
	const struct td_xml_node *root;
	char code[8], digits[sizeof(k->keys)];
	size_t n = 0;

	memset(k, 0, sizeof(*k));
	doc = td_xml_read(body, why);
	if (!doc)
		return -EBADMSG;
	root = td_xml_root(doc);
	if (!td_xml_is(root, "kpml-response")) {
		td_xml_free(doc);
		*why = "no kpml-response";
		return -EBADMSG;
	}
	td_xml_attr_value(root, "code", code, sizeof(code));
	td_xml_attr_value(root, "digits", digits, sizeof(digits));
	td_xml_free(doc);
	if (td_parse_u32(td_str_of(code), &k->code) || k->code > 699)
		k->code = 0;
	k->backspace = td_str_caseeq_c(td_str_of(digits), "bs");
	for (const char *p = digits; *p && !k->backspace; p++)
		if (strchr("0123456789*#ABCD+", *p))
			k->keys[n++] = *p;
	return 0;
}
