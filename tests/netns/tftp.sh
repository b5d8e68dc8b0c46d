#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 60
#
# A phone that knows only its MAC fetches its file by TFTP, with three clients that we did not
# write, over IPv4 and IPv6; nobody else gets it.
#
#   [a: alice's MAC] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd :69 ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool tftp
need_tool atftp
need_tool curl

mac_of() { ip -n "$(lab_ns "$1")" -j link show eth0 | jq -r '.[0].address'; }
fetched() { [ "$(tdj show provision tftp | jq .served)" -ge "$1" ]; }

# get CLIENT NODE NAME FILE - from the router's address on that side
get() {
	local at
	at=$(gw_ip4 "$2")
	rm -f "$4"
	case $1 in
	tftp-hpa) in_ns "$2" timeout 10 tftp -m binary "$at" -c get "$3" "$4" ;;
	tftp-hpa6) in_ns "$2" timeout 10 tftp -6 -m binary "$(gw_ip6 "$2")" -c get "$3" "$4" ;;
	atftp) in_ns "$2" timeout 10 atftp --get -r "$3" -l "$4" --option "blksize 1428" --option "windowsize 8" "$at" ;;
	curl) in_ns "$2" timeout 10 curl -sf -o "$4" "tftp://$at/$3" ;;
	esac >"$TD_TMP/client" 2>&1
}
# got CLIENT NODE NAME - it is what the reference client has got
got() {
	get "$1" "$2" "$3" "$TD_TMP/$1" && cmp -s "$TD_TMP/$1" "$TD_TMP/reference"
}

case_up() {
	lab_setup
	MAC=$(mac_of a)
	NAME=SEP$(tr -d ':' <<<"$MAC" | tr a-f A-F).cnf.xml
	# shellcheck disable=SC2034 # for office_config
	OFFICE_A="		option mac '$MAC'
		option type '7965'"
	office_config off >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	check "the table of names is there" wait_until 5 show_has 'any(.[]; .name == "'"$NAME"'")' show provision files
}

case_its_own_file() {
	check "tftp-hpa fetches $NAME" get tftp-hpa a "$NAME" "$TD_TMP/reference" || diag "$(cat "$TD_TMP/client")"
	has "it is a phone's file" '<device' "$TD_TMP/reference"
	has "with its number" ">$A_NUMBER<" "$TD_TMP/reference"
	check "well formed" python3 -c 'import sys, xml.dom.minidom as d; d.parse(sys.argv[1])' "$TD_TMP/reference"
	check "atftp, large blocks and a window, the same" got atftp a "$NAME"
	check "curl, the same" got curl a "$NAME"
	check "by IPv6, the same" got tftp-hpa6 a "$NAME"
	equal "four were served" 4 "$(tdj show provision tftp | jq .served)"
}

case_nobody_elses() {
	get curl b "$NAME" "$TD_TMP/stolen"
	check "another host does not get it" [ ! -s "$TD_TMP/stolen" ]
	equal "which is counted" 1 "$(tdj show provision tftp | jq .not_holder)"
	has "and logged" "refused file=$NAME" "$TD_LOG"
	check "what is for all it gets" get curl b XMLDefault.cnf.xml "$TD_TMP/default"
	get curl b nothing.xml "$TD_TMP/none"
	check "what is not there, nobody" [ ! -s "$TD_TMP/none" ]
}

case_not_written() {
	echo "evil" >"$TD_TMP/evil"
	in_ns b timeout 10 tftp -m binary "$(gw_ip4 b)" -c put "$TD_TMP/evil" XMLDefault.cnf.xml >"$TD_TMP/client" 2>&1
	get curl b XMLDefault.cnf.xml "$TD_TMP/again"
	check "nothing can be written" cmp -s "$TD_TMP/default" "$TD_TMP/again"
}

# a new number: another file, at once
case_changed() {
	sed -i "s/'$A_NUMBER'/'1777'/" "$TD_TMP/tandem"
	check "reload" td reload
	check "the new file" wait_until 5 fetch_has 1777
}
fetch_has() { get curl a "$NAME" "$TD_TMP/new" && grep -q ">$1<" "$TD_TMP/new"; }

run_cases case_up case_its_own_file case_nobody_elses case_not_written case_changed
