// SPDX-License-Identifier: GPL-2.0-only
/* Which bits of the registers can be written: RES0, RES1, what is missing. */
#include "conformance.h"

/* All ones, then all zeroes: what sticks. */
static void el2_sticks(u32 reg, u64 ones, u64 zeroes)
{
	el2_wr(reg, ~0ul);
	same(el2_rd(reg), ones, "after writing ones");
	el2_wr(reg, 0);
	same(el2_rd(reg), zeroes, "after writing zeroes");
}

static void el1_sticks(u32 reg, u64 ones, u64 zeroes)
{
	el1_wr(reg, ~0ul);
	same(el1_rd(reg), ones, "after writing ones");
	el1_wr(reg, 0);
	same(el1_rd(reg), zeroes, "after writing zeroes");
}

/* Priority fields of the eight PPIs from 8n on. */
static u64 priority_mask(int n)
{
	u64 mask = 0;

	for (int i = 0; i < 8; i++)
		if (impl[n / 8] & BIT((n * 8 + i) % 64))
			mask |= PRI(0x1f) << i * 8;
	return mask;
}

static void pcr(u64 virtual)
{
	if (virtual)
		el1_sticks(ICC_PCR, PRI(0x1f), 0);
	else
		el2_sticks(ICC_PCR, PRI(0x1f), 0);
}

static void cr0(u64 virtual)
{
	if (virtual)
		el1_sticks(ICC_CR0, CR0_LINK | CR0_LINK_IDLE | CR0_EN,
			   CR0_LINK | CR0_LINK_IDLE);
	else
		el2_sticks(ICC_CR0, CR0_LINK | CR0_LINK_IDLE | CR0_EN,
			   CR0_LINK | CR0_LINK_IDLE);
}

/* Whether bits of priorities that do not exist stick is nobody's business. */
static void apr(u64 reg)
{
	el2_wr(reg, ~0ul);
	eq(el2_rd(reg) & BITS(63, 32), 0);
	for (int p = 0; p < 32; p++) {
		if (p != (int)PRI(p))
			continue;
		el2_wr(reg, BIT(p));
		same(el2_rd(reg), BIT(p), "one priority");
	}
}

static void priorityr(u64 reg)
{
	for (int n = 0; n < 16; n++)
		el2_sticks(reg + (n / 8 ? REG(0, 0, 0, 1, n % 8) :
				  REG(0, 0, 0, 0, n)), priority_mask(n), 0);
}

static void priorityr_guest(u64 arg)
{
	for (int n = 0; n < 16; n++)
		el1_sticks(ICC_PRIORITYR(n), priority_mask(n), 0);
}

/* A plain register with a bit for each PPI, in two halves. */
static void ppi_bits(u64 reg)
{
	el2_sticks(reg, impl[0], 0);
	el2_sticks(reg + REG(0, 0, 0, 0, 1), impl[1], 0);
}

static void enabler_guest(u64 arg)
{
	el1_sticks(ICC_ENABLER(0), impl[0], 0);
	el1_sticks(ICC_ENABLER(1), impl[1], 0);
}

static void active_missing(u64 virtual)
{
	hcr = virtual ? HCR_GUEST : HCR_RW;
	for (int i = 0; i < 2; i++) {
		el1_wr(ICC_SACTIVER(i), ~0ul);
		same(el1_rd(ICC_SACTIVER(i)), impl[i], "active");
	}
}

static void pending_missing(u64 virtual)
{
	hcr = virtual ? HCR_GUEST : HCR_RW;
	for (int i = 0; i < 2; i++) {
		el1_wr(ICC_SPENDR(i), ~0ul);
		same(el1_rd(ICC_SPENDR(i)) & ~impl[i], 0, "pending");
	}
}

static void vmcr(u64 arg)
{
	el2_sticks(ICH_VMCR, VMCR_VPMR(PRI(0x1f)) | VMCR_EN, 0);
}

static void vctlr(u64 arg)
{
	/* For V3 see legacy.c. */
	el2_wr(ICH_VCTLR, ~0ul);
	eq(rd(ICH_VCTLR) & ~VCTLR_V3, VCTLR_EN);
	el2_wr(ICH_VCTLR, 0);
	eq(rd(ICH_VCTLR), 0);
}

