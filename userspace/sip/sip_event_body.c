/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PURE. See sip_event_body.h. */
#include "userspace/sip/sip_event_body.h"

#include <errno.h>
#include <stdio.h>

#include "userspace/base/mem.h"
#include "userspace/base/xml.h"

static void finish(struct td_buf *out, struct td_xml *x)
{
	size_t len = 0;
	char *text = td_xml_end(x, &len);

	if (text)
		td_buf_put_bytes(out, text, len);
	else
		out->err = -ENOMEM;
	td_free(text);
}

static void write_uri(struct td_xml *x, bool as_attr, const char *name, const char *number,
		      const char *host)
{
	char uri[256];

	snprintf(uri, sizeof(uri), "sip:%s@%s", number, host);
	if (as_attr)
		td_xml_attr(x, name, uri);
	else
		td_xml_string(x, uri);
}

void td_event_write_pidf(struct td_buf *out, const char *number, const char *host,
			 enum event_state state, bool cisco)
{
	struct td_xml x;

	td_xml_begin(&x);
	td_xml_open(&x, "presence");
	td_xml_attr(&x, "xmlns", "urn:ietf:params:xml:ns:pidf");
	td_xml_attr(&x, "xmlns:dm", "urn:ietf:params:xml:ns:pidf:data-model");
	td_xml_attr(&x, "xmlns:e", cisco ? "urn:ietf:params:xml:ns:pidf:status:rpid" :
					   "urn:ietf:params:xml:ns:pidf:rpid");
	if (cisco)
		td_xml_attr(&x, "xmlns:ce", "urn:cisco:params:xml:ns:pidf:rpid");
	write_uri(&x, true, "entity", number, host);
	td_xml_open(&x, "dm:person");
	td_xml_attr(&x, "id", "line");
	td_xml_open(&x, "e:activities");
	if (state == EVENT_RINGING && cisco)
		td_xml_text(&x, "ce:alerting", NULL);
	else if (state > EVENT_IDLE)
		td_xml_text(&x, "e:on-the-phone", NULL);
	td_xml_close(&x);
	td_xml_close(&x);
	td_xml_open(&x, "tuple");
	td_xml_attr(&x, "id", number);
	td_xml_open(&x, "status");
	td_xml_text(&x, "basic", state == EVENT_OFFLINE ? "closed" : "open");
	finish(out, &x);
}

static void write_side(struct td_xml *x, const char *side, const char *number, const char *name,
		       const char *host, const char *rendering)
{
	td_xml_open(x, side);
	td_xml_open(x, "identity");
	if (name && *name)
		td_xml_attr(x, "display", name);
	write_uri(x, false, NULL, number, host);
	td_xml_close(x);
	if (rendering) {
		td_xml_open(x, "target");
		write_uri(x, true, "uri", number, host);
		td_xml_open(x, "param");
		td_xml_attr(x, "pname", "+sip.rendering");
		td_xml_attr(x, "pval", rendering);
		td_xml_close(x);
		td_xml_close(x);
	}
	td_xml_close(x);
}

static const char *state_of(const struct event_dialog *d)
{
	if (d->up)
		return "confirmed";
	return d->called || d->alerting ? "early" : "trying";
}

static void write_dialog(struct td_xml *x, const struct event_dialog *d, const char *number,
			 const char *host)
{
	char id[32], call_id[48];

	snprintf(id, sizeof(id), "%u-%u", d->call_id, d->leg_id);
	td_xml_open(x, "dialog");
	td_xml_attr(x, "id", id);
	if (d->remote_number) {		/* which Replaces and Join may name */
		snprintf(call_id, sizeof(call_id), "%s" EVENT_SHARED_CALL_ID, id);
		td_xml_attr(x, "call-id", call_id);
		td_xml_attr(x, "local-tag", EVENT_SHARED_TAG);
		td_xml_attr(x, "remote-tag", EVENT_SHARED_TAG);
	}
	td_xml_attr(x, "direction", d->called ? "recipient" : "initiator");
	td_xml_text(x, "state", state_of(d));
	write_side(x, "local", number, NULL, host, d->held ? "no" : "yes");
	if (d->remote_number)
		write_side(x, "remote", d->remote_number, d->remote_name, host, NULL);
	td_xml_close(x);
}

void td_event_write_dialogs(struct td_buf *out, const char *number, const char *host,
			    uint32_t version, const struct event_dialog *d, size_t n)
{
	struct td_xml x;

	td_xml_begin(&x);
	td_xml_open(&x, "dialog-info");
	td_xml_attr(&x, "xmlns", "urn:ietf:params:xml:ns:dialog-info");
	td_xml_attr_u32(&x, "version", version);
	td_xml_attr(&x, "state", "full");
	write_uri(&x, true, "entity", number, host);
	for (size_t i = 0; i < n; i++)
		write_dialog(&x, &d[i], number, host);
	if (!n) {
		td_xml_open(&x, "dialog");
		td_xml_attr(&x, "id", number);
		td_xml_text(&x, "state", "terminated");
		td_xml_close(&x);
	}
	finish(out, &x);
}
