// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stands in the table. As nft(8) would write it, with both families where one stands:
 *
 *	chain input {
 *		type filter hook input priority filter - 5; policy accept;
 *		iif "lo" return
 *		udp dport SIP jump signalling
 *		tcp dport SIP jump signalling
 *		udp dport RTP-RANGE counter name "rtp"
 *		tcp dport HTTP ip saddr @banned4 counter name "http_banned" drop
 *	}
 *	chain signalling {
 *		ip saddr @trusted4 counter name "sip_accepted" return
 *		ip saddr @known4 counter name "sip_accepted" return
 *		ip saddr @banned4 counter name "sip_banned" drop
 *		update @sip_rate4 { ip saddr limit rate over R/second burst B packets }
 *			counter name "sip_limited" drop
 *		counter name "sip_accepted"
 *	}
 *
 * With sip.trusted_only the last two are: counter name "sip_strangers" drop.
 *
 * No rule accepts: what is not dropped here goes on to the tables behind ours.
 */
#include "netlink/nft_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>

#define CHAIN_INPUT	"input"
#define CHAIN_SIGNALLING "signalling"
#define PRIORITY	(-5)		/* filter tables of others are at 0 */
#define COMMENT		"made by tandemd; see: tandem show firewall"

const char *const td_nft_counter_names[N_COUNTERS] = {
	[COUNT_ACCEPTED] = "sip_accepted", [COUNT_LIMITED] = "sip_limited",
	[COUNT_BANNED] = "sip_banned", [COUNT_RTP] = "rtp",
	[COUNT_STRANGERS] = "sip_strangers",
	[COUNT_FILES] = "http_banned",
};

/* ---- table, counters ---- */

static void describe_table(struct nftnl_table *t)
{
	struct nftnl_udata_buf *u = nftnl_udata_buf_alloc(NFTNL_UDATA_COMMENT_MAXLEN);

	nftnl_table_set_u32(t, NFTNL_TABLE_FLAGS, NFT_TABLE_F_OWNER);
	if (!u)
		return;			/* a table without its comment is one all the same */
	if (nftnl_udata_put_strz(u, NFTNL_UDATA_TABLE_COMMENT, COMMENT))
		nftnl_table_set_data(t, NFTNL_TABLE_USERDATA, nftnl_udata_buf_data(u),
				     nftnl_udata_buf_len(u));
	nftnl_udata_buf_free(u);
}

static void put_table(struct nft_batch *b, uint16_t type, uint16_t flags)
{
	struct nftnl_table *t = nftnl_table_alloc();
	struct nlmsghdr *h;

	if (!t) {
		b->err = -ENOMEM;
		return;
	}
	/* the one message of a transaction whose success is told, too */
	h = td_nft_msg(b, type, flags | NLM_F_ACK);
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, NFT_TABLE);
	if (type != NFT_MSG_DELTABLE)
		describe_table(t);
	nftnl_table_nlmsg_build_payload(h, t);
	td_nft_msg_end(b, h);
	nftnl_table_free(t);
}

void td_nft_put_delete(struct nft_batch *b)
{
	put_table(b, NFT_MSG_DELTABLE, 0);
}

static void put_counter(struct nft_batch *b, const char *name)
{
	struct nftnl_obj *o = nftnl_obj_alloc();
	struct nlmsghdr *h;

	if (!o) {
		b->err = -ENOMEM;
		return;
	}
	nftnl_obj_set_str(o, NFTNL_OBJ_TABLE, NFT_TABLE);
	nftnl_obj_set_str(o, NFTNL_OBJ_NAME, name);
	nftnl_obj_set_u32(o, NFTNL_OBJ_TYPE, NFT_OBJECT_COUNTER);
	h = td_nft_msg(b, NFT_MSG_NEWOBJ, NLM_F_CREATE);
	nftnl_obj_nlmsg_build_payload(h, o);
	td_nft_msg_end(b, h);
	nftnl_obj_free(o);
}

/* ---- chains ---- */

static void put_chain(struct nft_batch *b, const char *name, bool hooked)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	struct nlmsghdr *h;

	if (!c) {
		b->err = -ENOMEM;
		return;
	}
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, NFT_TABLE);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, name);
	if (hooked) {
		nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, "filter");
		nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, NF_INET_LOCAL_IN);
		nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, PRIORITY);
		nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	}
	h = td_nft_msg(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	nftnl_chain_nlmsg_build_payload(h, c);
	td_nft_msg_end(b, h);
	nftnl_chain_free(c);
}

/* ---- rules ---- */

static struct nftnl_rule *new_rule(struct nft_batch *b, const char *chain)
{
	struct nftnl_rule *r = nftnl_rule_alloc();

	if (!r) {
		b->err = -ENOMEM;
		return NULL;
	}
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, NFT_TABLE);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, chain);
	return r;
}

