#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Calls that go on to somebody else: busy, no answer, all, out by a trunk with Diversion; a phone
# that deflects with 302; a hunt group.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp; carrier: 7001]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

forwards() {
	cat <<-UCI
	config dn 'busy'
		option number '1002'
		option cfwd_busy '1005'
	config dn 'noan'
		option number '1003'
		option cfwd_noan '1005'
		option cfwd_noan_timeout '3'
	config dn 'mobile'
		option number '1004'
		option cfwd_all '9017012345'
	config trunk 'carrier'
		option host '$(node_ip4 b)'
		option port '7001'
	config dialpeer 'out'
		option destination_pattern '9T'
		option trunk 'carrier'
		option strip_digits '1'
	config huntgroup 'team'
		option number '1500'
		list member '1006'
		list member '1007'
		option timeout '3'
		option final '1005'
	UCI
}

# forwarded TEXT NUMBER FIRST-SCENARIO SECOND-PORT [PORT] - 1001 dials NUMBER, which plays
# FIRST-SCENARIO (or nothing), and the call is taken at SECOND-PORT
forwarded() {
	local text=$1 number=$2 first=$3 port=$4 a="" b
	PAIRS=$((PAIRS + 1))
	LAST_A=fw-$PAIRS-a LAST_B=fw-$PAIRS-b
	if [ -n "$first" ]; then
		side "fw-$PAIRS-first" b "$first" $((5000 + number)) &
		a=$!
		wait_until 5 listens b $((5000 + number))
	fi
	side "$LAST_B" b uas_basic "$port" &
	b=$!
	wait_until 5 listens b "$port"
	check "$text" caller "$LAST_A" uac_basic "${5:-$number}"
	[ -z "$a" ] || wait "$a"
	equal "... the first one is content" 0 $?
	wait "$b"
	equal "... the other one takes it" 0 $?
}

case_start() {
	lab_setup
	OFFICE_MORE=$(forwards)
	TD_CONF=$TD_TMP/tandem
	pair_config >"$TD_CONF"
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	check "tandemd takes calls" daemon_start "$TD_CONF"
}

case_forward() {
	forwarded "busy: the call goes on" 1002 uas_486 6005
	told "$LAST_B" "Diversion says who and why" '^Diversion: <sip:1002@.*;reason=user-busy;counter=1'
	told "$LAST_B" "and so does History-Info" '^History-Info: <sip:1002@[^>]*\?Reason=SIP%3Bcause%3D486>;index=1, <sip:1005@.*;cause=486>;index=1\.1;mp=1'
	forwarded "nobody answers in 3 s: the call goes on" 1003 uas_cancelled 6005
	told "$LAST_B" "Diversion: no-answer" '^Diversion: <sip:1003@.*;reason=no-answer'
	forwarded "all calls: out by the trunk" 1004 "" 7001
	told "$LAST_B" "the carrier gets the number" '^INVITE sip:017012345@10\.2\.0\.2:7001 SIP'
	told "$LAST_B" "and who sent it on" '^Diversion: <sip:1004@.*;reason=unconditional'
	told "$LAST_B" "History-Info: from where, to where" '^History-Info: <sip:1004@.*cause%3D302>;index=1, <sip:017012345@10\.2\.0\.2:7001;cause=302>;index=1\.1'
	told "$LAST_B" "the caller is the caller" '^From: .*<sip:1001@'
	forwarded "302 of a phone: the call goes where it says" 1006 uas_302_to 6005
	told "$LAST_B" "Diversion: deflection" '^Diversion: <sip:1006@.*;reason=deflection'
	equal "show: a call that went on is logged" 4 "$(grep -c 'sent on by=' "$TD_LOG")"
}

case_group() {
	forwarded "hunt group: busy, so the next one" 1006 uas_486 6007 1500
	side group-1 b uas_486 6006 &
	side group-2 b uas_cancelled 6007 &
	wait_until 5 listens b 6006
	wait_until 5 listens b 6007
	forwarded "nobody takes it: the final number" 1005 "" 6005 1500
	told "$LAST_B" "for the group" '^Diversion: <sip:1500@'
	equal "show ephone-hunt" "1500 1006,1007 1005" \
		"$(tdj show ephone-hunt | jq -r '.[] | "\(.number) \(.members | join(",")) \(.final)"')"
	nothing_left
}

run_cases case_start case_forward case_group
