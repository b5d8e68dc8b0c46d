#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# Two routers (tests/lib/redundancy.sh). A call by SIP over UDP goes through the first one, the
# second one keeps a copy of it. The first loses its cables and its processes at once; its addresses
# move to the second, which goes on: RTP, hold and resume, BYE. The first one comes back and lets go.
# Then neither hears the other and both have the addresses (split brain), until the cable is back. Both
# use one trunk. Last, a call of which one side is encrypted, and ends in the router, is taken over.
# Who does not know the secret, or repeats a stream of another time, is refused.
source "$(dirname "$0")/../lib/lib.sh"
source "$(dirname "$0")/../lib/redundancy.sh"
need_root
need_daemon
need_tool sipp

SECRET=a-secret-between-two-routers
REPLAY=$TD_ROOT/tests/lib/replay.py

has_copies() { on "$1" show_has '.we_have_copies and .it_has_copies' show replication; }
copies_are() { on second show_has ".copies == $1" show replication; }
second_legs_have() { on second legs_have "$1"; }
# The longest time between two packets that a phone heard, ms
longest_pause() { wire_read "$1" "$(rtp_to "$1")" frame.time_relative | awk 'NR > 1 && $1 - t > m { m = $1 - t } { t = $1 } END { printf "%d\n", m * 1000 }'; }

case_start() {
	redundant_setup
	REDUNDANT_MORE="
	config sip 'sip'
		option srtp_clear '1'
	config trunk 'carrier'
		option host '$(node_ip4 b)'
		option port '7001'
	config dialpeer 'out'
		option destination_pattern '9T'
		option trunk 'carrier'"
	redundant_config "$SECRET" >"$TD_TMP/tandem"
	ns_exec b sipp -sn uas -nostdin -i "$(node_ip4 b)" -p 7001 -mp 40000 >"$TD_TMP/carrier" 2>&1 </dev/null &
	check "the first router takes calls" daemon_start "$TD_TMP/tandem" || return
	check "so does the second" second_start "$TD_TMP/tandem" || return
	check "the first has copies, and gives them" wait_until 10 has_copies router
	check "so has the second" wait_until 10 has_copies second
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2
	check "the second router has copies of that" wait_until 5 on second show_has '.registrations == 2' show replication
	check "... and nobody registered" on second registered_is 0
}

case_call() {
	ns_exec second dumpcap -q -i link0 -f 'tcp port 5079' -w "$TD_TMP/link.pcap" >/dev/null 2>"$TD_TMP/link.log" </dev/null &
	WIRE_PID[link]=$!
	wait_until 10 grep -q '^File:' "$TD_TMP/link.log"
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	wire_start a a udp; wire_start b b udp
	check "the second router has a copy of the call" wait_until 5 copies_are 1
	check "... and no call of its own" on second show_has 'length == 0' show calls
	check "nothing is taken while the address is elsewhere" \
		on second show_has '.taken_over == 0 and .address_not_here == 1 and .registrations == 0' takeover
	on second td standby >/dev/null	# else it would follow when the address comes
}

case_taken_over() {
	local node pause
	check "the first router is gone" loses_power || return
	addresses_to second
	check "the second takes the call over" on second show_has '.taken_over == 1 and .failed == 0' takeover
	check "both phones are registered there" on second registered_is 2
	check "each was taken once: who leaves stays away" on second show_has '.registrations == 0' takeover
	check "it is up there" wait_until 5 on second show_has '.[0].state == "up"' show calls
	check "and forwards both directions" wait_until 10 second_legs_have 100
	equal "both legs are on path xdp" "xdp xdp" "$(on second tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	wire_stop a b
	for node in a b; do
		pause=$(longest_pause $node)
		diag "longest pause at $node: $pause ms, of which most is the time that this test takes"
		check "$node hears again after less than 5 s" test "$pause" -gt 20 -a "$pause" -lt 5000
	done
	equal "nobody is told goodbye" 0 "$(wire_count a 'sip.Method == "BYE" or sip.Method == "CANCEL"')"
}

case_goes_on() {
	wire_start since a udp
	phone_do a hold
	check "a holds" wait_until 5 on second show_has '.[0].state == "held"' show calls
	phone_do a resume
	check "a resumes" wait_until 5 on second show_has '.[0].state == "up"' show calls
}

# The first router has its old calls in its file still, and the second goes on with them.
case_first_returns() {
	wire_start back a udp
	addresses_from router
	cables router up
	check "the first router is back" daemon_start "$TD_TMP/tandem"
	check "it does not have the call any more" show_has 'length == 0' show calls
	check "nor the phones" registered_is 0
	check "both have copies again" wait_until 10 has_copies router
	check "the copy is let go: the call is the second's" wait_until 5 on second show_has '.taken_over == 0' show replication
	check "the first has a copy of it now" wait_until 5 show_has '.copies == 1' show replication
	check "... and of the registrations" wait_until 5 show_has '.registrations == 2' show replication
	wire_stop back
	equal "nobody was told goodbye" 0 "$(wire_count back 'sip.Method == "BYE"')"
	check "the call is up" on second show_has '.[0].state == "up"' show calls
}

