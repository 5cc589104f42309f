// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything that can fail on the way to a running VM fails, one thing at a
 * time, and after that the next attempt must work.
 *
 * Allocations: the kernel counts those of a system call down from a number and
 * lets that one fail (/proc/thread-self/fail-nth, CONFIG_FAULT_INJECTION). The
 * call must work or return -ENOMEM. It is done when the call ends with
 * allocations to spare.
 *
 * Steps, functions that can fail for other reasons: likewise, with the help of
 * selftests/debug/faults/fail_call.ko. The call must return what that step says.
 *
 * MODULE names vgicv5.ko, ./vgicv5.ko if unset, and PARAMETERS what it is loaded
 * with. If SPIs and LPIs are in the host's IRS, nothing of a VM may be left there,
 * and no doorbell.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/state.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define DEBUG		"/sys/kernel/debug/"
#define FAIL_CALL	DEBUG "fail_call"
#define CPU1_ONLINE	"/sys/devices/system/cpu/cpu1/online"

static const char *need_failures(void)
{
	/* Also allocations that may wait, and pages; without a report of each. */
	static const char *const settings[][2] = {
		{ DEBUG "failslab/ignore-gfp-wait", "N" },
		{ DEBUG "failslab/cache-filter", "N" },
		{ DEBUG "failslab/verbose", "0" },
		{ DEBUG "fail_page_alloc/ignore-gfp-wait", "N" },
		{ DEBUG "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ DEBUG "fail_page_alloc/min-order", "0" },
		{ DEBUG "fail_page_alloc/verbose", "0" },
	};
	unsigned int i;

	if (access(FAIL_NTH, W_OK))
		return "the kernel has no fail-nth (CONFIG_FAULT_INJECTION)";
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (try_write_file(settings[i][0], settings[i][1]))
			return settings[i][0];
	if (access(FAIL_CALL, W_OK))
		return "no " FAIL_CALL " (fail_call.ko)";
	return need_vgic();
}

static int nth_fd = -1;

/* The n-th allocation from now on fails; 0: none does. */
static void fail_nth(int n)
{
	char text[16];

	if (nth_fd < 0)
		nth_fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	require(nth_fd >= 0, "%s: %m", FAIL_NTH);
	snprintf(text, sizeof(text), "%d", n);
	require(pwrite(nth_fd, text, strlen(text), 0) > 0, "%s: %m", FAIL_NTH);
}

/* How many allocations were to come yet; 0: that one has failed. */
static int fail_left(void)
{
	char text[16] = "";

	require(pread(nth_fd, text, sizeof(text) - 1, 0) > 0, "fail-nth: %m");
	fail_nth(0);
	return atoi(text);
}

static int call_fd = -1;

static void tell_fail_call(const char *text)
{
	/* Opened before: a function may be one that open() calls. */
	if (call_fd < 0)
		call_fd = open(FAIL_CALL, O_RDWR | O_CLOEXEC);
	require(call_fd >= 0, "%s: %m", FAIL_CALL);
	require(pwrite(call_fd, text, strlen(text), 0) > 0, "%s: %m", text);
}

/* The n-th call of a function fails. */
static void fail_call(const char *function, long result, int n)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %ld %d", function, result, n);
	tell_fail_call(text);
}

/* How many calls were to come yet; 0: that one has failed. */
static int calls_left(void)
{
	char text[16] = "";

	tell_fail_call("-");
	require(pread(call_fd, text, sizeof(text) - 1, 0) > 0, "%m");
	return atoi(text);
}

static __guest void guest_gic(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	guest_check(read_reg(ICC_ENABLER0) == BIT(SW_PPI),
		    read_reg(ICC_ENABLER0), 0);
	irq_on();
	while (!cpu()->taken[SW_PPI])
		isb();
}

/* If function returns result, the call gives error; 0: it goes on without. */
struct step {
	const char *function;
	long result;
	int error;
};

/*
 * prepare() makes all that comes before the call, which is one system call and
 * gives 0 or -errno. finish() then takes the VM through its life; it is told
 * whether the call has worked.
 */
