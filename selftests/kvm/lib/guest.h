/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest side. A guest function stands in the test's own source, marked
 * __guest, and its variables are marked __guest_var: they go to two sections
 * that are copied into each VM at the address they were linked for. With the
 * MMU off, EL1 then runs them as they are. Everything else of the program is
 * absent in the guest (reads as 0), except that a pointer to a string literal
 * may be handed to the host, which shares the addresses.
 */
#ifndef SELFTEST_GUEST_H
#define SELFTEST_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "gicv5.h"
#include "uapi.h"

typedef uint64_t u64;
typedef uint32_t u32;

#define __guest		__attribute__((section("guest_text"), noinline, noclone))
#define __guest_var	volatile __attribute__((section("guest_data")))

#define MAX_CPUS	16
#define NR_PPIS		128

/* One for each vCPU, in order of creation; both sides read and write it. */
struct guest_cpu {
	/* Known to vectors.S by their offsets. */
	u64 stack_top;
	u64 saved_x0;

	u64 index;
	u64 arg;			/* the guest function's argument */
	u64 ev, a[4];			/* the event being reported */
	u64 phase;			/* free use: where the guest is now */
	u64 count;			/* free use: what it has counted */
	u64 reg[64];			/* free use: register values */

	/* The interrupt handler's counts, and what it calls for each PPI. */
	u64 taken[NR_PPIS];
	u64 spurious;
	void (*on_irq)(u32 ppi);	/* between acknowledge and EOI */
	void (*irq)(void);		/* instead of the whole handler */

	/* UNDEF handling, see undef(). */
	u64 catch, caught;

	/* The timer_ticks() machinery. */
	u64 ticks_left, period;
};

extern volatile struct guest_cpu guest_cpus[MAX_CPUS];

static inline __attribute__((always_inline))
volatile struct guest_cpu *cpu(void)
{
	return (volatile struct guest_cpu *)read_reg(tpidr_el1);
}

/*
 * Events: the guest stops in a write to an address without memory, the host's
 * vcpu_next() returns the number. EV_USER and up are for the tests.
 */
enum {
	EV_DONE = 1,		/* the guest function has returned */
	EV_FAIL,		/* a guest_check() failed */
	EV_CRASH,		/* an exception nobody waited for */
	EV_TIMEOUT,		/* host only: no event in time */
	EV_SHUTDOWN,		/* host only: PSCI SYSTEM_OFF or RESET */
	EV_USER = 16,
};

#define DOORBELL	0x09000000ul

void guest_event(u64 ev, u64 a0, u64 a1, u64 a2);
void guest_fail(const char *what, int line, u64 a0, u64 a1);

#define event(ev)		guest_event(ev, 0, 0, 0)
#define event1(ev, a)		guest_event(ev, a, 0, 0)
#define event3(ev, a, b, c)	guest_event(ev, a, b, c)
#define guest_check(cond, a, b) do {					\
	if (!(cond))							\
		guest_fail(#cond, __LINE__, (u64)(a), (u64)(b));	\
} while (0)

/* Runs a statement; true if it was an undefined instruction. */
#define undef(stmt) ({							\
	cpu()->caught = 0;						\
	cpu()->catch = 1;						\
	stmt;								\
	isb();								\
	cpu()->catch = 0;						\
	cpu()->caught != 0; })

/*
 * All PPIs at priority 0x10, mask wide open, the interface and the given PPIs
 * (bits of bank 0) on. Interrupts stay masked in PSTATE.
 */
void gic_setup(u64 enable);

/* The bits of a priority that exist: IDR0 says 4 or 5, from the top. */
u64 prio_mask(void);

/* Everything a guest can read of its interrupt state, into cpu()->reg[]. */
enum {
	R_CR0, R_PCR, R_APR, R_ENABLER0, R_ENABLER1, R_SPENDR0, R_SPENDR1,
	R_SACTIVER0, R_SACTIVER1, R_HMR0, R_HMR1,
	R_PRIORITYR0,
	R_NR = R_PRIORITYR0 + 16
};

void gic_snapshot(void);

/* SW_PPI becomes pending and active, and its priority the running one. */
u64 gic_take_sw_ppi(void);

/* Acknowledge, EOI and deactivate by hand. */
u64 gic_ack(void);
void gic_eoi(void);
void gic_deactivate(u64 ia);

u64 now(void);
u64 ms(u64 n);			/* in counter ticks */

/* As long as a guest waits for what must come, before it says what is missing */
u64 patience(void);

/* The virtual (CNTV) and the physical (CNTP) timer, by PPI number. */
void timer_set(u32 ppi, u64 ticks_from_now);
void timer_set_at(u32 ppi, u64 at);
/* Far ahead of any test: TVAL, 32 bits with a sign, can be two seconds. */
void timer_set_far(u32 ppi);
void timer_stop(u32 ppi);
bool timer_expired(u32 ppi);

/*
 * Start a timer that interrupts every @period for @nr times: the handler sets
 * it anew, the last tick stops it. Wait for the end of it in a loop or in WFI.
 */
void timer_ticks(u32 ppi, u64 nr, u64 period);

/*
 * The PMU: nothing has overflowed, and its cycle counter, which is everywhere,
 * interrupts when it does.
 */
#define PMU_CYCLES	BIT(31)
void pmu_setup(void);

/* WFI until taken[ppi] has reached n; returns how often WFI came back. */
u64 wfi_until(u32 ppi, u64 n);

u64 psci(u64 fn, u64 a1, u64 a2, u64 a3);
#define PSCI_CPU_OFF		0x84000002
#define PSCI_CPU_ON		0xc4000003

/* The entry point, and PSCI CPU_ON's: x0 is the guest_cpu, x1 the function. */
void guest_start(void);
void guest_start_psci(void);

#endif
