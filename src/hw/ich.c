// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICH_*_EL2: the virtual CPU interface of the CPU we run on.
 *
 * The host never uses these registers for itself, so what a vCPU has in them
 * disturbs nobody: they act on EL1 only, and only while HCR_EL2.IMO has an effect
 * there (D_NSTKG), which it has not under TGE. After put ICH_VMCR_EL2 is 0, so
 * that nothing is signalled, and all accesses trap.
 */
#include <linux/bitfield.h>
#include <linux/cpufeature.h>
#include <linux/percpu.h>
#include <linux/preempt.h>

#include "ich.h"
#include "regs.h"

/*
 * What the registers of this CPU hold, from the put of a vCPU to the next load:
 * what has not changed is not written again. The guest cannot change DVIR,
 * ENABLER or PRIORITYR, for its writes trap. The others are right from
 * ich_read() on, which comes between any two ich_load(). Nothing is known of
 * registers that may have lost their values.
 */
struct ich_shadow {
	bool known;
	bool bank1;		/* a bit is set in a register of bank 1 */
	u32 apr;
	u64 direct[PPI_BANKS];
	u64 active[PPI_BANKS];
	u64 enabled[PPI_BANKS];
	u64 pending[PPI_BANKS];
	u64 prio[PPI_PRIORITYRS];	/* in the order of &ppi_cpu.prio */
};

static DEFINE_PER_CPU(struct ich_shadow, ich_shadow);

/*
 * MSR and MRS name their register in the instruction: one case for each, and
 * constant folding where the number is known.
 */
