#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Single number reach: 1002 rings at the desk and, a second later, at a mobile phone behind a
# carrier, who answers; back at the desk its owner takes the call over, also after the worker died.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [desk: sipp, 1002]
#                                                                           10.2.0.9 [carrier: sipp]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

PAIR_CALLED="1003"
CARRIER=10.2.0.9
OFFICE_MORE="config fac 'fac'
	option enable '1'

config dn 'owner'
	option number '1002'
	option snr '0170123'
	option snr_delay '1'
	option snr_calling_local '1'

config phone 'desk'
	list line '1:owner'
	option address '10.2.0.2:6002'

config trunk 'carrier'
	option host '$CARRIER'
	option port '7001'

config dialpeer 'out'
	option destination_pattern '0T'
	option trunk 'carrier'"

carrier() { side "$1" b "$2" 7001 -i "$CARRIER" -mi "$CARRIER"; }
to_is() { show_has "any(.[]; .from == \"1001\" and .state == \"up\" and any(.legs[]; .party == \"$1\"))" show calls; }

case_up() {
	pair_up
	ip -n "$(lab_ns b)" addr add $CARRIER/24 dev eth0
}

case_elsewhere() {
	local desk mobile caller
	carrier mobile uas_answers &
	mobile=$!
	wait_until 5 listens b 7001
	called desk uas_cancelled 1002
	desk=$SIDE_PID
	PAIRS=$((PAIRS + 1))
	caller near uac_waits 1002 -key rtp 30000 &
	caller=$!
	check "the mobile answers" wait_until 10 to_is 0170123
	check "the desk stops ringing" wait "$desk"
	told mobile "it was called with the desk's number" '^From:.*<sip:1002@'
	check "the worker is killed" worker_again
	printf 'SEQUENTIAL\n1002\n' >"$TD_TMP/from-desk.csv"
	side pull b uac_waits 6002 -s '**51002' -inf "$TD_TMP/from-desk.csv" -key rtp 30000 "$(gw_ip4 b)" &
	check "the desk takes it back" wait_until 10 to_is 1002
	check "the mobile is out" wait "$mobile"
	tdj hangup "$(tdj show calls | jq -r '.[0].id')" >/dev/null
	check "the caller is hung up" wait "$caller"
	check "and so is the desk" wait $!
	nothing_left
}

# nobody is at the desk
case_absent() {
	local mobile
	carrier mobile2 uas_basic &
	mobile=$!
	wait_until 5 listens b 7001
	sed -i "/option address '10.2.0.2:6002'/d" "$TD_CONF"
	printf "\toption password 'never-registers'\n" >"$TD_TMP/password"
	sed -i "/list line '1:owner'/r $TD_TMP/password" "$TD_CONF"
	check "a desk that is not registered" td reload
	PAIRS=$((PAIRS + 1))
	check "the mobile is called at once" caller near2 uac_basic 1002
	check "... and answers" wait "$mobile"
	nothing_left
}

run_cases case_up case_elsewhere case_absent
