#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# Buttons of SCCP phones: lines, speed dials, busy lamps, functions, intercoms; message lamps; call back.
#
#   [sccp s1 1001 and 1009 .11, s2 1002 .12] node a -- [ tandemd ] -- node b [sccp s3 1003]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/trio.sh"
need_root
need_daemon
need_tool python3
need_tool sipp

config() {
	cat <<-UCI
	config global 'global'
		list interface 'lan0'
		list interface 'wan0'
		option timeout_interdigit '8'
		option timeout_busy '5'
	config phone 's1'
		option protocol 'sccp'
		option mac '000000000011'
		option address '$(sccp_addr a 11)'
		list line '1:1001'
		list button '2:speed-dial:1002:Two'
		list button '3:blf:1003:Three'
		list line '4:1009'
		list button '5:dnd'
		list button '6:cfwdall'
		list button '8:transfer'
		list line '7:two'
		list line '9:three'
	config phone 's2'
		option protocol 'sccp'
		option mac '000000000012'
		option address '$(sccp_addr a 12)'
		list line '1:1002'
		list button '2:blf:1003:Three'
		list line '4:one'
	config phone 's3'
		option protocol 'sccp'
		option mac '000000000013'
		option address '$(sccp_addr b 13)'
		list line '1:1003'
		list line '2:door'
	config dn 'two'
		option number 'A1'
		option label 'To Two'
		option intercom '1'
		option intercom_number 'A2'
	config dn 'one'
		option number 'A2'
		option intercom '1'
		option intercom_number 'A1'
		option intercom_barge_in '1'
	config dn 'three'
		option number 'A3'
		option intercom_number 'A4'
	config dn 'door'
		option number 'A4'
		option intercom '1'
		option intercom_number 'A3'
		option intercom_no_mute '1'
	config trunk 'mailbox'
		option host '$(node_ip4 b)'
		option port '5070'
		option username 'gateway'
		option password 'for-the-mailbox'
		option realm 'mail.test'
	config mwi 'lamps'
		option server 'mailbox'
		list number '1001'
	config trunk 'voicemail'
		option host '$(node_ip4 b)'
		option mwi '${TRUNK_MWI:-1}'
	UCI
}

# notify EVENT USER BODY - as a voicemail at b's host does, without being asked; the answer's first line
notify() {
	local body=$3 gw
	gw=$(gw_ip4 b)
	printf '%s\r\n' "NOTIFY sip:$2@$gw SIP/2.0" "Via: SIP/2.0/UDP $(node_ip4 b):5060;branch=z9hG4bK$RANDOM$RANDOM" \
		"Max-Forwards: 70" "From: <sip:voicemail@$(node_ip4 b)>;tag=$RANDOM" "To: <sip:$2@$gw>" \
		"Call-ID: $RANDOM$RANDOM@b" "CSeq: 1 NOTIFY" "Contact: <sip:voicemail@$(node_ip4 b)>" "Event: $1" \
		"Subscription-State: active" "Content-Type: application/simple-message-summary" \
		"Content-Length: ${#body}" "" >"$TD_TMP/notify"
	printf '%s' "$body" >>"$TD_TMP/notify"
	in_ns b timeout 5 socat -t 2 -b 4096 "OPEN:$TD_TMP/notify!!STDOUT" "UDP:$gw:5060,sourceport=5060" | head -1 | tr -d '\r'
}

setup() {
	trio_house
	wire_start keys a "tcp port 2000"
	trio_phones
	check "three phones register" wait_until 10 registered_is 3
}
gone() { wait_until 10 show_has 'length == 0' show calls; }

