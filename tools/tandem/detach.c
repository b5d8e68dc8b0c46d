/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "tandem detach --all": it has to work when no daemon is there to be asked, so the daemon's
 * program does it (tandemd --detach), which alone knows what it puts into the kernel.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "tools/tandem/cli.h"

/* Beside us, where "make install" puts it, or in the path. Returns when it is nowhere. */
static void exec_daemon(char **argv)
{
	static const char *const places[] = { "tandemd", "../sbin/tandemd" };
	char own[256], path[300];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *name;

	own[n > 0 ? n : 0] = '\0';
	name = strrchr(own, '/');
	for (size_t i = 0; name && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%.*s/%s", (int)(name - own), own, places[i]);
		execv(path, argv);
	}
	execvp("tandemd", argv);
	fprintf(stderr, "tandem: cannot execute tandemd: %s\n", strerror(errno));
}

int td_cli_detach(const struct cli_options *opt)
{
	const char *argv[9] = { "tandemd", opt->json ? "--detach=json" : "--detach" };
	size_t n = 2;
	bool pin_dir = opt->n_words == 4 && !strcmp(opt->words[2], "--pin-dir");

	if (opt->n_words < 2 || strcmp(opt->words[1], "--all") != 0 ||
	    (opt->n_words > 2 && !pin_dir)) {
		fprintf(stderr, "tandem: usage: detach --all [--pin-dir DIR]\n");
		return TD_CTL_USAGE;
	}
	if (opt->instance) {
		argv[n++] = "-n";
		argv[n++] = opt->instance;
	}
	if (opt->run_dir) {
		argv[n++] = "--run-dir";
		argv[n++] = opt->run_dir;
	}
	if (pin_dir) {
		argv[n++] = "--pin-dir";
		argv[n] = opt->words[3];
	}
	exec_daemon((char **)(uintptr_t)argv);
	return TD_CTL_REFUSED;
}
