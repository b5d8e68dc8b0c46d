#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "tandem route": forty numbers of the dial plan of an American branch office, as CME guides
# write it (9 for the outside line, 911 twice, local, long distance, international, a site
# prefix to headquarters), and who may dial what. Nobody is called.
#
# Sources of the rules: Cisco "Dial Peer Features and Configuration" (longest match,
# preference, variable length), document 42720 (class of restriction), document 61083
# (translation rules), command reference for huntstop.
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon

plan() {
	cat <<-'UCI'
	config corlist 'c_local'
		list member 'local'
	config corlist 'c_ld'
		list member 'ld'
	config corlist 'c_intl'
		list member 'intl'
	config corlist 'c_premium'
		list member 'premium'
	config corlist 'lobby'
		list member 'none'
	config corlist 'employee'
		list member 'local'
		list member 'ld'
	config corlist 'manager'
		list member 'local'
		list member 'ld'
		list member 'intl'
	config translation 'to_e164'
		list rule 'reject /^9976/'
		list rule '/^9011\(.*\)/ /+\1/'
		list rule '/^91\(..........\)$/ /+1\1/'
		list rule '/^9\(.......\)$/ /+1919\1/'
	config translation 'main_number'
		list rule '/^2\(...\)$/ /+1919555\0/'
	config translationprofile 'to_pstn'
		option called 'to_e164'
		option calling 'main_number'
	config translation 'did'
		list rule '/^\+1919555\(2...\)$/ /\1/'
	config trunk 'pstn'
		option host '10.2.0.10'
	config trunk 'backup'
		option host '10.2.0.11'
	config trunk 'hq'
		option host '10.2.0.12'
		option cor_incoming 'employee'
	config dn 'boss'
		option number '2001'
		option cor_outgoing 'c_ld'
	config dn 'helpdesk'
		option number '2500'
		option huntstop '0'
	config phone 'lobby_phone'
		option number '2100'
		option password 'secret-of-lobby'
		option cor_incoming 'lobby'
	config phone 'employee_phone'
		option number '2101'
		option password 'secret-of-employee'
		option cor_incoming 'employee'
	config phone 'manager_phone'
		option password 'secret-of-manager'
		option cor_incoming 'manager'
		list line '1:boss'
	config phone 'desk'
		option password 'secret-of-desk'
		list line '1:helpdesk'
	config dialpeer 'sos'
		option tag '911'
		option destination_pattern '911'
		option trunk 'pstn'
		option emergency '1'
	config dialpeer 'sos9'
		option tag '9911'
		option destination_pattern '9911'
		option trunk 'pstn'
		option strip_digits '1'
		option emergency '1'
	config dialpeer 'local7'
		option tag '7'
		option destination_pattern '9[2-9]......$'
		option trunk 'pstn'
		option translation_outgoing 'to_pstn'
		option cor_outgoing 'c_local'
	config dialpeer 'ld'
		option tag '11'
		option destination_pattern '91[2-9]..[2-9]......$'
		option trunk 'pstn'
		option translation_outgoing 'to_pstn'
		option cor_outgoing 'c_ld'
	config dialpeer 'ld_backup'
		option tag '12'
		option destination_pattern '91[2-9]..[2-9]......$'
		option trunk 'backup'
		option preference '1'
		option strip_digits '1'
		option cor_outgoing 'c_ld'
	config dialpeer 'tollfree'
		option tag '800'
		option destination_pattern '91800.......$'
		option trunk 'pstn'
		option translation_outgoing 'to_pstn'
		option huntstop '1'
	config dialpeer 'premium'
		option tag '900'
		option destination_pattern '91900.......$'
		option trunk 'pstn'
		option cor_outgoing 'c_premium'
		option huntstop '1'
	config dialpeer 'intl'
		option tag '11011'
		option destination_pattern '9011T'
		option trunk 'pstn'
		option translation_outgoing 'to_pstn'
		option cor_outgoing 'c_intl'
	config dialpeer 'to_hq'
		option tag '80'
		option destination_pattern '8[1-4]...'
		option trunk 'hq'
		option forward_digits '4'
	config dialpeer 'hq_pstn'
		option tag '81'
		option destination_pattern '8[1-4]...'
		option trunk 'pstn'
		option preference '2'
		option forward_digits '4'
		option prefix '+1212555'
	config dialpeer 'hq_exec'
		option tag '82'
		option destination_pattern '8100.'
		option trunk 'hq'
		option forward_digits '4'
		option preference '9'
	config dialpeer 'overflow'
		option tag '25'
		option destination_pattern '25..'
		option trunk 'hq'
	config dialpeer 'service'
		option tag '411'
		option destination_pattern '9[2-8]11$'
		option trunk 'pstn'
		option strip_digits '1'
	config dialpeer 'star'
		option tag '72'
		option destination_pattern '*7(2)?[0-9]$'
		option trunk 'pstn'
	config dialpeer 'e164'
		option tag '1'
		option destination_pattern '+T'
		option trunk 'pstn'
		option cor_outgoing 'c_intl'
	UCI
}