case_template() {
	check "buttons in their places" sccp_saw s1 '^buttons 1:09 1:02 2:15 2:09 3:82 4:05 3:09 5:04 4:09$'
	check "the speed dial's number and label" sccp_saw s1 "^speeddial 1 '1002' 'Two'"
	check "the busy lamp's" sccp_saw s1 "^speeddial 2 '1003' 'Three'"
	check "... is idle when s3 is there" sccp_wait s1 "^feature 2 type 15 state 1 'Three'"
	check "the functions have names" sccp_saw s1 "^feature 3 type 82 state 0 'Do not disturb'"
	check "an intercom's label" sccp_saw s1 "^line 3 'A1' .*'To Two'$"
	check "the second line" sccp_saw s1 "^line 2 '1009'"
	check "a 7960 has a speed dial in its place" sccp_saw s2 '^buttons 1:09 1:02 0:ff'
}

case_speed_dial() {
	sccp_mark s1 s2
	sccp_do s1 button speeddial 1
	check "one key: s2 rings" sccp_wait s2 '^ringer 2'
	sccp_do s1 end
	check "no call is left" gone
	sccp_mark s1 s2 s3
	sccp_do s1 offhook
	sccp_wait s1 '^tone 21'
	sccp_do s1 button blf 2
	check "off hook, and a busy lamp's key: s3 rings" sccp_wait s3 '^ringer 2'
	sccp_do s3 answer
	sccp_wait s1 '^start '
	sccp_mark s1 s2
	sccp_do s1 button transfer
	sccp_wait s1 '^tone 21'
	sccp_do s1 button speeddial 1
	check "the number of a transfer by key" sccp_wait s2 '^ringer 2'
	sccp_do s1 button transfer
	check "s1 is out" sccp_wait s1 '^lamp line 1 off'
	sccp_do s2 end
	check "no call is left" gone
}

case_busy_lamp() {
	sccp_mark s1 s2 s3
	sccp_do s2 enbloc 1003
	check "s3 rings: the lamp says so" sccp_wait s1 "^feature 2 type 15 state 4"
	check "... on the 7960, too" sccp_wait s2 '^lamp 02 1 blink'
	sccp_do s3 answer
	check "s3 talks" sccp_wait s1 "^feature 2 type 15 state 2"
	check "... on the 7960" sccp_wait s2 '^lamp 02 1 on'
	sccp_mark s1
	sccp_do s3 end
	check "s3 is free" sccp_wait s1 "^feature 2 type 15 state 1"
	sccp_mark s1
	sccp_do s3 close
	check "s3 is gone" sccp_wait s1 "^feature 2 type 15 state 0"
	sccp_do s3 connect
	check "... and there again" sccp_wait s1 "^feature 2 type 15 state 1"
	check "no call is left" gone
}

case_lines() {
	sccp_mark s1 s2
	sccp_do s1 button line 2
	check "the second line's button: its tone" sccp_wait s1 '^tone 21 line 2'
	sccp_do s1 digits 1002
	check "... its number calls" sccp_wait s2 "^info type 1 from '1009'"
	sccp_do s2 answer
	sccp_wait s1 '^start '
	sccp_mark s1
	sccp_do s3 enbloc 1001
	check "a call to the first line waits" sccp_wait s1 '^tone 2d line 1'
	check "... its lamp blinks" sccp_wait s1 '^lamp line 1 blink'
	sccp_do s1 button line 1
	check "its button: the second line is held" sccp_wait s1 '^state 8 line 2'
	check "... lamps: one on, one winks" sccp_wait s1 '^lamp line 2 wink'
	sccp_mark s1
	sccp_do s1 button line 2
	check "and back" sccp_wait s1 '^state 8 line 1'
	sccp_do s2 end
	sccp_do s3 end
	check "no call is left" gone
}

case_messages() {
	sccp_mark s1
	check "tandem mwi 1001 on" td mwi 1001 on
	check "the message lamp" sccp_wait s1 '^lamp 0f 1 on'
	sccp_mark s1
	sccp_do s1 close
	sccp_do s1 connect
	check "also when it comes again" sccp_wait s1 '^lamp 0f 1 on'
	sccp_mark s1
	check "tandem mwi 1001 off" td mwi 1001 off
	check "dark" sccp_wait s1 '^lamp 0f 1 off'
	check "a number that is not there" not td mwi 4711 on
	equal "what it was" 0 "$(tdj mwi 1001 | jq .messages)"
}

