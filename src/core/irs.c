// SPDX-License-Identifier: GPL-2.0-only
/*
 * SPIs and LPIs in software. Plain C: this file is also compiled in userspace,
 * for the unit tests.
 *
 * Section numbers and rule names are those of the GICv5 architecture.
 */
#include <vgicv5/irs.h>
#include <vgicv5/state.h>

/* An interrupt's word, as L2_ISTE; the last two are RES0 there */
#define ISTE_PENDING		BIT(0)
#define ISTE_ACTIVE		BIT(1)
#define ISTE_HM			BIT(2)		/* 1: level */
#define ISTE_ENABLE		BIT(3)
#define ISTE_PRIORITY		GENMASK(15, 11)
#define ISTE_IAFFID		GENMASK(31, 16)
#define ISTE_LINE		BIT(5)
#define ISTE_QUEUED		BIT(6)

/* Operands, besides the INTID */
#define OPERAND_PENDING		BIT_ULL(32)
#define OPERAND_HM		BIT_ULL(32)
#define OPERAND_PRIORITY	GENMASK_ULL(39, 35)
#define OPERAND_IAFFID		GENMASK_ULL(47, 32)

#define ICSR_F			BIT_ULL(0)
#define ICSR_ENABLED		BIT_ULL(1)
#define ICSR_PENDING		BIT_ULL(2)
#define ICSR_ACTIVE		BIT_ULL(4)
#define ICSR_HM			BIT_ULL(5)
#define ICSR_PRIORITY		GENMASK_ULL(15, 11)
#define ICSR_IAFFID		GENMASK_ULL(47, 32)

enum { SPI, LPI };

/* More than come of one vCPU that sends, and few for who waits for the CPU */
#define EVALUATE_ROUNDS		8

#define LPIS_PER_PAGE		512
#define LPI_PAGE_SIZE		(LPIS_PER_PAGE * sizeof(struct irs_entry))

/* What happens to an interrupt, besides the instructions of enum irs_op */
enum {
	IRS_INPUT = IRS_CDDI + 1,	/* the input of an SPI: 0 or 1 */
	IRS_POWER_ON,			/* all but its input is as at first */
	IRS_RESTORE,			/* as it was saved */
	IRS_NOTHING,			/* but it may have to be queued */
};

/* In place of a page that could not be allocated */
static struct irs_entry no_page;

static bool is_page(const struct irs_entry *page)
{
	return page && page != &no_page;
}

/* The queue that an interrupt with this word belongs to */
static struct irs_cpu *queue_of(struct irs *irs, u32 word)
{
	u32 iaffid = FIELD_GET(ISTE_IAFFID, word);
	u32 nr = 1U << irs->config.iaffid_bits;
	struct irs_cpu *cpu = NULL;

	if (iaffid < nr)
		cpu = READ_ONCE(irs->cpus[array_index_nospec(iaffid, nr)]);

	return cpu ? cpu : &irs->nowhere;
}

/* One that is in a queue: its page is there */
static struct irs_entry *queued_entry(struct irs *irs, unsigned int kind,
				      u16 id)
{
	if (kind == SPI)
		return &irs->spis[id];

	return &READ_ONCE(irs->lpis[id / LPIS_PER_PAGE])[id % LPIS_PER_PAGE];
}

static unsigned int prio_of(u32 word)
{
	return FIELD_GET(ISTE_PRIORITY, word);
}

/* Enabled, pending, and not active: a candidate (section 5) */
static bool is_candidate(u32 word)
{
	return (word & (ISTE_ENABLE | ISTE_PENDING | ISTE_ACTIVE)) ==
	       (ISTE_ENABLE | ISTE_PENDING);
}

static void set_list(struct irs_cpu *q, unsigned int kind, unsigned int prio,
		     bool any)
{
	u32 bit = 1U << prio;

	if (any)
		q->lists[kind] |= bit;
	else
		q->lists[kind] &= ~bit;

	WRITE_ONCE(q->prios, q->lists[SPI] | q->lists[LPI]);
}

/* At the end of the list of its priority */
static void enqueue(struct irs *irs, struct irs_cpu *q, unsigned int kind,
		    u16 id, struct irs_entry *e, unsigned int prio)
{
	struct irs_entry *head, *tail;

	irs_assert_held(&q->lock);

	if (!(q->lists[kind] & (1U << prio))) {
		e->next = id;
		e->prev = id;
		q->head[kind][prio] = id;
		set_list(q, kind, prio, true);
		return;
	}

	head = queued_entry(irs, kind, q->head[kind][prio]);
	tail = queued_entry(irs, kind, head->prev);
	e->next = q->head[kind][prio];
	e->prev = head->prev;
	tail->next = id;
	head->prev = id;
}

