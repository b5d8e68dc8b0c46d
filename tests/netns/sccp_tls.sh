#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# SCCP through TLS on 2443: a phone registers and calls, nobody reads along; what is not TLS, old
# versions and handshakes that never end are refused; security_mode says which ports there are.
#
#   [plain 1001 .11; tls 1002 .12] node a -- [ tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
need_root
need_daemon
need_tool python3
need_tool openssl

MODE=mixed MORE=
config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
	config sccp 'sccp'
		option security_mode '$MODE'
		option certificate '$TD_TMP/tls/cert.pem'
		option private_key '$TD_TMP/tls/key.pem'
	$MORE
	config phone 'plain'
		option protocol 'sccp'
		option mac '000000000011'
		option address '$(sccp_addr a 11)'
		option number '1001'
	config phone 'tls'
		option protocol 'sccp'
		option mac '000000000012'
		option address '$(sccp_addr a 12)'
		option number '1002'
	UCI
}
reload() { config >"$TD_CONF"; td reload; }
client() (ns_exec a openssl s_client -connect "$(gw_ip4 a):2443" "$@" </dev/null 2>&1)
counted() { show_has ".sccp.$1 >= $2" show stats; }
phone_tls() { sccp_start tls a SEP000000000012 17 550 --bind "$(sccp_addr a 12)" --tls --port 2443; }

setup() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	mkdir "$TD_TMP/tls"
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=branch1 -days 2 \
		-keyout "$TD_TMP/tls/key.pem" -out "$TD_TMP/tls/cert.pem" 2>/dev/null
	chmod 755 "$TD_TMP" "$TD_TMP/tls"
	chmod 644 "$TD_TMP"/tls/*
	config >"$TD_CONF"
	sccp_add_addr a 11; sccp_add_addr a 12
	check "tandemd takes calls" daemon_start "$TD_CONF"
	sccp_start plain a SEP000000000011 17 440 --bind "$(sccp_addr a 11)"
	check "a phone registers by TCP" sccp_wait plain '^registered$'
}

case_phone() {
	wire_start tls a "tcp port 2443"
	phone_tls
	check "another one by TLS" sccp_wait tls '^registered$'
	check "... which is shown" show_has '[.[] | select(.phone) | [.phone, .tls]] | sort == [["plain", false], ["tls", true]]' show sccp sockets
	check "... with the phone" show_has '.[] | select(.id == "tls") | .transport == "tls"' show phones
	sccp_mark plain tls
	sccp_do plain enbloc 1002
	check "they call each other" sccp_wait tls '^ringer 2'
	sccp_do tls answer
	check "... and talk" wait_until 10 legs_have 50
	sccp_do tls end
	check "... and end it" sccp_wait plain '^state 2'
	wire_stop tls
	equal "nobody reads its name on the wire" 0 "$(grep -ac SEP000000000012 "$(wire_file tls)")"
}

case_versions() {
	client >"$TD_TMP/new"
	has "TLS 1.3" 'TLSv1.3' "$TD_TMP/new"
	has "the certificate of the file" 'CN = branch1' "$TD_TMP/new"
	client -tls1_1 -cipher 'DEFAULT:@SECLEVEL=0' >"$TD_TMP/old"
	equal "TLS 1.1 is refused" 0 "$(grep -c 'Cipher is [A-Z]*-' "$TD_TMP/old")"
	MORE="	option tls_legacy '1'"
	check "tls_legacy" reload
	client -tls1_1 -cipher 'DEFAULT:@SECLEVEL=0' >"$TD_TMP/old"
	has "... lets old phones in" 'Protocol *: TLSv1.1' "$TD_TMP/old"
	MORE=
	check "off again" reload
}

case_not_tls() {
	local n
	n=$(tdj show stats | jq .sccp.closed_tls)
	sccp_start liar a SEP000000000012 17 440 --bind "$(sccp_addr a 12)" --port 2443
	check "what is not TLS is closed" sccp_wait liar '^closed'
	check "... and counted" counted closed_tls $((n + 1))
	sccp_stop liar
	n=$(tdj show stats | jq .sccp.closed_silent)
	(ns_exec a python3 -c "
import socket
s = socket.create_connection(('$(gw_ip4 a)', 2443))
s.send(bytes.fromhex('160301'))
s.settimeout(40)
print('end', s.recv(1))" >"$TD_TMP/never" 2>&1) &
	check "a handshake that never ends is cut off" wait_until 30 grep -q "end b''" "$TD_TMP/never"
	check "... and counted" counted closed_silent $((n + 1))
	wait $!
	sccp_mark tls
	sccp_do tls offhook
	check "the phone noticed nothing" sccp_wait tls '^tone 21'
	sccp_do tls onhook
	sccp_wait tls '^state 2'
}

case_modes() {
	MODE=encrypted
	check "security_mode encrypted" reload
	sccp_do plain close
	sccp_mark plain
	sccp_do plain connect
	check "... nobody is heard by TCP any more" sccp_wait plain '^refused'
	sccp_do tls close
	sccp_mark tls
	sccp_do tls connect
	check "... but by TLS" sccp_wait tls '^registered$'
	MODE=none
	check "security_mode none" reload
	sccp_do plain connect
	check "... by TCP again" sccp_wait plain '^registered$'
	equal "... and not by TLS" 1 "$(client | grep -ci 'refused')"
}

case_faults() {
	MODE=mixed
	config | grep -v private_key >"$TD_TMP/bad"
	"$TD_BUILD/tandemd" --check -c "$TD_TMP/bad" >"$TD_TMP/out" 2>&1
	equal "TLS without a key is a fault" 1 $?
	has "... that is told" "security_mode.*private_key" "$TD_TMP/out"
	: >"$TD_TMP/tls/cert.pem"
	check "a certificate that is none" reload
	has "... is logged" 'no TLS with certificate=' "$TD_LOG"
	sccp_mark plain
	sccp_do plain offhook
	check "... and phones by TCP go on" sccp_wait plain '^tone 21'
}

setup
run_cases case_phone case_versions case_not_tls case_modes case_faults
