#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
#
# SCCP phones register: old and new protocol versions, who is let in and who is not, what is
# told about it. A phone proves who it is by its address here, or by the MAC of node a's card.
#
#   [phones] 10.1.0.2, .11 ... eth0 ---- lan0 10.1.0.1 [ tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
need_root
need_daemon
need_tool python3

MAC_A=
config() {
	cat <<-UCI
	config global 'global'
		option timezone 'Europe/Berlin'
		option date_format 'dd-mm-yy'
		option time_format '24'
		list interface 'lan0'
		list interface 'wan0'
	config sccp 'sccp'
		option keepalive '10'
	${SCCP_MORE:-}
	config phone 'old'
		option protocol 'sccp'
		option type '7960'
		option mac '000000000011'
		option address '$(sccp_addr a 11)'
		option name 'Olga'
		list line '1:1001'
		list line '3:1101'
	config phone 'new'
		option protocol 'sccp'
		option mac '000000000012'
		option address '$(sccp_addr a 12)'
		option number '1002'
	config phone 'card'
		option protocol 'sccp'
		option mac '$MAC_A'
		option number '1003'
	UCI
}

setup() {
	lab_setup
	MAC_A=$(ip -n "$(lab_ns a)" -j link show dev eth0 | jq -r '.[0].address' | tr -d :)
	TD_CONF=$TD_TMP/tandem
	config >"$TD_CONF"
	for n in 11 12 13; do sccp_add_addr a $n; done
	check "tandemd takes calls" daemon_start "$TD_CONF"
}

state_of() { show_has ".[] | select(.id == \"$1\") | .state == \"$2\"" show phones; }
phone_is() { wait_until 10 state_of "$1" "$2"; }

case_old_and_new() {
	local pcap=$TD_TMP/reg.pcap
	wire_start reg a "tcp port 2000"
	sccp_start old a SEP000000000011 11 440 --type 7960 --bind "$(sccp_addr a 11)"
	check "a 7960 of version 11 registers" sccp_wait old '^registered$'
	has "... keepalive and date as configured" "^ack keepalive 10 standby 20 template 'D/M/Y' version 11" "$(sccp_dir old)/log"
	has "... six buttons: line, nothing, line" '^buttons 1:09 0:ff 2:09 0:ff 0:ff 0:ff$' "$(sccp_dir old)/log"
	has "... line 1 with the phone's name" "^line 1 '1001' 'Olga' '1001'" "$(sccp_dir old)/log"
	has "... line 2 is the one on button 3" "^line 2 '1101'" "$(sccp_dir old)/log"
	has "... local time of the office" "^time $(TZ=Europe/Berlin date +%Y-%m-%d) " "$(sccp_dir old)/log"
	has "... the idle display" "^prompt line 0 'Your current options'" "$(sccp_dir old)/log"
	sccp_start new a SEP000000000012 22 440 --type 7975 --bind "$(sccp_addr a 12)"
	check "a 7975 of version 22 registers" sccp_wait new '^registered$'
	check "both are shown" phone_is old registered
	check "with their model" show_has '.[] | select(.id == "new") | .type == "7975" and .transport == "tcp"' show phones
	check "nothing unknown was sent to the old one" sccp_clean old
	check "nothing unknown was sent to the new one" sccp_clean new
	wire_stop reg
	equal "tshark: no malformed frame from the router" "" \
		"$(tshark -n -r "$pcap" -Y '_ws.malformed and tcp.srcport == 2000' -T fields -e skinny.messageId 2>/dev/null)"
	at_least "tshark: frames from the router" 20 \
		"$(tshark -n -r "$pcap" -Y 'skinny and tcp.srcport == 2000' -T fields -e skinny.messageId 2>/dev/null | tr , '\n' | wc -l)"
	equal "signalling is marked cs3" 24 "$(wire_dscp reg 'tcp.srcport == 2000 and tcp.len > 0')"
}

case_summary() {
	sccp_do new offhook
	sccp_wait new '^tone 21'
	check "show phones summary: one off hook, one not" show_has \
		'[.[] | select(.state == "registered") | [.id, .offhook, .active_line]] | sort == [["new", true, 1], ["old", false, 0]]' show phones summary
	check "... its items" show_has '.[] | select(.id == "old") | .mac == "000000000011" and .socket >= 0 and
		.primary_dn == "1001" and .active == "ipv4" and .ipv6 == null and .type == "7960" and
		.buttons == ["1:1001", "3:1101"] and (.ringing or .media_active or .privacy or .reset or .debug | not)' \
		show ephone summary
	check "... one that is not there" show_has '.[] | select(.id == "card") | .socket == -1' show phones summary
	td show phones summary >"$TD_TMP/table"
	has "... as a table" '^new .*1:1002' "$TD_TMP/table"
	sccp_do new onhook
	sccp_wait new '^state 2'
}

case_by_mac() {
	sccp_start card a "SEP${MAC_A^^}" 17 440 --no-keepalive --bind "$(node_ip4 a)"
	check "the host that holds the MAC is let in without an address" sccp_wait card '^registered$'
}

case_strangers() {
	sccp_start thief a SEP000000000011 17 440 --bind "$(sccp_addr a 13)"
	check "a stranger that claims a registered name is refused" sccp_wait thief "^reject 'Not the host of this phone'"
	check "... and his connection is closed" sccp_wait thief '^closed'
	check "... the phone stays" state_of old registered
	sccp_start nobody a SEP0000000000FF 17 440 --bind "$(sccp_addr a 13)"
	check "an unknown phone is refused" sccp_wait nobody "^reject 'Phone is not configured'"
	check "both are in the list of attempts" show_has \
		'[.[].device] == ["SEP0000000000FF", "SEP000000000011"] and .[0].mac == "0000000000FF" and .[0].type == "7970"' show sccp attempts
	check "... under CME's name, too" show_has 'length == 2' show ephone attempted-registrations
	check "... which can be cleared" td clear telephony-service ephone-attempted-registrations
	check "... it is empty" show_has 'length == 0' show sccp attempts
}

