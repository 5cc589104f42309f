// SPDX-License-Identifier: GPL-2.0-only
/* Which of the two interfaces an access reaches. */
#include "conformance.h"

/*
 * One row for each register behind which there are two: the value that goes
 * in, what comes out, and how EL2 sees the virtual one.
 */
static const struct row {
	u32 reg, clear, ich;
	u64 a, b, mask;
} rows[] = {
	{ ICC_APR, 0, ICH_APR, BIT(4), BIT(8), ~0ul },
	{ ICC_CR0, 0, 0, CR0_EN, 0, CR0_EN },
	{ ICC_PCR, 0, 0, 0x14, 0xa, ~0ul },
	{ ICC_ENABLER(0), 0, ICH_ENABLER(0), BIT(SW_PPI), BIT(CNTV), ~0ul },
	{ ICC_SACTIVER(0), ICC_CACTIVER(0), ICH_ACTIVER(0), BIT(SW_PPI),
	  BIT(CNTV), ~0ul },
	{ ICC_SPENDR(0), ICC_CPENDR(0), ICH_PENDR(0), BIT(SW_PPI), 0, ~0ul },
	{ ICC_PRIORITYR(3), 0, ICH_PRIORITYR(3), 0x0c000000, 0x14000000,
	  0xff000000 },
};

enum { APR, CR0, PCR, ENABLER, ACTIVER, PENDR, PRIORITYR };

static void el1_put(const struct row *r, u64 v)
{
	if (r->clear)
		el1_wr(r->clear, ~0ul);
	el1_wr(r->reg, v);
}

static void el2_put(const struct row *r, u64 v)
{
	if (r->clear)
		el2_wr(r->clear, ~0ul);
	el2_wr(r->reg, v);
}

/* Writes at EL1 and at EL2 are kept apart. */
static void apart(u64 row)
{
	const struct row *r = &rows[row];

	el2_put(r, r->a);
	el1_put(r, r->b);
	same(el2_rd(r->reg) & r->mask, r->a, "physical, after the guest's");
	same(el1_rd(r->reg) & r->mask, r->b, "virtual");
	el2_put(r, r->b);
	el1_put(r, r->a);
	same(el2_rd(r->reg) & r->mask, r->b, "physical, second round");
	same(el1_rd(r->reg) & r->mask, r->a, "virtual, second round");
	if (r->ich)
		same(el2_rd(r->ich) & r->mask, r->a, "through ICH");
}

/* Without IMO there is one. */
static void together(u64 row)
{
	const struct row *r = &rows[row];
	u64 ich = r->ich ? el2_rd(r->ich) : el2_rd(ICH_VMCR);

	hcr = HCR_RW | HCR_FMO | HCR_AMO;
	el2_put(r, r->a);
	same(el1_rd(r->reg) & r->mask, r->a, "EL1, what EL2 wrote");
	el1_put(r, r->b);
	same(el2_rd(r->reg) & r->mask, r->b, "EL2, what EL1 wrote");
	same(r->ich ? el2_rd(r->ich) : el2_rd(ICH_VMCR), ich,
	     "the virtual one");
}

static void hppir(u64 arg)
{
	vppi(CNTV, 8);
	eq(rd(ICC_HPPIR), 0);
	eq(el1_rd(ICC_HPPIR), HPPI(CNTV));
	timer_fire(CNTP);
	penable(CNTP, true);
	set(ICC_CR0, CR0_EN);
	eq(rd(ICC_HPPIR), HPPI(CNTP));
	hcr = HCR_RW;		/* with IMO, the guest would be interrupted */
	eq(el1_rd(ICC_HPPIR), HPPI(CNTP));
}

static void imo_alone(u64 arg)
{
	hcr = HCR_RW | HCR_IMO;
	apart(ENABLER);
}

static void fmo_alone(u64 arg)
{
	hcr = HCR_RW | HCR_FMO;
	wr(ICC_PCR, 0x14);
	eq(el1_rd(ICC_PCR), 0x14);
}

static void el2_with_imo(u64 arg)
{
	wr_sys(hcr_el2, HCR_GUEST);
	isb();
	set(ICC_PCR, 0xa);
	eq(rd(ICC_PCR), 0xa);
	eq(rd(ICH_VMCR), VMCR_EN | VMCR_VPMR(PRI(0x1f)));
	wr_sys(hcr_el2, HCR_HOST);
	isb();
	eq(rd(ICC_PCR), 0xa);
}

static void el2_vhe_host(u64 arg)
{
	u64 seen;

	wr_sys(hcr_el2, HCR_GUEST | HCR_E2H | HCR_TGE);
	isb();
	set(ICC_PCR, 0xa);
	seen = rd(ICC_PCR);
	wr_sys(hcr_el2, HCR_HOST);
	isb();
	eq(seen, 0xa);
	eq(rd(ICC_PCR), 0xa);
	eq(rd(ICH_VMCR), VMCR_EN | VMCR_VPMR(PRI(0x1f)));
}

/* A guest of a VHE host: E2H, no TGE. */
static void el1_of_vhe_host(u64 arg)
{
	hcr = HCR_GUEST | HCR_E2H;
	el1_wr(ICC_PCR, 0xa);
	eq(rd(ICC_PCR), PRI(0x1f));
	eq(rd(ICH_VMCR), VMCR_EN | VMCR_VPMR(0xa));
}

