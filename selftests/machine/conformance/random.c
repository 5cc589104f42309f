// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nonsense: random writes to the registers for virtual machines, to the
 * tables, and by instructions, made of what a valid value would be made of;
 * each group in turn gets most of them. The machine must go on, whatever
 * comes of it.
 */
#include "irs.h"

/*
 * Above this program by the size of the largest IST: the IRS may take an
 * address that is not aligned for one that is.
 */
#define MEMORY	0x50000000ul

static u64 state, valid_vms, residents;

static u64 any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static u64 below(u64 n)
{
	return (any() >> 20) % n;
}

/* Mostly small, so that one write has to do with another. */
static u64 number(int bits)
{
	return below(8) ? below(8) : any() & (BIT(bits) - 1);
}

static u64 address(void)
{
	switch (below(32)) {
	case 0:
		return any() & BITS(55, 3);
	case 1:
		return 0x08010000ul + below(0x10000);	/* the IRS itself */
	default:
		return MEMORY + (below(64) << 16) + (below(4) ? 0 : below(1 << 16));
	}
}

static u64 intid(void)
{
	return number(24) | (below(8) ? 2 + below(2) : below(8)) << 29;
}

static u64 flags(void)
{
	return below(4) << 62;
}

/* A word of a table: a VMTE, a VPETE, an L1_ISTE, an L2_ISTE */
static u64 word(void)
{
	switch (below(6)) {
	case 0:
		return any();
	case 1:
		return address() | below(2);
	case 2:
		return (address() & BITS(55, 6)) |
		       below(below(8) ? 17 : 32) << 59 |
		       below(8) << 56 | below(8);
	case 3:
		return (address() & BITS(55, 12)) | below(17) << 59 | below(2);
	default:
		return 0;
	}
}

/* The groups of registers, a range of "offsets" each */
static const u32 offsets[] = {
	IRS_VMT_BASER, IRS_VMT_CFGR, IRS_VMAP_L2_VMTR, IRS_VMAP_VMR,
	IRS_VMAP_VMR, IRS_VMAP_VISTR, IRS_VMAP_VISTR, IRS_VMAP_L2_VISTR,
	IRS_VMAP_VPER, IRS_VMAP_VPER,
	IRS_VPE_SELR, IRS_VPE_DBR, IRS_VPE_CR0,
	IRS_VM_SELR, IRS_VM_DBR,
	IRS_SAVE_VMR,
	IRS_IST_BASER, IRS_IST_CFGR, 0x1c0,
};
static const struct group {
	u32 first, number;
} groups[] = { { 0, 10 }, { 10, 3 }, { 13, 2 }, { 15, 1 }, { 16, 3 } };

static void write_register(struct group g)
{
	u32 offset = offsets[g.first + below(g.number)];
	u64 v;

	switch (below(16)) {
	case 0:
		/* Anything anywhere, of any size */
		offset = below(2) ? below(0x400) * 4 : below(0x4000) * 4;
		irs_wr(offset, any());
		return;
	case 1:
		irs_rd(below(0x400) * 4);
		irs_rd64(below(0x200) * 8);
		return;
	}
	switch (offset) {
	case IRS_VMT_BASER:
	case IRS_IST_BASER:
		/* Not too often, lest all that there is be gone */
		v = address() | VALID;
		if (!below(8))
			v = 0;
		break;
	case IRS_VMT_CFGR:
		v = below(32) | below(2) << 16;
		break;
	case IRS_VMAP_VMR:
		v = number(16) | VMAP_M | (below(4) ? 0 : VMAP_U);
		break;
	case IRS_VPE_DBR:
		v = number(24) | below(32) << 32 | flags();
		break;
	case IRS_VMAP_VISTR:
		v = intid() | number(16) << 32 | VMAP_M |
		    (below(4) ? 0 : VMAP_U);
		break;
	case IRS_VMAP_L2_VISTR:
		v = intid() | number(16) << 32 | flags();
		break;
	default:
		v = number(16) | number(16) << 32 | flags();
	}
	if (below(8))
		irs_wr64(offset & ~7u, v << (offset & 4) * 8);
	else
		irs_wr(offset, v);
	if (offset == IRS_VMT_CFGR || offset == IRS_VPE_CR0 ||
	    offset == IRS_VM_SELR || offset == IRS_IST_CFGR)
		irs_wr(offset, v);
	for (u32 s = 0; s < 4; s++)
		irs_rd((u32[]){ IRS_VMT_STATUSR, IRS_VPE_STATUSR,
				IRS_VM_STATUSR, IRS_SAVE_VM_STATUSR }[s]);
}

static void write_table(void)
{
	volatile u64 *t = (u64 *)(MEMORY + (below(64) << 16) +
				  (below(2) ? below(32) : below(8192)) * 8);

	for (u64 n = below(8); n; n--)
		*t++ = word();
}

/* One VMTE that makes sense, in a linear table */
static void write_vmte(void)
{
	u64 table = irs_rd64(IRS_VMT_BASER) & BITS(55, 3);
	volatile u64 *e;

	if (table < MEMORY || table >= MEMORY + (64ul << 16))
		return;
	e = (u64 *)(table & ~31ul) + below(8) * 4;
	e[0] = MEMORY + (below(64) << 16);
	e[1] = (MEMORY + (below(64) << 16)) | below(5) << 59;
	for (int i = 2; i < 4; i++)
		e[i] = (MEMORY + (below(64) << 16)) | (10 + below(6)) << 59 |
		       below(3) << 56 | below(2);
}

