// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "vmm.h"

/*
 * Guest memory starts where this program is linked and has room for its image
 * (of which only the guest sections are filled) and a stack for each vCPU.
 */
#define IMAGE_SIZE	0x200000ul
#define STACK_SIZE	0x4000ul
#define MEM_SIZE	(IMAGE_SIZE + MAX_CPUS * STACK_SIZE)

extern char __executable_start[];
extern char __start_guest_text[], __stop_guest_text[];
extern char __start_guest_data[], __stop_guest_data[];

static u64 mem_base(void)
{
	return (u64)__executable_start & ~(IMAGE_SIZE - 1);
}

static int ret_errno(long ret)
{
	return ret < 0 ? -errno : (int)ret;
}

/* Host odds and ends */

int try_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	int ret = fd < 0 ? -errno : 0;
	ssize_t len = strlen(text), n;

	if (ret)
		return ret;
	n = write(fd, text, len);
	if (n != len)
		ret = n < 0 ? -errno : -EIO;
	close(fd);
	return ret;
}

void write_file(const char *path, const char *text)
{
	int ret = try_write_file(path, text);

	require(!ret, "%s: %s", path, strerror(-ret));
}

void write_number(const char *path, long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", number);
	write_file(path, text);
}

long read_number(const char *path)
{
	char text[24] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	require(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0, "%s: %m", path);
	close(fd);
	return strtol(text, NULL, 0);
}

void sleep_us(long us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000l + t.tv_nsec / 1000;
}

int host_cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

void pin_to(int host_cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(host_cpu, &set);
	require_eq(ret_errno(sched_setaffinity(0, sizeof(set), &set)), 0);
}

/*
 * Of /proc/interrupts, the column of a CPU that is online: lines with this text
 * in them, or without that.
 */
static u64 interrupts(int host_cpu, const char *with, const char *without)
{
	char line[4096], *p, *end;
	int column = -1, cpu = -1, i;
	u64 n = 0, value;
	FILE *f;

	f = fopen("/proc/interrupts", "r");
	require(f && fgets(line, sizeof(line), f), "/proc/interrupts: %m");
	for (p = line; cpu != host_cpu && (p = strstr(p, "CPU")); column++) {
		p += 3;
		cpu = atoi(p);
	}
	require(cpu == host_cpu, "no CPU %d in /proc/interrupts", host_cpu);
	while (fgets(line, sizeof(line), f)) {
		p = strchr(line, ':');
		if (!p || (with && !strstr(p, with)) ||
		    (without && strstr(p, without)))
			continue;
		for (p++, value = 0, i = 0; i <= column; i++, p = end) {
			value = strtoul(p, &end, 10);
			/* Not one for each CPU */
			if (end == p)
				break;
		}
		if (i > column)
			n += value;
	}
	fclose(f);
	return n;
}

u64 host_irqs(int host_cpu)
{
	return interrupts(host_cpu, NULL, "kvm guest");
}

u64 host_guest_irqs(int host_cpu)
{
	return interrupts(host_cpu, "kvm guest", NULL);
}

u64 host_kicks(int host_cpu)
{
	return interrupts(host_cpu, "Rescheduling", NULL);
}

int host_interrupts(void)
{
	DIR *dir = opendir("/sys/kernel/irq");
	int n = 0;

	require(dir, "/sys/kernel/irq: %m");
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

u64 host_doorbells(void)
{
	u64 n = 0;
	int cpu;

	for (cpu = 0; cpu < host_cpus(); cpu++)
		n += interrupts(cpu, "vgicv5-doorbell", NULL);
	return n;
}

void let_pass(int ms, int host_cpu)
{
	u64 before = host_irqs(host_cpu);

	sleep_us(ms * 1000l);
	/* A tick is 10 ms at most where the CPU has something to do. */
	require(wait_for(host_irqs(host_cpu) - before >= ms / 20),
		"CPU %d stands", host_cpu);
}

static volatile int overflows;

static void on_overflow(int sig)
{
	overflows++;
}

/* An interrupt of the host's PMU, if it has one. */
static void pmu_is_well(int host_cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.sample_period = 100000,
		.wakeup_events = 1,
		.disabled = 1,
	};
	long end = now_us() + WAIT_MS * 1000l;
	int fd;

	fd = syscall(SYS_perf_event_open, &attr, 0, host_cpu, -1, 0);
	if (fd < 0)
		return;
	overflows = 0;
	signal(SIGIO, on_overflow);
	fcntl(fd, F_SETFL, O_ASYNC);
	fcntl(fd, F_SETOWN, getpid());
	/* One overflow, then it stops: more leave a slow host no time to tell. */
	require(!ioctl(fd, PERF_EVENT_IOC_REFRESH, 1), "%m");
	while (!overflows && now_us() < end)
		;
	check(overflows, "no PMU interrupt on CPU %d", host_cpu);
	close(fd);
	signal(SIGIO, SIG_DFL);
}

