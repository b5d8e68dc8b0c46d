#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A trunk that falls silent: OPTIONS tell, the call that waits for it and all that come after go
# to the next dial peer, and when it is back it is used again.
#
#   [phone: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [kamailio, sipp :7001 :7002]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
source "$TD_ROOT/tests/lib/carrier.sh"
need_root
need_daemon
need_tool sipp
need_tool kamailio

PAIR_CALLED=""

trunks() {
	cat <<-UCI
	config trunk 'carrier'
		option host '$(node_ip4 b)'
		option username '4930555'
		option password 'pass'
		option realm 'carrier.test'
		option keepalive '1'
		option keepalive_down '1'
		option keepalive_retry '1'
		option answer_timeout '20'

	config trunk 'second'
		option host '$(node_ip4 b)'
		option port '7002'

	config dialpeer 'first'
		option destination_pattern '9T'
		option trunk 'carrier'

	config dialpeer 'backup'
		option destination_pattern '9T'
		option trunk 'second'
		option preference '1'
	UCI
}

state() { show_has ".[] | select(.id == \"carrier\") | .state == \"$1\"" show trunks; }

# call NAME PORT - the phone calls out, who is at PORT takes it
call() {
	local far
	side "$1-b" b uas_basic "$2" &
	far=$!
	wait_until 5 listens b "$2"
	PAIRS=$((PAIRS + 1))
	caller "$1-a" uac_basic 9030 && wait "$far"
}

case_start() {
	lab_setup
	check "the carrier is there" carrier_start
	OFFICE_MORE=$(trunks)
	TD_CONF=$TD_TMP/tandem
	pair_config >"$TD_CONF"
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	check "tandemd takes calls" daemon_start "$TD_CONF"
	check "the trunk is up" wait_until 5 state up
	check "a call goes to the first" call first 7001
}

carrier_signal() { pkill "-$1" -P "$CARRIER_PID"; kill "-$1" "$CARRIER_PID"; }

case_silent() {
	carrier_signal STOP
	check "a call that waits for it goes to the second" call waiting 7002
	check "it is down" state down
	SECONDS=0
	check "the next call goes there at once" call next 7002
	check "... and did not wait for anything" test "$SECONDS" -lt 3
	check "the log tells" grep -q 'trunk=carrier down' "$TD_LOG"
	equal "show dialpeers tells" false "$(tdj show dialpeer first | jq -r .up)"
}

case_back() {
	carrier_signal CONT
	check "it is up again" wait_until 5 state up
	check "and gets its calls" call again 7001
	nothing_left
}

run_cases case_start case_silent case_back
