# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The referee: dumpcap on the nodes' cables, tshark to read. Always capture at a node, not
# at the router: what XDP redirects is invisible to a capture on the router itself.

declare -A WIRE_PID

# wire_start NAME NODE [FILTER] - capture on the node's eth0 until wire_stop
wire_start() {
	local name=$1 node=$2 file
	file=$(wire_file "$name")
	ns_exec "$node" dumpcap -q -B 16 -i "${WIRE_DEV:-eth0}" -f "${3:-udp or tcp}" -w "$file" \
		>"$file.log" 2>&1 </dev/null &
	WIRE_PID[$name]=$!
	wait_until 10 grep -q '^File:' "$file.log"
}

wire_file() { echo "$TD_TMP/$1.pcap"; }

wire_stop() {
	local name
	for name; do
		[ -n "${WIRE_PID[$name]:-}" ] || continue
		sleep 0.3	# dumpcap reads the kernel's ring in slices
		kill -TERM "${WIRE_PID[$name]}"
		wait "${WIRE_PID[$name]}" 2>/dev/null
		unset "WIRE_PID[$name]"
	done
}

# wire_read NAME FILTER FIELD... - one line per packet, tab separated
wire_read() {
	local name=$1 filter=$2 field args=()
	shift 2
	for field; do args+=(-e "$field"); done
	tshark -n -r "$(wire_file "$name")" -o rtp.heuristic_rtp:TRUE -Y "$filter" \
		-T fields "${args[@]}" 2>/dev/null
}

wire_count() { wire_read "$1" "$2" frame.number | wc -l; }

# wire_dscp NAME FILTER - the distinct code points seen, as numbers: "46" or "0,46"
wire_dscp() {
	wire_read "$1" "$2" ip.dsfield.dscp ipv6.tclass.dscp | tr -d '\t' | sort -n | uniq | paste -sd,
}

# wire_gaps NAME FILTER - missing sequence numbers in each RTP stream, summed over the SSRCs
wire_gaps() {
	wire_read "$1" "rtp and ($2)" rtp.ssrc rtp.seq | awk '
		!($1 in last) { last[$1] = $2; next }
		{ d = ($2 - last[$1] + 65536) % 65536; if (d != 1) gaps += d > 1 && d < 32768 ? d - 1 : 1
		  last[$1] = $2 }
		END { print gaps + 0 }'
}

# wire_bad_checksums NAME FILTER - packets whose UDP checksum is wrong, as the receiver saw it
wire_bad_checksums() {
	tshark -n -r "$(wire_file "$1")" -o rtp.heuristic_rtp:TRUE -o udp.check_checksum:TRUE \
		-Y "($2) and not udp.checksum.status == \"Good\"" 2>/dev/null | wc -l
}