# Both live and have the addresses, and the phones talk to the first, of whom they have heard last.
case_split_brain() {
	wire_start split a udp
	ip -n "$(lab_ns router)" link set link0 down
	check "neither router hears the other" wait_until 10 alone
	addresses_to router
	check "the first takes the call" show_has '.taken_over == 1' takeover
	check "... and the second has it, too" on second show_has '.[0].state == "up"' show calls
	phone_do a hold
	check "a holds: the first says yes to that" wait_until 5 show_has '.[0].state == "held"' show calls
	check "... of which the second knows nothing" on second show_has '.[0].state == "up"' show calls
	ip -n "$(lab_ns router)" link set link0 up
	check "they hear each other again" wait_until 10 has_copies router
	check "the second has let go of the call" wait_until 5 on second show_has 'length == 0' show calls
	check "the call is at the first, and on hold" show_has 'length == 1 and .[0].state == "held"' show calls
	check "... as the copy says that the second has" wait_until 5 copies_are 1
	addresses_from second
	on second td standby >/dev/null
	phone_do a resume
	check "a resumes" wait_until 5 show_has '.[0].state == "up"' show calls
	wire_stop split
	equal "nobody was told goodbye in all of that" 0 "$(wire_count split 'sip.Method == "BYE"')"
}
alone() {
	show_has '(.we_have_copies or .it_has_copies) | not' show replication &&
		on second show_has '(.we_have_copies or .it_has_copies) | not' show replication
}

case_hang_up() {
	phone_mark a
	phone_do b hangup
	check "b's hang-up reaches a" phone_wait a CALL_CLOSED
	check "no call is left" wait_until 10 show_has 'length == 0' show calls
	check "nor a copy" wait_until 5 copies_are 0
}

# Neither has registered since it was told of one router: the other one had copies.
case_next_call() {
	phone_mark a; phone_mark b
	phone_do b dial "sip:$A_NUMBER@$(gw_ip4 b)"
	check "b calls a by the first router" wait_until 10 phone_rings a
	phone_do a accept
	check "they talk" wait_until 10 legs_have 25
	phone_do a hangup
	check "no call is left" wait_until 10 show_has 'length == 0' show calls
	wire_stop since
	equal "a has not registered since" 0 "$(wire_count since 'sip.CSeq.method == "REGISTER"')"
	phone_stop a
	check "a unregisters there" wait_until 10 registered_is 1
	check "the copy is gone, too" wait_until 5 on second show_has '.registrations == 1' show replication
}

# trunk_call TEXT - a calls out
trunk_call() {
	phone_mark a
	phone_do a dial "sip:9123@$(gw_ip4 a)"
	check "$1" phone_wait a CALL_ESTABLISHED
	phone_do a hangup
}

# a has SRTP, b has not.
case_encrypted() {
	PHONE_CONFIG="module srtp.so" PHONE_PARAMS=";mediaenc=srtp-mand" \
		phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	check "a registers" wait_until 10 registered_is 2
	trunk_call "a calls out by the trunk of the first router"
	check "that call has ended" wait_until 5 show_has 'length == 0' show calls
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	check "the second router has a copy of the call" wait_until 5 copies_are 1
	check "the first router is gone" loses_power || return
	addresses_to second
	check "the second takes the call over" on second show_has '.taken_over == 1 and .failed == 0' takeover
	wire_start sealed a udp; wire_start clear b udp
	check "and forwards both directions" wait_until 10 second_legs_have 100
	equal "with its own keys at a" "own -" "$(on second tdj show calls | jq -r '[.[0].legs[]|(.srtp_keys//"-")]|join(" ")')"
	wire_stop sealed clear
	at_least "sealed to a" 50 "$(wire_count sealed "rtp and ip.dst == $(node_ip4 a) and udp.length == 190")"
	at_least "in clear to b" 50 "$(wire_count clear "rtp and ip.dst == $(node_ip4 b) and udp.length == 180")"
	equal "a can read all of it" 0 "$(grep -acE 'failed to decrypt|Authentication' "$(phone_dir a)/log")"
	phone_do a hangup
	check "no call is left" wait_until 10 on second show_has 'length == 0' show calls
	trunk_call "a calls out by the trunk of the second router"
	check "that call has ended, too" wait_until 5 on second show_has 'length == 0' show calls
	phone_stop a b
	addresses_from router
	cables router up
	check "the first router is back" daemon_start "$TD_TMP/tandem"
	check "both have copies again" wait_until 10 has_copies router
}

case_strangers() {
	wire_stop link
	check "a stream of another time is refused by who has calls" in_ns second "$REPLAY" connect \
		"$TD_TMP/link.pcap" 10.9.0.2 10.9.0.1
	has "... and it says so" 'refused: (another secret, or )?a stream of another time' "$TD_LOG"
	check "both have copies again" wait_until 10 has_copies router
	daemon_stop
	check "an old stream of copies is refused by who wants them" in_ns router "$REPLAY" listen \
		"$TD_TMP/link.pcap" 10.9.0.1 10.9.0.2
	has "... and it says so" 'refused: another secret, or a stream of another time' "$TD_TMP/second/log"
	check "it believes nothing of it" on second show_has '.copies == 0 and (.we_have_copies | not)' show replication
	redundant_config "another-secret-than-before" >"$TD_TMP/wrong"
	check "the first router with another secret" daemon_start "$TD_TMP/wrong"
	check "is refused" wait_until 10 grep -q 'refused: another secret' "$TD_LOG"
	check "neither has copies" show_has '(.we_have_copies or .it_has_copies) | not' show replication
}

run_cases case_start case_call case_taken_over case_goes_on case_first_returns case_split_brain \
	case_hang_up case_next_call case_encrypted case_strangers
