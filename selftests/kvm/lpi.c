// SPDX-License-Identifier: GPL-2.0-only
/*
 * LPIs: each rule of how one is configured, sent, taken and finished, and what
 * it costs in exits.
 */
#include <stdlib.h>

#include "lib/irs.h"

#define EV_STEP		EV_USER
#define SENT		1000

static struct vcpu *one(struct vm *vm)
{
	return vm->vcpu[0];
}

static u64 exits(struct vcpu *vcpu)
{
	return vcpu_stat(vcpu, "exits");
}

static __guest void expect_order(u64 n, u64 first, u64 second, u64 third)
{
	volatile struct guest_cpu *c = cpu();

	guest_check(c->reg[IRQ_COUNT] == n, c->reg[IRQ_COUNT], n);
	guest_check(c->reg[IRQ_LOG] == first, c->reg[IRQ_LOG], first);
	guest_check(n < 2 || c->reg[IRQ_LOG + 1] == second,
		    c->reg[IRQ_LOG + 1], second);
	guest_check(n < 3 || c->reg[IRQ_LOG + 2] == third,
		    c->reg[IRQ_LOG + 2], third);
	guest_check(!c->spurious, c->spurious, 0);
}

static __guest void take_all(void)
{
	int i;

	/* What was executed has taken effect */
	gsb_sys();
	irq_on();
	for (i = 0; i < 20; i++)
		isb();
	irq_off();
}

static __guest void guest_self(u64 arg)
{
	irs_guest_setup(0);
	irq_setup(LPI(5), 0x10, 0);
	pend(LPI(5));
	guest_check(read_reg(ICC_HPPIR) == (CDIA_VALID | LPI(5)),
		    read_reg(ICC_HPPIR), 0);
	guest_check(read_reg(isr_el1) & BIT(7), read_reg(isr_el1), 0);
	take_all();
	expect_order(1, LPI(5), 0, 0);
	guest_check(!read_reg(ICC_APR), read_reg(ICC_APR), 0);
	guest_check(!read_reg(ICC_HPPIR), read_reg(ICC_HPPIR), 0);
	guest_check(!(read_reg(isr_el1) & BIT(7)), read_reg(isr_el1), 0);
	guest_check(!gicr(GICR_CDIA), 0, 0);
	guest_check(!gicr(GICR_CDNMIA), 0, 0);
}

static void to_itself(long arg)
{
	vcpu_expect(one(vm_with_irs(1, 0, guest_self)), EV_DONE);
}

/* Every field, one after the other; and what does not exist */
static __guest void guest_config(u64 arg)
{
	/* The IRS of a host may have fewer bits than its CPUs */
	u64 mask = 0x1f & (0x1f << (4 - (irs_read32(IRS_IDR1) >> 20 & 7)));
	u64 v;

	irs_guest_setup(0);
	v = config_of(LPI(4095));
	guest_check(!v, v, 0);
	lpi_priority(LPI(7), 0x15);
	guest_check(ICSR_PRIORITY(config_of(LPI(7))) == (0x15 & mask),
		    config_of(LPI(7)), 0);
	lpi_target(LPI(7), 0x1234);
	guest_check(ICSR_IAFFID(config_of(LPI(7))) == 0x1234,
		    config_of(LPI(7)), 0);
	gic(GIC_CDEN, LPI(7));
	guest_check(config_of(LPI(7)) & ICSR_ENABLED, config_of(LPI(7)), 0);
	pend(LPI(7));
	guest_check(config_of(LPI(7)) & ICSR_PENDING, config_of(LPI(7)), 0);
	unpend(LPI(7));
	guest_check(!(config_of(LPI(7)) & ICSR_PENDING), config_of(LPI(7)), 0);
	gic(GIC_CDDIS, LPI(7));
	guest_check(!(config_of(LPI(7)) & ICSR_ENABLED), config_of(LPI(7)), 0);
	gic(GIC_CDHM, LPI(7) | BIT(32));
	guest_check(config_of(LPI(7)) & ICSR_LEVEL, config_of(LPI(7)), 0);
	gic(GIC_CDHM, LPI(7));
	guest_check(!(config_of(LPI(7)) & ICSR_LEVEL), config_of(LPI(7)), 0);

	guest_check(config_of(LPI(4096)) & ICSR_F, config_of(LPI(4096)), 0);
	guest_check(config_of(LPI(0xffffff)) & ICSR_F, 0, 0);
	guest_check(config_of(SPI(32)) & ICSR_F, 0, 0);
	guest_check(!(config_of(SPI(31)) & ICSR_F), 0, 0);
	guest_check(config_of(PPI_INTID(3)) & ICSR_F, 0, 0);
	guest_check(config_of(0) & ICSR_F, 0, 0);
	guest_check(config_of(0xe0000000) & ICSR_F, 0, 0);
}

static void configuration(long arg)
{
	vcpu_expect(one(vm_with_irs(1, 0, guest_config)), EV_DONE);
}

/* Whatever is executed on what does not exist leaves the rest as it is */
static __guest void guest_absent(u64 arg)
{
	u64 i, before, type;

	irs_guest_setup(0);
	irq_setup(LPI(0), 0x10, 0);
	before = config_of(LPI(0));
	for (type = 0; type < 8; type++) {
		for (i = 0; i < 64; i++) {
			u64 v = type << 29 | (0x1000 + i * 0x40021) |
				~0ul << 32;

			if (type == 2 && !(v & 0xfff000))
				continue;
#define X(op)	gic(op, v);
			X(GIC_CDDIS) X(GIC_CDEN) X(GIC_CDPRI) X(GIC_CDAFF)
			X(GIC_CDPEND) X(GIC_CDRCFG) X(GIC_CDHM) X(GIC_CDDI)
#undef X
		}
	}
	guest_check(config_of(LPI(0)) == before, config_of(LPI(0)), before);
	pend(LPI(0));
	take_all();
	expect_order(1, LPI(0), 0, 0);
}

