// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hosts with FEAT_GCIE_LEGACY run guests with a GICv3, which leave
 * ICH_VCTLR_EL2.V3 set, and GICv3's fields in ICH_VMCR_EL2. A guest with a
 * GICv5 that is loaded next on that CPU must not notice. KVM plays the GICv3
 * guest; and so does gicv3_left.ko, with a VMCR that KVM would not have left.
 */
#include <sys/ioctl.h>

#include "lib/vmm.h"

#define EV_STEP		EV_USER

#define VMCR	"/sys/module/gicv3_left/parameters/vmcr"

static void leave(const char *vmcr)
{
	write_file(VMCR, vmcr);
}

/* A VM with a GICv3: where its frames are does not matter, it has no use. */
static int try_gicv3(struct vm *vm)
{
	struct kvm_create_device dev = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	u64 dist = 0x08000000, redist = 0x080a0000;

	if (ioctl(vm->fd, KVM_CREATE_DEVICE, &dev))
		return -errno;
	vm->gic = dev.fd;
	require_eq(attr_set(vm->gic, KVM_DEV_ARM_VGIC_GRP_ADDR,
			    KVM_VGIC_V3_ADDR_TYPE_DIST, &dist), 0);
	require_eq(attr_set(vm->gic, KVM_DEV_ARM_VGIC_GRP_ADDR,
			    KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist), 0);
	gic_init(vm);
	return 0;
}

static struct vm *gicv3_vm(guest_fn fn)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, fn);
	require_eq(try_gicv3(vm), 0);
	return vm;
}

static const char *need_legacy(void)
{
	const char *why = need_vgic();
	struct vm *vm;

	if (why)
		return why;
	vm = vm_new();
	vcpu_new(vm, 0, 0, NULL);
	if (try_gicv3(vm))
		why = "no guest can have a GICv3 here (FEAT_GCIE_LEGACY?)";
	vm_free(vm);
	return why;
}

/*
 * Each round is a load with something else between it and the last one. All
 * that the guest has set is as before, and an edge arrives.
 */
static __guest void guest_rounds(u64 seed)
{
	u64 prio = (8 + seed) & prio_mask();
	int n;

	gic_setup(BIT(SW_PPI));
	write_reg(ICC_PRIORITYR0, 4ul << 8 * SW_PPI);
	for (n = 0;; n++) {
		u64 mask = n & 1 ? prio : prio_mask();

		write_reg(ICC_PCR, mask);
		isb();
		event1(EV_STEP, cpu()->taken[SW_PPI]);
		guest_check(read_reg(ICC_PCR) == mask, read_reg(ICC_PCR), n);
		guest_check(read_reg(ICC_CR0) & ICC_CR0_EN, 0, n);
		guest_check(read_reg(ICC_APR) == 0, read_reg(ICC_APR), n);
		guest_check(read_reg(ICC_ENABLER0) == BIT(SW_PPI),
			    read_reg(ICC_ENABLER0), n);
		irq_on();
		while (cpu()->taken[SW_PPI] != n + 1)
			;
		irq_off();
	}
}

/* ... and one that is switched off stays so. */
static __guest void guest_off(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	write_reg(ICC_CR0, 0);
	write_reg(ICC_PCR, 0);
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	irq_on();
	for (;;) {
		event(EV_STEP);
		guest_check(!(read_reg(ICC_CR0) & ICC_CR0_EN), 0, 0);
		guest_check(!read_reg(ICC_PCR), read_reg(ICC_PCR), 0);
		guest_check(!cpu()->taken[SW_PPI], 0, 0);
	}
}

static const char *const vmcrs[] = {
	/* Nothing enabled; all of it; VPMR only; VENG1 and VBPR1 */
	"0", "0xffffffff", "0xff000000", "0x000c0002",
};

