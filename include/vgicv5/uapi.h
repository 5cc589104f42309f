/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What user space says to a vGICv5, where <asm/kvm.h> is too old to know it. The
 * numbers are those of Linux 7.1 and 7.4. VMMs may include this after
 * <linux/kvm.h>.
 */
#ifndef __VGICV5_UAPI_H
#define __VGICV5_UAPI_H

#include <linux/types.h>

/* Linux 7.1 */
#ifndef KVM_DEV_ARM_VGIC_USERSPACE_PPIS
#define KVM_DEV_ARM_VGIC_USERSPACE_PPIS	5
#endif

/* Linux 7.4 */
#ifndef KVM_VGIC_V5_ADDR_TYPE_IRS
#define KVM_VGIC_V5_ADDR_TYPE_IRS	6
#endif

#ifndef KVM_DEV_ARM_VGIC_GRP_IRS_REGS
#define KVM_DEV_ARM_VGIC_GRP_IRS_REGS	10
#endif

#ifndef KVM_DEV_ARM_VGIC_GRP_IST
#define KVM_DEV_ARM_VGIC_GRP_IST	11

/**
 * struct kvm_vgic_v5_ist - buffers for the entries of SPIs and LPIs
 * @spi_ist_addr: 4 bytes for each SPI, little endian, as an L2_ISTE
 * @spi_ist_size: number of bytes
 * @lpi_ist_addr: the same for LPIs, 0 if IRS_IST_BASER is not valid
 * @lpi_ist_size: number of bytes, 0 likewise
 */
struct kvm_vgic_v5_ist {
	__u64 spi_ist_addr;
	__u64 spi_ist_size;
	__u64 lpi_ist_addr;
	__u64 lpi_ist_size;
};
#endif

#endif /* __VGICV5_UAPI_H */
