// SPDX-License-Identifier: GPL-2.0-only
/* Direct injection: the virtual Pending of a PPI is the physical one. */
#include "conformance.h"

static void dvi(int id)
{
	set(ICH_DVIR(0), rd(ICH_DVIR(0)) | BIT(id));
}

static void without(u64 arg)
{
	venable(CNTV, true);
	timer_fire(CNTV);
	eq(rd(ICC_SPENDR(0)), BIT(CNTV));
	eq(el1_rd(ICC_SPENDR(0)), 0);
	eq(vhppi(), 0);
}

/* Each timer by its own number. */
static void timer(u64 id)
{
	if (!(impl[0] & BIT(id))) {
		skip("this host lacks the PPI");
		return;
	}
	venable(id, true);
	dvi(id);
	eq(vhppi(), 0);
	timer_fire(id);
	eq(el1_rd(ICC_SPENDR(0)), BIT(id));
	eq(el1_rd(ICC_CPENDR(0)), BIT(id));
	eq(vhppi(), HPPI(id));
	ok(virq());
	timer_off(id);
	eq(el1_rd(ICC_SPENDR(0)), 0);
	eq(vhppi(), 0);
	ok(!virq());
}

static void pendr_ignored(u64 arg)
{
	vppi(CNTV, 8);
	dvi(CNTV);
	eq(el1_rd(ICC_SPENDR(0)), 0);
	eq(vhppi(), 0);
	ok(!virq());
}

static void pendr_reads_stored(u64 arg)
{
	dvi(CNTV);
	timer_fire(CNTV);
	eq(rd(ICH_PENDR(0)), 0);
	vpend(CNTV, true);
	eq(rd(ICH_PENDR(0)), BIT(CNTV));
	timer_off(CNTV);
	eq(rd(ICH_PENDR(0)), BIT(CNTV));
	eq(rd(ICC_SPENDR(0)), 0);
}

static void stored_returns(u64 arg)
{
	vppi(CNTV, 8);
	dvi(CNTV);
	eq(vhppi(), 0);
	set(ICH_DVIR(0), 0);
	eq(vhppi(), HPPI(CNTV));
}

static void alias_ends(u64 arg)
{
	venable(CNTV, true);
	timer_fire(CNTV);
	dvi(CNTV);
	ok(virq());
	set(ICH_DVIR(0), 0);
	ok(!virq());
	eq(vhppi(), 0);
}

static void enable_virtual(u64 arg)
{
	dvi(CNTV);
	timer_fire(CNTV);
	penable(CNTV, true);
	eq(vhppi(), 0);
	penable(CNTV, false);
	venable(CNTV, true);
	eq(vhppi(), HPPI(CNTV));
}

static void active_virtual(u64 arg)
{
	venable(CNTV, true);
	dvi(CNTV);
	timer_fire(CNTV);
	set(ICC_SACTIVER(0), BIT(CNTV));
	eq(vhppi(), HPPI(CNTV));
	eq(el1_rd(ICC_SACTIVER(0)), 0);
	vactive(CNTV, true);
	eq(vhppi(), 0);
}

static void priority_virtual(u64 arg)
{
	venable(CNTV, true);
	dvi(CNTV);
	timer_fire(CNTV);
	ppriority(CNTV, 2);
	vpriority(CNTV, 20);
	venv(true, 18, 0);
	eq(vhppi(), 0);
	venv(true, 20, 0);
	eq(vhppi(), HPPI(CNTV));
}

static void others_plain(u64 arg)
{
	dvi(CNTV);
	vppi(CNTP, 8);
	eq(el1_rd(ICC_SPENDR(0)), BIT(CNTP));
	eq(vhppi(), HPPI(CNTP));
}

