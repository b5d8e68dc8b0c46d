#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# A call of two real phones over XDP, proven from outside: what tshark saw on the phones'
# cables, what the kernel counted, what the phones recorded.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#     440 Hz    capture                  XDP                XDP                capture   880 Hz
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

# ten seconds in which no RTP packet may reach a socket of the router
case_media_stays_in_the_kernel() {
	local udp runs
	wire_start a a udp
	wire_start b b udp
	call_up || return
	wait_until 5 legs_have 5
	udp=$(udp_in router) runs=$(xdp_runs)
	talk xdp
	equal "no UDP packet reached the router's sockets" "$udp" "$(udp_in router)"
	at_least "the XDP programs ran for each packet" 900 "$(($(xdp_runs) - runs))"
}

case_tables() {
	local dump=$TD_TMP/flows.json
	if has_tables; then
		has "flows table: from a" "10\.1\.0\.2:" "$TD_PIN/flows"
		has "flows table: from b" "10\.2\.0\.2:" "$TD_PIN/flows"
		equal "flows table: two flows" 2 "$(grep -cE '10\.[12]\.0\.2:[0-9]+' "$TD_PIN/flows")"
	else
		skip "flows table" "$NO_TABLES"
	fi
	equal "two flows in the kernel" 2 "$(kernel_flows)"
	dump_flows >"$dump"
	equal "bpftool: to b's address, by field names" "$(flow_to b)" "$(dumped_to "$dump" 10.1.0.2)"
	equal "bpftool: to a's address, by field names" "$(flow_to a)" "$(dumped_to "$dump" 10.2.0.2)"
}

# the slots of all flows, by bpftool; not the whole table, which is large
dump_flows() {
	local port slot
	for port in $(tdj show flows | jq -r '.[].local | sub(".*:"; "")'); do
		slot=$((port >> 1))	# TD_SLOT_OF_PORT
		bpftool -j map lookup pinned "$TD_PIN/maps/td_rtp_flows" \
			key $((slot & 255)) $((slot >> 8 & 255)) 0 0
	done
}

# the address and port that a node told in its SDP
flow_to() {
	wire_stop "$1"
	echo "$(node_ip4 "$1"):$(wire_read "$1" "$(rtp_from "$1")" udp.srcport | head -1)"
}

# dumped_to FILE PEER - new_dst of the active flow that expects packets from PEER
dumped_to() {
	jq -r --arg peer "$2" '
		def num: if type == "string" then ltrimstr("0x") | explode | reduce .[] as $c (0;
			. * 16 + (if $c > 96 then $c - 87 elif $c > 64 then $c - 55 else $c - 48 end))
			else . end;
		def ip: [.[12:16][] | num | tostring] | join(".");
		def port: num | (. % 256) * 256 + (. / 256 | floor);
		.formatted.value | select((.flags | num) % 2 == 1 and (.peer_addr | ip) == $peer)
		| "\(.new_dst | ip):\(.new_dst_port | port)"' "$1" | sort -u | paste -sd' '
}

case_hold_and_resume() {
	local n
	phone_do a hold
	check "held" wait_until 5 show_has '.[0].state == "held"' show calls
	phone_do a resume
	check "up again" wait_until 5 show_has '.[0].state == "up"' show calls
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max')
	check "media flow again, both ways" wait_until 10 legs_have $((n + 50))
	equal "still on path xdp" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
}

# all senders silent: what went in equals what the phones sent and what came out
case_counters_agree_with_the_wire() {
	local node sent
	wire_start a2 a udp
	wire_start b2 b udp
	tdj show calls >"$TD_TMP/before.json"
	check "another 100 packets" wait_until 10 legs_have \
		$(($(jq '[.[0].legs[].rx_packets]|max' "$TD_TMP/before.json") + 100))
	phone_freeze a b
	wait_until 5 legs_still
	wire_stop a2 b2
	equal "a to b: none lost between the cables" \
		"$(wire_seqs a2 a | tail -50)" "$(wire_seqs b2 a | tail -50)"
	equal "b to a: none lost between the cables" \
		"$(wire_seqs b2 b | tail -50)" "$(wire_seqs a2 b | tail -50)"
	for node in $A_NUMBER $B_NUMBER; do
		sent=$(leg_of "$node" rx_packets)
		equal "packets in from $node went out to the other" "$sent" "$(other_tx "$node")"
	done
	phone_thaw a b
}

# wire_seqs CAPTURE FROM - sequence numbers of the stream that FROM sends, at this capture
wire_seqs() {
	local at=${1%2}
	if [ "$at" = "$2" ]; then
		wire_read "$1" "$(rtp_from "$at")" rtp.seq
	else
		wire_read "$1" "$(rtp_to "$at")" rtp.seq
	fi
}
other_tx() {
	tdj show calls | jq -r ".[0].legs[] | select(.party | tostring | contains(\"$1\") | not) | .tx_packets"
}
legs_still() {
	local now
	now=$(tdj show calls | jq -c '[.[0].legs[].rx_packets]')
	[ "$now" = "${LEGS_LAST:-}" ] && return 0
	LEGS_LAST=$now
	sleep 0.2
	return 1
}

case_wire() {
	call_down
	equal "no gap in what b received" 0 "$(wire_gaps b "ip.dst == $(node_ip4 b)")"
	equal "no gap in what a received" 0 "$(wire_gaps a "ip.dst == $(node_ip4 a)")"
	at_least "b received ten seconds" 500 "$(wire_count b "$(rtp_to b)")"
	tones 10
}

office_up auto || finish
bpf_stats_on
run_cases case_media_stays_in_the_kernel case_tables case_hold_and_resume \
	case_counters_agree_with_the_wire case_wire
