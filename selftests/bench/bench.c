// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the benchmark runs in the host: guests that do one thing many times,
 * and the VMM under them. Nothing here knows which implementation is measured.
 *
 * The machine's counter ticks once an instruction, so guest and VMM time
 * things with it. Where a thing begins is also marked, by a call of a function
 * with nothing in it: QEMU's log of executed instructions shows its address,
 * and the driver cuts the log there.
 *
 * Results are lines "BENCH kind name numbers...".
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/irs.h"

#define NR		40	/* times that each thing is done */
#define TICKS		200
#define SENT		1000
#define ROUNDS		8

#define EV_STEP		EV_USER

static __guest_var u64 samples[NR];
static __guest_var u64 began;

/* "mark_" starts a piece of the log, mark_end ends the last one. */
#define MARK(name)							\
	static __guest void mark_ ## name(void)				\
	{								\
		asm volatile("" : : : "memory");			\
	}

/* A guest that does the statement NR times; i counts. */
#define GUEST(name, setup, stmt)					\
	MARK(name)							\
	static __guest void guest_ ## name(u64 arg)			\
	{								\
		u64 i, t;						\
									\
		setup;							\
		for (i = 0; i < NR; i++) {				\
			mark_ ## name();				\
			t = now();					\
			stmt;						\
			samples[i] = now() - t;				\
		}							\
		mark_end();						\
	}

MARK(end)

/* The overflow line of the PMU goes up in one exit and down in the next. */
static __guest void pmu_line(u64 i)
{
	if (i & 1)
		write_reg(pmovsclr_el0, PMU_CYCLES);
	else
		write_reg(pmovsset_el0, PMU_CYCLES);
}

static __guest void doorbell(void)
{
	u64 ev = EV_STEP;

	asm volatile("str %0, [%1]" : : "r" (ev), "r" (DOORBELL) : "memory");
}

GUEST(nothing, , )
GUEST(hvc, , psci(0x84000000, 0, 0, 0))		/* PSCI_VERSION */
GUEST(idreg, , read_reg(S3_0_C0_C4_0))		/* ID_AA64PFR0_EL1 */
GUEST(iaffidr, gic_setup(BIT(SW_PPI)), read_reg(ICC_IAFFIDR))
GUEST(enabler, gic_setup(BIT(SW_PPI)),
      write_reg(ICC_ENABLER0, BIT(SW_PPI) | (i & 1) << CNTV))
GUEST(pmu_line, gic_setup(BIT(PMUIRQ)); pmu_setup(), pmu_line(i))
GUEST(mmio, gic_setup(BIT(SW_PPI)), doorbell())
GUEST(mmio_plain, , doorbell())

/* From the store that the VMM answers with an interrupt to its handler. */
MARK(deliver)

static __guest void delivered(void)
{
	u64 t = now(), ia = gic_ack();

	guest_check(CDIA_INTID(ia) == PPI_INTID(SW_PPI), ia, 0);
	samples[cpu()->count++] = t - began;
	gic_eoi();
	gic_deactivate(ia);
}

static __guest void guest_deliver(u64 arg)
{
	u64 i;

	gic_setup(BIT(SW_PPI));
	cpu()->irq = delivered;
	irq_on();
	for (i = 0; i < NR; i++) {
		mark_deliver();
		began = now();
		doorbell();
		isb();
		guest_check(cpu()->count == i + 1, cpu()->count, i);
	}
	mark_end();
}

/* The same without the marks and for ever; arg: times. */
static __guest void delivered_fast(void)
{
	u64 ia = gic_ack();

	gic_eoi();
	gic_deactivate(ia);
	cpu()->count++;
}

static __guest void guest_rounds(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	cpu()->irq = delivered_fast;
	irq_on();
	event(EV_STEP);			/* has run once, waits for the start */
	while (arg--) {
		doorbell();
		isb();
	}
}

static __guest void guest_spin(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	cpu()->irq = delivered_fast;
	irq_on();
	cpu()->phase = 1;
	while (cpu()->phase != 2)
		;
}

