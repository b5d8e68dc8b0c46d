/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one context of the worker process: every room, built by app.c in order and
 * stopped in reverse. Only userspace/app knows them all.
 */
#ifndef TD_APP_TANDEM_H
#define TD_APP_TANDEM_H

#include <stdbool.h>
#include <stddef.h>
#include "config/config.h"
#include "netlink/nft.h"
#include "netlink/nl.h"
#include "userspace/base/loop.h"
#include "userspace/cluster/cluster.h"
#include "userspace/cluster/sync.h"
#include "userspace/core/core.h"
#include "userspace/ctl/ctl.h"
#include "userspace/fxo/voice.h"
#include "userspace/media/media.h"
#include "userspace/phones/identity.h"
#include "userspace/sccp/sccp.h"
#include "userspace/sip/sip.h"

#define TD_CALLS_FILE "calls"		/* in run_dir: answered calls, for the next process */
#define TD_COPIES_FILE "copies"		/* the same of the other router's calls */
#define TD_PHONES_FILE "phones"		/* the same of SCCP phones' connections */

struct td_options {
	const char *config_path;	/* /etc/config/tandem */
	const char *instance;		/* "" for the only one */
	const char *user;		/* worker's user, "tandem" */
	char run_dir[128], state_dir[128], pin_dir[128];
	const char *log_level;		/* NULL: from the configuration */
	bool foreground, check;
};

/** A device that packets of a configured interface come in by (interfaces.c). */
struct td_carrier {
	char ifname[16];
	enum cfg_xdp mode;
	bool full_checksum, trust_dscp;
};

struct td_carriers {
	struct td_carrier v[TD_MAX_DEVS];
	size_t n;
	bool configured;		/* the configuration is new */
	struct td_timer settle;
};

struct td_hold;

struct tandem {
	struct td_options opt;
	struct td_loop *loop;
	struct td_config *config;
	struct td_nl *nl;
	struct td_identity *identity;	/* of the signalling thread */
	struct td_nft *nft;
	struct td_media *media;
	struct td_core *core;
	struct td_store *store;
	struct td_call_records *records;
	struct td_number_states *number_states;
	struct td_sip *sip;
	struct td_sccp *sccp;
	struct td_voice *voice;
	struct td_cluster *cluster;
	struct td_sync *sync;
	int versions_table;		/* synchronise.c */
	struct td_files *files;
	struct td_tftp *tftp;		/* NULL: not served here */
	struct td_http *http;		/* the same by HTTP */
	struct td_journal *journal;	/* what happened to phones */
	struct td_fetches *fetches;	/* what they tell of requests */
	struct td_trust *trust;		/* what phones are to trust, and files are signed with; or NULL */
	struct td_identity *tftp_identity, *http_identity;	/* of those servers' threads */
	struct td_ctl *ctl;
	struct td_manage *manage;	/* NULL: not served */
	struct td_call_counts *counts;
	struct td_carriers carriers;
	struct td_families *families;	/* which addresses were told of */
	struct td_hold *hold;		/* connections that the master keeps for us */
	int master_fd;			/* requests to the master: attach, detach */
	int32_t own_offset[2];		/* this machine's time zone, minutes: January, July */
	uint64_t started_ms;
	unsigned int reloads;
	struct td_timer alive;
	uint32_t alive_ms;		/* systemd wants to hear that often; 0 = nobody does */
};

/** Build all rooms and run until SIGTERM. Returns the exit status. */
int td_app_run(const struct td_options *opt, const struct td_xdp_fds *fds, int master_fd);
/** How long it has run; 0 when the wall clock was set back behind its start. */
uint64_t td_app_uptime_ms(const struct tandem *t);
/** Read the configuration again and apply the difference. 0, or -EINVAL with the faults in
 * report and the old configuration still in force; report also says what changed. */
int td_app_reload(struct tandem *t, char *report, size_t len);

#endif
