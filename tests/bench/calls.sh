#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Calls through the B2BUA: how many a second and at what CPU, how many at once and at what
# memory. sipp plays both ends on the same machine, so the rates are floors; CPU and memory
# are the daemon's own (master and worker).
#
#   [callers: sipp] eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 [called: sipp]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

PHONES=${PHONES:-500} HELD=${HELD:-5000} SECONDS_PER_RATE=${SECONDS_PER_RATE:-10}
RATES=${RATES:-200 500 1000 1500}
OFFICE_GLOBAL="	option rtp_port_min '10000'
	option rtp_port_max '60000'"

say() { echo "calls: $*" >&2; }

daemon_pids() { echo "$DAEMON_PID"; pgrep -P "$DAEMON_PID"; }
cpu_ms() {
	local pid
	for pid in $(daemon_pids); do cat "/proc/$pid/stat"; done |
		awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); t += $12 + $13 } END { printf "%d\n", t * 1000 / hz }'
}
rss_kib() { local p; for p in $(daemon_pids); do awk '/^VmRSS/ { print $2 }' "/proc/$p/status"; done | awk "{ s += \$1 } END { print s }"; }
# live heap as the daemon counts it, 0 when it does not
heap_bytes() { tdj show stats | jq '[.. | objects | .heap_bytes? // .live_bytes? // empty] | first // 0' 2>/dev/null || echo 0; }

# rate R -> one JSON object
rate() {
	local r=$1 n=$(($1 * SECONDS_PER_RATE)) before after began took
	say "$r calls/s for $SECONDS_PER_RATE s"
	before=$(cpu_ms) began=$(date +%s%3N)
	SIPP_TIMEOUT=$((SECONDS_PER_RATE * 3 + 20)) office_calls "rate$r" "$TD_TMP/callers.csv" "$r" "$n" 500 -l 20000 >&2
	after=$(cpu_ms) took=$(($(date +%s%3N) - began))
	jq -n --argjson offered "$r" --argjson calls "$n" --argjson good "$(sipp_ok_calls "rate$r")" \
		--argjson failed "$(sipp_failed_calls "rate$r")" --argjson cpu "$((after - before))" \
		--argjson took "$took" --argjson again "$(sipp_stat "rate$r" 'Retransmissions(C)')" \
		'{offered_per_s: $offered, calls: $calls, succeeded: $good, failed: $failed,
		  done_per_s: ($good * 1000 / ($took - 500) | floor), retransmissions: $again,
		  cpu_ms_per_call: (if $good > 0 then ($cpu / $good * 1000 | round / 1000) else null end)}'
}

calls_are() { show_has ".calls == $1" show version; }

held() {
	local rss0 rss1 heap0 heap1 up
	say "$HELD calls at once"
	rss0=$(rss_kib) heap0=$(heap_bytes)
	SIPP_TIMEOUT=180 office_calls held "$TD_TMP/callers.csv" 250 "$HELD" 45000 -l "$HELD" >&2 &
	wait_until 90 calls_are "$HELD"
	up=$(tdj show version | jq .calls)
	rss1=$(rss_kib) heap1=$(heap_bytes)
	wait $!
	jq -n --argjson want "$HELD" --argjson up "${up:-0}" --argjson rss0 "$rss0" --argjson rss1 "$rss1" \
		--argjson heap0 "$heap0" --argjson heap1 "$heap1" --argjson failed "$(sipp_failed_calls held)" \
		'{wanted: $want, up_at_once: $up, failed: $failed, rss_kib_before: $rss0, rss_kib_held: $rss1,
		  rss_bytes_per_call: (if $up > 0 then (($rss1 - $rss0) * 1024 / $up | floor) else null end),
		  heap_bytes_per_call: (if $up > 0 and $heap1 > 0 then (($heap1 - $heap0) / $up | floor) else null end)}'
}

phones() {
	local rss0 rss1 heap0 heap1
	rss0=$(rss_kib) heap0=$(heap_bytes)
	office_register a "$TD_TMP/callers.csv" $PHONES 200 >&2
	office_register b "$TD_TMP/called.csv" $PHONES 200 >&2
	rss1=$(rss_kib) heap1=$(heap_bytes)
	jq -n --argjson n "$(registered_count)" --argjson rss0 "$rss0" --argjson rss1 "$rss1" \
		--argjson heap0 "$heap0" --argjson heap1 "$heap1" \
		'{registered: $n, rss_kib_before: $rss0, rss_kib_after: $rss1,
		  rss_bytes_per_phone: (if $n > 0 then (($rss1 - $rss0) * 1024 / $n | floor) else null end),
		  heap_bytes_per_phone: (if $n > 0 and $heap1 > 0 then (($heap1 - $heap0) / $n | floor) else null end)}'
}

exec 3>&1 >&2
lab_setup
office_many "$PHONES" >"$TD_TMP/tandem"
daemon_start "$TD_TMP/tandem" --log-level warn || exit 1
csv_numbers 2000 "$PHONES" 3000 >"$TD_TMP/callers.csv"
csv_numbers 3000 "$PHONES" >"$TD_TMP/called.csv"
phones >"$TD_TMP/phones.json"
office_answer
for r in $RATES; do rate "$r"; done | jq -s . >"$TD_TMP/rates.json"
held >"$TD_TMP/held.json"
jq -n --slurpfile p "$TD_TMP/phones.json" --slurpfile r "$TD_TMP/rates.json" --slurpfile h "$TD_TMP/held.json" \
	'{phones: $p[0], rates: $r[0], held: $h[0],
	  goals: {calls_per_s: 1000, cpu_ms_per_call: 0.5, held: 5000, heap_bytes_per_call: 16384, heap_bytes_per_phone: 4096}}' >&3
