// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a vCPU, as a VMM saves and restores them. Plain C, as ppi.c.
 */
#include <vgicv5/state.h>

#define CR0_EN			BIT_ULL(0)
#define CR0_LINK		BIT_ULL(1)
#define CR0_LINK_IDLE		BIT_ULL(2)

#define ICSR_FIELDS		(GENMASK_ULL(47, 32) | GENMASK_ULL(15, 11) | \
				 GENMASK_ULL(5, 0))
#define PRIO_FIELDS		0x1f1f1f1f1f1f1f1fULL

/* Sets *@n: which one of its kind */
static bool find(u32 reg, enum ppi_reg *kind, unsigned int *n)
{
	static const struct {
		u16 first;
		u8 nr;
		u8 kind;
	} regs[] = {
		{ STATE_ENABLER(0), PPI_BANKS, PPI_ENABLER },
		{ STATE_SACTIVER(0), PPI_BANKS, PPI_SACTIVER },
		{ STATE_SPENDR(0), PPI_BANKS, PPI_SPENDR },
		{ STATE_PRIORITYR(0), PPI_PRIORITYRS, PPI_PRIORITYR },
		{ STATE_APR, 1, PPI_APR },
		{ STATE_CR0, 1, PPI_CR0 },
		{ STATE_PCR, 1, PPI_PCR },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		if (reg < regs[i].first || reg - regs[i].first >= regs[i].nr)
			continue;
		*n = array_index_nospec(reg - regs[i].first, regs[i].nr);
		*kind = regs[i].kind;
		return true;
	}

	return false;
}

/**
 * ppi_state_has() - is this a register that can be saved?
 * @reg: as in state.h
 *
 * Return: true if so.
 */
bool ppi_state_has(u32 reg)
{
	enum ppi_reg kind;
	unsigned int n;

	return reg == STATE_ICSR || find(reg, &kind, &n);
}

/* PPIs that a register may speak of; before the first run nothing is exposed */
static u64 ppis_of(const struct ppi_vm *vm, unsigned int bank)
{
	return vm->fixed ? vm->exposed[bank] : vm->host->implemented[bank];
}

/* The fields of those of @ppis that are in priority register @n */
static u64 prio_fields(u64 ppis, unsigned int n)
{
	u64 mask = 0;
	int i;

	for (i = 0; i < 8; i++)
		if (ppis >> (n % 8 * 8 + i) & 1)
			mask |= 0xffULL << (8 * i);

	return mask & PRIO_FIELDS;
}

/**
 * ppi_state_get() - save a register
 * @cpu: the vCPU, not resident
 * @vm:	 its VM
 * @reg: which one
 * @val: receives its value
 *
 * Active and Pending are what they are, not what a guest would read: one that is
 * wired to the input of a physical PPI is no state of the vCPU, and not pending.
 *
 * Return: 0, or -ENOENT if there is no such register.
 */
int ppi_state_get(const struct ppi_cpu *cpu, const struct ppi_vm *vm, u32 reg,
		  u64 *val)
{
	enum ppi_reg kind;
	unsigned int n;
	u64 ppis;

	if (reg == STATE_ICSR) {
		*val = cpu->icsr;
		return 0;
	}

	if (!find(reg, &kind, &n))
		return -ENOENT;

	ppis = ppis_of(vm, kind == PPI_PRIORITYR ? n / 8 : n);

	switch (kind) {
	case PPI_ENABLER:
		*val = READ_ONCE(cpu->enabled[n]) & ppis;
		break;
	case PPI_SACTIVER:
		*val = READ_ONCE(cpu->active[n]) & ppis;
		break;
	case PPI_SPENDR:
		*val = ((ppi_word_read(&cpu->latch[n]) & vm->edge[n]) |
			(ppi_word_read(&cpu->line[n]) & ~vm->edge[n])) &
		       ppis & ~READ_ONCE(cpu->direct[n]);
		break;
	case PPI_PRIORITYR:
		*val = 0;
		if (vm->host->prio_regs & (1U << n))
			*val = READ_ONCE(cpu->prio[vm->host->prio_slot[n]]) &
			       prio_fields(ppis, n);
		break;
	case PPI_APR:
		*val = READ_ONCE(cpu->apr);
		break;
	case PPI_CR0:
		/* Connected to an IRS that has nothing to say of it */
		*val = CR0_LINK | CR0_LINK_IDLE |
		       (READ_ONCE(cpu->en) ? CR0_EN : 0);
		break;
	case PPI_PCR:
		*val = READ_ONCE(cpu->pcr);
		break;
	default:
		return -ENOENT;
	}

	return 0;
}

/* Priorities that a host has; of APR, bits for them */
static bool prios_exist(const struct ppi_host *host, u64 prios)
{
	return !(prios & ~host->prio_mask);
}

