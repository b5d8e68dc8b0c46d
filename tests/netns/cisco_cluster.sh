#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 170
# waits
#
# Two routers as Cisco's SIP phones know them: a phone is registered with the primary and probes
# the secondary; the primary goes, the phone changes over; the primary is back, the phone asks for
# leave to return and does. Both say whether their configurations agree, and in what not, and give
# the same versions of the phone's file, which the primary tells by the secondary's XML interface.
# curl is another client there.
#
#   [sipp] 10.1.0.2 eth0 ---- lan0 [ primary ] wan0 10.2.0.1 ---- 10.2.0.2 eth0 [ secondary ]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

need_tool curl

XML_PASSWORD=3Rs92uzQ
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
		${2:-}
	config cluster 'cluster'
		option primary '$(gw_ip4 b)'
		option secondary '$(node_ip4 b)'
		option standby_user 'user23'
		option standby_password '$XML_PASSWORD'
		option xml_user 'user23'
		option xml_password '$XML_PASSWORD'
		option xml_level '15'
		option ixi_response_size '2'
		option ixi_outstanding '2'
		option ixi_timeout '30'
		option ixi_app_timeout '3'
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

# xml USER:PASSWORD DOCUMENT [NODE] - post it to the secondary's interface; prints the status, its answer in $TD_TMP/xml
xml() {
	local url
	url=http://$(node_ip4 b):5078/ios_xml_app/cme
	in_ns "${3:-router}" timeout 15 curl -s -o "$TD_TMP/xml" -w '%{http_code}' -u "$1" -H 'Content-Type: text/xml' -d "$2" "$url"
}
runs() { printf '<request xsi:type="ISexecCLI"><ISexecCLI>'; printf '<CLI>%s</CLI>' "$@"; printf '</ISexecCLI></request>'; }
# half - a request of which only the beginning comes; ends with the connection
half() {
	in_ns router timeout 15 bash -c "exec 3<>/dev/tcp/$(node_ip4 b)/5078
		printf 'POST /ios_xml_app/cme HTTP/1.1\r\nHost: x\r\nAuthorization: Basic $(printf 'user23:%s' $XML_PASSWORD | base64)\r\nContent-Length: 99\r\n\r\n<request>' >&3
		cat <&3 >/dev/null"
}

# leaves - each line by itself, with the contact that the secondary has
leaves() {
	local line contact
	while read -r line contact; do
		say "leave-$line" cisco_leave "$(node_ip4 b)" 5070 -key line "$line" -key contact "$contact" </dev/null || return 1
	done < <(td2 show registrations | jq -r '.[] | "\(.line) \(.contact)"')
}

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

case_versions() {
	check "the secondary has heard the versions of files" wait_until 10 second_has \
		'.versions == "heard" and .versions_heard >= 2 and .versions_of_primary == 0' cluster
	check "the primary knows that it has" wait_until 10 show_has '.versions == "agreed" and .versions_told >= 2' show cluster
	check "nothing differs" second_has '.differs == []' cluster
	check "... as both say" show_has '.differs == []' show cluster
}

case_xml() {
	local account=user23:$XML_PASSWORD status
	equal "a wrong password is refused" 401 "$(xml user23:wrong "$(runs 'show version')")"
	check "... and counted" second_has '.xml_wrong_passwords == 1' cluster
	equal "the right one is let in" 200 "$(xml "$account" "$(runs 'show version')")"
	has "... and commands run" '<ISexecCLIResponse>0</ISexecCLIResponse>.*&quot;|<ISexecCLIResponse>0.*version' "$TD_TMP/xml"
	xml "$account" "<SOAP-ENV:Envelope><SOAP-ENV:Body><axl>$(runs 'show version' 'show nothing' 'show version')</axl></SOAP-ENV:Body></SOAP-ENV:Envelope>" >/dev/null
	has "in an envelope, too; the second of three is wrong" '<SOAP-ENV:Body>.*<ISexecCLIResponse>2</ISexecCLIResponse><ISexecCLIError>.*nothing' "$TD_TMP/xml"
	xml "$account" "$(runs takeover)" >/dev/null
	has "what is for root is not for it" "<ISexecCLIError>'takeover' is for root only" "$TD_TMP/xml"
	equal "an answer that is too long is none" 500 "$(xml "$account" "$(runs help)")"
	equal "entities are refused" 400 "$(xml "$account" '<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><request>&b;</request>')"
	equal "... and what is no request" 400 "$(xml "$account" '<request><ISgetNothing/></request>')"
	equal "... and what is too long" 413 "$(xml "$account" "$(printf '%20000s' x)")"
	equal "nobody else may connect" 000 "$(xml "$account" "$(runs 'show version')" a)"
	check "... which is counted" second_has '.xml_refused == 1' cluster
	half & status=$!
	half & status="$status $!"
	check "two requests are under way" wait_until 5 busy_is "$account"
	# shellcheck disable=SC2086 # pids are words
	check "they end, as more does not come" wait $status
	equal "... and others are served again" 200 "$(xml "$account" "$(runs 'show version')")"
	check "the busy ones were counted" second_has '.xml_busy >= 1' cluster
}
busy_is() { [ "$(xml "$1" "$(runs 'show version')")" = 503 ]; }

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
	check "it is at the secondary" second_has 'length >= 1' registrations
	check "it takes each of them back from there" leaves
	check "... and none is left" second_has 'length == 0' registrations
	phone_gone
	register_at "$(gw_ip4 a)" 5060
	check "it registers with the primary" wait_until 10 completed_here
	phone_gone
}

case_differ() {
	config "	option token_rate '7'" "option url_services 'http://192.0.2.9/s'" >"$TD_TMP/tandem"
	check "another configuration is loaded at the primary" td reload
	check "the secondary says that they differ" wait_until 40 second_has '.configurations_agree == false' cluster
	has "... and so does its log" 'other router 10.2.0.1 has another configuration' "$TD_TMP/second/log"
	check "... and in what" second_has '.differs == ["sip","provision"]' cluster
	check "... as the primary does" show_has '.differs == ["sip","provision"]' show cluster
	wire_start three a 'port 5060'
	register_at "$(gw_ip4 a)" 5060
	check "the phone registers with the primary" wait_until 10 completed_here
	wire_stop three
	phone_gone
	check "the phone has another file now" test "$(versions three)" != "$(versions one)"
	check "the secondary gives its own file the primary's version" wait_until 10 second_has '.versions_of_primary == 1' cluster
}

# What was heard is kept: the secondary starts while the primary is away.
case_alone() {
	daemon_stop
	kill_pids 5 "$SECOND_PID"
	check "the secondary starts again, alone" second_start
	wire_start four a 'port 5060'
	register_at "$(node_ip4 b)" 5080
	check "the phone registers with it" wait_until 10 completed_there
	wire_stop four
	phone_gone
	equal "it hears the versions that it has" "$(versions three)" "$(versions four)"
	kill_pids 5 "$SECOND_PID"
}

run_cases case_start case_versions case_xml case_registered case_changed_over case_returned case_differ case_alone
