// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saving and restoring: a guest goes on in another VM, whatever it was at, and
 * finds all that it has left; and what user space may get and set of a VM, in
 * which order, with the errors of Linux 7.4.
 *
 * STATE_CALLS is the number of calls of the last test (20,000).
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../lib/splitmix.h"
#include "lib/state.h"

#define EV_STEP		EV_USER		/* the host may move it here */
#define EV_RAISE	(EV_USER + 1)	/* a device raises its SPI */
#define EV_LOWER	(EV_USER + 2)

#define THE_SPI		7
#define THE_LPI		1234
#define PRIO		0x10

static struct image image, again;

static __guest void guest_nothing(u64 arg)
{
}

/* Names and errors */

static void names(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *v = vcpu_new(vm, 0, 0, guest_nothing);
	struct ist ist = { 0 };
	u64 val;
	int n;

	gic_create(vm);
	for (n = 0; n < NR_SYSREGS; n++)
		check_eq(attr_has(vm->gic, GRP_SYSREGS, sysregs[n]), 0);
	for (n = 0; n < NR_IRS_REGS; n++)
		check_eq(attr_has(vm->gic, GRP_IRS_REGS, irs_regs[n]), 0);
	check_eq(attr_has(vm->gic, GRP_IST, 0), 0);
	check_eq(attr_has(vm->gic, GRP_IST, 1), -ENXIO);
	/* CACTIVER0, IAFFIDR, ICC_CTLR_EL1 of a GICv3, and none of ours */
	check_eq(attr_has(vm->gic, GRP_SYSREGS, SYSREG(0, 13, 0)), -ENXIO);
	check_eq(attr_has(vm->gic, GRP_SYSREGS, SYSREG(0, 10, 5)), -ENXIO);
	check_eq(attr_has(vm->gic, GRP_SYSREGS, SYSREG(0, 12, 4)), -ENXIO);
	check_eq(attr_has(vm->gic, GRP_SYSREGS, SR_CR0 | BIT(16)), -ENXIO);
	check_eq(attr_has(vm->gic, GRP_SYSREGS, SR_CR0 | OF_VCPU(1)), -EINVAL);
	check_eq(attr_has(vm->gic, GRP_IRS_REGS, 0x10000), -ENXIO);
	check_eq(attr_has(vm->gic, GRP_IRS_REGS, BIT(32)), -ENXIO);
	check_eq(attr_has(vm->gic, GRP_IRS_REGS, 2), -EINVAL);
	check_eq(attr_has(vm->gic, GRP_IRS_REGS, 0x184), -EINVAL);

	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	image.nr_spis = 32;
	check_eq(get_sysreg(v, SR_CR0, &val), -EBUSY);
	check_eq(set_sysreg(v, SR_CR0, 0), -EBUSY);
	check_eq(get_irs_reg(vm, 0, &val), -EBUSY);
	check_eq(set_irs_reg(vm, 0, 1), -EBUSY);
	check_eq(get_ist(vm, &image), -EBUSY);
	check_eq(set_ist(vm, &image), -EBUSY);

	gic_init(vm);
	check_eq(get_sysreg(v, SYSREG(0, 12, 4), &val), -ENOENT);
	check_eq(set_sysreg(v, SYSREG(0, 12, 4), 0), -ENOENT);
	check_eq(attr_get(vm->gic, GRP_SYSREGS, SR_CR0 | OF_VCPU(1), &val),
		 -EINVAL);
	check_eq(attr_set(vm->gic, GRP_SYSREGS, SR_CR0 | OF_VCPU(1), &val),
		 -EINVAL);
	check_eq(attr_get(vm->gic, GRP_SYSREGS, SR_CR0, NULL), -EFAULT);
	check_eq(attr_set(vm->gic, GRP_SYSREGS, SR_CR0, NULL), -EFAULT);
	check_eq(get_irs_reg(vm, 0x10000, &val), -ENXIO);
	check_eq(set_irs_reg(vm, 0x184, 0), -EINVAL);
	check_eq(attr_get(vm->gic, GRP_IRS_REGS, 0, NULL), -EFAULT);
	check_eq(attr_set(vm->gic, GRP_IRS_REGS, 0, NULL), -EFAULT);
	check_eq(attr_get(vm->gic, GRP_IST, 0, NULL), -EINVAL);
	check_eq(attr_set(vm->gic, GRP_IST, 0, NULL), -EINVAL);
	check_eq(attr_get(vm->gic, GRP_IST, 0, (void *)1), -EFAULT);
	check_eq(attr_set(vm->gic, GRP_IST, 0, (void *)1), -EFAULT);
	check_eq(attr_get(vm->gic, GRP_IST, 1, &ist), -ENXIO);
	check_eq(attr_set(vm->gic, GRP_IST, 1, &ist), -ENXIO);
	check_eq(attr_get(vm->gic, GRP_IST, 0, &ist), -EINVAL);
	check_eq(attr_set(vm->gic, GRP_IST, 0, &ist), -EINVAL);
	ist.spi_size = 128;
	check_eq(attr_set(vm->gic, GRP_IST, 0, &ist), -EINVAL);
	ist.spi_addr = 8;
	check_eq(attr_get(vm->gic, GRP_IST, 0, &ist), -EFAULT);
	check_eq(attr_set(vm->gic, GRP_IST, 0, &ist), -EFAULT);
	ist.spi_addr = (u64)image.spis;
	ist.spi_size = 124;
	check_eq(attr_get(vm->gic, GRP_IST, 0, &ist), -EINVAL);
	check_eq(attr_set(vm->gic, GRP_IST, 0, &ist), -EINVAL);
	ist.spi_size = ~3ul;
	check_eq(attr_get(vm->gic, GRP_IST, 0, &ist), -EINVAL);
	check_eq(attr_set(vm->gic, GRP_IST, 0, &ist), -EINVAL);
	ist.spi_size = 128;
	ist.lpi_addr = (u64)image.lpis;
	ist.lpi_size = 4;
	check_eq(attr_get(vm->gic, GRP_IST, 0, &ist), -EINVAL);
	check_eq(attr_set(vm->gic, GRP_IST, 0, &ist), -EINVAL);

	/* All of it as it is, and taken back */
	gic_save(vm, &image);
	check_eq(image.cpu[0][24], 6);
	check_eq(*irs_reg_of(&image, IRS_SPI_STATUSR), 1);
	check_eq(*irs_reg_of(&image, IRS_PE_STATUSR), 1);
	check_eq(try_restore(vm, &image), 0);
	gic_save(vm, &again);
	check(same_image(&image, &again), "a new VM");
	vcpu_expect(v, EV_DONE);

	/* It has run: it can be saved, and no more restored */
	check_eq(get_sysreg(v, SR_CR0, &val), 0);
	check_eq(set_sysreg(v, SR_CR0, 0), -EBUSY);
	check_eq(get_irs_reg(vm, 0, &val), 0);
	check_eq(set_irs_reg(vm, 0, val), -EBUSY);
	check_eq(get_ist(vm, &image), 0);
	check_eq(set_ist(vm, &image), -EBUSY);
}

