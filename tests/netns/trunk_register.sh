#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A carrier that wants to know us: Kamailio asks for digest at REGISTER and INVITE. We register
# the account and a block of numbers, call out through it, are called by what it has stored, and
# a wrong password is told and tried seldom.
#
#   [phone: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [kamailio :5060, sipp :7001]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
source "$TD_ROOT/tests/lib/carrier.sh"
need_root
need_daemon
need_tool sipp
need_tool kamailio

PAIR_CALLED=""

trunk_config() {
	cat <<-UCI
	config trunk 'carrier'
		option host '$(node_ip4 b)'
		option username '4930555'
		option password '$1'
		option realm 'carrier.test'
		option translation_incoming 'in'

	config translation 'account'
		list rule '/^4930555$/ /1001/'

	config translationprofile 'in'
		option called 'account'

	config registrar 'home'
		option trunk 'carrier'
		option expires '600'
		list bulk_number '49305551..'

	config dialpeer 'out'
		option destination_pattern '9T'
		option trunk 'carrier'
		option strip_digits '1'
	UCI
}

registered() { show_has 'length == 2 and all(.[]; .state == "registered")' show trunk registrations; }
rejected() { show_has 'all(.[]; .state == "rejected" and .reason == 401)' show trunk registrations; }

case_start() {
	lab_setup
	check "the carrier is there" carrier_start
	OFFICE_MORE=$(trunk_config pass)
	TD_CONF=$TD_TMP/tandem
	pair_config >"$TD_CONF"
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	check "tandemd takes calls" daemon_start "$TD_CONF"
}

case_registers() {
	check "the account and the block are registered" wait_until 5 registered
	equal "what it granted counts" true \
		"$(tdj show trunk registrations | jq 'all(.[]; .expires_s <= 90 and .expires_s > 60)')"
	equal "show trunks" "carrier up" "$(tdj show trunks | jq -r '.[] | "\(.id) \(.state)"')"
	equal "show sip-ua register status" "4930555 49305551.." \
		"$(tdj show sip-ua register status | jq -r '[.[].number] | sort | join(" ")')"
}

case_out() {
	local far
	side out-b b uas_basic 7001 &
	far=$!
	wait_until 5 listens b 7001
	PAIRS=$((PAIRS + 1))
	check "a call out is challenged, answered and connected" caller out-a uac_basic 9030123456
	wait "$far"
	equal "the called one is content" 0 $?
	told out-b "with the digits of the dial peer" '^INVITE sip:030123456@'
}

case_in() {
	local phone
	side in-a a uas_basic 5060 &
	phone=$!
	wait_until 5 listens a 5060
	# the account is what is called: the carrier sends it to our contact, the plan to the phone
	check "a call in by what the carrier has stored" \
		side in-b b uac_basic 7002 -s 4930555 -inf "$TD_TMP/from.csv" "$(node_ip4 b)"
	wait "$phone"
	equal "the phone is content" 0 $?
}

case_wrong_password() {
	sed -i "s/option password 'pass'/option password 'other'/" "$TD_CONF"
	equal "reload" "1 changes: 0 phones, 0 interfaces, 1 trunks, 0 in the dial plan" \
		"$(tdj reload | jq -r .report)"
	check "rejected" wait_until 5 rejected
	equal "show trunks tells" rejected "$(tdj show trunks | jq -r '.[].state')"
	check "a call out fails" dials_fail
	nothing_left
}
dials_fail() {
	PAIRS=$((PAIRS + 1))
	caller wrong-a uac_603 9030123456
}

run_cases case_start case_registers case_out case_in case_wrong_password
