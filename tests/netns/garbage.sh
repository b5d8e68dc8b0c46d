#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# What comes in over an open SIP port: the torture messages of RFC 4475 as they are, cut, mutated
# and in the name of a phone that the daemon knows; noise; datagrams and streams beyond every
# size. The worker stays the same one, its memory bounded, and a phone can still register.
#
#   [stranger and phone] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

OFFICE_MORE="config sip 'sip'
	option authenticate 'auto'"
GROWTH_MIB=${GROWTH_MIB:-64}		# of the worker's memory, over all that follows

probe() { in_ns a "$TD_ROOT/tests/lib/sipprobe.py" "$(gw_ip4 a)" "$@"; }
throw() { in_ns a "$TD_ROOT/tests/lib/sipgarbage.py" "$(gw_ip4 a)" "$@"; }
rss_kib() { awk '/^VmRSS/ { print $2 }' "/proc/$(worker_pid)/status"; }
answers() { [ "$(probe options)" = "SIP/2.0 200 OK" ]; }

# unhurt TEXT
unhurt() {
	check "$1: it answers" wait_until 10 answers
	equal "$1: the same worker as before" "$PID_AT_START" "$(worker_pid)"
}

# phone 1001 is known by its host: what comes in its name passes the gate
case_start() {
	lab_setup
	office_config auto | sed "/'alice'/a\\	option address '10.1.0.2'" >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" --log-level warn || exit 1
	check "a phone registers" probe register 1002 "$B_PASSWORD"
	FILES=("$TD_VECTORS"/rfc4475/*.dat)
	at_least "the messages of RFC 4475 are there" 49 ${#FILES[@]}
	PID_AT_START=$(worker_pid) RSS_AT_START=$(rss_kib)
}

case_torture() {
	probe --timeout 0.2 raw "${FILES[@]}" >"$TD_TMP/torture"
	equal "all ${#FILES[@]} messages were sent" ${#FILES[@]} "$(wc -l <"$TD_TMP/torture")"
	has "a call that nobody may place is challenged or refused" '^wsinv.dat (silence|SIP/2.0 4)' \
		"$TD_TMP/torture"
	equal "no message of a stranger brings a call" 0 "$(tdj show calls | jq length)"
	unhurt "RFC 4475 over UDP"
	probe --tcp --timeout 0.2 raw "${FILES[@]}" >/dev/null 2>&1
	unhurt "RFC 4475 over TCP"
	diag "in the name of a phone: $(throw known "${FILES[@]}")"
	unhurt "RFC 4475 in the name of a phone"
	diag "cut: $(throw cut "${FILES[@]}")"
	unhurt "RFC 4475 cut off"
}

# sofia has a STUN server inside, which must not be one of ours
case_stun() {
	printf '\0\1\0\0\x21\x12\xa4\x42stun-garbage' >"$TD_TMP/stun"	# a binding request
	probe --timeout 0.5 raw "$TD_TMP/stun" >"$TD_TMP/out"
	has "a STUN request is not served" '^stun (silence|.*Not Implemented)' "$TD_TMP/out"
	equal "the log has only lines of ours" "" "$(grep -avE '^(level=|ready$)' "$TD_LOG" | head -3)"
}

case_mutations() {
	local seed
	for seed in 1 2 3; do diag "seed $seed: $(throw --seed $seed --count 2000 mutate "${FILES[@]}")"; done
	unhurt "6000 mutated messages"
}

case_oversized() {
	diag "datagrams: $(throw oversized)"
	unhurt "oversized datagrams"
	diag "streams: $(throw streams "${FILES[@]}")"
	unhurt "endless streams and lying lengths"
}

case_afterwards() {
	local grown
	check "a phone can still register" probe register 1002 "$B_PASSWORD"
	check "and is shown" show_has 'any(.[]; .line == "1002")' show registrations
	grown=$(($(rss_kib) - RSS_AT_START))
	diag "the worker's memory grew by $grown KiB"
	[ "$grown" -lt "$(memory_limit $((GROWTH_MIB * 1024)))" ] && ok "the worker's memory is bounded" ||
		not_ok "the worker's memory is bounded: it grew by $grown KiB"
	at_least "what was malformed is counted" 1 "$(tdj show stats | jq .sip.malformed)"
	at_most "the log is not flooded" 400 "$(wc -l <"$TD_LOG")"
	equal "and has only lines of ours" "" "$(grep -avE '^(level=|ready$)' "$TD_LOG" | head -3)"
	check "no call hangs" wait_until 40 show_has 'length == 0' show calls
	check "it ends well" daemon_stop
}
at_most() { [ "$3" -le "$2" ] && ok "$1 ($3)" || not_ok "$1: $3, wanted at most $2"; }

run_cases case_start case_torture case_stun case_mutations case_oversized case_afterwards
