#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
#
# tools/vm itself: what ends well is called good and nothing else is, whatever runs inside can
# change nothing outside, a module is made and loaded, and nothing is left behind.
source "$(dirname "$0")/../lib/lib.sh"
need_root
need_tool qemu-system-x86_64	# tools/deps install vm

VM=$TD_ROOT/tools/vm
TMPDIR=$TD_BUILD/vm	# the guest has a /tmp of its own

# script NAME - from stdin, for the guest
script() {
	{ echo '#!/bin/bash'; cat; } >"$TD_TMP/$1.sh"
}

# vm NAME ARGUMENT... - run it; its words are in the file NAME
vm() {
	local name=$1
	shift
	"$VM" run "$@" >"$TD_TMP/$name" 2>&1 </dev/null
}
test_of() { echo "$TD_TMP/$1.sh"; }
closing() { tail -n 1 "$TD_TMP/$1"; }

case_prepare() {
	mkdir -p "$TMPDIR"
	scratch
	"$VM" kernel >/dev/null || skip_all "no kernel to boot"
	export TMPDIR=$TD_TMP	# for its own folder
	echo outside >"$TD_TMP/note"
	script good <<-END
		echo 1..3
		[ "\$TD_VM" = "\$(uname -r)" ] && echo "ok 1 - the kernel"
		[ "\$(cat "$TD_TMP/note")" = outside ] && echo "ok 2 - the files are there"
		echo inside >"$TD_TMP/note" && echo "ok 3 - and can be written, here"
	END
	script bad <<-END
		echo 1..2
		echo "ok 1 - good"
		echo "not ok 2 - bad"
	END
	script broken <<-END
		echo 1..3
		echo "ok 1 - and no more"
	END
	script hangs <<-END
		echo 1..1
		sleep 600
		echo "ok 1 - never"
	END
	script panics <<-END
		echo 1..1
		echo "ok 1 - so far"
		echo c >/proc/sysrq-trigger
	END
	script module <<-END
		echo 1..3
		[ "\$(cat /sys/module/td_vm_test/parameters/lines)" = 4 ] && echo "ok 1 - loaded with its parameter"
		dmesg | grep -q 'td_vm_test: here' && echo "ok 2 - it spoke"
		rmmod td_vm_test && echo "ok 3 - it goes"
	END
}

case_good() {
	vm good "$(test_of good)"
	equal "a good test: status" 0 $?
	equal "a good test: closing line" "3 passed, 0 failed, 0 skipped" "$(closing good)"
	equal "nothing was changed outside" outside "$(cat "$TD_TMP/note")"
}

case_bad() {
	vm bad -v "$(test_of bad)" "$(test_of broken)" "$(test_of good)"
	equal "bad tests: status" 1 $?
	equal "bad tests: closing line" "5 passed, 2 failed, 0 skipped" "$(closing bad)"
	has "the bad one is named" 'FAIL .*bad: 2 - bad' "$TD_TMP/bad"
	has "the broken one is named" 'FAIL .*/broken: broke off after 1 of 3' "$TD_TMP/bad"
	has "-v shows what they print" '> ok 1 - and no more' "$TD_TMP/bad"
}

case_panic() {
	vm panics "$(test_of panics)"
	equal "a panic: status" 1 $?
	has "a panic is named" 'FAIL  vm: the guest did not reach its end' "$TD_TMP/panics"
	has "with the kernel's words" 'sysrq triggered crash' "$TD_TMP/panics"
}

case_limit() {
	vm hangs --limit 30 "$(test_of hangs)"
	equal "over the limit: status" 1 $?
	has "over the limit: said" 'FAIL  vm: ran over its 30 seconds' "$TD_TMP/hangs"
}

make_module() {
	mkdir "$TD_TMP/module"
	cat >"$TD_TMP/module/td_vm_test.c" <<-'END'
		#include <linux/module.h>
		static int lines, bad;
		module_param(lines, int, 0444);
		module_param(bad, int, 0444);
		static int __init td_vm_test_init(void)
		{
			pr_info("here, %d lines\n", lines);
			WARN_ON(bad);
			return 0;
		}
		static void __exit td_vm_test_exit(void) {}
		module_init(td_vm_test_init);
		module_exit(td_vm_test_exit);
		MODULE_LICENSE("GPL");
	END
	printf 'obj-m := td_vm_test.o\nccflags-y := -DKBUILD_TEST\n' >"$TD_TMP/module/Kbuild"
	sed -i '1i #define pr_fmt(fmt) "td_vm_test: " fmt' "$TD_TMP/module/td_vm_test.c"
	"$VM" build "$TD_TMP/module"
}

case_module() {
	local ko=$TD_TMP/module/td_vm_test.ko
	check "a module is made" make_module || return
	vm module --module "$ko lines=4" "$(test_of module)"
	equal "a module: status" 0 $?
	equal "a module: closing line" "3 passed, 0 failed, 0 skipped" "$(closing module)"
	vm warns --module "$ko bad=1" "$(test_of good)"
	equal "a module that warns: status" 1 $?
	has "a module that warns: said" 'FAIL  vm: the kernel complained' "$TD_TMP/warns"
	vm refused --module "$ko lines=many" "$(test_of good)"
	equal "a module that cannot be loaded: status" 1 $?
	has "a module that cannot be loaded: said" 'vm: cannot load td_vm_test.ko lines=many' "$TD_TMP/refused"
	vm missing --module "$TD_TMP/none.ko" "$(test_of good)"
	equal "no module: status" 1 $?
	has "no module: said" "no module '.*none.ko'" "$TD_TMP/missing"
	vm other --module "$TD_TMP/note" "$(test_of good)"
	equal "a file that is none: status" 1 $?
	has "a file that is none: said" "is no module for" "$TD_TMP/other"
}

# its folder, and the qemu that has a part of it
folders() { find "$TD_TMP" -maxdepth 1 -name 'td-vm.*'; }
qemus() { pgrep -f "path=$TD_TMP/td-vm"; }
runs() { [ -n "$(qemus)" ]; }
nothing_left() { [ -z "$(qemus)$(folders)" ]; }

# ended_by SIGNAL - the runner alone gets it
ended_by() {
	local pid
	"$VM" run "$(test_of hangs)" >"$TD_TMP/killed" 2>&1 </dev/null &
	pid=$!
	check "it runs" wait_until 20 runs
	kill "-$1" $pid
	check "SIG$1: neither machine nor folder is left" wait_until 15 nothing_left
	wait $pid
}

case_killed() {
	ended_by TERM
	equal "SIGTERM: status" 143 $?
	ended_by KILL
}

case_no_qemu() {
	mkdir "$TD_TMP/bin"
	ln -s /usr/bin/* /usr/sbin/* "$TD_TMP/bin/" 2>/dev/null
	rm "$TD_TMP/bin/qemu-system-x86_64"
	PATH=$TD_TMP/bin vm none "$(test_of good)"
	equal "no qemu: status" 1 $?
	has "no qemu: said, with the remedy" 'needs qemu-system-x86_64; first: tools/deps install vm' "$TD_TMP/none"
}

run_cases case_prepare case_good case_bad case_panic case_limit case_module case_killed case_no_qemu
