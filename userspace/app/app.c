// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worker: builds every room in order, hands each its ports, runs the loop, stops
 * them in reverse. What the master did for us (programs, interfaces) arrives as
 * inherited descriptors and as answers on the master socket.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "userspace/app/call_records.h"
#include "userspace/app/commands.h"
#include "userspace/base/clock.h"
#include "userspace/store/store.h"
#include "userspace/app/master.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/prov/files.h"
#include "userspace/base/str.h"

static int parse_inherited(const char *list, int *master_fd, struct td_xdp_fds *fds)
{
	int all[1 + TD_XDP_N_FDS];
	size_t n = 0;
	char *end;

	for (; n < 1 + TD_XDP_N_FDS; n++) {
		all[n] = (int)strtol(list, &end, 10);
		if (end == list || *end != (n == TD_XDP_N_FDS ? '\0' : ','))
			return -EINVAL;
		list = end + 1;
	}
	*master_fd = all[0];
	memcpy(fds, &all[1], sizeof(*fds));
	return 0;
}

int td_worker_main(const struct td_options *opt, const char *inherited)
{
	struct td_xdp_fds fds;
	int master_fd;

	if (parse_inherited(inherited, &master_fd, &fds)) {
		fprintf(stderr, "tandemd: --worker is for the daemon's own use\n");
		return 2;
	}
	/* the worker never outlives its master */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		return 1;
	return td_app_run(opt, fds.flows >= 0 ? &fds : NULL, master_fd);
}

/* ---- events between rooms ---- */

static void on_link(void *arg, const struct td_nl_link *link, bool gone)
{
	struct tandem *t = arg;

	if (t->media)
		td_media_on_link(t->media, link, gone);
	td_interfaces_changed(t);
}

static void on_neigh(void *arg, int ifindex, const struct td_addr *host, const uint8_t mac[6],
		     bool usable)
{
	struct tandem *t = arg;

	if (t->media)
		td_media_on_neigh(t->media, ifindex, host, mac, usable);
}

static void on_station(void *arg, int bridge, const uint8_t mac[6], int port)
{
	struct tandem *t = arg;

	(void)bridge;
	if (t->media)
		td_media_on_station(t->media, mac, port);
}

static void on_route(void *arg)
{
	struct tandem *t = arg;

	if (t->media)
		td_media_on_route(t->media);
	if (t->sip)
		td_sip_addresses_changed(t->sip);
	if (t->sip && t->cluster)
		td_cluster_addresses_changed(t->cluster);
	if (t->sync)
		td_sync_addresses_changed(t->sync);
}

static void on_addr(void *arg)
{
	td_families_changed(arg);
}

static void on_resync(void *arg)
{
	td_families_changed(arg);
	td_interfaces_changed(arg);
	on_route(arg);
}

static const struct td_nl_events nl_events = {
	.link = on_link, .neigh = on_neigh, .station = on_station, .route = on_route,
	.addr = on_addr, .resync = on_resync,
};

void td_app_leave(struct tandem *t)
{
	if (t->core)
		td_core_flush(t->core);
	if (t->sccp)
		td_sccp_leave(t->sccp);
	_exit(0);
}

static void on_signal(void *arg, int fd, unsigned int events)
{
	struct tandem *t = arg;
	struct signalfd_siginfo si;
	char report[1024];

	(void)events;
	while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGUSR1) {	/* the master: make room for another worker */
			td_app_leave(t);
		}
		if (si.ssi_signo != SIGHUP) {
			td_loop_stop(t->loop);
			return;
		}
		td_app_reload(t, report, sizeof(report));
	}
}

static int watch_signals(struct tandem *t)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	return td_loop_watch(t->loop, fd, TD_READ, on_signal, t);
}

/* ---- systemd's watchdog: a loop that does not turn is started again ---- */

static void say_alive(void *arg)
{
	struct tandem *t = arg;
	struct td_master_msg alive = { .type = TD_MASTER_ALIVE };

	td_master_send(t->master_fd, &alive, -1, 0);
	td_loop_timer_start(t->loop, &t->alive, t->alive_ms, say_alive, t);
}

/* sd_watchdog_enabled(3): WATCHDOG_USEC is the limit, half of it the custom. WATCHDOG_PID is the
 * master's, who passes it on. */
static void watchdog_start(struct tandem *t)
{
	const char *limit = getenv("WATCHDOG_USEC");
	uint64_t usec;

	if (!limit || td_parse_u64(td_str_of(limit), &usec) || usec < 2000 || usec > 3600000000u)
		return;
	t->alive_ms = (uint32_t)(usec / 2000);
	say_alive(t);
}

