#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# INVITE with Replaces (RFC 3891): a phone goes on with its call at another of its places, where it
# hears the other one and is heard; nobody takes the place of somebody else.
#
#   [1001: sipp + RTP] 10.1.0.2 ---- [ tandemd ] ---- 10.2.0.2 [phone b, 1002], 10.2.0.3 [1003: sipp]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

SECOND_HZ=1320
config() {
	cat <<-UCI
	config global 'global'
		option hostname 'lab'
		list interface 'lan0'
		list interface 'wan0'
	config sip 'sip'
		option authenticate 'auto'
	config phone 'alice'
		option number '1001'
		option address '10.1.0.2'
	config phone 'bob'
		option number '1002'
		option password '$B_PASSWORD'
	config phone 'carol'
		option number '1003'
		option address '10.2.0.3'
	UCI
}

case_start() {
	lab_setup
	ip -n "$(lab_ns b)" addr add 10.2.0.3/24 dev eth0
	TD_CONF=$TD_TMP/tandem
	config >"$TD_CONF"
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	printf 'SEQUENTIAL\n1003\n' >"$TD_TMP/carol.csv"
	check "tandemd takes calls" daemon_start "$TD_CONF"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "b registers" wait_until 10 registered_is 3
}

is_up() { show_has 'length == 1 and .[0].state == "up"' show calls; }
message() { awk -v RS='' "/$2/" "$TD_TMP/sipp-$1/messages"; }
acked() { grep -q '^ACK ' "$TD_TMP/sipp-$1/messages" 2>/dev/null; }
# rtp NAME PORT HZ - the media of sipp NAME, to where its answer says
rtp() {
	local there
	there=$(grep -a '^m=audio ' "$TD_TMP/sipp-$1/messages" | tail -1 | cut -d' ' -f2)
	ns_exec a "$TD_ROOT/tests/lib/rtpphone.py" 10.1.0.2 "$2" "$(gw_ip4 a)" "$there" pcmu 0 "$3" 4 \
		"$TD_TMP/$1.wav" >"$TD_TMP/$1.rtp" &
	RTP_PID=$!
}
# What b is sent, from its wire: baresip drops a stream whose time stamps are lower than those of
# the one before.
at_the_door() {
	wire_read door rtp rtp.payload | tr -d ':\n' |
		python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' |
		sox -t raw -r 8000 -e u-law -b 8 -c 1 - -b 16 -e signed "$TD_TMP/door.wav"
}
# dialog NAME - as Replaces: names it
dialog() {
	local f=$TD_TMP/sipp-$1/messages id to from
	id=$(grep -aim1 '^Call-ID:' "$f" | tr -d '\r' | sed 's/.*: *//')
	from=$(grep -aim1 '^From:' "$f" | tr -d '\r' | sed 's/.*tag=//')
	to=$(grep -ai '^To:.*tag=' "$f" | tail -1 | tr -d '\r' | sed 's/.*tag=//')
	echo "$id;to-tag=$to;from-tag=$from"
}

case_first() {
	side first a uac_waits 5101 -s "$B_NUMBER" -inf "$TD_TMP/from.csv" -key rtp 30000 "$(gw_ip4 a)" &
	FIRST_PID=$!
	phone_mark b
	check "b rings" wait_until 5 phone_rings b || return
	phone_do b accept
	check "they talk" wait_until 5 is_up
	wait_until 5 acked first
	rtp first 30000 "$A_HZ"
	check "media flow both ways" wait_until 10 legs_have 60
}

case_not_another() {
	local d
	d=$(dialog first)
	side other b uac_replaces_481 5102 -i 10.2.0.3 -s 1001 -inf "$TD_TMP/carol.csv" -key rtp 30004 \
		-key replaces "$d" "$(gw_ip4 b)"
	equal "another phone: 481" 0 $?
	side unknown a uac_replaces_481 5103 -s 1001 -inf "$TD_TMP/from.csv" -key rtp 30004 \
		-key replaces "x$d" "$(gw_ip4 a)"
	equal "no such dialog: 481" 0 $?
	side early a uac_replaces_486 5104 -s 1001 -inf "$TD_TMP/from.csv" -key rtp 30004 \
		-key replaces "$d;early-only" "$(gw_ip4 a)"
	equal "early-only, and it is answered: 486" 0 $?
	check "the call goes on" is_up
}

case_replace() {
	wait "$RTP_PID"
	side second a uac_replaces 5105 -s 1001 -inf "$TD_TMP/from.csv" -key rtp 30002 \
		-key replaces "$(dialog first)" "$(gw_ip4 a)" &
	SECOND_PID=$!
	wait "$FIRST_PID"
	equal "the first place is told goodbye" 0 $?
	check "one call is left" wait_until 5 is_up
	wait_until 5 acked second
	wire_start door b "udp and dst host 10.2.0.2"
	rtp second 30002 "$SECOND_HZ"
	wait "$RTP_PID"
	wire_stop door
	phone_do b hangup
	wait "$SECOND_PID"
	equal "hang-up reaches the second place" 0 $?
	phone_stop b
	check "the first place heard b" "$TD_ROOT/tests/lib/tone.py" "$TD_TMP/first.wav" "$B_HZ" 2
	check "the second place heard b" "$TD_ROOT/tests/lib/tone.py" "$TD_TMP/second.wav" "$B_HZ" 2
	at_the_door
	check "b heard the first place" "$TD_ROOT/tests/lib/tone.py" "$(phone_heard b)" "$A_HZ" 2
	check "b is sent the second place" "$TD_ROOT/tests/lib/tone.py" "$TD_TMP/door.wav" "$SECOND_HZ" 2
	nothing_left
}

run_cases case_start case_first case_not_another case_replace
