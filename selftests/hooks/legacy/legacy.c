// SPDX-License-Identifier: GPL-2.0-only
/*
 * Make KVM believe that its GICv5 host has FEAT_GCIE_LEGACY: ID registers and
 * devices are those of a host that could give a VM a GICv3 as well. No GICv3
 * guest can run. The kernel is to be started with rodata=off, and
 *
 *	state	  address of kvm_vgic_global_state
 *	register  address of kvm_register_vgic_device()
 *
 * are in its System.map.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kvm_host.h>
#include <linux/module.h>

#include <kvm/arm_vgic.h>

static ulong state;
module_param(state, ulong, 0);
static ulong register_device;
module_param_named(register, register_device, ulong, 0);

static int __init legacy_init(void)
{
	struct vgic_global *global = (struct vgic_global *)state;
	int (*devices)(unsigned long type) = (void *)register_device;
	int ret;

	if (!global || !devices || global->type != VGIC_V5)
		return -EINVAL;

	global->has_gcie_v3_compat = true;
	ret = devices(KVM_DEV_TYPE_ARM_VGIC_V3);
	if (ret)
		global->has_gcie_v3_compat = false;

	return ret;
}
module_init(legacy_init);

MODULE_DESCRIPTION("A GICv5 host with GICv3 compatibility, as KVM sees it");
MODULE_LICENSE("GPL");
