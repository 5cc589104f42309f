/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one place for what differs between kernels, found by feature.
 */
#ifndef __VGICV5_COMPAT_H
#define __VGICV5_COMPAT_H

#include <linux/build_bug.h>
#include <linux/kvm.h>
#include <linux/slab.h>

/* UAPI of Linux 7.1: <asm/kvm.h> of earlier kernels lacks it */
#ifndef KVM_DEV_ARM_VGIC_USERSPACE_PPIS
#define KVM_DEV_ARM_VGIC_USERSPACE_PPIS	5
#endif

/* UAPI of Linux 7.4 */
#ifndef KVM_VGIC_V5_ADDR_TYPE_IRS
#define KVM_VGIC_V5_ADDR_TYPE_IRS	6
#endif

/* Linux 7.0 */
#ifndef kzalloc_obj
#define kzalloc_obj(obj, gfp)	kzalloc(sizeof(obj), gfp)
#endif

/* The number is UAPI, and not the next one that happens to be free */
static_assert(KVM_DEV_TYPE_ARM_VGIC_V5 == 16);

#endif
