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
#define CFG_MAX_NAMESERVERS 4
#define CFG_MAX_REDIS	8
#define CFG_MAX_TRUSTED	64
#define CFG_PATTERN_LEN	65		/* a dial pattern */
#define CFG_RULE_LEN	128
#define CFG_PATH_LEN	128
#define CFG_MAX_RULES	15		/* of a translation, as in IOS */
#define CFG_MAX_COR	64		/* different names of restriction */
#define CFG_MAX_SOURCES	32		/* networks that a trunk comes from */

enum cfg_xdp { CFG_XDP_AUTO, CFG_XDP_NATIVE, CFG_XDP_GENERIC, CFG_XDP_OFF };
enum cfg_checksum { CFG_CHECKSUM_AUTO, CFG_CHECKSUM_FULL, CFG_CHECKSUM_PARTIAL };
enum cfg_dtmf { CFG_DTMF_RTP, CFG_DTMF_INFO, CFG_DTMF_NOTIFY, CFG_DTMF_KPML };
enum cfg_protocol { CFG_PROTO_SIP, CFG_PROTO_SCCP };
/* the numbers of enum td_srtp_use */
enum cfg_srtp { CFG_SRTP_OFF, CFG_SRTP_FALLBACK, CFG_SRTP_REQUIRED, CFG_SRTP_INHERIT };
enum cfg_transport { CFG_TRANSPORT_ANY, CFG_TRANSPORT_UDP, CFG_TRANSPORT_TCP, CFG_TRANSPORT_TLS };
enum cfg_digest { CFG_DIGEST_MD5, CFG_DIGEST_SHA256 };
enum cfg_auth { CFG_AUTH_ALL, CFG_AUTH_AUTO };
enum cfg_dnd { CFG_DND_REJECT, CFG_DND_SILENT };
enum cfg_transfer { CFG_TRANSFER_CONSULT, CFG_TRANSFER_BLIND };
enum cfg_gain { CFG_GAIN_0, CFG_GAIN_MINUS_6, CFG_GAIN_3, CFG_GAIN_6 };
/* INHERIT: as the section says that is asked next */
enum cfg_media_mode { CFG_MEDIA_THROUGH, CFG_MEDIA_AROUND, CFG_MEDIA_INHERIT };
enum cfg_date { CFG_DATE_MDY, CFG_DATE_DMY, CFG_DATE_YMD, CFG_DATE_YDM };
enum cfg_clock { CFG_CLOCK_12, CFG_CLOCK_24 };
enum cfg_security { CFG_SECURITY_NONE, CFG_SECURITY_MIXED, CFG_SECURITY_ENCRYPTED };
enum cfg_enable { CFG_ENABLE_AUTO, CFG_ENABLE_ON, CFG_ENABLE_OFF };
enum cfg_family { CFG_IPV4, CFG_IPV6, CFG_DUAL };
enum cfg_phone_family { CFG_FAMILY_AUTO, CFG_FAMILY_IPV4, CFG_FAMILY_IPV6, CFG_FAMILY_DUAL };
enum cfg_sip_date { CFG_SIPDATE_GLOBAL, CFG_SIPDATE_DMY, CFG_SIPDATE_MDY, CFG_SIPDATE_YDM_DASH,
		    CFG_SIPDATE_YDM, CFG_SIPDATE_YMD, CFG_SIPDATE_YYMD_DASH };
enum cfg_sip_clock { CFG_SIPCLOCK_GLOBAL, CFG_SIPCLOCK_12, CFG_SIPCLOCK_24 };
enum cfg_ntp_mode { CFG_NTP_UNICAST, CFG_NTP_DIRECTEDBROADCAST, CFG_NTP_MULTICAST,
		    CFG_NTP_ANYCAST };
enum cfg_scope { CFG_SCOPE_SYSTEM, CFG_SCOPE_TYPE, CFG_SCOPE_PHONE };
enum cfg_files { CFG_FILES_MEMORY, CFG_FILES_PATH, CFG_FILES_TFTP };
enum cfg_dhcp { CFG_DHCP_OFF, CFG_DHCP_DNSMASQ, CFG_DHCP_UCI };
enum cfg_vpn_auth { CFG_VPN_BOTH, CFG_VPN_PASSWORD, CFG_VPN_CERTIFICATE };

