# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The lab's network: one router namespace and one namespace per node, joined by veth.
# Sourced by tools/lab, by tests/lib/lib.sh and by the benches. A new node is one line
# in LAB_NODES. Everything is named after $LAB, so several labs live side by side.
#
#   [LAB-a] eth0 ---- lan0 [LAB-router] wan0 ---- eth0 [LAB-b]
#
# Two settings are not decoration:
#   tx off   a local sender leaves its UDP checksum to the card; over veth nobody ever
#            fills it in, and an XDP program would rewrite a wrong one
#   gro on   a veth end takes redirected XDP frames only while its NAPI runs, and
#            without an XDP program of its own GRO is what starts it

LAB=${LAB:-tandem}

# node  router's device  IPv4 /24  IPv6 /64
LAB_NODES=(
	"a lan0 10.1.0 fd00:1:"
	"b wan0 10.2.0 fd00:2:"
)

lab_ns() { echo "$LAB-$1"; }

# in_ns NODE COMMAND... - not "ip netns exec": that one hides /sys/fs/bpf
in_ns() {
	local ns
	ns=$(lab_ns "$1"); shift
	nsenter --net="/run/netns/$ns" -- "$@"
}
# the same in the background: "ns_exec NODE COMMAND... &" makes $! the command's own pid
ns_exec() {
	local ns
	ns=$(lab_ns "$1"); shift
	exec nsenter --net="/run/netns/$ns" -- "$@"
}

# node_field NODE 2..4 - from the table above
node_field() {
	local row words
	for row in "${LAB_NODES[@]}"; do
		read -ra words <<<"$row"
		[ "${words[0]}" = "$1" ] && { echo "${words[$2 - 1]}"; return 0; }
	done
	echo "lab: no node '$1' in the table" >&2
	return 1
}
node_dev() { node_field "$1" 2; }	# the router's device
node_ip4() { echo "$(node_field "$1" 3).2"; }
node_ip6() { echo "$(node_field "$1" 4):2"; }
gw_ip4()   { echo "$(node_field "$1" 3).1"; }
gw_ip6()   { echo "$(node_field "$1" 4):1"; }
lab_node_names() { local r; for r in "${LAB_NODES[@]}"; do echo "${r%% *}"; done; }

make_ns() {
	local ns=$1
	ip netns add "$ns" || return 1
	ip -n "$ns" link set lo up
	nsenter --net="/run/netns/$ns" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0
}

# lab_add_node NODE - its namespace, its cable to the router, addresses, default routes
lab_add_node() {
	local ns r dev
	ns=$(lab_ns "$1") r=$(lab_ns router)
	dev=$(node_dev "$1") || return 1
	make_ns "$ns" || return 1
	ip link add "$dev" netns "$r" type veth peer name eth0 netns "$ns" || return 1
	ip -n "$r" addr add "$(gw_ip4 "$1")/24" dev "$dev"
	ip -n "$r" addr add "$(gw_ip6 "$1")/64" dev "$dev" nodad
	ip -n "$ns" addr add "$(node_ip4 "$1")/24" dev eth0
	ip -n "$ns" addr add "$(node_ip6 "$1")/64" dev eth0 nodad
	nsenter --net="/run/netns/$ns" ethtool -K eth0 tx off gro on >/dev/null
	nsenter --net="/run/netns/$r" ethtool -K "$dev" gro on >/dev/null
	ip -n "$r" link set "$dev" up
	ip -n "$ns" link set eth0 up
	ip -n "$ns" route add default via "$(gw_ip4 "$1")"
	ip -n "$ns" -6 route add default via "$(gw_ip6 "$1")"
}

lab_net_up() {
	local node
	make_ns "$(lab_ns router)" || return 1
	in_ns router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	for node in $(lab_node_names); do
		lab_add_node "$node" || { lab_net_down; return 1; }
	done
}

lab_net_exists() { [ -e "/run/netns/$(lab_ns router)" ]; }

# every namespace whose name starts with this lab's
lab_namespaces() { ip netns list | awk -v p="$LAB-" 'index($1, p) == 1 { print $1 }'; }

# processes of the lab are exactly those inside its namespaces
lab_pids() {
	local ns
	for ns in $(lab_namespaces); do ip netns pids "$ns"; done | sort -un
}

# kill_pids LIMIT PID... - TERM, then after LIMIT seconds KILL; returns when all are gone
kill_pids() {
	local limit=$1 end pid left
	shift
	[ $# -eq 0 ] && return 0
	kill -TERM "$@" 2>/dev/null
	kill -CONT "$@" 2>/dev/null
	end=$((SECONDS + limit))
	while :; do
		left=()
		for pid; do
			is_running "$pid" && left+=("$pid")
		done
		[ ${#left[@]} -eq 0 ] && return 0
		[ "$SECONDS" -gt $((end + 5)) ] && return 1
		[ "$SECONDS" -gt "$end" ] && kill -KILL "${left[@]}" 2>/dev/null
		sleep 0.05
	done
}

# a zombie no longer runs
is_running() {
	local stat
	read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
	stat=${stat##*) }
	[ "${stat%% *}" != Z ]
}

lab_net_down() {
	local ns
	# shellcheck disable=SC2046 # pids are words
	kill_pids 5 $(lab_pids)
	for ns in $(lab_namespaces); do ip netns del "$ns"; done
	return 0
}

lab_draw() {
	local node
	printf '\n   %s\n' "namespace $(lab_ns router): tandemd, XDP on every line below"
	for node in $(lab_node_names); do
		printf '     +-- %s  %s/24  %s/64  ---  eth0  %s  %s   namespace %s\n' \
			"$(node_dev "$node")" "$(gw_ip4 "$node")" "$(gw_ip6 "$node")" \
			"$(node_ip4 "$node")" "$(node_ip6 "$node")" "$(lab_ns "$node")"
	done
	echo
}
