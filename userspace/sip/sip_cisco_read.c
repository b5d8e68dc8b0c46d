/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PURE. Bodies that phones send; see sip_cisco_doc.h. */
#include "userspace/sip/sip_cisco_doc.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/xml.h"
#include "userspace/sip/sip_body.h"

#define MAX_PARTS 16

static bool is_remotecc(struct td_str type)
{
	return td_str_caseeq_c(type, CISCO_REQUEST_TYPE) ||
	       td_str_caseeq_c(type, CISCO_RESPONSE_TYPE);
}

/* A number in an attribute; 0 when it is none. */
static uint32_t number_attr(const struct td_xml_node *n, const char *name)
{
	char text[16];
	uint32_t v;

	if (!td_xml_attr_value(n, name, text, sizeof(text)) || td_parse_u32(td_str_of(text), &v))
		return 0;
	return v;
}

/* ---- bulkregisterreq ---- */

static uint64_t lines_of(const struct td_xml_node *contact)
{
	uint32_t low = number_attr(contact, "low"), high = number_attr(contact, "high");
	uint32_t line = number_attr(contact, "line");
	uint64_t set = 0;
	char all[8];

	td_xml_attr_value(contact, "all", all, sizeof(all));
	if (td_str_caseeq_c(td_str_of(all), "true"))
		return UINT64_MAX;
	if (line)
		low = high = line;
	if (!low || high > CISCO_MAX_LINES)
		return 0;
	for (; low <= high; low++)
		set |= 1ull << (low - 1);
	return set;
}

static void read_bulk(struct cisco_bulk *b, const struct td_xml_node *n)
{
	const struct td_xml_node *contact;

	b->given = true;
	for (contact = td_xml_first(n); contact; contact = td_xml_next(contact)) {
		uint64_t lines = td_xml_is(contact, "contact") ? lines_of(contact) : 0;

		if (td_xml_child(contact, "unregister")) {
			b->remove |= lines;
			b->add &= ~lines;
		} else if (td_xml_child(contact, "register")) {
			b->add |= lines;
			b->remove &= ~lines;
		}
	}
}

/* ---- optionsind ---- */

static uint32_t ways(const struct td_xml_node *n, uint32_t unot, uint32_t sub)
{
	return (td_xml_child(n, "unot") ? unot : 0) | (td_xml_child(n, "sub") ? sub : 0);
}

static uint32_t usage_of(const struct td_xml_node *n)
{
	char usage[32];

	td_xml_attr_value(n, "usage", usage, sizeof(usage));
	if (td_xml_is(n, "presence"))
		return td_str_caseeq_c(td_str_of(usage), "blf speed dial") ?
		       ways(n, CISCO_BLF_UNOT, CISCO_BLF_SUB) : 0;
	if (td_str_caseeq_c(td_str_of(usage), "hook status"))
		return ways(n, CISCO_HOOK_UNOT, CISCO_HOOK_SUB);
	if (td_str_caseeq_c(td_str_of(usage), "shared line"))
		return ways(n, CISCO_SHARED_UNOT, CISCO_SHARED_SUB);
	return 0;
}

static void read_combine(struct cisco_options *o, const struct td_xml_node *n)
{
	if (td_xml_child(td_xml_child(n, "remotecc"), "status"))
		o->set |= CISCO_COMBINE_STATUS;
	if (td_xml_child(n, "service-control"))
		o->set |= CISCO_COMBINE_CONTROL;
	o->combine_max = number_attr(n, "max");
	if (!o->combine_max)
		o->set &= ~(CISCO_COMBINE_STATUS | CISCO_COMBINE_CONTROL);
}

static void read_options(struct cisco_options *o, const struct td_xml_node *n)
{
	char yes[8];

	for (n = td_xml_first(n); n; n = td_xml_next(n)) {
		if (td_xml_is(n, "combine")) {
			read_combine(o, n);
		} else if (td_xml_is(n, "dialog") || td_xml_is(n, "presence")) {
			o->set |= usage_of(n);
		} else if (td_xml_is(n, "joinreq")) {
			o->set |= CISCO_JOIN;
		} else if (td_xml_is(n, "cfwdall-anyline")) {
			td_xml_value(n, yes, sizeof(yes));
			if (td_str_caseeq_c(td_str_of(yes), "yes"))
				o->set |= CISCO_ANY_LINE;
		}
	}
}

/* ---- softkeyeventmsg ---- */

