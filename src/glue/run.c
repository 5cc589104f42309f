// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world switch and injection.
 *
 * Resident mode, the default: the state of a loaded vCPU stays in the hardware
 * from load to put. Entering the guest looks at one flag, leaving it does
 * nothing. Conservative mode moves the state at each entry and exit, so that
 * nothing of it, direct injection above all, is there while the host runs.
 *
 * Kicks. An injector changes line or latch, and then looks at what the vCPU is
 * doing; if it is resident, raises the changed flag, and looks again. The vCPU
 * does the opposite: it says what it does (resident, enabled, IN_WFI), and then
 * takes the latch or looks at the flag. There is a full barrier between the two
 * on either side, so one of them sees the other.
 */
#include <linux/nospec.h>

#include "events.h"
#include "glue.h"

static void state_in(struct kvm_vcpu *vcpu)
{
	ich_enter(&to_vgicv5_vcpu(vcpu)->ppi, &to_vgicv5_vm(vcpu->kvm)->ppi);
}

static void state_out(struct kvm_vcpu *vcpu)
{
	ich_leave(&to_vgicv5_vcpu(vcpu)->ppi, &to_vgicv5_vm(vcpu->kvm)->ppi);
}

/**
 * vgicv5_load() - &kvm_vgic_v5_ops.load
 * @vcpu: the vCPU
 *
 * A vCPU that waits in WFI is scheduled in and out like any other. It has no
 * use for the hardware then, and its words are what vgicv5_pending() judges
 * by: the state stays in memory until WFI is over and KVM loads once more.
 */
void vgicv5_load(struct kvm_vcpu *vcpu)
{
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	struct vgicv5_vm *vm = to_vgicv5_vm(vcpu->kvm);

	if (v->open || vcpu_get_flag(vcpu, IN_WFI))
		return;

	/* Loaded for an ioctl, before any vCPU has run */
	if (unlikely(!smp_load_acquire(&vm->fixed)))
		return;

	if (vgicv5_resident)
		state_in(vcpu);

	ich_traps_open(&vm->traps);
	v->open = true;
	trace_vgicv5_load(vcpu);
}

/**
 * vgicv5_put() - &kvm_vgic_v5_ops.put
 * @vcpu: the vCPU
 */
void vgicv5_put(struct kvm_vcpu *vcpu)
{
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);

	if (!v->open)
		return;

	v->open = false;
	ich_traps_close();

	if (vgicv5_resident)
		state_out(vcpu);

	trace_vgicv5_put(vcpu);
}

/**
 * vgicv5_flush() - &kvm_vgic_v5_ops.flush, resident mode
 * @vcpu: the vCPU
 *
 * Nothing to do unless something was injected.
 */
void vgicv5_flush(struct kvm_vcpu *vcpu)
{
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	u64 set[PPI_BANKS] = { 0 }, clear[PPI_BANKS] = { 0 };

	if (likely(!ppi_flag_read(&v->ppi.changed)))
		return;

	ich_flush(&v->ppi, &to_vgicv5_vm(vcpu->kvm)->ppi, set, clear);
	trace_vgicv5_flush(vcpu, set, clear);
}

/**
 * vgicv5_flush_all() - &kvm_vgic_v5_ops.flush, conservative mode
 * @vcpu: the vCPU
 */
void vgicv5_flush_all(struct kvm_vcpu *vcpu)
{
	state_in(vcpu);
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
	if (to_vgicv5_vcpu(vcpu)->ppi.resident)
		state_out(vcpu);
}

/* Nobody tells a sleeping vCPU about a line that the hardware used to watch */
static void sample_direct(struct kvm_vcpu *vcpu)
{
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	int i;

	for (i = 0; i < VGICV5_OWNERS; i++) {
		if (v->owners[i].dev && v->owners[i].input)
			ppi_sample(&v->ppi, v->owned[i],
				   v->owners[i].input(v->owned[i]));
	}
}

