#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# The same call three times, by native XDP, by generic XDP and by the relay: on the cables the
# media are the same, packet by packet: addresses, ports, DSCP, payload type, sequence, payload.
# The parties (sipp; what they say comes from rawsend.py) say the same each time, from the same
# ports.
#
#   [party a] 10.1.0.2:30000 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2:40000 [party b]
#                 capture                                             capture
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

PACKETS=100
HOLD_MS=$((6000 * ${TD_TIME_SCALE:-1}))	# of a call: time enough to say them

config() {
	# shellcheck disable=SC2034 # for office_many
	OFFICE_MORE="
	config interface 'lan0'
		option xdp '$1'
	config interface 'wan0'
		option xdp '$1'
	"
	office_many 1
}

case_office() {
	lab_setup
	csv_numbers 2000 1 3000 >"$TD_TMP/a.csv"
	csv_numbers 3000 1 >"$TD_TMP/b.csv"
}

is_up() { show_has 'length == 1 and .[0].state == "up"' show calls; }

# speak NODE PORT NUMBER - to where the router told NUMBER to send to
speak() {
	in_ns "$1" "$TD_ROOT/tests/lib/rawsend.py" "$(node_ip4 "$1"):$2" "$(leg_of "$3" local_media)" \
		"from $1" --count $PACKETS --every 20 --varied
}

# what a packet is, in one line
packets() {
	wire_read "$1" "rtp and $2" ip.src udp.srcport ip.dst udp.dstport ip.dsfield.dscp rtp.p_type \
		rtp.seq rtp.timestamp rtp.ssrc rtp.payload | sort -t $'\t' -k 7n
}
# ... and what of it the router may not change
said() { cut -f 6- "$1"; }

# arrived MODE FROM TO - all of it, and as it was said
arrived() {
	local said=$TD_TMP/said-$2-$1 got=$TD_TMP/got-$3-$1
	packets "$2-$1" "ip.src == $(node_ip4 "$2")" >"$said"
	packets "$3-$1" "ip.dst == $(node_ip4 "$3")" >"$got"
	equal "$1, $2 to $3: said" $PACKETS "$(wc -l <"$said")"
	equal "$1, $2 to $3: all arrived" $PACKETS "$(wc -l <"$got")"
	equal "$1, $2 to $3: as they were said" "$(said "$said")" "$(said "$got")"
}

# call_by MODE PATH WHAT-THE-DEVICES-CARRY
call_by() {
	local speaker
	TD_STATE_DIR=$TD_TMP/state-$1 TD_LOG=$TD_TMP/log-$1
	config "$1" >"$TD_TMP/tandem-$1"
	check "tandemd with XDP $1" daemon_start "$TD_TMP/tandem-$1" || return
	equal "lan0 and wan0" "$3 $3" "$(xdp_mode lan0) $(xdp_mode wan0)"
	check "a registers" office_register a "$TD_TMP/a.csv" 1
	check "b registers" office_register b "$TD_TMP/b.csv" 1
	office_answer
	wire_start "a-$1" a udp
	wire_start "b-$1" b udp
	office_calls "$1" "$TD_TMP/a.csv" 1 1 "$HOLD_MS" &
	check "the call is up" wait_until 10 is_up
	OURS_A=$(leg_of 2000 local_media) OURS_A=${OURS_A##*:}
	OURS_B=$(leg_of 3000 local_media) OURS_B=${OURS_B##*:}
	speak a 30000 2000 &
	speaker=$!
	check "b speaks" speak b 40000 3000
	check "a speaks" wait $speaker
	equal "both legs are on path $2" "$2 $2" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	check "the call ends" wait_until 10 show_has 'length == 0' show calls
	wire_stop "a-$1" "b-$1"
	kill_pids 5 "$UAS_PID"
	check "tandemd ends" daemon_stop
	arrived "$1" a b
	arrived "$1" b a
}

case_native() { call_by native xdp native; }
case_generic() { call_by generic xdp generic; }
case_relay() { call_by off relay none; }

# who sends to NODE, and how it is marked
seen() { awk '{ print $1, $2, $3, $4, $5 }' "$TD_TMP/got-$1-native" | sort -u; }

case_agree() {
	local mode to
	equal "to b: one stream, EF" "10.2.0.1 $OURS_B 10.2.0.2 40000 46" "$(seen b)"
	equal "to a: one stream, EF" "10.1.0.1 $OURS_A 10.1.0.2 30000 46" "$(seen a)"
	for mode in generic off; do
		for to in a b; do
			check "to $to: $mode is as native, in every field" \
				cmp "$TD_TMP/got-$to-native" "$TD_TMP/got-$to-$mode"
		done
	done
}

run_cases case_office case_native case_generic case_relay case_agree
