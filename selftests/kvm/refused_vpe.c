// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's IRS refuses to make a VPE resident. Its VM must not run on without SPIs
 * and LPIs, and nobody notices but who runs it. irs_unmap.ko makes the IRS forget
 * the VM.
 */
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/irs.h"

#define EV_STEP		EV_USER
#define UNMAP		"/sys/module/irs_unmap/parameters/vm"

static __guest void guest_sends(u64 arg)
{
	volatile struct guest_cpu *c = cpu();
	u64 i, lpi = LPI(5 + c->index);

	if (c->index)
		irs_guest_setup_other(0);
	else
		irs_guest_setup(0);
	irq_setup(lpi, 0x10, c->index);
	irq_on();
	for (i = 1; ; i++) {
		pend(lpi);
		guest_check(c->reg[IRQ_COUNT] == i, c->reg[IRQ_COUNT], i);
		event(EV_STEP);
	}
}

static void forget(struct vm *vm)
{
	require(irs_number(vm) >= 0, "no number of the VM in debugfs");
	write_number(UNMAP, irs_number(vm));
}

static void g2_refused(long arg)
{
	struct vm *vm = vm_with_irs(2, 0, guest_sends);
	struct vm *other = vm_with_irs(2, 0, guest_sends);
	int i, round;

	for (i = 0; i < 2; i++) {
		vcpu_expect(vm->vcpu[i], EV_STEP);
		vcpu_expect(other->vcpu[i], EV_STEP);
	}

	forget(vm);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 2; i++) {
			check_eq(try_run(vm->vcpu[i]), -EIO);
			vcpu_expect(other->vcpu[i], EV_STEP);
		}
	}
	check_eq(vm->vcpu[0]->g->reg[IRQ_COUNT], 1);

	/* It ends as any other does, and so does its number */
	i = irs_number(vm);
	vm_free(vm);
	vm = vm_with_irs(2, 0, guest_sends);
	check_eq(irs_number(vm), i);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	check(irs_in_hw(), "%s", debugfs_host("irs"));
}

/* One KVM_RUN in a thread of its own */
struct runner {
	struct vcpu *vcpu;
	pthread_t thread;
	int result;
	long switches;			/* of its thread, while it ran */
	volatile bool ended;
};

static long switches(void)
{
	struct rusage u;

	require_eq(getrusage(RUSAGE_THREAD, &u), 0);
	return u.ru_nvcsw + u.ru_nivcsw;
}

static void *run_once(void *arg)
{
	struct runner *r = arg;
	long before;

	pin_to(host_cpus() - 1);
	r->vcpu->tid = syscall(SYS_gettid);
	before = switches();
	r->result = try_run(r->vcpu);
	r->switches = switches() - before;
	r->ended = true;
	return NULL;
}

static __guest void guest_takes(u64 wait)
{
	irs_guest_setup_other(0);
	irs_guest_takes(wait);
}

/*
 * The IRS refuses vCPU 0 while vCPU 1 runs, or sleeps in WFI, and vCPU 2 has not been
 * seen yet. How often the thread of vCPU 1 has been switched away from by the time
 * it has ended.
 */
static long ends_with_other(bool sleeps)
{
	struct vm *vm = vm_with_irs(3, 0, guest_sends);
	struct runner r = { .vcpu = vm->vcpu[1] };

	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_entry(vm->vcpu[1], guest_takes, sleeps);
	require_eq(pthread_create(&r.thread, NULL, run_once, &r), 0);
	require(wait_for(r.vcpu->g->phase == 1 &&
			 (!sleeps || vcpu_sleeps(r.vcpu))),
		"vCPU 1 does not %s", sleeps ? "sleep" : "start");

	forget(vm);
	check_eq(try_run(vm->vcpu[0]), -EIO);
	require(wait_for(r.ended), "vCPU 1 goes on");
	check_eq(r.result, -EIO);
	check_eq(try_run(vm->vcpu[2]), -EIO);
	pthread_join(r.thread, NULL);
	vm_free(vm);
	return r.switches;
}

/*
 * One that is preempted finds out itself, when it is loaded again: that is no
 * proof.
 */
static void g2_running_ends(long arg)
{
	int tries = 0;

	if (host_cpus() == 1)
		not_here("needs two CPUs");
	pin_to(0);
	do {
		tries++;
	} while (ends_with_other(false) && tries < 100);
	note("%d VMs until one was not preempted", tries);
	check(tries < 100, "it ends when it is preempted, and not before");
}

static void g2_sleeping_ends(long arg)
{
	if (host_cpus() == 1)
		not_here("needs two CPUs");
	pin_to(0);
	companion_start(host_cpus() - 1);
	ends_with_other(true);
}

static const char *need_hw(void)
{
	const char *why = need_irs();

	if (why)
		return why;
	return irs_in_hw() ? NULL : "SPIs and LPIs are in the module";
}

KTAP_MAIN(need_hw, T(g2_refused), T(g2_running_ends), T(g2_sleeping_ends))
