#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# rmmod: refused while a VM holds the vGICv5, however far the VM has come, and
# possible after; load and unload again and again, with VMs in between. Needs
# hold_vm, device, sw_ppi, isolation, closed and irqchip_cap beside it or in $PATH.
#
# MODULE names the file, ./vgicv5.ko if unset.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH

[ -r "$MODULE" ] || skip_all "no file $MODULE"
loaded && rmmod vgicv5

held() {
	insmod "$MODULE" || return
	: > /tmp/hold
	hold_vm "$1" > /tmp/hold &
	pid=$!

	result=0
	if soon grep -q holding /tmp/hold; then
		refused "Resource temporarily unavailable" rmmod vgicv5 ||
			result=1
		[ "$(cat /sys/module/vgicv5/refcnt)" = 1 ] || {
			note "refcnt $(cat /sys/module/vgicv5/refcnt), not 1"
			result=1
		}
	else
		note "hold_vm $1 does not start"
		result=1
	fi
	kill -9 "$pid"
	wait "$pid" 2> /dev/null
	soon rmmod vgicv5 || result=1
	not_loaded || result=1
	return "$result"
}

# Without the module a VM cannot have a vGICv5, and all else goes on.
without() {
	not_loaded || return
	device > /dev/null
	[ $? = 4 ] || { note "the program 'device' is not skipped"; return 1; }
}

# quietly COMMAND...: its output only if it fails.
quietly() {
	"$@" > /tmp/out 2>&1 && return
	sed 's/^/# /' /tmp/out
	return 1
}

with() {
	quietly insmod "$MODULE" || return
	quietly sw_ppi f2_once_over_1000_exits || return
	soon rmmod vgicv5
}

rounds() {
	i=0
	while [ "$i" -lt "$1" ]; do
		quietly insmod "$MODULE" || return
		quietly device create_test ctrl_init || return
		soon rmmod vgicv5 || return
		not_loaded || return
		i=$((i + 1))
	done
}

# Whatever guests have left: the next one finds nothing, and nothing comes.
closed_after() {
	quietly insmod "$MODULE" || return
	quietly isolation new_v5_vm no_vgic_after || return
	soon rmmod vgicv5 || return
	quietly closed
}

# One line at load, none for a VM and none at unload.
log_lines() {
	before=$(dmesg | grep -c 'vgicv5: ')
	insmod "$MODULE" || return
	device ctrl_init vcpu_order > /dev/null
	soon rmmod vgicv5 || return
	lines=$(($(dmesg | grep -c 'vgicv5: ') - before))
	[ "$lines" = 1 ] || { note "$lines lines in the log, not 1"; return 1; }
}

# KVM_CAP_IRQCHIP is 1 while a VM could have a vGIC: a VMM that has an interrupt
# controller of its own, for hosts without one, asks.
says() {
	cap=$(irqchip_cap)
	[ "$cap" = "$1 $1" ] && return
	note "KVM_CAP_IRQCHIP is $cap, should be $1"
	return 1
}

irqchip_cap_is_true() {
	not_loaded && says 0 || return
	insmod "$MODULE" && says 1 || return
	soon rmmod vgicv5 && says 0
}

plan 11
check irqchip_cap irqchip_cap_is_true
check load_runs_unload with
check without_module without
check held_created held created
check held_initialised held initialised
check held_ran held ran
check held_running held running
check twenty_rounds rounds 20
check closed_after_unload closed_after
check one_line_in_the_log log_lines
check works_after_all_this with
finish
