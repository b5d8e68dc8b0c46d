#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# A call survives the death of the worker, of master and worker, and an upgrade: the receivers
# miss no packet, the call is listed again under its id with its counters, and both ends can
# hold, resume and hang up.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

call_id() { tdj show calls | jq -r '.[0].id // "none"'; }
rx_max() { tdj show calls | jq '[.[0].legs[].rx_packets]|max // 0'; }

# the call goes on: same id, more packets than before, still in the kernel
goes_on() {
	equal "$1: the call is there under its id" "$ID" "$(call_id)"
	check "$1: its counters go on" wait_until 5 legs_have $((RX + 50))
	equal "$1: on path xdp" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	equal "$1: state up" up "$(tdj show calls | jq -r '.[0].state')"
}

captures() { wire_start "$1-a" a udp && wire_start "$1-b" b udp; }
no_gaps() {
	wire_stop "$1-a" "$1-b"
	equal "$1: no gap in what b received" 0 "$(wire_gaps "$1-b" "ip.dst == $(node_ip4 b)")"
	equal "$1: no gap in what a received" 0 "$(wire_gaps "$1-a" "ip.dst == $(node_ip4 a)")"
}

case_call() {
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	ID=$(call_id)
}

case_worker_killed() {
	local old
	old=$(worker_pid)
	captures killed
	wait_until 5 legs_have 100
	RX=$(rx_max)
	kill -KILL "$old"
	check "a new worker is there" wait_until 3 new_worker "$old"
	goes_on "worker killed"
	no_gaps killed
}

# hold and resume from one end: the other phone is told, the call is back up
hold_and_resume() {
	phone_do "$1" hold
	check "$1 holds" wait_until 5 show_has '.[0].state == "held"' show calls
	phone_do "$1" resume
	check "$1 resumes" wait_until 5 show_has '.[0].state == "up"' show calls
	RX=$(rx_max)
	check "media flow both ways again" wait_until 10 legs_have $((RX + 50))
}

case_hold_after_it() {
	hold_and_resume a
	hold_and_resume b
}

case_master_killed() {
	local master=$DAEMON_PID
	captures both
	RX=$(rx_max)
	kill -KILL "$master"
	wait "$master" 2>/dev/null
	DAEMON_PID=
	check "nobody is left in the router" wait_until 5 router_empty
	check "the next start works" daemon_start "$TD_CONF"
	goes_on "both killed"
	no_gaps both
	hold_and_resume b
	hold_and_resume a
}
router_empty() { [ -z "$(ip netns pids "$(lab_ns router)")" ]; }

case_upgrade() {
	local old master=$DAEMON_PID
	old=$(worker_pid)
	captures upgrade
	RX=$(rx_max)
	check "tandem upgrade is accepted" td upgrade
	check "another worker is there" wait_until 5 new_worker "$old"
	equal "under the same master process" "$master" "$(pgrep -f "$TD_BUILD/tandemd" | grep -x "$master")"
	goes_on "upgraded"
	no_gaps upgrade
	hold_and_resume a
}

case_refused_upgrade() {
	local old
	old=$(worker_pid)
	cp "$TD_CONF" "$TD_CONF.good"
	echo "	option nonsense '1'" >>"$TD_CONF"
	td upgrade >"$TD_TMP/out" 2>&1
	equal "an upgrade that would not start is refused" 1 $?
	has "and it says why" "--check" "$TD_TMP/out"
	equal "the worker stays" "$old" "$(worker_pid)"
	mv "$TD_CONF.good" "$TD_CONF"
}

case_hang_up() {
	phone_do b hangup
	check "b's hang-up reaches a" phone_wait a CALL_CLOSED
	check "no call is left" wait_until 10 show_has 'length == 0' show calls
	kill -KILL "$(worker_pid)"
	check "and none rises again" wait_until 5 show_has 'length == 0' show calls
	equal "nor a flow in the kernel" 0 "$(kernel_flows)"
}

office_up auto || finish
run_cases case_call case_worker_killed case_hold_after_it case_master_killed case_upgrade \
	case_refused_upgrade case_hang_up