static void dequeue(struct irs *irs, struct irs_cpu *q, unsigned int kind,
		    u16 id, struct irs_entry *e, unsigned int prio)
{
	irs_assert_held(&q->lock);

	if (e->next == id) {
		set_list(q, kind, prio, false);
		return;
	}

	queued_entry(irs, kind, e->next)->prev = e->prev;
	queued_entry(irs, kind, e->prev)->next = e->next;
	if (q->head[kind][prio] == id)
		q->head[kind][prio] = e->next;
}

/* The vCPU has to look again; it finds what was done to its queue before */
static void tell(struct irs_cpu *cpu)
{
	/* Pairs with xchg() in irs_evaluate() */
	smp_store_release(&cpu->changed, 1);
}

static void tell_all(struct irs *irs)
{
	unsigned int i;

	for (i = 0; i < 1U << irs->config.iaffid_bits; i++)
		if (irs->cpus[i])
			tell(irs->cpus[i]);

	/* A sender's: see irs_needs_kick() */
	smp_mb();
}

/* The word that an operation makes of a word */
static u32 apply(const struct irs *irs, unsigned int kind, u32 word,
		 unsigned int op, u64 operand)
{
	u32 prio;

	switch (op) {
	case IRS_CDDIS:
		return word & ~ISTE_ENABLE;
	case IRS_CDEN:
		return word | ISTE_ENABLE;
	case IRS_CDPRI:
		/* With fewer bits it is the low ones that are RES0 */
		prio = FIELD_GET(OPERAND_PRIORITY, operand) &
		       (0x1f << (PPI_PRIO_BITS - irs->config.pri_bits));
		return (word & ~ISTE_PRIORITY) | FIELD_PREP(ISTE_PRIORITY, prio);
	case IRS_CDAFF:
		/* IRM is RES0: IRS_IDR0.ONE_N is 0 */
		return (word & ~ISTE_IAFFID) |
		       FIELD_PREP(ISTE_IAFFID,
				  (u32)FIELD_GET(OPERAND_IAFFID, operand));
	case IRS_CDPEND:
		/* Whatever the handling mode is, and whatever its input */
		return operand & OPERAND_PENDING ? word | ISTE_PENDING :
						   word & ~ISTE_PENDING;
	case IRS_CDHM:
		if (!(operand & OPERAND_HM))
			return word & ~ISTE_HM;
		/* From here on it follows its input: now, too */
		if (kind == SPI && !(word & ISTE_HM))
			word = word & ISTE_LINE ? word | ISTE_PENDING :
						  word & ~ISTE_PENDING;
		return word | ISTE_HM;
	case IRS_CDDI:
		return word & ~ISTE_ACTIVE;
	case IRS_INPUT:
		word = operand ? word | ISTE_LINE : word & ~ISTE_LINE;
		if (operand)
			return word | ISTE_PENDING;
		return word & ISTE_HM ? word & ~ISTE_PENDING : word;
	case IRS_POWER_ON:
		return word & (ISTE_LINE | ISTE_QUEUED);
	case IRS_RESTORE:
		/* What makes a level SPI pending is its input, if it is saved */
		word &= ISTE_LINE | ISTE_QUEUED;
		if (kind == SPI && operand & ISTE_HM)
			word = operand & ISTE_PENDING ? word | ISTE_LINE :
							word & ~ISTE_LINE;
		return word | operand;
	}

	return word;
}

/* The queue of an interrupt has changed: who has to know? */
static void touch(struct irs *irs, struct irs_cpu *q, bool raised,
		  struct irs_touched *touched)
{
	if (q == &irs->nowhere)
		return;

	tell(q);
	if (raised)
		touched->raised = q;
	else
		touched->lowered = q;
}

/*
 * Give an interrupt its new word, in the queue @q, of which the lock is held. If
 * the word names another queue, it is in none afterwards.
 */
static void set_word(struct irs *irs, struct irs_cpu *q, unsigned int kind,
		     u16 id, struct irs_entry *e, u32 new,
		     struct irs_touched *touched)
{
	u32 old = e->word;
	bool was = old & ISTE_QUEUED;
	bool is = is_candidate(new) && queue_of(irs, new) == q;
	unsigned int from = prio_of(old), to = prio_of(new);

	irs_assert_held(&q->lock);

	if (was && (!is || from != to))
		dequeue(irs, q, kind, id, e, from);
	WRITE_ONCE(e->word, is ? new | ISTE_QUEUED : new & ~ISTE_QUEUED);
	if (is && (!was || from != to))
		enqueue(irs, q, kind, id, e, to);

