#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# Ways that are not simply a cable: an address on the loopback device that phones are told, a
# phone behind a tunnel (no Ethernet, nothing for XDP) and a phone on the router itself. All of
# them call; what XDP cannot do the relay does.
#
#   [phone a] 10.1.0.2 eth0 --- lan0 [tandemd 192.0.2.1] wan0 --- eth0 10.2.0.2 [phone b]
#                                  | 10.8.0.1 tun0 ====(UDP)==== tun0 10.8.0.2 [phone t]
#                                  + 192.0.2.9 [phone l, on the router]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

OWN=192.0.2.1
rt() { ip -n "$(lab_ns router)" "$@"; }

# tun NODE FROM TO - one end of a tunnel: IP packets in UDP
tun() {
	ns_exec "$1" socat "TUN,tun-type=tun,tun-name=tun0,iff-no-pi" \
		"UDP-DATAGRAM:$3:7000,bind=$2:7000" >"$TD_TMP/tun-$1.log" 2>&1 </dev/null &
	wait_until 5 ip -n "$(lab_ns "$1")" link show dev tun0
}

# tun0 NODE OWN - bring it up
tun0() {
	ip -n "$(lab_ns "$1")" addr add "$2/30" dev tun0 && ip -n "$(lab_ns "$1")" link set tun0 up
}

make_tunnel() {
	tun router "$(gw_ip4 b)" "$(node_ip4 b)" && tun b "$(node_ip4 b)" "$(gw_ip4 b)" || return
	make_ns "$(lab_ns t)"
	ip -n "$(lab_ns b)" link set tun0 netns "$(lab_ns t)"
	tun0 router 10.8.0.1 && tun0 t 10.8.0.2 && ip -n "$(lab_ns t)" route add default dev tun0
}

case_register() {
	lab_setup
	rt addr add $OWN/32 dev lo
	rt addr add 192.0.2.9/32 dev lo
	check "a tunnel" make_tunnel || return
	# shellcheck disable=SC2034 # for office_config
	OFFICE_GLOBAL="	list interface 'tun0'" OFFICE_MORE="
	config sip 'sip'
		option source_address '$OWN'
	config phone 'tom'
		option number '1003'
		option password 'a-long-secret-of-tom'
	config phone 'liz'
		option number '1004'
		option password 'a-long-secret-of-liz'
	"
	office_config native >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	export PHONE_PROXY=$OWN
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	PHONE_DEV=tun0 phone_start t t 1003 a-long-secret-of-tom 660 5061
	PHONE_DEV=lo PHONE_LISTEN=192.0.2.9 phone_start l router 1004 a-long-secret-of-liz 550 5062
	check "four phones register at $OWN" wait_until 10 registered_is 4
	equal "XDP is on the cables only" "native native none" \
		"$(xdp_mode lan0) $(xdp_mode wan0) $(xdp_mode tun0)"
	has "the log says so of the tunnel" "interface=tun0 is no Ethernet" "$TD_LOG"
}

# call_by NUMBER PHONE PATH - a calls; a hundred packets each way, none lost
call_by() {
	phone_mark a; phone_mark "$2"
	phone_do a dial "sip:$1@$OWN"
	check "$2 rings" wait_until 10 phone_rings "$2" || return
	phone_do "$2" accept
	check "the call is up" wait_until 10 show_has '.[0].state == "up"' show calls
	check "100 packets each way" wait_until 10 legs_have 100
	equal "both legs are on path $3" "$3 $3" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	equal "no packet lost" "0 0" "$(tdj show calls | jq -r '[.[0].legs[].lost]|join(" ")')"
	phone_do a hangup
	check "no call is left" wait_until 10 show_has 'length == 0' show calls
}

case_loopback_address() {
	wire_start b b udp
	call_by "$B_NUMBER" b xdp
	wire_stop b
	equal "b hears $OWN and nobody else" "$OWN" \
		"$(wire_read b "rtp and ip.dst == $(node_ip4 b)" ip.src | sort -u | paste -sd,)"
}

case_tunnel() { call_by 1003 t relay; }
case_on_the_router() { call_by 1004 l relay; }

run_cases case_register case_loopback_address case_tunnel case_on_the_router
