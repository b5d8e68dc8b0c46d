#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# A phone with RTP and RTCP on one port (RFC 5761) talks to one with two: each gets the other's
# reports where it wants them. On XDP and on the relay.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#     one port     capture                                                   capture   two ports
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

phones() {
	PHONE_CONFIG='rtcp_mux		yes' phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2
}

call_key() { tdj show calls | jq -r ".[0].legs[] | select(.party == \"$1\") | .$2"; }
has_reports() { [ "$(call_key "$A_NUMBER" rtt_ms)" != null ] && [ "$(call_key "$B_NUMBER" rtt_ms)" != null ]; }
port_of() { echo "${1##*:}"; }
# reports NODE FILTER - RTCP at a node's cable (by its types, the ports say nothing here)
reports() { wire_count "$1" "udp.payload[0:1] >= 80 and udp.payload[1:1] >= c8 and udp.payload[1:1] <= cc and $2"; }

# call_on PATH
call_on() {
	local a_port b_port ours_a ours_b
	wire_start a a udp
	wire_start b b udp
	call_up || return
	check "both sides' reports were read" wait_until 25 has_reports
	equal "both legs are on path $1" "$1 $1" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	a_port=$(port_of "$(leg_of "$A_NUMBER" remote_media)") ours_a=$(port_of "$(leg_of "$A_NUMBER" local_media)")
	b_port=$(port_of "$(leg_of "$B_NUMBER" remote_media)") ours_b=$(port_of "$(leg_of "$B_NUMBER" local_media)")
	call_down
	wire_stop a b
	at_least "a is answered that it may" 1 "$(wire_count a 'sip.Status-Code == 200 and ip.dst == 10.1.0.2 and sdp.media_attr contains "rtcp-mux"')"
	equal "b is not asked for it" 0 "$(wire_count b 'sip.Method == INVITE and sdp.media_attr contains "rtcp-mux"')"
	at_least "a's reports come with its RTP" 1 "$(reports a "udp.srcport == $a_port and udp.dstport == $ours_a")"
	at_least "b gets them beside it" 1 "$(reports b "udp.srcport == $((ours_b + 1)) and udp.dstport == $((b_port + 1))")"
	at_least "b's reports come beside its RTP" 1 "$(reports b "udp.srcport == $((b_port + 1)) and udp.dstport == $((ours_b + 1))")"
	at_least "a gets them with it" 1 "$(reports a "udp.srcport == $ours_a and udp.dstport == $a_port")"
	equal "and none elsewhere" 0 "$(reports a "ip.dst == 10.1.0.2 and udp.dstport != $a_port")"
	tones 3
}

case_xdp() {
	phones && call_on xdp
}

case_relay() {
	daemon_stop
	office_config off >"$TD_CONF"
	check "tandemd without XDP" daemon_start "$TD_CONF"
	phones && call_on relay
}

lab_setup
TD_CONF=$TD_TMP/tandem
office_config auto >"$TD_CONF"
check "tandemd takes calls" daemon_start "$TD_CONF" || finish
run_cases case_xdp case_relay