	if (old & ~new & ISTE_ACTIVE)
		irs_count_dec(&irs->active);

	if (is && (!was || to < from))
		touch(irs, q, true, touched);
	else if (was && (!is || to > from))
		touch(irs, q, false, touched);
}

/*
 * Do something to an interrupt, under the lock of the queue that it belongs to
 * at that moment. If it then belongs to another queue, a second round puts it
 * there: never are two of these locks held.
 */
static void change(struct irs *irs, unsigned int kind, u16 id,
		   struct irs_entry *e, unsigned int op, u64 operand,
		   struct irs_touched *touched)
{
	for (;;) {
		struct irs_cpu *q = queue_of(irs, READ_ONCE(e->word));
		u32 new;

		irs_guard(&q->lock);
		if (queue_of(irs, READ_ONCE(e->word)) != q)
			continue;	/* CDAFF of another vCPU */

		new = apply(irs, kind, e->word, op, operand);
		set_word(irs, q, kind, id, e, new, touched);
		if (queue_of(irs, new) == q)
			return;

		op = IRS_NOTHING;
	}
}

static void change_spi(struct irs *irs, u32 spi, unsigned int op, u64 operand,
		       struct irs_touched *touched)
{
	spi = array_index_nospec(spi, irs->config.nr_spis);
	change(irs, SPI, spi, &irs->spis[spi], op, operand, touched);
}

/* Where the page of an LPI is, or will be; NULL if there is no such LPI */
static struct irs_entry **page_slot(struct irs *irs, u32 lpi)
{
	/* Pairs with irs_map_lpis(): the table is there */
	u32 bits = smp_load_acquire(&irs->lpi_bits);

	if (!bits || lpi >> bits)
		return NULL;

	return &irs->lpis[array_index_nospec(lpi, 1U << bits) / LPIS_PER_PAGE];
}

/*
 * Do something to an LPI, if there is such an LPI. False if it is in no page
 * yet, and needs one: put it into *@page, and come again.
 */
static bool change_lpi(struct irs *irs, u32 lpi, unsigned int op, u64 operand,
		       struct irs_entry **page, struct irs_touched *touched)
{
	struct irs_entry **slot, *there;

	irs_reading();

	slot = page_slot(irs, lpi);
	if (!slot)
		return true;

	there = READ_ONCE(*slot);
	if (!is_page(there)) {
		struct irs_entry *seen;

		/* An LPI without a page is zero: does it stay so? */
		if (!apply(irs, LPI, 0, op, operand))
			return true;
		if (!*page)
			return false;

		seen = cmpxchg(slot, there, *page);
		if (seen == there) {
			there = *page;
			*page = NULL;
		} else if (is_page(seen)) {
			there = seen;
		} else {
			return false;	/* only no_page can have come */
		}
	}

	change(irs, LPI, lpi, &there[lpi % LPIS_PER_PAGE], op, operand, touched);
	return true;
}

/* No page: until there is one, CDRCFG says that its LPIs cannot be reached */
static void note_no_page(struct irs *irs, u32 lpi)
{
	struct irs_entry **slot;

	irs_reading();

	slot = page_slot(irs, lpi);
	if (slot)
		cmpxchg(slot, NULL, &no_page);
}

/**
 * irs_execute() - a guest configures an SPI or LPI
 * @irs:     the IRS
 * @op:	     the instruction
 * @operand: its operand
 * @touched: receives the vCPUs that it made a difference for
 *
 * May sleep: the first instruction that makes an LPI other than zero allocates
 * its page. If there is no memory, the instruction is ignored, and CDRCFG gives
 * F = 1. Any vCPU may execute it. What names no SPI or LPI is ignored.
 *
 * A full barrier follows what it does: see irs_needs_kick().
 */
void irs_execute(struct irs *irs, enum irs_op op, u64 operand,
		 struct irs_touched *touched)
{
	struct irs_entry *page = NULL;
	u32 id = INTID_ID(operand);

	touched->raised = NULL;
	touched->lowered = NULL;

	switch (INTID_TYPE(operand)) {
	case INTID_SPI:
		if (id < irs->config.nr_spis)
			change_spi(irs, id, op, operand, touched);
		break;
	case INTID_LPI:
		while (!change_lpi(irs, id, op, operand, &page, touched)) {
			if (!page)
				page = irs_zalloc(LPI_PAGE_SIZE);
			if (!page) {
				note_no_page(irs, id);
				break;
			}
		}
		irs_free(page);	/* if somebody else was first */
		break;
	}

	/* Pairs with irs_evaluate() and with who becomes resident or blocks */
	smp_mb();
}

