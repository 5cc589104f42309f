// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivery of SW_PPI, the edge: one interrupt for each edge that was not
 * coalesced, none lost and none twice, whatever happens to the vCPU between
 * the injection and the acknowledge.
 */
#include <signal.h>

#include "lib/vmm.h"

#define EV_STEP		EV_USER

static __guest void guest_counts(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	irq_on();
	for (;;)
		event1(EV_STEP, cpu()->taken[SW_PPI]);
}

/* F2: injected once, acknowledged once: no second one in 1000 exits. */
static void f2_once_over_1000_exits(long arg)
{
	struct vm *vm = vm_ready(1, guest_counts);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	vcpu_expect(vcpu, EV_STEP);
	sw_ppi(vcpu);
	vcpu_expect(vcpu, EV_STEP);
	for (i = 0; i < 1000; i++) {
		vcpu_expect(vcpu, EV_STEP);
		if (!check_eq(vcpu->g->a[0], 1))
			break;
	}
	check_eq(vcpu->g->spurious, 0);
}

static __guest void guest_exits_before_ack(u64 exits)
{
	gic_setup(BIT(SW_PPI));
	while (exits--)
		event1(EV_STEP, read_reg(ICC_SPENDR0));
	irq_on();
	isb();
	event1(EV_STEP, cpu()->taken[SW_PPI]);
	event1(EV_STEP, cpu()->taken[SW_PPI]);
}

/* F3: pending at entry, ten MMIO exits to user space before acknowledge. */
static void f3_exits_before_acknowledge(long arg)
{
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	vcpu_entry(vcpu, guest_exits_before_ack, 11);
	vcpu_expect(vcpu, EV_STEP);
	check_eq(vcpu->g->a[0], 0);
	sw_ppi(vcpu);
	for (i = 0; i < 10; i++) {
		vcpu_expect(vcpu, EV_STEP);
		check_eq(vcpu->g->a[0], BIT(SW_PPI));
	}
	vcpu_expect(vcpu, EV_STEP);
	check_eq(vcpu->g->a[0], 1);
	vcpu_expect(vcpu, EV_STEP);
	check_eq(vcpu->g->a[0], 1);
}

static __guest void guest_enables_late(u64 arg)
{
	int i;

	gic_setup(0);
	irq_on();
	for (i = 0; i < 5; i++)
		event1(EV_STEP, cpu()->taken[SW_PPI]);
	write_reg(ICC_ENABLER0, BIT(SW_PPI));
	isb();
	event1(EV_STEP, cpu()->taken[SW_PPI]);
	write_reg(ICC_ENABLER0, 0);
	isb();
	event1(EV_STEP, cpu()->taken[SW_PPI]);
}

/* Pending while disabled: delivered when enabled. */
static void pending_while_disabled(long arg)
{
	struct vm *vm = vm_ready(1, guest_enables_late);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	vcpu_expect(vcpu, EV_STEP);
	sw_ppi(vcpu);
	for (i = 0; i < 4; i++) {
		vcpu_expect(vcpu, EV_STEP);
		check_eq(vcpu->g->a[0], 0);
	}
	for (i = 0; i < 2; i++) {
		vcpu_expect(vcpu, EV_STEP);
		check_eq(vcpu->g->a[0], 1);
	}
}

/* An edge is the guest's, too: it can set and clear Pending by itself. */
static __guest void guest_sets_pending(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	guest_check(read_reg(ICC_CPENDR0) == BIT(SW_PPI), 0, 0);
	event(EV_STEP);
	guest_check(read_reg(ICC_SPENDR0) == BIT(SW_PPI), 0, 0);
	write_reg(ICC_CPENDR0, BIT(SW_PPI));
	isb();
	event(EV_STEP);
	guest_check(read_reg(ICC_SPENDR0) == 0, 0, 0);
	irq_on();
	isb();
	guest_check(cpu()->taken[SW_PPI] == 0, cpu()->taken[SW_PPI], 0);
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	event(EV_STEP);
	guest_check(cpu()->taken[SW_PPI] == 1, cpu()->taken[SW_PPI], 0);
	event(EV_STEP);
	guest_check(cpu()->taken[SW_PPI] == 1, cpu()->taken[SW_PPI], 0);
}

