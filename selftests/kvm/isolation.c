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
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	guest_check(CDIA_ID(gic_ack()) == SW_PPI, 0, 0);
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
	check_eq(vcpu_stop(v5->vcpu[0]), EV_TIMEOUT);
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
}

KTAP_MAIN(need_vgic,
	  T(new_v5_vm), T(new_vcpu), T(taking_turns), T(no_vgic_after),
	  T(no_vgic_while), T(after_a_vm_was_destroyed))
