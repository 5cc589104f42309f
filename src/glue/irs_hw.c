// SPDX-License-Identifier: GPL-2.0-only
/*
 * SPIs and LPIs of VMs in the host's IRS: the other backend. The frame is the same,
 * what is behind it is not words of ours, but tables that the IRS owns while a VM is
 * valid. What is in them is in the core: see <vgicv5/tables.h>.
 *
 * A VM that has an IRS gets a number, and memory, at CTRL_INIT; a vCPU is the VPE
 * with the number that the guest calls it by. It is resident from load to put.
 * Then a guest's instructions that configure interrupts are not trapped, and what
 * others pend for it reaches it without an exit. A vCPU that sleeps in WFI has its
 * doorbell rung: that is an LPI of the host.
 *
 *   lock		protects
 *   host.lock		commands to the IRS, the VM table, &vgicv5_hw.valid. Inside
 *			config_lock and the lock of a frame
 *   lock of an SPI	its line, its mode, and the order of what follows from them.
 *			Raw: injectors have interrupts off
 *
 * If the IRS does not answer a command, nobody knows what it has done of it. Memory
 * that it may write to is not freed, and that VM's number not used again.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/idr.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/kernel.h>
#include <linux/kmemleak.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/slab.h>

#include <kvm/arm_vgic_v5.h>

#include <vgicv5/state.h>
#include <vgicv5/tables.h>

#include "../hw/irs.h"
#include "../hw/regs.h"
#include "compat.h"
#include "events.h"
#include "glue.h"

/* Of an operand */
#define INTID_MASK	(GENMASK(31, 29) | GENMASK(23, 0))
#define CDHM_HM		BIT_ULL(32)

/**
 * struct hw_ist - an IST
 * @shape: how it is laid out
 * @l1:	   level 1, or all of it; NULL if there is none
 * @l2:	   level 2 tables, if there are any
 */
struct hw_ist {
	struct ist_shape shape;
	void *l1;
	void **l2;
};

/**
 * struct hw_spi - an SPI, as those who drive its input have to know it
 * @lock:  held from a change of these to what the IRS is told of it
 * @line:  its input
 * @level: it follows its input
 * @held:  the VM is being saved, and the IRS is told when that is done
 * @late:  there is something to be told then
 */
struct hw_spi {
	irs_lock_t lock;
	bool line;
	bool level;
	bool held;
	bool late;
};

/**
 * struct vgicv5_hw - a VM in the host's IRS
 * @kvm:   whose it is
 * @self:  vCPU whose access to the frame is dealt with
 * @id:	   its number
 * @valid: the IRS knows it, and owns what follows
 * @lost:  the IRS has not answered: what follows is never freed
 * @vmd:   its descriptor, or NULL
 * @vpet:  its VPE table
 * @spis:  IST of its SPIs
 * @lpis:  of its LPIs, if the guest has said that there are some
 * @spi:   SPIs, as many as the frame says
 */
struct vgicv5_hw {
	struct kvm *kvm;
	struct vgicv5_vcpu *self;
	u16 id;
	bool valid;
	bool lost;
	void *vmd;
	__le64 *vpet;
	struct hw_ist spis;
	struct hw_ist lpis;
	struct hw_spi *spi;
};

/*
 * @vmt: the VM table, or its level 1, whose tables are @l2. @on: there is one. @stuck:
 * the IRS has not answered, no VM is given to it any more. @lost: how many VMs it has.
 */
static struct {
	struct mutex lock;	/* see above */
	struct irs_host irs;
	void __iomem *frame;
	void *vmt;
	void **l2;
	struct ida ids;
	bool on;
	bool stuck;
	unsigned int lost;
} host = {
	.lock	= __MUTEX_INITIALIZER(host.lock),
	.ids	= IDA_INIT(host.ids),
};

/* --- memory --------------------------------------------------------------- */

/*
 * Aligned to its size, a power of two; the VMM's cgroup pays. A guest chooses how
 * large an IST of its LPIs is, and it is in one piece if the IRS knows one level
 * only: that there is none is no matter of the host's log.
 */
