#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same call without XDP: the relay in user space is complete, the kernel's fast path
# only an optimisation of it.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#                                   no XDP               no XDP
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

case_nothing_attached() {
	equal "lan0 carries no XDP" none "$(xdp_mode lan0)"
	equal "wan0 carries no XDP" none "$(xdp_mode wan0)"
}

case_call() {
	local udp
	wire_start b b udp
	call_up || return
	udp=$(udp_in router)
	talk relay
	at_least "the media went through the router's sockets" 900 "$(($(udp_in router) - udp))"
	call_down
	wire_stop b
	equal "no gap in what b received" 0 "$(wire_gaps b "ip.dst == $(node_ip4 b)")"
	equal "RTP carries EF from the relay too" 46 "$(wire_dscp b "$(rtp_to b)")"
	tones 10
}

office_up off || finish
run_cases case_nothing_attached case_call
