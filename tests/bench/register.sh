#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# REGISTERs a second, plain and with digest, against Kamailio on the same machine in the same
# run: CPU for each, the highest rate without a loss, and what is left of the best rate under
# twice the load that saturates the server. Both servers stand in the router's namespace, on
# CPU 0; the phones are on CPU 1. Rounds of the two are interleaved.
#
#   [phones] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd :5060 | kamailio :5070, :5071 ]
#
# The CPU for each is taken with sipp at a moderate rate. The limits are taken with
# register.c, which offers what it is told whatever the server does (sipp is slower than
# the servers and would measure itself); its own losses are counted beside. Tandem answers
# when the registration is on disk; Kamailio keeps it in memory. Figures are never judged.
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/bench.sh"
need_root
need_daemon
need_tool kamailio
need_tool sipp

CROWD=$TD_BUILD/tests/bench/register
[ -x "$CROWD" ] || skip_all "needs $CROWD: make bench-bins"

PHONES=${PHONES:-1000} ROUNDS=${ROUNDS:-3} CPU_RATE=${CPU_RATE:-2000} SECONDS_EACH=${SECONDS_EACH:-4}
STEPS=${STEPS:-8000 12000 16000 18000 20000 24000 28000 32000 40000 48000 56000 64000}
KAM_CHILDREN=${KAM_CHILDREN:-1}		# processes; on one CPU more only take turns

# ---- the two servers -----------------------------------------------------------

tandem_config() {
	local i
	cat <<-UCI
	config global 'global'
		option hostname 'bench'
		list interface 'lan0'

	config sip 'sip'
		option realm 'bench'
		option authenticate '$1'

	UCI
	for ((i = 0; i < PHONES; i++)); do
		printf "config phone 'p%d'\n\toption number '%d'\n\toption password 'secret-%d'\n\toption address '%s:%d'\n" \
			"$i" $((2000 + i)) $((2000 + i)) "$(node_ip4 a)" $((10000 + i))
	done
}

kamailio_config() {
	local dir
	dir=$(dirname "$(find /usr/lib -path '*kamailio/modules/usrloc.so' | head -1)")
	cat <<-CFG
	debug=0
	log_stderror=yes
	children=$KAM_CHILDREN
	disable_tcp=yes
	auto_aliases=no
	dns=no
	rev_dns=no
	listen=udp:$(gw_ip4 a):5070
	listen=udp:$(gw_ip4 a):5071
	mpath="$dir/"
	loadmodule "sl.so"
	loadmodule "pv.so"
	loadmodule "usrloc.so"
	loadmodule "registrar.so"
	loadmodule "auth.so"
	modparam("usrloc", "db_mode", 0)
	modparam("registrar", "max_contacts", 4)
	modparam("auth", "nonce_expire", 300)
	request_route {
		if (\$rm != "REGISTER") {
			sl_send_reply("405", "Method Not Allowed");
			exit;
		}
		if (\$Rp == 5071) {
			\$var(secret) = "secret-" + \$fU;
			if (!pv_auth_check("bench", "\$var(secret)", "0", "0")) {
				auth_challenge("bench", "1");
				exit;
			}
		}
		save("location");
	}
	CFG
}

kamailio_start() {
	mkdir -p "$TD_TMP/kamailio"
	kamailio_config >"$TD_TMP/kamailio.cfg"
	ns_exec router kamailio -f "$TD_TMP/kamailio.cfg" -DD -E -m 256 -M 32 -Y "$TD_TMP/kamailio" \
		>"$TD_TMP/kamailio.log" 2>&1 </dev/null &
	KAM_PID=$!
	wait_until 10 kamailio_listens || { tail -5 "$TD_TMP/kamailio.log" >&2; return 1; }
}
kamailio_listens() { in_ns router ss -Hlun 'sport = 5071' | grep -q .; }

pid_of() { [ "$1" = tandem ] && echo "$DAEMON_PID" || echo "$KAM_PID"; }

# prepare SERVER KIND - its port in PORT (what Tandem is set to is in a file: runs are subshells)
prepare() {
	case $1-$2 in
	tandem-*)
		PORT=5060
		[ "$(cat "$TD_TMP/tandem-is" 2>/dev/null)" = "$2" ] && return
		echo "$2" >"$TD_TMP/tandem-is"
		tandem_config "$([ "$2" = plain ] && echo auto || echo all)" >"$TD_CONF"
		td reload >&2 ;;
	kamailio-plain) PORT=5070 ;;
	kamailio-digest) PORT=5071 ;;
	esac
}

# ---- one run -----------------------------------------------------------------------

scenario_of() { [ "$1" = plain ] && echo register_plain || echo register; }

# by_sipp SERVER KIND RATE - one JSON object
by_sipp() {
	local server=$1 kind=$2 rate=$3 before after pid
	pid=$(pid_of "$server")
	prepare "$server" "$kind"
	before=$(cpu_ms "$pid")
	sipp_run load a "$(gw_ip4 a):$PORT" -sf "$TD_ROOT/tests/lib/sipp/$(scenario_of "$kind").xml" \
		-inf "$TD_TMP/phones.csv" -m $((rate * SECONDS_EACH)) -r "$rate" -l 100000 \
		-i "$(node_ip4 a)" -p 5090 -key contact_port 6060
	after=$(cpu_ms "$pid")
	jq -n --argjson rate "$rate" --argjson good "$(sipp_ok_calls load)" --argjson cpu $((after - before)) \
		--argjson failed "$(sipp_failed_calls load)" --argjson again "$(sipp_stat load 'Retransmissions(C)')" '
		{rate: $rate, good: $good, failed: $failed, retransmissions: $again, cpu_ms: $cpu,
		 cpu_ms_each: (if $good > 0 then ($cpu / $good * 10000 | round / 10000) else null end)}'
}