static __guest void guest_done(u64 arg)
{
}

/*
 * SPIs and LPIs. The first vCPU sets the IRS up, an SPI and an LPI for each vCPU;
 * nothing is pending.
 */
static __guest void irs_setup(u64 ppis)
{
	irs_guest_setup(ppis);
	irq_setup(LPI(0), 0x10, 0);
	irq_setup(SPI(1), 0x10, 0);
}

GUEST(irs_hvc, irs_setup(BIT(SW_PPI)), psci(0x84000000, 0, 0, 0))
GUEST(irs_iaffidr, irs_setup(BIT(SW_PPI)), read_reg(ICC_IAFFIDR))
GUEST(irs_mmio, irs_setup(BIT(SW_PPI)), doorbell())

/*
 * Ticks of the virtual timer; arg: wait in WFI instead of spinning, or have an
 * IRS, with nothing pending.
 */
enum { TICKS_SPIN, TICKS_WFI, TICKS_IRS };

static __guest void guest_ticks(u64 arg)
{
	u64 round;

	if (arg == TICKS_IRS)
		irs_setup(BIT(CNTV));
	else
		gic_setup(BIT(CNTV));
	event(EV_STEP);
	for (round = 1; round <= ROUNDS; round++) {
		timer_ticks(CNTV, TICKS, 3000);
		if (arg == TICKS_WFI)
			wfi_until(CNTV, round * TICKS);
		irq_on();
		while (cpu()->ticks_left)
			;
		event(EV_STEP);
	}
}

/* From CDPEND to the handler, on one CPU: to itself. */
MARK(irs_self)

static __guest void self_taken(void)
{
	u64 ia = gic_ack(), t = now();

	mark_end();
	guest_check(CDIA_INTID(ia) == LPI(0), ia, 0);
	samples[cpu()->count++] = t - began;
	gic_eoi();
	gic_deactivate(ia);
}

static __guest void guest_irs_self(u64 arg)
{
	u64 i;

	irs_setup(BIT(SW_PPI));
	cpu()->irq = self_taken;
	irq_on();
	for (i = 0; i < NR; i++) {
		mark_irs_self();
		began = now();
		gic(GIC_CDPEND, LPI(0) | BIT(32));
		isb();
		guest_check(cpu()->count == i + 1, cpu()->count, i);
	}
}

/* To the next vCPU, which runs: LPI n is sent by vCPU n, to n + 1. */
MARK(ipi)

static __guest void taken(void)
{
	volatile struct guest_cpu *c = cpu();
	u64 ia = gic_ack();

	mark_end();
	c->count++;
	gic_eoi();
	gic_deactivate(ia);
}

static __guest void guest_takes(u64 arg)
{
	volatile struct guest_cpu *c = cpu();

	irs_guest_setup_other(0);
	c->irq = taken;
	irq_on();
	c->phase = 1;
	while (c->phase != 2)
		;
}

static __guest void guest_takes_spi(u64 arg)
{
	irs_guest_setup(0);
	irq_setup(SPI(1), 0x10, 0);
	guest_takes(arg);
}

static __guest void guest_sends(u64 times)
{
	volatile struct guest_cpu *c = cpu(), *other = &guest_cpus[c->index + 1];
	u64 i;

	if (c->index)
		irs_guest_setup_other(0);
	else
		irs_guest_setup(0);
	event(EV_STEP);
	irq_setup(LPI(c->index), 0x10, c->index + 1);
	event(EV_STEP);
	for (i = 1; i <= times; i++) {
		mark_ipi();
		gic(GIC_CDPEND, LPI(c->index) | BIT(32));
		while (other->count != i)
			;
	}
	event(EV_STEP);
}

/* As many LPIs as are asked for, each configured */
static __guest void guest_lpis(u64 nr)
{
	u64 i;

	irs_guest_setup(0);
	for (i = 0; i < nr; i++)
		irq_setup(LPI(i), 0x10, 0);
}

