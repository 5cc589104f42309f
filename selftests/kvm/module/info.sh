#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# What modinfo says about the module, what sysfs says once it is loaded, and
# its one line in the log. MODULE names the file, ./vgicv5.ko if unset.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

[ -r "$MODULE" ] || skip_all "no file $MODULE"
loaded && rmmod vgicv5

# modinfo reads the same; it is not everywhere.
field() {
	tr '\0' '\n' < "$MODULE" | sed -n "s/^$1=//p"
}

# Exactly one line, and it is not empty.
has_one() {
	[ "$(field "$1" | grep -c .)" = 1 ] && return
	note "$1: '$(field "$1")'"
	return 1
}

license() {
	[ "$(field license)" = GPL ]
}

version() {
	has_one version && field version | grep -q '^[0-9]*\.[0-9]*\.[0-9]*$'
}

# Each parameter is described, and readable when loaded.
parameters() {
	names=$(field parmtype | sed 's/:.*//')
	[ -n "$names" ] || return
	for name in $names; do
		field parm | grep -q "^$name:..*" ||
			{ note "$name is not described"; return 1; }
		[ -r "/sys/module/vgicv5/parameters/$name" ] ||
			{ note "$name is not in sysfs"; return 1; }
	done
}

as_loaded() {
	[ "$(cat /sys/module/vgicv5/version)" = "$(field version)" ] &&
		[ "$(cat /sys/module/vgicv5/srcversion)" = "$(field srcversion)" ]
}

# It says what the host has, as the file in debugfs does.
log_line() {
	# The kernel has one of its own about modules like this one.
	dmesg | grep 'vgicv5: ' | grep -v 'taints kernel' > /tmp/lines
	[ "$(grep -c . /tmp/lines)" = 1 ] ||
		{ note "$(cat /tmp/lines)"; return 1; }
	host=/sys/kernel/debug/vgicv5/host
	for key in implemented mode 'priority bits'; do
		value=$(sed -n "s/^$key: //p" "$host")
		{ [ -n "$value" ] && grep -qF "$value" /tmp/lines; } ||
			{ note "$key '$value' is not in: $(cat /tmp/lines)"; return 1; }
	done
}

taint() {
	[ "$(cat /sys/module/vgicv5/taint)" = "O" ]
}

plan 11
check description has_one description
check author has_one author
check license license
check version version
check srcversion has_one srcversion
check vermagic has_one vermagic
check loads insmod "$MODULE"
check parameters parameters
check as_loaded as_loaded
check log_line log_line
# Out of tree, and nothing else that would spoil a bug report
check taint taint
finish
