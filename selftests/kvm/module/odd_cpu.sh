#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# odd_cpu.sh PPI: CPU 1 is not like the others, in that PPI or, if it is "-", in
# its priority bits. What CPUs do not have in common is not offered; and a CPU
# that comes online after the module comes, for all who do not need what it
# lacks. Needs odd_cpu, sw_ppi and isolation beside it or in $PATH.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH
cpu=/sys/devices/system/cpu/cpu1/online
host=/sys/kernel/debug/vgicv5/host
ppi=$1

loaded && rmmod vgicv5

quietly() {
	"$@" > /tmp/out 2>&1 && return
	sed 's/^/# /' /tmp/out
	return 1
}

# Is a PPI in the module's list, "3,23,26-30"?
offered() {
	for r in $(sed -n 's/^implemented: //p' "$host" | tr , ' '); do
		[ "$1" -lt "${r%-*}" ] || [ "$1" -gt "${r#*-}" ] || return 0
	done
	return 1
}

# Both are there when the module comes.
common_ones_only() {
	if [ "$ppi" = - ]; then
		grep -qx 'priority bits: 4' "$host" || return
	else
		! offered "$ppi" || return
	fi
	soon rmmod vgicv5 && echo 0 > "$cpu" && insmod "$MODULE" || return
	if [ "$ppi" = - ]; then
		grep -qx 'priority bits: 5' "$host"
	else
		offered "$ppi"
	fi
}

comes_late() {
	echo 1 > "$cpu" && [ "$(cat "$cpu")" = 1 ] && quietly odd_cpu
}

# Again, and again: once is enough.
said_once() {
	for _ in 1 2; do
		echo 0 > "$cpu" && echo 1 > "$cpu" || return
	done
	[ "$(dmesg | grep -c 'vgicv5: CPU1 lacks')" = 1 ]
}

elsewhere_as_ever() {
	quietly taskset 1 sw_ppi spinning_guest
}

insmod "$MODULE" || exit
plan 4
check common_ones_only common_ones_only
check comes_late comes_late
check said_once said_once
check elsewhere_as_ever elsewhere_as_ever
finish
