// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fine-grained traps: 1 lets an access pass, 0 traps it. For each bit, what
 * it governs and nothing else.
 */
#include "conformance.h"

enum { READ, WRITE, OPERATION, NUM_KINDS };

static const u32 trap_regs[NUM_KINDS] = {
	[READ] = ICH_HFGRTR, [WRITE] = ICH_HFGWTR, [OPERATION] = ICH_HFGITR,
};

static const struct access {
	u32 reg;
	int read_bit, write_bit;	/* -1: read-only */
	int operation_bit;		/* of HFGITR, when not -1 */
} accesses[] = {
	{ ICC_APR, 0, 0, -1 },
	{ ICC_IDR0, 1, -1, -1 },
	{ ICC_CR0, 2, 2, -1 },
	{ ICC_HPPIR, 4, -1, -1 },
	{ ICC_PCR, 5, 5, -1 },
	{ ICC_ICSR, 6, 6, -1 },
	{ ICC_IAFFIDR, 7, -1, -1 },
	{ ICC_HMR(0), 16, -1, -1 },
	{ ICC_HMR(1), 16, -1, -1 },
	{ ICC_ENABLER(0), 17, 17, -1 },
	{ ICC_ENABLER(1), 17, 17, -1 },
	{ ICC_CPENDR(0), 18, 18, -1 },
	{ ICC_CPENDR(1), 18, 18, -1 },
	{ ICC_SPENDR(0), 18, 18, -1 },
	{ ICC_SPENDR(1), 18, 18, -1 },
	{ ICC_PRIORITYR(0), 19, 19, -1 },
	{ ICC_PRIORITYR(1), 19, 19, -1 },
	{ ICC_PRIORITYR(2), 19, 19, -1 },
	{ ICC_PRIORITYR(3), 19, 19, -1 },
	{ ICC_PRIORITYR(4), 19, 19, -1 },
	{ ICC_PRIORITYR(5), 19, 19, -1 },
	{ ICC_PRIORITYR(6), 19, 19, -1 },
	{ ICC_PRIORITYR(7), 19, 19, -1 },
	{ ICC_PRIORITYR(8), 19, 19, -1 },
	{ ICC_PRIORITYR(9), 19, 19, -1 },
	{ ICC_PRIORITYR(10), 19, 19, -1 },
	{ ICC_PRIORITYR(11), 19, 19, -1 },
	{ ICC_PRIORITYR(12), 19, 19, -1 },
	{ ICC_PRIORITYR(13), 19, 19, -1 },
	{ ICC_PRIORITYR(14), 19, 19, -1 },
	{ ICC_PRIORITYR(15), 19, 19, -1 },
	{ ICC_CACTIVER(0), 20, 20, -1 },
	{ ICC_CACTIVER(1), 20, 20, -1 },
	{ ICC_SACTIVER(0), 20, 20, -1 },
	{ ICC_SACTIVER(1), 20, 20, -1 },
	{ GIC_CDEN, -1, -1, 0 },
	{ GIC_CDDIS, -1, -1, 1 },
	{ GIC_CDPRI, -1, -1, 2 },
	{ GIC_CDAFF, -1, -1, 3 },
	{ GIC_CDPEND, -1, -1, 4 },
	{ GIC_CDRCFG, -1, -1, 5 },
	{ GIC_CDHM, -1, -1, 6 },
	{ GIC_CDEOI, -1, -1, 7 },
	{ GIC_CDDI, -1, -1, 8 },
	{ GICR_CDIA, -1, -1, 9 },
	{ GICR_CDNMIA, -1, -1, 10 },
};

static bool is_read(const struct access *a, int kind)
{
	return kind == READ ||
	       (kind == OPERATION &&
		(a->reg == GICR_CDIA || a->reg == GICR_CDNMIA));
}

static int bit_of(const struct access *a, int kind)
{
	return kind == READ ? a->read_bit :
	       kind == WRITE ? a->write_bit : a->operation_bit;
}

static void expect(const struct access *a, int kind, bool trap)
{
	try_access(a->reg, is_read(a, kind), 0);
	if (trap ? trapped_right() : left.why == RETURNED)
		return;
	check(false, trap ? "traps, with its syndrome" : "does not trap",
	      __FILE__, __LINE__);
	detail("access", (is_read(a, kind) ? INSN_MRS : INSN_MSR) | a->reg);
	detail("left because (enum why)", left.why);
	detail("EC", left.ec);
	detail("ISS", left.iss);
}

