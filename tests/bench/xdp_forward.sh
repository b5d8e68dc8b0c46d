#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packets per second through td_rtp against the kernel's own IP forwarding, its NAT by nftables,
# rtpengine in userspace and a program that only drops; with ten times the flows, to IPv6, from
# u-law to A-law, with a copy of each packet for a recorder, beside calls with one. 1000 flows of
# 214-byte frames. Prints one JSON object. ONLY='td_rtp fork' in the environment: these modes alone.
#
#   [sender] gen0 ---- lan0 [router] wan0 ---- eth0 [sink]
#   generator on CPU 0      everything else on CPU 1: the bottleneck that is measured
#
# The generator is a packet program run with live frames: a socket as the source would be
# slower than what is measured, and would run the router's work on its own CPU. Modes are
# interleaved and compared within a round.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${TD_BUILD:-$PWD/build}
S=td-bench-s R=td-bench-r K=td-bench-k

[ "$(id -u)" = 0 ] || { echo "needs root" >&2; exit 4; }
[ "$(nproc)" -ge 2 ] || { echo "needs two processors" >&2; exit 4; }

down() {
	local n
	[ -n "${ENGINE:-}" ] && kill "$ENGINE" && wait "$ENGINE"
	for n in $S $R $K; do ip netns del "$n" 2>/dev/null; done
	rm -rf /sys/fs/bpf/td-bench
}
trap down EXIT
trap 'exit 130' INT TERM
down

in_ns() { local n=$1; shift; nsenter --net=/run/netns/"$n" "$@"; }
threaded() { ip netns exec "$1" sh -c "echo 1 >/sys/class/net/$2/threaded"; }

up() {
	local n queues='numrxqueues 1 numtxqueues 1'
	for n in $S $R $K; do ip netns add "$n" && ip -n "$n" link set lo up || return 1; done
	ip -n $R link add lan0 address 02:00:00:00:01:01 $queues \
		type veth peer name gen0 address 02:00:00:00:01:02 $queues netns $S &&
	ip -n $R link add wan0 address 02:00:00:00:02:01 $queues \
		type veth peer name eth0 address 02:00:00:00:02:02 $queues netns $K || return 1
	in_ns $R ethtool -K lan0 gro on >/dev/null && in_ns $R ethtool -K wan0 gro on >/dev/null &&
	in_ns $S ethtool -K gen0 gro on >/dev/null && in_ns $K ethtool -K eth0 gro on >/dev/null &&
	ip -n $R addr add 10.72.1.1/24 dev lan0 && ip -n $R addr add 10.72.2.1/24 dev wan0 &&
	ip -n $R link set lan0 up && ip -n $R link set wan0 up &&
	ip -n $S link set gen0 up && ip -n $K link set eth0 up || return 1
	ip -n $R neigh add 10.72.2.2 lladdr 02:00:00:00:02:02 dev wan0 nud permanent &&
	ip -n $R addr add fd72:2::1/64 dev wan0 nodad &&
	ip -n $R neigh add fd72:2::2 lladdr 02:00:00:00:02:02 dev wan0 nud permanent &&
	ip -n $R neigh add 10.72.1.2 lladdr 02:00:00:00:01:02 dev lan0 nud permanent || return 1
	in_ns $R sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.lan0.rp_filter=0 net.ipv4.conf.wan0.rp_filter=0 || return 1
	threaded $R lan0 && threaded $R wan0
}

up || { echo "the namespaces cannot be set up" >&2; exit 1; }
ulimit -n "$(ulimit -Hn)"
# thirteen groups of flows, four sockets each
most=$((($(ulimit -n) - 1000) / 52))
[ "$most" -lt 1000 ] || most=1000
flows=${FLOWS:-$most}

# beside the kernel on CPU 1, without its kernel module: what a distribution has
engine() {
	PORTS=$(mktemp)
	nsenter --net=/run/netns/$R taskset -c 1 rtpengine --foreground --table=-1 --listen-ng=127.0.0.1:2223 \
		--interface=lan/10.72.1.1 --interface=wan/10.72.2.1 --num-threads=1 \
		--port-min=30000 --port-max=39998 --log-level=2 >"$PORTS.log" 2>&1 &
	ENGINE=$!
	in_ns $R tests/bench/rtpengine.py "$flows" >"$PORTS" || { tail -3 "$PORTS.log" >&2; : >"$PORTS"; }
	rm -f "$PORTS.log"
}
PORTS=/dev/null
command -v rtpengine >/dev/null && engine
"$BUILD"/tests/bench/xdp_forward "${ROUNDS:-3}" "$flows" "$PORTS"
status=$?
[ "$PORTS" = /dev/null ] || rm -f "$PORTS"
exit "$status"
