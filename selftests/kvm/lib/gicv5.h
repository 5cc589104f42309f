/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GICv5 as a guest at EL1 sees it: registers and instructions by encoding,
 * because no assembler in a stable distribution knows their names yet.
 */
#ifndef SELFTEST_GICV5_H
#define SELFTEST_GICV5_H

#define ICC_APR			S3_1_C12_C0_0
#define ICC_CR0			S3_1_C12_C0_1
#define ICC_PCR			S3_1_C12_C0_2
#define ICC_HMR0		S3_0_C12_C10_0
#define ICC_HMR1		S3_0_C12_C10_1
#define ICC_IDR0		S3_0_C12_C10_2
#define ICC_HPPIR		S3_0_C12_C10_3
#define ICC_ICSR		S3_0_C12_C10_4
#define ICC_IAFFIDR		S3_0_C12_C10_5
#define ICC_ENABLER0		S3_0_C12_C10_6
#define ICC_ENABLER1		S3_0_C12_C10_7
#define ICC_CACTIVER0		S3_0_C12_C13_0
#define ICC_CACTIVER1		S3_0_C12_C13_1
#define ICC_SACTIVER0		S3_0_C12_C13_2
#define ICC_SACTIVER1		S3_0_C12_C13_3
#define ICC_CPENDR0		S3_0_C12_C13_4
#define ICC_CPENDR1		S3_0_C12_C13_5
#define ICC_SPENDR0		S3_0_C12_C13_6
#define ICC_SPENDR1		S3_0_C12_C13_7
#define ICC_PRIORITYR0		S3_0_C12_C14_0
#define ICC_PRIORITYR1		S3_0_C12_C14_1
#define ICC_PRIORITYR2		S3_0_C12_C14_2
#define ICC_PRIORITYR3		S3_0_C12_C14_3
#define ICC_PRIORITYR4		S3_0_C12_C14_4
#define ICC_PRIORITYR5		S3_0_C12_C14_5
#define ICC_PRIORITYR6		S3_0_C12_C14_6
#define ICC_PRIORITYR7		S3_0_C12_C14_7
#define ICC_PRIORITYR8		S3_0_C12_C15_0
#define ICC_PRIORITYR9		S3_0_C12_C15_1
#define ICC_PRIORITYR10		S3_0_C12_C15_2
#define ICC_PRIORITYR11		S3_0_C12_C15_3
#define ICC_PRIORITYR12		S3_0_C12_C15_4
#define ICC_PRIORITYR13		S3_0_C12_C15_5
#define ICC_PRIORITYR14		S3_0_C12_C15_6
#define ICC_PRIORITYR15		S3_0_C12_C15_7

/* Every readable and every writable register name: X(register). */
#define GICV5_RO_REGS(X)						\
	X(ICC_HMR0) X(ICC_HMR1) X(ICC_IDR0) X(ICC_HPPIR) X(ICC_IAFFIDR)

#define GICV5_PRIORITY_REGS(X)						\
	X(ICC_PRIORITYR0) X(ICC_PRIORITYR1) X(ICC_PRIORITYR2)		\
	X(ICC_PRIORITYR3) X(ICC_PRIORITYR4) X(ICC_PRIORITYR5)		\
	X(ICC_PRIORITYR6) X(ICC_PRIORITYR7) X(ICC_PRIORITYR8)		\
	X(ICC_PRIORITYR9) X(ICC_PRIORITYR10) X(ICC_PRIORITYR11)		\
	X(ICC_PRIORITYR12) X(ICC_PRIORITYR13) X(ICC_PRIORITYR14)	\
	X(ICC_PRIORITYR15)

#define GICV5_RW_REGS(X)						\
	X(ICC_APR) X(ICC_CR0) X(ICC_PCR) X(ICC_ICSR)			\
	X(ICC_ENABLER0) X(ICC_ENABLER1)					\
	X(ICC_CACTIVER0) X(ICC_CACTIVER1)				\
	X(ICC_SACTIVER0) X(ICC_SACTIVER1)				\
	X(ICC_CPENDR0) X(ICC_CPENDR1) X(ICC_SPENDR0) X(ICC_SPENDR1)	\
	GICV5_PRIORITY_REGS(X)

/* GIC CD*: "sys" operands, and GICR CD*: "sysl" operands. */
#define GIC_CDDIS		"#0, C12, C1, #0"
#define GIC_CDEN		"#0, C12, C1, #1"
#define GIC_CDPRI		"#0, C12, C1, #2"
#define GIC_CDAFF		"#0, C12, C1, #3"
#define GIC_CDPEND		"#0, C12, C1, #4"
#define GIC_CDRCFG		"#0, C12, C1, #5"
#define GIC_CDEOI		"#0, C12, C1, #7"
#define GIC_CDDI		"#0, C12, C2, #0"
#define GIC_CDHM		"#0, C12, C2, #1"
#define GICR_CDIA		"#0, C12, C3, #0"
#define GICR_CDNMIA		"#0, C12, C3, #1"

#define GICV5_GIC_OPS(X)						\
	X(GIC_CDDIS) X(GIC_CDEN) X(GIC_CDPRI) X(GIC_CDAFF)		\
	X(GIC_CDPEND) X(GIC_CDRCFG) X(GIC_CDEOI) X(GIC_CDDI) X(GIC_CDHM)
#define GICV5_GICR_OPS(X)	X(GICR_CDIA) X(GICR_CDNMIA)

#define __str(x)		#x
#define str(x)			__str(x)

#define read_reg(r) ({							\
	unsigned long __v;						\
	asm volatile("mrs %0, " str(r) : "=r" (__v) : : "memory");	\
	__v; })
#define write_reg(r, v) ({						\
	unsigned long __v = (v);					\
	asm volatile("msr " str(r) ", %x0" : : "rZ" (__v) : "memory"); })

#define gic(op, v) ({							\
	unsigned long __v = (v);					\
	asm volatile("sys " op ", %0" : : "r" (__v) : "memory"); })
#define gicr(op) ({							\
	unsigned long __v;						\
	asm volatile("sysl %0, " op : "=r" (__v) : : "memory");		\
	__v; })

#define gsb_sys()	asm volatile("sys #0, C12, C0, #0" : : : "memory")
#define gsb_ack()	asm volatile("sys #0, C12, C0, #1" : : : "memory")
#define isb()		asm volatile("isb" : : : "memory")
#define wfi()		asm volatile("wfi" : : : "memory")
#define irq_on()	asm volatile("msr daifclr, #2" : : : "memory")
#define irq_off()	asm volatile("msr daifset, #2" : : : "memory")

#define BIT(n)			(1ul << (n))
#define ICC_CR0_EN		BIT(0)
#define CDIA_VALID		BIT(32)
#define CDIA_ID(ia)		((ia) & 0xffffff)
#define CDIA_INTID(ia)		((ia) & 0xffffffff)

#define IDR0_LEGACY(v)		(((v) >> 8) & 0xf)
#define IDR0_PRI_BITS(v)	(((v) >> 4) & 0xf)	/* minus one */
#define IDR0_ID_BITS(v)		((v) & 0xf)		/* 0: 16 bits */

#endif