/* The VMM side */

#define VMM_MARK(name)							\
	static void __attribute__((noinline, noclone)) mark_ ## name(void) \
	{								\
		asm volatile("" : : : "memory");			\
	}

VMM_MARK(run)
VMM_MARK(irq_line)
VMM_MARK(irq_line_end)
VMM_MARK(irqfd)
VMM_MARK(irqfd_end)

static inline u64 counter(void)
{
	u64 v;

	asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (v) : : "memory");
	return v;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/*
 * Most pieces are alike; one that an interrupt of the host fell into is not.
 * The first ones fill caches and page tables.
 */
static void print(const char *name, const volatile u64 *values, int nr)
{
	u64 v[NR];
	int i;

	for (i = 0; i < nr; i++)
		v[i] = values[i];
	qsort(v, nr, sizeof(v[0]), compare);
	printf("BENCH median %s %lu\n", name, (unsigned long)v[nr / 2]);
	fflush(stdout);
}

/* Runs on until the guest stores to the doorbell. */
static u64 run(struct vcpu *vcpu)
{
	u64 ev = 0;

	require_eq(try_run(vcpu), 0);
	require(vcpu->run->exit_reason == KVM_EXIT_MMIO &&
		vcpu->run->mmio.phys_addr == DOORBELL,
		"exit reason %u", vcpu->run->exit_reason);
	memcpy(&ev, vcpu->run->mmio.data, sizeof(ev));
	require(ev == EV_DONE || ev == EV_STEP,
		"guest, event %lu: %lx %lx %lx", (long)ev,
		(long)vcpu->g->a[0], (long)vcpu->g->a[1], (long)vcpu->g->a[2]);
	return ev;
}

enum { GIC = 1, WITH_PMU = 2, V3 = 4, IRS = 8 };

static void gicv3(struct vm *vm)
{
	u64 dist = 0x10000000, redist = 0x10100000;
	struct kvm_create_device dev = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };

	require_eq(ioctl(vm->fd, KVM_CREATE_DEVICE, &dev), 0);
	require_eq(attr_set(dev.fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
			    KVM_VGIC_V3_ADDR_TYPE_DIST, &dist), 0);
	require_eq(attr_set(dev.fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
			    KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist), 0);
	require_eq(attr_set(dev.fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
			    KVM_DEV_ARM_VGIC_CTRL_INIT, NULL), 0);
}

static struct vcpu *make(guest_fn fn, int what, u64 arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, what & WITH_PMU ? PMU : 0, NULL);

	if (what & GIC) {
		gic_create(vm);
		if (what & IRS)
			require_eq(try_irs_addr(vm, IRS_ADDR), 0);
		gic_init(vm);
	}
	if (what & V3)
		gicv3(vm);
	if (what & WITH_PMU)
		require_eq(attr_set(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL,
				    KVM_ARM_VCPU_PMU_V3_INIT, NULL), 0);
	vcpu_entry(vcpu, fn, arg);
	return vcpu;
}

static void guest(const char *name, guest_fn fn, int what)
{
	struct vcpu *vcpu = make(fn, what, 0);

	while (run(vcpu) != EV_DONE)
		;
	print(name, guest_var(vcpu->vm, samples), NR);
	vm_free(vcpu->vm);
}

#define RUN(name, what)	guest(#name, guest_ ## name, what)

static void deliver(void)
{
	struct vcpu *vcpu = make(guest_deliver, GIC, 0);
	u32 irq = IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0, SW_PPI);
	u64 inject[NR], t;
	int i = 0;

	while (run(vcpu) != EV_DONE) {
		mark_irq_line();
		t = counter();
		require_eq(irq_line(vcpu->vm, irq, 1), 0);
		inject[i++] = counter() - t;
		mark_irq_line_end();
	}
	print("deliver", guest_var(vcpu->vm, samples), NR);
	print("irq_line", inject, NR);
	vm_free(vcpu->vm);
}