/* A VM with PPIs alone has the vCPUs' registers alone */
static void ppi_only(long arg)
{
	struct vm *vm = vm_ready(1, guest_nothing);
	u64 val;

	image.nr_spis = 32;
	check_eq(get_irs_reg(vm, 0, &val), -ENXIO);
	check_eq(set_irs_reg(vm, 0, 1), -ENXIO);
	check_eq(get_ist(vm, &image), -ENXIO);
	check_eq(set_ist(vm, &image), -ENXIO);
	gic_save(vm, &image);
	check_eq(image.irs, 0);
	check_eq(try_restore(vm, &image), 0);
	vcpu_expect(vm->vcpu[0], EV_DONE);
	gic_save(vm, &image);
}

static __guest void guest_waits(u64 arg)
{
	irs_guest_setup(0);
	irs_guest_takes(arg);
}

/* While a vCPU is in KVM_RUN, in the guest or asleep, nothing can be got */
static void running(long wait)
{
	struct vm *vm = vm_with_irs(2, 0, NULL);
	u64 val;

	vcpu_entry(vm->vcpu[1], guest_waits, wait);
	if (wait)
		companion_start(host_cpus() - 1);
	vcpu_start(vm->vcpu[1], host_cpus() - 1);
	require(wait_for(vm->vcpu[1]->g->phase), "guest does not start");
	require(!wait || wait_for(vcpu_sleeps(vm->vcpu[1])), "it does not sleep");
	image.nr_spis = 32;
	image.nr_lpis = 1ul << IRS_LPI_BITS;
	/* Of the other one neither */
	check_eq(get_sysreg(vm->vcpu[0], SR_CR0, &val), -EBUSY);
	check_eq(set_sysreg(vm->vcpu[0], SR_CR0, 0), -EBUSY);
	check_eq(get_irs_reg(vm, 0, &val), -EBUSY);
	check_eq(set_irs_reg(vm, 0, 1), -EBUSY);
	check_eq(get_ist(vm, &image), -EBUSY);
	check_eq(set_ist(vm, &image), -EBUSY);
	vcpu_stop(vm->vcpu[1]);
	check_eq(get_sysreg(vm->vcpu[0], SR_CR0, &val), 0);
	check_eq(get_ist(vm, &image), 0);
}

/* An interrupt of each kind, in each of its phases */

enum { A_PPI, AN_LPI, EDGE_SPI, LEVEL_SPI };
enum {
	PENDING, ACTIVE, ACTIVE_PENDING, DROPPED, DROPPED_PENDING, MASKED,
	DISABLED, PHASES
};

static __guest u64 intid_of(u64 kind)
{
	if (kind == A_PPI)
		return PPI_INTID(SW_PPI);

	return kind == AN_LPI ? LPI(THE_LPI) : SPI(THE_SPI);
}

static __guest void enable(u64 kind)
{
	if (kind == A_PPI) {
		write_reg(ICC_ENABLER0, BIT(SW_PPI));
	} else {
		gic(GIC_CDEN, intid_of(kind));
		gsb_sys();
	}
	isb();
}

static __guest void prepare(u64 kind, u64 phase)
{
	u64 intid = intid_of(kind);

	gic_setup(0);
	if (kind != A_PPI) {
		irs_guest_setup(0);
		lpi_priority(intid, PRIO);
		lpi_target(intid, read_reg(ICC_IAFFIDR));
		irs_write32(IRS_SPI_SELR, THE_SPI);
		irs_write32(IRS_SPI_CFGR, kind == LEVEL_SPI);
	}
	if (phase != DISABLED)
		enable(kind);
	if (phase == MASKED) {
		write_reg(ICC_PCR, 8);
		isb();
	}
}

static __guest void raise_it(u64 kind)
{
	if (kind == A_PPI) {
		write_reg(ICC_SPENDR0, BIT(SW_PPI));
		isb();
	} else if (kind == AN_LPI) {
		pend(intid_of(kind));
	} else {
		event(EV_RAISE);
	}
}

static __guest void takes(u64 kind, bool wanted, int line)
{
	u64 ia = gic_ack();

	if (!(ia & CDIA_VALID) == !wanted &&
	    (!wanted || CDIA_INTID(ia) == intid_of(kind)))
		return;
	guest_fail(wanted ? "it comes" : "it does not come", line, ia, kind);
}

#define TAKES(kind, wanted)	takes(kind, wanted, __LINE__)

