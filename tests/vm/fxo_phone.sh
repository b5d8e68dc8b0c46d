#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# A SIP phone and the telephone network: calls both ways over simulated lines of the module.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] fxo0, fxo1 ==== [ exchange ]
#                                               tandem_fxo    tandem_fxo_sim, pstn.py
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
source "$TD_ROOT/tests/lib/fxo.sh"

case_start() {
	fxo_none
	lab_setup
	cat >"$TD_TMP/tandem" <<-UCI
	config global 'global'
		list interface 'lan0'
	config phone 'alice'
		option number '$A_NUMBER'
		option password '$A_PASSWORD'
	config voiceport 'fxo0'
		option port '0'
		option ring_number '1'
		option caller_id '1'
		option connection_plar '$A_NUMBER'
		option plar_opx '1'
	config voiceport 'fxo1'
		option port '1'
		option ring_number '3'
		option alerting 'ring'
		option connection_plar '$A_NUMBER'
		option dial_type 'pulse'
	config dialpeer 'out'
		option destination_pattern '9T'
		option voiceport 'fxo0'
		option strip_digits '1'
	config dialpeer 'pulse'
		option destination_pattern '8T'
		option voiceport 'fxo1'
		option strip_digits '1'
	UCI
	check "tandemd takes calls without a line" daemon_start "$TD_TMP/tandem" || return
	equal "which are absent" "absent absent" "$(tdj show voice-port | jq -r '[.[].state]|join(" ")')"
	fxo_lines 2
	check "the board comes: the lines are ours" wait_until 10 port_is fxo0 idle
	check "both" wait_until 10 port_is 1 idle
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	check "the phone registers" wait_until 10 registered_is 1
}

ring_once() { line "$1" "ring 2000 60000"; wait_until 10 line_is "$1" ringing 250; wait_until 10 line_is "$1" ringing 0; }

case_incoming() {
	phone_mark a
	line 0 "ring 2000 4000"
	check "the first ring ends" wait_until 10 line_is 0 ringing 0
	"$PSTN" callerid 0 5551234 "SMITH JOHN"
	check "the phone rings" wait_until 20 phone_rings a || { diag "$(tail -30 "$TD_LOG")"; return; }
	equal "the caller's number is known" 5551234 "$(tdj show calls | jq -r '.[0].from')"
	equal "the line is not answered before the phone" 0 "$(sed -n 's/^relays //p' "$SIM/0/state")"
	phone_do a accept
	check "it is answered" wait_until 10 line_is 0 relays 1
	check "the call is up" wait_until 10 show_has '.[0].state == "up"' show calls
	ears 0 "$TD_TMP/in.wav"
	tone 0 620
	check "both speak" wait_until 30 legs_have 200
	line 0 "drop 600"
	check "the exchange releases: so does the phone" phone_wait a CALL_CLOSED 20
	quiet
	check "the line is on hook" wait_until 10 line_is 0 relays 0
	check "no call is left" wait_until 10 no_call
	check "the phone heard 620 Hz" "$TD_ROOT/tests/lib/tone.py" "$(phone_heard a)" 620 2
	check "the line heard ${A_HZ} Hz" "$TD_ROOT/tests/lib/tone.py" "$TD_TMP/in.wav" "$A_HZ" 2
}

case_outgoing() {
	phone_mark a
	check "the line is free again" wait_until 20 port_is fxo0 idle
	ears 0 "$TD_TMP/out.wav"
	phone_do a dial "sip:95551234@$(gw_ip4 a)"
	check "the line is seized" wait_until 20 off_hook 0
	check "answered when the digits are sent" phone_wait a CALL_ESTABLISHED 30 || return
	tone 0 700
	check "both speak" wait_until 30 legs_have 200
	equal "media of a line go through us" "relay relay" \
		"$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	phone_do a hangup
	check "the line is on hook" wait_until 20 line_is 0 relays 0
	quiet
	check "no call is left" wait_until 10 no_call
	equal "the exchange heard the digits" 5551234 "$("$PSTN" keys "$TD_TMP/out.wav")"
	check "and ${A_HZ} Hz" "$TD_ROOT/tests/lib/tone.py" "$TD_TMP/out.wav" "$A_HZ" 2
}

case_pulses() {
	phone_mark a
	phone_do a dial "sip:80471@$(gw_ip4 a)"
	check "dialled by pulses" phone_wait a CALL_ESTABLISHED 60
	equal "the exchange counted" 0471 "$(sed -n 's/^dialled //p' "$SIM/1/state")"
	phone_do a hangup
	check "on hook" wait_until 20 line_is 1 relays 0
	check "no call is left" wait_until 10 no_call
}