/* Everything that is looked at instruction by instruction */
static void cmd_exits(void)
{
	RUN(nothing, GIC);
	RUN(hvc, GIC);
	RUN(iaffidr, GIC);
	RUN(enabler, GIC);
	RUN(mmio, GIC);
	RUN(pmu_line, GIC | WITH_PMU);
	deliver();
}

static void cmd_steady(void)
{
	RUN(hvc, GIC);
	RUN(iaffidr, GIC);
	RUN(mmio, GIC);
}

/* A guest with an IRS, and the same exits of one with PPIs alone */
static void cmd_irs(void)
{
	RUN(hvc, GIC);
	RUN(iaffidr, GIC);
	RUN(irs_hvc, GIC | IRS);
	RUN(irs_iaffidr, GIC | IRS);
	RUN(mmio, GIC);
	RUN(irs_mmio, GIC | IRS);
	RUN(irs_self, GIC | IRS);
}

static void cmd_plain(void)
{
	RUN(nothing, 0);
	RUN(hvc, 0);
	RUN(idreg, 0);
	RUN(mmio_plain, 0);
}

static void cmd_v3(void)
{
	RUN(nothing, V3);
	RUN(hvc, V3);
	RUN(idreg, V3);
	RUN(mmio_plain, V3);
}

/* Fewest exits in a round: the host's own timer interrupts some. */
static void ticks(const char *name, u64 wait, int what)
{
	struct vcpu *vcpu = make(guest_ticks, what, wait);
	u64 before, exits, best = ~0ul;

	run(vcpu);
	before = vcpu_stat(vcpu, "exits");
	while (run(vcpu) != EV_DONE) {
		exits = vcpu_stat(vcpu, "exits");
		/* One exit told us that the round is over. */
		if (exits - before - 1 < best)
			best = exits - before - 1;
		before = exits;
	}
	printf("BENCH exits %s %lu %d\n", name, (unsigned long)best, TICKS);
	fflush(stdout);
	vm_free(vcpu->vm);
}

static void cmd_ticks(void)
{
	ticks("spin", TICKS_SPIN, GIC);
	ticks("wfi", TICKS_WFI, GIC);
}

/*
 * For the allocations that it causes; each vCPU has run in the end. With an IRS
 * if @spis is not 0.
 */
static void cmd_memory(int nr, int spis, int lpis)
{
	struct vm *vm = vm_new();
	int i;

	for (i = 0; i < nr; i++)
		vcpu_new(vm, i, 0, guest_done);
	gic_create(vm);
	if (spis) {
		u32 n = spis;

		require_eq(try_irs_addr(vm, IRS_ADDR), 0);
		require_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, &n), 0);
		vcpu_entry(vm->vcpu[0], guest_lpis, lpis);
	}
	gic_init(vm);
	for (i = 0; i < nr; i++)
		require_eq(run(vm->vcpu[i]), EV_DONE);
	/* The driver ends the trace before the VM is freed. */
	printf("BENCH memory vcpus %d %d %d\n", nr, spis, lpis);
	fflush(stdout);
	require_eq(system("echo 0 > /sys/kernel/tracing/tracing_on"), 0);
}

/* For who looks at the exits, or at the locks: exits.sh, locks.sh */
static void tell(const char *what)
{
	const char *file = getenv("MARKS");
	int fd = file ? open(file, O_WRONLY) : -1;

	require(fd >= 0 && write(fd, what, strlen(what)) == strlen(what),
		"no file $MARKS");
	close(fd);
}

static void was(u64 count, const char *what)
{
	char line[64];

	snprintf(line, sizeof(line), "was %lu %s", (unsigned long)count, what);
	tell(line);
}

