/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of virtual PPIs: words, not objects.
 *
 * Nothing here knows the kernel or a register. A PPI is a bit: PPI n is bit
 * n % 64 of bank n / 64, in every array of PPI_BANKS words.
 *
 * Where the state is. While a vCPU is resident its pending (PENDR), active,
 * priority and mask state live in the hardware, and the words below that say
 * "not resident" are stale. ppi_enter() hands them to the hardware, ppi_leave()
 * takes them back. The injected state (line, latch) is always in memory, and
 * moves one way.
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
 */
struct ppi_vm {
	const struct ppi_host *host;
	u64 exposed[PPI_BANKS];
	u64 userspace[PPI_BANKS];
	u64 edge[PPI_BANKS];
	u16 prio_regs;
	u8 banks;
};

/**
 * struct ppi_cpu - one vCPU
 * @line:	level inputs now asserted; any CPU
 * @latch:	edges not yet handed to the hardware; any CPU sets, the vCPU
 *		takes all at once
 * @changed:	@line or @latch have changed since the vCPU last looked
 * @resident:	the state is in the hardware; written by the vCPU only
 * @apr:	active priorities, bit n for priority n (not resident)
 * @saves:	counts how often what is marked "not resident" was written back,
 *		so that a reader from outside knows a torn picture
 * @en:		ICC_CR0_EL1.EN (not resident)
 * @pcr:	ICC_PCR_EL1.PRIORITY (not resident)
 * @icsr:	ICC_ICSR_EL1, which the hardware shares with the host, and which
 *		is therefore always in memory
 * @enabled:	what the guest has enabled, within what is exposed; always valid
 * @active:	active PPIs (not resident)
 * @direct:	PPIs whose pending state is that of the physical PPI (DVI)
 * @hw_line:	the levels that were last handed to the hardware
 * @prio:	priorities (not resident), a word of eight for each bit set in
 *		&ppi_host.prio_regs
 */
struct ppi_cpu {
	ppi_word_t line[PPI_BANKS];
	ppi_word_t latch[PPI_BANKS];
	u32 changed;
	u32 resident;
	u32 apr;
	u32 saves;
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
 * struct ppi_image - PPI state as the hardware holds it
 * @pending: pending, without the directly injected PPIs
 * @active:  active
 * @enabled: enabled
 * @direct:  directly injected
 */
struct ppi_image {
	u64 pending[PPI_BANKS];
	u64 active[PPI_BANKS];
	u64 enabled[PPI_BANKS];
	u64 direct[PPI_BANKS];
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
};

void ppi_host_init(struct ppi_host *host, const u64 *implemented,
		   const u64 *level, unsigned int pri_bits);
void ppi_vm_init(struct ppi_vm *vm, const struct ppi_host *host);
void ppi_vm_expose(struct ppi_vm *vm, const u64 *ppis);
void ppi_cpu_reset(struct ppi_cpu *cpu, const struct ppi_vm *vm);

/**
 * enum ppi_news - who has to be told of an injection
 * @PPI_NO_NEWS:  nobody: there is nothing that the guest could take, or was
 *		  not told of before
 * @PPI_MEMORY:	  the vCPU is not resident. It finds the interrupt as soon as it
 *		  is; only a WFI has to be ended
 * @PPI_RESIDENT: the hardware has the state, and must be flushed to
 */
enum ppi_news {
	PPI_NO_NEWS,
	PPI_MEMORY,
	PPI_RESIDENT,
};

void ppi_lower(struct ppi_cpu *cpu, const struct ppi_vm *vm, unsigned int ppi);

/**
 * ppi_raise() - raise a level, or make an edge
 * @cpu: the vCPU
 * @vm:	 its VM
 * @ppi: number, below PPI_NR
 *
 * From any CPU. The change comes before the look at &ppi_cpu.resident; the vCPU
 * becomes resident, and then takes what was changed: one sees the other.
 * Inline, for an injection is hardly more than what a call costs.
 *
 * Return: see &enum ppi_news.
 */
static inline enum ppi_news ppi_raise(struct ppi_cpu *cpu,
				      const struct ppi_vm *vm, unsigned int ppi)
{
	unsigned long b = ppi_bank(ppi);
	u64 bit = ppi_bit(ppi);
	ppi_word_t *words;

	/* Two edges are one for as long as the first is pending */
	words = vm->edge[b] & bit ? cpu->latch : cpu->line;
	if (ppi_word_fetch_or(&words[b], bit) & bit)
		return PPI_NO_NEWS;

	if (!ppi_flag_acquire(&cpu->resident))
		return PPI_MEMORY;

	ppi_flag_raise(&cpu->changed);
	return PPI_RESIDENT;
}

void ppi_sample(struct ppi_cpu *cpu, unsigned int ppi, bool level);

void ppi_enter(struct ppi_cpu *cpu, const struct ppi_vm *vm,
	       struct ppi_image *img);
void ppi_leave(struct ppi_cpu *cpu, const struct ppi_vm *vm,
	       const struct ppi_image *img);
void ppi_flush(struct ppi_cpu *cpu, const struct ppi_vm *vm, u64 *set,
	       u64 *clear);

bool ppi_needs_kick(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		    unsigned int ppi, enum ppi_news news);
bool ppi_deliverable(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		     unsigned int ppi);
bool ppi_pending(struct ppi_cpu *cpu, const struct ppi_vm *vm);

u64 ppi_prio_field_mask(const struct ppi_vm *vm, unsigned int reg);
u64 *ppi_prio_reg(struct ppi_cpu *cpu, const struct ppi_host *host,
		  unsigned int reg);
unsigned int ppi_priority(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
			  unsigned int ppi);

u64 ppi_guest_read(struct ppi_cpu *cpu, const struct ppi_vm *vm,
		   enum ppi_reg reg, unsigned int n);
void ppi_guest_write(struct ppi_cpu *cpu, const struct ppi_vm *vm,
		     enum ppi_reg reg, unsigned int n, u64 val);

#endif /* __VGICV5_PPI_H */
