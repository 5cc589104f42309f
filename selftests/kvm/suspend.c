// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_MP_STATE_SUSPENDED: an interrupt that the guest could take ends it, user
 * space is told by KVM_SYSTEM_EVENT_WAKEUP, and nothing else is said so. KVM asks
 * for what is pending after it has loaded the vCPU again.
 */
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/irs.h"

static __guest void stand(void)
{
	event(EV_USER);
	while (1)
		;
}

static __guest void sw_ppi_waited(u64 pcr)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	write_reg(ICC_PCR, pcr);
	isb();
	stand();
}

static __guest void sw_ppi_off(u64 arg)
{
	gic_setup(0);
	stand();
}

static __guest void sw_ppi_en_off(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_CR0, 0);
	isb();
	stand();
}

static __guest void sw_ppi_active(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	gic_take_sw_ppi();
	gic_eoi();
	stand();
}

static __guest void timer_waited(u64 ppi)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP));
	timer_set(ppi, ms(100));
	stand();
}

static __guest void timer_masked(u64 ppi)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP));
	write_reg(ICC_PCR, 0);
	isb();
	timer_set(ppi, 0);
	stand();
}

static __guest void timer_off(u64 ppi)
{
	gic_setup(BIT(SW_PPI));
	timer_set(ppi, 0);
	stand();
}

static __guest void spi_waited(u64 pcr)
{
	irs_guest_setup(0);
	irq_setup(SPI(4), 0x10, 0);
	write_reg(ICC_PCR, pcr);
	isb();
	stand();
}

/* The run that is asked about, in a thread of its own */
static volatile int returned, error;

static void nothing(int sig)
{
}

static void *runner(void *p)
{
	struct vcpu *vcpu = p;

	vcpu->tid = syscall(SYS_gettid);
	error = try_run(vcpu);
	__atomic_store_n(&returned, 1, __ATOMIC_RELEASE);
	return NULL;
}

struct wait_case {
	guest_fn fn;
	u64 arg;
	bool before;		/* SW_PPI, or an SPI, before it is suspended */
	bool inject;		/* while it is suspended */
	bool wakes;
};

#define CASES(X)							\
	X(sw_ppi,	   sw_ppi_waited,   0x1f, false, true,  true)	\
	X(sw_ppi_before,   sw_ppi_waited,   0x1f, true,  false, true)	\
	X(sw_ppi_mask,	   sw_ppi_waited,   0,    false, true,  false)	\
	X(sw_ppi_disabled, sw_ppi_off,	    0,    false, true,  false)	\
	X(sw_ppi_en,	   sw_ppi_en_off,   0,    false, true,  false)	\
	X(sw_ppi_active,   sw_ppi_active,   0,    false, true,  false)	\
	X(cntv,		   timer_waited,    CNTV, false, false, true)	\
	X(cntp,		   timer_waited,    CNTP, false, false, true)	\
	X(cntv_mask,	   timer_masked,    CNTV, false, false, false)	\
	X(cntp_mask,	   timer_masked,    CNTP, false, false, false)	\
	X(cntv_disabled,   timer_off,	    CNTV, false, false, false)	\
	X(spi,		   spi_waited,	    0x1f, false, true,  true)	\
	X(spi_before,	   spi_waited,	    0x1f, true,  false, true)	\
	X(spi_mask,	   spi_waited,	    0xf,  false, true,  false)	\
	X(spi_mask_before, spi_waited,	    0xf,  true,  false, false)	\
	X(nothing,	   sw_ppi_waited,   0x1f, false, false, false)

static const struct wait_case cases[] = {
#define CASE(name, ...)		{ __VA_ARGS__ },
	CASES(CASE)
};

enum {
#define CASE_NR(name, ...)	NR_ ## name,
	CASES(CASE_NR)
};

static void inject(struct vm *vm, const struct wait_case *c)
{
	if (c->fn == spi_waited)
		require_eq(spi_line(vm, 4, 1), 0);
	else
		sw_ppi(vm->vcpu[0]);
}

static struct vm *new_vm(const struct wait_case *c)
{
	if (c->fn != spi_waited)
		return vm_ready(1, c->fn);
	if (need_irs())
		not_here("there are no SPIs");
	return vm_with_irs(1, 0, c->fn);
}

static void suspended(long nr)
{
	struct kvm_mp_state mp = { .mp_state = KVM_MP_STATE_SUSPENDED };
	struct sigaction sa = { .sa_handler = nothing };
	const struct wait_case *c = &cases[nr];
	struct vm *vm = new_vm(c);
	struct vcpu *vcpu = vm->vcpu[0];
	struct kvm_run *run = vcpu->run;
	pthread_t t;
	u64 slept;

	vcpu_entry(vcpu, c->fn, c->arg);
	vcpu_expect(vcpu, EV_USER);
	vcpu_complete(vcpu);
	if (c->before)
		inject(vm, c);
	require_eq(ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp), 0);
	sigaction(SIGUSR1, &sa, NULL);
	returned = 0;
	pthread_create(&t, NULL, runner, vcpu);
	if (c->inject) {
		require(wait_for(vcpu_sleeps(vcpu)), "it does not wait");
		inject(vm, c);
	}

	if (c->wakes) {
		check(wait_for(returned), "does not wake");
	} else {
		/* Whatever it does not wake for it does not spin for either */
		sleep_us(100000);
		require(wait_for(vcpu_sleeps(vcpu)), "it does not wait");
		slept = vcpu_slept(vcpu);
		sleep_us(200000);
		check(wait_for(vcpu_sleeps(vcpu)), "it does not wait");
		slept = vcpu_slept(vcpu) - slept;
		note("slept %lu times anew", slept);
		check(slept < 10, "spins");
		check(!returned, "returned: error %d, exit %d, event %d", error,
		      run->exit_reason, run->system_event.type);
	}

	run->immediate_exit = 1;
	while (!returned) {
		pthread_kill(t, SIGUSR1);
		sleep_us(1000);
	}
	pthread_join(t, NULL);
	if (c->wakes) {
		check_eq(error, 0);
		check_eq(run->exit_reason, KVM_EXIT_SYSTEM_EVENT);
		check_eq(run->system_event.type, KVM_SYSTEM_EVENT_WAKEUP);
	} else {
		check_eq(error, -EINTR);
	}
}

#define TEST(name, ...)	TA(#name, suspended, NR_ ## name),

KTAP_MAIN(need_vgic, CASES(TEST))
