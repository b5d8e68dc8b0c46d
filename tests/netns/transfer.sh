#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Transfer: b hands a on to c; nobody answers there, and the call comes back; c asks b first and hands a on to b. Who is left hears the other, in
# the kernel, also after the worker's death.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [phone b, phone c]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

C_NUMBER=1003 C_HZ=1320
# shellcheck disable=SC2034 # office_config prints it
OFFICE_MORE="config phone 'carol'
	option protocol 'sip'
	option number '$C_NUMBER'
	option password 'a-long-secret-of-carol'"

# shellcheck disable=SC2034 # office_config prints it
OFFICE_GLOBAL="	option timeout_transfer_recall '3'"

at_gw() { echo "sip:$1@$(gw_ip4 "${2:-b}")"; }
only_call() { show_has "length == 1 and .[0].state == \"up\" and ([.[0].legs[].party] | sort == [\"$1\",\"$2\"])" show calls; }
heard() { check "$1 heard $2 Hz" "$TD_ROOT/tests/lib/tone.py" "$(phone_heard "$1")" "$2" "$3"; }
more_rtp() { RX=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max // 0'); wait_until 10 legs_have $((RX + ${1:-60})); }
on_xdp() { equal "$1: on path xdp" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"; }

case_start() {
	office_up auto || return
	PHONE_OPTS=-s phone_start c b "$C_NUMBER" a-long-secret-of-carol "$C_HZ" 5070
	check "a third phone registers" wait_until 10 registered_is 3
}

case_blind() {
	call_up || return
	phone_mark b; phone_mark c
	phone_do b transfer "$(at_gw "$C_NUMBER")"
	check "c rings" wait_until 5 phone_rings c || return
	phone_do c accept
	check "b is out" phone_wait b CALL_CLOSED
	check "a and c talk" wait_until 5 only_call 1001 1003
	check "media flow both ways" more_rtp
	on_xdp "blind"
}

case_worker_killed() {
	local old
	old=$(worker_pid)
	kill -KILL "$old"
	check "a new worker is there" wait_until 3 new_worker "$old"
	check "the call goes on under it" only_call 1001 1003
	check "... with its media" more_rtp
	phone_mark c
	phone_do a hangup
	check "hang-up reaches c" phone_wait c CALL_CLOSED
}

# b transfers and does not wait; nobody answers at c
case_recall() {
	call_up || return
	phone_mark b; phone_mark c
	phone_do b transfer "$(at_gw "$C_NUMBER")"
	check "c rings" wait_until 5 phone_rings c || return
	phone_do b hangup
	check "b is out" phone_wait b CALL_CLOSED
	check "after 3 s it comes back: b rings" wait_until 6 phone_rings b || return
	check "c rings no more" phone_wait c CALL_CLOSED
	phone_do b accept
	check "a and b talk again" wait_until 5 only_call 1001 1002
	check "media flow both ways" more_rtp
	on_xdp "recall"
	call_down
}

# as c saw it: "CALL-ID OUR-TAG ITS-TAG" of the last dialog that it answered
dialog_of_c() {
	awk 'BEGIN { RS = "\r?\n" } /^SIP\/2.0 200/ { ok = 1; id = from = to = "" }
		ok && tolower($1) == "call-id:" { id = $2 }
		ok && tolower($1) == "from:" { from = $0; sub(/.*tag=/, "", from); sub(/;.*/, "", from) }
		ok && tolower($1) == "to:" { to = $0; sub(/.*tag=/, "", to); sub(/;.*/, "", to) }
		ok && tolower($1) == "cseq:" { if ($3 == "INVITE") last = id " " from " " to; ok = 0 }
		END { print last }' "$(phone_dir c)/log"
}

# a calls c; c asks b; c joins the two
case_consult() {
	local id ours theirs
	rm -f "$(phone_dir a)"/dump-*	# the recall was a pause
	phone_mark b; phone_mark c
	phone_do a dial "$(at_gw "$C_NUMBER" a)"
	check "c rings" wait_until 5 phone_rings c || return
	phone_do c accept
	check "a and c talk" wait_until 5 only_call 1001 1003
	wait_until 5 legs_have 60
	read -r id ours theirs <<<"$(dialog_of_c)"
	phone_do c dial "$(at_gw "$B_NUMBER")"
	check "b rings" wait_until 5 phone_rings b || return
	phone_do b accept
	check "two calls" wait_until 5 show_has 'length == 2 and all(.[]; .state == "up")' show calls
	wait_until 10 show_has '[.[1].legs[].rx_packets] | min >= 30' show calls
	phone_mark c
	phone_do c transfer "<$(at_gw "$A_NUMBER")?Replaces=${id/@/%40}%3Bto-tag%3D$ours%3Bfrom-tag%3D$theirs>"
	check "one call is left: a and b" wait_until 5 only_call 1001 1002
	check "media flow both ways" more_rtp 130
	on_xdp "consult"
	phone_stop a b c
	heard a "$B_HZ" 2
	heard b "$A_HZ" 2
	heard c "$A_HZ" 1
}

run_cases case_start case_blind case_worker_killed case_recall case_consult
