// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_IRQ_LINE: what user space may drive (SW_PPI alone), the errors for all
 * else, and that SW_PPI is an edge.
 */
#include "lib/vmm.h"

#define PPI		KVM_ARM_IRQ_TYPE_PPI
#define SPI		KVM_ARM_IRQ_TYPE_SPI
#define TYPE_CPU	KVM_ARM_IRQ_TYPE_CPU

#define EV_STEP		EV_USER

static void no_irqchip(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, NULL);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 1), -ENXIO);
	check_eq(irq_line(vm, IRQ_LINE(SPI, 0, 40), 1), -ENXIO);
}

static void not_initialised(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, NULL);
	gic_create(vm);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 1), -EBUSY);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 0), -EBUSY);
	gic_init(vm);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 1), 0);
}

static void bad_vcpu(long arg)
{
	struct vm *vm = vm_ready(2, NULL);

	check_eq(irq_line(vm, IRQ_LINE(PPI, 1, SW_PPI), 1), 0);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 2, SW_PPI), 1), -EINVAL);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 255, SW_PPI), 1), -EINVAL);
	/* The high part of the vCPU id counts, too. */
	check_eq(irq_line(vm, IRQ_LINE(PPI, 256, SW_PPI), 1), -EINVAL);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0xfff, SW_PPI), 1), -EINVAL);
}

static void bad_type(long arg)
{
	struct vm *vm = vm_ready(1, NULL);
	int type, num;

	for (num = 0; num < 2048; num++) {
		if (!check_eq(irq_line(vm, IRQ_LINE(SPI, 0, num), 1), -EINVAL))
			break;
	}
	check_eq(irq_line(vm, IRQ_LINE(TYPE_CPU, 0, 0), 1), -ENXIO);
	check_eq(irq_line(vm, IRQ_LINE(TYPE_CPU, 0, 1), 1), -ENXIO);
	for (type = 3; type < 16; type++)
		check_eq(irq_line(vm, IRQ_LINE(type, 0, SW_PPI), 1), -EINVAL);
}

/* O10: of all numbers that fit, 3 alone is accepted. */
static void bad_number(long arg)
{
	struct vm *vm = vm_ready(1, NULL);
	int num, level, bad = 0;

	for (num = 0; num < 0x10000 && bad < 5; num++) {
		for (level = 0; level < 2; level++) {
			int want = num == SW_PPI ? 0 : -EINVAL;
			int got = irq_line(vm, IRQ_LINE(PPI, 0, num), level);

			if (!check(got == want, "PPI %d level %d: %d, not %d",
				   num, level, got, want))
				bad++;
		}
	}
}

/* Interrupts on all the time; reports its count whenever it is asked to. */
static __guest void guest_counts(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	irq_on();
	for (;;)
		event1(EV_STEP, cpu()->taken[SW_PPI]);
}

static u64 step(struct vcpu *vcpu)
{
	vcpu_expect(vcpu, EV_STEP);
	return vcpu->g->a[0];
}

static void one_delivery_for_each_edge(long arg)
{
	struct vm *vm = vm_ready(1, guest_counts);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	check_eq(step(vcpu), 0);
	for (i = 1; i <= 100; i++) {
		sw_ppi(vcpu);
		step(vcpu);
		if (!check_eq(step(vcpu), i))
			break;
	}
	check_eq(vcpu->g->spurious, 0);
}

static void level_zero_is_ignored(long arg)
{
	struct vm *vm = vm_ready(1, guest_counts);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	step(vcpu);
	for (i = 0; i < 10; i++)
		check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 0), 0);
	step(vcpu);
	check_eq(step(vcpu), 0);
	/* ... and takes no edge back. */
	sw_ppi(vcpu);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 0), 0);
	step(vcpu);
	check_eq(step(vcpu), 1);
	/* Level is a truth value. */
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), -1), 0);
	step(vcpu);
	check_eq(step(vcpu), 2);
}

static __guest void guest_masked_first(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	event(EV_STEP);
	event(EV_STEP);
	irq_on();
	isb();
	event1(EV_STEP, cpu()->taken[SW_PPI]);
}

