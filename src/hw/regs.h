/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GICv5 registers and instructions by the names of the architecture.
 *
 * Kernels know some of these, each series others, and under names of its own;
 * a local prefix keeps out of their way.
 */
#ifndef __VGICV5_HW_REGS_H
#define __VGICV5_HW_REGS_H

#include <linux/bits.h>

#include <asm/sysreg.h>

/* Virtual CPU interface, seen from EL2 */
#define VG5_ICH_APR_EL2			sys_reg(3, 4, 12, 8, 4)
#define VG5_ICH_HPPIR_EL2		sys_reg(3, 4, 12, 8, 5)
#define VG5_ICH_HFGRTR_EL2		sys_reg(3, 4, 12, 9, 4)
#define VG5_ICH_HFGWTR_EL2		sys_reg(3, 4, 12, 9, 6)
#define VG5_ICH_HFGITR_EL2		sys_reg(3, 4, 12, 9, 7)
#define VG5_ICH_PPI_DVIR_EL2(n)		sys_reg(3, 4, 12, 10, 0 + (n))
#define VG5_ICH_PPI_ENABLER_EL2(n)	sys_reg(3, 4, 12, 10, 2 + (n))
#define VG5_ICH_PPI_PENDR_EL2(n)	sys_reg(3, 4, 12, 10, 4 + (n))
#define VG5_ICH_PPI_ACTIVER_EL2(n)	sys_reg(3, 4, 12, 10, 6 + (n))
#define VG5_ICH_VCTLR_EL2		sys_reg(3, 4, 12, 11, 4)
#define VG5_ICH_CONTEXTR_EL2		sys_reg(3, 4, 12, 11, 6)
#define VG5_ICH_VMCR_EL2		sys_reg(3, 4, 12, 11, 7)
#define VG5_ICH_PPI_PRIORITYR_EL2(n)	sys_reg(3, 4, 12, 14 + ((n) >> 3), (n) & 7)

#define ICH_VCTLR_V3			BIT_ULL(1)
#define ICH_VCTLR_EN			BIT_ULL(0)

#define ICH_CONTEXTR_V			BIT_ULL(63)
#define ICH_CONTEXTR_F			BIT_ULL(62)	/* refused */
#define ICH_CONTEXTR_IRICHPPIDIS	BIT_ULL(61)
#define ICH_CONTEXTR_DB			BIT_ULL(60)
#define ICH_CONTEXTR_DBPM		GENMASK_ULL(59, 55)
#define ICH_CONTEXTR_VPE		GENMASK_ULL(47, 32)
#define ICH_CONTEXTR_VM			GENMASK_ULL(15, 0)

#define ICH_VMCR_VPMR			GENMASK_ULL(31, 27)
#define ICH_VMCR_EN			BIT_ULL(0)

/* Fine-grained traps: a set bit lets the access through, zero traps it */
#define ICH_HFG_PPI_ACTIVER		BIT_ULL(20)	/* R, W */
#define ICH_HFG_PPI_PRIORITYR		BIT_ULL(19)	/* R, W */
#define ICH_HFG_PPI_PENDR		BIT_ULL(18)	/* R, W */
#define ICH_HFG_PPI_ENABLER		BIT_ULL(17)	/* R, W */
#define ICH_HFG_PPI_HMR			BIT_ULL(16)	/* R */
#define ICH_HFG_IAFFIDR			BIT_ULL(7)	/* R */
#define ICH_HFG_ICSR			BIT_ULL(6)	/* R, W */
#define ICH_HFG_PCR			BIT_ULL(5)	/* R, W */
#define ICH_HFG_HPPIR			BIT_ULL(4)	/* R */
#define ICH_HFGRTR_RES1			BIT_ULL(3)
#define ICH_HFG_CR0			BIT_ULL(2)	/* R, W */
#define ICH_HFG_IDR			BIT_ULL(1)	/* R */
#define ICH_HFG_APR			BIT_ULL(0)	/* R, W */

#define ICH_HFGITR_CDNMIA		BIT_ULL(10)
#define ICH_HFGITR_CDIA			BIT_ULL(9)
#define ICH_HFGITR_CDDI			BIT_ULL(8)
#define ICH_HFGITR_CDEOI		BIT_ULL(7)
#define ICH_HFGITR_CDPEND		BIT_ULL(4)
#define ICH_HFGITR_CDAFF		BIT_ULL(3)
#define ICH_HFGITR_CDPRI		BIT_ULL(2)
#define ICH_HFGITR_CDDIS		BIT_ULL(1)
#define ICH_HFGITR_CDEN			BIT_ULL(0)

