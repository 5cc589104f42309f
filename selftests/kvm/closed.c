// SPDX-License-Identifier: GPL-2.0-only
/*
 * On each CPU a VM without a vGIC finds no GICv5 and gets no interrupt. For
 * the scripts that unload the module or switch CPUs off: it can be loaded or
 * not, whatever VMs were there before.
 */
#include "lib/vmm.h"

#define reads_undef(r)							\
	guest_check(undef(read_reg(r)), "read of " str(r), 0);
#define writes_undef(r)							\
	guest_check(undef(write_reg(r, ~0ul)), "write of " str(r), 0);
#define op_undef(op)	guest_check(undef(gic(op, 0)), op, 0);
#define opr_undef(op)	guest_check(undef(gicr(op)), op, 0);

static __guest void unexpected_irq(void)
{
	guest_check(!"interrupt", 0, 0);
}

static __guest void guest(u64 arg)
{
	u64 end = now() + ms(2);

	GICV5_RO_REGS(reads_undef)
	GICV5_RW_REGS(reads_undef)
	GICV5_RW_REGS(writes_undef)
	GICV5_GIC_OPS(op_undef)
	GICV5_GICR_OPS(opr_undef)

	cpu()->irq = unexpected_irq;
	irq_on();
	while (now() < end)
		;
	irq_off();
}

static void each_cpu(long arg)
{
	int host_cpu;

	for (host_cpu = 0; host_cpu < host_cpus(); host_cpu++) {
		struct vm *vm = vm_new();

		vcpu_new(vm, 0, 0, guest);
		vcpu_start(vm->vcpu[0], host_cpu);
		check_eq(vcpu_join(vm->vcpu[0]), EV_DONE);
		vm_free(vm);
	}
}

static void host(long arg)
{
	host_is_well();
}

KTAP_MAIN(need_kvm, T(each_cpu), T(host))
