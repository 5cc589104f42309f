#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# On a kernel with a vGICv5 of its own: mainline's tests of it pass before the
# module is loaded, with it, and after it was loaded and unloaded 100 times. Needs
# mainline.sh and mainline/ in the directory that it is started in.
#
# MODULE names the file, ./vgicv5.ko if unset.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

[ -r "$MODULE" ] || skip_all "no file $MODULE"
[ -r mainline.sh ] || skip_all "no mainline.sh"
loaded && rmmod vgicv5

mainline() {
	./mainline.sh vgic_v5 no-vgic > /tmp/in-tree
	result=$?
	sed 's/^/# /' /tmp/in-tree
	! grep -q '# SKIP' /tmp/in-tree || result=1
	return "$result"
}

# Nothing of it is left.
loads() {
	n=0
	while [ "$n" -lt 100 ]; do
		{ insmod "$MODULE" && soon rmmod vgicv5; } || return
		n=$((n + 1))
	done
	not_loaded
}

with_module() {
	insmod "$MODULE" || return
	mainline
	result=$?
	soon rmmod vgicv5 || return
	return "$result"
}

plan 4
check before mainline
check with_the_module with_module
check load_100_times loads
check after mainline
finish
