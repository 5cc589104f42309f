#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# The same random guests in both modes of the module: nothing fails, and what
# they find is the same. Needs fuzz_guest beside it or in $PATH; FUZZ_STEPS is
# for it.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH

loaded && rmmod vgicv5

in_mode() {
	insmod "$MODULE" resident="$1" || return
	fuzz_guest > "/tmp/fuzz.$1"
	status=$?
	grep '^#' "/tmp/fuzz.$1"
	soon rmmod vgicv5 && return "$status"
}

same_traces() {
	for mode in 1 0; do
		grep '^# trace' "/tmp/fuzz.$mode" > "/tmp/trace.$mode"
	done
	[ "$(wc -l < /tmp/trace.1)" = 12 ] && cmp /tmp/trace.1 /tmp/trace.0
}

plan 3
check resident in_mode 1
check conservative in_mode 0
check same_traces same_traces
finish
