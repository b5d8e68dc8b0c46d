#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# "tandem capture": the file holds what the receivers saw on their cables, packet by packet,
# while the media stay in the kernel; the same by the relay; several captures at once; the
# flag is gone when nobody looks any more.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#               dumpcap                  capture                                dumpcap
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

declare -A CAP_PID

# cap_start NAME WORD... - capture into NAME.pcap until cap_stop; returns when it runs
cap_start() {
	local name=$1 file
	shift
	file=$(wire_file "$name")
	"$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" capture "$@" -w "$file" >"$file.out" 2>&1 </dev/null &
	CAP_PID[$name]=$!
	wait_until 5 test -s "$file"
}
# cap_stop NAME - as Ctrl-C would; its exit status
cap_stop() {
	# background jobs of a script do not hear SIGINT
	kill -TERM "${CAP_PID[$1]}"
	cap_wait "$1"
}
cap_wait() {
	local pid=${CAP_PID[$1]}
	unset "CAP_PID[$1]"
	wait "$pid"
}

call_id() { tdj show calls | jq '.[0].id'; }
flags_now() { tdj show flows | jq '[.[] | select(.captured)] | length'; }
no_flags() { [ "$(flags_now)" = 0 ]; }
captured_all() { [ "$(wire_count "$1" rtp)" -ge "$2" ]; }

# seqs CAPTURE NODE - RTP sequence numbers on the way to that node
seqs() { wire_read "$1" "rtp and ip.dst == $(node_ip4 "$2")" rtp.seq; }

# same_packets NAME CAPTURE NODE - the capture has every packet that the node received between
# the capture's first and last
same_packets() {
	seqs "$2" "$3" >"$TD_TMP/captured"
	seqs "$3" "$3" | sed -n "/^$(head -1 "$TD_TMP/captured")\$/,/^$(tail -1 "$TD_TMP/captured")\$/p" \
		>"$TD_TMP/received"
	at_least "$1: packets to $3" 100 "$(wc -l <"$TD_TMP/captured")"
	equal "$1: as many as $3 received" "$(wc -l <"$TD_TMP/received")" "$(wc -l <"$TD_TMP/captured")"
	check "$1: the same ones" cmp "$TD_TMP/captured" "$TD_TMP/received"
}

case_call() {
	local udp
	call_up || return
	check "media flow" wait_until 10 legs_have 20
	wire_start a a udp
	wire_start b b udp
	udp=$(udp_in router)
	check "capture of a call begins" cap_start call "$(call_id)"
	check "and of a phone beside it" cap_start phone alice
	at_least "the flows say so" 2 "$(flags_now)"
	sleep_packets 150
	cap_stop call
	equal "it ends well" 0 $?
	at_least "the other goes on" 2 "$(flags_now)"
	cap_stop phone
	check "the last one takes the flag away" wait_until 5 no_flags
	wire_stop a b
	equal "no packet left the kernel for it" "$udp" "$(udp_in router)"
	for node in a b; do
		same_packets "call" call "$node"
		same_packets "phone" phone "$node"
	done
	has "it tells how many" '^[0-9]+ packets captured, 0 lost' "$(wire_file call).out"
}

# sleep_packets N - until each leg has N packets more
sleep_packets() {
	local n
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max')
	wait_until 20 legs_have $((n + $1))
}

case_what_is_in_it() {
	equal "DSCP as it leaves" 46 "$(wire_dscp call rtp)"
	equal "checksums are right" 0 "$(wire_bad_checksums call rtp)"
	equal "the frames' interface" xdp "$(wire_read call rtp frame.interface_name | sort -u)"
	has "call and leg stand beside a packet" "^call=$(call_id) leg=[0-9]+$" \
		<(wire_read call rtp frame.comment)
	equal "time is today's" "$(date +%Y-%m)" "$(wire_read call rtp frame.time_epoch | head -1 |
		cut -d. -f1 | xargs -I{} date -d @{} +%Y-%m)"
	equal "nobody else may read it" 600 "$(stat -c %a "$(wire_file call)")"
}

