// SPDX-License-Identifier: GPL-2.0-only
/*
 * CD* and VD* instructions, and residency. The IRS of this machine has no VM
 * tables, so no VPE can be resident and nothing but PPIs is there in a guest.
 */
#include "irs.h"

#define SPI40	SPI(40)
#define LPI5	LPI(5)
#define MARK	(0xaul << 32 | BIT(2))	/* a value ICSR may have */

static void rcfg_lpi(u64 arg)
{
	set(ICC_ICSR, 0);
	at_el1({ wr(GIC_CDRCFG, LPI5); gsb_sys(); isb(); });
	eq(el1_rd(ICC_ICSR) & ICSR_F, ICSR_F);
	eq(rd(ICC_ICSR) & ICSR_F, ICSR_F);
}

static void rcfg_spi(u64 arg)
{
	set(ICC_ICSR, 0);
	at_el1({ wr(GIC_CDRCFG, SPI40); gsb_sys(); isb(); });
	eq(rd(ICC_ICSR) & ICSR_F, ICSR_F);
}

static void others(u64 arg)
{
	static const u32 ops[] = {
		GIC_CDDIS, GIC_CDEN, GIC_CDPRI, GIC_CDAFF, GIC_CDPEND,
		GIC_CDHM, GIC_CDDI, GIC_CDEOI,
	};

	set(ICC_ICSR, MARK);
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		el1_wr(ops[i], SPI40);
		same(rd(ICC_ICSR), MARK, "ICC_ICSR");
		el1_wr(ops[i], LPI5);
		same(rd(ICC_ICSR), MARK, "ICC_ICSR");
	}
	at_el1({ cdia(); cdnmia(); });
	eq(rd(ICC_ICSR), MARK);
	eq(vhppi(), 0);
}

static u64 spi_config(void)
{
	wr(GIC_CDRCFG, SPI40);
	gsb_sys();
	isb();
	return rd(ICC_ICSR);
}

/* A guest's commands must not reach the host's SPI. */
static void spi_of_the_host(u64 arg)
{
	u64 before, after;

	irs_switch(true);
	wr(GIC_CDPRI, SPI40 | 0x14ul << 35);
	wr(GIC_CDDIS, SPI40);
	gsb_sys();
	isb();
	before = spi_config();
	eq(before & ICSR_F, 0);
	eq(FIELD(before, 15, 11), IPRI(0x14));

	at_el1({
		wr(GIC_CDPRI, SPI40 | 0x4ul << 35);
		wr(GIC_CDEN, SPI40);
		wr(GIC_CDPEND, SPI40 | BIT(32));
		gsb_sys();
		isb();
	});
	after = spi_config();
	eq(after, before);

	/* ... and with IMO clear they do. */
	hcr = HCR_RW;
	at_el1({ wr(GIC_CDPRI, SPI40 | 0x4ul << 35); gsb_sys(); isb(); });
	eq(FIELD(spi_config(), 15, 11), IPRI(4));
}

/* PPIs are configured by registers only. */
static void no_way_to_a_ppi(u64 virtual)
{
	static const struct { u32 op; u64 extra; } ops[] = {
		{ GIC_CDEN, 0 }, { GIC_CDDIS, 0 }, { GIC_CDPRI, 2ul << 35 },
		{ GIC_CDPEND, BIT(32) }, { GIC_CDPEND, 0 },
		{ GIC_CDHM, BIT(32) }, { GIC_CDAFF, 0 },
	};

	hcr = virtual ? HCR_GUEST : HCR_RW;
	el1_wr(ICC_ENABLER(0), BIT(CNTV));
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		el1_wr(ops[i].op, PPI(SW_PPI) | ops[i].extra);
		el1_wr(ops[i].op, PPI(CNTV) | ops[i].extra);
		same(el1_rd(ICC_ENABLER(0)), BIT(CNTV), "enabled");
		same(el1_rd(ICC_SPENDR(0)), 0, "pending");
		same(el1_rd(ICC_SACTIVER(0)), 0, "active");
		same(FIELD(el1_rd(ICC_PRIORITYR(0)), 31, 24), 16,
		     "priority of PPI 3");
		same(FIELD(el1_rd(ICC_PRIORITYR(3)), 31, 24), 16,
		     "priority of PPI 27");
		same(el1_rd(ICC_HMR(0)), hmr[0], "mode");
	}
}

static void vd_at_el2(u64 arg)
{
	static const u32 ops[] = {
		GIC_VDDIS, GIC_VDEN, GIC_VDPRI, GIC_VDAFF, GIC_VDPEND,
		GIC_VDDI, GIC_VDHM,
	};

	vppi(SW_PPI, 8);
	vactive(CNTV, true);
	set(ICC_ICSR, MARK);
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		el2_wr(ops[i], LPI5);
		el2_wr(ops[i], PPI(CNTV));
	}
	eq(rd(ICC_ICSR), MARK);
	eq(rd(ICH_ACTIVER(0)), BIT(CNTV));
	eq(vhppi(), HPPI(SW_PPI));
}

static void vdrcfg_at_el2(u64 arg)
{
	set(ICC_ICSR, 0);
	el2_wr(GIC_VDRCFG, LPI5);
	gsb_sys();
	isb();
	eq(rd(ICC_ICSR) & ICSR_F, ICSR_F);
}

static void residency_fails(u64 arg)
{
	set(ICH_CONTEXTR, CONTEXTR_V | 3);
	eq(rd(ICH_CONTEXTR) & (CONTEXTR_V | CONTEXTR_F), CONTEXTR_F);
}

static void residency_again(u64 arg)
{
	set(ICH_CONTEXTR, CONTEXTR_V | 3);
	set(ICH_CONTEXTR, 0);
	eq(rd(ICH_CONTEXTR), 0);
	set(ICH_CONTEXTR, CONTEXTR_V);
	eq(rd(ICH_CONTEXTR) & (CONTEXTR_V | CONTEXTR_F), CONTEXTR_F);
}

static void ppis_without_vpe(u64 arg)
{
	set(ICH_CONTEXTR, CONTEXTR_V | 3);
	vppi(CNTV, 8);
	eq(vhppi(), HPPI(CNTV));
	eq(open_el1({ spin(20); }), EL1_IRQ);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(CNTV));
}

const struct test commands_tests[] = {
	{ "CDRCFG of an LPI without a VPE: ICC_ICSR.F", rcfg_lpi, 0 },
	{ "CDRCFG of an SPI without a VPE: ICC_ICSR.F", rcfg_spi, 0 },
	{ "other CD* without a VPE: no effect, ICC_ICSR untouched",
	  others, 0 },
	{ "CD* in a guest: do not reach the host's SPIs", spi_of_the_host, 0 },
	{ "CD* on PPIs: no effect (virtual)", no_way_to_a_ppi, true },
	{ "CD* on PPIs: no effect (physical)", no_way_to_a_ppi, false },
	{ "VD* at EL2 without VM tables: no effect", vd_at_el2, 0 },
	{ "VDRCFG at EL2 without VM tables: ICC_ICSR.F", vdrcfg_at_el2, 0 },
	{ "ICH_CONTEXTR.V without VM tables: V=0, F=1", residency_fails, 0 },
	{ "ICH_CONTEXTR: F is gone with the next write", residency_again, 0 },
	{ "without a VPE: virtual PPIs work all the same",
	  ppis_without_vpe, 0 },
	{ }
};
