#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
#
# The Debian package in a fresh Debian that systemd has booted: its unit, sandbox and all, starts the
# daemon, which takes a call by XDP; a newer package takes over in the middle of it without a gap;
# purged, nothing is left. The fresh Debian is a folder (debootstrap), kept in build/deb/debian; each
# run works on a layer of its own above it, which systemd-nspawn boots in the router's namespace.
#
#   [phone a] 10.1.0.2 eth0 ---- lan0 [ that Debian ] wan0 ---- eth0 10.2.0.2 [phone b]
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_tool debootstrap		# tools/deps install deb
need_tool dpkg-buildpackage
need_tool systemd-nspawn
need_tool lintian

BASE=$TD_BUILD/deb/debian
DEBS=$TD_BUILD/deb/test
MIRROR=$(awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^http/) { print $i; exit } }
	$1 == "URIs:" { print $2; exit }' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null)

in_root() { chroot "$ROOT" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }

# the packages, two versions of them, from the tree as it is
build_packages() {
	local v
	rm -rf "$DEBS" && mkdir -p "$DEBS/tandem"
	git -C "$TD_ROOT" ls-files -z | tar -C "$TD_ROOT" --null -T - -c | tar -x -C "$DEBS/tandem" || return 1
	for v in 0.1.0 0.1.1; do
		sed -i "1s/(.*)/($v)/" "$DEBS/tandem/debian/changelog"
		sed -i "s/^VERSION .*/VERSION := $v/" "$DEBS/tandem/Makefile"
		(cd "$DEBS/tandem" && dpkg-buildpackage -b -us -uc >"$DEBS/$v.log" 2>&1) || return 1
	done
}
deb() { echo "$DEBS"/tandem_"$1"_*.deb; }

fresh_debian() {
	[ -e "$BASE.done" ] && return 0
	rm -rf "$BASE"
	debootstrap --variant=minbase bookworm "$BASE" "$MIRROR" >"$BASE.log" 2>&1 || return 1
	rm -rf "$BASE/etc/apt/sources.list.d" "$BASE/etc/apt/apt.conf.d"
	cp -a /etc/apt/sources.list* /etc/apt/apt.conf.d "$BASE/etc/apt/" 2>/dev/null
	chroot "$BASE" apt-get -q update >>"$BASE.log" 2>&1 && touch "$BASE.done"
}

enter() {
	ROOT=$TD_TMP/root
	mkdir -p "$ROOT" "$TD_TMP/upper" "$TD_TMP/work"
	mount -t tmpfs tmpfs "$TD_TMP/upper" && mkdir "$TD_TMP/upper/up" "$TD_TMP/upper/work" &&
		mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$TD_TMP/upper/up,workdir=$TD_TMP/upper/work" "$ROOT" &&
		mount -t proc proc "$ROOT/proc" && mount --rbind /dev "$ROOT/dev" && mount --make-rslave "$ROOT/dev"
	# what a package would start by itself is started by the boot
	cp "$DEBS"/tandem_*.deb "$DEBS"/tandem-dkms_*.deb "$ROOT/"
	printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"
	chmod 755 "$ROOT/usr/sbin/policy-rc.d"
}
leave() {
	[ -n "${BOOTED:-}" ] && kill -KILL "$BOOTED" 2>/dev/null && wait "$BOOTED" 2>/dev/null
	umount -R "$TD_TMP/root" "$TD_TMP/upper" "$TD_TMP/bpffs" 2>/dev/null
	on_exit
}