static void absent(long arg)
{
	vcpu_expect(one(vm_with_irs(1, 0, guest_absent)), EV_DONE);
}

/* By priority, and those of the same one after the other */
static __guest void guest_order(u64 any_order)
{
	irs_guest_setup(0);
	irq_setup(LPI(1), 0x18, 0);
	irq_setup(LPI(2), 0x8, 0);
	irq_setup(LPI(3), 0x10, 0);
	pend(LPI(1));
	pend(LPI(2));
	pend(LPI(3));
	take_all();
	expect_order(3, LPI(2), LPI(3), LPI(1));

	cpu()->reg[IRQ_COUNT] = 0;
	lpi_priority(LPI(1), 0x10);
	lpi_priority(LPI(2), 0x10);
	pend(LPI(3));
	pend(LPI(1));
	pend(LPI(2));
	/* Pending already: no second one */
	pend(LPI(3));
	take_all();
	/* Of equals the module takes the first to come, an IRS any */
	if (any_order)
		guest_check(cpu()->reg[IRQ_COUNT] == 3, cpu()->reg[IRQ_COUNT], 0);
	else
		expect_order(3, LPI(3), LPI(1), LPI(2));

	/* The priority of a pending one changes */
	cpu()->reg[IRQ_COUNT] = 0;
	pend(LPI(1));
	pend(LPI(2));
	lpi_priority(LPI(2), 0x8);
	take_all();
	expect_order(2, LPI(2), LPI(1), 0);
}

static void order(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, NULL);

	vcpu_entry(one(vm), guest_order, irs_in_hw());
	vcpu_expect(one(vm), EV_DONE);
}

/* Sent again while it is active: once more after CDDI, never before */
static __guest void send_again(u64 intid)
{
	if (cpu()->reg[IRQ_COUNT] < 3)
		pend(intid);
	guest_check(config_of(intid) & ICSR_ACTIVE, config_of(intid), 0);
}

static __guest void guest_again(u64 arg)
{
	volatile struct guest_cpu *c = cpu();
	u64 ia;

	irs_guest_setup(0);
	irq_setup(LPI(5), 0x10, 0);
	c->reg[IRQ_CALL] = (u64)send_again;
	pend(LPI(5));
	take_all();
	expect_order(3, LPI(5), LPI(5), LPI(5));

	/* CDDI first, as guests up to Linux 7.1 do, and CDEOI first */
	pend(LPI(5));
	ia = gic_ack();
	guest_check(ia == (CDIA_VALID | LPI(5)), ia, 0);
	pend(LPI(5));
	gic_eoi();
	guest_check(!read_reg(ICC_HPPIR), read_reg(ICC_HPPIR), 0);
	guest_check(!gic_ack(), 0, 0);
	gic_deactivate(ia);
	ia = gic_ack();
	guest_check(ia == (CDIA_VALID | LPI(5)), ia, 1);
	pend(LPI(5));
	gic_deactivate(ia);
	guest_check(!gic_ack(), 0, 1);
	gic_eoi();
	ia = gic_ack();
	guest_check(ia == (CDIA_VALID | LPI(5)), ia, 2);
	gic_deactivate(ia);
	gic_eoi();
	guest_check(!gic_ack(), 0, 2);
}

static void again(long arg)
{
	vcpu_expect(one(vm_with_irs(1, 0, guest_again)), EV_DONE);
}

/* The mask, CR0 and the running priority hold it back; then it comes */
static __guest void hold(u64 how, u64 on)
{
	switch (how) {
	case 0:
		write_reg(ICC_PCR, on ? 0xf : 0x1f);
		break;
	case 1:
		write_reg(ICC_CR0, on ? 0 : ICC_CR0_EN);
		break;
	case 2:
		write_reg(ICC_APR, on ? BIT(0x8) : 0);
		break;
	case 3:
		irs_write32(IRS_CR0, on ? 0 : IRS_CR0_IRSEN);
		break;
	}
	isb();
}

static __guest void guest_held(u64 how)
{
	u64 i;

	irs_guest_setup(0);
	irq_setup(LPI(5), 0x10, 0);
	for (i = 0; i < 3; i++) {
		/* Held back before it is sent, after, and let through twice */
		irq_off();
		if (i == 1)
			pend(LPI(5));
		hold(how, 1);
		if (i != 1)
			pend(LPI(5));
		guest_check(!read_reg(ICC_HPPIR), read_reg(ICC_HPPIR), i);
		guest_check(!(read_reg(isr_el1) & BIT(7)), read_reg(isr_el1), i);
		irq_on();
		event(EV_STEP);
		for (u64 t = now() + ms(20); now() < t;)
			;
		event(EV_STEP);
		guest_check(cpu()->reg[IRQ_COUNT] == i, cpu()->reg[IRQ_COUNT], i);
		hold(how, 0);
		take_all();
		guest_check(cpu()->reg[IRQ_COUNT] == i + 1,
			    cpu()->reg[IRQ_COUNT], i);
		guest_check(!cpu()->spurious, cpu()->spurious, i);
	}
}

static void held(long how)
{
	struct vm *vm = vm_with_irs(1, 0, NULL);
	struct vcpu *v = one(vm);
	u64 before, irqs;
	int i;

	vcpu_entry(v, guest_held, how);
	pin_to(host_cpus() - 1);
	for (i = 0; i < 3; i++) {
		vcpu_expect(v, EV_STEP);
		before = exits(v);
		irqs = host_irqs(host_cpus() - 1);
		vcpu_expect(v, EV_STEP);
		irqs = host_irqs(host_cpus() - 1) - irqs;
		/* No storm: interrupts of the host, and the event */
		check(exits(v) - before <= irqs + 2, "%ld exits, %ld interrupts",
		      (long)(exits(v) - before), (long)irqs);
	}
	vcpu_expect(v, EV_DONE);
}

