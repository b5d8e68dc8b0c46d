# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the sip_*.sh scripts share: two sipp that play a scenario each (tests/netns/sipp), the
# daemon between them, and what must be true after every call.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp]
#
# Both ends are recognised by their host (authenticate 'auto' and a fixed address): digest has
# its own tests. The called ones have a port each, so that pairs may run side by side:
# number 1002 is at port 6002, 1003 at 6003 ...

SCENARIOS=$TD_ROOT/tests/netns/sipp
PAIR_CALLED="1002 1003 1004 1005 1006 1007"
PAIRS=0

# pair_config - more "config global" lines in OFFICE_GLOBAL, more of "config sip" in PAIR_SIP,
# more sections in OFFICE_MORE
pair_config() {
	local n
	cat <<-UCI
	config global 'global'
		option hostname 'lab'
		list interface 'lan0'
		list interface 'wan0'
	${OFFICE_GLOBAL:-}

	config sip 'sip'
		option authenticate 'auto'
	${PAIR_SIP:-}

	config phone 'caller'
		option number '1001'
		option address '$(node_ip4 a)'

	${OFFICE_MORE:-}
	UCI
	for n in $PAIR_CALLED; do
		printf "config phone 'called_%s'\n\toption number '%s'\n\toption address '%s:%d'\n" \
			"$n" "$n" "$(node_ip4 b)" $((5000 + n))
	done
}

pair_up() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	pair_config >"$TD_CONF"
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	check "tandemd takes calls" daemon_start "$TD_CONF" "$@"
}

# side NAME NODE SCENARIO PORT ARGUMENT... - one sipp to its end; what it heard and said is in
# $TD_TMP/sipp-NAME/messages
side() {
	local name=$1 node=$2 scenario=$3 port=$4
	shift 4
	SIPP_TIMEOUT=${PAIR_SECONDS:-15} sipp_run "$name" "$node" -sf "$SCENARIOS/$scenario.xml" -m 1 \
		-i "$(node_ip4 "$node")" -p "$port" -mp $((20000 + (port % 1000) * 10)) \
		-recv_timeout "${PAIR_PATIENCE_MS:-10000}" \
		-trace_msg -message_file "$TD_TMP/sipp-$name/messages" "$@"
}

listens() { in_ns "$1" ss -Hlun "sport = $2" | grep -q .; }

# called NAME SCENARIO NUMBER - the called side, in the background; its pid in SIDE_PID
called() {
	local port=$((5000 + $3))
	side "$1" b "$2" "$port" &
	SIDE_PID=$!
	wait_until 5 listens b "$port"
}

# caller NAME SCENARIO NUMBER [ARGUMENT...] - the calling side, to its end
caller() {
	local name=$1 scenario=$2 number=$3
	shift 3
	side "$name" a "$scenario" $((5100 + PAIRS)) -s "$number" -inf "$TD_TMP/from.csv" "$@" \
		"$(gw_ip4 a)"
}

declare -A PAIR_A PAIR_B

# pair_begin UAC UAS NUMBER - both ends in the background, until pair_end
pair_begin() {
	local name=$1-$2-$3
	PAIRS=$((PAIRS + 1))
	called "$name-b" "$2" "$3"
	PAIR_B[$name]=$SIDE_PID
	caller "$name-a" "$1" "$3" &
	PAIR_A[$name]=$!
}

# pair_end TEXT UAC UAS NUMBER - ok when both ends are content. LAST_A and LAST_B name them.
pair_end() {
	local name=$2-$3-$4 good=1
	LAST_A=$name-a LAST_B=$name-b
	wait "${PAIR_A[$name]}" || { good=0; why "$LAST_A"; }
	wait "${PAIR_B[$name]}" || { good=0; why "$LAST_B"; }
	judge "$good" "$1 ($2, $3)" "$4"
}

# pair TEXT UAC UAS [NUMBER] - one call
pair() {
	pair_begin "$2" "$3" "${4:-1002}"
	pair_end "$1" "$2" "$3" "${4:-1002}"
}

# alone TEXT UAC NUMBER - a call that reaches nobody
alone() {
	local good=1
	LAST_A=$2-$3-a
	PAIRS=$((PAIRS + 1))
	caller "$LAST_A" "$2" "$3" || { good=0; why "$LAST_A"; }
	judge "$good" "$1 ($2)" "$3"
}

# why NAME - of a sipp that was not content
why() {
	[ -s "$TD_TMP/sipp-$1/errors" ] && diag "$1: $(head -c 1500 "$TD_TMP/sipp-$1/errors")"
	return 0
}

called_is_free() { show_has "all(.[]; .to != \"$1\")" show calls; }

# judge GOOD TEXT NUMBER
judge() {
	if [ "$1" = 1 ] && wait_until 5 called_is_free "$3"; then
		ok "$2"
	else
		not_ok "$2"
		diag "calls: $(tdj show calls | jq -c .)"
	fi
}

# what must be true at the end of every script
nothing_left() {
	check "no call is left" wait_until 5 show_has 'length == 0' show calls
	check "no media flow is left" wait_until 2 no_kernel_flows
	check "no set-up is counted" wait_until 2 show_has '.sip.setups_now == 0' show stats
}

# told SIDE TEXT REGEX - a message that sipp SIDE got or sent matches
told() { has "$2" "$3" "$TD_TMP/sipp-$1/messages"; }
# reason CAUSE - the refusal that the caller got says why (RFC 6432)
reason() { told "$LAST_A" "... with Reason: Q.850;cause=$1" "^Reason: *Q\.850;cause=$1\b"; }