#define BANKED_ACCESSORS(name, NAME)					\
static __always_inline void write_##name(unsigned int n, u64 val)	\
{									\
	if (n)								\
		write_sysreg_s(val, VG5_ICH_PPI_##NAME##_EL2(1));	\
	else								\
		write_sysreg_s(val, VG5_ICH_PPI_##NAME##_EL2(0));	\
}									\
									\
static __always_inline u64 __maybe_unused read_##name(unsigned int n)	\
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

/* No vCPU is loaded here, of whatever kind; all accesses trap. */
static noinline void clear_registers(struct ich_shadow *shadow)
{
	unsigned int n;

	for (n = 0; n < PPI_BANKS; n++) {
		write_dvir(n, 0);
		write_enabler(n, 0);
		write_pendr(n, 0);
		write_activer(n, 0);
	}

	for (n = 0; n < PPI_PRIORITYRS; n++)
		write_priorityr(n, 0);

	write_sysreg_s(0, VG5_ICH_APR_EL2);

	*shadow = (struct ich_shadow){ .known = true };
}

/**
 * ich_probe() - see what this CPU implements
 * @id: to be filled in
 *
 * Registers of PPIs that do not exist are RAZ/WI: what sticks is there. After
 * ich_cpu_up(), before any vCPU is loaded.
 *
 * Return: false if the hardware says something that the architecture does not
 * allow.
 */
bool ich_probe(struct ich_cpu_id *id)
{
	unsigned int n;

	for (n = 0; n < PPI_BANKS; n++) {
		write_enabler(n, ~0ULL);
		id->implemented[n] = read_enabler(n);
		write_enabler(n, 0);
	}

	id->level[0] = read_sysreg_s(VG5_ICC_PPI_HMR_EL1(0));
	id->level[1] = read_sysreg_s(VG5_ICC_PPI_HMR_EL1(1));

	id->pri_bits = FIELD_GET(ICC_IDR0_PRI_BITS,
				 read_sysreg_s(VG5_ICC_IDR0_EL1)) + 1;

	return id->pri_bits >= 4 && id->pri_bits <= PPI_PRIO_BITS;
}

/**
 * ich_cpu_up() - take this CPU over, or take it back after it lost power
 *
 * Kernels before 7.1 leave ICH_VCTLR_EL2.En clear, and no virtual interrupt is
 * ever signalled then; and they leave all of the interface open to any guest.
 * Reset values are UNKNOWN. Written here is what acts without a vCPU of ours:
 * the traps, what signals, and ICH_CONTEXTR_EL2, for no VPE of ours is resident
 * while none is loaded. V3 goes before ICH_VMCR_EL2, whose layout it changes. All else is
 * written before it is used: see ich_load().
 */
void ich_cpu_up(void)
{
	ich_traps_deactivate();

	write_sysreg_s(ICH_VCTLR_EN, VG5_ICH_VCTLR_EL2);
	isb();
	write_sysreg_s(0, VG5_ICH_VMCR_EL2);
	write_sysreg_s(0, VG5_ICH_CONTEXTR_EL2);
	isb();

	__this_cpu_write(ich_shadow.known, false);
}

/**
 * ich_cpu_down() - leave this CPU
 * @leave_on: the kernel itself has set ICH_VCTLR_EL2.En, and relies on it
 *
 * Leaves nothing of any guest behind; all accesses trap.
 */
void ich_cpu_down(bool leave_on)
{
	ich_traps_deactivate();
	write_sysreg_s(leave_on ? ICH_VCTLR_EN : 0, VG5_ICH_VCTLR_EL2);
	isb();
	write_sysreg_s(0, VG5_ICH_VMCR_EL2);
	clear_registers(this_cpu_ptr(&ich_shadow));
	isb();
}

/**
 * ich_forget() - somebody else has used the registers of this CPU
 *
 * Between the put of a vCPU and the load of the next one.
 */
void ich_forget(void)
{
	__this_cpu_write(ich_shadow.known, false);
}

/**
 * ich_deactivate_physical() - clear Active of physical PPIs of this CPU
 * @ppis: PPI_BANKS words, PPIs that KVM keeps away from the host. While the host
 *	  goes down also those of a loaded vCPU, whose put does it once more
 *
 * KVM makes the physical interrupt of a directly injected timer active when it
 * loads a vCPU, and leaves it so.
 */
void ich_deactivate_physical(const u64 *ppis)
{
	write_sysreg_s(READ_ONCE(ppis[0]), VG5_ICC_PPI_CACTIVER_EL1(0));
	write_sysreg_s(READ_ONCE(ppis[1]), VG5_ICC_PPI_CACTIVER_EL1(1));
	isb();
}

/**
 * ich_traps_init() - decide what a VM may do without us
 * @traps: to be filled in
 * @vm:	   the VM, its exposed PPIs fixed
 *
 * Reads of a PPI register, other than HMR, cannot show more than ich_load()
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

	traps->configure = 0;
	traps->read = ICH_HFGRTR_RES1 | ICH_HFG_APR | ICH_HFG_CR0 |
		      ICH_HFG_PCR | ICH_HFG_HPPIR | ICH_HFG_PPI_ENABLER |
		      ICH_HFG_PPI_PENDR | ICH_HFG_PPI_ACTIVER |
		      ICH_HFG_PPI_PRIORITYR;

	traps->write = ICH_HFG_APR | ICH_HFG_CR0 | ICH_HFG_PCR;
	if (!hidden_edge)
		traps->write |= ICH_HFG_PPI_PENDR;
}

/* Instructions that handle an interrupt, and what of IRS_* makes them trap */
static u64 open_instructions(u32 signal)
{
	u64 open = ICH_HFGITR_CDNMIA | ICH_HFGITR_CDIA | ICH_HFGITR_CDDI |
		   ICH_HFGITR_CDEOI;

	if (signal & IRS_VI)
		open &= ~(ICH_HFGITR_CDNMIA | ICH_HFGITR_CDIA);
	if (signal & IRS_TRAP_CDEOI)
		open &= ~ICH_HFGITR_CDEOI;
	if (signal & IRS_TRAP_CDDI)
		open &= ~ICH_HFGITR_CDDI;

	return open;
}

/**
 * ich_traps_activate() - let the guest of a vCPU at the interface
 * @traps: from ich_traps_init()
 *
 * The instructions that are let through are those that handle an interrupt.
 * The others configure LPIs and SPIs, which this guest has not got, or which are
 * ours to emulate; but see ich_traps_open_irs().
 */
void ich_traps_activate(const struct ich_traps *traps)
{
	write_sysreg_s(traps->read, VG5_ICH_HFGRTR_EL2);
	write_sysreg_s(traps->write, VG5_ICH_HFGWTR_EL2);
	write_sysreg_s(open_instructions(0) | traps->configure,
		       VG5_ICH_HFGITR_EL2);
}

/**
 * ich_traps_signal() - trap what acts on SPIs and LPIs, while there are any
 * @traps: from ich_traps_init(), as given to ich_traps_activate()
 * @old:   IRS_VI and IRS_TRAP_* so far, 0 after ich_traps_activate()
 * @new:   what they are from now on
 */
void ich_traps_signal(const struct ich_traps *traps, u32 old, u32 new)
{
	if ((old ^ new) & IRS_TRAP_MASKS) {
		u64 read = traps->read, write = traps->write;

		if (new & IRS_TRAP_MASKS) {
			read &= ~ICH_HFG_HPPIR;
			write &= ~(ICH_HFG_APR | ICH_HFG_CR0 | ICH_HFG_PCR);
		}
		write_sysreg_s(read, VG5_ICH_HFGRTR_EL2);
		write_sysreg_s(write, VG5_ICH_HFGWTR_EL2);
	}

	if (open_instructions(old) != open_instructions(new))
		write_sysreg_s(open_instructions(new), VG5_ICH_HFGITR_EL2);
}

/**
 * ich_traps_deactivate() - trap everything
 *
 * So that a guest without a GICv5 finds none, and nothing of the one that ran
 * here before.
 */
void ich_traps_deactivate(void)
{
	write_sysreg_s(ICH_HFGRTR_RES1, VG5_ICH_HFGRTR_EL2);
	write_sysreg_s(0, VG5_ICH_HFGWTR_EL2);
	write_sysreg_s(0, VG5_ICH_HFGITR_EL2);
}

static __always_inline void load_bank(struct ich_shadow *shadow, unsigned int n,
				      u64 direct, u64 active, u64 enabled,
				      u64 pending)
{
	/* It decides whose the pending state is, and so comes first */
	if (shadow->direct[n] != direct) {
		write_dvir(n, direct);
		shadow->direct[n] = direct;
		shadow->pending[n] = ~pending;
	}

	if (shadow->active[n] != active)
		write_activer(n, active);

	if (shadow->enabled[n] != enabled) {
		write_enabler(n, enabled);
		shadow->enabled[n] = enabled;
	}

	if (shadow->pending[n] != pending)
		write_pendr(n, pending);
}

/* No vCPU has priorities in a register none of whose PPIs is exposed to it */
static noinline void load_priorities(struct ich_shadow *shadow,
				     const struct ppi_host *host,
				     const u64 *prio)
{
	unsigned long regs = host->prio_regs;
	unsigned int n, slot = 0;

	for_each_set_bit(n, &regs, PPI_PRIORITYRS) {
		if (shadow->prio[slot] != prio[slot]) {
			write_priorityr(n, prio[slot]);
			shadow->prio[slot] = prio[slot];
		}
		slot++;
	}
}

static noinline void load_bank1(struct ich_shadow *shadow,
				const struct ppi_image *img, bool used)
{
	if (used) {
		load_bank(shadow, 1, img->direct[1], img->active[1],
			  img->enabled[1], img->pending[1]);
	} else {
		load_bank(shadow, 1, 0, 0, 0, 0);
		shadow->active[1] = 0;
		shadow->pending[1] = 0;
	}
	shadow->bank1 = used;
}

/* What the registers hold is not known: after that it is */
static noinline void load_unknown(const struct ppi_image *img,
				  const struct ppi_vm *vm, const u64 *prio)
{
	clear_registers(this_cpu_ptr(&ich_shadow));
	ich_load(img, vm, prio);
}

/**
 * ich_load() - load the state of a vCPU
 * @img:  its state
 * @vm:	  its VM, exposed PPIs fixed
 * @prio: its priorities, &ppi_cpu.prio
 *
 * No vCPU is loaded, or the same one is brought up to date. Nothing is left of
 * another one: in bank 1, if this one has none, and in PRIORITYR registers zeros
 * are loaded. What few vCPUs need comes last, and out of line.
 */
void ich_load(const struct ppi_image *img, const struct ppi_vm *vm,
	      const u64 *prio)
{
	struct ich_shadow *shadow = this_cpu_ptr(&ich_shadow);
	const struct ppi_host *host = vm->host;
	unsigned int n;

	/* A GICv3 guest may have run here; it sets V3 again when it does */
	if (cpus_have_final_cap(ARM64_HAS_GICV5_LEGACY)) {
		write_sysreg_s(ICH_VCTLR_EN, VG5_ICH_VCTLR_EL2);
		isb();
		/* It may have changed this one: write it in any case */
		shadow->apr = ~img->apr;
	}

	if (unlikely(!shadow->known)) {
		load_unknown(img, vm, prio);
		return;
	}

	load_bank(shadow, 0, img->direct[0], img->active[0], img->enabled[0],
		  img->pending[0]);

	if (shadow->apr != img->apr)
		write_sysreg_s(img->apr, VG5_ICH_APR_EL2);

	write_sysreg_s(FIELD_PREP(ICH_VMCR_VPMR, img->pcr) |
		       FIELD_PREP(ICH_VMCR_EN, img->en), VG5_ICH_VMCR_EL2);

	if (unlikely(vm->banks > 1 || shadow->bank1))
		load_bank1(shadow, img, vm->banks > 1);

	for (n = 0; n < host->nr_prio_regs; n++) {
		if (unlikely(shadow->prio[n] != prio[n])) {
			load_priorities(shadow, host, prio);
			return;
		}
	}
}

static __always_inline void read_masks(struct ppi_image *img)
{
	u64 vmcr = read_sysreg_s(VG5_ICH_VMCR_EL2);

	img->en = FIELD_GET(ICH_VMCR_EN, vmcr);
	img->pcr = FIELD_GET(ICH_VMCR_VPMR, vmcr);
	img->apr = read_sysreg_s(VG5_ICH_APR_EL2);
}

/**
 * ich_read_masks() - read what decides which priorities pass
 * @img: receives apr, en, pcr of the vCPU that is loaded
 */
void ich_read_masks(struct ppi_image *img)
{
	read_masks(img);
}

static __always_inline void read_state(struct ppi_image *img,
				       const struct ppi_vm *vm)
{
	struct ich_shadow *shadow = this_cpu_ptr(&ich_shadow);

	read_masks(img);
	shadow->apr = img->apr;

	shadow->active[0] = read_activer(0);
	img->active[0] = shadow->active[0];
	shadow->pending[0] = read_pendr(0);
	img->pending[0] = shadow->pending[0];
	if (unlikely(vm->banks > 1)) {
		shadow->active[1] = read_activer(1);
		img->active[1] = shadow->active[1];
		shadow->pending[1] = read_pendr(1);
		img->pending[1] = shadow->pending[1];
	}
}

/**
 * ich_read() - read the state of the vCPU that is loaded
 * @img: receives what may change without a trap: pending, active, apr, en, pcr
 * @vm:	 its VM
 */
void ich_read(struct ppi_image *img, const struct ppi_vm *vm)
{
	read_state(img, vm);
}

/**
 * ich_save() - ich_read(), and no virtual interrupt is signalled any more
 * @img: as in ich_read()
 * @vm:	 its VM
 *
 * Not to the guest without a GICv5 that runs here next, and has HCR_EL2.IMO set
 * as well; direct injection is silent, too.
 */
void ich_save(struct ppi_image *img, const struct ppi_vm *vm)
{
	read_state(img, vm);
	write_sysreg_s(0, VG5_ICH_VMCR_EL2);
}

/**
 * ich_end_direct() - no virtual PPI takes the state of a physical one any more
 *
 * What PENDR shows of these PPIs from here on is UNKNOWN to us: the next load
 * finds other PPIs direct, whichever they are, and writes both registers.
 */
void ich_end_direct(void)
{
	struct ich_shadow *shadow = this_cpu_ptr(&ich_shadow);
	unsigned int n;

	for (n = 0; n < PPI_BANKS; n++) {
		if (!shadow->direct[n])
			continue;
		write_dvir(n, 0);
		shadow->direct[n] = ~0ULL;
	}
}

/**
 * ich_update_pendr() - bring what was injected to the vCPU that is loaded
 * @vm:    its VM
 * @set:   PPIs that have become pending, PPI_BANKS words
 * @clear: those that are not any more
 *
 * Reads PENDR because the guest may not have acknowledged an earlier edge.
 */
void ich_update_pendr(const struct ppi_vm *vm, const u64 *set,
		      const u64 *clear)
{
	unsigned int n;

	for (n = 0; n < vm->banks; n++) {
		if (set[n] | clear[n])
			write_pendr(n, (read_pendr(n) & ~clear[n]) | set[n]);
	}
}

/**
 * ich_write_enabler() - change what the vCPU that is loaded has enabled
 * @n:	 bank
 * @val: ICH_PPI_ENABLERn_EL2, already masked
 */
void ich_write_enabler(unsigned int n, u64 val)
{
	if (unlikely(n)) {
		write_enabler(1, val);
		__this_cpu_write(ich_shadow.enabled[1], val);
		return;
	}

	write_enabler(0, val);
	__this_cpu_write(ich_shadow.enabled[0], val);
}

/**
 * ich_write_priorityr() - change priorities of the vCPU that is loaded
 * @vm:	 its VM
 * @n:	 number of the register, which the host implements
 * @val: ICH_PPI_PRIORITYRn_EL2, already masked
 */
void ich_write_priorityr(const struct ppi_vm *vm, unsigned int n, u64 val)
{
	write_priorityr(n, val);
	__this_cpu_write(ich_shadow.prio[vm->host->prio_slot[n]], val);
}
