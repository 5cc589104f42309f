// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmm --kernel IMAGE [OPTION]...: run an arm64 kernel as a guest that has a
 * GICv5. The exit status is 0 if the guest powers off, 3 if it resets and
 * --no-reboot was given, 4 on a timeout, 5 if it was saved, 1 for an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../kvm/lib/uapi.h"
#include "vmm.h"

#ifndef KVM_VGIC_V5_ADDR_TYPE_IRS
#define KVM_VGIC_V5_ADDR_TYPE_IRS	6
#endif

#define FDT_SIZE		0x10000ul
#define SZ_2M			0x200000ul

/* The exit status */
#define POWERED_OFF		0
#define WAS_RESET		3
#define TIMED_OUT		4
#define WAS_SAVED		5

struct options options = {
	.nr_vcpus = 1,
	.mem_size = 256ul << 20,
	.append = "",
	.prefix = "",
	.nr_spis = NR_SPIS,
};

int vm_fd;
int gic_fd;
void *ram;
unsigned int nr_vcpus;
struct vcpu vcpus[MAX_VCPUS];
struct device *devices[MAX_DEVS];
unsigned int nr_devices;

static int kvm_fd;
static pthread_mutex_t output_lock = PTHREAD_MUTEX_INITIALIZER;

/* What ends a run of all vCPUs: written by the first that sees it */
static pthread_mutex_t end_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t end_cond;
static enum { RUNS, OFF, RESET, LATE, SAVE } end;

void say(const char *fmt, ...)
{
	va_list args;

	pthread_mutex_lock(&output_lock);
	fflush(stdout);
	fputs("vmm: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	pthread_mutex_unlock(&output_lock);
}

void die(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("vmm: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(1);
}

void output_flush(struct output *out)
{
	if (!out->len)
		return;
	pthread_mutex_lock(&output_lock);
	fputs(options.prefix, stdout);
	fwrite(out->line, 1, out->len, stdout);
	if (*options.prefix)
		fputc('\n', stdout);
	fflush(stdout);
	pthread_mutex_unlock(&output_lock);
	out->len = 0;
}

void output_char(struct output *out, char c)
{
	if (!*options.prefix) {
		out->line[out->len++] = c;
		output_flush(out);
		return;
	}
	if (c == '\n' || out->len == sizeof(out->line))
		output_flush(out);
	if (c != '\n' && c != '\r')
		out->line[out->len++] = c;
}

void output_state(struct output *out)
{
	image_state(out->line, sizeof(out->line));
	image_state(&out->len, sizeof(out->len));
	image_check(out->len <= sizeof(out->line));
}

void add_device(struct device *dev)
{
	if (nr_devices == MAX_DEVS)
		die("more than %d devices", MAX_DEVS);
	devices[nr_devices++] = dev;
}

void *guest_memory(u64 gpa, u64 size)
{
	u64 offset = gpa - RAM_BASE;

	if (gpa < RAM_BASE || offset > options.mem_size ||
	    size > options.mem_size - offset)
		return NULL;
	return ram + offset;
}

static int vm_ioctl(int fd, unsigned long cmd, const char *name, void *arg)
{
	int ret = ioctl(fd, cmd, arg);

	if (ret < 0)
		die("%s: %m", name);
	return ret;
}

#define IOCTL(fd, cmd, arg)	vm_ioctl(fd, cmd, #cmd, (void *)(arg))

void set_spi(u32 spi, bool level)
{
	/* INTIDs of a GICv3's SPIs begin at 32. */
	struct kvm_irq_level line = {
		.irq = IRQ_LINE(KVM_ARM_IRQ_TYPE_SPI, 0,
				options.gicv3 ? 32 + spi : spi),
		.level = level,
	};

	IOCTL(vm_fd, KVM_IRQ_LINE, &line);
}

/* What a new VM needs before its vCPUs can run */

static void create_vm(void)
{
	struct kvm_userspace_memory_region slot;

	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		die("/dev/kvm: %m");
	vm_fd = IOCTL(kvm_fd, KVM_CREATE_VM, 0);

	ram = mmap(NULL, options.mem_size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ram == MAP_FAILED)
		die("%lu MiB for the guest: %m",
		    (unsigned long)(options.mem_size >> 20));
	slot = (struct kvm_userspace_memory_region) {
		.guest_phys_addr = RAM_BASE,
		.memory_size = options.mem_size,
		.userspace_addr = (u64)ram,
	};
	IOCTL(vm_fd, KVM_SET_USER_MEMORY_REGION, &slot);
}

static void set_reg(struct vcpu *vcpu, u64 id, u64 val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)&val };

	IOCTL(vcpu->fd, KVM_SET_ONE_REG, &reg);
}

