// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest can read about itself, and the ID registers that user space
 * sees before and after the vGICv5 exists.
 */
#include <stdlib.h>

#include "lib/vmm.h"

#define ID_AA64PFR2	S3_0_C0_C4_2

static __guest void guest_ids(u64 arg)
{
	cpu()->reg[0] = read_reg(ICC_IDR0);
	cpu()->reg[1] = read_reg(ICC_IAFFIDR);
	cpu()->reg[2] = read_reg(id_aa64pfr0_el1);
	cpu()->reg[3] = read_reg(ID_AA64PFR2);
}

/* 16 id bits, no LEGACY, the host's priority bits, nothing else. */
static void o7_idr0(long arg)
{
	struct vm *vm = vm_ready(1, guest_ids);
	const char *bits = debugfs_host("priority bits");
	u64 v;

	vcpu_expect(vm->vcpu[0], EV_DONE);
	v = vm->vcpu[0]->g->reg[0];
	check_eq(IDR0_ID_BITS(v), 0);
	check_eq(IDR0_LEGACY(v), 0);
	check_eq(v & ~0xfful, 0);
	if (bits)
		check_eq(IDR0_PRI_BITS(v) + 1, atoi(bits));
	else
		check(IDR0_PRI_BITS(v) == 3 || IDR0_PRI_BITS(v) == 4,
		      "PRI_BITS %lu", IDR0_PRI_BITS(v));
}

/* IAFFIDR is the vCPU's id: not its index, not the CPU that it runs on. */
static void iaffidr(long arg)
{
	static const int ids[] = { 5, 0, 300, 3 };
	struct vm *vm = vm_new();
	int i, round;

	for (i = 0; i < 4; i++)
		vcpu_new(vm, ids[i], 0, NULL);
	gic_create(vm);
	gic_init(vm);
	for (round = 0; round < 2 * host_cpus(); round++) {
		pin_to(round % host_cpus());
		for (i = 3; i >= 0; i--) {
			vcpu_entry(vm->vcpu[i], guest_ids, 0);
			vcpu_expect(vm->vcpu[i], EV_DONE);
			check_eq(vm->vcpu[i]->g->reg[1], ids[i]);
			vm->vcpu[i]->g->reg[1] = ~0ul;
			vcpu_complete(vm->vcpu[i]);
		}
	}
}

#define write_undef(r)							\
	guest_check(undef(write_reg(r, 0)), "write of " str(r), 0);

static __guest void guest_writes_read_only(u64 arg)
{
	GICV5_RO_REGS(write_undef)
}

static void read_only_registers(long arg)
{
	struct vm *vm = vm_ready(1, guest_writes_read_only);

	vcpu_expect(vm->vcpu[0], EV_DONE);
}

static void id_regs_with_vgic(struct vcpu *vcpu)
{
	u64 pfr1;

	check_eq(ID_AA64PFR0_GIC(get_reg(vcpu, REG_ID_AA64PFR0)), 0);
	check_eq(ID_AA64PFR2_GCIE(get_reg(vcpu, REG_ID_AA64PFR2)), 1);
	if (!try_get_reg(vcpu, REG_ID_PFR1, &pfr1))
		check_eq(ID_PFR1_GIC(pfr1), 0);
}

/* GCIE is 1 before creation already, and only GCIE after it. */
static void f16_before_and_after_creation(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, 0, guest_ids);

	check_eq(ID_AA64PFR2_GCIE(get_reg(vcpu, REG_ID_AA64PFR2)), 1);
	gic_create(vm);
	id_regs_with_vgic(vcpu);
	gic_init(vm);
	id_regs_with_vgic(vcpu);
	vcpu_expect(vcpu, EV_DONE);
	id_regs_with_vgic(vcpu);
	check_eq(ID_AA64PFR0_GIC(vcpu->g->reg[2]), 0);
	check_eq(ID_AA64PFR2_GCIE(vcpu->g->reg[3]), 1);
}

static __guest void guest_feature_regs(u64 arg)
{
	cpu()->reg[2] = read_reg(id_aa64pfr0_el1);
	cpu()->reg[3] = read_reg(ID_AA64PFR2);
}

/* No irqchip: gone at the first run, for the guest and for user space. */
static void without_irqchip(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, 0, guest_feature_regs);

	vcpu_expect(vcpu, EV_DONE);
	check_eq(ID_AA64PFR0_GIC(vcpu->g->reg[2]), 0);
	check_eq(ID_AA64PFR2_GCIE(vcpu->g->reg[3]), 0);
	check_eq(ID_AA64PFR0_GIC(get_reg(vcpu, REG_ID_AA64PFR0)), 0);
	check_eq(ID_AA64PFR2_GCIE(get_reg(vcpu, REG_ID_AA64PFR2)), 0);
}

