/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Skinny messages as values: what a frame says, without its layout. Layouts differ
 * by protocol version (3..22) and are sccp_codec.c's; nothing outside the codec knows an
 * offset. Names are those of Cisco's own traces without "Message".
 *
 * Texts are bytes as the phone wants them (see sccp_text.h), always terminated here.
 */
#ifndef TD_SCCP_MSG_H
#define TD_SCCP_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "userspace/base/addr.h"
#include "userspace/base/buf.h"

#define SCCP_HEADER	12		/* length, version, id */
#define SCCP_MAX_FRAME	4096u		/* the longest real one is UpdateCapabilities V3, 2.4 KiB */
#define SCCP_MAX_VERSION 22

#define SCCP_DEVICE_LEN	17
#define SCCP_DN_LEN	26		/* a directory number: 25 bytes on the wire, and the end */
#define SCCP_NAME_LEN	65
#define SCCP_LABEL_LEN	41
#define SCCP_TEXT_LEN	98		/* prompts: 97 bytes from version 8, 31 before */
#define SCCP_URL_LEN	257
#define SCCP_CAPS	18
#define SCCP_BUTTONS	56
#define SCCP_SOFT_KEYS	32
#define SCCP_KEY_SETS	16
#define SCCP_SET_KEYS	16
#define SCCP_SERVERS	5
#define SCCP_BLOB	2048

enum sccp_id {
	SCCP_KEEP_ALIVE = 0x0000, SCCP_REGISTER = 0x0001, SCCP_IP_PORT = 0x0002,
	SCCP_KEYPAD_BUTTON = 0x0003, SCCP_ENBLOC_CALL = 0x0004, SCCP_STIMULUS = 0x0005,
	SCCP_OFF_HOOK = 0x0006, SCCP_ON_HOOK = 0x0007, SCCP_HOOK_FLASH = 0x0008,
	SCCP_FORWARD_STAT_REQ = 0x0009, SCCP_SPEED_DIAL_STAT_REQ = 0x000a,
	SCCP_LINE_STAT_REQ = 0x000b, SCCP_CONFIG_STAT_REQ = 0x000c, SCCP_TIME_DATE_REQ = 0x000d,
	SCCP_BUTTON_TEMPLATE_REQ = 0x000e, SCCP_VERSION_REQ = 0x000f,
	SCCP_CAPABILITIES_RES = 0x0010, SCCP_MEDIA_PORT_LIST = 0x0011, SCCP_SERVER_REQ = 0x0012,
	SCCP_ALARM = 0x0020, SCCP_MULTICAST_RECEPTION_ACK = 0x0021, SCCP_OPEN_RECEIVE_CHANNEL_ACK = 0x0022,
	SCCP_CONNECTION_STATISTICS_RES = 0x0023, SCCP_OFF_HOOK_WITH_CALLING_PARTY = 0x0024,
	SCCP_SOFT_KEY_SET_REQ = 0x0025, SCCP_SOFT_KEY_EVENT = 0x0026, SCCP_UNREGISTER = 0x0027,
	SCCP_SOFT_KEY_TEMPLATE_REQ = 0x0028, SCCP_REGISTER_TOKEN_REQ = 0x0029,
	SCCP_MEDIA_TRANSMISSION_FAILURE = 0x002a, SCCP_HEADSET_STATUS = 0x002b,
	SCCP_MEDIA_RESOURCE_NOTIFICATION = 0x002c, SCCP_REGISTER_AVAILABLE_LINES = 0x002d,
	SCCP_DEVICE_TO_USER_DATA = 0x002e, SCCP_DEVICE_TO_USER_DATA_RESPONSE = 0x002f,
	SCCP_UPDATE_CAPABILITIES = 0x0030, SCCP_SERVICE_URL_STAT_REQ = 0x0033,
	SCCP_FEATURE_STAT_REQ = 0x0034, SCCP_DEVICE_TO_USER_DATA_V1 = 0x0041,
	SCCP_DEVICE_TO_USER_DATA_RESPONSE_V1 = 0x0042, SCCP_UPDATE_CAPABILITIES_V2 = 0x0043,
	SCCP_UPDATE_CAPABILITIES_V3 = 0x0044, SCCP_PORT_RESPONSE = 0x0045,
	SCCP_SUBSCRIPTION_STAT_REQ = 0x0048, SCCP_MEDIA_PATH_EVENT = 0x0049,
	SCCP_MEDIA_PATH_CAPABILITY = 0x004a,
	SCCP_START_MEDIA_TRANSMISSION_ACK = 0x0154, SCCP_LOCATION_INFO = 0x0157,
	SCCP_EXTENSION_DEVICE_CAPS = 0x0159, SCCP_XML_ALARM = 0x015a,
	SCCP_SPCP_TOKEN_REQ = 0x8000,

