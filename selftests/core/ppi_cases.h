/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the PPI state machine must do, a test for each rule. No libc and no
 * kernel in here: whoever includes this says what a test is given, and how it
 * complains, before:
 *
 *	ppi_test_t			 the context of a test
 *	EXPECT(t, condition)
 *	EXPECT_EQ(t, got, wanted)	 unsigned numbers
 *
 * and finds all tests in ppi_cases[].
 */
#ifndef PPI_CASES_H
#define PPI_CASES_H

#include <vgicv5/ppi.h>
#include <vgicv5/state.h>

#define ALL		(~0ULL)
#define POISON		0xa5a5a5a5a5a5a5a5ULL

/* A level and an edge PPI in each bank, none of them special */
#define LEVEL		20
#define EDGE		5
#define LEVEL_HIGH	100
#define EDGE_HIGH	101

/* A host, a VM and a vCPU */
struct world {
	struct ppi_host host;
	struct ppi_vm vm;
	union {
		struct ppi_cpu cpu;
		u64 words[sizeof(struct ppi_cpu) / 8 + PPI_PRIORITYRS + 1];
	};
	struct ppi_image img;
};

/* A word that more than one CPU may write; in the kernel it is an atomic64_t. */
#define WORD(member, n)		ppi_word_read(&w->cpu.member[n])

static inline void world_clear(void *p, unsigned int size, u8 value)
{
	volatile u8 *byte = p;

	while (size--)
		*byte++ = value;
}

/* A mixture, but for the PPIs that have a meaning here */
static inline bool is_edge(unsigned int ppi)
{
	if (ppi == LEVEL || ppi == LEVEL_HIGH)
		return false;

	return ppi % 5 == 0 || ppi == EDGE_HIGH || ppi == PPI_SW;
}

static inline void world_host(struct world *w, const u64 *implemented,
			      unsigned int pri_bits)
{
	u64 level[PPI_BANKS] = { 0 };
	unsigned int ppi, n;

	for (ppi = 0; ppi < PPI_NR; ppi++)
		if (!is_edge(ppi))
			level[ppi_bank(ppi)] |= ppi_bit(ppi);

	world_clear(w, sizeof(*w), 0xa5);
	ppi_host_init(&w->host, implemented, level, pri_bits);
	ppi_vm_init(&w->vm, &w->host);

	/* As allocated: zero, but for what lies behind the priorities */
	world_clear(&w->cpu, sizeof(w->cpu), 0);
	for (n = 0; n < w->host.nr_prio_regs; n++)
		w->cpu.prio[n] = 0;
}

/* All 128 PPIs, 5 priority bits, and these exposed */
static inline void world_init(struct world *w, u64 exposed0, u64 exposed1)
{
	const u64 all[PPI_BANKS] = { ALL, ALL };
	const u64 exposed[PPI_BANKS] = { exposed0, exposed1 };

	world_host(w, all, 5);
	ppi_vm_expose(&w->vm, exposed);
	ppi_cpu_reset(&w->cpu, &w->vm);
}

static inline u64 *prio_word(struct world *w, unsigned int reg)
{
	return &w->cpu.prio[w->host.prio_slot[reg]];
}

/* Enabled, of this priority, and nothing masked */
static inline void open_ppi(struct world *w, unsigned int ppi, unsigned int prio)
{
	unsigned int b = ppi_bank(ppi), shift = ppi % 8 * 8;
	u64 *reg = prio_word(w, ppi / 8);

	ppi_guest_write(&w->cpu, &w->vm, PPI_ENABLER, b,
			w->cpu.enabled[b] | ppi_bit(ppi));
	ppi_guest_write(&w->cpu, &w->vm, PPI_PRIORITYR, ppi / 8,
			(*reg & ~(0xffULL << shift)) | (u64)prio << shift);
	w->cpu.en = 1;
	w->cpu.pcr = 31;
}

static inline void enter(struct world *w)
{
	world_clear(&w->img, sizeof(w->img), 0);
	ppi_enter(&w->cpu, &w->vm, &w->img);
}

static inline void leave(struct world *w)
{
	ppi_leave(&w->cpu, &w->vm, &w->img);
}

/* Before an entry, as the glue does it; true if there was something to do */
static inline bool flush(struct world *w)
{
	u64 set[PPI_BANKS] = { 0 }, clear[PPI_BANKS] = { 0 };
	bool any;
	int b;

	if (!READ_ONCE(w->cpu.changed))
		return false;

	any = ppi_flush(&w->cpu, &w->vm, set, clear);
	for (b = 0; b < PPI_BANKS; b++) {
		w->img.pending[b] &= ~clear[b];
		w->img.pending[b] |= set[b];
	}

	return any;
}

/* What ppi_raise() says; false for a level that falls */
static inline bool inject(struct world *w, unsigned int ppi, bool level)
{
	if (level)
		return ppi_raise(&w->cpu, &w->vm, ppi);

	ppi_lower(&w->cpu, &w->vm, ppi);
	return false;
}

/* Inject, and say whether the vCPU has to be kicked */
static inline bool kick(struct world *w, unsigned int ppi, bool level)
{
	bool resident = inject(w, ppi, level);

	return level && ppi_needs_kick(&w->cpu, &w->vm, ppi, resident);
}

/* From memory, and while it is resident from the hardware */
static inline bool pending(struct world *w)
{
	return ppi_pending(&w->cpu, &w->vm, w->cpu.resident ? &w->img : NULL);
}

static inline bool in_hw(const struct world *w, unsigned int ppi)
{
	return ppi_test(w->img.pending, ppi);
}

static inline u64 spendr(struct world *w, unsigned int bank)
{
	return ppi_guest_read(&w->cpu, &w->vm, PPI_SPENDR, bank);
}

/* --- host, VM ------------------------------------------------------------ */

static inline void host_modes(ppi_test_t *t, struct world *w)
{
	const u64 implemented[PPI_BANKS] = { 0xff00ULL, 1ULL << 63 };
	const u64 level[PPI_BANKS] = { 0x0ff0ULL, 0 };

	ppi_host_init(&w->host, implemented, level, 5);
	EXPECT_EQ(t, w->host.implemented[0], 0xff00);
	EXPECT_EQ(t, w->host.implemented[1], 1ULL << 63);
	EXPECT_EQ(t, w->host.edge[0], 0xf000);
	EXPECT_EQ(t, w->host.edge[1], 1ULL << 63);
}

static inline void host_priority_bits(ppi_test_t *t, struct world *w)
{
	const u64 all[PPI_BANKS] = { ALL, ALL };

	ppi_host_init(&w->host, all, all, 5);
	EXPECT_EQ(t, w->host.pri_bits, 5);
	EXPECT_EQ(t, w->host.prio_mask, 0x1f1f1f1f1f1f1f1fULL);
	ppi_host_init(&w->host, all, all, 4);
	EXPECT_EQ(t, w->host.pri_bits, 4);
	EXPECT_EQ(t, w->host.prio_mask, 0x1e1e1e1e1e1e1e1eULL);
}

/* The storage is for the registers that hold an implemented PPI */
static inline void host_priority_registers(ppi_test_t *t, struct world *w)
{
	const u64 all[PPI_BANKS] = { ALL, ALL };
	const u64 few[PPI_BANKS] = { 1ULL << 8 | 1ULL << 15 | 1ULL << 27, 0 };
	unsigned int ppi;

	ppi_host_init(&w->host, all, all, 5);
	EXPECT_EQ(t, w->host.prio_regs, 0xffff);
	EXPECT_EQ(t, w->host.nr_prio_regs, 16);
	ppi_host_init(&w->host, few, all, 5);
	EXPECT_EQ(t, w->host.prio_regs, 1 << 1 | 1 << 3);
	EXPECT_EQ(t, w->host.nr_prio_regs, 2);

	for (ppi = 0; ppi < PPI_NR; ppi++) {
		u64 one[PPI_BANKS] = { 0 };

		one[ppi_bank(ppi)] = ppi_bit(ppi);
		ppi_host_init(&w->host, one, all, 5);
		EXPECT_EQ(t, w->host.prio_regs, 1U << (ppi / 8));
		EXPECT_EQ(t, w->host.nr_prio_regs, 1);
	}
}

static inline void vm_starts_with_nothing(ppi_test_t *t, struct world *w)
{
	const u64 all[PPI_BANKS] = { ALL, ALL };
	const u64 no_sw[PPI_BANKS] = { ALL & ~ppi_bit(PPI_SW), ALL };

	world_host(w, all, 5);
	EXPECT_EQ(t, w->vm.exposed[0] | w->vm.exposed[1], 0);
	EXPECT_EQ(t, w->vm.prio_regs, 0);
	EXPECT_EQ(t, w->vm.banks, 1);
	EXPECT_EQ(t, w->vm.userspace[0], ppi_bit(PPI_SW));
	EXPECT_EQ(t, w->vm.userspace[1], 0);
	EXPECT(t, w->vm.host == &w->host);

	world_host(w, no_sw, 5);
	EXPECT_EQ(t, w->vm.userspace[0] | w->vm.userspace[1], 0);
}

