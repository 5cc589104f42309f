// SPDX-License-Identifier: GPL-2.0-only
/* Pending of virtual PPIs, by handling mode. */
#include "conformance.h"

static void level_spendr(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		el1_wr(ICC_SPENDR(i), hmr[i]);
		same(el1_rd(ICC_SPENDR(i)), 0, "virtual Pending");
		same(el2_rd(ICH_PENDR(i)), 0, "ICH_PPI_PENDR");
	}
}

static void level_cpendr(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		u64 level = impl[i] & hmr[i];

		el2_wr(ICH_PENDR(i), level);
		el1_wr(ICC_CPENDR(i), ~0ul);
		same(el1_rd(ICC_CPENDR(i)), level, "virtual Pending");
		same(el2_rd(ICH_PENDR(i)), level, "ICH_PPI_PENDR");
	}
}

static void edge_spendr(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		el1_wr(ICC_SPENDR(i), ~0ul);
		same(el1_rd(ICC_SPENDR(i)), edge[i], "virtual Pending");
		same(el2_rd(ICH_PENDR(i)), edge[i], "ICH_PPI_PENDR");
		el1_wr(ICC_SPENDR(i), 0);
		same(el1_rd(ICC_SPENDR(i)), edge[i], "zeroes do nothing");
	}
}

static void edge_cpendr(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		el2_wr(ICH_PENDR(i), impl[i]);
		el1_wr(ICC_CPENDR(i), 0);
		same(el1_rd(ICC_CPENDR(i)), impl[i], "zeroes do nothing");
		el1_wr(ICC_CPENDR(i), edge[i]);
		same(el2_rd(ICH_PENDR(i)), impl[i] & ~edge[i],
		     "ICH_PPI_PENDR");
	}
}

static void reads(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		u64 some = impl[i] & BITS(27, 2);

		el2_wr(ICH_PENDR(i), some);
		same(el1_rd(ICC_SPENDR(i)), some, "SPENDR");
		same(el1_rd(ICC_CPENDR(i)), some, "CPENDR");
	}
}

/* Whatever the mode, the hypervisor writes the bits as they are to be. */
static void pendr_plain(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		u64 some = impl[i] & BITS(27, 2);

		el2_wr(ICH_PENDR(i), impl[i]);
		same(el2_rd(ICH_PENDR(i)), impl[i], "ones");
		el2_wr(ICH_PENDR(i), some);
		same(el2_rd(ICH_PENDR(i)), some, "zeroes, too");
		el2_wr(ICH_PENDR(i), 0);
		same(el2_rd(ICH_PENDR(i)), 0, "none");
	}
}

static void disabled_pends(u64 arg)
{
	el1_wr(ICC_SPENDR(0), BIT(SW_PPI));
	eq(vhppi(), 0);
	venable(SW_PPI, true);
	eq(vhppi(), HPPI(SW_PPI));
}

static void active_pends(u64 arg)
{
	vactive(SW_PPI, true);
	venable(SW_PPI, true);
	el1_wr(ICC_SPENDR(0), BIT(SW_PPI));
	eq(el1_rd(ICC_SPENDR(0)), BIT(SW_PPI));
	eq(vhppi(), 0);
}

const struct test pending_tests[] = {
	{ "pending: ICV_PPI_SPENDR has no effect on level PPIs",
	  level_spendr, 0 },
	{ "pending: ICV_PPI_CPENDR has no effect on level PPIs",
	  level_cpendr, 0 },
	{ "pending: ICV_PPI_SPENDR sets edge PPIs", edge_spendr, 0 },
	{ "pending: ICV_PPI_CPENDR clears edge PPIs", edge_cpendr, 0 },
	{ "pending: ICV_PPI_SPENDR and CPENDR both read Pending", reads, 0 },
	{ "pending: ICH_PPI_PENDR is plain, level and edge", pendr_plain, 0 },
	{ "pending: a disabled PPI can pend", disabled_pends, 0 },
	{ "pending: an active PPI can pend", active_pends, 0 },
	{ }
};
