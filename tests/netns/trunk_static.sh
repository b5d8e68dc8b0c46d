#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A trunk without registration, by dial peers: calls out with the digits that the peer makes,
# the second carrier when the first fails and not when the called party is busy, calls in that
# are known by their host, nobody else's, and none from outside to outside.
#
#   [phone: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [carriers: sipp, 7001 7002]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

PAIR_CALLED=""

trunks() {
	cat <<-UCI
	config trunk 'carrier'
		option host '$(node_ip4 b)'
		option port '7001'
		list source '10.2.0.64/29'
		option username '4930555'
		option password 'pass'
		option realm 'carrier.test'

	config trunk 'second'
		option host '$(node_ip4 b)'
		option port '7002'

	config trunk 'stream'
		option host '$(node_ip4 b)'
		option port '7003'
		option transport 'tcp'
		option keepalive '1'
		option keepalive_retry '1'

	config dialpeer 'by_tcp'
		option destination_pattern '8T'
		option trunk 'stream'

	config translation 'office'
		list rule '/^1\(...\)$/ /4930555\1/'

	config translationprofile 'out'
		option calling 'office'

	config dialpeer 'first'
		option tag '100'
		option destination_pattern '9T'
		option trunk 'carrier'
		option strip_digits '1'
		option translation_outgoing 'out'

	config dialpeer 'backup'
		option tag '101'
		option destination_pattern '9T'
		option trunk 'second'
		option preference '1'
	UCI
}

case_start() {
	lab_setup
	OFFICE_MORE=$(trunks)
	TD_CONF=$TD_TMP/tandem
	pair_config >"$TD_CONF"
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	check "tandemd takes calls" daemon_start "$TD_CONF"
	equal "show trunks" "carrier 10.2.0.2:7001 0;second 10.2.0.2:7002 0;stream 10.2.0.2:7003 0" \
		"$(tdj show trunks | jq -r '[.[] | "\(.id) \(.address) \(.calls)"] | join(";")')"
	equal "trunks are trusted by the packet filter" "10.2.0.2/32 10.2.0.64/29" \
		"$(tdj show firewall | jq -r '.trusted | unique | join(" ")')"
}

# carrier NAME SCENARIO PORT - in the background; its pid in SIDE_PID
carrier() {
	side "$1" b "$2" "$3" &
	SIDE_PID=$!
	wait_until 5 listens b "$3"
}

# dials NAME SCENARIO NUMBER - the phone, to its end
dials() {
	PAIRS=$((PAIRS + 1))
	caller "$1" "$2" "$3"
}

case_out() {
	local pid
	carrier out-b uas_basic 7001
	pid=$SIDE_PID
	check "a call goes out" dials out-a uac_basic 9030123456
	wait "$pid"
	equal "the carrier is content" 0 $?
	told out-b "the peer strips the 9" '^INVITE sip:030123456@10\.2\.0\.2:7001 SIP'
	told out-b "To is the carrier's" '^To: <sip:030123456@10\.2\.0\.2>'
	told out-b "the caller's number is translated" '^From: .*<sip:4930555001@10\.2\.0\.1>'
}

# same order as in the message: From, then what is added
case_identity() {
	local far phone
	sed -i "s/option port '7001'/&\n\toption identity '1'\n\toption privacy '1'/" "$TD_CONF"
	tdj reload >/dev/null
	carrier hidden-b uas_basic 7001
	far=$SIDE_PID
	check "a call goes out without name" dials hidden-a uac_basic 9030
	wait "$far"
	told hidden-b "From is nobody's" '^From: *"Anonymous" <sip:anonymous@anonymous\.invalid>'
	told hidden-b "the carrier knows who it is" '^P-Asserted-Identity: *<sip:4930555001@10\.2\.0\.1>'
	told hidden-b "and is told not to say it" '^Privacy: *id'
	equal "no other header names the caller" 0 \
		"$(grep -v '^P-Asserted' "$TD_TMP/sipp-hidden-b/messages" | grep -c 4930555001)"
	sed 's/^ *Max-Forwards: 70/&\n      P-Asserted-Identity: "Carl" <sip:+4917000@carrier.test>, <tel:+4917000>/' \
		"$SCENARIOS/uac_basic.xml" >"$TD_TMP/uac_pai.xml"
	side pai-a a uas_basic 5060 &
	phone=$!
	wait_until 5 listens a 5060
	SCENARIOS=$TD_TMP check "the carrier says who calls" \
		side pai-b b uac_pai 7001 -s 1001 -inf "$TD_TMP/from.csv" "$(gw_ip4 b)"
	wait "$phone"
	told pai-a "and is believed" '^From: .*<sip:[+]4917000@'
	sed 's/^ *Max-Forwards: 70/&\n      Privacy: id/' "$SCENARIOS/uac_basic.xml" >"$TD_TMP/uac_id.xml"
	side id-a a uas_basic 5060 &
	phone=$!
	wait_until 5 listens a 5060
	SCENARIOS=$TD_TMP check "and that nobody may know" \
		side id-b b uac_id 7001 -s 1001 -inf "$TD_TMP/from.csv" "$(gw_ip4 b)"
	wait "$phone"
	told id-a "the phone shows Anonymous" '^From: *"Anonymous" <sip:anonymous@'
}