/**
 * irs_rcfg() - what CDRCFG finds
 * @irs:     the IRS
 * @operand: of the instruction
 *
 * Return: ICC_ICSR_EL1; F is set if there is no such SPI or LPI.
 */
u64 irs_rcfg(struct irs *irs, u64 operand)
{
	u32 id = INTID_ID(operand), nr = irs->config.nr_spis, word = 0;
	struct irs_entry **slot, *page;
	u64 icsr;

	irs_reading();

	switch (INTID_TYPE(operand)) {
	case INTID_SPI:
		if (id >= nr)
			return ICSR_F;
		word = READ_ONCE(irs->spis[array_index_nospec(id, nr)].word);
		break;
	case INTID_LPI:
		slot = page_slot(irs, id);
		page = slot ? READ_ONCE(*slot) : &no_page;
		if (page == &no_page)
			return ICSR_F;
		if (page)
			word = READ_ONCE(page[id % LPIS_PER_PAGE].word);
		break;
	default:
		return ICSR_F;
	}

	icsr = FIELD_PREP(ICSR_IAFFID, (u64)FIELD_GET(ISTE_IAFFID, word)) |
	       FIELD_PREP(ICSR_PRIORITY, (u64)prio_of(word));
	if (word & ISTE_HM)
		icsr |= ICSR_HM;
	if (word & ISTE_ACTIVE)
		icsr |= ICSR_ACTIVE;
	if (word & ISTE_PENDING)
		icsr |= ICSR_PENDING;
	if (word & ISTE_ENABLE)
		icsr |= ICSR_ENABLED;

	return icsr;
}

/**
 * irs_inject() - the input of an SPI
 * @irs:     the IRS
 * @spi:     number of the SPI
 * @level:   what its input is now
 * @touched: receives the vCPUs that it made a difference for
 *
 * From any context. An edge triggered SPI becomes pending by true, and takes no
 * notice of false; a level triggered one is pending while its input is high.
 *
 * A full barrier follows what it does: see irs_needs_kick().
 *
 * Return: 0, or -EINVAL if there is no such SPI.
 */
int irs_inject(struct irs *irs, u32 spi, bool level,
	       struct irs_touched *touched)
{
	touched->raised = NULL;
	touched->lowered = NULL;

	if (spi >= irs->config.nr_spis)
		return -EINVAL;

	change_spi(irs, spi, IRS_INPUT, level, touched);

	/* Pairs with irs_evaluate() and with who becomes resident or blocks */
	smp_mb();

	return 0;
}

/**
 * irs_best() - the priority of the best candidate
 * @irs: the IRS
 * @cpu: the vCPU
 *
 * Without a lock, from anywhere.
 *
 * Return: 0 (highest) to 31, or PPI_PRIO_IDLE if there is none, or the IRS is off.
 */
unsigned int irs_best(const struct irs *irs, const struct irs_cpu *cpu)
{
	u32 prios = READ_ONCE(cpu->prios);

	if (!prios || !READ_ONCE(irs->enabled))
		return PPI_PRIO_IDLE;

	return __builtin_ctz(prios);
}

/*
 * The first of the best list, of which there is one. Of an SPI and an LPI of
 * equal priority it is the turn of the one whose kind was not taken last.
 */
static unsigned int first_kind(const struct irs_cpu *cpu, unsigned int prio)
{
	u32 bit = 1U << prio;

	if (!(cpu->lists[SPI] & bit))
		return LPI;
	if (!(cpu->lists[LPI] & bit))
		return SPI;

	return cpu->turns & bit ? LPI : SPI;
}

static u32 intid_of(unsigned int kind, u16 id)
{
	return INTID(kind == SPI ? INTID_SPI : INTID_LPI, id);
}

/**
 * irs_highest() - what irs_acknowledge() would take
 * @irs:   the IRS
 * @cpu:   the vCPU
 * @bound: only what is of a priority below this
 *
 * Return: the INTID, or 0 if there is none.
 */
u32 irs_highest(struct irs *irs, struct irs_cpu *cpu, unsigned int bound)
{
	unsigned int prio, kind;

	irs_guard(&cpu->lock);

	prio = irs_best(irs, cpu);
	if (prio >= bound || prio == PPI_PRIO_IDLE)
		return 0;

	kind = first_kind(cpu, prio);
	return intid_of(kind, cpu->head[kind][prio]);
}

/* One SPI or LPI is active where there was none: CDDI is legal on any vCPU */
static void tell_of_active(struct irs *irs)
{
	unsigned int i;

	for (i = 0; i < 1U << irs->config.iaffid_bits; i++) {
		struct irs_cpu *cpu = irs->cpus[i];

		/* Where CDDI traps already, it goes on to: irs_evaluate() */
		if (cpu && !(READ_ONCE(cpu->signal) & IRS_TRAP_CDDI))
			tell(cpu);
	}
}