static void *table_alloc(u32 size)
{
	return kzalloc(max_t(u32, size, TABLE_SIZE_MIN),
		       GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

/* What the IRS may still write to is nobody else's, ever */
static void table_free(void *table, bool lost)
{
	if (lost)
		kmemleak_ignore(table);
	else
		kfree(table);
}

static void ist_free(struct hw_ist *ist, bool lost)
{
	u32 i;

	for (i = 0; ist->l2 && i < ist->shape.nr_l2; i++)
		table_free(ist->l2[i], lost);
	kfree(ist->l2);
	if (ist->l1)
		table_free(ist->l1, lost);

	ist->l1 = NULL;
	ist->l2 = NULL;
}

/* All level 2 tables at once, and valid: the IRS has none to map later */
static int ist_alloc(struct hw_ist *ist, unsigned int id_bits)
{
	__le64 *l1;
	u32 i;

	ist_shape_init(&ist->shape, &host.irs, id_bits, PAGE_SIZE);

	l1 = table_alloc(ist->shape.l1_size);
	ist->l1 = l1;
	if (!l1)
		return -ENOMEM;
	if (!ist->shape.nr_l2)
		return 0;

	ist->l2 = kcalloc(ist->shape.nr_l2, sizeof(*ist->l2),
			  GFP_KERNEL_ACCOUNT);
	for (i = 0; ist->l2 && i < ist->shape.nr_l2; i++) {
		ist->l2[i] = table_alloc(ist->shape.l2_size);
		if (!ist->l2[i])
			break;
		l1[i] = cpu_to_le64(table_entry(virt_to_phys(ist->l2[i])) |
				    TABLE_VALID);
	}

	if (!ist->l2 || i < ist->shape.nr_l2) {
		ist_free(ist, false);
		return -ENOMEM;
	}

	return 0;
}

static __le32 *ist_entry(const struct hw_ist *ist, u32 id)
{
	u32 l2, offset = ist_offset(&ist->shape, id, &l2);

	return (ist->l2 ? ist->l2[l2] : ist->l1) + offset;
}

static void ist_clear(const struct hw_ist *ist)
{
	u32 i;

	for (i = 0; i < ist->shape.nr_l2; i++)
		memset(ist->l2[i], 0, ist->shape.l2_size);
	if (!ist->shape.nr_l2)
		memset(ist->l1, 0, ist->shape.l1_size);
}

/* --- VMs ------------------------------------------------------------------ */

/* Can it be told something? */
static bool usable(void)
{
	lockdep_assert_held(&host.lock);

	return host.on && !host.stuck;
}

/* The IRS does not answer, or does not as it has to: nothing new is given to it */
static int stuck(int ret)
{
	if (!host.stuck)
		pr_err("the host's IRS does not answer (%d): what it has of VMs is not freed, and new ones get %s\n",
		       ret, vgicv5_only_hw ? "none" : "an IRS in software");
	WRITE_ONCE(host.stuck, true);

	return -EIO;
}

/* A command, @vpe is -1 if it is not about one; and whether the IRS has answered */
static int traced(const char *command, int vm, int vpe, int ret)
{
	trace_vgicv5_irs_command(command, vm, vpe, ret);

	return ret;
}

static bool entry_is_valid(const __le64 *entry)
{
	return le64_to_cpu(READ_ONCE(*entry)) & TABLE_VALID;
}

static __le64 *vmte_of(u16 id)
{
	__le64 *table = host.vmt;
	u32 n = id;

	if (host.irs.vmt_levels) {
		table = host.l2[id >> L2_VMT_BITS];
		n = id & (BIT(L2_VMT_BITS) - 1);
	}

	return table + n * VMTE_WORDS;
}

/* Tables of VMs come when the first of them does, and stay */
static int need_l2_vmt(u16 id)
{
	u32 n = id >> L2_VMT_BITS;
	__le64 *entry = (__le64 *)host.vmt + n;
	void *table;
	int ret;

	if (!host.irs.vmt_levels || host.l2[n])
		return 0;

	/* Many VMs': nobody's cgroup in particular pays */
	table = kzalloc(L2_VMT_SIZE, GFP_KERNEL);
	if (!table)
		return -ENOMEM;

	host.l2[n] = table;
	WRITE_ONCE(*entry, cpu_to_le64(table_entry(virt_to_phys(table))));
	ret = traced("map_l2_vmt", id, -1, hwirs_map_l2_vmt(id));

	return ret || !entry_is_valid(entry) ? stuck(ret) : 0;
}

static int map_ist(struct vgicv5_hw *hw, unsigned int type,
		   const struct hw_ist *ist)
{
	__le64 *word = vmte_of(hw->id) + type;
	int ret;

	lockdep_assert_held(&host.lock);

	WRITE_ONCE(*word, cpu_to_le64(ist_word(&ist->shape,
					       virt_to_phys(ist->l1))));
	ret = traced(type == INTID_SPI ? "map_spis" : "map_lpis", hw->id, -1,
		     hwirs_map_ist(hw->id, type));

	return ret || !entry_is_valid(word) ? stuck(ret) : 0;
}

static int map_vpe(struct vgicv5_hw *hw, const struct vgicv5_vcpu *v)
{
	u16 vpe = v->vcpu->vcpu_id;
	__le64 *entry = hw->vpet + vpe;
	u32 lpi = irqd_to_hwirq(irq_get_irq_data(v->doorbell));
	int ret;

	lockdep_assert_held(&host.lock);

	WRITE_ONCE(*entry, cpu_to_le64(table_entry(virt_to_phys(v->vped))));
	ret = traced("map_vpe", hw->id, vpe, hwirs_map_vpe(hw->id, vpe));
	if (ret || !entry_is_valid(entry))
		return stuck(ret);

	ret = traced("set_doorbell", hw->id, vpe,
		     hwirs_set_doorbell(hw->id, vpe, lpi));

	return ret ? stuck(ret) : 0;
}

/* The VM gets valid, and all that it has. What fails leaves it as it is then */
static int map_vm(struct vgicv5_hw *hw, unsigned int vpe_id_bits)
{
	struct kvm_vcpu *vcpu;
	u64 words[VMTE_WORDS];
	unsigned long c;
	__le64 *vmte;
	int i, ret;

	guard(mutex)(&host.lock);

	if (!usable())
		return -EIO;

	ret = need_l2_vmt(hw->id);
	if (ret)
		return ret;

	/* Descriptors must be zero; the IRS has left something in them */
	if (hw->vmd)
		memset(hw->vmd, 0, host.irs.vmd_size);
	memset(hw->vpet, 0, vpet_size(vpe_id_bits));
	kvm_for_each_vcpu(c, vcpu, hw->kvm)
		memset(to_vgicv5_vcpu(vcpu)->vped, 0, host.irs.vped_size);

	vmte_init(words, hw->vmd ? virt_to_phys(hw->vmd) : 0,
		  virt_to_phys(hw->vpet), vpe_id_bits);
	vmte = vmte_of(hw->id);
	for (i = 0; i < VMTE_WORDS; i++)
		WRITE_ONCE(vmte[i], cpu_to_le64(words[i]));

	/* From here on it may be */
	hw->valid = true;
	ret = traced("map_vm", hw->id, -1, hwirs_map_vm(hw->id));
	if (ret || !entry_is_valid(vmte))
		return stuck(ret);

	kvm_for_each_vcpu(c, vcpu, hw->kvm) {
		ret = map_vpe(hw, to_vgicv5_vcpu(vcpu));
		if (ret)
			return ret;
	}

	ret = map_ist(hw, INTID_SPI, &hw->spis);
	if (!ret && hw->lpis.l1)
		ret = map_ist(hw, INTID_LPI, &hw->lpis);

	return ret;
}

/* The IRS lets go of a VM; or, once it has not answered, keeps it for ever */
static void unmap_vm(struct vgicv5_hw *hw)
{
	__le64 *vmte;
	int i, ret;

	guard(mutex)(&host.lock);

	if (!hw->valid || hw->lost)
		return;

	vmte = vmte_of(hw->id);
	if (host.on)
		ret = traced("unmap_vm", hw->id, -1, hwirs_unmap_vm(hw->id));
	else	/* All went at once, if it has answered */
		ret = host.stuck ? -ETIMEDOUT : 0;
	if (ret || (host.on && entry_is_valid(vmte))) {
		stuck(ret);
		hw->lost = true;
		WRITE_ONCE(host.lost, host.lost + 1);
		return;
	}

	hw->valid = false;
	for (i = 0; i < VMTE_WORDS; i++)
		WRITE_ONCE(vmte[i], 0);
}

static irqreturn_t doorbell(int irq, void *data)
{
	struct vgicv5_vcpu *v = data;

	/* It may be late, or for nothing: that is one look too many */
	WRITE_ONCE(v->rung, true);
	WRITE_ONCE(v->rings, v->rings + 1);
	trace_vgicv5_doorbell(v->vcpu, irq);
	kvm_vgic_v5_kick(v->vcpu);

	return IRQ_HANDLED;
}

static int vpe_init(struct vgicv5_vcpu *v)
{
	unsigned int n, cpu = nr_cpu_ids;
	const struct cpumask *mask;
	struct irq_data *d;
	int virq, ret;

	v->vped = table_alloc(host.irs.vped_size);
	if (!v->vped)
		return -ENOMEM;

	virq = kvm_vgic_v5_doorbell_alloc();
	if (virq < 0)
		return virq;

	/* The domain does not say that it had no memory to find it by its LPI */
	d = irq_get_irq_data(virq);
	if (irq_find_mapping(d->domain, irqd_to_hwirq(d)) != virq) {
		kvm_vgic_v5_doorbell_free(virq);
		return -ENOMEM;
	}

	/* A kick is for hard interrupts also where others are threads */
	ret = request_irq(virq, doorbell, IRQF_NO_THREAD, "vgicv5-doorbell", v);
	if (ret) {
		kvm_vgic_v5_doorbell_free(virq);
		return ret;
	}

	v->doorbell = virq;

	/*
	 * All would go to the first CPU of those that interrupts are for. It is a
	 * hint: CPUs come and go.
	 */
	mask = irq_data_get_affinity_mask(d);
	n = cpumask_weight_and(mask, cpu_online_mask);
	if (n)
		cpu = cpumask_nth_and((to_vgicv5_vm(v->vcpu->kvm)->hw->id +
				       v->vcpu->vcpu_idx) % n,
				      mask, cpu_online_mask);
	if (cpu < nr_cpu_ids)
		irq_set_affinity(virq, cpumask_of(cpu));

	return 0;
}

static void vpe_destroy(struct vgicv5_vcpu *v, bool lost)
{
	if (v->doorbell) {
		free_irq(v->doorbell, v);
		/* The IRS may ring it: nobody else gets this LPI */
		if (!lost)
			kvm_vgic_v5_doorbell_free(v->doorbell);
		v->doorbell = 0;
	}

	if (v->vped)
		table_free(v->vped, lost);
	v->vped = NULL;
}

/**
 * vgicv5_hw_vcpu_destroy() - a vCPU goes, and its VM after it
 * @vcpu: the vCPU, whose VM is in the host's IRS
 *
 * Context: as &kvm_vgic_v5_ops.vcpu_destroy. Takes host.lock; sleeps.
 */
void vgicv5_hw_vcpu_destroy(struct kvm_vcpu *vcpu)
{
	struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);

	/* No VPE can be unmapped alone */
	unmap_vm(vm->hw);
	vpe_destroy(to_vgicv5_vcpu(vcpu), vm->hw->lost);
}

/**
 * vgicv5_hw_destroy() - undo vgicv5_hw_init()
 * @vm: the VM; no vCPU of it is loaded, nobody injects
 *
 * Context: takes host.lock; sleeps.
 */
void vgicv5_hw_destroy(struct vgicv5_vm *vm)
{
	struct vgicv5_hw *hw = vm->hw;
	struct kvm_vcpu *vcpu;
	unsigned long c;

	unmap_vm(hw);

	/* Those that are left, if it does not end but has failed to begin */
	kvm_for_each_vcpu(c, vcpu, hw->kvm) {
		if (to_vgicv5_vcpu(vcpu))
			vpe_destroy(to_vgicv5_vcpu(vcpu), hw->lost);
	}

	ist_free(&hw->lpis, hw->lost);
	ist_free(&hw->spis, hw->lost);
	if (hw->vpet)
		table_free(hw->vpet, hw->lost);
	if (hw->vmd)
		table_free(hw->vmd, hw->lost);
	if (!hw->lost)
		ida_free(&host.ids, hw->id);
	kvfree(hw->spi);
	kfree(hw);

	vm->hw = NULL;
	vm->frame->hw = NULL;
	vm->frame->irs.backend = NULL;
	/* Not the words of the other backend */
	vm->frame->irs.lpi_bits = 0;
}

static bool map_lpis(struct irs *irs, unsigned int bits);
static void unmap_lpis(struct irs *irs);
static bool spi_level(const struct irs *irs, u32 spi);
static void set_spi_level(struct irs *irs, u32 spi, bool level);
static void reset_spis(struct irs *irs);

static const struct irs_backend backend = {
	.map_lpis	= map_lpis,
	.unmap_lpis	= unmap_lpis,
	.spi_level	= spi_level,
	.set_spi_level	= set_spi_level,
	.reset_spis	= reset_spis,
};

static int alloc_vm(struct vgicv5_hw *hw, const struct irs_config *config)
{
	struct kvm_vcpu *vcpu;
	unsigned long c;
	int ret;
	u32 i;

	hw->spi = kvcalloc(config->nr_spis, sizeof(*hw->spi),
			   GFP_KERNEL_ACCOUNT);
	hw->vpet = table_alloc(vpet_size(config->iaffid_bits));
	if (host.irs.vmd_size)
		hw->vmd = table_alloc(host.irs.vmd_size);
	if (!hw->spi || !hw->vpet || (host.irs.vmd_size && !hw->vmd))
		return -ENOMEM;

	for (i = 0; i < config->nr_spis; i++)
		irs_lock_init(&hw->spi[i].lock);

	ret = ist_alloc(&hw->spis, fls(config->nr_spis - 1));
	if (ret)
		return ret;

	kvm_for_each_vcpu(c, vcpu, hw->kvm) {
		ret = vpe_init(to_vgicv5_vcpu(vcpu));
		if (ret)
			return ret;
	}

	return 0;
}

/**
 * vgicv5_hw_on() - have VMs been given to the host's IRS, or can be?
 *
 * Context: any.
 * Return: true if so.
 */
bool vgicv5_hw_on(void)
{
	return READ_ONCE(host.on);
}

/**
 * vgicv5_hw_wanted() - does the next VM go to the host's IRS?
 *
 * Context: any.
 * Return: true if so.
 */
bool vgicv5_hw_wanted(void)
{
	return READ_ONCE(host.on) && (vgicv5_only_hw || !READ_ONCE(host.stuck));
}

/**
 * vgicv5_hw_config() - what of an IRS depends on that of the host
 * @config: of a VM's, to be narrowed
 *
 * Context: any, once vgicv5_hw_on().
 */
void vgicv5_hw_config(struct irs_config *config)
{
	config->pri_bits = min(config->pri_bits, host.irs.pri_bits);
}

/**
 * vgicv5_hw_init() - give a VM to the host's IRS
 * @kvm: the VM, with a frame that is initialised, and all its vCPUs
 *
 * Context: config_lock is held. Takes host.lock; sleeps.
 * Return: 0; -ENOMEM; -ENOSPC if the IRS has no VM left, or the host no LPI; -ENODEV if
 * the host has none at all; -EINVAL if it cannot have such a vCPU id; -EIO if it does
 * not answer. Nothing is left of a failure, but for what the IRS then has.
 */
int vgicv5_hw_init(struct kvm *kvm)
{
	struct vgicv5_vm *vm = to_vgicv5_vm(kvm);
	struct irs *irs = &vm->frame->irs;
	struct vgicv5_hw *hw;
	int ret;

	lockdep_assert_held(&kvm->arch.config_lock);

	if (irs->config.iaffid_bits > host.irs.vpe_id_bits)
		return -EINVAL;

	hw = kzalloc_obj(*hw, GFP_KERNEL_ACCOUNT);
	if (!hw)
		return -ENOMEM;

	ret = ida_alloc_max(&host.ids, BIT(host.irs.vm_id_bits) - 1,
			    GFP_KERNEL_ACCOUNT);
	if (ret < 0) {
		kfree(hw);
		return ret;
	}

	hw->id = ret;
	hw->kvm = kvm;
	vm->hw = hw;
	vm->frame->hw = hw;
	irs->backend = &backend;

	ret = alloc_vm(hw, &irs->config);
	if (!ret)
		ret = map_vm(hw, irs->config.iaffid_bits);
	if (ret)
		vgicv5_hw_destroy(vm);

	return ret;
}

/* --- the world switch ------------------------------------------------------ */

static void end_vm(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long c;

	WRITE_ONCE(kvm->vm_dead, true);
	kvm_for_each_vcpu(c, vcpu, kvm) {
		kvm_make_request(KVM_REQ_VM_DEAD, vcpu);
		/* KVM_REQ_VM_DEAD does not end a WFI */
		kvm_make_request(KVM_REQ_UNBLOCK, vcpu);
		kvm_vgic_v5_kick(vcpu);
	}
}

/* Not a silent run without SPIs and LPIs */
static void vpe_refused(struct vgicv5_vcpu *v)
{
	if (!READ_ONCE(vgicv5_shutting_down))
		pr_err_ratelimited("the host's IRS has refused a VPE: its VM is dead\n");

	end_vm(v->vcpu->kvm);
}

static bool enter_vpe(const struct vgicv5_vcpu *v, const struct vgicv5_hw *hw,
		      bool enabled)
{
	bool entered = ich_enter_vpe(hw->id, v->vcpu->vcpu_id, enabled);

	trace_vgicv5_vpe_enter(v->vcpu, hw->id, enabled, !entered);

	return entered;
}

/* @prio: the least one to ring for, or -1 */
static void leave_vpe(const struct vgicv5_vcpu *v, const struct vgicv5_hw *hw,
		      int prio)
{
	if (prio < 0)
		ich_leave_vpe();
	else
		ich_leave_vpe_ring(prio);

	trace_vgicv5_vpe_leave(v->vcpu, hw->id, prio);
}

static bool enter(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm)
{
	/* Whoever changes it sets changed afterwards */
	v->irs_enabled = READ_ONCE(vm->irs->enabled);
	WRITE_ONCE(v->vpe_resident, enter_vpe(v, vm->hw, v->irs_enabled));
	if (!v->vpe_resident)
		vpe_refused(v);

	return v->vpe_resident;
}

/**
 * vgicv5_hw_load() - a vCPU gets this CPU
 * @v:  the vCPU; preemption is disabled
 * @vm: its VM, which is in the host's IRS
 *
 * Context: preemption is disabled.
 * Return: false if it cannot run.
 */
bool vgicv5_hw_load(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm)
{
	/* A full barrier, as in vgicv5_hw_flush() */
	xchg(&v->irs.changed, 0);

	return enter(v, vm);
}

/**
 * vgicv5_hw_put() - a vCPU leaves this CPU
 * @v:  the vCPU, whose masks are in memory
 * @vm: its VM, which is in the host's IRS
 *
 * One that sleeps is rung for if what comes can be delivered. If its IRS is off it
 * is not; who switches that on wakes it, to come here again. Any other vCPU looks
 * when it is loaded.
 *
 * Context: preemption is disabled.
 */
void vgicv5_hw_put(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm)
{
	const struct ppi_cpu *cpu = &v->ppi;
	int prio = -1;

	if (!v->vpe_resident)
		return;

	WRITE_ONCE(v->vpe_resident, false);
	if (vcpu_get_flag(v->vcpu, IN_WFI)) {
		WRITE_ONCE(v->rung, false);
		if (READ_ONCE(vm->irs->enabled))
			prio = (int)ppi_prio_bound(cpu->en, cpu->pcr,
						   cpu->apr) - 1;
	}

	leave_vpe(v, vm->hw, prio);
}

/**
 * vgicv5_hw_flush() - the IRS of a loaded vCPU's VM has been switched on or off
 * @v:  the vCPU
 * @vm: its VM, which is in the host's IRS
 *
 * Context: interrupts are disabled; before the guest is entered.
 */
void vgicv5_hw_flush(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm)
{
	/* A full barrier: who changes it later sees the flag down */
	xchg(&v->irs.changed, 0);

	if (v->irs_enabled == READ_ONCE(vm->irs->enabled))
		return;

	leave_vpe(v, vm->hw, -1);
	enter(v, vm);
}

/**
 * vgicv5_hw_pending() - may there be an SPI or LPI for the guest to take now?
 * @v: the vCPU
 *
 * It leaves WFI also if there is something that vgicv5_hw_put() has to know. What
 * comes after it has left, and is loaded, rings when it waits once more.
 *
 * Context: any.
 * Return: true if so.
 */
bool vgicv5_hw_pending(const struct vgicv5_vcpu *v)
{
	return READ_ONCE(v->rung) || READ_ONCE(v->irs.changed);
}

/* --- interrupts ------------------------------------------------------------ */

static struct vgicv5_hw *hw_of(const struct irs *irs)
{
	struct vgicv5_frame *frame = container_of(irs, struct vgicv5_frame, irs);

	return frame->hw;
}

/**
 * vgicv5_hw_inject_spi() - vgicv5_inject_spi() where VMs are in the host's IRS
 * @kvm:   the VM, which may as well not be there
 * @spi:   number of the SPI; any number
 * @level: what its input is now
 *
 * Context: any, also hard interrupts. Takes the lock of the SPI, raw.
 * Return: as that.
 */
int vgicv5_hw_inject_spi(struct kvm *kvm, u32 spi, bool level)
{
	const struct vgicv5_vm *vm = to_vgicv5_vm(kvm);
	const struct irs *irs = vm_irs(vm);
	struct vgicv5_hw *hw;
	unsigned long flags;
	struct hw_spi *s;

	if (!irs || !vm->hw)
		return vgicv5_inject_spi(kvm, spi, level);

	if (spi >= irs->config.nr_spis)
		return -EINVAL;

	hw = vm->hw;
	s = &hw->spi[array_index_nospec(spi, irs->config.nr_spis)];

	/* No guard(), which asks whether there is a lock: this path is short */
	raw_spin_lock_irqsave(&s->lock, flags);
	s->line = level;
	if (level || s->level) {
		if (unlikely(s->held))
			s->late = true;
		else
			hwirs_pend(hw->id, INTID(INTID_SPI, spi), level);
	}
	raw_spin_unlock_irqrestore(&s->lock, flags);

	/* Nobody is kicked: the IRS signals it, or rings */
	trace_vgicv5_spi(spi, level, false);

	return 0;
}

/*
 * What acts on the VM of the resident VPE. A vCPU that is not loaded, or on a CPU
 * on which it cannot run, is made resident for it: its mutex is held, and nothing
 * runs on this CPU. False if the IRS refuses it.
 */
static bool enter_to_command(struct vgicv5_vcpu *v, const struct vgicv5_hw *hw,
			     bool *entered)
{
	lockdep_assert_preemption_disabled();

	*entered = !v->vpe_resident && enter_vpe(v, hw, false);

	return v->vpe_resident || *entered;
}

static void leave_if(const struct vgicv5_vcpu *v, const struct vgicv5_hw *hw,
		     bool entered)
{
	if (entered)
		leave_vpe(v, hw, -1);
}

/* From here on an SPI that is level triggered follows its input: now, too */
static void set_level(struct vgicv5_hw *hw, u32 nr_spis, u32 intid, bool level)
{
	u32 spi = INTID_ID(intid);
	struct hw_spi *s;

	if (INTID_TYPE(intid) == INTID_LPI) {
		hwirs_set_level(intid, level);
		return;
	}

	if (INTID_TYPE(intid) != INTID_SPI || spi >= nr_spis)
		return;

	s = &hw->spi[array_index_nospec(spi, nr_spis)];

	irs_guard(&s->lock);
	hwirs_set_level(intid, level);
	if (level && !s->level)
		hwirs_pend(hw->id, intid, s->line);
	WRITE_ONCE(s->level, level);
}

static void set_level_of(struct vgicv5_vcpu *v, struct vgicv5_hw *hw,
			 u32 nr_spis, u32 intid, bool level)
{
	bool entered;

	guard(preempt)();
	if (enter_to_command(v, hw, &entered))
		set_level(hw, nr_spis, intid, level);
	leave_if(v, hw, entered);
}

/**
 * vgicv5_hw_cdhm() - a guest's CDHM
 * @v:	     the vCPU that executes it
 * @vm:	     its VM, which is in the host's IRS
 * @operand: INTID in bits 31:29 and 23:0, HM in bit 32
 *
 * Context: the thread of the vCPU. Takes the lock of the SPI, raw.
 */
void vgicv5_hw_cdhm(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm,
		    u64 operand)
{
	set_level_of(v, vm->hw, vm->irs->config.nr_spis, operand & INTID_MASK,
		     operand & CDHM_HM);
}

/**
 * vgicv5_hw_cdrcfg() - a guest's CDRCFG
 * @v:	     the vCPU that executes it
 * @vm:	     its VM, which is in the host's IRS
 * @operand: INTID in bits 31:29 and 23:0
 *
 * An IST has no less than IRS_IDR2.MIN_LPI_ID_BITS of the host; the guest finds as
 * many LPIs as it has asked for.
 *
 * Context: the thread of the vCPU.
 * Return: ICC_ICSR_EL1.
 */
u64 vgicv5_hw_cdrcfg(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm,
		     u64 operand)
{
	unsigned int lpi_bits = READ_ONCE(vm->irs->lpi_bits);
	u32 nr_lpis = lpi_bits ? BIT(lpi_bits) : 0;
	u32 nr = INTID_TYPE(operand) == INTID_LPI ? nr_lpis :
						    vm->irs->config.nr_spis;
	u64 icsr = ICC_ICSR_F;
	bool entered;

	if (INTID_ID(operand) >= nr)
		return ICC_ICSR_F;

	guard(preempt)();
	if (enter_to_command(v, vm->hw, &entered))
		icsr = hwirs_config(operand & INTID_MASK);
	leave_if(v, vm->hw, entered);

	return icsr;
}

static bool spi_level(const struct irs *irs, u32 spi)
{
	spi = array_index_nospec(spi, irs->config.nr_spis);

	return READ_ONCE(hw_of(irs)->spi[spi].level);
}

static void set_spi_level(struct irs *irs, u32 spi, bool level)
{
	struct vgicv5_hw *hw = hw_of(irs);

	set_level_of(hw->self, hw, irs->config.nr_spis, INTID(INTID_SPI, spi),
		     level);
}

static bool map_lpis(struct irs *irs, unsigned int bits)
{
	struct vgicv5_hw *hw = hw_of(irs);
	bool mapped;

	/* The IRS has LPIs for so many at least; they are nobody's */
	if (hw->lpis.l1 ||
	    ist_alloc(&hw->lpis, max_t(unsigned int, bits,
				       host.irs.min_id_bits)))
		return false;

	scoped_guard(mutex, &host.lock)
		mapped = usable() && !map_ist(hw, INTID_LPI, &hw->lpis);

	/* If it was refused, the IRS may have it: it goes with the VM */
	WRITE_ONCE(irs->lpi_bits, mapped ? bits : 0);
	return mapped;
}

static void unmap_lpis(struct irs *irs)
{
	struct vgicv5_hw *hw = hw_of(irs);
	int ret;

	WRITE_ONCE(irs->lpi_bits, 0);

	scoped_guard(mutex, &host.lock) {
		if (!usable())
			return;		/* They go with the VM */

		ret = traced("unmap_lpis", hw->id, -1,
			     hwirs_unmap_ist(hw->id, INTID_LPI));
		if (ret || entry_is_valid(vmte_of(hw->id) + INTID_LPI)) {
			stuck(ret);
			return;		/* likewise */
		}
		WRITE_ONCE(vmte_of(hw->id)[INTID_LPI], 0);
	}

	ist_free(&hw->lpis, false);
}

static void reset_spis(struct irs *irs)
{
	struct vgicv5_hw *hw = hw_of(irs);
	u32 i;

	/* Also those that only a guest knows which does not ask how many there are */
	for (i = 0; i < BIT(hw->spis.shape.id_bits); i++) {
		bool entered, resident;

		guard(preempt)();
		resident = enter_to_command(hw->self, hw, &entered);

		if (i >= irs->config.nr_spis) {
			if (resident)
				hwirs_power_on(hw->id, INTID(INTID_SPI, i));
		} else {
			irs_guard(&hw->spi[i].lock);
			if (resident)
				hwirs_power_on(hw->id, INTID(INTID_SPI, i));
			WRITE_ONCE(hw->spi[i].level, false);
		}

		leave_if(hw->self, hw, entered);
	}
}

/**
 * vgicv5_hw_set_self() - who accesses the frame?
 * @frame: the frame, locked, of a VM in the host's IRS
 * @v:	   a vCPU, in its thread; or one that is not loaded, its mutex held
 *
 * Context: the lock of the frame is held.
 */
void vgicv5_hw_set_self(struct vgicv5_frame *frame, struct vgicv5_vcpu *v)
{
	frame->hw->self = v;
}

/* --- state ------------------------------------------------------------------ */

/*
 * The tables are current until something changes, and nothing does: no vCPU runs,
 * and devices wait. What comes to an edge is one edge, as always.
 */
static void hold_spis(struct vgicv5_hw *hw, u32 nr)
{
	struct hw_spi *s;

	for (s = hw->spi; s < hw->spi + nr; s++) {
		irs_guard(&s->lock);
		s->held = true;
		s->late = false;
	}
}

static void release_spis(struct vgicv5_hw *hw, u32 nr)
{
	struct hw_spi *s;
	u32 i;

	for (i = 0; i < nr; i++) {
		s = &hw->spi[i];

		irs_guard(&s->lock);
		s->held = false;
		if (s->late)
			hwirs_pend(hw->id, INTID(INTID_SPI, i),
				   !s->level || s->line);
	}
}

/**
 * vgicv5_hw_save() - the entries of all SPIs and LPIs
 * @vm:   the VM, its frame locked, of which no vCPU is loaded
 * @spis: as for irs_save()
 * @lpis: likewise
 *
 * What is injected meanwhile is not in them, and comes afterwards. What came before
 * is: hwirs_pend() has waited for it.
 *
 * Context: the lock of the frame is held. Takes host.lock and those of the SPIs;
 * sleeps.
 * Return: 0 or -EIO.
 */
int vgicv5_hw_save(struct vgicv5_vm *vm, u32 *spis, u32 *lpis)
{
	const struct irs *irs = vm->irs;
	struct vgicv5_hw *hw = vm->hw;
	int ret;
	u32 i;

	guard(mutex)(&host.lock);

	if (!usable())
		return -EIO;

	hold_spis(hw, irs->config.nr_spis);
	ret = traced("save_vm", hw->id, -1, hwirs_save_vm(hw->id));
	for (i = 0; !ret && irs->lpi_bits && i < BIT(irs->lpi_bits); i++)
		lpis[i] = le32_to_cpu(READ_ONCE(*ist_entry(&hw->lpis, i))) &
			  VISTE_STATE;
	for (i = 0; !ret && i < irs->config.nr_spis; i++)
		spis[i] = le32_to_cpu(READ_ONCE(*ist_entry(&hw->spis, i))) &
			  VISTE_STATE;
	release_spis(hw, irs->config.nr_spis);

	return ret ? stuck(ret) : 0;
}

/* What is pending is told to the IRS, and is not in the tables that it gets */
static void fill(struct hw_ist *ist, const u32 *words, u32 nr)
{
	u32 i;

	ist_clear(ist);
	for (i = 0; i < nr; i++)
		*ist_entry(ist, i) = cpu_to_le32(words[i] & VISTE_STATE &
						 ~VISTE_PENDING);
}

static void replay_spis(struct vgicv5_hw *hw, const u32 *words, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		struct hw_spi *s = &hw->spi[i];

		irs_guard(&s->lock);
		WRITE_ONCE(s->level, words[i] & VISTE_HM);
		if (s->level)
			s->line = words[i] & VISTE_PENDING;
		hwirs_pend(hw->id, INTID(INTID_SPI, i),
			   words[i] & VISTE_PENDING);
	}
}

