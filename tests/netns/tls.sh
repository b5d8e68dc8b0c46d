#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# waits
#
# SIP over TLS: phones (baresip) and a carrier (Kamailio). Certificates are checked before start and
# read again by a reload; the carrier's must name it; old versions are refused unless asked for.
#
#   [phone a: baresip, TLS] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [phone b: UDP; kamailio :5061, sipp :7001]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
source "$TD_ROOT/tests/lib/carrier.sh"
source "$TD_ROOT/tests/lib/tls.sh"
need_root
need_daemon
need_tool openssl
need_tool kamailio
need_tool baresip

CARRIER_TLS=carrier
FAR_NAME=carrier.test

config() {
	OFFICE_MORE="config sip 'sip'
		$(tls_options "$@")
		${MORE_SIP:-}

	config trunk 'carrier'
		option host '$(node_ip4 b)'
		option transport 'tls'
		option tls_name '$FAR_NAME'
		option username '4930555'
		option password 'pass'
		option realm 'carrier.test'

	config registrar 'home'
		option trunk 'carrier'

	config dialpeer 'out'
		option destination_pattern '9T'
		option trunk 'carrier'
		option strip_digits '1'"
	office_config off >"$TD_CONF"
}

# faulty TEXT REGEX [CERTIFICATE] [AUTHORITY]
faulty() {
	local text=$1 regex=$2
	shift 2
	config "$@"
	"$TD_BUILD/tandemd" --check -c "$TD_CONF" 2>"$TD_TMP/fault" && not_ok "$text" && return
	has "$text" "$regex" "$TD_TMP/fault"
}

case_check() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	tls_authority ca
	tls_authority other
	tls_cert router ca "DNS:pbx.test,IP:$(gw_ip4 a),IP:$(gw_ip4 b)"
	tls_cert renewed ca "DNS:renewed.test"
	tls_cert carrier ca "DNS:carrier.test"
	config
	check "--check accepts good files" "$TD_BUILD/tandemd" --check -c "$TD_CONF"
	rm -f "$TD_TMP/tls/none.crt"
	faulty "--check: no such file" "tls_certificate '.*none.crt': No such file" none
	cp "$TD_TMP/tls/router.crt" "$TD_TMP/tls/mixed.crt"
	cp "$TD_TMP/tls/carrier.key" "$TD_TMP/tls/mixed.key"
	faulty "--check: a key of another certificate" "tls_key '.*mixed.key': key values mismatch" mixed
	tls_cert old ca "DNS:pbx.test" 0
	faulty "--check: an old certificate" "tls_certificate '.*old.crt': it has expired" old
	faulty "--check: no authorities" "tls_ca '.*none.crt': No such file" router none
	config
	sed -i '/tls_certificate/d' "$TD_CONF"
	"$TD_BUILD/tandemd" --check -c "$TD_CONF" 2>"$TD_TMP/fault"
	has "--check: the line where the certificate is missing" 'tandem:[0-9]+:[0-9]+: .*tls needs a tls_certificate' "$TD_TMP/fault"
	# root may read it, the worker may not
	cp "$TD_TMP/tls/router.crt" "$TD_TMP/tls/secret.crt"
	(umask 077; cp "$TD_TMP/tls/router.key" "$TD_TMP/tls/secret.key")
	config secret
	daemon_start "$TD_CONF" >/dev/null 2>&1 && not_ok "start: a key that tandem cannot read"
	has "start: a key that tandem cannot read" "secret.key': Permission denied; user tandem" "$TD_LOG"
	daemon_stop
}

case_start() {
	config
	check "the carrier is there" carrier_start
	check "tandemd takes calls" daemon_start "$TD_CONF" || exit 1
	equal "it listens on 5061" 1 "$(in_ns router ss -Hltn "src $(gw_ip4 a):5061" | wc -l)"
}

verified() { grep -q "Verify return code: 0" <<<"$1"; }

case_versions() {
	local told
	told=$(tls_hello a -CAfile "$TD_TMP/tls/ca.crt" -verify_hostname pbx.test)
	verified "$told" && ok "TLS 1.3, and a certificate that names us" || { not_ok "TLS 1.3"; diag "$told"; }
	told=$(tls_hello a -tls1_2)
	grep -q 'Protocol *: TLSv1.2' <<<"$told" && ok "TLS 1.2" || { not_ok "TLS 1.2"; diag "$told"; }
	told=$(tls_hello a -tls1_1 -cipher 'ALL@SECLEVEL=0')
	grep -q 'alert protocol version' <<<"$told" && ok "TLS 1.1 is refused" || { not_ok "TLS 1.1 is refused"; diag "$told"; }
}