static void level_acknowledged(u64 arg)
{
	venable(CNTV, true);
	dvi(CNTV);
	timer_fire(CNTV);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(CNTV));
	eq(rd(ICC_SPENDR(0)), BIT(CNTV));
	eq(rd(ICC_SACTIVER(0)), 0);
	eq(rd(ICH_ACTIVER(0)), BIT(CNTV));
	at_el1({ cdeoi(); cddi(PPI(CNTV)); });
	ok(virq());
}

static void level_not_written(u64 arg)
{
	dvi(CNTV);
	el1_wr(ICC_SPENDR(0), BIT(CNTV));
	eq(el1_rd(ICC_SPENDR(0)), 0);
	timer_fire(CNTV);
	el1_wr(ICC_CPENDR(0), BIT(CNTV));
	eq(el1_rd(ICC_SPENDR(0)), BIT(CNTV));
	eq(rd(ICC_SPENDR(0)), BIT(CNTV));
}

static void edge_acknowledged(u64 arg)
{
	venable(SW_PPI, true);
	dvi(SW_PPI);
	set(ICC_SPENDR(0), BIT(SW_PPI));
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(SW_PPI));
	eq(rd(ICC_SPENDR(0)), 0);
	at_el1({ cdeoi(); cddi(PPI(SW_PPI)); });
	eq(at_el1({ return cdia(); }), 0);
}

static void edge_keeps_stored(u64 arg)
{
	vppi(SW_PPI, 8);
	dvi(SW_PPI);
	set(ICC_SPENDR(0), BIT(SW_PPI));
	at_el1({ cdia(); });
	eq(rd(ICC_SPENDR(0)), 0);
	eq(rd(ICH_PENDR(0)), BIT(SW_PPI));
}

static void edge_written(u64 arg)
{
	venable(SW_PPI, true);
	dvi(SW_PPI);
	el1_wr(ICC_SPENDR(0), BIT(SW_PPI));
	eq(rd(ICC_SPENDR(0)), BIT(SW_PPI));
	eq(rd(ICH_PENDR(0)), 0);
	ok(virq());
	el1_wr(ICC_CPENDR(0), BIT(SW_PPI));
	eq(rd(ICC_SPENDR(0)), 0);
	ok(!virq());
}

static void host_write_seen(u64 arg)
{
	venable(SW_PPI, true);
	dvi(SW_PPI);
	set(ICC_SPENDR(0), BIT(SW_PPI));
	ok(virq());
	set(ICC_CPENDR(0), BIT(SW_PPI));
	ok(!virq());
}

/* The physical interrupt is not silenced: that is left to the host. */
static void host_still_hit(u64 arg)
{
	venable(CNTV, true);
	dvi(CNTV);
	penable(CNTV, true);
	set(ICC_CR0, CR0_EN);
	timer_fire(CNTV);
	eq(rd(ICC_HPPIR), HPPI(CNTV));
	eq(try_el1({ spin(20); }), EL2_IRQ);
}

static void host_disabled(u64 arg)
{
	venable(CNTV, true);
	dvi(CNTV);
	set(ICC_CR0, CR0_EN);
	timer_fire(CNTV);
	eq(open_el1({ spin(20); }), EL1_IRQ);
	timer_off(CNTV);
	eq(open_el1({ spin(20); }), RETURNED);
}

static void host_active(u64 arg)
{
	venable(CNTV, true);
	dvi(CNTV);
	penable(CNTV, true);
	wr(ICC_SACTIVER(0), BIT(CNTV));
	set(ICC_CR0, CR0_EN);
	timer_fire(CNTV);
	eq(open_el1({ spin(20); }), EL1_IRQ);
	timer_off(CNTV);
	eq(open_el1({ spin(20); }), RETURNED);
}

/* No exit to EL2 from setting the timer to taking its interrupt. */
static void expires_in_guest(u64 arg)
{
	venable(CNTV, true);
	dvi(CNTV);
	eq(open_el1({
		u64 end = now() + ticks(5000000);

		timer_in(CNTV, 200);
		while (now() < end)
			;
	}), EL1_IRQ);
}

