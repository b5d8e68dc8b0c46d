/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of netlink/nft*.c:
 *
 *   nft.c        the table's life: apply, known hosts, bans, show
 *   nft_table.c  what stands in the table, as messages; no socket, so tests read them back
 *   nft_sets.c   its sets and what is in them, the same way
 *   nft_batch.c  messages into one transaction, and what the kernel says to it
 *   nft_dump.c   what the kernel has: bans with their time, counters
 */
#ifndef TD_NETLINK_NFT_PRIV_H
#define TD_NETLINK_NFT_PRIV_H

#include <libmnl/libmnl.h>
#include <stddef.h>

#include "netlink/nft.h"

#define NFT_TABLE      "tandem"
#define NFT_REASON_LEN 64

enum nft_set {
	SET_TRUSTED4, SET_TRUSTED6,	/* networks of the configuration */
	SET_KNOWN4, SET_KNOWN6,		/* registered hosts, phones with an address */
	SET_BANNED4, SET_BANNED6,	/* hosts, each with its time */
	SET_RATE4, SET_RATE6,		/* the token buckets, filled by the kernel */
	N_SETS
};

enum nft_counter { COUNT_ACCEPTED, COUNT_LIMITED, COUNT_BANNED, COUNT_RTP, COUNT_STRANGERS,
		   COUNT_FILES,
		   N_COUNTERS };

extern const char *const td_nft_set_names[N_SETS];
extern const char *const td_nft_counter_names[N_COUNTERS];

#define NFT_MAX_TRUSTED 512

/** All of the configuration that the table depends on. */
struct nft_rules {
	uint32_t on, udp, tcp;
	uint32_t sip_port, tls_port, rtp_min, rtp_max;	/* tls_port 0: there is no TLS */
	uint32_t http_port;		/* 0: no files are served there */
	uint32_t rate, burst;
	uint32_t trusted_only;
	struct cfg_prefix trusted[NFT_MAX_TRUSTED];	/* of section sip, then of trunks */
	size_t n_trusted;
};

/** One transaction that is being written. A failure to get memory is kept until the end. */
struct nft_batch {
	char *buf;
	size_t len, cap;
	uint32_t seq, first_seq;	/* of the next message, of the first one */
	int err;
};

/* ---- nft_batch.c ---- */

void td_nft_batch_init(struct nft_batch *b, uint32_t seq);
void td_nft_batch_fini(struct nft_batch *b);
/** Head of a message of our family; its payload comes behind, at most 16 KiB. */
struct nlmsghdr *td_nft_msg(struct nft_batch *b, uint16_t type, uint16_t flags);
void td_nft_msg_end(struct nft_batch *b, const struct nlmsghdr *h);
/** End it, send it, and read what the kernel has said when that returns: 0, or the first fault;
 * *type is the message that was refused, as NFT_MSG_. */
int td_nft_batch_send(struct nft_batch *b, struct mnl_socket *sock, uint16_t *type);

/* ---- nft_table.c ---- */

/** The table with all sets, counters, chains, rules and trusted networks. What is in the kernel
 * already is kept: elements of sets (but for trusted and known ones), values of counters. */
void td_nft_put_table(struct nft_batch *b, const struct nft_rules *rules);
void td_nft_put_delete(struct nft_batch *b);

/* ---- nft_sets.c ---- */

void td_nft_put_sets(struct nft_batch *b);
/** The configuration's networks, instead of what an earlier worker left; known hosts go, too. */
void td_nft_put_trusted(struct nft_batch *b, const struct nft_rules *rules);
/** Hosts into a set (or out of it): the set of the host's family, set is the IPv4 one. seconds and
 * reason are for bans, else 0 and NULL. */
void td_nft_put_hosts(struct nft_batch *b, uint16_t type, enum nft_set set,
		      const struct td_addr *hosts, size_t n, uint32_t seconds, const char *reason);
/** The set of the host's family; set is the IPv4 one. */
enum nft_set td_nft_set_for(enum nft_set set, const struct td_addr *host);
bool td_nft_set_is_v6(enum nft_set set);

/* ---- nft_dump.c ---- */

struct nft_ban {
	struct td_addr host;
	uint64_t left_ms, whole_ms;
	char reason[NFT_REASON_LEN];
};

struct nft_count {
	uint64_t packets, bytes;
};

/** Every ban, one call each. 0 or -errno. */
int td_nft_each_ban(struct mnl_socket *sock, void (*fn)(void *arg, const struct nft_ban *ban),
		    void *arg);
int td_nft_counters(struct mnl_socket *sock, struct nft_count counts[N_COUNTERS]);

#endif
