// SPDX-License-Identifier: GPL-2.0-only
/*
 * O8: a guest sees the PPIs that it was given, and nothing else of its host.
 * It writes ones everywhere in both banks; what is not exposed must read 0,
 * and must not be changed by the write.
 */
#include <unistd.h>

#include "lib/vmm.h"

/* A VM without PMU has these, and no other. */
#define EXPOSED		(BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP))
#define EXPOSED_LEVEL	(BIT(CNTV) | BIT(CNTP))

#define EV_STEP		EV_USER

/* Every register of the guest, after it has written ones to one kind. */
static const volatile u64 *after(guest_fn fn)
{
	struct vm *vm = vm_ready(1, fn);

	vcpu_expect(vm->vcpu[0], EV_DONE);
	return vm->vcpu[0]->g->reg;
}

/* Fields of PRIORITYR<n> (of 8 PPIs) that belong to exposed PPIs. */
static u64 exposed_fields(int n)
{
	u64 fields = 0;
	int i;

	for (i = 0; i < 8; i++)
		if (n < 8 && EXPOSED >> (8 * n + i) & 1)
			fields |= 0x1ful << (8 * i);
	return fields;
}

/* What a guest that has not touched anything reads. */
static void untouched(const volatile u64 *reg, int r)
{
	u64 v = reg[r];

	if (r == R_CR0)
		v &= ~6ul;		/* LINK, LINK_IDLE: as it likes */
	if (r != R_HMR0 && r != R_HMR1)
		check(v == 0, "register %d: 0x%lx", r, v);
}

static __guest void guest_reads(u64 arg)
{
	gic_snapshot();
}

static void o8_nothing_written(long arg)
{
	const volatile u64 *reg = after(guest_reads);
	int r;

	for (r = 0; r < R_NR; r++)
		untouched(reg, r);
}

static void o8_hmr(long arg)
{
	const volatile u64 *reg = after(guest_reads);

	check(reg[R_HMR0] == EXPOSED_LEVEL, "HMR0 0x%lx", reg[R_HMR0]);
	check(reg[R_HMR1] == 0, "HMR1 0x%lx", reg[R_HMR1]);
}

static __guest void guest_enabler(u64 arg)
{
	write_reg(ICC_ENABLER0, ~0ul);
	write_reg(ICC_ENABLER1, ~0ul);
	isb();
	gic_snapshot();
	write_reg(ICC_ENABLER0, 0);
	isb();
	guest_check(read_reg(ICC_ENABLER0) == 0, read_reg(ICC_ENABLER0), 0);
}

static void o8_enabler(long arg)
{
	const volatile u64 *reg = after(guest_enabler);

	check(reg[R_ENABLER0] == EXPOSED, "ENABLER0 0x%lx", reg[R_ENABLER0]);
	check(reg[R_ENABLER1] == 0, "ENABLER1 0x%lx", reg[R_ENABLER1]);
}

/* Of the exposed ones, SW_PPI alone is an edge that a write can set. */
static __guest void guest_pending(u64 arg)
{
	write_reg(ICC_SPENDR0, ~0ul);
	write_reg(ICC_SPENDR1, ~0ul);
	isb();
	gic_snapshot();
	guest_check(read_reg(ICC_CPENDR0) == read_reg(ICC_SPENDR0), 0, 0);
	guest_check(read_reg(ICC_CPENDR1) == read_reg(ICC_SPENDR1), 0, 0);
	write_reg(ICC_CPENDR0, ~0ul);
	write_reg(ICC_CPENDR1, ~0ul);
	isb();
	guest_check(read_reg(ICC_SPENDR0) == 0, read_reg(ICC_SPENDR0), 0);
}

static void o8_pending(long arg)
{
	const volatile u64 *reg = after(guest_pending);

	check(reg[R_SPENDR0] == BIT(SW_PPI), "SPENDR0 0x%lx", reg[R_SPENDR0]);
	check(reg[R_SPENDR1] == 0, "SPENDR1 0x%lx", reg[R_SPENDR1]);
}

static __guest void guest_active(u64 arg)
{
	write_reg(ICC_SACTIVER0, ~0ul);
	write_reg(ICC_SACTIVER1, ~0ul);
	isb();
	gic_snapshot();
	guest_check(read_reg(ICC_CACTIVER0) == read_reg(ICC_SACTIVER0), 0, 0);
	guest_check(read_reg(ICC_CACTIVER1) == read_reg(ICC_SACTIVER1), 0, 0);
	write_reg(ICC_CACTIVER0, ~0ul);
	write_reg(ICC_CACTIVER1, ~0ul);
	isb();
	guest_check(read_reg(ICC_SACTIVER0) == 0, read_reg(ICC_SACTIVER0), 0);
	guest_check(read_reg(ICC_SACTIVER1) == 0, read_reg(ICC_SACTIVER1), 0);
}

