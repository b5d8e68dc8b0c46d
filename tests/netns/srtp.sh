#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 200
#
# SRTP by SDES: between two parties that have it the keys pass from one to the other and the packets
# go through XDP as they are; where one has it, it ends in the relay. Keys are told over TLS only,
# unless the operator says otherwise.
#
#   [phone a: TLS] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [phone b: TLS or UDP]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/tls.sh"
need_root
need_daemon
need_tool openssl
need_tool baresip

CM_80=AES_CM_128_HMAC_SHA1_80

config() { office_config auto >"$TD_CONF"; }

# phone NAME tls|udp [MEDIAENC]
phone() {
	local more="module srtp.so" number=$A_NUMBER password=$A_PASSWORD hz=$A_HZ port=5060
	[ "$1" = b ] && number=$B_NUMBER password=$B_PASSWORD hz=$B_HZ port=5070
	[ "$2" = tls ] && more="$more
	sip_cafile $TD_TMP/tls/ca.crt
	sip_verify_server yes"
	PHONE_URI_PARAMS=";transport=$2" PHONE_CONFIG=$more PHONE_PARAMS=${3:+;mediaenc=$3} \
		phone_start "$1" "$1" "$number" "$password" "$hz" "$port"
}

# phones "A-TRANSPORT [MEDIAENC]" "B-..."
phones() {
	phone_stop a b
	rm -f "$(phone_dir a)"/dump-* "$(phone_dir b)"/dump-*
	wait_until 5 registered_is 0
	# shellcheck disable=SC2086 # words
	phone a $1 && phone b $2
	check "phones register: a by $1, b by $2" wait_until 10 registered_is 2
}

# legs TEXT PATHS SUITES KEYS - of the only call, caller first
legs() {
	equal "$1: path" "$2" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	equal "$1: srtp" "$3" "$(tdj show calls | jq -r '[.[0].legs[]|(.srtp//"-")]|join(" ")')"
	equal "$1: whose keys" "$4" "$(tdj show calls | jq -r '[.[0].legs[]|(.srtp_keys//"-")]|join(" ")')"
}

relay() { tdj show stats | jq ".media.relay.$1"; }

# hold_and_resume NAME
hold_and_resume() {
	phone_do "$1" hold
	check "$1 holds" wait_until 5 show_has '.[0].state == "held"' show calls
	phone_do "$1" resume
	check "$1 resumes" wait_until 5 show_has '.[0].state == "up"' show calls
	check "media flow both ways again" wait_until 10 legs_have $(($(rx_max) + 50))
}
rx_max() { tdj show calls | jq '[.[0].legs[].rx_packets]|max // 0'; }
worker_pid() { pgrep -P "$DAEMON_PID" | head -1; }
new_worker() { local p; p=$(worker_pid); [ -n "$p" ] && [ "$p" != "$1" ] && td show version >/dev/null 2>&1; }

case_start() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	tls_authority ca
	tls_cert router ca "DNS:pbx.test,IP:$(gw_ip4 a),IP:$(gw_ip4 b)"
	OFFICE_MORE="config sip 'sip'
		$(tls_options)"
	config
	check "tandemd takes calls" daemon_start "$TD_CONF"
}

case_both() {
	local before
	phones "tls srtp-mand" "tls srtp-mand"
	before=$(relay forwarded)
	wire_start both-b b udp
	call_up || return
	check "media flow" wait_until 10 legs_have 150
	legs "both have SRTP" "xdp xdp" "$CM_80 $CM_80" "end-to-end end-to-end"
	equal "no packet of it came to user space" "$before" "$(relay forwarded)"
	hold_and_resume a
	hold_and_resume b
	legs "after hold and resume" "xdp xdp" "$CM_80 $CM_80" "end-to-end end-to-end"
	call_down
	wire_stop both-b
	at_least "on b's wire packets are ten bytes longer than G.711" 100 \
		"$(wire_count both-b "rtp and ip.dst == $(node_ip4 b) and udp.length == 190")"
	tones 2
}

case_one() {
	local old
	phones "tls srtp-mand" "udp"
	wire_start one-a a udp
	wire_start one-b b udp
	call_up || return
	check "media flow" wait_until 10 legs_have 150
	legs "a alone has SRTP" "relay relay" "$CM_80 -" "own -"
	hold_and_resume a
	hold_and_resume b
	old=$(worker_pid)
	kill -KILL "$old"
	check "the worker is killed, another is there" wait_until 5 new_worker "$old"
	check "the call goes on" wait_until 10 legs_have 100
	legs "after it" "relay relay" "$CM_80 -" "own -"
	[ "$(relay dropped_bad_srtp)" -le 25 ] && ok "what came before the new worker had the keys was dropped, no more" ||
		not_ok "dropped as not authentic: $(relay dropped_bad_srtp)"
	phone_do b hangup
	check "b hangs up, a hears so or is gone" wait_until 10 show_has 'length == 0' show calls
	wire_stop one-a one-b
	at_least "sealed to a" 100 "$(wire_count one-a "rtp and ip.dst == $(node_ip4 a) and udp.length == 190")"
	equal "never in clear to a" 0 "$(wire_count one-a "rtp and ip.dst == $(node_ip4 a) and udp.length == 180")"
	at_least "in clear to b" 100 "$(wire_count one-b "rtp and ip.dst == $(node_ip4 b) and udp.length == 180")"
	tones 1
}

refused() {
	phone_mark a
	phone_do a dial "sip:$B_NUMBER@$(gw_ip4 a)"
	check "$1" phone_wait a CALL_CLOSED
	check "$1: 488" grep -aq '488 Not Acceptable' "$(phone_dir a)/log"
	: >"$(phone_dir a)/log"
}

case_refused() {
	phones "udp srtp-mand" "udp"
	refused "SRTP alone, its keys by UDP"
	OFFICE_MORE="config sip 'sip'
		option srtp_clear '1'
		$(tls_options)"
	config
	td reload >/dev/null
	call_up && legs "with srtp_clear" "relay relay" "$CM_80 -" "own -" && call_down
	OFFICE_A="option srtp 'off'"
	config
	td reload >/dev/null
	refused "SRTP alone from a phone with srtp 'off'"
	OFFICE_A="" OFFICE_B="option srtp 'required'"
	config
	td reload >/dev/null
	phones "tls" "tls"
	refused "to a phone with srtp 'required' that has none"
}

run_cases case_start case_both case_one case_refused