static void left_by_a_module(long arg)
{
	struct vm *vm[2];
	int host_cpu, n;

	for (host_cpu = 0; host_cpu < host_cpus(); host_cpu++) {
		vm[0] = vm_ready(1, guest_rounds);
		vm[1] = vm_ready(1, guest_off);
		pin_to(host_cpu);
		for (n = 0; n < 12; n++) {
			vcpu_expect(vm[0]->vcpu[0], EV_STEP);
			check_eq(vm[0]->vcpu[0]->g->a[0], n);
			sw_ppi(vm[0]->vcpu[0]);
			leave(vmcrs[n % 4]);
			vcpu_expect(vm[1]->vcpu[0], EV_STEP);
			leave(vmcrs[n % 4]);
		}
		vm_free(vm[0]);
		vm_free(vm[1]);
	}
	host_is_well();
}

/* Nobody else between two loads of the same vCPU. */
static void left_to_the_same_vcpu(long arg)
{
	struct vm *vm = vm_ready(1, guest_rounds);
	int n;

	pin_to(0);
	for (n = 0; n < 12; n++) {
		vcpu_expect(vm->vcpu[0], EV_STEP);
		check_eq(vm->vcpu[0]->g->a[0], n);
		sw_ppi(vm->vcpu[0]);
		leave(vmcrs[n % 4]);
	}
}

/* It has none of GICv5's registers, and none of GICv3's are needed for that. */
#define reads_undef(r)							\
	guest_check(undef(read_reg(r)), "read of " str(r), 0);
#define writes_undef(r)							\
	guest_check(undef(write_reg(r, ~0ul)), "write of " str(r), 0);
#define op_undef(op)	guest_check(undef(gic(op, 0)), op, 0);
#define opr_undef(op)	guest_check(undef(gicr(op)), op, 0);

static __guest void guest_of_gicv3(u64 arg)
{
	for (;;) {
		GICV5_RO_REGS(reads_undef)
		GICV5_RW_REGS(reads_undef)
		GICV5_RW_REGS(writes_undef)
		GICV5_GIC_OPS(op_undef)
		GICV5_GICR_OPS(opr_undef)
		event(EV_STEP);
	}
}

static void left_by_kvm(long arg)
{
	int host_cpu, n;

	for (host_cpu = 0; host_cpu < host_cpus(); host_cpu++) {
		struct vm *v3 = gicv3_vm(guest_of_gicv3);
		struct vm *on = vm_ready(1, guest_rounds);
		struct vm *off = vm_ready(1, guest_off);

		pin_to(host_cpu);
		for (n = 0; n < 12; n++) {
			vcpu_expect(on->vcpu[0], EV_STEP);
			check_eq(on->vcpu[0]->g->a[0], n);
			sw_ppi(on->vcpu[0]);
			vcpu_expect(v3->vcpu[0], EV_STEP);
			vcpu_expect(off->vcpu[0], EV_STEP);
			vcpu_expect(v3->vcpu[0], EV_STEP);
		}
		vm_free(v3);
		vm_free(on);
		vm_free(off);
	}
	host_is_well();
}

static __guest void guest_ticks(u64 arg)
{
	gic_setup(BIT(CNTV));
	timer_ticks(CNTV, 100, ms(1));
	irq_on();
	while (cpu()->taken[CNTV] < 100)
		;
}

static __guest void guest_of_gicv3_spins(u64 arg)
{
	for (;;)
		cpu()->count++;
}

/* The two preempt each other; no tick is lost. */
static void taking_turns(long arg)
{
	struct vm *v3 = gicv3_vm(guest_of_gicv3_spins);
	struct vm *v5 = vm_ready(1, guest_ticks);

	vcpu_start(v3->vcpu[0], 0);
	vcpu_start(v5->vcpu[0], 0);
	check_eq(vcpu_join(v5->vcpu[0]), EV_DONE);
	check(v3->vcpu[0]->g->count, "the other guest did not run");
	vcpu_stop(v3->vcpu[0]);
	host_is_well();
}

KTAP_MAIN(need_legacy, T(left_by_a_module), T(left_to_the_same_vcpu),
	  T(left_by_kvm), T(taking_turns))
