#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIP and media over IPv6, by XDP.
#
#   [phone a] fd00:1::2 eth0 ---- lan0 fd00:1::1 [ tandemd ] fd00:2::1 wan0 ---- eth0 fd00:2::2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

case_register() {
	lab_setup
	office_config auto >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	export PHONE_OPTS=-6 PHONE_LISTEN='[::]'
	PHONE_PROXY="[$(gw_ip6 a)]" phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	PHONE_PROXY="[$(gw_ip6 b)]" phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register over IPv6" wait_until 10 registered_is 2
	check "with their IPv6 addresses" show_has \
		'all(.[]; .address | contains("fd00:"))' show phones
}

# The first address of a family on an interface is told, and the last one that goes
told() { [ "$(grep -c "event=$1 interface=$2" "$TD_LOG")" = "$3" ]; }
rt() { ip -n "$(lab_ns router)" "$@"; }
case_families() {
	check "IPv6 is enabled on lan0" told "ipv6_enabled" "lan0 address=fd00:1::1" 1
	check "and on wan0" told "ipv6_enabled" "wan0 address=fd00:2::1" 1
	check "IPv4 as well" told "ipv4_enabled" "lan0 address=10.1.0.1" 1
	rt addr add fd00:9::1/64 dev lan0 nodad
	rt addr add 10.9.0.1/24 dev lo
	rt addr del fd00:1::1/64 dev lan0
	rt addr del fd00:9::1/64 dev lan0
	check "the last address goes" wait_until 5 told "ipv6_disabled" lan0 1
	rt addr add fd00:1::1/64 dev lan0 nodad
	check "one comes" wait_until 5 told "ipv6_enabled" "lan0 address=fd00:1::1" 2
	equal "no other line" 6 "$(grep -c "event=ipv[46]_[a-z]*abled" "$TD_LOG")"
	rt addr del 10.9.0.1/24 dev lo
}

case_call() {
	wire_start b b udp
	CALL_HOST="[$(gw_ip6 a)]" call_up || return
	talk xdp
	call_down
	wire_stop b
	equal "no gap in what b received" 0 "$(wire_gaps b "ipv6.dst == $(node_ip6 b)")"
	at_least "it came over IPv6" 500 "$(wire_count b "rtp and ipv6.dst == $(node_ip6 b)")"
	equal "RTP carries EF" 46 "$(wire_dscp b "rtp and ipv6.dst == $(node_ip6 b)")"
	equal "SIP carries CS3" 24 "$(wire_dscp b "sip and ipv6.dst == $(node_ip6 b)")"
	tones 10
}

run_cases case_register case_families case_call
