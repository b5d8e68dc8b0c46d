/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the importer. The way of the data:
 *
 *	ios_read.c	bytes -> lines: prompts, pagers and control characters go
 *	ios_modes.c	line -> the rule that fits its words, in the mode it is in
 *	ios_service.c, ios_voip.c, ios_phone.c, ios_button.c, ios_feature.c, ios_dial.c,
 *	ios_line.c, ios_host.c, ios_vpn.c
 *			the rules, and what each makes of its line
 *	ios_late.c	what is only known when all lines are read
 *	uci_out.c	options -> sections; checked, printed
 */
#ifndef TD_IMPORT_IOS_H
#define TD_IMPORT_IOS_H

#include <stdbool.h>

#include "tools/import/import.h"
#include "tools/import/uci_out.h"

#define IOS_WORDS 32
#define IOS_SECRET 64		/* bytes of a password */
#define IOS_HOME_PATH "/srv/tftp"	/* where firmware is put */

enum ios_mode {
	IOS_GLOBAL, IOS_HOST, IOS_TELEPHONY, IOS_REGISTER, IOS_POOL, IOS_REGISTER_DN, IOS_EPHONE,
	IOS_EPHONE_DN, IOS_TEMPLATE, IOS_HUNT, IOS_VOIP, IOS_SIP, IOS_SIPUA, IOS_PEER_VOIP,
	IOS_PEER_POTS, IOS_TRANSLATION, IOS_PROFILE, IOS_COR_NAMES, IOS_COR_LIST, IOS_CODEC,
	IOS_MEDIA, IOS_VOICE_PORT, IOS_GATEWAY, IOS_IXI, IOS_UNKNOWN, IOS_MODES
};

#define IOS_LINE_LEN 2048

struct ios_line {
	struct td_import_line *out;
	char read[IOS_LINE_LEN + 1], cut[IOS_LINE_LEN + 1];
	const char *words[IOS_WORDS];	/* in cut; quotes taken off */
	size_t n_words;
	size_t indent;
	bool prompted;			/* behind "Router(config)#" */
	bool negated;			/* "no ..." */
};

/* What is settled when all lines are read. */
enum ios_late_kind {
	IOS_LATE_PAGE,			/* name, a phone, hears what, a section paging */
	IOS_LATE_GROUP,			/* name, a paging, is heard by all of what, "50,51" */
	/* name, a phone or its template, has a button for what */
	IOS_LATE_SPEED_DIAL, IOS_LATE_BLF,
	IOS_LATE_FEATURE,		/* ... for our function what; it is its label'th */
	IOS_LATE_LAYOUT,		/* buttons what, "2-4,6", are for label: lines, speed-dials */
	IOS_LATE_GATEWAY,		/* of the VPN group name: the URL what */
	IOS_LATE_VPN_GROUP,		/* name, a phone, has the gateways of what */
	IOS_LATE_WATCH,			/* name, a phone, has the dn label on button what */
	IOS_LATE_RESTRICTION,		/* phones of the dn name may call what a corlist says */
	IOS_LATE_CODEC,			/* the class name has the codec what */
	IOS_LATE_USES_CODECS,		/* name, a trunk, has those of the class what */
	IOS_LATE_ACCOUNT		/* at the registrar: user what, password label, realm name */
};

struct ios_late {
	uint8_t kind;			/* enum ios_late_kind */
	char name[64], what[128], label[IOS_SECRET];
	size_t source;			/* the input's line */
};

/* What has been said so far that later lines need. */
struct ios {
	struct td_import *im;
	struct uci_out out;
	enum ios_mode mode, parent;	/* parent: where "exit" goes */
	bool indented;			/* sub-commands are: column 0 is the global mode */
	bool executed;			/* at an EXEC prompt: what follows is its output */
	char banner_end;		/* in a banner until this character */
	char type[24], name[64];	/* the section that lines of this mode fill */
	char host[64];			/* ... a dial peer's target */
	struct ios_late *late;		/* array */
	size_t n_late;
	const struct ios_line *line;	/* the one at hand */
	bool decided;
	bool no_memory;
};

/** A rule: words that open the line; the others are its arguments. */
struct ios_rule {
	const char *words;
	/* NULL: the verdict and note below */
	void (*take)(struct ios *in, const char *const *arg, size_t n);
	enum ios_mode enter;		/* the mode that the line opens; 0 none */
	enum td_import_verdict verdict;
	const char *note;
};

struct ios_rules {
	const struct ios_rule *v;
	size_t n;
	/* what becomes of a line that fits none: NULL means "unknown" */
	const char *others;
};

extern const struct ios_rules td_ios_rules[IOS_MODES];
extern const struct ios_rules td_ios_service, td_ios_register;			/* ios_service.c */
extern const struct ios_rules td_ios_voip, td_ios_sip, td_ios_sipua, td_ios_gateway, td_ios_ixi,
	td_ios_media;								/* ios_voip.c */
extern const struct ios_rules td_ios_pool, td_ios_register_dn, td_ios_ephone, td_ios_ephone_dn,
	td_ios_template, td_ios_hunt;						/* ios_phone.c */
