// SPDX-License-Identifier: GPL-2.0-only
/* When the virtual interrupt is signalled, and to whom. */
#include "conformance.h"

/* Some microseconds in which an interrupt would be taken. */
#define linger()	spin(20)

static void taken(u64 arg)
{
	vppi(CNTV, 8);
	eq(open_el1({ linger(); }), EL1_IRQ);
}

static void nothing(u64 arg)
{
	eq(open_el1({ linger(); }), RETURNED);
	ok(!virq());
}

static void pstate_i(u64 arg)
{
	vppi(CNTV, 8);
	ok(virq());
	eq(try_el1({ linger(); }), RETURNED);
	eq(try_el1({ irq_on(); linger(); }), EL1_IRQ);
}

static void from_el0(u64 arg)
{
	vppi(CNTV, 8);
	eq(open_el0({ for (int i = 0; i < 1000; i++) asm volatile(""); }),
	   EL1_IRQ);
}

static void imo(u64 arg)
{
	vppi(CNTV, 8);
	hcr = HCR_GUEST & ~HCR_IMO;
	ok(!virq());
	eq(open_el1({ linger(); }), RETURNED);
}

/* Nothing but HCR_EL2 is written between the two. */
static void hcr_write(u64 arg)
{
	vppi(CNTV, 8);
	hcr = HCR_RW;
	eq(open_el1({ linger(); }), RETURNED);
	hcr = HCR_GUEST;
	eq(open_el1({ linger(); }), EL1_IRQ);
	hcr = HCR_RW;
	eq(open_el1({ linger(); }), RETURNED);
}

static void fmo(u64 arg)
{
	vppi(CNTV, 8);
	hcr = HCR_RW | HCR_IMO;
	eq(open_el1({ linger(); }), EL1_IRQ);
	hcr = HCR_RW | HCR_FMO;
	eq(open_el1({ linger(); }), RETURNED);
}

static void vctlr_en(u64 arg)
{
	vppi(CNTV, 8);
	set(ICH_VCTLR, 0);
	ok(!virq());
	set(ICH_VCTLR, VCTLR_EN);
	ok(virq());
}

static void cr0_en(u64 arg)
{
	vppi(CNTV, 8);
	venv(false, 0x1f, 0);
	ok(!virq());
	venv(true, 0x1f, 0);
	ok(virq());
	el1_wr(ICC_CR0, 0);
	ok(!virq());
}

static void mask(u64 arg)
{
	vppi(CNTV, 8);
	venv(true, 6, 0);
	ok(!virq());
	venv(true, 8, 0);
	ok(virq());
	el1_wr(ICC_PCR, 4);
	ok(!virq());
}

static void running(u64 arg)
{
	vppi(CNTV, 8);
	venv(true, 0x1f, BIT(8));
	ok(!virq());
	el1_wr(ICC_APR, BIT(10));
	ok(virq());
}

static void enabler(u64 arg)
{
	vppi(CNTV, 8);
	el1_wr(ICC_ENABLER(0), 0);
	ok(!virq());
	el1_wr(ICC_ENABLER(0), BIT(CNTV));
	ok(virq());
}

static void pendr(u64 arg)
{
	vppi(CNTV, 8);
	ok(virq());
	vpend(CNTV, false);
	ok(!virq());
}

static void spendr(u64 arg)
{
	venable(SW_PPI, true);
	el1_wr(ICC_SPENDR(0), BIT(SW_PPI));
	ok(virq());
	el1_wr(ICC_CPENDR(0), BIT(SW_PPI));
	ok(!virq());
}

static void active(u64 arg)
{
	vppi(CNTV, 8);
	el1_wr(ICC_SACTIVER(0), BIT(CNTV));
	ok(!virq());
	el1_wr(ICC_CACTIVER(0), BIT(CNTV));
	ok(virq());
}

static void priority(u64 arg)
{
	vppi(CNTV, 8);
	venv(true, 6, 0);
	ok(!virq());
	el1_wr(ICC_PRIORITYR(3), 0x0606060606060606ul);
	ok(virq());
}

/* ISR_EL1.I as a bit of the result, in the guest, with no exit between. */
#define NOTE(bit)	(seen |= rd_sys(isr_el1) & BIT(7) ? BIT(bit) : 0)

