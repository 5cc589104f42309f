// SPDX-License-Identifier: GPL-2.0-only
/*
 * SPIs: from KVM_IRQ_LINE and irqfd to a guest's handler, edge and level.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/irs.h"

#define EV_STEP		EV_USER
#define SENT		1000

static struct vcpu *one(struct vm *vm)
{
	return vm->vcpu[0];
}

INL void spi_setup(u64 spi, u64 iaffid, bool level)
{
	irs_write32(IRS_SPI_SELR, spi);
	irs_write32(IRS_SPI_CFGR, level);
	irq_setup(SPI(spi), 0x10, iaffid);
}

/* Steps until the host says stop; counts, and what came in order */
static __guest void guest_steps(u64 level)
{
	volatile struct guest_cpu *c = cpu();
	int i;

	irs_guest_setup(0);
	for (i = 0; i < 32; i++)
		spi_setup(i, 0, level);
	irq_on();
	for (;;) {
		event(EV_STEP);
		c->count++;
		for (i = 0; i < 20; i++)
			isb();
	}
}

static u64 step(struct vcpu *v)
{
	vcpu_expect(v, EV_STEP);
	return v->g->reg[IRQ_COUNT];
}

static void edge(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, NULL);
	struct vcpu *v = one(vm);
	int i;

	vcpu_entry(v, guest_steps, 0);
	check_eq(step(v), 0);
	for (i = 0; i < 32; i++) {
		check_eq(spi_line(vm, i, 1), 0);
		check_eq(step(v), i + 1);
		check_eq(v->g->reg[IRQ_LOG + i], SPI(i));
	}
	/* Two before it is taken are one; falling is nothing */
	check_eq(spi_line(vm, 3, 1), 0);
	check_eq(spi_line(vm, 3, 0), 0);
	check_eq(spi_line(vm, 3, 1), 0);
	check_eq(step(v), 33);
	check_eq(spi_line(vm, 3, 0), 0);
	check_eq(step(v), 33);
	check_eq(v->g->spurious, 0);
}

/* The device of a level SPI is served when the handler says so */
static __guest void serve(u64 intid)
{
	volatile struct guest_cpu *c = cpu();

	if (c->reg[5]) {
		c->reg[5]--;
		return;
	}
	guest_event(EV_STEP + 1, intid, 0, 0);
}

static __guest void guest_level(u64 unserved)
{
	volatile struct guest_cpu *c = cpu();

	irs_guest_setup(0);
	c->reg[IRQ_CALL] = (u64)serve;
	c->reg[5] = unserved;
	spi_setup(4, 0, true);
	irq_on();
	event(EV_STEP);
	isb();
	event(EV_STEP);
	isb();
	event(EV_STEP);
}

/* G33: as long as the line is high it comes again after each CDDI */
static void g33_level(long unserved)
{
	struct vm *vm = vm_with_irs(1, 0, NULL);
	struct vcpu *v = one(vm);

	vcpu_entry(v, guest_level, unserved);
	vcpu_expect(v, EV_STEP);
	check_eq(spi_line(vm, 4, 1), 0);
	vcpu_expect(v, EV_STEP + 1);
	check_eq(v->g->a[0], SPI(4));
	check_eq(v->g->reg[IRQ_COUNT], unserved + 1);
	check_eq(spi_line(vm, 4, 0), 0);
	vcpu_expect(v, EV_STEP);
	check_eq(v->g->reg[IRQ_COUNT], unserved + 1);
	/* Up and down before the guest looks: a level leaves nothing */
	check_eq(spi_line(vm, 4, 1), 0);
	check_eq(spi_line(vm, 4, 0), 0);
	vcpu_expect(v, EV_STEP);
	check_eq(v->g->reg[IRQ_COUNT], unserved + 1);
	check_eq(v->g->spurious, 0);
}

/* It is a level because CDHM has said so */
static __guest void guest_cdhm(u64 arg)
{
	volatile struct guest_cpu *c = cpu();

	irs_guest_setup(0);
	irq_setup(SPI(4), 0x10, 0);
	gic(GIC_CDHM, SPI(4) | BIT(32));
	guest_check(config_of(SPI(4)) & ICSR_LEVEL, config_of(SPI(4)), 0);
	irs_write32(IRS_SPI_SELR, 4);
	guest_check(irs_read32(IRS_SPI_CFGR) & 1, irs_read32(IRS_SPI_CFGR), 0);
	irq_on();
	event(EV_STEP);
	isb();
	guest_check(!c->reg[IRQ_COUNT], c->reg[IRQ_COUNT], 0);
	gic(GIC_CDHM, SPI(4));
	guest_check(!(config_of(SPI(4)) & ICSR_LEVEL), config_of(SPI(4)), 0);
	event(EV_STEP);
	isb();
	guest_check(c->reg[IRQ_COUNT] == 1, c->reg[IRQ_COUNT], 0);
}

