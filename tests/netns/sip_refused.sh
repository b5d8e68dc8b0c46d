#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Calls that do not come about: the called side's refusals come through, our own say why
# (Reason, RFC 6432; Retry-After, Unsupported, Accept), and a refusal leaves nothing behind.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

OFFICE_GLOBAL="	option timeout_ringing '5'"
OFFICE_MORE="config phone 'absent'
	option number '1010'
	option password 'never-registers-1010'

config phone 'g722'
	option number '1011'
	option address '10.2.0.2:6011'
	list codec 'g722'"

# what the called side says, in Q.850 and back
case_called_side_refuses() {
	pair "404 comes through" uac_404 uas_404
	reason 1
	pair "480 comes through" uac_480 uas_480
	reason 18
	pair "486 comes through" uac_486 uas_486
	reason 17
	pair "488 comes through" uac_488 uas_488
	reason 88
	pair "503 comes through" uac_503 uas_503
	reason 41
	pair "603 comes through" uac_603 uas_603
	reason 21
	pair "302 is not followed" uac_503 uas_302
}

case_we_refuse() {
	alone "a number that nobody has: 404" uac_404 4711
	reason 1
	alone "a phone that is not registered: 480" uac_480 1010
	reason 20
	alone "no number at all: 484" uac_484 ""
	reason 28
	alone "no hop is left: 483" uac_483 1002
	reason 25
	alone "no codec in common: 488" uac_488 1011
	reason 88
	alone "SRTP alone: 488" uac_488_srtp 1002
	told "$LAST_A" "... with a warning" '^Warning: *304 '
	alone "a body that is no SDP: 415" uac_415 1002
	told "$LAST_A" "... and what is taken" '^Accept: *application/sdp'
	alone "an extension that nobody knows: 420" uac_420 1002
	told "$LAST_A" "... which is named" '^Unsupported: *x-unheard-of'
	alone "SDP that cannot be read: 400" uac_400 1002
}


# reload_with LINE-OF-GLOBAL LINE-OF-SIP
reload_with() {
	OFFICE_GLOBAL="	option timeout_ringing '5'
	$1" PAIR_SIP="	$2" pair_config >"$TD_CONF"
	td reload
}

# one call rings, and that is as many as may be
case_limits() {
	check "reload: one call at once" reload_with "option max_calls '1'" ""
	pair_begin uac_480 uas_late 1004
	wait_until 5 show_has 'length == 1' show calls
	alone "one call too many: 503" uac_503 1002
	reason 42
	told "$LAST_A" "... and when to try again" '^Retry-After: *[1-9]'
	check "reload: one set-up at once" reload_with "" "option max_setups '1'"
	alone "one set-up too many: 503" uac_503 1002
	told "$LAST_A" "... and when to try again" '^Retry-After: *[1-9]'
	wait "${PAIR_A[uac_480-uas_late-1004]}"
	equal "nobody answers within timeout_ringing: 480" 0 $?
	pair "and then the next call is taken" uac_basic uas_basic
	nothing_left
}

pair_up || finish
run_cases case_called_side_refuses case_we_refuse case_limits
