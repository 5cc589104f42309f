// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IRS with two vCPUs, devices, and a guest that turns the IRS and its LPIs
 * off and on, all at the same time. Each is a thread of control of its own, and
 * the core calls yield() before each access to a word that they share: which of
 * them goes on there is decided by the test, from a seed, so that a failure is
 * one that comes again.
 *
 * From time to time all stop where they are, as if preempted, but for one vCPU.
 * It leaves the guest, or wakes up, only if it is told to. Whatever a sender had
 * returned from must arrive all the same, and nothing else.
 *
 * Accesses are sequentially consistent here: what barriers are for is what the
 * litmus tests are about. Not all of them take part in each world. STEPS is a
 * sixteenth of the number of accesses (1,000,000), SEED another sequence (1).
 */
#include <stdio.h>

#include "chance.h"

enum { VCPU_0, VCPU_1, DEVICE_A, DEVICE_B, FRAME, THREADS };

#define STACK	(128 * 1024)

#include "threads.h"

static void wait_for_others(void);

#define THREAD	current
#define WAIT()	wait_for_others()
void yield(void);

#include "irs_world.h"

#define CPUS	2

static int alone = -1;		/* the others are preempted */
static unsigned long clock_now, steps, limit, failures;
/* Of this world: who takes part, and how long each goes on, on average */
static int taking_part[THREADS];
static unsigned int nr_taking_part, rate, freezes;

/* A reader, or a vCPU that evaluates, may be kept from its CPU for long */
static unsigned long frozen[THREADS];

static int some_thread(void)
{
	int next, tries = 0;

	do {
		next = taking_part[below(nr_taking_part)];
	} while (frozen[next] > steps && tries++ < 20);

	return next;
}

/* When the thread did the access that it stopped before; reset at a call */
static unsigned long first_access[THREADS];

/* Nobody is preempted with one of these locks held */
static bool holds(int thread)
{
	return world_held[thread] || world_reading[thread];
}

/* Before each access of one vCPU, others have changed something */
static u32 *storm;
static unsigned int storm_left;

void yield(void)
{
	if (storm) {
		*storm = 1;
		if (!--storm_left)
			storm = NULL;
		return;
	}
	if (++steps >= limit && alone < 0)
		stop_threads();
	if (alone >= 0) {
		if (current != alone && !holds(current))
			go_to(alone);
	} else if (below(rate) == 0) {
		if (!world_held[current] && below(freezes) == 0)
			frozen[current] = steps + 1500;
		go_to(some_thread());
	}
	clock_now++;
	if (!first_access[current])
		first_access[current] = clock_now;
}

static void wait_for_others(void)
{
	int next;

	if (++steps >= limit && alone < 0)
		stop_threads();
	if (alone < 0) {
		go_to(some_thread());
		return;
	}
	for (next = 0; next < THREADS; next++)
		if (next != current && holds(next))
			break;
	if (next == THREADS && current == alone)
		broken("waits for nobody");
	go_to(next < THREADS ? next : alone);
}

/* Not before an access, but somewhere else in between */
static void let_others(void)
{
	go_to(alone < 0 ? some_thread() : alone);
}

/* --- what they share, besides the core's words --------------------------- */

static struct irs irs;

static struct {
	struct irs_cpu irs;
	struct ppi_cpu ppi;
	bool en;
	u8 pcr;
	u32 apr;
	u32 said;
	bool request, kicked, in_guest, in_wfi, blocked;
} cpu[CPUS];

/* SPI 40 is level triggered; LPIs of one page, and of another one */
static const u32 ids[] = {
	3U << 29 | 7, 3U << 29 | 33, 3U << 29 | 40, 2U << 29 | 1, 2U << 29 | 2,
	2U << 29 | 511, 2U << 29 | 512,
};

#define IRQS	(sizeof(ids) / sizeof(ids[0]))
#define LEVEL	2
#define LPIS	3	/* the first */

static struct {
	unsigned long due, taken;
	unsigned int busy;		/* calls about it that have not returned */
	unsigned long sent, got;	/* begun; acknowledged */
	unsigned int prio;
	unsigned long low;		/* since when its input is */
} irq[IRQS];

