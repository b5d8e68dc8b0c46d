# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A phone that knows only its MAC: address and option 150 by DHCP, its file by TFTP from there, and
# who it is and where to register from that file. Needs dhcp.sh and sccp.sh.

plug_mac() { ip -n "$(lab_ns "$1")" -j link show eth0 | jq -r '.[0].address'; }
plug_sep() { echo "SEP$(plug_mac "$1" | tr -d ':' | tr a-f A-F)"; }
# plug_xpath NODE XPATH - of the phone's file
plug_xpath() { xmllint --xpath "string($2)" "$TD_TMP/plug-$1.xml"; }
# plug_server NODE - the first address of option 150
plug_server() {
	local hex
	hex=$(sed -n 's/^opt150=\(........\).*/\1/p' "$TD_TMP/dhcp-$1")
	printf '%d.%d.%d.%d\n' "0x${hex:0:2}" "0x${hex:2:2}" "0x${hex:4:2}" "0x${hex:6:2}"
}
# plug_fetch NODE NAME - to $TD_TMP/plug-NODE.xml
plug_fetch() {
	rm -f "$TD_TMP/plug-$1.xml"
	in_ns "$1" timeout 20 curl -sf -o "$TD_TMP/plug-$1.xml" "tftp://$(plug_server "$1")/$2"
}

# plug_boot NODE - address and file
plug_boot() {
	dhcp_ask "$1" "Cisco Systems, Inc. IP Phone CP-${2:-7965G}" set &&
		plug_fetch "$1" "$(plug_sep "$1").cnf.xml"
}

# plug_sccp NODE TYPE HZ - it registers where its file says
plug_sccp() {
	SCCP_SERVER=$(plug_xpath "$1" //callManagerGroup//member[@priority=0]//processNodeName) \
		sccp_start "$1" "$1" "$(plug_sep "$1")" 17 "$3" --type "$2" \
		--port "$(plug_xpath "$1" //callManagerGroup//member[@priority=0]//ethernetPhonePort)" \
		--bind "$(DHCP_NODE=$1 dhcp_got ip)"
}

# plug_sip NODE HZ - baresip with the account of its file
plug_sip() {
	local server
	server=$(plug_xpath "$1" //callManagerGroup//member[@priority=0]//processNodeName)
	PHONE_PROXY=$server:$(plug_xpath "$1" //callManagerGroup//member[@priority=0]//sipPort) \
		phone_start "$1" "$1" "$(plug_xpath "$1" //sipLines/line[1]/authName)" \
		"$(plug_xpath "$1" //sipLines/line[1]/authPassword)" "$2"
}