static __guest void guest_phase(u64 arg)
{
	u64 kind = arg & 0xff, phase = arg >> 8;
	bool active = phase >= ACTIVE && phase <= DROPPED_PENDING;
	bool dropped = phase == DROPPED || phase == DROPPED_PENDING;

	prepare(kind, phase);
	raise_it(kind);
	if (active)
		TAKES(kind, true);
	if (phase == ACTIVE_PENDING || phase == DROPPED_PENDING)
		raise_it(kind);
	if (dropped)
		gic_eoi();

	event(EV_STEP);

	if (phase == MASKED || phase == DISABLED || active)
		TAKES(kind, false);
	if (phase == MASKED) {
		write_reg(ICC_PCR, 0x1f);
		isb();
	}
	if (phase == DISABLED)
		enable(kind);
	if (!active)
		TAKES(kind, true);
	/* Once more, active in any case */
	event(EV_STEP);
	TAKES(kind, false);
	if (!dropped)
		gic_eoi();
	TAKES(kind, false);
	gic_deactivate(intid_of(kind));
	if (phase == ACTIVE_PENDING || phase == DROPPED_PENDING ||
	    kind == LEVEL_SPI) {
		TAKES(kind, true);
		if (kind == LEVEL_SPI)
			event(EV_LOWER);
		gic_eoi();
		gic_deactivate(intid_of(kind));
	}
	event(EV_STEP);
	TAKES(kind, false);
	/* And it works as ever */
	raise_it(kind);
	event(EV_STEP);
	TAKES(kind, true);
	guest_check(read_reg(ICC_APR) == BIT(PRIO), read_reg(ICC_APR), 0);
}

static void phases(long kind)
{
	long phase;
	u64 event;

	for (phase = 0; phase < PHASES; phase++) {
		struct vm *vm = kind == A_PPI ? vm_ready(1, NULL) :
						vm_with_irs(1, 0, NULL);
		int steps = 0;

		vcpu_entry(vm->vcpu[0], guest_phase, kind | phase << 8);
		while ((event = vcpu_next(vm->vcpu[0], WAIT_MS)) != EV_DONE) {
			switch (event) {
			case EV_STEP:
				vm = vm_move(vm);
				steps++;
				break;
			case EV_RAISE:
			case EV_LOWER:
				require_eq(spi_line(vm, THE_SPI,
						    event == EV_RAISE), 0);
				break;
			default:
				require(false, "phase %ld: event %ld", phase,
					(long)event);
			}
		}
		check_eq(steps, 4);
		vm_free(vm);
	}
}

/* An edge that user space has made, and the guest has not seen */
static __guest void guest_counts(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	event(EV_STEP);
	irq_on();
	isb();
	irq_off();
	event(EV_STEP);
}

static void edge_waits(long arg)
{
	struct vm *vm = vm_ready(1, guest_counts);
	int i;

	vcpu_expect(vm->vcpu[0], EV_STEP);
	sw_ppi(vm->vcpu[0]);
	for (i = 0; i < 3; i++)
		vm = vm_move(vm);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	check_eq(vm->vcpu[0]->g->taken[SW_PPI], 1);
}

/* A VM of which no vCPU has run yet */
static void before_the_first_run(long arg)
{
	struct vm *vm = vm_ready(2, guest_counts);

	sw_ppi(vm->vcpu[1]);
	vm = vm_move(vm);
	vcpu_expect(vm->vcpu[1], EV_STEP);
	vcpu_expect(vm->vcpu[1], EV_STEP);
	check_eq(vm->vcpu[1]->g->taken[SW_PPI], 1);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	check_eq(vm->vcpu[0]->g->taken[SW_PPI], 0);
}

/* Timers: one that has fired and is held back; ticks; in the handler */
static __guest void step_in_handler(u32 ppi)
{
	volatile struct guest_cpu *c = cpu();

	event(EV_STEP);
	if (--c->ticks_left)
		timer_set(ppi, c->period);
	else
		timer_stop(ppi);
}

static __guest void guest_timer(u64 ppi)
{
	volatile struct guest_cpu *c = cpu();
	u64 before = now();

	gic_setup(BIT(CNTV) | BIT(CNTP));
	timer_set(ppi, 0);
	while (!timer_expired(ppi))
		isb();
	event(EV_STEP);
	guest_check(now() >= before, now(), before);
	c->ticks_left = 10;
	c->period = ms(1);
	c->on_irq = step_in_handler;
	wfi_until(ppi, 10);
	guest_check(c->taken[ppi] == 10, c->taken[ppi], 0);
	guest_check(!c->spurious, c->spurious, 0);
	/* Long ahead, and stopped: it does not come */
	timer_set_far(ppi);
	event(EV_STEP);
	isb();
	guest_check(c->taken[ppi] == 10, c->taken[ppi], 0);
}

static void timers(long ppi)
{
	struct vm *vm = vm_ready(1, NULL);
	int steps = 0;
	u64 event;

	vcpu_entry(vm->vcpu[0], guest_timer, ppi);
	while ((event = vcpu_next(vm->vcpu[0], WAIT_MS)) == EV_STEP) {
		vm = vm_move(vm);
		steps++;
	}
	check_eq(event, EV_DONE);
	check_eq(steps, 12);
}

/* Two vCPUs that send each other LPIs, taken off wherever they are */
#define PING	LPI(100)
#define PONG	LPI(101)

static __guest void answer(u64 intid)
{
	cpu()->count++;
}

