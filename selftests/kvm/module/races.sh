#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
#	races.sh COMMAND...
#
# Run a command while KCSAN looks for data races, on the kernel with
# kcsan.config. The status is the command's, 1 if there was a race. The kernel
# reports those; the last line but the command's tells how hard it has looked.

kcsan=/sys/kernel/debug/kcsan

counter() {
	sed -n "s/^$1: //p" "$kcsan"
}

[ -w "$kcsan" ] || { echo "# no KCSAN"; exit 1; }
races=$(counter data_races) watched=$(counter setup_watchpoints)
echo on > "$kcsan"
"$@"
status=$?
echo off > "$kcsan"
races=$(($(counter data_races) - races))
watched=$(($(counter setup_watchpoints) - watched))
echo "# $watched accesses watched, $races data races"
[ "$races" = 0 ] && [ "$watched" -gt 1000 ] || exit 1
exit "$status"
