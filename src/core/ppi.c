// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PPI state machine. Plain C on plain words: this file is also compiled in
 * userspace, for the unit tests.
 *
 * Section numbers and rule names are those of the GICv5 architecture.
 */
#include <vgicv5/ppi.h>

/* A bit for each priority register that holds one of @ppis */
static u16 prio_regs_of(const u64 *ppis)
{
	unsigned int n;
	u16 regs = 0;

	for (n = 0; n < PPI_PRIORITYRS; n++)
		if (ppis[n / 8] >> (n % 8 * 8) & 0xff)
			regs |= 1U << n;

	return regs;
}

/**
 * ppi_host_init() - describe the hardware
 * @host:	 to be filled in
 * @implemented: PPIs that exist on all CPUs
 * @level:	 ICC_PPI_HMRn_EL1: 1 = level
 * @pri_bits:	 ICC_IDR0_EL1.PRI_BITS + 1, at most 5
 */
void ppi_host_init(struct ppi_host *host, const u64 *implemented,
		   const u64 *level, unsigned int pri_bits)
{
	unsigned int n;
	u64 field;
	int b;

	for (b = 0; b < PPI_BANKS; b++) {
		host->implemented[b] = implemented[b];
		host->edge[b] = implemented[b] & ~level[b];
	}

	/* With fewer bits it is the low ones of a field that are RES0 */
	host->pri_bits = pri_bits;
	field = 0x1f & (0x1f << (PPI_PRIO_BITS - pri_bits));
	host->prio_mask = field * 0x0101010101010101ULL;

	host->prio_regs = prio_regs_of(implemented);
	host->nr_prio_regs = 0;
	for (n = 0; n < PPI_PRIORITYRS; n++) {
		host->prio_slot[n] = host->nr_prio_regs;
		if (host->prio_regs & (1U << n))
			host->nr_prio_regs++;
	}
}

/**
 * ppi_vm_init() - a VM that exposes nothing yet
 * @vm:	  the VM
 * @host: the hardware, outlives @vm
 */
void ppi_vm_init(struct ppi_vm *vm, const struct ppi_host *host)
{
	int b;

	vm->host = host;
	vm->prio_regs = 0;
	vm->banks = 1;
	vm->fixed = false;
	for (b = 0; b < PPI_BANKS; b++) {
		vm->exposed[b] = 0;
		vm->userspace[b] = 0;
		vm->edge[b] = host->edge[b];
	}

	vm->userspace[ppi_bank(PPI_SW)] |= ppi_bit(PPI_SW) &
					   host->implemented[ppi_bank(PPI_SW)];
}

/**
 * ppi_vm_expose() - fix what the guest may see
 * @vm:	  the VM; no vCPU has been resident yet
 * @ppis: PPIs with an owner. Those that userspace drives are added, those that
 *	  the hardware does not have are left out
 */
void ppi_vm_expose(struct ppi_vm *vm, const u64 *ppis)
{
	int b;

	for (b = 0; b < PPI_BANKS; b++)
		WRITE_ONCE(vm->exposed[b], (ppis[b] | vm->userspace[b]) &
					   vm->host->implemented[b]);

	vm->prio_regs = prio_regs_of(vm->exposed);
	vm->banks = vm->exposed[1] ? 2 : 1;
	vm->fixed = true;
}

/* The priorities of register @reg, which the host implements */
static u64 read_prio(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		     unsigned int reg)
{
	return READ_ONCE(cpu->prio[vm->host->prio_slot[reg]]);
}

/**
 * ppi_cpu_reset() - what a warm reset leaves
 * @cpu: the vCPU, not resident
 * @vm:	 its VM
 *
 * The architecture leaves most of it UNKNOWN; zero is everything off and a
 * priority mask that lets nothing but priority 0 through. Lines belong to the
 * devices behind them, wiring (@direct) is not state, and an edge is an input
 * that may have come first: see ppi_cpu_drop_edges().
 */
void ppi_cpu_reset(struct ppi_cpu *cpu, const struct ppi_vm *vm)
{
	unsigned int n;
	int b;

	WRITE_ONCE(cpu->seq, cpu->seq + 1);
	smp_wmb();	/* pairs with ppi_snapshot() */

	for (b = 0; b < PPI_BANKS; b++) {
		WRITE_ONCE(cpu->enabled[b], 0);
		WRITE_ONCE(cpu->active[b], 0);
		cpu->hw_line[b] = 0;
	}

	for (n = 0; n < vm->host->nr_prio_regs; n++)
		WRITE_ONCE(cpu->prio[n], 0);

	WRITE_ONCE(cpu->en, 0);
	WRITE_ONCE(cpu->pcr, 0);
	WRITE_ONCE(cpu->apr, 0);
	cpu->icsr = 0;

	/* Pairs with ppi_snapshot(): even again, and all is written */
	smp_store_release(&cpu->seq, cpu->seq + 1);
}

