#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# What a line can do to a call, each on a line of its own: who calls (V.23, keys), ground start both
# ways and glare, the exchange's release by reversal, by tip and by busy tone, calls that were left
# hanging, numbers with a pause, digits that go out as an SCCP phone dials them.
#
#   [sip alice 1001, 440 Hz; sccp bob 1002] -- lan0 [ tandemd ] fxo0..fxo7 ==== [ exchange ]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
need_root
need_daemon
source "$TD_ROOT/tests/lib/fxo.sh"
need_tool multimon-ng

BOB=1002
voiceport() { printf "config voiceport 'fxo%s'\n\toption port '%s'\n" "$1" "$1"; printf "\toption %s '%s'\n" "${@:2}"; }
peer() { printf "config dialpeer 'to%s'\n\toption destination_pattern '%sT'\n\toption voiceport 'fxo%s'\n\toption strip_digits '1'\n" "$1" "$1" "$1"; }
config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		option timeout_interdigit '3'
	config sccp 'sccp'
		option overlap_signal '1'
	config phone 'alice'
		option number '$A_NUMBER'
		option password '$A_PASSWORD'
	config phone 'bob'
		option protocol 'sccp'
		option mac '000000000012'
		option address '$(sccp_addr a 12)'
		option number '$BOB'
	UCI
	voiceport 0 caller_id 1 caller_id_alerting line-reversal connection_plar $A_NUMBER plar_opx 1
	voiceport 1 caller_id 1 caller_id_alerting pre-ring connection_plar $BOB plar_opx 1 cptone de \
		impedance complex1 input_gain -6 output_attenuation 0
	voiceport 2 signal ground alerting ring ring_number 3 connection_plar $BOB
	voiceport 3 signal ground connection_plar $BOB
	voiceport 4 connection_plar $A_NUMBER timeout_ringing 5
	voiceport 5 connection_plar $BOB timeout_silence 10
	voiceport 6 connection_plar $BOB
	voiceport 7 dial_type pulse
	peer 3
	peer 6
	printf "\toption prefix '12,'\n"
	peer 7
}

case_start() {
	fxo_none
	lab_setup
	sccp_add_addr a 12
	config >"$TD_TMP/tandem"
	fxo_lines 8
	line 2 "ground 1"
	line 3 "ground 1"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	equal "all lines are ours" 8 "$(tdj show voice-port | jq '[.[]|select(.state == "idle")]|length')"
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	sccp_start bob a SEP000000000012 17 550 --bind "$(sccp_addr a 12)"
	check "the phones register" wait_until 20 registered_is 2
}

case_settings() {
	equal "the board has the line's country and impedance" "DE 4" "$(line_has 1 country) $(line_has 1 impedance)"
	equal "another the usual ones" "US 7" "$(line_has 0 country) $(line_has 0 impedance)"
}

# United Kingdom: reversal, V.23, and then it rings
case_v23() {
	phone_mark a
	line 0 reverse
	check "the reversal is seen" wait_until 10 port_is fxo0 48000 millivolts
	"$PSTN" callerid 0 441632960 "JONES" v23
	check "who calls is known before it rings" wait_until 10 grep -q "caller=441632960 name=\"JONES\"" "$TD_LOG"
	line 0 "ring 400 200 400 2000"
	check "the phone rings at the first ring" wait_until 20 phone_rings a
	check "... and shows who calls" grep -q 441632960 "$(phone_dir a)/log"
	equal "from the JONES" 441632960 "$(tdj show calls | jq -r '.[0].from')"
	phone_do a accept
	check "the line is answered" wait_until 10 off_hook 0
	check "media flow" wait_until 20 legs_have 50	# and the hook's own disturbance is over
	phone_mark a
	line 0 reverse
	check "a reversal releases the call" phone_wait a CALL_CLOSED 20
	check "the line is on hook" wait_until 10 on_hook 0
	has "by reversal" "voiceport=fxo0 released by the exchange reason=2" "$TD_LOG"
}

case_keys() {
	sccp_mark bob
	"$PSTN" callerid 1 31205551234 "" keys
	check "keys on an idle line tell who calls" wait_until 10 grep -q "caller=31205551234" "$TD_LOG"
	line 1 "ring 2000 4000"
	check "the SCCP phone rings" sccp_wait bob '^ringer 2' 20
	check "... and shows who calls" sccp_saw bob "^info type 1 from '31205551234'"
	sccp_do bob answer
	check "answered" wait_until 10 off_hook 1
	sccp_mark bob
	sccp_do bob end
	check "hung up" wait_until 10 on_hook 1
	check "no call is left" wait_until 10 no_call
}

case_ring_only() {
	sccp_mark bob
	line 2 "tip 1"
	check "tip is grounded" wait_until 10 port_is fxo2 seized
	line 2 "ring 1000 1500"
	check "two rings" wait_until 20 port_is fxo2 2 rings
	equal "are no call" 0 "$(tdj show calls | jq length)"
	check "the third is" sccp_wait bob '^ringer 2' 20
	check "answered: connection plar" wait_until 10 off_hook 2
	sccp_do bob answer
	check "the call is up" wait_until 10 call_is up
	sccp_mark bob
	line 2 "tip 0"
	check "tip open: the phone is told" sccp_wait bob '^state 2' 20
	check "the line is on hook" wait_until 10 on_hook 2
	has "by tip" "voiceport=fxo2 released by the exchange reason=3" "$TD_LOG"
}

