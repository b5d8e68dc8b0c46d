# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For tests/netns/*.sh: TAP output, a lab of its own per script, clean-up whatever happens,
# and the helpers of tools/lab.d (network, daemon, phones, captures). A script is
#
#	source "$(dirname "$0")/../lib/lib.sh"
#	need_root
#	lab_setup
#	case_dial() { ...; ok "b rings"; }
#	run_cases case_dial case_hang_up
#
# Every check prints "ok" or "not ok" and returns accordingly, so that a case may stop with
# "check ... || return". Exit status of a script: 0 good, 1 failed, 4 skipped as a whole.
# No fixed sleeps in tests: wait_until SECONDS CONDITION.
set -u

TD_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TD_BUILD=${TD_BUILD:-$TD_ROOT/build}
TD_VECTORS=$TD_ROOT/tests/vectors
LAB=td$$
TD_PIN=/sys/fs/bpf/tandem-test-$$
TD_TMP=

# shellcheck source=tools/lab.d/net.sh
source "$TD_ROOT/tools/lab.d/net.sh"
# shellcheck source=tools/lab.d/daemon.sh
source "$TD_ROOT/tools/lab.d/daemon.sh"
# shellcheck source=tools/lab.d/phone.sh
source "$TD_ROOT/tools/lab.d/phone.sh"
# shellcheck source=tools/lab.d/wire.sh
source "$TD_ROOT/tools/lab.d/wire.sh"
# shellcheck source=tests/lib/sipp.sh
source "$TD_ROOT/tests/lib/sipp.sh"
# shellcheck source=tests/lib/call.sh
source "$TD_ROOT/tests/lib/call.sh"
# shellcheck source=tests/lib/office.sh
source "$TD_ROOT/tests/lib/office.sh"

# ---- TAP -------------------------------------------------------------------
TAP_N=0 TAP_FAILED=0 TAP_SKIPPED=0 TAP_PLAN=

plan() { TAP_PLAN=$1; echo "1..$1"; }
ok() { TAP_N=$((TAP_N + 1)); echo "ok $TAP_N - $*"; }
not_ok() { TAP_N=$((TAP_N + 1)) TAP_FAILED=$((TAP_FAILED + 1)); echo "not ok $TAP_N - $*"; return 1; }
# skip NAME REASON
skip() { TAP_N=$((TAP_N + 1)) TAP_SKIPPED=$((TAP_SKIPPED + 1)); echo "ok $TAP_N - $1 # SKIP $2"; }
diag() { printf '%s\n' "$*" | sed 's/^/# /'; }
skip_all() { echo "1..0 # SKIP $*"; exit 4; }

# check NAME COMMAND... - ok when the command succeeds. It runs in this shell: what it sets stays.
check() {
	local _name=$1 _out
	shift
	_out=$(mktemp) || exit 1
	if "$@" >"$_out" 2>&1; then
		rm -f "$_out"
		ok "$_name"
		return 0
	fi
	not_ok "$_name"
	diag "failed: $*"
	[ -s "$_out" ] && diag "$(cat "$_out")"
	rm -f "$_out"
	return 1
}
# equal NAME WANTED GOT
equal() {
	[ "$2" = "$3" ] && { ok "$1"; return 0; }
	not_ok "$1"
	diag "wanted: $2" "got:    $3"
	return 1
}
# at_least NAME MINIMUM GOT
at_least() {
	[ "${3:-0}" -ge "$2" ] 2>/dev/null && { ok "$1"; return 0; }
	not_ok "$1"
	diag "wanted at least $2, got '$3'"
	return 1
}
# has NAME REGEX FILE - extended regular expression
has() {
	grep -aqE -- "$2" "$3" 2>/dev/null && { ok "$1"; return 0; }
	not_ok "$1"
	diag "no line matches /$2/ in $3:"
	diag "$(tail -15 "$3" 2>&1)"
	return 1
}

# memory_limit KIB - how much more a daemon may take; with sanitizers it keeps what was freed for a while
memory_limit() { case $TD_BUILD in */san) echo $(($1 + 262144)) ;; *) echo "$1" ;; esac; }

# run_cases FUNCTION... - and after a failure show what the daemon said
run_cases() {
	local c failed
	for c; do
		failed=$TAP_FAILED
		diag "case ${c#case_}"
		"$c"
		if [ "$TAP_FAILED" -gt "$failed" ] && [ -n "${TD_LOG:-}" ] && [ -s "$TD_LOG" ]; then
			diag "tandemd said last:"
			diag "$(tail -${TD_TAIL:-15} "$TD_LOG")"
		fi
	done
	finish
}

finish() {
	[ -z "$TAP_PLAN" ] && echo "1..$TAP_N"
	[ -n "$TAP_PLAN" ] && [ "$TAP_PLAN" -ne "$TAP_N" ] && exit 1
	[ "$TAP_FAILED" -gt 0 ] && exit 1
	[ "$TAP_N" -gt 0 ] && [ "$TAP_N" -eq "$TAP_SKIPPED" ] && exit 4
	exit 0
}

