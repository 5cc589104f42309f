// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps a VM with a vGICv5 until it is killed, for the scripts about unloading
 * the module: "hold_vm created", "initialised", "ran" or "running"; "irs" is one that
 * runs and has an IRS, whose second vCPU sleeps, is woken by the first, and so on;
 * "sleeper" says "holding" whenever that has happened a few times more.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/irs.h"

#define EV_STEP		EV_USER

static __guest void guest_spins(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	event(EV_STEP);
	for (;;)
		cpu()->count++;
}

static __guest void guest_wakes(u64 arg)
{
	u32 i;

	irs_guest_setup(0);
	irq_setup(LPI(0), 0x10, 1);
	while (!guest_cpus[1].phase)
		;
	event(EV_STEP);
	for (;;) {
		pend(LPI(0));
		for (i = 0; i < 100000; i++)
			isb();
	}
}

static __guest void guest_sleeps(u64 arg)
{
	irs_guest_setup_other(0);
	irs_guest_takes(true);
}

/* It has been woken often when this returns */
static struct vcpu *run_with_irs(void)
{
	struct vm *vm = vm_with_irs(2, 0, NULL);

	vcpu_entry(vm->vcpu[0], guest_wakes, 0);
	vcpu_entry(vm->vcpu[1], guest_sleeps, 0);
	vcpu_start(vm->vcpu[1], -1);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_start(vm->vcpu[0], -1);
	require(wait_for(vm->vcpu[1]->g->reg[IRQ_COUNT] > 10), "it sleeps on");
	return vm->vcpu[1];
}

static void hold_sleeper(void)
{
	struct vcpu *vcpu = run_with_irs();
	u64 before;

	for (;;) {
		puts("holding");
		fflush(stdout);
		before = vcpu->g->reg[IRQ_COUNT];
		require(wait_for(vcpu->g->reg[IRQ_COUNT] > before + 10),
			"it sleeps on");
	}
}

static void hold(const char *stage)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, guest_spins);
	gic_create(vm);
	if (strcmp(stage, "created"))
		gic_init(vm);
	if (!strcmp(stage, "ran") || !strcmp(stage, "running"))
		vcpu_expect(vm->vcpu[0], EV_STEP);
	if (!strcmp(stage, "running"))
		vcpu_start(vm->vcpu[0], -1);
}

int main(int argc, char **argv)
{
	const char *stage = argc == 2 ? argv[1] : "";

	if (!strcmp(stage, "sleeper"))
		hold_sleeper();
	if (!strcmp(stage, "irs"))
		run_with_irs();
	else
		hold(stage);
	puts("holding");
	fflush(stdout);
	for (;;)
		pause();
}
