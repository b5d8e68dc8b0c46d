#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Offers inside a call: hold in both styles and by UPDATE, session refresh, an offer that is
# asked for, video added and taken away, and offers that cross (RFC 3261 14, RFC 3264 8.4, RFC 3311, RFC 4028).
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

# the long ones run beside the others, on numbers of their own
case_begin_crossing() {
	pair_begin uac_hold_long uas_glare 1003
	pair_begin uac_hold_long uas_cross 1004
}

case_hold() {
	local watcher
	(wait_until 10 show_has 'any(.[]; .to == "1002" and .state == "held")' show calls &&
		touch "$TD_TMP/held") &
	watcher=$!
	pair "hold and resume by a=sendonly" uac_hold uas_held
	wait "$watcher"
	[ -e "$TD_TMP/held" ] && ok "show calls: held" || not_ok "show calls: held"
	pair "hold as in RFC 2543: c=0.0.0.0" uac_hold_2543 uas_held
	pair "hold and resume by UPDATE" uac_update_hold uas_held
}

case_refresh() {
	pair "a session refresh stays between the caller and us" uac_refresh uas_basic
	told "$LAST_A" "the interval is agreed" '^(Session-Expires|x): *120'
	alone "an interval that is too small: 422" uac_small_se 1002
	told "$LAST_A" "... with Min-SE" '^Min-SE: *90'
}

case_asked_offer() {
	pair "re-INVITE without SDP: our offer, the answer in the ACK" uac_reinvite_no_sdp uas_basic
}

case_video() {
	pair "video is added to the call, and taken away" uac_adds_video uas_adds_video
	pair "video is added, and the called side has none" uac_adds_no_video uas_adds_no_video
}

case_end_crossing() {
	pair_end "491 of the called side: the offer comes again later" uac_hold_long uas_glare 1003
	pair_end "an offer that crosses ours gets 491; the answer counts" uac_hold_long uas_cross 1004
	nothing_left
}

pair_up || finish
run_cases case_begin_crossing case_hold case_refresh case_asked_offer case_video case_end_crossing
