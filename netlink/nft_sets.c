// SPDX-License-Identifier: GPL-2.0-or-later
/* The sets of the table and what is in them, as messages; see nft_table.c for who looks there. */
#include "netlink/nft_priv.h"

#include <errno.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>

#include "userspace/base/str.h"

#define RATE_TIMEOUT_MS 60000		/* a silent host's bucket goes */
#define RATE_HOSTS	65535
#define HOSTS_PER_MSG	100		/* with reasons about 15 KiB */

/* nft's numbers of types: what makes it print addresses and not bytes (its datatype.h) */
#define TYPE_IPADDR  7
#define TYPE_IP6ADDR 8

const char *const td_nft_set_names[N_SETS] = {
	[SET_TRUSTED4] = "trusted4", [SET_TRUSTED6] = "trusted6",
	[SET_KNOWN4] = "known4", [SET_KNOWN6] = "known6",
	[SET_BANNED4] = "banned4", [SET_BANNED6] = "banned6",
	[SET_RATE4] = "sip_rate4", [SET_RATE6] = "sip_rate6",
};

bool td_nft_set_is_v6(enum nft_set set)
{
	return set & 1;			/* they stand in pairs */
}

enum nft_set td_nft_set_for(enum nft_set set, const struct td_addr *host)
{
	return td_addr_is_v4(host) ? set : set + 1;
}

static struct nftnl_set *new_set(enum nft_set set)
{
	struct nftnl_set *s = nftnl_set_alloc();

	if (!s)
		return NULL;
	nftnl_set_set_str(s, NFTNL_SET_TABLE, NFT_TABLE);
	nftnl_set_set_str(s, NFTNL_SET_NAME, td_nft_set_names[set]);
	return s;
}

static void describe_set(struct nftnl_set *s, enum nft_set set)
{
	uint32_t flags = 0;

	nftnl_set_set_u32(s, NFTNL_SET_ID, (uint32_t)set + 1);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, td_nft_set_is_v6(set) ? TYPE_IP6ADDR : TYPE_IPADDR);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, td_nft_set_is_v6(set) ? 16 : 4);
	switch (set) {
	case SET_TRUSTED4:
	case SET_TRUSTED6:
		flags = NFT_SET_INTERVAL;
		break;
	case SET_BANNED4:
	case SET_BANNED6:
		flags = NFT_SET_TIMEOUT;
		break;
	case SET_RATE4:
	case SET_RATE6:
		flags = NFT_SET_EVAL | NFT_SET_TIMEOUT;
		nftnl_set_set_u64(s, NFTNL_SET_TIMEOUT, RATE_TIMEOUT_MS);
		nftnl_set_set_u32(s, NFTNL_SET_DESC_SIZE, RATE_HOSTS);
		break;
	default:
		break;
	}
	nftnl_set_set_u32(s, NFTNL_SET_FLAGS, flags);
}

static void put_set(struct nft_batch *b, enum nft_set set)
{
	struct nftnl_set *s = new_set(set);
	struct nlmsghdr *h;

	if (!s) {
		b->err = -ENOMEM;
		return;
	}
	describe_set(s, set);
	h = td_nft_msg(b, NFT_MSG_NEWSET, NLM_F_CREATE);
	nftnl_set_nlmsg_build_payload(h, s);
	td_nft_msg_end(b, h);
	nftnl_set_free(s);
}

void td_nft_put_sets(struct nft_batch *b)
{
	for (int i = 0; i < N_SETS; i++)
		put_set(b, (enum nft_set)i);
}

/* ---- elements ---- */

static const void *key_of(const struct td_addr *a, uint32_t *len)
{
	*len = td_addr_is_v4(a) ? 4 : 16;
	return td_addr_is_v4(a) ? a->ip + 12 : a->ip;
}

static void set_reason(struct nftnl_set_elem *e, const char *reason)
{
	struct nftnl_udata_buf *u = nftnl_udata_buf_alloc(NFTNL_UDATA_COMMENT_MAXLEN);
	char text[NFT_REASON_LEN];

	if (!u)
		return;			/* a ban without its reason is one all the same */
	td_strlcpy(text, reason, sizeof(text));
	if (nftnl_udata_put_strz(u, NFTNL_UDATA_SET_ELEM_COMMENT, text))
		nftnl_set_elem_set(e, NFTNL_SET_ELEM_USERDATA, nftnl_udata_buf_data(u),
				   nftnl_udata_buf_len(u));
	nftnl_udata_buf_free(u);
}

