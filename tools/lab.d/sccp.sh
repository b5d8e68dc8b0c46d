# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# SCCP phones in a lab: tools/sccp-phone, one process each. A phone is a folder
# $TD_TMP/sccp-NAME with its commands (a fifo), its log and its recording.

sccp_dir() { echo "$TD_TMP/sccp-$1"; }

# sccp_start NAME NODE DEVICE VERSION HZ [OPTION...] - SCCP_SERVER: default the router as the node sees it
sccp_start() {
	local name=$1 node=$2 device=$3 version=$4 hz=$5 dir
	shift 5
	dir=$(sccp_dir "$name")
	mkdir -p "$dir"
	rm -f "$dir/cmd"
	mkfifo "$dir/cmd"
	ns_exec "$node" "$TD_ROOT/tools/sccp-phone" --server "${SCCP_SERVER:-$(gw_ip4 "$node")}" \
		--device "$device" --version "$version" --hz "$hz" --record "$dir/heard.wav" "$@" \
		<>"$dir/cmd" >"$dir/log" 2>&1 &
	echo $! >"$dir/pid"
	echo 0 >"$dir/mark"
}

# sccp_do NAME COMMAND...
sccp_do() { local name=$1; shift; echo "$*" >"$(sccp_dir "$name")/cmd"; }
sccp_mark() { local n; for n; do wc -l <"$(sccp_dir "$n")/log" >"$(sccp_dir "$n")/mark"; done; }
sccp_log() { tail -n +$(($(cat "$(sccp_dir "$1")/mark") + 1)) "$(sccp_dir "$1")/log"; }
sccp_saw() { sccp_log "$1" | grep -aqE -- "$2"; }
# sccp_wait NAME REGEX [SECONDS] - a line since the last mark matches
sccp_wait() { wait_until "${3:-10}" sccp_saw "$1" "$2"; }
sccp_stop() {
	local n
	for n; do
		sccp_do "$n" quit
		wait "$(cat "$(sccp_dir "$n")/pid")" 2>/dev/null
	done
}
# nothing that a real phone would stumble over, and no fault of the phone itself
sccp_clean() { ! grep -aE 'UNKNOWN-ID|BAD-VERSION|Traceback|what\?' "$(sccp_dir "$1")/log"; }

# more addresses on a node's cable: .11, .12 ... one for each phone there
sccp_addr() { echo "$(node_field "$1" 3).$2"; }
sccp_add_addr() { ip -n "$(lab_ns "$1")" addr add "$(sccp_addr "$1" "$2")/24" dev eth0; }
