#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# alone
# timeout: 180
#
# A stranger sprays every media port while phones talk: nothing of it is relayed, each packet
# to a port of the call is counted as of a wrong source, and the call does not suffer. And who
# is in the call may send what its codec can, not a flood. On XDP and on the relay.
# SPRAY_SECONDS=60 for longer (tests/long/media_spray.sh).
#
#   [phone a] 10.1.0.2  eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#   stranger  10.1.0.66                                                         capture
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

SPRAY_SECONDS=${SPRAY_SECONDS:-4}
PHONE_SECONDS=$((SPRAY_SECONDS + 60))

wrong_sources() { tdj show flows | jq '[.[].wrong_source] | add // 0'; }
wrong_is() { [ "$(wrong_sources)" = "$1" ]; }

# A queue at the sender, who waits when the cable is full, as on Ethernet. Without one a veth drops what
# does not fit, whoever sent it, before the router has seen it. (It tells its queue since Linux 6.16.)
queue_at() { in_ns "$1" tc qdisc replace dev eth0 root pfifo; }

# sprayed_on PATH
sprayed_on() {
	local before rounds
	wire_start a a udp
	wire_start b b udp
	call_up || return
	check "media flow" wait_until 10 legs_have 20
	equal "both legs are on path $1" "$1 $1" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	before=$(wrong_sources)
	rounds=$(in_ns a "$TD_ROOT/tests/lib/spray.py" 10.1.0.66 10.1.0.1 16384 32767 "$SPRAY_SECONDS")
	at_least "the stranger came round" 1 "$rounds"
	# two parties, RTP and RTCP each
	check "all $((4 * rounds)) packets to the call's ports are counted as of a wrong source" \
		wait_until 5 wrong_is $((before + 4 * rounds))
	check "media still flow" wait_until 10 legs_have \
		$(($(tdj show calls | jq '[.[0].legs[].rx_packets]|max') + 50))
	equal "both legs are still on path $1" "$1 $1" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	call_down
	wire_stop a b
	equal "none reached b" 0 "$(wire_count b 'udp contains "spray"')"
	equal "none came back to a" 0 "$(wire_count a 'udp contains "spray" and ip.src == 10.1.0.1 and not icmp')"
	equal "and b lost nothing of the call" 0 "$(wire_gaps b "ip.dst == $(node_ip4 b)")"
	has "the log names the stranger" 'wrong source=10\.1\.0\.66' "$TD_LOG"
}

policed() { tdj show stats | jq '[.. | .dropped_policed? // empty] | add // 0'; }
policed_is_over() { [ "$(policed)" -gt "$1" ]; }
policed_is() { [ "$(policed)" = "$1" ]; }

# flooded_on PATH - 3000 packets from a's very address and port, as fast as they go
flooded_on() {
	local before let_in
	call_up || return
	check "media flow" wait_until 10 legs_have 20
	before=$(policed)
	wire_start "b-flood" b "udp and greater 200"
	phone_freeze a
	in_ns a "$TD_ROOT/tests/lib/rawsend.py" "$(leg_of "$A_NUMBER" remote_media)" \
		"$(leg_of "$A_NUMBER" local_media)" flood --count 3000
	wire_stop b-flood
	let_in=$(wire_count b-flood 'udp contains "flood" and not icmp')
	at_least "a second's worth of it passes" 60 "$let_in"
	at_least "not much more ($let_in)" "$let_in" 600
	if [ "$1" = xdp ]; then
		check "the rest is counted" wait_until 5 policed_is $((before + 3000 - let_in))
	else	# what its socket has no room for the relay never sees
		check "of the rest, what the relay saw is counted" wait_until 5 policed_is_over $((before + 500))
	fi
	phone_thaw a
	call_down
	has "the log names the sender" 'source=10\.1\.0\.2:[0-9]+ sends more than its codec can' "$TD_LOG"
}

case_xdp() {
	sprayed_on xdp
	flooded_on xdp
}

case_relay() {
	phone_stop a b
	daemon_stop
	office_config off >"$TD_CONF"
	check "tandemd without XDP" daemon_start "$TD_CONF"
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register again" wait_until 10 registered_is 2
	sprayed_on relay
	flooded_on relay
}

office_up auto || finish
in_ns a ip addr add 10.1.0.66/24 dev eth0
queue_at a
run_cases case_xdp case_relay