static void contextr(u64 arg)
{
	/* V and F are looked at in commands.c. */
	u64 fields = BITS(61, 55) | BITS(47, 32) | BITS(15, 0);

	el2_wr(ICH_CONTEXTR, ~CONTEXTR_V);
	eq(el2_rd(ICH_CONTEXTR) & ~(fields | CONTEXTR_F), 0);
	el2_wr(ICH_CONTEXTR, fields);
	eq(el2_rd(ICH_CONTEXTR) & ~CONTEXTR_F, fields);
}

static void icsr(u64 arg)
{
	u64 fields = BITS(47, 32) | BITS(15, 12) | BITS(5, 0);

	el2_wr(ICC_ICSR, fields);
	eq(el2_rd(ICC_ICSR), fields);
	el2_wr(ICC_ICSR, ~0ul);
	eq(el2_rd(ICC_ICSR) & ~(fields | BIT(11)), 0);
	el2_wr(ICC_ICSR, 0);
	eq(el2_rd(ICC_ICSR), 0);
}

/* Bit 3 once trapped reads of ICC_HAPR. */
static void hfgrtr(u64 arg)
{
	el2_sticks(ICH_HFGRTR, BITS(20, 16) | BITS(7, 0), BIT(3));
}

static void hfgwtr(u64 arg)
{
	el2_sticks(ICH_HFGWTR, BITS(20, 17) | BIT(6) | BIT(5) | BIT(2) | BIT(0),
		   0);
}

static void hfgitr(u64 arg)
{
	el2_sticks(ICH_HFGITR, BITS(10, 0), 0);
}

static void hppir_reserved(u64 arg)
{
	vppi(CNTV, 8);
	eq(vhppi() & ~(BIT(32) | BITS(31, 29) | BITS(23, 0)), 0);
}

const struct test fields_tests[] = {
	{ "ICC_PCR: as many bits as a priority has", pcr, false },
	{ "ICV_PCR: as many bits as a priority has", pcr, true },
	{ "ICC_CR0: only EN can be written, the link is up", cr0, false },
	{ "ICV_CR0: only EN can be written, the link is up", cr0, true },
	{ "ICC_APR: a bit for each priority", apr, ICC_APR },
	{ "ICH_APR: a bit for each priority", apr, ICH_APR },
	{ "ICC_PPI_PRIORITYR: fields of the implemented PPIs and bits",
	  priorityr, ICC_PRIORITYR(0) },
	{ "ICH_PPI_PRIORITYR: fields of the implemented PPIs and bits",
	  priorityr, ICH_PRIORITYR(0) },
	{ "ICV_PPI_PRIORITYR: fields of the implemented PPIs and bits",
	  priorityr_guest, 0 },
	{ "ICC_PPI_ENABLER: missing PPIs are RAZ/WI", ppi_bits,
	  ICC_ENABLER(0) },
	{ "ICV_PPI_ENABLER: missing PPIs are RAZ/WI", enabler_guest, 0 },
	{ "ICH_PPI_ENABLER: missing PPIs are RAZ/WI", ppi_bits,
	  ICH_ENABLER(0) },
	{ "ICH_PPI_PENDR: missing PPIs are RAZ/WI", ppi_bits, ICH_PENDR(0) },
	{ "ICH_PPI_ACTIVER: missing PPIs are RAZ/WI", ppi_bits,
	  ICH_ACTIVER(0) },
	{ "ICH_PPI_DVIR: missing PPIs are RES0", ppi_bits, ICH_DVIR(0) },
	{ "ICC_PPI_SACTIVER: missing PPIs are RAZ/WI", active_missing, false },
	{ "ICV_PPI_SACTIVER: missing PPIs are RAZ/WI", active_missing, true },
	{ "ICC_PPI_SPENDR: missing PPIs are RAZ/WI", pending_missing, false },
	{ "ICV_PPI_SPENDR: missing PPIs are RAZ/WI", pending_missing, true },
	{ "ICH_VMCR: VPMR and EN", vmcr, 0 },
	{ "ICH_VCTLR: En, V3 with LEGACY, and RES0", vctlr, 0 },
	{ "ICH_CONTEXTR: its fields, and RES0", contextr, 0 },
	{ "ICC_ICSR: its fields, and RES0", icsr, 0 },
	{ "ICH_HFGRTR: its bits, bit 3 is RES1", hfgrtr, 0 },
	{ "ICH_HFGWTR: its bits", hfgwtr, 0 },
	{ "ICH_HFGITR: its bits", hfgitr, 0 },
	{ "ICV_HPPIR: reserved bits are 0", hppir_reserved, 0 },
	{ }
};
