// SPDX-License-Identifier: GPL-2.0-only
/* Priority 0: superpriority, CDNMIA. */
#include "conformance.h"

static void nmi_guest(void)
{
	wr_sys(sctlr_el1, rd_sys(sctlr_el1) | SCTLR_NMI);
	isb();
}

static void without_nmi(u64 arg)
{
	vppi(CNTV, 0);
	eq(try_el1({ spin(20); }), RETURNED);
	eq(open_el1({ spin(20); }), EL1_IRQ);
	eq(at_el1({ return cdnmia(); }), 0);
	eq(rd(ICH_ACTIVER(0)), 0);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(CNTV));
	eq(rd(ICH_APR), BIT(0));
}

/* Taken although PSTATE.I is set. */
static void through_pstate_i(u64 arg)
{
	nmi_guest();
	vppi(CNTV, 0);
	eq(try_el1({ spin(20); }), EL1_IRQ);
}

static void ordinary(u64 arg)
{
	nmi_guest();
	vppi(CNTV, 2);
	eq(try_el1({ spin(20); }), RETURNED);
	eq(open_el1({ spin(20); }), EL1_IRQ);
	ok(!virq_super());
}

static void isr(u64 arg)
{
	vppi(CNTV, 0);
	ok(virq());
	ok(virq_super());
}

static void allint(u64 arg)
{
	nmi_guest();
	vppi(CNTV, 0);
	eq(enter_lower(spin, 20,
		       PSTATE_EL1 | PSTATE_MASKED | BIT(13)), RETURNED);
}

static void cdia_refuses(u64 arg)
{
	nmi_guest();
	vppi(SW_PPI, 0);
	/* ALLINT, lest it be taken first. */
	enter_lower(({ u64 f(u64 a) { return cdia(); } f; }), 0,
		    PSTATE_EL1 | PSTATE_MASKED | BIT(13));
	eq(left.why, RETURNED);
	eq(left.value, 0);
	eq(rd(ICH_PENDR(0)), BIT(SW_PPI));
	eq(rd(ICH_ACTIVER(0)), 0);
	eq(rd(ICH_APR), 0);
}

static void cdnmia_takes(u64 arg)
{
	nmi_guest();
	vppi(SW_PPI, 0);
	enter_lower(({ u64 f(u64 a) { return cdnmia(); } f; }), 0,
		    PSTATE_EL1 | PSTATE_MASKED | BIT(13));
	eq(left.why, RETURNED);
	eq(left.value, CDIA_VALID | PPI(SW_PPI));
	eq(rd(ICH_PENDR(0)), 0);
	eq(rd(ICH_ACTIVER(0)), BIT(SW_PPI));
	eq(rd(ICH_APR), BIT(0));
	eq(try_el1({ spin(20); }), RETURNED);
}

static void cdnmia_refuses(u64 arg)
{
	nmi_guest();
	vppi(SW_PPI, 2);
	eq(at_el1({ return cdnmia(); }), 0);
	eq(rd(ICH_PENDR(0)), BIT(SW_PPI));
	eq(rd(ICH_ACTIVER(0)), 0);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(SW_PPI));
}

static void cdnmia_none(u64 arg)
{
	nmi_guest();
	eq(at_el1({ return cdnmia(); }), 0);
}

static void gated(u64 arg)
{
	nmi_guest();
	vppi(CNTV, 0);
	set(ICH_VCTLR, 0);
	eq(try_el1({ spin(20); }), RETURNED);
	set(ICH_VCTLR, VCTLR_EN);
	hcr = HCR_RW;
	eq(try_el1({ spin(20); }), RETURNED);
	hcr = HCR_GUEST;
	eq(try_el1({ spin(20); }), EL1_IRQ);
}

const struct test nmi_tests[] = {
	{ "priority 0 without SCTLR_EL1.NMI: an ordinary vIRQ, by CDIA",
	  without_nmi, 0 },
	{ "priority 0 with NMI: taken in spite of PSTATE.I",
	  through_pstate_i, 0 },
	{ "priority 0: ISR_EL1.IS shows superpriority", isr, 0 },
	{ "priority 0 with NMI: waits for PSTATE.ALLINT", allint, 0 },
	{ "priority 0 with NMI: needs VCTLR.En and IMO as any", gated, 0 },
	{ "priority 2 with NMI: an ordinary vIRQ", ordinary, 0 },
	{ "CDIA: never hands out an NMI", cdia_refuses, 0 },
	{ "CDNMIA: hands out an NMI", cdnmia_takes, 0 },
	{ "CDNMIA: hands out nothing else", cdnmia_refuses, 0 },
	{ "CDNMIA: 0 when there is nothing", cdnmia_none, 0 },
	{ }
};
