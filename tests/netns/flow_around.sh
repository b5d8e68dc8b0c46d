#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# Media around the router: Table 3 of Cisco's guide, each of IPv4, IPv6 and dual-stack phones with
# each, seen on the wire; the ways that force media through; trunks, where the class of the dial
# peer comes before its own word and that before the trunk's and the global one. Hold with music:
# around_hold.sh.
#
#   [sipp] 10.1.0.2 fd00:1::2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 [sipp]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/pair.sh"
need_root
need_daemon
need_tool sipp

PAIR_CALLED=""

phone() { printf "config phone '%s'\n\toption number '%s'\n\toption address '%s'\n\toption protocol_mode '%s'\n%s\n" "$@"; }
peer() { printf "config dialpeer '%s'\n\toption destination_pattern '%s...'\n\toption trunk 'east'\n%s\n" "$@"; }

TRUNK_A=10.1.0.66 TRUNK_B=10.2.0.66 DUAL_A=10.1.0.67

config() {
	cat <<-UCI
	config global 'global'
		option hostname 'lab'
		list interface 'lan0'
		list interface 'wan0'
		option phone_media 'around'
		option media '${1:-around}'
	config sip 'sip'
		option authenticate 'auto'
	config sccp 'sccp'
		option ip_preference '${2:-ipv4}'
	config trunk 'west'
		option host '$TRUNK_A'
		option allow_transit '1'
		option media 'around'
	config trunk 'east'
		option host '$TRUNK_B'
		option port '6020'
	config mediaclass 'past'
		option tag '1'
		option mode 'around'
	config mediaclass 'by'
		option mode 'through'
	UCI
	phone a4 1004 "$(node_ip4 a)" auto ""
	phone a6 1006 "[$(node_ip6 a)]" auto ""
	phone ad 1008 "$DUAL_A" dual ""
	phone b4 2004 "$(node_ip4 b):6004" auto ""
	phone b6 2006 "[$(node_ip6 b)]:6006" auto ""
	phone bd 2008 "$(node_ip4 b):6008" dual ""
	phone mtp 2010 "$(node_ip4 b):6010" auto "	option mtp '1'"
	phone info 2011 "$(node_ip4 b):6011" auto "	option dtmf_relay 'info'"
	phone recorded 2013 "$(node_ip4 b):6013" auto "	option media_forking '10.2.0.2:30000'"
	peer plain 90 ""
	peer peer_around 91 "	option media 'around'
	option dscp_media 'af31'"
	peer peer_through 92 "	option media 'through'
	option dscp_media '${3:-cs4}'"
	peer class_around 93 "	option media 'through'
	option mediaclass 'past'"
	peer class_through 94 "	option media 'around'
	option mediaclass 'by'"
}

case_start() {
	local s
	lab_setup
	TD_CONF=$TD_TMP/tandem
	config >"$TD_CONF"
	ip -n "$(lab_ns a)" addr add "$TRUNK_A/24" dev eth0
	ip -n "$(lab_ns a)" addr add "$DUAL_A/24" dev eth0
	ip -n "$(lab_ns b)" addr add "$TRUNK_B/24" dev eth0
	head -c 16000 /dev/zero | tr '\0' '\325' >"$TD_TMP/tone.pcma"
	for s in uac_around uas_around; do
		sed "s#\[tone\]#$TD_TMP/tone.pcma#; s/\[media_port\]/[rtpstream_audio_port]/" \
			"$SCENARIOS/$s.xml" >"$TD_TMP/$s.xml"
	done
	check "tandemd takes calls" daemon_start "$TD_CONF" || return
	wire_start a a udp
	wire_start b b udp
}

CELL=0
# sipp_end NAME NODE SCENARIO SIP_IP SIP_PORT MEDIA_IP MORE ARGUMENT... - one sipp, to its end
sipp_end() {
	local name=$1 node=$2 scenario=$3 ip=$4 port=$5 media=$6 more=$7 family=IP4
	shift 7
	case $media in *:*) family=IP6 ;; esac
	[ "$name" = "a$CELL" ] && [ "$more" != a=ptime:20 ] && family=IP4
	SIPP_TIMEOUT=15 sipp_run "$name" "$node" -sf "$TD_TMP/$scenario.xml" -m 1 -i "$ip" -p "$port" \
		-mi "$media" -trace_msg -message_file "$TD_TMP/sipp-$name/messages" \
		-key more "$more" "$@"
}

marks_are() { [ "$1" = "$(tdj show calls | jq -r '[.[0].legs[].dscp]|join(" ")') $(tdj show dscp | jq '.[0].own')" ]; }
paths_are() { show_has "length == 1 and ([.[0].legs[].path] == [\"$1\", \"$1\"])" show calls; }

