// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual (PPI 27) and the physical timer (PPI 30) by direct injection:
 * every tick arrives once, none costs an exit while the guest runs, and the
 * host keeps its own timer.
 */
#include "lib/vmm.h"

#define TICKS		20
#define ROUNDS		150
#define EV_STEP		EV_USER

static const char *timer_name(long ppi)
{
	return ppi == CNTV ? "virtual" : "physical";
}

/* Rounds of TICKS ticks, spinning or waiting, with an event around each. */
static __guest void guest_rounds(u32 ppi, bool wait)
{
	u64 end, goal = 0;

	gic_setup(BIT(ppi));
	irq_on();
	event(EV_STEP);
	for (;;) {
		goal += TICKS;
		timer_ticks(ppi, TICKS, ms(1) / 20);
		if (wait) {
			wfi_until(ppi, goal);
		} else {
			while (cpu()->ticks_left)
				;
		}
		/* One tick too many would come now. */
		end = now() + ms(1) / 10;
		while (now() < end)
			;
		event1(EV_STEP, cpu()->taken[ppi]);
	}
}

static __guest void guest_spin(u64 ppi)
{
	guest_rounds(ppi, false);
}

static __guest void guest_wait(u64 ppi)
{
	guest_rounds(ppi, true);
}

/*
 * The host's own interrupts end a run of the guest, too: one exit each at most.
 * What they and the events do not explain would be for the ticks.
 */
static void no_exit_per_tick(long ppi)
{
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	long exits, irqs, guest_irqs;
	int i;

	pin_to(0);
	vcpu_entry(vcpu, guest_spin, ppi);
	vcpu_expect(vcpu, EV_STEP);
	guest_irqs = host_guest_irqs(0);
	irqs = host_irqs(0);
	exits = vcpu_stat(vcpu, "exits");
	for (i = 1; i <= ROUNDS; i++) {
		vcpu_expect(vcpu, EV_STEP);
		if (!check_eq(vcpu->g->a[0], i * TICKS))
			break;
	}
	exits = vcpu_stat(vcpu, "exits") - exits - ROUNDS;
	irqs = host_irqs(0) - irqs;
	note("%s timer: %d ticks, %ld exits, %ld interrupts of the host",
	     timer_name(ppi), ROUNDS * TICKS, exits, irqs);
	check(exits - irqs < ROUNDS * TICKS / 20, "exits for ticks");
	/* It takes the first one after each load otherwise, and keeps it active. */
	check_eq(host_guest_irqs(0) - guest_irqs, 0);
	check_eq(vcpu->g->spurious, 0);
}

static void wakes_wfi(long ppi)
{
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	vcpu_entry(vcpu, guest_wait, ppi);
	vcpu_expect(vcpu, EV_STEP);
	for (i = 1; i <= 25; i++) {
		vcpu_expect(vcpu, EV_STEP);
		check_eq(vcpu->g->a[0], i * TICKS);
	}
	note("%lu exits, %lu of them for WFI", vcpu_stat(vcpu, "exits"),
	     vcpu_stat(vcpu, "wfi_exit_stat"));
}

/* The same when KVM traps WFI, because the CPU is shared. */
static void wakes_trapped_wfi(long ppi)
{
	pin_to(0);
	companion_start(0);
	wakes_wfi(ppi);
}

/* Both at once, at different paces. */
static __guest void both_ticks(u32 ppi)
{
	if (cpu()->taken[ppi] < TICKS)
		timer_set(ppi, ppi == CNTV ? ms(1) / 20 : ms(1) / 13);
	else
		timer_stop(ppi);
}

static __guest void guest_both(u64 arg)
{
	gic_setup(BIT(CNTV) | BIT(CNTP));
	cpu()->on_irq = both_ticks;
	timer_set(CNTV, ms(1));
	timer_set(CNTP, ms(1));
	wfi_until(CNTV, TICKS);
	wfi_until(CNTP, TICKS);
	guest_check(cpu()->taken[CNTV] == TICKS, cpu()->taken[CNTV], 0);
	guest_check(cpu()->taken[CNTP] == TICKS, cpu()->taken[CNTP], 0);
}

