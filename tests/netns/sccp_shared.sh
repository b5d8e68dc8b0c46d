#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
#
# A shared line: 1100 is on s1, s2 and s3. All ring, the first answer wins, the others see that it
# is in use and with whom; what one holds another resumes; others join who talks (cBarge), in a mixer,
# and bring more; who is left when two are left has no mixer between them, whoever they are. A phone
# with privacy shows nothing of that, and its key switches that during the call. A SIP phone of the line
# resumes and joins, too (RFC 3891 and 3911, by the names of RFC 4235).
# All of it goes on after the worker's death.
#
#   [sccp s1 .11, s2 .12; 440, 540 Hz] node a -- [ tandemd ] -- node b [sip b 1005, 880 Hz; sccp s3 .13, 660 Hz]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/trio.sh"
source "$TD_ROOT/tests/lib/sipp.sh"
need_root
need_daemon
need_tool python3
need_tool baresip
need_tool sipp
SCENARIOS=$TD_ROOT/tests/netns/sipp
SAM=10.2.0.3

B_NUMBER=1005
config() {	# [PRIVACY-OF-S1 [MORE-OF-GLOBAL]]
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		list interface 'wan0'
		option timeout_busy '3'
		${2:-}
	config dn 'office'
		option number '1100'
		option name 'Office'
		option channels '2'
	${WITH_SAM:-}
	config phone 'bob'
		option name 'Bob'
		option number '1005'
		option password 'a-long-secret-of-bob'
	UCI
	printf "config phone 's%s'\n\toption protocol 'sccp'\n\toption mac '00000000001%s'\n\toption address '%s'\n\tlist line '1:office'\n" \
		3 3 "$(sccp_addr b 13)" 2 2 "$(sccp_addr a 12)" 1 1 "$(sccp_addr a 11)"
	printf "\tlist button '2:privacy'\n"
	[ -z "${1:-}" ] || printf "\toption privacy '%s'\n" "$1"
}

case_up() {
	trio_house
	wire_start keys a "tcp port 2000"
	trio_phones 540
	phone_start b b 1005 a-long-secret-of-bob 880
	check "four phones register" wait_until 10 registered_is 4
}

gone() { check "no call is left" wait_until 10 show_has 'length == 0' show calls; }
paths() { tdj show calls | jq -r '[.[].legs[].path]|unique|join(" ")'; }
flows() { RX=$(tdj show calls | jq '[.[].legs[].rx_packets]|max // 0'); wait_until 20 legs_have $((RX + ${1:-60})); }
hears() {	# PHONE HZ - for the most part: an emulated phone on a busy machine is late now and then
	local s
	s=$("$TD_ROOT/tests/lib/tone.py" "$(sccp_dir "$1")/heard.wav" "$2" 1 | sed 's/tone_s=\([0-9]*\).*/\1/')
	at_least "$1 heard $2 Hz, seconds" 1 "${s:-0}"
}

case_first_answer_wins() {
	sccp_mark s1 s2 s3; phone_mark b
	phone_do b dial "sip:1100@$(gw_ip4 b)"
	for p in s1 s2 s3; do check "$p rings" sccp_wait "$p" '^ringer 2 line 1'; done
	sccp_do s1 answer
	check "s1 has it" sccp_wait s1 '^state 5'
	check "s2 sees that it is in use" sccp_wait s2 '^state 13 line 1'
	check "... with whom" sccp_saw s2 "^info type 1 from '1005' 'Bob' to '1100'"
	check "... and can barge in" sccp_wait s2 '^keys .*set 10: NewCall cBarge$'
	check "... its lamp is on" sccp_saw s2 '^lamp line 1 on'
	check "s3 too" sccp_wait s3 '^state 13 line 1'
	check "... and does not list it as missed" sccp_saw s3 '^history 0 line 1'
	check "media flow" flows
	equal "by XDP" xdp "$(paths)"
}

case_resumed_elsewhere() {
	sccp_mark s1 s2 s3
	sccp_do s1 hold
	check "s2 sees that it is held" sccp_wait s2 '^state 8 line 1'
	check "... and can resume it" sccp_wait s2 '^keys .*set 2: Resume NewCall$'
	check "... its lamp winks" sccp_wait s2 '^lamp line 1 wink'
	sccp_do s2 resume
	check "s2 has it" sccp_wait s2 '^state 5'
	check "s1 sees that it is in use" sccp_wait s1 '^state 13 line 1'
	check "one call, of b and the line" wait_until 10 show_has \
		'length == 1 and .[0].state == "up" and ([.[0].legs[].party] | sort == ["1005", "1100"])' show calls
	check "media flow" flows 100
	equal "by XDP" xdp "$(paths)"
	sccp_mark s2
	sccp_do s2 hold
	sccp_wait s2 '^state 8'
	hears s2 880
	check "s3 sees that it is held" sccp_wait s3 '^state 8 line 1'
	sccp_mark s3
	sccp_do s3 button line 1	# its line's button does the same
	check "s3 has it" sccp_wait s3 '^start '
	check "s2 sees that" sccp_wait s2 '^state 13'
	check "media flow" flows 100
}