static unsigned int busy, acknowledging;
static bool frame_busy;

static unsigned long counts[10];
enum { SENT, KICKED, TAKEN, ENTRIES, WFIS, STOPS, QUIET, MOVED, OFF, ISTS };

static void fail(const char *what, u32 n)
{
	if (failures++ < 8)
		printf("# step %lu, thread %d: %x: %s\n", steps, current, n, what);
}

/* In some worlds all is about one SPI and one LPI */
static bool focus;

static unsigned int some_irq(unsigned int first, unsigned int end)
{
	return focus ? first : first + below(end - first);
}

/* kvm_make_request() and kvm_vcpu_kick() */
static void kick(unsigned int c)
{
	yield();
	cpu[c].request = true;
	yield();
	if (cpu[c].in_guest || cpu[c].blocked)
		cpu[c].kicked = true;
	counts[KICKED]++;
}

static void kick_touched(const struct irs_touched *t)
{
	struct irs_cpu *who[2] = { t->lowered, t->raised };
	int n;

	for (n = 0; n < 2; n++) {
		unsigned int c = who[n] == &cpu[1].irs;
		bool wfi;

		if (!who[n])
			continue;
		yield();
		wfi = cpu[c].in_wfi;
		if (irs_needs_kick(&irs, who[n], &cpu[c].ppi, n == 0, wfi))
			kick(c);
	}
}

static void begin(unsigned int n)
{
	irq[n].busy++;
	busy++;
	first_access[current] = 0;
}

static void end(unsigned int n)
{
	irq[n].busy--;
	busy--;
}

static void sent(unsigned int n)
{
	if (first_access[current] && irq[n].due < first_access[current])
		irq[n].due = first_access[current];
}

static void execute(unsigned int n, enum irs_op op, u64 operand)
{
	struct irs_touched t;

	begin(n);
	irs_execute(&irs, op, ids[n] | operand, &t);
	kick_touched(&t);
	end(n);
}

static void pend(unsigned int n)
{
	struct irs_touched t;

	begin(n);
	irq[n].sent++;
	counts[SENT]++;
	irs_execute(&irs, IRS_CDPEND, op_bit(ids[n], true), &t);
	kick_touched(&t);
	sent(n);
	end(n);
}

static void inject(unsigned int n, bool level)
{
	struct irs_touched t;

	begin(n);
	irq[n].sent += level;
	irq[n].low = 0;
	counts[SENT]++;
	irs_inject(&irs, INTID_ID(ids[n]), level, &t);
	kick_touched(&t);
	if (level)
		sent(n);
	else
		irq[n].low = ++clock_now;
	end(n);
}

static void set_up(unsigned int n, unsigned int iaffid)
{
	execute(n, IRS_CDPRI, (u64)irq[n].prio << 35);
	execute(n, IRS_CDAFF, (u64)iaffid << 32);
	execute(n, IRS_CDEN, 0);
}

/* --- vCPUs --------------------------------------------------------------- */

static unsigned int bound_of(unsigned int c)
{
	return ppi_prio_bound(cpu[c].en, cpu[c].pcr, cpu[c].apr);
}

/* kvm_arch_vcpu_ioctl_run(), up to the entry that is not given up */
static void enter_guest(unsigned int c)
{
	for (;;) {
		yield();
		cpu[c].request = false;
		if (READ_ONCE(cpu[c].irs.changed))
			cpu[c].said = irs_evaluate(&irs, &cpu[c].irs, cpu[c].en,
						   cpu[c].pcr, cpu[c].apr);
		/* What irs_evaluate() has not followed */
		if (READ_ONCE(cpu[c].irs.changed))
			cpu[c].request = true;
		yield();
		cpu[c].in_guest = true;
		cpu[c].kicked = false;
		yield();
		if (!cpu[c].request)
			break;
		cpu[c].in_guest = false;
	}
	counts[ENTRIES]++;
}

static void leave_guest(unsigned int c)
{
	yield();
	cpu[c].in_guest = false;
	cpu[c].kicked = false;
}

static void trap(unsigned int c)
{
	leave_guest(c);
	WRITE_ONCE(cpu[c].irs.changed, 1);
}