/* Go through all accesses; "trapped" has a bit for each that has to trap. */
static void go_through(int kind, u64 trapped)
{
	for (int k = 0; k < NUM_KINDS; k++)
		for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++) {
			int bit = bit_of(&accesses[i], k);

			if (bit >= 0)
				expect(&accesses[i], k,
				       k == kind && (trapped & BIT(bit)));
		}
}

/* arg: kind * 64 + bit */
static void one_bit(u64 arg)
{
	int kind = arg / 64, bit = arg % 64;

	el2_wr(trap_regs[kind], HFG_ALL & ~BIT(bit));
	go_through(kind, BIT(bit));
	el2_wr(trap_regs[kind], BIT(bit));
	for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++) {
		int b = bit_of(&accesses[i], kind);

		if (b >= 0)
			expect(&accesses[i], kind, b != bit);
	}
}

static void all_ones(u64 arg)
{
	go_through(READ, 0);
}

static void close(void)
{
	wr(ICH_HFGRTR, 0);
	wr(ICH_HFGWTR, 0);
	set(ICH_HFGITR, 0);
}

static void all_zero(u64 imo)
{
	hcr = imo ? HCR_GUEST : HCR_RW;
	close();
	for (int k = 0; k < NUM_KINDS; k++)
		for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++)
			if (bit_of(&accesses[i], k) >= 0)
				expect(&accesses[i], k, true);
}

static void no_effect(u64 arg)
{
	vppi(SW_PPI, 8);
	close();
	el1_wr(GSB_SYS, 0);
	try_wr(ICC_PCR, 0);
	try_wr(ICC_ENABLER(0), 0);
	try_wr(ICC_CPENDR(0), ~0ul);
	try_wr(ICC_APR, 1);
	try_rd(GICR_CDIA);
	eq(rd(ICH_HPPIR), HPPI(SW_PPI));
	eq(rd(ICH_APR), 0);
	eq(rd(ICH_ENABLER(0)), BIT(SW_PPI));
}

static void not_at_el2(u64 arg)
{
	close();
	wr_sys(hcr_el2, HCR_GUEST);
	isb();
	for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++) {
		if (accesses[i].read_bit >= 0)
			el2_rd(accesses[i].reg);
		if (accesses[i].write_bit >= 0)
			el2_wr(accesses[i].reg, 0);
		if (accesses[i].operation_bit >= 0 &&
		    !is_read(&accesses[i], OPERATION))
			el2_wr(accesses[i].reg, 0);
	}
	el2_rd(GICR_CDIA);
	el2_rd(GICR_CDNMIA);
	wr_sys(hcr_el2, HCR_HOST);
	isb();
}

static void not_gsb(u64 arg)
{
	close();
	el1_wr(GSB_SYS, 0);
	el1_wr(GSB_ACK, 0);
}

static void not_sre(u64 arg)
{
	close();
	el1_rd(ICC_SRE_EL1);
}

/* Rt of the instruction is in the syndrome, also when it is XZR. */
static void rt(u64 arg)
{
	static const int rts[] = { 0, 1, 7, 15, 16, 31 };

	close();
	for (unsigned int i = 0; i < ARRAY_SIZE(rts); i++) {
		try_access(ICC_IAFFIDR, true, rts[i]);
		check(trapped_right(), "a read", __FILE__, __LINE__);
		eq(FIELD(left.iss, 9, 5), rts[i]);
		eq(left.iss & 1, 1);
		try_access(ICC_ENABLER(0), false, rts[i]);
		check(trapped_right(), "a write", __FILE__, __LINE__);
		eq(FIELD(left.iss, 9, 5), rts[i]);
		eq(left.iss & 1, 0);
	}
}

/* What is undefined is so before it could be trapped. */
static void undefined_first(u64 arg)
{
	close();
	try_wr(ICC_HPPIR, 0);
	ok(undefined_right());
	try_wr(ICC_IDR0, 0);
	ok(undefined_right());
	try_rd(GIC_CDEN);
	ok(undefined_right());
	try_wr(GICR_CDIA, 0);
	ok(undefined_right());
	try_rd_el0(ICC_PCR);
	ok(undefined_right());
}

