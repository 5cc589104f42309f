// SPDX-License-Identifier: GPL-2.0-only
/* Which registers there are, and what the fixed ones say. */
#include "conformance.h"

static void cpu_features(u64 arg)
{
	u64 pfr0 = rd_sys(s3_0_c0_c4_0), pfr2 = rd_sys(s3_0_c0_c4_2);

	same(FIELD(pfr2, 15, 12), 1, "ID_AA64PFR2_EL1.GCIE");
	same(FIELD(pfr0, 27, 24), 0, "ID_AA64PFR0_EL1.GIC");
}

static void idr0_pri_bits(u64 arg)
{
	u64 v = IDR0_PRI_BITS(rd(ICC_IDR0));

	ok(v == 3 || v == 4);
	if (asked.pri_bits)
		eq(v + 1, asked.pri_bits);
}

static void idr0_id_bits(u64 arg)
{
	u64 v = IDR0_ID_BITS(rd(ICC_IDR0));

	ok(v <= 1);
	if (asked.id_bits)
		eq(v ? 24 : 16, asked.id_bits);
}

static void idr0_legacy(u64 arg)
{
	eq(IDR0_LEGACY(rd(ICC_IDR0)), asked.legacy);
}

static void idr0_res0(u64 arg)
{
	eq(rd(ICC_IDR0) & ~BITS(11, 0), 0);
}

static void idr0_not_redirected(u64 arg)
{
	eq(el1_rd(ICC_IDR0), rd(ICC_IDR0));
}

static void iaffidr_host(u64 arg)
{
	eq(rd(ICC_IAFFIDR), 0);
}

static void iaffidr_physical_el1(u64 arg)
{
	hcr = HCR_RW;
	eq(el1_rd(ICC_IAFFIDR), rd(ICC_IAFFIDR));
}

/* A hypervisor that forgets the trap must not get away with it. */
static void iaffidr_guest(u64 arg)
{
	ok(el1_rd(ICC_IAFFIDR) != rd(ICC_IAFFIDR));
	ok(el1_rd(ICC_IAFFIDR) > 0xff);
}

static void implemented(u64 arg)
{
	if (!asked.given) {
		ok(impl[0] & BIT(SW_PPI));
		ok(impl[0] & BIT(CNTV));
		ok(impl[0] & BIT(CNTP));
		return;
	}
	eq(impl[0], asked.ppis[0]);
	eq(impl[1], asked.ppis[1]);
}

static void implemented_virtual(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		el2_wr(ICH_ENABLER(i), ~0ul);
		same(el2_rd(ICH_ENABLER(i)), impl[i], "ICH_PPI_ENABLER");
	}
}

static void handling_mode(u64 arg)
{
	ok(!(hmr[0] & BIT(SW_PPI)));
	ok(hmr[0] & BIT(CNTV));
	ok(hmr[0] & BIT(CNTP));
	if (asked.given) {
		eq(edge[0], asked.edge[0]);
		eq(edge[1], asked.edge[1]);
	}
}

static void handling_mode_missing(u64 arg)
{
	eq(hmr[0] & ~impl[0], 0);
	eq(hmr[1] & ~impl[1], 0);
}

static void handling_mode_guest(u64 arg)
{
	eq(el1_rd(ICC_HMR(0)), hmr[0]);
	eq(el1_rd(ICC_HMR(1)), hmr[1]);
}

static void sre_el1(u64 arg)
{
	ok(rd(ICC_SRE_EL1) & 1);
	set(ICC_SRE_EL1, 0);
	ok(rd(ICC_SRE_EL1) & 1);
}

static void sre_el2(u64 arg)
{
	ok(rd(ICC_SRE_EL2) & 1);
	set(ICC_SRE_EL2, 0);
	ok(rd(ICC_SRE_EL2) & 1);
}

static void sre_el1_guest(u64 arg)
{
	ok(el1_rd(ICC_SRE_EL1) & 1);
	el1_wr(ICC_SRE_EL1, 0);
	ok(el1_rd(ICC_SRE_EL1) & 1);
}

