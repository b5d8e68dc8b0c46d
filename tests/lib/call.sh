# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the call_*.sh scripts share: the office of two phones, a call between them, and the
# checks that every good call must stand, whatever path its media take.
#
#   phone a (1001, sends 440 Hz)          router            phone b (1002, sends 880 Hz)
#   10.1.0.2 fd00:1::2 eth0 ---- lan0 [tandemd] wan0 ---- eth0 10.2.0.2 fd00:2::2

A_NUMBER=1001 A_PASSWORD=a-long-secret-of-alice A_HZ=440
B_NUMBER=1002 B_PASSWORD=a-long-secret-of-bob B_HZ=880

# office_config [XDP] - print the configuration; more "config global" lines in OFFICE_GLOBAL,
# more sections in OFFICE_MORE, more options of the phones in OFFICE_A and OFFICE_B
office_config() {
	cat <<-UCI
	config global 'global'
		option hostname 'lab'
		list interface 'lan0'
		list interface 'wan0'
	${OFFICE_GLOBAL:-}

	config interface 'lan0'
		option xdp '${1:-auto}'

	config interface 'wan0'
		option xdp '${1:-auto}'

	${OFFICE_MORE:-}

	config phone 'alice'
		option protocol 'sip'
		option number '$A_NUMBER'
		option name 'Alice'
		option password '$A_PASSWORD'
	${OFFICE_A:-}

	config phone 'bob'
		option protocol 'sip'
		option number '$B_NUMBER'
		option name 'Bob'
		option password '$B_PASSWORD'
	${OFFICE_B:-}
	UCI
}

# office_up [XDP] - lab, daemon, both phones registered by digest
office_up() {
	lab_setup
	office_begin "$@"
}
# office_begin [XDP] - the same in a lab that is there
office_begin() {
	TD_CONF=$TD_TMP/tandem
	office_config "${1:-auto}" >"$TD_CONF"
	check "tandemd takes calls" daemon_start "$TD_CONF" || return
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register by digest" wait_until 10 registered_is 2
}

# call_up - a dials b, b answers
call_up() {
	phone_mark a; phone_mark b
	phone_do a dial "sip:$B_NUMBER@${CALL_HOST:-$(gw_ip4 a)}"
	check "b rings" wait_until 10 phone_rings b || return
	phone_do b accept
	check "a hears the answer" phone_wait a CALL_ESTABLISHED &&
		check "the call is up" wait_until 5 show_has '.[0].state == "up"' show calls
}

# call_down - a hangs up
call_down() {
	phone_do a hangup
	check "hang-up reaches b" phone_wait b CALL_CLOSED &&
		check "no call is left" wait_until 10 show_has 'length == 0' show calls
}

# legs_have PACKETS - every leg has received that many RTP packets
legs_have() { show_has "length == 1 and ([.[0].legs[].rx_packets] | length == 2 and min >= $1)" show calls; }

# leg_of NUMBER KEY - of the only call
leg_of() { tdj show calls | jq -r ".[0].legs[] | select(.party | tostring | contains(\"$1\")) | .$2"; }

# talk PATH - ten seconds of tone both ways, on the named path, nothing lost
talk() {
	check "10 s and more: 520 packets each way" wait_until 20 legs_have 520
	equal "both legs are on path $1" "$1 $1" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	equal "no packet lost" "0 0" "$(tdj show calls | jq -r '[.[0].legs[].lost]|join(" ")')"
}

# tones MIN_SECONDS - both recordings hold the other's tone
tones() {
	phone_stop a b
	check "b heard ${A_HZ} Hz unbroken" "$TD_ROOT/tests/lib/tone.py" "$(phone_heard b)" "$A_HZ" "$1"
	check "a heard ${B_HZ} Hz unbroken" "$TD_ROOT/tests/lib/tone.py" "$(phone_heard a)" "$B_HZ" "$1"
}

# from A to a node on its wire, as tshark says it
rtp_to() { echo "rtp and ip.dst == $(node_ip4 "$1")"; }
rtp_from() { echo "rtp and ip.src == $(node_ip4 "$1")"; }