/* CDIA, and CDEOI; CDDI comes later, from here or from the other one */
static void acknowledge(unsigned int c)
{
	unsigned long before;
	unsigned int n;
	u32 intid;
	u8 prio;

	trap(c);
	before = ++clock_now;
	acknowledging++;
	intid = irs_acknowledge(&irs, &cpu[c].irs, bound_of(c), &prio);
	acknowledging--;
	for (n = 0; intid && n < IRQS; n++) {
		if (ids[n] != intid)
			continue;
		irq[n].taken = ++clock_now;
		irq[n].got++;
		counts[TAKEN]++;
		if (n != LEVEL && irq[n].got > irq[n].sent)
			fail("taken, and not sent", ids[n]);
		if (n == LEVEL && irq[n].low && irq[n].low < before)
			fail("taken, and its input is low", ids[n]);
	}
	enter_guest(c);
}

static void deactivate(unsigned int c, unsigned int n)
{
	trap(c);
	execute(n, IRS_CDDI, 0);
	enter_guest(c);
}

/* Is it there for this vCPU, and nobody is about to change that? */
static bool waits_for(unsigned int c, unsigned int n)
{
	u64 icsr = irs_rcfg(&irs, ids[n]);

	return !irq[n].busy && !frame_busy && irs.enabled &&
	       (icsr & 0x17) == 6 && icsr >> 32 == c &&
	       (icsr >> 11 & 31) < bound_of(c);
}

/* Sent, and neither taken nor pending any more */
static bool lost(unsigned int n)
{
	u64 icsr = irs_rcfg(&irs, ids[n]);

	return !irq[n].busy && !acknowledging && !frame_busy && n != LEVEL &&
	       !(icsr & 5) && irq[n].taken < irq[n].due;
}

/* All others stand from here on, and so do we as long as another one says so */
static void only(unsigned int c)
{
	yield();
	while (alone >= 0)
		go_to(alone);
	alone = c;
}

/* With no call under way: each is as it was set up, and in its queue, or none */
static void all_in_order(void)
{
	unsigned int n;

	for (n = 0; n < IRQS; n++) {
		u64 icsr = irs_rcfg(&irs, ids[n]);

		if (!(icsr & 1) && (!(icsr & 2) ||
				    (icsr >> 11 & 31) != irq[n].prio))
			fail("is not as it was set up", ids[n]);
	}
	if (world_queues(&irs))
		fail(world_queues(&irs), 0);
}

/* All others stand; the guest spins, and goes out if it is told to only */
static void stand_still_in_guest(unsigned int c)
{
	unsigned int i, n;

	counts[STOPS]++;
	only(c);
	/* Who has to give a lock back first may go on a little, and kick */
	for (i = 0; cpu[c].kicked || (cpu[c].said & IRS_VI && i < 8); i++) {
		if (i > 16) {
			fail("kicked again and again", c);
			break;
		}
		if (cpu[c].kicked) {
			leave_guest(c);
			enter_guest(c);
		} else {
			acknowledge(c);
		}
	}
	for (n = 0; n < IRQS; n++) {
		if (waits_for(c, n))
			fail("was sent, and does not arrive", ids[n]);
		if (lost(n))
			fail("was sent, and is lost", ids[n]);
	}
	if (!busy && !acknowledging && !frame_busy && !cpu[c].kicked) {
		counts[QUIET]++;
		all_in_order();
		if (cpu[c].said & IRS_VI)
			fail("VI is on, and there is nothing", c);
		if (irs.active && !(cpu[c].said & IRS_TRAP_CDDI) &&
		    !cpu[c].irs.changed)
			fail("CDDI does not trap, and never will", c);
	}
	alone = -1;
}

static void put(unsigned int c)
{
	WRITE_ONCE(cpu[c].ppi.apr, cpu[c].apr);
	WRITE_ONCE(cpu[c].ppi.en, cpu[c].en);
	WRITE_ONCE(cpu[c].ppi.pcr, cpu[c].pcr);
	smp_store_release(&cpu[c].ppi.resident, 0);
}

/* What ppi_enter() does of it */
static void load(unsigned int c)
{
	WRITE_ONCE(cpu[c].ppi.resident, 1);
	xchg(&cpu[c].ppi.changed, 0);
}

