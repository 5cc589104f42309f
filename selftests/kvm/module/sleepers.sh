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

# It says so each time it has been woken often
rung() {
	soon sh -c "[ \$(wc -l < /tmp/hold) -gt $1 ]"
}

while_a_vcpu_sleeps() {
	: > /tmp/hold
	hold_vm sleeper > /tmp/hold &
	pid=$!
	result=0
	i=0
	rung 0 || result=1
	before=$(rings)
	while [ "$i" -lt 10 ] && [ "$result" = 0 ]; do
		echo $((i % 2)) > /sys/devices/system/cpu/cpu1/online || result=1
		i=$((i + 1))
		rung "$(wc -l < /tmp/hold)" || result=1
	done
	[ "$(rings)" -gt "$before" ] || { note "no doorbell has rung"; result=1; }
	kill -9 "$pid"
	wait "$pid" 2> /dev/null
	[ "$(cat /sys/devices/system/cpu/cpu1/online)" = 1 ] || result=1
	return "$result"
}

gone() {
	[ "$(cat /sys/module/vgicv5/refcnt)" = 0 ]
}

plan 2
check while_a_vcpu_sleeps while_a_vcpu_sleeps
check nothing_is_left soon gone
finish
