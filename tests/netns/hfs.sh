#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 60
#
# Phones' files by HTTP at port 6970, asked for by curl: the same files as by TFTP, in parts, by
# HEAD, over a kept connection; to nobody else; 404 for what is not there; the access list; a port
# that somebody else has, when phones fall back to TFTP.
#
#   [a: alice's MAC] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd :6970 :69 ] 10.2.0.1 wan0 ---- [b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool curl
need_tool xmllint
need_tool socat

url() { echo "http://$(gw_ip4 "$1"):6970/$2"; }
# ask NODE NAME [OPTION...] - the status; the body in $TD_TMP/body, the header in $TD_TMP/header
ask() {
	local node=$1 name=$2
	shift 2
	in_ns "$node" timeout 10 curl -s -o "$TD_TMP/body" -D "$TD_TMP/header" -w '%{http_code}' "$@" "$(url "$node" "$name")"
}
served() { tdj show provision http | jq ".$1"; }

case_up() {
	lab_setup
	MAC=$(ip -n "$(lab_ns a)" -j link show eth0 | jq -r '.[0].address')
	NAME=SEP$(tr -d ':' <<<"$MAC" | tr a-f A-F).cnf.xml
	# shellcheck disable=SC2034 # for office_config
	OFFICE_A="		option mac '$MAC'
		option type '9971'"
	mkdir "$TD_TMP/home" && head -c 3000000 /dev/urandom >"$TD_TMP/home/firmware.bin" && truncate -s 60M "$TD_TMP/home/large.bin" && chmod -R a+rX "$TD_TMP/home"
	# shellcheck disable=SC2034
	OFFICE_MORE="config provision 'provision'
		option home_path '$TD_TMP/home'"
	office_config off >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	check "the table of names is there" wait_until 5 show_has 'any(.[]; .name == "firmware.bin")' show provision files
}

case_files() {
	equal "the phone's own file: 200" 200 "$(ask a "$NAME")"
	has "with its number" ">$A_NUMBER<" "$TD_TMP/body"
	has "as XML" '^Content-Type: text/xml' "$TD_TMP/header"
	in_ns a timeout 10 curl -sf -o "$TD_TMP/tftp" "tftp://$(gw_ip4 a)/$NAME"
	check "the same as by TFTP" cmp -s "$TD_TMP/body" "$TD_TMP/tftp"
	equal "firmware: 200" 200 "$(ask b firmware.bin)"
	check "whole" cmp -s "$TD_TMP/body" "$TD_TMP/home/firmware.bin"
	equal "a part of it: 206" 206 "$(ask b firmware.bin -r 1000-1999)"
	check "the right one" cmp -s "$TD_TMP/body" <(tail -c +1001 "$TD_TMP/home/firmware.bin" | head -c 1000)
	equal "the end of it: 206" 206 "$(ask b firmware.bin -r -500)"
	check "the right one, too" cmp -s "$TD_TMP/body" <(tail -c 500 "$TD_TMP/home/firmware.bin")
	equal "beyond the end: 416" 416 "$(ask b firmware.bin -r 3000000-)"
	ask b firmware.bin -I >/dev/null
	has "HEAD says how long it is" '^Content-Length: 3000000' "$TD_TMP/header"
	equal "by IPv6, the same" 200 "$(in_ns a timeout 10 curl -s -o "$TD_TMP/six" -w '%{http_code}' "http://[$(gw_ip6 a)]:6970/$NAME")"
	check "... byte for byte" cmp -s "$TD_TMP/six" "$TD_TMP/tftp"
	equal "ten files over one connection" 1 "$(in_ns b curl -s -o /dev/null -w '%{num_connects}\n' \
		"$(url b 'firmware.bin?[1-10]')" | awk '{ n += $1 } END { print n }')"
}

# What CME's "show voice register hfs" has
case_shown() {
	local pid
	check "show voice register hfs: port, home path, bindings, aliases" show_has \
		'.enabled and .port == 6970 and .default_port == 6970 and .home_path == "'"$TD_TMP/home"'" and .bindings > 3 and .aliases >= 0' \
		show voice register hfs
	equal "nothing is being fetched" 0 "$(served fetching)"
	in_ns b timeout 20 curl -s --limit-rate 100k -o /dev/null "$(url b large.bin)" &
	pid=$!
	check "one fetch is going on" wait_until 5 show_has '.fetching == 1' show provision http
	kill "$pid"
	check "... and has been broken off" wait_until 5 show_has '.fetching == 0' show provision http
}

# The address is the router's as a phone there sees it, or another of its own.
case_directory() {
	local next
	ask a "$NAME" >/dev/null
	equal "the phone's file names the directory" directory.xml "$(grep -oP '<directoryURL>\K[^<]*' "$TD_TMP/body" | sed 's|.*/||')"
	equal "its menu: 200" 200 "$(ask a directory.xml)"
	next=$(grep -oP '<URL>\K[^<]*' "$TD_TMP/body" | head -1)
	equal "everybody: 200" 200 "$(in_ns a timeout 10 curl -s -o "$TD_TMP/body" -w '%{http_code}' "$next")"
	has "with names and numbers" '<Name>Alice</Name><Telephone>'"$A_NUMBER"'</Telephone>|<Telephone>'"$A_NUMBER" "$TD_TMP/body"
}

