/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages that make our table, read back by the library that wrote them: names, flags,
 * rules in their order, networks as intervals, bans with time and reason, long lists in
 * pieces. What the kernel makes of them is tests/netns/nft.sh's business.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>

#include "netlink/nft_priv.h"
#include "userspace/base/mem.h"

#define SEQ 700u

static const struct nft_rules plain = {
	.on = 1, .udp = 1, .tcp = 1, .sip_port = 5070, .rtp_min = 16384, .rtp_max = 32767,
	.rate = 25, .burst = 50,
};

/* Calls fn for every message of this type (NFT_MSG_..., nfnetlink's own: 0); how many. */
static unsigned int each(const struct nft_batch *b, uint16_t type,
			 void (*fn)(const struct nlmsghdr *h, void *arg), void *arg)
{
	const struct nlmsghdr *h = (const void *)b->buf;
	int left = (int)b->len;
	unsigned int n = 0;

	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		if (NFNL_SUBSYS_ID(h->nlmsg_type) != NFNL_SUBSYS_NFTABLES ||
		    NFNL_MSG_TYPE(h->nlmsg_type) != type)
			continue;
		assert_int_equal(((struct nfgenmsg *)mnl_nlmsg_get_payload(h))->nfgen_family,
				 NFPROTO_INET);
		n++;
		if (fn)
			fn(h, arg);
	}
	assert_int_equal(left, 0);
	return n;
}

static struct td_addr addr(const char *text)
{
	struct td_addr a;

	assert_int_equal(td_addr_parse(&a, text), 0);
	return a;
}

/* ---- the table as a whole ---- */

static void is_our_table(const struct nlmsghdr *h, void *arg)
{
	struct nftnl_table *t = nftnl_table_alloc();

	(void)arg;
	assert_int_equal(nftnl_table_nlmsg_parse(h, t), 0);
	assert_string_equal(nftnl_table_get_str(t, NFTNL_TABLE_NAME), "tandem");
	assert_int_equal(nftnl_table_get_u32(t, NFTNL_TABLE_FLAGS), NFT_TABLE_F_OWNER);
	assert_true(h->nlmsg_flags & NLM_F_ACK);	/* or success would say nothing */
	assert_false(h->nlmsg_flags & NLM_F_EXCL);	/* an earlier worker's is taken over */
	nftnl_table_free(t);
}

static void add_set(const struct nlmsghdr *h, void *arg)
{
	struct nftnl_set *s = nftnl_set_alloc();
	char *text = arg;

	assert_int_equal(nftnl_set_nlmsg_parse(h, s), 0);
	assert_string_equal(nftnl_set_get_str(s, NFTNL_SET_TABLE), "tandem");
	snprintf(text + strlen(text), 512 - strlen(text), "%s:%x:%u ",
		 nftnl_set_get_str(s, NFTNL_SET_NAME), nftnl_set_get_u32(s, NFTNL_SET_FLAGS),
		 nftnl_set_get_u32(s, NFTNL_SET_KEY_LEN));
	if (nftnl_set_get_u32(s, NFTNL_SET_FLAGS) & NFT_SET_EVAL)
		assert_int_equal(nftnl_set_get_u64(s, NFTNL_SET_TIMEOUT), 60000);
	nftnl_set_free(s);
}

static void add_counter(const struct nlmsghdr *h, void *arg)
{
	struct nftnl_obj *o = nftnl_obj_alloc();
	char *text = arg;

	assert_int_equal(nftnl_obj_nlmsg_parse(h, o), 0);
	assert_int_equal(nftnl_obj_get_u32(o, NFTNL_OBJ_TYPE), NFT_OBJECT_COUNTER);
	snprintf(text + strlen(text), 512 - strlen(text), "%s ",
		 nftnl_obj_get_str(o, NFTNL_OBJ_NAME));
	nftnl_obj_free(o);
}

static void add_chain(const struct nlmsghdr *h, void *arg)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	char *text = arg;

	assert_int_equal(nftnl_chain_nlmsg_parse(h, c), 0);
	snprintf(text + strlen(text), 512 - strlen(text), "%s ",
		 nftnl_chain_get_str(c, NFTNL_CHAIN_NAME));
	if (!strcmp(nftnl_chain_get_str(c, NFTNL_CHAIN_NAME), "input")) {
		assert_string_equal(nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE), "filter");
		assert_int_equal(nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM), NF_INET_LOCAL_IN);
		assert_int_equal(nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO), -5);
		assert_int_equal(nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY), NF_ACCEPT);
	} else {
		assert_false(nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM));
	}
	nftnl_chain_free(c);
}

