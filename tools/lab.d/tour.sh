# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the lab plays: a call that is measured at every place it can be (the phones' cables,
# the daemon's counters), hold and resume, a little load. For make run and "lab run".

A_NUMBER=1001 A_PASSWORD=lab-password-of-alice A_HZ=440
B_NUMBER=1002 B_PASSWORD=lab-password-of-bob B_HZ=880
number_of() { [ "$1" = a ] && echo "$A_NUMBER" || echo "$B_NUMBER"; }

# lab_config XDP - the shipped default configuration, on the lab's interfaces, with two phones
lab_config() {
	local dev
	sed "/^[[:space:]]*list[[:space:]]\+interface/d" "$TD_ROOT/config/files/tandem"
	printf "\nconfig global 'global'\n"
	for dev in lan0 wan0; do printf "\tlist interface '%s'\n" "$dev"; done
	for dev in lan0 wan0; do printf "\nconfig interface '%s'\n\toption xdp '%s'\n" "$dev" "$1"; done
	printf "\nconfig phone '%s'\n\toption protocol 'sip'\n\toption number '%s'\n\toption name '%s'\n\toption password '%s'\n" \
		alice "$A_NUMBER" Alice "$A_PASSWORD" bob "$B_NUMBER" Bob "$B_PASSWORD"
}

calls_json() { tdj show calls; }
call_has() { show_has "$1" show calls; }

# the leg of a number in the only call
leg() { calls_json | jq -r ".[0].legs[] | select(.party | tostring | contains(\"$1\")) | .$2"; }
legs_rx() { calls_json | jq -c '[.[0].legs[].rx_packets]'; }
legs_at_least() { call_has "length == 1 and ([.[0].legs[].rx_packets] | length == 2 and min >= $1)"; }

legs_at_rest() {
	local now
	now=$(legs_rx)
	[ "$now" = "${LEGS_AT:-}" ] && return 0
	LEGS_AT=$now
	sleep 0.2
	return 1
}

tour_dial() {
	phone_mark a; phone_mark b
	phone_do "$1" dial "sip:$(number_of "$2")@$(gw_ip4 "$1")"
	wait_until 10 phone_rings "$2" || { echo "  no ringing at $2"; return 1; }
	phone_do "$2" accept
	phone_wait "$1" CALL_ESTABLISHED || { echo "  no answer at $1"; return 1; }
}

tour_hang_up() {
	phone_do "$1" hangup
	wait_until 10 call_has 'length == 0'
}

# direction FROM TO - one line of the report; false when a packet is missing or unmarked
direction() {
	local from=$1 to=$2 port sent in out arrived dscp path
	port=$(leg "$(number_of "$from")" remote_media) port=${port##*:}
	sent=$(wire_count "tour-$from" "udp.srcport == $port and ip.src == $(node_ip4 "$from")")
	in=$(leg "$(number_of "$from")" rx_packets)
	out=$(leg "$(number_of "$to")" tx_packets)
	path=$(leg "$(number_of "$from")" path)
	port=$(leg "$(number_of "$to")" remote_media) port=${port##*:}
	arrived=$(wire_count "tour-$to" "udp.dstport == $port and ip.dst == $(node_ip4 "$to")")
	dscp=$(wire_dscp "tour-$to" "udp.dstport == $port and ip.dst == $(node_ip4 "$to")")
	printf '  %s -> %s  path %-5s  phone sent %4s  router in %4s  router out %4s  phone got %4s  DSCP %s\n' \
		"$(number_of "$from")" "$(number_of "$to")" "$path" "$sent" "$in" "$out" "$arrived" \
		"$(dscp_name "$dscp")"
	[ "$sent" -gt 100 ] && [ "$sent" = "$in" ] && [ "$in" = "$out" ] && [ "$out" = "$arrived" ] &&
		[ "$dscp" = 46 ] && [ "$path" = "${TOUR_PATH:-xdp}" ]
}
dscp_name() { [ "$1" = 46 ] && echo "EF (46)" || echo "$1"; }

# tour_call FROM TO - dial, answer, five seconds of tone both ways, compare, hang up
tour_call() {
	local good=1
	echo "call: phone $1 ($(number_of "$1")) dials $(number_of "$2"), five seconds of tone both ways"
	wire_start tour-a a udp && wire_start tour-b b udp || return 1
	tour_dial "$1" "$2" || good=0
	[ "$good" = 1 ] && wait_until 15 legs_at_least 250 || good=0
	phone_freeze a b	# both silent: now all counters must agree
	wait_until 5 legs_at_rest
	wire_stop tour-a tour-b
	[ "$good" = 1 ] && { direction a b || good=0; direction b a || good=0; }
	phone_thaw a b
	tour_hang_up "$1" || good=0
	[ "$good" = 1 ] && echo "  good: nothing lost, nothing through user space" || echo "  NOT GOOD"
	[ "$good" = 1 ]
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

# a call that lasts, and the live table until Ctrl-C
tour_stay() {
	tour_dial a b || return 1
	echo
	echo "1001 and 1002 are talking. The live table follows; Ctrl-C ends the lab."
	td monitor
}
