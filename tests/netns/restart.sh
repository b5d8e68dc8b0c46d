#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The worker dies: restarted at once, registrations kept, the next call good. The master ends:
# nothing is left. The master is killed: the next start cleans up after it.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon


case_rights() {
	local status
	status=/proc/$(worker_pid)/status
	equal "the worker is user tandem" "$(id -u tandem)" "$(awk '/^Uid:/{print $2}' "$status")"
	equal "with CAP_NET_ADMIN alone" 0000000000001000 "$(awk '/^CapEff:/{print $2}' "$status")"
	equal "which it cannot raise" 0000000000001000 "$(awk '/^CapPrm:/{print $2}' "$status")"
	equal "nor gain by exec" 1 "$(awk '/^NoNewPrivs:/{print $2}' "$status")"
}

case_worker_killed() {
	local old
	old=$(worker_pid)
	kill -KILL "$old"
	check "a new worker answers within a second" wait_until 2 new_worker "$old"
	check "both phones are still registered" wait_until 3 registered_is 2
	call_up || return
	check "and calls work: media flow" wait_until 10 legs_have 50
	equal "by XDP" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	call_down
}

case_sigterm() {
	check "SIGTERM ends it with status 0" daemon_stop
	[ -e "$TD_PIN" ] && [ -n "$(find "$TD_PIN" -type f | head -1)" ] &&
		{ not_ok "no pins are left"; diag "$(find "$TD_PIN" | head)"; } || ok "no pins are left"
	equal "no process is left in the router" "" "$(ip netns pids "$(lab_ns router)" | paste -sd' ')"
	equal "no XDP is left on lan0" none "$(xdp_mode lan0)"
	[ -S "$TD_RUN_DIR/ctl" ] && not_ok "no socket is left" || ok "no socket is left"
}

case_state_survives() {
	check "it starts again" daemon_start "$TD_CONF"
	check "the registrations are there before the phones refresh" registered_is 2
}

case_master_killed() {
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	DAEMON_PID=
	check "the worker ends with its master" wait_until 5 router_empty
	check "the next start works" daemon_start "$TD_CONF"
	check "and knows the registrations" wait_until 3 registered_is 2
	call_up || return
	check "and calls work" wait_until 10 legs_have 50
	call_down
	check "it ends well" daemon_stop
}
router_empty() { [ -z "$(ip netns pids "$(lab_ns router)")" ]; }

office_up auto || finish
run_cases case_rights case_worker_killed case_sigterm case_state_survives case_master_killed
