#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# waits
#
# What README.md and docs/ tell people to type is typed, in an office where two phones talk: each
# line of a block (lib/pages.py), each configuration, and the verb of each command in the text.
# docs/observability.md has a test of its own, which compares what is printed, too.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool bpftool

# Not typed here, and where it is.
elsewhere() {
	case $1 in
	*observability.md:*) return 0 ;;		# netns/observability
	esac
	case $2 in
	"sudo make run" | "sudo make check" | make\ module*) return 0 ;;	# this is part of it; CI; check-vm
	"make deb "* | "sudo systemctl "* | "sudo make install") return 0 ;;	# long/package
	"sudo tandemd -f") return 0 ;;			# every test here
	esac
	return 1
}

# typed COMMAND - with the places of this lab for those of a router
typed() {
	local text=${1#sudo }
	text=${text//\/etc\/config\/tandem/$TD_TMP\/imported}
	text=${text//\/sys\/fs\/bpf\/tandem\//$TD_PIN\/}
	text=${text/cme.txt/$TD_VECTORS\/ios\/branch.txt}
	text=${text/report.txt/$TD_TMP\/report}
	text=${text/phones.csv/$TD_TMP\/phones.csv -c $TD_TMP\/office}
	case $text in
	"tandemd --check") text="tandemd -c $TD_CONF --check" ;;
	"tandem show call 7" | "tandem hangup 7") text=${text/7/$ID} ;;
	"tandem monitor" | "tandem debug "*) text="timeout -s INT --preserve-status 1 $text" ;;
	"nft "*) text="in_ns router $text" ;;
	esac
	WORKER=$(worker_pid)
	(
		tandem() { "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" "$@"; }
		tandemd() { "$TD_BUILD/tandemd" "$@"; }
		text=${text/preserve-status 1 tandem/preserve-status 1 $TD_BUILD/tandem --run-dir $TD_RUN_DIR}
		eval "$text"
	) >"$TD_TMP/out" 2>&1 && { [ "$text" != "tandem upgrade" ] || wait_until 5 new_worker "$WORKER"; }
}

case_call() {
	sed -n '/^mac;number/,/^```/p' "$TD_ROOT/docs/tasks.md" | grep -v '```' >"$TD_TMP/phones.csv"
	printf "config sip 'sip'\n\toption authenticate 'auto'\nconfig template 'office'\n" >"$TD_TMP/office"
	"$TD_ROOT/tests/lib/pages.py" "$TD_ROOT" "$TD_TMP" >"$TD_TMP/pages"
	at_least "lines that pages tell people to type" 50 "$(grep -c '^line' "$TD_TMP/pages")"
	call_up || return
	ID=$(tdj show calls | jq -r '.[0].id')
}

case_lines() {
	local where text
	while IFS=$'\t' read -r where text <&3; do
		elsewhere "$where" "$text" && continue
		typed "$text" && ok "$where: $text" || { not_ok "$where: $text"; diag "$(tail -5 "$TD_TMP/out")"; }
	done 3< <(sed -n 's/^line\t//p' "$TD_TMP/pages")
}

# shellcheck disable=SC2086 # words
is_verb() { td help $1 >/dev/null 2>&1 || grep -qE "^  ${1%% *}\b" "$TD_TMP/help"; }

case_words() {
	local where text verb
	"$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" --help >"$TD_TMP/help" 2>&1
	while IFS=$'\t' read -r where text <&3; do
		verb=$(grep -oP '^tandem \K[a-z]+( [a-z]+)*' <<<"$text")
		is_verb "$verb" || is_verb "${verb% *}" || not_ok "$where: $text"	# debug TOPIC
	done 3< <(sed -n 's/^word\t//p' "$TD_TMP/pages")
	ok "every verb in the text is there"
}

case_configs() {
	local where file
	printf "config dn 'sales'\n\toption number '1100'\n" >"$TD_TMP/others"
	printf "config trunk 'voicemail'\n\toption host '10.2.0.2'\n" >>"$TD_TMP/others"
	printf "config phone 'p%s'\n\toption number '100%s'\n\toption password 'a-long-secret'\n" 2 2 3 3 >>"$TD_TMP/others"
	while IFS=$'\t' read -r where file <&3; do
		# what a block names of other sections stands in others
		"$TD_BUILD/tandem" check "$file" >/dev/null 2>&1 && ok "$where: a configuration" && continue
		cat "$TD_TMP/others" "$file" >"$TD_TMP/whole"
		check "$where: a configuration" "$TD_BUILD/tandem" check "$TD_TMP/whole"
	done 3< <(sed -n 's/^config\t//p' "$TD_TMP/pages")
}

office_up auto || finish
run_cases case_call case_lines case_words case_configs
