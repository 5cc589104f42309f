#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# A second registration, and one for other hooks: KVM must refuse it, with the
# right error, and what was there before must work on.
#
#	refused.sh FILE.ko TEXT
#
# FILE.ko is a module that tries to register, TEXT what insmod says then:
# "File exists" for a second one, "Protocol error" for another ABI. vgicv5 is
# loaded first if it is not yet. MODULE names its file, ./vgicv5.ko if unset.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH

if [ $# != 2 ]; then
	echo "usage: refused.sh FILE.ko TEXT" >&2
	exit 2
fi
[ -r "$1" ] || skip_all "no file $1"
[ -r "$MODULE" ] || skip_all "no file $MODULE"

name=$(basename "$1" .ko | tr - _)

first_is_there() {
	loaded || insmod "$MODULE"
}

works() {
	sw_ppi f2_once_over_1000_exits > /tmp/out ||
		{ sed 's/^/# /' /tmp/out; return 1; }
}

gone() {
	[ ! -d "/sys/module/$name" ]
}

plan 5
check "${name}_first" first_is_there
check "${name}_refused" refused "$2" insmod "$1"
check "${name}_not_loaded" gone
check "${name}_first_works_on" works
check "${name}_first_unloads" rmmod vgicv5
finish
