#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 90
#
# A phone's file goes to the host that holds its MAC, whoever else asks: two hosts on one bridge,
# where the kernel's neighbour table tells; a host behind a router, where the lease file tells;
# and one that the operator has given an address. By TFTP and by HTTP, with clients that we did
# not write. Who guesses names is not served for a while by TFTP, and banned by HTTP.
#
#   [a: alice's MAC] .2 eth0 -- lan0 -+
#                                     +- br-lan 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 -- .2 [b: router] .1 -- .7 [far: dora's]
#   [mallory]        .3 eth0 -- lan1 -+                                            10.7.0.0/24
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool curl
need_tool python3

rt() { ip -n "$(lab_ns router)" "$@"; }
mac_of() { ip -n "$(lab_ns "$1")" -j link show eth0 | jq -r '.[0].address'; }
sep() { echo "SEP$(tr -d ':' <<<"$1" | tr a-f A-F).cnf.xml"; }

network() {
	lab_setup
	make_ns "$(lab_ns mallory)"
	ip link add lan1 netns "$(lab_ns router)" type veth peer name eth0 netns "$(lab_ns mallory)"
	ip -n "$(lab_ns mallory)" addr add 10.1.0.3/24 dev eth0
	ip -n "$(lab_ns mallory)" link set eth0 up
	ip -n "$(lab_ns mallory)" route add default via 10.1.0.1
	rt addr flush dev lan0
	rt link add br-lan type bridge
	for l in lan0 lan1; do rt link set "$l" master br-lan; rt link set "$l" up; done
	rt addr add 10.1.0.1/24 dev br-lan
	rt link set br-lan up
	make_ns "$(lab_ns far)"
	ip link add eth1 netns "$(lab_ns b)" type veth peer name eth0 netns "$(lab_ns far)"
	ip -n "$(lab_ns b)" addr add 10.7.0.1/24 dev eth1
	ip -n "$(lab_ns b)" link set eth1 up
	in_ns b sysctl -qw net.ipv4.ip_forward=1
	ip -n "$(lab_ns far)" addr add 10.7.0.7/24 dev eth0
	ip -n "$(lab_ns far)" addr add 10.7.0.8/24 dev eth0
	ip -n "$(lab_ns far)" addr add 10.7.0.9/24 dev eth0
	ip -n "$(lab_ns far)" link set eth0 up
	ip -n "$(lab_ns far)" route add default via 10.7.0.1
	rt route add 10.7.0.0/24 via 10.2.0.2
}

config() {
	cat <<-UCI
	config global 'global'
		list interface 'br-lan'
		list interface 'wan0'
	config provision 'provision'
		list lease_file '$TD_TMP/leases'
	config phone 'alice'
		option type '7965'
		option mac '$(mac_of a)'
		option number '1001'
		option password 'secret-of-alice'
	config phone 'dora'
		option type '7965'
		option mac '$(mac_of far)'
		option number '1004'
		option password 'secret-of-dora'
	config phone 'erik'
		option type '7965'
		option mac '000000000077'
		option address '10.7.0.9'
		option number '1005'
		option password 'secret-of-erik'
	UCI
}

# tftp NODE NAME [SOURCE] - is it served? The file is in $TD_TMP/got
tftp() {
	rm -f "$TD_TMP/got"
	in_ns "$1" timeout 10 curl -sf ${3:+--interface "$3"} -o "$TD_TMP/got" "tftp://$SERVER/$2" && [ -s "$TD_TMP/got" ]
}
# http NODE NAME [SOURCE] - the status
http() {
	in_ns "$1" timeout 10 curl -s ${3:+--interface "$3"} -o "$TD_TMP/got" -w '%{http_code}' "http://$SERVER:6970/$2"
}
http_is() { local want=$1; shift; [ "$(http "$@")" = "$want" ]; }
# gets NODE NAME TEXT [SOURCE]
gets() {
	check "$3 gets it by TFTP" tftp "$1" "$2" "${4:-}"
	equal "$3 gets it by HTTP" 200 "$(http "$1" "$2" "${4:-}")"
}
gets_not() {
	check "$3 does not get it by TFTP" not tftp "$1" "$2" "${4:-}"
	equal "$3 does not get it by HTTP" 403 "$(http "$1" "$2" "${4:-}")"
}
lease() { printf '%s %s %s * *\n' "$@"; }

