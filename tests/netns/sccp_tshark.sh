#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Wireshark's dissector as the referee of the Skinny codec: every message that goes to phones,
# of every protocol version, written by the codec's unit test, read by tshark.
source "$(dirname "$0")/../lib/lib.sh"
need_tool tshark
need_tool text2pcap
CODEC=${TD_SAN:-$TD_BUILD/san}/tests/unit/sccp_codec
[ -x "$CODEC" ] || skip_all "needs $CODEC"
scratch

# What the dissector cannot know: SPCP of another maker (0x8100 and up), and KeepAliveAck has
# no fields.
case_to_phones() {
	local frames=$TD_TMP/frames
	SCCP_DUMP=$TD_TMP/hex "$CODEC" >/dev/null
	check "written" test -s "$TD_TMP/hex"
	text2pcap -q -T 40000,2000 "$TD_TMP/hex" "$TD_TMP/sccp.pcap" >/dev/null 2>&1
	tshark -n -r "$TD_TMP/sccp.pcap" -T fields -e skinny.messageId -e skinny.hdr_version \
		-e _ws.malformed -e _ws.col.Info 2>/dev/null >"$frames"
	at_least "more than 100 messages in 15 versions" 1500 "$(wc -l <"$frames")"
	equal "each is a Skinny frame for tshark" 0 "$(awk -F'\t' '$1 == ""' "$frames" | wc -l)"
	equal "none to a phone is malformed" "" \
		"$(awk -F'\t' '/Malformed/ && ($1 >= 129 && $1 < 339 || $1 == 342)' "$frames" | sort -u)"
	equal "each id to a phone has a name" "" \
		"$(awk -F'\t' '/Unknown/ && $1 >= 129 && $1 < 32768' "$frames" | sort -u)"
}

run_cases case_to_phones
