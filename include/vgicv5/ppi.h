/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of virtual PPIs: words, not objects.
 *
 * Nothing here knows the kernel or a register. A PPI is a bit: PPI n is bit
 * n % 64 of bank n / 64, in every array of PPI_BANKS words.
 *
 * A vCPU is resident from ppi_enter() to ppi_leave(). In between the hardware
 * has its pending, active and mask state, and the words for them are out of
 * date. What is injected (line, latch) is always in memory.
 *
 *   word		written by			read by
 *   line, latch	injectors; the vCPU takes the	the vCPU
 *			latch in enter and flush and
 *			gives back in leave; all atomic
 *   changed		injectors set, the vCPU clears	the vCPU, before an entry
 *   resident		the vCPU: enter, leave		injectors, snapshot
 *   enabled, prio	the vCPU: its traps, reset	injectors, snapshot
 *   active, apr,	the vCPU: leave, its traps	injectors and snapshot,
 *   en, pcr		while not resident, reset	while not resident
 *   seq		with these: leave, reset	snapshot
 *   direct		map, before the first run	injectors, the vCPU
 *   hw_line, icsr	the vCPU			the vCPU
 *
 * "The vCPU" is the thread that runs it, or that holds its mutex.
 *
 * An injector and a vCPU each write one word, and then read the other's. With a
 * full barrier between the two, on both sides, at least one sees the other. In
 * flush the injector has written both, and who sees the second sees the first.
 * selftests/core/litmus has each pair, with and without its barriers:
 *
 *   pair		injector			vCPU
 *   inject | enter	latch, resident			resident, latch
 *   inject | flush	latch, changed			changed, latch
 *   inject | enable	changed, enabled		enabled, changed
 *   inject | WFI	latch, IN_WFI			IN_WFI, latch
 *   barrier		the atomic operation; before	xchg() of changed in enter
 *			enabled is read, smp_mb()	and flush; smp_mb() after
 *							enabled; of the scheduler
 *							when the vCPU blocks
 *
 * An injector that finds its bit set does all the rest as well: whoever set it
 * may not have got further yet.
 *
 * leave stores resident with release, and injectors read it with acquire: who
 * finds the vCPU not resident finds the words of its last leave, or later ones
 * (inject | leave). line and latch are full either way.
 */
#ifndef __VGICV5_PPI_H
#define __VGICV5_PPI_H

#include <vgicv5/env.h>

#define PPI_NR			128
#define PPI_BANKS		2
#define PPI_PRIORITYRS		16	/* eight PPIs each */
#define PPI_PRIO_BITS		5	/* width of a priority field */
#define PPI_PRIO_IDLE		32	/* lower than any priority */

/* Architected numbers */
#define PPI_SW			3
#define PPI_PMU			23
#define PPI_CNTHP		26
#define PPI_CNTV		27
#define PPI_CNTHV		28
#define PPI_CNTP		30

#define ppi_bank(ppi)		((ppi) / 64)
#define ppi_bit(ppi)		BIT_ULL((ppi) % 64)
#define ppi_test(words, ppi)	(!!((words)[ppi_bank(ppi)] & ppi_bit(ppi)))

/**
 * struct ppi_host - what the hardware offers; the same on all CPUs
 * @implemented: PPIs that exist
 * @edge:	PPIs that are edge triggered, the others follow a level
 * @prio_mask:	the bits that exist in a register of eight priorities
 * @prio_regs:	bit n: priority register n holds an implemented PPI
 * @nr_prio_regs: number of bits set in @prio_regs
 * @prio_slot:	number of bits set in @prio_regs below each one, which is where
 *		its word is in &ppi_cpu.prio
 * @pri_bits:	number of priority bits, 4 or 5
 */
struct ppi_host {
	u64 implemented[PPI_BANKS];
	u64 edge[PPI_BANKS];
	u64 prio_mask;
	u16 prio_regs;
	u8 nr_prio_regs;
	u8 prio_slot[PPI_PRIORITYRS];
	u8 pri_bits;
};

/**
 * struct ppi_vm - what all vCPUs of a VM share
 * @host:	the hardware below
 * @exposed:	PPIs that the guest may see; nothing else is ever set in any
 *		word that reaches the guest. Zero until the first run fixes it
 * @userspace:	PPIs that KVM_IRQ_LINE may drive
 * @edge:	&ppi_host.edge
 * @prio_regs:	bit n: priority register n holds an exposed PPI
 * @banks:	1 if no PPI above 63 is exposed, else 2
 * @fixed:	@exposed does not change any more
 */
struct ppi_vm {
	const struct ppi_host *host;
	u64 exposed[PPI_BANKS];
	u64 userspace[PPI_BANKS];
	u64 edge[PPI_BANKS];
	u16 prio_regs;
	u8 banks;
	bool fixed;
};

