// SPDX-License-Identifier: GPL-2.0-only
/* The IRS's registers for virtual machines, VM tables, virtual ISTs, VPEs. */
#include "irs.h"

static void idrs(u64 arg)
{
	u64 want3, want4;
	u32 idr2 = irs_rd(IRS_IDR2);

	if (!asked.given) {
		skip("no shape was asked for");
		return;
	}
	ok(irs_rd(IRS_IDR0) & BIT(6));
	want3 = asked_shape.vm_id_bits << 5 | asked_shape.vmt_levels << 10;
	if (asked_shape.vmd)
		want3 |= 1 | __builtin_ctzll(asked_shape.vmd) << 1;
	want4 = __builtin_ctzll(asked_shape.vped | BIT(63)) |
		(asked_shape.vpe_id_bits - 1) << 6;
	eq(irs_rd(IRS_IDR3), asked_shape.vm_id_bits ? want3 : 0);
	eq(irs_rd(IRS_IDR4), asked_shape.vm_id_bits ? want4 : 0);
	eq(FIELD(irs_rd(IRS_IDR1), 22, 20) + 1, asked_shape.irs_pri_bits);
	eq(FIELD(idr2, 10, 10), asked_shape.ist_levels);
	eq(FIELD(idr2, 13, 11), asked_shape.ist_levels ? asked_shape.l2sz : 0);
	eq(FIELD(idr2, 14, 14), asked_shape.metadata ? 1 : 0);
	eq(FIELD(idr2, 19, 15), asked_shape.metadata);
}

/* Without VM tables all of the registers are RAZ/WI. */
static void no_registers(u64 arg)
{
	if (shape.vms) {
		skip("this IRS has VM tables");
		return;
	}
	for (u32 o = IRS_VMT_BASER; o <= IRS_SAVE_VM_STATUSR; o += 4) {
		irs_wr(o, ~0u);
		same(irs_rd(o), 0, "a register from 0x200 to 0x308");
	}
}

static void statusr(u64 arg)
{
	if (!vms())
		return;
	eq(irs_rd(IRS_VMT_STATUSR) & IDLE, IDLE);
	eq(irs_rd(0x124), 0);
	eq(irs_rd(IRS_VPE_STATUSR) & ~STATUSR_V, IDLE);
	eq(irs_rd(IRS_SAVE_VM_STATUSR), IDLE);
}

static void locked(u64 arg)
{
	u64 baser, cfgr;

	if (!vms())
		return;
	vmt_on(shape.vmt_levels);
	baser = irs_rd64(IRS_VMT_BASER);
	cfgr = irs_rd(IRS_VMT_CFGR);
	irs_wr(IRS_VMT_CFGR, cfgr ^ 1);
	eq(irs_rd(IRS_VMT_CFGR), cfgr);
	eq(errors(), 1);
	vmap(IRS_VMT_BASER, (baser ^ BIT(30)) | VALID);
	eq(irs_rd64(IRS_VMT_BASER), baser);
	vmt_off();
	irs_wr(IRS_VMT_CFGR, cfgr ^ 1);
	eq(irs_rd(IRS_VMT_CFGR), cfgr ^ 1);
}

static void halves(u64 arg)
{
	u64 at;

	if (!vms())
		return;
	at = (u64)room(32ul << shape.vm_id_bits, 32ul << shape.vm_id_bits);
	irs_wr(IRS_VMT_CFGR, shape.vm_id_bits);
	irs_wr(IRS_VMT_BASER + 4, 0x00aabbcc);
	irs_wr(IRS_VMT_BASER, 0x12345678);
	eq(irs_rd64(IRS_VMT_BASER), 0x00aabbcc12345678ul);
	irs_wr64(IRS_VMT_BASER, at);
	eq(irs_rd(IRS_VMT_BASER), at & 0xffffffff);
	eq(irs_rd(IRS_VMT_BASER + 4), at >> 32);
	/* The lower half makes it valid. */
	irs_wr(IRS_VMT_BASER, at | VALID);
	ok(wait_idle(IRS_VMT_STATUSR));
	eq(irs_rd64(IRS_VMT_BASER), at | VALID);
	vmt_off();

	/* A register that acts does so by its upper half. */
	vmt_on(false);
	vm_prepare(VM, 3);
	irs_wr(IRS_VMAP_VMR, VM);
	ok(wait_idle(IRS_VMT_STATUSR));
	eq(vmte(VM)[0] & VALID, 0);
	irs_wr(IRS_VMAP_VMR + 4, VMAP_M >> 32);
	ok(wait_idle(IRS_VMT_STATUSR));
	eq(vmte(VM)[0] & VALID, VALID);
}

static void everything_goes(u64 arg)
{
	if (!world())
		return;
	eq(resident(VM, 0), OK);
	vconfig(LPI(9), 8, 2);
	leave(0);
	vmt_off();
	/* What was in the caches is in memory. */
	eq(vmte(VM)[0] & VALID, 0);
	eq(vmte(VM)[2] & VALID, 0);
	eq(vmte(VM)[3] & VALID, 0);
	eq(*vpete(VM, 0) & VALID, 0);
	if (!asked_shape.strict)
		eq(*iste(&lpis, 9), ISTE_ENABLE | ISTE_PRIORITY(VPRI(8)) |
		   ISTE_VPE(2));
	eq(resident(VM, 0), CONTEXTR_F);
	eq(vpe_select(VM, 0), 0);
	irs_wr(IRS_VM_SELR, VM);
	ok(wait_idle(IRS_VM_STATUSR));
	eq(irs_rd(IRS_VM_STATUSR) & STATUSR_V, 0);
}