static void g33_cdhm(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_cdhm);
	struct vcpu *v = one(vm);

	/* Up and down: a level leaves nothing, an edge stays */
	vcpu_expect(v, EV_STEP);
	check_eq(spi_line(vm, 4, 1), 0);
	check_eq(spi_line(vm, 4, 0), 0);
	vcpu_expect(v, EV_STEP);
	check_eq(spi_line(vm, 4, 1), 0);
	check_eq(spi_line(vm, 4, 0), 0);
	vcpu_expect(v, EV_DONE);
}

/* The line was high before the guest said that it is a level */
static __guest void guest_late(u64 arg)
{
	irs_guest_setup(0);
	irq_setup(SPI(4), 0x10, 0);
	event(EV_STEP);
	unpend(SPI(4));
	guest_check(!(config_of(SPI(4)) & ICSR_PENDING), config_of(SPI(4)), 0);
	irs_write32(IRS_SPI_SELR, 4);
	irs_write32(IRS_SPI_CFGR, 1);
	guest_check(config_of(SPI(4)) & ICSR_LEVEL, config_of(SPI(4)), 0);
	guest_check(config_of(SPI(4)) & ICSR_PENDING, config_of(SPI(4)), 0);
	event(EV_STEP);
	guest_check(!(config_of(SPI(4)) & ICSR_PENDING), config_of(SPI(4)), 0);
}

static void level_late(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_late);
	struct vcpu *v = one(vm);

	vcpu_expect(v, EV_STEP);
	check_eq(spi_line(vm, 4, 1), 0);
	vcpu_expect(v, EV_STEP);
	check_eq(spi_line(vm, 4, 0), 0);
	vcpu_expect(v, EV_DONE);
}

/* G35: nothing of an SPI is left when its VM is reset, but for its line */
static __guest void guest_is_reset(u64 arg)
{
	volatile struct guest_cpu *c = cpu();
	u64 i;

	irs_guest_setup(0);
	for (i = 4; i < 7; i++) {
		guest_check(!config_of(SPI(i)), config_of(SPI(i)), i);
		irs_write32(IRS_SPI_SELR, i);
		guest_check(!irs_read32(IRS_SPI_CFGR), 0, i);
	}
	/* An edge, for the one that was a level */
	irq_setup(SPI(6), 0x10, 0);
	irq_on();
	event(EV_STEP);
	isb();
	irq_off();
	guest_check(c->reg[IRQ_COUNT] == 1, c->reg[IRQ_COUNT], 6);

	spi_setup(6, 0, true);
	irq_setup(SPI(5), 0x10, 0);
	pend(SPI(5));
	guest_check(gic_ack() == (CDIA_VALID | SPI(5)), 0, 5);
	spi_setup(4, 1, true);
	lpi_priority(SPI(4), 0x18);
	pend(SPI(4));
	event(EV_STEP);
}

static void g35_reset(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_is_reset);
	struct vcpu *v = one(vm);
	int i;

	for (i = 0; i < 3; i++) {
		v->g->reg[IRQ_COUNT] = 0;
		vcpu_expect(v, EV_STEP);
		check_eq(spi_line(vm, 6, 1), 0);
		check_eq(spi_line(vm, 6, 0), 0);
		vcpu_expect(v, EV_STEP);
		vcpu_complete(v);
		require_eq(vcpu_init(v, 0), 0);
		vcpu_entry(v, guest_is_reset, 0);
	}
}

/*
 * G35: nor of one that does not exist (IRS_IDR5). The host's IRS has as many as its
 * IST has, and the instructions do not trap.
 */
static __guest void guest_beyond(u64 again)
{
	volatile struct guest_cpu *c = cpu();
	int i;

	irs_guest_setup(0);
	guest_check(config_of(SPI(96)) & ICSR_F, config_of(SPI(96)), 96);
	guest_check(config_of(SPI(127)) & ICSR_F, config_of(SPI(127)), 127);
	if (!again) {
		irq_setup(SPI(100), 0x10, 0);
		pend(SPI(100));
		event(EV_STEP);
	}

	irq_on();
	for (i = 0; i < 20; i++)
		isb();
	irq_off();
	guest_check(!c->reg[IRQ_COUNT], c->reg[1], 0);
}

