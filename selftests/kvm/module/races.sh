#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
#	races.sh COMMAND...
#
# Run a command while KCSAN looks for data races, on the kernel with
# kcsan.config. The status is the command's, 1 if a race was reported. The last
# line tells how hard the kernel has looked; it also counts races, of all of the
# kernel, in which no value changed, and does not report these.
#
# Nor does it report three that Linux has of its own: who sends a signal reads
# task_struct.flags, in which a vCPU's thread notes that it enters the guest; a
# worker reads a work item that somebody may queue again meanwhile; and a page
# fault walks the tree of mappings under RCU, while a new thread gets its stack.

kcsan=/sys/kernel/debug/kcsan

counter() {
	sed -n "s/^$1: //p" "$kcsan"
}

[ -w "$kcsan" ] || { echo "# no KCSAN"; exit 1; }
races=$(counter data_races) watched=$(counter setup_watchpoints)
for function in prepare_signal process_one_work mas_walk; do
	echo "!$function" > "$kcsan" || exit 1
done
echo on > "$kcsan"
"$@"
status=$?
echo off > "$kcsan"
races=$(($(counter data_races) - races))
watched=$(($(counter setup_watchpoints) - watched))
reports=$(dmesg | grep -c 'BUG: KCSAN')
echo "# $watched accesses watched, $reports reports, $races data races in all"
[ "$reports" = 0 ] && [ "$watched" -gt 1000 ] || exit 1
exit "$status"
