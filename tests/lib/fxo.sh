# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Telephone lines in the virtual machine: tandem_fxo, a board of simulated lines, and the exchange
# behind them (kernel/sim_files.c says what it obeys, pstn.py is its mouth and ears).

SIM=/sys/kernel/debug/tandem_fxo_sim
PSTN=$TD_ROOT/tests/lib/pstn.py
MODULES=$TD_BUILD/module/kernel
[ -e "$MODULES/tandem_fxo_sim.ko" ] && [ -n "${TD_VM:-}" ] || skip_all "no tandem_fxo in this kernel (tools/vm)"

# fxo_lines N - the modules, and so many fresh lines; fxo_none - the core alone
fxo_none() {
	rmmod tandem_fxo_sim 2>/dev/null
	grep -q '^tandem_fxo ' /proc/modules || insmod "$MODULES/tandem_fxo.ko"
}
fxo_lines() { fxo_none && insmod "$MODULES/tandem_fxo_sim.ko" "lines=$1"; }

# line N COMMAND... - the exchange does it; line_has N WORD, line_is N WORD VALUE - what it sees
line() { printf '%s\n' "${@:2}" >"$SIM/$1/control"; }
line_has() { sed -n "s/^$2 //p" "$SIM/$1/state"; }
line_is() { [ "$(line_has "$1" "$2")" = "$3" ]; }
off_hook() { line_is "$1" relays 1; }
on_hook() { line_is "$1" relays 0; }
# port_is PORT STATE [JQ-KEY] - what the daemon says
port_is() { [ "$(tdj show voice-port "$1" | jq -r ".${3:-state}")" = "$2" ]; }
no_call() { show_has 'length == 0' show calls; }
call_is() { show_has ".[0].state == \"$1\"" show calls; }

# ears LINE FILE, tone LINE HZ, busy LINE - in the background, until quiet
pstn_pids=()
ears() { "$PSTN" record "$1" "$2" >"$TD_TMP/ears" & pstn_pids+=($!); wait_until 10 grep -q ready "$TD_TMP/ears"; }
tone() { "$PSTN" play "$1" "$2" & pstn_pids+=($!); }
busy() { "$PSTN" busy "$1" & pstn_pids+=($!); }
quiet() { kill -TERM "${pstn_pids[@]}" 2>/dev/null; wait "${pstn_pids[@]}" 2>/dev/null; pstn_pids=(); }
# heard_keys FILE - as a program that is not ours decodes them
heard_keys() {
	sox "$1" -t raw -r 22050 -e signed -b 16 -c 1 "$1.raw" 2>/dev/null
	multimon-ng -q -t raw -a DTMF "$1.raw" 2>/dev/null | sed -n 's/^DTMF: //p' | tr -d '\n'
}
