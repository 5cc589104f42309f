# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# KTAP for shell scripts: ". ktap.sh; plan N; check NAME COMMAND...; finish".

KTAP_N=0
KTAP_FAILED=0
KTAP_PLAN=0
MODULE=${MODULE:-./vgicv5.ko}

plan() {
	KTAP_PLAN=$1
	echo "KTAP version 1"
	echo "1..$1"
}

skip_all() {
	echo "KTAP version 1"
	echo "1..0 # SKIP $1"
	exit 4
}

note() {
	echo "# $*"
}

# check NAME COMMAND...: a test that passes if the command succeeds.
check() {
	KTAP_N=$((KTAP_N + 1))
	ktap_name=$1
	shift
	if "$@"; then
		echo "ok $KTAP_N $ktap_name"
	else
		echo "not ok $KTAP_N $ktap_name"
		KTAP_FAILED=$((KTAP_FAILED + 1))
	fi
}

finish() {
	if [ "$KTAP_N" != "$KTAP_PLAN" ]; then
		note "planned $KTAP_PLAN tests, ran $KTAP_N"
		exit 1
	fi
	[ "$KTAP_FAILED" = 0 ]
	exit
}

# soon COMMAND...: try for a minute. On a busy computer things take their time; a
# VM is gone a little after its process.
soon() {
	ktap_tries=600
	until "$@" > /tmp/soon 2>&1; do
		ktap_tries=$((ktap_tries - 1))
		if [ "$ktap_tries" = 0 ]; then
			note "$*: $(cat /tmp/soon)"
			return 1
		fi
		sleep 0.1
	done
}

# refused TEXT COMMAND...: it must fail, and say TEXT.
refused() {
	ktap_text=$1
	shift
	if ktap_out=$("$@" 2>&1); then
		note "$*: worked, should say '$ktap_text'"
		return 1
	fi
	case $ktap_out in
	*"$ktap_text"*)
		return 0 ;;
	esac
	note "$*: says '$ktap_out', should say '$ktap_text'"
	return 1
}

loaded() {
	[ -d /sys/module/vgicv5 ]
}

not_loaded() {
	! loaded && [ ! -e /sys/kernel/debug/vgicv5 ] &&
		! grep -q '^vgicv5 ' /proc/modules
}

# log_has TEXT: some line of the kernel log ends with it.
log_has() {
	if dmesg | grep -qF "$1"; then
		return 0
	fi
	note "not in the kernel log: $1"
	dmesg | grep vgicv5 | tail -n 3 | sed 's/^/# /'
	return 1
}

# beside_sleeper N COMMAND...: N times, with the count from 0 on behind it, while
# a vCPU sleeps that another one wakes, see hold_vm; it is woken after each, too
beside_sleeper() {
	: > /tmp/hold
	hold_vm sleeper > /tmp/hold &
	ktap_pid=$!
	ktap_n=$1
	shift
	ktap_i=0
	ktap_said=0
	while woken "$ktap_said" && [ "$ktap_i" -lt "$ktap_n" ] &&
	      "$@" "$ktap_i"; do
		ktap_i=$((ktap_i + 1))
		# One more may be of what came before.
		ktap_said=$(($(wc -l < /tmp/hold) + 1))
	done
	kill -9 "$ktap_pid"
	wait "$ktap_pid" 2> /dev/null
	# The last time, too
	[ "$ktap_i" = "$ktap_n" ] && [ "$(wc -l < /tmp/hold)" -gt "$ktap_said" ]
}

# woken SAID: hold_vm says so each time that it has been woken often
woken() {
	soon sh -c "[ \$(wc -l < /tmp/hold) -gt $1 ]"
}
