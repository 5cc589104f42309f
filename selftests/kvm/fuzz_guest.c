// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that executes GICv5 instructions and accesses registers at random,
 * and what it finds, as a trace: the same seed gives the same one, whatever
 * the mode of the module and the CPUs of the host. A second VM stands by, on
 * the same CPU and on another one: its state must not change.
 *
 * FUZZ_STEPS is the number of accesses of each test (5,000).
 */
#include <stdlib.h>

#include "../lib/splitmix.h"
#include "lib/irs.h"

#define EV_STEP		EV_USER
#define BATCH		100	/* accesses between two exits to user space */

/*
 * Each access is a function of two instructions: all of op0 = 3, op1 = 0 or 1,
 * CRn = 12 as MRS and MSR, all of op0 = 1, op1 = 0, CRn = 12 as SYS and SYSL.
 * Most of these encodings have no name; some are GICv3's.
 */
enum { MRS0, MRS1, MSR0, MSR1, SYS, SYSL, KINDS };

static __guest_var u32 snippets[KINDS * 128][2] __attribute__((aligned(64)));

#define RET		0xd65f03c0u
/* In x0, CRm and op2 as a number of seven bits in 11:5 */
#define ENCODE(l, op0, op1)						\
	(0xd5000000u | (l) << 21 | (op0) << 19 | (op1) << 16 | 12 << 12)

static __guest void make_snippets(void)
{
	u32 n;

	for (n = 0; n < 128; n++) {
		snippets[MRS0 * 128 + n][0] = ENCODE(1, 3, 0) | n << 5;
		snippets[MRS1 * 128 + n][0] = ENCODE(1, 3, 1) | n << 5;
		snippets[MSR0 * 128 + n][0] = ENCODE(0, 3, 0) | n << 5;
		snippets[MSR1 * 128 + n][0] = ENCODE(0, 3, 1) | n << 5;
		snippets[SYS * 128 + n][0] = ENCODE(0, 1, 0) | n << 5;
		snippets[SYSL * 128 + n][0] = ENCODE(1, 1, 0) | n << 5;
	}
	for (n = 0; n < KINDS * 128; n++)
		snippets[n][1] = RET;
	asm volatile("dsb sy; ic iallu; dsb sy; isb" : : : "memory");
}

static __guest u64 call(u32 snippet, u64 v)
{
	register u64 x0 asm("x0") = v;

	asm volatile("blr %1; isb" : "+r" (x0) : "r" (snippets[snippet]) :
		     "x30", "memory");
	return x0;
}

/* Chance, and the trace as one number */
static __guest_var u64 chance_state, trace;

static __guest u64 chance(void)
{
	u64 state = chance_state, z = splitmix(&state);

	chance_state = state;
	return z;
}

static __guest void note_down(u64 v)
{
	trace = (trace ^ v ^ v >> 32) * 0x100000001b3ul;
}

static __guest void fuzz_irq(void)
{
	u64 ia = gic_ack();

	note_down(ia);
	cpu()->count++;
	/* What cannot be acknowledged must not be signalled. */
	guest_check(ia & CDIA_VALID, ia, read_reg(ICC_HPPIR));
	/* Of a level whose line is high there is no end */
	if ((ia & SPI(0)) == SPI(0))
		gic(GIC_CDDIS, CDIA_INTID(ia));
	gic_eoi();
	gic_deactivate(ia);
}

/* Few of each type, so that they meet */
static __guest_var u64 with_irs;

static __guest u64 operand(void)
{
	u64 c = chance();
	u64 id = c & 16 ? c >> 8 & 7 : c >> 8 & 0xffffff;

	return (c & 32 ? chance() & ~0xfffffffful : 0) | (c & 64) << 26 |
	       (c & 1 ? SPI(id) : LPI(id));
}

static __guest u64 value(void)
{
	u64 c = chance();

	if (with_irs && (c & 256))
		return operand();

	switch (c % 8) {
	case 0:
		return 0;
	case 1:
		return ~0ul;
	case 2:
		return BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP);
	case 3:
		return BIT(c >> 8 & 63);
	case 4:
		return PPI_INTID(c >> 8 & 127);
	case 5:
		return c >> 59;
	case 6:
		return chance() & chance();
	}
	return chance();
}

