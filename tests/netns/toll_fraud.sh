#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The toll-fraud matrix, source x feature x destination, as one table (tests/lib/fraud.py). What
# is not a call of somebody who may make it reaches no carrier, whatever its headers say.
#
#   [ tandemd ] wan0 ---- eth0 10.2.0.2 [carrier, trunk .3, phones .11 .12, stranger .99, trusted .50]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon

config() {
	cat <<-UCI
	config global 'global'
		option hostname 'lab'
		option caller_id_block_code '*67'
		list interface 'wan0'

	config sip 'sip'
		option authenticate 'auto'
		list trusted '10.2.0.50'

	config fac 'fac'
		option enable '1'

	config park 'lot'
		option number '701'

	config conference 'room'
		option number '6000'

	config paging 'all'
		option number '7000'
		list member '1005'

	config nightservice 'night'
		option code '*99'

	config afterhours 'afterhours'
		list hours 'everyday 00:00 24:00'
		list block '9077'
		option override_code '*88'

	config corlist 'inner'
		list member 'local'

	config corlist 'lock'
		list member 'premium'

	config trunk 'carrier'
		option host '10.2.0.2'
		option port '7001'

	config trunk 'incoming'
		option host '10.2.0.3'

	config dialpeer 'out'
		option destination_pattern '90T'
		option trunk 'carrier'
		option strip_digits '1'

	config dialpeer 'plus'
		option destination_pattern '+T'
		option trunk 'carrier'

	config dialpeer 'premium'
		option destination_pattern '99T'
		option trunk 'carrier'
		option cor_outgoing 'lock'

	config dialpeer 'help'
		option destination_pattern '112'
		option trunk 'carrier'
		option emergency '1'

	config phone 'free'
		option number '1001'
		option address '10.2.0.11'

	config phone 'low'
		list line '1:1002'
		list line '2:lowfwd'
		option address '10.2.0.12'
		option cor_incoming 'inner'

	config phone 'mobile'
		list line '1:fwd'
		list line '2:late'
		option password 'secret-of-mobile'

	config dn 'fwd'
		option number '1005'
		option cfwd_all '90555'

	config dn 'late'
		option number '1007'
		option cfwd_all '90775'

	config dn 'lowfwd'
		option number '1006'
		option cfwd_all '99666'
	UCI
}

case_start() {
	local ip
	lab_setup
	for ip in 3 11 12 50 99; do
		ip -n "$(lab_ns b)" addr add "10.2.0.$ip/24" dev eth0
	done
	TD_CONF=$TD_TMP/tandem
	config >"$TD_CONF"
	check "tandemd takes calls" daemon_start "$TD_CONF"
	in_ns b "$TD_ROOT/tests/lib/fraud.py" "$(gw_ip4 b)" >"$TD_TMP/matrix" 2>"$TD_TMP/errors"
	equal "the matrix was played to its end" 0 $?
	[ -s "$TD_TMP/errors" ] && diag "$(tail -5 "$TD_TMP/errors")"
}

# row NAME STATUS REACHED
row() { equal "$1" "$1 $2 $3" "$(grep "^$1 " "$TD_TMP/matrix")"; }

case_allowed() {
	row control_phone 200 1
	row control_low_local 200 1
	row control_low_emergency 486 1
	row control_trunk_in 200 0
	row control_trunk_to_forward 200 1
	row control_trunk_emergency 486 1	# no restriction counts (docs/dial-plan.md)
	row control_phone_transfers 202 1
	row control_phone_overrides 200 1
	row control_low_sets_forward 200 0
}

case_denied() {
	local name status reached
	while read -r name status reached; do
		case $name in
		control_*) continue ;;
		trunk_feature_*) row "$name" 404 0 ;;
		trunk_replaces | low_replaces | low_joins) row "$name" 481 0 ;;
		trunk_joins) row "$name" 603 0 ;;
		stranger_* | trusted_*) row "$name" 401 0 ;;
		low_as_other) row "$name" 401 0 ;;
		trunk_transfers) row "$name" 603 0 ;;
		low_transfers_premium | phone_transfers_after_hours) row "$name" 202 0 ;;
		*) equal "$name: refused, and reached nobody" "403 0" "$status $reached" ;;
		esac
	done <"$TD_TMP/matrix"
	equal "rows that must be denied" 48 "$(grep -vc ^control_ "$TD_TMP/matrix")"
}

dropped() { show_has ".counters.sip_strangers.packets >= $1" show firewall; }
shut_out() { show_has '.sip.strangers >= 1' show stats; }
# invite IP - status of an INVITE from there
invite() {
	in_ns b "$TD_ROOT/tests/lib/sipprobe.py" --timeout 1 --source "$1" "$(gw_ip4 b)" method INVITE x |
		cut -d' ' -f2
}

# the list in the kernel, and in the daemon when the filter is off
case_trusted_only() {
	sed -i "s/list trusted '10.2.0.50'/&\n		option trusted_only '1'/" "$TD_CONF"
	tdj reload >/dev/null
	equal "a stranger hears nothing" "" "$(invite 10.2.0.99)"
	check "the kernel dropped it" dropped 1
	equal "who is trusted is answered" 401 "$(invite 10.2.0.50)"
	sed -i "s/option trusted_only '1'/&\n		option firewall '0'/" "$TD_CONF"
	tdj reload >/dev/null
	equal "without packet filter a stranger hears nothing either" "" "$(invite 10.2.0.99)"
	check "the daemon dropped it" shut_out
}

case_end() { nothing_left; }

run_cases case_start case_allowed case_denied case_trusted_only case_end
