#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
# waits
#
# The registrar's options: expiry limits, idle TCP connections, realm, and how the
# registrations are shown. The idle time is set to its least value, a minute.
#
#   [a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

# one contact, wherever a probe's socket is
CONTACT=(--contact "sip:$A_NUMBER@$(node_ip4 a):5062")
probe() { in_ns a "$TD_ROOT/tests/lib/sipprobe.py" "$(gw_ip4 a)" "$@"; }
OFFICE_MORE="config sip 'sip'
	option register_expires_max '1200'
	option register_expires_min '300'
	option tcp_idle_timeout '60'
	option authenticate 'all'
	option realm 'voice.example'"

case_start() {
	lab_setup
	office_config off >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem"
	# two connections that are to be watched for a minute
	probe --tcp --timeout 100 idle >"$TD_TMP/idle" &
	IDLE_PID=$!
	probe --tcp --timeout 100 twice "$B_NUMBER" "$B_PASSWORD" 45 >"$TD_TMP/twice" &
	TWICE_PID=$!
}

case_expires() {
	local answer
	answer=$(probe register "${CONTACT[@]}" --expires 3600 "$A_NUMBER" "$A_PASSWORD")
	grep -qiE 'expires[:=] ?1200' <<<"$answer" && ok "expires are clamped to register_expires_max" ||
		{ not_ok "expires are clamped to register_expires_max"; diag "$answer"; }
	answer=$(probe register "${CONTACT[@]}" --expires 60 "$A_NUMBER" "$A_PASSWORD")
	equal "expires below register_expires_min: 423" "SIP/2.0 423" "${answer:0:11}"
	grep -qiE '^min-expires: *300' <<<"$answer" && ok "with Min-Expires" || not_ok "with Min-Expires"
	answer=$(probe register "${CONTACT[@]}" --expires 600 "$A_NUMBER" "$A_PASSWORD")
	grep -qiE 'expires[:=] ?600' <<<"$answer" && ok "what is between is granted" || not_ok "what is between is granted"
}

case_authenticate() {
	local answer
	answer=$(probe register "${CONTACT[@]}" --expires 600 --bare-401 "$A_NUMBER" "$A_PASSWORD")
	equal "authenticate all: every REGISTER is challenged" "SIP/2.0 401" "${answer:0:11}"
	grep -q 'realm="voice.example"' <<<"$answer" && ok "with the configured realm" || not_ok "with the configured realm"
	equal "exactly one challenge" 1 "$(grep -ci '^www-authenticate' <<<"$answer")"
	grep -qi 'algorithm=MD5' <<<"$answer" && ok "of the default algorithm, MD5" || not_ok "of the default algorithm, MD5"
}

case_show_registrations() {
	check "show registrations has line, destination, expires, contact, transport, Call-ID, peer" \
		show_has "any(.[]; .line == \"$A_NUMBER\" and (.contact | contains(\"10.1.0.2\")) and
			(.expires_s > 500) and (.expires_s <= 600) and (.transport | ascii_downcase) == \"udp\" and
			(.call_id | length > 0) and (.peer | contains(\"10.1.0.2\")))" show registrations
	check "show registrations has the TCP phone" show_has \
		"any(.[]; .line == \"$B_NUMBER\" and (.transport | ascii_downcase) == \"tcp\")" show registrations
	check "a de-registration takes it away" probe register "${CONTACT[@]}" --expires 0 "$A_NUMBER" "$A_PASSWORD"
	check "it is gone" show_has "all(.[]; .line != \"$A_NUMBER\")" show registrations
}

case_idle_connections() {
	local s
	wait "$IDLE_PID"
	s=$(grep -oE '[0-9]+' "$TD_TMP/idle")
	[ "$s" -ge 55 ] && [ "$s" -le 80 ] && ok "tcp_idle_timeout closes an idle connection ($s s)" ||
		not_ok "tcp_idle_timeout closes an idle connection: $(cat "$TD_TMP/idle")"
	wait "$TWICE_PID"
	equal "a registered phone's TCP connection outlives its refresh" "SIP/2.0 200" "$(head -c 11 "$TD_TMP/twice")"
}

run_cases case_start case_expires case_authenticate case_show_registrations case_idle_connections