static void within_guest(u64 arg)
{
	vppi(CNTV, 8);
	eq(at_el1({
		u64 seen = 0;

		set(ICC_ENABLER(0), 0);
		NOTE(0);
		set(ICC_ENABLER(0), BIT(CNTV));
		NOTE(1);
		set(ICC_SACTIVER(0), BIT(CNTV));
		NOTE(2);
		set(ICC_CACTIVER(0), BIT(CNTV));
		NOTE(3);
		set(ICC_PCR, 6);
		NOTE(4);
		set(ICC_PRIORITYR(3), 0x0606060606060606ul);
		NOTE(5);
		set(ICC_APR, BIT(6));
		NOTE(6);
		set(ICC_APR, 0);
		NOTE(7);
		set(ICC_CR0, 0);
		NOTE(8);
		set(ICC_CR0, CR0_EN);
		NOTE(9);
		return seen;
	}), BIT(1) | BIT(3) | BIT(5) | BIT(7) | BIT(9));
	eq(at_el1({
		u64 seen = 0;

		set(ICC_ENABLER(0), BIT(SW_PPI));
		NOTE(0);
		set(ICC_PCR, 16);
		set(ICC_SPENDR(0), BIT(SW_PPI));
		NOTE(1);
		set(ICC_CPENDR(0), BIT(SW_PPI));
		NOTE(2);
		set(ICC_SPENDR(0), BIT(SW_PPI));
		cdia();
		NOTE(3);
		set(ICC_SPENDR(0), BIT(SW_PPI));
		cdeoi();
		NOTE(4);
		cddi(PPI(SW_PPI));
		NOTE(5);
		return seen;
	}), BIT(1) | BIT(5));
}

/*
 * Each write of an ICH register counts although no write of HCR_EL2 comes
 * after it, before the guest is entered.
 */
static void without_hcr_write(u64 what)
{
	vppi(CNTV, 8);
	if (what == 0)
		vpend(CNTV, false);
	else if (what == 1)
		venable(CNTV, false);
	else if (what == 2)
		vactive(CNTV, true);
	else if (what == 3)
		venv(false, 0x1f, 0);
	else if (what == 4)
		venv(true, 0x1f, BIT(8));
	else if (what == 5)
		set(ICH_VCTLR, 0);
	else if (what == 6)
		venv(true, 6, 0);
	else
		set(ICH_DVIR(0), BIT(CNTV));
	ok(!virq());

	hcr_stays();
	if (what == 0)
		vpend(CNTV, true);
	else if (what == 1)
		venable(CNTV, true);
	else if (what == 2)
		vactive(CNTV, false);
	else if (what == 3)
		set(ICH_VMCR, VMCR_EN | VMCR_VPMR(0x1f));
	else if (what == 4)
		set(ICH_APR, 0);
	else if (what == 5)
		set(ICH_VCTLR, VCTLR_EN);
	else if (what == 6)
		vpriority(CNTV, 4);
	else
		set(ICH_DVIR(0), 0);
	eq(open_el1({ linger(); }), EL1_IRQ);
}

static void acknowledge(u64 arg)
{
	vppi(CNTV, 8);
	at_el1({ cdia(); });
	ok(!virq());
	at_el1({ cdeoi(); });
	ok(!virq());
	at_el1({ cddi(PPI(CNTV)); });
	ok(virq());
}

static void drop(u64 arg)
{
	vppi(CNTV, 8);
	vppi(CNTP, 8);
	at_el1({ cdia(); });
	ok(!virq());
	at_el1({ cdeoi(); });
	ok(virq());
}

static void never_fiq(u64 arg)
{
	vppi(CNTV, 8);
	eq(at_el1({ return rd_sys(isr_el1); }) & BIT(6), 0);
	eq(enter_lower(spin, 20, PSTATE_EL1 | (PSTATE_MASKED &
						      ~BIT(6))), RETURNED);
}

static void not_at_el2(u64 arg)
{
	vppi(CNTV, 8);
	wr_sys(hcr_el2, HCR_GUEST);
	isb();
	irq_on();
	linger();
	irq_off();
	wr_sys(hcr_el2, HCR_HOST);
	isb();
	eq(el2_irqs, 0);
}

static void not_at_vhe_el2(u64 arg)
{
	vppi(CNTV, 8);
	wr_sys(hcr_el2, HCR_GUEST | HCR_E2H | HCR_TGE);
	isb();
	irq_on();
	linger();
	irq_off();
	wr_sys(hcr_el2, HCR_HOST);
	isb();
	eq(el2_irqs, 0);
}

