#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# A phone that knows A-law only and one that knows u-law only: each hears the other, every
# byte is what G.711 makes of it, on XDP and on the relay.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#     PCMA, 440 Hz  capture         A-law <-> u-law                          capture  PCMU, 880 Hz
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

phones() {
	PHONE_CODECS=PCMA/8000/1 phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	PHONE_CODECS=PCMU/8000/1 phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2
}

# payloads NAME FILTER - into a file: sequence number and payload of each packet
payloads() { wire_read "$1" "rtp and $2" rtp.seq rtp.payload >"$TD_TMP/$3"; }

# same_sound A2U|U2A FROM TO - what FROM sent is what TO got, in the other law
same_sound() {
	payloads "$2" "ip.src == $(node_ip4 "$2")" sent
	payloads "$3" "ip.dst == $(node_ip4 "$3")" got
	at_least "$2 to $3: five seconds of it" 250 "$(wc -l <"$TD_TMP/got")"
	check "$2 to $3: every byte is right ($1)" "$TD_ROOT/tests/lib/laws.py" "$1" \
		"$TD_TMP/sent" "$TD_TMP/got"
}

types_at() { wire_read "$1" "rtp and ip.dst == $(node_ip4 "$1")" rtp.p_type | sort -u | paste -sd' '; }
# wrong at NODE; the router's own sockets leave them to a card that a veth has not got
bad_sums() {
	tshark -n -r "$(wire_file "$1")" -o udp.check_checksum:TRUE -o rtp.heuristic_rtp:TRUE \
		-Y "rtp and udp.checksum.status == 0 and ip.dst == $(node_ip4 "$1")" 2>/dev/null | wc -l
}

# what went through the relay is not the program's: the first packets, when a neighbour is not yet known
right_sums() {
	local bad relayed
	bad=$(($(bad_sums a) + $(bad_sums b)))
	relayed=$(tdj show stats | jq .media.relay.forwarded)
	check "checksums are right ($bad wrong, $relayed by the relay)" test "$bad" -le "$relayed" -a "$bad" -lt 50
}

# call_on PATH
call_on() {
	wire_start a a udp
	wire_start b b udp
	call_up || return
	check "six seconds" wait_until 15 legs_have 300
	equal "both legs are on path $1" "$1 $1" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	equal "each leg has its codec" "PCMA PCMU" "$(tdj show calls | jq -r '[.[0].legs[].codec]|join(" ")')"
	call_down
	wire_stop a b
	equal "a gets A-law" 8 "$(types_at a)"
	equal "b gets u-law" 0 "$(types_at b)"
	[ "$1" = relay ] || right_sums
	same_sound a2u a b
	same_sound u2a b a
	tones 5
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
