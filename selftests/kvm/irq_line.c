// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_IRQ_LINE: what user space may drive (SW_PPI alone), the errors for all
 * else, and that SW_PPI is an edge.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/vmm.h"

#define PPI		KVM_ARM_IRQ_TYPE_PPI
#define SPI		KVM_ARM_IRQ_TYPE_SPI
#define TYPE_CPU	KVM_ARM_IRQ_TYPE_CPU

#define EV_STEP		EV_USER

static void no_irqchip(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, NULL);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 1), -ENXIO);
	check_eq(irq_line(vm, IRQ_LINE(SPI, 0, 40), 1), -ENXIO);
}

static void not_initialised(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, NULL);
	gic_create(vm);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 1), -EBUSY);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 0), -EBUSY);
	gic_init(vm);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 1), 0);
}

static void bad_vcpu(long arg)
{
	struct vm *vm = vm_ready(2, NULL);

	check_eq(irq_line(vm, IRQ_LINE(PPI, 1, SW_PPI), 1), 0);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 2, SW_PPI), 1), -EINVAL);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 255, SW_PPI), 1), -EINVAL);
	/* The high part of the vCPU id counts, too. */
	check_eq(irq_line(vm, IRQ_LINE(PPI, 256, SW_PPI), 1), -EINVAL);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0xfff, SW_PPI), 1), -EINVAL);
}

static void bad_type(long arg)
{
	struct vm *vm = vm_ready(1, NULL);
	int type, num;

	for (num = 0; num < 2048; num++) {
		if (!check_eq(irq_line(vm, IRQ_LINE(SPI, 0, num), 1), -EINVAL))
			break;
	}
	check_eq(irq_line(vm, IRQ_LINE(TYPE_CPU, 0, 0), 1), -ENXIO);
	check_eq(irq_line(vm, IRQ_LINE(TYPE_CPU, 0, 1), 1), -ENXIO);
	for (type = 3; type < 16; type++)
		check_eq(irq_line(vm, IRQ_LINE(type, 0, SW_PPI), 1), -EINVAL);
}

/* O10: of all numbers that fit, 3 alone is accepted. */
static void o10_bad_number(long arg)
{
	struct vm *vm = vm_ready(1, NULL);
	int num, level, bad = 0;

	for (num = 0; num < 0x10000 && bad < 5; num++) {
		for (level = 0; level < 2; level++) {
			int want = num == SW_PPI ? 0 : -EINVAL;
			int got = irq_line(vm, IRQ_LINE(PPI, 0, num), level);

			if (!check(got == want, "PPI %d level %d: %d, not %d",
				   num, level, got, want))
				bad++;
		}
	}
}

/* Interrupts on all the time; reports its count whenever it is asked to. */
static __guest void guest_counts(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	irq_on();
	for (;;)
		event1(EV_STEP, cpu()->taken[SW_PPI]);
}

static u64 step(struct vcpu *vcpu)
{
	vcpu_expect(vcpu, EV_STEP);
	return vcpu->g->a[0];
}

static void one_delivery_for_each_edge(long arg)
{
	struct vm *vm = vm_ready(1, guest_counts);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	check_eq(step(vcpu), 0);
	for (i = 1; i <= 100; i++) {
		sw_ppi(vcpu);
		step(vcpu);
		if (!check_eq(step(vcpu), i))
			break;
	}
	check_eq(vcpu->g->spurious, 0);
}

static void level_zero_is_ignored(long arg)
{
	struct vm *vm = vm_ready(1, guest_counts);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	step(vcpu);
	for (i = 0; i < 10; i++)
		check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 0), 0);
	step(vcpu);
	check_eq(step(vcpu), 0);
	/* ... and takes no edge back. */
	sw_ppi(vcpu);
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 0), 0);
	step(vcpu);
	check_eq(step(vcpu), 1);
	/* Level is a truth value. */
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), -1), 0);
	step(vcpu);
	check_eq(step(vcpu), 2);
}

static __guest void guest_masked_first(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	event(EV_STEP);
	event(EV_STEP);
	irq_on();
	isb();
	event1(EV_STEP, cpu()->taken[SW_PPI]);
}

/* Edges coalesce while the interrupt is pending, here and in the hardware. */
static void coalesce_while_pending(long arg)
{
	struct vm *vm = vm_ready(1, guest_masked_first);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	step(vcpu);
	for (i = 0; i < 5; i++)
		sw_ppi(vcpu);
	step(vcpu);
	for (i = 0; i < 5; i++)
		sw_ppi(vcpu);
	check_eq(step(vcpu), 1);
}

static __guest void again_while_active(u32 ppi)
{
	if (cpu()->taken[SW_PPI] == 1)
		event(EV_STEP + 1);
}

static __guest void guest_active(u64 arg)
{
	cpu()->on_irq = again_while_active;
	guest_counts(0);
}

