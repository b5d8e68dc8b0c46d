#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long nobody is heard when the active router is gone at once: CALLS calls with media both ways,
# two routers as docs/redundancy.md has them, keepalived (VRRPv3, an advert each ADVERT_MS) on both. The
# first loses its cables and its processes; each stream's longest pause is taken from what arrived
# at the phones' cables. Prints JSON.
#
#   [caller: sipp, streams] --- switch --- [router | second] --- switch --- [called: sipp, echoes]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/redundancy.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool keepalived
need_tool sipp

CALLS=${CALLS:-100} ADVERT_MS=${ADVERT_MS:-30} TALK_MS=40000
say() { echo "takeover: $*" >&2; }
give_up() { say "$*"; tail -5 "$TD_LOG" "$TD_TMP"/second/log "$TD_TMP"/vrrp-*.log >&2; exit 1; }

# vrrp ROUTER PRIORITY RUN-DIR - keepalived as the page shows it, for both sides at once
vrrp() {
	local dir=$TD_TMP/vrrp-$1 side
	cat >"$dir.conf" <<-CONF
	global_defs {
		vrrp_garp_master_delay 0
		vrrp_rt_priority 10
		vrrp_no_swap
		script_user root
	}
	vrrp_sync_group phones {
		group { lan wan }
		notify_master "$TD_BUILD/tandem --run-dir $3 takeover"
		notify_backup "$TD_BUILD/tandem --run-dir $3 standby"
	}
	CONF
	for side in "lan lan0 51 $(gw_ip4 a)" "wan wan0 52 $(gw_ip4 b)"; do
		# shellcheck disable=SC2086 # words
		set -- "$1" "$2" "$3" $side
		printf 'vrrp_instance %s {\n\tinterface %s\n\tvirtual_router_id %s\n\tstate BACKUP\n\tpriority %s\n\tversion 3\n\tadvert_int %s\n\tvirtual_ipaddress { %s/24 }\n}\n' \
			"$4" "$5" "$6" "$2" "$(awk "BEGIN { print $ADVERT_MS / 1000 }")" "$7" >>"$dir.conf"
	done
	ns_exec "$1" keepalived -n -l -f "$dir.conf" -p "$dir.pid" -r "$dir.vrrp.pid" >"$dir.log" 2>&1 </dev/null &
	VRRP_PID=$!
}

has_addresses() { [ "$(ip -n "$(lab_ns "$1")" -o addr show | grep -cE "$(gw_ip4 a)/|$(gw_ip4 b)/")" = 2 ]; }
copies_are() { on second show_has ".copies == $1" show replication; }
all_up() { show_has "length == $CALLS and all(.[]; .state == \"up\" and all(.legs[]; .path == \"xdp\" and .rx_packets > 50))" show calls; }
forwards() { on second show_has "[.[] | select(.state == \"up\" and all(.legs[]; .rx_packets > 100))] | length >= $1" show calls; }

scenarios() {
	head -c 16000 /dev/zero | tr '\0' '\325' >"$TD_TMP/tone.pcma"
	sed -e 's/\[media_port\]/[rtpstream_audio_port]/' \
		-e "0,/<pause milliseconds=\"100\"\/>/s##<nop><action><exec rtp_stream=\"$TD_TMP/tone.pcma,-1,8,PCMA/8000\"/></action></nop><pause milliseconds=\"$TALK_MS\"/>#" \
		"$SCENARIOS/uac_hold.xml" >"$TD_TMP/uac.xml"
}

start() {
	PAIR_SIP="
		list source_address '$(gw_ip4 a)'
		list source_address '$(gw_ip4 b)'"
	OFFICE_MORE="
	config cluster 'cluster'
		option primary '10.9.0.1'
		option secondary '10.9.0.2'
		option replicate_secret 'a-secret-between-two-routers'"
	redundant_setup >/dev/null
	addresses_from router
	TD_CONF=$TD_TMP/tandem
	pair_config >"$TD_CONF"
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	daemon_start "$TD_CONF" || exit 1
	second_start "$TD_CONF" || exit 1
	vrrp router 100 "$TD_TMP/run"
	FIRST_VRRP=$VRRP_PID
	wait_until 10 has_addresses router || give_up "the first router does not get the addresses"
	vrrp second 90 "$TD_TMP/second/run"
	td takeover >/dev/null
}

calls() {
	scenarios
	SIPP_TIMEOUT=120 sipp_run called b -sf "$SCENARIOS/uas_held.xml" -m "$CALLS" -i "$(node_ip4 b)" -p 6002 \
		-mp 31000 -rtp_echo -recv_timeout 90000 &
	wait_until 5 listens b 6002
	SIPP_TIMEOUT=120 sipp_run caller a -sf "$TD_TMP/uac.xml" -m "$CALLS" -r 50 -l "$CALLS" \
		-i "$(node_ip4 a)" -p 5100 -mp 32000 -recv_timeout 60000 -s 1002 \
		-inf "$TD_TMP/from.csv" "$(gw_ip4 a)" &
	wait_until 30 all_up || give_up "$CALLS calls do not come up"
	wait_until 10 copies_are "$CALLS" || give_up "the second router does not have all copies"
}

# pauses NODE - the longest one of each stream that arrived there, ms; streams are known by the
# router's ports, which stay: sipp has one for all
pauses() {
	tshark -n -r "$(wire_file "$1")" -Y "udp and ip.dst == $(node_ip4 "$1")" -T fields -e udp.srcport \
		-e frame.time_relative 2>/dev/null |
		awk '$1 % 2 == 0 { if ($1 in t && $2 - t[$1] > m[$1]) m[$1] = $2 - t[$1]; t[$1] = $2; n[$1]++ }
			END { for (p in m) if (n[p] > 100) printf "%.0f\n", m[p] * 1000 }' | sort -n
}
percentiles() { jq -s 'if length == 0 then null else {streams: length, p50_ms: .[length / 2 | floor],
	p99_ms: .[(length * 99 / 100 | floor)], max_ms: .[-1]} end'; }

start
say "$CALLS calls ..."
calls
wire_start a a udp && wire_start b b udp
say "the first router is gone ..."
cables router down
kill -KILL "$DAEMON_PID" "$FIRST_VRRP"
DAEMON_PID=
wait_until 20 forwards "$CALLS" || give_up "not all calls are forwarded by the second router"
wire_stop a b
took=$(sed -nE 's/.*taken over calls=[1-9].*took_ms=([0-9]+).*/\1/p' "$TD_TMP/second/log" | tail -1)
jq -n --argjson calls "$CALLS" --argjson advert "$ADVERT_MS" --argjson took "${took:-null}" \
	--argjson taken "$(on second tdj show replication | jq .taken_over)" \
	--argjson up "$(on second tdj show calls | jq '[.[] | select(.state == "up")] | length')" \
	--argjson caller "$(pauses a | percentiles)" --argjson called "$(pauses b | percentiles)" \
	'{calls: $calls, taken_over: $taken, up: $up, advert_ms: $advert, took_ms: $took, pause_at_caller: $caller, pause_at_called: $called}'
