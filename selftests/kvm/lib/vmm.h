/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A very small VMM. Functions named try_* and those that return int give 0 or
 * -errno; all others end the test if something goes wrong.
 */
#ifndef SELFTEST_VMM_H
#define SELFTEST_VMM_H

#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "guest.h"
#include "ktap.h"
#include "uapi.h"

struct vm {
	int fd;
	int gic;			/* the vGICv5 device, or -1 */
	char *mem;
	int nr_vcpus;
	struct vcpu *vcpu[MAX_CPUS];
};

struct vcpu {
	struct vm *vm;
	int index;			/* order of creation */
	int id;
	u64 features;			/* of its last KVM_ARM_VCPU_INIT */
	int fd, stats_fd;
	struct kvm_run *run;
	volatile struct guest_cpu *g;	/* the guest's own block */

	/* vcpu_start() */
	pthread_t thread;
	int on_host_cpu;
	volatile int tid;
	volatile u64 last_event;
	volatile int stop;
};

typedef void (*guest_fn)(u64 arg);

/* What programs need: for KTAP_MAIN(). */
const char *need_kvm(void);
const char *need_gicv5_host(void);
const char *need_vgic(void);

/* VMs. vm_ready(): @nr vCPUs (ids 0...), vGICv5, initialised. */
struct vm *vm_new(void);
struct vm *vm_ready(int nr, guest_fn fn);
void vm_free(struct vm *vm);
/* The guest's memory */
void vm_copy(struct vm *to, const struct vm *from);
unsigned long vm_size(void);

int try_gic_test(struct vm *vm);
int try_gic_create(struct vm *vm);
int try_gic_init(struct vm *vm);
void gic_create(struct vm *vm);
void gic_init(struct vm *vm);

/* Attributes; fd is vm->gic or vcpu->fd, addr the data. */
int attr_set(int fd, u32 group, u64 attr, void *addr);
int attr_get(int fd, u32 group, u64 attr, void *addr);
int attr_has(int fd, u32 group, u64 attr);

/* KVM_IRQ_LINE: in full, and for SW_PPI of one vCPU. */
int irq_line(struct vm *vm, u32 irq, int level);
void sw_ppi(struct vcpu *vcpu);

/*
 * vCPUs: created, initialised (KVM_ARM_VCPU_INIT), entry set to fn(arg);
 * try_vcpu_create() does the first alone.
 */
#define POWER_OFF	BIT(KVM_ARM_VCPU_POWER_OFF)
#define PMU		BIT(KVM_ARM_VCPU_PMU_V3)

int try_vcpu_create(struct vm *vm, int id, struct vcpu **vcpu);
int try_vcpu_new(struct vm *vm, int id, u64 features, struct vcpu **vcpu);
struct vcpu *vcpu_new(struct vm *vm, int id, u64 features, guest_fn fn);
int vcpu_init(struct vcpu *vcpu, u64 features);
void vcpu_entry(struct vcpu *vcpu, guest_fn fn, u64 arg);

/*
 * A PMU, after its VM's device, and a VM whose vCPU has one. Without a PMU in the
 * host the test ends here.
 */
struct vcpu *pmu_vcpu(struct vm *vm, int id, guest_fn fn);
int try_pmu_init(struct vcpu *vcpu);
struct vm *vm_with_pmu(guest_fn fn);

int try_get_reg(struct vcpu *vcpu, u64 id, u64 *value);
int try_set_reg(struct vcpu *vcpu, u64 id, u64 value);
u64 get_reg(struct vcpu *vcpu, u64 id);

/* A statistic by name ("exits", "wfi_exit_stat"), also while it runs. */
u64 vcpu_stat(struct vcpu *vcpu, const char *name);

/* One KVM_RUN: 0 or -errno. */
int try_run(struct vcpu *vcpu);