/* A host's user space: EL0 under TGE. */
static void not_at_host_el0(u64 arg)
{
	vppi(CNTV, 8);
	hcr = HCR_GUEST | HCR_E2H | HCR_TGE;
	open_el0({ for (int i = 0; i < 1000; i++) asm volatile(""); });
	eq(left.why, TRAPPED);
	eq(left.ec, 0x15);	/* its SVC, which goes to EL2 */
}

static void physical_to_el2(u64 arg)
{
	timer_fire(CNTP);
	penable(CNTP, true);
	set(ICC_CR0, CR0_EN);
	eq(open_el1({ linger(); }), EL2_IRQ);
	eq(try_el1({ linger(); }), EL2_IRQ);	/* PSTATE.I is no shield */
}

static void physical_to_el1(u64 arg)
{
	hcr = HCR_RW;
	timer_fire(CNTP);
	penable(CNTP, true);
	set(ICC_CR0, CR0_EN);
	eq(open_el1({ linger(); }), EL1_IRQ);
	eq(try_el1({ linger(); }), RETURNED);
}

const struct test signal_tests[] = {
	{ "vIRQ: is taken at EL1", taken, 0 },
	{ "vIRQ: none without a candidate", nothing, 0 },
	{ "vIRQ: waits for PSTATE.I", pstate_i, 0 },
	{ "vIRQ: is taken from EL0 to EL1", from_el0, 0 },
	{ "vIRQ: needs HCR_EL2.IMO", imo, 0 },
	{ "vIRQ: follows a write of HCR_EL2", hcr_write, 0 },
	{ "vIRQ: does not care for HCR_EL2.FMO", fmo, 0 },
	{ "vIRQ: needs ICH_VCTLR.En", vctlr_en, 0 },
	{ "vIRQ: needs EN", cr0_en, 0 },
	{ "vIRQ: follows VPMR", mask, 0 },
	{ "vIRQ: follows APR", running, 0 },
	{ "vIRQ: follows ICV_PPI_ENABLER", enabler, 0 },
	{ "vIRQ: follows ICH_PPI_PENDR", pendr, 0 },
	{ "vIRQ: follows ICV_PPI_SPENDR and CPENDR", spendr, 0 },
	{ "vIRQ: follows ICV_PPI_SACTIVER and CACTIVER", active, 0 },
	{ "vIRQ: follows ICV_PPI_PRIORITYR", priority, 0 },
	{ "vIRQ: follows all of these within the guest", within_guest, 0 },
	{ "vIRQ: follows ICH_PPI_PENDR without a write of HCR_EL2",
	  without_hcr_write, 0 },
	{ "vIRQ: follows ICH_PPI_ENABLER without a write of HCR_EL2",
	  without_hcr_write, 1 },
	{ "vIRQ: follows ICH_PPI_ACTIVER without a write of HCR_EL2",
	  without_hcr_write, 2 },
	{ "vIRQ: follows ICH_VMCR without a write of HCR_EL2",
	  without_hcr_write, 3 },
	{ "vIRQ: follows ICH_APR without a write of HCR_EL2",
	  without_hcr_write, 4 },
	{ "vIRQ: follows ICH_VCTLR without a write of HCR_EL2",
	  without_hcr_write, 5 },
	{ "vIRQ: follows ICH_PPI_PRIORITYR without a write of HCR_EL2",
	  without_hcr_write, 6 },
	{ "vIRQ: follows ICH_PPI_DVIR without a write of HCR_EL2",
	  without_hcr_write, 7 },
	{ "vIRQ: gone with CDIA, back with CDDI", acknowledge, 0 },
	{ "vIRQ: the next comes with CDEOI", drop, 0 },
	{ "vIRQ: is never an FIQ", never_fiq, 0 },
	{ "vIRQ: is never taken at EL2", not_at_el2, 0 },
	{ "vIRQ: is never taken at EL2 with E2H and TGE", not_at_vhe_el2, 0 },
	{ "vIRQ: is never taken at EL0 with E2H and TGE", not_at_host_el0, 0 },
	{ "IRQ: a physical one in a guest goes to EL2, whatever PSTATE.I",
	  physical_to_el2, 0 },
	{ "IRQ: a physical one goes to EL1 without IMO", physical_to_el1, 0 },
	{ }
};