# boot - with a BPF file system of its own, for root alone as systemd mounts it
boot() {
	umount -R "$ROOT/proc" "$ROOT/dev" && rm "$ROOT/usr/sbin/policy-rc.d" && mkdir "$TD_TMP/bpffs" &&
		mount -t bpf -o mode=700 bpf "$TD_TMP/bpffs" || return
	systemd-nspawn --register=no --keep-unit -q -D "$ROOT" --bind="$TD_TMP/bpffs:/sys/fs/bpf" \
		--network-namespace-path="/run/netns/$(lab_ns router)" --resolv-conf=off \
		--capability=CAP_BPF,CAP_PERFMON,CAP_NET_ADMIN --system-call-filter="bpf perf_event_open" \
		-b >"$TD_TMP/boot.log" 2>&1 </dev/null &
	BOOTED=$!
	TD_PIN=$TD_TMP/bpffs/tandem
	wait_until 20 first_process || return
	TD_RUN_DIR=/proc/$INIT/root/run/tandem
}
first_process() {
	INIT=$(pgrep -P "$BOOTED" -x systemd | head -1)
	[ -n "$INIT" ]
}
booted() { nsenter -t "$INIT" -m -u -i -n -p env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
is_active() { booted systemctl -q is-active tandem; }

case_installs() {
	check "the packages are built" build_packages || return
	check "lintian has nothing to say" lintian --fail-on error,warning "$DEBS"/tandem_0.1.1_*.changes
	check "a fresh Debian" fresh_debian || return
	check "entered" enter || return
	check "apt installs it, with all that it needs" in_root apt-get -qq -y install \
		systemd systemd-sysv "/$(basename "$(deb 0.1.0)")" || return
	equal "its user is there" tandem "$(in_root getent passwd tandem | cut -d: -f1)"
	equal "nobody else reads the configuration" "600 root" "$(stat -c '%a %U' "$ROOT/etc/config/tandem")"
	check "the shipped configuration is good" in_root tandem check /etc/config/tandem
	equal "the manual is there" 1 "$(find "$ROOT/usr/share/man" "$ROOT/usr/share/doc" -name 'tandem.5.gz' | wc -l)"
}

# for the kernel whose headers are there
case_modules() {
	check "the modules' package installs" in_root apt-get -qq -y install linux-headers-amd64 \
		"/$(basename "$DEBS"/tandem-dkms_0.1.0_*.deb)" || return
	equal "and DKMS makes them" "tandem_fxo.ko tandem_fxo_sim.ko" "$(find "$ROOT/lib/modules" \
		-path '*/updates/dkms/*' -name 'tandem_fxo*' -printf '%f\n' | sed 's/\.xz$//' | sort | paste -sd' ')"
	check "purged" in_root apt-get -qq -y purge tandem-dkms
}

case_a_call() {
	office_config auto >"$ROOT/etc/config/tandem"
	check "it boots" boot || return
	check "its systemd starts the daemon" wait_until 60 is_active || { diag "$(tail -40 "$TD_TMP/boot.log")"; return; }
	equal "as its user" tandem "$(booted systemctl show -P User tandem)"
	phone_start a a "$A_NUMBER" "$A_PASSWORD" "$A_HZ"
	phone_start b b "$B_NUMBER" "$B_PASSWORD" "$B_HZ"
	check "both phones register" wait_until 10 registered_is 2
	call_up || return
	check "media flow" wait_until 10 legs_have 50
	equal "by XDP" "xdp xdp" "$(tdj show calls | jq -r '[.[0].legs[].path]|join(" ")')"
}

case_upgrade() {
	local id rx
	id=$(tdj show calls | jq '.[0].id')
	wire_start up-a a udp && wire_start up-b b udp
	check "systemctl reload" booted systemctl reload tandem
	check "apt installs the newer one" booted apt-get -qq -y -o Dpkg::Options::=--force-confold install "/$(basename "$(deb 0.1.1)")"
	check "which takes over" wait_until 5 show_has '.version == "0.1.1"' show version
	rx=$(tdj show calls | jq '[.[0].legs[].rx_packets]|max // 0')
	equal "the call is there under its id" "$id" "$(tdj show calls | jq '.[0].id')"
	check "and goes on" wait_until 5 legs_have $((rx + 50))
	equal "the operator's configuration is kept" 1 "$(grep -c "phone 'alice'" "$ROOT/etc/config/tandem")"
	wire_stop up-a up-b
	equal "no gap in what b received" 0 "$(wire_gaps up-b "ip.dst == $(node_ip4 b)")"
	equal "no gap in what a received" 0 "$(wire_gaps up-a "ip.dst == $(node_ip4 a)")"
	call_down
}

case_purge() {
	check "a crash of its worker is no event for systemd" worker_again_there
	check "apt purges it" booted apt-get -qq -y purge tandem
	equal "nothing of it is left" "" "$(booted find / -xdev -path '*tandem*' -not -path '/tandem[-_]*' \
		-not -path '/var/log/*' -not -path '/var/cache/*' -not -path '/var/lib/apt/*' | paste -sd' ')"
	equal "nor in /run, nor pins" "" "$(booted find /run /sys/fs/bpf -path '*tandem*' | paste -sd' ')"
	equal "nor programs" "none none" "$(xdp_mode lan0) $(xdp_mode wan0)"
	check "nor a table" not in_ns router nft list table inet tandem
}
worker_again_there() {
	local old
	DAEMON_PID=$(pgrep -P "$INIT" -x tandemd)
	old=$(worker_pid)
	kill -KILL "$old" && wait_until 5 new_worker "$old" && is_active &&
		[ "$(booted systemctl show -P NRestarts tandem)" = 0 ]
}

scratch
trap leave EXIT
lab_setup
mkdir -p "$DEBS"
run_cases case_installs case_modules case_a_call case_upgrade case_purge
