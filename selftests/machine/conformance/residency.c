// SPDX-License-Identifier: GPL-2.0-only
/* VPEs become resident, and leave; doorbells ring for those that are not. */
#include "irs.h"

#define L9	LPI(9)
#define S4	SPI(4)

/* An enabled LPI for VPE 1 of the usual VM; nobody is resident afterwards. */
static bool lpi_for_vpe1(int p)
{
	if (!world())
		return false;
	eq(resident(VM, 0), OK);
	vconfig(L9, p, 1);
	leave(0);
	return !failed_yet();
}

static void success(u64 arg)
{
	if (!world())
		return;
	set(ICH_CONTEXTR, CONTEXTR(VM, 1));
	eq(rd(ICH_CONTEXTR), CONTEXTR(VM, 1));
	leave(0);
	eq(rd(ICH_CONTEXTR), 0);
}

static void failure(u64 arg)
{
	if (!vms())
		return;
	eq(resident(VM, 0), CONTEXTR_F);
	if (!world())
		return;
	eq(resident(VM + 1, 0), CONTEXTR_F);
	eq(resident(0xffff, 0), CONTEXTR_F);
	eq(resident(VM, 4), CONTEXTR_F);
	eq(resident(VM, 8), CONTEXTR_F);
	eq(resident(VM, 0xffff), CONTEXTR_F);
	eq(errors(), 0);
}

static void failure_cleared(u64 by_success)
{
	if (!world())
		return;
	eq(resident(VM, 4), CONTEXTR_F);
	if (by_success)
		eq(resident(VM, 0), OK);
	leave(0);
	eq(rd(ICH_CONTEXTR), 0);
}

/* Whoever was resident is not any more. */
static void failure_leaves_none(u64 arg)
{
	if (!world())
		return;
	eq(resident(VM, 0), OK);
	eq(resident(VM, 4), CONTEXTR_F);
	eq(errors(), 1);
	eq(vdrcfg(L9) & ICSR_F, ICSR_F);
}

static void signalled(u64 arg)
{
	if (!lpi_for_vpe1(8))
		return;
	vdpend(VM, L9, true);
	eq(virq(), 0);
	eq(resident(VM, 0), OK);
	eq(virq(), 0);
	leave(0);
	eq(resident(VM, 1), OK);
	eq(vhppi(), HPPIR_VALID | L9);
	eq(rd(ICH_HPPIR), HPPIR_VALID | L9);
	eq(open_el1({ spin(20); }), EL1_IRQ);
	leave(0);
	eq(vhppi(), 0);
	eq(virq(), 0);
	eq(open_el1({ spin(20); }), RETURNED);
}

static void hidden(u64 arg)
{
	if (!lpi_for_vpe1(8))
		return;
	vdpend(VM, L9, true);
	set(ICH_CONTEXTR, CONTEXTR(VM, 1) | CONTEXTR_IRICHPPIDIS);
	eq(rd(ICH_CONTEXTR), CONTEXTR(VM, 1) | CONTEXTR_IRICHPPIDIS);
	eq(vhppi(), 0);
	vppi(CNTV, 16);
	eq(vhppi(), HPPI(CNTV));
	/* Commands act all the same. */
	eq(vdrcfg(L9) & ICSR_PENDING, ICSR_PENDING);
	set(ICH_CONTEXTR, CONTEXTR(VM, 1));
	eq(vhppi(), HPPIR_VALID | L9);
	eq(errors(), 0);
	leave(0);
}

static void not_signalled(u64 arg)
{
	if (!lpi_for_vpe1(8))
		return;
	vdpend(VM, L9, true);
	eq(resident(VM, 1), OK);
	set(ICH_VCTLR, 0);
	eq(virq(), 0);
	eq(vhppi(), 0);
	set(ICH_VCTLR, VCTLR_EN);
	eq(virq(), 1);
	set(ICH_VMCR, VMCR_VPMR(0x1f));
	eq(virq(), 0);
	set(ICH_VMCR, VMCR_EN | VMCR_VPMR(0x1f));
	eq(virq(), 1);
	hcr = HCR_RW;
	eq(virq(), 0);
	hcr = HCR_GUEST;
	/* ... nor may it reach the host. */
	irq_on();
	spin(20);
	irq_off();
	eq(el2_irqs, 0);
	leave(0);
}