static void table(void **state)
{
	char text[512] = "";
	struct nft_batch b;

	(void)state;
	td_nft_batch_init(&b, SEQ);
	td_nft_put_table(&b, &plain);
	assert_int_equal(b.err, 0);
	assert_int_equal(each(&b, NFT_MSG_NEWTABLE, is_our_table, NULL), 1);
	assert_int_equal(each(&b, NFT_MSG_DELTABLE, NULL, NULL), 0);
	each(&b, NFT_MSG_NEWSET, add_set, text);
	/* 4 interval, 10 timeout, 30 timeout and filled by rules */
	assert_string_equal(text, "trusted4:4:4 trusted6:4:16 known4:0:4 known6:0:16 banned4:10:4 "
			    "banned6:10:16 sip_rate4:30:4 sip_rate6:30:16 ");
	text[0] = '\0';
	each(&b, NFT_MSG_NEWOBJ, add_counter, text);
	assert_string_equal(text, "sip_accepted sip_limited sip_banned rtp sip_strangers http_banned ");
	text[0] = '\0';
	each(&b, NFT_MSG_NEWCHAIN, add_chain, text);
	assert_string_equal(text, "signalling input ");
	/* written over what is there: both chains are emptied, and the sets that are ours to fill */
	assert_int_equal(each(&b, NFT_MSG_DELRULE, NULL, NULL), 2);
	assert_int_equal(each(&b, NFT_MSG_DELSETELEM, NULL, NULL), 4);
	assert_int_equal(b.seq - b.first_seq, 1 + 1 + 6 + 8 + 2 + 2 + 4 + 9 + 4);
	td_nft_batch_fini(&b);
}

/* ---- rules ---- */

struct rules {
	char line[16][512];
	unsigned int n;
};

static int no_accept(struct nftnl_expr *e, void *arg)
{
	(void)arg;
	if (!strcmp(nftnl_expr_get_str(e, NFTNL_EXPR_NAME), "immediate"))
		assert_int_not_equal((int)nftnl_expr_get_u32(e, NFTNL_EXPR_IMM_VERDICT), NF_ACCEPT);
	return 0;
}

static void add_rule(const struct nlmsghdr *h, void *arg)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	struct rules *all = arg;
	char text[1024], *from = text, *to = all->line[all->n];

	assert_int_equal(nftnl_rule_nlmsg_parse(h, r), 0);
	assert_true(h->nlmsg_flags & NLM_F_APPEND);
	nftnl_expr_foreach(r, no_accept, NULL);
	assert_true(nftnl_rule_snprintf(text, sizeof(text), r, NFTNL_OUTPUT_DEFAULT, 0) > 0);
	/* one line, single blanks */
	for (size_t n = 0; *from && n < sizeof(all->line[0]) - 1; from++) {
		char c = *from == '\n' ? ' ' : *from;

		if (c != ' ' || (n && to[n - 1] != ' '))
			to[n++] = c;
	}
	assert_true(++all->n < 16);
	nftnl_rule_free(r);
}

static void read_rules(struct rules *all, const struct nft_rules *rules)
{
	struct nft_batch b;

	memset(all, 0, sizeof(*all));
	td_nft_batch_init(&b, SEQ);
	td_nft_put_table(&b, rules);
	each(&b, NFT_MSG_NEWRULE, add_rule, all);
	td_nft_batch_fini(&b);
}

static void expect(const char *line, const char *words)
{
	if (!strstr(line, words))
		fail_msg("'%s' is not in: %s", words, line);
}

#define V4 "[ meta load nfproto => reg 1 ] [ cmp eq reg 1 0x00000002 ] " \
	   "[ payload load 4b @ network header + 12 => reg 1 ] "
#define V6 "[ meta load nfproto => reg 1 ] [ cmp eq reg 1 0x0000000a ] " \
	   "[ payload load 16b @ network header + 8 => reg 1 ] "

