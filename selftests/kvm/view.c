// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's debugfs files agree with what a guest finds, and stay readable
 * and consistent while guests run. Skipped where there are none (in-tree).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/irs.h"

#define EV_STEP		EV_USER
#define EXPOSED		"3,27,30"

static void need_view(void)
{
	if (access("/sys/module/vgicv5", F_OK))
		not_here("vgicv5.ko is not in use");
	if (!debugfs_host("format"))
		skip("no /sys/kernel/debug/vgicv5/host (vgicv5.ko not in use, or no debugfs)");
}

static void state_path(struct vm *vm, char *path, size_t size)
{
	snprintf(path, size, "/sys/kernel/debug/kvm/%d-%d/vgicv5-state",
		 getpid(), vm->fd);
}

/* All of the file, in one static buffer. */
static const char *state(struct vm *vm)
{
	static char buf[16384];
	char path[128];
	size_t n;
	FILE *f;

	state_path(vm, path, sizeof(path));
	f = fopen(path, "r");
	require(f, "%s: %m", path);
	n = fread(buf, 1, sizeof(buf) - 1, f);
	fclose(f);
	buf[n] = 0;
	return buf;
}

/* The line that begins with @start, or NULL. */
static const char *line_of(const char *text, const char *start)
{
	static char line[512];
	const char *p;

	for (p = text; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		if (strncmp(p, start, strlen(start)))
			continue;
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\n"), p);
		return line;
	}
	return NULL;
}

static void is_line(const char *text, const char *want)
{
	const char *got = line_of(text, want);

	check(got && !strcmp(got, want), "no line '%s' but '%s'", want,
	      got ? got : "");
}

static __guest void guest_idr0(u64 arg)
{
	cpu()->reg[0] = read_reg(ICC_IDR0);
}

static void host(long arg)
{
	struct vm *vm = vm_ready(1, guest_idr0);
	const char *v;
	int i;

	need_view();
	v = debugfs_host("format");
	check(!strcmp(v, "1"), "format %s", v);
	v = debugfs_host("mode");
	check(v && (!strcmp(v, "resident") || !strcmp(v, "conservative")),
	      "mode %s", v ? v : "missing");
	vcpu_expect(vm->vcpu[0], EV_DONE);
	v = debugfs_host("priority bits");
	check(v && atoi(v) == IDR0_PRI_BITS(vm->vcpu[0]->g->reg[0]) + 1,
	      "priority bits %s", v ? v : "missing");
	/* KVM cannot do without these. */
	for (i = CNTHP; i <= CNTP; i++)
		if (i != 29) {
			v = debugfs_host("implemented");
			check(v && in_list(v, i), "no PPI %d", i);
		}
	v = debugfs_host("implemented");
	check(v && in_list(v, SW_PPI), "no SW_PPI");
	v = debugfs_host("edge");
	check(v && in_list(v, SW_PPI) && !in_list(v, CNTV), "edge %s",
	      v ? v : "missing");
}

static __guest void guest_works(u64 arg)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	event(EV_STEP);
	event(EV_STEP);
	irq_on();
	isb();
	event(EV_STEP);
}

static void o9_exposed_and_owners(long arg)
{
	struct vm *vm = vm_ready(2, guest_works);
	const char *text;

	need_view();
	vcpu_expect(vm->vcpu[1], EV_STEP);
	text = state(vm);
	is_line(text, "format: 1");
	is_line(text, "exposed: " EXPOSED);
	is_line(text, "ppi 3: SW_PPI edge owner=userspace");
	is_line(text, "ppi 27: CNTV level owner=timer direct");
	is_line(text, "ppi 30: CNTP level owner=timer direct");
	check(!line_of(text, "ppi 23:"), "PPI 23 without a PMU");
	check(line_of(text, "vcpu 0:") && line_of(text, "vcpu 1:"),
	      "a vCPU is missing");
	check(!line_of(text, "vcpu 2:"), "a vCPU too many");
}

static u64 word(struct vm *vm, const char *key)
{
	const char *line = line_of(state(vm), "vcpu 0:");
	const char *p;

	require(line, "no line 'vcpu 0:'");
	p = strstr(line, key);
	require(p && p[strlen(key)] == '=', "no %s in '%s'", key, line);
	return strtoull(p + strlen(key) + 1, NULL, 16);
}

