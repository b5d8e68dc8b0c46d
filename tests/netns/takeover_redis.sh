#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
# waits
#
# Three routers, each with a Redis and a sentinel. Any of them may be lost, with its Redis, whether that
# is the master or not: another one goes on with its call, and knows who is registered.
#
#   [phone a], [phone b] -- switch -- [ router, second, third ] -- br-link: Redis
source "$(dirname "$0")/../lib/lib.sh"
REDUNDANT_ROUTERS="router second third"
source "$(dirname "$0")/../lib/redundancy.sh"
need_root
need_daemon
need_tool redis-server
need_tool redis-cli

SECRET=a-secret-of-three-routers
PASSWORD=only-for-redis
declare -A REDIS_PID SENTINEL_PID
declare -A LINK=([router]=10.9.0.1 [second]=10.9.0.2 [third]=10.9.0.3)

# redis_start ROUTER - a server, and a sentinel
redis_start() {
	local dir=$TD_TMP/redis-$1
	mkdir -p "$dir"
	[ -e "$dir/redis.conf" ] || {
		cat >"$dir/redis.conf" <<-CONF
		bind ${LINK[$1]} 127.0.0.1
		dir $dir
		save ""
		requirepass $PASSWORD
		masterauth $PASSWORD
		repl-diskless-sync-delay 0
		CONF
		[ "$1" = router ] || echo "replicaof ${LINK[router]} 6379" >>"$dir/redis.conf"
		cat >"$dir/sentinel.conf" <<-CONF
		bind ${LINK[$1]} 127.0.0.1
		dir $dir
		sentinel monitor office ${LINK[router]} 6379 2
		sentinel auth-pass office $PASSWORD
		sentinel down-after-milliseconds office 1000
		sentinel failover-timeout office 4000
		CONF
	}
	ns_exec "$1" redis-server "$dir/redis.conf" >>"$dir/log" 2>&1 </dev/null &
	REDIS_PID[$1]=$!
	ns_exec "$1" redis-server "$dir/sentinel.conf" --sentinel >>"$dir/log-sentinel" 2>&1 </dev/null &
	SENTINEL_PID[$1]=$!
}
# redis ROUTER COMMAND...
redis() { in_ns "$1" redis-cli --no-auth-warning -a "$PASSWORD" "${@:2}"; }
sentinels_agree() {
	in_ns "$1" redis-cli -p 26379 sentinel master office | paste -sd' ' |
		grep -q 'num-slaves 2 num-other-sentinels 2'
}

router_config() {
	redundant_config "$SECRET" | sed "s/option hostname .*/option hostname '$1'/; /option primary/d
		s/option secondary.*/list redis '${LINK[router]}'\n\t\tlist redis '${LINK[second]}'\n\t\tlist redis '${LINK[third]}'/
		s/\(option replicate_secret.*\)/\1\n\t\toption redis_sentinel 'office'\n\t\toption redis_password '$PASSWORD'/"
}

# meets ROUTER - it has stored its own, and has what the others stored
meets() { on "$1" show_has '.it_has_copies and .we_have_copies and (.routers|length) == 2' show replication; }
# copies ROUTER OF CALLS REGISTRATIONS - what it has of another
copies() { on "$1" show_has ".routers[]|select(.name == \"$2\")|.copies == $3 and .registrations == $4" show replication; }
is_up_at() { on "$1" show_has 'length == 1 and .[0].state == "up"' show calls; }

# lost ROUTER - its cables, its daemon, its Redis: nobody is told
lost() {
	local pid=${ROUTER_PID[$1]:-}
	[ "$1" = router ] && pid=$DAEMON_PID && DAEMON_PID=
	cables "$1" down
	kill -KILL "$pid" "${REDIS_PID[$1]}" "${SENTINEL_PID[$1]}"
	wait "$pid" "${REDIS_PID[$1]}" "${SENTINEL_PID[$1]}" 2>/dev/null
	check "$1 is gone" wait_until 5 nobody_in "$1"
	addresses_from "$1"
}
nobody_in() { [ -z "$(ip netns pids "$(lab_ns "$1")")" ]; }