struct cfg_global {
	char hostname[CFG_TEXT_LEN];
	char system_message[CFG_TEXT_LEN];	/* on displays of idle phones; may be empty */
	char timezone[CFG_TEXT_LEN];	/* IANA name */
	char interface[CFG_MAX_IFACES][CFG_TEXT_LEN];
	size_t n_interface;
	struct td_addr nameserver[CFG_MAX_NAMESERVERS];	/* none: those of /etc/resolv.conf */
	size_t n_nameserver;
	uint32_t dscp[4];		/* 0..63, index TD_DSCP_MEDIA, _SIGNALING, _VIDEO, _SERVICE */
	uint32_t phone_media, media;	/* enum cfg_media_mode */
	struct td_addr media_forking;	/* unset: calls are not forked */
	uint32_t srtp;			/* enum cfg_srtp, of who has none of its own */
	uint32_t rtp_port_min, rtp_port_max;
	uint32_t date_format, time_format;	/* enum cfg_date, cfg_clock */
	uint32_t timeout_ringing;	/* seconds */
	uint32_t timeout_interdigit, timeout_busy;	/* seconds */
	uint32_t timeout_transfer_recall;	/* seconds, 0 = never */
	uint32_t timeout_callback;	/* seconds */
	uint32_t transfer_mode;		/* enum cfg_transfer */
	uint32_t max_conferences;	/* that phones make, at once; 0 = no limit */
	uint32_t conference_gain;	/* enum cfg_gain */
	uint32_t privacy;		/* of phones that do not say */
	uint32_t privacy_on_hold;	/* it is for what they hold, too */
	char caller_id_block_code[CFG_NUMBER_LEN];	/* dialled before a number; empty = none */
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
	uint32_t udp, tcp, tls;		/* transports on */
	uint32_t tls_port;
	char tls_certificate[CFG_TEXT_LEN], tls_key[CFG_TEXT_LEN], tls_ca[CFG_TEXT_LEN];	/* files */
	uint32_t tls_legacy;		/* TLS 1.0 and 1.1, weak keys and ciphers */
	uint32_t srtp_clear;		/* keys of SRTP by UDP and TCP, too */
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
	uint32_t trusted_only;		/* and nobody else is heard */
	uint32_t rate_limit, rate_burst;	/* packets a second and at once per source; 0 = off */
	uint32_t ban_after, ban_window, ban_time;	/* failures (0 = off) in seconds, seconds */
	/* what the files of SIP phones say */
	char timezone[CFG_TEXT_LEN];	/* empty: that of global */
	uint32_t date_format, time_format;	/* enum cfg_sip_date, cfg_sip_clock */
	uint32_t dst_auto;		/* phones of the first generation switch to summer time */
	char ntp_server[CFG_TEXT_LEN];	/* empty: the Date of our answers */
	uint32_t ntp_mode;		/* enum cfg_ntp_mode */
	uint32_t keepalive;		/* seconds */
	uint32_t token_accept, token_retry_after, token_rate;	/* phones that return */
	uint32_t status_combine, status_combine_max;	/* bodies in one REFER to a phone */
	uint32_t overlap_signal;	/* of phones that do not say */
};

