// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual LPIs and SPIs: commands of guest and hypervisor, selection, life
 * cycle, and saving a VM.
 */
#include "irs.h"

#define L9	LPI(9)
#define S9	SPI(9)
#define IS(id)	(HPPIR_VALID | (id))

/* A VPE is resident: this one. */
static bool run(int vpe)
{
	if (!world())
		return false;
	eq(resident(VM, vpe), OK);
	return !failed_yet();
}

/* Each CD* in a guest, as the guest and as the hypervisor sees it. */
static void cd(u64 id)
{
	u64 base = ICSR_PRIORITY(VPRI(16)) | ICSR_VPE(2);

	if (!run(2))
		return;
	at_el1_arg(id, { wr(GIC_CDPRI, arg | 16ul << 35); gsb_sys(); });
	at_el1_arg(id, { wr(GIC_CDAFF, arg | 2ul << 32); gsb_sys(); });
	eq(vdrcfg(id), base);
	at_el1_arg(id, { wr(GIC_CDEN, arg); gsb_sys(); });
	eq(vdrcfg(id), base | ICSR_ENABLED);
	at_el1_arg(id, { wr(GIC_CDHM, arg | BIT(32)); gsb_sys(); });
	eq(vdrcfg(id), base | ICSR_ENABLED | ICSR_LEVEL);
	at_el1_arg(id, { wr(GIC_CDPEND, arg | BIT(32)); gsb_sys(); });
	eq(vdrcfg(id), base | ICSR_ENABLED | ICSR_LEVEL | ICSR_PENDING);
	eq(at_el1({ return cdia(); }), CDIA_VALID | id);
	eq(vdrcfg(id), base | ICSR_ENABLED | ICSR_LEVEL | ICSR_PENDING |
	   ICSR_ACTIVE);
	at_el1({ cdeoi(); });
	at_el1_arg(id, { wr(GIC_CDDI, arg); gsb_sys(); });
	at_el1_arg(id, { wr(GIC_CDPEND, arg); gsb_sys(); });
	eq(vdrcfg(id), base | ICSR_ENABLED | ICSR_LEVEL);
	at_el1_arg(id, { wr(GIC_CDHM, arg); wr(GIC_CDDIS, arg); gsb_sys(); });
	eq(vdrcfg(id), base);
	eq(errors(), 0);
	leave(0);
}

/* ... and the physical interrupt of that number is none of its business. */
static void cd_not_physical(u64 id)
{
	u64 before;

	if (!run(0))
		return;
	wr(GIC_CDPRI, id | 24ul << 35);
	gsb_sys();
	wr(GIC_CDRCFG, id);
	gsb_sys();
	isb();
	before = rd(ICC_ICSR);
	eq(before & ICSR_F, 0);
	at_el1_arg(id, {
		wr(GIC_CDPRI, arg | 8ul << 35);
		wr(GIC_CDEN, arg);
		wr(GIC_CDHM, arg | BIT(32));
		wr(GIC_CDAFF, arg | 3ul << 32);
		wr(GIC_CDPEND, arg | BIT(32));
		gsb_sys();
	});
	wr(GIC_CDRCFG, id);
	gsb_sys();
	isb();
	eq(rd(ICC_ICSR), before);
	leave(0);
}

static void cdrcfg(u64 id)
{
	if (!run(1))
		return;
	vd(GIC_VDHM, id | BIT(32));
	vconfig(id, 24, 3);
	vdpend(VM, id, true);
	at_el1_arg(id, { wr(GIC_CDRCFG, arg); gsb_sys(); isb(); });
	eq(el1_rd(ICC_ICSR), ICSR_PRIORITY(VPRI(24)) | ICSR_VPE(3) |
	   ICSR_ENABLED | ICSR_PENDING | ICSR_LEVEL);
	leave(0);
}