static __guest u32 choose(void)
{
	u64 c = chance();
	u32 kind = c >> 8 & 7, crm, op2 = c >> 16 & 7;

	/* Mostly those that exist */
	if (c & 3) {
		switch (kind) {
		case 0 ... 3:
			crm = c >> 24 & 3;
			crm = crm ? 12 + crm : 10;
			return (kind & 1 ? MRS0 : MSR0) * 128 + crm * 8 + op2;
		case 4:
		case 5:
			return (kind & 1 ? MRS1 : MSR1) * 128 + op2 % 3;
		case 6:
			return SYS * 128 + (c >> 24 & 3) * 8 + op2;
		}
		return SYSL * 128 + 3 * 8 + op2 % 2;
	}

	return (kind % KINDS) * 128 + (c >> 24 & 127);
}

/* VBAR_EL1, RMR_EL1 and DISR_EL1 are no GIC's */
static __guest bool harmless(u32 snippet)
{
	return snippet / 8 != MSR0 * 16 && snippet / 8 != MSR0 * 16 + 1;
}

/* What is not there as well, but mostly what is; 4 or 8 bytes */
static __guest void access_frame(void)
{
	static __guest_var const u32 offsets[16] = {
		IRS_CR0, IRS_CR1, IRS_SPI_SELR, IRS_SPI_CFGR, IRS_SPI_STATUSR,
		IRS_PE_SELR, IRS_PE_STATUSR, IRS_PE_CR0, IRS_IST_BASER,
		IRS_IST_BASER + 4, IRS_IST_CFGR, IRS_IST_STATUSR, IRS_IDR0,
		IRS_IDR1, IRS_IDR2, IRS_IDR5,
	};
	u64 c = chance();
	u64 offset = c & 15 ? offsets[c >> 4 & 15] : c >> 8 & 0x1fff8;
	u64 v = c & 1 << 20 ? chance() : c >> 40 & 31;

	note_down(c);
	if (c & 1 << 21 && !(offset & 7)) {
		if (c & 1 << 22)
			irs_write64(offset, v);
		note_down(irs_read64(offset));
	} else {
		if (c & 1 << 22)
			irs_write32(offset, v);
		note_down(irs_read32(offset));
	}
}

/* So that something is enabled, and there are LPIs at all */
static __guest void set_up_irs(void)
{
	irs_write32(IRS_CR0, IRS_CR0_IRSEN);
	irs_write32(IRS_IST_CFGR, 12);
	irs_write64(IRS_IST_BASER, 0x40000000 | IRS_IST_VALID);
	for (u64 i = 0; i < 8; i++) {
		irq_setup(i & 1 ? SPI(i) : LPI(i), 8 + i, 0);
		gic(GIC_CDDI, i & 1 ? SPI(i) : LPI(i));
	}
}

static __guest void guest_fuzz(u64 seed)
{
	u64 n;

	with_irs = seed >> 32;
	chance_state = seed * 0x1234567;
	trace = 0xcbf29ce484222325ul;
	make_snippets();
	gic_setup(BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP));
	cpu()->irq = fuzz_irq;
	if (with_irs)
		set_up_irs();
	for (n = 1;; n++) {
		u32 snippet = choose();
		u64 v = value();

		if (with_irs && n % 3 == 0)
			access_frame();

		if (!harmless(snippet))
			continue;
		cpu()->caught = 0;
		cpu()->catch = 1;
		v = call(snippet, v);
		cpu()->catch = 0;
		note_down(snippet);
		note_down(cpu()->caught ? 1 : v);
		/* Masks, and priorities that nothing drops, would silence it. */
		if (n % 40 == 0) {
			write_reg(ICC_APR, 0);
			write_reg(ICC_CACTIVER0, ~0ul);
			gic_setup(BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP));
			if (with_irs)
				set_up_irs();
		}
		if (n % 8 == 0) {
			irq_on();
			isb();
			irq_off();
		}
		if (n % BATCH == 0)
			event1(EV_STEP, trace);
	}
}

/* The VM that stands by */
static __guest_var u64 before[2][R_NR];

static __guest void configure_lpis(u64 me)
{
	u64 i;

	for (i = 0; i < 8; i++) {
		lpi_priority(LPI(me * 8 + i), i);
		lpi_target(LPI(me * 8 + i), !me);
		gic(GIC_CDEN, LPI(me * 8 + i));
		lpi_target(SPI(me * 8 + i), !me);
	}
}

