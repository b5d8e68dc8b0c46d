/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: the kinds of values that an option can have, and their way between text
 * and the model. A kind knows no option and no section.
 */
#ifndef TD_CONFIG_VALUE_H
#define TD_CONFIG_VALUE_H

#include "config/uci.h"

struct schema_option;

enum value_kind {
	/* kept as text, differing in the characters that may stand in them */
	VALUE_TEXT,			/* what people read: printable UTF-8 */
	VALUE_SECRET,			/* the same, never shown */
	VALUE_WORD,			/* letters, digits and .+-_ */
	VALUE_HOST,			/* letters, digits, "." and "-" */
	VALUE_PEER,			/* a host's name or IP address */
	VALUE_ZONE,			/* an IANA time zone */
	VALUE_REALM,			/* stands in quotes on the wire */
	VALUE_PRODUCT,			/* printable ASCII */
	VALUE_USER,			/* a digest user name */
	VALUE_NUMBER,			/* a directory number */
	VALUE_NAME,			/* name of another section */
	VALUE_DEVICE,			/* name of a network device */
	VALUE_PATH,			/* a file, from the root on */
	VALUE_LEVELS,			/* "info" or "info,sip=debug" */
	VALUE_CODEC,			/* one of the option's words */
	VALUE_PATTERN,			/* what dialled numbers are compared with */
	VALUE_RULE,			/* a rule of a translation */
	VALUE_DIGITS,			/* keys, also with pauses */
	VALUE_URL,			/* beginning with one of the option's words */
	VALUE_FOLDER,			/* an absolute path that may be opened to phones */
	/* uint32_t */
	VALUE_UINT,			/* within min..max, or 0 when the option allows it */
	VALUE_BOOL,
	VALUE_CHOICE,			/* index in the option's words */
	VALUE_DSCP,			/* 0..63, afXY, csN, ef, default */
	/* structs */
	VALUE_IP,			/* struct td_addr without port */
	VALUE_ADDRESS,			/* struct td_addr; port 5060 when none is given */
	VALUE_RTP,			/* struct td_addr; an even port, and room for three more */
	VALUE_GROUP,			/* struct td_addr; an IPv4 multicast group and an even port */
	VALUE_PREFIX,			/* struct cfg_prefix */
	VALUE_MAC,			/* 6 bytes and one that says "set" */
	VALUE_LINE,			/* struct value_line */
	VALUE_BUTTON,			/* struct cfg_button */
	VALUE_VENDOR,			/* struct cfg_vendor */
	VALUE_CHANGE,			/* struct cfg_change */
	VALUE_HOURS,			/* struct cfg_hours */
	VALUE_KEYS,			/* struct cfg_softkeys, of the option's words */
};

#define VALUE_MAX_BUTTON 64

/** "BUTTON:NUMBER-OR-DN", before what stands behind the colon is looked up. */
struct value_line {
	const char *target;		/* in the file's text */
	uint32_t button;
	struct uci_pos pos;
};

struct value_fault {
	char reason[224];
	const char *hint;		/* NULL = none */
	char near[64];			/* room for a hint that is no constant */
};

/**
 * td_value_read - one value as kind and limits of the option want it, into dst.
 * 0, or -EINVAL with the fault; dst may have changed then.
 */
int td_value_read(const struct schema_option *o, const struct uci_value *v, void *dst,
		  struct value_fault *fault);
/** For readers of a kind: "TEXT is what is wrong"; TEXT is not cited when it is NULL. -EINVAL. */
int td_value_refuse(struct value_fault *fault, const char *text, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** ... a text into the option's array, all of which is written. 0, or -EINVAL: it is too long. */
int td_value_store(const struct schema_option *o, const char *text, void *dst,
		   struct value_fault *fault);
/** The reverse, as it would be written into a file; empty when src is unset. */
void td_value_print(const struct schema_option *o, const void *src, char *dst, size_t size);
/** What the option takes, for people: "60..86400", "md5 or sha256", "a MAC address". */
void td_value_takes(const struct schema_option *o, char *dst, size_t size);
/** For machines: "string", "integer", "boolean", "enum", "secret", "address", ... */
const char *td_value_type(const struct schema_option *o);

/** Name of a button's feature as it is written, NULL: there is none of that number. */
const char *td_value_feature(uint32_t feature);

/** Name of a soft key (enum cfg_softkey) as it is written. */
const char *td_value_softkey(uint8_t key);

/** Letters, digits and "_" only: can be the name of a section. */
bool td_value_is_name(const char *text);
/** Can be a directory number: digits, "*", "#", and "+" in front. */
bool td_value_is_number(const char *text);

#endif