/* What a guest may try: no effect, no error of the hypervisor. */
static void out_of_range(u64 arg)
{
	static const u32 ops[] = {
		GIC_CDDIS, GIC_CDEN, GIC_CDPRI, GIC_CDAFF, GIC_CDPEND,
		GIC_CDHM, GIC_CDDI,
	};
	u64 beyond[3];

	if (!run(0))
		return;
	beyond[0] = LPI(1ul << shape.min_lpi_bits);
	beyond[1] = SPI(1024);
	beyond[2] = LPI(0xffffff);
	for (unsigned int k = 0; k < ARRAY_SIZE(beyond); k++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++)
			el1_wr(ops[i], beyond[k] | BIT(32));
		set(ICC_ICSR, 0);
		at_el1_arg(beyond[k], { wr(GIC_CDRCFG, arg); gsb_sys(); });
		isb();
		eq(rd(ICC_ICSR) & ICSR_F, ICSR_F);
	}
	eq(vhppi(), 0);
	eq(errors(), 0);
	leave(0);
}

static void no_vpe(u64 arg)
{
	if (!run(0))
		return;
	vconfig(L9, 8, 0);
	leave(0);
	at_el1({
		wr(GIC_CDPEND, L9 | BIT(32));
		wr(GIC_CDDIS, L9);
		wr(GIC_CDRCFG, L9);
		gsb_sys();
		isb();
	});
	eq(rd(ICC_ICSR) & ICSR_F, ICSR_F);
	vd(GIC_VDDIS, L9);
	eq(vdrcfg(L9) & ICSR_F, ICSR_F);
	eq(resident(VM, 0), OK);
	eq(vdrcfg(L9), ICSR_ENABLED | ICSR_PRIORITY(VPRI(8)));
	leave(0);
}

static void traps_first(u64 arg)
{
	if (!run(0))
		return;
	set(ICH_HFGITR, HFG_ALL & ~BIT(4));	/* CDPEND */
	try_wr(GIC_CDPEND, L9 | BIT(32));
	ok(trapped_right());
	gsb_sys();
	eq(vdrcfg(L9), 0);
	set(ICH_HFGITR, HFG_ALL);
	el1_wr(GIC_CDPEND, L9 | BIT(32));
	gsb_sys();
	eq(vdrcfg(L9), ICSR_PENDING);
	leave(0);
}

static void vdpend_anywhere(u64 id)
{
	if (!run(0))
		return;
	vconfig(id, 8, 1);
	leave(0);
	vdpend(VM, id, true);
	eq(vpe_hppir(VM, 1), IS(id));
	/* The bit of CDPEND is one of the VM here. */
	vd(GIC_VDPEND, id | (u64)VM << 32);
	eq(vpe_hppir(VM, 1), 0);
	vdpend(VM, id, true);
	second_vm(VM + 1);
	vdpend(VM + 1, id, false);
	eq(vpe_hppir(VM, 1), IS(id));
	eq(resident(VM + 1, 0), OK);
	vdpend(VM, id, false);
	eq(vpe_hppir(VM, 1), 0);
	leave(0);
}

static void vdpend_nowhere(u64 arg)
{
	if (!world())
		return;
	vdpend(VM + 1, L9, true);
	vdpend(0xffff, L9, true);
	vdpend(VM, PPI(CNTV), true);
	eq(errors(), 0);
	vm_off(VM);
	vdpend(VM, L9, true);
	eq(errors(), 0);
}

static void vd_all(u64 id)
{
	if (!run(0))
		return;
	vd(GIC_VDPRI, id | 16ul << 35);
	eq(vdrcfg(id), ICSR_PRIORITY(VPRI(16)));
	vd(GIC_VDAFF, id | 1ul << 32);
	eq(vdrcfg(id), ICSR_PRIORITY(VPRI(16)) | ICSR_VPE(1));
	vd(GIC_VDEN, id);
	vd(GIC_VDHM, id | BIT(32));
	vdpend(VM, id, true);
	eq(vdrcfg(id), ICSR_PRIORITY(VPRI(16)) | ICSR_VPE(1) | ICSR_ENABLED |
	   ICSR_LEVEL | ICSR_PENDING);
	vd(GIC_VDAFF, id);
	at_el1({ cdia(); cdeoi(); });
	eq(vdrcfg(id) & ICSR_ACTIVE, ICSR_ACTIVE);
	vd(GIC_VDDI, id);
	vd(GIC_VDHM, id);
	vd(GIC_VDDIS, id);
	vdpend(VM, id, false);
	eq(vdrcfg(id), ICSR_PRIORITY(VPRI(16)));
	leave(0);
}