static void guest_sets_and_clears(long arg)
{
	struct vm *vm = vm_ready(1, guest_sets_pending);
	int i;

	for (i = 0; i < 4; i++)
		vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* The host's injection survives a guest that clears an older one. */
static __guest void guest_clears_then_waits(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	event(EV_STEP);
	write_reg(ICC_CPENDR0, BIT(SW_PPI));
	isb();
	event(EV_STEP);
	event(EV_STEP);
	irq_on();
	isb();
	event1(EV_STEP, cpu()->taken[SW_PPI]);
}

static void injected_after_clear(long arg)
{
	struct vm *vm = vm_ready(1, guest_clears_then_waits);
	struct vcpu *vcpu = vm->vcpu[0];

	vcpu_expect(vcpu, EV_STEP);
	sw_ppi(vcpu);
	vcpu_expect(vcpu, EV_STEP);
	sw_ppi(vcpu);
	vcpu_expect(vcpu, EV_STEP);
	vcpu_expect(vcpu, EV_STEP);
	check_eq(vcpu->g->a[0], 1);
}

/* From here on the guest never exits by itself, and the host looks. */
static __guest void guest_takes(u64 wait)
{
	gic_setup(BIT(SW_PPI));
	cpu()->phase = 1;
	if (wait)
		wfi_until(SW_PPI, ~0ul);
	irq_on();
	for (;;)
		cpu()->count++;
}

static void each_is_taken(struct vcpu *vcpu, int edges)
{
	int i;

	for (i = 1; i <= edges; i++) {
		sw_ppi(vcpu);
		if (!check(wait_for(vcpu->g->taken[SW_PPI] == i),
			   "edge %d: %lu taken", i, vcpu->g->taken[SW_PPI]))
			break;
	}
	/* One more, so that a second one of the last edge would have come. */
	sw_ppi(vcpu);
	wait_for(vcpu->g->taken[SW_PPI] > edges);
	check_eq(vcpu->g->taken[SW_PPI], edges + 1);
	check_eq(vcpu->g->spurious, 0);
}

static void while_running(long wait)
{
	struct vm *vm = vm_ready(1, NULL);

	vcpu_entry(vm->vcpu[0], guest_takes, wait);
	vcpu_start(vm->vcpu[0], -1);
	each_is_taken(vm->vcpu[0], 300);
	vcpu_stop(vm->vcpu[0]);
}

#define VCPUS	4
#define EDGES	200

static void *injector(void *arg)
{
	each_is_taken(arg, EDGES);
	return NULL;
}

/* Four vCPUs, each with an injecting thread: everyone gets its own. */
static void several_vcpus(long wait)
{
	struct vm *vm = vm_ready(VCPUS, NULL);
	pthread_t thread[VCPUS];
	int i;

	for (i = 0; i < VCPUS; i++) {
		vcpu_entry(vm->vcpu[i], guest_takes, wait);
		vcpu_start(vm->vcpu[i], -1);
	}
	for (i = 0; i < VCPUS; i++)
		pthread_create(&thread[i], NULL, injector, vm->vcpu[i]);
	for (i = 0; i < VCPUS; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < VCPUS; i++) {
		check_eq(vm->vcpu[i]->g->taken[SW_PPI], EDGES + 1);
		vcpu_stop(vm->vcpu[i]);
	}
}

static volatile int harass;

static void *signals(void *arg)
{
	struct vcpu *vcpu = arg;

	while (harass)
		pthread_kill(vcpu->thread, SIGUSR1);
	return NULL;
}

/* F26: entries aborted all the time by signals lose no edge. */
static void f26_aborted_entries(long arg)
{
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	pthread_t thread;

	vcpu_entry(vcpu, guest_takes, 0);
	vcpu_start(vcpu, -1);
	require(wait_for(vcpu->g->phase == 1), "guest does not start");
	harass = 1;
	pthread_create(&thread, NULL, signals, vcpu);
	each_is_taken(vcpu, 200);
	harass = 0;
	pthread_join(thread, NULL);
	note("%lu exits, %lu of them for signals", vcpu_stat(vcpu, "exits"),
	     vcpu_stat(vcpu, "signal_exits"));
	vcpu_stop(vcpu);
}

/*
 * O3: entries are aborted all the time, and two vCPUs share the CPU: what one
 * has Active must not show up in the other, or vanish.
 */
static __guest void guest_keeps_active(u64 on)
{
	u64 want = on ? BIT(SW_PPI) : BIT(CNTP);

	gic_setup(BIT(SW_PPI));
	write_reg(ICC_SACTIVER0, want);
	isb();
	cpu()->phase = 1;
	while (cpu()->phase != 2) {
		u64 v = read_reg(ICC_SACTIVER0);

		guest_check(v == want, v, want);
		cpu()->count++;
	}
}

static void o3_aborted_entries_keep_active(long arg)
{
	struct vm *vm = vm_ready(2, NULL);
	pthread_t thread[2];
	u64 count;
	int i, n;

	harass = 1;
	for (i = 0; i < 2; i++) {
		vcpu_entry(vm->vcpu[i], guest_keeps_active, i);
		vcpu_start(vm->vcpu[i], 0);
		require(wait_for(vm->vcpu[i]->g->phase == 1), "no start");
		pthread_create(&thread[i], NULL, signals, vm->vcpu[i]);
	}
	for (n = 0; n < 20; n++)
		for (i = 0; i < 2; i++) {
			count = vm->vcpu[i]->g->count;
			require(wait_for(vm->vcpu[i]->g->count != count),
				"vCPU %d stands", i);
			sleep_us(2000);
		}
	harass = 0;
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < 2; i++) {
		note("vCPU %d: %lu exits, %lu of them for signals", i,
		     vcpu_stat(vm->vcpu[i], "exits"),
		     vcpu_stat(vm->vcpu[i], "signal_exits"));
		vm->vcpu[i]->g->phase = 2;
		check_eq(vcpu_join(vm->vcpu[i]), EV_DONE);
	}
}