static void reset_forgets(u64 arg)
{
	if (!vms())
		return;
	if (!after_reset.happened) {
		skip("the machine was not reset");
		return;
	}
	eq(after_reset.vmt_baser & VALID, 0);
	eq(after_reset.ist_baser & VALID, 0);
	eq(after_reset.cr0 & IRS_CR0_EN, 0);
	eq(after_reset.vpe_statusr, IDLE);
	eq(after_reset.vm_statusr, IDLE);
	eq(after_reset.vm_valid, IDLE);
	eq(after_reset.save_statusr, IDLE);
	/* Nothing is written back. */
	eq(after_reset.iste, after_reset.iste_before);
	/* Most registers have no value then. */
	eq(after_reset.vmt_baser != 0, asked_shape.poison);
	eq(after_reset.vpe_selr != 0, asked_shape.poison);
	eq(after_reset.vpe_dbr != 0, asked_shape.poison);
}

static void residents_go(u64 arg)
{
	if (!world())
		return;
	eq(resident(VM, 0), OK);
	vmt_off();
	eq(errors(), 1);
	set(ICC_ICSR, 0);
	eq(vdrcfg(LPI(1)) & ICSR_F, ICSR_F);
}

static void lowest_and_highest(u64 two_levels)
{
	int ids[2] = { 0, (1 << shape.vm_id_bits) - 1 };

	if (!vms())
		return;
	if (two_levels && !shape.vmt_levels) {
		skip("no two-level VM tables");
		return;
	}
	vmt_on(two_levels);
	for (int i = 0; i < 2; i++) {
		ok(vm_on(ids[i], 1));
		ok(vpe_on(ids[i], 1));
		eq(resident(ids[i], 1), OK);
		leave(0);
	}
	eq(l1_vmte(ids[1])[0] & VALID, two_levels);
}

static void no_levels(u64 arg)
{
	if (!vms())
		return;
	if (shape.vmt_levels) {
		skip("there are two-level VM tables");
		return;
	}
	irs_wr(IRS_VMT_CFGR, shape.vm_id_bits | CFGR_TWO_LEVELS);
	vmap(IRS_VMT_BASER, (u64)room(32ul << shape.vm_id_bits,
				     32ul << shape.vm_id_bits) | VALID);
	eq(errors(), 1);
}

static void l2_of_linear(u64 arg)
{
	volatile u64 *at;

	if (!vms())
		return;
	vmt_on(false);
	at = vmte(0);
	at[0] = (u64)room(4096, 4096);
	vmap(IRS_VMAP_L2_VMTR, VMAP_M | 0);
	eq(at[0] & VALID, 0);
}

static void l2_twice(u64 arg)
{
	u64 first;

	if (!vms())
		return;
	if (!shape.vmt_levels) {
		skip("no two-level VM tables");
		return;
	}
	vmt_on(true);
	ok(vm_on(0, 1));
	first = *l1_vmte(0);
	vmap(IRS_VMAP_L2_VMTR, VMAP_M | 1);
	eq(*l1_vmte(0), first);
	ok(vm_on(1, 1));
	eq(*l1_vmte(0), first);
}

static void no_l2(u64 arg)
{
	if (!vms())
		return;
	if (!shape.vmt_levels) {
		skip("no two-level VM tables");
		return;
	}
	vmt_on(true);
	vmap(IRS_VMAP_VMR, VMAP_M | 0);
	irs_wr(IRS_VM_SELR, 0);
	ok(wait_idle(IRS_VM_STATUSR));
	eq(irs_rd(IRS_VM_STATUSR) & STATUSR_V, 0);
}

static void vm_valid(u64 arg)
{
	if (!vms())
		return;
	vmt_on(shape.vmt_levels);
	ok(vm_on(VM, 3));
	irs_wr(IRS_VM_SELR, VM);
	ok(wait_idle(IRS_VM_STATUSR));
	eq(irs_rd(IRS_VM_STATUSR) & STATUSR_V, STATUSR_V);
	vm_off(VM);
	eq(vmte(VM)[0] & VALID, 0);
	eq(irs_rd(IRS_VM_STATUSR) & STATUSR_V, 0);
	/* Again, ignored. */
	vm_off(VM);
	eq(vmte(VM)[0] & VALID, 0);
}

static void vm_twice(u64 arg)
{
	if (!world())
		return;
	eq(resident(VM, 1), OK);
	vmap(IRS_VMAP_VMR, VMAP_M | VM);
	eq(rd(ICH_CONTEXTR) & CONTEXTR_V, CONTEXTR_V);
	set(ICC_ICSR, 0);
	eq(vdrcfg(LPI(1)) & ICSR_F, 0);
	leave(0);
}

static void software_valid(u64 arg)
{
	if (!vms())
		return;
	vmt_on(shape.vmt_levels);
	vm_prepare(VM, 1);
	vmte(VM)[0] |= VALID;
	vmap(IRS_VMAP_VMR, VMAP_M | VM);
	irs_wr(IRS_VM_SELR, VM);
	ok(wait_idle(IRS_VM_STATUSR));
	eq(irs_rd(IRS_VM_STATUSR) & STATUSR_V, 0);
	eq(errors(), 1);
}

static void vm_range(u64 arg)
{
	if (!vms())
		return;
	if (shape.vm_id_bits == 16) {
		skip("each number is a VM's");
		return;
	}
	vmt_on(shape.vmt_levels);
	vmap(IRS_VMAP_VMR, VMAP_M | (1 << shape.vm_id_bits));
	eq(errors(), 1);
	irs_wr(IRS_VM_SELR, 1 << shape.vm_id_bits);
	ok(wait_idle(IRS_VM_STATUSR));
	eq(irs_rd(IRS_VM_STATUSR) & STATUSR_V, 0);
}