static u64 get_reg(struct vcpu *vcpu, u64 id)
{
	u64 val = 0;
	struct kvm_one_reg reg = { .id = id, .addr = (u64)&val };

	IOCTL(vcpu->fd, KVM_GET_ONE_REG, &reg);
	return val;
}

#define CORE_REG(name)							\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |		\
	 KVM_REG_ARM_CORE_REG(name))
#define REG_MPIDR		ARM64_SYS_REG(3, 0, 0, 0, 5)
#define MPIDR_AFFINITY		0xff00ffffffull

/* Also for a vCPU that has run: this is its reset. */
static void init_vcpu(struct vcpu *vcpu)
{
	struct kvm_vcpu_init init = { 0 };

	IOCTL(vm_fd, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	if (options.pmu)
		init.features[0] |= 1u << KVM_ARM_VCPU_PMU_V3;
	if (vcpu->index)
		init.features[0] |= 1u << KVM_ARM_VCPU_POWER_OFF;
	IOCTL(vcpu->fd, KVM_ARM_VCPU_INIT, &init);
}

static void create_vcpu(int id)
{
	struct vcpu *vcpu = &vcpus[nr_vcpus];
	int size;

	vcpu->index = nr_vcpus++;
	vcpu->id = id;
	vcpu->fd = ioctl(vm_fd, KVM_CREATE_VCPU, id);
	if (vcpu->fd < 0)
		die("KVM_CREATE_VCPU, id %d: %m", id);
	size = IOCTL(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		die("KVM_RUN's page of a vCPU: %m");
	vcpu->stats_fd = IOCTL(vcpu->fd, KVM_GET_STATS_FD, 0);
	init_vcpu(vcpu);
	vcpu->mpidr = get_reg(vcpu, REG_MPIDR) & MPIDR_AFFINITY;
}

static int set_attr(int fd, u32 group, u64 attr, void *addr)
{
	struct kvm_device_attr a = {
		.group = group, .attr = attr, .addr = (u64)addr,
	};

	return ioctl(fd, KVM_SET_DEVICE_ATTR, &a);
}

static void create_gicv3(void)
{
	struct kvm_create_device dev = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	u64 dist = DIST_BASE, redist = REDIST_BASE;
	u32 nr_irqs = 32 + options.nr_spis;

	if (ioctl(vm_fd, KVM_CREATE_DEVICE, &dev) < 0)
		die("no GICv3 for a guest here: %m");
	if (set_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
		     KVM_VGIC_V3_ADDR_TYPE_DIST, &dist) < 0 ||
	    set_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
		     KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist) < 0 ||
	    set_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr_irqs) < 0 ||
	    set_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
		     KVM_DEV_ARM_VGIC_CTRL_INIT, NULL) < 0)
		die("the GICv3: %m");
}

static void create_gicv5(void)
{
	struct kvm_create_device dev = { .type = VGIC_V5 };
	u64 base = IRS_BASE;

	if (ioctl(vm_fd, KVM_CREATE_DEVICE, &dev) < 0)
		die("no vGICv5 here (%m): is the host a GICv5 one, and is vgicv5.ko loaded?");
	gic_fd = dev.fd;
	if (set_attr(gic_fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
		     KVM_VGIC_V5_ADDR_TYPE_IRS, &base) < 0)
		die("the vGICv5 takes no address of an IRS (%m): a guest would have PPIs alone");
	if (set_attr(gic_fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
		     &options.nr_spis) < 0)
		die("%u SPIs: %m", options.nr_spis);
	if (set_attr(gic_fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
		     KVM_DEV_ARM_VGIC_CTRL_INIT, NULL) < 0)
		die("KVM_DEV_ARM_VGIC_CTRL_INIT: %m");
}

