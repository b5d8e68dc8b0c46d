// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The types of phones, one row each: what files they read, how their firmware is named, how
 * many buttons they have. A section phonetype adds to a row, or makes one like another.
 *
 * device: the number that a phone of this type registers with and XMLDefault.cnf.xml calls it
 * by. 0: not known; then the default file names no firmware for it.
 */
#include "config/phone_types.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "userspace/base/str.h"

enum { NO, YES, OTHER };		/* OTHER: its SIP profile is binary and not made here */

#define TYPE(type, number, with_sccp, with_sip, n_buttons, calls, ...) \
	{ .name = (type), .device = (number), .sccp = (with_sccp), .sip = (with_sip), \
	  .buttons = (n_buttons), .max_calls = (calls), ##__VA_ARGS__ }
#define LOADS(with_sccp, with_sip) .sccp_load = (with_sccp), .sip_load = (with_sip)
#define SIP_TEXT .sip_text = 1
#define SUFFIX	 .suffix = 1
#define ZONE	 .zone = 1
#define POLICY	 .policy = 1
#define IPV6	 .ipv6 = 1		/* its SCCP firmware knows it: CME's list of models */

static const struct cfg_phonetype types[] = {
	/*   type      device SCCP SIP buttons calls */
	/* anything that speaks SIP by the book, or a phone of which no more is known */
	TYPE("generic",     0, YES, YES,   6,  50, LOADS(NULL, NULL), IPV6),

	TYPE("12SP",	    3, YES,  NO,  12,  12, LOADS(NULL, NULL)),
	TYPE("12SP+",	    2, YES,  NO,  12,  12, LOADS(NULL, NULL)),
	TYPE("30SP+",	    1, YES,  NO,  26,  26, LOADS(NULL, NULL)),
	TYPE("30VIP",	    5, YES,  NO,  26,  26, LOADS(NULL, NULL)),
	TYPE("6901",	  547, YES, YES,   1,   6, LOADS("SCCP6901", "SIP6901")),
	TYPE("6911",	  548, YES, YES,   1,   6, LOADS("SCCP6911", "SIP6911")),
	TYPE("6921",	  495, YES, YES,   2,  12, LOADS("SCCP69xx", "SIP69xx"), POLICY),
	TYPE("6941",	  496, YES, YES,   4,  24, LOADS("SCCP69xx", "SIP69xx"), POLICY),
	TYPE("6945",	  564, YES, YES,   4,  24, LOADS("SCCP6945", "SIP6945"), POLICY),
	TYPE("6961",	  497, YES, YES,  12,  72, LOADS("SCCP69xx", "SIP69xx"), POLICY),
	TYPE("7811",	    0,  NO, YES,   1,  12, LOADS(NULL, "sip78xx"), POLICY),
	TYPE("7821",	    0,  NO, YES,   2,  12, LOADS(NULL, "sip78xx"), POLICY),
	TYPE("7832",	    0,  NO, YES,   1,  12, LOADS(NULL, "sip7832"), POLICY),
	TYPE("7841",	    0,  NO, YES,   4,  24, LOADS(NULL, "sip78xx"), POLICY),
	TYPE("7861",	    0,  NO, YES,  16,  24, LOADS(NULL, "sip78xx"), POLICY),
	TYPE("7902",	30008, YES,  NO,   1,   2, LOADS("CP7902", NULL), SUFFIX),
	TYPE("7905",	20000, YES, OTHER, 1,   2, LOADS("CP7905", "CP7905"), SUFFIX),
	TYPE("7906",	  369, YES, YES,   1,  50, LOADS("SCCP11 term06 TERM06", "SIP11 term06 TERM06"), ZONE),
	TYPE("7910",	    6, YES,  NO,   3,   2, LOADS("P004", NULL)),
	TYPE("7911",	  307, YES, YES,   1,  50, LOADS("SCCP11 term11 TERM11", "SIP11 term11 TERM11"), ZONE, IPV6),
	TYPE("7912",	30007, YES, OTHER, 1,   2, LOADS("CP7912", "CP7912"), SUFFIX),
	TYPE("7920",	30002, YES,  NO,   6,   6, LOADS("cmterm_7920", NULL)),
	TYPE("7921",	  365, YES,  NO,   6,   6, LOADS("CP7921G", NULL)),
	TYPE("7925",	  484, YES,  NO,   6,   6, LOADS("CP7925G", NULL)),
	TYPE("7926",	  577, YES,  NO,   6,   6, LOADS("CP7926G", NULL)),
	TYPE("7931",	  348, YES, YES,  24,  50, LOADS("SCCP31 term31 TERM31", "SIP31 term31 TERM31"), ZONE, IPV6),
	TYPE("7935",	    9, YES,  NO,   2,   2, LOADS("P00503", NULL)),
	TYPE("7936",	30019, YES,  NO,   2,   2, LOADS("cmterm_7936", NULL)),
	TYPE("7937",	  431, YES,  NO,   2,   2, LOADS("cmterm_7937 apps37sccp", NULL)),
	TYPE("7940",	    8, YES, YES,   2,   2, LOADS("P003", "P0S3 P003"), SIP_TEXT),
	TYPE("7941",	  115, YES, YES,   2,  50, LOADS("SCCP41 term41 TERM41", "SIP41 term41 TERM41"), ZONE, IPV6),
	TYPE("7941G-GE",  309, YES, YES,   2,  50, LOADS("SCCP41 term41 TERM41", "SIP41 term41 TERM41"), ZONE, IPV6),
	TYPE("7942",	  434, YES, YES,   2,  50, LOADS("SCCP42 term42 TERM42", "SIP42 term42 TERM42"), ZONE, IPV6),
	TYPE("7945",	  435, YES, YES,   2,  50, LOADS("SCCP45 term45 TERM45", "SIP45 term45 TERM45"), ZONE, IPV6),
	TYPE("7960",	    7, YES, YES,   6,   6, LOADS("P003", "P0S3 P003"), SIP_TEXT),
	TYPE("7961",	30018, YES, YES,   6,  50, LOADS("SCCP41 term61 TERM61 TERM41", "SIP41 term61 TERM61"), ZONE, IPV6),
	TYPE("7961G-GE",  308, YES, YES,   6,  50, LOADS("SCCP41 term61 TERM61 TERM41", "SIP41 term61 TERM61"), ZONE, IPV6),
	TYPE("7962",	  404, YES, YES,   6,  50, LOADS("SCCP42 term62 TERM62", "SIP42 term62 TERM62"), ZONE, IPV6),
	TYPE("7965",	  436, YES, YES,   6,  50, LOADS("SCCP45 term65 TERM65", "SIP45 term65 TERM65"), ZONE, IPV6),
	TYPE("7970",	30006, YES, YES,   8,  50, LOADS("SCCP70 term70 TERM70", "SIP70 term70 TERM70"), ZONE, IPV6),
	TYPE("7971",	  119, YES, YES,   8,  50, LOADS("SCCP70 term71 TERM71 TERM70", "SIP70 term71 TERM71"), ZONE, IPV6),
	TYPE("7971G-GE",  118, YES, YES,   8,  50, LOADS("SCCP70 term71 TERM71 TERM70", "SIP70 term71 TERM71"), ZONE, IPV6),
	TYPE("7975",	  437, YES, YES,   8,  50, LOADS("SCCP75 term75 TERM75", "SIP75 term75 TERM75"), ZONE, IPV6),
	TYPE("7985",	  302, YES,  NO,   1,   2, LOADS("cmterm_7985", NULL)),
	TYPE("8811",	    0,  NO, YES,   5, 200, LOADS(NULL, "sip88xx"), POLICY),
	TYPE("8821",	    0,  NO, YES,   6,  24, LOADS(NULL, "sip8821"), POLICY),
	TYPE("8831",	    0,  NO, YES,   1,   6, LOADS(NULL, "sip8831"), POLICY),
	TYPE("8832",	    0,  NO, YES,   1,  12, LOADS(NULL, "sip8832"), POLICY),
	TYPE("8841",	    0,  NO, YES,   5, 200, LOADS(NULL, "sip88xx"), POLICY),
	TYPE("8845",	    0,  NO, YES,   5, 200, LOADS(NULL, "sip8845_65"), POLICY),
	TYPE("8851",	    0,  NO, YES,   5, 200, LOADS(NULL, "sip88xx"), POLICY),
	TYPE("8861",	    0,  NO, YES,   5, 200, LOADS(NULL, "sip88xx"), POLICY),
	TYPE("8865",	    0,  NO, YES,   5, 200, LOADS(NULL, "sip8845_65"), POLICY),
	TYPE("8941",	  586, YES, YES,   4,  24, LOADS("SCCP894x", "SIP894x"), POLICY),
	TYPE("8945",	  585, YES, YES,   4,  24, LOADS("SCCP894x", "SIP894x"), POLICY),
	TYPE("8951",	    0,  NO, YES,   5, 200, LOADS(NULL, "sip8951"), POLICY),
	TYPE("8961",	    0,  NO, YES,   5, 200, LOADS(NULL, "sip8961"), POLICY),
	TYPE("9951",	    0,  NO, YES,   5, 200, LOADS(NULL, "sip9951"), POLICY),
	TYPE("9971",	    0,  NO, YES,   6, 200, LOADS(NULL, "sip9971"), POLICY),
	TYPE("ATA186",	   12, YES, OTHER, 1,   2, LOADS("ATA03", "ATA03"), SUFFIX),
	TYPE("ATA187",	    0,  NO, YES,   1,   2, LOADS(NULL, "ATA187")),
	TYPE("ATA188",	   13, YES, OTHER, 1,   2, LOADS("ATA03", "ATA03"), SUFFIX),
	TYPE("ATA190",	    0,  NO, YES,   2,   2, LOADS(NULL, "ATA190 ata190")),
	TYPE("ATA191",	    0,  NO, YES,   2,   2, LOADS(NULL, "ATA191 ata191")),
	TYPE("ATA192",	    0,  NO, YES,   2,   2, LOADS(NULL, "ATA192 ata192")),
	TYPE("CIPC",	30016, YES, YES,   8,  50, LOADS(NULL, NULL)),

	/* small offices' phones and gateways, which the SCCP room knows too */
	TYPE("303",	80011, YES, OTHER, 3,   6, LOADS(NULL, NULL)),
	TYPE("502",	80003, YES, OTHER, 1,   2, LOADS(NULL, NULL)),
	TYPE("504",	80004, YES, OTHER, 4,   8, LOADS(NULL, NULL)),
	TYPE("508",	80006, YES, OTHER, 8,  16, LOADS(NULL, NULL)),
	TYPE("509",	80007, YES, OTHER, 12, 24, LOADS(NULL, NULL)),
	TYPE("512",	80012, YES, OTHER, 1,   2, LOADS(NULL, NULL)),
	TYPE("514",	80013, YES, OTHER, 4,   8, LOADS(NULL, NULL)),
	TYPE("521S",	80000, YES, OTHER, 1,   2, LOADS(NULL, NULL)),
	TYPE("524SG",	80001, YES, OTHER, 4,   8, LOADS(NULL, NULL)),
	TYPE("525G",	80005, YES, OTHER, 5,  10, LOADS(NULL, NULL)),
	TYPE("525G2",	80009, YES, OTHER, 5,  10, LOADS(NULL, NULL)),
	TYPE("Nokia-E",	  275, YES,  NO,   1,   2, LOADS(NULL, NULL)),
	TYPE("Nokia-ICC", 376, YES,  NO,   1,   2, LOADS(NULL, NULL)),
	TYPE("VGC",	   10, YES,  NO,   1,   2, LOADS(NULL, NULL)),
	TYPE("analog",	30027, YES,  NO,   1,   2, LOADS(NULL, NULL)),
	TYPE("bri",	30028, YES,  NO,   1,   2, LOADS(NULL, NULL)),
	TYPE("loadsim",	  100, YES,  NO,   6,   6, LOADS(NULL, NULL)),
};

size_t td_phone_types(const struct cfg_phonetype **v)
{
	*v = types;
	return sizeof(types) / sizeof(types[0]);
}

/* ---- names of firmware ---- */

static size_t fits(const char *load, const char *prefixes,
		   int (*compare)(const char *, const char *, size_t))
{
	for (const char *p = prefixes; p && *p; p += strcspn(p, " "), p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		if (!compare(load, p, len))
			return len;
	}
	return 0;
}

static const char *prefixes_of(const struct cfg_phonetype *t, uint32_t protocol)
{
	return protocol == CFG_PROTO_SCCP ? t->sccp_load : t->sip_load;
}

/* The type of phones that a file's name is known to be for, by the longest beginning. */
static const struct cfg_phonetype *owner_of(const char *load, uint32_t *protocol)
{
	const struct cfg_phonetype *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		for (uint32_t p = CFG_PROTO_SIP; p <= CFG_PROTO_SCCP; p++) {
			size_t len = fits(load, prefixes_of(&types[i], p), strncmp);

			if (len > most) {
				most = len;
				best = &types[i];
				*protocol = p;
			}
		}
	}
	return best;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len > n && !strcmp(text + len - n, end);
}

