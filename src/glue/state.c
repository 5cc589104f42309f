// SPDX-License-Identifier: GPL-2.0-only
/*
 * Save and restore: the groups CPU_SYSREGS, IRS_REGS and IST of the device. What
 * they mean is in the core: see <vgicv5/state.h>.
 *
 * The VM stands still meanwhile: kvm->lock and all vCPU mutexes are held, so that
 * no vCPU is resident, and what it has is in memory. Injectors may go on.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <vgicv5/state.h>

#include <asm/kvm_emulate.h>

#include "compat.h"
#include "glue.h"

#define ATTR_REG		GENMASK_ULL(31, 0)	/* 31:16 are zero */
#define ATTR_MPIDR		GENMASK_ULL(63, 32)

/* KVM's own function for this is not exported. -EBUSY if one is in use */
static int lock_vcpus(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu, *locked;
	unsigned long i, k;

	lockdep_assert_held(&kvm->lock);

	kvm_for_each_vcpu(i, vcpu, kvm) {
		if (mutex_trylock_nest_lock(&vcpu->mutex, &kvm->lock))
			continue;

		kvm_for_each_vcpu(k, locked, kvm) {
			if (k == i)
				break;
			mutex_unlock(&locked->mutex);
		}
		return -EBUSY;
	}

	return 0;
}

static void unlock_vcpus(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	kvm_for_each_vcpu(i, vcpu, kvm)
		mutex_unlock(&vcpu->mutex);
}

/* Hold the VM still. Without an error end() lets it go on */
static int begin(struct kvm *kvm, bool set, bool irs)
{
	const struct vgicv5_vm *vm = to_vgicv5_vm(kvm);
	int ret;

	mutex_lock(&kvm->lock);

	if (!vgic_initialized(kvm)) {
		ret = -EBUSY;
		goto fail;
	}

	if (irs && !vm->irs) {
		ret = -ENXIO;
		goto fail;
	}

	ret = lock_vcpus(kvm);
	if (ret)
		goto fail;

	if (set && vm->fixed) {
		unlock_vcpus(kvm);
		ret = -EBUSY;
		goto fail;
	}

	if (irs)
		mutex_lock(&vm->frame->lock);

	return 0;

fail:
	mutex_unlock(&kvm->lock);
	return ret;
}

static void end(struct kvm *kvm, bool irs)
{
	if (irs)
		mutex_unlock(&to_vgicv5_vm(kvm)->frame->lock);
	unlock_vcpus(kvm);
	mutex_unlock(&kvm->lock);
}

/* The guest has used the IRS before it came here: see vgicv5_irs_reset() */
static void note_used_irs(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	kvm_for_each_vcpu(i, vcpu, kvm)
		WRITE_ONCE(to_vgicv5_vcpu(vcpu)->used_irs, true);
}

static struct kvm_vcpu *find_vcpu(struct kvm *kvm, u64 attr)
{
	u32 packed = FIELD_GET(ATTR_MPIDR, attr);
	u64 mpidr = (u64)(packed >> 24) << 32 | (packed & 0xffffff);
	struct kvm_vcpu *vcpu;
	unsigned long i;

	kvm_for_each_vcpu(i, vcpu, kvm) {
		/* When it is asked whether there is one, nothing is locked */
		if (data_race(kvm_vcpu_get_mpidr_aff(vcpu)) == mpidr)
			return vcpu;
	}

	return NULL;
}

static int has_sysreg(struct kvm *kvm, u64 attr)
{
	if (!ppi_state_has(FIELD_GET(ATTR_REG, attr)))
		return -ENXIO;

	return find_vcpu(kvm, attr) ? 0 : -EINVAL;
}

static int access_sysreg(struct kvm *kvm, u64 attr, bool set, u64 *val)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(kvm)->ppi;
	u32 reg = FIELD_GET(ATTR_REG, attr);
	struct vgicv5_vcpu *v;
	struct kvm_vcpu *vcpu;
	int ret;

	ret = begin(kvm, set, false);
	if (ret)
		return ret;

	vcpu = find_vcpu(kvm, attr);
	if (!vcpu) {
		ret = -EINVAL;
	} else if (set) {
		v = to_vgicv5_vcpu(vcpu);
		ret = ppi_state_set(&v->ppi, vm, reg, *val);
		/* It may be that what waits passes now, or does not any more */
		WRITE_ONCE(v->irs.changed, 1);
	} else {
		ret = ppi_state_get(&to_vgicv5_vcpu(vcpu)->ppi, vm, reg, val);
	}

	end(kvm, false);
	return ret;
}

static int has_irs_reg(struct kvm *kvm, u64 attr)
{
	return irs_state_has(attr);
}

static int access_irs_reg(struct kvm *kvm, u64 attr, bool set, u64 *val)
{
	int ret = irs_state_has(attr);

	if (ret)
		return ret;

	ret = begin(kvm, set, true);
	if (ret)
		return ret;

	if (set) {
		ret = irs_state_set(to_vgicv5_vm(kvm)->irs, attr, *val);
		if (!ret)
			note_used_irs(kvm);
	} else {
		ret = irs_state_get(to_vgicv5_vm(kvm)->irs, attr, val);
	}

	end(kvm, true);
	return ret;
}

