#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One number, several phones: a user with two contacts, and a number on two phones. All ring;
# who answers wins; the others hear "answered elsewhere" (RFC 3326 2), so that they do not
# show a missed call.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: 2 x sipp]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

OFFICE_MORE="config dn 'desk'
	option number '1100'

config phone 'twice'
	option number '1020'
	option password 'secret-of-two-contacts'

config phone 'desk_a'
	list line '1:1021'
	list line '2:desk'
	option address '10.2.0.2:6021'

config phone 'desk_b'
	list line '1:1022'
	list line '2:desk'
	option address '10.2.0.2:6022'"

contact() {
	in_ns b "$TD_ROOT/tests/lib/sipprobe.py" "$(gw_ip4 b)" register \
		--contact "sip:1020@10.2.0.2:$1" 1020 secret-of-two-contacts
}

# fork TEXT NUMBER PORT_OF_WINNER PORT_OF_LOSER UAS_WINNER UAS_LOSER
fork() {
	local text=$1 number=$2 winner loser good=1
	PAIRS=$((PAIRS + 1))
	side "fork-$number-w" b "$5" "$3" & winner=$!
	side "fork-$number-l" b "$6" "$4" & loser=$!
	wait_until 5 listens b "$3"
	wait_until 5 listens b "$4"
	caller "fork-$number-a" uac_basic "$number" || { good=0; why "fork-$number-a"; }
	wait "$winner" || { good=0; why "fork-$number-w"; }
	wait "$loser" || { good=0; why "fork-$number-l"; }
	judge "$good" "$text" "$number"
}

case_two_contacts() {
	check "the first contact registers" contact 6031
	check "the second one, too" contact 6032
	equal "the phone has both" 2 "$(tdj show registrations | jq '[.[]|select(.line=="1020")]|length')"
	fork "two contacts of a user: the loser is told" 1020 6031 6032 uas_slow uas_fork_lost
}

case_shared_number() {
	fork "a number on two phones" 1100 6021 6022 uas_slow uas_fork_lost
	told fork-1100-l "the reason of the CANCEL" '^Reason: *SIP;cause=200'
}

# one is busy, the other answers: no harm; both refuse: the better reason
case_one_refuses() {
	fork "one phone is busy, the other answers" 1100 6021 6022 uas_slow uas_486
}

case_all_refuse() {
	local a b good=1
	PAIRS=$((PAIRS + 1))
	side all-1 b uas_480 6021 & a=$!
	side all-2 b uas_486 6022 & b=$!
	wait_until 5 listens b 6021
	wait_until 5 listens b 6022
	LAST_A=all-a
	caller all-a uac_486 1100 || { good=0; why all-a; }
	wait "$a" || { good=0; why all-1; }
	wait "$b" || { good=0; why all-2; }
	judge "$good" "all refuse: busy says more than not there" 1100
	reason 17
	nothing_left
}

pair_up || finish
run_cases case_two_contacts case_shared_number case_one_refuses case_all_refuse
