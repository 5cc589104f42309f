// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PMU's overflow interrupt, PPI 23: a level that follows the overflow
 * status, whether software or a counter has set it.
 */
#include "lib/vmm.h"

#define EV_STEP		EV_USER

static __guest void overflow_done(u32 ppi)
{
	guest_check(ppi == PMUIRQ, ppi, 0);
	guest_check(read_reg(pmovsclr_el0) & PMU_CYCLES, 0, 0);
	write_reg(pmovsclr_el0, PMU_CYCLES);
	isb();
}

static __guest void pmu_and_gic_setup(u64 enable)
{
	gic_setup(enable);
	cpu()->on_irq = overflow_done;
	pmu_setup();
}

static __guest void guest_software(u64 arg)
{
	u64 i;

	pmu_and_gic_setup(BIT(PMUIRQ));
	irq_on();
	for (i = 1; i <= 50; i++) {
		write_reg(pmovsset_el0, PMU_CYCLES);
		isb();
		wfi_until(PMUIRQ, i);
		guest_check(cpu()->taken[PMUIRQ] == i, cpu()->taken[PMUIRQ], i);
	}
	event(EV_STEP);
	guest_check(cpu()->taken[PMUIRQ] == 50, cpu()->taken[PMUIRQ], 0);
}

static __guest void guest_masked(u64 arg)
{
	pmu_and_gic_setup(0);
	irq_on();
	write_reg(pmovsset_el0, PMU_CYCLES);
	isb();
	event(EV_STEP);
	guest_check(read_reg(ICC_SPENDR0) & BIT(PMUIRQ),
		    read_reg(ICC_SPENDR0), 0);
	guest_check(cpu()->taken[PMUIRQ] == 0, 0, 0);
	/* Gone with the overflow, or taken when enabled. */
	write_reg(pmovsclr_el0, PMU_CYCLES);
	isb();
	event(EV_STEP);
	guest_check(!(read_reg(ICC_SPENDR0) & BIT(PMUIRQ)),
		    read_reg(ICC_SPENDR0), 0);
	write_reg(pmovsset_el0, PMU_CYCLES);
	isb();
	write_reg(ICC_ENABLER0, BIT(PMUIRQ));
	wfi_until(PMUIRQ, 1);
}

/* In user space before the acknowledge, and in the handler. */
static __guest void done_with_exit(u32 ppi)
{
	event(EV_STEP);
	overflow_done(ppi);
	event(EV_STEP);
}

static __guest void guest_exits(u64 arg)
{
	pmu_and_gic_setup(BIT(PMUIRQ));
	cpu()->on_irq = done_with_exit;
	write_reg(pmovsset_el0, PMU_CYCLES);
	event(EV_STEP);
	wfi_until(PMUIRQ, 1);
	event(EV_STEP);
	guest_check(cpu()->taken[PMUIRQ] == 1, cpu()->taken[PMUIRQ], 0);
	guest_check(!read_reg(ICC_SACTIVER0), read_reg(ICC_SACTIVER0), 0);
}

static __guest void guest_counter(u64 arg)
{
	u64 i, end;

	pmu_and_gic_setup(BIT(PMUIRQ));
	write_reg(pmccfiltr_el0, 0);
	write_reg(pmcr_el0, 1 | BIT(6));	/* 64-bit overflow */
	irq_on();
	for (i = 1; i <= 10; i++) {
		write_reg(pmccntr_el0, -100000ul);
		isb();
		end = now() + patience();
		while (cpu()->taken[PMUIRQ] < i && now() < end)
			;
		guest_check(cpu()->taken[PMUIRQ] == i, cpu()->taken[PMUIRQ], i);
	}
}

/* Neither of two that wait makes the other one forgotten: edge and level. */
static __guest void guest_two(u64 arg)
{
	u64 both = BIT(PMUIRQ) | BIT(SW_PPI), round;

	pmu_and_gic_setup(both);
	for (round = 0; round < 20; round++) {
		write_reg(pmovsset_el0, PMU_CYCLES);
		isb();
		event(EV_STEP);		/* the host may inject SW_PPI now */
		event(EV_STEP);
		if (round & 1) {
			write_reg(ICC_SPENDR0, BIT(SW_PPI));
			isb();
		}
		write_reg(pmovsclr_el0, PMU_CYCLES);
		isb();
		event(EV_STEP);
		guest_check((read_reg(ICC_SPENDR0) & both) == BIT(SW_PPI),
			    read_reg(ICC_SPENDR0), round);
		/* It rises while the edge waits in the hardware. */
		write_reg(pmovsset_el0, PMU_CYCLES);
		isb();
		event(EV_STEP);
		guest_check((read_reg(ICC_SPENDR0) & both) == both,
			    read_reg(ICC_SPENDR0), round);
		write_reg(ICC_CPENDR0, BIT(SW_PPI));
		write_reg(pmovsclr_el0, PMU_CYCLES);
		isb();
		event(EV_STEP);
		guest_check(!(read_reg(ICC_SPENDR0) & both),
			    read_reg(ICC_SPENDR0), round);
	}
}

static void two_pending(long arg)
{
	struct vcpu *vcpu = vm_with_pmu(guest_two)->vcpu[0];
	int round, step;

	for (round = 0; round < 20; round++) {
		for (step = 0; step < 5; step++) {
			vcpu_expect(vcpu, EV_STEP);
			if (step == 0 && !(round & 1))
				sw_ppi(vcpu);
		}
	}
	vcpu_expect(vcpu, EV_DONE);
}

static void run(long fn)
{
	struct vcpu *vcpu = vm_with_pmu((guest_fn)fn)->vcpu[0];
	u64 ev;

	do {
		ev = vcpu_next(vcpu, WAIT_MS);
	} while (ev == EV_STEP);
	check_eq(ev, EV_DONE);
	check_eq(vcpu->g->spurious, 0);
}

KTAP_MAIN(need_vgic,
	  TA("software_overflow", run, (long)guest_software),
	  TA("masked", run, (long)guest_masked),
	  TA("exits_around_the_handler", run, (long)guest_exits),
	  T(two_pending),
	  TA("counter_overflow", run, (long)guest_counter))