/*
 * Run until the guest reports an event, and return it. EV_FAIL and EV_CRASH
 * end the test here, with the guest's message. vcpu_expect() ends it too if
 * the event is another one. The default time is WAIT_MS.
 */
#define WAIT_MS		(30000 * ktap_slow())
u64 vcpu_next(struct vcpu *vcpu, int timeout_ms);
void vcpu_expect(struct vcpu *vcpu, u64 event);
/* Finish the MMIO write of the last event without running the guest. */
void vcpu_complete(struct vcpu *vcpu);

/*
 * Run in a thread until an event; vcpu_join() returns it. vcpu_end() as well,
 * and until then signals end the WFI of a guest that looks after each whether
 * to go on. vcpu_stop() is for a guest that never ends: an event of it fails
 * the test. on_host_cpu >= 0 pins the thread.
 */
void vcpu_start(struct vcpu *vcpu, int on_host_cpu);
u64 vcpu_join(struct vcpu *vcpu);
u64 vcpu_end(struct vcpu *vcpu);
void vcpu_stop(struct vcpu *vcpu);
/* One of those signals. */
void vcpu_signal(struct vcpu *vcpu);
/* Does its thread sleep (a WFI that KVM has trapped), and how often has it? */
bool vcpu_sleeps(struct vcpu *vcpu);
u64 vcpu_slept(struct vcpu *vcpu);

/*
 * Wait until a thing becomes true while vCPUs run; false if it never does. True
 * is true: it is not asked again, for it may have been so for a moment only.
 */
#define wait_for(cond) ({						\
	bool __true = false;						\
	int __t;							\
	for (__t = 0; __t < WAIT_MS * 2 && !__true; __t++) {		\
		if (__t)						\
			sleep_us(500);					\
		__true = (cond);					\
	}								\
	__true; })

/* A __guest_var as this VM has it. */
#define guest_var(vm, var) (*(__typeof__(&(var)))vm_ptr(vm, (void *)&(var)))
void *vm_ptr(struct vm *vm, volatile void *guest_address);

/* Host odds and ends. */
/* A line to a file of the host's kernel, and a number */
int try_write_file(const char *path, const char *text);
void write_file(const char *path, const char *text);
void write_number(const char *path, long number);
long read_number(const char *path);
void sleep_us(long us);
long now_us(void);
int host_cpus(void);
void pin_to(int host_cpu);
/*
 * Interrupts of a CPU of the host so far, those of guests' timers apart, and of
 * them the kicks. A host that is busy, or runs slowly, has more of them in a
 * given time of the guest: a vCPU pinned there may exit, and return from WFI,
 * once for each.
 */
u64 host_irqs(int host_cpu);

/* Those that KVM takes for guests: of timers, and maintenance interrupts. */
u64 host_guest_irqs(int host_cpu);
u64 host_kicks(int host_cpu);
/* How many different ones it has, doorbells among them */
int host_interrupts(void);
/* Doorbells of vCPUs that are in the host's IRS, on all CPUs */
u64 host_doorbells(void);
/* At least @ms pass, also on that CPU: it has had interrupts at their pace. */
void let_pass(int ms, int host_cpu);
/*
 * The host's own timer interrupt arrives on each CPU, and so does that of a
 * counter that overflows if the host has a PMU. Whatever guests did, nothing
 * of the host is left masked or active.
 */
void host_is_well(void);
/*
 * KVM lets WFI of a v5 guest run natively while its thread is alone on the
 * CPU. A lowest-priority companion thread there makes KVM trap it.
 */
void companion_start(int host_cpu);
/* Wait until it has had the CPU: then whoever slept there does. */
void companion_turn(void);
/* A line "key: value" of the module's debugfs file, or NULL. */
const char *debugfs_host(const char *key);
/*
 * The module's reference count. A VM is gone a little after its last file: wait
 * for 0.
 */
int references(void);
bool in_list(const char *list, int number);	/* "3,23,26-28" */

#endif