static u64 resident_vpe(u64 vpe)
{
	return resident(VM, vpe);
}

static u64 leave_here(u64 db)
{
	leave(db);
	return 0;
}

static u64 hppir_here(u64 arg)
{
	isb();
	return rd(ICH_HPPIR);
}

static void two_cpus(u64 arg)
{
	if (!lpi_for_vpe1(8) || !second_cpu())
		return;
	eq(resident(VM, 0), OK);
	eq(on_cpu1(resident_vpe, 1), OK);
	vconfig(S4, 24, 0);
	vdpend(VM, S4, true);
	vdpend(VM, L9, true);
	eq(vhppi(), HPPIR_VALID | S4);
	eq(on_cpu1(hppir_here, 0), HPPIR_VALID | L9);
	vd(GIC_VDAFF, L9);
	eq(on_cpu1(hppir_here, 0), 0);
	eq(vhppi(), HPPIR_VALID | L9);
	on_cpu1(leave_here, 0);
	leave(0);
}

static void twice(u64 arg)
{
	if (!world() || !second_cpu())
		return;
	eq(resident(VM, 1), OK);
	eq(on_cpu1(resident_vpe, 1), CONTEXTR_F);
	eq(errors(), 1);
	eq(rd(ICH_CONTEXTR) & CONTEXTR_V, CONTEXTR_V);
	leave(0);
	eq(on_cpu1(resident_vpe, 1), OK);
	on_cpu1(leave_here, 0);
}

/* A CPU that is switched on again has nobody resident. */
static void off_and_on(u64 arg)
{
	if (!world() || !second_cpu())
		return;
	eq(on_cpu1(resident_vpe, 1), OK);
	second_cpu_off();
	if (!second_cpu_on())
		return;
	on_cpu1(hppir_here, 0);
	eq(resident(VM, 1), OK);
	eq(errors(), 0);
	leave(0);
}

static void vm_unmapped(u64 arg)
{
	if (!lpi_for_vpe1(8))
		return;
	vdpend(VM, L9, true);
	eq(resident(VM, 1), OK);
	eq(virq(), 1);
	/* The guest runs meanwhile. */
	eq(at_el1({
		u64 seen = isr_i();

		vm_off(VM);
		return seen << 1 | isr_i();
	}), 2);
	eq(errors(), 1);
	eq(virq(), 0);
	eq(vhppi(), 0);
	set(ICC_ICSR, 0);
	at_el1({ wr(GIC_CDRCFG, L9); gsb_sys(); isb(); });
	eq(rd(ICC_ICSR) & ICSR_F, ICSR_F);
	leave(CONTEXTR_DB);
}

static void from_vm_to_vm(u64 arg)
{
	if (!lpi_for_vpe1(8))
		return;
	second_vm(VM + 1);
	vdpend(VM, L9, true);
	eq(resident(VM, 1), OK);
	eq(vhppi(), HPPIR_VALID | L9);
	leave(0);
	eq(resident(VM + 1, 1), OK);
	eq(vhppi(), 0);
	vconfig(S4, 8, 1);
	vdpend(VM + 1, S4, true);
	eq(vhppi(), HPPIR_VALID | S4);
	leave(0);
	eq(resident(VM, 1), OK);
	eq(vhppi(), HPPIR_VALID | L9);
	/* Without a leave in between it works, and is told. */
	eq(errors(), 0);
	eq(resident(VM + 1, 1), OK);
	eq(errors(), 1);
	eq(vhppi(), HPPIR_VALID | S4);
	leave(0);
}

static void irs_off(u64 arg)
{
	if (!lpi_for_vpe1(8))
		return;
	vdpend(VM, L9, true);
	eq(resident(VM, 1), OK);
	eq(virq(), 1);
	irs_switch(false);
	eq(virq(), 0);
	eq(vhppi(), 0);
	irs_switch(true);
	eq(virq(), 1);
	leave(0);
}

/* The guest runs meanwhile: no other write makes its signal follow. */
static void irs_off_in_guest(u64 arg)
{
	if (!lpi_for_vpe1(8))
		return;
	vdpend(VM, L9, true);
	eq(resident(VM, 1), OK);
	eq(at_el1({
		u64 seen = isr_i();

		irs_switch(false);
		seen = seen << 1 | isr_i();
		irs_switch(true);
		return seen << 1 | isr_i();
	}), 5);
	leave(0);
}