static void o9_words(long arg)
{
	struct vm *vm = vm_ready(1, guest_works);
	struct vcpu *vcpu = vm->vcpu[0];

	need_view();
	check_eq(word(vm, "enabled"), 0);
	vcpu_expect(vcpu, EV_STEP);
	check_eq(word(vm, "enabled"), BIT(SW_PPI) | BIT(CNTV));
	check_eq(word(vm, "latch"), 0);
	sw_ppi(vcpu);
	check_eq(word(vm, "latch"), BIT(SW_PPI));
	vcpu_expect(vcpu, EV_STEP);
	vcpu_expect(vcpu, EV_STEP);
	check_eq(vcpu->g->taken[SW_PPI], 1);
	check_eq(word(vm, "latch"), 0);
}

static __guest void guest_takes(u64 arg)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	irq_on();
	for (;;) {
		timer_ticks(CNTV, 100, ms(1) / 20);
		while (cpu()->ticks_left)
			;
	}
}

/* Bits outside the exposed ones, in any word, would be a broken invariant. */
static void o9_while_running(long arg)
{
	struct vm *vm = vm_ready(2, guest_takes);
	u64 exposed = BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP);
	int i;

	need_view();
	for (i = 0; i < 2; i++)
		vcpu_start(vm->vcpu[i], -1);
	require(wait_for(vm->vcpu[0]->g->taken[CNTV] > 10 &&
			 vm->vcpu[1]->g->taken[CNTV] > 10),
		"guests do not run");
	for (i = 0; i < 500; i++) {
		sw_ppi(vm->vcpu[0]);
		is_line(state(vm), "exposed: " EXPOSED);
		check(!(word(vm, "line") & ~exposed), "line");
		check(!(word(vm, "latch") & ~exposed), "latch");
		check_eq(word(vm, "enabled"), BIT(SW_PPI) | BIT(CNTV));
	}
	for (i = 0; i < 2; i++)
		vcpu_stop(vm->vcpu[i]);
}

/* The file goes away with the VM, also if somebody has it open. */
static void gone_with_the_vm(long arg)
{
	struct vm *vm = vm_ready(1, guest_works);
	char path[128];
	FILE *f;

	need_view();
	state_path(vm, path, sizeof(path));
	f = fopen(path, "r");
	require(f, "%s", path);
	vm_free(vm);
	check(access(path, F_OK), "still there");
	fclose(f);
}

/*
 * The file that KVM itself has for other vGICs: absent, or right. Linux 7.3
 * says GICv2 in its first lines, and then a read of the rest never returns.
 */
static void o9_kvm_state_file(long arg)
{
	struct vm *vm = vm_ready(1, guest_works);
	char path[128], text[4096] = "";
	int fd, n;

	vcpu_expect(vm->vcpu[0], EV_STEP);
	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d", getpid(),
		 vm->fd);
	if (access(path, F_OK))
		skip("no %s (no debugfs?)", path);
	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/vgic-state",
		 getpid(), vm->fd);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	n = read(fd, text, 48);
	require(n > 0, "%s: %m", path);
	require(!strstr(text, "GICv2") && !strstr(text, "GICv3"),
		"it says: %s", text);
	n = read(fd, text + n, sizeof(text) - n - 1);
	close(fd);
	check(n > 0 && strstr(text, "PPI") && strstr(text, "27"), "no PPI 27 in it");
}

/* Priorities of a vCPU that is not at the hardware, and of what it does. */
static __guest void guest_priorities(u64 arg)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	write_reg(ICC_PRIORITYR0, 2ul << (8 * SW_PPI));
	write_reg(ICC_PRIORITYR3, 4ul << 24 | 6ul << 48);
	write_reg(ICC_PCR, 8);
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	guest_check(CDIA_ID(gic_ack()) == SW_PPI, 0, 0);
	event(EV_STEP);
}

static void o9_priorities(long arg)
{
	struct vm *vm = vm_ready(1, guest_priorities);
	const char *line;

	need_view();
	vcpu_expect(vm->vcpu[0], EV_STEP);
	line = line_of(state(vm), "vcpu 0:");
	check(line && strstr(line, " active=0000000000000008 en=1 pcr=8 apr=00000004 priority=3:2,27:4,30:6"),
	      "'%s'", line ? line : "no line");
}

