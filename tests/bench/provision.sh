#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# PHONES phones boot at once: each fetches six files of 1 to 50 KB, some also firmware of 1 MB, by
# TFTP and by HTTP; the same crowd with the same files at tftpd-hpa and nginx in the same run,
# rounds interleaved. And how long the files take to be made from the configuration. The server is
# on CPU 0, the crowd on CPU 1. Figures are never judged.
#
#   [crowd, 10.3.0.1 ...] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd | tftpd-hpa | nginx  :69, :6970 ]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/bench.sh"
need_root
need_daemon
need_tool in.tftpd
need_tool nginx
CROWD=$TD_BUILD/tests/bench/provision
[ -x "$CROWD" ] || skip_all "needs $CROWD: make bench-bins"
PHONES=${PHONES:-1000} FIRMWARES=${FIRMWARES:-50} ROUNDS=${ROUNDS:-2}
SIZES="1 10 25 40 50"		# KB of what every phone fetches behind its own file

address_of() { echo "10.3.$((($1 + 1) / 256)).$((($1 + 1) % 256))"; }
config() {
	local i
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		option log_level 'warn'
		option timezone 'Europe/Berlin'
	config provision 'provision'
		option home_path '$TD_TMP/home'
		option scope '$2'
		option store '$1'
		option path '$TD_TMP/files'
	UCI
	for ((i = 0; i < PHONES; i++)); do
		printf "config phone 'p%d'\n\toption type '7970'\n\toption number '%d'\n\toption mac '%012X'\n\toption password 'secret-of-%d'\n" \
			"$i" $((20000 + i)) $((0x020000000000 + i)) "$i"
		printf "\toption address '%s'\n\tlist button '2:speed-dial:20001:Bob'\n\tlist button '3:blf:20002:Carol'\n" "$(address_of "$i")"
	done
}

# ... all of one block of addresses, the router needs one neighbour for them
crowd_net() {
	local i
	for ((i = 0; i < PHONES; i++)); do echo "addr add $(address_of $i)/32 dev lo"; done |
		ip -n "$(lab_ns a)" -batch -
	ip -n "$(lab_ns router)" route add 10.3.0.0/16 via "$(node_ip4 a)"
}

# took - milliseconds of the last run
took() { tdj show provision | jq .took_ms; }
run_ended() { show_has '.state == "idle" and .error == null and .files > '"$PHONES"'' show provision; }
listens() { in_ns router ss -Hl"$1"n "sport = $2" | grep -q .; }

# crowd KIND - its JSON
crowd() {
	# shellcheck disable=SC2086,SC2046 # words
	in_ns a "$CROWD" "$1" "$(gw_ip4 a)" 10.3.0.1 "$PHONES" "$TD_TMP/files" "$FIRMWARES" $(printf 'bench%s.bin ' $SIZES) firmware.bin
}

run_tandem() {
	daemon_start "$TD_CONF" >/dev/null || return 1
	on_cpu0 "$DAEMON_PID"
	wait_until 30 run_ended
	crowd "$1"
	daemon_stop
}

run_hpa() {
	ns_exec router taskset -c 0 in.tftpd --foreground --secure --address "$(gw_ip4 a):69" "$TD_TMP/files" &
	PEER=$!
	wait_until 5 listens u 69
	crowd tftp
	peer_stop
}

run_nginx() {
	cat >"$TD_TMP/nginx.conf" <<-CFG
	daemon off; worker_processes 1; pid $TD_TMP/nginx.pid; error_log $TD_TMP/nginx.log;
	user root;
	events { worker_connections 4096; }
	http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000;
		server { listen 6970; root $TD_TMP/files; } }
	CFG
	ns_exec router taskset -c 0 nginx -c "$TD_TMP/nginx.conf" 2>/dev/null &
	PEER=$!
	wait_until 5 listens t 6970
	crowd http
	peer_stop
}
peer_stop() { kill "$PEER"; wait "$PEER" 2>/dev/null; }

# best FILE - of several rounds the one with the highest throughput
best() { jq -s 'max_by(.mb_per_s)' "$1"; }

bench_setup
crowd_net
mkdir -p "$TD_TMP/home" "$TD_TMP/files"
for kb in $SIZES; do head -c $((kb * 1024)) /dev/urandom >"$TD_TMP/home/bench$kb.bin"; done
head -c 1048576 /dev/urandom >"$TD_TMP/home/firmware.bin"
cp "$TD_TMP"/home/* "$TD_TMP/files/"
chmod 755 "$TD_TMP"
chown tandem "$TD_TMP/files"

TD_CONF=$TD_TMP/tandem
config memory system >"$TD_CONF"
daemon_start "$TD_CONF" || exit 1
on_cpu0 "$DAEMON_PID"
wait_until 30 run_ended
make_ms=$(took)
config path phone >"$TD_CONF"
td reload
wait_until 30 test -s "$TD_TMP/files/$(printf 'SEP%012X.cnf.xml' $((0x020000000000 + PHONES - 1)))"
wait_until 30 run_ended
store_ms=$(took)
chmod -R a+rX "$TD_TMP/files"	# the peers have users of their own
daemon_stop
config memory system >"$TD_CONF"

for ((round = 0; round < ROUNDS; round++)); do
	say "round $((round + 1)) of $ROUNDS"
	run_tandem tftp >>"$TD_TMP/tandem.tftp"
	run_hpa >>"$TD_TMP/hpa.tftp"
	run_tandem http >>"$TD_TMP/tandem.http"
	run_nginx >>"$TD_TMP/nginx.http"
done
jq -n --argjson make_ms "$make_ms" --argjson store_ms "$store_ms" \
	--argjson tftp "$(best "$TD_TMP/tandem.tftp")" --argjson hpa "$(best "$TD_TMP/hpa.tftp")" \
	--argjson http "$(best "$TD_TMP/tandem.http")" --argjson nginx "$(best "$TD_TMP/nginx.http")" '
	{files_made_ms: $make_ms, files_made_and_stored_ms: $store_ms,
	 tftp: $tftp, tftpd_hpa: $hpa, tftp_ratio: ($tftp.mb_per_s / $hpa.mb_per_s * 100 | round / 100),
	 http: $http, nginx: $nginx, http_ratio: ($http.mb_per_s / $nginx.mb_per_s * 100 | round / 100)}' >&3