/**
 * vgicv5_hw_restore() - SPIs and LPIs are as they were saved
 * @vm:	      the VM, its frame locked; no vCPU has run
 * @spis:     as for irs_restore()
 * @lpis:     likewise
 * @lpi_bits: likewise
 *
 * Context: the lock of the frame is held. Takes host.lock; sleeps.
 * Return: 0, -EINVAL, -ENOMEM; or -EIO, and the VM is dead.
 */
int vgicv5_hw_restore(struct vgicv5_vm *vm, const u32 *spis, const u32 *lpis,
		      unsigned int lpi_bits)
{
	u32 nr_lpis = lpi_bits ? BIT(lpi_bits) : 0;
	struct vgicv5_hw *hw = vm->hw;
	struct irs *irs = vm->irs;
	int ret;
	u32 i;

	if (!irs_can_be(irs, spis, irs->config.nr_spis) ||
	    !irs_can_be(irs, lpis, nr_lpis))
		return -EINVAL;

	/* It has LPIs, and the IRS has not answered */
	if (hw->lpis.l1) {
		end_vm(hw->kvm);
		return -EIO;
	}

	if (nr_lpis) {
		ret = ist_alloc(&hw->lpis, max_t(unsigned int, lpi_bits,
						 host.irs.min_id_bits));
		if (ret)
			return ret;
		fill(&hw->lpis, lpis, nr_lpis);
	}

	unmap_vm(hw);
	ret = -EIO;
	if (!hw->lost) {
		fill(&hw->spis, spis, irs->config.nr_spis);
		ret = map_vm(hw, irs->config.iaffid_bits);
	}
	if (ret) {
		/* Whatever of it the IRS has got */
		end_vm(hw->kvm);
		return ret;
	}

	WRITE_ONCE(irs->lpi_bits, lpi_bits);
	replay_spis(hw, spis, irs->config.nr_spis);
	for (i = 0; i < nr_lpis; i++) {
		guard(preempt)();

		if (lpis[i] & VISTE_PENDING)
			hwirs_pend(hw->id, INTID(INTID_LPI, i), true);
	}

	return 0;
}

