// SPDX-License-Identifier: GPL-2.0-only
/*
 * Things that are done to a VM at the same time, and that share words of its
 * state: for the kernel that looks for data races, and to see that each of them
 * does as it does alone.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/vmm.h"

#define ROUNDS	400

static volatile int done;

static void *reads_state(void *arg)
{
	struct vm *vm = arg;
	char path[128], text[8192];
	long good = 0;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/vgicv5-state",
		 getpid(), vm->fd);
	while (!done) {
		f = fopen(path, "r");
		if (!f)
			return NULL;
		n = fread(text, 1, sizeof(text) - 1, f);
		text[n] = 0;
		fclose(f);
		good += !strncmp(text, "format: ", 8) && strstr(text, "vcpu 0:");
	}

	return (void *)good;
}

static pthread_t watch(struct vm *vm)
{
	pthread_t t;

	done = 0;
	require_eq(pthread_create(&t, NULL, reads_state, vm), 0);
	return t;
}

static void watched(pthread_t t)
{
	void *good;

	done = 1;
	pthread_join(t, &good);
	if (access("/sys/module/vgicv5", F_OK))
		return;		/* another implementation, without that file */
	if (!good)
		skip("no vgicv5-state (no debugfs?)");
	note("%ld times looked at", (long)good);
}

static __guest void takes_one(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	gic_deactivate(gic_take_sw_ppi());
	gic_eoi();
	event(EV_USER);
}

/* Reset, run, put: all that writes the words. */
static void reset_and_run(struct vcpu *vcpu)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		require_eq(vcpu_init(vcpu, 0), 0);
		vcpu_entry(vcpu, takes_one, 0);
		vcpu_expect(vcpu, EV_USER);
		vcpu_complete(vcpu);
	}
}

/* ... while the file is read */
static void reset_and_state(long arg)
{
	struct vm *vm = vm_ready(1, takes_one);
	pthread_t t = watch(vm);

	reset_and_run(vm->vcpu[0]);
	watched(t);
}

static __guest void waits(u64 n)
{
	gic_setup(BIT(SW_PPI));
	irq_on();
	isb();
	wfi_until(SW_PPI, n);
}

/* Each edge ends a WFI; masks and priorities are written each time. */
static void line_and_wfi(long trapped)
{
	struct vm *vm = vm_ready(1, waits);
	struct vcpu *vcpu = vm->vcpu[0];
	pthread_t t = watch(vm);
	int i;

	vcpu_entry(vcpu, waits, ROUNDS);
	if (trapped)
		companion_start(0);
	vcpu_start(vcpu, 0);
	for (i = 1; i <= ROUNDS; i++) {
		sw_ppi(vcpu);
		require(wait_for(vcpu->g->taken[SW_PPI] == i), "edge %d", i);
	}
	check_eq(vcpu_join(vcpu), EV_DONE);
	watched(t);
}

static void *injects(void *vcpu)
{
	while (!done)
		sw_ppi(vcpu);
	return NULL;
}

/* ... and on a vCPU that is reset, whose edges may go or stay. */
static void line_and_reset(long arg)
{
	struct vm *vm = vm_ready(1, takes_one);
	struct vcpu *vcpu = vm->vcpu[0];
	pthread_t t = watch(vm), injector;

	pthread_create(&injector, NULL, injects, vcpu);
	reset_and_run(vcpu);
	watched(t);
	pthread_join(injector, NULL);
}

KTAP_MAIN(need_vgic, T(reset_and_state),
	  TA("line_and_wfi_native", line_and_wfi, 0),
	  TA("line_and_wfi_trapped", line_and_wfi, 1), T(line_and_reset))