static inline void expose_owned_and_userspace(ppi_test_t *t, struct world *w)
{
	world_init(w, ppi_bit(PPI_CNTV) | ppi_bit(PPI_CNTP), 0);
	EXPECT_EQ(t, w->vm.exposed[0], ppi_bit(PPI_CNTV) | ppi_bit(PPI_CNTP) |
				       ppi_bit(PPI_SW));
	EXPECT_EQ(t, w->vm.exposed[1], 0);
	EXPECT_EQ(t, w->vm.banks, 1);
	EXPECT_EQ(t, w->vm.prio_regs, 1 << 0 | 1 << 3);

	world_init(w, 0, ppi_bit(64));
	EXPECT_EQ(t, w->vm.exposed[1], 1);
	EXPECT_EQ(t, w->vm.banks, 2);
	EXPECT_EQ(t, w->vm.prio_regs, 1 << 0 | 1 << 8);
}

static inline void expose_implemented_only(ppi_test_t *t, struct world *w)
{
	const u64 implemented[PPI_BANKS] = { ppi_bit(27), ppi_bit(70) };
	const u64 all[PPI_BANKS] = { ALL, ALL };

	world_host(w, implemented, 5);
	ppi_vm_expose(&w->vm, all);
	EXPECT_EQ(t, w->vm.exposed[0], ppi_bit(27));
	EXPECT_EQ(t, w->vm.exposed[1], ppi_bit(70));
}

/* --- reset --------------------------------------------------------------- */

static inline void reset_clears_state(ppi_test_t *t, struct world *w)
{
	unsigned int n;

	world_init(w, ALL, ALL);
	for (n = 0; n < 2; n++) {
		w->cpu.enabled[n] = ALL;
		w->cpu.active[n] = ALL;
		w->cpu.hw_line[n] = ALL;
	}
	for (n = 0; n < PPI_PRIORITYRS; n++)
		w->cpu.prio[n] = ALL;
	w->cpu.en = 1;
	w->cpu.pcr = 31;
	w->cpu.apr = ~0U;
	w->cpu.icsr = ALL;

	ppi_cpu_reset(&w->cpu, &w->vm);
	for (n = 0; n < 2; n++) {
		EXPECT_EQ(t, w->cpu.enabled[n], 0);
		EXPECT_EQ(t, w->cpu.active[n], 0);
		EXPECT_EQ(t, w->cpu.hw_line[n], 0);
	}
	for (n = 0; n < PPI_PRIORITYRS; n++)
		EXPECT_EQ(t, w->cpu.prio[n], 0);
	EXPECT_EQ(t, w->cpu.prio[PPI_PRIORITYRS], POISON);
	EXPECT_EQ(t, w->cpu.en, 0);
	EXPECT_EQ(t, w->cpu.pcr, 0);
	EXPECT_EQ(t, w->cpu.apr, 0);
	EXPECT_EQ(t, w->cpu.icsr, 0);
	EXPECT(t, !pending(w));
}

/* The device behind a line, and how it is wired, are not reset with the vCPU */
static inline void reset_keeps_lines_and_wires(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	inject(w, LEVEL, true);
	inject(w, LEVEL_HIGH, true);
	w->cpu.direct[0] = ppi_bit(PPI_CNTV);
	w->cpu.direct[1] = ppi_bit(99);

	ppi_cpu_reset(&w->cpu, &w->vm);
	EXPECT_EQ(t, WORD(line, 0), ppi_bit(LEVEL));
	EXPECT_EQ(t, WORD(line, 1), ppi_bit(LEVEL_HIGH));
	EXPECT_EQ(t, w->cpu.direct[0], ppi_bit(PPI_CNTV));
	EXPECT_EQ(t, w->cpu.direct[1], ppi_bit(99));
	enter(w);
	EXPECT(t, in_hw(w, LEVEL) && in_hw(w, LEVEL_HIGH));
}

/* An edge may have come before the vCPU was turned on */
static inline void reset_keeps_edges(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	inject(w, EDGE, true);
	inject(w, EDGE_HIGH, true);
	ppi_cpu_reset(&w->cpu, &w->vm);
	EXPECT_EQ(t, WORD(latch, 0), ppi_bit(EDGE));
	EXPECT_EQ(t, WORD(latch, 1), ppi_bit(EDGE_HIGH));

	inject(w, LEVEL, true);
	ppi_cpu_drop_edges(&w->cpu);
	EXPECT_EQ(t, WORD(latch, 0) | WORD(latch, 1), 0);
	EXPECT_EQ(t, WORD(line, 0), ppi_bit(LEVEL));
}

/* A small host has little storage: nothing is written behind it */
static inline void reset_within_storage(ppi_test_t *t, struct world *w)
{
	const u64 few[PPI_BANKS] = { ppi_bit(PPI_CNTV), 0 };

	world_host(w, few, 5);
	ppi_vm_expose(&w->vm, few);
	w->cpu.prio[0] = ALL;
	ppi_cpu_reset(&w->cpu, &w->vm);
	EXPECT_EQ(t, w->cpu.prio[0], 0);
	EXPECT_EQ(t, w->cpu.prio[1], POISON);
}

/* --- injection ----------------------------------------------------------- */

static inline void inject_edge(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	EXPECT(t, !inject(w, EDGE, true));
	EXPECT_EQ(t, WORD(latch, 0), ppi_bit(EDGE));
	EXPECT_EQ(t, WORD(line, 0), 0);
	EXPECT(t, !inject(w, EDGE_HIGH, true));
	EXPECT_EQ(t, WORD(latch, 1), ppi_bit(EDGE_HIGH));
	enter(w);
	EXPECT(t, inject(w, EDGE, true));
	EXPECT_EQ(t, WORD(latch, 0), ppi_bit(EDGE));
}

/* The flag is for a vCPU that is resident; another takes all in ppi_enter() */
static inline void inject_flags_resident(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	inject(w, EDGE, true);
	inject(w, LEVEL, true);
	EXPECT_EQ(t, w->cpu.changed, 0);
	enter(w);
	inject(w, EDGE_HIGH, true);
	EXPECT_EQ(t, w->cpu.changed, 1);
	flush(w);
	EXPECT_EQ(t, w->cpu.changed, 0);
	inject(w, LEVEL_HIGH, true);
	EXPECT_EQ(t, w->cpu.changed, 1);
	flush(w);
	inject(w, LEVEL, false);
	EXPECT_EQ(t, w->cpu.changed, 1);
}

/*
 * Two edges are one as long as nobody has taken the first. The second tells the
 * vCPU all the same: who made the first may have been preempted before it did.
 */
static inline void inject_edge_twice(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, EDGE, 1);
	ppi_word_set(&w->cpu.latch[0], ppi_bit(EDGE));
	EXPECT(t, kick(w, EDGE, true));
	EXPECT_EQ(t, WORD(latch, 0), ppi_bit(EDGE));
	enter(w);
	EXPECT_EQ(t, w->img.pending[0], ppi_bit(EDGE));
	EXPECT_EQ(t, WORD(latch, 0), 0);

	ppi_word_set(&w->cpu.latch[0], ppi_bit(EDGE));
	EXPECT(t, kick(w, EDGE, true));
	EXPECT_EQ(t, w->cpu.changed, 1);
	EXPECT_EQ(t, WORD(latch, 0), ppi_bit(EDGE));
}

static inline void inject_edge_low_is_nothing(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	enter(w);
	inject(w, EDGE, false);
	EXPECT_EQ(t, w->cpu.changed, 0);
	inject(w, EDGE, true);
	w->cpu.changed = 0;
	inject(w, EDGE, false);
	EXPECT_EQ(t, w->cpu.changed, 0);
	EXPECT_EQ(t, WORD(latch, 0), ppi_bit(EDGE));
}

static inline void inject_level(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	EXPECT(t, !inject(w, LEVEL, true));
	EXPECT_EQ(t, WORD(line, 0), ppi_bit(LEVEL));
	EXPECT_EQ(t, WORD(latch, 0), 0);
	enter(w);
	EXPECT(t, inject(w, LEVEL_HIGH, true));
	EXPECT_EQ(t, WORD(line, 1), ppi_bit(LEVEL_HIGH));
}

/* The same of a level: raised or lowered once more, the vCPU is told once more */
static inline void inject_level_twice(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, LEVEL, 1);
	enter(w);
	ppi_word_set(&w->cpu.line[0], ppi_bit(LEVEL));
	EXPECT(t, kick(w, LEVEL, true));
	EXPECT_EQ(t, w->cpu.changed, 1);
	EXPECT(t, flush(w));
	ppi_word_set(&w->cpu.line[0], 0);
	inject(w, LEVEL, false);
	EXPECT_EQ(t, w->cpu.changed, 1);
	EXPECT(t, flush(w));
	EXPECT(t, !in_hw(w, LEVEL));
}

/* O6: the hardware has to hear of it, but nobody has to hurry */
static inline void o6_lowering_never_kicks(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, LEVEL, 0);
	enter(w);
	inject(w, LEVEL, true);
	w->cpu.changed = 0;
	EXPECT(t, !kick(w, LEVEL, false));
	EXPECT_EQ(t, w->cpu.changed, 1);
	EXPECT_EQ(t, WORD(line, 0), 0);
}