/**
 * ppi_cpu_drop_edges() - forget the edges that the guest has not taken
 * @cpu: the vCPU, not resident
 *
 * A full barrier: who finds the vCPU off, or reset, and injects then is not
 * forgotten.
 */
void ppi_cpu_drop_edges(struct ppi_cpu *cpu)
{
	int b;

	for (b = 0; b < PPI_BANKS; b++)
		ppi_word_xchg(&cpu->latch[b], 0);
}

/**
 * ppi_lower() - lower a level; nothing on an edge PPI
 * @cpu: the vCPU
 * @vm:	 its VM
 * @ppi: number, below PPI_NR
 *
 * From any CPU. A resident vCPU flushes when it next has a reason to leave the
 * guest: no kick.
 */
void ppi_lower(struct ppi_cpu *cpu, const struct ppi_vm *vm, unsigned int ppi)
{
	unsigned int b = ppi_bank(ppi);

	if (ppi_test(vm->edge, ppi))
		return;

	ppi_word_fetch_andnot(&cpu->line[b], ppi_bit(ppi));
	if (READ_ONCE(cpu->resident) &&
	    !(READ_ONCE(cpu->direct[b]) & ppi_bit(ppi)))
		WRITE_ONCE(cpu->changed, 1);
}

/**
 * ppi_sample() - note the level of a directly injected PPI
 * @cpu:   the vCPU; its own thread
 * @ppi:   number, below PPI_NR
 * @level: what its input is now
 *
 * While the guest runs the hardware samples it, and KVM is not told.
 */
void ppi_sample(struct ppi_cpu *cpu, unsigned int ppi, bool level)
{
	if (level)
		ppi_word_fetch_or(&cpu->line[ppi_bank(ppi)], ppi_bit(ppi));
	else
		ppi_word_fetch_andnot(&cpu->line[ppi_bank(ppi)], ppi_bit(ppi));
}

/* All the edges there are; most often there are none */
static u64 take_edges(struct ppi_cpu *cpu, int b)
{
	if (!ppi_word_read(&cpu->latch[b]))
		return 0;

	return ppi_word_xchg(&cpu->latch[b], 0);
}

/*
 * The world switch. Most VMs have one bank: each function is made twice, and one
 * of the two has no loop.
 */
static __always_inline void enter(struct ppi_cpu *cpu, const struct ppi_vm *vm,
				  struct ppi_image *img, int banks)
{
	int b;

	WRITE_ONCE(cpu->resident, 1);
	/* A full barrier: whoever injects later sees that we are resident */
	xchg(&cpu->changed, 0);

	for (b = 0; b < banks; b++) {
		u64 exposed = vm->exposed[b];
		u64 direct = cpu->direct[b] & exposed;
		u64 level = ppi_word_read(&cpu->line[b]) & exposed &
			    ~(direct | vm->edge[b]);
		u64 edges = take_edges(cpu, b) & exposed & vm->edge[b] &
			    ~direct;

		cpu->hw_line[b] = level;
		img->direct[b] = direct;
		img->pending[b] = edges | level;
		img->active[b] = cpu->active[b] & exposed;
		img->enabled[b] = cpu->enabled[b] & exposed;
	}

	img->apr = cpu->apr;
	img->en = cpu->en;
	img->pcr = cpu->pcr;
}

/**
 * ppi_enter() - hand the state to the hardware
 * @cpu: the vCPU, not resident; it is from here on
 * @vm:	 its VM
 * @img: receives what to load
 *
 * Edges move: they are in @img from here on, and no longer in the latch.
 */
void ppi_enter(struct ppi_cpu *cpu, const struct ppi_vm *vm,
	       struct ppi_image *img)
{
	if (likely(vm->banks == 1))
		enter(cpu, vm, img, 1);
	else
		enter(cpu, vm, img, PPI_BANKS);
}

static __always_inline void leave(struct ppi_cpu *cpu, const struct ppi_vm *vm,
				  const struct ppi_image *img, int banks)
{
	int b;

	WRITE_ONCE(cpu->seq, cpu->seq + 2);
	smp_wmb();	/* pairs with ppi_snapshot() */

	for (b = 0; b < banks; b++) {
		u64 edges = img->pending[b] & vm->exposed[b] & vm->edge[b] &
			    ~cpu->direct[b];

		if (edges)
			ppi_word_fetch_or(&cpu->latch[b], edges);
		WRITE_ONCE(cpu->active[b], img->active[b] & vm->exposed[b]);
	}

	WRITE_ONCE(cpu->apr, img->apr);
	WRITE_ONCE(cpu->en, img->en);
	WRITE_ONCE(cpu->pcr, img->pcr);

	/* Pairs with the acquires: not resident, and the words are right */
	smp_store_release(&cpu->resident, 0);
}

