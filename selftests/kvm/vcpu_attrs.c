// SPDX-License-Identifier: GPL-2.0-only
/*
 * The timers' and the PMU's interrupt as vCPU attributes: with a vGICv5 they
 * are full INTIDs, and there is one right value for each.
 */
#include "lib/vmm.h"

#define TIMER		KVM_ARM_VCPU_TIMER_CTRL
#define VTIMER		KVM_ARM_VCPU_TIMER_IRQ_VTIMER
#define PTIMER		KVM_ARM_VCPU_TIMER_IRQ_PTIMER
#define HVTIMER		KVM_ARM_VCPU_TIMER_IRQ_HVTIMER
#define HPTIMER		KVM_ARM_VCPU_TIMER_IRQ_HPTIMER
#define PMU_CTRL	KVM_ARM_VCPU_PMU_V3_CTRL
#define PMU_IRQ		KVM_ARM_VCPU_PMU_V3_IRQ

static __guest void guest_exposed(u64 arg)
{
	write_reg(ICC_ENABLER0, ~0ul);
	isb();
	cpu()->reg[0] = read_reg(ICC_ENABLER0);
}

static int set_int(struct vcpu *vcpu, u32 group, u64 attr, u32 value)
{
	return attr_set(vcpu->fd, group, attr, &value);
}

static u32 get_int(struct vcpu *vcpu, u32 group, u64 attr)
{
	u32 value = 0;

	require_eq(attr_get(vcpu->fd, group, attr, &value), 0);
	return value;
}

static void runs_with(struct vcpu *vcpu, u64 exposed)
{
	vcpu_expect(vcpu, EV_DONE);
	check(vcpu->g->reg[0] == exposed, "exposed 0x%lx, not 0x%lx",
	      vcpu->g->reg[0], exposed);
}

#define TIMERS		(BIT(SW_PPI) | BIT(CNTV) | BIT(CNTP))

static void timer_defaults(long arg)
{
	static const struct { u64 attr; u32 ppi; } t[] = {
		{ VTIMER, CNTV }, { PTIMER, CNTP },
		{ HVTIMER, CNTHV }, { HPTIMER, CNTHP },
	};
	struct vm *vm = vm_new();
	struct vcpu *vcpu = vcpu_new(vm, 0, 0, guest_exposed);
	int i, when;
	u32 v = 27;

	/* Before there is a vGIC, a timer's PPI cannot be set. */
	check_eq(set_int(vcpu, TIMER, VTIMER, 27), -EINVAL);
	check_eq(set_int(vcpu, TIMER, VTIMER, PPI_INTID(CNTV)), -EINVAL);
	gic_create(vm);
	for (when = 0; when < 3; when++) {
		for (i = 0; i < 4; i++) {
			check_eq(attr_has(vcpu->fd, TIMER, t[i].attr), 0);
			check_eq(get_int(vcpu, TIMER, t[i].attr),
				 PPI_INTID(t[i].ppi));
		}
		check_eq(attr_has(vcpu->fd, TIMER, 4), -ENXIO);
		check_eq(attr_get(vcpu->fd, TIMER, 4, &v), -ENXIO);
		check_eq(attr_get(vcpu->fd, TIMER, VTIMER, NULL), -EFAULT);
		if (when == 0)
			gic_init(vm);
		else if (when == 1)
			runs_with(vcpu, TIMERS);
	}
}

static void timer_set_same(long arg)
{
	struct vm *vm = vm_ready(2, guest_exposed);
	struct vcpu *vcpu = vm->vcpu[1];

	check_eq(set_int(vcpu, TIMER, VTIMER, PPI_INTID(CNTV)), 0);
	check_eq(set_int(vcpu, TIMER, PTIMER, PPI_INTID(CNTP)), 0);
	check_eq(set_int(vcpu, TIMER, HVTIMER, PPI_INTID(CNTHV)), 0);
	check_eq(set_int(vcpu, TIMER, HPTIMER, PPI_INTID(CNTHP)), 0);
	runs_with(vm->vcpu[0], TIMERS);
	runs_with(vm->vcpu[1], TIMERS);
}