/* The hardware looks at the input of a directly injected PPI by itself */
static inline void inject_direct_never_kicks(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, LEVEL, 0);
	open_ppi(w, EDGE_HIGH, 0);
	open_ppi(w, EDGE, 0);
	w->cpu.direct[0] = ppi_bit(LEVEL);
	w->cpu.direct[1] = ppi_bit(EDGE_HIGH);
	enter(w);
	EXPECT(t, !kick(w, LEVEL, true));
	EXPECT(t, !kick(w, EDGE_HIGH, true));
	EXPECT_EQ(t, w->cpu.changed, 0);
	inject(w, LEVEL, false);
	EXPECT_EQ(t, w->cpu.changed, 0);
	EXPECT(t, kick(w, EDGE, true));
	EXPECT_EQ(t, w->cpu.changed, 1);
}

/* In memory the words say whether a WFI is to be ended */
static inline void kick_memory(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	EXPECT(t, !kick(w, EDGE, true));
	open_ppi(w, EDGE_HIGH, 7);
	EXPECT(t, kick(w, EDGE_HIGH, true));
	open_ppi(w, LEVEL, 7);
	w->cpu.pcr = 6;
	EXPECT(t, !kick(w, LEVEL, true));
	inject(w, LEVEL, false);
	w->cpu.pcr = 7;
	EXPECT(t, kick(w, LEVEL, true));
}

/* The hardware looks at masks and priorities, if the PPI is enabled */
static inline void kick_resident(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, EDGE, 7);
	w->cpu.pcr = 0;
	enter(w);
	EXPECT(t, kick(w, EDGE, true));
	EXPECT(t, !kick(w, EDGE_HIGH, true));
	EXPECT(t, !kick(w, LEVEL, true));
}

static inline void inject_each_of_128(ppi_test_t *t, struct world *w)
{
	unsigned int ppi;

	for (ppi = 0; ppi < PPI_NR; ppi++) {
		unsigned int b = ppi_bank(ppi);

		world_init(w, ALL, ALL);
		inject(w, ppi, true);
		EXPECT_EQ(t, spendr(w, b), ppi_bit(ppi));
		EXPECT_EQ(t, spendr(w, !b), 0);
		enter(w);
		EXPECT_EQ(t, w->img.pending[b], ppi_bit(ppi));
		EXPECT_EQ(t, w->img.pending[!b], 0);
		leave(w);
		EXPECT_EQ(t, spendr(w, b), ppi_bit(ppi));
		EXPECT_EQ(t, spendr(w, !b), 0);
	}
}

static inline void sample_sets_the_line(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	w->cpu.direct[0] = ppi_bit(LEVEL);
	w->cpu.direct[1] = ppi_bit(LEVEL_HIGH);
	open_ppi(w, LEVEL, 1);
	EXPECT(t, !pending(w));
	ppi_sample(&w->cpu, LEVEL, true);
	EXPECT_EQ(t, WORD(line, 0), ppi_bit(LEVEL));
	EXPECT(t, pending(w));
	ppi_sample(&w->cpu, LEVEL_HIGH, true);
	EXPECT_EQ(t, WORD(line, 1), ppi_bit(LEVEL_HIGH));
	ppi_sample(&w->cpu, LEVEL, false);
	EXPECT_EQ(t, WORD(line, 0), 0);
	EXPECT_EQ(t, WORD(line, 1), ppi_bit(LEVEL_HIGH));
	EXPECT(t, !pending(w));
}

/* --- enter, leave, flush ------------------------------------------------- */

/* F2: an edge moves, it is not copied */
static inline void f2_enter_takes_edges(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	inject(w, EDGE, true);
	inject(w, EDGE_HIGH, true);
	enter(w);
	EXPECT(t, in_hw(w, EDGE) && in_hw(w, EDGE_HIGH));
	EXPECT_EQ(t, WORD(latch, 0) | WORD(latch, 1), 0);
	EXPECT_EQ(t, w->cpu.changed, 0);

	/* The guest acknowledges */
	w->img.pending[0] = 0;
	w->img.pending[1] = 0;
	leave(w);
	enter(w);
	EXPECT(t, !in_hw(w, EDGE) && !in_hw(w, EDGE_HIGH));
}

/* F3: not acknowledged, it comes back, as often as it takes */
static inline void f3_edge_survives_exits(ppi_test_t *t, struct world *w)
{
	int i;

	world_init(w, ALL, ALL);
	inject(w, EDGE, true);
	inject(w, EDGE_HIGH, true);
	for (i = 0; i < 10; i++) {
		enter(w);
		EXPECT(t, in_hw(w, EDGE) && in_hw(w, EDGE_HIGH));
		EXPECT(t, !flush(w));
		leave(w);
		EXPECT_EQ(t, WORD(latch, 0), ppi_bit(EDGE));
		EXPECT_EQ(t, WORD(latch, 1), ppi_bit(EDGE_HIGH));
	}
}

/* One that comes while the first is pending is the same, after it a new one */
static inline void edges_coalesce_while_pending(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	inject(w, EDGE, true);
	enter(w);
	inject(w, EDGE, true);
	flush(w);
	EXPECT_EQ(t, w->img.pending[0], ppi_bit(EDGE));
	w->img.pending[0] = 0;
	EXPECT(t, !flush(w));
	EXPECT(t, !in_hw(w, EDGE));

	EXPECT(t, inject(w, EDGE, true));
	EXPECT(t, flush(w));
	EXPECT(t, in_hw(w, EDGE));
}

/* Injected between the last flush and the put */
static inline void edge_just_before_leave(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	enter(w);
	inject(w, EDGE, true);
	leave(w);
	EXPECT_EQ(t, WORD(latch, 0), ppi_bit(EDGE));
	enter(w);
	EXPECT(t, in_hw(w, EDGE));
}

/* Edge pending in the hardware, another injected: leave joins the two */
static inline void leave_joins_edges(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	inject(w, EDGE, true);
	enter(w);
	inject(w, EDGE + 5, true);
	leave(w);
	EXPECT_EQ(t, WORD(latch, 0), ppi_bit(EDGE) | ppi_bit(EDGE + 5));
}

static inline void level_follows_line(ppi_test_t *t, struct world *w)
{
	static const u8 ppis[] = { LEVEL, LEVEL_HIGH };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		unsigned int ppi = ppis[i];

		world_init(w, ALL, ALL);
		inject(w, ppi, true);
		enter(w);
		EXPECT(t, in_hw(w, ppi));
		inject(w, ppi, false);
		EXPECT(t, flush(w));
		EXPECT(t, !in_hw(w, ppi));
		inject(w, ppi, true);
		EXPECT(t, flush(w));
		EXPECT(t, in_hw(w, ppi));

		/* Lowered while it was out */
		leave(w);
		EXPECT(t, spendr(w, i));
		inject(w, ppi, false);
		EXPECT_EQ(t, spendr(w, i), 0);
		enter(w);
		EXPECT(t, !in_hw(w, ppi));
		leave(w);
		EXPECT_EQ(t, WORD(latch, i), 0);
	}
}

/* Up and down again between two looks: nothing for the hardware to do */
static inline void level_pulse_is_nothing(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	enter(w);
	inject(w, LEVEL, true);
	inject(w, LEVEL, false);
	EXPECT(t, !flush(w));
	inject(w, LEVEL, true);
	flush(w);
	inject(w, LEVEL, false);
	inject(w, LEVEL, true);
	EXPECT(t, !flush(w));
	EXPECT(t, in_hw(w, LEVEL));
}

/* What was handed over last time does not matter after a new load */
static inline void enter_forgets_old_lines(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	inject(w, LEVEL, true);
	enter(w);
	leave(w);
	inject(w, LEVEL, false);
	enter(w);
	EXPECT_EQ(t, w->cpu.hw_line[0], 0);
	inject(w, LEVEL, true);
	EXPECT(t, flush(w));
	EXPECT(t, in_hw(w, LEVEL));
}

/* Each leaves the other kind, and other PPIs, as they are */
static inline void flush_touches_changes_only(ppi_test_t *t, struct world *w)
{
	u64 set[PPI_BANKS] = { 0 }, clear[PPI_BANKS] = { 0 };

	world_init(w, ALL, ALL);
	inject(w, LEVEL, true);
	inject(w, EDGE, true);
	enter(w);
	inject(w, LEVEL, false);
	inject(w, LEVEL + 1, true);
	inject(w, EDGE_HIGH, true);
	ppi_flush(&w->cpu, &w->vm, set, clear);
	EXPECT_EQ(t, set[0], ppi_bit(LEVEL + 1));
	EXPECT_EQ(t, set[1], ppi_bit(EDGE_HIGH));
	EXPECT_EQ(t, clear[0], ppi_bit(LEVEL));
	EXPECT_EQ(t, clear[1], 0);

	ppi_flush(&w->cpu, &w->vm, set, clear);
	EXPECT_EQ(t, set[0] | set[1] | clear[0] | clear[1], 0);
}