static void rules_in_order(void **state)
{
	struct rules all;

	(void)state;
	read_rules(&all, &plain);
	assert_int_equal(all.n, 13);
	/* behind "sip_accepted" the library prints a byte of what follows in the message */
	expect(all.line[0], "signalling " V4 "[ lookup reg 1 set trusted4 ] "
	       "[ objref type 1 name sip_accepted");
	expect(all.line[0], " ] [ immediate reg 0 return ]");
	expect(all.line[1], V6 "[ lookup reg 1 set trusted6 ]");
	expect(all.line[2], V4 "[ lookup reg 1 set known4 ] [ objref type 1 name sip_accepted");
	expect(all.line[2], " ] [ immediate reg 0 return ]");
	expect(all.line[3], V6 "[ lookup reg 1 set known6 ]");
	expect(all.line[4], V4 "[ lookup reg 1 set banned4 ] [ objref type 1 name sip_banned ] "
	       "[ immediate reg 0 drop ]");
	expect(all.line[5], V6 "[ lookup reg 1 set banned6 ]");
	expect(all.line[6], V4 "[ dynset update reg_key 1 set sip_rate4 expr [ limit rate 25/second "
	       "burst 50 type packets flags 0x1 ] ] [ objref type 1 name sip_limited ] "
	       "[ immediate reg 0 drop ]");
	expect(all.line[7], V6 "[ dynset update reg_key 1 set sip_rate6");
	expect(all.line[8], "signalling [ objref type 1 name sip_accepted");
	expect(all.line[9], "input [ meta load iif => reg 1 ] [ cmp eq reg 1 0x00000001 ] "
	       "[ immediate reg 0 return ]");
	/* 5070 is 0x13ce, as it lies on the wire */
	expect(all.line[10], "input [ meta load l4proto => reg 1 ] [ cmp eq reg 1 0x00000011 ] "
	       "[ payload load 2b @ transport header + 2 => reg 1 ] [ cmp eq reg 1 0x0000ce13 ] "
	       "[ immediate reg 0 jump -> signalling ]");
	expect(all.line[11], "[ cmp eq reg 1 0x00000006 ] [ payload load 2b @ transport header + 2 "
	       "=> reg 1 ] [ cmp eq reg 1 0x0000ce13 ] [ immediate reg 0 jump -> signalling ]");
	expect(all.line[12], "[ cmp gte reg 1 0x00000040 ] [ cmp lte reg 1 0x0000ff7f ] "
	       "[ objref type 1 name rtp ]");
}

/* Who guessed names of phones' files is kept from them, too. */
static void rules_of_files(void **state)
{
	struct nft_rules rules = plain;
	struct rules all;

	(void)state;
	rules.http_port = 6970;
	read_rules(&all, &rules);
	assert_int_equal(all.n, 15);
	expect(all.line[13], "input [ meta load l4proto => reg 1 ] [ cmp eq reg 1 0x00000006 ] "
	       "[ payload load 2b @ transport header + 2 => reg 1 ] [ cmp eq reg 1 0x00003a1b ] " V4
	       "[ lookup reg 1 set banned4 ] [ objref type 1 name http_banned ] "
	       "[ immediate reg 0 drop ]");
	expect(all.line[14], V6 "[ lookup reg 1 set banned6 ]");
}

static void rules_left_out(void **state)
{
	struct nft_rules rules = plain;
	struct rules all;

	(void)state;
	rules.rate = 0;
	read_rules(&all, &rules);
	assert_int_equal(all.n, 11);
	for (unsigned int i = 0; i < all.n; i++)
		assert_null(strstr(all.line[i], "sip_rate"));
	rules.udp = 0;
	read_rules(&all, &rules);
	assert_int_equal(all.n, 10);
	expect(all.line[8], "0x00000006");
	rules.tcp = 0;
	read_rules(&all, &rules);
	assert_int_equal(all.n, 9);
}

static void rules_for_the_trusted_alone(void **state)
{
	struct nft_rules rules = plain;
	struct rules all;

	(void)state;
	rules.trusted_only = 1;
	read_rules(&all, &rules);
	assert_int_equal(all.n, 11);
	expect(all.line[6], "signalling [ objref type 1 name sip_strangers ] [ immediate reg 0 drop ]");
	for (unsigned int i = 0; i < all.n; i++)
		assert_null(strstr(all.line[i], "sip_rate"));
}

