#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# What the management sees: the counters as Prometheus' own tool judges them, and the status page in
# a browser (Chromium) during a call: the call with its quality, the phones, a phone's diagnosis,
# brought up to date without a reload; names full of markup stay text; who is not on the list reads
# nothing, and a router asked by many or by nobody's reader goes on.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 10.1.0.1 [ tandemd :8090 ] 10.2.0.1 wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_daemon
need_tool curl
need_tool promtool
need_tool chromium

PORT=8090
page() { echo "http://$(gw_ip4 a):$PORT$1"; }
get() { in_ns a timeout 10 curl -sS "$@"; }
# metric REGEX - the sum of the values of the lines that match
metric() { get "$(page /metrics)" | awk -v re="^$1" '$0 ~ re { n += $NF } END { print n + 0 }'; }
metric_is() { [ "$(metric "$1")" = "$2" ]; }
# browse PATH - the page as it stands when it was brought up to date, in $TD_TMP/dom
browse() {
	in_ns a env TD_TMP="$TD_TMP" "$TD_ROOT/tests/lib/browse.py" "$(page "$1")" \
		'document.querySelector("main[data-updates]")' 20 >"$TD_TMP/dom"
}

case_counters() {
	get -D "$TD_TMP/header" -o "$TD_TMP/metrics" "$(page /metrics)"
	has "as Prometheus reads it" '^Content-Type: text/plain; version=0\.0\.4' "$TD_TMP/header"
	check "promtool has nothing to say" promtool check metrics <"$TD_TMP/metrics"
	equal "two phones are registered" 2 "$(metric tandem_phones_registered)"
	equal "one call is there" 1 "$(metric 'tandem_calls ')"
	at_least "XDP's packets are counted" 25 "$(metric 'tandem_media_xdp_packets_total.reason="forwarded"')"
	equal "each as often as it is counted" "$(tdj show stats | jq .sip.register_ok)" \
		"$(metric 'tandem_sip_registrations_total.result="ok"')"
}

case_page() {
	browse /
	has "the browser shows the call" '<td[^>]*>1001</td><td[^>]*>1002</td>' "$TD_TMP/dom"
	has "with its quality" '<td data-t="MOS">4\.[0-9]+ / 4\.[0-9]+</td>' "$TD_TMP/dom"
	has "and its path" '<td data-t="Path">xdp / xdp</td>' "$TD_TMP/dom"
	has "the phones" '<a href="/phone/alice">alice</a>' "$TD_TMP/dom"
	has "what happened" '<section id="events">.*registered' "$TD_TMP/dom"
	has "the second router" '<section id="cluster">.*10\.1\.0\.9' "$TD_TMP/dom"
	has "the telephone lines" '<section id="voice_ports">.*line0' "$TD_TMP/dom"
	has "it was brought up to date meanwhile" '<main [^>]*data-updates="[1-9]' "$TD_TMP/dom"
	browse /phone/alice
	has "a phone's page says how it is" 'id="verdict">no fault' "$TD_TMP/dom"
	has "and keeps saying it" '<main [^>]*data-updates="[1-9]' "$TD_TMP/dom"
	has "step by step" '<td data-t="Step">registration</td><td data-t="State" class="good">ok' "$TD_TMP/dom"
}

# the narrow one: no cell is wider than the screen; a shot of it for people
case_narrow() {
	in_ns a timeout 30 env HOME="$TD_TMP" chromium --headless --no-sandbox --disable-gpu \
		--disable-dev-shm-usage --hide-scrollbars --window-size=500,900 --timeout=4000 \
		--user-data-dir="$TD_TMP/chromium" --screenshot="${SHOT:-$TD_TMP/page.png}" \
		"$(page /)" >/dev/null 2>&1
	check "a picture of it" test -s "${SHOT:-$TD_TMP/page.png}"
}

case_hostile() {
	get -o "$TD_TMP/page" "$(page /)"
	check "no name became markup" not grep -qE '<img|<script>alert' "$TD_TMP/page"
	has "it is there as text" '&lt;img src=x onerror=alert\(1\)&gt;' "$TD_TMP/page"
	get -D "$TD_TMP/header" -o /dev/null "$(page /)"
	has "and no script of others would run" "^Content-Security-Policy: default-src 'none'; script-src 'self'" "$TD_TMP/header"
	equal "a phone that is not there: 404" 404 "$(get -o /dev/null -w '%{http_code}' "$(page '/phone/%3Cscript%3E')")"
	equal "a way out of the tree: 404" 404 "$(get --path-as-is -o /dev/null -w '%{http_code}' "$(page /../../etc/passwd)")"
	equal "nothing is written: 405" 405 "$(get -o /dev/null -w '%{http_code}' -d x=1 "$(page /)")"
	equal "who is not on the list reads nothing" 000 \
		"$(in_ns b timeout 10 curl -s -o /dev/null -w '%{http_code}' "http://$(gw_ip4 b):$PORT/metrics")"
	equal "not at another address either" 000 \
		"$(in_ns b timeout 10 curl -s -o /dev/null -w '%{http_code}' "$(page /metrics)")"
}