static void poll(void)
{
	for (int i = 0; i < 4; i++)
		irs_rd(IRS_VMT_STATUSR);
}

/* A VM as it should be, in a linear table, for things to happen at all */
static void make_vm(void)
{
	u64 vm = below(4), vpet = MEMORY + (below(8) << 16), table;
	volatile u64 *e;

	table = irs_rd64(IRS_VMT_BASER) & BITS(55, 3);
	if (!(irs_rd(IRS_VMT_BASER) & VALID) ||
	    irs_rd(IRS_VMT_CFGR) & CFGR_TWO_LEVELS ||
	    table < MEMORY || table >= MEMORY + (64ul << 16)) {
		table = MEMORY + (below(64) << 16);
		poll();
		irs_wr64(IRS_VMT_BASER, 0);
		poll();
		irs_wr(IRS_VMT_CFGR, 8);
		irs_wr64(IRS_VMT_BASER, table | VALID);
		poll();
	}
	e = (u64 *)(table & ~0xfffful) + vm * 4;
	e[0] = MEMORY + (below(8) << 16);
	e[1] = vpet | 3ul << 59;
	e[2] = (MEMORY + (below(64) << 16)) | 14ul << 59 | 2ul << 56;
	e[3] = (MEMORY + (below(64) << 16)) | 6ul << 59 | 2ul << 56;
	poll();
	irs_wr64(IRS_VMAP_VMR, VMAP_M | vm);
	poll();
	valid_vms += e[0] & VALID;
	for (u64 i = 0; i < 3; i++) {
		((volatile u64 *)vpet)[i] = MEMORY + (below(64) << 16);
		irs_wr64(IRS_VMAP_VPER, VMAP_M | vm << 32 | i);
		poll();
	}
	irs_wr64(IRS_VMAP_VISTR, VMAP_M | vm << 32 | LPI(0));
	poll();
	irs_wr64(IRS_VMAP_VISTR, VMAP_M | vm << 32 | SPI(0));
	poll();
	irs_wr64(IRS_VPE_SELR, SELR_S | 1ul << 32 | vm);
	irs_rd(IRS_VPE_STATUSR);
	irs_rd(IRS_VPE_STATUSR);
	irs_wr64(IRS_VPE_DBR, DBR_DBV | DBR_REQ_DB | DBR_DBPM(31) | 5);
	set(ICH_CONTEXTR, CONTEXTR(vm, below(3)));
	for (u64 i = below(8); i; i--) {
		u64 id = below(2) ? LPI(below(16)) : SPI(below(16));

		wr(GIC_VDEN, id);
		wr(GIC_VDAFF, id | below(3) << 32);
		wr(GIC_VDPEND, id | vm << 32 | BIT(63));
	}
}

static void contextr(void)
{
	if (below(4))
		set(ICH_CONTEXTR, CONTEXTR(number(16), number(16)) |
		    below(4) << 60);
	else
		set(ICH_CONTEXTR, below(2) << 60 | below(32) << 55);
	if (rd(ICH_CONTEXTR) & CONTEXTR_V)
		residents++;
}

static void instruction(void)
{
	u64 v = intid() | any() << 32;

	switch (below(20)) {
	case 0: wr(GIC_VDEN, v); break;
	case 1: wr(GIC_VDDIS, v); break;
	case 2: wr(GIC_VDPRI, v); break;
	case 3: wr(GIC_VDAFF, intid() | number(16) << 32); break;
	case 4: wr(GIC_VDDI, v); break;
	case 5: wr(GIC_VDHM, v); break;
	case 6: wr(GIC_VDRCFG, v); break;
	case 7: wr(GIC_CDEN, v); break;
	case 8: wr(GIC_CDPEND, v); break;
	case 9: wr(GIC_CDAFF, v); break;
	case 10: wr(GIC_CDPRI, v); break;
	case 11: wr(GIC_CDDI, v); break;
	case 12: rd(GICR_CDIA); break;
	case 13: wr(GIC_CDEOI, v); break;
	case 14: gsb_sys(); break;
	default:
		wr(GIC_VDPEND, intid() | number(16) << 32 | below(2) << 63);
		break;
	}
}

/* Some of everything */
static void any_write(void)
{
	switch (below(16)) {
	case 0 ... 6:
		write_register((struct group){ 0, ARRAY_SIZE(offsets) });
		break;
	case 7 ... 8:
		write_table();
		break;
	case 9:
		write_vmte();
		break;
	case 10 ... 12:
		contextr();
		break;
	default:
		instruction();
	}
}

/* Half of them to one group: of registers, of instructions, to CONTEXTR */
static void write_most(u32 group)
{
	if (below(2))
		any_write();
	else if (group < ARRAY_SIZE(groups))
		write_register(groups[group]);
	else if (group == ARRAY_SIZE(groups))
		instruction();
	else
		contextr();
}

bool random_writes(u64 seed, u64 count)
{
	const u32 turns = ARRAY_SIZE(groups) + 2;

	state = seed * 0x9e3779b97f4a7c15ul | 1;
	wr(ICC_PCR, 0x1f);
	set(ICC_CR0, CR0_EN);
	irs_switch(true);
	for (u32 group = 0; group < turns; group++) {
		for (u64 i = 0; i < count / turns; i++) {
			if (!below(64))
				make_vm();
			write_most(group);
		}
	}
	detail("VMs that became valid", valid_vms);
	detail("VPEs that became resident", residents);
	return valid_vms && residents;
}
