#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Media around the router come back to it when it has something to say: a phone holds the call, the
# other one hears the house's music, and is told the first one's address again when that resumes.
#
#   [caller: sipp, 1001] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp
need_tool sox

PAIR_CALLED="1002"
OFFICE_GLOBAL="	option phone_media 'around'"

# offers SIDE - hosts of the media in the INVITEs that it got, in their order
offers() {
	awk '/^(UDP )?.*message received/ { got = 1; invite = 0 } /message sent/ { got = 0 }
		got && /^INVITE / { invite = 1 } got && invite && /^c=IN IP4 / { print $3; invite = 0 }' \
		"$TD_TMP/sipp-$1/messages" | tr -d '\r' | uniq | paste -sd' '
}

case_up() {
	scratch
	sox -n -r 8000 -c 1 -b 16 "$TD_TMP/music.wav" synth 2 sine 440
	chmod a+r "$TD_TMP/music.wav"
	OFFICE_MORE="config moh 'moh'
	option file '$TD_TMP/music.wav'"
	pair_up
}

case_hold() {
	wire_start b b udp
	pair "held with music, and resumed" uac_hold uas_held 1002
	wire_stop b
	equal "b is told a, the house, and a again" "$(node_ip4 a) $(gw_ip4 b) $(node_ip4 a)" "$(offers "$LAST_B")"
	at_least "b hears the house meanwhile" 5 \
		"$(wire_count b "ip.src == $(gw_ip4 b) and rtp")"
	nothing_left
}

run_cases case_up case_hold