# CME's web admin
case_names() {
	local code="-o /dev/null -w %{http_code}"
	sed -i "/^config management/a \\\toption web_admin_name 'ada'\n\toption web_admin_password 'a pass:word'\n\toption web_admin_customer_name 'carl'\n\toption web_admin_customer_password 'other'" "$TD_CONF"
	check "pages have names" td reload
	# shellcheck disable=SC2086 # words
	{
		equal "without one: 401" 401 "$(get $code "$(page /)")"
		equal "nor the counters" 401 "$(get $code "$(page /metrics)")"
		equal "a wrong password" 401 "$(get $code -u 'ada:a pass' "$(page /)")"
		equal "the other one's password" 401 "$(get $code -u 'ada:other' "$(page /)")"
		equal "no password" 401 "$(get $code -u 'ada:' "$(page /)")"
		equal "no name" 401 "$(get $code -u ':' "$(page /)")"
		equal "the administrator" 200 "$(get $code -u 'ada:a pass:word' "$(page /)")"
		equal "the customer" 200 "$(get $code -u carl:other "$(page /metrics)")"
	}
	check "it is a challenge" grep -qi '^WWW-Authenticate: Basic realm="tandem"' <(get -D - -o /dev/null "$(page /)")
	check "passwords are not shown" not grep -q 'pass:word' <(td show config)
	sed -i '/web_admin/d' "$TD_CONF"
	td reload >/dev/null
	# shellcheck disable=SC2086 # words
	equal "without names all may see" 200 "$(get $code "$(page /)")"
}

# Streams that nobody reads
case_readers() {
	local i pids=()
	for i in {1..10}; do
		ns_exec a timeout 20 curl -sN --limit-rate 1 -o /dev/null "$(page /events)" 2>/dev/null &
		pids+=($!)
	done
	check "others get their page meanwhile" wait_until 10 metric_is 'tandem_calls ' 1
	kill "${pids[@]}" 2>/dev/null
	wait "${pids[@]}" 2>/dev/null
	equal "twenty questions, one after the other over one connection" 20 \
		"$(get -o /dev/null -w '%{http_code}\n' "$(page '/metrics?[1-20]')" | grep -c 200)"
}

case_after_the_call() {
	call_down
	check "the record is counted" wait_until 5 metric_is 'tandem_calls_ended_total.cause="normal"' 1
	equal "with the MOS of both sides" 2 "$(metric tandem_call_mos_count)"
	at_least "which were good" 1 "$(get "$(page /metrics)" | awk '/^tandem_call_mos_sum/ { print ($2 >= 8) }')"
	equal "buckets add up" 2 "$(metric 'tandem_call_mos_bucket.le="[+]Inf"')"
	get "$(page /metrics)" >"$TD_TMP/metrics"
	check "promtool has nothing to say" promtool check metrics <"$TD_TMP/metrics"
}

case_dashboard() {
	local name missing=""
	get "$(page /metrics)" >"$TD_TMP/metrics"
	for name in $(jq -r '.. | .expr? // empty' "$TD_ROOT/tools/grafana/tandem.json" | grep -o 'tandem_[a-z_]*' | sort -u); do
		grep -q "^# TYPE ${name%_*} \|^# TYPE $name " "$TD_TMP/metrics" || missing="$missing $name"
	done
	equal "the dashboard asks for counters that there are" "" "$missing"
}

case_reload() {
	sed -i "s/option port '$PORT'/option port '8091'/" "$TD_CONF"
	td reload >/dev/null
	PORT=8091
	equal "another port after a reload" 200 "$(get -o /dev/null -w '%{http_code}' "$(page /)")"
	sed -i "s/option port '$PORT'/option port '0'/" "$TD_CONF"
	td reload >/dev/null
	equal "and none" 000 "$(get -o /dev/null -w '%{http_code}' "$(page /)" 2>/dev/null)"
}

scratch
# shellcheck disable=SC2034 # for office_config
OFFICE_MORE="config management 'management'
	option address '10.1.0.1'
	option port '$PORT'
	list allow '10.1.0.0/24'
config cluster 'cluster'
	option primary '10.1.0.1'
	option secondary '10.1.0.9'
config voiceport 'line0'
	option port '0'
config trunk 'carrier'
	option host '10.2.0.2'
config phone 'eve'
	option number '1009'
	option name '<img src=x onerror=alert(1)>'
	option password 'a-long-secret-of-eve'"
office_up auto || finish
call_up || finish
check "media flow" wait_until 10 legs_have 250
run_cases case_counters case_page case_narrow case_hostile case_readers case_after_the_call case_dashboard case_names case_reload
