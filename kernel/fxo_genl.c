// SPDX-License-Identifier: GPL-2.0-only
/* The generic netlink family: policies, commands, events. What they mean: uapi/tandem_fxo.h. */
#include <linux/fs.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include "fxo_compat.h"
#include "fxo_core.h"

static struct genl_family family;

/* with the ranges of tdfxo_cfg_ranges, see port_set() */
static const struct nla_policy cfg_policy[__TDFXO_CFG_MAX] = {
	[1 ... TDFXO_CFG_MAX] = { .type = NLA_U32 },
};

static struct netlink_range_validation watchdog_range = { .max = TDFXO_MAX_WATCHDOG };

#define PORT_POLICY	NLA_POLICY_RANGE(NLA_U32, 0, TDFXO_MAX_PORTS - 1)

/* for commands that take the port only */
static const struct nla_policy port_policy[TDFXO_A_PORT + 1] = {
	[TDFXO_A_PORT] = PORT_POLICY,
};

static const struct nla_policy set_policy[TDFXO_A_CONFIG + 1] = {
	[TDFXO_A_PORT] = PORT_POLICY,
	[TDFXO_A_CONFIG] = NLA_POLICY_NESTED(cfg_policy),
};

static const struct nla_policy claim_policy[TDFXO_A_WATCHDOG + 1] = {
	[TDFXO_A_PORT] = PORT_POLICY,
	[TDFXO_A_WATCHDOG] = NLA_POLICY_FULL_RANGE(NLA_U32, &watchdog_range),
};

static const struct nla_policy flash_policy[TDFXO_A_FLASH + 1] = {
	[TDFXO_A_PORT] = PORT_POLICY,
	[TDFXO_A_FLASH] = NLA_POLICY_RANGE(NLA_U32, 50, 1500),
};

static const struct nla_policy dial_policy[TDFXO_A_DIGITS + 1] = {
	[TDFXO_A_PORT] = PORT_POLICY,
	[TDFXO_A_DIGITS] = { .type = NLA_NUL_STRING, .len = TDFXO_MAX_DIGITS },
};

/* ---- what a port says ---- */

static int put_state(struct sk_buff *skb, const struct tdfxo_port *port)
{
	return nla_put_u32(skb, TDFXO_A_PORT, port->index) ||
	       nla_put_u32(skb, TDFXO_A_STATE, port->line.state) ||
	       nla_put_u32(skb, TDFXO_A_RINGS, port->line.rings) ||
	       nla_put_s32(skb, TDFXO_A_MILLIVOLTS, port->line.mv) ||
	       nla_put_u32(skb, TDFXO_A_OWNED, !!port->owner.portid) ||
	       nla_put_u32(skb, TDFXO_A_SEQ, port->seq) ? -EMSGSIZE : 0;
}

