// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vGICv5 device: create, initialise, attributes, and its order against
 * vCPU creation and the first run.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/vmm.h"

#define GRP_CTRL		KVM_DEV_ARM_VGIC_GRP_CTRL
#define PPIS		KVM_DEV_ARM_VGIC_USERSPACE_PPIS

static __guest void guest_nothing(u64 arg)
{
}

/* A guest whose vGICv5 works: it reads its id and enables a PPI. */
static __guest void guest_gic(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	guest_check(read_reg(ICC_IAFFIDR) == arg, read_reg(ICC_IAFFIDR), arg);
	guest_check(read_reg(ICC_ENABLER0) == BIT(SW_PPI),
		    read_reg(ICC_ENABLER0), 0);
}

static int create(struct vm *vm, u32 type, u32 flags)
{
	struct kvm_create_device dev = { .type = type, .flags = flags };

	return ioctl(vm->fd, KVM_CREATE_DEVICE, &dev) < 0 ? -errno : 0;
}

/* KVM_CREATE_DEVICE_TEST says yes and creates nothing. */
static void create_test(long arg)
{
	struct vm *vm = vm_new();

	check_eq(try_gic_test(vm), 0);
	check_eq(try_gic_test(vm), 0);
	check_eq(try_gic_create(vm), 0);
	check_eq(create(vm, 4711, 0), -ENODEV);
	check_eq(create(vm, 0, 0), -ENODEV);
}

static void second_create(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, guest_gic);
	gic_create(vm);
	check_eq(try_gic_create(vm), -EEXIST);
	gic_init(vm);
	check_eq(try_gic_create(vm), -EEXIST);
	/* The first one is as good as before. */
	vcpu_expect(vm->vcpu[0], EV_DONE);
	check_eq(try_gic_create(vm), -EEXIST);
}

/*
 * When the process has no file descriptor left: the VM is one without a vGIC,
 * as if nobody had asked, and the next attempt works.
 */
static void create_without_fd(long arg)
{
	struct vm *vm = vm_new();
	struct rlimit limit, none;
	u64 pfr2;

	vcpu_new(vm, 0, 0, guest_gic);
	pfr2 = get_reg(vm->vcpu[0], REG_ID_AA64PFR2);
	require(!getrlimit(RLIMIT_NOFILE, &limit), "%m");
	none = limit;
	none.rlim_cur = fcntl(vm->fd, F_DUPFD_CLOEXEC, 0);
	require((int)none.rlim_cur >= 0, "%m");
	require(!close(none.rlim_cur) && !setrlimit(RLIMIT_NOFILE, &none), "%m");
	check_eq(try_gic_create(vm), -EMFILE);
	check_eq(try_gic_create(vm), -EMFILE);
	require(!setrlimit(RLIMIT_NOFILE, &limit), "%m");

	check_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0, SW_PPI), 1),
		 -ENXIO);
	check_eq(get_reg(vm->vcpu[0], REG_ID_AA64PFR2), pfr2);
	gic_create(vm);
	gic_init(vm);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* No other irqchip beside it, whatever this host could offer alone. */
static void other_irqchips(long arg)
{
	struct vm *vm = vm_new();
	int ret;

	gic_create(vm);
	ret = create(vm, KVM_DEV_TYPE_ARM_VGIC_V3, 0);
	check(ret == -EEXIST || ret == -ENODEV, "GICv3: %d", ret);
	ret = create(vm, KVM_DEV_TYPE_ARM_VGIC_V2, 0);
	check(ret == -EEXIST || ret == -ENODEV, "GICv2: %d", ret);
	ret = ioctl(vm->fd, KVM_CREATE_IRQCHIP) ? -errno : 0;
	check(ret == -EEXIST || ret == -ENODEV, "CREATE_IRQCHIP: %d", ret);
}

static void create_after_run(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, guest_nothing);
	vcpu_expect(vm->vcpu[0], EV_DONE);
	check_eq(try_gic_create(vm), -EBUSY);
}

/* While a vCPU runs, too: here it never ran before and is in KVM_RUN. */
static void create_while_running(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, POWER_OFF, guest_nothing);

	vcpu_start(vcpu, -1);
	/* KVM_RUN waits until another vCPU switches this one on. */
	require(wait_for(vcpu_sleeps(vcpu)), "it does not wait");
	check_eq(try_gic_create(vm), -EBUSY);
	vcpu_stop(vcpu);
}

static void too_many_vcpus(long arg)
{
	struct vm *vm = vm_new();
	int i, ret;

	for (i = 0; i < 512; i++)
		require(ioctl(vm->fd, KVM_CREATE_VCPU, i) >= 0, "vCPU %d", i);
	ret = ioctl(vm->fd, KVM_CREATE_VCPU, 512) < 0 ? -errno : 0;
	if (ret) {
		/* KVM's own limit is the same: -E2BIG cannot be reached. */
		check_eq(ret, -EINVAL);
		check_eq(try_gic_create(vm), 0);
	} else {
		check_eq(try_gic_create(vm), -E2BIG);
	}
}