/* Every readable register, and those that can be written. */
static const u32 icc_ro[] = {
	ICC_HMR(0), ICC_HMR(1), ICC_IDR0, ICC_HPPIR, ICC_IAFFIDR,
};
static const u32 icc_rw[] = {
	ICC_APR, ICC_CR0, ICC_PCR, ICC_ICSR, ICC_ENABLER(0), ICC_ENABLER(1),
	ICC_CACTIVER(0), ICC_CACTIVER(1), ICC_SACTIVER(0), ICC_SACTIVER(1),
	ICC_CPENDR(0), ICC_CPENDR(1), ICC_SPENDR(0), ICC_SPENDR(1),
	ICC_PRIORITYR(0), ICC_PRIORITYR(1), ICC_PRIORITYR(2),
	ICC_PRIORITYR(3), ICC_PRIORITYR(4), ICC_PRIORITYR(5),
	ICC_PRIORITYR(6), ICC_PRIORITYR(7), ICC_PRIORITYR(8),
	ICC_PRIORITYR(9), ICC_PRIORITYR(10), ICC_PRIORITYR(11),
	ICC_PRIORITYR(12), ICC_PRIORITYR(13), ICC_PRIORITYR(14),
	ICC_PRIORITYR(15),
};
static const u32 ich_rw[] = {
	ICH_APR, ICH_HFGRTR, ICH_HFGWTR, ICH_HFGITR, ICH_DVIR(0), ICH_DVIR(1),
	ICH_ENABLER(0), ICH_ENABLER(1), ICH_PENDR(0), ICH_PENDR(1),
	ICH_ACTIVER(0), ICH_ACTIVER(1), ICH_VCTLR, ICH_CONTEXTR, ICH_VMCR,
	ICH_PRIORITYR(0), ICH_PRIORITYR(1), ICH_PRIORITYR(2),
	ICH_PRIORITYR(3), ICH_PRIORITYR(4), ICH_PRIORITYR(5),
	ICH_PRIORITYR(6), ICH_PRIORITYR(7), ICH_PRIORITYR(8),
	ICH_PRIORITYR(9), ICH_PRIORITYR(10), ICH_PRIORITYR(11),
	ICH_PRIORITYR(12), ICH_PRIORITYR(13), ICH_PRIORITYR(14),
	ICH_PRIORITYR(15),
};

static void icc_at_el2(u64 arg)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(icc_ro); i++)
		el2_rd(icc_ro[i]);
	for (unsigned int i = 0; i < ARRAY_SIZE(icc_rw); i++)
		el2_wr(icc_rw[i], el2_rd(icc_rw[i]));
}

static void ich_at_el2(u64 arg)
{
	el2_rd(ICH_HPPIR);
	for (unsigned int i = 0; i < ARRAY_SIZE(ich_rw); i++)
		el2_wr(ich_rw[i], el2_rd(ich_rw[i]));
}

static void icc_at_el1(u64 virtual)
{
	hcr = virtual ? HCR_GUEST : HCR_RW;
	for (unsigned int i = 0; i < ARRAY_SIZE(icc_ro); i++)
		el1_rd(icc_ro[i]);
	for (unsigned int i = 0; i < ARRAY_SIZE(icc_rw); i++)
		el1_wr(icc_rw[i], el1_rd(icc_rw[i]));
}

static void gsb_everywhere(u64 arg)
{
	gsb_sys();
	gsb_ack();
	at_el1({ gsb_sys(); gsb_ack(); });
}

const struct test registers_tests[] = {
	{ "ID registers: FEAT_GCIE, and no GICv3", cpu_features, 0 },
	{ "ICC_IDR0.PRI_BITS: four or five, as configured", idr0_pri_bits, 0 },
	{ "ICC_IDR0.ID_BITS: 16 or 24 bits, as configured", idr0_id_bits, 0 },
	{ "ICC_IDR0.GCIE_LEGACY: as configured", idr0_legacy, 0 },
	{ "ICC_IDR0: reserved bits are 0", idr0_res0, 0 },
	{ "ICC_IDR0: a guest reads the physical one", idr0_not_redirected, 0 },
	{ "ICC_IAFFIDR: CPU 0 at EL2", iaffidr_host, 0 },
	{ "ICC_IAFFIDR: the same at EL1 without IMO", iaffidr_physical_el1, 0 },
	{ "ICC_IAFFIDR: obviously wrong in a guest, untrapped",
	  iaffidr_guest, 0 },
	{ "PPIs: implemented as configured", implemented, 0 },
	{ "PPIs: virtual and physical ones are the same set",
	  implemented_virtual, 0 },
	{ "ICC_PPI_HMR: only SW_PPI and what was configured are edges",
	  handling_mode, 0 },
	{ "ICC_PPI_HMR: 0 for PPIs that do not exist",
	  handling_mode_missing, 0 },
	{ "ICV_PPI_HMR: equals the physical one", handling_mode_guest, 0 },
	{ "ICC_SRE_EL1: RAO/WI at EL2", sre_el1, 0 },
	{ "ICC_SRE_EL2: RAO/WI", sre_el2, 0 },
	{ "ICC_SRE_EL1: RAO/WI in a guest", sre_el1_guest, 0 },
	{ "ICC_*_EL1: every register exists at EL2", icc_at_el2, 0 },
	{ "ICH_*_EL2: every register exists at EL2", ich_at_el2, 0 },
	{ "ICC_*_EL1: every register exists at EL1 without IMO",
	  icc_at_el1, false },
	{ "ICV_*_EL1: every register exists in a guest", icc_at_el1, true },
	{ "GSB SYS, GSB ACK: exist at EL2 and EL1", gsb_everywhere, 0 },
	{ }
};
