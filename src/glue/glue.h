/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM's objects: the only place that knows struct kvm_vcpu.
 *
 * Life of a VM:
 *
 *   create	  KVM_CREATE_DEVICE. The VM holds the module from here on.
 *   vcpu_create  for each vCPU, before the device or after it
 *   CTRL_INIT	  no more vCPUs
 *   set_owner	  timers and PMU say which PPIs are theirs
 *   first_run	  fixes what is exposed, for all vCPUs
 *   load, flush, sync, put
 *   destroy	  the VM is gone, and so is its hold on the module
 *
 * Locks: kvm->arch.config_lock for all that is written up to first_run, but for
 * &vgicv5_owner.input and &ppi_cpu.direct, which the vCPU's own thread writes on
 * its way there. After it there are none: see <vgicv5/ppi.h>.
 */
#ifndef __VGICV5_GLUE_H
#define __VGICV5_GLUE_H

#include <linux/kvm_host.h>
#include <linux/percpu.h>

#include <kvm/iodev.h>

#include <vgicv5/irs.h>
#include <vgicv5/ppi.h>

#include "../hw/ich.h"
#include "compat.h"

/* Both timers and the PMU, and one to spare */
#define VGICV5_OWNERS	4

struct vgicv5_hw;

/**
 * struct vgicv5_frame - the IRS in the guest's memory map
 * @irs:  its state, from CTRL_INIT on
 * @hw:	  as &vgicv5_vm.hw
 * @dev:  on the MMIO bus, from there until the VM is destroyed
 * @lock: held for an access
 * @addr: guest physical address
 */
struct vgicv5_frame {
	struct irs irs;
	struct vgicv5_hw *hw;
	struct kvm_io_device dev;
	struct mutex lock;	/* for an access to the frame */
	u64 addr;
};

/**
 * struct vgicv5_vm - a VM's vGICv5
 * @ppi:	what is exposed, and to whom
 * @traps:	what the guest may touch, from @fixed on
 * @fixed:	@ppi.exposed does not change any more
 * @frame:	NULL if userspace has given no address
 * @irs:	in @frame, when it can be used; before the first run, or never
 * @hw:		what the host's IRS has of it; NULL if @irs has all
 * @nr_spis:	0 until userspace says, or CTRL_INIT does
 */
struct vgicv5_vm {
	struct ppi_vm ppi;
	struct ich_traps traps;
	bool fixed;
	struct vgicv5_frame *frame;
	struct irs *irs;
	struct vgicv5_hw *hw;
	u32 nr_spis;
};

/**
 * struct vgicv5_owner - an in-kernel device that drives a PPI of a vCPU
 * @dev:	what it calls itself, NULL if the slot is free
 * @input:	samples the level, for the running vCPU; or NULL
 */
struct vgicv5_owner {
	void *dev;
	bool (*input)(int ppi);
};

/**
 * struct vgicv5_vcpu - a vCPU's vGICv5
 * @owners:	in-kernel devices
 * @owned:	the PPI that the same slot of @owners drives
 * @loaded:	the vCPU may use the CPU interface of the CPU that it is on
 * @used_irs:	the vCPU has written to the IRS since it was initialised
 * @exits:	of the guest, when it was; see has_used_irs()
 * @vpe_resident: the host's IRS has it on this CPU: only if there is &vgicv5_vm.hw,
 *		as the next five
 * @irs_enabled: with its IRS on, or off
 * @rung:	the doorbell has rung since it was put, or it has none to sleep with
 * @doorbell:	Linux interrupt of the doorbell
 * @rings:	how often that has rung
 * @vped:	VPE descriptor
 * @vcpu:	whose it is
 * @irs:	SPIs and LPIs for it
 * @ppi:	state of its PPIs, of variable size
 */
struct vgicv5_vcpu {
	struct vgicv5_owner owners[VGICV5_OWNERS];
	u8 owned[VGICV5_OWNERS];
	bool loaded;
	bool used_irs;
	u64 exits;
	bool vpe_resident;
	bool irs_enabled;
	bool rung;
	int doorbell;
	unsigned long rings;
	void *vped;
	struct kvm_vcpu *vcpu;
	struct irs_cpu irs;
	struct ppi_cpu ppi;
};

/**
 * struct vgicv5_cpu_mismatch - what a CPU has not, or has otherwise than the others
 * @any:      the rest is not zero
 * @pri_bits: it has fewer priority bits
 * @ppis:     PPIs that do not exist, or are handled in the other mode
 */
struct vgicv5_cpu_mismatch {
	bool any;
	bool pri_bits;
	u64 ppis[PPI_BANKS];
};

DECLARE_PER_CPU(struct vgicv5_cpu_mismatch, vgicv5_cpu_mismatch);

extern struct ppi_host vgicv5_host;
extern bool vgicv5_resident;
extern bool vgicv5_only_hw;
extern u64 vgicv5_direct_ppis[PPI_BANKS];
extern bool vgicv5_shutting_down;

static inline struct vgicv5_vm *to_vgicv5_vm(struct kvm *kvm)
{
	return kvm->arch.vgic.v5_priv;
}

static inline struct vgicv5_vcpu *to_vgicv5_vcpu(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.vgic_cpu.v5_priv;
}

