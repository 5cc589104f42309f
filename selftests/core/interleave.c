// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PPI state machine with a vCPU and injectors that run at the same time.
 * Each is a thread of control of its own, and the core calls yield() before
 * each access to a word that they share: which of them goes on there is decided
 * by the test, from a seed, so that a failure is one that comes again.
 *
 * From time to time all injectors stop where they are, as if preempted, and the
 * vCPU goes on alone. It leaves the guest, or wakes up, only if it is told to.
 * Whatever an injector had returned from must arrive all the same.
 *
 * Accesses are sequentially consistent here: what barriers are for is what the
 * litmus tests are about. STEPS is a fifth of the number of accesses (1,000,000),
 * SEED another sequence (1).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vgicv5/ppi.h>

#include "chance.h"

#define EDGE	PPI_SW
#define OTHER	5		/* an edge as well */
#define LEVEL	20

enum { VCPU, INJECTOR_A, INJECTOR_B, DEVICE, WATCHER, THREADS };

#define STACK	(64 * 1024)

#include "threads.h"

static bool alone;		/* the others are preempted */
static unsigned long clock_now, steps, failures;
/* When the thread did the access that it stopped before; reset at a call */
static unsigned long first_access[THREADS];

static unsigned long limit;

void yield(void)
{
	if (++steps >= limit && !alone)
		stop_threads();
	if (!alone && below(3) == 0)
		go_to(below(THREADS));
	clock_now++;
	if (!first_access[current])
		first_access[current] = clock_now;
}

/* --- what they share, besides the core's words --------------------------- */

static struct ppi_host host;
static struct ppi_vm vm;
static struct ppi_cpu *cpu;

static bool request, kicked, in_guest, in_wfi, blocked;

/* When each was last acknowledged, and what returned injectors want */
static unsigned long taken[PPI_NR], due[PPI_NR];
static unsigned int busy[PPI_NR];	/* injectors in the midst of a call */

static unsigned long counts[8];
enum { INJECTED, KICKED, TAKEN, ENTRIES, WFIS, SUSPENDS, STOPS, SNAPSHOTS };

static void fail(const char *what, unsigned int ppi)
{
	if (failures++ < 8)
		printf("# step %lu: PPI %u: %s\n", steps, ppi, what);
}

/* kvm_make_request() and kvm_vcpu_kick() */
static void kick(void)
{
	yield();
	request = true;
	yield();
	if (in_guest || blocked)
		kicked = true;
	counts[KICKED]++;
}

/* As the glue does it */
static void inject(unsigned int ppi, bool level)
{
	bool resident;

	busy[ppi]++;
	first_access[current] = 0;
	counts[INJECTED]++;
	if (level) {
		resident = ppi_raise(cpu, &vm, ppi);
		yield();
		if ((resident || in_wfi) &&
		    ppi_needs_kick(cpu, &vm, ppi, resident))
			kick();
		if (first_access[current] && due[ppi] < first_access[current])
			due[ppi] = first_access[current];
	} else {
		ppi_lower(cpu, &vm, ppi);
	}
	busy[ppi]--;
}

/* --- the vCPU ------------------------------------------------------------ */

static struct ppi_image hw;

static void acknowledge(void)
{
	u64 c = hw.pending[0] & hw.enabled[0] & ~hw.active[0];

	if (!hw.en)
		return;
	for (; c; c &= c - 1) {
		unsigned int ppi = __builtin_ctzll(c);
		unsigned int prio = cpu->prio[ppi / 8] >> ppi % 8 * 8 & 31;

		if (prio > hw.pcr)
			continue;
		/* Handled, and done with */
		if (ppi != LEVEL)
			hw.pending[0] &= ~ppi_bit(ppi);
		taken[ppi] = ++clock_now;
		counts[TAKEN]++;
	}
}

static void flush(void)
{
	u64 set[PPI_BANKS], clear[PPI_BANKS];

	if (READ_ONCE(cpu->changed) && ppi_flush(cpu, &vm, set, clear))
		hw.pending[0] = (hw.pending[0] & ~clear[0]) | set[0];
}