bool td_load_fits(const struct cfg_phonetype *type, uint32_t protocol, const char *load,
		  char *why, size_t len)
{
	static const char *const parts[] = { ".sbn", ".sbin", ".sb2", ".sebn", ".bin", ".sgn", NULL };
	const char *own = prefixes_of(type, protocol);
	const struct cfg_phonetype *owner;
	uint32_t its = protocol;

	for (size_t i = 0; parts[i] && !type->suffix; i++) {
		if (ends_with(load, parts[i])) {
			snprintf(why, len, "'%s' is a part of a firmware: its name is that of the "
				 ".loads file, without an ending", load);
			return false;
		}
	}
	if (!own || fits(load, own, strncmp))
		return true;
	if (fits(load, own, strncasecmp)) {
		snprintf(why, len, "'%s' is not how the file is called: capital and small letters "
			 "count, and firmware of a %s begins with %.*s", load, type->name,
			 (int)strcspn(own, " "), own);
		return false;
	}
	owner = owner_of(load, &its);
	if (!owner)
		return true;		/* a name of somebody's own */
	if (its != protocol && fits(load, prefixes_of(type, its), strncmp))
		snprintf(why, len, "'%s' is a firmware for %s, and the phone's protocol is '%s'",
			 load, its == CFG_PROTO_SCCP ? "SCCP" : "SIP",
			 protocol == CFG_PROTO_SCCP ? "sccp" : "sip");
	else
		snprintf(why, len, "'%s' is a firmware of a %s, not of a %s", load, owner->name,
			 type->name);
	return false;
}