/* A PPI and an LPI: the better one first, the PPI of equals */
static __guest void guest_ppi(u64 prio)
{
	volatile struct guest_cpu *c = cpu();

	irs_guest_setup(BIT(SW_PPI));
	irq_setup(LPI(5), prio, 0);
	pend(LPI(5));
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	guest_check(read_reg(ICC_HPPIR) == (CDIA_VALID |
		    (prio < 0x10 ? LPI(5) : PPI_INTID(SW_PPI))),
		    read_reg(ICC_HPPIR), prio);
	c->a[0] = gic_ack();
	guest_check(read_reg(ICC_APR) == BIT(prio < 0x10 ? prio : 0x10),
		    read_reg(ICC_APR), prio);
	gic_eoi();
	gic_deactivate(c->a[0]);
	c->a[1] = gic_ack();
	gic_eoi();
	gic_deactivate(c->a[1]);
	guest_check(c->a[0] == (CDIA_VALID |
		    (prio < 0x10 ? LPI(5) : PPI_INTID(SW_PPI))), c->a[0], prio);
	guest_check(c->a[1] == (CDIA_VALID |
		    (prio < 0x10 ? PPI_INTID(SW_PPI) : LPI(5))), c->a[1], prio);
	guest_check(!gic_ack(), 0, 0);
	guest_check(!(read_reg(ICC_SACTIVER0) | read_reg(ICC_SPENDR0)), 0, 0);
}

static void with_ppi(long prio)
{
	struct vm *vm = vm_with_irs(1, 0, NULL);

	if (prio == 0x10 && irs_in_hw())
		not_here("a CPU may take any of equals first");
	vcpu_entry(one(vm), guest_ppi, prio);
	vcpu_expect(one(vm), EV_DONE);
}

/* Nothing has superpriority, for a guest has no NMIs: not even priority 0 */
static __guest void guest_superpriority(u64 arg)
{
	u64 ia;

	irs_guest_setup(0);
	guest_check(!(read_reg(id_aa64pfr1_el1) >> 36 & 0xf),
		    read_reg(id_aa64pfr1_el1), 0);
	irq_setup(LPI(5), 0, 0);
	pend(LPI(5));
	guest_check(!gicr(GICR_CDNMIA), 0, 0);
	guest_check(!(config_of(LPI(5)) & ICSR_ACTIVE), config_of(LPI(5)), 0);
	ia = gic_ack();
	guest_check(ia == (CDIA_VALID | LPI(5)), ia, 0);
}

static void superpriority(long arg)
{
	vcpu_expect(one(vm_with_irs(1, 0, guest_superpriority)), EV_DONE);
}

/* An LPI that comes while a PPI's handler runs */
static __guest void send_in_ppi(u32 ppi)
{
	pend(LPI(5));
	irq_on();
	isb();
	cpu()->phase = cpu()->reg[IRQ_COUNT];
	irq_off();
}

static __guest void guest_nested(u64 prio)
{
	volatile struct guest_cpu *c = cpu();

	irs_guest_setup(BIT(SW_PPI));
	irq_setup(LPI(5), prio, 0);
	c->on_irq = send_in_ppi;
	irq_on();
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	take_all();
	guest_check(c->taken[SW_PPI] == 1, c->taken[SW_PPI], prio);
	guest_check(c->phase == (prio < 0x10), c->phase, prio);
	expect_order(1, LPI(5), 0, 0);
	guest_check(!read_reg(ICC_APR), read_reg(ICC_APR), prio);
}

static void in_ppi_handler(long prio)
{
	struct vm *vm = vm_with_irs(1, 0, NULL);

	vcpu_entry(one(vm), guest_nested, prio);
	vcpu_expect(one(vm), EV_DONE);
}

/* A timer's interrupt beside one that is held back, pending and active */
static __guest void guest_timer(u64 arg)
{
	volatile struct guest_cpu *c = cpu();

	irs_guest_setup(BIT(CNTV));
	irq_setup(LPI(5), 0x18, 0);
	irq_off();
	timer_set(CNTV, 0);
	while (!timer_expired(CNTV))
		;
	pend(LPI(5));
	c->a[0] = gic_ack();
	guest_check(c->a[0] == (CDIA_VALID | PPI_INTID(CNTV)), c->a[0], 0);
	timer_stop(CNTV);
	gic_eoi();
	gic_deactivate(c->a[0]);
	c->a[0] = gic_ack();
	guest_check(c->a[0] == (CDIA_VALID | LPI(5)), c->a[0], 0);
	gic_eoi();
	/* It is active, and CDDI traps: of the timer as well */
	timer_set(CNTV, 0);
	while (!timer_expired(CNTV))
		;
	c->a[1] = gic_ack();
	guest_check(c->a[1] == (CDIA_VALID | PPI_INTID(CNTV)), c->a[1], 0);
	timer_stop(CNTV);
	gic_eoi();
	gic_deactivate(c->a[1]);
	guest_check(!read_reg(ICC_SACTIVER0), read_reg(ICC_SACTIVER0), 0);
	gic_deactivate(c->a[0]);
	guest_check(!gic_ack(), 0, 0);
}

static void beside_timer(long arg)
{
	vcpu_expect(one(vm_with_irs(1, 0, guest_timer)), EV_DONE);
}

