// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine and the guest: accesses of every kind, a known state for each
 * test, timers.
 */
#include "irs.h"

void enter(u64 function, u64 argument, u64 return_address, u64 pstate);
extern char el1_return[], el0_return[];

struct {
	u64 vector, esr, elr, spsr, x0;
} came_back;
struct {
	u64 count, esr, elr;
} el2_faults;
volatile u64 el2_irqs;
struct left left;
u64 hcr;
u64 impl[2], edge[2], hmr[2];
int pri_bits;
struct asked asked;
struct first first;

#define EC_SVC	0x15
#define EC_HVC	0x16

static bool keep_hcr;

void hcr_stays(void)
{
	wr_sys(hcr_el2, hcr);
	isb();
	keep_hcr = true;
}

enum why enter_lower(block f, u64 arg, u64 pstate)
{
	bool el0 = (pstate & 0xf) == PSTATE_EL0;
	u64 esr;

	if (!keep_hcr) {
		wr_sys(hcr_el2, hcr);
		isb();
	}
	keep_hcr = false;
	enter((u64)f, arg, (u64)(el0 ? el0_return : el1_return), pstate);
	wr_sys(hcr_el2, HCR_HOST);
	isb();

	esr = came_back.esr;
	left.pc = came_back.elr;
	left.value = came_back.x0;
	if (came_back.vector == 1) {
		left.why = EL2_IRQ;
	} else if (came_back.vector) {
		left.why = EL2_OTHER;
	} else if (FIELD(esr, 31, 26) != EC_HVC) {
		left.why = TRAPPED;
	} else if ((esr & 0xffff) == 0) {
		left.why = RETURNED;
	} else {
		/* An exception at EL1: its vector is the immediate. */
		static const enum why by_vector[4] = {
			EL1_SYNC, EL1_IRQ, EL1_FIQ, EL1_OTHER
		};

		left.why = by_vector[esr & 3];
		esr = rd_sys(esr_el1);
		left.pc = rd_sys(elr_el1);
		if (left.why == EL1_SYNC && FIELD(esr, 31, 26) == EC_SVC)
			left.why = RETURNED;
	}
	left.ec = FIELD(esr, 31, 26);
	left.il = esr & BIT(25);
	left.iss = FIELD(esr, 24, 0);
	return left.why;
}

u64 must_return(const char *file, int line)
{
	check(left.why == RETURNED, "the guest's block comes to its end",
	      file, line);
	if (left.why != RETURNED) {
		detail("left because (enum why)", left.why);
		detail("EC", left.ec);
		detail("ISS", left.iss);
		detail("at", left.pc);
	}
	return left.value;
}

/* One access and a return, made on the spot. */
static u32 code[16] __attribute__((aligned(64)));

static block access(u32 reg, bool read, int rt)
{
	code[0] = 0xaa0003e0 | rt;			/* mov x<rt>, x0 */
	code[1] = (read ? INSN_MRS : INSN_MSR) | reg | rt;
	code[2] = 0xd5033fdf;				/* isb */
	code[3] = 0xd65f03c0;				/* ret */
	for (unsigned int i = 0; i < 4; i++)
		asm volatile("ic ivau, %0" : : "r" (&code[i]) : "memory");
	dsb();
	isb();
	return (block)code;
}

u64 el1_rd(u32 reg)
{
	enter_lower(access(reg, true, 0), 0, PSTATE_EL1 | PSTATE_MASKED);
	check(left.why == RETURNED, "a read at EL1 succeeds", __FILE__, 0);
	if (left.why != RETURNED)
		detail("register (MRS)", INSN_MRS | reg);
	return left.value;
}

void el1_wr(u32 reg, u64 v)
{
	enter_lower(access(reg, false, 0), v, PSTATE_EL1 | PSTATE_MASKED);
	check(left.why == RETURNED, "a write at EL1 succeeds", __FILE__, 0);
	if (left.why != RETURNED)
		detail("register (MSR)", INSN_MSR | reg);
}

enum why try_rd(u32 reg)
{
	return enter_lower(access(reg, true, 0), 0,
			   PSTATE_EL1 | PSTATE_MASKED);
}

enum why try_wr(u32 reg, u64 v)
{
	return enter_lower(access(reg, false, 0), v,
			   PSTATE_EL1 | PSTATE_MASKED);
}

