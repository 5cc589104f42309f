// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each allocation for a VM in the host's IRS fails once, and the way to a doorbell:
 * nothing is left of it there, no interrupt of the host, and the next attempt works.
 * Needs a vgicv5.ko that can be told to fail, see selftests/kvm/variants/fail_hw.patch,
 * and that has had no VM yet: the first one needs a table more.
 */
#include <unistd.h>

#include "lib/state.h"

#define FAIL_HW	"/sys/module/vgicv5/parameters/fail_hw"
#define VCPUS	2

static const char *need_failures(void)
{
	if (access(FAIL_HW, W_OK))
		return "no " FAIL_HW " (needs a module made for this test)";
	return need_vgic() ?: irs_in_hw() ? NULL :
	       "SPIs and LPIs are not in the host's IRS";
}

/* The one after @nr more fails; -1: none */
static void fail_at(int nr)
{
	write_number(FAIL_HW, nr);
}

/* Has it? */
static bool has_failed(void)
{
	bool failed = read_number(FAIL_HW) < 0;

	fail_at(-1);
	return failed;
}

/* Once the last VM has gone, which is a little after its last file */
static void nothing_is_left(int interrupts)
{
	require(wait_for(references() == 0), "references: %d", references());
	irs_nothing_is_left(interrupts);
}

/* Each VM that fails goes: the one that works is the first in the IRS */
static void of_first(long arg)
{
	int n, ret, interrupts = host_interrupts();
	bool failed = true;

	for (n = 0; failed; n++) {
		struct vm *vm = vm_before_init(VCPUS, irs_guest_self);

		fail_at(n);
		ret = try_gic_init(vm);
		failed = has_failed();
		if (!check_eq(ret, failed ? -ENOMEM : 0))
			note("at allocation %d", n);
		if (!failed)
			vcpu_expect(vm->vcpu[0], EV_DONE);
		vm_free(vm);
		nothing_is_left(interrupts);
	}
	note("%d failed in turn", n - 1);
	/* The VM, its number, four tables; of a vCPU one, and its doorbell */
	check(n - 1 >= 6 + 3 * VCPUS, "few allocations: %d", n - 1);
}

static void ctrl_init(long arg)
{
	int n, i, ret, number = -1, interrupts = host_interrupts();
	bool failed = true;

	for (n = 0; failed; n++) {
		struct vm *vm = vm_before_init(VCPUS, irs_guest_self);

		fail_at(n);
		ret = try_gic_init(vm);
		failed = has_failed();
		check_eq(ret, failed ? -ENOMEM : 0);
		if (failed)
			gic_init(vm);
		if (number < 0)
			number = irs_number(vm);
		check_eq(irs_number(vm), number);
		vcpu_expect(vm->vcpu[0], EV_DONE);
		for (i = 0; i < VCPUS; i++)
			irs_wakes_by_doorbell(vm->vcpu[i]);
		vm_free(vm);
		nothing_is_left(interrupts);
	}
	note("%d failed in turn", n - 1);
	check(n - 1 >= 5 + 3 * VCPUS, "few allocations: %d", n - 1);
}

/* The guest finds no table, and tries again */
static __guest void guest_lpis_twice(u64 arg)
{
	irs_guest_setup_other(0);
	cpu()->phase = irs_guest_lpis();
	irs_guest_takes_own();
}

static void g36_lpis(long arg)
{
	int n, interrupts = host_interrupts();
	bool failed = true;

	for (n = 0; failed; n++) {
		struct vm *vm = vm_with_irs(1, 0, guest_lpis_twice);

		fail_at(n);
		vcpu_expect(vm->vcpu[0], EV_DONE);
		failed = has_failed();
		check_eq(vm->vcpu[0]->g->phase, 1 + failed);
		vm_free(vm);
		nothing_is_left(interrupts);
	}
	note("%d failed in turn", n - 1);
	check(n > 1, "no allocation");
}

static void restore(long arg)
{
	static struct image image, again;
	struct vm *vm = vm_saved(&image);
	bool failed = true;
	int n, ret;

	for (n = 0; failed; n++) {
		struct vm *twin = vm_twin(vm);

		fail_at(n);
		ret = try_restore(twin, &image);
		failed = has_failed();
		check_eq(ret, failed ? -ENOMEM : 0);
		if (failed)
			require_eq(try_restore(twin, &image), 0);
		gic_save(twin, &again);
		check(same_image(&image, &again), "saved after it was restored");
		vm_free(twin);
	}
	vm_free(vm);
	note("%d failed in turn", n - 1);
	check(n > 1, "no allocation");
	require(wait_for(references() == 0), "references: %d", references());
}

KTAP_MAIN(need_failures,
	  T(of_first), T(ctrl_init), T(g36_lpis), T(restore))