	SCCP_REGISTER_ACK = 0x0081, SCCP_START_TONE = 0x0082, SCCP_STOP_TONE = 0x0083,
	SCCP_SET_RINGER = 0x0085, SCCP_SET_LAMP = 0x0086, SCCP_SET_SPEAKER_MODE = 0x0088,
	SCCP_SET_MICRO_MODE = 0x0089, SCCP_START_MEDIA_TRANSMISSION = 0x008a,
	SCCP_STOP_MEDIA_TRANSMISSION = 0x008b, SCCP_CALL_INFO = 0x008f,
	SCCP_FORWARD_STAT = 0x0090, SCCP_SPEED_DIAL_STAT = 0x0091, SCCP_LINE_STAT = 0x0092,
	SCCP_CONFIG_STAT = 0x0093, SCCP_DEFINE_TIME_DATE = 0x0094, SCCP_BUTTON_TEMPLATE = 0x0097,
	SCCP_VERSION = 0x0098, SCCP_CAPABILITIES_REQ = 0x009b, SCCP_REGISTER_REJECT = 0x009d,
	SCCP_SERVER_RES = 0x009e, SCCP_RESET = 0x009f, SCCP_KEEP_ALIVE_ACK = 0x0100,
	SCCP_START_MULTICAST_RECEPTION = 0x0101, SCCP_STOP_MULTICAST_RECEPTION = 0x0103,
	SCCP_OPEN_RECEIVE_CHANNEL = 0x0105, SCCP_CLOSE_RECEIVE_CHANNEL = 0x0106,
	SCCP_CONNECTION_STATISTICS_REQ = 0x0107, SCCP_SOFT_KEY_TEMPLATE_RES = 0x0108,
	SCCP_SOFT_KEY_SET_RES = 0x0109, SCCP_SELECT_SOFT_KEYS = 0x0110, SCCP_CALL_STATE = 0x0111,
	SCCP_DISPLAY_PROMPT_STATUS = 0x0112, SCCP_CLEAR_PROMPT_STATUS = 0x0113,
	SCCP_DISPLAY_NOTIFY = 0x0114, SCCP_CLEAR_NOTIFY = 0x0115,
	SCCP_ACTIVATE_CALL_PLANE = 0x0116, SCCP_DEACTIVATE_CALL_PLANE = 0x0117,
	SCCP_UNREGISTER_ACK = 0x0118, SCCP_BACK_SPACE = 0x0119,
	SCCP_REGISTER_TOKEN_ACK = 0x011a, SCCP_REGISTER_TOKEN_REJECT = 0x011b,
	SCCP_DIALED_NUMBER = 0x011d, SCCP_FEATURE_STAT = 0x011f,
	SCCP_DISPLAY_PRI_NOTIFY = 0x0120, SCCP_CLEAR_PRI_NOTIFY = 0x0121,
	SCCP_SERVICE_URL_STAT = 0x012f, SCCP_CALL_SELECT_STAT = 0x0130,
	SCCP_DISPLAY_NOTIFY_DYN = 0x0143, SCCP_DISPLAY_PRI_NOTIFY_DYN = 0x0144,
	SCCP_DISPLAY_PROMPT_STATUS_DYN = 0x0145, SCCP_FEATURE_STAT_DYN = 0x0146,
	SCCP_LINE_STAT_DYN = 0x0147, SCCP_SERVICE_URL_STAT_DYN = 0x0148,
	SCCP_CALL_INFO_DYN = 0x014a, SCCP_SUBSCRIPTION_STAT = 0x0152,
	SCCP_NOTIFICATION = 0x0153, SCCP_CALL_HISTORY_DISPOSITION = 0x0156,
	SCCP_SPCP_TOKEN_ACK = 0x8100, SCCP_SPCP_TOKEN_REJECT = 0x8101
};

