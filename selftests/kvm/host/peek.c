// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in the GIC's registers of each CPU that is online: a line for each
 * CPU in /sys/module/peek/parameters/registers,
 *
 *	cpu0 IDR0=0x... HMR0=0x... ...
 *
 * It only reads. Physical Active is that of all PPIs, whoever has set it.
 */
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/sysfs.h>

#include <asm/cpufeature.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

/* Those that Linux 6.18 has no name for */
#define PEEK_CONTEXTR	sys_reg(3, 4, 12, 11, 6)
#define PEEK_APR	sys_reg(3, 4, 12, 8, 4)
#define PEEK_DVIR(n)	sys_reg(3, 4, 12, 10, n)
#define PEEK_ENABLER(n)	sys_reg(3, 4, 12, 10, 2 + (n))
#define PEEK_PENDR(n)	sys_reg(3, 4, 12, 10, 4 + (n))
#define PEEK_ACTIVER(n)	sys_reg(3, 4, 12, 10, 6 + (n))

struct reg {
	const char *name;
	u64 value;
};

struct regs {
	struct reg reg[20];
};

static void read_all(void *info)
{
	*(struct regs *)info = (struct regs){ {
		{ "IDR0", read_sysreg_s(SYS_ICC_IDR0_EL1) },
		{ "HMR0", read_sysreg_s(SYS_ICC_PPI_HMR0_EL1) },
		{ "HMR1", read_sysreg_s(SYS_ICC_PPI_HMR1_EL1) },
		{ "SACTIVER0", read_sysreg_s(SYS_ICC_PPI_SACTIVER0_EL1) },
		{ "SACTIVER1", read_sysreg_s(SYS_ICC_PPI_SACTIVER1_EL1) },
		{ "CONTEXTR", read_sysreg_s(PEEK_CONTEXTR) },
		{ "VCTLR", read_sysreg_s(SYS_ICH_VCTLR_EL2) },
		{ "VMCR", read_sysreg_s(SYS_ICH_VMCR_EL2) },
		{ "APR", read_sysreg_s(PEEK_APR) },
		{ "HFGRTR", read_sysreg_s(SYS_ICH_HFGRTR_EL2) },
		{ "HFGWTR", read_sysreg_s(SYS_ICH_HFGWTR_EL2) },
		{ "HFGITR", read_sysreg_s(SYS_ICH_HFGITR_EL2) },
		{ "DVIR0", read_sysreg_s(PEEK_DVIR(0)) },
		{ "DVIR1", read_sysreg_s(PEEK_DVIR(1)) },
		{ "ENABLER0", read_sysreg_s(PEEK_ENABLER(0)) },
		{ "ENABLER1", read_sysreg_s(PEEK_ENABLER(1)) },
		{ "PENDR0", read_sysreg_s(PEEK_PENDR(0)) },
		{ "PENDR1", read_sysreg_s(PEEK_PENDR(1)) },
		{ "ACTIVER0", read_sysreg_s(PEEK_ACTIVER(0)) },
		{ "ACTIVER1", read_sysreg_s(PEEK_ACTIVER(1)) },
	} };
}

static int registers_get(char *buf, const struct kernel_param *kp)
{
	unsigned int i, cpu;
	int n = 0;

	guard(cpus_read_lock)();

	for_each_online_cpu(cpu) {
		struct regs regs;

		smp_call_function_single(cpu, read_all, &regs, 1);
		n += sysfs_emit_at(buf, n, "cpu%u", cpu);
		for (i = 0; i < ARRAY_SIZE(regs.reg); i++)
			n += sysfs_emit_at(buf, n, " %s=%#llx",
					   regs.reg[i].name,
					   regs.reg[i].value);
		n += sysfs_emit_at(buf, n, "\n");
	}

	return n;
}

static const struct kernel_param_ops registers_ops = {
	.get = registers_get,
};
module_param_cb(registers, &registers_ops, NULL, 0400);
MODULE_PARM_DESC(registers, "GIC registers, a line for each CPU");

static int __init peek_init(void)
{
	if (!cpus_have_final_cap(ARM64_HAS_GICV5_CPUIF) ||
	    !is_kernel_in_hyp_mode())
		return -ENODEV;

	return 0;
}
module_init(peek_init);

static void __exit peek_exit(void)
{
}
module_exit(peek_exit);

MODULE_DESCRIPTION("Look at the GICv5 registers of each CPU");
MODULE_LICENSE("GPL");