static void iaffid(u64 arg)
{
	if (!world())
		return;
	eq(resident(VM, 2), OK);
	eq(el1_rd(ICC_IAFFIDR), 2);
	eq(rd(ICC_IAFFIDR), 0);
	leave(0);
	ok(el1_rd(ICC_IAFFIDR) != 2);
}

/* An LPI for a VPE that is to become valid later. */
static void early(u64 arg)
{
	if (!world())
		return;
	eq(resident(VM, 0), OK);
	vconfig(L9, 8, 6);
	vdpend(VM, L9, true);
	eq(vhppi(), 0);
	leave(0);
	ok(vpe_on(VM, 6));
	eq(vpe_hppir(VM, 6), HPPIR_VALID | L9);
	eq(resident(VM, 6), OK);
	eq(vhppi(), HPPIR_VALID | L9);
	leave(0);
}

/* Doorbells: that of VPE 1, which leaves with a request. */
static bool leave_vpe1(int dbpm)
{
	if (!quiet_doorbells() || !lpi_for_vpe1(16))
		return false;
	doorbell(VM, 1, DOORBELL, 0);
	eq(resident(VM, 1), OK);
	leave(CONTEXTR_DB | CONTEXTR_DBPM(dbpm));
	ok(!rang(DOORBELL));
	return !failed_yet();
}

static void db_at_once(u64 arg)
{
	if (!quiet_doorbells() || !lpi_for_vpe1(16))
		return;
	doorbell(VM, 1, DOORBELL, 0);
	eq(resident(VM, 1), OK);
	vdpend(VM, L9, true);
	ok(!rung(DOORBELL));
	leave(CONTEXTR_DB | CONTEXTR_DBPM(0x1f));
	ok(rang(DOORBELL));
}

static void db_by_vdpend(u64 arg)
{
	if (!leave_vpe1(0x1f))
		return;
	vdpend(VM, L9, true);
	ok(rang(DOORBELL));
	/* One ring for one request */
	vdpend(VM, L9, false);
	vdpend(VM, L9, true);
	ok(!rang(DOORBELL));
	eq(vpe_select(VM, 1), STATUSR_V);
	eq(irs_rd64(IRS_VPE_DBR) & DBR_REQ_DB, 0);
}

static void db_reads(u64 arg)
{
	if (!leave_vpe1(0x16))
		return;
	eq(vpe_select(VM, 1), STATUSR_V);
	eq(irs_rd64(IRS_VPE_DBR),
	   DBR_DBV | DBR_REQ_DB | DBR_DBPM(0x16) | DOORBELL);
}

/* What a guest on another VPE can do */
static void db_by_guest(u64 arg)
{
	static const struct {
		const char *what;
		u32 prepare;
		u64 value;
		u32 op;
		u64 more;
		bool pend, active;
	} ways[] = {
		{ "CDPEND", 0, 0, GIC_CDPEND, BIT(32), false, false },
		{ "CDEN", GIC_CDDIS, 0, GIC_CDEN, 0, true, false },
		{ "CDAFF", GIC_CDAFF, 0, GIC_CDAFF, 1ul << 32, true, false },
		{ "CDPRI", GIC_CDPRI, 31ul << 35, GIC_CDPRI, 0, true, false },
		{ "CDDI", GIC_CDAFF, 0, GIC_CDDI, 0, true, true },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
		irs_quiet();
		if (!quiet_doorbells() || !lpi_for_vpe1(0))
			return;
		doorbell(VM, 1, DOORBELL, 0);
		eq(resident(VM, 0), OK);
		if (ways[i].prepare)
			vd(ways[i].prepare + REG(0, 4, 0, 0, 0),
			   L9 | ways[i].value);
		if (ways[i].pend)
			vdpend(VM, L9, true);
		if (ways[i].active) {
			/* Active from VPE 0, then pending for VPE 1 */
			eq(at_el1({ return cdia(); }), CDIA_VALID | L9);
			at_el1({ cdeoi(); });
			vd(GIC_VDAFF, L9 | 1ul << 32);
			vdpend(VM, L9, true);
		}
		leave(0);
		eq(resident(VM, 1), OK);
		leave(CONTEXTR_DB | CONTEXTR_DBPM(IPRI(31) - 1));
		same(rang(DOORBELL), false, ways[i].what);
		eq(resident(VM, 0), OK);
		el1_wr(ways[i].op, L9 | ways[i].more);
		gsb_sys();
		same(rang(DOORBELL), true, ways[i].what);
		leave(0);
	}
}