/* Taken back before it is taken: nothing comes, and nothing is left behind */
static __guest void guest_taken_back(u64 arg)
{
	irs_guest_setup(0);
	irq_setup(LPI(5), 0x10, 0);

	pend(LPI(5));
	gic(GIC_CDDIS, LPI(5));
	gsb_sys();
	guest_check(!read_reg(ICC_HPPIR), 0, 0);
	take_all();
	guest_check(!cpu()->reg[IRQ_COUNT], 1, 0);
	gic(GIC_CDEN, LPI(5));
	gsb_sys();
	take_all();
	guest_check(cpu()->reg[IRQ_COUNT] == 1, 2, 0);

	pend(LPI(5));
	unpend(LPI(5));
	take_all();
	guest_check(cpu()->reg[IRQ_COUNT] == 1, 3, 0);

	/* To a vCPU that nobody has, and home again */
	pend(LPI(5));
	lpi_target(LPI(5), 77);
	take_all();
	guest_check(cpu()->reg[IRQ_COUNT] == 1, 4, 0);
	lpi_target(LPI(5), 0);
	take_all();
	guest_check(cpu()->reg[IRQ_COUNT] == 2, 5, 0);

	/* With its table */
	pend(LPI(5));
	irs_write64(IRS_IST_BASER, 0);
	take_all();
	guest_check(cpu()->reg[IRQ_COUNT] == 2, 6, 0);
	irs_guest_setup(0);
	guest_check(!config_of(LPI(5)), config_of(LPI(5)), 0);
	irq_setup(LPI(5), 0x10, 0);
	take_all();
	guest_check(cpu()->reg[IRQ_COUNT] == 2, 7, 0);
	/* The same of an active one */
	pend(LPI(5));
	guest_check(gic_ack() == (CDIA_VALID | LPI(5)), 8, 0);
	irs_write64(IRS_IST_BASER, 0);
	gic_eoi();
	irs_guest_setup(0);
	irq_setup(LPI(5), 0x10, 0);
	pend(LPI(5));
	take_all();
	guest_check(cpu()->reg[IRQ_COUNT] == 3, 9, 0);
	guest_check(!cpu()->spurious, cpu()->spurious, 0);
}

static void taken_back(long arg)
{
	vcpu_expect(one(vm_with_irs(1, 0, guest_taken_back)), EV_DONE);
}

/* From one vCPU to another one, which spins, or waits in WFI */
static __guest void guest_receiver(u64 wait)
{
	irs_guest_setup_other(0);
	irs_guest_takes(wait);
}

/*
 * LPIs to the second vCPU, each when it has taken the one before. There is an event
 * before the first one is sent, and when the last one is taken, or each.
 */
static __guest void send(u64 iaffid, u64 prio, u64 nr, bool each)
{
	volatile struct guest_cpu *other = &guest_cpus[1];
	u64 i;

	irs_guest_setup(0);
	irq_setup(LPI(7), prio, iaffid);
	while (!other->phase)
		;
	event(EV_STEP);
	for (i = 1; i <= nr; i++) {
		pend(LPI(7));
		while (other->reg[IRQ_COUNT] != i)
			;
		if (each || i == nr)
			event(EV_STEP);
	}
}

/* To whom, and above bit 16 how many */
static __guest void guest_sender(u64 arg)
{
	volatile struct guest_cpu *other = &guest_cpus[1];

	send(arg & 0xffff, 0x10, arg >> 16, false);
	guest_check(!other->spurious, other->spurious, 0);
	guest_check(!(config_of(LPI(7)) & (ICSR_PENDING | ICSR_ACTIVE)),
		    config_of(LPI(7)), 0);
}

enum { SPINS, WAITS, WAITS_TRAPPED, ON_ONE_CPU };

static void to_other(long how)
{
	struct vm *vm = vm_new();
	struct vcpu *a, *b;
	u64 ea, eb;

	/* G5: a vCPU is known by its id, and not by the order of creation */
	a = vcpu_new(vm, 17, 0, NULL);
	b = vcpu_new(vm, 3, 0, NULL);
	gic_create(vm);
	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	gic_init(vm);
	vcpu_entry(a, guest_sender, 3 | SENT << 16);
	vcpu_entry(b, guest_receiver, how != SPINS);

	pin_to(0);
	if (how == WAITS_TRAPPED)
		companion_start(host_cpus() - 1);
	vcpu_start(b, how == ON_ONE_CPU ? 0 : host_cpus() - 1);
	require(wait_for(b->g->phase), "the receiver does not start");
	vcpu_expect(a, EV_STEP);
	ea = exits(a);
	eb = exits(b);
	vcpu_expect(a, EV_STEP);
	note("%d sent: %ld exits of the sender, %ld of the receiver", SENT,
	     (long)(exits(a) - ea), (long)(exits(b) - eb));
	vcpu_expect(a, EV_DONE);
	check_eq(b->g->reg[IRQ_COUNT], SENT);
	sleep_us(2000);
	check_eq(b->g->reg[IRQ_COUNT], SENT);
	vcpu_stop(b);
}

/*
 * Both to each other, as fast as they can: none is lost, none comes twice. The
 * argument: WFI or not (bit 0), how often.
 */
static __guest void guest_ping(u64 arg)
{
	volatile struct guest_cpu *c = cpu(), *other;
	u64 me = c->index, wait = arg & 1, n = arg >> 1, i;

	other = &guest_cpus[!me];
	if (me)
		irs_guest_setup_other(0);
	else
		irs_guest_setup(0);
	c->phase = 1;
	while (!other->phase)
		;
	irq_setup(LPI(10 + me), 0x10, !me);
	irq_off();
	for (i = 1; i <= n; i++) {
		pend(LPI(10 + me));
		while (c->reg[IRQ_COUNT] < i) {
			if (wait)
				wfi();
			irq_on();
			isb();
			irq_off();
		}
		c->count = i;
		/* Not two in one */
		while (other->reg[IRQ_COUNT] < i)
			;
	}
	guest_check(!c->spurious, c->spurious, 0);
	guest_check(c->reg[IRQ_COUNT] == n, c->reg[IRQ_COUNT], 0);
}

static void ping_pong(long how)
{
	struct vm *vm = vm_with_irs(2, 0, NULL);
	/* On one CPU, each waits for the end of the other's time slice. */
	u64 n = how == ON_ONE_CPU ? SENT / 4 : SENT;
	int i;

	for (i = 0; i < 2; i++) {
		vcpu_entry(vm->vcpu[i], guest_ping, n << 1 | (how != SPINS));
		vcpu_start(vm->vcpu[i], how == ON_ONE_CPU ? 0 :
					i % host_cpus());
	}
	for (i = 0; i < 2; i++)
		check_eq(vcpu_join(vm->vcpu[i]), EV_DONE);
}

