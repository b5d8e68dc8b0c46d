# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The kernel of the virtual machine: a folder like the root of an installed one
# (boot/vmlinuz-VERSION, lib/modules/VERSION). Debian's package is taken apart into
# $VM_BUILD/kernel and not installed, so that no hook of a boot loader or an initramfs runs
# and nothing changes on this machine; its headers join it when a module is made. TD_VM_KERNEL=FOLDER takes another kernel, for example
# one with KASAN.

KERNEL_META=linux-image-amd64

# kernel_version FOLDER - of the newest complete kernel in there; false when there is none
kernel_version() {
	local v
	for v in $(find "$1"/boot -maxdepth 1 -name 'vmlinuz-*' -printf '%f\n' 2>/dev/null |
			sed 's/^vmlinuz-//' | sort -Vr); do
		[ -e "$1/lib/modules/$v/modules.dep" ] && { echo "$v"; return 0; }
	done
	return 1
}

# kernel_package - the package that Debian's meta package stands for today
kernel_package() {
	apt-cache depends --important "$KERNEL_META" 2>/dev/null |
		awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ { print $2; exit }'
}

# kernel_fetch FOLDER - download and take apart; complete or not there at all
kernel_fetch() {
	local new=$1.new package version
	rm -rf "$new"
	mkdir -p "$new" || return 1
	package=$(kernel_package)
	[ -n "$package" ] && kernel_download "$new" "$package" || {
		apt-get -q update >/dev/null 2>&1
		package=$(kernel_package)
		[ -n "$package" ] || { rm -rf "$new"; return 1; }
		kernel_download "$new" "$package" || { rm -rf "$new"; return 1; }
	}
	version=${package#linux-image-}
	dpkg-deb -x "$new"/*.deb "$new" && depmod -b "$new" "$version" || { rm -rf "$new"; return 1; }
	dpkg-deb -f "$new"/*.deb Package Version >"$new/package"
	rm -rf "${new:?}"/*.deb "${new:?}/usr" "$new"/boot/System.map-*
	rm -rf "$1"
	mv "$new" "$1"
}

# kernel_download FOLDER PACKAGE[=VERSION]...
kernel_download() {
	local folder=$1
	shift
	echo "vm: downloading $* ..." >&2
	(cd "$folder" && apt-get -qq -o APT::Sandbox::User=root download "$@" >&2)
}

# kernel_lock - one process at a time fetches; held until the caller's subshell ends
kernel_lock() { mkdir -p "$VM_BUILD" && exec 9>"$VM_BUILD/lock" && flock 9; }

# kernel_find - sets KERNEL_ROOT, KERNEL_VERSION: TD_VM_KERNEL, else Debian's (fetched the
# first time), else one that is installed here
kernel_find() {
	KERNEL_ROOT=${TD_VM_KERNEL:-$VM_BUILD/kernel}
	KERNEL_VERSION=$(kernel_version "$KERNEL_ROOT") && return 0
	[ -z "${TD_VM_KERNEL:-}" ] || { echo "vm: no kernel in $KERNEL_ROOT" >&2; return 1; }
	(kernel_lock && { kernel_version "$KERNEL_ROOT" >/dev/null || kernel_fetch "$KERNEL_ROOT"; }) ||
		KERNEL_ROOT=
	KERNEL_VERSION=$(kernel_version "$KERNEL_ROOT") && return 0
	echo "vm: cannot download $KERNEL_META, and none is installed here" >&2
	return 1
}

# kernel_headers - the folder in which modules for this kernel are made (kbuild's "build"): the
# one of a kernel that was built or installed here, else from Debian's packages of headers of
# the very same version
kernel_headers() {
	local build=$KERNEL_ROOT/lib/modules/$KERNEL_VERSION/build
	[ -e "$KERNEL_ROOT/package" ] || { [ -e "$build/Makefile" ] && realpath "$build"; return; }
	build=$KERNEL_ROOT/usr/src/linux-headers-$KERNEL_VERSION
	[ -e "$build/Makefile" ] || (kernel_lock && kernel_fetch_headers) || return 1
	echo "$build"
}

kernel_fetch_headers() {
	local new=$KERNEL_ROOT/headers.new version flavour=linux-headers-$KERNEL_VERSION deb
	local common=linux-headers-${KERNEL_VERSION%-*}-common
	version=$(awk '$1 == "Version:" { print $2 }' "$KERNEL_ROOT/package")
	[ -e "$KERNEL_ROOT/usr/src/$flavour/Makefile" ] && return 0
	rm -rf "$new"
	mkdir -p "$new" && kernel_download "$new" "$flavour=$version" "$common=$version" \
		"linux-kbuild-${KERNEL_VERSION%%.*}.$(cut -d. -f2 <<<"$KERNEL_VERSION")=$version" || {
		echo "vm: no headers $version any more? rm -r $KERNEL_ROOT takes today's kernel" >&2
		rm -rf "$new"
		return 1
	}
	for deb in "$new"/*.deb; do dpkg-deb -x "$deb" "$new" || return 1; done
	# wherever this folder lies
	echo "include \$(dir \$(lastword \$(MAKEFILE_LIST)))../$common/Makefile" >"$new/usr/src/$flavour/Makefile"
	rm -rf "${KERNEL_ROOT:?}/usr"
	mv "$new/usr" "$KERNEL_ROOT/usr"
	rm -rf "$new"
}

# kernel_checkpatch - path of the kernel's own style checker, out of Debian's package of sources
kernel_checkpatch() {
	local dir=$VM_BUILD/checkpatch new=$VM_BUILD/checkpatch.new series
	series=linux-source-$(cut -d. -f1-2 <<<"$KERNEL_VERSION")
	[ -e "$dir/checkpatch.pl" ] || (kernel_lock && rm -rf "$new" && mkdir -p "$new" &&
		kernel_download "$new" "$series" && dpkg-deb --fsys-tarfile "$new"/*.deb |
			tar -xO "./usr/src/$series.tar.xz" |
			tar -xJ -C "$new" --strip-components=2 "$series/scripts/checkpatch.pl" \
				"$series/scripts/spelling.txt" "$series/scripts/const_structs.checkpatch" &&
		rm -f "$new"/*.deb && mv "$new" "$dir") || return 1
	echo "$dir/checkpatch.pl"
}

kernel_image() { echo "$KERNEL_ROOT/boot/vmlinuz-$KERNEL_VERSION"; }

# kernel_initramfs - path of an initramfs for this kernel; made when it or its init is new
kernel_initramfs() {
	local init=$TD_ROOT/tools/vm.d/init sum image dir m
	sum=$(cat "$init" "${BASH_SOURCE[0]}" "$KERNEL_ROOT/lib/modules/$KERNEL_VERSION/modules.dep" |
		sha256sum | cut -c1-8)
	image=$VM_BUILD/initramfs-$KERNEL_VERSION-$sum.gz
	[ -s "$image" ] || {
		dir=$(mktemp -d "$VM_TMP/initramfs.XXXXXX") || return 1
		mkdir -p "$VM_BUILD" "$dir"/bin "$dir"/modules
		cp "$(command -v busybox)" "$dir/bin/busybox" && cp "$init" "$dir/init" || return 1
		chmod 755 "$dir/init"
		ln -s busybox "$dir/bin/sh"
		# in the order of loading; "builtin" lines fall out
		for m in virtio_pci 9pnet_virtio 9p overlay; do
			modprobe -d "${KERNEL_ROOT:-/}" -S "$KERNEL_VERSION" --show-depends "$m" || return 1
		done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$dir/paths"
		[ -s "$dir/paths" ] || return 1
		xargs -a "$dir/paths" cp -t "$dir/modules"
		sed 's:.*/::' "$dir/paths" >"$dir/modules/order"
		rm -f "$dir/paths" "$VM_BUILD/initramfs-$KERNEL_VERSION"-*.gz
		(cd "$dir" && find . | cpio -o -H newc --quiet | gzip -1) >"$image.$$" || return 1
		mv "$image.$$" "$image"
	}
	echo "$image"
}