static void o8_active(long arg)
{
	const volatile u64 *reg = after(guest_active);

	check(reg[R_SACTIVER0] == EXPOSED, "SACTIVER0 0x%lx",
	      reg[R_SACTIVER0]);
	check(reg[R_SACTIVER1] == 0, "SACTIVER1 0x%lx", reg[R_SACTIVER1]);
}

#define all_ones(r)	write_reg(r, ~0ul);

static __guest void guest_priority(u64 arg)
{
	cpu()->reg[R_NR] = read_reg(ICC_IDR0);
	GICV5_PRIORITY_REGS(all_ones)
	isb();
	gic_snapshot();
}

/* With four priority bits, the lowest bit of each field is RES0. */
static void o7_o8_priority(long arg)
{
	const volatile u64 *reg = after(guest_priority);
	bool four = IDR0_PRI_BITS(reg[R_NR]) == 3;
	int n;

	for (n = 0; n < 16; n++) {
		u64 want = exposed_fields(n);

		if (four)
			want &= 0x1e1e1e1e1e1e1e1eul;
		check(reg[R_PRIORITYR0 + n] == want,
		      "PRIORITYR%d 0x%lx, not 0x%lx", n,
		      reg[R_PRIORITYR0 + n], want);
	}
}

/* The other registers keep their width, and unknown bits read 0. */
static __guest void guest_others(u64 arg)
{
	cpu()->reg[R_NR] = read_reg(ICC_IDR0);
	write_reg(ICC_PCR, ~0ul);
	write_reg(ICC_APR, ~0ul);
	write_reg(ICC_CR0, ~0ul);
	isb();
	gic_snapshot();
}

static void o7_pcr_apr_cr0(long arg)
{
	const volatile u64 *reg = after(guest_others);
	bool four = IDR0_PRI_BITS(reg[R_NR]) == 3;

	check(reg[R_PCR] == (four ? 0x1e : 0x1f), "PCR 0x%lx", reg[R_PCR]);
	check(reg[R_APR] == (four ? 0x55555555 : 0xffffffff), "APR 0x%lx",
	      reg[R_APR]);
	/* EN, and LINK and LINK_IDLE as the interface likes. */
	check((reg[R_CR0] & ~6ul) == ICC_CR0_EN, "CR0 0x%lx", reg[R_CR0]);
}

/*
 * The running priority and the mask have as many bits as IDR0 says, for every
 * priority there is: what is acknowledged at p runs at p, and the mask lets an
 * equal priority through and no lower one.
 */
static __guest void guest_running(u64 arg)
{
	u64 p, bits = prio_mask(), step = bits & -bits;

	cpu()->reg[0] = bits;
	for (p = 0; p < 0x20; p++) {
		u64 there = p & bits;

		gic_setup(BIT(SW_PPI));
		write_reg(ICC_PRIORITYR0, p << (8 * SW_PPI));
		guest_check(read_reg(ICC_PRIORITYR0) == there << (8 * SW_PPI),
			    read_reg(ICC_PRIORITYR0), p);
		write_reg(ICC_SPENDR0, BIT(SW_PPI));
		if (there) {
			write_reg(ICC_PCR, there - step);
			isb();
			guest_check(!(gic_ack() & CDIA_VALID), p, there);
		}
		write_reg(ICC_PCR, p);
		isb();
		guest_check(read_reg(ICC_PCR) == there, read_reg(ICC_PCR), p);
		guest_check(CDIA_INTID(gic_ack()) == PPI_INTID(SW_PPI), p, 0);
		guest_check(read_reg(ICC_APR) == BIT(there), read_reg(ICC_APR),
			    p);
		gic_eoi();
		gic_deactivate(PPI_INTID(SW_PPI));
		guest_check(read_reg(ICC_APR) == 0, read_reg(ICC_APR), p);
	}
}

static void o7_running_priority(long arg)
{
	struct vm *vm = vm_ready(1, guest_running);
	const char *bits = debugfs_host("priority bits");

	vcpu_expect(vm->vcpu[0], EV_DONE);
	if (bits)
		check_eq(vm->vcpu[0]->g->reg[0],
			 bits[0] == '4' ? 0x1e : 0x1f);
}

/*
 * However hard it tries, a guest gets no interrupt that is not exposed: all of
 * them enabled, pending, and of the highest priority but one.
 */
#define highest_but_one(r)	write_reg(r, PRIO_TWO);
#define PRIO_TWO		0x0202020202020202ul