# datagrams that found a full receive buffer in a node
udp_lost() { in_ns "$1" awk '/^Udp:/ && $2 ~ /^[0-9]/ { print $6 }' /proc/net/snmp; }

# by_crowd SERVER KIND RATE SECONDS - one JSON object
by_crowd() {
	local server=$1 kind=$2 cpu pid lost lost_here said
	pid=$(pid_of "$server")
	prepare "$server" "$kind"
	cpu=$(cpu_ms "$pid") lost=$(udp_lost router) lost_here=$(udp_lost a)
	said=$(in_ns a "$CROWD" "$(gw_ip4 a):$PORT" "$(node_ip4 a):5090" "$kind" 2000 "$PHONES" "$3" "$4")
	jq --argjson cpu $(($(cpu_ms "$pid") - cpu)) --argjson lost $(($(udp_lost router) - lost)) \
		--argjson here $(($(udp_lost a) - lost_here)) \
		'. + {cpu_ms: $cpu, dropped_at_server: $lost, dropped_at_crowd: $here}' <<<"$said"
}

# ---- the three parts -------------------------------------------------------------

cpu_part() {
	local round server kind
	for ((round = 1; round <= ROUNDS; round++)); do
		for kind in plain digest; do
			for server in tandem kamailio; do
				say "CPU at $CPU_RATE/s, round $round: $server $kind"
				by_sipp $server $kind "$CPU_RATE" |
					jq --arg s $server --arg k $kind '{server: $s, kind: $k} + .'
			done
		done
	done | jq -s 'def median: sort | .[length / 2 | floor];
		group_by(.kind) | map({(.[0].kind): (group_by(.server) | map({(.[0].server): {
			cpu_ms: (map(.cpu_ms_each) | median), rounds: map(.cpu_ms_each)}}) | add
			| . + {tandem_to_kamailio: ((.tandem.cpu_ms / .kamailio.cpu_ms * 1000 | round) / 1000)})})
		| add'
}

# keeps_up JSON - as many end well as are offered, but for a tenth
keeps_up() { jq -e '.good_per_s >= .offered_per_s * 0.9' <<<"$1" >/dev/null; }

# steps SERVER KIND - all rates until two in a row are too much. Clean is a rate at which nothing
# failed, and of a thousand not one had to ask again.
steps() {
	local rate one over=0
	for rate in $STEPS; do
		say "$1 $2: $rate/s"
		one=$(by_crowd "$1" "$2" "$rate" "$SECONDS_EACH")
		echo "$one"
		keeps_up "$one" && over=0 || over=$((over + 1))
		[ $over -ge 2 ] && break
		sleep 1		# what was not answered is forgotten by then
	done | jq -s '{steps: .,
		highest_clean_per_s: ([.[] | select(.failed == 0 and .retransmissions * 1000 <= .offered)
			| .rate] | max),
		peak_good_per_s: ([.[].good_per_s] | max),
		saturated_at: (max_by(.good_per_s) | .rate)}'
}

# overload SERVER KIND STEPS-JSON - twice the load that gave the peak
overload() {
	local twice
	twice=$(jq '.saturated_at * 2' <<<"$3")
	say "$1 $2: overload, $twice/s"
	by_crowd "$1" "$2" "$twice" 6 | jq --argjson peak "$(jq .peak_good_per_s <<<"$3")" \
		'. + {of_peak: (if $peak > 0 then (.good_per_s / $peak * 1000 | round / 1000) else null end)}'
}

limits_part() {
	local kind server s
	for kind in plain digest; do
		for server in tandem kamailio; do
			s=$(steps $server $kind)
			jq --arg s $server --arg k $kind --argjson over "$(overload $server $kind "$s")" \
				'{server: $s, kind: $k} + . + {overload: $over}' <<<"$s"
		done
	done | jq -s 'group_by(.kind) | map({(.[0].kind): (map({(.server): del(.server, .kind)}) | add)}) | add'
}

bench_setup
TD_CONF=$TD_TMP/tandem
tandem_config all >"$TD_CONF"
daemon_start "$TD_CONF" --log-level error || exit 1
kamailio_start || exit 1
on_cpu0 "$DAEMON_PID"
on_cpu0 "$KAM_PID"
csv_numbers 2000 "$PHONES" >"$TD_TMP/phones.csv"
for s in tandem kamailio; do by_sipp $s digest 500 >/dev/null; done	# all bindings are there
cpu_part >"$TD_TMP/cpu.json"
limits_part >"$TD_TMP/limits.json"
jq -n --slurpfile c "$TD_TMP/cpu.json" --slurpfile l "$TD_TMP/limits.json" --argjson phones "$PHONES" \
	--argjson rate "$CPU_RATE" --argjson children "$KAM_CHILDREN" \
	--arg kamailio "$(kamailio -v | awk 'NR == 1 { print $3 }')" \
	--argjson shed "$(tdj show stats | jq .sip.register_shed)" \
	'{phones: $phones, kamailio: {version: $kamailio, children: $children},
	  cpu_at_rate: $rate, cpu: $c[0], limits: $l[0], tandem_shed: $shed,
	  goals: {overload_of_peak: 0.9}}' >&3