# Kamailio asks at REGISTER and INVITE (trunk_register); some carriers ask at everything
case_challenged() {
	local far
	carrier asks-b uas_held_auth 7001
	far=$SIDE_PID
	check "hold, resume and BYE are challenged within the call" dials asks-a uac_hold 9030
	wait "$far"
	equal "each is sent again with the right answer" 0 $?
	equal "three challenges" 3 "$(grep -c '^SIP/2.0 401' "$TD_TMP/sipp-asks-b/messages")"
}

case_failover() {
	local first second
	carrier busy-b uas_503 7001
	first=$SIDE_PID
	carrier backup-b uas_basic 7002
	second=$SIDE_PID
	check "the first carrier refuses: the second takes the call" dials failover-a uac_basic 90301
	wait "$first" "$second"
	equal "both are content" 0 $?
	told backup-b "the second peer sends all digits" '^INVITE sip:90301@10\.2\.0\.2:7002 SIP'
}

case_busy_is_final() {
	local first
	carrier final-b uas_486 7001
	first=$SIDE_PID
	# nobody is at the second carrier's port: a call there would not end with 486
	check "the called party is busy: nobody else is asked" dials final-a uac_486 90302
	wait "$first"
	LAST_A=final-a reason 17
}

case_in() {
	local phone
	side in-a a uas_basic 5060 &
	phone=$!
	wait_until 5 listens a 5060
	check "a call comes in without digest" \
		side in-b b uac_basic 7001 -s 1001 -inf "$TD_TMP/from.csv" "$(gw_ip4 b)"
	wait "$phone"
	equal "the phone is content" 0 $?
	side source-a a uas_basic 5060 &
	phone=$!
	wait_until 5 listens a 5060
	ip -n "$(lab_ns b)" addr add 10.2.0.66/24 dev eth0
	check "and from the trunk's other sources" \
		side source-b b uac_basic 7005 -i 10.2.0.66 -s 1001 -inf "$TD_TMP/from.csv" "$(gw_ip4 b)"
	wait "$phone"
	equal "the phone is content again" 0 $?
}

stream_is() { show_has ".[] | select(.id == \"stream\") | .state == \"$1\"" show trunks; }
listens_tcp() { in_ns b ss -Hltn "sport = $1" | grep -q .; }

case_tcp() {
	local far
	check "nobody listens: the trunk is down" wait_until 5 stream_is down
	PAIRS=$((PAIRS + 1))
	check "a call has nowhere to go" caller stream-none uac_503 8030
	sed -i "/option keepalive /d; /option keepalive_retry/d" "$TD_CONF"
	tdj reload >/dev/null
	side stream-b b uas_basic 7003 -t t1 &
	far=$!
	wait_until 5 listens_tcp 7003
	check "a call by TCP" dials stream-a uac_basic 8030
	wait "$far"
	equal "the carrier is content" 0 $?
	told stream-b "the Contact says TCP" '^Contact: *<sip:[^>]*10\.2\.0\.1[^>]*transport=tcp'
}

case_strangers() {
	ip -n "$(lab_ns b)" addr add 10.2.0.99/24 dev eth0
	check "another host is challenged" \
		side stranger b uac_401 7006 -i 10.2.0.99 -s 1001 -inf "$TD_TMP/from.csv" "$(gw_ip4 b)"
	check "from outside to outside: 403" \
		side transit b uac_403 7001 -s 9030123 -inf "$TD_TMP/from.csv" "$(gw_ip4 b)"
	LAST_A=transit reason 57
}

case_reload() {
	sed -i "s/option strip_digits '1'/option strip_digits '3'/; /config trunk 'second'/,/port/d" "$TD_CONF"
	sed -i "s/option trunk 'second'/option trunk 'carrier'/" "$TD_CONF"
	equal "reload" "3 changes: 0 phones, 0 interfaces, 1 trunks, 2 in the dial plan" \
		"$(tdj reload | jq -r .report)"
	equal "the trunk is gone" "carrier stream" "$(tdj show trunks | jq -r '[.[].id] | join(" ")')"
	equal "the peer sends other digits" 0123 \
		"$(tdj route 9030123 | jq -r '.choices[0].called')"
	nothing_left
}

run_cases case_start case_out case_challenged case_identity case_failover case_busy_is_final case_in case_tcp case_strangers case_reload