static void prefilled(u64 arg)
{
	int bits = shape.min_lpi_bits;
	struct ist l, s;

	if (!vms())
		return;
	l = ist_make(bits, ist_needs(bits), false, 0);
	s = ist_make(6, ist_needs(6), false, 0);
	vmt_on(shape.vmt_levels);
	vm_prepare(VM, 1);
	vmte(VM)[2] = l.word | VALID;
	vmte(VM)[3] = s.word | VALID;
	*iste(&l, 9) = ISTE_ENABLE | ISTE_PRIORITY(8) | ISTE_VPE(1);
	vmap(IRS_VMAP_VMR, VMAP_M | VM);
	ok(vpe_on(VM, 1));
	eq(resident(VM, 1), OK);
	eq(vdrcfg(LPI(9)), ICSR_ENABLED | ICSR_PRIORITY(VPRI(8)) | ICSR_VPE(1));
	eq(vdrcfg(SPI(63)), 0);
	leave(0);
}

static void edit_vmte(u64 arg)
{
	u64 good;

	if (!world())
		return;
	good = vmte(VM)[1];
	vmte(VM)[1] = 0;
	eq(vpe_select(VM, 3), STATUSR_V);
	eq(resident(VM, 0), OK);
	leave(0);
	eq(errors(), 0);
	vm_off(VM);
	eq(errors(), 1);
	vmte(VM)[1] = good;
}

static void edit_l1_vmte(u64 arg)
{
	volatile u64 *e;
	u64 good;

	if (!vms())
		return;
	if (!shape.vmt_levels) {
		skip("no two-level VM tables");
		return;
	}
	vmt_on(true);
	ok(vm_on(0, 1));
	vm_prepare(1, 1);
	e = vmte(1);
	good = *l1_vmte(0);
	*l1_vmte(0) = 0;
	vmap(IRS_VMAP_VMR, VMAP_M | 1);
	eq(e[0] & VALID, VALID);
	eq(errors(), 1);
	vmt_off();
	eq(e[0] & VALID, 0);
	eq(errors(), 1);
	*l1_vmte(0) = good;
}

static void edit_vpete(u64 arg)
{
	if (!world())
		return;
	*vpete(VM, 2) = 0;
	eq(resident(VM, 2), OK);
	leave(0);
	vm_off(VM);
	ok(errors() >= 1);
}

/* A change to an entry is not seen, but told. */
static void edit_iste(u64 arg)
{
	if (!world())
		return;
	eq(resident(VM, 0), OK);
	vconfig(LPI(9), 8, 0);
	eq(errors(), 0);
	*iste(&lpis, 9) ^= ISTE_LEVEL | BIT(20);
	eq(vdrcfg(LPI(9)), ICSR_ENABLED | ICSR_PRIORITY(VPRI(8)));
	eq(errors(), 1);
	leave(0);
	vm_off(VM);
	eq(errors(), 1);
}

/* A VM that is saved is compared with memory as well. */
static void edit_and_save(u64 arg)
{
	volatile u64 *d;
	u64 good;

	if (!world())
		return;
	eq(resident(VM, 0), OK);
	vconfig(LPI(8), 8, 0);
	leave(0);
	d = (u64 *)(*vpete(VM, 1) & ~(shape.vped - 1) & BITS(55, 3));
	volatile u64 *const places[] = {
		vmte(VM) + 1, vpete(VM, 2), d,
		(u64 *)((u64)iste(&lpis, 8) & ~7ul),
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(places); i++) {
		good = *places[i];
		*places[i] = good ^ BIT(20);
		vmap(IRS_SAVE_VMR, SAVE_S | VM);
		same(errors(), 1, "errors, if one word is changed");
		/* An entry of an IST is written, the others are not. */
		if (i < 3)
			*places[i] = good;
		vmap(IRS_SAVE_VMR, SAVE_S | VM);
		same(errors(), 0, "errors, if nothing is changed");
	}
}

static void edit_descriptor(u64 arg)
{
	if (!world())
		return;
	*(volatile u64 *)(*vpete(VM, 1) & ~(shape.vped - 1) & BITS(55, 3)) = 1;
	vm_off(VM);
	eq(errors(), 1);
}

static void dirty_descriptor(u64 arg)
{
	volatile u64 *d;

	if (!vms())
		return;
	vmt_on(shape.vmt_levels);
	ok(vm_on(VM, 1));
	d = room(shape.vped, shape.vped);
	d[shape.vped / 8 - 1] = 1;
	*vpete(VM, 0) = (u64)d;
	vmap(IRS_VMAP_VPER, VMAP_M | (u64)VM << 32);
	eq(errors(), 1);
	d[shape.vped / 8 - 1] = 0;
	vmt_off();
	errors();
}

/* With x-strict such a VPE has no candidate. */
static void mute(u64 arg)
{
	volatile u64 *d;

	if (!world())
		return;
	d = room(shape.vped, shape.vped);
	d[0] = 1;
	*vpete(VM, 5) = (u64)d;
	vmap(IRS_VMAP_VPER, VMAP_M | (u64)VM << 32 | 5);
	eq(errors(), 1);
	eq(resident(VM, 0), OK);
	vconfig(LPI(9), 8, 5);
	vdpend(VM, LPI(9), true);
	leave(0);
	eq(vpe_hppir(VM, 5), asked_shape.strict ? 0 : HPPIR_VALID | LPI(9));
}

static void dirty_vmd(u64 arg)
{
	if (!vms())
		return;
	if (!shape.vmd) {
		skip("no VM descriptors");
		return;
	}
	vmt_on(shape.vmt_levels);
	vm_prepare(VM, 1);
	*(volatile u64 *)(vmte(VM)[0] & BITS(55, 3)) = 1;
	vmap(IRS_VMAP_VMR, VMAP_M | VM);
	eq(errors(), 1);
}