/* Edges coalesce while the interrupt is pending, here and in the hardware. */
static void coalesce_while_pending(long arg)
{
	struct vm *vm = vm_ready(1, guest_masked_first);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	step(vcpu);
	for (i = 0; i < 5; i++)
		sw_ppi(vcpu);
	step(vcpu);
	for (i = 0; i < 5; i++)
		sw_ppi(vcpu);
	check_eq(step(vcpu), 1);
}

static __guest void again_while_active(u32 ppi)
{
	if (cpu()->taken[SW_PPI] == 1)
		event(EV_STEP + 1);
}

static __guest void guest_active(u64 arg)
{
	cpu()->on_irq = again_while_active;
	guest_counts(0);
}

/* An edge while the last one is being handled is a new interrupt. */
static void edge_while_active(long arg)
{
	struct vm *vm = vm_ready(1, guest_active);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	step(vcpu);
	sw_ppi(vcpu);
	vcpu_expect(vcpu, EV_STEP + 1);
	for (i = 0; i < 3; i++)
		sw_ppi(vcpu);
	step(vcpu);
	check_eq(step(vcpu), 2);
	check_eq(step(vcpu), 2);
}

/* Before the vCPU has ever run: kept until the guest has enabled it. */
static void before_the_first_run(long arg)
{
	struct vm *vm = vm_ready(1, guest_counts);
	struct vcpu *vcpu = vm->vcpu[0];

	sw_ppi(vcpu);
	step(vcpu);
	check_eq(step(vcpu), 1);
	check_eq(step(vcpu), 1);
}

static __guest void guest_spins(u64 enable)
{
	gic_setup(enable);
	cpu()->phase = 1;
	for (;;)
		cpu()->count++;
}

#define NO_KICK_ROUNDS	1000

/* Exits of a spinning vCPU during many changes of the line, or of nothing. */
static long exits_during(struct vcpu *vcpu, int level)
{
	u32 irq = IRQ_LINE(PPI, 0, SW_PPI);
	u64 before = vcpu_stat(vcpu, "exits");
	int i;

	for (i = 0; i < NO_KICK_ROUNDS; i++) {
		if (level >= 0)
			check_eq(irq_line(vcpu->vm, irq, level), 0);
		/* Long enough for a kicked vCPU to come and go. */
		sleep_us(200);
	}
	return vcpu_stat(vcpu, "exits") - before;
}

/* O6: a change that cannot be delivered does not disturb the vCPU. */
static void no_kick(struct vm *vm, int level)
{
	struct vcpu *vcpu = vm->vcpu[0];
	long quiet, exits;

	vcpu_start(vcpu, 0);
	require(wait_for(vcpu->g->phase == 1), "guest does not start");
	quiet = exits_during(vcpu, -1);
	exits = exits_during(vcpu, level);
	note("%d changes: %ld exits, %ld without them", NO_KICK_ROUNDS, exits,
	     quiet);
	check(exits - quiet < NO_KICK_ROUNDS / 4, "%ld more", exits - quiet);
	check_eq(vcpu_stop(vcpu), EV_TIMEOUT);
}

static void low_level_does_not_kick(long arg)
{
	struct vm *vm = vm_ready(1, NULL);

	if (host_cpus() < 2)
		skip("needs two CPUs");
	vcpu_entry(vm->vcpu[0], guest_spins, BIT(SW_PPI));
	no_kick(vm, 0);
}

static void disabled_does_not_kick(long arg)
{
	struct vm *vm = vm_ready(1, NULL);

	if (host_cpus() < 2)
		skip("needs two CPUs");
	vcpu_entry(vm->vcpu[0], guest_spins, 0);
	no_kick(vm, 1);
}

KTAP_MAIN(need_vgic,
	  T(no_irqchip), T(not_initialised), T(bad_vcpu), T(bad_type),
	  T(bad_number), T(one_delivery_for_each_edge),
	  T(level_zero_is_ignored), T(coalesce_while_pending),
	  T(edge_while_active), T(before_the_first_run),
	  T(low_level_does_not_kick), T(disabled_does_not_kick))
