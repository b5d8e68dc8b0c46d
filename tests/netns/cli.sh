#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The CLI: exit codes, stable JSON keys, CME's own words, masked passwords.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

# exits NAME STATUS WORDS...
exits() {
	local name=$1 want=$2
	shift 2
	td "$@" >"$TD_TMP/out" 2>&1 </dev/null
	equal "$name: exit status $want" "$want" $?
}
# keys NAME JQ-PATH KEY... - an object has at least these keys
keys() {
	local name=$1 path=$2 missing
	shift 2
	missing=$(jq -r --args "$path | keys as \$have | \$ARGS.positional - \$have | join(\" \")" "$@" <"$TD_TMP/json")
	equal "$name" "" "$missing"
}

case_exit_codes() {
	exits "show version" 0 show version
	exits "show phone alice" 0 show phone alice
	exits "a phone that is not there" 1 show phone nobody
	has "and the refusal names it" nobody "$TD_TMP/out"
	exits "a call that is not there" 1 show call 4711
	exits "hang up a call that is not there" 1 hangup 4711
	exits "an unknown verb" 2 frobnicate
	exits "no verb" 2
	exits "too many words" 2 show version now please
	exits "an unknown option" 2 --frobnicate show version
	"$TD_BUILD/tandem" --run-dir "$TD_TMP/nowhere" show version >"$TD_TMP/out" 2>&1
	equal "daemon not there: exit status 3" 3 $?
	exits "check of a good file" 0 check "$TD_CONF"
	sed "s/option name 'Bob'/option nmae 'Bob'/" "$TD_CONF" >"$TD_TMP/bad"
	exits "check of a faulty file" 1 check "$TD_TMP/bad"
	has "with file, line, column and hint" "bad:[0-9]+:[0-9]+: .*nmae.*name" "$TD_TMP/out"
}

case_json() {
	tdj show phones >"$TD_TMP/json"
	keys "show phones: keys" '.[0]' id tag protocol type mac state address transport lines \
		registration_method load registered_ms
	equal "show phones: registered" "registered registered" "$(jq -r '[.[].state]|join(" ")' "$TD_TMP/json")"
	tdj show registrations >"$TD_TMP/json"
	keys "show registrations: keys" '.[0]' line phone contact transport peer expires_s call_id registered_ms
	call_up || return
	wait_until 5 legs_have 20
	tdj show calls >"$TD_TMP/json"
	keys "show calls: keys" '.[0]' id state created_ms from to legs duration_ms
	keys "show calls: keys of a leg" '.[0].legs[0]' id protocol party state codec remote_media \
		local_media path dscp rx_packets tx_packets lost jitter_ms rtt_ms mos
	exits "show call ID" 0 show call "$(jq '.[0].id' "$TD_TMP/json")"
	tdj show flows >"$TD_TMP/json"
	keys "show flows: keys" '.[0]' call leg path local peer new_src new_dst dscp muted learning captured \
		forked packets bytes pps bytes_per_s xdp_packets relay_packets rtcp_packets lost out_of_order \
		duplicates jitter_ms largest_gap_ms ssrc ssrc_changes dtmf_events transcoded wrong_source \
		bad_rtp muted_packets policed held_dtmf last_seen_ms
	check "show flows: the rate is that of 20 ms packets" wait_until 10 show_has \
		'length == 2 and all(.[]; .pps > 45 and .pps < 55 and .bytes_per_s > 7700 and .bytes_per_s < 9500)' \
		show flows
	tdj show dscp >"$TD_TMP/json"
	keys "show dscp: keys" '.[0]' class dscp name tos option applied tc_ports tc_interfaces own
	equal "show dscp: classes" "media 46 ef, signaling 24 cs3, video 34 af41, service 0 default" \
		"$(jq -r '[.[]|"\(.class) \(.dscp) \(.name)"]|join(", ")' "$TD_TMP/json")"
	tdj show stats >"$TD_TMP/json"
	keys "show stats: what XDP did" .media.xdp forwarded dropped_wrong_source dropped_policed up_no_nexthop \
		up_relay events_lost captured_lost
	keys "show stats: what the relay did" .media.relay forwarded local dropped_wrong_source send_errors \
		events_lost captured_lost sockets
	tdj show interfaces >"$TD_TMP/json"
	keys "show interfaces: keys" '.[0]' name ifindex xdp kind up mtu marks forks checksum dscp_trust
	for what in flows stats dscp config version; do
		tdj show "$what" >"$TD_TMP/json" 2>&1
		check "show $what is JSON" jq -e . "$TD_TMP/json"
	done
}

case_cme_words() {
	local a b
	a=$(tdj show calls | jq -c '[.[].id]') b=$(tdj show call active voice brief | jq -c '[.[].id]')
	equal "show call active voice brief" "$a" "$b"
	a=$(tdj show registrations | jq -c '[.[].line]') b=$(tdj show sip-ua status registrar | jq -c '[.[].line]')
	equal "show sip-ua status registrar" "$a" "$b"
	a=$(tdj show phones | jq -c '[.[].id]') b=$(tdj show voice register pool | jq -c '[.[].id]')
	equal "show voice register pool" "$a" "$b"
	for a in "show ephone" "show ephone registered" "show phones registered"; do
		# shellcheck disable=SC2086 # words
		equal "$a" '["alice","bob"]' "$(tdj $a | jq -c '[.[].id]')"
	done
	equal "show ephone summary: of SCCP phones" '[]' "$(tdj show ephone summary | jq -c '[.[].id]')"
	for a in "voice register pool alice" "voice register pool 20" "ephone alice" "phone $A_NUMBER" "ph alice"; do
		# shellcheck disable=SC2086 # words
		equal "show $a" '"alice"' "$(tdj show $a | jq -c .id)"
	done
	check "show voice register pool 20: what is configured" show_has '.settings | .username == "'"$A_NUMBER"'" and
		.transport == "any" and .dtmf_relay == "rtp-nte" and .call_waiting == "1" and .dnd == "reject" and
		.privacy == "0" and (.line | length) == 1' show voice register pool 20
	check "... the password is masked" show_has '.settings.password == "********" and (.proxies | length) == 1' show voice register pool 20
	tdj show voice register pool 20 >"$TD_TMP/out"
	td show voice register pool 20 >>"$TD_TMP/out"
	check "... in every form" not grep -q "$A_PASSWORD" "$TD_TMP/out"
}

