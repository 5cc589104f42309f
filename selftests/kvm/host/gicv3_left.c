// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU as a GICv3 guest leaves it: a number that is written to
 * /sys/module/gicv3_left/parameters/vmcr goes to ICH_VMCR_EL2 of each CPU that
 * is online, with ICH_VCTLR_EL2.V3 set before, which is not cleared again.
 * KVM does the same when it loads a vCPU with a GICv3, and clears nothing when
 * it puts it. Not while a vCPU is loaded: there is none between two KVM_RUN.
 */
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/smp.h>

#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

static void leave(void *info)
{
	sysreg_clear_set_s(SYS_ICH_VCTLR_EL2, 0, ICH_VCTLR_EL2_V3);
	isb();
	write_sysreg_s(*(u64 *)info, SYS_ICH_VMCR_EL2);
	isb();
}

static int vmcr_set(const char *val, const struct kernel_param *kp)
{
	u64 vmcr;
	int ret;

	ret = kstrtou64(val, 0, &vmcr);
	if (ret)
		return ret;

	on_each_cpu(leave, &vmcr, 1);
	return 0;
}

static const struct kernel_param_ops vmcr_ops = {
	.set = vmcr_set,
};
module_param_cb(vmcr, &vmcr_ops, NULL, 0200);
MODULE_PARM_DESC(vmcr, "Set V3, and write this to ICH_VMCR_EL2");

static int __init gicv3_left_init(void)
{
	if (!cpus_have_final_cap(ARM64_HAS_GICV5_LEGACY) ||
	    !is_kernel_in_hyp_mode())
		return -ENODEV;

	return 0;
}
module_init(gicv3_left_init);

static void __exit gicv3_left_exit(void)
{
}
module_exit(gicv3_left_exit);

MODULE_DESCRIPTION("Leave V3 and VMCR as a GICv3 guest does");
MODULE_LICENSE("GPL");