void host_is_well(void)
{
	cpu_set_t before;
	int i;

	sched_getaffinity(0, sizeof(before), &before);
	for (i = 0; i < host_cpus(); i++) {
		long start = now_us();

		pin_to(i);
		sleep_us(3000);
		check(now_us() - start < WAIT_MS * 1000l, "timer of CPU %d: %ld us",
		      i, now_us() - start);
		pmu_is_well(i);
	}
	sched_setaffinity(0, sizeof(before), &before);
}

static volatile u64 companion_count;

static void *companion(void *arg)
{
	struct sched_param p = { 0 };

	pin_to((long)arg);
	require_eq(ret_errno(sched_setscheduler(0, SCHED_IDLE, &p)), 0);
	for (;;)
		companion_count++;
	return NULL;
}

void companion_start(int host_cpu)
{
	pthread_t thread;

	require_eq(pthread_create(&thread, NULL, companion,
				  (void *)(long)host_cpu), 0);
	/* It never sleeps: from now on nobody is alone there. */
	require(wait_for(companion_count), "no companion on CPU %d", host_cpu);
}

void companion_turn(void)
{
	u64 before = companion_count;

	require(wait_for(companion_count != before), "the companion stands");
}

const char *debugfs_host(const char *key)
{
	static char line[256];
	size_t len = strlen(key);
	char *value = NULL;
	FILE *f;

	f = fopen("/sys/kernel/debug/vgicv5/host", "r");
	if (!f)
		return NULL;
	while (!value && fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, len) || line[len] != ':')
			continue;
		line[strcspn(line, "\n")] = 0;
		value = line + len + 1;
		value += strspn(value, " ");
	}
	fclose(f);
	return value;
}

int references(void)
{
	return read_number("/sys/module/vgicv5/refcnt");
}

bool in_list(const char *list, int number)
{
	char *end;

	while (*list) {
		long first = strtol(list, &end, 10), last = first;

		if (end == list)
			return false;
		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		if (number >= first && number <= last)
			return true;
		list = *end == ',' ? end + 1 : end;
	}
	return false;
}

/* VMs */

static int kvm_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	return fd;
}

struct vm *vm_new(void)
{
	struct kvm_userspace_memory_region slot;
	struct vm *vm = calloc(1, sizeof(*vm));
	int i;

	vm->gic = -1;
	vm->fd = ret_errno(ioctl(kvm_fd(), KVM_CREATE_VM, 0));
	require(vm->fd >= 0, "%s", strerror(-vm->fd));

	vm->mem = mmap(NULL, MEM_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	require(vm->mem != MAP_FAILED, "%s", strerror(errno));
	require((u64)__stop_guest_data < mem_base() + IMAGE_SIZE &&
		(u64)__stop_guest_text < mem_base() + IMAGE_SIZE,
		"program larger than %lu bytes", IMAGE_SIZE);
	memcpy(vm_ptr(vm, __start_guest_text), __start_guest_text,
	       __stop_guest_text - __start_guest_text);
	memcpy(vm_ptr(vm, __start_guest_data), __start_guest_data,
	       __stop_guest_data - __start_guest_data);
	for (i = 0; i < MAX_CPUS; i++) {
		volatile struct guest_cpu *g = &guest_var(vm, guest_cpus)[i];

		g->index = i;
		g->stack_top = mem_base() + IMAGE_SIZE + (i + 1) * STACK_SIZE;
	}

	slot = (struct kvm_userspace_memory_region) {
		.guest_phys_addr = mem_base(),
		.memory_size = MEM_SIZE,
		.userspace_addr = (u64)vm->mem,
	};
	require_eq(ret_errno(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot)),
		   0);
	return vm;
}

