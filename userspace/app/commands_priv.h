/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What commands.c (the table, and show), commands_*.c (orders, words, one for each room that has
 * several) and commands_live.c (streams) share.
 */
#ifndef TD_APP_COMMANDS_PRIV_H
#define TD_APP_COMMANDS_PRIV_H

#include <stdint.h>
#include "userspace/base/list.h"
#include "userspace/base/loop.h"

struct tandem;
struct td_config;
struct td_ctl_request;

#define TD_CALL_COLUMNS "id,state,from,to,legs.codec=codec,legs.path=path," \
			"legs.dscp=dscp,legs.rx_packets=packets,legs.lost=lost,duration_ms"

enum { TD_TOPIC_SIP, TD_TOPIC_SCCP, TD_TOPIC_MEDIA, TD_TOPIC_FXO, TD_TOPIC_FILES, TD_TOPICS };

struct td_commands {
	struct tandem *t;
	struct td_list debuggers[TD_TOPICS];
	struct td_list monitors;
	struct td_timer tick;
	struct td_list captures;
	struct td_timer capture_tick;
};

/** A phone by its id, its MAC, its tag (CME's "pool 3") or one of its numbers. NULL: none. */
const struct cfg_phone *td_commands_phone(const struct td_config *cfg, const char *name);
/** "no phone ...", with the nearest name. */
int td_commands_refuse_phone(struct td_ctl_request *req, const struct td_config *cfg,
			     const char *name);
int td_commands_show_phone(struct td_ctl_request *req, void *arg);
int td_commands_diagnose(struct td_ctl_request *req, void *arg);
void td_commands_live_init(struct td_commands *c);
/** All streams have ended by then. */
void td_commands_live_fini(struct td_commands *c);
int td_commands_show_firewall(struct td_ctl_request *req, void *arg);
int td_commands_ban(struct td_ctl_request *req, void *arg);
int td_commands_unban(struct td_ctl_request *req, void *arg);
int td_commands_sccp_sockets(struct td_ctl_request *req, void *arg);
int td_commands_sccp_summary(struct td_ctl_request *req, void *arg);
int td_commands_sccp_attempts(struct td_ctl_request *req, void *arg);
int td_commands_sccp_clear(struct td_ctl_request *req, void *arg);
int td_commands_sccp_reset(struct td_ctl_request *req, void *arg);
int td_commands_sccp_adopt(struct td_ctl_request *req, void *arg);
int td_commands_sccp_forget(struct td_ctl_request *req, void *arg);
int td_commands_sccp_restart(struct td_ctl_request *req, void *arg);
int td_commands_show_replication(struct td_ctl_request *req, void *arg);
int td_commands_takeover(struct td_ctl_request *req, void *arg);
int td_commands_standby(struct td_ctl_request *req, void *arg);
int td_commands_provision(struct td_ctl_request *req, void *arg);
int td_commands_provision_tftp(struct td_ctl_request *req, void *arg);
int td_commands_provision_http(struct td_ctl_request *req, void *arg);
int td_commands_provision_files(struct td_ctl_request *req, void *arg);
int td_commands_create_profile(struct td_ctl_request *req, void *arg);
int td_commands_mwi(struct td_ctl_request *req, void *arg);
int td_commands_reload(struct td_ctl_request *req, void *arg);
int td_commands_call(struct td_ctl_request *req, void *arg);
int td_commands_upgrade(struct td_ctl_request *req, void *arg);
int td_commands_hangup(struct td_ctl_request *req, void *arg);
int td_commands_route(struct td_ctl_request *req, void *arg);
int td_commands_help(struct td_ctl_request *req, void *arg);
int td_commands_complete(struct td_ctl_request *req, void *arg);
int td_commands_capture(struct td_ctl_request *req, void *arg);
int td_commands_monitor(struct td_ctl_request *req, void *arg);
int td_commands_debug(struct td_ctl_request *req, void *arg);

#endif