static __guest void guest_ping(u64 wait)
{
	volatile struct guest_cpu *c = cpu(), *other;
	u64 n, index = c->index;

	other = &guest_cpus[!index];
	if (index) {
		while (!other->phase)
			isb();
		irs_guest_setup_other(BIT(CNTV));
	} else {
		irs_guest_setup(BIT(CNTV));
		irq_setup(PING, PRIO, guest_cpus[1].arg >> 8);
		irq_setup(PONG, PRIO, c->arg >> 8);
	}
	c->reg[IRQ_CALL] = (u64)answer;
	c->phase = 1;
	while (!other->phase)
		isb();
	if (!index)
		timer_ticks(CNTV, BIT(40), ms(2));
	irq_off();
	for (n = 0;; n++) {
		/* reg[5]: how many this one has sent */
		if (!index || c->count > c->reg[5]) {
			c->reg[5]++;
			pend(index ? PONG : PING);
		}
		while (index ? c->count <= c->reg[5] : c->count < c->reg[5]) {
			if (wait & 1)
				wfi();
			irq_on();
			isb();
			irq_off();
			/* Never one more than was sent */
			guest_check(c->count <= other->reg[5], c->count,
				    other->reg[5]);
		}
	}
}

static void ping_pong(long wait)
{
	struct vm *vm = vm_new();
	static const int ids[] = { 5, 2 };
	u64 before, ticks;
	int round, i;

	for (i = 0; i < 2; i++)
		vcpu_entry(vcpu_new(vm, ids[i], 0, NULL), guest_ping,
			   wait | ids[i] << 8);
	gic_create(vm);
	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	gic_init(vm);
	for (round = 0; round < 20; round++) {
		before = vm->vcpu[0]->g->count;
		ticks = vm->vcpu[0]->g->taken[CNTV];
		for (i = 0; i < 2; i++)
			vcpu_start(vm->vcpu[i], i % host_cpus());
		require(wait_for(vm->vcpu[0]->g->count > before + 20 &&
				 vm->vcpu[0]->g->taken[CNTV] > ticks),
			"round %d: it stands at %ld of %ld sent, %ld of %ld answered, %ld ticks",
			round, (long)vm->vcpu[1]->g->count,
			(long)vm->vcpu[0]->g->reg[5],
			(long)vm->vcpu[0]->g->count,
			(long)vm->vcpu[1]->g->reg[5],
			(long)vm->vcpu[0]->g->taken[CNTV]);
		for (i = 0; i < 2; i++)
			vcpu_stop(vm->vcpu[i]);
		vm = vm_move(vm);
	}
	note("%ld there and back, %ld ticks, moved %d times",
	     (long)vm->vcpu[0]->g->count, (long)vm->vcpu[0]->g->taken[CNTV],
	     round);
	check_eq(vm->vcpu[0]->g->spurious + vm->vcpu[1]->g->spurious, 0);
}

/* Whatever is written, the guest sees what is exposed and nothing else */
static __guest void guest_looks(u64 arg)
{
	gic_snapshot();
	event(EV_STEP);
}

static void only_what_is_exposed(long arg)
{
	u64 exposed = BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP), implemented = 0, val;
	struct vm *vm = vm_ready(2, guest_looks);
	struct vcpu *v = vm->vcpu[0];
	int i, n;

	for (i = 0; i < 64; i++)
		if (!set_sysreg(v, SR_ENABLER(0), BIT(i)))
			implemented |= BIT(i);
	check(!(exposed & ~implemented), "implemented: 0x%lx", (long)implemented);
	/* What the host does not have is refused, and nothing is changed by that */
	require_eq(set_sysreg(v, SR_ENABLER(0), exposed), 0);
	if (~implemented) {
		check_eq(set_sysreg(v, SR_ENABLER(0), ~0ul), -EINVAL);
		check_eq(set_sysreg(v, SR_SACTIVER(0), ~0ul), -EINVAL);
		check_eq(set_sysreg(v, SR_SPENDR(0), ~0ul), -EINVAL);
	}
	require_eq(get_sysreg(v, SR_ENABLER(0), &val), 0);
	check_eq(val, exposed);

	require_eq(set_sysreg(v, SR_ENABLER(0), implemented), 0);
	require_eq(set_sysreg(v, SR_SACTIVER(0), implemented), 0);
	require_eq(set_sysreg(v, SR_SPENDR(0), implemented), 0);
	for (n = 0; n < 16; n++)
		require_eq(set_sysreg(v, SR_PRIORITYR(n), ~0ul << 4 &
					 0x1010101010101010), 0);
	/* Taken where the host has them all, ignored where it has none */
	set_sysreg(v, SR_ENABLER(1), ~0ul);
	set_sysreg(v, SR_SACTIVER(1), ~0ul);
	set_sysreg(v, SR_SPENDR(1), ~0ul);
	vcpu_expect(v, EV_STEP);
	check_eq(v->g->reg[R_ENABLER0], exposed);
	check_eq(v->g->reg[R_ENABLER1], 0);
	check_eq(v->g->reg[R_SACTIVER0], exposed);
	check_eq(v->g->reg[R_SACTIVER1], 0);
	/* The timers are off: it is not the VMM that drives them */
	check_eq(v->g->reg[R_SPENDR0], BIT(SW_PPI));
	check_eq(v->g->reg[R_SPENDR1], 0);
	check_eq(v->g->reg[R_PRIORITYR0], 0x10000000);
	check_eq(v->g->reg[R_PRIORITYR0 + 3], 0x10000010000000);
	for (n = 0; n < 16; n++)
		check(n == 0 || n == 3 || !v->g->reg[R_PRIORITYR0 + n],
		      "PRIORITYR%d: 0x%lx", n, (long)v->g->reg[R_PRIORITYR0 + n]);
	/* What is saved from here on is that */
	vcpu_complete(v);
	require_eq(get_sysreg(v, SR_ENABLER(0), &val), 0);
	check_eq(val, exposed);
	require_eq(get_sysreg(v, SR_SPENDR(0), &val), 0);
	check_eq(val, BIT(SW_PPI));
	/* And the other vCPU has nothing of it */
	vcpu_expect(vm->vcpu[1], EV_STEP);
	check_eq(vm->vcpu[1]->g->reg[R_ENABLER0], 0);
	check_eq(vm->vcpu[1]->g->reg[R_SPENDR0], 0);
}

