#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
#
# A daemon in a VRF ("ip vrf exec"): its sockets are bound there by the kernel, and XDP finds the
# ways in the VRF's table. The main table would lead elsewhere.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 \ VRF red [tandemd] / wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
modprobe vrf 2>/dev/null
ip link add td-probe type vrf 2>&1 | grep -q 'Unknown device type' && skip_all "no VRFs in this kernel"

rt() { ip -n "$(lab_ns router)" "$@"; }

make_vrf() {
	rt link add red type vrf table 10 && rt link set red up || return
	rt link set lan0 master red
	rt link set wan0 master red
	rt route add vrf red unreachable default metric 4278198272
	# who looks in the main table goes astray
	rt route add blackhole 10.1.0.0/24
	rt route add blackhole 10.2.0.0/24
}

# the daemon's program, in the VRF
wrap() {
	mkdir "$TD_TMP/bin"
	printf '#!/bin/bash\nexec ip vrf exec red %q "$@"\n' "$TD_BUILD/tandemd" >"$TD_TMP/bin/tandemd"
	chmod +x "$TD_TMP/bin/tandemd"
	ln -s "$TD_BUILD/tandem" "$TD_TMP/bin/tandem"
	TD_BUILD=$TD_TMP/bin
}

case_register() {
	lab_setup
	check "a VRF" make_vrf || return
	wrap
	office_config native >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2
}

case_call() {
	local udp
	call_up || return
	wait_until 5 legs_have 5
	udp=$(udp_in router)
	check "100 packets each way" wait_until 10 legs_have 100
	equal "both legs are on path xdp" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	equal "no UDP packet reached the router's sockets" "$udp" "$(udp_in router)"
	call_down
}

run_cases case_register case_call
