// SPDX-License-Identifier: GPL-2.0-only
/*
 * O6: a vCPU that waits in WFI is left alone by an interrupt that it could not
 * take: neither woken, which wfi.c shows, nor its thread kicked to find that
 * out. What tells is how often the thread had to be scheduled.
 */
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
	gic_take_sw_ppi();
	gic_eoi();
	rounds();
}

static __guest void deliverable(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	rounds();
}

/* The vCPU on CPU 0, its WFI trapped; the test on another, if there is one. */
static void start(struct vcpu *vcpu)
{
	companion_start(0);
	pin_to(host_cpus() - 1);
	vcpu_start(vcpu, 0);
	require(wait_for(vcpu->g->phase), "guest does not start");
}

/*
 * It has gone into WFI, KVM has polled for a while, and its thread sleeps: how
 * often it has by now. A thread says that it sleeps a little before it does.
 */
static u64 asleep(struct vcpu *vcpu)
{
	u64 slept;

	do {
		require(wait_for(vcpu_sleeps(vcpu)), "no sleep in WFI");
		slept = vcpu_slept(vcpu);
		companion_turn();
	} while (!vcpu_sleeps(vcpu) || vcpu_slept(vcpu) != slept);
	return slept;
}

/* A signal ends the WFI, and the round. */
static void next_round(struct vcpu *vcpu, u64 phase)
{
	while (vcpu->g->phase == phase) {
		vcpu_signal(vcpu);
		sleep_us(500);
	}
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
	struct vcpu *vcpu = vm->vcpu[0];
	u64 phase, count, slept, woken = 0, kicked = 0;
	int i;

	start(vcpu);
	for (i = 0; i < ROUNDS; i++) {
		slept = asleep(vcpu);
		phase = vcpu->g->phase;
		count = vcpu->g->count;
		require_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0,
						 SW_PPI), c->level), 0);
		if (c->kicks) {
			require(wait_for(vcpu->g->count != count), "not woken");
		} else {
			/* A kick has made the thread runnable by now. */
			kicked += asleep(vcpu) - slept;
		}
		woken += vcpu->g->count != count;
		next_round(vcpu, phase);
	}
	note("%d times: woken %lu times, kicked %lu times in vain", ROUNDS,
	     woken, kicked);
	if (!c->kicks) {
		check(woken < ROUNDS / 8, "woken");
		check(kicked < ROUNDS / 8, "kicked");
	}
	vcpu_stop(vcpu);
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
	u64 slept = 0, phase, before;
	int i;

	start(vcpu);
	for (i = 0; i < ROUNDS; i++) {
		before = asleep(vcpu);
		phase = vcpu->g->phase;
		/* Both expire, also on a CPU that is slow to tell. */
		let_pass(40, 0);
		slept += asleep(vcpu) - before;
		next_round(vcpu, phase);
	}
	note("%d times: slept %lu times anew", ROUNDS, slept);
	check(slept < ROUNDS / 2, "woken by a timer that cannot interrupt");
	vcpu_stop(vcpu);
}

/* Of what sleeps and wakes, the moment in which it slept counts. */
static void wait_for_a_moment(long arg)
{
	int asked = 0;

	check(wait_for(asked++ == 3), "asked %d times", asked);
}

#define CASE_TESTS(name, ...)	TA(#name, blocked, NR_ ## name),

KTAP_MAIN(need_vgic, CASES(CASE_TESTS) T(f8_masked_timer),
	  T(wait_for_a_moment))
