// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world switch and injection: when KVM calls, and what for. What the state
 * is, and which barriers it takes, is the core's: see <vgicv5/ppi.h>.
 *
 * Resident mode, the default: the state of a loaded vCPU stays in the hardware
 * from load to put. Entering the guest looks at two flags, leaving it does
 * nothing. Conservative mode moves the state at each entry and exit, so that
 * nothing is signalled, and nothing injected directly, while the host runs.
 */
#include <linux/nospec.h>

#include <kvm/arm_vgic_v5.h>

#include "compat.h"
#include "events.h"
#include "glue.h"

static void restore_state(struct vgicv5_vcpu *v, const struct ppi_vm *vm)
{
	struct ppi_image img __uninitialized;

	ppi_enter(&v->ppi, vm, &img);
	ich_load(&img, vm, v->ppi.prio);
}

static void save_state(struct vgicv5_vcpu *v, const struct ppi_vm *vm)
{
	struct ppi_image img __uninitialized;

	ich_save(&img, vm);
	ppi_leave(&v->ppi, vm, &img);
}

/* Does this CPU have all that a VM needs? */
static bool cpu_fits(const struct ppi_vm *vm)
{
	const struct vgicv5_cpu_mismatch *m = this_cpu_ptr(&vgicv5_cpu_mismatch);

	return !m->pri_bits && !(m->ppis[0] & vm->exposed[0]) &&
	       !(m->ppis[1] & vm->exposed[1]);
}

/**
 * vgicv5_load() - &kvm_vgic_v5_ops.load
 * @vcpu: the vCPU
 *
 * A vCPU that waits in WFI is scheduled in and out like any other. It has no
 * use for the hardware then, and its words are what vgicv5_pending() judges
 * by: the state stays in memory until WFI is over and KVM loads once more.
 *
 * On a CPU that lacks what the VM needs it is not loaded, and KVM_RUN returns
 * KVM_EXIT_FAIL_ENTRY.
 */
void vgicv5_load(struct kvm_vcpu *vcpu)
{
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);

	if (v->loaded || vcpu_get_flag(vcpu, IN_WFI))
		return;

	/* Loaded for an ioctl, before any vCPU has run */
	if (unlikely(!smp_load_acquire(&vm->fixed)))
		return;

	if (unlikely(__this_cpu_read(vgicv5_cpu_mismatch.any)) &&
	    !cpu_fits(&vm->ppi)) {
		vcpu_set_on_unsupported_cpu(vcpu);
		/* What has rung does so again where it can run */
		WRITE_ONCE(v->rung, false);
		return;
	}

	if (vm_hw(vm) && !vgicv5_hw_load(v, vm))
		return;

	if (vgicv5_kvm_own_was_here())
		ich_forget();

	if (likely(vgicv5_resident))
		restore_state(v, &vm->ppi);

	ich_traps_activate(&vm->traps);
	v->loaded = true;
	trace_vgicv5_load(vcpu);
}

/**
 * vgicv5_put() - &kvm_vgic_v5_ops.put
 * @vcpu: the vCPU
 *
 * KVM puts the timer before. Once the host goes down, what that left active has
 * to go: the next kernel would not get these interrupts.
 */
void vgicv5_put(struct kvm_vcpu *vcpu)
{
	const struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);

	if (!v->loaded) {
		/* To sleep where it cannot run, without a doorbell: it does not */
		if (vcpu_get_flag(vcpu, IN_WFI) && vcpu_on_unsupported_cpu(vcpu))
			WRITE_ONCE(v->rung, true);
		return;
	}

	v->loaded = false;
	vgicv5_irs_put(v);
	ich_traps_deactivate();

	if (likely(vgicv5_resident))
		save_state(v, &vm->ppi);
	if (vm_hw(vm))
		vgicv5_hw_put(v, vm);

	if (unlikely(READ_ONCE(vgicv5_shutting_down)))
		ich_deactivate_physical(vgicv5_direct_ppis);

	trace_vgicv5_put(vcpu);
}

