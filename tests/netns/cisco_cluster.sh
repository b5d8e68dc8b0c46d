#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 170
# waits
#
# Two routers as Cisco's SIP phones know them: a phone is registered with the primary and probes
# the secondary; the primary goes, the phone changes over; the primary is back, the phone asks for
# leave to return and does. Both say whether their configurations agree, and give the same
# versions of the phone's file.
#
#   [sipp] 10.1.0.2 eth0 ---- lan0 [ primary ] wan0 10.2.0.1 ---- 10.2.0.2 eth0 [ secondary ]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

SIPP=$TD_ROOT/tests/sipp
SECOND_PID="" SIPP_PID=""

config() {
	cat <<-UCI
	config global 'global'
		option hostname 'office'
	config sip 'sip'
		option authenticate 'auto'
	${1:-}
	config provision 'provision'
		option tftp 'off'
		option http_enable 'off'
	config cluster 'cluster'
		option primary '$(gw_ip4 b)'
		option secondary '$(node_ip4 b)'
	config phone 'cisco'
		option type '7970'
		option mac '001b2a893698'
		option address '$(node_ip4 a)'
		list line '1:6010'
		list line '2:6011'
	UCI
}

second_start() {
	mkdir -p "$TD_TMP/second"
	ns_exec b "$TD_BUILD/tandemd" -f -c "$TD_TMP/tandem2" --run-dir "$TD_TMP/second/run" \
		--state-dir "$TD_TMP/second/state" --pin-dir "$TD_PIN-second" >"$TD_TMP/second/log" 2>&1 </dev/null &
	SECOND_PID=$!
	wait_until 20 grep -qw ready "$TD_TMP/second/log"
}
td2() { "$TD_BUILD/tandem" --run-dir "$TD_TMP/second/run" --json "$@"; }
second_has() { td2 show "${@:2}" | jq -e "$1" >/dev/null; }

# say NAME SCENARIO HOST PORT ARGUMENT... - one sipp to its end, from the phone
say() {
	sipp_run "$1" a "$3" -sf "$SIPP/$2.xml" -oocsf "$SIPP/cisco_out_of_call.xml" -inf "$TD_TMP/line.csv" \
		-m 1 -t u1 -i "$(node_ip4 a)" -p "$4" "${@:5}"
}
register_at() {
	sipp_start phone a "$1" -sf "$SIPP/cisco_register_bulk.xml" -oocsf "$SIPP/cisco_out_of_call.xml" \
		-inf "$TD_TMP/line.csv" -m 1 -t t1 -i "$(node_ip4 a)" -p "$2"
}
phone_gone() {
	# shellcheck disable=SC2046 # pids are words
	kill_pids 5 $(pgrep -P "$SIPP_PID") "$SIPP_PID"
	wait "$SIPP_PID" 2>/dev/null
}
completed_here() { show_has '.[0].registration_method == "bulk - completed"' show phones; }
completed_there() { second_has '.[0].registration_method == "bulk - completed"' phones; }
# versions NAME - what the phone was told of its files in that capture
versions() { tshark -r "$(wire_file "$1")" -Y 'sip.Method == "REFER"' -T fields -e sip.msg_hdr -e data-text-lines -o sip.tls.port:5061 -V 2>/dev/null | grep -oE '(Config|Dialplan|Softkey)VersionStamp=\{[^}]*\}' | sort -u; }

case_start() {
	lab_setup
	config >"$TD_TMP/tandem"
	config >"$TD_TMP/tandem2"
	printf 'SEQUENTIAL\n6010;001b2a893698\n' >"$TD_TMP/line.csv"
	check "the secondary takes calls" second_start || return
	check "the primary takes calls" daemon_start "$TD_TMP/tandem" || return
	check "the primary knows what it is" show_has '.role == "primary"' show cluster
	check "so does the secondary" second_has '.role == "secondary"' cluster
	check "both see the other one, with the same configuration" wait_until 40 agree
}
agree() {
	show_has '.other == "there" and .configurations_agree == true' show cluster &&
		second_has '.other == "there" and .configurations_agree == true' cluster
}

case_registered() {
	wire_start one a 'port 5060'
	register_at "$(gw_ip4 a)" 5060
	check "the phone registers with the primary" wait_until 10 completed_here
	wire_stop one
	check "it probes the secondary, which says yes" say probe cisco_keepalive "$(node_ip4 b)" 5070
	check "... and counts it" second_has '.probes == 1' cluster
	check "... and has no registration of it" second_has 'length == 0' registrations
	check "the secondary gives no leave to come" not say token2 cisco_token "$(node_ip4 b)" 5070
}

case_changed_over() {
	daemon_stop
	phone_gone
	wire_start two a 'port 5060'
	register_at "$(node_ip4 b)" 5080
	check "the primary is gone: the phone registers with the secondary" wait_until 10 completed_there
	wire_stop two
	equal "both tell the same versions of its files" "$(versions one)" "$(versions two)"
	at_least "... which are there" 2 "$(versions two | wc -l)"
	check "the secondary says that the primary is gone" wait_until 45 second_has '.other == "not there"' cluster
}

case_returned() {
	check "the primary is back" daemon_start "$TD_TMP/tandem"
	check "it answers probes" say probe1 cisco_keepalive "$(gw_ip4 a)" 5070
	check "the phone may return" say token cisco_token "$(gw_ip4 a)" 5070
	check "the primary has counted it" show_has '.returns_accepted == 1' show cluster
	phone_gone
	register_at "$(gw_ip4 a)" 5060
	check "it registers with the primary" wait_until 10 completed_here
	phone_gone
}

case_differ() {
	config "	option token_rate '7'" >"$TD_TMP/tandem"
	check "another configuration is loaded at the primary" td reload
	check "the secondary says that they differ" wait_until 40 second_has '.configurations_agree == false' cluster
	grep -q 'other router 10.2.0.1 has another configuration' "$TD_TMP/second/log" &&
		ok "... and so does its log" || not_ok "... and so does its log"
	kill_pids 5 "$SECOND_PID"
}

run_cases case_start case_registered case_changed_over case_returned case_differ
