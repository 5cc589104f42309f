// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a write has its effect. PCR synchronises itself; anything else needs
 * an ISB, an exception return, a GSB. A machine that was asked for delay has
 * no effect before that; otherwise either is right.
 */
#include "conformance.h"

static void pcr_self(u64 arg)
{
	vppi(CNTV, 8);
	eq(at_el1({ wr(ICC_PCR, 6); return rd(ICC_HPPIR); }), 0);
	eq(at_el1({ wr(ICC_PCR, 8); return rd(ICC_HPPIR); }), HPPI(CNTV));
}

static void pcr_self_physical(u64 arg)
{
	penable(CNTV, true);
	set(ICC_CR0, CR0_EN);
	timer_fire(CNTV);
	eq(({ wr(ICC_PCR, 14); rd(ICC_HPPIR); }), 0);
	eq(({ wr(ICC_PCR, 16); rd(ICC_HPPIR); }), HPPI(CNTV));
}

/* A register reads back what was written to it, barrier or no barrier. */
static void read_back(u64 arg)
{
	eq(({ wr(ICH_PENDR(0), BIT(CNTV)); rd(ICH_PENDR(0)); }), BIT(CNTV));
	eq(({ wr(ICH_ENABLER(0), BIT(CNTV)); rd(ICH_ENABLER(0)); }),
	   BIT(CNTV));
	eq(({ wr(ICH_APR, BIT(8)); rd(ICH_APR); }), BIT(8));
	eq(({ wr(ICH_VMCR, VMCR_EN); rd(ICH_VMCR); }), VMCR_EN);
	eq(({ wr(ICC_ENABLER(0), BIT(CNTV)); rd(ICC_ENABLER(0)); }),
	   BIT(CNTV));
	eq(({ wr(ICC_CR0, CR0_EN); rd(ICC_CR0) & CR0_EN; }), CR0_EN);
}

static void isb_enough(u64 arg)
{
	vppi(CNTV, 8);
	wr(ICH_PENDR(0), 0);
	isb();
	eq(rd(ICH_HPPIR), 0);
	wr(ICH_PENDR(0), BIT(CNTV));
	isb();
	eq(rd(ICH_HPPIR), HPPI(CNTV));
}

static void eret_enough(u64 arg)
{
	vppi(CNTV, 8);
	wr(ICH_PENDR(0), 0);
	/* enter_lower() has an ISB of its own: go round it. */
	eq(vhppi(), 0);
	wr(ICH_PENDR(0), BIT(CNTV));
	eq(open_el1({ spin(20); }), EL1_IRQ);
}

static void gsb_enough(u64 arg)
{
	vppi(CNTV, 8);
	eq(at_el1({
		cdia();
		cdeoi();
		wr(GIC_CDDI, PPI(CNTV));
		gsb_sys();
		isb();
		return rd(ICC_HPPIR);
	}), HPPI(CNTV));
}

static bool no_delay(void)
{
	if (!asked.delay)
		skip("a machine without delay");
	return !asked.delay;
}

static void delayed_pendr(u64 arg)
{
	if (no_delay())
		return;
	vppi(CNTV, 8);
	eq(({ wr(ICH_PENDR(0), 0); rd(ICH_HPPIR); }), HPPI(CNTV));
	isb();
	eq(rd(ICH_HPPIR), 0);
	eq(({ wr(ICH_PENDR(0), BIT(CNTV)); rd(ICH_HPPIR); }), 0);
	isb();
	eq(rd(ICH_HPPIR), HPPI(CNTV));
}

static void delayed_enabler(u64 arg)
{
	if (no_delay())
		return;
	vppi(CNTV, 8);
	eq(({ wr(ICH_ENABLER(0), 0); rd(ICH_HPPIR); }), HPPI(CNTV));
	isb();
	eq(rd(ICH_HPPIR), 0);
}

static void delayed_vmcr(u64 arg)
{
	if (no_delay())
		return;
	vppi(CNTV, 8);
	eq(({ wr(ICH_VMCR, 0); rd(ICH_HPPIR); }), HPPI(CNTV));
	isb();
	eq(rd(ICH_HPPIR), 0);
}

static void delayed_guest(u64 arg)
{
	if (no_delay())
		return;
	vppi(CNTV, 8);
	eq(at_el1({
		wr(ICC_ENABLER(0), 0);
		return rd_sys(isr_el1) & BIT(7);
	}), BIT(7));
	ok(!virq());
}

const struct test barrier_tests[] = {
	{ "barrier: ICV_PCR needs none", pcr_self, 0 },
	{ "barrier: ICC_PCR needs none", pcr_self_physical, 0 },
	{ "barrier: a register reads back without one", read_back, 0 },
	{ "barrier: ISB is enough", isb_enough, 0 },
	{ "barrier: entering the guest is enough", eret_enough, 0 },
	{ "barrier: GSB SYS and ISB after CDDI", gsb_enough, 0 },
	{ "delay: ICH_PPI_PENDR waits for a barrier", delayed_pendr, 0 },
	{ "delay: ICH_PPI_ENABLER waits for a barrier", delayed_enabler, 0 },
	{ "delay: ICH_VMCR waits for a barrier", delayed_vmcr, 0 },
	{ "delay: the guest's ICV_PPI_ENABLER waits for a barrier",
	  delayed_guest, 0 },
	{ }
};
