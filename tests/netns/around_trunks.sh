#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Media between two trunks that both go around the router, when a phone of the house sent the call
# on: forwarding of each kind, single number reach, transfers by an SCCP and a SIP phone. Whoever is
# called directly, in the house, or with another codec has its media through. Both on the wire.
#
#   [west: baresip .2, SCCP phone s1 .11] 10.1.0.0 -- [ tandemd ] -- 10.2.0.0 [east: baresip .2, desk .9]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
need_root
need_daemon
need_tool sipp

DESK=10.2.0.9

config() {
	cat <<-UCI
	config global 'global'
		option hostname 'lab'
		list interface 'lan0'
		list interface 'wan0'
		option media 'around'
		option transfer_mode '$1'

	config sip 'sip'
		option authenticate 'auto'

	config fac 'fac'
		option enable '1'

	config nightservice 'nightservice'
		list hours 'everyday 00:00 24:00'

	config trunk 'west'
		option host '$(node_ip4 a)'
		option allow_transit '1'

	config trunk 'east'
		option host '$(node_ip4 b)'
		option mwi '${2:-0}'

	config dialpeer 'out'
		option destination_pattern '90'
		option trunk 'east'

	config dialpeer 'recorded'
		option destination_pattern '8890'
		option strip_digits '2'
		option trunk 'east'
		option media_forking '$DESK:30000'

	config dn 'all'
		option number '1101'
		option cfwd_all '90'

	config dn 'night'
		option number '1104'
		option cfwd_night '90'

	config dn 'owner'
		option number '1003'
		option snr '90'
		option snr_delay '0'

	config dn 'slow'
		option number '1004'
		option cfwd_noan '90'
		option cfwd_noan_timeout '3'

	config dn 'taken'
		option number '1102'
		option cfwd_busy '90'

	config phone 'away'
		list line '1:all'
		list line '2:night'
		option password 'never-registers'

	config phone 'busy'
		list line '1:taken'
		option address '$DESK:6005'

	config phone 'desk'
		option number '1005'
		option address '$DESK:5070'

	config phone 's1'
		option protocol 'sccp'
		option mac '000000000011'
		option address '$(sccp_addr a 11)'
		list line '1:1001'
		list line '2:owner'
		list line '3:slow'
	UCI
}

case_start() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	config full-consult >"$TD_CONF"
	sccp_add_addr a 11
	ip -n "$(lab_ns b)" addr add $DESK/24 dev eth0
	check "tandemd takes calls" daemon_start "$TD_CONF" || return
	PHONE_REGINT=0 phone_start a a 4930 none 440
	PHONE_REGINT=0 PHONE_PARAMS=';answermode=auto' phone_start b b 90 none 880
	PHONE_REGINT=0 PHONE_LISTEN=$DESK phone_start d b 1005 none 660 5070
	sccp_start s1 a SEP000000000011 17 550 --bind "$(sccp_addr a 11)"
	check "the SCCP phone registers" wait_until 10 show_has 'any(.[]; .id == "s1" and .state == "registered")' show phones || diag "$(tdj show phones | jq -c .) $(tail -3 "$(sccp_dir s1)/log")"
}

CALLS=0
# begin - west will call; its wire is read afterwards
begin() {
	CALLS=$((CALLS + 1))
	wire_start "west$CALLS" a udp
	phone_mark a; phone_mark b; phone_mark d
	sccp_mark s1
}
dial() { phone_do a dial "sip:$1@$(gw_ip4 a)"; }
# through: in the kernel or by the relay
paths_are() {
	if [ "$1" = through ]; then paths_are xdp || paths_are relay; else path_is "$1"; fi
}
path_is() { show_has "length == 1 and .[0].state == \"up\" and ([.[0].legs[].path] == [\"$1\", \"$1\"])" show calls; }
from_host() { wire_read "west$CALLS" "udp.length == 180 and ip.dst == $(node_ip4 a) and ip.src == $1" udp.srcport; }
heard_from() { [ "$(from_host "$1" | wc -l)" -ge 25 ]; }
# end TEXT around|xdp|through - both talk now: so it must be in show calls, and in the newest that west hears
end() {
	local from other
	from=$(gw_ip4 a) other=$(node_ip4 b)
	[ "$2" = around ] && from=$(node_ip4 b) other=$(gw_ip4 a)
	check "$1: show calls says $2" wait_until 5 paths_are "$2" || diag "$(tdj show calls | jq -c .)"
	check "$1: west hears $from" wait_until 10 heard_from "$from"
	phone_do a hangup
	check "$1: no call is left" wait_until 10 show_has 'length == 0' show calls
	wire_stop "west$CALLS"
	equal "$1: the last packets are from $from, not $other" "$from" \
		"$(wire_read "west$CALLS" "udp.length == 180 and ip.dst == $(node_ip4 a)" ip.src | tail -5 | sort -u)"
}