void *vm_ptr(struct vm *vm, volatile void *guest_address)
{
	return vm->mem + ((u64)guest_address - mem_base());
}

void vm_copy(struct vm *to, const struct vm *from)
{
	memcpy(to->mem, from->mem, MEM_SIZE);
}

unsigned long vm_size(void)
{
	return MEM_SIZE;
}

struct vm *vm_ready(int nr, guest_fn fn)
{
	struct vm *vm = vm_new();
	int i;

	for (i = 0; i < nr; i++)
		vcpu_new(vm, i, 0, fn);
	gic_create(vm);
	gic_init(vm);
	return vm;
}

void vm_free(struct vm *vm)
{
	int i;

	for (i = 0; i < vm->nr_vcpus && i < MAX_CPUS; i++) {
		munmap(vm->vcpu[i]->run,
		       ioctl(kvm_fd(), KVM_GET_VCPU_MMAP_SIZE, 0));
		close(vm->vcpu[i]->stats_fd);
		close(vm->vcpu[i]->fd);
		free(vm->vcpu[i]);
	}
	if (vm->gic >= 0)
		close(vm->gic);
	close(vm->fd);
	munmap(vm->mem, MEM_SIZE);
	free(vm);
}

static int create_device(struct vm *vm, u32 flags)
{
	struct kvm_create_device dev = { .type = VGIC_V5, .flags = flags };
	int ret = ret_errno(ioctl(vm->fd, KVM_CREATE_DEVICE, &dev));

	return ret < 0 ? ret : (int)dev.fd;
}

int try_gic_test(struct vm *vm)
{
	int ret = create_device(vm, KVM_CREATE_DEVICE_TEST);

	return ret < 0 ? ret : 0;
}

int try_gic_create(struct vm *vm)
{
	int ret = create_device(vm, 0);

	if (ret < 0)
		return ret;
	vm->gic = ret;
	return 0;
}

