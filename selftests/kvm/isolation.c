// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM sees nothing of another VM's interrupts, although the state of a vCPU
 * may stay in the CPU's registers for as long as possible.
 */
#include "lib/vmm.h"

#define EV_STEP		EV_USER

#define all_ones(r)	write_reg(r, ~0ul);

/* All the state that there can be, in every register. */
static __guest void make_state(void)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	gic_take_sw_ppi();
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	write_reg(ICC_SACTIVER0, BIT(CNTP));
	GICV5_PRIORITY_REGS(all_ones)
	timer_set(CNTV, 0);
	isb();
}

static __guest void guest_leaves_state(u64 arg)
{
	make_state();
	for (;;)
		event(EV_STEP);
}

static __guest void guest_spins_with_state(u64 arg)
{
	make_state();
	cpu()->phase = 1;
	for (;;)
		cpu()->count++;
}

static __guest void guest_reads(u64 arg)
{
	gic_snapshot();
}

static void untouched(struct vcpu *vcpu)
{
	int r;

	for (r = 0; r < R_NR; r++)
		if (r != R_HMR0 && r != R_HMR1 && r != R_CR0)
			check(!vcpu->g->reg[r], "register %d is 0x%lx", r,
			      vcpu->g->reg[r]);
	check(!(vcpu->g->reg[R_CR0] & ICC_CR0_EN), "CR0 0x%lx",
	      vcpu->g->reg[R_CR0]);
}

/* A VM's first vCPU on a CPU where another VM has just left its state. */
static void new_v5_vm(long arg)
{
	struct vm *old, *new;
	int host_cpu;

	for (host_cpu = 0; host_cpu < host_cpus(); host_cpu++) {
		pin_to(host_cpu);
		old = vm_ready(1, guest_leaves_state);
		new = vm_ready(1, guest_reads);
		vcpu_expect(old->vcpu[0], EV_STEP);
		vcpu_expect(old->vcpu[0], EV_STEP);
		vcpu_expect(new->vcpu[0], EV_DONE);
		untouched(new->vcpu[0]);
		vm_free(old);
		vm_free(new);
	}
	host_is_well();
}

/* The same between two vCPUs of one VM. */
static void new_vcpu(long arg)
{
	struct vm *vm = vm_ready(2, guest_reads);

	pin_to(0);
	vcpu_entry(vm->vcpu[0], guest_leaves_state, 0);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_expect(vm->vcpu[1], EV_DONE);
	untouched(vm->vcpu[1]);
}

/* The running priority of one, and that another has none, on the same CPU */
static __guest void guest_runs_at(u64 takes)
{
	u64 want = takes ? BIT(0x10) : 0;

	gic_setup(BIT(SW_PPI));
	if (takes)
		gic_take_sw_ppi();
	for (;;) {
		guest_check(read_reg(ICC_APR) == want, read_reg(ICC_APR), want);
		event(EV_STEP);
	}
}

static void running_priority(long arg)
{
	struct vm *vm = vm_ready(2, NULL);
	int i;

	vcpu_entry(vm->vcpu[0], guest_runs_at, 1);
	vcpu_entry(vm->vcpu[1], guest_runs_at, 0);
	for (i = 0; i < 8; i++) {
		pin_to(i / 2 % host_cpus());
		vcpu_expect(vm->vcpu[i & 1], EV_STEP);
		vcpu_expect(vm->vcpu[!(i & 1)], EV_STEP);
	}
}

static __guest void guest_keeps(u64 seed)
{
	int i;

	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	for (i = 0; i < 200; i++) {
		u64 n = seed + i, prio = n & prio_mask();

		write_reg(ICC_PRIORITYR3, prio << 24);		/* CNTV */
		write_reg(ICC_PCR, prio);
		if (n & 1)
			write_reg(ICC_SPENDR0, BIT(SW_PPI));
		else
			write_reg(ICC_CPENDR0, BIT(SW_PPI));
		isb();
		event(EV_STEP);
		guest_check((read_reg(ICC_PRIORITYR3) >> 24 & 0x1f) == prio,
			    read_reg(ICC_PRIORITYR3), prio);
		guest_check(read_reg(ICC_PCR) == prio, read_reg(ICC_PCR), prio);
		guest_check(!!(read_reg(ICC_SPENDR0) & BIT(SW_PPI)) ==
			    (n & 1), read_reg(ICC_SPENDR0), n);
	}
}

