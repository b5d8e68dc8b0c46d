#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SCCP: messages a second through the codec on one core; PHONES phones that register at once
# (whole bootstrap), what the daemon holds for each idle one, and call set-ups a second between
# them. The server is on CPU 0, the crowd on CPU 1. Figures are never judged.
#
#   [crowd] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd :2000 ]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/bench.sh"
need_root
need_daemon
CROWD=$TD_BUILD/tests/bench/sccp
[ -x "$CROWD" ] || skip_all "needs $CROWD: make bench-bins"
PHONES=${PHONES:-2000} CALL_SECONDS=${CALL_SECONDS:-5}

config() {
	local i
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		option log_level 'warn'
	config sccp 'sccp'
		option max_per_host '$PHONES'
		option keepalive '300'
	UCI
	for ((i = 0; i < PHONES; i++)); do
		printf "config phone 'p%d'\n\toption protocol 'sccp'\n\toption number '%d'\n\toption mac '%012X'\n\toption address '%s'\n" \
			"$i" $((20000 + i)) $((0x020000000000 + i)) "$(node_ip4 a)"
	done
}

registered() { [ "$(tdj show stats | jq '.sccp.phones_registered')" = "$PHONES" ]; }
crowd_done() { grep -q '^registered' "$TD_TMP/crowd.err"; }

bench_setup
TD_CONF=$TD_TMP/tandem
config >"$TD_CONF"
daemon_start "$TD_CONF" || exit 1
on_cpu0 "$DAEMON_PID"
codec=$("$CROWD" codec)
heap_before=$(heap_bytes) cpu_before=$(cpu_ms "$DAEMON_PID")
mkfifo "$TD_TMP/go"
ns_exec a "$CROWD" crowd "$(gw_ip4 a)" "$PHONES" "$CALL_SECONDS" <>"$TD_TMP/go" \
	>"$TD_TMP/crowd.json" 2>"$TD_TMP/crowd.err" &
crowd=$!
wait_until 90 crowd_done || { cat "$TD_TMP/crowd.err"; exit 1; }
wait_until 10 registered
register_cpu=$(($(cpu_ms "$DAEMON_PID") - cpu_before))
heap_each=$((($(heap_bytes) - heap_before) / PHONES))
cpu_before=$(cpu_ms "$DAEMON_PID")
echo go >"$TD_TMP/go"
wait "$crowd"
calls_cpu=$(($(cpu_ms "$DAEMON_PID") - cpu_before))
jq -n --argjson codec "$codec" --argjson crowd "$(cat "$TD_TMP/crowd.json")" --argjson cpu "$register_cpu" \
	--argjson heap "$heap_each" --argjson calls_cpu "$calls_cpu" '
	{codec: $codec, phones: $crowd.phones, register_s: $crowd.register_s, register_cpu_ms: $cpu,
	 heap_bytes_per_idle_phone: $heap, setups_per_s: $crowd.setups_per_s,
	 setups_per_cpu_s: (if $calls_cpu > 0 then ($crowd.calls * 1000 / $calls_cpu | floor) else null end)}' >&3