static void ctrl_init(long arg)
{
	struct vm *vm = vm_new();
	u64 v = 0;

	vcpu_new(vm, 0, 0, guest_gic);
	gic_create(vm);
	check_eq(attr_has(vm->gic, GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT), 0);
	check_eq(attr_get(vm->gic, GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, &v),
		 -ENXIO);
	check_eq(try_gic_init(vm), 0);
	check_eq(try_gic_init(vm), 0);
	vcpu_expect(vm->vcpu[0], EV_DONE);
	check_eq(try_gic_init(vm), 0);
}

static void ctrl_init_without_vcpus(long arg)
{
	struct vm *vm = vm_new();

	gic_create(vm);
	check_eq(try_gic_init(vm), 0);
	check_eq(try_vcpu_new(vm, 0, 0, NULL), -EBUSY);
}

static void f24_userspace_ppis(long arg)
{
	struct vm *vm = vm_new();
	u64 v[3] = { 1, 2, 3 };

	vcpu_new(vm, 0, 0, NULL);
	gic_create(vm);
	check_eq(attr_has(vm->gic, GRP_CTRL, PPIS), 0);
	check_eq(attr_set(vm->gic, GRP_CTRL, PPIS, v), -ENXIO);
	check_eq(attr_get(vm->gic, GRP_CTRL, PPIS, v), 0);
	check(v[0] == 0 && v[1] == 0, "before CTRL_INIT: %lx %lx", v[0], v[1]);
	gic_init(vm);
	check_eq(attr_get(vm->gic, GRP_CTRL, PPIS, v), 0);
	check(v[0] == BIT(SW_PPI) && v[1] == 0 && v[2] == 3,
	      "after CTRL_INIT: %lx %lx, then %lx", v[0], v[1], v[2]);
	check_eq(attr_get(vm->gic, GRP_CTRL, PPIS, NULL), -EFAULT);
	check_eq(attr_get(vm->gic, GRP_CTRL, PPIS, (void *)-4096), -EFAULT);
	check_eq(attr_set(vm->gic, GRP_CTRL, PPIS, v), -ENXIO);
}

/* Everything that other vGICs have and this one has not. */
static void absent_attributes(long arg)
{
	static const struct { u32 group; u64 attr; } absent[] = {
		{ KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST },
		{ KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST },
		{ KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST },
		{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0 },
		{ KVM_DEV_ARM_VGIC_GRP_CPU_REGS, 0 },
		{ GRP_CTRL, KVM_DEV_ARM_ITS_SAVE_TABLES },
		{ GRP_CTRL, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES },
		{ GRP_CTRL, KVM_DEV_ARM_ITS_CTRL_RESET },
		{ GRP_CTRL, PPIS + 1 },
		{ GRP_CTRL, ~0ull },
		{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 0 },
		{ KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 0 },
		{ KVM_DEV_ARM_VGIC_GRP_ITS_REGS, 0 },
		{ KVM_DEV_ARM_VGIC_GRP_MAINT_IRQ, 0 },
		{ 4711, 0 },
		{ ~0u, 0 },
	};
	struct vm *vm = vm_new();
	u32 i, round;
	u64 v = 0;

	vcpu_new(vm, 0, 0, NULL);
	gic_create(vm);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
			u32 g = absent[i].group;
			u64 a = absent[i].attr;
			bool ok = true;

			ok &= check_eq(attr_set(vm->gic, g, a, &v), -ENXIO);
			ok &= check_eq(attr_get(vm->gic, g, a, &v), -ENXIO);
			ok &= check_eq(attr_has(vm->gic, g, a), -ENXIO);
			if (!ok)
				note("group %u, attribute %lu", g, a);
		}
		gic_init(vm);
	}
}

/* Linux 7.1 to 7.3 have no CPU_SYSREGS; 7.4 and later do. */
static void cpu_sysregs(long arg)
{
	struct vm *vm = vm_new();
	u64 v = 0;

	vcpu_new(vm, 0, 0, NULL);
	gic_create(vm);
	gic_init(vm);
	/* ICC_CR0_EL1 of MPIDR 0. */
	if (!attr_has(vm->gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, 0xce01))
		not_here("this KVM can save and restore the CPU interface");
	check_eq(attr_set(vm->gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, 0xce01,
			  &v), -ENXIO);
	check_eq(attr_get(vm->gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, 0xce01,
			  &v), -ENXIO);
}

/* A vCPU with EL2 of its own: none on most hosts, and refused by CTRL_INIT. */
static void nested_vcpu(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu, late = { 0 };
	int i;

	if (try_vcpu_new(vm, 0, BIT(KVM_ARM_VCPU_HAS_EL2), &vcpu))
		not_here("no nested virtualization on this host");
	gic_create(vm);
	for (i = 0; i < 2; i++) {
		check_eq(try_gic_init(vm), -EINVAL);
		check_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0,
					       SW_PPI), 1), -EBUSY);
	}
	check(try_run(vcpu) < 0, "it runs");
	vm_free(vm);

	/* CTRL_INIT cannot know yet what the vCPU will be. */
	vm = vm_new();
	late.vm = vm;
	late.fd = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	gic_create(vm);
	gic_init(vm);
	check_eq(vcpu_init(&late, BIT(KVM_ARM_VCPU_HAS_EL2)), 0);
	check_eq(try_run(&late), -EINVAL);
}

