# SPDX-License-Identifier: GPL-2.0-or-later
# Tests, checks of the tree, benches, fuzzing. tests/run says how results are counted.

SANB   := $(B)/san
STRICT ?=
run_tests = tests/run -b $(B) -s $(SANB) $(if $(T),-t '$(T)') $(if $(filter-out 0,$(STRICT)),--strict)

# as many jobs as cores, unless the caller said -j
JOBS = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
SUBMAKE = $(MAKE) --no-print-directory $(JOBS)

.PHONY: deps check check-unit check-bpf check-net check-static check-rows check-floors \
	check-headers check-long check-san test-user

deps:
	@tools/deps install

test-user: deps
	@[ "$$(id -u)" != 0 ] || getent passwd tandem >/dev/null || useradd --system --user-group \
		--no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tandem

# Each stage is a make of its own: pkg-config answers only after the packages are there.
check: test-user
	@+$(SUBMAKE) all unit-bins-san bpf-test-bins prog-bins
	@$(run_tests)

.PHONY: unit-bins-san
unit-bins-san:
	@+$(SUBMAKE) SAN=1 B=$(SANB) CFLAGS="-O1 -g" unit-bins

check-unit: deps
	@+$(SUBMAKE) unit-bins-san
	@$(run_tests) unit
check-bpf: deps
	@+$(SUBMAKE) bpf-test-bins
	@$(run_tests) bpf
check-net: test-user
	@+$(SUBMAKE) all prog-bins
	@$(run_tests) netns
check-static:
	@$(run_tests) static
# the house with sanitizers, with time for that
check-san: test-user
	@+$(SUBMAKE) SAN=1 B=$(SANB) CFLAGS="-O1 -g" all prog-bins unit-bins
	@TD_TIME_SCALE=2 tests/run -b $(SANB) -s $(SANB) $(if $(T),-t '$(T)') netns
check-long: test-user
	@+$(SUBMAKE) all fuzz-bins bpf-test-bins
	@$(run_tests) long

# The same objects on Debian's own kernel, in a virtual machine: every BPF test, a call by
# native XDP, generic XDP, the relay and translated, and what this kernel may lack (VLANs, VRF)
VM_TESTS ?= bpf tests/netns/call_xdp.sh tests/netns/call_generic.sh tests/netns/call_relay.sh \
	tests/netns/call_paths_agree.sh tests/netns/call_4_6.sh tests/netns/bridge.sh vm
.PHONY: check-vm check-kernel-style
# then the kernel module, on a clock that skips waiting. DEBUG=1: all of it on a kernel with KASAN
# and lockdep, DEBUG_KERNEL, a folder with boot/vmlinuz-VERSION and lib/modules/VERSION
DEBUG_KERNEL ?= $(abspath $(B))/vm/debug
ifeq ($(DEBUG),1)
check-vm: export TD_VM_KERNEL = $(abspath $(DEBUG_KERNEL))
vm_options = --mem 2048
endif
check-vm: test-user
	@tools/deps install vm
	@TD_BUILD=$(abspath $(B)) tools/vm kernel
	@+$(SUBMAKE) all bpf-test-bins module
	@$(if $(filter kernel/%,$(T)),,TD_BUILD=$(abspath $(B)) tools/vm run $(vm_options) $(VM_TESTS))
	@$(if $(filter-out kernel/%,$(T)),,TD_BUILD=$(abspath $(B)) tools/vm run --virtual-time $(vm_options) kernel)
vm_options += $(if $(filter 1,$(V)),-v) $(if $(T),-t '$(T)')

# the module in the kernel's style: checkpatch, sparse and headers, which are fetched (240 MB)
check-kernel-style:
	@tools/deps install vm
	@TD_BUILD=$(abspath $(B)) tools/vm checkpatch >/dev/null
	@+$(SUBMAKE) module
	@tests/run -b $(B) -v tools/check_kernel_style

check-rows:
	@tools/check_rows
check-floors:
	@tools/check_floors
check-headers:
	@tools/check_headers

# clang-tidy over what we wrote (.clang-tidy says what it looks for)
.PHONY: tidy
tidy:
	@+$(SUBMAKE) all
	@printf '%s\0' $(LIB_SRC) $(wildcard tools/tandem/*.c) userspace/app/main.c | \
		xargs -0 -P$(shell nproc) -I{} clang-tidy --quiet {} -- \
		$(subst -iquote $(B),-isystem $(B),$(TD_CPPFLAGS)) $(PC_CFLAGS) -std=gnu11 2>/dev/null

# ---- fuzzing: clang's libFuzzer over the decoders -----------------------------
FUZZ_SECONDS ?= 30
FUZZB := $(B)/fuzz
FUZZERS := $(FUZZ_SRC:tests/fuzz/%.c=$(FUZZB)/%)
FUZZ_CC := $(CLANG) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	-O1 -g -std=gnu11 -fno-strict-aliasing -pthread
.PHONY: fuzz fuzz-bins
fuzz-bins: $(FUZZERS)
$(FUZZB)/%: tests/fuzz/%.c $(LIB_SRC) | $(SKELS)
	@mkdir -p $(@D); echo "  FUZZ    $@"
	$(Q)$(FUZZ_CC) $(TD_CPPFLAGS) $(PC_CFLAGS) $< $(LIB_SRC) $(PC_LIBS) -o $@
fuzz: deps
	@+$(SUBMAKE) fuzz-bins
	@B=$(B) tests/fuzz/run $(FUZZB) $(FUZZ_SECONDS) '$(T)'

# ---- benches -------------------------------------------------------------------
.PHONY: bench
bench: test-user
	@tools/deps install bench
	@+$(SUBMAKE) all bench-bins
	@TD_BUILD=$(CURDIR)/$(B) tests/bench/run '$(T)'