static void vd_ppi(u64 arg)
{
	if (!run(0))
		return;
	vppi(CNTV, 8);
	vd(GIC_VDDIS, PPI(CNTV));
	vd(GIC_VDPRI, PPI(CNTV) | 31ul << 35);
	vdpend(VM, PPI(CNTV), false);
	eq(vhppi(), HPPI(CNTV));
	eq(vdrcfg(PPI(CNTV)) & ICSR_F, ICSR_F);
	eq(errors(), 0);
	leave(0);
}

static void vd_whatever_el1_has(u64 arg)
{
	if (!run(0))
		return;
	set(ICH_VCTLR, 0);
	vd(GIC_VDEN, L9);
	set(ICH_VCTLR, VCTLR_EN);
	eq(vdrcfg(L9), ICSR_ENABLED);
	leave(0);
}

/* Selection */

static void order(u64 arg)
{
	if (!run(0))
		return;
	vconfig(L9, 16, 0);
	vconfig(S9, 16, 0);
	vppi(CNTV, 16);
	vdpend(VM, L9, true);
	vdpend(VM, S9, true);
	vd(GIC_VDPRI, L9);
	eq(vhppi(), IS(L9));
	vd(GIC_VDPRI, L9 | 31ul << 35);
	vd(GIC_VDPRI, S9);
	eq(vhppi(), IS(S9));
	vd(GIC_VDPRI, S9 | 31ul << 35);
	vpriority(CNTV, 0);
	isb();
	eq(vhppi(), HPPI(CNTV));
	leave(0);
}

static void ties(u64 arg)
{
	u64 p = PRI(VPRI(16));

	if (!run(0))
		return;
	vppi(CNTV, p);
	vconfig(L9, 16, 0);
	vdpend(VM, L9, true);
	eq(vhppi(), asked.high_ties ? IS(L9) : HPPI(CNTV));
	venable(CNTV, false);
	isb();
	vconfig(S9, 16, 0);
	vdpend(VM, S9, true);
	eq(vhppi(), asked_shape.high_ties ? IS(S9) : IS(L9));
	vconfig(LPI(8), 16, 0);
	vdpend(VM, LPI(8), true);
	vdpend(VM, S9, false);
	eq(vhppi(), asked_shape.high_ties ? IS(L9) : IS(LPI(8)));
	leave(0);
}

static void edge_and_level(u64 id)
{
	u64 base = ICSR_ENABLED | ICSR_PRIORITY(VPRI(8));

	if (!run(0))
		return;
	vconfig(id, 8, 0);
	vdpend(VM, id, true);
	eq(at_el1({ return cdia(); }), CDIA_VALID | id);
	eq(rd(ICH_APR), BIT(PRI(VPRI(8))));
	eq(vdrcfg(id), base | ICSR_ACTIVE);
	at_el1({ cdeoi(); });
	eq(rd(ICH_APR), 0);
	/* Active, so it is not offered again. */
	vdpend(VM, id, true);
	eq(vhppi(), 0);
	at_el1_arg(id, { cddi(arg); });
	eq(vhppi(), IS(id));

	vd(GIC_VDHM, id | BIT(32));
	eq(at_el1({ return cdia(); }), CDIA_VALID | id);
	eq(vdrcfg(id), base | ICSR_ACTIVE | ICSR_PENDING | ICSR_LEVEL);
	at_el1_arg(id, { cdeoi(); cddi(arg); });
	eq(vhppi(), IS(id));
	vdpend(VM, id, false);
	eq(vhppi(), 0);
	leave(0);
}

static void deactivated_elsewhere(u64 id)
{
	if (!run(0))
		return;
	vconfig(id, 8, 0);
	vdpend(VM, id, true);
	at_el1({ cdia(); cdeoi(); });
	vdpend(VM, id, true);
	leave(0);
	eq(resident(VM, 1), OK);
	at_el1_arg(id, { cddi(arg); });
	eq(vdrcfg(id) & ICSR_ACTIVE, 0);
	eq(vhppi(), 0);
	leave(0);
	eq(resident(VM, 0), OK);
	eq(vhppi(), IS(id));
	leave(0);
}

