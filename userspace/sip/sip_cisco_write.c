/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PURE. Bodies that phones get; see sip_cisco_doc.h. */
#include "userspace/sip/sip_cisco_doc.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/xml.h"
#include "userspace/sip/sip.h"

/* ---- options ---- */

static uint32_t one_way(uint32_t offered, uint32_t known, uint32_t unot, uint32_t sub)
{
	offered &= known;
	return offered & unot ? unot : offered & sub;
}

void td_cisco_grant(const struct cisco_options *offer, uint32_t combine_max, uint32_t known,
		    struct cisco_options *granted)
{
	uint32_t o = offer->set;

	*granted = (struct cisco_options){ 0 };
	granted->set = (o & known & (CISCO_JOIN | CISCO_ANY_LINE)) |
		       one_way(o, known, CISCO_HOOK_UNOT, CISCO_HOOK_SUB) |
		       one_way(o, known, CISCO_SHARED_UNOT, CISCO_SHARED_SUB) |
		       one_way(o, known, CISCO_BLF_UNOT, CISCO_BLF_SUB);
	if (!combine_max || !(o & known & CISCO_COMBINE_STATUS))
		return;
	granted->set |= o & known & (CISCO_COMBINE_STATUS | CISCO_COMBINE_CONTROL);
	granted->combine_max = offer->combine_max < combine_max ? offer->combine_max : combine_max;
}

static void write_ways(struct td_xml *x, const char *element, const char *usage, uint32_t set,
		       uint32_t unot, uint32_t sub)
{
	if (!(set & (unot | sub)))
		return;
	td_xml_open(x, element);
	td_xml_attr(x, "usage", usage);
	td_xml_text(x, set & unot ? "unot" : "sub", NULL);
	td_xml_close(x);
}

static void write_options(struct td_xml *x, const struct cisco_options *o)
{
	td_xml_open(x, "optionsind");
	if (o->set & CISCO_COMBINE_STATUS) {
		td_xml_open(x, "combine");
		td_xml_attr_u32(x, "max", o->combine_max);
		td_xml_open(x, "remotecc");
		td_xml_text(x, "status", NULL);
		td_xml_close(x);
		if (o->set & CISCO_COMBINE_CONTROL)
			td_xml_text(x, "service-control", NULL);
		td_xml_close(x);
	}
	write_ways(x, "dialog", "hook status", o->set, CISCO_HOOK_UNOT, CISCO_HOOK_SUB);
	write_ways(x, "dialog", "shared line", o->set, CISCO_SHARED_UNOT, CISCO_SHARED_SUB);
	write_ways(x, "presence", "blf speed dial", o->set, CISCO_BLF_UNOT, CISCO_BLF_SUB);
	if (o->set & CISCO_JOIN)
		td_xml_text(x, "joinreq", NULL);
	if (o->set & CISCO_ANY_LINE)
		td_xml_text(x, "cfwdall-anyline", "Yes");
	td_xml_close(x);
}

/* ---- documents into the body ---- */

static void finish(struct td_buf *out, struct td_xml *x)
{
	size_t len = 0;
	char *text = td_xml_end(x, &len);

	while (text && len && text[len - 1] == '\n')	/* the writer ends a document with a line */
		len--;
	if (text)
		td_buf_put_bytes(out, text, len);
	else
		out->err = -ENOMEM;
	td_free(text);
}

static void begin_part(struct td_buf *out, const char *type)
{
	td_buf_printf(out, "--" CISCO_BOUNDARY "\r\nContent-Type: %s\r\n\r\n", type);
}

static void begin_response(struct td_xml *x, int code)
{
	td_xml_begin_bare(x);
	td_xml_open(x, "x-cisco-remotecc-response");
	td_xml_open(x, "response");
	td_xml_u32(x, "code", (uint32_t)code);
}

void td_cisco_write_grant(struct td_buf *out, const struct cisco_options *granted)
{
	struct td_xml x;

	begin_response(&x, 200);
	write_options(&x, granted);
	begin_part(out, CISCO_RESPONSE_TYPE);
	finish(out, &x);
	td_buf_printf(out, "\r\n--" CISCO_BOUNDARY "--\r\n");
}

void td_cisco_write_response(struct td_buf *out, int code)
{
	struct td_xml x;

	begin_response(&x, code);
	finish(out, &x);
}

void td_cisco_write_screen(struct td_buf *out, const char *text, uint32_t seconds)
{
	struct td_xml x;

	td_xml_begin_bare(&x);
	td_xml_open(&x, "x-cisco-remotecc-request");
	td_xml_open(&x, "statuslineupdatereq");
	td_xml_text(&x, "action", "notify_display");
	td_xml_text(&x, "statustext", text);
	td_xml_u32(&x, "displaytimeout", seconds);
	td_xml_u32(&x, "linenumber", 0);
	td_xml_u32(&x, "priority", 1);
	finish(out, &x);
}

/* The phone takes objects of its services in a part behind one that says which application they
 * are of: none. */