extern const struct ios_rules td_ios_peer_voip, td_ios_peer_pots, td_ios_translation,
	td_ios_profile, td_ios_cor_names, td_ios_cor_list, td_ios_codec;
										/* ios_dial.c */
extern const struct ios_rules td_ios_voice_port;				/* ios_line.c */
extern const struct ios_rules td_ios_global;					/* ios_host.c */

#define IOS_RULES(table, rest) { table, sizeof(table) / sizeof((table)[0]), rest }
#define IOS_TAKE(words, fn) { words, fn, 0, TD_IMPORT_TAKEN, NULL }
#define IOS_NOT_NEEDED(words, note) { words, NULL, 0, TD_IMPORT_NOT_NEEDED, note }
#define IOS_NOT_SUPPORTED(words, note) { words, NULL, 0, TD_IMPORT_NOT_SUPPORTED, note }

/* ---- for rules ---- */

/** word is full or an abbreviation of it. */
bool td_ios_is(const char *word, const char *full);
/** The argument behind a keyword; NULL. */
const char *td_ios_after(const char *const *arg, size_t n, const char *keyword);
/** Set an option, or add an item to a list, of the section TYPE NAME (NULL: the mode's own): the line
 * is taken. When this version of Tandem has no such option, it says so. */
void td_ios_set(struct ios *in, const char *type, const char *name, const char *option,
		const char *value);
void td_ios_add(struct ios *in, const char *type, const char *name, const char *option,
		const char *value);
void td_ios_taken(struct ios *in, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void td_ios_not_needed(struct ios *in, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void td_ios_not_supported(struct ios *in, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/** From here on lines fill this section, which begins to be. */
void td_ios_section(struct ios *in, const char *type, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** All words from arg on, with blanks between. */
const char *td_ios_rest(char *dst, size_t size, const char *const *arg, size_t n);
/** CME's word for a type of phone as Tandem has it: "7941GE" is 7941G-GE. */
const char *td_ios_phone_type(const char *type);
/** Of a codec in IOS' words; NULL: not known here. */
const char *td_ios_codec_name(const char *word);
/** The trunk to a host, made when there is none: the section at hand has it, and in->host. */
void td_ios_trunk_of(struct ios *in, const char *host, const char *port, const char *transport);
/** Letters, digits and "_" only, as names of sections are. */
void td_ios_name(char *dst, size_t size, const char *prefix, const char *text);

/** For both kinds of phones: ios_service.c. */
void td_ios_take_protocol_mode(struct ios *in, const char *const *arg, size_t n);

/* ---- ios_feature.c: rules of several modes ---- */

void td_ios_take_night(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_after_hours(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_fac(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_park_slot(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_paging(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_dn_conference(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_intercom(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_caller_id(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_paging_dn(struct ios *in, const char *const *arg, size_t n);

/* ---- ios_button.c ---- */

void td_ios_take_buttons(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_pool_number(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_speed_dial(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_blf(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_feature_button(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_layout(struct ios *in, const char *const *arg, size_t n);
/** All lines are read: every button gets its place. */
void td_ios_settle_buttons(struct ios *in);

/* ---- ios_vpn.c ---- */

void td_ios_take_vpn_group(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_vpn_gateway(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_vpn_profile(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_vpn_keepalive(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_vpn_mtu(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_vpn_time(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_vpn_authen(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_vpn_detect(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_vpn_host_id(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_vpn_persistent(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_phone_vpn_profile(struct ios *in, const char *const *arg, size_t n);
void td_ios_take_phone_vpn_group(struct ios *in, const char *const *arg, size_t n);
/** All lines are read: profiles get the gateways of their groups. */
void td_ios_settle_vpn(struct ios *in);

/* ---- ios_secret.c ---- */

/** What stands behind "password" in clear; NULL: nothing, or it cannot be read. */
const char *td_ios_password(char dst[IOS_SECRET], const char *const *arg, size_t n);
/** "0822455D0A16" is "cisco". */
bool td_ios_reveal(char *dst, size_t size, const char *obscured);

/* ---- ios_late.c ---- */

/** The number of a section dn; NULL. */
const char *td_ios_number_of_dn(struct ios *in, const char *dn);
/** To be settled when all lines are read. label may be NULL. */
void td_ios_later(struct ios *in, enum ios_late_kind kind, const char *name, const char *what,
		  const char *label);
/** All lines are read. */
void td_ios_settle_late(struct ios *in);

/* ---- the steps ---- */

/** What a line became cannot be: it is not supported, for that reason. */
void td_ios_blame(struct ios *in, size_t source, const char *what, const char *reason);
/** It is not needed after all. */
void td_ios_excuse(struct ios *in, size_t source, const char *reason);

/** The next line of text from *at on, cleaned; false at the end. -ENOMEM sets no_memory. */
bool td_ios_read_line(struct ios *in, const char *text, size_t len, size_t *at,
		      struct ios_line *line);
/** Find the line's rule and run it. */
void td_ios_interpret(struct ios *in, const struct ios_line *line);

#endif
