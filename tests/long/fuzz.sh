#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 7200
# Ten minutes for each fuzz target.
cd "$(dirname "$0")/../.." || exit 1
exec tests/fuzz/run "${TD_BUILD:-build}/fuzz" "${FUZZ_SECONDS:-600}"
