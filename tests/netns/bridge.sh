#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# Phones on a bridge, the normal case on a router. The configuration names br-lan; XDP runs on
# its ports and sends by the port that the bridge's table names. A phone is plugged in elsewhere
# during its call, and ports come and go.
#
#   [phone a] eth0 -- [switch] -- lan0 -+
#   10.1.0.2            (moves) -- lan2 -+- br-lan 10.1.0.1 [tandemd] 10.2.0.1 wan0 -- eth0 [phone b]
#   [phone c] 10.1.0.3 eth0 ------ lan1 -+                                            10.2.0.2
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

C_IP=10.1.0.3 C_NUMBER=1003 C_HZ=660

# cable NS DEVICE NS DEVICE - XDP may send into either end
cable() {
	ip link add "$2" netns "$(lab_ns "$1")" type veth peer name "$4" netns "$(lab_ns "$3")" || return 1
	in_ns "$1" ethtool -K "$2" gro on >/dev/null
	in_ns "$3" ethtool -K "$4" tx off gro on >/dev/null
	ip -n "$(lab_ns "$1")" link set "$2" up
	ip -n "$(lab_ns "$3")" link set "$4" up
}

rt() { ip -n "$(lab_ns router)" "$@"; }
sw() { ip -n "$(lab_ns switch)" "$@"; }

# a's cable ends in the switch, which has two halves, each with a cable to the router
make_switch() {
	make_ns "$(lab_ns switch)"
	rt link set lan0 netns "$(lab_ns switch)" name to-a
	sw link add left type bridge
	sw link add right type bridge
	cable router lan0 switch up0
	cable router lan2 switch up2
	in_ns switch ethtool -K to-a gro on >/dev/null
	sw link set to-a master left
	sw link set up0 master left
	sw link set up2 master right
	for l in to-a left right; do sw link set "$l" up; done
}

make_bridge() {
	rt link add br-lan type bridge
	for l in lan0 lan1 lan2; do rt link set "$l" master br-lan; done
	rt addr add "$(gw_ip4 a)/24" dev br-lan
	rt link set br-lan up
}

config() {
	cat <<-UCI
	config global 'global'
		list interface 'br-lan'
		list interface 'wan0'
	config interface 'lan'
		option device 'br-lan'
		option xdp 'native'
	config phone 'alice'
		option number '$A_NUMBER'
		option password '$A_PASSWORD'
	config phone 'bob'
		option number '$B_NUMBER'
		option password '$B_PASSWORD'
	config phone 'carol'
		option number '$C_NUMBER'
		option password 'a-long-secret-of-carol'
	UCI
}

case_register() {
	lab_setup
	make_switch
	make_ns "$(lab_ns c)"
	cable router lan1 c eth0
	ip -n "$(lab_ns c)" addr add "$C_IP/24" dev eth0
	ip -n "$(lab_ns c)" route add default via "$(gw_ip4 a)"
	make_bridge
	config >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	PHONE_PROXY=$(gw_ip4 a) phone_start c c "$C_NUMBER" a-long-secret-of-carol "$C_HZ"
	check "three phones register" wait_until 10 registered_is 3
	equal "XDP runs on the ports, not on the bridge" "native native native none" \
		"$(xdp_mode lan0) $(xdp_mode lan1) $(xdp_mode lan2) $(xdp_mode br-lan)"
}

# both phones behind the bridge, behind different ports
case_neighbours_on_the_bridge() {
	local udp
	wire_start c c udp
	phone_mark a; phone_mark c
	phone_do a dial "sip:$C_NUMBER@$(gw_ip4 a)"
	check "c rings" wait_until 10 phone_rings c || return
	phone_do c accept
	check "a hears the answer" phone_wait a CALL_ESTABLISHED || return
	wait_until 5 legs_have 5
	udp=$(udp_in router)
	check "100 packets each way" wait_until 10 legs_have 100
	equal "both legs are on path xdp" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	equal "no UDP packet reached the router's sockets" "$udp" "$(udp_in router)"
	phone_do a hangup
	check "no call is left" wait_until 10 show_has 'length == 0' show calls
	wire_stop c
	equal "no gap in what c received" 0 "$(wire_gaps c "ip.dst == $C_IP")"
	equal "RTP carries EF" 46 "$(wire_dscp c "rtp and ip.dst == $C_IP")"
}