/*
 * What one vCPU has been told of, another one takes back: it is told that too,
 * and takes nothing.
 */
static __guest void guest_sees_it_go(u64 arg)
{
	volatile struct guest_cpu *c = cpu();
	u64 end;

	irs_guest_setup_other(0);
	for (;;) {
		c->phase++;
		end = now() + patience();
		while (!(read_reg(isr_el1) & BIT(7)) && now() < end)
			;
		guest_check(read_reg(isr_el1) & BIT(7), c->phase, 0);
		c->phase++;
		while (read_reg(isr_el1) & BIT(7) && now() < end)
			;
		guest_check(!(read_reg(isr_el1) & BIT(7)), c->phase, 0);
		take_all();
		guest_check(!c->reg[IRQ_COUNT], c->reg[IRQ_COUNT], c->phase);
		guest_check(!c->spurious, c->spurious, c->phase);
	}
}

static __guest void guest_takes_back(u64 arg)
{
	volatile struct guest_cpu *other = &guest_cpus[1];
	u64 i;

	irs_guest_setup(0);
	irq_setup(LPI(7), 0x10, 1);
	for (i = 0; i < 40; i++) {
		while (other->phase != 2 * i + 1)
			;
		pend(LPI(7));
		while (other->phase != 2 * i + 2)
			;
		switch (i % 4) {
		case 0:
			unpend(LPI(7));
			break;
		case 1:
			gic(GIC_CDDIS, LPI(7));
			unpend(LPI(7));
			gic(GIC_CDEN, LPI(7));
			break;
		case 2:
			lpi_target(LPI(7), 9);
			unpend(LPI(7));
			lpi_target(LPI(7), 1);
			break;
		case 3:
			irs_write32(IRS_CR0, 0);
			unpend(LPI(7));
			irs_write32(IRS_CR0, IRS_CR0_IRSEN);
			break;
		}
	}
	while (other->phase != 2 * i + 1)
		;
}

static void taken_back_by_other(long arg)
{
	struct vm *vm = vm_with_irs(2, 0, NULL);
	struct vcpu *a = vm->vcpu[0], *b = vm->vcpu[1];
	u64 kicks = host_kicks(host_cpus() - 1);

	vcpu_entry(a, guest_takes_back, 0);
	vcpu_entry(b, guest_sees_it_go, 0);
	vcpu_start(b, host_cpus() - 1);
	pin_to(0);
	vcpu_expect(a, EV_DONE);
	kicks = host_kicks(host_cpus() - 1) - kicks;
	vcpu_stop(b);
	/*
	 * It is told at once, and not when it happens to exit: both times. By an
	 * IRS that virtualises it is without a kick.
	 */
	note("40 times: %lu kicks", kicks);
	check(host_cpus() == 1 || irs_in_hw() || kicks >= 60, "not told of it");
}

/* One vCPU acknowledges, the other deactivates: CDDI is for all */
static __guest void guest_keeps(u64 arg)
{
	volatile struct guest_cpu *c = cpu();

	irs_guest_setup_other(0);
	c->reg[IRQ_KEEP] = 1;
	c->phase = 1;
	irq_on();
	for (;;)
		c->count++;
}

static __guest void guest_deactivates(u64 arg)
{
	volatile struct guest_cpu *other = &guest_cpus[1];
	u64 i;

	irs_guest_setup(0);
	irq_setup(LPI(7), 0x10, 1);
	while (!other->phase)
		;
	pend(LPI(7));
	for (i = 1; i <= 100; i++) {
		while (other->reg[IRQ_COUNT] < i)
			;
		/* Pending once more, and held back until it is deactivated */
		pend(LPI(7));
		event(EV_STEP);
		guest_check(other->reg[IRQ_COUNT] == i, other->reg[IRQ_COUNT],
			    i);
		gic_deactivate(LPI(7));
	}
}

static void deactivated_by_other(long arg)
{
	struct vm *vm = vm_with_irs(2, 0, NULL);
	struct vcpu *a = vm->vcpu[0], *b = vm->vcpu[1];
	u64 ev;

	vcpu_entry(a, guest_deactivates, 0);
	vcpu_entry(b, guest_keeps, 0);
	vcpu_start(b, host_cpus() - 1);
	while ((ev = vcpu_next(a, WAIT_MS)) == EV_STEP)
		;
	check_eq(ev, EV_DONE);
	vcpu_stop(b);
}

/* In WFI: what passes wakes, what does not sleeps on until the timer */
#define IRSEN_OFF	BIT(8)
#define BY_ONE		0x11	/* The next below the mask, of those that there are */

static __guest void guest_wfi(u64 prio)
{
	volatile struct guest_cpu *c = cpu();
	u64 i;

	irs_guest_setup(BIT(CNTV));
	if (prio == BY_ONE)
		prio = 0x10 + BIT(4 - (irs_read32(IRS_IDR1) >> 20 & 7));
	irq_setup(LPI(5), prio & 0x1f, 0);
	write_reg(ICC_PCR, 0x10);
	if (prio & IRSEN_OFF)
		irs_write32(IRS_CR0, 0);
	isb();
	irq_off();
	pend(LPI(5));
	event(EV_STEP);
	for (i = 0; i < 50; i++) {
		/* Nothing else ends the WFI of one that is deliverable */
		if (prio > 0x10)
			timer_set(CNTV, ms(20));
		wfi();
		c->count += !timer_expired(CNTV);
		timer_stop(CNTV);
	}
}

static void wfi_pending(long prio)
{
	struct vm *vm = vm_with_irs(1, 0, NULL);
	struct vcpu *v = one(vm);
	u64 before;

	vcpu_entry(v, guest_wfi, prio);
	pin_to(host_cpus() - 1);
	companion_start(host_cpus() - 1);
	vcpu_expect(v, EV_STEP);
	before = exits(v);
	vcpu_expect(v, EV_DONE);
	note("50 times: back without a timer %ld times, %ld exits",
	     (long)v->g->count, (long)(exits(v) - before));
	if (prio <= 0x10)
		check_eq(v->g->count, 50);
	else
		check(v->g->count < 25, "woken by what cannot interrupt");
}