static void init_pmu(struct vcpu *vcpu)
{
	int irq = options.gicv3 ? PMUIRQ : PPI_INTID(PMUIRQ);

	if (set_attr(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL,
		     KVM_ARM_VCPU_PMU_V3_IRQ, &irq) < 0 ||
	    set_attr(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL,
		     KVM_ARM_VCPU_PMU_V3_INIT, NULL) < 0)
		die("the PMU of vCPU %d: %m", vcpu->id);
}

/* What a guest finds in its memory */

/* @file to @gpa: its size */
static u64 load(const char *file, u64 gpa)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	u64 done = 0;
	ssize_t n;
	char *to;

	if (fd < 0 || fstat(fd, &st))
		die("%s: %m", file);
	to = guest_memory(gpa, st.st_size);
	if (!to)
		die("%s is too large for %lu MiB of memory", file,
		    (unsigned long)(options.mem_size >> 20));
	while ((n = read(fd, to + done, st.st_size - done)) > 0)
		done += n;
	if (n || done != st.st_size)
		die("%s: %m", file);
	close(fd);
	return done;
}

/* As Documentation/arch/arm64/booting.rst has it */
struct image_header {
	u32 code[2];
	u64 text_offset;
	u64 image_size;
	u64 flags;
	u64 res[3];
	u32 magic;
	u32 pe;
};

#define IMAGE_MAGIC		0x644d5241u	/* "ARM\x64" */

static void load_guest(unsigned int boot)
{
	u64 kernel, kernel_end, initrd = 0, initrd_end = 0, fdt, size;
	struct image_header *header;
	struct stat st;

	if (!options.kernel)
		die("the guest boots again, and there is no --kernel for it");
	/* The device tree at the end, the initramfs before it */
	fdt = RAM_BASE + options.mem_size - SZ_2M;

	/* Where it has to be is in it */
	load(options.kernel, RAM_BASE);
	header = ram;
	if (header->magic != IMAGE_MAGIC)
		die("%s is no arm64 Image (a compressed one has to be unpacked first)",
		    options.kernel);
	kernel = RAM_BASE + header->text_offset;
	size = header->image_size;
	if (header->text_offset)
		load(options.kernel, kernel);
	kernel_end = kernel + size;

	if (options.initrd) {
		if (stat(options.initrd, &st))
			die("%s: %m", options.initrd);
		if (st.st_size > fdt - RAM_BASE)
			die("%s is too large for %lu MiB of memory",
			    options.initrd,
			    (unsigned long)(options.mem_size >> 20));
		initrd = (fdt - st.st_size) & ~(SZ_2M - 1);
		initrd_end = initrd + load(options.initrd, initrd);
	}
	if (kernel_end > (initrd ? initrd : fdt))
		die("the kernel needs %lu MiB, there are %lu MiB with all else",
		    (unsigned long)(size >> 20),
		    (unsigned long)(options.mem_size >> 20));

	make_fdt(guest_memory(fdt, FDT_SIZE), FDT_SIZE, initrd, initrd_end,
		 boot);

	set_reg(&vcpus[0], CORE_REG(regs.pc), kernel);
	set_reg(&vcpus[0], CORE_REG(regs.regs[0]), fdt);
}

/* Running */

static void ends(int how)
{
	pthread_mutex_lock(&end_lock);
	/* A guest that ends while it is about to be saved has ended. */
	if (!end || end == SAVE)
		end = how;
	pthread_cond_signal(&end_cond);
	pthread_mutex_unlock(&end_lock);
}

static bool runs(void)
{
	bool ret;

	pthread_mutex_lock(&end_lock);
	ret = !end;
	pthread_mutex_unlock(&end_lock);
	return ret;
}