/* kvm_vcpu_wfi(); returns to the run loop, loaded */
static void wfi(unsigned int c)
{
	unsigned int i, n;
	bool woken;

	counts[WFIS]++;
	yield();
	cpu[c].in_wfi = true;
	put(c);
	yield();
	cpu[c].blocked = true;
	cpu[c].kicked = false;
	yield();
	for (n = below(20);; n--) {
		if (irs_best(&irs, &cpu[c].irs) < bound_of(c))
			break;
		yield();
		woken = cpu[c].kicked;
		cpu[c].kicked = false;
		if (woken)
			continue;
		/* Nobody else comes: is there one that should have woken us? */
		only(c);
		for (i = 0; i < IRQS && !cpu[c].kicked; i++)
			if (waits_for(c, i) && !cpu[c].kicked)
				fail("does not end a WFI", ids[i]);
		alone = -1;
		/* A signal, or the timer */
		if (!n)
			break;
		let_others();
	}
	cpu[c].blocked = false;
	yield();
	cpu[c].in_wfi = false;
	load(c);
}

static void vcpu_thread(void)
{
	unsigned int c = current, n;
	u64 icsr;

	load(c);
	for (;;) {
		enter_guest(c);
		while (cpu[c].said & IRS_VI && below(8))
			acknowledge(c);
		if (below(2))
			stand_still_in_guest(c);
		/* What has been taken: if CDDI does not trap, all the same */
		for (n = 0; n < IRQS; n++) {
			icsr = irs_rcfg(&irs, ids[n]);
			if (!(icsr & 1) && icsr & 1 << 4 && below(2))
				deactivate(c, n);
		}
		n = some_irq(LPIS, IRQS);
		switch (below(10)) {
		case 0:
		case 1:		/* an IPI */
			trap(c);
			pend(n);
			break;
		case 2:		/* of an SPI or LPI that may be pending */
			n = below(2) ? n : some_irq(0, LPIS);
			trap(c);
			counts[MOVED]++;
			execute(n, IRS_CDAFF, (u64)below(CPUS) << 32);
			break;
		case 3:
			trap(c);
			begin(n);
			execute(n, below(2) ? IRS_CDDIS : IRS_CDEN, 0);
			execute(n, IRS_CDEN, 0);
			end(n);
			break;
		case 4:		/* traps, or makes no difference */
			trap(c);
			cpu[c].pcr = below(2) ? 31 : 4;
			cpu[c].en = !!below(8);
			break;
		case 5:
			leave_guest(c);
			put(c);
			yield();
			load(c);
			break;
		case 6:
			leave_guest(c);
			wfi(c);
			break;
		default:
			stand_still_in_guest(c);
			/* Spins on for a while */
			while (!cpu[c].kicked && below(12))
				let_others();
			leave_guest(c);
		}
	}
}

static void device_thread(void)
{
	for (;;) {
		inject(some_irq(0, LEVEL), true);
		while (below(12))
			let_others();
	}
}

static void level_thread(void)
{
	for (;;) {
		inject(LEVEL, below(2));
		while (below(12))
			let_others();
	}
}

static void write_frame(u32 offset, unsigned int size, u64 val)
{
	unsigned int n;

	frame_busy = true;
	if (irs_write(&irs, offset, size, val))
		for (n = 0; n < CPUS; n++)
			kick(n);
	frame_busy = false;
}

/* The guest's memory is gone, and all that was sent with it */
static void ist_again(void)
{
	unsigned int n;

	counts[ISTS]++;
	write_frame(0x180, 8, 0);
	if (below(2))
		let_others();
	frame_busy = true;
	write_frame(0x180, 8, 1);
	for (n = LPIS; n < IRQS; n++)
		irq[n].taken = ++clock_now;
	for (n = LPIS; n < IRQS; n++)
		set_up(n, below(CPUS));
	/* What began before it ends with nothing done, after */
	for (n = LPIS; n < IRQS; n++)
		while (irq[n].busy)
			wait_for_others();
	for (n = LPIS; n < IRQS; n++)
		if (!(irs_rcfg(&irs, ids[n]) & 4))
			irq[n].taken = ++clock_now;
	frame_busy = false;
}

