#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# The packet filter: our table beside an operator's that is never touched, limits and bans of
# hosts, who is exempt, and the table's life: flush, worker and master killed, stop, restart.
#
#   [a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool nft

# 20 a second and 30 at once; three wrong passwords
RULES="config sip 'sip'
	option rate_limit '20'
	option rate_burst '30'
	option ban_after '3'
	option ban_time '120'"

probe() { local node=$1; shift; in_ns "$node" "$TD_ROOT/tests/lib/sipprobe.py" --timeout 1 "$(gw_ip4 "$node")" "$@"; }
probe6() { local node=$1; shift; in_ns "$node" "$TD_ROOT/tests/lib/sipprobe.py" --timeout 1 "$(gw_ip6 "$node")" "$@"; }
rules() { in_ns router nft "$@"; }
ours() { rules list table inet tandem 2>/dev/null; }
ours_is_there() { ours >/dev/null; }
# everything but our table
others() { rules -s list ruleset | awk '/^table inet tandem /{ skip = 1 } !skip; /^}/{ skip = 0 }'; }
counted() { tdj show firewall | jq ".counters.$1.packets"; }
banned() { show_has "any(.banned[]; .address == \"$1\")" show firewall; }
known() { show_has "any(.known[]; . == \"$1\")" show firewall; }
registers() { probe "$1" register "$2" "$3" >/dev/null; }
configure() { OFFICE_MORE=$1 office_config off >"$TD_CONF"; td reload >/dev/null; }
router_empty() { [ -z "$(ip netns pids "$(lab_ns router)")" ]; }

operator_table() {
	rules -f - <<-'NFT'
	table inet fw4 {
		set staff { type ipv4_addr; flags interval; elements = { 10.1.0.0/24 } }
		counter seen { }
		chain input {
			type filter hook input priority filter; policy drop;
			iif "lo" accept
			udp dport 9 drop comment "operator's"
			meta l4proto { icmp, ipv6-icmp } accept
			ip saddr @staff accept
			udp dport { 5060, 16384-32767 } accept
			tcp dport 5060 accept
		}
	}
	table ip tandem {
		chain mine {
			counter packets 7 bytes 77 drop
		}
	}
	NFT
}

case_before() {
	lab_setup
	operator_table
	TD_CONF=$TD_TMP/tandem
	OFFICE_MORE=$RULES office_config off >"$TD_CONF"
	others >"$TD_TMP/before"
	grep -q 'table inet tandem' "$TD_TMP/before" && not_ok "no table before the start" ||
		ok "no table before the start"
	check "tandemd takes calls" daemon_start "$TD_CONF"
}

case_during() {
	local word
	ours >"$TD_TMP/ours"
	for word in 'priority filter - 5; policy accept' 'udp dport 5060 jump signalling' \
		'tcp dport 5060 jump signalling' 'rate over 20/second burst 30 packets' 'set trusted6' \
		'set banned4' 'counter rtp' 'udp dport 16384-32767'; do
		has "our table: $word" "$word" "$TD_TMP/ours"
	done
	grep -qw accept <(grep -v policy "$TD_TMP/ours") && not_ok "no rule of ours accepts" ||
		ok "no rule of ours accepts"
	others >"$TD_TMP/during"
	check "the operator's tables are the same" diff "$TD_TMP/before" "$TD_TMP/during"
	equal "show firewall says so" active "$(tdj show firewall | jq -r .state)"
}

case_flood() {
	local answered accepted
	probe a flood 400 >"$TD_TMP/flood" &
	check "a phone registers while another host floods" registers b "$B_NUMBER" "$B_PASSWORD"
	wait $!
	answered=$(<"$TD_TMP/flood")
	at_least "the flood has its burst" 20 "$answered"
	[ "$answered" -le 80 ] && ok "and hardly more ($answered of 400)" || not_ok "and hardly more ($answered of 400)"
	at_least "the rest is counted" 320 "$(counted sip_limited)"
	accepted=$(counted sip_accepted)
	at_least "as is what passed" "$answered" "$accepted"
	answered=$(probe6 a flood 200)
	[ "$answered" -ge 20 ] && [ "$answered" -le 80 ] && ok "IPv6 is limited too ($answered of 200)" ||
		not_ok "IPv6 is limited too ($answered of 200)"
}

