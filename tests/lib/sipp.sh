# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# sipp with the options that every run needs. Results are read from the statistics file,
# never from the screen.

# sipp_run NAME NODE ARGUMENT... - to its end; the exit status is sipp's. Files in
# $TD_TMP/sipp-NAME: stat.csv, screen, errors
sipp_run() {
	local name=$1 node=$2 dir
	shift 2
	dir=$TD_TMP/sipp-$name
	mkdir -p "$dir"
	(cd "$dir" && exec nsenter --net="/run/netns/$(lab_ns "$node")" -- \
		sipp -nostdin -timeout "${SIPP_TIMEOUT:-60}" -timeout_error -recv_timeout 10000 \
		-buff_size 8388608 -trace_stat -stf "$dir/stat.csv" -fd 1 \
		-trace_err -error_file "$dir/errors" "$@") >"$dir/screen" 2>&1 </dev/null
}

# sipp_start NAME NODE ARGUMENT... - in the background; its pid in SIPP_PID
sipp_start() {
	sipp_run "$@" &
	SIPP_PID=$!	# a shell around sipp; wait for it, it has sipp's status
}

# sipp_stat NAME COLUMN - the last value of a column such as 'SuccessfulCall(C)'
sipp_stat() {
	awk -F';' -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i }
		NR > 1 && c { v = $c } END { print v + 0 }' "$TD_TMP/sipp-$1/stat.csv" 2>/dev/null
}
sipp_ok_calls() { sipp_stat "$1" 'SuccessfulCall(C)'; }
sipp_failed_calls() { sipp_stat "$1" 'FailedCall(C)'; }