/* kvm_arch_vcpu_ioctl_run(), up to the entry that is not given up */
static void enter_guest(void)
{
	for (;;) {
		yield();
		request = false;
		flush();
		yield();
		in_guest = true;
		kicked = false;
		yield();
		if (!request)
			break;
		in_guest = false;
	}
	counts[ENTRIES]++;
	acknowledge();
}

static void leave_guest(void)
{
	yield();
	in_guest = false;
	kicked = false;
}

static bool wanted(unsigned int ppi)
{
	if (!(hw.enabled[0] & ppi_bit(ppi)) || !hw.en ||
	    (cpu->prio[ppi / 8] >> ppi % 8 * 8 & 31) > hw.pcr)
		return false;
	if (ppi == LEVEL)
		return !busy[LEVEL] && ppi_test(cpu->line, LEVEL) &&
		       taken[LEVEL] < due[LEVEL];

	return taken[ppi] < due[ppi];
}

static const unsigned int ppis[] = { EDGE, OTHER, LEVEL };

#define PPIS	(sizeof(ppis) / sizeof(ppis[0]))

/* Injectors stand; the guest spins, and goes out if it is kicked only */
static void stand_still_in_guest(void)
{
	unsigned int i;

	counts[STOPS]++;
	alone = true;
	for (i = 0; kicked; i++) {
		leave_guest();
		enter_guest();
		if (i > 4)
			fail("kicked again and again", EDGE);
	}
	acknowledge();
	for (i = 0; i < PPIS; i++)
		if (wanted(ppis[i]))
			fail("was injected, and does not arrive", ppis[i]);

	/* A line may fall later, but not after the next entry */
	leave_guest();
	enter_guest();
	if (!busy[LEVEL] &&
	    !!(hw.pending[0] & ppi_bit(LEVEL)) != ppi_test(cpu->line, LEVEL))
		fail("is not what its line is", LEVEL);
	alone = false;
}

/* PPIs that nobody injects show which put it was: in both banks the same */
static void put(void)
{
	u64 stamp = chance() >> 32;

	hw.active[0] = stamp << 32;
	hw.active[1] = stamp;
	ppi_leave(cpu, &vm, &hw);
}

static void load(void)
{
	ppi_enter(cpu, &vm, &hw);
}

/* kvm_vcpu_wfi(); returns to the run loop, loaded */
static void wfi(bool suspended)
{
	bool woken, pending = false;
	unsigned int i, n;

	counts[WFIS]++;
	yield();
	in_wfi = true;
	put();
	yield();
	blocked = true;
	kicked = false;
	yield();
	for (n = below(20);; n--) {
		if (ppi_pending(cpu, &vm, NULL))
			break;
		yield();
		woken = kicked;
		kicked = false;
		if (woken)
			continue;
		/* Nobody else comes: is there one that should have woken us? */
		alone = true;
		if (!kicked) {
			for (i = 0; i < PPIS; i++)
				if (wanted(ppis[i]))
					fail("does not end a WFI", ppis[i]);
		}
		alone = false;
		/* A signal, or the timer */
		if (!n)
			break;
		go_to(below(THREADS));
	}
	blocked = false;
	yield();
	in_wfi = false;

	/* kvm_vcpu_suspend(): wakes up for what the guest can take, only */
	alone = true;
	load();
	if (suspended) {
		bool any = false;

		counts[SUSPENDS]++;
		pending = ppi_pending(cpu, &vm, &hw);
		flush();
		for (i = 0; i < PPIS; i++) {
			unsigned int prio = cpu->prio[ppis[i] / 8] >>
					    ppis[i] % 8 * 8 & 31;

			any |= hw.pending[0] & hw.enabled[0] &
			       ppi_bit(ppis[i]) && hw.en && prio <= hw.pcr;
		}
		if (any != pending)
			fail(any ? "suspended, and not told of it" :
			     "suspended, and told of nothing", EDGE);
	}
	alone = false;
}

