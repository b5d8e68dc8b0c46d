#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
#
# A bridge that filters VLANs, as switches in routers are set up: the same port brings the
# office's frames untagged and the phones' with a tag, and another port has phones untagged.
#
#   [phone a] 10.5.0.2 eth0.5 === lan0 (1 untagged, 5 tagged) -+- br0.5 10.5.0.1 [tandemd]
#   [phone b] 10.5.0.3 eth0 ----- wan0 (5 untagged) -----------+- br0   10.1.0.1
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
modprobe 8021q 2>/dev/null
ip link add td-probe type vlan 2>&1 | grep -q 'Unknown device type' && skip_all "no 8021q in this kernel"

rt() { ip -n "$(lab_ns router)" "$@"; }
vlan() { bridge -n "$(lab_ns router)" vlan "$@"; }

make_bridge() {
	rt link add br0 type bridge vlan_filtering 1 || return
	rt link set lan0 master br0
	rt link set wan0 master br0
	rt addr flush dev lan0
	rt addr flush dev wan0
	vlan add dev br0 vid 5 self
	vlan add dev lan0 vid 5
	vlan add dev wan0 vid 5 pvid untagged
	vlan del dev wan0 vid 1
	rt link set br0 up
	rt link add link br0 name br0.5 type vlan id 5
	rt addr add 10.5.0.1/24 dev br0.5
	rt link set br0.5 up
	ip -n "$(lab_ns a)" link add link eth0 name eth0.5 type vlan id 5
	ip -n "$(lab_ns a)" addr add 10.5.0.2/24 dev eth0.5
	ip -n "$(lab_ns a)" link set eth0.5 up
	ip -n "$(lab_ns b)" addr flush dev eth0
	ip -n "$(lab_ns b)" addr add 10.5.0.3/24 dev eth0
}

case_register() {
	lab_setup
	check "a bridge" make_bridge || return
	cat >"$TD_TMP/tandem" <<-UCI
	config global 'global'
		list interface 'br0.5'
	config phone 'alice'
		option number '$A_NUMBER'
		option password '$A_PASSWORD'
	config phone 'bob'
		option number '$B_NUMBER'
		option password '$B_PASSWORD'
	UCI
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	equal "XDP runs on the ports" "native native" "$(xdp_mode lan0) $(xdp_mode wan0)"
	export PHONE_PROXY=10.5.0.1
	PHONE_DEV=eth0.5 phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2
}

paths() { tdj show calls | jq -r '[.[0].legs[].path]|join(" ")'; }
paths_are() { [ "$(paths)" = "$1" ]; }
tags() { wire_read "$1" "rtp and ip.dst == $2" vlan.id | sort -u | paste -sd' '; }

case_call() {
	local n
	wire_start a a
	wire_start b b
	CALL_HOST=10.5.0.1 call_up || return
	check "100 packets each way" wait_until 10 legs_have 100
	equal "both legs are on path xdp" "xdp xdp" "$(paths)"
	wire_stop a b
	equal "to a: tagged" 5 "$(tags a 10.5.0.2)"
	equal "to b: untagged" "" "$(tags b 10.5.0.3)"
	at_least "to b" 80 "$(wire_count b "rtp and ip.dst == 10.5.0.3")"
	equal "to a: no gap" 0 "$(wire_gaps a "ip.dst == 10.5.0.2")"
	equal "to b: no gap" 0 "$(wire_gaps b "ip.dst == 10.5.0.3")"

	# the port's VLAN changes during the call
	wire_start b2 b
	vlan add dev wan0 vid 5 pvid
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max')
	check "packets go on" wait_until 10 legs_have $((n + 50))
	wire_stop b2
	equal "to b: tagged now" 5 "$(tags b2 10.5.0.3 | awk '{ print $NF }')"
	phone_do a hangup
	check "no call is left" wait_until 10 show_has 'length == 0' show calls
}

run_cases case_register case_call
