// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tandemd --detach, what "tandem detach --all" runs: take away what a daemon that is no more has
 * left in the kernel for its calls to go on. Whoever runs is not touched. The packet filter's
 * table needs no hand: it went with the daemon's socket (netlink/nft.h).
 */
#include "userspace/app/master.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "userspace/app/run_dir.h"

int td_detach_run(const struct td_options *opt, bool json)
{
	int lock = td_run_dir_lock(opt, false), n;
	char why[256] = "";

	if (lock == -EBUSY) {
		fprintf(stderr, "tandemd: a daemon runs with run-dir '%s'; end it (SIGTERM, or "
			"systemctl stop tandem), and it takes everything along; or set option xdp "
			"'off' and 'tandem reload' to give up XDP alone\n", opt->run_dir);
		return 1;
	}
	n = td_xdp_detach_all(opt->pin_dir, why, sizeof(why));
	if (n < 0) {
		fprintf(stderr, "tandemd: %s\n", why[0] ? why : strerror(-n));
		return 1;
	}
	if (lock >= 0) {
		td_run_dir_clean(opt);
		close(lock);
	}
	printf(json ? "{\"programs\": %d}\n" : "programs taken off: %d\n", n);
	return 0;
}
