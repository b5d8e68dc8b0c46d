#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
#
# What goes wrong with a call's media, told by "show calls" and by tshark on the phones'
# cables: packets that went missing on the way to us (to the packet), what the far end says
# in its RTCP that it lost, round trip, MOS. On XDP and on the relay.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [phone b]
#     every 20th RTP packet is      reads the RTCP
#     lost on leaving; capture      that passes                  capture
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool nft

LOSS_EVERY=20

lossy() {
	in_ns a nft -f - <<-NFT
	table netdev lossy {
		chain out {
			type filter hook egress device eth0 priority 0
			udp length 180 numgen inc mod $LOSS_EVERY 0 drop
		}
	}
	NFT
}

call_key() { tdj show call "$(tdj show calls | jq '.[0].id')" | jq -r ".. | objects | select(.party? == \"$1\") | .$2"; }
has_reports() { [ "$(call_key "$A_NUMBER" rtt_ms)" != null ] && [ "$(call_key "$B_NUMBER" rtt_ms)" != null ]; }
legs_still() {
	local now
	now=$(tdj show calls | jq -c '[.[0].legs[].rx_packets]')
	[ "$now" = "${LEGS_LAST:-}" ] && return 0
	LEGS_LAST=$now
	sleep 0.2
	return 1
}

# about NAME WANTED GOT TOLERANCE
about() {
	awk -v w="$2" -v g="$3" -v t="$4" 'BEGIN { exit !(g != "" && g != "null" && g - w <= t && w - g <= t) }' &&
		{ ok "$1"; return 0; }
	not_ok "$1"
	diag "wanted $2 (+- $4), got $3"
	return 1
}

# the E-model once more (ITU-T G.107): MOS of G.711 with LOSS percent and DELAY ms
mos_of() {
	awk -v p="$1" -v d="$2" 'BEGIN {
		r = 93.2 - 0.024 * d - (d > 177.3 ? 0.11 * (d - 177.3) : 0) - 95 * p / (p + 25.1)
		printf "%.2f\n", 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6 }'
}
expected_mos() {
	call_all "$1" | jq -r '[100 * .lost / (.lost + .rx_packets), .rtt_ms / 2 + 20 + 2 * .jitter_ms] | join(" ")'
}
call_all() { tdj show calls | jq ".[0].legs[] | select(.party == \"$1\")"; }

# the last report of NODE on what it hears, as tshark reads it on its own cable
last_report() {
	wire_read "$1" "rtcp and ip.src == $(node_ip4 "$1") and rtcp.ssrc.fraction" "$2" | tail -1 | cut -d, -f1
}

# reports_on PATH
reports_on() {
	local node number loss delay
	wire_start a a udp
	wire_start b b udp
	call_up || return
	check "both sides have reported" wait_until 20 has_reports
	check "a second report comes" wait_until 20 legs_have 600
	equal "both legs are on path $1" "$1 $1" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	phone_freeze a b
	wait_until 5 legs_still
	wire_stop a b
	equal "a's lost packets, as tshark counts them" \
		"$(wire_gaps a "ip.src == $(node_ip4 a)")" "$(leg_of "$A_NUMBER" lost)"
	at_least "and there are many" 20 "$(leg_of "$A_NUMBER" lost)"
	equal "b lost none" 0 "$(leg_of "$B_NUMBER" lost)"
	for node in a b; do
		[ "$node" = a ] && number=$A_NUMBER || number=$B_NUMBER
		equal "$node's packets, as tshark counts them" \
			"$(wire_count "$node" "rtp and ip.src == $(node_ip4 "$node")")" \
			"$(leg_of "$number" rx_packets)"
		about "what $node says that it lost" \
			"$(last_report "$node" rtcp.ssrc.fraction | awk '{ print $1 * 100 / 256 }')" \
			"$(call_key "$number" far_loss_percent)" 0.01
		about "the jitter that $node sees" \
			"$(last_report "$node" rtcp.ssrc.jitter | awk '{ print $1 / 8 }')" \
			"$(call_key "$number" far_jitter_ms)" 0.01
		about "round trip to $node on an idle cable" 5 "$(call_key "$number" rtt_ms)" 5
		read -r loss delay <<<"$(expected_mos "$number")"
		about "$node's MOS" "$(mos_of "$loss" "$delay")" "$(leg_of "$number" mos)" 0.02
	done
	at_least "b hears of a's loss" 2 "$(call_key "$B_NUMBER" far_loss_percent | cut -d. -f1)"
	phone_thaw a b
	call_down
}

case_xdp() { reports_on xdp; }

case_relay() {
	phone_stop a b
	daemon_stop
	office_config off >"$TD_CONF"
	check "tandemd without XDP" daemon_start "$TD_CONF"
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register again" wait_until 10 registered_is 2
	reports_on relay
}

office_up auto || finish
check "packets of a go missing" lossy || finish
run_cases case_xdp case_relay
