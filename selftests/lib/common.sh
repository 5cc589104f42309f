# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Common parts of the scripts: progress lines, the cache, builds
# stored by content. Results go to stdout, everything said to a person to
# stderr, so that $(build-kernel ...) works.

# shellcheck source=packaging/kernel/env.sh
. "${BASH_SOURCE[0]%/*}/../../packaging/kernel/env.sh"
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
MACHINE=$TOP/selftests/machine
CACHE=${VGICV5_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vgicv5}
CROSS=${CROSS_COMPILE:-aarch64-linux-gnu-}
JOBS=${VGICV5_JOBS:-$(nproc)}
# The version of clang, its suffix in Debian: Debian 12's own is too old for
# these kernels.
CLANG=${VGICV5_CLANG:-19}
# For the module that a person builds, not for the machine's
unset KDIR
export MACHINE TOP CACHE CROSS JOBS CLANG

# shellcheck source=packaging/lib.sh
. "$TOP/packaging/lib.sh"

say()
{
	printf 'vgicv5: %s\n' "$*" >&2
}

die()
{
	say "$*"
	exit 1
}

# took SECONDS TEXT...: for the account that check gives at its end
took()
{
	[ -z "${VGICV5_TIMES:-}" ] || printf '%s %s\n' "$1" "${*:2}" >> "$VGICV5_TIMES"
}

# first_time TIME GB: what somebody has to know who has built nothing yet
first_time()
{
	[ -n "$(find "$CACHE/build" -mindepth 2 -maxdepth 2 -name .complete \
		-path '*/kernel-*' 2> /dev/null | head -n 1)" ] ||
		say "the first time takes about $1 on two cores, and" \
		    "$2 GB of disk in $CACHE"
}

# first_error LOG: what went wrong first. Neither what make says of it last, nor
# the commands of a shell that shows them.
first_error()
{
	awk '
		/^\+/ { next }
		NF { last = $0 }
		/^[a-z]*make(\[[0-9]+\])?: (\*\*\* \[|Target )/ { next }
		/(^|[^A-Za-z0-9_])([Ee]rror|ERROR|[Ff]atal|FAILED|Killed)( |:|$)/ ||
		/(error|fatal|ERROR|^E|\*\*\*): |undefined reference|did not take$/ ||
		/No space left|[Pp]ermission denied|[Cc]annot |not found|No such file|[Rr]ead-only file|out of memory/ {
			print
			found = 1
			exit
		}
		NF { other = $0 }
		END { if (!found) print other != "" ? other : last }
	' "$1"
}

# own_directory DIR VARIABLE: it is there, and can be written to, or one line
# says the cure.
own_directory()
{
	local dir=$1 why owner

	if why=$(mkdir -p "$dir" 2>&1) && [ -w "$dir" ]; then
		return
	fi
	while [ ! -e "$dir" ] && [ "$dir" != / ]; do
		dir=$(dirname "$dir")
	done
	owner=$(stat -c %U "$dir")
	if [ -w "$dir" ]; then
		die "$why: say $2=DIR"
	elif [ "$dir" = "$1" ] || [ "${dir#"$CACHE"}" != "$dir" ]; then
		die "$dir belongs to $owner and cannot be written to:" \
		    "sudo chown -R $(id -un) $dir, or say $2=DIR"
	fi
	die "$1 cannot be made, $dir belongs to $owner: say $2=DIR"
}

# cache_directory NAME...: directories in the cache, to be written to
cache_directory()
{
	local name

	for name; do
		own_directory "$CACHE/$name" VGICV5_CACHE
	done
}

# usable_paths DIR...: can make and kbuild build there? They take a path for
# several words, or for more than a path, and say so after a while, elsewhere,
# or not.
usable_paths()
{
	local dir odd=$'[][[:space:]:%$#"\'\\\\;&|()<>*?`]'

	for dir; do
		# shellcheck disable=SC2254 # a pattern
		case $dir in
		*$odd*) die "the kernel cannot be built with a path that has a" \
			    "space or one of : % \$ # \" ' \\ ; & | ( ) < > * ? [ ]:" \
			    "$dir; take another place, or say VGICV5_CACHE=DIR," \
			    "VGICV5_BUILD=DIR or TMPDIR=DIR" ;;
		esac
	done
}

