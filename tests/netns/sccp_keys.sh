#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# The keys of SCCP phones: which are shown when, transfer, conference, park, pickup, forwarding,
# do not disturb, divert; between three emulated phones and a SIP phone. Audio by its tone.
#
#   [sccp s1 1001 .11, s2 1002 .12; 440, 550 Hz] node a -- [ tandemd ] -- node b [sip b 1005, 880 Hz; sccp s3 1003]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/trio.sh"
need_root
need_daemon
need_tool python3
need_tool baresip

B_NUMBER=1005
# shellcheck disable=SC2086 # words are options
sccp_phone() {	# N NAME ADDRESS [OPTION...]
	printf "config dn 'dn%s'\n\toption number '100%s'\n\toption name '%s'\n" "$1" "$1" "$2"
	[ "$1" = 3 ] || printf "\toption pickup_group '30'\n\toption cfwd_noan '1005'\n"
	printf "config phone 's%s'\n\toption protocol 'sccp'\n\toption mac '00000000001%s'\n\toption address '%s'\n\tlist line '1:dn%s'\n" \
		"$1" "$1" "$3" "$1"
}
config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		list interface 'wan0'
		option timeout_interdigit '8'
		option timeout_busy '3'
		option transfer_mode '$MODE'
	config park 'lot'
		option number '701'
		option slots '2'
	UCI
	sccp_phone 1 One "$(sccp_addr a 11)"
	sccp_phone 2 Two "$(sccp_addr a 12)"
	sccp_phone 3 Three "$(sccp_addr b 13)"
	echo "	option softkeys_connected 'endcall hold'"	# the last one's
	printf "config phone 'bob'\n\toption name 'Bob'\n\toption number '1005'\n\toption password 'a-long-secret-of-bob'\n"
}

setup() {
	MODE=full-consult trio_house
	wire_start keys a "tcp port 2000"
	trio_phones
	phone_start b b 1005 a-long-secret-of-bob 880
	check "four phones register" wait_until 10 registered_is 4
}