/* Two VMs with two vCPUs each take turns on one CPU; each keeps its own. */
static void taking_turns(long arg)
{
	struct vm *vm[2] = { vm_ready(2, NULL), vm_ready(2, NULL) };
	int i, n;

	pin_to(0);
	for (i = 0; i < 4; i++)
		vcpu_entry(vm[i / 2]->vcpu[i % 2], guest_keeps, 5 * i);
	for (n = 0; n < 200; n++)
		for (i = 0; i < 4; i++)
			vcpu_expect(vm[i / 2]->vcpu[i % 2], EV_STEP);
	for (i = 0; i < 4; i++)
		vcpu_expect(vm[i / 2]->vcpu[i % 2], EV_DONE);
}

#define reads_undef(r)							\
	guest_check(undef(read_reg(r)), "read of " str(r), 0);
#define writes_undef(r)							\
	guest_check(undef(write_reg(r, 0)), "write of " str(r), 0);
#define op_undef(op)	guest_check(undef(gic(op, 0)), op, 0);
#define opr_undef(op)	guest_check(undef(gicr(op)), op, 0);

/* Long enough to be preempted in the middle, many times. */
static __guest void guest_tries_all(u64 rounds)
{
	while (rounds--) {
		GICV5_RO_REGS(reads_undef)
		GICV5_RW_REGS(reads_undef)
		GICV5_RW_REGS(writes_undef)
		GICV5_GIC_OPS(op_undef)
		GICV5_GICR_OPS(opr_undef)
	}
}

/* Without a vGIC all is UNDEF, also right after a v5 VM on the same CPU. */
static void no_vgic_after(long arg)
{
	int host_cpu;

	for (host_cpu = 0; host_cpu < host_cpus(); host_cpu++) {
		struct vm *v5 = vm_ready(1, guest_leaves_state);
		struct vm *none = vm_new();

		pin_to(host_cpu);
		vcpu_new(none, 0, 0, NULL);
		vcpu_entry(none->vcpu[0], guest_tries_all, 1);
		vcpu_expect(v5->vcpu[0], EV_STEP);
		vcpu_expect(v5->vcpu[0], EV_STEP);
		vcpu_expect(none->vcpu[0], EV_DONE);
		/* And the v5 VM works on. */
		vcpu_expect(v5->vcpu[0], EV_STEP);
	}
	host_is_well();
}

/* ... and while the two preempt each other. */
static void no_vgic_while(long arg)
{
	struct vm *v5 = vm_ready(1, guest_spins_with_state), *none = vm_new();

	vcpu_start(v5->vcpu[0], 0);
	require(wait_for(v5->vcpu[0]->g->phase == 1), "guest does not start");
	vcpu_new(none, 0, 0, NULL);
	vcpu_entry(none->vcpu[0], guest_tries_all, 200);
	vcpu_start(none->vcpu[0], 0);
	check_eq(vcpu_join(none->vcpu[0]), EV_DONE);
	vcpu_stop(v5->vcpu[0]);
	host_is_well();
}

/* The vCPU thread dies in the middle of a guest with all that state. */
static void after_a_vm_was_destroyed(long arg)
{
	int round;

	pin_to(0);
	for (round = 0; round < 10; round++) {
		struct vm *vm = vm_ready(1, guest_leaves_state);

		vcpu_expect(vm->vcpu[0], EV_STEP);
		vm_free(vm);
		vm = vm_ready(1, guest_reads);
		vcpu_expect(vm->vcpu[0], EV_DONE);
		untouched(vm->vcpu[0]);
		vm_free(vm);
	}
	host_is_well();
}

/* A PPI that only the VM before has: its priority must not stay behind. */
static __guest void guest_with_pmu(u64 arg)
{
	gic_setup(BIT(PMUIRQ));
	write_reg(ICC_PRIORITYR2, ~0ul);
	isb();
	event(EV_STEP);
}

