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
}

/**
 * ppi_cpu_reset() - what a warm reset leaves
 * @cpu: the vCPU, not resident
 * @vm:	 its VM
 *
 * The architecture leaves most of it UNKNOWN; zero is everything off and a
 * priority mask that lets nothing but priority 0 through. Lines belong to the
 * devices behind them, and wiring (@direct) is not state.
 */
void ppi_cpu_reset(struct ppi_cpu *cpu, const struct ppi_vm *vm)
{
	unsigned int n;
	int b;

	for (b = 0; b < PPI_BANKS; b++) {
		ppi_word_set(&cpu->latch[b], 0);
		WRITE_ONCE(cpu->enabled[b], 0);
		cpu->active[b] = 0;
		cpu->hw_line[b] = 0;
	}

	for (n = 0; n < vm->host->nr_prio_regs; n++)
		cpu->prio[n] = 0;

	cpu->en = 0;
	cpu->pcr = 0;
	cpu->apr = 0;
	cpu->icsr = 0;
}

/**
 * ppi_lower() - lower a level; nothing on an edge PPI
 * @cpu: the vCPU
 * @vm:	 its VM
 * @ppi: number, below PPI_NR
 *
 * From any CPU. Nobody has to hurry for it, but if the vCPU is resident it has
 * to flush some time.
 */
void ppi_lower(struct ppi_cpu *cpu, const struct ppi_vm *vm, unsigned int ppi)
{
	u64 old;

	if (ppi_test(vm->edge, ppi))
		return;

	old = ppi_word_fetch_andnot(&cpu->line[ppi_bank(ppi)], ppi_bit(ppi));
	if ((old & ppi_bit(ppi)) && ppi_flag_acquire(&cpu->resident))
		ppi_flag_raise(&cpu->changed);
}

/**
 * ppi_sample() - note the level of a directly injected PPI
 * @cpu:   the vCPU, not resident
 * @ppi:   number, below PPI_NR
 * @level: what its input is now
 *
 * While the vCPU is resident the hardware looks for itself.
 */
void ppi_sample(struct ppi_cpu *cpu, unsigned int ppi, bool level)
{
	if (level)
		ppi_word_fetch_or(&cpu->line[ppi_bank(ppi)], ppi_bit(ppi));
	else
		ppi_word_fetch_andnot(&cpu->line[ppi_bank(ppi)], ppi_bit(ppi));
}

/**
 * ppi_enter() - hand the state to the hardware
 * @cpu: the vCPU, marked resident
 * @vm:	 its VM
 * @img: receives what to load
 *
 * Edges move: they are in @img from here on, and no longer in the latch.
 * Taking them is a full barrier, also if there are none: whoever injects later
 * sees that the vCPU is resident.
 */
void ppi_enter(struct ppi_cpu *cpu, const struct ppi_vm *vm,
	       struct ppi_image *img)
{
	int b;

	ppi_flag_take(&cpu->changed);

	for (b = 0; b < vm->banks; b++) {
		u64 edges = ppi_word_xchg(&cpu->latch[b], 0);
		u64 level = ppi_word_read(&cpu->line[b]);
		u64 exposed = vm->exposed[b];

		img->direct[b] = cpu->direct[b] & exposed;
		exposed &= ~img->direct[b];
		level &= exposed & ~vm->edge[b];
		cpu->hw_line[b] = level;
		img->pending[b] = (edges & exposed & vm->edge[b]) | level;
		img->active[b] = cpu->active[b] & vm->exposed[b];
		img->enabled[b] = cpu->enabled[b] & vm->exposed[b];
	}
}

/**
 * ppi_leave() - take the state back from the hardware
 * @cpu: the vCPU, still marked resident
 * @vm:	 its VM
 * @img: @pending and @active as read from the hardware
 *
 * Pending edges go back into the latch. The pending state of a level PPI is
 * that of its line; of a directly injected one it may or may not be what the
 * hardware shows, and is not looked at.
 */
void ppi_leave(struct ppi_cpu *cpu, const struct ppi_vm *vm,
	       const struct ppi_image *img)
{
	int b;

	for (b = 0; b < vm->banks; b++) {
		u64 edges = img->pending[b] & vm->exposed[b] &
			    vm->edge[b] & ~cpu->direct[b];

		if (edges)
			ppi_word_fetch_or(&cpu->latch[b], edges);
		cpu->active[b] = img->active[b] & vm->exposed[b];
		cpu->hw_line[b] = 0;
	}
}

/**
 * ppi_flush() - what a resident vCPU has to add to and take from PENDR
 * @cpu:   the vCPU, resident, &ppi_cpu.changed just taken
 * @vm:	   its VM
 * @set:   receives the bits to set
 * @clear: receives the bits to clear
 */
void ppi_flush(struct ppi_cpu *cpu, const struct ppi_vm *vm, u64 *set,
	       u64 *clear)
{
	int b;

	for (b = 0; b < vm->banks; b++) {
		u64 exposed = vm->exposed[b] & ~cpu->direct[b];
		u64 edge = vm->edge[b];
		u64 level = ppi_word_read(&cpu->line[b]) & exposed & ~edge;

		set[b] = level & ~cpu->hw_line[b];
		clear[b] = cpu->hw_line[b] & ~level;
		cpu->hw_line[b] = level;

		if (ppi_word_read(&cpu->latch[b]))
			set[b] |= ppi_word_xchg(&cpu->latch[b], 0) & exposed &
				  edge;
	}
}

