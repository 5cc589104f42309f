#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in the machine: mainline's KVM selftests from the directory "mainline",
# each argument is one with its options. Their output is shown as comments,
# "# PROGRAM: LINE", for a comparison between kernels.

out=/tmp/mainline.out
n=0 failed=0

echo "KTAP version 1"
echo "1..$#"
for words; do
	# shellcheck disable=SC2086 # a program and its options
	timeout 100 mainline/$words > "$out" 2>&1
	status=$?
	n=$((n + 1))
	name=${words%% *}
	sed "s/^/# $name: /" "$out"
	case $status in
	0) echo "ok $n $name" ;;
	4) echo "ok $n $name # SKIP" ;;
	*) echo "not ok $n $name # exit status $status"
	   failed=1 ;;
	esac
done
exit "$failed"