static int has_ist(struct kvm *kvm, u64 attr)
{
	return attr ? -ENXIO : 0;
}

/* @words: those of the SPIs, and behind them those of the LPIs */
static int access_words(struct kvm *kvm, bool set, u32 *words,
			const struct kvm_vgic_v5_ist *ist)
{
	u32 *lpis = words + ist->spi_ist_size / sizeof(u32);
	struct vgicv5_vm *vm = to_vgicv5_vm(kvm);
	struct irs *irs;
	int ret;

	ret = begin(kvm, set, true);
	if (ret)
		return ret;

	irs = vm->irs;
	ret = irs_state_sizes(irs, set, ist->spi_ist_size, ist->lpi_ist_size);
	if (ret >= 0 && set) {
		if (vm_hw(vm))
			ret = vgicv5_hw_restore(vm, words, lpis, ret);
		else
			ret = irs_restore(irs, words, lpis, ret);
		if (!ret)
			note_used_irs(kvm);
	} else if (ret >= 0 && vm_hw(vm)) {
		ret = vgicv5_hw_save(vm, words, lpis);
	} else if (ret >= 0) {
		irs_save(irs, words, lpis);
		ret = 0;
	}

	end(kvm, true);
	return ret;
}

static int access_ist(struct kvm *kvm, u64 attr, bool set, u64 uaddr)
{
	u32 *words __free(kvfree) = NULL;
	struct kvm_vgic_v5_ist ist;
	size_t i, bytes;
	int ret;

	if (attr)
		return -ENXIO;

	if (!uaddr)
		return -EINVAL;

	if (copy_from_user(&ist, u64_to_user_ptr(uaddr), sizeof(ist)))
		return -EFAULT;

	/* None, or more than there can be; the IRS judges all other sizes */
	if (!ist.spi_ist_addr != !ist.spi_ist_size ||
	    !ist.lpi_ist_addr != !ist.lpi_ist_size ||
	    ist.spi_ist_size > IRS_SPIS_MAX * sizeof(u32) ||
	    ist.lpi_ist_size > sizeof(u32) << IRS_LPI_BITS)
		return -EINVAL;

	bytes = ist.spi_ist_size + ist.lpi_ist_size;
	words = kvzalloc(bytes, GFP_KERNEL_ACCOUNT);
	if (!words)
		return -ENOMEM;

	if (set) {
		if (copy_from_user(words, u64_to_user_ptr(ist.spi_ist_addr),
				   ist.spi_ist_size) ||
		    copy_from_user((void *)words + ist.spi_ist_size,
				   u64_to_user_ptr(ist.lpi_ist_addr),
				   ist.lpi_ist_size))
			return -EFAULT;
		for (i = 0; i < bytes / sizeof(u32); i++)
			le32_to_cpus(&words[i]);
	}

	ret = access_words(kvm, set, words, &ist);
	if (ret || set)
		return ret;

	for (i = 0; i < bytes / sizeof(u32); i++)
		cpu_to_le32s(&words[i]);

	if (copy_to_user(u64_to_user_ptr(ist.spi_ist_addr), words,
			 ist.spi_ist_size) ||
	    copy_to_user(u64_to_user_ptr(ist.lpi_ist_addr),
			 (void *)words + ist.spi_ist_size, ist.lpi_ist_size))
		return -EFAULT;

	return 0;
}

/* The registers of both groups are u64, whatever their width */
static int access_reg(int (*access)(struct kvm *kvm, u64 attr, bool set,
				    u64 *val),
		      struct kvm *kvm, u64 attr, bool set, u64 uaddr)
{
	u64 __user *user = u64_to_user_ptr(uaddr);
	u64 val = 0;
	int ret;

	if (set && get_user(val, user))
		return -EFAULT;

	ret = access(kvm, attr, set, &val);
	if (ret || set)
		return ret;

	return put_user(val, user);
}

/**
 * vgicv5_state_has() - is this something that can be saved?
 * @kvm:  the VM
 * @attr: the attribute
 *
 * Return: 0 if so; -ENXIO if not; -EINVAL if it is no vCPU, or is in the middle of
 * a register.
 */
int vgicv5_state_has(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS:
		return has_sysreg(kvm, attr->attr);
	case KVM_DEV_ARM_VGIC_GRP_IRS_REGS:
		return has_irs_reg(kvm, attr->attr);
	case KVM_DEV_ARM_VGIC_GRP_IST:
		return has_ist(kvm, attr->attr);
	}

	return -ENXIO;
}

/**
 * vgicv5_state_access() - save or restore a part of a VM
 * @kvm:  the VM
 * @attr: the attribute
 * @set:  restore it
 *
 * Return: as selftests/guest/README.md says; -ENXIO if it is none of these groups.
 */
int vgicv5_state_access(struct kvm *kvm, const struct kvm_device_attr *attr,
			bool set)
{
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS:
		return access_reg(access_sysreg, kvm, attr->attr, set,
				  attr->addr);
	case KVM_DEV_ARM_VGIC_GRP_IRS_REGS:
		return access_reg(access_irs_reg, kvm, attr->attr, set,
				  attr->addr);
	case KVM_DEV_ARM_VGIC_GRP_IST:
		return access_ist(kvm, attr->attr, set, attr->addr);
	}

	return -ENXIO;
}
