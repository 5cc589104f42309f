#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# CPUs come back from power-down with UNKNOWN registers, between two vCPUs and
# while a VM runs. Needs power.ko in host/, and closed, hold_vm, isolation,
# masking and sw_ppi beside it or in $PATH. Arguments are for the module.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH

grep -q ' cpu_pm_exit$' /proc/kallsyms ||
	skip_all "this kernel is without CONFIG_CPU_PM"
insmod host/power.ko || skip_all "no host/power.ko for this kernel"
loaded && rmmod vgicv5

quietly() {
	"$@" > /tmp/out 2>&1 && return
	sed 's/^/# /' /tmp/out
	return 1
}

cycle() {
	echo 1 > /sys/module/power/parameters/cycle
}

# Nothing of what was there before is found, by whomever.
closed_after() {
	cycle && quietly closed
}

works_after() {
	cycle && quietly sw_ppi spinning_guest migration_while_pending
}

nothing_shows_after() {
	cycle && quietly masking o8_nothing_written &&
		cycle && quietly isolation new_v5_vm no_vgic_after
}

while_a_vm_runs() {
	: > /tmp/hold
	hold_vm running > /tmp/hold &
	pid=$!
	i=0
	while [ "$i" -lt 20 ] && cycle; do
		i=$((i + 1))
	done
	kill -9 "$pid"
	wait "$pid" 2> /dev/null
	[ "$i" = 20 ] && quietly closed &&
		quietly sw_ppi migration_while_pending
}

while_a_vcpu_sleeps() {
	beside_sleeper 5 cycle
}

insmod "$MODULE" "$@" || exit
plan 5
check closed_after closed_after
check works_after works_after
check nothing_shows_after nothing_shows_after
check while_a_vm_runs while_a_vm_runs
check while_a_vcpu_sleeps while_a_vcpu_sleeps
finish
