// SPDX-License-Identifier: GPL-2.0-only
/* The physical interface, as far as a hypervisor builds on it. */
#include "irs.h"

static void pending_timer(int id)
{
	penable(id, true);
	set(ICC_CR0, CR0_EN);
	timer_fire(id);
}

static void line(u64 id)
{
	if (!(impl[0] & BIT(id))) {
		skip("this host lacks the PPI");
		return;
	}
	eq(rd(ICC_SPENDR(0)) & BIT(id), 0);
	timer_fire(id);
	eq(rd(ICC_SPENDR(0)) & BIT(id), BIT(id));
	timer_off(id);
	eq(rd(ICC_SPENDR(0)) & BIT(id), 0);
}

static void line_while_active(u64 arg)
{
	set(ICC_SACTIVER(0), BIT(CNTV));
	line(CNTV);
}

static void pmu_line(u64 arg)
{
	if (!(impl[0] & BIT(PMU))) {
		skip("this host lacks the PPI");
		return;
	}
	wr_sys(pmcr_el0, rd_sys(pmcr_el0) | 1);
	wr_sys(pmintenset_el1, BIT(31));
	wr_sys(pmovsset_el0, BIT(31));
	isb();
	eq(rd(ICC_SPENDR(0)) & BIT(PMU), BIT(PMU));
	wr_sys(pmovsclr_el0, BIT(31));
	wr_sys(pmintenclr_el1, BIT(31));
	isb();
	eq(rd(ICC_SPENDR(0)) & BIT(PMU), 0);
}

static void level_not_written(u64 arg)
{
	set(ICC_SPENDR(0), impl[0] & hmr[0]);
	eq(rd(ICC_SPENDR(0)), 0);
	timer_fire(CNTV);
	set(ICC_CPENDR(0), ~0ul);
	eq(rd(ICC_SPENDR(0)), BIT(CNTV));
	eq(rd(ICC_CPENDR(0)), BIT(CNTV));
}

static void edge_written(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		el2_wr(ICC_SPENDR(i), edge[i]);
		same(el2_rd(ICC_SPENDR(i)), edge[i], "set");
		el2_wr(ICC_CPENDR(i), edge[i]);
		same(el2_rd(ICC_SPENDR(i)), 0, "cleared");
	}
}

static void active_bits(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		u64 some = impl[i] & BITS(27, 4);

		el2_wr(ICC_SACTIVER(i), impl[i]);
		el2_wr(ICC_CACTIVER(i), some);
		same(el2_rd(ICC_SACTIVER(i)), impl[i] & ~some, "SACTIVER");
		same(el2_rd(ICC_CACTIVER(i)), impl[i] & ~some, "CACTIVER");
	}
}

static void hppir(u64 arg)
{
	pending_timer(CNTV);
	eq(rd(ICC_HPPIR), HPPI(CNTV));
	penable(CNTV, false);
	eq(rd(ICC_HPPIR), 0);
	penable(CNTV, true);
	set(ICC_SACTIVER(0), BIT(CNTV));
	eq(rd(ICC_HPPIR), 0);
	set(ICC_CACTIVER(0), BIT(CNTV));
	eq(rd(ICC_HPPIR), HPPI(CNTV));
	set(ICC_CR0, 0);
	eq(rd(ICC_HPPIR), 0);
}

static void masks(u64 arg)
{
	pending_timer(CNTV);
	set(ICC_PCR, 16);
	eq(rd(ICC_HPPIR), HPPI(CNTV));
	set(ICC_PCR, 14);
	eq(rd(ICC_HPPIR), 0);
	set(ICC_PCR, 0x1f);
	set(ICC_APR, BIT(16));
	eq(rd(ICC_HPPIR), 0);
	set(ICC_APR, BIT(18));
	eq(rd(ICC_HPPIR), HPPI(CNTV));
}

