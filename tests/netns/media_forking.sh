#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# Media forking: a recorder on a third host hears both parties of a call, from the start, while
# the media stay in the kernel; also after the worker's death, by the relay, and for one phone
# alone. The call does not mind, not even when the recorder is gone.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [phone b]
#     440 Hz                          |  rec0 ---- eth0 10.3.0.2 [recorder]     880 Hz
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool socat

LAB_NODES+=("c rec0 10.3.0 fd00:3:")
declare -A EAR

# config [OF_GLOBAL] [OF_A] [XDP]
config() {
	OFFICE_GLOBAL="	list interface 'rec0'
$1" OFFICE_A=${2:-} office_config "${3:-auto}" >"$TD_CONF"
}
forking() { echo "	option media_forking '$1'"; }

# ear PORT - a socket of the recorder; what it hears, in whole datagrams, to ear-PORT
ear() {
	ns_exec c socat -u -b 65536 "UDP6-RECV:$1,ipv6only=0" "CREATE:$TD_TMP/ear-$1" </dev/null \
		>/dev/null 2>&1 &
	EAR[$1]=$!
	wait_until 5 listens_udp "$1"
}
listens_udp() { in_ns c ss -Hlun "sport = $1" | grep -q .; }
ears() { local p; for p in 30000 30001 30002 30003; do ear "$p" || return; done; }
deaf() {
	local p
	for p in "${!EAR[@]}"; do kill "${EAR[$p]}"; wait "${EAR[$p]}" 2>/dev/null; unset "EAR[$p]"; done
}
# packets PORT - RTP packets of 20 ms of G.711 that came to it
packets() { echo $(($(stat -c %s "$TD_TMP/ear-$1" 2>/dev/null || echo 0) / 172)); }
heard_more() { [ "$(packets "$1")" -ge "$2" ]; }
both_heard() { heard_more 30000 "$1" && heard_more 30002 "$1"; }

# tone PORT HZ SECONDS - what came to the port is that tone
tone() {
	python3 - "$TD_TMP/ear-$1" "$TD_TMP/ear-$1.ul" <<-'PY'
	import sys
	data = open(sys.argv[1], "rb").read()
	pcm = b"".join(data[i + 12:i + 172] for i in range(0, len(data) - 171, 172) if data[i] == 0x80)
	open(sys.argv[2], "wb").write(pcm)
	PY
	sox -t ul -r 8000 -c 1 "$TD_TMP/ear-$1.ul" -b 16 "$TD_TMP/ear-$1.wav" &&
		"$TD_ROOT/tests/lib/tone.py" "$TD_TMP/ear-$1.wav" "$2" "$3"
}

paths() { tdj show calls | jq -r '[.[0].legs[].path]|join(" ")'; }
call_id() { tdj show calls | jq '.[0].id'; }
leg_forks() { tdj show call "$(call_id)" | jq -r "[.legs[].$1]|join(\" \")"; }
none_missed_now() { [ "$(leg_forks forks_missed)" = "$MISSED" ]; }

setup() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	config "$(forking 10.3.0.2:30000)"
	check "tandemd takes calls" daemon_start "$TD_CONF" || return
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register by digest" wait_until 10 registered_is 2
}

case_both_heard() {
	local udp
	ears
	wire_start a a udp
	wire_start b b udp
	wire_start c c udp
	call_up || return
	check "media flow" wait_until 5 legs_have 5
	udp=$(udp_in router)
	check "three seconds of both reach the recorder" wait_until 10 both_heard 150
	equal "the media stay in the kernel" "xdp xdp" "$(paths)"
	equal "no UDP packet reached the router's sockets" "$udp" "$(udp_in router)"
	equal "show call tells where copies go" "10.3.0.2:30000 10.3.0.2:30002" "$(leg_forks media_forking)"
	equal "show flows says it too" 2 "$(tdj show flows | jq '[.[]|select(.forked)]|length')"
	at_least "and how many" 300 "$(leg_forks forked_packets | tr ' ' + | bc)"
	MISSED=$(leg_forks forks_missed)
	check "RTCP is copied to the ports beside" wait_until 10 test -s "$TD_TMP/ear-30001"
}