# a form, and what comes of it
case_search() {
	local find
	equal "the search form: 200" 200 "$(ask a directory-search.xml)"
	find=$(xmllint --xpath 'string(/CiscoIPPhoneInput/URL)' "$TD_TMP/body")
	in_ns a timeout 10 curl -sf -o "$TD_TMP/body" -G --data-urlencode "n=lic" -d t= "$find"
	equal "a part of a name finds its number" "$A_NUMBER" "$(xmllint --xpath 'string(//DirectoryEntry[Name="Alice"]/Telephone)' "$TD_TMP/body")"
	equal "... and nobody else" 1 "$(xmllint --xpath 'count(//DirectoryEntry)' "$TD_TMP/body")"
	in_ns a timeout 10 curl -sf -o "$TD_TMP/body" -G -d n= -d "t=$B_NUMBER" -d p=x "$find"
	equal "a number finds its name" Bob "$(xmllint --xpath 'string(//DirectoryEntry/Name)' "$TD_TMP/body")"
	in_ns a timeout 10 curl -sf -o "$TD_TMP/body" -G --data-urlencode "n=%00<x>&\"'" -d p=99999999999 "$find"
	equal "nobody is called like that" CiscoIPPhoneText "$(xmllint --xpath 'name(/*)' "$TD_TMP/body")"
}

case_debug() {
	local pid
	td debug hfs >"$TD_TMP/debug" &
	pid=$!
	wait_until 5 show_has 'true' show version
	equal "the phone's own file" 200 "$(ask a "$NAME")"
	check "debug hfs tells" wait_until 5 grep -q "^http host=$(node_ip4 a) file=$NAME phone=alice sent bytes=" "$TD_TMP/debug"
	ask a not-there.xml >/dev/null
	check "... and what is not there" wait_until 5 grep -q "file=not-there.xml not found" "$TD_TMP/debug"
	in_ns a timeout 10 curl -sf -o "$TD_TMP/tftp" "tftp://$(gw_ip4 a)/$NAME"
	check "... and TFTP" wait_until 5 grep -q "^tftp .*file=$NAME phone=alice sent" "$TD_TMP/debug"
	kill "$pid"
}

case_nobody_else() {
	equal "another host: 403" 403 "$(ask b "$NAME")"
	has "it is logged" "refused file=$NAME" "$TD_LOG"
	equal "no such file: 404" 404 "$(ask b nothing.xml)"
	equal "outside: 404" 404 "$(ask b '..%2f..%2fetc/passwd' --path-as-is)"
	equal "and plainly" 404 "$(ask b '../../etc/passwd' --path-as-is)"
	equal "nobody writes: 405" 405 "$(ask b firmware.bin -X PUT -d x)"
	equal "counted" "4 1" "$(served not_found) $(served not_holder)"
}

case_access_list() {
	sed -i "/option home_path/a \\\t\tlist http_allow '10.1.0.0/24'" "$TD_TMP/tandem"
	check "reload" td reload
	check "who is in the list is served" wait_until 5 [ "$(ask a "$NAME")" = 200 ]
	equal "who is not gets no answer" 000 "$(ask b firmware.bin)"
	at_least "which is counted" 1 "$(served refused)"
}

case_clash() {
	daemon_stop
	ns_exec router socat TCP-LISTEN:6970,fork,reuseaddr /dev/null &
	SOCAT_PID=$!
	check "somebody else has the port" wait_until 5 port_taken
	printf "config sip 'sip'\n\toption port '2060'\n" >>"$TD_TMP/tandem"
	check "tandemd takes calls all the same" daemon_start "$TD_TMP/tandem"
	has "and says what is wrong" "invalid port number or port in use by other application: 6970" "$TD_LOG"
	equal "show says it, too" false "$(served enabled)"
	check "TFTP serves" wait_until 5 by_tftp
	has "another port of SIP is told to phones" '<sipPort>2060<' "$TD_TMP/tftp"
	check "... and SIP is heard there, and nowhere else" sip_ports 2060
	kill "$SOCAT_PID"
}
sip_ports() { [ "$(in_ns router ss -Hlunp | grep tandemd | awk '{ print $4 }' | grep -oE '(5060|2060)$' | sort -u)" = "$1" ]; }
case_off() {
	sed -i "/option home_path/a \\\t\toption http_enable 'off'" "$TD_TMP/tandem"
	check "HTTP switched off" td reload
	check "nobody is there" wait_until 5 not port_taken
	check "TFTP serves all the same" by_tftp
	sed -i "s/option http_enable .*/option http_port '7000'/" "$TD_TMP/tandem"
	check "another port" td reload
	has "is warned of: phones ask no other" 'port 7000; phones ask port 6970' "$TD_LOG"
}
port_taken() { in_ns router ss -Hltn 'sport = 6970' | grep -q .; }
by_tftp() { in_ns a timeout 10 curl -sf -o "$TD_TMP/tftp" "tftp://$(gw_ip4 a)/$NAME"; }

run_cases case_up case_files case_shown case_directory case_search case_debug case_nobody_else case_access_list case_clash case_off
