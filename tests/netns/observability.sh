#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# docs/observability.md tells the truth: every command of it, run in the router during a call,
# prints what is shown there.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool bpftool
need_tool ethtool

case_the_page() {
	local line n=0 without=()
	call_up || return
	check "media flow" wait_until 10 legs_have 60
	mkdir "$TD_TMP/bin"
	printf '#!/bin/sh\nexec "%s" --run-dir "%s" "$@"\n' "$TD_BUILD/tandem" "$TD_RUN_DIR" >"$TD_TMP/bin/tandem"
	chmod 755 "$TD_TMP/bin/tandem"
	has_tables || without=(-x tandem/flows -x tandem/nexthops -x tandem/dscp)
	in_ns router env PATH="$TD_TMP/bin:$PATH" LC_ALL=C.UTF-8 "$TD_ROOT/tests/lib/console.py" \
		"${without[@]}" "$TD_ROOT/docs/observability.md" "/sys/fs/bpf/tandem=$TD_PIN" "/tmp/alice=$TD_TMP/alice" \
		>"$TD_TMP/console" 2>&1
	equal "all commands were run" 0 $?
	while IFS= read -r line; do
		case $line in
		"ok "*) n=$((n + 1)); ok "${line#ok }" ;;
		"skip "*) n=$((n + 1)); skip "${line#skip }" "$NO_TABLES" ;;
		"not ok "*) not_ok "${line#not ok }" ;;
		*) diag "${line#\# }" ;;
		esac
	done <"$TD_TMP/console"
	at_least "it has commands" 25 "$n"
}

# the comparison itself can fail
case_the_comparison() {
	local page=$TD_TMP/page.md
	printf '```console\n# echo good 12 x\ngood 7 ...\n# printf "a\\nb\\nc\\n"\na\n...\nc\n```\n' >"$page"
	equal "what fits" "ok ok" "$("$TD_ROOT/tests/lib/console.py" "$page" | cut -d' ' -f1 | paste -sd' ')"
	printf '```console\n# echo good\nbad\n# printf "a\\nb\\n"\na\n# true\nmore\n```\n' >"$page"
	equal "what does not: another word, more lines, fewer" 3 \
		"$("$TD_ROOT/tests/lib/console.py" "$page" | grep -c '^not ok')"
}

office_up auto || finish
bpf_stats_on
run_cases case_the_page case_the_comparison
