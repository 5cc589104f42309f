// SPDX-License-Identifier: GPL-2.0-only
/*
 * Direct injection translates no numbers (D_QNZMN): on a host whose device tree
 * has another physical PPI for the virtual timer, a vCPU is refused instead of
 * running without ticks. For a machine with such a device tree.
 */
#include "lib/vmm.h"

static __guest void nothing(u64 arg)
{
}

static void refused(long arg)
{
	struct vm *vm = vm_ready(1, nothing);

	check_eq(try_run(vm->vcpu[0]), -EINVAL);
}

KTAP_MAIN(need_vgic, T(refused))