static void eoi_has_no_id(u64 arg)
{
	if (!run(0))
		return;
	vconfig(L9, 0, 0);
	vdpend(VM, L9, true);
	at_el1({ cdia(); });
	el1_wr(GIC_CDEOI, 0xdeadbeef);
	gsb_sys();
	isb();
	eq(rd(ICH_APR), 0);
	eq(vdrcfg(L9) & ICSR_ACTIVE, ICSR_ACTIVE);
	leave(0);
}

static void nmi(u64 id)
{
	if (!run(0))
		return;
	vconfig(id, 0, 0);
	vdpend(VM, id, true);
	ok(virq_super());
	wr_sys(sctlr_el1, rd_sys(sctlr_el1) | SCTLR_NMI);
	isb();
	eq(try_el1({ spin(20); }), EL1_IRQ);
	/* ALLINT, lest it be taken first */
	enter_lower(({ u64 f(u64 a) { return cdia(); } f; }), 0,
		    PSTATE_EL1 | PSTATE_MASKED | BIT(13));
	eq(must_return(__FILE__, __LINE__), 0);
	enter_lower(({ u64 f(u64 a) { return cdnmia(); } f; }), 0,
		    PSTATE_EL1 | PSTATE_MASKED | BIT(13));
	eq(must_return(__FILE__, __LINE__), CDIA_VALID | id);
	eq(vdrcfg(id) & ICSR_ACTIVE, ICSR_ACTIVE);
	leave(0);
}

static void masked(u64 id)
{
	int p = PRI(VPRI(16));

	if (!run(0))
		return;
	vconfig(id, 16, 0);
	vdpend(VM, id, true);
	venv(true, p, 0);
	eq(vhppi(), IS(id));
	if (p) {
		venv(true, p - 1, 0);
		eq(vhppi(), 0);
		eq(virq(), 0);
		eq(at_el1({ return cdia(); }), 0);
	}
	venv(true, 0x1f, BIT(p));
	eq(vhppi(), 0);
	if (p < 0x1e) {
		venv(true, 0x1f, BIT(p + 2));
		eq(vhppi(), IS(id));
	}
	leave(0);
}

static void fewer_bits(u64 arg)
{
	if (!run(0))
		return;
	for (int p = 0; p < 32; p++) {
		vd(GIC_VDPRI, L9 | (u64)p << 35);
		same(FIELD(vdrcfg(L9), 15, 11),
		     p & (0x1f << (5 - shape.irs_pri_bits)) & 0x1f,
		     "priority");
	}
	leave(0);
}

static void recalled(u64 id)
{
	if (!run(0))
		return;
	vconfig(id, 8, 0);
	vdpend(VM, id, true);
	eq(virq(), 1);
	at_el1_arg(id, { wr(GIC_CDDIS, arg); gsb_sys(); isb(); });
	eq(virq(), 0);
	at_el1_arg(id, { wr(GIC_CDEN, arg); gsb_sys(); isb(); });
	eq(virq(), 1);
	at_el1_arg(id, { wr(GIC_CDAFF, arg | 1ul << 32); gsb_sys(); isb(); });
	eq(virq(), 0);
	at_el1_arg(id, { wr(GIC_CDAFF, arg); gsb_sys(); isb(); });
	eq(virq(), 1);
	leave(0);
}

/* The guest runs meanwhile: no other write makes its signal follow. */
static void followed(u64 id)
{
	if (!run(0))
		return;
	vconfig(id, 8, 0);
	eq(at_el1_arg(id, {
		u64 seen;

		wr(GIC_CDPEND, arg | BIT(32));
		gsb_sys();
		seen = isr_i();
		wr(GIC_CDDIS, arg);
		gsb_sys();
		seen = seen << 1 | isr_i();
		wr(GIC_CDEN, arg);
		gsb_sys();
		seen = seen << 1 | isr_i();
		wr(GIC_CDAFF, arg | 1ul << 32);
		gsb_sys();
		seen = seen << 1 | isr_i();
		wr(GIC_CDAFF, arg);
		gsb_sys();
		seen = seen << 1 | isr_i();
		wr(GIC_CDPEND, arg);
		gsb_sys();
		return seen << 1 | isr_i();
	}), 0x2a);
	eq(errors(), 0);
	leave(0);
}