# what does not end by itself: until Ctrl-C, with status 0
case_live() {
	local pid
	timeout -s INT 2.5 "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" --json monitor >"$TD_TMP/out"
	at_least "monitor sends a table every second" 3 "$(jq -c 'type' "$TD_TMP/out" | grep -c array)"
	"$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" --watch=0.2 --json show version >"$TD_TMP/out" &
	pid=$!
	check "--watch asks again and again" wait_until 5 at_least_lines 4 "$TD_TMP/out"
	kill -TERM "$pid"
	wait "$pid"
	equal "and ends well" 0 $?
	timeout -s INT 3 "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" --watch=0.6 show flows >"$TD_TMP/out"
	at_least "show flows can be watched" 3 "$(grep -c '^CALL' "$TD_TMP/out")"
	has "with live rates" ' xdp .* [45][0-9]\.[0-9] +[78]\.[0-9] KiB/s ' "$TD_TMP/out"
	td --watch=nonsense show version >"$TD_TMP/out" 2>&1
	equal "--watch wants seconds" 2 $?
}
at_least_lines() { [ "$(wc -l <"$2")" -ge "$1" ]; }

# complete LINE... - what bash would offer for the last word
complete_line() {
	(
		PATH=$TD_BUILD:$PATH
		source "$TD_ROOT/tools/tandem/completion/tandem.bash"
		compopt() { :; }
		COMP_WORDS=(tandem --run-dir "$TD_RUN_DIR" "$@")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_tandem
		printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' '
	)
}

case_help_and_completion() {
	equal "completion: verbs" "call capture check clear create" "$(complete_line c)"
	equal "completion: what to capture" "$(tdj show calls | jq '.[0].id') alice bob" "$(complete_line capture "")"
	equal "completion: options of capture" "--seconds -c -w" "$(complete_line capture alice -)"
	equal "completion: phones" "alice bob" "$(complete_line show phone "")"
	equal "completion: Cisco's words" "voice voice-port" "$(complete_line show vo)"
	equal "completion: numbers" "1001 1002" "$(complete_line call alice 10)"
	equal "completion: topics" "media sccp sip" "$(complete_line debug "")"
	equal "completion: options" "--json" "$(complete_line --j)"
	td help show >"$TD_TMP/out"
	has "help names the words and what they do" 'show phones .*all phones' "$TD_TMP/out"
	has "and Cisco's" '= show voice register pool' "$TD_TMP/out"
	td call --help >"$TD_TMP/out"
	has "--help behind a verb" 'call FROM TO .*\(root\)' "$TD_TMP/out"
	"$TD_BUILD/tandem" --run-dir "$TD_TMP/nowhere" complete show "" >"$TD_TMP/out" 2>&1
	equal "completion says nothing without a daemon" "0 0" "$? $(wc -c <"$TD_TMP/out")"
}

case_orders() {
	exits "hangup CALL" 0 hangup "$(tdj show calls | jq '.[0].id')"
	check "the phones hear it" phone_wait b CALL_CLOSED
	check "no call is left" wait_until 5 show_has 'length == 0' show calls
	phone_mark a; phone_mark b
	exits "call A B" 0 call "$A_NUMBER" "$B_NUMBER"
	check "A rings first" wait_until 10 phone_rings a
	phone_do a accept
	check "then B" wait_until 10 phone_rings b
	phone_do b accept
	check "both are connected" wait_until 10 legs_have 20
	exits "hangup" 0 hangup "$(tdj show calls | jq '.[0].id')"
}

case_who_may() {
	setpriv --reuid=nobody --regid=nogroup --clear-groups "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" \
		show version >"$TD_TMP/out" 2>&1
	[ $? -ne 0 ] && ok "a stranger on the host may not ask" || not_ok "a stranger on the host may not ask"
	setpriv --reuid=tandem --regid=tandem --clear-groups "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" \
		show version >"$TD_TMP/out" 2>&1
	equal "group tandem may look" 0 $?
	setpriv --reuid=tandem --regid=tandem --clear-groups "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" \
		call 1001 1002 >"$TD_TMP/out" 2>&1
	equal "but not place calls" 1 $?
	setpriv --reuid=tandem --regid=tandem --clear-groups "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" \
		debug sip >"$TD_TMP/out" 2>&1
	equal "nor see the digits that others dial" 1 $?
}

case_secrets() {
	for what in phones "phone alice" config registrations stats; do
		# shellcheck disable=SC2086 # words
		td show $what; tdj show $what
	done >"$TD_TMP/all" 2>&1
	equal "no password in anything shown" 0 "$(grep -cE "$A_PASSWORD|$B_PASSWORD" "$TD_TMP/all")"
	has "it is masked instead" "password.*\*" "$TD_TMP/all"
}

# shellcheck disable=SC2034 # office_config prints it
OFFICE_A="	option tag '20'"
office_up auto || finish
run_cases case_exit_codes case_json case_cme_words case_live case_help_and_completion case_orders case_who_may case_secrets
