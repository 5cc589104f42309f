#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# For the end of a run on the kernel that looks for its own faults: it still
# does, the module can go, and then there is no memory that nobody refers to.
# kmemleak suspects what it has seen without a reference in two scans, 5 seconds
# apart. Exit status 1, and why, if not so.

wrong() {
	echo "# $*"
	exit 1
}

# One complaint, and lockdep looks no more.
grep -q '^ *debug_locks: *1$' /proc/lockdep_stats || wrong "lockdep is off"

# The last VM is gone a little after its process.
tries=100
while [ -d /sys/module/vgicv5 ] && ! rmmod vgicv5 2> /tmp/rmmod; do
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] || wrong "$(cat /tmp/rmmod)"
	sleep 0.1
done

leaks=/sys/kernel/debug/kmemleak
echo scan > "$leaks" || wrong "no kmemleak, or it has given up"
sleep 6
echo scan > "$leaks" || wrong "kmemleak has given up"
[ -z "$(cat "$leaks")" ] && exit
sed 's/^/# /' "$leaks"
exit 1
