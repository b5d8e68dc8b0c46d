#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# alone
# timeout: 180
#
# Routes, rules, links and neighbours change during a call: XDP follows, within a tenth of a
# second, and no packet is lost that the network itself does not lose. Also when the kernel
# could not tell the daemon, because its ear was full.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 [tandemd] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#                                               10.3.0.1 wan1 ---- eth1 10.3.0.2
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

WITHIN_MS=120	# 100, and the 20 until the next packet
B=$(node_ip4 b)

rt() { ip -n "$(lab_ns router)" "$@"; }
b() { ip -n "$(lab_ns b)" "$@"; }
now_ms() { echo "$((${EPOCHREALTIME/./} / 1000))"; }
mac_of() { ip -n "$(lab_ns b)" -j link show "$1" | jq -r '.[0].address'; }
worker() { pgrep -P "$DAEMON_PID" tandemd; }

second_uplink() {
	ip link add wan1 netns "$(lab_ns router)" type veth peer name eth1 netns "$(lab_ns b)" || return 1
	in_ns router ethtool -K wan1 gro on >/dev/null
	in_ns b ethtool -K eth1 tx off gro on >/dev/null
	rt addr add 10.3.0.1/24 dev wan1
	b addr add 10.3.0.2/24 dev eth1
	rt link set wan1 up
	b link set eth1 up
	rt neigh replace 10.3.0.2 lladdr "$(mac_of eth1)" dev wan1 nud reachable
}

case_call_begins() {
	lab_setup
	second_uplink
	# shellcheck disable=SC2034 # for office_config
	OFFICE_GLOBAL="	list interface 'wan1'"
	office_config auto >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2
	wire_start eth0 b "udp or arp"
	WIRE_DEV=eth1 wire_start eth1 b udp
	call_up || return
	check "packets flow" wait_until 10 legs_have 50
	equal "by XDP" "xdp xdp" "$(paths)"
	UDP=$(udp_in router)
}

paths() { tdj show calls | jq -r '[.[0].legs[].path]|join(" ")'; }

# a stretch of the call: twenty packets more to b
stretch() {
	local n
	n=$(leg_of "$B_NUMBER" tx_packets)
	wait_until 10 show_has ".[0].legs | map(.tx_packets) | max >= $n + 25" show calls
}

# mark NAME COMMAND... - when was it done?
declare -A WHEN
mark() {
	local name=$1
	shift
	"$@" && WHEN[$name]=$(now_ms) && stretch
}

case_changes() {
	check "a route by the second uplink" mark there rt route add "$B/32" via 10.3.0.2
	check "... and away" mark back rt route del "$B/32" via 10.3.0.2
	rt route add "$B/32" via 10.3.0.2 table 200
	check "a rule that looks at our own address" mark rule rt rule add from "$(gw_ip4 b)" lookup 200
	check "the second uplink fails" mark fails rt link set wan1 down
	rt rule del from "$(gw_ip4 b)" lookup 200
	# between the dead uplink and the next round of questions packets go up, and arrive
	check "hardly a packet went by the stack" [ $(($(udp_in router) - UDP)) -le 5 ]
	equal "by XDP all the time" "xdp xdp" "$(paths)"
}

# another card at b, which says so; what still comes for the old one is lost
case_neighbour() {
	in_ns b sysctl -qw net.ipv4.conf.eth0.arp_notify=1
	check "b has a new card" mark card b link set eth0 address 02:00:00:00:0b:0b
	equal "by XDP" "xdp xdp" "$(paths)"
}

# The kernel sees no packet to b any more and would forget it: somebody must keep asking.
case_kept_fresh() {
	in_ns router sysctl -qw net.ipv4.neigh.wan0.delay_first_probe_time=1
	check "b's entry has grown old" rt neigh change "$B" lladdr "$(mac_of eth0)" dev wan0 nud stale
	check "and is confirmed, for the flow needs it" wait_until 20 neigh_is REACHABLE
	equal "by XDP" "xdp xdp" "$(paths)"
}
neigh_is() { rt neigh show "$B" dev wan0 | grep -qw "$1"; }

flood() {
	local i
	for ((i = 0; i < 20000; i++)); do
		echo "route add 10.$((64 + i / 65536)).$((i / 256 % 256)).$((i % 256))/32 dev lo table 300"
	done
}

case_events_lost() {
	rt link set wan1 up
	rt neigh replace 10.3.0.2 lladdr "$(mac_of eth1)" dev wan1 nud reachable
	check "wan1 is back" wait_until 5 show_has 'any(.[]; .name == "wan1" and .xdp == "native")' show interfaces
	stretch
	flood >"$TD_TMP/flood"
	check "the daemon is busy elsewhere" kill -STOP "$(worker)"
	check "20000 routes" rt -batch "$TD_TMP/flood"
	rt route add "$B/32" via 10.3.0.2
	kill -CONT "$(worker)"
	check "b is reached by the second uplink" mark lost stretch
	has "the daemon knows that it was not told" "kernel events lost" "$TD_LOG"
	equal "by XDP" "xdp xdp" "$(paths)"
}

# first_ms CAPTURE AFTER_MS FILTER - from then to the first packet after it
first_ms() {
	wire_read "$1" "rtp and ip.dst == $B and ($3)" frame.time_epoch | awk -v t="$2" '
		{ ms = $1 * 1000 - t } ms > -15 { printf "%d\n", ms; exit }'
}

# quick TEXT MARK CAPTURE FILTER
quick() {
	local ms
	ms=$(first_ms "$3" "${WHEN[$2]}" "${4:-udp}")
	check "$1: after ${ms:-?} ms" [ "${ms:-1000}" -le "$WITHIN_MS" ]
}

case_wire() {
	call_down
	wire_stop eth0 eth1
	quick "the route" there eth1
	quick "back" back eth0
	quick "the rule" rule eth1
	quick "the link" fails eth0
	quick "the new card" card eth0 "eth.dst == 02:00:00:00:0b:0b"
	at_least "after the lost events, too" 25 "$(wire_read eth1 \
		"rtp and ip.dst == $B and frame.time_epoch > $((WHEN[lost] / 1000 - 1))" frame.number | wc -l)"
	equal "to b: no number is missing on both cables" 0 "$(wire_numbers)"
	equal "b to a: nothing lost" 0 "$LOST"
}

# numbers that came neither by eth0 nor by eth1; they may have gone round at 65536
wire_numbers() {
	{ wire_read eth0 "rtp and ip.dst == $B" rtp.seq; wire_read eth1 "rtp and ip.dst == $B" rtp.seq; } |
		awk 'NR == 1 { first = $1 } { print ($1 - first + 65536 + 1000) % 65536 }' | sort -n | uniq |
		awk 'NR > 1 && $1 != last + 1 { n += $1 - last - 1 } { last = $1 } END { print n + 0 }'
}

case_lost() { LOST=$(leg_of "$B_NUMBER" lost); }

run_cases case_call_begins case_changes case_neighbour case_kept_fresh case_events_lost case_lost case_wire
