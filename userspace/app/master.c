// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The privileged half of the daemon. It loads and pins the packet programs, attaches
 * them, starts the worker with one capability, restarts it at once when it dies, and
 * does for it what needs rights: attach, detach, open the 0600 configuration. It
 * parses nothing that comes from the network and holds no call.
 *
 * At start every fault is fatal and says what to do; later the same fault is a warning
 * and the call goes by the relay.
 */
#include "userspace/app/master.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "netlink/nft.h"
#include "userspace/app/held.h"
#include "userspace/app/master_packets.h"
#include "userspace/app/master_proto.h"
#include "userspace/app/run_dir.h"
#include "userspace/app/upgrade.h"
#include "userspace/base/log.h"
#include "userspace/base/str.h"

#define WORKER_END_MS	5000	/* how long the worker may take to end cleanly */
#define RESTART_BURST	5	/* restarts at once; then one a second */
#define TFTP_PORT	69
#define UPGRADE_AFTER_MS 200	/* who ordered it shall hear the answer */

struct master {
	const struct td_options *opt;
	char **argv;
	struct td_master_packets packets;
	int lock_fd, signal_fd, exe_fd;
	struct td_held *held;		/* connections that outlive a worker */
	int nft_fd;			/* owns table inet tandem: it goes when we do. -1: unused */
	int sock;			/* to the worker, -1 when there is none */
	int ready_fd;			/* the starting shell waits here, -1 in foreground */
	pid_t worker;
	bool was_ready, ending, upgrade;
	char exe_path[256];
	unsigned int restarts;
	time_t restart_window;
};

static int fail(const char *what)
{
	td_log_err(TD_LOG_APP, "start failed: %s", what);
	return 1;
}

static int take_lock(struct master *m, char *why, size_t len)
{
	m->lock_fd = td_run_dir_lock(m->opt, true);
	if (m->lock_fd >= 0)
		return 0;
	snprintf(why, len, m->lock_fd == -EBUSY ?
		 "another tandemd runs with run-dir '%s'; give this one -n NAME" :
		 "%s/lock: no lock", m->opt->run_dir);
	return -EBUSY;
}

static int config_file_path(const struct td_options *opt, char *dst, size_t size)
{
	struct stat st;
	bool folder = !stat(opt->config_path, &st) && S_ISDIR(st.st_mode);

	return snprintf(dst, size, "%s%s", opt->config_path, folder ? "/tandem" : "") <
		       (int)size ? 0 : -ENAMETOOLONG;
}

/* ---- the worker ---- */

static void inherit(char *dst, size_t size, int sock, const struct td_xdp_fds *f)
{
	int fds[1 + TD_XDP_N_FDS] = { sock };
	size_t used = 0;

	memcpy(&fds[1], f, sizeof(*f));

	for (size_t i = 0; i < 1 + TD_XDP_N_FDS; i++) {
		if (fds[i] >= 0)
			fcntl(fds[i], F_SETFD, 0);
		used += (size_t)snprintf(dst + used, size - used, "%s%d", i ? "," : "", fds[i]);
	}
}

/* In the child: lower rights, then become the worker. Never returns. */
static void exec_worker(struct master *m, int sock)
{
	char why[256], list[128];
	char *args[32];
	size_t n = 0;

	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (; m->argv[n] && n < 28; n++)
		args[n] = m->argv[n];
	inherit(list, sizeof(list), sock, &m->packets.fds);
	args[n++] = (char *)(uintptr_t)"--worker";
	args[n++] = list;
	args[n] = NULL;
	if (td_priv_drop(m->opt->user, why, sizeof(why))) {
		td_log_err(TD_LOG_APP, "worker: %s", why);
		_exit(1);
	}
	fexecve(m->exe_fd, args, environ);
	td_log_err(TD_LOG_APP, "worker: cannot execute: %s", strerror(errno));
	_exit(1);
}

static int start_worker(struct master *m)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (pid < 0) {
		close(pair[0]);
		close(pair[1]);
		return -errno;
	}
	if (!pid)
		exec_worker(m, pair[1]);
	close(pair[1]);
	m->sock = pair[0];
	m->worker = pid;
	return 0;
}

