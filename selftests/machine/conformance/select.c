// SPDX-License-Identifier: GPL-2.0-only
/* The virtual highest-priority pending interrupt: candidates and masks. */
#include "conformance.h"

static void none(u64 arg)
{
	eq(vhppi(), 0);
}

static void candidate(u64 arg)
{
	vppi(CNTV, 8);
	eq(vhppi(), HPPI(CNTV));
}

static void not_enabled(u64 arg)
{
	vppi(CNTV, 8);
	venable(CNTV, false);
	eq(vhppi(), 0);
}

static void not_pending(u64 arg)
{
	vppi(CNTV, 8);
	vpend(CNTV, false);
	eq(vhppi(), 0);
}

static void active(u64 arg)
{
	vppi(CNTV, 8);
	vactive(CNTV, true);
	eq(vhppi(), 0);
	vactive(CNTV, false);
	eq(vhppi(), HPPI(CNTV));
}

static void lowest_number(u64 arg)
{
	vppi(CNTV, 8);
	vppi(CNTP, 4);
	eq(vhppi(), HPPI(CNTP));
	vpriority(CNTP, 12);
	eq(vhppi(), HPPI(CNTV));
	vppi(SW_PPI, 6);
	eq(vhppi(), HPPI(SW_PPI));
}

/* Which of them is up to the implementation; this one can be told. */
static void equals(u64 arg)
{
	vppi(CNTV, 8);
	vppi(CNTP, 8);
	ok(vhppi() == HPPI(CNTV) || vhppi() == HPPI(CNTP));
	if (asked.given)
		eq(vhppi(), asked.high_ties ? HPPI(CNTP) : HPPI(CNTV));
}

static void finest_priority(u64 arg)
{
	vppi(SW_PPI, 9);
	vppi(CNTV, 8);
	if (pri_bits == 4) {
		eq(FIELD(rd(ICH_PRIORITYR(0)), 31, 24), 8);
		ok(vhppi() == HPPI(CNTV) || vhppi() == HPPI(SW_PPI));
		vpriority(SW_PPI, 7);
		eq(vhppi(), HPPI(SW_PPI));
		return;
	}
	eq(vhppi(), HPPI(CNTV));
	vpriority(CNTV, 10);
	eq(vhppi(), HPPI(SW_PPI));
}

static void interface_off(u64 arg)
{
	vppi(CNTV, 8);
	venv(false, 0x1f, 0);
	eq(vhppi(), 0);
	eq(rd(ICH_HPPIR), 0);
	el1_wr(ICC_CR0, CR0_EN);
	eq(vhppi(), HPPI(CNTV));
}

static void selection_off(u64 arg)
{
	vppi(CNTV, 8);
	set(ICH_VCTLR, 0);
	eq(vhppi(), 0);
	eq(rd(ICH_HPPIR), 0);
	set(ICH_VCTLR, VCTLR_EN);
	eq(vhppi(), HPPI(CNTV));
}

static void mask_equal(u64 arg)
{
	vppi(CNTV, 8);
	venv(true, 8, 0);
	eq(vhppi(), HPPI(CNTV));
}

static void mask_above(u64 arg)
{
	vppi(CNTV, 8);
	venv(true, 6, 0);
	eq(vhppi(), 0);
	eq(rd(ICH_HPPIR), 0);
}

static void mask_every(u64 arg)
{
	for (int p = 0; p < 32; p += 2) {
		vppi(CNTV, p);
		for (int m = 0; m < 32; m += 2) {
			venv(true, m, 0);
			same(rd(ICH_HPPIR), p <= m ? HPPI(CNTV) : 0,
			     "ICH_HPPIR");
		}
	}
}

static void mask_by_guest(u64 arg)
{
	vppi(CNTV, 8);
	el1_wr(ICC_PCR, 6);
	eq(vhppi(), 0);
	el1_wr(ICC_PCR, 8);
	eq(vhppi(), HPPI(CNTV));
}

static void mask_zero(u64 arg)
{
	vppi(CNTV, 0);
	vppi(CNTP, 2);
	venv(true, 0, 0);
	eq(vhppi(), HPPI(CNTV));
}

static void running_equal(u64 arg)
{
	vppi(CNTV, 8);
	venv(true, 0x1f, BIT(8));
	eq(vhppi(), 0);
}