static bool is_pending(struct kvm_vcpu *vcpu, bool self)
{
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	int b;

	/* Pairs with ich_leave(): not resident, and all the words are right */
	if (!smp_load_acquire(&v->ppi.resident)) {
		if (self)
			sample_direct(vcpu);

		return ppi_pending(&v->ppi, vm);
	}

	for (b = 0; b < PPI_BANKS; b++) {
		if ((ppi_word_read(&v->ppi.latch[b]) |
		     ppi_word_read(&v->ppi.line[b])) &
		    READ_ONCE(v->ppi.enabled[b]))
			return true;
	}

	return false;
}

/**
 * vgicv5_pending() - &kvm_vgic_v5_ops.pending
 * @vcpu: the vCPU
 * @self: called by the thread that runs @vcpu
 *
 * KVM asks on behalf of a vCPU in WFI, whose state is in memory. Asked by
 * another vCPU that looks for one to yield to, the answer is a hint: then an
 * enabled interrupt is good enough.
 *
 * Return: true if there is an interrupt that ends a WFI.
 */
bool vgicv5_pending(struct kvm_vcpu *vcpu, bool self)
{
	bool pending;

	if (!vgic_initialized(vcpu->kvm))
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
 * Return: true if @ppi would end its WFI.
 */
bool vgicv5_can_wake(struct kvm_vcpu *vcpu, unsigned int ppi)
{
	return ppi_deliverable(&to_vgicv5_vcpu(vcpu)->ppi,
			       &to_vgicv5_vm(vcpu->kvm)->ppi, ppi);
}

/*
 * What few injections need, out of line. A vCPU that is neither resident nor in
 * WFI runs on anyway. KVM sets IN_WFI before it puts the vCPU and looks for an
 * interrupt.
 */
static noinline int follow_up(struct kvm_vcpu *vcpu, unsigned int ppi,
			      bool level, enum ppi_news news)
{
	struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;
	struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	bool kick = false;

	if (!level)
		ppi_lower(cpu, vm, ppi);
	else if (news == PPI_RESIDENT || vcpu_get_flag(vcpu, IN_WFI))
		kick = ppi_needs_kick(cpu, vm, ppi, news);

	trace_vgicv5_inject(vcpu, ppi, level, kick);

	return kick;
}

static bool is_owner(struct kvm_vcpu *vcpu, unsigned int ppi, void *owner)
{
	struct vgicv5_vcpu *v = to_vgicv5_vcpu(vcpu);
	int i;

	for (i = 0; i < VGICV5_OWNERS; i++) {
		if (v->owners[i].dev == owner && v->owned[i] == ppi)
			return true;
	}

	return false;
}

/**
 * vgicv5_inject() - &kvm_vgic_v5_ops.inject
 * @vcpu:  the vCPU
 * @ppi:   the PPI; any number if userspace gave it
 * @level: its level
 * @owner: who drives it, NULL for userspace
 *
 * Return: 1 if @vcpu must be kicked, 0 if not, also if @owner is not the owner;
 * -EINVAL if userspace may not drive @ppi.
 */
int vgicv5_inject(struct kvm_vcpu *vcpu, unsigned int ppi, bool level,
		  void *owner)
{
	struct ppi_vm *vm = &to_vgicv5_vm(vcpu->kvm)->ppi;
	enum ppi_news news = PPI_NO_NEWS;

	if (ppi >= PPI_NR)
		return -EINVAL;

	ppi = array_index_nospec(ppi, PPI_NR);
	if (owner) {
		if (!is_owner(vcpu, ppi, owner))
			return 0;
	} else if (!ppi_test(vm->userspace, ppi)) {
		return -EINVAL;
	}

	if (level)
		news = ppi_raise(&to_vgicv5_vcpu(vcpu)->ppi, vm, ppi);

	if (!level || news == PPI_RESIDENT || vcpu_get_flag(vcpu, IN_WFI) ||
	    trace_vgicv5_inject_enabled())
		return follow_up(vcpu, ppi, level, news);

	return 0;
}
