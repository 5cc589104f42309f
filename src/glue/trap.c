// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses of the guest that trap. Which do is decided in ich_traps_init().
 */
#include <linux/bitfield.h>

#include "../hw/regs.h"
#include "events.h"
#include "glue.h"

/*
 * The PPI state may be in the hardware. Of what traps only ENABLER is written
 * often enough to have a way of its own; for the others the state is brought
 * to memory and back, and there is one emulation, in the core.
 */
static void emulate_ppi(struct kvm_vcpu *vcpu, enum ppi_reg reg,
			unsigned int n, bool write, u64 *val)
{
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;
	struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	bool resident;

	guard(preempt)();

	resident = cpu->resident;
	if (resident)
		ich_leave(cpu, vm);

	if (write)
		ppi_guest_write(cpu, vm, reg, n, *val);
	else
		*val = ppi_guest_read(cpu, vm, reg, n);

	if (resident)
		ich_enter(cpu, vm);
}

static void write_enabler(struct kvm_vcpu *vcpu, unsigned int n, u64 val)
{
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;
	struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;

	guard(preempt)();

	ppi_guest_write(cpu, vm, PPI_ENABLER, n, val);
	if (cpu->resident && n < vm->banks)
		ich_write_enabler(n, cpu->enabled[n]);

	/*
	 * Pairs with the one in ppi_needs_kick(): either an injector sees that the
	 * PPI is enabled, or the flush before the guest runs again sees the edge.
	 */
	smp_mb();
}

static u64 idr0(void)
{
	/* 16 bits of ID, whatever the host has; no GICv3 */
	return FIELD_PREP(ICC_IDR0_PRI_BITS, vgicv5_host.pri_bits - 1);
}

static int emulate(struct kvm_vcpu *vcpu, u32 reg, bool write, u64 *val)
{
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);

	switch (reg) {
	case VG5_ICC_PPI_ENABLER_EL1(0):
	case VG5_ICC_PPI_ENABLER_EL1(1):
		if (write)
			write_enabler(vcpu, sys_reg_Op2(reg) & 1, *val);
		else
			emulate_ppi(vcpu, PPI_ENABLER, sys_reg_Op2(reg) & 1,
				    write, val);
		return 1;

	case VG5_ICC_PPI_HMR_EL1(0):
	case VG5_ICC_PPI_HMR_EL1(1):
		if (write)
			return -EINVAL;
		emulate_ppi(vcpu, PPI_HMR, sys_reg_Op2(reg) & 1, write, val);
		return 1;

	case VG5_ICC_PPI_CACTIVER_EL1(0):
	case VG5_ICC_PPI_CACTIVER_EL1(1):
		emulate_ppi(vcpu, PPI_CACTIVER, sys_reg_Op2(reg) & 1, write,
			    val);
		return 1;

	case VG5_ICC_PPI_SACTIVER_EL1(0):
	case VG5_ICC_PPI_SACTIVER_EL1(1):
		emulate_ppi(vcpu, PPI_SACTIVER, sys_reg_Op2(reg) & 1, write,
			    val);
		return 1;

	case VG5_ICC_PPI_CPENDR_EL1(0):
	case VG5_ICC_PPI_CPENDR_EL1(1):
		emulate_ppi(vcpu, PPI_CPENDR, sys_reg_Op2(reg) & 1, write,
			    val);
		return 1;

	case VG5_ICC_PPI_SPENDR_EL1(0):
	case VG5_ICC_PPI_SPENDR_EL1(1):
		emulate_ppi(vcpu, PPI_SPENDR, sys_reg_Op2(reg) & 1, write,
			    val);
		return 1;

	case VG5_ICC_PPI_PRIORITYR_EL1(0) ... VG5_ICC_PPI_PRIORITYR_EL1(7):
	case VG5_ICC_PPI_PRIORITYR_EL1(8) ... VG5_ICC_PPI_PRIORITYR_EL1(15):
		emulate_ppi(vcpu, PPI_PRIORITYR,
			    (sys_reg_CRm(reg) & 1) << 3 | sys_reg_Op2(reg),
			    write, val);
		return 1;

	case VG5_ICC_IDR0_EL1:
		if (write)
			return -EINVAL;
		*val = idr0();
		return 1;

	case VG5_ICC_IAFFIDR_EL1:
		if (write)
			return -EINVAL;
		*val = vcpu->vcpu_id;
		return 1;

	case VG5_ICC_ICSR_EL1:
		if (write)
			v->ppi.icsr = *val & ICC_ICSR_MASK;
		else
			*val = v->ppi.icsr;
		return 1;

	case VG5_GIC_CDRCFG:
		/* There is no LPI or SPI that it could report on */
		v->ppi.icsr = ICC_ICSR_F;
		return 1;

	case VG5_GIC_CDDIS:
	case VG5_GIC_CDEN:
	case VG5_GIC_CDPRI:
	case VG5_GIC_CDAFF:
	case VG5_GIC_CDPEND:
	case VG5_GIC_CDHM:
		/* The same: no effect, as without a resident VPE */
		return 1;
	}

	return 0;
}

/**
 * vgicv5_sysreg() - &kvm_vgic_v5_ops.sysreg
 * @vcpu:  the vCPU
 * @reg:   encoding of the register or instruction
 * @write: it is a write, or an instruction with an operand
 * @val:   the value
 *
 * Return: 1 if the access was emulated, 0 if it is none of ours, -EINVAL if it
 * is UNDEFINED.
 */
int vgicv5_sysreg(struct kvm_vcpu *vcpu, u32 reg, bool write, u64 *val)
{
	int ret = emulate(vcpu, reg, write, val);

	if (ret)
		trace_vgicv5_trap(vcpu, reg, write, *val, ret);

	return ret;
}