/* --- the host --------------------------------------------------------------- */

/* The only IRS there is, or NULL; *@why says why it is of no use */
static void __iomem *find_frame(const char **why)
{
	struct device_node *node, *other;
	void __iomem *frame;
	int index;

	node = of_find_compatible_node(NULL, NULL, "arm,gic-v5-irs");
	if (!node) {
		*why = "is not in a device tree";
		return NULL;
	}

	other = of_find_compatible_node(of_node_get(node), NULL, "arm,gic-v5-irs");
	of_node_put(other);
	frame = NULL;
	index = of_property_match_string(node, "reg-names", "ns-config");
	if (other)
		*why = "is not the only one";
	else if (of_property_read_bool(node, "dma-noncoherent"))
		*why = "is not coherent";
	else if (index >= 0)
		frame = of_iomap(node, index);
	of_node_put(node);

	if (!frame && !*why)
		*why = "cannot be mapped";

	return frame;
}

static void free_vmt(bool lost)
{
	u32 i;

	for (i = 0; host.l2 && i < BIT(host.irs.vm_id_bits - L2_VMT_BITS); i++)
		if (host.l2[i])
			table_free(host.l2[i], lost);
	kfree(host.l2);
	host.l2 = NULL;
	if (host.vmt)
		table_free(host.vmt, lost);
	host.vmt = NULL;
}

