#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A phone that knows only IPv4 calls one that knows only IPv6: signalling and media are
# translated, the media by XDP, both ways.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] fd00:2::1 wan0 ---- eth0 fd00:2::2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

case_register() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	office_config auto >"$TD_CONF"
	check "tandemd takes calls" daemon_start "$TD_CONF" || return
	in_ns a ip addr flush dev eth0 scope global
	in_ns a ip addr add "$(node_ip4 a)/24" dev eth0
	in_ns a ip route add default via "$(gw_ip4 a)"
	in_ns b ip -4 addr flush dev eth0
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	PHONE_OPTS=-6 PHONE_LISTEN='[::]' PHONE_PROXY="[$(gw_ip6 b)]" \
		phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register, one by each family" wait_until 10 registered_is 2
	check "a by IPv4" show_has 'any(.[]; .address | startswith("10.1."))' show phones
	check "b by IPv6" show_has 'any(.[]; .address | contains("fd00:2:"))' show phones
}

case_call() {
	wire_start a a udp
	wire_start b b udp
	call_up || return
	talk xdp
	has "the kernel's own table shows IPv6" "fd00:2::2" "$TD_PIN/flows"
	call_down
	wire_stop a b
	equal "no gap in what b received" 0 "$(wire_gaps b "ipv6.dst == $(node_ip6 b)")"
	equal "no gap in what a received" 0 "$(wire_gaps a "ip.dst == $(node_ip4 a)")"
	at_least "b got it by IPv6" 500 "$(wire_count b "rtp and ipv6.dst == $(node_ip6 b)")"
	at_least "a got it by IPv4" 500 "$(wire_count a "rtp and ip.dst == $(node_ip4 a)")"
	equal "what a sent is what b got" "$(payloads a "ip.src == $(node_ip4 a)")" \
		"$(payloads b "ipv6.dst == $(node_ip6 b)")"
	equal "EF to b" 46 "$(wire_dscp b "rtp and ipv6.dst == $(node_ip6 b)")"
	equal "EF to a" 46 "$(wire_dscp a "rtp and ip.dst == $(node_ip4 a)")"
	equal "every checksum at b is right" 0 "$(bad_checksums b "ipv6.dst == $(node_ip6 b)")"
	equal "every checksum at a is right" 0 "$(bad_checksums a "ip.dst == $(node_ip4 a)")"
	tones 10
}

# sequence numbers and payloads, as one sum
payloads() { wire_read "$1" "rtp and $2" rtp.seq rtp.payload | head -500 | md5sum; }

bad_checksums() {
	tshark -n -r "$(wire_file "$1")" -o udp.check_checksum:TRUE \
		-Y "rtp and $2 and udp.checksum.status != 1" 2>/dev/null | wc -l
}

run_cases case_register case_call