/*
 * G1: nothing is above priority 0, and it passes whatever runs, and any mask. The
 * lowest that passes a mask is equal to it.
 */
enum { RUNNING, MASK_ZERO, MASK_EQUAL };

static __guest void guest_wfi_highest(u64 how)
{
	if (!cpu()->index) {
		send(1, how == MASK_EQUAL ? 0x10 : 0, 20, true);
		return;
	}
	irs_guest_setup_other(0);
	if (how == RUNNING)
		write_reg(ICC_APR, BIT(0x8));
	else
		write_reg(ICC_PCR, how == MASK_ZERO ? 0 : 0x10);
	isb();
	irs_guest_takes(true);
}

static void g1_wfi_highest(long how)
{
	struct vm *vm = vm_with_irs(2, 0, NULL);
	u64 ev;

	vcpu_entry(vm->vcpu[0], guest_wfi_highest, how);
	vcpu_entry(vm->vcpu[1], guest_wfi_highest, how);
	pin_to(0);
	companion_start(host_cpus() - 1);
	vcpu_start(vm->vcpu[1], host_cpus() - 1);
	while ((ev = vcpu_next(vm->vcpu[0], WAIT_MS)) == EV_STEP)
		sleep_us(3000);
	check_eq(ev, EV_DONE);
	vcpu_stop(vm->vcpu[1]);
}

static __guest void guest_sends_slowly(u64 arg)
{
	send(1, 0x10, 5, true);
}

/* Who was woken sleeps again, and is not woken by what woke it before */
static void sleeps_again(long arg)
{
	struct vm *vm = vm_with_irs(2, 0, NULL);
	struct vcpu *a = vm->vcpu[0], *b = vm->vcpu[1];
	u64 slept;
	int i;

	vcpu_entry(a, guest_sends_slowly, 0);
	vcpu_entry(b, guest_receiver, 1);
	pin_to(0);
	companion_start(host_cpus() - 1);
	vcpu_start(b, host_cpus() - 1);
	vcpu_expect(a, EV_STEP);
	for (i = 0; i < 5; i++) {
		vcpu_expect(a, EV_STEP);
		require(wait_for(vcpu_sleeps(b)), "it does not sleep");
		slept = vcpu_slept(b);
		sleep_us(100000);
		require(wait_for(vcpu_sleeps(b)), "it does not sleep");
		slept = vcpu_slept(b) - slept;
		check(slept < 10, "%lu times awake for nothing", slept);
	}
	vcpu_expect(a, EV_DONE);
	vcpu_stop(b);
}

/* A doorbell is for those who sleep: not for one that only waits for its CPU */
static void rings_for_sleepers(long how)
{
	struct vm *vm = vm_with_irs(2, 0, NULL);
	struct vcpu *a = vm->vcpu[0], *b = vm->vcpu[1];
	u64 rung, nr;

	if (!irs_in_hw())
		not_here("there are no doorbells");
	/* Two that spin on one CPU take turns, which takes time */
	nr = how == SPINS ? 50 : SENT;
	vcpu_entry(a, guest_sender, 1 | nr << 16);
	vcpu_entry(b, guest_receiver, how != SPINS);
	pin_to(0);
	if (how != SPINS)
		companion_start(host_cpus() - 1);
	vcpu_start(b, how != SPINS ? host_cpus() - 1 : 0);
	require(wait_for(b->g->phase), "the receiver does not start");
	vcpu_expect(a, EV_STEP);
	rung = host_doorbells();
	vcpu_expect(a, EV_STEP);
	rung = host_doorbells() - rung;
	note("%lu sent: rung %lu times", nr, rung);
	if (how == SPINS)
		check_eq(rung, 0);
	else
		check(rung > 0 && rung <= 2 * nr, "rung %lu times", rung);
	vcpu_expect(a, EV_DONE);
	vcpu_stop(b);
}

/* G34: what waits while IRSEN is 0 wakes when another vCPU sets it */
static __guest void guest_enables(u64 arg)
{
	volatile struct guest_cpu *other = &guest_cpus[1];
	u64 i;

	irs_guest_setup(0);
	irq_setup(LPI(7), 0x10, 1);
	while (!other->phase)
		;
	for (i = 1; i <= 20; i++) {
		irs_write32(IRS_CR0, 0);
		pend(LPI(7));
		event(EV_STEP);
		guest_check(other->reg[IRQ_COUNT] == i - 1,
			    other->reg[IRQ_COUNT], i);
		irs_write32(IRS_CR0, IRS_CR0_IRSEN);
		while (other->reg[IRQ_COUNT] != i)
			;
	}
}

static void g34_irsen_wakes(long how)
{
	struct vm *vm = vm_with_irs(2, 0, NULL);
	struct vcpu *a = vm->vcpu[0], *b = vm->vcpu[1];
	u64 ev;

	vcpu_entry(a, guest_enables, 0);
	vcpu_entry(b, guest_receiver, how != SPINS);
	pin_to(0);
	if (how == WAITS_TRAPPED)
		companion_start(host_cpus() - 1);
	vcpu_start(b, host_cpus() - 1);
	while ((ev = vcpu_next(a, WAIT_MS)) == EV_STEP)
		sleep_us(3000);
	check_eq(ev, EV_DONE);
	vcpu_stop(b);
}

/* Ticks: no exit for any of them, before there was an LPI and after */
static __guest void guest_ticks(u64 arg)
{
	irs_guest_setup(BIT(CNTV));
	irq_on();
	timer_ticks(CNTV, 1000, ms(1) / 4);
	event(EV_STEP);
	while (cpu()->ticks_left)
		;
	event(EV_STEP);
	irq_setup(LPI(5), 0x10, 0);
	pend(LPI(5));
	guest_check(cpu()->reg[IRQ_COUNT] == 1, cpu()->reg[IRQ_COUNT], 0);
	timer_ticks(CNTV, 1000, ms(1) / 4);
	event(EV_STEP);
	while (cpu()->ticks_left)
		;
	event(EV_STEP);
}

