#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
#
# SCCP phones call each other and SIP phones: digit by digit and at once, hold, second calls,
# what fails. Audio is checked by its tone at both ends, the path by the daemon's own word.
#
#   [sccp s1 1001 .11, s2 1002 .12; 440, 550 Hz] node a -- [ tandemd ] -- node b [sip b 1005, 880 Hz; sccp s3 1003]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/trio.sh"
need_root
need_daemon
need_tool python3
need_tool baresip

B_NUMBER=1005
config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		list interface 'wan0'
		option timeout_interdigit '2'
		option timeout_busy '3'
	UCI
	printf "config phone 's%s'\n\toption protocol 'sccp'\n\toption mac '00000000001%s'\n\toption address '%s'\n\toption name '%s'\n\toption number '100%s'\n" \
		1 1 "$(sccp_addr a 11)" One 1 2 2 "$(sccp_addr a 12)" Two 2 3 3 "$(sccp_addr b 13)" Three 3
	printf "config phone 'bob'\n\toption name 'Bob'\n\toption number '1005'\n\toption password 'a-long-secret-of-bob'\n"
	printf "config fac 'fac'\n\toption enable '1'\n"
	printf "config phone 'long'\n\toption number '10051'\n\toption password 'a-long-secret-of-long'\n"
}

setup() {
	trio_house
	trio_phones
	phone_start b b 1005 a-long-secret-of-bob 880
	check "four phones register" wait_until 10 registered_is 4
}

up() { show_has 'length == 1 and .[0].state == "up"' show calls; }
gone() { wait_until 10 show_has 'length == 0' show calls; }
heard() { "$TD_ROOT/tests/lib/tone.py" "$(sccp_dir "$1")/heard.wav" "$2" "$3"; }
paths() { tdj show calls | jq -r '[.[0].legs[].path]|join(" ")'; }

case_sccp_to_sccp() {
	local udp
	wire_start calls a "tcp port 2000"
	sccp_mark s1 s3
	sccp_do s1 offhook
	check "dial tone" sccp_wait s1 '^tone 21'
	sccp_do s1 digits 1003
	check "the number is dialled with its last digit" sccp_wait s1 "^dialed '1003'"
	check "the called phone rings" sccp_wait s3 '^ringer 2 line 1'
	check "... and shows who calls" sccp_wait s3 "^info type 1 from '1001' 'One' to '1003' 'Three'"
	check "ring-back" sccp_wait s1 '^tone 24'
	sccp_do s3 offhook
	check "connected" sccp_wait s1 '^state 5'
	check "both are told where to send" sccp_wait s1 "^start $(gw_ip4 a) [0-9]+ payload [24] ms 20 tos 184"
	check "the call is up" wait_until 5 up
	check "media flow" wait_until 10 legs_have 25
	udp=$(udp_in router)
	check "200 packets each way" wait_until 20 legs_have 200
	equal "by XDP" "xdp xdp" "$(paths)"
	equal "no UDP packet reached the router's sockets" "$udp" "$(udp_in router)"
	sccp_do s1 onhook
	check "the other one is told" sccp_wait s3 '^state 2'
	check "no call is left" gone
	check "s3 heard 440 Hz" heard s3 440 2
	check "s1 heard 660 Hz" heard s1 660 2
	wire_stop calls
	equal "tshark: no malformed frame from the router" "" "$(tshark -n -r "$TD_TMP/calls.pcap" \
		-Y '_ws.malformed and tcp.srcport == 2000' -T fields -e skinny.messageId 2>/dev/null)"
}

# keys_reach_b PHONE - they are messages here and RFC 4733 there
events_of_b() { [ "$(wire_count dtmf "rtp.p_type == 101 and ip.dst == $(node_ip4 b)")" -ge 3 ]; }
keys_reach_b() {
	wire_start dtmf b udp
	sccp_do "$1" digits 7
	check "a key reaches b as RFC 4733" wait_until 5 events_of_b
	wire_stop dtmf
}

