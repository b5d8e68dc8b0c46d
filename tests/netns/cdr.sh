#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 90
#
# Call records: an answered call and one that nobody can take are shown, stand in the database
# and in the file of JSON lines, and are there after a restart. sqlite3's own tool reads them.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool sqlite3

cdr() { tdj show cdr | jq -r "$1"; }
cdrs_are() { [ "$(cdr length)" = "$1" ]; }
in_db() { sqlite3 "$TD_STATE_DIR/state.db" "$1"; }

case_an_answered_call() {
	call_up || return
	check "media flow" wait_until 10 legs_have 25
	call_down
	check "one record" wait_until 5 cdrs_are 1
	equal "who called whom" "$A_NUMBER $B_NUMBER" "$(cdr '.[0]|"\(.from) \(.to)"')"
	equal "why it ended, and by whom" "normal 16 caller" "$(cdr '.[0]|"\(.cause) \(.q850) \(.released_by)"')"
	equal "the times are in order" true \
		"$(cdr '.[0]|.started_ms <= .answered_ms and .answered_ms < .ended_ms and .duration_ms == .ended_ms - .answered_ms')"
	equal "both legs went by XDP" "xdp xdp" "$(cdr '[.[0].legs[].path]|join(" ")')"
	at_least "packets are counted" 25 "$(cdr '[.[0].legs[].rx_packets]|min')"
	equal "endpoints have names" "alice bob" "$(cdr '[.[0].legs[].endpoint]|join(" ")')"
}

case_nobody_is_there() {
	phone_do a dial "sip:4711@$(gw_ip4 a)"
	check "a second record" wait_until 5 cdrs_are 2
	equal "the latest comes first" "4711 unallocated router" "$(cdr '.[0]|"\(.to) \(.cause) \(.released_by)"')"
	equal "it never was answered" "null 0" "$(cdr '.[0]|"\(.answered_ms) \(.duration_ms)"')"
}

case_on_disk() {
	equal "sqlite3 finds both" "$B_NUMBER 16,4711 1" \
		"$(in_db 'SELECT called, cause FROM cdr ORDER BY id' | tr '|' ' ' | paste -sd,)"
	equal "one line of JSON each" "$B_NUMBER 4711" "$(jq -r .to "$TD_TMP/cdr/calls.json" | paste -sd' ')"
	tdj show cdr >"$TD_TMP/shown"
	equal "as it is shown" "$(jq -cS '.[1]' "$TD_TMP/shown")" "$(head -1 "$TD_TMP/cdr/calls.json" | jq -cS .)"
}

case_after_a_restart() {
	daemon_stop
	check "it starts again" daemon_start "$TD_CONF"
	check "both records are there" wait_until 5 cdrs_are 2
	equal "the same ones" "$(jq -cS '[.[]|del(.legs)]' "$TD_TMP/shown")" "$(tdj show cdr | jq -cS '[.[]|del(.legs)]')"
	equal "with their legs" "$(jq -cS '[.[].legs[].rx_packets]' "$TD_TMP/shown")" "$(tdj show cdr | jq -cS '[.[].legs[].rx_packets]')"
	equal "as many as asked for" 1 "$(tdj show cdr 1 | jq length)"
	td show cdr x >/dev/null 2>&1
	equal "'show cdr x': status 2" 2 $?
}

scratch
mkdir "$TD_TMP/cdr" && chown tandem "$TD_TMP/cdr"
# shellcheck disable=SC2034 # for office_config
OFFICE_GLOBAL="	option cdr_file '$TD_TMP/cdr/calls.json'"
office_up auto || finish
run_cases case_an_answered_call case_nobody_is_there case_on_disk case_after_a_restart
