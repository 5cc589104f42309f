// SPDX-License-Identifier: GPL-2.0-only
#include "guest.h"

__guest_var struct guest_cpu guest_cpus[MAX_CPUS];

_Static_assert(__builtin_offsetof(struct guest_cpu, saved_x0) == 8, "asm");
_Static_assert(__builtin_offsetof(struct guest_cpu, arg) == 24, "asm");

struct guest_regs {
	u64 x[31];
	u64 pc;
	u64 pstate;
};

__guest void guest_event(u64 ev, u64 a0, u64 a1, u64 a2)
{
	cpu()->a[0] = a0;
	cpu()->a[1] = a1;
	cpu()->a[2] = a2;
	cpu()->ev = ev;
	/* A plain store: its syndrome tells the host address, size, value. */
	asm volatile("str %0, [%1]" : : "r" (ev), "r" (DOORBELL) : "memory");
}

__guest void guest_fail(const char *what, int line, u64 a0, u64 a1)
{
	cpu()->a[3] = line;
	guest_event(EV_FAIL, (u64)what, a0, a1);
}

/* From vectors.S. */
__guest void guest_main(u64 arg, void (*fn)(u64 arg));
__guest void guest_main(u64 arg, void (*fn)(u64 arg))
{
	fn(arg);
	for (;;)
		event(EV_DONE);
}

static __guest void handle_irq(void)
{
	volatile struct guest_cpu *c = cpu();
	void (*fn)(u32 ppi);
	u64 ia = gic_ack();
	u32 ppi = CDIA_ID(ia);

	if (!(ia & CDIA_VALID)) {
		c->spurious++;
		return;
	}

	guest_check(CDIA_INTID(ia) == PPI_INTID(ppi) && ppi < NR_PPIS, ia, 0);
	c->taken[ppi]++;
	fn = c->on_irq;
	if (fn)
		fn(ppi);
	gic_eoi();
	gic_deactivate(ia);
}

__guest void guest_exception_c(struct guest_regs *regs, u64 what);
__guest void guest_exception_c(struct guest_regs *regs, u64 what)
{
	volatile struct guest_cpu *c = cpu();
	u64 esr = read_reg(esr_el1);
	void (*fn)(void);

	if (what == 2) {
		fn = c->irq;
		if (fn)
			fn();
		else
			handle_irq();
		return;
	}

	/* EC 0: an undefined instruction. */
	if (what == 1 && !(esr >> 26) && c->catch) {
		c->caught++;
		regs->pc += 4;
		return;
	}

	for (;;)
		event3(EV_CRASH, esr, regs->pc, read_reg(far_el1));
}

#define PRIO_ALL(p)	((p) * 0x0101010101010101ul)

__guest void gic_setup(u64 enable)
{
#define X(r)	write_reg(r, PRIO_ALL(0x10));
	GICV5_PRIORITY_REGS(X)
#undef X
	write_reg(ICC_PCR, 0x1f);
	write_reg(ICC_ENABLER1, 0);
	write_reg(ICC_ENABLER0, enable);
	write_reg(ICC_CR0, ICC_CR0_EN);
	isb();
}

__guest u64 prio_mask(void)
{
	return 0x1f & (0x1f << (4 - IDR0_PRI_BITS(read_reg(ICC_IDR0))));
}

__guest void gic_snapshot(void)
{
	volatile u64 *r = cpu()->reg;

	r[R_CR0] = read_reg(ICC_CR0);
	r[R_PCR] = read_reg(ICC_PCR);
	r[R_APR] = read_reg(ICC_APR);
	r[R_ENABLER0] = read_reg(ICC_ENABLER0);
	r[R_ENABLER1] = read_reg(ICC_ENABLER1);
	r[R_SPENDR0] = read_reg(ICC_SPENDR0);
	r[R_SPENDR1] = read_reg(ICC_SPENDR1);
	r[R_SACTIVER0] = read_reg(ICC_SACTIVER0);
	r[R_SACTIVER1] = read_reg(ICC_SACTIVER1);
	r[R_HMR0] = read_reg(ICC_HMR0);
	r[R_HMR1] = read_reg(ICC_HMR1);
	r += R_PRIORITYR0;
#define X(reg)	*r++ = read_reg(reg);
	GICV5_PRIORITY_REGS(X)
#undef X
}