/* Pending, and the vCPU moves to another CPU before it takes it. */
static void migration_while_pending(long arg)
{
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	int i, cpus = host_cpus();

	if (cpus < 2)
		not_here("needs two CPUs");
	vcpu_entry(vcpu, guest_exits_before_ack, 101);
	vcpu_expect(vcpu, EV_STEP);
	sw_ppi(vcpu);
	for (i = 0; i < 100; i++) {
		pin_to(i % cpus);
		vcpu_expect(vcpu, EV_STEP);
		check_eq(vcpu->g->a[0], BIT(SW_PPI));
	}
	for (i = 0; i < 2; i++) {
		vcpu_expect(vcpu, EV_STEP);
		check_eq(vcpu->g->a[0], 1);
	}
}

/* Two vCPUs share one CPU, so each is preempted by the other all the time. */
static void preemption(long arg)
{
	struct vm *vm = vm_ready(2, NULL);
	pthread_t thread[2];
	int i;

	for (i = 0; i < 2; i++) {
		vcpu_entry(vm->vcpu[i], guest_takes, 0);
		vcpu_start(vm->vcpu[i], 0);
	}
	for (i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, injector, vm->vcpu[i]);
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < 2; i++)
		vcpu_stop(vm->vcpu[i]);
}

KTAP_MAIN(need_vgic,
	  T(f2_once_over_1000_exits), T(f3_exits_before_acknowledge),
	  T(pending_while_disabled), T(guest_sets_and_clears),
	  T(injected_after_clear),
	  TA("spinning_guest", while_running, 0),
	  TA("waiting_guest", while_running, 1),
	  TA("several_vcpus_spinning", several_vcpus, 0),
	  TA("several_vcpus_waiting", several_vcpus, 1),
	  T(f26_aborted_entries), T(o3_aborted_entries_keep_active),
	  T(migration_while_pending), T(preemption))
