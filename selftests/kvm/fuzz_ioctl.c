// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random ioctls on all file descriptors of a VM, from several threads, in any
 * order: nothing is promised but that the host stands it, and that a proper VM
 * works after it.
 *
 * FUZZ_CALLS is the number of calls of each test (10,000).
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/splitmix.h"
#include "lib/state.h"

#define THREADS		4
#define VCPUS		6

/*
 * The VM that all threads work on. An fd may be closed, and its number be
 * something else, when it is used: all of them are KVM's, or none.
 */
static volatile int fd_kvm, fd_vm, fd_gic = -1, fd_vcpu[VCPUS], nr_vcpus;
static struct kvm_run *volatile runs[VCPUS];
static long calls_wanted, calls_until_run;
static volatile long calls, worked, steps[THREADS];
static volatile int working;
static char *memory;
static int fd_event;

struct chance {
	u64 state;
};

static u64 chance(struct chance *c)
{
	return splitmix(&c->state);
}

static u64 below(struct chance *c, u64 n)
{
	return chance(c) % n;
}

static u64 number(struct chance *c)
{
	switch (below(c, 6)) {
	case 0:
		return below(c, 8);
	case 1:
		return PPI_INTID(below(c, 130));
	case 2:
		return below(c, 130);
	case 3:
		return ~0ul - below(c, 3);
	case 4:
		return BIT(below(c, 64));
	}
	return chance(c);
}

static int call(int fd, unsigned long cmd, void *arg)
{
	int ret = ioctl(fd, cmd, arg);

	__sync_fetch_and_add(&calls, 1);
	if (ret >= 0)
		__sync_fetch_and_add(&worked, 1);
	return ret;
}

/* While one too many is being made the count is one too high */
static int vcpus(void)
{
	int n = nr_vcpus;

	return n < VCPUS ? n : VCPUS;
}

static int some_vcpu(struct chance *c)
{
	int n = vcpus();

	return n ? fd_vcpu[below(c, n)] : -1;
}

/* Values that are right, for attributes that random ones seldom pass */
static void irs_attr(struct chance *c)
{
	u64 addr = below(c, 64) << 16;
	u32 spis = 32 * (1 + below(c, 32));
	struct kvm_device_attr a = {
		.group = GRP_ADDR, .attr = ADDR_IRS, .addr = (u64)&addr,
	};

	if (below(c, 2)) {
		a.group = GRP_NR_IRQS;
		a.attr = 0;
		a.addr = (u64)&spis;
	}
	call(fd_gic, below(c, 4) ? KVM_SET_DEVICE_ATTR : KVM_GET_DEVICE_ATTR,
	     &a);
}

/* Registers that there are, and tables of the right size */
static void state_attr(struct chance *c)
{
	u64 val = below(c, 2) ? below(c, 32) : number(c);
	u32 words[32 + 4096] = { below(c, 0x10000), 0, chance(c) & 0xfff1f };
	struct ist ist = {
		.spi_addr = (u64)words, .spi_size = 128,
		.lpi_addr = (u64)(words + 32), .lpi_size = 4 << 12,
	};
	struct kvm_device_attr a = { .group = GRP_SYSREGS, .addr = (u64)&val };

	switch (below(c, 4)) {
	case 0:
		a.attr = sysregs[below(c, NR_SYSREGS)] |
			 OF_VCPU(below(c, VCPUS));
		break;
	case 1:
		a.group = GRP_IRS_REGS;
		a.attr = below(c, 2) ? irs_regs[below(c, NR_IRS_REGS)] :
				       below(c, 2) ? IRS_IST_BASER : IRS_IST_CFGR;
		break;
	default:
		a.group = GRP_IST;
		a.addr = (u64)&ist;
		if (below(c, 2))
			ist.lpi_addr = ist.lpi_size = 0;
	}
	call(fd_gic, below(c, 2) ? KVM_SET_DEVICE_ATTR : KVM_GET_DEVICE_ATTR, &a);
}