/**
 * struct ppi_cpu - one vCPU
 * @line:	level inputs now asserted
 * @latch:	edges not yet handed to the hardware
 * @changed:	@line or @latch have changed since a resident vCPU last looked
 * @resident:	the hardware has the state
 * @seq:	grows when the words that are marked "not resident" are written;
 *		odd while that takes more than one store and the vCPU is not
 *		resident
 * @apr:	active priorities, bit n for priority n (not resident)
 * @en:		ICC_CR0_EL1.EN (not resident)
 * @pcr:	ICC_PCR_EL1.PRIORITY (not resident)
 * @icsr:	ICC_ICSR_EL1, which the hardware shares with the host, and which
 *		is therefore always in memory
 * @enabled:	what the guest has enabled, within what is exposed; always valid
 * @active:	active PPIs (not resident)
 * @direct:	PPIs whose pending state is that of the physical PPI (DVI)
 * @hw_line:	the levels that were last handed to the hardware
 * @prio:	priorities, always valid, a word of eight for each bit set in
 *		&ppi_host.prio_regs
 */
struct ppi_cpu {
	ppi_word_t line[PPI_BANKS];
	ppi_word_t latch[PPI_BANKS];
	u32 changed;
	u32 resident;
	u32 seq;
	u32 apr;
	u8 en;
	u8 pcr;
	u64 icsr;
	u64 enabled[PPI_BANKS];
	u64 active[PPI_BANKS];
	u64 direct[PPI_BANKS];
	u64 hw_line[PPI_BANKS];
	u64 prio[];
};

/**
 * struct ppi_image - the state of a vCPU as the hardware holds it
 * @pending: pending, without the directly injected PPIs
 * @active:  active
 * @enabled: enabled; not read back, for only traps change it
 * @direct:  directly injected; not read back
 * @apr:     active priorities
 * @en:	     ICC_CR0_EL1.EN
 * @pcr:     ICC_PCR_EL1.PRIORITY
 *
 * Priorities are not in it: they too change by traps alone, and are loaded from
 * &ppi_cpu.prio. Only &ppi_vm.banks banks are valid.
 */
struct ppi_image {
	u64 pending[PPI_BANKS];
	u64 active[PPI_BANKS];
	u64 enabled[PPI_BANKS];
	u64 direct[PPI_BANKS];
	u32 apr;
	u8 en;
	u8 pcr;
};

/**
 * struct ppi_snapshot - what ppi_snapshot() found
 * @active: active PPIs
 * @apr:    active priorities
 * @en:     ICC_CR0_EL1.EN
 * @pcr:    ICC_PCR_EL1.PRIORITY
 * @prio:   priorities of the exposed PPIs, 0 for others
 */
struct ppi_snapshot {
	u64 active[PPI_BANKS];
	u32 apr;
	u8 en;
	u8 pcr;
	u8 prio[PPI_NR];
};

/* Registers of the guest that are emulated on the words of this file */
enum ppi_reg {
	PPI_HMR,
	PPI_ENABLER,
	PPI_SACTIVER,
	PPI_CACTIVER,
	PPI_SPENDR,
	PPI_CPENDR,
	PPI_PRIORITYR,
	PPI_CR0,
	PPI_PCR,
	PPI_APR,
};

void ppi_host_init(struct ppi_host *host, const u64 *implemented,
		   const u64 *level, unsigned int pri_bits);
void ppi_vm_init(struct ppi_vm *vm, const struct ppi_host *host);
void ppi_vm_expose(struct ppi_vm *vm, const u64 *ppis);
void ppi_cpu_reset(struct ppi_cpu *cpu, const struct ppi_vm *vm);
void ppi_cpu_drop_edges(struct ppi_cpu *cpu);

/**
 * ppi_raise() - raise a level, or make an edge
 * @cpu: the vCPU
 * @vm:	 its VM
 * @ppi: number, below PPI_NR
 *
 * From any CPU. The bit is set first, then the vCPU is looked at, also if the
 * bit was set already. Two edges are one for as long as the first is pending.
 * Inline, for an injection is hardly more than what a call costs.
 *
 * Return: true if the vCPU was resident. It has been told to flush; see
 * ppi_needs_kick().
 */
static inline bool ppi_raise(struct ppi_cpu *cpu, const struct ppi_vm *vm,
			     unsigned int ppi)
{
	unsigned long b = ppi_bank(ppi);
	u64 bit = ppi_bit(ppi);

	ppi_word_fetch_or(vm->edge[b] & bit ? &cpu->latch[b] : &cpu->line[b],
			  bit);

	/* Acquire: pairs with ppi_leave(), for ppi_deliverable() */
	if (!smp_load_acquire(&cpu->resident))
		return false;

	/* At the input of a directly injected PPI the hardware looks itself */
	if (!(READ_ONCE(cpu->direct[b]) & bit))
		WRITE_ONCE(cpu->changed, 1);

	return true;
}