static void write_pass_through(struct td_xml *x)
{
	td_xml_begin_bare(x);
	td_xml_open(x, "x-cisco-remotecc-request");
	td_xml_open(x, "datapassthroughreq");
	td_xml_u32(x, "applicationid", 0);
	td_xml_u32(x, "transactionid", 0);
	td_xml_text(x, "stationsequence", "StationSequenceLast");
	td_xml_u32(x, "displaypriority", 2);
	td_xml_u32(x, "appinstance", 0);
	td_xml_u32(x, "routingid", 0);
	td_xml_u32(x, "confid", 0);
}

void td_cisco_write_execute(struct td_buf *out, const char *url)
{
	struct td_xml x;

	begin_part(out, CISCO_REQUEST_TYPE);
	write_pass_through(&x);
	finish(out, &x);
	td_buf_printf(out, "\r\n");
	begin_part(out, CISCO_OBJECT_TYPE);
	td_xml_begin_bare(&x);
	td_xml_open(&x, "CiscoIPPhoneExecute");
	td_xml_open(&x, "ExecuteItem");
	td_xml_attr_u32(&x, "Priority", 0);
	td_xml_attr(&x, "URL", url);
	finish(out, &x);
	td_buf_printf(out, "\r\n--" CISCO_BOUNDARY "--\r\n");
}

/* ---- status ---- */

uint32_t td_cisco_status_parts(const struct cisco_status *st)
{
	return CISCO_PART_FORWARD | CISCO_PART_LAMPS | (st->privacy ? CISCO_PART_PRIVACY : 0) |
	       (st->dnd ? CISCO_PART_DND : 0);
}

static void write_forward(struct td_xml *x, const struct cisco_status *st)
{
	td_xml_open(x, "cfwdallupdate");
	td_xml_text(x, "fwdaddress", st->forward);
	td_xml_text(x, "tovoicemail", st->forward_to_mailbox ? "on" : "off");
	td_xml_close(x);
}

static void write_dnd(struct td_xml *x, const struct cisco_status *st)
{
	td_xml_open(x, "dndupdate");
	td_xml_text(x, "state", st->dnd ? "enable" : "disable");
	td_xml_text(x, "option", st->dnd_reject ? "callreject" : "ringeroff");
	td_xml_close(x);
}

/* Off for all, then the lines that are not. */
static void write_lamps(struct td_xml *x, const struct cisco_status *st)
{
	td_xml_open(x, "bulkupdate");
	td_xml_open(x, "contact");
	td_xml_attr(x, "all", "true");
	td_xml_text(x, "mwi", "no");
	td_xml_close(x);
	for (uint32_t i = 0; i < CISCO_MAX_LINES; i++) {
		if (!(st->lamps >> i & 1))
			continue;
		td_xml_open(x, "contact");
		td_xml_attr_u32(x, "line", i + 1);
		td_xml_text(x, "mwi", "yes");
		td_xml_close(x);
	}
	td_xml_close(x);
}

void td_cisco_write_part(struct td_buf *out, uint32_t part, const struct cisco_status *st)
{
	struct td_xml x;

	td_xml_begin_bare(&x);
	td_xml_open(&x, "x-cisco-remotecc-request");
	if (part == CISCO_PART_FORWARD) {
		write_forward(&x, st);
	} else if (part == CISCO_PART_PRIVACY) {
		td_xml_open(&x, "privacyreq");
		td_xml_bool(&x, "status", st->privacy);
	} else if (part == CISCO_PART_DND) {
		write_dnd(&x, st);
	} else if (part == CISCO_PART_LAMPS) {
		write_lamps(&x, st);
	}
	finish(out, &x);
}

void td_cisco_write_control(struct td_buf *out, enum cisco_action action, const char *call_id,
			    const struct td_sip_versions *v)
{
	static const char *const words[] = { "check-version", "restart", "reset", "apply-config" };

	td_buf_printf(out, "action=%s\r\nRegisterCallId={%s}\r\nConfigVersionStamp={%s}\r\n"
		      "DialplanVersionStamp={%s}\r\nSoftkeyVersionStamp={%s}\r\n", words[action],
		      call_id, v->config, v->dialplan, v->softkey);
	if (v->feature[0])
		td_buf_printf(out, "FeatureControlVersionStamp={%s}\r\n", v->feature);
	if (action == CISCO_ACT_APPLY)
		td_buf_printf(out, "CUCMResult={config_applied}\r\n");
}

void td_cisco_write_parts(struct td_buf *out, uint32_t parts, const struct cisco_status *st,
			  const char *call_id, const struct td_sip_versions *v)
{
	for (uint32_t i = 0; i < CISCO_PARTS; i++) {
		uint32_t part = parts & 1u << i;

		if (!part)
			continue;
		begin_part(out, part == CISCO_PART_CONTROL ? "text/plain" : CISCO_REQUEST_TYPE);
		if (part == CISCO_PART_CONTROL)
			td_cisco_write_control(out, CISCO_ACT_CHECK, call_id, v);
		else
			td_cisco_write_part(out, part, st);
		td_buf_printf(out, "\r\n");
	}
	td_buf_printf(out, "--" CISCO_BOUNDARY "--\r\n");
}