static void both(long arg)
{
	struct vm *vm = vm_ready(1, guest_both);

	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* Expired, but its ENABLER bit is clear: WFI waits, and nothing spins. */
static __guest void guest_masked(u64 ppi)
{
	gic_setup(BIT(SW_PPI));
	timer_set(ppi, 0);
	while (!timer_expired(ppi))
		;
	cpu()->phase = 1;
	cpu()->count = wfi_until(SW_PPI, 1);
	guest_check(cpu()->taken[ppi] == 0, cpu()->taken[ppi], 0);
	/* Still there when it is enabled. */
	cpu()->ticks_left = 1;
	timer_ticks(ppi, 1, 0);
	write_reg(ICC_ENABLER0, BIT(ppi));
	wfi_until(ppi, 1);
}

#define QUIET_MS	300

static void masked_does_not_wake(long ppi)
{
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	long exits, irqs, returns;

	vcpu_entry(vcpu, guest_masked, ppi);
	vcpu_start(vcpu, 0);
	irqs = host_irqs(0);
	require(wait_for(vcpu->g->phase == 1), "guest does not start");
	let_pass(20, 0);
	exits = vcpu_stat(vcpu, "exits");
	let_pass(QUIET_MS, 0);
	exits = vcpu_stat(vcpu, "exits") - exits;
	sw_ppi(vcpu);
	check_eq(vcpu_join(vcpu), EV_DONE);
	irqs = host_irqs(0) - irqs;
	returns = vcpu->g->count;
	note("%s timer: %d ms in WFI, %ld exits, %ld returns of WFI, %ld interrupts of the host",
	     timer_name(ppi), QUIET_MS, exits, returns, irqs);
	check(exits - irqs < QUIET_MS / 2, "it exits");
	check(returns - irqs < QUIET_MS / 2, "it wakes");
}

static void masked_does_not_wake_trapped(long ppi)
{
	companion_start(0);
	masked_does_not_wake(ppi);
}

/* Expired and gone again before the guest looks: nothing arrives. */
static __guest void guest_withdrawn(u64 ppi)
{
	gic_setup(BIT(ppi));
	timer_set(ppi, 0);
	while (!timer_expired(ppi))
		;
	guest_check(read_reg(ICC_SPENDR0) & BIT(ppi), 0, 0);
	event(EV_STEP);
	timer_stop(ppi);
	guest_check(!(read_reg(ICC_SPENDR0) & BIT(ppi)), 0, 0);
	irq_on();
	isb();
	event(EV_STEP);
	guest_check(cpu()->taken[ppi] == 0, cpu()->taken[ppi], 0);
}

static void withdrawn(long ppi)
{
	struct vm *vm = vm_ready(1, NULL);

	vcpu_entry(vm->vcpu[0], guest_withdrawn, ppi);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* It is a level: set and clear of Pending by the guest do nothing. */
static __guest void guest_level(u64 ppi)
{
	gic_setup(BIT(ppi));
	write_reg(ICC_SPENDR0, BIT(ppi));
	isb();
	guest_check(!(read_reg(ICC_SPENDR0) & BIT(ppi)), 0, 0);
	timer_set(ppi, 0);
	while (!timer_expired(ppi))
		;
	write_reg(ICC_CPENDR0, BIT(ppi));
	isb();
	guest_check(read_reg(ICC_SPENDR0) & BIT(ppi), 0, 0);
	cpu()->ticks_left = 1;
	timer_ticks(ppi, 1, 0);
	irq_on();
	isb();
	guest_check(cpu()->taken[ppi] == 1, cpu()->taken[ppi], 0);
}

static void level(long ppi)
{
	struct vm *vm = vm_ready(1, NULL);

	vcpu_entry(vm->vcpu[0], guest_level, ppi);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* Pending at entry and MMIO exits to user space before the acknowledge. */
static __guest void guest_exits_first(u64 ppi)
{
	int i;

	gic_setup(BIT(ppi));
	timer_ticks(ppi, 3, 0);
	for (i = 0; i < 10; i++)
		event(EV_STEP);
	irq_on();
	isb();
	while (cpu()->ticks_left)
		;
	guest_check(cpu()->taken[ppi] == 3, cpu()->taken[ppi], 0);
}

static void exits_before_acknowledge(long ppi)
{
	struct vm *vm = vm_ready(1, NULL);
	int i;

	vcpu_entry(vm->vcpu[0], guest_exits_first, ppi);
	for (i = 0; i < 10; i++)
		vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* The handler leaves to user space while the timer is active. */
static __guest void tick_with_exit(u32 ppi)
{
	guest_check(read_reg(ICC_SACTIVER0) & BIT(ppi), 0, 0);
	if (cpu()->taken[ppi] < TICKS)
		timer_set(ppi, ms(1) / 20);
	else
		timer_stop(ppi);
	event(EV_STEP);
	guest_check(read_reg(ICC_SACTIVER0) & BIT(ppi), 0, 0);
}

static __guest void guest_exit_in_handler(u64 ppi)
{
	gic_setup(BIT(ppi));
	cpu()->on_irq = tick_with_exit;
	timer_set(ppi, 0);
	wfi_until(ppi, TICKS);
	guest_check(!read_reg(ICC_SACTIVER0), 0, 0);
}

static void exit_in_handler(long ppi)
{
	struct vm *vm = vm_ready(1, NULL);
	int i;

	vcpu_entry(vm->vcpu[0], guest_exit_in_handler, ppi);
	for (i = 0; i < TICKS; i++)
		vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/*
 * The handler sets its timer to far ahead: the level goes, and nothing arrives
 * when it has ended. It sets it to the past: the next one arrives as soon as
 * it has ended. It stops it, or masks it: nothing arrives.
 */
static __guest void reprogram(u32 ppi)
{
	switch (cpu()->taken[ppi]) {
	case 1:
		timer_set_far(ppi);
		break;
	case 2:
		timer_set(ppi, 0);
		break;
	case 3:
		timer_stop(ppi);
		break;
	case 4:
		if (ppi == CNTV)
			write_reg(cntv_ctl_el0, 3);
		else
			write_reg(cntp_ctl_el0, 3);
		isb();
		break;
	}
	guest_check(!!(read_reg(ICC_SPENDR0) & BIT(ppi)) ==
		    (cpu()->taken[ppi] == 2), read_reg(ICC_SPENDR0),
		    cpu()->taken[ppi]);
}

static __guest void nothing_comes(u32 ppi, u64 taken)
{
	u64 end = now() + ms(1);

	while (now() < end)
		;
	guest_check(cpu()->taken[ppi] == taken, cpu()->taken[ppi], taken);
	event(EV_STEP);
	guest_check(cpu()->taken[ppi] == taken, cpu()->taken[ppi], taken);
}

static __guest void guest_reprograms(u64 ppi)
{
	gic_setup(BIT(ppi));
	cpu()->on_irq = reprogram;
	timer_set(ppi, 0);
	wfi_until(ppi, 1);
	nothing_comes(ppi, 1);
	/* Two writes, and the timer is on: nothing may come in between. */
	irq_off();
	timer_set(ppi, 0);
	wfi_until(ppi, 3);
	nothing_comes(ppi, 3);
	timer_set(ppi, 0);
	wfi_until(ppi, 4);
	nothing_comes(ppi, 4);
}

static void reprogrammed_in_handler(long ppi)
{
	struct vm *vm = vm_ready(1, NULL);
	int i;

	vcpu_entry(vm->vcpu[0], guest_reprograms, ppi);
	for (i = 0; i < 3; i++)
		vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_expect(vm->vcpu[0], EV_DONE);
	check_eq(vm->vcpu[0]->g->spurious, 0);
}

/* The vCPU moves between CPUs while its timer ticks. */
static void migration(long ppi)
{
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	int i, cpus = host_cpus();

	if (cpus < 2)
		not_here("needs two CPUs");
	vcpu_entry(vcpu, guest_exit_in_handler, ppi);
	for (i = 0; i < TICKS; i++) {
		pin_to(i % cpus);
		vcpu_expect(vcpu, EV_STEP);
	}
	vcpu_expect(vcpu, EV_DONE);
}

/* Two vCPUs share a CPU, and so the timers' hardware. */
static void preemption(long ppi)
{
	struct vm *vm = vm_ready(2, NULL);
	int i, round;

	for (i = 0; i < 2; i++) {
		vcpu_entry(vm->vcpu[i], guest_spin, ppi);
		/* One after the other: first runs at once are another test. */
		vcpu_expect(vm->vcpu[i], EV_STEP);
	}
	for (round = 1; round <= 20; round++) {
		for (i = 0; i < 2; i++)
			vcpu_start(vm->vcpu[i], 0);
		for (i = 0; i < 2; i++)
			check_eq(vcpu_join(vm->vcpu[i]), EV_STEP);
		for (i = 0; i < 2; i++)
			check_eq(vm->vcpu[i]->g->a[0], round * TICKS);
	}
}

/* One tick of both timers, or the guest says which one never came. */
static __guest void guest_one_tick(u64 arg)
{
	u64 end;
	u32 ppi;

	gic_setup(BIT(CNTV) | BIT(CNTP));
	irq_on();
	for (ppi = CNTV; ppi <= CNTP; ppi += CNTP - CNTV) {
		timer_ticks(ppi, 1, 0);
		end = now() + patience();
		while (cpu()->ticks_left && now() < end)
			;
		timer_stop(ppi);
	}
	cpu()->reg[0] = read_reg(ICC_ENABLER0);
}

static bool has_ticked(struct vcpu *vcpu)
{
	u64 both = BIT(CNTV) | BIT(CNTP);

	bool ok = vcpu->g->taken[CNTV] == 1 && vcpu->g->taken[CNTP] == 1 &&
		  (vcpu->g->reg[0] & both) == both;

	return check(ok,
		     "vCPU %d: %lu virtual ticks, %lu physical, enabled 0x%lx",
		     vcpu->index, vcpu->g->taken[CNTV], vcpu->g->taken[CNTP],
		     vcpu->g->reg[0]);
}

/* O1: the PPIs are exposed whichever vCPU runs first. */
static void o1_vcpu1_first(long arg)
{
	struct vm *vm = vm_ready(2, guest_one_tick);
	int i;

	for (i = 1; i >= 0; i--) {
		vcpu_expect(vm->vcpu[i], EV_DONE);
		has_ticked(vm->vcpu[i]);
	}
}

/* O1, too: the first to enter KVM_RUN is a vCPU that is powered off. */
static void o1_powered_off_first(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, guest_one_tick);
	vcpu_new(vm, 1, POWER_OFF, guest_one_tick);
	gic_create(vm);
	gic_init(vm);
	check_eq(vcpu_next(vm->vcpu[1], 50), EV_TIMEOUT);
	vcpu_expect(vm->vcpu[0], EV_DONE);
	has_ticked(vm->vcpu[0]);
}

static __guest void guest_starts_other(u64 arg)
{
	volatile struct guest_cpu *other = &guest_cpus[1];
	u64 ret;

	guest_one_tick(0);
	other->saved_x0 = (u64)guest_one_tick;
	ret = psci(PSCI_CPU_ON, 1, (u64)guest_start_psci, (u64)other);
	guest_check(ret == 0, ret, 0);
	event(EV_STEP);
	wfi_until(CNTV, ~0ul);
}

/* PSCI CPU_ON as guests use it, the second vCPU's thread waiting in KVM. */
static void psci_cpu_on(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, guest_starts_other);
	vcpu_new(vm, 1, POWER_OFF, NULL);
	gic_create(vm);
	gic_init(vm);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	has_ticked(vm->vcpu[0]);
	vcpu_expect(vm->vcpu[1], EV_DONE);
	has_ticked(vm->vcpu[1]);
}

/*
 * F18: the second vCPU first runs long after the first: what it finds is what
 * the first one found, and the first one keeps its state.
 */
static __guest void guest_waits_active(u64 arg)
{
	u64 ia;

	guest_one_tick(0);
	irq_off();
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	write_reg(ICC_ENABLER0, BIT(SW_PPI) | BIT(CNTV));
	isb();
	ia = gic_ack();
	guest_check(CDIA_INTID(ia) == PPI_INTID(SW_PPI), ia, 0);
	event(EV_STEP);
	guest_check(read_reg(ICC_SACTIVER0) == BIT(SW_PPI), 0, 0);
	guest_check(read_reg(ICC_APR) == BIT(0x10), read_reg(ICC_APR), 0);
	guest_check(read_reg(ICC_ENABLER0) == (BIT(SW_PPI) | BIT(CNTV)), 0, 0);
	gic_eoi();
	gic_deactivate(ia);
	guest_one_tick(0);
}

static void f18_second_vcpu_late(long arg)
{
	struct vm *vm = vm_ready(2, guest_one_tick);
	int i;

	vcpu_entry(vm->vcpu[0], guest_waits_active, 0);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	has_ticked(vm->vcpu[0]);
	sleep_us(300000);
	vcpu_expect(vm->vcpu[1], EV_DONE);
	has_ticked(vm->vcpu[1]);
	vcpu_expect(vm->vcpu[0], EV_DONE);
	/* Both timers once more. */
	for (i = CNTV; i <= CNTP; i += CNTP - CNTV)
		check_eq(vm->vcpu[0]->g->taken[i], 2);
}

static pthread_barrier_t start_line;

static void *first_run(void *arg)
{
	pthread_barrier_wait(&start_line);
	return (void *)vcpu_next(arg, WAIT_MS);
}

/*
 * F1 and F14: four vCPUs run for the first time at once, many rounds. The
 * exposed PPIs are complete and both timers arrive on each vCPU.
 */
static void f1_f14_first_runs_at_once(long arg)
{
	pthread_t thread[4];
	int i, round, bad = 0;
	void *ev;

	pthread_barrier_init(&start_line, NULL, 4);
	for (round = 0; round < 40 && !bad; round++) {
		struct vm *vm = vm_ready(4, guest_one_tick);

		for (i = 0; i < 4; i++)
			pthread_create(&thread[i], NULL, first_run,
				       vm->vcpu[(i + round) % 4]);
		for (i = 0; i < 4; i++) {
			pthread_join(thread[i], &ev);
			require_eq(ev, EV_DONE);
		}
		for (i = 0; i < 4; i++)
			bad += !has_ticked(vm->vcpu[i]);
		vm_free(vm);
	}
}

static long host_sleep_error(long us)
{
	long start = now_us();

	sleep_us(us);
	return now_us() - start - us;
}

/* Late is how a busy computer may be; never is a timer that was lost. */
#define LATE_US		(WAIT_MS * 1000l)

/*
 * The host's timer lives: sleeps end on every CPU after, and while, a guest
 * has expired timers that it does not take.
 */
static __guest void guest_lets_expire(u64 arg)
{
	gic_setup(BIT(CNTV) | BIT(CNTP));
	timer_set(CNTV, 0);
	timer_set(CNTP, 0);
	cpu()->phase = 1;
	for (;;)
		cpu()->count++;
}

static void f21_host_timer_alive(long arg)
{
	struct vm *vm = vm_ready(1, guest_lets_expire);
	struct vcpu *vcpu = vm->vcpu[0];
	int i, host_cpu;
	u64 count;

	for (host_cpu = 0; host_cpu < host_cpus(); host_cpu++) {
		vcpu_start(vcpu, host_cpu);
		require(wait_for(vcpu->g->phase == 1), "guest does not start");
		pin_to(host_cpu);
		for (i = 0; i < 10; i++) {
			count = vcpu->g->count;
			check(host_sleep_error(5000) < LATE_US, "while it runs");
			/* Nor does a storm in the host starve it. */
			require(wait_for(vcpu->g->count - count > 100),
				"the guest stands");
		}
		vcpu_stop(vcpu);
		for (i = 0; i < 10; i++)
			check(host_sleep_error(5000) < LATE_US, "after it ran");
	}
}

/*
 * F21: the host gets its interrupts while the guest is in a handler for long,
 * and the guest goes on: it may not be held back by an interrupt that came in
 * just before it was entered.
 */
static __guest void guest_long_handler(u64 arg)
{
	u64 ia;

	gic_setup(BIT(CNTV));
	timer_set(CNTV, 0);
	while (!timer_expired(CNTV))
		;
	ia = gic_ack();
	guest_check(CDIA_INTID(ia) == PPI_INTID(CNTV), ia, 0);
	cpu()->phase = 1;
	while (cpu()->phase != 2)
		cpu()->count++;
	timer_stop(CNTV);
	gic_eoi();
	gic_deactivate(ia);
}

static void f21_long_handler(long arg)
{
	struct vm *vm = vm_ready(1, guest_long_handler);
	struct vcpu *vcpu = vm->vcpu[0];
	u64 count;
	int i;

	vcpu_start(vcpu, 0);
	require(wait_for(vcpu->g->phase == 1), "guest does not start");
	/* On the same CPU: each end of a sleep is an interrupt there. */
	pin_to(0);
	for (i = 0; i < 50; i++) {
		count = vcpu->g->count;
		check(host_sleep_error(2000) < LATE_US, "a sleep of the host");
		require(wait_for(vcpu->g->count != count), "the guest stands");
	}
	vcpu->g->phase = 2;
	check_eq(vcpu_join(vcpu), EV_DONE);
}

#define BOTH_TIMERS(name, fn)						\
	TA(name "_virtual", fn, CNTV), TA(name "_physical", fn, CNTP)

KTAP_MAIN(need_vgic,
	  BOTH_TIMERS("no_exit_per_tick", no_exit_per_tick),
	  BOTH_TIMERS("wakes_wfi", wakes_wfi),
	  BOTH_TIMERS("wakes_trapped_wfi", wakes_trapped_wfi),
	  T(both),
	  BOTH_TIMERS("f8_masked_does_not_wake", masked_does_not_wake),
	  BOTH_TIMERS("f8_masked_does_not_wake_trapped",
		      masked_does_not_wake_trapped),
	  BOTH_TIMERS("withdrawn", withdrawn),
	  BOTH_TIMERS("level", level),
	  BOTH_TIMERS("exits_before_acknowledge", exits_before_acknowledge),
	  BOTH_TIMERS("exit_in_handler", exit_in_handler),
	  BOTH_TIMERS("reprogrammed_in_handler", reprogrammed_in_handler),
	  BOTH_TIMERS("migration", migration),
	  BOTH_TIMERS("preemption", preemption),
	  T(o1_vcpu1_first), T(o1_powered_off_first), T(psci_cpu_on),
	  T(f18_second_vcpu_late), T(f1_f14_first_runs_at_once),
	  T(f21_host_timer_alive), T(f21_long_handler))
