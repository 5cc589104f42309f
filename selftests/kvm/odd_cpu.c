// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU that came late and lacks what VMs have been promised: a vCPU with a
 * vGICv5 cannot run there, loses nothing by the attempt, and goes on elsewhere.
 * CPU 1 is that CPU: for module/odd_cpu.sh.
 */
#include "lib/vmm.h"

#ifndef KVM_EXIT_FAIL_ENTRY_CPU_UNSUPPORTED
#define KVM_EXIT_FAIL_ENTRY_CPU_UNSUPPORTED	(1ULL << 0)
#endif

static __guest void counts(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	irq_on();
	isb();
	for (;;) {
		cpu()->count++;
		event(EV_USER);
	}
}

static __guest void no_gic(u64 arg)
{
	cpu()->count++;
}

/* KVM_RUN on CPU 1 gives up, and says why. */
static void fails_there(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	pin_to(1);
	check_eq(try_run(vcpu), 0);
	check_eq(run->exit_reason, KVM_EXIT_FAIL_ENTRY);
	check_eq(run->fail_entry.hardware_entry_failure_reason,
		 KVM_EXIT_FAIL_ENTRY_CPU_UNSUPPORTED);
	check_eq(run->fail_entry.cpu, 1);
	pin_to(0);
}

static void first_run_there(long arg)
{
	struct vm *vm = vm_ready(1, counts);
	struct vcpu *vcpu = vm->vcpu[0];

	fails_there(vcpu);
	check_eq(vcpu->g->count, 0);
	vcpu_expect(vcpu, EV_USER);
	check_eq(vcpu->g->count, 1);
}

/* An edge that was pending, one that came there, and one after it. */
static void moved_there(long arg)
{
	struct vm *vm = vm_ready(1, counts);
	struct vcpu *vcpu = vm->vcpu[0];
	u64 i;

	pin_to(0);
	vcpu_expect(vcpu, EV_USER);
	for (i = 1; i <= 20; i++) {
		vcpu_complete(vcpu);
		if (i & 1)
			sw_ppi(vcpu);
		fails_there(vcpu);
		if (!(i & 1))
			sw_ppi(vcpu);
		vcpu_expect(vcpu, EV_USER);
		check_eq(vcpu->g->taken[SW_PPI], i);
	}
	check_eq(vcpu->g->count, 21);
}

static void no_vgic_there(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, 0, no_gic);

	pin_to(1);
	vcpu_expect(vcpu, EV_DONE);
	check_eq(vcpu->g->count, 1);
}

KTAP_MAIN(need_vgic, T(first_run_there), T(moved_there), T(no_vgic_there))
