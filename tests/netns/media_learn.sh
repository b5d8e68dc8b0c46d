#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# A phone behind a NAT that changes the ports of its media. Without "option nat" what it sends
# is a stranger's; with it the first packet of its host tells the port, once.
#
#   [phone a + NAT] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [phone b]
#     says 20000 ..., sends from 40000 ...                             capture
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool nft

nat_on() {
	in_ns a nft -f - <<-NFT
	table ip phonenat {
		chain out {
			type nat hook postrouting priority 100
			udp sport 20000-20998 snat to 10.1.0.2:40000-40999
		}
		chain in {	# nobody outside reaches what is inside by its inner port
			type filter hook prerouting priority -310
			udp dport 20000-20998 drop
		}
	}
	NFT
}

wrong_sources() { tdj show flows | jq '[.[].wrong_source] | add // 0'; }
wrong_is_over() { [ "$(wrong_sources)" -gt "$1" ]; }
# the port from which the router takes a's packets
peer_port() { tdj show flows | jq -r '.[] | select(.peer | startswith("10.1.0.2:")) | .peer | split(":")[1]'; }
sends_to_port() { tdj show flows | jq -r '.[] | select(.new_dst | startswith("10.1.0.2:")) | .new_dst | split(":")[1]'; }
is_learned() { [[ $(peer_port) == 40??? ]]; }

# strict_on PATH
strict_on() {
	wire_start "b-$1" b udp
	call_up || return
	check "a's packets are a stranger's" wait_until 10 wrong_is_over 50
	wire_stop "b-$1"
	equal "none is relayed" 0 "$(wire_count "b-$1" "$(rtp_to b)")"
	call_down
}
case_strict() { strict_on xdp; }

# learns_on PATH
learns_on() {
	local port wrong
	wire_start "b-$1" b udp
	call_up || return
	check "the port is learned" wait_until 5 is_learned
	port=$(peer_port)
	equal "and packets for a go there" "$port" "$(sends_to_port)"
	check "media flow both ways" wait_until 10 legs_have 100
	equal "both legs are on path $1" "$1 $1" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	wrong=$(wrong_sources)
	in_ns a "$TD_ROOT/tests/lib/rawsend.py" 10.1.0.2:33333 "$(leg_of "$A_NUMBER" local_media)" thief
	check "another port of the host is a stranger's" wait_until 5 wrong_is_over $((wrong + 19))
	equal "the port stays" "$port" "$(peer_port)"
	[ "$1" = xdp ] && survives "$port"
	call_down
	wire_stop "b-$1"
	equal "b hears nobody else" 0 "$(wire_count "b-$1" "udp contains \"thief\"")"
	equal "and all of a" 0 "$(wire_gaps "b-$1" "ip.dst == $(node_ip4 b)")"
}

# the kernel goes on; the next worker must not forget what was learned
survives() {
	local old
	old=$(pgrep -P "$DAEMON_PID")
	kill -KILL "$old"
	check "a new worker is there" wait_until 5 show_has '.[0].state == "up"' show calls
	equal "it knows the port" "$1" "$(peer_port)"
	check "media go on" wait_until 10 legs_have $(($(tdj show calls | jq '[.[0].legs[].rx_packets]|max') + 50))
}

# behind_nat XDP
behind_nat() {
	OFFICE_A="	option nat '1'"
	office_config "$1" >"$TD_CONF"
}
case_learned_xdp() {
	behind_nat auto
	check "a is behind a NAT now" td reload
	learns_on xdp
}
case_learned_relay() {
	phone_stop a b
	daemon_stop
	behind_nat off
	check "tandemd without XDP" daemon_start "$TD_CONF"
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register again" wait_until 10 registered_is 2
	learns_on relay
}

office_up auto || finish
check "a's host translates" nat_on || finish
run_cases case_strict case_learned_xdp case_learned_relay
