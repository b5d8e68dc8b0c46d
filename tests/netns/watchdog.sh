#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 60
#
# systemd's side of the daemon (sd_notify(3), sd_watchdog_enabled(3)): READY once, a sign of life
# while the loop turns, none while it does not, STOPPING at the end. socat listens in its place.
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool socat

said() { [ "$(grep -ao "$1" "$TD_TMP/notified" | wc -l)" -ge "$2" ]; }

case_ready_and_alive() {
	lab_setup
	office_config off >"$TD_TMP/tandem"
	socat -u "UNIX-RECV:$TD_TMP/notify" "OPEN:$TD_TMP/notified,creat,append" &
	LISTENER=$!
	check "somebody listens" wait_until 5 test -S "$TD_TMP/notify"
	export NOTIFY_SOCKET=$TD_TMP/notify WATCHDOG_USEC=400000
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	unset NOTIFY_SOCKET WATCHDOG_USEC
	check "READY=1" wait_until 5 said READY=1 1
	check "signs of life" wait_until 5 said WATCHDOG=1 4
}

case_hangs() {
	local n
	kill -STOP "$(worker_pid)"
	n=$(grep -ao WATCHDOG=1 "$TD_TMP/notified" | wc -l)
	sleep 1		# five times as long as between two signs
	equal "no sign of a worker that stands still" 1 $(($(grep -ao WATCHDOG=1 "$TD_TMP/notified" | wc -l) - n <= 1))
	kill -CONT "$(worker_pid)"
	check "again when it moves" wait_until 5 said WATCHDOG=1 $((n + 3))
}

case_end() {
	daemon_stop
	check "STOPPING=1" wait_until 5 said STOPPING=1 1
	equal "READY was said once" 1 "$(grep -ao READY=1 "$TD_TMP/notified" | wc -l)"
	kill "$LISTENER"
}

run_cases case_ready_and_alive case_hangs case_end