/* IPIs between two VPEs on one CPU, with doorbells */
static void ping_pong(u64 arg)
{
	if (!quiet_doorbells() || !run(0))
		return;
	vconfig(LPI(0), 8, 0);
	vconfig(LPI(1), 8, 1);
	leave(0);
	doorbell(VM, 0, 2, 0);
	doorbell(VM, 1, 3, 0);
	eq(resident(VM, 1), OK);
	leave(CONTEXTR_DB | CONTEXTR_DBPM(0x1f));
	for (int i = 0; i < 20; i++) {
		u64 me = i % 2, other = 1 - me;

		eq(resident(VM, me), OK);
		if (i)
			eq(at_el1({
				u64 id = cdia();

				cdeoi();
				cddi(id & 0xffffffff);
				return id;
			}), CDIA_VALID | LPI(me));
		at_el1_arg(LPI(other), {
			wr(GIC_CDPEND, arg | BIT(32));
			gsb_sys();
		});
		eq(vhppi(), 0);
		ok(rang(2 + other));
		leave(CONTEXTR_DB | CONTEXTR_DBPM(0x1f));
		ok(!rang(2 + me));
	}
}

static u64 run_vpe1(u64 arg)
{
	return resident(VM, 1);
}

static u64 ipi_to_vpe0(u64 arg)
{
	/* VD*: this CPU has no guest of its own to run. */
	vd(GIC_VDPEND, LPI(0) | (u64)VM << 32 | BIT(63));
	return rd(ICH_HPPIR);
}

static u64 leave_cpu1(u64 arg)
{
	leave(0);
	return 0;
}

static void ipi_across(u64 arg)
{
	if (!run(0) || !second_cpu())
		return;
	vconfig(LPI(0), 8, 0);
	vconfig(LPI(1), 8, 1);
	eq(on_cpu1(run_vpe1, 0), OK);
	at_el1({ wr(GIC_CDPEND, LPI(1) | BIT(32)); gsb_sys(); });
	eq(on_cpu1(ipi_to_vpe0, 0), IS(LPI(1)));
	eq(open_el1({ spin(20); }), EL1_IRQ);
	eq(at_el1({ return cdia(); }), CDIA_VALID | LPI(0));
	on_cpu1(leave_cpu1, 0);
	leave(0);
}

static void ipi_to_running(u64 arg)
{
	if (!run(0) || !second_cpu())
		return;
	vconfig(LPI(0), 8, 0);
	eq(at_el1({
		u64 seen = isr_i();

		on_cpu1(ipi_to_vpe0, 0);
		return seen << 1 | isr_i();
	}), 1);
	leave(0);
}

/* Many at once: all come, by priority. */
static void many(u64 arg)
{
	u64 last = 0;
	int got = 0;

	if (!run(0))
		return;
	for (u64 i = 0; i < 64; i++) {
		u64 id = i & 1 ? LPI(i) : SPI(i);

		vconfig(id, i * 7 % 32, 0);
		vdpend(VM, id, true);
	}
	for (; got < 65; got++) {
		u64 id = at_el1({
			u64 id = cdia();

			cdeoi();
			return id;
		}), p;

		if (!id)
			break;
		p = FIELD(vdrcfg(id & 0xffffffff), 15, 11);
		ok(p >= last);
		last = p;
	}
	eq(got, 64);
	leave(0);
}

/*
 * A command without GSB SYS: later, but it comes. It may come at once on a
 * busy computer, where more time passes between two instructions.
 */
static void late(u64 id)
{
	bool seen = false;

	if (!asked.delay) {
		skip("commands take effect at once");
		return;
	}
	if (!run(0))
		return;
	vconfig(id, 8, 0);
	for (int i = 0; i < 1000 && !seen; i++) {
		vdpend(VM, id, false);
		wr(GIC_VDPEND, id | (u64)VM << 32 | BIT(63));
		isb();
		seen = !rd(ICH_HPPIR);
		gsb_sys();
		eq(rd(ICH_HPPIR), IS(id));
	}
	ok(seen);
	wr(GIC_VDPEND, id | (u64)VM << 32);
	for (int i = 0; i < 1000 && rd(ICH_HPPIR); i++)
		spin(100);
	eq(rd(ICH_HPPIR), 0);
	leave(0);
	/* Too late for a VM that has gone */
	wr(GIC_VDPEND, id | (u64)VM << 32 | BIT(63));
	vm_off(VM);
	gsb_sys();
	eq(errors(), 0);
}

