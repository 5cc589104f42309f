// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses of the guest that trap. Which do is decided in ich_traps_init().
 */
#include <linux/bitfield.h>

#include "../hw/regs.h"
#include "events.h"
#include "glue.h"

/**
 * struct trap - how a register or an instruction is emulated
 * @access: does it; 1, or -EINVAL if the access is UNDEFINED. NULL: none of ours
 * @reg:    for PPI registers, which kind
 * @n:	    for PPI registers, which one of its kind
 */
struct trap {
	int (*access)(struct kvm_vcpu *vcpu, const struct trap *trap,
		      bool write, u64 *val);
	u8 reg;
	u8 n;
};

/* What only traps change is right in memory, and is written through */
static int access_enabler(struct kvm_vcpu *vcpu, const struct trap *trap,
			  bool write, u64 *val)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;
	u64 enabled;

	if (!write) {
		*val = ppi_guest_read(cpu, vm, PPI_ENABLER, trap->n);
		return 1;
	}

	guard(preempt)();

	enabled = ppi_write_enabler(cpu, vm, trap->n, *val);
	if (cpu->resident && trap->n < vm->banks)
		ich_write_enabler(trap->n, enabled);

	return 1;
}

static int access_priorityr(struct kvm_vcpu *vcpu, const struct trap *trap,
			    bool write, u64 *val)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;

	if (!write) {
		*val = ppi_guest_read(cpu, vm, PPI_PRIORITYR, trap->n);
		return 1;
	}

	guard(preempt)();

	ppi_guest_write(cpu, vm, PPI_PRIORITYR, trap->n, *val);
	if (cpu->resident && vm->prio_regs & BIT(trap->n))
		ich_write_priorityr(trap->n, ppi_guest_read(cpu, vm,
							    PPI_PRIORITYR,
							    trap->n));

	return 1;
}

static int access_hmr(struct kvm_vcpu *vcpu, const struct trap *trap,
		      bool write, u64 *val)
{
	if (write)
		return -EINVAL;

	*val = ppi_guest_read(&to_vgicv5_vcpu(vcpu)->ppi,
			      &to_vgicv5_vm(vcpu->kvm)->ppi, PPI_HMR, trap->n);
	return 1;
}

/* Active and pending state is brought to memory, and back */
static int access_state(struct kvm_vcpu *vcpu, const struct trap *trap,
			bool write, u64 *val)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;
	struct ppi_image img;
	bool resident;

	guard(preempt)();

	resident = cpu->resident;
	if (resident) {
		ich_read(&img, vm);
		ppi_leave(cpu, vm, &img);
	}

	if (write)
		ppi_guest_write(cpu, vm, trap->reg, trap->n, *val);
	else
		*val = ppi_guest_read(cpu, vm, trap->reg, trap->n);

	if (resident) {
		ppi_enter(cpu, vm, &img);
		ich_load(&img, vm, cpu->prio);
	}

	return 1;
}

static int access_idr0(struct kvm_vcpu *vcpu, const struct trap *trap,
		       bool write, u64 *val)
{
	if (write)
		return -EINVAL;

	/* 16 bits of ID, whatever the host has; no GICv3 */
	*val = FIELD_PREP(ICC_IDR0_PRI_BITS, vgicv5_host.pri_bits - 1);
	return 1;
}

static int access_iaffidr(struct kvm_vcpu *vcpu, const struct trap *trap,
			  bool write, u64 *val)
{
	if (write)
		return -EINVAL;

	*val = vcpu->vcpu_id;
	return 1;
}

static int access_icsr(struct kvm_vcpu *vcpu, const struct trap *trap,
		       bool write, u64 *val)
{
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;

	if (write)
		cpu->icsr = *val & ICC_ICSR_MASK;
	else
		*val = cpu->icsr;

	return 1;
}

/* There is no LPI or SPI that it could report on */
static int gic_cdrcfg(struct kvm_vcpu *vcpu, const struct trap *trap,
		      bool write, u64 *val)
{
	to_vgicv5_vcpu(vcpu)->ppi.icsr = ICC_ICSR_F;
	return 1;
}

/* Acts on LPIs and SPIs: no effect, as without a resident VPE */
static int gic_ignore(struct kvm_vcpu *vcpu, const struct trap *trap,
		      bool write, u64 *val)
{
	return 1;
}

/* CRm and op2 tell the registers with op0 = 3, op1 = 0, CRn = 12 apart */
#define TRAP(reg)	(sys_reg_CRm(reg) << 3 | sys_reg_Op2(reg))
#define TRAPS		(16 << 3)