# a is behind lan2 now, and says something
move() {
	sw link set to-a master right
	in_ns a bash -c "echo moved >/dev/udp/$(gw_ip4 a)/9"
}

# the time from the phone's first word to the next voice that it hears
waited_ms() {
	tshark -n -r "$(wire_file a)" -o rtp.heuristic_rtp:TRUE \
		-Y "udp.dstport == 9 or (rtp and ip.dst == $(node_ip4 a))" \
		-T fields -e frame.time_epoch -e udp.dstport 2>/dev/null | awk '
		$2 == 9 { said = $1; next }
		said && !heard { heard = $1 }
		END { if (heard) printf "%d\n", (heard - said) * 1000 }'
}

# out_by - the device that transmits to a, as the kernel's table of next hops says
out_by() {
	local mac
	mac=$(ip -n "$(lab_ns a)" -j link show eth0 | jq -r '.[0].address')
	# shellcheck disable=SC2046,SC2086 # six numbers
	mac=$(printf '%d:%d:%d:%d:%d:%d' 0x${mac//:/ 0x})
	rt -j link | jq -r --arg i "$(kernel_nexthops | awk -v m="$mac" '$1 == m { print $2 }')" \
		'.[] | select(.ifindex == ($i | tonumber)) | .ifname'
}

case_moves_during_a_call() {
	local n ms
	wire_start a a udp
	call_up || return
	check "packets flow" wait_until 10 legs_have 50
	equal "a is reached by lan0" lan0 "$(out_by)"
	check "moved" move
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max')
	check "packets flow on" wait_until 10 legs_have $((n + 100))
	equal "a is reached by lan2" lan2 "$(out_by)"
	equal "both legs are on path xdp" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	call_down
	wire_stop a
	ms=$(waited_ms)
	check "$ms ms: within 100 (and a packet's 20) after its first word" \
		[ "${ms:-1000}" -le 120 ]
	at_least "a hears on" 100 "$(wire_count a "rtp and ip.dst == $(node_ip4 a)")"
}

up_relay() { tdj show stats | jq .media.xdp.up_relay; }
went_up_twice() { [ "$(up_relay)" -ge $((UP_BEFORE + 2)) ]; }

# The bridge does not hear what XDP takes, forgets the phones, and hears them again when the
# relay has to help.
case_bridge_forgets() {
	wire_start b2 b udp
	rt link set br-lan type bridge ageing_time 100
	UP_BEFORE=$(up_relay)
	call_up || return
	check "more than once the relay helps" wait_until 20 went_up_twice
	check "and XDP takes over again" wait_until 5 show_has \
		'.[0].legs | map(.path) == ["xdp", "xdp"]' show calls
	equal "nothing is lost" "0 0" "$(tdj show calls | jq -r '[.[0].legs[].lost]|join(" ")')"
	call_down
	rt link set br-lan type bridge ageing_time 30000
	wire_stop b2
	equal "no gap in what b received" 0 "$(wire_gaps b2 "ip.dst == $(node_ip4 b)")"
}

mode_is() { [ "$(xdp_mode "$1")" = "$2" ]; }

case_ports_come_and_go() {
	rt link set lan1 nomaster
	check "XDP leaves what leaves the bridge" wait_until 2 mode_is lan1 none
	rt link set lan1 master br-lan
	check "... and comes to what joins it" wait_until 2 mode_is lan1 native
	cable router lan3 c eth1
	rt link set lan3 master br-lan
	check "... also to a new one" wait_until 2 mode_is lan3 native
	rt link del lan3
	check "the daemon has forgotten it" wait_until 2 show_has \
		'all(.[]; .name != "lan3" or .xdp == "off")' show interfaces
	equal "the others were left alone" "native native native" \
		"$(xdp_mode lan0) $(xdp_mode lan1) $(xdp_mode lan2)"
}

run_cases case_register case_neighbours_on_the_bridge case_moves_during_a_call \
	case_bridge_forgets case_ports_come_and_go
