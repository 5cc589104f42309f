#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# CPUs go off and come back while a vCPU sleeps on them, and has its doorbell there:
# it is rung for all the same, by its VM's other vCPU. The module is loaded. Needs
# hold_vm, which looks at it, beside it or in $PATH.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH

loaded || skip_all "the module is not loaded"
[ -w /sys/devices/system/cpu/cpu1/online ] ||
	skip_all "CPU 1 cannot be switched off"

# Doorbells that have rung, on all CPUs
rings() {
	awk '/vgicv5-doorbell/ { for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++)
		n += $i } END { print n + 0 }' /proc/interrupts
}

# switch I: off and on in turn
switch() {
	# All are counted while both are there.
	[ $(($1 % 2)) = 1 ] || now=$(rings)
	[ "$1" != 0 ] || before=$now
	echo $(($1 % 2)) > /sys/devices/system/cpu/cpu1/online
}

while_a_vcpu_sleeps() {
	before=0 now=0
	beside_sleeper 10 switch
	result=$?
	[ "$now" -gt "$before" ] || { note "no doorbell has rung"; result=1; }
	[ "$(cat /sys/devices/system/cpu/cpu1/online)" = 1 ] || result=1
	return "$result"
}

# Not all of them on the first CPU
cpus() {
	[ "$(cat /proc/irq/*/vgicv5-doorbell/../smp_affinity_list |
		sort -u | wc -l)" -gt 1 ]
}

spread() {
	beside_sleeper 1 cpus
}

gone() {
	[ "$(cat /sys/module/vgicv5/refcnt)" = 0 ]
}

plan 3
check spread spread
check while_a_vcpu_sleeps while_a_vcpu_sleeps
check nothing_is_left soon gone
finish
