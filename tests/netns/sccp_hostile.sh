#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 360
#
# What a host may claim and send: a phone's name from another host while the phone lives, frames of
# 64 KiB, ten thousand connections, keys of lines that are not there. The session that does it ends,
# or the message is ignored, with a count; the other phones notice nothing. Phones that are told to
# start again are told one after the other.
#
#   [desk 1001 .11; card by MAC at .2, and at .21] node a -- [ tandemd ] -- node b [far 1004 .2]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
need_root
need_daemon
need_tool python3

config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		list interface 'wan0'
	config phone 'desk'
		option protocol 'sccp'
		option type '7960'
		option mac '000000000011'
		option address '$(sccp_addr a 11)'
		option number '1001'
	config phone 'card'
		option protocol 'sccp'
		option mac '$MAC_A'
		option number '1003'
	config phone 'far'
		option protocol 'sccp'
		option mac '0000000000b2'
		option address '$(node_ip4 b)'
		option number '1004'
	UCI
	for ((i = 0; i < 20; i++)); do
		printf "config phone 'p%d'\n\toption protocol 'sccp'\n\toption type '7940'\n\toption mac '0200000000%02x'\n\toption address '%s'\n\toption number '%d'\n" \
			$i $i "$(sccp_addr a 22)" $((3000 + i))
	done
}

setup() {
	lab_setup
	MAC_A=$(ip -n "$(lab_ns a)" -j link show dev eth0 | jq -r '.[0].address' | tr -d :)
	TD_CONF=$TD_TMP/tandem
	config >"$TD_CONF"
	for n in 11 21 22; do sccp_add_addr a $n; done
	check "tandemd takes calls" daemon_start "$TD_CONF"
	sccp_start desk a SEP000000000011 17 440 --bind "$(sccp_addr a 11)" --type 7960
	sccp_start card a "SEP${MAC_A^^}" 17 550 --bind "$(node_ip4 a)" --keepalive 2
	sccp_start far b SEP0000000000B2 17 660 --bind "$(node_ip4 b)"
	check "three phones register" wait_until 10 registered_is 3
}

count() { tdj show stats | jq ".sccp.$1"; }
counted() { show_has ".sccp.$1 == $2" show stats; }
state_of() { show_has ".[] | select(.id == \"$1\") | .state == \"$2\"" show phones; }
at() { show_has ".[] | select(.id == \"$1\") | .address | startswith(\"$2:\")" show phones; }
works() {
	sccp_mark far
	sccp_do far offhook
	check "$1: another phone has dial tone" sccp_wait far '^tone 21' 3
	sccp_do far onhook
	sccp_wait far '^state 2'
}

# the card answers at two addresses: each is the phone's host, but there is only one phone
case_two_hosts() {
	sccp_mark card
	sccp_start twin a "SEP${MAC_A^^}" 17 440 --bind "$(sccp_addr a 21)"
	check "another host claims the name of a phone that lives: refused" sccp_wait twin "^reject 'Phone is registered elsewhere'" 6
	check "... logged" show_has '.[0].device == "SEP'"${MAC_A^^}"'" and .[0].reason == "Phone is registered elsewhere"' show sccp attempts
	check "... the phone stays where it is" at card "$(node_ip4 a)"
	equal "... its connection, too" "" "$(sccp_log card | grep closed)"
	sccp_start thief b "SEP${MAC_A^^}" 17 440 --bind "$(node_ip4 b)"
	check "a stranger is refused at once" sccp_wait thief "^reject 'Not the host of this phone'"
	equal "... without a question to the phone" "" "$(sccp_log card | grep closed)"
	sccp_do card offhook
	check "... which works" sccp_wait card '^tone 21'
	sccp_do card onhook
	sccp_wait card '^state 2'
	kill -STOP "$(cat "$(sccp_dir card)/pid")"
	sccp_mark twin
	sccp_do twin connect
	check "the old session fails its probe: the other host is let in" sccp_wait twin '^registered$' 6
	check "... and is where the phone is" at card "$(sccp_addr a 21)"
	kill -CONT "$(cat "$(sccp_dir card)/pid")"
	check "... the old connection is closed" sccp_wait card '^closed'
	sccp_stop twin thief
	sccp_do card connect
	check "when that has gone the first one may come again" wait_until 10 registered_is 3
}

