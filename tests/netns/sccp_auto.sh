#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# SCCP phones that nobody has configured (auto-reg-ephone): they get the next free number, call
# the house only, are there after a restart, and become configured phones by the lines that
# "tandem adopt" prints. They prove who they are by their card's MAC.
#
#   [sccp 1001 .11; stranger with node a's card] node a -- [ tandemd ] -- node b [stranger with b's card]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
need_root
need_daemon
need_tool python3
need_tool sqlite3

AUTO="	option auto_number '2000'
	option auto_numbers '1'"
MORE=
config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		list interface 'wan0'
	config sccp 'sccp'
	$AUTO
	config phone 'desk'
		option protocol 'sccp'
		option mac '000000000011'
		option address '$(sccp_addr a 11)'
		option name 'Desk'
		option number '1001'
	config trunk 'carrier'
		option host '$(node_ip4 b)'
	config dialpeer 'out'
		option destination_pattern '9T'
		option trunk 'carrier'
	$MORE
	UCI
}
mac_of() { ip -n "$(lab_ns "$1")" -j link show dev eth0 | jq -r '.[0].address' | tr -d :; }
rows() { sqlite3 "$TD_STATE_DIR/state.db" "select count(*) from sccp_auto"; }
no_rows() { [ "$(rows)" = 0 ]; }
shown() { show_has ".[] | select(.mac == \"${1,,}\") | $2" show phones; }
reload() { config >"$TD_CONF"; td reload; }

setup() {
	lab_setup
	MAC_A=$(mac_of a) MAC_B=$(mac_of b)
	A=SEP${MAC_A^^} B=SEP${MAC_B^^}
	TD_CONF=$TD_TMP/tandem
	config >"$TD_CONF"
	sccp_add_addr a 11
	check "tandemd takes calls" daemon_start "$TD_CONF"
	sccp_start desk a SEP000000000011 17 440 --bind "$(sccp_addr a 11)"
	check "the configured phone registers" sccp_wait desk '^registered$'
}

case_comes() {
	sccp_start new a "$A" 17 550 --type 7960 --bind "$(node_ip4 a)"
	check "a phone that is not configured is let in" sccp_wait new '^registered$'
	check "... with the first number" sccp_saw new "^line 1 '2000'"
	check "... and shown as automatic" shown "$MAC_A" \
		'.auto and .id == "'"$A"'" and .state == "registered" and .lines[0].number == "2000" and .type == "7960"'
	check "... the configured one is not" shown 000000000011 '.auto == false'
	equal "... and written down" 1 "$(rows)"
	sccp_start other b "$B" 17 660 --bind "$(node_ip4 b)"
	check "the next one finds no number free" sccp_wait other "^reject 'No number is free'"
	check "... and is listed" show_has '.[0].device == "'"$B"'" and .[0].reason == "No number is free"' show sccp attempts
	sccp_start liar a SEP0000000000EE 17 440 --bind "$(node_ip4 a)"
	check "who does not hold the MAC is refused" sccp_wait liar "^reject 'Not the host of this phone'"
	sccp_stop liar
}

case_calls() {
	sccp_mark desk new
	sccp_do desk enbloc 2000
	check "it can be called" sccp_wait new '^ringer 2'
	sccp_do new answer
	check "... and talks" wait_until 10 legs_have 25
	sccp_do new end
	sccp_wait desk '^state 2'
	sccp_mark desk new
	sccp_do new enbloc 1001
	check "it calls the house" sccp_wait desk '^ringer 2'
	sccp_do new onhook
	sccp_wait desk '^state 2'
	sccp_mark new
	sccp_do new enbloc 95551234
	check "it does not call out" sccp_wait new '^tone 25'
	sccp_do new onhook
	equal "... and route says why" "automatic ok" \
		"$(for f in 2000 1001; do tdj route 95551234 from $f | jq -r '[.. | .verdict? // empty] | first'; done | paste -sd' ')"
}

case_restart() {
	sccp_mark new desk
	daemon_stop
	check "the next start works" daemon_start "$TD_CONF"
	check "it is known before it comes again" shown "$MAC_A" '.auto and .state == "unregistered" and .lines[0].number == "2000"'
	sccp_wait new '^closed'
	sccp_do new connect; sccp_do desk connect
	check "it comes again with its number" sccp_wait new "^line 1 '2000'"
	check "... registered" wait_until 10 registered_is 2
}

# under the name that it has: nothing changes for who talks
case_adopt() {
	sccp_mark desk new
	sccp_do desk enbloc 2000
	sccp_wait new '^ringer 2'
	sccp_do new answer
	check "a call is up" wait_until 10 legs_have 25
	check "adopt by its number" td adopt 2000
	MORE=$(td adopt "$A")
	echo "$MORE" | grep -q "option mac '${MAC_A,,}'"; equal "adopt prints its lines" 0 $?
	check "with these in the file a reload" reload
	check "... makes it a configured phone" shown "$MAC_A" '.auto == false and .state == "registered" and .lines[0].number == "2000"'
	check "... the row is gone" wait_until 5 no_rows
	check "... and the call goes on" show_has '.[0].state == "up"' show calls
	check "it cannot be adopted twice" not td adopt "$A"
	sccp_mark new
	sccp_do desk end
	check "after the call it starts again" sccp_wait new '^reset 2'
}

# the number is configured now: the next automatic phone has the next one
case_second() {
	AUTO=${AUTO/numbers \'1\'/numbers \'2\'}
	check "one number more" reload
	sccp_mark other
	sccp_do other connect
	check "the refused one comes in" sccp_wait other "^line 1 '2001'"
	sccp_wait other '^registered$'
	sccp_mark other
	MORE="$MORE
$(td adopt "$MAC_B" | sed "s/'$B'/'lobby'/")"
	check "adopted under another name" reload
	check "... it is told to start again" sccp_wait other '^reset 2'
	check "... its connection ends" sccp_wait other '^closed'
	sccp_do other connect
	check "... and it comes as that phone" wait_until 10 shown "$MAC_B" '.id == "lobby" and .state == "registered" and .auto == false'
	equal "there is one phone of that MAC" 1 "$(tdj show phones | jq "[.[] | select(.mac == \"${MAC_B,,}\")] | length")"
	check "no row is left" wait_until 5 no_rows
}

case_off() {
	MORE=
	AUTO="$AUTO
	option auto_register '0'"
	check "auto_register off, and the phones no longer configured" reload
	check "no auto-reg-ephone:" sccp_wait other '^closed'
	check "clear attempts" td clear sccp attempts
	sccp_mark other
	sccp_do other connect
	check "... unknown phones are refused" sccp_wait other "^reject 'Phone is not configured'"
	check "... and the attempt is logged" show_has 'length == 1 and .[0].device == "'"$B"'" and .[0].mac == "'"${MAC_B^^}"'"' \
		show ephone attempted-registrations
}

# forgotten: the number is free for another one
case_forget() {
	AUTO="	option auto_number '2000'
	option auto_numbers '1'"
	check "on again" reload
	sccp_mark other
	sccp_do other connect
	check "b's phone has 2000 now" sccp_wait other "^line 1 '2000'"
	check "clear sccp auto" td clear sccp auto 2000
	check "... ends its connection" sccp_wait other '^closed'
	check "... and its row" wait_until 5 no_rows
	check "... and it is not listed" show_has '[.[].id] == ["desk"]' show phones
}

setup
run_cases case_comes case_calls case_restart case_adopt case_second case_off case_forget