enum why try_rd_el0(u32 reg)
{
	return enter_lower(access(reg, true, 0), 0,
			   PSTATE_EL0 | PSTATE_MASKED);
}

enum why try_wr_el0(u32 reg, u64 v)
{
	return enter_lower(access(reg, false, 0), v,
			   PSTATE_EL0 | PSTATE_MASKED);
}

enum why try_access(u32 reg, bool read, int rt)
{
	return enter_lower(access(reg, read, rt), 0,
			   PSTATE_EL1 | PSTATE_MASKED);
}

u64 el2_rd(u32 reg)
{
	return access(reg, true, 0)(0);
}

void el2_wr(u32 reg, u64 v)
{
	access(reg, false, 0)(v);
}

bool el2_undefined(void)
{
	bool undef = el2_faults.count == 1 &&
		     FIELD(el2_faults.esr, 31, 26) == EC_UNKNOWN &&
		     FIELD(el2_faults.esr, 24, 0) == 0;

	el2_faults.count = 0;
	return undef;
}

bool trapped_right(void)
{
	u32 insn, iss;

	if (left.why != TRAPPED || left.ec != EC_SYSREG || !left.il ||
	    left.pc != (u64)&code[1])
		return false;
	insn = code[1];
	iss = FIELD(insn, 20, 19) << 20 | FIELD(insn, 7, 5) << 17 |
	      FIELD(insn, 18, 16) << 14 | FIELD(insn, 15, 12) << 10 |
	      FIELD(insn, 4, 0) << 5 | FIELD(insn, 11, 8) << 1 |
	      FIELD(insn, 21, 21);
	return left.iss == iss;
}

bool undefined_right(void)
{
	return left.why == EL1_SYNC && left.ec == EC_UNKNOWN &&
	       left.iss == 0 && left.il && left.pc == (u64)&code[1];
}

/* The non-secure configuration frame of the virt machine. */
#define IRS	((volatile u32 *)0x08010000)

u32 irs_rd(u32 offset)
{
	return IRS[offset / 4];
}

void irs_wr(u32 offset, u32 v)
{
	IRS[offset / 4] = v;
}

void irs_switch(bool on)
{
	irs_wr(IRS_CR0, on ? IRS_CR0_EN : 0);
	for (int i = 0; i < 1000 && !(irs_rd(IRS_CR0) & IRS_CR0_IDLE); i++)
		;
	isb();
}

u64 now(void)
{
	isb();
	return rd_sys(cntpct_el0);
}

u64 ticks(u64 us)
{
	return us * rd_sys(cntfrq_el0) / 1000000 + 1;
}

u64 spin(u64 us)
{
	u64 end = now() + ticks(us);

	while (now() < end)
		;
	return 0;
}

/* CVAL and CTL of the timer behind a PPI. */
#define TIMER(ppi, cval, ctl)						\
	do switch (ppi) {						\
	case CNTV:							\
		wr_sys(cntv_ctl_el0, 0);				\
		wr_sys(cntv_cval_el0, cval);				\
		wr_sys(cntv_ctl_el0, ctl);				\
		break;							\
	case CNTP:							\
		wr_sys(cntp_ctl_el0, 0);				\
		wr_sys(cntp_cval_el0, cval);				\
		wr_sys(cntp_ctl_el0, ctl);				\
		break;							\
	case CNTHP:							\
		wr_sys(cnthp_ctl_el2, 0);				\
		wr_sys(cnthp_cval_el2, cval);				\
		wr_sys(cnthp_ctl_el2, ctl);				\
		break;							\
	case CNTHV:							\
		wr_sys(cnthv_ctl_el2, 0);				\
		wr_sys(cnthv_cval_el2, cval);				\
		wr_sys(cnthv_ctl_el2, ctl);				\
		break;							\
	} while (0)

void timer_fire(int ppi)
{
	TIMER(ppi, 0, 1);
	isb();
}

void timer_off(int ppi)
{
	TIMER(ppi, ~0ul >> 1, 0);
	isb();
}

void timer_in(int ppi, u64 us)
{
	u64 t = now() + ticks(us);

	TIMER(ppi, t, 1);
	isb();
}

/*
 * The state each test begins with: nothing pending, enabled or active on
 * either side, every priority 16, both interfaces without a mask, the virtual
 * one switched on, the physical one off, the IRS off, no trap, no direct
 * injection.
 */
