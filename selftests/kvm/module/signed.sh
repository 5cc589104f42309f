#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC1091 # functions are called through check
#
# A kernel that loads signed modules only, as with Secure Boot, and modules that
# are compressed. For a kernel that was booted with module.sig_enforce=1.
#
#	signed.sh DIR
#
# DIR has vgicv5.ko unsigned, signed by a key that the kernel knows (signed.ko),
# the same with a byte changed (changed.ko) or signed by a key that it does not
# know (stranger.ko); and signed.ko and vgicv5.ko compressed (*.ko.gz, *.ko.xz,
# *.ko.zst).

# shellcheck source=selftests/kvm/module/ktap.sh
. "$(dirname "$0")/ktap.sh"

PATH=$(cd "$(dirname "$0")/.." && pwd):$PATH

[ $# = 1 ] || { echo "usage: signed.sh DIR" >&2; exit 2; }
[ -r "$1/signed.ko" ] || skip_all "no file $1/signed.ko"
cd "$1" || exit

enforced() {
	[ "$(cat /sys/module/module/parameters/sig_enforce)" = Y ]
}

# It works, and it is neither unsigned nor forced for the kernel.
works() {
	[ "$(cat /sys/module/vgicv5/taint)" = O ] ||
		{ note "taint $(cat /sys/module/vgicv5/taint)"; return 1; }
	sw_ppi f2_once_over_1000_exits > /tmp/out ||
		{ sed 's/^/# /' /tmp/out; return 1; }
	rmmod vgicv5
}

# rejected FILE MESSAGE: as modprobe has it, and the kernel's own line
rejected() {
	dmesg -c > /dev/null
	refused "Key was rejected by service" finit "$1" || return
	log_has "$2" && not_loaded
}

# What modprobe unpacks by itself
unpacked() {
	case $1 in
	*.gz) gunzip -c "$1" ;;
	*.xz) unxz -c "$1" ;;
	esac > /tmp/unpacked.ko
	cmp /tmp/unpacked.ko "$2" && finit /tmp/unpacked.ko && works
}

in_kernel() {
	finit "$1" 4 && works
}

plan 9
check enforced enforced
check unsigned rejected vgicv5.ko "Loading of unsigned module is rejected"
check stranger rejected stranger.ko \
	"Loading of module with unavailable key is rejected"
check changed refused "Key was rejected by service" finit changed.ko
check signed eval "finit signed.ko && works"
check signed_gz unpacked signed.ko.gz signed.ko
check signed_xz unpacked signed.ko.xz signed.ko
check signed_zst_in_kernel in_kernel signed.ko.zst
check unsigned_zst_in_kernel refused "Key was rejected by service" \
	finit vgicv5.ko.zst 4
finish
