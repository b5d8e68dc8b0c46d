#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# Digits in the media (RFC 4733): seen in "show call", forwarded to the other phone; held back
# and told by INFO, NOTIFY or KPML when that is how the other party wants them; put in when they came
# by INFO or KPML and the other one wants them in its media. On XDP and on the relay.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#     presses keys               reads them as they pass                       capture
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

KEYS='19*0#'

# press NAME KEYS - one after the other, as fingers do it
press() {
	local i
	for ((i = 0; i < ${#2}; i++)); do
		phone_do "$1" sndcode "${2:i:1}"
		wait_until 5 heard_keys "$((i + 1))" || return 1
	done
}
# what the router knows that a pressed
keys_of() {
	local id
	id=$(tdj show calls | jq -r '.[0].id')
	tdj show call "$id" | jq -r --arg n "$1" '.. | objects | select(.party? == $n) | .digits'
}
heard_keys() { [ "$(keys_of "$A_NUMBER" | tr -d '\n' | wc -c)" = "$1" ]; }

# one packet of each event stands for all of it: what is it, and how many came
events_at_b() { wire_read b "$(rtp_to b) and rtp.p_type == 101" rtp.timestamp | sort -u | wc -l; }
# what b's phone says that it heard, since phone_mark: digits in RTP are pushed, those in INFO
# are only logged
b_heard_rtp() { phone_events b | grep -ao 'CALL_DTMF_START"[^}]*"param":"."' | sed 's/.*"\(.\)"$/\1/' | tr -d '\n'; }
b_heard_info() { grep -ao "received DTMF: '.'" "$(phone_dir b)/log" | cut -d"'" -f2 | tr -d '\n'; }
b_heard() { [ "$("b_heard_$1")" = "$2" ]; }

# on_path PATH - a's keys in the media reach b's phone in the media
on_path() {
	wire_start b b udp
	call_up || return
	check "media flow" wait_until 10 legs_have 10
	check "the router sees each key" press a "$KEYS"
	equal "in show call, once each, in order" "$KEYS" "$(keys_of "$A_NUMBER")"
	equal "of the leg that pressed them" "" "$(keys_of "$B_NUMBER")"
	equal "both legs are on path $1" "$1 $1" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	check "b's phone heard them" wait_until 5 b_heard rtp "$KEYS"
	call_down
	wire_stop b
	equal "in its RTP" ${#KEYS} "$(events_at_b)"
	equal "no packet lost" 0 "$(wire_gaps b "ip.dst == $(node_ip4 b)")"
}
case_forwarded_xdp() { on_path xdp; }

case_told_by_info() {
	OFFICE_B="	option dtmf_relay 'info'"
	office_config auto >"$TD_CONF"
	check "b wants INFO now" td reload
	wire_start b b udp
	call_up || return
	check "media flow" wait_until 10 legs_have 10
	check "the router sees each key" press a "$KEYS"
	equal "in show call, once each, in order" "$KEYS" "$(keys_of "$A_NUMBER")"
	check "b's phone heard them" wait_until 5 b_heard info "$KEYS"
	equal "the call is on path xdp" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	call_down
	wire_stop b
	equal "one INFO for each" ${#KEYS} "$(wire_count b 'sip.Method == INFO')"
	equal "none in its RTP" 0 "$(events_at_b)"
}
# Cisco's sip-notify: what tshark sees of it is the four bytes of RFC 4733, pressed and released
case_told_by_notify() {
	OFFICE_B="	option dtmf_relay 'sip-notify'
		option address '$(node_ip4 b):5060'"
	office_config auto >"$TD_CONF"
	phone_stop b
	check "b wants NOTIFY now" td reload
	wire_start b b udp
	phone_mark a
	sipp_start keys b -sf "$TD_ROOT/tests/netns/sipp/uas_keys.xml" -p 5060 -m 1 -i "$(node_ip4 b)"
	wait_until 5 b_listens
	phone_do a dial "sip:$B_NUMBER@$(gw_ip4 a)"
	check "b agrees to be told so" phone_wait a CALL_ESTABLISHED
	check "the router sees the key" press a 7
	equal "media of the two do not go around: they must be read" xdp "$(tdj show calls | jq -r '.[0].legs[0].path')"
	phone_do a hangup
	check "b was told twice" wait "$SIPP_PID"
	wire_stop b
	equal "7, pressed and released" "070a 078a" "$(wire_read b 'sip.Method == NOTIFY' udp.payload |
		grep -o '........$' | cut -c1-4 | paste -sd' ')"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
}
# KPML, both ways, with a trunk; a dial peer of the same trunk has other ways than it
told_by_kpml() { wire_read b 'sip.Event contains "kpml"' sip.Method sip.CSeq.seq | sort -u | cut -f1; }
case_told_by_kpml() {
	office_config auto >"$TD_CONF"
	cat >>"$TD_CONF" <<-UCI

	config trunk 'carrier'
		option host '$(node_ip4 b)'
		option port '7001'

	config dialpeer 'keys'
		option destination_pattern '77'
		option trunk 'carrier'
		option dtmf_relay 'sip-kpml'
	UCI
	check "a dial peer with KPML" td reload
	wire_start b b udp
	phone_mark a
	sipp_start kpml b -sf "$TD_ROOT/tests/netns/sipp/uas_kpml.xml" -p 7001 -m 1 -i "$(node_ip4 b)" \
		-trace_msg -message_file "$TD_TMP/sipp-kpml/messages"
	wait_until 5 trunk_listens
	phone_do a dial "sip:77@$(gw_ip4 a)"
	check "the carrier is there" phone_wait a CALL_ESTABLISHED
	check "the router sees a's key" press a 7
	check "the carrier hears of it" wait_until 5 kpml_told 7
	check "its own key is heard in a's media" wait_until 5 a_heard_rtp 5
	phone_do a hangup
	check "both subscriptions ended with the call" wait "$SIPP_PID"
	wire_stop b
	equal "what was asked for and told, as tshark reads it" "NOTIFY 5 SUBSCRIBE 2" \
		"$(told_by_kpml | grep . | uniq -c | awk '{ print $2, $1 }' | paste -sd' ')"
	equal "no key in the media to the carrier" 0 "$(events_at_b)"
	office_config auto >"$TD_CONF"
	td reload >/dev/null
}
trunk_listens() { in_ns b ss -Hlun 'sport = 7001' | grep -q .; }
a_heard_rtp() { [ "$(phone_events a | grep -ao 'CALL_DTMF_START"[^}]*"param":"."' | sed 's/.*"\(.\)"$/\1/' | tr -d '\n')" = "$1" ]; }
kpml_told() { grep -qa "digits=.$1. tag=" "$TD_TMP/sipp-kpml/messages"; }

b_listens() { in_ns b ss -Hlun 'sport = 5060' | grep -q .; }
# a tells its keys in INFO, b takes them in its media: the relay puts them in
case_put_in() {
	OFFICE_B=
	office_config auto >"$TD_CONF"
	check "b wants RFC 4733 again" td reload
	phone_stop a
	PHONE_PARAMS=';dtmfmode=info' phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_mark a
	wire_start b b udp
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	check "the router sees each key" press a "$KEYS"
	equal "in show call, once each, in order" "$KEYS" "$(keys_of "$A_NUMBER")"
	check "b's phone heard them" wait_until 10 b_heard rtp "$KEYS"
	check "then the call is back on path xdp" wait_until 5 both_on_xdp
	check "media still flow" wait_until 10 legs_have $(($(leg_of "$A_NUMBER" rx_packets) + 50))
	call_down
	wire_stop b
	equal "as events in its RTP" ${#KEYS} "$(events_at_b)"
	equal "not by INFO" 0 "$(wire_count b 'sip.Method == INFO')"
	equal "no packet is missing" 0 "$(wire_gaps b "ip.dst == $(node_ip4 b)")"
	equal "each key says that it is over, three times" "$((3 * ${#KEYS}))" \
		"$(wire_count b "$(rtp_to b) and rtp.p_type == 101 and rtpevent.end_of_event == 1")"
}
both_on_xdp() { show_has '[.[0].legs[].path] == ["xdp", "xdp"]' show calls; }

case_forwarded_relay() {
	office_config off >"$TD_CONF"
	phone_stop a b
	daemon_stop
	check "tandemd without XDP" daemon_start "$TD_CONF"
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register again" wait_until 10 registered_is 2
	on_path relay
}

office_up auto || finish
run_cases case_forwarded_xdp case_told_by_info case_told_by_notify case_told_by_kpml case_put_in case_forwarded_relay