case_three_rings() {
	check "the line is free again" wait_until 20 port_is fxo1 idle
	phone_mark a
	line 1 "ring 2000 4000"
	rings_are() { [ "$(tdj show voice-port fxo1 | jq .rings)" -ge "$1" ]; }
	check "two rings" wait_until 20 rings_are 2
	equal "are no call of ours" "0" "$(tdj show calls | jq length)"
	check "the third is" wait_until 20 phone_rings a
	check "answered at once: connection plar" wait_until 10 line_is 1 relays 1
	phone_do a hangup
	check "the phone refuses: the line is hung up" wait_until 20 line_is 1 relays 0
	check "no call is left" wait_until 10 no_call
}

case_glare() {
	check "the line is free again" wait_until 20 port_is fxo0 idle
	line 0 "ring 2000 4000"
	check "it rings" wait_until 10 port_is fxo0 ringing
	phone_mark a
	phone_do a dial "sip:95551234@$(gw_ip4 a)"
	check "a ringing line is not seized" phone_wait a CALL_CLOSED 20
	equal "nobody was answered" 0 "$(sed -n 's/^relays //p' "$SIM/0/state")"
	line 0 "ring 0"
	check "the caller gives up" wait_until 20 port_is fxo0 idle
	check "no call is left" wait_until 20 no_call
}

case_unplugged() {
	phone_mark a
	phone_do a dial "sip:95551234@$(gw_ip4 a)"
	check "a call is up" phone_wait a CALL_ESTABLISHED 30
	line 0 unplug
	check "the port goes: the call ends" phone_wait a CALL_CLOSED 20
	check "no call is left" wait_until 10 no_call
	equal "the line is absent" absent "$(tdj show voice-port fxo0 | jq -r .state)"
	line 0 plug
	check "and comes back" wait_until 10 port_is fxo0 idle
}

worker_pid() { pgrep -P "$DAEMON_PID" | head -1; }
goes_on() { local p; p=$(worker_pid); [ -n "$p" ] && [ "$p" != "$1" ] && call_is up; }
call_ids() { tdj show calls | jq -c '[.[] | .id, .created_ms, .legs[].id]'; }

# call_before NAME - the phone has called over line 0
call_before() {
	check "$1: the line is free" wait_until 20 port_is fxo0 idle
	rm -f "$(phone_dir a)"/dump-*	# of the calls before
	phone_mark a
	phone_do a dial "sip:95551234@$(gw_ip4 a)"
	check "$1: a call is up" phone_wait a CALL_ESTABLISHED 30
	check "$1: both speak" wait_until 30 legs_have 100
	IDS=$(call_ids)
}

# call_after NAME HZ - it is the same call, until the exchange releases it
call_after() {
	local n
	equal "$1: the same call" "$IDS" "$(call_ids)"
	check "$1: the line is off hook as before" off_hook 0
	ears 0 "$TD_TMP/$1.wav"
	tone 0 "$2"
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets] | min')
	check "$1: both speak on" wait_until 30 legs_have $((n + 200))
	line 0 "drop 600"
	check "$1: the exchange releases: so does the phone" phone_wait a CALL_CLOSED 20
	quiet
	check "$1: the line is on hook" wait_until 10 on_hook 0
	check "$1: no call is left" wait_until 10 no_call
	check "$1: the phone heard $2 Hz" "$TD_ROOT/tests/lib/tone.py" "$(phone_heard a)" "$2" 2
	check "$1: the line heard ${A_HZ} Hz" "$TD_ROOT/tests/lib/tone.py" "$TD_TMP/$1.wav" "$A_HZ" 2
}

case_worker_killed() {
	local old
	call_before killed
	old=$(worker_pid)
	kill -KILL "$old"
	check "killed: another worker goes on" wait_until 10 goes_on "$old" || diag "$(tail -20 "$TD_LOG")"
	call_after killed 480
}

case_upgraded() {
	local old
	call_before upgraded
	old=$(worker_pid)
	check "upgraded: tandem upgrade is accepted" td upgrade
	check "upgraded: another worker goes on" wait_until 10 goes_on "$old" || diag "$(tail -20 "$TD_LOG")"
	call_after upgraded 520
}

# The line waits for ten seconds of the kernel's clock.
case_fresh_daemon() {
	call_before fresh
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	DAEMON_PID=
	check "fresh: master and worker killed: the line waits" off_hook 0
	check "fresh: another daemon starts" daemon_start "$TD_TMP/tandem"
	check "fresh: it has the call" wait_until 10 call_is up || diag "$(tail -20 "$TD_LOG")"
	call_after fresh 560
}

case_all_killed() {
	check "the line is free again" wait_until 20 port_is fxo0 idle
	phone_mark a
	phone_do a dial "sip:95551234@$(gw_ip4 a)"
	check "a call is up" phone_wait a CALL_ESTABLISHED 30
	kill -KILL "$DAEMON_PID"
	check "master and worker killed: the line waits" off_hook 0
	check "nobody comes: it goes on hook" wait_until 5 on_hook 0
}

run_cases case_start case_incoming case_outgoing case_pulses case_three_rings case_glare \
	case_unplugged case_worker_killed case_upgraded case_fresh_daemon case_all_killed
