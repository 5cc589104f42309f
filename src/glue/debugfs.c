// SPDX-License-Identifier: GPL-2.0-only
/*
 * The view inside. Two files, each with a format number in its first line:
 *
 *   vgicv5/host		  what the hardware offers
 *   kvm/<pid>-<fd>/vgicv5-state  a VM: what is exposed, to whom, and its words
 */
#include <linux/bitfield.h>
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "../hw/regs.h"
#include "glue.h"

static struct dentry *vgicv5_dir;

static const char *ppi_name(unsigned int ppi)
{
	switch (ppi) {
	case PPI_SW:
		return "SW_PPI";
	case PPI_PMU:
		return "PMUIRQ";
	case PPI_CNTHP:
		return "CNTHP";
	case PPI_CNTV:
		return "CNTV";
	case PPI_CNTHV:
		return "CNTHV";
	case PPI_CNTP:
		return "CNTP";
	}

	return "-";
}

/* On arm64 a bitmap of longs is a bitmap of u64 */
static void show_ppis(struct seq_file *s, const char *key, const u64 *ppis)
{
	seq_printf(s, "%s: %*pbl\n", key, PPI_NR, (const unsigned long *)ppis);
}

static int host_show(struct seq_file *s, void *unused)
{
	seq_puts(s, "format: 1\n");
	show_ppis(s, "implemented", vgicv5_host.implemented);
	show_ppis(s, "edge", vgicv5_host.edge);
	seq_printf(s, "priority bits: %u\n", vgicv5_host.pri_bits);
	seq_printf(s, "mode: %s\n",
		   vgicv5_resident ? "resident" : "conservative");
	if (HAVE_DOORBELLS && vgicv5_hw_on())
		seq_printf(s, "irs: %s, %u VMs lost\n", vgicv5_hw_wanted() ?
			   "hardware" : "software, the host's does not answer",
			   vgicv5_hw_lost());

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(host);

static void show_ppi(struct seq_file *s, struct kvm *kvm, unsigned int ppi)
{
	const char *owner = "none", *how = "";
	struct kvm_vcpu *vcpu;
	unsigned long c;
	int i;

	if (ppi_test(to_vgicv5_vm(kvm)->ppi.userspace, ppi))
		owner = "userspace";

	kvm_for_each_vcpu(c, vcpu, kvm) {
		struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);

		for (i = 0; i < VGICV5_OWNERS; i++) {
			if (v->owners[i].dev && v->owned[i] == ppi)
				owner = ppi == PPI_PMU ? "pmu" : "timer";
		}

		if (ppi_test(v->ppi.direct, ppi))
			how = " direct";
	}

	seq_printf(s, "ppi %u: %s %s owner=%s%s\n", ppi, ppi_name(ppi),
		   ppi_test(vgicv5_host.edge, ppi) ? "edge" : "level",
		   owner, how);
}

static void show_word(struct seq_file *s, const char *key, u64 hi, u64 lo)
{
	seq_printf(s, " %s=%016llx", key, lo);
	if (hi)
		seq_printf(s, ",%016llx", hi);
}

static void show_vcpu(struct seq_file *s, struct kvm_vcpu *vcpu)
{
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;
	struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	const char *key = " priority=";
	struct ppi_snapshot snap;
	unsigned int ppi;
	int tries = 8;

	seq_printf(s, "vcpu %d:", vcpu->vcpu_id);
	show_word(s, "line", ppi_word_read(&cpu->line[1]),
		  ppi_word_read(&cpu->line[0]));
	show_word(s, "latch", ppi_word_read(&cpu->latch[1]),
		  ppi_word_read(&cpu->latch[0]));
	show_word(s, "enabled", READ_ONCE(cpu->enabled[1]),
		  READ_ONCE(cpu->enabled[0]));

	/* A vCPU that comes and goes is looked at a few times */
	while (!ppi_snapshot(cpu, vm, &snap)) {
		if (READ_ONCE(cpu->resident) || !--tries) {
			seq_puts(s, tries ? " resident\n" : " changing\n");
			return;
		}
	}

	show_word(s, "active", snap.active[1], snap.active[0]);
	seq_printf(s, " en=%u pcr=%u apr=%08x", snap.en, snap.pcr, snap.apr);

	for (ppi = 0; ppi < PPI_NR; ppi++) {
		if (!ppi_test(vm->exposed, ppi))
			continue;
		seq_printf(s, "%s%u:%u", key, ppi, snap.prio[ppi]);
		key = ",";
	}
	seq_putc(s, '\n');
}

