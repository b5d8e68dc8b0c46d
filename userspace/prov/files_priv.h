/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files that make phones' files share. A maker is one run: from one configuration to
 * one table of names.
 */
#ifndef TD_PROV_FILES_PRIV_H
#define TD_PROV_FILES_PRIV_H

#include "config/config.h"
#include "userspace/prov/name_table.h"
#include "userspace/prov/trust.h"
#include "userspace/base/xml.h"

#define TD_STAMP_LEN 17			/* 16 digits and the end */

struct td_maker {
	const struct td_config *cfg;
	struct td_names *names;
	struct td_addr ours[2];		/* an address of this router: IPv4, IPv6; may be unset */
	const struct td_trust *trust;	/* NULL: phones are told of nobody */
	const struct cfg_zone *sccp_zone, *sip_zone;
	char dial_stamp[TD_STAMP_LEN];	/* version of the dial templates */
	char keys_stamp[TD_STAMP_LEN];	/* ... of phones that dial key by key; "": there are none */
	bool has_softkeys, has_policy;	/* the operator has such files in home_path */
	char softkey_stamp[64], policy_stamp[64];	/* versions that stand in them, or "" */
	const struct cfg_phone *keyed;	/* the last one with soft keys of its own, and their file */
	char keyed_file[48];
	uint8_t *n_phones_of_dn;	/* by index in cfg->dns: 2 = two or more */
	unsigned int failed;		/* files that could not be added */
	/* The primary's version of a file, or NULL; as td_files_args.version_of. */
	const char *(*version_of)(void *arg, const char *name);
	void *version_arg;
	unsigned int n_theirs;		/* files whose own version would be another */
};

#define TD_FILE_ITL	"ITLFile.tlv"
#define TD_FILE_CTL	"CTLFile.tlv"
#define TD_FILE_DIAL	"dialplan-tandem.xml"
#define TD_FILE_KEYS	"dialplan-keys.xml"
#define TD_FILE_SOFTKEYS_OF "softkeys-"	/* and the version: of phones with softkeys options */
/* these two are the operator's own, in home_path: phones have keys without them */
#define TD_FILE_SOFTKEY	"softkeys.xml"
#define TD_FILE_POLICY	"featurePolicyDefault.xml"

/* maker.c: beginning and end of a run */

int td_maker_begin(struct td_maker *m, const struct td_config *cfg, const struct td_addr ours[2]);
/** Everything that is no single phone's. Before the phones. */
void td_maker_shared(struct td_maker *m);
/** The files of one phone. */
void td_maker_phone(struct td_maker *m, const struct cfg_phone *phone);
/** The table with the builder's reference; NULL when memory was short. */
struct td_names *td_maker_end(struct td_maker *m);

/** A file made here; text is taken over. phone NULL: for anyone. */
void td_maker_add(struct td_maker *m, const char *name, char *text, size_t len,
		  const struct cfg_phone *phone, const char *type);
void td_maker_alias(struct td_maker *m, const char *alias, const char *of);
/**
 * td_maker_stamp - put the version into the text, where STAMP_HERE stands: a number made from
 * the rest. The same content has the same stamp on every router and after every start; where it
 * differs, the secondary gives the file the primary's version all the same.
 * @name: the file's; NULL: not a file that phones compare
 */
void td_maker_stamp(struct td_maker *m, const char *name, char *text, size_t len,
		    char stamp[TD_STAMP_LEN]);
#define STAMP_HERE "----version-----"	/* as long as a stamp */

/** The version that stands in a file, "" = none. */
void td_maker_version_in(struct td_str text, char dst[64]);

/** SEP<MAC>.cnf.xml */
void td_maker_sep_name(const uint8_t mac[6], char dst[TD_NAME_MAX]);
/** Name of a phone's file: SEP<MAC>.cnf.xml, or SIP<MAC>.cnf. */
void td_maker_file_name(const struct td_config *cfg, const struct cfg_phone *phone,
			char dst[TD_NAME_MAX]);
/** Does the phone fetch files in the old text form? */
bool td_maker_is_text(const struct td_config *cfg, const struct cfg_phone *phone);
/** Firmware that it should run, without the ending unless its type wants it; "" = what it has. */
void td_maker_load(const struct td_config *cfg, const struct cfg_phone *phone,
		   const struct cfg_phonetype *type, uint32_t protocol, char dst[CFG_TEXT_LEN]);
/** The language that is named by the phone, else its type, else the first; NULL: there is none. */
const struct cfg_locale *td_maker_locale(const struct td_config *cfg, const char *own,
					 const char *of_type);
/** Addresses that phones use, by priority; how many (up to 2). Texts are addresses, or at the
 * very last the router's name. */
size_t td_maker_routers(const struct td_maker *m, uint32_t protocol, char dst[2][64]);

/* file_device.c, file_sip.c, file_default.c, file_text.c, file_dial.c, file_keys.c,
 * file_directory.c, file_home.c, file_lists.c */

/** What a SEP file is made for: a phone, or all SCCP phones of a type, or just all. */
struct td_device {
	const struct cfg_phone *phone;	/* NULL: not a single one */
	const struct cfg_phonetype *type;	/* NULL: any */
	uint32_t protocol;
	const struct cfg_locale *user, *network;
};

char *td_make_device(struct td_maker *m, const struct td_device *d, size_t *len);
void td_make_sip_profile(struct td_maker *m, struct td_xml *x, const struct td_device *d);
/** XMLDefault.cnf.xml and XMLDefault<type>.cnf.xml */
void td_make_defaults(struct td_maker *m);
/** XMLDefault<type>-N.cnf.xml, N the number of a language that is not the first (or NULL). */
void td_maker_type_file(const struct td_config *cfg, const char *type,
			const struct cfg_locale *user, char dst[TD_NAME_MAX]);
/** SIPDefault.cnf, OS79XX.TXT and more of the old SIP phones */
void td_make_text_defaults(struct td_maker *m);
void td_make_text_phone(struct td_maker *m, const struct cfg_phone *phone);
void td_make_dial(struct td_maker *m);
/** The name of a SIP phone's soft key file, which is made when it is not there; NULL: it has none.
 * Valid until the next phone. */
const char *td_make_softkeys(struct td_maker *m, const struct cfg_phone *phone);
/** The telephone book, by HTTP. */
void td_make_directory(struct td_maker *m);
/** What the directories key fetches; "": nothing. */
void td_maker_directory_url(const struct td_maker *m, char dst[CFG_URL_LEN]);
/** home_path, tftp_file, and ring lists of what is there */
void td_make_home(struct td_maker *m);
/** The lists of certificates, when there is somebody to trust. */
void td_make_lists(struct td_maker *m);
/** Does the phone signal by TLS? */
bool td_make_is_secure(const struct td_config *cfg, const struct cfg_phone *phone);
/** What an unlabelled line is called. */
const char *td_make_label(const struct cfg_dn *dn);
/** Registration in seconds of a phone: spread, so that not all come at once. */
uint32_t td_make_expires(const struct td_config *cfg, const struct cfg_phone *phone);
const char *td_make_codec(const struct cfg_phone *phone);

#endif
