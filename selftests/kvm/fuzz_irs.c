// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests that configure, send and take SPIs and LPIs at random, and user space that
 * drives, saves, restores and resets them at random: all that either of them finds
 * goes to a trace. The same seed gives the same one, to the byte, whether the module
 * or the IRS of the host has the SPIs and LPIs: of two that differ one is wrong.
 *
 * What the architecture leaves open is not asked. No two interrupts that may be
 * candidates have the same priority, each instruction is followed by GSB SYS, and the
 * next one waits until the other vCPUs have taken what they can take. That they do
 * take it, woken from WFI or in the midst of a loop, is looked at here.
 *
 *	FUZZ_STEPS	number of steps of each test (2,000)
 *	FUZZ_SEED	other seeds: their number is added to those of the tests
 *	FUZZ_TRACE	a file to which the trace is appended
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../lib/splitmix.h"
#include "lib/state.h"

#define EV_STEP		EV_USER		/* all of the script is done */
#define EV_HOST		(EV_USER + 1)	/* it is the host's turn */

#define CPUS		3
#define RIVALS		8		/* that may be candidates: a PPI first */
#define SCRIPT		24		/* steps of a script, at most */
#define LOGGED		64

enum role { STANDS, ACTS, WAITS, SPINS };

enum op {
	OP_PRI, OP_EN, OP_DIS, OP_AFF, OP_PEND, OP_HM, OP_DI, OP_RCFG,
	OP_IA, OP_NMIA, OP_EOI, OP_WINDOW, OP_WFI,
	OP_PCR, OP_CR0, OP_APR, OP_ICSR,
	OP_PPI_ENABLE, OP_PPI_PRIORITY, OP_PPI_PEND, OP_PPI_ACTIVE,
	OP_READ32, OP_WRITE32, OP_READ64, OP_WRITE64, OP_HOST, OPS
};

struct step {
	u32 op;
	u64 a, b;
	u64 result, hppir, apr;
};

/* The script of the vCPU that acts, and what the others tell it */
static __guest_var struct step script[SCRIPT];
static __guest_var u64 script_length, roles[CPUS], stop;
static __guest_var u64 rivals[RIVALS], ids[CPUS], bounds[CPUS];
static __guest_var u64 logs[CPUS][LOGGED], logged[CPUS], ppis[CPUS];

static __guest void takes(void)
{
	u64 me = cpu()->index, ia = gic_ack(), n = logged[me];

	if (!(ia & CDIA_VALID)) {
		cpu()->spurious++;
	} else if (CDIA_INTID(ia) >> 29 == 1) {
		ppis[me]++;
		gic_eoi();
		gic_deactivate(ia);
	} else {
		/* It stays active: of a level whose line is high there is no end */
		if (n < LOGGED)
			logs[me][n] = CDIA_INTID(ia);
		gic_eoi();
		logged[me] = n + 1;
	}
}

static __guest u64 bound_of_this(void)
{
	u64 apr = read_reg(ICC_APR), mask = (read_reg(ICC_PCR) & 0x1f) + 1, n;

	if (!(read_reg(ICC_CR0) & ICC_CR0_EN))
		return 0;
	for (n = 0; n < mask && !(apr & BIT(n)); n++)
		;
	return n;
}

static __guest void receive(bool wait)
{
	u64 me = cpu()->index;

	bounds[me] = bound_of_this();
	irq_on();
	isb();
	irq_off();
	cpu()->phase = 1;
	while (!stop) {
		if (wait)
			wfi();
		irq_on();
		isb();
		irq_off();
	}
	cpu()->phase = 0;
}

/* Is this for a vCPU that takes what it can, and has not taken it? */
static __guest bool is_due(u64 icsr)
{
	u64 i;

	if ((icsr & (ICSR_F | ICSR_ENABLED | ICSR_PENDING | ICSR_ACTIVE)) !=
	    (ICSR_ENABLED | ICSR_PENDING))
		return false;
	for (i = 0; i < CPUS; i++)
		if (ids[i] == ICSR_IAFFID(icsr))
			return roles[i] >= WAITS &&
			       ICSR_PRIORITY(icsr) < bounds[i];
	return false;
}

static __guest bool anybody_receives(void)
{
	u64 i;

	for (i = 0; i < CPUS; i++)
		if (roles[i] >= WAITS)
			return true;
	return false;
}