static const struct {
	const char *name;
	enum cisco_key key;
} keys[] = {
	{ "Park", CISCO_KEY_PARK }, { "ParkMonitor", CISCO_KEY_PARK_MONITOR },
	{ "Conference", CISCO_KEY_CONFERENCE }, { "Join", CISCO_KEY_JOIN },
	{ "Select", CISCO_KEY_SELECT }, { "Unselect", CISCO_KEY_UNSELECT },
	{ "ConfList", CISCO_KEY_CONF_LIST }, { "ConfDetails", CISCO_KEY_CONF_DETAILS },
	{ "RmLastConf", CISCO_KEY_REMOVE_LAST }, { "HLog", CISCO_KEY_HUNT_LOG },
	{ "IDivert", CISCO_KEY_DIVERT }, { "QRT", CISCO_KEY_QUALITY },
	{ "MCID", CISCO_KEY_MALICIOUS }, { "StartRecording", CISCO_KEY_RECORD },
	{ "StopRecording", CISCO_KEY_RECORD_STOP }, { "CallBack", CISCO_KEY_CALL_BACK },
	{ "Cancel", CISCO_KEY_CANCEL },
};

/* An id that is cut names another dialog: it is none then. */
static void read_dialog(struct cisco_dialog *d, const struct td_xml_node *n)
{
	bool fits = td_xml_value(td_xml_child(n, "callid"), d->call_id, sizeof(d->call_id));

	fits &= td_xml_value(td_xml_child(n, "localtag"), d->local_tag, sizeof(d->local_tag));
	fits &= td_xml_value(td_xml_child(n, "remotetag"), d->remote_tag, sizeof(d->remote_tag));
	d->given = fits && d->call_id[0];
}

static void read_key(struct cisco_request *r, const struct td_xml_node *n)
{
	char line[16];

	td_xml_value(td_xml_child(n, "softkeyevent"), r->name, sizeof(r->name));
	r->key = CISCO_KEY_UNKNOWN;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (td_str_caseeq_c(td_str_of(r->name), keys[i].name))
			r->key = keys[i].key;
	td_xml_value(td_xml_child(n, "linenumber"), line, sizeof(line));
	if (td_parse_u32(td_str_of(line), &r->line) || r->line > CISCO_MAX_LINES)
		r->line = 0;
	read_dialog(&r->dialog, td_xml_child(n, "dialogid"));
	read_dialog(&r->consult, td_xml_child(n, "consultdialogid"));
	read_dialog(&r->join, td_xml_child(n, "joindialogid"));
}

/* ---- documents ---- */

static void read_request(struct cisco_message *m, const struct td_xml_node *root)
{
	const struct td_xml_node *n;

	for (n = td_xml_first(root); n; n = td_xml_next(n)) {
		if (td_xml_is(n, "bulkregisterreq")) {
			read_bulk(&m->bulk, n);
		} else if (td_xml_is(n, "optionsind")) {
			m->has_offer = true;
			read_options(&m->offer, n);
		} else if (td_xml_is(n, "softkeyeventmsg")) {
			read_key(&m->request, n);
		} else if (td_xml_is(n, "x-cisco-location")) {
			m->location = true;
		}
	}
}

static void read_response(struct cisco_message *m, const struct td_xml_node *root)
{
	char code[8];
	uint32_t v;

	td_xml_value(td_xml_child(td_xml_child(root, "response"), "code"), code, sizeof(code));
	m->response = td_parse_u32(td_str_of(code), &v) || v > 699 ? 0 : (int)v;
}

static int read_document(struct cisco_message *m, struct td_str text, const char **why)
{
	struct td_xml_doc *doc = td_xml_read(text, why);
	const struct td_xml_node *root;

	if (!doc)
		return -EBADMSG;
	root = td_xml_root(doc);
	if (td_xml_is(root, "x-cisco-remotecc-request"))
		read_request(m, root);
	else if (td_xml_is(root, "x-cisco-remotecc-response"))
		read_response(m, root);
	td_xml_free(doc);
	return 0;
}

int td_cisco_read(struct cisco_message *m, struct td_str body, const char *type,
		  struct td_str boundary, const char **why)
{
	struct td_sip_parts it;
	struct td_sip_part part;
	size_t n = 0;

	memset(m, 0, sizeof(*m));
	*why = NULL;
	if (is_remotecc(td_str_of(type)))
		return read_document(m, body, why);
	if (!td_str_caseeq_c(td_str_of(type), "multipart/mixed"))
		return 0;
	*why = "a multipart body without its boundary";
	if (!td_sip_body_begin(&it, body, boundary))
		return -EBADMSG;
	while (td_sip_body_next(&it, &part)) {
		*why = "too many parts";
		if (++n > MAX_PARTS)
			return -EBADMSG;
		if (is_remotecc(part.type) && read_document(m, part.text, why))
			return -EBADMSG;
	}
	*why = "a multipart body that was cut";
	return it.ended ? 0 : -EBADMSG;
}
