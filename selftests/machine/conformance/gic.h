/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GICv5's registers and instructions by encoding, because no assembler in a
 * stable distribution knows their names yet. A register is the constant that
 * its MRS or MSR is made of, so that one name serves code and tables.
 */
#ifndef CONFORMANCE_GIC_H
#define CONFORMANCE_GIC_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;

#define BIT(n)			(1ul << (n))
#define BITS(h, l)		((~0ul >> (63 - (h))) & (~0ul << (l)))
#define FIELD(v, h, l)		(((v) & BITS(h, l)) >> (l))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))

#define REG(op0, op1, crn, crm, op2)					\
	((op0) << 19 | (op1) << 16 | (crn) << 12 | (crm) << 8 | (op2) << 5)
#define INSN_MSR		0xd5000000u	/* also SYS */
#define INSN_MRS		0xd5200000u	/* also SYSL */

/* The CPU interface; at EL1 under HCR_EL2.IMO the virtual one. */
#define ICC_APR			REG(3, 1, 12, 0, 0)
#define ICC_CR0			REG(3, 1, 12, 0, 1)
#define ICC_PCR			REG(3, 1, 12, 0, 2)
#define ICC_HAPR		REG(3, 1, 12, 0, 3)
#define ICC_HMR(n)		REG(3, 0, 12, 10, 0 + (n))
#define ICC_IDR0		REG(3, 0, 12, 10, 2)
#define ICC_HPPIR		REG(3, 0, 12, 10, 3)
#define ICC_ICSR		REG(3, 0, 12, 10, 4)
#define ICC_IAFFIDR		REG(3, 0, 12, 10, 5)
#define ICC_ENABLER(n)		REG(3, 0, 12, 10, 6 + (n))
#define ICC_CACTIVER(n)		REG(3, 0, 12, 13, 0 + (n))
#define ICC_SACTIVER(n)		REG(3, 0, 12, 13, 2 + (n))
#define ICC_CPENDR(n)		REG(3, 0, 12, 13, 4 + (n))
#define ICC_SPENDR(n)		REG(3, 0, 12, 13, 6 + (n))
#define ICC_PRIORITYR(n)	REG(3, 0, 12, 14 + (n) / 8, (n) % 8)

#define CR0_EN			BIT(0)
#define CR0_LINK		BIT(1)
#define CR0_LINK_IDLE		BIT(2)
#define ICSR_F			BIT(0)
#define HPPIR_VALID		BIT(32)
#define IDR0_LEGACY(v)		FIELD(v, 11, 8)
#define IDR0_PRI_BITS(v)	FIELD(v, 7, 4)	/* minus one */
#define IDR0_ID_BITS(v)		FIELD(v, 3, 0)	/* 0: 16 bits, 1: 24 */

/* What EL2 has of the virtual CPU interface. */
#define ICH_APR			REG(3, 4, 12, 8, 4)
#define ICH_HPPIR		REG(3, 4, 12, 8, 5)
#define ICH_HFGRTR		REG(3, 4, 12, 9, 4)
#define ICH_HFGWTR		REG(3, 4, 12, 9, 6)
#define ICH_HFGITR		REG(3, 4, 12, 9, 7)
#define ICH_DVIR(n)		REG(3, 4, 12, 10, 0 + (n))
#define ICH_ENABLER(n)		REG(3, 4, 12, 10, 2 + (n))
#define ICH_PENDR(n)		REG(3, 4, 12, 10, 4 + (n))
#define ICH_ACTIVER(n)		REG(3, 4, 12, 10, 6 + (n))
#define ICH_VCTLR		REG(3, 4, 12, 11, 4)
#define ICH_CONTEXTR		REG(3, 4, 12, 11, 6)
#define ICH_VMCR		REG(3, 4, 12, 11, 7)
#define ICH_PRIORITYR(n)	REG(3, 4, 12, 14 + (n) / 8, (n) % 8)

/* ... and of a GICv3, with FEAT_GCIE_LEGACY. */
#define ICH3_AP0R0		REG(3, 4, 12, 8, 0)
#define ICH3_AP1R0		REG(3, 4, 12, 9, 0)
#define ICH3_HCR		REG(3, 4, 12, 11, 0)
#define ICH3_VTR		REG(3, 4, 12, 11, 1)
#define ICH3_MISR		REG(3, 4, 12, 11, 2)
#define ICH3_EISR		REG(3, 4, 12, 11, 3)
#define ICH3_ELRSR		REG(3, 4, 12, 11, 5)
#define ICH3_LR(n)		REG(3, 4, 12, 12, n)

#define ICC_SRE_EL1		REG(3, 0, 12, 12, 5)
#define ICC_SRE_EL2		REG(3, 4, 12, 9, 5)