/* Until then it waits, and what is sent meanwhile has no order */
static __guest void settle(void)
{
	u64 i, end;

	if (!anybody_receives() || !(irs_read32(IRS_CR0) & IRS_CR0_IRSEN))
		return;
	for (i = 1; i < RIVALS; i++) {
		for (end = now() + patience(); is_due(config_of(rivals[i])); )
			guest_check(now() < end, rivals[i],
				    config_of(rivals[i]));
	}
}

static __guest u64 do_step(volatile struct step *s)
{
	u64 a = s->a, b = s->b;

	switch (s->op) {
	case OP_EN:
		lpi_priority(a, b);
		gic(GIC_CDEN, a);
		break;
	case OP_PRI:
		lpi_priority(a, b);
		break;
	case OP_DIS:
		gic(GIC_CDDIS, a);
		break;
	case OP_AFF:
		lpi_target(a, b);
		break;
	case OP_PEND:
		gic(GIC_CDPEND, a | b << 32);
		break;
	case OP_HM:
		gic(GIC_CDHM, a | b << 32);
		break;
	case OP_DI:
		gic(GIC_CDDI, a);
		break;
	case OP_IA:
		return gic_ack();
	case OP_NMIA:
		return gicr(GICR_CDNMIA);
	case OP_EOI:
		gic_eoi();
		return 0;
	case OP_WINDOW:
		irq_on();
		for (a = 0; a < 10; a++)
			isb();
		irq_off();
		return logged[cpu()->index] << 32 | ppis[cpu()->index];
	case OP_WFI:
		if (read_reg(isr_el1) & BIT(7))
			wfi();
		return 0;
	case OP_PCR:
		write_reg(ICC_PCR, a);
		isb();
		return read_reg(ICC_PCR);
	case OP_CR0:
		write_reg(ICC_CR0, a);
		isb();
		return read_reg(ICC_CR0);
	case OP_APR:
		write_reg(ICC_APR, a);
		isb();
		return read_reg(ICC_APR);
	case OP_ICSR:
		write_reg(ICC_ICSR, a);
		return read_reg(ICC_ICSR);
	case OP_PPI_ENABLE:
		write_reg(ICC_PRIORITYR0, b << (8 * SW_PPI));
		write_reg(ICC_ENABLER0, a);
		isb();
		return read_reg(ICC_ENABLER0);
	case OP_PPI_PRIORITY:
		write_reg(ICC_PRIORITYR0, b << (8 * SW_PPI));
		return read_reg(ICC_PRIORITYR0);
	case OP_PPI_PEND:
		if (a)
			write_reg(ICC_SPENDR0, BIT(SW_PPI));
		else
			write_reg(ICC_CPENDR0, BIT(SW_PPI));
		isb();
		return read_reg(ICC_SPENDR0);
	case OP_PPI_ACTIVE:
		if (a)
			write_reg(ICC_SACTIVER0, BIT(SW_PPI));
		else
			write_reg(ICC_CACTIVER0, BIT(SW_PPI));
		isb();
		return read_reg(ICC_SACTIVER0);
	case OP_READ32:
		return irs_read32(a);
	case OP_WRITE32:
		irs_write32(a, b);
		return irs_read32(a);
	case OP_READ64:
		return irs_read64(a);
	case OP_WRITE64:
		irs_write64(a, b);
		return irs_read64(a);
	case OP_HOST:
		event1(EV_HOST, (u64)s);
		return s->result;
	}

	gsb_sys();
	isb();
	return 0;
}

static __guest void act(void)
{
	u64 n;

	settle();
	for (n = 0; n < script_length; n++) {
		u64 result = do_step(&script[n]);

		settle();
		if (script[n].op <= OP_RCFG)
			result = config_of(script[n].a);
		script[n].result = result;
		script[n].hppir = read_reg(ICC_HPPIR) |
				  (read_reg(isr_el1) & BIT(7)) << 56;
		script[n].apr = read_reg(ICC_APR);
	}
}

static __guest void guest_fuzz(u64 arg)
{
	u64 me = cpu()->index;

	irq_off();
	cpu()->irq = takes;
	cpu()->phase = 0;
	/* Nothing, but of the IRS */
	gic(GIC_CDDIS, LPI(0xffffff));
	for (;;) {
		if (roles[me] == ACTS)
			act();
		else
			receive(roles[me] == WAITS);
		event(EV_STEP);
	}
}

/* Chance */

static u64 state;

static u64 chance(void)
{
	return splitmix(&state);
}

static u64 below(u64 n)
{
	return chance() % n;
}

