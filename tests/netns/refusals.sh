#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is refused, and that refusing tells a stranger nothing: wrong password and unknown user
# read the same; a credential is good once; no method slips by. (Garbage: garbage.sh.)
#
#   [stranger] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

probe() { in_ns a "$TD_ROOT/tests/lib/sipprobe.py" "$(gw_ip4 a)" "$@"; }

case_start() {
	lab_setup
	office_config auto >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" --log-level warn
}

case_same_answer() {
	local wrong unknown
	check "the right password is accepted" probe register 1001 "$A_PASSWORD"
	wrong=$(probe --masked register 1001 wrong) && not_ok "a wrong password is refused"
	unknown=$(probe --masked register 9999 wrong) && not_ok "an unknown user is refused"
	[[ $wrong == "SIP/2.0 4"* ]] && ok "a wrong password is refused: ${wrong%%$'\r'*}" ||
		not_ok "a wrong password is refused: ${wrong%%$'\r'*}"
	equal "an unknown user gets the very same answer" "$wrong" "$unknown"
	wrong=$(probe --masked register --bare-401 1001 wrong)
	unknown=$(probe --masked register --bare-401 9999 wrong)
	equal "and the same challenge" "$wrong" "$unknown"
}

case_replay() {
	local answer
	answer=$(probe replay 1001 "$A_PASSWORD")
	[[ $answer == "SIP/2.0 401"* ]] && ok "a replayed nonce count is refused" ||
		not_ok "a replayed nonce count is refused: ${answer%%$'\r'*}"
}

# one gate for every method
case_every_method() {
	local method answer
	for method in INVITE SUBSCRIBE MESSAGE PUBLISH REFER NOTIFY INFO UPDATE PRACK BYE; do
		answer=$(probe method "$method" 1001)
		[[ $answer == "SIP/2.0 4"* || $answer == "SIP/2.0 5"* ]] &&
			ok "$method without credentials: ${answer#SIP/2.0 }" ||
			not_ok "$method without credentials: '$answer'"
	done
	equal "no call came of it" 0 "$(tdj show calls | jq length)"
}

run_cases case_start case_same_answer case_replay case_every_method