all_mixed() { show_has "length == $1 and all(.[].legs[]; .path == \"local\" and .rx_packets > 100)" show calls; }
direct() { show_has 'length == 1 and .[0].state == "up" and all(.[].legs[]; .path == "xdp")' show calls; }
case_barge() {
	sccp_mark s1 s2 s3
	sccp_do s1 barge
	check "s1 is in it" sccp_wait s1 '^start '
	check "all three are mixed, and send" wait_until 10 all_mixed 2
	check "... s1 sees that" sccp_wait s1 "^info .*'Conference'"
	check "... s3 too" sccp_saw s3 "^info .*'Conference'"
	sccp_do s1 end
	check "s1 is out of it" sccp_wait s1 '^state 2'
	check "... the line is in use" sccp_wait s1 '^lamp line 1 on'
	equal "s1 heard both" ok "$("$TD_ROOT/tests/lib/tone.py" "$(sccp_dir s1)/heard.wav" 660+880 1 >/dev/null && echo ok)"
	check "the two have no mixer" wait_until 10 direct
	check "... s3 sees with whom it talks" sccp_wait s3 "^info .*'1005' 'Bob'.*"
	check "media flow" flows
}

# Two come; who had the call goes, then one of them: the other one has it.
case_barged_is_gone() {
	sccp_mark s1 s2 s3
	sccp_do s1 barge
	check "s1 is in it" sccp_wait s1 '^start '
	sccp_do s2 barge
	check "s2 too" sccp_wait s2 '^start '
	check "all four are mixed, and send" wait_until 10 all_mixed 3
	sccp_do s3 end
	check "who had the call is out of it" sccp_wait s3 '^state 2'
	check "three go on" wait_until 10 show_has '[.[].legs[]]|length == 3' show calls
	sccp_do s2 end
	check "s1 has the call, without a mixer" wait_until 10 direct
	check "... and sees with whom" sccp_wait s1 "^info .*'1005' 'Bob'"
	check "media flow" flows
	sccp_mark s1
	sccp_do s1 hold
	check "s1 holds it" sccp_wait s1 '^state 8'
	check "s3 sees that" sccp_wait s3 '^state 8 line 1'
	sccp_mark s3
	sccp_do s3 resume
	check "s3 has it" sccp_wait s3 '^state 5'
	check "media flow" flows
}

case_worker_dies() {
	check "a new worker is there" worker_again
	check "media flow" flows
	sccp_mark s1 s2
	sccp_do s3 hold
	check "s1 sees that it is held" sccp_wait s1 '^state 8 line 1'
	sccp_do s1 resume
	check "s1 has it" sccp_wait s1 '^state 5'
	check "media flow" flows
	sccp_mark s2
	sccp_do s1 end
	check "s2 sees that it is over" sccp_wait s2 '^state 2'
	check "... its lamp is off" sccp_wait s2 '^lamp line 1 off'
	gone
}

case_private() {
	config 1 >"$TD_CONF"
	check "s1 has privacy" td reload
	sccp_mark s1 s2; phone_mark b
	sccp_do s1 enbloc 1005
	wait_until 10 phone_rings b
	phone_do b accept
	check "s1 talks" sccp_wait s1 '^start '
	check "s2 sees that the line is in use" sccp_wait s2 '^state 13 line 1'
	check "... nothing to barge in with" sccp_wait s2 '^keys .*set 10: NewCall$'
	check "... and not with whom" not sccp_saw s2 '^info'
	sccp_do s1 hold
	sccp_wait s1 '^state 8'
	sccp_do s2 button line 1
	check "what s1 holds is not there for s2: it gets a dial tone" sccp_wait s2 '^tone 21'
	sccp_do s2 end
	sccp_do s1 resume
	sccp_wait s1 '^state 5'
	check "s1 sees that it is private" sccp_saw s1 "^prompt .*'Private'"
}

case_private_by_key() {
	sccp_mark s1 s2
	sccp_do s1 button privacy 1
	check "s1's button goes out" sccp_wait s1 "^feature 1 type 13 state 0 'Privacy'"
	check "s2 sees with whom s1 talks" sccp_wait s2 "^info .*'1005' 'Bob'"
	check "... and can barge in" sccp_saw s2 '^keys .*set 10: NewCall cBarge$'
	check "a new worker is there" worker_again
	td reload
	sccp_mark s1 s2
	sccp_do s1 soft private
	check "... to whom that was not private any more" sccp_wait s1 "^feature 1 type 13 state 1 'Privacy'"
	check "s1 sees that it is private" sccp_saw s1 "^prompt .*'Private'"
	check "s2 sees that the line is in use" sccp_wait s2 '^state 13 line 1'
	check "... nothing to barge in with" sccp_wait s2 '^keys .*set 10: NewCall$'
	check "... and with whom no more" sccp_saw s2 "^info type . from '1100' 'Office' to '' ''"
	config 1 "option privacy_on_hold '0'" >"$TD_CONF"
	check "what is held is not private" td reload
	sccp_mark s2
	sccp_do s1 hold
	check "s2 sees whom s1 holds" sccp_wait s2 "^info .*'1005' 'Bob'"
	sccp_do s2 resume
	check "... and resumes it" sccp_wait s2 '^start '
	sccp_do s2 end
	gone
}