# goes_on ROUTER - by what it remembers: Redis may be gone, too
goes_on() {
	local n
	addresses_to "$1"
	check "$1 goes on with the call" on "$1" show_has '.taken_over == 1 and .failed == 0' takeover
	check "$1: both phones are registered" on "$1" registered_is 2
	check "$1: the call is up" wait_until 5 is_up_at "$1"
	n=$(on "$1" tdj show calls | jq '[.[0].legs[].rx_packets]|max // 0')
	check "$1: media flow" wait_until 10 on "$1" legs_have $((n + 50))
	equal "$1: by XDP" "xdp xdp" "$(on "$1" tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
}

case_start() {
	local r
	redundant_setup
	for r in router second third; do redis_start "$r"; done
	check "the sentinels know each other and the replicas" wait_until 20 sentinels_agree router
	router_config router >"$TD_TMP/tandem"
	check "the first router takes calls" daemon_start "$TD_TMP/tandem" || return
	for r in second third; do
		router_config "$r" >"$TD_TMP/$r.conf"
		check "$r, too" another_start "$r" "$TD_TMP/$r.conf"
	done
	for r in router second third; do check "$r meets the others" wait_until 10 meets "$r"; done
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	for r in second third; do
		check "$r has copies" wait_until 5 copies "$r" router 1 2
	done
}

case_secret() {
	redis router --scan --pattern 'tandem:*:calls:router:*' >"$TD_TMP/keys"
	equal "the call is stored" 1 "$(redis router hlen "$(cat "$TD_TMP/keys")")"
	redis router hgetall "$(cat "$TD_TMP/keys")" >"$TD_TMP/stored"
	check "it has the size of a record" test "$(wc -c <"$TD_TMP/stored")" -gt 500
	not grep -aqE "$A_NUMBER|$(node_ip4 a)" "$TD_TMP/stored"
	check "somebody says what is not so" redis router publish "$(sed 's/calls:.*/said/' "$TD_TMP/keys")" \
		"a call of 1001 with the minister"
	check "nobody believes it" wait_until 5 grep -q 'not to be believed' "$TD_TMP/third/log"
	check "... nor anything else of it" copies third router 1 2
}

# with it the master of Redis
case_first_lost() {
	lost router
	goes_on third
	check "another Redis is the master" wait_until 20 meets third
	check "second has a copy of the call, of third now" wait_until 10 copies second third 1 2
	check "... and none of the first router's" on second show_has '.copies == 1' show replication
	phone_do a hold
	check "a holds" wait_until 5 on third show_has '.[0].state == "held"' show calls
	phone_do a resume
	check "a resumes" wait_until 5 is_up_at third
}

case_first_returns() {
	cables router up
	redis_start router
	check "the first router is back" daemon_start "$TD_TMP/tandem"
	check "it meets the others" wait_until 20 meets router
	check "it does not have the call" show_has 'length == 0' show calls
	check "nor the phones" registered_is 0
	check "it has a copy, and third has it" copies router third 1 2
	check "third knows that the first let go" wait_until 5 on third show_has '.taken_over == 0' show replication
	check "the sentinels are three again" wait_until 30 sentinels_agree second
}

case_third_lost() {
	wire_start a a udp
	lost third
	goes_on second
	phone_mark a
	phone_do b hangup
	check "b's hang-up reaches a" phone_wait a CALL_CLOSED
	check "no call is left" wait_until 5 on second show_has 'length == 0' show calls
	check "... nor a copy" wait_until 20 copies router second 0 2
	wire_stop a
	equal "a has not registered since" 0 "$(wire_count a 'sip.CSeq.method == "REGISTER"')"
}

case_end() {
	local r
	kill -TERM "${ROUTER_PID[second]}"
	wait "${ROUTER_PID[second]}"
	equal "second ends well" 0 $?
	daemon_stop
	equal "the first, too" 0 $?
	pins_remove "$TD_PIN-second"
	pins_remove "$TD_PIN-third"
	for r in router second; do kill "${SENTINEL_PID[$r]}" "${REDIS_PID[$r]}"; done
	wait "${SENTINEL_PID[@]}" "${REDIS_PID[@]}" 2>/dev/null
	return 0
}

run_cases case_start case_secret case_first_lost case_first_returns case_third_lost case_end
