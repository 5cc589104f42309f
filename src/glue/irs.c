// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IRS of a VM: its frame in the guest's memory map, SPIs that userspace
 * drives, and how a vCPU learns of SPIs and LPIs. They are words in the core:
 * see <vgicv5/irs.h>. If the host's IRS has them, only the frame is of this file,
 * and the rest in irs_hw.c.
 *
 * Signalled is by HCR_EL2.VI, which the hardware ORs with the virtual CPU
 * interface's own signal; acknowledging then traps. With nothing pending or
 * active no more traps than for a VM without an IRS.
 */
#include <linux/bitfield.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include <kvm/arm_vgic_v5.h>

#include <asm/kvm_mmu.h>

#include "compat.h"
#include "events.h"
#include "glue.h"

/* Bits of IAFFID that the largest vCPU id takes, at least one */
static u8 iaffid_bits(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long c;
	int max = 1;

	kvm_for_each_vcpu(c, vcpu, kvm)
		max = max(max, vcpu->vcpu_id);

	return fls(max);
}

/**
 * vgicv5_irs_init() - give a VM its SPIs, and its vCPUs their queues
 * @kvm: the VM, with an IRS address; it has all its vCPUs, none has run
 *
 * Injectors see it from vgicv5_irs_publish() on.
 *
 * Return: 0, -ENOMEM, or what vgicv5_hw_init() says: with irs=auto, a VM that is too
 * large or one too many for the host's IRS gets one in software. Nothing is left of
 * a failure.
 */
int vgicv5_irs_init(struct kvm *kvm)
{
	u64 mmfr0 = read_sanitised_ftr_reg(SYS_ID_AA64MMFR0_EL1);
	struct vgicv5_vm *vm = to_vgicv5_vm(kvm);
	struct irs_config config = {
		.nr_spis	= vm->nr_spis,
		.pri_bits	= vgicv5_host.pri_bits,
		.pa_range	= FIELD_GET(ID_AA64MMFR0_EL1_PARANGE_MASK, mmfr0),
		.nr_cpus	= atomic_read(&kvm->online_vcpus),
		.iaffid_bits	= iaffid_bits(kvm),
	};
	bool hw = HAVE_DOORBELLS && vgicv5_hw_wanted();
	struct irs *irs = &vm->frame->irs;
	struct kvm_vcpu *vcpu;
	unsigned long c;
	int ret;

	lockdep_assert_held(&kvm->arch.config_lock);

	if (hw)
		vgicv5_hw_config(&config);

	ret = irs_init(irs, &config);
	if (ret)
		goto fail;

	kvm_for_each_vcpu(c, vcpu, kvm) {
		ret = irs_add_cpu(irs, &to_vgicv5_vcpu(vcpu)->irs,
				  vcpu->vcpu_id);
		if (ret)
			goto fail;
	}

	if (hw) {
		ret = vgicv5_hw_init(kvm);
		/* What the host's IRS has too few of is no matter in software */
		if (ret && (vgicv5_only_hw || (ret != -ENOSPC && ret != -EINVAL)))
			goto fail;
	}

	ret = kvm_vgic_v5_route_spis(kvm, vm->nr_spis);
	if (!ret)
		return 0;

fail:
	if (vm_hw(vm))
		vgicv5_hw_destroy(vm);
	irs_destroy(irs);
	memset(irs, 0, sizeof(*irs));
	return ret;
}

/**
 * vgicv5_irs_publish() - let injectors at the IRS
 * @vm: the VM, after vgicv5_irs_init(); nothing can fail any more
 */
void vgicv5_irs_publish(struct vgicv5_vm *vm)
{
	/* Pairs with the acquire in vm_irs() */
	smp_store_release(&vm->irs, &vm->frame->irs);
}

/**
 * vgicv5_irs_destroy() - undo all of this file
 * @vm: the VM, whose vCPUs, and MMIO bus, are gone
 */
void vgicv5_irs_destroy(struct vgicv5_vm *vm)
{
	if (!vm->frame)
		return;

	if (vm_hw(vm))
		vgicv5_hw_destroy(vm);
	irs_destroy(&vm->frame->irs);
	kfree(vm->frame);
}

