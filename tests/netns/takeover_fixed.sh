#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two routers (tests/lib/redundancy.sh) and parties that have a fixed address, so are called rather than
# register. What they are told of us is the address that moves, because sip.source_address names it;
# then their calls move, too. The addresses come one after the other, "takeover" before the last of them.
source "$(dirname "$0")/../lib/lib.sh"
source "$(dirname "$0")/../lib/redundancy.sh"
source "$(dirname "$0")/../lib/pair.sh"
need_root
need_daemon
need_tool sipp

TALK_MS=10000
PAIR_SECONDS=40 PAIR_PATIENCE_MS=30000

copies_are() { on second show_has ".copies == $1" show replication; }
up() { show_has 'length == 1 and .[0].state == "up"' show calls; }
not_here() { grep -q "address=$1:5060 is not here yet" "$2"; }

case_start() {
	OFFICE_MORE="
	config cluster 'cluster'
		option primary '10.9.0.1'
		option secondary '10.9.0.2'
		option replicate_secret 'a-secret-between-two-routers'"
	PAIR_SIP="
		list source_address '$(gw_ip4 a)'
		list source_address '$(gw_ip4 b)'"
	redundant_setup
	cp -r "$SCENARIOS" "$TD_TMP/sipp"
	SCENARIOS=$TD_TMP/sipp
	sed -i "0,/milliseconds=\"100\"/s//milliseconds=\"$TALK_MS\"/" "$SCENARIOS/uac_hold.xml"
	pair_config >"$TD_TMP/tandem"
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	check "the first router takes calls" daemon_start "$TD_TMP/tandem" || return
	check "the second waits for its addresses" second_start "$TD_TMP/tandem" || return
	check "... and says so" not_here "$(gw_ip4 b)" "$TD_TMP/second/log"
	equal "... nobody is heard at its own" 0 "$(in_ns second ss -Hlun 'sport = 5060' | wc -l)"
}

case_call() {
	pair_begin uac_hold uas_held 1002
	check "a call is up" wait_until 10 up || return
	check "the second router has a copy of it" wait_until 5 copies_are 1
	told uac_hold-uas_held-1002-b "the called party is spoken to from the address that moves" \
		"^Contact: <sip:[^>]*$(gw_ip4 b)"
}

case_taken_over() {
	check "the first router is gone" loses_power || return
	ip -n "$(lab_ns second)" addr add "$(gw_ip4 a)/24" dev lan0
	check "one address has come: half a call is nobody's" \
		on second show_has '.taken_over == 0 and .address_not_here == 1' takeover
	addresses_to second 2>/dev/null
	check "the other comes, and the call goes on by itself" \
		wait_until 5 on second show_has '.[0].state == "up"' show calls
}

case_goodbye() {
	check "the caller holds, resumes and says goodbye to the second router" wait "${PAIR_A[uac_hold-uas_held-1002]}" ||
		why uac_hold-uas_held-1002-a
	check "the called party hears all of that" wait "${PAIR_B[uac_hold-uas_held-1002]}" ||
		why uac_hold-uas_held-1002-b
	check "no call is left" wait_until 5 on second show_has 'length == 0' show calls
}

run_cases case_start case_call case_taken_over case_goodbye
