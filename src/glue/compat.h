/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one place for what differs between kernels, found by feature.
 */
#ifndef __VGICV5_COMPAT_H
#define __VGICV5_COMPAT_H

#include <linux/build_bug.h>
#include <linux/kvm.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include <kvm/arm_vgic_v5.h>

/* KVM's own vGICv5 has an IRS, from 7.4 on: asked before <vgicv5/uapi.h> */
#ifdef KVM_VGIC_V5_ADDR_TYPE_IRS
#define VGICV5_KVM_HAS_IRS	true
#else
#define VGICV5_KVM_HAS_IRS	false
#endif

#include <vgicv5/uapi.h>

/* Linux 7.0 */
#ifndef kzalloc_obj
#define kzalloc_obj(obj, gfp)	kzalloc(sizeof(obj), gfp)
#endif

/*
 * KVM has a vGICv5 of its own, from 7.1 on, whose vCPUs run beside ours. It
 * expects ICH_VCTLR_EL2.En as the kernel has set it when the CPU came up.
 */
#ifdef VGIC_V5_NR_PRIVATE_IRQS
#define VGICV5_KVM_HAS_OWN	true

/* Has one of these been loaded on this CPU since this was asked last? */
static inline bool vgicv5_kvm_own_was_here(void)
{
	if (likely(!__this_cpu_read(kvm_vgic_v5_own_loaded)))
		return false;

	__this_cpu_write(kvm_vgic_v5_own_loaded, false);
	return true;
}
#else
#define VGICV5_KVM_HAS_OWN	false

static inline bool vgicv5_kvm_own_was_here(void)
{
	return false;
}
#endif

/* Without doorbells irs_hw.c is not compiled, and what calls it is dropped */
#ifdef KVM_VGIC_V5_DOORBELLS
#define HAVE_DOORBELLS	true
#else
#define HAVE_DOORBELLS	false
#endif

/* The number is UAPI, and not the next one that happens to be free */
static_assert(KVM_DEV_TYPE_ARM_VGIC_V5 == 16);

#endif
