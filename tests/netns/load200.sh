#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# alone
# timeout: 150
#
# 200 calls a second for 30 seconds, each with digest, media flows set up and torn down.
#
#   [callers: sipp] 10.1.0.2 eth0 ---- lan0 [ tandemd ] wan0 ---- eth0 10.2.0.2 [called: sipp]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

PHONES=100 RATE=200 CALLS=6000

case_office() {
	lab_setup
	office_many $PHONES >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" --log-level warn || return
	csv_numbers 2000 $PHONES 3000 >"$TD_TMP/callers.csv"
	csv_numbers 3000 $PHONES >"$TD_TMP/called.csv"
	check "the callers register" office_register a "$TD_TMP/callers.csv" $PHONES
	check "the called register" office_register b "$TD_TMP/called.csv" $PHONES
	office_answer
}

case_load() {
	SIPP_TIMEOUT=90 office_calls load "$TD_TMP/callers.csv" $RATE $CALLS 500
	equal "sipp ends well" 0 $?
	equal "6000 calls succeeded" $CALLS "$(sipp_ok_calls load)"
	equal "0 failed" 0 "$(sipp_failed_calls load)"
	check "no call is left" wait_until 10 show_has 'length == 0' show calls
	equal "no media flow is left" 0 "$(kernel_flows)"
	diag "retransmissions: $(sipp_stat load 'Retransmissions(C)')"
}

run_cases case_office case_load
