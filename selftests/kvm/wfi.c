// SPDX-License-Identifier: GPL-2.0-only
/*
 * WFI blocks while nothing can be delivered, and wakes for what can: each case
 * with WFI running natively (the vCPU is alone on its CPU) and trapped by KVM
 * (it shares the CPU with a companion thread), because a different part decides
 * in each: the CPU interface, or KVM's pending check.
 */
#include "lib/vmm.h"

#define QUIET_MS	200

/*
 * A WFI loop that ends when the host says so. WFI may return at any time, so
 * what tells blocking from not blocking is how often it does.
 */
static __guest void wait_here(void)
{
	cpu()->phase = 1;
	isb();
	while (cpu()->phase != 2) {
		wfi();
		cpu()->count++;
	}
}

/* The conditions of one case: a preparation in the guest, then wait_here(). */

static __guest void disabled(u64 arg)
{
	gic_setup(0);
	wait_here();
}

static __guest void enabled(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	wait_here();
}

/* F6: CR0.EN = 0 */
static __guest void en_off(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_CR0, 0);
	isb();
	wait_here();
}

/* F4: SW_PPI's priority is 0x10; the mask lets the same and higher pass. */
static __guest void mask_equal(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_PCR, 0x10);
	wait_here();
}

static __guest void mask_one_below(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_PCR, 0xf);
	wait_here();
}

static __guest void mask_zero(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_PCR, 0);
	wait_here();
}

/* F5: nothing active is less than the lowest priority, 0x1f. */
static __guest void lowest_priority(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_PRIORITYR0, 0x1ful << (8 * SW_PPI));
	write_reg(ICC_PCR, 0x1f);
	wait_here();
}

/* Acknowledge the virtual timer at priority 0x10, without EOI: it runs. */
static __guest u64 run_at_0x10(u64 enable)
{
	u64 ia;

	gic_setup(BIT(CNTV) | enable);
	timer_set(CNTV, 0);
	while (!timer_expired(CNTV))
		;
	ia = gic_ack();
	guest_check(CDIA_INTID(ia) == PPI_INTID(CNTV), ia, 0);
	timer_stop(CNTV);
	guest_check(read_reg(ICC_APR) == BIT(0x10), read_reg(ICC_APR), 0);
	return ia;
}

/* F4: the running priority masks the same priority ... */
static __guest void running_equal(u64 arg)
{
	run_at_0x10(BIT(SW_PPI));
	wait_here();
}

/* ... but not a higher one. */
static __guest void running_higher(u64 arg)
{
	write_reg(ICC_PRIORITYR0, 0);
	run_at_0x10(BIT(SW_PPI));
	write_reg(ICC_PRIORITYR0, 0xful << (8 * SW_PPI));
	isb();
	wait_here();
}

/* SW_PPI pending again while it is active, its priority dropped. */
static __guest void active_edge(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	gic_take_sw_ppi();
	gic_eoi();
	guest_check(read_reg(ICC_APR) == 0, read_reg(ICC_APR), 0);
	wait_here();
}

/* O5: a timer still asserted and active, its priority dropped at once. */
static __guest void active_timer(u64 arg)
{
	u64 ia;

	gic_setup(BIT(CNTV));
	timer_set(CNTV, 0);
	while (!timer_expired(CNTV))
		;
	ia = gic_ack();
	guest_check(CDIA_INTID(ia) == PPI_INTID(CNTV), ia, 0);
	gic_eoi();
	wait_here();
}

/* The host masks with ENABLER what it changed its mind about. */
static __guest void enabled_then_disabled(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_ENABLER0, 0);
	isb();
	wait_here();
}

/* Not due before the test ends. */
static __guest void timer_far(u64 arg)
{
	gic_setup(BIT(CNTV) | BIT(CNTP));
	timer_set_far(CNTV);
	timer_set_far(CNTP);
	wait_here();
}

static __guest void timer_due(u64 arg)
{
	gic_setup(BIT(CNTV));
	timer_set(CNTV, ms(50));
	wait_here();
}

static __guest void timer_en_off(u64 arg)
{
	gic_setup(BIT(CNTV));
	write_reg(ICC_CR0, 0);
	timer_set(CNTV, 0);
	wait_here();
}

/*
 * The timer has expired while the vCPU was out, and is dealt with while the
 * guest runs on: its line is low again, and only a look at the timer shows it.
 */
static __guest void timer_dealt_with(u32 ppi)
{
	u64 ia;

	gic_setup(BIT(ppi));
	timer_set(ppi, 0);
	event(EV_USER);
	while (!timer_expired(ppi))
		;
	ia = gic_ack();
	guest_check(CDIA_INTID(ia) == PPI_INTID(ppi), ia, 0);
	timer_set_far(ppi);
	gic_eoi();
	gic_deactivate(ia);
	wait_here();
}

static __guest void cntv_dealt_with(u64 arg)
{
	timer_dealt_with(CNTV);
}

static __guest void cntp_dealt_with(u64 arg)
{
	timer_dealt_with(CNTP);
}

static void line_fell(guest_fn fn, bool trapped)
{
	struct vm *vm = vm_ready(1, fn);
	struct vcpu *vcpu = vm->vcpu[0];
	u64 wfi_exits;

	pin_to(0);
	vcpu_expect(vcpu, EV_USER);
	vcpu_complete(vcpu);
	if (trapped)
		companion_start(0);
	vcpu_start(vcpu, 0);
	require(wait_for(vcpu->g->phase == 1), "guest does not start");
	let_pass(50, 0);
	wfi_exits = vcpu_stat(vcpu, "wfi_exit_stat");
	let_pass(QUIET_MS, 0);
	wfi_exits = vcpu_stat(vcpu, "wfi_exit_stat") - wfi_exits;
	note("%lu exits for WFI in %d ms", wfi_exits, QUIET_MS);
	check(wfi_exits < QUIET_MS, "does not block");

	vcpu->g->phase = 2;
	check_eq(vcpu_end(vcpu), EV_DONE);
}

