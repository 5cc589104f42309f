// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load and unload: is this the right host, take over its CPUs, register.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpu_pm.h>
#include <linux/cpufeature.h>
#include <linux/cpuhotplug.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/smp.h>

#include <kvm/arm_vgic_v5.h>

#include <asm/virt.h>

#include <vgicv5/version.h>

#include "compat.h"
#include "glue.h"

#define CREATE_TRACE_POINTS
#include "events.h"

struct ppi_host vgicv5_host __ro_after_init;

DEFINE_PER_CPU(struct vgicv5_cpu_mismatch, vgicv5_cpu_mismatch);

/* PPIs that KVM has kept away from the host for any VM so far */
u64 vgicv5_direct_ppis[PPI_BANKS];
bool vgicv5_shutting_down;

bool vgicv5_resident __ro_after_init = true;
module_param_named(resident, vgicv5_resident, bool, 0444);
MODULE_PARM_DESC(resident,
		 "Keep the state of a loaded vCPU in the hardware (default); 0: save and restore it at each exit");

bool vgicv5_only_hw __ro_after_init;
static char *vgicv5_irs = "auto";
module_param_named(irs, vgicv5_irs, charp, 0444);
MODULE_PARM_DESC(irs,
		 "Where the SPIs and LPIs of VMs are: soft (in the module), hw (in the host's IRS), auto (default: hw if it can be)");

static struct kvm_vgic_v5_ops vgicv5_ops __ro_after_init = {
	.owner		= THIS_MODULE,
	.size		= sizeof(struct kvm_vgic_v5_ops),
	.abi		= KVM_VGIC_V5_OPS_ABI,
	.create		= vgicv5_create,
	.destroy	= vgicv5_destroy,
	.vcpu_create	= vgicv5_vcpu_create,
	.vcpu_destroy	= vgicv5_vcpu_destroy,
	.map_resources	= vgicv5_map_resources,
	.first_run	= vgicv5_first_run,
	.reset		= vgicv5_reset,
	.drop_pending	= vgicv5_drop_pending,
	.load		= vgicv5_load,
	.put		= vgicv5_put,
	.flush		= vgicv5_flush,
	.pending	= vgicv5_pending,
	.can_wake	= vgicv5_can_wake,
	.inject		= vgicv5_inject,
	.inject_spi	= vgicv5_inject_spi,
	.set_owner	= vgicv5_set_owner,
	.map		= vgicv5_map,
	.sysreg		= vgicv5_sysreg,
	.set_attr	= vgicv5_set_attr,
	.get_attr	= vgicv5_get_attr,
	.has_attr	= vgicv5_has_attr,
};

/* What the CPUs have in common; filled in one after the other */
static struct {
	struct ich_cpu_id id;
	bool first;
	bool good;
} probed __initdata = {
	.first	= true,
	.good	= true,
};

static long __init probe_cpu(void *unused)
{
	struct ich_cpu_id id;
	int b;

	guard(preempt)();

	ich_cpu_up();
	probed.good &= ich_probe(&id);

	if (probed.first) {
		probed.id = id;
		probed.first = false;
		return 0;
	}

	/* A PPI that is handled differently is not offered */
	for (b = 0; b < PPI_BANKS; b++)
		probed.id.implemented[b] &= id.implemented[b] &
					    ~(id.level[b] ^ probed.id.level[b]);
	probed.id.pri_bits = min(probed.id.pri_bits, id.pri_bits);

	return 0;
}

static int __init probe_host(void)
{
	int cpu;

	lockdep_assert_cpus_held();

	for_each_online_cpu(cpu)
		work_on_cpu(cpu, probe_cpu, NULL);

	if (!probed.good || !probed.id.implemented[0]) {
		pr_err("ICC_IDR0_EL1 or ICH_PPI_ENABLERx_EL2 make no sense: not a GICv5 that this module knows\n");
		return -ENODEV;
	}

	ppi_host_init(&vgicv5_host, probed.id.implemented, probed.id.level,
		      probed.id.pri_bits);
	return 0;
}

/* No vCPU with a vGICv5 is loaded on this CPU, or will be before it is up again */
static void release_this_cpu(void)
{
	guard(preempt)();
	ich_cpu_down(VGICV5_KVM_HAS_OWN);
	ich_deactivate_physical(vgicv5_direct_ppis);
}