/* A level PPI is pending by its line alone, whatever the hardware says */
static inline void leave_ignores_pending_levels(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	enter(w);
	w->img.pending[0] = ppi_bit(LEVEL);
	w->img.pending[1] = ppi_bit(LEVEL_HIGH);
	leave(w);
	EXPECT_EQ(t, WORD(latch, 0) | WORD(latch, 1), 0);
	EXPECT_EQ(t, WORD(line, 0) | WORD(line, 1), 0);
	EXPECT_EQ(t, spendr(w, 0) | spendr(w, 1), 0);
}

static inline void active_goes_both_ways(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	ppi_guest_write(&w->cpu, &w->vm, PPI_SACTIVER, 0, ppi_bit(EDGE));
	ppi_guest_write(&w->cpu, &w->vm, PPI_SACTIVER, 1, ppi_bit(LEVEL_HIGH));
	ppi_guest_write(&w->cpu, &w->vm, PPI_ENABLER, 1, ppi_bit(EDGE_HIGH));
	enter(w);
	EXPECT_EQ(t, w->img.active[0], ppi_bit(EDGE));
	EXPECT_EQ(t, w->img.active[1], ppi_bit(LEVEL_HIGH));
	EXPECT_EQ(t, w->img.enabled[0], 0);
	EXPECT_EQ(t, w->img.enabled[1], ppi_bit(EDGE_HIGH));
	w->img.active[0] = ppi_bit(LEVEL);
	w->img.active[1] = 0;
	leave(w);
	EXPECT_EQ(t, w->cpu.active[0], ppi_bit(LEVEL));
	EXPECT_EQ(t, w->cpu.active[1], 0);
}

/* With one bank, nothing is read from or written to the other */
static inline void one_bank_is_one_bank(ppi_test_t *t, struct world *w)
{
	u64 set[PPI_BANKS] = { POISON, POISON }, clear[PPI_BANKS] = { POISON, POISON };

	world_init(w, ppi_bit(EDGE), 0);
	w->img.pending[1] = POISON;
	w->img.active[1] = POISON;
	ppi_enter(&w->cpu, &w->vm, &w->img);
	EXPECT_EQ(t, w->img.pending[1], POISON);
	ppi_flush(&w->cpu, &w->vm, set, clear);
	EXPECT_EQ(t, set[1], POISON);
	EXPECT_EQ(t, clear[1], POISON);
	ppi_leave(&w->cpu, &w->vm, &w->img);
	EXPECT_EQ(t, w->cpu.active[1], 0);
	EXPECT_EQ(t, WORD(latch, 1), 0);
}

/* --- direct injection ---------------------------------------------------- */

static inline void direct_pending_is_the_hardware_s(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	w->cpu.direct[0] = ppi_bit(LEVEL) | ppi_bit(EDGE);
	w->cpu.direct[1] = ppi_bit(LEVEL_HIGH) | ppi_bit(EDGE_HIGH);
	inject(w, LEVEL, true);
	inject(w, LEVEL_HIGH, true);
	inject(w, EDGE, true);
	inject(w, EDGE_HIGH, true);
	enter(w);
	EXPECT_EQ(t, w->img.direct[0], ppi_bit(LEVEL) | ppi_bit(EDGE));
	EXPECT_EQ(t, w->img.direct[1], ppi_bit(LEVEL_HIGH) | ppi_bit(EDGE_HIGH));
	EXPECT_EQ(t, w->img.pending[0] | w->img.pending[1], 0);

	inject(w, LEVEL, false);
	flush(w);
	inject(w, LEVEL, true);
	inject(w, EDGE, true);
	EXPECT(t, !flush(w));

	/* It may show the input, or not */
	w->img.pending[0] = ppi_bit(LEVEL) | ppi_bit(EDGE);
	w->img.pending[1] = ppi_bit(LEVEL_HIGH) | ppi_bit(EDGE_HIGH);
	leave(w);
	EXPECT_EQ(t, WORD(latch, 0) & ppi_bit(LEVEL), 0);
	EXPECT_EQ(t, WORD(latch, 1), 0);
	enter(w);
	EXPECT_EQ(t, w->img.pending[0] | w->img.pending[1], 0);
}

/* Active is state of the guest's, direct or not */
static inline void direct_active_is_kept(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	w->cpu.direct[0] = ppi_bit(LEVEL);
	enter(w);
	w->img.active[0] = ppi_bit(LEVEL);
	leave(w);
	EXPECT_EQ(t, w->cpu.active[0], ppi_bit(LEVEL));
	enter(w);
	EXPECT_EQ(t, w->img.active[0], ppi_bit(LEVEL));
}

/* --- masking: exposed, or not there -------------------------------------- */

static inline void hidden_reads_as_zero(ppi_test_t *t, struct world *w)
{
	static const enum ppi_reg regs[] = { PPI_HMR, PPI_ENABLER, PPI_SACTIVER,
		PPI_CACTIVER, PPI_SPENDR, PPI_CPENDR };
	unsigned int ppi, i, n;

	for (ppi = 0; ppi < PPI_NR; ppi++) {
		u64 only[PPI_BANKS] = { 0 };

		if (ppi == PPI_SW)
			continue;
		only[ppi_bank(ppi)] = ppi_bit(ppi);
		world_init(w, only[0], only[1]);
		only[0] |= ppi_bit(PPI_SW);

		for (n = 0; n < PPI_NR; n++)
			inject(w, n, true);
		for (n = 0; n < PPI_BANKS; n++)
			for (i = 0; i < 6; i++)
				if (regs[i] != PPI_CACTIVER && regs[i] != PPI_CPENDR)
					ppi_guest_write(&w->cpu, &w->vm, regs[i], n, ALL);
		for (n = 0; n < PPI_PRIORITYRS; n++)
			ppi_guest_write(&w->cpu, &w->vm, PPI_PRIORITYR, n, ALL);

		for (n = 0; n < PPI_BANKS; n++) {
			for (i = 0; i < 6; i++) {
				u64 want = only[n];

				if (regs[i] == PPI_HMR)
					want &= ~w->host.edge[n];
				EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm,
							    regs[i], n), want);
			}
			EXPECT_EQ(t, w->cpu.enabled[n], only[n]);
			EXPECT_EQ(t, w->cpu.active[n], only[n]);
		}
		for (n = 0; n < PPI_PRIORITYRS; n++) {
			u64 want = 0;

			if (n == ppi / 8)
				want |= 0x1fULL << (ppi % 8 * 8);
			if (n == 0)
				want |= 0x1fULL << (PPI_SW * 8);
			EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm,
						    PPI_PRIORITYR, n), want);
			EXPECT_EQ(t, w->cpu.prio[n], want);
		}

		enter(w);
		for (n = 0; n < PPI_BANKS; n++) {
			EXPECT_EQ(t, w->img.pending[n], only[n]);
			EXPECT_EQ(t, w->img.active[n], only[n]);
			EXPECT_EQ(t, w->img.enabled[n], only[n]);
		}
	}
}

/* The guest cannot make one up either */
static inline void hidden_cannot_be_set_pending(ppi_test_t *t, struct world *w)
{
	world_init(w, 0, ppi_bit(EDGE_HIGH));
	ppi_guest_write(&w->cpu, &w->vm, PPI_SPENDR, 0, ALL);
	ppi_guest_write(&w->cpu, &w->vm, PPI_SPENDR, 1, ALL);
	EXPECT_EQ(t, WORD(latch, 0), ppi_bit(PPI_SW));
	EXPECT_EQ(t, WORD(latch, 1), ppi_bit(EDGE_HIGH));
}

/* Should a hidden PPI have state after all, it stays in memory, and is no use */
static inline void hidden_never_reaches_hardware(ppi_test_t *t, struct world *w)
{
	u64 set[PPI_BANKS] = { 0 }, clear[PPI_BANKS] = { 0 };
	unsigned int n;

	world_init(w, ppi_bit(LEVEL), ppi_bit(EDGE_HIGH));
	for (n = 0; n < PPI_BANKS; n++) {
		w->cpu.enabled[n] = ALL;
		w->cpu.active[n] = ALL;
		w->cpu.direct[n] = ALL & ~w->vm.exposed[n];
	}
	enter(w);
	for (n = 0; n < PPI_BANKS; n++) {
		EXPECT_EQ(t, w->img.enabled[n], w->vm.exposed[n]);
		EXPECT_EQ(t, w->img.active[n], w->vm.exposed[n]);
		EXPECT_EQ(t, w->img.direct[n], 0);
	}
	for (n = 0; n < PPI_NR; n++)
		inject(w, n, true);
	w->cpu.direct[0] = 0;
	w->cpu.direct[1] = 0;
	ppi_flush(&w->cpu, &w->vm, set, clear);
	EXPECT_EQ(t, set[0] & ~w->vm.exposed[0], 0);
	EXPECT_EQ(t, set[1] & ~w->vm.exposed[1], 0);

	for (n = 0; n < PPI_BANKS; n++) {
		w->img.pending[n] = ALL;
		w->img.active[n] = ALL;
	}
	leave(w);
	EXPECT_EQ(t, WORD(latch, 0) & ~w->vm.exposed[0], 0);
	EXPECT_EQ(t, WORD(latch, 1), w->vm.exposed[1]);
	EXPECT_EQ(t, w->cpu.active[0], w->vm.exposed[0]);
	EXPECT_EQ(t, w->cpu.active[1], w->vm.exposed[1]);
}