case_voicemail() {
	sccp_mark s1
	equal "a voicemail trunk tells of three messages" "SIP/2.0 200 OK" "$(notify message-summary 4711 \
		$'Messages-Waiting: yes\r\nMessage-Account: sip:1001@pbx\r\nVoice-Message: 3/1 (0/0)\r\n')"
	check "the lamp" sccp_wait s1 '^lamp 0f 1 on'
	equal "they are counted" 3 "$(tdj mwi 1001 | jq .messages)"
	sccp_mark s1
	equal "without an account it is who the request is to" "SIP/2.0 200 OK" \
		"$(notify message-summary 1001 $'Messages-Waiting: no\r\n')"
	check "dark" sccp_wait s1 '^lamp 0f 1 off'
	equal "nobody has the number" "SIP/2.0 404 Not Found" "$(notify message-summary 4711 $'Messages-Waiting: yes\r\n')"
	equal "another event" "SIP/2.0 489 Bad Event" "$(notify refer 1001 $'Messages-Waiting: yes\r\n')"
	equal "no summary" "SIP/2.0 400 Bad Request" "$(notify message-summary 1001 hello)"
	TRUNK_MWI=0
	config >"$TD_CONF"
	td reload >/dev/null
	notify message-summary 1001 $'Messages-Waiting: yes\r\n' >"$TD_TMP/answer"
	equal "from a trunk that is no voicemail: nothing" 0 "$(tdj mwi 1001 | jq .messages)"
}

voicemail_listens() { in_ns b ss -Hlun 'sport = :5070' | grep -q .; }
mwi_is() { show_has ".[0] | .number == \"1001\" and $1" show mwi; }

# a voicemail that wants to be asked; its lamp is on s1 as that of one that tells by itself
case_subscription() {
	check "the mailbox is not there: asked again later" wait_until 15 mwi_is '.state == "trying" and .failures == 1'
	sccp_mark s1
	sipp_start mail b -sf "$TD_ROOT/tests/netns/sipp/voicemail.xml" -m 1 -i "$(node_ip4 b)" -p 5070 \
		-trace_msg -message_file "$TD_TMP/sipp-mail/messages"
	wait_until 5 voicemail_listens
	# another number is asked for at once, not after half a minute
	sed -i "/list number '1001'/s/.*/\t\tlist number '1009'/" "$TD_CONF"
	td reload >/dev/null
	check "who asks has the account: two messages" wait_until 10 show_has '.[0].messages == 2 and .[0].state == "subscribed"' show mwi
	check "... the lamp of the second line" sccp_wait s1 '^lamp 0f 2 on'
	check "renewed in the same dialog: none" sccp_wait s1 '^lamp 0f 2 off'
	check "the mailbox is content" wait "$SIPP_PID"
	check "it has ended: asked anew" wait_until 15 show_has '.[0].state == "trying"' show mwi
}

case_functions() {
	sccp_mark s1
	sccp_do s1 button dnd 3
	check "the DND button shows that it is on" sccp_wait s1 "^feature 3 type 82 state 1"
	sccp_mark s1
	sccp_do s1 button dnd 3
	check "... and off" sccp_wait s1 "^feature 3 type 82 state 0"
	sccp_mark s1
	sccp_do s1 button forwardall 4
	sccp_wait s1 '^tone 21'
	sccp_do s1 button speeddial 1
	check "all calls go to a speed dial" sccp_wait s1 "^forward line 1 any 1 all 1 '1002'"
	check "... its button is on" sccp_wait s1 "^feature 4 type 05 state 1"
	sccp_mark s1
	sccp_do s1 button forwardall 4
	check "and off again" sccp_wait s1 "^feature 4 type 05 state 0"
}