static void g35_beyond(long arg)
{
	struct vm *vm = vm_with_irs(1, 96, guest_beyond);
	struct vcpu *v = one(vm);

	vcpu_expect(v, EV_STEP);
	vcpu_complete(v);
	require_eq(vcpu_init(v, 0), 0);
	vcpu_entry(v, guest_beyond, 1);
	vcpu_expect(v, EV_DONE);
}

/* To a vCPU that runs, or waits, by KVM_IRQ_LINE or an eventfd */
static __guest void guest_waits(u64 wait)
{
	irs_guest_setup(0);
	spi_setup(31, 0, false);
	irs_guest_takes(wait);
}

static int irqfd(struct vm *vm, u32 spi, u32 flags, int resample)
{
	struct kvm_irqfd fd = {
		.gsi = spi, .flags = flags, .resamplefd = resample,
	};
	int event = eventfd(0, EFD_CLOEXEC);

	require(event >= 0, "eventfd");
	fd.fd = event;
	if (ioctl(vm->fd, KVM_IRQFD, &fd) < 0) {
		int ret = -errno;

		close(event);
		return ret;
	}
	return event;
}

enum { BY_LINE, BY_EVENTFD };

static void to_running(long how)
{
	struct vm *vm = vm_with_irs(1, 0, NULL);
	struct vcpu *v = one(vm);
	int fd = how & BY_EVENTFD ? irqfd(vm, 31, 0, 0) : 0;
	u64 e, wait = how >> 1, one_more = 1, i;

	require(fd >= 0, "KVM_IRQFD: %d", fd);
	vcpu_entry(v, guest_waits, !!wait);
	pin_to(0);
	if (wait == 2)
		companion_start(host_cpus() - 1);
	vcpu_start(v, host_cpus() - 1);
	require(wait_for(v->g->phase), "guest does not start");
	e = vcpu_stat(v, "exits");
	for (i = 1; i <= SENT; i++) {
		if (how & BY_EVENTFD)
			require(write(fd, &one_more, 8) == 8, "eventfd");
		else
			require_eq(spi_line(vm, 31, 1), 0);
		require(wait_for(v->g->reg[IRQ_COUNT] == i), "lost: %ld of %ld",
			(long)v->g->reg[IRQ_COUNT], (long)i);
	}
	note("%d SPIs: %ld exits", SENT, (long)(vcpu_stat(v, "exits") - e));
	check_eq(v->g->spurious, 0);
	vcpu_stop(v);
}

/* More routes than there are SPIs, MSIs, and a resampler, are refused */
static void g37_refused(long arg)
{
	struct vm *vm = vm_with_irs(1, 64, guest_waits);
	struct kvm_msi msi = { .address_lo = 0x8080040, .data = 8200 };
	int fd = eventfd(0, EFD_CLOEXEC);

	check(irqfd(vm, 63, 0, 0) >= 0, "the last SPI");
	check_eq(irqfd(vm, 5, KVM_IRQFD_FLAG_RESAMPLE, fd), -EINVAL);
	check_eq(ioctl(vm->fd, KVM_SIGNAL_MSI, &msi) < 0 ? -errno : 0, -ENODEV);
}

/* GSIs of 1024 SPIs: each its own at first, then as userspace says */
#define LAST	1023

static __guest void guest_routed(u64 arg)
{
	irs_guest_setup(0);
	spi_setup(0, 0, false);
	spi_setup(500, 0, false);
	spi_setup(LAST, 0, false);
	irs_guest_takes(0);
}

static int set_routes(struct vm *vm, u32 pin_of_0)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[3];
	} routes = {
		.head.nr = 3,
		.entry = {
			{ .gsi = 0, .type = KVM_IRQ_ROUTING_IRQCHIP,
			  .u.irqchip.pin = pin_of_0 },
			{ .gsi = LAST, .type = KVM_IRQ_ROUTING_IRQCHIP,
			  .u.irqchip.pin = 0 },
			{ .gsi = 500, .type = KVM_IRQ_ROUTING_MSI,
			  .u.msi = { .address_lo = 0x8080040 } },
		},
	};

	return ioctl(vm->fd, KVM_SET_GSI_ROUTING, &routes) < 0 ? -errno : 0;
}

