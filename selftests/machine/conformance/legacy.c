// SPDX-License-Identifier: GPL-2.0-only
/*
 * FEAT_GCIE_LEGACY: ICH_VCTLR.V3 gives EL1 a GICv3 in place of the GICv5. On a
 * machine without it, V3 is RES0 and nothing below happens.
 */
#include "conformance.h"

#define VMCR3_VENG0	BIT(0)
#define VMCR3_VENG1	BIT(1)
#define VMCR3_VFIQEN	BIT(3)		/* RES1: ICC_SRE_EL1.SRE is 1 */
#define VMCR3_VPMR(p)	((u64)(p) << 24)
#define VMCR3_PRI(p)	((u64)PRI(p) << 3)	/* eight bits for a priority */

static bool legacy(void)
{
	return IDR0_LEGACY(rd(ICC_IDR0));
}

/* What follows needs V3. */
static bool no_v3(void)
{
	if (!legacy())
		skip("V3 is RES0");
	return !legacy();
}

static void v3_on(void)
{
	set(ICH_VCTLR, VCTLR_EN | VCTLR_V3);
}

static void v3_off(void)
{
	set(ICH_VCTLR, VCTLR_EN);
}

static void v3_bit(u64 arg)
{
	v3_on();
	eq(rd(ICH_VCTLR), VCTLR_EN | (legacy() ? VCTLR_V3 : 0));
	set(ICH_VCTLR, VCTLR_V3);
	eq(rd(ICH_VCTLR), legacy() ? VCTLR_V3 : 0);
	set(ICH_VCTLR, 0);
	eq(rd(ICH_VCTLR), 0);
}

static const struct name {
	u32 reg;
	bool read, write;
} names[] = {
	{ ICC_APR, true, true }, { ICC_CR0, true, true },
	{ ICC_PCR, true, true }, { ICC_HMR(0), true, false },
	{ ICC_HMR(1), true, false }, { ICC_IDR0, true, false },
	{ ICC_HPPIR, true, false }, { ICC_ICSR, true, true },
	{ ICC_IAFFIDR, true, false }, { ICC_ENABLER(0), true, true },
	{ ICC_ENABLER(1), true, true }, { ICC_CACTIVER(0), true, true },
	{ ICC_CACTIVER(1), true, true }, { ICC_SACTIVER(0), true, true },
	{ ICC_SACTIVER(1), true, true }, { ICC_CPENDR(0), true, true },
	{ ICC_CPENDR(1), true, true }, { ICC_SPENDR(0), true, true },
	{ ICC_SPENDR(1), true, true }, { ICC_PRIORITYR(0), true, true },
	{ ICC_PRIORITYR(7), true, true }, { ICC_PRIORITYR(8), true, true },
	{ ICC_PRIORITYR(15), true, true },
	{ GIC_CDDIS, false, true }, { GIC_CDEN, false, true },
	{ GIC_CDPRI, false, true }, { GIC_CDAFF, false, true },
	{ GIC_CDPEND, false, true }, { GIC_CDRCFG, false, true },
	{ GIC_CDEOI, false, true }, { GIC_CDDI, false, true },
	{ GIC_CDHM, false, true }, { GICR_CDIA, true, false },
	{ GICR_CDNMIA, true, false },
};

/* Each of GICv5's names at EL1: all undefined, or all there. */
static void each_name(bool undefined)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		for (int read = 0; read < 2; read++) {
			if (!(read ? names[i].read : names[i].write))
				continue;
			if (read)
				try_rd(names[i].reg);
			else
				try_wr(names[i].reg, 0);
			if (undefined ? undefined_right() :
					left.why == RETURNED)
				continue;
			check(false, undefined ? "is undefined" : "is there",
			      __FILE__, __LINE__);
			detail("instruction", (read ? INSN_MRS : INSN_MSR) |
			       names[i].reg);
			detail("left because (enum why)", left.why);
		}
}

static void traps_closed(void)
{
	wr(ICH_HFGRTR, 0);
	wr(ICH_HFGWTR, 0);
	set(ICH_HFGITR, 0);
}

