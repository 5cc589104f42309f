#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# For the end of a run on the kernel that looks for its own faults: it still
# does, the module can go, and then there is no memory that nobody refers to.
# kmemleak suspects what it has seen without a reference in two scans, 5 seconds
# apart. Exit status 1, and why, if not so.

# shellcheck source=selftests/kvm/module/ktap.sh disable=SC1091
. "$(dirname "$0")/ktap.sh"

wrong() {
	echo "# $*"
	exit 1
}

# One complaint, and lockdep looks no more.
grep -q '^ *debug_locks: *1$' /proc/lockdep_stats || wrong "lockdep is off"

! loaded || soon rmmod vgicv5 || exit

leaks=/sys/kernel/debug/kmemleak
echo scan > "$leaks" || wrong "no kmemleak, or it has given up"
sleep 6
echo scan > "$leaks" || wrong "kmemleak has given up"
[ -z "$(cat "$leaks")" ] && exit
sed 's/^/# /' "$leaks"
exit 1
