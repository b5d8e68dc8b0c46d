#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# The daemon as systemd starts it: what debian/tandem.service says is read from that file and done
# by setpriv(1): the steps before, the user, the capabilities and no others. All that takes rights
# must work so: packet programs and their pins, ports below 1024, the packet filter, another
# worker, another version, another configuration. And the unit's score with systemd-analyze.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool setpriv

UNIT=$TD_ROOT/debian/tandem.service
WORST=17	# tenths: a fully open service has 96

# unit KEY - its values, one a line
unit() { sed -n "s/^$1=//p" "$UNIT"; }

# as_root KEY - the unit's steps with a plus, with this lab's places
as_root() {
	local line
	while read -r line; do
		[ "${line:0:1}" = + ] || continue
		line=${line#+}
		line=${line//\/sys\/fs\/bpf\/tandem/$TD_PIN}
		line=${line//\/etc\/config\/tandem/$TD_CONF}
		$line || return 1
	done < <(unit "$1")
}

# for lib.sh's daemon_start
daemon_spawn() {
	local caps ambient mode
	daemon_dirs
	mount_bpffs
	mode=$(stat -c %a /sys/fs/bpf)
	# as setpriv writes them: +bpf,+perfmon
	caps=$(unit CapabilityBoundingSet | sed 's/CAP_/+/g; s/ /,/g' | tr '[:upper:]' '[:lower:]')
	ambient=$(unit AmbientCapabilities | sed 's/CAP_/+/g; s/ /,/g' | tr '[:upper:]' '[:lower:]')
	install -d -o "$(unit User)" "$TD_RUN_DIR" "$TD_STATE_DIR"	# RuntimeDirectory=, StateDirectory=
	chmod 600 "$2"				# as packages ship it
	chmod 700 /sys/fs/bpf			# as systemd mounts it
	as_root ExecStartPre || return
	ns_exec router setpriv --reuid "$(unit User)" --regid "$(unit Group)" --clear-groups --no-new-privs \
		--bounding-set="-all,$caps" --inh-caps="-all,$ambient" --ambient-caps="-all,$ambient" \
		"$TD_BUILD/tandemd" -f -c "$2" --run-dir "$TD_RUN_DIR" --state-dir "$TD_STATE_DIR" \
		--pin-dir "$TD_PIN" >>"$TD_LOG" 2>&1 </dev/null &
	DAEMON_PID=$!
	BPFFS_MODE=${BPFFS_MODE:-$mode}
}

caps_of() { capsh --decode="$(awk "/^$2:/ { print \$2 }" "/proc/$1/status")" | sed 's/.*=//' | tr , '\n' | sort | paste -sd' '; }
whose() { stat -c %U "/proc/$1"; }

case_score() {
	command -v systemd-analyze >/dev/null || { skip "score of the unit" "no systemd-analyze"; return; }
	check "systemd-analyze security: $((WORST / 10)).$((WORST % 10)) or better" \
		systemd-analyze security --offline=yes --no-pager --threshold=$WORST "$UNIT"
}

case_rights() {
	local wanted
	wanted=$(unit CapabilityBoundingSet | tr '[:upper:] ' '[:lower:]\n' | sort | paste -sd' ')
	equal "the master is" tandem "$(whose "$DAEMON_PID")"
	equal "with what the unit gives" "$wanted" "$(caps_of "$DAEMON_PID" CapEff)"
	equal "the worker is" tandem "$(whose "$(worker_pid)")"
	for set in CapEff CapPrm CapInh CapAmb; do
		equal "with one capability: $set" cap_net_admin "$(caps_of "$(worker_pid)" $set)"
	done
	equal "and cannot have another" 1 "$(awk '/^NoNewPrivs:/ { print $2 }' "/proc/$(worker_pid)/status")"
	equal "the configuration is the daemon's alone" "600 tandem" "$(stat -c '%a %U' "$TD_CONF")"
	check "TFTP is served" in_ns router sh -c 'ss -Hlun "sport = 69" | grep -q :69'
	check "the packet filter has our table" in_ns router nft list table inet tandem
}

case_call() {
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	equal "by XDP" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
	ID=$(tdj show calls | jq '.[0].id')
}

# goes_on WHAT - the call under its id, packets by XDP
goes_on() {
	local n
	equal "$1: the call is there" "$ID" "$(tdj show calls | jq '.[0].id')"
	n=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max // 0')
	check "$1: packets flow" wait_until 10 legs_have $((n + 25))
	equal "$1: by XDP" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
}

case_life() {
	local old
	wire_start b b udp
	check "another worker" worker_again
	goes_on "another worker"
	old=$(worker_pid)
	check "another version" td upgrade
	check "its worker" wait_until 5 new_worker "$old"
	equal "with one capability" cap_net_admin "$(caps_of "$(worker_pid)" CapEff)"
	goes_on "another version"
	wire_stop b
	equal "no gap in what b received" 0 "$(wire_gaps b "ip.dst == $(node_ip4 b)")"
	call_down
}

# an operator writes the file as root
case_reload() {
	local new=$TD_TMP/new
	{ cat "$TD_CONF"; printf "config phone 'carol'\n\toption number '1003'\n\toption password 'a-long-secret-of-carol'\n"; } >"$new"
	chmod 600 "$new" && mv "$new" "$TD_CONF"
	td reload >"$TD_TMP/out" 2>&1 && not_ok "a file of root's is refused" || ok "a file of root's is refused"
	has "and says what to do" "Permission denied.*chown tandem" "$TD_TMP/out"
	check "as the unit reloads" as_root ExecReload
	check "it is read" td reload
	equal "the new phone is there" 1 "$(tdj show phones | jq '[.[]|select(.id == "carol")]|length')"
}

case_end() {
	daemon_stop
	equal "SIGTERM: status 0" 0 $?
	equal "no pin is left" "" "$(find "$TD_PIN" -mindepth 1 2>/dev/null | paste -sd' ')"
	equal "and no program" none "$(xdp_mode lan0)"
	chmod "$BPFFS_MODE" /sys/fs/bpf
}

OFFICE_MORE="
config provision 'provision'
	option tftp 'on'
"
office_up auto || finish
run_cases case_score case_rights case_call case_life case_reload case_end
