#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Calls as the RFCs know them, both ends played by sipp: offers early and late, early media,
# reliable provisional answers, more than one media line, INFO, both ways to end.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

case_basic() {
	pair "a call" uac_basic uas_basic
	told "$LAST_B" "the called side sees one hop less" "^Max-Forwards: *69"
	told "$LAST_B" "and the caller's number" '^From:.*sip:1001@'
	equal "its Call-ID is ours, not the caller's" "" "$(common_call_id)"
	pair "an answer without ringing" uac_basic uas_answers
	pair "an answer after a while" uac_basic uas_slow
}
# Call-IDs that both sides saw: a back-to-back user agent has none
common_call_id() {
	comm -12 <(call_ids "$LAST_A") <(call_ids "$LAST_B")
}
call_ids() { grep -aioE '^(Call-ID|i): *[^ ]+' "$TD_TMP/sipp-$1/messages" | tr -d '\r' | sed 's/.*: *//' | sort -u; }

case_offers() {
	pair "a late offer: ours in the 200, the answer in the ACK" uac_late_offer uas_basic
	pair "video that the called side leaves out: answered with port 0" uac_two_lines uas_basic
	told "$LAST_B" "it was offered there" '^m=video [1-9]'
}

case_early_media() {
	pair "early media: 183 with SDP" uac_early uas_early
	pair "ringing first, then early media" uac_early uas_ring_early
}

case_100rel() {
	pair "100rel required: a reliable 180, and the 200 waits" uac_100rel uas_slow
	pair "100rel supported: the early answer is reliable" uac_100rel_early uas_early
	pair "a reliable 183 of the called side gets its PRACK" uac_early uas_100rel
	pair "reliable on both sides" uac_100rel_early uas_100rel
}

case_info() {
	pair "a digit in INFO, and requests that are not taken" uac_info uas_info
}

case_refer() {
	pair "REFER to nobody: NOTIFY says so and the call goes on" uac_refer_back uas_basic
}

case_goodbye() {
	pair "the called side hangs up; its reason comes through" uac_bye_in uas_bye
	pair "BYE crosses BYE" uac_basic uas_bye_cross
	nothing_left
}

pair_up || finish
run_cases case_basic case_offers case_early_media case_100rel case_info case_refer case_goodbye
