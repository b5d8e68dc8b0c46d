# SPDX-License-Identifier: GPL-2.0-or-later
# The lab, installation, and the list of targets.

.PHONY: run lab-down install uninstall help

# Real phones and a carrier call each other through the router; ONESHOT=1 ends after the tour.
run: test-user
	@echo "building ..."
	@+$(SUBMAKE) all
	@TD_BUILD=$(CURDIR)/$(B) ONESHOT=$(ONESHOT) tools/demo

lab-down:
	@tools/lab down

# ---- pages that are made from the schema (config/schema.c) ---------------------------
.PHONY: docs
docs: $(B)/tandem
	$(B)/tandem reference md >docs/config-reference.md.new
	mv docs/config-reference.md.new docs/config-reference.md
	mkdir -p docs/man
	$(B)/tandem reference man >docs/man/tandem.5.new
	mv docs/man/tandem.5.new docs/man/tandem.5

# ---- install -------------------------------------------------------------------
PREFIX  ?= /usr/local
SYSCONF ?= /etc
INSTALL ?= install

install: all
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin
	$(INSTALL) -m 755 $(B)/tandemd $(DESTDIR)$(PREFIX)/sbin/tandemd
	$(INSTALL) -m 755 $(B)/tandem $(DESTDIR)$(PREFIX)/bin/tandem
	$(INSTALL) -d $(DESTDIR)$(SYSCONF)/config
	[ -e $(DESTDIR)$(SYSCONF)/config/tandem ] || \
		$(INSTALL) -m 600 config/files/tandem $(DESTDIR)$(SYSCONF)/config/tandem
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/share/doc/tandem/examples
	$(INSTALL) -m 644 $(wildcard config/files/examples/*) \
		$(DESTDIR)$(PREFIX)/share/doc/tandem/examples/
	for m in $(wildcard docs/man/*.[158]); do \
		d=$(DESTDIR)$(PREFIX)/share/man/man$${m##*.}; \
		$(INSTALL) -d $$d && $(INSTALL) -m 644 $$m $$d/ || exit 1; done
	for c in $(wildcard tools/tandem/completion/*.bash tools/tandem/*.bash-completion); do \
		d=$(DESTDIR)$(PREFIX)/share/bash-completion/completions; \
		$(INSTALL) -d $$d && $(INSTALL) -m 644 $$c $$d/tandem || exit 1; done

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/tandemd $(DESTDIR)$(PREFIX)/bin/tandem
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tandem
	rm -f $(DESTDIR)$(PREFIX)/share/man/man[158]/tandem*.[158]
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/tandem

help:
	@echo 'make                    daemon and CLI into $(B)/'
	@echo 'sudo make run           packages, build, lab, real phones call each other; stays up'
	@echo '     ONESHOT=1          ... ends after the tour; status 0 when every call was good'
	@echo 'sudo make check         packages, build, all tests; T=PART picks, STRICT=1 no unlisted skip'
	@echo '  check-unit            unit tests with sanitizers (no root)'
	@echo '  check-bpf             packets through the packet programs (root)'
	@echo '  check-net             end to end in namespaces (root)'
	@echo '  check-san             the same with sanitizers; slower, not part of check'
	@echo '  check-static          floors, headers, rows, reference, scripts'
	@echo '  check-rows            which rows of the feature map are proven, and by what'
	@echo '  check-floors          who may include whom (docs/floors.txt)'
	@echo '  check-headers         every header compiles alone'
	@echo '  check-kernel-style    checkpatch, sparse, W=1 and kernel-doc over kernel/'
	@echo '  check-vm              BPF tests, calls, VLANs, VRF, our module on the kernel of Debian, in a VM;'
	@echo '                        DEBUG=1: on one with KASAN (docs/CONTRIBUTING.md)'
	@echo '  check-long            long fuzzing and storms'
	@echo 'make bench              speed and memory as one JSON document (root)'
	@echo 'make tidy               clang-tidy over what we wrote (needs the package)'
	@echo 'make fuzz               every decoder for FUZZ_SECONDS=30'
	@echo 'make docs               the pages that are generated from config/schema.c'
	@echo 'make daemon bpf tools   parts of the build'
	@echo 'make module             kernel module (FXO ports); KDIR= for another kernel than Debian 12.s'
	@echo 'make install            DESTDIR=, PREFIX=/usr/local'
	@echo 'make deb                Debian packages of the last commit, into $(B)/deb'
	@echo 'make deps lab-down clean'
	@echo 'V=1 shows commands, B=DIR builds elsewhere, SAN=1 with sanitizers'