static void db_not_for_these(u64 arg)
{
	if (!leave_vpe1(0x1f))
		return;
	eq(resident(VM, 0), OK);
	vd(GIC_VDDIS, L9);
	vdpend(VM, L9, true);
	ok(!rang(DOORBELL));
	vdpend(VM, L9, false);
	vd(GIC_VDAFF, L9 | 2ul << 32);
	vd(GIC_VDEN, L9);
	vdpend(VM, L9, true);
	ok(!rang(DOORBELL));
	leave(0);
}

/* Equal rings, the next one does not. */
static void db_mask(u64 arg)
{
	int p = VPRI(16), step = 1 << (5 - shape.irs_pri_bits);

	if (!leave_vpe1(p))
		return;
	vdpend(VM, L9, true);
	ok(rang(DOORBELL));
	vdpend(VM, L9, false);
	if (p >= step) {
		eq(resident(VM, 1), OK);
		leave(CONTEXTR_DB | CONTEXTR_DBPM(p - 1));
		vdpend(VM, L9, true);
		ok(!rang(DOORBELL));
		/* ... and the request stays. */
		eq(resident(VM, 0), OK);
		vd(GIC_VDPRI, L9);
		ok(rang(DOORBELL));
		leave(0);
	}
}

static void db_not_while_resident(u64 arg)
{
	if (!leave_vpe1(0x1f))
		return;
	eq(resident(VM, 1), OK);
	/* The request is withdrawn. */
	eq(vpe_select(VM, 1), STATUSR_V);
	eq(irs_rd64(IRS_VPE_DBR) & DBR_REQ_DB, 0);
	vdpend(VM, L9, true);
	ok(!rang(DOORBELL));
	leave(0);
	ok(!rang(DOORBELL));
}

static void db_without_settings(u64 arg)
{
	if (!quiet_doorbells() || !lpi_for_vpe1(16))
		return;
	eq(resident(VM, 1), OK);
	vdpend(VM, L9, true);
	leave(CONTEXTR_DB | CONTEXTR_DBPM(0x1f));
	for (int i = 0; i < 8; i++)
		ok(!rang(i));
	/* The request was made; now it can be answered. */
	doorbell(VM, 1, DOORBELL, DBR_REQ_DB | DBR_DBPM(0x1f));
	ok(rang(DOORBELL));
	/* Settings that are not valid any more */
	eq(vpe_select(VM, 1), STATUSR_V);
	vmap(IRS_VPE_DBR, DOORBELL | DBR_REQ_DB | DBR_DBPM(0x1f));
	ok(!rang(DOORBELL));
}

static void db_by_dbr(u64 arg)
{
	if (!quiet_doorbells() || !lpi_for_vpe1(16))
		return;
	doorbell(VM, 1, DOORBELL, DBR_REQ_DB | DBR_DBPM(0x1f));
	ok(!rang(DOORBELL));
	vdpend(VM, L9, true);
	ok(rang(DOORBELL));
}

static void db_withdrawn(u64 arg)
{
	if (!leave_vpe1(0x1f))
		return;
	eq(resident(VM, 1), OK);
	leave(CONTEXTR_DBPM(0x1f));
	vdpend(VM, L9, true);
	ok(!rang(DOORBELL));
}

static void db_disabled(u64 arg)
{
	if (!leave_vpe1(0x1f))
		return;
	set(ICC_CR0, CR0_EN);
	vd(GIC_CDPRI, LPI(DOORBELL) | 8ul << 35);
	vdpend(VM, L9, true);
	ok(rung(DOORBELL));
	eq(rd(ICC_HPPIR), 0);
	vd(GIC_CDEN, LPI(DOORBELL));
	eq(rd(ICC_HPPIR), HPPIR_VALID | LPI(DOORBELL));
	eq(open_el1({ spin(20); }), EL2_IRQ);
}

/* Nothing is pending in a CPU that was just switched on. */
static void cpu1_starts(u64 arg)
{
	if (!second_cpu())
		return;
	eq(cpu1_first_hppir, 0);
}

