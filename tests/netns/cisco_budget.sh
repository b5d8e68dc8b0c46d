#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# How many messages a Cisco phone of eight shared lines costs until it is up, as Table 1 of the
# CME guide counts them: line by line, in bulk, and in bulk with unsolicited NOTIFYs. The phone is
# recognised by its MAC and offers what tests/sipp/ says; tshark counts at its own cable.
#
#   [sipp, 10.1.0.2, eight lines] eth0 ---- lan0 10.1.0.1 [ tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

SIPP=$TD_ROOT/tests/sipp
LINES=8 SIPP_PID=

config() {
	local i transport=$1
	cat <<-UCI
	config global 'global'
		option hostname 'lab'
		list interface 'lan0'
	config sip 'sip'
		option authenticate 'auto'
	config provision 'provision'
		option tftp 'off'
		option http_enable 'off'
	UCI
	for ((i = 1; i <= LINES; i++)); do
		printf "config dn 'l%d'\n\toption number '%d'\n" "$i" $((6009 + i))
	done
	for i in cisco twin; do
		printf "config phone '%s'\n\toption type '7970'\n\toption username '%s'\n" "$i" "$i"
		[ "$i" = cisco ] && printf "\toption mac '%s'\n\toption transport '%s'\n" "$MAC" "$transport"
		[ "$i" = twin ] && printf "\toption mac '02feedfeed01'\n"
		for ((l = 1; l <= LINES; l++)); do printf "\tlist line '%d:l%d'\n" "$l" "$l"; done
	done
}

# messages [FILTER] - SIP messages in the capture "phone"; several may be in one packet
messages() {
	wire_read phone "sip${1:+ and ($1)}" sip.Request-Line sip.Status-Line |
		awk -F'\t' '{ n += split($1, a, "SIP/2.0,") + split($2, b, ",SIP/2.0") } END { print n + 0 }'
}
of_method() { messages "sip.CSeq.method == \"$1\""; }
method_is() { show_has ".[] | select(.id == \"cisco\") | .registration_method == \"$1\"" show phones; }
begin() {
	rm -rf "${TD_STATE_DIR:-/nonexistent}"
	MAC=$(ip -n "$(lab_ns a)" -j link show eth0 | jq -r ".[0].address" | tr -d :)
	config "$1" >"$TD_TMP/tandem"
	check "tandemd takes calls ($1)" daemon_start "$TD_TMP/tandem" || return
	{ echo SEQUENTIAL; for ((i = 1; i <= LINES; i++)); do echo "$((6009 + i));$MAC"; done; } >"$TD_TMP/lines.csv"
	wire_start phone a 'port 5060'
}

# play SCENARIO N TRANSPORT - the phone, in the background
play() {
	sipp_start phone a "$(gw_ip4 a)" -sf "$SIPP/$1.xml" -oocsf "$SIPP/cisco_out_of_call.xml" \
		-inf "$TD_TMP/lines.csv" -m "$2" -r 100 -t "$3" -i "$(node_ip4 a)" -p 5060
}
subscribe() {
	sipp_run watch a "$(gw_ip4 a)" -sf "$SIPP/cisco_subscribe_line.xml" -inf "$TD_TMP/lines.csv" \
		-m "$LINES" -r 100 -t "$1" -i "$(node_ip4 a)" -p 5070
}
count_up() {
	wire_stop phone
	# shellcheck disable=SC2046 # pids are words
	kill_pids 5 $(pgrep -P "$SIPP_PID") "$SIPP_PID"
	wait "$SIPP_PID" 2>/dev/null
	daemon_stop
	diag "$1: REGISTER $(of_method REGISTER), REFER $(of_method REFER), NOTIFY $(of_method NOTIFY), SUBSCRIBE $(of_method SUBSCRIBE): $(messages) messages"
}

case_lab() { lab_setup && ok "lab"; }

case_line_by_line() {
	begin udp || return
	play cisco_register_line "$LINES" u1
	check "every line is registered" wait_until 10 show_has "length == $LINES" show registrations
	check "it is registered per line" method_is "per line"
	check "every line is watched" subscribe u1
	count_up "line by line"
	equal "per line: REGISTER 24" 24 "$(of_method REGISTER)"
	equal "per line: REFER 6" 6 "$(of_method REFER)"
	equal "per line: SUBSCRIBE and its NOTIFY 32, other NOTIFYs 16" 48 $(($(of_method SUBSCRIBE) + $(of_method NOTIFY)))
	equal "a phone of eight lines costs 78 messages line by line" 78 "$(messages)"
}

case_bulk() {
	begin tcp || return
	play cisco_register_bulk 1 t1
	check "bulk registration is completed" wait_until 10 method_is "bulk - completed"
	check "show registrations has the first line only" show_has 'length == 1 and .[0].line == "6010"' show registrations
	check "every line is watched" subscribe t1
	count_up "in bulk"
	equal "bulk: REGISTER 3" 3 "$(of_method REGISTER)"
	equal "bulk: one combined REFER 2" 2 "$(of_method REFER)"
	equal "a phone of eight lines costs 37 messages in bulk" 37 "$(messages)"
}

case_unsolicited() {
	begin tcp || return
	play cisco_register_bulk_unot 1 t1
	check "bulk registration is completed" wait_until 10 method_is "bulk - completed"
	check "it is told of its shared lines unasked" wait_until 5 \
		show_has 'length == 8 and all(.[]; .kind == "unsolicited" and .notified == 1)' show presence subscription
	count_up "unsolicited"
	equal "a phone that is told unasked costs 21 messages" 21 "$(messages)"
}

run_cases case_lab case_line_by_line case_bulk case_unsolicited
