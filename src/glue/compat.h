/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one place for what differs between kernels, found by feature.
 */
#ifndef __VGICV5_COMPAT_H
#define __VGICV5_COMPAT_H

#include <linux/build_bug.h>
#include <linux/kvm.h>
#include <linux/slab.h>

#include <vgicv5/uapi.h>

/* Linux 7.0 */
#ifndef kzalloc_obj
#define kzalloc_obj(obj, gfp)	kzalloc(sizeof(obj), gfp)
#endif

/* The number is UAPI, and not the next one that happens to be free */
static_assert(KVM_DEV_TYPE_ARM_VGIC_V5 == 16);

#endif
