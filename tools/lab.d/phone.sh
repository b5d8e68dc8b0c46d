# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Real SIP phones without a sound card: baresip in the lab's namespaces. A phone is a
# folder $TD_TMP/phone-NAME with its configuration, log, the events it pushed and its
# recordings. Commands go in and events come out over baresip's ctrl_tcp (netstrings of
# JSON), which a socat joins to a fifo and a file for as long as the phone lives. All state
# is in that folder, so another process may go on with the phone.

phone_dir() { echo "$TD_TMP/phone-$1"; }

# tone_wav FILE HZ SECONDS - what baresip plays into its calls
tone_wav() {
	sox -n -r 8000 -c 1 -b 16 "$1" synth "$3" sine "$2" vol 0.5
}

phone_config() {
	local dir=$1 node=$2 hz=$3 port=$4
	cat >"$dir/config" <<-CONF
	sip_listen		${PHONE_LISTEN:-0.0.0.0}:$port
	net_interface		${PHONE_DEV:-eth0}
	audio_player		aufile,$dir/play.wav
	audio_source		aufile,$dir/tone-$hz.wav
	audio_alert		aufile,$dir/alert.wav
	audio_srate		8000
	audio_channels		1
	rtp_ports		20000-20998
	rtp_tos			0
	rtp_stats		yes
	call_max_calls		4
	snd_path		$dir
	module_path		/usr/lib/baresip/modules
	module			g711.so
	module			aufile.so
	module			ausine.so
	module			sndfile.so
	module_tmp		uuid.so
	module_tmp		account.so
	module_app		menu.so
	module_app		ctrl_tcp.so
	module_app		rtcpsummary.so
	ctrl_tcp_listen		127.0.0.1:$((4000 + port % 1000))
	${PHONE_CONFIG:-}
	CONF
	: >"$dir/contacts"
	: >"$dir/uuid"
}

# phone_account NAME USER PASSWORD PROXY - more account parameters in PHONE_PARAMS
phone_account() {
	echo "<sip:$2@$4${PHONE_URI_PARAMS:-;transport=udp}>;auth_user=$2;auth_pass=$3;regint=${PHONE_REGINT:-120};audio_codecs=${PHONE_CODECS:-PCMU/8000/1}${PHONE_PARAMS:-}" \
		>"$(phone_dir "$1")/accounts"
}

# phone_start NAME NODE USER PASSWORD HZ [PORT] - HZ: the tone it sends. The environment may
# set PHONE_PROXY (default: the router as the node sees it), PHONE_OPTS, PHONE_PARAMS,
# PHONE_CONFIG (more lines of configuration), PHONE_SECONDS (of tone; then it hangs up) ...
phone_start() {
	local name=$1 node=$2 user=$3 password=$4 hz=$5 port=${6:-5060} dir ctl
	dir=$(phone_dir "$name")
	mkdir -p "$dir"
	phone_config "$dir" "$node" "$hz" "$port"
	phone_account "$name" "$user" "$password" "${PHONE_PROXY:-$(gw_ip4 "$node")}"
	tone_wav "$dir/tone-$hz.wav" "$hz" "${PHONE_SECONDS:-60}"
	# shellcheck disable=SC2086 # options are words
	(cd "$dir" && exec nsenter --net="/run/netns/$(lab_ns "$node")" -- \
		baresip -f "$dir" ${PHONE_OPTS:-}) </dev/null >"$dir/log" 2>&1 &
	echo $! >"$dir/pid"
	echo 0 | tee "$dir/mark" >"$dir/rang"
	ctl=$((4000 + port % 1000))
	wait_until 10 in_ns "$node" socat -u OPEN:/dev/null "TCP:127.0.0.1:$ctl" 2>/dev/null || {
		echo "phone $name did not start:" >&2
		tail -5 "$dir/log" >&2
		return 1
	}
	phone_wire "$name" "$node" "$ctl"
}

# the fifo is opened for reading and writing, so it never ends when one writer closes it
phone_wire() {
	local node=$2 ctl=$3 dir
	dir=$(phone_dir "$1")
	rm -f "$dir/cmd"
	mkfifo "$dir/cmd"
	ns_exec "$node" socat "TCP:127.0.0.1:$ctl" STDIO <>"$dir/cmd" >"$dir/events" 2>/dev/null &
}

phone_pid() { cat "$(phone_dir "$1")/pid" 2>/dev/null; }

# phone_do NAME COMMAND [PARAMETER] - e.g. phone_do a dial sip:1002@10.1.0.1
phone_do() {
	local json="{\"command\":\"$2\",\"params\":\"${3:-}\",\"token\":\"t\"}"
	printf '%d:%s,' "${#json}" "$json" >"$(phone_dir "$1")/cmd"
}

# Events since the last phone_mark. baresip writes {"event":true,"type":"CALL_ESTABLISHED",...}
phone_mark() {
	stat -c %s "$(phone_dir "$1")/events" >"$(phone_dir "$1")/mark"
	phone_calls_in "$1" >"$(phone_dir "$1")/rang"
}
phone_events() { tail -c +$(($(cat "$(phone_dir "$1")/mark") + 1)) "$(phone_dir "$1")/events"; }
# Not every event is pushed: of an incoming call only the log is sure to tell.
phone_calls_in() { grep -ac 'Incoming call from' "$(phone_dir "$1")/log"; }
phone_rings() { [ "$(phone_calls_in "$1")" -gt "$(cat "$(phone_dir "$1")/rang")" ]; }
phone_saw() { phone_events "$1" | grep -aq "\"type\":\"$2\""; }
# phone_wait NAME EVENT [SECONDS]
phone_wait() { wait_until "${3:-10}" phone_saw "$1" "$2"; }

# phone_stop NAME... - politely, so that its recording is complete
phone_stop() {
	local name
	for name; do
		[ -e "$(phone_dir "$name")/pid" ] || continue
		kill_pids 5 "$(phone_pid "$name")"
		rm -f "$(phone_dir "$name")/pid"
	done
}

# phone_freeze / phone_thaw NAME... - stop sending without signalling, to compare counters
phone_freeze() { local n; for n; do kill -STOP "$(phone_pid "$n")"; done; }
phone_thaw() { local n; for n; do kill -CONT "$(phone_pid "$n")"; done; }

# phone_heard NAME - the longest recording of what the phone received (a hold ends one)
phone_heard() {
	# shellcheck disable=SC2012 # our own names
	ls -S "$(phone_dir "$1")"/dump-*-dec.wav 2>/dev/null | head -1
}
