// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the registers hold before anybody writes them. Zero on this machine,
 * but the architecture promises nothing: a machine that was asked for poison
 * has garbage there, so that software which relies on zero fails.
 */
#include "conformance.h"

static void ich_ppi(u64 arg)
{
	for (int i = 0; i < 2; i++) {
		if (asked.poison) {
			same(!!first.dvir[i], !!impl[i], "DVIR poisoned");
			same(!!first.enabler[i], !!impl[i],
			     "ENABLER poisoned");
			same(!!first.pendr[i], !!impl[i], "PENDR poisoned");
			same(!!first.activer[i], !!impl[i],
			     "ACTIVER poisoned");
		} else {
			same(first.dvir[i], 0, "DVIR");
			same(first.enabler[i], 0, "ENABLER");
			same(first.pendr[i], 0, "PENDR");
			same(first.activer[i], 0, "ACTIVER");
		}
		same(first.dvir[i] & ~impl[i], 0, "DVIR of missing PPIs");
		same(first.enabler[i] & ~impl[i], 0,
		     "ENABLER of missing PPIs");
		same(first.pendr[i] & ~impl[i], 0, "PENDR of missing PPIs");
		same(first.activer[i] & ~impl[i], 0,
		     "ACTIVER of missing PPIs");
	}
}

static void ich_priority(u64 arg)
{
	for (int n = 0; n < 16; n++) {
		bool any = impl[n / 8] & (0xfful << n % 8 * 8);

		if (asked.poison)
			same(!!first.priorityr[n], any,
			     "PRIORITYR poisoned");
		else
			same(first.priorityr[n], 0, "PRIORITYR");
	}
}

static void ich_state(u64 arg)
{
	if (asked.poison) {
		ok(first.apr);
		ok(first.vmcr);
		eq(first.vctlr, asked.legacy ? VCTLR_V3 : 0);
		ok(first.contextr & CONTEXTR_V);
		ok(!(first.contextr & CONTEXTR_F));
	} else {
		eq(first.apr, 0);
		eq(first.vmcr, 0);
		eq(first.vctlr, 0);
		eq(first.contextr, 0);
	}
	eq(first.apr & BITS(63, 32), 0);
	if (!(first.vctlr & VCTLR_V3))
		eq(first.vmcr & ~(VMCR_VPMR(0x1f) | VMCR_EN), 0);
	eq(first.vctlr & ~(VCTLR_EN | VCTLR_V3), 0);
}

/*
 * ICH_CONTEXTR may say that a VPE is resident, and the IRS may forward to it:
 * the guest has an LPI of which its hypervisor knows nothing. It is there
 * until the register is written.
 */
static void stale_vpe(u64 arg)
{
	u64 lpi = first.vhppir & BITS(31, 0);

	eq(first.contextr_written, CONTEXTR_F);
	eq(first.vhppir_written, 0);
	if (!asked.poison) {
		eq(first.vhppir, 0);
		eq(first.cdia, 0);
		eq(first.apr_active, 0);
		eq(first.vhppir_active, 0);
		eq(first.vhppir_again, 0);
		eq(first.vicsr & ICSR_F, ICSR_F);
		eq(first.viaffid, 0xffff);
		return;
	}
	ok(first.vhppir & HPPIR_VALID);
	eq(FIELD(lpi, 31, 29), TYPE_LPI);
	eq(first.cdia, CDIA_VALID | lpi);
	ok(first.apr_active);
	eq(first.vhppir_active, 0);
	eq(first.vhppir_again, first.vhppir);
	eq(first.vicsr & ICSR_F, 0);
	eq(first.viaffid, FIELD(first.contextr, 47, 32));
}

/* Zero is "everything is trapped". */
static void ich_traps(u64 arg)
{
	if (!asked.poison) {
		eq(first.hfgrtr, BIT(3));
		eq(first.hfgwtr, 0);
		eq(first.hfgitr, 0);
	}
	eq(first.hfgrtr & BIT(3), BIT(3));
	eq(first.hfgrtr & ~(BITS(20, 16) | BITS(7, 0)), 0);
	eq(first.hfgwtr & ~(BITS(20, 17) | BITS(6, 5) | BIT(2) | BIT(0)), 0);
	eq(first.hfgitr & ~BITS(10, 0), 0);
}

static void icc(u64 arg)
{
	eq(first.icc_cr0 & (CR0_LINK | CR0_LINK_IDLE),
	   CR0_LINK | CR0_LINK_IDLE);
	for (int i = 0; i < 2; i++) {
		same(first.icc_enabler[i] & ~impl[i], 0, "ENABLER");
		same(first.icc_active[i] & ~impl[i], 0, "ACTIVER");
		same(first.icc_pending[i] & ~impl[i], 0, "PENDR");
	}
	if (asked.poison)
		return;
	eq(first.icc_cr0, CR0_LINK | CR0_LINK_IDLE);
	eq(first.icc_pcr, 0);
	eq(first.icc_apr, 0);
	eq(first.icc_enabler[0], 0);
	eq(first.icc_active[0], 0);
}

/* Looked at with the interface on and every PPI disabled. */
static void irs_off(u64 arg)
{
	eq(first.icc_hppir, 0);
}

const struct test reset_tests[] = {
	{ "reset: ICH_PPI_DVIR, ENABLER, PENDR, ACTIVER", ich_ppi, 0 },
	{ "reset: ICH_PPI_PRIORITYR", ich_priority, 0 },
	{ "reset: ICH_APR, VMCR, VCTLR, CONTEXTR", ich_state, 0 },
	{ "reset: a VPE that is resident until ICH_CONTEXTR is written",
	  stale_vpe, 0 },
	{ "reset: ICH_HFGRTR, HFGWTR, HFGITR", ich_traps, 0 },
	{ "reset: ICC_*: off, link up", icc, 0 },
	{ "reset: an IRS that is off has nothing pending", irs_off, 0 },
	{ }
};
