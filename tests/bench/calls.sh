#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Calls through the B2BUA: how many a second and at what CPU, how many at once and at what
# memory. Every call is set up with digest and with its two media flows in the kernel. The
# daemon is on CPU 0; sipp plays both ends on CPU 1, so what it cannot do is not the
# daemon's limit: its retransmissions and the datagrams it lost are printed beside.
#
#   [callers: sipp] eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 [called: sipp]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/bench.sh"
need_root
need_daemon
need_tool sipp

PHONES=${PHONES:-500} HELD=${HELD:-5000} SECONDS_PER_RATE=${SECONDS_PER_RATE:-8}
RATES=${RATES:-200 500 1000 1500 2000}
LINGER_S=34		# transactions are kept for 64*T1 = 32 s: memory of calls alone is seen later

# Each call has four sockets beside its flows (the slow path is always there). Where the limit
# of descriptors cannot be raised, fewer calls are held, and the result says so.
fd_limit() { (ulimit -n 131072) 2>/dev/null && echo 131072 || ulimit -Hn; }
FDS=$(fd_limit)
PORTS=$((FDS - 1000 < 50000 ? FDS - 1000 : 50000))
[ "$HELD" -gt $((PORTS / 4 - 50)) ] && HELD=$((PORTS / 4 - 50))
OFFICE_GLOBAL="	option rtp_port_min '10000'
	option rtp_port_max '$((10000 + PORTS - 1))'"
OFFICE_MORE="config sip 'sip'
	option max_setups '10000'"

udp_lost() { in_ns "$1" awk '/^Udp:/ && $2 ~ /^[0-9]/ { print $6 }' /proc/net/snmp; }
lost_by_sipp() { echo $(($(udp_lost a) + $(udp_lost b))); }

# rate R -> one JSON object. Ports rest for five seconds after a call, so a run has no more
# calls than there are ports, and waits until those of the run before are free again.
rate() {
	local r=$1 n=$(($1 * SECONDS_PER_RATE)) cpu began lost here
	[ "$n" -gt $((PORTS / 4 - 100)) ] && n=$((PORTS / 4 - 100))
	wait_until 7 is_past $(($(date +%s) + 6))
	say "$r calls/s, $n calls"
	cpu=$(cpu_ms "$DAEMON_PID") began=$(date +%s%3N) lost=$(udp_lost router) here=$(lost_by_sipp)
	SIPP_TIMEOUT=$((SECONDS_PER_RATE * 3 + 20)) office_calls "rate$r" "$TD_TMP/callers.csv" "$r" "$n" 500 -l 10000
	jq -n --argjson offered "$r" --argjson calls "$n" --argjson good "$(sipp_ok_calls "rate$r")" \
		--argjson failed "$(sipp_failed_calls "rate$r")" --argjson took $(($(date +%s%3N) - began)) \
		--argjson cpu $(($(cpu_ms "$DAEMON_PID") - cpu)) --argjson lost $(($(udp_lost router) - lost)) \
		--argjson here $(($(lost_by_sipp) - here)) \
		--argjson again "$(sipp_stat "rate$r" 'Retransmissions(C)')" \
		'{offered_per_s: $offered, calls: $calls, succeeded: $good, failed: $failed,
		  done_per_s: ($good * 1000 / ($took - 500) | floor), retransmissions: $again,
		  dropped_at_daemon: $lost, dropped_at_sipp: $here, cpu_ms: $cpu,
		  cpu_ms_per_call: (if $good > 0 then ($cpu / $good * 1000 | round / 1000) else null end)}'
}

# memory - {rss_kib, heap_bytes} of the daemon now; memory_each BEFORE AFTER N - per piece
memory() {
	jq -n --argjson rss "$(rss_kib "$DAEMON_PID")" --argjson heap "$(heap_bytes)" \
		'{rss_kib: $rss, heap_bytes: $heap}'
}
memory_each() {
	jq -n --argjson a "$1" --argjson b "$2" --argjson n "$3" 'if $n > 0 then
		{heap_bytes: (($b.heap_bytes - $a.heap_bytes) / $n | floor),
		 rss_bytes: (($b.rss_kib - $a.rss_kib) * 1024 / $n | floor)} else null end'
}

phones() {
	local before after n
	before=$(memory)
	office_register a "$TD_TMP/callers.csv" "$PHONES" 200
	office_register b "$TD_TMP/called.csv" "$PHONES" 200
	after=$(memory) n=$(registered_count)
	jq -n --argjson n "$n" --argjson before "$before" --argjson after "$after" \
		--argjson each "$(memory_each "$before" "$after" "$n")" \
		'{registered: $n, before: $before, after: $after, per_phone: $each}'
}

is_past() { [ "$(date +%s)" -ge "$1" ]; }

calls_are() { show_has ".calls == $1" show version; }

held() {
	local before fresh rest up flows until
	until=$(($(date +%s) + LINGER_S))
	say "waiting until earlier transactions are forgotten"
	wait_until $((LINGER_S + 5)) is_past "$until"
	before=$(memory)
	say "$HELD calls at once"
	SIPP_TIMEOUT=240 office_calls held "$TD_TMP/callers.csv" 500 "$HELD" 60000 -l "$HELD" &
	wait_until 60 calls_are "$HELD"
	up=$(tdj show version | jq .calls) fresh=$(memory)
	flows=$(tdj show flows | jq 'length')
	until=$(($(date +%s) + LINGER_S))
	wait_until $((LINGER_S + 5)) is_past "$until"
	rest=$(memory)
	wait $!
	jq -n --argjson want "$HELD" --argjson up "${up:-0}" --argjson flows "${flows:-0}" \
		--argjson before "$before" --argjson fresh "$fresh" --argjson rest "$rest" \
		--argjson each "$(memory_each "$before" "$rest" "${up:-0}")" \
		--argjson each_fresh "$(memory_each "$before" "$fresh" "${up:-0}")" \
		--argjson good "$(sipp_ok_calls held)" --argjson failed "$(sipp_failed_calls held)" \
		'{wanted: $want, up_at_once: $up, flows: $flows, ended_well: $good, failed: $failed,
		  before: $before, just_set_up: $fresh, at_rest: $rest,
		  per_call: $each, per_call_just_set_up: $each_fresh}'
}

bench_setup
office_many "$PHONES" >"$TD_TMP/tandem"
daemon_start "$TD_TMP/tandem" --log-level error || exit 1
on_cpu0 "$DAEMON_PID"
csv_numbers 2000 "$PHONES" 3000 >"$TD_TMP/callers.csv"
csv_numbers 3000 "$PHONES" >"$TD_TMP/called.csv"
phones >"$TD_TMP/phones.json"
office_answer
held >"$TD_TMP/held.json"	# first, while nothing has made the memory resident
for r in $RATES; do rate "$r"; done | jq -s . >"$TD_TMP/rates.json"
jq -n --slurpfile p "$TD_TMP/phones.json" --slurpfile r "$TD_TMP/rates.json" --slurpfile h "$TD_TMP/held.json" \
	--argjson fds "$FDS" '{phones: $p[0], rates: $r[0], held: $h[0], descriptor_limit: $fds,
	  highest_clean_per_s: ([$r[0][] | select(.failed == 0 and .retransmissions == 0) | .offered_per_s] | max),
	  goals: {calls_per_s: 1000, cpu_ms_per_call: 0.5, held: 5000, heap_bytes_per_call: 16384, heap_bytes_per_phone: 4096}}' >&3