static void order(u64 arg)
{
	pending_timer(CNTV);
	pending_timer(CNTP);
	ppriority(CNTP, 14);
	eq(rd(ICC_HPPIR), HPPI(CNTP));
	ppriority(CNTV, 12);
	eq(rd(ICC_HPPIR), HPPI(CNTV));
}

static void life_cycle(u64 arg)
{
	pending_timer(CNTV);
	eq(cdia(), CDIA_VALID | PPI(CNTV));
	eq(rd(ICC_APR), BIT(16));
	eq(rd(ICC_SACTIVER(0)), BIT(CNTV));
	eq(rd(ICC_SPENDR(0)), BIT(CNTV));
	eq(rd(ICH_APR), 0);
	eq(rd(ICH_ACTIVER(0)), 0);
	cdeoi();
	eq(rd(ICC_APR), 0);
	eq(rd(ICC_SACTIVER(0)), BIT(CNTV));
	eq(cdia(), 0);
	cddi(PPI(CNTV));
	eq(rd(ICC_SACTIVER(0)), 0);
	eq(cdia(), CDIA_VALID | PPI(CNTV));
}

static void edge_consumed(u64 arg)
{
	penable(SW_PPI, true);
	set(ICC_CR0, CR0_EN);
	set(ICC_SPENDR(0), BIT(SW_PPI));
	eq(cdia(), CDIA_VALID | PPI(SW_PPI));
	eq(rd(ICC_SPENDR(0)), 0);
}

static void di_wide(u64 arg)
{
	u64 all[2] = { impl[0], impl[1] };

	el2_wr(ICC_SACTIVER(0), all[0]);
	el2_wr(ICC_SACTIVER(1), all[1]);
	for (int id = 0; id < 128; id++) {
		if (!(impl[id / 64] & BIT(id % 64)))
			continue;
		cddi(PPI(id));
		all[id / 64] &= ~BIT(id % 64);
		same(rd(ICC_SACTIVER(0)), all[0], "ICC_PPI_SACTIVER0");
		same(rd(ICC_SACTIVER(1)), all[1], "ICC_PPI_SACTIVER1");
	}
}

static void taken_at_el2(u64 arg)
{
	pending_timer(CNTHP);
	wr_sys(hcr_el2, HCR_GUEST);
	isb();
	irq_on();
	spin(20);
	irq_off();
	wr_sys(hcr_el2, HCR_HOST);
	isb();
	eq(el2_irqs, 1);
}

static void taken_at_vhe_el2(u64 arg)
{
	pending_timer(CNTHP);
	wr_sys(hcr_el2, HCR_RW | HCR_E2H | HCR_TGE);
	isb();
	irq_on();
	spin(20);
	irq_off();
	wr_sys(hcr_el2, HCR_HOST);
	isb();
	eq(el2_irqs, 1);
}

#define SPI40	SPI(40)

static void spi(u32 op, u64 more)
{
	el2_wr(op, SPI40 | more);
	gsb_sys();
	isb();
}

static void pending_spi(int p)
{
	irs_switch(true);
	spi(GIC_CDPRI, (u64)p << 35);
	spi(GIC_CDAFF, 0);
	spi(GIC_CDEN, 0);
	spi(GIC_CDPEND, BIT(32));
	set(ICC_CR0, CR0_EN);
	eq(rd(ICC_HPPIR), HPPIR_VALID | SPI40);
}

static void irs_switched(u64 arg)
{
	pending_spi(8);
	irs_switch(false);
	eq(rd(ICC_HPPIR), 0);
	irs_switch(true);
	eq(rd(ICC_HPPIR), HPPIR_VALID | SPI40);
}

static void irs_virt(u64 arg)
{
	ok(irs_rd(IRS_IDR0) & BIT(6));
}

static void spi_enable(u64 arg)
{
	pending_spi(8);
	spi(GIC_CDDIS, 0);
	eq(rd(ICC_HPPIR), 0);
	spi(GIC_CDEN, 0);
	eq(rd(ICC_HPPIR), HPPIR_VALID | SPI40);
}

