#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
#	fuzz_irs.sh [TIMES [PARAMETER...]]
#
# The same random guests with their SPIs and LPIs in software, and in the host's IRS,
# which must be of use for it: nothing fails, and what they find, and user space of
# them, is the same to the byte. TIMES with other seeds each. PARAMETERs are those of
# the module, beside irs. Needs fuzz_irs beside it or in $PATH; FUZZ_STEPS is for it.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH
times=${1:-1}
[ $# = 0 ] || shift
parameters=$*

loaded && rmmod vgicv5

# in_place soft|hw
in_place() {
	rm -f "/tmp/trace.$1"
	# shellcheck disable=SC2086 # none, or words
	insmod "$MODULE" irs="$1" $parameters || return
	FUZZ_TRACE=/tmp/trace.$1 fuzz_irs > "/tmp/fuzz.$1"
	status=$?
	grep '^#' "/tmp/fuzz.$1"
	soon rmmod vgicv5 && return "$status"
}

# The first lines that differ, and what was before
same_traces() {
	cmp /tmp/trace.soft /tmp/trace.hw && return
	line=$(cmp /tmp/trace.soft /tmp/trace.hw 2>&1 | sed 's/.*line //')
	for n in soft hw; do
		note "$n, line $line:"
		head -n "$((line + 2))" "/tmp/trace.$n" | tail -n 12 |
			sed 's/^/# /'
	done
	return 1
}

plan $((3 * times))
i=0
while [ "$i" -lt "$times" ]; do
	export FUZZ_SEED=$((${FUZZ_FIRST_SEED:-0} + 8 * i))
	i=$((i + 1))
	check "soft_$i" in_place soft
	check "hw_$i" in_place hw
	check "same_traces_$i" same_traces
done
finish