static void put_rule(struct nft_batch *b, uint16_t type, uint16_t flags, struct nftnl_rule *r)
{
	struct nlmsghdr *h;

	if (!r)
		return;
	h = td_nft_msg(b, type, flags);
	nftnl_rule_nlmsg_build_payload(h, r);
	td_nft_msg_end(b, h);
	nftnl_rule_free(r);
}

/* Below, r may be NULL and a new expression too: then b->err says so. */
static struct nftnl_expr *add_expr(struct nft_batch *b, struct nftnl_rule *r, const char *name)
{
	struct nftnl_expr *e = r ? nftnl_expr_alloc(name) : NULL;

	if (e)
		nftnl_rule_add_expr(r, e);
	else
		b->err = -ENOMEM;
	return e;
}

static void load_meta(struct nft_batch *b, struct nftnl_rule *r, uint32_t key)
{
	struct nftnl_expr *e = add_expr(b, r, "meta");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
}

static void load_payload(struct nft_batch *b, struct nftnl_rule *r, uint32_t base, uint32_t offset,
			 uint32_t len)
{
	struct nftnl_expr *e = add_expr(b, r, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
}

static void compare(struct nft_batch *b, struct nftnl_rule *r, uint32_t op, const void *data,
		    uint32_t len)
{
	struct nftnl_expr *e = add_expr(b, r, "cmp");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, len);
}

static void count(struct nft_batch *b, struct nftnl_rule *r, enum nft_counter counter)
{
	struct nftnl_expr *e = add_expr(b, r, "objref");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER);
	nftnl_expr_set_str(e, NFTNL_EXPR_OBJREF_IMM_NAME, td_nft_counter_names[counter]);
}

static void decide(struct nft_batch *b, struct nftnl_rule *r, int verdict, const char *chain)
{
	struct nftnl_expr *e = add_expr(b, r, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
	if (chain)
		nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chain);
}

static void match_protocol(struct nft_batch *b, struct nftnl_rule *r, uint8_t protocol)
{
	load_meta(b, r, NFT_META_L4PROTO);
	compare(b, r, NFT_CMP_EQ, &protocol, sizeof(protocol));
}

static void load_dport(struct nft_batch *b, struct nftnl_rule *r)
{
	load_payload(b, r, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);	/* as in TCP, so in UDP */
}

/* The source's address, of packets of the set's family only. */
static void load_source(struct nft_batch *b, struct nftnl_rule *r, enum nft_set set)
{
	uint8_t family = td_nft_set_is_v6(set) ? NFPROTO_IPV6 : NFPROTO_IPV4;

	load_meta(b, r, NFT_META_NFPROTO);
	compare(b, r, NFT_CMP_EQ, &family, sizeof(family));
	if (td_nft_set_is_v6(set))
		load_payload(b, r, NFT_PAYLOAD_NETWORK_HEADER, 8, 16);
	else
		load_payload(b, r, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
}

static void match_set(struct nft_batch *b, struct nftnl_rule *r, enum nft_set set)
{
	struct nftnl_expr *e = add_expr(b, r, "lookup");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, td_nft_set_names[set]);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, (uint32_t)set + 1);
}

static void put_rule_of_set(struct nft_batch *b, enum nft_set set, enum nft_counter counter,
			    int verdict)
{
	struct nftnl_rule *r = new_rule(b, CHAIN_SIGNALLING);

	load_source(b, r, set);
	match_set(b, r, set);
	count(b, r, counter);
	decide(b, r, verdict, NULL);
	put_rule(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, r);
}

static struct nftnl_expr *new_limit(const struct nft_rules *rules)
{
	struct nftnl_expr *e = nftnl_expr_alloc("limit");

	if (!e)
		return NULL;
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_RATE, rules->rate);
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_UNIT, 1);	/* a second */
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_BURST, rules->burst);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_FLAGS, NFT_LIMIT_F_INV);	/* matches what is over */
	return e;
}

/* When all buckets are taken a new host has none, and is not limited: the daemon's own shedding
 * (sip_inbound.c) is behind this. */
static void put_rule_of_rate(struct nft_batch *b, const struct nft_rules *rules, enum nft_set set)
{
	struct nftnl_rule *r = new_rule(b, CHAIN_SIGNALLING);
	struct nftnl_expr *e, *limit = new_limit(rules);

	load_source(b, r, set);
	e = add_expr(b, r, "dynset");
	if (e && limit) {
		nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_SREG_KEY, NFT_REG_1);
		nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_OP, NFT_DYNSET_OP_UPDATE);
		nftnl_expr_set_str(e, NFTNL_EXPR_DYNSET_SET_NAME, td_nft_set_names[set]);
		nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_SET_ID, (uint32_t)set + 1);
		nftnl_expr_add_expr(e, NFTNL_EXPR_DYNSET_EXPRESSIONS, limit);
	} else {
		if (limit)
			nftnl_expr_free(limit);
		b->err = -ENOMEM;
	}
	count(b, r, COUNT_LIMITED);
	decide(b, r, NF_DROP, NULL);
	put_rule(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, r);
}