/* Save */

static void save(u64 q)
{
	vmap(IRS_SAVE_VMR, SAVE_S | q | VM);
}

static void save_current(u64 arg)
{
	if (!run(0))
		return;
	vconfig(L9, 8, 2);
	vdpend(VM, L9, true);
	leave(0);
	save(0);
	eq(*iste(&lpis, 9), ISTE_ENABLE | ISTE_PENDING |
	   ISTE_PRIORITY(VPRI(8)) | ISTE_VPE(2));
	/* It is still valid, and goes on. */
	eq(vpe_hppir(VM, 2), IS(L9));
	eq(resident(VM, 2), OK);
	at_el1({ cdia(); });
	leave(0);
	save(0);
	eq(*iste(&lpis, 9), ISTE_ENABLE | ISTE_ACTIVE |
	   ISTE_PRIORITY(VPRI(8)) | ISTE_VPE(2));
}

static void save_quiet(u64 arg)
{
	if (!run(0))
		return;
	vconfig(L9, 8, 2);
	leave(0);
	save(0);
	eq(irs_rd(IRS_SAVE_VM_STATUSR), IDLE);
	save(SAVE_Q);
	eq(irs_rd(IRS_SAVE_VM_STATUSR), IDLE | BIT(1));
	vdpend(VM, L9, true);
	eq(irs_rd(IRS_SAVE_VM_STATUSR), IDLE);
	/* The end of the watch tells of all of it. */
	save(SAVE_Q);
	vmap(IRS_SAVE_VMR, SAVE_Q | VM);
	eq(irs_rd(IRS_SAVE_VM_STATUSR), IDLE | BIT(1));
	save(SAVE_Q);
	vdpend(VM, L9, false);
	vmap(IRS_SAVE_VMR, SAVE_Q | VM);
	eq(irs_rd(IRS_SAVE_VM_STATUSR), IDLE);
	vmap(IRS_SAVE_VMR, SAVE_Q | (VM + 1));
	eq(irs_rd(IRS_SAVE_VM_STATUSR), IDLE);
	save(SAVE_Q);
	eq(irs_rd(IRS_SAVE_VM_STATUSR), IDLE | BIT(1));
	/* It was another VM that stayed quiet. */
	vm_off(VM);
	ok(vm_on(VM, 3));
	eq(irs_rd(IRS_SAVE_VM_STATUSR), IDLE);
	/* The end of the watch */
	vmap(IRS_SAVE_VMR, SAVE_Q | VM);
	eq(irs_rd(IRS_SAVE_VM_STATUSR) & IDLE, IDLE);
}

static void save_resident(u64 arg)
{
	if (!run(0))
		return;
	save(0);
	eq(errors(), 1);
	leave(0);
	vmap(IRS_SAVE_VMR, SAVE_S | SAVE_Q | (VM + 1));
	eq(irs_rd(IRS_SAVE_VM_STATUSR), IDLE);
	eq(errors(), 0);
}

/* A VM goes to another number, with its state. */
static void migrate(u64 arg)
{
	struct ist old;

	if (!run(0))
		return;
	vconfig(L9, 8, 2);
	vconfig(LPI(10), 12, 1);
	vdpend(VM, L9, true);
	vdpend(VM, LPI(10), true);
	leave(0);
	eq(resident(VM, 1), OK);
	at_el1({ cdia(); });
	leave(0);
	save(SAVE_Q);
	eq(irs_rd(IRS_SAVE_VM_STATUSR), IDLE | BIT(1));
	old = lpis;

	/* The copy: Pending is replayed. */
	ok(vm_on(VM + 5, 3));
	for (int i = 0; i < 4; i++)
		ok(vpe_on(VM + 5, i));
	lpis = ist_make(shape.min_lpi_bits, ist_needs(shape.min_lpi_bits),
			false, 0);
	for (int i = 0; i < 32; i++)
		*iste(&lpis, i) = *iste(&old, i) & ~ISTE_PENDING;
	ok(ist_on(VM + 5, TYPE_LPI, &lpis));
	for (int i = 0; i < 32; i++)
		if (*iste(&old, i) & ISTE_PENDING)
			vdpend(VM + 5, LPI(i), true);
	vm_off(VM);

	eq(vpe_hppir(VM + 5, 2), IS(L9));
	eq(vpe_hppir(VM + 5, 1), 0);
	eq(resident(VM + 5, 1), OK);
	eq(vdrcfg(LPI(10)), ICSR_ENABLED | ICSR_ACTIVE |
	   ICSR_PRIORITY(VPRI(12)) | ICSR_VPE(1));
	leave(0);
}

