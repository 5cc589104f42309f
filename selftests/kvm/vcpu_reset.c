// SPDX-License-Identifier: GPL-2.0-only
/*
 * O4: KVM_ARM_VCPU_INIT on a vCPU that has run brings its interrupt state
 * back to what a new vCPU has.
 */
#include "lib/vmm.h"

#define EV_STEP		EV_USER

static __guest void guest_reads(u64 arg)
{
	gic_snapshot();
}

#define all_ones(r)	write_reg(r, ~0ul);

/* Leaves as much state as there can be: also an interrupt in progress. */
static __guest void guest_makes_state(u64 arg)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	guest_check(CDIA_ID(gic_ack()) == SW_PPI, 0, 0);
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	write_reg(ICC_SACTIVER0, BIT(CNTP));
	GICV5_PRIORITY_REGS(all_ones)
	timer_set(CNTV, 0);
	while (!timer_expired(CNTV))
		;
	isb();
	gic_snapshot();
}

static void same_as_new(const volatile u64 *got, const u64 *want)
{
	int r;

	for (r = 0; r < R_NR; r++)
		check(got[r] == want[r], "register %d is 0x%lx, new: 0x%lx", r,
		      got[r], want[r]);
}

static void new_state(u64 *reg)
{
	struct vm *vm = vm_ready(1, guest_reads);
	int r;

	vcpu_expect(vm->vcpu[0], EV_DONE);
	for (r = 0; r < R_NR; r++)
		reg[r] = vm->vcpu[0]->g->reg[r];
	vm_free(vm);
}

static void make_state(struct vcpu *vcpu)
{
	vcpu_entry(vcpu, guest_makes_state, 0);
	vcpu_expect(vcpu, EV_DONE);
	require(vcpu->g->reg[R_APR] && vcpu->g->reg[R_SACTIVER0] &&
		vcpu->g->reg[R_SPENDR0] && vcpu->g->reg[R_ENABLER0],
		"the guest made no state");
	vcpu_complete(vcpu);
}

static void reinit(struct vcpu *vcpu, guest_fn fn)
{
	require_eq(vcpu_init(vcpu, 0), 0);
	vcpu_entry(vcpu, fn, 0);
}

static void o4_init_again(long arg)
{
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	u64 want[R_NR];
	int round;

	new_state(want);
	for (round = 0; round < 3; round++) {
		make_state(vcpu);
		reinit(vcpu, guest_reads);
		vcpu_expect(vcpu, EV_DONE);
		same_as_new(vcpu->g->reg, want);
		vcpu_complete(vcpu);
		reinit(vcpu, guest_reads);
	}
}

/* Another CPU than the one the state was left on. */
static void o4_init_and_migrate(long arg)
{
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	u64 want[R_NR];

	if (host_cpus() < 2)
		not_here("needs two CPUs");
	new_state(want);
	pin_to(0);
	make_state(vcpu);
	pin_to(1);
	reinit(vcpu, guest_reads);
	pin_to(0);
	vcpu_expect(vcpu, EV_DONE);
	same_as_new(vcpu->g->reg, want);
}

/* The other vCPU of the VM keeps its own. */
static __guest void guest_keeps(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	event(EV_STEP);
	guest_check(read_reg(ICC_SPENDR0) == BIT(SW_PPI), 0, 0);
	guest_check(read_reg(ICC_ENABLER0) == BIT(SW_PPI), 0, 0);
	guest_check(read_reg(ICC_PCR) == prio_mask(), read_reg(ICC_PCR), 0);
	irq_on();
	isb();
	guest_check(cpu()->taken[SW_PPI] == 1, 0, 0);
}

static void other_vcpu_keeps_its_state(long arg)
{
	struct vm *vm = vm_ready(2, NULL);

	vcpu_entry(vm->vcpu[0], guest_keeps, 0);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	make_state(vm->vcpu[1]);
	reinit(vm->vcpu[1], guest_reads);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* A reset vCPU works: it takes interrupts as a new one does. */
static __guest void guest_works(u64 arg)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP));
	timer_ticks(CNTV, 5, 0);
	wfi_until(CNTV, 5);
	timer_ticks(CNTP, 5, 0);
	wfi_until(CNTP, 5);
	event(EV_STEP);
	wfi_until(SW_PPI, 1);
}

static void o4_works_after_reset(long arg)
{
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];

	make_state(vcpu);
	reinit(vcpu, guest_works);
	vcpu_expect(vcpu, EV_STEP);
	check_eq(vcpu->g->taken[SW_PPI], 0);
	sw_ppi(vcpu);
	vcpu_expect(vcpu, EV_DONE);
	check_eq(vcpu->g->taken[SW_PPI], 1);
}

KTAP_MAIN(need_vgic,
	  T(o4_init_again), T(o4_init_and_migrate),
	  T(other_vcpu_keeps_its_state), T(o4_works_after_reset))
