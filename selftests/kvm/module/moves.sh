#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
#	moves.sh FILE TIMES [MOVES]
#
# A guest with PPIs alone that lives in FILE, if it is there, is moved MOVES times by
# each of TIMES modules, which are resident and conservative in turn.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0")/..:$PATH
export MOVES_FILE="$1" MOVES="${3:-50}"

loaded && rmmod vgicv5

# moved MODE
moved() {
	insmod "$MODULE" "resident=$1" || return
	moves > /tmp/moves
	status=$?
	grep '^#' /tmp/moves
	soon rmmod vgicv5 && [ "$status" = 0 ]
}

plan "$2"
i=0
while [ "$i" -lt "$2" ]; do
	mode=$(((i + 1) % 2))
	i=$((i + 1))
	check "resident_$mode" moved "$mode"
done
finish