/*
 * A priority passes if it is below this (D_MSQKF): the mask lets an equal
 * priority through, the running priority does not.
 */
static unsigned int ppi_prio_bound(const struct ppi_cpu *cpu)
{
	unsigned int running, mask;

	if (!cpu->en)
		return 0;

	running = cpu->apr ? __builtin_ctz(cpu->apr) : PPI_PRIO_IDLE;
	mask = cpu->pcr + 1;

	return running < mask ? running : mask;
}

static bool ppi_passes(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		       const u64 *candidates)
{
	unsigned int bound = ppi_prio_bound(cpu);
	int b;

	for (b = 0; b < vm->banks; b++) {
		u64 c = candidates[b] & vm->exposed[b] &
			READ_ONCE(cpu->enabled[b]) & ~cpu->active[b];

		for (; c; c &= c - 1) {
			unsigned int ppi = b * 64 + __builtin_ctzll(c);

			if (ppi_priority(cpu, vm, ppi) < bound)
				return true;
		}
	}

	return false;
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

	if (!(vm->exposed[b] & READ_ONCE(cpu->enabled[b]) & ~cpu->active[b] &
	      ppi_bit(ppi)))
		return false;

	return ppi_priority(cpu, vm, ppi) < ppi_prio_bound(cpu);
}

/**
 * ppi_needs_kick() - does it take more than a flush before the guest runs again?
 * @cpu:  the vCPU, running or in WFI
 * @vm:	  its VM
 * @ppi:  number of the PPI that was raised, below PPI_NR
 * @news: what ppi_raise() returned
 *
 * The words of a vCPU that is not resident are exact: a WFI that the interrupt
 * would not end goes on. The hardware of a resident vCPU knows masks and
 * priorities, and we do not, so it has to take a look at any interrupt that is
 * enabled. At the input of a directly injected one it looks by itself.
 *
 * Return: true if @cpu must be kicked.
 */
bool ppi_needs_kick(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
		    unsigned int ppi, enum ppi_news news)
{
	if (news == PPI_NO_NEWS || ppi_test(cpu->direct, ppi))
		return false;

	if (news == PPI_MEMORY)
		return ppi_deliverable(cpu, vm, ppi);

	/* Pairs with the barrier in write_enabler() */
	ppi_mb();

	return READ_ONCE(cpu->enabled[ppi_bank(ppi)]) & ppi_bit(ppi);
}

/**
 * ppi_pending() - is there an interrupt for the guest to take now?
 * @cpu: the vCPU, not resident
 * @vm:	 its VM
 *
 * Return: true if so.
 */
bool ppi_pending(struct ppi_cpu *cpu, const struct ppi_vm *vm)
{
	u64 candidates[PPI_BANKS];
	int b;

	for (b = 0; b < PPI_BANKS; b++)
		candidates[b] = ppi_word_read(&cpu->latch[b]) |
				ppi_word_read(&cpu->line[b]);

	return ppi_passes(cpu, vm, candidates);
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
 * ppi_prio_reg() - where the priorities of eight PPIs are kept
 * @cpu:  the vCPU
 * @host: the hardware
 * @reg:  number of a register that has its bit in &ppi_host.prio_regs
 *
 * Return: pointer to the word, laid out as the register is.
 */
u64 *ppi_prio_reg(struct ppi_cpu *cpu, const struct ppi_host *host,
		  unsigned int reg)
{
	return &cpu->prio[host->prio_slot[reg]];
}

/**
 * ppi_priority() - the priority of a PPI
 * @cpu: the vCPU, not resident
 * @vm:	 its VM
 * @ppi: number of an implemented PPI
 *
 * Return: 0 (highest) to 31.
 */
unsigned int ppi_priority(const struct ppi_cpu *cpu, const struct ppi_vm *vm,
			  unsigned int ppi)
{
	u64 *reg = ppi_prio_reg((struct ppi_cpu *)cpu, vm->host, ppi / 8);

	return *reg >> (ppi % 8 * 8) & 0x1f;
}

/**
 * ppi_guest_read() - a guest reads a PPI register
 * @cpu: the vCPU, not resident
 * @vm:	 its VM
 * @reg: which kind of register
 * @n:	 its number: 0-1, for priorities 0-15
 *
 * Return: the value; what is not exposed reads as zero.
 */
u64 ppi_guest_read(struct ppi_cpu *cpu, const struct ppi_vm *vm,
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
		return *ppi_prio_reg(cpu, vm->host, n);
	}

	return 0;
}

/**
 * ppi_guest_write() - a guest writes a PPI register
 * @cpu: the vCPU, not resident
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
		WRITE_ONCE(cpu->enabled[n], val & exposed);
		break;
	case PPI_SACTIVER:
		cpu->active[n] |= val & exposed;
		break;
	case PPI_CACTIVER:
		cpu->active[n] &= ~val;
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
			*ppi_prio_reg(cpu, vm->host, n) =
				val & ppi_prio_field_mask(vm, n);
		break;
	}
}