static void pmu_of_another_vm(long arg)
{
	struct vm *old = vm_with_pmu(guest_with_pmu);
	struct vm *new = vm_ready(1, guest_reads);

	pin_to(0);
	vcpu_expect(old->vcpu[0], EV_STEP);
	vcpu_expect(new->vcpu[0], EV_DONE);
	untouched(new->vcpu[0]);
	host_is_well();
}

static __guest void guest_leaves_interrupt(u64 arg)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	timer_set(CNTV, 0);
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	for (;;)
		event(EV_STEP);
}

static __guest void unexpected_irq(void)
{
	guest_check(!"interrupt of another VM", 0, 0);
}

static __guest void guest_takes_interrupts(u64 arg)
{
	u64 end = now() + ms(2);

	cpu()->irq = unexpected_irq;
	irq_on();
	while (now() < end)
		;
	irq_off();
}

/* What waits for one VM is signalled to no other, GICv5 or not. */
static void interrupt_of_another_vm(long arg)
{
	struct vm *v5 = vm_ready(1, guest_leaves_interrupt);
	struct vm *other = vm_ready(1, guest_takes_interrupts);
	struct vm *none = vm_new();

	pin_to(0);
	vcpu_new(none, 0, 0, guest_takes_interrupts);
	vcpu_expect(v5->vcpu[0], EV_STEP);
	vcpu_expect(none->vcpu[0], EV_DONE);
	vcpu_expect(v5->vcpu[0], EV_STEP);
	vcpu_expect(other->vcpu[0], EV_DONE);
	host_is_well();
}

/* Ways to leave an interrupt pending for ever. */
static __guest void guest_storm(u64 how)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP));
	timer_set(CNTV, 0);
	timer_set(CNTP, 0);
	switch (how) {
	case 0:		/* never acknowledged */
		break;
	case 1:		/* never deactivated */
		guest_check(gic_ack() & CDIA_VALID, 0, 0);
		guest_check(!(gic_ack() & CDIA_VALID), 0, 0);
		break;
	case 2:		/* priority dropped, still active */
		guest_check(gic_ack() & CDIA_VALID, 0, 0);
		gic_eoi();
		guest_check(gic_ack() & CDIA_VALID, 0, 0);
		gic_eoi();
		break;
	case 3:
		write_reg(ICC_CR0, 0);
		break;
	case 4:
		write_reg(ICC_PCR, 0);
		break;
	case 5:
		write_reg(ICC_ENABLER0, 0);
		break;
	}
	isb();
	cpu()->phase = 1;
	for (;;)
		cpu()->count++;
}

/* None of them makes the host exit, wake, or lose its own interrupts. */
static void host_does_not_spin(long how)
{
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	int i, host_cpu = host_cpus() - 1;
	long exits, irqs;
	u64 count;

	vcpu_entry(vcpu, guest_storm, how);
	vcpu_start(vcpu, host_cpu);
	require(wait_for(vcpu->g->phase == 1), "guest does not start");
	irqs = host_irqs(host_cpu);
	exits = vcpu_stat(vcpu, "exits");
	/* To the end: it may stand after the first exit. */
	for (i = 0; i < 10; i++) {
		count = vcpu->g->count;
		let_pass(20, host_cpu);
		require(wait_for(vcpu->g->count - count > 100),
			"the guest stands, round %d", i);
	}
	exits = vcpu_stat(vcpu, "exits") - exits;
	vcpu_stop(vcpu);
	/* The host's own interrupts end a run of the guest, once each. */
	irqs = host_irqs(host_cpu) - irqs;
	check(exits - irqs < 200, "%ld exits, %ld interrupts of the host",
	      exits, irqs);
	host_is_well();
	vm_free(vm);
	host_is_well();
}

KTAP_MAIN(need_vgic,
	  T(pmu_of_another_vm), T(interrupt_of_another_vm),
	  TA("host_not_acknowledged", host_does_not_spin, 0),
	  TA("host_never_deactivated", host_does_not_spin, 1),
	  TA("host_priority_dropped", host_does_not_spin, 2),
	  TA("host_en_off", host_does_not_spin, 3),
	  TA("host_masked", host_does_not_spin, 4),
	  TA("host_disabled", host_does_not_spin, 5),
	  T(new_v5_vm), T(new_vcpu), T(running_priority), T(taking_turns),
	  T(no_vgic_after), T(no_vgic_while), T(after_a_vm_was_destroyed))
