#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# What is in the registers of each CPU, as peek.ko sees them: nothing of what
# was there at reset while the module is loaded, and nothing of a guest when
# none runs. For a machine with poison. Needs peek.ko in host/, and isolation
# beside it or in $PATH.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH
registers=/sys/module/peek/parameters/registers
cpu=/sys/devices/system/cpu/cpu1/online

insmod host/peek.ko || skip_all "no host/peek.ko for this kernel"
loaded && rmmod vgicv5

# are VALUE NAME...: that value, on all CPUs
are() {
	value=$1
	shift
	while read -r line; do
		for name in "$@"; do
			case " $line " in
			*" $name=$value "*) continue ;;
			esac
			note "not $name=$value: $line"
			return 1
		done
	done < "$registers"
}

closed() {
	are 0x8 HFGRTR && are 0x0 HFGWTR HFGITR
}

# The tests below would see something.
poisoned() {
	lines=$(wc -l < "$registers")
	[ "$lines" = "$(grep -c 'CONTEXTR=0x8' "$registers")" ] &&
		[ "$lines" -ge 2 ] && ! are 0x0 ENABLER0 > /dev/null
}

# What acts without a vCPU
taken_over() {
	closed && are 0x1 VCTLR && are 0x0 CONTEXTR VMCR
}

came_back() {
	echo 0 > "$cpu" && echo 1 > "$cpu" && taken_over
}

# KVM leaves the timers active; that is to be seen here.
after_guests() {
	isolation new_v5_vm > /tmp/out 2>&1 || {
		sed 's/^/# /' /tmp/out
		return 1
	}
	taken_over && ! are 0x0 SACTIVER0 > /dev/null
}

after_unload() {
	rmmod vgicv5 && closed && are 0x0 VCTLR CONTEXTR VMCR APR DVIR0 DVIR1 \
		ENABLER0 ENABLER1 PENDR0 PENDR1 ACTIVER0 ACTIVER1 \
		SACTIVER0 SACTIVER1
}

plan 5
check reset_values_are_seen poisoned
insmod "$MODULE" || exit
check taken_over taken_over
check cpu_that_came_back came_back
check after_guests after_guests
check after_unload after_unload
finish