static void vcpu_thread(void)
{
	load();
	for (;;) {
		enter_guest();
		switch (below(8)) {
		case 0:		/* ENABLER traps */
			leave_guest();
			ppi_guest_write(cpu, &vm, PPI_ENABLER, 0, chance());
			hw.enabled[0] = cpu->enabled[0];
			break;
		case 1:		/* masks do not */
			hw.pcr = below(2) ? 31 : 4;
			hw.en = !!below(8);
			acknowledge();
			stand_still_in_guest();
			leave_guest();
			break;
		case 2:
			leave_guest();
			put();
			yield();
			load();
			break;
		case 3:
			leave_guest();
			wfi(false);
			break;
		case 4:
			leave_guest();
			wfi(true);
			break;
		default:
			stand_still_in_guest();
			/* Spins on for a while */
			while (!kicked && below(4))
				go_to(below(THREADS));
			leave_guest();
		}
	}
}

static void injector_thread(void)
{
	for (;;) {
		inject(below(4) ? EDGE : OTHER, true);
		while (below(4))
			go_to(below(THREADS));
	}
}

static void device_thread(void)
{
	for (;;) {
		inject(LEVEL, below(2));
		while (below(4))
			go_to(below(THREADS));
	}
}

/* What it finds is of one put */
static void watcher_thread(void)
{
	struct ppi_snapshot snap;

	for (;;) {
		if (ppi_snapshot(cpu, &vm, &snap)) {
			counts[SNAPSHOTS]++;
			if (snap.active[0] >> 32 != snap.active[1])
				fail("a snapshot of two moments", 64);
		}
		while (below(8))
			go_to(below(THREADS));
	}
}

static void (*const bodies[THREADS])(void) = {
	vcpu_thread, injector_thread, injector_thread, device_thread,
	watcher_thread,
};

/* Some steps in a world of their own */
static void run(unsigned long n)
{
	const u64 implemented[PPI_BANKS] = { ~0ULL, ~0ULL };
	const u64 level[PPI_BANKS] = { ~(ppi_bit(EDGE) | ppi_bit(OTHER)), ~0ULL };
	const u64 owned[PPI_BANKS] = {
		ppi_bit(LEVEL) | ppi_bit(OTHER) | ~0ULL << 32, ~0ULL
	};

	alone = true;
	ppi_host_init(&host, implemented, level, 5);
	ppi_vm_init(&vm, &host);
	ppi_vm_expose(&vm, owned);
	cpu = calloc(1, sizeof(*cpu) + host.nr_prio_regs * sizeof(u64));
	if (!cpu)
		exit(1);

	limit = steps + n;
	ppi_cpu_reset(cpu, &vm);
	cpu->prio[OTHER / 8] |= 6ULL << OTHER % 8 * 8;
	cpu->prio[LEVEL / 8] |= 2ULL << LEVEL % 8 * 8;
	ppi_guest_write(cpu, &vm, PPI_ENABLER, 0, ~0ULL);
	cpu->en = 1;
	cpu->pcr = 31;
	memset(&hw, 0, sizeof(hw));
	memset(taken, 0, sizeof(taken));
	memset(due, 0, sizeof(due));
	memset(busy, 0, sizeof(busy));
	request = kicked = in_guest = in_wfi = blocked = false;
	alone = false;

	run_threads(bodies, VCPU);
	free(cpu);
}

int main(void)
{
	unsigned long total = 5 * number("STEPS", 1000000);
	unsigned long first = number("SEED", 1);
	unsigned long n;

	chance_state = first;
	printf("KTAP version 1\n1..1\n");
	for (n = 0; steps < total && !failures; n++)
		run(2000);
	printf("# %lu accesses, seed %lu, %lu worlds: %lu injections, %lu kicks, %lu taken, %lu entries, %lu WFIs, %lu suspended, %lu times alone, %lu snapshots\n",
	       steps, first, n, counts[INJECTED], counts[KICKED], counts[TAKEN],
	       counts[ENTRIES], counts[WFIS], counts[SUSPENDS], counts[STOPS],
	       counts[SNAPSHOTS]);
	printf("%sok 1 interleave\n", failures ? "not " : "");

	return !!failures;
}