static void frame_thread(void)
{
	for (;;) {
		if (below(2)) {
			counts[OFF]++;
			write_frame(0x80, 4, 0);
			while (below(4))
				let_others();
			write_frame(0x80, 4, 1);
		} else {
			ist_again();
		}
		while (below(64))
			let_others();
	}
}

static void (*const bodies[THREADS])(void) = {
	vcpu_thread, vcpu_thread, device_thread, level_thread, frame_thread,
};

/*
 * A vCPU that is sent something at each step that it takes does not evaluate for
 * ever, with the host's interrupts off; and nobody thinks that it is done.
 */
static bool evaluate_ends(void)
{
	const struct irs_config config = {
		.nr_spis = 32, .pri_bits = 5, .nr_cpus = 1, .iaffid_bits = 1,
	};
	bool ends;

	alone = 0;
	if (irs_init(&irs, &config))
		broken("no IRS");
	irs_add_cpu(&irs, &cpu[0].irs, 0);
	storm_left = 200;
	storm = &cpu[0].irs.changed;
	irs_evaluate(&irs, &cpu[0].irs, 1, 31, 0);
	ends = storm && cpu[0].irs.changed;
	storm = NULL;
	/* And then it is */
	irs_evaluate(&irs, &cpu[0].irs, 1, 31, 0);
	ends = ends && !cpu[0].irs.changed;
	world_drop();
	return ends;
}

/* Some steps in a world of their own */
static void run(unsigned long n)
{
	const struct irs_config config = {
		.nr_spis = 64, .pri_bits = 5, .nr_cpus = CPUS, .iaffid_bits = 1,
	};
	unsigned int i;

	current = 0;
	alone = 0;
	rate = 2 + below(4);
	freezes = 10 + below(100);
	focus = below(3) == 0;
	memset(frozen, 0, sizeof(frozen));
	nr_taking_part = 0;
	for (i = 0; i < THREADS; i++)
		if (i == VCPU_0 || below(2))
			taking_part[nr_taking_part++] = i;
	memset(&irs, 0, sizeof(irs));
	memset(cpu, 0, sizeof(cpu));
	memset(irq, 0, sizeof(irq));
	memset(first_access, 0, sizeof(first_access));
	busy = acknowledging = 0;
	frame_busy = false;
	if (irs_init(&irs, &config))
		broken("no IRS");
	for (i = 0; i < CPUS; i++) {
		irs_add_cpu(&irs, &cpu[i].irs, i);
		cpu[i].en = true;
		cpu[i].pcr = 31;
	}
	irs_write(&irs, 0x190, 4, 12);
	irs_write(&irs, 0x180, 8, 1);
	irs_write(&irs, 0x80, 4, 1);
	for (i = 0; i < IRQS; i++) {
		irq[i].prio = below(3) ? 3 : 8;
		set_up(i, below(CPUS));
	}
	execute(LEVEL, IRS_CDHM, 1ULL << 32);
	alone = -1;

	limit = steps + n;
	run_threads(bodies, VCPU_0);

	/* They stop wherever they are */
	memset(world_held, 0, sizeof(world_held));
	memset(world_reading, 0, sizeof(world_reading));
	world_drop();
}

int main(void)
{
	unsigned long total = 16 * number("STEPS", 1000000);
	unsigned long first = number("SEED", 1);
	bool ends = evaluate_ends();
	unsigned long n;

	chance_state = first;
	printf("KTAP version 1\n1..2\n%sok 1 irs_evaluate_ends\n",
	       ends ? "" : "not ");
	for (n = 0; steps < total && !failures; n++)
		run(6000);
	printf("# %lu accesses, seed %lu, %lu worlds: %lu sent, %lu kicks, %lu taken, %lu entries, %lu WFIs, %lu times alone, %lu with no call under way, %lu moved, %lu times off, %lu ISTs\n",
	       steps, first, n, counts[SENT], counts[KICKED], counts[TAKEN],
	       counts[ENTRIES], counts[WFIS], counts[STOPS], counts[QUIET],
	       counts[MOVED], counts[OFF], counts[ISTS]);
	printf("%sok 2 irs_interleave\n", failures ? "not " : "");

	return failures || !ends;
}