static bool one_in(u64 n)
{
	return !below(n);
}

/* The trace */

static FILE *trace;
static u64 digest;

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
	char line[256], *p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (p = line; *p; p++)
		digest = (digest ^ *p) * 0x100000001b3ul;
	if (trace)
		fprintf(trace, "%s\n", line);
}

static const char *const op_names[OPS] = {
	"CDPRI", "CDPRI, CDEN", "CDDIS", "CDAFF", "CDPEND", "CDHM", "CDDI",
	"CDRCFG", "CDIA", "CDNMIA", "CDEOI", "daifclr", "wfi", "PCR", "CR0",
	"APR", "ICSR", "PRIORITYR0, ENABLER0", "PRIORITYR0", "PENDR0",
	"ACTIVER0", "read 32", "write 32", "read 64", "write 64", "host",
};

/* The VM, and what is known of it */

static struct vm *vm;
static int nr;
static u32 nr_spis;
static u64 rival[RIVALS];
static bool off[CPUS], fresh[CPUS];

/* Each rival has two of 16 priorities, and a low bit that not all hosts have */
static u64 prio_for(int i)
{
	return (i | below(2) << 3) << 1 | below(2);
}

static int pick_rival(void)
{
	return 1 + below(RIVALS - 1);
}

/* One that is never enabled, or is not there */
static u64 pick_other(void)
{
	u64 id = below(2) ? below(0x1000) : below(16);
	u64 intid;
	int i;

	switch (below(8)) {
	case 0:
		return SPI(nr_spis + below(100));
	case 1:
		return LPI(0x10000 + below(0x1000));
	case 2:
		return PPI_INTID(below(128));
	case 3:
		return below(8) << 29 | 0x800000;
	case 4 ... 5:
		intid = SPI(id % nr_spis);
		break;
	default:
		intid = LPI(id);
	}
	for (i = 0; i < RIVALS; i++)
		if (rival[i] == intid)
			return SPI(nr_spis);
	return intid;
}

static void set_rivals(void)
{
	static const u64 lpis[] = { 0, 1, 7, 511, 512, 1023, 1024, 4095 };
	const u64 spis[] = { 0, 1, 5, 31, nr_spis - 1, nr_spis - 2 };
	u64 i, k;

	for (i = 0; i < RIVALS; i++) {
again:
		rival[i] = !i ? PPI_INTID(SW_PPI) :
			   i < 5 ? LPI(lpis[below(8)]) : SPI(spis[below(6)]);
		for (k = 0; k < i; k++)
			if (rival[k] == rival[i])
				goto again;
		say("rival %"PRIu64": %"PRIx64, i, rival[i]);
	}
}

static u64 affinity(void)
{
	return one_in(8) ? below(0x10000) : vm->vcpu[below(nr)]->id;
}

static void frame_write(volatile struct step *s)
{
	static const u32 cfgrs[] = { 12, 12, 12, 13, 14, 16, 11, 17, 0x1000c, 0x8c };

	s->op = OP_WRITE32;
	switch (below(10)) {
	case 0:
		s->a = IRS_CR0;
		s->b = below(2) | below(4) << 1;
		break;
	case 1:
		s->a = IRS_CR1;
		s->b = below(0x10000);
		break;
	case 2 ... 3:
		s->a = IRS_SPI_SELR;
		s->b = one_in(6) ? nr_spis + below(9) : rival[5 + below(3)] & 0xffff;
		break;
	case 4 ... 5:
		s->a = IRS_SPI_CFGR;
		s->b = below(2);
		break;
	case 6:
		s->a = IRS_PE_SELR;
		s->b = affinity();
		break;
	case 7:
		s->a = IRS_IST_CFGR;
		s->b = cfgrs[below(10)];
		break;
	case 8:
		s->op = OP_WRITE64;
		s->a = IRS_IST_BASER;
		s->b = below(4) ? 0x40000001 : below(2) ? 0 : 0x123456000;
		break;
	case 9:
		s->a = IRS_IST_BASER + 4 * below(2);
		s->b = below(3) ? 0x40000000 | below(2) : 0;
		break;
	}
}

static void frame_read(volatile struct step *s)
{
	s->op = one_in(8) ? OP_READ64 : OP_READ32;
	s->a = one_in(3) ? below(0x100) * 4 : irs_regs[below(NR_IRS_REGS)];
	if (s->op == OP_READ64)
		s->a &= ~7ul;
}