/**
 * ppi_leave() - take the state back from the hardware
 * @cpu: the vCPU, resident; it is not afterwards
 * @vm:	 its VM
 * @img: as read from the hardware
 *
 * Pending edges go back into the latch. The pending state of a level PPI is
 * that of its line; of a directly injected one it may or may not be what the
 * hardware shows, and is not looked at.
 */
void ppi_leave(struct ppi_cpu *cpu, const struct ppi_vm *vm,
	       const struct ppi_image *img)
{
	if (likely(vm->banks == 1))
		leave(cpu, vm, img, 1);
	else
		leave(cpu, vm, img, PPI_BANKS);
}

static __always_inline bool flush(struct ppi_cpu *cpu, const struct ppi_vm *vm,
				  u64 *set, u64 *clear, int banks)
{
	u64 any = 0;
	int b;

	if (!cpu->resident)
		return false;

	/* A full barrier: whoever injects later sees the flag down */
	xchg(&cpu->changed, 0);

	for (b = 0; b < banks; b++) {
		u64 exposed = vm->exposed[b] & ~cpu->direct[b];
		u64 edge = vm->edge[b];
		u64 level = ppi_word_read(&cpu->line[b]) & exposed & ~edge;

		set[b] = (level & ~cpu->hw_line[b]) |
			 (take_edges(cpu, b) & exposed & edge);
		clear[b] = cpu->hw_line[b] & ~level;
		cpu->hw_line[b] = level;
		any |= set[b] | clear[b];
	}

	return any;
}

/**
 * ppi_flush() - what a resident vCPU has to add to and take from PENDR
 * @cpu:   the vCPU, &ppi_cpu.changed was seen set
 * @vm:	   its VM
 * @set:   receives the bits to set
 * @clear: receives the bits to clear
 *
 * Return: false if there is nothing to do. &ppi_cpu.changed may be set of a
 * vCPU that has left since: its next ppi_enter() takes everything.
 */
bool ppi_flush(struct ppi_cpu *cpu, const struct ppi_vm *vm, u64 *set,
	       u64 *clear)
{
	if (likely(vm->banks == 1))
		return flush(cpu, vm, set, clear, 1);

	return flush(cpu, vm, set, clear, PPI_BANKS);
}

/**
 * ppi_deliverable() - would the guest take this interrupt if it were pending?
 * @cpu: the vCPU, not resident
 * @vm:	 its VM
 * @ppi: number, below PPI_NR
 *
 * Return: true if it is exposed, enabled, not active, and of a priority that
 * passes the mask and the running priority.
 */
bool ppi_deliverable(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		     unsigned int ppi)
{
	unsigned int b = ppi_bank(ppi);

	if (!(vm->exposed[b] & READ_ONCE(cpu->enabled[b]) &
	      ~READ_ONCE(cpu->active[b]) & ppi_bit(ppi)))
		return false;

	return ppi_priority(cpu, vm, ppi) <
	       ppi_prio_bound(READ_ONCE(cpu->en), READ_ONCE(cpu->pcr),
			      READ_ONCE(cpu->apr));
}

/**
 * ppi_pending() - is there an interrupt for the guest to take now?
 * @cpu: the vCPU
 * @vm:	 its VM
 * @img: the hardware of a resident vCPU, just read by its own thread; NULL if
 *	 it is not resident, or to get a hint from outside
 *
 * Return: true if so. From outside, about a resident vCPU: true if there is an
 * enabled one that has not been handed to the hardware.
 */
