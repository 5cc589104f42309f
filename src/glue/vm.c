// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM and its vCPUs, from creation to first run; device attributes.
 */
#include <linux/irq.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <vgicv5/state.h>

#include "compat.h"
#include "events.h"
#include "glue.h"

/**
 * vgicv5_create() - &kvm_vgic_v5_ops.create
 * @kvm: the VM
 *
 * Return: 0 or -ENOMEM.
 */
int vgicv5_create(struct kvm *kvm)
{
	struct vgicv5_vm *vm;

	lockdep_assert_held(&kvm->arch.config_lock);

	vm = kzalloc_obj(*vm, GFP_KERNEL_ACCOUNT);
	if (!vm)
		return -ENOMEM;

	ppi_vm_init(&vm->ppi, &vgicv5_host);
	/* Nothing is driven from outside before CTRL_INIT */
	memset(vm->ppi.userspace, 0, sizeof(vm->ppi.userspace));
	kvm->arch.vgic.v5_priv = vm;

	return 0;
}

/**
 * vgicv5_destroy() - &kvm_vgic_v5_ops.destroy
 * @kvm: the VM, its vCPUs are gone
 */
void vgicv5_destroy(struct kvm *kvm)
{
	lockdep_assert_held(&kvm->arch.config_lock);

	vgicv5_irs_destroy(to_vgicv5_vm(kvm));
	kfree(to_vgicv5_vm(kvm));
	kvm->arch.vgic.v5_priv = NULL;
}

/**
 * vgicv5_vcpu_create() - &kvm_vgic_v5_ops.vcpu_create
 * @vcpu: the vCPU
 *
 * Return: 0 or -ENOMEM.
 */
int vgicv5_vcpu_create(struct kvm_vcpu *vcpu)
{
	struct vgicv5_vcpu *v;

	lockdep_assert_held(&vcpu->kvm->arch.config_lock);

	/* Zeros are what ppi_cpu_reset() leaves */
	v = kzalloc(struct_size(v, ppi.prio, vgicv5_host.nr_prio_regs),
		    GFP_KERNEL_ACCOUNT);
	if (!v)
		return -ENOMEM;

	v->vcpu = vcpu;
	vcpu->arch.vgic_cpu.v5_priv = v;

	return 0;
}

/**
 * vgicv5_vcpu_destroy() - &kvm_vgic_v5_ops.vcpu_destroy
 * @vcpu: the vCPU, with or without a vGICv5
 */
void vgicv5_vcpu_destroy(struct kvm_vcpu *vcpu)
{
	struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);

	if (vm && vm_hw(vm) && to_vgicv5_vcpu(vcpu))
		vgicv5_hw_vcpu_destroy(vcpu);
	kfree(to_vgicv5_vcpu(vcpu));
	vcpu->arch.vgic_cpu.v5_priv = NULL;
}

/**
 * vgicv5_reset() - &kvm_vgic_v5_ops.reset
 * @vcpu: the vCPU, not loaded
 *
 * In-tree KVM 7.1 to 7.3 lets the interrupt state survive KVM_ARM_VCPU_INIT.
 * What waits stays: it has come since the vCPU was made, or turned off.
 */
void vgicv5_reset(struct kvm_vcpu *vcpu)
{
	ppi_cpu_reset(&to_vgicv5_vcpu(vcpu)->ppi,
		      &to_vgicv5_vm(vcpu->kvm)->ppi);
}

/**
 * vgicv5_set_owner() - &kvm_vgic_v5_ops.set_owner
 * @vcpu:  the vCPU
 * @ppi:   the PPI
 * @owner: who drives it from now on
 *
 * Return: 0; -EINVAL if the hardware has no such PPI; -EEXIST if it belongs to
 * another owner, or to userspace; -ENOSPC if there are more owners than
 * devices in KVM.
 */
int vgicv5_set_owner(struct kvm_vcpu *vcpu, unsigned int ppi, void *owner)
{
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	int i, slot = -ENOSPC;

	lockdep_assert_held(&vcpu->kvm->arch.config_lock);

	if (ppi >= PPI_NR || !ppi_test(vgicv5_host.implemented, ppi))
		return -EINVAL;

	if (ppi_test(to_vgicv5_vm(vcpu->kvm)->ppi.userspace, ppi))
		return -EEXIST;

	for (i = 0; i < VGICV5_OWNERS; i++) {
		if (!v->owners[i].dev) {
			if (slot < 0)
				slot = i;
		} else if (v->owned[i] == ppi) {
			return v->owners[i].dev == owner ? 0 : -EEXIST;
		}
	}

	if (slot < 0)
		return slot;

	v->owned[slot] = ppi;
	v->owners[slot].dev = owner;
	return 0;
}

/**
 * vgicv5_map() - &kvm_vgic_v5_ops.map
 * @vcpu:	     the vCPU
 * @ppi:	     a PPI that has an owner
 * @host_irq:	     Linux interrupt of the physical PPI
 * @get_input_level: samples the line of @ppi for the running vCPU
 *
 * Direct injection translates no numbers (D_QNZMN): the physical PPI must be
 * the one with the same number.
 *
 * Return: 0; -EINVAL if @ppi has no owner or @host_irq is another PPI.
 */