# lock FILE TEXT: one at a time, until this process ends
lock()
{
	local fd

	mkdir -p "${1%/*}"
	exec {fd}> "$1"
	if ! flock -n "$fd"; then
		say "$2: waiting for another build of it"
		flock "$fd"
	fi
}

# kvm_programs BUILD TARGET...: the programs of selftests/kvm, in BUILD/kvm
kvm_programs()
(
	lock "$1/lock/kvm" "build the test programs"
	step "build the test programs" "$1/log/build-kvm.log" \
		make -C "$TOP/selftests/kvm" -j "$JOBS" O="$1/kvm" \
		CROSS_COMPILE="$CROSS" "${@:2}"
)

# progress LOG: how far is it? "DONE ALL UNIT", ALL is "-" if nobody knows; nothing
# if there is nothing to count. This is what ninja and meson say; scripts whose
# builds say nothing have a function of their own.
progress()
{
	sed -nE 's,^\[([0-9]+)/([0-9]+)\] .*,\1 \2 steps,p' "$1" | tail -n 1
}

# watch TEXT LOG: in the background, show that something moves: on a terminal a
# bar that is drawn anew, else a line a minute (VGICV5_EVERY: seconds).
watch()
{
	local text=$1 log=$2 start=$SECONDS tick=0 fd now all unit
	local every=${VGICV5_EVERY:-60} terminal=''
	local bar='####################--------------------'

	set +e
	trap 'exit 0' TERM
	[ ! -t 2 ] || terminal=y every=2
	exec > /dev/null {fd}<> <(:)
	# Also without its parent it does not stay.
	while kill -0 $$ 2> /dev/null; do
		# A wait without a process of its own
		read -r -t 1 -u "$fd" _
		tick=$((tick + 1))
		[ $((tick % every)) = 0 ] || continue
		read -r now all unit < <(progress "$log" 2> /dev/null)
		case ${all:-} in
		'') now='' ;;
		-) now="$now $unit, " ;;
		*) [ "$now" -le "$all" ] || all=$now
		   [ -z "$terminal" ] || [ "$all" = 0 ] ||
			printf '\r[%s] ' "${bar:20 - 20 * now / all:20}" >&2
		   now="$now of $all $unit, " ;;
		esac
		now+="$((SECONDS - start)) s"
		if [ -z "$terminal" ]; then
			say "$text: $now"
		else
			[ -n "${all:-}" ] || printf '\r' >&2
			printf '%s\033[K' "$now" >&2
		fi
	done
}

# watched TEXT LOG COMMAND...: run a command that says nothing itself
watched()
{
	local watcher status=0

	watch "$1" "$2" &
	watcher=$!
	"${@:3}" || status=$?
	# Any other signal is lost if it comes before the watcher has set its trap.
	kill -KILL "$watcher" 2> /dev/null || true
	wait "$watcher" 2> /dev/null || true
	[ ! -t 2 ] || printf '\r\033[K' >&2
	return "$status"
}

to_log()
{
	"${@:2}" > "$1" 2>&1 < /dev/null
}

# step TEXT LOG COMMAND...: run a long command with its output in LOG, say
# what is being done and how long it took, name LOG when it fails. $estimate is
# what to expect, if the caller knows.
estimate=''
step()
{
	local text=$1 log=$2 start=$SECONDS

	shift 2
	mkdir -p "$(dirname "$log")"
	say "$text${estimate:+ ($estimate)} ..."
	: > "$log"
	if ! watched "$text" "$log" to_log "$log" "$@"; then
		die "$text: failed after $((SECONDS - start)) s, see $log" \
		    "($(full "$(dirname "$log")" || first_error "$log"))"
	fi
	say "$text: done in $((SECONDS - start)) s"
	took $((SECONDS - start)) "$text"
}

# content_key WORDS...: a key over the words and standard input.
content_key()
{
	{ printf '%s\n' "$@"; cat; } | sha256sum | cut -c1-16
}

# pins NAME...: the table rows of the sources; they identify the content
# whichever of the alternatives was fetched.
pins()
{
	local n

	for n; do
		awk -v n="$n" '$1 == n { print $1, $2 }' \
		    "${VGICV5_SOURCES:-$MACHINE/sources}"
	done
}