/* IPIs between two vCPUs, each of which has a CPU for itself */
static void cmd_ipi(int times)
{
	struct vm *vm = vm_with_irs(2, 0, guest_takes);
	struct vcpu *from = vm->vcpu[0], *to = vm->vcpu[1];

	vcpu_entry(from, guest_sends, times);
	pin_to(0);
	require_eq(run(from), EV_STEP);
	vcpu_start(to, 1);
	require(wait_for(to->g->phase), "no start");
	require_eq(run(from), EV_STEP);
	tell("begin");
	require_eq(run(from), EV_STEP);
	tell("end");
	to->g->phase = 2;
	require_eq(vcpu_join(to), EV_DONE);
	was(to->g->count, "ipi");
}

/* SPIs to a vCPU that runs on another CPU */
static void cmd_spi(int times)
{
	struct vm *vm = vm_with_irs(1, 0, guest_takes_spi);
	struct vcpu *to = vm->vcpu[0];
	struct kvm_irqfd irqfd = {
		.fd = eventfd(0, EFD_CLOEXEC), .gsi = 1,
	};
	u64 i, add = 1;
	ssize_t n;

	require(ioctl(vm->fd, KVM_IRQFD, &irqfd) >= 0, "KVM_IRQFD");
	pin_to(0);
	vcpu_start(to, 1);
	require(wait_for(to->g->phase), "no start");
	tell("begin");
	for (i = 1; i <= times; i++) {
		mark_irqfd();
		n = write(irqfd.fd, &add, 8);
		mark_irqfd_end();
		require_eq(n, 8);
		require(wait_for(to->g->count == i), "lost");
	}
	tell("end");
	to->g->phase = 2;
	require_eq(vcpu_join(to), EV_DONE);
	was(to->g->count, "spi");
}

/* vCPUs in pairs, one of which sends to the other; each has a CPU */
static void cmd_pairs(int times)
{
	struct vm *vm = vm_with_irs(MAX_CPUS / 2, 0, guest_takes);
	int nr = vm->nr_vcpus, i;

	for (i = 0; i < nr; i += 2) {
		vcpu_entry(vm->vcpu[i], guest_sends, times);
		require_eq(run(vm->vcpu[i]), EV_STEP);
		vcpu_start(vm->vcpu[i + 1], (i + 1) % host_cpus());
		require(wait_for(vm->vcpu[i + 1]->g->phase), "no start");
		require_eq(run(vm->vcpu[i]), EV_STEP);
	}
	tell("begin");
	for (i = 0; i < nr; i += 2)
		vcpu_start(vm->vcpu[i], i % host_cpus());
	for (i = 0; i < nr; i += 2) {
		require_eq(vcpu_join(vm->vcpu[i]), EV_STEP);
		printf("BENCH pair %d %d %d %lu\n", i, vm->vcpu[i]->tid,
		       vm->vcpu[i + 1]->tid,
		       (unsigned long)vm->vcpu[i + 1]->g->count);
	}
	tell("end");
	fflush(stdout);
	for (i = 0; i < nr; i += 2) {
		vm->vcpu[i + 1]->g->phase = 2;
		require_eq(vcpu_join(vm->vcpu[i + 1]), EV_DONE);
	}
}

/*
 * Threads, each of which injects into a vCPU of its own and runs it. On a host
 * of one CPU, none of whose instructions can be missed.
 */
static pthread_barrier_t barrier;

static void *rounds_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	u32 irq = IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, vcpu->id, SW_PPI);

	run(vcpu);
	pthread_barrier_wait(&barrier);
	vcpu->g->reg[0] = counter();
	while (run(vcpu) != EV_DONE)
		require_eq(irq_line(vcpu->vm, irq, 1), 0);
	vcpu->g->reg[1] = counter();
	return NULL;
}