static void device_attr(struct chance *c)
{
	static const unsigned long cmds[] = {
		KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR, KVM_HAS_DEVICE_ATTR
	};
	u64 data[4] = { number(c), number(c), number(c), number(c) };
	struct kvm_device_attr a = {
		.flags = below(c, 8) ? 0 : number(c),
		.group = below(c, 4) ? below(c, 12) : number(c),
		.attr = below(c, 4) ? below(c, 8) : number(c),
		.addr = below(c, 8) ? (u64)data : number(c),
	};
	/* A bad address must not be one of ours */
	if (a.addr != (u64)data)
		a.addr |= 1ul << 60;

	if (!below(c, 8)) {
		irs_attr(c);
		return;
	}
	if (!below(c, 8)) {
		state_attr(c);
		return;
	}

	switch (below(c, 8)) {
	case 0:
		call(fd_vm, cmds[below(c, 3)], &a);
		break;
	case 1 ... 3:
		a.group = below(c, 4);
		call(some_vcpu(c), cmds[below(c, 3)], &a);
		break;
	default:
		if (!below(c, 3))
			a.group = KVM_DEV_ARM_VGIC_GRP_CTRL;
		call(fd_gic, cmds[below(c, 3)], &a);
	}
}

static void irq(struct chance *c)
{
	struct kvm_irq_level l = { .level = below(c, 3) };

	switch (below(c, 8)) {
	case 0 ... 2:
		l.irq = IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, below(c, VCPUS),
				 below(c, 2) ? SW_PPI : below(c, 256));
		break;
	case 3 ... 5:
		l.irq = IRQ_LINE(KVM_ARM_IRQ_TYPE_SPI, 0,
				 below(c, 2) ? below(c, 32) : below(c, 1100));
		break;
	default:
		l.irq = number(c);
	}

	call(fd_vm, KVM_IRQ_LINE, &l);
}

static void create(struct chance *c)
{
	struct kvm_create_device d = {
		.type = below(c, 4) ? VGIC_V5 : below(c, 24),
		.flags = below(c, 3) ? 0 : 1,
	};
	int fd;

	if (below(c, 4)) {
		if (!call(fd_vm, KVM_CREATE_DEVICE, &d) && !d.flags) {
			if (fd_gic < 0)
				fd_gic = d.fd;
			else
				close(d.fd);
		}
		return;
	}
	fd = call(fd_vm, KVM_CREATE_VCPU,
		  (void *)(below(c, 8) ? below(c, VCPUS) : number(c)));
	if (fd >= 0) {
		int n = __sync_fetch_and_add(&nr_vcpus, 1);

		if (n >= VCPUS) {
			__sync_fetch_and_sub(&nr_vcpus, 1);
			close(fd);
			return;
		}
		fd_vcpu[n] = fd;
		runs[n] = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			       fd, 0);
	}
}

static void registers(struct chance *c)
{
	u64 value = number(c);
	struct kvm_one_reg r = {
		.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 |
		      KVM_REG_ARM64_SYSREG |
		      ARM64_SYS_REG(3, below(c, 4), below(c, 2) ? 12 :
				    below(c, 16), below(c, 16), below(c, 8)),
		.addr = (u64)&value,
	};

	if (!below(c, 3))
		r.id = below(c, 2) ? REG_ID_AA64PFR2 : REG_ID_AA64PFR0;
	/* PC, so that they find code now and then */
	if (!below(c, 8)) {
		r.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |
		       KVM_REG_ARM_CORE_REG(regs.pc);
		value = below(c, 8) ? 0x1000 : number(c);
	}
	call(some_vcpu(c), below(c, 2) ? KVM_SET_ONE_REG : KVM_GET_ONE_REG, &r);
}

static void vcpu_calls(struct chance *c)
{
	struct kvm_vcpu_init init = { 0 };
	struct kvm_mp_state mp = { .mp_state = below(c, 4) ? 0 : below(c, 12) };
	int n = vcpus();

	switch (below(c, 8)) {
	case 0:
		ioctl(fd_vm, KVM_ARM_PREFERRED_TARGET, &init);
		init.features[0] = below(c, 8) ? BIT(KVM_ARM_VCPU_PSCI_0_2) :
						 number(c) & 0xff;
		call(some_vcpu(c), KVM_ARM_VCPU_INIT, &init);
		break;
	case 1:
		call(some_vcpu(c), below(c, 2) ? KVM_GET_MP_STATE :
						 KVM_SET_MP_STATE, &mp);
		break;
	default:
		/* To run a VM that is not ready is its end */
		if (!n || calls < calls_until_run)
			break;
		n = below(c, n);
		if (runs[n] && runs[n] != MAP_FAILED)
			runs[n]->immediate_exit = !below(c, 4);
		call(fd_vcpu[n], KVM_RUN, NULL);
	}
}

