# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts that pack these sources have in common with each other, and
# some of it with the tests. TOP is the directory of the sources, and die() says a
# sentence and ends the script.

# The version, of one place
version()
{
	sed -n 's/^#define VGICV5_VERSION[^"]*"\(.*\)"/\1/p' \
		"$TOP/include/vgicv5/version.h"
}

# is_checkout: is TOP a checkout of git's, or an unpacked archive, which may be
# somewhere in the checkout of something else? A checkout that git cannot read
# is neither.
is_checkout()
{
	local why

	[ -e "$TOP/.git" ] || return 1
	type -P git > /dev/null ||
		die "$TOP is a checkout of git's, but there is no git here:" \
		    "install it, or take the archive that \"make dist\" makes"
	why=$(git -C "$TOP" rev-parse --verify --quiet HEAD 2>&1) ||
		die "git cannot read the checkout $TOP:" \
		    "${why:-it has no commit}"
}

# origin author|date: of the last commit, in a checkout and in its archive. For a
# copy without its .git, VGICV5_MAINTAINER and SOURCE_DATE_EPOCH say it.
origin()
{
	local format=%ct value variable=SOURCE_DATE_EPOCH

	[ "$1" = date ] || format='%an <%ae>' variable=VGICV5_MAINTAINER
	if is_checkout; then
		value=$(git -C "$TOP" log -1 --format="$format")
	else
		value=$(sed -n "s/^$1 //p" "$TOP/packaging/origin")
		case $value in
		'' | \$*) value=${!variable:-} ;;
		esac
	fi
	case $1:$value in
	*: | date:*[!0-9]*)
		die "$TOP is neither a checkout of git's nor an archive that" \
		    "\"make dist\" has made: say $variable=..." ;;
	esac
	printf '%s\n' "$value"
}

# full DIR: is there no room left? Then that is printed, as the cause of whatever
# has failed there.
full()
{
	local free

	free=$(df -Pk "$1" | awk 'NR == 2 { print $4 }')
	[ "${free:-1024}" -lt 1024 ] || return
	echo "no space is left on $(df -P "$1" | awk 'NR == 2 { print $6 }')"
}

# can_run DIR VARIABLE: programs can be written and started there, or one line
# says the cure.
can_run()
{
	local probe

	probe=$(mktemp "$1/.run.XXXXXX" 2>&1) ||
		die "$(full "$1" || echo "$probe"): make room, or say $2=DIR"
	chmod +x "$probe"
	# What stat says, and what the kernel would do
	if [ ! -x "$probe" ]; then
		rm -f "$probe"
		die "no program can be started from $1, which is mounted" \
		    "noexec: say $2=DIR"
	fi
	rm -f "$probe"
}
