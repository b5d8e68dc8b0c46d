#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What XDP does not forward goes up the stack and still arrives: packets with IP options,
# fragments, a worn-out TTL, a next hop that is not known at the moment. What is no RTP or
# comes from a stranger does not.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#     silent during the call; crafted packets                                  capture
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

# reason INDEX - the packet program's counter (TD_REASON_... in bpf/td_map.h)
reason() {
	bpftool -j map dump pinned "$TD_PIN/maps/td_reasons" | jq --argjson i "$1" '
		def num: if type == "string" then (ltrimstr("0x") | explode | reduce .[] as $c (0;
			. * 16 + (if $c > 96 then $c - 87 else $c - 48 end))) else . end;
		[.[].formatted | select((.key | num) == $i) | .values[].value.packets | num] | add // 0'
}
UP_OPTIONS=4 UP_FRAGMENT=5 UP_NO_NEXTHOP=6 UP_TTL=7

# craft WORD OPTION... - from a's media address to where a sends, marked with WORD
craft() {
	local word=$1
	shift
	in_ns a "$TD_ROOT/tests/lib/rawsend.py" "$A_MEDIA" "$A_SENDS_TO" "$word" "$@"
}
arrived() { wire_count b "ip.dst == $(node_ip4 b) and udp contains \"$1\""; }

case_quiet_call() {
	wire_start b b udp
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	A_MEDIA=$(leg_of "$A_NUMBER" remote_media)
	A_SENDS_TO=$(leg_of "$A_NUMBER" local_media)
	phone_freeze a
	TD_REASONS_BEFORE="$(reason $UP_OPTIONS) $(reason $UP_FRAGMENT) $(reason $UP_TTL)"
}

case_odd_packets() {
	local opt frag ttl
	read -r opt frag ttl <<<"$TD_REASONS_BEFORE"
	craft via-xdp
	craft via-options --options
	craft via-fragments --fragment
	craft via-ttl --ttl 1
	craft no-rtp --not-rtp
	in_ns a ip addr add 10.1.0.66/24 dev eth0
	in_ns a "$TD_ROOT/tests/lib/rawsend.py" "10.1.0.66:${A_MEDIA##*:}" "$A_SENDS_TO" stranger
	in_ns a "$TD_ROOT/tests/lib/rawsend.py" "10.1.0.2:33333" "$A_SENDS_TO" stranger
	equal "20 packets with IP options went up" 20 $(($(reason $UP_OPTIONS) - opt))
	at_least "20 fragments went up" 20 $(($(reason $UP_FRAGMENT) - frag))
	equal "20 packets with TTL 1 went up" 20 $(($(reason $UP_TTL) - ttl))
	wire_stop b
	equal "plain packets arrive by XDP" 20 "$(arrived via-xdp)"
	equal "packets with IP options arrive" 20 "$(arrived via-options)"
	equal "fragmented packets arrive" 20 "$(arrived via-fragments)"
	equal "packets with TTL 1 are for the router: they arrive" 20 "$(arrived via-ttl)"
	equal "what is no RTP does not" 0 "$(arrived no-rtp)"
	equal "what a stranger sends does not" 0 "$(arrived stranger)"
	phone_thaw a
}

# what it sends after a freeze comes all at once, and may be too much to be let pass
a_is_steady() {
	local n
	n=$(leg_of "$A_NUMBER" rx_packets)
	sleep 0.2
	[ $(($(leg_of "$A_NUMBER" rx_packets) - n)) -le 20 ]
}

# the router forgets b's MAC address again and again while packets flow
case_next_hop_lost() {
	local before i n
	before=$(reason $UP_NO_NEXTHOP)
	check "a has made up for its silence" wait_until 10 a_is_steady
	wire_start b2 b udp
	n=$(leg_of "$B_NUMBER" rx_packets)
	for i in $(seq 20); do
		ip -n "$(lab_ns router)" neigh flush dev wan0
		n=$((n + 5))
		wait_until 5 show_has "[.[0].legs[].rx_packets] | max >= $n" show calls
	done
	wire_stop b2
	at_least "packets went up while the next hop was unknown" 1 $(($(reason $UP_NO_NEXTHOP) - before))
	equal "and not one was lost" 0 "$(wire_gaps b2 "ip.dst == $(node_ip4 b)")"
	call_down
}

office_up auto || finish
run_cases case_quiet_call case_odd_packets case_next_hop_lost