/* CPU interface, as the host sees its own and a guest sees its virtual one */
#define VG5_ICC_PPI_HMR_EL1(n)		sys_reg(3, 0, 12, 10, 0 + (n))
#define VG5_ICC_IDR0_EL1		sys_reg(3, 0, 12, 10, 2)
#define VG5_ICC_HPPIR_EL1		sys_reg(3, 0, 12, 10, 3)
#define VG5_ICC_ICSR_EL1		sys_reg(3, 0, 12, 10, 4)
#define VG5_ICC_IAFFIDR_EL1		sys_reg(3, 0, 12, 10, 5)
#define VG5_ICC_PPI_ENABLER_EL1(n)	sys_reg(3, 0, 12, 10, 6 + (n))
#define VG5_ICC_PPI_CACTIVER_EL1(n)	sys_reg(3, 0, 12, 13, 0 + (n))
#define VG5_ICC_PPI_SACTIVER_EL1(n)	sys_reg(3, 0, 12, 13, 2 + (n))
#define VG5_ICC_PPI_CPENDR_EL1(n)	sys_reg(3, 0, 12, 13, 4 + (n))
#define VG5_ICC_PPI_SPENDR_EL1(n)	sys_reg(3, 0, 12, 13, 6 + (n))
#define VG5_ICC_PPI_PRIORITYR_EL1(n)	sys_reg(3, 0, 12, 14 + ((n) >> 3), (n) & 7)
#define VG5_ICC_APR_EL1			sys_reg(3, 1, 12, 0, 0)
#define VG5_ICC_CR0_EL1			sys_reg(3, 1, 12, 0, 1)
#define VG5_ICC_PCR_EL1			sys_reg(3, 1, 12, 0, 2)

#define ICC_IDR0_GCIE_LEGACY		GENMASK_ULL(11, 8)
#define ICC_IDR0_PRI_BITS		GENMASK_ULL(7, 4)	/* minus one */
#define ICC_IDR0_ID_BITS		GENMASK_ULL(3, 0)	/* 0: 16 bits */

#define ICC_ICSR_IAFFID			GENMASK_ULL(47, 32)
#define ICC_ICSR_PRIORITY		GENMASK_ULL(15, 11)
#define ICC_ICSR_HM			BIT_ULL(5)		/* 1: level */
#define ICC_ICSR_ACTIVE			BIT_ULL(4)
#define ICC_ICSR_PENDING		BIT_ULL(2)
#define ICC_ICSR_ENABLED		BIT_ULL(1)
#define ICC_ICSR_F			BIT_ULL(0)		/* no answer */
#define ICC_ICSR_MASK			(GENMASK_ULL(47, 32) | \
					 GENMASK_ULL(15, 11) | GENMASK_ULL(5, 0))

/* Instructions, as an encoding in a syndrome; GICR CDIA and CDNMIA are reads */
#define VG5_GIC_CDDIS			sys_reg(1, 0, 12, 1, 0)
#define VG5_GIC_CDEN			sys_reg(1, 0, 12, 1, 1)
#define VG5_GIC_CDPRI			sys_reg(1, 0, 12, 1, 2)
#define VG5_GIC_CDAFF			sys_reg(1, 0, 12, 1, 3)
#define VG5_GIC_CDPEND			sys_reg(1, 0, 12, 1, 4)
#define VG5_GIC_CDRCFG			sys_reg(1, 0, 12, 1, 5)
#define VG5_GIC_CDEOI			sys_reg(1, 0, 12, 1, 7)
#define VG5_GIC_CDDI			sys_reg(1, 0, 12, 2, 0)
#define VG5_GIC_CDHM			sys_reg(1, 0, 12, 2, 1)
#define VG5_GICR_CDIA			sys_reg(1, 0, 12, 3, 0)
#define VG5_GICR_CDNMIA			sys_reg(1, 0, 12, 3, 1)

/* The same for a VM's interrupts, at EL2 */
#define VG5_GIC_VDDIS			sys_reg(1, 4, 12, 1, 0)
#define VG5_GIC_VDPRI			sys_reg(1, 4, 12, 1, 2)
#define VG5_GIC_VDAFF			sys_reg(1, 4, 12, 1, 3)
#define VG5_GIC_VDPEND			sys_reg(1, 4, 12, 1, 4)
#define VG5_GIC_VDRCFG			sys_reg(1, 4, 12, 1, 5)
#define VG5_GIC_VDDI			sys_reg(1, 4, 12, 2, 0)
#define VG5_GIC_VDHM			sys_reg(1, 4, 12, 2, 1)

/* What GICR CDIA returns, and ICC_HPPIR_EL1, ICH_HPPIR_EL2 */
#define GICR_CDIA_VALID			BIT_ULL(32)

#endif /* __VGICV5_HW_REGS_H */
