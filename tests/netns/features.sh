#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What phones get by dialling: music on hold, park and taking back (also after the worker's
# death), pickup, a conference of three; each by what the phones hear.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [phone b, phone c]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

C_NUMBER=1003 C_HZ=1320 MOH_HZ=660
features() {
	cat <<-UCI
	config phone 'carol'
		option protocol 'sip'
		option number '$C_NUMBER'
		option password 'a-long-secret-of-carol'
	config moh 'moh'
		option file '$TD_TMP/moh.wav'
	config fac 'fac'
		option enable '1'
	config park 'lot'
		option number '701'
		option slots '2'
	config conference 'room'
		option number '6000'
	UCI
}

at_gw() { echo "sip:$1@$(gw_ip4 "${2:-b}")"; }
calls_are() { show_has "length == $1 and all(.[]; .state == \"$2\")" show calls; }
heard() { check "$1 heard $2 Hz" "$TD_ROOT/tests/lib/tone.py" "$(phone_heard "$1")" "$2" "$3"; }
only_call() { show_has "length == 1 and .[0].state == \"up\" and ([.[0].legs[].party] | sort == [\"$1\",\"$2\"])" show calls; }
# the newest recording of a phone holds so many seconds
# shellcheck disable=SC2012 # our own names
recorded() { [ "$(stat -c %s "$(ls -t "$(phone_dir "$1")"/dump-*-dec.wav | head -1)")" -ge $(($2 * 16000)) ]; }
captured() { [ "$(stat -c %s "$(wire_file "$1")")" -ge "$2" ]; }

# music NAME - what a is sent now, from its wire: baresip drops a stream whose time stamps are
# lower than those of the one before
music() {
	wire_start "$1" a "udp and dst host $(node_ip4 a)"
	wait_until 10 captured "$1" 40000
	wire_stop "$1"
	wire_read "$1" rtp rtp.payload | tr -d ':\n' |
		python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' |
		sox -t raw -r 8000 -e u-law -b 8 -c 1 - -b 16 -e signed "$TD_TMP/$1.wav"
	check "$1: music at a's door" "$TD_ROOT/tests/lib/tone.py" "$TD_TMP/$1.wav" "$MOH_HZ" 2
}

nothing_up() { check "no call is left" wait_until 10 show_has 'length == 0' show calls; }

phones_up() {
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	phone_start c b "$C_NUMBER" a-long-secret-of-carol "$C_HZ" 5070
	check "three phones register" wait_until 10 registered_is 3
}

case_start() {
	lab_setup
	tone_wav "$TD_TMP/moh.wav" "$MOH_HZ" 20
	# shellcheck disable=SC2034 # office_config prints it
	OFFICE_MORE=$(features)
	TD_CONF=$TD_TMP/tandem
	office_config auto >"$TD_CONF"
	check "tandemd takes calls" daemon_start "$TD_CONF"
	phones_up
}

case_park() {
	local old
	call_up || return
	wait_until 10 legs_have 20
	phone_mark b
	phone_do b transfer "$(at_gw 701)"
	check "b is out" phone_wait b CALL_CLOSED
	check "a is parked" wait_until 5 calls_are 1 parked
	music parked
	equal "its path" local "$(leg_of 1001 path)"
	old=$(worker_pid)
	kill -KILL "$old"
	check "a new worker is there" wait_until 3 new_worker "$old"
	check "a is parked still" calls_are 1 parked
	music "parked-again"
	phone_do c dial "$(at_gw 701)"
	phone_mark c
	check "c takes the call from the slot" wait_until 5 only_call 1001 1003
	check "media flow both ways" wait_until 10 show_has '[.[0].legs[].rx_packets] | min >= 120' show calls
	equal "in the kernel" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	phone_do a hangup
	nothing_up
	phone_stop c
	heard c "$A_HZ" 1
}

case_hold() {
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	phone_do b hold
	check "b holds" wait_until 5 calls_are 1 held
	music held
	phone_do b resume
	check "b resumes" wait_until 5 calls_are 1 up
	phone_do a hangup
	nothing_up
}

case_pickup() {
	phone_stop a b
	rm -f "$TD_TMP"/phone-?/dump-*
	phones_up
	phone_mark b
	phone_do a dial "$(at_gw "$B_NUMBER" a)"
	check "b rings" wait_until 5 phone_rings b
	phone_do c dial "$(at_gw "**5$B_NUMBER")"
	check "c has the call" wait_until 5 only_call 1001 1003
	check "b rings no more" phone_wait b CALL_CLOSED
	check "media flow both ways" wait_until 10 legs_have 80
	phone_do a hangup
	nothing_up
}

case_conference() {
	phone_do a dial "$(at_gw 6000 a)"
	phone_do b dial "$(at_gw 6000)"
	phone_do c dial "$(at_gw 6000)"
	check "three are in" wait_until 5 calls_are 3 conference
	check "... and hear" wait_until 10 recorded a 3
	phone_do a hangup
	phone_do b hangup
	phone_do c hangup
	nothing_up
	phone_stop a b c
	heard a "$B_HZ+$C_HZ" 1
	heard b "$A_HZ+$C_HZ" 1
}

run_cases case_start case_park case_hold case_pickup case_conference