struct path {
	struct vm *(*prepare)(void);
	int (*call)(struct vm *vm);
	void (*finish)(struct vm *vm, bool worked);
	bool may_need_nothing;		/* no allocation has to be refused */
	int other_error;		/* or -ENOMEM */
	struct step steps[8];
};

static struct vm *prepare(const struct path *p)
{
	return p->prepare ? p->prepare() : NULL;
}

static void every_allocation(const struct path *p)
{
	int n, refused = 0, left, interrupts = host_interrupts();

	for (n = 1; ; n++) {
		struct vm *vm = prepare(p);
		int ret;

		fail_nth(n);
		ret = p->call(vm);
		left = fail_left();
		if (left)
			require_eq(ret, 0);
		else if (ret && ret != p->other_error &&
			 !check_eq(ret, -ENOMEM))
			note("at allocation %d", n);
		if (ret)
			refused++;
		p->finish(vm, !ret);
		if (left)
			break;
	}
	check(refused > 0 || p->may_need_nothing, "no allocation mattered");
	irs_nothing_is_left(interrupts);
	note("%d allocations failed in turn: %d times -ENOMEM, else it went on without",
	     n - 1, refused);
}

static void every_call(const struct path *p, const struct step *s)
{
	int n, left, interrupts = host_interrupts();

	for (n = 1; ; n++) {
		struct vm *vm = prepare(p);
		int ret;

		fail_call(s->function, s->result, n);
		ret = p->call(vm);
		left = calls_left();
		if (left)
			require_eq(ret, 0);
		else if (!check_eq(ret, s->error))
			note("at call %d of %s", n, s->function);
		p->finish(vm, !ret);
		if (left)
			break;
	}
	check(n > 1, "%s is not called", s->function);
	irs_nothing_is_left(interrupts);
	note("%d calls of %s failed in turn", n - 1, s->function);
}

static void every_failure(const struct path *p)
{
	const struct step *s;

	for (s = p->steps; s->function; s++)
		every_call(p, s);
	every_allocation(p);
}

static void runs(struct vm *vm)
{
	int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		sw_ppi(vm->vcpu[i]);
	for (i = 0; i < vm->nr_vcpus; i++)
		vcpu_expect(vm->vcpu[i], EV_DONE);
	vm_free(vm);
}

/* The device */

static struct vm *two_vcpus(void)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, guest_gic);
	vcpu_new(vm, 1, 0, guest_gic);
	return vm;
}

static void device_finish(struct vm *vm, bool worked)
{
	if (!worked) {
		/* As without an in-kernel irqchip: nothing half made. */
		check_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0,
					       SW_PPI), 1), -ENXIO);
		gic_create(vm);
	}
	gic_init(vm);
	runs(vm);
}

static void device_create(long arg)
{
	every_failure(&(struct path){
		.prepare = two_vcpus,
		.call = try_gic_create,
		.finish = device_finish,
		.steps = {
			{ "vgicv5_create", -EIO, -EIO },
			{ "vgicv5_vcpu_create", -EIO, -EIO },
			{ "try_module_get", 0, -ENODEV },
			{ "anon_inode_getfd", -EMFILE, -EMFILE },
		},
	});
}

/* A vCPU, before and after the device */

static int new_fd;

static int call_vcpu(struct vm *vm)
{
	new_fd = ioctl(vm->fd, KVM_CREATE_VCPU, vm->nr_vcpus);
	return new_fd < 0 ? -errno : 0;
}

static void vcpu_finish(struct vm *vm, bool worked)
{
	if (worked) {
		/* Its id is taken: this one will not run, the others do. */
		close(new_fd);
		if (vm->gic >= 0)
			gic_init(vm);
		runs(vm);
		return;
	}
	vcpu_new(vm, vm->nr_vcpus, 0, guest_gic);
	if (vm->gic < 0)
		gic_create(vm);
	gic_init(vm);
	runs(vm);
}

static void vcpu_create(long arg)
{
	every_failure(&(struct path){
		.prepare = vm_new,
		.call = call_vcpu,
		.finish = vcpu_finish,
	});
}