static inline void hidden_never_wakes(ppi_test_t *t, struct world *w)
{
	unsigned int n;

	world_init(w, 0, ppi_bit(EDGE_HIGH));
	w->cpu.en = 1;
	w->cpu.pcr = 31;
	for (n = 0; n < PPI_NR; n++)
		if (n != EDGE_HIGH && n != PPI_SW)
			inject(w, n, true);
	w->cpu.enabled[0] = ALL;
	w->cpu.enabled[1] = ALL;
	EXPECT(t, !pending(w));
	for (n = 0; n < PPI_NR; n++)
		EXPECT(t, ppi_deliverable(&w->cpu, &w->vm, n) ==
			  (n == EDGE_HIGH || n == PPI_SW));
}

/* Before the first run has fixed what is exposed, there is nothing */
static inline void unfixed_vm_has_nothing(ppi_test_t *t, struct world *w)
{
	const u64 all[PPI_BANKS] = { ALL, ALL };
	unsigned int n;

	world_host(w, all, 5);
	w->cpu.en = 1;
	w->cpu.pcr = 31;
	for (n = 0; n < PPI_NR; n++)
		inject(w, n, true);
	w->cpu.enabled[0] = ALL;
	w->cpu.enabled[1] = ALL;
	EXPECT(t, !pending(w));
	EXPECT_EQ(t, spendr(w, 0) | spendr(w, 1), 0);
	enter(w);
	EXPECT_EQ(t, w->img.pending[0] | w->img.pending[1], 0);
	EXPECT_EQ(t, w->img.enabled[0] | w->img.enabled[1], 0);
}

/* --- the guest's registers ----------------------------------------------- */

static inline void guest_hmr(ppi_test_t *t, struct world *w)
{
	world_init(w, ppi_bit(LEVEL) | ppi_bit(EDGE), ppi_bit(LEVEL_HIGH));
	EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_HMR, 0), ppi_bit(LEVEL));
	EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_HMR, 1),
		  ppi_bit(LEVEL_HIGH));
	ppi_guest_write(&w->cpu, &w->vm, PPI_HMR, 0, 0);
	EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_HMR, 0), ppi_bit(LEVEL));
}

static inline void guest_enabler(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	ppi_guest_write(&w->cpu, &w->vm, PPI_ENABLER, 0, 0x5);
	ppi_guest_write(&w->cpu, &w->vm, PPI_ENABLER, 1, ALL);
	EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_ENABLER, 0), 0x5);
	EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_ENABLER, 1), ALL);
	ppi_guest_write(&w->cpu, &w->vm, PPI_ENABLER, 0, 0x2);
	EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_ENABLER, 0), 0x2);
}

static inline void guest_active(ppi_test_t *t, struct world *w)
{
	unsigned int n;

	world_init(w, ALL, ALL);
	for (n = 0; n < PPI_BANKS; n++) {
		ppi_guest_write(&w->cpu, &w->vm, PPI_SACTIVER, n, 0xf0);
		ppi_guest_write(&w->cpu, &w->vm, PPI_SACTIVER, n, 0x0f);
		ppi_guest_write(&w->cpu, &w->vm, PPI_CACTIVER, n, 0x3c);
		EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_SACTIVER, n), 0xc3);
		EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_CACTIVER, n), 0xc3);
	}
}

static inline void guest_pending_edge(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	ppi_guest_write(&w->cpu, &w->vm, PPI_SPENDR, 0,
			ppi_bit(EDGE) | ppi_bit(PPI_SW));
	ppi_guest_write(&w->cpu, &w->vm, PPI_SPENDR, 1, ppi_bit(EDGE_HIGH));
	EXPECT_EQ(t, spendr(w, 0), ppi_bit(EDGE) | ppi_bit(PPI_SW));
	EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_CPENDR, 1),
		  ppi_bit(EDGE_HIGH));
	ppi_guest_write(&w->cpu, &w->vm, PPI_CPENDR, 0, ppi_bit(EDGE));
	EXPECT_EQ(t, spendr(w, 0), ppi_bit(PPI_SW));
	enter(w);
	EXPECT_EQ(t, w->img.pending[0], ppi_bit(PPI_SW));
	EXPECT_EQ(t, w->img.pending[1], ppi_bit(EDGE_HIGH));
}

/* Only its line makes a level PPI pending, or not */
static inline void guest_pending_level(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	ppi_guest_write(&w->cpu, &w->vm, PPI_SPENDR, 0, ppi_bit(LEVEL));
	ppi_guest_write(&w->cpu, &w->vm, PPI_SPENDR, 1, ppi_bit(LEVEL_HIGH));
	EXPECT_EQ(t, spendr(w, 0) | spendr(w, 1), 0);
	open_ppi(w, LEVEL, 1);
	EXPECT(t, !pending(w));
	enter(w);
	EXPECT_EQ(t, w->img.pending[0] | w->img.pending[1], 0);
	leave(w);
	inject(w, LEVEL, true);
	ppi_guest_write(&w->cpu, &w->vm, PPI_CPENDR, 0, ALL);
	EXPECT_EQ(t, spendr(w, 0), ppi_bit(LEVEL));
}

static inline void guest_priority(ppi_test_t *t, struct world *w)
{
	unsigned int ppi, n;

	world_init(w, ALL, ALL);
	for (n = 0; n < PPI_PRIORITYRS; n++)
		ppi_guest_write(&w->cpu, &w->vm, PPI_PRIORITYR, n,
				0xe0c0a08060402000ULL + 0x0706050403020100ULL +
				0x0101010101010101ULL * (n & 7));
	for (ppi = 0; ppi < PPI_NR; ppi++)
		EXPECT_EQ(t, ppi_priority(&w->cpu, &w->vm, ppi),
			  ppi % 8 + (ppi / 8 & 7));
	EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_PRIORITYR, 15),
		  0x0e0d0c0b0a090807ULL);
}

/* O7 */
static inline void o7_four_priority_bits(ppi_test_t *t, struct world *w)
{
	const u64 all[PPI_BANKS] = { ALL, ALL };
	unsigned int ppi;

	world_host(w, all, 4);
	ppi_vm_expose(&w->vm, all);
	ppi_guest_write(&w->cpu, &w->vm, PPI_PRIORITYR, 0, ALL);
	EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_PRIORITYR, 0),
		  0x1e1e1e1e1e1e1e1eULL);
	for (ppi = 0; ppi < 8; ppi++)
		EXPECT_EQ(t, ppi_priority(&w->cpu, &w->vm, ppi), 30);

	w->cpu.en = 1;
	w->cpu.enabled[0] = ALL;
	w->cpu.pcr = 30;
	EXPECT(t, ppi_deliverable(&w->cpu, &w->vm, 7));
	w->cpu.pcr = 28;
	EXPECT(t, !ppi_deliverable(&w->cpu, &w->vm, 7));
}

/* Priorities are stored without holes, for what the host implements */
static inline void priority_storage(ppi_test_t *t, struct world *w)
{
	const u64 some[PPI_BANKS] = { ppi_bit(9) | ppi_bit(27), ppi_bit(127) };

	world_host(w, some, 5);
	ppi_vm_expose(&w->vm, some);
	EXPECT(t, prio_word(w, 1) == &w->cpu.prio[0]);
	EXPECT(t, prio_word(w, 3) == &w->cpu.prio[1]);
	EXPECT(t, prio_word(w, 15) == &w->cpu.prio[2]);
	EXPECT_EQ(t, ppi_prio_field_mask(&w->vm, 1), 0x1f00);
	EXPECT_EQ(t, ppi_prio_field_mask(&w->vm, 3), 0x1fULL << 24);
	EXPECT_EQ(t, ppi_prio_field_mask(&w->vm, 15), 0x1fULL << 56);
	EXPECT_EQ(t, ppi_prio_field_mask(&w->vm, 0), 0);

	ppi_guest_write(&w->cpu, &w->vm, PPI_PRIORITYR, 1, 11 << 8);
	ppi_guest_write(&w->cpu, &w->vm, PPI_PRIORITYR, 3, 13ULL << 24);
	ppi_guest_write(&w->cpu, &w->vm, PPI_PRIORITYR, 15, 17ULL << 56);
	/* Not there: must not land in another's place */
	ppi_guest_write(&w->cpu, &w->vm, PPI_PRIORITYR, 0, ALL);
	ppi_guest_write(&w->cpu, &w->vm, PPI_PRIORITYR, 2, ALL);
	ppi_guest_write(&w->cpu, &w->vm, PPI_PRIORITYR, 14, ALL);
	EXPECT_EQ(t, ppi_guest_read(&w->cpu, &w->vm, PPI_PRIORITYR, 2), 0);
	EXPECT_EQ(t, ppi_priority(&w->cpu, &w->vm, 9), 11);
	EXPECT_EQ(t, ppi_priority(&w->cpu, &w->vm, 27), 13);
	EXPECT_EQ(t, ppi_priority(&w->cpu, &w->vm, 127), 17);
	EXPECT_EQ(t, w->cpu.prio[3], POISON);
}