/* The PMU's level: held back, in its handler, gone, and another one */
static __guest void overflow_done(u32 ppi)
{
	guest_check(ppi == PMUIRQ, ppi, 0);
	event(EV_STEP);
	write_reg(pmovsclr_el0, PMU_CYCLES);
	isb();
	event(EV_STEP);
}

static __guest void guest_pmu(u64 arg)
{
	volatile struct guest_cpu *c = cpu();

	gic_setup(0);
	c->on_irq = overflow_done;
	pmu_setup();
	write_reg(pmovsset_el0, PMU_CYCLES);
	isb();
	event(EV_STEP);
	guest_check(read_reg(ICC_SPENDR0) == BIT(PMUIRQ),
		    read_reg(ICC_SPENDR0), 0);
	write_reg(ICC_ENABLER0, BIT(PMUIRQ));
	isb();
	wfi_until(PMUIRQ, 1);
	event(EV_STEP);
	guest_check(!read_reg(ICC_SPENDR0), read_reg(ICC_SPENDR0), 0);
	guest_check(!read_reg(ICC_SACTIVER0), read_reg(ICC_SACTIVER0), 0);
	guest_check(c->taken[PMUIRQ] == 1, c->taken[PMUIRQ], 1);
	write_reg(pmovsset_el0, PMU_CYCLES);
	isb();
	wfi_until(PMUIRQ, 2);
	guest_check(c->taken[PMUIRQ] == 2, c->taken[PMUIRQ], 2);
	guest_check(!c->spurious, c->spurious, 0);
}

static void pmu(long arg)
{
	struct vm *vm = vm_with_pmu(guest_pmu);
	int steps = 0;
	u64 event;

	while ((event = vcpu_next(vm->vcpu[0], WAIT_MS)) == EV_STEP) {
		/* Whoever saves it sees it: line and handler */
		if (steps == 0 || steps == 3) {
			vcpu_complete(vm->vcpu[0]);
			gic_save(vm, &image);
			check_eq(image.cpu[0][5], BIT(PMUIRQ) * (steps == 0));
		}
		vm = vm_move(vm);
		steps++;
	}
	check_eq(event, EV_DONE);
	check_eq(steps, 6);
	vm_free(vm);

	/* The level is the PMU's, not the VMM's. */
	vm = vm_with_pmu(guest_looks);
	require_eq(set_sysreg(vm->vcpu[0], SR_SPENDR(0), BIT(PMUIRQ)), 0);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	check_eq(vm->vcpu[0]->g->reg[R_SPENDR0], 0);
}

/* Another VM: an error, and nothing is as it was not before */
static void unchanged(struct vm *vm, const struct image *was)
{
	gic_save(vm, &again);
	check(same_image(was, &again), "a restore that was refused");
}

static struct vm *vm_of(int first, int second, u32 spis)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, first, 0, guest_nothing);
	vcpu_new(vm, second, 0, guest_nothing);
	gic_create(vm);
	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	require_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, &spis), 0);
	gic_init(vm);
	return vm;
}

static __guest void guest_sets_up(u64 arg)
{
	irs_guest_setup(BIT(SW_PPI));
	irq_setup(LPI(4095), 0x1e, 1);
	irq_setup(SPI(63), 0x1e, 1);
	event(EV_STEP);
}

