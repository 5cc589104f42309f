// SPDX-License-Identifier: GPL-2.0-only
/*
 * O6: a vCPU that waits in WFI is left alone by an interrupt that it could not
 * take: neither woken, which wfi.c shows, nor its thread kicked to find that
 * out. What tells is how often the thread had to be scheduled.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/vmm.h"

#define ROUNDS		40

/* Each round starts with SW_PPI not pending, so that an edge is a new one. */
static __guest void rounds(void)
{
	for (;;) {
		write_reg(ICC_CPENDR0, BIT(SW_PPI));
		isb();
		cpu()->phase++;
		wfi();
		cpu()->count++;
	}
}

static __guest void disabled(u64 arg)
{
	gic_setup(BIT(CNTV));
	rounds();
}

static __guest void en_off(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_CR0, 0);
	rounds();
}

static __guest void masked(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_PCR, 0xf);
	rounds();
}

static __guest void lower_than_running(u64 arg)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	timer_set(CNTV, 0);
	while (!timer_expired(CNTV))
		;
	guest_check(CDIA_INTID(gic_ack()) == PPI_INTID(CNTV), 0, 0);
	timer_stop(CNTV);
	rounds();
}

static __guest void active(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	guest_check(CDIA_INTID(gic_ack()) == PPI_INTID(SW_PPI), 0, 0);
	gic_eoi();
	rounds();
}

static __guest void deliverable(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	rounds();
}

/* Times that the vCPU's thread went to sleep by itself. */
static long sleeps(int tid)
{
	char path[64], line[128];
	long n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	f = fopen(path, "r");
	require(f, "%s: %m", path);
	while (n < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "voluntary_ctxt_switches: %ld", &n);
	fclose(f);
	require(n >= 0, "no voluntary_ctxt_switches in %s", path);
	return n;
}

static volatile int tid;

static void *run(void *arg)
{
	pin_to(0);
	tid = syscall(SYS_gettid);
	return (void *)vcpu_next(arg, 4 * WAIT_MS);
}

struct kick_case {
	guest_fn fn;
	int level;
	bool kicks;
};

static const struct kick_case cases[] = {
#define CASES(X)							\
	X(deliverable,		deliverable,		1,	true)	\
	X(o6_low_level,		deliverable,		0,	false)	\
	X(o6_disabled,		disabled,		1,	false)	\
	X(o6_en_off,		en_off,			1,	false)	\
	X(o6_masked,		masked,			1,	false)	\
	X(o6_lower_than_running, lower_than_running,	1,	false)	\
	X(o6_active,		active,			1,	false)
#define CASE(name, fn, level, kicks)	{ fn, level, kicks },
	CASES(CASE)
};

enum {
#define CASE_NR(name, ...)	NR_ ## name,
	CASES(CASE_NR)
};

/* Only a vCPU that KVM has put to sleep can be kicked out of it. */
static void blocked(long nr)
{
	const struct kick_case *c = &cases[nr];
	struct vm *vm = vm_ready(1, c->fn);
	long ms = 1000 * ktap_slow();
	struct vcpu *vcpu = vm->vcpu[0];
	long quiet = 0, injected = 0, before;
	u64 phase, count, woken = 0;
	int i;

	companion_start(0);
	/* Not on that CPU, if there is another: it is busy. */
	pin_to(host_cpus() - 1);
	vcpu_start(vcpu, 0);
	vcpu_stop(vcpu);
	require_eq(pthread_create(&vcpu->thread, NULL, run, vcpu), 0);
	require(wait_for(vcpu->g->phase && tid), "guest does not start");
	for (i = 0; i < ROUNDS; i++) {
		/* It has polled for a while, and sleeps. */
		sleep_us(8 * ms);
		phase = vcpu->g->phase;
		count = vcpu->g->count;

		before = sleeps(tid);
		sleep_us(10 * ms);
		quiet += sleeps(tid) - before;

		before = sleeps(tid);
		require_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0,
						 SW_PPI), c->level), 0);
		if (c->kicks)
			require(wait_for(vcpu->g->count != count), "not woken");
		else
			sleep_us(10 * ms);
		injected += sleeps(tid) - before;
		woken += vcpu->g->count != count;

		/* A signal ends the WFI, and the round. */
		while (vcpu->g->phase == phase) {
			pthread_kill(vcpu->thread, SIGUSR1);
			sleep_us(500);
		}
	}
	note("%d times: woken %lu times, slept %ld times anew, %ld without the injection",
	     ROUNDS, woken, injected, quiet);
	if (!c->kicks) {
		check(woken < ROUNDS / 8, "woken");
		check(injected - quiet < ROUNDS / 8, "kicked");
	}
	check_eq(vcpu_stop(vcpu), EV_TIMEOUT);
}

/* A timer that the guest has disabled at the GIC does not wake it, once. */
static __guest void masked_timers(u64 arg)
{
	gic_setup(0);
	for (;;) {
		timer_set(CNTV, ms(20));
		timer_set(CNTP, ms(25));
		cpu()->phase++;
		wfi();
		cpu()->count++;
	}
}

static void f8_masked_timer(long arg)
{
	struct vm *vm = vm_ready(1, masked_timers);
	struct vcpu *vcpu = vm->vcpu[0];
	long slept = 0;
	int i;

	companion_start(0);
	pin_to(host_cpus() - 1);
	vcpu_start(vcpu, 0);
	vcpu_stop(vcpu);
	require_eq(pthread_create(&vcpu->thread, NULL, run, vcpu), 0);
	require(wait_for(vcpu->g->phase && tid), "guest does not start");
	for (i = 0; i < ROUNDS; i++) {
		u64 phase = vcpu->g->phase;
		long before;

		sleep_us(8000);
		before = sleeps(tid);
		sleep_us(40000);
		slept += sleeps(tid) - before;
		while (vcpu->g->phase == phase) {
			pthread_kill(vcpu->thread, SIGUSR1);
			sleep_us(500);
		}
	}
	note("%d times: slept %ld times anew", ROUNDS, slept);
	check(slept < ROUNDS / 2, "woken by a timer that cannot interrupt");
	check_eq(vcpu_stop(vcpu), EV_TIMEOUT);
}

#define CASE_TESTS(name, ...)	TA(#name, blocked, NR_ ## name),

KTAP_MAIN(need_vgic, CASES(CASE_TESTS) T(f8_masked_timer))