/* An edge while the last one is being handled is a new interrupt. */
static void edge_while_active(long arg)
{
	struct vm *vm = vm_ready(1, guest_active);
	struct vcpu *vcpu = vm->vcpu[0];
	int i;

	step(vcpu);
	sw_ppi(vcpu);
	vcpu_expect(vcpu, EV_STEP + 1);
	for (i = 0; i < 3; i++)
		sw_ppi(vcpu);
	step(vcpu);
	check_eq(step(vcpu), 2);
	check_eq(step(vcpu), 2);
}

/* Before the vCPU has ever run: kept until the guest has enabled it. */
static void before_the_first_run(long arg)
{
	struct vm *vm = vm_ready(1, guest_counts);
	struct vcpu *vcpu = vm->vcpu[0];

	sw_ppi(vcpu);
	step(vcpu);
	check_eq(step(vcpu), 1);
	check_eq(step(vcpu), 1);
}

static int vm_ioctl(struct vm *vm, unsigned long cmd, void *arg)
{
	return ioctl(vm->fd, cmd, arg) < 0 ? -errno : 0;
}

/*
 * There is nothing behind the other ways to an interrupt: no routes, no MSIs,
 * no addresses. An irqfd can be assigned, and nothing comes of it.
 */
static void other_ways(long arg)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[1];
	} routes = {
		.head.nr = 1,
		.entry[0] = {
			.gsi = SW_PPI,
			.type = KVM_IRQ_ROUTING_IRQCHIP,
			.u.irqchip = { .irqchip = 0, .pin = SW_PPI },
		},
	};
	struct kvm_arm_device_addr addr = {
		.id = (__u64)KVM_ARM_DEVICE_VGIC_V2 << KVM_ARM_DEVICE_ID_SHIFT |
		      KVM_VGIC_V2_ADDR_TYPE_DIST,
		.addr = 0x08000000,
	};
	struct kvm_msi msi = { .address_lo = 0x08000000, .data = SW_PPI };
	struct kvm_irqfd irqfd = { .gsi = SW_PPI };
	struct vm *vm = vm_ready(1, guest_counts);
	struct vcpu *vcpu = vm->vcpu[0];
	u64 one = 1;
	int i, ret;

	irqfd.fd = eventfd(0, 0);
	ret = vm_ioctl(vm, KVM_SIGNAL_MSI, &msi);
	check(ret == -ENODEV || ret == -ENXIO || ret == -EINVAL,
	      "KVM_SIGNAL_MSI: %d", ret);
	ret = vm_ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, &addr);
	check(ret == -ENODEV || ret == -ENXIO, "KVM_ARM_SET_DEVICE_ADDR: %d",
	      ret);
	for (i = 0; i < 2; i++) {
		if (!check_eq(vm_ioctl(vm, KVM_IRQFD, &irqfd), 0))
			break;
		check_eq(write(irqfd.fd, &one, sizeof(one)), sizeof(one));
		/* This waits for what the write has set off. */
		irqfd.flags = KVM_IRQFD_FLAG_DEASSIGN;
		check_eq(vm_ioctl(vm, KVM_IRQFD, &irqfd), 0);
		irqfd.flags = 0;
		/* Once without a route, and once with one to an SPI. */
		if (!i)
			check_eq(vm_ioctl(vm, KVM_SET_GSI_ROUTING, &routes), 0);
	}
	step(vcpu);
	check_eq(step(vcpu), 0);
	sw_ppi(vcpu);
	step(vcpu);
	check_eq(step(vcpu), 1);
	check_eq(vcpu->g->spurious, 0);
}

static int route(struct vm *vm, u32 pin)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[1];
	} routes = {
		.head.nr = 1,
		.entry[0] = {
			.type = KVM_IRQ_ROUTING_IRQCHIP,
			.u.irqchip.pin = pin,
		},
	};

	return vm_ioctl(vm, KVM_SET_GSI_ROUTING, &routes);
}

/* The SPIs of other vGICs begin at 32: below is -EINVAL at any time. */
static void spis_from_0(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, NULL);
	gic_create(vm);
	check_eq(irq_line(vm, IRQ_LINE(SPI, 0, 0), 1), -EBUSY);
	check_eq(irq_line(vm, IRQ_LINE(SPI, 0, 31), 1), -EBUSY);
	check_eq(irq_line(vm, IRQ_LINE(SPI, 0, 1023), 1), -EBUSY);
}

/* A GICv5 has up to 1024 SPIs, other vGICs have 988 and get no more pins. */
static void pins(long arg)
{
	struct vm *vm = vm_new(), *other = vm_new();

	gic_create(vm);
	check_eq(route(vm, 1023), 0);
	check_eq(route(vm, 1024), -EINVAL);
	check_eq(route(vm, ~0U), -EINVAL);
	check_eq(route(other, 987), 0);
	check_eq(route(other, 988), -EINVAL);
	check_eq(route(other, 1023), -EINVAL);
}

/* Nobody would say when the guest is done with the interrupt. */
static void no_resampling(long arg)
{
	struct vm *vm = vm_ready(1, guest_counts);
	struct kvm_irqfd irqfd = {
		.fd = eventfd(0, 0),
		.resamplefd = eventfd(0, 0),
		.flags = KVM_IRQFD_FLAG_RESAMPLE,
	};

	check_eq(vm_ioctl(vm, KVM_IRQFD, &irqfd), -EINVAL);
	irqfd.flags = 0;
	check_eq(vm_ioctl(vm, KVM_IRQFD, &irqfd), 0);
}