/* What is on when a vCPU begins: in most scripts all is */
static int begin_script(volatile struct step *s)
{
	int n = 0;

#define ADD(o, x, y)	do {						\
	s[n].op = (o); s[n].a = (x); s[n].b = (y); n++; } while (0)
	if (one_in(4))
		return 0;
	ADD(OP_APR, 0, 0);
	ADD(OP_PCR, 0x1f, 0);
	ADD(OP_CR0, 1, 0);
	ADD(OP_PPI_ENABLE, BIT(SW_PPI), prio_for(0));
	ADD(OP_WRITE32, IRS_CR0, 1);
	ADD(OP_WRITE32, IRS_IST_CFGR, 12 + below(3));
	ADD(OP_WRITE64, IRS_IST_BASER, 0x40000001);
#undef ADD
	return n;
}

static void make_step(volatile struct step *s)
{
	int i = pick_rival();
	u64 intid = rival[i];
	bool other = one_in(8);

	s->a = other ? pick_other() : intid;
	s->b = 0;
	switch (below(32)) {
	case 0 ... 3:
		s->op = other ? OP_PRI : OP_EN;
		s->b = other ? below(32) : prio_for(i);
		break;
	case 4:
		s->op = OP_PRI;
		s->b = other ? below(32) : prio_for(i);
		break;
	case 5:
		s->op = OP_DIS;
		break;
	case 6 ... 8:
		s->op = OP_AFF;
		s->b = affinity();
		break;
	case 9 ... 13:
		s->op = OP_PEND;
		s->b = !one_in(4);
		break;
	case 14:
		s->op = OP_HM;
		s->b = below(2);
		break;
	case 15 ... 17:
		s->op = OP_DI;
		break;
	case 18:
		s->op = one_in(4) ? OP_NMIA : OP_IA;
		break;
	case 19:
		s->op = OP_IA;
		break;
	case 20:
		s->op = OP_EOI;
		break;
	case 21 ... 22:
		s->op = one_in(4) ? OP_WFI : OP_WINDOW;
		break;
	case 23:
		s->op = OP_PCR + below(4);
		s->a = s->op == OP_PCR ? below(32) : s->op == OP_CR0 ? below(2) :
		       s->op == OP_ICSR ? chance() :
		       one_in(2) ? 0 : BIT(2 * below(16));
		break;
	case 24:
		s->op = OP_PPI_ENABLE + below(4);
		s->a = s->op == OP_PPI_ENABLE ? BIT(SW_PPI) * below(2) : below(2);
		s->b = prio_for(0);
		break;
	case 25 ... 26:
		frame_write(s);
		break;
	case 27:
		frame_read(s);
		break;
	case 28:
		s->op = OP_RCFG;
		break;
	default:
		s->op = OP_HOST;
		s->a = below(4);
		s->b = below(2) | (u64)(other ? nr_spis + below(9) :
			rival[5 + below(3)] & 0xffff) << 1;
	}
}

/* While vCPUs run: lines of SPIs, and the PPI of the one that acts */
static void host_step(struct vcpu *v)
{
	volatile struct step *s = &guest_var(vm, script)[0];
	int n;

	/* Its address, as the guest has it */
	n = (v->g->a[0] - (u64)&script[0]) / sizeof(script[0]);
	s += n;
	switch (s->a) {
	case 0:
		s->result = irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, v->id,
						  SW_PPI), s->b & 1);
		break;
	default:
		s->result = spi_line(vm, s->b >> 1, s->b & 1);
	}
}

/* While none does */

static void pulse(u32 spi)
{
	int fd = eventfd(0, 0);
	struct kvm_irqfd irqfd = { .fd = fd, .gsi = spi };
	u64 one = 1;
	int ret;

	ret = ioctl(vm->fd, KVM_IRQFD, &irqfd) ? -errno : 0;
	if (!ret) {
		require_eq(write(fd, &one, sizeof(one)), sizeof(one));
		irqfd.flags = KVM_IRQFD_FLAG_DEASSIGN;
		require_eq(ioctl(vm->fd, KVM_IRQFD, &irqfd), 0);
	}
	close(fd);
	say("irqfd %u = %d", spi, ret);
}