/* ---- start, in order ---- */

static int fail(const char *room, int err, const char *why)
{
	td_log_err(TD_LOG_APP, "start failed room=%s: %s", room,
		   why && why[0] ? why : strerror(-err));
	return err ? err : -EINVAL;
}

static int start_media(struct tandem *t, const struct td_xdp_fds *fds)
{
	struct td_media_args args = {
		.loop = t->loop, .nl = t->nl, .config = t->config, .fds = fds, .adopt = true,
	};
	int err = td_media_new(&t->media, &args);

	return err ? fail("media", err, NULL) : 0;
}

static int start_core(struct tandem *t)
{
	struct td_core_args args = {
		.loop = t->loop, .media = td_media_port(t->media), .config = t->config,
	};

	char path[160];
	int err;

	t->core = td_core_new(&args);
	if (!t->core)
		return fail("core", -ENOMEM, NULL);
	snprintf(path, sizeof(path), "%s/" TD_CALLS_FILE, t->opt.run_dir);
	err = td_core_keep(t->core, path);
	if (err)
		td_log_warn(TD_LOG_APP, "%s: %s; calls would not survive a restart", path,
			    strerror(-err));
	return 0;
}

static int start_store(struct tandem *t)
{
	char why[256] = "";
	int err = td_store_open(&t->store, t->loop, t->opt.state_dir, why, sizeof(why));

	if (!err)
		err = td_call_counts_start(t);
	if (!err)
		err = td_call_records_start(t);
	return err ? fail("store", err, why) : 0;
}

static int start_sip(struct tandem *t)
{
	struct td_sip_args args = {
		.loop = t->loop, .core = t->core, .nl = t->nl, .identity = t->identity,
		.config = t->config,
		.store = t->store, .guard = &td_firewall_guard, .guard_arg = t,
		.versions = td_provision_versions, .versions_arg = t,
	};
	char why[256] = "";
	int err = td_sip_start(&t->sip, &args, why, sizeof(why));

	return err ? fail("sip", err, why) : 0;
}

static int start_sccp(struct tandem *t)
{
	char why[256] = "", path[160];
	struct td_sccp_args args = {
		.loop = t->loop, .core = t->core, .identity = t->identity, .config = t->config,
		.refused = td_sightings_refused, .refused_arg = t,
		.holder = &td_hold_ops, .keep_path = path, .store = t->store,
	};
	int err = td_hold_start(t);

	snprintf(path, sizeof(path), "%s/" TD_PHONES_FILE, t->opt.run_dir);
	args.holder_arg = t->hold;
	if (!err)
		err = td_sccp_start(&t->sccp, &args, why, sizeof(why));
	return err ? fail("sccp", err, why) : 0;
}

static int start_voice(struct tandem *t)
{
	struct td_voice_args args = { .loop = t->loop, .core = t->core, .config = t->config };
	char why[256] = "";
	int err = td_voice_start(&t->voice, &args, why, sizeof(why));

	return err ? fail("fxo", err, why) : 0;
}

static bool is_local(void *arg, const struct td_addr *a)
{
	struct tandem *t = arg;

	return td_nl_is_local(t->nl, a);
}

/* The cluster outlives the SIP room by its last words about calls. */
static bool next_registration(void *arg, uint64_t *id, struct td_buf *record)
{
	struct tandem *t = arg;

	return t->sip && td_sip_move_next(t->sip, id, record);
}

static void all_registrations(void *arg)
{
	struct tandem *t = arg;

	if (t->sip)
		td_sip_move_all(t->sip);
}

static bool lost_registrations(void *arg)
{
	struct tandem *t = arg;

	return t->sip && td_sip_move_lost_count(t->sip);
}

static int adopt_registration(void *arg, struct td_buf *record, uint32_t age_s)
{
	struct tandem *t = arg;

	return td_sip_move_adopt(t->sip, record, age_s);
}

static void registrations_changed(void *arg)
{
	td_cluster_things_changed(((struct tandem *)arg)->cluster);
}

