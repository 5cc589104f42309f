// SPDX-License-Identifier: GPL-2.0-only
/*
 * Not a test: everything that QEMU has a trace event for, once or a known
 * number of times. "run" counts the events.
 */
#include "irs.h"

#define L9	LPI(9)

bool events(void)
{
	quiet();
	if (!world())
		return false;
	/* A VPE resident, the commands of its guest: each once */
	eq(resident(VM, 0), OK);
	eq(resident(VM, 0), OK);
	at_el1({
		wr(GIC_CDPRI, L9 | 8ul << 35);
		wr(GIC_CDAFF, L9);
		wr(GIC_CDHM, L9);
		wr(GIC_CDDIS, L9);
		wr(GIC_CDEN, L9);
		wr(GIC_CDPEND, L9 | BIT(32));
		wr(GIC_CDRCFG, L9);
		gsb_sys();
		cdia();
		cdeoi();
		cddi(L9);
	});
	/* Those of the hypervisor */
	vd(GIC_VDPRI, L9 | 8ul << 35);
	vd(GIC_VDAFF, L9 | 1ul << 32);
	vd(GIC_VDHM, L9);
	vd(GIC_VDDIS, L9);
	vd(GIC_VDEN, L9);
	vd(GIC_VDDI, L9);
	vdrcfg(L9);
	/* It waits, and its doorbell rings. */
	doorbell(VM, 1, DOORBELL, 0);
	leave(0);
	eq(resident(VM, 1), OK);
	leave(CONTEXTR_DB | CONTEXTR_DBPM(0x1f));
	vdpend(VM, L9, true);
	ok(rang(DOORBELL));
	/* What has no effect */
	eq(resident(VM, 5), CONTEXTR_F);
	leave(0);
	vdpend(VM + 1, L9, true);
	vmap(IRS_SAVE_VMR, SAVE_S | SAVE_Q | VM);
	vmap(IRS_SAVE_VMR, SAVE_Q | VM);
	/* The hypervisor's own bit */
	wr_sys(hcr_el2, HCR_HOST | BIT(7));
	isb();
	wr_sys(hcr_el2, HCR_HOST);
	isb();
	ist_off(VM, TYPE_SPI);
	vm_off(VM);
	vmt_off();
	eq(errors(), 0);
	return !failed_yet();
}