static void refused(long arg)
{
	static struct image was;
	struct vm *from = vm_of(0, 1, 64), *to;
	u64 *reg, val;

	vcpu_entry(from->vcpu[0], guest_sets_up, 0);
	vcpu_expect(from->vcpu[0], EV_STEP);
	vcpu_complete(from->vcpu[0]);
	gic_save(from, &image);
	vm_free(from);

	/* Fewer SPIs, or more; more vCPUs */
	to = vm_of(0, 1, 32);
	gic_save(to, &was);
	check_eq(set_irs_reg(to, IRS_IDR5, 64), -EINVAL);
	check_eq(set_irs_reg(to, IRS_IDR6, 64), -EINVAL);
	check_eq(set_ist(to, &image), -EINVAL);
	unchanged(to, &was);
	vm_free(to);
	to = vm_of(0, 1, 96);
	gic_save(to, &was);
	check_eq(set_irs_reg(to, IRS_IDR5, 64), -EINVAL);
	check_eq(set_ist(to, &image), -EINVAL);
	unchanged(to, &was);
	vm_free(to);
	to = vm_new();
	vcpu_new(to, 0, 0, guest_nothing);
	gic_create(to);
	require_eq(try_irs_addr(to, IRS_ADDR), 0);
	gic_init(to);
	gic_save(to, &was);
	check_eq(set_irs_reg(to, IRS_IDR1, *irs_reg_of(&image, IRS_IDR1)),
		 -EINVAL);
	unchanged(to, &was);
	vm_free(to);

	/* Other ids, of as many bits and of more */
	to = vm_of(0, 2, 64);
	gic_save(to, &was);
	check_eq(set_irs_reg(to, IRS_IDR1, *irs_reg_of(&image, IRS_IDR1)),
		 -EINVAL);
	unchanged(to, &was);
	val = 1;
	check_eq(attr_set(to->gic, GRP_SYSREGS, SR_CR0 | OF_VCPU(1), &val),
		 -EINVAL);
	unchanged(to, &was);
	vm_free(to);

	/* Other priority bits, whichever there are */
	to = vm_of(0, 1, 64);
	gic_save(to, &was);
	val = *irs_reg_of(&was, IRS_IDR1);
	check_eq(set_irs_reg(to, IRS_IDR1, val ^ BIT(20)), -EINVAL);
	check_eq(set_irs_reg(to, IRS_IDR1, val | 7 << 20), -EINVAL);
	/* Of an IRS of a host they may be fewer than its CPUs' */
	if ((val >> 20 & 7) == 3 && !irs_in_hw()) {
		check_eq(set_sysreg(to->vcpu[0], SR_PCR, 0x1f), -EINVAL);
		check_eq(set_sysreg(to->vcpu[0], SR_APR, 2), -EINVAL);
		check_eq(set_sysreg(to->vcpu[0], SR_PRIORITYR(0), 1ul << 24),
			 -EINVAL);
	}
	/* Another IRS */
	check_eq(set_irs_reg(to, IRS_IDR0, 0), -EINVAL);
	check_eq(set_irs_reg(to, IRS_IDR0, *irs_reg_of(&was, IRS_IDR0) | BIT(9)),
		 -EINVAL);
	check_eq(set_irs_reg(to, IRS_IDR2, 0), -EINVAL);
	check_eq(set_irs_reg(to, IRS_IDR7, 1), -EINVAL);
	/* LPIs before there is a table for them */
	check_eq(set_ist(to, &image), -EINVAL);
	unchanged(to, &was);

	/* A table that no guest could have made is not one */
	require_eq(set_irs_reg(to, IRS_IST_BASER, 1), 0);
	require_eq(set_irs_reg(to, IRS_IST_CFGR, 17), 0);
	check_eq(set_ist(to, &image), -EINVAL);
	require_eq(set_irs_reg(to, IRS_IST_CFGR, BIT(16) | 12), 0);
	check_eq(set_ist(to, &image), -EINVAL);
	/* Restored, it is what it is */
	require_eq(set_irs_reg(to, IRS_IST_CFGR, 12), 0);
	if ((val >> 20 & 7) == 3) {
		image.lpis[9] = 1 << 11;
		check_eq(set_ist(to, &image), -EINVAL);
		image.lpis[9] = 0;
		image.spis[9] = 1 << 11;
		check_eq(set_ist(to, &image), -EINVAL);
		image.spis[9] = 0;
	}
	require_eq(set_ist(to, &image), 0);
	check_eq(set_ist(to, &image), -EBUSY);
	reg = irs_reg_of(&again, IRS_IST_BASER);
	require_eq(get_irs_reg(to, IRS_IST_BASER, reg), 0);
	check_eq(*reg, 1);
	check_eq(set_irs_reg(to, IRS_IST_BASER, 1), 0);
	check_eq(set_irs_reg(to, IRS_IST_BASER, 0), -EINVAL);
	check_eq(set_irs_reg(to, IRS_IST_BASER, 0x40001), -EINVAL);
	check_eq(set_irs_reg(to, IRS_IST_CFGR, 12), 0);
	check_eq(set_irs_reg(to, IRS_IST_CFGR, 13), -EINVAL);
	vcpu_expect(to->vcpu[0], EV_DONE);
}

/* G25, G40: it does not run without the LPIs that its registers promise */
static void g25_g40_lpis_due(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_nothing);

	image.nr_spis = 32;
	image.nr_lpis = 1ul << 14;
	require_eq(set_irs_reg(vm, IRS_IST_BASER, 0x80001), 0);
	require_eq(set_irs_reg(vm, IRS_IST_CFGR, 14), 0);
	check_eq(try_run(vm->vcpu[0]), -EINVAL);
	check_eq(get_ist(vm, &image), -ENXIO);
	require_eq(set_ist(vm, &image), 0);
	check_eq(get_ist(vm, &image), 0);
	vcpu_expect(vm->vcpu[0], EV_DONE);
	vm_free(vm);

	/* No more promised: there are none */
	vm = vm_with_irs(1, 0, guest_nothing);
	require_eq(set_irs_reg(vm, IRS_IST_BASER, 0x80001), 0);
	require_eq(set_irs_reg(vm, IRS_IST_BASER, 0x80000), 0);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* G26: devices go on while it is saved: each interrupt is as before, or after */
static volatile int drive;
static volatile u64 driven;

static void *driver(void *arg)
{
	struct vm *vm = arg;

	for (; drive; driven++) {
		spi_line(vm, 1, 1);
		spi_line(vm, 2, 1);
		spi_line(vm, 2, 0);
		sw_ppi(vm->vcpu[0]);
	}
	return NULL;
}

static __guest void guest_spis(u64 arg)
{
	int i;

	irs_guest_setup(BIT(SW_PPI));
	for (i = 1; i < 3; i++) {
		irs_write32(IRS_SPI_SELR, i);
		irs_write32(IRS_SPI_CFGR, i == 2);
		irq_setup(SPI(i), PRIO, 0);
	}
	event(EV_STEP);
	irq_on();
	for (i = 0; i < 100; i++)
		isb();
	irq_off();
	event(EV_STEP);
}

static void g26_injectors(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_spis);
	u32 edge = 8 | PRIO << 11, level = edge | 4;
	unsigned int seen[2] = { 0, 0 };
	pthread_t t;
	int i;

	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_complete(vm->vcpu[0]);
	drive = 1;
	require_eq(pthread_create(&t, NULL, driver, vm), 0);
	require(wait_for(driven > 10), "nothing is driven");
	for (i = 0; i < 300 || (i < 20000 && !(seen[0] && seen[1])); i++) {
		gic_save(vm, &image);
		if (!check_eq(image.spis[1], edge | 1) ||
		    !check_eq(image.spis[2] | 1, level | 1) ||
		    !check_eq(image.cpu[0][5], BIT(SW_PPI)))
			break;
		seen[image.spis[2] & 1]++;
	}
	drive = 0;
	pthread_join(t, NULL);
	note("%ld rounds of injections, saved %d times, level high in %d",
	     (long)driven, i, seen[1]);
	vm = vm_move(vm);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	/* The edge once, the level is low */
	check_eq(vm->vcpu[0]->g->reg[IRQ_COUNT], 1);
	check_eq(vm->vcpu[0]->g->reg[IRQ_LOG], SPI(1));
	check_eq(vm->vcpu[0]->g->taken[SW_PPI], 1);
}