# call TEXT WAY ME NUMBER A_IP A_MEDIA B_IP B_PORT B_MEDIA - WAY is what show calls must say.
# The wire is looked at later (case_wire)
DSCP=46	# that b hears
call() {
	local text=$1 way=$2 me=$3 number=$4 a_ip=$5 a_media=$6 b_ip=$7 b_port=$8 b_media=$9
	local gw a b good=1 more=a=ptime:20 c
	case $a_ip in *:*) gw="[$(gw_ip6 a)]" ;; *) gw=$(gw_ip4 a) ;; esac
	CELL=$((CELL + 1))
	c=$(family "$a_media")
	if [ "$me" = 1008 ]; then	# it names both its addresses (RFC 6947)
		c="IP4 $DUAL_A"
		more="a=altc:2 IP6 $(node_ip6 a) [rtpstream_audio_port]"
	fi
	sed "s/\[more\]/$more/" "$TD_TMP/uac_around.xml" >"$TD_TMP/uac_$CELL.xml"
	sipp_end "b$CELL" b uas_around "$b_ip" "$b_port" "$b_media" a=ptime:20 \
		-key c "$(family "$b_media")" -mp $((21000 + 100 * CELL)) &
	b=$!
	wait_until 5 listens b "$b_port"
	sipp_end "a$CELL" a "uac_$CELL" "$a_ip" $((5100 + CELL)) "$a_media" a=ptime:20 \
		-key c "$c" -key me "$me" -s "$number" -mp $((41000 + 100 * CELL)) "$gw" &
	a=$!
	if wait_until 3 paths_are "$way"; then ok "$text: show calls says $way"; else
		not_ok "$text: show calls says $way"
		diag "$(tdj show calls | jq -c .)"
	fi
	[ "$DSCP" = 46 ] || check "$text: and b's mark, as show dscp does" wait_until 3 marks_are "46 $DSCP 1"
	wait "$a" || { good=0; why "a$CELL"; }
	wait "$b" || { good=0; why "b$CELL"; }
	[ "$good" = 1 ] || diag "$text: sipp is not content"
	echo "$CELL|$way|$a_media|$b_media|$DSCP|$text" >>"$TD_TMP/cells"
}
family() { case $1 in *:*) echo "IP6 $1" ;; *) echo "IP4 $1" ;; esac; }

case_table() {
	local a4 a6 b4 b6
	a4=$(node_ip4 a) a6=$(node_ip6 a) b4=$(node_ip4 b) b6=$(node_ip6 b)
	call "v4 to v4" around 1004 2004 "$a4" "$a4" "$b4" 6004 "$b4"
	call "v4 to v6" xdp 1004 2006 "$a4" "$a4" "$b6" 6006 "$b6"
	call "v4 to dual" around 1004 2008 "$a4" "$a4" "$b4" 6008 "$b4"
	call "v6 to v4" xdp 1006 2004 "$a6" "$a6" "$b4" 6004 "$b4"
	call "v6 to v6" around 1006 2006 "$a6" "$a6" "$b6" 6006 "$b6"
	call "v6 to dual" around 1006 2008 "$a6" "$a6" "$b4" 6008 "$b6"
	call "dual to v4" around 1008 2004 "$DUAL_A" "$DUAL_A" "$b4" 6004 "$b4"
	call "dual to v6" around 1008 2006 "$DUAL_A" "$a6" "$b6" 6006 "$b6"
	call "dual to dual" around 1008 2008 "$DUAL_A" "$DUAL_A" "$b4" 6008 "$b4"
}

case_forced() {
	local a4 b4
	a4=$(node_ip4 a) b4=$(node_ip4 b)
	call "option mtp" xdp 1004 2010 "$a4" "$a4" "$b4" 6010 "$b4"
	call "keys told otherwise" xdp 1004 2011 "$a4" "$a4" "$b4" 6011 "$b4"
	call "a recorder" xdp 1004 2013 "$a4" "$a4" "$b4" 6013 "$b4"
}

trunks() { call "$1" "$2" 4930 "$3" "$TRUNK_A" "$TRUNK_A" "$TRUNK_B" 6020 "$TRUNK_B"; }
case_trunks() {
	trunks "trunks, global around" around 90123
	DSCP=32 trunks "the peer's through comes before it, and its mark before the global one" xdp 92123
	trunks "the class's around before the peer" around 93123
	trunks "the class's through before the peer" xdp 94123
	config through ipv6 17 >"$TD_CONF"
	check "reload: global through, IPv6 preferred, another mark" td reload
	DSCP=17 trunks "the new mark" xdp 92123
	trunks "trunks, global through" xdp 90123
	DSCP=26 trunks "the peer's around comes before it" around 91123
	call "dual to dual prefers IPv6" around 1008 2008 "$DUAL_A" "$(node_ip6 a)" \
		"$(node_ip4 b)" 6008 "$(node_ip6 b)"
}

no_marks() { [ "$(bpftool -j map dump pinned "$TD_PIN/maps/td_mark_flows" | jq length)" = 0 ]; }

# b's wire: who sends to the called phone's port, and how the packets are marked, which we forward,
# or only route
case_wire() {
	local cell way a_media b_media dscp text port from
	wire_stop a b
	check "no mark of a call that has ended is left" wait_until 5 no_marks
	tshark -n -r "$(wire_file b)" -Y "udp.length == 180" -T fields -E separator=, -e ip.src \
		-e ipv6.src -e ip.dst -e ipv6.dst -e udp.dstport -e ip.dsfield.dscp \
		-e ipv6.tclass.dscp 2>/dev/null |
		tr -s , | sed 's/^,//; s/,$//' | sort | uniq -c >"$TD_TMP/rtp"
	while IFS='|' read -r cell way a_media b_media dscp text; do
		port=$(sed -n 's/^m=audio \([0-9]*\).*/\1/p' "$TD_TMP/sipp-b$cell/messages" | tail -1)
		from=$a_media
		[ "$way" = around ] || case $b_media in *:*) from=$(gw_ip6 b) ;; *) from=$(gw_ip4 b) ;; esac
		if [ "$(grep -c ",$port,[0-9]*\$" "$TD_TMP/rtp")" = 1 ] &&
			grep -q " $from,$b_media,$port,$dscp\$" "$TD_TMP/rtp"; then
			ok "$text: b hears $from, marked $dscp"
		else
			not_ok "$text: b hears $from, marked $dscp"
			diag "port $port of: $(grep ",$port," "$TD_TMP/rtp")"
		fi
	done <"$TD_TMP/cells"
}

case_start || finish
run_cases case_table case_forced case_trunks case_wire