case_call_back() {
	sccp_mark s1 s2 s3
	sccp_do s3 soft dnd
	sccp_wait s3 "^prompt line 0 'DND'"
	sccp_do s1 enbloc 1003
	check "busy: CallBack is there" sccp_wait s1 '^keys .*set 8: EndCall CallBack$'
	sccp_do s3 soft dnd
	sccp_do s2 enbloc 1003
	sccp_wait s3 '^ringer 2'
	sccp_do s1 soft callback
	check "s1 waits" sccp_wait s1 "^note 'CallBack'"
	sccp_mark s1
	sccp_do s2 end
	check "s3 is free: s1 is told" sccp_wait s1 "^note 'CallBack1003'"
	check "... and hears it once" sccp_saw s1 '^ringer 2 line 1'
	sccp_mark s3
	gone
	sccp_do s1 soft redial
	check "Redial calls it" sccp_wait s3 '^ringer 2'
	sccp_do s1 end
	check "no call is left" gone
}

case_intercom() {
	sccp_mark s1 s2
	sccp_do s1 button line 3
	check "its button calls by itself" sccp_wait s1 '^state 12 line 3'
	check "the other one answers by itself" sccp_wait s2 '^state 5 line 2'
	check "... its microphone is off" sccp_wait s2 '^microphone off'
	check "... and it beeps" sccp_saw s2 '^tone 32 line 2'
	check "media flow" wait_until 10 legs_have 50
	sccp_do s1 end
	check "no call is left" gone
	sccp_do s3 enbloc 1002
	sccp_wait s2 '^ringer 2'
	sccp_do s2 answer
	sccp_wait s2 '^start '
	sccp_mark s1 s2
	sccp_do s1 button line 3
	check "barge-in: who talks holds that call" sccp_wait s2 '^state 8 line 1'
	check "... and answers" sccp_wait s2 '^state 5 line 2'
	sccp_do s1 end
	sccp_wait s2 '^state 2 line 2'
	sccp_mark s1 s2
	sccp_do s2 button line 2
	check "the other way it answers, too" sccp_wait s1 '^state 5 line 3'
	sccp_do s1 end
	sccp_wait s2 '^state 2 line 2'
	sccp_do s3 end
	check "no call is left" gone
	sccp_mark s1 s3
	sccp_do s1 button line 4
	check "no-mute: s3 answers" sccp_wait s3 '^tone 32 line 2'
	check "... and is heard" not sccp_saw s3 '^microphone'
	sccp_do s1 end
	check "no call is left" gone
	sccp_mark s1 s3
	sccp_do s3 button line 2
	check "no-auto-answer: s1 rings" sccp_wait s1 '^ringer 2 line 4'
	check "... until somebody answers" not sccp_saw s1 '^state 5'
	sccp_do s3 end
	check "no call is left" gone
	sccp_mark s2
	sccp_do s1 soft redial
	check "redial is for what was dialled" not sccp_wait s2 '^state 5 line 2' 1
	sccp_do s1 end
	gone
}

# what stands on idle displays, live
case_system_message() {
	sccp_mark s1
	sed -i "/^config global/a \\\toption system_message 'Schlüsseldienst'" "$TD_CONF"
	check "a system message is loaded" td reload
	check "... and stands on the display" sccp_wait s1 "^prompt line 0 'Schl.*sseldienst'"
	sccp_mark s1
	sed -i "/system_message/d" "$TD_CONF"
	td reload >/dev/null
	check "without, the phone's own words" sccp_wait s1 "^prompt line 0 'Your current options'"
}

case_clean() {
	wire_stop keys
	equal "tshark: no malformed frame from the router" "" "$(tshark -n -r "$TD_TMP/keys.pcap" \
		-Y '_ws.malformed and tcp.srcport == 2000' -T fields -e skinny.messageId 2>/dev/null)"
	for s in s1 s2 s3; do check "$s met nothing that it does not know" sccp_clean $s; done
}

setup
run_cases case_template case_speed_dial case_busy_lamp case_lines case_messages case_voicemail case_subscription case_functions \
	case_call_back case_intercom case_system_message case_clean