/* What has been injected is there, or comes: one edge each, at any moment */
static void *edges(void *arg)
{
	struct vm *vm = arg;
	int i;

	for (i = 3; i < 32; i++) {
		spi_line(vm, i, 1);
		driven = i;
		wait_for(drive > i);
	}
	return NULL;
}

static void g26_none_lost(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_spis);
	int i, all = 0, saves = 0;
	pthread_t t;

	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_complete(vm->vcpu[0]);
	driven = 2;
	drive = 0;
	require_eq(pthread_create(&t, NULL, edges, vm), 0);
	while (all < 31) {
		all = driven;
		/* It may come at any moment of the next ones */
		for (i = 0; i < 1 + all % 4; i++, saves++)
			gic_save(vm, &image);
		for (i = 3; i <= all; i++)
			check(image.spis[i] & 1, "SPI %d of %d", i, all);
		/* One may have been injected that is not counted yet */
		for (i = driven + 2; i < 32; i++)
			check(!(image.spis[i] & 1), "SPI %d, not yet", i);
		drive = all + 1;
	}
	pthread_join(t, NULL);
	note("saved %d times", saves);
}

/* And they go on while it is restored: none is lost that comes after it */
static void g26_injectors_and_restore(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_spis), *to;
	pthread_t t;
	int i;

	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_complete(vm->vcpu[0]);
	gic_save(vm, &image);
	to = vm_twin(vm);
	drive = 1;
	driven = 0;
	require_eq(pthread_create(&t, NULL, driver, to), 0);
	require(wait_for(driven > 10), "nothing is driven");
	require_eq(try_restore(to, &image), 0);
	for (i = 0; i < 100; i++) {
		u64 before = driven;

		require_eq(attr_get(to->gic, GRP_IST, 0, &(struct ist) {
			.spi_addr = (u64)again.spis, .spi_size = 128,
			.lpi_addr = (u64)again.lpis, .lpi_size = 4ul << 12,
		}), 0);
		require(wait_for(driven != before), "nothing is driven");
	}
	drive = 0;
	pthread_join(t, NULL);
	gic_save(to, &again);
	check_eq(again.spis[1], image.spis[1] | 1);
	check_eq(again.spis[2], image.spis[2]);
}

/* A level SPI that comes high is high, until its device there says otherwise */
static __guest void guest_level(u64 arg)
{
	irs_guest_setup(0);
	irs_write32(IRS_SPI_SELR, 4);
	irs_write32(IRS_SPI_CFGR, 1);
	irq_setup(SPI(4), 0x10, 0);
	event(EV_STEP);
	guest_check(config_of(SPI(4)) & ICSR_PENDING, config_of(SPI(4)), 0);
	guest_check(config_of(SPI(4)) & ICSR_LEVEL, config_of(SPI(4)), 0);
	/* It follows its line, which is high, from when it is a level again */
	irs_write32(IRS_SPI_CFGR, 0);
	unpend(SPI(4));
	guest_check(!(config_of(SPI(4)) & ICSR_PENDING), config_of(SPI(4)), 1);
	irs_write32(IRS_SPI_CFGR, 1);
	guest_check(config_of(SPI(4)) & ICSR_PENDING, config_of(SPI(4)), 1);
	event(EV_STEP);
	guest_check(!(config_of(SPI(4)) & ICSR_PENDING), config_of(SPI(4)), 2);
}

static void g33_restored(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_level);

	vcpu_expect(vm->vcpu[0], EV_STEP);
	check_eq(spi_line(vm, 4, 1), 0);
	vm = vm_move(vm);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	check_eq(spi_line(vm, 4, 0), 0);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* A VM that is reset where it came to finds the IRS as at first */
static __guest void guest_boots(u64 arg)
{
	guest_check(!irs_read64(IRS_IST_BASER), irs_read64(IRS_IST_BASER), 0);
	irs_guest_setup(0);
	event(EV_STEP);
}

static void g35_reset_after(long arg)
{
	struct vm *vm = vm_with_irs(2, 0, guest_boots);
	int i;

	vcpu_expect(vm->vcpu[1], EV_STEP);
	vm = vm_move(vm);
	for (i = 0; i < 2; i++) {
		require_eq(vcpu_init(vm->vcpu[i], 0), 0);
		vcpu_entry(vm->vcpu[i], guest_boots, 0);
	}
	vcpu_expect(vm->vcpu[0], EV_STEP);
}

/*
 * Random calls of several threads on VMs, one of which runs: the host stands it,
 * and so does a VM that is left alone.
 */
#define THREADS		3

static struct vm *victims[4];
static long calls_wanted;
static volatile long calls, worked;

static u64 value(u64 *s)
{
	switch (splitmix(s) % 6) {
	case 0:
		return splitmix(s) % 32;
	case 1:
		return ~0ul;
	case 2:
		return BIT(splitmix(s) % 64);
	case 3:
		return 12 + splitmix(s) % 5;
	case 4:
		return BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP);
	}
	return splitmix(s) & splitmix(s);
}