static int start_cluster(struct tandem *t)
{
	char path[160];
	struct td_cluster_args args = {
		.loop = t->loop, .core = t->core, .config = t->config, .copy_path = path,
		.is_local = is_local, .arg = t,
		.things = { next_registration, all_registrations, lost_registrations,
			    adopt_registration, t },
	};
	int err;

	snprintf(path, sizeof(path), "%s/" TD_COPIES_FILE, t->opt.run_dir);
	err = td_cluster_start(&t->cluster, &args);
	if (err)
		return fail("cluster", err, NULL);
	td_sip_move_watch(t->sip, registrations_changed, t);
	if (td_cluster_is_paired(t->cluster))	/* of before: they may be the other router's by now */
		td_sip_move_leave(t->sip);
	return 0;
}

static int start_ctl(struct tandem *t)
{
	char path[160];
	int err;

	snprintf(path, sizeof(path), "%s/" TD_CTL_SOCKET, t->opt.run_dir);
	err = td_ctl_open(&t->ctl, t->loop, path, t->opt.user);
	if (!err)
		err = td_commands_add(t);
	return err ? fail("ctl", err, NULL) : 0;
}

static int start(struct tandem *t, const struct td_xdp_fds *fds)
{
	char report[1024];
	int err;

	td_diagnose_clock(t);
	t->config = td_config_from_master(t, report, sizeof(report));
	if (!t->config)
		return fail("config", -EINVAL, report);
	if (!t->opt.log_level && t->config->global.log_level[0])
		td_log_set_levels(t->config->global.log_level);
	t->loop = td_sip_loop_new();
	if (!t->loop)
		return fail("loop", -ENOMEM, NULL);
	err = watch_signals(t);
	if (err)
		return fail("signals", err, NULL);
	err = td_nl_open(&t->nl, t->loop, &nl_events, t);
	if (!err)
		err = td_identity_open(&t->identity, t->config);
	if (err)
		return fail("netlink", err, NULL);
	err = start_media(t, fds);
	if (!err)
		err = start_core(t);
	if (!err)
		err = td_sightings_start(t);
	if (!err)
		err = td_interfaces_start(t);
	if (!err)
		err = td_families_configure(t);
	if (!err)
		err = td_firewall_start(t);
	if (!err)
		err = start_store(t);
	if (!err)
		err = start_sip(t);
	if (!err)
		err = start_sccp(t);
	if (!err)
		err = start_voice(t);
	if (!err)
		err = td_number_states_start(t);
	if (!err)
		err = td_synchronise_start(t);
	if (!err)
		err = td_store_start(t->store);
	if (!err)
		err = start_cluster(t);
	if (err)
		return err;
	td_core_restore(t->core);
	td_sccp_restored(t->sccp);
	td_voice_restored(t->voice);
	td_firewall_arm(t);
	err = td_provision_start(t);
	if (err)
		return fail("prov", err, NULL);
	td_management_start(t);
	return start_ctl(t);
}

static void stop(struct tandem *t)
{
	td_loop_timer_stop(t->loop, &t->alive);
	td_management_stop(t);
	td_synchronise_stop(t);
	td_ctl_close(t->ctl);
	td_provision_stop(t);
	if (t->sip)
		td_sip_stop(t->sip);
	t->sip = NULL;
	td_voice_stop(t->voice);
	td_sccp_stop(t->sccp);
	td_hold_stop(t);
	td_core_free(t->core);
	td_cluster_stop(t->cluster);	/* the other router has heard that its copies are void */
	td_sightings_stop(t);
	td_call_records_stop(t);
	td_call_counts_stop(t);
	td_number_states_stop(t);
	td_store_close(t->store);
	td_media_free(t->media);
	td_firewall_stop(t);
	td_interfaces_stop(t);
	td_families_stop(t);
	td_identity_close(t->identity);
	td_nl_close(t->nl);
	td_loop_free(t->loop);
	td_config_put(t->config);
}

uint64_t td_app_uptime_ms(const struct tandem *t)
{
	uint64_t now = td_clock_ms(CLOCK_REALTIME);

	return now > t->started_ms ? now - t->started_ms : 0;	/* the clock was set back */
}

int td_app_run(const struct td_options *opt, const struct td_xdp_fds *fds, int master_fd)
{
	struct tandem t = { .opt = *opt, .master_fd = master_fd };
	struct td_master_msg ready = { .type = TD_MASTER_READY };
	int err;

	t.started_ms = td_clock_ms(CLOCK_REALTIME);
	err = start(&t, fds);
	if (!err) {
		td_master_send(master_fd, &ready, -1, 0);
		watchdog_start(&t);
		td_loop_run(t.loop);
	}
	stop(&t);
	return err ? 1 : 0;
}