struct sccp_cap {
	uint32_t payload;		/* enum sccp_payload */
	uint32_t max_ms;		/* longest packet */
};

struct sccp_soft_key {
	char label[16];
	uint32_t event;
};

struct sccp_key_set {
	uint8_t key[SCCP_SET_KEYS];	/* index into the template, from 1; 0 = blank */
	uint16_t info[SCCP_SET_KEYS];
};

struct sccp_button {
	uint8_t instance, type;
};

/** Who talks with whom, as a phone shows it. */
struct sccp_call_info {
	uint32_t line, ref, type;	/* type: 1 in, 2 out, 3 forwarded */
	uint32_t original_reason, last_reason, instance, security, restrictions;
	char calling[SCCP_DN_LEN], alternate_calling[SCCP_DN_LEN], called[SCCP_DN_LEN],
	     original_called[SCCP_DN_LEN], last_redirecting[SCCP_DN_LEN],
	     calling_box[SCCP_DN_LEN], called_box[SCCP_DN_LEN],
	     original_called_box[SCCP_DN_LEN], last_redirecting_box[SCCP_DN_LEN],
	     hunt_pilot[SCCP_DN_LEN];
	char calling_name[SCCP_NAME_LEN], called_name[SCCP_NAME_LEN],
	     original_called_name[SCCP_NAME_LEN], last_redirecting_name[SCCP_NAME_LEN],
	     hunt_pilot_name[SCCP_NAME_LEN];
};