static int random_call(u64 *s, u32 *words)
{
	struct vm *vm = victims[splitmix(s) % 4];
	struct vcpu *v = vm->vcpu[splitmix(s) % vm->nr_vcpus];
	bool set = splitmix(s) % 2;
	u64 val = value(s), cfgr, reg;
	struct ist ist;
	int i;

	switch (splitmix(s) % 8) {
	case 0 ... 2:
		reg = splitmix(s) % 8 ? sysregs[splitmix(s) % NR_SYSREGS] :
				      splitmix(s) % 0x10000;
		return set ? set_sysreg(v, reg, val) : get_sysreg(v, reg, &val);
	case 3 ... 5:
		reg = splitmix(s) % 8 ? irs_regs[splitmix(s) % NR_IRS_REGS] :
				      splitmix(s) % 0x20000;
		/* Often as it was, or not much else */
		if (set && splitmix(s) % 2 && !get_irs_reg(vm, reg, &val))
			val ^= splitmix(s) % 2 ? 0 : BIT(splitmix(s) % 32);
		return set ? set_irs_reg(vm, reg, val) :
			     get_irs_reg(vm, reg, &val);
	case 6:
		return spi_line(vm, splitmix(s) % 40, splitmix(s) % 2);
	}
	if (get_irs_reg(vm, IRS_IST_CFGR, &cfgr))
		cfgr = 12;
	for (i = 0; i < 64; i++)
		words[splitmix(s) % (MAX_SPIS + MAX_LPIS)] =
			splitmix(s) % 2 ? splitmix(s) & 0x3f81f : splitmix(s);
	ist = (struct ist) {
		.spi_addr = (u64)words,
		.spi_size = splitmix(s) % 8 ? 128 : value(s),
		.lpi_addr = (u64)(words + MAX_SPIS),
		.lpi_size = splitmix(s) % 8 ? 4ul << (cfgr & 15) : value(s),
	};
	if (splitmix(s) % 2)
		ist.lpi_addr = ist.lpi_size = 0;
	return set ? attr_set(vm->gic, GRP_IST, 0, &ist) :
		     attr_get(vm->gic, GRP_IST, 0, &ist);
}

static void *caller(void *arg)
{
	u32 *words = calloc(MAX_SPIS + 2 * MAX_LPIS, 4);
	u64 s = (u64)arg;

	while (__sync_fetch_and_add(&calls, 1) < calls_wanted)
		if (random_call(&s, words) >= 0)
			__sync_fetch_and_add(&worked, 1);
	free(words);
	return NULL;
}

static __guest void guest_ticks(u64 arg)
{
	irs_guest_setup(BIT(SW_PPI) | BIT(CNTV));
	timer_ticks(CNTV, BIT(40), ms(5));
	irq_on();
	cpu()->phase = 1;
	for (;;) {
		irq_setup(LPI(5), PRIO, cpu()->index);
		pend(LPI(5));
	}
}

static void random_calls(long arg)
{
	const char *s = getenv("STATE_CALLS");
	long all = s && *s ? atol(s) : 20000;
	pthread_t t[THREADS];
	u64 before;
	long n, vms;
	int i;

	/* What a VM has become does not change any more: others now and then */
	victims[3] = vm_with_irs(1, 0, guest_ticks);
	vcpu_start(victims[3]->vcpu[0], -1);
	require(wait_for(victims[3]->vcpu[0]->g->phase), "guest does not start");
	for (vms = 0; calls < all; vms++) {
		victims[0] = vm_with_irs(2, 0, guest_nothing);
		victims[1] = vm_with_irs(1, 0, guest_nothing);
		victims[2] = vm_ready(1, guest_nothing);
		calls_wanted = calls + 2000 < all ? calls + 2000 : all;
		for (i = 0; i < THREADS; i++)
			require_eq(pthread_create(&t[i], NULL, caller,
						  (void *)(vms * THREADS + i)), 0);
		for (i = 0; i < THREADS; i++)
			pthread_join(t[i], NULL);
		/* Whatever that has made of it, its guest may run */
		for (i = 0; i < 3; i++) {
			victims[i]->vcpu[0]->run->immediate_exit = 1;
			try_run(victims[i]->vcpu[0]);
			vm_free(victims[i]);
		}
	}
	note("%ld calls on %ld VMs, %ld of them successful", calls, vms * 3,
	     worked);
	check(worked > calls / 10, "nearly nothing works");
	before = victims[3]->vcpu[0]->g->reg[IRQ_COUNT];
	n = victims[3]->vcpu[0]->g->taken[CNTV];
	check(wait_for(victims[3]->vcpu[0]->g->reg[IRQ_COUNT] > before &&
		       victims[3]->vcpu[0]->g->taken[CNTV] > n),
	      "the VM that runs stands");
	vcpu_stop(victims[3]->vcpu[0]);
	host_is_well();
}

static const char *need_state(void)
{
	const char *why = need_irs();
	struct vm *vm;

	if (why)
		return why;
	vm = vm_new();
	gic_create(vm);
	if (attr_has(vm->gic, GRP_IST, 0))
		why = "the vGICv5 of this kernel cannot be saved";
	vm_free(vm);
	return why;
}

KTAP_MAIN(need_state, T(names), T(ppi_only),
	  TA("running_spins", running, 0), TA("running_waits", running, 1),
	  TA("phases_ppi", phases, A_PPI), TA("g23_phases_lpi", phases, AN_LPI),
	  TA("g23_phases_edge_spi", phases, EDGE_SPI),
	  TA("g33_phases_level_spi", phases, LEVEL_SPI), T(edge_waits),
	  T(before_the_first_run), TA("timers_cntv", timers, CNTV),
	  TA("timers_cntp", timers, CNTP), TA("ping_pong", ping_pong, 0),
	  TA("ping_pong_waits", ping_pong, 1), T(only_what_is_exposed),
	  T(pmu), T(refused), T(g25_g40_lpis_due), T(g26_injectors),
	  T(g26_none_lost), T(g26_injectors_and_restore), T(g33_restored),
	  T(g35_reset_after), T(random_calls))
