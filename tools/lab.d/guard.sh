#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guard.sh OWNER_PID PARENT_PID CLEANUP...
# Sweeps up after a script that could not do it itself: runs CLEANUP when OWNER has gone,
# and ends OWNER when PARENT (0: nobody) has gone, so that a killed test run leaves no
# namespaces, pins or processes. A clean owner kills its guard first.
set -u
owner=$1 parent=$2
shift 2
trap '' INT HUP
while kill -0 "$owner" 2>/dev/null; do
	if [ "$parent" -ne 0 ] && ! kill -0 "$parent" 2>/dev/null; then
		kill -TERM "$owner" 2>/dev/null
		sleep 3		# a shell heeds it only between two commands
		kill -KILL "$owner" 2>/dev/null
		parent=0
	fi
	sleep 0.3
done
exec "$@"