/* All ways to build an IST. Then its first and its last interrupt. */
static void ist_with(u64 type, int bits, int istsz, bool two_levels, int l2sz)
{
	u64 last = (1ul << bits) - 1;
	struct ist ist = ist_make(bits, istsz, two_levels, l2sz);
	u64 first_id = INTID(type, 0), last_id = INTID(type, last);

	*iste(&ist, last) = ISTE_ENABLE | ISTE_PRIORITY(8) | ISTE_VPE(2);
	ok(ist_on(VM, type, &ist));
	eq(resident(VM, 2), OK);
	eq(vdrcfg(first_id), 0);
	eq(vdrcfg(last_id), ICSR_ENABLED | ICSR_PRIORITY(VPRI(8)) |
	   ICSR_VPE(2));
	vconfig(first_id, 4, 2);
	vdpend(VM, last_id, true);
	eq(vhppi(), HPPIR_VALID | last_id);
	vdpend(VM, first_id, true);
	vdpend(VM, last_id, false);
	eq(vhppi(), HPPIR_VALID | first_id);
	vdpend(VM, first_id, false);
	eq(errors(), 0);
	/* Beyond the last there is none. */
	eq(vdrcfg(INTID(type, last + 1)) & ICSR_F, ICSR_F);
	eq(errors(), 1);
	leave(0);
	ist_off(VM, type);
	eq(vmte(VM)[type] & VALID, 0);
	if (!asked_shape.strict) {
		eq(*iste(&ist, 0), ISTE_ENABLE | ISTE_PRIORITY(VPRI(4)) |
		   ISTE_VPE(2));
		eq(*iste(&ist, last), ISTE_ENABLE | ISTE_PRIORITY(VPRI(8)) |
		   ISTE_VPE(2));
	}
}

static bool empty_vm(void)
{
	if (!vms())
		return false;
	vmt_on(shape.vmt_levels);
	ok(vm_on(VM, 3));
	ok(vpe_on(VM, 0));
	ok(vpe_on(VM, 2));
	irs_switch(true);
	return true;
}

static void ist_linear(u64 type)
{
	int bits = type == TYPE_LPI ? shape.min_lpi_bits : 1;

	if (!empty_vm())
		return;
	for (int istsz = ist_needs(bits); istsz < 3; istsz++)
		ist_with(type, bits, istsz, false, 0);
	for (bits = 5; type == TYPE_SPI && bits < 12; bits += 3)
		ist_with(type, bits, ist_needs(bits), false, 0);
}

static void ist_two_levels(u64 type)
{
	int bits = shape.min_lpi_bits;

	if (!empty_vm())
		return;
	if (!shape.ist_levels) {
		skip("no two-level ISTs");
		return;
	}
	for (int l2sz = 0; l2sz < 3; l2sz++) {
		if (!(shape.l2sz & BIT(l2sz)))
			continue;
		for (int istsz = ist_needs(bits); istsz < 3; istsz++)
			ist_with(type, bits, istsz, true, l2sz);
		if (type == TYPE_SPI)
			ist_with(type, 5, ist_needs(5), true, l2sz);
	}
}

static void ist_l2_map(u64 arg)
{
	int l2sz = __builtin_ctzll(shape.l2sz | 8);
	int bits = shape.min_lpi_bits;
	u64 l1, id;
	struct ist ist;

	if (!empty_vm())
		return;
	if (!shape.ist_levels) {
		skip("no two-level ISTs");
		return;
	}
	ist = ist_make(bits, ist_needs(bits), true, l2sz);
	id = 1ul << (10 - ist.istsz + 2 * l2sz);
	if (id >> bits)
		id = 0;
	l1 = id ? 1 : 0;
	ist.l1[l1] &= ~VALID;
	*iste(&ist, id + 1) = ISTE_ENABLE | ISTE_VPE(2);
	ok(ist_on(VM, TYPE_LPI, &ist));
	eq(resident(VM, 0), OK);
	if (id)
		eq(vdrcfg(LPI(1)), 0);
	eq(errors(), 0);
	/* Unreachable as long as the level 1 entry is invalid */
	eq(vdrcfg(LPI(id + 1)) & ICSR_F, ICSR_F);
	vdpend(VM, LPI(id + 1), true);
	eq(errors(), 2);
	vmap(IRS_VMAP_L2_VISTR, VMAP_M | (u64)VM << 32 | LPI(id + 1));
	eq(ist.l1[l1] & VALID, VALID);
	eq(vdrcfg(LPI(id + 1)), ICSR_ENABLED | ICSR_VPE(2));
	/* Again, ignored; a range that is no part of it, too */
	vmap(IRS_VMAP_L2_VISTR, VMAP_M | (u64)VM << 32 | LPI(id + 1));
	eq(errors(), 0);
	vmap(IRS_VMAP_L2_VISTR, VMAP_M | (u64)VM << 32 | LPI(1ul << bits));
	eq(errors(), 1);
	leave(0);
}

static void edit_l1_iste(u64 arg)
{
	int bits = shape.min_lpi_bits;
	struct ist ist;

	if (!empty_vm())
		return;
	if (!shape.ist_levels) {
		skip("no two-level ISTs");
		return;
	}
	ist = ist_make(bits, ist_needs(bits), true,
		       __builtin_ctzll(shape.l2sz));
	ok(ist_on(VM, TYPE_LPI, &ist));
	ist.l1[0] = 0;
	eq(resident(VM, 0), OK);
	eq(vdrcfg(LPI(1)), 0);
	eq(errors(), 0);
	leave(0);
	ist_off(VM, TYPE_LPI);
	eq(errors(), 1);
}

static void ist_refused(u64 arg)
{
	struct ist ist;

	if (!empty_vm())
		return;
	/* LPIs have a minimum. */
	ist = ist_make(shape.min_lpi_bits - 1, 2, false, 0);
	ok(!ist_on(VM, TYPE_LPI, &ist));
	eq(errors(), 1);
	/* Entries without room for metadata */
	if (shape.metadata) {
		ist = ist_make(5, 0, false, 0);
		ok(!ist_on(VM, TYPE_SPI, &ist));
		eq(errors(), 1);
	}
	for (int l2sz = 0; l2sz < 3; l2sz++) {
		if (shape.l2sz & BIT(l2sz))
			continue;
		ist = ist_make(5, 2, true, l2sz);
		ok(!ist_on(VM, TYPE_SPI, &ist));
		eq(errors(), 1);
	}
	/* A type that has no IST */
	vmap(IRS_VMAP_VISTR, VMAP_M | (u64)VM << 32 | PPI(0));
	eq(errors(), 0);
}

