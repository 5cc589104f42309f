// SPDX-License-Identifier: GPL-2.0-only
/* Acknowledge, priority drop, deactivation in the virtual interface. */
#include "conformance.h"

static void result(u64 arg)
{
	vppi(CNTV, 8);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(CNTV));
}

static void none(u64 arg)
{
	eq(at_el1({ return cdia(); }), 0);
	eq(rd(ICH_APR), 0);
	eq(rd(ICH_ACTIVER(0)), 0);
}

static void sets_active(u64 arg)
{
	vppi(CNTV, 8);
	at_el1({ cdia(); });
	eq(rd(ICH_ACTIVER(0)), BIT(CNTV));
	eq(rd(ICC_SACTIVER(0)), 0);
}

static void sets_apr(u64 arg)
{
	for (int p = 0; p < 32; p += 2) {
		venv(true, 0x1f, 0);
		vactive(CNTV, false);
		vppi(CNTV, p);
		at_el1({ cdia(); });
		same(rd(ICH_APR), BIT(p), "ICH_APR");
	}
	eq(rd(ICC_APR), 0);
}

static void level_stays(u64 arg)
{
	vppi(CNTV, 8);
	at_el1({ cdia(); });
	eq(rd(ICH_PENDR(0)), BIT(CNTV));
	eq(el1_rd(ICC_SPENDR(0)), BIT(CNTV));
}

static void edge_consumed(u64 arg)
{
	vppi(SW_PPI, 8);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(SW_PPI));
	eq(rd(ICH_PENDR(0)), 0);
	eq(el1_rd(ICC_SPENDR(0)), 0);
}

static void refused(void)
{
	eq(at_el1({ return cdia(); }), 0);
	eq(rd(ICH_ACTIVER(0)), 0);
	eq(rd(ICH_PENDR(0)), BIT(SW_PPI));
}

static void masked(u64 arg)
{
	vppi(SW_PPI, 8);
	venv(true, 6, 0);
	refused();
	eq(rd(ICH_APR), 0);
}

static void outranked(u64 arg)
{
	vppi(SW_PPI, 8);
	venv(true, 0x1f, BIT(8));
	refused();
	eq(rd(ICH_APR), BIT(8));
}

static void interface_off(u64 arg)
{
	vppi(SW_PPI, 8);
	venv(false, 0x1f, 0);
	refused();
}

static void selection_off(u64 arg)
{
	vppi(SW_PPI, 8);
	set(ICH_VCTLR, 0);
	refused();
}

static void eoi_drops(u64 arg)
{
	venv(true, 0x1f, BIT(4) | BIT(8) | BIT(20));
	at_el1({ cdeoi(); });
	eq(rd(ICH_APR), BIT(8) | BIT(20));
	at_el1({ cdeoi(); });
	eq(rd(ICH_APR), BIT(20));
	at_el1({ cdeoi(); });
	eq(rd(ICH_APR), 0);
	at_el1({ cdeoi(); });
	eq(rd(ICH_APR), 0);
}

static void eoi_leaves_active(u64 arg)
{
	vppi(CNTV, 8);
	at_el1({ cdia(); cdeoi(); });
	eq(rd(ICH_ACTIVER(0)), BIT(CNTV));
	eq(vhppi(), 0);
}

static void eoi_value(u64 arg)
{
	vppi(CNTV, 8);
	at_el1({ cdia(); wr(GIC_CDEOI, ~0ul); gsb_sys(); isb(); });
	eq(rd(ICH_APR), 0);
	eq(rd(ICH_ACTIVER(0)), BIT(CNTV));
}

static void di_clears(u64 arg)
{
	vactive(CNTV, true);
	vactive(CNTP, true);
	at_el1({ cddi(PPI(CNTV)); });
	eq(rd(ICH_ACTIVER(0)), BIT(CNTP));
}

static void di_leaves_apr(u64 arg)
{
	vppi(CNTV, 8);
	at_el1({ cdia(); cddi(PPI(CNTV)); });
	eq(rd(ICH_APR), BIT(8));
	eq(rd(ICH_ACTIVER(0)), 0);
}

/* A number is a PPI only with the type that says so. */
static void di_type(u64 arg)
{
	vactive(CNTV, true);
	at_el1({
		cddi(INTID(TYPE_LPI, CNTV));
		cddi(INTID(TYPE_SPI, CNTV));
		cddi(INTID(0, CNTV));
	});
	eq(rd(ICH_ACTIVER(0)), BIT(CNTV));
}

static void di_wide(u64 arg)
{
	u64 all[2] = { impl[0], impl[1] };

	el2_wr(ICH_ACTIVER(0), all[0]);
	el2_wr(ICH_ACTIVER(1), all[1]);
	for (int id = 0; id < 128; id++) {
		if (!(impl[id / 64] & BIT(id % 64)))
			continue;
		at_el1_arg(id, { cddi(PPI(arg)); });
		all[id / 64] &= ~BIT(id % 64);
		same(rd(ICH_ACTIVER(0)), all[0], "ICH_PPI_ACTIVER0");
		same(rd(ICH_ACTIVER(1)), all[1], "ICH_PPI_ACTIVER1");
	}
}

static void di_high_half(u64 arg)
{
	u64 high = impl[0] & BITS(63, 32);

	if (!high) {
		skip("no PPI from 32 to 63");
		return;
	}
	el2_wr(ICH_ACTIVER(0), high | BIT(CNTV));
	at_el1({ cddi(PPI(CNTV)); });
	eq(rd(ICH_ACTIVER(0)), high);
}

