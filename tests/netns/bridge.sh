#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A router's usual LAN is a bridge. Packets come in by its ports and leave by the one where
# the phone was seen last, all by XDP: a phone behind the bridge calls one behind another
# interface, is plugged into another port during the call, and calls one on its own bridge.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 \
#                      eth1 ---- lan1  br-lan 10.1.0.1 [ tandemd ] wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

has_xdp() { in_ns router ip link show "$1" | grep -q xdp; }
has_no_xdp() { ! has_xdp "$1"; }

# lan0's addresses go to a bridge; a second cable to phone a lies ready
bridge_up() {
	in_ns router ip link add br-lan type bridge
	in_ns router ip addr flush dev lan0
	in_ns router ip link set lan0 master br-lan
	in_ns router ip addr add "$(gw_ip4 a)/24" dev br-lan
	in_ns router ip addr add "$(gw_ip6 a)/64" dev br-lan nodad
	in_ns router ip link set br-lan up
	ip link add lan1 netns "$(lab_ns router)" type veth peer name eth1 netns "$(lab_ns a)"
	in_ns a ethtool -K eth1 tx off gro on >/dev/null
	in_ns router ethtool -K lan1 gro on >/dev/null
	in_ns router ip link set lan1 up
}

case_call() {
	lab_setup
	bridge_up
	TD_CONF=$TD_TMP/tandem
	office_config auto | sed "s/list interface 'lan0'/list interface 'br-lan'/; /^config interface 'lan0'/,/^$/d" >"$TD_CONF"
	check "tandemd takes calls" daemon_start "$TD_CONF" || return
	check "the program is at the bridge's port" has_xdp lan0
	check "and not at the bridge" has_no_xdp br-lan
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2 || return
	wire_start b b udp
	call_up || return
	talk xdp
	wire_stop b
	equal "no gap in what b received" 0 "$(wire_gaps b "ip.dst == $(node_ip4 b)")"
	equal "EF to b" 46 "$(wire_dscp b "$(rtp_to b)")"
}

rx_of() { leg_of "$1" rx_packets; }
more_than() { [ "$(rx_of "$1")" -gt "$2" ]; }
on_xdp() { show_has '.[0].legs | map(.path) == ["xdp", "xdp"]' show calls; }

# the same phone, at another port
case_other_port() {
	local n mac
	in_ns router ip link set lan1 master br-lan
	check "a new port gets the program" wait_until 5 has_xdp lan1
	mac=$(in_ns a ip -j link show eth0 | jq -r '.[0].address')
	in_ns a ip link set eth0 down
	in_ns a ip addr flush dev eth0
	in_ns a ip link set eth1 address "$mac"
	in_ns a ip link set eth1 up
	in_ns a ip addr add "$(node_ip4 a)/24" dev eth1
	in_ns a ip route add default via "$(gw_ip4 a)"
	n=$(rx_of "$A_NUMBER")
	check "what a sends arrives again" wait_until 10 more_than "$A_NUMBER" $((n + 100))
	check "by XDP, both ways" wait_until 5 on_xdp
	n=$(rx_of_eth1)
	check "and a hears b by its new port" wait_until 10 heard_by_eth1 $((n + 100))
	check "by XDP it was" on_xdp
	call_down
}
rx_of_eth1() { in_ns a ip -s -j link show eth1 | jq '.[0].stats64.rx.packets'; }
heard_by_eth1() { [ "$(rx_of_eth1)" -gt "$1" ]; }

hears() { in_ns router ss -Hulna "src $(gw_ip4 b):5060" | grep -q .; }
is_deaf() { ! hears; }

# phone b moves onto the bridge, too
case_same_bridge() {
	in_ns router ip addr flush dev wan0
	in_ns router ip link set wan0 master br-lan
	wait_until 5 is_deaf
	in_ns router ip addr add "$(gw_ip4 b)/24" dev br-lan
	check "SIP listens on the address at its new place" wait_until 5 hears
	call_up || return
	talk xdp
	call_down
	in_ns router ip link set lan1 nomaster
	check "a port that leaves the bridge gets rid of it" wait_until 5 has_no_xdp lan1
}

run_cases case_call case_other_port case_same_bridge
