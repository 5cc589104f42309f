// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest with an IRS is told, and what traps, while it does one thing after
 * another to a few LPIs: the table of <vgicv5/irs.h>. The guest knows what it has
 * done, and finds by ISR_EL1, HPPIR and CDIA whether that is so. What it knows it
 * also writes to a register in which nothing sticks: part signal-table compares
 * it with what the host wrote to its trap registers before.
 */
#include "lib/irs.h"

#define EV_OTHER	EV_USER
#define STEPS		400
#define LPIS		5
#define NONE		32

struct lpi {
	u64 prio, enabled, pending, active;
};

static __guest_var struct lpi lpis[LPIS];
static __guest_var u64 apr, pcr, en, irsen, random_state;

INL u64 lowest(u64 bits)
{
	return bits ? __builtin_ctzl(bits) : NONE;
}

INL u64 count_active(void)
{
	u64 i, n = 0;

	for (i = 0; i < LPIS; i++)
		n += lpis[i].active;
	return n;
}

/* The best candidate's priority */
INL u64 best_prio(void)
{
	u64 i, best = NONE;

	for (i = 0; i < LPIS && irsen; i++)
		if (lpis[i].enabled && lpis[i].pending && !lpis[i].active &&
		    lpis[i].prio < best)
			best = lpis[i].prio;
	return best;
}

INL u64 passes(u64 prio)
{
	return prio != NONE && en && prio <= pcr && prio < lowest(apr);
}

INL u64 next_random(u64 n)
{
	random_state = random_state * 6364136223846793005ul + 1442695040888963407ul;
	return (random_state >> 33) % n;
}

/* Bank 1 has no PPI that exists: part signal-table knows these values */
INL void tell(u64 best, u64 running, u64 vi)
{
	write_reg(ICC_CPENDR1, 0x5ul << 60 | count_active() << 16 | vi << 15 |
			       running << 8 | best);
}

static __guest void look(u64 step)
{
	u64 best = best_prio(), vi = passes(best), isr;

	isb();
	isr = !!(read_reg(isr_el1) & BIT(7));
	tell(best, lowest(apr), isr);
	guest_check(isr == vi, isr, step);
}

static __guest void acknowledge(u64 step)
{
	u64 best = best_prio(), ia = gicr(GICR_CDIA), n = CDIA_ID(ia);

	isb();
	if (!passes(best)) {
		guest_check(!ia, ia, step);
		return;
	}
	guest_check(ia >> 29 == (CDIA_VALID | LPI(0)) >> 29 && n < LPIS &&
		    lpis[n].prio == best && lpis[n].enabled &&
		    lpis[n].pending && !lpis[n].active, ia, step);
	lpis[n].pending = 0;
	lpis[n].active = 1;
	apr |= BIT(best);
}

static __guest void act(u64 step)
{
	u64 i = next_random(LPIS), what = next_random(20);

	switch (what) {
	case 0 ... 4:
		gic(GIC_CDPEND, LPI(i) | BIT(32));
		lpis[i].pending = 1;
		break;
	case 5:
		gic(GIC_CDPEND, LPI(i));
		lpis[i].pending = 0;
		break;
	case 6:
		lpis[i].enabled = !lpis[i].enabled;
		if (lpis[i].enabled)
			gic(GIC_CDEN, LPI(i));
		else
			gic(GIC_CDDIS, LPI(i));
		break;
	case 7:
		lpis[i].prio = next_random(4) * 8;
		lpi_priority(LPI(i), lpis[i].prio);
		break;
	case 8:
		pcr = next_random(4) * 8;
		write_reg(ICC_PCR, pcr);
		break;
	case 9:
		pcr = 0x1f & prio_mask();
		write_reg(ICC_PCR, pcr);
		break;
	case 10:
		en = !en;
		write_reg(ICC_CR0, en ? ICC_CR0_EN : 0);
		break;
	case 11:
		irsen = !irsen;
		irs_write32(IRS_CR0, irsen ? IRS_CR0_IRSEN : 0);
		break;
	case 12:
		en = irsen = 1;
		write_reg(ICC_CR0, ICC_CR0_EN);
		irs_write32(IRS_CR0, IRS_CR0_IRSEN);
		break;
	case 13 ... 15:
		acknowledge(step);
		break;
	case 16 ... 17:
		gic_eoi();
		apr &= apr - 1;
		break;
	default:
		/* Whether it is active or not, and all that is: it may be the last */
		for (i = what == 18 ? i : 0; i < LPIS; i++) {
			gic(GIC_CDDI, LPI(i));
			lpis[i].active = 0;
			if (what == 18)
				break;
		}
	}
	gsb_sys();
	isb();
}

static __guest void guest_acts(u64 seed)
{
	u64 i;

	irs_guest_setup(0);
	for (i = 0; i < LPIS; i++) {
		lpis[i].prio = 0x10;
		lpis[i].enabled = 1;
		irq_setup(LPI(i), 0x10, 0);
	}
	random_state = seed;
	pcr = 0x1f & prio_mask();
	write_reg(ICC_PCR, pcr);
	en = irsen = 1;
	look(0);
	for (i = 1; i <= STEPS; i++) {
		act(i);
		look(i);
		guest_check(!read_reg(ICC_HPPIR) == !passes(best_prio()),
			    read_reg(ICC_HPPIR), i);
		if (i % 5 == 0) {
			event(EV_OTHER);
			look(i);
		}
	}
}

/* It has none for itself; and may end those of the first one */
static __guest void guest_looks(u64 arg)
{
	gic_setup(0);
	for (;;) {
		tell(NONE, NONE, !!(read_reg(isr_el1) & BIT(7)));
		event(EV_OTHER);
	}
}

static void each_step(long seed)
{
	struct vm *vm = vm_with_irs(2, 0, NULL);
	struct vcpu *a = vm->vcpu[0], *b = vm->vcpu[1];
	u64 ev;
	int n = 0;

	vcpu_entry(a, guest_acts, seed);
	vcpu_entry(b, guest_looks, 0);
	while ((ev = vcpu_next(a, WAIT_MS)) == EV_OTHER) {
		vcpu_expect(b, EV_OTHER);
		n++;
	}
	check_eq(ev, EV_DONE);
	check_eq(n, STEPS / 5);
}

KTAP_MAIN(need_irs, TA("each_step_1", each_step, 1),
	  TA("each_step_2", each_step, 2), TA("each_step_3", each_step, 3))
