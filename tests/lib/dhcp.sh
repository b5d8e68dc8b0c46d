# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A DHCP server and its clients in a lab: dnsmasq, and busybox's udhcpc.

# dhcp_folder - where the daemon writes for dnsmasq: $TD_TMP/dhcp
dhcp_folder() {
	mkdir -p "$TD_TMP/dhcp"
	chown tandem "$TD_TMP/dhcp"
	chmod 755 "$TD_TMP" "$TD_TMP/dhcp"
}

# dhcp_serve NODE [OPTION...] - until it takes requests; the options name interfaces and ranges
dhcp_serve() {
	local node=$1
	shift
	ns_exec "$node" dnsmasq -k -C /dev/null --port=0 --bind-interfaces --dhcp-optsdir="$TD_TMP/dhcp" \
		--dhcp-leasefile="$TD_TMP/dhcp.leases" --dhcp-authoritative --log-dhcp --log-facility=- --pid-file= \
		--dhcp-vendorclass=set:ciscophone,"Cisco Systems" "$@" >>"$TD_TMP/dnsmasq.log" 2>&1 </dev/null &
	# shellcheck disable=SC2034 # for who stops it
	DNSMASQ_PID=$!
	wait_until 5 dhcp_listens "$node"
}
dhcp_listens() { in_ns "$1" ss -Hlun 'sport = 67' | grep -q .; }

# dhcp_ask NODE CLASS [set] - what the server says is kept for dhcp_got; with "set" the node takes
# the address and the default route, and has no other
dhcp_ask() {
	cat >"$TD_TMP/udhcpc" <<-SH
	#!/bin/sh
	[ "\$1" = bound ] || exit 0
	env >"$TD_TMP/dhcp-$1"
	[ "${3:-}" = set ] || exit 0
	ip -4 addr flush dev "\$interface"
	ip addr add "\$ip/\$mask" dev "\$interface"
	ip route replace default via "\$router"
	SH
	chmod +x "$TD_TMP/udhcpc"
	DHCP_NODE=$1
	rm -f "$TD_TMP/dhcp-$1"
	in_ns "$1" busybox udhcpc -i eth0 -n -q -t 5 -T 1 -O 150 -O 66 -O 42 -O 132 -V "$2" -s "$TD_TMP/udhcpc" &&
		[ -s "$TD_TMP/dhcp-$1" ]
}
# dhcp_got NAME - of the last answer: ip, router, opt150 (hex), tftp, ntpsrv ...
dhcp_got() { sed -n "s/^$1=//p" "$TD_TMP/dhcp-$DHCP_NODE"; }
