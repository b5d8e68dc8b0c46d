#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
#
# SCCP calls and connections survive the death of the worker and an upgrade: the master holds
# the phones' connections, nobody registers again, the receivers miss no packet, calls keep
# their ids and can be held, resumed and hung up from both ends. When the master dies too, the
# media go on, and the call ends when the phone comes again.
#
#   [sccp s1 1001 .11, s2 1002 .12] node a -- [ tandemd ] -- node b [sip b 1005; sccp s3 1003]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/trio.sh"
need_root
need_daemon
need_tool python3
need_tool baresip

config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		list interface 'wan0'
	UCI
	printf "config phone 's%s'\n\toption protocol 'sccp'\n\toption mac '00000000001%s'\n\toption address '%s'\n\toption name '%s'\n\toption number '100%s'\n" \
		1 1 "$(sccp_addr a 11)" One 1 2 2 "$(sccp_addr a 12)" Two 2 3 3 "$(sccp_addr b 13)" Three 3
	printf "config phone 'bob'\n\toption name 'Bob'\n\toption number '1005'\n\toption password 'a-long-secret-of-bob'\n"
}

kill_worker() {
	local old
	old=$(worker_pid)
	kill -KILL "$old"
	check "$1: a new worker is there" wait_until 3 new_worker "$old"
}
ids() { tdj show calls | jq -c '[.[].id]|sort'; }
rx_max() { tdj show calls | jq '[.[].legs[].rx_packets]|max // 0'; }
is_held() { show_has '.[0].state == "held"' show calls; }
is_up() { show_has '.[0].state == "up"' show calls; }
gone() { wait_until 10 show_has 'length == 0' show calls; }
flows() { local n; n=$(rx_max); wait_until 10 legs_have $((n + 50)); }
sessions() { tdj show sccp sockets | jq -c '[.[] | select(.phone) | [.phone, .address, .state]] | sort'; }
since() { tdj show phones | jq -c '[.[] | select(.protocol == "sccp") | [.id, .registered_ms]] | sort'; }
times_registered() { cat "$TD_TMP"/sccp-*/log | grep -c '^registered$'; }
times_closed() { cat "$TD_TMP"/sccp-*/log | grep -c '^closed$'; }

before() { IDS=$(ids) SESSIONS=$(sessions) SINCE=$(since); wire_start "$1-a" a udp && wire_start "$1-b" b udp; sleep 0.5; }
after() {
	equal "$1: the calls are there under their ids" "$IDS" "$(ids)"
	check "$1: media flow" flows
	equal "$1: by XDP" "xdp" "$(tdj show calls | jq -r '[.[].legs[].path]|unique|join(" ")')"
	wire_stop "$1-a" "$1-b"
	equal "$1: no gap in what b's node received" 0 "$(wire_gaps "$1-b" "ip.dst == $2")"
	equal "$1: no gap in what a's node received" 0 "$(wire_gaps "$1-a" "ip.dst == $(sccp_addr a 11)")"
	equal "$1: the same connections" "$SESSIONS" "$(sessions)"
	equal "$1: registered since the same time" "$SINCE" "$(since)"
	equal "$1: no phone registered again" 3 "$(times_registered)"
	equal "$1: no phone lost its connection" 0 "$(times_closed)"
}

setup() {
	trio_house
	trio_phones
	phone_start b b 1005 a-long-secret-of-bob 880
	check "four phones register" wait_until 10 registered_is 4
}

# held and resumed by the SCCP phone, then by the SIP one
hold_and_resume() {
	sccp_mark s1
	sccp_do s1 hold
	check "$1: s1 holds" wait_until 5 is_held
	sccp_do s1 resume
	check "$1: s1 resumes" sccp_wait s1 '^start '
	check "$1: the call is up" wait_until 5 is_up
	check "$1: media flow again" flows
	phone_do b hold
	check "$1: b holds" wait_until 5 is_held
	phone_do b resume
	check "$1: b resumes" wait_until 5 is_up
	check "$1: media flow once more" flows
}

call_b() {
	sccp_mark s1; phone_mark b
	sccp_do s1 enbloc 1005
	check "b rings" wait_until 10 phone_rings b
	phone_do b accept
	check "connected" sccp_wait s1 '^start '
	check "media flow" wait_until 10 legs_have 50
}

case_sccp_sip() {
	call_b
	before killed
	kill_worker "worker killed"
	after killed "$(node_ip4 b)"
	hold_and_resume "worker killed"
}

case_upgrade() {
	local old
	old=$(worker_pid)
	before upgrade
	check "tandem upgrade is accepted" td upgrade
	check "another worker is there" wait_until 5 new_worker "$old"
	after upgrade "$(node_ip4 b)"
	hold_and_resume "upgraded"
	kill_worker "upgraded and killed"
	check "... the phones are still there" wait_until 5 registered_is 4
	sccp_mark s1
	sccp_do s1 end
	check "EndCall reaches b" phone_wait b CALL_CLOSED
	check "no call is left" gone
}

