# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A carrier: Kamailio on node b. It asks for digest at REGISTER and INVITE (realm carrier.test,
# password pass), answers OPTIONS, sends our calls on to port 7001 of its host, and calls from its
# own host to what has registered. With CARRIER_TLS it speaks TLS on port 5061 too, with that
# certificate of tests/lib/tls.sh. With CARRIER_NUMBER it asks nobody, and takes calls to that number
# alone: 484 to all others.

carrier_tls_core() {
	[ -n "${CARRIER_TLS:-}" ] || { echo "disable_tcp=yes"; return; }
	printf 'enable_tls=yes\ntcp_children=1\nlisten=tls:%s:5061\n' "$(node_ip4 b)"
}

carrier_tls_module() {
	[ -n "${CARRIER_TLS:-}" ] || return 0
	printf 'loadmodule "tls.so"\nmodparam("tls", "%s", "%s")\nmodparam("tls", "%s", "%s")\n' \
		certificate "$TD_TMP/tls/$CARRIER_TLS.crt" private_key "$TD_TMP/tls/$CARRIER_TLS.key"
	# it is the one who calls, too: our certificate is not its affair here
	printf 'modparam("tls", "verify_certificate", 0)\nmodparam("tls", "tls_method", "TLSv1.2+")\n'
}

carrier_takes() {
	if [ -n "${CARRIER_NUMBER:-}" ]; then
		printf 'if ($rU != "%s") { sl_send_reply("484", "Address Incomplete"); exit; }' "$CARRIER_NUMBER"
	else
		printf 'if (!pv_proxy_authenticate("carrier.test", "pass", "0")) {'
		printf ' proxy_challenge("carrier.test", "1"); exit; } consume_credentials();'
	fi
}

carrier_config() {
	local dir ip
	dir=$(dirname "$(find /usr/lib -path '*kamailio/modules/usrloc.so' | head -1)")
	ip=$(node_ip4 b)
	cat <<-CFG
	debug=0
	log_stderror=yes
	children=1
	$(carrier_tls_core)
	auto_aliases=no
	dns=no
	rev_dns=no
	listen=udp:$ip:5060
	mpath="$dir/"
	loadmodule "sl.so"
	loadmodule "tm.so"
	loadmodule "rr.so"
	loadmodule "pv.so"
	loadmodule "siputils.so"
	loadmodule "usrloc.so"
	loadmodule "registrar.so"
	loadmodule "auth.so"
	$(carrier_tls_module)
	modparam("usrloc", "db_mode", 0)
	modparam("registrar", "max_expires", 90)
	modparam("auth", "qop", "auth")
	request_route {
		if (\$rm == "REGISTER") {
			if (!pv_www_authenticate("carrier.test", "pass", "0")) {
				www_challenge("carrier.test", "1");
				exit;
			}
			save("location");
			exit;
		}
		if (\$rm == "OPTIONS") {
			sl_send_reply("200", "Here");
			exit;
		}
		if (has_totag()) {
			loose_route();
			t_relay();
			exit;
		}
		if (\$si == "$ip") {
			if (!lookup("location")) {
				sl_send_reply("404", "Not Here");
				exit;
			}
		} else if (\$rm == "INVITE") {
			$(carrier_takes)
			\$du = "sip:$ip:7001";
		}
		record_route();
		t_relay();
	}
	CFG
}

carrier_start() {
	carrier_config >"$TD_TMP/kamailio.cfg"
	mkdir -p "$TD_TMP/kam"
	ns_exec b kamailio -f "$TD_TMP/kamailio.cfg" -DD -E -m 64 -M 8 -Y "$TD_TMP/kam" \
		>"$TD_TMP/kamailio.log" 2>&1 </dev/null &
	CARRIER_PID=$!
	wait_until 10 listens b 5060 || { tail -5 "$TD_TMP/kamailio.log" >&2; return 1; }
}
