#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a guest does: $work says it, a word of the kernel's command line, which
# comes as a variable as $boot does, the VMM's number of this boot. Output goes
# to the UART; lines with a @ for the VMM go to the virtio console.
set -u
insmod virtio_mmio.ko && insmod virtio_blk.ko || exit 1
last=$(($(nproc) - 1))
echo "Linux $(uname -r), $((last + 1)) CPUs, boot ${boot:=1}"

# Whoever runs the guest knows what is on the disk, and will look at what the
# guest has written: the first half of it once more.
disk()
{
	[ -e /dev/vda ] || return 0
	echo "disk: $(sha256sum < /dev/vda)"
}

copy_disk()
{
	local half

	half=$(($(cat /sys/block/vda/size) / 256))
	dd if=/dev/vda of=/dev/vda bs=64k count="$half" seek="$half" \
		conv=notrunc,fsync 2> /dev/null &&
	sync && echo "the disk is copied"
}

# Each kind of interrupt apart, in numbers
table()
{
	work row PPIs "ticks, on a CPU that works" spin 0 1000 &&
	work row PPIs "timers, on one that sleeps" sleep 100 1000 || return
	if [ "$last" != 0 ]; then
		work row LPIs "IPIs, both CPUs work" membarrier 1 1000 &&
		work row LPIs "IPIs to a CPU that sleeps" pipes 0 1 300 ||
			return
	fi
	work row SPIs "SPIs of the disk" read /dev/vda 300 0
}

# For the benchmark: one thing at a time, and nothing for three seconds
rows()
{
	work row PPIs idle sleep 1 3000000 &&
	work row PPIs tick spin 0 3000 &&
	work row LPIs ipi membarrier 1 1000 &&
	work row SPIs read read /dev/vda 1000 0
}

# All kinds at once, CPU by CPU
all()
{
	local i n=$1 jobs=

	work read /dev/vda "$n" & jobs="$jobs $!"
	work sleep "$n" 1000 & jobs="$jobs $!"
	i=0
	while [ "$i" -lt "$last" ]; do
		work pipes "$i" $((i + 1)) "$n" & jobs="$jobs $!"
		i=$((i + 1))
	done
	[ "$last" = 0 ] || work membarrier "$last" "$n" & jobs="$jobs $!"
	for i in $jobs; do
		wait "$i" || return
	done
	echo "all is done"
}

# Each CPU but the first one goes and comes.
hotplug()
{
	local cpu i

	for i in 1 2 3; do
		cpu=1
		while [ "$cpu" -le "$last" ]; do
			echo 0 > "/sys/devices/system/cpu/cpu$cpu/online" &&
			echo 1 > "/sys/devices/system/cpu/cpu$cpu/online" ||
				return
			cpu=$((cpu + 1))
		done
		all 50 || return
	done
	echo "the CPUs have gone and come"
}

# Not all of a large one: emulated, that takes minutes
case ${work:=test} in
kexec | again) ;;
*) disk ;;
esac
case $work in
table)
	dmesg | grep -E 'Linux version|GIC|IRS|Brought up|virtio_blk.*\[vda\]' | cut -c 1-110
	table ;;
rows) rows ;;
again) all 50 ;;
test) all 200 && copy_disk ;;
long) for _ in $(seq 20); do all 500 && disk || break; done && copy_disk ;;
hotplug) hotplug ;;
move) steady "${rounds:-30}" /dev/vda && disk ;;
reboot)
	all 50 || exit
	[ "$boot" = 3 ] || exec reboot -f ;;
run)
	# Words with commas between
	# shellcheck disable=SC2086
	(IFS=,; exec work ${run:?}) ;;
kexec)
	# With all kinds of interrupts at first
	all 50 && sed 's/work=kexec/work=again/; s/boot=1/boot=2/' /proc/cmdline > cmdline &&
	exec kexec /dev/vda "$(cat cmdline)" ;;
panic) echo c > /proc/sysrq-trigger ;;
wait) sleep 600 ;;
esac || exit
grep -E '^ *CPU|GICv[35]|^ *IPI.*[1-9] ' /proc/interrupts
work counts
