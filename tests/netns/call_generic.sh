#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same call with generic XDP: for drivers that cannot do better.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#                                  generic XDP           generic XDP
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

case_attached_generic() {
	equal "lan0 carries generic XDP" generic "$(xdp_mode lan0)"
	equal "wan0 carries generic XDP" generic "$(xdp_mode wan0)"
}

case_call() {
	local udp
	wire_start b b udp
	call_up || return
	wait_until 5 legs_have 5
	udp=$(udp_in router)
	talk xdp
	equal "no UDP packet reached the router's sockets" "$udp" "$(udp_in router)"
	call_down
	wire_stop b
	equal "no gap in what b received" 0 "$(wire_gaps b "ip.dst == $(node_ip4 b)")"
	equal "RTP carries EF" 46 "$(wire_dscp b "$(rtp_to b)")"
	tones 10
}

office_up generic || finish
run_cases case_attached_generic case_call