static void mmio(struct kvm_run *run)
{
	u64 addr = run->mmio.phys_addr, val = 0;
	unsigned int size = run->mmio.len;
	struct device *dev = NULL;
	static bool said;
	unsigned int i;

	for (i = 0; i < nr_devices && !dev; i++)
		if (addr - devices[i]->base < DEV_SIZE)
			dev = devices[i];
	if (!dev && !said) {
		said = true;
		say("the guest accesses 0x%lx, where nothing is",
		    (unsigned long)addr);
	}
	if (run->mmio.is_write) {
		memcpy(&val, run->mmio.data, size);
		if (dev)
			dev->write(dev, addr - dev->base, size, val);
	} else {
		if (dev)
			val = dev->read(dev, addr - dev->base, size);
		memcpy(run->mmio.data, &val, size);
	}
}

static void system_event(struct kvm_run *run)
{
	switch (run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		ends(OFF);
		break;
	case KVM_SYSTEM_EVENT_RESET:
		ends(RESET);
		break;
	default:
		die("KVM_EXIT_SYSTEM_EVENT of type %u", run->system_event.type);
	}
}

static __thread struct kvm_run *running;

/* Whether it comes in KVM_RUN or just before: the vCPU leaves it. */
static void on_signal(int sig)
{
	(void)sig;
	if (running)
		running->immediate_exit = 1;
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	struct kvm_run *run = vcpu->run;

	running = run;
	while (runs()) {
		if (ioctl(vcpu->fd, KVM_RUN, 0) < 0) {
			if (errno != EINTR && errno != EAGAIN)
				die("KVM_RUN of vCPU %d: %m (at 0x%lx)",
				    vcpu->id, (unsigned long)
				    get_reg(vcpu, CORE_REG(regs.pc)));
			run->immediate_exit = 0;
			continue;
		}
		switch (run->exit_reason) {
		case KVM_EXIT_MMIO:
			mmio(run);
			break;
		case KVM_EXIT_SYSTEM_EVENT:
			system_event(run);
			break;
		default:
			die("vCPU %d: exit reason %u of KVM_RUN, at 0x%lx",
			    vcpu->id, run->exit_reason, (unsigned long)
			    get_reg(vcpu, CORE_REG(regs.pc)));
		}
	}
	return NULL;
}

/*
 * What it was about to be given by a device or by PSCI it is given, without it
 * being run for that.
 */
static void complete(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	if (!ioctl(vcpu->fd, KVM_RUN, 0) || errno != EINTR)
		die("vCPU %d does not stop: %m", vcpu->id);
	vcpu->run->immediate_exit = 0;
}

static void *save_thread(void *arg)
{
	int sig;

	for (;;) {
		sigwait(arg, &sig);
		ends(SAVE);
	}
	return NULL;
}

/* SIGUSR2 is for that thread alone: the others begin later. */
static void save_on_signal(void)
{
	static sigset_t set;
	pthread_t thread;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) ||
	    pthread_create(&thread, NULL, save_thread, &set))
		die("no thread that waits for SIGUSR2");
}

/* Until something ends it, at @deadline at the latest; all vCPUs have stopped. */
static int run_vcpus(const struct timespec *deadline)
{
	unsigned int i;
	int err = 0;

	end = RUNS;
	for (i = 0; i < nr_vcpus; i++)
		if (pthread_create(&vcpus[i].thread, NULL, vcpu_thread, &vcpus[i]))
			die("no thread for a vCPU");

	pthread_mutex_lock(&end_lock);
	while (!end) {
		if (!options.timeout)
			pthread_cond_wait(&end_cond, &end_lock);
		else if (pthread_cond_timedwait(&end_cond, &end_lock, deadline))
			end = LATE;
	}
	pthread_mutex_unlock(&end_lock);

	for (i = 0; i < nr_vcpus; i++) {
		struct timespec soon;

		/* Again until it has been seen */
		do {
			pthread_kill(vcpus[i].thread, SIGUSR1);
			clock_gettime(CLOCK_REALTIME, &soon);
			soon.tv_nsec += 100000000;
			if (soon.tv_nsec >= 1000000000) {
				soon.tv_nsec -= 1000000000;
				soon.tv_sec++;
			}
			err = pthread_timedjoin_np(vcpus[i].thread, NULL, &soon);
		} while (err == ETIMEDOUT);
		vcpus[i].run->immediate_exit = 0;
	}
	return end;
}