case_up() {
	network
	SERVER=10.1.0.1
	config >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	check "the table of names is there" wait_until 5 show_has 'any(.[]; .phone == "dora")' show provision files
	ALICE=$(sep "$(mac_of a)") DORA=$(sep "$(mac_of far)") ERIK=SEP000000000077.cnf.xml
}

# its very first packet is the request: the kernel has not heard of the host yet
case_neighbours() {
	rt neigh flush dev br-lan
	gets a "$ALICE" "the host that holds the MAC"
	rt neigh flush dev br-lan
	gets_not mallory "$ALICE" "the one beside it"
	has "which is logged" "host=10.1.0.3 refused file=$ALICE" "$TD_LOG"
	gets_not far "$ALICE" "one behind a router"
}

# an address is no proof: mallory takes alice's while alice is away
case_borrowed_address() {
	ip -n "$(lab_ns a)" link set eth0 down
	ip -n "$(lab_ns mallory)" addr add 10.1.0.2/24 dev eth0
	rt neigh flush dev br-lan
	lease 0 "$(mac_of a)" 10.1.0.2 >"$TD_TMP/leases"
	gets_not mallory "$ALICE" "who takes its address, lease or not," 10.1.0.2
	ip -n "$(lab_ns mallory)" addr del 10.1.0.2/24 dev eth0
	ip -n "$(lab_ns a)" link set eth0 up
	ip -n "$(lab_ns a)" route add default via 10.1.0.1
	rt neigh flush dev br-lan
	check "when alice is back, it gets it" wait_until 5 tftp a "$ALICE"
}

case_leases() {
	rm -f "$TD_TMP/leases"
	SERVER=10.2.0.1
	gets_not far "$DORA" "behind a router, without a lease, it"
	lease 0 "$(mac_of far)" 10.7.0.7 >"$TD_TMP/leases.new"
	mv "$TD_TMP/leases.new" "$TD_TMP/leases"
	check "with a lease it does, as soon as that is there" wait_until 3 http_is 200 far "$DORA" 10.7.0.7
	gets far "$DORA" "with its lease it" 10.7.0.7
	gets_not far "$DORA" "from another address it" 10.7.0.8
	lease 1500000000 "$(mac_of far)" 10.7.0.7 >"$TD_TMP/leases"
	check "when the lease is over, it does not" wait_until 3 http_is 403 far "$DORA" 10.7.0.7
	gets far "$ERIK" "the one with a fixed address" 10.7.0.9
	gets_not far "$ERIK" "one with another address" 10.7.0.8
}

# names that anybody could guess, as many as a second holds
guess_http() {
	in_ns mallory timeout 20 curl -s -m 1 -o /dev/null -w '%{http_code}\n' \
		"http://10.1.0.1:6970/SEP0000000000[10-54].cnf.xml" | sort | uniq -c >"$TD_TMP/guessed"
}
banned() { show_has 'any(.banned[]; .address == "10.1.0.3" and (.reason | test("not its own")))' show firewall; }

case_guessing() {
	SERVER=10.1.0.1
	check "who asks before guesses gets what is for all" tftp mallory XMLDefault.cnf.xml
	in_ns mallory timeout 20 python3 - <<-'PY' >"$TD_TMP/out"
	import socket
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.settimeout(1)
	answers = 0
	for i in range(200):
	    s.sendto(b"\0\1SEP%012X.cnf.xml\0octet\0" % i, ("10.1.0.1", 69))
	try:
	    while s.recv(600)[:4] == b"\0\5\0\1":
	        answers += 1
	except socket.timeout:
	    pass
	print(answers)
	PY
	at_least "guesses by TFTP: a few are answered" 20 "$(cat "$TD_TMP/out")"
	check "then no more" [ "$(cat "$TD_TMP/out")" -le 40 ]
	check "a source of UDP may be anybody's: it is not banned" show_has '.banned == []' show firewall
	check "and others are served" tftp a "$ALICE"
	guess_http
	check "who guesses by HTTP is banned" wait_until 5 banned
	has "which is logged with the reason" 'banned address=10.1.0.3 .*not its own, as SEP' "$TD_LOG"
	equal "and gets no answer" 000 "$(in_ns mallory timeout 5 curl -s -m 1 -o /dev/null -w '%{http_code}' "http://10.1.0.1:6970/XMLDefault.cnf.xml")"
	equal "others do" 200 "$(http a "$ALICE")"
}

run_cases case_up case_neighbours case_borrowed_address case_leases case_guessing
