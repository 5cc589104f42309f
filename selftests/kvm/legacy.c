// SPDX-License-Identifier: GPL-2.0-only
/*
 * On a host that could give a VM a GICv3 as well (FEAT_GCIE_LEGACY), one with a
 * vGICv5 has nothing of a GICv3: not in the ID registers, in whatever order
 * device and vCPU are made, not as system registers, and no ITS.
 */
#include <sys/ioctl.h>

#include "lib/vmm.h"

#define ID_AA64PFR2	S3_0_C0_C4_2
#define ICC_SGI1R	S3_0_C12_C11_5
#define ICC_ASGI1R	S3_0_C12_C11_6
#define ICC_SGI0R	S3_0_C12_C11_7
#define GIC_IMP		(1ull << 24)

static int create(struct vm *vm, u32 type)
{
	struct kvm_create_device dev = { .type = type };

	return ioctl(vm->fd, KVM_CREATE_DEVICE, &dev) < 0 ? -errno : 0;
}

static void needs_legacy(void)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, 0, NULL);

	if (!ID_AA64PFR0_GIC(get_reg(vcpu, REG_ID_AA64PFR0)))
		not_here("the host offers no GICv3");
	vm_free(vm);
}

static __guest void guest_ids(u64 arg)
{
	cpu()->reg[0] = read_reg(id_aa64pfr0_el1);
	cpu()->reg[1] = read_reg(ID_AA64PFR2);
	guest_check(undef(write_reg(ICC_SGI1R, 0)), 0, 0);
	guest_check(undef(write_reg(ICC_ASGI1R, 0)), 0, 0);
	guest_check(undef(write_reg(ICC_SGI0R, 0)), 0, 0);
}

static void one_gic(struct vcpu *vcpu)
{
	check_eq(ID_AA64PFR0_GIC(get_reg(vcpu, REG_ID_AA64PFR0)), 0);
	check_eq(ID_AA64PFR2_GCIE(get_reg(vcpu, REG_ID_AA64PFR2)), 1);
}

static void runs_with_one_gic(struct vcpu *vcpu)
{
	one_gic(vcpu);
	vcpu_expect(vcpu, EV_DONE);
	one_gic(vcpu);
	check_eq(ID_AA64PFR0_GIC(vcpu->g->reg[0]), 0);
	check_eq(ID_AA64PFR2_GCIE(vcpu->g->reg[1]), 1);
}

static void device_first(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu;

	needs_legacy();
	gic_create(vm);
	vcpu = vcpu_new(vm, 0, 0, guest_ids);
	one_gic(vcpu);
	gic_init(vm);
	runs_with_one_gic(vcpu);
}

static void vcpu_first(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, 0, guest_ids);

	needs_legacy();
	gic_create(vm);
	one_gic(vcpu);
	gic_init(vm);
	runs_with_one_gic(vcpu);
}

/* What was read can be written: with a vGICv5, or before there was one. */
static void written_back(long before)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, 0, guest_ids);
	u64 pfr0 = get_reg(vcpu, REG_ID_AA64PFR0), pfr2;

	needs_legacy();
	pfr2 = get_reg(vcpu, REG_ID_AA64PFR2);
	check_eq(ID_AA64PFR0_GIC(pfr0), 1);
	check_eq(ID_AA64PFR2_GCIE(pfr2), 1);
	gic_create(vm);
	if (!before) {
		pfr0 = get_reg(vcpu, REG_ID_AA64PFR0);
		pfr2 = get_reg(vcpu, REG_ID_AA64PFR2);
	}
	check_eq(try_set_reg(vcpu, REG_ID_AA64PFR0, pfr0), 0);
	check_eq(try_set_reg(vcpu, REG_ID_AA64PFR2, pfr2), 0);
	gic_init(vm);
	runs_with_one_gic(vcpu);
	/* And when it has run, what it has. */
	pfr0 = get_reg(vcpu, REG_ID_AA64PFR0);
	check_eq(try_set_reg(vcpu, REG_ID_AA64PFR0, pfr0), 0);
}

/* A VMM that insists on a GICv3 gets none. */
static void gic_written_as_one(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, 0, guest_ids);
	u64 pfr0;

	needs_legacy();
	gic_create(vm);
	pfr0 = get_reg(vcpu, REG_ID_AA64PFR0) & ~ID_AA64PFR0_GIC_MASK;
	try_set_reg(vcpu, REG_ID_AA64PFR0, pfr0 | GIC_IMP);
	one_gic(vcpu);
	gic_init(vm);
	try_set_reg(vcpu, REG_ID_AA64PFR0, pfr0 | GIC_IMP);
	runs_with_one_gic(vcpu);
}

static void its_after_vgic_v5(long arg)
{
	struct vm *vm = vm_new(), *other = vm_new();

	needs_legacy();
	check_eq(create(other, KVM_DEV_TYPE_ARM_VGIC_ITS), 0);
	gic_create(vm);
	check_eq(create(vm, KVM_DEV_TYPE_ARM_VGIC_ITS), -EEXIST);
	gic_init(vm);
	check_eq(create(vm, KVM_DEV_TYPE_ARM_VGIC_ITS), -EEXIST);
}

static void vgic_v5_after_its(long arg)
{
	struct vm *vm = vm_new();

	needs_legacy();
	check_eq(create(vm, KVM_DEV_TYPE_ARM_VGIC_ITS), 0);
	check_eq(try_gic_create(vm), -EEXIST);
	/* Nothing has changed: a GICv3 it can have. */
	check_eq(create(vm, KVM_DEV_TYPE_ARM_VGIC_V3), 0);
	check_eq(try_gic_create(vm), -EEXIST);
}

static void no_vgic_v3_beside(long arg)
{
	struct vm *vm = vm_new();

	needs_legacy();
	gic_create(vm);
	check_eq(create(vm, KVM_DEV_TYPE_ARM_VGIC_V3), -EEXIST);
}

KTAP_MAIN(need_vgic,
	  T(device_first), T(vcpu_first),
	  TA("written_back", written_back, 0),
	  TA("written_back_from_before", written_back, 1),
	  T(gic_written_as_one), T(its_after_vgic_v5), T(vgic_v5_after_its),
	  T(no_vgic_v3_beside))
