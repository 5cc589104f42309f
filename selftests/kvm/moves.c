// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest with PPIs alone that is moved again and again, wherever it is just then:
 * into another VM of this host, and by a file to whoever runs this next, maybe with
 * another mode of the module, or on another kernel. Each edge is taken once, each
 * tick is, and none early.
 *
 *	MOVES		how often (50)
 *	MOVES_FILE	where the guest comes from, if it is there, and goes to
 */
#include <stdlib.h>
#include <unistd.h>

#include "lib/state.h"

/* vCPU 0: both timers tick, and the host makes edges */

#define NEXT(ppi)	cpu()->reg[(ppi) == CNTV]	/* when the tick is due */

static __guest u64 count_of(u32 ppi)
{
	isb();
	return ppi == CNTV ? read_reg(cntvct_el0) : read_reg(cntpct_el0);
}

static __guest void set_next(u32 ppi, u64 at)
{
	NEXT(ppi) = at;
	timer_set_at(ppi, at);
}

static __guest void took(u32 ppi)
{
	if (ppi == SW_PPI)
		return;
	guest_check(ppi == CNTV || ppi == CNTP, ppi, 0);
	guest_check(timer_expired(ppi), ppi, NEXT(ppi));
	guest_check(count_of(ppi) >= NEXT(ppi), count_of(ppi), NEXT(ppi));
	set_next(ppi, NEXT(ppi) + cpu()->period);
}

static __guest void guest_ticks(u64 arg)
{
	volatile struct guest_cpu *c = cpu();
	u64 seen = 0, is, i;

	gic_setup(BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP));
	c->on_irq = took;
	c->period = ms(2);
	set_next(CNTV, count_of(CNTV) + c->period);
	set_next(CNTP, count_of(CNTP) + c->period);
	for (;; c->count++) {
		irq_off();
		if (c->count & 1)
			wfi();
		irq_on();
		for (i = 0; i < 200; i++) {
			is = count_of(CNTV);
			guest_check(is >= seen, is, seen);
			seen = is;
		}
	}
}

/* vCPU 1: edges of its own, which it looks at while they are at each of their phases */

static __guest void pass(void)
{
	int i;

	for (i = 0; i < 300; i++)
		isb();
}

static __guest void edge(void)
{
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
}

static __guest void takes(bool wanted, int line)
{
	u64 ia = gic_ack();

	if (!(ia & CDIA_VALID) == !wanted &&
	    (!wanted || CDIA_INTID(ia) == PPI_INTID(SW_PPI)))
		return;
	guest_fail(wanted ? "it comes" : "it does not come", line, ia,
		   cpu()->count);
}

#define TAKES(wanted)	takes(wanted, __LINE__)

static __guest void done(void)
{
	pass();
	gic_eoi();
	pass();
	TAKES(false);
	gic_deactivate(PPI_INTID(SW_PPI));
}

static __guest void guest_edges(u64 arg)
{
	volatile struct guest_cpu *c = cpu();

	gic_setup(BIT(SW_PPI));
	for (;; c->count++) {
		switch (c->count % 4) {
		case 1:
			write_reg(ICC_PCR, 8);
			isb();
			break;
		case 2:
			write_reg(ICC_ENABLER0, 0);
			isb();
			break;
		}
		edge();
		pass();
		switch (c->count % 4) {
		case 1:
			TAKES(false);
			write_reg(ICC_PCR, 0x1f);
			isb();
			break;
		case 2:
			TAKES(false);
			write_reg(ICC_ENABLER0, BIT(SW_PPI));
			isb();
			break;
		}
		TAKES(true);
		/* Once more, while it is active */
		if (c->count % 4 == 3) {
			edge();
			done();
			pass();
			TAKES(true);
		}
		done();
		TAKES(false);
	}
}

/* What the host knows of it */
static struct {
	u64 moves, edges;
} so_far;

static struct vm *begin(const char *name)
{
	FILE *f = name ? fopen(name, "re") : NULL;
	struct vm *vm;

	if (f) {
		require_eq(fread(&so_far, sizeof(so_far), 1, f), 1);
		vm = vm_read(f);
		fclose(f);
		so_far.moves++;
		return vm;
	}
	vm = vm_ready(2, NULL);
	vcpu_entry(vm->vcpu[0], guest_ticks, 0);
	vcpu_entry(vm->vcpu[1], guest_edges, 0);
	return vm;
}

static void end(struct vm *vm, const char *name)
{
	FILE *f = name ? fopen(name, "we") : NULL;

	if (!name)
		return;
	require(f, "%s: %m", name);
	require_eq(fwrite(&so_far, sizeof(so_far), 1, f), 1);
	vm_write(vm, f);
	require_eq(fclose(f), 0);
}

static bool may_edge(struct vm *vm)
{
	return vm->vcpu[0]->g->taken[SW_PPI] == so_far.edges;
}

static void make_edge(struct vm *vm)
{
	sw_ppi(vm->vcpu[0]);
	so_far.edges++;
}

/* It runs until all of it has done something, and for a moment more */
static void run(struct vm *vm)
{
	volatile struct guest_cpu *a = vm->vcpu[0]->g, *b = vm->vcpu[1]->g;
	u64 cntv = a->taken[CNTV], cntp = a->taken[CNTP], count = b->count;
	int when = random() % 3, i;

	if (when == 0 && may_edge(vm))
		make_edge(vm);
	for (i = 0; i < 2; i++)
		vcpu_start(vm->vcpu[i], i % host_cpus());
	require(wait_for(a->taken[CNTV] > cntv && a->taken[CNTP] > cntp &&
			 b->count > count && a->taken[SW_PPI] == so_far.edges),
		"after %ld moves: %ld and %ld ticks, were %ld and %ld; %ld edges of %ld taken; at %ld, was at %ld",
		(long)so_far.moves, (long)a->taken[CNTV], (long)a->taken[CNTP],
		(long)cntv, (long)cntp, (long)a->taken[SW_PPI],
		(long)so_far.edges, (long)b->count, (long)count);
	if (when == 1)
		make_edge(vm);
	sleep_us(random() % 2000);
	for (i = 0; i < 2; i++)
		vcpu_stop(vm->vcpu[i]);
	if (when == 2 && may_edge(vm))
		make_edge(vm);
	require(a->taken[SW_PPI] <= so_far.edges, "%ld edges taken of %ld",
		(long)a->taken[SW_PPI], (long)so_far.edges);
	require_eq(a->spurious, 0);
}

static void moves(long arg)
{
	const char *s = getenv("MOVES"), *name = getenv("MOVES_FILE");
	long wanted = s && *s ? atol(s) : 50, n;
	struct vm *vm = begin(name);

	srandom(so_far.moves);
	for (n = 0; n < wanted; n++) {
		run(vm);
		vm = vm_move(vm);
		so_far.moves++;
	}
	run(vm);
	note("moved %ld times: %ld edges of the host, %ld rounds of its own, %ld and %ld ticks",
	     (long)so_far.moves, (long)so_far.edges, (long)vm->vcpu[1]->g->count,
	     (long)vm->vcpu[0]->g->taken[CNTV], (long)vm->vcpu[0]->g->taken[CNTP]);
	end(vm, name);
}

KTAP_MAIN(need_vgic, T(moves))
