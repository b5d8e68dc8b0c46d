# SPDX-License-Identifier: GPL-2.0-or-later
# Tandem. `make help` lists the targets; sources are found by folder, so a new file
# in a room needs no line here.

SHELL    := /bin/bash
B        ?= build
CC       ?= gcc
CLANG    ?= clang
BPFTOOL  ?= $(firstword $(shell command -v bpftool) /usr/sbin/bpftool)
V        ?= 0
Q        := $(if $(filter 1,$(V)),,@)
T        ?=
VERSION  := 0.1.0

PKGS     := libxml-2.0 libmicrohttpd sofia-sip-ua libnftnl libmnl json-c sqlite3 libssl libcrypto libbpf libxdp libcap-ng libcares libsrtp2 spandsp speexdsp hiredis
WARN     := -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes -Wswitch -Wformat=2 -Wvla
CFLAGS   ?= -O2 -g
TD_CPPFLAGS := -iquote . -iquote $(B) -D_GNU_SOURCE -DTD_VERSION='"$(VERSION)"'
TD_CFLAGS := -std=gnu11 $(WARN) -fno-strict-aliasing -fstack-protector-strong -pthread
ifeq ($(SAN),1)
TD_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif
# Pulled in lazily: `make run` on a fresh machine installs pkg-config before it needs it.
PC_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')
PC_LIBS   = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm

ROOMS    := userspace/base config netlink userspace/ctl userspace/store userspace/core userspace/media \
	    userspace/media/audio userspace/phones userspace/sip userspace/sccp userspace/fxo userspace/prov \
	    userspace/cluster userspace/manage tools/import
LIB_SRC  := $(foreach r,$(ROOMS),$(wildcard $(r)/*.c))
APP_SRC  := $(wildcard userspace/app/*.c)
CLI_SRC  := $(wildcard tools/tandem/*.c)
# with them the pure part of the kernel module, which its unit test runs
FAKE_SRC := $(wildcard tests/fakes/*.c tests/lib/*.c) kernel/fxo_line.c kernel/fxo_states.c
UNIT_SRC := $(wildcard tests/unit/*.c)
BPFT_SRC := $(wildcard tests/bpf/*.c)
PROG_SRC := $(wildcard tests/progs/*.c)
BENCH_SRC := $(wildcard tests/bench/*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BPF_SRC  := $(wildcard bpf/*.bpf.c)
SKELS    := $(BPF_SRC:bpf/%.bpf.c=$(B)/bpf/%.skel.h)

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))

.PHONY: all daemon bpf tools module clean
.DEFAULT_GOAL := all
all: daemon tools

daemon: $(B)/tandemd
tools: $(B)/tandem
bpf: $(SKELS)

# ---- packet programs -------------------------------------------------------
MULTIARCH := $(shell gcc -print-multiarch 2>/dev/null)
G711     := $(B)/bpf/td_g711.h
$(G711): tools/g711_tables.c
	@mkdir -p $(@D); echo "  GEN     $@"
	$(Q)$(CC) -std=gnu11 $(WARN) -o $(@D)/g711_tables $< && $(@D)/g711_tables >$@.tmp && mv $@.tmp $@
$(B)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h) $(G711)
	@mkdir -p $(@D); echo "  BPF     $@"
	$(Q)$(CLANG) -O2 -g -target bpf -mcpu=v3 -Wall -Werror -iquote . -iquote $(B) \
		-idirafter /usr/include/$(MULTIARCH) -c $< -o $@
$(B)/bpf/%.skel.h: $(B)/bpf/%.bpf.o
	@echo "  SKEL    $@"
	$(Q)$(BPFTOOL) gen skeleton $< name $* > $@.tmp && mv $@.tmp $@

# ---- userspace -------------------------------------------------------------
$(B)/obj/%.o: %.c | $(SKELS)
	@mkdir -p $(@D); echo "  CC      $<"
	$(Q)$(CC) $(TD_CPPFLAGS) $(PC_CFLAGS) $(TD_CFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(B)/libtandem.a: $(call obj,$(LIB_SRC))
	@echo "  AR      $@"; rm -f $@
	$(Q)ar rcs $@ $^

$(B)/tandemd: $(call obj,$(APP_SRC)) $(B)/libtandem.a
	@echo "  LD      $@"
	$(Q)$(CC) $(TD_CFLAGS) $(CFLAGS) $^ $(PC_LIBS) -o $@

# The CLI knows the control treaty only; it links base, config and the importer.
CLI_LIB := $(call obj,$(wildcard userspace/base/*.c config/*.c tools/import/*.c))
$(B)/tandem: $(call obj,$(CLI_SRC)) $(CLI_LIB)
	@echo "  LD      $@"
	$(Q)$(CC) $(TD_CFLAGS) $(CFLAGS) $^ $(PC_LIBS) -o $@

# ---- tests -----------------------------------------------------------------
UNITS  := $(UNIT_SRC:tests/unit/%.c=$(B)/tests/unit/%)
BPFTS  := $(BPFT_SRC:tests/bpf/%.c=$(B)/tests/bpf/%)
PROGS  := $(PROG_SRC:tests/progs/%.c=$(B)/tests/progs/%)
BENCHS := $(BENCH_SRC:tests/bench/%.c=$(B)/tests/bench/%)
.PHONY: unit-bins bpf-test-bins prog-bins bench-bins
unit-bins: $(UNITS)
bpf-test-bins: $(BPFTS)
prog-bins: $(PROGS)
bench-bins: $(BENCHS)
.SECONDARY:
# A library, so that a test takes only the fakes that it names.
$(B)/libtests.a: $(call obj,$(FAKE_SRC))
	@echo "  AR      $@"; rm -f $@
	$(Q)ar rcs $@ $^
# tests/unit/cli_* look into the CLI: its objects come before the library.
CLI_TESTED := $(call obj,$(filter-out %/main.c,$(CLI_SRC)))
$(B)/tests/unit/cli_%: $(B)/obj/tests/unit/cli_%.o $(CLI_TESTED) $(B)/libtests.a $(B)/libtandem.a
	@mkdir -p $(@D); echo "  LD      $@"
	$(Q)$(CC) $(TD_CFLAGS) $(CFLAGS) $^ $(PC_LIBS) -lcmocka -o $@
$(B)/tests/%: $(B)/obj/tests/%.o $(B)/libtests.a $(B)/libtandem.a
	@mkdir -p $(@D); echo "  LD      $@"
	$(Q)$(CC) $(TD_CFLAGS) $(CFLAGS) $^ $(PC_LIBS) -lcmocka -o $@

# ---- kernel module -----------------------------------------------------------
# Made in a copy, so that the tree stays clean; for Debian's kernel of the virtual machine, or
# with KDIR=/lib/modules/$(uname -r)/build for another. MODFLAGS: W=1, C=2 ...
MODDIR   := $(abspath $(B))/module
KDIR     ?=
module:
	@mkdir -p $(MODDIR)
	@cp -ru --parents Kbuild kernel tests/kernel/si3050_model $(MODDIR)
	$(Q)$(if $(KDIR),$(MAKE) -C $(KDIR) M=$(MODDIR),TD_BUILD=$(abspath $(B)) tools/vm build $(MODDIR)) \
		TANDEM_FXO_TESTS=m $(MODFLAGS) modules
	@ls $(MODDIR)/kernel/*.ko

clean:
	rm -rf $(B)

-include $(shell [ -d $(B)/obj ] && find $(B)/obj -name '*.d')
-include mk/*.mk