case_phone() {
	PHONE_URI_PARAMS=';transport=tls' PHONE_CONFIG="sip_cafile $TD_TMP/tls/ca.crt
	sip_verify_server yes" phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ" 5070
	check "both phones register" wait_until 10 registered_is 2
	equal "a by TLS" tls "$(tdj show registrations | jq -r '.[] | select(.line == "'$A_NUMBER'").transport')"
	phone_mark a; phone_mark b
	phone_do a dial "sip:$B_NUMBER@$(gw_ip4 a);transport=tls"
	check "a calls by TLS, b rings" wait_until 10 phone_rings b
	phone_do b accept
	check "a hears the answer" phone_wait a CALL_ESTABLISHED
	phone_do a hangup
	check "hang-up reaches b" phone_wait b CALL_CLOSED
	phone_mark a; phone_mark b
	phone_do b dial "sip:$A_NUMBER@$(gw_ip4 b)"
	check "b calls, a rings over its own connection" wait_until 10 phone_rings a
	phone_do a accept
	check "b hears the answer" phone_wait b CALL_ESTABLISHED
	phone_do b hangup
	check "hang-up reaches a" phone_wait a CALL_CLOSED
	phone_stop a b
}

registered() { show_has 'length == 1 and all(.[]; .state == "registered")' show trunk registrations; }

case_trunk() {
	local far
	check "registered with the carrier by TLS" wait_until 10 registered
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	side out-b b uas_basic 7001 &
	far=$!
	wait_until 5 listens b 7001
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	wait_until 10 registered_is 1
	phone_mark a
	phone_do a dial "sip:9030123456@$(gw_ip4 a)"
	check "a call out by the carrier is answered" phone_wait a CALL_ESTABLISHED
	phone_do a hangup
	wait "$far"
	equal "and hung up: the called one is content" 0 $?
	has "with the digits of the dial peer" '^INVITE sip:030123456@' "$TD_TMP/sipp-out-b/messages"
	phone_stop a
}

case_wrong_name() {
	FAR_NAME=else.test
	config
	td reload >/dev/null
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	wait_until 10 registered_is 1
	# the connection of before has done nothing wrong: end it
	kill_pids 5 "$CARRIER_PID"
	check "the carrier is there again" carrier_start
	phone_mark a
	phone_do a dial "sip:9030123456@$(gw_ip4 a)"
	check "a call to a carrier with another name fails" phone_wait a CALL_CLOSED 20
	has "and the log names both" 'TLS to .* refused: its certificate is for carrier.test, not for else.test' "$TD_LOG"
	FAR_NAME=carrier.test
	config router other
	td reload >/dev/null
	phone_mark a
	phone_do a dial "sip:9030123456@$(gw_ip4 a)"
	check "a call to one of an unknown authority fails" phone_wait a CALL_CLOSED 20
	has "and the log says why" 'refused: its certificate: (unable to get local issuer|self-signed)' "$TD_LOG"
	phone_stop a
}

case_reload() {
	MORE_SIP="option tls_legacy '1'"
	config renewed
	td reload >/dev/null
	told=$(tls_hello a -CAfile "$TD_TMP/tls/ca.crt" -verify_hostname renewed.test -servername renewed.test)
	verified "$told" && grep -q "CN = renewed" <<<"$told" && ok "a reload brings the renewed certificate" ||
		{ not_ok "a reload brings the renewed certificate"; diag "$told"; }
	told=$(tls_hello a -tls1_1 -cipher 'ALL@SECLEVEL=0')
	grep -q 'Protocol *: TLSv1.1' <<<"$told" && ok "with tls_legacy TLS 1.1 works" || { not_ok "with tls_legacy TLS 1.1 works"; diag "$told"; }
	config none
	td reload >/dev/null
	has "files that cannot be read change nothing" 'TLS goes on with its old files: tls_certificate' "$TD_LOG"
	check "it still answers" verified "$(tls_hello a -CAfile "$TD_TMP/tls/ca.crt")"
}

# what sofia forgets of each connection is some 50 KiB
hellos() { local i; for ((i = 0; i < $1; i++)); do tls_hello a -tls1_2 >/dev/null; done; }
heap() { tdj show stats | jq '.process.heap_bytes'; }
slow_closed() { show_has '.sip.silent_closed >= 1' show stats; }

case_robust() {
	local before grown
	hellos 20
	before=$(heap)
	hellos 60
	grown=$(($(heap) - before))
	[ "$grown" -lt 600000 ] && ok "60 connections leave nothing behind ($grown bytes)" ||
		not_ok "60 connections leave nothing behind ($grown bytes)"
	# half a ClientHello, and silence
	in_ns a timeout 40 bash -c 'exec 3<>"/dev/tcp/$0/5061"; printf "\x16\x03\x01\x02\x00\x01" >&3; cat <&3' \
		"$(gw_ip4 a)" >/dev/null 2>&1 &
	check "a handshake that never ends is closed" wait_until 30 slow_closed
	in_ns a bash -c 'exec 3<>"/dev/tcp/$0/5061"; head -c 4000 /dev/urandom >&3' "$(gw_ip4 a)" 2>/dev/null
	check "noise harms nobody" verified "$(tls_hello a -CAfile "$TD_TMP/tls/ca.crt")"
	check "the same worker is there" not grep -q "worker died" "$TD_LOG"
}

run_cases case_check case_start case_versions case_phone case_trunk case_wrong_name case_reload case_robust
