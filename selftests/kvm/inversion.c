// SPDX-License-Identifier: GPL-2.0-only
/*
 * An injector that is preempted after it has set the bit, and before it has
 * looked at the vCPU, holds up nobody: another injection of the same interrupt
 * that has returned is delivered. Needs a module that was built with
 * variants/hold.patch, in which it can be held there.
 */
#include <unistd.h>

#include "lib/vmm.h"

#define PARAMETER	"/sys/module/vgicv5/parameters/"

static const char *need_hold(void)
{
	return access(PARAMETER "hold", F_OK) ?
	       "the module was not built with variants/hold.patch" : need_vgic();
}

static bool is_held(void)
{
	return read_number(PARAMETER "held");
}

static __guest void spins(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	irq_on();
	isb();
	cpu()->phase = 1;
	while (cpu()->phase != 2)
		;
}

static __guest void waits(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	irq_on();
	isb();
	cpu()->phase = 1;
	while (cpu()->phase != 2)
		wfi();
}

static void *injector(void *vcpu)
{
	sw_ppi(vcpu);
	return NULL;
}

static void held_injector(guest_fn fn, bool trapped)
{
	struct vm *vm = vm_ready(1, fn);
	struct vcpu *vcpu = vm->vcpu[0];
	bool taken;
	pthread_t t;

	if (trapped)
		companion_start(0);
	vcpu_start(vcpu, 0);
	require(wait_for(vcpu->g->phase == 1), "guest does not start");
	write_file(PARAMETER "hold", "1");
	pthread_create(&t, NULL, injector, vcpu);
	require(wait_for(is_held()), "the first is not held");

	sw_ppi(vcpu);
	taken = wait_for(vcpu->g->taken[SW_PPI]);
	write_file(PARAMETER "hold", "0");
	pthread_join(t, NULL);
	check(taken, "waits for the first");
	check(wait_for(vcpu->g->taken[SW_PPI]), "is lost");

	vcpu->g->phase = 2;
	check_eq(vcpu_end(vcpu), EV_DONE);
}

static void running(long arg)
{
	held_injector(spins, false);
}

static void in_wfi(long trapped)
{
	held_injector(waits, trapped);
}

KTAP_MAIN(need_hold, T(running),
	  TA("wfi_native", in_wfi, 0), TA("wfi_trapped", in_wfi, 1))