/*
 * The reboot notifier's vgicv5_hw_exit() comes before all of this, which then does
 * nothing, or after it. A reboot whose notifiers ran before the module had one sets
 * system_state next; what comes between these two leaves IRS_VMT_BASER valid.
 */
static const char *take_over(void)
{
	u32 idr[IRS_IDRS];
	const char *why;

	guard(mutex)(&host.lock);

	if (READ_ONCE(vgicv5_shutting_down) || system_state > SYSTEM_RUNNING)
		return "is not taken over while the host goes down";

	hwirs_read_ids(idr);
	why = irs_host_init(&host.irs, idr);
	if (why)
		return why;

	/* A guest can have as many as it finds in IRS_IDR2, on whatever host */
	if (host.irs.id_bits < IRS_LPI_BITS)
		return "has LPIs of less than 16 bits";
	if (host.irs.pri_bits < 4)
		return "has less than 4 priority bits";
	if (hwirs_in_use())
		return "is in use by another hypervisor (IRS_VMT_BASER.VALID)";

	host.vmt = kzalloc(vmt_size(&host.irs), GFP_KERNEL);
	if (host.irs.vmt_levels)
		host.l2 = kcalloc(BIT(host.irs.vm_id_bits - L2_VMT_BITS),
				  sizeof(*host.l2), GFP_KERNEL);
	if (!host.vmt || (host.irs.vmt_levels && !host.l2)) {
		free_vmt(false);
		return "needs more memory than there is";
	}

	if (hwirs_vmt_on(virt_to_phys(host.vmt), vmt_cfgr(&host.irs)) ||
	    !hwirs_in_use()) {
		free_vmt(hwirs_vmt_off());
		return "does not answer";
	}

	WRITE_ONCE(host.on, true);
	return NULL;
}