static void answer_config(struct master *m, struct td_master_msg *msg)
{
	char path[512];
	int fd = -1;

	msg->rc = config_file_path(m->opt, path, sizeof(path));
	if (!msg->rc) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			msg->rc = -errno;
	}
	td_master_send(m->sock, msg, fd, 0);
	if (fd >= 0)
		close(fd);
}

/* Opened when it is first asked for, and held over all workers. */
static void answer_firewall(struct master *m, struct td_master_msg *msg)
{
	msg->rc = 0;
	if (m->nft_fd < 0) {
		int fd = td_nft_socket();

		if (fd < 0)
			msg->rc = fd;
		else
			m->nft_fd = fd;
	}
	td_master_send(m->sock, msg, m->nft_fd, 0);
}

/* Ports below 1024 are the master's to open; this is the only one that the worker may have. */
static void answer_tftp(struct master *m, struct td_master_msg *msg)
{
	bool six = msg->mode == 6;
	struct sockaddr_in6 any6 = { .sin6_family = AF_INET6, .sin6_port = htons(TFTP_PORT) };
	struct sockaddr_in any4 = { .sin_family = AF_INET, .sin_port = htons(TFTP_PORT) };
	int one = 1, fd;

	fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	msg->rc = 0;
	if (fd < 0 || (six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one))) ||
	    bind(fd, six ? (struct sockaddr *)&any6 : (struct sockaddr *)&any4,
		 six ? sizeof(any6) : sizeof(any4)))
		msg->rc = -errno;
	td_master_send(m->sock, msg, msg->rc ? -1 : fd, 0);
	if (fd >= 0)
		close(fd);
}

static void tell_starter(struct master *m, char status)
{
	if (m->ready_fd < 0)
		return;
	if (write(m->ready_fd, &status, 1) != 1)
		td_log_dbg(TD_LOG_APP, "nobody waits for the start");
	close(m->ready_fd);
	m->ready_fd = -1;
}

/* Scripts wait for this line: it comes at every log level. */
static void say_ready(void)
{
	if (td_log_enabled(TD_LOG_APP, TD_INFO))
		td_log_info(TD_LOG_APP, "ready");
	else
		dprintf(STDERR_FILENO, "ready\n");
}

static void answer_held(struct master *m, struct td_master_msg *msg)
{
	int fd = -1;

	msg->mode = td_held_next(m->held, msg->mode, &fd);
	msg->rc = msg->mode ? 0 : -ENOENT;
	td_master_send(m->sock, msg, msg->rc ? -1 : fd, 0);
}

static void answer(struct master *m, struct td_master_msg *msg)
{
	msg->why[0] = '\0';
	switch (msg->type) {
	case TD_MASTER_ATTACH:
		msg->rc = msg->mode > CFG_XDP_OFF ? -EINVAL :
			  td_master_attach(&m->packets, msg->ifname, (enum cfg_xdp)msg->mode,
					   &msg->port, msg->why, sizeof(msg->why));
		td_master_send(m->sock, msg, -1, 0);
		break;
	case TD_MASTER_DETACH:
		msg->rc = td_master_detach(&m->packets, msg->ifname);
		td_master_send(m->sock, msg, -1, 0);
		break;
	case TD_MASTER_CONFIG:
		answer_config(m, msg);
		break;
	case TD_MASTER_FIREWALL:
		answer_firewall(m, msg);
		break;
	case TD_MASTER_TFTP:
		answer_tftp(m, msg);
		break;
	case TD_MASTER_HELD:
		answer_held(m, msg);
		break;
	case TD_MASTER_UPGRADE:
		msg->rc = td_upgrade_check(m->exe_path, m->opt, msg->why, sizeof(msg->why));
		m->upgrade = !msg->rc;
		td_master_send(m->sock, msg, -1, 0);
		break;
	case TD_MASTER_READY:
		td_master_packets_ready(&m->packets);
		if (!m->was_ready)
			say_ready();
		m->was_ready = true;
		td_priv_notify("READY=1");
		tell_starter(m, 0);
		break;
	case TD_MASTER_ALIVE:
		td_priv_notify("WATCHDOG=1");
		break;
	default:
		td_log_limited(TD_LOG_APP, TD_WARN, "worker sent unknown message type=%u",
			       msg->type);
	}
}