static const struct trap icc_traps[TRAPS] = {
	[TRAP(VG5_ICC_IDR0_EL1)] = { access_idr0 },
	[TRAP(VG5_ICC_IAFFIDR_EL1)] = { access_iaffidr },
	[TRAP(VG5_ICC_ICSR_EL1)] = { access_icsr },
	[TRAP(VG5_ICC_PPI_HMR_EL1(0))] = { access_hmr, PPI_HMR, 0 },
	[TRAP(VG5_ICC_PPI_HMR_EL1(1))] = { access_hmr, PPI_HMR, 1 },
	[TRAP(VG5_ICC_PPI_ENABLER_EL1(0))] = { access_enabler, PPI_ENABLER, 0 },
	[TRAP(VG5_ICC_PPI_ENABLER_EL1(1))] = { access_enabler, PPI_ENABLER, 1 },
	[TRAP(VG5_ICC_PPI_CACTIVER_EL1(0))] = { access_state, PPI_CACTIVER, 0 },
	[TRAP(VG5_ICC_PPI_CACTIVER_EL1(1))] = { access_state, PPI_CACTIVER, 1 },
	[TRAP(VG5_ICC_PPI_SACTIVER_EL1(0))] = { access_state, PPI_SACTIVER, 0 },
	[TRAP(VG5_ICC_PPI_SACTIVER_EL1(1))] = { access_state, PPI_SACTIVER, 1 },
	[TRAP(VG5_ICC_PPI_CPENDR_EL1(0))] = { access_state, PPI_CPENDR, 0 },
	[TRAP(VG5_ICC_PPI_CPENDR_EL1(1))] = { access_state, PPI_CPENDR, 1 },
	[TRAP(VG5_ICC_PPI_SPENDR_EL1(0))] = { access_state, PPI_SPENDR, 0 },
	[TRAP(VG5_ICC_PPI_SPENDR_EL1(1))] = { access_state, PPI_SPENDR, 1 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(0))] = { access_priorityr, PPI_PRIORITYR, 0 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(1))] = { access_priorityr, PPI_PRIORITYR, 1 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(2))] = { access_priorityr, PPI_PRIORITYR, 2 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(3))] = { access_priorityr, PPI_PRIORITYR, 3 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(4))] = { access_priorityr, PPI_PRIORITYR, 4 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(5))] = { access_priorityr, PPI_PRIORITYR, 5 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(6))] = { access_priorityr, PPI_PRIORITYR, 6 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(7))] = { access_priorityr, PPI_PRIORITYR, 7 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(8))] = { access_priorityr, PPI_PRIORITYR, 8 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(9))] = { access_priorityr, PPI_PRIORITYR, 9 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(10))] = { access_priorityr, PPI_PRIORITYR, 10 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(11))] = { access_priorityr, PPI_PRIORITYR, 11 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(12))] = { access_priorityr, PPI_PRIORITYR, 12 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(13))] = { access_priorityr, PPI_PRIORITYR, 13 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(14))] = { access_priorityr, PPI_PRIORITYR, 14 },
	[TRAP(VG5_ICC_PPI_PRIORITYR_EL1(15))] = { access_priorityr, PPI_PRIORITYR, 15 },
};

/* And the instructions with op0 = 1, op1 = 0, CRn = 12 */
static const struct trap gic_traps[TRAPS] = {
	[TRAP(VG5_GIC_CDRCFG)] = { gic_cdrcfg },
	[TRAP(VG5_GIC_CDDIS)] = { gic_ignore },
	[TRAP(VG5_GIC_CDEN)] = { gic_ignore },
	[TRAP(VG5_GIC_CDPRI)] = { gic_ignore },
	[TRAP(VG5_GIC_CDAFF)] = { gic_ignore },
	[TRAP(VG5_GIC_CDPEND)] = { gic_ignore },
	[TRAP(VG5_GIC_CDHM)] = { gic_ignore },
};

/* The index has as many bits as there are entries for. */
static const struct trap *find_trap(u32 reg)
{
	unsigned int i = TRAP(reg);

	switch (reg & ~sys_reg(0, 0, 0, 15, 7)) {
	case sys_reg(3, 0, 12, 0, 0):
		return &icc_traps[i];
	case sys_reg(1, 0, 12, 0, 0):
		return &gic_traps[i];
	}

	return NULL;
}

static noinline int access_traced(struct kvm_vcpu *vcpu, u32 reg,
				  const struct trap *trap, bool write, u64 *val)
{
	int ret = trap->access(vcpu, trap, write, val);

	trace_vgicv5_trap(vcpu, reg, write, *val, ret);

	return ret;
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
	const struct trap *trap = find_trap(reg);

	if (!trap || !trap->access)
		return 0;

	if (trace_vgicv5_trap_enabled())
		return access_traced(vcpu, reg, trap, write, val);

	return trap->access(vcpu, trap, write, val);
}