bool ppi_pending(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		 const struct ppi_image *img)
{
	unsigned int bound;
	bool hint;
	int b;

	/* Pairs with ppi_leave(): not resident, and the words are right */
	hint = !img && smp_load_acquire(&cpu->resident);
	if (hint)
		bound = PPI_PRIO_IDLE;
	else if (img)
		bound = ppi_prio_bound(img->en, img->pcr, img->apr);
	else
		bound = ppi_prio_bound(READ_ONCE(cpu->en), READ_ONCE(cpu->pcr),
				       READ_ONCE(cpu->apr));

	for (b = 0; b < vm->banks; b++) {
		u64 edges = ppi_word_read(&cpu->latch[b]);
		u64 level = ppi_word_read(&cpu->line[b]) & ~vm->edge[b];
		u64 active = 0;
		u64 candidates;

		if (img) {
			edges |= img->pending[b] & ~cpu->direct[b];
			active = img->active[b];
		} else if (!hint) {
			active = READ_ONCE(cpu->active[b]);
		}

		candidates = ((edges & vm->edge[b]) | level) & ~active &
			     vm->exposed[b] & READ_ONCE(cpu->enabled[b]);

		for (; candidates; candidates &= candidates - 1) {
			unsigned int ppi = b * 64 + __builtin_ctzll(candidates);

			if (ppi_priority(cpu, vm, ppi) < bound)
				return true;
		}
	}

	return false;
}

/**
 * ppi_highest() - the interrupt that GICR CDIA would return
 * @cpu: the vCPU, not resident
 * @vm:	 its VM
 *
 * Of several with the same priority, the one with the lowest number.
 *
 * Return: the number of a PPI that passes the mask and the running priority,
 * PPI_NR if there is none.
 */
unsigned int ppi_highest(const struct ppi_cpu *cpu, const struct ppi_vm *vm)
{
	unsigned int best = ppi_prio_bound(cpu->en, cpu->pcr, cpu->apr);
	unsigned int found = PPI_NR;
	int b;

	for (b = 0; b < vm->banks; b++) {
		u64 edge = vm->edge[b];
		u64 candidates = ((ppi_word_read(&cpu->latch[b]) & edge) |
				  (ppi_word_read(&cpu->line[b]) & ~edge)) &
				 ~cpu->active[b] & cpu->enabled[b] &
				 vm->exposed[b];

		for (; candidates; candidates &= candidates - 1) {
			unsigned int ppi = b * 64 + __builtin_ctzll(candidates);
			unsigned int prio = ppi_priority(cpu, vm, ppi);

			if (prio < best) {
				best = prio;
				found = ppi;
			}
		}
	}

	return found;
}

/**
 * ppi_activate() - an interrupt of this priority is acknowledged
 * @cpu:  the vCPU, not resident
 * @prio: the priority, below the running one
 */
void ppi_activate(struct ppi_cpu *cpu, unsigned int prio)
{
	WRITE_ONCE(cpu->apr, cpu->apr | 1U << prio);
}

/**
 * ppi_acknowledge() - GICR CDIA returns this PPI
 * @cpu: the vCPU, not resident
 * @vm:	 its VM
 * @ppi: from ppi_highest()
 */
void ppi_acknowledge(struct ppi_cpu *cpu, const struct ppi_vm *vm,
		     unsigned int ppi)
{
	unsigned int b = ppi_bank(ppi);

	if (vm->edge[b] & ppi_bit(ppi))
		ppi_word_fetch_andnot(&cpu->latch[b], ppi_bit(ppi));
	WRITE_ONCE(cpu->active[b], cpu->active[b] | ppi_bit(ppi));
	ppi_activate(cpu, ppi_priority(cpu, vm, ppi));
}

/**
 * ppi_drop_priority() - GIC CDEOI
 * @cpu: the vCPU, not resident
 */
void ppi_drop_priority(struct ppi_cpu *cpu)
{
	WRITE_ONCE(cpu->apr, cpu->apr & (cpu->apr - 1));
}

/**
 * ppi_snapshot() - look at a vCPU from outside
 * @cpu:  the vCPU
 * @vm:	  its VM
 * @snap: receives the state
 *
 * The vCPU may be loaded, run and put meanwhile.
 *
 * Return: false if it is resident, or was in between: its state is, or has
 * been, in the hardware of a CPU that nobody disturbs.
 */
bool ppi_snapshot(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		  struct ppi_snapshot *snap)
{
	unsigned int ppi;
	u32 seq;
	int b;

	/* Both pair with ppi_cpu_reset() and ppi_leave() */
	seq = smp_load_acquire(&cpu->seq);
	if (seq & 1)
		return false;

	/* The same */
	if (smp_load_acquire(&cpu->resident))
		return false;

	for (b = 0; b < PPI_BANKS; b++)
		snap->active[b] = READ_ONCE(cpu->active[b]);
	snap->apr = READ_ONCE(cpu->apr);
	snap->en = READ_ONCE(cpu->en);
	snap->pcr = READ_ONCE(cpu->pcr);
	for (ppi = 0; ppi < PPI_NR; ppi++)
		snap->prio[ppi] = ppi_test(vm->exposed, ppi) ?
				  ppi_priority(cpu, vm, ppi) : 0;

	smp_rmb();	/* pairs with ppi_leave() and ppi_cpu_reset() */
	return READ_ONCE(cpu->seq) == seq;
}

