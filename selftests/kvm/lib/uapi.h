/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What <linux/kvm.h> of older distributions lacks: the vGICv5 part of KVM's
 * user interface. The numbers are those of Linux 7.1 and later.
 */
#ifndef SELFTEST_UAPI_H
#define SELFTEST_UAPI_H

#include <linux/kvm.h>

#define VGIC_V5				16	/* KVM_DEV_TYPE_ARM_VGIC_V5 */

#ifndef KVM_DEV_ARM_VGIC_USERSPACE_PPIS
#define KVM_DEV_ARM_VGIC_USERSPACE_PPIS	5
#endif
#ifndef KVM_DEV_ARM_VGIC_GRP_MAINT_IRQ
#define KVM_DEV_ARM_VGIC_GRP_MAINT_IRQ	9
#endif
#ifndef KVM_ARM_VCPU_HAS_EL2
#define KVM_ARM_VCPU_HAS_EL2		7
#endif
#ifndef KVM_ARM_VCPU_TIMER_IRQ_HVTIMER
#define KVM_ARM_VCPU_TIMER_IRQ_HVTIMER	2
#define KVM_ARM_VCPU_TIMER_IRQ_HPTIMER	3
#endif

/* An INTID as GICv5 writes it: TYPE in bits 31:29 (1 = PPI), ID in 23:0. */
#define PPI_INTID(n)			(0x20000000u | (n))

/* The architected PPIs these programs know by name. */
#define SW_PPI				3
#define PMUIRQ				23
#define CNTHP				26
#define CNTV				27
#define CNTHV				28
#define CNTP				30

/* The argument of KVM_IRQ_LINE: the raw PPI number, not the INTID. */
#define IRQ_LINE(type, vcpu, num)					\
	((((vcpu) >> 8) & 0xf) << KVM_ARM_IRQ_VCPU2_SHIFT |		\
	 (__u32)(type) << KVM_ARM_IRQ_TYPE_SHIFT |			\
	 ((vcpu) & 0xff) << KVM_ARM_IRQ_VCPU_SHIFT | (num))

/* ID registers by their KVM_GET_ONE_REG name. */
#define REG_ID_PFR1		ARM64_SYS_REG(3, 0, 0, 1, 1)
#define REG_ID_AA64PFR0		ARM64_SYS_REG(3, 0, 0, 4, 0)
#define REG_ID_AA64PFR2		ARM64_SYS_REG(3, 0, 0, 4, 2)

#define ID_PFR1_GIC(v)		(((v) >> 28) & 0xf)
#define ID_AA64PFR0_GIC(v)	(((v) >> 24) & 0xf)
#define ID_AA64PFR2_GCIE(v)	(((v) >> 12) & 0xf)
#define ID_AA64PFR0_GIC_MASK	(0xfull << 24)
#define ID_AA64PFR2_GCIE_MASK	(0xfull << 12)

#endif
