// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes VMs with a vGICv5 for as many seconds as it is told, while the module
 * comes and goes: either there is none, or the VM works to its end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/vmm.h"

static __guest void guest_gic(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	guest_check(read_reg(ICC_ENABLER0) == BIT(SW_PPI), 0, 0);
}

int main(int argc, char **argv)
{
	long end = now_us() + (argc == 2 ? atol(argv[1]) : 1) * 1000000;
	long late = end + WAIT_MS * 1000l;
	int with = 0, without = 0;

	/* Both have to come, however busy the computer is. */
	while (now_us() < end || ((!with || !without) && now_us() < late)) {
		struct vm *vm = vm_new();
		int ret;

		vcpu_new(vm, 0, 0, guest_gic);
		ret = try_gic_create(vm);
		if (ret) {
			require_eq(ret, -ENODEV);
			without++;
		} else {
			gic_init(vm);
			vcpu_expect(vm->vcpu[0], EV_DONE);
			with++;
		}
		vm_free(vm);
	}
	note("%d VMs with a vGICv5, %d without", with, without);
	return !with || !without;
}
