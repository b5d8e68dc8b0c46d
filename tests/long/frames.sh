#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# A million random frames through the packet program, with a seed of the day.
cd "$(dirname "$0")/../.." || exit 1
exec "${TD_BUILD:-build}/tests/bpf/frame_fuzz" "${FUZZ_FRAMES:-1000000}" "${FUZZ_SEED:-$(date +%Y%m%d)}"