case_exempt() {
	check "a registered host is known" wait_until 2 known "$(node_ip4 b)"
	at_least "and not limited" 100 "$(probe b flood 200)"
	td ban "$(node_ip4 b)" >"$TD_TMP/out" 2>&1
	equal "nor banned, even by order" 1 $?
	configure "$RULES
	list trusted '10.1.0.0/24'"
	has "a trusted network is in the kernel after a reload" '10.1.0.0/24' <(rules list set inet tandem trusted4)
	at_least "and not limited" 100 "$(probe a flood 200)"
	equal "wrong passwords do not ban there" "403 403 403 403 403 403" "$(probe a guess "$A_NUMBER" 6)"
	configure "$RULES"
	has "and out again" 'set trusted4' <(rules list set inet tandem trusted4)
	grep -q 10.1.0.0/24 <(rules list set inet tandem trusted4) && not_ok "the reload takes it out" || ok "the reload takes it out"
	rules list table inet tandem | grep -q 'elements = { 10.2.0.2 }' && ok "known hosts stay over it" || not_ok "known hosts stay over it"
}

# what a forger can send: answers to no challenge of ours, and to one that another host got
case_forged() {
	local theirs
	equal "made-up nonces tell nothing" "401 401 401 401 401 401" \
		"$(probe a guess "$A_NUMBER" 6 --nonce 0123456789abcdef0123456789abcdef0123456789abcdef)"
	theirs=$(probe b nonce "$A_NUMBER")
	equal "nor do another host's" "401 401 401 401 401 401" "$(probe a guess "$A_NUMBER" 6 --nonce "$theirs")"
	equal "nobody was banned for them" 0 "$(tdj show firewall | jq '.banned|length')"
}

case_ban() {
	equal "guessing passwords ends in silence" "403 403 403 silence" "$(probe a guess "$A_NUMBER" 9)"
	check "the host is banned" banned "$(node_ip4 a)"
	has "with its reason in the kernel" '10.1.0.2 timeout 2m expires .* comment "3 wrong passwords"' \
		<(rules list set inet tandem banned4)
	check "and the time that is left" show_has '.banned[0] | .left_s > 100 and .left_s <= 120 and .seconds == 120' \
		show firewall
	has "it is logged" 'banned address=10.1.0.2 seconds=120' "$TD_LOG"
	at_least "what it sends is counted" 1 "$(counted sip_banned)"
	probe a --tcp options >/dev/null 2>&1 && not_ok "TCP is closed to it" || ok "TCP is closed to it"
	in_ns a timeout 2 bash -c "</dev/tcp/$(gw_ip4 a)/22" 2>"$TD_TMP/out"
	has "other ports are not: here nobody listens" refused "$TD_TMP/out"
	check "unban" td unban "$(node_ip4 a)"
	check "ends it" probe a options
	td unban "$(node_ip4 a)" >/dev/null 2>&1
	equal "and once only" 1 $?
	equal "over TCP it is the same" "403 403 403 silence" "$(probe a --tcp guess "$A_NUMBER" 9)"
	check "unban" td unban "$(node_ip4 a)"
	setpriv --reuid=tandem --regid=tandem --clear-groups "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" \
		ban 10.1.0.2 >/dev/null 2>&1
	equal "only root bans" 1 $?
	check "ban by order, for a second" td ban "$(node_ip4 a)" 1
	check "it ends by itself" wait_until 4 not banned "$(node_ip4 a)"
	check "IPv6 as well" td ban "$(node_ip6 a)" 60
	probe6 a options >/dev/null && not_ok "it is silent there" || ok "it is silent there"
	td unban "$(node_ip6 a)" >/dev/null
}

case_flushed() {
	check "ban a host" td ban "$(node_ip4 a)" 600
	rules delete table inet tandem >/dev/null 2>&1 && not_ok "nobody else deletes our table" ||
		ok "nobody else deletes our table"
	rules flush chain inet tandem signalling >/dev/null 2>&1 && not_ok "nor flushes a chain" || ok "nor flushes a chain"
	check "the operator flushes all" rules flush ruleset
	equal "his tables are gone" "" "$(others)"
	check "ours is there within a second" wait_until 1 ours_is_there
	check "with its bans" banned "$(node_ip4 a)"
	probe a options >/dev/null && not_ok "which hold" || ok "which hold"
	operator_table
	others >"$TD_TMP/again"
	check "his own come back as they were" diff "$TD_TMP/before" "$TD_TMP/again"
}