static void di_out_of_range(u64 arg)
{
	for (int i = 0; i < 2; i++)
		el2_wr(ICH_ACTIVER(i), impl[i]);
	at_el1({ cddi(PPI(128)); cddi(PPI(128 + CNTV)); cddi(PPI(0xffffff)); });
	eq(rd(ICH_ACTIVER(0)), impl[0]);
	eq(rd(ICH_ACTIVER(1)), impl[1]);
}

static void level_again(u64 arg)
{
	vppi(CNTV, 8);
	at_el1({ cdia(); cdeoi(); });
	eq(at_el1({ return cdia(); }), 0);
	at_el1({ cddi(PPI(CNTV)); });
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(CNTV));
}

static void edge_once(u64 arg)
{
	vppi(SW_PPI, 8);
	at_el1({ cdia(); cdeoi(); cddi(PPI(SW_PPI)); });
	eq(at_el1({ return cdia(); }), 0);
}

static void edge_while_active(u64 arg)
{
	vppi(SW_PPI, 8);
	at_el1({ cdia(); wr(ICC_SPENDR(0), BIT(SW_PPI)); isb(); cdeoi(); });
	eq(rd(ICH_PENDR(0)), BIT(SW_PPI));
	eq(vhppi(), 0);
	at_el1({ cddi(PPI(SW_PPI)); });
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(SW_PPI));
}

static void nested(u64 arg)
{
	vppi(CNTV, 16);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(CNTV));
	vppi(SW_PPI, 16);
	eq(at_el1({ return cdia(); }), 0);
	vppi(CNTP, 8);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(CNTP));
	eq(rd(ICH_APR), BIT(8) | BIT(16));
	at_el1({ cdeoi(); cddi(PPI(CNTP)); });
	eq(rd(ICH_APR), BIT(16));
	vpend(CNTP, false);
	at_el1({ cdeoi(); cddi(PPI(CNTV)); });
	vpend(CNTV, false);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(SW_PPI));
}

static void best_first(u64 arg)
{
	vppi(CNTV, 12);
	vppi(CNTP, 10);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(CNTP));
	at_el1({ cdeoi(); });
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(CNTV));
}

static void above_63(u64 arg)
{
	u64 e = edge[1], l = impl[1] & hmr[1];

	if (!e && !l) {
		skip("no PPI above 63");
		return;
	}
	if (e) {
		int id = 64 + __builtin_ctzl(e);

		vppi(id, 8);
		eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(id));
		eq(rd(ICH_PENDR(1)), 0);
		eq(rd(ICH_ACTIVER(1)), BIT(id - 64));
		at_el1_arg(id, { cdeoi(); cddi(PPI(arg)); });
		eq(rd(ICH_ACTIVER(1)), 0);
	}
	if (l) {
		int id = 64 + __builtin_ctzl(l);

		vppi(id, 8);
		eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(id));
		eq(rd(ICH_PENDR(1)), BIT(id - 64));
		eq(rd(ICH_ACTIVER(1)), BIT(id - 64));
	}
}

/* What a read-back through the guest's own registers says. */
static void guest_view(u64 arg)
{
	vppi(SW_PPI, 8);
	at_el1({ cdia(); });
	eq(el1_rd(ICC_APR), BIT(8));
	eq(el1_rd(ICC_SACTIVER(0)), BIT(SW_PPI));
	eq(el1_rd(ICC_HPPIR), 0);
}

const struct test acknowledge_tests[] = {
	{ "CDIA: valid, type and id", result, 0 },
	{ "CDIA: 0 and no change when there is nothing", none, 0 },
	{ "CDIA: sets the virtual Active", sets_active, 0 },
	{ "CDIA: sets the APR bit of the priority", sets_apr, 0 },
	{ "CDIA: a level stays pending", level_stays, 0 },
	{ "CDIA: an edge is consumed", edge_consumed, 0 },
	{ "CDIA: 0 and no change below the mask", masked, 0 },
	{ "CDIA: 0 and no change below the running priority", outranked, 0 },
	{ "CDIA: 0 and no change with EN=0", interface_off, 0 },
	{ "CDIA: 0 and no change with ICH_VCTLR.En=0", selection_off, 0 },
	{ "CDIA: the best comes first", best_first, 0 },
	{ "CDIA: PPIs above 63", above_63, 0 },
	{ "CDIA: ICV_APR, ICV_PPI_SACTIVER, ICV_HPPIR follow", guest_view, 0 },
	{ "CDEOI: clears the lowest APR bit", eoi_drops, 0 },
	{ "CDEOI: leaves Active alone", eoi_leaves_active, 0 },
	{ "CDEOI: ignores its operand", eoi_value, 0 },
	{ "CDDI: clears Active of the PPI named", di_clears, 0 },
	{ "CDDI: leaves the running priority alone", di_leaves_apr, 0 },
	{ "CDDI: of an LPI or SPI is none of a PPI", di_type, 0 },
	{ "CDDI: each PPI, and no other", di_wide, 0 },
	{ "CDDI: leaves Active of PPIs 32 to 63 alone", di_high_half, 0 },
	{ "CDDI: of a number beyond the PPIs has no effect",
	  di_out_of_range, 0 },
	{ "life cycle: a level is handed out again after CDDI only",
	  level_again, 0 },
	{ "life cycle: an edge is handed out once", edge_once, 0 },
	{ "life cycle: an edge while active comes after CDDI",
	  edge_while_active, 0 },
	{ "life cycle: preemption, and back", nested, 0 },
	{ }
};