static void cntv_line_fell(long trapped)
{
	line_fell(cntv_dealt_with, trapped);
}

static void cntp_line_fell(long trapped)
{
	line_fell(cntp_dealt_with, trapped);
}

struct wait_case {
	guest_fn fn;
	bool inject;		/* SW_PPI while it waits */
	bool wakes;
};

/*
 * WFI that finds an interrupt returns at once, for ever. WFI that blocks
 * returns for the host's interrupts at most: what they do not explain counts.
 */
#define MANY		1000
#define FEW		100
static long own_returns(struct vcpu *vcpu)
{
	return vcpu->g->count - host_irqs(0);
}

static void wait_test(const struct wait_case *c, bool trapped)
{
	struct vm *vm = vm_ready(1, c->fn);
	struct vcpu *vcpu = vm->vcpu[0];
	long own;

	if (trapped)
		companion_start(0);
	vcpu_start(vcpu, 0);
	require(wait_for(vcpu->g->phase == 1), "guest does not start");
	let_pass(20, 0);
	own = own_returns(vcpu);
	if (c->inject)
		sw_ppi(vcpu);
	if (c->wakes)
		wait_for(own_returns(vcpu) - own > MANY);
	else
		let_pass(QUIET_MS, 0);
	own = own_returns(vcpu) - own;
	note("%ld returns of WFI for no interrupt of the host, %lu exits for WFI",
	     own, vcpu_stat(vcpu, "wfi_exit_stat"));
	if (c->wakes)
		check(own > MANY, "does not wake");
	else
		check(own < FEW, "does not block");
	if (trapped)
		check(vcpu_stat(vcpu, "wfi_exit_stat"), "WFI was not trapped");

	vcpu->g->phase = 2;
	check_eq(vcpu_end(vcpu), EV_DONE);
}

static const struct wait_case cases[] = {
#define CASES(X)							\
	X(nothing_pending,		enabled,	false,	false)	\
	X(pending,			enabled,	true,	true)	\
	X(disabled,			disabled,	true,	false)	\
	X(disabled_later, enabled_then_disabled,	true,	false)	\
	X(f6_en_off,			en_off,		true,	false)	\
	X(f4_mask_equal,		mask_equal,	true,	true)	\
	X(f4_mask_one_below,		mask_one_below,	true,	false)	\
	X(mask_zero,			mask_zero,	true,	false)	\
	X(f5_lowest_priority,		lowest_priority, true,	true)	\
	X(f4_running_equal,		running_equal,	true,	false)	\
	X(running_higher,		running_higher,	true,	true)	\
	X(o5_active_edge,		active_edge,	true,	false)	\
	X(o5_active_timer,		active_timer,	false,	false)	\
	X(timer_far,			timer_far,	false,	false)	\
	X(timer_due,			timer_due,	false,	true)	\
	X(timer_en_off,			timer_en_off,	false,	false)
#define CASE(name, fn, inject, wakes)	{ fn, inject, wakes },
	CASES(CASE)
};

enum {
#define CASE_NR(name, ...)	NR_ ## name,
	CASES(CASE_NR)
};

static void native(long nr)
{
	wait_test(&cases[nr], false);
}

static void trapped(long nr)
{
	wait_test(&cases[nr], true);
}

/* SW_PPI pending before WFI: it must not wait at all. */
static __guest void guest_pending_first(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	wfi();
}

static void pending_before_wfi(long shared)
{
	struct vm *vm = vm_ready(1, guest_pending_first);

	pin_to(0);
	if (shared)
		companion_start(0);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/*
 * Waiting with everything masked or disabled; the interrupt that is pending
 * then is there when the guest opens up again.
 */
static __guest void guest_opens_later(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_PCR, 0xf);
	wait_here();
	guest_check(cpu()->taken[SW_PPI] == 0, 0, 0);
	irq_on();
	isb();
	guest_check(cpu()->taken[SW_PPI] == 0, 0, 0);
	write_reg(ICC_PCR, 0x10);
	isb();
	wfi_until(SW_PPI, 1);
}

static void opens_after_wfi(long shared)
{
	struct vm *vm = vm_ready(1, guest_opens_later);
	struct vcpu *vcpu = vm->vcpu[0];

	if (shared)
		companion_start(0);
	vcpu_start(vcpu, 0);
	require(wait_for(vcpu->g->phase == 1), "guest does not start");
	let_pass(20, 0);
	sw_ppi(vcpu);
	let_pass(20, 0);
	vcpu->g->phase = 2;
	check_eq(vcpu_end(vcpu), EV_DONE);
}

#define CASE_TESTS(name, ...)						\
	TA(#name "_native", native, NR_ ## name),			\
	TA(#name "_trapped", trapped, NR_ ## name),

KTAP_MAIN(need_vgic,
	  CASES(CASE_TESTS)
	  TA("cntv_line_fell_native", cntv_line_fell, 0),
	  TA("cntv_line_fell_trapped", cntv_line_fell, 1),
	  TA("cntp_line_fell_native", cntp_line_fell, 0),
	  TA("cntp_line_fell_trapped", cntp_line_fell, 1),
	  TA("pending_before_wfi_native", pending_before_wfi, 0),
	  TA("pending_before_wfi_trapped", pending_before_wfi, 1),
	  TA("opens_after_wfi_native", opens_after_wfi, 0),
	  TA("opens_after_wfi_trapped", opens_after_wfi, 1))