/* --- would the guest take it? -------------------------------------------- */

static inline void pending_needs_enable(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, EDGE, 1);
	EXPECT(t, !pending(w));
	EXPECT(t, ppi_deliverable(&w->cpu, &w->vm, EDGE));
	inject(w, EDGE, true);
	EXPECT(t, pending(w));
	ppi_guest_write(&w->cpu, &w->vm, PPI_ENABLER, 0, ALL & ~ppi_bit(EDGE));
	EXPECT(t, !pending(w));
	EXPECT(t, !ppi_deliverable(&w->cpu, &w->vm, EDGE));
}

static inline void pending_each_of_128(ppi_test_t *t, struct world *w)
{
	unsigned int ppi, other;

	for (ppi = 0; ppi < PPI_NR; ppi++) {
		world_init(w, ALL, ALL);
		open_ppi(w, ppi, 31);
		for (other = 0; other < PPI_NR; other++)
			EXPECT(t, ppi_deliverable(&w->cpu, &w->vm, other) ==
				  (other == ppi));
		EXPECT(t, !pending(w));
		inject(w, ppi, true);
		EXPECT(t, pending(w));
	}
}

/* F4: the mask lets an equal priority through, the running priority does not */
static inline void f4_priority_bound(ppi_test_t *t, struct world *w)
{
	unsigned int prio, pcr, running;

	world_init(w, ALL, ALL);
	for (prio = 0; prio < 32; prio++) {
		open_ppi(w, LEVEL, prio);
		inject(w, LEVEL, true);
		for (pcr = 0; pcr < 32; pcr++) {
			for (running = 0; running <= 32; running++) {
				bool want = prio <= pcr && prio < running;

				w->cpu.pcr = pcr;
				w->cpu.apr = running < 32 ? 1U << running : 0;
				EXPECT(t, pending(w) == want);
				EXPECT(t, ppi_deliverable(&w->cpu, &w->vm,
							  LEVEL) == want);
			}
		}
	}
}

/* The highest of the active priorities is the running one */
static inline void running_is_the_highest(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, LEVEL, 10);
	inject(w, LEVEL, true);
	w->cpu.apr = 1U << 20 | 1U << 31;
	EXPECT(t, pending(w));
	w->cpu.apr |= 1U << 10;
	EXPECT(t, !pending(w));
}

/* F5: nothing active is not priority 0, nor undefined */
static inline void f5_no_active_priority(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, LEVEL, 31);
	inject(w, LEVEL, true);
	w->cpu.apr = 0;
	EXPECT(t, pending(w));
}

/* F6 */
static inline void f6_interface_disabled(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, LEVEL, 0);
	inject(w, LEVEL, true);
	w->cpu.en = 0;
	EXPECT(t, !pending(w));
	EXPECT(t, !ppi_deliverable(&w->cpu, &w->vm, LEVEL));
}

/* O5: an active interrupt is not delivered again, even if pending again */
static inline void o5_active_does_not_wake(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, EDGE, 1);
	open_ppi(w, LEVEL_HIGH, 1);
	inject(w, EDGE, true);
	inject(w, LEVEL_HIGH, true);
	ppi_guest_write(&w->cpu, &w->vm, PPI_SACTIVER, 0, ppi_bit(EDGE));
	EXPECT(t, pending(w));
	ppi_guest_write(&w->cpu, &w->vm, PPI_SACTIVER, 1, ppi_bit(LEVEL_HIGH));
	EXPECT(t, !pending(w));
	EXPECT(t, !ppi_deliverable(&w->cpu, &w->vm, EDGE));
	ppi_guest_write(&w->cpu, &w->vm, PPI_CACTIVER, 0, ppi_bit(EDGE));
	EXPECT(t, pending(w));
}

/* One that is masked does not hide another that is not */
static inline void any_pending_is_enough(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, EDGE, 20);
	open_ppi(w, LEVEL, 20);
	open_ppi(w, EDGE_HIGH, 4);
	w->cpu.pcr = 10;
	inject(w, EDGE, true);
	inject(w, LEVEL, true);
	EXPECT(t, !pending(w));
	inject(w, EDGE_HIGH, true);
	EXPECT(t, pending(w));

	/* In the same bank, too */
	world_init(w, ALL, ALL);
	open_ppi(w, EDGE, 20);
	open_ppi(w, LEVEL, 4);
	w->cpu.pcr = 10;
	inject(w, EDGE, true);
	inject(w, LEVEL, true);
	EXPECT(t, pending(w));
}

/* The hardware has it, the latch does not, and it is pending all the same */
static inline void pending_while_resident(ppi_test_t *t, struct world *w)
{
	static const u8 ppis[] = { EDGE, EDGE_HIGH };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		unsigned int b = ppi_bank(ppis[i]);

		world_init(w, ALL, ALL);
		open_ppi(w, ppis[i], 7);
		enter(w);
		EXPECT(t, !pending(w));
		inject(w, ppis[i], true);
		EXPECT(t, pending(w));
		flush(w);
		EXPECT_EQ(t, WORD(latch, b), 0);
		EXPECT(t, pending(w));

		/* The words of before the load say something else */
		w->img.pcr = 6;
		EXPECT(t, !pending(w));
		w->img.pcr = 7;
		w->img.apr = 1U << 7;
		EXPECT(t, !pending(w));
		w->img.apr = 0;
		w->img.en = 0;
		EXPECT(t, !pending(w));
		w->img.en = 1;
		w->img.active[b] = ppi_bit(ppis[i]);
		EXPECT(t, !pending(w));
		w->img.active[b] = 0;
		EXPECT(t, pending(w));

		/* Acknowledged */
		w->img.pending[b] = 0;
		EXPECT(t, !pending(w));
	}
}

/* Direct: the line was sampled, what the hardware shows does not count */
static inline void pending_while_resident_direct(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	w->cpu.direct[0] = ppi_bit(LEVEL) | ppi_bit(EDGE);
	open_ppi(w, LEVEL, 7);
	open_ppi(w, EDGE, 7);
	enter(w);
	w->img.pending[0] = ppi_bit(LEVEL) | ppi_bit(EDGE);
	EXPECT(t, !pending(w));
	ppi_sample(&w->cpu, LEVEL, true);
	EXPECT(t, pending(w));
	w->img.pcr = 6;
	EXPECT(t, !pending(w));
}

/* From outside: an enabled one that the hardware has not got is a good hint */
static inline void pending_hint(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	open_ppi(w, EDGE, 7);
	w->cpu.pcr = 0;
	enter(w);
	EXPECT(t, !ppi_pending(&w->cpu, &w->vm, NULL));
	inject(w, LEVEL, true);
	EXPECT(t, !ppi_pending(&w->cpu, &w->vm, NULL));
	inject(w, EDGE, true);
	EXPECT(t, ppi_pending(&w->cpu, &w->vm, NULL));
}

static inline void masks_go_both_ways(ppi_test_t *t, struct world *w)
{
	world_init(w, ALL, ALL);
	w->cpu.en = 1;
	w->cpu.pcr = 17;
	w->cpu.apr = 0x80000001;
	enter(w);
	EXPECT_EQ(t, w->img.en, 1);
	EXPECT_EQ(t, w->img.pcr, 17);
	EXPECT_EQ(t, w->img.apr, 0x80000001);
	w->img.en = 0;
	w->img.pcr = 3;
	w->img.apr = 0x10;
	leave(w);
	EXPECT_EQ(t, w->cpu.en, 0);
	EXPECT_EQ(t, w->cpu.pcr, 3);
	EXPECT_EQ(t, w->cpu.apr, 0x10);
}

/* An injector that saw a vCPU resident tells one that has left since */
static inline void flush_without_residency(ppi_test_t *t, struct world *w)
{
	u64 set[PPI_BANKS] = { 0 }, clear[PPI_BANKS] = { 0 };

	world_init(w, ALL, ALL);
	inject(w, EDGE, true);
	w->cpu.changed = 1;
	EXPECT(t, !ppi_flush(&w->cpu, &w->vm, set, clear));
	EXPECT_EQ(t, set[0] | set[1] | clear[0] | clear[1], 0);
	EXPECT_EQ(t, WORD(latch, 0), ppi_bit(EDGE));
	enter(w);
	EXPECT_EQ(t, w->cpu.changed, 0);
	EXPECT(t, in_hw(w, EDGE));
}

