#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
#	lifecycle.sh [ROUNDS [SECONDS]]
#
# Rounds of load, VM, refused unload, close, unload; then VMs that are made
# while the module comes and goes. Needs hold_vm, race_device and isolation.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(dirname "$0"):$(dirname "$0")/..:$PATH

loaded && rmmod vgicv5

round() {
	insmod "$MODULE" || return
	: > /tmp/hold
	hold_vm ran > /tmp/hold &
	pid=$!
	soon grep -q holding /tmp/hold || note "hold_vm does not start"
	refused "Resource temporarily unavailable" rmmod vgicv5
	status=$?
	kill -9 "$pid"
	wait "$pid" 2> /dev/null
	soon rmmod vgicv5 && not_loaded && [ "$status" = 0 ]
}

rounds() {
	i=0
	while [ "$i" -lt "$1" ]; do
		round || { note "round $i"; return 1; }
		i=$((i + 1))
	done
	note "$i rounds"
}

race() {
	race_device "$1" > /tmp/race 2>&1 &
	pid=$!
	loads=0
	while kill -0 "$pid" 2> /dev/null; do
		insmod "$MODULE" && loads=$((loads + 1))
		soon rmmod vgicv5 || { note "cannot be unloaded"; return 1; }
	done
	wait "$pid"
	status=$?
	cat /tmp/race
	note "$loads times loaded meanwhile"
	return "$status"
}

works() {
	insmod "$MODULE" && isolation new_v5_vm > /tmp/out && soon rmmod vgicv5
}

plan 3
check rounds rounds "${1:-5}"
check create_races_with_unload race "${2:-5}"
check works_after_all_this works
finish