/* What KVM closes for every guest. */
static void kvm_set(u64 arg)
{
	wr(ICH_HFGRTR, HFG_ALL & ~(BIT(7) | BIT(1)));
	set(ICH_HFGWTR, HFG_ALL & ~BIT(17));
	try_rd(ICC_IAFFIDR);
	ok(trapped_right());
	try_rd(ICC_IDR0);
	ok(trapped_right());
	try_wr(ICC_ENABLER(0), BIT(CNTV));
	ok(trapped_right());
	try_wr(ICC_ENABLER(1), 0);
	ok(trapped_right());
	eq(el1_rd(ICC_ENABLER(0)), 0);
	el1_rd(ICC_HMR(0));
}

#define R(bit)	one_bit, READ * 64 + (bit)
#define W(bit)	one_bit, WRITE * 64 + (bit)
#define I(bit)	one_bit, OPERATION * 64 + (bit)

const struct test traps_tests[] = {
	{ "HFGRTR bit 0: reads of APR", R(0) },
	{ "HFGRTR bit 1: reads of IDR0", R(1) },
	{ "HFGRTR bit 2: reads of CR0", R(2) },
	{ "HFGRTR bit 4: reads of HPPIR", R(4) },
	{ "HFGRTR bit 5: reads of PCR", R(5) },
	{ "HFGRTR bit 6: reads of ICSR", R(6) },
	{ "HFGRTR bit 7: reads of IAFFIDR", R(7) },
	{ "HFGRTR bit 16: reads of PPI_HMR", R(16) },
	{ "HFGRTR bit 17: reads of PPI_ENABLER", R(17) },
	{ "HFGRTR bit 18: reads of PPI_SPENDR and CPENDR", R(18) },
	{ "HFGRTR bit 19: reads of PPI_PRIORITYR", R(19) },
	{ "HFGRTR bit 20: reads of PPI_SACTIVER and CACTIVER", R(20) },
	{ "HFGWTR bit 0: writes of APR", W(0) },
	{ "HFGWTR bit 2: writes of CR0", W(2) },
	{ "HFGWTR bit 5: writes of PCR", W(5) },
	{ "HFGWTR bit 6: writes of ICSR", W(6) },
	{ "HFGWTR bit 17: writes of PPI_ENABLER", W(17) },
	{ "HFGWTR bit 18: writes of PPI_SPENDR and CPENDR", W(18) },
	{ "HFGWTR bit 19: writes of PPI_PRIORITYR", W(19) },
	{ "HFGWTR bit 20: writes of PPI_SACTIVER and CACTIVER", W(20) },
	{ "HFGITR bit 0: CDEN", I(0) },
	{ "HFGITR bit 1: CDDIS", I(1) },
	{ "HFGITR bit 2: CDPRI", I(2) },
	{ "HFGITR bit 3: CDAFF", I(3) },
	{ "HFGITR bit 4: CDPEND", I(4) },
	{ "HFGITR bit 5: CDRCFG", I(5) },
	{ "HFGITR bit 6: CDHM", I(6) },
	{ "HFGITR bit 7: CDEOI", I(7) },
	{ "HFGITR bit 8: CDDI", I(8) },
	{ "HFGITR bit 9: CDIA", I(9) },
	{ "HFGITR bit 10: CDNMIA", I(10) },
	{ "traps: all ones, nothing traps", all_ones, 0 },
	{ "traps: all zeroes, everything traps (virtual)", all_zero, true },
	{ "traps: all zeroes, everything traps (no IMO)", all_zero, false },
	{ "traps: a trapped access has no effect", no_effect, 0 },
	{ "traps: not at EL2", not_at_el2, 0 },
	{ "traps: the GSBs have none", not_gsb, 0 },
	{ "traps: ICC_SRE_EL1 has none", not_sre, 0 },
	{ "traps: Rt and the direction in the syndrome", rt, 0 },
	{ "traps: an undefined access is undefined first",
	  undefined_first, 0 },
	{ "traps: KVM's set, IAFFIDR, IDR0, ENABLER writes", kvm_set, 0 },
	{ }
};
