# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Two routers for the same phones, who know the address of whichever has it:
#
#   [phone a] 10.1.0.2 --+-- br-a --+-- lan0 .11 [ router ] wan0 .11 --+-- br-b --+-- 10.2.0.2 [phone b]
#                                   +-- lan0 .12 [ second ] wan0 .12 --+
#             10.1.0.1, 10.2.0.1: at the one that is active      10.9.0.1 link0 --+ br-link +-- link0 10.9.0.2
#
# The bridges are in a namespace of their own, "switch". More routers are named in REDUNDANT_ROUTERS.

REDUNDANT_ROUTERS=${REDUNDANT_ROUTERS:-router second}

# plug NAMESPACE DEVICE BRIDGE - a cable from there to the switch
plug() {
	local port=$1-$2
	ip link add "$2" netns "$(lab_ns "$1")" type veth peer name "$port" netns "$(lab_ns switch)" || return 1
	ip -n "$(lab_ns switch)" link set "$port" master "$3" up
	in_ns "$1" ethtool -K "$2" tx off gro on >/dev/null
	in_ns switch ethtool -K "$port" gro on >/dev/null	# as the comment in net.sh
	ip -n "$(lab_ns "$1")" link set "$2" up
}

redundant_net() {
	local ns br last=1
	for ns in switch $REDUNDANT_ROUTERS a b; do make_ns "$(lab_ns "$ns")" || return 1; done
	for br in br-a br-b br-link; do ip -n "$(lab_ns switch)" link add "$br" up type bridge || return 1; done
	plug a eth0 br-a && plug b eth0 br-b || return 1
	for ns in a b; do
		ip -n "$(lab_ns "$ns")" addr add "$(node_ip4 "$ns")/24" dev eth0
		ip -n "$(lab_ns "$ns")" route add default via "$(gw_ip4 "$ns")"
	done
	for ns in $REDUNDANT_ROUTERS; do
		plug "$ns" lan0 br-a && plug "$ns" wan0 br-b && plug "$ns" link0 br-link || return 1
		in_ns "$ns" sysctl -qw net.ipv4.ip_forward=1
		ip -n "$(lab_ns "$ns")" addr add "10.1.0.1$last/24" dev lan0
		ip -n "$(lab_ns "$ns")" addr add "10.2.0.1$last/24" dev wan0
		ip -n "$(lab_ns "$ns")" addr add "10.9.0.$last/24" dev link0
		last=$((last + 1))
	done
}

redundant_setup() {
	scratch
	mount_bpffs
	make_user || skip_all "cannot make the user tandem"
	redundant_net || { echo "Bail out! no lab"; exit 1; }
	addresses_to router
}

# addresses_to ROUTER, addresses_from ROUTER - what VRRP does
addresses_to() {
	local node
	for node in a b; do
		ip -n "$(lab_ns "$1")" addr add "$(gw_ip4 "$node")/24" dev "$(node_dev "$node")"
		in_ns "$1" "$TD_ROOT/tests/lib/garp.py" "$(node_dev "$node")" "$(gw_ip4 "$node")"
	done
}
addresses_from() {
	local node
	for node in a b; do
		ip -n "$(lab_ns "$1")" addr del "$(gw_ip4 "$node")/24" dev "$(node_dev "$node")"
	done
}

# cables ROUTER up|down - all of its links at once, at the other end: nobody says goodbye
cables() {
	local port
	for port in lan0 wan0 link0; do ip -n "$(lab_ns switch)" link set "$1-$port" "$2"; done
}

# redundant_config SECRET - and what REDUNDANT_MORE says
redundant_config() {
	OFFICE_MORE="${REDUNDANT_MORE:-}
	config cluster 'cluster'
		option primary '10.9.0.1'
		option secondary '10.9.0.2'
		option replicate_secret '$1'
	config provision 'provision'
		option tftp 'off'
		option http_enable 'off'
	"
	office_config auto
}

# on ROUTER COMMAND... - td, show_has, daemon_* and the like speak of that router's daemon
on() {
	local which=$1
	shift
	if [ "$which" = router ]; then
		"$@"
		return
	fi
	TD_RUN_DIR=$TD_TMP/$which/run TD_STATE_DIR=$TD_TMP/$which/state TD_LOG=$TD_TMP/$which/log \
		TD_PIN=$TD_PIN-$which "$@"
}

declare -A ROUTER_PID

# another_start ROUTER CONFIG - pid in ROUTER_PID
another_start() {
	local first=${DAEMON_PID:-}
	mkdir -p "$TD_TMP/$1"
	: >"$TD_TMP/$1/log"
	on "$1" daemon_spawn "$1" "$2"
	ROUTER_PID[$1]=$DAEMON_PID DAEMON_PID=$first
	wait_until 20 grep -qw ready "$TD_TMP/$1/log"
}

# second_start CONFIG - pid in SECOND_PID
second_start() {
	another_start second "$1" || return
	SECOND_PID=${ROUTER_PID[second]}
}

# loses_power - the router is gone at once: cables, then its processes; nothing is said to anybody
loses_power() {
	cables router down
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	DAEMON_PID=
	wait_until 5 router_is_empty
}
router_is_empty() { [ -z "$(ip netns pids "$(lab_ns router)")" ]; }
