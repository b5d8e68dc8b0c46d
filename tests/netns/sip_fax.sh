#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# A call becomes a fax (T.38 Annex D): the re-INVITE to m=image goes through to the other party,
# whose word is the answer; UDPTL packets, which are no RTP, run in XDP; sound again afterwards;
# and a fax that is refused leaves the call as it was.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp]
#      UDPTL 40000                                                UDPTL 40002
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

PAIR_SECONDS=60 PAIR_PATIENCE_MS=60000

is_fax() { show_has '[.[]|select(.media == "udptl")]|length == 2' show flows; }
# port_for NODE - ours, that the node's UDPTL goes to
port_for() {
	tdj show flows | jq -r --arg peer "$(node_ip4 "$1"):" \
		'.[]|select(.peer|startswith($peer))|.local|sub(".*:";"")'
}

# fax_send NODE PORT COUNT - UDPTL from the node's port: a first byte that RTP never has
fax_send() {
	in_ns "$1" python3 - "$(node_ip4 "$1")" "$2" "$(gw_ip4 "$1")" "$(port_for "$1")" "$3" <<-'PY'
	import socket, sys
	me, port, to, to_port, count = sys.argv[1:]
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((me, int(port)))
	for i in range(int(count)):
	    s.sendto(bytes([0, i & 255, 1, 6]) + bytes(40), (to, int(to_port)))
	PY
}

# what came to a node's fax port, as payload
faxes_at() { wire_read "$1" "udp.srcport == $2 and udp.dstport == $3 and not icmp" udp.payload | grep -c '^00'; }

case_fax() {
	local udp a b
	pair_begin uac_fax uas_fax 1002
	check "the call becomes a fax" wait_until 20 is_fax || return
	equal "show calls: both legs are T38" "T38 T38" "$(tdj show calls | jq -r '[.[0].legs[].codec]|join(" ")')"
	a=$(port_for a) b=$(port_for b)
	wire_start a a udp
	wire_start b b udp
	udp=$(udp_in router)
	fax_send a 40000 30
	fax_send b 40002 20
	wire_stop a b
	equal "all packets of the caller reach the called one" 30 "$(faxes_at b "$b" 40002)"
	equal "and the other way" 20 "$(faxes_at a "$a" 40000)"
	equal "in XDP" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	equal "no UDP packet reached the router's sockets" "$udp" "$(udp_in router)"
	equal "they are counted" "20 30" "$(tdj show flows | jq -r '[.[].packets]|sort|join(" ")')"
	td hangup "$(tdj show calls | jq '.[0].id')"
	pair_end "T.38 by re-INVITE: offer and answer go through" uac_fax uas_fax 1002
}

case_and_back() {
	pair "sound again after the fax" uac_fax_and_back uas_fax_and_back 1003
}

case_refused() {
	pair "a fax that the called one refuses: 488, and the call goes on" uac_fax_refused \
		uas_fax_refuses 1004
	nothing_left
}

pair_up || finish
run_cases case_fax case_and_back case_refused
