#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# An IRS of the host that does not answer, or not as it has to: what becomes of VMs
# is for "stuck"; here is what the module says, and that it can go. Needs stuck and
# a module made for it, beside it or in $PATH.
#
#	stuck.sh MODE [TEST...]		MODE is irs=auto or irs=hw; tests of stuck,
#					all of them without

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH
mode=$1
shift

[ -r "$MODULE" ] || skip_all "no file $MODULE"
loaded && rmmod vgicv5

parameters=/sys/module/vgicv5/parameters
lines() {
	dmesg | grep -c "vgicv5: $1"
}

# said N TEXT COMMAND...: it makes so many lines with this text, and no others
said() {
	n=$1
	text=$2
	shift 2
	all=$(lines .)
	these=$(lines "$text")
	"$@" || return
	all=$(($(lines .) - all))
	these=$(($(lines "$text") - these))
	[ "$all" = "$n" ] && [ "$these" = "$n" ] && return
	note "$all lines, $these of them with '$text', not $n"
	dmesg | grep vgicv5: | tail -n 3 | sed 's/^/# /'
	return 1
}

quietly() {
	"$@" > /tmp/out 2>&1 && return
	sed 's/^/# /' /tmp/out
	return 1
}

# answers COMMAND...: the IRS does again, before it
answers() {
	echo none > "$parameters/busy_at" && echo none > "$parameters/drop_at" &&
		"$@"
}

# Then all that the IRS has of VMs goes at once
one() {
	said 1 "virtual GICv5 for KVM guests.*IRS in hardware" \
		insmod "$MODULE" "$mode" || return
	said 1 "the host's IRS does not answer" quietly stuck "$1"
	result=$?
	said 0 . answers rmmod vgicv5 && not_loaded && return "$result"
}

# of_no_use WHY [PARAMETER]: with irs=hw it does not load
of_no_use() {
	if [ "$mode" = irs=hw ]; then
		# insmod of busybox tries twice
		before=$(lines "irs=hw: the host's IRS $1")
		refused "No such device" insmod "$MODULE" irs=hw ${2:+"$2"} &&
			not_loaded &&
			[ "$(lines "irs=hw: the host's IRS $1")" -gt "$before" ]
		return
	fi
	said 1 "virtual GICv5 for KVM guests.*IRS in software: the host's $1" \
		insmod "$MODULE" "$mode" ${2:+"$2"} && said 0 . rmmod vgicv5
}

loads_again() {
	insmod "$MODULE" irs=hw && rmmod vgicv5
}

load() {
	of_no_use "does not answer" "$1" || return
	case $1 in
	busy*)	of_no_use "is in use by another hypervisor" ;;
	*)	loads_again ;;
	esac
}

# Nobody knows whether the IRS still has the table
unload() {
	insmod "$MODULE" "$mode" || return
	echo vmt_off > "$parameters/$1" || return
	said 1 "the host's IRS does not answer" rmmod vgicv5 && not_loaded ||
		return
	case $1 in
	busy*)	loads_again ;;
	*)	of_no_use "is in use by another hypervisor" ;;
	esac
}

# What the kernel says of a module once only
loads_again || exit
tests=${*:-$(stuck -l)}
# shellcheck disable=SC2086 # one word each
set -- $tests
plan $(($# + 3))
check drop_vmt_on load drop_at=vmt_on
for t; do
	check "$t" one "$t"
	loaded && answers soon rmmod vgicv5
done
check busy_vmt_off unload busy_at
# After either of these it has the table for good
if [ "$mode" = irs=hw ]; then
	check busy_vmt_on load busy_at=vmt_on
else
	check drop_vmt_off unload drop_at
fi
finish