/* Those that are pending or active; what they are may change meanwhile */
static void show_irqs(struct seq_file *s, struct irs *irs, u32 type,
		      const char *name, u32 nr)
{
	u32 id;

	for (id = 0; id < nr; id++) {
		u64 icsr = irs_rcfg(irs, INTID(type, id));

		if (!(icsr & (ICC_ICSR_PENDING | ICC_ICSR_ACTIVE)))
			continue;

		seq_printf(s, "%s %u:%s%s%s %s priority=%llu vcpu=%llu\n", name,
			   id, icsr & ICC_ICSR_PENDING ? " pending" : "",
			   icsr & ICC_ICSR_ACTIVE ? " active" : "",
			   icsr & ICC_ICSR_ENABLED ? "" : " disabled",
			   icsr & ICC_ICSR_HM ? "level" : "edge",
			   FIELD_GET(ICC_ICSR_PRIORITY, icsr),
			   FIELD_GET(ICC_ICSR_IAFFID, icsr));
	}
}

/* The host's IRS has the rest. A vCPU is the VPE of the same number */
static void show_hw(struct seq_file *s, struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long c;

	seq_printf(s, " backend=hw\nirs vm: %u vpes=%d\n",
		   vgicv5_hw_number(to_vgicv5_vm(kvm)),
		   atomic_read(&kvm->online_vcpus));
	kvm_for_each_vcpu(c, vcpu, kvm) {
		const struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
		int cpu = READ_ONCE(v->vpe_resident) ? READ_ONCE(vcpu->cpu) : -1;

		seq_printf(s, "irs vcpu %d: doorbell=%d rings=%lu%s",
			   vcpu->vcpu_id, v->doorbell, READ_ONCE(v->rings),
			   READ_ONCE(v->rung) ? " rung" : "");
		/* Unless it leaves meanwhile */
		if (cpu >= 0)
			seq_printf(s, " resident=%d", cpu);
		seq_putc(s, '\n');
	}
}

static void show_irs(struct seq_file *s, struct kvm *kvm)
{
	const struct vgicv5_vm *vm = to_vgicv5_vm(kvm);
	struct irs *irs = vm->irs;
	struct kvm_vcpu *vcpu;
	unsigned long c;
	u32 lpis;

	if (!irs)
		return;

	/* The table of LPIs stays, or goes, meanwhile: see irs_rcfg() */
	scoped_guard(mutex, &vm->frame->lock)
		lpis = irs->lpi_bits ? 1U << irs->lpi_bits : 0;

	seq_printf(s, "irs: address=%llx enabled=%u spis=%u lpis=%u",
		   vm->frame->addr, READ_ONCE(irs->enabled),
		   irs->config.nr_spis, lpis);
	if (vm_hw(vm)) {
		show_hw(s, kvm);
		return;
	}

	seq_printf(s, " backend=soft active=%u\n",
		   irs_count_read(&irs->active));

	kvm_for_each_vcpu(c, vcpu, kvm) {
		const struct irs_cpu *cpu = &to_vgicv5_vcpu(vcpu)->irs;

		seq_printf(s, "irs vcpu %d: priorities=%08x signal=%x\n",
			   vcpu->vcpu_id, READ_ONCE(cpu->prios),
			   READ_ONCE(cpu->signal));
	}

	show_irqs(s, irs, INTID_SPI, "spi", irs->config.nr_spis);
	show_irqs(s, irs, INTID_LPI, "lpi", lpis);
}

static int vgicv5_state_show(struct seq_file *s, void *unused)
{
	struct kvm *kvm = s->private;
	struct ppi_vm *vm = &to_vgicv5_vm(kvm)->ppi;
	struct kvm_vcpu *vcpu;
	unsigned long c;
	unsigned int ppi;

	/* vCPUs neither come, after CTRL_INIT, nor go */
	guard(mutex)(&kvm->arch.config_lock);

	seq_puts(s, "format: 1\n");
	show_ppis(s, "exposed", vm->exposed);

	for (ppi = 0; ppi < PPI_NR; ppi++) {
		if (ppi_test(vm->exposed, ppi))
			show_ppi(s, kvm, ppi);
	}

	kvm_for_each_vcpu(c, vcpu, kvm)
		show_vcpu(s, vcpu);

	show_irs(s, kvm);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vgicv5_state);

/**
 * vgicv5_debugfs_vm() - show a VM in its KVM directory
 * @kvm: the VM, at CTRL_INIT
 *
 * KVM removes the directory, and waits for readers, before it destroys the VM.
 */
void vgicv5_debugfs_vm(struct kvm *kvm)
{
	if (!IS_ERR_OR_NULL(kvm->debugfs_dentry))
		debugfs_create_file("vgicv5-state", 0444, kvm->debugfs_dentry,
				    kvm, &vgicv5_state_fops);
}

/**
 * vgicv5_debugfs_init() - show the host
 */
void vgicv5_debugfs_init(void)
{
	vgicv5_dir = debugfs_create_dir("vgicv5", NULL);
	debugfs_create_file("host", 0444, vgicv5_dir, NULL, &host_fops);
}

/**
 * vgicv5_debugfs_exit() - undo vgicv5_debugfs_init()
 */
void vgicv5_debugfs_exit(void)
{
	debugfs_remove(vgicv5_dir);
}
