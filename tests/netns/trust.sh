#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 60
#
# Phones that insist: lists of certificates and signed files of the daemon's own key, by TFTP and
# HTTP; openssl judges. The key outlives the daemon and is nobody's; the certificate that TLS shows
# is in the list.
#
#   [a: alice's MAC, TLS] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd :69 :6970 :5061 ] ---- [b]
source "$(dirname "$0")/../lib/lib.sh"
source "$TD_ROOT/tests/lib/tls.sh"
need_root
need_daemon
need_tool curl
need_tool openssl
need_tool python3

# got NODE SCHEME NAME - into $TD_TMP/got/NAME
got() {
	local port=
	[ "$2" = http ] && port=:6970
	rm -f "$TD_TMP/got/$3"
	in_ns "$1" timeout 10 curl -sf -o "$TD_TMP/got/$3" "$2://$(gw_ip4 "$1")$port/$3"
}
# parts NAME - what is in it, in $TD_TMP/parts; prints the name that it says
parts() { rm -rf "$TD_TMP/parts"; mkdir "$TD_TMP/parts"; "$TD_ROOT/tests/lib/signed.py" "$TD_TMP/got/$1" "$TD_TMP/parts"; }
# by_key - openssl: is what was taken apart last signed by the key of the list?
by_key() { openssl dgst -sha1 -verify "$TD_TMP/key.pub" -signature "$TD_TMP/parts/signature" "$TD_TMP/parts/signed" >/dev/null 2>&1; }

case_up() {
	lab_setup
	mkdir "$TD_TMP/got" "$TD_TMP/home"
	tls_authority ca
	tls_cert router ca "IP:$(gw_ip4 a)"
	chmod -R a+rX "$TD_TMP/tls" "$TD_TMP/home" "$TD_TMP"
	head -c 300000 /dev/urandom >"$TD_TMP/home/tones.xml"
	MAC=$(ip -n "$(lab_ns a)" -j link show eth0 | jq -r '.[0].address' | tr -d ':' | tr a-f A-F)
	# shellcheck disable=SC2034 # for office_config
	OFFICE_A="		option mac '$MAC'
		option type '7975'
		option transport 'tls'"
	# shellcheck disable=SC2034
	OFFICE_MORE="config sip 'sip'
$(tls_options router ca)
config provision 'provision'
	option trust '1'
	option home_path '$TD_TMP/home'"
	office_config off >"$TD_TMP/tandem"
	check "tandemd takes calls" daemon_start "$TD_TMP/tandem" || return
	check "the list is there" wait_until 5 show_has 'any(.[]; .name == "ITLFile.tlv")' show provision files
}

case_list() {
	check "ITLFile.tlv by TFTP" got a tftp ITLFile.tlv
	equal "says its name" ITLFile.tlv "$(parts ITLFile.tlv)"
	openssl x509 -inform DER -in "$TD_TMP/parts/0-0.der" -pubkey -noout >"$TD_TMP/key.pub"
	check "openssl: signed by the certificate that may sign lists" by_key
	check "the same one signs files" cmp -s "$TD_TMP/parts/0-0.der" "$TD_TMP/parts/1-3.der"
	check "openssl: it is whole" openssl verify -CAfile <(openssl x509 -inform DER -in "$TD_TMP/parts/0-0.der") \
		<(openssl x509 -inform DER -in "$TD_TMP/parts/0-0.der")
	tls_hello a >"$TD_TMP/hello"
	equal "and there is the one that TLS shows" \
		"$(openssl x509 -in "$TD_TMP/hello" -noout -fingerprint)" \
		"$(openssl x509 -inform DER -in "$TD_TMP/parts/2-1.der" -noout -fingerprint)"
	cp "$TD_TMP/got/ITLFile.tlv" "$TD_TMP/list"
	check "by HTTP, too" got a http ITLFile.tlv
	check "... the same" cmp -s "$TD_TMP/list" "$TD_TMP/got/ITLFile.tlv"
	check "a phone with TLS gets a CTL file" got a tftp "CTLSEP$MAC.tlv"
	equal "... which says its name" CTLFile.tlv "$(parts "CTLSEP$MAC.tlv")"
	check "... and is signed" by_key
	check "others get none" not got b tftp CTLSEP020000000099.tlv
}

case_signed() {
	local name=SEP$MAC.cnf.xml
	check "its file" got a tftp "$name"
	has "it is to use TLS" '<transportLayerProtocol>3<' "$TD_TMP/got/$name"
	has "... encrypted" '<deviceSecurityMode>3<' "$TD_TMP/got/$name"
	check "its file, signed" got a tftp "$name.sgn"
	equal "says its name" "$name.sgn" "$(parts "$name.sgn")"
	check "openssl: by the key of the list" by_key
	check "it is its file" cmp -s "$TD_TMP/parts/content" "$TD_TMP/got/$name"
	cp "$TD_TMP/got/$name.sgn" "$TD_TMP/signed"
	check "by HTTP, too" got a http "$name.sgn"
	check "... the same" cmp -s "$TD_TMP/signed" "$TD_TMP/got/$name.sgn"
	for by in tftp http; do
		check "a file of home_path, by $by" got b "$by" tones.xml.sgn
		equal "says its name" tones.xml.sgn "$(parts tones.xml.sgn)"
		check "openssl: by the key" by_key
		check "whole" cmp -s "$TD_TMP/parts/content" "$TD_TMP/home/tones.xml"
	done
	printf x | dd of="$TD_TMP/parts/signed" bs=1 seek=1000 conv=notrunc 2>/dev/null
	check "a byte of it is another: openssl says no" not by_key
	in_ns b timeout 10 curl -sf -r 500-200000 -o "$TD_TMP/part" "http://$(gw_ip4 b):6970/tones.xml.sgn"
	check "a part of it" cmp -s "$TD_TMP/part" <(tail -c +501 "$TD_TMP/got/tones.xml.sgn" | head -c 199501)
}

case_nobody_else() {
	check "another host does not get alice's" not got b tftp "SEP$MAC.cnf.xml.sgn"
	check "... by HTTP neither" not got b http "SEP$MAC.cnf.xml.sgn"
	check "what is not there is not signed" not got b http nothing.xml.sgn
	for name in trust.pem trust.pem.sgn ../trust.pem; do
		check "nobody gets the key: $name" not got b tftp "$name"
	done
	equal "it is a file of tandem's alone" "600 tandem" "$(stat -c '%a %U' "$TD_STATE_DIR/trust.pem")"
}

case_again() {
	daemon_stop
	check "another start" daemon_start "$TD_TMP/tandem"
	check "the same list" wait_until 5 same_list
	sed -i "s/option trust .*/option trust '0'/" "$TD_TMP/tandem"
	check "switched off" td reload
	check "no list any more" wait_until 5 not got a tftp ITLFile.tlv
	check "nothing is signed" not got a tftp "SEP$MAC.cnf.xml.sgn"
	check "the key stays" test -s "$TD_STATE_DIR/trust.pem"
}
same_list() { got a tftp ITLFile.tlv && cmp -s "$TD_TMP/list" "$TD_TMP/got/ITLFile.tlv"; }

run_cases case_up case_list case_signed case_nobody_else case_again