/* ---- elements ---- */

struct elems {
	char text[1024];
	unsigned int n, most, messages;
};

static int add_elem(struct nftnl_set_elem *e, void *arg)
{
	struct elems *all = arg;
	struct td_addr a = { .ip = { [10] = 0xff, 0xff } };
	char text[TD_ADDR_STRLEN];
	uint32_t len;
	const void *key = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY, &len);
	bool end = nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_FLAGS) &&
		   nftnl_set_elem_get_u32(e, NFTNL_SET_ELEM_FLAGS) & NFT_SET_ELEM_INTERVAL_END;

	assert_true(len == 4 || len == 16);
	memcpy(a.ip + 16 - len, key, len);
	all->n++;
	if (strlen(all->text) < sizeof(all->text) - 80)
		snprintf(all->text + strlen(all->text), 80, "%s%s ", end ? "-" : "",
			 td_addr_ip(&a, text));
	return 0;
}

/* The library numbers the elements that it writes, and reads them as the kernel does: all of
 * one type (which the kernel does not look at). */
static void unnumber(const struct nlmsghdr *h)
{
	struct nlattr *list, *elem;

	mnl_attr_for_each(list, h, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(list) == NFTA_SET_ELEM_LIST_ELEMENTS)
			mnl_attr_for_each_nested(elem, list)
				elem->nla_type = NLA_F_NESTED | NFTA_LIST_ELEM;
}

static void add_elems(const struct nlmsghdr *h, void *arg)
{
	struct nftnl_set *s = nftnl_set_alloc();
	struct elems *all = arg;
	unsigned int before = all->n;
	char name[32];

	unnumber(h);
	assert_int_equal(nftnl_set_elems_nlmsg_parse(h, s), 0);
	assert_true(h->nlmsg_len < 16384);
	all->messages++;
	snprintf(name, sizeof(name), "%s: ", nftnl_set_get_str(s, NFTNL_SET_NAME));
	if (strlen(all->text) < sizeof(all->text) - 80)
		strcat(all->text, name);
	nftnl_set_elem_foreach(s, add_elem, all);
	if (all->n - before > all->most)
		all->most = all->n - before;
	nftnl_set_free(s);
}

static void trust(struct nft_rules *rules, const char *net, uint32_t len)
{
	rules->trusted[rules->n_trusted++] = (struct cfg_prefix){ addr(net), len };
}

static void networks(void **state)
{
	struct nft_rules rules = plain;
	struct elems all = { .n = 0 };
	struct nft_batch b;

	(void)state;
	trust(&rules, "10.1.0.0", 16);		/* within the next */
	trust(&rules, "10.0.0.0", 8);
	trust(&rules, "192.0.2.255", 32);
	trust(&rules, "128.0.0.0", 2);
	trust(&rules, "2001:db8::", 32);
	trust(&rules, "2001:db8::7", 128);	/* within the one before */
	trust(&rules, "8000::", 1);		/* has no end */
	td_nft_batch_init(&b, SEQ);
	td_nft_put_table(&b, &rules);
	each(&b, NFT_MSG_NEWSETELEM, add_elems, &all);
	assert_string_equal(all.text, "trusted4: 10.0.0.0 -11.0.0.0 192.0.2.255 -192.0.3.0 128.0.0.0 "
			    "-192.0.0.0 trusted6: 2001:db8:: -2001:db9:: 8000:: ");
	td_nft_batch_fini(&b);

	memset(&all, 0, sizeof(all));
	rules = plain;
	trust(&rules, "0.0.0.0", 0);
	trust(&rules, "10.0.0.0", 8);
	trust(&rules, "0.0.0.0", 0);
	td_nft_batch_init(&b, SEQ);
	td_nft_put_table(&b, &rules);
	each(&b, NFT_MSG_NEWSETELEM, add_elems, &all);
	assert_string_equal(all.text, "trusted4: 0.0.0.0 ");
	td_nft_batch_fini(&b);
}