static u64 physical_here(u64 arg)
{
	u64 hppir;

	for (int i = 0; i < 2; i++)
		el2_wr(ICC_ENABLER(i), 0);
	wr(ICC_APR, 0);
	wr(ICC_PCR, 0x1f);
	set(ICC_CR0, CR0_EN);
	hppir = rd(ICC_HPPIR);
	set(ICC_CR0, 0);
	return hppir;
}

static void db_affinity(u64 arg)
{
	if (!leave_vpe1(0x1f) || !second_cpu())
		return;
	set(ICC_CR0, CR0_EN);
	vd(GIC_CDPRI, LPI(DOORBELL) | 8ul << 35);
	vd(GIC_CDEN, LPI(DOORBELL));
	vd(GIC_CDAFF, LPI(DOORBELL) | 1ul << 32);
	vdpend(VM, L9, true);
	eq(rd(ICC_HPPIR), 0);
	eq(on_cpu1(physical_here, 0), HPPIR_VALID | LPI(DOORBELL));
	vd(GIC_CDAFF, LPI(DOORBELL));
	eq(rd(ICC_HPPIR), HPPIR_VALID | LPI(DOORBELL));
}

/* Without GSB SYS it may ring where it was to ring before. */
static void db_old_affinity(u64 arg)
{
	bool old = false;

	if (!asked.delay) {
		skip("CDAFF takes effect at once");
		return;
	}
	if (!leave_vpe1(0x1f) || !second_cpu())
		return;
	set(ICC_CR0, CR0_EN);
	vd(GIC_CDPRI, LPI(DOORBELL) | 8ul << 35);
	vd(GIC_CDEN, LPI(DOORBELL));
	/* On a busy computer much time passes between two instructions. */
	for (int i = 0; i < 1000 && !old; i++) {
		vd(GIC_CDPEND, LPI(DOORBELL));
		vd(GIC_CDAFF, LPI(DOORBELL));
		eq(resident(VM, 1), OK);
		vdpend(VM, L9, true);
		wr(GIC_CDAFF, LPI(DOORBELL) | 1ul << 32);
		set(ICH_CONTEXTR, CONTEXTR_DB | CONTEXTR_DBPM(0x1f));
		old = rd(ICC_HPPIR) == (HPPIR_VALID | LPI(DOORBELL));
		gsb_sys();
		eq(rd(ICC_HPPIR), 0);
	}
	ok(old);
	eq(on_cpu1(physical_here, 0), HPPIR_VALID | LPI(DOORBELL));
}

static void db_ppi(u64 arg)
{
	if (!leave_vpe1(0x1f))
		return;
	vppi(CNTV, 8);
	isb();
	ok(!rang(DOORBELL));
}

static void db_spi(u64 arg)
{
	if (!leave_vpe1(0x1f))
		return;
	eq(resident(VM, 0), OK);
	vconfig(S4, 16, 1);
	leave(0);
	vdpend(VM, S4, true);
	ok(rang(DOORBELL));
}

static void db_extra(u64 arg)
{
	if (!asked_shape.extra_doorbells) {
		skip("needs x-extra-doorbells");
		return;
	}
	if (!lpi_for_vpe1(16))
		return;
	doorbell(VM, 1, DOORBELL, 0);
	eq(resident(VM, 1), OK);
	leave(CONTEXTR_DB);
	spin(1000);
	ok(rang(DOORBELL));
	vd(GIC_VDPEND, L9 | (u64)VM << 32);
	eq(resident(VM, 1), OK);
	leave(0);
	spin(1000);
	ok(!rang(DOORBELL));
}

static void db_late(u64 arg)
{
	bool seen = false;

	if (!asked_shape.late_doorbells) {
		skip("needs x-late-doorbells");
		return;
	}
	if (!lpi_for_vpe1(16))
		return;
	/* On a busy computer much time passes between two instructions. */
	for (int i = 0; i < 1000 && !seen; i++) {
		vdpend(VM, L9, false);
		doorbell(VM, 1, DOORBELL, DBR_REQ_DB | DBR_DBPM(0x1f));
		vdpend(VM, L9, true);
		seen = !rung(DOORBELL);
		for (int k = 0; k < 1000 && !rung(DOORBELL); k++)
			spin(100);
		ok(rang(DOORBELL));
	}
	ok(seen);
	spin(1000);
	ok(!rang(DOORBELL));
}