/* irs_acknowledge(), up to what others have to know; *@active: how many are now */
static u32 take(struct irs *irs, struct irs_cpu *cpu, unsigned int bound,
		u8 *prio, u32 *active)
{
	unsigned int best, kind;
	struct irs_entry *e;
	u32 new;
	u16 id;

	irs_guard(&cpu->lock);

	best = irs_best(irs, cpu);
	if (best >= bound || best == PPI_PRIO_IDLE)
		return 0;

	kind = first_kind(cpu, best);
	id = cpu->head[kind][best];
	e = queued_entry(irs, kind, id);

	new = (e->word | ISTE_ACTIVE) & ~ISTE_QUEUED;
	if (!(new & ISTE_HM))
		new &= ~ISTE_PENDING;
	dequeue(irs, cpu, kind, id, e, best);
	/* A full barrier: pairs with the one after signal in irs_evaluate() */
	*active = irs_count_inc(&irs->active);
	WRITE_ONCE(e->word, new);

	if (kind == SPI)
		cpu->turns |= 1U << best;
	else
		cpu->turns &= ~(1U << best);
	tell(cpu);

	*prio = best;
	return intid_of(kind, id);
}

/**
 * irs_acknowledge() - take the best candidate
 * @irs:   the IRS
 * @cpu:   the vCPU that takes it; its own thread
 * @bound: only what is of a priority below this
 * @prio:  receives its priority
 *
 * It becomes active. A level triggered one stays pending: its input, or CDPEND,
 * has to fall. The active priority is with the vCPU, and not set here.
 *
 * CDDI has to trap on all vCPUs from now on. They are told, but not kicked: on
 * one that runs, and is not told of anything else, CDDI of another vCPU's
 * interrupt has no effect until it next leaves the guest.
 *
 * Return: the INTID, or 0 if there is none.
 */
u32 irs_acknowledge(struct irs *irs, struct irs_cpu *cpu, unsigned int bound,
		    u8 *prio)
{
	u32 active = 0;
	u32 intid = take(irs, cpu, bound, prio, &active);

	if (active == 1)
		tell_of_active(irs);

	return intid;
}

/**
 * irs_evaluate() - what a vCPU has to be told, and what has to trap
 * @irs: the IRS
 * @cpu: the vCPU, resident; its own thread, about to enter the guest, or to look
 *	 whether it may block
 * @en:	 ICC_CR0_EL1.EN
 * @pcr: ICC_PCR_EL1.PRIORITY
 * @apr: active priorities
 *
 * Necessary if &irs_cpu.changed is set, and after each access that trapped for
 * IRS_TRAP_*, which may have changed the three. Each round more is one for which
 * a sender has changed something meanwhile. The host's interrupts are off, and
 * many vCPUs can send without an end: after some rounds &irs_cpu.changed is left
 * set. The guest must not be entered then, but the CPU be given to the host if it
 * wants it, and this be called again.
 *
 * Return: IRS_VI and IRS_TRAP_*: see the table in irs.h.
 */
u32 irs_evaluate(struct irs *irs, struct irs_cpu *cpu, u8 en, u8 pcr, u32 apr)
{
	unsigned int running = apr ? __builtin_ctz(apr) : PPI_PRIO_IDLE;
	unsigned int bound = ppi_prio_bound(en, pcr, apr);
	unsigned int rounds = EVALUATE_ROUNDS;
	u32 signal;

	do {
		unsigned int best;

		/* A full barrier: who sends later sees the flag down */
		xchg(&cpu->changed, 0);

		signal = 0;
		if (irs_count_read(&irs->active))
			signal |= IRS_TRAP_CDDI;

		best = irs_best(irs, cpu);
		if (best != PPI_PRIO_IDLE) {
			signal |= IRS_TRAP_MASKS;
			if (best < bound)
				signal |= IRS_VI;
			if (best >= running)
				signal |= IRS_TRAP_CDEOI;
		}

		if (signal != cpu->signal) {
			WRITE_ONCE(cpu->signal, signal);
			/* Pairs with senders, and with tell_of_active() */
			smp_mb();
		}
		if (!--rounds) {
			WRITE_ONCE(cpu->changed, 1);
			break;
		}
	} while (READ_ONCE(cpu->changed) ||
		 (!(signal & IRS_TRAP_CDDI) && irs_count_read(&irs->active)));

	return signal;
}