/* F11 is the INTID whose number has a bit above 63: it must not become 0. */
static void f11_timer_bad_values(long arg)
{
	static const u32 bad[] = {
		0, 27, 31, 32, 0x3fffffff,
		0x2000001b + 0x20000000, 0x6000001b,	/* LPI, SPI */
		PPI_INTID(64), PPI_INTID(64 + CNTV), PPI_INTID(0xffffff),
		0xa000001b, ~0u,
	};
	struct vm *vm = vm_ready(1, guest_exposed);
	struct vcpu *vcpu = vm->vcpu[0];
	u32 v = PPI_INTID(CNTV);
	int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int ret = set_int(vcpu, TIMER, VTIMER, bad[i]);

		check(ret == -EINVAL, "0x%x: %d", bad[i], ret);
	}
	check_eq(set_int(vcpu, TIMER, 4, v), -ENXIO);
	check_eq(attr_set(vcpu->fd, TIMER, VTIMER, NULL), -EFAULT);
	check_eq(get_int(vcpu, TIMER, VTIMER), PPI_INTID(CNTV));
	runs_with(vcpu, TIMERS);
}

/* Once a vCPU has run they are fixed, for all vCPUs. */
static void timer_after_run(long arg)
{
	struct vm *vm = vm_ready(2, guest_exposed);
	int i;

	runs_with(vm->vcpu[0], TIMERS);
	for (i = 0; i < 2; i++) {
		check_eq(set_int(vm->vcpu[i], TIMER, VTIMER, PPI_INTID(CNTV)),
			 -EBUSY);
		check_eq(set_int(vm->vcpu[i], TIMER, VTIMER, PPI_INTID(5)),
			 -EBUSY);
	}
}

/*
 * F9: any PPI can be set, but the first run fails then. F10: it must not have
 * taken the wrong PPI away by that: set right again, the vCPU runs.
 */
static void f9_f10_wrong_timer_ppi(long attr)
{
	u32 right = PPI_INTID(attr == VTIMER ? CNTV : CNTP);
	struct vm *vm = vm_ready(1, guest_exposed);
	struct vcpu *vcpu = vm->vcpu[0];

	check_eq(set_int(vcpu, TIMER, attr, PPI_INTID(PMUIRQ)), 0);
	check_eq(get_int(vcpu, TIMER, attr), PPI_INTID(PMUIRQ));
	check_eq(try_run(vcpu), -EINVAL);
	check_eq(try_run(vcpu), -EINVAL);
	check_eq(set_int(vcpu, TIMER, attr, right), 0);
	runs_with(vcpu, TIMERS);
}

/* Both timers swapped are wrong, too, though no PPI is used twice. */
static void timers_swapped(long arg)
{
	struct vm *vm = vm_ready(1, guest_exposed);
	struct vcpu *vcpu = vm->vcpu[0];

	check_eq(set_int(vcpu, TIMER, VTIMER, PPI_INTID(CNTP)), 0);
	check_eq(set_int(vcpu, TIMER, PTIMER, PPI_INTID(CNTV)), 0);
	check_eq(try_run(vcpu), -EINVAL);
}

/* PMU */

static int pmu_irq(struct vcpu *vcpu, u32 irq)
{
	return set_int(vcpu, PMU_CTRL, PMU_IRQ, irq);
}

static void pmu_absent(long arg)
{
	struct vm *vm = vm_ready(1, guest_exposed);
	struct vcpu *vcpu = vm->vcpu[0];
	u32 v;

	check_eq(attr_has(vcpu->fd, PMU_CTRL, PMU_IRQ), -ENXIO);
	check_eq(pmu_irq(vcpu, PPI_INTID(PMUIRQ)), -ENODEV);
	check_eq(try_pmu_init(vcpu), -ENODEV);
	check_eq(attr_get(vcpu->fd, PMU_CTRL, PMU_IRQ, &v), -ENODEV);
	runs_with(vcpu, TIMERS);
}