int try_gic_init(struct vm *vm)
{
	return attr_set(vm->gic, KVM_DEV_ARM_VGIC_GRP_CTRL,
			KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

void gic_create(struct vm *vm)
{
	require_eq(try_gic_create(vm), 0);
}

void gic_init(struct vm *vm)
{
	require_eq(try_gic_init(vm), 0);
}

static int attr_ioctl(int fd, unsigned long cmd, u32 group, u64 attr,
		      void *addr)
{
	struct kvm_device_attr a = {
		.group = group, .attr = attr, .addr = (u64)addr
	};

	return ret_errno(ioctl(fd, cmd, &a));
}

int attr_set(int fd, u32 group, u64 attr, void *addr)
{
	return attr_ioctl(fd, KVM_SET_DEVICE_ATTR, group, attr, addr);
}

int attr_get(int fd, u32 group, u64 attr, void *addr)
{
	return attr_ioctl(fd, KVM_GET_DEVICE_ATTR, group, attr, addr);
}

int attr_has(int fd, u32 group, u64 attr)
{
	return attr_ioctl(fd, KVM_HAS_DEVICE_ATTR, group, attr, NULL);
}

int irq_line(struct vm *vm, u32 irq, int level)
{
	struct kvm_irq_level l = { .irq = irq, .level = level };

	return ret_errno(ioctl(vm->fd, KVM_IRQ_LINE, &l));
}

void sw_ppi(struct vcpu *vcpu)
{
	u32 irq = IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, vcpu->id, SW_PPI);

	require_eq(irq_line(vcpu->vm, irq, 1), 0);
}

/* What is needed */

const char *need_kvm(void)
{
	return kvm_fd() < 0 ? "no /dev/kvm" : NULL;
}

const char *need_gicv5_host(void)
{
	const char *why = need_kvm();
	struct vcpu *vcpu;
	struct vm *vm;
	u64 v;

	if (why)
		return why;
	/* KVM shows GCIE to a VM without irqchip on such a host. */
	vm = vm_new();
	vcpu = vcpu_new(vm, 0, 0, NULL);
	if (try_get_reg(vcpu, REG_ID_AA64PFR2, &v) || !ID_AA64PFR2_GCIE(v))
		why = "not a GICv5 host";
	vm_free(vm);
	return why;
}

const char *need_vgic(void)
{
	const char *why = need_kvm();
	struct vm *vm;

	if (why)
		return why;
	vm = vm_new();
	if (try_gic_test(vm))
		why = "KVM has no vGICv5 here (is the host GICv5, is vgicv5.ko loaded?)";
	vm_free(vm);
	return why;
}

/* vCPUs */

int try_vcpu_create(struct vm *vm, int id, struct vcpu **result)
{
	int ret = ret_errno(ioctl(vm->fd, KVM_CREATE_VCPU, id));
	struct vcpu *vcpu;

	if (ret < 0)
		return ret;
	vcpu = calloc(1, sizeof(*vcpu));
	vcpu->vm = vm;
	vcpu->fd = ret;
	vcpu->id = id;
	vcpu->index = vm->nr_vcpus++;
	if (vcpu->index < MAX_CPUS) {
		vm->vcpu[vcpu->index] = vcpu;
		vcpu->g = &guest_var(vm, guest_cpus)[vcpu->index];
	}
	vcpu->run = mmap(NULL, ioctl(kvm_fd(), KVM_GET_VCPU_MMAP_SIZE, 0),
			 PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	require(vcpu->run != MAP_FAILED, "%s", strerror(errno));
	vcpu->stats_fd = ret_errno(ioctl(vcpu->fd, KVM_GET_STATS_FD, NULL));
	*result = vcpu;
	return 0;
}

int try_vcpu_new(struct vm *vm, int id, u64 features, struct vcpu **result)
{
	struct vcpu *vcpu;
	int ret = try_vcpu_create(vm, id, &vcpu);

	if (ret)
		return ret;
	if (result)
		*result = vcpu;
	return vcpu_init(vcpu, features);
}

struct vcpu *vcpu_new(struct vm *vm, int id, u64 features, guest_fn fn)
{
	struct vcpu *vcpu = NULL;

	require_eq(try_vcpu_new(vm, id, features, &vcpu), 0);
	require(vcpu->index < MAX_CPUS, "more than %d vCPUs", MAX_CPUS);
	if (fn)
		vcpu_entry(vcpu, fn, 0);
	return vcpu;
}

struct vcpu *pmu_vcpu(struct vm *vm, int id, guest_fn fn)
{
	struct vcpu *vcpu;

	if (try_vcpu_new(vm, id, PMU, &vcpu))
		skip("no virtual PMU on this host");
	vcpu_entry(vcpu, fn, 0);
	return vcpu;
}

int try_pmu_init(struct vcpu *vcpu)
{
	return attr_set(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL,
			KVM_ARM_VCPU_PMU_V3_INIT, NULL);
}

struct vm *vm_with_pmu(guest_fn fn)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = pmu_vcpu(vm, 0, fn);

	gic_create(vm);
	gic_init(vm);
	require_eq(try_pmu_init(vcpu), 0);
	return vm;
}

int vcpu_init(struct vcpu *vcpu, u64 features)
{
	struct kvm_vcpu_init init;
	int ret;

	ret = ret_errno(ioctl(vcpu->vm->fd, KVM_ARM_PREFERRED_TARGET, &init));
	if (ret)
		return ret;
	vcpu->features = features;
	init.features[0] |= BIT(KVM_ARM_VCPU_PSCI_0_2) | features;
	return ret_errno(ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init));
}

#define CORE_REG(name)							\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |		\
	 KVM_REG_ARM_CORE_REG(name))

