// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICH_*_EL2: the virtual CPU interface of the CPU we run on.
 *
 * The host never uses these registers for itself, so what a vCPU leaves in
 * them between load and put disturbs nobody: they act on EL1 only, and only
 * while HCR_EL2.IMO has an effect there (D_NSTKG), which it has not under TGE.
 */
#include <linux/bitfield.h>
#include <linux/cpufeature.h>
#include <linux/percpu.h>
#include <linux/preempt.h>

#include "ich.h"
#include "regs.h"

/*
 * PRIORITYR registers of this CPU that are not zero. A vCPU loads those that
 * it needs and clears what another one left in the others, so that a guest
 * never reads a priority that is not its own.
 */
static DEFINE_PER_CPU(u16, dirty_prio_regs);

/*
 * MSR and MRS name their register in the instruction: one case for each, and
 * constant folding where the number is known.
 */
#define BANKED_ACCESSORS(name, NAME)					\
static void write_##name(unsigned int n, u64 val)			\
{									\
	if (n)								\
		write_sysreg_s(val, VG5_ICH_PPI_##NAME##_EL2(1));	\
	else								\
		write_sysreg_s(val, VG5_ICH_PPI_##NAME##_EL2(0));	\
}									\
									\
static u64 __maybe_unused read_##name(unsigned int n)			\
{									\
	if (n)								\
		return read_sysreg_s(VG5_ICH_PPI_##NAME##_EL2(1));	\
	return read_sysreg_s(VG5_ICH_PPI_##NAME##_EL2(0));		\
}

BANKED_ACCESSORS(dvir, DVIR)
BANKED_ACCESSORS(enabler, ENABLER)
BANKED_ACCESSORS(pendr, PENDR)
BANKED_ACCESSORS(activer, ACTIVER)

#define FOR_EACH_PRIORITYR(X)						\
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)				\
	X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

static void write_priorityr(unsigned int n, u64 val)
{
	switch (n) {
#define X(i)								\
	case i:								\
		write_sysreg_s(val, VG5_ICH_PPI_PRIORITYR_EL2(i));	\
		break;
	FOR_EACH_PRIORITYR(X)
#undef X
	}
}

static u64 read_priorityr(unsigned int n)
{
	switch (n) {
#define X(i)								\
	case i:								\
		return read_sysreg_s(VG5_ICH_PPI_PRIORITYR_EL2(i));
	FOR_EACH_PRIORITYR(X)
#undef X
	}

	return 0;
}

/*
 * No vCPU is loaded here, of whatever kind. One with a GICv3 sets
 * ICH_VCTLR_EL2.V3, and so changes the layout of ICH_VMCR_EL2, each time that
 * it is loaded; as V3 is UNKNOWN after reset like all else, it goes first.
 */
static void scrub(u64 vctlr)
{
	unsigned int n;

	write_sysreg_s(vctlr, VG5_ICH_VCTLR_EL2);
	isb();

	write_sysreg_s(0, VG5_ICH_VMCR_EL2);
	write_sysreg_s(0, VG5_ICH_APR_EL2);

	for (n = 0; n < PPI_BANKS; n++) {
		write_dvir(n, 0);
		write_enabler(n, 0);
		write_pendr(n, 0);
		write_activer(n, 0);
	}

	for (n = 0; n < PPI_PRIORITYRS; n++)
		write_priorityr(n, 0);

	__this_cpu_write(dirty_prio_regs, 0);
}

/**
 * ich_probe() - see what this CPU implements
 * @implemented: receives PPI_BANKS words, a bit for each PPI that exists
 * @level:	 receives PPI_BANKS words, a bit for each level PPI
 * @pri_bits:	 receives the number of priority bits
 *
 * Registers of PPIs that do not exist are RAZ/WI: what sticks is there. After
 * ich_cpu_up().
 *
 * Return: false if the hardware says something that the architecture does not
 * allow.
 */
bool ich_probe(u64 *implemented, u64 *level, unsigned int *pri_bits)
{
	unsigned int n;

	for (n = 0; n < PPI_BANKS; n++) {
		write_enabler(n, ~0ULL);
		implemented[n] = read_enabler(n);
		write_enabler(n, 0);
	}

	level[0] = read_sysreg_s(VG5_ICC_PPI_HMR_EL1(0));
	level[1] = read_sysreg_s(VG5_ICC_PPI_HMR_EL1(1));

	*pri_bits = FIELD_GET(ICC_IDR0_PRI_BITS,
			      read_sysreg_s(VG5_ICC_IDR0_EL1)) + 1;

	return *pri_bits >= 4 && *pri_bits <= PPI_PRIO_BITS;
}

/**
 * ich_cpu_up() - take this CPU over
 *
 * Kernels before 7.1 leave ICH_VCTLR_EL2.En clear, and no virtual interrupt is
 * ever signalled then; and they leave all of the interface open to any guest.
 * Nothing is relied on that has not been written here: reset values are
 * UNKNOWN.
 */
void ich_cpu_up(void)
{
	ich_traps_close();
	scrub(ICH_VCTLR_EN);
	isb();
}

/**
 * ich_cpu_down() - leave this CPU
 *
 * Leaves nothing of any guest behind, and the interface closed.
 */
void ich_cpu_down(void)
{
	ich_traps_close();
	scrub(0);
	isb();
}

/**
 * ich_traps_init() - decide what a VM may do without us
 * @traps: to be filled in
 * @vm:	   the VM, its exposed PPIs fixed
 *
 * Reads of a PPI register, other than HMR, cannot show more than ich_enter()
 * put there: exposed PPIs. HMR shows all that the hardware implements, ICSR is
 * the host's, IDR0 and IAFFIDR would be the hardware's own.
 *
 * Writes of ENABLER, ACTIVER and PRIORITYR set whatever is implemented, and so
 * are masked here. PENDR takes no write for a level PPI: it is left alone
 * unless there is an edge PPI to hide. APR, CR0, PCR and HPPIR know no PPIs.
 */
void ich_traps_init(struct ich_traps *traps, const struct ppi_vm *vm)
{
	u64 hidden_edge = 0;
	int b;

	for (b = 0; b < PPI_BANKS; b++)
		hidden_edge |= vm->edge[b] & ~vm->exposed[b];

	traps->read = ICH_HFGRTR_RES1 | ICH_HFG_APR | ICH_HFG_CR0 |
		      ICH_HFG_PCR | ICH_HFG_HPPIR | ICH_HFG_PPI_ENABLER |
		      ICH_HFG_PPI_PENDR | ICH_HFG_PPI_ACTIVER |
		      ICH_HFG_PPI_PRIORITYR;

	traps->write = ICH_HFG_APR | ICH_HFG_CR0 | ICH_HFG_PCR;
	if (!hidden_edge)
		traps->write |= ICH_HFG_PPI_PENDR;
}

/**
 * ich_traps_open() - let the guest of a vCPU at the interface
 * @traps: from ich_traps_init()
 *
 * The instructions that are let through are those that handle an interrupt.
 * The others configure LPIs and SPIs, which this guest has not got.
 */
void ich_traps_open(const struct ich_traps *traps)
{
	write_sysreg_s(traps->read, VG5_ICH_HFGRTR_EL2);
	write_sysreg_s(traps->write, VG5_ICH_HFGWTR_EL2);
	write_sysreg_s(ICH_HFGITR_CDNMIA | ICH_HFGITR_CDIA | ICH_HFGITR_CDDI |
		       ICH_HFGITR_CDEOI, VG5_ICH_HFGITR_EL2);
}

/**
 * ich_traps_close() - trap everything
 *
 * So that a guest without a GICv5 finds none, and nothing of the one that ran
 * here before.
 */
void ich_traps_close(void)
{
	write_sysreg_s(ICH_HFGRTR_RES1, VG5_ICH_HFGRTR_EL2);
	write_sysreg_s(0, VG5_ICH_HFGWTR_EL2);
	write_sysreg_s(0, VG5_ICH_HFGITR_EL2);
}

/**
 * ich_enter() - load the state of a vCPU
 * @cpu: the vCPU, not resident; it is afterwards
 * @vm:	 its VM, exposed PPIs fixed
 */
void ich_enter(struct ppi_cpu *cpu, const struct ppi_vm *vm)
{
	u16 regs = __this_cpu_read(dirty_prio_regs) | vm->prio_regs;
	struct ppi_image img;
	unsigned int n;

	/* A GICv3 guest may have run here; it sets V3 again when it does */
	if (cpus_have_final_cap(ARM64_HAS_GICV5_LEGACY)) {
		write_sysreg_s(ICH_VCTLR_EN, VG5_ICH_VCTLR_EL2);
		isb();
	}

	WRITE_ONCE(cpu->resident, 1);
	ppi_enter(cpu, vm, &img);

	/* The pending state of a directly injected PPI has to come first */
	for (n = 0; n < vm->banks; n++) {
		write_dvir(n, img.direct[n]);
		write_activer(n, img.active[n]);
		write_enabler(n, img.enabled[n]);
		write_pendr(n, img.pending[n]);
	}

	for (n = 0; regs; n++, regs >>= 1) {
		if (!(regs & 1))
			continue;

		write_priorityr(n, vm->prio_regs & BIT(n) ?
				   *ppi_prio_reg(cpu, vm->host, n) : 0);
	}

	__this_cpu_write(dirty_prio_regs, vm->prio_regs);

	write_sysreg_s(cpu->apr, VG5_ICH_APR_EL2);
	write_sysreg_s(FIELD_PREP(ICH_VMCR_VPMR, cpu->pcr) |
		       FIELD_PREP(ICH_VMCR_EN, cpu->en), VG5_ICH_VMCR_EL2);
}

/**
 * ich_leave() - save the state of a vCPU
 * @cpu: the vCPU, resident on this CPU; it is not afterwards
 * @vm:	 its VM
 *
 * Ends direct injection, and all signalling to EL1: a guest without a GICv5
 * that runs here next has HCR_EL2.IMO set as well.
 */
void ich_leave(struct ppi_cpu *cpu, const struct ppi_vm *vm)
{
	struct ppi_image img;
	unsigned int n;
	u64 vmcr;

	WRITE_ONCE(cpu->saves, cpu->saves + 1);
	/* Pairs with take_picture(): what follows is of a save counted here */
	smp_wmb();

	vmcr = read_sysreg_s(VG5_ICH_VMCR_EL2);
	write_sysreg_s(0, VG5_ICH_VMCR_EL2);

	cpu->en = FIELD_GET(ICH_VMCR_EN, vmcr);
	cpu->pcr = FIELD_GET(ICH_VMCR_VPMR, vmcr);
	cpu->apr = read_sysreg_s(VG5_ICH_APR_EL2);

	for (n = 0; n < vm->banks; n++) {
		img.pending[n] = read_pendr(n);
		img.active[n] = read_activer(n);
		write_dvir(n, 0);
	}

	/* Bank 1 is written by those only that use it */
	if (vm->banks > 1) {
		write_enabler(1, 0);
		write_pendr(1, 0);
		write_activer(1, 0);
	}

	for (n = 0; n < PPI_PRIORITYRS; n++) {
		if (vm->prio_regs & BIT(n))
			*ppi_prio_reg(cpu, vm->host, n) = read_priorityr(n);
	}

	ppi_leave(cpu, vm, &img);

	/* Whoever sees this clear may judge by the words above */
	smp_store_release(&cpu->resident, 0);
}

/**
 * ich_flush() - bring what was injected to a resident vCPU
 * @cpu:   the vCPU, resident on this CPU
 * @vm:	   its VM
 * @set:   receives the PPIs that have become pending, PPI_BANKS words
 * @clear: receives those that are not any more
 *
 * Reads PENDR because the guest may not have acknowledged an earlier edge.
 */
void ich_flush(struct ppi_cpu *cpu, const struct ppi_vm *vm, u64 *set,
	       u64 *clear)
{
	unsigned int n;

	ppi_flag_take(&cpu->changed);
	ppi_flush(cpu, vm, set, clear);

	for (n = 0; n < vm->banks; n++) {
		if (set[n] | clear[n])
			write_pendr(n, (read_pendr(n) & ~clear[n]) | set[n]);
	}
}

/**
 * ich_write_enabler() - change what a resident vCPU has enabled
 * @n:	 bank
 * @val: ICH_PPI_ENABLERn_EL2, already masked
 */
void ich_write_enabler(unsigned int n, u64 val)
{
	write_enabler(n, val);
}