static long __init release_cpu(void *unused)
{
	release_this_cpu();

	return 0;
}

static void __init release_host(void)
{
	int cpu;

	lockdep_assert_cpus_held();

	for_each_online_cpu(cpu)
		work_on_cpu(cpu, release_cpu, NULL);
}

/*
 * A CPU that comes later may lack what VMs have been promised. It is of use to
 * the host and to other VMs; see vgicv5_load().
 */
static int vgicv5_cpu_online(unsigned int cpu)
{
	struct vgicv5_cpu_mismatch m = { 0 };
	struct ich_cpu_id id;
	int b;

	guard(preempt)();

	ich_cpu_up();
	/* What makes no sense is not there */
	if (!ich_probe(&id))
		id = (struct ich_cpu_id){ 0 };

	m.pri_bits = id.pri_bits < vgicv5_host.pri_bits;
	m.any = m.pri_bits;

	for (b = 0; b < PPI_BANKS; b++) {
		u64 edge = id.implemented[b] & ~id.level[b];

		m.ppis[b] = vgicv5_host.implemented[b] &
			    (~id.implemented[b] | (edge ^ vgicv5_host.edge[b]));
		m.any |= m.ppis[b];
	}

	*this_cpu_ptr(&vgicv5_cpu_mismatch) = m;

	if (m.any)
		pr_warn_once("CPU%u lacks %s the others have (PPIs: %*pbl): VMs that need them cannot run there (KVM_EXIT_FAIL_ENTRY)\n",
			     cpu, m.pri_bits ? "priority bits that" : "PPIs that",
			     PPI_NR, (unsigned long *)m.ppis);

	return 0;
}

static int vgicv5_cpu_offline(unsigned int cpu)
{
	release_this_cpu();

	return 0;
}

/* A CPU that was powered down comes back with UNKNOWN registers */
static int vgicv5_cpu_pm(struct notifier_block *nb, unsigned long action,
			 void *unused)
{
	if (action == CPU_PM_EXIT)
		ich_cpu_up();

	return NOTIFY_OK;
}

static void deactivate_this_cpu(void *unused)
{
	ich_deactivate_physical(vgicv5_direct_ppis);
}

/*
 * Reboot and kexec, VMs may still run. A CPU that has a vCPU loaded is left
 * clean by vgicv5_put(): the thread that goes on to reboot comes after it.
 */
static int vgicv5_reboot(struct notifier_block *nb, unsigned long action,
			 void *unused)
{
	WRITE_ONCE(vgicv5_shutting_down, true);
	on_each_cpu(deactivate_this_cpu, NULL, true);
	/* The next kernel's memory is not the IRS's */
	if (HAVE_DOORBELLS)
		vgicv5_hw_exit();

	return NOTIFY_DONE;
}

static struct notifier_block vgicv5_reboot_nb = {
	.notifier_call = vgicv5_reboot,
};

static struct notifier_block vgicv5_cpu_pm_nb = {
	.notifier_call = vgicv5_cpu_pm,
};

static int __init check_host(void)
{
	if (VGICV5_KVM_HAS_IRS) {
		pr_err("KVM of this kernel has a virtual GICv5 with an IRS of its own: use that\n");
		return -EOPNOTSUPP;
	}

	if (!cpus_have_final_cap(ARM64_HAS_GICV5_CPUIF)) {
		pr_err("this host has no GICv5 (ID_AA64PFR2_EL1.GCIE is 0): nothing to do here\n");
		return -ENODEV;
	}

	if (!is_kernel_in_hyp_mode() || is_protected_kvm_enabled()) {
		pr_err("KVM runs in nVHE or protected mode: remove kvm-arm.mode=... from the kernel command line\n");
		return -EOPNOTSUPP;
	}

	return 0;
}

