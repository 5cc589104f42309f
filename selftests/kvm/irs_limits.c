// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host has only so many of: VMs and VPEs of its IRS, and LPIs, of which a
 * doorbell takes one. And many VMs that come and go at the same time. Needs an IRS
 * with 2^8 VMs, of 2^8 VPEs each, and with ISTs of one level: Linux then has as
 * few LPIs as there may be (IRS_IDR2.MIN_LPI_ID_BITS), here 2^14.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/irs.h"

#define VMS		256
#define VPES		256
#define LPIS		16384
#define AT_ONCE		64

/* irs=auto: one for which there is no place gets an IRS in software */
static bool or_soft(void)
{
	FILE *f = fopen("/sys/module/vgicv5/parameters/irs", "r");
	char irs[16] = "";

	if (f) {
		require(fgets(irs, sizeof(irs), f), "cannot read the parameter irs");
		fclose(f);
	}

	return !strcmp(irs, "auto\n");
}

static const char *need_hw(void)
{
	const char *why = need_irs();

	return why ?: irs_in_hw() ? NULL : "SPIs and LPIs are not in the host's IRS";
}

static __guest void guest_ipi(u64 me)
{
	irs_guest_setup(0);
	irq_setup(LPI(me), 0x10, me);
	pend(LPI(me));
	guest_check(gic_ack() == (CDIA_VALID | LPI(me)), me, 0);
	gic_eoi();
	gic_deactivate(CDIA_VALID | LPI(me));
}

static struct vm *vm_with_id(int id)
{
	struct vm *vm = vm_new();

	vcpu_entry(vcpu_new(vm, id, 0, NULL), guest_ipi, id);
	gic_create(vm);
	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	return vm;
}

static void works(struct vm *vm)
{
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

static bool inits(struct vm *vm)
{
	return !try_gic_init(vm);
}

/* One more than there are: an error, all others go on, and the next has its place */
static void vms_exhausted(long arg)
{
	struct rlimit files = { 8 * VMS, 8 * VMS };
	static struct vm *vm[VMS];
	struct vm *more;
	int i;

	require(!setrlimit(RLIMIT_NOFILE, &files), "setrlimit: %m");
	for (i = 0; i < VMS; i++) {
		vm[i] = vm_with_id(0);
		require(inits(vm[i]), "VM %d", i);
	}
	more = vm_with_id(0);
	if (or_soft()) {
		check(inits(more), "no VM in software");
		works(more);
		vm_free(more);
		more = vm_with_id(0);
	} else {
		check_eq(try_gic_init(more), -ENOSPC);
		check_eq(try_gic_init(more), -ENOSPC);
	}
	works(vm[0]);
	works(vm[VMS - 1]);
	vm_free(vm[VMS / 2]);
	/* It is gone a little after its last file */
	check(wait_for(inits(more)), "no place after one is gone");
	works(more);
	vm_free(more);
	for (i = 0; i < VMS; i++)
		if (i != VMS / 2)
			vm_free(vm[i]);
	check(wait_for(references() == 0), "references: %d", references());
}

/* A vCPU is the VPE with its id; those between are none */
static void vpe_ids(long arg)
{
	struct vm *vm = vm_with_id(VPES - 1);

	vcpu_entry(vcpu_new(vm, 3, 0, NULL), guest_ipi, 3);
	require_eq(try_gic_init(vm), 0);
	works(vm);
	vcpu_expect(vm->vcpu[1], EV_DONE);
	vm_free(vm);

	vm = vm_with_id(VPES);
	if (or_soft()) {
		check(inits(vm), "no VM in software");
		works(vm);
	} else {
		check_eq(try_gic_init(vm), -EINVAL);
		check_eq(try_gic_init(vm), -EINVAL);
	}
	vm_free(vm);
	check(wait_for(references() == 0), "references: %d", references());
}

/* A VM of many vCPUs, which do not run */
struct crowd {
	struct vm *vm;
	int nr;
	int fd[VPES];
};

static int try_crowd(struct crowd *c, int nr)
{
	c->vm = vm_new();
	for (c->nr = 0; c->nr < nr; c->nr++) {
		c->fd[c->nr] = ioctl(c->vm->fd, KVM_CREATE_VCPU, c->nr);
		require(c->fd[c->nr] >= 0, "vCPU %d: %m", c->nr);
	}
	gic_create(c->vm);
	require_eq(try_irs_addr(c->vm, IRS_ADDR), 0);
	return try_gic_init(c->vm);
}

static void crowd_free(struct crowd *c)
{
	while (c->nr)
		close(c->fd[--c->nr]);
	vm_free(c->vm);
}

/* How many LPIs has the host? Less than a VM of all VPEs wants */
static int lpis_left(void)
{
	int size, i, n = 0, before = references(), left = 0;
	static struct crowd part[8];

	for (size = VPES / 2; size; size /= 2, n++) {
		int ret = try_crowd(&part[n], size);

		if (!ret)
			left += size;
		else
			check_eq(ret, -ENOSPC);
	}
	for (i = 0; i < n; i++)
		crowd_free(&part[i]);
	require(wait_for(references() == before), "references: %d, and %d before",
		references(), before);
	return left;
}

/* What a VM has got of them before there were no more is given back */
static void lpis_exhausted(long arg)
{
	struct rlimit files = { 2 * LPIS, 2 * LPIS };
	static struct crowd all[LPIS / VPES], *more;
	struct vm *vm = vm_with_id(0);
	int ret, left, n = 0;

	if (or_soft())
		not_here("who finds no LPI gets an IRS in software");
	require(!setrlimit(RLIMIT_NOFILE, &files), "setrlimit: %m");
	require(inits(vm), "the first VM");
	do {
		require(n < LPIS / VPES, "the host has more than %d LPIs", LPIS);
		more = &all[n++];
		ret = try_crowd(more, VPES);
	} while (!ret);
	check_eq(ret, -ENOSPC);

	left = lpis_left();
	note("%d VMs of %d vCPUs, and %d LPIs are left", n - 1, VPES, left);
	require(left > 0, "no LPI is left: nothing was given back, or there was none");
	check_eq(try_gic_init(more->vm), -ENOSPC);
	check_eq(try_gic_init(more->vm), -ENOSPC);
	check_eq(lpis_left(), left);
	works(vm);

	crowd_free(&all[0]);
	check(wait_for(inits(more->vm)), "no LPIs after a VM is gone");
	while (--n)
		crowd_free(&all[n]);
	vm_free(vm);
	check(wait_for(references() == 0), "references: %d", references());
}

/* Each is a process; they begin and end as it comes */
static void at_once(long arg)
{
	int i, k, status, bad = 0;
	pid_t pid;

	for (i = 0; i < AT_ONCE; i++) {
		pid = fork();
		require(pid >= 0, "fork: %m");
		if (!pid) {
			for (k = 0; k < 3; k++) {
				struct vm *vm = vm_with_id((i * 7 + k) % VPES);

				require_eq(try_gic_init(vm), 0);
				works(vm);
				/* Those of the last turn end with it */
				if (k < 2)
					vm_free(vm);
			}
			_exit(0);
		}
	}
	for (i = 0; i < AT_ONCE; i++) {
		require(wait(&status) > 0, "wait: %m");
		bad += !!status;
	}
	check_eq(bad, 0);
	check(wait_for(references() == 0), "references: %d", references());
}

KTAP_MAIN(need_hw, T(vms_exhausted), T(vpe_ids), T(lpis_exhausted),
	  T(at_once))