static void say_image(const struct image *image)
{
	u64 i, k;

	for (i = 0; i < (u64)nr; i++)
		for (k = 0; k < NR_SYSREGS; k++)
			if (image->cpu[i][k])
				say("%"PRIu64": %"PRIx64" = %"PRIx64, i,
				    sysregs[k], image->cpu[i][k]);
	for (i = 0; i < NR_IRS_REGS; i++)
		if (image->regs[i])
			say("irs %x = %"PRIx64, irs_regs[i], image->regs[i]);
	for (i = 0; i < image->nr_spis; i++)
		if (image->spis[i])
			say("spi %"PRIu64" = %x", i, image->spis[i]);
	for (i = 0; i < image->nr_lpis; i++)
		if (image->lpis[i])
			say("lpi %"PRIu64" = %x", i, image->lpis[i]);
}

static void save(void)
{
	static struct image image;
	int i;

	for (i = 0; i < nr; i++)
		if (vm->vcpu[i]->run->exit_reason == KVM_EXIT_MMIO)
			vcpu_complete(vm->vcpu[i]);
	gic_save(vm, &image);
	say_image(&image);
}

/* As no guest may have left them, but with priorities that are theirs */
static void change(struct image *image)
{
	int n;

	for (n = below(4) + 1; n; n--) {
		int i = pick_rival();
		u32 *words = i < 5 ? image->lpis : image->spis;
		u32 id = rival[i] & 0xffff;

		if (i < 5 && !image->nr_lpis)
			continue;
		words[id] = (u32)affinity() << 16 | (prio_for(i) & 0x1e) << 11 |
			    below(16);
		say("restored %x = %x", (u32)rival[i], words[id]);
	}
}

static void init_vcpu(int i)
{
	vcpu_complete(vm->vcpu[i]);
	require_eq(vcpu_init(vm->vcpu[i], 0), 0);
	vcpu_entry(vm->vcpu[i], guest_fuzz, 0);
	fresh[i] = true;
	off[i] = false;
}

static void refused(void)
{
	struct kvm_msi msi = { 0 };
	u64 val = 0;

	say("msi = %d", ioctl(vm->fd, KVM_SIGNAL_MSI, &msi) ? -errno : 0);
	say("no such SPI = %d", spi_line(vm, nr_spis, 1));
	say("no such vCPU = %d", irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 77,
						       SW_PPI), 1));
	say("no such PPI = %d", irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI,
						      vm->vcpu[0]->id, CNTV), 1));
	say("no such register = %d", get_irs_reg(vm, 0x184, &val));
}

static void set_power(int i, bool is_off)
{
	struct kvm_mp_state mp = {
		.mp_state = is_off ? KVM_MP_STATE_STOPPED : KVM_MP_STATE_RUNNABLE,
	};

	require_eq(ioctl(vm->vcpu[i]->fd, KVM_SET_MP_STATE, &mp), 0);
	off[i] = is_off;
	say("vCPU %d is %s", i, is_off ? "off" : "on");
}

static void between_scripts(void)
{
	int i = below(nr);

	switch (below(16)) {
	case 0 ... 2:
		pulse(rival[5 + below(3)] & 0xffff);
		break;
	case 3:
		pulse(below(nr_spis + 2));
		break;
	case 4:
		say("saved");
		save();
		break;
	case 5:
		say("moved");
		vm = vm_move(vm);
		save();
		break;
	case 6:
		say("moved and changed");
		vm = vm_move_changed(vm, change);
		save();
		break;
	case 7:
		say("vCPU %d is initialised", i);
		if (!fresh[i])
			init_vcpu(i);
		break;
	case 8:
		say("all are initialised");
		for (i = 0; i < nr; i++)
			if (!fresh[i])
				init_vcpu(i);
		break;
	case 9:
		set_power(i, !off[i]);
		break;
	case 10:
		refused();
		break;
	}
}

static int choose_actor(void)
{
	int i = below(nr);

	if (off[i])
		set_power(i, false);
	return i;
}

/* The others take what comes, if there is a CPU for them, and at most one spins */
static void choose_roles(int actor)
{
	bool spins = false;
	u64 role;
	int i;

	for (i = 0; i < CPUS; i++) {
		role = STANDS;
		if (i == actor)
			role = ACTS;
		else if (i < nr && !off[i] && host_cpus() > 1)
			role = below(2) ? STANDS : below(2) && !spins ? SPINS : WAITS;
		spins |= role == SPINS;
		guest_var(vm, roles)[i] = role;
		guest_var(vm, logged)[i] = 0;
		say("role of %d: %"PRIu64, i, role);
	}
}

