#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 480
#
# "tandem diagnose PHONE" names what is wrong: twelve faults are made, in random order and two at a
# time, and each is named within five seconds; a phone that works has none, before, between and
# after. Then two on the same phone: both are named. FAULT_SEED repeats an order.
#
#   [one namespace for each host] 10.1.0.N eth0 ---- hN -+- br-lan 10.1.0.1 [ tandemd ]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tools/lab.d/sccp.sh"
need_root
need_daemon
need_tool curl
need_tool python3

FAULTS="${FAULTS:-no_option_150 wrong_mac unknown_type missing_load bad_locale wrong_zone file_not_fetched wrong_address registration_rejected digest_wrong codec_clash banned}"

rt() { ip -n "$(lab_ns router)" "$@"; }
hex() { printf '02000000%04d\n' "$1"; }		# MAC of host N
host_ip() { echo "10.1.0.$1"; }

# add_host N
add_host() {
	local ns
	ns=$(lab_ns "h$1")
	make_ns "$ns"
	ip link add "h$1" netns "$(lab_ns router)" type veth peer name eth0 netns "$ns"
	ip -n "$ns" link set eth0 address "$(hex "$1" | sed 's/../&:/g; s/:$//')"
	ip -n "$ns" addr add "$(host_ip "$1")/24" dev eth0
	ip -n "$ns" link set eth0 up
	rt link set "h$1" master br-lan
	rt link set "h$1" up
}

# phone NAME NUMBER HOST [OPTION-LINE...]
phone() {
	local name=$1 number=$2 host=$3
	shift 3
	printf "config phone '%s'\n\toption number '%s'\n\toption name '%s'\n" "$name" "$number" "$name"
	[ "$host" = - ] || printf "\toption mac '%s'\n" "$(hex "$host")"
	printf '\t%s\n' "$@"
}
sccp_phone() { phone "$@" "option protocol 'sccp'" "option type '7965'"; }
sip_phone() { phone "$@" "option type '7970'" "option password 'secret-of-$1'"; }

# config - ZONE and PRIMARY are what two of the faults change
config() {
	cat <<-UCI
	config global 'global'
		option timezone '$ZONE'
		list interface 'br-lan'
	config sip 'sip'
		option timezone 'Europe/Berlin'
		option authenticate 'auto'
	config sccp 'sccp'
		option enable 'on'
	config cluster 'cluster'
		option primary '$PRIMARY'
	config provision 'provision'
		list lease_file '$TD_TMP/leases'
	UCI
	sip_phone bob 1000 20
	sccp_phone no_option_150 1001 1
	sccp_phone wrong_mac 1002 2
	sip_phone unknown_type 1003 3
	sccp_phone missing_load 1004 4
	sccp_phone bad_locale 1005 5
	sccp_phone wrong_zone 1006 6
	sccp_phone file_not_fetched 1007 7
	sccp_phone wrong_address 1008 8
	sccp_phone registration_rejected 1009 9
	phone digest_wrong 1010 - "option password 'secret-of-digest_wrong'"
	phone codec_clash 1011 - "option address '10.1.0.20'" "list codec 'pcmu'"
	sccp_phone banned 1012 12
	sccp_phone not_fetched_and_rejected 1031 31
	sccp_phone banned_and_rejected 1032 32
	sccp_phone load_and_locale 1033 33
	sip_phone host_and_not_fetched 1034 34
	phone other 1013 - "option address '10.1.0.20:6011'" "list codec 'g722'"
}

tftp() { in_ns "h$1" timeout 10 curl -sf -o /dev/null "tftp://10.1.0.1/$2"; }
own() { tftp "$1" "SEP$(hex "$1").cnf.xml"; }
lease() { printf '0 %s %s * *\n' "$(hex "$1" | sed 's/../&:/g; s/:$//')" "$(host_ip "$1")" >>"$TD_TMP/leases"; }
is_up() { [ -e "$(sccp_dir "$1")" ]; }
# up N - an SCCP phone that has its file and registers
up() {
	own "$1"
	SCCP_SERVER=10.1.0.1 sccp_start "$1" "h$1" "SEP$(hex "$1")" 17 440 --type 7965
	sccp_wait "$1" '^registered$'
}