static __guest void guest_wants_all(u64 arg)
{
	u64 ia;
	int i;

	gic_setup(~0ul);
	write_reg(ICC_ENABLER1, ~0ul);
	GICV5_PRIORITY_REGS(highest_but_one)
	write_reg(ICC_SPENDR0, ~0ul);
	write_reg(ICC_SPENDR1, ~0ul);
	isb();
	for (i = 0; i < NR_PPIS; i++) {
		ia = gic_ack();
		if (!(ia & CDIA_VALID))
			break;
		cpu()->taken[CDIA_ID(ia)]++;
		gic_eoi();
		gic_deactivate(ia);
	}
	guest_check(!(read_reg(ICC_HPPIR) & BIT(32)), read_reg(ICC_HPPIR), 0);
}

static void o8_nothing_delivered(long arg)
{
	struct vm *vm = vm_ready(1, guest_wants_all);
	int i;

	vcpu_expect(vm->vcpu[0], EV_DONE);
	for (i = 0; i < NR_PPIS; i++)
		check(vm->vcpu[0]->g->taken[i] == (i == SW_PPI),
		      "PPI %d taken %lu times", i, vm->vcpu[0]->g->taken[i]);
}

/* What was written is still so after exits, on another CPU, after a put. */
static __guest void guest_survives(u64 arg)
{
	int i;

	write_reg(ICC_ENABLER0, ~0ul);
	write_reg(ICC_ENABLER1, ~0ul);
	write_reg(ICC_SPENDR0, ~0ul);
	write_reg(ICC_SPENDR1, ~0ul);
	write_reg(ICC_SACTIVER0, ~0ul);
	write_reg(ICC_SACTIVER1, ~0ul);
	GICV5_PRIORITY_REGS(all_ones)
	isb();
	for (i = 0; i < 20; i++) {
		gic_snapshot();
		event(EV_STEP);
	}
}

/* The part of register @r that belongs to exposed PPIs. */
static u64 exposed_part(int r, u64 v)
{
	if (r >= R_PRIORITYR0)
		return v & exposed_fields(r - R_PRIORITYR0);
	if (r == R_ENABLER1 || r == R_SPENDR1 || r == R_SACTIVER1 ||
	    r == R_HMR1)
		return 0;
	return v & EXPOSED;
}

static void o8_over_exits_and_migration(long arg)
{
	struct vm *vm = vm_ready(1, guest_survives);
	struct vcpu *vcpu = vm->vcpu[0];
	const volatile u64 *reg = vcpu->g->reg;
	u64 first[R_NR] = { 0 };
	int i, r, cpus = host_cpus();

	for (i = 0; i < 20; i++) {
		pin_to(i / 2 % cpus);
		vcpu_expect(vcpu, EV_STEP);
		for (r = R_ENABLER0; r < R_NR; r++) {
			u64 v = exposed_part(r, reg[r]);

			if (!i)
				first[r] = v;
			check(v == first[r],
			      "after %d exits register %d is 0x%lx, was 0x%lx",
			      i, r, v, first[r]);
		}
		/* Sleep, so that the thread is put and loaded again. */
		sleep_us(1000);
	}
	check_eq(first[R_ENABLER0], EXPOSED);
	check_eq(first[R_SACTIVER0], EXPOSED);
	check_eq(first[R_SPENDR0], BIT(SW_PPI));
	check(first[R_PRIORITYR0], "PRIORITYR0 is 0");
}

/* ICSR is shared with the host: a guest neither reads nor changes it there. */
static __guest void guest_icsr(u64 arg)
{
	cpu()->reg[0] = read_reg(ICC_ICSR);
	gic(GIC_CDRCFG, PPI_INTID(SW_PPI));
	isb();
	cpu()->reg[1] = read_reg(ICC_ICSR);
	write_reg(ICC_ICSR, arg);
	isb();
	cpu()->reg[2] = read_reg(ICC_ICSR);
	event(EV_STEP);
	cpu()->reg[3] = read_reg(ICC_ICSR);
}

static void icsr_is_private(long arg)
{
	struct vm *vm = vm_ready(2, NULL);
	int i, n;

	pin_to(0);
	for (i = 0; i < 2; i++)
		vcpu_entry(vm->vcpu[i], guest_icsr, i ? 0x3e : 0x13c);
	for (n = 0; n < 2; n++)
		for (i = 0; i < 2; i++)
			vcpu_next(vm->vcpu[i], WAIT_MS);
	for (i = 0; i < 2; i++) {
		const volatile u64 *reg = vm->vcpu[i]->g->reg;

		check_eq(reg[0], 0);
		/* Nothing in it but F: there is no such interrupt */
		check_eq(reg[1], 1);
		check_eq(reg[3], reg[2]);
	}
}

KTAP_MAIN(need_vgic,
	  T(o8_nothing_written), T(o8_hmr), T(o8_enabler), T(o8_pending),
	  T(o8_active), T(o7_o8_priority), T(o7_pcr_apr_cr0),
	  T(o7_running_priority), T(o8_over_exits_and_migration),
	  T(o8_nothing_delivered), T(icsr_is_private))
