// SPDX-License-Identifier: GPL-2.0-only
/* One state, two views: what EL2 sees of it and what the guest sees. */
#include "conformance.h"

static void cr0_en(u64 arg)
{
	set(ICH_VMCR, 0);
	eq(el1_rd(ICC_CR0) & CR0_EN, 0);
	set(ICH_VMCR, VMCR_EN);
	eq(el1_rd(ICC_CR0) & CR0_EN, CR0_EN);
	el1_wr(ICC_CR0, 0);
	eq(rd(ICH_VMCR), 0);
	el1_wr(ICC_CR0, CR0_EN);
	eq(rd(ICH_VMCR), VMCR_EN);
}

static void pcr(u64 arg)
{
	for (int p = 0; p < 32; p += 2) {
		set(ICH_VMCR, VMCR_VPMR(p));
		same(el1_rd(ICC_PCR), p, "ICV_PCR");
	}
	for (int p = 0; p < 32; p += 2) {
		el1_wr(ICC_PCR, p);
		same(rd(ICH_VMCR), VMCR_VPMR(p), "ICH_VMCR");
	}
}

static void cr0_pcr_apart(u64 arg)
{
	venv(true, 0x14, 0);
	el1_wr(ICC_CR0, 0);
	eq(rd(ICH_VMCR), VMCR_VPMR(0x14));
	el1_wr(ICC_CR0, CR0_EN);
	el1_wr(ICC_PCR, 0xa);
	eq(rd(ICH_VMCR), VMCR_EN | VMCR_VPMR(0xa));
}

static void apr(u64 arg)
{
	set(ICH_APR, BIT(4) | BIT(16));
	eq(el1_rd(ICC_APR), BIT(4) | BIT(16));
	el1_wr(ICC_APR, BIT(30) | BIT(2));
	eq(rd(ICH_APR), BIT(30) | BIT(2));
}

static void enabler(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		el2_wr(ICH_ENABLER(i), impl[i]);
		same(el1_rd(ICC_ENABLER(i)), impl[i], "EL1, all");
		el1_wr(ICC_ENABLER(i), impl[i] & BITS(27, 4));
		same(el2_rd(ICH_ENABLER(i)), impl[i] & BITS(27, 4),
		     "EL2, a plain write");
	}
}

static void priorityr(u64 arg)
{
	for (int n = 0; n < 16; n++) {
		u64 old = el2_rd(ICH_PRIORITYR(n));
		u64 new = old & 0x0404040404040404ul;

		same(el1_rd(ICC_PRIORITYR(n)), old, "EL1");
		el1_wr(ICC_PRIORITYR(n), new);
		same(el2_rd(ICH_PRIORITYR(n)), new, "EL2");
		el2_wr(ICH_PRIORITYR(n), old);
		same(el1_rd(ICC_PRIORITYR(n)), old, "EL1, back");
	}
}

static void sactiver(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		u64 some = impl[i] & BITS(27, 4);

		el2_wr(ICH_ACTIVER(i), some);
		el1_wr(ICC_SACTIVER(i), impl[i] & ~some);
		same(el2_rd(ICH_ACTIVER(i)), impl[i], "ones set");
		el1_wr(ICC_SACTIVER(i), 0);
		same(el2_rd(ICH_ACTIVER(i)), impl[i], "zeroes do nothing");
	}
}

static void cactiver(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		u64 some = impl[i] & BITS(27, 4);

		el2_wr(ICH_ACTIVER(i), impl[i]);
		el1_wr(ICC_CACTIVER(i), 0);
		same(el2_rd(ICH_ACTIVER(i)), impl[i], "zeroes do nothing");
		el1_wr(ICC_CACTIVER(i), some);
		same(el2_rd(ICH_ACTIVER(i)), impl[i] & ~some, "ones clear");
	}
}