/* Returns 0, or why nothing was read. ended: the worker is no more, only its connections count. */
static int on_worker_message(struct master *m, bool ended)
{
	struct td_master_msg msg;
	int fd = -1, err = td_master_recv(m->sock, &msg, &fd, MSG_DONTWAIT);

	if (err == -EPIPE && !ended) {
		close(m->sock);
		m->sock = -1;
	}
	if (err)
		return err;
	if (msg.type == TD_MASTER_HOLD && fd >= 0) {
		td_held_put(m->held, msg.mode, fd);
		return 0;
	}
	if (fd >= 0)
		close(fd);
	if (msg.type == TD_MASTER_DROP)
		td_held_drop(m->held, msg.mode);
	else if (!ended)
		answer(m, &msg);
	return 0;
}

/* The worker is no more. What it said last counts: its connections are to be found here. */
static void close_worker(struct master *m)
{
	if (m->sock < 0)
		return;
	while (!on_worker_message(m, true))
		;
	close(m->sock);
	m->sock = -1;
}

/* At once, unless it dies in a loop. */
static void pace_restart(struct master *m)
{
	time_t now = time(NULL);

	if (now - m->restart_window > 10) {
		m->restart_window = now;
		m->restarts = 0;
	}
	if (++m->restarts > RESTART_BURST)
		sleep(1);
}

/* Returns false when the daemon has to end. */
static bool on_worker_death(struct master *m, int status)
{
	close_worker(m);
	m->worker = 0;
	if (m->ending)
		return false;
	if (!m->was_ready) {
		td_log_err(TD_LOG_APP, "worker could not start");
		return false;
	}
	if (WIFSIGNALED(status))
		td_log_err(TD_LOG_APP, "worker died signal=%d, restarting it", WTERMSIG(status));
	else
		td_log_err(TD_LOG_APP, "worker ended status=%d, restarting it",
			   WEXITSTATUS(status));
	pace_restart(m);
	return start_worker(m) == 0;
}

static void order_upgrade(struct master *m)
{
	char why[256] = "";

	if (td_upgrade_check(m->exe_path, m->opt, why, sizeof(why)))
		td_log_err(TD_LOG_APP, "no upgrade: %s", why);
	else
		m->upgrade = true;
}

/* Returns false when the daemon has to end. */
static bool on_signal(struct master *m)
{
	struct signalfd_siginfo si;
	int status;

	if (read(m->signal_fd, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return true;
	switch (si.ssi_signo) {
	case SIGCHLD:
		while (waitpid(-1, &status, WNOHANG) == m->worker && m->worker > 0)
			if (!on_worker_death(m, status))
				return false;
		return true;
	case SIGHUP:
		if (m->worker > 0)
			kill(m->worker, SIGHUP);
		return true;
	case SIGUSR2:
		order_upgrade(m);
		return true;
	default:
		return false;
	}
}

/* Everything that packets need is pinned. Returns false when there is no way back. */
static bool upgrade(struct master *m)
{
	struct td_upgrade_fds fds = { .nft = m->nft_fd };

	m->upgrade = false;
	td_log_info(TD_LOG_APP, "another version takes over program=%s", m->exe_path);
	td_upgrade_leave(m->worker);
	m->worker = 0;
	close_worker(m);
	flock(m->lock_fd, LOCK_UN);
	fds.held = td_held_hand_down(m->held);
	td_upgrade_exec(m->exe_path, m->argv, &fds);
	td_held_keep(m->held);
	if (fds.held >= 0)
		close(fds.held);
	return !flock(m->lock_fd, LOCK_EX | LOCK_NB) && start_worker(m) == 0;
}

static void run(struct master *m)
{
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = m->signal_fd, .events = POLLIN },
			{ .fd = m->sock, .events = POLLIN },
		};

		int n = poll(p, 2, m->upgrade ? UPGRADE_AFTER_MS : -1);

		if (n < 0 && errno != EINTR)
			return;
		if (!n && m->upgrade && !upgrade(m))
			return;
		if (m->sock >= 0 && p[1].revents)
			on_worker_message(m, false);
		if (p[0].revents && !on_signal(m))
			return;
	}
}