static void names_undefined(u64 closed)
{
	if (closed && no_v3())
		return;
	v3_on();
	if (closed)
		traps_closed();
	each_name(legacy());
}

static void names_without_imo(u64 arg)
{
	v3_on();
	hcr = HCR_RW | HCR_FMO | HCR_AMO;
	each_name(false);
	traps_closed();
	try_rd(ICC_PCR);
	ok(trapped_right());
}

static void names_at_el2(u64 arg)
{
	v3_on();
	wr_sys(hcr_el2, HCR_GUEST);
	isb();
	set(ICC_PCR, 0xa);
	eq(rd(ICC_PCR), 0xa);
	set(ICC_ENABLER(0), BIT(CNTV));
	eq(rd(ICC_ENABLER(0)), BIT(CNTV));
	wr_sys(hcr_el2, HCR_HOST);
	isb();
	eq(rd(ICH_ENABLER(0)), 0);
}

static void names_again(u64 arg)
{
	v3_on();
	v3_off();
	each_name(false);
}

static void sre_in_guest(u64 arg)
{
	v3_on();
	ok(el1_rd(ICC_SRE_EL1) & 1);
}

static void signals_nothing(u64 arg)
{
	vppi(CNTV, 8);
	v3_on();
	same(virq(), !legacy(), "signalled with V3");
	v3_off();
	ok(virq());
}

static void vmcr_fields(u64 arg)
{
	if (no_v3())
		return;
	v3_on();
	wr(ICH_VMCR, ~0ul);
	/* VPMR, VBPR0, VBPR1, VEOIM, VCBPR, VENG1, VENG0 */
	eq(rd(ICH_VMCR), VMCR3_VPMR(VMCR3_PRI(0x1f)) | BITS(23, 18) | BIT(9) |
	   BIT(4) | VMCR3_VFIQEN | BITS(1, 0));
	wr(ICH_VMCR, 0);
	eq(rd(ICH_VMCR), VMCR3_VFIQEN);
}

/* ... and GICv5's layout on a machine that never has the other. */
static void vmcr_never(u64 arg)
{
	v3_on();
	if (legacy()) {
		skip("V3 exists");
		return;
	}
	wr(ICH_VMCR, ~0ul);
	eq(rd(ICH_VMCR), VMCR_VPMR(PRI(0x1f)) | VMCR_EN);
	wr(ICH_VMCR, 0);
	eq(rd(ICH_VMCR), 0);
}

/* What a GICv3 guest has left is a mask and an enable of the next guest. */
static void vmcr_left(u64 arg)
{
	if (no_v3())
		return;
	v3_on();
	wr(ICH_VMCR, VMCR3_VPMR(0xf0) | BITS(23, 18) | VMCR3_VENG1 |
	   VMCR3_VENG0);
	v3_off();
	eq(rd(ICH_VMCR), VMCR_VPMR(0x1e) | VMCR_EN);
	eq(el1_rd(ICC_PCR), 0x1e);
	eq(el1_rd(ICC_CR0) & CR0_EN, CR0_EN);
	vppi(CNTV, 8);
	ok(virq());

	v3_on();
	wr(ICH_VMCR, VMCR3_VENG1);
	v3_off();
	eq(rd(ICH_VMCR), 0);
	ok(!virq());
}

static void vmcr_back(u64 arg)
{
	if (no_v3())
		return;
	wr(ICH_VMCR, VMCR_VPMR(0x1e) | VMCR_EN);
	v3_on();
	eq(rd(ICH_VMCR), VMCR3_VPMR(0xf0) | VMCR3_VFIQEN | VMCR3_VENG0);
}

/* Without an ISB the layout is still the old one. */
static void vmcr_waits(u64 arg)
{
	u64 early;

	if (no_v3())
		return;
	if (!asked.delay) {
		skip("a machine without delay");
		return;
	}
	wr(ICH_VCTLR, VCTLR_EN | VCTLR_V3);
	wr(ICH_VMCR, ~0ul);
	early = rd(ICH_VMCR);
	isb();
	eq(early, VMCR_VPMR(PRI(0x1f)) | VMCR_EN);
}