case_worker_killed() {
	local old n
	old=$(pgrep -P "$DAEMON_PID" | head -1)
	n=$(packets 30000)
	kill -KILL "$old"
	check "a new worker is there" wait_until 5 new_worker "$old"
	check "two seconds more of both" wait_until 10 both_heard $((n + 100))
	equal "its call is forked as before" "10.3.0.2:30000 10.3.0.2:30002" "$(leg_forks media_forking)"
	equal "in the kernel" "xdp xdp" "$(paths)"
	check "no copy found no way since the first ones" none_missed_now
}

case_what_was_heard() {
	wire_stop a b c
	equal "b: no gap" 0 "$(wire_gaps b "ip.dst == $(node_ip4 b)")"
	equal "a: no gap" 0 "$(wire_gaps a "ip.dst == $(node_ip4 a)")"
	equal "the recorder: no gap, over the worker's death" 0 "$(wire_gaps c "ip.dst == 10.3.0.2")"
	equal "copies are marked as media" 46 "$(wire_dscp c "rtp and ip.dst == 10.3.0.2")"
	equal "their checksums are right" 0 "$(wire_bad_checksums c "rtp and ip.dst == 10.3.0.2")"
	equal "each side comes from the port that its party sends to" \
		"$(tdj show flows | jq -r '.[].local|sub(".*:";"")' | sort | paste -sd,)" \
		"$(wire_read c "rtp and ip.dst == 10.3.0.2" udp.srcport | sort -u | paste -sd,)"
	deaf
	check "the recorder heard the caller's $A_HZ Hz" tone 30000 "$A_HZ" 4
	check "and the called one's $B_HZ Hz" tone 30002 "$B_HZ" 4
}

# the recorder's host goes: its copies are lost, nothing else
case_recorder_gone() {
	local n
	wire_start gone b udp
	ip -n "$(lab_ns c)" link set eth0 down
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max')
	check "the call goes on" wait_until 10 legs_have $((n + 100))
	wire_stop gone
	equal "without a gap" 0 "$(wire_gaps gone "ip.dst == $(node_ip4 b)")"
	ip -n "$(lab_ns c)" link set eth0 up
	ip -n "$(lab_ns c)" addr add fd00:3::2/64 dev eth0 nodad
	call_down
}

case_ipv6_recorder() {
	config "" "$(forking '[fd00:3::2]:30000')"
	check "reload: now alice's calls alone, to an IPv6 address" td reload
	ears
	wire_start six c udp
	call_up || return
	check "two seconds of both" wait_until 10 both_heard 100
	wire_stop six
	equal "in the kernel" "xdp xdp" "$(paths)"
	equal "checksums are right" 0 "$(wire_bad_checksums six "rtp and ipv6.dst == fd00:3::2")"
	deaf
	check "the caller's tone" tone 30000 "$A_HZ" 1
	check "the called one's" tone 30002 "$B_HZ" 1
	call_down
}

case_relay() {
	config "" "$(forking 10.3.0.2:30000)" off
	check "reload: no XDP" td reload
	ears
	call_up || return
	check "two seconds of both" wait_until 10 both_heard 100
	equal "by the relay" "relay relay" "$(paths)"
	at_least "which counts copies" 200 "$(leg_forks forked_packets | tr ' ' + | bc)"
	call_down
	deaf
	check "the caller's tone" tone 30000 "$A_HZ" 1
	check "the called one's" tone 30002 "$B_HZ" 1
}

case_not_forked() {
	config "" ""
	check "reload: no recorder" td reload
	ears
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	equal "show call says so" " " "$(leg_forks media_forking)"
	call_down
	deaf
	equal "nothing is copied" 0 "$(packets 30000)"
	config "$(forking 10.3.0.2:30001)"
	"$TD_BUILD/tandemd" -c "$TD_CONF" --check >"$TD_TMP/check" 2>&1
	equal "an odd port is refused" 1 $?
	has "with the reason" "media_forking: '?10.3.0.2:30001'? needs an even port" "$TD_TMP/check"
}

setup || finish
run_cases case_both_heard case_worker_killed case_what_was_heard case_recorder_gone case_ipv6_recorder \
	case_relay case_not_forked