/* What few entries need, out of line */
static noinline void flush_slow(struct kvm_vcpu *vcpu)
{
	const struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);
	u64 set[PPI_BANKS], clear[PPI_BANKS];
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	struct ppi_image img __uninitialized;

	set[1] = 0;
	clear[1] = 0;
	if (READ_ONCE(v->ppi.changed) &&
	    ppi_flush(&v->ppi, &vm->ppi, set, clear)) {
		ich_update_pendr(&vm->ppi, set, clear);
		trace_vgicv5_flush(vcpu, set, clear);
	}

	if (READ_ONCE(v->irs.changed) && v->ppi.resident) {
		ich_read_masks(&img);
		vgicv5_irs_flush(v, vm, &img);
	}
}

/**
 * vgicv5_flush() - &kvm_vgic_v5_ops.flush, resident mode
 * @vcpu: the vCPU
 *
 * Nothing to do unless something was injected, or sent.
 */
void vgicv5_flush(struct kvm_vcpu *vcpu)
{
	const struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);

	if (unlikely(READ_ONCE(v->ppi.changed) | READ_ONCE(v->irs.changed)))
		flush_slow(vcpu);
}

/**
 * vgicv5_flush_all() - &kvm_vgic_v5_ops.flush, conservative mode
 * @vcpu: the vCPU
 *
 * Resident first, then a look at what was sent: see <vgicv5/irs.h>.
 */
void vgicv5_flush_all(struct kvm_vcpu *vcpu)
{
	const struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	struct ppi_image img __uninitialized;

	if (unlikely(!v->loaded))
		return;

	ppi_enter(&v->ppi, &vm->ppi, &img);
	ich_load(&img, &vm->ppi, v->ppi.prio);

	if (READ_ONCE(v->irs.changed))
		vgicv5_irs_flush(v, vm, &img);
}

/**
 * vgicv5_sync_all() - &kvm_vgic_v5_ops.sync, conservative mode
 * @vcpu: the vCPU
 *
 * Kernels differ in whether an entry that is given up has been flushed: what
 * is in the hardware may be another vCPU's.
 */
void vgicv5_sync_all(struct kvm_vcpu *vcpu)
{
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);

	if (!v->ppi.resident)
		return;

	save_state(v, &to_vgicv5_vm(vcpu->kvm)->ppi);
	ich_end_direct();
}

/**
 * vgicv5_drop_pending() - &kvm_vgic_v5_ops.drop_pending
 * @vcpu: the vCPU, loaded by its own thread, or not loaded
 */
void vgicv5_drop_pending(struct kvm_vcpu *vcpu)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	bool resident;

	scoped_guard(preempt) {
		resident = v->ppi.resident;
		if (resident)
			save_state(v, vm);

		ppi_cpu_drop_edges(&v->ppi);

		if (resident)
			restore_state(v, vm);
	}

	if (!v->loaded)
		vgicv5_irs_reset(vcpu);
}

/**
 * vgicv5_sample_direct() - see what the lines of directly injected PPIs are
 * @v: the vCPU that this thread runs
 *
 * The hardware watches them while the guest runs, and KVM is not told. Its timer
 * code raises one when it loads a vCPU with an expired timer; that the guest has
 * dealt with that timer, and the line is low again, is only seen here.
 */
void vgicv5_sample_direct(struct vgicv5_vcpu *v)
{
	int i;

	for (i = 0; i < VGICV5_OWNERS; i++) {
		if (v->owners[i].dev && v->owners[i].input)
			ppi_sample(&v->ppi, v->owned[i],
				   v->owners[i].input(v->owned[i]));
	}
}

static bool is_pending(struct kvm_vcpu *vcpu, bool self)
{
	const struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	struct ppi_image img __uninitialized;

	if (self)
		vgicv5_sample_direct(v);

	if (vm_hw(vm) && vgicv5_hw_pending(v))
		return true;

	if (!self || !v->ppi.resident)
		return ppi_pending(&v->ppi, &vm->ppi, NULL) ||
		       vgicv5_irs_pending(v, vm, NULL);

	ich_read(&img, &vm->ppi);
	return ppi_pending(&v->ppi, &vm->ppi, &img) ||
	       vgicv5_irs_pending(v, vm, &img);
}