/* The guest moves its timer on: the line falls, and with it the interrupt. */
static void rearmed_in_guest(u64 arg)
{
	venable(CNTP, true);
	dvi(CNTP);
	eq(at_el1({
		u64 seen = 0;

		timer_fire(CNTP);
		seen |= (rd_sys(isr_el1) & BIT(7)) ? 1 : 0;
		timer_off(CNTP);
		seen |= (rd_sys(isr_el1) & BIT(7)) ? 2 : 0;
		timer_fire(CNTP);
		seen |= (rd_sys(isr_el1) & BIT(7)) ? 4 : 0;
		timer_off(CNTP);
		return seen;
	}), 5);
}

static void imask_in_guest(u64 arg)
{
	venable(CNTV, true);
	dvi(CNTV);
	timer_fire(CNTV);
	ok(virq());
	wr_sys(cntv_ctl_el0, 3ul);		/* IMASK */
	isb();
	ok(!virq());
}

static void high_edge(u64 arg)
{
	int id = __builtin_ctzl(edge[1]);

	if (!edge[1]) {
		skip("no edge PPI above 63");
		return;
	}
	venable(64 + id, true);
	set(ICH_DVIR(1), BIT(id));
	set(ICC_SPENDR(1), BIT(id));
	eq(el1_rd(ICC_SPENDR(1)), BIT(id));
	eq(rd(ICH_PENDR(1)), 0);
	eq(at_el1({ return cdia(); }), CDIA_VALID | PPI(64 + id));
	eq(rd(ICC_SPENDR(1)), 0);
}

const struct test direct_tests[] = {
	{ "DVI=0: the physical Pending is not the guest's", without, 0 },
	{ "DVI: CNTV is virtual PPI 27", timer, CNTV },
	{ "DVI: CNTP is virtual PPI 30", timer, CNTP },
	{ "DVI: CNTHP is virtual PPI 26", timer, CNTHP },
	{ "DVI: CNTHV is virtual PPI 28", timer, CNTHV },
	{ "DVI: ICH_PPI_PENDR has no part in delivery", pendr_ignored, 0 },
	{ "DVI: ICH_PPI_PENDR is the stored bit", pendr_reads_stored, 0 },
	{ "DVI cleared: the stored bit counts again", stored_returns, 0 },
	{ "DVI cleared: the physical Pending no longer does", alias_ends, 0 },
	{ "DVI: Enable stays virtual", enable_virtual, 0 },
	{ "DVI: Active stays virtual", active_virtual, 0 },
	{ "DVI: Priority stays virtual", priority_virtual, 0 },
	{ "DVI: other PPIs are not affected", others_plain, 0 },
	{ "DVI, level: CDIA leaves the physical Pending and Active alone",
	  level_acknowledged, 0 },
	{ "DVI, level: the guest's SPENDR and CPENDR have no effect",
	  level_not_written, 0 },
	{ "DVI, edge: CDIA consumes the physical Pending",
	  edge_acknowledged, 0 },
	{ "DVI, edge: CDIA leaves the stored bit alone", edge_keeps_stored, 0 },
	{ "DVI, edge: the guest's SPENDR and CPENDR are physical",
	  edge_written, 0 },
	{ "DVI, edge: the host's SPENDR and CPENDR show", host_write_seen, 0 },
	{ "DVI, edge: a PPI above 63", high_edge, 0 },
	{ "DVI: an enabled physical PPI still interrupts the host",
	  host_still_hit, 0 },
	{ "DVI: Pending follows the line while physically disabled",
	  host_disabled, 0 },
	{ "DVI: Pending follows the line while physically active",
	  host_active, 0 },
	{ "DVI: a timer that expires in the guest interrupts it, no exit",
	  expires_in_guest, 0 },
	{ "DVI: a timer that the guest moves on falls silent, no exit",
	  rearmed_in_guest, 0 },
	{ "DVI: a timer with IMASK falls silent", imask_in_guest, 0 },
	{ }
};