/**
 * ppi_prio_field_mask() - the bits of a priority register that a guest may see
 * @vm:	 the VM
 * @reg: number of the register, below PPI_PRIORITYRS
 *
 * Return: the priority bits of its exposed PPIs.
 */
u64 ppi_prio_field_mask(const struct ppi_vm *vm, unsigned int reg)
{
	u64 ppis = vm->exposed[reg / 8] >> (reg % 8 * 8) & 0xff;
	u64 mask = 0;
	int i;

	for (i = 0; i < 8; i++)
		if (ppis & (1U << i))
			mask |= 0xffULL << (8 * i);

	return mask & vm->host->prio_mask;
}

/**
 * ppi_priority() - the priority of a PPI
 * @cpu: the vCPU
 * @vm:	 its VM
 * @ppi: number of an implemented PPI
 *
 * Return: 0 (highest) to 31.
 */
unsigned int ppi_priority(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
			  unsigned int ppi)
{
	return read_prio(cpu, vm, ppi / 8) >> (ppi % 8 * 8) & 0x1f;
}

/**
 * ppi_guest_read() - a guest reads a PPI register
 * @cpu: the vCPU; not resident, but for &PPI_HMR, &PPI_ENABLER, &PPI_PRIORITYR
 * @vm:	 its VM
 * @reg: which kind of register
 * @n:	 its number: 0-1, for priorities 0-15
 *
 * Return: the value; what is not exposed reads as zero.
 */
u64 ppi_guest_read(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		   enum ppi_reg reg, unsigned int n)
{
	u64 exposed = vm->exposed[n % PPI_BANKS];
	u64 edge = vm->edge[n % PPI_BANKS];

	switch (reg) {
	case PPI_HMR:
		return exposed & ~edge;
	case PPI_ENABLER:
		return cpu->enabled[n];
	case PPI_SACTIVER:
	case PPI_CACTIVER:
		return cpu->active[n];
	case PPI_SPENDR:
	case PPI_CPENDR:
		return exposed & ((ppi_word_read(&cpu->latch[n]) & edge) |
				  (ppi_word_read(&cpu->line[n]) & ~edge));
	case PPI_PRIORITYR:
		if (!(vm->prio_regs & (1U << n)))
			return 0;
		return read_prio(cpu, vm, n);
	case PPI_CR0:
		return cpu->en;
	case PPI_PCR:
		return cpu->pcr;
	case PPI_APR:
		return cpu->apr;
	}

	return 0;
}

/**
 * ppi_guest_write() - a guest writes a PPI register
 * @cpu: the vCPU; not resident, but for &PPI_HMR, &PPI_ENABLER, &PPI_PRIORITYR:
 *	 of these the new value has to be written to the hardware as well
 * @vm:	 its VM
 * @reg: which kind of register
 * @n:	 its number: 0-1, for priorities 0-15
 * @val: the value; bits of PPIs that are not exposed are ignored
 */
void ppi_guest_write(struct ppi_cpu *cpu, const struct ppi_vm *vm,
		     enum ppi_reg reg, unsigned int n, u64 val)
{
	u64 exposed = vm->exposed[n % PPI_BANKS];
	u64 edge = vm->edge[n % PPI_BANKS];

	switch (reg) {
	case PPI_HMR:
		break;
	case PPI_ENABLER:
		ppi_write_enabler(cpu, vm, n, val);
		break;
	case PPI_SACTIVER:
		WRITE_ONCE(cpu->active[n], cpu->active[n] | (val & exposed));
		break;
	case PPI_CACTIVER:
		WRITE_ONCE(cpu->active[n], cpu->active[n] & ~val);
		break;
	case PPI_SPENDR:
		/* Level PPIs ignore it: only their line makes them pending */
		ppi_word_fetch_or(&cpu->latch[n], val & exposed & edge);
		break;
	case PPI_CPENDR:
		ppi_word_fetch_andnot(&cpu->latch[n], val & exposed & edge);
		break;
	case PPI_PRIORITYR:
		if (vm->prio_regs & (1U << n))
			WRITE_ONCE(cpu->prio[vm->host->prio_slot[n]],
				   val & ppi_prio_field_mask(vm, n));
		break;
	case PPI_CR0:
		WRITE_ONCE(cpu->en, val & 1);
		break;
	case PPI_PCR:
		WRITE_ONCE(cpu->pcr, val & vm->host->prio_mask & 0x1f);
		break;
	case PPI_APR:
		WRITE_ONCE(cpu->apr, val);
		break;
	}
}
