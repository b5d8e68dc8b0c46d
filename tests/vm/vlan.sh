#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# Phones in VLANs, with real 8021q devices: the configuration names them, XDP runs on the
# devices that they lie on and takes tags off and puts them on. One tag, two tags, none.
#
#   [phone a] 10.5.0.2 eth0.100 === lan0.100 [tandemd] wan0.9.7 === eth0.9.7 10.6.0.2 [phone b]
#                                                      wan0 ------- eth0     10.2.0.2 [phone c]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
modprobe 8021q 2>/dev/null
ip link add td-probe type vlan 2>&1 | grep -q 'Unknown device type' && skip_all "no 8021q in this kernel"

rt() { ip -n "$(lab_ns router)" "$@"; }

# tagged NODE DEVICE LOWER ID PROTOCOL - in a namespace
tagged() { ip -n "$(lab_ns "$1")" link add link "$3" name "$2" type vlan id "$4" protocol "$5"; }
up() { ip -n "$(lab_ns "$1")" addr add "$3/24" dev "$2" && ip -n "$(lab_ns "$1")" link set "$2" up; }

make_vlans() {
	tagged router lan0.100 lan0 100 802.1Q && tagged a eth0.100 eth0 100 802.1Q || return
	tagged router wan0.9 wan0 9 802.1ad && tagged b eth0.9 eth0 9 802.1ad || return
	tagged router wan0.9.7 wan0.9 7 802.1Q && tagged b eth0.9.7 eth0.9 7 802.1Q || return
	rt link set wan0.9 up
	ip -n "$(lab_ns b)" link set eth0.9 up
	up router lan0.100 10.5.0.1 && up a eth0.100 10.5.0.2 &&
		up router wan0.9.7 10.6.0.1 && up b eth0.9.7 10.6.0.2 || return
	ip -n "$(lab_ns a)" route replace default via 10.5.0.1
}

config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0.100'
		list interface 'wan0.9.7'
		list interface 'wan0'
	config phone 'alice'
		option number '$A_NUMBER'
		option password '$A_PASSWORD'
	config phone 'bob'
		option number '$B_NUMBER'
		option password '$B_PASSWORD'
	config phone 'carol'
		option number '1003'
		option password 'a-long-secret-of-carol'
	UCI
}

offload() { in_ns router ethtool -k "$1" | awk '$1 == "rx-vlan-offload:" { print $2 }'; }

case_register() {
	lab_setup
	check "VLANs" make_vlans || return
	equal "the devices take tags off" "on on" "$(offload lan0) $(offload wan0)"
	config >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	equal "XDP runs below the VLANs" "native native none none" \
		"$(xdp_mode lan0) $(xdp_mode wan0) $(xdp_mode lan0.100) $(xdp_mode wan0.9.7)"
	equal "... and is shown the tags" "off off" "$(offload lan0) $(offload wan0)"
	PHONE_DEV=eth0.100 PHONE_PROXY=10.5.0.1 phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	PHONE_DEV=eth0.9.7 PHONE_PROXY=10.6.0.1 phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	phone_start c b 1003 a-long-secret-of-carol 660 5061
	check "three phones register" wait_until 10 registered_is 3
}

# call_by NUMBER PHONE PATH - from a; by XDP means that no socket sees voice
call_by() {
	local udp
	phone_mark a; phone_mark "$2"
	phone_do a dial "sip:$1@10.5.0.1"
	check "$2 rings" wait_until 10 phone_rings "$2" || return
	phone_do "$2" accept
	check "the call is up" wait_until 10 show_has '.[0].state == "up"' show calls
	wait_until 5 legs_have 5
	udp=$(udp_in router)
	check "100 packets each way" wait_until 10 legs_have 100
	equal "both legs are on path $3" "$3 $3" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	[ "$3" = relay ] ||
		equal "no UDP packet reached the router's sockets" "$udp" "$(udp_in router)"
	phone_do a hangup
	check "no call is left" wait_until 10 show_has 'length == 0' show calls
}

# tags CAPTURE ADDRESS - of the voice that came for it: service tag, comma, tag
tags() { wire_read "$1" "rtp and ip.dst == $2" ieee8021ad.id vlan.id | tr '\t' , | sort -u | paste -sd' '; }

case_two_tags() {
	wire_start a a "greater 0"
	wire_start b b "greater 0"
	call_by "$B_NUMBER" b xdp
	wire_stop a b
	equal "to a: VLAN 100" ,100 "$(tags a 10.5.0.2)"
	equal "to b: VLAN 7 in 9" 9,7 "$(tags b 10.6.0.2)"
	equal "to a: no gap" 0 "$(wire_gaps a "ip.dst == 10.5.0.2")"
	equal "to b: no gap" 0 "$(wire_gaps b "ip.dst == 10.6.0.2")"
	equal "to b: EF" 46 "$(wire_dscp b "rtp and ip.dst == 10.6.0.2")"
	equal "to b: no wrong checksum" 0 "$(wire_bad_checksums b "rtp and ip.dst == 10.6.0.2")"
}

case_no_tag() {
	wire_start a2 a "greater 0"
	wire_start b2 b "greater 0"
	call_by 1003 c xdp
	wire_stop a2 b2
	equal "to a: VLAN 100" ,100 "$(tags a2 10.5.0.2)"
	equal "to c: no VLAN" , "$(tags b2 "$(node_ip4 b)")"
	equal "to c: no gap" 0 "$(wire_gaps b2 "ip.dst == $(node_ip4 b)")"
}

generic() {
	local dev
	for dev in lan0.100 wan0.9.7 wan0; do
		printf "config interface '%s'\n\toption device '%s'\n\toption xdp 'generic'\n" \
			"x${dev//./_}" "$dev"
	done
}
no_xdp() { [ "$(xdp_mode lan0) $(xdp_mode wan0)" = "none none" ]; }

# a veth hands generic XDP frames whose tag stands beside them: XDP would leave it where it is
case_generic() {
	generic >>"$TD_TMP/tandem"
	check "a reload with generic XDP" td reload
	check "no XDP where it would not see tags" wait_until 5 no_xdp
	has "the log says so" "interface=lan0 generic XDP would not see its VLAN tags" "$TD_LOG"
	wire_start a3 a "greater 0"
	wire_start b3 b "greater 0"
	call_by "$B_NUMBER" b relay
	wire_stop a3 b3
	equal "to a: VLAN 100" ,100 "$(tags a3 10.5.0.2)"
	equal "to b: VLAN 7 in 9" 9,7 "$(tags b3 10.6.0.2)"
}

case_afterwards() {
	check "the daemon ends" daemon_stop
	equal "the devices take tags off again" "on on" "$(offload lan0) $(offload wan0)"
}

run_cases case_register case_two_tags case_no_tag case_generic case_afterwards
