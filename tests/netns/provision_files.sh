#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Files of phones in a running daemon: they are there from the start, follow a reload, are
# written to a folder, and an SCCP phone whose file alone has changed starts again, no other.
#
#   [phones] 10.1.0.2, .11 ... eth0 ---- lan0 10.1.0.1 [ tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
need_root
need_daemon
need_tool python3
need_tool xmllint

config() {
	cat <<-UCI
	config global 'global'
		option timezone 'Europe/Berlin'
		list interface 'lan0'
	config provision 'provision'
		option store 'path'
		option path '$TD_TMP/store'
		option scope 'phone'
		option home_path '$TD_TMP/home'
	config phonetype '7960'
		option load_sccp 'P00308010200'
	config phone 'old'
		option protocol 'sccp'
		option type '7960'
		option mac '000000000011'
		option address '$(sccp_addr a 11)'
		option number '1001'
	config phone 'new'
		option protocol 'sccp'
		option type '7975'
		option mac '000000000012'
		option address '$(sccp_addr a 12)'
		option number '1002'
	config phone 'sip'
		option type '7970'
		option mac '000000000013'
		option password 'xyzzy-of-sip'
		option number '1003'
	UCI
}

setup() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	mkdir -p "$TD_TMP/store" "$TD_TMP/home"
	chmod 755 "$TD_TMP"
	chown tandem "$TD_TMP/store"
	echo firmware >"$TD_TMP/home/P00308010200.bin"
	config >"$TD_CONF"
	for n in 11 12; do sccp_add_addr a $n; done
	check "tandemd starts" daemon_start "$TD_CONF"
}

xpath() { xmllint --xpath "string($2)" "$TD_TMP/store/$1"; }
stored() { [ "$(xpath "$1" "$2" 2>/dev/null)" = "$3" ]; }
run_ended() { show_has ".runs >= $1 and .state == \"idle\" and .error == null" show provision; }
runs() { td --json show provision | jq .runs; }

case_made_and_stored() {
	check "files are made" wait_until 10 run_ended 1
	check "a 7960 is told where to register" stored SEP000000000011.cnf.xml //processNodeName "$(gw_ip4 a)"
	check "... and its type's firmware" stored SEP000000000011.cnf.xml //loadInformation P00308010200
	check "a 7975 is told its time zone" stored SEP000000000012.cnf.xml //timeZone 'W. Europe Standard/Daylight Time'
	check "a SIP phone has its line" stored SEP000000000013.cnf.xml //line/name 1003
	check "a file with a password is nobody else's" [ "$(stat -c %a "$TD_TMP/store/SEP000000000013.cnf.xml")" = 640 ]
	check "it is listed with its owner" show_has \
		'.[] | select(.name == "SEP000000000013.cnf.xml") | .phone == "sip"' show provision files
	check "so is what lies in home_path" show_has \
		'.[] | select(.name == "P00308010200.bin") | .bytes == 9 and .phone == null' show provision files
}

case_create_profile() {
	local n
	n=$(runs)
	echo sound >"$TD_TMP/home/Chime.raw"
	check "create profile" td create profile
	check "... runs" wait_until 10 run_ended $((n + 1))
	check "... and a new ring tone is in the list" stored Ringlist.xml //FileName Chime.raw
}

case_only_the_changed_phone_restarts() {
	local n
	sccp_start old a SEP000000000011 11 440 --type 7960 --bind "$(sccp_addr a 11)"
	sccp_start new a SEP000000000012 17 440 --type 7975 --bind "$(sccp_addr a 12)"
	check "both phones register" sccp_wait old '^registered$'
	check "... the other one too" sccp_wait new '^registered$'
	n=$(runs)
	sccp_mark old new
	config | sed 's/P00308010200/P00308011200/' >"$TD_CONF"
	check "the 7960s get another firmware" td reload
	check "... files are made again" wait_until 10 run_ended $((n + 1))
	check "... the 7960 is told to restart" sccp_wait old '^reset 2'
	check "... and finds the new name" stored SEP000000000011.cnf.xml //loadInformation P00308011200
	sccp_do new offhook
	check "... the 7975 still works" sccp_wait new '^tone 21'
	check "... and was told nothing" not sccp_saw new '^reset'
	sccp_stop old new
}

case_gone() {
	local n
	n=$(runs)
	config | sed '/phone .sip./,$d' >"$TD_CONF"
	check "a phone goes" td reload
	check "... files are made again" wait_until 10 run_ended $((n + 1))
	check "... and its file is gone" not test -e "$TD_TMP/store/SEP000000000013.cnf.xml"
}

setup
run_cases case_made_and_stored case_create_profile case_only_the_changed_phone_restarts case_gone
