#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# Paging and music by multicast: one stream for two hosts, which join its group while somebody
# speaks; a phone that has IPv6 only is called instead.
#
#   [phone a; sccp s6, IPv6] eth0 -- lan0 [ tandemd ] br0 +- wan0 -- eth0 10.2.0.2  [sccp s1 .11]
#                                                         +- wan1 -- eth0 10.2.0.3  [sccp s2 .12]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
need_root
need_daemon
need_tool baresip
need_tool python3

PAGE=239.1.1.20 MOH=239.1.1.30 MOH_HZ=660
config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		list interface 'br0'
	config interface 'lan'
		option device 'br0'
		option xdp 'off'
	config sccp 'sccp'
		option protocol_mode 'dual'
	config moh 'moh'
		option file '$TD_TMP/moh.wav'
		option multicast '$MOH:20480'
		option interface 'br0'
	config paging 'all'
		option number '7000'
		option name 'All'
		list member '1001'
		list member '1002'
		list member '1003'
		list member '1006'
		option multicast '$PAGE:20500'
		option interface 'br0'
		option ttl '5'
	config phone 'alice'
		option number '$A_NUMBER'
		option password '$A_PASSWORD'
	config phone 's1'
		option protocol 'sccp'
		option mac '000000000011'
		option address '$(sccp_addr b 11)'
		option number '1002'
	config phone 's2'
		option protocol 'sccp'
		option mac '000000000012'
		option address '$(sccp_addr b 12)'
		option number '1003'
	config phone 's6'
		option protocol 'sccp'
		option mac '000000000016'
		option address '$(node_ip6 a)'
		option number '1006'
	UCI
}

rt() { ip -n "$(lab_ns router)" "$@"; }
second_host() {
	make_ns "$(lab_ns c)"
	ip link add wan1 netns "$(lab_ns router)" type veth peer name eth0 netns "$(lab_ns c)"
	in_ns c ethtool -K eth0 tx off >/dev/null
	ip -n "$(lab_ns c)" addr add 10.2.0.3/24 dev eth0
	ip -n "$(lab_ns c)" addr add "$(sccp_addr b 12)/24" dev eth0
	ip -n "$(lab_ns c)" link set eth0 up
	ip -n "$(lab_ns c)" route add default via "$(gw_ip4 b)"
	rt link add br0 type bridge
	rt addr flush dev wan0
	for l in wan0 wan1; do rt link set "$l" master br0; rt link set "$l" up; done
	rt addr add "$(gw_ip4 b)/24" dev br0
	rt link set br0 up
}

# joined HOST GROUP
joined() { ip -n "$(lab_ns "$1")" maddr show dev eth0 | grep -q "inet *$2\$"; }
streams() { wire_read "$1" "rtp and ip.dst == $2" rtp.ssrc | sort -u | wc -l; }
of_stream() { wire_read "$1" "rtp and ip.dst == $PAGE" "$2" | sort -u | paste -sd,; }
captured() { [ "$(wire_count "$1" "rtp and ip.dst == $2")" -ge "$3" ]; }
# what a busy machine makes late is a gap in a mixer; most of it has to be the tone
mostly_tone() {
	"$TD_ROOT/tests/lib/tone.py" "$1" "$2" | awk -F'[= ]' '{ print; exit !($2 >= 1 && $2 > 0.8 * $4) }'
}
nothing_up() { check "no call is left" wait_until 10 show_has 'length == 0' show calls; }

case_start() {
	lab_setup
	second_host
	sccp_add_addr b 11
	tone_wav "$TD_TMP/moh.wav" "$MOH_HZ" 20
	TD_CONF=$TD_TMP/tandem
	config >"$TD_CONF"
	check "tandemd takes calls" daemon_start "$TD_CONF"
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	sccp_start s1 b SEP000000000011 17 440 --bind "$(sccp_addr b 11)"
	SCCP_SERVER=$(gw_ip4 b) sccp_start s2 c SEP000000000012 11 440 --bind "$(sccp_addr b 12)" --type 7960
	SCCP_SERVER=$(gw_ip6 a) sccp_start s6 a SEP000000000016 20 440 --bind "$(node_ip6 a)"
	check "four phones register" wait_until 10 registered_is 4
}