struct cfg_sccp {
	uint32_t enable;		/* enum cfg_enable; auto: when a phone speaks it */
	struct td_addr source[CFG_MAX_LISTEN];	/* what phones are told to use; none = any of ours */
	size_t n_source;
	uint32_t port;
	uint32_t security_mode;		/* enum cfg_security: TLS beside TCP, or alone */
	uint32_t tls_port;
	char certificate[CFG_PATH_LEN], private_key[CFG_PATH_LEN];	/* PEM */
	uint32_t tls_legacy;		/* versions and ciphers of old phones, too */
	uint32_t protocol_mode;		/* enum cfg_family */
	uint32_t ip_preference;		/* CFG_IPV4 or _IPV6, of phones that have both */
	uint32_t keepalive;		/* seconds */
	uint32_t max_phones;		/* registered at the same time, 0 = no limit */
	uint32_t max_dn;		/* numbers that SCCP phones have, 0 = no limit */
	uint32_t preference, no_register;	/* of those that do not say */
	uint32_t max_per_host;		/* connections from one address */
	uint32_t auto_register;		/* unknown phones are let in, with a number of these: */
	char auto_number[CFG_NUMBER_LEN];	/* empty: there is none */
	uint32_t auto_numbers;
	uint32_t strict_match;		/* the address that a phone connects to must be in source */
	uint32_t overlap_signal;	/* of phones that do not say */
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
	char cfwd_night[CFG_NUMBER_LEN];	/* all calls, during night service */
	char snr[CFG_NUMBER_LEN];	/* called as well (single number reach); empty = nobody */
	uint32_t snr_delay, snr_timeout;	/* seconds */
	uint32_t snr_calling_local;	/* it is shown the dn's number, not the caller's */
	char pickup_group[CFG_NUMBER_LEN];	/* whose members may take its calls; empty = none */
	uint32_t channels;		/* calls of one phone on it, 0 = no limit */
	uint32_t huntstop_channel;	/* of these, so many that come in; 0 = all */
	uint32_t intercom;		/* its phones answer by themselves */
	char intercom_number[CFG_NUMBER_LEN];	/* its button calls this one; empty = an ordinary line */
	uint32_t intercom_no_mute;	/* the phone that has answered by itself is heard at once */
	uint32_t intercom_barge_in;	/* it does so during another call, too, which it holds */
	uint32_t allow_watch;		/* other phones may see what goes on there */
	uint32_t caller_id_block;	/* whom it calls is not told who calls */
	uint32_t no_register;		/* not told to an outside registrar */
	uint32_t line;			/* of the file, for messages */
};

struct cfg_line {
	uint32_t button;		/* 1.. */
	uint32_t dn;			/* index into td_config.dns */
};

#define CFG_MAX_BUTTONS 64
#define CFG_MAX_VENDOR	48
#define CFG_MAX_PARTS	64		/* types of sections */
#define CFG_LABEL_LEN	31		/* phones show no more */

/** A button that is no line. */
struct cfg_button {
	uint32_t button;		/* 1.. */
	uint32_t feature;		/* Cisco's featureID */
	char target[CFG_NUMBER_LEN];	/* number to dial, to watch ...; may be empty */
	char label[CFG_LABEL_LEN];
};

/** When which keys are under the display, in CME's words. */
enum cfg_keys_when {
	CFG_KEYS_IDLE, CFG_KEYS_SEIZED, CFG_KEYS_ALERTING, CFG_KEYS_RINGING, CFG_KEYS_CONNECTED,
	CFG_KEYS_HOLD, CFG_KEYS_REMOTE_IN_USE, CFG_KEYS_WHEN
};

enum cfg_softkey {
	CFG_KEY_NONE, CFG_KEY_REDIAL, CFG_KEY_NEWCALL, CFG_KEY_HOLD, CFG_KEY_TRANSFER,
	CFG_KEY_CFWDALL, CFG_KEY_ENDCALL, CFG_KEY_RESUME, CFG_KEY_ANSWER, CFG_KEY_CONFERENCE,
	CFG_KEY_PARK, CFG_KEY_PICKUP, CFG_KEY_GPICKUP, CFG_KEY_CALLBACK, CFG_KEY_DND,
	CFG_KEY_DIVERT, CFG_KEY_BARGE, CFG_KEY_PRIVATE, CFG_SOFTKEYS
};

#define CFG_MAX_SOFTKEYS 15

/** Soft keys in their order. n 0: those that such phones have anyway. */
struct cfg_softkeys {
	uint8_t n, key[CFG_MAX_SOFTKEYS];	/* enum cfg_softkey */
};