static bool in_wfi(const struct vgicv5_vcpu *v)
{
	return vcpu_get_flag(v->vcpu, IN_WFI);
}

static bool kick_one(struct irs *irs, struct irs_cpu *cpu, bool lowered)
{
	struct vgicv5_vcpu *v = container_of(cpu, struct vgicv5_vcpu, irs);

	if (!irs_needs_kick(irs, cpu, &v->ppi, lowered, in_wfi(v)))
		return false;

	kvm_vgic_v5_kick(v->vcpu);
	return true;
}

/* Any context. @self is running this, and looks before it enters the guest */
static bool kick(struct irs *irs, const struct irs_touched *touched,
		 struct irs_cpu *self)
{
	bool kicked = false;

	if (touched->raised && touched->raised != self)
		kicked |= kick_one(irs, touched->raised, false);
	if (touched->lowered && touched->lowered != self)
		kicked |= kick_one(irs, touched->lowered, true);

	return kicked;
}

static void kick_all(struct kvm *kvm, struct irs *irs, struct kvm_vcpu *self)
{
	struct kvm_vcpu *vcpu;
	unsigned long c;

	kvm_for_each_vcpu(c, vcpu, kvm) {
		struct irs_cpu *cpu = &to_vgicv5_vcpu(vcpu)->irs;

		if (vm_hw(to_vgicv5_vm(kvm))) {
			kvm_vgic_v5_kick(vcpu);
			continue;
		}
		if (vcpu != self && !kick_one(irs, cpu, false))
			kick_one(irs, cpu, true);
	}
}

static struct vgicv5_frame *to_frame(struct kvm_io_device *dev)
{
	return container_of(dev, struct vgicv5_frame, dev);
}

/* What is on the bus is little endian, and up to 8 bytes */
static int frame_read(struct kvm_vcpu *vcpu, struct kvm_io_device *dev,
		      gpa_t addr, int len, void *data)
{
	struct vgicv5_frame *frame = to_frame(dev);
	u32 offset = addr - frame->addr;
	__le64 le;
	u64 val;

	scoped_guard(mutex, &frame->lock)
		val = irs_read(&frame->irs, offset, len);

	le = cpu_to_le64(val);
	memcpy(data, &le, min_t(int, len, sizeof(le)));
	trace_vgicv5_frame(vcpu, offset, len, false, val);

	return 0;
}

/*
 * An operating system sets IRS_CR1 up before it enables the IRS. Of an IRS that
 * is enabled, on the only vCPU that is not off, it is one that was started by
 * another, by kexec, and finds what that has left: Linux up to 7.4 gives up on
 * an IST that is valid. It gets what it expects, an IRS as after power-on.
 */
static bool starts_anew(struct kvm_vcpu *vcpu, const struct irs *irs,
			u32 offset, int len)
{
	struct kvm_vcpu *other;
	unsigned long c;

	if (offset != IRS_CR1 || len != sizeof(u32) || !irs->enabled)
		return false;

	kvm_for_each_vcpu(c, other, vcpu->kvm) {
		if (other != vcpu && READ_ONCE(other->arch.mp_state.mp_state) !=
				     KVM_MP_STATE_STOPPED)
			return false;
	}

	return true;
}

static int frame_write(struct kvm_vcpu *vcpu, struct kvm_io_device *dev,
		       gpa_t addr, int len, const void *data)
{
	struct vgicv5_frame *frame = to_frame(dev);
	u32 offset = addr - frame->addr;
	__le64 le = 0;
	bool all;
	u64 val;

	memcpy(&le, data, min_t(int, len, sizeof(le)));
	val = le64_to_cpu(le);
	trace_vgicv5_frame(vcpu, offset, len, true, val);

	WRITE_ONCE(to_vgicv5_vcpu(vcpu)->used_irs, true);
	scoped_guard(mutex, &frame->lock) {
		if (vm_hw(to_vgicv5_vm(vcpu->kvm)))
			vgicv5_hw_set_self(frame, to_vgicv5_vcpu(vcpu));
		if (unlikely(starts_anew(vcpu, &frame->irs, offset, len)))
			irs_reset(&frame->irs);
		all = irs_write(&frame->irs, offset, len, val);
	}
	if (all)
		kick_all(vcpu->kvm, &frame->irs, vcpu);

	return 0;
}

