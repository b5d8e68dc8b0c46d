/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Treaty between the configuration and every room: what the operator wants, typed,
 * checked and resolved (templates merged, numbers turned into DNs, references bound).
 * A model is immutable; rooms may keep pointers into it while they hold it (config.h).
 */
#ifndef TD_CONFIG_MODEL_H
#define TD_CONFIG_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "userspace/base/addr.h"

#define CFG_ID_LEN	64		/* section name, with the end */
#define CFG_TEXT_LEN	64
#define CFG_NUMBER_LEN	33		/* a directory number: up to 32 digits, + * # */
#define CFG_SECRET_LEN	129
#define CFG_MAX_IFACES	32
#define CFG_MAX_CODECS	12
#define CFG_MAX_LISTEN	16
#define CFG_MAX_TRUSTED	64
#define CFG_PATTERN_LEN	65		/* a dial pattern */
#define CFG_RULE_LEN	128
#define CFG_PATH_LEN	128
#define CFG_MAX_RULES	15		/* of a translation, as in IOS */
#define CFG_MAX_COR	64		/* different names of restriction */
#define CFG_MAX_SOURCES	32		/* networks that a trunk comes from */

enum cfg_xdp { CFG_XDP_AUTO, CFG_XDP_NATIVE, CFG_XDP_GENERIC, CFG_XDP_OFF };
enum cfg_checksum { CFG_CHECKSUM_AUTO, CFG_CHECKSUM_FULL, CFG_CHECKSUM_PARTIAL };
enum cfg_dtmf { CFG_DTMF_RTP, CFG_DTMF_INFO };
enum cfg_protocol { CFG_PROTO_SIP, CFG_PROTO_SCCP };
enum cfg_transport { CFG_TRANSPORT_ANY, CFG_TRANSPORT_UDP, CFG_TRANSPORT_TCP };
enum cfg_digest { CFG_DIGEST_MD5, CFG_DIGEST_SHA256 };
enum cfg_auth { CFG_AUTH_ALL, CFG_AUTH_AUTO };
enum cfg_media_mode { CFG_MEDIA_THROUGH };
enum cfg_date { CFG_DATE_MDY, CFG_DATE_DMY, CFG_DATE_YMD, CFG_DATE_YDM };
enum cfg_clock { CFG_CLOCK_12, CFG_CLOCK_24 };
enum cfg_enable { CFG_ENABLE_AUTO, CFG_ENABLE_ON, CFG_ENABLE_OFF };
enum cfg_family { CFG_IPV4, CFG_IPV6, CFG_DUAL };

struct cfg_global {
	char hostname[CFG_TEXT_LEN];
	char timezone[CFG_TEXT_LEN];	/* IANA name */
	char interface[CFG_MAX_IFACES][CFG_TEXT_LEN];
	size_t n_interface;
	uint32_t dscp[4];		/* 0..63, index TD_DSCP_MEDIA, _SIGNALING, _VIDEO, _SERVICE */
	uint32_t phone_media, media;	/* enum cfg_media_mode */
	uint32_t rtp_port_min, rtp_port_max;
	uint32_t date_format, time_format;	/* enum cfg_date, cfg_clock */
	uint32_t timeout_ringing;	/* seconds */
	uint32_t timeout_interdigit, timeout_busy;	/* seconds */
	uint32_t rtp_timeout;		/* seconds without a packet from either party, 0 = for ever */
	char codec[CFG_MAX_CODECS][CFG_TEXT_LEN];	/* offered to a late-offer call, in order */
	size_t n_codec;
	uint32_t max_calls;		/* 0 = no limit but ports and memory */
	uint32_t cdr_days;		/* how long call records are kept, 0 = none are */
	char cdr_file[CFG_PATH_LEN];	/* JSON lines beside that; empty = no */
	char log_level[CFG_TEXT_LEN];
};

struct cfg_interface {
	char id[CFG_ID_LEN];		/* device name */
	uint32_t xdp;			/* enum cfg_xdp */
	uint32_t checksum;		/* enum cfg_checksum */
	uint32_t dscp_trust;		/* what comes in marked keeps its mark */
};

/** A network: the host bits of addr are zero. */
struct cfg_prefix {
	struct td_addr addr;
	uint32_t len;			/* up to 32 or 128, as the family writes it */
};