/* SPIs and LPIs: those that are pending or active, of whatever vCPU */
static __guest void guest_irs(u64 arg)
{
	irs_guest_setup(0);
	irs_write32(IRS_SPI_SELR, 3);
	irs_write32(IRS_SPI_CFGR, 1);
	irq_setup(SPI(3), 0x18, 1);
	irq_setup(SPI(40), 0x8, 0);
	irq_setup(SPI(41), 0x10, 0);
	irq_setup(LPI(7), 0x1e, 0);
	lpi_priority(LPI(4095), 0x10);
	lpi_target(LPI(4095), 1);
	event(EV_STEP);
	guest_check(CDIA_INTID(gic_ack()) == SPI(40), 0, 0);
	pend(LPI(7));
	pend(LPI(4095));
	event(EV_STEP);
	gic_deactivate(SPI(40));
	unpend(LPI(7));
	unpend(LPI(4095));
	event(EV_STEP);
}

static void irs(long arg)
{
	struct vm *vm = vm_with_irs(2, 64, guest_irs), *other;
	struct vcpu *vcpu = vm->vcpu[0];
	const char *text;

	need_view();
	if (irs_in_hw())
		not_here("the host's IRS has them, and does not let itself be read");
	text = state(vm);
	is_line(text, "irs: address=a000000 enabled=0 spis=64 lpis=0 backend=soft active=0");
	vcpu_expect(vcpu, EV_STEP);
	text = state(vm);
	is_line(text, "irs: address=a000000 enabled=1 spis=64 lpis=4096 backend=soft active=0");
	is_line(text, "irs vcpu 0: priorities=00000000 signal=0");
	is_line(text, "irs vcpu 1: priorities=00000000 signal=0");
	check(!line_of(text, "spi ") && !line_of(text, "lpi "), "%s", text);
	check_eq(spi_line(vm, 3, 1), 0);
	check_eq(spi_line(vm, 40, 1), 0);
	vcpu_expect(vcpu, EV_STEP);
	text = state(vm);
	is_line(text, "irs: address=a000000 enabled=1 spis=64 lpis=4096 backend=soft active=1");
	is_line(text, "irs vcpu 1: priorities=01000000 signal=0");
	is_line(text, "spi 3: pending level priority=24 vcpu=1");
	is_line(text, "spi 40: active edge priority=8 vcpu=0");
	is_line(text, "lpi 7: pending edge priority=30 vcpu=0");
	is_line(text, "irs vcpu 0: priorities=40000000 signal=0");
	is_line(text, "lpi 4095: pending disabled edge priority=16 vcpu=1");
	check(!line_of(text, "spi 41:"), "what is neither pending nor active");
	check_eq(spi_line(vm, 3, 0), 0);
	vcpu_expect(vcpu, EV_STEP);
	text = state(vm);
	is_line(text, "irs: address=a000000 enabled=1 spis=64 lpis=4096 backend=soft active=0");
	check(!line_of(text, "spi ") && !line_of(text, "lpi "), "%s", text);
	/* And a VM without an IRS says nothing of one */
	other = vm_ready(1, guest_idr0);
	vcpu_expect(other->vcpu[0], EV_DONE);
	check(!line_of(state(other), "irs"), "an IRS without an address");
}

/* The number of a VM in the host's IRS, or -1 */
static int irs_vm(struct vm *vm)
{
	const char *line = line_of(state(vm), "irs vm: ");

	return line ? atoi(line + strlen("irs vm: ")) : -1;
}

static int doorbell(struct vm *vm, int vcpu)
{
	char start[32];
	const char *line;

	snprintf(start, sizeof(start), "irs vcpu %d: doorbell=", vcpu);
	line = line_of(state(vm), start);
	return line ? atoi(line + strlen(start)) : 0;
}

/* How often it has rung */
static int rings(struct vm *vm, int vcpu)
{
	char start[32];
	const char *line;

	snprintf(start, sizeof(start), "irs vcpu %d: doorbell=", vcpu);
	line = line_of(state(vm), start);
	line = line ? strstr(line, " rings=") : NULL;
	return line ? atoi(line + strlen(" rings=")) : -1;
}

