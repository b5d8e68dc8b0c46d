#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# A conference in the media thread: three RTP phones (Python's codecs, other packet sizes and
# address families) meet in one mixer. Each must hear the tones of the others and not its own;
# muting and leaving are heard; the recording holds what was said.
#
#   [a 10.1.0.2 pcmu] ---- lan0 [ meet: plane, thread, mixer ] wan0 ---- [b 10.2.0.2 pcma]
#                                        opt0 ---- [c fd00:3::2 l16, packets of 30 ms]
source "$(dirname "$0")/../lib/lib.sh"
need_root
MEET=$TD_BUILD/tests/progs/meet
[ -x "$MEET" ] || skip_all "needs $MEET"
LAB_NODES+=("c opt0 10.3.0 fd00:3:")
lab_setup
PHONE=$TD_ROOT/tests/lib/rtpphone.py
TONE=$TD_ROOT/tests/lib/tone.py

meet_up() {
	mkfifo "$TD_TMP/orders"
	ns_exec router "$MEET" "pcmu/0/$(node_ip4 a)/4000/$(gw_ip4 a)" \
		"pcma/8/$(node_ip4 b)/4000/$(gw_ip4 b)" "l16/96/$(node_ip6 c)/4000/$(gw_ip6 c)" \
		<"$TD_TMP/orders" >"$TD_TMP/meet.out" 2>"$TD_TMP/meet.err" &
	exec 7>"$TD_TMP/orders"
}
meet_says() { grep -q "$1" "$TD_TMP/meet.out"; }
meet_port() { sed -n "s/^party $1 port //p" "$TD_TMP/meet.out"; }
order() { echo "$*" >&7; wait_until 5 meet_says "^done $1"; }

# phone NODE LOCAL GATEWAY PARTY CODEC PT HZ SECONDS NAME [PTIME]
phone() {
	in_ns "$1" python3 "$PHONE" "$2" 4000 "$3" "$(meet_port "$4")" "$5" "$6" "$7" "$8" \
		"$TD_TMP/$9.wav" "${10:-20}" >"$TD_TMP/$9.txt"
}
phone_a() { phone a "$(node_ip4 a)" "$(gw_ip4 a)" 0 pcmu 0 400 "$1" "$2"; }
phone_b() { phone b "$(node_ip4 b)" "$(gw_ip4 b)" 1 pcma 8 700 "$1" "$2"; }
phone_c() { phone c "$(node_ip6 c)" "$(gw_ip6 c)" 2 l16 96 1160 "$1" "$2" 30; }

hears() { check "$1 hears $2 Hz" python3 "$TONE" "$TD_TMP/$1.wav" "$2" "$3"; }

case_three_meet() {
	local pids=()
	meet_up
	check "the plane is up" wait_until 10 meet_says '^ready' || return
	phone_a 8 a1 & pids+=($!)
	phone_b 8 b1 & pids+=($!)
	phone_c 8 c1 & pids+=($!)
	order record "$TD_TMP/rec.wav"
	wait "${pids[@]}"
	hears a1 700+1160 5
	hears b1 400+1160 5
	hears c1 400+700 5
	for p in a1 b1 c1; do
		has "$p: one stream, nothing lost, with reports" \
			'lost=0 wrong=0 ssrcs=1 reports=[12]' "$TD_TMP/$p.txt"
	done
	order stop
	check "the recording is closed" wait_until 5 meet_says '^recorded .*left_out=0 err=0'
	check "the recording holds all three" python3 "$TONE" "$TD_TMP/rec.wav" 400+700+1160 5
}

case_one_is_muted_one_leaves() {
	local pids=()
	order mute 1
	phone_a 4 a2 & pids+=($!)
	phone_b 4 b2 & pids+=($!)
	phone_c 4 c2 & pids+=($!)
	wait "${pids[@]}"
	hears a2 1160 2
	hears b2 400+1160 2
	pids=()
	order leave 2
	order unmute 1
	phone_a 4 a3 & pids+=($!)
	phone_b 4 b3 & pids+=($!)
	wait "${pids[@]}"
	hears a3 700 2
	hears b3 400 2
}

case_figures() {
	exec 7>&-
	check "ends by itself" wait_until 5 meet_says '"audio"'
	grep '"audio"' "$TD_TMP/meet.out" >"$TD_TMP/show.json"
	equal "two parties and the mixer are left" "mixer rtp rtp" \
		"$(jq -r '[.audio.nodes[].type] | sort | join(" ")' "$TD_TMP/show.json")"
	equal "no packet was lost on the way in" 0 \
		"$(jq '[.audio.nodes[] | select(.type == "rtp") | .lost] | add' "$TD_TMP/show.json")"
	equal "and none was refused" 0 \
		"$(jq '[.audio.nodes[] | select(.type == "rtp") | .refused] | add' "$TD_TMP/show.json")"
}

run_cases case_three_meet case_one_is_muted_one_leaves case_figures