static void ist_pending(u64 arg)
{
	struct ist s;

	if (!empty_vm())
		return;
	s = ist_make(6, ist_needs(6), false, 0);
	*iste(&s, 7) = ISTE_PENDING | ISTE_ENABLE;
	ok(ist_on(VM, TYPE_SPI, &s));
	eq(errors(), 1);
}

static void ist_metadata(u64 arg)
{
	struct ist s;

	if (!empty_vm())
		return;
	if (!shape.metadata) {
		skip("no metadata");
		return;
	}
	s = ist_make(6, ist_needs(6), false, 0);
	iste(&s, 7)[1] = 1;
	ok(ist_on(VM, TYPE_SPI, &s));
	eq(errors(), 1);
}

/* State is in memory after the IST, or the VM, has been unmapped. */
static void state_survives(u64 whole_vm)
{
	u64 l, s;

	if (!world())
		return;
	eq(resident(VM, 0), OK);
	vconfig(LPI(9), 8, 2);
	vd(GIC_VDHM, LPI(9) | BIT(32));
	vconfig(SPI(4), 12, 0);
	vdpend(VM, SPI(4), true);
	at_el1({ cdia(); });
	l = ICSR_ENABLED | ICSR_PRIORITY(VPRI(8)) | ICSR_VPE(2) | ICSR_LEVEL;
	s = ICSR_ENABLED | ICSR_PRIORITY(VPRI(12)) | ICSR_ACTIVE;
	eq(vdrcfg(LPI(9)), l);
	eq(vdrcfg(SPI(4)), s);
	leave(0);
	if (whole_vm) {
		vm_off(VM);
	} else {
		ist_off(VM, TYPE_LPI);
		ist_off(VM, TYPE_SPI);
	}
	eq(vmte(VM)[2] & VALID, 0);
	eq(vmte(VM)[3] & VALID, 0);
	if (asked_shape.strict)
		return;		/* memory is unknown then */
	eq(*iste(&lpis, 9), ISTE_ENABLE | ISTE_PRIORITY(VPRI(8)) |
	   ISTE_VPE(2) | ISTE_LEVEL);
	eq(*iste(&spis, 4), ISTE_ENABLE | ISTE_PRIORITY(VPRI(12)) |
	   ISTE_ACTIVE);
	if (whole_vm) {
		vmap(IRS_VMAP_VMR, VMAP_M | VM);
		vmap(IRS_VMAP_VPER, VMAP_M | (u64)VM << 32);
	}
	ok(ist_on(VM, TYPE_LPI, &lpis));
	ok(ist_on(VM, TYPE_SPI, &spis));
	eq(resident(VM, 0), OK);
	eq(vdrcfg(LPI(9)), l);
	eq(vdrcfg(SPI(4)), s);
	leave(0);
}

static void ist_gone(u64 type)
{
	u64 id = INTID(type, 9);

	if (!world())
		return;
	eq(resident(VM, 0), OK);
	vconfig(id, 8, 0);
	vdpend(VM, id, true);
	eq(vhppi(), HPPIR_VALID | id);
	/* The guest runs meanwhile. */
	eq(at_el1_arg(type, {
		u64 seen = isr_i();

		ist_off(VM, arg);
		return seen << 1 | isr_i();
	}), 2);
	eq(vhppi(), 0);
	eq(virq(), 0);
	eq(vdrcfg(id) & ICSR_F, ICSR_F);
	eq(vdrcfg(INTID(type ^ 1, 9)) & ICSR_F, 0);
	leave(0);
}

static void two_vms(u64 arg)
{
	if (!world())
		return;
	second_vm(VM + 1);
	eq(resident(VM, 0), OK);
	vconfig(LPI(9), 8, 0);
	vdpend(VM, LPI(9), true);
	eq(vdrcfg(LPI(9)) & ICSR_PENDING, ICSR_PENDING);
	leave(0);
	eq(resident(VM + 1, 0), OK);
	eq(vdrcfg(LPI(9)), 0);
	eq(vhppi(), 0);
	vdpend(VM + 1, LPI(9), true);
	leave(0);
	vdpend(VM, LPI(9), false);
	eq(resident(VM + 1, 0), OK);
	eq(vdrcfg(LPI(9)), ICSR_PENDING);
	leave(0);
}

static void virtual_and_physical(u64 arg)
{
	if (!world())
		return;
	eq(resident(VM, 0), OK);
	vconfig(LPI(6), 8, 0);
	vdpend(VM, LPI(6), true);
	ok(!rung(6));
	vd(GIC_CDPEND, LPI(6) | BIT(32));
	ok(rung(6));
	vdpend(VM, LPI(6), false);
	ok(rung(6));
	vdpend(VM, LPI(6), true);
	vd(GIC_CDPEND, LPI(6));
	eq(vdrcfg(LPI(6)) & ICSR_PENDING, ICSR_PENDING);
	leave(0);
}

static void vpe_valid(u64 arg)
{
	if (!vms())
		return;
	vmt_on(shape.vmt_levels);
	ok(vm_on(VM, 3));
	eq(resident(VM, 5), CONTEXTR_F);
	ok(vpe_on(VM, 5));
	eq(*vpete(VM, 5) & VALID, VALID);
	eq(resident(VM, 5), OK);
	leave(0);
}

