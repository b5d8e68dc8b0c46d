#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A SIP phone that dials key by key (KPML, RFC 4730): the router subscribes to its keys, knows
# when the number is complete, and ends the subscription before it says that anything rings. To a
# carrier that takes numbers digit by digit (RFC 3578) the keys go on as they come.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp; carrier: Kamailio]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
source "$TD_ROOT/tests/lib/carrier.sh"
need_root
need_daemon
need_tool sipp
need_tool tshark
need_tool kamailio

OFFICE_GLOBAL="	option timeout_interdigit '2'"
PAIR_SIP="	option overlap_signal '1'"
PAIR_CALLED="1002"
OFFICE_MORE="config trunk 'carrier'
	option host '10.2.0.2'
	option overlap_signal '1'

config dialpeer 'out'
	option destination_pattern '9.T'
	option trunk 'carrier'"
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

# every word as tshark reads it: which INVITE said which number, and what became of it
case_grows() {
	local far
	wire_start grows b udp
	CARRIER_NUMBER=92571 check "Kamailio is a carrier that wants 92571, digit by digit" carrier_start
	SCENARIOS=$TD_ROOT/tests/netns/sipp side far-grows b uas_basic 7001 &
	far=$!
	wait_until 5 listens b 7001
	check "9, 2, 5, backspace, 7, 1: the phone is content" keyed grows cisco_kpml_overlap
	check "... and the carrier has a call" wait "$far"
	kill "$CARRIER_PID"
	wait "$CARRIER_PID"
	wire_stop grows
	wire_read grows 'sip.Method == "INVITE"' sip.r-uri.user sip.to.user sip.CSeq.seq sip.Call-ID \
		sip.from.tag | sort -u -k3,3n >"$TD_TMP/invites"
	equal "an INVITE for each digit" "92 925 9257 92571" "$(cut -f1 "$TD_TMP/invites" | paste -sd' ')"
	equal "... which To names, too" "92 925 9257 92571" "$(cut -f2 "$TD_TMP/invites" | paste -sd' ')"
	equal "... each with the next CSeq" "1 1 1" "$(cut -f3 "$TD_TMP/invites" |
		awk 'NR > 1 { print $1 - last } { last = $1 }' | paste -sd' ')"
	equal "... of one Call-ID and From tag" 1 "$(cut -f4,5 "$TD_TMP/invites" | sort -u | wc -l)"
	equal "three were too short: 484; each is acknowledged, as the last" "3 4" "$(wire_read grows \
		'sip.Status-Code == 484' sip.CSeq.seq | sort -u | wc -l) $(wire_read grows \
		'sip.Method == "ACK"' sip.CSeq.seq | sort -u | wc -l)"
	equal "the dialog is that of the last one" "92571" "$(wire_read grows 'sip.Method == "BYE"' \
		sip.to.user | sort -u)"
	equal "nothing is malformed" 0 "$(wire_count grows _ws.malformed)"
	told grows "the phone's keys are over" '^Expires: *0\b'
	nothing_left
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

run_cases pair_up case_dials case_grows case_stops case_off