static void end_worker(struct master *m)
{
	struct pollfd p = { .fd = m->signal_fd, .events = POLLIN };
	int status;

	m->ending = true;
	if (m->worker <= 0)
		return;
	kill(m->worker, SIGTERM);
	for (int waited = 0; waited < WORKER_END_MS; waited += 100) {
		struct signalfd_siginfo si;

		if (waitpid(m->worker, &status, WNOHANG) == m->worker)
			return;
		if (poll(&p, 1, 100) > 0 && read(m->signal_fd, &si, sizeof(si)) < 0)
			break;
	}
	td_log_warn(TD_LOG_APP, "worker does not end after_ms=%d, killed", WORKER_END_MS);
	kill(m->worker, SIGKILL);
	waitpid(m->worker, &status, 0);
}

/* ---- start and end ---- */

static int watch_signals(struct master *m)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	m->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	return m->signal_fd < 0 ? -errno : 0;
}

static int folders(struct master *m, char *why, size_t len)
{
	int err = td_priv_folder(m->opt->run_dir, m->opt->user, 0755, why, len);

	if (!err)
		err = td_priv_folder(m->opt->state_dir, m->opt->user, 0700, why, len);
	return err ? err : take_lock(m, why, len);
}

static struct td_config *read_config(const struct td_options *opt)
{
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;

	td_config_load(&cfg, opt->config_path, &faults);
	for (size_t i = 0; i < faults.n; i++)
		td_config_fault_print(stderr, &faults.v[i]);
	td_config_faults_fini(&faults);
	return cfg;
}

/* Without -f: the first process waits until calls can be taken, then leaves. */
static int go_background(struct master *m)
{
	int pipe_fd[2];
	char status = 1;
	pid_t pid;

	if (pipe2(pipe_fd, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid) {
		close(pipe_fd[1]);
		if (read(pipe_fd[0], &status, 1) != 1)
			status = 1;
		_exit(status);
	}
	close(pipe_fd[0]);
	m->ready_fd = pipe_fd[1];
	setsid();
	return 0;
}

static int start(struct master *m, const struct td_config *cfg)
{
	char why[256] = "";

	if (folders(m, why, sizeof(why)))
		return fail(why);
	if (td_upgrade_path(m->exe_path, sizeof(m->exe_path)))
		return fail("own program file has no name");
	m->exe_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (m->exe_fd < 0)
		return fail("cannot open own program");
	if (watch_signals(m))
		return fail("no signal descriptor");
	if (td_master_packets_start(&m->packets, m->opt->pin_dir, cfg))
		return 1;
	if (start_worker(m))
		return fail("cannot start the worker");
	return 0;
}

/* From the configuration to the last goodbye. */
static int serve(struct master *m)
{
	struct td_config *cfg;
	char why[512];
	int status;

	if (td_priv_check(m->opt->user, why, sizeof(why)))
		return fail(why);
	cfg = read_config(m->opt);
	if (!cfg)
		return fail("the configuration is faulty, see above");
	if (!td_upgrade_was() && !m->opt->foreground && go_background(m)) {
		td_config_put(cfg);
		return fail("cannot fork");
	}
	td_priv_raise_limits();
	status = start(m, cfg);
	td_config_put(cfg);
	if (!status) {
		run(m);
		status = m->was_ready ? 0 : 1;
	}
	td_priv_notify("STOPPING=1");
	end_worker(m);
	td_master_packets_stop(&m->packets);
	if (m->lock_fd >= 0)
		td_run_dir_clean(m->opt);
	tell_starter(m, (char)status);
	return status;
}

int td_master_run(const struct td_options *opt, char **argv)
{
	struct td_upgrade_fds inherited = td_upgrade_inherited();
	struct master m = {
		.opt = opt, .argv = argv, .lock_fd = -1, .signal_fd = -1, .exe_fd = -1,
		.nft_fd = inherited.nft, .sock = -1, .ready_fd = -1, .held = td_held_new(),
		.packets = { .fds = { -1, -1, -1, -1, -1, -1, -1, -1 } },
	};
	int status;

	if (!m.held)
		return fail("out of memory");
	if (inherited.held >= 0)
		td_held_inherit(m.held, inherited.held);
	status = serve(&m);
	td_held_free(m.held);
	return status;
}