static void vpe_range(u64 arg)
{
	if (!vms())
		return;
	vmt_on(shape.vmt_levels);
	ok(vm_on(VM, 3));
	vmap(IRS_VMAP_VPER, VMAP_M | (u64)VM << 32 | 8);
	eq(errors(), 1);
	eq(vpe_select(VM, 8), 0);
	/* ... and all bits that there are */
	ok(vm_on(VM + 1, shape.vpe_id_bits));
	ok(vpe_on(VM + 1, (1 << shape.vpe_id_bits) - 1));
	eq(resident(VM + 1, (1 << shape.vpe_id_bits) - 1), OK);
	leave(0);
}

static void vpe_twice(u64 arg)
{
	if (!world())
		return;
	doorbell(VM, 1, DOORBELL, DBR_DBPM(7));
	vmap(IRS_VMAP_VPER, VMAP_M | (u64)VM << 32 | 1);
	eq(errors(), 0);
	eq(vpe_select(VM, 1), STATUSR_V);
	eq(irs_rd64(IRS_VPE_DBR), DBR_DBV | DBR_DBPM(7) | DOORBELL);
}

static void vpe_selection(u64 arg)
{
	if (!world())
		return;
	eq(vpe_select(VM, 3), STATUSR_V);
	eq(vpe_select(VM, 4), 0);
	eq(vpe_select(VM + 1, 3), 0);
	eq(vpe_select(0xffff, 0xffff), 0);
	eq(vpe_select(VM, 0), STATUSR_V);
}

/* There is no 1-of-N. Linux writes DPS all the same. */
static void one_of_n(u64 arg)
{
	if (!world())
		return;
	eq(irs_rd(IRS_IDR0) & BITS(8, 7), 0);
	eq(vpe_select(VM, 0), STATUSR_V);
	irs_wr(IRS_VPE_CR0, 1);
	ok(wait_idle(IRS_VPE_STATUSR));
	eq(irs_rd(IRS_VPE_STATUSR), IDLE | STATUSR_V);
	eq(irs_rd(IRS_VPE_CR0), 0);
	irs_wr(IRS_VM_SELR, VM);
	ok(wait_idle(IRS_VM_STATUSR));
	irs_wr64(IRS_VM_DBR, BIT(63) | 1);
	ok(wait_idle(IRS_VM_STATUSR));
	eq(irs_rd(IRS_VM_STATUSR), IDLE | STATUSR_V);
	eq(irs_rd64(IRS_VM_DBR), 0);
	/* IRM of an interrupt is RES0. */
	eq(resident(VM, 0), OK);
	vd(GIC_VDAFF, LPI(9) | BIT(28) | 2ul << 32);
	eq(vdrcfg(LPI(9)), ICSR_VPE(2));
	leave(0);
}

/* Nothing happens until IDLE, and what is written meanwhile is lost. */
static void busy(u64 arg)
{
	if (!asked_shape.busy) {
		skip("needs x-busy");
		return;
	}
	vmt_on(shape.vmt_levels);
	vm_prepare(VM, 3);
	irs_wr64(IRS_VMAP_VMR, VMAP_M | VM);
	eq(vmte(VM)[0] & VALID, 0);
	for (u64 i = 0; i < asked_shape.busy; i++) {
		eq(vmte(VM)[0] & VALID, 0);
		eq(irs_rd(IRS_VMT_STATUSR) & IDLE, 0);
	}
	eq(vmte(VM)[0] & VALID, VALID);
	eq(irs_rd(IRS_VMT_STATUSR) & IDLE, IDLE);

	irs_wr64(IRS_VMAP_VMR, VMAP_M | VMAP_U | VM);
	irs_wr64(IRS_VMAP_VPER, VMAP_M | (u64)VM << 32);
	eq(errors(), 1);
	ok(wait_idle(IRS_VMT_STATUSR));
	eq(vmte(VM)[0] & VALID, 0);

	ok(vm_on(VM, 3));
	ok(vpe_on(VM, 1));
	irs_wr64(IRS_VPE_SELR, SELR_S | 1ul << 32 | VM);
	irs_rd64(IRS_VPE_DBR);
	eq(errors(), 1);
	ok(wait_idle(IRS_VPE_STATUSR));
	eq(irs_rd(IRS_VPE_STATUSR) & STATUSR_V, STATUSR_V);
}

/*
 * A base that is not aligned: as if the bits were zero; with x-strict the
 * structure does not become valid.
 */
static void misaligned_vmt(u64 two_levels)
{
	u64 size = two_levels ? 8ul << (shape.vm_id_bits - 7) :
		   32ul << shape.vm_id_bits;
	volatile u64 *t, *e;

	if (!vms())
		return;
	if (two_levels && !shape.vmt_levels) {
		skip("no two-level VM tables");
		return;
	}
	t = room(size, 2 * size);
	e = two_levels ? room(4096, 4096) : t;
	if (two_levels)
		t[0] = (u64)e | VALID;
	e[4] = shape.vmd ? (u64)room(shape.vmd, shape.vmd) : 0;
	irs_wr(IRS_VMT_CFGR, shape.vm_id_bits |
	       (two_levels ? CFGR_TWO_LEVELS : 0));
	vmap(IRS_VMT_BASER, ((u64)t + 8) | VALID);
	eq(errors(), 1);
	vmap(IRS_VMAP_VMR, VMAP_M | 1);
	eq(e[4] & VALID, !asked_shape.strict);
}

static void misaligned_descriptors(u64 arg)
{
	if (!vms())
		return;
	if (shape.vmd > 8) {
		vmt_on(shape.vmt_levels);
		vm_prepare(VM, 1);
		vmte(VM)[0] = (u64)room(shape.vmd, 2 * shape.vmd) + 8;
		vmap(IRS_VMAP_VMR, VMAP_M | VM);
		eq(errors(), 1);
		eq(vmte(VM)[0] & VALID, !asked_shape.strict);
		vmt_off();
	}
	if (shape.vped == 8) {
		skip("descriptors of VPEs are aligned anyway");
		return;
	}
	vmt_on(shape.vmt_levels);
	ok(vm_on(VM, 1));
	*vpete(VM, 1) = (u64)room(shape.vped, 2 * shape.vped) + 8;
	vmap(IRS_VMAP_VPER, VMAP_M | (u64)VM << 32 | 1);
	eq(errors(), 1);
	eq(*vpete(VM, 1) & VALID, !asked_shape.strict);
}