int vgicv5_map(struct kvm_vcpu *vcpu, unsigned int ppi, unsigned int host_irq,
	       bool (*get_input_level)(int ppi))
{
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	struct irq_data *data = irq_get_irq_data(host_irq);
	int i;

	if (!data || ppi >= PPI_NR)
		return -EINVAL;

	while (data->parent_data)
		data = data->parent_data;

	if (data->hwirq != ppi)
		return -EINVAL;

	for (i = 0; i < VGICV5_OWNERS; i++) {
		if (!v->owners[i].dev || v->owned[i] != ppi)
			continue;

		v->owners[i].input = get_input_level;
		WRITE_ONCE(v->ppi.direct[ppi_bank(ppi)],
			   v->ppi.direct[ppi_bank(ppi)] | ppi_bit(ppi));
		set_bit(ppi, (unsigned long *)vgicv5_direct_ppis);
		return 0;
	}

	return -EINVAL;
}

/**
 * vgicv5_map_resources() - &kvm_vgic_v5_ops.map_resources
 * @kvm: the VM, which is about to run
 *
 * Return: 0; -EBUSY without CTRL_INIT; -EINVAL with nested virtualization.
 */
int vgicv5_map_resources(struct kvm *kvm)
{
	lockdep_assert_held(&kvm->arch.config_lock);

	if (!vgic_initialized(kvm))
		return -EBUSY;

	if (test_bit(KVM_ARM_VCPU_HAS_EL2, kvm->arch.vcpu_features))
		return -EINVAL;

	return 0;
}

/**
 * vgicv5_first_run() - &kvm_vgic_v5_ops.first_run
 * @vcpu: the vCPU, whose timers and PMU own their PPIs
 *
 * The first vCPU to come here fixes what is exposed, for all: the PPIs that
 * have an owner on any vCPU. Timers get theirs when a vCPU first runs, but
 * each vCPU has the same ones, so it does not matter which one is first. What was
 * restored is masked by it.
 *
 * Return: 0; -EINVAL if the IRS was restored, and its LPIs were not.
 */
int vgicv5_first_run(struct kvm_vcpu *vcpu)
{
	struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);
	u64 owned[PPI_BANKS] = { 0 };
	struct kvm_vcpu *other;
	unsigned long c;
	int i;

	guard(mutex)(&vcpu->kvm->arch.config_lock);

	if (vm->fixed)
		return 0;

	kvm_for_each_vcpu(c, other, vcpu->kvm) {
		struct vgicv5_vcpu *v = to_vgicv5_vcpu(other);

		for (i = 0; i < VGICV5_OWNERS; i++) {
			if (v->owners[i].dev)
				owned[ppi_bank(v->owned[i])] |=
					ppi_bit(v->owned[i]);
		}
	}

	if (vm->irs && irs_lacks_lpis(vm->irs))
		return -EINVAL;

	ppi_vm_expose(&vm->ppi, owned);
	kvm_for_each_vcpu(c, other, vcpu->kvm)
		ppi_cpu_expose(&to_vgicv5_vcpu(other)->ppi, &vm->ppi);
	ich_traps_init(&vm->traps, &vm->ppi);
	if (vm_hw(vm))
		ich_traps_open_irs(&vm->traps);
	trace_vgicv5_expose(vcpu, &vm->ppi);

	/* A vCPU that is loaded for other reasons must not see half of it */
	smp_store_release(&vm->fixed, true);

	return 0;
}

static int vgicv5_ctrl_init(struct kvm *kvm)
{
	struct vgicv5_vm *vm = to_vgicv5_vm(kvm);

	/* KVM_CREATE_VCPU looks at initialized, and counts, under this one */
	guard(mutex)(&kvm->lock);
	guard(mutex)(&kvm->arch.config_lock);

	if (vgic_initialized(kvm))
		return 0;

	/* A vCPU that is being made would miss out */
	if (kvm->created_vcpus != atomic_read(&kvm->online_vcpus))
		return -EBUSY;

	if (test_bit(KVM_ARM_VCPU_HAS_EL2, kvm->arch.vcpu_features))
		return -EINVAL;

	/* As in Linux 7.4; without an IRS, as in 7.1 to 7.3 */
	if (vm->frame && !kvm->created_vcpus)
		return -ENODEV;

	if (!vm->nr_spis)
		vm->nr_spis = IRS_SPIS_MIN;

	if (vm->frame) {
		int ret = vgicv5_irs_init(kvm);

		if (ret)
			return ret;
		vgicv5_irs_publish(vm);
	}

	ppi_vm_init(&vm->ppi, &vgicv5_host);
	vgicv5_debugfs_vm(kvm);
	/* Pairs with the acquires of vgicv5_pending(), and of KVM's injection */
	smp_store_release(&kvm->arch.vgic.initialized, true);

	return 0;
}

