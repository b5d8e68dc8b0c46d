#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# SCCP over IPv6, and phones of different families in one call; which families, addresses and
# ports are heard.
#
#   [s4 10.1.0.2, s6 fd00:1::2] node a -- [ tandemd ] -- node b [t6 fd00:2::2]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
need_root
need_daemon
need_tool python3

config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		list interface 'wan0'
	config sccp 'sccp'
	$1
	config phone 's4'
		option protocol 'sccp'
		option mac '000000000014'
		option address '$(node_ip4 a)'
		option number '1004'
	config phone 's6'
		option protocol 'sccp'
		option mac '000000000016'
		option address '$(node_ip6 a)'
		option number '1006'
	config phone 't6'
		option protocol 'sccp'
		option mac '000000000026'
		option address '$(node_ip6 b)'
		option number '2006'
	UCI
}
again() { config "$1" >"$TD_CONF"; td reload >/dev/null; }
listens_on() { show_has "[.[] | select(.state == \"listening\") | .family] == $1" show sccp sockets; }

setup() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	config "	option protocol_mode 'dual'" >"$TD_CONF"
	check "tandemd takes calls" daemon_start "$TD_CONF"
	sccp_start s4 a SEP000000000014 11 440 --bind "$(node_ip4 a)" --type 7960
	SCCP_SERVER=$(gw_ip6 a) sccp_start s6 a SEP000000000016 22 550 --bind "$(node_ip6 a)"
	SCCP_SERVER=$(gw_ip6 b) sccp_start t6 b SEP000000000026 17 660 --bind "$(node_ip6 b)"
	check "phones of both families register" wait_until 10 registered_is 3
}

# talk_between A B NUMBER HZ_A HZ_B
talk_between() {
	sccp_mark "$1" "$2"
	sccp_do "$1" enbloc "$3"
	sccp_wait "$2" '^ringer 2'
	sccp_do "$2" answer
	check "$1 to $2: media both ways" wait_until 15 legs_have 150
	LAST_PATH=$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')
	sccp_do "$1" end
	check "$1 to $2: no call is left" wait_until 10 show_has 'length == 0' show calls
	check "$2 heard $1" "$TD_ROOT/tests/lib/tone.py" "$(sccp_dir "$2")/heard.wav" "$4" 1
	check "$1 heard $2" "$TD_ROOT/tests/lib/tone.py" "$(sccp_dir "$1")/heard.wav" "$5" 1
}

case_calls() {
	talk_between s6 t6 2006 550 660
	equal "IPv6 to IPv6 by XDP" "xdp xdp" "$LAST_PATH"
	talk_between s4 t6 2006 440 660
	equal "IPv4 to IPv6 by XDP" "xdp xdp" "$LAST_PATH"
	talk_between t6 s4 1004 660 440
	for s in s4 s6 t6; do check "$s met nothing that it does not know" sccp_clean $s; done
}

case_sockets() {
	check "show ephone socket: both families, three phones" show_has \
		'([.[] | select(.state == "listening") | .family] == ["ipv4", "ipv6"]) and
		 ([.[] | select(.state == "registered") | .family] | sort == ["ipv4", "ipv6", "ipv6"])' show ephone socket
}

case_mode() {
	again "	option protocol_mode 'ipv6'"
	check "protocol_mode ipv6: only that is heard" listens_on '["ipv6"]'
	check "... the other is shown as -1" show_has '.[0].socket == -1' show sccp sockets
	again "	option protocol_mode 'ipv4'"
	check "protocol_mode ipv4" listens_on '["ipv4"]'
	again "	option port '2443'"
	sccp_start p4 a SEP000000000014 11 440 --bind "$(node_ip4 a)" --port 2443
	check "another port is heard after a reload" sccp_wait p4 '^registered'
	sccp_stop p4
	check "... with IPv4 nobody minds" not grep -q 'leave it so' "$TD_LOG"
	again "	option protocol_mode 'dual'
	option port '2443'"
	check "... with IPv6 there is a warning" wait_until 5 grep -q 'port=2443 family=ipv6: .*leave it so' "$TD_LOG"
}

case_strict() {
	again "	list source_address '$(gw_ip4 a)'"
	SCCP_SERVER=$(gw_ip4 b) sccp_start x a SEP000000000014 11 440 --bind "$(node_ip4 a)"
	check "any of the router's addresses will do" sccp_wait x '^registered'
	sccp_stop x
	again "	list source_address '$(gw_ip4 a)'
	option strict_match '1'"
	SCCP_SERVER=$(gw_ip4 b) sccp_start y a SEP000000000014 11 440 --bind "$(node_ip4 a)"
	check "strict_match: only source_address" sccp_wait y "^reject 'Wrong address of the router'"
	sccp_start z a SEP000000000014 11 440 --bind "$(node_ip4 a)"
	check "... which is let in" sccp_wait z '^registered'
}

# a cap on what one host may open; the phones notice nothing
case_crowd() {
	again "	option max_per_host '20'"
	check "200 connections of one host" in_ns a python3 - "$(gw_ip4 a)" <<-'PY'
	import socket, sys, time
	socks = []
	for i in range(200):
	    s = socket.create_connection((sys.argv[1], 2000))
	    s.setblocking(False)
	    socks.append(s)
	end = time.time() + 5
	while time.time() < end:
	    alive = 0
	    for s in socks:
	        try:
	            alive += s.recv(1, socket.MSG_PEEK) != b""
	        except BlockingIOError:
	            alive += 1
	        except OSError:
	            pass
	    if alive <= 20:
	        sys.exit(0 if alive >= 15 else 1)
	sys.exit(1)
	PY
	check "... are capped and counted" show_has '.sccp.refused_host >= 180' show stats
	check "... the daemon takes calls" show_has '.state == "registered"' show phone s4
}

setup
run_cases case_calls case_sockets case_mode case_strict case_crowd
