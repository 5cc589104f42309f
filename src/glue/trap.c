// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses of the guest that trap. Which do is decided in ich_traps_init().
 */
#include <linux/bitfield.h>
#include <linux/nospec.h>

#include "../hw/regs.h"
#include "events.h"
#include "glue.h"

/**
 * struct trap - how a register or an instruction is emulated
 * @access: does it; 1, or -EINVAL if the access is UNDEFINED. NULL: none of ours
 * @reg:    for registers, which kind; for instructions that configure, which
 * @n:	    for PPI registers, which one of its kind
 */
struct trap {
	int (*access)(struct kvm_vcpu *vcpu, const struct trap *trap,
		      bool write, u64 *val);
	u8 reg;
	u8 n;
};

/* What only traps change is right in memory, and is written through */
static __always_inline void write_enabler(struct kvm_vcpu *vcpu, unsigned int n,
					  u64 val)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;

	guard(preempt)();

	/* In bank 1, if the VM has none, zero is written over zero */
	val = ppi_write_enabler(cpu, vm, n, val);
	if (likely(cpu->resident))
		ich_write_enabler(n, val);
}

static int access_enabler(struct kvm_vcpu *vcpu, const struct trap *trap,
			  bool write, u64 *val)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;

	if (write)
		write_enabler(vcpu, trap->n, *val);
	else
		*val = ppi_guest_read(cpu, vm, PPI_ENABLER, trap->n);

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
		ich_write_priorityr(vm, trap->n,
				    ppi_guest_read(cpu, vm, PPI_PRIORITYR,
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

/*
 * What the hardware has of a resident vCPU is brought to memory, and back.
 * Preemption is disabled from one to the other.
 */
static bool leave_hw(struct ppi_cpu *cpu, const struct ppi_vm *vm)
{
	struct ppi_image img __uninitialized;

	lockdep_assert_preemption_disabled();

	if (!cpu->resident)
		return false;

	ich_read(&img, vm);
	ppi_leave(cpu, vm, &img);

	return true;
}

static void enter_hw(struct ppi_cpu *cpu, const struct ppi_vm *vm,
		     bool resident)
{
	struct ppi_image img __uninitialized;

	if (!resident)
		return;

	ppi_enter(cpu, vm, &img);
	ich_load(&img, vm, cpu->prio);
}

static int access_state(struct kvm_vcpu *vcpu, const struct trap *trap,
			bool write, u64 *val)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;
	bool resident;

	guard(preempt)();

	resident = leave_hw(cpu, vm);

	if (write)
		ppi_guest_write(cpu, vm, trap->reg, trap->n, *val);
	else
		*val = ppi_guest_read(cpu, vm, trap->reg, trap->n);

	enter_hw(cpu, vm, resident);

	return 1;
}

/* CR0, PCR and APR decide whether an SPI or LPI that is pending is signalled */
static int access_masks(struct kvm_vcpu *vcpu, const struct trap *trap,
			bool write, u64 *val)
{
	if (write)
		WRITE_ONCE(to_vgicv5_vcpu(vcpu)->irs.changed, 1);

	return access_state(vcpu, trap, write, val);
}

/*
 * The best of all, and what acknowledging it does. Of a PPI and another one with
 * the same priority it is the PPI.
 */
static u64 highest(struct kvm_vcpu *vcpu, bool acknowledge)
{
	const struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	struct ppi_cpu *cpu = &v->ppi;
	unsigned int bound, ppi;
	bool resident;
	u32 intid = 0;
	u8 prio;

	guard(preempt)();

	resident = leave_hw(cpu, &vm->ppi);
	vgicv5_sample_direct(v);

	bound = ppi_prio_bound(cpu->en, cpu->pcr, cpu->apr);
	ppi = ppi_highest(cpu, &vm->ppi);
	if (ppi < PPI_NR)
		bound = ppi_priority(cpu, &vm->ppi, ppi);

	if (vm->irs && !acknowledge) {
		intid = irs_highest(vm->irs, &v->irs, bound);
	} else if (vm->irs) {
		intid = irs_acknowledge(vm->irs, &v->irs, bound, &prio);
		if (intid)
			ppi_activate(cpu, prio);
		WRITE_ONCE(v->irs.changed, 1);
	}

	if (!intid && ppi < PPI_NR) {
		intid = INTID(INTID_PPI, ppi);
		if (acknowledge)
			ppi_acknowledge(cpu, &vm->ppi, ppi);
	}

	enter_hw(cpu, &vm->ppi, resident);

	return intid ? GICR_CDIA_VALID | intid : 0;
}

static int access_hppir(struct kvm_vcpu *vcpu, const struct trap *trap,
			bool write, u64 *val)
{
	if (write)
		return -EINVAL;

	*val = highest(vcpu, false);
	return 1;
}

static int gicr_cdia(struct kvm_vcpu *vcpu, const struct trap *trap,
		     bool write, u64 *val)
{
	if (write)
		return -EINVAL;

	*val = highest(vcpu, true);
	return 1;
}

/* Nothing has superpriority */
static int gicr_cdnmia(struct kvm_vcpu *vcpu, const struct trap *trap,
		       bool write, u64 *val)
{
	if (write)
		return -EINVAL;

	*val = 0;
	return 1;
}

static int gic_cdeoi(struct kvm_vcpu *vcpu, const struct trap *trap,
		     bool write, u64 *val)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	bool resident;

	guard(preempt)();

	resident = leave_hw(&v->ppi, vm);
	ppi_drop_priority(&v->ppi);
	enter_hw(&v->ppi, vm, resident);
	WRITE_ONCE(v->irs.changed, 1);

	return 1;
}

