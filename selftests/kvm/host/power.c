// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that lose power in idle: a write to /sys/module/power/parameters/cycle
 * announces to each CPU in turn that it goes down, spoils what is not there any
 * more afterwards, and announces that it is back. Not while a vCPU is loaded:
 * the thread that does this has the CPU.
 */
#include <linux/cpu.h>
#include <linux/cpu_pm.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

#define SPOILT		0x5a5a5a5a5a5a5a5aULL

#define ICH_APR		sys_reg(3, 4, 12, 8, 4)
#define ICH_PPI(n)	sys_reg(3, 4, 12, 10, n)	/* DVIR to ACTIVER */
#define ICH_CONTEXTR	sys_reg(3, 4, 12, 11, 6)
#define ICH_PRIORITYR(n) sys_reg(3, 4, 12, 14 + ((n) >> 3), (n) & 7)

#define FOR_EACH_SPOILT(X)						\
	X(ICH_APR) X(ICH_CONTEXTR)					\
	X(ICH_PPI(0)) X(ICH_PPI(1)) X(ICH_PPI(2)) X(ICH_PPI(3))		\
	X(ICH_PPI(4)) X(ICH_PPI(5)) X(ICH_PPI(6)) X(ICH_PPI(7))		\
	X(ICH_PRIORITYR(0)) X(ICH_PRIORITYR(1)) X(ICH_PRIORITYR(2))	\
	X(ICH_PRIORITYR(3)) X(ICH_PRIORITYR(4)) X(ICH_PRIORITYR(8))	\
	X(ICH_PRIORITYR(15))						\
	X(SYS_ICH_HFGRTR_EL2) X(SYS_ICH_HFGWTR_EL2) X(SYS_ICH_HFGITR_EL2)

#define SPOIL(reg)	write_sysreg_s(SPOILT, reg);

static long cycle(void *unused)
{
	unsigned long flags;
	int ret;

	local_irq_save(flags);
	ret = cpu_pm_enter();
	if (!ret) {
		write_sysreg_s(0, SYS_ICH_VCTLR_EL2);
		isb();
		write_sysreg_s(SPOILT, SYS_ICH_VMCR_EL2);
		FOR_EACH_SPOILT(SPOIL)
		isb();
		ret = cpu_pm_exit();
	}
	local_irq_restore(flags);

	return ret;
}

static int cycle_set(const char *val, const struct kernel_param *kp)
{
	int cpu, ret = 0;

	guard(cpus_read_lock)();

	for_each_online_cpu(cpu)
		ret = ret ?: work_on_cpu(cpu, cycle, NULL);

	return ret;
}

static const struct kernel_param_ops cycle_ops = {
	.set = cycle_set,
};
module_param_cb(cycle, &cycle_ops, NULL, 0200);
MODULE_PARM_DESC(cycle, "Take each CPU down and up again");

static int __init power_init(void)
{
	if (!cpus_have_final_cap(ARM64_HAS_GICV5_CPUIF) ||
	    !is_kernel_in_hyp_mode())
		return -ENODEV;

	return 0;
}
module_init(power_init);

static void __exit power_exit(void)
{
}
module_exit(power_exit);

MODULE_DESCRIPTION("CPUs that lose power in idle, as far as the GIC is concerned");
MODULE_LICENSE("GPL");