static bool apr_exists(const struct ppi_host *host, u32 apr)
{
	return host->pri_bits == PPI_PRIO_BITS || !(apr & 0xaaaaaaaa);
}

/* One word of two of which each has its own part of the PPIs */
static void set_pending(struct ppi_cpu *cpu, const struct ppi_vm *vm,
			unsigned int n, u64 val)
{
	u64 edge = vm->edge[n];

	ppi_word_fetch_andnot(&cpu->latch[n], edge & ~val);
	ppi_word_fetch_or(&cpu->latch[n], edge & val);
	ppi_word_fetch_andnot(&cpu->line[n], ~edge & ~val);
	ppi_word_fetch_or(&cpu->line[n], ~edge & val);
}

/**
 * ppi_state_set() - restore a register
 * @cpu: the vCPU, not resident; it has not run
 * @vm:	 its VM, nothing is exposed yet
 * @reg: which one
 * @val: its value, as ppi_state_get() has it
 *
 * What is RES0 is dropped. The registers of a bank of which the host has nothing
 * ignore what is written. Priorities of PPIs that the host does not have are
 * ignored as well, for a guest may write them; if it has such a PPI enabled,
 * active or pending it cannot go on here. Nor can it if it has used priorities
 * that are not there.
 *
 * Return: 0; -ENOENT if there is no such register; -EINVAL if the host lacks
 * what @val needs.
 */
int ppi_state_set(struct ppi_cpu *cpu, const struct ppi_vm *vm, u32 reg,
		  u64 val)
{
	const struct ppi_host *host = vm->host;
	enum ppi_reg kind;
	unsigned int n;
	u64 ppis;

	if (reg == STATE_ICSR) {
		cpu->icsr = val & ICSR_FIELDS;
		return 0;
	}

	if (!find(reg, &kind, &n))
		return -ENOENT;

	switch (kind) {
	case PPI_ENABLER:
	case PPI_SACTIVER:
	case PPI_SPENDR:
		ppis = host->implemented[n];
		if (!ppis)
			return 0;
		if (val & ~ppis)
			return -EINVAL;
		break;
	case PPI_PRIORITYR:
		if (!(host->prio_regs & (1U << n)))
			return 0;
		val &= prio_fields(host->implemented[n / 8], n);
		if (!prios_exist(host, val))
			return -EINVAL;
		break;
	case PPI_PCR:
		val &= 0x1f;
		if (!prios_exist(host, val))
			return -EINVAL;
		break;
	case PPI_APR:
		if (!apr_exists(host, val))
			return -EINVAL;
		break;
	default:
		break;
	}

	switch (kind) {
	case PPI_ENABLER:
		WRITE_ONCE(cpu->enabled[n], val);
		break;
	case PPI_SACTIVER:
		WRITE_ONCE(cpu->active[n], val);
		break;
	case PPI_SPENDR:
		set_pending(cpu, vm, n, val);
		break;
	case PPI_PRIORITYR:
		WRITE_ONCE(cpu->prio[host->prio_slot[n]], val);
		break;
	case PPI_APR:
		WRITE_ONCE(cpu->apr, (u32)val);
		break;
	case PPI_CR0:
		WRITE_ONCE(cpu->en, !!(val & CR0_EN));
		break;
	case PPI_PCR:
		WRITE_ONCE(cpu->pcr, (u8)val);
		break;
	default:
		return -ENOENT;
	}

	return 0;
}

/**
 * ppi_cpu_expose() - what was restored is masked by what is exposed
 * @cpu: the vCPU, which has not run
 * @vm:	 its VM, after ppi_vm_expose()
 *
 * A level that a device in the kernel drives is for that device to say: it does
 * so when the vCPU enters the guest, and would not take back what others have
 * said.
 */
void ppi_cpu_expose(struct ppi_cpu *cpu, const struct ppi_vm *vm)
{
	unsigned int n;

	for (n = 0; n < PPI_BANKS; n++) {
		u64 exposed = vm->exposed[n];

		WRITE_ONCE(cpu->enabled[n], cpu->enabled[n] & exposed);
		WRITE_ONCE(cpu->active[n], cpu->active[n] & exposed);
		ppi_word_fetch_andnot(&cpu->latch[n], ~exposed);
		ppi_word_fetch_andnot(&cpu->line[n],
				      ~(exposed & vm->userspace[n]));
	}

	for (n = 0; n < PPI_PRIORITYRS; n++) {
		u64 *prio;

		if (!(vm->host->prio_regs & (1U << n)))
			continue;
		prio = &cpu->prio[vm->host->prio_slot[n]];
		WRITE_ONCE(*prio, *prio & ppi_prio_field_mask(vm, n));
	}
}