# CALLER NUMBER = what leaves, in the order of the tries: TAG-OR-NUMBER>DIGITS[<CALLING]
# "-" nobody; then, in brackets, who is refused and why
numbers() {
	cat <<-'TABLE'
	desk 2100 = 2100>2100
	desk 2001 = 2001>2001
	lobby_phone 2001 = - [2001:restricted]
	employee_phone 2001 = 2001>2001
	hq 2001 = 2001>2001
	hq 2100 = 2100>2100
	pstn 2100 = 2100>2100
	desk 2102 = unknown
	desk 210 = incomplete
	desk 2500 = 2500>2500 25>2500
	desk 2501 = 25>2501
	lobby_phone 911 = 911>911
	lobby_phone 9911 = 9911>911
	pstn 911 = 911>911
	lobby_phone 95551234 = - [7:restricted]
	employee_phone 95551234 = 7>+19195551234<+19195552101
	manager_phone 95551234 = 7>+19195551234<+19195552001
	employee_phone 955512345 = unknown
	employee_phone 9555123 = incomplete
	employee_phone 912125551234 = 11>+12125551234<+19195552101 12>12125551234<2101
	lobby_phone 912125551234 = - [11:restricted] [12:restricted]
	employee_phone 911125551234 = unknown
	employee_phone 91212555123 = incomplete
	lobby_phone 918005551234 = 800>+18005551234<+19195552100 [11:restricted] [12:restricted]
	employee_phone 918005551234 = 800>+18005551234<+19195552101 [11:huntstop] [12:huntstop]
	employee_phone 919005551234 = 11>+19005551234<+19195552101 12>19005551234<2101 [900:restricted]
	desk 919005551234 = 900>919005551234<2500 [11:huntstop] [12:huntstop]
	manager_phone 9011493012345 = 11011>+493012345<+19195552001
	employee_phone 9011493012345 = - [11011:restricted]
	desk 9011 = 11011>+<+19195552500
	desk 9411 = 411>411
	desk 9011 = 11011>+<+19195552500
	desk 9976123 = incomplete
	desk 99761234 = - [7:rejected]
	employee_phone 82345 = 80>2345 81>+12125552345
	employee_phone 81001 = 82>1001 80>1001 81>+12125551001
	employee_phone 85123 = unknown
	employee_phone 8234567 = 80>4567 81>+12125554567
	hq 95551234 = - [7:transit]
	pstn 82345 = - [80:transit] [81:transit]
	manager_phone +493012345 = 1>+493012345
	employee_phone +493012345 = - [1:restricted]
	desk *75 = 72>*75
	desk *725 = 72>*725
	desk *755 = unknown
	desk #99 = unknown
	TABLE
}

case_start() {
	lab_setup
	{ office_config | sed -n "/config global/,/^$/p"; plan; } >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem"
}

# of the caller's number only what the plan changes or passes to a trunk by name is shown
say_route() {
	jq -r --arg with "$1" '
		def name: if .kind == "dial-peer" then (.tag | tostring) else .id end;
		def number($with): if $with != "" and .calling then "<" + .calling else "" end;
		if .result == "match" then
			([.choices[] | select(.step) | name + ">" + .called + number($with)] |
				if length == 0 then ["-"] else . end) +
			[.choices[] | select(.step | not) | "[\(name):\(.verdict)]"] | join(" ")
		else .result end'
}

case_forty_numbers() {
	local who number want got n=0
	while read -r who number _ want; do
		[[ $want == *"<"* ]] && got=$(tdj route "$number" from "$who" | say_route calling) ||
			got=$(tdj route "$number" from "$who" | say_route "")
		equal "$who dials $number: $want" "$want" "$got"
		n=$((n + 1))
	done < <(numbers)
	at_least "forty numbers" 40 "$n"
}

case_words() {
	td route 2001 from desk >"$TD_TMP/out"
	has "for people: why" 'reason: a number of the house, 4 digits' "$TD_TMP/out"
	td route 81001 from desk >"$TD_TMP/out"
	has "the longest match" 'best match, 4 digits spelled out' "$TD_TMP/out"
	has "a shorter one" 'shorter match, 1 digits spelled out' "$TD_TMP/out"
	has "and the preference" 'as long a match, preference 2' "$TD_TMP/out"
	td route 2001 from nobody >"$TD_TMP/out" 2>&1
	equal "an unknown caller: 1" 1 $?
	td route 2001 by desk >"$TD_TMP/out" 2>&1
	equal "usage: 2" 2 $?
	equal "show dial-peer" "$(plan | grep -c '^config dialpeer')" "$(tdj show dial-peer | jq length)"
	equal "show dial-peer TAG" "8[1-4]... hq 4" \
		"$(tdj show dial-peer voice 80 | jq -r '"\(.destination_pattern) \(.trunk) \(.forward_digits)"')"
	equal "by name" 11011 "$(tdj show dialpeer intl | jq .tag)"
	td show dialpeer 4711 >"$TD_TMP/out" 2>&1
	equal "one that is not there: 1" 1 $?
	equal "completion of a caller" "lobby_phone" "$(td complete route 2001 from lob)"
	equal "completion of a peer" "hq_exec hq_pstn" "$(td complete show dialpeer hq_ | sort | xargs)"
}

# what is shown can be read again, and gives the same plan
case_show_config() {
	td show config | sed "s/'\*\*\*\*\*\*\*\*'/'secret-again'/" >"$TD_TMP/again"
	check "show config can be read again" "$TD_BUILD/tandemd" --check -c "$TD_TMP/again"
	equal "all dial peers are in it" "$(plan | grep -c 'config dialpeer')" \
		"$(grep -c '^config dialpeer' "$TD_TMP/again")"
	has "with their patterns" "option destination_pattern '9\[2-9\]......\\$'" "$TD_TMP/again"
	has "and rules" "list rule '/\^9011" "$TD_TMP/again"
}

run_cases case_start case_forty_numbers case_words case_show_config