static struct vm *vcpu_and_device(void)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, guest_gic);
	gic_create(vm);
	return vm;
}

static void vcpu_create_after_device(long arg)
{
	every_failure(&(struct path){
		.prepare = vcpu_and_device,
		.call = call_vcpu,
		.finish = vcpu_finish,
		.steps = {
			{ "vgicv5_vcpu_create", -EIO, -EIO },
			{ "anon_inode_getfd", -EMFILE, -EMFILE },
		},
	});
}

/* CTRL_INIT: all that it needs may be there already. */

static void init_finish(struct vm *vm, bool worked)
{
	if (!worked)
		gic_init(vm);
	runs(vm);
}

static struct vm *two_vcpus_and_device(void)
{
	struct vm *vm = two_vcpus();

	gic_create(vm);
	return vm;
}

static void ctrl_init(long arg)
{
	every_failure(&(struct path){
		.prepare = two_vcpus_and_device,
		.call = try_gic_init,
		.finish = init_finish,
		.may_need_nothing = true,
		.steps = {
			{ "vgicv5_set_attr", -EIO, -EIO },
			{ "vgicv5_debugfs_vm", 0, 0 },
		},
	});
}

/* The IRS: its address, before CTRL_INIT and after it, and CTRL_INIT with it */

static int call_irs_addr(struct vm *vm)
{
	return try_irs_addr(vm, IRS_ADDR);
}

static void lpis_run(struct vm *vm)
{
	int i;

	vcpu_entry(vm->vcpu[0], irs_guest_self, 0);
	vcpu_expect(vm->vcpu[0], EV_DONE);
	for (i = 0; irs_in_hw() && i < vm->nr_vcpus; i++)
		irs_wakes_by_doorbell(vm->vcpu[i]);
	/* All before it have given theirs back, the last one soon */
	if (irs_in_hw() && irs_number(vm) >= 0)
		check(irs_number(vm) <= 1, "number %d", irs_number(vm));
	vm_free(vm);
}

static void irs_addr_finish(struct vm *vm, bool worked)
{
	if (!worked)
		require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	require_eq(try_gic_init(vm), 0);
	lpis_run(vm);
}

static void irs_addr(long arg)
{
	every_failure(&(struct path){
		.prepare = two_vcpus_and_device,
		.call = call_irs_addr,
		.finish = irs_addr_finish,
		.steps = {
			{ "kvm_vgic_v5_register_iodev", -ENOSPC, -ENOSPC },
		},
	});
}

static struct vm *two_vcpus_and_init(void)
{
	return vm_ready(2, guest_gic);
}

static void irs_addr_after_init(long arg)
{
	every_failure(&(struct path){
		.prepare = two_vcpus_and_init,
		.call = call_irs_addr,
		.finish = irs_addr_finish,
		.steps = {
			{ "kvm_vgic_v5_register_iodev", -ENOSPC, -ENOSPC },
			{ "kvm_vgic_v5_route_spis", -ENOMEM, -ENOMEM },
		},
	});
}

static struct vm *two_vcpus_and_irs(void)
{
	return vm_before_init(2, guest_gic);
}

static void irs_init_finish(struct vm *vm, bool worked)
{
	if (!worked)
		gic_init(vm);
	lpis_run(vm);
}

static void ctrl_init_with_irs(long arg)
{
	struct path path = {
		.prepare = two_vcpus_and_irs,
		.call = try_gic_init,
		.finish = irs_init_finish,
		.steps = {
			{ "irs_add_cpu", -EINVAL, -EINVAL },
			{ "kvm_vgic_v5_route_spis", -ENOMEM, -ENOMEM },
		},
	};

	if (irs_in_hw()) {
		path.steps[2] = (struct step){ "gicv5_alloc_lpi", -ENOSPC,
					       -ENOSPC };
		path.steps[3] = (struct step){ "request_threaded_irq", -EBUSY,
					       -EBUSY };
	}
	every_failure(&path);
}

/* The first VM in a level 2 table of VMs: others have found that table there */

static void unload(void);
static void read_image(void);
static int call_load(struct vm *vm);