static struct nftnl_set_elem *add_elem(struct nft_batch *b, struct nftnl_set *s,
				       const struct td_addr *a, uint32_t flags)
{
	struct nftnl_set_elem *e = nftnl_set_elem_alloc();
	uint32_t len;
	const void *key = key_of(a, &len);

	if (!e) {
		b->err = -ENOMEM;
		return NULL;
	}
	nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, key, len);
	if (flags)
		nftnl_set_elem_set_u32(e, NFTNL_SET_ELEM_FLAGS, flags);
	nftnl_set_elem_add(s, e);
	return e;
}

/* Consumes s. An empty one, to be deleted from, means all elements. */
static void put_elems(struct nft_batch *b, uint16_t type, uint16_t flags, struct nftnl_set *s)
{
	struct nlmsghdr *h = td_nft_msg(b, type, flags);

	nftnl_set_elems_nlmsg_build_payload(h, s);
	td_nft_msg_end(b, h);
	nftnl_set_free(s);
}

static void put_flush(struct nft_batch *b, enum nft_set set)
{
	struct nftnl_set *s = new_set(set);

	if (s)
		put_elems(b, NFT_MSG_DELSETELEM, 0, s);
	else
		b->err = -ENOMEM;
}

static void put_some_hosts(struct nft_batch *b, uint16_t type, enum nft_set set,
			   const struct td_addr *hosts, size_t n, uint32_t seconds,
			   const char *reason)
{
	struct nftnl_set *s = new_set(set);

	if (!s) {
		b->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct nftnl_set_elem *e;

		if (td_addr_is_v4(&hosts[i]) == td_nft_set_is_v6(set))
			continue;
		e = add_elem(b, s, &hosts[i], 0);
		if (e && seconds)
			nftnl_set_elem_set_u64(e, NFTNL_SET_ELEM_TIMEOUT, seconds * 1000ull);
		if (e && reason)
			set_reason(e, reason);
	}
	put_elems(b, type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK :
		  NLM_F_ACK, s);
}

static bool has_family(const struct td_addr *hosts, size_t n, bool v6)
{
	for (size_t i = 0; i < n; i++)
		if (td_addr_is_v4(&hosts[i]) != v6)
			return true;
	return false;
}

void td_nft_put_hosts(struct nft_batch *b, uint16_t type, enum nft_set set,
		      const struct td_addr *hosts, size_t n, uint32_t seconds, const char *reason)
{
	for (size_t at = 0; at < n; at += HOSTS_PER_MSG) {
		size_t some = n - at < HOSTS_PER_MSG ? n - at : HOSTS_PER_MSG;

		for (int v6 = 0; v6 < 2; v6++)
			if (has_family(hosts + at, some, v6))
				put_some_hosts(b, type, set + (enum nft_set)v6, hosts + at, some,
					       seconds, reason);
	}
}

/* ---- networks ---- */

/* The address behind the network; false when the network reaches the end of all addresses. */
static bool end_of(const struct cfg_prefix *p, struct td_addr *end)
{
	uint32_t first = td_addr_is_v4(&p->addr) ? 96 : 0, bit = first + p->len;

	*end = p->addr;
	while (bit-- > first) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		end->ip[bit / 8] ^= mask;
		if (end->ip[bit / 8] & mask)
			return true;
	}
	return false;
}

/* Networks nest or do not touch: an inner one says nothing new, and the kernel would refuse it. */
static bool is_inner(const struct nft_rules *rules, size_t i)
{
	const struct cfg_prefix *p = &rules->trusted[i];

	for (size_t k = 0; k < rules->n_trusted; k++) {
		const struct cfg_prefix *q = &rules->trusted[k];

		if (k != i && td_addr_in_net(&p->addr, &q->addr, q->len) &&
		    (q->len < p->len || (q->len == p->len && k < i)))
			return true;
	}
	return false;
}

static void put_trusted(struct nft_batch *b, const struct nft_rules *rules, enum nft_set set)
{
	struct nftnl_set *s = new_set(set);
	struct td_addr end;
	size_t n = 0;

	if (!s) {
		b->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < rules->n_trusted; i++) {
		const struct cfg_prefix *p = &rules->trusted[i];

		if (td_addr_is_v4(&p->addr) == td_nft_set_is_v6(set) || is_inner(rules, i))
			continue;
		n++;
		add_elem(b, s, &p->addr, 0);
		if (end_of(p, &end))
			add_elem(b, s, &end, NFT_SET_ELEM_INTERVAL_END);
	}
	if (n)
		put_elems(b, NFT_MSG_NEWSETELEM, NLM_F_CREATE, s);
	else
		nftnl_set_free(s);
}

void td_nft_put_trusted(struct nft_batch *b, const struct nft_rules *rules)
{
	for (int set = SET_TRUSTED4; set <= SET_KNOWN6; set++)
		put_flush(b, (enum nft_set)set);
	put_trusted(b, rules, SET_TRUSTED4);
	put_trusted(b, rules, SET_TRUSTED6);
}