void vcpu_entry(struct vcpu *vcpu, guest_fn fn, u64 arg)
{
	vcpu->g->arg = arg;
	vcpu->g->saved_x0 = (u64)fn;
	require_eq(try_set_reg(vcpu, CORE_REG(regs.pc), (u64)guest_start), 0);
	require_eq(try_set_reg(vcpu, CORE_REG(regs.regs[0]),
			       (u64)&guest_cpus[vcpu->index]), 0);
	require_eq(try_set_reg(vcpu, CORE_REG(regs.regs[1]), (u64)fn), 0);
}

int try_get_reg(struct vcpu *vcpu, u64 id, u64 *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)value };

	*value = 0;
	return ret_errno(ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg));
}

int try_set_reg(struct vcpu *vcpu, u64 id, u64 value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)&value };

	return ret_errno(ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg));
}

u64 get_reg(struct vcpu *vcpu, u64 id)
{
	u64 value;

	require_eq(try_get_reg(vcpu, id, &value), 0);
	return value;
}

u64 vcpu_stat(struct vcpu *vcpu, const char *name)
{
	struct kvm_stats_header h;
	char buf[512];
	u64 value = 0;
	u32 i;

	require(vcpu->stats_fd >= 0, "no KVM_GET_STATS_FD");
	require(pread(vcpu->stats_fd, &h, sizeof(h), 0) == sizeof(h), "stats");
	for (i = 0; i < h.num_desc; i++) {
		struct kvm_stats_desc *d = (void *)buf;
		size_t size = sizeof(*d) + h.name_size;

		require(size <= sizeof(buf) &&
			pread(vcpu->stats_fd, buf, size,
			      h.desc_offset + i * size) == (ssize_t)size,
			"stats descriptor");
		if (strcmp(d->name, name))
			continue;
		require(pread(vcpu->stats_fd, &value, sizeof(value),
			      h.data_offset + d->offset) == sizeof(value),
			"stats value");
		return value;
	}
	require(false, "no statistic named %s", name);
	return 0;
}

/* Running */

static __thread struct vcpu *running;

static void on_signal(int sig)
{
	(void)sig;
	if (running)
		running->run->immediate_exit = 1;
}

static void signals_once(void)
{
	static volatile int done;
	struct sigaction sa = { .sa_handler = on_signal };

	if (done)
		return;
	sigaction(SIGUSR1, &sa, NULL);
	done = 1;
}

int try_run(struct vcpu *vcpu)
{
	return ret_errno(ioctl(vcpu->fd, KVM_RUN, NULL));
}

/* A signal for this thread at the deadline, and again until it has worked. */
static timer_t deadline_timer(int ms)
{
	struct itimerspec t = {
		.it_value = { ms / 1000, ms % 1000 * 1000000l },
		.it_interval = { 0, 20000000 },
	};
	struct sigevent sev = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGUSR1,
	};
	timer_t timer;

	sev._sigev_un._tid = syscall(SYS_gettid);
	require_eq(ret_errno(timer_create(CLOCK_MONOTONIC, &sev, &timer)), 0);
	require_eq(ret_errno(timer_settime(timer, 0, &t, NULL)), 0);
	return timer;
}

static u64 mmio_event(struct vcpu *vcpu)
{
	u64 ev;

	require(vcpu->run->mmio.is_write &&
		vcpu->run->mmio.phys_addr == DOORBELL,
		"guest accesses 0x%llx",
		(unsigned long long)vcpu->run->mmio.phys_addr);
	memcpy(&ev, vcpu->run->mmio.data, sizeof(ev));
	vcpu->last_event = ev;
	switch (ev) {
	case EV_FAIL:
		require(false, "guest, line %ld: not true: %s (0x%lx, 0x%lx)",
			(long)vcpu->g->a[3], (const char *)vcpu->g->a[0],
			(long)vcpu->g->a[1], (long)vcpu->g->a[2]);
		break;
	case EV_CRASH:
		require(false, "guest exception: ESR 0x%lx, PC 0x%lx, FAR 0x%lx",
			(long)vcpu->g->a[0], (long)vcpu->g->a[1],
			(long)vcpu->g->a[2]);
		break;
	}
	return ev;
}