void quiet(void)
{
	const u64 sixteen = 0x1010101010101010ul;

	irq_off();
	keep_hcr = false;
	hcr = HCR_GUEST;
	wr_sys(hcr_el2, HCR_HOST);
	wr_sys(sctlr_el1, 0x30d50980ul);
	wr_sys(cnthctl_el2, 3ul);
	wr_sys(cntvoff_el2, 0ul);
	isb();
	timer_off(CNTV);
	timer_off(CNTP);
	timer_off(CNTHP);
	timer_off(CNTHV);
	irs_switch(false);

	wr(ICH_HFGRTR, HFG_ALL);
	wr(ICH_HFGWTR, HFG_ALL);
	wr(ICH_HFGITR, HFG_ALL);
	wr(ICH_CONTEXTR, 0);
	wr(ICH_VCTLR, VCTLR_EN);
	wr(ICH_VMCR, VMCR_EN | VMCR_VPMR(0x1f));
	wr(ICH_APR, 0);
	wr(ICH_DVIR(0), 0);
	wr(ICH_DVIR(1), 0);
	wr(ICH_ENABLER(0), 0);
	wr(ICH_ENABLER(1), 0);
	wr(ICH_PENDR(0), 0);
	wr(ICH_PENDR(1), 0);
	wr(ICH_ACTIVER(0), 0);
	wr(ICH_ACTIVER(1), 0);

	wr(ICC_CR0, 0);
	wr(ICC_PCR, 0x1f);
	wr(ICC_APR, 0);
	wr(ICC_ICSR, 0);
	wr(ICC_ENABLER(0), 0);
	wr(ICC_ENABLER(1), 0);
	wr(ICC_CACTIVER(0), ~0ul);
	wr(ICC_CACTIVER(1), ~0ul);
	wr(ICC_CPENDR(0), ~0ul);
	wr(ICC_CPENDR(1), ~0ul);
	for (int i = 0; i < 16; i++) {
		el2_wr(ICC_PRIORITYR(i), sixteen);
		el2_wr(ICH_PRIORITYR(i), sixteen);
	}
	gsb_sys();
	isb();
	irs_quiet();
	el2_faults.count = 0;
	el2_irqs = 0;
}

static void set_bit(u32 reg, int id, bool on)
{
	u64 v;

	reg += REG(0, 0, 0, 0, 1) * (id / 64);
	v = el2_rd(reg);
	v = on ? v | BIT(id % 64) : v & ~BIT(id % 64);
	el2_wr(reg, v);
}

static void set_priority(u32 reg0, u32 reg8, int id, int p)
{
	u32 reg = (id / 64 ? reg8 : reg0) + REG(0, 0, 0, 0, id / 8 % 8);
	u64 v = el2_rd(reg);

	v &= ~(0xfful << id % 8 * 8);
	el2_wr(reg, v | (u64)p << id % 8 * 8);
}

void vpend(int id, bool on)
{
	set_bit(ICH_PENDR(0), id, on);
}

void vactive(int id, bool on)
{
	set_bit(ICH_ACTIVER(0), id, on);
}

void venable(int id, bool on)
{
	set_bit(ICH_ENABLER(0), id, on);
}

void vpriority(int id, int p)
{
	set_priority(ICH_PRIORITYR(0), ICH_PRIORITYR(8), id, p);
}

void vppi(int id, int p)
{
	vpriority(id, p);
	venable(id, true);
	vpend(id, true);
}

void penable(int id, bool on)
{
	set_bit(ICC_ENABLER(0), id, on);
}

void ppriority(int id, int p)
{
	set_priority(ICC_PRIORITYR(0), ICC_PRIORITYR(8), id, p);
}

void venv(bool en, int vpmr, u64 apr)
{
	wr(ICH_VMCR, (en ? VMCR_EN : 0) | VMCR_VPMR(vpmr));
	set(ICH_APR, apr);
}

u64 vhppi(void)
{
	return at_el1({ return rd(ICC_HPPIR); });
}

bool virq(void)
{
	return at_el1({ return rd_sys(isr_el1); }) & BIT(7);
}

u64 isr_i(void)
{
	isb();
	return FIELD(rd_sys(isr_el1), 7, 7);
}

bool virq_super(void)
{
	return at_el1({ return rd_sys(isr_el1); }) & BIT(10);
}