static void put_signalling(struct nft_batch *b, const struct nft_rules *rules)
{
	struct nftnl_rule *r;

	for (int v6 = 0; v6 < 2; v6++)
		put_rule_of_set(b, SET_TRUSTED4 + (enum nft_set)v6, COUNT_ACCEPTED, NFT_RETURN);
	for (int v6 = 0; v6 < 2; v6++)
		put_rule_of_set(b, SET_KNOWN4 + (enum nft_set)v6, COUNT_ACCEPTED, NFT_RETURN);
	for (int v6 = 0; v6 < 2; v6++)
		put_rule_of_set(b, SET_BANNED4 + (enum nft_set)v6, COUNT_BANNED, NF_DROP);
	for (int v6 = 0; v6 < 2 && rules->rate && !rules->trusted_only; v6++)
		put_rule_of_rate(b, rules, SET_RATE4 + (enum nft_set)v6);
	r = new_rule(b, CHAIN_SIGNALLING);
	count(b, r, rules->trusted_only ? COUNT_STRANGERS : COUNT_ACCEPTED);
	if (rules->trusted_only)
		decide(b, r, NF_DROP, NULL);
	put_rule(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, r);
}

/* This host to itself: nobody to be kept away. */
static void put_loopback(struct nft_batch *b)
{
	struct nftnl_rule *r = new_rule(b, CHAIN_INPUT);
	uint32_t lo = 1;		/* in every network namespace */

	load_meta(b, r, NFT_META_IIF);
	compare(b, r, NFT_CMP_EQ, &lo, sizeof(lo));
	decide(b, r, NFT_RETURN, NULL);
	put_rule(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, r);
}

static void put_jump(struct nft_batch *b, uint8_t protocol, uint32_t port)
{
	struct nftnl_rule *r = new_rule(b, CHAIN_INPUT);
	uint16_t wire = htons((uint16_t)port);

	match_protocol(b, r, protocol);
	load_dport(b, r);
	compare(b, r, NFT_CMP_EQ, &wire, sizeof(wire));
	decide(b, r, NFT_JUMP, CHAIN_SIGNALLING);
	put_rule(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, r);
}

static void put_rtp(struct nft_batch *b, const struct nft_rules *rules)
{
	struct nftnl_rule *r = new_rule(b, CHAIN_INPUT);
	uint16_t min = htons((uint16_t)rules->rtp_min), max = htons((uint16_t)rules->rtp_max);

	match_protocol(b, r, IPPROTO_UDP);
	load_dport(b, r);
	compare(b, r, NFT_CMP_GTE, &min, sizeof(min));
	compare(b, r, NFT_CMP_LTE, &max, sizeof(max));
	count(b, r, COUNT_RTP);
	put_rule(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, r);
}

/* Phones' files. A banned host that is known in the meantime is not in the set any more. */
static void put_files(struct nft_batch *b, const struct nft_rules *rules, enum nft_set set)
{
	struct nftnl_rule *r = new_rule(b, CHAIN_INPUT);
	uint16_t wire = htons((uint16_t)rules->http_port);

	match_protocol(b, r, IPPROTO_TCP);
	load_dport(b, r);
	compare(b, r, NFT_CMP_EQ, &wire, sizeof(wire));
	load_source(b, r, set);
	match_set(b, r, set);
	count(b, r, COUNT_FILES);
	decide(b, r, NF_DROP, NULL);
	put_rule(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, r);
}

/* ---- the whole ---- */

void td_nft_put_table(struct nft_batch *b, const struct nft_rules *rules)
{
	put_table(b, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	for (int i = 0; i < N_COUNTERS; i++)
		put_counter(b, td_nft_counter_names[i]);
	td_nft_put_sets(b);
	put_chain(b, CHAIN_SIGNALLING, false);
	put_chain(b, CHAIN_INPUT, true);
	/* what an earlier worker left, and what we are about to write again */
	put_rule(b, NFT_MSG_DELRULE, 0, new_rule(b, CHAIN_INPUT));
	put_rule(b, NFT_MSG_DELRULE, 0, new_rule(b, CHAIN_SIGNALLING));
	td_nft_put_trusted(b, rules);
	put_signalling(b, rules);
	put_loopback(b);
	if (rules->udp)
		put_jump(b, IPPROTO_UDP, rules->sip_port);
	if (rules->tcp)
		put_jump(b, IPPROTO_TCP, rules->sip_port);
	if (rules->tls_port)
		put_jump(b, IPPROTO_TCP, rules->tls_port);
	put_rtp(b, rules);
	for (int v6 = 0; v6 < 2 && rules->http_port; v6++)
		put_files(b, rules, SET_BANNED4 + (enum nft_set)v6);
}
