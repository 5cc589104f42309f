#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# A vgicv5.ko that KVM's hooks must refuse: the error, the line in the log that
# says why, that nothing stays behind, and that the right module works next. The
# hooks admit modules of this name only, so it cannot be loaded beside the right
# one: then the kernel refuses it by its name, and what is there works on.
#
#	refused.sh FILE.ko ERROR MESSAGE
#
# FILE.ko is another vgicv5.ko, ERROR what insmod says when it is loaded:
# "File exists" if it finds that there is a vGICv5 already, "Protocol error" if
# it was built for another version of the hooks; MESSAGE is in the log then.
# MODULE names the right module, ./vgicv5.ko if unset.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH

if [ $# != 3 ]; then
	echo "usage: refused.sh FILE.ko ERROR MESSAGE" >&2
	exit 2
fi
[ -r "$1" ] || skip_all "no file $1"
[ -r "$MODULE" ] || skip_all "no file $MODULE"
loaded && rmmod vgicv5

works() {
	sw_ppi f2_once_over_1000_exits > /tmp/out ||
		{ sed 's/^/# /' /tmp/out; return 1; }
}

plan 10
check refused refused "$2" insmod "$1"
check says_why log_has "$3"
check not_loaded not_loaded
check refused_again refused "$2" insmod "$1"
check right_one_loads insmod "$MODULE"
check right_one_works works
check not_beside_it refused "File exists" insmod "$1"
check right_one_works_on works
check right_one_unloads rmmod vgicv5
check refused_after_it refused "$2" insmod "$1"
finish
