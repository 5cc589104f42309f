#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# CPUs go off and come back, with what they had in their registers lost: they
# must be taken over like all others, whenever the module is loaded. Needs
# closed, isolation, sw_ppi and hold_vm beside it or in $PATH.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH
cpu=/sys/devices/system/cpu/cpu1/online

[ -w "$cpu" ] || skip_all "CPU 1 cannot be switched off"
loaded && rmmod vgicv5

quietly() {
	"$@" > /tmp/out 2>&1 && return
	sed 's/^/# /' /tmp/out
	return 1
}

off_and_on() {
	echo 0 > "$cpu" && echo 1 > "$cpu"
}

came_back_works() {
	off_and_on || return
	quietly closed && quietly sw_ppi migration_while_pending &&
		quietly isolation new_v5_vm no_vgic_after taking_turns
}

# The probe has not seen this CPU.
was_off_at_load() {
	soon rmmod vgicv5 && echo 0 > "$cpu" && insmod "$MODULE" &&
		echo 1 > "$cpu" || return
	quietly closed && quietly sw_ppi migration_while_pending &&
		quietly isolation new_v5_vm no_vgic_after
}

while_vms_run() {
	: > /tmp/hold
	hold_vm running > /tmp/hold &
	pid=$!
	i=0
	while [ "$i" -lt 10 ]; do
		off_and_on || break
		i=$((i + 1))
	done
	kill -9 "$pid"
	wait "$pid" 2> /dev/null
	[ "$i" = 10 ] && quietly closed && quietly isolation no_vgic_after
}

off_at_unload() {
	echo 0 > "$cpu" || return
	soon rmmod vgicv5 && echo 1 > "$cpu" && not_loaded
}

insmod "$MODULE" || exit
plan 4
check came_back_works came_back_works
check was_off_at_load was_off_at_load
check while_vms_run while_vms_run
check off_at_unload off_at_unload
finish