/* Does the line that begins with @start end with @end? */
static bool ends(const char *text, const char *start, const char *end)
{
	const char *line = line_of(text, start);
	size_t n = strlen(end);

	return line && strlen(line) >= n && !strcmp(line + strlen(line) - n, end);
}

/* In the host's IRS a VM has a number, and each vCPU a doorbell, of its own */
static void irs_hw(long arg)
{
	struct vm *a, *b;
	int number, bell;

	need_view();
	if (!irs_in_hw())
		not_here("SPIs and LPIs are in the module");
	a = vm_with_irs(2, 64, guest_irs);
	b = vm_with_irs(1, 0, guest_irs);
	is_line(state(a), "irs: address=a000000 enabled=0 spis=64 lpis=0 backend=hw");
	number = irs_vm(b);
	bell = doorbell(b, 0);
	check(irs_vm(a) >= 0 && number >= 0 && irs_vm(a) != number,
	      "VMs %d and %d", irs_vm(a), number);
	check(ends(state(a), "irs vm: ", " vpes=2") &&
	      ends(state(b), "irs vm: ", " vpes=1"), "%s", state(a));
	check(doorbell(a, 0) > 0 && doorbell(a, 1) > 0 && bell > 0 &&
	      doorbell(a, 0) != doorbell(a, 1) && doorbell(a, 0) != bell &&
	      doorbell(a, 1) != bell, "doorbells %d, %d and %d", doorbell(a, 0),
	      doorbell(a, 1), bell);
	vcpu_expect(a->vcpu[0], EV_STEP);
	is_line(state(a), "irs: address=a000000 enabled=1 spis=64 lpis=4096 backend=hw");
	/* They are given back */
	vm_free(b);
	b = vm_with_irs(1, 0, guest_irs);
	check_eq(irs_vm(b), number);
	check_eq(doorbell(b, 0), bell);
	check(!strcmp(debugfs_host("irs"), "hardware, 0 VMs lost"), "%s",
	      debugfs_host("irs"));
}

/* It waits for an SPI, and then spins */
static __guest void guest_sleeps(u64 arg)
{
	irs_guest_setup(0);
	irq_setup(SPI(3), 0x10, 0);
	cpu()->phase = 1;
	wfi();
	guest_check(CDIA_INTID(gic_ack()) == SPI(3), 0, 0);
	cpu()->phase = 2;
	while (cpu()->phase == 2)
		;
}

/* Where a vCPU is, and how often it was rung for */
static void irs_hw_rings(long arg)
{
	int last = host_cpus() - 1;
	struct vm *vm;
	char where[32];

	need_view();
	if (!irs_in_hw())
		not_here("SPIs and LPIs are in the module");
	vm = vm_with_irs(2, 0, guest_sleeps);
	check_eq(rings(vm, 0), 0);
	companion_start(last);
	vcpu_start(vm->vcpu[0], last);
	require(wait_for(vm->vcpu[0]->g->phase == 1 &&
			 vcpu_sleeps(vm->vcpu[0])), "it does not sleep");
	check(!strstr(state(vm), " resident="), "%s", state(vm));
	check_eq(spi_line(vm, 3, 1), 0);
	require(wait_for(vm->vcpu[0]->g->phase == 2), "it is not woken");
	/* The machine may ring once more than it was asked */
	check(rings(vm, 0) == 1 || rings(vm, 0) == 2, "%s", state(vm));
	check_eq(rings(vm, 1), 0);
	snprintf(where, sizeof(where), " resident=%d", last);
	/* Now and then the host has its CPU: always, to look, if it is the only one */
	if (last)
		check(wait_for(ends(state(vm), "irs vcpu 0: ", where)), "%s",
		      state(vm));
	check(!ends(state(vm), "irs vcpu 1: ", where), "%s", state(vm));
	vm->vcpu[0]->g->phase = 3;
	check_eq(vcpu_join(vm->vcpu[0]), EV_DONE);
	check(!strstr(state(vm), " resident="), "%s", state(vm));
}

KTAP_MAIN(need_vgic,
	  T(host), T(o9_exposed_and_owners), T(o9_words), T(o9_priorities),
	  T(o9_while_running), T(irs), T(irs_hw), T(irs_hw_rings),
	  T(o9_kvm_state_file), T(gone_with_the_vm))