static struct vm *first_vm(void)
{
	unload();
	require_eq(call_load(NULL), 0);
	return two_vcpus_and_irs();
}

static void first_finish(struct vm *vm, bool worked)
{
	irs_init_finish(vm, worked);
	require(wait_for(references() == 0), "references: %d", references());
}

static void ctrl_init_of_first(long arg)
{
	if (!irs_in_hw())
		not_here("SPIs and LPIs are in the module");
	read_image();
	every_failure(&(struct path){
		.prepare = first_vm,
		.call = try_gic_init,
		.finish = first_finish,
	});
}

/* A VM that was saved is restored as another one */

static struct image saved;

static struct vm *twin_of_saved(void)
{
	struct vm *vm = vm_saved(&saved), *twin = vm_twin(vm);

	vm_free(vm);
	return twin;
}

static int call_restore(struct vm *vm)
{
	return try_restore(vm, &saved);
}

static void restore_finish(struct vm *vm, bool worked)
{
	static struct image again;

	if (!worked)
		require_eq(call_restore(vm), 0);
	gic_save(vm, &again);
	check(same_image(&saved, &again), "saved after it was restored");
	vm_free(vm);
}

static void restore(long arg)
{
	every_failure(&(struct path){
		.prepare = twin_of_saved,
		.call = call_restore,
		.finish = restore_finish,
	});
}

/*
 * G36: the guest's table of LPIs, and an LPI: what fails is seen by the guest,
 * which tries again.
 */
static __guest void guest_lpis_twice(u64 arg)
{
	volatile struct guest_cpu *c = cpu();

	c->phase = irs_guest_lpis();
	do {
		c->count++;
		lpi_priority(LPI(5), 0x8);
	} while (config_of(LPI(5)) & ICSR_F);
	guest_check(ICSR_PRIORITY(config_of(LPI(5))) == 8, config_of(LPI(5)),
		    0);
	event(EV_USER);
}

static struct vm *ready_for_lpis(void)
{
	return vm_with_irs(1, 0, guest_lpis_twice);
}

static int call_run_to_event(struct vm *vm);

static u64 tables_refused, lpis_refused;

static void g36_finish(struct vm *vm, bool worked)
{
	struct vcpu *v = vm->vcpu[0];

	if (!worked)
		require_eq(try_run(v), 0);
	check_eq(v->run->exit_reason, KVM_EXIT_MMIO);
	tables_refused += v->g->phase - 1;
	lpis_refused += v->g->count - 1;
	vm_free(vm);
}

static void g36_lpis(long arg)
{
	every_failure(&(struct path){
		.prepare = ready_for_lpis,
		.call = call_run_to_event,
		.finish = g36_finish,
	});
	note("%ld times the guest found no table, %ld times no LPI",
	     (long)tables_refused, (long)lpis_refused);
	check(tables_refused, "no allocation of a table has failed");
	/* In the host's IRS there are all at once */
	check(!lpis_refused == irs_in_hw(), "no allocation of an LPI has failed");
}

/* The first run, as far as the guest */

static struct vm *ready(void)
{
	return vm_ready(2, guest_gic);
}

static int call_run(struct vm *vm)
{
	int ret;

	vm->vcpu[0]->run->immediate_exit = 1;
	ret = try_run(vm->vcpu[0]);
	vm->vcpu[0]->run->immediate_exit = 0;
	/* It has come as far as the guest. */
	return ret == -EINTR ? 0 : ret;
}

static void run_finish(struct vm *vm, bool worked)
{
	runs(vm);
}

static void first_run(long arg)
{
	every_failure(&(struct path){
		.prepare = ready,
		.call = call_run,
		.finish = run_finish,
		.may_need_nothing = true,
		.steps = {
			{ "vgicv5_set_owner", -EIO, -EINVAL },
			{ "vgicv5_map", -EIO, -EIO },
			{ "vgicv5_first_run", -EIO, -EIO },
		},
	});
}

/* The same, to the guest's first event: its memory is allocated on the way. */

static __guest void guest_event_first(u64 arg)
{
	event(EV_USER);
	guest_gic(0);
}