case_music() {
	wire_start moh c udp
	wait_until 10 captured moh "$MOH" 60
	wire_stop moh
	equal "one stream of music, with nobody on hold" 1 "$(streams moh "$MOH")"
	equal "... it passes eight routers" 8 "$(wire_read moh "ip.dst == $MOH" ip.ttl | sort -u)"
	wire_read moh "rtp and ip.dst == $MOH" rtp.payload | tr -d ':\n' |
		python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' |
		sox -t raw -r 8000 -e u-law -b 8 -c 1 - -b 16 -e signed "$TD_TMP/moh-heard.wav"
	check "... heard" "$TD_ROOT/tests/lib/tone.py" "$TD_TMP/moh-heard.wav" "$MOH_HZ" 1
}

case_page() {
	sccp_mark s1 s2 s6
	wire_start at-b b udp
	wire_start at-c c udp
	phone_do a dial "sip:7000@$(gw_ip4 a)"
	check "s1 is told to listen" sccp_wait s1 "^listen $PAGE 20500 payload 4 ms 20"
	check "s2 is told to listen" sccp_wait s2 "^listen $PAGE 20500 payload 4 ms 20"
	check "... loud, and unheard" sccp_saw s2 '^microphone off'
	check "b's host is in the group" wait_until 5 joined b "$PAGE"
	check "c's host is in the group" wait_until 5 joined c "$PAGE"
	check "s6 has IPv6 only: it is called" sccp_wait s6 '^state 5'
	check "who speaks and who is called are in a conference" show_has \
		'length == 2 and all(.[]; .state == "conference")' show calls
	check "it reaches b" wait_until 10 captured at-b "$PAGE" 100
	check "it reaches c" wait_until 10 captured at-c "$PAGE" 100
	phone_do a hangup
	nothing_up
	check "s1 listens no more" sccp_wait s1 '^listen no more'
	check "s2 listens no more" sccp_wait s2 '^listen no more'
	check "b's host has left the group" wait_until 5 not joined b "$PAGE"
	wire_stop at-b at-c
	equal "one stream, the same at both hosts" "$(of_stream at-b rtp.ssrc)" "$(of_stream at-c rtp.ssrc)"
	equal "... from one address, of the configured interface" "$(gw_ip4 b)" "$(of_stream at-b ip.src)"
	equal "... with EF" 46 "$(of_stream at-c ip.dsfield.dscp)"
	equal "... past four routers" 5 "$(of_stream at-c ip.ttl)"
	equal "... without a gap" 0 "$(wire_gaps at-c "ip.dst == $PAGE")"
	for s in s1 s2; do
		check "$s heard $A_HZ Hz" mostly_tone "$(sccp_dir $s)/heard.wav" "$A_HZ"
	done
}

# who takes a call meanwhile listens no more; the page goes on for others
case_call_first() {
	sccp_mark s1 s2
	phone_do a dial "sip:7000@$(gw_ip4 a)"
	sccp_wait s1 '^listen '
	sccp_do s2 enbloc 1002
	check "a call of its own: s2 listens no more" sccp_wait s2 '^listen no more'
	check "... and s1 rings" sccp_wait s1 '^ringer 2'
	check "... and listens" not sccp_saw s1 '^listen no more'
	sccp_do s2 end
	phone_do a hangup
	nothing_up
	check "s1 listens no more" sccp_wait s1 '^listen no more'
	sccp_stop s1 s2 s6
	for s in s1 s2 s6; do check "$s met nothing that it does not know" sccp_clean $s; done
}

run_cases case_start case_music case_page case_call_first
