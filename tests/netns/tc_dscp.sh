#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# Marks by TC egress, as tshark sees them at the hosts: what no socket of the daemon could
# mark. wan0 has XDP off and is marked all the same. "tandem reload" changes the values of
# running flows; the filters go with the daemon and take nothing of anybody else along.
#
#   [a] 10.1.0.2 fd00:1::2 eth0 ---- lan0 [tandemd, IP forwarding] wan0 ---- eth0 10.2.0.2 fd00:2::2 [b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool tshark
need_tool bpftool

# conf [GLOBAL-LINES] [LAN-LINES] [SIP-LINES]
conf() {
	cat <<-UCI
	config global 'global'
		option hostname 'lab'
		list interface 'lan0'
		${WITHOUT_WAN:-list interface 'wan0'}
	${1:-}
	config interface 'lan0'
		option xdp 'auto'
	${2:-}
	${WITHOUT_WAN:-config interface 'wan0'
		option xdp 'off'}
	config sip 'sip'
	${3:-}
	UCI
}

reload_as() { conf "$@" >"$TD_CONF"; check "reload" td reload; }

# send NODE SRC SPORT DST DPORT TOS - one UDP packet
send() {
	in_ns "$1" python3 - "$2" "$3" "$4" "$5" "$6" <<-'PY'
	import socket, sys
	src, sport, dst, dport, tos = sys.argv[1:]
	v6 = ":" in src
	s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
	s.setsockopt(*((socket.IPPROTO_IPV6, 67) if v6 else (socket.IPPROTO_IP, socket.IP_TOS)), int(tos))
	s.bind((src, int(sport)))
	s.sendto(b"\x80\x00" + bytes(170), (dst, int(dport)))
	PY
}

# bytes of a td_mark_key: addresses in 16 bytes, ports in network order
mark_key() {
	python3 - "$@" <<-'PY'
	import socket, sys
	src, sport, dst, dport = sys.argv[1:]
	def addr(t):
	    return socket.inet_pton(socket.AF_INET6, t if ":" in t else "::ffff:" + t)
	key = addr(src) + addr(dst) + int(sport).to_bytes(2, "big") + int(dport).to_bytes(2, "big")
	print(" ".join(str(b) for b in key))
	PY
}

# shellcheck disable=SC2046
mark_flow() { bpftool map update pinned "$TD_PIN/maps/td_mark_flows" key $(mark_key "$@") value 0 0 0 0; }

# mark_port PORT - service, UDP, as td_media_mark_port writes it
mark_port() {
	bpftool map update pinned "$TD_PIN/maps/td_mark_ports" \
		key $(($1 % 256)) $(($1 / 256)) 0 0 value 4 0 1 0
}

filters() { in_ns router tc filter show dev "$1" "$2" | grep -c "handle 0x7464 .*$3"; }
has_clsact() { in_ns router tc qdisc show dev "$1" | grep -q clsact; }
dscp_at_b() { wire_dscp "$1" "udp.srcport == $2 and not icmp and not icmpv6"; }

setup() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	conf "	option dscp_service 'cs1'" >"$TD_CONF"
	# a filter of the operator's on lan0, the qdisc is his
	in_ns router tc qdisc add dev lan0 clsact
	in_ns router tc filter add dev lan0 egress pref 50 handle 7 bpf bytecode '1,6 0 0 0,'
	check "tandemd takes calls" daemon_start "$TD_CONF" || return
	in_ns router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

case_attached() {
	equal "td_mark at lan0" 1 "$(filters lan0 egress td_mark)"
	equal "td_mark at wan0, whose XDP is off" 1 "$(filters wan0 egress td_mark)"
	equal "nothing at ingress" 0 "$(filters lan0 ingress td_)"
	equal "no XDP at wan0" none "$(xdp_mode wan0)"
}

# A reset comes from no socket of ours, a datagram from one that says nothing of marks.
case_our_ports() {
	reload_as "	option dscp_service 'cs1'" "" "	option tcp '0'"
	check "restart for it" daemon_restart || return
	wire_start ports b "udp or tcp"
	in_ns b bash -c "exec 3<>/dev/tcp/10.2.0.1/5060" 2>/dev/null
	send router 10.2.0.1 6969 10.2.0.2 9000 0
	mark_port 6969
	send router 10.2.0.1 6969 10.2.0.2 9000 0
	send router fd00:2::1 6969 fd00:2::2 9000 0
	send router 10.2.0.1 6970 10.2.0.2 9000 0
	wire_stop ports
	equal "the kernel's reset from SIP's port: CS3" 24 "$(wire_dscp ports 'tcp.srcport == 5060 and tcp.flags.reset == 1')"
	equal "a service's port: before, IPv4, IPv6" "0,8,8" \
		"$(wire_read ports 'udp.srcport == 6969' ip.dsfield.dscp ipv6.tclass.dscp | tr -d '\t' | paste -sd,)"
	equal "another port" 0 "$(dscp_at_b ports 6970)"
	equal "right checksums" 0 "$(wire_bad_sums ports)"
}

