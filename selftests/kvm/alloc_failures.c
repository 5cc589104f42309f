// SPDX-License-Identifier: GPL-2.0-only
/*
 * F22: each allocation for a VM fails once: nothing of the vGICv5 is left then,
 * and the next attempt works. Needs a vgicv5.ko that can be told to fail, see
 * selftests/kvm/variants/alloc.sed.
 */
#include <unistd.h>

#include "lib/vmm.h"

#define FAIL_AT	"/sys/module/vgicv5/parameters/fail_at"
#define VCPUS	3

static const char *need_failures(void)
{
	const char *why = need_vgic();

	if (!why && access(FAIL_AT, W_OK))
		why = "no " FAIL_AT " (needs a module made for this test)";
	return why;
}

static void fail_at(int nr)
{
	write_number(FAIL_AT, nr);
}

static __guest void guest_gic(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	guest_check(read_reg(ICC_ENABLER0) == BIT(SW_PPI),
		    read_reg(ICC_ENABLER0), 0);
}

static void all_run(struct vm *vm)
{
	int i;

	for (i = 0; i < VCPUS; i++)
		vcpu_expect(vm->vcpu[i], EV_DONE);
}

/* The VM's own and one for each vCPU that is there, the n-th of which fails. */
static void f22_create(long arg)
{
	int n, i;

	for (n = 0; n < 1 + VCPUS; n++) {
		struct vm *vm = vm_new();

		for (i = 0; i < VCPUS; i++)
			vcpu_new(vm, i, 0, guest_gic);
		fail_at(n);
		check_eq(try_gic_create(vm), -ENOMEM);
		fail_at(-1);
		/* Without an in-kernel irqchip that is the answer. */
		check_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0,
					       SW_PPI), 1), -ENXIO);
		check_eq(ID_AA64PFR2_GCIE(get_reg(vm->vcpu[0],
						  REG_ID_AA64PFR2)), 1);
		gic_create(vm);
		gic_init(vm);
		all_run(vm);
		vm_free(vm);
	}
}

/* The VM may also go away, or run without a vGIC. */
static __guest void guest_nothing(u64 arg)
{
	guest_check(undef(read_reg(ICC_IDR0)), 0, 0);
}

static void f22_create_and_leave(long arg)
{
	int n, i;

	for (n = 0; n < 1 + VCPUS; n++) {
		struct vm *vm = vm_new();

		for (i = 0; i < VCPUS; i++)
			vcpu_new(vm, i, 0, guest_nothing);
		fail_at(n);
		check_eq(try_gic_create(vm), -ENOMEM);
		fail_at(-1);
		if (n & 1)
			all_run(vm);
		vm_free(vm);
	}
}

/* A vCPU that comes after the device. */
static void f22_vcpu(long arg)
{
	struct vm *vm = vm_new();
	int i;

	vcpu_new(vm, 0, 0, guest_gic);
	gic_create(vm);
	for (i = 1; i < VCPUS; i++) {
		fail_at(0);
		check_eq(try_vcpu_new(vm, i, 0, NULL), -ENOMEM);
		fail_at(-1);
		vcpu_new(vm, i, 0, guest_gic);
	}
	gic_init(vm);
	all_run(vm);
}

/* The module can be unloaded after all this: no VM is counted twice. */
static void f22_no_reference_left(long arg)
{
	struct vm *vm = vm_new();
	int i;

	vcpu_new(vm, 0, 0, NULL);
	for (i = 0; i < 10; i++) {
		fail_at(i & 1);
		check_eq(try_gic_create(vm), -ENOMEM);
	}
	fail_at(-1);
	vm_free(vm);
	check(wait_for(references() == 0), "references: %d", references());
}

KTAP_MAIN(need_failures,
	  T(f22_create), T(f22_create_and_leave), T(f22_vcpu),
	  T(f22_no_reference_left))
