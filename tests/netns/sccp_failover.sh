#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 420
# waits
#
# Two routers and 200 SCCP phones: the first router says nothing any more, then is killed. The
# phones register at the second one after three keepalives without an answer, or at once when the
# connection ends, and come home after three answers of the first. None is lost. Intervals are
# short: a second between keepalives, two to the router that is not used.
#
#   [200 phones] node a 10.1.0.2 -- 10.1.0.1 [ first tandemd ] -- node b 10.2.0.2 [ second tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool python3

N=200
config() {
	cat <<-UCI
	config global 'global'
		option hostname '$1'
		list interface '$2'
	config interface '$2'
		option xdp 'off'
	config cluster 'cluster'
		option primary '$(gw_ip4 a)'
		option secondary '$(node_ip4 b)'
	config sccp 'sccp'
		option max_per_host '1000'
		option max_phones '${3:-0}'
	UCI
	for ((i = 0; i < N; i++)); do
		printf "config phone 'p%d'\n\toption protocol 'sccp'\n\toption type '7960'\n\toption mac '0200000000%02x'\n\toption address '%s'\n\toption number '%d'\n" \
			$i $i "$(node_ip4 a)" $((3000 + i))
	done
}

second_start() {
	local first=$DAEMON_PID
	TD_RUN_DIR=$TD_TMP/run2 TD_STATE_DIR=$TD_TMP/state2 TD_LOG=$TD_TMP/second.log TD_PIN=$TD_PIN-2 \
		daemon_spawn b "$TD_TMP/second" --log-level warn
	SECOND_PID=$DAEMON_PID DAEMON_PID=$first
	wait_until 10 grep -qw ready "$TD_TMP/second.log"
}
second_stop() {
	kill -TERM "$SECOND_PID"
	wait "$SECOND_PID"
	pins_remove "$TD_PIN-2"
}
on_second() { "$TD_BUILD/tandem" --run-dir "$TD_TMP/run2" --json show stats | jq .sccp.phones_registered; }
on_first() { tdj show stats | jq .sccp.phones_registered; }
fleet_is() { tail -n 1 "$TD_TMP/fleet" | grep -q "^sum A $1 B $2 none $3"; }
fleet_wait() { wait_until "$4" fleet_sum "$1" "$2" "$3"; }
fleet_sum() { grep '^sum' "$TD_TMP/fleet" | tail -n 1 | grep -q "^sum A $1 B $2 none $3 "; }
events() { tail -n "+$((MARK + 1))" "$TD_TMP/fleet" | grep -c " $1"; }
mark() { MARK=$(wc -l <"$TD_TMP/fleet"); }

setup() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	config first lan0 >"$TD_CONF"
	config second eth0 >"$TD_TMP/second"
	check "the first router takes calls" daemon_start "$TD_CONF" --log-level warn
	check "the second one, too" second_start
	ns_exec a "$TD_ROOT/tests/lib/sccpfleet.py" --servers "$(gw_ip4 a),$(node_ip4 b)" --count $N \
		--bind "$(node_ip4 a)" >"$TD_TMP/fleet" 2>&1 &
	FLEET_PID=$!
	check "$N phones register at the first" fleet_wait $N 0 0 20
	equal "which knows $N" $N "$(on_first)"
	equal "and the second none" 0 "$(on_second)"
}

# it is there, but says nothing
case_silent() {
	local worker
	worker=$(worker_pid)
	wait_until 5 show_has ".sccp.connections == $N" show stats
	mark
	kill -STOP "$DAEMON_PID" "$worker"
	check "after three missed keepalives all $N are at the second" fleet_wait 0 $N 0 30
	equal "... each has missed three" $N "$(events '[0-9]* missed 3 A')"
	equal "... which knows $N" $N "$(on_second)"
	mark
	kill -CONT "$worker" "$DAEMON_PID"
	check "the first answers again: all $N come home" fleet_wait $N 0 0 40
	equal "... each after three answered probes" $N "$(events '[0-9]* probed [3-9]')"
	equal "... with a token" $N "$(events '[0-9]* token')"
	equal "... and having unregistered" $N "$(events '[0-9]* unregistered B')"
	equal "the first knows $N" $N "$(on_first)"
	check "the second none" wait_until 5 second_knows 0
}
second_knows() { [ "$(on_second)" = "$1" ]; }
first_knows() { [ "$(on_first)" = "$1" ]; }

# no more room at home for 20 of them: they stay where they are, and ask again after a minute
case_killed() {
	local master=$DAEMON_PID
	mark
	kill -KILL "$master"
	wait "$master" 2>/dev/null
	DAEMON_PID=
	check "killed: all $N are at the second at once" fleet_wait 0 $N 0 20
	equal "... nobody had to miss a keepalive" 0 "$(events '[0-9]* missed')"
	config first lan0 180 >"$TD_CONF"
	mark
	check "the first is started again, with max_phones 180" daemon_start "$TD_CONF" --log-level warn
	check "180 come home, 20 stay" fleet_wait 180 20 0 40
	check "... 20 were told to wait" wait_until 10 twenty_wait
	equal "... a minute" 60 "$(tail -n "+$MARK" "$TD_TMP/fleet" | awk '$3 == "token-reject" { print $4 }' | sort -u)"
	equal "nobody was refused after the token" 0 "$(events '[0-9]* rejected')"
	check "the second has the 20" second_knows 20
	config first lan0 >"$TD_CONF"
	check "max_phones is raised" td reload
	check "after their minute they come home" fleet_wait $N 0 0 80
	check "the first knows $N" first_knows $N
}
twenty_wait() { [ "$(tail -n "+$((MARK + 1))" "$TD_TMP/fleet" | awk '$3 == "token-reject" { print $2 }' | sort -u | wc -l)" = 20 ]; }

case_end() {
	check "no phone was lost: none is registered nowhere" fleet_sum $N 0 0
	not grep -E 'Traceback|Error' "$TD_TMP/fleet"
	kill "$FLEET_PID"
	second_stop
	equal "the second ends well" 0 $?
	check "the longest time without a router: $(awk '/^sum/ { l = $9 } END { print l }' "$TD_TMP/fleet") s" \
		awk '/^sum/ { l = $9 } END { exit !(l > 0 && l < 20) }' "$TD_TMP/fleet"
}

setup
run_cases case_silent case_killed case_end
