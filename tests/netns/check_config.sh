#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/vectors/config/NN-NAME.conf: "tandemd --check" must say exactly what stands in
# NN-NAME.expect, every fault with line, column and hint, and end with 1; an empty .expect is
# a good file. The CLI's "check" says the same. No lab: nothing runs.
source "$(dirname "$0")/../lib/lib.sh"
need_daemon

cd "$TD_VECTORS/config" || exit 1

# same_as NAME FILE TEXT - or show the difference
same_as() {
	local out
	out=$(diff -u "$2" - <<<"$3" 2>&1) && { ok "$1"; return 0; }
	not_ok "$1"
	diag "$out"
	return 1
}

# said_of NAME - what the daemon says of a vector; its status in STATUS
said_of() {
	SAID=$("$TD_BUILD/tandemd" --check -c "$1.conf" 2>&1 </dev/null)
	STATUS=$?
}

case_vectors() {
	local conf name
	for conf in *.conf; do
		name=${conf%.conf}
		said_of "$name"
		if [ -s "$name.expect" ]; then
			same_as "$name" "$name.expect" "$SAID" && equal "$name: status" 1 "$STATUS"
		else
			equal "$name: nothing to say" "" "$SAID" && equal "$name: status" 0 "$STATUS"
		fi
	done
	at_least "30 faulty files at least" 30 "$(find . -name '*.expect' -size +0 | wc -l)"
}

# places_hold PATTERN - where such a fault is said to be, the file has the text that the
# pattern's \K leaves of it; a fault is "FILE:LINE:COLUMN: ..."
places_hold() {
	local fault file line column text n=0
	while read -r fault; do
		IFS=: read -r file line column _ <<<"$fault"
		text=$(sed -n "${line}p" "$file" | cut -b "$column-")
		[[ $text == "$(grep -oP -- "$1" <<<"$fault")"* ]] || { diag "$fault"; return 1; }
		n=$((n + 1))
	done < <(cat ./*.expect | grep -P -- "$1")
	[ "$n" -gt 1 ]
}

case_places_are_right() {
	check "unknown words stand where they are said to be" \
		places_hold "unknown (option|command|section type) '\K[a-z_]+(?=')"
	check "values too" places_hold ": \K'[^']+'(?= is (out of range|no DSCP|no number))"
}

case_cli() {
	local said
	said=$("$TD_BUILD/tandem" check 17-out-of-range.conf)
	equal "tandem check: status" 1 $?
	same_as "tandem check says the same" 17-out-of-range.expect "$said"
	said=$("$TD_BUILD/tandem" --json check 17-out-of-range.conf | jq -c '.[0] | [.file, .line, .column, .option]')
	equal "tandem --json check" '["17-out-of-range.conf",2,14,"sip, option port"]' "$said"
	said=$("$TD_BUILD/tandem" check 60-good-office.conf)
	equal "a good file" "60-good-office.conf: good, phones: 3, numbers: 4" "$said"
}

case_files() {
	local said
	scratch
	said=$("$TD_BUILD/tandemd" --check -c "$TD_TMP/none" 2>&1)
	equal "no file: status" 1 $?
	equal "no file: it says so" "$TD_TMP/none: file: No such file or directory" "$said"
	mkdir "$TD_TMP/etc"
	cp 13-unknown-option.conf "$TD_TMP/etc/tandem"
	said=$("$TD_BUILD/tandemd" --check -c "$TD_TMP/etc" 2>&1 | head -1)
	equal "a folder: its file tandem" "$TD_TMP/etc/tandem:2:9:" "${said%% *}"
	mkfifo "$TD_TMP/pipe"
	said=$(timeout 5 "$TD_BUILD/tandemd" --check -c "$TD_TMP/pipe" 2>&1)
	equal "a pipe is no file" "$TD_TMP/pipe: file: not a file" "$said"
	for said in "$TD_ROOT"/config/files/tandem "$TD_ROOT"/config/files/examples/*; do
		check "${said#"$TD_ROOT"/} is good" "$TD_BUILD/tandemd" --check -c "$said"
	done
}

run_cases case_vectors case_places_are_right case_cli case_files
