# SPDX-License-Identifier: GPL-2.0-or-later
# Debian packages, from a clean copy of the tree, into $(B)/deb.
.PHONY: deb
deb:
	@tools/deps install deb
	@rm -rf $(B)/deb && mkdir -p $(B)/deb/tandem
	@git archive HEAD | tar -x -C $(B)/deb/tandem
	@cd $(B)/deb/tandem && dpkg-buildpackage -b -us -uc
	@lintian --fail-on error,warning $(B)/deb/*.changes
	@ls $(B)/deb/*.deb
