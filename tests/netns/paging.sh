#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
#
# Paging and intercom: phones that answer by themselves. Both members hear who pages, who hears
# nobody; the intercom is heard both ways; a call from the intercom's number rings as any other.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [phone b, phone c]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

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
	config paging 'all'
		option number '7000'
		list member '$A_NUMBER'
		list member '$B_NUMBER'
		list member '$C_NUMBER'
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
	check "three phones register" wait_until 10 registered_is 3
}

case_start() {
	lab_setup
	# shellcheck disable=SC2034 # office_config prints it
	OFFICE_MORE=$(sections)
	TD_CONF=$TD_TMP/tandem
	office_config auto >"$TD_CONF"
	check "tandemd takes calls" daemon_start "$TD_CONF"
	phones_up
}

case_page() {
	phone_do a dial "$(at_gw 7000 a)"
	check "a and both members are in" wait_until 10 calls_are 3 conference
	check "b hears" wait_until 10 recorded b 3
	check "c hears" wait_until 10 recorded c 3
	has "b was asked to answer by itself" '^Call-Info: .*;answer-after=0' "$(phone_dir b)/log"
	phone_do a hangup
	nothing_up
	phone_stop a b c
	heard b "$A_HZ" 2
	heard c "$A_HZ" 2
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
