/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's second face: our table in the kernel's packet filter (nftables by libnftnl).
 *
 * The table is "inet tandem". It looks at input a little earlier than filter tables do, drops
 * what comes to the ports of SIP and of phones' files from banned hosts and what is over a host's rate, and accepts
 * nothing on behalf of others: whatever it lets pass goes on to the operator's own tables,
 * which it never touches.
 *
 * The kernel ties the table to one socket (NFT_TABLE_F_OWNER, Linux 5.12): nobody else can
 * change or flush it, "nft flush ruleset" passes it by, and it goes away with the socket. The
 * master holds that socket and lends it to its workers, so the table with its bans outlives a
 * worker that dies, and never outlives the daemon.
 */
#ifndef TD_NETLINK_NFT_H
#define TD_NETLINK_NFT_H

#include <stdbool.h>
#include <stdint.h>
#include "config/model.h"
#include "userspace/base/addr.h"
#include "userspace/base/json.h"
#include "userspace/base/loop.h"

struct td_nft;

/** For the master: a socket that can own the table. A descriptor, or -errno. */
int td_nft_socket(void);

/**
 * td_nft_open - nothing in the kernel changes before td_nft_apply().
 * @owner_fd: from td_nft_socket(); taken over, also when this fails.
 * @config: sections global and sip count; not kept.
 */
int td_nft_open(struct td_nft **out, struct td_loop *loop, int owner_fd,
		const struct td_config *config);
/** The table stays: it is the next worker's, or goes with the master. */
void td_nft_close(struct td_nft *nft);
/** Make the table as it should be, in one transaction; bans and counters of an earlier worker are
 * kept. With sip.firewall off: remove it. 0 or -errno; td_nft_show() tells the reason. */
int td_nft_apply(struct td_nft *nft);
/** A new configuration: td_nft_apply() if anything of ours is different. */
int td_nft_configure(struct td_nft *nft, const struct td_config *config);

/** A host that is registered or has a fixed place here: not limited, not banned. Counted, so each
 * "true" takes one "false". The kernel hears of it with the loop's next turn. */
int td_nft_known(struct td_nft *nft, const struct td_addr *addr, bool known);
/** Known or trusted. */
bool td_nft_is_exempt(const struct td_nft *nft, const struct td_addr *host);

/** Ban a host; one that is banned already, for this time from now on. reason may be seen by the
 * operator. -EPERM: it is exempt; -ENOTCONN: there is no table. */
int td_nft_ban(struct td_nft *nft, const struct td_addr *host, uint32_t seconds,
	       const char *reason);
/** -ENOENT: it was not banned; -ENOTCONN. */
int td_nft_unban(struct td_nft *nft, const struct td_addr *host);

/** Is it? Asks the kernel for all bans: for operators' questions. why gets the reason. */
bool td_nft_is_banned(struct td_nft *nft, const struct td_addr *host, char *why, size_t len);

/** {state, reason, rate_limit, rate_burst, trusted, known, banned: [{address, left_s, seconds,
 * reason}], counters: {sip_accepted, sip_limited, sip_banned, sip_strangers, rtp: {packets, bytes}}} */
void td_nft_show(struct td_nft *nft, struct td_json *j, const char *key);

#endif
