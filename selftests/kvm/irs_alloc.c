// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each allocation for a VM in the host's IRS fails once, and the way to a doorbell:
 * nothing is left of it there, no interrupt of the host, and the next attempt works.
 * Needs a vgicv5.ko that can be told to fail, see selftests/kvm/variants/fail_hw.patch,
 * and that has had no VM yet: the first one needs a table more.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	char text[16];
	int fd = open(FAIL_HW, O_WRONLY);

	require(fd >= 0, "%s: %m", FAIL_HW);
	snprintf(text, sizeof(text), "%d", nr);
	require(write(fd, text, strlen(text)) > 0, "%s: %m", FAIL_HW);
	close(fd);
}

/* Has it? */
static bool has_failed(void)
{
	char text[16] = "";
	int fd = open(FAIL_HW, O_RDONLY);

	require(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0, "%s: %m",
		FAIL_HW);
	close(fd);
	fail_at(-1);
	return atoi(text) < 0;
}

/* Interrupts that the host has, doorbells among them */
static int host_interrupts(void)
{
	DIR *dir = opendir("/sys/kernel/irq");
	int n = 0;

	require(dir, "/sys/kernel/irq: %m");
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Once the last VM has gone, which is a little after its last file */
static void nothing_is_left(int interrupts)
{
	require(wait_for(references() == 0), "references: %d", references());
	require_eq(host_interrupts(), interrupts);
	require(!strcmp(debugfs_host("irs"), "hardware, 0 VMs lost"), "%s",
		debugfs_host("irs"));
}

static __guest void takes_lpi(void)
{
	irq_setup(LPI(5), 0x10, cpu()->index);
	pend(LPI(5));
	irq_on();
	while (!cpu()->reg[IRQ_COUNT])
		isb();
}

static __guest void guest_lpi(u64 arg)
{
	irs_guest_setup(0);
	takes_lpi();
}

/* It is woken by its doorbell */
static __guest void guest_sleeps(u64 arg)
{
	u64 me = cpu()->index;

	irs_guest_setup_other(0);
	irq_setup(SPI(me), 0x10, me);
	cpu()->phase = 1;
	while (!cpu()->reg[IRQ_COUNT]) {
		wfi();
		irq_on();
		isb();
		irq_off();
	}
}

static void sleeps(struct vcpu *v)
{
	int last = host_cpus() - 1;

	v->g->reg[IRQ_COUNT] = 0;
	vcpu_entry(v, guest_sleeps, 0);
	vcpu_start(v, last);
	require(wait_for(v->g->phase == 1 && vcpu_sleeps(v)),
		"vCPU %d does not sleep", v->index);
	check_eq(spi_line(v->vm, v->index, 1), 0);
	check_eq(vcpu_join(v), EV_DONE);
}

static struct vm *vm_before_init(void)
{
	struct vm *vm = vm_new();
	int i;

	for (i = 0; i < VCPUS; i++)
		vcpu_new(vm, i, 0, guest_lpi);
	gic_create(vm);
	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	return vm;
}

/* Each VM that fails goes: the one that works is the first in the IRS */
static void of_first(long arg)
{
	int n, ret, interrupts = host_interrupts();
	bool failed = true;

	for (n = 0; failed; n++) {
		struct vm *vm = vm_before_init();

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

	companion_start(host_cpus() - 1);
	for (n = 0; failed; n++) {
		struct vm *vm = vm_before_init();

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
			sleeps(vm->vcpu[i]);
		vm_free(vm);
		nothing_is_left(interrupts);
	}
	note("%d failed in turn", n - 1);
	check(n - 1 >= 5 + 3 * VCPUS, "few allocations: %d", n - 1);
}

/* The guest finds no table, and tries again */
static __guest void guest_lpis_twice(u64 arg)
{
	volatile struct guest_cpu *c = cpu();

	irs_guest_setup_other(0);
	irs_write32(IRS_CR0, IRS_CR0_IRSEN);
	irs_write32(IRS_IST_CFGR, IRS_LPI_BITS);
	do {
		c->phase++;
		irs_write64(IRS_IST_BASER, IRS_IST_VALID);
	} while (!(irs_read64(IRS_IST_BASER) & IRS_IST_VALID));
	takes_lpi();
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

static __guest void guest_to_save(u64 arg)
{
	irs_guest_setup(0);
	irq_setup(LPI(5), 0x10, 0);
	irq_setup(SPI(3), 0x18, 0);
	pend(LPI(5));
	event(EV_USER);
}

static void restore(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_to_save);
	static struct image image, again;
	bool failed = true;
	int n, ret;

	vcpu_expect(vm->vcpu[0], EV_USER);
	vcpu_complete(vm->vcpu[0]);
	gic_save(vm, &image);
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