# ---- a lab of our own --------------------------------------------------------
need_root() { [ "$(id -u)" = 0 ] || skip_all "needs root"; }
need_tool() { command -v "$1" >/dev/null || skip_all "needs $1"; }
need_daemon() { [ -x "$TD_BUILD/tandemd" ] || skip_all "needs $TD_BUILD/tandemd"; }

# tests_sweep LAB PIN TMP - take down a lab, by name alone (the guard calls it too)
tests_sweep() {
	LAB=$1
	lab_net_down
	pins_remove "$2"
	case $3 in /*/td-test.*) rm -rf "$3" ;; esac
}

on_exit() {
	local status=$?
	trap '' EXIT INT TERM HUP
	[ -n "${GUARD_PID:-}" ] && kill -KILL "$GUARD_PID" 2>/dev/null
	if [ -n "${TD_KEEP:-}" ]; then
		diag "kept: $TD_TMP, namespaces $LAB-*, $TD_PIN"
	else
		tests_sweep "$LAB" "$TD_PIN" "$TD_TMP" >/dev/null 2>&1
	fi
	exit "$status"
}

# scratch - the folder of this run; its removal and all other clean-up is armed here
scratch() {
	[ -n "$TD_TMP" ] && return 0
	TD_TMP=$(mktemp -d "${TMPDIR:-/tmp}/td-test.XXXXXX") || exit 1
	chmod 755 "$TD_TMP"	# the daemon's worker is another user
	trap on_exit EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	setsid "$TD_ROOT/tools/lab.d/guard.sh" $$ "${TD_RUNNER:-0}" \
		bash -c 'source "$0/tests/lib/lib.sh"; tests_sweep "$1" "$2" "$3"' \
		"$TD_ROOT" "$LAB" "$TD_PIN" "$TD_TMP" </dev/null >/dev/null 2>&1 &
	GUARD_PID=$!
	disown "$GUARD_PID"
}

# lab_setup - the two-phone lab of tools/lab.d/net.sh under this script's own names
lab_setup() {
	scratch
	mount_bpffs
	make_user || skip_all "cannot make the user tandem"
	lab_net_up || { echo "Bail out! no lab"; exit 1; }
}

# ---- counters of the kernel ----------------------------------------------------
# udp_in NODE - UDP datagrams that reached a socket or wanted one, IPv4 and IPv6
udp_in() {
	in_ns "$1" awk '/^Udp:/ && $2 ~ /^[0-9]/ { n += $2 + $3 }
		/^Udp6InDatagrams|^Udp6NoPorts/ { n += $2 } END { print n }' /proc/net/snmp /proc/net/snmp6
}

bpf_stats_on() {
	BPF_STATS_WAS=$(sysctl -n kernel.bpf_stats_enabled)
	sysctl -qw kernel.bpf_stats_enabled=1
}
bpf_stats_off() { sysctl -qw kernel.bpf_stats_enabled="${BPF_STATS_WAS:-0}"; }

# xdp_runs - how often the daemon's pinned XDP programs have run, summed
xdp_runs() {
	local p
	for p in "$TD_PIN"/progs/*; do
		[ -e "$p" ] && bpftool -j prog show pinned "$p" 2>/dev/null
	done | jq -s '[.[]|select(.type=="xdp")|.run_cnt // 0]|add // 0'
}

# has_tables - does the kernel print maps as text? There are kernels that refuse iterators over
# maps to everybody (tandemd says so once and goes on); a test names what it leaves out then
has_tables() {
	[ -e "$TD_PIN/flows" ] || ! grep -q 'text tables in .* not available:.*not permitted' "$TD_LOG"
}
NO_TABLES="this kernel refuses iterators over maps"

# kernel_flows - how many flows stand in the kernel's tables, by their ports
kernel_flows() {
	if has_tables; then
		echo $(($(wc -l <"$TD_PIN/flows") - 1))
	else
		bpftool -j map dump pinned "$TD_PIN/maps/td_rtp_ports" |
			jq '[.[].formatted.value | select(. != 0) / 2 | floor] | unique | length'
	fi
}
no_kernel_flows() { [ "$(kernel_flows)" = 0 ]; }

# kernel_nexthops - next hops of the kernel's table that are set: MAC in decimal, ifindex, mtu
kernel_nexthops() {
	bpftool -j map dump pinned "$TD_PIN/maps/td_nexthops" | jq -r '.[].formatted.value |
		select(.ifindex != 0) | "\(.dst_mac | join(":")) \(.ifindex) \(.mtu)"'
}

# xdp_mode DEVICE - native, generic or none, as the kernel says
xdp_mode() {
	ip -n "$(lab_ns router)" -j link show dev "$1" |
		jq -r '.[0].xdp.mode // 0 | if . == 1 then "native" elif . == 2 then "generic"
			elif . == 4 then "several" else "none" end'
}
