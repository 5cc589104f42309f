// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM without a vGIC on a GICv5 host: every GICv5 register and instruction
 * is undefined, and the ID registers say that there is none.
 */
#include "lib/vmm.h"

#define reads_undef(r)							\
	guest_check(undef(read_reg(r)), "read of " str(r), 0);
#define writes_undef(r)							\
	guest_check(undef(write_reg(r, 0)), "write of " str(r), 0);

static __guest void guest_ro_regs(u64 arg)
{
	GICV5_RO_REGS(reads_undef)
	GICV5_RO_REGS(writes_undef)
}

static __guest void guest_rw_regs(u64 arg)
{
	GICV5_RW_REGS(reads_undef)
	GICV5_RW_REGS(writes_undef)
}

#define op_undef(op)	guest_check(undef(gic(op, 0)), op, 0);
#define opr_undef(op)	guest_check(undef(gicr(op)), op, 0);

static __guest void guest_ops(u64 arg)
{
	GICV5_GIC_OPS(op_undef)
	GICV5_GICR_OPS(opr_undef)
}

static __guest void guest_id_regs(u64 arg)
{
	u64 pfr0 = read_reg(id_aa64pfr0_el1);
	u64 pfr2 = read_reg(S3_0_C0_C4_2);

	guest_check(!ID_AA64PFR0_GIC(pfr0), pfr0, 0);
	guest_check(!ID_AA64PFR2_GCIE(pfr2), pfr2, 0);
}

/* The same guest runs on each vCPU of a VM with two. */
static void run(long fn)
{
	struct vm *vm = vm_new();
	int i;

	for (i = 0; i < 2; i++)
		vcpu_new(vm, i, 0, (guest_fn)fn);
	for (i = 0; i < 2; i++)
		vcpu_expect(vm->vcpu[i], EV_DONE);
	vm_free(vm);
}

/* KVM_IRQ_LINE has nothing to drive. */
static void irq_line_enxio(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, NULL);
	check_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0, SW_PPI), 1),
		 -ENXIO);
	check_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_SPI, 0, 40), 1),
		 -ENXIO);
	vm_free(vm);
}

KTAP_MAIN(need_gicv5_host,
	  TA("read_only_registers", run, (long)guest_ro_regs),
	  TA("read_write_registers", run, (long)guest_rw_regs),
	  TA("instructions", run, (long)guest_ops),
	  TA("id_registers", run, (long)guest_id_regs),
	  T(irq_line_enxio))
