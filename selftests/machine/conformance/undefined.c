// SPDX-License-Identifier: GPL-2.0-only
/* What must not exist, or not there. */
#include "conformance.h"

static const u32 icc[] = {
	ICC_APR, ICC_CR0, ICC_PCR, ICC_HMR(0), ICC_HMR(1), ICC_IDR0,
	ICC_HPPIR, ICC_ICSR, ICC_IAFFIDR, ICC_ENABLER(0), ICC_ENABLER(1),
	ICC_CACTIVER(0), ICC_CACTIVER(1), ICC_SACTIVER(0), ICC_SACTIVER(1),
	ICC_CPENDR(0), ICC_CPENDR(1), ICC_SPENDR(0), ICC_SPENDR(1),
	ICC_PRIORITYR(0), ICC_PRIORITYR(7), ICC_PRIORITYR(8),
	ICC_PRIORITYR(15),
};
static const u32 read_only[] = {
	ICC_HMR(0), ICC_HMR(1), ICC_IDR0, ICC_HPPIR, ICC_IAFFIDR,
};
static const u32 ich[] = {
	ICH_APR, ICH_HPPIR, ICH_HFGRTR, ICH_HFGWTR, ICH_HFGITR, ICH_DVIR(0),
	ICH_DVIR(1), ICH_ENABLER(0), ICH_ENABLER(1), ICH_PENDR(0),
	ICH_PENDR(1), ICH_ACTIVER(0), ICH_ACTIVER(1), ICH_VCTLR,
	ICH_CONTEXTR, ICH_VMCR, ICH_PRIORITYR(0), ICH_PRIORITYR(7),
	ICH_PRIORITYR(8), ICH_PRIORITYR(15), ICC_SRE_EL2,
};
static const u32 cd[] = {
	GIC_CDDIS, GIC_CDEN, GIC_CDPRI, GIC_CDAFF, GIC_CDPEND, GIC_CDRCFG,
	GIC_CDEOI, GIC_CDDI, GIC_CDHM,
};
static const u32 vd[] = {
	GIC_VDDIS, GIC_VDEN, GIC_VDPRI, GIC_VDAFF, GIC_VDPEND, GIC_VDRCFG,
	GIC_VDDI, GIC_VDHM,
};

static void undefined(bool good, u32 insn)
{
	if (good)
		return;
	check(false, "undefined", __FILE__, __LINE__);
	detail("instruction", insn);
	detail("left because (enum why)", left.why);
	detail("EC", left.ec);
}

#define UNDEF_EL1_RD(r) \
	({ try_rd(r); undefined(undefined_right(), INSN_MRS | (r)); })
#define UNDEF_EL1_WR(r) \
	({ try_wr(r, 0); undefined(undefined_right(), INSN_MSR | (r)); })
#define UNDEF_EL0_RD(r) \
	({ try_rd_el0(r); undefined(undefined_right(), INSN_MRS | (r)); })
#define UNDEF_EL0_WR(r) \
	({ try_wr_el0(r, 0); undefined(undefined_right(), INSN_MSR | (r)); })
#define UNDEF_EL2_RD(r) \
	({ el2_rd(r); undefined(el2_undefined(), INSN_MRS | (r)); })
#define UNDEF_EL2_WR(r) \
	({ el2_wr(r, 0); undefined(el2_undefined(), INSN_MSR | (r)); })

static void el0_registers(u64 hcr_bits)
{
	hcr = hcr_bits;
	for (unsigned int i = 0; i < ARRAY_SIZE(icc); i++) {
		UNDEF_EL0_RD(icc[i]);
		UNDEF_EL0_WR(icc[i]);
	}
}

static void el0_instructions(u64 hcr_bits)
{
	hcr = hcr_bits;
	for (unsigned int i = 0; i < ARRAY_SIZE(cd); i++)
		UNDEF_EL0_WR(cd[i]);
	UNDEF_EL0_RD(GICR_CDIA);
	UNDEF_EL0_RD(GICR_CDNMIA);
	UNDEF_EL0_WR(GSB_SYS);
	UNDEF_EL0_WR(GSB_ACK);
}

static void el0_ich(u64 arg)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(ich); i++) {
		UNDEF_EL0_RD(ich[i]);
		UNDEF_EL0_WR(ich[i]);
	}
}

static void ro_el1(u64 virtual)
{
	hcr = virtual ? HCR_GUEST : HCR_RW;
	for (unsigned int i = 0; i < ARRAY_SIZE(read_only); i++)
		UNDEF_EL1_WR(read_only[i]);
}

static void ro_el2(u64 arg)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(read_only); i++)
		UNDEF_EL2_WR(read_only[i]);
	UNDEF_EL2_WR(ICH_HPPIR);
}

static void wrong_way(u64 arg)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cd); i++) {
		UNDEF_EL1_RD(cd[i]);
		UNDEF_EL2_RD(cd[i]);
	}
	UNDEF_EL1_WR(GICR_CDIA);
	UNDEF_EL1_WR(GICR_CDNMIA);
	UNDEF_EL2_WR(GICR_CDIA);
	UNDEF_EL2_WR(GICR_CDNMIA);
	UNDEF_EL1_RD(GSB_SYS);
	UNDEF_EL1_RD(GSB_ACK);
}

