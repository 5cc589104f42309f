# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# An arm64 Debian in which a test is root, emulated where this computer is none:
#
#	inside "$@"		the test goes on in a namespace; its first command
#	debian			the Debian is at $ROOT
#	kernel RELEASE VARIANT	with the headers of a kernel that build-kernel knows
#	in_root COMMAND...	there; QEMU_UNAME is the running kernel if emulated
#	kernel_arrives RELEASE	what the packages of a kernel do when installed
#	everything FILE		a list of all files and what is in them, but for
#				RECORDS
#
# All is in memory, and gone with the namespace: see machine/arm64.
#
# VGICV5_SUITE=trixie and so on: another Debian than that of this computer, whose
# compiler is as old as the one that built the kernels.

# shellcheck source=selftests/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
# shellcheck source=selftests/lib/ktap.sh
. "$TOP/selftests/lib/ktap.sh"

BUILD=${VGICV5_BUILD:-$TOP/build}
VERSION=$(sed -n 's/^#define VGICV5_VERSION[^"]*"\(.*\)"/\1/p' \
	"$TOP/include/vgicv5/version.h")

# The outer half makes what needs the cache, and what the test says needs to be
# done on this computer: prepare DIR
inside()
{
	local suite v

	if [ "${1:-}" = --inside ]; then
		OUTSIDE=$2 tmp=$2/memory
		ROOT=$tmp/root
		RELEASE=$(cat "$(cat "$OUTSIDE/6.18-hooks")/include/config/kernel.release") &&
		mount -t tmpfs -o mode=755 memory "$tmp" || exit
		# shellcheck disable=SC2034 # read by the tests
		PLAIN=$RELEASE-plain
		export QEMU_UNAME=none
		return
	fi
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/vgicv5.XXXXXX") || exit
	trap 'rm -rf "$tmp"' EXIT
	# shellcheck source=/dev/null
	suite=${VGICV5_SUITE:-$(. /etc/os-release; echo "${VERSION_CODENAME:-}")}
	"$MACHINE/arm64" true || exit
	for v in 6.18-hooks 6.18-plain; do
		"$MACHINE/build-kernel" "$v" > "$tmp/$v" || exit
	done
	# apt-utils is for autopkgtest
	"$MACHINE/debian" "${suite:-bookworm}" apt-utils dkms gcc kmod make \
		patch rpm > "$tmp/debian" || exit
	mkdir "$tmp/memory"
	[ "$(type -t prepare)" != function ] || prepare "$tmp" || exit
	"$MACHINE/arm64" "$0" --inside "$tmp"
	exit
}

in_root()
{
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root \
		DEBIAN_FRONTEND=noninteractive QEMU_UNAME="$QEMU_UNAME" \
		chroot "$ROOT" "$@" < /dev/null
}

# The computer as it is after the installation of Debian
debian()
{
	# A mount of its own: rpm's scripts change how / is propagated.
	mkdir "$ROOT" && mount --bind "$ROOT" "$ROOT" &&
	tar -C "$ROOT" -xf "$(cat "$OUTSIDE/debian")" --exclude='./dev/*' &&
	mount -t proc proc "$ROOT/proc" &&
	mount --rbind /dev "$ROOT/dev" &&
	[ "$(in_root uname -m)" = aarch64 ] &&
	in_root dkms --version
}

# Its headers, and what else DKMS looks at
kernel()
{
	local dir=$ROOT/lib/modules/$1 src=$ROOT/usr/src/linux-headers-$1 p

	# make writes there
	mkdir -p "$tmp/$2"/{upper,work,tree} "$dir/kernel" || return
	mount -t overlay overlay "$tmp/$2/tree" -o "userxattr,\
lowerdir=$(cat "$OUTSIDE/$2"),upperdir=$tmp/$2/upper,workdir=$tmp/$2/work" || return
	"$MACHINE/header-tree" --arm64 "$tmp/$2/tree" "$src" || return
	umount "$tmp/$2/tree" && rm -rf "${tmp:?}/$2"
	for p in basic/fixdep mod/modpost; do
		"${CROSS}readelf" -h "$src/scripts/$p" | grep -q AArch64 ||
			{ echo "scripts/$p is not for arm64"; return 1; }
	done
	echo "$1" > "$src/include/config/kernel.release"
	sed -i "s/\"[^\"]*\"/\"$1\"/" "$src/include/generated/utsrelease.h"
	ln -s "/usr/src/linux-headers-$1" "$dir/build"
	touch "$dir"/modules.{order,builtin,builtin.modinfo}
	# With no module of its own it is not installed for DKMS 3.2
	"${CROSS}gcc" -c -x c -o "$dir/kernel/other.ko" /dev/null &&
	in_root depmod "$1"
}

# DKMS asks also rpm what kernels there are.
RECORDS=(./root/.rpmdb)
everything()
{
	local skip=(-path ./proc -o -path ./dev -o -path ./tmp) r

	for r in "${RECORDS[@]}"; do
		skip+=(-o -path "$r")
	done
	(cd "$ROOT" && find . \( "${skip[@]}" \) \
		-prune -o -printf '%P %y %m %U:%G %l\n' &&
	 find . \( "${skip[@]}" \) -prune \
		-o -type f -print0 | xargs -0 sha256sum) | sort > "$1"
}

kernel_arrives()
{
	in_root run-parts --exit-on-error --arg="$1" \
		/etc/kernel/postinst.d > "$tmp/dkms" 2>&1 && return
	tail -n 20 "$tmp/dkms"
	return 1
}

# Where modprobe finds it for $RELEASE, made for that kernel: module_is PATH
module_is()
{
	local m=lib/modules/$RELEASE/$1

	"${CROSS}readelf" -h "$ROOT/$m" | grep 'Machine: *AArch64' &&
	[[ $(in_root modinfo -k "$RELEASE" -F vermagic vgicv5) == "$RELEASE "* ]] &&
	[ "$(in_root modinfo -k "$RELEASE" -n vgicv5)" = "/$m" ]
}

# Nothing is there for that kernel: left_alone RELEASE
left_alone()
{
	! in_root dkms status | grep -F ", $1," &&
	! ls "$ROOT/var/lib/dkms/vgicv5/$VERSION/$1" 2> /dev/null &&
	[ -z "$(find "$ROOT/lib/modules/$1/" -name 'vgicv5*')" ]
}

# in_the_machine NAME COMMAND: with the modules of $RELEASE as they are there,
# and the test programs
in_the_machine()
{
	local dir=$tmp/modules

	rm -rf "$dir"
	mkdir "$dir" &&
	cp -r "$ROOT/lib/modules/$RELEASE"/{modules.*,updates,extra} "$dir" \
		2> /dev/null
	"$MACHINE/run" --quiet --timeout 400 --smp 2 \
		--kernel "$(cat "$OUTSIDE/6.18-hooks")" \
		--log "$BUILD/log/$1.console" \
		--add "$dir:lib/modules/$RELEASE" --add "$BUILD/kvm:t/kvm" -- \
		"$2"
}