static int put_values(struct sk_buff *skb, int attr, const u32 *value, int end)
{
	struct nlattr *nest = nla_nest_start(skb, attr);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 1; i < end; i++)
		if (nla_put_u32(skb, i, value[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_port(struct sk_buff *skb, struct tdfxo_port *port, u32 portid, u32 seq, int flags)
{
	void *head = genlmsg_put(skb, portid, seq, &family, flags, TDFXO_CMD_PORT_GET);
	int err;

	if (!head)
		return -EMSGSIZE;
	spin_lock_bh(&port->lock);
	err = put_state(skb, port) ||
	      nla_put_string(skb, TDFXO_A_NAME, port->name) ||
	      nla_put_string(skb, TDFXO_A_BOARD, port->ops->name) ||
	      nla_put_u64_64bit(skb, TDFXO_A_DEVICE,
				new_encode_dev(tdfxo_pcm_devt(port)), TDFXO_A_PAD) ||
	      put_values(skb, TDFXO_A_CONFIG, port->line.cfg.value, __TDFXO_CFG_MAX) ||
	      put_values(skb, TDFXO_A_STATS, port->line.stats, __TDFXO_STAT_MAX);
	spin_unlock_bh(&port->lock);
	if (err) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/* ---- events ---- */

static struct sk_buff *event_msg(const struct tdfxo_port *port, u32 event, u32 value, s64 at_ms)
{
	struct sk_buff *skb = genlmsg_new(128, GFP_ATOMIC);
	void *head;

	if (!skb)
		return NULL;
	head = genlmsg_put(skb, 0, 0, &family, 0, TDFXO_CMD_EVENT);
	if (!head || put_state(skb, port) ||
	    nla_put_u32(skb, TDFXO_A_EVENT, event) ||
	    nla_put_u32(skb, TDFXO_A_VALUE, value) ||
	    nla_put_u64_64bit(skb, TDFXO_A_TIME, at_ms * NSEC_PER_MSEC, TDFXO_A_PAD)) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, head);
	return skb;
}

/* Lost for want of memory: the gap in the numbers tells it. */
void tdfxo_genl_event(struct tdfxo_port *port, u32 event, u32 value, s64 at_ms)
{
	struct sk_buff *skb;
	struct net *net;

	port->seq++;
	rcu_read_lock();
	for_each_net_rcu(net) {
		if (!genl_has_listeners(&family, net, 0))
			continue;
		skb = event_msg(port, event, value, at_ms);
		if (skb)
			genlmsg_multicast_netns(&family, net, skb, 0, 0, GFP_ATOMIC);
	}
	rcu_read_unlock();
}

/* ---- commands ---- */

/* Every command names its port. */
static int find_port(const struct genl_split_ops *op, struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, TDFXO_A_PORT))
		return -EINVAL;
	info->user_ptr[0] = tdfxo_port_get(nla_get_u32(info->attrs[TDFXO_A_PORT]));
	if (info->user_ptr[0])
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[TDFXO_A_PORT], "no such port");
	return -ENODEV;
}

static void leave_port(const struct genl_split_ops *op, struct sk_buff *skb, struct genl_info *info)
{
	tdfxo_port_put(info->user_ptr[0]);
}

static struct tdfxo_owner sender(struct genl_info *info)
{
	return (struct tdfxo_owner) { info->snd_portid, genl_info_net(info) };
}

static int port_get(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *answer = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	int err;

	if (!answer)
		return -ENOMEM;
	err = put_port(answer, info->user_ptr[0], info->snd_portid, info->snd_seq, 0);
	if (err) {
		nlmsg_free(answer);
		return err;
	}
	return genlmsg_reply(answer, info);
}

static int port_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct tdfxo_port *port;
	unsigned long index;

	mutex_lock(&tdfxo_mutex);
	xa_for_each_start(&tdfxo_ports, index, port, cb->args[0]) {
		if (put_port(skb, port, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			     NLM_F_MULTI))
			break;
		cb->args[0] = index + 1;
	}
	mutex_unlock(&tdfxo_mutex);
	return skb->len;
}

static int get_value(struct tdfxo_line_config *cfg, int i, const struct nlattr *attr,
		     struct netlink_ext_ack *extack)
{
	u32 value = nla_get_u32(attr);

	if (value < tdfxo_cfg_ranges[i].min || value > tdfxo_cfg_ranges[i].max) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "out of range");
		return -ERANGE;
	}
	cfg->value[i] = value;
	return 0;
}

static int port_set(struct sk_buff *skb, struct genl_info *info)
{
	struct tdfxo_port *port = info->user_ptr[0];
	struct nlattr *attrs[__TDFXO_CFG_MAX];
	struct tdfxo_line_config cfg;
	int err, i;

	if (GENL_REQ_ATTR_CHECK(info, TDFXO_A_CONFIG))
		return -EINVAL;
	err = nla_parse_nested(attrs, TDFXO_CFG_MAX, info->attrs[TDFXO_A_CONFIG], cfg_policy,
			       info->extack);
	if (err)
		return err;
	spin_lock_bh(&port->lock);
	cfg = port->line.cfg;
	spin_unlock_bh(&port->lock);
	for (i = 1; i < __TDFXO_CFG_MAX && !err; i++)
		if (attrs[i])
			err = get_value(&cfg, i, attrs[i], info->extack);
	if (!err)
		err = tdfxo_port_configure(port, sender(info), &cfg);
	if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack, "another's port, or a call on it");
	else if (err == -EINVAL)
		NL_SET_ERR_MSG(info->extack, "the window of ringing frequencies is upside down");
	return err;
}