struct cfg_sip {
	struct td_addr listen[CFG_MAX_LISTEN];	/* source_address; none = every address */
	size_t n_listen;
	uint32_t port;
	uint32_t udp, tcp;		/* transports on */
	uint32_t authenticate;		/* enum cfg_auth */
	char realm[CFG_TEXT_LEN];
	uint32_t digest;		/* enum cfg_digest, default of phones */
	uint32_t register_expires_max, register_expires_min, register_expires;	/* seconds */
	uint32_t tcp_idle_timeout;	/* seconds */
	uint32_t nonce_lifetime;	/* seconds */
	uint32_t max_setups;		/* calls in set-up at once, beyond it 503 + Retry-After */
	uint32_t session_expires, min_se;	/* RFC 4028, seconds; 0 = we do not ask */
	uint32_t max_bindings;		/* contacts per phone */
	char user_agent[CFG_TEXT_LEN];
	uint32_t firewall;		/* keep table inet tandem in the kernel */
	struct cfg_prefix trusted[CFG_MAX_TRUSTED];	/* never limited, never banned */
	size_t n_trusted;
	uint32_t rate_limit, rate_burst;	/* packets a second and at once per source; 0 = off */
	uint32_t ban_after, ban_window, ban_time;	/* failures (0 = off) in seconds, seconds */
};

struct cfg_sccp {
	uint32_t enable;		/* enum cfg_enable; auto: when a phone speaks it */
	struct td_addr source[CFG_MAX_LISTEN];	/* what phones are told to use; none = any of ours */
	size_t n_source;
	uint32_t port;
	uint32_t protocol_mode;		/* enum cfg_family */
	uint32_t ip_preference;		/* CFG_IPV4 or _IPV6, of phones that have both */
	uint32_t keepalive;		/* seconds */
	uint32_t max_phones;		/* registered at the same time, 0 = no limit */
	uint32_t max_per_host;		/* connections from one address */
	uint32_t strict_match;		/* the address that a phone connects to must be in source */
};

/** A directory number. phone options "number" and "line N:digits" make one with id = number. */
struct cfg_dn {
	char id[CFG_ID_LEN];
	char number[CFG_NUMBER_LEN];
	char name[CFG_TEXT_LEN];
	char label[CFG_TEXT_LEN];
	char cor_outgoing[CFG_ID_LEN];	/* what a caller must be allowed; a corlist or empty */
	uint32_t preference;		/* 0 is tried first */
	uint32_t huntstop;		/* nobody else is tried when it is busy or does not answer */
	/* where calls go instead; empty = nowhere */
	char cfwd_all[CFG_NUMBER_LEN], cfwd_busy[CFG_NUMBER_LEN], cfwd_noan[CFG_NUMBER_LEN];
	char cfwd_unreachable[CFG_NUMBER_LEN];
	uint32_t cfwd_noan_timeout;	/* seconds */
	char pickup_group[CFG_NUMBER_LEN];	/* whose members may take its calls; empty = none */
	uint32_t line;			/* of the file, for messages */
};

struct cfg_line {
	uint32_t button;		/* 1.. */
	uint32_t dn;			/* index into td_config.dns */
};

struct cfg_phone {
	char id[CFG_ID_LEN];
	uint32_t tag;			/* 0 = none */
	uint32_t protocol;		/* enum cfg_protocol */
	char type[CFG_TEXT_LEN];
	char load[CFG_TEXT_LEN];	/* firmware that it should run; none = what it has */
	uint8_t mac[6];
	uint8_t has_mac;
	char name[CFG_TEXT_LEN];
	char username[CFG_TEXT_LEN];	/* digest user; default: number of line 1 */
	char password[CFG_SECRET_LEN];
	uint32_t digest;		/* enum cfg_digest */
	uint32_t transport;		/* enum cfg_transport: what requests to it use */
	struct td_addr address;		/* fixed host (and port): callable without registration */
	uint32_t nat;			/* its media come from another address than it says */
	uint32_t dtmf_relay;		/* enum cfg_dtmf: how it wants to hear of digits */
	char codec[CFG_MAX_CODECS][CFG_TEXT_LEN];	/* allowed codecs; none = all */
	size_t n_codec;
	char cor_incoming[CFG_ID_LEN];	/* what it may call; a corlist, empty = everything */
	struct cfg_line *lines;		/* ordered by button */
	size_t n_lines;
	uint32_t line;			/* of the file */
};

#define CFG_MAX_MEMBERS 32

enum cfg_hunt { CFG_HUNT_SEQUENTIAL, CFG_HUNT_PEER, CFG_HUNT_LONGEST_IDLE, CFG_HUNT_PARALLEL };

/** A number behind which several numbers are called. */
struct cfg_huntgroup {
	char id[CFG_ID_LEN];
	char number[CFG_NUMBER_LEN];
	char name[CFG_TEXT_LEN];
	char member[CFG_MAX_MEMBERS][CFG_NUMBER_LEN];	/* numbers of dns */
	size_t n_member;
	uint32_t mode;			/* enum cfg_hunt */
	uint32_t timeout;		/* seconds that each may ring */
	char final[CFG_NUMBER_LEN];	/* where the call goes when nobody answers; may be empty */
	uint32_t line;
};

/* ---- features ---- */

