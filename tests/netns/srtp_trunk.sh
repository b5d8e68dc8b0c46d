#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 200
#
# SRTP on a TLS trunk: Kamailio is the carrier, baresip and linphone are whom it reaches.
#
#   [phone a: baresip] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 --TLS-- eth0 10.2.0.2 [kamailio :5061; linphone or baresip :7001]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
source "$TD_ROOT/tests/lib/carrier.sh"
source "$TD_ROOT/tests/lib/tls.sh"
need_root
need_daemon
need_tool openssl
need_tool kamailio
need_tool baresip
need_tool linphonec

CARRIER_TLS=carrier
SUITE=AES_CM_128_HMAC_SHA1_80

config() {
	OFFICE_MORE="config sip 'sip'
		$(tls_options)

	config trunk 'carrier'
		option host '$(node_ip4 b)'
		option transport 'tls'
		option tls_name 'carrier.test'
		option username '4930555'
		option password 'pass'
		option realm 'carrier.test'
		option srtp '${TRUNK_SRTP:-required}'

	config registrar 'home'
		option trunk 'carrier'

	config dialpeer 'out'
		option destination_pattern '9T'
		option trunk 'carrier'
		option strip_digits '1'

	config dialpeer 'clear'
		option destination_pattern '8T'
		option trunk 'carrier'
		option strip_digits '1'
		option srtp 'off'"
	office_config auto >"$TD_CONF"
}

registered() { show_has 'length == 1 and all(.[]; .state == "registered")' show trunk registrations; }

# phone_a tls|udp [MEDIAENC]
phone_a() {
	local more="module srtp.so"
	[ "$1" = tls ] && more="$more
	sip_cafile $TD_TMP/tls/ca.crt
	sip_verify_server yes"
	phone_stop a
	rm -f "$(phone_dir a)"/dump-*
	wait_until 5 registered_is 0
	PHONE_URI_PARAMS=";transport=$1" PHONE_CONFIG=$more PHONE_PARAMS=${2:+;mediaenc=$2} \
		phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	check "a registers by $1${2:+, with SRTP}" wait_until 10 registered_is 1
}

# linphone_start - on port 7001 of b, answers by itself, sends and records tones
linphone_start() {
	local dir=$TD_TMP/linphone
	mkdir -p "$dir/home/.local/share/linphone" "$dir/home/.config/linphone"	# it makes none of them
	tone_wav "$dir/tone.wav" "$B_HZ" 60
	cat >"$dir/rc" <<-RC
	[sip]
	sip_port=7001
	sip_tcp_port=0
	sip_tls_port=0
	media_encryption=srtp
	media_encryption_mandatory=1
	contact="linphone" <sip:linphone@$(node_ip4 b)>
	guess_hostname=1
	default_proxy=-1
	[rtp]
	audio_rtp_port=23000
	audio_adaptive_jitt_comp_enabled=0
	audio_jitt_comp=60
	[sound]
	echocancellation=0
	remote_ring=
	local_ring=
	[net]
	nat_policy_ref=
	adaptive_rate_control=0
	[misc]
	real_early_media=0
	[audio_codec_0]
	mime=PCMU
	rate=8000
	channels=1
	enabled=1
	RC
	mkfifo "$dir/in"
	exec 9<>"$dir/in"
	HOME=$dir/home ns_exec b linphonec -a -c "$dir/rc" -d 6 -l "$dir/trace" <"$dir/in" >"$dir/log" 2>&1 &
	LINPHONE_PID=$!
	printf 'soundcard use files\nplay %s\nrecord %s\n' "$dir/tone.wav" "$dir/heard.wav" >&9
	wait_until 15 listens b 7001
}

linphone_stop() {
	echo quit >&9
	wait_until 10 not is_running "$LINPHONE_PID" || kill_pids 5 "$LINPHONE_PID"
	exec 9>&-
}

legs() {
	equal "$1: path" "$2" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	equal "$1: srtp" "$3" "$(tdj show calls | jq -r '[.[0].legs[]|(.srtp//"-")]|join(" ")')"
	equal "$1: whose keys" "$4" "$(tdj show calls | jq -r '[.[0].legs[]|(.srtp_keys//"-")]|join(" ")')"
}

# out TEXT PATH SUITES KEYS - a calls out, both talk; a hears the tone
out() {
	phone_mark a
	phone_do a dial "sip:9030123456@$(gw_ip4 a)"
	check "$1: answered" phone_wait a CALL_ESTABLISHED || return
	check "$1: media flow" wait_until 10 legs_have 150
	legs "$1" "$2 $2" "$3" "$4"
	phone_do a hangup
	check "$1: it ends" wait_until 10 show_has 'length == 0' show calls
	phone_stop a
	check "$1: a heard the tone" "$TD_ROOT/tests/lib/tone.py" "$(phone_heard a)" "$B_HZ" 1
}

case_start() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	tls_authority ca
	tls_cert router ca "DNS:pbx.test,IP:$(gw_ip4 a),IP:$(gw_ip4 b)"
	tls_cert carrier ca "DNS:carrier.test"
	config
	check "the carrier is there" carrier_start
	check "tandemd takes calls" daemon_start "$TD_CONF" || exit 1
	check "registered with the carrier by TLS" wait_until 10 registered
}

case_linphone() {
	check "linphone is there" linphone_start || { tail -5 "$TD_TMP/linphone/log"; return; }
	phone_a tls srtp-mand
	out "SRTP to linphone" xdp "$SUITE $SUITE" "end-to-end end-to-end"
	phone_a udp
	out "plain to linphone" relay "- $SUITE" "- own"
	linphone_stop
	# each call writes the file from its beginning, and the head tells of another one
	sox --ignore-length "$TD_TMP/linphone/heard.wav" "$TD_TMP/linphone/last.wav" 2>/dev/null
	# its own clock skips a window now and then
	"$TD_ROOT/tests/lib/tone.py" "$TD_TMP/linphone/last.wav" "$A_HZ" 1 >"$TD_TMP/linphone/tone"
	check "linphone heard the tone: $(cat "$TD_TMP/linphone/tone")" awk -F'[= ]' \
		'{ exit !($2 >= 1 && $2 > 0.8 * $4) }' "$TD_TMP/linphone/tone"
}

case_baresip() {
	PHONE_CONFIG="module srtp.so" PHONE_PARAMS=";mediaenc=srtp-mand;regint=0;answermode=auto" \
		phone_start b b 030123456 none "$B_HZ" 7001
	phone_a tls srtp-mand
	out "SRTP to baresip" xdp "$SUITE $SUITE" "end-to-end end-to-end"
	phone_a udp
	out "plain to baresip" relay "- $SUITE" "- own"
}

# what a dial peer and the trunk say; the far end has nothing but SRTP
case_options() {
	phone_a tls srtp-mand
	phone_mark a
	phone_do a dial "sip:8030123456@$(gw_ip4 a)"
	check "by a dial peer with srtp 'off' it is not reached" phone_wait a CALL_CLOSED
	TRUNK_SRTP=fallback
	config
	td reload >/dev/null
	out "srtp 'fallback': RTP/AVP first, then RTP/SAVP" xdp "$SUITE $SUITE" "end-to-end end-to-end"
}

run_cases case_start case_linphone case_baresip case_options