static int __init register_ops(void)
{
	int ret;

	if (!vgicv5_resident) {
		vgicv5_ops.flush = vgicv5_flush_all;
		vgicv5_ops.sync = vgicv5_sync_all;
	}
	if (HAVE_DOORBELLS && vgicv5_hw_on())
		vgicv5_ops.inject_spi = vgicv5_hw_inject_spi;

	ret = kvm_vgic_v5_register(&vgicv5_ops);
	switch (ret) {
	case 0:
		break;
	case -EEXIST:
		pr_err("there is a virtual GICv5 already: unload it first\n");
		break;
	case -EPROTO:
		pr_err("built for other hooks than this kernel has: rebuild it against this kernel's headers\n");
		break;
	case -ENODEV:
		pr_err("KVM does not use the GICv5: see its boot messages, it needs /dev/kvm and the maintenance interrupt in the device tree\n");
		break;
	default:
		pr_err("KVM refused the registration (%d)\n", ret);
	}

	return ret;
}

/* *@why_soft: why VMs are not given to the host's IRS, NULL if they are */
static int __init choose_irs(const char **why_soft)
{
	if (!strcmp(vgicv5_irs, "soft")) {
		*why_soft = "is not to be used (irs=soft)";
		return 0;
	}

	vgicv5_only_hw = !strcmp(vgicv5_irs, "hw");
	if (!vgicv5_only_hw && strcmp(vgicv5_irs, "auto")) {
		pr_err("irs=%s: say soft, hw or auto\n", vgicv5_irs);
		return -EINVAL;
	}

	*why_soft = HAVE_DOORBELLS ? vgicv5_hw_probe() :
		    "rings no doorbells with the hooks of this kernel";
	if (*why_soft && vgicv5_only_hw) {
		pr_err("irs=hw: the host's IRS %s\n", *why_soft);
		return -ENODEV;
	}

	return 0;
}

static int vgicv5_hp_state __ro_after_init;

static int __init vgicv5_init(void)
{
	const char *why_soft;
	int ret;

	ret = check_host();
	if (ret)
		return ret;

	/* No CPU may slip in between probing and watching */
	cpus_read_lock();
	ret = probe_host();
	if (!ret)
		ret = cpuhp_setup_state_nocalls_cpuslocked(CPUHP_AP_ONLINE_DYN,
							   "kvm/vgicv5:online",
							   vgicv5_cpu_online,
							   vgicv5_cpu_offline);
	if (ret < 0)
		release_host();
	cpus_read_unlock();
	if (ret < 0)
		return ret;
	vgicv5_hp_state = ret;

	ret = cpu_pm_register_notifier(&vgicv5_cpu_pm_nb);
	if (ret)
		goto out_hp;

	ret = register_reboot_notifier(&vgicv5_reboot_nb);
	if (ret)
		goto out_pm;

	ret = choose_irs(&why_soft);
	if (ret)
		goto out_reboot;

	ret = register_ops();
	if (ret)
		goto out_irs;

	vgicv5_debugfs_init();
	pr_info("virtual GICv5 for KVM guests, host PPIs %*pbl, %u priority bits, %s mode, IRS in %s%s\n",
		PPI_NR, (unsigned long *)vgicv5_host.implemented,
		vgicv5_host.pri_bits,
		vgicv5_resident ? "resident" : "conservative",
		why_soft ? "software: the host's " : "hardware",
		why_soft ?: "");
	return 0;

out_irs:
	if (HAVE_DOORBELLS)
		vgicv5_hw_exit();
out_reboot:
	unregister_reboot_notifier(&vgicv5_reboot_nb);
out_pm:
	cpu_pm_unregister_notifier(&vgicv5_cpu_pm_nb);
out_hp:
	cpuhp_remove_state(vgicv5_hp_state);
	return ret;
}
module_init(vgicv5_init);

static void __exit vgicv5_exit(void)
{
	vgicv5_debugfs_exit();
	kvm_vgic_v5_unregister(&vgicv5_ops);
	if (HAVE_DOORBELLS)
		vgicv5_hw_exit();
	unregister_reboot_notifier(&vgicv5_reboot_nb);
	cpu_pm_unregister_notifier(&vgicv5_cpu_pm_nb);
	cpuhp_remove_state(vgicv5_hp_state);
}
module_exit(vgicv5_exit);

MODULE_DESCRIPTION("Virtual GICv5 for KVM/arm64 guests");
MODULE_AUTHOR("The vgicv5 authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(VGICV5_VERSION);