const struct test virtual_tests[] = {
	{ "CD* in a guest: each acts on the virtual LPI", cd, L9 },
	{ "CD* in a guest: each acts on the virtual SPI", cd, S9 },
	{ "CD* in a guest: the physical LPI stays", cd_not_physical, LPI(6) },
	{ "CD* in a guest: the physical SPI stays", cd_not_physical, SPI(40) },
	{ "CDRCFG in a guest: each field, LPI", cdrcfg, L9 },
	{ "CDRCFG in a guest: each field, SPI", cdrcfg, S9 },
	{ "CD* in a guest: numbers out of range have no effect",
	  out_of_range, 0 },
	{ "CD* and VD* without a VPE: no effect, ICC_ICSR.F", no_vpe, 0 },
	{ "CD* in a guest: traps come first", traps_first, 0 },
	{ "VDPEND: an LPI of a VM that is not resident",
	  vdpend_anywhere, L9 },
	{ "VDPEND: an SPI of a VM that is not resident",
	  vdpend_anywhere, S9 },
	{ "VDPEND: to nobody, or a PPI: no effect", vdpend_nowhere, 0 },
	{ "VD*: each acts on the resident VM's LPI", vd_all, L9 },
	{ "VD*: each acts on the resident VM's SPI", vd_all, S9 },
	{ "VD*: no effect on PPIs", vd_ppi, 0 },
	{ "VD*: whatever ICH_VCTLR says", vd_whatever_el1_has, 0 },
	{ "virtual selection: PPI, LPI and SPI by priority", order, 0 },
	{ "virtual selection: ties", ties, 0 },
	{ "virtual LPI: edge and level, acknowledge to deactivate",
	  edge_and_level, L9 },
	{ "virtual SPI: edge and level, acknowledge to deactivate",
	  edge_and_level, S9 },
	{ "virtual LPI: deactivated by another VPE",
	  deactivated_elsewhere, L9 },
	{ "virtual SPI: deactivated by another VPE",
	  deactivated_elsewhere, S9 },
	{ "virtual LPI: CDEOI needs no number", eoi_has_no_id, 0 },
	{ "virtual LPI: an NMI at priority 0", nmi, L9 },
	{ "virtual SPI: an NMI at priority 0", nmi, S9 },
	{ "virtual LPI: VPMR and the running priority mask", masked, L9 },
	{ "virtual SPI: VPMR and the running priority mask", masked, S9 },
	{ "IRS: the priority bits it has", fewer_bits, 0 },
	{ "virtual LPI: recalled by CDDIS and CDAFF", recalled, L9 },
	{ "virtual SPI: recalled by CDDIS and CDAFF", recalled, S9 },
	{ "virtual LPI: the signal follows while the guest runs",
	  followed, L9 },
	{ "virtual SPI: the signal follows while the guest runs",
	  followed, S9 },
	{ "virtual LPIs: IPIs of two VPEs, with doorbells", ping_pong, 0 },
	{ "virtual LPIs: IPIs across CPUs", ipi_across, 0 },
	{ "virtual LPIs: an IPI from another CPU to a guest that runs",
	  ipi_to_running, 0 },
	{ "virtual LPIs and SPIs: 64 at once", many, 0 },
	{ "VDPEND of an LPI: nothing changes before GSB SYS", late, L9 },
	{ "VDPEND of an SPI: nothing changes before GSB SYS", late, S9 },
	{ "SAVE_VMR: memory is current, the VM goes on", save_current, 0 },
	{ "SAVE_VMR: Q tells of a quiet VM", save_quiet, 0 },
	{ "SAVE_VMR: a VPE that is resident is told", save_resident, 0 },
	{ "SAVE_VMR: a VM goes on with another number", migrate, 0 },
	{ }
};