struct cfg_moh {
	char file[CFG_PATH_LEN];	/* WAV; empty = silence */
};

/** What phones dial to use a feature; empty = it has no code. */
struct cfg_fac {
	uint32_t enable;
	char cfwd_all[CFG_NUMBER_LEN], cfwd_cancel[CFG_NUMBER_LEN];
	char pickup_local[CFG_NUMBER_LEN], pickup_group[CFG_NUMBER_LEN];
	char pickup[CFG_NUMBER_LEN], park[CFG_NUMBER_LEN];
};

/** Numbers where calls are parked: number, number + 1 ... */
struct cfg_park {
	char id[CFG_ID_LEN];
	char number[CFG_NUMBER_LEN];
	uint32_t slots;
	uint32_t timeout;		/* seconds between reminders, 0 = none */
	uint32_t limit;			/* of reminders */
	char transfer[CFG_NUMBER_LEN];	/* where the call goes then; empty = it ends */
	uint32_t line;
};

/** Who dials the number joins all others who have. */
struct cfg_conference {
	char id[CFG_ID_LEN];
	char number[CFG_NUMBER_LEN];
	uint32_t max_parties;
	uint32_t line;
};

/* ---- dial plan: sections name each other, and names are known to exist ---- */

/** A set of names of restriction. A call goes through when the caller's set holds all of the
 * called one's. */
struct cfg_corlist {
	char id[CFG_ID_LEN];
	char member[CFG_MAX_COR][CFG_ID_LEN];
	size_t n_member;
	uint32_t line;
};

/** The first rule that fits is applied. */
struct cfg_translation {
	char id[CFG_ID_LEN];
	char rule[CFG_MAX_RULES][CFG_RULE_LEN];	/* base/dial_rule.h */
	size_t n_rule;
	uint32_t line;
};

/** Which number is changed by which translation; empty = none. */
struct cfg_profile {
	char id[CFG_ID_LEN];
	char called[CFG_ID_LEN], calling[CFG_ID_LEN], redirecting[CFG_ID_LEN];
	uint32_t line;
};

/** Another switch or a carrier. */
struct cfg_trunk {
	char id[CFG_ID_LEN];
	char name[CFG_TEXT_LEN];
	char host[CFG_TEXT_LEN];
	uint32_t port;
	uint32_t transport;		/* enum cfg_transport; ANY = UDP */
	struct cfg_prefix source[CFG_MAX_SOURCES];	/* where its calls come from, beside host */
	size_t n_source;
	char translation_incoming[CFG_ID_LEN], translation_outgoing[CFG_ID_LEN];
	char cor_incoming[CFG_ID_LEN];
	uint32_t allow_transit;		/* its calls may leave by a trunk */
	uint32_t max_calls;		/* both directions; 0 = no limit */
	uint32_t dtmf_relay;		/* enum cfg_dtmf */
	char codec[CFG_MAX_CODECS][CFG_TEXT_LEN];
	size_t n_codec;
	uint32_t line;
};

struct cfg_dialpeer {
	char id[CFG_ID_LEN];
	uint32_t tag;			/* 0 = none */
	char destination_pattern[CFG_PATTERN_LEN];	/* base/dial_pattern.h */
	uint32_t preference;		/* 0 is tried first */
	char trunk[CFG_ID_LEN];
	uint32_t strip_digits;		/* taken off in front */
	uint32_t forward_digits;	/* as many of the last ones are sent; 0 = all */
	char prefix[CFG_NUMBER_LEN];	/* put in front, after that */
	char translation_outgoing[CFG_ID_LEN];	/* applied last */
	char cor_outgoing[CFG_ID_LEN];
	uint32_t huntstop;
	uint32_t emergency;		/* before everything else, and for everybody */
	uint32_t line;
};

struct td_config {
	struct cfg_global global;
	struct cfg_sip sip;
	struct cfg_sccp sccp;
	struct cfg_moh moh;
	struct cfg_fac fac;
	struct cfg_interface *interfaces;	/* one per global.interface, exceptions merged */
	size_t n_interfaces;
	struct cfg_dn *dns;
	size_t n_dns;
	struct cfg_phone *phones;
	size_t n_phones;
	struct cfg_huntgroup *huntgroups;
	size_t n_huntgroups;
	struct cfg_park *parks;
	size_t n_parks;
	struct cfg_conference *conferences;
	size_t n_conferences;
	struct cfg_corlist *corlists;
	size_t n_corlists;
	struct cfg_translation *translations;
	size_t n_translations;
	struct cfg_profile *profiles;
	size_t n_profiles;
	struct cfg_trunk *trunks;
	size_t n_trunks;
	struct cfg_dialpeer *dialpeers;	/* in the order of the file */
	size_t n_dialpeers;
	uint64_t stamp;			/* hash of the whole content: the configuration's version */
};

#endif
