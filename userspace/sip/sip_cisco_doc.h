/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. What Cisco's phones and call control say to each other in bodies of REGISTER, REFER and
 * NOTIFY (remotecc documents, service-control text): bytes to plain values and back. Unknown
 * elements, attributes and values are passed over, as the phones and CME do.
 */
#ifndef TD_SIP_CISCO_DOC_H
#define TD_SIP_CISCO_DOC_H

#include <stdbool.h>
#include <stdint.h>

#include "userspace/base/buf.h"
#include "userspace/base/str.h"

struct td_sip_versions;

#define CISCO_REQUEST_TYPE  "application/x-cisco-remotecc-request+xml"
#define CISCO_RESPONSE_TYPE "application/x-cisco-remotecc-response+xml"
#define CISCO_OBJECT_TYPE   "application/x-cisco-remotecc-cm+xml"
#define CISCO_BOUNDARY	    "uniqueBoundary"
#define CISCO_MULTIPART	    "multipart/mixed;boundary=" CISCO_BOUNDARY

#define CISCO_MAX_LINES 64

/* ---- options: what a phone offers (optionsind) and what it is granted ---- */

enum {
	CISCO_COMBINE_STATUS = 1u << 0,	/* remotecc status in one REFER */
	CISCO_COMBINE_CONTROL = 1u << 1,	/* ... and service-control with it */
	/* who tells of changes: unsolicited NOTIFYs, or NOTIFYs that were subscribed to */
	CISCO_HOOK_UNOT = 1u << 2, CISCO_HOOK_SUB = 1u << 3,
	CISCO_SHARED_UNOT = 1u << 4, CISCO_SHARED_SUB = 1u << 5,
	CISCO_BLF_UNOT = 1u << 6, CISCO_BLF_SUB = 1u << 7,
	CISCO_JOIN = 1u << 8,		/* the feature Join by remotecc */
	CISCO_ANY_LINE = 1u << 9,	/* call forward all of any line */
};

struct cisco_options {
	uint32_t set;
	uint32_t combine_max;		/* bodies in one REFER; 0 without CISCO_COMBINE_* */
};

/* ---- what a phone says ---- */

/** bulkregisterreq: which of its lines; bit 0 is line 1. */
struct cisco_bulk {
	bool given;
	uint64_t add, remove;
};

/** A dialog as the phone sees it: local is the phone's tag. */
struct cisco_dialog {
	bool given;
	char call_id[128], local_tag[64], remote_tag[64];
};

enum cisco_key {
	CISCO_KEY_NONE, CISCO_KEY_PARK, CISCO_KEY_PARK_MONITOR, CISCO_KEY_CONFERENCE,
	CISCO_KEY_JOIN, CISCO_KEY_SELECT, CISCO_KEY_UNSELECT, CISCO_KEY_CONF_LIST,
	CISCO_KEY_CONF_DETAILS, CISCO_KEY_REMOVE_LAST, CISCO_KEY_HUNT_LOG, CISCO_KEY_DIVERT,
	CISCO_KEY_QUALITY, CISCO_KEY_MALICIOUS, CISCO_KEY_RECORD, CISCO_KEY_RECORD_STOP,
	CISCO_KEY_CALL_BACK, CISCO_KEY_CANCEL,
	CISCO_KEY_UNKNOWN		/* a soft key that we have not heard of */
};

/** softkeyeventmsg */
struct cisco_request {
	enum cisco_key key;
	char name[32];			/* of the key, as the phone calls it */
	uint32_t line;			/* 0 = not said */
	struct cisco_dialog dialog, consult, join;
};

/** All that one body said. */
struct cisco_message {
	struct cisco_bulk bulk;
	bool has_offer;
	struct cisco_options offer;
	struct cisco_request request;
	bool location;			/* notice of a wireless access point */
	int response;			/* code of a remotecc-response, 0 = none */
};

/**
 * td_cisco_read - a body, whole or multipart; parts of other types are passed over.
 * @type: of the Content-Type, without parameters
 * 0, or -EBADMSG and *why.
 */
int td_cisco_read(struct cisco_message *m, struct td_str body, const char *type,
		  struct td_str boundary, const char **why);

/** What we grant of an offer: of each usage one way only, unsolicited before subscribed. */
void td_cisco_grant(const struct cisco_options *offer, uint32_t combine_max, uint32_t known,
		    struct cisco_options *granted);

/* ---- what a phone is told; each is appended to out, whose err is asked for at the end ---- */

/** The body of the 200 to a REGISTER with an offer: multipart, CISCO_MULTIPART. */
void td_cisco_write_grant(struct td_buf *out, const struct cisco_options *granted);

enum cisco_lamp { CISCO_LAMP_OFF, CISCO_LAMP_ON };

/** Table 2 of the guide: what a phone is told when it has registered. */
struct cisco_status {
	const char *forward;		/* call forward all of line 1, "" = off */
	bool forward_to_mailbox;
	bool privacy, dnd, dnd_reject;
	uint64_t lamps;			/* message waiting; bit 0 is line 1 */
};

enum cisco_action { CISCO_ACT_CHECK, CISCO_ACT_RESTART, CISCO_ACT_RESET, CISCO_ACT_APPLY };

/** Parts of a status REFER: which of them, and in this order. */
enum {
	CISCO_PART_FORWARD = 1u << 0, CISCO_PART_PRIVACY = 1u << 1, CISCO_PART_DND = 1u << 2,
	CISCO_PART_LAMPS = 1u << 3, CISCO_PART_CONTROL = 1u << 4,
	CISCO_PARTS = 5
};

/** Send-or-omit of Table 2: privacy and DND only when they are not what a phone begins with. */
uint32_t td_cisco_status_parts(const struct cisco_status *st);
/** One document of the status, not CONTROL, without MIME around it. */
void td_cisco_write_part(struct td_buf *out, uint32_t part, const struct cisco_status *st);
/** Several of them as multipart, CISCO_MULTIPART. call_id: of the REGISTER in force. */
void td_cisco_write_parts(struct td_buf *out, uint32_t parts, const struct cisco_status *st,
			  const char *call_id, const struct td_sip_versions *v);
/** Service-control as text/plain. */
void td_cisco_write_control(struct td_buf *out, enum cisco_action action, const char *call_id,
			    const struct td_sip_versions *v);
/** Do what the URL says (CiscoIPPhoneExecute): multipart, CISCO_MULTIPART. */
void td_cisco_write_execute(struct td_buf *out, const char *url);
/** A line on the phone's screen, for so many seconds. */
void td_cisco_write_screen(struct td_buf *out, const char *text, uint32_t seconds);
/** A document like x-cisco-remotecc-response with a code, as the answer to a soft key. */
void td_cisco_write_response(struct td_buf *out, int code);

#endif