daemon_restart() { daemon_stop; daemon_start "$TD_CONF"; }

# wire_bad_sums NAME - packets whose IPv4 header checksum is wrong
wire_bad_sums() {
	tshark -n -r "$(wire_file "$1")" -o ip.check_checksum:TRUE -Y 'ip.checksum.status == 0' \
		-T fields -e frame.number 2>/dev/null | wc -l
}

case_routed_media() {
	mark_flow 10.1.0.2 16384 10.2.0.2 20000
	mark_flow fd00:1::2 16384 fd00:2::2 20000
	wire_start media b udp
	send a 10.1.0.2 16384 10.2.0.2 20000 0
	send a fd00:1::2 16384 fd00:2::2 20000 0
	send a 10.1.0.2 16386 10.2.0.2 20002 0
	wire_stop media
	equal "media that is only routed: EF, IPv4 and IPv6" "46,46" \
		"$(wire_read media 'udp.srcport == 16384' ip.dsfield.dscp ipv6.tclass.dscp | tr -d '\t' | paste -sd,)"
	equal "a stranger's stays as it is" 0 "$(dscp_at_b media 16386)"
	equal "right checksums" 0 "$(wire_bad_sums media)"
}

case_reload_changes_running_flows() {
	reload_as $'\toption dscp_media \'af31\'\n\toption dscp_service \'cs2\'\n\toption dscp_signaling \'cs5\'' "" "	option tcp '0'"
	mark_port 6969
	wire_start again b "udp or tcp"
	send a 10.1.0.2 16384 10.2.0.2 20000 0
	send a fd00:1::2 16384 fd00:2::2 20000 0
	send router 10.2.0.1 6969 10.2.0.2 9000 0
	in_ns b bash -c "exec 3<>/dev/tcp/10.2.0.1/5060" 2>/dev/null
	wire_stop again
	equal "media: AF31" 26 "$(dscp_at_b again 16384)"
	equal "service: CS2" 16 "$(dscp_at_b again 6969)"
	equal "signalling: CS5" 40 "$(wire_dscp again 'tcp.srcport == 5060 and tcp.flags.reset == 1')"
}

case_trust() {
	local marks="	option dscp_media 'ef'"
	wire_start trust b udp
	send a 10.1.0.2 16384 10.2.0.2 20000 40
	reload_as "$marks" "	option dscp_trust '1'" "	option tcp '0'"
	send a 10.1.0.2 16384 10.2.0.2 20000 40
	send a 10.1.0.2 16384 10.2.0.2 20000 0
	reload_as "$marks" "" "	option tcp '0'"
	send a 10.1.0.2 16384 10.2.0.2 20000 40
	wire_stop trust
	equal "not trusted, trusted with a mark and without, not trusted" "26,10,46,46" \
		"$(wire_read trust 'udp.srcport == 16384' ip.dsfield.dscp | paste -sd,)"
}

case_interface_taken_out_and_in() {
	WITHOUT_WAN='# not now' reload_as
	check "td_mark leaves wan0" wait_until 5 equal_now 0 filters wan0 egress td_mark
	check "and clsact, which was ours" wait_until 5 not has_clsact wan0
	reload_as
	check "and comes back" wait_until 5 equal_now 1 filters wan0 egress td_mark
}

equal_now() { local want=$1; shift; [ "$("$@")" = "$want" ]; }

# The master dies hard: packets are marked on. The next one replaces the program in place.
case_killed() {
	local before
	before=$(in_ns router tc filter show dev wan0 egress | grep -o 'id [0-9]*')
	mark_flow 10.1.0.2 16384 10.2.0.2 20000
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	wire_start dead b udp
	send a 10.1.0.2 16384 10.2.0.2 20000 0
	wire_stop dead
	equal "still EF without a daemon" 46 "$(dscp_at_b dead 16384)"
	check "the next daemon" daemon_start "$TD_CONF"
	equal "one filter" 1 "$(filters wan0 egress td_mark)"
	check "with another program" [ "$before" != "$(in_ns router tc filter show dev wan0 egress | grep -o 'id [0-9]*')" ]
}

case_gone() {
	check "stopped" daemon_stop
	equal "no filter at lan0" 0 "$(($(filters lan0 egress td_) + $(filters lan0 ingress td_)))"
	equal "the operator's is there" 1 "$(in_ns router tc filter show dev lan0 egress | grep -c 'pref 50 bpf.*handle 0x7 ')"
	check "and his qdisc" has_clsact lan0
	check "ours is not" not has_clsact wan0
	check "no pins" [ ! -e "$TD_PIN" ]
}

setup || finish
run_cases case_attached case_our_ports case_routed_media case_reload_changes_running_flows case_trust \
	case_interface_taken_out_and_in case_killed case_gone