static void flush_all(void)
{
	uart_flush();
	console_flush();
}

/* ELR, ESR and FAR tell what went wrong if it is in an endless exception */
static void where_is(struct vcpu *vcpu)
{
	say("  vCPU %d is at 0x%lx; ELR_EL1 0x%lx, ESR_EL1 0x%lx, FAR_EL1 0x%lx",
	    vcpu->id, (unsigned long)get_reg(vcpu, CORE_REG(regs.pc)),
	    (unsigned long)get_reg(vcpu, CORE_REG(elr_el1)),
	    (unsigned long)get_reg(vcpu, ARM64_SYS_REG(3, 0, 5, 2, 0)),
	    (unsigned long)get_reg(vcpu, ARM64_SYS_REG(3, 0, 6, 0, 0)));
}

static int run_guest(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	pthread_condattr_t attr;
	struct timespec deadline;
	unsigned int boot, i;

	sigaction(SIGUSR1, &sa, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&end_cond, &attr);
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += options.timeout;

	for (boot = 1;; boot++) {
		if (boot == 1 && options.restore)
			boot = image_restore();
		else
			load_guest(boot);
		switch (run_vcpus(&deadline)) {
		case SAVE:
			for (i = 0; i < nr_vcpus; i++)
				complete(&vcpus[i]);
			image_save(boot);
			return WAS_SAVED;
		case OFF:
			flush_all();
			return POWERED_OFF;
		case LATE:
			flush_all();
			say("the guest has not ended after %u s", options.timeout);
			for (i = 0; i < nr_vcpus; i++)
				where_is(&vcpus[i]);
			return TIMED_OUT;
		case RESET:
			flush_all();
			if (options.no_reboot) {
				say("the guest has reset the machine");
				return WAS_RESET;
			}
			say("the guest boots again");
			for (i = 0; i < nr_vcpus; i++)
				init_vcpu(&vcpus[i]);
			for (i = 0; i < nr_devices; i++)
				devices[i]->reset(devices[i]);
			/* All of it reads as 0 again. */
			if (madvise(ram, options.mem_size, MADV_DONTNEED))
				die("the guest's memory: %m");
		}
	}
}

/* Options */

static unsigned int parse_number(const char *text, unsigned int max, const char *what)
{
	char *rest;
	unsigned long n = strtoul(text, &rest, 0);

	if (!*text || *rest || n > max)
		die("%s: %s is no number up to %u", what, text, max);
	return n;
}

static void parse_ids(char *text)
{
	char *word;

	for (options.nr_vcpus = 0; (word = strsep(&text, ","));) {
		if (options.nr_vcpus == MAX_VCPUS)
			die("--cpu-ids: more than %d", MAX_VCPUS);
		options.ids[options.nr_vcpus++] = parse_number(word, 511, "--cpu-ids");
	}
}

enum {
	KERNEL, INITRD, DISK, APPEND, CPUS, CPU_IDS, MEM, SPIS, PREFIX, TIMEOUT,
	GICV3, NO_REBOOT, PMU, TABLE, MARKS, SAVE_TO, RESTORE,
};

static const struct option long_options[] = {
	[KERNEL] = { "kernel", required_argument },
	[INITRD] = { "initrd", required_argument },
	[DISK] = { "disk", required_argument },
	[APPEND] = { "append", required_argument },
	[CPUS] = { "cpus", required_argument },
	[CPU_IDS] = { "cpu-ids", required_argument },
	[MEM] = { "mem", required_argument },
	[SPIS] = { "spis", required_argument },
	[PREFIX] = { "prefix", required_argument },
	[TIMEOUT] = { "timeout", required_argument },
	[GICV3] = { "gicv3", no_argument },
	[NO_REBOOT] = { "no-reboot", no_argument },
	[PMU] = { "pmu", no_argument },
	[TABLE] = { "table", no_argument },
	[MARKS] = { "marks", required_argument },
	[SAVE_TO] = { "save", required_argument },
	[RESTORE] = { "restore", required_argument },
	{ 0 }
};