/* CTRL_INIT and KVM_CREATE_VCPU at the same time: one or the other. */
static volatile long made;

static void *creates_vcpus(void *arg)
{
	struct vm *vm = arg;
	int fd;

	for (; made < 200; made++) {
		fd = ioctl(vm->fd, KVM_CREATE_VCPU, made);
		if (fd < 0)
			break;
		close(fd);
	}
	return NULL;
}

static void ctrl_init_while_vcpus_come(long arg)
{
	int round, ret, busy = 0;
	pthread_t thread;

	for (round = 0; round < 20; round++) {
		struct vm *vm = vm_new();

		gic_create(vm);
		made = 0;
		pthread_create(&thread, NULL, creates_vcpus, vm);
		/* It is at it, and being made is what takes most of the time. */
		require(wait_for(made), "no vCPU");
		do {
			ret = try_gic_init(vm);
			busy += ret == -EBUSY;
		} while (ret == -EBUSY);
		check_eq(ret, 0);
		pthread_join(thread, NULL);
		/* What came before is complete, what came after is refused. */
		ret = ioctl(vm->fd, KVM_CREATE_VCPU, 500) < 0 ? -errno : 0;
		check_eq(ret, -EBUSY);
		vm_free(vm);
	}
	note("-EBUSY %d times in %d rounds", busy, round);
	check(busy || host_cpus() < 2, "it never met a vCPU that is being made");
}

/* vCPUs may come before and after the device, but not after CTRL_INIT. */
static void vcpu_order(long arg)
{
	struct vm *vm = vm_new();
	int i;

	vcpu_new(vm, 0, 0, guest_gic);
	gic_create(vm);
	vcpu_new(vm, 1, 0, guest_gic);
	gic_init(vm);
	check_eq(try_vcpu_new(vm, 2, 0, NULL), -EBUSY);
	for (i = 0; i < 2; i++) {
		vcpu_entry(vm->vcpu[i], guest_gic, i);
		vcpu_expect(vm->vcpu[i], EV_DONE);
	}
	check_eq(try_vcpu_new(vm, 2, 0, NULL), -EBUSY);
}

/* No CTRL_INIT: the first run fails, and the VM is dead from then on. */
static void run_without_init(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, 0, guest_nothing);
	u64 v;

	gic_create(vm);
	check_eq(try_run(vcpu), -EBUSY);
	check_eq(try_run(vcpu), -EIO);
	check_eq(try_get_reg(vcpu, REG_ID_AA64PFR0, &v), -EIO);
	check_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0, SW_PPI), 1),
		 -EIO);
	check_eq(try_gic_init(vm), -EIO);
}

/* The VM, not the descriptor, keeps the vGIC. */
static void close_device_fd(long arg)
{
	struct vm *vm = vm_ready(1, guest_gic);

	close(vm->gic);
	vm->gic = -1;
	vcpu_expect(vm->vcpu[0], EV_DONE);
	vm_free(vm);
}

static void close_in_every_order(long arg)
{
	struct vm *vm;
	int i, order;

	for (order = 0; order < 24; order++) {
		int fds[3];

		vm = vm_ready(1, guest_gic);
		if (order & 8)
			vcpu_expect(vm->vcpu[0], EV_DONE);
		fds[order % 3] = vm->gic;
		fds[(order + 1 + (order >> 2) % 2) % 3] = vm->fd;
		fds[(order + 2 - (order >> 2) % 2) % 3] = vm->vcpu[0]->fd;
		for (i = 0; i < 3; i++)
			require(!close(fds[i]), "close");
		/* The mapping of kvm_run and the statistics pin the VM, too. */
		if (order & 1)
			close(vm->vcpu[0]->stats_fd);
	}
}

/* Nothing is left of a VM that never got further than this. */
static void half_made(long arg)
{
	int i;

	for (i = 0; i < 50; i++) {
		struct vm *vm = vm_new();

		if (i & 1)
			vcpu_new(vm, 0, 0, NULL);
		gic_create(vm);
		if (i & 2)
			gic_init(vm);
		vm_free(vm);
	}
}

KTAP_MAIN(need_vgic,
	  T(create_test), T(second_create), T(create_without_fd),
	  T(other_irqchips),
	  T(create_after_run), T(create_while_running), T(too_many_vcpus),
	  T(ctrl_init), T(ctrl_init_without_vcpus), T(f24_userspace_ppis),
	  T(absent_attributes), T(cpu_sysregs), T(nested_vcpu),
	  T(ctrl_init_while_vcpus_come), T(vcpu_order),
	  T(run_without_init), T(close_device_fd), T(close_in_every_order),
	  T(half_made))