static void running_better(u64 arg)
{
	vppi(CNTV, 8);
	venv(true, 0x1f, BIT(4));
	eq(vhppi(), 0);
}

static void running_worse(u64 arg)
{
	vppi(CNTV, 8);
	venv(true, 0x1f, BIT(10));
	eq(vhppi(), HPPI(CNTV));
}

/* The lowest bit set is the running priority. */
static void running_lowest(u64 arg)
{
	vppi(CNTV, 8);
	venv(true, 0x1f, BIT(6) | BIT(20));
	eq(vhppi(), 0);
	venv(true, 0x1f, BIT(20) | BIT(30));
	eq(vhppi(), HPPI(CNTV));
}

static void running_every(u64 arg)
{
	for (int p = 0; p < 32; p += 2) {
		vppi(CNTV, p);
		for (int r = 0; r < 32; r += 2) {
			venv(true, 0x1f, BIT(r));
			same(rd(ICH_HPPIR), p < r ? HPPI(CNTV) : 0,
			     "ICH_HPPIR");
		}
	}
}

static void physical_no_part(u64 arg)
{
	vppi(CNTV, 8);
	wr(ICC_ENABLER(0), 0);
	wr(ICC_SACTIVER(0), BIT(CNTV));
	wr(ICC_PCR, 0);
	wr(ICC_APR, BIT(0));
	set(ICC_CR0, 0);
	eq(vhppi(), HPPI(CNTV));
}

static void every_ppi(u64 arg)
{
	for (int id = 0; id < 128; id++) {
		if (!(impl[id / 64] & BIT(id % 64)))
			continue;
		vppi(id, 8);
		same(vhppi(), HPPI(id), "ICV_HPPIR");
		venable(id, false);
		vpend(id, false);
	}
}

static void missing_ppis(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		el2_wr(ICH_ENABLER(i), ~impl[i]);
		el2_wr(ICH_PENDR(i), ~impl[i]);
	}
	eq(vhppi(), 0);
	eq(at_el1({ return cdia(); }), 0);
}

/* A bank 1 PPI competes with one of bank 0 by priority alone. */
static void across_banks(u64 arg)
{
	int id = 64 + __builtin_ctzl(impl[1]);

	if (!impl[1]) {
		skip("no PPI above 63");
		return;
	}
	vppi(CNTV, 8);
	vppi(id, 6);
	eq(vhppi(), HPPI(id));
	vpriority(id, 10);
	eq(vhppi(), HPPI(CNTV));
}

const struct test select_tests[] = {
	{ "HPPI: none", none, 0 },
	{ "HPPI: enabled, pending, not active", candidate, 0 },
	{ "HPPI: not when disabled", not_enabled, 0 },
	{ "HPPI: not when not pending", not_pending, 0 },
	{ "HPPI: not when active", active, 0 },
	{ "HPPI: the lowest priority number wins", lowest_number, 0 },
	{ "HPPI: one of two with the same priority", equals, 0 },
	{ "HPPI: the lowest priority bit counts, if it is there",
	  finest_priority, 0 },
	{ "HPPI: none with EN=0", interface_off, 0 },
	{ "HPPI: none with ICH_VCTLR.En=0", selection_off, 0 },
	{ "HPPI: priority equal to VPMR passes", mask_equal, 0 },
	{ "HPPI: priority above VPMR does not", mask_above, 0 },
	{ "HPPI: each priority against each mask", mask_every, 0 },
	{ "HPPI: the guest's ICV_PCR masks", mask_by_guest, 0 },
	{ "HPPI: priority 0 passes a mask of 0", mask_zero, 0 },
	{ "HPPI: priority equal to the running one does not pass",
	  running_equal, 0 },
	{ "HPPI: a running priority that is better blocks",
	  running_better, 0 },
	{ "HPPI: a running priority that is worse does not",
	  running_worse, 0 },
	{ "HPPI: the running priority is the lowest APR bit",
	  running_lowest, 0 },
	{ "HPPI: each priority against each running one", running_every, 0 },
	{ "HPPI: the physical interface has no part in it",
	  physical_no_part, 0 },
	{ "HPPI: each implemented PPI by its number", every_ppi, 0 },
	{ "HPPI: never a PPI that does not exist", missing_ppis, 0 },
	{ "HPPI: PPIs below and above 64 compete", across_banks, 0 },
	{ }
};