/**
 * irs_needs_kick() - does it take more than the next entry?
 * @irs:     the IRS
 * @cpu:     the vCPU: &irs_touched.raised, or &irs_touched.lowered
 * @ppi:     its masks, and whether it is resident
 * @lowered: which of them
 * @wfi:     it is in WFI; read after irs_execute() or irs_inject(), which end
 *	     in a full barrier
 *
 * A vCPU that is told already, by VI, will look when it takes the interrupt; one
 * that is told of an interrupt that is no more must not be. One that is not
 * resident evaluates before it enters. Only the guest knows the masks of a
 * resident vCPU, so that it has to look at each new candidate.
 *
 * Return: true if @cpu must be kicked.
 */
bool irs_needs_kick(const struct irs *irs, const struct irs_cpu *cpu,
		    const struct ppi_cpu *ppi, bool lowered, bool wfi)
{
	/* Pairs with ppi_leave(): not resident, and the words are right */
	if (smp_load_acquire(&ppi->resident))
		return !!(READ_ONCE(cpu->signal) & IRS_VI) == lowered;

	if (lowered || !wfi)
		return false;

	return irs_best(irs, cpu) < ppi_prio_bound(READ_ONCE(ppi->en),
						   READ_ONCE(ppi->pcr),
						   READ_ONCE(ppi->apr));
}

/* --- for the frame ------------------------------------------------------- */

/**
 * irs_enable() - IRS_CR0.IRSEN
 * @irs:     the IRS
 * @enabled: on or off
 */
void irs_enable(struct irs *irs, bool enabled)
{
	WRITE_ONCE(irs->enabled, enabled);
	tell_all(irs);
}

/**
 * irs_spi_level() - is this SPI level triggered?
 * @irs: the IRS
 * @spi: its number, below &irs_config.nr_spis
 *
 * Return: IRS_SPI_CFGR.TM.
 */
bool irs_spi_level(const struct irs *irs, u32 spi)
{
	if (irs->backend)
		return irs->backend->spi_level(irs, spi);

	spi = array_index_nospec(spi, irs->config.nr_spis);

	return READ_ONCE(irs->spis[spi].word) & ISTE_HM;
}

/**
 * irs_set_spi_level() - make an SPI level or edge triggered
 * @irs:   the IRS
 * @spi:   its number, below &irs_config.nr_spis
 * @level: which
 *
 * The trigger mode of an SPI is its handling mode, which CDHM sets as well.
 *
 * Return: true if a vCPU has to look again.
 */
bool irs_set_spi_level(struct irs *irs, u32 spi, bool level)
{
	struct irs_touched touched = { NULL, NULL };

	if (irs->backend) {
		irs->backend->set_spi_level(irs, spi, level);
		return false;
	}

	change_spi(irs, spi, IRS_CDHM, level ? OPERAND_HM : 0, &touched);
	/* A sender's: see irs_needs_kick() */
	smp_mb();

	return touched.raised || touched.lowered;
}

static unsigned int nr_pages(unsigned int bits)
{
	return ((1U << bits) + LPIS_PER_PAGE - 1) / LPIS_PER_PAGE;
}

/**
 * irs_map_lpis() - there are LPIs from here on
 * @irs:  the IRS, without LPIs
 * @bits: number of bits of their IDs
 *
 * Return: false if there is no memory.
 */
bool irs_map_lpis(struct irs *irs, unsigned int bits)
{
	if (irs->backend)
		return irs->backend->map_lpis(irs, bits);

	irs->lpis = irs_zalloc(nr_pages(bits) * sizeof(*irs->lpis));
	if (!irs->lpis)
		return false;

	/* Pairs with page_slot() */
	smp_store_release(&irs->lpi_bits, bits);
	return true;
}

/**
 * irs_unmap_lpis() - there are no LPIs from here on
 * @irs: the IRS, with LPIs
 *
 * A guest ends the CPU-stop IPI of a vCPU never: it is not active afterwards.
 */
void irs_unmap_lpis(struct irs *irs)
{
	unsigned int n = nr_pages(irs->lpi_bits), i, k;
	struct irs_touched touched;

	if (irs->backend) {
		irs->backend->unmap_lpis(irs);
		return;
	}

	/* Nobody finds an LPI, and who has found one is done with it */
	WRITE_ONCE(irs->lpi_bits, 0);
	irs_synchronize();

	for (i = 0; i < n; i++) {
		struct irs_entry *page = irs->lpis[i];

		if (!is_page(page))
			continue;

		/* Others reach what is queued, and make it active */
		for (k = 0; k < LPIS_PER_PAGE; k++)
			if (READ_ONCE(page[k].word) & (ISTE_QUEUED | ISTE_ACTIVE))
				change(irs, LPI, i * LPIS_PER_PAGE + k, &page[k],
				       IRS_POWER_ON, 0, &touched);
		irs->lpis[i] = NULL;
		irs_free(page);
	}

	irs_free(irs->lpis);
	irs->lpis = NULL;
	tell_all(irs);
}

