#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "tandem debug sip": whole messages live, secrets masked.
#
#   [a: one REGISTER] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

case_live() {
	local out=$TD_TMP/debug pid response
	lab_setup
	office_config auto >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	td debug sip >"$out" 2>&1 &
	pid=$!
	# the stream is there when something of it arrives: ask until it does
	check "messages come while they happen" wait_until 5 register_until "$out"
	wait_until 5 grep -q 'SIP/2.0 200' "$out"
	check "it ends with its reader" kill_pids 5 "$pid"
	has "the request line" 'REGISTER sip:10\.1\.0\.1' "$out"
	has "the challenge" 'SIP/2\.0 401' "$out"
	has "its headers" '^(Call-ID|i):' "$out"
	has "from where" '10\.1\.0\.2' "$out"
	has "the answer" 'SIP/2\.0 200' "$out"
	response=$(grep -aoE 'response="[0-9a-f]{32}"' "$out")
	equal "the digest response is masked" "" "$response"
	equal "no password anywhere" 0 "$(cat "$out" "$TD_LOG" | grep -c "$A_PASSWORD")"
	check "the daemon goes on" show_has 'length == 2' show phones
}
register_until() {
	in_ns a "$TD_ROOT/tests/lib/sipprobe.py" "$(gw_ip4 a)" register 1001 "$A_PASSWORD" >/dev/null
	grep -q REGISTER "$1"
}

case_unknown_topic() {
	td debug nonsense >"$TD_TMP/out" 2>&1
	equal "an unknown topic is refused" 1 "$(($? > 0))"
	has "and the topics are named" "sip" "$TD_TMP/out"
}

run_cases case_live case_unknown_topic