case_long_frames() {
	local n
	n=$(count closed_bad_frame)
	sccp_mark desk
	(ns_exec a python3 -c "
import socket, struct, sys
s = socket.create_connection(('$(gw_ip4 a)', 2000))
try:
    s.sendall(struct.pack('<III', 65536, 0, 1) + bytes(65532))
    s.recv(1)
except OSError:
    pass
")
	check "a frame of 64 KiB ends its connection" wait_until 5 counted closed_bad_frame $((n + 1))
	sccp_do desk raw "$(printf '00000100%08x00000000' 0)"
	check "... that of a phone, too" sccp_wait desk '^closed'
	check "... which is gone" wait_until 5 state_of desk unregistered
	sccp_do desk connect
	check "... and may come again" sccp_wait desk '^registered$'
	works "64 KiB"
}

case_keys_of_no_line() {
	sccp_mark desk
	sccp_do desk button line 99
	sccp_do desk raw 18000000 00000000 03000000 01000000 63000000 99000000 00000000 00000000
	sccp_do desk raw 10000000 00000000 26000000 0a000000 63000000 77777777
	sccp_do desk raw 10000000 00000000 26000000 ffffffff 63000000 77777777
	sccp_do desk offhook 99
	check "a line that is not there: the first one's dial tone" sccp_wait desk '^tone 21'
	sccp_do desk onhook
	check "... and it ends" sccp_wait desk '^state 2'
	check "no call is left" wait_until 5 show_has 'length == 0' show calls
	check "the phone is registered" state_of desk registered
}

case_many_connections() {
	local before rss
	before=$(count refused_host)
	rss=$(tdj show stats | jq .process.rss_bytes)
	ns_exec a python3 - "$(gw_ip4 a)" "$(sccp_addr a 22)" >"$TD_TMP/many" 2>&1 <<-'PY' &
	import resource, socket, sys, time
	resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
	held, n = [], 0
	for i in range(10000):
	    s = socket.socket()
	    s.bind((sys.argv[2], 0))
	    s.connect((sys.argv[1], 2000))
	    try:
	        s.send(b"\x40\0\0\0\0\0")    # a frame that never ends
	    except OSError:
	        pass
	    held.append(s)
	print("connected", len(held), flush=True)
	time.sleep(60)
	PY
	MANY=$!
	check "ten thousand connections from one address" wait_until 60 grep -q "connected 10000" "$TD_TMP/many"
	check "all but max_per_host are refused" wait_until 20 refused_more $((before + 9000))
	at_least "... no more than 128 are there" "$(tdj show sccp sockets | jq "[.[] | select((.address // \"\") | startswith(\"$(sccp_addr a 22):\"))] | length")" 128
	check "the phones stay" registered_is 3
	works "10 000 connections"
	check "half frames for ever: closed after a while" wait_until 30 no_sockets "$(sccp_addr a 22)"
	kill $MANY
	wait $MANY 2>/dev/null
	at_least "the worker has not grown by 20 MB" "$(tdj show stats | jq .process.rss_bytes)" $((rss + 20000000))
}
refused_more() { [ "$(count refused_host)" -ge "$1" ]; }
no_sockets() { show_has "[.[] | select((.address // \"\") | startswith(\"$1:\"))] | length == 0" show sccp sockets; }

# twenty of a type, told one after the other; the others hear nothing
case_reset() {
	local ports
	ns_exec a "$TD_ROOT/tests/lib/sccpfleet.py" --servers "$(gw_ip4 a),$(gw_ip4 a)" --count 20 \
		--keepalive 30 --bind "$(sccp_addr a 22)" >"$TD_TMP/fleet" 2>&1 &
	FLEET_PID=$!
	check "20 phones of another type" wait_until 20 registered_is 23
	sccp_mark far desk
	wire_start reset a "tcp port 2000"
	equal "restart of a type: 20" 20 "$(tdj restart 7940 | jq .phones)"
	sleep 2
	wire_stop reset
	resets reset >"$TD_TMP/resets"
	equal "each of them is told to restart" "20 0x00000002" "$(wc -l <"$TD_TMP/resets") $(awk '{ print $2 }' "$TD_TMP/resets" | sort -u)"
	check "one after the other: 20 take more than 0.9 s" awk 'NR == 1 { a = $1 } { b = $1 } END { exit !(b - a > 0.9) }' "$TD_TMP/resets"
	equal "another type hears nothing" "" "$(sccp_log desk | grep reset)"
	equal "reset of one: 1" 1 "$(tdj reset far | jq .phones)"
	check "... is told to it" sccp_wait far '^reset 1'
	equal "reset of all: 23" 23 "$(tdj reset all | jq .phones)"
	check "... each is told" sccp_wait desk '^reset 1'
	check "no such type" not td reset 7999
	kill "$FLEET_PID"
}
# time and kind of each Reset on the wire
resets() { tshark -n -r "$(wire_file "$1")" -Y 'skinny.messageId == 0x9f' -T fields -e frame.time_relative -e skinny.resetType 2>/dev/null; }

case_debug() {
	td debug sccp >"$TD_TMP/debug" 2>&1 &
	wait_until 5 debugging
	sccp_mark desk
	sccp_do desk offhook
	sccp_wait desk '^tone 21'
	sccp_do desk digits 1
	check "debug sccp: what the phone sends, decoded" wait_until 5 grep -q 'recv desk KeypadButton.*button=1' "$TD_TMP/debug"
	check "... and what it is sent" grep -q 'send desk StartTone.*tone=33' "$TD_TMP/debug"
	sccp_do desk onhook
	td debug sccp off
	check "off ends it" wait_until 5 not debugging_runs
	check "a user without rights is refused" not setpriv --reuid 65534 --regid "$(getent group tandem | cut -d: -f3)" --clear-groups \
		"$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" debug sccp
}
debugging() { show_has '.debug // true' show stats && sleep 0.3; }
debugging_runs() { pgrep -f "run-dir $TD_RUN_DIR debug sccp" >/dev/null; }

setup
run_cases case_two_hosts case_long_frames case_keys_of_no_line case_many_connections case_reset case_debug
