#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# exits.sh COMMAND...: in the host, run COMMAND, and say what the exits of
# its guests were for that came between the marks "begin" and "end", which it
# writes to $MARKS. The lines are
#
#	BENCH exit MARK took COUNT		interrupts, by whoever writes the marks
#	BENCH exit MARK KIND COUNT
#
# after "was COUNT MARK", which follows an end.
# A kind is that of the instruction that has trapped, of the interrupt that the
# host had, "kick" if it was sent for KVM, or KVM's name of what it was.
set -u
dir=/sys/kernel/tracing/instances/exits
[ -d $dir ] || mkdir $dir || exit
echo 65536 > $dir/buffer_size_kb
for e in kvm/kvm_entry kvm/kvm_exit vgicv5/vgicv5_trap irq/irq_handler_entry \
	 ipi/ipi_entry ipi/ipi_send_cpu; do
	echo 1 > $dir/events/$e/enable || exit
done
export MARKS=$dir/trace_marker
echo 1 > $dir/tracing_on
"$@" || exit
echo 0 > $dir/tracing_on
! grep -E '^(overrun|commit overrun|dropped events): [1-9]' \
	$dir/per_cpu/cpu*/stats || exit
awk '
function reg(s)
{
	if (s == "s1_0_c12_c1_4") return "CDPEND"
	if (s == "s1_0_c12_c3_0") return "CDIA"
	if (s == "s1_0_c12_c3_1") return "CDNMIA"
	if (s == "s1_0_c12_c2_0") return "CDDI"
	if (s == "s1_0_c12_c1_7") return "CDEOI"
	return s
}
# At the next entry it is known what an exit was for
function count(c)
{
	if (kind[c] == "")
		return
	if (on)
		n[kind[c]]++
	kind[c] = ""
}
{
	match($0, /\[[0-9]+\]/)
	c = substr($0, RSTART, RLENGTH)
	match($0, /: [a-z_0-9]+: /)
	event = substr($0, RSTART + 2, RLENGTH - 4)
	rest = substr($0, RSTART + RLENGTH)
}
event == "ipi_send_cpu" && rest ~ /kvm/ {
	match(rest, /cpu=[0-9]+/)
	to = substr(rest, RSTART + 4, RLENGTH - 4)
	kicked[sprintf("[%03d]", to)] = 1
}
event == "kvm_entry" { count(c); inside[c] = 1; irq[c] = "" }
event == "ipi_entry" && inside[c] {
	what = rest
	gsub(/[()]/, "", what)
	gsub(/ /, "-", what)
	if (kicked[c]) {
		what = "kick"
		kicked[c] = 0
	}
	if (irq[c] != "kick")
		irq[c] = what
}
event == "irq_handler_entry" && inside[c] && irq[c] == "" {
	match(rest, /name=.*/)
	irq[c] = substr(rest, RSTART + 5)
	gsub(/ /, "-", irq[c])
}
event == "kvm_exit" {
	inside[c] = 0
	if (rest ~ /^IRQ/) {
		kind[c] = "irq:" (irq[c] == "" ? "none" : irq[c])
		next
	}
	match(rest, /\([A-Za-z0-9_]*\)/)
	kind[c] = substr(rest, RSTART + 1, RLENGTH - 2)
}
event == "vgicv5_trap" {
	match(rest, /s[0-9]_[0-9]_c[0-9]+_c[0-9]+_[0-9]/)
	kind[c] = reg(substr(rest, RSTART, RLENGTH))
	# PPIs apart: their INTIDs begin with 2, with a 1 before that says "valid"
	if ((kind[c] == "CDIA" || kind[c] == "CDDI") && rest ~ /val=1?2.......$/)
		kind[c] = kind[c] "-PPI"
}
event == "tracing_mark_write" && rest ~ /^begin/ {
	split("", n)
	split("", kind)
	on = 1
}
event == "tracing_mark_write" && rest ~ /^end/ {
	for (c in kind)
		count(c)
	on = 0
}
event == "tracing_mark_write" && rest ~ /^was/ {
	split(rest, word, " ")
	print "BENCH exit", word[3], "took", word[2]
	for (k in n)
		print "BENCH exit", word[3], k, n[k]
}' $dir/trace
rmdir $dir
