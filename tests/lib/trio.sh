# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Three SCCP phones of three times, which many scripts have; the script's config() says what they are:
#
#   [s1 .11, s2 .12] node a -- [ tandemd ] -- node b [s3 .13]
source "$TD_ROOT/tools/lab.d/sccp.sh"

trio_house() {
	lab_setup
	TD_CONF=$TD_TMP/tandem
	config >"$TD_CONF"
	sccp_add_addr a 11; sccp_add_addr a 12; sccp_add_addr b 13
	check "tandemd takes calls" daemon_start "$TD_CONF"
}

# trio_phones [HZ] - what s2 says; s1 says 440 Hz, s3 660
trio_phones() {
	sccp_start s1 a SEP000000000011 17 440 --bind "$(sccp_addr a 11)"
	sccp_start s2 a SEP000000000012 11 "${1:-550}" --bind "$(sccp_addr a 12)" --type 7960
	sccp_start s3 b SEP000000000013 22 660 --bind "$(sccp_addr b 13)" --type 7975
}
