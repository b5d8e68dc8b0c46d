# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the benches of signalling share: the server on CPU 0, everything else (this shell, sipp,
# jq) on CPU 1; and what a server has used, from /proc alone.

say() { echo "${0##*/}: $*" >&2; }

# bench_setup - results go to descriptor 3, all other words to stderr
bench_setup() {
	exec 3>&1 >&2
	[ "$(nproc)" -ge 2 ] || { say "needs two processors"; exit 4; }
	taskset -cp 1 $$ >/dev/null
	lab_setup
}

# family PID - it and its children
family() { echo "$1"; pgrep -P "$1"; }

# on_cpu0 PID - with all threads and children
on_cpu0() { local p; for p in $(family "$1"); do taskset -acp 0 "$p" >/dev/null; done; }

# cpu_ms PID - user and system time of the family so far
cpu_ms() {
	local p
	for p in $(family "$1"); do cat "/proc/$p/stat"; done 2>/dev/null |
		awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); t += $12 + $13 } END { printf "%d\n", t * 1000 / hz }'
}

# rss_kib PID
rss_kib() {
	local p
	for p in $(family "$1"); do cat "/proc/$p/status"; done 2>/dev/null |
		awk '/^VmRSS/ { s += $2 } END { print s + 0 }'
}

# the worker's live heap as the C library counts it
heap_bytes() { tdj show stats | jq '.process.heap_bytes // 0'; }

# sipp_steady NAME COLUMN SECONDS - growth of a counter a second, from the sample after the first
# second to the last one within SECONDS
sipp_steady() {
	awk -F';' -v want="$2" -v limit="$3" '
		function epoch(field, w) { split(field, w, "\t"); return w[3] }
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i; next }
		{ s = epoch($3) - epoch($1) }
		s >= 0.9 && !seen { seen = 1; s0 = s; v0 = $c }
		seen && s <= limit + 0.2 { s1 = s; v1 = $c }
		END { printf("%.0f\n", (s1 > s0) ? (v1 - v0) / (s1 - s0) : 0) }' "$TD_TMP/sipp-$1/stat.csv"
}