# as a subscription tells its name
shared_dialog() {
	tdj show calls | jq -r '[.[] | .id as $c | .legs[] | select(.party == "1100") | "\($c)-\(.id)@line;to-tag=line;from-tag=line"][0]'
}
# sam NAME SCENARIO PORT RTP-PORT - sipp in the background; its pid in SAM_PID
sam() {
	local there pt
	sipp_run "$1" b -sf "$SCENARIOS/$2.xml" -m 1 -i "$SAM" -p "$3" -s 1100 -inf "$TD_TMP/sam.csv" -key rtp "$4" \
		-key replaces "$(shared_dialog)" -trace_msg -message_file "$TD_TMP/sipp-$1/messages" "$(gw_ip4 b)" &
	SAM_PID=$!
	wait_until 10 grep -q '^ACK ' "$TD_TMP/sipp-$1/messages"
	read -r _ there _ pt _ <<<"$(grep -a '^m=audio ' "$TD_TMP/sipp-$1/messages" | tail -1 | tr -d '\r')"
	ns_exec b "$TD_ROOT/tests/lib/rtpphone.py" "$SAM" "$4" "$(gw_ip4 b)" "$there" \
		"$([ "$pt" = 8 ] && echo pcma || echo pcmu)" "$pt" 1320 5 "$TD_TMP/$1.wav" >/dev/null &
	RTP_PID=$!
}
members() { show_has "[.[] | select(.number == \"1100\") | {(.phone): .state}] | add | $1" show shared-line; }

case_sip_phone() {
	ip -n "$(lab_ns b)" addr add "$SAM/24" dev eth0
	printf 'SEQUENTIAL\n1100\n' >"$TD_TMP/sam.csv"
	WITH_SAM=$(printf "config sip 'sip'\n\toption authenticate 'auto'\nconfig phone 'sam'\n\toption address '%s'\n\tlist line '1:office'\n" "$SAM")
	config 0 >"$TD_CONF"
	check "a SIP phone has the line, too" td reload
	sccp_do s1 button privacy 1
	sccp_mark s1; phone_mark b
	sccp_do s1 enbloc 1005
	wait_until 10 phone_rings b
	phone_do b accept
	check "s1 talks" sccp_wait s1 '^start '
	check "show shared-line: each member" members '.s1 == "talking" and .s2 == "idle" and .s3 == "idle" and .sam == "idle"'
	sam joins uac_join 5103 30004
	check "sam barges in: all three are mixed, and send" wait_until 10 all_mixed 2
	check "show shared-line: two talk" members '.s1 == "talking" and .sam == "talking"'
	wait "$RTP_PID"		# the two streams that it hears, now and later, have clocks of their own
	at_least "sam heard s1 and b, seconds" 1 \
		"$("$TD_ROOT/tests/lib/tone.py" "$TD_TMP/joins.wav" 440+880 1 | sed 's/tone_s=\([0-9]*\).*/\1/')"
	sccp_do s1 end
	check "s1 goes: two are left, without a mixer" wait_until 10 show_has \
		'length == 1 and .[0].state == "up" and ([.[0].legs[].protocol] == ["sip", "sip"])' show calls
	phone_do b hangup
	wait "$SAM_PID"
	equal "... until b hangs up" 0 $?
	gone
	sccp_mark s1; phone_mark b
	sccp_do s1 enbloc 1005
	wait_until 10 phone_rings b
	phone_do b accept
	sccp_wait s1 '^start '
	sccp_do s1 hold
	check "show shared-line: s1 holds" wait_until 10 members '.s1 == "held"'
	sam resumes uac_replaces 5104 30006
	check "sam resumes what s1 holds" wait_until 10 members '.s1 == "idle" and .sam == "talking"'
	check "... s1 sees that" sccp_wait s1 '^state 13 line 1'
	check "media flow" wait_until 10 legs_have 60
	phone_do b hangup
	wait "$SAM_PID"
	equal "... until b hangs up" 0 $?
	wait "$RTP_PID"
	check "sam heard b" "$TD_ROOT/tests/lib/tone.py" "$TD_TMP/resumes.wav" 880 1
	gone
}

case_clean() {
	wire_stop keys
	for p in s1 s2 s3; do check "$p has nothing to complain of" sccp_clean "$p"; done
	equal "tshark: no malformed frame from the router" "" "$(tshark -n -r "$TD_TMP/keys.pcap" \
		-Y '_ws.malformed and tcp.srcport == 2000' -T fields -e skinny.messageId 2>/dev/null)"
}

run_cases case_up case_first_answer_wins case_resumed_elsewhere case_barge case_barged_is_gone case_worker_dies case_private case_private_by_key case_sip_phone case_clean