case_worker_killed() {
	local old before
	old=$(worker_pid) before=$(counted sip_limited)
	kill -STOP "$DAEMON_PID"	# so that nobody starts another one while we look
	kill -KILL "$old"
	probe a options >/dev/null && not_ok "without a worker the ban holds" || ok "without a worker the ban holds"
	check "and the table is there" ours_is_there
	kill -CONT "$DAEMON_PID"
	check "a new worker answers" wait_until 3 new_worker "$old"
	check "it knows the ban" banned "$(node_ip4 a)"
	check "it knows who is registered" wait_until 2 known "$(node_ip4 b)"
	at_least "counters go on" "$before" "$(counted sip_limited)"
	equal "no rule stands twice" 1 "$(ours | grep -c 'jump signalling.*' | awk '{ print $1 / 2 }')"
	check "and it can end it" td unban "$(node_ip4 a)"
	check "the host is heard again" probe a options
}

case_upgraded() {
	local before
	before=$(worker_pid)
	check "ban a host" td ban "$(node_ip4 a)" 600
	ns_exec router nft monitor tables >"$TD_TMP/events" 2>&1 &
	check "upgrade" td upgrade
	check "another version answers" wait_until 10 new_worker "$before"
	check "it knows the ban" banned "$(node_ip4 a)"
	check "and can end it" td unban "$(node_ip4 a)"
	kill $!
	wait $! 2>/dev/null
	grep -q 'delete table' "$TD_TMP/events" && not_ok "the table was never away" || ok "the table was never away"
}

case_off() {
	configure "config sip 'sip'
	option firewall '0'"
	ours_is_there && not_ok "firewall 0: the table is gone" || ok "firewall 0: the table is gone"
	equal "show firewall says off" off "$(tdj show firewall | jq -r .state)"
	td ban "$(node_ip4 a)" >"$TD_TMP/out" 2>&1
	has "a ban is refused with the reason" 'firewall is off' "$TD_TMP/out"
	at_least "nobody is limited" 100 "$(probe a flood 200)"
	configure "$RULES"
	check "firewall 1: it is back" ours_is_there
	rules list set inet tandem known4 | grep -q 10.2.0.2 && ok "with the registered hosts" || not_ok "with the registered hosts"
}

case_stop() {
	check "SIGTERM ends it well" daemon_stop
	ours_is_there && not_ok "no table is left" || ok "no table is left"
	others >"$TD_TMP/after"
	check "the operator's tables are the same as before" diff "$TD_TMP/before" "$TD_TMP/after"
}

case_master_killed() {
	check "it starts again" daemon_start "$TD_CONF"
	check "with its table" ours_is_there
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	DAEMON_PID=
	check "the worker ends with its master" wait_until 5 router_empty
	check "and so does the table" wait_until 2 not ours_is_there
	# a table of our name that somebody restored from a file
	rules add table inet tandem
	rules add set inet tandem banned4 '{ type inet_service; }'
	check "the next start works" daemon_start "$TD_CONF"
	has "and takes the place of what stood there" 'type ipv4_addr' <(rules list set inet tandem banned4)
	has "and is active" 'flags owner' <(ours)
	others >"$TD_TMP/after"
	check "the operator's tables are the same as before" diff "$TD_TMP/before" "$TD_TMP/after"
}

case_second_owner() {
	local other
	check "it ends well" daemon_stop
	ns_exec router python3 - <<-'PY' &
	import socket, struct, time
	def nl(t, f, s, p, fam): return struct.pack("=LHHLL", 20 + len(p), t, f, s, 0) + struct.pack(">BBH", fam, 0, 10 if t in (16, 17) else 0) + p
	def attr(t, v): return (struct.pack("=HH", 4 + len(v), t) + v).ljust((len(v) + 7) & ~3, b"\0")
	s = socket.socket(16, 3, 12)
	s.sendto(nl(16, 1, 1, b"", 0) + nl(0xa00, 0x401, 2, attr(1, b"tandem\0") + attr(2, struct.pack(">L", 2)), 1) + nl(17, 1, 3, b"", 0), (0, 0))
	time.sleep(60)
	PY
	other=$!
	wait_until 5 ours_is_there
	check "another program owns the name: calls are taken all the same" daemon_start "$TD_CONF"
	equal "and it is shown" failed "$(tdj show firewall | jq -r .state)"
	has "with the reason" 'another program owns' "$TD_LOG"
	kill "$other"
	wait "$other" 2>/dev/null
	td reload >/dev/null
	check "a reload takes the place when it is free" show_has '.state == "active"' show firewall
}

run_cases case_before case_during case_flood case_exempt case_forged case_ban case_flushed \
	case_worker_killed case_upgraded case_off case_stop case_master_killed case_second_owner