# ---- the faults: make_X brings it about ----

make_no_option_150() { lease 1; }
# its MAC in the configuration is not the one it has
make_wrong_mac() { tftp 22 "SEP$(hex 22).cnf.xml"; true; }
# a 7970 by the configuration, an older one in truth
make_unknown_type() { tftp 3 "SIP$(hex 3).cnf"; true; }
make_missing_load() { is_up "${1:-4}" || up "${1:-4}"; tftp "${1:-4}" SCCP45.9-4-2SR3-1S.loads; true; }
make_bad_locale() { is_up "${1:-5}" || up "${1:-5}"; tftp "${1:-5}" Klingon_Empire/mk-sccp.jar; true; }
make_wrong_zone() {
	up 6
	ZONE=Asia/Tokyo
	config >"$TD_TMP/tandem" && td reload
}
mend_wrong_zone() { ZONE=Europe/Berlin; config >"$TD_TMP/tandem"; td reload; }
make_file_not_fetched() {
	ns_exec "h${1:-7}" timeout 30 python3 - "$(hex "${1:-7}")" "$TD_TMP/asked${1:-7}" <<-'PY' &
	import socket, sys, time
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.sendto(b"\0\1SEP%s.cnf.xml\0octet\0" % sys.argv[1].encode(), ("10.1.0.1", 69))
	s.recv(600)
	open(sys.argv[2], "w").write("x")
	time.sleep(30)
	PY
	wait_until 20 test -s "$TD_TMP/asked${1:-7}"
}
make_wrong_address() {
	PRIMARY=10.99.0.1
	config >"$TD_TMP/tandem" && td reload && wait_until 5 own 8
}
mend_wrong_address() { PRIMARY=10.1.0.1; config >"$TD_TMP/tandem"; td reload; }
# somebody else says that it is this phone
make_registration_rejected() {
	local n=${1:-9}
	SCCP_SERVER=10.1.0.1 sccp_start "$n" h21 "SEP$(hex "$n")" 17 440 --type 7965
	sccp_wait "$n" '^reject'
}
make_digest_wrong() {
	in_ns h10 "$TD_ROOT/tests/lib/sipprobe.py" 10.1.0.1 register 1010 not-the-secret >/dev/null
	true
}
make_codec_clash() {
	cat >"$TD_TMP/invite" <<-SIP
	INVITE sip:1013@10.1.0.1 SIP/2.0
	Via: SIP/2.0/UDP 10.1.0.20:5060;branch=z9hG4bK-clash
	From: <sip:1011@10.1.0.1>;tag=clash
	To: <sip:1013@10.1.0.1>
	Call-ID: clash@10.1.0.20
	CSeq: 1 INVITE
	Contact: <sip:1011@10.1.0.20>
	Max-Forwards: 70
	Content-Type: application/sdp
	Content-Length: 110

	v=0
	o=x 1 1 IN IP4 10.1.0.20
	s=-
	c=IN IP4 10.1.0.20
	t=0 0
	m=audio 40000 RTP/AVP 0
	a=rtpmap:0 PCMU/8000
	SIP
	sed -i 's/$/\r/' "$TD_TMP/invite"
	in_ns h20 "$TD_ROOT/tests/lib/sipprobe.py" 10.1.0.1 raw "$TD_TMP/invite" >"$TD_TMP/invite.out"
}
make_banned() { lease "${1:-12}"; td ban "$(host_ip "${1:-12}")" 600; }
# ... and asks for its file all the same
make_wrong_host() { tftp 22 "SEP$(hex "$1").cnf.xml"; true; }

# told NAME - what diagnose says of it, for a failure
told() { diag "$(tdj diagnose "$1" | jq -c '{faults, seen}')"; }