/**
 * vgicv5_hw_exit() - the host's IRS has no VMs any more
 *
 * No VM has a vGICv5, or can have one; or the host goes down. What is called after
 * it does nothing.
 *
 * Context: takes host.lock; sleeps.
 */
void vgicv5_hw_exit(void)
{
	int ret;

	guard(mutex)(&host.lock);

	if (!host.on)
		return;

	ret = traced("vmt_off", -1, -1, hwirs_vmt_off());
	if (ret)
		stuck(ret);
	WRITE_ONCE(host.on, false);

	/* Guests that run meanwhile are looked at no more */
	if (READ_ONCE(vgicv5_shutting_down))
		return;

	free_vmt(ret);
	iounmap(host.frame);
	ida_destroy(&host.ids);
}

/**
 * vgicv5_hw_probe() - can VMs be given to the host's IRS?
 *
 * Context: when the module is loaded. Takes host.lock; sleeps.
 * Return: NULL if they can; or why not, to be put behind "the host's IRS ".
 */
const char * __init vgicv5_hw_probe(void)
{
	const char *why = NULL;

	host.frame = find_frame(&why);
	if (!host.frame)
		return why;

	hwirs_init(host.frame);
	why = take_over();
	if (why)
		iounmap(host.frame);

	return why;
}

/**
 * vgicv5_hw_number() - how the IRS knows a VM
 * @vm: the VM, which is in the host's IRS
 *
 * Context: any.
 * Return: the number.
 */
u16 vgicv5_hw_number(const struct vgicv5_vm *vm)
{
	return vm->hw->id;
}

/**
 * vgicv5_hw_lost() - how many VMs has an IRS that does not answer?
 *
 * Context: any.
 * Return: that many.
 */
unsigned int vgicv5_hw_lost(void)
{
	return READ_ONCE(host.lost);
}