static const struct kvm_io_device_ops frame_ops = {
	.read	= frame_read,
	.write	= frame_write,
};

/**
 * vgicv5_irs_set_addr() - KVM_DEV_ARM_VGIC_GRP_ADDR
 * @kvm:  the VM
 * @addr: guest physical address of the CONFIG frame
 *
 * Return: as Documentation/virt/kvm/devices/arm-vgic-v5.rst says for it.
 */
int vgicv5_irs_set_addr(struct kvm *kvm, u64 addr)
{
	struct vgicv5_vm *vm = to_vgicv5_vm(kvm);
	u64 size = kvm_phys_size(&kvm->arch.mmu);
	struct vgicv5_frame *frame;
	int ret = 0;

	if (!IS_ALIGNED(addr, SZ_64K))
		return -EINVAL;

	if (addr >= size || size - addr < IRS_FRAMES_SIZE)
		return -E2BIG;

	guard(mutex)(&kvm->lock);
	guard(mutex)(&kvm->slots_lock);
	guard(mutex)(&kvm->arch.config_lock);

	if (vm->frame)
		return -EEXIST;

	/* It has run without */
	if (vm->fixed)
		return -EBUSY;

	frame = kzalloc_obj(*frame, GFP_KERNEL_ACCOUNT);
	if (!frame)
		return -ENOMEM;

	mutex_init(&frame->lock);
	frame->addr = addr;
	kvm_iodevice_init(&frame->dev, &frame_ops);

	vm->frame = frame;
	if (vgic_initialized(kvm))
		ret = vgicv5_irs_init(kvm);
	if (ret)
		goto fail;

	/* No vCPU has run: nothing but this makes it reachable */
	ret = kvm_vgic_v5_register_iodev(kvm, addr, IRS_FRAMES_SIZE,
					 &frame->dev);
	if (ret)
		goto fail;

	if (vgic_initialized(kvm))
		vgicv5_irs_publish(vm);

	return 0;

fail:
	if (vm_hw(vm))
		vgicv5_hw_destroy(vm);
	vm->frame = NULL;
	irs_destroy(&frame->irs);
	kfree(frame);
	return ret;
}

/**
 * vgicv5_inject_spi() - &kvm_vgic_v5_ops.inject_spi
 * @kvm:   the VM
 * @spi:   number of the SPI; any number
 * @level: its level
 *
 * Any context. After vgicv5_ctrl_init(), as for vgicv5_inject(). If VMs are in the
 * host's IRS it is vgicv5_hw_inject_spi() that is called.
 *
 * Return: 0; -EINVAL if there is no such SPI, or no IRS.
 */
int vgicv5_inject_spi(struct kvm *kvm, u32 spi, bool level)
{
	struct vgicv5_vm *vm = to_vgicv5_vm(kvm);
	struct irs *irs = vm_irs(vm);
	struct irs_touched touched;
	bool kicked;
	int ret;

	if (!irs)
		return -EINVAL;

	ret = irs_inject(irs, spi, level, &touched);
	if (ret)
		return ret;

	kicked = kick(irs, &touched, NULL);
	trace_vgicv5_spi(spi, level, kicked);

	return 0;
}

/**
 * vgicv5_irs_execute() - an instruction that configures an SPI or LPI
 * @vcpu:    the vCPU that executes it
 * @op:	     which one
 * @operand: its operand
 */
void vgicv5_irs_execute(struct kvm_vcpu *vcpu, enum irs_op op, u64 operand)
{
	const struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	struct irs_touched touched;
	struct irs *irs = vm->irs;

	if (!irs)
		return;

	WRITE_ONCE(v->used_irs, true);
	if (vm_hw(vm)) {
		/* The others do not trap */
		if (op == IRS_CDHM)
			vgicv5_hw_cdhm(v, vm, operand);
		return;
	}

	irs_execute(irs, op, operand, &touched);
	kick(irs, &touched, &v->irs);
}

/**
 * vgicv5_irs_put() - a vCPU leaves this CPU
 * @v: the vCPU
 *
 * KVM takes a set HCR_EL2.VI for an interrupt that ends a WFI: what is
 * signalled to one that waits is for vgicv5_pending() to say.
 */