/* Without an ISB, software cannot know the outcome. */
static void late_contextr(u64 arg)
{
	if (!asked.delay) {
		skip("writes take effect at once");
		return;
	}
	if (!lpi_for_vpe1(8))
		return;
	vdpend(VM, L9, true);
	wr(ICH_CONTEXTR, CONTEXTR(VM, 1));
	eq(rd(ICH_CONTEXTR) & (CONTEXTR_V | CONTEXTR_F), CONTEXTR_F);
	eq(rd(ICH_HPPIR), 0);
	isb();
	eq(rd(ICH_CONTEXTR) & (CONTEXTR_V | CONTEXTR_F), CONTEXTR_V);
	eq(rd(ICH_HPPIR), HPPIR_VALID | L9);
	wr(ICH_CONTEXTR, 0);
	eq(rd(ICH_HPPIR), HPPIR_VALID | L9);
	isb();
	eq(rd(ICH_HPPIR), 0);
}

const struct test residency_tests[] = {
	{ "ICH_CONTEXTR: V=1, F=0 for a valid VPE", success, 0 },
	{ "ICH_CONTEXTR: F=1 for what is not valid", failure, 0 },
	{ "ICH_CONTEXTR: F is cleared by V=0", failure_cleared, false },
	{ "ICH_CONTEXTR: F is cleared by success", failure_cleared, true },
	{ "ICH_CONTEXTR: a failure leaves nobody resident",
	  failure_leaves_none, 0 },
	{ "residency: a pending LPI is signalled, and no longer with V=0",
	  signalled, 0 },
	{ "residency: IRICHPPIDIS hides LPIs, not PPIs", hidden, 0 },
	{ "residency: nothing is signalled without En, EN or IMO",
	  not_signalled, 0 },
	{ "residency: two VPEs of a VM on two CPUs", two_cpus, 0 },
	{ "residency: a VPE on two CPUs fails, and is told", twice, 0 },
	{ "residency: ends when the CPU is switched off and on",
	  off_and_on, 0 },
	{ "residency: ends when the VM is unmapped, which is told",
	  vm_unmapped, 0 },
	{ "residency: from one VM to another", from_vm_to_vm, 0 },
	{ "residency: the IRS switched off recalls", irs_off, 0 },
	{ "residency: the IRS switched off and on while the guest runs",
	  irs_off_in_guest, 0 },
	{ "ICC_IAFFIDR at EL1: the VPE", iaffid, 0 },
	{ "residency: an interrupt for a VPE that becomes valid later",
	  early, 0 },
	{ "ICH_CONTEXTR: nothing changes before an ISB", late_contextr, 0 },
	{ "doorbell: an extra ring, where that is so", db_extra, 0 },
	{ "doorbell: a late ring, where that is so", db_late, 0 },
	{ "doorbell: rings for what is pending already", db_at_once, 0 },
	{ "doorbell: by VDPEND, once for a request", db_by_vdpend, 0 },
	{ "doorbell: IRS_VPE_DBR shows the request", db_reads, 0 },
	{ "doorbell: by CDPEND, CDEN, CDAFF, CDPRI, CDDI of another VPE",
	  db_by_guest, 0 },
	{ "doorbell: not for what is disabled or another VPE's",
	  db_not_for_these, 0 },
	{ "doorbell: DBPM lets equal priority ring", db_mask, 0 },
	{ "doorbell: never while resident, which withdraws the request",
	  db_not_while_resident, 0 },
	{ "doorbell: not without DBV", db_without_settings, 0 },
	{ "doorbell: requested by IRS_VPE_DBR", db_by_dbr, 0 },
	{ "doorbell: withdrawn by DB=0", db_withdrawn, 0 },
	{ "doorbell: an LPI that is disabled stays pending", db_disabled, 0 },
	{ "physical: no interrupt of a CPU that was just switched on",
	  cpu1_starts, 0 },
	{ "doorbell: goes where the LPI goes", db_affinity, 0 },
	{ "doorbell: on the CPU of before, where that is so",
	  db_old_affinity, 0 },
	{ "doorbell: not for virtual PPIs", db_ppi, 0 },
	{ "doorbell: for virtual SPIs", db_spi, 0 },
	{ }
};
