#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Faults at start are fatal and name the remedy; at run time the old configuration stays.
#
#   lan0, wan0 of a router namespace; no phones
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

# starts NAME REGEX CONFIG [OPTION...] - it must end with status 1 and say REGEX
refuses_to_start() {
	local name=$1 regex=$2 status
	shift 2
	daemon_dirs
	: >"$TD_LOG"
	daemon_spawn router "$@"
	if wait_until 15 not daemon_alive; then
		wait "$DAEMON_PID"
		status=$?
		equal "$name: exit status" 1 "$status"
	else
		not_ok "$name: it started all the same"
		daemon_stop
	fi
	DAEMON_PID=
	has "$name: it says why" "$regex" "$TD_LOG"
	[ ! -e "$TD_RUN_DIR/ctl" ] && ok "$name: no socket left" || not_ok "$name: no socket left"
}

# as office_config, with one line changed
changed() { office_config auto | sed "$1"; }

case_config() {
	lab_setup
	changed "s/option xdp 'auto'/option xdp 'natife'/" >"$TD_TMP/bad"
	refuses_to_start "a faulty configuration" "bad:[0-9]+:[0-9]+: .*xdp.*natife.*native" "$TD_TMP/bad"
	refuses_to_start "no configuration" "no-such-file.*No such file|No such file.*no-such-file" \
		"$TD_TMP/no-such-file"
}

case_interface() {
	changed "s/'wan0'/'wan7'/" >"$TD_TMP/missing"
	refuses_to_start "an interface that is missing" "wan7.*(no such|not there|missing|does not exist|unknown)" \
		"$TD_TMP/missing"
	# the loopback driver has no native XDP
	office_config native | sed "s/'wan0'/'lo'/" >"$TD_TMP/native"
	refuses_to_start "an interface that cannot take native XDP" "'lo'.*(generic|off)" "$TD_TMP/native"
}

case_port_in_use() {
	in_ns router socat UDP-LISTEN:5060 SYSTEM:cat &
	wait_until 5 port_taken
	office_config auto >"$TD_TMP/tandem"
	refuses_to_start "a port in use" "5060.*(in use|another)" "$TD_TMP/tandem"
	# shellcheck disable=SC2046
	kill_pids 5 $(ip netns pids "$(lab_ns router)")
}
port_taken() { in_ns router ss -Hlun 'sport = 5060' | grep -q 5060; }

case_no_rights() {
	daemon_dirs
	: >"$TD_LOG"
	ns_exec router setpriv --bounding-set=-bpf,-perfmon --inh-caps=-all "$TD_BUILD/tandemd" -f \
		-c "$TD_TMP/tandem" --run-dir "$TD_RUN_DIR" --state-dir "$TD_STATE_DIR" \
		--pin-dir "$TD_PIN" >>"$TD_LOG" 2>&1 </dev/null &
	DAEMON_PID=$!
	check "without rights it ends" wait_until 15 not daemon_alive
	DAEMON_PID=
	has "and names the missing capability" "CAP_BPF" "$TD_LOG"
}

case_reload_of_a_faulty_file() {
	local out status
	cp "$TD_TMP/tandem" "$TD_TMP/conf"
	check "tandemd takes calls" daemon_start "$TD_TMP/conf" || return
	echo "	option nuber '1003'" >>"$TD_TMP/conf"
	out=$(td reload 2>&1)
	status=$?
	equal "reload of a faulty file is refused" 1 "$status"
	echo "$out" >"$TD_TMP/out"
	has "it says where, what and what was meant" \
		"conf:$(wc -l <"$TD_TMP/conf"):[0-9]+: .*nuber.*number" "$TD_TMP/out"
	equal "the old configuration stays" 2 "$(tdj show phones | jq length)"
	kill -HUP "$DAEMON_PID"
	check "SIGHUP says it in the log" wait_until 5 grep -aq nuber "$TD_LOG"
	sed -i '$d' "$TD_TMP/conf"
	printf "config phone 'carol'\n\toption number '1003'\n\toption password 'a-secret-of-carol'\n" >>"$TD_TMP/conf"
	check "the mended file is taken" td reload
	equal "with the new phone" 3 "$(tdj show phones | jq length)"
	check "it ends well" daemon_stop
}

run_cases case_config case_interface case_port_in_use case_no_rights case_reload_of_a_faulty_file
