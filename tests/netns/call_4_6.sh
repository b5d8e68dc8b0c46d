#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# A phone that knows IPv4 only calls one that knows IPv6 only: SIP on both families, media
# translated by XDP. Both phones leave their UDP checksums to the (missing) card, as hosts behind
# a veth do: what arrives at the other end is right all the same.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] fd00:2::1 wan0 ---- eth0 fd00:2::2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

A_TO_B="ipv6.dst == $(node_ip6 b) and rtp"
B_TO_A="ip.dst == $(node_ip4 a) and rtp"

case_register() {
	lab_setup
	office_config auto >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	ip -6 -n "$(lab_ns a)" addr flush dev eth0 scope global
	ip -4 -n "$(lab_ns b)" addr flush dev eth0
	in_ns a ethtool -K eth0 tx on >/dev/null
	in_ns b ethtool -K eth0 tx on >/dev/null
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	PHONE_OPTS=-6 PHONE_LISTEN='[::]' PHONE_PROXY="[$(gw_ip6 b)]" \
		phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2
	check "one by IPv4, one by IPv6" show_has \
		'[.[].address] | any(startswith("10.1.0.2")) and any(contains("fd00:2::2"))' show phones
}

case_call() {
	local udp
	wire_start a a udp
	wire_start b b udp
	call_up || return
	wait_until 5 legs_have 5
	udp=$(udp_in router)
	talk xdp
	equal "no UDP packet reached the router's sockets" "$udp" "$(udp_in router)"
	if has_tables; then
		has "the kernel's own table shows IPv6" "fd00:2::2" "$TD_PIN/flows"
	else
		skip "the kernel's own table shows IPv6" "$NO_TABLES"
	fi
	check "the flow table shows both" show_has \
		'any(.[]; (.peer | startswith("10.1.0.2:")) and (.new_dst | startswith("[fd00:2::2]:")))' \
		show flows
	call_down
	wire_stop a b
}

# sent FILE FILTER, received: number and payload of each packet
packets() { wire_read "$1" "$2" rtp.seq rtp.payload | sort -n; }

# same_payload FROM TO FILTER_FROM FILTER_TO - what was received is what was sent
same_payload() {
	packets "$1" "$3" >"$TD_TMP/sent"
	packets "$2" "$4" >"$TD_TMP/received"
	[ "$(wc -l <"$TD_TMP/received")" -ge 500 ] &&
		[ -z "$(comm -13 <(sort "$TD_TMP/sent") <(sort "$TD_TMP/received") | head -3)" ]
}

# arrived TEXT CAPTURE FILTER TTL-FIELD
arrived() {
	local later
	equal "$1: no gap" 0 "$(wire_gaps "$2" "$3")"
	equal "$1: EF" 46 "$(wire_dscp "$2" "$3")"
	# until the neighbour is known the relay may send a few, whose checksum a card would write
	later="$3 and frame.number >= $(wire_read "$2" "$3" frame.number | sed -n 10p)"
	equal "$1: no wrong checksum" 0 "$(wire_bad_checksums "$2" "$later")"
	equal "$1: one hop" 63 "$(wire_read "$2" "$later" "$4" | sort -u | paste -sd,)"
}

case_wire() {
	arrived "a to b" b "$A_TO_B" ipv6.hlim
	arrived "b to a" a "$B_TO_A" ip.ttl
	check "a to b: payload unchanged" same_payload a b "ip.src == $(node_ip4 a) and rtp" "$A_TO_B"
	check "b to a: payload unchanged" same_payload b a "ipv6.src == $(node_ip6 b) and rtp" "$B_TO_A"
	equal "b to a: not to be fragmented" 1 "$(wire_read a "$B_TO_A" ip.flags.df | sort -u | paste -sd,)"
	at_least "RTCP came through, too" 1 \
		"$(wire_read b "ipv6.dst == $(node_ip6 b) and rtcp" frame.number | wc -l)"
	tones 10
}

run_cases case_register case_call case_wire
