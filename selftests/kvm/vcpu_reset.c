// SPDX-License-Identifier: GPL-2.0-only
/*
 * O4: KVM_ARM_VCPU_INIT on a vCPU that has run brings its interrupt state
 * back to what a new vCPU has. An edge that comes before a vCPU is there, or is
 * on again, is an input to it; what was pending before it went is not.
 */
#include <sys/ioctl.h>

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

/* Takes what is pending, and nothing else. */
static __guest void guest_takes(u64 arg)
{
	int i;

	gic_setup(BIT(SW_PPI));
	irq_on();
	for (i = 0; i < 100; i++)
		isb();
	irq_off();
	gic_snapshot();
}

/* It took one interrupt if there was an edge for it, and has none left. */
static void took(struct vcpu *vcpu, int edges)
{
	check_eq(vcpu->g->taken[SW_PPI], edges);
	check_eq(vcpu->g->reg[R_SPENDR0] & BIT(SW_PPI), 0);
	vcpu->g->taken[SW_PPI] = 0;
	vcpu_complete(vcpu);
}

static void edge_before_first_init(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu;

	require_eq(try_vcpu_create(vm, 0, &vcpu), 0);
	gic_create(vm);
	gic_init(vm);
	sw_ppi(vcpu);
	reinit(vcpu, guest_takes);
	vcpu_expect(vcpu, EV_DONE);
	took(vcpu, 1);
}

/* A VMM that resets its VM, and one that does so before it has run. */
static void edge_before_later_init(long ran)
{
	struct vm *vm = vm_ready(1, guest_takes);
	struct vcpu *vcpu = vm->vcpu[0];

	if (ran) {
		vcpu_expect(vcpu, EV_DONE);
		took(vcpu, 0);
	}
	sw_ppi(vcpu);
	reinit(vcpu, guest_takes);
	vcpu_expect(vcpu, EV_DONE);
	took(vcpu, 0);

	/* What comes after it is for the vCPU that is there now. */
	reinit(vcpu, guest_takes);
	sw_ppi(vcpu);
	vcpu_expect(vcpu, EV_DONE);
	took(vcpu, 1);
}

/* Turns the other vCPU on, as often as it is asked to. */
static __guest void guest_turns_on(u64 fn)
{
	volatile struct guest_cpu *other = &guest_cpus[1];
	u64 ret;

	for (;;) {
		other->saved_x0 = fn;
		ret = psci(PSCI_CPU_ON, 1, (u64)guest_start_psci, (u64)other);
		guest_check(ret == 0, ret, 0);
		event(EV_STEP);
	}
}

static void power_vm(struct vcpu **boot, struct vcpu **other, guest_fn fn)
{
	struct vm *vm = vm_new();

	*boot = vcpu_new(vm, 0, 0, NULL);
	*other = vcpu_new(vm, 1, POWER_OFF, NULL);
	vcpu_entry(*boot, guest_turns_on, (u64)fn);
	gic_create(vm);
	gic_init(vm);
}

/*
 * Off from the start: an edge comes before it is turned on, or after that and
 * before its thread has seen it, which is where the reset is done.
 */
static void edge_before_cpu_on(long late)
{
	struct vcpu *boot, *other;

	power_vm(&boot, &other, guest_takes);
	if (!late)
		sw_ppi(other);
	vcpu_expect(boot, EV_STEP);
	if (late)
		sw_ppi(other);
	vcpu_expect(other, EV_DONE);
	took(other, 1);
}

/* The reset that CPU_ON has asked for is done by another ioctl, too. */
static void edge_before_cpu_on_get_reg(long arg)
{
	struct vcpu *boot, *other;

	power_vm(&boot, &other, guest_takes);
	vcpu_expect(boot, EV_STEP);
	sw_ppi(other);
	get_reg(other, REG_ID_AA64PFR0);
	vcpu_expect(other, EV_DONE);
	took(other, 1);
}

static __guest void guest_pends_and_goes(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	event(EV_STEP);
	psci(PSCI_CPU_OFF, 0, 0, 0);
	guest_check(false, "CPU_OFF came back", 0);
}

/*
 * What is pending when a vCPU goes off is gone, in the hardware (0) or injected
 * while it does not run (1); what comes when it is off (2) is not.
 */
static void edge_before_cpu_off(long when)
{
	struct vcpu *boot, *other;

	power_vm(&boot, &other, guest_pends_and_goes);
	vcpu_expect(boot, EV_STEP);
	vcpu_expect(other, EV_STEP);
	if (when == 1)
		sw_ppi(other);
	check_eq(vcpu_next(other, 200), EV_TIMEOUT);
	if (when == 2)
		sw_ppi(other);

	vcpu_complete(boot);
	vcpu_entry(boot, guest_turns_on, (u64)guest_takes);
	vcpu_expect(boot, EV_STEP);
	vcpu_expect(other, EV_DONE);
	took(other, when == 2);
}

/* A VMM that stops a vCPU pauses it: nothing is lost. */
static void edge_before_mp_state(long arg)
{
	struct vm *vm = vm_ready(1, guest_takes);
	struct vcpu *vcpu = vm->vcpu[0];
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_STOPPED };

	sw_ppi(vcpu);
	require(!ioctl(vcpu->fd, KVM_SET_MP_STATE, &state), "%m");
	check_eq(vcpu_next(vcpu, 200), EV_TIMEOUT);
	state.mp_state = KVM_MP_STATE_RUNNABLE;
	require(!ioctl(vcpu->fd, KVM_SET_MP_STATE, &state), "%m");
	vcpu_expect(vcpu, EV_DONE);
	took(vcpu, 1);
}

KTAP_MAIN(need_vgic,
	  T(o4_init_again), T(o4_init_and_migrate),
	  T(other_vcpu_keeps_its_state), T(o4_works_after_reset),
	  T(edge_before_first_init),
	  TA("edge_before_second_init", edge_before_later_init, 0),
	  TA("edge_before_init_after_run", edge_before_later_init, 1),
	  TA("edge_before_cpu_on", edge_before_cpu_on, 0),
	  TA("edge_after_cpu_on", edge_before_cpu_on, 1),
	  T(edge_before_cpu_on_get_reg),
	  TA("edge_before_cpu_off_in_hardware", edge_before_cpu_off, 0),
	  TA("edge_before_cpu_off_injected", edge_before_cpu_off, 1),
	  TA("edge_after_cpu_off", edge_before_cpu_off, 2),
	  T(edge_before_mp_state))