/* What the host's IRS has of a VM, or NULL */
static inline struct vgicv5_hw *vm_hw(const struct vgicv5_vm *vm)
{
	return HAVE_DOORBELLS ? vm->hw : NULL;
}

/* For those who inject: it can come after CTRL_INIT */
static inline struct irs *vm_irs(const struct vgicv5_vm *vm)
{
	/* Acquire: pairs with vgicv5_irs_init() */
	return smp_load_acquire(&vm->irs);
}

/* irs.c */
int vgicv5_irs_init(struct kvm *kvm);
void vgicv5_irs_publish(struct vgicv5_vm *vm);
void vgicv5_irs_destroy(struct vgicv5_vm *vm);
int vgicv5_irs_set_addr(struct kvm *kvm, u64 addr);
int vgicv5_inject_spi(struct kvm *kvm, u32 spi, bool level);
void vgicv5_irs_execute(struct kvm_vcpu *vcpu, enum irs_op op, u64 operand);
void vgicv5_irs_put(struct vgicv5_vcpu *v);
void vgicv5_irs_flush(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm,
		      const struct ppi_image *img);
bool vgicv5_irs_pending(const struct vgicv5_vcpu *v, const struct vgicv5_vm *vm,
			const struct ppi_image *img);
void vgicv5_irs_reset(struct kvm_vcpu *vcpu);

/* irs_hw.c: from vgicv5_hw_destroy() on, if there is vm_hw() only */
const char *vgicv5_hw_probe(void);
void vgicv5_hw_exit(void);
bool vgicv5_hw_on(void);
bool vgicv5_hw_wanted(void);
unsigned int vgicv5_hw_lost(void);
int vgicv5_hw_inject_spi(struct kvm *kvm, u32 spi, bool level);
void vgicv5_hw_config(struct irs_config *config);
int vgicv5_hw_init(struct kvm *kvm);
void vgicv5_hw_destroy(struct vgicv5_vm *vm);
void vgicv5_hw_vcpu_destroy(struct kvm_vcpu *vcpu);
bool vgicv5_hw_load(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm);
void vgicv5_hw_put(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm);
void vgicv5_hw_flush(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm);
bool vgicv5_hw_pending(const struct vgicv5_vcpu *v);
void vgicv5_hw_cdhm(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm,
		    u64 operand);
u64 vgicv5_hw_cdrcfg(struct vgicv5_vcpu *v, const struct vgicv5_vm *vm,
		     u64 operand);
void vgicv5_hw_set_self(struct vgicv5_frame *frame, struct vgicv5_vcpu *v);
int vgicv5_hw_save(struct vgicv5_vm *vm, u32 *spis, u32 *lpis);
int vgicv5_hw_restore(struct vgicv5_vm *vm, const u32 *spis, const u32 *lpis,
		      unsigned int lpi_bits);
u16 vgicv5_hw_number(const struct vgicv5_vm *vm);

/* state.c */
int vgicv5_state_has(struct kvm *kvm, const struct kvm_device_attr *attr);
int vgicv5_state_access(struct kvm *kvm, const struct kvm_device_attr *attr,
			bool set);

/* vm.c */
int vgicv5_create(struct kvm *kvm);
void vgicv5_destroy(struct kvm *kvm);
int vgicv5_vcpu_create(struct kvm_vcpu *vcpu);
void vgicv5_vcpu_destroy(struct kvm_vcpu *vcpu);
int vgicv5_map_resources(struct kvm *kvm);
int vgicv5_first_run(struct kvm_vcpu *vcpu);
void vgicv5_reset(struct kvm_vcpu *vcpu);
int vgicv5_set_owner(struct kvm_vcpu *vcpu, unsigned int ppi, void *owner);
int vgicv5_map(struct kvm_vcpu *vcpu, unsigned int ppi, unsigned int host_irq,
	       bool (*get_input_level)(int ppi));
int vgicv5_set_attr(struct kvm *kvm, struct kvm_device_attr *attr);
int vgicv5_get_attr(struct kvm *kvm, struct kvm_device_attr *attr);
int vgicv5_has_attr(struct kvm *kvm, struct kvm_device_attr *attr);

/* run.c */
void vgicv5_load(struct kvm_vcpu *vcpu);
void vgicv5_put(struct kvm_vcpu *vcpu);
void vgicv5_flush(struct kvm_vcpu *vcpu);
void vgicv5_flush_all(struct kvm_vcpu *vcpu);
void vgicv5_sync_all(struct kvm_vcpu *vcpu);
void vgicv5_sample_direct(struct vgicv5_vcpu *v);
void vgicv5_drop_pending(struct kvm_vcpu *vcpu);
bool vgicv5_pending(struct kvm_vcpu *vcpu, bool self);
bool vgicv5_can_wake(struct kvm_vcpu *vcpu, unsigned int ppi);
int vgicv5_inject(struct kvm_vcpu *vcpu, u32 ppi, bool level, void *owner);

/* trap.c */
int vgicv5_sysreg(struct kvm_vcpu *vcpu, u32 reg, bool write, u64 *val);

/* debugfs.c */
void vgicv5_debugfs_init(void);
void vgicv5_debugfs_exit(void);
void vgicv5_debugfs_vm(struct kvm *kvm);

#endif /* __VGICV5_GLUE_H */