static inline void snapshot_of_words(ppi_test_t *t, struct world *w)
{
	struct ppi_snapshot snap;
	unsigned int ppi;

	world_init(w, ppi_bit(LEVEL) | ppi_bit(EDGE), ppi_bit(EDGE_HIGH));
	open_ppi(w, EDGE, 9);
	open_ppi(w, EDGE_HIGH, 11);
	ppi_guest_write(&w->cpu, &w->vm, PPI_SACTIVER, 0, ppi_bit(LEVEL));
	ppi_guest_write(&w->cpu, &w->vm, PPI_SACTIVER, 1, ppi_bit(EDGE_HIGH));
	w->cpu.apr = 0x1000;
	EXPECT(t, ppi_snapshot(&w->cpu, &w->vm, &snap));
	EXPECT_EQ(t, snap.active[0], ppi_bit(LEVEL));
	EXPECT_EQ(t, snap.active[1], ppi_bit(EDGE_HIGH));
	EXPECT_EQ(t, snap.apr, 0x1000);
	EXPECT_EQ(t, snap.en, 1);
	EXPECT_EQ(t, snap.pcr, 31);
	for (ppi = 0; ppi < PPI_NR; ppi++)
		EXPECT_EQ(t, snap.prio[ppi], ppi == EDGE ? 9 :
					     ppi == EDGE_HIGH ? 11 : 0);

	enter(w);
	EXPECT(t, !ppi_snapshot(&w->cpu, &w->vm, &snap));
	leave(w);
	EXPECT(t, ppi_snapshot(&w->cpu, &w->vm, &snap));
	/* In the midst of a reset */
	w->cpu.seq |= 1;
	EXPECT(t, !ppi_snapshot(&w->cpu, &w->vm, &snap));
}

/* --- save and restore ----------------------------------------------------- */

/* A vCPU that has not run yet, of a host with these in bank 0 and none in bank 1 */
static inline void world_to_restore(struct world *w, u64 implemented,
				    unsigned int pri_bits)
{
	const u64 ppis[PPI_BANKS] = { implemented, 0 };

	world_host(w, ppis, pri_bits);
}

static inline u64 state(struct world *w, u32 reg)
{
	u64 val = POISON;

	return ppi_state_get(&w->cpu, &w->vm, reg, &val) ? POISON : val;
}

static inline int restore(struct world *w, u32 reg, u64 val)
{
	return ppi_state_set(&w->cpu, &w->vm, reg, val);
}

/* As arch/arm64 packs op0, op1, CRn, CRm and op2 */
static inline u32 packed(unsigned int op1, unsigned int crm, unsigned int op2)
{
	return 3 << 14 | op1 << 11 | 12 << 7 | crm << 3 | op2;
}

static inline void state_names(ppi_test_t *t, struct world *w)
{
	unsigned int reg, n = 0;
	u64 val;

	world_init(w, ALL, ALL);
	EXPECT_EQ(t, STATE_ICSR, packed(0, 10, 4));
	EXPECT_EQ(t, STATE_ENABLER(1), packed(0, 10, 7));
	EXPECT_EQ(t, STATE_SACTIVER(0), packed(0, 13, 2));
	EXPECT_EQ(t, STATE_SPENDR(1), packed(0, 13, 7));
	EXPECT_EQ(t, STATE_PRIORITYR(0), packed(0, 14, 0));
	EXPECT_EQ(t, STATE_PRIORITYR(15), packed(0, 15, 7));
	EXPECT_EQ(t, STATE_APR, packed(1, 0, 0));
	EXPECT_EQ(t, STATE_CR0, packed(1, 0, 1));
	EXPECT_EQ(t, STATE_PCR, packed(1, 0, 2));
	/* And no others */
	for (reg = 0; reg < 0x10000; reg++) {
		n += ppi_state_has(reg);
		EXPECT_EQ(t, ppi_state_get(&w->cpu, &w->vm, reg, &val),
			  ppi_state_has(reg) ? 0 : -ENOENT);
		EXPECT_EQ(t, restore(w, reg, 0), ppi_state_has(reg) ? 0 : -ENOENT);
	}
	EXPECT_EQ(t, n, 26);
	EXPECT(t, !ppi_state_has(0x10000 | STATE_PCR));
}

static inline void state_of_new_vcpu(ppi_test_t *t, struct world *w)
{
	world_to_restore(w, ALL, 5);
	EXPECT_EQ(t, restore(w, STATE_ICSR, ALL), 0);
	EXPECT_EQ(t, state(w, STATE_ICSR), 0xffff0000f83fULL);
	EXPECT_EQ(t, restore(w, STATE_CR0, ALL), 0);
	EXPECT_EQ(t, state(w, STATE_CR0), 7);
	EXPECT_EQ(t, restore(w, STATE_CR0, 6), 0);
	EXPECT_EQ(t, state(w, STATE_CR0), 6);
	EXPECT_EQ(t, restore(w, STATE_APR, ALL), 0);
	EXPECT_EQ(t, state(w, STATE_APR), 0xffffffff);
	EXPECT_EQ(t, restore(w, STATE_PCR, ALL), 0);
	EXPECT_EQ(t, state(w, STATE_PCR), 0x1f);
	EXPECT_EQ(t, restore(w, STATE_PRIORITYR(7), ALL), 0);
	EXPECT_EQ(t, state(w, STATE_PRIORITYR(7)), 0x1f1f1f1f1f1f1f1fULL);
	/* Active and pending are taken as they are, both ways */
	EXPECT_EQ(t, restore(w, STATE_SACTIVER(0), 0x5a), 0);
	EXPECT_EQ(t, restore(w, STATE_SACTIVER(0), 0xa5), 0);
	EXPECT_EQ(t, state(w, STATE_SACTIVER(0)), 0xa5);
	EXPECT_EQ(t, restore(w, STATE_SPENDR(0), ALL), 0);
	EXPECT_EQ(t, WORD(line, 0) | WORD(latch, 0), ALL);
	EXPECT_EQ(t, WORD(line, 0) & WORD(latch, 0), 0);
	EXPECT_EQ(t, WORD(latch, 0), w->host.edge[0]);
	EXPECT_EQ(t, restore(w, STATE_SPENDR(0), 0x5a), 0);
	EXPECT_EQ(t, state(w, STATE_SPENDR(0)), 0x5a);
	EXPECT_EQ(t, restore(w, STATE_ENABLER(0), ALL), 0);
	EXPECT_EQ(t, state(w, STATE_ENABLER(0)), ALL);
}

/* A host without bank 1: RAZ/WI */
static inline void state_of_no_bank(ppi_test_t *t, struct world *w)
{
	unsigned int n;

	world_to_restore(w, ALL, 5);
	EXPECT_EQ(t, restore(w, STATE_ENABLER(1), ALL), 0);
	EXPECT_EQ(t, restore(w, STATE_SACTIVER(1), ALL), 0);
	EXPECT_EQ(t, restore(w, STATE_SPENDR(1), ALL), 0);
	EXPECT_EQ(t, state(w, STATE_ENABLER(1)), 0);
	EXPECT_EQ(t, state(w, STATE_SACTIVER(1)), 0);
	EXPECT_EQ(t, state(w, STATE_SPENDR(1)), 0);
	for (n = 8; n < PPI_PRIORITYRS; n++) {
		EXPECT_EQ(t, restore(w, STATE_PRIORITYR(n), ALL), 0);
		EXPECT_EQ(t, state(w, STATE_PRIORITYR(n)), 0);
	}
	EXPECT_EQ(t, state(w, STATE_PRIORITYR(7)), 0);
}

/* Fewer PPIs, and fewer priority bits, than where it was saved */
static inline void state_refused(ppi_test_t *t, struct world *w)
{
	const u64 some = ppi_bit(EDGE) | ppi_bit(LEVEL);

	world_to_restore(w, some, 4);
	EXPECT_EQ(t, restore(w, STATE_ENABLER(0), some), 0);
	EXPECT_EQ(t, restore(w, STATE_SACTIVER(0), some), 0);
	EXPECT_EQ(t, restore(w, STATE_SPENDR(0), some), 0);
	EXPECT_EQ(t, restore(w, STATE_PRIORITYR(0), 0x1eULL << 40), 0);
	EXPECT_EQ(t, restore(w, STATE_PCR, 0x1e), 0);
	EXPECT_EQ(t, restore(w, STATE_APR, 0x50000001), 0);

	EXPECT_EQ(t, restore(w, STATE_ENABLER(0), ppi_bit(21)), -EINVAL);
	EXPECT_EQ(t, restore(w, STATE_SACTIVER(0), ppi_bit(21)), -EINVAL);
	EXPECT_EQ(t, restore(w, STATE_SPENDR(0), ppi_bit(21)), -EINVAL);
	EXPECT_EQ(t, restore(w, STATE_PRIORITYR(0), 1ULL << 40), -EINVAL);
	EXPECT_EQ(t, restore(w, STATE_PCR, 0x1f), -EINVAL);
	EXPECT_EQ(t, restore(w, STATE_APR, 2), -EINVAL);
	EXPECT_EQ(t, restore(w, 0xc652, 0), -ENOENT);

	EXPECT_EQ(t, state(w, STATE_ENABLER(0)), some);
	EXPECT_EQ(t, state(w, STATE_SACTIVER(0)), some);
	EXPECT_EQ(t, state(w, STATE_SPENDR(0)), some);
	EXPECT_EQ(t, state(w, STATE_PRIORITYR(0)), 0x1eULL << 40);
	EXPECT_EQ(t, state(w, STATE_PCR), 0x1e);
	EXPECT_EQ(t, state(w, STATE_APR), 0x50000001);

	/* A guest may write priorities of what is not there */
	EXPECT_EQ(t, restore(w, STATE_PRIORITYR(0), 1 | 0x1cULL << 40), 0);
	EXPECT_EQ(t, state(w, STATE_PRIORITYR(0)), 0x1cULL << 40);
	EXPECT_EQ(t, restore(w, STATE_PRIORITYR(5), ALL), 0);
	EXPECT_EQ(t, state(w, STATE_PRIORITYR(5)), 0);
}

