#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# Packets that are too long for the way: IPv6 takes 20 bytes more than IPv4, and a device may
# be given a smaller MTU. They go up the stack, which cuts them in pieces, and are counted.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] fd00:2::1 wan0 ---- eth0 fd00:2::2 [phone b]
#     silent during the call; crafted packets                                  capture
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

up_mtu() { tdj show stats | jq .media.xdp.up_mtu; }
# craft WORD IPV4-LENGTH - three packets from a's media address, marked with WORD
craft() {
	in_ns a "$TD_ROOT/tests/lib/rawsend.py" "$A_MEDIA" "$A_SENDS_TO" "$1" --count 3 \
		--bytes $(($2 - 20 - 8 - 12))
}
arrived() { wire_count b "ipv6.dst == $(node_ip6 b) and udp contains \"$1\""; }
in_pieces() { wire_count b "ipv6.dst == $(node_ip6 b) and ipv6.fragment.count >= 2 and udp contains \"$1\""; }

case_quiet_call() {
	lab_setup
	office_config auto >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	PHONE_OPTS=-6 PHONE_LISTEN='[::]' PHONE_PROXY="[$(gw_ip6 b)]" \
		phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2
	wire_start b b "ip6"
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	A_MEDIA=$(leg_of "$A_NUMBER" remote_media)
	A_SENDS_TO=$(leg_of "$A_NUMBER" local_media)
	phone_freeze a
	equal "nothing was too long" 0 "$(up_mtu)"
}

mtu_is() { kernel_nexthops | awk '{ print $3 }' | grep -qx "$1"; }

case_lengths() {
	craft just-fits 1480
	equal "1480 bytes fit 1500 with IPv6's header" 0 "$(up_mtu)"
	craft too-long 1481
	equal "1481 bytes do not" 3 "$(up_mtu)"
	ip -n "$(lab_ns router)" link set wan0 mtu 1400
	check "a smaller MTU is known at once" wait_until 1 mtu_is 1400
	craft not-any-more 1480
	equal "1480 bytes are too long now" 6 "$(up_mtu)"
	craft small 1380
	equal "1380 bytes are not" 6 "$(up_mtu)"
}

case_arrived() {
	phone_thaw a
	call_down
	wire_stop b
	equal "what fits arrives whole" "3 0 3 0" \
		"$(arrived just-fits) $(in_pieces just-fits) $(arrived small) $(in_pieces small)"
	equal "what does not arrives in pieces" "3 3 3 3" \
		"$(arrived too-long) $(in_pieces too-long) $(arrived not-any-more) $(in_pieces not-any-more)"
}

run_cases case_quiet_call case_lengths case_arrived