static void odd(struct chance *c)
{
	struct kvm_irqfd irqfd = {
		.fd = below(c, 2) ? fd_event : -1,
		.gsi = below(c, 2) ? below(c, 32) : number(c),
		.flags = below(c, 2) ? 0 : number(c),
	};
	struct kvm_enable_cap cap = { .cap = below(c, 250) };
	/* Too little room for a list of registers, which is longer */
	u64 data[32] = { below(c, 30), number(c) }, one = 1;

	switch (below(c, 5)) {
	case 0:
		call(fd_vm, KVM_IRQFD, &irqfd);
		/* It has no other reader; one that is full is left alone */
		require(write(fd_event, &one, sizeof(one)) > 0 ||
			errno == EAGAIN, "eventfd: %m");
		break;
	case 1:
		call(fd_vm, KVM_ENABLE_CAP, &cap);
		break;
	case 2:
		call(fd_vm, KVM_CHECK_EXTENSION, (void *)below(c, 250));
		break;
	case 3:
		call(fd_gic, _IOC(below(c, 4), KVMIO, below(c, 256), 0), data);
		break;
	case 4:
		call(some_vcpu(c), KVM_GET_REG_LIST, data);
		break;
	}
}

static void on_signal(int sig)
{
}

static void *worker(void *seed)
{
	struct chance c = { (long)seed * 0x9876543 };

	while (calls < calls_wanted) {
		steps[((long)seed - 1) % THREADS]++;
		switch (below(&c, 16)) {
		case 0 ... 4:
			device_attr(&c);
			break;
		case 5 ... 7:
			irq(&c);
			break;
		case 8:
			create(&c);
			break;
		case 9 ... 10:
			registers(&c);
			break;
		case 11 ... 14:
			vcpu_calls(&c);
			break;
		case 15:
			odd(&c);
			break;
		}
	}
	__sync_fetch_and_sub(&working, 1);
	return NULL;
}

/*
 * Whatever runs comes back soon, the last KVM_RUN of all as well. A thread that
 * goes on by itself is let alone, and one that does not in spite of a signal
 * gets the next one later: a slow machine would do nothing but take signals.
 */
static void *ticker(void *arg)
{
	int wait[THREADS], left[THREADS], i;
	long seen[THREADS];
	pthread_t *t = arg;

	for (i = 0; i < THREADS; i++)
		seen[i] = -1;
	while (working) {
		sleep_us(500);
		for (i = 0; i < THREADS; i++) {
			if (seen[i] != steps[i]) {
				seen[i] = steps[i];
				wait[i] = left[i] = 1;
			} else if (!--left[i]) {
				pthread_kill(t[i], SIGUSR1);
				if (wait[i] < 128)
					wait[i] *= 2;
				left[i] = wait[i];
			}
		}
	}
	return NULL;
}

/* Code for the guests: a trap or two, WFI, and on. */
static const u32 guest_code[] = {
	0xd2800120,	/* mov x0, #9 */
	0xd518cac0,	/* msr ICC_PPI_ENABLER0_EL1, x0 */
	0xd519c020,	/* msr ICC_CR0_EL1, x0 */
	0xd538cdc1,	/* mrs x1, ICC_PPI_SPENDR0_EL1 */
	0xd538ca01,	/* mrs x1, ICC_PPI_HMR0_EL1 */
	0xd2a14005,	/* mov x5, #IRS_ADDR */
	0x52800186,	/* mov w6, #12 */
	0xd2800027,	/* mov x7, #1 */
	0xb90080a7,	/* str w7, [x5, #IRS_CR0] */
	0xb90190a6,	/* str w6, [x5, #IRS_IST_CFGR] */
	0xf900c0a7,	/* str x7, [x5, #IRS_IST_BASER] */
	0xd2a80002,	/* mov x2, #LPI(0) */
	0xd508c122,	/* gic cden, x2 */
	0xf2c00022,	/* movk x2, #1, lsl #32 */
	0xd508c182,	/* gic cdpend, x2 */
	0xd503207f,	/* wfi */
	0x17fffff0,	/* b to the start */
};