case_ends() {
	check "-c COUNT" timeout 10 "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" capture alice -c 30 \
		-w "$(wire_file count)"
	equal "so many are in it" 30 "$(tshark -n -r "$(wire_file count)" 2>/dev/null | wc -l)"
	check "--seconds N" timeout 5 "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" capture alice \
		--seconds 1 -w "$(wire_file seconds)"
	at_least "a second of both directions" 60 "$(tshark -n -r "$(wire_file seconds)" 2>/dev/null | wc -l)"
	timeout 10 "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" capture bob -c 20 -w - 2>/dev/null |
		tshark -n -r - 2>/dev/null >"$TD_TMP/piped"
	equal "-w - for a pipe" 20 "$(wc -l <"$TD_TMP/piped")"
	td capture alice -c 4 >"$TD_TMP/lines" 2>/dev/null
	equal "lines of text" 4 "$(grep -cE '^[0-9:.]+ call=[0-9]+ leg=[0-9]+ xdp 10\.[12]\.0\.1:[0-9]+ > 10\.[12]\.0\.2:[0-9]+ len 214$' "$TD_TMP/lines")"
	tdj capture alice -c 2 2>/dev/null | jq -s -e '[.[]|select(.frame)]|length == 2' >/dev/null &&
		ok "JSON" || not_ok "JSON"
	check "no flag is left" wait_until 5 no_flags
}

case_refused() {
	td capture nobody >"$TD_TMP/out" 2>&1
	equal "nobody: status 1" 1 $?
	has "and it says so" "no call and no phone 'nobody'" "$TD_TMP/out"
	td capture alice -c none >"$TD_TMP/out" 2>&1
	equal "a wrong count: status 2" 2 $?
	td capture alice --frob >"$TD_TMP/out" 2>&1
	equal "an unknown option: status 2" 2 $?
	setpriv --reuid=tandem --regid=tandem --clear-groups "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" \
		capture alice -c 1 >"$TD_TMP/out" 2>&1
	equal "not for the group: status 1" 1 $?
	td capture alice -w /nowhere/x >"$TD_TMP/out" 2>&1
	equal "a file that cannot be written: status 1" 1 $?
}

# who does not read loses frames, and the packets do not mind
case_slow_reader() {
	local pid lost
	"$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" --json capture alice >"$TD_TMP/slow.json" 2>/dev/null &
	pid=$!
	check "a reader starts" wait_until 5 test -s "$TD_TMP/slow.json"
	kill -STOP "$pid"
	wire_start slow-b b udp
	sleep_packets 700
	kill -CONT "$pid"
	check "it is told of losses" wait_until 10 lost_some
	kill -TERM "$pid"
	wait "$pid"
	wire_stop slow-b
	equal "the packets did not mind" 0 "$(wire_gaps slow-b "ip.dst == $(node_ip4 b)")"
}
lost_some() { jq -s -e '[.[].lost]|max > 0' "$TD_TMP/slow.json" >/dev/null 2>&1; }

case_ends_with_the_call() {
	cap_start last "$(call_id)"
	sleep_packets 50
	call_down
	cap_wait last
	equal "the capture ends with the call" 0 $?
	has "and says why" "the call has ended" "$(wire_file last).out"
	cap_start next alice
	call_up || return
	sleep_packets 60
	cap_stop next
	at_least "a phone's capture has its next call, from the start" 100 "$(wire_count next rtp)"
}

case_relay() {
	office_config off >"$TD_CONF"
	td reload >/dev/null
	check "media go by the relay" wait_until 10 show_has '[.[0].legs[].path]|unique == ["relay"]' show calls
	wire_start a a udp
	wire_start b b udp
	cap_start relay "$(call_id)"
	sleep_packets 150
	cap_stop relay
	wire_stop a b
	for node in a b; do
		same_packets "relay" relay "$node"
	done
	equal "DSCP as it leaves, by the relay" 46 "$(wire_dscp relay rtp)"
	equal "checksums are right, by the relay" 0 "$(wire_bad_checksums relay rtp)"
	equal "the packets' interface" relay "$(wire_read relay rtp frame.interface_name | sort -u)"
}

office_up auto || finish
run_cases case_call case_what_is_in_it case_ends case_refused case_slow_reader \
	case_ends_with_the_call case_relay