/**
 * vgicv5_pending() - &kvm_vgic_v5_ops.pending
 * @vcpu: the vCPU
 * @self: called by the thread that runs @vcpu
 *
 * KVM asks for a vCPU in WFI, whose state is in memory, and for one in
 * KVM_MP_STATE_SUSPENDED, after WFI, whose state is in the hardware again.
 * Asked by another vCPU that looks for one to yield to, the answer is a hint.
 *
 * Return: true if there is an interrupt that ends a WFI.
 */
bool vgicv5_pending(struct kvm_vcpu *vcpu, bool self)
{
	bool pending;

	/* self stays on its CPU while it looks at the hardware */
	guard(preempt)();

	/* Acquire: pairs with vgicv5_ctrl_init() */
	if (!smp_load_acquire(&vcpu->kvm->arch.vgic.initialized))
		return false;

	pending = is_pending(vcpu, self);
	trace_vgicv5_pending(vcpu, self, pending);

	return pending;
}

/**
 * vgicv5_can_wake() - &kvm_vgic_v5_ops.can_wake
 * @vcpu: the vCPU, blocked
 * @ppi:  the PPI
 *
 * A vCPU that is off, or paused, blocks as well, loaded, and no interrupt wakes
 * it.
 *
 * Return: true if @ppi would end its WFI.
 */
bool vgicv5_can_wake(struct kvm_vcpu *vcpu, unsigned int ppi)
{
	return vcpu_get_flag(vcpu, IN_WFI) &&
	       ppi_deliverable(&to_vgicv5_vcpu(vcpu)->ppi,
			       &to_vgicv5_vm(vcpu->kvm)->ppi, ppi);
}

static bool is_owner(const struct vgicv5_vcpu *v, unsigned int ppi,
		     const void *owner)
{
	int i;

	for (i = 0; i < VGICV5_OWNERS; i++) {
		if (v->owners[i].dev == owner && v->owned[i] == ppi)
			return true;
	}

	return false;
}

static __always_inline bool drive(struct kvm_vcpu *vcpu, unsigned int ppi,
				  bool level)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;
	bool resident;

	if (!level) {
		ppi_lower(cpu, vm, ppi);
		return false;
	}

	/*
	 * A vCPU that is neither resident nor in WFI runs on anyway. KVM sets
	 * IN_WFI before it puts the vCPU and looks for an interrupt.
	 */
	resident = ppi_raise(cpu, vm, ppi);
	if (!resident && !vcpu_get_flag(vcpu, IN_WFI))
		return false;

	if (!ppi_needs_kick(cpu, vm, ppi, resident))
		return false;

	kvm_vgic_v5_kick(vcpu);
	return true;
}

static noinline void drive_traced(struct kvm_vcpu *vcpu, unsigned int ppi,
				  bool level)
{
	bool kick = drive(vcpu, ppi, level);

	trace_vgicv5_inject(vcpu, ppi, level, kick);
}

/**
 * vgicv5_inject() - &kvm_vgic_v5_ops.inject
 * @vcpu:  the vCPU
 * @ppi:   the PPI; any number if userspace gave it
 * @level: its level
 * @owner: who drives it, NULL for userspace
 *
 * After vgicv5_ctrl_init(), whose release KVM has read by an acquire.
 *
 * Return: 0, also if @owner is not the owner; -EINVAL if userspace may not drive
 * @ppi.
 */
int vgicv5_inject(struct kvm_vcpu *vcpu, u32 ppi, bool level, void *owner)
{
	const struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);

	if (unlikely(ppi >= PPI_NR))
		return -EINVAL;

	if (owner) {
		/* The hardware samples the line, or vgicv5_sample_direct() */
		if (READ_ONCE(v->ppi.direct[ppi_bank(ppi)]) & ppi_bit(ppi))
			return 0;
		if (!is_owner(v, ppi, owner))
			return 0;
	} else {
		ppi = array_index_nospec(ppi, PPI_NR);
		if (!ppi_test(vm->userspace, ppi))
			return -EINVAL;
	}

	if (trace_vgicv5_inject_enabled())
		drive_traced(vcpu, ppi, level);
	else
		drive(vcpu, ppi, level);

	return 0;
}