case_comes_again() {
	sccp_mark old
	sccp_start again a SEP000000000011 11 440 --type 7960 --bind "$(sccp_addr a 11)"
	check "the phone comes again while its old connection lives" sccp_wait again '^registered$'
	check "... which is closed" sccp_wait old '^closed'
	check "... and it is registered" state_of old registered
	check "one session" show_has '[.[] | select(.phone == "old")] | length == 1' show sccp sockets
	sccp_stop again
	check "a phone that closes is unregistered" phone_is old unregistered
	sccp_do old connect
	check "and may come again" sccp_wait old '^registered$'
}

case_bad_input() {
	sccp_mark new
	sccp_do new raw 08000000 16000000 ad0b0000 01020304
	sccp_do new raw 04000000 16000000 03000000
	check "unknown and short messages change nothing" wait_until 5 show_has \
		'.sccp.unknown == 1 and .sccp.malformed == 1' show stats
	sccp_do new offhook
	check "... the phone works" sccp_wait new '^tone 21'
	sccp_do new onhook
	sccp_wait new '^state 2'
	sccp_mark new
	sccp_do new register
	check "a second Register is ignored" wait_until 5 show_has '.sccp.unexpected >= 1' show stats
	sccp_start wild a SEP000000000012 17 440 --silent --bind "$(sccp_addr a 13)"
	sccp_do wild raw ffffff7f 00000000 01000000
	check "an impossible length ends the connection" sccp_wait wild '^closed'
	sccp_do wild connect
	sccp_do wild raw 08000000 00000000 06000000 00000000
	check "OffHook before Register is ignored" wait_until 5 show_has '.sccp.unexpected >= 2' show stats
	sccp_do wild raw 40000000 00000000 0100
	check "half a message for ever ends the connection" sccp_wait wild '^closed' 25
	check "the others noticed nothing" state_of new registered
}

case_keepalive() {
	sccp_mark new
	check "keepalives are answered" sccp_wait new '^alive' 15
	kill -STOP "$(cat "$(sccp_dir new)/pid")"
	check "a phone that says nothing for three of them is gone" wait_until 45 state_of new unregistered
	kill -CONT "$(cat "$(sccp_dir new)/pid")"
	check "one that says anything else in that time is not" state_of card registered
	check "... without one keepalive" show_has '.[] | select(.id == "card") | .keepalive == 0' show phones summary
}

case_reset() {
	sccp_mark old
	check "restart of one phone" td restart old
	check "... is told to it" sccp_wait old '^reset 2'
	check "reset of all of a type" td reset 7960
	check "... is told to it" sccp_wait old '^reset 1'
	check "reset of nobody is refused" not td reset nobody
}

# what the phone shows has changed: it asks again when it has started again
case_reload() {
	sccp_mark old
	config | sed "s/'Olga'/'Ophelia'/" >"$TD_CONF"
	check "a reload that changes a name" td reload
	check "... lets the phone register again" sccp_wait old '^reset 2'
	sccp_do old close
	sccp_do old connect
	check "... and it shows the new one" sccp_wait old "^line 1 '1001' 'Ophelia'"
	check "registered again" phone_is old registered
}

# asks without end and reads nothing: what is kept for it is bounded, others go on
case_slow_reader() {
	sccp_do new close
	phone_is new unregistered
	ns_exec a python3 - "$(sccp_addr a 12)" "$(gw_ip4 a)" >"$TD_TMP/slow" 2>&1 <<-'PY' &
	import socket, struct, sys, time
	s = socket.socket()
	s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
	s.bind((sys.argv[1], 0))
	s.connect((sys.argv[2], 2000))
	f = lambda i, b=b"": struct.pack("<III", len(b) + 4, 0, i) + b
	s.sendall(f(1, b"SEP000000000012\0" + struct.pack("<IIIIII", 0, 1, 0, 7, 5, 0) + bytes((11, 0, 0, 0))))
	s.setblocking(False)
	asks, end = f(0x28) * 100, time.time() + 4
	while time.time() < end:
	    try:
	        s.send(asks)
	    except BlockingIOError:
	        time.sleep(0.01)
	    except OSError as e:
	        print("cut", e)
	        break
	PY
	SLOW=$!
	check "a phone that asks and reads nothing is cut off" wait_until 5 show_has \
		'.sccp.closed_slow == 1' show stats
	check "... and is not registered" phone_is new unregistered
	sccp_mark old
	sccp_do old offhook
	check "... and another phone works" sccp_wait old '^tone 21' 2
	sccp_do old onhook
	wait "$SLOW"
}

case_max_phones() {
	SCCP_MORE="	option max_phones '1'"
	config >"$TD_CONF"
	check "max_phones is lowered" td reload
	check "nobody is thrown out" state_of old registered
	sccp_start third a SEP000000000012 17 440 --bind "$(sccp_addr a 12)"
	check "a new one is told why" sccp_wait third "^reject 'Max phones exceeded'"
	SCCP_MORE="	option max_phones '3'"
	config >"$TD_CONF"
	check "it is raised" td reload
	sccp_do third connect
	check "and the rejected one comes in at once" sccp_wait third '^registered$'
}

setup
run_cases case_old_and_new case_summary case_by_mac case_strangers case_comes_again case_bad_input case_keepalive \
	case_reset case_reload case_slow_reader case_max_phones