static int vgicv5_get_userspace_ppis(struct kvm *kvm, u64 uaddr)
{
	u64 ppis[PPI_BANKS];

	scoped_guard(mutex, &kvm->arch.config_lock)
		memcpy(ppis, to_vgicv5_vm(kvm)->ppi.userspace, sizeof(ppis));

	return copy_to_user(u64_to_user_ptr(uaddr), ppis, sizeof(ppis)) ?
	       -EFAULT : 0;
}

static int vgicv5_set_nr_spis(struct kvm *kvm, u64 uaddr)
{
	struct vgicv5_vm *vm = to_vgicv5_vm(kvm);
	u32 nr;

	if (get_user(nr, (u32 __user *)u64_to_user_ptr(uaddr)))
		return -EFAULT;

	if (nr < IRS_SPIS_MIN || nr > IRS_SPIS_MAX ||
	    !IS_ALIGNED(nr, IRS_SPIS_MIN))
		return -EINVAL;

	guard(mutex)(&kvm->arch.config_lock);

	/* CTRL_INIT has chosen if userspace had not */
	if (vm->nr_spis)
		return -EBUSY;

	vm->nr_spis = nr;
	return 0;
}

static int vgicv5_get_nr_spis(struct kvm *kvm, u64 uaddr)
{
	u32 nr;

	scoped_guard(mutex, &kvm->arch.config_lock)
		nr = to_vgicv5_vm(kvm)->nr_spis;

	return put_user(nr, (u32 __user *)u64_to_user_ptr(uaddr));
}

static int vgicv5_set_addr(struct kvm *kvm, u64 uaddr)
{
	u64 addr;

	if (get_user(addr, (u64 __user *)u64_to_user_ptr(uaddr)))
		return -EFAULT;

	return vgicv5_irs_set_addr(kvm, addr);
}

static int vgicv5_get_addr(struct kvm *kvm, u64 uaddr)
{
	const struct vgicv5_frame *frame;
	u64 addr;

	scoped_guard(mutex, &kvm->arch.config_lock) {
		frame = to_vgicv5_vm(kvm)->frame;
		addr = frame ? frame->addr : ~0ULL;
	}

	return put_user(addr, (u64 __user *)u64_to_user_ptr(uaddr));
}

static int vgicv5_set_ctrl_init(struct kvm *kvm, u64 uaddr)
{
	return vgicv5_ctrl_init(kvm);
}

/**
 * struct vgicv5_attribute - something that userspace may set or get of the device
 * @group: KVM_DEV_ARM_VGIC_GRP_*
 * @attr:  its number in the group
 * @set:   takes the address that userspace gave; NULL if it cannot be set
 * @get:   the same, if it cannot be got
 */
struct vgicv5_attribute {
	u32 group;
	u32 attr;
	int (*set)(struct kvm *kvm, u64 uaddr);
	int (*get)(struct kvm *kvm, u64 uaddr);
};

static const struct vgicv5_attribute attributes[] = {
	{ KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V5_ADDR_TYPE_IRS,
	  vgicv5_set_addr, vgicv5_get_addr },
	{ KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
	  vgicv5_set_nr_spis, vgicv5_get_nr_spis },
	{ KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT,
	  vgicv5_set_ctrl_init, NULL },
	{ KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_USERSPACE_PPIS,
	  NULL, vgicv5_get_userspace_ppis },
};

static const struct vgicv5_attribute *find_attribute(const struct kvm_device_attr *attr)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (attributes[i].group == attr->group &&
		    attributes[i].attr == attr->attr)
			return &attributes[i];
	}

	return NULL;
}

/**
 * vgicv5_has_attr() - &kvm_vgic_v5_ops.has_attr
 * @kvm:  the VM
 * @attr: the attribute
 *
 * Return: 0 if it exists, else -ENXIO; or as vgicv5_state_has().
 */
int vgicv5_has_attr(struct kvm *kvm, struct kvm_device_attr *attr)
{
	return find_attribute(attr) ? 0 : vgicv5_state_has(kvm, attr);
}

/**
 * vgicv5_set_attr() - &kvm_vgic_v5_ops.set_attr
 * @kvm:  the VM
 * @attr: the attribute
 *
 * Return: as Documentation/virt/kvm/devices/arm-vgic-v5.rst says for it; -ENXIO
 * if there is no such attribute, or it cannot be set.
 */
int vgicv5_set_attr(struct kvm *kvm, struct kvm_device_attr *attr)
{
	const struct vgicv5_attribute *a = find_attribute(attr);

	if (!a)
		return vgicv5_state_access(kvm, attr, true);

	return a->set ? a->set(kvm, attr->addr) : -ENXIO;
}

/**
 * vgicv5_get_attr() - &kvm_vgic_v5_ops.get_attr
 * @kvm:  the VM
 * @attr: the attribute
 *
 * Return: as Documentation/virt/kvm/devices/arm-vgic-v5.rst says for it; -ENXIO
 * if there is no such attribute, or it cannot be got.
 */
int vgicv5_get_attr(struct kvm *kvm, struct kvm_device_attr *attr)
{
	const struct vgicv5_attribute *a = find_attribute(attr);

	if (!a)
		return vgicv5_state_access(kvm, attr, false);

	return a->get ? a->get(kvm, attr->addr) : -ENXIO;
}
