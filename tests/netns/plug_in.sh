#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# A phone is plugged in that knows nothing but its MAC. dnsmasq, which reads what the daemon writes
# for it, gives it an address and option 150; there it fetches its file; the file says where and as
# whom to register; it calls. Two are emulated SCCP phones, one is baresip. Then a number changes in
# uci: the phone that has it starts again and shows it, and no other.
#
#   [a: SCCP 7965] eth0 ---- lan0 +
#   [c: SCCP 7965] eth0 ---- lan1 + [ dnsmasq, tandemd ] wan0 ---- eth0 [b: baresip as a 7970]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
source "$(dirname "$0")/../lib/dhcp.sh"
source "$(dirname "$0")/../lib/plug.sh"
need_root
need_daemon
need_tool dnsmasq
need_tool busybox
need_tool xmllint
need_tool baresip

LAB_NODES+=("c lan1 10.3.0 fd00:3:")

config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		list interface 'lan1'
		list interface 'wan0'
	config provision 'provision'
		option dhcp 'dnsmasq'
		option dhcp_file '$TD_TMP/dhcp/phones'
		option dhcp_tag 'ciscophone'
	config phone 'alice'
		option protocol 'sccp'
		option type '7965'
		option mac '$(plug_mac a)'
		option number '1001'
		option name 'Alice'
	config phone 'bob'
		option type '7970'
		option mac '$(plug_mac b)'
		option number '1002'
		option name 'Bob'
		option password 'a-long-secret-of-bob'
	config phone 'carol'
		option protocol 'sccp'
		option type '7965'
		option mac '$(plug_mac c)'
		option number '1003'
		option name 'Carol'
	UCI
}

case_up() {
	lab_setup
	dhcp_folder
	config >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	check "dnsmasq serves" dhcp_serve router --interface=lan0 --dhcp-range=10.1.0.50,10.1.0.60,1h \
		--interface=lan1 --dhcp-range=10.3.0.50,10.3.0.60,1h \
		--interface=wan0 --dhcp-range=10.2.0.50,10.2.0.60,1h
	check "the phones' files are there" wait_until 5 show_has '[.[] | select(.name | startswith("SEP"))] | length >= 3' show provision files
}

case_sccp() {
	check "an SCCP phone: address and file" plug_boot a
	equal "option 150 is this router" "$(gw_ip4 a)" "$(plug_server a)"
	equal "the file says where to register" "$(gw_ip4 a)" "$(plug_xpath a //callManagerGroup//member[@priority=0]//processNodeName)"
	plug_sccp a 7965 440
	check "it registers" sccp_wait a '^registered$'
	check "and shows its number" sccp_wait a "^line 1 '1001'"
	check "another one: address and file" plug_boot c
	plug_sccp c 7965 550
	check "it registers, too" sccp_wait c '^registered$'
}

case_sip() {
	check "a SIP phone: address and file" plug_boot b 7970G
	equal "its line is in the file" 1002 "$(plug_xpath b //sipLines/line[1]/name)"
	check "it starts with what the file says" plug_sip b 660
	check "it registers with the secret of its file" wait_until 15 show_has 'any(.[]; .id == "bob" and .state == "registered")' show phones
}

case_call() {
	phone_mark b
	sccp_mark a
	sccp_do a offhook
	check "dial tone" sccp_wait a '^tone 21'
	sccp_do a digits 1002
	check "the SIP phone rings" wait_until 10 phone_rings b
	phone_do b accept
	check "connected" sccp_wait a '^state 5'
	check "sound flows both ways" wait_until 15 legs_have 50
	sccp_do a onhook
	check "no call is left" wait_until 10 show_has 'length == 0' show calls
}

case_new_number() {
	sccp_mark a c
	sed -i "s/'1001'/'1009'/" "$TD_TMP/tandem"
	check "its number changes in uci" td reload
	check "the phone is told to start again" sccp_wait a '^reset 2'
	sccp_stop a
	check "it comes up again: address and file" plug_boot a
	plug_sccp a 7965 440
	check "it registers" sccp_wait a '^registered$'
	check "and shows the new number" sccp_wait a "^line 1 '1009'"
	sccp_do c offhook
	check "the other one works on" sccp_wait c '^tone 21'
	sccp_do c digits 1009
	check "and reaches it by the new number" sccp_wait a '^ringer 2 line 1'
	check "it was told nothing" not sccp_saw c '^reset'
	sccp_do c onhook
	check "the SIP phone is registered as before" show_has 'any(.[]; .id == "bob" and .state == "registered")' show phones
	sccp_stop a c
	check "both were content with what they got" sccp_clean a
	check "... the other one, too" sccp_clean c
}

run_cases case_up case_sccp case_sip case_call case_new_number
