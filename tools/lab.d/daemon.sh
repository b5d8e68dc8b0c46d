# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Start, ask and stop tandemd in the lab's router. The caller sets
#   TD_ROOT  the source tree            TD_BUILD  where the binaries are
#   TD_TMP   folder of this run         TD_PIN    pin folder of this run (bpffs)
# and may set TD_RUN_DIR, TD_STATE_DIR, TD_LOG.

daemon_dirs() {
	TD_RUN_DIR=${TD_RUN_DIR:-$TD_TMP/run}
	TD_STATE_DIR=${TD_STATE_DIR:-$TD_TMP/state}
	TD_LOG=${TD_LOG:-$TD_TMP/tandemd.log}
}

mount_bpffs() {
	mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
}

# the worker's user; a package would have made it
make_user() {
	getent passwd tandem >/dev/null && return 0
	useradd --system --user-group --no-create-home --home-dir /nonexistent \
		--shell /usr/sbin/nologin tandem
}

# daemon_spawn NODE CONFIG [OPTION...] - start it, do not wait; pid in DAEMON_PID
daemon_spawn() {
	local node=$1 config=$2
	shift 2
	daemon_dirs
	mount_bpffs
	ns_exec "$node" "$TD_BUILD/tandemd" -f -c "$config" --run-dir "$TD_RUN_DIR" \
		--state-dir "$TD_STATE_DIR" --pin-dir "$TD_PIN" "$@" >>"$TD_LOG" 2>&1 </dev/null &
	DAEMON_PID=$!
}

daemon_alive() { [ -n "${DAEMON_PID:-}" ] && is_running "$DAEMON_PID"; }
daemon_says_ready() { grep -qw ready "$TD_LOG"; }
daemon_ready_or_dead() { daemon_says_ready || ! daemon_alive; }

# daemon_start CONFIG [OPTION...] - in the router, until it takes calls
daemon_start() {
	daemon_dirs
	: >"$TD_LOG"
	daemon_spawn router "$@"
	wait_until 20 daemon_ready_or_dead
	daemon_says_ready && return 0
	echo "tandemd did not become ready:" >&2
	tail -20 "$TD_LOG" >&2
	return 1
}

# daemon_stop - SIGTERM and wait; its exit status
daemon_stop() {
	local status
	[ -n "${DAEMON_PID:-}" ] || return 0
	kill -TERM "$DAEMON_PID" 2>/dev/null
	wait_until 10 not daemon_alive || kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID"
	status=$?
	DAEMON_PID=
	return "$status"
}

not() { ! "$@"; }

# td VERB... - the CLI on this daemon;  tdj VERB... - the same with --json
td() { "$TD_BUILD/tandem" --run-dir "$TD_RUN_DIR" "$@"; }
tdj() { td --json "$@"; }

# worker_pid - the daemon is a master and this one
worker_pid() { pgrep -P "$DAEMON_PID" | head -1; }
# new_worker OLD - is another one there, and does it answer?
new_worker() { local p; p=$(worker_pid); [ -n "$p" ] && [ "$p" != "$1" ] && td show version >/dev/null 2>&1; }
# worker_again - end the worker as a crash would, and wait for the next
worker_again() { local old; old=$(worker_pid); kill -KILL "$old" && wait_until 5 new_worker "$old"; }

# show_has JQ-CONDITION VERB... - is the condition true of the answer? Not of no answer.
show_has() {
	local cond=$1 answer
	shift
	answer=$(tdj "$@" 2>/dev/null) && [ -n "$answer" ] &&
		jq -e "$cond" <<<"$answer" >/dev/null 2>&1
}

# registered_count - phones that are registered now
registered_count() { tdj show phones 2>/dev/null | jq '[.[]|select(.state=="registered")]|length'; }
registered_is() { [ "$(registered_count)" = "$1" ]; }

# pins_remove DIR - what an ended daemon may have left in bpffs
pins_remove() {
	[ -n "$1" ] && [ -d "$1" ] && find "$1" -depth -delete 2>/dev/null
	return 0
}

# wait_until SECONDS COMMAND... - poll a condition; false when the limit is over. A limit of 3 s
# and more says how long to wait for what is sure to come: with other tests beside it a machine
# may take its time, so it is 20 s at least. On a slow machine TD_TIME_SCALE=N makes every limit
# N times as long, and the polls as much rarer: where a question to the daemon takes long, asking
# would be all that the machine does.
wait_until() {
	local limit=$1 step=$((50 * ${TD_TIME_SCALE:-1})) end
	[ "$limit" -ge 3 ] && [ "$limit" -lt 20 ] && limit=20
	limit=$((limit * ${TD_TIME_SCALE:-1}))
	printf -v step '%d.%03d' $((step / 1000)) $((step % 1000))
	shift
	end=$(($(date +%s%3N) + limit * 1000))
	until "$@"; do
		[ "$(date +%s%3N)" -ge "$end" ] && return 1
		sleep "$step"
	done
}
