#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Load the suites, print what KUnit says of its tests: the lines of KTAP, one
# level up. The kernel logs them before insmod returns.

dmesg -c > /dev/null
insmod "${1:-./vgicv5_kunit.ko}" || exit
dmesg | sed 's/^\[[ 0-9.]*\] //' > /tmp/kunit
sed -n 's/^    //p' /tmp/kunit
rmmod vgicv5_kunit || exit
grep -q '^ok 1 vgicv5-core$' /tmp/kunit && grep -q '^ok 2 vgicv5-irs$' /tmp/kunit