calls_are() { show_has "length == $1 and all(.[]; .state == \"$2\")" show calls; }
only_call() { show_has "length == 1 and .[0].state == \"up\" and ([.[0].legs[].party] | sort == [\"$1\",\"$2\"])" show calls; }
gone() { wait_until 10 show_has 'length == 0' show calls; }
heard() { check "$1 heard $2 Hz" "$TD_ROOT/tests/lib/tone.py" "$(sccp_dir "$1")/heard.wav" "$2" "$3"; }
# for the most part: an emulated phone on a busy machine is late now and then
mixed() {
	local s
	s=$("$TD_ROOT/tests/lib/tone.py" "$(sccp_dir "$1")/heard.wav" "$2" 1 | sed 's/tone_s=\([0-9]*\).*/\1/')
	at_least "$1 heard $2 Hz, seconds" 3 "${s:-0}"
}
more_rtp() { RX=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max // 0'); wait_until 10 legs_have $((RX + ${1:-60})); }
keys_are() { check "$2: keys $3" sccp_saw "$1" "^keys .*: $3\$"; }

# call_up FROM TO NUMBER - two SCCP phones talk
call_up() {
	sccp_mark "$1" "$2"
	sccp_do "$1" enbloc "$3"
	sccp_wait "$2" '^ringer 2'
	sccp_do "$2" answer
	check "$1 talks with $2" sccp_wait "$1" '^start '
}
# s1_talks_to_b
s1_talks_to_b() {
	sccp_mark s1; phone_mark b
	sccp_do s1 enbloc 1005
	wait_until 5 phone_rings b
	phone_do b accept
	check "s1 talks with b" sccp_wait s1 '^start '
}

case_soft_keys() {
	keys_are s1 "idle, nothing dialled yet" "NewCall CFwdAll PickUp GPickUp DND"
	keys_are s3 "idle, in no pickup group" "NewCall CFwdAll PickUp DND"
	sccp_mark s1 s2
	sccp_do s1 offhook
	sccp_wait s1 '^tone 21'
	keys_are s1 "off hook" "EndCall CFwdAll PickUp GPickUp"
	sccp_do s1 digits 10
	check "digits: << and EndCall" sccp_wait s1 '^keys .*set 6: << EndCall$'
	sccp_mark s1
	sccp_do s1 digits 02
	check "proceeding" sccp_wait s1 '^keys .*set 8: EndCall$'
	sccp_wait s2 '^ringer 2'
	keys_are s2 "ringing" "Answer iDivert DND EndCall"
	sccp_mark s1 s2
	sccp_do s2 answer
	sccp_wait s1 '^start '
	keys_are s1 "talking" "Hold EndCall Transfer Confrn Park"
	keys_are s2 "talking" "Hold EndCall Transfer Confrn Park"
	sccp_mark s1
	sccp_do s1 hold
	check "holding" sccp_wait s1 '^keys .*set 2: Resume NewCall$'
	sccp_do s1 resume
	sccp_wait s1 '^start '
	sccp_mark s1
	sccp_do s1 soft transfer
	check "before the number of a transfer" sccp_wait s1 '^keys .*set 9: Redial EndCall$'
	sccp_do s1 digits 1003
	sccp_wait s3 '^ringer 2'
	check "its target rings: Transfer is there" sccp_wait s1 '^keys .*set 8: EndCall Transfer$'
	sccp_do s3 answer
	check "... and answers" sccp_wait s1 '^keys .*set 5: Hold EndCall Transfer$'
	check "it has the keys that it is configured to have" sccp_wait s3 '^keys .*set 1: EndCall Hold$'
	sccp_do s1 end
	sccp_wait s3 '^state 2'
	sccp_do s2 end
	check "no call is left" gone
	keys_are s1 "idle again" "Redial NewCall CFwdAll PickUp GPickUp DND"
}

case_consult() {
	s1_talks_to_b
	sccp_mark s1 s3
	sccp_do s1 soft transfer
	check "b waits" sccp_wait s1 '^state 8'
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits 1003
	sccp_wait s3 '^ringer 2'
	sccp_do s3 answer
	sccp_wait s1 '^state 5 line 1'
	check "s1 asks s3 first" wait_until 5 show_has 'length == 2' show calls
	sccp_mark s1
	sccp_do s1 soft transfer
	check "b and s3 talk" wait_until 5 only_call 1003 1005
	check "s1 is out of both" sccp_wait s1 '^lamp line 1 off'
	check "media flow" more_rtp
	equal "by XDP" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	sccp_do s3 end
	check "no call is left" gone
	heard s3 880 1
}

# transferred while it rings
case_consult_early() {
	call_up s1 s2 1002
	sccp_mark s1 s3
	sccp_do s1 button transfer
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits 1003
	sccp_wait s3 '^ringer 2'
	sccp_do s1 button transfer
	check "s1 is out while s3 rings" sccp_wait s1 '^lamp line 1 off'
	sccp_do s3 answer
	check "s2 and s3 talk" wait_until 5 only_call 1002 1003
	check "media flow" more_rtp
	sccp_do s2 end
	check "no call is left" gone
	heard s2 660 1
	heard s3 550 1
}

case_conference() {
	s1_talks_to_b
	sccp_mark s1 s3
	sccp_do s1 soft conference
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits 1003
	sccp_wait s3 '^ringer 2'
	sccp_do s3 answer
	check "s3 is asked" sccp_wait s1 '^keys .*set 7: Hold EndCall Confrn$'
	sccp_mark s1
	sccp_do s1 soft conference
	check "s1 is in the conference" sccp_wait s1 '^start '
	check "... and says so" sccp_saw s1 "^info .*'Conference'"
	check "three parties in two calls" wait_until 5 show_has 'length == 2 and ([.[].legs[]] | length) == 3' show calls
	more_rtp 150
	sccp_do s1 end
	check "s1 leaves, the others stay" sccp_wait s1 '^state 2'
	check "... two parties" wait_until 5 show_has '([.[].legs[]] | length) == 2' show calls
	sccp_do s3 end
	check "no call is left" gone
	mixed s1 660+880
	mixed s3 440+880
}

case_park() {
	s1_talks_to_b
	sccp_mark s1
	sccp_do s1 soft park
	check "parked, and s1 is told where" sccp_wait s1 "^note 'Call Park At 701'"
	check "s1 is idle" sccp_wait s1 '^state 2'
	sccp_mark s3
	sccp_do s3 enbloc 701
	check "s3 takes it from there" wait_until 5 only_call 1003 1005
	check "media flow" more_rtp
	sccp_do s3 end
	check "no call is left" gone
	heard s3 880 1
}

case_pickup() {
	sccp_mark s1 s3 s2; phone_mark b
	phone_do b dial "sip:1002@$(gw_ip4 b)"
	sccp_wait s2 '^ringer 2'
	sccp_do s3 soft pickup
	sccp_wait s3 '^tone 21'
	sccp_do s3 digits 1002
	check "PickUp and the number: s3 has it" wait_until 5 only_call 1003 1005
	check "s2 is quiet" sccp_wait s2 '^state 2'
	check "media flow" more_rtp
	sccp_do s3 end
	check "no call is left" gone
	heard s3 880 1
	sccp_mark s1 s2; phone_mark b
	phone_do b dial "sip:1002@$(gw_ip4 b)"
	sccp_wait s2 '^ringer 2'
	sccp_do s1 soft gpickup
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits '*'
	check "GPickUp and *: the own group" wait_until 5 only_call 1001 1005
	sccp_do s1 end
	check "no call is left" gone
	sccp_mark s3 s2; phone_mark b
	phone_do b dial "sip:1002@$(gw_ip4 b)"
	sccp_wait s2 '^ringer 2'
	sccp_do s3 soft gpickup
	sccp_wait s3 '^tone 21'
	sccp_do s3 digits '30#'
	check "GPickUp and a group's number" wait_until 5 only_call 1003 1005
	sccp_do s3 end
	check "no call is left" gone
	sccp_mark s3
	sccp_do s3 soft pickup
	sccp_wait s3 '^tone 21'
	sccp_do s3 digits 1002
	check "nothing rings there: reorder" sccp_wait s3 '^tone 25'
	sccp_do s3 onhook
	sccp_wait s3 '^state 2'
}

forward_off() { sccp_mark s2; sccp_do s2 soft cfwdall; sccp_wait s2 '^forward line 1 any 0 all 0'; }
case_forward() {
	local old
	sccp_mark s2
	sccp_do s2 soft cfwdall
	sccp_wait s2 '^tone 21'
	sccp_do s2 digits 1003
	check "CFwdAll and a number: the phone shows it" sccp_wait s2 "^forward line 1 any 1 all 1 '1003'"
	check "... on its display" sccp_wait s2 "^prompt line 0 'Forwarded to 1003'"
	sccp_mark s1 s3 s2
	sccp_do s1 enbloc 1002
	check "calls go there" sccp_wait s3 '^ringer 2'
	check "... and not to s2" bash -c "! grep -q . <(tail -n +$(($(cat "$(sccp_dir s2)/mark") + 1)) $(sccp_dir s2)/log | grep '^ringer 2')"
	sccp_do s1 end
	gone
	old=$(worker_pid)
	kill -KILL "$old"
	check "the worker dies, a new one is there" wait_until 5 new_worker "$old"
	sccp_mark s2 s3
	sccp_do s1 enbloc 1002
	check "forwarding outlives it" sccp_wait s3 '^ringer 2'
	sccp_do s1 end
	gone
	sccp_do s2 close
	sccp_do s2 connect
	check "a phone that comes again is told" sccp_wait s2 "^forward line 1 any 1 all 1 '1003'"
	check "... and is registered" sccp_wait s2 '^registered'
	check "CFwdAll again takes it back" forward_off
	sccp_mark s1 s2
	sccp_do s1 enbloc 1002
	check "s2 rings again" sccp_wait s2 '^ringer 2'
	sccp_do s1 end
	check "no call is left" gone
}

case_dnd() {
	sccp_mark s3 s1
	sccp_do s3 soft dnd
	check "DND is shown" sccp_wait s3 "^prompt line 0 'DND'"
	sccp_do s1 enbloc 1003
	check "the caller hears busy" sccp_wait s1 '^tone 23'
	sccp_do s1 onhook
	gone
	sccp_mark s3 s1
	sccp_do s3 soft dnd
	check "off again" sccp_wait s3 "^prompt line 0 'Your current options'"
	sccp_do s1 enbloc 1003
	check "s3 rings" sccp_wait s3 '^ringer 2'
	sccp_mark s3
	sccp_do s3 soft dnd
	check "DND while it rings: quiet" sccp_wait s3 '^ringer 1'
	check "... the caller is not refused" calls_are 1 alerting
	sccp_do s1 end
	check "no call is left" gone
	sccp_mark s1 s2; phone_mark b
	sccp_do s1 enbloc 1002
	sccp_wait s2 '^ringer 2'
	sccp_do s2 soft idivert
	check "iDivert: the call goes to cfwd_noan" wait_until 5 phone_rings b
	check "... s2 is quiet" sccp_wait s2 '^state 2'
	sccp_do s1 end
	check "no call is left" gone
}

# timeouts busy: a call that is transferred reaches a number that is busy
case_transfer_busy() {
	call_up s1 s2 1002
	sccp_mark s3
	sccp_do s3 soft dnd
	sccp_wait s3 "^prompt line 0 'DND'"
	sccp_mark s1
	sccp_do s1 soft transfer
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits 1003
	check "the target of a transfer is busy: heard" sccp_wait s1 '^tone 23'
	check "... for timeout_busy, then it is quiet" sccp_wait s1 '^state 2' 8
	sccp_mark s1
	sccp_do s1 resume
	check "and the first call goes on" sccp_wait s1 '^start '
	sccp_do s3 soft dnd
	sccp_do s1 end
	check "no call is left" gone
}

case_blind() {
	MODE=full-blind config >"$TD_CONF"
	check "transfer_mode full-blind" td reload
	s1_talks_to_b
	sccp_mark s1 s3
	sccp_do s1 soft transfer
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits 1003
	check "s3 rings" sccp_wait s3 '^ringer 2'
	check "... with b as the caller" sccp_saw s3 "^info type 1 from '1005' 'Bob'"
	check "s1 is out" sccp_wait s1 '^lamp line 1 off'
	sccp_do s3 answer
	check "b and s3 talk" wait_until 5 only_call 1003 1005
	check "media flow" more_rtp
	sccp_do s3 end
	check "no call is left" gone
	heard s3 880 1
	s1_talks_to_b
	sccp_mark s1
	sccp_do s1 soft transfer
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits 1005
	check "to a number that is busy: s1 is told" sccp_wait s1 "^note 'Cannot Complete Transfer'"
	sccp_do s1 resume
	check "... and has the call still" wait_until 5 only_call 1001 1005
	sccp_do s1 end
	check "no call is left" gone
}

case_clean() {
	wire_stop keys
	equal "tshark: no malformed frame from the router" "" "$(tshark -n -r "$TD_TMP/keys.pcap" \
		-Y '_ws.malformed and tcp.srcport == 2000' -T fields -e skinny.messageId 2>/dev/null)"
	for s in s1 s2 s3; do check "$s met nothing that it does not know" sccp_clean $s; done
}

setup
run_cases case_soft_keys case_consult case_consult_early case_conference case_park case_pickup \
	case_forward case_dnd case_transfer_busy case_blind case_clean
