#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# locks.sh COMMAND...: in a host with lockdep, run COMMAND, and say which locks
# its threads took between the marks "begin" and "end", which it writes to $MARKS:
#
#	BENCH lock THREAD COUNT ADDRESS NAME
set -u
dir=/sys/kernel/tracing/instances/locks
mkdir $dir && echo 65536 > $dir/buffer_size_kb &&
echo 1 > $dir/events/lock/lock_acquire/enable || exit
export MARKS=$dir/trace_marker
"$@" || exit
echo 0 > $dir/tracing_on
! grep -E '^(overrun|commit overrun|dropped events): [1-9]' \
	$dir/per_cpu/cpu*/stats || exit
awk '
/tracing_mark_write: begin/ { on = 1 }
/tracing_mark_write: end/ { on = 0 }
on && / lock_acquire: / {
	match($0, /-[0-9]+ +\[/)
	thread = substr($0, RSTART + 1, RLENGTH - 2) + 0
	sub(/.* lock_acquire: /, "")
	n[thread " @ " $0]++
}
END {
	for (k in n) {
		split(k, part, " @ ")
		print "BENCH lock", part[1], n[k], part[2]
	}
}' $dir/trace
rmdir $dir
