#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
#
# Calls that end before they begin: CANCEL while it rings, before the called side has said a
# word, and crossing its answer; nobody comes; an answer that is never acknowledged.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

OFFICE_GLOBAL="	option timeout_ringing '5'"

# timer H is 32 s: this pair waits beside all the others
case_begin_no_ack() {
	PAIR_SECONDS=50 PAIR_PATIENCE_MS=45000 pair_begin uac_no_ack uas_basic 1003
	pair_begin uac_480 uas_late 1004
}

case_cancel() {
	pair "CANCEL while it rings: 487" uac_cancel uas_cancelled
	told "$LAST_B" "the called side hears the CANCEL" '^CANCEL '
	pair "a CANCEL of another transaction: 481, and the call goes on" uac_cancel_stray uas_slow
	pair "CANCEL before the called side said a word: it waits for that" \
		uac_cancel_early uas_silent_then_cancelled
	pair "CANCEL crosses the answer: ACK and BYE" uac_cancel uas_answers_cancel
}

# the called side is sipp's scenario that only rings: its end is of no interest
case_nobody_comes() {
	LAST_A=uac_480-uas_late-1004-a
	wait "${PAIR_A[uac_480-uas_late-1004]}"
	equal "nobody answers within timeout_ringing: 480" 0 $?
	reason 19
	wait_until 5 grep -qa '^CANCEL ' "$TD_TMP/sipp-uac_480-uas_late-1004-b/messages"
	told uac_480-uas_late-1004-b "and the called side stops ringing" '^CANCEL '
}

case_end_no_ack() {
	pair_end "an answer that is never acknowledged: BYE both ways after 32 s" \
		uac_no_ack uas_basic 1003
	nothing_left
}

pair_up || finish
run_cases case_begin_no_ack case_cancel case_nobody_comes case_end_no_ack
