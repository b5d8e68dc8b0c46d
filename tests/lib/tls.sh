# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Certificates for a test, in $TD_TMP/tls: an authority, and what it signs.

# tls_authority NAME - NAME.crt, NAME.key
tls_authority() {
	mkdir -p "$TD_TMP/tls"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$1" \
		-keyout "$TD_TMP/tls/$1.key" -out "$TD_TMP/tls/$1.crt" 2>/dev/null
}

# tls_cert NAME AUTHORITY SUBJECT-ALT-NAMES [DAYS] - NAME.crt and NAME.key, readable for tandem alone
tls_cert() {
	local dir=$TD_TMP/tls
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$dir/$1.key" -out "$dir/$1.csr" 2>/dev/null &&
		openssl x509 -req -in "$dir/$1.csr" -CA "$dir/$2.crt" -CAkey "$dir/$2.key" \
			-CAcreateserial -days "${4:-30}" -extfile <(echo "subjectAltName=$3") \
			-out "$dir/$1.crt" 2>/dev/null
	chown tandem "$dir/$1.key"
}

# tls_options [CERTIFICATE] [AUTHORITY] - lines for "config sip"
tls_options() {
	printf "\toption tls '1'\n\toption tls_certificate '%s'\n\toption tls_key '%s'\n\toption tls_ca '%s'\n" \
		"$TD_TMP/tls/${1:-router}.crt" "$TD_TMP/tls/${1:-router}.key" "$TD_TMP/tls/${2:-ca}.crt"
}

# tls_hello NODE ARGUMENT... - openssl's client to the router; what it tells, without a wait
tls_hello() {
	local node=$1
	shift
	in_ns "$node" timeout 10 openssl s_client -connect "$(gw_ip4 "$node"):5061" "$@" </dev/null 2>&1
}