/* F23: nothing initialises the vGIC but CTRL_INIT, whoever injects before. */
static void f23_irqfd_before_init(long arg)
{
	struct kvm_irqfd irqfd = { .gsi = SW_PPI };
	struct vm *vm = vm_new();
	u64 ppis[2] = { 0 }, one = 1;
	struct vcpu *vcpu = vcpu_new(vm, 0, 0, guest_counts);
	int ret;

	gic_create(vm);
	irqfd.fd = eventfd(0, 0);
	ret = vm_ioctl(vm, KVM_IRQFD, &irqfd);
	check(ret == -EAGAIN || !ret, "KVM_IRQFD: %d", ret);
	check_eq(write(irqfd.fd, &one, sizeof(one)), sizeof(one));
	check_eq(irq_line(vm, IRQ_LINE(PPI, 0, SW_PPI), 1), -EBUSY);
	check_eq(irq_line(vm, IRQ_LINE(SPI, 0, 32), 1), -EBUSY);
	/* This waits for what the write has set off. */
	irqfd.flags = KVM_IRQFD_FLAG_DEASSIGN;
	check_eq(vm_ioctl(vm, KVM_IRQFD, &irqfd), 0);
	check_eq(attr_get(vm->gic, KVM_DEV_ARM_VGIC_GRP_CTRL,
			  KVM_DEV_ARM_VGIC_USERSPACE_PPIS, ppis), 0);
	check_eq(ppis[0], 0);
	/* And it can still be initialised, and works. */
	gic_init(vm);
	step(vcpu);
	check_eq(step(vcpu), 0);
}

static __guest void guest_spins(u64 enable)
{
	gic_setup(enable);
	cpu()->phase = 1;
	for (;;)
		cpu()->count++;
}

#define CHANGES		1000

/* Kicks on the CPU of a spinning vCPU during changes of the line, or of nothing. */
static long kicks_during(struct vcpu *vcpu, int level)
{
	u32 irq = IRQ_LINE(PPI, 0, SW_PPI);
	u64 before = host_kicks(0), count;
	int i;

	for (i = 0; i < CHANGES; i++) {
		if (level >= 0)
			check_eq(irq_line(vcpu->vm, irq, level), 0);
		/*
		 * Long enough for a kicked vCPU to come and go; on a busy
		 * emulator the CPU that it runs on may be held up for longer.
		 */
		count = vcpu->g->count;
		sleep_us(200);
		wait_for(vcpu->g->count > count + 1);
	}
	return host_kicks(0) - before;
}

/* How many more kicks there are with changes of the line. */
static long kicks_for_changes(struct vm *vm, u64 enabled, int level)
{
	struct vcpu *vcpu = vm->vcpu[0];
	long quiet, kicks, start, time;

	if (host_cpus() < 2)
		not_here("needs two CPUs");
	/* The vCPU's CPU is its own. */
	pin_to(1);
	vcpu_entry(vcpu, guest_spins, enabled);
	vcpu_start(vcpu, 0);
	require(wait_for(vcpu->g->phase == 1), "guest does not start");
	start = now_us();
	quiet = kicks_during(vcpu, -1);
	time = now_us() - start;
	start = now_us();
	kicks = kicks_during(vcpu, level);
	/* The host's own, for its threads, come with time. */
	quiet = quiet * (now_us() - start) / time;
	note("%d changes: %ld kicks, %ld without them", CHANGES, kicks,
	     quiet);
	vcpu_stop(vcpu);
	return kicks - quiet;
}

/* O6: a change that cannot be delivered does not disturb the vCPU. */
static void no_kick(u64 enabled, int level)
{
	long more = kicks_for_changes(vm_ready(1, NULL), enabled, level);

	check(more < CHANGES / 8, "%ld more", more);
}

static void o6_low_level_does_not_kick(long arg)
{
	no_kick(BIT(SW_PPI), 0);
}

static void o6_disabled_does_not_kick(long arg)
{
	no_kick(0, 1);
}

/* One that can does, at once: it does not wait for an exit that comes anyway. */
static void enabled_kicks(long arg)
{
	long more = kicks_for_changes(vm_ready(1, NULL), BIT(SW_PPI), 1);

	/* It may have been out of the guest just then. */
	check(more > CHANGES / 2, "only %ld more", more);
}

KTAP_MAIN(need_vgic,
	  T(no_irqchip), T(not_initialised), T(bad_vcpu), T(bad_type),
	  T(o10_bad_number), T(one_delivery_for_each_edge),
	  T(level_zero_is_ignored), T(coalesce_while_pending),
	  T(edge_while_active), T(before_the_first_run), T(other_ways),
	  T(spis_from_0), T(pins), T(no_resampling),
	  T(f23_irqfd_before_init),
	  T(o6_low_level_does_not_kick), T(o6_disabled_does_not_kick),
	  T(enabled_kicks))
