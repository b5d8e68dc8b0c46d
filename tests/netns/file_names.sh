#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Hosts that ask the file servers for what they must not have: a thousand names that lead out of
# the folder, broken packets, transfers that are begun and left. Nothing is served, memory stays
# where it was, the log is not flooded, and the phone next to them gets its file.
#
#   [a: alice's MAC] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd :69 :6970 ] wan0 ---- [b: the others]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool curl

ask() { in_ns b "$TD_ROOT/tests/lib/filenames.py" "$@"; }
rss_kib() { awk '/^VmRSS/ { print $2 }' "/proc/$(worker_pid)/status"; }
gets() { in_ns a timeout 10 curl -sf -o "$TD_TMP/got" "$1://$(gw_ip4 a)$2/$NAME" && grep -q ">$A_NUMBER<" "$TD_TMP/got"; }
alice_is_served() { check "alice gets her file by TFTP" gets tftp "" && check "... and by HTTP" gets http :6970; }
said() { wc -l <"$TD_LOG"; }

case_up() {
	lab_setup
	MAC=$(ip -n "$(lab_ns a)" -j link show eth0 | jq -r '.[0].address')
	NAME=SEP$(tr -d ':' <<<"$MAC" | tr a-f A-F).cnf.xml
	# shellcheck disable=SC2034 # for office_config
	OFFICE_A="		option mac '$MAC'
		option type '9971'"
	mkdir -p "$TD_TMP/files/home"
	echo "secret" >"$TD_TMP/files/secret"
	head -c 3000000 /dev/zero >"$TD_TMP/files/home/firmware.bin"
	ln -s ../secret "$TD_TMP/files/home/link.bin"
	chmod -R a+rX "$TD_TMP/files"
	# shellcheck disable=SC2034
	OFFICE_MORE="config provision 'provision'
		option home_path '$TD_TMP/files/home'"
	office_config off >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	check "the table of names is there" wait_until 5 show_has 'any(.[]; .name == "firmware.bin")' show provision files
	alice_is_served
	RSS=$(rss_kib) WORKER=$(worker_pid)
}

case_names() {
	local lines n
	lines=$(said)
	for n in {100..162}; do ip -n "$(lab_ns b)" addr add "10.2.0.$n/24" dev eth0; done
	equal "a thousand names by TFTP: none is served" "1000 0" "$(ask tftp "$(gw_ip4 b)" "$NAME" secret)"
	equal "a thousand names by HTTP: none is served" "1000 0" "$(ask http "$(gw_ip4 b)" "$NAME" secret)"
	equal "a link that leads out is no file" 404 "$(in_ns b timeout 10 curl -s -o /dev/null -w '%{http_code}' "http://$(gw_ip4 b):6970/link.bin")"
	[ $(($(said) - lines)) -le 20 ] && ok "the log has a line of each kind, not of each name" ||
		{ not_ok "the log has a line of each kind, not of each name"; diag "$(($(said) - lines)) lines"; }
	alice_is_served
}

case_noise() {
	equal "packets that are no requests: no file comes" 0 "$(ask noise "$(gw_ip4 b)")"
	alice_is_served
}

case_stuck() {
	ns_exec b "$TD_ROOT/tests/lib/filenames.py" stuck "$(gw_ip4 b)" 300 firmware.bin >"$TD_TMP/stuck" &
	STUCK=$!
	check "900 transfers and connections are begun and left" wait_until 30 grep -q stuck "$TD_TMP/stuck"
	alice_is_served
	grown=$(($(rss_kib) - RSS))
	[ "$grown" -lt "$(memory_limit 16384)" ] && ok "memory is bounded ($grown KiB more)" || not_ok "memory is bounded ($grown KiB more)"
	kill "$STUCK"
	wait "$STUCK" 2>/dev/null
	equal "the same worker is there" "$WORKER" "$(worker_pid)"
}

run_cases case_up case_names case_noise case_stuck
