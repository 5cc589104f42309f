// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps a VM with a vGICv5 until it is killed, for the scripts about unloading
 * the module: "hold_vm created", "initialised", "ran" or "running".
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/vmm.h"

#define EV_STEP		EV_USER

static __guest void guest_spins(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	event(EV_STEP);
	for (;;)
		cpu()->count++;
}

int main(int argc, char **argv)
{
	const char *stage = argc == 2 ? argv[1] : "";
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, guest_spins);
	gic_create(vm);
	if (strcmp(stage, "created"))
		gic_init(vm);
	if (!strcmp(stage, "ran") || !strcmp(stage, "running"))
		vcpu_expect(vm->vcpu[0], EV_STEP);
	if (!strcmp(stage, "running"))
		vcpu_start(vm->vcpu[0], -1);
	puts("holding");
	fflush(stdout);
	for (;;)
		pause();
}
