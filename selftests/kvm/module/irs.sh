#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# Where the SPIs and LPIs of VMs are: what the module says of it, and what it makes
# of its parameter "irs".
#
#	irs.sh WHY	on a host whose IRS is of no use for VMs: why it is not
#	irs.sh		on one whose IRS is
#
# MODULE names the file, ./vgicv5.ko if unset.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

[ -r "$MODULE" ] || skip_all "no file $MODULE"
why=${1:-}
loaded && rmmod vgicv5

# says WHAT [PARAMETER]: loaded with it, the module says so in its line
says() {
	# shellcheck disable=SC2086 # one word or none
	insmod "$MODULE" ${2:-} || return
	log_has "mode, IRS in $1" || { note "$(dmesg | tail -n 1)"; return 1; }
	rmmod vgicv5
}

# rejects TEXT LINE PARAMETER
rejects() {
	refused "$1" insmod "$MODULE" "$3" && log_has "vgicv5: $2" && not_loaded
}

soft() {
	says "software: the host's is not to be used (irs=soft)" irs=soft
}

nonsense() {
	rejects "Invalid argument" "irs=maybe: say soft, hw or auto" irs=maybe
}

# The next one finds the IRS as the last one did
again() {
	for n in 1 2 3; do
		says hardware irs=hw || { note "the time $n"; return 1; }
	done
}

plan 4
check soft soft
check nonsense nonsense
if [ -n "$why" ]; then
	check auto says "software: the host's $why"
	check hw rejects "No such device" "irs=hw: the host's IRS $why" irs=hw
else
	check auto says hardware
	check hw again
fi
finish
