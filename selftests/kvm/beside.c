// SPDX-License-Identifier: GPL-2.0-only
/*
 * On a kernel with a vGICv5 of its own: the module has its place while it is
 * loaded, and no longer. A VM keeps what it has got. vCPUs of both kinds run
 * side by side, on one CPU, and neither finds anything of the other in its
 * registers, or misses an interrupt. Loads vgicv5.ko of the directory that it is
 * started in, so that it must not be loaded before; $MODULE_OPTIONS are its
 * parameters.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/irs.h"

#define EV_STEP		EV_USER

#define FILE_NAME	"vgicv5.ko"

static int try_load(void)
{
	const char *options = getenv("MODULE_OPTIONS");
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC), ret;

	require(fd >= 0, "%s: %m", FILE_NAME);
	ret = syscall(SYS_finit_module, fd, options ? options : "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

static int try_unload(void)
{
	return syscall(SYS_delete_module, "vgicv5", O_NONBLOCK) ? -errno : 0;
}

static void load(void)
{
	require_eq(try_load(), 0);
}

static void unload(void)
{
	require(wait_for(references() == 0), "references: %d", references());
	require_eq(try_unload(), 0);
}

/* An IRS is what KVM's own has not. */
static bool is_module(struct vm *vm)
{
	return !attr_has(vm->gic, KVM_DEV_ARM_VGIC_GRP_ADDR, ADDR_IRS);
}

static const char *need_own(void)
{
	const char *why = need_gicv5_host();
	struct vm *vm;

	if (why)
		return why;
	/* A test that has ended early has left it */
	try_unload();
	vm = vm_new();
	if (try_gic_test(vm))
		why = "this kernel has no vGICv5 of its own";
	vm_free(vm);
	return why;
}

static __guest void guest_ticks(u64 ppi)
{
	gic_setup(BIT(ppi));
	irq_on();
	for (;;) {
		u64 n = cpu()->taken[ppi] + 20;

		timer_ticks(ppi, 20, ms(1) / 4);
		while (cpu()->taken[ppi] < n)
			;
		event(EV_STEP);
	}
}

static struct vm *vm_kind(bool module, guest_fn fn, u64 arg)
{
	struct vm *vm = vm_ready(1, NULL);

	require(is_module(vm) == module, "a VM got the other vGICv5");
	vcpu_entry(vm->vcpu[0], fn, arg);
	return vm;
}

static void place(long arg)
{
	struct vm *own = vm_kind(false, guest_ticks, CNTV), *vm, *later;

	vcpu_expect(own->vcpu[0], EV_STEP);
	load();
	check(!is_module(own), "a VM has lost what it had");
	vm = vm_kind(true, guest_ticks, CNTV);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_expect(own->vcpu[0], EV_STEP);
	check_eq(try_unload(), -EAGAIN);
	vm_free(vm);
	unload();
	vcpu_expect(own->vcpu[0], EV_STEP);
	later = vm_kind(false, guest_ticks, CNTP);
	vcpu_expect(later->vcpu[0], EV_STEP);
	vcpu_expect(own->vcpu[0], EV_STEP);
	host_is_well();
}

/* Each has state of its own: an odd seed has an interrupt active as well. */
static __guest void guest_keeps(u64 seed)
{
	u64 on = seed & 1 ? BIT(SW_PPI) | BIT(CNTV) : BIT(CNTV) | BIT(CNTP);
	u64 prio = (8 + seed) & prio_mask(), apr, prio3;

	gic_setup(on);
	if (seed & 1)
		gic_take_sw_ppi();
	apr = read_reg(ICC_APR);
	write_reg(ICC_PRIORITYR3, prio << 24);		/* CNTV */
	isb();
	prio3 = read_reg(ICC_PRIORITYR3);
	for (;;) {
		u64 active = seed & 1 ? BIT(SW_PPI) : 0;

		event(EV_STEP);
		guest_check(read_reg(ICC_APR) == apr, read_reg(ICC_APR), apr);
		guest_check(read_reg(ICC_CR0) & ICC_CR0_EN, 0, 0);
		guest_check(read_reg(ICC_ENABLER0) == on,
			    read_reg(ICC_ENABLER0), on);
		guest_check(read_reg(ICC_SACTIVER0) == active,
			    read_reg(ICC_SACTIVER0), active);
		guest_check(read_reg(ICC_PRIORITYR3) == prio3,
			    read_reg(ICC_PRIORITYR3), prio3);
	}
}

