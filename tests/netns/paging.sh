#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
#
# Paging and intercom: phones that answer by themselves, SIP and SCCP. All members hear who pages,
# who hears nobody; the intercom is heard both ways; a call from the intercom's number rings as any
# other. An SCCP phone's microphone is off until its user wants it.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [phone b, phone c; sccp d]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
need_root
need_daemon
need_tool python3

C_NUMBER=1003 C_HZ=1320
sections() {
	cat <<-UCI
	config phone 'carol'
		option protocol 'sip'
		list line '1:$C_NUMBER'
		list line '2:box'
		option password 'a-long-secret-of-carol'
	config dn 'box'
		option number '1103'
		option intercom '1'
	config phone 'dora'
		option protocol 'sccp'
		option mac '000000000014'
		option address '$(sccp_addr b 14)'
		list line '1:1004'
		list line '2:post'
	config dn 'post'
		option number '1104'
		option intercom '1'
	config paging 'all'
		option number '7000'
		list member '$A_NUMBER'
		list member '$B_NUMBER'
		list member '$C_NUMBER'
		list member '1004'
	UCI
}

at_gw() { echo "sip:$1@$(gw_ip4 "${2:-b}")"; }
calls_are() { show_has "length == $1 and all(.[]; .state == \"$2\")" show calls; }
heard() { check "$1 heard $2 Hz" "$TD_ROOT/tests/lib/tone.py" "$(phone_heard "$1")" "$2" "$3"; }
# shellcheck disable=SC2012 # our own names
recorded() { [ "$(stat -c %s "$(ls -t "$(phone_dir "$1")"/dump-*-dec.wav | head -1)")" -ge $(($2 * 16000)) ]; }
nothing_up() { check "no call is left" wait_until 10 show_has 'length == 0' show calls; }
phones_up() {
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	PHONE_OPTS=-s PHONE_PARAMS=";answermode=auto" phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	PHONE_OPTS=-s PHONE_PARAMS=";answermode=auto" \
		phone_start c b "$C_NUMBER" a-long-secret-of-carol "$C_HZ" 5070
	sccp_start d b SEP000000000014 17 660 --bind "$(sccp_addr b 14)"
	check "four phones register" wait_until 10 registered_is 4
}

case_start() {
	lab_setup
	sccp_add_addr b 14
	# shellcheck disable=SC2034 # office_config prints it
	OFFICE_MORE=$(sections)
	TD_CONF=$TD_TMP/tandem
	office_config auto >"$TD_CONF"
	check "tandemd takes calls" daemon_start "$TD_CONF"
	phones_up
}

case_page() {
	phone_do a dial "$(at_gw 7000 a)"
	check "a and all members are in" wait_until 10 calls_are 4 conference
	check "d answers by itself, loud" sccp_wait d '^speaker on'
	check "... its microphone is off" sccp_wait d '^microphone off'
	check "b hears" wait_until 10 recorded b 3
	check "c hears" wait_until 10 recorded c 3
	has "b was asked to answer by itself" '^Call-Info: .*;answer-after=0' "$(phone_dir b)/log"
	phone_do a hangup
	nothing_up
	phone_stop a b c
	sccp_stop d
	heard b "$A_HZ" 2
	heard c "$A_HZ" 2
	check "d heard $A_HZ Hz" "$TD_ROOT/tests/lib/tone.py" "$(sccp_dir d)/heard.wav" "$A_HZ" 2
	check "a heard nobody" silent "$(phone_heard a)"
}
silent() { sox "$1" -n stat 2>&1 | awk '/Maximum amplitude/ { exit !($3 < 0.001) }'; }

case_intercom() {
	rm -f "$TD_TMP"/phone-?/dump-*
	phones_up
	phone_do a dial "$(at_gw 1103 a)"
	check "the intercom is answered" wait_until 10 show_has 'length == 1 and .[0].state == "up"' show calls
	check "media flow both ways" wait_until 10 legs_have 150
	equal "in the kernel" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	has "by Call-Info" '^Call-Info: .*;answer-after=0' "$(phone_dir c)/log"
	phone_do a hangup
	nothing_up
	sccp_mark d
	phone_do a dial "$(at_gw 1104 a)"
	check "the SCCP phone's intercom is answered" wait_until 10 show_has 'length == 1 and .[0].state == "up"' show calls
	check "... its microphone is off" sccp_wait d '^microphone off'
	phone_do a hangup
	nothing_up
	sccp_mark d
	phone_do a dial "$(at_gw 1004 a)"
	check "its other number rings" sccp_wait d '^ringer 2 line 1'
	check "... until somebody answers" not sccp_saw d '^state 5'
	phone_do a hangup
	nothing_up
	phone_do a dial "$(at_gw "$C_NUMBER" a)"
	check "the phone's other number" wait_until 10 show_has 'length == 1 and .[0].state == "up"' show calls
	equal "is an ordinary call" 1 "$(grep -c '^Call-Info: .*;answer-after=0' "$(phone_dir c)/log")"
	phone_do a hangup
	nothing_up
	phone_stop a b c
	heard a "$C_HZ" 2
	heard c "$A_HZ" 2
}

run_cases case_start case_page case_intercom