#define VCTLR_EN		BIT(0)
#define VCTLR_V3		BIT(1)
#define VMCR_EN			BIT(0)
#define VMCR_VPMR(p)		((u64)(p) << 27)
#define CONTEXTR_V		BIT(63)
#define CONTEXTR_F		BIT(62)
#define HFG_ALL			(~0ul)		/* nothing is trapped */

/* Instructions: GIC by write, GICR by read. */
#define GIC_CDDIS		REG(1, 0, 12, 1, 0)
#define GIC_CDEN		REG(1, 0, 12, 1, 1)
#define GIC_CDPRI		REG(1, 0, 12, 1, 2)
#define GIC_CDAFF		REG(1, 0, 12, 1, 3)
#define GIC_CDPEND		REG(1, 0, 12, 1, 4)
#define GIC_CDRCFG		REG(1, 0, 12, 1, 5)
#define GIC_CDEOI		REG(1, 0, 12, 1, 7)
#define GIC_CDDI		REG(1, 0, 12, 2, 0)
#define GIC_CDHM		REG(1, 0, 12, 2, 1)
#define GICR_CDIA		REG(1, 0, 12, 3, 0)
#define GICR_CDNMIA		REG(1, 0, 12, 3, 1)
#define GSB_SYS			REG(1, 0, 12, 0, 0)
#define GSB_ACK			REG(1, 0, 12, 0, 1)
#define GIC_VDDIS		REG(1, 4, 12, 1, 0)
#define GIC_VDEN		REG(1, 4, 12, 1, 1)
#define GIC_VDPRI		REG(1, 4, 12, 1, 2)
#define GIC_VDAFF		REG(1, 4, 12, 1, 3)
#define GIC_VDPEND		REG(1, 4, 12, 1, 4)
#define GIC_VDRCFG		REG(1, 4, 12, 1, 5)
#define GIC_VDDI		REG(1, 4, 12, 2, 0)
#define GIC_VDHM		REG(1, 4, 12, 2, 1)

#define CDIA_VALID		BIT(32)
#define TYPE_PPI		1ul
#define TYPE_LPI		2ul
#define TYPE_SPI		3ul
#define INTID(type, id)		((type) << 29 | (id))
#define PPI(id)			INTID(TYPE_PPI, (u64)(id))

/* PPIs by name. */
#define SW_PPI			3
#define PMU			23
#define CNTHP			26
#define CNTV			27
#define CNTHV			28
#define CNTP			30

#define HCR_FMO			BIT(3)
#define HCR_IMO			BIT(4)
#define HCR_AMO			BIT(5)
#define HCR_TGE			BIT(27)
#define HCR_RW			BIT(31)
#define HCR_E2H			BIT(34)
#define HCR_NV			BIT(42)

#define SCTLR_NMI		BIT(61)

#define EC_UNKNOWN		0x00
#define EC_WFX			0x01
#define EC_SYSREG		0x18

/* Registers of any kind, also from tables: see machine.c. */
#define rd(r) ({							\
	register u64 __v asm("x0");					\
	asm volatile(".inst %c1" : "=r" (__v) : "i" (INSN_MRS | (r))	\
		     : "memory");					\
	__v; })
#define wr(r, v) ({							\
	register u64 __v asm("x0") = (v);				\
	asm volatile(".inst %c1" : : "r" (__v), "i" (INSN_MSR | (r))	\
		     : "memory"); })

#define isb()			asm volatile("isb" : : : "memory")
#define dsb()			asm volatile("dsb sy" : : : "memory")
#define wfi()			asm volatile("wfi" : : : "memory")
#define irq_on()		asm volatile("msr daifclr, #2" : : : "memory")
#define irq_off()		asm volatile("msr daifset, #2" : : : "memory")
#define gsb_sys()		wr(GSB_SYS, 0)
#define gsb_ack()		wr(GSB_ACK, 0)

/* Write, and make sure of the effect. */
#define set(r, v)		({ wr(r, v); isb(); })
/* Acknowledge, drop and deactivate, complete. */
#define cdia()			({ u64 __i = rd(GICR_CDIA);		\
				   gsb_ack(); isb(); __i; })
#define cdnmia()		({ u64 __i = rd(GICR_CDNMIA);		\
				   gsb_ack(); isb(); __i; })
#define cdeoi()			({ wr(GIC_CDEOI, 0); gsb_sys(); isb(); })
#define cddi(id)		({ wr(GIC_CDDI, id); gsb_sys(); isb(); })

#define rd_sys(name) ({							\
	u64 __v;							\
	asm volatile("mrs %0, " #name : "=r" (__v) : : "memory");	\
	__v; })
#define wr_sys(name, v) ({						\
	u64 __v = (v);							\
	asm volatile("msr " #name ", %x0" : : "rZ" (__v) : "memory"); })

#endif