static void misaligned_ist(u64 two_levels)
{
	struct ist ist = ist_make(6, 2, false, 0);
	int l2sz = shape.ist_levels ? __builtin_ctzll(shape.l2sz) : 0;
	int bits = 10 - 2 + 2 * l2sz + 4;

	if (!empty_vm())
		return;
	if (!two_levels) {
		ist.word += 64;
	} else if (!shape.ist_levels) {
		skip("no two-level ISTs");
		return;
	} else {
		/* 16 level 1 entries, none of them valid */
		ist.word = IST_ID_BITS(bits) | IST_ISTSZ(2) | IST_TWO_LEVELS |
			   IST_L2SZ(l2sz) | ((u64)room(128, 256) + 64);
	}
	ist_on(VM, TYPE_SPI, &ist);
	eq(errors(), 1);
	eq(vmte(VM)[TYPE_SPI] & VALID, !asked_shape.strict);
}

/* The same of level 2 tables, which 4K aligns well enough for 4K only */
static void misaligned_l2_ist(u64 later)
{
	int l2sz = shape.l2sz & 4 ? 2 : 1;
	struct ist ist;

	if (!empty_vm())
		return;
	if (!shape.ist_levels || !(shape.l2sz & BIT(l2sz))) {
		skip("no two-level ISTs, or of 4K only");
		return;
	}
	ist = ist_make(6, 2, true, l2sz);
	*iste(&ist, 3) = ISTE_ENABLE;
	ist.l1[0] += 4096;
	if (later)
		ist.l1[0] &= ~VALID;
	eq(ist_on(VM, TYPE_SPI, &ist), later || !asked_shape.strict);
	if (later) {
		eq(errors(), 0);
		vmap(IRS_VMAP_L2_VISTR, VMAP_M | (u64)VM << 32 | SPI(3));
		eq(ist.l1[0] & VALID, !asked_shape.strict);
	}
	eq(errors(), 1);
	if (asked_shape.strict)
		return;
	eq(resident(VM, 0), OK);
	eq(vdrcfg(SPI(3)), ICSR_ENABLED);
	leave(0);
}

static void misaligned(u64 arg)
{
	u64 *t;

	if (!vms())
		return;
	vmt_on(shape.vmt_levels);
	vm_prepare(VM, 4);
	t = room(256, 256);
	vmte(VM)[1] = ((u64)t + 64) | 4ul << 59;
	vmap(IRS_VMAP_VMR, VMAP_M | VM);
	eq(errors(), 1);
	/* As if the bits were zero, or not at all */
	eq(vmte(VM)[0] & VALID, !asked_shape.strict);
	if (!asked_shape.strict) {
		t[2] = (u64)room(shape.vped, shape.vped);
		vmap(IRS_VMAP_VPER, VMAP_M | (u64)VM << 32 | 2);
		eq(t[2] & VALID, VALID);
	}
}

/* What belongs to the IRS: zero, or anything. */
static void junk_in_memory(u64 arg)
{
	volatile u64 *d;

	if (!world())
		return;
	d = (u64 *)(*vpete(VM, 1) & ~(shape.vped - 1) & BITS(55, 3));
	eq(*d != 0, asked_shape.strict);
	vm_off(VM);
	eq(*d != 0, asked_shape.strict);
	eq((*iste(&lpis, 3) != 0) + (*iste(&lpis, 4) != 0) != 0,
	   asked_shape.strict);
}

static void dbr(u64 arg)
{
	if (!world())
		return;
	eq(vpe_select(VM, 1), STATUSR_V);
	eq(irs_rd64(IRS_VPE_DBR) & DBR_DBV, 0);
	/* A new VPE has settings that are not valid, whatever they are. */
	eq(irs_rd64(IRS_VPE_DBR) != 0, asked_shape.strict);
	doorbell(VM, 1, DOORBELL, DBR_DBPM(9) | DBR_REQ_DB);
	eq(vpe_select(VM, 0), STATUSR_V);
	eq(irs_rd64(IRS_VPE_DBR) & DBR_DBV, 0);
	eq(vpe_select(VM, 1), STATUSR_V);
	eq(irs_rd64(IRS_VPE_DBR),
	   DBR_DBV | DBR_DBPM(9) | DBR_REQ_DB | DOORBELL);
}

static void dbr_dropped(u64 arg)
{
	if (!world())
		return;
	eq(vpe_select(VM, 1), STATUSR_V);
	vm_off(VM);
	vmap(IRS_VPE_DBR, DBR_DBV | DOORBELL);
	eq(irs_rd(IRS_VPE_STATUSR) & STATUSR_V, 0);
}

static void hppir(u64 arg)
{
	if (!world())
		return;
	eq(vpe_hppir(VM, 1), 0);
	eq(resident(VM, 0), OK);
	vconfig(LPI(9), 8, 1);
	vdpend(VM, LPI(9), true);
	eq(vhppi(), 0);
	leave(0);
	eq(vpe_hppir(VM, 1), HPPIR_VALID | LPI(9));
	vdpend(VM, LPI(9), false);
	eq(vpe_hppir(VM, 1), 0);
}

static void vpes_go_with_the_vm(u64 arg)
{
	if (!world())
		return;
	doorbell(VM, 1, DOORBELL, DBR_DBPM(9));
	vm_off(VM);
	eq(*vpete(VM, 1) & VALID, 0);
	eq(vpe_select(VM, 1), 0);
	ok(vm_on(VM, 3));
	eq(vpe_select(VM, 1), 0);
	eq(resident(VM, 1), CONTEXTR_F);
	ok(vpe_on(VM, 1));
	eq(vpe_select(VM, 1), STATUSR_V);
	eq(irs_rd64(IRS_VPE_DBR) & DBR_DBV, 0);
}