static int gic_cddi(struct kvm_vcpu *vcpu, const struct trap *trap,
		    bool write, u64 *val)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	unsigned int ppi = INTID_ID(*val);
	bool resident;

	/* It trapped: is an SPI or LPI still active? */
	WRITE_ONCE(v->irs.changed, 1);

	if (INTID_TYPE(*val) != INTID_PPI) {
		vgicv5_irs_execute(vcpu, IRS_CDDI, *val);
		return 1;
	}

	if (ppi >= PPI_NR)
		return 1;

	guard(preempt)();

	ppi = array_index_nospec(ppi, PPI_NR);
	resident = leave_hw(&v->ppi, vm);
	ppi_guest_write(&v->ppi, vm, PPI_CACTIVER, ppi_bank(ppi), ppi_bit(ppi));
	enter_hw(&v->ppi, vm, resident);

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

/* Without an IRS, as without a resident VPE: nothing to report on */
static int gic_cdrcfg(struct kvm_vcpu *vcpu, const struct trap *trap,
		      bool write, u64 *val)
{
	const struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);

	if (vm_hw(vm))
		v->ppi.icsr = vgicv5_hw_cdrcfg(v, vm, *val);
	else
		v->ppi.icsr = vm->irs ? irs_rcfg(vm->irs, *val) : ICC_ICSR_F;
	return 1;
}

/* Acts on LPIs and SPIs: no effect without an IRS */
static int gic_execute(struct kvm_vcpu *vcpu, const struct trap *trap,
		       bool write, u64 *val)
{
	vgicv5_irs_execute(vcpu, trap->reg, *val);
	return 1;
}

/* CRm and op2 tell the registers with op0 = 3, op1 = 0, CRn = 12 apart */
#define TRAP(reg)	(sys_reg_CRm(reg) << 3 | sys_reg_Op2(reg))
#define TRAPS		(16 << 3)

static const struct trap icc_traps[TRAPS] = {
	[TRAP(VG5_ICC_IDR0_EL1)] = { access_idr0 },
	[TRAP(VG5_ICC_IAFFIDR_EL1)] = { access_iaffidr },
	[TRAP(VG5_ICC_ICSR_EL1)] = { access_icsr },
	[TRAP(VG5_ICC_HPPIR_EL1)] = { access_hppir },
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

/* Those with op1 = 1; written to, for reads do not trap */
static const struct trap icc_mask_traps[TRAPS] = {
	[TRAP(VG5_ICC_APR_EL1)] = { access_masks, PPI_APR },
	[TRAP(VG5_ICC_CR0_EL1)] = { access_masks, PPI_CR0 },
	[TRAP(VG5_ICC_PCR_EL1)] = { access_masks, PPI_PCR },
};

/* And the instructions with op0 = 1, op1 = 0, CRn = 12 */
static const struct trap gic_traps[TRAPS] = {
	[TRAP(VG5_GIC_CDRCFG)] = { gic_cdrcfg },
	[TRAP(VG5_GIC_CDEOI)] = { gic_cdeoi },
	[TRAP(VG5_GIC_CDDI)] = { gic_cddi },
	[TRAP(VG5_GICR_CDIA)] = { gicr_cdia },
	[TRAP(VG5_GICR_CDNMIA)] = { gicr_cdnmia },
	[TRAP(VG5_GIC_CDDIS)] = { gic_execute, IRS_CDDIS },
	[TRAP(VG5_GIC_CDEN)] = { gic_execute, IRS_CDEN },
	[TRAP(VG5_GIC_CDPRI)] = { gic_execute, IRS_CDPRI },
	[TRAP(VG5_GIC_CDAFF)] = { gic_execute, IRS_CDAFF },
	[TRAP(VG5_GIC_CDPEND)] = { gic_execute, IRS_CDPEND },
	[TRAP(VG5_GIC_CDHM)] = { gic_execute, IRS_CDHM },
};

/* The index has as many bits as there are entries for. */
static const struct trap *find_trap(u32 reg)
{
	u32 kind = reg & ~sys_reg(0, 0, 0, 15, 7);

	if (likely(kind == sys_reg(3, 0, 12, 0, 0)))
		return &icc_traps[TRAP(reg)];
	if (kind == sys_reg(3, 1, 12, 0, 0))
		return &icc_mask_traps[TRAP(reg)];
	if (kind == sys_reg(1, 0, 12, 0, 0))
		return &gic_traps[TRAP(reg)];

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
	const struct trap *trap;

	/* What a guest does most often of all that traps, without the table */
	if (likely(reg == VG5_ICC_PPI_ENABLER_EL1(0) && write &&
		   !trace_vgicv5_trap_enabled())) {
		write_enabler(vcpu, 0, *val);
		return 1;
	}

	trap = find_trap(reg);
	if (!trap || !trap->access)
		return 0;

	if (trace_vgicv5_trap_enabled())
		return access_traced(vcpu, reg, trap, write, val);

	return trap->access(vcpu, trap, write, val);
}
