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

/* ---- what others ask for ---- */

static const char all_keys[] = "0123456789*#ABCD";

static int key_bit(char c)
{
	const char *at = c ? strchr(all_keys, c) : NULL;

	return at ? (int)(at - all_keys) : -1;
}

#define ALL_DIGITS 0x3ffu

/* "[1-4#]" behind its "[". */
static int read_class(const char **p, uint16_t *keys)
{
	bool not = **p == '^';
	int from, to;

	*keys = 0;
	if (not)
		(*p)++;
	while (**p && **p != ']') {
		if (**p == 'x') {
			*keys |= ALL_DIGITS;
			(*p)++;
			continue;
		}
		if (**p == '+') {	/* no key of a call that goes on */
			(*p)++;
			continue;
		}
		from = to = key_bit(**p);
		(*p)++;
		if (**p == '-' && (*p)[1] != ']') {
			to = key_bit((*p)[1]);
			if (to >= 0)
				*p += 2;
		}
		if (from < 0 || to < from)
			return -EINVAL;
		for (int i = from; i <= to; i++)
			*keys |= (uint16_t)(1u << i);
	}
	if (**p != ']')
		return -EINVAL;
	(*p)++;
	if (not)
		*keys = (uint16_t)~*keys;
	return 0;
}

/* One of the alternatives: one key. */
static int read_key(const char **p, uint16_t *keys)
{
	int bit = key_bit(**p), err = 0;

	*keys = 0;
	if (!strncmp(*p, "bs", 2)) {
		*p += 2;
		return 0;
	}
	if (**p == 'x') {
		*keys = ALL_DIGITS;
		(*p)++;
	} else if (**p == '[') {
		(*p)++;
		err = read_class(p, keys);
	} else if (bit >= 0) {
		*keys = (uint16_t)(1u << bit);
		(*p)++;
	} else {
		err = -EINVAL;
	}
	if (!err && !strncmp(*p, "{1}", 3))
		*p += 3;
	else if (!err && !strncmp(*p, "{1,1}", 5))
		*p += 5;
	return err;
}

static int read_pattern(const char *p, uint16_t *keys)
{
	uint16_t more;

	*keys = 0;
	for (;;) {
		if (read_key(&p, &more))
			return -EINVAL;
		*keys |= more;
		if (!*p)
			return 0;
		if (*p++ != '|')
			return -EINVAL;
	}
}

static bool is_nonzero(const struct td_xml_node *node, const char *name)
{
	char value[12];

	return !td_xml_attr_value(node, name, value, sizeof(value)) ||
	       (value[0] && strcmp(value, "0") != 0);
}

static int read_wish(struct td_kpml_wish *w, const struct td_xml_node *root, const char **why)
{
	const struct td_xml_node *pattern =
		td_xml_is(root, "kpml-request") ? td_xml_child(root, "pattern") : NULL;
	const struct td_xml_node *regex;
	char text[64];

	*why = "no kpml-request with a pattern";
	if (!pattern)
		return -EBADMSG;
	td_xml_attr_value(pattern, "persist", text, sizeof(text));
	w->once = !text[0] || !strcmp(text, "one-shot");
	if (is_nonzero(pattern, "long") || is_nonzero(pattern, "longhold") ||
	    is_nonzero(pattern, "longrepeat")) {
		*why = "keys that are held";
		return -ENOTSUP;
	}
	for (regex = td_xml_first(pattern); regex; regex = td_xml_next(regex)) {
		if (!td_xml_is(regex, "regex"))
			continue;
		*why = "more patterns than four, or longer ones";
		if (w->n == SIP_KPML_PATTERNS || !td_xml_value(regex, text, sizeof(text)))
			return -ENOTSUP;
		*why = "a pattern of more than one key";
		if (read_pattern(text, &w->pattern[w->n].keys))
			return -ENOTSUP;
		td_xml_attr_value(regex, "tag", w->pattern[w->n].tag, sizeof(w->pattern[0].tag));
		w->n++;
	}
	*why = "no pattern";
	return w->n ? 0 : -EBADMSG;
}

int td_kpml_read_request(struct td_kpml_wish *w, struct td_str body, const char **why)
{
	struct td_xml_doc *doc = td_xml_read(body, why);
	int err;

	memset(w, 0, sizeof(*w));
	if (!doc)
		return -EBADMSG;
	err = read_wish(w, td_xml_root(doc), why);
	td_xml_free(doc);
	return err;
}

bool td_kpml_wants(const struct td_kpml_wish *w, char key, const char **tag)
{
	int bit = key_bit(key);

	for (size_t i = 0; bit >= 0 && i < w->n; i++) {
		if (!(w->pattern[i].keys & 1u << bit))
			continue;
		*tag = w->pattern[i].tag;
		return true;
	}
	return false;
}

char *td_kpml_report(uint32_t code, const char *text, const char *digits, const char *tag)
{
	struct td_xml x;
	size_t len;

	td_xml_begin(&x);
	td_xml_open(&x, "kpml-response");
	td_xml_attr(&x, "xmlns", "urn:ietf:params:xml:ns:kpml-response");
	td_xml_attr(&x, "version", "1.0");
	td_xml_attr_u32(&x, "code", code);
	td_xml_attr(&x, "text", text);
	if (*digits)
		td_xml_attr(&x, "digits", digits);
	if (*tag)
		td_xml_attr(&x, "tag", tag);
	return td_xml_end(&x, &len);
}
