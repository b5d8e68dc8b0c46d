#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# Video beside the sound, between two real phones: flows of its own through XDP, with a mark of its
# own, through another mark, a killed worker, hold, the relay, and past the router.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

PHONE_CONFIG='module vp8.so
	module fakevideo.so
	video_source fakevideo
	video_display fakevideo
	video_size 176x144
	video_bitrate 256000
	video_fps 25'
PHONE_PARAMS=';video_codecs=vp8'
OFFICE_GLOBAL="	option dscp_video 'af41'"

video() { tdj show calls | jq -r "[.[0].legs[].video.$1] | join(\" \")"; }
# video_has PACKETS - of each phone, as counted by the router
video_has() { show_has "length == 1 and ([.[0].legs[].video.rx_packets] | length == 2 and min >= $1)" show calls; }
video_max() { tdj show calls | jq '[.[0].legs[].video.rx_packets] | max // 0'; }
# which packets on the wire: those between phones and the ports that the router told for video
is_video() { echo "rtp and ($(video local_media | sed 's/[^ ]*:\([0-9]*\)/udp.port == \1/g; s/ udp/ or udp/'))"; }

case_call() {
	local udp
	wire_start a a udp
	wire_start b b udp
	call_up || return
	check "video comes from both" wait_until 10 video_has 5
	udp=$(udp_in router)
	check "and goes on" wait_until 10 video_has 60
	equal "no UDP packet reached the router's sockets" "$udp" "$(udp_in router)"
	equal "both ways on path xdp" "xdp xdp" "$(video path)"
	equal "its codec" "VP8 VP8" "$(video codec)"
	equal "its mark, beside that of the sound" "34 34 46 46" \
		"$(video dscp) $(tdj show calls | jq -r '[.[0].legs[].dscp]|join(" ")')"
	equal "two flows more" 4 "$(kernel_flows)"
	equal "show flows tells them apart" "rtp rtp video video" \
		"$(tdj show flows | jq -r '[.[].media] | sort | join(" ")')"
}

# to the packet, a killed worker included. Both phones stand still: what one has sent is what the router counted and the other one got
case_wire() {
	local filter
	filter=$(is_video)
	phone_freeze a b
	wait_until 5 video_still
	wire_stop a b
	equal "a to b: what was sent, counted, received" "$(seen a "$filter" a) $(counted 0)" \
		"$(seen b "$filter" a) $(seen a "$filter" a)"
	equal "b to a: the same" "$(seen b "$filter" b) $(counted 1)" \
		"$(seen a "$filter" b) $(seen b "$filter" b)"
	equal "video is marked af41, then af43 for b" 34,38 "$(wire_dscp b "$filter and ip.dst == $(node_ip4 b)")"
	equal "and for a" 34,38 "$(wire_dscp a "$filter and ip.dst == $(node_ip4 a)")"
	equal "its sound ef" 46 "$(wire_dscp b "not ($filter) and $(rtp_to b)")"
	phone_thaw a b
}
seen() { wire_count "$1" "$2 and ip.$([ "$1" = "$3" ] && echo src || echo dst) == $(node_ip4 "$1")"; }
counted() { tdj show calls | jq ".[0].legs[$1].video.rx_packets"; }
video_still() {
	local now
	now=$(video rx_packets)
	[ "$now" = "${VIDEO_LAST:-}" ] && return 0
	VIDEO_LAST=$now
	sleep 0.2
	return 1
}

case_hold() {
	phone_do b hold
	check "held" wait_until 5 show_has '.[0].state == "held"' show calls
	equal "its video, too" "recvonly sendonly" "$(video direction)"
	phone_do b resume
	check "up again" wait_until 5 show_has '.[0].state == "up"' show calls
	check "both send video" wait_until 5 both_send
	check "video comes again" wait_until 10 video_has $(($(video_max) + 20))
}
both_send() { [ "$(video direction)" = "sendrecv sendrecv" ]; }

case_other_mark() {
	sed -i "s/option dscp_video 'af41'/option dscp_video 'af43'/" "$TD_CONF"
	check "another mark" td reload
	check "counts for the call that runs" wait_until 5 marked 38
	equal "show dscp" "38 video: XDP, relay" \
		"$(tdj show dscp | jq -r '.[] | select(.class == "video") | "\(.dscp) \(.applied)"')"
}
marked() { [ "$(video dscp)" = "$1 $1" ]; }

case_worker_killed() {
	local old before
	old=$(worker_pid)
	wire_start killed-a a udp
	wire_start killed-b b udp
	before=$(video_max)
	kill -KILL "$old"
	check "a new worker is there" wait_until 3 new_worker "$old"
	check "video is there with its counters" wait_until 5 video_has $((before + 25))
	equal "on path xdp" "xdp xdp" "$(video path)"
	wire_stop killed-a killed-b
	equal "no gap in what b received" 0 "$(wire_gaps killed-b "ip.dst == $(node_ip4 b)")"
	equal "no gap in what a received" 0 "$(wire_gaps killed-a "ip.dst == $(node_ip4 a)")"
}

case_relay() {
	local filter
	filter=$(is_video)
	sed -i "s/option xdp 'auto'/option xdp 'off'/" "$TD_CONF"
	check "without XDP" td reload
	check "both ways on path relay" wait_until 5 on_relay
	wire_start relay b udp
	check "video comes" wait_until 10 video_has $(($(video_max) + 20))
	wire_stop relay
	equal "marked by the relay" 38 "$(wire_dscp relay "$filter and ip.dst == $(node_ip4 b)")"
	call_down
	equal "no flow is left" 0 "$(kernel_flows)"
}
on_relay() { [ "$(video path)" = "relay relay" ]; }

# from phone to phone: each is told where the other one is, and the router marks what it routes
case_around() {
	sed -i "s/option hostname 'lab'/&\n\toption phone_media 'around'/" "$TD_CONF"
	check "around" td reload
	wire_start around b udp
	call_up || return
	equal "video goes as the sound does" "around around around around" \
		"$(video path) $(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	equal "b is told where a is" "$(tdj show calls | jq -r '.[0].legs[0].video.remote_media')" \
		"$(tdj show calls | jq -r '.[0].legs[1].video.local_media')"
	check "b gets a's video, marked by the router" wait_until 10 passed_by 20
	wire_stop around
	call_down
}
passed_by() {
	local port
	port=$(tdj show calls | jq -r '.[0].legs[0].video.remote_media | sub(".*:"; "")')
	[ "$(wire_count around "rtp and ip.src == $(node_ip4 a) and udp.srcport == ${port:-0} and ip.dsfield.dscp == 38")" -ge "$1" ]
}

office_up auto || finish
run_cases case_call case_other_mark case_worker_killed case_wire case_hold case_relay case_around