/* --- life ---------------------------------------------------------------- */

static void cpu_init(struct irs_cpu *cpu, unsigned int iaffid)
{
	irs_lock_init(&cpu->lock);
	cpu->lists[SPI] = 0;
	cpu->lists[LPI] = 0;
	cpu->prios = 0;
	cpu->turns = 0;
	cpu->changed = 1;
	cpu->signal = 0;
	cpu->iaffid = iaffid;
}

/* What a reset and power-on leave in the frame */
static void reset_frame(struct irs *irs)
{
	irs->cr1 = 0;
	irs->spi_selr = ~0U;
	irs->pe_selr = ~0U;
	irs->ist_cfgr = 0;
	irs->ist_baser = 0;
}

/**
 * irs_init() - an IRS as after power-on, without vCPUs
 * @irs:    zeroed
 * @config: what it is like
 *
 * Return: 0, -EINVAL if there cannot be such an IRS, or -ENOMEM. irs_destroy() is
 * right, and necessary, in any case.
 */
int irs_init(struct irs *irs, const struct irs_config *config)
{
	irs->config = *config;
	irs->id_bits = IRS_LPI_BITS;
	irs->min_id_bits = IRS_LPI_BITS_MIN;
	cpu_init(&irs->nowhere, 0);

	if (config->nr_spis < IRS_SPIS_MIN || config->nr_spis > IRS_SPIS_MAX ||
	    config->nr_spis % 32 ||
	    config->pri_bits < 4 || config->pri_bits > PPI_PRIO_BITS ||
	    !config->iaffid_bits ||
	    1U << config->iaffid_bits > IRS_IAFFIDS_MAX ||
	    config->nr_cpus > 1U << config->iaffid_bits)
		return -EINVAL;

	irs->spis = irs_zalloc(config->nr_spis * sizeof(*irs->spis));
	irs->cpus = irs_zalloc((1U << config->iaffid_bits) *
			       sizeof(*irs->cpus));
	if (!irs->spis || !irs->cpus)
		return -ENOMEM;

	reset_frame(irs);
	return 0;
}

/**
 * irs_add_cpu() - there is such a vCPU
 * @irs:    the IRS; nothing has been injected, and no vCPU has run
 * @cpu:    the vCPU
 * @iaffid: what the guest calls it
 *
 * Return: 0, -EINVAL if &irs_config.iaffid_bits is too few for it, or -EEXIST.
 */
int irs_add_cpu(struct irs *irs, struct irs_cpu *cpu, unsigned int iaffid)
{
	if (iaffid >= 1U << irs->config.iaffid_bits)
		return -EINVAL;
	if (irs->cpus[iaffid])
		return -EEXIST;

	cpu_init(cpu, iaffid);
	WRITE_ONCE(irs->cpus[iaffid], cpu);
	return 0;
}

/**
 * irs_reset() - as after power-on
 * @irs: the IRS; its frame is locked, and no vCPU runs. May sleep
 *
 * The inputs of SPIs belong to the devices behind them, which may inject
 * meanwhile.
 */
void irs_reset(struct irs *irs)
{
	struct irs_touched touched;
	u32 i;

	if (irs->lpi_bits)
		irs_unmap_lpis(irs);
	for (i = 0; !irs->backend && i < irs->config.nr_spis; i++)
		change_spi(irs, i, IRS_POWER_ON, 0, &touched);
	if (irs->backend)
		irs->backend->reset_spis(irs);

	reset_frame(irs);
	irs_enable(irs, false);
}

/**
 * irs_destroy() - free all of it
 * @irs: the IRS; nobody uses it. What irs_init() has left half done as well
 */
void irs_destroy(struct irs *irs)
{
	unsigned int i;

	if (irs->lpi_bits) {
		for (i = 0; i < nr_pages(irs->lpi_bits); i++)
			if (is_page(irs->lpis[i]))
				irs_free(irs->lpis[i]);
	}

	irs_free(irs->lpis);
	irs_free(irs->spis);
	irs_free(irs->cpus);
	irs->lpis = NULL;
	irs->spis = NULL;
	irs->cpus = NULL;
	irs->lpi_bits = 0;
}

/* --- state --------------------------------------------------------------- */

/* Of an interrupt's word, what is in its L2_ISTE */
#define ISTE_STATE		(ISTE_PENDING | ISTE_ACTIVE | ISTE_HM | \
				 ISTE_ENABLE | ISTE_PRIORITY | ISTE_IAFFID)