static int claim(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *watchdog = info->attrs[TDFXO_A_WATCHDOG];
	int err = tdfxo_port_claim(info->user_ptr[0], sender(info),
				   watchdog ? nla_get_u32(watchdog) : 0);

	if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack, "claimed by somebody else");
	return err;
}

static int release(struct sk_buff *skb, struct genl_info *info)
{
	return tdfxo_port_release(info->user_ptr[0], sender(info));
}

static const enum tdfxo_input orders[__TDFXO_CMD_MAX] = {
	[TDFXO_CMD_SEIZE] = TDFXO_IN_SEIZE,
	[TDFXO_CMD_ANSWER] = TDFXO_IN_ANSWER,
	[TDFXO_CMD_HANG_UP] = TDFXO_IN_HANGUP,
	[TDFXO_CMD_FLASH] = TDFXO_IN_FLASH,
	[TDFXO_CMD_DIAL] = TDFXO_IN_DIAL,
};

static const char *sentence(int err)
{
	switch (err) {
	case -EPERM: return "claim the port first";
	case -EBUSY: return "the line rings, is guarded or in use";
	case -ENOLINK: return "no battery on the line";
	case -EALREADY: return "the hook is so already";
	case -EAGAIN: return "not yet: the loop settles, or is being dialled or flashed";
	case -ENOTCONN: return "no call";
	default: return "digits are 0-9 and ','";
	}
}

static int order(struct sk_buff *skb, struct genl_info *info)
{
	enum tdfxo_input what = orders[info->genlhdr->cmd];
	const char *digits = NULL;
	u32 ms = 0;
	int err;

	if (what == TDFXO_IN_DIAL) {
		if (GENL_REQ_ATTR_CHECK(info, TDFXO_A_DIGITS))
			return -EINVAL;
		digits = nla_data(info->attrs[TDFXO_A_DIGITS]);
	} else if (what == TDFXO_IN_FLASH && info->attrs[TDFXO_A_FLASH]) {
		ms = nla_get_u32(info->attrs[TDFXO_A_FLASH]);
	}
	err = tdfxo_port_order(info->user_ptr[0], sender(info), what, ms, digits);
	if (err && info->extack)
		info->extack->_msg = sentence(err);
	return err;
}

#define OP(c, fn, pol, max) {							\
	.cmd = TDFXO_CMD_ ## c, .doit = fn, .flags = GENL_ADMIN_PERM,		\
	.policy = pol ## _policy, .maxattr = TDFXO_A_ ## max,			\
}

static const struct genl_ops ops[] = {
	{
		.cmd = TDFXO_CMD_PORT_GET, .doit = port_get, .dumpit = port_dump,
		.policy = port_policy, .maxattr = TDFXO_A_PORT,
	},
	OP(PORT_SET, port_set, set, CONFIG),
	OP(CLAIM, claim, claim, WATCHDOG),
	OP(RELEASE, release, port, PORT),
	OP(SEIZE, order, port, PORT),
	OP(ANSWER, order, port, PORT),
	OP(HANG_UP, order, port, PORT),
	OP(FLASH, order, flash, FLASH),
	OP(DIAL, order, dial, DIGITS),
};

static const struct genl_multicast_group groups[] = {
	{
		.name = TDFXO_GROUP,
#ifdef GENL_MCAST_CAP_NET_ADMIN
		.flags = GENL_MCAST_CAP_NET_ADMIN,
#endif
	},
};

static struct genl_family family __ro_after_init = {
	.name = TDFXO_FAMILY,
	.version = TDFXO_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.pre_doit = find_port,
	.post_doit = leave_port,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	.resv_start_op = __TDFXO_CMD_MAX,
};

int __init tdfxo_genl_init(void)
{
	return genl_register_family(&family);
}

void tdfxo_genl_exit(void)
{
	genl_unregister_family(&family);
}