__guest u64 gic_take_sw_ppi(void)
{
	u64 ia;

	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	ia = gic_ack();
	guest_check(CDIA_INTID(ia) == PPI_INTID(SW_PPI), ia, 0);
	return ia;
}

__guest u64 gic_ack(void)
{
	u64 ia = gicr(GICR_CDIA);

	gsb_ack();
	isb();
	return ia;
}

__guest void gic_eoi(void)
{
	gic(GIC_CDEOI, 0);
	isb();
}

__guest void gic_deactivate(u64 ia)
{
	gic(GIC_CDDI, CDIA_INTID(ia));
	gsb_sys();
	isb();
}

__guest u64 now(void)
{
	isb();
	return read_reg(cntvct_el0);
}

__guest u64 ms(u64 n)
{
	return read_reg(cntfrq_el0) * n / 1000;
}

__guest void timer_set(u32 ppi, u64 ticks_from_now)
{
	if (ppi == CNTV) {
		write_reg(cntv_tval_el0, ticks_from_now);
		write_reg(cntv_ctl_el0, 1);
	} else {
		write_reg(cntp_tval_el0, ticks_from_now);
		write_reg(cntp_ctl_el0, 1);
	}
	isb();
}

__guest u64 patience(void)
{
	return ms(10 * 1000);
}

__guest void timer_set_at(u32 ppi, u64 at)
{
	if (ppi == CNTV) {
		write_reg(cntv_cval_el0, at);
		write_reg(cntv_ctl_el0, 1);
	} else {
		write_reg(cntp_cval_el0, at);
		write_reg(cntp_ctl_el0, 1);
	}
	isb();
}

__guest void timer_set_far(u32 ppi)
{
	timer_set_at(ppi, now() + ms(3600 * 1000));
}

__guest void timer_stop(u32 ppi)
{
	if (ppi == CNTV)
		write_reg(cntv_ctl_el0, 0);
	else
		write_reg(cntp_ctl_el0, 0);
	isb();
}

__guest bool timer_expired(u32 ppi)
{
	u64 ctl = ppi == CNTV ? read_reg(cntv_ctl_el0) :
				read_reg(cntp_ctl_el0);

	return (ctl & 5) == 5;		/* ISTATUS and ENABLE */
}

static __guest void tick(u32 ppi)
{
	volatile struct guest_cpu *c = cpu();

	if (ppi != CNTV && ppi != CNTP)
		return;
	if (--c->ticks_left)
		timer_set(ppi, c->period);
	else
		timer_stop(ppi);
}

__guest void timer_ticks(u32 ppi, u64 nr, u64 period)
{
	cpu()->ticks_left = nr;
	cpu()->period = period;
	cpu()->on_irq = tick;
	timer_set(ppi, period);
}

__guest void pmu_setup(void)
{
	/* These have no defined reset value. */
	write_reg(pmcntenclr_el0, ~0ul);
	write_reg(pmintenclr_el1, ~0ul);
	write_reg(pmovsclr_el0, ~0ul);
	write_reg(pmintenset_el1, PMU_CYCLES);
	write_reg(pmcr_el0, 1);
	/* KVM forwards overflow of counters that are enabled. */
	write_reg(pmcntenset_el0, PMU_CYCLES);
	isb();
}

__guest u64 wfi_until(u32 ppi, u64 n)
{
	u64 returns = 0;

	/*
	 * Look, and wait, with interrupts masked: one that comes in between
	 * makes WFI return at once instead of being missed.
	 */
	irq_off();
	while (cpu()->taken[ppi] < n) {
		wfi();
		returns++;
		irq_on();
		isb();
		irq_off();
	}
	irq_on();
	return returns;
}

__guest u64 psci(u64 fn, u64 a1, u64 a2, u64 a3)
{
	register u64 x0 asm("x0") = fn;
	register u64 x1 asm("x1") = a1;
	register u64 x2 asm("x2") = a2;
	register u64 x3 asm("x3") = a3;

	asm volatile("hvc #0" : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3) :
		     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
		       "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	return x0;
}