names() { show_has 'any(.faults[]; .fault == "'"$1"'")' diagnose "$1"; }
healthy() { show_has '.verdict == "no fault" and .faults == []' diagnose bob; }

case_up() {
	scratch
	mount_bpffs
	make_user
	make_ns "$(lab_ns router)"
	rt link add br-lan type bridge
	rt addr add 10.1.0.1/24 dev br-lan
	rt link set br-lan up
	for n in 3 4 5 6 7 8 9 10 20 21 22 31 33 34; do add_host "$n"; done
	ZONE=Europe/Berlin PRIMARY=10.1.0.1
	: >"$TD_TMP/leases"
	config >"$TD_TMP/tandem"
	export TZ=Europe/Berlin
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	check "the files are there" wait_until 10 show_has 'any(.[]; .phone == "unknown_type")' show provision files
}

case_healthy() {
	check "before anything came from it" show_has '.verdict == "not_seen"' diagnose bob
	check "its file" own 20
	check "then it has not registered" wait_until 3 show_has '.verdict == "no_registration"' diagnose bob
	in_ns h20 "$TD_ROOT/tests/lib/sipprobe.py" 10.1.0.1 register 1000 secret-of-bob >/dev/null
	check "a phone that works: no fault" wait_until 5 healthy
	check "in words, too" td diagnose bob
	check "an unknown one is refused" not td diagnose nobody
}

case_faults() {
	local order fault other
	FAULT_SEED=${FAULT_SEED:-$RANDOM}
	diag "FAULT_SEED=$FAULT_SEED"
	read -ra order <<<"$(tr ' ' '\n' <<<"$FAULTS" | shuf --random-source=<(yes "$FAULT_SEED") | paste -sd' ')"
	while [ ${#order[@]} -gt 0 ]; do
		fault=${order[0]} other=${order[1]}
		order=("${order[@]:2}")
		"make_$fault"
		"make_$other"
		check "$fault is named" wait_until 5 names "$fault" || told "$fault"
		check "$other is named" wait_until 5 names "$other" || told "$other"
		check "and for each there is a remedy" show_has 'all(.faults[]; .why != "" and .remedy != "")' diagnose "$fault"
		check "bob has no fault still" healthy || told bob
		for f in "$fault" "$other"; do
			[ "$(type -t "mend_$f")" = function ] && "mend_$f"
		done
	done
}

# both NAME HOST FAULT FAULT - made in random order
both() {
	local fault
	for fault in $(shuf -e "$3" "$4"); do "make_$fault" "$2"; done
	check "$3 and $4 are named at once" wait_until 5 names_both "$1" "$3" "$4" || told "$1"
}
names_both() { show_has '[.faults[].fault] | contains(["'"$2"'", "'"$3"'"]) and length == 2' diagnose "$1"; }

case_two_on_one_phone() {
	both not_fetched_and_rejected 31 file_not_fetched registration_rejected
	both banned_and_rejected 32 banned registration_rejected
	both load_and_locale 33 missing_load bad_locale
	both host_and_not_fetched 34 wrong_host file_not_fetched
	check "bob has no fault still" healthy || told bob
}

case_mended() {
	check "its zone was put right: no fault" wait_until 5 show_has 'all(.faults[]; .fault != "wrong_zone")' diagnose wrong_zone
	td unban 10.1.0.12
	check "unbanned: it is not that any more" wait_until 5 show_has 'all(.faults[]; .fault != "banned")' diagnose banned
	check "fetched after all: it is not that any more" wait_until 5 own 7
	check "... but that it has not registered" wait_until 5 show_has '.verdict == "no_registration"' diagnose file_not_fetched
	check "registered after all: no fault" up 7
	check "... says diagnose" wait_until 5 show_has '.verdict == "no fault"' diagnose file_not_fetched
}

run_cases case_up case_healthy case_faults case_two_on_one_phone case_mended