case_ground_start_out() {
	phone_mark a
	phone_do a dial "sip:35551@$(gw_ip4 a)"
	check "ring is grounded, tip answers, the call is up" phone_wait a CALL_ESTABLISHED 30
	equal "the loop is closed" 1 "$(line_has 3 relays)"
	phone_do a hangup
	check "hung up" wait_until 10 on_hook 3
	check "no call is left" wait_until 10 no_call
}

# Both want the line, and the exchange was first: its call comes, the phone's is refused.
case_ground_start_glare() {
	check "the line is free again" wait_until 20 port_is fxo3 idle
	line 3 "seizable 0"
	phone_mark a; sccp_mark bob
	phone_do a dial "sip:35551@$(gw_ip4 a)"
	check "ring is grounded" wait_until 10 line_is 3 relays 2
	line 3 "ring 2000 4000"
	check "it rings instead: the phone's call has no line" phone_wait a CALL_CLOSED 20
	has "glare" "voiceport=fxo3 glare" "$TD_LOG"
	check "the exchange's call rings" sccp_wait bob '^ringer 2' 20
	line 3 "ring 0" "tip 0"
	sccp_do bob end
	check "no call is left" wait_until 20 no_call
	check "the line is free" wait_until 20 on_hook 3
}

case_nobody() {
	phone_mark a
	line 4 "ring 2000 4000"
	check "answered at once" wait_until 10 off_hook 4
	check "nobody answers for timeout_ringing: hung up" wait_until 20 on_hook 4
	has "said so" "voiceport=fxo4 nobody answers, given up" "$TD_LOG"
	check "no call is left" wait_until 10 no_call
}

case_silence() {
	sccp_mark bob
	line 5 "ring 2000 4000"
	check "bob rings" sccp_wait bob '^ringer 2' 20
	sccp_do bob mute
	sccp_do bob answer
	check "the call is up" wait_until 10 call_is up
	check "nobody says anything: hung up" wait_until 30 on_hook 5
	has "said so" "voiceport=fxo5 nobody says anything, given up" "$TD_LOG"
	check "no call is left" wait_until 10 no_call
}

# En bloc: the prefix, its pause and the number
case_pause() {
	phone_mark a
	ears 6 "$TD_TMP/out.wav"
	phone_do a dial "sip:65551234@$(gw_ip4 a)"
	check "answered when the digits are sent" phone_wait a CALL_ESTABLISHED 40
	quiet
	equal "multimon-ng heard" 125551234 "$(heard_keys "$TD_TMP/out.wav")"
	equal "with the pause" 12,5551234 "$("$PSTN" keys "$TD_TMP/out.wav")"
	phone_mark a
	busy 6
	check "busy tone ends the call" phone_wait a CALL_CLOSED 30
	quiet
	check "the line is on hook" wait_until 10 on_hook 6
	check "no call is left" wait_until 10 no_call
}

# What begins with 7 is nothing else: the line is seized when the first digit is known.
case_overlap_pulses() {
	sccp_mark bob
	sccp_do bob offhook
	check "dial tone" sccp_wait bob '^tone 21'
	sccp_do bob digits 7
	check "the line is seized before there is a number" wait_until 10 off_hook 7
	equal "nothing is dialled yet" "" "$(line_has 7 dialled)"
	sccp_do bob digits 40
	check "the first digits go out" wait_until 20 line_is 7 dialled 40
	equal "and the call is not answered" 0 "$(tdj show calls | jq '[.[]|select(.state == "up")]|length')"
	sccp_do bob digits 3
	check "the next when it comes" wait_until 20 line_is 7 dialled 403
	check "no more digits: it is answered" wait_until 20 call_is up
	equal "the call knows its number" 7403 "$(tdj show calls | jq -r '.[0].to')"
	sccp_do bob onhook
	check "hung up" wait_until 10 on_hook 7
	check "no call is left" wait_until 10 no_call
}

case_overlap_tones() {
	check "the line is free again" wait_until 20 port_is fxo6 idle
	sccp_mark bob
	ears 6 "$TD_TMP/overlap.wav"
	sccp_do bob offhook
	check "dial tone" sccp_wait bob '^tone 21'
	sccp_do bob digits 6
	check "the line is seized" wait_until 10 off_hook 6
	sccp_do bob digits 98
	sccp_do bob digits '7#'
	check "# ends the number: answered" wait_until 20 call_is up
	quiet
	equal "multimon-ng heard" 12987 "$(heard_keys "$TD_TMP/overlap.wav")"
	sccp_do bob onhook
	check "hung up" wait_until 10 on_hook 6
	check "no call is left" wait_until 10 no_call
}

run_cases case_start case_settings case_v23 case_keys case_ring_only case_ground_start_out \
	case_ground_start_glare case_nobody case_silence case_pause case_overlap_pulses case_overlap_tones