# the phone that does not talk has its keys as before, and the other one can call it
case_idle_phone() {
	sccp_mark s2
	sccp_do s2 offhook
	check "an idle phone has dial tone" sccp_wait s2 '^tone 21'
	sccp_do s2 onhook
	check "... and is idle again" sccp_wait s2 '^state 2'
}

case_held_over_it() {
	sccp_mark s1 s3
	sccp_do s1 enbloc 1003
	check "s3 rings" sccp_wait s3 '^ringer 2'
	sccp_do s3 answer
	check "s1 and s3 talk" wait_until 10 legs_have 50
	sccp_do s3 hold
	check "s3 holds" wait_until 5 is_held
	kill_worker "held"
	check "held: it still is" is_held
	sccp_mark s3
	sccp_do s3 resume
	check "held: s3 resumes after it" sccp_wait s3 '^start '
	check "held: the call is up" wait_until 5 is_up
	before two
	kill_worker "two phones"
	after two "$(sccp_addr b 13)"
	sccp_mark s1
	sccp_do s3 end
	check "s3 ends it, s1 is told" sccp_wait s1 '^state 2'
	check "no call is left" gone
	kill_worker "ended"
	equal "and none rises again" "[]" "$(ids)"
}

# what is not answered does not outlive the worker, and no phone rings or waits for ever
case_ringing() {
	sccp_mark s1 s3
	sccp_do s1 enbloc 1003
	check "s3 rings" sccp_wait s3 '^ringer 2'
	check "s1 hears it" sccp_wait s1 '^tone 24'
	sccp_mark s1 s3
	kill_worker "ringing"
	check "ringing: s3 is quiet" sccp_wait s3 '^ringer 1'
	check "ringing: s3 is idle" sccp_wait s3 '^state 2'
	check "ringing: s1 is idle" sccp_wait s1 '^state 2'
	equal "ringing: no call" "[]" "$(ids)"
	sccp_mark s1 s3
	sccp_do s1 enbloc 1003
	check "the next call rings" sccp_wait s3 '^ringer 2'
	sccp_do s1 onhook
	check "no call is left" gone
}

# 32 bytes of OffHook: half of it before the kill, the rest after
case_half_a_frame() {
	local n
	sccp_mark s1
	n=$(tdj show stats | jq .sccp.frames)
	sccp_do s1 raw 0c00000011000000
	wait_until 5 show_has '[.[] | select(.phone == "s1") | .unread] == [8]' show sccp sockets
	kill_worker "half a frame"
	equal "half a frame: is kept" "[8]" "$(tdj show sccp sockets | jq -c '[.[] | select(.phone == "s1") | .unread]')"
	sccp_do s1 raw 060000000000000000000000
	check "half a frame: understood with its rest" sccp_wait s1 '^tone 21'
	sccp_do s1 onhook
	sccp_wait s1 '^state 2'
}

# a phone that connects while nobody is there to take it
case_listener() {
	local old
	old=$(worker_pid)
	sccp_do s2 close
	wait_until 5 registered_is 3
	kill -STOP "$DAEMON_PID"
	kill -KILL "$old"
	sccp_mark s2
	sccp_do s2 connect
	sleep 0.3
	equal "nobody refuses it" "" "$(sccp_log s2 | grep refused)"
	kill -CONT "$DAEMON_PID"
	check "a phone that connected meanwhile is taken by the next worker" sccp_wait s2 '^registered$'
	check "four phones" wait_until 5 registered_is 4
}

case_master_killed() {
	local master=$DAEMON_PID
	call_b
	before both
	kill -KILL "$master"
	wait "$master" 2>/dev/null
	DAEMON_PID=
	wait_until 5 router_empty
	check "both killed: the next start works" daemon_start "$TD_CONF"
	equal "both killed: the call is there" "$IDS" "$(ids)"
	equal "both killed: it is an orphan" orphaned "$(tdj show calls | jq -r '.[0].state')"
	check "both killed: media flow" flows
	wire_stop both-a both-b
	equal "both killed: no gap at a" 0 "$(wire_gaps both-a "ip.dst == $(sccp_addr a 11)")"
	equal "both killed: no gap at b" 0 "$(wire_gaps both-b "ip.dst == $(node_ip4 b)")"
	phone_mark b
	sccp_do s1 connect
	check "the phone comes again: it has hung up, b is told" phone_wait b CALL_CLOSED
	check "no call is left" gone
}
router_empty() { [ -z "$(ip netns pids "$(lab_ns router)")" ]; }

setup
run_cases case_sccp_sip case_upgrade case_idle_phone case_held_over_it case_ringing \
	case_half_a_frame case_listener case_master_killed
