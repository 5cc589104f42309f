// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU that came late and lacks what VMs have been promised: a vCPU with a
 * vGICv5 cannot run there, loses nothing by the attempt, and goes on elsewhere.
 * CPU 1 is that CPU: for module/odd_cpu.sh.
 */
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/irs.h"

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

static __guest void waits(u64 arg)
{
	irs_guest_setup(0);
	irq_setup(SPI(4), 0x10, 0);
	event(EV_USER);
	irq_on();
	isb();
}

static volatile int slept;

static void too_long(int sig)
{
	slept = 1;
}

/*
 * It does not fall asleep there, where no doorbell is set for it: that it is awake
 * is all that user space is told, or that it cannot run.
 */
static void suspended_there(long arg)
{
	struct kvm_mp_state mp = { .mp_state = KVM_MP_STATE_SUSPENDED };
	struct sigaction sa = { .sa_handler = too_long };
	struct vm *vm;
	struct vcpu *vcpu;

	if (need_irs())
		not_here("there are no SPIs");

	pin_to(0);
	vm = vm_with_irs(1, 0, waits);
	vcpu = vm->vcpu[0];
	vcpu_expect(vcpu, EV_USER);
	vcpu_complete(vcpu);
	require_eq(spi_line(vm, 4, 1), 0);
	require_eq(ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp), 0);

	pin_to(1);
	sigaction(SIGALRM, &sa, NULL);
	alarm(WAIT_MS / 1000);
	check_eq(try_run(vcpu), 0);
	check(!slept, "sleeps there");
	alarm(0);

	pin_to(0);
	mp.mp_state = KVM_MP_STATE_RUNNABLE;
	require_eq(ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp), 0);
	vcpu_expect(vcpu, EV_DONE);
	check_eq(vcpu->g->reg[IRQ_COUNT], 1);
}

KTAP_MAIN(need_vgic, T(first_run_there), T(moved_there), T(suspended_there),
	  T(no_vgic_there))