forwarded() {
	begin
	dial "$2"
	check "$1: answered" phone_wait a CALL_ESTABLISHED
	end "$1" around
}
case_forward() {
	local far
	forwarded "forward all" 1101
	forwarded "night service" 1104
	side busy b uas_486 6005 -i $DESK &
	far=$!
	wait_until 5 listens b 6005
	forwarded "forward busy" 1102
	wait "$far"
	forwarded "forward no answer" 1004
}

# pushed to the other trunk it goes around; pulled back to the phone it comes through
case_reach() {
	forwarded "single number reach" 1003
	begin
	dial 1003
	check "reach: answered elsewhere" phone_wait a CALL_ESTABLISHED
	check "reach: around" wait_until 5 paths_are around
	check "reach: west hears the other trunk" wait_until 10 heard_from "$(node_ip4 b)"
	sccp_do s1 offhook 2
	sccp_wait s1 '^tone 21'
	sccp_do s1 digits '**51003'
	check "reach: the desk takes it back" wait_until 5 show_has 'any(.[0].legs[]; .protocol == "sccp")' show calls
	end "reach, pulled back to SCCP" xdp
}

call_s1() {
	begin
	dial 1001
	check "$1: s1 rings" sccp_wait s1 '^ringer 2'
	sccp_do s1 answer
	check "$1: a trunk with a phone is through" wait_until 5 paths_are xdp
	check "$1: west hears the router" wait_until 10 heard_from "$(gw_ip4 a)"
	sccp_mark s1
	sccp_do s1 soft transfer
	sccp_wait s1 '^tone 21'
}

case_transfer() {
	call_s1 "consult by SCCP"
	sccp_do s1 digits 90
	sccp_wait s1 '^state 5 line 1'
	check "consult by SCCP: two calls" wait_until 5 show_has 'length == 2' show calls
	sccp_do s1 soft transfer
	end "consult by SCCP" around
	config full-blind >"$TD_CONF"
	check "transfer_mode full-blind" td reload
	call_s1 "blind by SCCP"
	sccp_do s1 digits 90
	end "blind by SCCP" around
	begin
	dial 1005
	check "blind by SIP: the desk rings" wait_until 5 phone_rings d
	phone_do d accept
	check "blind by SIP: a trunk with a phone is through" wait_until 5 paths_are xdp
	check "blind by SIP: west hears the router" wait_until 10 heard_from "$(gw_ip4 a)"
	phone_do d transfer "sip:90@$(gw_ip4 b)"
	end "blind by SIP" around
}

# a recorder of a dial peer hears both, so the call comes through
case_recorded() {
	wire_start recorder b "udp portrange 30000-30003"
	begin
	dial 8890
	check "recorded: answered" phone_wait a CALL_ESTABLISHED
	end "recorded" through
	wire_stop recorder
	at_least "the dial peer's recorder hears west" 20 "$(wire_count recorder 'udp.dstport == 30000')"
	at_least "... and east" 20 "$(wire_count recorder 'udp.dstport == 30002')"
}

# mailboxes of a voicemail are reached through the router, whoever calls
case_voicemail() {
	config full-blind 1 >"$TD_CONF"
	check "east is a voicemail now" td reload
	begin
	dial 1101
	check "voicemail: answered" phone_wait a CALL_ESTABLISHED
	end "voicemail" xdp
	config full-blind >"$TD_CONF"
	td reload >/dev/null
}

# east has A-law alone, west mu-law
case_transcoded() {
	phone_stop b
	PHONE_REGINT=0 PHONE_CODECS=PCMA/8000/1 PHONE_PARAMS=';answermode=auto' phone_start b b 90 none 880
	begin
	dial 1101
	check "another codec: answered" phone_wait a CALL_ESTABLISHED
	end "another codec" xdp
}

case_start || finish
run_cases case_forward case_reach case_transfer case_recorded case_voicemail case_transcoded
