#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
# A minute of spray on each path.
export SPRAY_SECONDS=60
exec "$(dirname "$0")/../netns/media_spray.sh"