const struct test tables_tests[] = {
	{ "IRS_IDR1 to IRS_IDR4: the shape that was asked for", idrs, 0 },
	{ "IRS without VM tables: their registers are RAZ/WI",
	  no_registers, 0 },
	{ "IRS_VMT_STATUSR: at 0x214, nothing at 0x124", statusr, 0 },
	{ "IRS_VMT_CFGR and ADDR: locked while VALID", locked, 0 },
	{ "IRS: 64 bit registers by halves", halves, 0 },
	{ "IRS_VMT_BASER: VALID cleared makes all invalid",
	  everything_goes, 0 },
	{ "IRS_VMT_BASER: VALID cleared ends residency", residents_go, 0 },
	{ "IRS: a reset of the machine forgets all VMs", reset_forgets, 0 },
	{ "VM table, linear: the lowest and the highest VM",
	  lowest_and_highest, false },
	{ "VM table, two levels: the lowest and the highest VM",
	  lowest_and_highest, true },
	{ "VM table: two levels where there are none", no_levels, 0 },
	{ "VMAP_L2_VMTR on a linear table: ignored", l2_of_linear, 0 },
	{ "VMAP_L2_VMTR twice: ignored", l2_twice, 0 },
	{ "VMAP_VMR without a level 2 table: ignored", no_l2, 0 },
	{ "VMAP_VMR: VALID in memory and IRS_VM_STATUSR.V", vm_valid, 0 },
	{ "VMAP_VMR twice: ignored", vm_twice, 0 },
	{ "VMAP_VMR: VALID set by software is an error", software_valid, 0 },
	{ "VMAP_VMR: a number out of range", vm_range, 0 },
	{ "VMAP_VMR: ISTs that are valid before", prefilled, 0 },
	{ "L2_VMTE: a change while valid is not seen, but told",
	  edit_vmte, 0 },
	{ "L1_VMTE: a change while valid is not seen, but told",
	  edit_l1_vmte, 0 },
	{ "VPETE: a change while valid is not seen, but told",
	  edit_vpete, 0 },
	{ "L1_ISTE: a change while valid is not seen, but told",
	  edit_l1_iste, 0 },
	{ "L2_ISTE: a change while valid is not seen, but told",
	  edit_iste, 0 },
	{ "VPE descriptor: a change while valid is told",
	  edit_descriptor, 0 },
	{ "SAVE_VMR: a change while valid is told", edit_and_save, 0 },
	{ "VPE descriptor: not zero before is told", dirty_descriptor, 0 },
	{ "VPE descriptor: not zero before, no candidate where that is so",
	  mute, 0 },
	{ "VM descriptor: not zero before is told", dirty_vmd, 0 },
	{ "virtual IST of LPIs: linear, each ISTSZ", ist_linear, TYPE_LPI },
	{ "virtual IST of SPIs: linear, each ISTSZ, sizes",
	  ist_linear, TYPE_SPI },
	{ "virtual IST of LPIs: two levels, each ISTSZ and L2SZ",
	  ist_two_levels, TYPE_LPI },
	{ "virtual IST of SPIs: two levels, each ISTSZ and L2SZ",
	  ist_two_levels, TYPE_SPI },
	{ "VMAP_L2_VISTR: a level 2 IST later", ist_l2_map, 0 },
	{ "VMAP_VISTR: what is refused", ist_refused, 0 },
	{ "VMAP_VISTR: Pending in memory is told", ist_pending, 0 },
	{ "VMAP_VISTR: metadata in memory is told", ist_metadata, 0 },
	{ "VMAP_VISTR.U: state goes to memory, and back",
	  state_survives, false },
	{ "VMAP_VMR.U: state goes to memory, and back",
	  state_survives, true },
	{ "VMAP_VISTR.U: LPIs are gone, SPIs stay", ist_gone, TYPE_LPI },
	{ "VMAP_VISTR.U: SPIs are gone, LPIs stay", ist_gone, TYPE_SPI },
	{ "virtual ISTs: two VMs with the same numbers", two_vms, 0 },
	{ "virtual ISTs: a virtual and a physical LPI of one number",
	  virtual_and_physical, 0 },
	{ "VMAP_VPER: VALID in memory, resident only then", vpe_valid, 0 },
	{ "VMAP_VPER: a number out of range", vpe_range, 0 },
	{ "VMAP_VPER twice: keeps the doorbell", vpe_twice, 0 },
	{ "IRS_VPE_SELR: V for what is valid only", vpe_selection, 0 },
	{ "STATUSR: busy until IDLE, where that is so", busy, 0 },
	{ "IRS: there is no 1-of-N", one_of_n, 0 },
	{ "alignment: VM table, linear", misaligned_vmt, false },
	{ "alignment: VM table, level 1", misaligned_vmt, true },
	{ "alignment: VPE table", misaligned, 0 },
	{ "alignment: descriptors", misaligned_descriptors, 0 },
	{ "alignment: IST, linear", misaligned_ist, false },
	{ "alignment: IST, level 1", misaligned_ist, true },
	{ "alignment: IST, level 2", misaligned_l2_ist, false },
	{ "alignment: IST, level 2 that is mapped later",
	  misaligned_l2_ist, true },
	{ "what the IRS owns: junk, where that is so", junk_in_memory, 0 },
	{ "IRS_VPE_DBR: is of the selected VPE", dbr, 0 },
	{ "IRS_VPE_DBR: dropped when the VM has gone", dbr_dropped, 0 },
	{ "IRS_VPE_HPPIR: of a VPE that is not resident", hppir, 0 },
	{ "VMAP_VMR.U: its VPEs are gone, and their doorbells",
	  vpes_go_with_the_vm, 0 },
	{ }
};