/* Three of four VMs are given a start: random calls alone do not get far. */
static void prepare(int how, bool irs)
{
	struct kvm_create_device d = { .type = VGIC_V5 };
	struct kvm_vcpu_init init = { 0 };
	int i;

	for (i = 0; how > 0 && i < 2; i++) {
		fd_vcpu[i] = ioctl(fd_vm, KVM_CREATE_VCPU, i);
		require(fd_vcpu[i] >= 0, "%m");
		runs[i] = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			       fd_vcpu[i], 0);
		ioctl(fd_vm, KVM_ARM_PREFERRED_TARGET, &init);
		init.features[0] = BIT(KVM_ARM_VCPU_PSCI_0_2);
		require(!ioctl(fd_vcpu[i], KVM_ARM_VCPU_INIT, &init), "%m");
		nr_vcpus = i + 1;
	}
	if (how > 1) {
		require(!ioctl(fd_vm, KVM_CREATE_DEVICE, &d), "%m");
		fd_gic = d.fd;
	}
	if (how > 1 && irs) {
		u64 addr = IRS_ADDR;

		require_eq(attr_set(fd_gic, GRP_ADDR, ADDR_IRS, &addr), 0);
	}
	if (how > 2)
		require_eq(attr_set(fd_gic, KVM_DEV_ARM_VGIC_GRP_CTRL,
				    KVM_DEV_ARM_VGIC_CTRL_INIT, NULL), 0);
}

static void one_vm(long seed)
{
	struct kvm_userspace_memory_region slot = {
		.memory_size = 0x10000, .userspace_addr = (u64)memory,
	};
	pthread_t t[THREADS + 1];
	int i;

	if (!fd_event)
		fd_event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	fd_vm = ioctl(fd_kvm, KVM_CREATE_VM, 0);
	require(fd_vm >= 0, "%m");
	fd_gic = -1;
	nr_vcpus = 0;
	/* A vCPU counts before it has these, and the last VM's are gone */
	for (i = 0; i < VCPUS; i++) {
		fd_vcpu[i] = -1;
		runs[i] = NULL;
	}
	require(!ioctl(fd_vm, KVM_SET_USER_MEMORY_REGION, &slot), "%m");
	prepare(seed % 4, seed / 4 % 2);
	calls_until_run = seed % 4 == 3 ? 0 : calls_wanted - 300;
	working = THREADS;
	for (i = 0; i < THREADS; i++)
		require_eq(pthread_create(&t[i], NULL, worker,
					  (void *)(seed * THREADS + i + 1)), 0);
	require_eq(pthread_create(&t[THREADS], NULL, ticker, t), 0);
	for (i = THREADS; i >= 0; i--)
		pthread_join(t[i], NULL);

	for (i = 0; i < nr_vcpus; i++) {
		if (runs[i] && runs[i] != MAP_FAILED)
			munmap(runs[i], 4096);
		close(fd_vcpu[i]);
	}
	if (fd_gic >= 0)
		close(fd_gic);
	close(fd_vm);
}

static __guest void guest_works(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	irq_on();
	wfi_until(SW_PPI, 1);
}

static void fuzz(long seed)
{
	const char *s = getenv("FUZZ_CALLS");
	long all = s && *s ? atol(s) : 10000, vms = 0;
	struct sigaction sa = { .sa_handler = on_signal };
	struct vm *vm;

	sigaction(SIGUSR1, &sa, NULL);
	fd_kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	memory = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(memory + 0x1000, guest_code, sizeof(guest_code));

	/* Most is done for good in the life of a VM: one after the other. */
	for (; calls < all; vms++) {
		calls_wanted = calls + 1000 < all ? calls + 1000 : all;
		one_vm(seed * 4000 + vms);
	}
	note("%ld calls on %ld VMs, %ld of them successful", calls, vms,
	     worked);
	check(worked > calls / 10, "nearly nothing works");

	vm = vm_ready(1, guest_works);
	sw_ppi(vm->vcpu[0]);
	vcpu_expect(vm->vcpu[0], EV_DONE);
	host_is_well();
}

KTAP_MAIN(need_vgic, TA("seed_1", fuzz, 1), TA("seed_2", fuzz, 2),
	  TA("seed_3", fuzz, 3), TA("seed_4", fuzz, 4), TA("seed_5", fuzz, 5),
	  TA("seed_6", fuzz, 6), TA("seed_7", fuzz, 7), TA("seed_8", fuzz, 8))