static const struct {
	u32 reg;
	bool writable;
} ich3[] = {
	{ ICH3_AP0R0, true }, { ICH3_AP1R0, true }, { ICH3_HCR, true },
	{ ICH3_VTR, false }, { ICH3_MISR, false }, { ICH3_EISR, false },
	{ ICH3_ELRSR, false }, { ICH3_LR(0), true }, { ICH3_LR(1), true },
	{ ICH3_LR(2), true }, { ICH3_LR(3), true },
};

static void registers_at_el2(u64 arg)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(ich3); i++) {
		el2_rd(ich3[i].reg);
		same(el2_undefined(), !legacy(), "a read is undefined");
		el2_wr(ich3[i].reg, 0);
		same(el2_undefined(), !legacy() || !ich3[i].writable,
		     "a write is undefined");
	}
}

static void registers_at_el1(u64 hcr_bits)
{
	v3_on();
	hcr = hcr_bits;
	for (unsigned int i = 0; i < ARRAY_SIZE(ich3); i++) {
		try_rd(ich3[i].reg);
		ok(undefined_right());
		try_wr(ich3[i].reg, 0);
		ok(undefined_right());
	}
}

static void vtr(u64 arg)
{
	u64 v;

	if (no_v3())
		return;
	v = rd(ICH3_VTR);
	eq(FIELD(v, 31, 29), 4);		/* PRIbits, minus one */
	eq(FIELD(v, 28, 26), 4);		/* PREbits */
	eq(FIELD(v, 4, 0) + 1, 4);		/* ListRegs */
}

static void list_registers(u64 arg)
{
	static const u64 values[] = { 0, 1, BIT(62) | BIT(60) | 27, BIT(63) };

	if (no_v3())
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		el2_wr(ICH3_LR(i), values[i]);
	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		same(el2_rd(ICH3_LR(i)), values[i], "ICH_LR");
	/* Those that are neither pending nor active are empty. */
	eq(rd(ICH3_ELRSR), 0x3);
	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		el2_wr(ICH3_LR(i), 0);
	eq(rd(ICH3_ELRSR), 0xf);
}

const struct test legacy_tests[] = {
	{ "LEGACY: ICH_VCTLR.V3 can be set, or is RES0", v3_bit, 0 },
	{ "LEGACY: V3 makes GICv5's names UNDEFINED in a guest",
	  names_undefined, false },
	{ "LEGACY: V3's UNDEF comes before the traps", names_undefined, true },
	{ "LEGACY: V3 without IMO: names are there, and trap",
	  names_without_imo, 0 },
	{ "LEGACY: V3 changes nothing at EL2", names_at_el2, 0 },
	{ "LEGACY: without V3 the names are there again", names_again, 0 },
	{ "LEGACY: ICC_SRE_EL1 in a guest, whatever V3", sre_in_guest, 0 },
	{ "LEGACY: V3 silences the GICv5", signals_nothing, 0 },
	{ "LEGACY: ICH_VMCR has GICv3's layout with V3", vmcr_fields, 0 },
	{ "LEGACY: ICH_VMCR has its own where V3 is RES0", vmcr_never, 0 },
	{ "LEGACY: ICH_VMCR, what V3 has left there", vmcr_left, 0 },
	{ "LEGACY: ICH_VMCR, what V3 finds there", vmcr_back, 0 },
	{ "LEGACY: ICH_VMCR's layout waits for a barrier", vmcr_waits, 0 },
	{ "LEGACY: GICv3's ICH_* at EL2, with LEGACY only", registers_at_el2,
	  0 },
	{ "LEGACY: GICv3's ICH_* are undefined in a guest", registers_at_el1,
	  HCR_GUEST },
	{ "LEGACY: GICv3's ICH_* are undefined at EL1 without IMO",
	  registers_at_el1, HCR_RW },
	{ "LEGACY: ICH_VTR", vtr, 0 },
	{ "LEGACY: ICH_LR and ICH_ELRSR", list_registers, 0 },
	{ }
};
