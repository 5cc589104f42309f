/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a check is written.
 *
 * A test is a function that runs at EL2, with the machine in the state that
 * quiet() describes. at_el1({ ... }) runs its block at EL1 and yields what the
 * block returns; the block sees no local variable of the function around it,
 * only "arg" (at_el1_arg) and globals. try_el1({ ... }) is the same for a
 * block that may not come to its end; "left" then says why.
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include "gic.h"

struct test {
	const char *name;
	void (*run)(u64 arg);
	u64 arg;
};

#define NUM_SUBJECTS	21
extern const struct test registers_tests[], fields_tests[], reset_tests[],
	redirect_tests[], state_tests[], pending_tests[], select_tests[],
	acknowledge_tests[], signal_tests[], nmi_tests[], direct_tests[],
	commands_tests[], traps_tests[], undefined_tests[], physical_tests[],
	wait_tests[], barrier_tests[], legacy_tests[], tables_tests[],
	residency_tests[], virtual_tests[];

/* Why the guest was left. */
enum why {
	RETURNED,		/* the block came to its end */
	TRAPPED,		/* to EL2: left.ec, left.iss */
	EL2_IRQ, EL2_OTHER,
	EL1_SYNC, EL1_IRQ, EL1_FIQ, EL1_OTHER,
};

struct left {
	enum why why;
	u32 ec, iss;		/* of ESR_EL2 or ESR_EL1 */
	bool il;
	u64 pc;
	u64 value;		/* x0, when RETURNED */
};
extern struct left left;

/* HCR_EL2 while the guest runs; reset to HCR_GUEST before each test. */
extern u64 hcr;
/* HCR_EL2 is the guest's already, do not write it: the next entry only. */
void hcr_stays(void);
#define HCR_HOST	HCR_RW
#define HCR_GUEST	(HCR_RW | HCR_IMO | HCR_FMO | HCR_AMO)

#define PSTATE_EL0	0x0ul
#define PSTATE_EL1	0x5ul
#define PSTATE_I	BIT(7)
#define PSTATE_MASKED	(BIT(9) | BIT(8) | BIT(7) | BIT(6))
#define PSTATE_OPEN	(PSTATE_MASKED & ~PSTATE_I)

typedef u64 (*block)(u64 arg);
enum why enter_lower(block f, u64 arg, u64 pstate);
u64 must_return(const char *file, int line);

#define __block(...)							\
	u64 __f(u64 arg) { do __VA_ARGS__ while (0); return 0; }
#define at_el1(...) ({							\
	__block(__VA_ARGS__)						\
	enter_lower(__f, 0, PSTATE_EL1 | PSTATE_MASKED);		\
	must_return(__FILE__, __LINE__); })
#define at_el1_arg(a, ...) ({						\
	__block(__VA_ARGS__)						\
	enter_lower(__f, a, PSTATE_EL1 | PSTATE_MASKED);		\
	must_return(__FILE__, __LINE__); })
#define try_el1(...) ({							\
	__block(__VA_ARGS__)						\
	enter_lower(__f, 0, PSTATE_EL1 | PSTATE_MASKED); })
/* With PSTATE.I clear, so that an interrupt ends the block. */
#define open_el1(...) ({						\
	__block(__VA_ARGS__)						\
	enter_lower(__f, 0, PSTATE_EL1 | PSTATE_OPEN); })
#define open_el0(...) ({						\
	__block(__VA_ARGS__)						\
	enter_lower(__f, 0, PSTATE_EL0 | PSTATE_OPEN); })

/*
 * One access, for registers that are known at run time only. The el1_*
 * functions fail the test unless the access succeeds; try_* say what became
 * of it; el2_* are for EL2, where el2_undefined() tells and forgets a fault.
 */
u64 el1_rd(u32 reg);
void el1_wr(u32 reg, u64 v);
enum why try_rd(u32 reg);
enum why try_wr(u32 reg, u64 v);
enum why try_rd_el0(u32 reg);
enum why try_wr_el0(u32 reg, u64 v);
u64 el2_rd(u32 reg);
void el2_wr(u32 reg, u64 v);
bool el2_undefined(void);
/* The last access was trapped by the GIC, with the syndrome it ought to have */
bool trapped_right(void);
/* The last access was undefined at EL1. */
bool undefined_right(void);
/* "access" with x<rt>: what a trap's ISS has to show. */
enum why try_access(u32 reg, bool read, int rt);

extern volatile u64 el2_irqs;	/* interrupts taken at EL2 */

/* The machine: what was found, and what was asked for (by bootargs). */
extern u64 impl[2];		/* implemented PPIs */
extern u64 edge[2];		/* ... those that are edges */
extern u64 hmr[2];
extern int pri_bits;
#define PRI(p)		((u64)(p) & (pri_bits == 4 ? 0x1e : 0x1f))
struct asked {
	bool given;		/* the next two were given */
	u64 ppis[2], edge[2];
	u64 pri_bits, id_bits;
	bool poison, delay, high_ties, legacy;
};
extern struct asked asked;

/* Values that the registers had before anything was written. */
struct first {
	u64 apr, vmcr, vctlr, contextr, hfgrtr, hfgwtr, hfgitr;
	u64 dvir[2], enabler[2], pendr[2], activer[2], priorityr[16];
	u64 icc_cr0, icc_pcr, icc_apr, icc_enabler[2], icc_active[2],
	    icc_pending[2], icc_hppir;
	/* Of a VPE that may be resident since reset: with the virtual CPU
	 * interface on and without PPIs, what is there to take; and after
	 * the first write to ICH_CONTEXTR.
	 */
	u64 vhppir, viaffid, vicsr, cdia, apr_active, vhppir_active,
	    vhppir_again, vhppir_written, contextr_written;
};
extern struct first first;

void quiet(void);

/* A virtual PPI by one call: enabled, pending, of priority p. */
void vppi(int id, int p);
void vpend(int id, bool on);
void vactive(int id, bool on);
void venable(int id, bool on);
void vpriority(int id, int p);
void venv(bool en, int vpmr, u64 apr);
void penable(int id, bool on);		/* the physical ones */
void ppriority(int id, int p);

/* The virtual selection and signal as the guest sees them, I masked. */
u64 vhppi(void);
#define HPPI(id)	(HPPIR_VALID | PPI(id))
bool virq(void);			/* ISR_EL1.I */
bool virq_super(void);			/* ISR_EL1.IS */
u64 isr_i(void);			/* ISR_EL1.I, within a block */

/* A timer by its PPI: expired, off, or expired in some microseconds. */
void timer_fire(int ppi);
void timer_off(int ppi);
void timer_in(int ppi, u64 us);
u64 now(void);				/* ticks */
u64 ticks(u64 us);
u64 spin(u64 us);			/* a block, too */

/* The IRS: its registers, and whether it is on. */
u32 irs_rd(u32 offset);
void irs_wr(u32 offset, u32 v);
void irs_switch(bool on);
#define IRS_IDR0	0x0
#define IRS_CR0		0x80
#define IRS_CR0_EN	BIT(0)
#define IRS_CR0_IDLE	BIT(1)

/* Verdicts. A test that skips returns. */
void check(bool good, const char *what, const char *file, int line);
void check_eq(u64 got, u64 want, const char *what, const char *file, int line);
void skip(const char *why);
void detail(const char *what, u64 v);
#define ok(c)		check(c, #c, __FILE__, __LINE__)
#define eq(got, want)	check_eq(got, want, #got, __FILE__, __LINE__)
#define same(got, want, what)						\
	check_eq(got, want, what, __FILE__, __LINE__)

bool failed_yet(void);

#endif
