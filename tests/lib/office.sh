# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Many phones played by sipp: a generated office, its registrations, calls through it.
# Callers are the numbers 2000.. at node a, called phones 3000.. at node b, whose contact
# is the sipp that answers on port 6060.

# office_many N - print a configuration of N callers and N called phones
office_many() {
	local n=$1 i
	cat <<-UCI
	config global 'global'
		option hostname 'lab'
		list interface 'lan0'
		list interface 'wan0'
	${OFFICE_GLOBAL:-}
	${OFFICE_MORE:-}
	UCI
	for ((i = 0; i < n; i++)); do
		printf "config phone 'a%d'\n\toption number '%d'\n\toption password 'secret-%d'\n" \
			"$i" $((2000 + i)) $((2000 + i))
		printf "config phone 'b%d'\n\toption number '%d'\n\toption password 'secret-%d'\n" \
			"$i" $((3000 + i)) $((3000 + i))
	done
}

# csv_numbers FIRST N [CALLED] - sipp's table: user, credentials, called number
csv_numbers() {
	local i
	echo SEQUENTIAL
	for ((i = 0; i < $2; i++)); do
		echo "$(($1 + i));[authentication username=$(($1 + i)) password=secret-$(($1 + i))];$((${3:-0} + i))"
	done
}

# office_register NODE CSV N [RATE] - all by digest; contact port 6060
office_register() {
	sipp_run "reg-$1" "$1" "$(gw_ip4 "$1")" -sf "$TD_ROOT/tests/lib/sipp/register.xml" -inf "$2" \
		-m "$3" -r "${4:-100}" -i "$(node_ip4 "$1")" -p 5070 -key contact_port 6060
}

# office_answer - the called phones: sipp at b answers on 6060 until it is killed
office_answer() {
	local dir=$TD_TMP/sipp-uas
	mkdir -p "$dir"
	ns_exec b sipp -sn uas -nostdin -i "$(node_ip4 b)" -p 6060 -mp 40000 -buff_size 8388608 \
		-trace_err -error_file "$dir/errors" >"$dir/screen" 2>&1 </dev/null &
	UAS_PID=$!
}

# office_calls NAME CSV RATE COUNT HOLD_MS [ARGUMENT...]
office_calls() {
	local name=$1 csv=$2 rate=$3 count=$4 hold=$5
	shift 5
	sipp_run "$name" a "$(gw_ip4 a)" -sf "$TD_ROOT/tests/lib/sipp/call.xml" -inf "$csv" \
		-r "$rate" -m "$count" -d "$hold" -i "$(node_ip4 a)" -p 5080 -mp 30000 "$@"
}