static void ticks(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_ticks);
	struct vcpu *v = one(vm);
	u64 before, irqs;
	int i;

	pin_to(host_cpus() - 1);
	for (i = 0; i < 2; i++) {
		vcpu_expect(v, EV_STEP);
		before = exits(v);
		irqs = host_irqs(host_cpus() - 1);
		vcpu_expect(v, EV_STEP);
		irqs = host_irqs(host_cpus() - 1) - irqs;
		note("1000 ticks: %ld exits, %ld interrupts of the host",
		     (long)(exits(v) - before), (long)irqs);
		check(exits(v) - before <= irqs + 2, "ticks exit");
	}
	check_eq(v->g->taken[CNTV], 2000);
}

/*
 * One vCPU ticks while another one's LPI is active, so that CDDI traps; and goes
 * on when it is active no more, and must not trap any longer.
 */
static __guest void guest_goes_on(u64 arg)
{
	irs_guest_setup_other(BIT(CNTV));
	irq_on();
	for (;;) {
		timer_ticks(CNTV, 1000, ms(1) / 4);
		while (cpu()->ticks_left)
			;
	}
}

static __guest void guest_holds_one(u64 arg)
{
	volatile u64 *ticks = &guest_cpus[1].taken[CNTV];
	u64 i, n, ia;

	irs_guest_setup(0);
	irq_setup(LPI(5), 0x10, 0);
	while (!*ticks)
		;
	for (i = 0; i < 5; i++) {
		pend(LPI(5));
		ia = gic_ack();
		guest_check(ia == (CDIA_VALID | LPI(5)), ia, i);
		/* It is told, and finds that out when it leaves the guest next */
		event(EV_STEP);
		gic_eoi();
		gic_deactivate(ia);
		event(EV_STEP + 1);
		for (n = *ticks; *ticks < n + 1000;)
			;
		event(EV_STEP + 2);
	}
}

static void ticks_of_other(long arg)
{
	struct vm *vm = vm_with_irs(2, 0, NULL);
	struct vcpu *a = vm->vcpu[0], *b = vm->vcpu[1];
	int i, last = host_cpus() - 1;
	u64 before, irqs;

	if (!last)
		not_here("needs two CPUs");
	vcpu_entry(a, guest_holds_one, 0);
	vcpu_entry(b, guest_goes_on, 0);
	pin_to(0);
	vcpu_start(b, last);
	for (i = 0; i < 5; i++) {
		vcpu_expect(a, EV_STEP);
		before = exits(b);
		require(wait_for(exits(b) > before + 100),
			"CDDI of the other one does not trap");
		vcpu_expect(a, EV_STEP + 1);
		before = exits(b);
		irqs = host_irqs(last);
		vcpu_expect(a, EV_STEP + 2);
		irqs = host_irqs(last) - irqs;
		note("1000 ticks: %ld exits, %ld interrupts of the host",
		     (long)(exits(b) - before), (long)irqs);
		check(exits(b) - before <= irqs + 10, "CDDI traps for nothing");
	}
	vcpu_expect(a, EV_DONE);
	vcpu_stop(b);
}

/* G35: all vCPUs are initialised anew: the guest finds nothing of before */
static __guest void guest_boots(u64 arg)
{
	guest_check(irs_read32(IRS_CR0) == IRS_CR0_IDLE, irs_read32(IRS_CR0), 0);
	guest_check(!(irs_read64(IRS_IST_BASER) & IRS_IST_VALID), 0, 0);
	guest_check(!gicr(GICR_CDIA), 0, 0);
	irs_guest_setup(0);
	guest_check(!config_of(LPI(5)), config_of(LPI(5)), 0);
	guest_check(!config_of(SPI(5)), config_of(SPI(5)), 0);
	irq_setup(LPI(5), 0x10, 0);
	irq_setup(SPI(5), 0x10, 0);
	pend(LPI(5));
	take_all();
	expect_order(1, LPI(5), 0, 0);
	/* Left behind: one pending, one active */
	pend(LPI(5));
	guest_check(gic_ack() == (CDIA_VALID | LPI(5)), 0, 0);
	pend(LPI(5));
	pend(SPI(5));
	event(EV_STEP);
}

static void g35_reset(long arg)
{
	struct vm *vm = vm_with_irs(2, 0, guest_boots);
	int i, c;

	for (i = 0; i < 5; i++) {
		vcpu_expect(vm->vcpu[0], EV_STEP);
		vcpu_complete(vm->vcpu[0]);
		for (c = 0; c < 2; c++) {
			require_eq(vcpu_init(vm->vcpu[c], 0), 0);
			vcpu_entry(vm->vcpu[c], guest_boots, 0);
		}
		vm->vcpu[0]->g->reg[IRQ_COUNT] = 0;
	}
}

/*
 * G35: a kernel that was started by another one sets the IRS up anew, on the only
 * vCPU that is on. With others on, the same write is one like any other.
 */
static __guest void guest_kexec(u64 alone)
{
	volatile struct guest_cpu *c = cpu();
	int i;

	for (i = 0; i < 3; i++) {
		irs_guest_setup(0);
		guest_check(!i || !alone || !config_of(LPI(5)), config_of(LPI(5)), i);
		irq_setup(LPI(5), 0x10, 0);
		pend(LPI(5));
		guest_check(gic_ack() == (CDIA_VALID | LPI(5)), i, alone);
		pend(LPI(5));
		gic_eoi();
		/* Not one that is ignored, for it is of another size */
		asm volatile("strb %w0, [%1]" : : "r" (0x40),
			     "r" (IRS_ADDR + IRS_CR1) : "memory");
		guest_check(irs_read32(IRS_CR0) & IRS_CR0_IRSEN, 1, i);
		irs_write32(IRS_CR1, 0x40);
		guest_check(irs_read32(IRS_CR1) == 0x40, irs_read32(IRS_CR1), i);
		guest_check((irs_read32(IRS_CR0) & IRS_CR0_IRSEN) == !alone,
			    irs_read32(IRS_CR0), i);
		guest_check((irs_read64(IRS_IST_BASER) & IRS_IST_VALID) == !alone,
			    irs_read64(IRS_IST_BASER), i);
		if (!alone)
			break;
		take_all();
		guest_check(!c->reg[IRQ_COUNT], c->reg[IRQ_COUNT], i);
	}
}