static struct vm *ready_for_event(void)
{
	return vm_ready(1, guest_event_first);
}

static int call_run_to_event(struct vm *vm)
{
	return try_run(vm->vcpu[0]);
}

static void event_finish(struct vm *vm, bool worked)
{
	if (!worked)
		require_eq(try_run(vm->vcpu[0]), 0);
	check_eq(vm->vcpu[0]->run->exit_reason, KVM_EXIT_MMIO);
	runs(vm);
}

static void first_entry(long arg)
{
	every_failure(&(struct path){
		.prepare = ready_for_event,
		.call = call_run_to_event,
		.finish = event_finish,
	});
}

/* The module, and a CPU that comes back */

static char *image;
static long image_size;

static int call_load(struct vm *vm)
{
	return syscall(SYS_init_module, image, image_size,
		       getenv("PARAMETERS") ?: "") ? -errno : 0;
}

static void unload(void)
{
	int tries = 3000, ret = -1;

	while (tries-- && ret) {
		ret = syscall(SYS_delete_module, "vgicv5", O_NONBLOCK);
		if (ret)
			sleep_us(10000);
	}
	require(!ret, "rmmod: %m");
}

static void load_finish(struct vm *vm, bool worked)
{
	if (!worked) {
		check(access("/sys/module/vgicv5", F_OK), "half loaded");
		check(access(DEBUG "vgicv5", F_OK), "debugfs left");
		require_eq(call_load(NULL), 0);
		runs(ready());
	}
	unload();
}

static void read_image(void)
{
	const char *name = getenv("MODULE") ?: "./vgicv5.ko";
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;

	require(fd >= 0 && !fstat(fd, &st), "%s: %m", name);
	image_size = st.st_size;
	image = malloc(image_size);
	require(read(fd, image, image_size) == image_size, "%s", name);
	close(fd);
}

static void module_load(long arg)
{
	read_image();
	unload();
	every_failure(&(struct path){
		.call = call_load,
		.finish = load_finish,
		/* irs=hw, and the host's IRS cannot be used */
		.other_error = getenv("PARAMETERS") ? -ENODEV : 0,
		.steps = {
			{ "__cpuhp_setup_state_cpuslocked", -ENOSPC, -ENOSPC },
			{ "cpu_pm_register_notifier", -EIO, -EIO },
			{ "kvm_vgic_v5_register", -EIO, -EIO },
			{ "kvm_register_device_ops", -EEXIST, -EEXIST },
			{ "debugfs_create_dir", -EIO, 0 },
			{ "debugfs_create_file_full", -EIO, 0 },
		},
	});
	require_eq(call_load(NULL), 0);
	runs(ready());
}

static struct vm *cpu_off(void)
{
	require_eq(try_write_file(CPU1_ONLINE, "0"), 0);
	return ready();
}

static int online_fd;

static int call_online(struct vm *vm)
{
	return pwrite(online_fd, "1", 1, 0) < 0 ? -errno : 0;
}

static void online_finish(struct vm *vm, bool worked)
{
	if (!worked)
		require_eq(try_write_file(CPU1_ONLINE, "1"), 0);
	pin_to(1);
	runs(vm);
	pin_to(0);
}

static void cpu_online(long arg)
{
	online_fd = open(CPU1_ONLINE, O_WRONLY | O_CLOEXEC);
	if (online_fd < 0)
		skip("CPU 1 cannot be switched off");
	pin_to(0);
	every_failure(&(struct path){
		.prepare = cpu_off,
		.call = call_online,
		.finish = online_finish,
		.steps = {
			{ "vgicv5_cpu_online", -EIO, -EIO },
		},
	});
}

KTAP_MAIN(need_failures,
	  T(device_create), T(vcpu_create), T(vcpu_create_after_device),
	  T(ctrl_init), T(irs_addr), T(irs_addr_after_init),
	  T(ctrl_init_with_irs), T(ctrl_init_of_first), T(restore), T(g36_lpis), T(first_run),
	  T(first_entry), T(cpu_online), T(module_load))
