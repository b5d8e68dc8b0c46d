#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# waits
#
# A trunk by name: dnsmasq tells where the carrier is. SRV chooses host and port, NAPTR the
# transport, a host that fails gives way to the next, what is told is true for its TTL, and a name
# that does not exist has no calls.
#
#   [phone: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [dnsmasq; carriers: sipp :7001 :7002, nobody :7008, a mute :7009]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp
need_tool dnsmasq

PAIR_CALLED=""
OFFICE_GLOBAL="	list nameserver '$(node_ip4 b)'"

trunk_config() {
	cat <<-UCI
	config trunk 'carrier'
		option host 'carrier.test'
		$1
		option answer_timeout '2'

	config dialpeer 'out'
		option destination_pattern '9T'
		option trunk 'carrier'
		option strip_digits '1'
	UCI
}

configure() {
	OFFICE_MORE=$(trunk_config "${1:-}")
	pair_config >"$TD_CONF"
}

# zone RECORD-OPTION... - dnsmasq anew, with these records alone and 5 s to live
zone() {
	kill_pids 5 "${DNS_PID:-}"
	ns_exec b dnsmasq -k -C /dev/null -p 53 --no-resolv --no-hosts --local-ttl=5 --neg-ttl=5 --auth-ttl=5 \
		--local=/test/ --listen-address="$(node_ip4 b)" --bind-interfaces --user=root --pid-file= \
		--log-queries --log-facility="$TD_TMP/dns.log" "$@" >/dev/null 2>&1 </dev/null &
	DNS_PID=$!
	wait_until 10 listens b 53
}

HOST=(--host-record="host.carrier.test,$(node_ip4 b)")
srv() { echo "--srv-host=_sip.$1.carrier.test,host.carrier.test,$2,$3,1"; }

# said TEXT REGEX [SECONDS] - a line of the log from now on
mark_log() { LOG_MARK=$(wc -c <"$TD_LOG"); }
log_has() { tail -c +$((LOG_MARK + 1)) "$TD_LOG" | grep -qE "$1"; }
said() { check "$1" wait_until "${3:-20}" log_has "$2"; }

# carrier NAME PORT [SIPP-ARGUMENT...] - one call is answered there
carrier() {
	local name=$1 port=$2
	shift 2
	side "$name" b uas_basic "$port" "$@" &
	FAR=$!
	wait_until 5 listens_any b "$port"
}
listens_any() { in_ns "$1" ss -Hltun "sport = $2" | grep -q .; }

# call NAME - from the phone, to its end, and the carrier's
call() {
	PAIRS=$((PAIRS + 1))
	check "$2" caller "$1-a" uac_basic 9030123456
	wait "$FAR"
	equal "the carrier is content" 0 $?
}

case_srv() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	printf 'SEQUENTIAL\n1001\n' >"$TD_TMP/from.csv"
	check "the DNS server is there" zone "${HOST[@]}" "$(srv _udp 7001 10)"
	configure
	check "--check accepts a name" "$TD_BUILD/tandemd" --check -c "$TD_CONF"
	check "tandemd takes calls" daemon_start "$TD_CONF" || exit 1
	LOG_MARK=0
	said "the name is found by SRV" "trunk=carrier host=carrier.test is at $(node_ip4 b):7001 transport=udp hosts=1 ttl=5"
	equal "show trunks" up "$(tdj show trunks | jq -r '.[].state')"
	carrier one-b 7001
	call one "a call goes there"
	told one-b "and asks for the domain" '^INVITE sip:030123456@carrier\.test SIP'
	told one-b "which is in To, too" '^To: *<sip:030123456@carrier\.test>'
}

case_incoming() {
	local phone
	side in-a a uas_basic 5060 &
	phone=$!
	wait_until 5 listens a 5060
	check "a call from its host is the trunk's" \
		side in-b b uac_basic 7001 -s 1001 -inf "$TD_TMP/from.csv" "$(gw_ip4 b)"
	wait "$phone"
}

case_failover() {
	mark_log
	in_ns b socat -u "UDP-RECV:7009" "OPEN:$TD_TMP/mute,creat" &
	zone "${HOST[@]}" "$(srv _udp 7009 10)" "$(srv _udp 7008 20)" "$(srv _udp 7002 30)"
	said "asked again when the time is over" "is at $(node_ip4 b):7009 .*hosts=3"
	carrier two-b 7002
	call two "a call passes a host that is mute, and one where nobody is"
	check "the mute one was asked" test -s "$TD_TMP/mute"
	said "the log names the hosts" "host $(node_ip4 b):7009 fails, next is $(node_ip4 b):7008"
	carrier three-b 7002
	PAIRS=$((PAIRS + 1))
	rm -f "$TD_TMP/mute"
	call three "the next call goes to the good one at once"
	equal "the mute one is not asked" 0 "$(stat -c %s "$TD_TMP/mute" 2>/dev/null || echo 0)"
}

case_silence() {
	mark_log
	kill_pids 5 "$DNS_PID"
	said "a server that does not answer takes no host away" "carrier.test not found: .*its old hosts stay" 30
	carrier four-b 7002
	call four "calls go on"
}

case_absent() {
	mark_log
	zone --host-record="other.test,$(node_ip4 b)"
	said "a name that does not exist any more" "carrier.test not found: no such name" 40
	equal "show trunks" down "$(tdj show trunks | jq -r '.[].state')"
	PAIRS=$((PAIRS + 1))
	check "and a call ends at once" caller five-a uac_503 9030123456
}

case_naptr() {
	mark_log
	zone "${HOST[@]}" "$(srv _udp 7001 10)" "$(srv _tcp 7002 10)" \
		--naptr-record=carrier.test,10,20,s,SIP+D2U,,_sip._udp.carrier.test \
		--naptr-record=carrier.test,10,10,s,SIP+D2T,,_sip._tcp.carrier.test
	configure "option translation_incoming ''"
	sed -i '/translation_incoming/d' "$TD_CONF"
	sed -i "s/option answer_timeout '2'/option answer_timeout '3'/" "$TD_CONF"
	td reload >/dev/null
	said "NAPTR chooses TCP" "is at $(node_ip4 b):7002 transport=tcp" 70
	carrier six-b 7002 -t t1
	call six "a call by TCP"
	nothing_left
}

run_cases case_srv case_incoming case_failover case_silence case_absent case_naptr