void ppi_lower(struct ppi_cpu *cpu, const struct ppi_vm *vm, unsigned int ppi);
void ppi_sample(struct ppi_cpu *cpu, unsigned int ppi, bool level);

void ppi_enter(struct ppi_cpu *cpu, const struct ppi_vm *vm,
	       struct ppi_image *img);
void ppi_leave(struct ppi_cpu *cpu, const struct ppi_vm *vm,
	       const struct ppi_image *img);
bool ppi_flush(struct ppi_cpu *cpu, const struct ppi_vm *vm, u64 *set,
	       u64 *clear);

bool ppi_deliverable(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		     unsigned int ppi);

/**
 * ppi_needs_kick() - does it take more than a flush before the guest runs again?
 * @cpu:      the vCPU, running or in WFI
 * @vm:	      its VM
 * @ppi:      number of the PPI that was raised, below PPI_NR
 * @resident: what ppi_raise() returned
 *
 * The words of a vCPU that is not resident are exact: a WFI that the interrupt
 * would not end goes on. The hardware of a resident vCPU knows masks and
 * priorities, and we do not, so it has to take a look at any interrupt that is
 * enabled. At the input of a directly injected one it looks by itself.
 *
 * Return: true if @cpu must be kicked.
 */
static inline bool ppi_needs_kick(const struct ppi_cpu *cpu,
				  const struct ppi_vm *vm, unsigned int ppi,
				  bool resident)
{
	unsigned int b = ppi_bank(ppi);

	if (READ_ONCE(cpu->direct[b]) & ppi_bit(ppi))
		return false;

	if (!resident)
		return ppi_deliverable(cpu, vm, ppi);

	/* Pairs with the one in ppi_write_enabler(): inject | enable */
	smp_mb();

	return READ_ONCE(cpu->enabled[b]) & ppi_bit(ppi);
}

bool ppi_pending(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		 const struct ppi_image *img);
bool ppi_snapshot(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		  struct ppi_snapshot *snap);

u64 ppi_prio_field_mask(const struct ppi_vm *vm, unsigned int reg);
unsigned int ppi_priority(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
			  unsigned int ppi);

/**
 * ppi_write_enabler() - a guest writes ICC_PPI_ENABLERn_EL1
 * @cpu: the vCPU, resident or not
 * @vm:	 its VM
 * @n:	 bank
 * @val: the value; bits of PPIs that are not exposed are ignored
 *
 * Inline, because it is what a guest does most often of all that traps.
 *
 * Return: what to write to the hardware if the vCPU is resident.
 */
static inline u64 ppi_write_enabler(struct ppi_cpu *cpu,
				    const struct ppi_vm *vm, unsigned int n,
				    u64 val)
{
	val &= vm->exposed[n];
	WRITE_ONCE(cpu->enabled[n], val);

	/*
	 * Pairs with the one in ppi_needs_kick(): either an injector sees that
	 * the PPI is enabled, or the flush before the guest runs again sees
	 * what it has changed.
	 */
	smp_mb();

	return val;
}

/**
 * ppi_prio_bound() - which priorities pass
 * @en:	 ICC_CR0_EL1.EN
 * @pcr: ICC_PCR_EL1.PRIORITY
 * @apr: active priorities, bit n for priority n
 *
 * Return: a priority passes if it is below this (D_MSQKF): the mask lets an
 * equal priority through, the running priority does not.
 */
static inline unsigned int ppi_prio_bound(u8 en, u8 pcr, u32 apr)
{
	unsigned int running = apr ? __builtin_ctz(apr) : PPI_PRIO_IDLE;
	unsigned int mask = pcr + 1;

	if (!en)
		return 0;

	return running < mask ? running : mask;
}

unsigned int ppi_highest(const struct ppi_cpu *cpu, const struct ppi_vm *vm);
void ppi_acknowledge(struct ppi_cpu *cpu, const struct ppi_vm *vm,
		     unsigned int ppi);
void ppi_activate(struct ppi_cpu *cpu, unsigned int prio);
void ppi_drop_priority(struct ppi_cpu *cpu);
u64 ppi_guest_read(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		   enum ppi_reg reg, unsigned int n);
void ppi_guest_write(struct ppi_cpu *cpu, const struct ppi_vm *vm,
		     enum ppi_reg reg, unsigned int n, u64 val);

#endif /* __VGICV5_PPI_H */
