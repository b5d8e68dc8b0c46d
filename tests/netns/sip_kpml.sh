#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A SIP phone that dials key by key (KPML, RFC 4730): the router subscribes to its keys, knows
# when the number is complete, and ends the subscription before it says that anything rings.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp
need_tool tshark

OFFICE_GLOBAL="	option timeout_interdigit '2'"
PAIR_SIP="	option overlap_signal '1'"
PAIR_CALLED="1002"
SCENARIOS=$TD_ROOT/tests/sipp

# keyed NAME SCENARIO - the phone that dials; its number stands in the scenario
keyed() { PAIRS=$((PAIRS + 1)); side "$1" a "$2" $((5100 + PAIRS)) -inf "$TD_TMP/from.csv" "$(gw_ip4 a)"; }

# asked FILE - of the request that the phone got
asked() {
	grep -a '<kpml-request' "$1" | python3 -c 'import sys, xml.etree.ElementTree as x
pattern = x.fromstring(sys.stdin.read())[0]
print(pattern.get("persist"), pattern[0].text)'
}

case_dials() {
	local far
	wire_start keys a udp
	SCENARIOS=$TD_ROOT/tests/netns/sipp side far b uas_basic 6002 &
	far=$!
	wait_until 5 listens b 6002
	check "1, 0, 0, backspace, 0, 2: the phone is content" keyed near cisco_kpml
	check "... and 1002 is called" wait "$far"
	wire_stop keys
	equal "what we ask for, as others read it" "persist [x#*+]|bs" "$(asked "$TD_TMP/sipp-near/messages")"
	wire_read keys sip sip.Request-Line sip.Status-Line sip.CSeq.method >"$TD_TMP/said"
	equal "the keys are over before it rings" "SUBSCRIBE SUBSCRIBE ring" "$(awk -F'\t' '
		$1 ~ /^SUBSCRIBE/ { printf "SUBSCRIBE " }
		$2 ~ / 1[89]. / && $3 == "INVITE" && !rung++ { printf "ring" }' "$TD_TMP/said")"
	equal "nothing is malformed" 0 "$(wire_count keys _ws.malformed)"
}

case_stops() {
	check "nobody dials on: 484 in the end" keyed short cisco_kpml_484
	told short "... with its reason" '^Reason: *Q\.850;cause=28\b'
	check "a phone that takes no subscription: 484" keyed refuses cisco_kpml_489
	check "hangs up in the middle" keyed cancels cisco_kpml_cancel
	nothing_left
}

# without the option the number is what the INVITE says
case_off() {
	PAIR_SIP="" pair_config >"$TD_CONF"
	check "reload without overlap_signal" td reload
	SCENARIOS=$TD_ROOT/tests/netns/sipp alone "one key is no number: 404" uac_404 1
	printf "config template 'keys'\n\toption overlap_signal '1'\n" >>"$TD_CONF"
	sed -i "s/^config phone 'caller'/&\n\toption template 'keys'/" "$TD_CONF"
	check "reload with it in a template" td reload
	check "the phone dials key by key again" keyed again cisco_kpml_484
	nothing_left
}

run_cases pair_up case_dials case_stops case_off
