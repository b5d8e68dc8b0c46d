#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
#
# What the office allows: numbers that are blocked after hours, the code that overrides, night
# service and its code, callers that hide, a line that takes one call.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp; carrier: 7001]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

# the day after tomorrow in the office, which is another one in two days' time
other_day() { TZ=Asia/Tokyo date -d '+3 days' +%a; }
sections() {
	cat <<-UCI
	config afterhours 'afterhours'
		list hours 'everyday 00:00 24:00'
		list block '909'
		list block '112'
		list block_always '90190'
		option override_code '*88'
	config nightservice 'nightservice'
		list hours '$(other_day) 00:00 24:00'
		option code '*99'
	config dn 'night'
		option number '1003'
		option cfwd_night '1005'
	config dn 'narrow'
		option number '1006'
		option channels '1'
		option cfwd_busy '1005'
	config fac 'fac'
		option enable '1'
	config huntgroup 'desk'
		option number '1020'
		list member '1001'
		list member '1003'
	config trunk 'carrier'
		option host '$(node_ip4 b)'
		option port '7001'
		option identity '1'
	config dialpeer 'out'
		option destination_pattern '9T'
		option trunk 'carrier'
		option strip_digits '1'
	config dialpeer 'help'
		option destination_pattern '112'
		option trunk 'carrier'
		option emergency '1'
	UCI
}

# reaches TEXT NUMBER PORT - 1001 dials NUMBER, and the call is taken at PORT. LAST_B is who took it
reaches() {
	local b
	PAIRS=$((PAIRS + 1))
	LAST_A=to-$PAIRS-a LAST_B=to-$PAIRS-b
	side "$LAST_B" b uas_basic "$3" &
	b=$!
	wait_until 5 listens b "$3"
	check "$1" caller "$LAST_A" uac_basic "$2"
	wait "$b"
	equal "... and is taken there" 0 $?
}

case_start() {
	lab_setup
	OFFICE_GLOBAL="	option timezone 'Asia/Tokyo'
	option caller_id_block_code '*67'"
	OFFICE_MORE=$(sections)
	TD_CONF=$TD_TMP/tandem
	pair_config >"$TD_CONF"
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	check "tandemd takes calls" daemon_start "$TD_CONF"
}

case_after_hours() {
	alone "after hours: 403" uac_403 909123
	equal "tandem route says why" after-hours \
		"$(tdj route 909123 from 1001 | jq -r '.choices[0].verdict')"
	reaches "another number" 908123 7001
	reaches "the code before the number overrides" '*88909123' 7001
	told "$LAST_B" "the carrier gets the number alone" '^INVITE sip:09123@'
	alone "blocked at any hour, with the code too: 403" uac_403 '*8890190'
	reaches "emergency calls go through" 112 7001
	sed -i "s/everyday 00:00 24:00/$(other_day) 00:00 24:00/" "$TD_CONF"
	tdj reload >/dev/null
	reaches "in the office's hours" 909123 7001
	alone "but what is blocked at any hour: 403" uac_403 90190
}

# dial CODE - which is answered and over
dial() { caller "code-$RANDOM" uac_waits "$1" -key rtp 30000; }

case_night() {
	reaches "by day a call comes to its number" 1003 6003
	check "the code switches night service on" dial '*99'
	reaches "by night it goes elsewhere" 1003 6005
	check "the worker is killed" worker_again
	reaches "it is still night for the next one" 1003 6005
	check "and off" dial '*99'
	reaches "by day again" 1003 6003
}

# *4 is for who wants no calls of his hunt groups; what comes of it is in unit/ladder_office
case_logged_out() {
	check "1001 logs out" dial '*4'
	check "tandem show ephone-hunt says so" show_has '.[0].logged_out == ["1001"]' show ephone-hunt
	check "the worker is killed" worker_again
	check "... and it is still out" show_has '.[0].logged_out == ["1001"]' show ephone-hunt
	check "it logs in" dial '*4'
	check "the worker is killed again" worker_again
	check "... and it is still in" show_has '.[0].logged_out == []' show ephone-hunt
}

case_hidden() {
	reaches "the code before the number hides the caller" '*671002' 6002
	told "$LAST_B" "a phone learns nothing" '^From: *"Anonymous" *<sip:anonymous@anonymous\.invalid'
	equal "nowhere" "" "$(grep -a 'sip:1001' "$TD_TMP/sipp-$LAST_B/messages")"
	reaches "by a trunk" '*67908123' 7001
	told "$LAST_B" "the called one is not told" '^From: *"Anonymous" *<sip:anonymous@anonymous\.invalid'
	told "$LAST_B" "the carrier is, and that it is private" '^P-Asserted-Identity: *<sip:1001@'
	told "$LAST_B" "Privacy" '^Privacy: *id'
	reaches "for help nothing is hidden" '*67112' 7001
	told "$LAST_B" "who calls" '^From:.*<sip:1001@'
}

case_channels() {
	local a b
	called held-b uas_basic 1006
	b=$SIDE_PID
	caller held-a uac_waits 1006 -key rtp 30000 &
	a=$!
	check "1006 is in a call" wait_until 5 show_has 'any(.[]; .to == "1006" and .state == "up")' show calls
	reaches "one more is busy there, and goes on" 1006 6005
	told "$LAST_B" "Diversion: user-busy" '^Diversion: <sip:1006@.*;reason=user-busy'
	tdj hangup "$(tdj show calls | jq -r '.[0].id')" >/dev/null
	wait "$a"
	equal "the first call is hung up" 0 $?
	wait "$b"
	equal "... on both sides" 0 $?
	nothing_left
}

run_cases case_start case_after_hours case_night case_logged_out case_hidden case_channels
