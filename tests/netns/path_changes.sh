#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The network changes during a call: the way to phone b moves to another cable, which then
# gets another MAC; the kernel's events are lost on purpose. Each time the flow follows at
# once, by XDP.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [phone b]
#                                                 wan1 ---- eth1 10.3.0.2
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

# a second cable to phone b, which takes packets for its address by either
two_ways() {
	ip link add wan1 netns "$(lab_ns router)" type veth peer name eth1 netns "$(lab_ns b)"
	in_ns b ethtool -K eth1 tx off gro on >/dev/null
	in_ns router ethtool -K wan1 gro on >/dev/null
	in_ns router ip addr add 10.3.0.1/24 dev wan1
	in_ns router ip link set wan1 up
	in_ns b ip addr add 10.3.0.2/24 dev eth1
	in_ns b ip link set eth1 up
	in_ns b sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0
	in_ns router sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.wan0.rp_filter=0
}

on_xdp() { show_has '.[0].legs | map(.path) == ["xdp", "xdp"]' show calls; }
rx() { in_ns b ip -s -j link show "$1" | jq '.[0].stats64.rx.packets'; }
heard_by() { [ "$(rx "$1")" -gt "$2" ]; }

case_call() {
	lab_setup
	two_ways
	TD_CONF=$TD_TMP/tandem
	OFFICE_GLOBAL=$'\tlist interface \'wan1\'' office_config auto >"$TD_CONF"
	check "tandemd takes calls" daemon_start "$TD_CONF" || return
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2
	call_up || return
	check "media flow" wait_until 10 legs_have 100
	check "by XDP" on_xdp
}

case_route_changes() {
	local n
	n=$(rx eth1)
	in_ns router ip route add "$(node_ip4 b)/32" via 10.3.0.2
	check "b hears a by the other way" wait_until 5 heard_by eth1 $((n + 50))
	check "by XDP" on_xdp
}

case_neighbour_changes() {
	local n
	in_ns b ip link set eth1 down
	in_ns b ip link set eth1 address 02:00:00:00:99:01
	in_ns b ip link set eth1 up
	n=$(rx eth1)
	check "b hears a at its new MAC" wait_until 10 heard_by eth1 $((n + 50))
	check "by XDP" wait_until 5 on_xdp
	check "the next hop is the new one" grep -q "02:00:00:00:99:01" "$TD_PIN/nexthops"
}

# more events than the daemon's socket holds, while it cannot read; then the way is another one
case_events_lost() {
	local n worker
	worker=$(pgrep -P "$DAEMON_PID" | head -1)
	kill -STOP "$worker"
	seq 1 40000 | awk '{ printf "route add 198.18.%d.%d/32 dev wan0\nroute del 198.18.%d.%d/32 dev wan0\n", $1 / 250, $1 % 250, $1 / 250, $1 % 250 }' \
		>"$TD_TMP/batch"
	in_ns router ip -batch "$TD_TMP/batch"
	in_ns router ip route del "$(node_ip4 b)/32" via 10.3.0.2
	n=$(rx eth0)
	kill -CONT "$worker"
	check "the daemon sees that it missed events" wait_until 10 grep -q "events lost" "$TD_TMP/tandemd.log"
	check "and asks again: b hears a by the first way" wait_until 10 heard_by eth0 $((n + 50))
	check "by XDP" on_xdp
	call_down
}

run_cases case_call case_route_changes case_neighbour_changes case_events_lost