static void spi_pend(u64 arg)
{
	pending_spi(8);
	spi(GIC_CDPEND, 0);
	eq(rd(ICC_HPPIR), 0);
}

static void spi_life_cycle(u64 arg)
{
	pending_spi(8);
	eq(cdia(), CDIA_VALID | SPI40);
	eq(rd(ICC_APR), BIT(VPRI(8)));
	eq(rd(ICC_HPPIR), 0);
	cdeoi();
	eq(rd(ICC_APR), 0);
	cddi(SPI40);
}

static void spi_against_ppi(u64 arg)
{
	pending_spi(16);
	ppriority(CNTV, 20);
	pending_timer(CNTV);
	eq(rd(ICC_HPPIR), HPPIR_VALID | SPI40);
	ppriority(CNTV, 6);
	eq(rd(ICC_HPPIR), HPPI(CNTV));
}

/* The host's SPI is nothing to the guest's selection. */
static void spi_against_guest(u64 arg)
{
	vppi(CNTV, 16);
	pending_spi(4);
	eq(rd(ICH_HPPIR), HPPI(CNTV));
	eq(open_el1({ spin(20); }), EL2_IRQ);
	set(ICC_CR0, 0);
	eq(open_el1({ spin(20); }), EL1_IRQ);
}

static void doorbell_and_maintenance(u64 arg)
{
	/* Neither a doorbell nor a maintenance interrupt ever comes. */
	vppi(CNTV, 8);
	at_el1({ cdia(); cdeoi(); cddi(PPI(CNTV)); });
	eq(rd(ICC_SPENDR(0)) & (BIT(2) | BIT(25)), 0);
}

const struct test physical_tests[] = {
	{ "physical: Pending follows the line of CNTV", line, CNTV },
	{ "physical: Pending follows the line of CNTP", line, CNTP },
	{ "physical: Pending follows the line of CNTHP", line, CNTHP },
	{ "physical: Pending follows the line of CNTHV", line, CNTHV },
	{ "physical: Pending follows the line of the PMU", pmu_line, 0 },
	{ "physical: Pending follows the line while active",
	  line_while_active, 0 },
	{ "physical: SPENDR and CPENDR have no effect on levels",
	  level_not_written, 0 },
	{ "physical: SPENDR and CPENDR set and clear edges",
	  edge_written, 0 },
	{ "physical: SACTIVER and CACTIVER", active_bits, 0 },
	{ "physical: HPPIR needs enabled, not active, EN", hppir, 0 },
	{ "physical: PCR and the running priority mask", masks, 0 },
	{ "physical: the lowest priority number wins", order, 0 },
	{ "physical: CDIA, CDEOI, CDDI", life_cycle, 0 },
	{ "physical: CDIA consumes an edge", edge_consumed, 0 },
	{ "physical: CDDI of each PPI, and no other", di_wide, 0 },
	{ "physical: an IRQ is taken at EL2 with IMO", taken_at_el2, 0 },
	{ "physical: an IRQ is taken at EL2 with E2H and TGE",
	  taken_at_vhe_el2, 0 },
	{ "IRS_IDR0: VIRT", irs_virt, 0 },
	{ "IRS_CR0: switches the IRS's interrupts off and on",
	  irs_switched, 0 },
	{ "GIC CDDIS and CDEN of an SPI", spi_enable, 0 },
	{ "GIC CDPEND of an SPI: clears, too", spi_pend, 0 },
	{ "CDIA, CDEOI, CDDI of an SPI", spi_life_cycle, 0 },
	{ "physical: PPIs and SPIs compete by priority", spi_against_ppi, 0 },
	{ "physical: an SPI is none of the guest's", spi_against_guest, 0 },
	{ "physical: no doorbell, no maintenance interrupt",
	  doorbell_and_maintenance, 0 },
	{ }
};