case_sccp_to_sip() {
	sccp_mark s2; phone_mark b
	sccp_do s2 enbloc 1005
	check "a whole number at once: b rings" wait_until 10 phone_rings b
	phone_do b accept
	check "connected" sccp_wait s2 '^state 5'
	check "media flow" wait_until 10 legs_have 150
	equal "by XDP" "xdp xdp" "$(paths)"
	keys_reach_b s2
	sccp_do s2 hold
	check "hold" sccp_wait s2 '^state 8'
	check "... the call is held" wait_until 5 show_has '.[0].state == "held"' show calls
	check "... lamp winks" sccp_saw s2 '^lamp line 1 wink'
	sccp_mark s2
	sccp_do s2 resume
	check "resume" sccp_wait s2 '^start '
	check "... the call is up" wait_until 5 up
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max')
	check "... media flow again" wait_until 10 legs_have $((n + 100))
	phone_do b hangup
	check "b hangs up: the phone is idle" sccp_wait s2 '^state 2'
	check "no call is left" gone
	check "s2 heard 880 Hz" heard s2 880 1
	check "b heard 550 Hz" "$TD_ROOT/tests/lib/tone.py" "$(phone_heard b)" 550 1
}

case_sip_to_sccp() {
	sccp_mark s1; phone_mark b
	phone_do b dial "sip:1001@$(gw_ip4 b)"
	check "s1 rings" sccp_wait s1 '^ringer 2'
	check "... says who calls" sccp_saw s1 "^prompt line 1 'From 1005'"
	sccp_do s1 answer
	check "answer by soft key" phone_wait b CALL_ESTABLISHED
	check "media flow" wait_until 10 legs_have 150
	equal "by XDP" "xdp xdp" "$(paths)"
	sccp_do s1 digits 5
	keys_reach_b s1
	check "a key of the phone is heard as digit" wait_until 5 show_has \
		'[.legs[].digits] | index("57") != null' show call "$(tdj show calls | jq '.[0].id')"
	sccp_do s1 end
	check "EndCall reaches b" phone_wait b CALL_CLOSED
	check "no call is left" gone
	check "s1 heard 880 Hz" heard s1 880 1
}

case_numbers() {
	sccp_mark s1
	sccp_do s1 offhook
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits 2
	check "no number begins so: reorder" sccp_wait s1 '^tone 25'
	check "... said on the display" sccp_saw s1 "^prompt line 1 'Unknown Number'"
	check "... and quiet after timeout_busy" sccp_wait s1 '^state 2' 6
	sccp_mark s1; phone_mark b
	sccp_do s1 offhook
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits 1005
	check "1005 could go on: dialled after the interdigit timeout" sccp_wait s1 "^dialed '1005'" 5
	wait_until 5 phone_rings b
	sccp_do s1 onhook
	gone
	sccp_mark s1; phone_mark b
	sccp_do s1 offhook
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits '1005#'
	check "# ends it" sccp_wait s1 "^dialed '1005'" 1
	check "... it rings" wait_until 5 phone_rings b
	sccp_do s1 onhook
	check "hung up before the answer" gone
	sccp_mark s1
	sccp_do s1 offhook
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits 100
	check "an incomplete number is no number" sccp_wait s1 '^tone 25' 5
	sccp_do s1 onhook
	sccp_wait s1 '^state 2'
	sccp_mark s1
	sccp_do s1 enbloc 10051
	check "a phone that is not there: reorder" sccp_wait s1 '^tone 25'
	sccp_do s1 onhook
	gone
	sccp_mark s1; phone_mark b
	sccp_do s1 enbloc 1005
	wait_until 5 phone_rings b
	phone_do b hangup
	check "refused by b: busy" sccp_wait s1 '^tone 23'
	sccp_do s1 onhook
	check "no call is left" gone
}

# s1 talks with s2, s3 calls: waiting tone, answer holds the first, end, resume
case_two_calls() {
	sccp_mark s1 s2 s3
	sccp_do s1 enbloc 1002
	sccp_wait s2 '^ringer 2'
	sccp_do s2 answer
	sccp_wait s1 '^start '
	check "one call is up" wait_until 5 up
	sccp_mark s1
	sccp_do s3 enbloc 1001
	check "call waiting tone" sccp_wait s1 '^tone 2d'
	sccp_do s1 answer
	check "the first call is held" wait_until 5 show_has \
		'length == 2 and .[0].state == "held" and .[1].state == "up"' show calls
	sccp_mark s1
	sccp_do s1 end
	check "the second ends" wait_until 5 show_has 'length == 1 and .[0].state == "held"' show calls
	sccp_do s1 resume
	check "the first goes on" wait_until 5 up
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max')
	check "... with media" wait_until 10 legs_have $((n + 50))
	sccp_mark s2
	sccp_do s1 close
	check "the phone vanishes: the other one is told" sccp_wait s2 '^state 2'
	check "no call is left" gone
	sccp_do s1 connect
	check "it comes again" wait_until 10 registered_is 4
}

