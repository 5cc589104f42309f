// SPDX-License-Identifier: GPL-2.0-only
/*
 * WFI. The architecture lets it end at any time; this machine ends it for a
 * reason, or else nobody could tell a missing kick from a kick.
 */
#include "irs.h"

#define NAP	5000		/* microseconds */
#define FEW	3		/* returns without a reason that are forgiven */

static volatile u64 naps;

/* WFI until a timer has expired; count the WFIs. */
static void nap_cnthp(void)
{
	naps = 0;
	do {
		wfi();
		naps++;
	} while (!(rd_sys(cnthp_ctl_el2) & 4) && naps < 1000000);
}

static void host_sleeps(void)
{
	penable(CNTHP, true);
	set(ICC_CR0, CR0_EN);
	timer_in(CNTHP, NAP);
	nap_cnthp();
	ok(naps <= FEW);
}

static void host_plain(u64 arg)
{
	host_sleeps();
}

static void host_left_over(u64 arg)
{
	vppi(CNTV, 8);
	host_sleeps();
}

/* As a VHE kernel has it: IMO is set, but TGE takes it out of effect. */
static void host_naps_tge(u64 bits)
{
	penable(CNTHP, true);
	set(ICC_CR0, CR0_EN);
	timer_in(CNTHP, NAP);
	wr_sys(hcr_el2, HCR_GUEST | bits);
	isb();
	nap_cnthp();
	wr_sys(hcr_el2, HCR_HOST);
	isb();
	ok(naps <= FEW);
}

static void host_left_over_tge(u64 bits)
{
	vppi(CNTV, 8);
	host_naps_tge(bits);
}

static void host_resident_lpi(u64 bits)
{
	if (!world())
		return;
	eq(resident(VM, 0), OK);
	vconfig(LPI(9), 8, 0);
	vdpend(VM, LPI(9), true);
	ok(virq());
	host_naps_tge(bits);
	leave(0);
}

/* The guest was left with its interrupt pending, HCR_EL2 switches it off. */
static void host_after_guest(u64 arg)
{
	vppi(CNTV, 8);
	ok(virq());
	host_sleeps();
}

static void host_left_over_nmi(u64 arg)
{
	vppi(CNTV, 0);
	ok(virq());
	host_sleeps();
}

static void host_dvi(u64 arg)
{
	venable(CNTV, true);
	set(ICH_DVIR(0), BIT(CNTV));
	timer_fire(CNTV);
	ok(virq());
	host_sleeps();
}

static u64 guest_nap(void)
{
	naps = 0;
	timer_in(CNTV, NAP);
	do {
		wfi();
		naps++;
	} while (!(rd_sys(cntv_ctl_el0) & 4) && naps < 1000000);
	return naps;
}

static void guest_dvi(u64 arg)
{
	venable(CNTV, true);
	set(ICH_DVIR(0), BIT(CNTV));
	at_el1({ return guest_nap(); });
	ok(naps <= FEW);
	ok(virq());
}

/* The timer is masked; another wakes the guest by an exit. */
static void guest_masked(u64 mask)
{
	u64 start;

	venable(CNTV, true);
	if (mask == 1)
		venable(CNTV, false);
	else if (mask == 2)
		venv(true, 14, 0);
	else if (mask == 3)
		venv(true, 0x1f, BIT(16));
	else if (mask == 4)
		venv(false, 0x1f, 0);
	else if (mask == 5)
		vactive(CNTV, true);
	else if (mask == 6)
		set(ICH_VCTLR, 0);
	set(ICH_DVIR(0), BIT(CNTV));
	timer_fire(CNTV);
	penable(CNTHP, true);
	set(ICC_CR0, CR0_EN);
	naps = 0;
	start = now();
	timer_in(CNTHP, NAP);
	eq(try_el1({
		while (naps < 1000000) {
			wfi();
			naps++;
		}
	}), EL2_IRQ);
	ok(naps <= FEW);
	ok(now() - start >= ticks(NAP) - 1);
}

static void guest_pending(u64 arg)
{
	/* Should it sleep, this puts an end to it. */
	penable(CNTHP, true);
	set(ICC_CR0, CR0_EN);
	timer_in(CNTHP, 20000000);
	vppi(CNTV, 8);
	eq(try_el1({ wfi(); }), RETURNED);
}

static void guest_open(u64 arg)
{
	venable(CNTV, true);
	set(ICH_DVIR(0), BIT(CNTV));
	eq(open_el1({
		timer_in(CNTV, NAP);
		for (int i = 0; i < FEW + 1; i++)
			wfi();
	}), EL1_IRQ);
	ok(rd_sys(cntv_ctl_el0) & 4);
}

static void guest_trapped(u64 arg)
{
	hcr |= BIT(13);			/* TWI */
	eq(try_el1({ wfi(); }), TRAPPED);
	eq(left.ec, EC_WFX);
}

const struct test wait_tests[] = {
	{ "WFI, host: sleeps until its timer", host_plain, 0 },
	{ "WFI, host: a left-over virtual interrupt does not end it",
	  host_left_over, 0 },
	{ "WFI, host: nor with E2H, TGE and IMO set", host_left_over_tge,
	  HCR_E2H | HCR_TGE },
	{ "WFI, host: nor with TGE and IMO set", host_left_over_tge, HCR_TGE },
	{ "WFI, host: nor the LPI of a resident VPE, with TGE",
	  host_resident_lpi, HCR_E2H | HCR_TGE },
	{ "WFI, host: nor after the guest has seen it", host_after_guest, 0 },
	{ "WFI, host: nor one of priority 0", host_left_over_nmi, 0 },
	{ "WFI, host: nor a directly injected timer", host_dvi, 0 },
	{ "WFI, guest: sleeps, a directly injected timer ends it",
	  guest_dvi, 0 },
	{ "WFI, guest: ends with the interrupt taken", guest_open, 0 },
	{ "WFI, guest: does not sleep with a virtual interrupt pending",
	  guest_pending, 0 },
	{ "WFI, guest: a disabled PPI does not end it", guest_masked, 1 },
	{ "WFI, guest: one below VPMR does not", guest_masked, 2 },
	{ "WFI, guest: one below the running priority does not",
	  guest_masked, 3 },
	{ "WFI, guest: EN=0, none does", guest_masked, 4 },
	{ "WFI, guest: an active one does not", guest_masked, 5 },
	{ "WFI, guest: ICH_VCTLR.En=0, none does", guest_masked, 6 },
	{ "WFI, guest: HCR_EL2.TWI traps it", guest_trapped, 0 },
	{ }
};
