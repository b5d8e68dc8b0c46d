#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is refused, and that refusing tells a stranger nothing: wrong password and unknown user
# read the same; a credential is good once; no method slips by; garbage and the torture
# messages of RFC 4475 leave the daemon alive and answering.
#
#   [stranger] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

probe() { in_ns a "$TD_ROOT/tests/lib/sipprobe.py" "$(gw_ip4 a)" "$@"; }
alive() { equal "$1: alive and answering" "SIP/2.0 200 OK" "$(probe options)"; }

case_start() {
	lab_setup
	office_config auto >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" --log-level warn
	PID_AT_START=$(worker_pid)
}
worker_pid() { pgrep -P "$DAEMON_PID" | head -1; }

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

case_torture() {
	local files=("$TD_VECTORS"/rfc4475/*.dat)
	[ -e "${files[0]}" ] || { not_ok "RFC 4475 messages are there"; return; }
	probe --timeout 0.3 raw "${files[@]}" >"$TD_TMP/torture"
	equal "all ${#files[@]} torture messages sent" ${#files[@]} "$(wc -l <"$TD_TMP/torture")"
	alive "after RFC 4475 over UDP"
	probe --tcp --timeout 0.3 raw "${files[@]}" >/dev/null 2>&1
	alive "after RFC 4475 over TCP"
}

case_garbage() {
	local i
	mkdir -p "$TD_TMP/bad"
	for i in $(seq 40); do head -c $((i * 37)) /dev/urandom >"$TD_TMP/bad/random-$i"; done
	printf 'REGISTER' >"$TD_TMP/bad/cut"
	printf 'INVITE sip:1002@x SIP/2.0\r\n\r\n' >"$TD_TMP/bad/bare"
	printf 'INVITE sip:1002@x SIP/2.0\r\nContent-Length: 999999999\r\n\r\n' >"$TD_TMP/bad/length"
	printf 'INVITE sip:1002@x SIP/2.0\r\nContent-Length: -1\r\n\r\n' >"$TD_TMP/bad/negative"
	{ printf 'OPTIONS sip:x SIP/2.0\r\nVia: '; head -c 60000 /dev/zero | tr '\0' a; printf '\r\n\r\n'; } \
		>"$TD_TMP/bad/long-header"
	{ printf 'OPTIONS sip:x SIP/2.0\r\n'; for i in $(seq 5000); do printf 'V:a\r\n'; done; printf '\r\n'; } \
		>"$TD_TMP/bad/many-headers"
	head -c 2000 /dev/zero >"$TD_TMP/bad/zeros"
	probe --timeout 0.1 raw "$TD_TMP"/bad/* >/dev/null
	alive "after garbage over UDP"
	for i in "$TD_TMP"/bad/*; do probe --tcp --timeout 0.1 raw "$i" >/dev/null 2>&1; done
	head -c 5000000 /dev/zero | in_ns a timeout 5 socat -u - "TCP:$(gw_ip4 a):5060" 2>/dev/null
	alive "after garbage over TCP"
	equal "the same worker as before" "$PID_AT_START" "$(worker_pid)"
	check "the phone can still register" probe register 1001 "$A_PASSWORD"
}

run_cases case_start case_same_answer case_replay case_every_method case_torture case_garbage
