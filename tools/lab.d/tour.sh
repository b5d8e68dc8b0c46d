# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the lab plays: calls that are measured at every place they can be (the parties' cables,
# the daemon's counters), one of them over the death of the worker; hold and resume, a little
# load. For make run and "lab run".

call_has() { show_has "$1" show calls; }

# leg N FIELD - of the only call; 0 is who called
leg() { tdj show calls | jq -r ".[0].legs[$1].$2"; }
legs_rx() { tdj show calls | jq -c '[.[0].legs[].rx_packets]'; }
legs_at_least() { call_has "length == 1 and ([.[0].legs[].rx_packets] | length == 2 and min >= $1)"; }

legs_at_rest() {
	local now
	now=$(legs_rx)
	[ "$now" = "${LEGS_AT:-}" ] && return 0
	LEGS_AT=$now
	sleep 0.2
	return 1
}

# tour_dial FROM TO - until both are talking
tour_dial() {
	party_mark "$1" "$2"
	party_dial "$1" "$2" || { echo "  no dial tone at $1"; return 1; }
	wait_until 10 party_rings "$2" || { echo "  no ringing at $2"; return 1; }
	party_answer "$2"
	wait_until 10 party_talks "$1" || { echo "  no answer at $1"; return 1; }
}

tour_hang_up() {
	party_hang_up "$1"
	wait_until 10 call_has 'length == 0'
}

# direction FROM LEG TO LEG - one line of the report; false when a packet is missing or unmarked
direction() {
	local from=$1 to=$3 port sent in out arrived dscp path
	port=$(leg "$2" remote_media) port=${port##*:}
	sent=$(wire_count "tour-$from" "udp.srcport == $port and $(address_is src "$from")")
	in=$(leg "$2" rx_packets)
	path=$(leg "$2" path)
	out=$(leg "$4" tx_packets)
	port=$(leg "$4" remote_media) port=${port##*:}
	arrived=$(wire_count "tour-$to" "udp.dstport == $port and $(address_is dst "$to")")
	dscp=$(wire_dscp "tour-$to" "udp.dstport == $port and $(address_is dst "$to")")
	printf '  %8s -> %-8s  path %-5s  sent %4s  router in %4s  router out %4s  received %4s  DSCP %s\n' \
		"$(party_number "$from")" "$(party_number "$to")" "$path" "$sent" "$in" "$out" "$arrived" \
		"$(dscp_name "$dscp")"
	[ "$sent" -gt 100 ] && [ "$sent" = "$in" ] && [ "$in" = "$out" ] && [ "$out" = "$arrived" ] &&
		[ "$dscp" = 46 ] && [ "$path" = "${TOUR_PATH:-xdp}" ]
}
address_is() { echo "(ip.$1 == $(node_ip4 "$2") or ipv6.$1 == $(node_ip6 "$2"))"; }
dscp_name() { [ "$1" = 46 ] && echo "EF (46)" || echo "$1"; }

# tour_call FROM TO [crash] - dial, answer, five seconds of tone both ways, compare, hang up;
# crash: the daemon's worker is killed meanwhile
tour_call() {
	local good=1
	echo "$(party_word "$1") dials $(party_number "$2"), $(party_word "$2"): five seconds of tone both ways"
	wire_start "tour-$1" "$1" udp && wire_start "tour-$2" "$2" udp || return 1
	tour_dial "$1" "$2" || good=0
	if [ "$good" = 1 ] && [ "${3:-}" = crash ]; then
		wait_until 15 legs_at_least 100 && tour_crash || good=0
	fi
	[ "$good" = 1 ] && wait_until 15 legs_at_least 250 || good=0
	[ "$good" = 1 ] && td show calls | sed 's/^/  | /'
	party_freeze "$1" "$2"	# both silent: now all counters must agree
	wait_until 5 legs_at_rest
	wire_stop "tour-$1" "tour-$2"
	[ "$good" = 1 ] && { direction "$1" 0 "$2" 1 || good=0; direction "$2" 1 "$1" 0 || good=0; }
	party_thaw "$1" "$2"
	tour_hang_up "$1" || good=0
	[ "$good" = 1 ] && echo "  good: nothing lost, nothing through user space" || echo "  NOT GOOD"
	[ "$good" = 1 ]
}

tour_crash() {
	local id
	id=$(tdj show calls | jq -r '.[0].id')
	DAEMON_PID=$(cat "$TD_TMP/tandemd.pid")
	echo "  the daemon's worker is killed (kill -9) ..."
	worker_again && call_has "length == 1 and .[0].id == $id and .[0].state == \"up\"" || {
		echo "  the call is not there any more"
		return 1
	}
	echo "  ... a new one knows the call"
}

tour_calls() {
	tour_call a b && tour_call c a && tour_call b carrier && tour_call c carrier crash
}

tour_hold() {
	tour_dial a b || return 1
	phone_do a hold
	wait_until 5 call_has '.[0].state == "held"' && echo "held" || return 1
	phone_do a resume
	wait_until 5 call_has '.[0].state == "up"' && echo "up again" || return 1
	tour_hang_up a
}

# twenty calls one after the other, as fast as the phones answer
tour_load() {
	local n
	for n in $(seq 20); do
		tour_dial a b && tour_hang_up a || { echo "call $n failed"; return 1; }
	done
	echo "20 calls"
}

# two calls that last, and the live table until Ctrl-C
tour_stay() {
	tour_dial a b && tour_dial c carrier || return 1
	echo
	echo "1001 and 1002, 1003 and the carrier are talking. The live table follows; Ctrl-C ends the lab."
	td monitor
}
