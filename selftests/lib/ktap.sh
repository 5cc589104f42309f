# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Results of checks that run on the build machine:
#
#	check NAME COMMAND...	passes if COMMAND succeeds, else its output shows
#	result ok|fail|skip NAME [TEXT]
#	adopt FILE		the results of a run in the machine
#	summary NAME		the last line, and the exit status

PASSED=0 FAILED=0 SKIPPED=0
BAD=()

result()
{
	local what=$1 name=$2 text=${3:+ # $3} n

	n=$((PASSED + FAILED + SKIPPED + 1))
	case $what in
	ok) PASSED=$((PASSED + 1)); echo "ok $n $name$text" ;;
	skip) SKIPPED=$((SKIPPED + 1)); echo "ok $n $name # SKIP ${3:-}" ;;
	*) FAILED=$((FAILED + 1)); BAD+=("$name")
	   echo "not ok $n $name$text" ;;
	esac
}

check()
{
	local name=$1 out

	shift
	if out=$("$@" 2>&1 < /dev/null); then
		[ -z "$out" ] || tail -n 5 <<< "$out" | sed 's/^/# /'
		result ok "$name"
	else
		tail -n 40 <<< "$out" | sed 's/^/# /'
		result fail "$name"
	fi
}

# The sum that run-tests prints counts, or else each "ok" line. A run without
# any result, or that ends badly without a failure, has failed.
adopt()
{
	local file=$1 status=$2 name=$3 p=0 f=0 s=0

	if ! read -r p f s < <(tail -n 3 "$file" | sed -n -E \
	    's/.*: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p'); then
		s=$(grep -c '^ok .*# SKIP' "$file")
		p=$(($(grep -c '^ok ' "$file") - s))
		f=$(grep -c '^not ok ' "$file")
	fi
	PASSED=$((PASSED + p)) FAILED=$((FAILED + f)) SKIPPED=$((SKIPPED + s))
	if [ "$f" != 0 ]; then
		BAD+=("$name: $f of $((p + f + s))")
	elif [ "$status" != 0 ] || [ "$((p + s))" = 0 ]; then
		FAILED=$((FAILED + 1))
		BAD+=("$name: exit status $status, $((p + s)) results")
	fi
}

summary()
{
	if [ "$FAILED" != 0 ]; then
		echo "# Failed:"
		printf '  %s\n' "${BAD[@]}"
	fi
	echo "# $1: $PASSED passed, $FAILED failed, $SKIPPED skipped"
	[ "$FAILED" = 0 ]
}