struct sccp_msg {
	uint32_t id;			/* enum sccp_id */
	union {
		struct {
			char device[SCCP_DEVICE_LEN];
			uint32_t user, instance, type, max_streams, active_streams;
			struct td_addr ip4, ip6;
			uint8_t version, features[3];
			uint8_t mac[6];
			uint32_t max_lines;
			char load[33];
		} reg;			/* Register, RegisterTokenReq, SPCP token */
		struct {
			uint32_t keep_alive, secondary_keep_alive;	/* seconds */
			char date_template[7];
			uint8_t version, features[3];
		} reg_ack;
		struct { char text[33]; } reject;
		struct { uint32_t value; } number;	/* messages of one word */
		struct { uint32_t button, line, ref; } key;	/* KeypadButton */
		struct { char number[SCCP_DN_LEN]; uint32_t line; } enbloc;
		struct { uint32_t stimulus, instance, ref, status; } stimulus;
		struct { uint32_t line, ref; } call;	/* hooks, ClearPromptStatus, BackSpace ... */
		struct { uint32_t event, line, ref; } soft_key;
		struct { char number[SCCP_DN_LEN], box[SCCP_DN_LEN]; uint32_t line; } off_hook_cgpn;
		struct { uint32_t index, capabilities; } feature_req;
		struct { uint32_t n; struct sccp_cap cap[SCCP_CAPS]; } caps;
		struct { uint32_t severity, p1, p2; char text[81]; } alarm;
		struct { uint32_t conference, party, ref, status; struct td_addr addr; } media_ack;
		struct {
			char number[SCCP_DN_LEN];
			uint32_t ref, mode, sent, sent_octets, received, received_octets, lost,
				 jitter, latency;
			char text[256];
		} stats;
		struct { uint32_t path, state; } path;
		struct {
			uint32_t transaction, feature, timer, cause;
			char id[65];
		} subscription;
		struct { uint32_t len; uint8_t data[SCCP_BLOB]; } blob;	/* not looked into */
		struct { uint32_t tone, direction, line, ref; } tone;	/* StartTone, StopTone */
		struct { uint32_t mode, duration, line, ref; } ringer;
		struct { uint32_t stimulus, instance, mode; } lamp;
		struct {
			uint32_t line, all, busy, no_answer;
			char all_to[SCCP_DN_LEN], busy_to[SCCP_DN_LEN], no_answer_to[SCCP_DN_LEN];
		} forward;
		struct { uint32_t index; char number[SCCP_DN_LEN]; char label[SCCP_LABEL_LEN]; } speed_dial;
		struct {
			uint32_t line, options;
			char number[SCCP_DN_LEN];
			char name[SCCP_LABEL_LEN], label[SCCP_LABEL_LEN];
		} line;
		struct {
			char device[SCCP_DEVICE_LEN];
			char user_name[SCCP_LABEL_LEN], server_name[SCCP_LABEL_LEN];
			uint32_t user, instance, lines, speed_dials;
		} config;
		struct {
			uint32_t year, month, weekday, day, hour, minute, second, ms, unix_s;
		} time;
		struct { uint32_t n; struct sccp_button button[SCCP_BUTTONS]; } buttons;
		struct { uint32_t n; struct sccp_soft_key key[SCCP_SOFT_KEYS]; } soft_keys;
		struct { uint32_t n; struct sccp_key_set set[SCCP_KEY_SETS]; } key_sets;
		struct { char load[17]; } version;
		struct { char name[SCCP_SERVERS][49]; struct td_addr addr[SCCP_SERVERS]; } servers;
		struct { uint32_t index; char url[SCCP_URL_LEN]; char label[SCCP_LABEL_LEN]; } service;
		struct { uint32_t index, type, state; char label[SCCP_LABEL_LEN]; } feature;
		struct {
			uint32_t conference, party, ref, ms, payload, echo_cancel, dtmf_payload;
			uint32_t precedence, silence;	/* StartMediaTransmission */
			uint32_t wants_ip6;		/* OpenReceiveChannel, from version 17 */
			struct td_addr addr;
		} media;
		struct { uint32_t conference, party, ref, keep_port; } media_stop;
		struct { char number[SCCP_DN_LEN]; uint32_t ref, mode; } stats_req;
		struct { uint32_t line, ref, set, mask; } select;
		struct { uint32_t state, line, ref, privacy, precedence, domain; } state;
		struct { uint32_t timeout, line, ref, priority; char text[SCCP_TEXT_LEN]; } text;
		struct { char number[SCCP_DN_LEN]; uint32_t line, ref; } dialed;
		struct { uint32_t status, ref, line; } select_stat;
		struct { uint32_t transaction, feature, state; char text[SCCP_TEXT_LEN]; } notification;
		struct { uint32_t disposition, line, ref; } history;
		struct sccp_call_info info;
	};
};

enum sccp_direction { SCCP_FROM_PHONE, SCCP_TO_PHONE };

/** What a frame's header says; body points into the reader's bytes. */
struct sccp_frame {
	uint32_t version, id;
	const uint8_t *body;
	size_t len;
};

/** Name for logs, or NULL for an id that is in no table. */
const char *td_sccp_name(uint32_t id);
/**
 * td_sccp_decode - what a frame means. Layouts follow the header's version word. Fields
 * that are missing at the end are 0, surplus is ignored (firmware adds and drops tails).
 * -ENOENT: unknown id; -EBADMSG: shorter than anything that makes sense.
 */
int td_sccp_decode(const struct sccp_frame *f, struct sccp_msg *m);
/** Append a whole frame for a phone of that protocol version. -ENOENT, -ENOSPC. */
int td_sccp_encode(const struct sccp_msg *m, uint32_t version, struct td_buf *out);
/** As text for people: name, and every field that is not 0. */
void td_sccp_print(const struct sccp_frame *f, struct td_buf *out);
/** The id that carries this message to a phone of that version: LINE_STAT is LINE_STAT_DYN
 * from 17 on, and so on. */
uint32_t td_sccp_form(uint32_t id, uint32_t version);

/** Rows of the table, for tests and fuzzing. */
struct sccp_row_info {
	uint32_t id;
	const char *name;
	enum sccp_direction direction;
	size_t least;			/* shortest body */
	size_t size;			/* of the member of sccp_msg's union */
};
size_t td_sccp_rows(void);
struct sccp_row_info td_sccp_row(size_t i);

#endif