/**
 * irs_save() - the entries of all SPIs and LPIs
 * @irs:  the IRS; its frame is locked, and no vCPU runs
 * @spis: receives &irs_config.nr_spis words
 * @lpis: receives 1 << &irs.lpi_bits words, if there are LPIs
 *
 * Injectors may go on: of each interrupt it is what it was before one of them,
 * or after it.
 */
void irs_save(const struct irs *irs, u32 *spis, u32 *lpis)
{
	u32 i;

	for (i = 0; i < irs->config.nr_spis; i++)
		spis[i] = READ_ONCE(irs->spis[i].word) & ISTE_STATE;

	for (i = 0; irs->lpi_bits && i < 1U << irs->lpi_bits; i++) {
		const struct irs_entry *page = irs->lpis[i / LPIS_PER_PAGE];

		lpis[i] = is_page(page) ?
			  READ_ONCE(page[i % LPIS_PER_PAGE].word) & ISTE_STATE :
			  0;
	}
}

/**
 * irs_can_be() - are these entries possible?
 * @irs:   the IRS
 * @words: entries of SPIs or LPIs
 * @nr:    how many
 *
 * Return: false if one has a priority that the IRS does not have.
 */
bool irs_can_be(const struct irs *irs, const u32 *words, u32 nr)
{
	u32 low = FIELD_PREP(ISTE_PRIORITY,
			     (u32)(0x1f >> irs->config.pri_bits));
	u32 i;

	for (i = 0; i < nr; i++)
		if (words[i] & low)
			return false;

	return true;
}

static void free_lpis(struct irs_entry **lpis, unsigned int bits)
{
	unsigned int i;

	for (i = 0; lpis && i < nr_pages(bits); i++)
		irs_free(lpis[i]);
	irs_free(lpis);
}

/* A page for each LPI that is not zero, or NULL if there is no memory */
static struct irs_entry **alloc_lpis(const u32 *words, unsigned int bits)
{
	struct irs_entry **lpis = irs_zalloc(nr_pages(bits) * sizeof(*lpis));
	u32 i;

	for (i = 0; lpis && i < 1U << bits; i++) {
		struct irs_entry **page = &lpis[i / LPIS_PER_PAGE];

		if (*page || !(words[i] & ISTE_STATE))
			continue;
		*page = irs_zalloc(LPI_PAGE_SIZE);
		if (!*page) {
			free_lpis(lpis, bits);
			return NULL;
		}
	}

	return lpis;
}

static void restore_one(struct irs *irs, unsigned int kind, u32 id,
			struct irs_entry *e, u32 word)
{
	struct irs_touched touched;

	/* Out of its queue: what has come before does not set the order */
	change(irs, kind, id, e, IRS_POWER_ON, 0, &touched);
	if (word & ISTE_ACTIVE)
		irs_count_inc(&irs->active);
	change(irs, kind, id, e, IRS_RESTORE, word & ISTE_STATE, &touched);
}

/**
 * irs_restore() - SPIs and LPIs are as they were saved
 * @irs:      the IRS, without LPIs; its frame is locked, and no vCPU has run. May
 *	      sleep
 * @spis:     a word for each SPI
 * @lpis:     a word for each LPI
 * @lpi_bits: number of bits of their IDs, or 0 if there are none
 *
 * Injectors may go on; what they have done before is undone. The input of a level
 * SPI is taken for high if the SPI is pending.
 *
 * Return: 0; -EINVAL if one has a priority that the IRS does not have; -ENOMEM.
 */
int irs_restore(struct irs *irs, const u32 *spis, const u32 *lpis,
		unsigned int lpi_bits)
{
	u32 nr_lpis = lpi_bits ? 1U << lpi_bits : 0;
	struct irs_entry **table = NULL;
	u32 i;

	if (!irs_can_be(irs, spis, irs->config.nr_spis) ||
	    !irs_can_be(irs, lpis, nr_lpis))
		return -EINVAL;

	if (nr_lpis) {
		table = alloc_lpis(lpis, lpi_bits);
		if (!table)
			return -ENOMEM;
		irs->lpis = table;
		/* Pairs with page_slot() */
		smp_store_release(&irs->lpi_bits, lpi_bits);
	}

	for (i = 0; i < irs->config.nr_spis; i++)
		restore_one(irs, SPI, i, &irs->spis[i], spis[i]);

	for (i = 0; i < nr_lpis; i++) {
		struct irs_entry *page = table[i / LPIS_PER_PAGE];

		if (page)
			restore_one(irs, LPI, i, &page[i % LPIS_PER_PAGE],
				    lpis[i]);
	}

	tell_all(irs);
	return 0;
}
