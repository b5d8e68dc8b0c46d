#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 90
#
# "tandem detach --all" after a daemon was killed in the middle of a call: nothing of it is left
# in the kernel, and what is somebody else's stays. A running daemon is not touched.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

in_router() { in_ns router "$@"; }
detach_all() { in_router "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" "$@" detach --all --pin-dir "$TD_PIN"; }
filters() { in_router tc filter show dev "$1" "$2" | grep -c 'direct-action'; }
on_xdp() { in_router ip -j link show | jq '[.[]|select(.xdp)]|length'; }

# ids of what the pins name, to ask for when they are gone
note_ids() {
	local p
	for p in "$TD_PIN"/maps/*; do bpftool -j map show pinned "$p" | jq .id; done >"$TD_TMP/maps"
	for p in "$TD_PIN"/progs/*; do bpftool -j prog show pinned "$p" | jq .id; done >"$TD_TMP/progs"
	for p in "$TD_PIN"/links/*; do bpftool -j link show pinned "$p" | jq .id; done >"$TD_TMP/links"
}
# gone KIND - none of the noted ids is there
gone() {
	local id
	while read -r id; do
		bpftool "${1%s}" show id "$id" >/dev/null 2>&1 && return 1
	done <"$TD_TMP/$1"
	return 0
}

case_refused_while_it_runs() {
	call_up || return
	check "media flow" wait_until 10 legs_have 20
	detach_all >"$TD_TMP/out" 2>&1
	equal "refused while the daemon runs" 1 $?
	has "and it says what to do" "a daemon runs .*SIGTERM.*option xdp 'off'" "$TD_TMP/out"
	equal "nothing is taken off" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	td detach >"$TD_TMP/out" 2>&1
	equal "--all is to be said: status 2" 2 $?
}

case_after_a_kill() {
	# the operator's own
	in_router tc filter add dev lan0 egress pref 77 protocol all bpf bytecode '1,6 0 0 0,'
	in_router nft add table inet mine
	note_ids
	at_least "maps are pinned" 8 "$(wc -l <"$TD_TMP/maps")"
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	DAEMON_PID=
	check "nobody is left in the router" wait_until 5 router_empty
	equal "XDP goes on without a daemon" 2 "$(on_xdp)"
	at_least "TC, too" 1 "$(filters lan0 egress)"
	detach_all --json >"$TD_TMP/out" 2>&1
	equal "detach --all" 0 $?
	at_least "it says how many programs" 4 "$(jq .programs "$TD_TMP/out")"
}
router_empty() { [ -z "$(ip netns pids "$(lab_ns router)")" ]; }

case_nothing_is_left() {
	check "no pin" test ! -e "$TD_PIN"
	equal "no interface with XDP" 0 "$(on_xdp)"
	for kind in links progs maps; do
		check "no $kind" wait_until 5 gone "$kind"	# freed after a grace period of RCU
	done
	equal "no XDP on lan0" none "$(xdp_mode lan0)"
	equal "no XDP on wan0" none "$(xdp_mode wan0)"
	for dev in lan0 wan0; do
		for hook in ingress egress; do
			equal "no filter of ours on $dev $hook" 0 "$(filters "$dev" "$hook")"
		done
	done
	equal "no clsact on wan0" 0 "$(in_router tc qdisc show dev wan0 | grep -c clsact)"
	equal "no table inet tandem" "table inet mine" "$(in_router nft list tables)"
	check "no file of the daemon" test ! -e "$TD_RUN_DIR"
	equal "the operator's filter is there" 1 "$(in_router tc filter show dev lan0 egress pref 77 | grep -c bytecode)"
}

case_again() {
	detach_all >"$TD_TMP/out" 2>&1
	equal "once more: nothing to do, status 0" 0 $?
	has "it says so" 'programs taken off: 0' "$TD_TMP/out"
	check "a daemon starts from scratch" daemon_start "$TD_CONF"
	daemon_stop
	equal "and ends well" 0 $?
	check "a clean end leaves no pin" test ! -e "$TD_PIN"
}

office_up auto || finish
run_cases case_refused_while_it_runs case_after_a_kill case_nothing_is_left case_again
