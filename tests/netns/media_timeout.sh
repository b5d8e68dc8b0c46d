#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# waits
#
# A call from which neither party has sent a media packet for rtp_timeout is ended; one that
# still hears one of them is not. On XDP, where no packet is seen by the daemon, and on the
# relay.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#      media can be cut off                rtp_timeout 5                 media can be cut off
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool nft

# cut NODE - its phone goes on, its RTP and RTCP do not leave; mend NODE
cut() {
	in_ns "$1" nft -f - <<-NFT
	table inet cut {
		chain out {
			type filter hook output priority 0
			udp sport 20000-20998 drop
		}
	}
	NFT
}
mend() { in_ns "$1" nft delete table inet cut; }
at_least_packets() { [ "$(leg_of "$1" rx_packets)" -ge "$2" ]; }

# ends_on PATH
ends_on() {
	local n began took
	call_up || return
	check "media flow" wait_until 10 legs_have 20
	equal "both legs are on path $1" "$1 $1" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	cut a
	n=$(leg_of "$B_NUMBER" rx_packets)
	check "b alone sends for seven seconds" wait_until 12 at_least_packets "$B_NUMBER" $((n + 350))
	equal "that keeps the call" up "$(tdj show calls | jq -r '.[0].state')"
	cut b
	began=$(date +%s%3N)
	check "then it ends" wait_until 12 show_has 'length == 0' show calls
	took=$(($(date +%s%3N) - began))
	at_least "not before its time" 4800 "$took"
	at_least "nor long after ($took ms)" "$took" 7500
	check "a is told" phone_wait a CALL_CLOSED
	check "b is told" phone_wait b CALL_CLOSED
	has "the log says why" "no media from either party for rtp_timeout, call ended" "$TD_LOG"
	mend a; mend b
}

case_xdp() { ends_on xdp; }

case_relay() {
	phone_stop a b
	daemon_stop
	office_config off >"$TD_CONF"
	check "tandemd without XDP" daemon_start "$TD_CONF"
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register again" wait_until 10 registered_is 2
	ends_on relay
}

OFFICE_GLOBAL="	option rtp_timeout '5'"
office_up auto || finish
run_cases case_xdp case_relay
