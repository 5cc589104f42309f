#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC1091
#
# The machine's side of selftests/machine/loop: on the second serial port comes
# the size of a compressed module and what to run, then the module; it takes the
# place of the one that is loaded. 0 ends it.

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

port=/dev/ttyAMA1
stty -F "$port" raw -echo || exit
exec 3< "$port"
echo "loop: ready"
while read -r size programs <&3 && [ "$size" != 0 ]; do
	head -c "$size" <&3 | gzip -d > /tmp/vgicv5.ko
	# shellcheck disable=SC2086 # one word each
	{ ! loaded || soon rmmod vgicv5; } && insmod /tmp/vgicv5.ko &&
		"$(dirname "$0")/../run-tests" $programs
	echo "loop: exit status $?"
done
