// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tandemd: options, --check, and the choice between the two processes of the daemon:
 * the privileged master (master.c) and, executed by it, the worker (app.c). Every
 * exit status of the program is decided here.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/app/master.h"
#include "userspace/app/tandem.h"
#include "userspace/base/log.h"
#include "userspace/base/str.h"

enum { OPT_CHECK = 256, OPT_RUN, OPT_STATE, OPT_PIN, OPT_LOG, OPT_USER, OPT_WORKER, OPT_VERSION,
	OPT_DETACH };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "instance", required_argument, NULL, 'n' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "run-dir", required_argument, NULL, OPT_RUN },
	{ "state-dir", required_argument, NULL, OPT_STATE },
	{ "pin-dir", required_argument, NULL, OPT_PIN },
	{ "log-level", required_argument, NULL, OPT_LOG },
	{ "user", required_argument, NULL, OPT_USER },
	{ "worker", required_argument, NULL, OPT_WORKER },	/* the master's own use */
	{ "detach", optional_argument, NULL, OPT_DETACH },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *out)
{
	fputs("usage: tandemd [options]\n"
	      "  -c, --config FILE|DIR  configuration (default /etc/config/tandem)\n"
	      "  -n, --instance NAME    one of several daemons on this host\n"
	      "  -f, --foreground       stay in the foreground\n"
	      "      --check            check the configuration and exit: 0 good, 1 faulty\n"
	      "      --run-dir DIR      control socket (default /run/tandem[/NAME])\n"
	      "      --state-dir DIR    registrations (default /var/lib/tandem[/NAME])\n"
	      "      --pin-dir DIR      kernel maps (default /sys/fs/bpf/tandem[/NAME])\n"
	      "      --log-level SPEC   error|warn|info|debug, or per room: info,sip=debug\n"
	      "      --user USER        who the worker runs as (default tandem)\n"
	      "      --detach[=json]    take away what an ended daemon has left in the kernel\n"
	      "  -h, --help             this text\n"
	      "      --version          version\n"
	      "Signals: HUP reloads the configuration, TERM ends, USR2 gives the calls to the\n"
	      "version that lies in this program's place now. See tandemd(8), tandem(1).\n",
	      out);
}

static void default_dir(char *dst, size_t size, const char *base, const char *instance)
{
	if (!dst[0])
		snprintf(dst, size, "%s%s%s", base, instance[0] ? "/" : "", instance);
}

static int set_dir(char *dst, size_t size, const char *value, const char *option)
{
	if (td_strlcpy(dst, value, size) < size)
		return 0;
	fprintf(stderr, "tandemd: --%s: path longer than %zu characters\n", option, size - 1);
	return -ENAMETOOLONG;
}

/* An instance names folders: nothing that leaves them. */
static bool instance_ok(const char *name)
{
	return name && strlen(name) < 32 && name[0] != '.' && !strchr(name, '/');
}

static int check(const char *path)
{
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;
	int err = td_config_load(&cfg, path, &faults);
	char why[512];

	for (size_t i = 0; i < faults.n; i++)
		td_config_fault_print(stderr, &faults.v[i]);
	td_config_faults_fini(&faults);
	if (cfg && td_sip_tls_check(&cfg->sip, why, sizeof(why))) {
		fprintf(stderr, "%s: section sip: %s\n", path, why);
		err = -EINVAL;
	}
	td_config_put(cfg);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct td_options opt = {
		.config_path = "/etc/config/tandem", .instance = "", .user = "tandem",
	};
	const char *worker = NULL;
	bool detach = false, as_json = false;
	int c, err = 0;

	while ((c = getopt_long(argc, argv, "c:n:fh", long_options, NULL)) != -1) {
		switch (c) {
		case 'c': opt.config_path = optarg; break;
		case 'n': opt.instance = optarg; break;
		case 'f': opt.foreground = true; break;
		case 'h': usage(stdout); return 0;
		case OPT_CHECK: opt.check = true; break;
		case OPT_RUN:
			err |= set_dir(opt.run_dir, sizeof(opt.run_dir), optarg, "run-dir");
			break;
		case OPT_STATE:
			err |= set_dir(opt.state_dir, sizeof(opt.state_dir), optarg, "state-dir");
			break;
		case OPT_PIN:
			err |= set_dir(opt.pin_dir, sizeof(opt.pin_dir), optarg, "pin-dir");
			break;
		case OPT_LOG: opt.log_level = optarg; break;
		case OPT_USER: opt.user = optarg; break;
		case OPT_WORKER: worker = optarg; break;
		case OPT_DETACH:
			detach = true;
			as_json = optarg && !strcmp(optarg, "json");
			break;
		case OPT_VERSION: puts("tandemd " TD_VERSION); return 0;
		default: usage(stderr); return 2;
		}
	}
	if (err || optind < argc) {
		if (!err)
			fprintf(stderr, "tandemd: unexpected argument '%s'\n", argv[optind]);
		return 2;
	}
	if (!instance_ok(opt.instance)) {
		fprintf(stderr, "tandemd: '%s' cannot name an instance\n", opt.instance);
		return 2;
	}
	if (opt.log_level && td_log_set_levels(opt.log_level)) {
		fprintf(stderr, "tandemd: --log-level '%s': use error, warn, info, debug or "
			"ROOM=LEVEL,...\n", opt.log_level);
		return 2;
	}
	default_dir(opt.run_dir, sizeof(opt.run_dir), "/run/tandem", opt.instance);
	default_dir(opt.state_dir, sizeof(opt.state_dir), "/var/lib/tandem", opt.instance);
	default_dir(opt.pin_dir, sizeof(opt.pin_dir), "/sys/fs/bpf/tandem", opt.instance);
	signal(SIGPIPE, SIG_IGN);

	if (opt.check)
		return check(opt.config_path);
	if (detach)
		return td_detach_run(&opt, as_json);
	if (worker)
		return td_worker_main(&opt, worker);
	return td_master_run(&opt, argv);
}