case_third_party() {
	sccp_mark s1 s3
	check "tandem call 1001 1003" td call 1001 1003
	check "s1 rings" sccp_wait s1 '^ringer 2'
	sccp_do s1 offhook
	check "then s3 rings" sccp_wait s3 '^ringer 2'
	sccp_do s3 answer
	check "media flow" wait_until 10 legs_have 50
	equal "by XDP" "xdp xdp" "$(paths)"
	check "hang-up by order" td hangup "$(tdj show calls | jq '.[0].id')"
	check "both are idle" sccp_wait s3 '^state 2'
	check "no call is left" gone
}

# keys of the phone beyond the plain call: redial, <<, line and hold buttons, speaker
case_keys() {
	sccp_mark s1 s3
	sccp_do s1 offhook
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits 109
	check "no number begins with 109" sccp_wait s1 '^tone 25'
	sccp_do s1 onhook
	sccp_wait s1 '^state 2'
	sccp_mark s1
	sccp_do s1 soft newcall
	check "NewCall: dial tone" sccp_wait s1 '^tone 21'
	sccp_do s1 digits 10
	sccp_wait s1 '^keys .* set 6'
	sccp_do s1 soft backspace
	check "<< takes a digit back" sccp_wait s1 '^backspace'
	sccp_do s1 digits 003
	check "... and 1-0-0-3 is what is dialled" sccp_wait s1 "^dialed '1003'"
	sccp_wait s3 '^ringer 2'
	sccp_do s3 button line 1
	check "the line's button answers" sccp_wait s1 '^start '
	sccp_do s3 button hold
	check "the hold button holds" sccp_wait s3 '^state 8'
	sccp_mark s3
	sccp_do s3 button line 1
	check "the line's button resumes" sccp_wait s3 '^start '
	sccp_do s3 button release
	check "the release button ends" sccp_wait s1 '^state 2'
	gone
	sccp_mark s1 s3
	sccp_do s1 soft redial
	check "Redial: 1003 again" sccp_wait s1 "^dialed '1003'"
	sccp_wait s3 '^ringer 2'
	sccp_do s3 end
	check "EndCall of a ringing call: the caller hears busy" sccp_wait s1 '^tone 23'
	sccp_do s1 onhook
	check "no call is left" gone
	sccp_mark s1
	sccp_do s1 soft transfer
	check "a key without function is said to be so" sccp_wait s1 "^prompt line 0 'Key Is Not Active'"
}

# whoever waits for whom: the phone with a display is told, the other one is rung
case_call_back() {
	sccp_mark s2 s3; phone_mark b
	sccp_do s3 soft dnd
	sccp_wait s3 "^prompt line 0 'DND'"
	phone_do b dial "sip:1003@$(gw_ip4 b)"
	check "s3 does not want to be called: b hears busy" phone_wait b CALL_CLOSED
	sccp_do s3 soft dnd
	sccp_do s2 enbloc 1003
	sccp_wait s3 '^ringer 2'
	sccp_do s3 answer
	wait_until 5 up
	phone_mark b
	phone_do b dial "sip:*37@$(gw_ip4 b)"
	check "b waits for s3" wait_until 5 show_has '.call_back == "1003"' show phone bob
	phone_wait b CALL_CLOSED
	phone_mark b; sccp_mark s3
	sccp_do s2 end
	check "s3 is free: b is rung" wait_until 10 phone_rings b
	check "... and waits no more" show_has '.call_back == null' show phone bob
	phone_do b accept
	check "b answers: s3 is called" sccp_wait s3 '^ringer 2'
	sccp_do s3 answer
	check "both talk" wait_until 10 legs_have 25
	phone_do b hangup
	check "no call is left" gone
	sccp_mark s1; phone_mark b
	sccp_do s1 enbloc 1005
	wait_until 5 phone_rings b
	check "b does not answer: s1 may wait" sccp_wait s1 '^keys .*set 8: EndCall CallBack$'
	sccp_do s1 soft callback
	check "s1 waits" sccp_wait s1 "^note 'CallBack'"
	gone
	sccp_mark s1 s3; phone_mark b
	phone_do b dial "sip:1003@$(gw_ip4 b)"
	sccp_wait s3 '^ringer 2'
	check "b is on the phone: s1 waits still" show_has '.call_back == "1005"' show phone s1
	phone_do b hangup
	check "b is there again: s1 is told" sccp_wait s1 "^note 'CallBack1005'"
	gone
}

case_clean() {
	for s in s1 s2 s3; do check "$s met nothing that it does not know" sccp_clean $s; done
}

setup
run_cases case_sccp_to_sccp case_sccp_to_sip case_sip_to_sccp case_numbers case_two_calls \
	case_third_party case_keys case_call_back case_clean
