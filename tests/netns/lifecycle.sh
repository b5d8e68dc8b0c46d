#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# What a daemon finds in the kernel when it takes over: maps of its own ABI (adopted, the program
# replaced in place), maps of another ABI (new ones are filled beside them, then the programs are
# switched: no packet is lost), flows of calls that nobody has any more (collected). Another ABI
# is played by writing another number beside maps that a daemon has made.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

call_id() { tdj show calls | jq -r '.[0].id // "none"'; }
map_id() { bpftool -j map show pinned "$TD_PIN/maps/td_rtp_flows" | jq .id; }
map_gone() { ! bpftool map show id "$1" >/dev/null 2>&1; }
link_id() { bpftool -j link show pinned "$TD_PIN/links/lan0" | jq .id; }
# id of the program that runs on lan0, as the kernel says
prog_id() { ip -n "$(lab_ns router)" -j link show dev lan0 | jq '.[0].xdp.prog.id'; }
# does that program work on the pinned flows?
prog_has_our_map() { bpftool -j prog show id "$(prog_id)" | jq -e --argjson m "$(map_id)" '.map_ids | index($m)' >/dev/null; }
abi() { bpftool -j map dump pinned "$TD_PIN/maps/td_abi" | jq -r '.[0].formatted.value.abi'; }
age_abi() { bpftool map update pinned "$TD_PIN/maps/td_abi" key 0 0 0 0 value 1 0 0 0 0 0 0 0; }
filters() { in_ns router tc filter show dev lan0 egress | grep -c direct-action; }

captures() { wire_start "$1-a" a udp && wire_start "$1-b" b udp; }
no_gaps() {
	wire_stop "$1-a" "$1-b"
	equal "$1: no gap in what b received" 0 "$(wire_gaps "$1-b" "ip.dst == $(node_ip4 b)")"
	equal "$1: no gap in what a received" 0 "$(wire_gaps "$1-a" "ip.dst == $(node_ip4 a)")"
}
goes_on() {
	equal "$1: the call is there under its id" "$ID" "$(call_id)"
	check "$1: packets are counted" wait_until 5 legs_have 50
	equal "$1: on path xdp" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	check "$1: the program works on the pinned flows" prog_has_our_map
	equal "$1: TC's program, too" 1 "$(filters)"
}

case_call() {
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	ID=$(call_id) ABI=$(abi)
}

case_same_abi() {
	local old map link prog
	old=$(worker_pid) map=$(map_id) link=$(link_id) prog=$(prog_id)
	captures same
	check "upgrade" td upgrade
	check "another worker is there" wait_until 5 new_worker "$old"
	goes_on same
	no_gaps same
	equal "the maps stay" "$map" "$(map_id)"
	equal "and the link" "$link" "$(link_id)"
	[ "$prog" != "$(prog_id)" ] && ok "with another program in it" || not_ok "with another program in it"
}

# switched LABEL MAP LINK - maps are others, in the same link, and the old ones are freed
switched() {
	equal "$1: the ABI is this version's" "$ABI" "$(abi)"
	[ "$2" != "$(map_id)" ] && ok "$1: the maps are new" || not_ok "$1: the maps are new"
	equal "$1: the link stays" "$3" "$(link_id)"
	check "$1: the old maps are freed" wait_until 5 map_gone "$2"
	has "$1: the log tells" "interface=lan0 switched to maps of another ABI" "$TD_LOG"
}

case_other_abi() {
	local old map link
	old=$(worker_pid) map=$(map_id) link=$(link_id)
	age_abi
	captures other
	check "upgrade" td upgrade
	check "another worker is there" wait_until 5 new_worker "$old"
	goes_on other
	no_gaps other
	switched other "$map" "$link"
}

case_other_abi_after_a_kill() {
	local map link
	map=$(map_id) link=$(link_id)
	age_abi
	captures killed
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	DAEMON_PID=
	check "nobody is left in the router" wait_until 5 router_empty
	check "the next start works" daemon_start "$TD_CONF"
	goes_on killed
	no_gaps killed
	switched killed "$map" "$link"
}
router_empty() { [ -z "$(ip netns pids "$(lab_ns router)")" ]; }

# a new version that is killed before it has switched: the next one does it
case_killed_before_the_switch() {
	local map link
	map=$(map_id) link=$(link_id)
	age_abi
	captures twice
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	wait_until 5 router_empty
	: >"$TD_LOG"
	daemon_spawn router "$TD_CONF"
	wait_until 5 maps_are_others "$map"
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	wait_until 5 router_empty
	check "the next start works" daemon_start "$TD_CONF"
	goes_on twice
	no_gaps twice
	check "the first maps are freed" wait_until 5 map_gone "$map"
}
maps_are_others() { [ -e "$TD_PIN/maps/td_rtp_flows" ] && [ "$(map_id)" != "$1" ]; }

case_hold_after_all_that() {
	local n
	phone_do a hold
	check "a holds" wait_until 5 show_has '.[0].state == "held"' show calls
	phone_do a resume
	check "a resumes" wait_until 5 show_has '.[0].state == "up"' show calls
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max')
	check "media flow both ways again" wait_until 10 legs_have $((n + 50))
	call_down
}

# a flow whose call no daemon knows any more
case_stale_flows_are_collected() {
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	DAEMON_PID=
	wait_until 5 router_empty
	# shellcheck disable=SC2046 # 124 zeroes behind the flags
	bpftool map update pinned "$TD_PIN/maps/td_rtp_flows" key 0x40 0x1f 0 0 \
		value 0 0 0 0 5 0 0 0 $(printf '0 %.0s' $(seq 120))
	bpftool map update pinned "$TD_PIN/maps/td_rtp_ports" key 0x80 0x3e 0 0 value 0x80 0x3e 0 0
	equal "a flow stands there" 1 "$(kernel_flows)"
	check "the next start works" daemon_start "$TD_CONF"
	equal "and collects it" 0 "$(kernel_flows)"
	equal "its port leads nowhere" 0 "$(bpftool -j map lookup pinned "$TD_PIN/maps/td_rtp_ports" \
		key 0x80 0x3e 0 0 | jq -r '.formatted.value // .value')"
}

office_up auto || finish
run_cases case_call case_same_abi case_other_abi case_other_abi_after_a_kill \
	case_killed_before_the_switch case_hold_after_all_that case_stale_flows_are_collected