static void active_reads(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		u64 some = impl[i] & BITS(27, 4);

		el2_wr(ICH_ACTIVER(i), some);
		same(el1_rd(ICC_SACTIVER(i)), some, "SACTIVER");
		same(el1_rd(ICC_CACTIVER(i)), some, "CACTIVER");
	}
}

static void hppir(u64 arg)
{
	eq(rd(ICH_HPPIR), 0);
	vppi(CNTV, 8);
	eq(rd(ICH_HPPIR), HPPI(CNTV));
	eq(rd(ICH_HPPIR), vhppi());
}

/* The host's registers and the guest's do not touch each other. */
static void host_writes(u64 arg)
{
	vppi(CNTV, 8);
	vactive(SW_PPI, true);
	set(ICH_APR, BIT(20));
	wr(ICC_ENABLER(0), 0);
	wr(ICC_CACTIVER(0), ~0ul);
	wr(ICC_CPENDR(0), ~0ul);
	wr(ICC_PRIORITYR(3), 0);
	wr(ICC_APR, 0);
	wr(ICC_PCR, 0);
	set(ICC_CR0, 0);
	eq(rd(ICH_ENABLER(0)), BIT(CNTV));
	eq(rd(ICH_ACTIVER(0)), BIT(SW_PPI));
	eq(rd(ICH_PENDR(0)), BIT(CNTV));
	eq(FIELD(rd(ICH_PRIORITYR(3)), 31, 24), 8);
	eq(rd(ICH_APR), BIT(20));
	eq(rd(ICH_VMCR), VMCR_EN | VMCR_VPMR(PRI(0x1f)));
	eq(vhppi(), HPPI(CNTV));
}

static void ich_writes(u64 arg)
{
	timer_fire(CNTP);
	penable(CNTP, true);
	set(ICC_SACTIVER(0), BIT(SW_PPI));
	set(ICC_APR, BIT(20));
	set(ICC_PCR, 0x1e);
	wr(ICH_ENABLER(0), 0);
	wr(ICH_ACTIVER(0), 0);
	wr(ICH_PENDR(0), 0);
	wr(ICH_PRIORITYR(3), 0);
	wr(ICH_APR, 0);
	set(ICH_VMCR, 0);
	eq(rd(ICC_ENABLER(0)), BIT(CNTP));
	eq(rd(ICC_SACTIVER(0)), BIT(SW_PPI));
	eq(rd(ICC_SPENDR(0)), BIT(CNTP));
	eq(FIELD(rd(ICC_PRIORITYR(3)), 31, 24), 16);
	eq(rd(ICC_APR), BIT(20));
	eq(rd(ICC_PCR), 0x1e);
}

const struct test state_tests[] = {
	{ "alias: ICV_CR0.EN is ICH_VMCR.EN", cr0_en, 0 },
	{ "alias: ICV_PCR is ICH_VMCR.VPMR", pcr, 0 },
	{ "alias: ICV_CR0 leaves VPMR alone, ICV_PCR leaves EN alone",
	  cr0_pcr_apart, 0 },
	{ "alias: ICV_APR is ICH_APR", apr, 0 },
	{ "alias: ICV_PPI_ENABLER is ICH_PPI_ENABLER", enabler, 0 },
	{ "alias: ICV_PPI_PRIORITYR is ICH_PPI_PRIORITYR", priorityr, 0 },
	{ "alias: ICV_PPI_SACTIVER sets in ICH_PPI_ACTIVER", sactiver, 0 },
	{ "alias: ICV_PPI_CACTIVER clears in ICH_PPI_ACTIVER", cactiver, 0 },
	{ "alias: ICV_PPI_SACTIVER and CACTIVER read ICH_PPI_ACTIVER",
	  active_reads, 0 },
	{ "alias: ICV_HPPIR is ICH_HPPIR", hppir, 0 },
	{ "separate: ICC_* writes at EL2 leave the virtual state alone",
	  host_writes, 0 },
	{ "separate: ICH_* writes leave the physical state alone",
	  ich_writes, 0 },
	{ }
};