/* ICH_VCTLR.En switches the selection, not the registers. */
static void without_vctlr_en(u64 arg)
{
	set(ICH_VCTLR, 0);
	apart(PCR);
	apart(ENABLER);
}

/* V3, where it exists, is about guests only; legacy.c has the rest. */
static void v3_without_imo(u64 arg)
{
	set(ICH_VCTLR, VCTLR_EN | VCTLR_V3);
	together(PCR);
	together(ENABLER);
}

static void icsr_shared(u64 arg)
{
	set(ICC_ICSR, BIT(4));
	eq(el1_rd(ICC_ICSR), BIT(4));
	el1_wr(ICC_ICSR, BIT(2));
	eq(rd(ICC_ICSR), BIT(2));
}

static void cdia_physical_el1(u64 arg)
{
	hcr = HCR_RW;
	timer_fire(CNTP);
	penable(CNTP, true);
	vppi(CNTV, 8);
	set(ICC_CR0, CR0_EN);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(CNTP));
	eq(rd(ICC_SACTIVER(0)), BIT(CNTP));
	eq(rd(ICH_ACTIVER(0)), 0);
	at_el1({ cdeoi(); cddi(PPI(CNTP)); });
	eq(rd(ICC_APR), 0);
	eq(rd(ICC_SACTIVER(0)), 0);
}

static void cdia_at_el2(u64 arg)
{
	vppi(CNTV, 8);
	eq(cdia(), 0);
	eq(rd(ICH_ACTIVER(0)), 0);
	eq(rd(ICH_APR), 0);
}

static void cdeoi_at_el2(u64 arg)
{
	set(ICH_APR, BIT(4));
	set(ICC_APR, BIT(8));
	cdeoi();
	eq(rd(ICH_APR), BIT(4));
	eq(rd(ICC_APR), 0);
}

static void cdeoi_guest(u64 arg)
{
	set(ICH_APR, BIT(4));
	set(ICC_APR, BIT(8));
	at_el1({ cdeoi(); });
	eq(rd(ICH_APR), 0);
	eq(rd(ICC_APR), BIT(8));
}

static void cddi_at_el2(u64 arg)
{
	vactive(CNTV, true);
	set(ICC_SACTIVER(0), BIT(CNTV));
	cddi(PPI(CNTV));
	eq(rd(ICH_ACTIVER(0)), BIT(CNTV));
	eq(rd(ICC_SACTIVER(0)), 0);
}

static void cddi_guest(u64 arg)
{
	vactive(CNTV, true);
	set(ICC_SACTIVER(0), BIT(CNTV));
	at_el1({ cddi(PPI(CNTV)); });
	eq(rd(ICH_ACTIVER(0)), 0);
	eq(rd(ICC_SACTIVER(0)), BIT(CNTV));
}

const struct test redirect_tests[] = {
	{ "redirection: APR, with IMO", apart, APR },
	{ "redirection: CR0, with IMO", apart, CR0 },
	{ "redirection: PCR, with IMO", apart, PCR },
	{ "redirection: PPI_ENABLER, with IMO", apart, ENABLER },
	{ "redirection: PPI_SACTIVER and CACTIVER, with IMO", apart, ACTIVER },
	{ "redirection: PPI_SPENDR and CPENDR, with IMO", apart, PENDR },
	{ "redirection: PPI_PRIORITYR, with IMO", apart, PRIORITYR },
	{ "redirection: HPPIR, with IMO only", hppir, 0 },
	{ "no redirection without IMO: APR", together, APR },
	{ "no redirection without IMO: CR0", together, CR0 },
	{ "no redirection without IMO: PCR", together, PCR },
	{ "no redirection without IMO: PPI_ENABLER", together, ENABLER },
	{ "no redirection without IMO: PPI_SACTIVER and CACTIVER", together,
	  ACTIVER },
	{ "no redirection without IMO: PPI_SPENDR and CPENDR", together,
	  PENDR },
	{ "no redirection without IMO: PPI_PRIORITYR", together, PRIORITYR },
	{ "redirection: IMO alone does it, without FMO and AMO", imo_alone, 0 },
	{ "redirection: FMO alone does not", fmo_alone, 0 },
	{ "redirection: never at EL2, whatever IMO", el2_with_imo, 0 },
	{ "redirection: never at EL2 with E2H and TGE", el2_vhe_host, 0 },
	{ "redirection: EL1 with E2H and without TGE", el1_of_vhe_host, 0 },
	{ "redirection: VCTLR.En has no part in it", without_vctlr_en, 0 },
	{ "VCTLR.V3: does nothing without IMO", v3_without_imo, 0 },
	{ "ICC_ICSR: one register for host and guest", icsr_shared, 0 },
	{ "GICR CDIA, CDEOI, CDDI: physical at EL1 without IMO",
	  cdia_physical_el1, 0 },
	{ "GICR CDIA at EL2: leaves virtual interrupts alone", cdia_at_el2, 0 },
	{ "GIC CDEOI at EL2: the physical running priority", cdeoi_at_el2, 0 },
	{ "GIC CDEOI in a guest: the virtual running priority", cdeoi_guest, 0 },
	{ "GIC CDDI at EL2: the physical Active", cddi_at_el2, 0 },
	{ "GIC CDDI in a guest: the virtual Active", cddi_guest, 0 },
	{ }
};