void vgicv5_irs_put(struct vgicv5_vcpu *v)
{
	if (!v->irs.signal)
		return;

	v->vcpu->arch.hcr_el2 &= ~HCR_VI;
	WRITE_ONCE(v->irs.signal, 0);
	WRITE_ONCE(v->irs.changed, 1);
}

/**
 * vgicv5_irs_flush() - bring a loaded vCPU what has changed
 * @v:	 the vCPU, resident
 * @vm:	 its VM
 * @img: APR, EN and PCR as they are in the hardware
 */
void vgicv5_irs_flush(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm,
		      const struct ppi_image *img)
{
	u32 old = v->irs.signal;
	u32 new;

	if (!vm->irs)
		return;

	if (vm_hw(vm)) {
		vgicv5_hw_flush(v, vm);
		return;
	}

	new = irs_evaluate(vm->irs, &v->irs, img->en, img->pcr, img->apr);

	/* KVM gives this entry up, and comes again when it has looked around */
	if (unlikely(READ_ONCE(v->irs.changed)))
		kvm_make_request(KVM_REQ_IRQ_PENDING, v->vcpu);

	if (new == old)
		return;

	if (new & IRS_VI)
		v->vcpu->arch.hcr_el2 |= HCR_VI;
	else
		v->vcpu->arch.hcr_el2 &= ~HCR_VI;

	ich_traps_signal(&vm->traps, old, new);
	trace_vgicv5_signal(v->vcpu, new);
}

/**
 * vgicv5_irs_pending() - is there an SPI or LPI for the guest to take now?
 * @v:	 the vCPU
 * @vm:	 its VM
 * @img: as for ppi_pending()
 *
 * Return: true if so. From outside, about a resident vCPU: true if one is
 * pending for it.
 */
bool vgicv5_irs_pending(const struct vgicv5_vcpu *v, const struct vgicv5_vm *vm,
			const struct ppi_image *img)
{
	const struct ppi_cpu *cpu = &v->ppi;
	const struct irs *irs = vm_irs(vm);
	unsigned int bound;

	if (!irs)
		return false;

	if (img)
		bound = ppi_prio_bound(img->en, img->pcr, img->apr);
	else if (smp_load_acquire(&cpu->resident)) /* as in ppi_pending() */
		bound = PPI_PRIO_IDLE;
	else
		bound = ppi_prio_bound(READ_ONCE(cpu->en), READ_ONCE(cpu->pcr),
				       READ_ONCE(cpu->apr));

	return irs_best(irs, &v->irs) < bound;
}

/* What a guest does to the host's IRS is not seen: it is taken for granted */
static bool has_used_irs(struct kvm_vcpu *vcpu)
{
	const struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);

	if (READ_ONCE(v->used_irs))
		return true;

	if (!vm_hw(to_vgicv5_vm(vcpu->kvm)))
		return false;

	if (READ_ONCE(v->vpe_resident))
		return true;

	/* Racy against KVM_RUN, which vpe_resident covers until the first exit */
	return data_race(vcpu->stat.exits) != v->exits;
}

/**
 * vgicv5_irs_reset() - a vCPU has been initialised anew by userspace
 * @vcpu: the vCPU, not loaded; vcpu->mutex is held
 *
 * There is no other sign of a VM that is reset than that all its vCPUs are. The
 * guest finds the IRS as after power-on then; its inputs are what they are.
 */
void vgicv5_irs_reset(struct kvm_vcpu *vcpu)
{
	struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);
	struct kvm_vcpu *other;
	unsigned long c;

	if (!vm->irs || !has_used_irs(vcpu))
		return;

	guard(mutex)(&vm->frame->lock);

	if (vm_hw(vm))
		vgicv5_hw_set_self(vm->frame, to_vgicv5_vcpu(vcpu));
	WRITE_ONCE(to_vgicv5_vcpu(vcpu)->used_irs, false);
	to_vgicv5_vcpu(vcpu)->exits = vcpu->stat.exits;
	kvm_for_each_vcpu(c, other, vcpu->kvm) {
		if (has_used_irs(other))
			return;
	}

	irs_reset(vm->irs);
}