static void run_receivers(void)
{
	int i;

	guest_var(vm, stop) = 0;
	for (i = 0; i < nr; i++) {
		if (guest_var(vm, roles)[i] < WAITS)
			continue;
		vcpu_start(vm->vcpu[i], host_cpus() - 1);
		fresh[i] = false;
		require(wait_for(vm->vcpu[i]->g->phase), "vCPU %d does not start",
			i);
	}
}

static void end_receivers(void)
{
	int i;

	guest_var(vm, stop) = 1;
	for (i = 0; i < nr; i++)
		if (guest_var(vm, roles)[i] >= WAITS)
			require_eq(vcpu_end(vm->vcpu[i]), EV_STEP);
}

static void say_what_came(void)
{
	u64 i, k;

	for (i = 0; i < (u64)nr; i++) {
		for (k = 0; k < guest_var(vm, logged)[i] && k < LOGGED; k++)
			say("%"PRIu64" took %"PRIx64, i,
			    guest_var(vm, logs)[i][k]);
		say("%"PRIu64": %"PRIu64" PPIs, %"PRIu64" spurious", i,
		    guest_var(vm, ppis)[i], vm->vcpu[i]->g->spurious);
	}
}

static long run_script(void)
{
	volatile struct step *s = guest_var(vm, script);
	int actor = choose_actor(), length, n;
	u64 ev;

	choose_roles(actor);
	memset((void *)s, 0, SCRIPT * sizeof(*s));
	n = begin_script(s);
	length = n + 1 + below(SCRIPT - n);
	for (; n < length; n++)
		make_step(&s[n]);
	guest_var(vm, script_length) = length;

	run_receivers();
	fresh[actor] = false;
	pin_to(0);
	while ((ev = vcpu_next(vm->vcpu[actor], WAIT_MS)) == EV_HOST)
		host_step(vm->vcpu[actor]);
	require_eq(ev, EV_STEP);
	end_receivers();

	for (n = 0; n < length; n++)
		say("%d: %s %"PRIx64" %"PRIx64" = %"PRIx64", HPPIR %"PRIx64", APR %"PRIx64,
		    actor, op_names[s[n].op], s[n].a, s[n].b, s[n].result,
		    s[n].hppir, s[n].apr);
	say_what_came();
	return length;
}

static long number_of(const char *name, long otherwise)
{
	const char *s = getenv(name);

	return s && *s ? atol(s) : otherwise;
}

static void begin(long seed)
{
	static const int numbers[][CPUS] = {
		{ 0, 1, 2 }, { 5, 2, 9 }, { 17, 3, 40 }, { 1, 0, 255 },
	};
	static const u32 spis[] = { 32, 64, 1024 };
	const int *id = numbers[below(4)];
	int i;

	nr = 1 + below(CPUS);
	nr_spis = spis[below(3)];
	say("seed %ld: %d vCPUs, %u SPIs", seed, nr, nr_spis);
	vm = vm_new();
	for (i = 0; i < CPUS; i++) {
		guest_var(vm, ids)[i] = ~0ul;
		if (i >= nr)
			continue;
		guest_var(vm, ids)[i] = id[i];
		vcpu_new(vm, id[i], 0, guest_fuzz);
		fresh[i] = true;
	}
	gic_create(vm);
	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	require_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, &nr_spis), 0);
	gic_init(vm);
	set_rivals();
	for (i = 0; i < RIVALS; i++)
		guest_var(vm, rivals)[i] = rival[i];
}

static void fuzz(long seed)
{
	long steps = number_of("FUZZ_STEPS", 2000), n = 0;
	const char *name = getenv("FUZZ_TRACE");

	if (name && *name) {
		trace = fopen(name, "a");
		require(trace, "%s: %m", name);
	}
	seed += number_of("FUZZ_SEED", 0);
	state = seed * 0x1234567;
	digest = 0xcbf29ce484222325ul;
	begin(seed);
	while (n < steps) {
		n += run_script();
		while (below(2))
			between_scripts();
	}
	save();
	note("trace of %ld steps, seed %ld: %016"PRIx64, n, seed, digest);
	if (trace)
		require(!fclose(trace), "%s: %m", name);
}

KTAP_MAIN(need_irs,
	  TA("seed_1", fuzz, 1), TA("seed_2", fuzz, 2), TA("seed_3", fuzz, 3),
	  TA("seed_4", fuzz, 4), TA("seed_5", fuzz, 5), TA("seed_6", fuzz, 6),
	  TA("seed_7", fuzz, 7), TA("seed_8", fuzz, 8))