/** An element of the phone's vendorConfig, passed on as it is. */
struct cfg_vendor {
	char name[48];
	char value[128];
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
	uint32_t mtp;			/* its media never go around this router */
	uint32_t protocol_mode;		/* enum cfg_phone_family, of its media; auto: as it signals */
	struct td_addr media_forking;	/* unset: as global says */
	uint32_t srtp;			/* enum cfg_srtp */
	uint32_t dtmf_relay;		/* enum cfg_dtmf: how it wants to hear of digits */
	char codec[CFG_MAX_CODECS][CFG_TEXT_LEN];	/* allowed codecs; none = all */
	size_t n_codec;
	char cor_incoming[CFG_ID_LEN];	/* what it may call; a corlist, empty = everything */
	uint32_t call_waiting;		/* rings while it is in a call */
	uint32_t privacy;		/* of its calls on shared lines */
	uint32_t after_hours_exempt;	/* not held by section afterhours */
	uint32_t multicast_paging;	/* SIP: it listens to the groups by itself */
	uint32_t overlap_signal;	/* SIP: it sends each key as it is pressed (KPML); SCCP: to a line
					 * they go so */
	struct cfg_line *lines;		/* ordered by button */
	size_t n_lines;
	uint32_t dnd;			/* enum cfg_dnd: what the phone's do-not-disturb key does */
	struct cfg_button *buttons;	/* ordered by button */
	size_t n_buttons;
	struct cfg_vendor *vendors;
	size_t n_vendors;
	struct cfg_softkeys softkeys[CFG_KEYS_WHEN];
	char user_locale[CFG_ID_LEN], network_locale[CFG_ID_LEN];	/* sections; may be empty */
	char vpn[CFG_ID_LEN];		/* a vpnprofile, or empty */
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

/** Where one stream for all who listen goes. */
struct cfg_multicast {
	struct td_addr group;		/* IPv4; unset: nowhere */
	char interface[CFG_TEXT_LEN];	/* by which it leaves; empty: the first of global */
	uint32_t ttl;
};

struct cfg_moh {
	char file[CFG_PATH_LEN];	/* WAV; empty = silence */
	struct cfg_multicast multicast;
};

/** What phones dial to use a feature; empty = it has no code. */
struct cfg_fac {
	uint32_t enable;
	char cfwd_all[CFG_NUMBER_LEN], cfwd_cancel[CFG_NUMBER_LEN];
	char pickup_local[CFG_NUMBER_LEN], pickup_group[CFG_NUMBER_LEN];
	char pickup[CFG_NUMBER_LEN], park[CFG_NUMBER_LEN];
	char hlog[CFG_NUMBER_LEN];
	char callback[CFG_NUMBER_LEN], callback_cancel[CFG_NUMBER_LEN];
};

/** A time of the week or of the year. stop <= start: it ends the next day. */
struct cfg_hours {
	uint32_t weekdays;		/* bits, 0 = Sunday; 0: a day of the year */
	uint32_t month, day;		/* 1.., then */
	uint32_t start, stop;		/* minutes of the day; 0..1440 */
};

#define CFG_MAX_HOURS 32
#define CFG_MAX_BLOCKS 100

/** What may not be dialled when nobody is in the office. */
struct cfg_afterhours {
	struct cfg_hours hours[CFG_MAX_HOURS];
	size_t n_hours;
	char block[CFG_MAX_BLOCKS][CFG_PATTERN_LEN];	/* base/dial_pattern.h */
	size_t n_block;
	char block_always[CFG_MAX_BLOCKS][CFG_PATTERN_LEN];	/* at any hour, by any phone */
	size_t n_block_always;
	char override_code[CFG_NUMBER_LEN];	/* dialled before the number; empty = none */
};

struct cfg_nightservice {
	struct cfg_hours hours[CFG_MAX_HOURS];
	size_t n_hours;
	char code[CFG_NUMBER_LEN];	/* switches it on and off; empty = none */
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

/** Who dials the number is heard by all members at once. */
struct cfg_paging {
	char id[CFG_ID_LEN];
	char number[CFG_NUMBER_LEN];
	char name[CFG_TEXT_LEN];
	char member[CFG_MAX_MEMBERS][CFG_NUMBER_LEN];	/* numbers of dns */
	size_t n_member;
	struct cfg_multicast multicast;	/* members that can hear that are not called */
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
	char tls_name[CFG_TEXT_LEN];	/* whose certificate it must show; empty: host */
	struct cfg_prefix source[CFG_MAX_SOURCES];	/* where its calls come from, beside host */
	size_t n_source;
	char translation_incoming[CFG_ID_LEN], translation_outgoing[CFG_ID_LEN];
	char cor_incoming[CFG_ID_LEN];
	uint32_t allow_transit;		/* its calls may leave by a trunk */
	uint32_t max_calls;		/* both directions; 0 = no limit */
	struct td_addr media_forking;	/* unset: as global says */
	uint32_t media;			/* enum cfg_media_mode */
	uint32_t srtp;			/* enum cfg_srtp */
	uint32_t dtmf_relay;		/* enum cfg_dtmf */
	uint32_t overlap_signal;	/* digits go to it, and come from it, one by one (RFC 3578) */
	char codec[CFG_MAX_CODECS][CFG_TEXT_LEN];
	size_t n_codec;
	uint32_t identity;		/* P-Asserted-Identity is told and believed */
	uint32_t privacy;		/* our callers are anonymous to who is called */
	uint32_t mwi;			/* it is believed who has messages */
	uint32_t max_cps;		/* calls a second, both directions; 0 = no limit */
	uint32_t answer_timeout;	/* seconds until an INVITE must have any answer */
	uint32_t keepalive;		/* seconds between OPTIONS; 0 = none are sent */
	uint32_t keepalive_down;	/* the same while it does not answer */
	uint32_t keepalive_retry;	/* lost in a row: it is down */
	/* our account there: challenges of this realm alone are answered */
	char username[CFG_TEXT_LEN], password[CFG_SECRET_LEN], realm[CFG_TEXT_LEN];
	uint32_t line;
};

enum cfg_register { CFG_REGISTER_ACCOUNT, CFG_REGISTER_NUMBERS, CFG_REGISTER_BULK };

#define CFG_MAX_BULK 16

/** Where we register, so that a trunk's calls find us. */
struct cfg_registrar {
	char id[CFG_ID_LEN];
	char trunk[CFG_ID_LEN];		/* whose calls, account and transport these are */
	struct td_addr address;		/* unset: the trunk's host */
	struct td_addr secondary;	/* unset: there is none */
	uint32_t expires;		/* seconds that we ask for */
	uint32_t what;			/* enum cfg_register */
	char bulk_number[CFG_MAX_BULK][CFG_NUMBER_LEN];	/* "408526....": a block, beside that */
	size_t n_bulk_number;
	uint32_t line;
};

#define CFG_MAX_MAILBOXES 64

/** A voicemail that is asked how many messages wait. */
struct cfg_mwi {
	char id[CFG_ID_LEN];
	char server[CFG_ID_LEN];	/* a trunk */
	char number[CFG_MAX_MAILBOXES][CFG_NUMBER_LEN];	/* of dns; none: all */
	size_t n_number;
	uint32_t expires;		/* seconds that we ask for */
	uint32_t line;
};

enum cfg_fxo_signal { CFG_FXO_LOOP, CFG_FXO_GROUND };
enum cfg_fxo_alerting { CFG_FXO_ALERTING_ANY, CFG_FXO_ALERTING_RING };
enum cfg_fxo_dial { CFG_FXO_DTMF, CFG_FXO_PULSE };
enum cfg_fxo_answer { CFG_FXO_ANSWER_TIME, CFG_FXO_ANSWER_REVERSAL };
#define CFG_FXO_GAIN_0 6
enum cfg_fxo_caller { CFG_FXO_CALLER_RING, CFG_FXO_CALLER_REVERSAL, CFG_FXO_CALLER_PRE_RING };
enum cfg_fxo_country {
	CFG_FXO_US, CFG_FXO_GB, CFG_FXO_DE, CFG_FXO_FR, CFG_FXO_IT, CFG_FXO_JP, CFG_FXO_AU,
	CFG_FXO_COUNTRIES
};

/** A telephone line: an FXO port of the kernel, the exchange behind it. */
struct cfg_voiceport {
	char id[CFG_ID_LEN];
	char name[CFG_TEXT_LEN];
	uint32_t port;			/* number in the kernel */
	uint32_t signal;		/* enum cfg_fxo_signal */
	uint32_t alerting;		/* enum cfg_fxo_alerting */
	uint32_t ring_number;		/* rings until a call is ours */
	char connection_plar[CFG_NUMBER_LEN];	/* who gets calls from the line; empty: nobody */
	uint32_t plar_opx;		/* the line is answered when that one answers */
	uint32_t dial_type;		/* enum cfg_fxo_dial */
	uint32_t answer;		/* enum cfg_fxo_answer: when an outgoing call counts as such */
	uint32_t battery_reversal;	/* a reversal means answer, or release */
	uint32_t caller_id;
	uint32_t caller_id_alerting;	/* enum cfg_fxo_caller: when it comes */
	char station_number[CFG_NUMBER_LEN];	/* who calls when the line does not tell */
	uint32_t timing_digit, timing_interdigit, timing_dialout_delay;	/* ms */
	uint32_t timing_sup_disconnect, timing_hookflash_out, timing_guard_out;
	uint32_t timeout_ringing, timeout_call_disconnect, timeout_silence;	/* seconds */
	uint32_t cptone;		/* enum cfg_fxo_country */
	uint32_t impedance;		/* enum tdfxo_impedance */
	uint32_t input_gain, output_attenuation;	/* dB + CFG_FXO_GAIN_0 */
	uint32_t echo_cancel, echo_coverage;	/* ms */
	char cor_incoming[CFG_ID_LEN];
	char translation_incoming[CFG_ID_LEN], translation_outgoing[CFG_ID_LEN];
	uint32_t line;
};

/** How media of calls go, for several dial peers. */
struct cfg_mediaclass {
	char id[CFG_ID_LEN];
	uint32_t tag;			/* 0 = none */
	uint32_t mode;			/* enum cfg_media_mode */
	uint32_t line;
};

#define CFG_DSCP_INHERIT 64	/* no value of its own */

struct cfg_dialpeer {
	char id[CFG_ID_LEN];
	uint32_t tag;			/* 0 = none */
	char destination_pattern[CFG_PATTERN_LEN];	/* base/dial_pattern.h */
	uint32_t preference;		/* 0 is tried first */
	char trunk[CFG_ID_LEN];		/* or, of voiceport, a telephone line */
	char voiceport[CFG_ID_LEN];
	uint32_t strip_digits;		/* taken off in front */
	uint32_t forward_digits;	/* as many of the last ones are sent; 0 = all */
	char prefix[CFG_NUMBER_LEN];	/* put in front, after that */
	char translation_outgoing[CFG_ID_LEN];	/* applied last */
	char cor_outgoing[CFG_ID_LEN];
	uint32_t srtp;			/* enum cfg_srtp; inherit: the trunk's */
	uint32_t dtmf_relay;		/* 0: the trunk's; else enum cfg_dtmf and 1 more */
	uint32_t huntstop;
	char mediaclass[CFG_ID_LEN];	/* a section, or empty */
	uint32_t media;			/* enum cfg_media_mode; the class counts before it */
	struct td_addr media_forking;	/* unset: as its trunk or global says */
	uint32_t overlap_signal;	/* digits go this way one by one where the trunk takes them so */
	uint32_t emergency;		/* before everything else, and for everybody */
	uint32_t dscp_media, dscp_video;	/* to where it leads; CFG_DSCP_INHERIT: as global says */
	uint32_t line;
};

/* ---- files of phones ---- */

#define CFG_MAX_LOCALES	5
#define CFG_URL_LEN	256
#define CFG_MAX_FILES	64
#define CFG_MAX_LEASE_FILES 4

/** A model of phone: what phone_types.c knows, with what a section phonetype says. */
struct cfg_phonetype {
	char name[CFG_TEXT_LEN];	/* "7970", as option type of a phone */
	uint32_t device;		/* number by which phones and XMLDefault name it; 0 = none */
	uint32_t sccp, sip;		/* protocols that it has */
	uint32_t sip_text;		/* its SIP firmware reads SIPDefault.cnf, no XML */
	uint32_t suffix;		/* names of its firmware are given with their ending */
	uint32_t ipv6;			/* an SCCP phone of it knows IPv6 */
	uint32_t zone;			/* an SCCP phone of it takes the time zone from the file */
	uint32_t policy;		/* takes a feature policy file */
	uint32_t buttons;		/* programmable ones */
	uint32_t max_calls;		/* that one line may have */
	const char *sccp_load, *sip_load;	/* how its firmware's name begins; blanks between */
	char load_sccp[CFG_TEXT_LEN], load_sip[CFG_TEXT_LEN];	/* that all of it run; or empty */
	char user_locale[CFG_ID_LEN], network_locale[CFG_ID_LEN];
	struct cfg_vendor *vendors;
	size_t n_vendors;
	const char *like;		/* the built-in one that it was made from, or NULL */
	uint32_t line;			/* of the section; 0 = there is none */
};

/** A time zone as phones know them. */
struct cfg_zone {
	uint32_t number;		/* of CME's command time-zone */
	const char *name;		/* as phones look it up */
	int32_t minutes;		/* as Cisco prints it, which is not always so */
	const char *iana;		/* where it holds, or held in year */
	const char *posix;		/* its rule (POSIX TZ) */
	uint32_t year;			/* the rule is of that year and kept nowhere now; 0 = of today */
	const char *same, *near;	/* other IANA zones: alike; with nothing better */
};

/** A language of the screen and tones of a country. The first one is that of all phones. */
struct cfg_locale {
	char id[CFG_ID_LEN];
	char country[4];		/* CME's code, or empty */
	char user[CFG_TEXT_LEN];	/* folder of texts, "German_Germany" */
	char language[8];		/* "de" */
	char network[CFG_TEXT_LEN];	/* folder of tones, "Germany" */
	char version[CFG_TEXT_LEN];
	uint32_t line;
};

/** When clocks change: day of the month, or weekday (0 = Sunday) in a week (1.., 8 = last). */
struct cfg_change {
	uint32_t month;			/* 1..12; 0 = not set */
	uint32_t day, week, weekday;	/* day 0: by week */
	uint32_t minute;		/* of the day */
};

struct cfg_dst {
	uint32_t given;			/* there is a section: it counts instead of the zone's rule */
	struct cfg_change start, stop;
};

struct cfg_vpn {
	char id[CFG_ID_LEN];
	char url[3][CFG_URL_LEN];	/* gateways */
	size_t n_url;
	char cert_hash[10][CFG_TEXT_LEN];	/* base64 */
	size_t n_cert_hash;
	uint32_t mtu, fail_connect_time, keepalive;	/* bytes, seconds, seconds */
	uint32_t auth;			/* enum cfg_vpn_auth */
	uint32_t password_persistent, auto_network_detect, host_id_check;
	uint32_t line;
};

/** The router that takes over; files name both. */
struct cfg_cluster {
	struct td_addr primary, secondary;	/* not set = this router, none */
	char replicate_secret[CFG_SECRET_LEN];	/* empty: no copies of calls */
	uint32_t replicate_port;
	struct td_addr redis[CFG_MAX_REDIS];	/* none: two routers, without */
	size_t n_redis;
	uint32_t redis_port;		/* 0: 6379, of sentinels 26379 */
	char redis_sentinel[CFG_TEXT_LEN];	/* the master's name; empty: those above are no sentinels */
	char redis_password[CFG_SECRET_LEN];
	char standby_user[CFG_TEXT_LEN], standby_password[CFG_SECRET_LEN];	/* the primary's */
	char xml_user[CFG_TEXT_LEN], xml_password[CFG_SECRET_LEN];	/* empty: no XML interface */
	uint32_t xml_level, xml_port;
	uint32_t ixi_response_size;	/* KB */
	uint32_t ixi_outstanding;
	uint32_t ixi_timeout, ixi_app_timeout;	/* seconds; the latter 0: as the former */
};

/** What people and their monitoring look at. */
struct cfg_management {
	struct td_addr address;
	uint32_t port;			/* 0 = nothing is served */
	struct cfg_prefix allow[CFG_MAX_SOURCES];	/* none = anybody who reaches the address */
	size_t n_allow;
	/* who may see the pages; no name at all = whoever may connect */
	char web_admin_name[CFG_TEXT_LEN], web_admin_password[CFG_SECRET_LEN];
	char web_admin_customer_name[CFG_TEXT_LEN], web_admin_customer_password[CFG_SECRET_LEN];
};

struct cfg_provision {
	uint32_t scope, store;		/* enum cfg_scope, cfg_files */
	uint32_t tftp;			/* enum cfg_enable */
	uint32_t http_enable;		/* enum cfg_enable */
	uint32_t http_port;
	struct cfg_prefix http_allow[CFG_MAX_TRUSTED];	/* none = anybody */
	size_t n_http_allow;
	char path[CFG_PATH_LEN];	/* store path: the folder */
	char url[CFG_URL_LEN];		/* store tftp: tftp://HOST[:PORT]/FOLDER */
	char home_path[CFG_PATH_LEN];	/* firmware, locales, rings; empty = none */
	char tftp_file[CFG_MAX_FILES][CFG_PATH_LEN];	/* single files, by their last name */
	size_t n_tftp_file;
	char lease_file[CFG_MAX_LEASE_FILES][CFG_PATH_LEN];	/* of DHCP servers; none = the usual */
	size_t n_lease_file;
	uint32_t dhcp;			/* enum cfg_dhcp: what dhcp_file is written for */
	char dhcp_file[CFG_PATH_LEN], dhcp_tag[CFG_TEXT_LEN];
	uint32_t voice_vlan;		/* 0 = phones are not told */
	uint32_t vrf;			/* of the stored files' names; 0 = none */
	char version_stamp[CFG_TEXT_LEN];	/* of SCCP phones' files; empty = from the content */
	uint32_t trust;			/* phones get lists of certificates and signed files */
	uint32_t directory;		/* the numbers of the house, for the phones' directories key */
	char url_services[CFG_URL_LEN], url_directories[CFG_URL_LEN];
	char url_authentication[CFG_URL_LEN], url_idle[CFG_URL_LEN];
	char url_information[CFG_URL_LEN], url_messages[CFG_URL_LEN], url_proxy[CFG_URL_LEN];
	uint32_t idle_timeout;		/* seconds before url_idle is shown, 0 = never */
};

struct td_config {
	struct cfg_global global;
	struct cfg_sip sip;
	struct cfg_sccp sccp;
	struct cfg_moh moh;
	struct cfg_fac fac;
	struct cfg_afterhours afterhours;
	struct cfg_nightservice nightservice;
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
	struct cfg_paging *pagings;
	size_t n_pagings;
	struct cfg_corlist *corlists;
	size_t n_corlists;
	struct cfg_translation *translations;
	size_t n_translations;
	struct cfg_profile *profiles;
	size_t n_profiles;
	struct cfg_trunk *trunks;
	size_t n_trunks;
	struct cfg_registrar *registrars;
	size_t n_registrars;
	struct cfg_mwi *mwis;
	size_t n_mwis;
	struct cfg_voiceport *voiceports;
	size_t n_voiceports;
	struct cfg_mediaclass *mediaclasses;
	size_t n_mediaclasses;
	struct cfg_dialpeer *dialpeers;	/* in the order of the file */
	size_t n_dialpeers;
	struct cfg_provision provision;
	struct cfg_cluster cluster;
	struct cfg_management management;
	struct cfg_dst dst;
	struct cfg_phonetype *phonetypes;	/* by name; those that are built in too */
	size_t n_phonetypes;
	struct cfg_locale *locales;	/* in the order of the file */
	size_t n_locales;
	struct cfg_vpn *vpns;
	size_t n_vpns;
	uint64_t stamp;			/* hash of the whole content: the configuration's version */
	uint64_t part_stamp[CFG_MAX_PARTS];	/* the same of each type's sections; td_config_part() */
};

#endif
