// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of the family tandem_fxo, and of the kernel's directory of families, into structs. */
#include "netlink/fxo_priv.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

#include "userspace/base/str.h"

static bool is_u32(const struct nlattr *a) { return mnl_attr_get_payload_len(a) == 4; }

static void text(const struct nlattr *a, char *out, size_t len)
{
	size_t n = mnl_attr_get_payload_len(a);

	n = n < len - 1 ? n : len - 1;
	memcpy(out, mnl_attr_get_payload(a), n);
	out[n] = '\0';
}

static void values(const struct nlattr *nest, uint32_t *value, unsigned int end)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest)
		if (mnl_attr_get_type(a) < end && is_u32(a))
			value[mnl_attr_get_type(a)] = mnl_attr_get_u32(a);
}

uint8_t td_fxo_command(const struct nlmsghdr *h)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(h);

	return mnl_nlmsg_get_payload_len(h) < sizeof(*g) ? 0 : g->cmd;
}

/* A number for each attribute that has one; wrong sizes are not seen. */
static uint64_t seen(const struct nlmsghdr *h, uint32_t number[__TDFXO_A_MAX])
{
	const struct nlattr *a;
	uint64_t which = 0;

	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) >= __TDFXO_A_MAX || !is_u32(a))
			continue;
		number[mnl_attr_get_type(a)] = mnl_attr_get_u32(a);
		which |= 1ull << mnl_attr_get_type(a);
	}
	return which;
}

#define HAS(which, attr) ((which) & 1ull << (attr))

int td_fxo_read_port(const struct nlmsghdr *h, struct td_fxo_port *out)
{
	uint32_t n[__TDFXO_A_MAX] = { 0 };
	const struct nlattr *a;
	uint64_t which;

	memset(out, 0, sizeof(*out));
	if (td_fxo_command(h) != TDFXO_CMD_PORT_GET)
		return -EBADMSG;
	which = seen(h, n);
	if (!HAS(which, TDFXO_A_PORT) || !HAS(which, TDFXO_A_STATE) ||
	    n[TDFXO_A_PORT] >= TDFXO_MAX_PORTS)
		return -EBADMSG;
	out->index = n[TDFXO_A_PORT];
	out->state = n[TDFXO_A_STATE];
	out->rings = n[TDFXO_A_RINGS];
	out->owned = n[TDFXO_A_OWNED];
	out->seq = n[TDFXO_A_SEQ];
	out->mv = (int32_t)n[TDFXO_A_MILLIVOLTS];
	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(a)) {
		case TDFXO_A_NAME:
			text(a, out->name, sizeof(out->name));
			break;
		case TDFXO_A_BOARD:
			text(a, out->board, sizeof(out->board));
			break;
		case TDFXO_A_CONFIG:
			values(a, out->config, __TDFXO_CFG_MAX);
			break;
		case TDFXO_A_STATS:
			values(a, out->stats, __TDFXO_STAT_MAX);
			break;
		}
	}
	return 0;
}

int td_fxo_read_event(const struct nlmsghdr *h, struct td_fxo_event *out)
{
	uint32_t n[__TDFXO_A_MAX] = { 0 };
	const struct nlattr *a;
	uint64_t which;

	memset(out, 0, sizeof(*out));
	if (td_fxo_command(h) != TDFXO_CMD_EVENT)
		return -EBADMSG;
	which = seen(h, n);
	if (!HAS(which, TDFXO_A_PORT) || !HAS(which, TDFXO_A_EVENT) || !HAS(which, TDFXO_A_SEQ) ||
	    n[TDFXO_A_PORT] >= TDFXO_MAX_PORTS)
		return -EBADMSG;
	out->port = n[TDFXO_A_PORT];
	out->event = n[TDFXO_A_EVENT];
	out->value = n[TDFXO_A_VALUE];
	out->seq = n[TDFXO_A_SEQ];
	out->state = n[TDFXO_A_STATE];
	out->rings = n[TDFXO_A_RINGS];
	out->owned = n[TDFXO_A_OWNED];
	out->mv = (int32_t)n[TDFXO_A_MILLIVOLTS];
	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == TDFXO_A_TIME && mnl_attr_get_payload_len(a) == 8)
			out->time_ns = mnl_attr_get_u64(a);
	return 0;
}

static void read_group(const struct nlattr *group, struct fxo_family *out)
{
	const struct nlattr *a;
	char name[GENL_NAMSIZ] = "";
	uint32_t id = 0;

	mnl_attr_for_each_nested(a, group) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_NAME)
			text(a, name, sizeof(name));
		else if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_ID && is_u32(a))
			id = mnl_attr_get_u32(a);
	}
	if (!strcmp(name, TDFXO_GROUP))
		out->group = id;
}

int td_fxo_read_family(const struct nlmsghdr *h, struct fxo_family *out)
{
	const struct nlattr *a, *g;

	memset(out, 0, sizeof(*out));
	if (!td_fxo_command(h))
		return -EBADMSG;
	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(a)) {
		case CTRL_ATTR_FAMILY_NAME:
			text(a, out->name, sizeof(out->name));
			break;
		case CTRL_ATTR_FAMILY_ID:
			if (mnl_attr_get_payload_len(a) == 2)
				out->id = mnl_attr_get_u16(a);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			mnl_attr_for_each_nested(g, a)
				read_group(g, out);
			break;
		}
	}
	return out->id ? 0 : -EBADMSG;
}

/* Behind the error stands the request, whole unless the kernel was asked to cap it. */
void td_fxo_read_why(const struct nlmsghdr *h, char *out, size_t len)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
	size_t have = mnl_nlmsg_get_payload_len(h), skip = sizeof(*e);
	const struct nlattr *a;

	*out = '\0';
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || have < sizeof(*e))
		return;
	if (!(h->nlmsg_flags & NLM_F_CAPPED) && e->msg.nlmsg_len >= sizeof(e->msg))
		skip += MNL_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	if (skip >= have)
		return;
	mnl_attr_for_each(a, h, skip)
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
			text(a, out, len);
}