static void cmd_threads(int nr, int times)
{
	struct vm *vm = vm_ready(MAX_CPUS / 2, guest_rounds);
	u64 first = ~0ul, last = 0, count = 0;
	int i;

	require(nr <= vm->nr_vcpus, "%d threads", nr);
	pthread_barrier_init(&barrier, NULL, nr);
	for (i = 0; i < nr; i++) {
		vcpu_entry(vm->vcpu[i], guest_rounds, times);
		require_eq(pthread_create(&vm->vcpu[i]->thread, NULL,
					  rounds_thread, vm->vcpu[i]), 0);
	}
	for (i = 0; i < nr; i++) {
		volatile struct guest_cpu *g = vm->vcpu[i]->g;

		pthread_join(vm->vcpu[i]->thread, NULL);
		count += g->count;
		first = g->reg[0] < first ? g->reg[0] : first;
		last = g->reg[1] > last ? g->reg[1] : last;
	}
	require_eq(count, nr * times);
	printf("BENCH threads %d %lu %lu\n", nr,
	       (unsigned long)(last - first), (unsigned long)count);
	fflush(stdout);
}

/* Injectors beside running vCPUs, as fast as they can, for lock statistics. */
static void *injector(void *arg)
{
	struct vcpu *vcpu = arg;
	u32 irq = IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, vcpu->id, SW_PPI);
	long i;

	pin_to((vcpu->index + 1) % host_cpus());
	for (i = 0; i < 1000; i++)
		require_eq(irq_line(vcpu->vm, irq, 1), 0);
	return NULL;
}

static void cmd_contend(void)
{
	struct vm *vm = vm_ready(MAX_CPUS / 2, guest_spin);
	pthread_t thread[MAX_CPUS];
	u64 count = 0;
	int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		vcpu_start(vm->vcpu[i], i % host_cpus());
		require(wait_for(vm->vcpu[i]->g->phase == 1), "no start");
	}
	require_eq(system("echo 0 > /proc/lock_stat;"
			  "echo 1 > /proc/sys/kernel/lock_stat"), 0);
	for (i = 0; i < vm->nr_vcpus; i++)
		require_eq(pthread_create(&thread[i], NULL, injector,
					  vm->vcpu[i]), 0);
	for (i = 0; i < vm->nr_vcpus; i++)
		pthread_join(thread[i], NULL);
	require_eq(system("echo 0 > /proc/sys/kernel/lock_stat"), 0);
	for (i = 0; i < vm->nr_vcpus; i++) {
		vm->vcpu[i]->g->phase = 2;
		require_eq(vcpu_end(vm->vcpu[i]), EV_DONE);
		count += vm->vcpu[i]->g->count;
	}
	printf("BENCH contend taken %lu of %d\n", (unsigned long)count,
	       vm->nr_vcpus * 1000);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const char *cmd = argc > 1 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 1;

	printf("BENCH counter hz %lu\n", (unsigned long)
	       ({ u64 v; asm("mrs %0, cntfrq_el0" : "=r" (v)); v; }));
	printf("BENCH run %s\n", argc > 2 ? argv[2] : "-");
	fflush(stdout);
	mark_run();
	if (!strcmp(cmd, "exits"))
		cmd_exits();
	else if (!strcmp(cmd, "steady"))
		cmd_steady();
	else if (!strcmp(cmd, "plain"))
		cmd_plain();
	else if (!strcmp(cmd, "v3"))
		cmd_v3();
	else if (!strcmp(cmd, "ticks"))
		cmd_ticks();
	else if (!strcmp(cmd, "ticks-irs"))
		ticks("irs", TICKS_IRS, GIC | IRS);
	else if (!strcmp(cmd, "memory"))
		cmd_memory(n, argc > 3 ? atoi(argv[3]) : 0,
			   argc > 4 ? atoi(argv[4]) : 0);
	else if (!strcmp(cmd, "threads"))
		cmd_threads(n, argc > 3 ? atoi(argv[3]) : 100);
	else if (!strcmp(cmd, "irs"))
		cmd_irs();
	else if (!strcmp(cmd, "ipi"))
		cmd_ipi(argc > 2 ? n : SENT);
	else if (!strcmp(cmd, "spi"))
		cmd_spi(argc > 2 ? n : SENT);
	else if (!strcmp(cmd, "pairs"))
		cmd_pairs(n);
	else if (!strcmp(cmd, "contend"))
		cmd_contend();
	else
		return 2;
	return 0;
}