/* The one value there is; to set it is optional. */
static void pmu_irq_values(long set)
{
	static const u32 bad[] = {
		0, 23, 31, 32, PPI_INTID(CNTV), PPI_INTID(SW_PPI),
		PPI_INTID(64), PPI_INTID(64 + PMUIRQ), 0x60000017, ~0u
	};
	struct vm *vm = vm_new();
	struct vcpu *vcpu = pmu_vcpu(vm, 0, guest_exposed);
	u32 v = 0;
	int i;

	check_eq(pmu_irq(vcpu, PPI_INTID(PMUIRQ)), -EINVAL);
	gic_create(vm);
	check_eq(attr_has(vcpu->fd, PMU_CTRL, PMU_IRQ), 0);
	check_eq(attr_get(vcpu->fd, PMU_CTRL, PMU_IRQ, &v), -ENXIO);
	check_eq(try_pmu_init(vcpu), -ENODEV);
	gic_init(vm);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int ret = pmu_irq(vcpu, bad[i]);

		check(ret == -EINVAL, "0x%x: %d", bad[i], ret);
	}
	check_eq(attr_set(vcpu->fd, PMU_CTRL, PMU_IRQ, NULL), -EFAULT);
	if (set) {
		check_eq(pmu_irq(vcpu, PPI_INTID(PMUIRQ)), 0);
		check_eq(pmu_irq(vcpu, PPI_INTID(PMUIRQ)), -EBUSY);
	}
	check_eq(try_pmu_init(vcpu), 0);
	check_eq(get_int(vcpu, PMU_CTRL, PMU_IRQ), PPI_INTID(PMUIRQ));
	check_eq(try_pmu_init(vcpu), -EBUSY);
	check_eq(pmu_irq(vcpu, PPI_INTID(PMUIRQ)), -EBUSY);
	runs_with(vcpu, TIMERS | BIT(PMUIRQ));
}

static void pmu_without_init(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = pmu_vcpu(vm, 0, guest_exposed);

	gic_create(vm);
	gic_init(vm);
	check_eq(try_run(vcpu), -EINVAL);
	check_eq(try_pmu_init(vcpu), 0);
	runs_with(vcpu, TIMERS | BIT(PMUIRQ));
}

/* F10 with a PMU: PPI 23 is the PMU's, although a timer was set to it. */
static void f10_pmu_after_wrong_timer(long arg)
{
	struct vm *vm = vm_new();
	struct vcpu *vcpu = pmu_vcpu(vm, 0, guest_exposed);

	gic_create(vm);
	gic_init(vm);
	check_eq(set_int(vcpu, TIMER, VTIMER, PPI_INTID(PMUIRQ)), 0);
	check_eq(try_run(vcpu), -EINVAL);
	check_eq(try_pmu_init(vcpu), 0);
	check_eq(set_int(vcpu, TIMER, VTIMER, PPI_INTID(CNTV)), 0);
	runs_with(vcpu, TIMERS | BIT(PMUIRQ));
}

/*
 * What is exposed is the same for every vCPU: the owners of all vCPUs count,
 * whichever runs first.
 */
static void pmu_exposed_everywhere(long first)
{
	struct vm *vm = vm_new();
	int i;

	for (i = 0; i < 2; i++)
		pmu_vcpu(vm, i, guest_exposed);
	gic_create(vm);
	gic_init(vm);
	for (i = 0; i < 2; i++)
		check_eq(try_pmu_init(vm->vcpu[i]), 0);
	runs_with(vm->vcpu[first], TIMERS | BIT(PMUIRQ));
	runs_with(vm->vcpu[!first], TIMERS | BIT(PMUIRQ));
}

KTAP_MAIN(need_vgic,
	  T(timer_defaults), T(timer_set_same), T(f11_timer_bad_values),
	  T(timer_after_run),
	  TA("f9_f10_wrong_virtual_timer_ppi", f9_f10_wrong_timer_ppi, VTIMER),
	  TA("f9_f10_wrong_physical_timer_ppi", f9_f10_wrong_timer_ppi, PTIMER),
	  T(timers_swapped), T(pmu_absent),
	  TA("f11_pmu_irq_set", pmu_irq_values, 1),
	  TA("f11_pmu_irq_not_set", pmu_irq_values, 0),
	  T(pmu_without_init), T(f10_pmu_after_wrong_timer),
	  TA("pmu_exposed_vcpu0_first", pmu_exposed_everywhere, 0),
	  TA("o1_pmu_exposed_vcpu1_first", pmu_exposed_everywhere, 1))