# in_tree X.Y: the release of that Linux, one with an in-tree vGICv5, that the
# table of sources has
in_tree()
{
	local release

	release=$(sed -n "s/^linux-\(${1//./\\.}\.[0-9]*\) .*/\1/p" \
		"${VGICV5_SOURCES:-$MACHINE/sources}" | head -n 1)
	[ -n "$release" ] ||
		die "no Linux $1 to build: give selftests/machine/sources a line for linux-$1.*"
	printf '%s\n' "$release"
}

# last_build NAME: how long it took, and how much there was to count
last_build()
{
	cat "$CACHE/log/$1.last" 2> /dev/null || true
}

# cached_build NAME KEY TEXT FUNCTION [ESTIMATE]: print the directory of the build
# with that content key. If there is none, FUNCTION makes it in the current
# directory, a temporary one, which gets its final name when complete: an
# interruption leaves no half build, and a lock keeps a second builder out, as
# long as anything of the first one runs.
# FUNCTION runs in a shell of its own, with -e in force, and sees exported
# variables only. ESTIMATE is what to expect the first time.
cached_build()
{
	local name=$1 key=$2 text=$3 function=$4
	local dir=$CACHE/build/$name-$key tmp=$CACHE/build/$name.tmp lock
	local estimate=${5:-} log=$CACHE/log/$name.log start last

	if [ ! -e "$dir/.complete" ]; then
		cache_directory build lock log
		can_run "$CACHE/build" VGICV5_CACHE
		exec {lock}> "$CACHE/lock/$name"
		if ! flock -n "$lock"; then
			say "$text: waiting for another build of it"
			flock "$lock"
		fi
		if [ ! -e "$dir/.complete" ]; then
			rm -rf "$dir" "$tmp"
			mkdir "$tmp"
			last=$(last_build "$name")
			last=${last%% *}
			[ "${last:-0}" -lt 60 ] ||
				estimate="last time $(((last + 30) / 60)) min"
			start=$SECONDS
			step "$text" "$log" \
			     env -C "$tmp" bash -exuo pipefail -c \
			     "$(declare -f "$function"); $function"
			echo "$((SECONDS - start)) $(progress "$log")" \
				> "${log%.log}.last"
			touch "$tmp/.complete"
			mv "$tmp" "$dir"
		fi
		exec {lock}>&-
		prune "$name"
	fi
	touch "$dir/.complete"
	printf '%s\n' "$dir"
}

# prune NAME: drop builds of earlier content, but none used today and not the
# newest three.
prune()
{
	local old

	find "$CACHE/build" -mindepth 2 -maxdepth 2 \
	     -path "*/$1-????????????????/.complete" -printf '%T@ %h\n' |
	sort -rn | tail -n +4 | cut -d' ' -f2- |
	while read -r old; do
		if [ -n "$(find "$old/.complete" -mmin +1440)" ]; then
			rm -rf "$old"
		fi
	done
}

# Keeps all files that Debian's mirrors ever had
export SNAPSHOT=https://snapshot.debian.org/archive/debian/20261120T000000Z

# The Debian mirrors of this computer's apt, without host names in here: the
# main archive only, -security has a pool of its own.
mirrors()
{
	local uri origin label

	[ -x /usr/bin/apt-get ] || return 0
	# shellcheck disable=SC2016 # apt's variables
	apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' \
	    2> /dev/null | sort -u |
	while read -r uri origin label; do
		case $uri in
		http://* | https://*) ;;
		*) continue ;;
		esac
		case $origin:$label in
		Debian:Debian | Debian:"Debian Backports") ;;
		# The lists were never updated: go by the name.
		:) case $uri in
		   *security*) continue ;;
		   */debian/) ;;
		   *) continue ;;
		   esac ;;
		*) continue ;;
		esac
		printf '%s\n' "${uri%/}"
	done | awk '!seen[$0]++'
}

compiler()
{
	"$1" --version 2> /dev/null | head -n 1 ||
		die "no $1: run $MACHINE/deps (or: make deps)"
}

# llvm_tools DIR: links without the version, for LLVM=1
llvm_tools()
{
	local tool

	mkdir -p "$1"
	for tool in clang ld.lld llvm-{ar,nm,objcopy,objdump,readelf,strip}; do
		ln -sf "$(command -v "$tool-$CLANG")" "$1/$tool" || return
	done
}
