#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# Hosts on which vgicv5.ko must not load: the error, the line in the log that
# says why, and that nothing stays behind.
#
#	load_errors.sh gicv3	on a host without GICv5
#	load_errors.sh nvhe	with kvm-arm.mode=nvhe or id_aa64mmfr1.vh=0
#	load_errors.sh protected	with kvm-arm.mode=protected
#
# MODULE names the file, ./vgicv5.ko if unset.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

case $1 in
gicv3)
	text="No such device"
	line="vgicv5: this host has no GICv5 (ID_AA64PFR2_EL1.GCIE is 0): nothing to do here" ;;
nvhe | protected)
	text="not supported"
	line="vgicv5: KVM runs in nVHE or protected mode: remove kvm-arm.mode=... from the kernel command line" ;;
*)
	echo "usage: load_errors.sh gicv3 | nvhe | protected" >&2
	exit 2 ;;
esac

[ -r "$MODULE" ] || skip_all "no file $MODULE"

# As the host was, so it is: KVM still makes VMs, where it did before.
kvm_before=$(test -c /dev/kvm && echo yes)

kvm_as_before() {
	[ "$(test -c /dev/kvm && echo yes)" = "$kvm_before" ]
}

plan 6
check "$1_refused" refused "$text" insmod "$MODULE"
check "$1_says_why" log_has "$line"
check "$1_not_loaded" not_loaded
check "$1_refused_again" refused "$text" insmod "$MODULE"
check "$1_still_not_loaded" not_loaded
check "$1_kvm_as_before" kvm_as_before
finish