/* Whatever a VMM writes, the guest sees what is exposed */
static inline void state_is_masked(ppi_test_t *t, struct world *w)
{
	const u64 owned[PPI_BANKS] = { ppi_bit(EDGE) | ppi_bit(LEVEL), 0 };
	const u64 exposed = owned[0] | ppi_bit(PPI_SW);
	unsigned int n;

	world_to_restore(w, ALL, 5);
	EXPECT_EQ(t, restore(w, STATE_ENABLER(0), ALL), 0);
	EXPECT_EQ(t, restore(w, STATE_SACTIVER(0), ALL), 0);
	EXPECT_EQ(t, restore(w, STATE_SPENDR(0), ALL), 0);
	for (n = 0; n < 8; n++)
		EXPECT_EQ(t, restore(w, STATE_PRIORITYR(n), ALL), 0);

	ppi_vm_expose(&w->vm, owned);
	ppi_cpu_expose(&w->cpu, &w->vm);
	EXPECT_EQ(t, state(w, STATE_ENABLER(0)), exposed);
	EXPECT_EQ(t, state(w, STATE_SACTIVER(0)), exposed);
	EXPECT_EQ(t, w->cpu.enabled[0], exposed);
	EXPECT_EQ(t, w->cpu.active[0], exposed);
	EXPECT_EQ(t, *prio_word(w, 0), 0x1fULL << (8 * EDGE) |
				       0x1fULL << (8 * PPI_SW));
	EXPECT_EQ(t, *prio_word(w, 7), 0);
	/* The level is not the VMM's to drive, the edges are kept */
	EXPECT_EQ(t, state(w, STATE_SPENDR(0)), exposed & ~ppi_bit(LEVEL));
	EXPECT_EQ(t, WORD(latch, 0), exposed & ~ppi_bit(LEVEL));
	EXPECT_EQ(t, WORD(line, 0), 0);
	inject(w, LEVEL, true);
	EXPECT_EQ(t, state(w, STATE_SPENDR(0)), exposed);

	enter(w);
	EXPECT_EQ(t, w->img.enabled[0], exposed);
	EXPECT_EQ(t, w->img.active[0], exposed);
	EXPECT_EQ(t, w->img.pending[0], exposed);
}

/* What the hardware samples is no state of the vCPU */
static inline void state_of_direct(ppi_test_t *t, struct world *w)
{
	world_init(w, ppi_bit(LEVEL), 0);
	w->cpu.direct[0] = ppi_bit(LEVEL);
	ppi_sample(&w->cpu, LEVEL, true);
	EXPECT_EQ(t, state(w, STATE_SPENDR(0)), 0);
}

/* Each phase of an edge: nothing is lost, and nothing comes twice */
static inline void state_phases(ppi_test_t *t, struct world *w)
{
	static const u16 regs[] = {
		STATE_ENABLER(0), STATE_SACTIVER(0), STATE_SPENDR(0),
		STATE_PRIORITYR(EDGE / 8), STATE_APR, STATE_CR0, STATE_PCR,
	};
	const u64 owned[PPI_BANKS] = { ppi_bit(EDGE), 0 };
	u64 image[7], all[PPI_BANKS] = { ALL, 0 };
	unsigned int phase, i;

	for (phase = 0; phase < 6; phase++) {
		bool taken = phase >= 2;

		world_init(w, ppi_bit(EDGE), 0);
		open_ppi(w, EDGE, 9);
		if (phase == 1)
			ppi_guest_write(&w->cpu, &w->vm, PPI_ENABLER, 0, 0);
		inject(w, EDGE, true);
		enter(w);
		leave(w);
		if (taken) {
			EXPECT_EQ(t, ppi_highest(&w->cpu, &w->vm), EDGE);
			ppi_acknowledge(&w->cpu, &w->vm, EDGE);
		}
		if (phase == 3 || phase == 5)
			inject(w, EDGE, true);
		if (phase >= 4)
			ppi_drop_priority(&w->cpu);

		for (i = 0; i < 7; i++)
			image[i] = state(w, regs[i]);
		world_host(w, all, 5);
		for (i = 0; i < 7; i++)
			EXPECT_EQ(t, restore(w, regs[i], image[i]), 0);
		for (i = 0; i < 7; i++)
			EXPECT_EQ(t, state(w, regs[i]), image[i]);
		ppi_vm_expose(&w->vm, owned);
		ppi_cpu_expose(&w->cpu, &w->vm);

		EXPECT_EQ(t, w->cpu.apr, taken && phase < 4 ? 1U << 9 : 0);
		EXPECT_EQ(t, ppi_highest(&w->cpu, &w->vm),
			  phase == 0 ? EDGE : PPI_NR);
		/* The guest does what it would have done */
		if (taken && phase < 4)
			ppi_drop_priority(&w->cpu);
		ppi_guest_write(&w->cpu, &w->vm, PPI_CACTIVER, 0,
				ppi_bit(EDGE));
		ppi_guest_write(&w->cpu, &w->vm, PPI_ENABLER, 0, ppi_bit(EDGE));
		EXPECT_EQ(t, ppi_highest(&w->cpu, &w->vm),
			  !taken || phase == 3 || phase == 5 ? EDGE : PPI_NR);
	}
}

#define PPI_CASE(name)	{ #name, name }

static const struct ppi_case {
	const char *name;
	void (*run)(ppi_test_t *t, struct world *w);
} ppi_cases[] = {
	PPI_CASE(host_modes),
	PPI_CASE(host_priority_bits),
	PPI_CASE(host_priority_registers),
	PPI_CASE(vm_starts_with_nothing),
	PPI_CASE(expose_owned_and_userspace),
	PPI_CASE(expose_implemented_only),
	PPI_CASE(reset_clears_state),
	PPI_CASE(reset_keeps_lines_and_wires),
	PPI_CASE(reset_keeps_edges),
	PPI_CASE(reset_within_storage),
	PPI_CASE(inject_edge),
	PPI_CASE(inject_flags_resident),
	PPI_CASE(inject_edge_twice),
	PPI_CASE(inject_edge_low_is_nothing),
	PPI_CASE(inject_level),
	PPI_CASE(inject_level_twice),
	PPI_CASE(o6_lowering_never_kicks),
	PPI_CASE(inject_direct_never_kicks),
	PPI_CASE(kick_memory),
	PPI_CASE(kick_resident),
	PPI_CASE(inject_each_of_128),
	PPI_CASE(sample_sets_the_line),
	PPI_CASE(f2_enter_takes_edges),
	PPI_CASE(f3_edge_survives_exits),
	PPI_CASE(edges_coalesce_while_pending),
	PPI_CASE(edge_just_before_leave),
	PPI_CASE(leave_joins_edges),
	PPI_CASE(level_follows_line),
	PPI_CASE(level_pulse_is_nothing),
	PPI_CASE(enter_forgets_old_lines),
	PPI_CASE(flush_touches_changes_only),
	PPI_CASE(leave_ignores_pending_levels),
	PPI_CASE(active_goes_both_ways),
	PPI_CASE(one_bank_is_one_bank),
	PPI_CASE(direct_pending_is_the_hardware_s),
	PPI_CASE(direct_active_is_kept),
	PPI_CASE(hidden_reads_as_zero),
	PPI_CASE(hidden_cannot_be_set_pending),
	PPI_CASE(hidden_never_reaches_hardware),
	PPI_CASE(hidden_never_wakes),
	PPI_CASE(unfixed_vm_has_nothing),
	PPI_CASE(guest_hmr),
	PPI_CASE(guest_enabler),
	PPI_CASE(guest_active),
	PPI_CASE(guest_pending_edge),
	PPI_CASE(guest_pending_level),
	PPI_CASE(guest_priority),
	PPI_CASE(o7_four_priority_bits),
	PPI_CASE(priority_storage),
	PPI_CASE(pending_needs_enable),
	PPI_CASE(pending_each_of_128),
	PPI_CASE(f4_priority_bound),
	PPI_CASE(running_is_the_highest),
	PPI_CASE(f5_no_active_priority),
	PPI_CASE(f6_interface_disabled),
	PPI_CASE(o5_active_does_not_wake),
	PPI_CASE(any_pending_is_enough),
	PPI_CASE(pending_while_resident),
	PPI_CASE(pending_while_resident_direct),
	PPI_CASE(pending_hint),
	PPI_CASE(masks_go_both_ways),
	PPI_CASE(flush_without_residency),
	PPI_CASE(snapshot_of_words),
	PPI_CASE(state_names),
	PPI_CASE(state_of_new_vcpu),
	PPI_CASE(state_of_no_bank),
	PPI_CASE(state_refused),
	PPI_CASE(state_is_masked),
	PPI_CASE(state_of_direct),
	PPI_CASE(state_phases),
};

#define PPI_CASES	(sizeof(ppi_cases) / sizeof(ppi_cases[0]))

#endif