u64 vcpu_next(struct vcpu *vcpu, int timeout_ms)
{
	long deadline = now_us() + timeout_ms * 1000l;
	u64 ev = 0;
	timer_t timer;

	signals_once();
	running = vcpu;
	timer = deadline_timer(timeout_ms);

	while (!ev) {
		int ret = try_run(vcpu);

		if (ret == -EINTR) {
			vcpu->run->immediate_exit = 0;
			if (vcpu->stop || now_us() >= deadline)
				ev = EV_TIMEOUT;
			continue;
		}
		require_eq(ret, 0);
		switch (vcpu->run->exit_reason) {
		case KVM_EXIT_MMIO:
			ev = mmio_event(vcpu);
			break;
		case KVM_EXIT_SYSTEM_EVENT:
			ev = EV_SHUTDOWN;
			break;
		default:
			require(false, "KVM_RUN: exit reason %u",
				vcpu->run->exit_reason);
		}
	}

	timer_delete(timer);
	running = NULL;
	vcpu->run->immediate_exit = 0;
	return ev;
}

void vcpu_expect(struct vcpu *vcpu, u64 event)
{
	require_eq(vcpu_next(vcpu, WAIT_MS), event);
}

void vcpu_complete(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	require_eq(try_run(vcpu), -EINTR);
	vcpu->run->immediate_exit = 0;
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;

	if (vcpu->on_host_cpu >= 0)
		pin_to(vcpu->on_host_cpu);
	vcpu->tid = syscall(SYS_gettid);
	return (void *)vcpu_next(vcpu, WAIT_MS * 4);
}

void vcpu_start(struct vcpu *vcpu, int on_host_cpu)
{
	signals_once();
	vcpu->stop = 0;
	vcpu->tid = 0;
	vcpu->last_event = 0;
	vcpu->on_host_cpu = on_host_cpu;
	require_eq(pthread_create(&vcpu->thread, NULL, vcpu_thread, vcpu), 0);
}

u64 vcpu_join(struct vcpu *vcpu)
{
	void *ev;

	pthread_join(vcpu->thread, &ev);
	return (u64)ev;
}

void vcpu_signal(struct vcpu *vcpu)
{
	pthread_kill(vcpu->thread, SIGUSR1);
}

u64 vcpu_end(struct vcpu *vcpu)
{
	void *ev;

	while (pthread_tryjoin_np(vcpu->thread, &ev)) {
		vcpu_signal(vcpu);
		sleep_us(1000);
	}
	return (u64)ev;
}

void vcpu_stop(struct vcpu *vcpu)
{
	vcpu->stop = 1;
	require_eq(vcpu_end(vcpu), EV_TIMEOUT);
	vcpu->stop = 0;
}

/* A line of the thread's status that begins with @key, without it. */
static void thread_status(struct vcpu *vcpu, const char *key, char *value,
			  size_t size)
{
	size_t len = strlen(key);
	char path[64], line[128];
	bool found = false;
	FILE *f;

	require(wait_for(vcpu->tid), "no thread");
	snprintf(path, sizeof(path), "/proc/self/task/%d/status", vcpu->tid);
	f = fopen(path, "r");
	require(f, "%s: %m", path);
	while (!found && fgets(line, sizeof(line), f))
		found = !strncmp(line, key, len);
	fclose(f);
	require(found, "no %s in %s", key, path);
	snprintf(value, size, "%s", line + len);
}

bool vcpu_sleeps(struct vcpu *vcpu)
{
	char value[64], path[64];
	bool waits = false;
	FILE *f;

	thread_status(vcpu, "State:\t", value, sizeof(value));
	if (value[0] != 'S')
		return false;

	/* "0" if it is about to sleep, and another one has its CPU */
	snprintf(path, sizeof(path), "/proc/self/task/%d/wchan", vcpu->tid);
	f = fopen(path, "r");
	require(f, "%s: %m", path);
	if (fgets(value, sizeof(value), f))
		waits = strcmp(value, "0");
	fclose(f);
	return waits;
}

u64 vcpu_slept(struct vcpu *vcpu)
{
	char value[64];

	thread_status(vcpu, "voluntary_ctxt_switches:\t", value,
		      sizeof(value));
	return strtoul(value, NULL, 10);
}