/* This eventfd gives that SPI, and nothing else comes */
static void gives(struct vcpu *v, int fd, u64 want)
{
	u64 one_more = 1, n = v->g->reg[IRQ_COUNT];

	require(write(fd, &one_more, 8) == 8, "eventfd");
	require(wait_for(v->g->reg[IRQ_COUNT] == n + 1), "lost");
	check_eq(v->g->reg[IRQ_LOG + n], SPI(want));
}

static void routing(long arg)
{
	struct vm *vm = vm_with_irs(1, LAST + 1, NULL);
	struct vcpu *v = one(vm);
	u64 one_more = 1;
	int fd[3];

	vcpu_entry(v, guest_routed, 0);
	fd[0] = irqfd(vm, 0, 0, 0);
	fd[1] = irqfd(vm, LAST, 0, 0);
	fd[2] = irqfd(vm, 500, 0, 0);
	require(fd[0] >= 0 && fd[1] >= 0 && fd[2] >= 0, "KVM_IRQFD");
	vcpu_start(v, host_cpus() - 1);
	require(wait_for(v->g->phase), "guest does not start");
	gives(v, fd[0], 0);
	gives(v, fd[1], LAST);
	gives(v, fd[2], 500);
	check_eq(set_routes(vm, LAST + 1), -EINVAL);
	gives(v, fd[0], 0);
	check_eq(set_routes(vm, LAST), 0);
	/* There is nothing that an MSI could be for */
	require(write(fd[2], &one_more, 8) == 8, "eventfd");
	gives(v, fd[0], LAST);
	gives(v, fd[1], 0);
	check_eq(v->g->reg[IRQ_COUNT], 6);
	check_eq(v->g->spurious, 0);
	vcpu_stop(v);
}

/* Two threads drive one line while the guest takes it: the last word counts */
static volatile int drive;

static void *driver(void *arg)
{
	struct vm *vm = arg;

	while (drive) {
		spi_line(vm, 4, 1);
		spi_line(vm, 4, 0);
	}
	return NULL;
}

static __guest void count_fives(u64 intid)
{
	cpu()->reg[6] += intid == SPI(5);
}

static __guest void guest_counts(u64 level)
{
	irs_guest_setup(0);
	cpu()->reg[IRQ_CALL] = (u64)count_fives;
	spi_setup(4, 0, level);
	spi_setup(5, 0, false);
	irq_on();
	cpu()->phase = 1;
	for (;;)
		cpu()->count++;
}

static void drivers(long level)
{
	struct vm *vm = vm_with_irs(1, 0, NULL);
	struct vcpu *v = one(vm);
	pthread_t t[2];
	u64 n;
	int i;

	vcpu_entry(v, guest_counts, level);
	vcpu_start(v, host_cpus() - 1);
	require(wait_for(v->g->phase), "guest does not start");
	drive = 1;
	for (i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, driver, vm);
	require(wait_for(v->g->reg[IRQ_COUNT] > 500), "only %ld taken",
		(long)v->g->reg[IRQ_COUNT]);
	drive = 0;
	for (i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	/* The line is low: an edge may wait, before this one, and none after it */
	spi_line(vm, 5, 1);
	require(wait_for(v->g->reg[6] == 1), "lost");
	n = v->g->reg[IRQ_COUNT];
	spi_line(vm, 5, 1);
	require(wait_for(v->g->reg[6] == 2), "lost");
	check_eq(v->g->reg[IRQ_COUNT], n + 1);
	/* And it still works */
	spi_line(vm, 4, 1);
	require(wait_for(v->g->reg[IRQ_COUNT] > n + 1), "lost");
	spi_line(vm, 4, 0);
	vcpu_stop(v);
}

KTAP_MAIN(need_irs, T(edge), TA("g33_level", g33_level, 0),
	  TA("g33_level_again", g33_level, 3), T(g33_cdhm), T(level_late), T(g35_reset),
	  T(g35_beyond),
	  TA("line_spinning", to_running, BY_LINE),
	  TA("line_waiting", to_running, BY_LINE | 2),
	  TA("line_waiting_trapped", to_running, BY_LINE | 4),
	  TA("irqfd_spinning", to_running, BY_EVENTFD),
	  TA("irqfd_waiting", to_running, BY_EVENTFD | 2),
	  TA("irqfd_waiting_trapped", to_running, BY_EVENTFD | 4),
	  T(g37_refused), T(routing), TA("drivers_edge", drivers, 0),
	  TA("drivers_level", drivers, 1))