static void ich_el1_read(u64 hcr_bits)
{
	hcr = hcr_bits;
	for (unsigned int i = 0; i < ARRAY_SIZE(ich); i++)
		UNDEF_EL1_RD(ich[i]);
}

static void ich_el1_write(u64 hcr_bits)
{
	u64 vmcr = rd(ICH_VMCR);

	hcr = hcr_bits;
	for (unsigned int i = 0; i < ARRAY_SIZE(ich); i++)
		UNDEF_EL1_WR(ich[i]);
	eq(rd(ICH_VMCR), vmcr);
	eq(rd(ICH_VCTLR), VCTLR_EN);
}

static void vd_el1(u64 hcr_bits)
{
	hcr = hcr_bits;
	for (unsigned int i = 0; i < ARRAY_SIZE(vd); i++)
		UNDEF_EL1_WR(vd[i]);
}

/* Nested virtualization: EL1 is to believe that it is EL2. */
static void vd_nv(u64 arg)
{
	hcr = HCR_GUEST | HCR_NV;
	for (unsigned int i = 0; i < ARRAY_SIZE(vd); i++) {
		try_wr(vd[i], 0);
		ok(trapped_right());
	}
}

static void hapr(u64 arg)
{
	UNDEF_EL2_RD(ICC_HAPR);
	UNDEF_EL2_WR(ICC_HAPR);
	UNDEF_EL1_RD(ICC_HAPR);
	UNDEF_EL1_WR(ICC_HAPR);
}

/* This machine has no EL3. */
static void el3(u64 arg)
{
	static const u32 regs[] = {
		REG(3, 6, 12, 8, 0), REG(3, 6, 12, 8, 1), REG(3, 6, 12, 8, 2),
		REG(3, 6, 12, 8, 4), REG(3, 6, 12, 9, 0), REG(3, 6, 12, 9, 1),
		REG(3, 6, 12, 12, 5),		/* ICC_SRE_EL3 */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(regs); i++) {
		UNDEF_EL2_RD(regs[i]);
		UNDEF_EL1_RD(regs[i]);
	}
	UNDEF_EL2_WR(REG(1, 6, 12, 1, 0));	/* GIC LDDIS */
	UNDEF_EL1_WR(REG(1, 6, 12, 1, 0));
}

/* Those of EL2 exist with LEGACY, see legacy.c. */
static void gicv3(u64 arg)
{
	static const u32 regs[] = {
		REG(3, 0, 12, 12, 0),		/* ICC_IAR1_EL1 */
		REG(3, 0, 12, 12, 7),		/* ICC_IGRPEN1_EL1 */
		REG(3, 0, 12, 12, 4),		/* ICC_CTLR_EL1 */
		REG(3, 0, 4, 6, 0),		/* ICC_PMR_EL1 */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(regs); i++) {
		UNDEF_EL2_RD(regs[i]);
		UNDEF_EL1_RD(regs[i]);
	}
}

const struct test undefined_tests[] = {
	{ "UNDEF: ICC_* at EL0 of a guest", el0_registers, HCR_GUEST },
	{ "UNDEF: ICC_* at EL0 without IMO", el0_registers, HCR_RW },
	{ "UNDEF: instructions at EL0 of a guest", el0_instructions,
	  HCR_GUEST },
	{ "UNDEF: instructions at EL0 without IMO", el0_instructions,
	  HCR_RW },
	{ "UNDEF: ICH_* at EL0", el0_ich, 0 },
	{ "UNDEF: writes to read-only registers at EL1 (virtual)", ro_el1,
	  true },
	{ "UNDEF: writes to read-only registers at EL1 (no IMO)", ro_el1,
	  false },
	{ "UNDEF: writes to read-only registers at EL2", ro_el2, 0 },
	{ "UNDEF: CD* read, CDIA and CDNMIA written", wrong_way, 0 },
	{ "UNDEF: reads of ICH_* in a guest", ich_el1_read, HCR_GUEST },
	{ "UNDEF: reads of ICH_* at EL1 without IMO", ich_el1_read, HCR_RW },
	{ "UNDEF: writes of ICH_* in a guest", ich_el1_write, HCR_GUEST },
	{ "UNDEF: writes of ICH_* at EL1 without IMO", ich_el1_write, HCR_RW },
	{ "UNDEF: VD* in a guest", vd_el1, HCR_GUEST },
	{ "UNDEF: VD* at EL1 without IMO", vd_el1, HCR_RW },
	{ "VD* at EL1 with HCR_EL2.NV: trapped", vd_nv, 0 },
	{ "UNDEF: ICC_HAPR", hapr, 0 },
	{ "UNDEF: what belongs to EL3, ICC_SRE_EL3 included", el3, 0 },
	{ "UNDEF: GICv3's registers of EL1, ICC_SRE apart", gicv3, 0 },
	{ }
};