/*
 * F15: a VMM reads all ID registers from a scratch VM and writes them back
 * verbatim, before or after it creates the vGIC: the guest sees one GIC.
 */
static void written_back(long before)
{
	struct vm *scratch = vm_new(), *vm = vm_new();
	struct vcpu *from = vcpu_new(scratch, 0, 0, NULL);
	struct vcpu *to = vcpu_new(vm, 0, 0, guest_ids);
	u64 pfr0 = get_reg(from, REG_ID_AA64PFR0);
	u64 pfr2 = get_reg(from, REG_ID_AA64PFR2);

	if (!before)
		gic_create(vm);
	check_eq(try_set_reg(to, REG_ID_AA64PFR0, pfr0), 0);
	check_eq(try_set_reg(to, REG_ID_AA64PFR2, pfr2), 0);
	if (before)
		gic_create(vm);
	gic_init(vm);
	vcpu_expect(to, EV_DONE);
	id_regs_with_vgic(to);
	check_eq(ID_AA64PFR0_GIC(to->g->reg[2]), 0);
	check_eq(ID_AA64PFR2_GCIE(to->g->reg[3]), 1);
}

/* GCIE can be written as 0, but what counts is the vGIC that was created. */
static void gcie_is_recomputed(long before)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, 0, guest_ids);
	u64 pfr2 = get_reg(vcpu, REG_ID_AA64PFR2) & ~ID_AA64PFR2_GCIE_MASK;

	if (!before)
		gic_create(vm);
	check_eq(try_set_reg(vcpu, REG_ID_AA64PFR2, pfr2), 0);
	check_eq(ID_AA64PFR2_GCIE(get_reg(vcpu, REG_ID_AA64PFR2)), 0);
	if (before)
		gic_create(vm);
	gic_init(vm);
	vcpu_expect(vcpu, EV_DONE);
	id_regs_with_vgic(vcpu);
	check_eq(ID_AA64PFR2_GCIE(vcpu->g->reg[3]), 1);
}

/* A vCPU with EL2 of its own gets no GICv5, and is told so. */
static void nested_vcpu(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu;

	if (try_vcpu_new(vm, 0, BIT(KVM_ARM_VCPU_HAS_EL2), &vcpu))
		not_here("no nested virtualization on this host");
	check_eq(ID_AA64PFR2_GCIE(get_reg(vcpu, REG_ID_AA64PFR2)), 0);
}

/*
 * F13: every GICv5 name, read, written and executed: KVM knows what to do
 * with each trap, also in a kernel that can nest, and the guest goes on.
 */
#define reads(r)	read_reg(r); cpu()->count++;
#define writes_back(r)	write_reg(r, read_reg(r)); cpu()->count++;
#define op(o)		gic(o, PPI_INTID(SW_PPI)); cpu()->count++;
#define opr(o)		gicr(o); cpu()->count++;

static __guest void guest_all_names(u64 arg)
{
	cpu()->count = 0;
	GICV5_RO_REGS(reads)
	GICV5_RW_REGS(reads)
	GICV5_RW_REGS(writes_back)
	GICV5_GIC_OPS(op)
	GICV5_GICR_OPS(opr)
	isb();
	/* FEAT_GCIE took it out: ICC_HAPR_EL1 */
	guest_check(undef(read_reg(S3_1_C12_C0_3)), 0, 0);
	gsb_sys();
	gsb_ack();
}

static void f13_every_name(long arg)
{
	struct vm *vm = vm_ready(1, guest_all_names);

	vcpu_expect(vm->vcpu[0], EV_DONE);
	check_eq(vm->vcpu[0]->g->count, 5 + 2 * 30 + 9 + 2);
}

KTAP_MAIN(need_vgic,
	  T(o7_idr0), T(iaffidr), T(read_only_registers), T(f13_every_name),
	  T(nested_vcpu),
	  T(f16_before_and_after_creation), T(without_irqchip),
	  TA("f15_written_back_before_creation", written_back, 1),
	  TA("f15_written_back_after_creation", written_back, 0),
	  TA("gcie_zero_before_creation", gcie_is_recomputed, 1),
	  TA("gcie_zero_after_creation", gcie_is_recomputed, 0))
