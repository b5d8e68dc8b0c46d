# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Who is in the lab: two SIP phones, an SCCP phone, and a carrier that knows IPv6 alone. All of
# them dial, ring, answer and hang up, each in its own way.
#
#   a, b     baresip, registered by digest      1001, 1002
#   c        tools/sccp-phone                   1003
#   carrier  baresip, at the end of a trunk     5550100; from inside 9 5550100

LAB_NODES+=(
	"c lan1 10.3.0 fd00:3:"
	"carrier wan1 10.4.0 fd00:4:"
)
LAB_PARTIES="a b c carrier"
C_DEVICE=SEP0000000000C3

party_number() {
	case $1 in
	a) echo 1001 ;;
	b) echo 1002 ;;
	c) echo 1003 ;;
	carrier) echo 95550100 ;;
	esac
}
party_word() {
	case $1 in
	a | b) echo "SIP phone $1" ;;
	c) echo "SCCP phone c" ;;
	carrier) echo "the carrier (IPv6)" ;;
	esac
}
password_of() { echo "lab-password-of-$1"; }

# lab_config XDP - the shipped default configuration, on the lab's interfaces, with its parties
lab_config() {
	local node
	sed "/^[[:space:]]*list[[:space:]]\+interface/d" "$TD_ROOT/config/files/tandem"
	printf "\nconfig global 'global'\n"
	for node in $LAB_PARTIES; do printf "\tlist interface '%s'\n" "$(node_dev "$node")"; done
	for node in $LAB_PARTIES; do
		printf "\nconfig interface '%s'\n\toption xdp '%s'\n" "$(node_dev "$node")" "$1"
	done
	cat <<-UCI

	config phone 'alice'
		option protocol 'sip'
		option number '$(party_number a)'
		option name 'Alice'
		option password '$(password_of a)'

	config phone 'bob'
		option protocol 'sip'
		option number '$(party_number b)'
		option name 'Bob'
		option password '$(password_of b)'

	config phone 'carol'
		option protocol 'sccp'
		option type '7970'
		option mac '${C_DEVICE#SEP}'
		option address '$(node_ip4 c)'
		option number '$(party_number c)'
		option name 'Carol'

	config trunk 'carrier'
		option host '$(node_ip6 carrier)'

	config dialpeer 'out'
		option tag '100'
		option destination_pattern '9T'
		option trunk 'carrier'
		option strip_digits '1'
	UCI
}

party_start() {
	case $1 in
	a) phone_start a a "$(party_number a)" "$(password_of a)" 440 ;;
	b) phone_start b b "$(party_number b)" "$(password_of b)" 880 ;;
	c) sccp_start c c "$C_DEVICE" 17 550 --type 7970 --bind "$(node_ip4 c)" ;;
	carrier)
		ip -4 -n "$(lab_ns carrier)" addr flush dev eth0
		PHONE_REGINT=0 PHONE_OPTS=-6 PHONE_LISTEN='[::]' PHONE_PROXY="[$(gw_ip6 carrier)]" \
			phone_start carrier carrier 5550100 none 660 ;;
	esac
}
party_dir() { case $1 in c) sccp_dir c ;; *) phone_dir "$1" ;; esac; }
party_pid() { cat "$(party_dir "$1")/pid" 2>/dev/null; }
party_lives() { [ -n "$(party_pid "$1")" ] && is_running "$(party_pid "$1")"; }
# stop sending without a word, so that counters can be compared
party_freeze() { local n; for n; do kill -STOP "$(party_pid "$n")"; done; }
party_thaw() { local n; for n; do kill -CONT "$(party_pid "$n")"; done; }

party_mark() {
	local n
	for n; do
		case $n in c) sccp_mark c ;; *) phone_mark "$n" ;; esac
	done
}

# party_dial FROM TO
party_dial() {
	if [ "$1" = c ]; then
		sccp_do c offhook
		sccp_wait c '^tone 21' && sccp_do c digits "$(party_number "$2")"
	else
		phone_do "$1" dial "sip:$(party_number "$2")@$(gw_ip4 "$1")"
	fi
}
party_rings() { case $1 in c) sccp_saw c '^ringer 2' ;; *) phone_rings "$1" ;; esac; }
party_answer() { case $1 in c) sccp_do c offhook ;; *) phone_do "$1" accept ;; esac; }
party_talks() { case $1 in c) sccp_saw c '^state 5' ;; *) phone_saw "$1" CALL_ESTABLISHED ;; esac; }
party_hang_up() { case $1 in c) sccp_do c onhook ;; *) phone_do "$1" hangup ;; esac; }
