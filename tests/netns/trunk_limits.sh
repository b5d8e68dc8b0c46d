#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a trunk cannot do: hold more than its calls, call more often than its rate, keep a call
# waiting by saying nothing or nonsense, go round for ever.
#
#   [phone: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [carriers]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

PAIR_CALLED=""

trunk() {
	printf "config trunk '%s'\n\toption host '%s'\n\toption port '%s'\n" "$1" "$(node_ip4 b)" "$2"
	shift 2
	[ $# = 0 ] || printf "\toption %s\n" "$@"
}

peer() {
	printf "config dialpeer '%s_%s'\n\toption destination_pattern '%sT'\n" "$2" "$1" "$1"
	printf "\toption trunk '%s'\n\toption preference '%s'\n" "$2" "$3"
}

trunks() {
	trunk mute 7009 "answer_timeout '1'"
	trunk mad 7010 "answer_timeout '1'"
	trunk narrow 7011 "max_calls '1'"
	trunk good 7002
	printf "config trunk 'mirror'\n\toption host '%s'\n\toption allow_transit '1'\n" "$(gw_ip4 b)"
	peer 95 mirror 0
	peer 91 mute 0
	peer 91 good 1
	peer 92 mad 0
	peer 92 good 1
	peer 93 narrow 0
}

case_start() {
	lab_setup
	OFFICE_MORE="$(trunks)
config trunk 'flood'
	option host '10.2.0.77'
	option max_calls '2'
	option max_cps '4'"
	TD_CONF=$TD_TMP/tandem
	pair_config >"$TD_CONF"
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	check "tandemd takes calls" daemon_start "$TD_CONF"
}

# answerer PORT HOW - a carrier that takes everything and says nothing, or nonsense
answerer() {
	ns_exec b python3 - "$(node_ip4 b)" "$1" "$2" 2>"$TD_TMP/answerer-$2" <<-'PY' &
	import os, socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((sys.argv[1], int(sys.argv[2])))
	while True:
	    data, who = s.recvfrom(65535)
	    if sys.argv[3] == "mute":
	        continue
	    head = {}
	    for line in data.split(b"\r\n")[1:]:
	        name, _, value = line.partition(b":")
	        head.setdefault(name.lower(), value.strip())
	    same = b"".join(b"%s: %s\r\n" % (n, head.get(n, b"")) for n in (b"via", b"from", b"to", b"call-id", b"cseq"))
	    for text in (os.urandom(1200), b"SIP/2.0 \r\n\r\n", b"SIP/2.0 99999999999 x\r\n" + same + b"\r\n",
	                 b"SIP/2.0 200 OK\r\n\r\n", b"SIP/2.0 200 OK\r\n" + same.replace(b"z9hG4bK", b"z9hG4bKx") + b"\r\n",
	                 b"SIP/2.0 180 x\r\nCSeq: 4294967296 INVITE\r\n" * 400, data, data[:200], b"\0" * 3000):
	        s.sendto(text, who)
	PY
	wait_until 5 listens b "$1"
}

# second NAME NUMBER - the phone calls; the carrier that is good gets it
second() {
	local far
	side "$1-b" b uas_basic 7002 &
	far=$!
	wait_until 5 listens b 7002
	PAIRS=$((PAIRS + 1))
	caller "$1-a" uac_basic "$2" && wait "$far"
}

case_mute() {
	check "a carrier takes everything and says nothing" answerer 7009 mute
	check "the call goes to the next dial peer" second mute 91030
}

case_mad() {
	check "a carrier answers nonsense" answerer 7010 mad
	check "the call goes to the next dial peer" second mad 92030
}

# a trunk that leads back to ourselves: each time costs a hop
case_loop() {
	local before after
	before=$(tdj show stats | jq .sip.invites_out)
	PAIRS=$((PAIRS + 1))
	sed 's/Max-Forwards: 0/Max-Forwards: 70/' "$SCENARIOS/uac_483.xml" >"$TD_TMP/uac_483.xml"
	SCENARIOS=$TD_TMP check "a loop ends" caller loop uac_483 95030
	LAST_A=loop reason 25
	after=$(tdj show stats | jq .sip.invites_out)
	equal "after as many hops as Max-Forwards had" 70 $((after - before))
	nothing_left
}

case_narrow() {
	local far one
	side narrow-b b uas_basic 7011 &
	far=$!
	wait_until 5 listens b 7011
	PAIRS=$((PAIRS + 1))
	caller narrow-a uac_hold_long 93030 &
	one=$!
	check "one call is up" wait_until 5 show_has 'any(.[]; .state == "up")' show calls
	PAIRS=$((PAIRS + 1))
	check "the second one is refused" caller narrow-2 uac_503 93031
	LAST_A=narrow-2 reason 34
	tdj hangup "$(tdj show calls | jq -r '.[0].id')" >/dev/null
	wait "$one" "$far"
}

# as many as are there now, for as long as the flood lasts
most_calls() {
	local most=0 now
	while kill -0 "$1" 2>/dev/null; do
		now=$(tdj show calls | jq length)
		[ "$now" -gt "$most" ] && most=$now
	done
	echo "$most"
}

case_flood() {
	local phone flood most
	ip -n "$(lab_ns b)" addr add 10.2.0.77/24 dev eth0
	SIPP_TIMEOUT=20 sipp_run phone a -sf "$SCENARIOS/uas_basic.xml" -i "$(node_ip4 a)" -p 5060 &
	phone=$!
	wait_until 5 listens a 5060
	SIPP_TIMEOUT=8 sipp_run flood b -sf "$SCENARIOS/uac_basic.xml" -r 60 -m 120 -i 10.2.0.77 -p 7020 \
		-s 1001 -inf "$TD_TMP/from.csv" -recv_timeout 3000 "$(gw_ip4 b)" &
	flood=$!
	most=$(most_calls "$flood")
	wait "$flood"
	check "120 calls in two seconds: never more than two at once ($most)" test "$most" -le 2
	check "some came through" test "$most" -ge 1
	check "the rate was kept" show_has '.sip.trunk_over_rate > 80' show stats
	kill "$phone" 2>/dev/null
	wait "$phone"
	nothing_left
}

run_cases case_start case_mute case_mad case_loop case_narrow case_flood
