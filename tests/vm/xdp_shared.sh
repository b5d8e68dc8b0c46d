#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# An operator's XDP program is on our interface, put there by libxdp: td_rtp joins it in the
# dispatcher, calls go by XDP, the operator's filter still filters, and neither takes the other
# off. The dispatcher takes what kernels call extensions of programs, which some refuse.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
#                                xdp-filter
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool xdp-filter

in_router() { in_ns router "$@"; }
# programs - names of the programs on lan0, in the order they run
programs() {
	in_router xdp-loader status lan0 | awk '$1 == "=>" { print $3 }' | paste -sd' '
}
programs_are() { [ "$(programs)" = "$1" ]; }
# probe PORT - does a datagram from a reach the router there?
probe() {
	local got=$TD_TMP/probe-$1
	: >"$got"
	ns_exec router timeout 5 socat -u "UDP-RECV:$1" "OPEN:$got,append" &
	local pid=$!
	wait_until 3 probe_listens "$1"
	for _ in 1 2 3 4 5; do echo probe | in_ns a socat -u STDIN "UDP-SENDTO:$(gw_ip4 a):$1"; done
	wait_until 2 test -s "$got"
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	[ -s "$got" ]
}
probe_listens() { in_ns router ss -Hlun "sport = $1" | grep -q "$1"; }

case_joined() {
	check "the operator loads a filter" in_router xdp-filter load -m native -f udp,ethernet lan0 || return
	check "for a port" in_router xdp-filter port -m dst -p udp 7777 || return
	OFFICE_GLOBAL="	option media_forking '10.2.0.9:30000'"
	office_begin auto
	ip -n "$(lab_ns b)" addr add 10.2.0.9/24 dev eth0
	equal "both are in the dispatcher, the filter first" "filter td_rtp" \
		"$(programs | sed 's/xdpfilt_[a-z_]*/filter/')"
	equal "show interfaces tells" "native true" \
		"$(tdj show interfaces | jq -r '.[]|select(.name == "lan0")|"\(.xdp) \(.xdp_shared)"')"
	equal "on wan0 we are alone" "native false" \
		"$(tdj show interfaces | jq -r '.[]|select(.name == "wan0")|"\(.xdp) \(.xdp_shared)"')"
	check "a port that nobody filters" probe 7778
	check "the operator's filter filters" not probe 7777
}
case_call() {
	local udp
	wire_start a a udp
	wire_start b b udp
	call_up || return
	wait_until 5 legs_have 5
	udp=$(udp_in router)
	talk xdp
	at_least "copies for a recorder, by both interfaces" 100 \
		"$(tdj show call "$(tdj show calls | jq '.[0].id')" | jq '[.legs[].forked_packets]|min')"
	equal "no UDP packet reached the router's sockets" "$udp" "$(udp_in router)"
}

# The call goes on: killed and started again, our copy is exchanged.
case_next_start() {
	local before
	before=$(loaded_ids)
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	DAEMON_PID=
	equal "both stay without a daemon" 2 "$(programs | wc -w)"
	check "the next daemon starts" daemon_start "$TD_CONF"
	check "its copy has the place of the old one" wait_until 5 programs_are "$(programs | awk '{ print $1, "td_rtp" }')"
	check "and is another program" test "$before" != "$(loaded_ids)"
	check "the call goes on by XDP" wait_until 10 legs_have 20
	equal "path xdp" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	phone_do a hangup
	check "and ends" wait_until 5 show_has 'length == 0' show calls
	wire_stop a b
	equal "no gap in what b received" 0 "$(wire_gaps b "ip.dst == $(node_ip4 b)")"
	equal "no gap in what a received" 0 "$(wire_gaps a "ip.dst == $(node_ip4 a)")"
}
loaded_ids() { in_router xdp-loader status lan0 | awk '$3 == "td_rtp" { print $4 }'; }

case_theirs_goes() {
	in_router xdp-filter unload lan0
	check "without the filter ours stays" wait_until 5 programs_are td_rtp
	in_router xdp-filter load -m native -f udp,ethernet lan0
	equal "the filter joins ours" 2 "$(programs | wc -w)"
}

case_all_unloaded() {
	in_router xdp-loader unload --all lan0
	check "unloaded by the operator, ours comes back by itself" wait_until 5 xdp_is_native
	equal "and alone" "native false" \
		"$(tdj show interfaces | jq -r '.[]|select(.name == "lan0")|"\(.xdp) \(.xdp_shared)"')"
}
xdp_is_native() { [ "$(xdp_mode lan0)" = native ]; }

case_clean_end() {
	daemon_stop
	in_router xdp-filter load -m native -f udp,ethernet lan0
	check "a daemon joins again" daemon_start "$TD_CONF"
	equal "both are there" 2 "$(programs | wc -w)"
	check "it ends well" daemon_stop
	equal "the operator's program is alone" 1 "$(programs | wc -w)"
	check "no pin of ours" test ! -e "$TD_PIN"
}

case_detach_all() {
	check "a daemon joins once more" daemon_start "$TD_CONF"
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	DAEMON_PID=
	wait_until 5 router_empty
	in_router "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" detach --all --pin-dir "$TD_PIN" >"$TD_TMP/out" 2>&1
	equal "tandem detach --all" 0 $?
	equal "leaves the operator's program alone" 1 "$(programs | wc -w)"
	equal "which is the filter" 0 "$(programs | grep -c td_rtp)"
	check "no pin of ours" test ! -e "$TD_PIN"
}
router_empty() { [ -z "$(ip netns pids "$(lab_ns router)")" ]; }

# The modes must agree, for a dispatcher has one.
case_other_mode() {
	sed "s/option xdp 'auto'/option xdp 'generic'/" "$TD_CONF" >"$TD_TMP/generic"
	: >"$TD_LOG"
	daemon_spawn router "$TD_TMP/generic"
	wait_until 15 not daemon_alive
	has "generic beside native is refused, with the remedy" "native XDP on 'lan0'.*'auto'" "$TD_LOG"
	DAEMON_PID=
	in_router xdp-loader unload --all lan0
}

has_dispatcher() {
	in_router xdp-filter load -m native -f udp lan0 && in_router xdp-loader status lan0 | grep -q xdp_dispatcher
	local rc=$?
	in_router xdp-loader unload --all lan0
	return $rc
}

lab_setup
has_dispatcher >"$TD_TMP/probe" 2>&1 || skip_all "this kernel refuses libxdp's dispatcher"
run_cases case_joined case_call case_next_start case_theirs_goes case_all_unloaded case_clean_end \
	case_detach_all case_other_mode