static int is_ban(struct nftnl_set_elem *e, void *arg)
{
	static const char reason[] = "3 wrong passwords";
	const uint8_t *data;
	uint32_t len;

	(void)arg;
	assert_int_equal(nftnl_set_elem_get_u64(e, NFTNL_SET_ELEM_TIMEOUT), 4000000000ull);
	data = nftnl_set_elem_get(e, NFTNL_SET_ELEM_USERDATA, &len);
	assert_non_null(data);
	assert_int_equal(len, 2 + sizeof(reason));
	assert_string_equal((const char *)data + 2, reason);
	return 0;
}

static void look_at_ban(const struct nlmsghdr *h, void *arg)
{
	struct nftnl_set *s = nftnl_set_alloc();

	(void)arg;
	assert_int_equal(nftnl_set_elems_nlmsg_parse(h, s), 0);
	assert_string_equal(nftnl_set_get_str(s, NFTNL_SET_NAME), "banned6");
	assert_true(h->nlmsg_flags & NLM_F_EXCL);	/* so that an older ban is noticed */
	nftnl_set_elem_foreach(s, is_ban, NULL);
	nftnl_set_free(s);
}

static void bans(void **state)
{
	struct td_addr host = addr("2001:db8::1");
	struct nft_batch b;

	(void)state;
	td_nft_batch_init(&b, SEQ);
	/* longer than 32 bits of milliseconds */
	td_nft_put_hosts(&b, NFT_MSG_NEWSETELEM, SET_BANNED4, &host, 1, 4000000, "3 wrong passwords");
	assert_int_equal(each(&b, NFT_MSG_NEWSETELEM, look_at_ban, NULL), 1);
	td_nft_batch_fini(&b);
}

static void many_hosts(void **state)
{
	static struct td_addr hosts[1001];
	struct elems all = { .n = 0 };
	struct nft_batch b;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		td_addr_set_v4(&hosts[i], 0x0a000000 + i, 0);
	hosts[1000] = addr("2001:db8::1");
	td_nft_batch_init(&b, SEQ);
	td_nft_put_hosts(&b, NFT_MSG_DELSETELEM, SET_KNOWN4, hosts, 1001, 0, NULL);
	assert_int_equal(b.err, 0);
	each(&b, NFT_MSG_DELSETELEM, add_elems, &all);
	assert_int_equal(all.n, 1001);
	assert_int_equal(all.most, 100);
	assert_int_equal(all.messages, 11);
	expect(all.text, "known4: 10.0.0.0 10.0.0.1 ");
	td_nft_batch_fini(&b);
}

/* The longest reason, a hundred times: a message stays within its room. */
static void long_reasons(void **state)
{
	static struct td_addr hosts[100];
	struct elems all = { .n = 0 };
	struct nft_batch b;
	char reason[200];

	(void)state;
	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	for (unsigned int i = 0; i < 100; i++) {
		hosts[i] = addr("2001:db8::1");
		hosts[i].ip[14] = (uint8_t)i;
	}
	td_nft_batch_init(&b, SEQ);
	td_nft_put_hosts(&b, NFT_MSG_NEWSETELEM, SET_BANNED4, hosts, 100, 1, reason);
	each(&b, NFT_MSG_NEWSETELEM, add_elems, &all);
	assert_int_equal(all.n, 100);
	td_nft_batch_fini(&b);
}

static void out_of_memory(void **state)
{
	long live = td_mem_live();
	struct nft_batch b;
	uint16_t type;

	(void)state;
	for (unsigned long n = 1; n < 4; n++) {
		td_mem_fail_nth(n);
		td_nft_batch_init(&b, SEQ);
		td_nft_put_table(&b, &plain);
		td_mem_fail_nth(0);
		if (n == 1) {
			assert_int_equal(b.err, -ENOMEM);
			assert_int_equal(td_nft_batch_send(&b, NULL, &type), -ENOMEM);
		}
		td_nft_batch_fini(&b);
		assert_int_equal(td_mem_live(), live);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),	cmocka_unit_test(rules_in_order),
		cmocka_unit_test(rules_of_files),	cmocka_unit_test(rules_left_out),
		cmocka_unit_test(rules_for_the_trusted_alone), cmocka_unit_test(networks),
		cmocka_unit_test(bans),		cmocka_unit_test(many_hosts),
		cmocka_unit_test(long_reasons),	cmocka_unit_test(out_of_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
