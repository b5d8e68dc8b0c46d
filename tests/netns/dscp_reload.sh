#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# DSCP as tshark sees it at the phones. The phones send unmarked, so every mark is ours.
# Default: EF on RTP, CS3 on SIP. A changed configuration and "tandem reload" during the
# call changes both, and costs no packet.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#               capture                                                        capture
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

case_default_marks() {
	wire_start a a udp
	wire_start b b udp
	call_up || return
	check "a second of media" wait_until 10 legs_have 50
	wire_stop a b
	equal "the phone itself sends RTP unmarked" 0 "$(wire_dscp a "$(rtp_from a)")"
	equal "b receives RTP with EF" 46 "$(wire_dscp b "$(rtp_to b)")"
	equal "a receives RTP with EF" 46 "$(wire_dscp a "$(rtp_to a)")"
	equal "b receives SIP with CS3" 24 "$(wire_dscp b "sip and ip.dst == $(node_ip4 b)")"
	equal "a receives SIP with CS3" 24 "$(wire_dscp a "sip and ip.dst == $(node_ip4 a)")"
	equal "RTCP is marked like its RTP" 46 "$(wire_dscp b "rtcp and ip.dst == $(node_ip4 b)")"
}

case_reload_during_the_call() {
	local n
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max')
	wire_start b2 b udp
	check "still flowing" wait_until 10 legs_have $((n + 50))
	OFFICE_GLOBAL=$'\toption dscp_media \'af41\'\n\toption dscp_signaling \'cs5\'' office_config auto >"$TD_CONF"
	check "reload" td reload
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max')
	check "and on" wait_until 10 legs_have $((n + 100))
	phone_do a hold
	check "a hold, for some SIP" wait_until 5 show_has '.[0].state == "held"' show calls
	wire_stop b2
	equal "RTP: first EF, then AF41, nothing else" "34,46" "$(wire_dscp b2 "$(rtp_to b)")"
	equal "the newest RTP is AF41" 34 "$(wire_read b2 "$(rtp_to b)" ip.dsfield.dscp | tail -1)"
	equal "SIP is CS5 now" 40 "$(wire_dscp b2 "sip and ip.dst == $(node_ip4 b)")"
	equal "not one packet lost by it" 0 "$(wire_gaps b2 "ip.dst == $(node_ip4 b)")"
	call_down
}

office_up auto || finish
run_cases case_default_marks case_reload_during_the_call