static void g35_kexec(long alone)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, NULL);
	vcpu_new(vm, 1, alone ? POWER_OFF : 0, guest_kexec);
	gic_create(vm);
	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	gic_init(vm);
	vcpu_entry(vm->vcpu[0], guest_kexec, alone);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* One vCPU alone, as for PSCI: the IRS is that of the others as well */
static __guest void guest_uses_lpis(u64 arg)
{
	if (cpu()->index)
		irs_guest_setup_other(0);
	else
		irs_guest_setup(0);
	irq_setup(LPI(5 + cpu()->index), 0x10, cpu()->index);
	event(EV_STEP);
	guest_check(config_of(LPI(5)) & ICSR_ENABLED, config_of(LPI(5)), 0);
	guest_check(config_of(LPI(6)) & ICSR_ENABLED, config_of(LPI(6)), 0);
	pend(LPI(5 + cpu()->index));
	take_all();
	expect_order(1, LPI(5 + cpu()->index), 0, 0);
}

/* vCPU 1 has executed instructions, and not seen the frame */
static void one_is_reset(long which)
{
	struct vm *vm = vm_with_irs(2, 0, guest_uses_lpis);

	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_expect(vm->vcpu[1], EV_STEP);
	vcpu_complete(vm->vcpu[which]);
	require_eq(vcpu_init(vm->vcpu[which], 0), 0);
	vcpu_expect(vm->vcpu[!which], EV_DONE);
}

/* Two VMs with the same ids on one CPU: each has its own */
static __guest void guest_alone(u64 arg)
{
	u64 i;

	irs_guest_setup(0);
	irq_setup(LPI(5), 0x10, 0);
	irq_on();
	for (i = 1; i <= 200; i++) {
		pend(LPI(5));
		guest_check(cpu()->reg[IRQ_COUNT] == i,
			    cpu()->reg[IRQ_COUNT], i);
		if (i == arg)
			event(EV_STEP);
	}
}

static void two_vms(long arg)
{
	struct vm *a = vm_with_irs(1, 0, NULL), *b = vm_with_irs(1, 0, NULL);
	struct vm *c = vm_ready(1, NULL);

	vcpu_entry(one(a), guest_alone, 0);
	vcpu_entry(one(b), guest_alone, 0);
	vcpu_entry(one(c), guest_receiver, 0);
	vcpu_start(one(a), 0);
	vcpu_start(one(b), 0);
	vcpu_start(one(c), 0);
	check_eq(vcpu_join(one(a)), EV_DONE);
	check_eq(vcpu_join(one(b)), EV_DONE);
	check_eq(one(c)->g->reg[IRQ_COUNT], 0);
	check_eq(one(c)->g->spurious, 0);
	vcpu_stop(one(c));
}

KTAP_MAIN(need_irs, T(to_itself), T(configuration), T(absent), T(order),
	  T(again), TA("held_pcr", held, 0), TA("held_cr0", held, 1),
	  TA("held_apr", held, 2), TA("g3_held_irsen", held, 3),
	  TA("ppi_lower", with_ppi, 0x8), TA("ppi_equal", with_ppi, 0x10),
	  TA("ppi_higher", with_ppi, 0x18),
	  TA("preempts_ppi", in_ppi_handler, 0x8),
	  TA("waits_for_ppi_equal", in_ppi_handler, 0x10),
	  TA("waits_for_ppi_higher", in_ppi_handler, 0x18),
	  T(superpriority), T(beside_timer), T(taken_back),
	  TA("g5_to_other_spinning", to_other, SPINS),
	  TA("g5_to_other_waiting", to_other, WAITS),
	  TA("g5_to_other_waiting_trapped", to_other, WAITS_TRAPPED),
	  TA("g5_to_other_one_cpu", to_other, ON_ONE_CPU),
	  TA("ping_pong_spinning", ping_pong, SPINS),
	  TA("ping_pong_waiting", ping_pong, WAITS),
	  TA("ping_pong_one_cpu", ping_pong, ON_ONE_CPU),
	  T(deactivated_by_other), T(taken_back_by_other),
	  TA("wfi_deliverable", wfi_pending, 0x10),
	  TA("wfi_masked", wfi_pending, 0x18),
	  TA("wfi_masked_by_one", wfi_pending, BY_ONE),
	  TA("wfi_irsen_off", wfi_pending, IRSEN_OFF),
	  TA("g1_wfi_highest", g1_wfi_highest, RUNNING),
	  TA("g1_wfi_mask_zero", g1_wfi_highest, MASK_ZERO),
	  TA("wfi_mask_equal", g1_wfi_highest, MASK_EQUAL), T(sleeps_again),
	  TA("rings_for_sleepers", rings_for_sleepers, WAITS_TRAPPED),
	  TA("rings_for_no_other", rings_for_sleepers, SPINS),
	  TA("g34_irsen_wakes_spinning", g34_irsen_wakes, SPINS),
	  TA("g34_irsen_wakes_waiting", g34_irsen_wakes, WAITS),
	  TA("g34_irsen_wakes_trapped", g34_irsen_wakes, WAITS_TRAPPED),
	  T(ticks), T(ticks_of_other), T(g35_reset),
	  TA("g35_kexec", g35_kexec, true),
	  TA("g35_kexec_not_alone", g35_kexec, false),
	  TA("one_is_reset", one_is_reset, 1),
	  TA("one_is_reset_0", one_is_reset, 0), T(two_vms))
