#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# alone
# timeout: 150
#
# 200 calls with media both ways: the worker is killed, then master and worker, then another
# version takes over. The receivers miss no packet, the calls are listed again under their ids,
# and afterwards each of them is held, resumed and hung up.
#
#   [caller: sipp, streams] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp, echoes]
source "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/pair.sh
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon

CALLS=200 TALK_MS=32000

ids() { tdj show calls | jq -c '[.[].id]|sort'; }
packets() { tdj show calls | jq '[.[].legs[].rx_packets]|add // 0'; }
all_up() { show_has "length == $CALLS and all(.[]; .state == \"up\" and all(.legs[]; .path == \"xdp\" and .rx_packets > $1))" show calls; }

# the scenarios of hold and resume, with a stream and a long talk before that
scenarios() {
	head -c 16000 /dev/zero | tr '\0' '\325' >"$TD_TMP/tone.pcma"
	sed -e 's/\[media_port\]/[rtpstream_audio_port]/' \
		-e "0,/<pause milliseconds=\"100\"\/>/s##<nop><action><exec rtp_stream=\"$TD_TMP/tone.pcma,-1,8,PCMA/8000\"/></action></nop><pause milliseconds=\"$TALK_MS\"/><nop><action><exec rtp_stream=\"pause\"/></action></nop>#" \
		"$SCENARIOS/uac_hold.xml" >"$TD_TMP/uac.xml"
	cp "$SCENARIOS/uas_held.xml" "$TD_TMP/uas.xml"
	SCENARIOS=$TD_TMP
}

case_calls() {
	pair_up --log-level warn || return
	scenarios
	SIPP_TIMEOUT=120 sipp_run called b -sf "$TD_TMP/uas.xml" -m $CALLS -i "$(node_ip4 b)" -p 6002 \
		-mp 31000 -rtp_echo -recv_timeout 90000 &
	CALLED_PID=$!
	wait_until 5 listens b 6002
	SIPP_TIMEOUT=120 sipp_run caller a -sf "$TD_TMP/uac.xml" -m $CALLS -r 50 -l $CALLS \
		-i "$(node_ip4 a)" -p 5100 -mp 32000 -recv_timeout 60000 -s 1002 \
		-inf "$TD_TMP/from.csv" "$(gw_ip4 a)" &
	CALLER_PID=$!
	check "$CALLS calls are up, all by XDP" wait_until 20 all_up 10
	IDS=$(ids)
}

# after "$1": the same calls, and their counters rise
go_on() {
	local n
	equal "$1: the same calls are listed" "$IDS" "$(ids)"
	n=$(packets)
	at_least "$1: the counters went on" "$N" "$n"
	check "$1: every call is up by XDP and has more packets" wait_until 10 all_up 10
	check "$1: they still rise" wait_until 5 more_than $((n + CALLS * 20))
	N=$n
}
more_than() { [ "$(packets)" -gt "$1" ]; }

case_kills() {
	local old
	wire_start b b "udp portrange 31000-31999"
	wire_start a a "udp portrange 32000-33999 and src host $(gw_ip4 a)"
	N=$(packets)
	old=$(worker_pid)
	kill -KILL "$old"
	check "worker killed: another one answers" wait_until 5 new_worker "$old"
	go_on "worker killed"
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	DAEMON_PID=
	wait_until 5 router_empty
	check "both killed: the next start works" daemon_start "$TD_CONF" --log-level warn
	go_on "both killed"
	old=$(worker_pid)
	check "the upgrade is accepted" td upgrade
	check "upgrade: another worker answers" wait_until 5 new_worker "$old"
	go_on "upgrade"
	wire_stop a b
	at_least "packets heard by b" $((CALLS * 50)) "$(wire_count b "ip.dst == $(node_ip4 b)")"
	equal "no gap in what b heard" 0 "$(gaps b "ip.dst == $(node_ip4 b)")"
	# sipp's echo itself drops when it is pressed: what it sent counts
	equal "a heard all that b sent" 0 "$(not_heard)"
}
router_empty() { [ -z "$(ip netns pids "$(lab_ns router)")" ]; }

# rtp_of NAME FILTER - stream and sequence number of each packet; read as RTP whatever tshark's
# heuristics think
rtp_of() {
	tshark -n -r "$(wire_file "$1")" -d "udp.port==1-65535,rtp" -Y "rtp and $2" \
		-T fields -e rtp.ssrc -e rtp.seq 2>/dev/null
}

# sequence numbers missing per stream
gaps() {
	rtp_of "$1" "$2" | awk '
		!($1 in last) { last[$1] = $2; next }
		{ d = ($2 - last[$1] + 65536) % 65536; if (d != 1) gaps += d > 1 && d < 32768 ? d - 1 : 1
		  last[$1] = $2 }
		END { print gaps + 0 }'
}

# packets on b's wire that did not come to a's, while both were watched
not_heard() {
	rtp_of a "ip.dst == $(node_ip4 a)" >"$TD_TMP/heard"
	rtp_of b "ip.src == $(node_ip4 b)" | awk -v heard="$TD_TMP/heard" '
		BEGIN { while ((getline line < heard) > 0) { split(line, f, "\t"); left[f[1], f[2]]++ } }
		!(($1, $2) in left) { if (begun[$1]) open[$1]++; next }
		{ begun[$1] = 1; lost += open[$1]; open[$1] = 0 }
		END { print lost + 0 }'
}

case_hold_resume_hang_up() {
	wait "$CALLER_PID"
	equal "the callers are content" 0 $?
	wait "$CALLED_PID"
	equal "the called are content" 0 $?
	equal "all $CALLS calls were held, resumed and hung up" $CALLS "$(sipp_ok_calls caller)"
	equal "none failed" 0 "$(sipp_failed_calls caller)"
	nothing_left
}

run_cases case_calls case_kills case_hold_resume_hang_up
