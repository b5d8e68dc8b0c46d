#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 200
#
# Two routers on one telephone line behind a splitter, with the same configuration but for
# ring_number: the primary answers at the first ring; without the primary the secondary does at the
# third; while one of them is on the line the other can not take it.
#
#   [sip alice 1001] node a -- [ primary  ] fxo 0 ==\
#                                                   +== [ exchange ]
#   [sip alice 1001] node b -- [ secondary] fxo 1 ==/
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
source "$TD_ROOT/tests/lib/fxo.sh"

# config PORT RINGS
config() {
	cat <<-UCI
	config phone 'alice'
		option number '$A_NUMBER'
		option password '$A_PASSWORD'
	config voiceport 'line'
		option port '$1'
		option ring_number '$2'
		option connection_plar '$A_NUMBER'
	config dialpeer 'out'
		option destination_pattern '9T'
		option voiceport 'line'
		option strip_digits '1'
	UCI
}
SECOND_PID=''
second_start() {
	local first=$DAEMON_PID
	TD_RUN_DIR=$TD_TMP/run2 TD_STATE_DIR=$TD_TMP/state2 TD_LOG=$TD_TMP/second.log TD_PIN=$TD_PIN-2 \
		daemon_spawn b "$TD_TMP/second"
	SECOND_PID=$DAEMON_PID DAEMON_PID=$first
	wait_until 20 grep -qw ready "$TD_TMP/second.log"
}
second_stop() { kill_pids 10 "$SECOND_PID"; pins_remove "$TD_PIN-2"; }
on_second() { TD_RUN_DIR=$TD_TMP/run2 "$@"; }

case_start() {
	fxo_lines 2
	line 0 "split 1"
	lab_setup
	config 0 1 >"$TD_TMP/tandem"
	config 1 3 >"$TD_TMP/second"
	check "the primary takes calls" daemon_start "$TD_TMP/tandem" || return
	check "so does the secondary" second_start || return
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	PHONE_PROXY=$(node_ip4 b) phone_start b b "$A_NUMBER" "$A_PASSWORD" "$B_HZ" 5061
	check "a phone registers at the primary" wait_until 20 registered_is 1
	check "and one at the secondary" on_second wait_until 20 registered_is 1
	equal "each has its end of the line" "idle idle" "$(tdj show voice-port line | jq -r .state) $(on_second tdj show voice-port line | jq -r .state)"
}

# the other's end: current flows, and nobody may seize it
case_primary() {
	phone_mark a; phone_mark b
	line 0 "ring 2000 4000"
	check "the first ring: the primary answers" wait_until 10 off_hook 0
	check "its phone rings" wait_until 20 phone_rings a
	phone_do a accept
	check "the call is up" wait_until 20 call_is up
	check "the ringing is over at both ends" line_is 1 ringing 0
	equal "the secondary has counted one ring" 1 "$(on_second tdj show voice-port line | jq .rings)"
	equal "and has no call" 0 "$(on_second tdj show calls | jq length)"
	check "to it the caller is gone" on_second wait_until 20 port_is line idle
	phone_do b dial "sip:9555@$(node_ip4 b)"
	check "it does not dial into the primary's call" phone_wait b CALL_CLOSED 20
	equal "its end stays on hook" 0 "$(line_has 1 relays)"
	phone_do a hangup
	check "the line is free again" wait_until 20 on_hook 0
	check "no call is left" wait_until 10 no_call
}

case_secondary() {
	check "the primary ends" daemon_stop
	phone_mark b
	line 0 "ring 1000 1500"
	check "the second ring" on_second wait_until 20 port_is line 3 rings
	equal "nobody has answered it" 0 "$(line_has 1 relays)"
	check "the third: the secondary answers" wait_until 20 off_hook 1
	check "its phone rings" wait_until 20 phone_rings b
	phone_do b accept
	check "the call is up" on_second wait_until 20 call_is up
	line 1 "drop 600"
	check "the exchange releases: so does the phone" phone_wait b CALL_CLOSED 20
	check "no call is left" on_second wait_until 10 no_call
}

# no active call survives the loss of its router: what it held is on hook at once, and free
case_lost() {
	check "the line is free again" on_second wait_until 20 port_is line idle
	line 0 "ring 1000 1500"
	check "the secondary has a call" wait_until 30 off_hook 1
	kill -KILL "$SECOND_PID"
	check "it dies: the line goes on hook" wait_until 5 on_hook 1
	check "the primary starts" daemon_start "$TD_TMP/tandem"
	check "and has the line" wait_until 20 port_is line idle
	second_stop
}

run_cases case_start case_primary case_secondary case_lost