static void print_usage(void)
{
	fputs("usage: vmm --kernel IMAGE [OPTION]...\n"
	      "       vmm --restore FILE [OPTION]...\n"
	      "  --initrd FILE      initramfs\n"
	      "  --disk FILE        virtio block device, read and written\n"
	      "  --append ARGUMENTS to the kernel's command line\n"
	      "  --cpus N           vCPUs, up to 8, with ids from 0 on\n"
	      "  --cpu-ids A,B,...  vCPUs with these ids\n"
	      "  --mem MIB          memory, 256 MiB without it\n"
	      "  --spis N           SPIs of the GICv5, a multiple of 32\n"
	      "  --pmu              with a PMU\n"
	      "  --gicv3            a GICv3 of KVM instead, to compare\n"
	      "  --prefix TEXT      before each line of the guest\n"
	      "  --timeout SECONDS  end it then\n"
	      "  --no-reboot        end it when the guest resets\n"
	      "  --table            at its end, show what the guest has measured\n"
	      "  --marks FILE       write to it when the guest begins and ends\n"
	      "  --save FILE        on SIGUSR2, save the guest to it and end\n"
	      "  --restore FILE     go on with it; all other options as they were\n",
	      stderr);
	exit(1);
}

static void parse(int argc, char **argv)
{
	unsigned int i;
	int which, c;

	for (i = 0; i < MAX_VCPUS; i++)
		options.ids[i] = i;
	while ((c = getopt_long(argc, argv, "", long_options, &which)) != -1) {
		if (c)
			print_usage();
		switch (which) {
		case KERNEL:
			options.kernel = optarg;
			break;
		case INITRD:
			options.initrd = optarg;
			break;
		case DISK:
			options.disk = optarg;
			break;
		case APPEND:
			options.append = optarg;
			break;
		case CPUS:
			options.nr_vcpus = parse_number(optarg, MAX_VCPUS, "--cpus");
			break;
		case CPU_IDS:
			parse_ids(optarg);
			break;
		case MEM:
			options.mem_size = (u64)parse_number(optarg, 1u << 20, "--mem") << 20;
			break;
		case SPIS:
			options.nr_spis = parse_number(optarg, 1u << 20, "--spis");
			break;
		case PREFIX:
			options.prefix = optarg;
			break;
		case TIMEOUT:
			options.timeout = parse_number(optarg, 1u << 20, "--timeout");
			break;
		case GICV3:
			options.gicv3 = true;
			break;
		case NO_REBOOT:
			options.no_reboot = true;
			break;
		case PMU:
			options.pmu = true;
			break;
		case TABLE:
			options.table = true;
			break;
		case MARKS:
			options.marks = optarg;
			break;
		case SAVE_TO:
			options.save = optarg;
			break;
		case RESTORE:
			options.restore = optarg;
			break;
		}
	}
	if (optind != argc || (!options.kernel && !options.restore))
		print_usage();
	if (!options.nr_vcpus)
		die("a guest needs a vCPU");
	if (options.mem_size < 2 * SZ_2M)
		die("--mem: 4 MiB at least");
	if (options.gicv3 && (options.save || options.restore))
		die("--save and --restore: not with --gicv3");
}

int main(int argc, char **argv)
{
	unsigned int i;
	int ret;

	parse(argc, argv);
	if (options.restore)
		image_open();
	if (options.save)
		save_on_signal();
	create_vm();
	for (i = 0; i < options.nr_vcpus; i++)
		create_vcpu(options.ids[i]);
	if (options.gicv3)
		create_gicv3();
	else
		create_gicv5();
	for (i = 0; options.pmu && i < nr_vcpus; i++)
		init_pmu(&vcpus[i]);

	uart_create();
	console_create();
	if (options.disk)
		blk_create(options.disk);

	ret = run_guest();
	if (options.table)
		stats_print();
	fflush(stdout);
	_exit(ret);
}
