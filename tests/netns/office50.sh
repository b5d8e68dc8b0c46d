#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The example office of 50 phones: short to write, checked, loaded, all registered.
#
#   [50 phones: sipp] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

EXAMPLE=$TD_ROOT/config/files/examples/office-50.uci

case_short_and_checked() {
	at_least "at most 200 lines" "$(wc -l <"$EXAMPLE")" 200
	check "tandemd --check accepts it" "$TD_BUILD/tandemd" --check -c "$EXAMPLE"
}

# the example's phones as sipp's table: number, credentials (username: default the number)
phones_csv() {
	echo SEQUENTIAL
	tr -d "'\"" <"$EXAMPLE" | awk '
		function done() { if (number != "") print number ";[authentication username=" \
			(user == "" ? number : user) " password=" password "];" number
			number = user = password = "" }
		$1 == "config" { done(); phone = $2 == "phone" }
		phone && $1 == "option" && $2 == "number" { number = $3 }
		phone && $1 == "list" && $2 == "line" && $3 ~ /^1:/ { number = substr($3, 3) }
		phone && $1 == "option" && $2 == "username" { user = $3 }
		phone && $1 == "option" && $2 == "password" { password = $3 }
		END { done() }'
}

case_all_register() {
	lab_setup
	# its interfaces are the office's; ours are the lab's
	sed -e "/list[[:space:]]*interface/d" -e "/source_address/d" "$EXAMPLE" >"$TD_TMP/tandem"
	printf "\nconfig global 'global'\n\tlist interface 'lan0'\n\tlist interface 'wan0'\n" >>"$TD_TMP/tandem"
	check "tandemd loads it" daemon_start "$TD_TMP/tandem" || return
	phones_csv >"$TD_TMP/phones.csv"
	equal "50 phones" 50 "$(grep -c authentication "$TD_TMP/phones.csv")"
	check "sipp registers all by digest" office_register a "$TD_TMP/phones.csv" 50 25
	equal "all 50 are registered" 50 "$(registered_count)"
	equal "none failed" 0 "$(sipp_failed_calls reg-a)"
}

run_cases case_short_and_checked case_all_register