static __guest void check_lpis(u64 me)
{
	u64 other = (u64)!me << 32;
	u64 i;

	for (i = 0; i < 8; i++) {
		u64 icsr = config_of(LPI(me * 8 + i));

		guest_check(icsr == (other | (i & prio_mask()) << 11 |
				     ICSR_ENABLED), icsr, i);
		icsr = config_of(SPI(me * 8 + i));
		guest_check(icsr == other, icsr, i);
	}
}

static __guest void guest_stands_by(u64 arg)
{
	u64 event_each_time = arg & 1, irs = arg >> 1, me = cpu()->index;
	volatile u64 *mine = before[me];
	u64 i;

	if (irs) {
		if (!me)
			irs_guest_setup(0);
		else
			while (!guest_cpus[0].phase)
				;
		configure_lpis(me);
	}
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	gic_take_sw_ppi();
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	write_reg(ICC_SACTIVER0, BIT(CNTP));
	write_reg(ICC_PRIORITYR0, 0x08ul << (8 * SW_PPI));
	write_reg(ICC_PCR, 0x12);
	timer_set(CNTV, 0);
	gic_snapshot();
	for (i = 0; i < R_NR; i++)
		mine[i] = cpu()->reg[i];
	cpu()->phase = 1;
	for (;;) {
		if (event_each_time)
			event(EV_STEP);
		gic_snapshot();
		for (i = 0; i < R_NR; i++)
			guest_check(cpu()->reg[i] == mine[i], i,
				    cpu()->reg[i]);
		if (irs)
			check_lpis(me);
		cpu()->count++;
	}
}

static void fuzz(long seed)
{
	const char *s = getenv("FUZZ_STEPS");
	long steps = s && *s ? atol(s) : 5000, n;
	u64 irs = seed >> 32;
	struct vm *vm = irs ? vm_with_irs(1, 0, NULL) : vm_ready(1, NULL);
	struct vm *other = irs ? vm_with_irs(2, 0, NULL) : vm_ready(2, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	u64 chance = seed;

	vcpu_entry(vcpu, guest_fuzz, seed);
	vcpu_entry(other->vcpu[0], guest_stands_by, 1 | irs << 1);
	vcpu_entry(other->vcpu[1], guest_stands_by, irs << 1);
	vcpu_expect(other->vcpu[0], EV_STEP);
	vcpu_start(other->vcpu[1], host_cpus() - 1);
	require(wait_for(other->vcpu[1]->g->phase), "guest does not start");

	for (n = 0; n < steps; n += BATCH) {
		vcpu_expect(vcpu, EV_STEP);
		chance = chance * 6364136223846793005ul + 1442695040888963407ul;
		if (chance >> 63)
			sw_ppi(vcpu);
		if (irs)
			require_eq(spi_line(vm, chance >> 8 & 31,
					    chance >> 62 & 1), 0);
		if (!(chance >> 60))
			pin_to((chance >> 40) % host_cpus());
		if (n % (10 * BATCH) == 0)
			vcpu_expect(other->vcpu[0], EV_STEP);
	}

	check(wait_for(other->vcpu[1]->g->count > 1), "the other VM does not run");
	vcpu_stop(other->vcpu[1]);
	host_is_well();
	note("trace of %ld accesses, seed %lx: %016lx, %lu interrupts", n, seed,
	     vcpu->g->a[0], vcpu->g->count);
	check(vcpu->g->count > 0, "no interrupt at all");
}

#define WITH_IRS	(1l << 32)

KTAP_MAIN(need_irs,
	  TA("seed_1", fuzz, 1), TA("seed_2", fuzz, 2), TA("seed_3", fuzz, 3),
	  TA("seed_4", fuzz, 4), TA("seed_5", fuzz, 5), TA("seed_6", fuzz, 6),
	  TA("seed_7", fuzz, 7), TA("seed_8", fuzz, 8),
	  TA("irs_1", fuzz, WITH_IRS | 1), TA("irs_2", fuzz, WITH_IRS | 2),
	  TA("irs_3", fuzz, WITH_IRS | 3), TA("irs_4", fuzz, WITH_IRS | 4))