/* In turns, on each CPU: the same ones again, and each after each */
static void registers(long arg)
{
	static const int turns[] = { 0, 2, 0, 1, 2, 3, 1, 0, 3, 2, 2, 0, 0, 2 };
	struct vm *vm[4];
	int host_cpu, i;

	for (i = 0; i < 2; i++)
		vm[i] = vm_kind(false, guest_keeps, i);
	load();
	for (; i < 4; i++)
		vm[i] = vm_kind(true, guest_keeps, i + 1);

	for (host_cpu = 0; host_cpu < host_cpus(); host_cpu++) {
		pin_to(host_cpu);
		for (i = 0; i < sizeof(turns) / sizeof(turns[0]); i++)
			vcpu_expect(vm[turns[i]]->vcpu[0], EV_STEP);
	}
	for (i = 0; i < 4; i++)
		vm_free(vm[i]);
	unload();
	host_is_well();
}

static __guest void guest_ticks_on(u64 ppi)
{
	gic_setup(BIT(ppi) | BIT(SW_PPI));
	irq_on();
	for (;;) {
		u64 n = cpu()->taken[ppi] + 20;

		timer_ticks(ppi, 20, ms(1) / 4);
		if (cpu()->count & 1)
			wfi_until(ppi, n);
		else
			while (cpu()->taken[ppi] < n)
				;
		cpu()->count++;
	}
}

/* Ticks come, and interrupts that are injected */
static void goes_on(struct vcpu *vcpu)
{
	u64 n = vcpu->g->count, irqs = vcpu->g->taken[SW_PPI];

	check(wait_for(vcpu->g->count >= n + 4), "no ticks after %lu", n);
	sw_ppi(vcpu);
	check(wait_for(vcpu->g->taken[SW_PPI] > irqs), "no SW_PPI after %lu", irqs);
}

/* Threads of both kinds preempt each other, with the same timer */
static void preempting(long ppi)
{
	struct vm *own[2], *vm[2];
	int i, round;

	for (i = 0; i < 2; i++)
		own[i] = vm_kind(false, guest_ticks_on, ppi);
	load();
	for (i = 0; i < 2; i++)
		vm[i] = vm_kind(true, guest_ticks_on, ppi);
	for (i = 0; i < 2; i++) {
		vcpu_start(own[i]->vcpu[0], i % host_cpus());
		vcpu_start(vm[i]->vcpu[0], i % host_cpus());
	}
	for (round = 0; round < 10; round++) {
		for (i = 0; i < 2; i++) {
			goes_on(own[i]->vcpu[0]);
			goes_on(vm[i]->vcpu[0]);
		}
	}
	for (i = 0; i < 2; i++) {
		vcpu_stop(own[i]->vcpu[0]);
		vcpu_stop(vm[i]->vcpu[0]);
		vm_free(vm[i]);
	}
	unload();
	host_is_well();
}

/* A VM with KVM's own does not notice that the module comes and goes. */
static void through_loads(long rounds)
{
	struct vm *own = vm_kind(false, guest_ticks_on, CNTV), *vm;
	int i;

	vcpu_start(own->vcpu[0], 0);
	for (i = 0; i < rounds; i++) {
		goes_on(own->vcpu[0]);
		load();
		goes_on(own->vcpu[0]);
		if (i % 10 == 0) {
			vm = vm_kind(true, guest_ticks, CNTP);
			pin_to(i / 10 % host_cpus());
			vcpu_expect(vm->vcpu[0], EV_STEP);
			vm_free(vm);
		}
		unload();
	}
	goes_on(own->vcpu[0]);
	vcpu_stop(own->vcpu[0]);
	host_is_well();
}

/* The first VMs after the module has gone: nothing was switched off for them. */
static void after_unload(long arg)
{
	struct vm *vm;
	int host_cpu;

	load();
	unload();
	for (host_cpu = 0; host_cpu < host_cpus(); host_cpu++) {
		pin_to(host_cpu);
		vm = vm_kind(false, guest_ticks, CNTV);
		vcpu_expect(vm->vcpu[0], EV_STEP);
		vm_free(vm);
	}
	host_is_well();
}

KTAP_MAIN(need_own, T(place), T(registers), TA("preempting_cntv", preempting, CNTV),
	  TA("preempting_cntp", preempting, CNTP), TA("through_100_loads", through_loads, 100),
	  T(after_unload))
