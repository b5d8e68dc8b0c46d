// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel has in our table: the bans with the time that is left of each, and the
 * counters. Asked on a socket of its own; the kernel answers within the send.
 */
#include "netlink/nft_priv.h"

#include <errno.h>
#include <libnftnl/common.h>
#include <libnftnl/object.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>
#include <time.h>

#include "userspace/base/str.h"

#define TRIES 5			/* a dump into which a change fell is asked for again */

static uint32_t next_seq(void)
{
	static _Thread_local uint32_t seq;

	if (!seq)
		seq = (uint32_t)time(NULL);
	return ++seq;
}

static int dump(struct mnl_socket *sock, struct nlmsghdr *req, mnl_cb_t fn, void *arg)
{
	static _Thread_local char buf[32768];
	uint32_t seq = req->nlmsg_seq;
	int more = 1;

	if (mnl_socket_sendto(sock, req, req->nlmsg_len) < 0)
		return -errno;
	while (more > 0) {
		ssize_t n = mnl_socket_recvfrom(sock, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		/* of an answer that somebody gave up waiting for */
		if ((size_t)n < sizeof(struct nlmsghdr) ||
		    ((struct nlmsghdr *)(void *)buf)->nlmsg_seq != seq)
			continue;
		more = mnl_cb_run(buf, (size_t)n, seq, 0, fn, arg);
	}
	return more < 0 ? -errno : 0;
}

/* ---- bans ---- */

struct bans {
	void (*fn)(void *arg, const struct nft_ban *ban);
	void *arg;
	struct nftnl_set *set;
};

static void read_reason(struct nftnl_set_elem *e, char dst[NFT_REASON_LEN])
{
	const struct nftnl_udata *attr;
	const char *data;
	uint32_t len;

	data = nftnl_set_elem_get(e, NFTNL_SET_ELEM_USERDATA, &len);
	if (!data || len < 3)
		return;
	attr = (const void *)data;
	if (nftnl_udata_type(attr) == NFTNL_UDATA_SET_ELEM_COMMENT && nftnl_udata_len(attr) + 2u <= len)
		td_str_copy(dst, NFT_REASON_LEN, (struct td_str){
			    nftnl_udata_get(attr), strnlen(nftnl_udata_get(attr),
							   nftnl_udata_len(attr)) });
}

static int on_elem(struct nftnl_set_elem *e, void *arg)
{
	struct nft_ban ban = { .left_ms = 0 };
	struct bans *b = arg;
	const uint8_t *key;
	uint32_t len = 0;

	key = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY, &len);
	if (!key || (len != 4 && len != 16))
		return 0;
	if (len == 4)
		ban.host.ip[10] = ban.host.ip[11] = 0xff;
	memcpy(ban.host.ip + 16 - len, key, len);
	if (nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_TIMEOUT))
		ban.whole_ms = nftnl_set_elem_get_u64(e, NFTNL_SET_ELEM_TIMEOUT);
	if (nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_EXPIRATION))
		ban.left_ms = nftnl_set_elem_get_u64(e, NFTNL_SET_ELEM_EXPIRATION);
	read_reason(e, ban.reason);
	b->fn(b->arg, &ban);
	return 0;
}

static int on_elems(const struct nlmsghdr *h, void *arg)
{
	struct nftnl_set *s = nftnl_set_alloc();
	struct bans *b = arg;

	if (!s)
		return MNL_CB_ERROR;
	if (!nftnl_set_elems_nlmsg_parse(h, s))
		nftnl_set_elem_foreach(s, on_elem, b);
	nftnl_set_free(s);
	return MNL_CB_OK;
}

static int dump_set(struct mnl_socket *sock, enum nft_set set, struct bans *b)
{
	struct nftnl_set *s = nftnl_set_alloc();
	struct nlmsghdr *h;
	char buf[512];

	if (!s)
		return -ENOMEM;
	nftnl_set_set_str(s, NFTNL_SET_TABLE, NFT_TABLE);
	nftnl_set_set_str(s, NFTNL_SET_NAME, td_nft_set_names[set]);
	h = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETSETELEM, NFPROTO_INET, NLM_F_DUMP, next_seq());
	nftnl_set_elems_nlmsg_build_payload(h, s);
	nftnl_set_free(s);
	return dump(sock, h, on_elems, b);
}

int td_nft_each_ban(struct mnl_socket *sock, void (*fn)(void *arg, const struct nft_ban *ban),
		    void *arg)
{
	struct bans b = { .fn = fn, .arg = arg };
	int err = dump_set(sock, SET_BANNED4, &b);

	return err ? err : dump_set(sock, SET_BANNED6, &b);
}

/* ---- counters ---- */

static int on_object(const struct nlmsghdr *h, void *arg)
{
	struct nftnl_obj *o = nftnl_obj_alloc();
	struct nft_count *counts = arg;
	const char *name;

	if (!o)
		return MNL_CB_ERROR;
	name = nftnl_obj_nlmsg_parse(h, o) ? NULL : nftnl_obj_get_str(o, NFTNL_OBJ_NAME);
	for (int i = 0; name && i < N_COUNTERS; i++) {
		if (strcmp(name, td_nft_counter_names[i]) != 0 ||
		    nftnl_obj_get_u32(o, NFTNL_OBJ_TYPE) != NFT_OBJECT_COUNTER)
			continue;
		counts[i].packets = nftnl_obj_get_u64(o, NFTNL_OBJ_CTR_PKTS);
		counts[i].bytes = nftnl_obj_get_u64(o, NFTNL_OBJ_CTR_BYTES);
	}
	nftnl_obj_free(o);
	return MNL_CB_OK;
}

int td_nft_counters(struct mnl_socket *sock, struct nft_count counts[N_COUNTERS])
{
	struct nftnl_obj *o;
	struct nlmsghdr *h;
	char buf[512];
	int err = -EINTR;

	for (int i = 0; i < TRIES && err == -EINTR; i++) {
		memset(counts, 0, N_COUNTERS * sizeof(*counts));
		o = nftnl_obj_alloc();
		if (!o)
			return -ENOMEM;
		nftnl_obj_set_str(o, NFTNL_OBJ_TABLE, NFT_TABLE);
		nftnl_obj_set_u32(o, NFTNL_OBJ_TYPE, NFT_OBJECT_COUNTER);
		h = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETOBJ, NFPROTO_INET, NLM_F_DUMP,
					  next_seq());
		nftnl_obj_nlmsg_build_payload(h, o);
		nftnl_obj_free(o);
		err = dump(sock, h, on_object, counts);
	}
	return err;
}
