#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 90
#
# What phones hear from the DHCP server: the daemon writes it, a real dnsmasq reads it by itself, and
# a real DHCP client that calls itself a Cisco phone is told; another client is not. A reload
# that changes an address reaches the next client; one that changes nothing writes nothing.
#
#   [a: udhcpc] eth0 ---- lan0 10.1.0.1 [ dnsmasq, tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
source "$(dirname "$0")/../lib/dhcp.sh"
need_root
need_daemon
need_tool dnsmasq
need_tool busybox

config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
	config sip 'sip'
		option ntp_server '10.1.0.3'
	config cluster 'cluster'
		option primary '10.1.0.1'
		option secondary '$1'
	config provision 'provision'
		option dhcp '${2:-dnsmasq}'
		option dhcp_file '$TD_TMP/dhcp/phones'
		option dhcp_tag 'ciscophone'
		option voice_vlan '$3'
	config phone 'alice'
		option type '7965'
		option mac '001122334455'
		option number '1001'
		option password 'secret-of-alice'
	UCI
}

case_up() {
	lab_setup
	dhcp_folder
	config 10.1.0.9 dnsmasq 100 >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	check "the file is written" wait_until 5 [ -s "$TD_TMP/dhcp/phones" ]
	check "dnsmasq serves" dhcp_serve router --interface=lan0 --dhcp-range=10.1.0.50,10.1.0.60,1h
}

case_told() {
	check "a phone gets an address" dhcp_ask a "Cisco Systems, Inc. IP Phone CP-7965G"
	equal "option 150: both routers" 0a0100010a010009 "$(dhcp_got opt150)"
	equal "option 66: the first one" 10.1.0.1 "$(dhcp_got tftp)"
	equal "option 42: the time" 10.1.0.3 "$(dhcp_got ntpsrv)"
	has "option 132: the VLAN, as text" 'option:132 +31:30:30$' "$TD_TMP/dnsmasq.log"
	check "another client gets an address" dhcp_ask a "a notebook"
	equal "and hears nothing of it" "" "$(dhcp_got opt150)$(dhcp_got tftp)"
}

case_changed() {
	local before
	before=$(stat -c '%i %Y' "$TD_TMP/dhcp/phones")
	check "a reload that changes nothing" td reload
	equal "writes nothing" "$before" "$(stat -c '%i %Y' "$TD_TMP/dhcp/phones")"
	config 10.1.0.8 dnsmasq 101 >"$TD_TMP/tandem"
	check "another second router, another VLAN" td reload
	check "dnsmasq has read it by itself" wait_until 10 told_now 0a0100010a010008
	has "and the VLAN" 'option:132 +31:30:31$' "$TD_TMP/dnsmasq.log"
	equal "nothing lies beside it" phones "$(ls -A "$TD_TMP/dhcp")"
}
told_now() { dhcp_ask a "Cisco Systems, Inc. IP Phone CP-7965G" && [ "$(dhcp_got opt150)" = "$1" ]; }

case_other_forms() {
	config 10.1.0.8 uci 101 >"$TD_TMP/tandem"
	check "for uci" td reload
	check "as a batch" wait_until 5 grep -qx "add_list dhcp.tandem_phones.dhcp_option='150,10.1.0.1,10.1.0.8'" "$TD_TMP/dhcp/phones"
	has "for Cisco's phones" "^set dhcp.tandem_phones.vendorclass='Cisco Systems'" "$TD_TMP/dhcp/phones"
	config 10.1.0.8 off 101 >"$TD_TMP/tandem"
	check "off" td reload
	check "it is gone" wait_until 5 not test -e "$TD_TMP/dhcp/phones"
	config 10.1.0.8 dnsmasq 101 | grep -v dhcp_file >"$TD_TMP/tandem.bad"
	check "without a file it is refused" not "$TD_BUILD/tandemd" --check -c "$TD_TMP/tandem.bad"
	chown root "$TD_TMP/dhcp"
	config 10.1.0.8 dnsmasq 101 >"$TD_TMP/tandem"
	check "a folder that is not ours" td reload
	check "is told" wait_until 5 show_has '.dhcp_error == "Permission denied"' show provision
}

run_cases case_up case_told case_changed case_other_forms
